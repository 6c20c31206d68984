//! The lexical environment: what is in scope at a place, one step at a time.

use super::{ModuleExprId, ModuleTypeId, Names, StructureId};
use crate::base::define_id;
use serde::{Deserialize, Serialize};

define_id!(
    /// A point in the lexical environment of one file: what is in scope there.
    ScopeId
);

/// One step of the lexical environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Scope {
    /// What was in scope before; a scope whose binder is [`Binder::File`] is its own parent.
    pub parent: ScopeId,
    /// What this step adds.
    pub binder: Binder,
}

/// What a scope adds to its parent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Binder {
    /// Nothing: outside the file. The `-open` flags and the visible units are here.
    File,
    /// The items of a structure at positions below `before` (positions in [`Structure::items`](super::Structure::items)).
    Items {
        /// The structure.
        structure: StructureId,
        /// Items at this position and later are not in scope.
        before: u32,
    },
    /// Value names bound by a pattern or parameters.
    Values(Names),
    /// `let exception E`, with or without arguments.
    Exception(Names),
    /// Locally abstract types (`type a.`, `(type a)`), type parameters excluded.
    Types(Names),
    /// `let module X = ..`; the name is the one in `names`.
    Module {
        /// The one name.
        names: Names,
        /// Its right-hand side.
        body: ModuleExprId,
    },
    /// A functor parameter, or a module bound by a pattern `(module X : S)`.
    ModuleParam {
        /// The one name.
        names: Names,
        /// Its type, where one is written (`(module X)` in a pattern may have none).
        module_type: Option<ModuleTypeId>,
    },
    /// `let open M in`, `M.( .. )`, `open` in a class body.
    Open {
        /// What is opened.
        module: ModuleExprId,
    },
}
