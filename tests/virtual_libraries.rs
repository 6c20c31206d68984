//! Virtual libraries that are installed: what findlib and dune link with each of their implementations, and with a workspace's
//! own. Those of a workspace are in `corpus/virtual_library*`.

mod support;

use std::fs;
use std::path::Path;
use support::ocaml::{compiler, run_in};
use support::scratch::{Scratch, copy_tree};
use support::{executable, unlith};

/// Installs the virtual library of the corpus and its two implementations below `prefix`; the first is taken where none is
/// named.
fn install(dir: &Path, prefix: &Path, wrapped: bool) {
    let corpus = support::repository().join("corpus/virtual_library_implemented_twice");
    for part in ["clock", "fixed", "fast"] {
        copy_tree(&corpus.join(part), &dir.join(part)).expect("temporary files can be made");
    }
    let write =
        |file: &str, text: &str| fs::write(dir.join(file), text).expect("temporary files can be made");
    write("dune-project", "(lang dune 2.9)\n");
    write("vclock.opam", "");
    let form = if wrapped { "" } else { "(wrapped false)" };
    write(
        "clock/dune",
        &format!(
            "(library (name clock) (public_name vclock) {form} (virtual_modules now) (default_implementation vclock.fixed))\n"
        ),
    );
    for (part, hidden) in [("fixed", "source"), ("fast", "place ticks")] {
        let hidden = if wrapped { format!("(private_modules {hidden})") } else { String::new() };
        let text = format!(
            "(library (name clock_{part}) (public_name vclock.{part}) (implements clock) {hidden} (flags (:standard -w -a)))\n"
        );
        write(&format!("{part}/dune"), &text);
    }
    run_in(dir, "dune", ["build", "--root", ".", "@install"]).expect("it is built");
    let prefix = prefix.to_string_lossy();
    run_in(dir, "dune", ["install", "--root", ".", "--prefix", &prefix]).expect("it is installed");
}

/// Compares the linked sets of an audit with executables below `built`: all of `names`, and no others.
fn compare(dir: &Path, arguments: &[&str], built: &Path, names: &[&str]) {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let audit = unlith::audit(dir, &arguments).expect("an audit");
    let mut found: Vec<&str> = audit.programs.iter().map(|(name, _)| name.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, names);
    for (name, ours) in &audit.programs {
        let truth = executable::read(&built.join(format!("{name}.exe"))).expect("it was built");
        let (mut linked, mut truly) = (ours.linked.clone(), truth.linked);
        linked.sort();
        truly.sort();
        assert_eq!(linked, truly, "{name} with {arguments:?}");
        let off = ours.alloc.abs_diff(truth.alloc);
        assert!(off * 50 < truth.alloc, "{name}: {} bytes, and really {}", ours.alloc, truth.alloc);
    }
    assert!(!audit.problems.contains("missing-at-link"), "{:?}", audit.problems);
}

#[test]
fn findlib_links_the_implementation_that_is_asked_for() {
    if let Err(reason) = compiler() {
        return eprintln!("skipped: {reason}");
    }
    let scratch = Scratch::new("virtual-findlib").expect("temporary files can be made");
    let (source, prefix) = (scratch.path().join("source"), scratch.path().join("prefix"));
    install(&source, &prefix, true);
    let path = prefix.join("lib").to_string_lossy().into_owned();
    for implementation in ["vclock.fixed", "vclock.fast"] {
        let dir = scratch.path().join(implementation);
        fs::create_dir(&dir).expect("temporary files can be made");
        let text = "let () = print_int (Clock.Now.minutes () + Clock.Later.of_hours ())\n";
        fs::write(dir.join("main.ml"), text).expect("temporary files can be made");
        let line =
            ["ocamlfind", "ocamlopt", "-package", implementation, "-linkpkg", "main.ml", "-o", "main.exe"];
        let line = [format!("OCAMLPATH={path}")].into_iter().chain(line.map(str::to_owned));
        run_in(&dir, "env", line).expect("it is linked");
        for more in [&[][..], &["--sources-only"]] {
            let arguments = ["main.ml", "-p", implementation, "--ocamlpath", &path];
            compare(&dir, &[&arguments, more].concat(), &dir, &["main"]);
        }
        // dune builds the same, from a copy, which a path from here would not lead out of.
        let verify =
            ["verify", "-C", "main.ml", "-p", implementation, "--ocamlpath", "../prefix/lib", "--quiet"];
        let verdict = run_in(&dir, env!("CARGO_BIN_EXE_unlith"), verify.map(str::to_owned))
            .expect("it is built as it is");
        assert!(verdict.contains("main_program/main"), "{verdict}");
    }
}

#[test]
fn programs_of_a_workspace_link_installed_implementations_and_its_own() {
    if let Err(reason) = compiler() {
        return eprintln!("skipped: {reason}");
    }
    let scratch = Scratch::new("virtual-dune").expect("temporary files can be made");
    let (source, prefix) = (scratch.path().join("source"), scratch.path().join("prefix"));
    install(&source, &prefix, false);
    let dir = scratch.path().join("workspace");
    let write = |file: &str, text: &str| {
        let file = dir.join(file);
        fs::create_dir_all(file.parent().expect("it has one")).expect("temporary files can be made");
        fs::write(file, text).expect("temporary files can be made");
    };
    write("dune-project", "(lang dune 2.9)\n");
    write("between/dune", "(library (name between) (libraries vclock) (flags (:standard -w -a)))\n");
    write(
        "between/between.ml",
        "module Now = struct include Now let days () = hours () / 24 end let zone () = Now.Zone.name ()\n",
    );
    write("own/dune", "(library (name own) (implements vclock) (flags (:standard -w -a)))\n");
    write(
        "own/now.ml",
        "let hours () = Bytes.length Bytes.empty let minutes = hours module Zone = struct let name = Src.name end\n",
    );
    write("own/src.ml", "let name () = Option.get (Some \"own\")\n");
    let mut text = String::new();
    for (program, libraries) in [
        ("default", "between"),
        ("fast", "between vclock.fast"),
        ("fixed", "vclock.fixed between"),
        ("own", "own between"),
    ] {
        text +=
            &format!("(executable (name main_{program}) (modules main_{program}) (libraries {libraries}))\n");
        let program = format!("bin/main_{program}.ml");
        write(&program, "let () = print_int (Between.Now.days ()); print_string (Between.zone ())\n");
    }
    write("bin/dune", &text);
    let path = prefix.join("lib").to_string_lossy().into_owned();
    let line = ["dune", "build", "--root", ".", "--profile", "release"].map(str::to_owned);
    let line = [format!("OCAMLPATH={path}")].into_iter().chain(line);
    run_in(&dir, "env", line).expect("it is built");
    let names = ["bin/main_default", "bin/main_fast", "bin/main_fixed", "bin/main_own"];
    let built = dir.join("_build/default");
    for more in [&[][..], &["--sources-only"]] {
        let arguments = [&["--ocamlpath", &path, "--dune-profile", "release"], more].concat();
        compare(&dir, &arguments, &built, &names);
    }
    // As in a fresh clone.
    let clone = scratch.path().join("clone");
    copy_tree(&dir, &clone).expect("temporary files can be made");
    let audit = ["--ocamlpath", &path, "--dune-profile", "release"];
    compare(&clone, &audit, &built, &names);
}
