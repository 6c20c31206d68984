//! The audit as JSON, schema 1.
//!
//! Byte counts are integers. Lists are in a fixed order: units in link order, proposals by bytes saved, problems by place.
//! Keys may be added within schema 1; none is renamed or removed.

use crate::size::{Profile, Provenance};
use crate::split::{EditAction, ProposalKind, Risk, Saving, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the layout.
pub const SCHEMA: u32 = 1;

/// An audit of all programs asked for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Who made it.
    pub tool: Tool,
    /// One entry for each program.
    pub programs: Vec<ProgramAudit>,
    /// What is wrong in the tree, sorted by place.
    pub problems: Vec<ProblemEntry>,
}

/// The maker of a report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `unlith`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// One program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProgramAudit {
    /// Its name: `bin/main` for a dune executable, the file's stem otherwise.
    pub name: String,
    /// The kind of executable that bytes are counted for.
    #[serde(default)]
    pub profile: Profile,
    /// Its own units in link order.
    pub own_units: Vec<String>,
    /// Every OCaml unit in the file, in link order.
    pub linked_units: Vec<UnitEntry>,
    /// What the linker would stop at: units that something linked requires and no library on the command line gives.
    pub missing_units: Vec<MissingEntry>,
    /// Those of the linked units that the build has yet to make, of which nothing is known: neither their bytes nor what
    /// they would bring is in any figure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_units: Vec<String>,
    /// The whole file.
    pub size: ProgramSize,
    /// What no split can beat.
    pub bound: Bound,
    /// What the program's own code reaches.
    pub live: LiveEntry,
    /// Links that hang on few references and bring bytes with them, most bytes first.
    pub thin_links: Vec<ThinLinkEntry>,
    /// What to change, most bytes first.
    pub proposals: Vec<ProposalEntry>,
    /// What is left after some proposals.
    pub curve: Vec<CurveEntry>,
}

/// One linked unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UnitEntry {
    /// Its name as the linker knows it.
    pub unit: String,
    /// Its library; the program's name for own units.
    pub library: String,
    /// For a unit made by `-pack`, the units inside it, in link order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packed: Vec<String>,
    /// Its implementation, else its interface; null where neither is at hand.
    pub source: Option<String>,
    /// Whether the linker keeps it unasked: forced when it was compiled, or by `-linkall`.
    pub forced: bool,
    /// The linked units that record it, in link order; empty for own and forced units that nothing records.
    pub linked_for: Vec<String>,
    /// The first reference that made the linker take it; null where only an archive records it, and for own and forced units.
    #[serde(default)]
    pub first_reference: Option<EvidenceEntry>,
    /// Its bytes by section.
    pub bytes: UnitBytes,
    /// Where its bytes come from.
    pub provenance: Provenance,
    /// Number of its definitions that cost bytes or run code; 0 where there is no source.
    pub definitions: u32,
    /// How many of them the program's own code reaches.
    pub live_definitions: u32,
    /// Whether own code needs it at all.
    pub touched: bool,
    /// Bytes of the live definitions; all its bytes where there is no source and own code needs it.
    pub live_bytes: u64,
    /// Bytes of it that are there for dead definitions.
    pub dead_bytes: u64,
    /// Dead bytes, and the bytes of what is linked only for dead definitions of this unit.
    pub waste_bytes: u64,
    /// Where that figure comes from: measured when this unit and those that would leave are.
    pub waste_provenance: Provenance,
    /// Number of units that would leave with its dead definitions.
    pub waste_units: u32,
    /// Bytes of all that would leave with it, itself included.
    pub retained_bytes: u64,
    /// Number of those units, itself included.
    pub retained_units: u32,
    /// Its definitions with their bytes, in order of source, where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub definition_bytes: Vec<DefinitionEntry>,
}

/// One definition of a linked unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DefinitionEntry {
    /// Its path in the unit; empty for code without a name.
    pub path: String,
    /// Its bytes in the allocated sections.
    pub bytes: u64,
    /// Whether the program's own code reaches it.
    pub live: bool,
}

/// Bytes of a unit by section.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct UnitBytes {
    /// Machine code and read-only tables.
    pub code: u64,
    /// Constants, closures, module blocks.
    pub data: u64,
    /// The frame table.
    pub frametable: u64,
    /// Unwind tables.
    pub unwind: u64,
    /// Dynamic relocations.
    pub relocations: u64,
    /// Dynamic symbols.
    pub dynsym: u64,
    /// The sum of the above: what survives stripping.
    pub total: u64,
    /// Symbol table, which stripping removes.
    pub symtab: u64,
    /// Debug sections, which stripping removes.
    pub debug: u64,
}

/// A unit that the linker does not find.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MissingEntry {
    /// The unit.
    pub unit: String,
    /// The linked unit that records it.
    pub required_by: String,
}

/// Bytes of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProgramSize {
    /// Sum of the allocated sections without `.bss`.
    pub alloc: u64,
    /// Lower end of the interval of `alloc`; the same where all is measured.
    #[serde(default)]
    pub low: u64,
    /// Upper end of the interval of `alloc`.
    #[serde(default)]
    pub high: u64,
    /// Length of the stripped file.
    pub stripped: u64,
    /// Length of the unstripped file.
    pub unstripped: u64,
    /// Measured when every part is.
    pub provenance: Provenance,
    /// The part of `alloc` that is OCaml units.
    pub units: u64,
    /// The part of `alloc` that is C code of libraries.
    pub stubs: u64,
    /// The part of `alloc` that is there whatever is linked: the C runtime, start-up code, tables of imports, headers.
    pub runtime: u64,
}

/// What no split can beat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// In the allocated sections.
    pub alloc: u64,
}

/// What the program's own code reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LiveEntry {
    /// Linked units that own code needs.
    pub units: u32,
    /// Definitions in linked units.
    pub definitions: u32,
    /// Those that are live.
    pub live_definitions: u32,
    /// Their bytes.
    pub bytes: u64,
}

/// A link between two units that names few definitions and without which bytes would leave.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ThinLinkEntry {
    /// The unit that records.
    pub from: String,
    /// The unit that is recorded.
    pub to: String,
    /// How many definitions of `to` are named.
    pub used: u32,
    /// How many it has.
    pub definitions: u32,
    /// Bytes that leave the program without this link.
    pub freed_bytes: u64,
    /// The references that make it, in order of source.
    pub references: Vec<EvidenceEntry>,
}

/// One proposal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProposalEntry {
    /// Short, stable, and of one change in the whole report: `partition-unit:Uri@bin/main` is what `bin/main` was told of where that
    /// differs from what saves most in all programs.
    pub id: String,
    /// What is wrong.
    pub kind: ProposalKind,
    /// The unit that changes; null for changes of the link itself.
    pub unit: Option<String>,
    /// The library that changes.
    pub library: Option<String>,
    /// What is gained, in a sentence.
    pub summary: String,
    /// What the program saves.
    pub bytes_saved: Saving,
    /// Where that figure comes from.
    pub provenance: Provenance,
    /// Units that leave the program, in link order.
    pub units_dropped: Vec<String>,
    /// Units that come instead.
    pub units_added: Vec<String>,
    /// Files that change.
    pub edits: Vec<EditEntry>,
    /// Number of files of clients that have to change.
    pub client_edits: u32,
    /// The definitions of the unit that the program reaches.
    pub used_definitions: Vec<String>,
    /// How many definitions the unit has.
    pub definitions: u32,
    /// The references that cause it.
    pub evidence: Vec<EvidenceEntry>,
    /// What may go wrong.
    pub risks: Vec<RiskEntry>,
    /// How far it can be trusted.
    pub status: Status,
    /// What the other programs save, or lose.
    pub other_programs: Vec<OtherEntry>,
}

impl ProposalEntry {
    /// Returns how far it can be trusted, for people.
    #[must_use]
    pub fn status_word(&self) -> &'static str {
        match self.status {
            Status::Proposed => "proposed",
            Status::Verified => "verified",
            Status::Failed => "failed",
            Status::NeedsReview if self.risks.iter().any(|risk| risk.code == Risk::NO_PATCH) => "no patch",
            Status::NeedsReview => "needs review",
        }
    }
}

/// What a proposal does to another program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct OtherEntry {
    /// The program.
    pub program: String,
    /// What it saves; negative when it grows.
    pub bytes_saved: Saving,
}

/// A file that changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EditEntry {
    /// The file.
    pub file: String,
    /// What happens to it.
    pub action: EditAction,
}

/// A reference that causes a proposal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceEntry {
    /// The unit that refers.
    pub from: String,
    /// What it refers to.
    pub to: String,
    /// Where.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 0.
    pub col: Option<u32>,
}

/// Something that may go wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RiskEntry {
    /// A stable word.
    pub code: String,
    /// What may happen.
    pub message: String,
    /// Where.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
}

/// One point of the curve.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CurveEntry {
    /// The proposals applied up to here.
    pub proposals: Vec<String>,
    /// Bytes left in the allocated sections.
    pub alloc: u64,
}

/// One problem of the tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProblemEntry {
    /// The stable word for its kind.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// What happened.
    pub message: String,
    /// Where.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 0.
    pub col: Option<u32>,
    /// What to do about it.
    pub help: Option<String>,
}
