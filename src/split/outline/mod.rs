//! A unit as a row of indivisible pieces, with what each needs of the others.
//!
//! What is one text stays together: `let rec..and`, `let (a, b) =`, `type..and`, `module rec`, a whole submodule. A piece needs
//! another when its code refers to it (*link*), or when its text names it: types, constructors, fields, module types, aliases,
//! modules that it opens (*name*). Text decides the second, by lexical scope; the graph the first. Names that an interface
//! needs count for the piece that they describe. *Order*: pieces whose code may do something to others when it runs are
//! pinned, and a value that can be written to goes with the code that writes to it at start-up.
//!
//! Needs never lead forward in the file, so every grouping of pieces that is closed under them can be put in order.
//!
//! | file | what it does |
//! | --- | --- |
//! | `cut` | a file cut into pieces, and the definitions of each |
//! | `needs` | what each piece needs of the others |
//! | `meaning` | what a name of the text really is |
//! | `brought` | the names that opens and includes bring |
//! | `bound` | who binds which name, and who mentions it |

mod bound;
mod brought;
mod cut;
mod meaning;
mod needs;

pub(crate) use bound::{Bound, Mention};
pub(crate) use meaning::Meaning;

use super::effects::Effects;
use super::lexicon::{Lexicon, Space, bindings};
use super::world::Tree;
use crate::base::{DefId, FileId, IdSet, Idx, Name, Span, UnitId};
use crate::graph::Edge;
use crate::parse::{FileFacts, ItemId, ModuleExprId};
use bound::{Mentioned, Rows};
use brought::Brought;
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
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

impl Piece {
    /// Whether it may bind names that are not written in it.
    pub(crate) fn brings(&self) -> bool {
        matches!(self.kind, PieceKind::Open | PieceKind::Include)
    }
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
    /// The opens and includes among them.
    bringers: Vec<PieceId>,
    /// For each piece, what it needs of the others, sorted, one entry each.
    pub(crate) needs: Vec<Vec<Need>>,
    /// Pieces whose code, when it runs, may write to a value of another piece: the value's piece, then theirs.
    pub(crate) writers: Vec<(PieceId, PieceId)>,
    /// The same for code that may read such a value.
    pub(crate) readers: Vec<(PieceId, PieceId)>,
    /// Code that may read a value of another unit when it runs, then code behind it that may write to one of that unit.
    pub(crate) overtaken: Vec<(PieceId, PieceId)>,
    /// Pieces that one item of the interface describes: `type t [@@deriving sexp]`, where `sexp_of_t` is written by hand.
    inseparable: Vec<(PieceId, PieceId)>,
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
    /// The names in the text of each piece that others may bind.
    mentioned: Rows<Mentioned>,
    /// Who binds which name, once somebody has asked.
    bound: OnceCell<Bound>,
}

impl<'a> Outline<'a> {
    /// Outlines a unit; none without an implementation that was read.
    pub(crate) fn new(tree: Tree<'a>, unit: UnitId, effects: &Effects<'_>) -> Option<Self> {
        let file = tree.project.unit(unit).implementation()?;
        let facts = tree.facts(file)?;
        let (pieces, piece_at) = cut::cut(facts);
        let bringers = (0..).map(PieceId).zip(&pieces).filter(|(_, piece)| piece.brings());
        let bringers = bringers.map(|(id, _)| id).collect();
        let range = tree.graph.defs_of_unit.get(unit.0 as usize)?.clone();
        let mut outline = Outline {
            tree,
            unit,
            file,
            lexicon: Lexicon::new(facts),
            needs: Vec::new(),
            pieces,
            bringers,
            writers: Vec::new(),
            readers: Vec::new(),
            overtaken: Vec::new(),
            inseparable: Vec::new(),
            piece_at,
            first_def: range.start,
            piece_of_def: Vec::new(),
            edges_at: Vec::new(),
            brought: RefCell::default(),
            meanings: vec![Meaning::Local; facts.refs.len()],
            mentioned: Rows::default(),
            bound: OnceCell::new(),
        };
        outline.place_defs(range.map(DefId), effects)?;
        outline.find_needs(facts);
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

    /// Bytes of what is more than a name for something else.
    pub(crate) fn own_bytes(&self) -> u64 {
        let is_name = |&def: &DefId| self.tree.graph.def(def).alias_of.is_some();
        let own = self.pieces.iter().filter(|piece| !piece.defs.iter().all(is_name));
        own.map(|piece| piece.bytes).sum()
    }

    /// Adds all that some pieces need, the code that writes to their values, and what the interface describes with them.
    pub(crate) fn close(&self, pieces: &mut IdSet<PieceId>) {
        let mut todo: Vec<PieceId> = pieces.iter().collect();
        while let Some(piece) = todo.pop() {
            let needed = self.needs[piece.0 as usize].iter().map(|need| need.piece);
            let writers = self.writers.iter().filter(|(state, _)| *state == piece).map(|&(_, writer)| writer);
            let described = self.inseparable.iter().filter(|(one, _)| *one == piece).map(|&(_, other)| other);
            for other in needed.chain(writers).chain(described) {
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

    /// Returns the opens and includes, in order.
    pub(crate) fn bringers(&self) -> &[PieceId] {
        &self.bringers
    }

    /// Returns who binds which name at the level of the file, and who mentions it.
    pub(crate) fn bound(&self) -> &Bound {
        self.bound.get_or_init(|| Bound::new(self))
    }

    /// The names that a piece binds at the level of the file; those of an include are not among them.
    pub(crate) fn names(&self, piece: PieceId) -> Vec<(Space, Name)> {
        let facts = self.lexicon.facts;
        self.piece(piece).items.iter().flat_map(|&item| bindings(facts, item)).collect()
    }
}
