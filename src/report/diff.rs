//! Two builds of a program compared: what grew or shrank, by library, unit and definition, and through which new references.
//!
//! A unit that is new was brought by a reference from a unit that was there before, or from another new unit. The walk back
//! from it along first references ends at the new reference that an author wrote; each step goes to a unit linked before it,
//! and the number of steps is bounded by the number of units.

use super::snapshot::{Snapshot, SnapshotUnit};
use crate::size::Provenance;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Two builds compared, schema 1.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Difference {
    /// The version of the layout.
    pub schema: u32,
    /// What was given first.
    pub before: String,
    /// What was given second.
    pub after: String,
    /// One entry for each program of either side, by name.
    pub programs: Vec<ProgramDifference>,
}

/// One program compared. A figure is null where the program is not on that side.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct ProgramDifference {
    /// Its name.
    pub name: String,
    /// Sum of the allocated sections without `.bss`.
    pub alloc: Change,
    /// Length of the stripped file.
    pub stripped: Change,
    /// Length of the unstripped file.
    pub unstripped: Change,
    /// Estimated when one side is.
    pub provenance: Provenance,
    /// Libraries that changed, the largest change first; empty where libraries are not known.
    pub libraries: Vec<LibraryChange>,
    /// Units that came, went, grew or shrank, the largest change first.
    pub units: Vec<UnitChange>,
    /// References that brought new units, those that brought most bytes first.
    pub new_references: Vec<NewReference>,
}

/// A figure on both sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// First side.
    pub before: Option<u64>,
    /// Second side.
    pub after: Option<u64>,
}

/// One library.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LibraryChange {
    /// Its name.
    pub library: String,
    /// Bytes of its linked units.
    pub bytes: Change,
}

/// One unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct UnitChange {
    /// Its name.
    pub unit: String,
    /// Its library, where known.
    pub library: Option<String>,
    /// Its bytes.
    pub bytes: Change,
    /// Estimated when one side is.
    pub provenance: Provenance,
    /// Why it is linked now, or was before it went.
    pub reference: Option<String>,
    /// Its definitions that changed, the largest change first; empty where they are not known, or the unit is on one side only.
    pub definitions: Vec<DefinitionChange>,
}

/// One definition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DefinitionChange {
    /// Its path in the unit; empty for code without a name.
    pub path: String,
    /// Its bytes.
    pub bytes: Change,
}

/// A reference that brought units.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NewReference {
    /// Where it is and what it says.
    pub reference: String,
    /// The units that it brought.
    pub units: Vec<String>,
    /// Their bytes.
    pub bytes: u64,
}

impl Change {
    /// Returns second minus first side; what is not there has no bytes.
    #[must_use]
    pub fn delta(&self) -> i64 {
        let value = |side: Option<u64>| side.unwrap_or(0) as i64;
        value(self.after) - value(self.before)
    }
    fn sort_key(&self) -> Reverse<u64> {
        Reverse(self.delta().unsigned_abs())
    }
}

/// Compares the programs of two sides, by name; when each side has just one, those two.
#[must_use]
pub fn diff(before: (&str, &[Snapshot]), after: (&str, &[Snapshot])) -> Difference {
    let programs = match (before.1, after.1) {
        ([one], [other]) => vec![program(&other.name, Some(one), Some(other))],
        (old, new) => {
            let names: BTreeSet<&str> = old.iter().chain(new).map(|program| program.name.as_str()).collect();
            let find = |all: &'_ [Snapshot], name: &str| all.iter().position(|program| program.name == name);
            names
                .into_iter()
                .map(|name| program(name, find(old, name).map(|i| &old[i]), find(new, name).map(|i| &new[i])))
                .collect()
        }
    };
    Difference { schema: 1, before: before.0.to_owned(), after: after.0.to_owned(), programs }
}

fn program(name: &str, before: Option<&Snapshot>, after: Option<&Snapshot>) -> ProgramDifference {
    let change =
        |figure: fn(&Snapshot) -> u64| Change { before: before.map(figure), after: after.map(figure) };
    let none = BTreeMap::new();
    let (old, new) = (before.map_or(&none, |p| &p.units), after.map_or(&none, |p| &p.units));
    let provenances = before.into_iter().chain(after).map(|program| program.provenance);
    ProgramDifference {
        name: name.to_owned(),
        alloc: change(|program| program.alloc),
        stripped: change(|program| program.stripped),
        unstripped: change(|program| program.unstripped),
        provenance: provenances.max().unwrap_or(Provenance::Measured),
        libraries: libraries(old, new),
        units: units(old, new),
        new_references: if before.is_some() { new_references(old, new) } else { Vec::new() },
    }
}

type Units = BTreeMap<String, SnapshotUnit>;

/// Pairs two maps by key, in order.
fn pairs<'a, V>(
    old: &'a BTreeMap<String, V>,
    new: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = (&'a String, Option<&'a V>, Option<&'a V>)> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter().map(|key| (key, old.get(key), new.get(key)))
}

fn libraries(old: &Units, new: &Units) -> Vec<LibraryChange> {
    let sums = |units: &Units| {
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for (unit, library) in units.values().filter_map(|unit| Some((unit, unit.library.clone()?))) {
            *sums.entry(library).or_default() += unit.bytes;
        }
        sums
    };
    let is_known = |units: &Units| units.values().all(|unit| unit.library.is_some());
    if !is_known(old) || !is_known(new) {
        return Vec::new();
    }
    let (old, new) = (sums(old), sums(new));
    let entry = |(library, before, after): (&String, Option<&u64>, Option<&u64>)| LibraryChange {
        library: library.clone(),
        bytes: Change { before: before.copied(), after: after.copied() },
    };
    let mut changes: Vec<LibraryChange> = pairs(&old, &new).map(entry).collect();
    changes.retain(|change| change.bytes.before != change.bytes.after);
    changes.sort_by_key(|change| change.bytes.sort_key());
    changes
}

fn units(old: &Units, new: &Units) -> Vec<UnitChange> {
    let entry = |(name, before, after): (&String, Option<&SnapshotUnit>, Option<&SnapshotUnit>)| {
        let shown = after.or(before)?;
        let definitions = match (before, after) {
            (Some(before), Some(after)) => definitions(before, after),
            _ => Vec::new(),
        };
        Some(UnitChange {
            unit: name.clone(),
            library: after.and_then(|unit| unit.library.clone()).or_else(|| before?.library.clone()),
            bytes: Change { before: before.map(|unit| unit.bytes), after: after.map(|unit| unit.bytes) },
            provenance: before.into_iter().chain(after).map(|unit| unit.provenance).max()?,
            reference: shown.reference.as_ref().map(|reference| reference.text.clone()),
            definitions,
        })
    };
    let mut changes: Vec<UnitChange> = pairs(old, new).filter_map(entry).collect();
    changes.retain(|change| change.bytes.before != change.bytes.after);
    changes.sort_by_key(|change| change.bytes.sort_key());
    changes
}

fn definitions(before: &SnapshotUnit, after: &SnapshotUnit) -> Vec<DefinitionChange> {
    if before.definitions.is_empty() || after.definitions.is_empty() {
        return Vec::new();
    }
    let entry = |(path, before, after): (&String, Option<&u64>, Option<&u64>)| DefinitionChange {
        path: path.clone(),
        bytes: Change { before: before.copied(), after: after.copied() },
    };
    let mut changes: Vec<DefinitionChange> =
        pairs(&before.definitions, &after.definitions).map(entry).collect();
    changes.retain(|change| change.bytes.before != change.bytes.after);
    changes.sort_by_key(|change| change.bytes.sort_key());
    changes
}

fn new_references(old: &Units, new: &Units) -> Vec<NewReference> {
    let mut brought: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for unit in new.keys().filter(|unit| !old.contains_key(*unit)) {
        let mut at = unit;
        for _ in 0..new.len() {
            let Some(reference) = new.get(at).and_then(|unit| unit.reference.as_ref()) else { break };
            // Own units are there without a reference: what they bring is told by their own.
            let is_new = new.get(&reference.from_unit).is_some_and(|unit| unit.reference.is_some());
            if old.contains_key(&reference.from_unit) || !is_new {
                brought.entry(reference.text.as_str()).or_default().push(unit);
                break;
            }
            at = &reference.from_unit;
        }
    }
    let entry = |(reference, units): (&str, Vec<&String>)| NewReference {
        reference: reference.to_owned(),
        bytes: units.iter().filter_map(|unit| new.get(*unit)).map(|unit| unit.bytes).sum(),
        units: units.into_iter().cloned().collect(),
    };
    let mut references: Vec<NewReference> = brought.into_iter().map(entry).collect();
    references.sort_by_key(|reference| Reverse(reference.bytes));
    references
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot::SnapshotReference;

    /// Name, bytes, and the unit that refers to it with the place.
    type Unit<'a> = (&'a str, u64, Option<(&'a str, &'a str)>);

    fn snapshot(units: &[Unit<'_>]) -> Snapshot {
        let unit = |&(name, bytes, by): &Unit<'_>| {
            let reference = by.map(|(from, at)| SnapshotReference {
                from_unit: from.to_owned(),
                text: format!("{at}: {from} refers to {name}"),
            });
            let unit = SnapshotUnit {
                library: Some("lib".to_owned()),
                bytes,
                provenance: Provenance::Measured,
                reference,
                definitions: BTreeMap::from([("f".to_owned(), bytes), ("g".to_owned(), 1)]),
            };
            (name.to_owned(), unit)
        };
        let units: Units = units.iter().map(unit).collect();
        let alloc = units.values().map(|unit| unit.bytes).sum();
        Snapshot {
            name: "main".to_owned(),
            alloc,
            stripped: alloc + 10,
            unstripped: alloc + 20,
            provenance: Provenance::Measured,
            units,
        }
    }

    #[test]
    fn what_came_is_told_by_the_reference_that_brought_it() {
        let before = snapshot(&[("Main", 100, None), ("A", 10, Some(("Main", "m.ml:1:0")))]);
        let after = snapshot(&[
            ("Main", 110, None),
            ("B", 50, Some(("Main", "m.ml:2:0"))),
            ("C", 70, Some(("B", "b.ml:1:0"))),
        ]);
        let difference = diff(("old", &[before]), ("new", &[after]));
        let program = &difference.programs[0];
        assert_eq!(program.alloc.delta(), 120);
        let units: Vec<(&str, i64)> =
            program.units.iter().map(|unit| (unit.unit.as_str(), unit.bytes.delta())).collect();
        assert_eq!(units, [("C", 70), ("B", 50), ("A", -10), ("Main", 10)]);
        assert_eq!(
            program.new_references,
            [NewReference {
                reference: "m.ml:2:0: Main refers to B".to_owned(),
                units: vec!["B".to_owned(), "C".to_owned()],
                bytes: 120,
            }]
        );
        let main = &program.units[3];
        assert_eq!(main.definitions.len(), 1, "g is as it was");
        assert_eq!((main.definitions[0].path.as_str(), main.definitions[0].bytes.delta()), ("f", 10));
        assert_eq!(program.libraries[0].bytes, Change { before: Some(110), after: Some(230) });
    }

    #[test]
    fn the_same_program_has_no_difference_and_programs_on_one_side_are_shown() {
        let one = snapshot(&[("Main", 100, None)]);
        let same = diff(("a", std::slice::from_ref(&one)), ("b", std::slice::from_ref(&one)));
        assert!(same.programs[0].units.is_empty() && same.programs[0].libraries.is_empty());
        let other = Snapshot { name: "other".to_owned(), ..one.clone() };
        let added = diff(("a", std::slice::from_ref(&one)), ("b", &[one.clone(), other]));
        assert_eq!(added.programs[1].alloc, Change { before: None, after: Some(100) });
        assert!(added.programs[1].new_references.is_empty());
    }
}
