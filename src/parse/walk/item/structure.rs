//! Structures and signatures: from the list of what is written to one item for each binding.

use crate::base::{Idx, Span, name};
use crate::parse::syntax::{Field, Kind};
use crate::parse::walk::{Child, Frame, Place, Task, Walk, span};
use crate::parse::{ItemId, RewriteKind, Structure, StructureId};
use tree_sitter::Node;

/// Where an item stands in its group.
#[derive(Clone, Copy)]
pub(in crate::parse::walk) struct Binding {
    /// Where its text starts: at its keyword.
    pub(super) start: u32,
    /// Items at this position and later are not in scope.
    pub(super) before: u32,
    /// The position of the first item of the group.
    pub(super) first: u32,
    /// Whether it has `rec` or `nonrec`.
    pub(super) has_rec: bool,
}

/// Stands for the item that [`Walk::begin_broken`] makes, whose id is not known when its end is planned.
pub(super) const BROKEN: ItemId = ItemId(u32::MAX);

impl<'t> Walk<'t> {
    /// Begins a structure or signature and returns its id.
    pub(in crate::parse::walk) fn structure(&mut self, node: Node<'t>, is_signature: bool) -> StructureId {
        let id = StructureId::new(self.facts.structures.len());
        self.facts.structures.push(Structure { items: Vec::new(), is_signature, span: span(node) });
        let outer = self.frame;
        self.frame = Frame { structure: id, outer: self.scope(), is_signature };
        self.type_level += u32::from(is_signature);
        self.structure_items(node);
        self.tasks.push(Task::EndStructure(outer));
        id
    }

    /// Plans the items of a structure, signature, file or payload.
    pub(in crate::parse::walk) fn structure_items(&mut self, node: Node<'t>) {
        let children = self.children_without_fields(node);
        self.plan_groups(&children);
        self.recycle(children);
    }

    fn plan_groups(&mut self, children: &[Child<'t>]) {
        let holds_nothing = |kind| {
            use Kind::*;
            matches!(kind, Leaf | FloatingAttribute | ItemAttribute | ToplevelDirective | AttributeId)
        };
        let is_own = |child: &Child<'_>| child.kind.is_structure_item() || child.kind == Kind::Error;
        let is_loose =
            |child: &Child<'_>| !is_own(child) && child.node.is_named() && !holds_nothing(child.kind);
        let mut at = 0;
        while let Some(child) = children.get(at) {
            let n_run = children[at..].iter().take_while(|&child| !is_own(child)).count();
            let run = &children[at..at + n_run];
            if let (Some(first), Some(last)) = (run.iter().find(|&child| is_loose(child)), run.last()) {
                let start = first.node.start_byte();
                self.tasks.push(Task::BeginBroken(Span::new(start, last.node.end_byte())));
                for &child in run.iter().filter(|&child| is_loose(child)) {
                    self.plan(child, Place::Plain);
                }
                self.tasks.push(Task::EndItem(BROKEN));
            } else if n_run == 0 {
                self.tasks.push(Task::Group(child.node, child.kind));
            }
            at += n_run.max(1);
        }
    }

    pub(in crate::parse::walk) fn end_structure(&mut self, outer: Frame) {
        self.type_level -= u32::from(self.frame.is_signature);
        self.return_to(self.frame.outer);
        self.frame = outer;
    }

    /// Plans the items of one child of a structure: one per binding.
    pub(in crate::parse::walk) fn group(&mut self, node: Node<'t>, kind: Kind) {
        let first = self.facts.structures[self.frame.structure.idx()].items.len() as u32;
        let start = node.start_byte() as u32;
        let binding_kind = match kind {
            Kind::ValueDefinition => Kind::LetBinding,
            Kind::TypeDefinition => Kind::TypeBinding,
            Kind::ModuleDefinition => Kind::ModuleBinding,
            Kind::ClassDefinition => Kind::ClassBinding,
            Kind::ClassTypeDefinition => Kind::ClassTypeBinding,
            Kind::Error => {
                let children = self.children_of_group(node);
                self.plan_groups(&children);
                return self.recycle(children);
            }
            _ => {
                let binding = Binding { start, before: first, first, has_rec: false };
                return self.tasks.push(Task::Item(node, kind, binding));
            }
        };
        let children = self.children_of_group(node);
        let has_rec = children.iter().any(|child| matches!(child.kind, Kind::Rec | Kind::Nonrec));
        let is_recursive = match kind {
            Kind::ValueDefinition | Kind::ModuleDefinition => has_rec,
            // `type t += A = A` rebinds the earlier A.
            Kind::TypeDefinition => !has_rec && !children.iter().any(|child| self.is_extension(child.node)),
            _ => true,
        };
        let n = children.iter().filter(|child| child.kind == binding_kind).count() as u32;
        let before = if is_recursive { first + n } else { first };
        if kind == Kind::ModuleDefinition && has_rec && !self.frame.is_signature {
            let nothing = name("");
            self.pending.push((RewriteKind::Implicit, name("module-rec"), nothing, span(node)));
        }
        let mut start = start;
        for &child in &children {
            match child.kind {
                Kind::AttributeId => {
                    let name = self.intern_node(child.node);
                    let keyword = self.keyword(node);
                    self.pending.push((RewriteKind::Keyword, name, keyword, span(node)));
                }
                Kind::And | Kind::LetAndOperator => start = child.node.start_byte() as u32,
                kind if kind == binding_kind => {
                    let binding = Binding { start, before, first, has_rec };
                    self.tasks.push(Task::Item(child.node, kind, binding));
                }
                // Something broken between the bindings: its references have no owner but the group's neighbours.
                Kind::Error => {
                    self.tasks.push(Task::BeginBroken(span(child.node)));
                    self.plan(child, Place::Plain);
                    self.tasks.push(Task::EndItem(BROKEN));
                }
                _ => {}
            }
        }
        self.recycle(children);
    }

    /// Whether a type binding is `type t += ..`.
    fn is_extension(&self, node: Node<'t>) -> bool {
        let name = self.syntax.child(node, Field::Name);
        name.is_some_and(|name| self.syntax.kind(name.kind_id()) == Kind::TypeConstructorPath)
    }
}
