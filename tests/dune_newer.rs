//! What newer versions of dune have: small workspaces whose verdict was recorded from one.
//!
//! Each `tests/dune_newer/*.txt` holds the files of a workspace (`== path` before each) and, behind `== verdict`, what a dune of
//! the version there made of it: units of each archive, what each unit opens, archives and units of each program, and what
//! every unit records. We read the workspace from sources alone and must say the same. Where the dune at hand is of that
//! version the verdict is taken again and must be the recorded one; `UNLITH_UPDATE=1` writes it.

#![allow(clippy::print_stdout, reason = "the figures are the result")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::dune::{Built, Tree, build, compare};
use support::ocaml::{self, LinkInfo, link_info};
use support::scratch::files_below;
use support::unlith;

/// What a dune made of a workspace.
struct Verdict {
    /// `dune 3.17.2`
    by: String,
    built: Built,
    /// What each unit records.
    links: BTreeMap<String, BTreeSet<String>>,
}

#[test]
fn workspaces_are_read_as_newer_versions_of_dune_have_them() {
    let dir = support::repository().join("tests/dune_newer");
    let files = files_below(&dir, &|path| path.extension().is_some_and(|extension| extension == "txt"));
    assert!(!files.is_empty(), "there are workspaces");
    let mut failures = Vec::new();
    for file in files {
        let title = file.file_stem().expect("it is a file").to_string_lossy().into_owned();
        match std::panic::catch_unwind(|| check(&file, &title)) {
            Ok(text) => println!("{title}: {text}"),
            Err(_) => failures.push(title),
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}

fn check(file: &Path, title: &str) -> String {
    let text = fs::read_to_string(file).expect("it was listed");
    let (fixture, recorded) = text.split_once("== verdict\n").unwrap_or((&text, ""));
    let fixture = fixture.split_once("== ").map_or(String::new(), |(_, rest)| format!("== {rest}"));
    let tree = Tree::new(&format!("newer-{title}"), &fixture);
    let project = tree.load();
    let ours = unlith::run(&tree.0, ["graph", "--sources-only", "--level", "unit", "--quiet"]);
    let ours = ours.expect("the graph");
    let here = dune_here();
    let mut verdict = Verdict::parse(recorded);
    if support::is_update() || here.as_ref().is_some_and(|here| *here == verdict.by) {
        let by = here.expect("writing verdicts needs dune");
        let again = Verdict::take(&tree.0, by);
        let rendered = again.render();
        if support::is_update() {
            fs::write(
                file,
                format!("{}== verdict\n{rendered}", text.split("== verdict\n").next().unwrap_or("")),
            )
            .expect("the repository can be written to");
        } else {
            assert_eq!(rendered, recorded, "what dune makes of it");
        }
        verdict = Verdict::parse(&rendered);
    }
    // Up to 3.20 the outer module of a group is opened last; the order that is meant, and that newer versions have, is the
    // other one.
    for opens in verdict.built.opens.values_mut() {
        opens.sort_by_key(String::len);
    }
    let counts = compare(&project, &verdict.built);
    let mut n_links = 0;
    for line in ours.lines() {
        let unit = unlith::UnitLinks::parse(line).expect("the graph");
        if let Some(records) = verdict.links.get(&unit.name) {
            assert_eq!(&unit.links, records, "what {} records", unit.name);
            n_links += 1;
        }
    }
    assert!(n_links > 1, "{n_links} units compared");
    format!("{counts}, links of {n_links} units, as {} has them", verdict.by)
}

fn dune_here() -> Option<String> {
    let output =
        Command::new("dune").arg("--version").output().ok().filter(|output| output.status.success())?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let compiler = ocaml::compiler().ok()?;
    Some(format!("dune {version}, OCaml {}", compiler.description))
}

impl Verdict {
    fn take(root: &Path, by: String) -> Self {
        let built = build(root);
        let is_unit = |path: &Path| path.extension().is_some_and(|extension| extension == "cmx");
        let files: Vec<PathBuf> = files_below(&root.join("_build/default"), &is_unit);
        let links = link_info(&files).expect("they are compiled units");
        // Implementations of a virtual library have units of one name: where they differ, it does not tell which one is meant.
        let is_same = |unit: &str, info: &LinkInfo| {
            let mut named = links.iter().filter(|(other, _)| other == unit);
            named.all(|(_, other)| other.records == info.records)
        };
        let distinct = links.iter().filter(|(unit, info)| is_same(unit, info));
        Verdict {
            by,
            built,
            links: distinct.map(|(unit, info)| (unit.clone(), info.records.clone())).collect(),
        }
    }

    fn render(&self) -> String {
        let mut text = format!("{}\n", self.by);
        let words = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(" ");
        for (file, units) in &self.built.archives {
            let _ = writeln!(text, "archive {file}: {}", words(units));
        }
        for ((dir, unit), opens) in &self.built.opens {
            let _ = writeln!(text, "opens {} {unit}: {}", dir.display(), opens.join(" "));
        }
        for (program, (archives, units)) in &self.built.programs {
            let _ = writeln!(text, "program {program}: {} | {}", archives.join(" "), words(units));
        }
        for (unit, records) in &self.links {
            let _ = writeln!(text, "links {unit}: {}", words(records));
        }
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    fn parse(text: &str) -> Self {
        let mut verdict = Verdict {
            by: text.lines().next().unwrap_or_default().to_owned(),
            built: Built::default(),
            links: BTreeMap::new(),
        };
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for line in text.lines().skip(1) {
            let (head, rest) = line.split_once(':').expect("a line is `kind name: ..`");
            let (kind, name) = head.split_once(' ').expect("a line is `kind name: ..`");
            match kind {
                "archive" => {
                    verdict.built.archives.insert(name.to_owned(), words(rest).into_iter().collect());
                }
                "opens" => {
                    let (dir, unit) = name.rsplit_once(' ').expect("a directory and a unit");
                    verdict.built.opens.insert((PathBuf::from(dir), unit.to_owned()), words(rest));
                }
                "program" => {
                    let (archives, units) = rest.split_once('|').expect("archives and units");
                    let parts = (words(archives), words(units).into_iter().collect());
                    verdict.built.programs.insert(name.to_owned(), parts);
                }
                "links" => {
                    verdict.links.insert(name.to_owned(), words(rest).into_iter().collect());
                }
                other => panic!("`{other}` is no part of a verdict"),
            }
        }
        verdict
    }
}
