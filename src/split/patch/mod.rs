//! A proposal as edits of files.
//!
//! Takes a proposal and the texts of the files that it touches; gives the new text of each, or says what stands in the way.
//! All text comes from the files at hand, moved span by span: nothing is printed anew.
//!
//! | file | what it does |
//! | --- | --- |
//! | `source` | one file: text, comments, changes |
//! | `writer` | all files of one patch |
//! | `known` | what the patches of one tree have in common |
//! | `equations` | recipe B's interface: the signature with an equation on every type |
//! | `header` | the names that a signature needs when it stands alone |
//! | `mentions` | where a file names a unit |
//! | `clients` | what clients write instead |
//! | `generated` | what clients write whose source a generator reads |
//! | `moved` | text that moves from one unit to others |
//! | `interfaces` | the interfaces of new units, and what the old one says of them |
//! | `torn` | an `include` of an interface of which some names move |
//! | `variance` | abstract types of signatures with names that say how their parameters vary |
//! | `held` | which names a part has, and which an item of an interface speaks of |
//! | `annotated` | types that only the old interface says |
//! | `distribute` | `extract-submodule`, `partition-unit`, `cut-effect` |
//! | `siblings` | names that dune takes for modules of the library |
//! | `own_modules` | `own-modules-to-library` |
//! | `bypass` | `bypass-facade` |
//! | `no_alias` | `no-alias-deps` |
//! | `unpack` | `unpack` |
//! | `unseal` | `unseal-facade` |
//! | `recipe` | the same proposal with wrappers |
//! | `diff` | the patch as a unified diff |

mod annotated;
mod bypass;
mod clients;
mod diff;
mod distribute;
mod equations;
mod generated;
mod header;
mod held;
mod interfaces;
mod known;
mod mentions;
mod moved;
mod no_alias;
mod own_modules;
mod recipe;
mod siblings;
mod source;
mod torn;
mod unpack;
mod unseal;
mod variance;
mod writer;

use super::model::{Edit, EditAction, Proposal, ProposalKind, Risk, Status};
use super::world::Tree;
use crate::base::{LineCol, Place, UnitId};
use crate::parse::first_condition;
use crate::project::{LibraryOrigin, Unit};
use crate::resolve::{Texts, World};
use known::Known;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use writer::Writer;

pub use diff::unified_diff;
pub use recipe::wrapped;

/// One file before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileEdit {
    /// Where it is.
    pub path: PathBuf,
    /// How it is named in reports and diffs.
    pub shown: PathBuf,
    /// What happens to it.
    pub action: EditAction,
    /// Its text now; empty for a new one.
    pub old_text: String,
    /// Its text then; empty for one that goes.
    pub new_text: String,
}

/// What to write.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Patch {
    /// By shown path, each file once.
    pub edits: Vec<FileEdit>,
    /// What was seen while writing it that somebody should look at.
    pub risks: Vec<Risk>,
}

/// Why there is no patch.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Refusal(pub Box<Risk>);

impl Refusal {
    pub(super) fn new(
        code: &'static str,
        message: impl Into<String>,
        at: Option<(PathBuf, Option<LineCol>)>,
    ) -> Self {
        let place = at.map(|(file, at)| Place { file, at });
        Refusal(Box::new(Risk { code, message: message.into(), place }))
    }
}

/// Writes the patch of a proposal.
///
/// # Errors
/// When the change cannot be written so that it keeps every meaning; the refusal says what is in the way, and where.
pub fn patch(tree: Tree<'_>, proposal: &Proposal, texts: &dyn Texts) -> Result<Patch, Refusal> {
    let world = World::knowing(tree.project, texts, tree.facts);
    patch_in(tree, proposal, texts, &world, &Known::new(tree))
}

/// Writes the patches of proposals and keeps what came of it: which files change, and what is to be looked at. One of which no
/// patch can be written says so, as a risk with the code `no-patch`.
///
/// What is refused for want of a build file alone, in a library that is installed, stays as it was: a copy of it in a
/// workspace has one.
pub fn check_patches(tree: Tree<'_>, proposals: &mut [&mut Proposal], texts: &dyn Texts) {
    let world = World::knowing(tree.project, texts, tree.facts);
    let shared = Known::new(tree);
    // What several programs are told is written once.
    let mut first: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut same: Vec<usize> = Vec::new();
    for (at, proposal) in proposals.iter().enumerate() {
        let others = first.entry(&proposal.id).or_default();
        let known = others.iter().copied().find(|&other| proposals[other].plan == proposal.plan);
        same.push(known.unwrap_or(at));
        if known.is_none() {
            others.push(at);
        }
    }
    let write = |at: usize| {
        let proposal = &proposals[at];
        let is_written = same[at] == at && !proposal.kind.is_by_hand();
        is_written.then(|| outcome(tree, proposal, patch_in(tree, proposal, texts, &world, &shared)))
    };
    let outcomes: Vec<_> = (0..proposals.len()).into_par_iter().map(write).collect();
    for (proposal, at) in proposals.iter_mut().zip(same) {
        let Some((edits, risks)) = &outcomes[at] else { continue };
        if let Some(edits) = edits {
            proposal.edits.clone_from(edits);
        }
        proposal.risks.splice(0..0, risks.iter().cloned());
        if proposal.status == Status::Proposed && risks.iter().any(Risk::needs_review) {
            proposal.status = Status::NeedsReview;
        }
    }
}

/// What a patch says of its proposal: the files that change, where it can be told, and what is to be looked at.
fn outcome(
    tree: Tree<'_>,
    proposal: &Proposal,
    result: Result<Patch, Refusal>,
) -> (Option<Vec<Edit>>, Vec<Risk>) {
    let origin = proposal.library.map(|library| tree.project.library(library).origin);
    match result {
        Ok(patch) => {
            let edit = |edit: FileEdit| Edit { file: edit.shown, action: edit.action };
            (Some(patch.edits.into_iter().map(edit).collect()), patch.risks)
        }
        Err(Refusal(risk)) if risk.code == NO_BUILD_FILE && origin == Some(LibraryOrigin::Installed) => {
            (None, Vec::new())
        }
        Err(Refusal(risk)) => {
            let message = format!("none can be written: {}", risk.message);
            (None, vec![Risk { code: Risk::NO_PATCH, message, place: risk.place }])
        }
    }
}

/// The code of refusals because nothing says how a library is built.
pub const NO_BUILD_FILE: &str = "no-build-file";

/// Refuses to change a unit that implements a module of a virtual library: all implementations share its interface, which
/// cannot name what one of them has.
fn not_virtual(tree: Tree<'_>, unit: UnitId) -> Result<(), Refusal> {
    let project = tree.project;
    let own = project.unit(unit);
    let path = |unit: &Unit| unit.interface().map(|file| &project.file(file).path);
    let shares = |other: &Unit| {
        other.name == own.name
            && other.library != own.library
            && path(other).is_some()
            && path(other) == path(own)
    };
    let Some(other) = project.units.iter().find(|other| shares(other)) else { return Ok(()) };
    let message = format!(
        "{} implements a module of {}: the interface is for all implementations",
        own.name,
        project.library(other.library).name
    );
    let place = own.interface().map(|file| (project.file(file).shown.clone(), None));
    Err(Refusal::new("virtual-module", message, place))
}

/// Refuses to tear a unit of which some lines are for certain versions of OCaml only: what moves would be there for one and not
/// for another, or leave `#if` and `#endif` in different files.
fn not_conditional(writer: &mut Writer<'_>, unit: UnitId) -> Result<(), Refusal> {
    let unit = writer.tree.project.unit(unit);
    for file in [unit.implementation(), unit.interface()].into_iter().flatten() {
        // One that cannot be had is refused by whoever needs it.
        let Ok(source) = writer.source(file) else { continue };
        if let Some(at) = first_condition(source.text.as_bytes()) {
            let message =
                "lines from here on are for certain versions only: what moves has to be chosen by hand";
            return Err(source.refuse("conditional-text", message, at as u32));
        }
    }
    Ok(())
}

fn patch_in(
    tree: Tree<'_>,
    proposal: &Proposal,
    texts: &dyn Texts,
    world: &World<'_>,
    known: &Known,
) -> Result<Patch, Refusal> {
    if let Some(unit) = proposal.plan.unit {
        not_virtual(tree, unit)?;
    }
    let mut writer = Writer::new(tree, texts, world, known);
    let tears = matches!(
        proposal.kind,
        ProposalKind::UnsealFacade
            | ProposalKind::ExtractSubmodule
            | ProposalKind::PartitionUnit
            | ProposalKind::CutEffect
    );
    if let Some(unit) = proposal.plan.unit.filter(|_| tears) {
        not_conditional(&mut writer, unit)?;
    }
    match proposal.kind {
        ProposalKind::UnsealFacade => unseal::write(&mut writer, &proposal.plan)?,
        ProposalKind::ExtractSubmodule | ProposalKind::PartitionUnit | ProposalKind::CutEffect => {
            distribute::write(&mut writer, &proposal.plan)?;
        }
        ProposalKind::NoAliasDeps => no_alias::write(&mut writer, &proposal.plan)?,
        ProposalKind::Unpack => unpack::write(&mut writer, &proposal.plan)?,
        ProposalKind::BypassFacade => bypass::write(&mut writer, &proposal.plan)?,
        ProposalKind::OwnModulesToLibrary => match proposal.library {
            Some(own) => own_modules::write(&mut writer, &proposal.plan, own)?,
            None => return Err(Refusal::new("no-build-file", "the program is not known", None)),
        },
        kind => {
            return Err(Refusal::new(
                "by-hand",
                format!("{} is changed by hand: the proposal says where", kind.word()),
                None,
            ));
        }
    }
    writer.finish()
}
