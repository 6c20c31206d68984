//! `forced`: units that are kept by `-linkall`, by library, and what they cost.

use super::{Case, Judge, is_meant, largest_first, provenance};
use crate::base::{LibraryId, Severity, UnitId};
use crate::check::allow::Allowance;
use crate::check::pattern::Pattern;
use crate::check::rule::Rule;
use crate::check::settings::ForcedDefault;
use crate::link::link;
use crate::report::finding::Finding;
use crate::report::human::{bytes_of, count};
use crate::report::place;
use crate::report::schema::UnitEntry;
use std::collections::{BTreeMap, VecDeque};

impl Judge<'_> {
    /// Forced units, by library.
    pub(super) fn forced(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Forced) else { return Vec::new() };
        let forced = &self.settings.forced;
        let is_named =
            |patterns: &[Pattern], unit: &UnitEntry| patterns.iter().any(|name| is_meant(name, unit));
        let is_wrong = |unit: &UnitEntry| {
            is_named(&forced.forbid, unit)
                || (forced.default == ForcedDefault::Forbid && !is_named(&forced.allow, unit))
        };
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut allowed: BTreeMap<&str, (&Allowance, Vec<usize>)> = BTreeMap::new();
        for (i, unit) in case.audit.linked_units.iter().enumerate() {
            if !unit.forced || !is_wrong(unit) {
                continue;
            }
            match self.allowed_in(
                case.parts.linked.units[i],
                Rule::Forced,
                [unit.unit.as_str(), &unit.library],
            ) {
                Some(allowance) => {
                    allowed.entry(&unit.library).or_insert((allowance, Vec::new())).1.push(i);
                }
                None => groups.entry(&unit.library).or_default().push(i),
            }
        }
        if groups.is_empty() && allowed.is_empty() {
            return Vec::new();
        }
        let parts = case.parts;
        let mut input = parts.input.clone();
        input.forced = Default::default();
        input.linkall = false;
        input.archives.iter_mut().for_each(|archive| archive.linkall = false);
        let needed = link(&input, parts.links);
        let is_needed = |i: usize| needed.contains(parts.linked.units[i]);
        let finding =
            |library: &str, units: &[usize]| self.forced_library(case, severity, library, units, is_needed);
        let counted = groups.iter().map(|(library, units)| finding(library, units));
        let accepted = allowed.iter().map(|(library, (allowance, units))| Finding {
            accepted: Some(self.accepted(allowance)),
            ..finding(library, units)
        });
        counted.chain(accepted).collect()
    }

    fn forced_library(
        &self,
        case: &Case<'_>,
        severity: Severity,
        library: &str,
        positions: &[usize],
        is_needed: impl Fn(usize) -> bool,
    ) -> Finding {
        let entry = |&i: &usize| &case.audit.linked_units[i];
        let entries: Vec<&UnitEntry> = positions.iter().map(entry).collect();
        let only: Vec<&UnitEntry> = positions.iter().filter(|&&i| !is_needed(i)).map(entry).collect();
        let sum: u64 = only.iter().map(|unit| unit.bytes.total).sum();
        let provenance = provenance(&only);
        let cost = match only.len() {
            0 => "all of them are needed anyway".to_owned(),
            n if n == entries.len() => format!("{} that nothing else needs", bytes_of(sum, provenance)),
            n => format!(
                "{} of them, {}, {} linked for no other reason",
                n,
                bytes_of(sum, provenance),
                if n == 1 { "is" } else { "are" }
            ),
        };
        let unit: UnitId = case.parts.linked.units[positions[0]];
        let usual = "drop -linkall where it is given, or name the units in `check.forced.allow`";
        let mut finding = Finding {
            subject: library.to_owned(),
            message: format!("{} of {library} forced by -linkall; {cost}", count(entries.len(), "unit")),
            help: Some(
                self.way_to_library(case, unit).map_or(usual.to_owned(), |way| format!("{way}; {usual}")),
            ),
            bytes: Some(sum),
            provenance: Some(provenance),
            units: largest_first(&entries),
            ..self.agreed(Rule::Forced, severity, Some(&case.audit.name), self.settings.forced.line)
        };
        let project = self.places.project;
        let asked = if case.parts.input.linkall {
            case.parts.program.linkall_place.as_ref()
        } else {
            project.library(project.unit(unit).library).linkall_place.as_ref()
        };
        if let Some(asked) = asked {
            finding.file = Some(place::file_name(&asked.file));
            finding.line = asked.at.map(|at| at.line);
            finding.col = asked.at.map(|at| at.col);
        }
        finding
    }

    /// How the library of a unit comes to the linker's command line, where the program does not ask for it itself.
    pub(super) fn way_to_library(&self, case: &Case<'_>, unit: UnitId) -> Option<String> {
        let project = self.places.project;
        let wanted = project.unit(unit).library;
        let own = case.parts.program.own;
        let mut came_from: BTreeMap<LibraryId, LibraryId> = BTreeMap::new();
        let mut queue = VecDeque::from([own]);
        while let Some(library) = queue.pop_front().filter(|&library| library != wanted) {
            for &required in &project.library(library).requires {
                if required != own && !came_from.contains_key(&required) {
                    came_from.insert(required, library);
                    queue.push_back(required);
                }
            }
        }
        let mut way = vec![wanted];
        while let Some(&from) = way.last().and_then(|last| came_from.get(last)).filter(|&&from| from != own) {
            way.push(from);
        }
        let names: Vec<&str> =
            way.iter().rev().map(|&library| project.library(library).name.as_str()).collect();
        (names.len() > 1).then(|| format!("on the command line through {}", names.join(" -> ")))
    }
}
