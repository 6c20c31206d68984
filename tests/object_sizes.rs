//! Units measured in their archives against the same units in linked executables, and damaged object files.
//!
//! The programs are compiled and linked by the installed OCaml; without one the tests are skipped, with a message.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use unlith::size::{Anatomy, ExeSize, UnitSize, measure_objects, read_executable};

fn run(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The directory of the standard library.
fn stdlib() -> Option<PathBuf> {
    run("ocamlfind", &["ocamlopt", "-where"]).map(PathBuf::from)
}

/// Compiles and links one source with packages; `None` where something is not installed.
fn link(
    dir: &Path,
    name: &str,
    source: &str,
    packages: &str,
    options: &[&str],
) -> Option<(PathBuf, ExeSize)> {
    std::fs::create_dir_all(dir).expect("a writable target directory");
    let (ml, exe) = (dir.join(format!("{name}.ml")), dir.join(format!("{name}.exe")));
    std::fs::write(&ml, source).expect("a writable target directory");
    let mut command = Command::new("ocamlfind");
    command.args(["ocamlopt", "-g"]).args(options);
    if !packages.is_empty() {
        command.args(["-package", packages, "-linkpkg"]);
    }
    let status = command.arg(&ml).arg("-o").arg(&exe).stderr(std::process::Stdio::null()).status().ok()?;
    let bytes = status.success().then(|| std::fs::read(&exe).expect("the linker's output"))?;
    Some((exe, read_executable(&bytes).expect("a sound executable")))
}

/// The archives that a link with these packages takes.
fn archives(packages: &str) -> Vec<PathBuf> {
    let root = stdlib().expect("checked before");
    let mut archives = vec![root.join("stdlib.a"), root.join("std_exit.o")];
    let format = ["query", "-r", "-predicates", "native", "-format", "%d/%a"];
    let packages: Vec<&str> = packages.split(',').filter(|package| !package.is_empty()).collect();
    if !packages.is_empty() {
        let listed = run("ocamlfind", &[&format[..], &packages[..]].concat()).unwrap_or_default();
        archives.extend(listed.lines().map(|line| PathBuf::from(line).with_extension("a")));
    }
    archives
}

fn measured(packages: &str) -> BTreeMap<String, UnitSize> {
    let files = archives(packages).into_iter().filter_map(|path| std::fs::read(path).ok());
    let units = files.flat_map(|bytes| measure_objects(&bytes).expect("a sound archive"));
    units.map(|unit| (unit.unit.to_string(), unit)).collect()
}

/// What has to be equal to the last byte; code differs by the padding between units.
fn exact(anatomy: &Anatomy) -> [u64; 8] {
    [
        anatomy.data,
        anatomy.frametable,
        anatomy.fde_bytes,
        anatomy.fdes,
        anatomy.pointers,
        anatomy.globals,
        anatomy.global_names,
        anatomy.symbol_names,
    ]
}

#[test]
fn units_have_the_same_bytes_in_archives_and_executables() {
    if stdlib().is_none() {
        println!("skipped: needs ocamlfind (apt-get install ocaml-findlib)");
        return;
    }
    let programs = [
        ("Plain", "let () = Printf.printf \"%d\\n\" (Hashtbl.hash 1)", ""),
        ("Unixy", "let () = print_float (Unix.time ()); ignore (Str.regexp \"a\")", "unix,str"),
        ("Basic", "let () = Stdio.print_endline (Base.Int.to_string 1)", "base,stdio"),
        ("Fmty", "let () = Fmt.pr \"%a\" Fmt.int 1; Logs.app (fun m -> m \"x\")", "fmt,logs,logs.fmt"),
        (
            "Many",
            "let () = ignore (BatList.take 1 [1]); print_string (Z.to_string Z.one)",
            "batteries,zarith",
        ),
    ];
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("object_sizes");
    let mut n_compared = 0;
    for (program, source, packages) in programs {
        let file = program.to_lowercase();
        let Some((_, exe)) = link(&dir, &file, source, packages, &[]) else {
            println!("{program}: skipped, needs the packages {packages}");
            continue;
        };
        let mut units = measured(packages);
        let own = std::fs::read(dir.join(format!("{file}.o"))).expect("the compiler's output");
        units.extend(
            measure_objects(&own).expect("a sound object file").into_iter().map(|u| (u.unit.to_string(), u)),
        );
        for (unit, linked) in &exe.units {
            let found =
                units.get(unit.as_str()).unwrap_or_else(|| panic!("{program}: {unit} is in no archive"));
            assert_eq!(exact(&found.anatomy), exact(linked), "{program}: {unit}");
            let padding = found.anatomy.text.abs_diff(linked.text);
            assert!(
                padding <= 15,
                "{program}: {unit} has {} bytes of code, not {}",
                linked.text,
                found.anatomy.text
            );
            // The file's empty name and the two masks for floats cannot be told apart in the executable.
            assert_eq!(found.anatomy.symbols, linked.symbols + 3, "{program}: symbols of {unit}");
            let parts: Anatomy = found.functions.iter().map(|function| function.anatomy).sum();
            assert_eq!(
                parts + found.rest,
                found.anatomy,
                "{program}: functions of {unit} and the rest add up"
            );
            n_compared += 1;
        }
        println!(
            "{program}: {} units equal, {} bytes allocated, {} stripped",
            exe.units.len(),
            exe.alloc,
            exe.stripped
        );
    }
    assert!(n_compared > 0, "at least the program without packages links");
}

#[test]
fn the_stripped_length_is_that_of_strip() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stripped");
    let Some((path, exe)) = link(&dir, "plain", "let () = print_endline \"x\"", "", &[]) else {
        println!("skipped: needs ocamlfind");
        return;
    };
    let stripped = dir.join("plain.stripped");
    let stripped_path = stripped.to_string_lossy().into_owned();
    if run("strip", &["-o", &stripped_path, &path.to_string_lossy()]).is_none() {
        println!("skipped: needs strip (apt-get install binutils)");
        return;
    }
    assert_eq!(exe.stripped, std::fs::metadata(&stripped).expect("just written").len());
    let bytes = std::fs::read(&stripped).expect("just written");
    let error = read_executable(&bytes).expect_err("nothing to tell units by");
    assert!(error.to_string().contains("stripped"), "{error}");
}

/// Cuts and flipped bytes in a real object file: an error or a value, never a panic or a hang.
#[test]
fn damaged_object_files_give_errors() {
    let Some(path) = stdlib().map(|root| root.join("std_exit.o")).filter(|path| path.exists()) else {
        println!("skipped: needs an installed OCaml");
        return;
    };
    let bytes = std::fs::read(path).expect("a readable file");
    assert_eq!(measure_objects(&bytes).expect("a sound file").len(), 1);
    for cut in 0..bytes.len() {
        let _ = measure_objects(&bytes[..cut]);
    }
    for at in 0..bytes.len() {
        for change in [0x00, 0x01, 0x7f, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = change;
            let _ = measure_objects(&damaged);
            let _ = read_executable(&damaged);
        }
    }
    assert!(measure_objects(b"!<arch>\nno member has such a header and this is a long line").is_err());
}
