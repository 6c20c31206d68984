//! What ocamlbuild, or a script, builds: `corpus/ocamlbuild`.
//!
//! `alias_table` and `packed_library` are findlib packages that are built where they lie, with programs that use them. Each is
//! built, a proposal's patch is applied, and it is built again: bytes and linked units must be those that were promised. The
//! others are read before anything is built, as a program and as a directory, and then built by their `build.sh`: the links of
//! every unit and the units in the executable must be those that we said.

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::ocaml::{compiler, link_info, run_in};
use support::scratch::{Scratch, copy_tree, files_below};
use support::{executable, unlith};

/// A saving may be off by so many bytes of a thousand.
const MAX_PER_MILLE: i64 = 20;

/// A project of the corpus, and what is expected of the proposal for it.
struct Case<'c> {
    project: &'c str,
    id: &'c str,
    /// Bytes that the program `main` saves at least.
    saves: i64,
    /// Files of the package that the patch makes.
    makes: &'c [(&'c str, &'c str)],
    /// Other programs that use the package: they grow by less than a page.
    others: &'c [&'c str],
}

#[test]
fn the_flag_of_an_alias_table_saves_what_was_promised() {
    let tags = fs::read_to_string(support::repository().join("corpus/ocamlbuild/alias_table/_tags"));
    let tags = tags.expect("a file") + "<src/depot.{ml,mli}>: no_alias_deps\n";
    judge(&Case {
        project: "alias_table",
        id: "no-alias-deps:Depot",
        saves: 400_000,
        makes: &[("_tags", &tags)],
        others: &[],
    });
}

#[test]
fn a_pack_taken_apart_saves_what_was_promised() {
    let reader = "(** Lines such as [12 x bolt M8 @ shelf 3]. *)\n\nmodule Ledger := Depot__Ledger\n\n\
                  type line = { amount : int; article : string; shelf : int }\n\n\
                  exception Bad_line of int * string\n\nval line : int -> string -> line\n\
                  val lines : string -> line list\nval by_shelf : line list -> (int * line list) list\n\
                  val into : Ledger.t -> line list -> Ledger.entry list\n";
    let tags = "true: annot, bin_annot\n# The reader is called for every line.\n\
                \"src/reader.ml\" or \"src/reader.cmx\": inline(20)\n<src/depot.ml>: no_alias_deps\n\
                <src/depot__Reader.ml>: inline(20)\n<src/depot__Reader.cmx>: inline(20)\n";
    judge(&Case {
        project: "packed_library",
        id: "unpack:Depot",
        saves: 800_000,
        makes: &[("_tags", tags), ("src/depot__Reader.mli", reader)],
        others: &["all"],
    });
}

/// The same library and its program in one project, before anything is built: what is promised is estimated from the sources.
#[test]
fn a_pack_of_the_project_itself_is_taken_apart() {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("ocamlbuild").expect("a directory");
    let dir = scratch.path();
    copy_tree(&support::repository().join("corpus/ocamlbuild/packed_library"), dir).expect("a copy");
    let tags = fs::read_to_string(dir.join("_tags")).expect("a file");
    fs::write(dir.join("_tags"), tags + "<bin/*>: use_depot\n").expect("a file");
    let plugin = "let () = Ocamlbuild_plugin.(dispatch (function\n\
                  | After_rules -> ocaml_lib ~dir:\"src\" \"src/depot\" | _ -> ()))\n";
    fs::write(dir.join("myocamlbuild.ml"), plugin).expect("a file");
    let build = || {
        let targets = ["-quiet", "src/depot.cma", "src/depot.cmxa", "bin/main.native"];
        run_in(dir, "ocamlbuild", targets).expect("the project builds");
        let program = dir.join("_build/bin/main.native");
        let printed = run_in(dir, &program.to_string_lossy(), [""; 0]).expect("the program runs");
        (executable::read(&program).expect("an executable").alloc as i64, printed)
    };
    let main = ["bin/main.ml", "--quiet"];
    let run = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(main);
        unlith::run(dir, all).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    };
    let audit: Value = serde_json::from_str(&run(&["audit", "--format", "json"])).expect("the audit is JSON");
    let proposals = audit["programs"][0]["proposals"].as_array().expect("proposals");
    let found = proposals.iter().find(|proposal| proposal["id"] == "unpack:Depot").expect("proposed");
    assert_eq!(found["status"], "proposed", "{found}");
    let (before, printed) = build();
    // What is built is older than what follows, and is not asked.
    fs::remove_dir_all(dir.join("_build")).expect("it is there");
    run(&["split", "unpack:Depot", "--apply", "-C"]);
    let (after, printed_then) = build();
    assert_eq!(printed_then, printed);
    let saved = before - after;
    let interval = ["low", "high"].map(|end| found["bytes_saved"][end].as_i64().expect("a figure"));
    eprintln!("unpack:Depot: between {} and {} promised, {saved} saved", interval[0], interval[1]);
    assert!(interval[0] <= saved && saved <= interval[1], "{interval:?} promised, {saved} saved");
}

/// Builds a project, applies its proposal, builds it again, and holds what came of it against what was promised.
fn judge(case: &Case<'_>) {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("ocamlbuild").expect("a directory");
    let package = scratch.path().join("depot");
    copy_tree(&support::repository().join("corpus/ocamlbuild").join(case.project), &package).expect("a copy");
    let programs: Vec<&str> = ["main"].iter().chain(case.others).copied().collect();
    for program in &programs {
        let file = format!("{program}.ml");
        fs::rename(package.join("bin").join(&file), scratch.path().join(&file)).expect("the program");
    }
    let original = sources(&package);
    let before: Vec<_> = programs.iter().map(|program| built(scratch.path(), program)).collect();

    let here = scratch.path().to_string_lossy().into_owned();
    let of_program = ["-p", "depot", "--ocamlpath", &here, "--quiet"];
    let run = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(of_program);
        unlith::run(scratch.path(), all).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
    };
    let audit: Value =
        serde_json::from_str(&run(&["audit", "main.ml", "--format", "json"])).expect("the audit is JSON");
    let program = &audit["programs"][0];
    let size = program["size"]["alloc"].as_i64().expect("a figure");
    let actual_size = before[0].0.alloc as i64;
    assert!((size - actual_size).abs() * 1000 <= actual_size * 2, "{size} predicted, {actual_size} built");
    let proposals = program["proposals"].as_array().expect("proposals");
    let found = proposals.iter().find(|proposal| proposal["id"] == case.id);
    let found = found.unwrap_or_else(|| panic!("not proposed: {proposals:?}"));
    assert_eq!((&found["status"], &found["client_edits"]), (&"proposed".into(), &0.into()), "{found}");

    let verdict: Value =
        serde_json::from_str(&run(&["verify", case.id, "-C", "main.ml", "--format", "json"])).expect("JSON");
    let trial = &verdict["trials"][0];
    assert_eq!((&trial["id"], &trial["status"]), (&case.id.into(), &"verified".into()), "{verdict}");
    let tried = &trial["programs"][0];
    assert_eq!(
        (&tried["extra_units"], &tried["missing_units"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );
    assert_eq!(tried["predicted"]["alloc"], found["bytes_saved"]["alloc"]);

    run(&["split", case.id, "-C", "main.ml", "--apply"]);
    for (file, text) in case.makes {
        assert_eq!(fs::read_to_string(package.join(file)).expect("a file"), *text);
    }
    let after: Vec<_> = programs.iter().map(|program| built(scratch.path(), program)).collect();
    for ((program, before), after) in programs.iter().zip(&before).zip(&after) {
        assert_eq!(after.1, before.1, "{program} prints something else");
        let growth = after.0.alloc as i64 - before.0.alloc as i64;
        assert!(growth < 4096, "{program} grows by {growth}");
    }
    let promised = found["bytes_saved"]["alloc"].as_i64().expect("a figure");
    let actual = actual_size - after[0].0.alloc as i64;
    eprintln!("{}: {promised} promised, {actual} saved of {actual_size}", case.id);
    assert!(
        actual > case.saves && (promised - actual).abs() * 1000 <= actual * MAX_PER_MILLE,
        "promised {promised}, saved {actual}"
    );
    let units = |linked: &[String]| -> BTreeSet<String> { linked.iter().cloned().collect() };
    let dropped = found["units_dropped"].as_array().expect("units").iter();
    let dropped: BTreeSet<String> = dropped.filter_map(Value::as_str).map(str::to_owned).collect();
    assert_eq!(&units(&before[0].0.linked) - &units(&after[0].0.linked), dropped);

    unlith::run(scratch.path(), ["split", "--reverse"]).expect("it is taken back");
    assert_eq!(sources(&package), original);
}

/// The files of a package, what is built left out.
fn sources(package: &Path) -> BTreeMap<PathBuf, String> {
    let keep = |path: &Path| !path.components().any(|part| part.as_os_str() == "_build");
    let files = support::scratch::files_below(package, &keep).into_iter();
    files.map(|path| (path.clone(), fs::read_to_string(path).expect("a text"))).collect()
}

/// Builds the package and a program; returns what is in the program, and what it prints.
fn built(dir: &Path, name: &str) -> (executable::Executable, String) {
    run_in(&dir.join("depot"), "ocamlbuild", ["-quiet", "src/depot.cmxa"]).expect("the package builds");
    let mut command = Command::new("ocamlfind");
    let (source, program) = (format!("{name}.ml"), format!("{name}.exe"));
    command.args(["ocamlopt", "-package", "depot", "-linkpkg", &source, "-o", &program]);
    let output = command.current_dir(dir).env("OCAMLPATH", dir).output().expect("ocamlfind runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = dir.join(program);
    let printed = run_in(dir, &program.to_string_lossy(), [""; 0]).expect("the program runs");
    (executable::read(&program).expect("an executable"), printed)
}

#[test]
fn packs_inside_a_pack_are_linked_with_it() {
    let built = check("nested_packs", &["bin/main.ml"], "_build/bin/main.native");
    let Some((units, problems)) = built else { return };
    assert!(units.contains("Kit__Deep__Tables") && !units.contains("Idle"), "{units:?}");
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn libraries_have_the_modules_that_their_lists_name() {
    let Some((units, problems)) = check("module_lists", &["bin/main.ml"], "_build/bin/main.native") else {
        return;
    };
    assert!(units.contains("Kit_lexer") && !units.contains("Kit_table"), "{units:?}");
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn without_a_build_system_the_lists_beside_count() {
    let arguments = ["test/main.ml", "-I", "src", "-p", "unix,str"];
    let Some((units, _)) = check("by_hand", &arguments, "main.native") else { return };
    assert!(units.contains("Core__Beta") && !units.contains("Unused"), "{units:?}");
}

#[test]
fn the_directory_of_a_library_is_a_project() {
    let scratch = Scratch::new("ocamlbuild-library").expect("a directory");
    let dir = scratch.path().join("project");
    copy_tree(&support::repository().join("corpus/ocamlbuild/module_lists"), &dir).expect("a copy");
    let text = unlith::run(&dir, ["audit", ".", "--format", "json", "--quiet"]).expect("it is a project");
    let audit: Value = serde_json::from_str(&text).expect("the audit is JSON");
    let programs = audit["programs"].as_array().expect("programs").iter();
    let names: Vec<&str> = programs.filter_map(|program| program["name"].as_str()).collect();
    assert_eq!(names, ["bin/main"]);
    let tags = dir.join("_tags");
    fs::write(&tags, fs::read_to_string(&tags).expect("tags").replace("use_kit", "")).expect("tags");
    let text = unlith::run(&dir, ["audit", ".", "--format", "json", "--quiet"]).expect("it is a project");
    assert!(text.contains("Kit_text.shout"), "nothing is said of a name that no library gives");
}

/// Says what is linked, builds, and compares: what the executable holds, and what each unit records. Returns the units that
/// are linked, and the codes of the problems beside notes.
fn check(case: &str, program: &[&str], executable: &str) -> Option<(BTreeSet<String>, Vec<String>)> {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return None;
    }
    let scratch = Scratch::new("ocamlbuild").expect("a directory");
    let dir = scratch.path().join("project");
    copy_tree(&support::repository().join("corpus/ocamlbuild").join(case), &dir).expect("a copy");
    let (before, problems) = linked(&dir, program);
    run_in(&dir, "sh", ["build.sh"]).expect("it is built");
    let truth: BTreeSet<String> =
        executable::read(&dir.join(executable)).expect("an executable").linked.into_iter().collect();
    let (after, _) = linked(&dir, program);
    assert_eq!(after, truth, "what is linked, with what the build left");
    assert_eq!(before, truth, "what is linked, from sources");
    let graph = ["graph", "--sources-only", "--level", "unit", "--quiet"];
    let text = unlith::run(&dir, graph.iter().chain(program)).expect("the graph of the program");
    let ours: Vec<unlith::UnitLinks> =
        text.lines().map(unlith::UnitLinks::parse).collect::<Result<_, _>>().expect("the graph");
    let compiled = |path: &Path| path.extension().is_some_and(|extension| extension == "cmx");
    let files: Vec<PathBuf> = files_below(&dir, &compiled);
    let theirs: BTreeMap<String, BTreeSet<String>> = (link_info(&files).expect("compiled units").into_iter())
        .map(|(unit, info)| (unit, info.records))
        .collect();
    let mut n_compared = 0;
    for (unit, records) in &theirs {
        // A unit in a pack is compiled by its own name; the pack records what they all do, but for each other.
        let in_pack = format!("__{unit}");
        let found = ours.iter().find(|ours| ours.name == *unit || ours.name.ends_with(&in_pack));
        let Some(found) = found else { continue };
        let own_name = |name: &String| match theirs.contains_key(name) {
            true => name.clone(),
            false => match name.rsplit_once("__") {
                Some((_, last)) if theirs.contains_key(last) => last.to_owned(),
                _ => name.clone(),
            },
        };
        let is_in =
            |name: &str, pack: &str| name.strip_prefix(pack).is_some_and(|rest| rest.starts_with("__"));
        let is_pack = |name: &str| {
            let is_ours = theirs.contains_key(name.rsplit("__").next().unwrap_or(name));
            is_ours && ours.iter().any(|other| is_in(&other.name, name))
        };
        // A pack and what it holds record each other, and who names a member records both.
        let counts = |user: &str, name: &str| {
            let is_own_pack = is_pack(name) && is_in(user, name);
            let mut packs = ours.iter().filter(|pack| is_pack(&pack.name) && is_in(name, &pack.name));
            !is_own_pack && packs.all(|pack| user == pack.name || is_in(user, &pack.name))
        };
        let links: BTreeSet<String> = match is_pack(&found.name) {
            false => {
                let links = found.links.iter().filter(|name| counts(&found.name, name));
                links.map(own_name).collect()
            }
            true => {
                let members = ours.iter().filter(|member| is_in(&member.name, &found.name));
                let all = members.flat_map(|member| &member.links);
                let inside = |name: &str| name == found.name || is_in(name, &found.name);
                all.filter(|name| !inside(name) && counts(&found.name, name)).cloned().collect()
            }
        };
        assert_eq!(&links, records, "what {unit} records");
        n_compared += 1;
    }
    assert!(n_compared >= 3, "{n_compared} units compared");
    Some((truth, problems))
}

/// The units that we say are linked, and the codes of the problems beside notes.
fn linked(dir: &Path, program: &[&str]) -> (BTreeSet<String>, Vec<String>) {
    let options = ["audit", "--format", "json", "--quiet"];
    let text = unlith::run(dir, options.iter().chain(program)).expect("it is read");
    let audit: Value = serde_json::from_str(&text).expect("the audit is JSON");
    let units = audit["programs"][0]["linked_units"].as_array().expect("units").iter();
    let units = units.filter_map(|unit| unit["unit"].as_str()).map(str::to_owned).collect();
    let problems = audit["problems"].as_array().expect("problems").iter();
    let problems = problems.filter(|problem| problem["severity"] != "note");
    (units, problems.filter_map(|problem| problem["code"].as_str()).map(str::to_owned).collect())
}
