//! Alerts as SARIF, with what the command line knows beside them: the repository, the rules, the pages of the guide.

use super::pipeline::Run;
use super::revision;
use crate::base::Severity;
use crate::check::{Level, Rule};
use crate::report::alert::{Alert, RuleEntry};
use crate::report::sarif::{self, Columns, Root};
use crate::report::schema::{Audit, Tool};
use std::collections::BTreeMap;

/// Returns where the project lies in its repository, and the main module of each program.
pub(super) fn root(run: &Run, audit: &Audit) -> Root {
    let main = |program: &crate::report::schema::ProgramAudit| {
        let name = program.own_units.last()?;
        let unit = program.linked_units.iter().find(|unit| unit.unit == *name)?;
        Some((program.name.clone(), unit.source.clone()?))
    };
    Root {
        prefix: revision::prefix(&run.project.root),
        mains: audit.programs.iter().filter_map(main).collect(),
        columns: Columns::new(run.project.root.clone()),
    }
}

/// Returns alerts as SARIF. `level` says how bad findings of a rule are.
pub(super) fn text(
    tool: &Tool,
    alerts: &[Alert],
    root: &Root,
    level: impl Fn(Rule) -> Level,
) -> anyhow::Result<String> {
    let mut rules: BTreeMap<&str, RuleEntry> = BTreeMap::new();
    for alert in alerts {
        rules.entry(&alert.rule).or_insert_with(|| rule(alert, &level));
    }
    let rules: Vec<RuleEntry> = rules.into_values().collect();
    Ok(sarif::sarif(tool, &rules, alerts, root)?)
}

/// A rule of ours, or a kind of problem.
fn rule(alert: &Alert, level: impl Fn(Rule) -> Level) -> RuleEntry {
    match Rule::of_word(&alert.rule) {
        Some(rule) => RuleEntry {
            id: alert.rule.clone(),
            summary: rule.summary().to_owned(),
            page: Some(rule.page().to_owned()),
            severity: level(rule).severity().unwrap_or(Severity::Warning),
        },
        None => RuleEntry {
            id: alert.rule.clone(),
            summary: format!("The tree could not be read in full: {}", alert.rule.replace('-', " ")),
            page: None,
            severity: alert.severity,
        },
    }
}
