//! Is what was agreed of any effect? Settings that concern nothing, remarks that mean nothing or that nothing needs.

use super::{Case, Judge, is_meant};
use crate::base::{FileId, Severity};
use crate::check::rule::Rule;
use crate::report::finding::Finding;

impl Judge<'_> {
    /// Remarks that mean nothing, or that nothing needs. To be asked last.
    pub(super) fn remarks(&self) -> Vec<Finding> {
        let at = |rule: Rule, severity: Severity, file: FileId, line: u32| {
            let file = self.file_name(file);
            Finding { file: Some(file), line: Some(line), ..self.agreed(rule, severity, None, None) }
        };
        let mut findings = Vec::new();
        if let Some(severity) = self.severity(Rule::BadAllow) {
            findings.extend(self.allowances.misread.iter().map(|misread| Finding {
                subject: format!("{}:{}", self.file_name(misread.file), misread.line),
                message: misread.message.clone(),
                ..at(Rule::BadAllow, severity, misread.file, misread.line)
            }));
        }
        if let Some(severity) = self.severity(Rule::UnusedAllow).filter(|_| self.is_whole) {
            let asked = self.allowances.unused().filter(|allowance| self.severity(allowance.rule).is_some());
            findings.extend(asked.map(|allowance| Finding {
                subject: format!("{}:{}", self.file_name(allowance.file), allowance.line),
                message: format!(
                    "nothing is found here that `allow {}` is needed for",
                    allowance.rule.word()
                ),
                help: Some("take the remark out".to_owned()),
                ..at(Rule::UnusedAllow, severity, allowance.file, allowance.line)
            }));
        }
        findings
    }

    /// Settings that concern nothing.
    pub(super) fn unmatched(&self, cases: &[Case<'_>]) -> Vec<Finding> {
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
