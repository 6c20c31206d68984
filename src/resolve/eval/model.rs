//! The words of evaluation: addresses, modules, signatures, and what a look-up answers.

use super::env::EnvId;
use crate::base::{FileId, Name, UnitId};
use crate::parse::{ItemId, ModuleExprId, ModuleTypeId, StructureId};
use crate::resolve::index::{Slot, join};

/// How code reaches something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Addr {
    /// The field at a dotted path of a unit; the empty path is the unit itself.
    Field(UnitId, Name),
    /// Through a variable: a parameter, a local module, an unpacked one. Links nothing.
    Local,
}

impl Addr {
    /// Returns the address of a member.
    pub(crate) fn member(self, name: Name) -> Addr {
        match self {
            Addr::Field(unit, path) => Addr::Field(unit, join(path, name)),
            Addr::Local => Addr::Local,
        }
    }
}

/// Why something is not known. The words are shown to users.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Reason {
    Unreadable,
    NoInterface,
    AbstractModuleType,
    FunctorResult,
    Extension,
    Unbound,
    Cycle,
    Untyped,
    TypeDirected,
    InstanceVariable,
    Opened,
}

impl Reason {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Reason::Unreadable => "unreadable",
            Reason::NoInterface => "no-interface",
            Reason::AbstractModuleType => "abstract-module-type",
            Reason::FunctorResult => "functor-result",
            Reason::Extension => "extension",
            Reason::Unbound => "unbound",
            Reason::Cycle => "cycle",
            Reason::Untyped => "untyped-module",
            Reason::TypeDirected => "type-directed",
            Reason::InstanceVariable => "instance-variable",
            Reason::Opened => "unknown-open",
        }
    }
}

/// A module as seen at some place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Module {
    /// How code reaches it.
    pub(crate) link: Addr,
    /// What it is after following every alias.
    pub(crate) canon: Addr,
    /// What it has.
    pub(crate) sig: Sig,
}

/// Where the members of a module are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Sig {
    Structure {
        file: FileId,
        structure: StructureId,
        env: EnvId,
    },
    FunctorExpr {
        file: FileId,
        expr: ModuleExprId,
        env: EnvId,
    },
    FunctorType {
        file: FileId,
        ty: ModuleTypeId,
        env: EnvId,
    },
    With(u32),
    Generated(UnitId),
    /// A module that a deriver makes of a type: its path among what is derived.
    Derived {
        file: FileId,
        item: ItemId,
        path: Name,
    },
    Unknown(Reason),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct With {
    pub(super) base: Sig,
    pub(super) file: FileId,
    pub(super) ty: ModuleTypeId,
    pub(super) env: EnvId,
}

/// A member of a module, or what a name in scope means.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// How code reaches it.
    pub(crate) link: Addr,
    /// The same after following every alias on the way.
    pub(crate) canon: Addr,
    /// Where its text is, before any `include` re-exported it.
    pub(crate) origin: Addr,
    /// The item that binds it; `None` for dune's alias modules, whole units and parameters.
    pub(crate) item: Option<Binding>,
    /// For modules: the module.
    pub(crate) module: Option<Module>,
    /// For modules: whether it is only a name for another one.
    pub(crate) absent: bool,
    /// The environment that the item's text is read in.
    pub(crate) env: EnvId,
}

/// An item's binding of one name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) file: FileId,
    pub(crate) item: ItemId,
    pub(crate) slot: Slot,
}

/// The answer to a look-up.
#[derive(Clone, Debug)]
pub(crate) enum Find {
    Found(Found),
    /// Bound by an expression, a pattern or the language itself: no reference.
    Local,
    /// It may be there or not: the text that would tell is not known.
    Unknown(Reason),
    Absent,
}

/// A structure seen from inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Inside {
    pub(crate) file: FileId,
    pub(crate) structure: StructureId,
    pub(crate) env: EnvId,
    pub(crate) link: Addr,
    pub(crate) canon: Addr,
}

pub(super) fn unknown(link: Addr, reason: Reason) -> Module {
    Module { link, canon: link, sig: Sig::Unknown(reason) }
}

pub(super) fn found_module(module: Module, env: EnvId, absent: bool) -> Find {
    let Module { link, canon, .. } = module;
    Find::Found(Found { link, canon, origin: link, item: None, module: Some(module), absent, env })
}
