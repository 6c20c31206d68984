//! Findings that are known: a file that is written once, and from which lines only go.
//!
//! A finding is known by rule, program and subject. Where bytes are what it is about, it is known up to the bytes that it had:
//! a budget that is exceeded by more than before is found again.

use super::rule::Rule;
use crate::base::Severity;
use crate::report::finding::{Accepted, AcceptedBy, Finding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the layout.
pub const SCHEMA: u32 = 1;

/// The file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What is known, sorted.
    pub findings: Vec<Known>,
}

/// One finding that is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The program; null for what concerns all.
    pub program: Option<String>,
    /// The rule.
    pub rule: String,
    /// What of the program.
    pub subject: String,
    /// Up to how many bytes, where they are what the rule is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl Baseline {
    /// Returns what is found now and counts, or was known before.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Baseline {
        let is_kept = |finding: &&Finding| {
            let by_source =
                finding.accepted.as_ref().is_some_and(|accepted| accepted.by == AcceptedBy::Source);
            rule(finding).is_some_and(Rule::can_be_known) && !by_source
        };
        let known = |finding: &Finding| Known {
            program: finding.program.clone(),
            rule: finding.rule.clone(),
            subject: subject(&finding.subject, finding.program.as_deref()).to_owned(),
            bytes: finding.bytes.filter(|_| rule(finding).is_some_and(Rule::is_about_bytes)),
        };
        let found: BTreeSet<Known> = findings.iter().filter(is_kept).map(known).collect();
        Baseline { schema: SCHEMA, findings: found.into_iter().collect() }
    }

    /// Returns it without what it knows of some programs, and without what concerns all.
    #[must_use]
    pub fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Baseline {
        let is_kept = |known: &&Known| known.program.as_ref().is_some_and(|program| !is_left_out(program));
        Baseline { schema: SCHEMA, findings: self.findings.iter().filter(is_kept).cloned().collect() }
    }

    /// Returns what both know.
    #[must_use]
    pub fn and(mut self, other: Baseline) -> Baseline {
        self.findings.extend(other.findings);
        self.findings.sort();
        self.findings.dedup();
        self
    }

    /// Reads the file.
    ///
    /// **Errors**: it is no JSON of this layout; the message says where.
    pub fn read(text: &str) -> Result<Baseline, String> {
        let baseline: Baseline = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if baseline.schema != SCHEMA {
            return Err(format!("it is of schema {}, not {SCHEMA}", baseline.schema));
        }
        Ok(baseline)
    }

    /// Returns the text of the file: a line for each finding, so that changes of it read well.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.findings.iter().map(|known| serde_json::to_string(known).unwrap_or_default());
        let lines: Vec<String> = lines.map(|line| format!("    {line}")).collect();
        let inside = if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
        format!("{{\n  \"schema\": {SCHEMA},\n  \"findings\": [{inside}]\n}}\n")
    }

    /// Marks the findings that are known, and returns what is known and no longer found.
    pub fn apply(&self, findings: &mut [Finding], file: &str) -> Vec<&Known> {
        let mut found = vec![false; self.findings.len()];
        for finding in findings.iter_mut().filter(|finding| finding.counts()) {
            let program = finding.program.as_deref();
            let same = |known: &Known| {
                known.rule == finding.rule
                    && known.program.as_deref() == program
                    && subject(&known.subject, program) == subject(&finding.subject, program)
            };
            let Some(i) = self.findings.iter().position(same) else { continue };
            found[i] = true;
            match (self.findings[i].bytes, finding.bytes) {
                (Some(known), Some(now)) if now > known => {
                    let grown = crate::report::human::bytes(now - known);
                    finding.message.push_str(&format!("; {grown} more than the baseline knows"));
                }
                _ => {
                    finding.accepted = Some(Accepted {
                        by: AcceptedBy::Baseline,
                        reason: None,
                        file: Some(file.to_owned()),
                        line: None,
                    });
                }
            }
        }
        self.findings.iter().zip(found).filter(|(_, found)| !found).map(|(known, _)| known).collect()
    }
}

impl Known {
    /// Returns the finding that this one is gone. `file` is the baseline, as it is shown.
    #[must_use]
    pub fn stale(&self, severity: Severity, file: &str) -> Finding {
        Finding {
            rule: Rule::StaleBaseline.word().to_owned(),
            severity,
            program: self.program.clone(),
            subject: format!("{} {}", self.rule, self.subject),
            message: format!("the baseline knows `{} {}`, which is gone", self.rule, self.subject),
            help: Some("write it again with `unlith check --write-baseline`".to_owned()),
            bytes: None,
            limit: None,
            provenance: None,
            file: Some(file.to_owned()),
            line: None,
            col: None,
            agreed: None,
            chain: Vec::new(),
            units: Vec::new(),
            accepted: None,
        }
    }
}

/// What a finding is about, whichever programs are looked at beside its own: those say whether a proposal's id has the program
/// in it.
fn subject<'s>(subject: &'s str, program: Option<&str>) -> &'s str {
    let without = |program| subject.strip_suffix(program)?.strip_suffix('@');
    program.and_then(without).unwrap_or(subject)
}

fn rule(finding: &Finding) -> Option<Rule> {
    Rule::of_word(&finding.rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_known_whichever_programs_are_looked_at() {
        let known = Known {
            program: Some("bin/main".to_owned()),
            rule: "partition-unit".to_owned(),
            subject: "partition-unit:Jot@bin/main".to_owned(),
            bytes: None,
        };
        let finding = |subject: &str| Finding {
            rule: known.rule.clone(),
            subject: subject.to_owned(),
            ..known.stale(Severity::Warning, "known.json")
        };
        let baseline = Baseline { schema: SCHEMA, findings: vec![known.clone()] };
        for (subject, is_known) in [
            ("partition-unit:Jot@bin/main", true),
            ("partition-unit:Jot", true),
            ("partition-unit:Jot@bin/other", false),
            ("partition-unit:Numerix", false),
        ] {
            let mut findings = [finding(subject)];
            assert_eq!(baseline.apply(&mut findings, "known.json").is_empty(), is_known, "{subject}");
            assert_eq!(findings[0].accepted.is_some(), is_known, "{subject}");
        }
        let written = Baseline::of(&[finding("partition-unit:Jot@bin/main"), finding("partition-unit:Jot")]);
        assert_eq!(written.findings, [Known { subject: "partition-unit:Jot".to_owned(), ..known }]);
    }
}
