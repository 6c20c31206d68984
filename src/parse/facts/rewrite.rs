//! What rewriters replace or derive, and what the compiler adds that the source does not name.

use super::ScopeId;
use crate::base::{Name, Span};
use serde::{Deserialize, Serialize};

/// What kind of rewrite is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum RewriteKind {
    /// A deriver of `[@@deriving ..]` on a type, exception or module type; `item` says which.
    Deriver,
    /// An extension node `[%x ..]`, `[%%x ..]`, `{%x|..|}`.
    Extension,
    /// `let%x`, `match%x`, `if%x`, `fun%x`...
    Keyword,
    /// Not a rewrite: code that needs a unit that the source does not name. `name` is `object` (an object literal or
    /// class: `CamlinternalOO`), `module-rec` (`CamlinternalMod`), `lazy-pattern` (`CamlinternalLazy`), or `assert`, whose code
    /// `-noassert` leaves out.
    Implicit,
}

/// Something that a rewriter replaces, or that the compiler adds code for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rewrite {
    /// What kind it is.
    pub kind: RewriteKind,
    /// The name of the deriver or extension, as written (`sexp`, `lwt`, `bin_io`, `sexp.opaque`).
    pub name: Name,
    /// For a keyword: which one, and what of its form decides the code (`let`, `match partial`, `for downto`); else empty.
    pub keyword: Name,
    /// The node.
    pub span: Span,
    /// What is in scope there.
    pub scope: ScopeId,
}

/// A part of a type that derivers may treat in a way of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TypeMark {
    /// The name of the attribute, as written (`compare.ignore`); `->` for a type of functions.
    pub word: Name,
    /// The part.
    pub whole: Span,
    /// The type's name in it, without arguments; the whole for what has none.
    pub head: Span,
    /// What the attribute holds, whose names are among the references of the type; empty where it holds nothing.
    pub payload: Span,
    /// Whether the attribute stands behind a record's field, and not behind a type.
    pub is_on_field: bool,
}
