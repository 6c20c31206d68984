//! The items of structures and signatures: what each says, and which references are its own.
//!
//! * `structure`: from a list of items to one item for each binding; `declaration`: types, exceptions and their constructors;
//! * `want`: references that an item knows by their place before they are met.

mod declaration;
mod structure;
mod want;

pub(super) use structure::Binding;
pub(super) use want::Want;

use super::module::ModuleBody;
use super::{Child, Frame, Place, Task, Walk, span};
use crate::base::{Idx, RefId, Span, name};
use crate::parse::syntax::{Field, Kind};
use crate::parse::{
    Binder, CountsAt, Item, ItemId, ItemKind, ModuleExprId, Names, RefKind, RewriteKind, Role, Shape, Takes,
    TypeHead,
};
use structure::BROKEN;
use tree_sitter::Node;
use want::Slot;

impl<'t> Walk<'t> {
    pub(super) fn item(&mut self, node: Node<'t>, kind: Kind, binding: Binding) {
        let Binding { start, before, first, .. } = binding;
        let span = Span { start, end: node.end_byte() as u32 };
        let id = self.begin_item(ItemKind::Eval, span, before, first);
        match kind {
            Kind::ModuleBinding => {
                let item_kind = self.module_item(id, node, binding.has_rec);
                self.facts.items[id.idx()].kind = item_kind;
                return self.tasks.push(Task::EndItem(id));
            }
            Kind::ItemExtension | Kind::QuotedItemExtension => {
                self.tasks.push(Task::Visit(node, kind, Place::Plain));
                return self.tasks.push(Task::EndItem(id));
            }
            _ => {}
        }
        let children = self.children(node);
        let item_kind = match kind {
            Kind::LetBinding => self.value_item(id, &children),
            Kind::ValueSpecification => {
                let names = self.names_of(&children, &[Kind::ValueName, Kind::ParenthesizedOperator]);
                self.plan_rest(&children, &[Kind::ValueName, Kind::ParenthesizedOperator]);
                let ty = children.iter().find(|child| child.field == Field::Type);
                self.value_packs(id, &children);
                ItemKind::ValueSpec {
                    names,
                    head: ty.map_or(TypeHead::Function, |ty| self.type_head(id, ty.node)),
                }
            }
            Kind::External => {
                let names = self.names_of(&children, &[Kind::ValueName, Kind::ParenthesizedOperator]);
                for &child in children.iter().filter(|child| child.field == Field::Type) {
                    self.plan(child, Place::Plain);
                }
                self.value_packs(id, &children);
                let string =
                    children.iter().find(|child| matches!(child.kind, Kind::String | Kind::QuotedString));
                let primitive = string.map_or(name(""), |child| self.string_value(child.node));
                ItemKind::External { names, primitive }
            }
            Kind::TypeBinding => self.type_item(id, &children, binding),
            Kind::ExceptionDefinition => self.exception_item(id, &children),
            Kind::ModuleTypeDefinition => {
                let names = self.names_of(&children, &[Kind::ModuleTypeName]);
                let is_substitution = children.iter().any(|child| child.kind == Kind::Substitution);
                let mut body = None;
                for &child in &children {
                    match child.field {
                        Field::Body => body = Some(self.plan_module_type(child)),
                        _ => self.plan_unless_name(child),
                    }
                }
                ItemKind::ModuleTypeDef { names, body, is_substitution }
            }
            Kind::OpenModule | Kind::OpenModuleSignature => {
                let is_override = children.iter().any(|child| child.kind == Kind::Override);
                let module = self.plan_item_module(&children, Role::Open);
                ItemKind::Open { module, is_override }
            }
            Kind::IncludeModule => {
                ItemKind::Include { module: self.plan_item_module(&children, Role::Include) }
            }
            Kind::IncludeModuleType => {
                let mut module_type = None;
                for &child in &children {
                    match child.field {
                        Field::ModuleType => module_type = Some(self.plan_module_type(child)),
                        _ => self.plan_unless_name(child),
                    }
                }
                let module_type = module_type.unwrap_or_else(|| self.new_module_type());
                ItemKind::IncludeType { module_type }
            }
            Kind::ClassBinding => self.class_item(id, &children),
            Kind::ClassTypeBinding => {
                let names = self.names_of(&children, &[Kind::ClassTypeName]);
                self.plan_rest(&children, &[Kind::ClassTypeName]);
                ItemKind::ClassType { names }
            }
            _ => {
                self.plan_rest(&children, &[]);
                ItemKind::Eval
            }
        };
        self.derivers(&children);
        self.recycle(children);
        self.facts.items[id.idx()].kind = item_kind;
        self.tasks.push(Task::EndItem(id));
    }

    fn value_item(&mut self, id: ItemId, children: &[Child<'t>]) -> ItemKind {
        let body = children.iter().find(|child| child.field == Field::Body).copied();
        let parameters = || children.iter().filter(|child| child.kind == Kind::Parameter);
        let n_params = parameters().count();
        let has_optional = parameters().any(|child| self.text_of(child.node).starts_with(b"?"));
        let shape = match body {
            Some(_) if n_params > 0 => Shape::Function,
            Some(body) => self.shape(body.node, body.kind),
            None => Shape::Expr,
        };
        if shape == Shape::Ident
            && let Some(path) = body.and_then(|body| self.strip(body.node, body.kind))
        {
            self.want(id, Slot::Ident, path, RefKind::Value);
        }
        let pattern = children.iter().find(|child| child.field == Field::Pattern);
        let is_simple = pattern.is_some_and(|child| self.is_plain_name(child.node, child.kind));
        self.value_packs(id, children);
        self.tasks.push(Task::Mark);
        if let Some(&pattern) = pattern {
            self.plan(pattern, Place::Pattern);
        }
        self.tasks.push(Task::ItemNames(id));
        self.plan_binding(children);
        let n_parameters = if has_optional { 0 } else { n_params as u32 };
        let n_arguments = match body.filter(|_| shape == Shape::Expr) {
            Some(body) => self.idle_arguments(body.node, body.kind),
            None => 0,
        };
        let takes = self.takes(children);
        let names = Names::default();
        ItemKind::Value { names, shape, is_simple, ident: None, n_parameters, takes, n_arguments }
    }

    /// Counts the parameters of a binding, and those of the function that it is.
    fn takes(&self, children: &[Child<'t>]) -> Takes {
        let mut takes = Takes::default();
        let mut add = |text: &[u8]| {
            let count = match text.first() {
                Some(b'?') => &mut takes.optional,
                Some(b'~') => &mut takes.labelled,
                _ => &mut takes.plain,
            };
            *count = count.saturating_add(1);
        };
        let of_binding = children.iter().filter(|child| child.kind == Kind::Parameter);
        of_binding.for_each(|child| add(self.text_of(child.node)));
        let mut body = children.iter().find(|child| child.field == Field::Body).map(|child| child.node);
        while let Some(node) = body.take() {
            match self.syntax.kind(node.kind_id()) {
                Kind::FunctionExpression => add(b""),
                Kind::FunExpression => {
                    let mut cursor = node.walk();
                    for child in node.named_children(&mut cursor) {
                        match self.syntax.kind(child.kind_id()) {
                            Kind::Parameter => add(self.text_of(child)),
                            _ => body = Some(child),
                        }
                    }
                }
                Kind::ParenthesizedExpression => {
                    body = node.named_child(0).filter(|_| node.named_child_count() == 1);
                }
                _ => {}
            }
        }
        takes
    }

    fn module_item(&mut self, id: ItemId, node: Node<'t>, is_recursive: bool) -> ItemKind {
        let is_signature = self.frame.is_signature;
        self.counts.fields += u32::from(!is_signature);
        let module = self.module_binding(node, is_signature, is_recursive);
        let names = module.names;
        match module.body {
            ModuleBody::Expr(body) => ItemKind::Module { names, body, is_recursive },
            ModuleBody::Type(body) => ItemKind::ModuleSpec { names, body, is_recursive },
            ModuleBody::Substitution(path) => {
                self.wants.push(Want {
                    item: id,
                    slot: Slot::Substituted,
                    span: path,
                    kind: RefKind::Module,
                });
                // Overwritten when the path, which the grammar demands, has been met.
                ItemKind::ModuleSubstitution { names, path: RefId(self.facts.refs.len() as u32) }
            }
        }
    }

    fn class_item(&mut self, id: ItemId, children: &[Child<'t>]) -> ItemKind {
        let names = self.names_of(children, &[Kind::ClassName]);
        let is_function =
            children.iter().any(|child| matches!(child.kind, Kind::Parameter | Kind::AbstractType));
        if let Some(body) = children.iter().find(|child| child.field == Field::Body && !is_function)
            && let Some(path) = self.class_path(body.node, body.kind)
        {
            self.want(id, Slot::Ident, path, RefKind::Class);
        }
        if !self.frame.is_signature {
            self.counts.fields += 1;
        }
        self.plan_rest(children, &[Kind::ClassName]);
        ItemKind::Class { names, ident: None }
    }

    /// The path of a class expression that is one, with or without type arguments.
    fn class_path(&self, node: Node<'t>, kind: Kind) -> Option<Node<'t>> {
        match kind {
            Kind::ClassPath => Some(node),
            Kind::InstantiatedClass => {
                let mut cursor = node.walk();
                let last = node.named_children(&mut cursor).filter(|child| !child.is_extra()).last()?;
                (self.syntax.kind(last.kind_id()) == Kind::ClassPath).then_some(last)
            }
            _ => None,
        }
    }

    fn plan_item_module(&mut self, children: &[Child<'t>], role: Role) -> ModuleExprId {
        let mut module = None;
        for &child in children {
            match child.field {
                Field::Module => module = Some(self.plan_module_expr(child, role)),
                _ => self.plan_unless_name(child),
            }
        }
        module.unwrap_or_else(|| self.new_module_expr())
    }

    fn names_of(&mut self, children: &[Child<'t>], kinds: &[Kind]) -> Names {
        match children.iter().find(|child| kinds.contains(&child.kind)) {
            Some(child) => self.one_name(child.node),
            None => Names::default(),
        }
    }

    /// The one name that an item binds.
    fn one_name(&mut self, node: Node<'t>) -> Names {
        let name = self.value_name(node);
        self.bound_names([(name, span(node))])
    }

    /// Plans the children that are not the item's own name or attributes.
    fn plan_rest(&mut self, children: &[Child<'t>], names: &[Kind]) {
        let mut is_named = false;
        for &child in children {
            if !is_named && names.contains(&child.kind) {
                is_named = true;
            } else {
                self.plan_unless_name(child);
            }
        }
    }

    fn plan_unless_name(&mut self, child: Child<'t>) {
        if !matches!(child.kind, Kind::ModuleTypeName | Kind::ItemAttribute | Kind::AttributeId) {
            self.plan(child, Place::Plain);
        }
    }

    /// Makes an item, and makes its scope the current one.
    fn begin_item(&mut self, kind: ItemKind, span: Span, before: u32, first: u32) -> ItemId {
        let id = ItemId::new(self.facts.items.len());
        let Frame { structure, outer, .. } = self.frame;
        self.return_to(outer);
        let scope = self.enter(Binder::Items { structure, before });
        let items = &mut self.facts.structures[structure.idx()].items;
        items.push(id);
        let group = items.get(first as usize).copied().unwrap_or(id);
        let refs = self.facts.refs.len() as u32;
        let rewrites = self.facts.rewrites.len() as u32;
        let item = Item {
            kind,
            span,
            refs: refs..refs,
            rewrites: rewrites..rewrites,
            scope,
            group,
            parent: structure,
            counts: CountsAt::ZERO,
        };
        self.facts.items.push(item);
        self.begun.push((id, self.counts));
        for (kind, name, keyword, span) in std::mem::take(&mut self.pending) {
            match kind {
                RewriteKind::Keyword => self.keyword_rewrite(name, keyword, span),
                _ => self.rewrite(kind, name, span),
            }
        }
        id
    }

    pub(super) fn begin_broken(&mut self, span: Span) {
        let first = self.facts.structures[self.frame.structure.idx()].items.len() as u32;
        self.begin_item(ItemKind::Broken, span, first, first);
    }

    pub(super) fn end_item(&mut self, id: ItemId) {
        let items = &self.facts.structures[self.frame.structure.idx()].items;
        let Some(id) = (if id == BROKEN { items.last().copied() } else { Some(id) }) else { return };
        let (n_refs, n_rewrites) = (self.facts.refs.len() as u32, self.facts.rewrites.len() as u32);
        let item = &mut self.facts.items[id.idx()];
        item.refs.end = n_refs;
        item.rewrites.end = n_rewrites;
        while let Some((begun, before)) = self.begun.pop() {
            if begun == id {
                item.counts = self.facts.counts.push(self.counts - before);
                break;
            }
        }
        let is_void = item.kind == ItemKind::Broken && item.refs.is_empty() && item.rewrites.is_empty();
        while let Some(want) = self.wants.pop_if(|want| want.item == id) {
            self.fulfil(&want);
        }
        if is_void && id.idx() + 1 == self.facts.items.len() {
            self.facts.items.pop();
            self.facts.structures[self.frame.structure.idx()].items.pop();
        }
        self.return_to(self.frame.outer);
    }

    pub(super) fn item_names(&mut self, item: ItemId) {
        let bound = self.take_bound();
        let names = self.bound_names(bound);
        self.counts.fields += names.end - names.start;
        if let ItemKind::Value { names: place, .. } = &mut self.facts.items[item.idx()].kind {
            *place = names;
        }
    }
}
