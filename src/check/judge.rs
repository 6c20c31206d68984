//! Audited programs and settings -> findings.
//!
//! One question a rule; a rule that is off is not asked. What the linker would do without some links or without `-linkall` is
//! found by linking again.

use super::pattern::Pattern;
use super::rule::Rule;
use super::settings::{Absent, Budget, Check, ForcedDefault, Limit, concerns};
use crate::base::{Severity, UnitId};
use crate::graph::Graph;
use crate::link::{Chain, link, why_unit};
use crate::report::chain::{self, HopEntry};
use crate::report::finding::Finding;
use crate::report::human::{bytes, bytes_of, count, percent};
use crate::report::schema::{ProgramAudit, ProposalEntry, UnitEntry};
use crate::report::{Parts, Places, place};
use crate::size::Provenance;
use crate::split::{EditAction, ProposalKind};
use std::collections::BTreeMap;
use std::path::Path;

/// One program: what the stages found, and what the report says of it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What the stages found.
    pub parts: &'a Parts<'a>,
    /// What the report says.
    pub audit: &'a ProgramAudit,
}

/// Who decides.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// What was agreed.
    pub settings: &'a Check,
    /// The file that says so, as it is shown.
    pub file: Option<&'a str>,
    /// Names and positions.
    pub places: Places<'a>,
    /// References.
    pub graph: &'a Graph,
    /// Whether the cases are all programs of the project: only then can a setting be without effect.
    pub is_whole: bool,
}

impl Judge<'_> {
    /// Returns what is not as it was agreed: by program, then rule, then subject.
    #[must_use]
    pub fn findings(&self, cases: &[Case<'_>]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for case in cases {
            let mut of_program = self.budgets(case);
            of_program.extend(self.absent(case));
            of_program.extend(self.forced(case));
            of_program.extend(self.missing(case));
            of_program.extend(case.audit.proposals.iter().filter_map(|entry| self.proposal(case, entry)));
            findings.append(&mut of_program);
        }
        findings.extend(self.unmatched(cases));
        findings
    }

    /// How bad findings of a rule are; `None` when it is off.
    fn severity(&self, rule: Rule) -> Option<Severity> {
        self.settings.level(rule).severity()
    }

    /// A finding that stands in a line of the settings.
    fn agreed(&self, rule: Rule, severity: Severity, program: Option<&str>, line: Option<u32>) -> Finding {
        Finding {
            rule: rule.word().to_owned(),
            severity,
            program: program.map(str::to_owned),
            subject: String::new(),
            message: String::new(),
            help: None,
            bytes: None,
            limit: None,
            provenance: None,
            file: line.and(self.file).map(str::to_owned),
            line: line.filter(|_| self.file.is_some()),
            col: None,
            agreed: line,
            chain: Vec::new(),
            units: Vec::new(),
            accepted: None,
        }
    }

    fn budgets(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Budget) else { return Vec::new() };
        let mut findings = Vec::new();
        for budget in self.settings.budget.iter().filter(|budget| concerns(&budget.exes, &case.audit.name)) {
            self.whole_file(case, budget, severity, &mut findings);
            for (pattern, limit) in &budget.libraries {
                let units = case.audit.linked_units.iter().filter(|unit| pattern.matches(&unit.library));
                let title = format!("library {}", pattern.text());
                findings.extend(self.sum(case, severity, &title, units.collect(), *limit));
            }
            for (pattern, limit) in &budget.units {
                let units = case.audit.linked_units.iter().filter(|unit| is_meant(pattern, unit));
                let title = format!("unit {}", pattern.text());
                findings.extend(self.sum(case, severity, &title, units.collect(), *limit));
            }
        }
        findings
    }

    /// The figures of the executable as a whole.
    fn whole_file(&self, case: &Case<'_>, budget: &Budget, severity: Severity, findings: &mut Vec<Finding>) {
        let size = &case.audit.size;
        let figures = [
            ("alloc", "allocated", budget.alloc, size.alloc),
            ("stripped", "stripped", budget.stripped, size.stripped),
            ("unstripped", "unstripped", budget.unstripped, size.unstripped),
        ];
        for (subject, word, limit, figure) in figures {
            let Some(limit) = limit.filter(|limit| figure > limit.bytes) else { continue };
            let mut message =
                format!("{} {word}, {}", bytes_of(figure, size.provenance), above(figure, limit.bytes));
            if subject == "alloc" && size.low < size.high {
                let doubt = if size.low <= limit.bytes { ", so it may also be kept" } else { "" };
                message.push_str(&format!(
                    "; estimated between {} and {}{doubt}",
                    bytes(size.low),
                    bytes(size.high)
                ));
            }
            findings.push(Finding {
                subject: subject.to_owned(),
                message,
                help: Some(
                    "`unlith diff --rev REV` shows what grew since a revision, `unlith audit` what to change"
                        .to_owned(),
                ),
                bytes: Some(figure),
                limit: Some(limit.bytes),
                provenance: Some(size.provenance),
                ..self.agreed(Rule::Budget, severity, Some(&case.audit.name), Some(limit.line))
            });
        }
    }

    /// Some units together.
    fn sum(
        &self,
        case: &Case<'_>,
        severity: Severity,
        title: &str,
        units: Vec<&UnitEntry>,
        limit: Limit,
    ) -> Option<Finding> {
        let sum: u64 = units.iter().map(|unit| unit.bytes.total).sum();
        if sum <= limit.bytes {
            return None;
        }
        let provenance = provenance(&units);
        Some(Finding {
            subject: title.to_owned(),
            message: format!(
                "{title}: {} in {}, {}",
                bytes_of(sum, provenance),
                count(units.len(), "unit"),
                above(sum, limit.bytes)
            ),
            bytes: Some(sum),
            limit: Some(limit.bytes),
            provenance: Some(provenance),
            units: largest_first(&units),
            ..self.agreed(Rule::Budget, severity, Some(&case.audit.name), Some(limit.line))
        })
    }

    fn absent(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Absent) else { return Vec::new() };
        let absent = self.settings.absent.iter().filter(|absent| concerns(&absent.exes, &case.audit.name));
        absent.flat_map(|absent| self.present(case, absent, severity)).collect()
    }

    /// What is linked of something that must be absent: one finding for each unit, or for each library.
    fn present(&self, case: &Case<'_>, absent: &Absent, severity: Severity) -> Vec<Finding> {
        let units =
            case.audit.linked_units.iter().enumerate().filter(|(_, unit)| is_meant(&absent.name, unit));
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, unit) in units {
            let subject = if absent.name.is_module() { &unit.unit } else { &unit.library };
            groups.entry(subject).or_default().push(i);
        }
        groups
            .into_iter()
            .map(|(subject, units)| self.linked(case, absent, severity, subject, &units))
            .collect()
    }

    /// A finding for linked units, given by their positions.
    fn linked(
        &self,
        case: &Case<'_>,
        absent: &Absent,
        severity: Severity,
        subject: &str,
        positions: &[usize],
    ) -> Finding {
        let parts = case.parts;
        let entries: Vec<&UnitEntry> = positions.iter().map(|&i| &case.audit.linked_units[i]).collect();
        let chain = |&i: &usize| why_unit(self.graph, parts.linked, parts.links, parts.linked.units[i]);
        let shortest = positions.iter().filter_map(chain).min_by_key(|chain: &Chain| chain.hops.len());
        let hops = chain::hops(self.places, self.graph, &shortest.unwrap_or_default());
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
        let name = if absent.name.is_module() { subject } else { &finding.units[0] };
        finding.help =
            Some(format!("`unlith why {name}` shows the other ways in, and what goes when a link is cut"));
        finding.chain = hops;
        finding
    }

    /// Forced units, by library.
    fn forced(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Forced) else { return Vec::new() };
        let forced = &self.settings.forced;
        let is_named =
            |patterns: &[Pattern], unit: &UnitEntry| patterns.iter().any(|name| is_meant(name, unit));
        let is_wrong = |unit: &UnitEntry| {
            is_named(&forced.forbid, unit)
                || (forced.default == ForcedDefault::Forbid && !is_named(&forced.allow, unit))
        };
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, unit) in case.audit.linked_units.iter().enumerate() {
            if unit.forced && is_wrong(unit) {
                groups.entry(&unit.library).or_default().push(i);
            }
        }
        if groups.is_empty() {
            return Vec::new();
        }
        let parts = case.parts;
        let mut input = parts.input.clone();
        input.forced = Default::default();
        input.linkall = false;
        input.archives.iter_mut().for_each(|archive| archive.linkall = false);
        let needed = link(&input, parts.links);
        let is_needed = |i: usize| needed.contains(parts.linked.units[i]);
        groups
            .into_iter()
            .map(|(library, units)| self.forced_library(case, severity, library, &units, is_needed))
            .collect()
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
            n => format!(
                "{} of them, {}, {} linked for no other reason",
                n,
                bytes_of(sum, provenance),
                if n == 1 { "is" } else { "are" }
            ),
        };
        let mut finding = Finding {
            subject: library.to_owned(),
            message: format!("{} of {library} forced by -linkall; {cost}", count(entries.len(), "unit")),
            help: Some(
                "drop -linkall where it is given, or name the units in `check.forced.allow`".to_owned(),
            ),
            bytes: Some(sum),
            provenance: Some(provenance),
            units: largest_first(&entries),
            ..self.agreed(Rule::Forced, severity, Some(&case.audit.name), self.settings.forced.line)
        };
        let project = self.places.project;
        let unit: UnitId = case.parts.linked.units[positions[0]];
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

    fn missing(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Missing) else { return Vec::new() };
        let finding = |missing: &crate::report::schema::MissingEntry| Finding {
            subject: missing.unit.clone(),
            message: format!(
                "{} requires {}, which the linker will not find",
                missing.required_by, missing.unit
            ),
            ..self.agreed(Rule::Missing, severity, Some(&case.audit.name), None)
        };
        case.audit.missing_units.iter().map(finding).collect()
    }

    fn proposal(&self, case: &Case<'_>, entry: &ProposalEntry) -> Option<Finding> {
        let rule = Rule::Proposal(entry.kind);
        let severity = self.severity(rule)?;
        let saved = u64::try_from(entry.bytes_saved.alloc).ok()?;
        if saved < self.settings.min_saving {
            return None;
        }
        let mut finding = Finding {
            subject: entry.id.clone(),
            message: format!("{}: saves {}", entry.summary, bytes_of(saved, entry.provenance)),
            help: Some(format!("`unlith split {}` shows the change", entry.id)),
            bytes: Some(saved),
            provenance: Some(entry.provenance),
            units: entry.units_dropped.clone(),
            ..self.agreed(rule, severity, Some(&case.audit.name), None)
        };
        let (file, line, col) = proposal_place(entry);
        (finding.file, finding.line, finding.col) = (file, line, col);
        Some(finding)
    }

    /// Settings that concern nothing.
    fn unmatched(&self, cases: &[Case<'_>]) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::UnmatchedSetting).filter(|_| self.is_whole) else {
            return Vec::new();
        };
        let budgets = self.settings.budget.iter().map(|budget| (&budget.exes, budget.line));
        let absent = self.settings.absent.iter().map(|absent| (&absent.exes, absent.line));
        let mut findings = Vec::new();
        let mut report = |subject: String, message: String, line: Option<u32>| {
            findings.push(Finding {
                subject,
                message,
                ..self.agreed(Rule::UnmatchedSetting, severity, None, line)
            });
        };
        for (exes, line) in budgets.chain(absent) {
            for exe in
                exes.iter().filter(|exe| !cases.iter().any(|case| exe.matches_program(&case.audit.name)))
            {
                let names: Vec<&str> = cases.iter().map(|case| case.audit.name.as_str()).collect();
                let message =
                    format!("no executable is named `{}`; there are: {}", exe.text(), names.join(", "));
                report(format!("exes {}", exe.text()), message, Some(line));
            }
        }
        let forced = &self.settings.forced;
        let all = || cases.iter().flat_map(|case| &case.audit.linked_units);
        for allowed in &forced.allow {
            if !all().any(|unit| unit.forced && is_meant(allowed, unit)) {
                let message = format!("`{}` may be forced, and is not", allowed.text());
                report(format!("forced.allow {}", allowed.text()), message, forced.line);
            }
        }
        findings
    }
}

/// Whether a unit is meant, by its own name or by its library's.
fn is_meant(pattern: &Pattern, unit: &UnitEntry) -> bool {
    pattern.matches(if pattern.is_module() { &unit.unit } else { &unit.library })
}

/// `110 kB above the limit of 1.60 MB (6.9 %)`.
fn above(figure: u64, limit: u64) -> String {
    let over = figure - limit;
    let share = if limit == 0 { String::new() } else { format!(" ({})", percent(over, limit)) };
    format!("{} above the limit of {}{share}", bytes(over), bytes(limit))
}

fn provenance(units: &[&UnitEntry]) -> Provenance {
    units.iter().map(|unit| unit.provenance).max().unwrap_or(Provenance::Measured)
}

fn largest_first(units: &[&UnitEntry]) -> Vec<String> {
    let mut units = units.to_vec();
    units.sort_by_key(|unit| std::cmp::Reverse(unit.bytes.total));
    units.into_iter().map(|unit| unit.unit.clone()).collect()
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

/// Whether a file, as it is shown, lies in the project.
#[must_use]
pub fn is_inside(file: &str) -> bool {
    let path = Path::new(file);
    path.is_relative() && !path.starts_with("..")
}

/// Returns where a proposal stands: where the text has to change, else what causes it.
#[must_use]
pub fn proposal_place(entry: &ProposalEntry) -> (Option<String>, Option<u32>, Option<u32>) {
    let by_reference = matches!(
        entry.kind,
        ProposalKind::CutReferences | ProposalKind::BypassFacade | ProposalKind::CutEffect
    );
    let evidence = entry.evidence.iter().find(|evidence| evidence.file.is_some());
    let edit = entry.edits.iter().find(|edit| edit.action == EditAction::Modify);
    match (evidence, edit) {
        (Some(evidence), edit) if by_reference || edit.is_none() => {
            (evidence.file.clone(), evidence.line, evidence.col)
        }
        (_, Some(edit)) => (Some(edit.file.clone()), Some(1), None),
        _ => (None, None, None),
    }
}
