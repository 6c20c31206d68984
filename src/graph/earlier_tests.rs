//! After any edits, what an earlier run found and what is worked out anew are together the analysis of the same texts.

use super::again_tests::{Dice, PROJECTS, edit};
use super::{Analysis, Archives, Wanted, analyse, analyse_from};
use crate::base::{FileId, Idx};
use crate::cache::{Cache, Store};
use crate::project::{LoadOptions, Project, load_workspace};
use crate::resolve::{CachedDisk, Disk};
use std::path::Path;

/// All of an analysis that anybody can see.
fn show(project: &Project, analysis: &Analysis) -> Vec<String> {
    let own_units = project.programs.iter().map(|program| format!("{:?}", program.own_units));
    let defs = analysis.graph.defs.iter().map(|def| format!("{def:?}"));
    let edges = analysis.graph.edges.iter().map(|edge| format!("{edge:?}"));
    let units = (&analysis.graph.units, &analysis.graph.defs_of_unit, &analysis.graph.unresolved);
    let read = analysis.facts.iter().map(|facts| format!("{:?}", facts.as_ref().map(|facts| facts.n_bytes)));
    let problems = analysis.problems.iter().map(|problem| format!("{problem:?}"));
    own_units.chain(defs).chain(edges).chain([format!("{units:?}")]).chain(read).chain(problems).collect()
}

/// Analyses what is on disk, from what is kept under `store`. Also returns how many results were known.
fn again(found: &Project, store: &Path) -> (Vec<String>, u64) {
    let cache = Cache::over(Store::new(store.to_path_buf(), 1 << 30));
    let mut project = found.clone();
    let question = cache.question(&[&project]).expect("results are kept");
    let earlier = Some((&cache, question));
    let analysis =
        analyse_from(&mut project, &CachedDisk(&cache), &Wanted::Programs, Archives::Trusted, earlier);
    (show(&project, &analysis), cache.counts().0)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("temporary files can be made");
    for entry in std::fs::read_dir(from).expect("it is a directory").flatten() {
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => _ = std::fs::copy(entry.path(), to).expect("temporary files can be made"),
        }
    }
}

#[test]
fn after_random_edits_an_earlier_run_and_what_is_new_give_what_a_fresh_analysis_gives() {
    let n_partial: usize = PROJECTS.map(after_random_edits).iter().sum();
    assert!(n_partial > 40, "most edits are of no interest to most units: {n_partial}");
}

/// Returns after how many edits most was known, and not all.
fn after_random_edits(project: &str) -> usize {
    let dir = tempfile::tempdir().expect("temporary files can be made");
    let (root, store) = (dir.path().join("tree"), dir.path().join("store"));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(project), &root);
    let found = load_workspace(&root, &LoadOptions::of_process()).expect("the example is a workspace");
    let own: Vec<FileId> = (0..found.files.len())
        .map(FileId::new)
        .filter(|&file| found.file(file).path.starts_with(&root))
        .collect();
    let original = |file: FileId| {
        let path = &found.file(file).path;
        let text = std::fs::read_to_string(path).expect("it is there and UTF-8");
        (path.clone(), text)
    };
    let originals: Vec<_> = own.iter().map(|&file| original(file)).collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (_, n_files) = again(&found, &store);
    assert_eq!(n_files, 0, "nothing is known at first");
    let (_, n_all) = again(&found, &store);
    let mut n_partial = 0;
    for round in 0..24 {
        // One or two files change, or go back to what they were.
        for _ in 0..1 + dice.below(2) {
            let (path, original) = &originals[dice.below(originals.len())];
            let text = std::fs::read_to_string(path).expect("it is there and UTF-8");
            let new = if dice.below(4) == 0 { original.clone() } else { edit(&text, &mut dice) };
            std::fs::write(path, new).expect("temporary files can be changed");
        }
        let mut fresh_project = found.clone();
        let fresh = analyse(&mut fresh_project, &Disk, &Wanted::Programs, Archives::Trusted);
        let fresh = show(&fresh_project, &fresh);
        let (now, n_known) = again(&found, &store);
        let differs = now.iter().zip(&fresh).find(|(now, fresh)| now != fresh);
        assert!(now == fresh, "round {round}: {differs:?}");
        n_partial += usize::from(n_known * 3 > n_all * 2 && n_known < n_all);
    }
    n_partial
}

/// What one unit found out is known for the next: what was read for it counts for both.
#[test]
fn what_was_read_for_another_unit_counts_too() {
    let dir = tempfile::tempdir().expect("temporary files can be made");
    let (root, store) = (dir.path().join("tree"), dir.path().join("store"));
    let write = |file: &str, text: &str| {
        std::fs::create_dir_all(&root).expect("temporary files can be made");
        std::fs::write(root.join(file), text).expect("temporary files can be made");
    };
    write("dune-project", "(lang dune 2.0)");
    write("dune", "(executable (name main))");
    write("main.ml", "let () = print_int (One.y + Two.y + Three.y)");
    write("one.ml", "let y = Aliases.Inner.x");
    write("two.ml", "let y = Aliases.Inner.x");
    write("three.ml", "let y = Aliases.Applied.x");
    write("aliases.ml", "module Inner = Middle.Inner module Applied = Middle.Make (Middle.Inner)");
    write("middle.ml", "module Inner = First module Make (X : sig val x : int end) = struct include X end");
    write("first.ml", "let x = 1");
    write("second.ml", "let more = 0 let x = 2");
    let found = load_workspace(&root, &LoadOptions::of_process()).expect("it is a workspace");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be made");
    let check = |what: &str| {
        let mut project = found.clone();
        let fresh = analyse(&mut project, &Disk, &Wanted::Programs, Archives::Trusted);
        let fresh = show(&project, &fresh);
        let (now, _) = pool.install(|| again(&found, &store));
        let differs = now.iter().zip(&fresh).find(|(now, fresh)| now != fresh);
        assert!(now == fresh, "{what}: {differs:?}");
    };
    check("at first");
    check("again");
    write("middle.ml", "module Inner = Second module Make (X : sig val x : int end) = struct include X end");
    check("another alias");
    write("first.ml", "let between = 3 let x = 1");
    check("a file that nobody looks into");
    write("second.ml", "let x = 2");
    check("other numbers");
    write("middle.ml", "module Inner = First module Make (X : sig val x : int end) = struct let x = X.x end");
    check("another functor");
    std::fs::remove_file(root.join("first.ml")).expect("it is there");
    check("a file that is gone");
}
