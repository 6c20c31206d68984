//! A file cut into pieces, and the definitions that each holds.

use super::{Outline, Piece, PieceId, PieceKind};
use crate::base::{DefId, UnitId};
use crate::graph::DefKind;
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleExpr, ModuleExprId};
use crate::split::effects::{Class, Effects};
use rustc_hash::FxHashMap;

/// Cuts a file into pieces: items of one group are one. Returns them, and the piece of each item by position.
pub(super) fn cut(facts: &FileFacts) -> (Vec<Piece>, Vec<PieceId>) {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut piece_at = Vec::new();
    let mut by_group: FxHashMap<ItemId, PieceId> = FxHashMap::default();
    for &id in &facts.structure(facts.root).items {
        let item = facts.item(id);
        let next = PieceId(pieces.len() as u32);
        let piece = *by_group.entry(item.group).or_insert(next);
        if piece == next {
            let kind = match &item.kind {
                // `open struct .. end` holds definitions.
                ItemKind::Open { module, .. } if is_path(facts, *module) => PieceKind::Open,
                ItemKind::Open { .. } | ItemKind::Include { .. } => PieceKind::Include,
                _ => PieceKind::Plain,
            };
            pieces.push(Piece {
                kind,
                items: Vec::new(),
                span: item.span,
                defs: Vec::new(),
                bytes: 0,
                is_pinned: false,
            });
        }
        let found = &mut pieces[piece.0 as usize];
        found.items.push(id);
        found.span.end = found.span.end.max(item.span.end);
        piece_at.push(piece);
    }
    (pieces, piece_at)
}

fn is_path(facts: &FileFacts, module: ModuleExprId) -> bool {
    matches!(facts.module_expr(module), ModuleExpr::Path(_))
}

impl Outline<'_> {
    /// Gives every definition to its piece; none when one stands in front of all items.
    pub(super) fn place_defs(
        &mut self,
        defs: impl Iterator<Item = DefId>,
        effects: &Effects<'_>,
    ) -> Option<()> {
        let facts = self.lexicon.facts;
        let root = &facts.structure(facts.root).items;
        let mut running = Vec::new();
        let mut registering: Vec<(PieceId, UnitId)> = Vec::new();
        for id in defs {
            let def = self.tree.graph.def(id);
            let behind = root.partition_point(|&item| facts.item(item).span.start <= def.span.start);
            // A definition in front of the first item would be of another file.
            let position = behind.checked_sub(1)?;
            let piece_id = self.piece_at[position];
            self.piece_of_def.push(piece_id);
            let piece = &mut self.pieces[piece_id.0 as usize];
            piece.defs.push(id);
            piece.bytes += self.tree.prices.def(id);
            let class = effects.class(id);
            piece.is_pinned |= !matches!(class, Class::Pure | Class::OwnState);
            if let Class::Registers(unit) = class {
                registering.push((piece_id, unit));
            }
            if effects.runs(id) {
                running.push((piece_id, id));
            }
        }
        for &(reader, id) in &running {
            let behind = registering.iter().filter(|&&(writer, _)| writer > reader);
            let mut behind = behind.peekable();
            if behind.peek().is_some() {
                let read = effects.units_read(id);
                let writers = behind.filter(|(_, unit)| read.contains(unit)).map(|&(writer, _)| writer);
                self.overtaken.extend(writers.map(|writer| (reader, writer)));
            }
        }
        for (piece, id) in running {
            let others = |states: &[DefId]| -> Vec<PieceId> {
                states.iter().filter_map(|&state| self.piece_of(state)).filter(|&of| of != piece).collect()
            };
            let (written, read) = (others(effects.writes_to(id)), others(effects.reads_from(id)));
            self.writers.extend(written.into_iter().map(|state| (state, piece)));
            self.readers.extend(read.into_iter().map(|state| (state, piece)));
        }
        self.writers.sort_unstable();
        self.writers.dedup();
        for piece in &mut self.pieces {
            let single = (piece.items.len() == 1).then(|| facts.item(piece.items[0]));
            if let Some(item) = single
                && let ItemKind::Module { body, is_recursive: false, .. } = &item.kind
                && matches!(facts.module_expr(*body), ModuleExpr::Structure(_))
                && let Some(&def) = piece.defs.first()
                && self.tree.graph.def(def).kind == DefKind::Module
            {
                piece.kind = PieceKind::Submodule(def);
            }
        }
        Some(())
    }
}
