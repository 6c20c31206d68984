//! `expected.json`: what the real compiler made of a corpus project.

use super::executable::{self, UnitBytes};
use super::ocaml::{recorded_links, run_in};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The verdict of one compiler.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// Version, processor and system: bytes are compared only under the same.
    pub(crate) compiler: String,
    /// By way of building: `dune`, `plain`.
    pub(crate) builds: BTreeMap<String, Build>,
}

/// One way of building a project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Build {
    /// For each unit compiled, the units that it records, itself left out.
    pub(crate) links: BTreeMap<String, BTreeSet<String>>,
    /// By path without extension, relative to the project.
    pub(crate) programs: BTreeMap<String, LinkedProgram>,
}

/// One executable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LinkedProgram {
    /// Its units in link order, the standard library's and `Std_exit` included.
    pub(crate) linked: Vec<String>,
    /// `alloc`, `stripped`, `unstripped`: the allocated sections, and the lengths of the file.
    pub(crate) size: BTreeMap<String, u64>,
    /// What each unit of `linked` costs.
    pub(crate) bytes: BTreeMap<String, UnitBytes>,
}

impl Build {
    /// Reads object files and executables below a directory.
    ///
    /// **Errors**: a tool fails, or an executable cannot be read.
    pub(crate) fn read(dir: &Path, objects: &[PathBuf], programs: &[PathBuf]) -> Result<Self, String> {
        if programs.is_empty() {
            return Err(format!("{}: no executable was built", dir.display()));
        }
        let links = recorded_links(objects)?;
        let mut read = BTreeMap::new();
        for program in programs {
            let name = program.strip_prefix(dir).unwrap_or(program).with_extension("");
            read.insert(name.to_string_lossy().into_owned(), LinkedProgram::read(program)?);
        }
        Ok(Self { links, programs: read })
    }
}

impl LinkedProgram {
    /// Reads an executable and strips a copy of it.
    ///
    /// **Errors**: it cannot be read, or `strip` fails.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let executable = executable::read(path).map_err(|error| error.to_string())?;
        let copy = path.with_extension("stripped");
        run_in(Path::new("."), "strip", [Path::new("-o"), &copy, path])?;
        let stripped = fs::metadata(&copy).map_err(|error| error.to_string())?.len();
        let size =
            [("alloc", executable.alloc), ("stripped", stripped), ("unstripped", executable.unstripped)];
        let size = size.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
        Ok(Self { linked: executable.linked, size, bytes: executable.bytes })
    }
}

impl Expected {
    /// Reads `expected.json`.
    ///
    /// **Errors**: the text does not have its form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let compiler = value["compiler"].as_str().ok_or("no `compiler`")?.to_owned();
        let builds = members(&value["builds"])?.iter();
        let builds = builds.map(|(name, build)| Ok((name.clone(), parse_build(build)?)));
        Ok(Self { compiler, builds: builds.collect::<Result<_, String>>()? })
    }

    /// Writes `expected.json`: one line per unit, so that a change shows which.
    ///
    /// **Errors**: the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = format!("{{\n \"compiler\": {},\n \"builds\": {{", json!(self.compiler));
        write_members(&mut text, &self.builds, 2, |text, build| {
            text.push_str("{\n   \"links\": {");
            write_members(text, &build.links, 4, |text, links| text.push_str(&json!(links).to_string()));
            text.push_str("\n   },\n   \"programs\": {");
            write_members(text, &build.programs, 4, |text, program| {
                let linked: Vec<_> =
                    program.linked.iter().map(|unit| render_unit(unit, &program.bytes[unit])).collect();
                let size = json!(program.size);
                let _ = write!(
                    text,
                    "{{\n     \"size\": {size},\n     \"linked\": [\n      {}\n     ]\n    }}",
                    linked.join(",\n      ")
                );
            });
            text.push_str("\n   }\n  }");
        });
        text.push_str("\n }\n}\n");
        fs::write(path, text)
    }

    /// Returns what differs in `found`, one line each.
    ///
    /// Sets are always compared. Bytes only under the same compiler: those of the project's own units exactly, those
    /// of the files within a hundredth, since the C library and the linker have their share in them.
    pub(crate) fn differences(&self, found: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let with_bytes = self.compiler == found.compiler;
        for (name, recorded, found) in pairs(&self.builds, &found.builds, "build", &mut differences) {
            for (unit, recorded, found) in pairs(&recorded.links, &found.links, &name, &mut differences) {
                if recorded != found {
                    differences.push(format!("{name}: {unit} records {found:?}, expected {recorded:?}"));
                }
            }
            let programs = pairs(&recorded.programs, &found.programs, &name, &mut differences);
            for (program, recorded, found) in programs {
                if recorded.linked != found.linked {
                    differences.push(format!(
                        "{name}: {program} links\n  {}\nexpected\n  {}",
                        found.linked.join(" "),
                        recorded.linked.join(" ")
                    ));
                } else if with_bytes {
                    differences.extend(
                        byte_differences(recorded, found).map(|line| format!("{name}: {program}: {line}")),
                    );
                }
            }
        }
        differences
    }
}

/// Returns the common members; the others are reported.
fn pairs<'a, V>(
    recorded: &'a BTreeMap<String, V>,
    found: &'a BTreeMap<String, V>,
    place: &str,
    differences: &mut Vec<String>,
) -> Vec<(String, &'a V, &'a V)> {
    differences.extend(
        found.keys().filter(|key| !recorded.contains_key(*key)).map(|key| format!("{place}: {key} is new")),
    );
    let common = recorded.iter().filter_map(|(key, value)| match found.get(key) {
        Some(other) => Some((key.clone(), value, other)),
        None => {
            differences.push(format!("{place}: {key} is gone"));
            None
        }
    });
    common.collect()
}

fn byte_differences(recorded: &LinkedProgram, found: &LinkedProgram) -> impl Iterator<Item = String> {
    let is_own =
        |unit: &str| !unit.starts_with("Stdlib") && !unit.starts_with("Camlinternal") && unit != "Std_exit";
    let mut lines = Vec::new();
    for (unit, bytes) in recorded.bytes.iter().filter(|(unit, _)| is_own(unit)) {
        // The share in the hash tables of dynamic symbols depends on what else is in the file.
        let comparable = |bytes: &UnitBytes| UnitBytes { dynsym: 0, ..*bytes };
        if found.bytes.get(unit).map(comparable) != Some(comparable(bytes)) {
            lines.push(format!("{unit} costs {:?}, expected {bytes:?}", found.bytes.get(unit)));
        }
    }
    for (name, &bytes) in &recorded.size {
        let now = found.size.get(name).copied().unwrap_or(0);
        if now.abs_diff(bytes) * 100 > bytes {
            lines.push(format!("{name} is {now}, expected {bytes}"));
        }
    }
    lines.into_iter()
}

const SECTIONS: [&str; 6] = ["code", "data", "frametable", "unwind", "relocations", "dynsym"];

fn render_unit(unit: &str, bytes: &UnitBytes) -> String {
    let UnitBytes { code, data, frametable, unwind, relocations, dynsym } = *bytes;
    let figures = SECTIONS.into_iter().zip([code, data, frametable, unwind, relocations, dynsym]);
    let figures: Vec<_> = figures.map(|(name, figure)| format!("\"{name}\": {figure}")).collect();
    format!("{{\"unit\": {}, {}}}", json!(unit), figures.join(", "))
}

fn parse_build(value: &Value) -> Result<Build, String> {
    let links = members(&value["links"])?.iter().map(|(unit, links)| {
        let links: Option<BTreeSet<String>> =
            links.as_array().and_then(|links| links.iter().map(text_of).collect());
        Ok((unit.clone(), links.ok_or_else(|| format!("links of {unit}: not a list of names"))?))
    });
    let links = links.collect::<Result<_, String>>()?;
    let programs = members(&value["programs"])?
        .iter()
        .map(|(name, program)| Ok((name.clone(), parse_program(program)?)));
    Ok(Build { links, programs: programs.collect::<Result<_, String>>()? })
}

fn parse_program(value: &Value) -> Result<LinkedProgram, String> {
    let number = |value: &Value| value.as_u64().ok_or_else(|| format!("{value}: not a number of bytes"));
    let size = members(&value["size"])?.iter().map(|(name, bytes)| Ok((name.clone(), number(bytes)?)));
    let size = size.collect::<Result<_, String>>()?;
    let (mut linked, mut bytes) = (Vec::new(), BTreeMap::new());
    for figures in value["linked"].as_array().ok_or("`linked` is not a list")? {
        let figure = |name: &str| number(&figures[name]);
        let unit = text_of(&figures["unit"]).ok_or("a linked unit without a name")?;
        linked.push(unit.clone());
        let [code, data, frametable, unwind, relocations, dynsym] = SECTIONS.map(figure);
        let unit_bytes = UnitBytes {
            code: code?,
            data: data?,
            frametable: frametable?,
            unwind: unwind?,
            relocations: relocations?,
            dynsym: dynsym?,
        };
        bytes.insert(unit, unit_bytes);
    }
    Ok(LinkedProgram { linked, size, bytes })
}

fn members(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{value}: not an object"))
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn write_members<K: AsRef<str>, V>(
    text: &mut String,
    members: impl IntoIterator<Item = (K, V)>,
    indent: usize,
    mut write: impl FnMut(&mut String, V),
) {
    for (idx, (name, value)) in members.into_iter().enumerate() {
        let _ = write!(text, "{}\n{:indent$}{}: ", if idx == 0 { "" } else { "," }, "", json!(name.as_ref()));
        write(text, value);
    }
}
