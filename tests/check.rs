//! `unlith check`: settings, findings and exit status, from outside.

mod support;

use serde_json::Value;
use support::small::{Dir, Ran};

/// A workspace of two programs over a library that is kept whole.
const WORKSPACE: &[(&str, &str)] = &[
    ("w/dune-project", "(lang dune 2.0)\n"),
    ("w/kit/dune", "(library (name kit) (library_flags (-linkall)))\n"),
    ("w/kit/plug.ml", "let go x = x\n"),
    ("w/kit/used.ml", "let all = Set.empty\n"),
    ("w/bin/dune", "(executables (names sell show) (libraries kit))\n"),
    ("w/bin/sell.ml", "let () =\n  ignore Kit.Used.all\n"),
    ("w/bin/show.ml", "let () = ignore 1\n"),
];

/// Checks the workspace by these settings.
fn check(dir: &Dir, settings: &str, args: &[&str]) -> Ran {
    dir.write("w/unlith.toml", settings.as_bytes());
    dir.run(&[&["check", "w"], args].concat())
}

/// The findings of one program, as rule and subject.
fn found(json: &Value, program: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings = json["findings"].as_array().expect("a list").iter();
    let of_program =
        findings.filter(|finding| finding["program"] == program && finding["accepted"].is_null());
    of_program.map(|finding| (text(&finding["rule"]), text(&finding["subject"]))).collect()
}

#[test]
fn a_limit_may_be_reached_and_not_exceeded() {
    let dir = Dir::new("check-budget", WORKSPACE);
    let audit = dir.run(&["audit", "w", "--exe", "sell", "--format", "json"]).expect(0).json();
    let size = &audit["programs"][0]["size"];
    let units = audit["programs"][0]["linked_units"].as_array().expect("a list");
    let kit = units.iter().filter(|unit| unit["library"] == "kit");
    let kit: u64 = kit.map(|unit| unit["bytes"]["total"].as_u64().expect("bytes")).sum();
    let settings = |less: u64| {
        let figure = |name: &str| size[name].as_u64().expect("bytes") - less;
        format!(
            "[[check.budget]]\nexes = [\"bin/sell\"]\nalloc = {}\nstripped = {}\nunstripped = {}\nlibraries = {{ kit = {} }}\n",
            figure("alloc"),
            figure("stripped"),
            figure("unstripped"),
            kit - less
        )
    };
    assert!(check(&dir, &settings(0), &[]).expect(0).out.ends_with("2 programs: nothing found\n"));
    let json = check(&dir, &settings(1), &["--format", "json"]).expect(1).json();
    let subjects: Vec<String> = found(&json, "bin/sell").into_iter().map(|(_, subject)| subject).collect();
    assert_eq!(subjects, ["alloc", "stripped", "unstripped", "library kit"]);
    assert_eq!(found(&json, "bin/show"), []);
    let finding = &json["findings"][3];
    assert_eq!((&finding["bytes"], &finding["limit"]), (&kit.into(), &(kit - 1).into()));
    assert_eq!((&finding["file"], &finding["line"]), (&"unlith.toml".into(), &6.into()));
}

#[test]
fn what_must_be_absent_is_shown_with_what_brings_it() {
    let dir = Dir::new("check-absent", WORKSPACE);
    dir.write("w/kit/dune", b"(library (name kit))\n");
    let settings = "[check]\nabsent = [\n  \"Set\",\n  { name = \"kit\", reason = \"too large\", exes = [\"sell\"] },\n  \"Unix\",\n]\n";
    let json = check(&dir, settings, &["--exe", "sell", "--format", "json"]).expect(1).json();
    let absent = |name: &str| ("absent".to_owned(), name.to_owned());
    assert_eq!(found(&json, "bin/sell"), [absent("Stdlib__Set"), absent("kit")]);
    let set = &json["findings"][0];
    let hops: Vec<&Value> =
        set["chain"].as_array().expect("a chain").iter().map(|hop| &hop["name"]).collect();
    assert_eq!(hops, ["Dune__exe__Sell", "Kit__Used", "Stdlib__Set"]);
    assert_eq!((&set["file"], &set["line"], &set["agreed"]), (&"kit/used.ml".into(), &1.into(), &3.into()));
    let text = check(&dir, settings, &["--exe", "sell"]);
    assert!(text.expect(1).out.contains("-> Kit__Used"), "{}", text.out);
    assert!(text.out.contains("and must be absent: too large"), "{}", text.out);
    assert!(text.out.contains("agreed in unlith.toml:4"), "{}", text.out);
}

#[test]
fn forced_units_are_forbidden_or_allowed_by_name() {
    let dir = Dir::new("check-forced", WORKSPACE);
    let subjects = |settings: &str, code: i32| {
        let ran = check(&dir, settings, &["--format", "json"]);
        (found(&ran.expect(code).json(), "bin/sell"), ran.json())
    };
    let (found, json) = subjects("[check]\nforced = \"forbid\"\n", 1);
    assert_eq!(found, [("forced".to_owned(), "kit".to_owned())]);
    let finding = &json["findings"][0];
    assert_eq!((&finding["file"], &finding["line"]), (&"kit/dune".into(), &1.into()));
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("2 of them")), "{finding}");
    let (found, json) =
        subjects("[check.forced]\ndefault = \"forbid\"\nallow = [\"Kit__Plug\", \"Kit\"]\n", 1);
    assert_eq!(found.len(), 1, "another unit of the library is not allowed: {json}");
    assert_eq!(json["findings"][0]["units"], serde_json::json!(["Kit__Used"]));
    assert_eq!(subjects("[check.forced]\ndefault = \"forbid\"\nallow = [\"kit\"]\n", 0).0, []);
    assert_eq!(subjects("[check.forced]\nforbid = [\"Kit.Plug\"]\n", 1).0.len(), 1);
    assert_eq!(subjects("[check.forced]\n", 0).0, []);
}

#[test]
fn levels_decide_what_fails() {
    let dir = Dir::new("check-level", WORKSPACE);
    let settings =
        |level: &str| format!("[check]\nabsent = [\"Set\"]\nseverity = {{ absent = \"{level}\" }}\n");
    check(&dir, &settings("error"), &[]).expect(1);
    let warned = check(&dir, &settings("warning"), &[]);
    assert!(warned.expect(0).out.contains("warning[absent] bin/sell"), "{}", warned.out);
    check(&dir, &settings("warning"), &["--strict"]).expect(1);
    check(&dir, &settings("note"), &["--strict"]).expect(0);
    let off = check(&dir, &settings("off"), &[]);
    assert!(off.expect(0).out.ends_with("nothing found\n"), "{}", off.out);
}

#[test]
fn settings_that_concern_nothing_are_told() {
    let dir = Dir::new("check-unmatched", WORKSPACE);
    let settings =
        "[[check.budget]]\nexes = [\"bin/sel\"]\nalloc = 1\n[check.forced]\nallow = [\"Stdlib\"]\n";
    let ran = check(&dir, settings, &[]);
    assert!(
        ran.expect(0).out.contains("no executable is named `bin/sel`; there are: bin/sell, bin/show"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("`Stdlib` may be forced, and is not"), "{}", ran.out);
    let one = check(&dir, settings, &["--exe", "show"]);
    assert!(one.expect(0).out.contains("nothing found"), "not all programs were looked at: {}", one.out);
}

#[test]
fn mistakes_in_the_settings_stop_every_command() {
    let dir = Dir::new("check-mistakes", WORKSPACE);
    let ran = check(&dir, "[check]\nabsnt = [\"Unix\"]\n", &[]);
    assert!(ran.expect(2).err.contains("w/unlith.toml:2:1: there is no setting `absnt` here"), "{}", ran.err);
    assert!(ran.err.contains("did you mean `absent`?") && ran.out.is_empty(), "{}", ran.err);
    assert!(dir.run(&["audit", "w"]).expect(2).err.contains("absnt"));
    dir.run(&["audit", "w", "--no-config"]).expect(0);
    let two = check(&dir, "[check]\nabsnt = []\nbuget = []\n", &[]);
    assert!(two.expect(2).err.contains("there are 2 mistakes"), "{}", two.err);
    assert!(
        dir.run(&["check", "w", "--config", "none.toml"]).expect(2).err.contains("cannot read the settings")
    );
}

#[test]
fn settings_are_found_upwards_and_stand_for_options() {
    let dir = Dir::new("check-upwards", &[("a/b/main.ml", "let () = Lists.sum [1]\n"), ("a/other.toml", "")]);
    assert!(dir.run(&["check", "a/b/main.ml"]).expect(2).err.contains("nothing was agreed"));
    dir.write(
        "a/unlith.toml",
        b"[analysis]\npackages = [\"lists\"]\nprofile = \"bytecode\"\n[check]\nabsent = [\"Helper\"]\n",
    );
    assert!(dir.run(&["check", "a/b/main.ml"]).expect(1).out.contains("Helper is linked"));
    let audit = dir.run(&["audit", "a/b/main.ml", "--format", "json"]).expect(0).json();
    assert_eq!(audit["programs"][0]["profile"], "bytecode");
    let native = dir.run(&["audit", "a/b/main.ml", "--profile", "pie", "--format", "json"]).expect(0).json();
    assert_eq!(native["programs"][0]["profile"], "pie", "an option that is given counts");
    let other = dir.run(&["check", "a/b/main.ml", "--config", "a/other.toml"]);
    assert!(other.expect(0).out.contains("nothing found"), "{}", other.out);
}

#[test]
fn the_settings_that_hold_can_be_printed_and_read_again() {
    let dir = Dir::new("check-print", WORKSPACE);
    let settings =
        "[check]\nabsent = [\"Unix\"]\nmin-saving = \"7 kB\"\n[check.severity]\nbudget = \"note\"\n";
    let printed = check(&dir, settings, &["--print-config", "--profile", "static"]);
    let text = printed.expect(0).out.clone();
    assert!(text.starts_with("# from w/unlith.toml"), "{text}");
    for line in [
        "profile = \"static\"",
        "min-saving = 7000",
        "budget = \"note\"",
        "absent = \"error\"",
        "name = \"Unix\"",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let again = check(&dir, &text, &["--print-config"]);
    assert_eq!(again.expect(0).out, text);
}

#[test]
fn what_the_baseline_knows_does_not_count_until_it_grows() {
    let dir = Dir::new("check-baseline", WORKSPACE);
    let settings = "[check]\nbaseline = \"known.json\"\nabsent = [\"Set\"]\n[[check.budget]]\nexes = [\"show\"]\nalloc = 1000\n";
    assert!(check(&dir, settings, &[]).expect(2).err.contains("cannot read the baseline `w/known.json`"));
    let written = check(&dir, settings, &["--write-baseline"]);
    assert!(written.expect(0).out.ends_with("nothing found; 3 known, in the baseline\n"), "{}", written.out);
    let text = std::fs::read_to_string(dir.0.join("w/known.json")).expect("a baseline");
    assert_eq!(text.lines().filter(|line| line.contains("\"rule\"")).count(), 3, "a line each: {text}");
    check(&dir, settings, &[]).expect(0);
    let all = check(&dir, settings, &["--no-baseline", "--format", "json"]).expect(1).json();
    assert_eq!(found(&all, "bin/show").len(), 2, "the library is kept whole in both");

    dir.write("w/bin/show.ml", b"let () = ignore (List.length [1; 2; 3])\nlet f x y = x + y\n");
    let grown = check(&dir, settings, &[]);
    assert!(grown.expect(1).out.contains("more than the baseline knows"), "{}", grown.out);
    assert!(grown.out.ends_with("1 error; 2 known, in the baseline\n"), "{}", grown.out);

    dir.write("w/bin/show.ml", b"let () = ignore 1\n");
    dir.write("w/kit/used.ml", b"let all = []\n");
    let stale = check(&dir, settings, &[]);
    assert!(stale.expect(0).out.contains("warning[stale-baseline]"), "{}", stale.out);
    assert!(stale.out.contains("the baseline knows `absent Stdlib__Set`, which is gone"), "{}", stale.out);
    let one = check(&dir, settings, &["--exe", "sell"]);
    assert_eq!(
        one.expect(0).out.matches("warning[stale-baseline]").count(),
        1,
        "of what was checked: {}",
        one.out
    );
    let part = check(&dir, settings, &["--exe", "sell", "--write-baseline"]);
    assert!(part.expect(0).out.contains("nothing found"), "{}", part.out);
    let text = std::fs::read_to_string(dir.0.join("w/known.json")).expect("a baseline");
    assert!(text.contains("bin/show") && !text.contains("bin/sell"), "the other program stays known: {text}");
    dir.write("w/known.json", b"{\"schema\": 1, \"findngs\": []}");
    assert!(check(&dir, settings, &[]).expect(2).err.contains("is no baseline: unknown field `findngs`"));
}

#[test]
fn below_the_root_only_programs_there_are_judged() {
    let dir = Dir::new("check-below", WORKSPACE);
    dir.write("w/tool/dune", b"(executable (name other) (libraries kit))\n");
    dir.write("w/tool/other.ml", b"let () = ignore 1\n");
    let settings = "[check]\nbaseline = \"known.json\"\nabsent = [\"Set\"]\n[[check.budget]]\nexes = [\"tool/other\"]\nalloc = 1000\n";
    check(&dir, settings, &["--write-baseline"]).expect(0);
    let whole = std::fs::read_to_string(dir.0.join("w/known.json")).expect("a baseline");
    assert!(whole.contains("tool/other"), "{whole}");
    let below = dir.run(&["check", "w/bin"]);
    assert!(
        below.expect(0).out.ends_with("2 programs: nothing found; 2 known, in the baseline\n"),
        "{}",
        below.out
    );
    dir.run(&["check", "w/bin", "--write-baseline"]).expect(0);
    assert_eq!(std::fs::read_to_string(dir.0.join("w/known.json")).expect("a baseline"), whole);
}

#[test]
fn a_reference_may_be_allowed_for_a_reason() {
    let dir = Dir::new(
        "check-allow",
        &[("packages/lists/META", "version = \"1\"\narchive(native) = \"lists.cmxa\"\n")],
    );
    let settings = "[analysis]\npackages = [\"lists\"]\n[check]\nabsent = [\"Helper\"]\n";
    dir.write("unlith.toml", settings.as_bytes());
    let main = |text: &str| {
        dir.write("main.ml", text.as_bytes());
        dir.run(&["check", "main.ml", "--format", "json"])
    };
    let counted = |ran: &Ran| found(&ran.json(), "main").len();
    assert_eq!(counted(main("let () = Helper.big\n").expect(1)), 1);
    let allowed = main("(* unlith: allow absent Helper: it is ours *)\nlet () =\n  Helper.big\n");
    assert_eq!(counted(allowed.expect(0)), 0);
    let accepted = &allowed.json()["findings"][0]["accepted"];
    assert_eq!((&accepted["by"], &accepted["reason"]), (&"source".into(), &"it is ours".into()));
    assert_eq!((&accepted["file"], &accepted["line"]), (&"main.ml".into(), &1.into()));
    for text in [
        "let () = Helper.big [@@unlith.allow \"absent: it is ours\"]\n",
        "let () = (Helper.big [@unlith.allow \"absent Helper: it is ours\"])\n",
        "[@@@unlith.allow \"absent: it is ours\"]\nlet () = Helper.big\nlet x = Helper.big\n",
        "let () = Helper.big (* unlith: allow absent: it is ours *)\n",
    ] {
        assert_eq!(counted(main(text).expect(0)), 0, "{text}");
    }
    // One of two references is not all, and another way in is found.
    let half = main("(* unlith: allow absent: one *)\nlet () = Helper.big\nlet y = Helper.big\n");
    assert_eq!(counted(half.expect(1)), 1, "{}", half.out);
    let other = main("(* unlith: allow absent: one *)\nlet () = Helper.big\nlet y = Lists.other\n");
    let chain = other.expect(1).json()["findings"][0]["chain"].clone();
    assert_eq!(chain[1]["name"], "Lists", "the way that is not allowed: {chain}");
}

#[test]
fn remarks_that_mean_nothing_or_are_not_needed_are_found() {
    let dir = Dir::new("check-unused", &[("unlith.toml", "[check]\nabsent = [\"Set\"]\n")]);
    let main = |text: &str| {
        dir.write("main.ml", text.as_bytes());
        dir.run(&["check", "main.ml"])
    };
    let unused = main("(* unlith: allow absent Set: once *)\nlet x = 1\n");
    assert!(unused.expect(0).out.contains("warning[unused-allow]"), "{}", unused.out);
    assert!(unused.out.contains("at main.ml:1\n"), "{}", unused.out);
    let bad = main("let x = Set.empty (* unlith: allow absent Set *)\n");
    assert!(bad.expect(1).out.contains("error[bad-allow]: `absent Set` has no reason"), "{}", bad.out);
    let forced = main("(* unlith: allow budget: large *)\nlet x = 1\n");
    assert!(forced.expect(1).out.contains("`budget` cannot be allowed in a source"), "{}", forced.out);
}

#[test]
fn forced_units_may_allow_themselves() {
    let dir = Dir::new("check-forced-allow", WORKSPACE);
    let plug = "(* unlith: allow-file forced: found by name at run time *)\nlet go x = x\n";
    dir.write("w/kit/plug.ml", plug.as_bytes());
    dir.write("w/kit/used.ml", b"[@@@unlith.allow \"forced: as well\"]\nlet all = 1\n");
    let ran = check(&dir, "[check.forced]\ndefault = \"forbid\"\nallow = [\"Kit\"]\n", &[]);
    assert!(ran.expect(0).out.ends_with("nothing found; 2 allowed in the source\n"), "{}", ran.out);
}

#[test]
fn only_what_a_change_concerns_is_checked() {
    let dir = Dir::new("check-affected", WORKSPACE);
    dir.write("w/unlith.toml", b"[check]\nabsent = [\"Set\"]\n");
    assert!(
        dir.git("w", &["init", "-q"])
            && dir.git("w", &["add", "."])
            && dir.git("w", &["commit", "-q", "-m", "one"])
    );
    let programs = |rev: &str| {
        let json = dir.run(&["check", "w", "--affected", rev, "--format", "json"]).json();
        let programs = json["programs"].as_array().expect("a list").clone();
        programs
            .iter()
            .map(|program| program["name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    assert!(programs("HEAD").is_empty());
    let none = dir.run(&["check", "w", "--affected", "HEAD"]);
    assert!(none.expect(0).out.contains("0 programs: nothing found"), "{}", none.out);
    dir.write("w/bin/show.ml", b"let () = ignore 2\n");
    assert_eq!(programs("HEAD"), ["bin/show"]);
    dir.write("w/kit/used.ml", b"let all = Set.empty\nlet more = 1\n");
    assert_eq!(programs("HEAD"), ["bin/sell", "bin/show"], "a library that both keep whole");
    assert!(dir.git("w", &["commit", "-q", "-a", "-m", "two"]));
    assert!(programs("HEAD").is_empty());
    assert_eq!(programs("HEAD~1").len(), 2);
    dir.write("w/notes/todo.txt", b"");
    assert!(programs("HEAD").is_empty(), "nothing is built from it");
    dir.write("w/kit/dune", b"(library (name kit))\n");
    assert_eq!(programs("HEAD").len(), 2, "a build file concerns all that is built from there");
    assert!(dir.run(&["check", "w", "--affected", "nope"]).expect(2).err.contains("`nope` is no revision"));
}

#[test]
fn what_several_names_mean_is_found_once() {
    let dir = Dir::new("check-absent-names", WORKSPACE);
    let settings = "[check]\nabsent = [\n  \"Kit.Used\",\n  \"Kit__*\",\n  { name = \"Kit__Used\", reason = \"too large\" },\n  \"kit\",\n  \"k*\",\n]\n";
    let json = check(&dir, settings, &["--exe", "sell", "--format", "json"]).expect(1).json();
    let absent = |name: &str| ("absent".to_owned(), name.to_owned());
    let names = ["Kit__Used", "Kit__Plug", "kit"];
    assert_eq!(found(&json, "bin/sell"), names.map(absent), "a unit, and a library, each once");
    let used = &json["findings"][0];
    assert_eq!(used["agreed"], 5, "the line that has a reason: {used}");
}

#[test]
fn a_file_that_a_dune_file_includes_concerns_all_that_is_built_from_there() {
    let files = [
        ("w/dune-project", "(lang dune 2.0)\n"),
        ("w/unlith.toml", "[check]\nabsent = [\"Set\"]\n"),
        ("w/one/dune", "(include ../build/one.inc)\n"),
        ("w/one/first.ml", "let () = ignore 1\n"),
        ("w/build/one.inc", "(include deeper.inc)\n"),
        ("w/build/deeper.inc", "(executable (name first))\n"),
        ("w/two/dune", "(executable (name second) (modules (:include ../build/modules)))\n"),
        ("w/two/second.ml", "let () = ignore 1\n"),
        ("w/build/modules", "(second)\n"),
        ("w/three/dune", "(executable (name third) (ocamlopt_flags %{read:../build/flags}))\n"),
        ("w/three/third.ml", "let () = ignore 1\n"),
        ("w/build/flags", "-O3"),
        ("w/build/notes", ""),
    ];
    let dir = Dir::new("check-affected-included", &files);
    assert!(
        dir.git("w", &["init", "-q"])
            && dir.git("w", &["add", "."])
            && dir.git("w", &["commit", "-q", "-m", "one"])
    );
    let programs = || {
        let json = dir.run(&["check", "w", "--affected", "HEAD", "--format", "json"]).json();
        let programs = json["programs"].as_array().expect("a list").clone();
        programs.iter().map(|program| program["name"].to_string()).collect::<Vec<_>>()
    };
    assert!(programs().is_empty());
    for (file, text, concerned) in [
        ("one.inc", "(include deeper.inc) ; deeper still\n", &["\"one/first\""][..]),
        ("deeper.inc", "(executable (name first) (flags -g))\n", &["\"one/first\""]),
        ("modules", "(second :standard)\n", &["\"two/second\""]),
        ("flags", "-O2", &["\"three/third\""]),
        ("notes", "nothing reads this", &[]),
    ] {
        dir.write(&format!("w/build/{file}"), text.as_bytes());
        assert_eq!(programs(), concerned, "{file}");
        assert!(dir.git("w", &["checkout", "-q", "."]));
    }
}

#[test]
fn what_ocamlbuild_reads_concerns_all_that_is_built_from_there() {
    let files = [
        ("w/_tags", "<src/*>: include\n<src/main.native>: package(lists)\n"),
        ("w/unlith.toml", "[check]\nabsent = [\"Set\"]\n"),
        ("w/src/main.ml", "let () = ignore 1\n"),
    ];
    let dir = Dir::new("check-affected-tags", &files);
    assert!(
        dir.git("w", &["init", "-q"])
            && dir.git("w", &["add", "."])
            && dir.git("w", &["commit", "-q", "-m", "one"])
    );
    let programs = || {
        let json = dir.run(&["check", "w", "--affected", "HEAD", "--format", "json"]).json();
        json["programs"].as_array().expect("a list").len()
    };
    assert_eq!(programs(), 0);
    dir.write("w/_tags", b"<src/*>: include\n<src/main.native>: package(lists), linkall\n");
    assert_eq!(programs(), 1);
}

#[test]
fn every_rule_can_be_explained() {
    let dir = Dir::new("check-explain", &[]);
    for rule in ["budget", "absent", "forced", "missing", "cut-effect", "stale-baseline", "thin-link"] {
        let ran = dir.run(&["check", "--explain", rule]);
        assert!(ran.expect(0).out.starts_with(&format!("# {rule}\n")), "{}", ran.out);
    }
    let ran = dir.run(&["check", "--explain", "nope"]);
    assert!(ran.expect(2).err.contains("there is no rule `nope`"), "{}", ran.err);
}
