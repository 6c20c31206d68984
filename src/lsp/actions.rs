//! Code actions: proposals as workspace edits, written when the user chooses one.

use super::anchors::anchors;
use super::convert::Text;
use super::documents::Documents;
use super::settings::Settings;
use super::subject::{Subject, head};
use super::workspace::Workspace;
use crate::base::UnitId;
use crate::graph::{Def, DefKind};
use crate::project::LibraryOrigin;
use crate::report::human::bytes_of;
use crate::split::{self, EditAction, FileEdit, Proposal, ProposalKind};
use lsp_types::{
    CodeAction, CodeActionKind, CreateFile, CreateFileOptions, DeleteFile, DocumentChangeOperation,
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, Range, ResourceOp, TextDocumentEdit,
    TextEdit, WorkspaceEdit,
};
use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an action is about; travels to the client and back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct ActionData {
    root: PathBuf,
    proposal: String,
    /// The unit that it was found for, by the linker's name.
    unit: String,
}

impl ActionData {
    pub(super) fn root(&self) -> &Path {
        &self.root
    }
}

/// Returns what can be changed about the units that a range refers to, and at the head of a file about its own.
pub(super) fn actions(subject: &Subject<'_>, range: Range) -> Vec<CodeAction> {
    let (workspace, own) = (subject.workspace, subject.unit);
    if subject.programs.is_empty() || !subject.settings.actions {
        return Vec::new();
    }
    let line = |line: u32| subject.text.offset(lsp_types::Position { line, character: 0 }) as u32;
    let (start, end) = (line(range.start.line), line(range.end.line.saturating_add(1)));
    let is_here = |span: crate::base::Span| span.start < end && span.end > start;
    let mut units: Vec<UnitId> = Vec::new();
    if range.start.line == 0 {
        units.push(own);
    }
    if subject.is_implementation {
        let is_movable = |def: &Def| match def.kind {
            DefKind::Module | DefKind::Alias => is_here(def.name_span),
            DefKind::Effect => is_here(head(def.span)),
            _ => false,
        };
        if subject.defs().any(is_movable) {
            units.push(own);
        }
        let here = subject.edges().filter(|edge| edge.kind.links() && is_here(edge.span));
        units.extend(here.map(|edge| edge.target.unit));
    }
    // An open has no reference of its own.
    let opens = anchors(subject).into_iter().filter(|anchor| is_here(anchor.span));
    units.extend(opens.flat_map(|anchor| anchor.brings));
    units.sort_unstable();
    units.dedup();
    // What is wrong with the program's other modules is said there.
    let is_other = |unit: UnitId| {
        let library = workspace.project.library(workspace.project.unit(unit).library);
        unit != own && library.origin == LibraryOrigin::Program
    };
    units.retain(|&unit| {
        !workspace.is_standard(unit) && !is_other(unit) && !workspace.programs_with(unit).is_empty()
    });
    if units.is_empty() {
        return Vec::new();
    }
    let offers = workspace.offers(units, |units| Arc::new(proposals(workspace, subject.settings, units)));
    offers.iter().map(|(proposal, best)| action(subject, proposal, best)).collect()
}

fn action(subject: &Subject<'_>, proposal: &Proposal, best: &str) -> CodeAction {
    let workspace = subject.workspace;
    let review = if proposal.risks.iter().any(split::Risk::needs_review) { ", needs review" } else { "" };
    let saved = bytes_of(proposal.saved.alloc.max(0).unsigned_abs(), proposal.provenance);
    let data = ActionData {
        root: workspace.root.clone(),
        proposal: proposal.id.clone(),
        // What is about a whole program was found for its own module.
        unit: workspace.name(proposal.unit.unwrap_or(subject.unit)).to_owned(),
    };
    CodeAction {
        title: format!("unlith: {} (saves {saved} in {best}{review})", proposal.summary),
        kind: Some(CodeActionKind::REFACTOR_REWRITE),
        data: serde_json::to_value(data).ok(),
        ..CodeAction::default()
    }
}

/// The proposals for some units that have a patch, each once with the program that it saves most in; the best first.
fn proposals(workspace: &Workspace, settings: &Settings, units: &[UnitId]) -> Vec<(Proposal, String)> {
    let prices = workspace.split_prices();
    let tree = tree(workspace, &prices);
    let mut with: Vec<usize> = units.iter().flat_map(|&unit| workspace.programs_with(unit)).collect();
    with.sort_unstable();
    with.dedup();
    let parts: Vec<split::ProgramParts<'_>> = with
        .iter()
        .map(|&at| {
            let state = workspace.program(at);
            split::ProgramParts {
                program: &workspace.project.programs[at],
                input: state.input(),
                linked: state.linked(),
                // An action shows neither what refers to a unit nor what its waste is.
                live: None,
                waste: None,
            }
        })
        .collect();
    let options = split::Options { min_saving: settings.action_bytes.max(1), ..split::Options::usual() };
    let mut all: Vec<(Proposal, String)> = split::propose_for(tree, &parts, &options, units)
        .into_iter()
        .zip(&with)
        .flat_map(|(proposals, &at)| {
            let name = &workspace.project.programs[at].name;
            proposals.into_iter().map(move |proposal| (proposal, name.clone()))
        })
        .filter(|(proposal, _)| has_patch(proposal.kind) && is_ours(workspace, proposal))
        .collect();
    all.sort_by(|(a, in_a), (b, in_b)| (-a.saved.alloc, &a.id, in_a).cmp(&(-b.saved.alloc, &b.id, in_b)));
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|(proposal, _)| seen.insert(proposal.id.clone()));
    all
}

/// Whether the files that a change is about belong to the workspace: an editor is not to write into installed libraries.
fn is_ours(workspace: &Workspace, proposal: &Proposal) -> bool {
    proposal.kind == ProposalKind::BypassFacade
        || proposal.library.is_none_or(|library| {
            let origin = workspace.project.library(library).origin;
            matches!(origin, LibraryOrigin::Workspace | LibraryOrigin::Program)
        })
}

fn has_patch(kind: ProposalKind) -> bool {
    use ProposalKind::*;
    matches!(
        kind,
        UnsealFacade
            | ExtractSubmodule
            | PartitionUnit
            | BypassFacade
            | OwnModulesToLibrary
            | NoAliasDeps
            | Unpack
            | CutEffect
    )
}

fn tree<'w>(workspace: &'w Workspace, prices: &'w split::Prices<'w>) -> split::Tree<'w> {
    split::Tree {
        project: &workspace.project,
        graph: &workspace.analysis.graph,
        facts: &workspace.analysis.facts,
        prices,
    }
}

/// Writes the edit of an action, or says why it cannot be written.
pub(super) fn resolve(
    workspace: &Workspace,
    documents: &Documents,
    settings: &Settings,
    data: &ActionData,
    has_operations: bool,
) -> Result<WorkspaceEdit, String> {
    let units = &workspace.project.units;
    let unit = units.iter().position(|unit| unit.name.as_str() == data.unit);
    let unit = unit.ok_or("the unit is not there any more")?;
    let units = vec![UnitId(unit as u32)];
    let found = workspace.offers(units, |units| Arc::new(proposals(workspace, settings, units)));
    let proposal = found.iter().find(|(proposal, _)| proposal.id == data.proposal);
    let (proposal, _) = proposal.ok_or("the change is not worth anything any more")?;
    let prices = workspace.split_prices();
    let patch = split::patch(tree(workspace, &prices), proposal, &documents.texts).map_err(|refusal| {
        let place = refusal.0.place.as_ref().map(crate::report::place::show);
        format!("{}{}", place.map_or_else(String::new, |place| format!("{place}: ")), refusal.0.message)
    })?;
    let root = &workspace.project.root;
    if let Some(outside) = patch.edits.iter().find(|edit| !absolute(root, edit).starts_with(root)) {
        return Err(format!("{} is not part of the workspace", outside.shown.display()));
    }
    if !has_operations && patch.edits.iter().any(|edit| edit.action == EditAction::Delete) {
        return Err("this editor cannot delete files in an edit: use `unlith split --apply`".to_owned());
    }
    let operations =
        patch.edits.iter().flat_map(|edit| operations(documents, root, edit, has_operations)).collect();
    Ok(WorkspaceEdit {
        document_changes: Some(DocumentChanges::Operations(operations)),
        ..WorkspaceEdit::default()
    })
}

fn absolute(root: &Path, edit: &FileEdit) -> PathBuf {
    if edit.path.is_absolute() { edit.path.clone() } else { root.join(&edit.path) }
}

fn operations(
    documents: &Documents,
    root: &Path,
    edit: &FileEdit,
    has_operations: bool,
) -> Vec<DocumentChangeOperation> {
    let path = absolute(root, edit);
    let Some(uri) = documents.uri(&path) else { return Vec::new() };
    let version = documents.open.get(&path).and_then(|document| document.version);
    let text_edit = |edits: Vec<TextEdit>| {
        DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version },
            edits: edits.into_iter().map(OneOf::Left).collect(),
        })
    };
    match edit.action {
        EditAction::Create => {
            let options = CreateFileOptions { overwrite: Some(false), ignore_if_exists: Some(false) };
            let create = CreateFile { uri: uri.clone(), options: Some(options), annotation_id: None };
            let all = TextEdit { range: Range::default(), new_text: edit.new_text.clone() };
            let create = DocumentChangeOperation::Op(ResourceOp::Create(create));
            // An editor that knows no operations on files makes one of what it is to write into, as of any path (eglot does).
            has_operations.then_some(create).into_iter().chain([text_edit(vec![all])]).collect()
        }
        EditAction::Modify => vec![text_edit(line_edits(&edit.old_text, &edit.new_text))],
        EditAction::Delete => {
            vec![DocumentChangeOperation::Op(ResourceOp::Delete(DeleteFile { uri, options: None }))]
        }
    }
}

/// The lines that change, in order.
fn line_edits(old: &str, new: &str) -> Vec<TextEdit> {
    let text = Text::new(old.to_owned());
    let diff = TextDiff::from_lines(old, new);
    let mut edits: Vec<TextEdit> = Vec::new();
    let mut at = 0u32;
    let mut open: Option<(u32, String)> = None;
    let mut close = |open: &mut Option<(u32, String)>, at: u32| {
        if let Some((start, new_text)) = open.take() {
            edits.push(TextEdit {
                range: Range { start: text.position(start), end: text.position(at) },
                new_text,
            });
        }
    };
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                close(&mut open, at);
                at += change.value().len() as u32;
            }
            ChangeTag::Delete => {
                open.get_or_insert((at, String::new()));
                at += change.value().len() as u32;
            }
            ChangeTag::Insert => open.get_or_insert((at, String::new())).1.push_str(change.value()),
        }
    }
    close(&mut open, at);
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_edits_make_the_new_text() {
        for (old, new) in
            [("a\nb\nc\n", "a\nx\ny\nc\nz"), ("", "a\n"), ("a", ""), ("a\nb", "a\nb\n"), ("é\nb\n", "é\n")]
        {
            let mut text = Text::new(old.to_owned());
            for edit in line_edits(old, new).into_iter().rev() {
                text.edit(Some(edit.range), &edit.new_text);
            }
            assert_eq!(text.text, new);
        }
    }
}
