//! What of a program is compared with another build of it: sizes, units, definitions, and who refers to them.
//!
//! From an audit, made now or read from a file, or from an executable, which knows no references.

use super::schema::{Audit, EvidenceEntry, ProgramAudit, UnitEntry};
use crate::size::{ExeSize, Profile, Provenance};
use std::collections::BTreeMap;

/// One program at one time.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// Sum of the allocated sections without `.bss`.
    pub alloc: u64,
    /// Length of the stripped file.
    pub stripped: u64,
    /// Length of the unstripped file.
    pub unstripped: u64,
    /// Where these come from.
    pub provenance: Provenance,
    /// The linked units by name.
    pub units: BTreeMap<String, SnapshotUnit>,
}

/// One linked unit.
#[derive(Clone, PartialEq, Debug)]
pub struct SnapshotUnit {
    /// Its library; executables do not tell.
    pub library: Option<String>,
    /// Its bytes in the allocated sections.
    pub bytes: u64,
    /// Where they come from.
    pub provenance: Provenance,
    /// What makes the linker take it: a reference, `-linkall`, or what an archive records.
    pub reference: Option<SnapshotReference>,
    /// Bytes of its definitions by path, those of one path added up; empty where they are not known.
    pub definitions: BTreeMap<String, u64>,
}

/// A reference to a unit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SnapshotReference {
    /// The unit that refers.
    pub from_unit: String,
    /// `lib/a.ml:3:5: A.f refers to B.g`.
    pub text: String,
}

impl Snapshot {
    /// Returns the programs of an audit.
    #[must_use]
    pub fn of_audit(audit: &Audit) -> Vec<Snapshot> {
        audit.programs.iter().map(of_program).collect()
    }

    /// Returns an executable as a program.
    #[must_use]
    pub fn of_executable(name: String, exe: &ExeSize) -> Snapshot {
        let unit = |anatomy: &crate::size::Anatomy| SnapshotUnit {
            library: None,
            bytes: anatomy.bytes(if exe.is_pie { Profile::Pie } else { Profile::Static }).alloc(),
            provenance: Provenance::Measured,
            reference: None,
            definitions: BTreeMap::new(),
        };
        Snapshot {
            name,
            alloc: exe.alloc,
            stripped: exe.stripped,
            unstripped: exe.file,
            provenance: Provenance::Measured,
            units: exe.units.iter().map(|(name, anatomy)| (name.to_string(), unit(anatomy))).collect(),
        }
    }
}

fn of_program(program: &ProgramAudit) -> Snapshot {
    Snapshot {
        name: program.name.clone(),
        alloc: program.size.alloc,
        stripped: program.size.stripped,
        unstripped: program.size.unstripped,
        provenance: program.size.provenance,
        units: program.linked_units.iter().map(|unit| (unit.unit.clone(), of_unit(program, unit))).collect(),
    }
}

fn of_unit(program: &ProgramAudit, unit: &UnitEntry) -> SnapshotUnit {
    let mut definitions: BTreeMap<String, u64> = BTreeMap::new();
    for definition in &unit.definition_bytes {
        *definitions.entry(definition.path.clone()).or_default() += definition.bytes;
    }
    SnapshotUnit {
        library: Some(unit.library.clone()),
        bytes: unit.bytes.total,
        provenance: unit.provenance,
        reference: match &unit.first_reference {
            Some(evidence) => Some(of_evidence(program, evidence)),
            None => without_evidence(program, unit),
        },
        definitions,
    }
}

/// Who takes a unit along to which no reference is known: `-linkall`, or a unit without source.
fn without_evidence(program: &ProgramAudit, unit: &UnitEntry) -> Option<SnapshotReference> {
    if program.own_units.contains(&unit.unit) {
        return None;
    }
    if unit.forced {
        let text = format!("{}: -linkall keeps its units, whoever refers to them", unit.library);
        return Some(SnapshotReference { from_unit: String::new(), text });
    }
    // The linker comes from the right: the last one asked first.
    let user = unit.linked_for.last()?;
    let text = format!("{user} links {}, says what was built of it", unit.unit);
    Some(SnapshotReference { from_unit: user.clone(), text })
}

fn of_evidence(program: &ProgramAudit, evidence: &EvidenceEntry) -> SnapshotReference {
    // `from` is a definition: its unit is the longest linked one in front of it.
    let is_unit = |name: &str| program.linked_units.iter().any(|unit| unit.unit == name);
    let head = evidence.from.split(['.', ' ']).next().unwrap_or_default();
    let from_unit = if is_unit(head) { head.to_owned() } else { evidence.from.clone() };
    let at = match (&evidence.file, evidence.line, evidence.col) {
        (Some(file), Some(line), Some(col)) => format!("{file}:{line}:{col}: "),
        (Some(file), ..) => format!("{file}: "),
        _ => String::new(),
    };
    SnapshotReference { from_unit, text: format!("{at}{} refers to {}", evidence.from, evidence.to) }
}
