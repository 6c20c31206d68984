//! What is known of installed packages: the links that their archives record, and the programs of the matrix that link them.

use super::ocaml::{self, link_info, run_in};
use super::scratch::files_below;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Returns what the archive of each package records, by package and unit.
pub(crate) fn recorded_by_archives(
    packages: &[&str],
) -> Result<BTreeMap<(String, String), BTreeSet<String>>, String> {
    let query = ["query", "-predicates", "native,mt,mt_posix", "-format", "%p|%d|%A"];
    let text = run_in(Path::new("."), "ocamlfind", query.iter().chain(packages))?;
    let mut truth = BTreeMap::new();
    let stdlib = ocaml::compiler()?.stdlib.clone();
    let stdlib_line = format!("stdlib|{stdlib}|stdlib.cmxa");
    for line in text.lines().chain([stdlib_line.as_str()]) {
        let mut fields = line.split('|');
        let (Some(package), Some(dir), Some(archives)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let files = archives
            .split([',', ' '])
            .filter(|name| name.ends_with(".cmxa") || name.ends_with(".cmx"))
            .map(|name| Path::new(dir).join(name));
        let files: Vec<_> = files.filter(|file| file.exists()).collect();
        if files.is_empty() {
            continue;
        }
        for (unit, info) in link_info(&files)? {
            truth.insert((package.to_owned(), unit), info.records);
        }
    }
    Ok(truth)
}

/// Returns for each package the programs of the matrix that require it, and how many of their linked sets were exact from
/// sources and from archives when the matrix was last run (`tests/matrix.expected`, which that test keeps).
pub(crate) fn linked_sets() -> Result<BTreeMap<String, (usize, usize)>, String> {
    let text = |path: &Path| fs::read_to_string(path).map_err(|error| error.to_string());
    let tests = super::repository().join("tests");
    let recorded = text(&tests.join("matrix.expected"))?;
    let is_exact = |program: &str| !recorded.lines().any(|line| line.starts_with(&format!("{program}, ")));
    let mut sets: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let is_program = |path: &Path| path.extension().is_some_and(|extension| extension == "ml");
    for file in files_below(&tests.join("matrix"), &is_program) {
        let first = text(&file)?.lines().next().unwrap_or_default().to_owned();
        let asked = first.strip_prefix("(* packages: ").and_then(|rest| rest.strip_suffix(" *)"));
        let asked: Vec<&str> =
            asked.unwrap_or_default().split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let query = ["query", "-r", "-predicates", "native,mt,mt_posix", "-format", "%p"];
        let closure = match asked.is_empty() {
            true => String::new(),
            false => run_in(Path::new("."), "ocamlfind", query.iter().chain(&asked))?,
        };
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let packages: BTreeSet<&str> = closure.lines().chain(["stdlib"]).collect();
        for package in packages {
            let (exact, all) = sets.entry(package.to_owned()).or_default();
            *exact += usize::from(is_exact(&stem));
            *all += 1;
        }
    }
    Ok(sets)
}
