//! An audit, and what a check found, as CSV: one row for each unit, proposal, problem or finding, exact byte counts.

use super::finding::{AcceptedBy, CheckReport};
use super::finding_text::word;
use super::schema::{Audit, EvidenceEntry};
use crate::size::Provenance;
use serde::Serialize;

/// Which rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rows {
    /// Linked units.
    Units,
    /// Proposals.
    Proposals,
    /// Links that hang on few references, a row for each reference.
    ThinLinks,
    /// What is wrong in the tree.
    Problems,
}

/// Returns rows of an audit under a line of titles.
///
/// # Errors
/// What the writer says; nothing here makes it fail.
pub fn audit(audit: &Audit, rows: Rows) -> Result<String, csv::Error> {
    match rows {
        Rows::Units => written(&UNIT, units(audit)),
        Rows::Proposals => written(&PROPOSAL, proposals(audit)),
        Rows::ThinLinks => written(&THIN, thin_links(audit)),
        Rows::Problems => written(&PROBLEM, problems(audit)),
    }
}

/// Returns the findings of a check under a line of titles, those that do not count among them.
///
/// # Errors
/// What the writer says; nothing here makes it fail.
pub fn check(report: &CheckReport) -> Result<String, csv::Error> {
    let rows = report.findings.iter().map(|finding| {
        let accepted = finding.accepted.as_ref().map(|accepted| match accepted.by {
            AcceptedBy::Baseline => "baseline",
            AcceptedBy::Source => "source",
        });
        let chain: Vec<&str> = finding.chain.iter().map(|hop| hop.name.as_str()).collect();
        (
            (&finding.program, &finding.rule, word(finding.severity), &finding.subject, &finding.message),
            (finding.bytes, finding.limit, &finding.file, finding.line, finding.col),
            (chain.join(" -> "), accepted),
        )
    });
    written(&FINDING, rows)
}

const FINDING: [&str; 12] = [
    "program", "rule", "severity", "subject", "message", "bytes", "limit", "file", "line", "col", "chain",
    "accepted",
];
const UNIT: [&str; 20] = [
    "program",
    "unit",
    "library",
    "source",
    "forced",
    "touched",
    "provenance",
    "code",
    "data",
    "frametable",
    "unwind",
    "relocations",
    "dynsym",
    "total",
    "definitions",
    "live_definitions",
    "live_bytes",
    "waste_bytes",
    "retained_bytes",
    "linked_for",
];
const PROPOSAL: [&str; 15] = [
    "program",
    "id",
    "kind",
    "unit",
    "library",
    "saves_alloc",
    "saves_low",
    "saves_high",
    "saves_stripped",
    "saves_unstripped",
    "provenance",
    "units_dropped",
    "client_edits",
    "status",
    "summary",
];
const THIN: [&str; 10] =
    ["program", "from", "to", "used", "definitions", "freed_bytes", "reference", "file", "line", "col"];
const PROBLEM: [&str; 7] = ["severity", "code", "message", "file", "line", "col", "help"];

fn written<R: Serialize>(titles: &[&str], rows: impl IntoIterator<Item = R>) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(titles)?;
    for row in rows {
        writer.serialize(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Measured => "measured",
        Provenance::Estimated => "estimated",
    }
}

fn units(audit: &Audit) -> impl Iterator<Item = impl Serialize> {
    let of = |program: &super::schema::ProgramAudit| {
        let row = |unit: &super::schema::UnitEntry| {
            let bytes = &unit.bytes;
            (
                (program.name.clone(), unit.unit.clone(), unit.library.clone(), unit.source.clone()),
                (unit.forced, unit.touched, provenance(unit.provenance)),
                (
                    bytes.code,
                    bytes.data,
                    bytes.frametable,
                    bytes.unwind,
                    bytes.relocations,
                    bytes.dynsym,
                    bytes.total,
                ),
                (
                    unit.definitions,
                    unit.live_definitions,
                    unit.live_bytes,
                    unit.waste_bytes,
                    unit.retained_bytes,
                ),
                unit.linked_for.join(" "),
            )
        };
        program.linked_units.iter().map(row).collect::<Vec<_>>()
    };
    audit.programs.iter().flat_map(of)
}

fn proposals(audit: &Audit) -> impl Iterator<Item = impl Serialize> {
    let of = |program: &super::schema::ProgramAudit| {
        let row = |entry: &super::schema::ProposalEntry| {
            let saved = entry.bytes_saved;
            (
                (
                    program.name.clone(),
                    entry.id.clone(),
                    entry.kind.word(),
                    entry.unit.clone(),
                    entry.library.clone(),
                ),
                (
                    saved.alloc,
                    saved.low,
                    saved.high,
                    saved.stripped,
                    saved.unstripped,
                    provenance(entry.provenance),
                ),
                (entry.units_dropped.join(" "), entry.client_edits, entry.status, entry.summary.clone()),
            )
        };
        program.proposals.iter().map(row).collect::<Vec<_>>()
    };
    audit.programs.iter().flat_map(of)
}

fn thin_links(audit: &Audit) -> impl Iterator<Item = impl Serialize> {
    let of = |program: &super::schema::ProgramAudit| {
        let row = |link: &super::schema::ThinLinkEntry| {
            let reference = |at: &EvidenceEntry| {
                (
                    (program.name.clone(), link.from.clone(), link.to.clone()),
                    (link.used, link.definitions, link.freed_bytes),
                    (format!("{} refers to {}", at.from, at.to), at.file.clone(), at.line, at.col),
                )
            };
            link.references.iter().map(reference).collect::<Vec<_>>()
        };
        program.thin_links.iter().flat_map(row).collect::<Vec<_>>()
    };
    audit.programs.iter().flat_map(of)
}

fn problems(audit: &Audit) -> impl Iterator<Item = impl Serialize> {
    audit.problems.iter().map(|problem| {
        (
            (problem.severity.clone(), problem.code.clone(), problem.message.clone()),
            (problem.file.clone(), problem.line, problem.col, problem.help.clone()),
        )
    })
}
