//! What is kept between runs never shows: the output is byte for byte the same cold, warm, spoilt, and with any number of
//! threads.

mod support;

use std::path::Path;
use support::repository;
use support::scratch::{Scratch, copy_tree, files_below};
use support::small::Dir;

/// The output of an audit of a corpus project, with this directory of results.
fn audit(project: &Path, cache: &Path, more: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_unlith"));
    command.args(["audit", "--format", "json", "--quiet"]).args(more).arg(project);
    command.env("UNLITH_CACHE_DIR", cache).env("NO_COLOR", "1");
    let output = command.output().expect("the program runs");
    assert!(output.status.code().is_some_and(|code| code != 101), "{output:?}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

#[test]
fn cold_warm_spoilt_and_any_number_of_threads_give_the_same() {
    let scratch = Scratch::new("cache").expect("a temporary directory");
    let cache = scratch.path().join("cache");
    for project in ["weather_station", "functor_apply", "alias_not_forced"] {
        let project = repository().join("corpus").join(project);
        if !project.exists() {
            continue;
        }
        let plain = audit(&project, &cache, &["--no-cache", "--jobs", "1"]);
        assert!(plain.contains("\"programs\""), "{plain}");
        for (what, more) in [
            ("cold", &["--jobs", "2"][..]),
            ("warm", &["--jobs", "1"]),
            ("warm, eight threads", &["--jobs", "8"]),
            ("without, eight threads", &["--no-cache", "--jobs", "8"]),
        ] {
            assert!(audit(&project, &cache, more) == plain, "{what}: {} differs", project.display());
        }
        for file in files_below(&cache, &|_| true) {
            let bytes = std::fs::read(&file).expect("a result");
            std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("our own directory");
        }
        assert!(audit(&project, &cache, &[]) == plain, "spoilt: {} differs", project.display());
        // A clone elsewhere reads the same results.
        let clone = scratch.path().join("clone");
        copy_tree(&project, &clone).expect("a copy");
        let n_files = files_below(&cache, &|_| true).len();
        audit(&clone, &cache, &[]);
        assert_eq!(files_below(&cache, &|_| true).len(), n_files, "nothing new is in a copy");
        std::fs::remove_dir_all(&clone).expect("our own directory");
    }
}

#[test]
fn a_change_is_seen() {
    let text =
        |unit: &str| format!("let () = ignore {unit}\n(* {} *)\n", "so that it is worth keeping ".repeat(20));
    let dir = Dir::new("cache-change", &[("main.ml", &text("List.length"))]);
    let audit = || dir.run(&["audit", "main.ml", "--format", "json"]).expect(0).out.clone();
    let before = audit();
    assert_eq!(before, audit());
    dir.write("main.ml", text("Set.empty").as_bytes());
    let after = audit();
    assert!(after.contains("Stdlib__Set") && !before.contains("Stdlib__Set"));
}

#[test]
fn the_directory_is_said_counted_and_emptied() {
    let main = format!("let () = ignore List.length\n(* {} *)\n", "worth keeping ".repeat(40));
    let dir = Dir::new("cache-command", &[("main.ml", &main)]);
    dir.run(&["audit", "main.ml", "--no-cache"]).expect(0);
    assert!(!dir.0.join("cache").exists(), "nothing is kept when nothing shall be");
    dir.run(&["audit", "main.ml"]).expect(0);
    let path = dir.run(&["cache", "path"]).expect(0).out.clone();
    assert_eq!(Path::new(path.trim()), dir.0.join("cache"));
    let stats = dir.run(&["cache", "stats"]).expect(0).out.clone();
    assert!(!stats.contains("\n0 results") && stats.contains("of at most 1.07 GB"), "{stats}");
    assert!(dir.run(&["cache", "clean"]).expect(0).out.starts_with("removed "));
    assert!(dir.run(&["cache", "stats"]).expect(0).out.contains("\n0 results"));
    dir.run(&["audit", "main.ml"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_full_disk_under_it_costs_time_only() {
    let dir = Dir::new("cache-full", &[("main.ml", "let () = ignore List.length\n")]);
    // A directory that cannot be made, as on a disk that is full or read-only.
    let mut command = dir.command(&["audit", "main.ml"]);
    command.env("UNLITH_CACHE_DIR", "/dev/full/cache");
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{output:?}");
}
