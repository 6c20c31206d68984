//! Predicted executables against linked ones: allocated bytes, stripped and unstripped length.
//!
//! The linked set is read from the executable, so that only sizes are judged here. Without OCaml the test is skipped, with
//! a message; programs whose packages are not installed are passed over.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use unlith::base::{Idx, UnitId};
use unlith::graph::Graph;
use unlith::project::{LoadOptions, Project, load_files, read_cmx};
use unlith::size::{
    ExeSize, LinkMode, Objects, Profile, ProgramSize, Provenance, compute, load_objects, measure_objects,
    predict_in, read_executable,
};

/// Name, source, packages.
const PROGRAMS: [(&str, &str, &str); 12] = [
    ("empty", "", ""),
    ("printf", "let () = Printf.printf \"%d\\n\" (Hashtbl.hash 1)", ""),
    ("unixy", "let () = print_float (Unix.time ()); ignore (Str.regexp \"a\")", "unix,str"),
    (
        "arguments",
        "let f a b c d e g h i j k l m n o p q r s t u = a + b + c + d + e + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u \
         let () = print_int (Sys.opaque_identity f 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19)",
        "",
    ),
    ("exporting", "let () = print_int Opcodes.opACC0", "compiler-libs.bytecomp"),
    ("basic", "let () = Stdio.print_endline (Base.Int.to_string 1)", "base,stdio"),
    ("formats", "let () = Fmt.pr \"%a\" Fmt.int 1; Logs.app (fun m -> m \"x\")", "fmt,logs,logs.fmt"),
    ("many", "let () = ignore (BatList.take 1 [1]); print_string (Z.to_string Z.one)", "batteries,zarith"),
    ("command", "let () = ignore Cmdliner.Arg.(value & flag & info [])", "cmdliner"),
    ("regular", "let () = ignore (Re.execp (Re.compile (Re.Perl.re \"a+\")) \"b\")", "re.perl"),
    ("rewriter", "let () = Ppxlib.Driver.standalone ()", "ppxlib"),
    ("light", "let () = Lwt_main.run (Lwt_io.printl \"x\")", "lwt.unix"),
];

/// Ways of linking, each with what the linker is told for it.
const MODES: [(LinkMode, &[&str]); 4] = [
    (LinkMode::DEFAULT, &[]),
    (LinkMode::NO_PIE, &["-ccopt", "-no-pie"]),
    (LinkMode::NO_EXPORT, &["-ccopt", "-Wl,--no-export-dynamic"]),
    (LinkMode::FIXED, &["-ccopt", "-no-pie", "-ccopt", "-Wl,--no-export-dynamic"]),
];

/// Compiles and links; `None` where OCaml or a package is not installed.
fn link(dir: &Path, name: &str, source: &str, packages: &str, options: &[&str]) -> Option<ExeSize> {
    std::fs::create_dir_all(dir).expect("a writable target directory");
    let (ml, exe) = (dir.join(format!("{name}.ml")), dir.join(format!("{name}.exe")));
    std::fs::write(&ml, source).expect("a writable target directory");
    let mut command = Command::new("ocamlfind");
    command.args(["ocamlopt", "-g"]);
    if !packages.is_empty() {
        command.args(["-package", packages, "-linkpkg"]);
    }
    command.args(options);
    if packages.contains("lwt") {
        command.arg("-thread");
    }
    let status = command.arg(&ml).arg("-o").arg(&exe).stderr(Stdio::null()).status().ok()?;
    let bytes = status.success().then(|| std::fs::read(&exe).expect("the linker's output"))?;
    Some(read_executable(&bytes).expect("a sound executable"))
}

/// Loads the program with the objects of its packages and its own.
fn load(dir: &Path, name: &str, packages: &str) -> (Project, Objects) {
    let file = |extension: &str| -> PathBuf { dir.join(format!("{name}.{extension}")) };
    let mut options = LoadOptions::of_process();
    options.packages = packages.split(',').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    let project = load_files(&[file("ml")], &options).expect("the file exists");
    let (mut objects, problems) = load_objects(&project);
    assert_eq!(problems, [], "installed archives are sound");
    let own = project.programs[0].own_units[0];
    let bytes = std::fs::read(file("o")).expect("the compiler's output");
    objects.units[own.idx()] = measure_objects(&bytes).expect("a sound object file").pop();
    let bytes = std::fs::read(file("cmx")).expect("the compiler's output");
    objects.link[own.idx()] = Some(read_cmx(&bytes).expect("a sound unit file"));
    (project, objects)
}

fn predicted(project: &Project, objects: &Objects, exe: &ExeSize, mode: LinkMode) -> ProgramSize {
    let sizes = compute(project, &Graph::default(), |_| None, objects, Profile::Pie);
    let id = |name: &str| {
        let position = project.units.iter().position(|unit| unit.name == name);
        UnitId::new(position.unwrap_or_else(|| panic!("{name} is in no library")))
    };
    let linked: Vec<UnitId> = exe.units.iter().map(|(name, _)| id(name)).collect();
    predict_in(project, &sizes, objects, &linked, &project.programs[0].libraries, mode)
}

fn percent(predicted: u64, actual: u64) -> f64 {
    100.0 * (predicted as f64 / actual as f64 - 1.0)
}

#[test]
fn predicted_lengths_are_those_of_the_linker() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program_sizes");
    let mut n_programs = 0;
    println!(
        "{:10} {:>6} {:>10} {:>9} {:>9} {:>9}",
        "program", "units", "alloc", "error", "stripped", "unstripped"
    );
    for (name, source, packages) in PROGRAMS {
        let Some(exe) = link(&dir, name, source, packages, &[]) else {
            println!("{name}: skipped, needs ocamlfind and the packages {packages:?}");
            continue;
        };
        let (project, objects) = load(&dir, name, packages);
        let size = predicted(&project, &objects, &exe, LinkMode::DEFAULT);
        let errors = [(size.alloc, exe.alloc), (size.stripped, exe.stripped), (size.unstripped, exe.file)]
            .map(|(p, a)| percent(p, a));
        let [alloc, stripped, unstripped] = errors;
        println!(
            "{name:10} {:6} {:10} {alloc:+8.3}% {stripped:+8.3}% {unstripped:+8.3}%",
            exe.units.len(),
            exe.alloc
        );
        assert!(alloc.abs() < 0.5 && stripped.abs() < 1.0 && unstripped.abs() < 1.0, "{name}: {size:?}");
        assert_eq!(size.provenance, Some(Provenance::Measured), "{name}");
        assert_eq!(size.units + size.stubs + size.runtime, size.alloc, "{name}: the parts add up");
        n_programs += 1;
    }
    if n_programs == 0 {
        println!("skipped: needs ocamlfind (apt-get install ocaml-findlib)");
    }
}

#[test]
fn dynamic_symbols_are_those_of_the_linker() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program_symbols");
    for (name, source, packages) in PROGRAMS.into_iter().take(5) {
        for (mode, options) in MODES {
            let Some(exe) = link(&dir, name, source, packages, options) else {
                println!("{name}: skipped, needs ocamlfind and the packages {packages:?}");
                continue;
            };
            let (project, objects) = load(&dir, name, packages);
            let size = predicted(&project, &objects, &exe, mode);
            let ours = |section: &str| size.sections.get(section).copied().unwrap_or(0);
            for section in [".gnu.hash", ".dynsym", ".gnu.version"] {
                assert_eq!(ours(section), exe.section(section), "{name}, {mode:?}: {section}");
            }
        }
    }
}
