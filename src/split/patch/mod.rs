//! A proposal as edits of files.
//!
//! Takes a proposal and the texts of the files that it touches; gives the new text of each, or says what stands in the way.
//! All text comes from the files at hand, moved span by span: nothing is printed anew.
//!
//! | file | what it does |
//! | --- | --- |
//! | `source` | one file: text, comments, changes |
//! | `writer` | all files of one patch |
//! | `equations` | recipe B's interface: the signature with an equation on every type |
//! | `header` | the names that a signature needs when it stands alone |
//! | `clients` | what clients write instead |
//! | `moved` | text that moves from one unit to others |
//! | `distribute` | `extract-submodule`, `partition-unit`, `cut-effect` |
//! | `own_modules` | `own-modules-to-library` |
//! | `bypass` | `bypass-facade` |
//! | `no_alias` | `no-alias-deps` |
//! | `unpack` | `unpack` |
//! | `unseal` | `unseal-facade` |
//! | `recipe` | the same proposal with wrappers |
//! | `diff` | the patch as a unified diff |

mod bypass;
mod clients;
mod diff;
mod distribute;
mod equations;
mod header;
mod moved;
mod no_alias;
mod own_modules;
mod recipe;
mod source;
mod unpack;
mod unseal;
mod writer;

use super::model::{EditAction, Proposal, ProposalKind, Risk};
use super::world::Tree;
use crate::base::{LineCol, Place};
use crate::resolve::{Texts, World};
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
    let world = World::new(tree.project, texts);
    let mut writer = Writer::new(tree, texts, &world);
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
