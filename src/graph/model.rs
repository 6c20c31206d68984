//! The definition graph and the unit graph.

use crate::base::{DefId, FileId, Idx, Name, Span, UnitId};
use crate::resolve::{DefKind, EdgeKind, PackedFlags, Target, Unresolved};
use std::collections::BTreeMap;
use std::ops::Range;

/// One definition, at any depth of modules and functors, or one effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Def {
    /// The unit that holds it.
    pub unit: UnitId,
    /// Its dotted path in the unit (`Sub.f`); for effects, the enclosing module's path.
    pub path: Name,
    /// What it is.
    pub kind: DefKind,
    /// 1, or 2, 3.. for the later definitions of the same path and name space.
    pub nth: u32,
    /// The file of the implementation.
    pub file: FileId,
    /// From its keyword to its end.
    pub span: Span,
    /// The name itself; empty for effects.
    pub name_span: Span,
    /// The item of the file's facts.
    pub item: crate::parse::ItemId,
    /// The module definition that encloses it.
    pub parent: Option<DefId>,
    /// The innermost functor that encloses it.
    pub in_functor: Option<DefId>,
    /// Whether it runs code when the unit is initialised: effects, and values whose right-hand side is an expression.
    pub runs: bool,
    /// What its right-hand side is (values; modules count as [`crate::parse::Shape::Constant`]).
    pub shape: crate::parse::Shape,
    /// Whether the interface lets clients name it; true for everything where there is no interface.
    pub exported: bool,
    /// For aliases: whether the interface gives it a signature, so that it is a real field.
    pub sealed: bool,
    /// For aliases: what it stands for, normalised.
    pub alias_of: Option<Target>,
    /// Whether a rewriter made it: it has no text of its own.
    pub ghost: bool,
    /// Its edges, as a range of [`Graph::edges`]: those that come from it and not from a definition inside it.
    pub edges: Range<u32>,
}

/// One reference from a definition to something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The definition or effect that refers.
    pub from: DefId,
    /// What it does.
    pub kind: EdgeKind,
    /// What it refers to, as code generation addresses it.
    pub target: Target,
    /// The definition that finally provides it, where sources tell: the longest prefix of the target's path that is a
    /// definition, followed through includes and sealed aliases. `None` for whole units and units without sources.
    pub def: MaybeDef,
    /// The identifier in the file of `from`.
    pub span: Span,
    /// More about it.
    pub flags: PackedFlags,
}

// There are more edges than anything else.
const _: () = assert!(size_of::<Edge>() == 28);

/// A definition or none, in the room of a definition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaybeDef(DefId);

/// No graph has as many.
const NONE: DefId = DefId(u32::MAX);

impl MaybeDef {
    /// Returns the definition, if it is one.
    #[must_use]
    pub fn get(self) -> Option<DefId> {
        Some(self.0).filter(|&def| def != NONE)
    }
}

impl From<Option<DefId>> for MaybeDef {
    fn from(def: Option<DefId>) -> Self {
        MaybeDef(def.unwrap_or(NONE))
    }
}

impl std::fmt::Debug for MaybeDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.get().fmt(f)
    }
}

/// Links between units, with for each the edge that shows it best.
#[derive(Clone, Debug, Default)]
pub struct UnitGraph {
    /// For each unit, by [`UnitId`], the units that it records, sorted by id, each with the first edge (an index of
    /// [`Graph::edges`]) that asks for it; `None` where the unit has no source and its archive says so.
    pub links: Vec<Vec<(UnitId, Option<u32>)>>,
    /// The packs of units that are inside one: a pack and its members record each other, since they are linked together.
    pub packs: BTreeMap<UnitId, UnitId>,
}

impl UnitGraph {
    /// Whether a unit records another one because they are in the same pack, and not for a reference.
    #[must_use]
    pub fn holds(&self, from: UnitId, to: UnitId) -> bool {
        self.packs.get(&from) == Some(&to) || self.packs.get(&to) == Some(&from)
    }
}

/// Definitions and edges of all units that were read.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Definitions and effects, by [`DefId`]; those of one unit are adjacent, in source order.
    pub defs: Vec<Def>,
    /// For each unit, its range of `defs`.
    pub defs_of_unit: Vec<Range<u32>>,
    /// Edges, those of one definition adjacent.
    pub edges: Vec<Edge>,
    /// The unit graph.
    pub units: UnitGraph,
    /// Names that mean nothing we know, those of one unit adjacent, units in order.
    pub unresolved: Vec<Unresolved>,
}

impl Graph {
    /// Returns the definition of an id.
    #[must_use]
    pub fn def(&self, id: DefId) -> &Def {
        &self.defs[id.idx()]
    }
    /// Returns the definitions of a unit, in source order.
    pub fn unit_defs(&self, unit: UnitId) -> impl Iterator<Item = DefId> + use<> {
        self.defs_of_unit.get(unit.idx()).cloned().unwrap_or(0..0).map(DefId)
    }
    /// Returns the names of a unit's source that mean nothing known.
    #[must_use]
    pub fn unresolved_of(&self, unit: UnitId) -> &[Unresolved] {
        let start = self.unresolved.partition_point(|name| name.unit < unit);
        let end = self.unresolved.partition_point(|name| name.unit <= unit);
        &self.unresolved[start..end]
    }
    /// Returns the edges that come from a definition itself.
    #[must_use]
    pub fn edges_of(&self, def: DefId) -> &[Edge] {
        let range = &self.def(def).edges;
        &self.edges[range.start as usize..range.end as usize]
    }
}
