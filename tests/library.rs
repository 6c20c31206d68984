//! A maintainer's audit of a library: over programs of its workspace, over other workspaces and files, and over installed packages.

#![allow(clippy::print_stdout, reason = "says what is skipped")]

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::scratch::{Scratch, copy_tree};
use support::unlith;
use support::{executable, ocaml};

fn example() -> PathBuf {
    support::repository().join("corpus/weather_station")
}

fn library(dir: &Path, arguments: &[&str]) -> Value {
    let all = ["library"].iter().chain(arguments).chain(&["--quiet", "--format", "json"]).copied();
    let text = unlith::run(dir, all).expect("an audit");
    serde_json::from_str(&text).expect("JSON")
}

fn list<'v>(value: &'v Value, key: &str) -> &'v Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list `{key}` in {value}"))
}

fn named<'v>(values: &'v [Value], key: &str, name: &str) -> &'v Value {
    let found = values.iter().find(|value| value[key] == name);
    found.unwrap_or_else(|| panic!("nothing has {key} {name}"))
}

fn change<'v>(audit: &'v Value, id: &str) -> &'v Value {
    let found = list(audit, "proposals").iter().find(|change| change["proposal"]["id"] == id);
    found.unwrap_or_else(|| panic!("no change {id}"))
}

/// Says that something is skipped where there is no OCaml.
fn has_ocaml() -> bool {
    ocaml::compiler().map_err(|reason| println!("skipped: {reason}")).is_ok()
}

#[test]
fn a_library_of_a_workspace_is_weighed_over_its_programs() {
    if !has_ocaml() {
        return;
    }
    let audit = library(&example(), &[".", "--name", "metkit"]);
    assert_eq!(audit["schema"], 1);
    let clients = list(&audit, "clients");
    let names: Vec<&str> = clients.iter().map(|client| client["name"].as_str().unwrap_or("")).collect();
    assert!(names.iter().any(|name| name.ends_with("bin/report")), "{names:?}");
    assert!(clients.iter().all(|client| client["live_bytes"].as_u64() <= client["bytes"].as_u64()));

    // The facade is sealed, and every line that is named declares the part that it is named for.
    let facade = named(list(&audit, "facades"), "unit", "Metkit");
    assert_eq!(facade["status"], "sealed");
    let parts = list(facade, "parts");
    assert_eq!(parts.len(), 9);
    for part in parts {
        let place = part["interface"].as_str().expect("a place in the interface");
        let (file, line) = place.rsplit_once(':').expect("file:line");
        let text = std::fs::read_to_string(example().join(file)).expect("the interface");
        let line: usize = line.parse().expect("a number");
        let declaration = format!("module {} :", part["name"].as_str().unwrap_or(""));
        let found = text.lines().nth(line - 1).unwrap_or("");
        assert!(found.trim_start().starts_with(&declaration), "{place} is `{found}`");
    }

    // What each client saves is what the audit of the workspace says of that program.
    let text = unlith::run(&example(), ["audit", ".", "--quiet", "--format", "json"]).expect("an audit");
    let whole: Value = serde_json::from_str(&text).expect("JSON");
    let unseal = change(&audit, "unseal-facade:Metkit");
    assert_eq!((&unseal["chosen"], &unseal["interface"]), (&true.into(), &"behaviour".into()));
    let mut n_compared = 0;
    for client in list(unseal, "clients") {
        let name = client["program"].as_str().unwrap_or("");
        let program = list(&whole, "programs")
            .iter()
            .find(|program| name.ends_with(program["name"].as_str().unwrap_or("?")));
        let proposals = program.map(|program| list(program, "proposals").as_slice()).unwrap_or_default();
        if let Some(alone) = proposals.iter().find(|proposal| proposal["id"] == "unseal-facade:Metkit") {
            assert_eq!(client["bytes_saved"]["alloc"], alone["bytes_saved"]["alloc"], "{name}");
            n_compared += 1;
        }
    }
    assert!(n_compared > 0, "no program of the audit was compared");

    // The curve never goes up, and ends where the last change leaves all clients.
    let left: Vec<u64> =
        list(&audit, "curve").iter().map(|point| point["alloc"].as_u64().expect("bytes")).collect();
    assert!(left.len() > 1 && left.is_sorted_by(|a, b| a >= b), "{left:?}");
}

#[test]
fn definitions_are_grouped_by_who_names_them() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-groups").expect("a scratch directory");
    let files = [
        ("lib/dune-project", "(lang dune 2.0)"),
        ("lib/dune", "(library (name pack) (public_name pack))"),
        ("lib/pack.opam", ""),
        (
            "lib/pack.ml",
            "let both = ref 1\nlet one = ref both\nlet two = ref 2\nlet inner = ref 3\nlet spare () = !inner\n",
        ),
        ("app/dune-project", "(lang dune 2.0)"),
        ("app/dune", "(executable (name main) (libraries pack))"),
        ("app/main.ml", "let () = incr Pack.both; incr !(ref Pack.two)\n"),
        ("tool.ml", "let () = incr Pack.both; ignore Pack.one\n"),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let audit = library(dir.path(), &["./lib", "--clients", "app", "tool.ml"]);
    let clients: Vec<&str> =
        list(&audit, "clients").iter().map(|client| client["name"].as_str().unwrap_or("")).collect();
    assert_eq!(clients, ["app/main", "tool"]);
    let unit = named(list(&audit, "units"), "unit", "Pack");
    let groups: Vec<String> = list(unit, "together")
        .iter()
        .map(|group| format!("{} {}", group["clients"], group["definitions"]))
        .collect();
    assert_eq!(groups, [r#"[0,1] ["both"]"#, r#"[0] ["two"]"#, r#"[1] ["one"]"#, r#"[] ["inner","spare"]"#]);
}

#[test]
fn a_patch_applies_to_the_library_and_to_nothing_else() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-patch").expect("a scratch directory");
    let copy = dir.path().join("copy");
    copy_tree(&example(), &copy).expect("a copy");
    let audit = library(&copy, &[".", "--name", "metkit", "--patches", "../patches"]);
    let text =
        std::fs::read_to_string(dir.path().join("patches/unseal-facade-Metkit.patch")).expect("a patch");
    assert_eq!(change(&audit, "unseal-facade:Metkit")["patch"], text);
    assert!(text.lines().filter(|line| line.starts_with("diff ")).all(|line| line.contains("vendor/metkit")));
    let applied = Command::new("git")
        .args(["apply", "--check", "../patches/unseal-facade-Metkit.patch"])
        .current_dir(&copy)
        .output()
        .expect("git runs");
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));

    let issue = unlith::run(&copy, ["library", ".", "--name", "metkit", "--quiet", "--format", "markdown"]);
    let issue = issue.expect("an issue");
    for part in ["# Programs that use", "## Sealed facades", "metkit.mli:", "```diff", "</details>"] {
        assert!(issue.contains(part), "no `{part}` in {issue}");
    }
    assert!(!issue.contains('\x1b') && !issue.contains(&*dir.path().to_string_lossy()), "{issue}");
}

#[test]
fn an_installed_package_is_weighed_over_the_packages_that_require_it() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-installed").expect("a scratch directory");
    let audit = match unlith::run(dir.path(), ["library", "yojson", "--quiet", "--format", "json"]) {
        Ok(text) => serde_json::from_str::<Value>(&text).expect("JSON"),
        Err(reason) if ocaml::is_required() => panic!("{reason}"),
        Err(reason) => return println!("skipped: {reason}"),
    };
    let clients = list(&audit, "clients");
    assert!(clients.iter().any(|client| client["name"] == "atdgen-runtime"), "{clients:?}");
    assert!(clients.iter().all(|client| client["is_library"] == true));
    // The copy that patches are written for is measured in the installed archive.
    assert_eq!(audit["libraries"][0]["provenance"], "measured");
    let extract = change(&audit, "extract-submodule:Yojson");
    assert_eq!(extract["interface"], "compatible");
    assert!(
        list(extract, "clients").iter().all(|client| client["bytes_saved"]["alloc"].as_i64() > Some(100_000))
    );
    assert!(extract["patch"].as_str().is_some_and(|patch| patch.contains("new file mode")));
    assert!(
        list(extract, "made_from").iter().any(|name| name.as_str().is_some_and(|name| name == "common.ml")),
        "{}",
        extract["made_from"]
    );
}

#[test]
fn a_library_as_a_client_is_as_large_as_a_program_that_uses_all_its_units() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-size").expect("a scratch directory");
    let text = "let _ = [Obj.repr Stdio.In_channel.input_all; Obj.repr Stdio.Out_channel.output_string; Obj.repr Stdio.print_s]\n";
    std::fs::write(dir.path().join("all.ml"), text).expect("writable");
    let options = ["ocamlopt", "-package", "stdio", "-linkpkg", "-o", "all.exe", "all.ml"];
    let linked = ocaml::run_in(dir.path(), "ocamlfind", options)
        .and_then(|_| executable::read(&dir.path().join("all.exe")).map_err(|error| error.to_string()));
    let linked = match linked {
        Ok(linked) => linked.alloc,
        Err(reason) if ocaml::is_required() => panic!("{reason}"),
        Err(reason) => return println!("skipped: {reason}"),
    };
    let audit = library(dir.path(), &["base"]);
    let stdio = named(list(&audit, "clients"), "name", "stdio")["alloc"].as_u64().expect("bytes");
    println!("{stdio} bytes predicted, {linked} linked");
    assert!(stdio.abs_diff(linked) * 200 <= linked, "{stdio} bytes predicted, {linked} linked");
}

#[test]
fn a_file_is_a_client_with_the_modules_beside_it() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-beside").expect("a scratch directory");
    let files = [
        ("lib/dune-project", "(lang dune 2.0)"),
        ("lib/dune", "(library (name pack) (public_name pack))"),
        ("lib/pack.opam", ""),
        ("lib/pack.ml", "let one = ref 1\nlet two = ref 2\n"),
        ("a tool é/tool.ml", "let () = Helper.go ()\n"),
        ("a tool é/helper.ml", "let go () = incr Pack.one\n"),
        ("a tool é/no-module.ml", "let () = incr Pack.two\n"),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let audit = library(dir.path(), &["./lib", "--clients", "a tool é/tool.ml"]);
    let unit = named(list(&audit, "units"), "unit", "Pack");
    let groups: Vec<String> = list(unit, "together")
        .iter()
        .map(|group| format!("{} {}", group["clients"], group["definitions"]))
        .collect();
    assert_eq!(groups, [r#"[0] ["one"]"#, r#"[] ["two"]"#]);
    let error = unlith::run(dir.path(), ["library", "./lib", "--clients", "a tool é/no-module.ml"]);
    assert!(error.as_ref().is_err_and(|error| error.contains("is no client")), "{error:?}");
}

#[test]
fn what_the_build_of_a_workspace_has_left_is_read() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-built").expect("a scratch directory");
    let files = [
        ("w/dune-project", "(lang dune 2.0)"),
        ("w/lib/dune", "(library (name pack))\n(rule (with-stdout-to made.ml (run sh make.sh)))\n"),
        ("w/lib/make.sh", "echo let one = ref 1\n"),
        ("w/main.ml", "let () = incr Pack.Made.one\n"),
        ("w/dune", "(executable (name main) (libraries pack))"),
        ("tool.ml", "let () = ()\n"),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let before = library(dir.path(), &["./w"]);
    let unit = named(list(&before, "units"), "unit", "Pack__Made");
    assert_eq!((&unit["without_source"], &unit["bytes"]), (&true.into(), &0.into()));
    let text = unlith::run(dir.path(), ["library", "./w", "--quiet"]).expect("an audit");
    assert!(text.contains(">= ") && text.contains("in 1 unit without source"), "{text}");
    // As dune lays it out.
    let built = dir.path().join("w/_build/default/lib");
    std::fs::create_dir_all(&built).expect("writable");
    std::fs::write(built.join("made.ml"), "let one = ref 1\nlet two = ref 2\n").expect("writable");
    let after = library(dir.path(), &["./w"]);
    let unit = named(list(&after, "units"), "unit", "Pack__Made");
    assert_eq!((&unit["without_source"], &unit["exported"]), (&false.into(), &2.into()));
}

#[test]
fn a_file_is_linked_with_what_it_can_name_and_nothing_that_is_a_choice() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-offered").expect("a scratch directory");
    let files = [
        ("w/dune-project", "(lang dune 2.0)"),
        ("w/pack.opam", ""),
        ("w/lib/dune", "(library (name pack) (public_name pack))"),
        ("w/lib/pack.ml", "let one = ref 1\n"),
        ("w/all/dune", "(library (name all) (public_name pack.all) (library_flags (-linkall)))"),
        ("w/all/all.ml", "let two = ref 2\n"),
        ("w/test/dune", "(library (name helper))"),
        ("w/test/helper.ml", "let three = ref 3\n"),
        ("tool.ml", "let () = incr Pack.one\n"),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let audit = library(dir.path(), &["./w", "--clients", "tool.ml"]);
    assert_eq!(list(&audit, "clients")[0]["units"], 1);
    assert!(list(&audit, "problems").iter().all(|problem| problem["code"] != "missing-library"));
    let all = library(dir.path(), &["./w", "--clients", "tool.ml", "--name", "pack.all"]);
    assert_eq!(list(&all, "clients")[0]["units"], 1, "it is linked whole");
}

#[test]
fn what_no_client_links_is_read_and_what_has_no_source_is_not_known() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-unlinked").expect("a scratch directory");
    let files = [
        ("lib/dune-project", "(lang dune 2.0)"),
        ("lib/dune", "(library (name pack) (public_name pack))"),
        ("lib/pack.opam", ""),
        ("lib/used.ml", "let one = ref 1\n"),
        ("lib/spare.ml", "let two = ref 2\nlet three = ref 3\n"),
        ("lib/start.ml", "let () = print_endline \"up\"\n"),
        ("lib/front.ml", "module Used = Used\nmodule Spare = Spare\n"),
        (
            "lib/front.mli",
            "module Used : sig val one : int ref end\nmodule Spare : sig val two : int ref end\n",
        ),
        ("main.ml", "let () = incr Pack.Used.one\n"),
    ];
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let audit = library(dir.path(), &["./lib", "--clients", "main.ml"]);
    let unit = named(list(&audit, "units"), "unit", "Pack__Spare");
    assert_eq!((&unit["exported"], &unit["uses"]), (&2.into(), &serde_json::json!([])));
    assert_eq!(named(list(&audit, "facades"), "unit", "Pack__Front")["status"], "sealed");
    assert!(list(&audit, "start_up").iter().any(|code| code["place"] == "start.ml:1"), "{audit}");

    // The standard distribution has no source of `Unix`.
    let unix = library(dir.path(), &["unix", "--clients", "main.ml", "--installed-clients"]);
    let entry = named(list(&unix, "libraries"), "name", "unix");
    if entry["without_source"] == entry["units"] {
        let all = ["library", "unix", "--quiet"];
        let text = unlith::run(dir.path(), all).expect("an audit");
        assert!(text.contains("without source: what clients can name is not known"), "{text}");
        assert!(text.contains("At start-up\n  not known: no source is at hand\n"), "{text}");
    }
}

#[test]
fn a_directory_below_the_root_is_its_libraries_over_the_whole_workspace() {
    if !has_ocaml() {
        return;
    }
    let dir = Scratch::new("library-below").expect("a scratch directory");
    for (path, text) in [
        ("w/dune-project", "(lang dune 2.0)"),
        ("w/bin/dune", "(executable (name main) (libraries part))"),
        ("w/bin/main.ml", "let () = incr Part.one"),
        ("w/src/part/dune", "(library (name part))"),
        ("w/src/part/part.ml", "let one = ref 1"),
        ("w/src/other/dune", "(library (name other) (libraries part))"),
        ("w/src/other/other.ml", "let () = incr Part.one"),
    ] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    let part = library(dir.path(), &["w/src/part"]);
    let names = |audit: &Value, key: &str| {
        let entries = list(audit, key).iter();
        let names = entries.map(|entry| entry["name"].as_str().expect("a name").to_owned());
        names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(names(&part, "libraries"), ["part"]);
    assert_eq!(names(&part, "clients"), ["other", "w/bin/main"], "what no program links counts by itself");
    assert_eq!(part["package"], "part");
    let both = library(dir.path(), &["w/src/"]);
    assert_eq!(names(&both, "libraries"), ["other", "part"]);
    assert_eq!(names(&both, "clients"), ["w/bin/main"]);
}

#[test]
fn what_is_no_library_or_has_no_client_is_said() {
    let dir = Scratch::new("library-refused").expect("a scratch directory");
    for part in ["w/lib", "w/bin"] {
        std::fs::create_dir_all(dir.path().join(part)).expect("writable");
    }
    for (path, text) in [
        ("notes.txt", ""),
        ("w/dune-project", "(lang dune 2.0)"),
        ("w/bin/dune", "(executable (name main))"),
        ("w/bin/main.ml", "let () = ignore 1"),
        ("w/lib/dune", "(library (name part))"),
        ("w/lib/part.ml", "let one = ref 1"),
    ] {
        std::fs::write(dir.path().join(path), text).expect("writable");
    }
    for (arguments, what) in [
        (&["no-such-package"][..], "`no-such-package` is neither a directory nor an installed package"),
        (&["unix", "--clients", "notes.txt"], "`notes.txt` is no client"),
        (&["w/lib"], "no client here uses the library"),
        (&["w/bin/"], "`w/bin/` has no library"),
    ] {
        let error = unlith::run(dir.path(), ["library"].iter().chain(arguments)).expect_err("refused");
        assert!(error.contains(what) && error.contains("help: "), "{error}");
    }
}
