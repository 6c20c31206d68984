//! Problems for people: grouped by kind, with counts and the first few places.

use super::human::count;
use super::place;
use super::schema::ProblemEntry;
use super::table::{DIM, HEADING};
use crate::base::{Code, Problem, Severity};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;

/// How many problems of one kind are shown in full.
const N_SHOWN: usize = 3;

/// Returns problems as entries of a report: sorted by file and place, each once.
#[must_use]
pub fn entries(problems: &[Problem]) -> Vec<ProblemEntry> {
    let mut entries: Vec<ProblemEntry> = problems.iter().map(entry).collect();
    entries.sort_by(|a, b| (&a.file, a.line, a.col, a).cmp(&(&b.file, b.line, b.col, b)));
    entries.dedup();
    entries
}

fn entry(problem: &Problem) -> ProblemEntry {
    let at = problem.place.as_ref().and_then(|place| place.at);
    ProblemEntry {
        code: code_word(problem.code),
        severity: severity_word(problem.severity).to_owned(),
        message: problem.message.clone(),
        file: problem.place.as_ref().map(|place| place::file_name(&place.file)),
        line: at.map(|at| at.line),
        col: at.map(|at| at.col),
        help: problem.help.clone(),
    }
}

/// Returns the stable word of a code: `missing-package`.
#[must_use]
pub fn code_word(code: Code) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a code is a unit variant"),
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Returns problems as text: errors first, then warnings, then notes, grouped by kind; empty when there are none.
#[must_use]
pub fn text(problems: &[ProblemEntry], shown: usize) -> String {
    let rank =
        |severity: &str| ["error", "warning", "note"].iter().position(|&word| word == severity).unwrap_or(3);
    let mut groups: BTreeMap<(usize, &str), Vec<&ProblemEntry>> = BTreeMap::new();
    for problem in problems {
        groups.entry((rank(&problem.severity), &problem.code)).or_default().push(problem);
    }
    let mut out = String::new();
    for ((rank, code), group) in groups {
        let style = severity_style(rank);
        let severity = &group[0].severity;
        out.push_str(&format!("  {style}{severity}{style:#}: {code}, {}\n", count(group.len(), "place")));
        for problem in group.iter().take(shown) {
            out.push_str(&format!("    {}\n", line(problem)));
        }
        if group.len() > shown {
            out.push_str(&format!(
                "    {DIM}... and {} more (--format json has all){DIM:#}\n",
                group.len() - shown
            ));
        }
        // Problems of one kind mostly have the same way out.
        let mut helps: Vec<&String> =
            group.iter().take(shown).filter_map(|problem| problem.help.as_ref()).collect();
        helps.dedup();
        for help in helps {
            out.push_str(&format!("    help: {help}\n"));
        }
    }
    out
}

/// Returns the problems section of a report, with its heading.
#[must_use]
pub fn section(problems: &[ProblemEntry]) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let body = text(problems, N_SHOWN);
    format!("{HEADING}What could not be analysed, or only in part{HEADING:#}\n{body}")
}

fn line(problem: &ProblemEntry) -> String {
    let at = match (problem.line, problem.col) {
        (Some(line), Some(col)) => format!(":{line}:{col}"),
        _ => String::new(),
    };
    match &problem.file {
        Some(file) => format!("{file}{at}: {}", problem.message),
        None => problem.message.clone(),
    }
}

fn severity_style(rank: usize) -> Style {
    match rank {
        0 => AnsiColor::Red.on_default().bold(),
        1 => AnsiColor::Yellow.on_default().bold(),
        _ => Style::new().bold(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::LineCol;

    #[test]
    fn problems_are_grouped_errors_first_and_counted() {
        let unresolved = |line| {
            Problem::new(Severity::Warning, Code::Unresolved, format!("`X.f{line}` is not known"))
                .at("a.ml", Some(LineCol { line, col: 2 }))
                .help("is the library of `X` missing?")
        };
        let mut problems: Vec<Problem> = (1..=5).rev().map(unresolved).collect();
        problems.push(Problem::new(Severity::Error, Code::MissingPackage, "package `foo` is not installed"));
        problems.push(unresolved(1));
        let entries = entries(&problems);
        assert_eq!(entries.len(), 6, "the same problem is told once");
        let plain = anstream::adapter::strip_str(&text(&entries, 2)).to_string();
        assert_eq!(
            plain,
            "  error: missing-package, 1 place
    package `foo` is not installed
  warning: unresolved, 5 places
    a.ml:1:2: `X.f1` is not known
    a.ml:2:2: `X.f2` is not known
    ... and 3 more (--format json has all)
    help: is the library of `X` missing?
"
        );
    }
}
