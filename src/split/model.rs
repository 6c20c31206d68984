//! Proposals: what to change, what it saves, what it costs, and why it is proposed.

use super::plan::Plan;
use crate::base::{DefId, FileId, LibraryId, LineCol, Place, ProgramId, UnitId};
use crate::graph::Target;
use crate::size::Provenance;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// What is wrong, and so what the change is.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalKind {
    /// The interface spells out a signature where the implementation has an alias.
    UnsealFacade,
    /// A unit holds big submodules side by side.
    ExtractSubmodule,
    /// One flat unit of which few definitions are used.
    PartitionUnit,
    /// An executable's own modules are all linked, used or not.
    OwnModulesToLibrary,
    /// A client goes through a sealed facade although the part is a unit of its own.
    BypassFacade,
    /// A hand-written alias facade is compiled without the flag.
    NoAliasDeps,
    /// `-pack` makes one unit of many.
    Unpack,
    /// `-linkall` or forced units keep everything.
    DropLinkall,
    /// A costly unit hangs on a handful of references.
    CutReferences,
    /// A unit is linked only for a top-level registration.
    CutEffect,
}

impl ProposalKind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [ProposalKind; 10] = [
        ProposalKind::UnsealFacade,
        ProposalKind::ExtractSubmodule,
        ProposalKind::PartitionUnit,
        ProposalKind::OwnModulesToLibrary,
        ProposalKind::BypassFacade,
        ProposalKind::NoAliasDeps,
        ProposalKind::Unpack,
        ProposalKind::DropLinkall,
        ProposalKind::CutReferences,
        ProposalKind::CutEffect,
    ];

    /// Whether no patch is ever written for it: the change is a person's to think of, or a flag of the build.
    #[must_use]
    pub fn is_by_hand(self) -> bool {
        matches!(self, ProposalKind::CutReferences | ProposalKind::DropLinkall)
    }

    /// Returns the word for it, as in ids and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ProposalKind::UnsealFacade => "unseal-facade",
            ProposalKind::ExtractSubmodule => "extract-submodule",
            ProposalKind::PartitionUnit => "partition-unit",
            ProposalKind::OwnModulesToLibrary => "own-modules-to-library",
            ProposalKind::BypassFacade => "bypass-facade",
            ProposalKind::NoAliasDeps => "no-alias-deps",
            ProposalKind::Unpack => "unpack",
            ProposalKind::DropLinkall => "drop-linkall",
            ProposalKind::CutReferences => "cut-references",
            ProposalKind::CutEffect => "cut-effect",
        }
    }
}

/// Bytes that a program gets smaller by; negative when it grows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Saving {
    /// In the allocated sections.
    pub alloc: i64,
    /// In the stripped file.
    pub stripped: i64,
    /// In the unstripped file.
    pub unstripped: i64,
    /// Lower end of the interval of `alloc`.
    pub low: i64,
    /// Upper end of the interval of `alloc`.
    pub high: i64,
}

/// What happens to a file.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EditAction {
    /// It is new.
    Create,
    /// It changes.
    Modify,
    /// It goes away.
    Delete,
}

/// A file that the change touches.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Edit {
    /// The file, as it is shown to the user.
    pub file: PathBuf,
    /// What happens to it.
    pub action: EditAction,
}

impl Risk {
    /// The code of what stands in the way of a patch.
    pub const NO_PATCH: &'static str = "no-patch";

    /// Codes of risks with which a proposal must not be applied unasked.
    const REVIEW: [&'static str; 22] = [
        "by-hand",
        "bypass-types",
        "capture",
        "effect-moved",
        "effect-order",
        "effect-outside",
        "effect-unknown",
        "generated-source",
        "interface",
        "linkall-needed",
        "missing-interface",
        "module-type-of",
        "no-interface-source",
        Self::NO_PATCH,
        "part-named",
        "standard-library",
        "syntax",
        "unknown-rewriter",
        "unknown-preprocessor",
        "unresolved",
        "variance",
        "weak-type",
    ];

    /// Whether somebody has to look before the proposal is applied.
    #[must_use]
    pub fn needs_review(&self) -> bool {
        Self::REVIEW.contains(&self.code)
    }
}

/// Something that may go wrong, or change, with the proposal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Risk {
    /// A stable word: `printed-name`, `effect-dropped`, `type-equality`...
    pub code: &'static str,
    /// What may happen: a sentence without a final dot.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
}

/// How far a proposal can be trusted.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Found and priced.
    Proposed,
    /// Applied, built and measured.
    Verified,
    /// Applied, and did not build or did not save.
    Failed,
    /// Cannot be shown to be sound; `risks` says why.
    NeedsReview,
}

/// One reference that makes the proposal necessary.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Evidence {
    /// The unit that refers.
    pub from: UnitId,
    /// What is referred to, with its path from its unit (`Base__List.fold`, `X509.Distinguished_name`).
    pub to: Target,
    /// The file with the reference, where there is a source.
    pub file: Option<FileId>,
    /// Where in the file.
    pub at: Option<LineCol>,
}

/// A change worth making.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    /// Short, stable, and of one change in a report: `unseal-facade:X509`. Where programs are told of different changes of one
    /// unit, `partition-unit:Uri@bin/main` is the one that `bin/main` was told of; the plain id is that which saves most in all.
    pub id: String,
    /// What is wrong.
    pub kind: ProposalKind,
    /// The unit that changes; none for changes of the link itself (`drop-linkall` on a program).
    pub unit: Option<UnitId>,
    /// The library that changes.
    pub library: Option<LibraryId>,
    /// What is gained, in one sentence without a final dot.
    pub summary: String,
    /// What the program saves.
    pub saved: Saving,
    /// Where the figure comes from.
    pub provenance: Provenance,
    /// Units that leave the program, in link order.
    pub units_dropped: Vec<UnitId>,
    /// Names of the units that come instead.
    pub units_added: Vec<String>,
    /// The files that change.
    pub edits: Vec<Edit>,
    /// Number of files of clients that have to change.
    pub client_edits: u32,
    /// The references that cause it, in order of source.
    pub evidence: Vec<Evidence>,
    /// The definitions of the unit that the program reaches.
    pub used: Vec<DefId>,
    /// How many definitions the unit has.
    pub n_defs: u32,
    /// What may go wrong.
    pub risks: Vec<Risk>,
    /// How far it can be trusted.
    pub status: Status,
    /// What the other programs of the project save, or lose; those that it leaves as they are, left out.
    pub others: Vec<(ProgramId, Saving)>,
    /// The change itself, for pricing and for writing the patch; the same for all programs.
    pub plan: Arc<Plan>,
}

/// What is left after some proposals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CurvePoint {
    /// The proposals applied up to here, by id, in order; none at the first point.
    pub proposals: Vec<String>,
    /// Bytes of the program in the allocated sections.
    pub alloc: u64,
}

/// All that is proposed for one program.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Proposals {
    /// Those that save most first; ties by id.
    pub proposals: Vec<Proposal>,
    /// What is left after one, two, three... of them, chosen jointly. Starts with the program as it is; empty when there are none.
    pub curve: Vec<CurvePoint>,
}
