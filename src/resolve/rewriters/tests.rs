//! What the table says is read, and depends on the type as it should.

use super::*;
use crate::base::name;

#[test]
fn names_of_derived_functions() {
    let at = |template: &str, ty: &str| instantiate(template, name(ty));
    assert_eq!(at("{t}_of_sexp", "t"), "t_of_sexp");
    assert_eq!(at("compare_{t}!", "t"), "compare");
    assert_eq!(at("compare_{t}!", "foo"), "compare_foo");
    assert_eq!(at("!{t}_to_yojson", "t"), "to_yojson");
    assert!(rule(RewriteKind::Deriver, name("sexp"), false).is_some());
    assert!(rule(RewriteKind::Deriver, name("sexp"), true).is_some_and(|rule| rule.uses.len() == 1));
}

#[test]
fn paths_of_the_table() {
    let shown = |text: &str| -> Vec<String> {
        let paths = expand(text);
        paths.iter().map(|path| path.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(".")).collect()
    };
    assert_eq!(shown("A.B.{v,(+)}"), ["A.B.v", "A.B.+"]);
    assert_eq!(shown("A.(:=)"), ["A.:="]);
    assert_eq!(shown("Lwt.bind"), ["Lwt.bind"]);
}

/// The functions that derivers make from the first type of a text, each with the runtime values that it uses.
fn functions(text: &str) -> Vec<String> {
    let facts = crate::parse::parse_file(text.as_bytes(), crate::project::SourceKind::Implementation);
    let item = &facts.items[0];
    let show = |derived: &Derived| {
        let uses = derived.function.map_or(Vec::new(), |function| function.uses(&facts, item));
        let last = |path: &[Name]| path.last().map(|last| last.to_string());
        let uses: Vec<String> = uses.into_iter().filter_map(last).collect();
        format!("{}: {}", derived.name, uses.join(" ")).trim_end().to_owned()
    };
    derived(&facts, item).iter().map(show).collect()
}

#[test]
fn derived_code_depends_on_what_the_type_is_made_of() {
    assert_eq!(
        functions("type t = int * string [@@deriving of_sexp]"),
        ["t_of_sexp: tuple_of_size_n_expected"]
    );
    assert_eq!(functions("type t = u [@@deriving of_sexp]"), ["t_of_sexp:"]);
    assert_eq!(
        functions("type t = A | B of int [@@deriving of_sexp]"),
        ["t_of_sexp: stag_takes_args stag_incorrect_n_args stag_no_args empty_list_invalid_sum \
          nested_list_invalid_sum unexpected_stag"]
    );
    assert_eq!(
        functions("type t = [ `A ] [@@deriving of_sexp]"),
        [
            "__t_of_sexp__: empty_list_invalid_poly_var nested_list_invalid_poly_var no_variant_match ptag_no_args",
            "t_of_sexp: No_variant_match no_matching_variant_found"
        ]
    );
    let required = |text| functions(text)[0].contains("record_undefined_elements");
    assert!(required("type t = { a : int; b : int [@default 3] } [@@deriving of_sexp]"));
    assert!(!required("type t = { a : int option [@sexp.option] } [@@deriving of_sexp]"));
    assert_eq!(functions("type a = u and b = v [@@deriving compare]"), ["compare_a:"]);
}
