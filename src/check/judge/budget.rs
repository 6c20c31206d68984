//! `budget`: figures above their limits.

use super::{Case, Judge, is_meant, largest_first, provenance};
use crate::base::Severity;
use crate::check::rule::Rule;
use crate::check::settings::{Budget, Limit, concerns};
use crate::report::finding::Finding;
use crate::report::human::{bytes, bytes_of, count, percent};
use crate::report::schema::UnitEntry;

impl Judge<'_> {
    pub(super) fn budgets(&self, case: &Case<'_>) -> Vec<Finding> {
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
        tightest(findings)
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
}

/// Of findings about the same figure, the one with the lowest limit: several budgets may concern a program.
fn tightest(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        match kept.iter_mut().find(|other| other.subject == finding.subject) {
            Some(other) if other.limit > finding.limit => *other = finding,
            Some(_) => {}
            None => kept.push(finding),
        }
    }
    kept
}

/// `110 kB above the limit of 1.60 MB (6.9 %)`.
fn above(figure: u64, limit: u64) -> String {
    let over = figure - limit;
    let share = if limit == 0 { String::new() } else { format!(" ({})", percent(over, limit)) };
    format!("{} above the limit of {}{share}", bytes(over), bytes(limit))
}
