//! The units without sources that `src/split/effects.txt` calls quiet, against their object code: what their initialisation calls
//! allocates and computes, nothing else.
//!
//! A value of another unit that is overwritten without a call (an integer in a reference) would not be seen.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use support::ocaml::{compiler, run_in};
use support::scratch::Scratch;

/// Of the runtime: allocation, copies and comparisons of what is given.
const RUNTIME: [&str; 8] = [
    "caml_c_call",
    "caml_call_gc",
    "caml_obj_dup",
    "caml_fresh_oo_id",
    "caml_string_equal",
    "caml_create_bytes",
    "caml_ml_array_bound_error",
    "caml_apply2",
];

/// Of OCaml: functors, and functions of the units that compute a string.
const FUNCTIONS: [&str; 8] = [
    "camlStdlib__Map__fun",
    "camlStdlib__Set__fun",
    // Xmlm fills a table that it has just made.
    "camlStdlib__Hashtbl__Make",
    "camlStdlib__Hashtbl__add",
    "camlStdlib__Hashtbl__create_inner",
    "camlAstring_base__of_char",
    "camlAstring_string__append",
    "camlAstring_sub__v_inner",
];

#[test]
fn quiet_units_call_nothing_that_others_could_miss() {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return;
    }
    let table =
        std::fs::read_to_string(support::repository().join("src/split/effects.txt")).expect("the table");
    let units: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix("quiet ")).collect();
    assert!(units.len() > 5, "{units:?}");
    for unit in units {
        let called = calls(unit).unwrap_or_else(|error| panic!("{unit}: {error}"));
        let loud: Vec<&String> = called.iter().filter(|name| !is_quiet(name)).collect();
        assert!(loud.is_empty(), "the initialisation of {unit} calls {loud:?}");
    }
}

#[test]
fn a_unit_that_registers_something_is_not_quiet() {
    if compiler().is_err() {
        return;
    }
    // Its printers of exceptions.
    let called = calls("Unix").expect("an archive");
    assert!(called.iter().any(|name| !is_quiet(name)), "{called:?}");
}

fn is_quiet(name: &str) -> bool {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    ["caml_alloc", "caml_curry", "caml_tuplify"].iter().any(|prefix| name.starts_with(prefix))
        || RUNTIME.contains(&name)
        || FUNCTIONS.contains(&stem.strip_suffix('_').unwrap_or(stem))
}

/// Returns the functions that the initialisation of an installed unit calls, through its own ones.
fn calls(unit: &str) -> Result<BTreeSet<String>, String> {
    let file = unit.to_lowercase();
    let package = file.split('_').next().unwrap_or(&file);
    let dir = run_in(Path::new("."), "ocamlfind", ["query", package])?;
    let scratch = Scratch::new("quiet").map_err(|error| error.to_string())?;
    let archive = Path::new(dir.trim()).join(format!("{package}.a"));
    run_in(scratch.path(), "ar", ["x".as_ref(), archive.as_os_str()])?;
    let text = run_in(scratch.path(), "objdump", ["-dr", "--no-show-raw-insn", &format!("{file}.o")])?;
    let own = format!("caml{unit}__");
    let mut found = BTreeSet::new();
    let mut next = vec![format!("{own}entry")];
    while let Some(name) = next.pop() {
        let function = text.split("\n\n").find(|function| function.contains(&format!("<{name}>:")));
        let function = function.ok_or_else(|| format!("no code of {name}"))?;
        // What is called, and the C functions whose address is taken for a call.
        for line in function.lines() {
            let Some((kind, target)) =
                line.split_once("R_X86_64_").and_then(|(_, rest)| rest.split_once(char::is_whitespace))
            else {
                continue;
            };
            let name = target.trim().split(['+', '-']).next().unwrap_or_default().to_owned();
            let is_call = kind.starts_with("PLT") || name.starts_with("caml_");
            if is_call && found.insert(name.clone()) && name.starts_with(&own) {
                next.push(name);
            }
        }
    }
    found.retain(|name| !name.starts_with(&own));
    Ok(found)
}
