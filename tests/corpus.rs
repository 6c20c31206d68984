//! The corpus: small projects, each with what the real compiler made of it.
//!
//! `corpus/cases/*` are flat: the modules beside `main.ml` form a library, and the case is built twice, by dune and by
//! plain `ocamlfind ocamlopt` (the first passes `-no-alias-deps`, the second does not). The other directories of
//! `corpus/` are whole dune projects. `expected.json` in each holds the recorded sets, the linked sets in link order
//! and the bytes. `UNLITH_UPDATE=1 cargo test --test corpus` writes it again; without that, and where OCaml is
//! installed, it is compared with what the compiler gives now (`corpus/..`).
//!
//! `edges/..` compares, in the flat cases, which definition refers to which with the typed trees that the compiler leaves.
//!
//! `unlith/..` compares with what we say from sources alone: the links of each unit in every build, and the linked set of
//! each program that dune builds. (By hand all modules are given to the linker, so that set says nothing of the rule.)
//! What is known to be wrong stands in `corpus/known_differences` with its cause, and must still be wrong.

mod support;

use libtest_mimic::Arguments;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use support::corpus::{self, Case, build_all, judge, observe};
use support::expected::Expected;
use support::ocaml;
use support::score::{Definitions, score};
use support::scratch::{Scratch, files_below};
use support::trials::{Outcome, compute, conclude, is_selected};
use support::typed_trees::{self, Reader};
use support::unlith;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = corpus::cases();
    let ours: Vec<(String, &Case)> =
        cases.iter().map(|(_, case)| (format!("unlith/{}", case.name), case)).collect();
    let edges: Vec<(String, &Case)> = cases
        .iter()
        .filter(|(_, case)| case.is_flat)
        .map(|(_, case)| (format!("edges/{}", case.name), case))
        .collect();
    let names = cases.iter().map(|(name, _)| name).chain(ours.iter().chain(&edges).map(|(name, _)| name));
    let names = names.cloned().collect();
    let mut outcomes = BTreeMap::new();
    if !arguments.list {
        let known = corpus::known_differences();
        let is_asked = |case: &Case| {
            ["corpus", "edges"].iter().any(|part| is_selected(&arguments, &format!("{part}/{}", case.name)))
        };
        let built = ocaml::compiler()
            .map(|_| build_all(cases.iter().map(|(_, case)| case).filter(|case| is_asked(case))));
        let built = built.and_then(|built| built);
        outcomes = verify_expected(&arguments, &cases, &built);
        outcomes.extend(compute(&arguments, &ours, |_, case| {
            judge(differences_of_ours(case), known.get(&case.name))
        }));
        let reader = if edges.iter().any(|(name, _)| is_selected(&arguments, name)) {
            Reader::build()
        } else {
            Err("not asked for".to_owned())
        };
        outcomes.extend(compute(&arguments, &edges, |name, case| match (&built, &reader) {
            (Ok(built), Ok(reader)) => judge(differences_of_edges(case, built, reader), known.get(name)),
            (Err(message), _) | (_, Err(message)) => not_compared(message),
        }));
    }
    conclude(&arguments, names, outcomes)
}

/// Nothing is compared where there is no compiler; where there is one, something failed.
fn not_compared(message: &str) -> Outcome {
    match ocaml::compiler() {
        Ok(_) => Outcome::Failed(message.to_owned()),
        Err(reason) => Outcome::Skipped(format!("no OCaml here: {reason}")),
    }
}

fn differences_of_ours(case: &Case) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(case.dir.join("expected.json")).map_err(|error| error.to_string())?;
    corpus::differences(case, &Expected::parse(&text)?)
}

/// Compares the edges of a flat case's definitions with the typed trees of its build.
fn differences_of_edges(case: &Case, built: &Scratch, reader: &Reader) -> Result<Vec<String>, String> {
    let dir = built.path().join("_build/default").join(&case.name);
    let files = files_below(&dir, &|path| path.extension().is_some_and(|extension| extension == "cmt"));
    let truth = reader.read(&[], &files)?;
    let dir = case.dir.to_string_lossy().into_owned();
    let ours = typed_trees::parse(&unlith::run(&case.dir, ["graph", "--quiet", &dir])?)?;
    let known = Definitions::new(&truth);
    let mut differences = Vec::new();
    let mut n_compared = 0;
    for truth in &truth {
        let Some(ours) = ours.iter().find(|ours| ours.unit == truth.unit) else { continue };
        n_compared += 1;
        differences.extend(score(truth, ours, &known).differences);
    }
    if n_compared == 0 {
        differences.push("no unit of ours is one of the compiler's".to_owned());
    }
    Ok(differences)
}

fn verify_expected(
    arguments: &Arguments,
    cases: &[(String, Case)],
    built: &Result<Scratch, String>,
) -> BTreeMap<String, Outcome> {
    let compiler = match ocaml::compiler() {
        Ok(compiler) => compiler,
        Err(reason) => {
            return compute(arguments, cases, |_, _| Outcome::Skipped(format!("no OCaml here: {reason}")));
        }
    };
    compute(arguments, cases, |_, case| {
        let found = built.as_ref().map_err(Clone::clone).and_then(|built| observe(compiler, built, case));
        match found {
            Ok(found) if support::is_update() => match found.write(&case.dir.join("expected.json")) {
                Ok(()) => Outcome::Passed,
                Err(error) => Outcome::Failed(error.to_string()),
            },
            Ok(found) => compare(&found, &case.dir),
            Err(message) => Outcome::Failed(message),
        }
    })
}

/// Compares what the compiler gives now with what is recorded.
fn compare(found: &Expected, dir: &Path) -> Outcome {
    let file = dir.join("expected.json");
    let recorded = match fs::read_to_string(&file)
        .map_err(|error| error.to_string())
        .and_then(|text| Expected::parse(&text))
    {
        Ok(recorded) => recorded,
        Err(error) => {
            return Outcome::Failed(format!("{}: {error}; UNLITH_UPDATE=1 writes it", file.display()));
        }
    };
    let differences = recorded.differences(found);
    if differences.is_empty() { Outcome::Passed } else { Outcome::Failed(differences.join("\n")) }
}
