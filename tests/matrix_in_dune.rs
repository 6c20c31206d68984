//! The programs of the matrix as one dune workspace: what dune builds of them holds the units that we predict.
//!
//! dune reads packages in its own way: what one requires comes from its `dune-package`, and more of findlib's predicates hold.
//! The workspace is audited before anything is built, so that no archive of the workspace helps.

#![allow(clippy::print_stdout, reason = "the figures are the result")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use support::ocaml::{self, run_in};
use support::scratch::{Scratch, files_below};
use support::{dune, executable, unlith};

/// Executables that are built at a time: dune would name each by its path, and command lines are bounded.
const AT_A_TIME: usize = 30;

#[test]
fn programs_hold_the_units_that_are_predicted() {
    if !dune::has_dune() || ocaml::compiler().is_err() {
        return;
    }
    let scratch = Scratch::new("matrix-in-dune").expect("temporary files can be made");
    let dir = scratch.path();
    let write =
        |path: &str, text: &str| fs::write(dir.join(path), text).expect("temporary files can be made");
    write("dune-project", "(lang dune 2.9)\n");
    let mut programs = Vec::new();
    let matrix = support::repository().join("tests/matrix");
    for file in files_below(&matrix, &|path| path.extension().is_some_and(|extension| extension == "ml")) {
        let text = fs::read_to_string(&file).expect("the programs of the matrix are readable");
        let header =
            text.lines().next().and_then(|line| line.strip_prefix("(* packages:")?.strip_suffix("*)"));
        let packages: Vec<&str> = header.expect("it names its packages").split_whitespace().collect();
        let query = ["query"].into_iter().chain(packages.iter().copied());
        if !packages.is_empty()
            && let Err(error) = run_in(dir, "ocamlfind", query)
        {
            assert!(!ocaml::is_required(), "{error}");
            continue;
        }
        let name = file.file_stem().expect("it has an extension").to_string_lossy().into_owned();
        fs::create_dir(dir.join(&name)).expect("temporary files can be made");
        write(&format!("{name}/{name}.ml"), &text);
        let libraries = packages.join(" ");
        write(
            &format!("{name}/dune"),
            &format!("(executable (name {name}) (libraries {libraries}) (flags (:standard -w -a)))\n"),
        );
        programs.push(name);
    }
    assert!(!programs.is_empty(), "some packages of the matrix are installed");
    let audit =
        unlith::audit(dir, &[".".to_owned(), "--quiet".to_owned()]).expect("the workspace is audited");
    let mut wrong = String::new();
    for names in programs.chunks(AT_A_TIME) {
        let targets = names.iter().map(|name| format!("./{name}/{name}.exe"));
        let words = ["build", "--root=.", "--profile=release"].map(str::to_owned).into_iter().chain(targets);
        run_in(dir, "dune", words).expect("dune builds the programs");
    }
    for name in &programs {
        let path = dir.join(format!("_build/default/{name}/{name}.exe"));
        let truth = executable::read(&path).expect("dune has built it");
        let title = format!("{name}/{name}");
        let (_, audited) = audit.programs.iter().find(|(name, _)| *name == title).expect("it is audited");
        let (missing, extra) = unlith::set_difference(&truth.linked, &audited.linked);
        if !missing.is_empty() || !extra.is_empty() {
            let _ = writeln!(wrong, "{name}: not predicted {missing:?}, predicted in vain {extra:?}");
        }
    }
    let n_units: BTreeSet<&String> = audit.programs.iter().flat_map(|(_, audited)| &audited.linked).collect();
    println!("{} programs, {} units, as dune links them", programs.len(), n_units.len());
    assert!(wrong.is_empty(), "{wrong}");
}
