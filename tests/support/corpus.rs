//! The projects of the corpus: where they are, what the compiler makes of them, and what we say.

use super::expected::{Build, Expected};
use super::ocaml::{self, Compiler, run_in};
use super::scratch::{Scratch, copy_tree, files_below};
use super::trials::Outcome;
use super::unlith;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One directory of the corpus.
pub(crate) struct Case {
    /// Where it is.
    pub(crate) dir: PathBuf,
    /// The same, relative to `corpus/`.
    pub(crate) name: String,
    /// Whether it is also built without dune.
    pub(crate) is_flat: bool,
}

/// Returns the cause of what we are known to get wrong, by project.
pub(crate) fn known_differences() -> BTreeMap<String, String> {
    let text = fs::read_to_string(super::repository().join("corpus/known_differences")).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, cause)| (name.to_owned(), cause.to_owned()))
        .collect()
}

/// Whether what is known to be wrong is so, and nothing else.
pub(crate) fn judge(differences: Result<Vec<String>, String>, known: Option<&String>) -> Outcome {
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

/// Returns where what we say of a project from its sources is not what the compiler made of it.
///
/// **Errors**: our command fails.
pub(crate) fn differences(case: &Case, expected: &Expected) -> Result<Vec<String>, String> {
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
pub(crate) fn cases() -> Vec<(String, Case)> {
    let corpus = super::repository().join("corpus");
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

/// Builds copies of the projects with one run of dune.
///
/// **Errors**: the build fails.
pub(crate) fn build_all<'a>(cases: impl Iterator<Item = &'a Case>) -> Result<Scratch, String> {
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
///
/// **Errors**: something was not built or cannot be read.
pub(crate) fn observe(compiler: &Compiler, built: &Scratch, case: &Case) -> Result<Expected, String> {
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
