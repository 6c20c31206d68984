//! The facts of one file: items, scopes, references, module expressions, in source order.
//!
//! Everything is an index into a vector of [`FileFacts`], so the facts are plain data: no tree, no text.
//! Names that are bound by `let`, `fun`, `match`... inside an expression and used there, with no open in between,
//! leave no reference at all: only names that may mean something outside are here.
//!
//! * `item`: structures and their items; `counts`: how much syntax an item has;
//! * `module`: module expressions and module types;
//! * `scope`: what is in scope at a place; `reference`: the paths that are looked up there;
//! * `rewrite`: what rewriters and the compiler add to what is written.

mod counts;
mod item;
mod module;
mod reference;
mod rewrite;
mod scope;

pub use counts::{Counts, CountsAt, PackedCounts};
pub use item::{Item, ItemId, ItemKind, Shape, Structure, StructureId, Takes, TypeHead};
pub use module::{ModuleExpr, ModuleExprId, ModuleType, ModuleTypeId, Param, WithConstraint};
pub use reference::{Arguments, RefKind, Reference, Role};
pub use rewrite::{Rewrite, RewriteKind, TypeMark};
pub use scope::{Binder, Scope, ScopeId};

use crate::base::{Idx, LineCol, LineIndex, Name, RefId, Span};
use crate::project::SourceKind;
use serde::{Deserialize, Serialize};
use std::ops::Range;

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
    /// Syntax counts of the items.
    pub counts: PackedCounts,
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
    /// Where the names stand that items bind: positions in `names`, in order, each with its span.
    pub name_spans: Vec<(u32, Span)>,
    /// Extension nodes and derivers, in source order.
    pub rewrites: Vec<Rewrite>,
    /// Parts of types that derivers may treat in a way of their own, in the order of their attributes; none in files that
    /// derive nothing.
    pub type_marks: Vec<TypeMark>,
    /// The values that are packed modules, and the functions that return such, each with the signature, sorted.
    pub packs: Vec<(ItemId, ModuleTypeId)>,
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

impl FileFacts {
    /// Returns the marks in an item, in order.
    #[must_use]
    pub fn type_marks_in(&self, item: &Item) -> &[TypeMark] {
        let start = self.type_marks.partition_point(|mark| mark.whole.end <= item.span.start);
        let n = self.type_marks[start..].partition_point(|mark| mark.whole.start < item.span.end);
        &self.type_marks[start..start + n]
    }

    /// Returns the signature that a value is packed with, or what a function returns, where the text shows it.
    #[must_use]
    pub fn packed_by(&self, item: ItemId) -> Option<ModuleTypeId> {
        let nth = self.packs.binary_search_by_key(&item, |&(item, _)| item).ok()?;
        Some(self.packs[nth].1)
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
    /// Returns the syntax counts of an item.
    #[must_use]
    pub fn counts(&self, item: &Item) -> Counts {
        self.counts.get(item.counts)
    }
    /// Returns where a name stands that an item binds; `at` is its position in `names`.
    #[must_use]
    pub fn name_span(&self, at: usize) -> Option<Span> {
        let nth = self.name_spans.binary_search_by_key(&at, |&(at, _)| at as usize).ok()?;
        Some(self.name_spans[nth].1)
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
    /// Returns the file and the line that a byte offset has by the directive in front of it; none where there is none.
    #[must_use]
    pub fn directed_line(&self, offset: u32) -> Option<(Name, u32)> {
        let last = self.line_directives.partition_point(|&(start, ..)| start <= offset).checked_sub(1)?;
        let (start, file, line) = self.line_directives[last];
        let n_lines = self.line_col(offset).line.saturating_sub(self.line_col(start).line);
        Some((file, line.saturating_add(n_lines)))
    }
}

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
