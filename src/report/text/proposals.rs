//! Proposals by bytes saved, each with its evidence, and the curve.

use crate::report::human::{bytes, bytes_of, count, mark, percent, saving};
use crate::report::schema::{EditEntry, EvidenceEntry, OtherEntry, ProgramAudit, ProposalEntry, RiskEntry};
use crate::report::table::{Align, DIM, HEADING, Table};
use crate::split::EditAction;
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;

/// How many names of a list are shown.
const N_NAMES: usize = 6;
/// How many references and risks of a proposal are shown.
const N_PLACES: usize = 4;
/// Ids can be typed, so they stand out.
const ID: Style = AnsiColor::Cyan.on_default();

/// Returns the proposals of a program, most bytes first, and the curve.
pub(super) fn section(program: &ProgramAudit, top: usize) -> String {
    let proposals = &program.proposals;
    let mut out = format!("{HEADING}Proposals by bytes saved{HEADING:#}\n");
    if proposals.is_empty() {
        out.push_str("  none found\n");
        return out;
    }
    out.push_str(&overview(program, top));
    for proposal in proposals.iter().take(top) {
        out.push('\n');
        out.push_str(&details(proposal));
    }
    if !program.curve.is_empty() {
        out.push('\n');
        out.push_str(&curve(program, top));
    }
    out
}

fn overview(program: &ProgramAudit, top: usize) -> String {
    let columns = [
        ("proposal", Align::Left),
        ("saves", Align::Right),
        ("between", Align::Right),
        ("of program", Align::Right),
        ("units out", Align::Right),
        ("in", Align::Right),
        ("clients", Align::Right),
        ("status", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for proposal in program.proposals.iter().take(top) {
        let saved = proposal.bytes_saved;
        table.row([
            proposal.id.clone(),
            format!("{}{}", mark(proposal.provenance), saving(saved.alloc)),
            format!("{} and {}", saving(saved.low), saving(saved.high)),
            percent(saved.alloc.max(0).unsigned_abs(), program.size.alloc),
            proposal.units_dropped.len().to_string(),
            proposal.units_added.len().to_string(),
            if proposal.client_edits == 0 {
                "unchanged".to_owned()
            } else {
                count(proposal.client_edits as usize, "file")
            },
            proposal.status_word().to_owned(),
        ]);
    }
    table.cut(top, program.proposals.len());
    let mut out = table.render();
    out.push_str(&format!(
        "  {DIM}each alone, allocated bytes; they share savings, so the column does not add up: see the curve{DIM:#}\n"
    ));
    if program.proposals.iter().take(top).any(|proposal| proposal.bytes_saved.alloc <= 0) {
        out.push_str(&format!(
            "  {DIM}what saves nothing alone is there for what it saves with others{DIM:#}\n"
        ));
    }
    out
}

fn details(proposal: &ProposalEntry) -> String {
    let mut out = format!("  {ID}{}{ID:#}  {}\n", proposal.id, proposal.summary);
    let mut line = |key: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("      {key:<9}{value}\n"));
        }
    };
    line("leaves", list(&proposal.units_dropped));
    line("comes", list(&proposal.units_added));
    line("uses", used(proposal));
    line("changes", edits(&proposal.edits));
    let mut rows = |key: &str, all: usize, shown: Vec<String>| {
        let n_shown = shown.len();
        for (i, text) in shown.into_iter().enumerate() {
            line(if i == 0 { key } else { "" }, text);
        }
        if n_shown < all {
            line("", format!("... and {} more", all - n_shown));
        }
    };
    rows("because", proposal.evidence.len(), proposal.evidence.iter().take(N_PLACES).map(evidence).collect());
    let others = &proposal.other_programs;
    rows("others", others.len(), others.iter().take(N_PLACES).map(other).collect());
    let risks = grouped(&proposal.risks);
    rows("risks", risks.len(), risks.iter().take(N_PLACES).map(|&(risk, n)| show_risk(risk, n)).collect());
    out
}

/// The first names of a list and the number of the others.
fn list(names: &[String]) -> String {
    let shown = names.iter().take(N_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > N_NAMES { format!("{shown} and {} more", names.len() - N_NAMES) } else { shown }
}

fn used(proposal: &ProposalEntry) -> String {
    if proposal.definitions == 0 {
        return String::new();
    }
    let n_used = proposal.used_definitions.len();
    let names = list(&proposal.used_definitions);
    let colon = if names.is_empty() { "" } else { ": " };
    format!("{n_used} of {}{colon}{names}", count(proposal.definitions as usize, "definition"))
}

fn edits(edits: &[EditEntry]) -> String {
    let of = |action: EditAction, verb: &str| {
        let files: Vec<String> =
            edits.iter().filter(|edit| edit.action == action).map(|edit| edit.file.clone()).collect();
        (!files.is_empty()).then(|| format!("{verb} {}", list(&files)))
    };
    let parts =
        [of(EditAction::Modify, "edit"), of(EditAction::Create, "add"), of(EditAction::Delete, "remove")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn evidence(evidence: &EvidenceEntry) -> String {
    let at = match (&evidence.file, evidence.line, evidence.col) {
        (Some(file), Some(line), Some(col)) => format!("{file}:{line}:{col}: "),
        (Some(file), ..) => format!("{file}: "),
        _ => String::new(),
    };
    format!("{at}{} refers to {}", evidence.from, evidence.to)
}

/// What another program gains or loses.
fn other(other: &OtherEntry) -> String {
    let saved = other.bytes_saved.alloc;
    let verb = if saved >= 0 { "saves" } else { "grows by" };
    format!("{} {verb} {}", other.program, bytes(saved.unsigned_abs()))
}

/// Risks that say the same of several places, with the number of places; in order of the first.
fn grouped(risks: &[RiskEntry]) -> Vec<(&RiskEntry, usize)> {
    let mut groups: Vec<(&RiskEntry, usize)> = Vec::new();
    let mut at: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for risk in risks {
        let group = *at.entry((&risk.code, &risk.message)).or_insert(groups.len());
        match groups.get_mut(group) {
            Some((_, n)) => *n += 1,
            None => groups.push((risk, 1)),
        }
    }
    groups
}

fn show_risk(risk: &RiskEntry, n_places: usize) -> String {
    let more =
        if n_places > 1 { format!(" and {}", count(n_places - 1, "more place")) } else { String::new() };
    let at = match (&risk.file, risk.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line}{more})"),
        (Some(file), None) => format!(" ({file}{more})"),
        _ => String::new(),
    };
    format!("{}: {}{at}", risk.code, risk.message)
}

/// Bytes left after each of the proposals chosen together.
fn curve(program: &ProgramAudit, top: usize) -> String {
    let mut table = Table::new(&[
        ("chosen together", Align::Left),
        ("saved", Align::Right),
        ("bytes left", Align::Right),
        ("of program", Align::Right),
    ]);
    let shown = |n| bytes_of(n, program.size.provenance);
    let alloc = program.size.alloc;
    let saved = |left: u64| if left == alloc { bytes(0) } else { shown(alloc.saturating_sub(left)) };
    // The program as it is, then at most `top` steps.
    for (i, point) in program.curve.iter().enumerate().take(top.saturating_add(1)) {
        let step = match point.proposals.last() {
            Some(id) => format!("{i}. {id}"),
            None => "as it is".to_owned(),
        };
        table.row([step, saved(point.alloc), shown(point.alloc), percent(point.alloc, alloc)]);
    }
    table.cut(top, program.curve.len().saturating_sub(1));
    let bound = program.bound.alloc;
    table.total(["bound".to_owned(), saved(bound), shown(bound), percent(bound, alloc)]);
    format!("{HEADING}Curve{HEADING:#}\n{}", table.render())
}
