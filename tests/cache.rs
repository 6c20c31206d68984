//! What is kept between runs never shows: the output is byte for byte the same cold, warm, spoilt, and with any number of
//! threads.

mod support;

use std::path::Path;
use support::scratch::{Scratch, copy_tree, files_below};
use support::small::Dir;
use support::{ocaml, repository};

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
        // A clone elsewhere reads the same results; only the answer, which names files, is its own, in two files.
        let clone = scratch.path().join("clone");
        copy_tree(&project, &clone).expect("a copy");
        let n_files = files_below(&cache, &|_| true).len();
        audit(&clone, &cache, &[]);
        assert_eq!(files_below(&cache, &|_| true).len(), n_files + 2, "nothing new is in a copy");
        std::fs::remove_dir_all(&clone).expect("our own directory");
    }
}

/// Names in scope by way of long chains: what one unit's resolution remembers must not show in the next one's, whichever that is.
#[test]
fn any_number_of_threads_gives_the_same_graph_of_installed_packages() {
    let graph = |jobs: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_unlith"));
        command.args(["graph", "--level", "definition", "--format", "jsonl", "--quiet", "--no-cache"]);
        let output = command.args(["-p", "parsexp,sexplib,cohttp,ppxlib", "--jobs", jobs]).output();
        String::from_utf8(output.expect("the program runs").stdout).expect("output is UTF-8")
    };
    let one = graph("1");
    if !one.contains("Parsexp__Automaton") {
        assert!(!ocaml::is_required(), "sexplib is not installed");
        eprintln!("skipped: sexplib is not installed");
        return;
    }
    for jobs in ["2", "3", "8"] {
        let other = graph(jobs);
        let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        let unit = differs.map(|(one, _)| one.get(..80).unwrap_or(one));
        assert!(one == other, "{jobs} threads give another graph: {unit:?}");
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

/// An answer holds as long as all that was read for it is as it was: sources, compiled interfaces, archives, what the
/// compiler's version is taken from, and files that were looked for in vain.
#[test]
fn an_answer_is_given_again_until_something_that_it_was_made_from_changes() {
    let dir = Dir::new(
        "cache-answer",
        &[
            ("main.ml", "let () = ignore (Lists.sum [])\n"),
            ("w/dune-project", "(lang dune 2.0)\n"),
            ("w/bin/dune", "(executable (name go))\n"),
            ("w/bin/go.ml", "let () = ignore A.x\n"),
            ("w/bin/a.ml", "let x = 1\n"),
        ],
    );
    let run = |args: &[&str], more: &[&str]| dir.run(&[args, more].concat());
    let check = |args: &[&str], what: &str| {
        let plain = run(args, &["--no-cache"]);
        for _ in 0..2 {
            let kept = run(args, &[]);
            assert_eq!((kept.code, &kept.out, &kept.err), (plain.code, &plain.out, &plain.err), "{what}");
        }
        plain.out
    };
    let file = ["audit", "main.ml", "-p", "lists"];
    let tree = ["audit", "w", "--format", "json"];
    let mut before = (check(&file, "at first"), check(&tree, "at first"));
    for (what, path, text) in [
        ("the package's unit", "packages/lists/lists.ml", Some("let sum l = l\n")),
        ("its other unit", "packages/lists/helper.ml", Some("let big = 1\n")),
        ("the standard library", "ocaml/list.ml", Some("let length l = l\n")),
        ("the compiler's version", "ocaml/caml/version.h", Some("#define OCAML_VERSION_MAJOR 5\n")),
        ("a new interface", "packages/lists/lists.mli", Some("val sum : 'a -> 'a\n")),
        ("a broken archive", "packages/lists/lists.a", Some("!<arch>\nnone")),
        ("the program", "main.ml", Some("let () = ignore (List.length [])\n")),
        ("a module of the tree", "w/bin/a.ml", Some("let x = List.length\n")),
        ("a new module of the tree", "w/bin/list.ml", Some("let length = 1\n")),
        ("one that is gone", "w/bin/list.ml", None),
        ("settings", "w/unlith.toml", Some("[analysis]\nsources-only = true\n")),
    ] {
        match text {
            Some(text) => dir.write(path, text.as_bytes()),
            None => std::fs::remove_file(dir.0.join(path)).expect("it was written before"),
        }
        let after = (check(&file, what), check(&tree, what));
        before = after;
    }
    assert!(before.0.contains("main") && before.1.contains("programs"));
    // Other questions have other answers.
    let text = check(&["audit", "w"], "as text");
    assert_ne!(text, check(&["audit", "w", "--top", "1", "--format", "markdown"], "as Markdown"));
    assert_eq!(run(&["audit", "w"], &["--quiet"]).err, "");
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
