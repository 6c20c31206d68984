//! Functions and initialisation code go where they belong, and everything adds up.

use super::*;
use crate::base::name;
use crate::size::{FunctionSize, Piece};

fn def(path: &str, start: u32, end: u32) -> Placeable {
    Placeable {
        path: name(path),
        start,
        end,
        has_code: true,
        is_effect: false,
        is_type: false,
        is_constant: false,
        has_field: true,
        primitive: None,
    }
}

fn function(symbol: &str, own: Option<&str>, scope: Option<&str>, line: Option<u32>) -> FunctionSize {
    FunctionSize {
        symbol: own.map_or(symbol, |own| own).into(),
        own_name: own.map(|own| 0..own.len() as u32),
        is_entry: false,
        line: line.map(|line| (name("a.ml"), line)),
        scope: scope.map(Box::from),
        outside: None,
        user: None,
        uses: None,
        anatomy: Anatomy { text: 16, fdes: 1, ..Anatomy::default() },
        pieces: Vec::new(),
    }
}

fn unit(functions: Vec<FunctionSize>) -> UnitSize {
    let placed: Anatomy = functions.iter().map(|function| function.anatomy).sum();
    let rest = Anatomy { data: 8 * 3 + 40, symbols: 8, ..Anatomy::default() };
    UnitSize { unit: name("A"), anatomy: placed + rest, functions, rest, ..UnitSize::default() }
}

fn own(file: Name, line: u32) -> Option<u32> {
    (file == name("a.ml")).then_some(line)
}

#[test]
fn dotted_names_beat_lines_and_lines_beat_names() {
    let defs = [def("f", 1, 3), def("M", 5, 20), def("M.f", 6, 8), def("M.f", 10, 12), def("g", 22, 22)];
    let functions = vec![
        function("a", Some("f"), Some("A.M.f"), Some(11)), // the second M.f
        function("b", Some("fun"), Some("A.M.f.(fun)"), Some(7)),
        function("c", Some("f"), None, Some(2)),
        function("d", Some("x"), None, Some(15)), // nothing inside M: M itself
        function("e", Some("g"), None, None),
        function("f", Some("f"), None, None), // three of that name
        function("g", Some("fun"), Some("A.M.(fun)"), Some(7)), // M's own name, but inside the first M.f
    ];
    let placed = place(&unit(functions), &defs, own);
    assert_eq!(placed.owners, [Some(3), Some(2), Some(0), Some(1), Some(4), None, Some(2)]);
    assert_eq!((placed.placed_bytes, placed.function_bytes), (96, 112));
}

/// Cut at its last dot, `+.` has no name and is that of every operator that ends in one.
#[test]
fn operators_whose_names_hold_dots_are_told_by_their_names() {
    let defs = [
        def("+.", 1, 3),
        def("M.*.", 4, 5),
        def("M..%{}", 4, 5),
        def("N.<.>", 9, 9),
        def("M.<.>", 9, 9),
        def("M.eq", 9, 9),
    ];
    let functions = vec![
        // Symbols spell them in letters and digits.
        function("a", Some("$2b$2e"), None, None),
        function("b", Some("$2a$2e"), None, Some(4)),
        function("c", Some("$2e$25$7b$7d"), None, Some(4)),
        // Code of the one inlined into the other: made together in the same module, and not in another one.
        function("d", Some("$3c$2e$3e"), Some("A.M.eq"), Some(9)),
        function("e", Some("eq"), Some("A.M.<.>"), Some(9)),
    ];
    let placed = place(&unit(functions), &defs, own);
    assert_eq!(placed.owners, [Some(0), Some(1), Some(2), Some(4), Some(5)]);
}

#[test]
fn what_makes_a_value_of_an_external_belongs_to_it() {
    let primitive = |c: &str| Some(name(c));
    let defs = [
        Placeable { has_field: false, primitive: primitive("c_read"), ..def("read", 1, 1) },
        Placeable { has_field: false, primitive: primitive("c_write"), ..def("write", 2, 2) },
        Placeable { is_effect: true, has_field: false, ..def("", 3, 3) },
    ];
    let calls = |c: &str| FunctionSize { outside: Some(name(c)), ..function("fun", Some("fun"), None, None) };
    let placed = place(&unit(vec![calls("c_write"), calls("c_read"), calls("caml_apply2")]), &defs, own);
    assert_eq!(placed.owners, [Some(1), Some(0), None]);
}

#[test]
fn everything_adds_up_and_fields_cost_eight_bytes() {
    let defs = [def("f", 1, 3), def("g", 4, 9)];
    let functions = vec![function("a", None, None, Some(2)), function("b", None, None, None)];
    let size = unit(functions);
    let placed = place(&size, &defs, own);
    assert_eq!(placed.defs.iter().copied().sum::<Anatomy>() + placed.fixed, size.anatomy);
    assert_eq!((placed.defs[0].data, placed.defs[1].data), (8, 8));
    assert_eq!(placed.defs[0].text, 32, "the lost function goes where the code is");
    assert_eq!(placed.fixed, Anatomy { data: 48, symbols: 8, ..Anatomy::default() });
}

#[test]
fn initialisation_goes_by_line_and_by_closure() {
    let defs =
        [def("f", 1, 1), def("v", 3, 4), Placeable { is_effect: true, has_field: false, ..def("", 6, 6) }];
    let piece = |line: Option<(&str, u32)>, closure_of, text| Piece {
        line: line.map(|(file, line)| (name(file), line)),
        closure_of,
        stores_constant: false,
        anatomy: Anatomy { text, ..Anatomy::default() },
    };
    let mut entry = function("camlA__entry", None, None, None);
    entry.is_entry = true;
    entry.anatomy.text = 64;
    entry.pieces = vec![
        piece(None, Some(0), 7),               // stores f's closure
        piece(Some(("a.ml", 3)), None, 20),    // v
        piece(Some(("list.ml", 99)), None, 9), // inlined into v
        piece(Some(("a.ml", 6)), None, 12),    // the effect
    ];
    let placed = place(&unit(vec![function("a", Some("f"), None, Some(1)), entry]), &defs, own);
    let text: Vec<u64> = placed.defs.iter().map(|def| def.text).collect();
    assert_eq!((text, placed.fixed.text), (vec![23, 29, 12], 64 - 48));
}
