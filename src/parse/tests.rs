//! Fixtures: a piece of OCaml, and all that its facts say.
//!
//! Each line is an item, or below it a reference; behind `@` stands what is in scope there, innermost first:
//! `x < 0:2` are the names `x`, then the items of structure 0 before its third.

use super::dump::dump;
use super::*;

/// Compares the facts of an implementation with their printed form.
fn check(text: &str, expected: &str) {
    check_kind(text, SourceKind::Implementation, expected);
}

fn check_kind(text: &str, kind: SourceKind, expected: &str) {
    let lines = |text: &str| {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let (actual, expected) = (dump(text, kind), lines(expected));
    assert!(lines(&actual) == expected, "facts of\n{text}\nare\n{actual}");
}

#[test]
fn opens_and_aliases() {
    check(
        "open Base\nmodule L = List\nmodule M : S = L.Sub open! struct end",
        "open Base @0:0
           - Module Base Open @0:0
         module L = List @0:1
           - Module List Alias @0:1
         module M = (L.Sub : S) @0:2
           - ModuleType S @0:2
           - Module L.Sub Coerced @0:2
         open! struct 1 @0:3
         struct 1",
    );
}

#[test]
fn match_cases_bind_in_guard_and_body() {
    check(
        "let f x ?(y = x + g) ~z:(a, b) = match x with Some y when y > z -> y | None -> M.h x
           | exception Not_found -> raise (Foo 1)",
        "let f Function @0:0
           - Value + @x < 0:0
           - Value g @x < 0:0
           - Constructor Some Pattern @a,b < y < x < 0:0
           - Value > @y < a,b < y < x < 0:0
           - Value z @y < a,b < y < x < 0:0
           - Constructor None Pattern @a,b < y < x < 0:0
           - Value M.h @a,b < y < x < 0:0
           - Constructor Not_found Exception @a,b < y < x < 0:0
           - Value raise @a,b < y < x < 0:0
           - Constructor Foo Exception @a,b < y < x < 0:0",
    );
}

#[test]
fn recursive_groups_see_each_other() {
    check(
        "let rec fact n = if n = 0 then 1 else n * fact (n - 1) and other = fact",
        "let fact Function @0:2
           - Value = @n < 0:2
           - Value * @n < 0:2
           - Value fact @n < 0:2
           - Value - @n < 0:2
         let other Ident = fact @0:2
           - Value fact @0:2",
    );
}

#[test]
fn functors_fold_their_parameters_and_signature() {
    check(
        "module F (X : S) (Y : module type of X) : sig val v : X.t end = struct let v = X.v include Y end",
        "module F = (X : S) -> (Y : typeof X) -> (struct 2 : sig 1) @0:0
           - ModuleType S @0:0
           - Module X TypeLevel @module X : S < 0:0
         sig 1
           val v @1:0 < module Y : typeof X < module X : S < 0:0
             - Type X.t @1:0 < module Y : typeof X < module X : S < 0:0
         struct 2
           let v Ident = X.v @2:0 < module Y : typeof X < module X : S < 0:0
             - Value X.v @2:0 < module Y : typeof X < module X : S < 0:0
           include Y @2:1 < module Y : typeof X < module X : S < 0:0
             - Module Y Include @2:1 < module Y : typeof X < module X : S < 0:0",
    );
}

#[test]
fn packed_modules_and_abstract_types_are_in_scope_of_the_body() {
    check(
        "let g = fun (type a) (module X : S with type t = a) { l; M.k = q } -> X.v l q { l; k = 1 }.M.k",
        "let g Function @0:0
           - ModuleType S @type a < 0:0
           - Type a @type a < 0:0
           - Field l Pattern @module X : S with type t = < type a < 0:0
           - Field M.k Pattern @module X : S with type t = < type a < 0:0
           - Value X.v @l,q < module X : S with type t = < type a < 0:0
           - Field l @l,q < module X : S with type t = < type a < 0:0
           - Field k @l,q < module X : S with type t = < type a < 0:0
           - Field M.k @l,q < module X : S with type t = < type a < 0:0",
    );
}
