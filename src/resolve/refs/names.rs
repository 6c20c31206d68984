//! What values, constructors, fields, types, module types and classes in the text mean.

use super::Walk;
use super::path::sibling;
use crate::base::{Name, Span, UnitId};
use crate::parse::{ItemKind, RefKind, Reference, Rewrite, RewriteKind, Role};
use crate::resolve::eval::{Addr, Binding, EMPTY, Find, Found, Reason};
use crate::resolve::index::{Home, Space, join};
use crate::resolve::model::{DefKind, EdgeFlags, EdgeKind, Target, TypePart, Unresolved};
use crate::resolve::rewriters;

impl Walk<'_, '_, '_> {
    pub(super) fn references(&mut self) {
        let payloads = self.payloads();
        let mut n_skipped = 0;
        for (index, payload) in payloads.into_iter().enumerate() {
            if let Some(before) = index.checked_sub(1) {
                self.eval.followed(self.file, self.facts.refs[before].span);
            }
            let mut reference = self.facts.refs[index];
            let owner = self.owners[index];
            if let Some(owners) = self.takers(owner, reference.span) {
                reference.in_extension = false;
                for owner in owners {
                    self.eval.hops.clear();
                    match reference.kind {
                        RefKind::Module => self.module_reference(Some(owner), &reference),
                        _ => self.plain_reference(Some(owner), &reference),
                    }
                }
                continue;
            }
            if n_skipped > 0 && reference.kind == RefKind::Value {
                n_skipped -= 1;
                continue;
            }
            n_skipped = 0;
            if self.is_left_out(reference.span) {
                reference.role = Role::TypeLevel;
            }
            match payload {
                Payload::Quoted => continue,
                Payload::Code => reference.in_extension = false,
                Payload::Unknown => {}
            }
            self.eval.hops.clear();
            if reference.kind == RefKind::Value
                && let Some(n_more) = self.method_operator(owner, index)
            {
                n_skipped = n_more;
                continue;
            }
            match reference.kind {
                RefKind::Module => self.module_reference(owner, &reference),
                _ => self.plain_reference(owner, &reference),
            }
        }
    }

    /// Where the name is an operator that a rewriter takes (`x##m`, `x##.p`, `x##.p := e`): how many names behind it are a
    /// method or an assignment, and no values.
    fn method_operator(&mut self, owner: Option<u32>, index: usize) -> Option<usize> {
        let reference = self.facts.refs[index];
        let [operator] = *self.facts.names(reference.path) else { return None };
        if !operator.starts_with('#') || !matches!(self.resolve(&reference, Space::Value), Find::Absent) {
            return None;
        }
        let is_set = self.facts.refs.get(index + 2).is_some_and(|third| {
            let is_assignment = |name: &Name| name.as_str() == ":=";
            third.kind == RefKind::Value && self.facts.names(third.path).iter().all(is_assignment)
        });
        let assignment = is_set.then(|| rewriters::operator(&format!("{operator}:="))).flatten();
        let n_more = if assignment.is_some() { 2 } else { 1 };
        for uses in assignment.or_else(|| rewriters::operator(&operator))? {
            let mut is_there = false;
            for path in uses {
                is_there |= self.ghost_value(owner, path, reference.scope, reference.span);
            }
            if is_there {
                return Some(n_more);
            }
        }
        None
    }

    /// Whether a place is in an assertion that the compiler leaves out.
    fn is_left_out(&self, span: Span) -> bool {
        let holds = |rewrite: &Rewrite| {
            rewrite.kind == RewriteKind::Implicit
                && rewrite.name.as_str() == "assert"
                && rewrite.span.start <= span.start
                && span.end <= rewrite.span.end
        };
        self.eval.world.project.unit(self.unit).noassert && self.facts.rewrites.iter().any(holds)
    }

    pub(super) fn resolve(&mut self, reference: &Reference, space: Space) -> Find {
        let path = self.facts.names(reference.path);
        self.eval.resolve(self.file, self.facts, path, reference.scope, EMPTY, space)
    }

    /// What the extension nodes around each reference make of it: code of its own, quoted (`[%expr ..]`: data, not code),
    /// or unknown.
    fn payloads(&self) -> Vec<Payload> {
        let mut payloads = vec![Payload::Code; self.facts.refs.len()];
        let nodes = self.facts.rewrites.iter().filter(|rewrite| rewrite.kind == RewriteKind::Extension);
        // Nodes come in source order, the outer ones first: the innermost one has the last word.
        for node in nodes {
            let payload = match rewriters::rule(node.kind, node.name, false) {
                Some(rule) if rule.is_quote => Payload::Quoted,
                Some(_) => Payload::Code,
                None if rewriters::is_builtin(node.kind, node.name) => Payload::Code,
                None => Payload::Unknown,
            };
            let start = self.facts.refs.partition_point(|reference| reference.span.start < node.span.start);
            let inside = |reference: &&Reference| reference.span.start < node.span.end;
            let n_inside = self.facts.refs[start..].iter().take_while(inside).count();
            payloads[start..start + n_inside].fill(payload);
        }
        payloads
    }

    fn plain_reference(&mut self, owner: Option<u32>, reference: &Reference) {
        let space = Space::from(reference.kind);
        if matches!(space, Space::Constructor | Space::Field) && self.of_several(owner, reference, space) {
            return;
        }
        match self.resolve(reference, space) {
            Find::Found(found) => self.found(owner, reference, space, &found, EdgeFlags::default()),
            Find::Local => {}
            Find::Unknown(reason) => self.unresolved(reference, reason),
            // Not in scope: the expected type says which it is. Extension constructors are never found so.
            Find::Absent if matches!(space, Space::Constructor | Space::Field) => {
                let candidates = self.of_types_nearby(reference, space);
                if candidates.is_empty() {
                    self.unresolved(reference, Reason::TypeDirected);
                }
                for found in &candidates {
                    let flags = EdgeFlags { ambiguous: true, by_type: true, ..EdgeFlags::default() };
                    self.found(owner, reference, space, found, flags);
                }
            }
            Find::Absent => {
                // Instance variables come from the classes that are inherited, which only types tell.
                let owner = owner.map(|owner| self.defs.defs[owner as usize].kind);
                let is_plain = reference.path.range().len() == 1 && space == Space::Value;
                let in_class = is_plain && owner == Some(DefKind::Class);
                self.unresolved(reference, if in_class { Reason::InstanceVariable } else { Reason::Unbound });
            }
        }
    }

    /// The constructors or fields of a name in all types of the unit and of the units that it has named so far: only the
    /// expected type tells which of them is meant.
    fn of_types_nearby(&mut self, reference: &Reference, space: Space) -> Vec<Found> {
        const MAX: usize = 32;
        let [last] = *self.facts.names(reference.path) else { return Vec::new() };
        let world = self.eval.world;
        let units = self.eval.mentioned.once().to_vec();
        let of_unit = |unit: UnitId| {
            let source = world.project.unit(unit);
            source.signature().or(source.implementation()).map(|file| (unit, file))
        };
        let others = units.into_iter().filter(|&unit| unit != self.unit).filter_map(of_unit);
        let files = std::iter::once((self.unit, self.file)).chain(others);
        let mut found = Vec::new();
        for (unit, file) in files {
            let Some(loaded) = self.eval.file(file) else { continue };
            for (structure, (scopes, home)) in loaded.index.scopes.iter().zip(&loaded.index.homes).enumerate()
            {
                let Home::Path(prefix) = *home else { continue };
                for &slot in scopes.names.get(space, last) {
                    let item = loaded.facts.structures[structure].items[slot.position as usize];
                    if !matches!(loaded.facts.item(item).kind, ItemKind::Type { .. }) || found.len() >= MAX {
                        continue;
                    }
                    let link = Addr::Field(unit, join(prefix, last));
                    let item = Some(Binding { file, item, slot });
                    found.push(Found {
                        link,
                        canon: link,
                        origin: link,
                        item,
                        module: None,
                        absent: false,
                        env: EMPTY,
                    });
                }
            }
        }
        found
    }

    /// Whether the constructor or field belongs to a type, and not to an exception or extension.
    fn is_type(&self, binding: Binding) -> bool {
        self.eval.file(binding.file).is_some_and(|loaded| {
            matches!(loaded.facts.item(binding.item).kind, ItemKind::Type { .. }) && !binding.slot.is_derived
        })
    }

    fn found(
        &mut self,
        owner: Option<u32>,
        reference: &Reference,
        space: Space,
        found: &Found,
        mut flags: EdgeFlags,
    ) {
        let Addr::Field(unit, path) = found.link else { return };
        let mut target = Target { unit, path };
        flags.ambiguous |= reference.in_extension;
        // What is never run is named and not read.
        if reference.role == Role::TypeLevel
            && matches!(space, Space::Value | Space::Class | Space::Constructor)
            && !found.item.is_some_and(|binding| self.is_type(binding))
        {
            return self.edge(owner, EdgeKind::Name, target, space, reference.span, flags);
        }
        let Some(binding) = found.item else {
            // The module is known, its members are not: the name is taken for what its place says.
            let kind = match space {
                Space::Value => EdgeKind::Value,
                Space::Class => EdgeKind::Class,
                Space::Constructor if reference.role == Role::Exception => EdgeKind::Exception,
                Space::Constructor | Space::Field | Space::Type | Space::ClassType => EdgeKind::Type,
                Space::ModuleType => EdgeKind::ModuleType,
                Space::Module => EdgeKind::Module,
            };
            flags.ambiguous = true;
            self.unresolved(reference, Reason::NoInterface);
            return self.edge(owner, kind, target, space, reference.span, flags);
        };
        let Some(loaded) = self.eval.file(binding.file).cloned() else { return };
        let item = loaded.facts.item(binding.item);
        let kind = match &item.kind {
            _ if binding.slot.is_derived && space == Space::Value => EdgeKind::Value,
            ItemKind::External { primitive, .. } => {
                if primitive.as_str() == "%lazy_force" {
                    self.implicit(
                        owner,
                        "CamlinternalLazy",
                        "force_lazy_block",
                        EdgeKind::Value,
                        reference.span,
                    );
                }
                // `%sys_argv` is a C function in disguise.
                if primitive.starts_with('%') && primitive.as_str() != "%sys_argv" {
                    // Primitives are resolved by typing, through every alias.
                    if let Addr::Field(unit, path) = found.canon {
                        target = Target { unit, path };
                    }
                    EdgeKind::Primitive
                } else {
                    let flags = EdgeFlags { ambiguous: reference.in_extension, ..EdgeFlags::default() };
                    return self.c_external(owner, reference.span, flags, found);
                }
            }
            ItemKind::Exception { .. } => EdgeKind::Exception,
            ItemKind::TypeExtension { .. } => EdgeKind::Extension,
            ItemKind::Type { names, .. } => {
                // Types are known by where typing finds them, through every alias.
                if let Addr::Field(unit, path) = found.canon {
                    target = Target { unit, path };
                }
                // Constructors and fields belong to their type.
                if matches!(space, Space::Constructor | Space::Field)
                    && let Some(&ty) = loaded.facts.names(*names).first()
                {
                    target.path = sibling(target.path, ty);
                    flags.part = Some(match space {
                        Space::Constructor => TypePart::Constructor,
                        _ => TypePart::Field,
                    });
                }
                EdgeKind::Type
            }
            ItemKind::ClassType { .. } => EdgeKind::Type,
            ItemKind::Class { .. } if space != Space::Class => EdgeKind::Type,
            ItemKind::Class { .. } => EdgeKind::Class,
            ItemKind::ModuleTypeDef { .. } => {
                if let Addr::Field(unit, path) = found.canon {
                    target = Target { unit, path };
                }
                EdgeKind::ModuleType
            }
            _ => EdgeKind::Value,
        };
        let space = match (kind, space) {
            (EdgeKind::Type, Space::Constructor | Space::Field | Space::ClassType) => Space::Type,
            (_, space) => space,
        };
        // `e |> f` and `f @@ e` are applications to the type checker: the operator is gone.
        if kind == EdgeKind::Primitive
            && let ItemKind::External { primitive, .. } = &item.kind
            && matches!(primitive.as_str(), "%revapply" | "%apply")
            && reference.span.len() as usize
                == self.facts.names(reference.path).last().map_or(0, |name| name.len())
        {
            return;
        }
        // In the unit's own text the very binding is known; outside, the last one of the name is meant.
        let own = (binding.file == self.file && target.unit == self.unit && space != Space::Type)
            .then(|| self.own_def(binding.item, target.path))
            .flatten();
        match own {
            Some(number) => self.edge_to(owner, kind, target, (self.unit, number), reference.span, flags),
            None => self.edge(owner, kind, target, space, reference.span, flags),
        }
    }

    /// A constructor or field that several types in scope have: the type that is expected says which is meant, so all of
    /// them count. Where an exception is meant, types do not; where the last one in scope belongs to a type, exceptions
    /// do not.
    fn of_several(&mut self, owner: Option<u32>, reference: &Reference, space: Space) -> bool {
        let path = self.facts.names(reference.path);
        let mut all = self.eval.resolve_every(self.file, self.facts, path, reference.scope, EMPTY, space);
        if all.len() < 2 {
            return false;
        }
        let is_type = |walk: &Self, found: &Found| found.item.is_some_and(|binding| walk.is_type(binding));
        if reference.role == Role::Exception {
            if let Some(at) = all.iter().position(|found| !is_type(self, found)) {
                all = vec![all.swap_remove(at)];
            }
        } else if is_type(self, &all[0]) {
            all.retain(|found| is_type(self, found));
        } else {
            // Exceptions have one type, so the last one hides the others.
            let mut is_hidden = false;
            all.retain(|found| is_type(self, found) || !std::mem::replace(&mut is_hidden, true));
        }
        let is_one_of_several = all.len() > 1;
        for found in &all {
            let flags = EdgeFlags { ambiguous: is_one_of_several, ..EdgeFlags::default() };
            self.found(owner, reference, space, found, flags);
        }
        true
    }

    fn own_def(&self, item: crate::parse::ItemId, path: Name) -> Option<u32> {
        let first = *self.defs.by_item.get(&item)?;
        let same_item =
            (first..).zip(&self.defs.defs[first as usize..]).take_while(|(_, def)| def.item == item);
        same_item.into_iter().find(|(_, def)| def.path == path).map(|(number, _)| number)
    }

    /// A C external is linked through every alias, and needs the alias tables on the way without `-no-alias-deps`.
    pub(super) fn c_external(&mut self, owner: Option<u32>, span: Span, flags: EdgeFlags, found: &Found) {
        let Addr::Field(unit, path) = found.canon else { return };
        self.edge(owner, EdgeKind::CExternal, Target { unit, path }, Space::Value, span, flags);
        if !self.no_alias_deps() {
            let mut heads: Vec<UnitId> = self.eval.hops.clone();
            if let Addr::Field(link, _) = found.link
                && link != unit
            {
                heads.push(link);
            }
            self.alias_required(owner, &heads, span);
        }
    }

    pub(super) fn unresolved(&mut self, reference: &Reference, reason: Reason) {
        // One problem says it for all of them.
        if self.eval.is_exhausted() {
            return;
        }
        let path: Vec<&str> = self.facts.names(reference.path).iter().map(|name| name.as_str()).collect();
        self.out.unresolved.push(Unresolved {
            unit: self.unit,
            file: self.file,
            path: path.join("."),
            span: reference.span,
            reason: if reference.in_extension { Reason::Extension.word() } else { reason.word() },
        });
    }
}

/// See [`Walk::payloads`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payload {
    Code,
    Quoted,
    Unknown,
}
