//! Audited programs and settings -> findings.
//!
//! One question a rule; a rule that is off is not asked. What the linker would do without some links or without `-linkall` is
//! found by linking again.

mod absent;
mod agreement;
mod budget;
mod forced;

use super::allow::{Allowance, Allowances};
use super::pattern::Pattern;
use super::rule::Rule;
use super::settings::Check;
use crate::base::{FileId, Severity, UnitId};
use crate::graph::Graph;
use crate::link::{MissingUnit, link_edge};
use crate::report::alert::proposal_spot;
use crate::report::chain;
use crate::report::finding::{Accepted, AcceptedBy, Finding};
use crate::report::human::bytes_of;
use crate::report::schema::{ProgramAudit, ProposalEntry, UnitEntry};
use crate::report::{Parts, Places, place};
use crate::size::Provenance;
use crate::split::{Proposal, plain_id};
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
    /// What the sources allow.
    pub allowances: &'a Allowances,
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
            let proposals = case.parts.proposals.proposals.iter().zip(&case.audit.proposals);
            of_program.extend(proposals.filter_map(|(found, entry)| self.proposal(case, found, entry)));
            findings.append(&mut of_program);
        }
        findings.extend(self.unmatched(cases));
        findings.extend(self.remarks());
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

    fn accepted(&self, allowance: &Allowance) -> Accepted {
        Accepted {
            by: AcceptedBy::Source,
            reason: Some(allowance.reason.clone()),
            file: Some(self.file_name(allowance.file)),
            line: Some(allowance.line),
        }
    }

    fn file_name(&self, file: FileId) -> String {
        place::file_name(&self.places.project.file(file).shown)
    }

    fn missing(&self, case: &Case<'_>) -> Vec<Finding> {
        let Some(severity) = self.severity(Rule::Missing) else { return Vec::new() };
        let project = self.places.project;
        let finding = |missing: &MissingUnit| {
            let (unit, by) = (project.unit(missing.unit).name, project.unit(missing.by).name);
            let edge = link_edge(self.graph, missing.by, missing.unit);
            let place = edge.map(|edge| chain::edge_place(self.places, self.graph, edge));
            let at = place.as_ref().and_then(|place| place.at);
            Finding {
                subject: unit.to_string(),
                message: format!("{by} requires {unit}, which the linker will not find"),
                file: place.as_ref().map(|place| place::file_name(&place.file)),
                line: at.map(|at| at.line),
                col: at.map(|at| at.col),
                ..self.agreed(Rule::Missing, severity, Some(&case.audit.name), None)
            }
        };
        case.parts.linked.missing.iter().map(finding).collect()
    }

    /// The remark in a unit's own source that allows something of a rule.
    fn allowed_in<const N: usize>(&self, unit: UnitId, rule: Rule, names: [&str; N]) -> Option<&Allowance> {
        let unit = self.places.project.unit(unit);
        let files = [unit.implementation(), unit.interface()];
        let found = self
            .allowances
            .of(rule, names.into_iter())
            .find(|allowance| files.contains(&Some(allowance.file)));
        found.inspect(|allowance| allowance.mark_used())
    }

    fn proposal(&self, case: &Case<'_>, found: &Proposal, entry: &ProposalEntry) -> Option<Finding> {
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
        let spot = proposal_spot(entry);
        (finding.file, finding.line, finding.col) = (spot.file, spot.line, spot.col);
        let unit = entry.unit.as_deref().unwrap_or_default();
        let names = [unit, entry.id.as_str(), plain_id(&entry.id)];
        let allowance = found.unit.and_then(|id| self.allowed_in(id, rule, names));
        finding.accepted = allowance.map(|allowance| self.accepted(allowance));
        Some(finding)
    }
}

/// Whether a unit is meant, by its own name or by its library's.
fn is_meant(pattern: &Pattern, unit: &UnitEntry) -> bool {
    pattern.matches(if pattern.is_module() { &unit.unit } else { &unit.library })
}

fn provenance(units: &[&UnitEntry]) -> Provenance {
    units.iter().map(|unit| unit.provenance).max().unwrap_or(Provenance::Measured)
}

fn largest_first(units: &[&UnitEntry]) -> Vec<String> {
    let mut units = units.to_vec();
    units.sort_by_key(|unit| std::cmp::Reverse(unit.bytes.total));
    units.into_iter().map(|unit| unit.unit.clone()).collect()
}

/// Whether a file, as it is shown, lies in the project.
#[must_use]
pub fn is_inside(file: &str) -> bool {
    let path = Path::new(file);
    path.is_relative() && !path.starts_with("..")
}
