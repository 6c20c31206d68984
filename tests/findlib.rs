//! Every installed package, loaded by us and asked of `ocamlfind`: the same packages in the same order, the same
//! archives, and in each archive the units that `ocamlobjinfo` prints. Skipped, with a message, without OCaml.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use unlith::base::Severity;
use unlith::project::{Archive, LoadOptions, Project, UnitSource, load_files};

fn run(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_string).collect()
}

/// A file to link the packages with, in a directory that goes away with the test.
struct MainFile {
    dir: tempfile::TempDir,
    path: PathBuf,
}

fn main_file(test: &str) -> MainFile {
    let prefix = format!("unlith-findlib-{test}-");
    let dir = tempfile::Builder::new().prefix(&prefix).tempdir();
    let dir = dir.expect("the directory for temporary files can be written");
    let path = dir.path().join("main.ml");
    std::fs::write(&path, "let () = ()\n").expect("the directory for temporary files can be written");
    MainFile { dir, path }
}

fn load(file: &std::path::Path, package: &str) -> Project {
    let options = LoadOptions { packages: vec![package.into()], ..LoadOptions::of_process() };
    load_files(&[file.to_path_buf()], &options).expect("the file was just written")
}

/// The file with an archive's link information; a unit that is given by itself has its own.
fn link_information(archive: &Archive) -> Option<PathBuf> {
    archive.cmxa.clone().or_else(|| archive.objects.as_ref().map(|objects| objects.with_extension("cmx")))
}

/// The packages and archives of a program's command line, the standard library left out.
fn ours(project: &Project) -> (Vec<String>, Vec<String>) {
    let libraries = project.programs[0].libraries.iter().map(|&id| project.library(id));
    let libraries: Vec<_> = libraries.filter(|library| library.name.as_str() != "stdlib").collect();
    let archives = libraries.iter().flat_map(|library| &library.archives);
    let archives = archives.map(link_information);
    let shown = archives.flatten().map(|path| path.display().to_string()).collect();
    (libraries.iter().map(|library| library.name.to_string()).collect(), shown)
}

fn theirs(package: &str) -> Option<(Vec<String>, Vec<String>)> {
    let with = |predicates: &str, format: &str| {
        run("ocamlfind", &["query", "-r", "-predicates", predicates, "-format", format, package])
            .map(|out| lines(&out))
    };
    let packages = with("native,autolink", "%p")?;
    let has_threads = packages.iter().any(|package| package.starts_with("threads"));
    let predicates = if has_threads { "native,autolink,mt,mt_posix" } else { "native,autolink" };
    let packages = with(predicates, "%p")?.into_iter().filter(|package| package != "stdlib").collect();
    let archives = with(predicates, "%+a")?
        .iter()
        .flat_map(|line| line.split(' ').map(str::to_string).collect::<Vec<_>>())
        .collect();
    Some((packages, archives))
}

fn installed_packages() -> Vec<String> {
    let listed = run("ocamlfind", &["list"]).unwrap_or_default();
    listed.lines().filter_map(|line| line.split_ascii_whitespace().next()).map(str::to_string).collect()
}

#[test]
fn packages_and_archives_are_those_of_ocamlfind() {
    let packages = installed_packages();
    if packages.is_empty() {
        println!("skipped: ocamlfind is not installed");
        return;
    }
    let file = main_file("order");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for package in &packages {
        let Some((their_packages, their_archives)) = theirs(package) else {
            println!("ocamlfind itself fails on {package}");
            continue;
        };
        compared += 1;
        let project = load(&file.path, package);
        let (our_packages, our_archives) = ours(&project);
        // C objects are no archives of units; some packages promise archives that are not installed.
        let is_there = |path: &String| !path.ends_with(".o") && PathBuf::from(path).is_file();
        let their_archives: Vec<_> = their_archives.into_iter().filter(is_there).collect();
        if our_packages != their_packages {
            wrong
                .push(format!("{package}: packages\n  ours   {our_packages:?}\n  theirs {their_packages:?}"));
        }
        if our_archives != their_archives {
            wrong
                .push(format!("{package}: archives\n  ours   {our_archives:?}\n  theirs {their_archives:?}"));
        }
        for problem in project.problems.iter().filter(|problem| problem.severity < Severity::Note) {
            println!("{package}: {problem:?}");
        }
    }
    println!("{compared} packages compared");
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn units_are_those_of_the_archives_and_sources_are_theirs() {
    let packages = installed_packages();
    if packages.is_empty() || run("ocamlobjinfo", &["-help"]).is_none() {
        println!("skipped: ocamlfind or ocamlobjinfo is not installed");
        return;
    }
    let file = main_file("units");
    let mut seen: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for package in &packages {
        let project = load(&file.path, package);
        for library in &project.libraries {
            let archives: Vec<_> = library.archives.iter().filter_map(link_information).collect();
            if archives.is_empty() || seen.contains_key(library.name.as_str()) {
                continue;
            }
            let paths: Vec<_> =
                archives.iter().map(|path| path.to_str().expect("OCaml's paths are UTF-8")).collect();
            // One run each: of several files, single units are passed over.
            let print =
                |path: &&str| run("ocamlobjinfo", &["-no-approx", "-no-code", path]).unwrap_or_default();
            let printed: String = paths.iter().map(print).collect();
            let theirs: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("Name: ")).collect();
            let units: Vec<_> = library.units.iter().map(|&id| project.unit(id)).collect();
            let ours: Vec<_> =
                units.iter().filter(|unit| unit.recorded.is_some()).map(|unit| unit.name.as_str()).collect();
            assert_eq!(ours, theirs, "units of {}", library.name);
            let mut counts = [0; 4];
            for unit in units {
                let kind = match &unit.source {
                    UnitSource::Files { implementation: Some(_), .. } => 0,
                    UnitSource::Files { .. } => 1,
                    UnitSource::Generated(_) => 2,
                    UnitSource::Opaque { .. } => 3,
                };
                counts[kind] += 1;
            }
            seen.insert(library.name.to_string(), counts);
        }
    }
    let total = seen.values().fold([0; 4], |sum, counts| [0, 1, 2, 3].map(|kind| sum[kind] + counts[kind]));
    println!(
        "{} libraries: {} units with source, {} interfaces, {} generated, {} opaque",
        seen.len(),
        total[0],
        total[1],
        total[2],
        total[3]
    );
    for (library, counts) in seen.iter().filter(|(_, counts)| counts[1..] != [0; 3]) {
        let [sources, interfaces, generated, opaque] = counts;
        println!(
            "  {library}: {sources} with source, {interfaces} interfaces, {generated} generated, {opaque} opaque"
        );
    }
}

#[test]
fn a_missing_package_is_a_problem_with_near_names() {
    let file = main_file("missing");
    let project = load(&file.path, "no-such-package");
    let problem = project.problems.iter().find(|problem| problem.message.contains("no-such-package"));
    let help = problem.expect("it is reported").help.clone().unwrap_or_default();
    assert!(help.contains("opam install no-such-package"), "{help}");
    assert_eq!(project.programs[0].own_units.len(), 1);
}

/// The META files of packages that use what few installed ones do.
const PACKAGES: [(&str, &str); 7] = [
    (
        "impl/META",
        "version = \"1\"\nrequires = \"base_part\"\nrequires(mt) += \"extra\"\narchive(native) = \"impl.cmxa\"\n\
         archive(native,mt) = \"impl_mt.cmxa\"\narchive(byte) = \"impl.cma\"\n\
         package \"there\" ( directory = \"there\" exists_if = \"none.cma,there.cmxa\" requires = \"impl\" )\n\
         package \"gone\" ( exists_if = \"nowhere.cmxa\" )\n\
         package \"deep\" ( package \"er\" ( requires = \"impl.there virtual\" ) )\n",
    ),
    ("impl/there/there.cmxa", ""),
    ("base_part/META", "requires = \"\"\n"),
    ("extra/META", "requires(-native) = \"base_part\"\nrequires(native) = \"runtime\"\n"),
    (
        "virtual/META",
        "description = \"no archive of its own\"\nrequires = \"impl\"\nrequires(autolink) += \"runtime\"\n",
    ),
    ("runtime/META", "archive(native) = \"runtime.cmxa\"\n"),
    (
        "rewriter/META",
        "requires(ppx_driver) = \"extra\"\nrequires(-ppx_driver) = \"runtime\"\n\
         ppx(-ppx_driver,-custom_ppx) = \"./ppx.exe --as-ppx\"\n",
    ),
];

#[test]
fn predicates_sub_packages_and_conditions_as_ocamlfind_reads_them() {
    let file = main_file("conditions");
    let dir = file.dir.path().join("lib");
    for (path, text) in PACKAGES {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in a directory"))
            .expect("temporary files can be made");
        std::fs::write(path, text).expect("temporary files can be made");
    }
    let query = |package: &str| {
        let options = ["query", "-r", "-predicates", "native,autolink", "-format", "%p", package];
        Command::new("ocamlfind").args(options).env("OCAMLPATH", &dir).output().ok()
    };
    let mut compared = 0;
    for package in
        ["impl", "impl.there", "impl.gone", "impl.deep.er", "virtual", "rewriter", "extra", "impl.deep"]
    {
        let Some(output) = query(package) else {
            println!("skipped: ocamlfind is not installed");
            return;
        };
        let ocamlpath = Some(dir.display().to_string());
        let options = LoadOptions { packages: vec![package.into()], ocamlpath, ..LoadOptions::of_process() };
        let project =
            load_files(std::slice::from_ref(&file.path), &options).expect("the file was just written");
        let (found, _) = ours(&project);
        let wanted =
            if output.status.success() { lines(&String::from_utf8_lossy(&output.stdout)) } else { vec![] };
        assert_eq!(found, wanted, "{package}: {}", String::from_utf8_lossy(&output.stderr));
        compared += 1;
    }
    println!("{compared} packages compared");
}
