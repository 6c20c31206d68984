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
           - Module L.Sub CoercedBinding @0:2
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

#[test]
fn operators_puns_and_indices_refer_to_values() {
    check(
        "let () = let open M in let* z = w in !r.(i) |> g; a.{1, 2} <- -1; f ~z ?q (- x) (-1.) s.[0] t.%{1; 2} t.N.%(3)
         let r = { z; M.q; k = [%lwt foo] }",
        "let  Expr pattern @0:0
           - Module M Open @0:0
           - Value let* @open M < 0:0
           - Value w @open M < 0:0
           - Value ! @z < open M < 0:0
           - Value r @z < open M < 0:0
           - Value Array.get @z < open M < 0:0
           - Value i @z < open M < 0:0
           - Value |> @z < open M < 0:0
           - Value g @z < open M < 0:0
           - Value a @z < open M < 0:0
           - Value Bigarray.Array2.set @z < open M < 0:0
           - Value f @z < open M < 0:0
           - Value q @z < open M < 0:0
           - Value ~- @z < open M < 0:0
           - Value x @z < open M < 0:0
           - Value s @z < open M < 0:0
           - Value String.get @z < open M < 0:0
           - Value t @z < open M < 0:0
           - Value .%{;..} @z < open M < 0:0
           - Value t @z < open M < 0:0
           - Value N..%() @z < open M < 0:0
         let r Expr @0:1
           - Field z @0:1
           - Value z @0:1
           - Field M.q @0:1
           - Value q @0:1
           - Field k @0:1
           - Value foo in extension @0:1
         rewrite Extension lwt",
    );
}

#[test]
fn an_open_between_binder_and_use_leaves_the_reference() {
    check(
        "let f x = x + M.(x) let g x = let x = x in let open M in fun y -> x y",
        "let f Function @0:0
           - Value + @x < 0:0
           - Module M Open @x < 0:0
           - Value x @open M < x < 0:0
         let g Function @0:1
           - Module M Open @x < x < 0:1
           - Value x @y < open M < x < x < 0:1",
    );
}

#[test]
fn methods_see_instance_variables_that_stand_before_them() {
    check(
        "class c a = object (self) inherit d a as super val x = y method m = self#n x super val y = x method k = y end
         class e = c",
        "class c @0:1
           - Class d @a < 0:1
           - Value y @a < 0:1
           - Value x @a < 0:1
         class e = c @0:2
           - Class c @0:2
         rewrite Implicit object",
    );
}

#[test]
fn types_exceptions_and_their_manifests() {
    check(
        "type 'a t = 'a M.t = A of int | B [@@deriving show, sexp { x = 1 }, ppx.eq]
         and r = { mutable f : t; g : F(X).t }
         type nonrec t = t
         type _ e = .. type u
         type M.e += A | B = N.C
         exception E of r
         exception X = Not_found",
        "type t/1 = M.t [A,B] @0:2
           - Type M.t @0:2
           - Type int @0:2
         type r/0 {f,g} @0:2
           - Type t @0:2
           - Type F.t @0:2
           - Module X TypeLevel @0:2
         type t/0 = t nonrec @0:2
           - Type t @0:2
         type e/1 open @0:4
         type u/0 abstract @0:5
         type M.e += A,B [-,N.C] @0:5
           - Type M.e @0:5
           - Constructor N.C @0:5
         exception E @0:6
           - Type r @0:6
         exception X = Not_found @0:7
           - Constructor Not_found @0:7
         rewrite Deriver show
         rewrite Deriver sexp
         rewrite Deriver ppx.eq",
    );
}

#[test]
fn interfaces() {
    check_kind(
        "open A module X = B.C module Y := B.D module F (Z : S) () : T with type t = Z.t and module M := N.P
         module type U module rec R : sig val r : R.t end val ( + ) : int -> 'a external e : t = \"prim\" \"p2\"
         include module type of struct include B end class c : int -> object method m : d end",
        SourceKind::Interface,
        "open A @0:0
           - Module A TypeLevel @0:0
         module X : = B.C @0:1
           - Module B.C TypeLevel @0:1
         module Y := B.D @0:2
           - Module B.D TypeLevel @0:2
         module F : (Z : S) -> () -> T with type t = and module M := N.P @0:3
           - ModuleType S @0:3
           - ModuleType T @module Z : S < 0:3
           - Type Z.t @module Z : S < 0:3
           - Module N.P Typed @module Z : S < 0:3
         module type U = abstract @0:4
         module rec R : sig 1 @0:6
         val + @0:6
           - Type int @0:6
         external e = prim @0:7
           - Type t @0:7
         include typeof struct 2 @0:8
         class c @0:10
           - Type int @0:10
           - Type d @0:10
         sig 1
           val r @1:0 < 0:6
             - Type R.t @1:0 < 0:6
         struct 2
           include B @2:0 < 0:8
             - Module B Typed @2:0 < 0:8",
    );
}

#[test]
fn cases_are_dropped_behind_one_that_takes_all_by_the_same_way() {
    let reached = |text: &str| {
        let facts = parse_file(text.as_bytes(), SourceKind::Implementation);
        assert_eq!(facts.errors, []);
        let values = facts.refs.iter().filter(|reference| reference.kind == RefKind::Value);
        let first = |reference: &Reference| facts.names(reference.path)[0].to_string();
        values.filter(|reference| !reference.role.is_type_level()).map(first).collect::<Vec<_>>().join(" ")
    };
    let cases =
        "v -> A.a | effect E, k -> B.b | exception _ -> C.c | exception X -> D.d | effect _, _ -> F.f";
    assert_eq!(
        reached(&format!("let x f = match f with {cases} | effect G, _ -> H.h | _ -> I.i")),
        "A B C F"
    );
    let cases = "_ -> A.a | effect e, k when B.b -> C.c | effect E, k -> D.d | X -> F.f";
    assert_eq!(reached(&format!("let x f = try f with {cases}")), "A B C D");
}

#[test]
fn sound_parts_of_a_broken_file_stand() {
    check(
        "let a = M.x\nlet b = ( N.y in\nlet c = O.z",
        "let a Ident = M.x @0:0
           - Value M.x @0:0
         let b Expr @0:1
         broken @0:2
           - Value N.y @0:2
         broken @0:3
           - Value O.z @0:3
         error 18..40",
    );
}

/// Deep nesting and hostile texts neither panic nor use up a small stack; where something takes time out of proportion,
/// this test is where it shows.
#[test]
fn depth_and_rubbish_are_survived() {
    let n = 8_000;
    let nested = |before: &str, open: &str, inner: &str, close: &str| {
        (format!("{before}{}{inner}{}", open.repeat(n), close.repeat(n)).into_bytes(), true)
    };
    let cut = |text: &str| (text.repeat(n).into_bytes(), false);
    let texts = vec![
        nested("let x = ", "(", "1", ")"),
        nested("let x = ", "let y = z in ", "1", ""),
        nested("let x = ", "a + ", "b", ""),
        nested("let x = ", "a; ", "b", ""),
        nested("let x = ", "a :: ", "b", ""),
        nested("let x = ", "M.(", "1", ")"),
        nested("let x = ", "match a with B -> ", "1", ""),
        nested("let x = ", "[%a ", "1", "]"),
        nested("", "module A = struct ", "", " end"),
        nested("module F = ", "functor (X : S) -> ", "A", ""),
        (format!("type x = {}X{}.t", "F(".repeat(n), ")".repeat(n)).into_bytes(), true),
        nested("", "(*", "", "*)"),
        cut("module A = struct "),
        cut("object inherit "),
        cut("in of with ) ] } end -> let type module 1 ' \" ` ~ ? @@ "),
        (vec![0; n], false),
        (vec![0xff; n], false),
        ((0..n * 8).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect(), false),
    ];
    for (text, _) in &texts {
        let text = text.clone();
        let worker = std::thread::Builder::new().stack_size(1 << 20);
        let parse =
            move || [SourceKind::Implementation, SourceKind::Interface].map(|kind| parse_file(&text, kind));
        let facts = worker.spawn(parse).expect("a thread can be made").join().expect("no panic");
        assert!(
            facts.iter().all(|facts| facts.refs.windows(2).all(|two| two[0].span.start <= two[1].span.start))
        );
    }
    for (text, _) in texts.iter().filter(|(_, is_valid)| *is_valid) {
        let facts = parse_file(text, SourceKind::Implementation);
        assert_eq!(facts.errors, [], "{}", String::from_utf8_lossy(&text[..40]));
    }
}

#[test]
fn an_item_that_is_too_long_is_not_read_and_the_others_are() {
    let long = format!("let b = \"{}\"\n", "x".repeat(MAX_PIECE_BYTES));
    let text = format!("let a = M.x\n{long}let c = N.y\n{}", "let d = 1\n".repeat(100_000));
    let facts = parse_file(text.as_bytes(), SourceKind::Implementation);
    assert_eq!(facts.unread, [Span::new(0, 12 + long.len())]);
    assert_eq!(facts.errors, []);
    assert_eq!(facts.items.len(), 100_001);
    assert_eq!(facts.names(facts.refs[0].path).len(), 2);
    assert_eq!(facts.line_col(facts.items[0].span.start).line, 3);
}

/// Every source of the corpus and of the installed libraries says the same in pieces as in one.
#[test]
fn pieces_say_what_the_whole_says() {
    let mut dirs = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/corpus").into(), "/usr/lib/ocaml".into()];
    let (mut n_files, mut n_pieces) = (0, 0);
    while let Some(dir) = dirs.pop() {
        let dir: std::path::PathBuf = dir;
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let kind = match path.extension().and_then(|extension| extension.to_str()) {
                Some("ml") => SourceKind::Implementation,
                Some("mli") => SourceKind::Interface,
                _ if path.is_dir() && !path.is_symlink() => {
                    dirs.push(path);
                    continue;
                }
                _ => continue,
            };
            // One file of seven: all of them together take a minute.
            n_files += 1;
            let Ok(text) = std::fs::read(&path) else { continue };
            if n_files % 7 != 0 {
                continue;
            }
            let whole = read_pieces(&text, &text, kind, &[Span::new(0, text.len())], false);
            // Where the text does not parse, recovery may go another way.
            if whole.errors.is_empty() {
                let pieces = pieces(&text, 1);
                n_pieces += pieces.len();
                let same = whole == read_pieces(&text, &text, kind, &pieces, false);
                assert!(same, "{} differs in {} pieces", path.display(), pieces.len());
            }
        }
    }
    assert!(n_pieces > 0, "{n_files} files and no place to cut");
}

#[test]
fn latin_1_names_are_read_lossily_and_positions_stand() {
    let text = b"let caf\xe9 = M.\xc9t\xe9.x (* \xfc *) let b = \"\xe4\"";
    let facts = parse_file(text, SourceKind::Implementation);
    assert_eq!(facts.errors, []);
    assert_eq!(facts.names(facts.items[0].names())[0].as_str(), "caf\u{fffd}");
    assert_eq!(facts.refs[0].span, Span::new(11, 18));
    assert_eq!(facts.items.len(), 2);
}

#[test]
fn directives_shebangs_and_byte_order_marks() {
    let text =
        "\u{feff}#!/usr/bin/ocaml\r\n#use \"x.ml\";;\r\nlet a = 1\r\n# 12 \"gram.mly\"\r\nlet b = c\r\n";
    let facts = parse_file(text.as_bytes(), SourceKind::Implementation);
    let at = text.find("let b").expect("it is there") as u32;
    assert_eq!(facts.line_directives, [(at, crate::base::name("gram.mly"), 12)]);
    assert_eq!(facts.items.len(), 2, "{facts:?}");
}

#[test]
fn what_is_unpacked_has_the_signature_that_a_type_or_the_end_of_an_expression_shows() {
    let packs = |text: &str, kind: SourceKind| {
        let facts = parse_file(text.as_bytes(), kind);
        let shown = |structure: &Structure| {
            structure.items.iter().map(|&item| facts.packed_by(item).is_some()).collect::<Vec<bool>>()
        };
        shown(facts.structure(facts.root))
    };
    let interface =
        "val a : (module S) val b : int -> 'a -> (module S with type t = 'a) val c : (module S) -> int
        val d : (module S) list val e : 'a. ('a -> (module S))";
    assert_eq!(packs(interface, SourceKind::Interface), [true, true, false, false, true]);
    let implementation = "let a : type t. t k -> (module S) = function X -> (module M)
        let b x : (module S) = f x
        let c = function X -> raise Not_found | Y -> (g (); (module N : S))
        let d = fun x -> if x then (module M : S) else (module N)
        let e x = (f x : (module S))
        let f x = f (module M : S)
        let g x = (module M)";
    assert_eq!(
        packs(implementation, SourceKind::Implementation),
        [true, true, true, true, true, false, false]
    );
    check(
        "module A = (val f 1 : S) module B = (val M.f x ()) module C = (val (g : _)) module D = (val fun x -> x)
         let h g = let module E = (val g 1) in let module F = (val (if g then (module X : T) else h)) in 1",
        "module A = (val : S) @0:0
           - Value f @0:0
           - ModuleType S @0:0
         module B = (val M.f : _) @0:1
           - Value M.f @0:1
           - Value x @0:1
         module C = (val g : _) @0:2
           - Value g @0:2
         module D = (val : _) @0:3
         let h Function @0:4
           - Module X Pack @module E = (val : _) < g < 0:4
           - ModuleType T @module E = (val : _) < g < 0:4
           - Value h @module E = (val : _) < g < 0:4",
    );
}

#[test]
fn what_is_called_effect_is_a_name_before_it_is_a_keyword() {
    let text = b"let run (pre, effect) = pre + effect
        let f = function Some (effect, e) -> effect e | None -> 0
        let g h x = try h x with | effect when x -> effect | effect -> raise effect";
    let facts = parse_file(text, SourceKind::Implementation);
    assert_eq!(facts.errors, []);
    let names = facts.refs.iter().map(|reference| facts.names(reference.path)[0].to_string());
    assert!(!names.into_iter().any(|name| name.starts_with("xffect")));
    let text = b"let f h x = match h x with y -> y | effect (Yield z), k -> k z | effect Stop, _ -> 0";
    assert_eq!(parse_file(text, SourceKind::Implementation).errors, []);
}

#[test]
fn a_comment_that_nothing_ends_is_told() {
    let errors = |text: &[u8]| parse_file(text, SourceKind::Implementation).errors;
    assert_eq!(errors(b"let x = 1\n(** broken\nlet y = 2\n"), [Span { start: 10, end: 31 }]);
    assert_eq!(errors(b"let x = 1 (* said *)\n"), []);
    assert_eq!(errors(b""), []);
}
