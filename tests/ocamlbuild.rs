//! Libraries that ocamlbuild builds: what their own build promises and what it then makes of a patch.
//!
//! Each project of `corpus/ocamlbuild` is a findlib package that is built where it lies, with a program that uses it. It is
//! built, a proposal's patch is applied, and it is built again: bytes and linked units must be those that were promised.

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::ocaml::{compiler, run_in};
use support::scratch::{Scratch, copy_tree};
use support::{executable, unlith};

/// A saving may be off by so many bytes of a thousand.
const MAX_PER_MILLE: i64 = 20;

/// A project of the corpus, and what is expected of the proposal for it.
struct Case<'c> {
    project: &'c str,
    id: &'c str,
    /// Bytes that the program `main` saves at least.
    saves: i64,
    /// Files of the package that the patch makes.
    makes: &'c [(&'c str, &'c str)],
    /// Other programs that use the package: they grow by less than a page.
    others: &'c [&'c str],
}

#[test]
fn the_flag_of_an_alias_table_saves_what_was_promised() {
    let tags = fs::read_to_string(support::repository().join("corpus/ocamlbuild/alias_table/_tags"));
    let tags = tags.expect("a file") + "<src/depot.{ml,mli}>: no_alias_deps\n";
    judge(&Case {
        project: "alias_table",
        id: "no-alias-deps:Depot",
        saves: 400_000,
        makes: &[("_tags", &tags)],
        others: &[],
    });
}

#[test]
fn a_pack_taken_apart_saves_what_was_promised() {
    let reader = "(** Lines such as [12 x bolt M8 @ shelf 3]. *)\n\nmodule Ledger := Depot__Ledger\n\n\
                  type line = { amount : int; article : string; shelf : int }\n\n\
                  exception Bad_line of int * string\n\nval line : int -> string -> line\n\
                  val lines : string -> line list\nval by_shelf : line list -> (int * line list) list\n\
                  val into : Ledger.t -> line list -> Ledger.entry list\n";
    let tags = "true: annot, bin_annot\n# The reader is called for every line.\n\
                \"src/reader.ml\" or \"src/reader.cmx\": inline(20)\n<src/depot.ml>: no_alias_deps\n\
                <src/depot__Reader.ml>: inline(20)\n<src/depot__Reader.cmx>: inline(20)\n";
    judge(&Case {
        project: "packed_library",
        id: "unpack:Depot",
        saves: 800_000,
        makes: &[("_tags", tags), ("src/depot__Reader.mli", reader)],
        others: &["all"],
    });
}

/// Builds a project, applies its proposal, builds it again, and holds what came of it against what was promised.
fn judge(case: &Case<'_>) {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("ocamlbuild").expect("a directory");
    let package = scratch.path().join("depot");
    copy_tree(&support::repository().join("corpus/ocamlbuild").join(case.project), &package).expect("a copy");
    let programs: Vec<&str> = ["main"].iter().chain(case.others).copied().collect();
    for program in &programs {
        let file = format!("{program}.ml");
        fs::rename(package.join("bin").join(&file), scratch.path().join(&file)).expect("the program");
    }
    let original = sources(&package);
    let before: Vec<_> = programs.iter().map(|program| built(scratch.path(), program)).collect();

    let here = scratch.path().to_string_lossy().into_owned();
    let of_program = ["-p", "depot", "--ocamlpath", &here, "--quiet"];
    let run = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(of_program);
        unlith::run(scratch.path(), all).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    };
    let audit: Value =
        serde_json::from_str(&run(&["audit", "main.ml", "--format", "json"])).expect("the audit is JSON");
    let program = &audit["programs"][0];
    let size = program["size"]["alloc"].as_i64().expect("a figure");
    let actual_size = before[0].0.alloc as i64;
    assert!((size - actual_size).abs() * 1000 <= actual_size * 2, "{size} predicted, {actual_size} built");
    let proposals = program["proposals"].as_array().expect("proposals");
    let found = proposals.iter().find(|proposal| proposal["id"] == case.id);
    let found = found.unwrap_or_else(|| panic!("not proposed: {proposals:?}"));
    assert_eq!((&found["status"], &found["client_edits"]), (&"proposed".into(), &0.into()), "{found}");

    run(&["split", case.id, "-C", "main.ml", "--apply"]);
    for (file, text) in case.makes {
        assert_eq!(fs::read_to_string(package.join(file)).expect("a file"), *text);
    }
    let after: Vec<_> = programs.iter().map(|program| built(scratch.path(), program)).collect();
    for ((program, before), after) in programs.iter().zip(&before).zip(&after) {
        assert_eq!(after.1, before.1, "{program} prints something else");
        let growth = after.0.alloc as i64 - before.0.alloc as i64;
        assert!(growth < 4096, "{program} grows by {growth}");
    }
    let promised = found["bytes_saved"]["alloc"].as_i64().expect("a figure");
    let actual = actual_size - after[0].0.alloc as i64;
    eprintln!("{}: {promised} promised, {actual} saved of {actual_size}", case.id);
    assert!(
        actual > case.saves && (promised - actual).abs() * 1000 <= actual * MAX_PER_MILLE,
        "promised {promised}, saved {actual}"
    );
    let units = |linked: &[String]| -> BTreeSet<String> { linked.iter().cloned().collect() };
    let dropped = found["units_dropped"].as_array().expect("units").iter();
    let dropped: BTreeSet<String> = dropped.filter_map(Value::as_str).map(str::to_owned).collect();
    assert_eq!(&units(&before[0].0.linked) - &units(&after[0].0.linked), dropped);

    unlith::run(scratch.path(), ["split", "--reverse"]).expect("it is taken back");
    assert_eq!(sources(&package), original);
}

/// The files of a package, what is built left out.
fn sources(package: &Path) -> BTreeMap<PathBuf, String> {
    let keep = |path: &Path| !path.components().any(|part| part.as_os_str() == "_build");
    let files = support::scratch::files_below(package, &keep).into_iter();
    files.map(|path| (path.clone(), fs::read_to_string(path).expect("a text"))).collect()
}

/// Builds the package and a program; returns what is in the program, and what it prints.
fn built(dir: &Path, name: &str) -> (executable::Executable, String) {
    run_in(&dir.join("depot"), "ocamlbuild", ["-quiet", "src/depot.cmxa"]).expect("the package builds");
    let mut command = Command::new("ocamlfind");
    let (source, program) = (format!("{name}.ml"), format!("{name}.exe"));
    command.args(["ocamlopt", "-package", "depot", "-linkpkg", &source, "-o", &program]);
    let output = command.current_dir(dir).env("OCAMLPATH", dir).output().expect("ocamlfind runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = dir.join(program);
    let printed = run_in(dir, &program.to_string_lossy(), [""; 0]).expect("the program runs");
    (executable::read(&program).expect("an executable"), printed)
}
