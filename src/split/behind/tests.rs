//! What is known of other units gives the same as a walk through all.

use super::*;
use crate::split::fixture::Fixture;
use proptest::prelude::*;

/// Units of statements: state, code that reads, writes or calls what is in scope, and code that runs.
fn sources(units: &[Vec<(u8, u8, u8)>]) -> String {
    let mut text = String::new();
    let (mut states, mut functions): (Vec<String>, Vec<String>) = (Vec::new(), vec!["ignore".to_owned()]);
    for (unit, statements) in units.iter().enumerate() {
        let module = format!("U{unit}");
        text.push_str(&format!("(*- lib/u{unit}.ml *) "));
        let local = |path: &str| path.strip_prefix(&format!("{module}.")).unwrap_or(path).to_owned();
        for (i, &(kind, a, b)) in statements.iter().enumerate() {
            let pick = |from: &[String], at: u8| {
                from.get(usize::from(at) % from.len().max(1)).map(|path| local(path))
            };
            let f = pick(&functions, a).unwrap_or_default();
            let g = pick(&functions, b).unwrap_or_default();
            let state = pick(&states, b);
            let (code, is_function) = match (kind, state) {
                (0, _) => (format!("let s{i} = ref {i} "), false),
                (1, Some(state)) => (format!("let f{i} x = {state} := 1; {f} x "), true),
                (2, Some(state)) => (format!("let f{i} x = ignore !{state}; {f} x "), true),
                (3, Some(state)) => (format!("let () = {f} {state} "), false),
                (4, _) => (format!("let rec f{i} x = {f} x; h{i} x and h{i} x = f{i} x; {g} x "), true),
                (5, _) if b == 0 => (format!("let f{i} x = print_string \"\"; {f} x "), true),
                (6, _) => (format!("let v{i} = {f} 1 "), false),
                _ => (format!("let f{i} x = {f} x; {g} x "), true),
            };
            text.push_str(&code);
            if kind == 0 {
                states.push(format!("{module}.s{i}"));
            }
            if is_function {
                functions.push(format!("{module}.f{i}"));
            }
        }
        text.push_str("let last = 1 ");
    }
    let all: Vec<String> = (0..units.len()).map(|unit| format!("let () = ignore U{unit}.last")).collect();
    format!("{text}(*- main/main.ml *) {}", all.join(" "))
}

proptest! {
    /// What is known of other units gives the same as a walk through all.
    #[test]
    fn code_does_the_same_by_what_is_known_and_by_a_walk(
        units in prop::collection::vec(prop::collection::vec((0u8..8, 0u8..20, 0u8..20), 1..8), 1..5),
    ) {
        let fixture = Fixture::new(&sources(&units));
        let effects = Effects::new(fixture.tree());
        let defs = (0..fixture.tree().graph.defs.len()).map(DefId::new);
        let mut scratch = Scratch::default();
        for def in defs.filter(|&def| effects.runs(def)) {
            if let Some(short) = scratch.in_unit(&effects, def) {
                let long = scratch.everywhere(&effects, def);
                prop_assert_eq!(short.class, long.class);
                prop_assert_eq!(short.touched.written, long.touched.written);
                prop_assert_eq!(short.touched.read, long.touched.read);
            }
        }
    }
}
