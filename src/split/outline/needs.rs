//! What each piece needs of the others: what its code refers to, what its text names, and what the interface says of it.

use super::bound::Mentioned;
use super::meaning::Meaning;
use super::{Need, Outline, PieceId, PieceKind};
use crate::base::Idx;
use crate::parse::{FileFacts, ItemId, ItemKind};
use crate::resolve::derived;
use crate::split::lexicon::{Lexical, Lexicon, bindings};
use rustc_hash::FxHashSet;

impl Outline<'_> {
    /// Finds all needs, and what each name of the text means.
    pub(super) fn find_needs(&mut self, facts: &FileFacts) {
        let n_pieces = self.pieces.len();
        let mut found =
            Found { rows: vec![Vec::new(); n_pieces], last: vec![(PieceId(u32::MAX), false); n_pieces] };
        self.edge_needs(&mut found);
        self.text_needs(facts, &mut found);
        self.interface_needs(&mut found);
        for needs in &mut found.rows {
            // Linking needs come first for each piece, and stay.
            needs.sort_unstable_by_key(|need| (need.piece, !need.links));
            needs.dedup_by_key(|need| need.piece);
        }
        self.needs = found.rows;
    }

    fn edge_needs(&mut self, found: &mut Found) {
        let graph = self.tree.graph;
        // Who names something of the unit that no definition stands for, and whether that is a link.
        let mut nameless: Vec<(PieceId, bool)> = Vec::new();
        for from in self.ids() {
            for def in self.piece(from).defs.clone() {
                for index in graph.def(def).edges.clone() {
                    let edge = &graph.edges[index as usize];
                    // The type that is expected is named by something else.
                    if edge.flags.get().by_type {
                        continue;
                    }
                    self.edges_at.push((edge.span.start, index));
                    if edge.target.unit != self.unit {
                        continue;
                    }
                    match edge.def.get().and_then(|def| self.piece_of(def)) {
                        Some(piece) => found.add(from, piece, edge.kind.links()),
                        None => nameless.push((from, edge.kind.links())),
                    }
                }
            }
        }
        self.edges_at.sort_by_key(|&(at, _)| at);
        // A deriver made it, or an include brings it whose names cannot be listed: any of them.
        let is_unlisted = |id: PieceId| self.piece(id).kind == PieceKind::Include && self.is_unlisted(id);
        let makers: Vec<PieceId> = self.ids().filter(|&id| self.has_deriver(id) || is_unlisted(id)).collect();
        for (from, links) in nameless {
            for &piece in makers.iter().take_while(|&&piece| piece < from) {
                found.add(from, piece, links);
            }
        }
    }

    fn has_deriver(&self, piece: PieceId) -> bool {
        let facts = self.lexicon.facts;
        self.piece(piece).items.iter().any(|&item| !facts.item(item).rewrites.is_empty())
    }

    fn text_needs(&mut self, facts: &FileFacts, needs: &mut Found) {
        // What an include brings, no item of the file need bind.
        let is_all = self.bringers.iter().any(|&piece| self.piece(piece).kind == PieceKind::Include);
        // What opens name is needed by everything behind them.
        let mut opened: Vec<PieceId> = Vec::new();
        for from in self.ids() {
            let mut found = Vec::new();
            for i in 0..self.piece(from).items.len() {
                for index in facts.item(self.piece(from).items[i]).refs.clone() {
                    let (meaning, name) = self.look_up(from, &facts.refs[index as usize]);
                    self.meanings[index as usize] = meaning;
                    let means = match meaning {
                        Meaning::Local => continue,
                        Meaning::Piece(piece) => Some(piece),
                        Meaning::Outside => None,
                    };
                    found.extend(means);
                    if means != Some(from) && (is_all || means.is_some() || name.is_some()) {
                        self.mentioned.push(Mentioned { reference: index, means, name });
                    }
                }
            }
            self.mentioned.end_row();
            if self.piece(from).kind == PieceKind::Open {
                opened.extend(found);
                continue;
            }
            found.extend(opened.iter().copied());
            for piece in found {
                needs.add(from, piece, false);
            }
        }
    }

    /// What the specification of a name says, the piece that defines the name has to see.
    fn interface_needs(&mut self, found: &mut Found) {
        let Some(file) = self.tree.project.unit(self.unit).interface() else { return };
        let Some(facts) = self.tree.facts(file) else { return };
        let interface = Lexicon::new(facts);
        let items = &facts.structure(facts.root).items;
        // For each specification, the piece that it describes.
        let described: Vec<Option<PieceId>> = items
            .iter()
            .map(|&item| {
                let (space, name) = bindings(facts, item).first().copied()?;
                self.lexicon.last_at_root(space, name).map(|position| self.piece_at(position))
            })
            .collect();
        // What an `include` of the interface describes is not spelled out: it may be anything that nothing else does.
        let spelled: FxHashSet<PieceId> = described.iter().flatten().copied().collect();
        for &item in
            items.iter().filter(|&&item| matches!(facts.item(item).kind, ItemKind::IncludeType { .. }))
        {
            let range = facts.item(item).refs.clone();
            for reference in &facts.refs[range.start as usize..range.end as usize] {
                let Lexical::Root(position) = interface.lookup(reference) else { continue };
                let Some(piece) = described[position as usize] else { continue };
                for from in self.ids().filter(|&from| from > piece && !spelled.contains(&from)) {
                    found.add(from, piece, false);
                }
            }
        }
        for (i, &item) in items.iter().enumerate() {
            let Some(from) = described[i] else { continue };
            self.note_derived(facts, item, from);
            let range = facts.item(item).refs.clone();
            for reference in &facts.refs[range.start as usize..range.end as usize] {
                if let Lexical::Root(position) = interface.lookup(reference)
                    && let Some(piece) = described[position as usize]
                {
                    found.add(from, piece, false);
                }
            }
        }
    }

    /// Notes who writes by hand what a type of the interface is said to derive.
    fn note_derived(&mut self, facts: &FileFacts, item: ItemId, of_type: PieceId) {
        if facts.item(item).rewrites.is_empty() {
            return;
        }
        for derived in derived(facts, facts.item(item)).iter().filter(|derived| derived.home.is_empty()) {
            let position = self.lexicon.last_at_root(derived.space.into(), derived.name);
            let Some(piece) = position.map(|position| self.piece_at(position)) else { continue };
            if piece != of_type {
                self.inseparable.extend([(of_type, piece), (piece, of_type)]);
            }
        }
    }
}

/// The needs that are found: those of each piece, in no order, some of them more than once.
struct Found {
    rows: Vec<Vec<Need>>,
    /// For each piece, who was last found to need it, and whether by a link.
    last: Vec<(PieceId, bool)>,
}

impl Found {
    fn add(&mut self, from: PieceId, piece: PieceId, links: bool) {
        let last = &mut self.last[piece.idx()];
        // Most names are mentioned again and again.
        if from == piece || last.0 == from && (last.1 || !links) {
            return;
        }
        *last = (from, links);
        self.rows[from.idx()].push(Need { piece, links });
    }
}
