//! What a check found, for a terminal.

use super::chain;
use super::finding::{AcceptedBy, CheckReport, CheckedProgram, Finding};
use super::human::{bytes_of, count};
use super::table::{DIM, HEADING};
use crate::base::Severity;
use anstyle::{AnsiColor, Style};

/// How many units of a finding are named.
const N_UNITS: usize = 5;

/// Returns the findings that count, each with its chain, then how many there are.
#[must_use]
pub fn text(report: &CheckReport) -> String {
    let mut out = String::new();
    for program in &report.programs {
        out.push_str(&format!("{}\n", figures(program)));
    }
    for finding in report.counted() {
        out.push('\n');
        out.push_str(&one(finding, report.settings.as_deref()));
    }
    out.push_str(&format!("\n{}\n", summary(report)));
    out
}

/// `bin/main: 1.20 MB allocated, 1.21 MB stripped, 1.90 MB unstripped`.
fn figures(program: &CheckedProgram) -> String {
    let shown = |bytes| bytes_of(bytes, program.provenance);
    format!(
        "{HEADING}{}{HEADING:#}: {} allocated, {} stripped, {} unstripped",
        program.name,
        shown(program.alloc),
        shown(program.stripped),
        shown(program.unstripped)
    )
}

fn one(finding: &Finding, settings: Option<&str>) -> String {
    let style = style(finding.severity);
    let word = word(finding.severity);
    let at = finding.program.as_ref().map(|program| format!(" {program}")).unwrap_or_default();
    let mut out = format!("{style}{word}[{}]{style:#}{at}: {}\n", finding.rule, finding.message);
    out.push_str(&chain::text(&finding.chain));
    if finding.units.len() > 1 {
        out.push_str(&format!("    units: {}\n", units(&finding.units)));
    }
    if let Some(place) = place(finding) {
        out.push_str(&format!("    at {place}\n"));
    }
    if let (Some(file), Some(line)) = (settings, finding.agreed) {
        let line = format!("{file}:{line}");
        if place(finding).as_deref() != Some(line.as_str()) {
            out.push_str(&format!("    {DIM}agreed in {line}{DIM:#}\n"));
        }
    }
    if let Some(help) = &finding.help {
        out.push_str(&format!("    help: {help}\n"));
    }
    out
}

/// Returns where a finding is: `lib/a.ml:3:5`.
#[must_use]
pub fn place(finding: &Finding) -> Option<String> {
    let file = finding.file.as_ref()?;
    Some(match (finding.line, finding.col) {
        (Some(line), Some(col)) => format!("{file}:{line}:{col}"),
        (Some(line), None) => format!("{file}:{line}"),
        _ => file.clone(),
    })
}

/// Returns the first names of a list and the number of the others.
#[must_use]
pub fn units(names: &[String]) -> String {
    let shown = names.iter().take(N_UNITS).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > N_UNITS { format!("{shown} and {} more", names.len() - N_UNITS) } else { shown }
}

/// Returns how many findings there are: `2 errors, 1 warning; 3 known, in the baseline`.
#[must_use]
pub fn summary(report: &CheckReport) -> String {
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (report.n_of(severity), word(severity)))
        .filter(|&(n, _)| n > 0)
        .map(|(n, word)| count(n, word))
        .collect();
    let found = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    let accepted =
        [(AcceptedBy::Baseline, "known, in the baseline"), (AcceptedBy::Source, "allowed in the source")]
            .into_iter()
            .map(|(by, text)| (report.n_accepted(by), text))
            .filter(|&(n, _)| n > 0)
            .map(|(n, text)| format!("; {n} {text}"));
    format!("{}: {found}{}", count(report.programs.len(), "program"), accepted.collect::<String>())
}

/// Returns the word for a severity.
#[must_use]
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Note => Style::new().bold(),
    }
}
