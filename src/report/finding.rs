//! What a check found, as JSON, schema 1.
//!
//! Keys may be added within schema 1; none is renamed or removed.

use super::chain::HopEntry;
use super::schema::{ProblemEntry, Tool};
use crate::base::Severity;
use crate::size::Provenance;
use schemars::JsonSchema;
use serde::Serialize;

/// The version of the layout.
pub const SCHEMA: u32 = 1;

/// What a check found in all programs.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct CheckReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Who made it.
    pub tool: Tool,
    /// The file with what was agreed, seen from the root of the project.
    pub settings: Option<String>,
    /// The programs that were checked.
    pub programs: Vec<CheckedProgram>,
    /// What was found: by program, then rule.
    pub findings: Vec<Finding>,
    /// What is wrong in the tree, sorted by place.
    pub problems: Vec<ProblemEntry>,
}

/// A program and its figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct CheckedProgram {
    /// Its name.
    pub name: String,
    /// Sum of the allocated sections without `.bss`.
    pub alloc: u64,
    /// Length of the stripped file.
    pub stripped: u64,
    /// Length of the unstripped file.
    pub unstripped: u64,
    /// Where these come from.
    pub provenance: Provenance,
}

/// One thing that is not as it was agreed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The program; null for what concerns all.
    pub program: Option<String>,
    /// What of it: a unit, a library, a figure. With rule and program it names the finding from run to run.
    pub subject: String,
    /// What is wrong: a sentence without a final dot.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The bytes that it is about.
    pub bytes: Option<u64>,
    /// How many they may be.
    pub limit: Option<u64>,
    /// Where the bytes come from.
    pub provenance: Option<Provenance>,
    /// Where it is.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 0.
    pub col: Option<u32>,
    /// Where it was agreed: a line of the settings.
    pub agreed: Option<u32>,
    /// From the program to the unit, hop by hop.
    pub chain: Vec<HopEntry>,
    /// The units that it is about, largest first.
    pub units: Vec<String>,
    /// Why it does not count.
    pub accepted: Option<Accepted>,
}

/// Why a finding does not count.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Accepted {
    /// Where that is said.
    pub by: AcceptedBy,
    /// The reason given.
    pub reason: Option<String>,
    /// The file that says so.
    pub file: Option<String>,
    /// Its line, from 1.
    pub line: Option<u32>,
}

/// Where it is said that a finding does not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AcceptedBy {
    /// In the baseline.
    Baseline,
    /// In the source, by an attribute or a comment.
    Source,
}

impl Finding {
    /// Whether it counts at all.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.accepted.is_none()
    }
}

impl CheckReport {
    /// Returns the findings that count.
    pub fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.counts())
    }
    /// Returns how many findings of a severity count.
    #[must_use]
    pub fn n_of(&self, severity: Severity) -> usize {
        self.counted().filter(|finding| finding.severity == severity).count()
    }
    /// Returns how many findings do not count for a reason.
    #[must_use]
    pub fn n_accepted(&self, by: AcceptedBy) -> usize {
        let is_by = |finding: &&Finding| finding.accepted.as_ref().is_some_and(|accepted| accepted.by == by);
        self.findings.iter().filter(is_by).count()
    }
}
