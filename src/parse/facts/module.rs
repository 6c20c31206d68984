//! Module expressions, module types, and the constraints of `with`.

use super::{Names, ScopeId, StructureId};
use crate::base::{RefId, define_id};
use serde::{Deserialize, Serialize};
use std::ops::Range;

define_id!(
    /// A module expression of one file.
    ModuleExprId
);

define_id!(
    /// A module type of one file.
    ModuleTypeId
);

/// A module expression.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ModuleExpr {
    /// `A.B`
    Path(RefId),
    /// `struct .. end`
    Structure(StructureId),
    /// `functor (X : S) -> E`; several parameters nest.
    Functor {
        /// The parameter; `None` for `()`.
        param: Option<Param>,
        /// The body. Its scope has the parameter as a [`Binder::ModuleParam`](super::Binder::ModuleParam).
        body: ModuleExprId,
    },
    /// `F (A)`, `F ()`
    Apply {
        /// The functor.
        functor: ModuleExprId,
        /// The argument; `None` for `()`.
        argument: Option<ModuleExprId>,
    },
    /// `(E : S)`
    Constraint {
        /// The expression.
        module: ModuleExprId,
        /// Its signature.
        module_type: ModuleTypeId,
    },
    /// `(val e : S)`; the references of `e` are the enclosing item's.
    Unpack {
        /// The signature, where one is written.
        module_type: Option<ModuleTypeId>,
        /// Where none is: the value, or the function that is applied, whose type says it ([`FileFacts::packed_by`]).
        ///
        /// [`FileFacts::packed_by`]: super::FileFacts::packed_by
        value: Option<RefId>,
    },
    /// `[%ext ..]`, or a part that does not parse.
    Unknown,
}

/// A module type.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ModuleType {
    /// `S`, `M.S`
    Path(RefId),
    /// `sig .. end`
    Signature(StructureId),
    /// `functor (X : S) -> T`, `S -> T`
    Functor {
        /// The parameter; `None` for `()`.
        param: Option<Param>,
        /// The result.
        result: ModuleTypeId,
    },
    /// `module type of M`
    TypeOf(ModuleExprId),
    /// `S with ..`
    With {
        /// The base.
        base: ModuleTypeId,
        /// Its constraints, as a range of [`FileFacts::constraints`](super::FileFacts::constraints).
        constraints: Range<u32>,
    },
    /// `module X = P` in a signature.
    Alias(RefId),
    /// `[%ext ..]`, or a part that does not parse.
    Unknown,
}

/// A parameter of a functor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Param {
    /// Its name; empty for `_`.
    pub names: Names,
    /// Its signature.
    pub module_type: ModuleTypeId,
    /// The scope of the body, whose binder is this parameter.
    pub scope: ScopeId,
}

/// One constraint of `with`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum WithConstraint {
    /// `type t = ..`, `type t := ..`
    Type {
        /// The constrained path, in the signature.
        path: Names,
        /// Whether it is `:=`, which removes the name.
        is_destructive: bool,
    },
    /// `module M = P`, `module M := P`
    Module {
        /// The constrained path, in the signature.
        path: Names,
        /// What it becomes.
        target: RefId,
        /// Whether it is `:=`.
        is_destructive: bool,
    },
    /// `module type S = ..`, `module type S := ..`
    ModuleType {
        /// The constrained path, in the signature.
        path: Names,
        /// What it becomes.
        target: ModuleTypeId,
        /// Whether it is `:=`.
        is_destructive: bool,
    },
}
