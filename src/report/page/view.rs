//! What the template shows as it is: sizes, the curve, proposals with their diffs, problems.

use super::PatchText;
use super::curve::{Curve, curve};
use super::diff::{self, LineKind};
use crate::report::human::{bytes, bytes_of, count, mark, percent, saving, thousands};
use crate::report::schema::{
    Audit, EditEntry, EvidenceEntry, ProblemEntry, ProgramAudit, ProposalEntry, RiskEntry,
};
use crate::size::{Profile, Provenance};
use crate::split::EditAction;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one diff that are shown.
const DIFF_LINES: usize = 400;
/// Lines of all diffs that are shown.
const ALL_DIFF_LINES: usize = 4000;
/// References of one proposal that are shown.
const N_EVIDENCE: usize = 12;
/// Problems that are shown.
const N_PROBLEMS: usize = 60;

#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page<'a> {
    title: String,
    version: &'a str,
    style: &'a str,
    code: &'a str,
    programs: Vec<ProgramView<'a>>,
    problems: Vec<ProblemView<'a>>,
    n_problems: usize,
}

struct ProgramView<'a> {
    name: &'a str,
    data: &'a str,
    facts: Vec<Fact>,
    is_estimated: bool,
    profile: &'static str,
    n_units: usize,
    curve: Option<Curve>,
    proposals: Vec<ProposalView<'a>>,
}

/// A figure of the summary.
struct Fact {
    title: &'static str,
    value: String,
    note: String,
}

struct ProposalView<'a> {
    /// Unique on the page.
    anchor: String,
    id: &'a str,
    unit: &'a str,
    summary: &'a str,
    saves: String,
    between: String,
    share: String,
    /// Of the bar, in percent of the best.
    width: String,
    status: &'static str,
    rows: Vec<(&'static str, String)>,
    used: Vec<&'a str>,
    evidence: Vec<(String, String)>,
    more_evidence: usize,
    risks: Vec<(&'a str, String)>,
    others: Vec<(String, bool)>,
    diff: DiffView<'a>,
}

enum DiffView<'a> {
    Lines {
        lines: Vec<DiffLine<'a>>,
        rest: usize,
        added: usize,
        removed: usize,
    },
    None(&'a str),
    /// It is shown with an earlier program.
    Shown,
}

struct DiffLine<'a> {
    class: &'static str,
    text: &'a str,
}

struct ProblemView<'a> {
    severity: &'a str,
    message: &'a str,
    at: String,
    help: &'a str,
}

/// Gathers what is shown. `data` holds the packed JSON of each program.
pub(super) fn page<'a>(
    audit: &'a Audit,
    data: &'a [String],
    patches: &'a BTreeMap<String, PatchText>,
) -> Page<'a> {
    let mut shown = BTreeSet::new();
    let mut room = ALL_DIFF_LINES;
    let programs: Vec<ProgramView<'a>> = audit
        .programs
        .iter()
        .zip(data)
        .enumerate()
        .map(|(at, (program, data))| {
            let mut diff = |id: &'a str| diff_view(id, patches, &mut shown, &mut room);
            program_view(at, program, data, &mut diff)
        })
        .collect();
    let title = match audit.programs.as_slice() {
        [program] => program.name.clone(),
        programs => count(programs.len(), "program"),
    };
    Page {
        title,
        version: env!("CARGO_PKG_VERSION"),
        style: include_str!("../../../templates/page.css"),
        code: include_str!("../../../templates/page.js"),
        programs,
        problems: audit.problems.iter().take(N_PROBLEMS).map(problem).collect(),
        n_problems: audit.problems.len(),
    }
}

fn program_view<'a>(
    at: usize,
    program: &'a ProgramAudit,
    data: &'a str,
    diff: &mut dyn FnMut(&'a str) -> DiffView<'a>,
) -> ProgramView<'a> {
    let best = program.proposals.iter().map(|p| p.bytes_saved.alloc).max().unwrap_or(0).max(1);
    ProgramView {
        name: &program.name,
        data,
        facts: facts(program),
        is_estimated: program.size.provenance == Provenance::Estimated,
        profile: profile_word(program.profile),
        n_units: program.linked_units.len(),
        curve: curve(program),
        proposals: program
            .proposals
            .iter()
            .enumerate()
            .map(|(i, proposal)| {
                proposal_view(&format!("p{at}-{i}"), program, proposal, best, diff(&proposal.id))
            })
            .collect(),
    }
}

fn profile_word(profile: Profile) -> &'static str {
    match profile {
        Profile::Pie => "native, position-independent",
        Profile::Static => "native, static",
        Profile::Bytecode => "bytecode",
    }
}

fn facts(program: &ProgramAudit) -> Vec<Fact> {
    let size = &program.size;
    let shown = |n| bytes_of(n, size.provenance);
    let fact = |title, value, note| Fact { title, value, note };
    let interval = if bytes(size.low) != bytes(size.high) {
        format!("between {} and {}; ", bytes(size.low), bytes(size.high))
    } else {
        String::new()
    };
    let mut facts = vec![
        fact(
            "Allocated",
            shown(size.alloc),
            format!("{interval}file {} stripped, {} not", shown(size.stripped), shown(size.unstripped)),
        ),
        fact(
            "Live definitions",
            shown(program.live.bytes),
            format!(
                "{} of {}; {} of {} units are needed",
                thousands(program.live.live_definitions.into()),
                thousands(program.live.definitions.into()),
                thousands(program.live.units.into()),
                thousands(program.linked_units.len() as u64)
            ),
        ),
        fact(
            "Bound",
            shown(program.bound.alloc),
            format!("{}: what no split can beat", percent(program.bound.alloc, size.alloc)),
        ),
    ];
    if let Some(last) = program.curve.last().filter(|last| last.alloc < size.alloc) {
        let n_proposals = count(last.proposals.len(), "proposal");
        facts.push(fact(
            "Can be saved",
            shown(size.alloc - last.alloc),
            format!("{} by {n_proposals} together", percent(size.alloc - last.alloc, size.alloc)),
        ));
    }
    facts
}

fn proposal_view<'a>(
    anchor: &str,
    program: &ProgramAudit,
    proposal: &'a ProposalEntry,
    best: i64,
    diff: DiffView<'a>,
) -> ProposalView<'a> {
    let saved = proposal.bytes_saved;
    let mut rows = Vec::new();
    if !proposal.units_dropped.is_empty() {
        rows.push(("leaves", proposal.units_dropped.join(", ")));
    }
    if !proposal.units_added.is_empty() {
        rows.push(("comes", proposal.units_added.join(", ")));
    }
    let changes = edits(&proposal.edits);
    if !changes.is_empty() {
        rows.push(("changes", changes));
    }
    let clients = match proposal.client_edits {
        0 => "unchanged".to_owned(),
        n => format!("{} to edit", count(n as usize, "file")),
    };
    rows.push(("clients", clients));
    ProposalView {
        anchor: anchor.to_owned(),
        id: &proposal.id,
        unit: proposal.unit.as_deref().unwrap_or_default(),
        summary: &proposal.summary,
        saves: format!("{}{}", mark(proposal.provenance), saving(saved.alloc)),
        between: if saved.low == saved.high {
            "measured".to_owned()
        } else {
            format!("between {} and {}", saving(saved.low), saving(saved.high))
        },
        share: percent(saved.alloc.max(0).unsigned_abs(), program.size.alloc),
        width: format!("{:.1}", 100.0 * saved.alloc.max(0) as f64 / best as f64),
        status: proposal.status_word(),
        rows,
        used: proposal.used_definitions.iter().map(String::as_str).collect(),
        evidence: proposal.evidence.iter().take(N_EVIDENCE).map(evidence).collect(),
        more_evidence: proposal.evidence.len().saturating_sub(N_EVIDENCE),
        risks: proposal.risks.iter().map(risk).collect(),
        others: proposal
            .other_programs
            .iter()
            .map(|other| {
                let saved = other.bytes_saved.alloc;
                let verb = if saved >= 0 { "saves" } else { "grows by" };
                (format!("{} {verb} {}", other.program, bytes(saved.unsigned_abs())), saved < 0)
            })
            .collect(),
        diff,
    }
}

fn diff_view<'a>(
    id: &'a str,
    patches: &'a BTreeMap<String, PatchText>,
    shown: &mut BTreeSet<&'a str>,
    room: &mut usize,
) -> DiffView<'a> {
    match patches.get(id) {
        None => DiffView::None("changed by hand: the references above say where"),
        Some(PatchText::None(why)) => DiffView::None(why),
        Some(PatchText::Diff(_)) if !shown.insert(id) => DiffView::Shown,
        Some(PatchText::Diff(text)) => {
            let (lines, rest) = diff::lines(text, DIFF_LINES.min(*room));
            *room -= lines.len();
            let (all, _) = diff::lines(text, usize::MAX);
            let n = |kind| all.iter().filter(|line| line.0 == kind).count();
            DiffView::Lines {
                rest,
                added: n(LineKind::Added),
                removed: n(LineKind::Removed),
                lines: lines.into_iter().map(|(kind, text)| DiffLine { class: class(kind), text }).collect(),
            }
        }
    }
}

fn class(kind: LineKind) -> &'static str {
    match kind {
        LineKind::File => "f",
        LineKind::Hunk => "h",
        LineKind::Added => "a",
        LineKind::Removed => "r",
        LineKind::Same => "",
    }
}

fn edits(edits: &[EditEntry]) -> String {
    let of = |action: EditAction, verb: &str| {
        let files: Vec<&str> =
            edits.iter().filter(|edit| edit.action == action).map(|edit| edit.file.as_str()).collect();
        (!files.is_empty()).then(|| format!("{verb} {}", files.join(", ")))
    };
    let parts =
        [of(EditAction::Modify, "edit"), of(EditAction::Create, "add"), of(EditAction::Delete, "remove")];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Where, and what refers to what.
fn evidence(evidence: &EvidenceEntry) -> (String, String) {
    let at = match (&evidence.file, evidence.line, evidence.col) {
        (Some(file), Some(line), Some(col)) => format!("{file}:{line}:{col}"),
        (Some(file), ..) => file.clone(),
        _ => String::new(),
    };
    (at, format!("{} refers to {}", evidence.from, evidence.to))
}

fn risk(risk: &RiskEntry) -> (&str, String) {
    let at = match (&risk.file, risk.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        (Some(file), None) => format!(" ({file})"),
        _ => String::new(),
    };
    (&risk.code, format!("{}{at}", risk.message))
}

fn problem(problem: &ProblemEntry) -> ProblemView<'_> {
    let at = match (&problem.file, problem.line, problem.col) {
        (Some(file), Some(line), Some(col)) => format!("{file}:{line}:{col}"),
        (Some(file), ..) => file.clone(),
        _ => String::new(),
    };
    let help = problem.help.as_deref().unwrap_or_default();
    ProblemView { severity: &problem.severity, message: &problem.message, at, help }
}
