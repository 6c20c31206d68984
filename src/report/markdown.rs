//! An audit, and what a check found, as Markdown for a pull request.

use super::chain::HopEntry;
use super::finding::{CheckReport, Finding};
use super::finding_text;
use super::human::{bytes_of, count, mark, percent, saving};
use super::schema::{Audit, EvidenceEntry, ProgramAudit, ProposalEntry, UnitEntry};

/// How many references of a proposal are shown.
const N_PLACES: usize = 4;

/// Returns an audit; each table has at most `top` rows, the rest is told.
#[must_use]
pub fn audit(audit: &Audit, top: usize) -> String {
    let mut out = "### What is linked\n\n\
        | program | allocated | stripped | unstripped | units | live | no split can beat |\n\
        | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for program in &audit.programs {
        let size = &program.size;
        let shown = |figure| bytes_of(figure, size.provenance);
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            code(&program.name),
            shown(size.alloc),
            shown(size.stripped),
            shown(size.unstripped),
            program.linked_units.len(),
            percent(program.live.bytes, size.alloc),
            shown(program.bound.alloc),
        ));
    }
    for program in &audit.programs {
        out.push_str(&format!("\n#### {}\n", code(&program.name)));
        out.push_str(&proposals(program, top));
        out.push_str(&units(program, top));
    }
    let n_errors = audit.problems.iter().filter(|problem| problem.severity == "error").count();
    if n_errors > 0 {
        out.push_str(&format!("\n{} in the tree: figures may be too small.\n", count(n_errors, "error")));
    }
    out
}

fn proposals(program: &ProgramAudit, top: usize) -> String {
    if program.proposals.is_empty() {
        return "\nNothing to propose.\n".to_owned();
    }
    let mut out = "\n| proposal | saves | between | of program | clients | status |\n\
        | --- | ---: | ---: | ---: | --- | --- |\n"
        .to_owned();
    for proposal in program.proposals.iter().take(top) {
        let saved = proposal.bytes_saved;
        let clients = match proposal.client_edits {
            0 => "unchanged".to_owned(),
            n => count(n as usize, "file"),
        };
        out.push_str(&format!(
            "| {} | {}{} | {} to {} | {} | {clients} | {} |\n",
            code(&proposal.id),
            mark(proposal.provenance),
            saving(saved.alloc),
            saving(saved.low),
            saving(saved.high),
            percent(saved.alloc.max(0).unsigned_abs(), program.size.alloc),
            proposal.status_word(),
        ));
    }
    out.push_str(&rest(program.proposals.len(), top, "proposal"));
    for proposal in program.proposals.iter().take(top) {
        out.push_str(&details(&code(&proposal.id), &proposal_body(proposal)));
    }
    out
}

fn proposal_body(proposal: &ProposalEntry) -> String {
    let mut out = format!("{}.\n", text(&proposal.summary));
    if !proposal.units_dropped.is_empty() {
        let names: Vec<String> = proposal.units_dropped.iter().map(|unit| code(unit)).collect();
        out.push_str(&format!("\nLeaves: {}.\n", names.join(", ")));
    }
    if !proposal.evidence.is_empty() {
        out.push_str("\nBecause:\n\n");
        for evidence in proposal.evidence.iter().take(N_PLACES) {
            out.push_str(&format!("* {}\n", reference(evidence)));
        }
        out.push_str(&rest(proposal.evidence.len(), N_PLACES, "reference"));
    }
    if !proposal.risks.is_empty() {
        out.push_str("\nTo look at:\n\n");
        for risk in proposal.risks.iter().take(N_PLACES) {
            out.push_str(&format!("* {}: {}\n", code(&risk.code), text(&risk.message)));
        }
        out.push_str(&rest(proposal.risks.len(), N_PLACES, "risk"));
    }
    out
}

fn reference(evidence: &EvidenceEntry) -> String {
    let at = match (&evidence.file, evidence.line) {
        (Some(file), Some(line)) => format!("{}: ", code(&format!("{file}:{line}"))),
        (Some(file), None) => format!("{}: ", code(file)),
        _ => String::new(),
    };
    format!("{at}{} refers to {}", code(&evidence.from), code(&evidence.to))
}

fn units(program: &ProgramAudit, top: usize) -> String {
    let mut wasteful: Vec<&UnitEntry> =
        program.linked_units.iter().filter(|unit| unit.waste_bytes > 0).collect();
    wasteful.sort_by_key(|unit| std::cmp::Reverse(unit.waste_bytes));
    let mut table =
        "| unit | library | bytes | live definitions | waste |\n| --- | --- | ---: | ---: | ---: |\n"
            .to_owned();
    for unit in wasteful.iter().take(top) {
        table.push_str(&format!(
            "| {} | {} | {} | {} of {} | {} |\n",
            code(&unit.unit),
            code(&unit.library),
            bytes_of(unit.bytes.total, unit.provenance),
            unit.live_definitions,
            unit.definitions,
            bytes_of(unit.waste_bytes, unit.waste_provenance),
        ));
    }
    table.push_str(&rest(wasteful.len(), top, "unit"));
    details("Units by waste", &table)
}

/// Returns what a check found; at most `top` findings are shown, the rest is told.
#[must_use]
pub fn check(report: &CheckReport, top: usize) -> String {
    let mut out = format!("### `unlith check`\n\n{}.\n", finding_text::summary(report));
    out.push_str("\n| program | allocated | stripped | unstripped |\n| --- | ---: | ---: | ---: |\n");
    for program in &report.programs {
        let shown = |figure| bytes_of(figure, program.provenance);
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            code(&program.name),
            shown(program.alloc),
            shown(program.stripped),
            shown(program.unstripped)
        ));
    }
    let counted: Vec<&Finding> = report.counted().collect();
    if !counted.is_empty() {
        out.push_str("\n| | rule | program | what | where |\n| --- | --- | --- | --- | --- |\n");
    }
    for finding in counted.iter().take(top) {
        let program = finding.program.as_deref().map(code).unwrap_or_default();
        let place = finding_text::place(finding).map(|place| code(&place)).unwrap_or_default();
        out.push_str(&format!(
            "| {} | {} | {program} | {} | {place} |\n",
            finding_text::word(finding.severity),
            code(&finding.rule),
            text(&finding.message),
        ));
    }
    out.push_str(&rest(counted.len(), top, "finding"));
    for finding in counted.iter().take(top).filter(|finding| !finding.chain.is_empty()) {
        let program = finding.program.as_deref().unwrap_or_default();
        let title = format!("What brings {} into {}", code(&finding.subject), code(program));
        out.push_str(&details(&title, &chain(&finding.chain)));
    }
    out
}

fn chain(hops: &[HopEntry]) -> String {
    let mut out = String::new();
    for (i, hop) in hops.iter().enumerate() {
        let at = match (&hop.file, hop.line) {
            (Some(file), Some(line)) => format!(", {}", code(&format!("{file}:{line}"))),
            _ => String::new(),
        };
        out.push_str(&format!("{}. {}: {}{at}\n", i + 1, code(&hop.name), text(&hop.because)));
    }
    out
}

/// A part that is folded.
fn details(title: &str, body: &str) -> String {
    format!("\n<details><summary>{}</summary>\n\n{body}\n</details>\n", summary_title(title))
}

/// Code spans are not read inside of `<summary>`.
fn summary_title(title: &str) -> String {
    let mut out = String::new();
    for (i, part) in title.split('`').enumerate() {
        let part = part.replace('&', "&amp;").replace('<', "&lt;");
        out.push_str(&if i % 2 == 1 { format!("<code>{part}</code>") } else { part });
    }
    out
}

fn rest(n_all: usize, n_shown: usize, noun: &str) -> String {
    if n_all <= n_shown {
        return String::new();
    }
    format!("\n... and {}.\n", count(n_all - n_shown, &format!("more {noun}")))
}

/// A code span that may stand in a table.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|").replace('`', "'").replace(['\n', '\r'], " "))
}

/// Plain text that may stand in a table.
fn text(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '|' | '`' | '*' | '_' | '[' => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_a_table() {
        assert_eq!(code("a|`b`\n"), "`a\\|'b' `");
        assert_eq!(text("Base__List <x> | y"), "Base\\_\\_List &lt;x> \\| y");
        assert_eq!(summary_title("What `a<b` is"), "What <code>a&lt;b</code> is");
    }
}
