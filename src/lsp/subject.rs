//! What an answer about a file starts from: the file as the user sees it, its unit, and the executables that contain it.

use super::convert::Text;
use super::overlay::Overlay;
use super::settings::Settings;
use super::workspace::Workspace;
use crate::base::{FileId, Span, UnitId};
use crate::graph::{Def, Edge};

/// A file, and what is known around it.
pub(super) struct Subject<'w> {
    pub(super) workspace: &'w Workspace,
    pub(super) texts: &'w Overlay,
    pub(super) settings: &'w Settings,
    pub(super) file: FileId,
    pub(super) text: &'w Text,
    pub(super) unit: UnitId,
    /// Whether the file is what the unit's code stands in.
    pub(super) is_implementation: bool,
    /// The executables that contain the unit, by position; of other files little is known: they are not read for anybody's sake.
    pub(super) programs: Vec<usize>,
}

impl<'w> Subject<'w> {
    pub(super) fn new(
        workspace: &'w Workspace,
        texts: &'w Overlay,
        settings: &'w Settings,
        (file, text): (FileId, &'w Text),
    ) -> Self {
        let unit = workspace.project.file(file).unit;
        let is_implementation = workspace.project.unit(unit).implementation() == Some(file);
        let programs = workspace.programs_with(unit);
        Subject { workspace, texts, settings, file, text, unit, is_implementation, programs }
    }

    /// Whether an executable contains the file, and it has code.
    pub(super) fn is_linked_code(&self) -> bool {
        self.is_implementation && !self.programs.is_empty()
    }

    /// The definitions of the unit.
    pub(super) fn defs(&self) -> impl Iterator<Item = &'w Def> {
        let graph = &self.workspace.analysis.graph;
        graph.unit_defs(self.unit).map(|def| graph.def(def))
    }

    /// What the unit refers to.
    pub(super) fn edges(&self) -> impl Iterator<Item = &'w Edge> {
        let graph = &self.workspace.analysis.graph;
        graph.unit_defs(self.unit).flat_map(|def| graph.edges_of(def))
    }

    /// The name of an executable.
    pub(super) fn program_name(&self, at: usize) -> &'w str {
        &self.workspace.project.programs[at].name
    }
}

/// The first letters of something long, which is not to be marked or asked about as a whole.
pub(super) fn head(span: Span) -> Span {
    Span { start: span.start, end: span.end.min(span.start + 3) }
}

/// Whether a cursor is on a word or behind its last letter.
pub(super) fn touches(span: Span, offset: u32) -> bool {
    span.contains(offset) || span.end == offset
}
