//! The definition graph and the unit graph.

use crate::base::{DefId, FileId, Idx, Name, Span, UnitId};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a definition is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefKind {
    /// A value binding.
    Value,
    /// An `external`.
    External,
    /// A structure, a functor's result, an unpacked module.
    Module,
    /// A functor.
    Functor,
    /// `module X = P`.
    Alias,
    /// A class.
    Class,
    /// `exception E`.
    Exception,
    /// A constructor of `type t += C`.
    Extension,
    /// `module type S`.
    ModuleType,
    /// A type. Its constructors and fields belong to it.
    Type,
    /// Code without a name that runs when the unit is linked: `let () =`, `;; e`, `include F (X)`.
    Effect,
}

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

/// What an edge does, in the compiler's words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// A value is read.
    Value,
    /// A C primitive is called.
    CExternal,
    /// A `%primitive`: expanded in place.
    Primitive,
    /// A module is read, applied, coerced, packed or included.
    Module,
    /// An exception is raised, matched or rebound.
    Exception,
    /// An extension constructor is built or matched.
    Extension,
    /// A class is inherited or instantiated.
    Class,
    /// A type, ordinary constructor or field: name only.
    Type,
    /// A module type, or a module in a type: name only.
    ModuleType,
    /// A module is named without being read: an open, an absent alias. Name only.
    Name,
}

impl EdgeKind {
    /// Whether it makes the linker take the target's unit.
    #[must_use]
    pub fn links(self) -> bool {
        use EdgeKind::*;
        matches!(self, Value | CExternal | Module | Exception | Extension | Class)
    }
}

/// The end of an edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Target {
    /// The unit that the linker takes.
    pub unit: UnitId,
    /// The dotted path inside it, empty for the whole unit.
    pub path: Name,
}

/// More about an edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EdgeFlags {
    /// The module itself escapes: every field is reachable.
    pub whole: bool,
    /// The reference is an `include` (of the whole module, or of one item).
    pub include: bool,
    /// Recorded only because the unit is compiled without `-no-alias-deps`.
    pub alias_required: bool,
    /// The compiler or a rewriter inserted it: there is no such text.
    pub implicit: bool,
    /// A field read only because a signature asks for it.
    pub coercion: bool,
    /// One of several things that the name may mean.
    pub ambiguous: bool,
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
    pub def: Option<DefId>,
    /// The identifier in the file of `from`.
    pub span: Span,
    /// More about it.
    pub flags: EdgeFlags,
}

/// Why a name could not be resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unresolved {
    /// The unit whose source has the name.
    pub unit: UnitId,
    /// The file.
    pub file: FileId,
    /// The path as written.
    pub path: String,
    /// Where.
    pub span: Span,
    /// Why: a stable word (`unbound`, `no-interface`, `functor-result`, `rewriter`, `cycle`...).
    pub reason: &'static str,
}

/// Links between units, with for each the edge that shows it best.
#[derive(Clone, Debug, Default)]
pub struct UnitGraph {
    /// For each unit, by [`UnitId`], the units that it records, sorted by id, each with the first edge (an index of
    /// [`Graph::edges`]) that asks for it; `None` where the unit has no source and its archive says so.
    pub links: Vec<Vec<(UnitId, Option<u32>)>>,
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
    /// Names that mean nothing we know.
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
    /// Returns the edges that come from a definition itself.
    #[must_use]
    pub fn edges_of(&self, def: DefId) -> &[Edge] {
        let range = &self.def(def).edges;
        &self.edges[range.start as usize..range.end as usize]
    }
}
