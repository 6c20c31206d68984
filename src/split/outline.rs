//! A unit as a row of indivisible pieces, with what each needs of the others.
//!
//! What is one text stays together: `let rec..and`, `let (a, b) =`, `type..and`, `module rec`, a whole submodule. A piece needs
//! another when its code refers to it (*link*), or when its text names it: types, constructors, fields, module types, aliases,
//! modules that it opens (*name*). Text decides the second, by lexical scope; the graph the first. Names that an interface
//! needs count for the piece that they describe. *Order*: pieces whose code may do something to others when it runs are
//! pinned, and a value that can be written to goes with the code that writes to it at start-up.
//!
//! Needs never lead forward in the file, so every grouping of pieces that is closed under them can be put in order.

use super::effects::{Class, Effects};
use super::lexicon::{Lexical, Lexicon, Space, bindings};
use super::world::Tree;
use crate::base::{DefId, FileId, IdSet, Idx, Name, Span, UnitId};
use crate::graph::{DefKind, Edge, Target};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleExpr, ModuleExprId, Reference};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;

/// A piece of a unit, in source order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct PieceId(pub(crate) u32);

impl Idx for PieceId {
    fn new(index: usize) -> Self {
        PieceId(index as u32)
    }
    fn idx(self) -> usize {
        self.0 as usize
    }
}

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PieceKind {
    Plain,
    /// `module X = struct .. end`, alone.
    Submodule(DefId),
    /// `open M`: belongs to nobody, every group has its own.
    Open,
    /// `include M`: names that cannot be listed here.
    Include,
}

/// Something that stays together.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    pub(crate) items: Vec<ItemId>,
    pub(crate) span: Span,
    pub(crate) defs: Vec<DefId>,
    pub(crate) bytes: u64,
    /// Whether its code does something that other units may see, so that it has to run, and in order.
    pub(crate) is_pinned: bool,
}

/// A need of one piece for another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Need {
    pub(crate) piece: PieceId,
    pub(crate) links: bool,
}

/// A unit in pieces.
pub(crate) struct Outline<'a> {
    pub(crate) tree: Tree<'a>,
    pub(crate) unit: UnitId,
    pub(crate) file: FileId,
    pub(crate) lexicon: Lexicon<'a>,
    pub(crate) pieces: Vec<Piece>,
    /// For each piece, what it needs of the others, sorted, one entry each.
    pub(crate) needs: Vec<Vec<Need>>,
    /// Pieces whose code, when it runs, may write to a value of another piece: the value's piece, then theirs.
    pub(crate) writers: Vec<(PieceId, PieceId)>,
    /// The same for code that may read such a value.
    pub(crate) readers: Vec<(PieceId, PieceId)>,
    /// For each item of the file, by position, its piece.
    piece_at: Vec<PieceId>,
    first_def: u32,
    piece_of_def: Vec<PieceId>,
    /// Edges of the unit by the offset at which their text starts, in order.
    edges_at: Vec<(u32, u32)>,
    /// The names of modules that are opened or included, as far as asked for; none when they cannot be listed.
    brought: RefCell<FxHashMap<ModuleExprId, Option<Rc<Brought>>>>,
    /// What each name of the text really is, by position among the references of the file.
    meanings: Vec<Meaning>,
}

/// The names that an open or include brings.
type Brought = FxHashSet<(Space, Name)>;

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

impl<'a> Outline<'a> {
    /// Outlines a unit; none without an implementation that was read.
    pub(crate) fn new(tree: Tree<'a>, unit: UnitId, effects: &Effects<'_>) -> Option<Self> {
        let file = tree.project.unit(unit).implementation()?;
        let facts = tree.facts(file)?;
        let (pieces, piece_at) = cut(facts);
        let range = tree.graph.defs_of_unit.get(unit.0 as usize)?.clone();
        let mut outline = Outline {
            tree,
            unit,
            file,
            lexicon: Lexicon::new(facts),
            needs: vec![Vec::new(); pieces.len()],
            pieces,
            writers: Vec::new(),
            readers: Vec::new(),
            piece_at,
            first_def: range.start,
            piece_of_def: Vec::new(),
            edges_at: Vec::new(),
            brought: RefCell::default(),
            meanings: vec![Meaning::Local; facts.refs.len()],
        };
        outline.place_defs(range.map(DefId), effects)?;
        outline.edge_needs();
        outline.text_needs(facts);
        outline.interface_needs();
        for (i, needs) in outline.needs.iter_mut().enumerate() {
            // Linking needs come first for each piece, and stay.
            needs.sort_unstable_by_key(|need| (need.piece, !need.links));
            needs.dedup_by_key(|need| need.piece);
            needs.retain(|need| need.piece.0 as usize != i);
        }
        Some(outline)
    }

    pub(crate) fn facts(&self) -> &'a FileFacts {
        self.lexicon.facts
    }
    pub(crate) fn piece(&self, id: PieceId) -> &Piece {
        &self.pieces[id.0 as usize]
    }
    pub(crate) fn ids(&self) -> impl Iterator<Item = PieceId> + use<> {
        (0..self.pieces.len() as u32).map(PieceId)
    }
    /// Returns the piece of a definition of this unit.
    pub(crate) fn piece_of(&self, def: DefId) -> Option<PieceId> {
        self.piece_of_def.get(def.0.checked_sub(self.first_def)? as usize).copied()
    }
    /// Returns the piece of the file's item at a position.
    pub(crate) fn piece_at(&self, position: u32) -> PieceId {
        self.piece_at[position as usize]
    }
    /// Returns the edges whose text starts at an offset.
    pub(crate) fn edges_at(&self, offset: u32) -> impl Iterator<Item = &'a Edge> + '_ {
        let edges = &self.tree.graph.edges;
        let first = self.edges_at.partition_point(|&(at, _)| at < offset);
        let here = self.edges_at[first..].iter().take_while(move |&&(at, _)| at == offset);
        here.map(move |&(_, edge)| &edges[edge as usize])
    }
    /// Bytes of all pieces.
    pub(crate) fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }

    /// Adds all that some pieces need, and the code that writes to their values.
    pub(crate) fn close(&self, pieces: &mut IdSet<PieceId>) {
        let mut todo: Vec<PieceId> = pieces.iter().collect();
        while let Some(piece) = todo.pop() {
            let needed = self.needs[piece.0 as usize].iter().map(|need| need.piece);
            let writers = self.writers.iter().filter(|(state, _)| *state == piece).map(|&(_, writer)| writer);
            for other in needed.chain(writers) {
                if pieces.insert(other) {
                    todo.push(other);
                }
            }
        }
    }

    /// The pieces whose code has to run, and in order, with those whose values it writes to.
    pub(crate) fn tied(&self) -> IdSet<PieceId> {
        let pinned = self.ids().filter(|&piece| self.piece(piece).is_pinned);
        pinned.chain(self.writers.iter().flat_map(|&(state, writer)| [state, writer])).collect()
    }

    fn place_defs(&mut self, defs: impl Iterator<Item = DefId>, effects: &Effects<'_>) -> Option<()> {
        let facts = self.lexicon.facts;
        let root = &facts.structure(facts.root).items;
        let mut running = Vec::new();
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
            if effects.runs(id) {
                running.push((piece_id, id));
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

    fn need(&mut self, from: PieceId, piece: PieceId, links: bool) {
        if from != piece {
            self.needs[from.0 as usize].push(Need { piece, links });
        }
    }

    fn edge_needs(&mut self) {
        let graph = self.tree.graph;
        let derivers: Vec<PieceId> = self.ids().filter(|&id| self.has_deriver(id)).collect();
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
                        Some(piece) => self.need(from, piece, edge.kind.links()),
                        // A name that a deriver made: any of them.
                        None => {
                            for &piece in derivers.iter().filter(|&&piece| piece < from) {
                                self.need(from, piece, edge.kind.links());
                            }
                        }
                    }
                }
            }
        }
        self.edges_at.sort_by_key(|&(at, _)| at);
    }

    fn has_deriver(&self, piece: PieceId) -> bool {
        let facts = self.lexicon.facts;
        self.piece(piece).items.iter().any(|&item| !facts.item(item).rewrites.is_empty())
    }

    fn text_needs(&mut self, facts: &FileFacts) {
        // What opens name is needed by everything behind them.
        let mut opened: Vec<PieceId> = Vec::new();
        for from in self.ids() {
            let mut found = Vec::new();
            for i in 0..self.piece(from).items.len() {
                for index in facts.item(self.piece(from).items[i]).refs.clone() {
                    let meaning = self.look_up(from, &facts.refs[index as usize]);
                    self.meanings[index as usize] = meaning;
                    if let Meaning::Piece(piece) = meaning {
                        found.push(piece);
                    }
                }
            }
            if self.piece(from).kind == PieceKind::Open {
                opened.extend(found);
                continue;
            }
            found.extend(opened.iter().copied());
            for piece in found {
                self.need(from, piece, false);
            }
        }
    }

    /// What the specification of a name says, the piece that defines the name has to see.
    fn interface_needs(&mut self) {
        let Some(file) = self.tree.project.unit(self.unit).interface() else { return };
        let Some(facts) = self.tree.facts(file) else { return };
        let interface = Lexicon::new(facts);
        let items = &facts.structure(facts.root).items;
        // For each specification, the piece that it describes.
        let described: Vec<Option<PieceId>> = items
            .iter()
            .map(|&item| {
                let (space, name) = bindings(facts, item).first().copied()?;
                self.lexicon.at_root(space, name).last().map(|&position| self.piece_at(position))
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
                    self.need(from, piece, false);
                }
            }
        }
        for (i, &item) in items.iter().enumerate() {
            let Some(from) = described[i] else { continue };
            let range = facts.item(item).refs.clone();
            for reference in &facts.refs[range.start as usize..range.end as usize] {
                if let Lexical::Root(position) = interface.lookup(reference)
                    && let Some(piece) = described[position as usize]
                {
                    self.need(from, piece, false);
                }
            }
        }
    }

    /// The names that a piece binds at the level of the file; those of an include are not among them.
    pub(crate) fn names(&self, piece: PieceId) -> Vec<(Space, Name)> {
        let facts = self.lexicon.facts;
        self.piece(piece).items.iter().flat_map(|&item| bindings(facts, item)).collect()
    }

    /// Returns what the first component of a path really is, by the path's position among the references of the file. The path
    /// is one of an item of the file.
    pub(crate) fn meaning(&self, reference: u32) -> Meaning {
        self.meanings[reference as usize]
    }

    fn look_up(&self, piece: PieceId, reference: &Reference) -> Meaning {
        let Some(head) = self.lexicon.head(reference) else { return Meaning::Local };
        let brings = |module: ModuleExprId, name: (Space, Name)| {
            self.names_of(module).map(|names| names.contains(&name))
        };
        let (lexical, is_unsure) = self.lexicon.lookup_through(reference, &brings);
        if is_unsure && self.is_brought_locally(reference) {
            return Meaning::Local;
        }
        let by_text = match lexical {
            Lexical::Local => return Meaning::Local,
            Lexical::Root(position) => Some(self.piece_at(position)),
            Lexical::Outside => None,
        };
        if by_text == Some(piece) {
            return Meaning::Piece(piece);
        }
        // An open or include in between may bind the name as well; the last one that does is meant.
        let after = by_text.map_or(0, |by_text| by_text.0 + 1);
        for other in (after..piece.0).rev().map(PieceId) {
            let kind = self.piece(other).kind;
            if !matches!(kind, PieceKind::Open | PieceKind::Include) {
                continue;
            }
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
                edge.target.unit == self.unit
                    && edge.target.path.as_str().split('.').filter(|part| !part.is_empty()).count()
                        > n_components
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
        self.edges_at(reference.span.start).any(|edge| {
            let is_own = edge.def.get().and_then(|def| self.piece_of(def)) == Some(piece);
            let is_theirs = from.is_some_and(|from| {
                from.unit == edge.target.unit
                    && edge.target.path.starts_with(from.path.as_str())
                    && edge.target.path != from.path
            });
            (edge.target.unit == self.unit && is_own) || is_theirs
        })
    }

    /// Whether an open or include binds a name; none when its names cannot be listed.
    pub(crate) fn may_bring(&self, piece: PieceId, name: (Space, Name)) -> Option<bool> {
        let mut is_any = false;
        for &item in &self.piece(piece).items {
            let (ItemKind::Open { module, .. } | ItemKind::Include { module }) = self.facts().item(item).kind
            else {
                continue;
            };
            is_any |= self.names_of(module)?.contains(&name);
        }
        Some(is_any)
    }

    /// The names that an include brings, as far as they can be listed.
    pub(crate) fn included(&self, piece: PieceId) -> Vec<(Space, Name)> {
        let mut names = Vec::new();
        for &item in &self.piece(piece).items {
            if let ItemKind::Include { module } = self.facts().item(item).kind
                && let Some(found) = self.names_of(module)
            {
                names.extend(found.iter().copied());
            }
        }
        names.sort_unstable();
        names
    }

    /// The names of a module that is opened or included; none when they cannot be listed.
    fn names_of(&self, module: ModuleExprId) -> Option<Rc<Brought>> {
        if let Some(known) = self.brought.borrow().get(&module) {
            return known.clone();
        }
        let names = self.list_names(module).map(Rc::new);
        self.brought.borrow_mut().insert(module, names.clone());
        names
    }

    fn list_names(&self, module: ModuleExprId) -> Option<Brought> {
        let facts = self.facts();
        match facts.module_expr(module) {
            ModuleExpr::Path(_) => module_names(self.tree, self.module_of(module)?, 0),
            ModuleExpr::Structure(structure) => {
                let mut names = FxHashSet::default();
                for &inner in &facts.structure(*structure).items {
                    if brings_names(facts, inner) {
                        return None;
                    }
                    names.extend(bindings(facts, inner));
                }
                Some(names)
            }
            _ => None,
        }
    }

    /// The module that an opened or included path stands for.
    fn module_of(&self, module: ModuleExprId) -> Option<Target> {
        let ModuleExpr::Path(path) = self.facts().module_expr(module) else { return None };
        self.module_at(self.facts().reference(*path).span)
    }

    /// The module that a path at some place stands for.
    fn module_at(&self, span: Span) -> Option<Target> {
        self.edges_at(span.start)
            .find(|edge| edge.span == span && !edge.flags.get().coercion)
            .map(|edge| edge.target)
    }
}

/// Cuts a file into pieces: items of one group are one.
fn cut(facts: &FileFacts) -> (Vec<Piece>, Vec<PieceId>) {
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

fn is_path(facts: &FileFacts, module: crate::parse::ModuleExprId) -> bool {
    matches!(facts.module_expr(module), ModuleExpr::Path(_))
}

/// Whether an item brings names that are not written in it.
fn brings_names(facts: &FileFacts, item: ItemId) -> bool {
    matches!(
        facts.item(item).kind,
        ItemKind::Include { .. } | ItemKind::IncludeType { .. } | ItemKind::Broken
    ) || !facts.item(item).rewrites.is_empty()
}

/// The names of a module, hidden ones included; none when its text is not at hand or includes something.
fn module_names(tree: Tree<'_>, target: Target, depth: u32) -> Option<FxHashSet<(Space, Name)>> {
    let unit = tree.project.unit(target.unit);
    let facts = tree.facts(unit.implementation().or(unit.interface())?)?;
    let mut structure = facts.root;
    for component in target.path.as_str().split('.').filter(|component| !component.is_empty()) {
        let body =
            facts.structure(structure).items.iter().rev().find_map(|&item| match &facts.item(item).kind {
                ItemKind::Module { names, body, .. } => {
                    (facts.names(*names).first()?.as_str() == component).then_some(*body)
                }
                _ => None,
            })?;
        structure = match facts.module_expr(body) {
            ModuleExpr::Structure(structure) => *structure,
            ModuleExpr::Constraint { module, .. } => match facts.module_expr(*module) {
                ModuleExpr::Structure(structure) => *structure,
                _ => return None,
            },
            _ => return None,
        };
    }
    let mut names = FxHashSet::default();
    for &item in &facts.structure(structure).items {
        if brings_names(facts, item) {
            names.extend(included_names(tree, facts, target.unit, item, depth)?);
        }
        names.extend(bindings(facts, item));
    }
    Some(names)
}

/// The names that `include P` inside another unit brings.
fn included_names(
    tree: Tree<'_>,
    facts: &FileFacts,
    unit: UnitId,
    item: ItemId,
    depth: u32,
) -> Option<FxHashSet<(Space, Name)>> {
    // Libraries nest includes a few deep; what nests deeper is unknown.
    if depth > 6 {
        return None;
    }
    let ItemKind::Include { module } = &facts.item(item).kind else { return None };
    let ModuleExpr::Path(path) = facts.module_expr(*module) else { return None };
    let span = facts.reference(*path).span;
    let edges = tree.graph.unit_defs(unit).flat_map(|def| tree.graph.edges_of(def));
    let target = edges.into_iter().find(|edge| edge.span == span && edge.flags.get().include)?.target;
    module_names(tree, target, depth + 1)
}
