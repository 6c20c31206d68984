//! Plans: a proposal as a change of the definition graph, precise enough to price it and to write the patch from it.
//!
//! A plan says which items move to which new unit, which aliases the old unit gets, which aliases stop being real fields,
//! and what clients write instead. It holds ids only; names of new units are made fresh for their library.

use crate::base::{DefId, LibraryId, Name, UnitId};
use crate::graph::{Graph, Target};
use crate::parse::ItemId;

/// How the interface of a new unit comes about (the three recipes of a split).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Recipe {
    /// There is no interface to keep: the new unit has none either.
    Bare,
    /// A: the signature as it stood becomes the interface of the new unit.
    MoveInterface,
    /// B: a private implementation, and a wrapper `include`s it under the signature with an equation on every type.
    Wrap,
}

/// What a new unit is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// What stands before the parts that use it, in the old unit's order; the old unit includes it.
    Base,
    /// The definitions that the clients at hand need; the old unit includes it.
    Core,
    /// A module of the old unit, which has an alias instead.
    Submodule {
        /// Its path in the old unit.
        path: Name,
    },
    /// `include IMPL` under a signature: what clients name.
    Wrapper {
        /// The existing unit, or the part of this plan, that it wraps.
        of: Wrapped,
    },
    /// Code that runs when the unit is linked, to be linked on request.
    Effects,
}

/// What a wrapper includes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Wrapped {
    /// A unit that exists.
    Unit(UnitId),
    /// A part of the same plan, by position.
    Part(usize),
}

/// A new unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Its name as the linker sees it (`Uri__Core`).
    pub name: String,
    /// The name of its file without extension, as a module (`Core`).
    pub module: String,
    /// What it is.
    pub role: Role,
    /// The items that it holds, in the old unit's order; for a submodule, the item of the module itself.
    pub items: Vec<ItemId>,
    /// All definitions in those items, in order.
    pub defs: Vec<DefId>,
    /// How its interface comes about.
    pub recipe: Recipe,
    /// Whether clients must not name it (`private_modules`).
    pub is_private: bool,
    /// Parts that it opens or names by alias, by position, in order.
    pub sees: Vec<usize>,
    /// Number of names that it re-exports from elsewhere, each a field to copy.
    pub n_reexports: u32,
}

/// An alias line that the facade or the old unit gets, in implementation and interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AliasLine {
    /// The path in the old unit that becomes an alias (`V4`, `Sub.X`).
    pub path: Name,
    /// What it stands for.
    pub to: AliasTarget,
}

/// What an alias line names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AliasTarget {
    /// Something that exists.
    Existing(Target),
    /// A part of the plan, by position.
    Part(usize),
}

/// A change, complete.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// The unit that changes; none for changes of the link itself.
    pub unit: Option<UnitId>,
    /// New units, so that each comes behind those that it needs.
    pub parts: Vec<Part>,
    /// Aliases of the old unit; clients that go through them link what they stand for.
    pub aliases: Vec<AliasLine>,
    /// Whether clients must be rewritten to go through `aliases` or to name `parts`: the old unit itself stays as it is
    /// to those that are not.
    pub clients: Clients,
    /// Parts that the old unit includes, by position.
    pub included: Vec<usize>,
    /// Parts with pinned effects, which the old unit and all other parts must link.
    pub pinned: Option<usize>,
    /// Definitions of the old unit whose links go away: sealed aliases that become mere names.
    pub unsealed: Vec<DefId>,
    /// Edges, by position in the graph, that somebody removes by hand.
    pub cut: Vec<u32>,
    /// Units behind wrappers that clients name themselves: they do not turn private.
    pub stay_public: Vec<UnitId>,
    /// Whether the unit is a pack whose members become units of their own, behind aliases.
    pub unpacks: bool,
    /// What the linker's command line no longer says.
    pub link: LinkChange,
}

impl Plan {
    /// Returns the unit that changes, where nothing does besides it but new units and who records it.
    pub(crate) fn pivot(&self, graph: &Graph) -> Option<UnitId> {
        let unit = self.unit.filter(|_| !self.unpacks && self.link == LinkChange::default())?;
        let mut cut = self.cut.iter().map(|&edge| graph.def(graph.edges[edge as usize].from).unit);
        cut.all(|from| from == unit).then_some(unit)
    }
}

/// What clients have to do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Clients {
    /// Nothing.
    #[default]
    Unchanged,
    /// Name the new unit or the part, by an alias line or in each reference.
    Rewritten,
}

/// A change of the linker's command line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LinkChange {
    /// The final link is done without `-linkall`.
    pub no_linkall: bool,
    /// These libraries are archived without `-linkall`.
    pub relaxed: Vec<LibraryId>,
    /// These units are no longer forced.
    pub unforced: Vec<UnitId>,
    /// Own units of the program that become members of a library beside it.
    pub to_library: Vec<UnitId>,
    /// The name of that library.
    pub library: String,
}
