//! Structures, signatures and their items.

use super::super::syntax::{Field, Kind};
use super::super::type_shape::attributes_behind;
use super::super::{
    Binder, Item, ItemId, ItemKind, Names, RefKind, RewriteKind, Role, Shape, Structure, StructureId,
    TypeHead, TypeShape,
};
use super::module::ModuleBody;
use super::{Child, Frame, Place, Task, Walk, span};
use crate::base::{Idx, Name, RefId, Span};
use tree_sitter::Node;

/// Where an item stands in its group.
#[derive(Clone, Copy)]
pub(super) struct Binding {
    /// Where its text starts: at its keyword.
    start: u32,
    /// Items at this position and later are not in scope.
    before: u32,
    /// The position of the first item of the group.
    first: u32,
    /// Whether it has `rec` or `nonrec`.
    has_rec: bool,
}

/// A reference that is known by its place before it is met.
pub(super) struct Want {
    item: ItemId,
    slot: Slot,
    span: Span,
    kind: RefKind,
}

enum Slot {
    Ident,
    Manifest,
    Head,
    Rebind(usize),
    Substituted,
}

impl<'t> Walk<'t> {
    /// Begins a structure or signature and returns its id.
    pub(super) fn structure(&mut self, node: Node<'t>, is_signature: bool) -> StructureId {
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
    pub(super) fn structure_items(&mut self, node: Node<'t>) {
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

    pub(super) fn end_structure(&mut self, outer: Frame) {
        self.type_level -= u32::from(self.frame.is_signature);
        self.return_to(self.frame.outer);
        self.frame = outer;
    }

    /// Plans the items of one child of a structure: one per binding.
    pub(super) fn group(&mut self, node: Node<'t>, kind: Kind) {
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
            let nothing = crate::base::name("");
            self.pending.push((RewriteKind::Implicit, crate::base::name("module-rec"), nothing, span(node)));
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
            // What has been counted before it; `end_item` takes the difference.
            counts: self.counts,
        };
        self.facts.items.push(item);
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
        item.counts = self.counts - item.counts;
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

    /// Finds a reference by its place; references are in source order.
    fn fulfil(&mut self, want: &Want) {
        let item = &mut self.facts.items[want.item.idx()];
        let refs = &self.facts.refs[item.refs.start as usize..item.refs.end as usize];
        let from = refs.partition_point(|reference| reference.span.start < want.span.start);
        let found = refs[from..]
            .iter()
            .take_while(|reference| reference.span.start == want.span.start)
            .position(|reference| reference.span == want.span && reference.kind == want.kind)
            .map(|at| RefId::new(item.refs.start as usize + from + at));
        match (&mut item.kind, &want.slot) {
            (ItemKind::Value { ident, .. } | ItemKind::Class { ident, .. }, Slot::Ident) => *ident = found,
            (ItemKind::Type { manifest, .. }, Slot::Manifest) => *manifest = found,
            (ItemKind::ValueSpec { head, .. }, Slot::Head) => *head = TypeHead::Path(found),
            (ItemKind::Exception { rebind, .. }, Slot::Rebind(_)) => *rebind = found,
            (ItemKind::TypeExtension { rebinds, .. }, Slot::Rebind(at)) => rebinds[*at] = found,
            (ItemKind::ModuleSubstitution { path, .. }, Slot::Substituted) => {
                if let Some(found) = found {
                    *path = found;
                }
            }
            _ => {}
        }
    }

    fn want(&mut self, item: ItemId, slot: Slot, node: Node<'t>, kind: RefKind) {
        self.wants.push(Want { item, slot, span: span(node), kind });
    }

    pub(super) fn item_names(&mut self, item: ItemId) {
        let bound = self.take_bound();
        let names = self.bound_names(bound);
        self.counts.fields += names.end - names.start;
        if let ItemKind::Value { names: place, .. } = &mut self.facts.items[item.idx()].kind {
            *place = names;
        }
    }

    /// The one name that an item binds.
    fn one_name(&mut self, node: Node<'t>) -> Names {
        let name = self.value_name(node);
        self.bound_names([(name, span(node))])
    }

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
                let string =
                    children.iter().find(|child| matches!(child.kind, Kind::String | Kind::QuotedString));
                let primitive = string.map_or(crate::base::name(""), |child| self.string_value(child.node));
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

    fn plan_item_module(&mut self, children: &[Child<'t>], role: Role) -> super::ModuleExprId {
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

    fn value_item(&mut self, id: ItemId, children: &[Child<'t>]) -> ItemKind {
        let body = children.iter().find(|child| child.field == Field::Body).copied();
        let n_params = children.iter().filter(|child| child.kind == Kind::Parameter).count();
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
        self.tasks.push(Task::Mark);
        if let Some(&pattern) = pattern {
            self.plan(pattern, Place::Pattern);
        }
        self.tasks.push(Task::ItemNames(id));
        self.plan_binding(children);
        ItemKind::Value { names: Names::default(), shape, is_simple, ident: None }
    }

    fn type_item(&mut self, id: ItemId, children: &[Child<'t>], binding: Binding) -> ItemKind {
        let body = children.iter().find(|child| child.field == Field::Body);
        let name = children.iter().find(|child| child.field == Field::Name);
        let constructors = match body {
            Some(body) if body.kind == Kind::VariantDeclaration => self.constructors(body.node),
            _ => Vec::new(),
        };
        let bound: Vec<(Name, Span)> = constructors.iter().map(|&(name, span, _)| (name, span)).collect();
        if children.iter().any(|child| child.kind == Kind::PlusEquals) {
            let constructors_names = self.bound_names(bound);
            self.counts.fields += constructors_names.end - constructors_names.start;
            let path = match name {
                Some(name) => self.path_ref(name.node, RefKind::Type, Role::Plain),
                None => self.push_ref(RefKind::Type, Role::Plain, Names::default(), Span::default()),
            };
            let rebinds = vec![None; constructors.len()];
            for (at, (_, _, rebind)) in constructors.into_iter().enumerate().rev() {
                if let Some(node) = rebind {
                    self.want(id, Slot::Rebind(at), node, RefKind::Constructor);
                }
            }
            self.plan_rest(children, &[Kind::TypeConstructorPath]);
            return ItemKind::TypeExtension { path, constructors: constructors_names, rebinds };
        }
        let names = name.map_or(Names::default(), |name| self.one_name(name.node));
        let constructors = self.bound_names(bound);
        let fields = match body {
            Some(body) if body.kind == Kind::RecordDeclaration => self.record_fields(body.node, false),
            _ => Names::default(),
        };
        let mutable_fields = match body {
            Some(body) if self.derives && body.kind == Kind::RecordDeclaration => {
                self.record_fields(body.node, true)
            }
            _ => Names::default(),
        };
        let synonym = children.iter().find(|child| child.field == Field::Synonym);
        let manifest = synonym.or(body).and_then(|child| self.type_path(child.node, child.kind));
        if let Some(path) = manifest {
            self.want(id, Slot::Manifest, path, RefKind::Type);
        }
        let is_param = |child: &&Child<'_>| child.kind == Kind::TypeVariable && child.field == Field::Other;
        let has_variance = name.is_some_and(|name| {
            let head = self.facts.item(id).span.start as usize..name.node.start_byte();
            self.text.get(head).is_some_and(|head| head.iter().any(|byte| b"+-!".contains(byte)))
        });
        let n_params = children.iter().filter(is_param).count() as u32;
        let mut shape = TypeShape::default();
        if self.derives {
            shape = match body {
                Some(body) => {
                    self.type_marks(body.node);
                    TypeShape::of(body.node, self.text)
                }
                None => TypeShape::ABSTRACT,
            };
            if n_params > 0 {
                shape = shape.union(TypeShape::PARAMETERS);
            }
        }
        let kind = ItemKind::Type {
            names,
            constructors,
            fields,
            mutable_fields,
            manifest: None,
            is_abstract: body.is_none(),
            is_open: body.is_some_and(|child| child.kind == Kind::DotDot),
            n_params,
            has_variance,
            is_nonrec: binding.has_rec,
            is_substitution: children.iter().any(|child| child.kind == Kind::Substitution),
            shape,
        };
        let body = body.filter(|_| self.derives);
        self.tasks.extend(body.map(|_| Task::TypeAttributes(true)));
        self.plan_rest(children, &[Kind::TypeConstructor]);
        if let Some(body) = body {
            attributes_behind(body.node).into_iter().for_each(|attribute| self.type_attribute(attribute));
            self.has_type_attributes = false;
            self.tasks.push(Task::TypeAttributes(false));
        }
        kind
    }

    /// The constructors of a variant: name, its span, and what it is rebound to.
    fn constructors(&mut self, node: Node<'t>) -> Vec<(Name, Span, Option<Node<'t>>)> {
        let mut cursor = node.walk();
        let declarations: Vec<_> = node
            .named_children(&mut cursor)
            .filter(|child| self.syntax.kind(child.kind_id()) == Kind::ConstructorDeclaration)
            .collect();
        declarations.into_iter().filter_map(|declaration| self.constructor(declaration)).collect()
    }

    fn constructor(&mut self, node: Node<'t>) -> Option<(Name, Span, Option<Node<'t>>)> {
        let mut cursor = node.walk();
        let (mut name, mut rebind) = (None, None);
        for child in node.named_children(&mut cursor) {
            match self.syntax.kind(child.kind_id()) {
                Kind::ConstructorName | Kind::Unit | Kind::Boolean | Kind::EmptyList if name.is_none() => {
                    name = Some((self.intern_node(child), span(child)));
                }
                Kind::ConstructorPath => rebind = Some(child),
                _ => {}
            }
        }
        name.map(|(name, span)| (name, span, rebind))
    }

    /// The fields of a record, on request only those that can be set.
    fn record_fields(&mut self, node: Node<'t>, only_mutable: bool) -> Names {
        let mut cursor = node.walk();
        let mut bound = Vec::new();
        for field in node.named_children(&mut cursor) {
            let is_mutable = || field.child(0).is_some_and(|first| first.kind() == "mutable");
            if self.syntax.kind(field.kind_id()) == Kind::FieldDeclaration && (!only_mutable || is_mutable())
            {
                let mut inner = field.walk();
                let name = field
                    .named_children(&mut inner)
                    .find(|child| self.syntax.kind(child.kind_id()) == Kind::FieldName);
                bound.extend(name.map(|name| (self.intern_node(name), span(name))));
            }
        }
        self.bound_names(bound)
    }

    /// What a type is at its head: below parentheses and quantifiers.
    fn type_head(&mut self, item: ItemId, mut node: Node<'t>) -> TypeHead {
        loop {
            if let Some(path) = self.type_path(node, self.syntax.kind(node.kind_id())) {
                self.want(item, Slot::Head, path, RefKind::Type);
                return TypeHead::Path(None);
            }
            let inside =
                node.named_child_count().checked_sub(1).and_then(|last| node.named_child(last as u32));
            match (node.kind(), inside) {
                ("parenthesized_type" | "polymorphic_type", Some(inside)) => node = inside,
                (
                    "tuple_type"
                    | "type_variable"
                    | "object_type"
                    | "polymorphic_variant_type"
                    | "package_type",
                    _,
                ) => {
                    return TypeHead::Other;
                }
                _ => return TypeHead::Function,
            }
        }
    }

    /// The path of a type that is one, with or without arguments.
    fn type_path(&self, node: Node<'t>, kind: Kind) -> Option<Node<'t>> {
        match kind {
            Kind::TypeConstructorPath => Some(node),
            Kind::ConstructedType => {
                let mut cursor = node.walk();
                let last = node.named_children(&mut cursor).filter(|child| !child.is_extra()).last()?;
                (self.syntax.kind(last.kind_id()) == Kind::TypeConstructorPath).then_some(last)
            }
            _ => None,
        }
    }

    fn exception_item(&mut self, id: ItemId, children: &[Child<'t>]) -> ItemKind {
        let declaration = children.iter().find(|child| child.kind == Kind::ConstructorDeclaration);
        let constructor = declaration.and_then(|child| self.constructor(child.node));
        let names = match constructor {
            Some((name, span, rebind)) => {
                if let Some(node) = rebind {
                    self.want(id, Slot::Rebind(0), node, RefKind::Constructor);
                }
                self.bound_names([(name, span)])
            }
            None => Names::default(),
        };
        if !self.frame.is_signature {
            self.counts.fields += 1;
        }
        self.plan_rest(children, &[]);
        ItemKind::Exception { names, rebind: None }
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
}

/// Stands for the item that [`Walk::begin_broken`] makes, whose id is not known when its end is planned.
const BROKEN: ItemId = ItemId(u32::MAX);
