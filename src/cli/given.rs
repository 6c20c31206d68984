//! Executables that `levers` is given: what can be read from them, and how small they get when compressed.

use super::failure::Failure;
use super::pipeline::{Linked, Run};
use crate::base::{Name, UnitId, read_regular};
use crate::report::levers::{ExecutableEntry, SectionEntry};
use crate::size::{ByteExe, ExeSize, LinkMode, ProgramSize, read_executable, stripped_content};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// The executables of one program.
#[derive(Default)]
pub(super) struct Given {
    pub(super) native: Option<Native>,
    pub(super) bytecode: Option<Byte>,
}

/// A native one.
pub(super) struct Native {
    path: PathBuf,
    pub(super) exe: ExeSize,
    bytes: Vec<u8>,
}

/// A bytecode one.
pub(super) struct Byte {
    path: PathBuf,
    pub(super) exe: ByteExe,
    bytes: Vec<u8>,
}

impl Given {
    /// Reads the files: a native executable, a bytecode program, or one of each.
    pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Given> {
        let mut given = Given::default();
        for path in paths {
            let shown = path.display();
            let bytes = read_regular(path, super::input::MAX_BYTES).map_err(|error| {
                let help = "name the executable as the compiler left it";
                Failure::error(format!("cannot read `{shown}`: {error}"), help)
            })?;
            let is_second = if let Some(exe) = ByteExe::read(&bytes) {
                given.bytecode.replace(Byte { path: path.clone(), exe, bytes }).is_some()
            } else {
                let exe = read_executable(&bytes).map_err(|error| {
                    Failure::error(
                        format!("cannot read the executable `{shown}`: {error}"),
                        "name the native ELF file as the compiler left it, before `strip`, or the bytecode program",
                    )
                })?;
                given.native.replace(Native { path: path.clone(), exe, bytes }).is_some()
            };
            if is_second {
                return Err(Failure::error(
                    format!("`{shown}` is the second executable of its kind"),
                    "give one native executable, one bytecode program, or one of each",
                ));
            }
        }
        Ok(given)
    }

    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        self.native.is_none() && self.bytecode.is_none()
    }
}

impl Native {
    /// What `strip` leaves of it.
    pub(super) fn stripped(&self) -> Vec<u8> {
        stripped_content(&self.bytes).unwrap_or_default()
    }

    /// The executable beside what is predicted for a program linked like it.
    pub(super) fn beside(&self, run: &Run, linked: &Linked<'_>) -> ExecutableEntry {
        let exe = &self.exe;
        let is_static = exe.section(".interp") == 0;
        let exports = !is_static && exe.section(".gnu.hash") > 1024;
        let mode = LinkMode { is_pie: exe.is_pie, exports, is_static };
        let predicted = run.predict(linked.program, &linked.linked.units, mode);
        let actual = |section: &str| match section {
            ".debug" => exe.debug(),
            // What is resolved when the program is loaded has a table of its own, unless all is resolved then.
            ".got" => exe.section(".got") + exe.section(".got.plt"),
            _ => exe.section(section),
        };
        let mut sections = sections(&predicted, actual);
        sections.push(entry("all allocated", predicted.alloc, exe.alloc));
        sections.push(entry("stripped file", predicted.stripped, exe.stripped));
        sections.push(entry("file", predicted.unstripped, exe.file));
        let name_of = |unit: &UnitId| run.project.unit(*unit).name;
        let ours: Vec<Name> = linked.linked.units.iter().map(name_of).collect();
        let owners = run.project.owners_of_parts();
        let mut theirs: BTreeMap<Name, u64> = BTreeMap::new();
        for (unit, anatomy) in &exe.units {
            let unit = owners.get(unit).map_or(*unit, name_of);
            *theirs.entry(unit).or_default() += anatomy.bytes_in(mode).alloc();
        }
        // Masks for floats and padding between units tell nothing.
        let differ = |unit: &UnitId| {
            let (predicted, actual) = (run.alloc_in(*unit, mode)?, *theirs.get(&name_of(unit))?);
            (predicted.abs_diff(actual) > PADDING).then(|| entry(name_of(unit).as_str(), predicted, actual))
        };
        let mut units: Vec<SectionEntry> = linked.linked.units.iter().filter_map(differ).collect();
        units.sort_by_key(|unit| std::cmp::Reverse(unit.predicted.abs_diff(unit.actual)));
        ExecutableEntry {
            path: self.path.display().to_string(),
            sections,
            units,
            units_predicted_only: ours
                .iter()
                .filter(|unit| !theirs.contains_key(unit))
                .map(ToString::to_string)
                .collect(),
            units_actual_only: theirs
                .keys()
                .filter(|unit| !ours.contains(unit))
                .map(ToString::to_string)
                .collect(),
        }
    }
}

/// Bytes by which a unit may differ from its object file through alignment alone.
const PADDING: u64 = 16;

impl Byte {
    /// It without debugging events.
    pub(super) fn stripped(&self) -> Vec<u8> {
        self.exe.without_debug(&self.bytes)
    }

    /// The program beside what is predicted for it.
    pub(super) fn beside(&self, predicted: &ProgramSize) -> ExecutableEntry {
        let mut sections = sections(predicted, |section| self.exe.section(section));
        sections.push(entry("file without -g", predicted.stripped, self.exe.stripped()));
        sections.push(entry("file", predicted.unstripped, self.exe.file));
        ExecutableEntry { path: self.path.display().to_string(), sections, ..ExecutableEntry::default() }
    }
}

fn entry(section: &str, predicted: u64, actual: u64) -> SectionEntry {
    SectionEntry { section: section.to_owned(), predicted, actual }
}

fn sections(predicted: &ProgramSize, actual: impl Fn(&str) -> u64) -> Vec<SectionEntry> {
    predicted.sections.iter().map(|(&section, &n_bytes)| entry(section, n_bytes, actual(section))).collect()
}

/// Lengths of some bytes after `gzip -9` and `zstd -19`.
pub(super) fn compressed(bytes: &[u8]) -> [(&'static str, &'static str, Option<u64>); 2] {
    let gzip = || {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).ok().map(|packed| packed.len() as u64)
    };
    let zstd = || zstd::bulk::compress(bytes, 19).ok().map(|packed| packed.len() as u64);
    if bytes.is_empty() {
        return [("gzip", "gzip -9", None), ("zstd", "zstd -19", None)];
    }
    [("gzip", "gzip -9", gzip()), ("zstd", "zstd -19", zstd())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn what_repeats_gets_small() {
        for (_, what, packed) in compressed(&[7; 10_000]) {
            assert!(packed.is_some_and(|n_bytes| n_bytes < 100), "{what}");
        }
        assert!(compressed(&[]).iter().all(|(_, _, packed)| packed.is_none()));
    }

    #[test]
    fn no_executable_is_an_error() {
        assert!(Given::read(&[Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")]).is_err());
        assert!(Given::read(&[]).expect("nothing to read").is_empty());
    }
}
