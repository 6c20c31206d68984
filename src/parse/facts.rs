//! The facts of one file: items, scopes, references, module expressions, in source order.
//!
//! Everything is an index into a vector of [`FileFacts`], so the facts are plain data: no tree, no text.
//! Names that are bound by `let`, `fun`, `match`... inside an expression and used there, with no open in between,
//! leave no reference at all: only names that may mean something outside are here.

use super::TypeShape;
use crate::base::{Idx, LineCol, LineIndex, Name, RefId, Span, define_id};
use crate::project::SourceKind;
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
define_id!(
    /// A module expression of one file.
    ModuleExprId
);
define_id!(
    /// A module type of one file.
    ModuleTypeId
);
define_id!(
    /// A point in the lexical environment of one file: what is in scope there.
    ScopeId
);

/// A range of names in [`FileFacts::names`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Names {
    /// Index of the first.
    pub start: u32,
    /// Index behind the last.
    pub end: u32,
}

impl Names {
    /// The positions as a range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// All that one file says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FileFacts {
    /// Whether it is a `.ml` or a `.mli`.
    pub kind: SourceKind,
    /// The structure or signature of the whole file.
    pub root: StructureId,
    /// Structures and signatures.
    pub structures: Vec<Structure>,
    /// Items of all structures, in source order (an item comes before the items inside it).
    pub items: Vec<Item>,
    /// Module expressions.
    pub module_exprs: Vec<ModuleExpr>,
    /// Module types.
    pub module_types: Vec<ModuleType>,
    /// Constraints of `with`.
    pub constraints: Vec<WithConstraint>,
    /// Scopes; a scope's parent has a smaller id.
    pub scopes: Vec<Scope>,
    /// References, in source order where the file parses; behind a syntax error parts of a module type may come out of order.
    pub refs: Vec<Reference>,
    /// Path components and bound names; parts of the facts hold ranges of it.
    #[serde(with = "crate::cache::name_list")]
    pub names: Vec<Name>,
    /// Spans of `names`, where a name is a bound one; parallel to `names`, empty spans for path components.
    pub name_spans: Vec<Span>,
    /// Extension nodes and derivers, in source order.
    pub rewrites: Vec<Rewrite>,
    /// Parts of types that derivers may treat in a way of their own, in the order of their attributes; none in files that
    /// derive nothing.
    pub type_marks: Vec<TypeMark>,
    /// `# LINE "FILE"` directives: byte offset of the next line, file, line.
    pub line_directives: Vec<(u32, Name, u32)>,
    /// Where lines start.
    pub lines: LineIndex,
    /// The parts that do not parse: spans of ERROR nodes and missing tokens.
    pub errors: Vec<Span>,
    /// The parts that were not read, since that would take too much time or memory.
    pub unread: Vec<Span>,
    /// Length of the text in bytes.
    pub n_bytes: u32,
    /// Where the first byte is that is not UTF-8.
    pub not_utf8: Option<u32>,
}

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

/// One item of a structure or signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// From its keyword (for a second `and` binding, from that `and`) to its end, attributes included.
    pub span: Span,
    /// References inside it, nested structures included, as a range of [`FileFacts::refs`].
    pub refs: Range<u32>,
    /// Rewrites inside it, as a range of [`FileFacts::rewrites`].
    pub rewrites: Range<u32>,
    /// What is in scope in its right-hand side; for recursive items that includes the item itself.
    pub scope: ScopeId,
    /// Items that are one text (`let..and`, `type..and`, `module rec..and`, `class..and`) share the number of the first one.
    pub group: ItemId,
    /// The structure that holds it.
    pub parent: StructureId,
    /// Syntax counts, for the size model.
    pub counts: Counts,
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

/// Syntax counts of one item, nested items included: what the size model estimates bytes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Applications of something to arguments, method calls included.
    pub applications: u32,
    /// Arguments of those applications.
    pub arguments: u32,
    /// Functions: `fun`, `function`, bindings with parameters, methods.
    pub functions: u32,
    /// Their parameters.
    pub parameters: u32,
    /// Match cases of `match`, `function`, `try`.
    pub cases: u32,
    /// Constructors applied, tuples, records, lists, arrays, closures of expressions: allocations or constants.
    pub blocks: u32,
    /// Fields of those.
    pub block_fields: u32,
    /// String literals.
    pub strings: u32,
    /// Bytes in them, escapes counted as what they stand for.
    pub string_bytes: u32,
    /// Other literals.
    pub literals: u32,
    /// Names bound at structure level (module block fields).
    pub fields: u32,
    /// `if`, `while`, `for`, `&&`, `||`.
    pub branches: u32,
    /// Infix operators applied.
    pub operators: u32,
    /// Local `let` bindings.
    pub lets: u32,
    /// Field reads and writes, array and string accesses.
    pub accesses: u32,
    /// Objects and classes.
    pub objects: u32,
    /// `try`, `raise`, `assert`, `lazy`.
    pub handlers: u32,
    /// Assignments to fields and instance variables, `r.f <- e`.
    pub writes: u32,
    /// Those blocks that are constants: every part of them is a literal or such a block.
    pub constant_blocks: u32,
    /// Fields of those.
    pub constant_fields: u32,
    /// Constant blocks and strings inside a constant array: the array is copied at start-up, so that nobody else refers to them.
    pub array_constants: u32,
    /// Conversions and boxes in string literals, as `printf` reads them: `%d`, `@[`.
    pub format_parts: u32,
    /// String literals in patterns; not among `strings`.
    pub pattern_strings: u32,
    /// Bytes in them.
    pub pattern_string_bytes: u32,
    /// Other constants in patterns, tags included; literals not among `literals`.
    pub pattern_constants: u32,
    /// Tags of polymorphic variants outside of patterns, in types too.
    pub tags: u32,
    /// Of the `handlers`, those that are `raise`.
    pub raises: u32,
    /// Of the `handlers`, those that are `assert`.
    pub asserts: u32,
    /// Of the `handlers`, those that are `lazy`.
    pub lazies: u32,
    /// Methods.
    pub methods: u32,
    /// Classes that a class or object inherits.
    pub inherits: u32,
    /// Of the `functions`, those of two parameters or more.
    pub curried: u32,
    /// Optional parameters with a default.
    pub defaults: u32,
    /// All tokens' bytes: comments, whitespace and attributes are left out.
    pub code_bytes: u32,
}

impl std::ops::Sub for Counts {
    type Output = Counts;

    /// What has been counted between two moments.
    fn sub(self, earlier: Counts) -> Counts {
        self.zip(earlier, |later, earlier| later - earlier)
    }
}

impl std::ops::Add for Counts {
    type Output = Counts;

    fn add(self, other: Counts) -> Counts {
        self.zip(other, u32::saturating_add)
    }
}

impl Counts {
    /// Subtracts count by count, stopping at zero.
    #[must_use]
    pub fn saturating_sub(self, other: Counts) -> Counts {
        self.zip(other, u32::saturating_sub)
    }

    fn zip(self, other: Counts, f: impl Fn(u32, u32) -> u32) -> Counts {
        Counts {
            applications: f(self.applications, other.applications),
            arguments: f(self.arguments, other.arguments),
            functions: f(self.functions, other.functions),
            parameters: f(self.parameters, other.parameters),
            cases: f(self.cases, other.cases),
            blocks: f(self.blocks, other.blocks),
            block_fields: f(self.block_fields, other.block_fields),
            strings: f(self.strings, other.strings),
            string_bytes: f(self.string_bytes, other.string_bytes),
            literals: f(self.literals, other.literals),
            fields: f(self.fields, other.fields),
            branches: f(self.branches, other.branches),
            operators: f(self.operators, other.operators),
            lets: f(self.lets, other.lets),
            accesses: f(self.accesses, other.accesses),
            objects: f(self.objects, other.objects),
            handlers: f(self.handlers, other.handlers),
            writes: f(self.writes, other.writes),
            constant_blocks: f(self.constant_blocks, other.constant_blocks),
            constant_fields: f(self.constant_fields, other.constant_fields),
            array_constants: f(self.array_constants, other.array_constants),
            format_parts: f(self.format_parts, other.format_parts),
            pattern_strings: f(self.pattern_strings, other.pattern_strings),
            pattern_string_bytes: f(self.pattern_string_bytes, other.pattern_string_bytes),
            pattern_constants: f(self.pattern_constants, other.pattern_constants),
            tags: f(self.tags, other.tags),
            raises: f(self.raises, other.raises),
            asserts: f(self.asserts, other.asserts),
            lazies: f(self.lazies, other.lazies),
            methods: f(self.methods, other.methods),
            inherits: f(self.inherits, other.inherits),
            curried: f(self.curried, other.curried),
            defaults: f(self.defaults, other.defaults),
            code_bytes: f(self.code_bytes, other.code_bytes),
        }
    }
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
        /// Whether a parameter says how it varies: `+'a`, `-'a`, `!'a`.
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
    /// `module X : S` in a signature; `module X = P` there is `S` = [`ModuleType::Alias`].
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
    /// The items of a structure at positions below `before` (positions in [`Structure::items`]).
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
    /// A constructor under `raise`, or in the pattern of an exception handler: surely an exception.
    Exception,
    /// The pattern part of a match case, for constructors and fields.
    Pattern,
}

/// One occurrence of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reference {
    /// In which name space it looks.
    pub kind: RefKind,
    /// What it is used for.
    pub role: Role,
    /// Whether it stands in the payload of an extension node.
    pub in_extension: bool,
    /// Its components in [`FileFacts::names`]: `A.B.x` is three. Functor applications inside a type path keep the
    /// functor's name, the arguments are references of their own.
    pub path: Names,
    /// The whole path.
    pub span: Span,
    /// What is in scope at that place.
    pub scope: ScopeId,
}

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
        /// The body. Its scope has the parameter as a [`Binder::ModuleParam`].
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
    },
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
        /// Its constraints, as a range of [`FileFacts::constraints`].
        constraints: Range<u32>,
    },
    /// `module X = P` in a signature.
    Alias(RefId),
    /// `[%ext ..]`, or a part that does not parse.
    Unknown,
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

impl FileFacts {
    /// Returns the marks in an item, in order.
    #[must_use]
    pub fn type_marks_in(&self, item: &Item) -> &[TypeMark] {
        let start = self.type_marks.partition_point(|mark| mark.whole.end <= item.span.start);
        let n = self.type_marks[start..].partition_point(|mark| mark.whole.start < item.span.end);
        &self.type_marks[start..start + n]
    }

    /// Returns the components of a path, or the names that something binds.
    #[must_use]
    pub fn names(&self, names: Names) -> &[Name] {
        &self.names[names.range()]
    }
    /// Returns the reference of an id.
    #[must_use]
    pub fn reference(&self, id: RefId) -> &Reference {
        &self.refs[id.idx()]
    }
    /// Returns the item of an id.
    #[must_use]
    pub fn item(&self, id: ItemId) -> &Item {
        &self.items[id.idx()]
    }
    /// Returns the structure of an id.
    #[must_use]
    pub fn structure(&self, id: StructureId) -> &Structure {
        &self.structures[id.idx()]
    }
    /// Returns the scope of an id.
    #[must_use]
    pub fn scope(&self, id: ScopeId) -> Scope {
        self.scopes[id.idx()]
    }
    /// Returns the module expression of an id.
    #[must_use]
    pub fn module_expr(&self, id: ModuleExprId) -> &ModuleExpr {
        &self.module_exprs[id.idx()]
    }
    /// Returns the module type of an id.
    #[must_use]
    pub fn module_type(&self, id: ModuleTypeId) -> &ModuleType {
        &self.module_types[id.idx()]
    }
    /// Returns the line and column of a byte offset, in this file.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        self.lines.line_col(offset)
    }
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
