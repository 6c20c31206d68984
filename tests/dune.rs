//! Small dune workspaces, each with a trap, read by us from sources alone and built by the real dune: the same units in
//! each archive, the same `-open` for each, the same archives in the same order on each program's command line.
//! What dune refuses to build has its problems checked. Building is skipped, with a message, where dune is not installed.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use support::dune::{Tree, build, compare, has_dune};
use support::{executable, ocaml, unlith as command};
use unlith::base::{Code, Problem};
use unlith::project::Project;

/// Loads a fixture, builds it, and compares.
#[track_caller]
fn check(test: &str, fixture: &str) -> Option<(Tree, Project)> {
    let tree = Tree::new(test, fixture);
    let project = tree.load();
    if !has_dune() {
        return None;
    }
    println!("{test}: {} as dune has them", compare(&project, &build(&tree.0)));
    Some((tree, project))
}

/// The corpus, which has more traps: each project copied, read, built and compared.
#[test]
fn the_corpus_is_as_dune_has_it() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    if !has_dune() {
        return;
    }
    let entries = fs::read_dir(&corpus).expect("the corpus is part of the project").flatten();
    let mut projects: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.join("dune-project").is_file()).collect();
    projects.sort();
    assert!(!projects.is_empty(), "the corpus has dune projects");
    for path in projects {
        let title = path.file_name().and_then(|name| name.to_str()).expect("its names are ASCII").to_string();
        let tree = Tree::new(&format!("corpus-{title}"), "");
        copy(&path, &tree.0);
        let project = tree.load();
        let built = build(&tree.0);
        println!("{title}: {}", compare(&project, &built));
        for problem in &project.problems {
            println!("  {:?} {}", problem.code, problem.message);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("temporary files can be made");
    for entry in fs::read_dir(from).expect("it was listed").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            if entry.file_name() != "_build" {
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).expect("temporary files can be made");
        }
    }
}

#[track_caller]
fn problem(project: &Project, code: Code, part: &str) -> Problem {
    let found =
        project.problems.iter().find(|problem| problem.code == code && problem.message.contains(part));
    found.unwrap_or_else(|| panic!("no {code:?} with {part:?} in {:#?}", project.problems)).clone()
}

fn line(problem: &Problem) -> String {
    let place = problem.place.as_ref().expect("it has a place");
    format!("{}:{}", place.file.display(), place.at.map_or(0, |at| at.line))
}

#[test]
fn wrapped_unwrapped_and_single_modules() {
    check(
        "wrapping",
        "== dune-project\n(lang dune 2.9)\n== a/dune\n(library (name a) (libraries b str))\n== a/foo.ml\nlet x = B.y\n\
         == a/bar.ml\nlet z = 1\n== b/dune\n(library (name b) (wrapped false))\n== b/b.ml\nlet y = 1\n== b/extra.ml\nlet y = 1\n\
         == one/dune\n(library (name one))\n== one/one.ml\nlet y = 1\n== other/dune\n(library (name other))\n\
         == other/inner.ml\nlet y = 1\n== c/dune\n(library (name c) (libraries a))\n== c/c.ml\nmodule D = D\n== c/d.ml\nlet d = 1\n\
         == bin/dune\n(executable (name main) (libraries a c one other))\n== bin/main.ml\nlet () = print_int A.Foo.x\n\
         == multi/dune\n(executables (names m1 m2) (libraries one c a))\n== multi/m1.ml\nlet () = print_int Util.x\n\
         == multi/m2.ml\nlet () = print_int C.D.d\n== multi/util.ml\nlet x = 1\n== multi/unused.ml\nlet x = 1\n",
    );
}

#[test]
fn executables_of_dune_1_are_not_wrapped() {
    check(
        "lang1",
        "== dune-project\n(lang dune 1.11)\n== dune\n(executable (name main))\n== main.ml\nlet () = print_int Util.x\n\
         == util.ml\nlet x = 1\n",
    );
}

#[test]
fn virtual_libraries_and_implementations() {
    let Some((_tree, project)) = check(
        "virtual",
        "== dune-project\n(lang dune 2.9)\n== v/dune\n(library (name v) (virtual_modules vm) (default_implementation i))\n\
         == v/vm.mli\nval x : int\n== v/norm.ml\nlet n = Vm.x\n\
         == i/dune\n(library (name i) (implements v) (private_modules priv))\n== i/vm.ml\nlet x = Priv.z\n== i/priv.ml\nlet z = 1\n\
         == bin/dune\n(executable (name main) (libraries v))\n== bin/main.ml\nlet () = print_int V.Norm.n\n",
    ) else {
        return;
    };
    let own = project.programs[0].own;
    let unit = project.visible_unit(own, unlith::base::name("V__Vm")).expect("it is implemented");
    assert_eq!(project.library(project.unit(unit).library).name.as_str(), "i");
    assert!(project.unit(unit).implementation().is_some() && project.unit(unit).interface().is_some());
}

#[test]
fn transition_and_subdirectories() {
    check(
        "transition",
        "== dune-project\n(lang dune 2.9)\n== tr/dune\n(library (name tr) (wrapped (transition \"use Tr\")))\n== tr/a.ml\nlet a = 1\n\
         == tr/b.ml\nlet b = A.a\n== sub/dune\n(include_subdirs unqualified)\n(library (name sub) (libraries tr))\n\
         == sub/x/xx.ml\nlet a = Tr.B.b\n== sub/y/deep/yy.ml\nlet b = Xx.a\n\
         == bin/dune\n(executable (name main) (libraries sub))\n== bin/main.ml\nlet () = print_int Sub.Yy.b\n",
    );
}

#[test]
fn installed_and_public_libraries_flags_and_select() {
    let Some((_tree, project)) = check(
        "mixed",
        "== dune-project\n(lang dune 2.9)\n(package (name p))\n== p.opam\n== lib/dune\n\
         (library (name p_core) (public_name p.core) (flags (:standard -open Prelude)) (libraries prelude unix \
         (select net.ml from (no-such-thing -> net.real.ml) (-> net.none.ml))))\n\
         == lib/user.ml\nlet f () = Unix.getpid () + twice 2\n== lib/net.real.ml\nlet x = Gone.x\n== lib/net.none.ml\nlet x = 0\n\
         == prelude/dune\n(library (name prelude) (public_name p.prelude) (wrapped false) (modules :standard \\ unused))\n\
         == prelude/prelude.ml\nlet twice x = 2 * x\n== prelude/unused.ml\nlet oops : int = \"\"\n\
         == bin/dune\n(env (_ (flags (:standard -w -8))))\n(rule (with-stdout-to gen.ml (echo \"let y = 1\")))\n\
         (executable (name main) (modules main gen) (link_flags (:standard -linkall)) (libraries p.core threads.posix))\n\
         (test (name t) (modules t) (enabled_if (= %{profile} release)))\
         (executable (name off) (modules off) (enabled_if (= %{profile} release)))\n\
         == bin/main.ml\nlet () = print_int (P_core.User.f () + Gen.y)\n== bin/t.ml\nlet () = ()\n== bin/off.ml\nlet () = ()\n",
    ) else {
        return;
    };
    let program = project.programs.iter().find(|program| program.name == "bin/main").expect("it is declared");
    assert!(program.linkall);
    assert_eq!(program.linkall_place.as_ref().and_then(|place| place.at).map(|at| at.line), Some(3));
    let net = project.units.iter().find(|unit| unit.name.as_str() == "P_core__Net").expect("select makes it");
    let file = project.file(net.implementation().expect("its source is chosen"));
    assert_eq!(file.shown, Path::new("lib/net.none.ml"));
}

#[test]
fn installed_packages_come_in_the_order_of_dune() {
    let packages = "base lwt.unix cohttp-lwt-unix yojson";
    let fixture = format!(
        "== dune-project\n(lang dune 2.9)\n== l/dune\n(library (name l) (preprocess (pps ppx_sexp_conv own_ppx)) (libraries base))\n\
         == l/t.ml\nopen Base type t = int [@@deriving sexp]\n\
         == x/dune\n(library (name own_ppx) (kind ppx_rewriter) (ppx_runtime_libraries rt) (libraries ppxlib))\n\
         == x/own_ppx.ml\nlet () = ignore Ppxlib.Driver.register_transformation\n\
         == rt/dune\n(library (name rt))\n== rt/rt.ml\nlet x = 1\n\
         == dune\n(executable (name main) (libraries l {packages}))\n== main.ml\nlet () = ignore L.T.sexp_of_t\n"
    );
    let tree = Tree::new("installed", &fixture);
    let project = tree.load();
    let missing = project.problems.iter().find(|problem| problem.code == Code::MissingLibrary);
    if let Some(missing) = missing {
        println!("skipped: {}", missing.message);
    } else if has_dune() {
        println!("{}", compare(&project, &build(&tree.0)));
    }
}

#[test]
fn programs_of_bytecode_alone_are_told_and_linked_with_its_flags() {
    let fixture = "== dune-project\n(lang dune 2.9)\n== dune\n\
        (executable (name one) (modules one) (modes byte (byte exe)) (ocamlc_flags (:standard -linkall)))\n\
        (executable (name two) (modules two) (modes byte exe) (ocamlc_flags (:standard -linkall)))\n\
        == one.ml\nlet () = ()\n== two.ml\nlet () = ()\n";
    let project = Tree::new("modes", fixture).load();
    let found = problem(&project, Code::Unsupported, "`one`");
    assert!(found.help.unwrap_or_default().contains("--profile bytecode"));
    assert!(project.problems.iter().all(|problem| !problem.message.contains("`two`")));
    assert_eq!(project.programs.iter().map(|program| program.linkall).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_cppo_puts_together_is_known_after_a_build() {
    let rule = |name: &str| {
        format!(
            "(rule (targets {name}.ml) (deps {name}.cppo.ml) (action (run cppo %{{deps}} -o %{{targets}})))\n"
        )
    };
    let fixture = format!(
        "== dune-project\n(lang dune 2.9)\n== dune\n{}{}(executable (name main))\n== main.ml\nlet () = One.f Two.x\n\
         == one.cppo.ml\n#if true\nlet f = ignore\n#endif\n== two.cppo.ml\n # include \"three.ml\"\nlet y = 1\n",
        rule("one"),
        rule("two")
    );
    let project = Tree::new("cppo", &fixture).load();
    let found = problem(&project, Code::Generated, "`Two`");
    assert!(found.help.unwrap_or_default().contains("dune build"));
    assert!(project.problems.iter().all(|problem| !problem.message.contains("`One`")));
}

#[test]
fn generated_modules_are_read_from_the_build() {
    let fixture = "== dune-project\n(lang dune 2.9)\n== dune\n(ocamllex lexer)\n(ocamlyacc parser)\n(copy_files# shared/*.ml)\n\
        (rule (target table.ml) (action (with-stdout-to %{target} (echo \"let t = 1\"))))\n(executable (name main))\n\
        == main.ml\nlet () = print_int (Table.t + Copied.c); ignore (Parser.main Lexer.token (Lexing.from_string \"\"))\n\
        == lexer.mll\nrule token = parse eof { Parser.EOF }\n\
        == parser.mly\n%token EOF\n%start main\n%type <int> main\n%%\nmain: EOF { 1 };\n== shared/copied.ml\nlet c = 1\n";
    let Some((tree, project)) = check("generated", fixture) else { return };
    for source in ["lexer.mll", "parser.mly"] {
        let found = problem(&project, Code::Generated, source);
        assert!(found.help.unwrap_or_default().contains("dune build"));
        let files = project.files.iter().filter(|file| file.shown == Path::new(source));
        assert!(files.clone().count() > 0 && files.into_iter().all(|file| file.generator.is_some()));
    }
    let project = tree.load();
    assert!(
        project.problems.iter().all(|problem| problem.code != Code::Generated),
        "{:#?}",
        project.problems
    );
    let lexer =
        project.units.iter().find(|unit| unit.name.as_str() == "Dune__exe__Lexer").expect("it is there");
    assert!(lexer.implementation().is_some());
    assert_eq!(lexer.generated_from.as_deref(), Some(tree.0.join("lexer.mll").as_path()));
}

#[test]
fn a_dune_file_that_is_a_program_is_read_as_the_build_left_it() {
    let fixture = "== dune-project\n(lang dune 2.9)\n== lib/dune\n(* -*- tuareg -*- *)\nlet () = Jbuild_plugin.V1.send \
        {|(library (name lib) (modules lib part))|}\n== lib/lib.ml\nlet x = Part.x\n== lib/part.ml\nlet x = 1\n\
        == lib/other.ml\nlet x : int = \"\"\n== dune\n(executable (name main) (libraries lib))\n\
        == main.ml\nlet () = print_int Lib.x\n";
    let tree = Tree::new("program", fixture);
    let project = tree.load();
    let found = problem(&project, Code::Unsupported, "OCaml program");
    assert!(found.help.unwrap_or_default().contains("dune build"));
    problem(&project, Code::MissingLibrary, "`lib`");
    if has_dune() {
        let built = build(&tree.0);
        let project = tree.load();
        println!("program: {} as dune has them", compare(&project, &built));
        problem(&project, Code::Unsupported, "read from _build/.dune/default/lib/dune");
        assert!(project.problems.iter().all(|problem| problem.code != Code::MissingLibrary));
    }
}

#[test]
fn modules_that_a_missing_file_lists_are_told_of() {
    let fixture = "== dune-project\n(lang dune 3.17)\n== dune\n(library (name lib) (modules a (:include sets/modules.sexp)))\n\
        == a.ml\nlet a = 1\n== b.ml\nlet b = 1\n";
    let project = Tree::new("sets", fixture).load();
    let found = problem(&project, Code::Generated, "`sets/modules.sexp`");
    assert_eq!(line(&found), "dune:1");
    assert_eq!(project.units.iter().filter(|unit| unit.name.as_str() == "Lib__B").count(), 0);
}

#[test]
fn a_built_archive_gives_order_and_records() {
    let fixture = "== dune-project\n(lang dune 2.9)\n== dune\n(library (name lib) (library_flags (-linkall)))\n\
        == z.ml\nlet x = 1\n== a.ml\nlet y = Z.x\n";
    let Some((tree, before)) = check("archive", fixture) else { return };
    let find = |project: &Project| {
        project.libraries.iter().find(|library| library.name.as_str() == "lib").cloned().unwrap()
    };
    assert!(find(&before).archives.is_empty() && find(&before).linkall);
    let project = tree.load();
    let library = find(&project);
    let units: Vec<_> = library.units.iter().map(|&unit| project.unit(unit)).collect();
    let shown: Vec<_> = units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(shown, ["Lib", "Lib__Z", "Lib__A"]);
    assert!(units.iter().all(|unit| unit.forced));
    assert_eq!(units[2].recorded, Some(vec![unlith::base::name("Lib__Z")]));
    assert!(library.archives[0].objects.is_some());
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(tree.0.join("a.ml"), "let y = 2\n").expect("temporary files can be made");
    let project = tree.load();
    assert!(find(&project).archives.is_empty());
    problem(&project, Code::LinkMismatch, "older than its sources");
}

#[test]
fn directories_as_dune_walks_them() {
    let Some((_tree, project)) = check(
        "walk",
        "== dune-project\n(lang dune 2.9)\n== dune\n(data_only_dirs data)\n(vendored_dirs vendor)\n(dirs :standard \\ skipped)\n\
         (subdir sub (library (name s)))\n(include extra.inc)\n== extra.inc\n(executable (name main) (libraries s w))\n\
         == main.ml\nlet () = print_int (S.T.x + W.y)\n== sub/t.ml\nlet x = 1\n== data/dune\n((((\n== skipped/dune\n((((\n\
         == _hidden/dune\n((((\n== .hid/dune\n((((\n== vendor/w/dune-project\n(lang dune 1.0)\n\
         == vendor/w/dune\n(library (name w) (public_name w))\n== vendor/w/w.opam\n== vendor/w/w.ml\nlet y = 1\n",
    ) else {
        return;
    };
    assert_eq!(project.problems, []);
}

#[test]
fn broken_trees_give_problems_with_places() {
    let tree = Tree::new(
        "broken",
        "== dune-project\n(lang dune 2.9)\n== a/dune\n(library (name a)\n (libraries b nowhere))\n== a/a.ml\n== b/dune\n(library (name b) (libraries a)\n\
         == b/b.ml\n== c/dune\n(library (name a))\n== c/x.ml\n== d/dune\n(executable (name gone) (modules gone lost))\n\
         == e/dune\n(* -*- tuareg -*- *)\nlet () = ()\n== f/dune\n(include f/../dune)\n(include absent.inc)\n\
         == g/dune\n(library (name g1))\n(library (name g2))\n== g/m.ml\n",
    );
    let project = tree.load();
    assert_eq!(line(&problem(&project, Code::BrokenBuildFile, "never closed")), "b/dune:1");
    assert_eq!(line(&problem(&project, Code::MissingLibrary, "nowhere")), "a/dune:2");
    assert_eq!(line(&problem(&project, Code::Cycle, "libraries require each other")), "a/dune:1");
    assert_eq!(line(&problem(&project, Code::Duplicate, "declared twice")), "c/dune:1");
    assert_eq!(line(&problem(&project, Code::MissingModule, "`Gone`")), "d/dune:1");
    assert_eq!(line(&problem(&project, Code::Unsupported, "OCaml program")), "e/dune:0");
    assert_eq!(line(&problem(&project, Code::Generated, "absent.inc")), "f/dune:2");
    assert_eq!(line(&problem(&project, Code::Cycle, "files include")), "f/dune:1");
    assert_eq!(line(&problem(&project, Code::Duplicate, "two stanzas")), "g/dune:2");
    assert!(
        project.libraries.iter().any(|library| library.name.as_str() == "b"),
        "what is broken is read as far as it goes"
    );
}

/// A unikernel is built in a context of its own: programs, libraries and rules for that are read as it has them.
#[test]
fn what_is_built_in_another_context() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "contexts",
        "== dune-workspace\n(lang dune 2.9)\n(context (default))\n(context (default (name solo5) (host default)))\n\
         == dune-project\n(lang dune 2.9)\n== dune\n(include dune.build)\n(vendored_dirs duniverse)\n\
         == dune.build\n(copy_files# ./mirage/main.ml)\n(executable (enabled_if (= %{context_name} \"solo5\")) (name main)\n\
         (modules (:standard \\ config)) (libraries sleep sleep.solo5))\n\
         (rule (enabled_if (= %{context_name} solo5)) (action (copy devices.in devices.ml)))\n\
         == devices.in\nlet first = List.length [ 1 ]\n\
         == config.ml\nlet () = ()\n== mirage/main.ml\nlet () = Sleep.ns Devices.first; print_string Sleep.name\n\
         == tool/dune\n(executable (name tool) (libraries sleep))\n\
         (rule (enabled_if (= %{context_name} solo5)) (action (copy there.in place.ml)))\n\
         (rule (enabled_if (= %{context_name} default)) (action (copy here.in place.ml)))\n\
         == tool/there.in\nlet n = Queue.length (Queue.create ())\n== tool/here.in\nlet n = Stack.length (Stack.create ())\n\
         == tool/tool.ml\nlet () = print_string Sleep.name; print_int Place.n\n\
         == duniverse/sleep/dune-project\n(lang dune 2.9)\n== duniverse/sleep/sleep.opam\n\
         == duniverse/sleep/src/dune\n(library (name sleep) (public_name sleep) (virtual_modules sleep)\n\
         (default_implementation sleep.unix))\n== duniverse/sleep/src/sleep.mli\nval ns : int -> unit\nval name : string\n\
         == duniverse/sleep/unix/dune\n(library (name sleep_unix) (public_name sleep.unix) (implements sleep) (libraries unix))\n\
         == duniverse/sleep/unix/sleep.ml\nlet ns = Unix.sleep\nlet name = \"unix\"\n\
         == duniverse/sleep/solo5/dune\n(library (name sleep_solo5) (public_name sleep.solo5) (implements sleep))\n\
         == duniverse/sleep/solo5/sleep.ml\nlet ns = ignore\nlet name = Filename.basename \"a/solo5\"\n",
    );
    let linked = || {
        let text = command::run(&tree.0, ["audit", "--format", "json", "--quiet"]).expect("an audit");
        let audit: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let problems: Vec<_> = audit["problems"].as_array().into_iter().flatten().collect();
        let is_told = |problem: &&&serde_json::Value| {
            problem["message"].as_str().is_some_and(|text| text.contains("solo5"))
        };
        assert_eq!(problems.iter().filter(is_told).count(), 1, "{problems:?}");
        let programs = audit["programs"].as_array().expect("programs").iter().map(|program| {
            let units = program["linked_units"].as_array().expect("units").iter();
            let units: BTreeSet<String> =
                units.map(|unit| unit["unit"].as_str().expect("a name").to_owned()).collect();
            (program["name"].as_str().expect("a name").to_owned(), units)
        });
        programs.collect::<BTreeMap<_, _>>()
    };
    let before = linked();
    let build =
        ["build", "--root", ".", "--profile", "release", "./_build/solo5/main.exe", "./tool/tool.exe"];
    ocaml::run_in(&tree.0, "dune", build).expect("it is built");
    let truth = |path: &str| {
        executable::read(&tree.0.join("_build").join(path))
            .expect("it was built")
            .linked
            .into_iter()
            .collect()
    };
    let truth = BTreeMap::from([
        ("main".to_owned(), truth("solo5/main.exe")),
        ("tool/tool".to_owned(), truth("default/tool/tool.exe")),
    ]);
    assert_eq!(before, truth);
    assert_eq!(linked(), truth);
}

/// Libraries of one name for several contexts: the one that is read is said, as programs of the other are shown with it.
#[test]
fn a_library_for_each_context_is_told() {
    for dir in ["before", "there"] {
        let tree = Tree::new(
            &format!("contexts-{dir}"),
            &format!(
                "== dune-workspace\n(lang dune 3.17)\n(context (default))\n(context (default (name solo5)))\n\
                 == dune-project\n(lang dune 3.17)\n\
                 == {dir}/dune\n(library (name io) (enabled_if (= %{{context_name}} default)))\n== {dir}/io.ml\n\
                 == solo5/dune\n(library (name io) (enabled_if (= %{{context_name}} solo5)))\n== solo5/io.ml\n"
            ),
        );
        let project = tree.load();
        let told = problem(&project, Code::Unsupported, "that of the context `default` is read");
        assert_eq!(line(&told), "solo5/dune:1");
    }
}

fn unlith_in(dir: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_unlith"));
    let output = command.args(words).current_dir(dir).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What a program that was not asked for lacks is nothing to the one that was.
#[test]
fn problems_of_other_programs_are_not_told() {
    let tree = Tree::new(
        "other-programs",
        "== dune-project\n(lang dune 2.9)\n(package (name far))\n\
         == dune\n(executable (name a) (modules a))\n(executable (name b) (modules b) (libraries nowhere far))\n\
         == a.ml\nlet () = print_endline \"a\"\n== b.ml\nlet () = Nowhere.go ()\n\
         == far/dune\n(library (name far) (public_name far) (optional) (libraries not-there))\n== far/far.ml\n",
    );
    let (code, text, err) = unlith_in(&tree.0, &["audit", "--exe", "a"]);
    assert!(code == Some(0) && !text.contains("nowhere") && err.is_empty(), "{text}{err}");
    let (code, text, err) = unlith_in(&tree.0, &["audit", "--exe", "b"]);
    assert!(code == Some(2) && text.contains("library `nowhere` is neither in the workspace"), "{text}{err}");
    let lacking =
        "library `far` (far/dune, line 1) is optional, and `not-there`, which it requires, is not there";
    assert!(text.contains(lacking), "{text}");
    let (code, ..) = unlith_in(&tree.0, &["audit"]);
    assert_eq!(code, Some(2));
}

/// C code that is not measured is told: that of a library until it is built, that of a program always.
#[test]
fn c_code_that_is_in_no_figure_is_told() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "c-code",
        "== dune-project\n(lang dune 2.9)\n\
         == dune\n(executable (name main) (modules main) (libraries lib))\n\
         (executable (name own) (modules own) (foreign_stubs (language c) (names own_stubs)))\n\
         == main.ml\nlet () = print_int (Lib.get 1)\n\
         == own.ml\nexternal get : int -> int = \"own_get\"\nlet () = print_int (get 1)\n\
         == own_stubs.c\n#include <caml/mlvalues.h>\nvalue own_get(value i) { return i; }\n\
         == lib/dune\n(library (name lib) (foreign_stubs (language c) (names stubs)))\n\
         == lib/lib.ml\nexternal get : int -> int = \"lib_get\"\n\
         == lib/stubs.c\n#include <caml/mlvalues.h>\nvalue lib_get(value i) { return i; }\n",
    );
    let told = |exe: &str| {
        let (_, text, err) = unlith_in(&tree.0, &["audit", "--exe", exe]);
        let line =
            text.lines().find(|line| line.contains("is in no figure")).map(|line| line.trim().to_owned());
        line.unwrap_or_else(|| format!("nothing is told{err}"))
    };
    assert_eq!(told("main"), "lib/dune:1:0: the C code of `lib` is in no figure");
    assert_eq!(told("own"), "dune:2:0: the C code of `own` is in no figure");
    build(&tree.0);
    assert_eq!(told("main"), "nothing is told");
    assert_eq!(told("own"), "dune:2:0: the C code of `own` is in no figure");
}

/// Modules that a stanza of an extension makes are modules of the library.
#[test]
fn modules_that_coqpp_makes_are_known() {
    let tree = Tree::new(
        "coqpp",
        "== dune-project\n(lang dune 2.5)\n(using coq 0.2)\n\
         == lib/dune\n(library (name lib))\n(coq.pp (modules g_prim))\n\
         == lib/g_prim.mlg\n{ let prim = 1 }\n== lib/use.ml\nlet use = G_prim.prim\n",
    );
    problem(&tree.load(), Code::Generated, "`G_prim` is generated from lib/g_prim.mlg");
}

/// An archive with a unit of which nothing is known is not said to be old.
#[test]
fn an_archive_with_a_unit_that_no_source_makes_says_which() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "unit-without-source",
        "== dune-project\n(lang dune 2.9)\n== lib/dune\n(library (name lib))\n\
         == lib/a.ml\nlet a = 1\n== lib/b.ml\nlet b = 2\n",
    );
    build(&tree.0);
    fs::remove_file(tree.0.join("lib/b.ml")).expect("it is there");
    problem(&tree.load(), Code::LinkMismatch, "has Lib__B, which no source here makes");
}

/// What nobody knows anything of is in no figure, before and after.
#[test]
fn the_curve_begins_with_the_program_as_it_is() {
    let functions: String =
        (0..40).map(|n| format!("let f{n} x = Printf.printf \"%d %d\" x (x + {n})\n")).collect();
    let tree = Tree::new(
        "curve-unread",
        &format!(
            "== dune-project\n(lang dune 2.9)\n== dune\n(executable (name main) (libraries lib))\n\
             == main.ml\nlet () = print_int (Lib.Big.small Lib.Made.x)\n== lib/big.ml\n{functions}let small x = x + 1\n\
             == lib/dune\n(library (name lib))\n(rule (targets made.ml) (action (with-stdout-to made.ml (run cat made.txt))))\n\
             == lib/made.txt\nlet x = 1\n"
        ),
    );
    let (_, json, err) = unlith_in(&tree.0, &["audit", "--format", "json", "--quiet"]);
    let audit: serde_json::Value = serde_json::from_str(&json).expect(&err);
    let program = &audit["programs"][0];
    assert_eq!(program["unread_units"], serde_json::json!(["Lib__Made"]));
    assert!(program["curve"].as_array().is_some_and(|curve| curve.len() > 1), "{program}");
    assert_eq!(program["curve"][0]["alloc"], program["size"]["alloc"]);
}

/// The alias module of a program is measured like its other modules.
#[test]
fn a_program_that_is_built_is_measured_whole() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "alias-measured",
        "== dune-project\n(lang dune 2.9)\n== dune\n(executable (name main))\n== a.ml\nlet x = 1\n\
         == main.ml\nlet () = print_int A.x\n",
    );
    build(&tree.0);
    let (_, text, _) = unlith_in(&tree.0, &["audit", "--quiet"]);
    assert!(!text.contains('~') && !text.contains("estimated"), "{text}");
}

/// What a preprocessor that nobody knows adds is told before the build, and known after it.
#[test]
fn what_the_compiler_recorded_of_a_program_counts() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "own-recorded",
        "== dune-project\n(lang dune 2.9)\n== rt/dune\n(library (name rt))\n== rt/rt.ml\nlet enter () = print_newline ()\n\
         == dune\n(executable (name main) (libraries rt)\n \
         (preprocess (action (run sed \"s/exit/Rt.enter (); exit/\" %{input-file}))))\n\
         == main.ml\nlet () = exit 0\n",
    );
    let linked = |arguments: &[&str]| {
        let (_, json, err) =
            unlith_in(&tree.0, &[&["audit", "--format", "json", "--quiet"], arguments].concat());
        let audit: serde_json::Value = serde_json::from_str(&json).expect(&err);
        let units = audit["programs"][0]["linked_units"].as_array().cloned().unwrap_or_default();
        let codes = audit["problems"].as_array().cloned().unwrap_or_default();
        let is_told = codes.iter().any(|problem| problem["code"] == "unknown-rewriter");
        (units.iter().any(|unit| unit["unit"] == "Rt"), is_told)
    };
    assert_eq!(linked(&[]), (false, true));
    build(&tree.0);
    assert_eq!(linked(&[]), (true, false));
    assert_eq!(linked(&["--sources-only"]), (false, true));
    // An older `.cmx` says nothing of the text that is there now.
    fs::write(tree.0.join("main.ml"), "let () = exit 1\n").expect("a writable temporary directory");
    assert_eq!(linked(&[]), (false, true));
}

/// With `-inline 100` nobody knows how much larger code becomes: an estimate says so by its interval.
#[test]
fn more_inlining_than_usual_widens_the_interval() {
    let width = |flags: &str| {
        let tree = Tree::new(
            "inlines-more",
            &format!(
                "== dune-project\n(lang dune 2.9)\n== dune\n(env (_ (ocamlopt_flags :standard {flags})))\n\
                 (executable (name main))\n== main.ml\nlet () = exit (int_of_string Sys.argv.(1))\n"
            ),
        );
        let (_, json, err) = unlith_in(&tree.0, &["audit", "--format", "json", "--quiet"]);
        let audit: serde_json::Value = serde_json::from_str(&json).expect(&err);
        let size = &audit["programs"][0]["size"];
        let bytes = |name: &str| size[name].as_u64().expect("bytes");
        (bytes("alloc") - bytes("low"), bytes("high") - bytes("alloc"))
    };
    let (usual, more) = (width("-O3 -inline 10"), width("-O3 -inline 100"));
    assert!(usual.0 == more.0 && more.1 > 2 * usual.1, "{usual:?} {more:?}");
}

/// What another compiler has built is not measured, and that is told once.
#[test]
fn what_another_compiler_has_built_is_not_measured() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "another-compiler",
        "== dune-project\n(lang dune 2.9)\n== lib/dune\n(library (name lib))\n== lib/lib.ml\nlet x = 1\n\
         == dune\n(executable (name main) (libraries lib))\n== main.ml\nlet () = exit Lib.x\n",
    );
    build(&tree.0);
    let compiled = ["lib/lib.cmxa", ".main.eobjs/native/dune__exe__Main.cmx"];
    for file in compiled.map(|file| tree.0.join("_build/default").join(file)) {
        let mut bytes = fs::read(&file).expect("it was built");
        let number: u32 = String::from_utf8_lossy(&bytes[9..12]).parse().expect("a number");
        bytes[9..12].copy_from_slice(format!("{:03}", number + 1).as_bytes());
        // dune takes away the right to write.
        fs::remove_file(&file)
            .and_then(|()| fs::write(&file, bytes))
            .expect("a writable temporary directory");
    }
    let (_, json, err) = unlith_in(&tree.0, &["audit", "--format", "json", "--quiet"]);
    let audit: serde_json::Value = serde_json::from_str(&json).expect(&err);
    let units = audit["programs"][0]["linked_units"].as_array().cloned().unwrap_or_default();
    let own = units.iter().filter(|unit| ["Lib", "Dune__exe__Main"].iter().any(|name| unit["unit"] == *name));
    assert_eq!(own.clone().count(), 2);
    assert!(own.into_iter().all(|unit| unit["provenance"] == "estimated"), "{json}");
    let problems = audit["problems"].as_array().cloned().unwrap_or_default();
    let told = problems.iter().filter(|problem| problem["code"] == "link-mismatch");
    assert_eq!(told.count(), 1, "{problems:?}");
}

/// Two proposals that change one lexer: the second one is of the lexer as it was, and not of what the build made of the first.
#[test]
fn one_trial_after_another_may_change_the_same_lexer() {
    if !has_dune() {
        return;
    }
    let module: String =
        (0..40).map(|n| format!("let f{n} x = Printf.printf \"%d %d\" x (x + {n})\n")).collect();
    let tree = Tree::new(
        "one-lexer",
        &format!(
            "== dune-project\n(lang dune 2.9)\n== lib/dune\n(library (name lib))\n\
             == lib/one.ml\nlet small x = x + 1\n{module}== lib/two.ml\nlet small x = x + 2\n{module}\
             == dune\n(executable (name main) (libraries lib))\n(ocamllex lexer)\n\
             == lexer.mll\n{{\nlet two = Lib.Two.small\n}}\n\
             rule token = parse 'a' {{ Lib.One.small 1 }} | 'b' {{ two 2 }} | _ {{ 0 }}\n\
             == main.ml\nlet () = print_int (Lexer.token (Lexing.from_string \"ab\"))\n"
        ),
    );
    let (_, text, err) = unlith_in(&tree.0, &["verify", "--no-tests", "--quiet"]);
    let verified =
        text.lines().filter(|line| line.contains("partition-unit:") && line.ends_with("  verified"));
    assert_eq!(verified.count(), 2, "{text}{err}");
}

/// One program that needs what is not installed does not keep the others from being tried.
#[test]
fn what_does_not_build_as_it_is_is_left_out_of_verify() {
    if !has_dune() {
        return;
    }
    let tree = Tree::new(
        "left-out",
        "== dune-project\n(lang dune 2.9)\n== a/dune\n(executable (name a))\n== a/a.ml\nlet () = print_endline \"a\"\n\
         == b/dune\n(executable (name b) (libraries nowhere-to-be-found))\n== b/b.ml\nlet () = Nowhere.go ()\n\
         == c/dune\n(executable (name c) (modes js))\n== c/c.ml\nlet () = print_endline \"c\"\n",
    );
    let verify = |more: &[&str]| unlith_in(&tree.0, &[&["verify", "--quiet"], more].concat());
    let (_, json, err) = verify(&["--format", "json"]);
    let verdict: serde_json::Value = serde_json::from_str(&json).expect(&err);
    let names = |key: &str| {
        let programs = verdict[key].as_array().expect("a list");
        programs
            .iter()
            .map(|program| program["name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (names("programs"), names("left_out")),
        (vec!["a/a".to_owned()], vec!["c/c".to_owned(), "b/b".to_owned()])
    );
    let (_, text, _) = verify(&[]);
    assert!(text.contains("Left out: b/b does not build as it is: ") && text.contains("nowhere"), "{text}");
    let (code, _, err) = verify(&["--exe", "b/b"]);
    assert!(code == Some(2) && err.contains("the project does not build as it is"), "{err}");
}

#[cfg(unix)]
#[test]
fn hostile_trees_end() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tree = Tree::new(
        "hostile",
        "== dune-project\n(lang dune 2.9)\n== a/dune\n(library (name a))\n== a/a.ml\n== b/b.ml\n== u/x\n",
    );
    symlink("..", tree.0.join("a/loop")).expect("links can be made");
    symlink("../b", tree.0.join("a/lb")).expect("links can be made");
    symlink("../a", tree.0.join("b/la")).expect("links can be made");
    symlink("nowhere", tree.0.join("b/dangling.ml")).expect("links can be made");
    fs::write(tree.0.join("b/dune"), b"; \xff\xfe\n(library (name b))").expect("temporary files can be made");
    fs::create_dir_all(tree.0.join("c/d")).expect("temporary files can be made");
    fs::write(tree.0.join("c/dune"), "(".repeat(1 << 20)).expect("temporary files can be made");
    fs::write(tree.0.join("c/d/dune"), vec![b' '; (8 << 20) + 1]).expect("temporary files can be made");
    fs::create_dir(tree.0.join("u/dune")).expect("temporary files can be made");
    fs::set_permissions(tree.0.join("u"), fs::Permissions::from_mode(0o000)).expect("it is ours");
    let project = tree.load();
    fs::set_permissions(tree.0.join("u"), fs::Permissions::from_mode(0o755)).expect("it is ours");
    problem(&project, Code::NotUtf8, "UTF-8");
    problem(&project, Code::BrokenBuildFile, "nested deeper");
    problem(&project, Code::Unreadable, "longer than 8 MB");
    problem(&project, Code::Cycle, "link leads");
}
