//! What is told about one place: the common form of findings, proposals and problems for SARIF and annotations.

use super::chain::HopEntry;
use super::finding::{Accepted, Finding};
use super::schema::{Audit, EvidenceEntry, ProblemEntry, ProgramAudit, ProposalEntry};
use crate::base::Severity;
use crate::split::{EditAction, ProposalKind, Status};

/// One thing to tell.
#[derive(Clone, PartialEq, Debug)]
pub struct Alert {
    /// The rule: a word.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The program that it is about.
    pub program: Option<String>,
    /// What of the program: with rule and program it names the alert from run to run.
    pub subject: String,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub spot: Spot,
    /// From the program to the place, hop by hop.
    pub chain: Vec<HopEntry>,
    /// Other places that matter, with what is there.
    pub related: Vec<(Spot, String)>,
    /// Bytes that it is about.
    pub bytes: Option<u64>,
    /// Why it does not count.
    pub accepted: Option<Accepted>,
}

/// A place that may be unknown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Spot {
    /// The file, as it is shown.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 0.
    pub col: Option<u32>,
}

/// What a rule is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleEntry {
    /// Its word.
    pub id: String,
    /// What is wrong where it finds something.
    pub summary: String,
    /// Its page of the guide, in Markdown.
    pub page: Option<String>,
    /// How bad its findings are.
    pub severity: Severity,
}

/// Returns a finding of a check.
#[must_use]
pub fn of_finding(finding: &Finding) -> Alert {
    Alert {
        rule: finding.rule.clone(),
        severity: finding.severity,
        program: finding.program.clone(),
        subject: finding.subject.clone(),
        message: finding.message.clone(),
        spot: Spot { file: finding.file.clone(), line: finding.line, col: finding.col },
        chain: finding.chain.clone(),
        related: Vec::new(),
        bytes: finding.bytes,
        accepted: finding.accepted.clone(),
    }
}

/// Returns the proposals of all programs, then the problems of the tree.
#[must_use]
pub fn of_audit(audit: &Audit) -> Vec<Alert> {
    let of_program = |program: &ProgramAudit| {
        program.proposals.iter().map(|proposal| of_proposal(program, proposal)).collect::<Vec<_>>()
    };
    let proposals = audit.programs.iter().flat_map(of_program);
    proposals.chain(audit.problems.iter().map(of_problem)).collect()
}

fn of_proposal(program: &ProgramAudit, proposal: &ProposalEntry) -> Alert {
    let saved = proposal.bytes_saved;
    let signed = |bytes: i64| super::human::bytes(bytes.max(0).unsigned_abs());
    let is_review = proposal.status == Status::NeedsReview;
    Alert {
        rule: proposal.kind.word().to_owned(),
        // What somebody has to look at first is no more than a remark.
        severity: if is_review { Severity::Note } else { Severity::Warning },
        program: Some(program.name.clone()),
        subject: proposal.id.clone(),
        message: format!(
            "{}: saves {}{} of {}, between {} and {}{}",
            proposal.summary,
            super::human::mark(proposal.provenance),
            signed(saved.alloc),
            program.name,
            signed(saved.low),
            signed(saved.high),
            if is_review { "; needs review" } else { "" }
        ),
        spot: proposal_spot(proposal),
        chain: Vec::new(),
        related: proposal.evidence.iter().map(related).filter(|(spot, _)| spot.file.is_some()).collect(),
        bytes: Some(saved.alloc.max(0).unsigned_abs()),
        accepted: None,
    }
}

fn related(evidence: &EvidenceEntry) -> (Spot, String) {
    let spot = Spot { file: evidence.file.clone(), line: evidence.line, col: evidence.col };
    (spot, format!("{} refers to {}", evidence.from, evidence.to))
}

/// Whether a file, as it is shown, lies in the project or beside it: others are shown with their full path.
#[must_use]
pub fn is_inside(file: &str) -> bool {
    std::path::Path::new(file).is_relative()
}

/// Returns where a proposal stands: where the text has to change, else what causes it.
#[must_use]
pub fn proposal_spot(entry: &ProposalEntry) -> Spot {
    let by_reference = matches!(
        entry.kind,
        ProposalKind::CutReferences | ProposalKind::BypassFacade | ProposalKind::CutEffect
    );
    let has_file = |evidence: &&EvidenceEntry| evidence.file.is_some();
    let is_here = |evidence: &&EvidenceEntry| evidence.file.as_deref().is_some_and(is_inside);
    let evidence = entry.evidence.iter().find(is_here).or_else(|| entry.evidence.iter().find(has_file));
    let edit = entry.edits.iter().find(|edit| edit.action == EditAction::Modify);
    match (evidence, edit) {
        (Some(evidence), edit) if by_reference || edit.is_none() => related(evidence).0,
        (_, Some(edit)) => Spot { file: Some(edit.file.clone()), line: Some(1), col: None },
        _ => Spot::default(),
    }
}

fn of_problem(problem: &ProblemEntry) -> Alert {
    let severity = match problem.severity.as_str() {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Note,
    };
    let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    Alert {
        rule: problem.code.clone(),
        severity,
        program: None,
        subject: problem.message.clone(),
        message: format!("{}{help}", problem.message),
        spot: Spot { file: problem.file.clone(), line: problem.line, col: problem.col },
        chain: Vec::new(),
        related: Vec::new(),
        bytes: None,
        accepted: None,
    }
}
