//! Declarations of types and exceptions: their constructors and fields, and the type that they stand for.

use super::structure::Binding;
use super::want::Slot;
use crate::base::{Name, Span};
use crate::parse::syntax::{Field, Kind};
use crate::parse::type_shape::attributes_behind;
use crate::parse::walk::{Child, Task, Walk, span};
use crate::parse::{ItemId, ItemKind, Names, RefKind, Role, TypeHead, TypeShape};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn type_item(&mut self, id: ItemId, children: &[Child<'t>], binding: Binding) -> ItemKind {
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
            self.text.get(head).is_some_and(|head| head.iter().any(|byte| b"+-".contains(byte)))
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

    pub(super) fn exception_item(&mut self, id: ItemId, children: &[Child<'t>]) -> ItemKind {
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
    pub(super) fn type_head(&mut self, item: ItemId, mut node: Node<'t>) -> TypeHead {
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
}
