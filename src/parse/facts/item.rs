//! Structures, signatures and their items.

use super::{CountsAt, ModuleExprId, ModuleTypeId, Names, ScopeId};
use crate::base::{Name, RefId, Span, define_id};
use crate::parse::TypeShape;
use serde::{Deserialize, Serialize};
use std::ops::Range;

define_id!(
    /// A structure or signature of one file: a list of items.
    StructureId
);

define_id!(
    /// An item of one file, in source order; the items of one structure need not be adjacent.
    ItemId
);

/// A list of items: a structure, a signature, or the file itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Structure {
    /// Its items in source order.
    pub items: Vec<ItemId>,
    /// Whether it is a signature.
    pub is_signature: bool,
    /// Its span.
    pub span: Span,
}

/// One item of a structure or signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// From its keyword (for a second `and` binding, from that `and`) to its end, attributes included.
    pub span: Span,
    /// References inside it, nested structures included, as a range of [`FileFacts::refs`](super::FileFacts::refs).
    pub refs: Range<u32>,
    /// Rewrites inside it, as a range of [`FileFacts::rewrites`](super::FileFacts::rewrites).
    pub rewrites: Range<u32>,
    /// What is in scope in its right-hand side; for recursive items that includes the item itself.
    pub scope: ScopeId,
    /// Items that are one text (`let..and`, `type..and`, `module rec..and`, `class..and`) share the number of the first one.
    pub group: ItemId,
    /// The structure that holds it.
    pub parent: StructureId,
    /// Where its syntax counts stand in [`FileFacts::counts`](super::FileFacts::counts).
    pub counts: CountsAt,
}

impl Item {
    /// Returns the names that the item binds in its own name space: none for opens, includes, effects and extensions.
    #[must_use]
    pub fn names(&self) -> Names {
        match &self.kind {
            ItemKind::Value { names, .. }
            | ItemKind::ValueSpec { names, .. }
            | ItemKind::External { names, .. }
            | ItemKind::Type { names, .. }
            | ItemKind::Exception { names, .. }
            | ItemKind::Module { names, .. }
            | ItemKind::ModuleSpec { names, .. }
            | ItemKind::ModuleSubstitution { names, .. }
            | ItemKind::ModuleTypeDef { names, .. }
            | ItemKind::Class { names, .. }
            | ItemKind::ClassType { names } => *names,
            ItemKind::TypeExtension { constructors, .. } => *constructors,
            ItemKind::Open { .. }
            | ItemKind::Include { .. }
            | ItemKind::IncludeType { .. }
            | ItemKind::Eval
            | ItemKind::Broken => Names::default(),
        }
    }
}

/// The parameters of a function, up to 255 of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Takes {
    /// Those without a label.
    pub plain: u8,
    /// Those with a label.
    pub labelled: u8,
    /// Those that may be left out.
    pub optional: u8,
}

/// What an item is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    /// One binding of `let p = e`: each of `let .. and ..` is an item of its own.
    Value {
        /// The names that the pattern binds, in order; empty for `let () =` and `let _ =`.
        names: Names,
        /// What the right-hand side is.
        shape: Shape,
        /// Whether the pattern is one plain name (possibly with a type).
        is_simple: bool,
        /// For [`Shape::Ident`]: the reference that is the whole right-hand side.
        ident: Option<RefId>,
        /// The parameters that the binding is written with; 0 where one of them is optional.
        n_parameters: u32,
        /// All parameters of the function that it is, those of a `fun` or `function` behind the `=` included.
        takes: Takes,
        /// Where the right-hand side is a named function with arguments that nothing runs for, names, constants and
        /// functions without labels: how many.
        n_arguments: u32,
    },
    /// `val x : t` in a signature.
    ValueSpec {
        /// The one name.
        names: Names,
        /// What its type is.
        head: TypeHead,
    },
    /// `external x : t = "prim"`.
    External {
        /// The one name.
        names: Names,
        /// The first primitive string: `%identity`, `caml_foo`; empty for the odd empty list.
        primitive: Name,
    },
    /// One type of `type .. and ..`.
    Type {
        /// The one name.
        names: Names,
        /// Its ordinary constructors.
        constructors: Names,
        /// Its record fields, those of inline records left out.
        fields: Names,
        /// Those of them that can be set; empty in files that derive nothing.
        mutable_fields: Names,
        /// `type t = M.t = A | B`, `type t = M.t`, `type 'a t = 'a M.t`: the reference to the type on the right, where it
        /// is a path with or without arguments.
        manifest: Option<RefId>,
        /// Whether it has no right-hand side of any kind.
        is_abstract: bool,
        /// `type t = ..`
        is_open: bool,
        /// Number of type parameters.
        n_params: u32,
        /// Whether a parameter says how it varies: `+'a`, `-'a`. Injectivity, `!'a`, says nothing of that.
        has_variance: bool,
        /// Whether it is `type nonrec`.
        is_nonrec: bool,
        /// Whether it is `type t := ..` in a signature.
        is_substitution: bool,
        /// What it is made of; empty in files that derive nothing.
        shape: TypeShape,
    },
    /// `type t += A | B`.
    TypeExtension {
        /// The extended type.
        path: RefId,
        /// Its constructors.
        constructors: Names,
        /// For each constructor that is `C = M.C`, that reference; parallel to `constructors`.
        rebinds: Vec<Option<RefId>>,
    },
    /// `exception E`, `exception E = M.E`.
    Exception {
        /// The one name.
        names: Names,
        /// What it stands for.
        rebind: Option<RefId>,
    },
    /// `module X = ..` in a structure, one binding of `module rec`, `module _ = ..`.
    Module {
        /// The one name; empty for `_`.
        names: Names,
        /// Right-hand side with parameters and signature folded in (`module F (X : S) : R = E` is
        /// `Functor { X : S, Constraint { E, R } }`).
        body: ModuleExprId,
        /// Whether it is part of `module rec`.
        is_recursive: bool,
    },
    /// `module X : S` in a signature; `module X = P` there is `S` = [`ModuleType::Alias`](super::ModuleType::Alias).
    ModuleSpec {
        /// The one name.
        names: Names,
        /// Its type, parameters folded in.
        body: ModuleTypeId,
        /// Whether it is part of `module rec`.
        is_recursive: bool,
    },
    /// `module X := P` in a signature: a name for what follows, not a member.
    ModuleSubstitution {
        /// The one name.
        names: Names,
        /// The path.
        path: RefId,
    },
    /// `module type S = ..`.
    ModuleTypeDef {
        /// The one name.
        names: Names,
        /// Its right-hand side; `None` when abstract.
        body: Option<ModuleTypeId>,
        /// Whether it is `module type S := ..`.
        is_substitution: bool,
    },
    /// `open M`, `open! M`, `open struct .. end`; in signatures the module is always a path.
    Open {
        /// What is opened.
        module: ModuleExprId,
        /// Whether it is `open!`.
        is_override: bool,
    },
    /// `include M` in a structure.
    Include {
        /// What is included.
        module: ModuleExprId,
    },
    /// `include S` in a signature.
    IncludeType {
        /// What is included.
        module_type: ModuleTypeId,
    },
    /// One class of `class .. and ..`, or a class specification.
    Class {
        /// The one name.
        names: Names,
        /// `class c = d`, `class c = M.d`: the whole right-hand side.
        ident: Option<RefId>,
    },
    /// One class type.
    ClassType {
        /// The one name.
        names: Names,
    },
    /// A top-level expression (`;; e`), or an item that is one extension node.
    Eval,
    /// Part of the file that does not parse, but holds references.
    Broken,
}

/// What the right-hand side of a value is, as far as syntax tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Shape {
    /// `fun`, `function`, or a binding with parameters: nothing runs at start-up.
    Function,
    /// A literal, or constructors, tuples, records, lists, arrays of constants and functions.
    Constant,
    /// Another name.
    Ident,
    /// `lazy e`.
    Lazy,
    /// Anything else: code that runs when the unit is initialised.
    Expr,
}

/// What the type of a value is at its head, as it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TypeHead {
    /// A function, or something that is not looked into.
    Function,
    /// A path, with or without arguments: the reference to it, where it was found.
    Path(Option<RefId>),
    /// A variable, a tuple, an object, a polymorphic variant, a packed module: never a function.
    Other,
}
