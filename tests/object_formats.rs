//! Object files of both symbol styles, of ELF and Mach-O, for x86-64 and arm64, of one source: the same functions, the same
//! closures and constants, and nothing lost.
//!
//! `tests/objects/shapes.ml` was compiled by OCaml 4.13.1 and 5.3.0 for Linux on x86-64, and by 5.3.0, set up for the other three
//! systems, to assembly (`-S -g`) that an assembler for them turned into object files. No program was linked on those three.

use std::collections::BTreeMap;
use unlith::size::{Anatomy, UnitSize, measure_objects};

const NEW_STYLE: [&str; 4] = ["elf-x86_64-5.3", "elf-aarch64-5.3", "macho-x86_64-5.3", "macho-arm64-5.3"];
const OLD_STYLE: &str = "elf-x86_64-4.13";

fn measure(name: &str) -> UnitSize {
    let path = format!("{}/tests/objects/{name}.o", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut units = measure_objects(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(units.len(), 1, "{path}");
    units.remove(0)
}

/// A part of what a unit or function costs, with its name.
type Part = (&'static str, fn(&Anatomy) -> u64);

/// How many functions have each name.
fn names(unit: &UnitSize) -> BTreeMap<String, u32> {
    let mut names = BTreeMap::new();
    for function in unit.functions.iter().filter(|function| !function.is_entry) {
        let name = function.name().unwrap_or(&function.symbol).to_owned();
        *names.entry(name).or_default() += 1;
    }
    names
}

fn sum(unit: &UnitSize, part: impl Fn(&Anatomy) -> u64) -> u64 {
    unit.functions.iter().map(|function| part(&function.anatomy)).sum::<u64>() + part(&unit.rest)
}

#[test]
fn every_format_tells_the_same_functions() {
    let truth = names(&measure(NEW_STYLE[0]));
    for name in ["twice", "length", "pair", "name", "first", "area", "apply"] {
        assert!(truth.contains_key(name), "{name} is in {truth:?}");
    }
    for file in NEW_STYLE.into_iter().chain([OLD_STYLE]) {
        let unit = measure(file);
        assert_eq!(unit.unit.as_str(), "Shapes", "{file}");
        let own = names(&unit);
        for name in ["twice", "length", "pair", "name", "first", "area", "apply"] {
            assert_eq!(own.get(name), truth.get(name), "{name} in {file}");
        }
        if file != OLD_STYLE {
            assert_eq!(own, truth, "{file}");
        }
        assert_eq!(unit.functions.iter().filter(|function| function.is_entry).count(), 1, "{file}");
    }
}

#[test]
fn nothing_of_a_unit_is_lost_in_any_format() {
    for file in NEW_STYLE.into_iter().chain([OLD_STYLE]) {
        let unit = measure(file);
        let parts: [Part; 5] = [
            ("text", |part| part.text),
            ("data", |part| part.data),
            ("frametable", |part| part.frametable),
            ("fde_bytes", |part| part.fde_bytes),
            ("pointers", |part| part.pointers),
        ];
        for (what, part) in parts {
            assert_eq!(sum(&unit, part), part(&unit.anatomy), "{what} of {file}");
            assert!(part(&unit.anatomy) > 0, "{what} of {file}");
        }
        // Each function has its unwind entry, its code and its line.
        for function in &unit.functions {
            assert!(function.anatomy.text > 0, "{} of {file} has no code", function.symbol);
            assert_eq!(function.anatomy.fdes, 1, "{} of {file} has no unwind entry", function.symbol);
        }
    }
}

#[test]
fn constants_and_frames_do_not_depend_on_the_processor() {
    let truth = measure(NEW_STYLE[0]);
    for file in NEW_STYLE {
        let unit = measure(file);
        eprintln!("{file}: {:?}", unit.anatomy);
        assert_eq!(unit.anatomy.data, truth.anatomy.data, "data of {file}");
        for (own, other) in by_name(&unit).iter().zip(by_name(&truth)) {
            assert_eq!(
                (own.0.as_str(), own.1),
                (other.0.as_str(), other.1),
                "closures and constants in {file}"
            );
        }
    }
}

/// Names with the bytes of their closures and constants, sorted.
fn by_name(unit: &UnitSize) -> Vec<(String, u64)> {
    let mut found: Vec<_> = unit
        .functions
        .iter()
        .filter(|function| !function.is_entry)
        .map(|function| {
            let name = function.name().unwrap_or(&function.symbol).to_owned();
            (name, function.anatomy.data)
        })
        .collect();
    found.sort();
    found
}
