//! Libraries that ocamlbuild builds: what their own build promises and what it then makes of a patch.
//!
//! Each project of `corpus/ocamlbuild` is a findlib package that is built where it lies, with a program that uses it. It is
//! built, a proposal's patch is applied, and it is built again: bytes and linked units must be those that were promised.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::ocaml::{compiler, run_in};
use support::scratch::{Scratch, copy_tree};
use support::{executable, unlith};

/// A saving may be off by so many bytes of a thousand.
const MAX_PER_MILLE: i64 = 20;

#[test]
fn the_flag_of_an_alias_table_saves_what_was_promised() {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("ocamlbuild").expect("a directory");
    let package = scratch.path().join("depot");
    copy_tree(&support::repository().join("corpus/ocamlbuild/alias_table"), &package).expect("a copy");
    fs::rename(package.join("bin/main.ml"), scratch.path().join("main.ml")).expect("the program");
    let tags = fs::read_to_string(package.join("_tags")).expect("a file");
    let (before, printed) = built(scratch.path());

    let here = scratch.path().to_string_lossy().into_owned();
    let of_program = ["-p", "depot", "--ocamlpath", &here, "--quiet"];
    let run = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(of_program);
        unlith::run(scratch.path(), all).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    };
    let audit: Value =
        serde_json::from_str(&run(&["audit", "main.ml", "--format", "json"])).expect("the audit is JSON");
    let proposals = audit["programs"][0]["proposals"].as_array().expect("proposals");
    let found = proposals.iter().find(|proposal| proposal["id"] == "no-alias-deps:Depot");
    let found = found.unwrap_or_else(|| panic!("not proposed: {proposals:?}"));
    assert_eq!((&found["status"], &found["client_edits"]), (&"proposed".into(), &0.into()), "{found}");

    run(&["split", "no-alias-deps:Depot", "-C", "main.ml", "--apply"]);
    let line = "<src/depot.{ml,mli}>: no_alias_deps\n";
    assert_eq!(fs::read_to_string(package.join("_tags")).expect("a file"), format!("{tags}{line}"));
    let (after, printed_then) = built(scratch.path());
    assert_eq!(printed_then, printed);

    let promised = found["bytes_saved"]["alloc"].as_i64().expect("a figure");
    let actual = before.alloc as i64 - after.alloc as i64;
    assert!(
        actual > 400_000 && (promised - actual).abs() * 1000 <= actual * MAX_PER_MILLE,
        "promised {promised}, saved {actual}"
    );
    let units = |linked: &[String]| -> BTreeSet<String> { linked.iter().cloned().collect() };
    let dropped = found["units_dropped"].as_array().expect("units").iter();
    let dropped: BTreeSet<String> = dropped.filter_map(Value::as_str).map(str::to_owned).collect();
    assert_eq!(&units(&before.linked) - &units(&after.linked), dropped);

    unlith::run(scratch.path(), ["split", "--reverse"]).expect("it is taken back");
    assert_eq!(fs::read_to_string(package.join("_tags")).expect("a file"), tags);
}

/// Builds the package and the program; returns what is in the program, and what it prints.
fn built(dir: &Path) -> (executable::Executable, String) {
    run_in(&dir.join("depot"), "ocamlbuild", ["-quiet", "src/depot.cmxa"]).expect("the package builds");
    let mut command = Command::new("ocamlfind");
    command.args(["ocamlopt", "-package", "depot", "-linkpkg", "main.ml", "-o", "main.exe"]);
    let output = command.current_dir(dir).env("OCAMLPATH", dir).output().expect("ocamlfind runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = dir.join("main.exe");
    let printed = run_in(dir, &program.to_string_lossy(), [""; 0]).expect("the program runs");
    (executable::read(&program).expect("an executable"), printed)
}
