//! Programs of files, with the packages and modules that they see.

use super::*;
use crate::base::{Code, UnitId, name};
use crate::project::Environment;
use std::fs;

/// A directory with these files, which goes away with the test.
fn tree(name: &str, files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let prefix = format!("unlith-files-{name}-");
    let root = tempfile::Builder::new().prefix(&prefix).tempdir().expect("temporary directories can be made");
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("it lies in the tree")).expect("temporary files can be made");
        fs::write(path, text).expect("temporary files can be made");
    }
    root
}
fn options(root: &Path) -> LoadOptions {
    let environment =
        Environment { ocamllib: Some(root.join("ocaml").display().to_string()), ..Environment::default() };
    let ocamlpath = Some(root.join("lib").display().to_string());
    LoadOptions { ocamlpath, environment, ..LoadOptions::of_process() }
}
fn names(project: &Project, units: &[UnitId]) -> Vec<String> {
    units.iter().map(|&unit| project.unit(unit).name.to_string()).collect()
}
const OCAML: [(&str, &[u8]); 4] = [
    ("ocaml/stdlib.ml", b"external raise : exn -> 'a = \"%raise\"\nmodule List = List\n"),
    ("ocaml/list.ml", b""),
    ("ocaml/camlinternalFormatBasics.ml", b""),
    ("ocaml/std_exit.ml", b""),
];

#[test]
fn files_are_linked_in_their_order_and_neighbours_can_be_named() {
    let mut files = OCAML.to_vec();
    files.extend([
        ("b.ml", &b""[..]),
        ("a.ml", b""),
        ("c.ml", b""),
        ("c.mli", b""),
        ("t.mli", b""),
        ("no-module.ml", b""),
    ]);
    let temporary = tree("order", &files);
    let root = temporary.path();
    let project = load_files(&[root.join("b.ml"), root.join("a.ml")], &options(root)).unwrap();
    assert_eq!(names(&project, &project.programs[0].own_units), ["B", "A"]);
    let own = project.library(project.programs[0].own).clone();
    assert_eq!(names(&project, &own.units), ["B", "A", "C", "T"]);
    let stdlib = project.library(project.programs[0].libraries[0]);
    assert_eq!(
        names(&project, &stdlib.units),
        ["CamlinternalFormatBasics", "Stdlib", "Stdlib__List", "Std_exit"]
    );
    assert_eq!(
        project.visible_unit(project.programs[0].own, name("List")),
        Some(stdlib.unit_by_name[&name("List")])
    );
}

#[test]
fn packages_from_their_sources_without_an_archive() {
    let mut files = OCAML.to_vec();
    files.extend([
        (
            "lib/p/META",
            &b"requires = \"q gone\" archive(native) = \"p.cmxa\"\npackage \"s\" ( requires = \"p\" )"[..],
        ),
        ("lib/p/p.ml", b""),
        ("lib/q/META", b"requires = \"p\" broken"),
        ("m.ml", b""),
    ]);
    let temporary = tree("packages", &files);
    let root = temporary.path();
    let mut options = options(root);
    options.packages = vec!["p.s".into(), "pq".into()];
    let project = load_files(&[root.join("m.ml")], &options).unwrap();
    let libraries = &project.programs[0].libraries;
    let shown: Vec<_> = libraries.iter().map(|&id| project.library(id).name.as_str()).collect();
    assert_eq!(shown, ["stdlib", "q", "p", "p.s"]);
    assert!(project.visible_unit(project.programs[0].own, name("P")).is_some());
    let codes: Vec<_> = project.problems.iter().map(|problem| problem.code).collect();
    // Neither `p.cmxa` nor `stdlib.cmxa` is there.
    use Code::*;
    assert_eq!(codes, [MissingPackage, MissingPackage, Cycle, BrokenBuildFile, Unreadable, Unreadable]);
}

#[test]
fn paths_that_are_no_sources_are_refused() {
    let temporary = tree("refused", &[("x.txt", b""), ("1.ml", b"")]);
    let root = temporary.path();
    let load = |path: &str| load_files(&[root.join(path)], &options(root)).unwrap_err().to_string();
    assert!(load("gone.ml").contains("does not exist"));
    assert!(load("x.txt").contains("no OCaml source") && load("1.ml").contains("no OCaml source"));
    assert_eq!(load_files(&[], &options(root)).unwrap_err(), LoadError::NoFiles);
}
