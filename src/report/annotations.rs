//! Findings as workflow commands of GitHub Actions: annotations of a change without code scanning.

use super::finding::CheckReport;
use super::finding_text;
use super::sarif::in_repository;
use crate::base::Severity;

/// Returns a line for each finding that counts, then the summary. `prefix` leads from the root of the repository to the
/// directory that paths are relative to.
#[must_use]
pub fn annotations(report: &CheckReport, prefix: &str) -> String {
    let mut out = String::new();
    for finding in report.counted() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = vec![format!("title={}", property(&format!("unlith: {}", finding.rule)))];
        if let Some(file) = &finding.file {
            properties.push(format!("file={}", property(&in_repository(prefix, file))));
        }
        properties.extend(finding.line.map(|line| format!("line={line}")));
        properties.extend(finding.col.map(|col| format!("col={}", col + 1)));
        let program = finding.program.as_ref().map(|program| format!("{program}: ")).unwrap_or_default();
        let hops: Vec<&str> = finding.chain.iter().map(|hop| hop.name.as_str()).collect();
        let chain = if hops.is_empty() { String::new() } else { format!("\n{}", hops.join(" -> ")) };
        let message = message(&format!("{program}{}{chain}", finding.message));
        out.push_str(&format!("::{command} {}::{message}\n", properties.join(",")));
    }
    out.push_str(&format!("{}\n", finding_text::summary(report)));
    out
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_is_made_of_is_escaped() {
        assert_eq!(message("a\nb: 100 %"), "a%0Ab: 100 %25");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
