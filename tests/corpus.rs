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
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use support::expected::{Build, Expected};
use support::ocaml::{self, Compiler, run_in};
use support::score::{Definitions, score};
use support::scratch::{Scratch, copy_tree, files_below};
use support::trials::{Outcome, compute, conclude, is_selected};
use support::typed_trees::{self, Reader};
use support::unlith;

/// One directory of the corpus.
struct Case {
    /// Where it is.
    dir: PathBuf,
    /// The same, relative to `corpus/`.
    name: String,
    /// Whether it is also built without dune.
    is_flat: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
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
        let known = known_differences();
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

/// Returns the cause of what we are known to get wrong, by project.
fn known_differences() -> BTreeMap<String, String> {
    let text = fs::read_to_string(support::repository().join("corpus/known_differences")).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, cause)| (name.to_owned(), cause.to_owned()))
        .collect()
}

/// Nothing is compared where there is no compiler; where there is one, something failed.
fn not_compared(message: &str) -> Outcome {
    match ocaml::compiler() {
        Ok(_) => Outcome::Failed(message.to_owned()),
        Err(reason) => Outcome::Skipped(format!("no OCaml here: {reason}")),
    }
}

fn judge(differences: Result<Vec<String>, String>, known: Option<&String>) -> Outcome {
    if let Err(reason) = ocaml::compiler() {
        return Outcome::Skipped(format!("no OCaml here: {reason}"));
    }
    match (differences, known) {
        (Ok(differences), None) if differences.is_empty() => Outcome::Passed,
        (Ok(differences), Some(cause)) if differences.is_empty() => {
            Outcome::Failed(format!("no longer wrong: take it out of corpus/known_differences ({cause})"))
        }
        (Ok(_), Some(_)) => Outcome::Passed,
        (Ok(differences), None) => Outcome::Failed(differences.join("\n")),
        (Err(message), _) => Outcome::Failed(message),
    }
}

/// Compares what we say of a project with what is recorded.
fn differences_of_ours(case: &Case) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(case.dir.join("expected.json")).map_err(|error| error.to_string())?;
    let expected = Expected::parse(&text)?;
    let mut differences = Vec::new();
    for (build, truth) in &expected.builds {
        let dir = case.dir.to_string_lossy().into_owned();
        let main = case.dir.join("main.ml").to_string_lossy().into_owned();
        let arguments = if build == "dune" { vec![dir] } else { vec![main, "-I".to_owned(), dir] };
        let links = unlith::unit_links(&case.dir, &arguments)?;
        let mut n_compared = 0;
        for (unit, links) in &links {
            let Some(truth) = truth.links.get(unit) else { continue };
            n_compared += 1;
            if truth != links {
                differences.push(format!("{build}: {unit} links {links:?}, the compiler records {truth:?}"));
            }
        }
        if n_compared == 0 {
            differences.push(format!("{build}: no unit of ours is one of the compiler's"));
        }
        if build == "dune" {
            differences.extend(linked_differences(case, &arguments, truth)?);
        }
    }
    Ok(differences)
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

fn linked_differences(case: &Case, arguments: &[String], truth_build: &Build) -> Result<Vec<String>, String> {
    let audit = unlith::audit(&case.dir, arguments)?;
    let mut programs: BTreeMap<_, _> = audit.programs.into_iter().collect();
    let mut differences = Vec::new();
    for (name, truth) in &truth_build.programs {
        let Some(ours) = programs.remove(name) else {
            differences.push(format!("{name} is not among our programs"));
            continue;
        };
        let (missing, extra) = unlith::set_difference(&truth.linked, &ours.linked);
        if !missing.is_empty() || !extra.is_empty() {
            differences.push(format!("{name}: missing {missing:?}, extra {extra:?}"));
        } else if let Some((user, used)) = used_before_linked(&ours.linked, &truth_build.links) {
            differences.push(format!("{name}: {user} comes before {used}, which it records"));
        }
    }
    differences.extend(programs.keys().map(|name| format!("{name} is not among the compiler's programs")));
    Ok(differences)
}

/// Returns a unit that comes before one that it records, and that one.
///
/// Nothing more is asked of our order: which of two independent units comes first is dune's own affair, and no source
/// says it.
fn used_before_linked<'a>(
    linked: &'a [String],
    links: &'a BTreeMap<String, BTreeSet<String>>,
) -> Option<(&'a str, &'a str)> {
    linked.iter().enumerate().find_map(|(idx, unit)| {
        let used = links.get(unit)?.iter().find(|used| linked[idx..].contains(used))?;
        Some((unit.as_str(), used.as_str()))
    })
}

/// Returns the directories of the corpus, sorted by name.
fn cases() -> Vec<(String, Case)> {
    let corpus = support::repository().join("corpus");
    let roots = files_below(&corpus, &|path| path.ends_with("dune-project"));
    let mut cases: Vec<_> = roots
        .iter()
        .filter_map(|file| {
            let dir = file.parent()?.to_path_buf();
            let name = dir.strip_prefix(&corpus).ok()?.to_string_lossy().into_owned();
            let is_flat = name.starts_with("cases/");
            // Vendored projects inside a case are part of it.
            let is_case = name.split('/').count() == if is_flat { 2 } else { 1 };
            is_case.then(|| (format!("corpus/{name}"), Case { dir, name, is_flat }))
        })
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
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

/// Builds copies of the projects with one run of dune.
fn build_all<'a>(cases: impl Iterator<Item = &'a Case>) -> Result<Scratch, String> {
    let scratch = Scratch::new("corpus").map_err(|error| error.to_string())?;
    for case in cases {
        copy_tree(&case.dir, &scratch.path().join(&case.name)).map_err(|error| error.to_string())?;
    }
    run_in(
        scratch.path(),
        "dune",
        ["build", "--root", ".", "--profile", "release", "--display", "quiet", "@default"],
    )?;
    Ok(scratch)
}

/// Reads what the compiler made of one case.
fn observe(compiler: &Compiler, built: &Scratch, case: &Case) -> Result<Expected, String> {
    let mut builds = BTreeMap::new();
    let dir = built.path().join("_build/default").join(&case.name);
    let objects = files_below(&dir, &|path| path.extension().is_some_and(|extension| extension == "cmx"));
    let programs = files_below(&dir, &|path| path.extension().is_some_and(|extension| extension == "exe"));
    builds.insert("dune".to_owned(), Build::read(&dir, &objects, &programs)?);
    if case.is_flat {
        builds.insert("plain".to_owned(), build_plain(&case.dir)?);
    }
    Ok(Expected { compiler: compiler.description.clone(), builds })
}

/// Compiles a flat case by hand: what stands beside `main.ml` goes into one archive.
fn build_plain(case: &Path) -> Result<Build, String> {
    let scratch = Scratch::new("plain").map_err(|error| error.to_string())?;
    let dir = scratch.path();
    copy_tree(case, dir).map_err(|error| error.to_string())?;
    let sources = files_below(dir, &|path| {
        path.extension().is_some_and(|extension| extension == "ml" || extension == "mli")
    });
    let names: Vec<String> =
        sources.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
    let sorted =
        run_in(dir, "ocamlfind", ["ocamldep", "-sort"].into_iter().chain(names.iter().map(String::as_str)))?;
    let mut objects = Vec::new();
    for source in sorted.split_whitespace() {
        run_in(dir, "ocamlfind", ["ocamlopt", "-w", "-a", "-g", "-c", source])?;
        if let Some(stem) = source.strip_suffix(".ml") {
            objects.push(format!("{stem}.cmx"));
        }
    }
    objects.retain(|object| object != "main.cmx");
    let archive =
        ["ocamlopt", "-a", "-o", "beside.cmxa"].into_iter().chain(objects.iter().map(String::as_str));
    run_in(dir, "ocamlfind", archive)?;
    run_in(dir, "ocamlfind", ["ocamlopt", "-g", "beside.cmxa", "main.cmx", "-o", "main.exe"])?;
    objects.push("main.cmx".to_owned());
    let objects: Vec<_> = objects.iter().map(|object| dir.join(object)).collect();
    Build::read(dir, &objects, &[dir.join("main.exe")])
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
