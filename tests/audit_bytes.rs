//! The bytes of an audit against real executables: what a unit retains is what leaving it out saves, parts add up to the whole, and
//! estimated programs are as large as they are when they are built.

#![allow(clippy::print_stdout, reason = "the tables are the result")]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::ocaml::{self, run_in};
use support::scratch::{Scratch, copy_tree};
use support::{executable, unlith};

fn audit(dir: &Path, arguments: &[&str]) -> Value {
    let all = ["audit", "--format", "json", "--quiet"].iter().chain(arguments).copied();
    let text = unlith::run(dir, all).expect("an audit");
    serde_json::from_str(&text).expect("JSON")
}

fn number(value: &Value, path: &str) -> u64 {
    value.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("no {path} in {value}"))
}

fn units(program: &Value) -> BTreeMap<String, &Value> {
    let units = program["linked_units"].as_array().expect("a list of units");
    units.iter().map(|unit| (unit["unit"].as_str().unwrap_or("").to_owned(), unit)).collect()
}

/// Modules of a program, each with what it is about.
const MODULES: [(&str, &str); 5] = [
    ("use_scanf", "let f s = Scanf.sscanf s \"%d\" (fun x -> x + 1)"),
    ("use_str", "let f s = List.length (Str.split (Str.regexp \" +\") s)"),
    ("use_arg", "let f s = Arg.usage [] s; 0"),
    ("use_maps", "module M = Map.Make (String)\nlet f s = M.cardinal (M.singleton s 1)"),
    ("use_lexing", "let f s = (Lexing.from_string s).Lexing.lex_curr_pos"),
];

/// Links a program of some of the modules and returns its allocated bytes.
fn link(dir: &Path, name: &str, modules: &[&str]) -> Result<u64, String> {
    let calls: Vec<String> = modules
        .iter()
        .map(|module| {
            format!("let () = print_int ({}{}.f \"1\")\n", module[..1].to_uppercase(), &module[1..])
        })
        .collect();
    std::fs::write(dir.join(format!("{name}.ml")), calls.concat()).map_err(|error| error.to_string())?;
    let exe = format!("{name}.exe");
    let files = modules.iter().map(|module| format!("{module}.ml")).chain([format!("{name}.ml")]);
    let options = ["ocamlopt", "-g", "-package", "str", "-linkpkg", "-o", &exe].map(str::to_owned);
    run_in(dir, "ocamlfind", options.into_iter().chain(files))?;
    Ok(executable::read(&dir.join(exe)).map_err(|error| error.to_string())?.alloc)
}

#[test]
fn a_unit_retains_what_leaving_it_out_saves() {
    if let Err(reason) = ocaml::compiler() {
        println!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("retained").expect("a writable temporary directory");
    let dir = scratch.path();
    for (module, text) in MODULES {
        std::fs::write(dir.join(format!("{module}.ml")), text).expect("a writable temporary directory");
    }
    let all: Vec<&str> = MODULES.iter().map(|&(module, _)| module).collect();
    let whole = link(dir, "main", &all).expect("it links");
    let found = audit(dir, &["main.ml", "-p", "str"]);
    let program = &found["programs"][0];
    let alloc = number(program, "/size/alloc");
    println!("{:<12} {:>10} {:>10}", "unit", "retained", "saved");
    println!("{:<12} {alloc:>10} {whole:>10}", "program");
    assert!(alloc.abs_diff(whole) * 200 <= whole, "{alloc} bytes predicted, {whole} linked");
    let units = units(program);
    for (i, module) in all.iter().enumerate() {
        let others = [&all[..i], &all[i + 1..]].concat();
        let saved = whole - link(dir, &format!("without_{module}"), &others).expect("it links");
        let retained = number(units[&(module[..1].to_uppercase() + &module[1..])], "/retained_bytes");
        println!("{module:<12} {retained:>10} {saved:>10}");
        // The call that goes with it, tables of the whole, and C code that nobody needs any more.
        let slack = 1_500 + saved / 50;
        assert!(
            retained.abs_diff(saved) <= slack,
            "{module} retains {retained} bytes, leaving it out saves {saved}"
        );
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    if let Err(reason) = ocaml::compiler() {
        println!("skipped: no OCaml here: {reason}");
        return;
    }
    let found = audit(&support::repository().join("corpus/weather_station"), &["."]);
    let programs = found["programs"].as_array().expect("a list of programs");
    assert!(programs.len() >= 2);
    for program in programs {
        let (mut sum, mut live) = (0, 0);
        for (name, unit) in units(program) {
            let bytes = |section: &str| number(unit, &format!("/bytes/{section}"));
            let sections = ["code", "data", "frametable", "unwind", "relocations", "dynsym"];
            assert_eq!(sections.iter().map(|section| bytes(section)).sum::<u64>(), bytes("total"), "{name}");
            assert!(number(unit, "/live_bytes") <= bytes("total"), "{name}: live is a part");
            assert!(number(unit, "/retained_bytes") >= bytes("total"), "{name}: retained is more");
            sum += bytes("total");
            live += number(unit, "/live_bytes");
        }
        let size = |part: &str| number(program, &format!("/size/{part}"));
        assert_eq!(size("units") + size("stubs") + size("runtime"), size("alloc"), "the parts of the file");
        assert!(sum.abs_diff(size("units")) * 1000 <= sum, "units add up to {sum}, not {}", size("units"));
        assert_eq!(live, number(program, "/live/bytes"));
        let bound = number(program, "/bound/alloc");
        assert!(bound <= size("alloc") && bound >= live + size("runtime"), "bound {bound}, live {live}");
        assert!(size("low") <= size("alloc") && size("alloc") <= size("high"));
    }
}

/// Executables of projects whose libraries are all vendored: only the standard library is measured.
const BUILT: [(&str, &[&str]); 1] = [("weather_station", &["bin/report", "tools/convert"])];

#[test]
fn programs_that_are_not_built_are_estimated_near_the_linked_file() {
    if let Err(reason) = ocaml::compiler() {
        println!("skipped: no OCaml here: {reason}");
        return;
    }
    println!(
        "{:<32} {:>10} {:>10} {:>10} {:>10} {:>7}",
        "program", "alloc", "low", "high", "linked", "error"
    );
    for (project, names) in BUILT {
        let source = support::repository().join("corpus").join(project);
        let found = audit(&source, &["."]);
        let scratch = Scratch::new("built").expect("a writable temporary directory");
        copy_tree(&source, scratch.path()).expect("a copy");
        let targets: Vec<String> = names.iter().map(|name| format!("./{name}.exe")).collect();
        let arguments = ["build", "--root", "."].map(str::to_owned).into_iter().chain(targets);
        run_in(scratch.path(), "dune", arguments).expect("the corpus builds");
        for name in names {
            let programs = found["programs"].as_array().expect("a list of programs");
            let program = programs.iter().find(|program| program["name"] == *name).expect("the program");
            let exe: PathBuf = scratch.path().join("_build/default").join(format!("{name}.exe"));
            let linked = executable::read(&exe).expect("an executable").alloc;
            let size = |part: &str| number(program, &format!("/size/{part}"));
            let error = size("alloc") as f64 / linked as f64 - 1.0;
            println!(
                "{:<32} {:>10} {:>10} {:>10} {linked:>10} {:>+6.2}%",
                format!("{project}/{name}"),
                size("alloc"),
                size("low"),
                size("high"),
                100.0 * error
            );
            assert!(error.abs() <= 0.05, "{name}: {error:+.3}");
            // The interval holds the truth nine times in ten; twice as wide, it nearly always does.
            let half = size("high") - size("alloc");
            assert!(linked.abs_diff(size("alloc")) <= 2 * half, "{name}: far outside its interval");
        }
    }
}

#[test]
fn units_of_a_virtual_library_are_measured_in_the_archive_of_its_implementation() {
    if let Err(reason) = ocaml::compiler() {
        println!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("virtual").expect("a writable temporary directory");
    copy_tree(&support::repository().join("corpus/virtual_library"), scratch.path()).expect("a copy");
    run_in(scratch.path(), "dune", ["build", "--root", ".", "--profile", "release"]).expect("it builds");
    for profile in ["pie", "bytecode"] {
        let found = audit(scratch.path(), &[".", "--exe", "bin/main", "--profile", profile]);
        let units = units(&found["programs"][0]);
        let of_library = |(_, unit): &(&String, &&Value)| unit["library"] == "clock";
        let provenances: Vec<_> =
            units.iter().filter(of_library).map(|(_, unit)| &unit["provenance"]).collect();
        assert!(!provenances.is_empty(), "{profile}: {found}");
        assert!(provenances.iter().all(|found| **found == "measured"), "{profile}: {units:?}");
    }
}
