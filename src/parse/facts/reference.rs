//! References: the paths that are looked up, in which name space, and what for.

use super::{Names, ScopeId};
use crate::base::Span;
use serde::{Deserialize, Serialize};

/// One occurrence of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reference {
    /// In which name space it looks.
    pub kind: RefKind,
    /// What it is used for.
    pub role: Role,
    /// Whether it stands in the payload of an extension node.
    pub in_extension: bool,
    /// The arguments that it is applied to.
    pub given: Arguments,
    /// Its components in [`FileFacts::names`](super::FileFacts::names): `A.B.x` is three. Functor applications inside a type path keep the
    /// functor's name, the arguments are references of their own.
    pub path: Names,
    /// The whole path.
    pub span: Span,
    /// What is in scope at that place.
    pub scope: ScopeId,
}

/// How many arguments something is applied to, those without labels and the others; up to 15 of each. A byte, since there are more
/// references than anything else in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Arguments(u8);

impl Arguments {
    /// More of a kind are not told apart.
    pub const MOST: u8 = 15;

    /// So many without and with labels.
    #[must_use]
    pub fn new(plain: usize, labelled: usize) -> Self {
        let most = usize::from(Self::MOST);
        Arguments(plain.min(most) as u8 | (labelled.min(most) as u8) << 4)
    }

    /// How many have no label.
    #[must_use]
    pub fn plain(self) -> u8 {
        self.0 & 15
    }

    /// How many have a label.
    #[must_use]
    pub fn labelled(self) -> u8 {
        self.0 >> 4
    }

    /// Whether it is applied to nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// In which name space a reference looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum RefKind {
    /// A value path: `x`, `M.x`, `M.(+)`; also punned labels and fields.
    Value,
    /// A constructor path in an expression or pattern: ordinary, exception or extension.
    Constructor,
    /// A record field.
    Field,
    /// A type constructor.
    Type,
    /// A module type.
    ModuleType,
    /// A class, in `new`, `inherit` or `class c = d`.
    Class,
    /// A class type, also after `#`.
    ClassType,
    /// A module in a module expression: alias, functor, argument, opened, included, packed.
    Module,
}

/// What a module reference is used for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Role {
    /// Nothing special.
    Plain,
    /// The whole right-hand side of `module X = P` (structure, `let module`, `module _`).
    Alias,
    /// The functor that is applied.
    Functor,
    /// The argument of a functor.
    Argument,
    /// Packed: `(module P : S)`.
    Pack,
    /// Opened.
    Open,
    /// Included.
    Include,
    /// Coerced: `module X : S = P`, `(P : S)`.
    Coerced,
    /// The same where the constraint is all of a binding's body: `module X : S = P`, `module X = (P : S)`. Without
    /// `-no-alias-deps` the head of P is required as for an alias.
    CoercedBinding,
    /// In a type, a signature, `module type of`, or a case that is never reached: links nothing.
    TypeLevel,
    /// A module path in the expression of a `module type of`, or in a case that is never reached, but for `module type of P`
    /// itself and what is opened; or P in `with module X := P`: it links nothing, but the compiler types it as it does in
    /// code, and without `-no-alias-deps` asks for the same alias tables.
    Typed,
    /// The same for the whole right-hand side of `module X = P` there.
    TypedAlias,
    /// The same for `module X : S = P` there.
    TypedBinding,
    /// A constructor under `raise`, or in the pattern of an exception handler: surely an exception.
    Exception,
    /// The pattern part of a match case, for constructors and fields.
    Pattern,
}

impl Role {
    /// Whether what is referred to is named in a type or typed alone: the code never gets there.
    #[must_use]
    pub fn is_type_level(self) -> bool {
        matches!(self, Role::TypeLevel | Role::Typed | Role::TypedAlias | Role::TypedBinding)
    }
}
