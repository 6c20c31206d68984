//! `absent`: units and libraries that must not be linked, and what brings them.
//!
//! Links of which every reference is allowed in the source are taken away, and the program is linked again: what is still there
//! is found, with a chain that nobody allowed.

use super::{Case, Judge, is_inside, is_meant, largest_first, provenance};
use crate::base::{Severity, UnitId};
use crate::check::allow::{Allowance, Allowances};
use crate::check::rule::Rule;
use crate::check::settings::{Absent, concerns};
use crate::link::{Chain, Changed, Hop, LinkTable, LinkedSet, Links, Reason, link, references, why_unit};
use crate::report::chain::{self, HopEntry};
use crate::report::finding::Finding;
use crate::report::human::{bytes_of, count};
use crate::report::schema::UnitEntry;
use std::collections::BTreeMap;

impl Judge<'_> {
    pub(super) fn absent(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Absent) else { return Vec::new() };
        let absent = self.settings.absent.iter().filter(|absent| concerns(&absent.exes, &case.audit.name));
        let present = present(absent, &case.audit.linked_units).into_iter();
        present.map(|present| self.linked(case, severity, &present)).collect()
    }

    /// A finding for linked units.
    fn linked(&self, case: &Case<'_>, severity: Severity, present: &Present<'_>) -> Finding {
        let &Present { subject, absent, ref positions } = present;
        let parts = case.parts;
        let entry = |&i: &usize| &case.audit.linked_units[i];
        let names = positions.iter().map(entry).flat_map(|unit| [unit.unit.as_str(), unit.library.as_str()]);
        let allowed: Vec<&Allowance> = self.allowances.of(Rule::Absent, names).collect();
        let (links, used) = self.without(case, &allowed);
        let left = if used.is_empty() { parts.linked.clone() } else { link(parts.input, &links) };
        let stay: Vec<usize> =
            positions.iter().copied().filter(|&i| left.contains(parts.linked.units[i])).collect();
        let is_allowed = stay.is_empty();
        let shown = if is_allowed { positions } else { &stay };
        let units = shown.iter().map(|&i| parts.linked.units[i]);
        let chain = match is_allowed {
            true => self.shortest(parts.linked, parts.links, units),
            false => self.shortest(&left, &links, units),
        };
        let hops = chain::hops(self.places, self.graph, &chain);
        let entries: Vec<&UnitEntry> = shown.iter().map(entry).collect();
        let sum: u64 = entries.iter().map(|unit| unit.bytes.total).sum();
        let provenance = provenance(&entries);
        let what = if absent.name.is_module() {
            let retained = entries.iter().map(|unit| unit.retained_bytes).sum::<u64>();
            let more = if retained > sum {
                format!(", {} with what only it needs", bytes_of(retained, case.audit.size.provenance))
            } else {
                String::new()
            };
            format!("{subject} is linked ({}{more})", bytes_of(sum, provenance))
        } else {
            let units = count(entries.len(), "unit");
            format!("library {subject} is linked ({} in {units})", bytes_of(sum, provenance))
        };
        let reason = absent.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let mut finding = Finding {
            subject: subject.to_owned(),
            message: format!("{what}, and must be absent{reason}"),
            bytes: Some(sum),
            provenance: Some(provenance),
            units: largest_first(&entries),
            ..self.agreed(Rule::Absent, severity, Some(&case.audit.name), Some(absent.line))
        };
        stand_at(&mut finding, &hops);
        let name = hops.last().map_or(subject, |hop| hop.name.as_str());
        let mut help =
            format!("`unlith why {name}` shows the other ways in, and what goes when a link is cut");
        // What nothing refers to is there because its library is on the command line.
        if let Some(&Hop::Unit(root, Reason::Forced | Reason::LinkAll)) = chain.hops.first()
            && let Some(way) = self.way_to_library(case, root)
        {
            help = format!("{way}; {help}");
        }
        finding.help = Some(help);
        finding.chain = hops;
        if is_allowed {
            finding.accepted = used.first().map(|allowance| self.accepted(allowance));
        }
        finding
    }

    /// The shortest chain to one of some units.
    fn shortest(&self, linked: &LinkedSet, links: &impl Links, units: impl Iterator<Item = UnitId>) -> Chain {
        let chains = units.filter_map(|unit| why_unit(self.graph, linked, links, unit));
        chains.min_by_key(|chain| chain.hops.len()).unwrap_or_default()
    }

    /// The links without those of which every reference is allowed, and the remarks that allow them.
    fn without<'l>(
        &self,
        case: &Case<'l>,
        allowed: &[&'l Allowance],
    ) -> (Changed<'l, LinkTable>, Vec<&'l Allowance>)
    where
        Self: 'l,
    {
        let links = case.parts.links;
        let mut changed = Changed::new(links);
        let mut used: Vec<&Allowance> = Vec::new();
        let has_remark = |unit: &UnitId| {
            let implementation = self.places.project.unit(*unit).implementation();
            implementation.is_some_and(|file| allowed.iter().any(|allowance| allowance.file == file))
        };
        for &from in case.parts.linked.units.iter().filter(|unit| has_remark(unit)) {
            let mut kept = links.links(from).to_vec();
            kept.retain(|&to| {
                let edges = references(self.graph, from, to);
                let covering: Option<Vec<&Allowance>> =
                    edges.iter().map(|&edge| Allowances::covering(self.graph, allowed, edge)).collect();
                match covering.filter(|covering| !covering.is_empty()) {
                    Some(covering) => used.extend(covering),
                    None => return true,
                }
                false
            });
            if kept.len() < links.links(from).len() {
                changed.set(from, kept);
            }
        }
        used.iter().for_each(|allowance| allowance.mark_used());
        (changed, used)
    }
}

/// Something that is linked and must be absent.
struct Present<'a> {
    /// A unit, or a library.
    subject: &'a str,
    /// Why it must be absent. Where several agreements mean it, in other words: the first one with a reason, else the first.
    absent: &'a Absent,
    /// The positions of its linked units.
    positions: Vec<usize>,
}

/// What is linked of what must be absent: one for each unit, or for each library.
fn present<'a>(absent: impl Iterator<Item = &'a Absent>, linked: &'a [UnitEntry]) -> Vec<Present<'a>> {
    let mut found: Vec<Present<'a>> = Vec::new();
    let mut places: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    for absent in absent {
        let is_module = absent.name.is_module();
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, unit) in linked.iter().enumerate().filter(|(_, unit)| is_meant(&absent.name, unit)) {
            let subject = if is_module { &unit.unit } else { &unit.library };
            groups.entry(subject).or_default().push(i);
        }
        for (subject, positions) in groups {
            let place = *places.entry((is_module, subject)).or_insert(found.len());
            match found.get_mut(place) {
                None => found.push(Present { subject, absent, positions }),
                Some(known) if known.absent.reason.is_none() && absent.reason.is_some() => {
                    known.absent = absent;
                }
                Some(_) => {}
            }
        }
    }
    found
}

/// A finding with a chain stands at the last reference that is in the project: there it can be changed.
fn stand_at(finding: &mut Finding, hops: &[HopEntry]) {
    let is_ours = |hop: &&HopEntry| hop.file.as_ref().is_some_and(|file| is_inside(file));
    if let Some(hop) = hops.iter().rev().find(is_ours) {
        finding.file = hop.file.clone();
        finding.line = hop.line;
        finding.col = hop.col;
    }
}
