//! Small dune workspaces, each with a trap, read by us from sources alone and built by the real dune: the same units in
//! each archive, the same `-open` for each, the same archives in the same order on each program's command line.
//! What dune refuses to build has its problems checked. Building is skipped, with a message, where dune is not installed.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use unlith::base::{Code, LibraryId, Problem};
use unlith::project::{Library, LibraryOrigin, LoadOptions, Project, Unit, UnitSource, load_workspace};

/// A directory of its own, gone at the end.
struct Tree(PathBuf);

impl Tree {
    /// Writes the files of a fixture: `== path` before each text.
    fn new(name: &str, fixture: &str) -> Tree {
        let root = std::env::temp_dir().join(format!("unlith-dune-{name}-{}", std::process::id()));
        _ = fs::remove_dir_all(&root);
        for part in fixture.split("== ").skip(1) {
            let (path, text) = part.split_once('\n').expect("a path, then the text");
            let path = root.join(path.trim());
            fs::create_dir_all(path.parent().expect("it lies in the tree"))
                .expect("temporary files can be made");
            fs::write(path, text).expect("temporary files can be made");
        }
        Tree(root)
    }
    fn load(&self) -> Project {
        load_workspace(&self.0, &LoadOptions::of_process()).expect("it is a workspace")
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn has_dune() -> bool {
    let found = Command::new("dune").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: dune is not installed");
    }
    found
}

/// What a build says of units and programs.
#[derive(Debug, Default)]
struct Built {
    /// For each library: its units with code.
    archives: BTreeMap<String, BTreeSet<String>>,
    /// For each unit that was compiled, with the directory of its stanza: what it opens.
    opens: BTreeMap<(PathBuf, String), Vec<String>>,
    /// For each program: archives in order, and its own units.
    programs: BTreeMap<String, (Vec<String>, BTreeSet<String>)>,
}

fn build(root: &Path) -> Built {
    let output = Command::new("dune")
        .args(["build", "--root", ".", "@all"])
        .current_dir(root)
        .output()
        .expect("dune was found");
    assert!(output.status.success(), "dune build: {}", String::from_utf8_lossy(&output.stderr));
    let log = fs::read_to_string(root.join("_build/log")).expect("dune writes a log");
    let mut built = Built::default();
    for line in log.lines().filter(|line| line.contains("ocamlopt") && line.starts_with('$')) {
        let words: Vec<&str> = line.trim_end_matches(')').split_ascii_whitespace().collect();
        let after = |flag: &str| words.iter().position(|word| *word == flag).map(|at| words[at + 1]);
        let output = after("-o").unwrap_or_default();
        if output.starts_with(".ppx/") {
            continue; // dune's own rewriting program
        }
        let unit = |path: &str| {
            capitalised(Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default())
        };
        if words.contains(&"-c") {
            let opens =
                words.windows(2).filter(|pair| pair[0] == "-open").map(|pair| pair[1].to_string()).collect();
            let dir =
                Path::new(output).ancestors().nth(3).expect("DIR/.x.objs/native/unit.cmx").to_path_buf();
            built.opens.insert((dir, unit(output)), opens);
        } else if output.ends_with(".cmxa") {
            let units = words.iter().filter(|word| word.ends_with(".cmx")).map(|path| unit(path)).collect();
            built.archives.insert(output.to_string(), units);
        } else if let Some(program) = output.strip_suffix(".exe") {
            let archives =
                words.iter().filter(|word| word.ends_with(".cmxa")).map(|word| (*word).to_string()).collect();
            let units = words.iter().filter(|word| word.ends_with(".cmx")).map(|path| unit(path)).collect();
            built.programs.insert(program.to_string(), (archives, units));
        }
    }
    built
}

fn capitalised(stem: &str) -> String {
    let (first, rest) = stem.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// The build's archive of a library: by directory and name where the local name is the public one, else by its units.
fn archive_of(project: &Project, id: LibraryId, built: &Built) -> Vec<String> {
    let library = project.library(id);
    if library.origin != LibraryOrigin::Workspace {
        let archives = library.archives.iter().filter_map(|archive| archive.cmxa.as_ref());
        return archives.map(|path| path.display().to_string()).collect();
    }
    let dir = dir_of(project, library);
    let named = dir.join(format!("{}.cmxa", library.name)).display().to_string();
    let units = units_with_code(project, library);
    let beside = built.archives.iter().filter(|(file, _)| Path::new(file).parent() == Some(&dir));
    let same = beside
        .filter(|(_, theirs)| units.is_subset(theirs) && !units.is_empty())
        .map(|(file, _)| file.clone());
    if built.archives.contains_key(&named) { vec![named] } else { same.take(1).collect() }
}

fn dir_of(project: &Project, library: &Library) -> PathBuf {
    library.dir.strip_prefix(&project.root).expect("it lies in the workspace").to_path_buf()
}

fn has_code(unit: &Unit) -> bool {
    !matches!(unit.source, UnitSource::Files { implementation: None, .. })
}

fn units_with_code(project: &Project, library: &Library) -> BTreeSet<String> {
    let units = library.units.iter().map(|&unit| project.unit(unit)).filter(|unit| has_code(unit));
    units.map(|unit| unit.name.to_string()).collect()
}

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

/// Compares what we read with what dune built; gives the counts.
#[track_caller]
fn compare(project: &Project, built: &Built) -> String {
    let mut opens = BTreeMap::new();
    let mut archives = BTreeMap::new();
    let mut of_virtual = BTreeSet::new();
    for (index, library) in project.libraries.iter().enumerate() {
        if library.origin == LibraryOrigin::Workspace {
            let units = units_with_code(project, library);
            match archive_of(project, LibraryId(index as u32), built).pop() {
                Some(file) => _ = archives.insert(file, units),
                // A virtual library has no archive: its units are in those of its implementations.
                None => of_virtual.extend(units),
            }
        }
        if matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program) {
            for unit in library.units.iter().map(|&unit| project.unit(unit)).filter(|unit| has_code(unit)) {
                let opened: Vec<_> = unit.opens.iter().map(|open| open.to_string()).collect();
                opens.insert((dir_of(project, library), unit.name.to_string()), opened);
            }
        }
    }
    for (file, units) in &built.archives {
        let ours = archives.get(file).cloned().unwrap_or_default();
        assert!(ours.is_subset(units), "{file}: ours {ours:?}, dune's {units:?}");
        let is_virtual = units.difference(&ours).all(|unit| of_virtual.contains(unit));
        assert!(is_virtual, "{file}: ours {ours:?}, dune's {units:?}");
    }
    for (unit, opened) in &built.opens {
        assert_eq!(opens.get(unit), Some(opened), "what {unit:?} opens");
    }
    let programs: BTreeMap<_, _> =
        project.programs.iter().map(|program| (program.name.clone(), program)).collect();
    assert_eq!(programs.keys().collect::<Vec<_>>(), built.programs.keys().collect::<Vec<_>>());
    for (title, (their_archives, their_units)) in &built.programs {
        let program = programs[title];
        let libraries = program.libraries.iter().skip(1);
        let our_archives: Vec<_> = libraries.flat_map(|&id| archive_of(project, id, built)).collect();
        assert_eq!(&our_archives, their_archives, "command line of {title}");
        let own: BTreeSet<_> =
            program.own_units.iter().map(|&unit| project.unit(unit).name.to_string()).collect();
        assert!(own.is_subset(their_units), "{title}: ours {own:?}, dune's {their_units:?}");
        let known = units_with_code(project, project.library(program.own));
        assert!(their_units.is_subset(&known), "{title}: ours {known:?}, dune's {their_units:?}");
    }
    format!("{} archives, {} units, {} programs", archives.len(), built.opens.len(), built.programs.len())
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
