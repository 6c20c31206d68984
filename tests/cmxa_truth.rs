//! Every `.cmxa` and `.cmx` of the installed OCaml, read by us and by `ocamlobjinfo`: the same units, in the same order,
//! with the same records. Skipped, with a message, where OCaml is not installed.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;
use unlith::project::{CmxUnit, read_cmx, read_cmxa};

/// What `ocamlobjinfo` prints of one file, in the same form for both readers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Facts {
    ccobjs: Vec<String>,
    ccopts: Vec<String>,
    units: Vec<[String; 8]>,
}

fn installed(extension: &str) -> Vec<PathBuf> {
    let Ok(output) = Command::new("ocamlfind").args(["ocamlopt", "-where"]).output() else {
        return Vec::new();
    };
    let root = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if path.extension().is_some_and(|found| found == extension) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn ours(unit: &CmxUnit) -> [String; 8] {
    let names = |names: &[unlith::base::Name]| names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(" ");
    let arities = |arities: &[i64]| arities.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    let forced = if unit.force_link { "YES" } else { "no" };
    [
        unit.name.to_string(),
        names(&unit.defines),
        names(&unit.imports_cmi),
        names(&unit.imports_cmx),
        arities(&unit.curry_fun),
        arities(&unit.apply_fun),
        arities(&unit.send_fun),
        forced.to_owned(),
    ]
}

/// Reads the output of `ocamlobjinfo -no-approx -no-code` for several files.
fn theirs(output: &str) -> Vec<(PathBuf, Facts)> {
    let mut files: Vec<(PathBuf, Facts)> = Vec::new();
    let mut list = 0;
    for line in output.lines() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        if let Some(path) = line.strip_prefix("File ") {
            files.push((path.into(), Facts::default()));
            continue;
        }
        let facts = &mut files.last_mut().expect("a file line comes first").1;
        if let Some(rest) = line.strip_prefix("Extra C object files:") {
            facts.ccobjs = words(rest);
        } else if let Some(rest) = line.strip_prefix("Extra C options:") {
            facts.ccopts = words(rest);
        } else if let Some(unit) = line.strip_prefix("Name: ") {
            facts.units.push(Default::default());
            facts.units.last_mut().expect("just pushed")[0] = unit.to_owned();
        } else if let Some(unit) = facts.units.last_mut() {
            let section = ["Globals defined:", "Interfaces imported:", "Implementations imported:"];
            if let Some(index) = section.iter().position(|&title| line == title) {
                list = index + 1;
            } else if let Some(rest) = line.strip_prefix('\t') {
                let separator = if unit[list].is_empty() { "" } else { " " };
                let import = rest.split_whitespace().last().expect("a name");
                unit[list] += &format!("{separator}{import}");
            } else if let Some((title, rest)) = line.split_once(':') {
                let index = match title {
                    "Currying functions" => 4,
                    "Apply functions" => 5,
                    "Send functions" => 6,
                    "Force link" => 7,
                    _ => continue,
                };
                unit[index] = rest.trim().to_owned();
            }
        }
    }
    files
}

fn objinfo(files: &[PathBuf]) -> Option<String> {
    let output = Command::new("ocamlobjinfo").args(["-no-approx", "-no-code"]).args(files).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn compare(extension: &str, read: impl Fn(&Path, &[u8]) -> Result<Facts, String>) {
    let files = installed(extension);
    let Some(output) = (!files.is_empty()).then(|| objinfo(&files)).flatten() else {
        println!("skipped: needs ocamlfind and ocamlobjinfo (apt-get install ocaml-findlib)");
        return;
    };
    let expected = theirs(&output);
    assert_eq!(expected.len(), files.len(), "ocamlobjinfo reads every file");
    let mut n_units = 0;
    for (path, facts) in &expected {
        let bytes = std::fs::read(path).expect("a readable file");
        let found = read(path, &bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(&found, facts, "{}", path.display());
        n_units += facts.units.len();
    }
    assert!(n_units >= files.len() / 2, "{n_units} units in {} files", files.len());
    println!("{} .{extension} files, {n_units} units: all equal", files.len());
}

#[test]
fn archives_say_what_ocamlobjinfo_says() {
    compare("cmxa", |_, bytes| {
        let info = read_cmxa(bytes).map_err(|error| error.to_string())?;
        let split = |texts: &[String]| {
            texts.iter().flat_map(|text| text.split_whitespace().map(str::to_owned)).collect()
        };
        Ok(Facts {
            ccobjs: split(&info.ccobjs),
            ccopts: split(&info.ccopts),
            units: info.units.iter().map(ours).collect(),
        })
    });
}

#[test]
fn units_say_what_ocamlobjinfo_says() {
    compare("cmx", |_, bytes| {
        let unit = read_cmx(bytes).map_err(|error| error.to_string())?;
        Ok(Facts { units: vec![ours(&unit)], ..Facts::default() })
    });
}

/// Cuts and flipped bytes in a real archive: an error or a value, never a panic.
#[test]
fn damaged_archives_give_errors() {
    let Some(path) = installed("cmxa").into_iter().find(|path| path.ends_with("str.cmxa")) else {
        println!("skipped: needs an installed OCaml");
        return;
    };
    let bytes = std::fs::read(path).expect("a readable file");
    for cut in 0..bytes.len() {
        assert!(read_cmxa(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..bytes.len() {
        for change in [0x00, 0x04, 0x08, 0x13, 0x15, 0x40, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = change;
            let _ = read_cmxa(&damaged);
        }
    }
}
