//! What a name of the unit's text really is: something inside its item, what a piece binds, or nothing of the file.

use super::{Outline, PieceId, PieceKind};
use crate::base::{Name, components};
use crate::parse::{ItemKind, ModuleExprId, Reference};
use crate::split::lexicon::{Lexical, RootName, Space};

/// What a name of the unit's text really is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// Something inside the item itself, by a local `open` too.
    Local,
    /// What this piece binds or includes.
    Piece(PieceId),
    /// Nothing of the file.
    Outside,
}

impl Outline<'_> {
    /// Returns what the first component of a path really is, by the path's position among the references of the file. The path
    /// is one of an item of the file.
    pub(crate) fn meaning(&self, reference: u32) -> Meaning {
        self.meanings[reference as usize]
    }

    /// Returns what a reference of a piece really is, and the name that it is looked up by in the file.
    pub(super) fn look_up(&self, piece: PieceId, reference: &Reference) -> (Meaning, Option<RootName>) {
        let Some(head) = self.lexicon.head(reference) else { return (Meaning::Local, None) };
        let brings = |module: ModuleExprId, name: (Space, Name)| {
            self.names_of(module).map(|names| names.contains(&name))
        };
        let found = self.lexicon.lookup_through(reference, &brings);
        if found.is_unsure && self.is_brought_locally(reference) {
            return (Meaning::Local, None);
        }
        let by_text = match found.lexical {
            Lexical::Local => return (Meaning::Local, None),
            Lexical::Root(position) => Some(self.piece_at(position)),
            Lexical::Outside => None,
        };
        (self.meant(piece, reference, head, by_text), found.name)
    }

    /// What a name of a piece is that means, going by the text alone, what another one or nothing of the file binds.
    fn meant(
        &self,
        piece: PieceId,
        reference: &Reference,
        head: (Space, Name),
        by_text: Option<PieceId>,
    ) -> Meaning {
        if by_text == Some(piece) {
            return Meaning::Piece(piece);
        }
        // An open or include in between may bind the name as well; the last one that does is meant.
        let after = by_text.map_or(0, |by_text| by_text.0 + 1);
        let before = &self.bringers[..self.bringers.partition_point(|&other| other < piece)];
        for &other in before.iter().rev().take_while(|other| other.0 >= after) {
            let kind = self.piece(other).kind;
            let brings = match self.may_bring(other, head) {
                Some(brings) => brings,
                None => self.brings_by_graph(other, reference),
            };
            match (brings, kind) {
                (false, _) => {}
                (true, PieceKind::Include) => return Meaning::Piece(other),
                (true, _) => return self.behind_open(reference),
            }
        }
        by_text.map_or(Meaning::Outside, Meaning::Piece)
    }

    /// What an `open` of the file brings: something of the file, or of another one.
    fn behind_open(&self, reference: &Reference) -> Meaning {
        let own = self.edges_at(reference.span.start).filter(|edge| edge.target.unit == self.unit);
        let piece = own.into_iter().find_map(|edge| self.piece_of(edge.def.get()?));
        piece.map_or(Meaning::Outside, Meaning::Piece)
    }

    /// Whether the graph says that a name comes from a local `open` of which the names cannot be listed: it is not one that
    /// the file has at its own level.
    fn is_brought_locally(&self, reference: &Reference) -> bool {
        let n_components = self.facts().names(reference.path).len();
        let mut edges =
            self.edges_at(reference.span.start).filter(|edge| edge.span == reference.span).peekable();
        edges.peek().is_some()
            && edges.all(|edge| {
                edge.target.unit == self.unit && components(&edge.target.path).count() > n_components
            })
    }

    /// Whether the graph says that a name comes by an include or open of which the names cannot be listed.
    fn brings_by_graph(&self, piece: PieceId, reference: &Reference) -> bool {
        let mut from =
            self.piece(piece).items.iter().filter_map(|&item| match &self.facts().item(item).kind {
                ItemKind::Open { module, .. } | ItemKind::Include { module } => self.module_of(*module),
                _ => None,
            });
        let from = from.next();
        let head = self.facts().names(reference.path).first().map(|head| head.as_str());
        let is_include = self.piece(piece).kind == PieceKind::Include;
        self.edges_at(reference.span.start).any(|edge| {
            let is_own = match edge.def.get() {
                Some(def) => self.piece_of(def) == Some(piece),
                // What a functor makes and an include brings is the unit's without a definition that says so.
                None => is_include && components(&edge.target.path).next() == head,
            };
            let is_theirs = from.is_some_and(|from| {
                from.unit == edge.target.unit
                    && edge.target.path.starts_with(from.path.as_str())
                    && edge.target.path != from.path
            });
            (edge.target.unit == self.unit && is_own) || is_theirs
        })
    }
}
