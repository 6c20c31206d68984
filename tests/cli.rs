//! The command from outside: arguments, exit status, what goes to which stream, and bad input.
//!
//! The standard library and the packages of these tests are small sources of their own in a temporary directory, so nothing
//! has to be installed.

mod support;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use support::small::{Dir, Ran, linked};

#[test]
fn a_program_of_one_file_links_what_it_names() {
    let dir = Dir::new("one", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let ran = dir.run(&["audit", "main.ml", "-p", "lists", "--format", "json"]);
    let json = ran.expect(0).json();
    let mut units = linked(&json);
    units.sort_unstable();
    let expected = [
        "CamlinternalAtomic",
        "CamlinternalFormatBasics",
        "Helper",
        "Lists",
        "Main",
        "Std_exit",
        "Stdlib",
        "Stdlib__List",
        "Stdlib__Set",
    ];
    assert_eq!(units, expected);
    assert_eq!(json["schema"], 1);
    let text = dir.run(&["audit", "main.ml", "-p", "lists"]);
    assert!(text.expect(0).out.starts_with("Program main\n  size "), "{}", text.out);
    assert!(text.out.contains("9 linked: 1 own"), "{}", text.out);
    assert!(!text.out.contains('\x1b'), "no colour into a pipe");
}

#[test]
fn the_empty_program_links_five_units() {
    let dir = Dir::new("empty", &[("main.ml", "")]);
    let json = dir.run(&["audit", "main.ml", "--format", "json"]).expect(0).json();
    assert_eq!(
        linked(&json),
        ["CamlinternalAtomic", "CamlinternalFormatBasics", "Stdlib", "Main", "Std_exit"]
    );
}

#[test]
fn threads_do_not_change_the_result() {
    let dir = Dir::new("threads", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let args = |jobs| ["audit", "main.ml", "-p", "lists", "--format", "json", "--jobs", jobs];
    assert_eq!(dir.run(&args("1")).expect(0).out, dir.run(&args("4")).expect(0).out);
}

#[test]
fn a_profile_of_dune_given_for_a_kind_of_executable_is_told_apart() {
    let dir = Dir::new("profile", &[("main.ml", "")]);
    let ran = dir.run(&["audit", "main.ml", "--profile", "release"]);
    assert!(ran.expect(2).err.contains("`--dune-profile release`"), "{}", ran.err);
    let ran = dir.run(&["audit", "main.ml", "--profile", "elf"]);
    assert!(!ran.expect(2).err.contains("--dune-profile"), "{}", ran.err);
}

#[test]
fn what_does_not_exist_is_said_with_a_way_out() {
    let dir = Dir::new("nothing", &[("main.ml", ""), ("notes.txt", "")]);
    for (args, what) in [
        (&["audit", "nope.ml"][..], "`nope.ml` does not exist"),
        (&["audit", "notes.txt"], "`notes.txt` is no OCaml source"),
        (&["audit", "main.ml", "ocaml"], "`ocaml` is a directory among several paths"),
        (&["audit", "main.ml", "--exe", "other"], "no executable here is named `other`"),
        (&["why", "Nope", "main.ml"], "no unit here is named `Nope`"),
        (&["why", "Main.nope", "main.ml"], "Main has no definition `nope`"),
        (&["audit", "main.ml", "-o", "no/such/dir/out"], "cannot write `no/such/dir/out`"),
    ] {
        let ran = dir.run(args);
        ran.expect(2);
        assert!(ran.out.is_empty(), "{args:?} wrote to standard output: {}", ran.out);
        assert!(
            ran.err.contains(&format!("error: {what}")) && ran.err.contains("help: "),
            "{args:?}: {}",
            ran.err
        );
    }
    dir.run(&["audit", "--no-such-option"]).expect(2);
}

#[test]
fn a_missing_package_is_reported_and_the_rest_is_analysed() {
    let dir = Dir::new("missing", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let ran = dir.run(&["audit", "main.ml", "-p", "lists,nowhere", "--format", "json", "--quiet"]);
    let json = ran.expect(2).json();
    assert!(linked(&json).contains(&"Lists"));
    assert_eq!(json["problems"][0]["code"], "missing-package");
    assert!(ran.err.contains("nowhere") && ran.err.contains("help: "), "also on standard error: {}", ran.err);
}

#[test]
fn a_file_that_does_not_parse_gives_what_is_sound_and_a_place() {
    let dir = Dir::new("syntax", &[("main.ml", "let a = Lists.sum [1]\nlet = = (\nlet b = 1\n")]);
    let ran = dir.run(&["audit", "main.ml", "-p", "lists", "--format", "json"]);
    let json = ran.expect(0).json();
    assert!(linked(&json).contains(&"Lists"), "what stands before the error counts");
    let problem = json["problems"].as_array().expect("a list").iter().find(|p| p["code"] == "syntax");
    let problem = problem.unwrap_or_else(|| panic!("no syntax problem: {}", ran.out));
    assert_eq!((&problem["file"], &problem["line"]), (&"main.ml".into(), &2.into()));
}

#[test]
fn a_file_that_is_not_utf_8_is_analysed() {
    let dir = Dir::new("latin1", &[]);
    dir.write("main.ml", b"(* caf\xe9 *)\nlet s = \"\xe9\"\nlet () = Lists.sum [1]\n");
    let json = dir.run(&["audit", "main.ml", "-p", "lists", "--format", "json"]).expect(0).json();
    assert!(linked(&json).contains(&"Lists"));
}

#[cfg(unix)]
#[test]
fn a_module_that_cannot_be_read_is_a_problem() {
    let dir = Dir::new("unreadable", &[("main.ml", "let () = Part.go ()\n")]);
    std::os::unix::fs::symlink(dir.0.join("away.ml"), dir.0.join("part.ml")).expect("links can be made");
    let ran = dir.run(&["audit", "main.ml", "--format", "json"]);
    let json = ran.expect(0).json();
    let problems = json["problems"].as_array().expect("a list");
    assert!(!problems.is_empty(), "the module is gone, and nobody says so: {}", ran.out);
}

#[test]
fn modules_in_a_circle_end() {
    let dir = Dir::new(
        "circle",
        &[("main.ml", "let x = A.x\n"), ("a.ml", "let x = B.x\n"), ("b.ml", "let x = A.x\n")],
    );
    let json = dir.run(&["audit", "main.ml", "--format", "json"]).expect(0).json();
    assert!(linked(&json).contains(&"A") && linked(&json).contains(&"B"));
}

/// A workspace of two programs over one library.
const WORKSPACE: &[(&str, &str)] = &[
    ("w/dune-project", "(lang dune 2.0)\n"),
    ("w/lib/dune", "(library (name shop))\n"),
    ("w/lib/price.ml", "let total = List.length\n"),
    ("w/lib/label.ml", "let none = Set.empty\n"),
    ("w/bin/dune", "(executables (names sell show) (libraries shop))\n"),
    ("w/bin/sell.ml", "let () = ignore Shop.Price.total\n"),
    ("w/bin/show.ml", "let () = ignore Shop.Label.none\n"),
];

#[test]
fn a_workspace_has_all_its_programs() {
    let dir = Dir::new("workspace", WORKSPACE);
    let ran = dir.run(&["audit", "w", "--format", "json"]);
    let json = ran.expect(0).json();
    let names: Vec<&Value> =
        json["programs"].as_array().expect("a list").iter().map(|program| &program["name"]).collect();
    assert_eq!(names, ["bin/sell", "bin/show"]);
    assert!(linked(&json).contains(&"Shop__Price") && !linked(&json).contains(&"Shop__Label"), "{}", ran.out);
    let text = dir.run(&["audit", "w"]);
    assert!(text.expect(0).out.starts_with("Programs\n"), "{}", text.out);
    for name in ["bin/show", "show", "show.exe"] {
        let one = dir.run(&["audit", "w", "--exe", name, "--format", "json"]).expect(0).json();
        assert_eq!(one["programs"].as_array().map(Vec::len), Some(1), "{name}");
        assert!(linked(&one).contains(&"Shop__Label"));
    }
    let other = dir.run(&["audit", "w", "--exe", "buy"]);
    assert!(other.expect(2).err.contains("there are: bin/sell, bin/show"), "{}", other.err);
}

#[test]
fn a_directory_without_a_project_is_said() {
    let dir = Dir::new("no-project", &[("empty/notes.txt", "")]);
    // `verify` works in a copy, which nobody has heard of.
    for words in [&["audit", "empty"][..], &["verify", "-C", "empty"]] {
        let ran = dir.run(words);
        assert!(
            ran.expect(2).err.contains("`empty` is no OCaml project") && ran.err.contains("help: "),
            "{}",
            ran.err
        );
    }
}

/// Other commands take what they analyse where these take ids.
#[test]
fn a_directory_in_the_place_of_a_proposal_is_told_from_one() {
    let dir = Dir::new(
        "no-id",
        &[("w/dune-project", "(lang dune 2.0)\n"), ("w/dune", "(executable (name go))\n"), ("w/go.ml", "")],
    );
    for command in ["split", "verify"] {
        let ran = dir.run(&[command, "w"]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains("no proposal `w`") && ran.err.contains("is a directory"), "{}", ran.err);
        assert!(ran.err.contains(&format!("`unlith {command} -C w`")), "{}", ran.err);
        let ran = dir.run(&[command, "w/go.ml", "drop-linkall:w"]);
        assert!(ran.err.contains(&format!("`unlith {command} drop-linkall:w -C w/go.ml`")), "{}", ran.err);
    }
    let ran = dir.run(&["split", "nothing", "-C", "w"]);
    assert!(ran.code == Some(2) && ran.err.contains("without an id"), "{}", ran.err);
}

/// OCaml 5.2 has such names, and dune 3.17 fails where a file seems to need a module that is called so.
#[test]
fn a_module_that_dune_cannot_name_stays_where_it_is_named() {
    let unit = "module Été = struct let one x = ignore x end let small x = Été.one x\n\
                let big x = [Été.one x; Été.one x; Été.one x; Été.one x; Été.one x; Été.one x]\n";
    let dir = Dir::new(
        "not-ascii",
        &[
            ("w/dune-project", "(lang dune 3.0)\n"),
            ("w/lib/dune", "(library (name lib))\n"),
            ("w/lib/other.ml", ""),
            ("w/lib/pa.ml", unit),
            ("w/bin/dune", "(executable (name main) (libraries lib))\n"),
            ("w/bin/main.ml", "let () = Lib.Pa.small 1\n"),
        ],
    );
    let ran = dir.run(&["split", "-C", "w", "--min-saving", "1", "partition-unit:Lib__Pa"]);
    assert!(ran.code == Some(2) && ran.err.contains("`Été` is defined in what moves"), "{}", ran.err);
}

#[test]
fn a_broken_dune_file_costs_what_it_says_and_no_more() {
    let dir = Dir::new("broken-dune", WORKSPACE);
    dir.write("w/other/dune", b"(library\n (name other)\n");
    let ran = dir.run(&["audit", "w", "--format", "json"]);
    let json = ran.expect(0).json();
    assert_eq!(json["programs"].as_array().map(Vec::len), Some(2));
    let problem =
        json["problems"].as_array().expect("a list").iter().find(|p| p["code"] == "broken-build-file");
    let problem = problem.unwrap_or_else(|| panic!("no problem: {}", ran.out));
    assert_eq!(problem["file"], "other/dune");
    assert!(problem["line"].as_u64().is_some() && ran.err.contains("other/dune"), "{}", ran.err);
}

#[test]
fn a_missing_library_of_a_stanza_is_reported() {
    let dir = Dir::new("missing-library", WORKSPACE);
    dir.write("w/bin/dune", b"(executables (names sell show) (libraries shop nowhere))\n");
    let ran = dir.run(&["audit", "w", "--format", "json"]);
    let json = ran.expect(2).json();
    assert!(linked(&json).contains(&"Shop__Price"), "the rest is analysed");
    assert!(ran.err.contains("nowhere") && ran.err.contains("bin/dune:1"), "{}", ran.err);
}

#[test]
fn libraries_in_a_circle_are_reported() {
    let dir = Dir::new("library-circle", WORKSPACE);
    dir.write("w/lib/dune", b"(library (name shop) (libraries till))\n");
    dir.write("w/till/dune", b"(library (name till) (libraries shop))\n");
    dir.write("w/till/till.ml", b"let x = 1\n");
    let ran = dir.run(&["audit", "w", "--format", "json"]);
    assert!(
        ran.json()["problems"].as_array().expect("a list").iter().any(|p| p["code"] == "cycle"),
        "{}",
        ran.out
    );
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let dir = Dir::new("pipe", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let mut child = dir
        .command(&["graph", "main.ml", "-p", "lists", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    drop(child.stdout.take());
    let ran = Ran::new(child.wait_with_output().expect("it ends"));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn a_result_goes_to_a_file_without_colour() {
    let dir = Dir::new("file", &[("main.ml", "")]);
    assert_eq!(dir.run(&["audit", "main.ml", "-o", "out.txt", "--color", "auto"]).expect(0).out, "");
    let text = std::fs::read_to_string(dir.0.join("out.txt")).expect("the report");
    assert!(text.starts_with("Program main\n"));
    assert!(dir.run(&["audit", "main.ml", "--color", "always"]).expect(0).out.contains('\x1b'));
    assert!(!dir.run(&["audit", "main.ml", "--color", "never"]).expect(0).out.contains('\x1b'));
}

#[test]
fn why_shows_each_hop_with_its_place() {
    let dir = Dir::new("why", &[("main.ml", "let () =\n  Lists.sum [1]\n")]);
    let ran = dir.run(&["why", "Set", "main.ml", "-p", "lists"]);
    let out = &ran.expect(0).out;
    assert!(out.starts_with("Stdlib__Set in main\n"), "{out}");
    assert!(out.contains("-> Lists") && out.contains("main.ml:2:2\n"), "{out}");
    assert!(out.contains("-> Helper") && out.contains("lists.ml:2:12\n"), "{out}");
    assert!(out.contains("Main -> Lists (1 reference): ~"), "cutting the only link frees something: {out}");
    let json = dir.run(&["why", "Lists.sum", "main.ml", "-p", "lists", "--format", "json"]).expect(0).json();
    let answer = &json["programs"][0];
    assert_eq!((&answer["definition"], &answer["live"]), (&"Lists.sum".into(), &true.into()));
    assert_eq!(answer["chain"][1]["line"], 2);
    let dead = dir.run(&["why", "Helper", "main.ml", "-p", "lists", "--format", "json"]).expect(0).json();
    assert_eq!(dead["programs"][0]["linked"], true);
}

#[test]
fn why_says_what_goes_without_a_link_and_who_uses_a_unit() {
    let files = [("main.ml", "let () =\n  Lists.sum [1]; Helper.big\n")];
    let dir = Dir::new("why-cut", &files);
    let why = |args: &[&str]| {
        let all = [&["why", "Set", "main.ml", "-p", "lists"], args].concat();
        dir.run(&all)
    };
    let one = why(&["--cut", "Lists:Helper"]);
    assert!(one.expect(0).out.contains("Without Lists -> Helper\n  nothing leaves\n"), "{}", one.out);
    assert!(one.out.contains("Stdlib__Set stays:\n     Main"), "{}", one.out);
    let both = why(&["--cut", "Lists:Helper", "--cut", "Main:Helper"]);
    assert!(both.expect(0).out.contains("in 2 units leave: Stdlib__Set, Helper\n"), "{}", both.out);
    assert!(both.out.contains("Stdlib__Set is no longer linked\n"), "{}", both.out);
    let absent = why(&["--cut", "Main:Set"]);
    assert!(absent.expect(0).out.contains("(there is no such link)"), "{}", absent.out);
    assert!(why(&["--cut", "Main"]).expect(2).err.contains("`Main` is not a link"));

    let json = dir.run(&["why", "Helper", "main.ml", "-p", "lists", "--format", "json"]).expect(0).json();
    let answer = &json["programs"][0];
    assert_eq!(answer["other_chains"][0][1]["name"], "Lists", "Main names Helper itself, and through Lists");
    assert_eq!(answer["chains_complete"], true);
    let users = dir.run(&["why", "Helper.big", "main.ml", "-p", "lists", "--who-uses"]);
    let out = &users.expect(0).out;
    assert!(out.contains("Who refers to it: 2 units\n"), "{out}");
    assert!(out.contains("lists.ml:2:12: Lists.other refers to Helper.big\n"), "{out}");
    assert!(out.contains("main.ml:2:17: Main (effect, line 1) refers to Helper.big\n"), "{out}");
}

#[test]
fn a_picture_shows_what_was_asked_for() {
    let dir = Dir::new("picture", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let picture = |args: &[&str]| {
        let all = [&["graph", "main.ml", "-p", "lists", "--format"], args].concat();
        dir.run(&all)
    };
    let out = picture(&["mermaid", "--reaches", "Set", "--collapse", "lists"]);
    let expected = "flowchart LR
  subgraph l0[\"lists\"]
    u0[\"lists (2 units)\"]
  end
  subgraph l1[\"main\"]
    u1[\"Main\"]
  end
  subgraph l2[\"stdlib\"]
    u2[\"Stdlib__Set\"]
  end
  u0 --> u2
  u1 --> u0
";
    assert_eq!(out.expect(0).out, expected);
    let out = picture(&["dot", "--focus", "Lists"]);
    assert!(out.expect(0).out.contains("\"Main\" -> \"Lists\""), "{}", out.out);
    assert!(!out.out.contains("Stdlib__Set"), "it is two links away: {}", out.out);
    assert!(
        picture(&["dot", "--collapse", "nope"]).expect(2).err.contains("no library here is named `nope`")
    );
    assert!(picture(&["dot", "--focus", "Nope"]).expect(2).err.contains("no unit here is named `Nope`"));
}

#[test]
fn completions_and_manual_pages_know_all_commands() {
    let dir = Dir::new("manual", &[("pages/.keep", "")]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = dir.run(&["completions", shell]);
        assert!(script.expect(0).out.contains("who-uses"), "{shell} completes the options of why");
    }
    let page = dir.run(&["man", "audit"]);
    assert!(page.expect(0).out.contains(".TH unlith-audit 1 "), "{}", page.out);
    assert!(page.out.contains("what is waste"), "{}", page.out);
    dir.run(&["man", "--dir", "pages"]).expect(0);
    let audit = std::fs::read_to_string(dir.0.join("pages/unlith-audit.1")).expect("a page for each command");
    assert_eq!(audit, page.out);
    assert!(dir.run(&["man", "nope"]).expect(2).err.contains("there is no command `nope`"));
    assert!(dir.run(&["man", "--dir", "absent"]).expect(2).err.contains("cannot write absent"));
}

#[test]
fn two_builds_are_compared_and_new_references_named() {
    let dir = Dir::new("diff", &[("old.ml", "let () = ignore 1\n"), ("new.ml", "let () = Lists.sum [1]\n")]);
    let out = dir.run(&["diff", "old.ml", "new.ml", "-p", "lists"]);
    assert!(out.expect(0).out.contains("Stdlib__List"), "{}", out.out);
    for (source, report) in [("old.ml", "old.json"), ("new.ml", "new.json")] {
        let args = ["audit", source, "-p", "lists", "--format", "json", "--definitions", "-o", report];
        dir.run(&args).expect(0);
    }
    let json = dir.run(&["diff", "old.json", "new.json", "--format", "json"]).expect(0).json();
    let program = &json["programs"][0];
    assert!(program["alloc"]["after"].as_u64() > program["alloc"]["before"].as_u64());
    let brought = &program["new_references"][0];
    assert_eq!(brought["reference"], "new.ml:1:9: New (effect, line 1) refers to Lists.sum");
    assert_eq!(brought["units"], serde_json::json!(["Helper", "Lists", "Stdlib__List", "Stdlib__Set"]));
    let markdown = dir.run(&["diff", "old.json", "new.json", "--format", "markdown"]);
    assert!(markdown.expect(0).out.contains("| `Lists` | - | "), "{}", markdown.out);
    let same = dir.run(&["diff", "new.json", "new.json"]);
    assert!(same.expect(0).out.contains("no difference"), "{}", same.out);
    assert!(dir.run(&["diff", "old.json"]).expect(2).err.contains("two sides are compared"));
    assert!(dir.run(&["diff", "old.ml", "absent.json"]).expect(2).err.contains("cannot read `absent.json`"));
    dir.write("broken.json", b"{");
    assert!(
        dir.run(&["diff", "broken.json", "new.json"]).expect(2).err.contains("neither an executable nor")
    );
}

#[test]
fn a_workspace_is_compared_with_a_revision_of_it() {
    let files = [
        ("ws/dune-project", "(lang dune 2.9)\n"),
        ("ws/dune", "(executable (name main) (libraries lists))\n"),
        ("ws/main.ml", "let () = ignore 1\nlet go x = x\n"),
    ];
    let dir = Dir::new("revision", &files);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(dir.0.join("ws")).args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
        let output = command.args(args).stdin(Stdio::null()).output().expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "one"]);
    dir.write("ws/main.ml", b"let () = ignore 1\nlet go x = Lists.sum x\n");
    dir.write("ws/_build/default/main.ml", b"let () = Nonsense.here\n");
    let json = dir.run(&["diff", "--rev", "HEAD", "ws", "--format", "json"]).expect(0).json();
    let brought = &json["programs"][0]["new_references"][0];
    assert_eq!(brought["reference"], "main.ml:2:11: Dune__exe__Main.go refers to Lists.sum");
    git(&["commit", "-q", "-a", "-m", "two"]);
    let two = dir.run(&["diff", "--rev", "HEAD~1", "--rev", "HEAD", "ws", "--format", "markdown"]);
    assert!(
        two.expect(0).out.contains("`main.ml:2:11: Dune__exe__Main.go refers to Lists.sum` brings"),
        "{}",
        two.out
    );
    assert!(dir.run(&["diff", "--rev", "nope", "ws"]).expect(2).err.contains("`nope` is no revision"));
    assert!(dir.run(&["diff", "--rev=--output=x", "ws"]).expect(2).err.contains("is no revision"));
}

#[test]
fn revisions_are_whole_and_are_asked_what_is_asked_today() {
    let files = [
        ("ws/dune-project", "(lang dune 2.9)\n"),
        ("ws/.gitattributes", "/kit/extra.ml export-ignore\n"),
        ("ws/kit/dune", "(library (name kit))\n"),
        ("ws/kit/part.ml", "let go = Extra.all\n"),
        ("ws/kit/extra.ml", "let all = Set.empty\n"),
        ("ws/bin/dune", "(executables (names main other) (libraries kit))\n"),
        ("ws/bin/main.ml", "let () = ignore Kit.Part.go\n"),
        ("ws/bin/other.ml", "let () = ignore Kit.Part.go\n"),
    ];
    let dir = Dir::new("revision-whole", &files);
    assert!(
        dir.git("ws", &["init", "-q"])
            && dir.git("ws", &["add", "."])
            && dir.git("ws", &["commit", "-q", "-m", "one"])
    );
    #[cfg(unix)]
    std::os::unix::fs::symlink("ws/bin", dir.0.join("link")).expect("a link");
    #[cfg(unix)]
    assert!(dir.run(&["audit", "link"]).expect(0).out.contains("bin/other"));
    for path in ["ws", "ws/bin", "ws/bin/../kit/../bin"] {
        let same = dir.run(&["diff", "--rev", "HEAD", path]);
        let shown = "HEAD -> the files as they are\n\nProgram bin/main\n  no difference\n\nProgram bin/other\n  no difference\n";
        assert_eq!(same.expect(0).out, shown, "{path}");
    }
    // Settings that came since hold for both sides.
    dir.write("ws/unlith.toml", b"[analysis]\nexes = [\"main\"]\n");
    let one = dir.run(&["diff", "--rev", "HEAD", "ws"]);
    assert_eq!(one.expect(0).out, "HEAD -> the files as they are\n\nProgram bin/main\n  no difference\n");
    assert!(dir.git("ws", &["status", "--porcelain"]));
    dir.write("ws/new/dune", b"(executable (name late))\n");
    dir.write("ws/new/late.ml", b"let () = ignore 1\n");
    let late = dir.run(&["diff", "--rev", "HEAD", "ws/new"]);
    assert!(late.expect(2).err.contains("there is no directory `new` in HEAD"), "{}", late.err);
}

#[test]
fn what_comes_without_a_reference_is_told_by_what_keeps_it() {
    let files = [
        ("ws/dune-project", "(lang dune 2.9)\n"),
        ("ws/kit/dune", "(library (name kit) (library_flags (-linkall)))\n"),
        ("ws/kit/plug.ml", "let go = Set.empty\n"),
        ("ws/bin/dune", "(executable (name main))\n"),
        ("ws/bin/main.ml", "let () = ignore 1\n"),
    ];
    let dir = Dir::new("revision-linkall", &files);
    assert!(
        dir.git("ws", &["init", "-q"])
            && dir.git("ws", &["add", "."])
            && dir.git("ws", &["commit", "-q", "-m", "one"])
    );
    dir.write("ws/bin/dune", b"(executable (name main) (libraries kit))\n");
    let json = dir.run(&["diff", "--rev", "HEAD", "ws", "--format", "json"]).expect(0).json();
    let brought = json["programs"][0]["new_references"].as_array().expect("a list");
    let [one] = brought.as_slice() else { panic!("{brought:?}") };
    assert_eq!(one["reference"], "kit: -linkall keeps its units, whoever refers to them");
    let units: Vec<&str> =
        one["units"].as_array().expect("a list").iter().filter_map(|unit| unit.as_str()).collect();
    assert_eq!(units, ["Kit", "Kit__Plug", "Stdlib__Set"]);
}

#[test]
fn levers_stand_side_by_side() {
    let dir = Dir::new("levers", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let json = dir.run(&["levers", "main.ml", "-p", "lists", "--format", "json"]).expect(0).json();
    let levers = json["programs"][0]["levers"].as_array().expect("a list");
    let file = |id: &str| levers.iter().find(|lever| lever["id"] == id).expect("a lever")["file"].as_u64();
    assert!(file("strip") < file("none") && file("no-pie") <= file("strip"));
    assert!(file("fixed") <= file("no-pie") && file("bound") <= file("strip"));
    assert!(file("strip-debug") <= file("none") && file("no-g-all") <= file("no-g"));
    let text = dir.run(&["levers", "main.ml", "-p", "lists"]);
    assert!(text.expect(0).out.contains("-ccopt -no-pie"), "{}", text.out);
    assert!(
        dir.run(&["levers", "main.ml", "--exe-file", "main.ml"]).expect(2).err.contains("cannot read the")
    );
    assert!(
        dir.run(&["levers", "main.ml", "--profile", "static"]).expect(2).err.contains("leave --profile out")
    );
}

#[test]
fn the_graph_is_one_document_per_unit() {
    let dir = Dir::new("graph", &[("main.ml", "let () = Lists.sum [1]\nlet go x = x\n")]);
    let ran = dir.run(&["graph", "main.ml", "-p", "lists"]);
    let docs: Vec<Value> =
        ran.expect(0).out.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    assert_eq!(docs.len(), 9);
    let main = docs.iter().find(|doc| doc["unit"] == "Main").expect("the main module");
    assert_eq!(main["links"], serde_json::json!(["Lists"]));
    assert_eq!((&main["refs"][0]["unit"], &main["refs"][0]["path"]), (&"Lists".into(), &"sum".into()));
    assert_eq!((&main["defs"][0]["path"], &main["defs"][0]["start"]), (&"go".into(), &2.into()));
    let units = dir.run(&["graph", "main.ml", "-p", "lists", "--level", "unit"]);
    assert!(units.expect(0).out.lines().all(|line| !line.contains("\"refs\"")));
    let packages = dir.run(&["graph", "-p", "lists"]);
    assert_eq!(
        packages.expect(0).out.lines().count(),
        2,
        "all units of the package and no others: {}",
        packages.out
    );
    let dot = dir.run(&["graph", "main.ml", "-p", "lists", "--format", "dot"]);
    assert!(dot.expect(0).out.contains("\"Main\" -> \"Lists\";"), "{}", dot.out);
}

#[test]
fn stats_counts_and_compares() {
    let dir = Dir::new("stats", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let json =
        dir.run(&["stats", "main.ml", "-p", "lists", "--compare-parse", "--format", "json"]).expect(0).json();
    let count = |name: &str| {
        let counts = json["counts"].as_array().expect("a list").iter();
        counts
            .clone()
            .find(|c| c["name"] == name)
            .and_then(|c| c["count"].as_u64())
            .unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!((count("programs"), count("linked units")), (1, 9));
    assert!(count("bytes read") > 100 && count("edges") > 3);
    assert!(json["bare_parse"]["ratio"].as_f64().expect("a ratio") > 0.0);
    let text = dir.run(&["stats", "main.ml", "-p", "lists"]);
    assert!(text.expect(0).out.contains("parse, resolve, graph"), "{}", text.out);
    let files = dir.run(&["stats", "--files", "main.ml", "-p", "lists"]);
    assert!(files.expect(0).out.lines().any(|path| path.ends_with("/main.ml")), "{}", files.out);
}

#[test]
fn help_has_examples_and_lists_only_what_works() {
    let dir = Dir::new("help", &[]);
    let out = dir.run(&["--help"]).expect(0).out.clone();
    for command in [
        "audit", "why", "split", "verify", "levers", "check", "library", "lsp", "diff", "graph", "stats",
        "cache", "man",
    ] {
        assert!(out.contains(&format!("\n  {command} ")), "{out}");
        assert!(dir.run(&[command, "--help"]).expect(0).out.contains("Examples:"), "{command}");
    }
    assert!(Path::new(env!("CARGO_BIN_EXE_unlith")).exists());
}

/// It has the symbols of its runtime at most, so that it was said to be stripped.
#[test]
fn a_bytecode_program_is_told_from_a_stripped_one() {
    let dir = Dir::new("bytecode-diff", &[]);
    let bytes = b"\x7fELF a runtime CCCCCODE\0\0\0\x04\0\0\0\x01Caml1999X030";
    dir.write("go.bc", bytes);
    let ran = dir.run(&["diff", "go.bc", "go.bc"]);
    ran.expect(2);
    assert!(
        ran.err.contains("`go.bc` is a bytecode program, whose units cannot be told apart"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("--profile bytecode"), "{}", ran.err);
}
