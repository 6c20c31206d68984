//! What the names in a specification mean, and what stands for them in the new interface.

use super::constraints::Constraint;
use super::{Reason, Signature, Spec, Spelled, Torn};
use crate::base::{Name, Span, name};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleType, Reference, ScopeId};
use crate::resolve::{Addr, EMPTY, Find, Space as Names};
use crate::split::lexicon::Lexical;
use crate::split::patch::source::Changes;
use crate::split::patch::writer::Writer;

impl Torn<'_> {
    /// What a name in a specification becomes.
    pub(super) fn reference<'a>(
        &self,
        writer: &mut Writer<'a>,
        signature: &Signature,
        spec: &Spec<'a>,
        reference: &Reference,
        changes: &mut Changes,
        spelled: &mut Spelled,
    ) -> Result<(), Reason> {
        let facts = spec.source.facts;
        let path = facts.names(reference.path).to_vec();
        let Some(&head) = path.first() else { return Ok(()) };
        let is_plain = path.len() == 1;
        let space = if is_plain { Names::from(reference.kind) } else { Names::Module };
        let Some(place) = self.place_of(writer, signature, spec, (space, head), reference.scope) else {
            return Ok(());
        };
        if place == Where::Signature {
            if spelled.names.contains(&(space.into(), head)) {
                return match spelled.before.contains(&(space.into(), head)) {
                    true => Ok(()),
                    false => Err(format!("{head} would stand behind what names it")),
                };
            }
            let head_span =
                Span { start: reference.span.start, end: reference.span.start + head.len() as u32 };
            let mut said = signature.constraints.iter();
            let said = said.find(|known| known.name == head && known.is_module != (space == Names::Type));
            if let Some(said) = said {
                self.becomes(writer, said, spelled)?;
                let instead = said.instead(self.interface);
                let instead = instead
                    .ok_or_else(|| format!("what {head} becomes is no type with the same parameters"))?;
                changes.replace(head_span, instead);
                return Ok(());
            }
            let Some(included) = &signature.included else {
                return Err(format!("it names {head}, which stays in the old unit"));
            };
            changes.insert(reference.span.start, format!("{included}."));
            return Ok(());
        }
        if spelled.before.contains(&(space.into(), head)) {
            return Err(format!("there are two of the name {head}"));
        }
        let kind = Names::from(reference.kind);
        let meant = writer.eval.resolve(spec.file, facts, &path, reference.scope, EMPTY, kind);
        // By its own name, or as something that stands beside the signature, or around it, or in the standard library.
        let around = (1..=signature.prefix.len()).rev().map(|n| &signature.prefix[..n]);
        let stdlib = [name("Stdlib")];
        for prefix in [&[][..]].into_iter().chain(around).chain([&stdlib[..]]) {
            let candidate: Vec<Name> = prefix.iter().chain(&path).copied().collect();
            if self.means(writer, signature.scope, &candidate, kind, &meant) {
                let prefix: String = prefix.iter().map(|name| format!("{name}.")).collect();
                changes.insert(reference.span.start, prefix);
                return Ok(());
            }
        }
        let path: Vec<&str> = path.iter().map(|name| name.as_str()).collect();
        Err(format!("the new interface has no name for {}", path.join(".")))
    }

    /// Where a name in a specification is bound; none where that is in the specification itself.
    fn place_of<'a>(
        &self,
        writer: &mut Writer<'a>,
        signature: &Signature,
        spec: &Spec<'a>,
        (space, name): (Names, Name),
        scope: ScopeId,
    ) -> Option<Where> {
        let item = |found: Find| match found {
            Find::Found(found) => found.item.map(|binding| (binding.file, binding.item)),
            _ => None,
        };
        let here = item(writer.eval.lookup(spec.file, scope, EMPTY, space, name));
        let facts = spec.source.facts;
        let span = facts.item(spec.item).span;
        if let Some((file, inner)) = here
            && file == spec.file
            && inner != spec.item
            && span.contains(facts.item(inner).span.start)
        {
            return None;
        }
        if space == Names::Module && has_parameter(facts, spec.item, name) {
            return None;
        }
        let there = item(writer.eval.find(signature.base, space, name));
        Some(if here.is_some() && here == there { Where::Signature } else { Where::Outside })
    }

    /// Whether a path means in the new interface what it means in a specification.
    fn means(
        &self,
        writer: &mut Writer<'_>,
        scope: ScopeId,
        path: &[Name],
        space: Names,
        meant: &Find,
    ) -> bool {
        let facts: &FileFacts = self.interface.facts;
        let head_space = if path.len() == 1 { space } else { Names::Module };
        if !self.is_nameable(writer, scope, head_space, path[0]) {
            return false;
        }
        let here = writer.eval.resolve(self.mli, facts, path, scope, EMPTY, space);
        match (&here, meant) {
            (Find::Local, Find::Local) => true,
            (Find::Found(here), Find::Found(meant)) => match here.canon {
                Addr::Field(..) => here.canon == meant.canon,
                Addr::Local => false,
            },
            _ => false,
        }
    }

    /// Whether the new interface has a name that is in scope at the `include`.
    pub(super) fn is_nameable(
        &self,
        writer: &mut Writer<'_>,
        scope: ScopeId,
        space: Names,
        name: Name,
    ) -> bool {
        match writer.eval.lookup(self.mli, scope, EMPTY, space, name) {
            Find::Found(found) => match found.link {
                // What an `open` of a module of the interface brings is another one.
                Addr::Field(unit, path) if unit == self.unit => {
                    path == name && self.bound.contains(&(space.into(), name))
                }
                _ => true,
            },
            Find::Local => true,
            _ => false,
        }
    }

    /// Notes what a constraint names of the rest of the interface, where the new one has names for all of it.
    pub(super) fn becomes(
        &self,
        writer: &mut Writer<'_>,
        constraint: &Constraint,
        spelled: &mut Spelled,
    ) -> Result<(), Reason> {
        let facts = self.interface.facts;
        let range = facts.item(self.item).refs.clone();
        for reference in &facts.refs[range.start as usize..range.end as usize] {
            if !constraint.becomes.contains(reference.span.start) {
                continue;
            }
            let Some((space, head)) = self.lexicon.head(reference) else { continue };
            // A constraint does not see the names of the signature; what is spelled out does.
            if spelled.names.contains(&(space, head)) {
                return Err(format!("there are two of the name {head}"));
            }
            match self.lexicon.lookup(reference) {
                Lexical::Root(_) => spelled.named.push(*reference),
                _ if self.is_nameable(writer, reference.scope, space.into(), head) => {}
                _ => return Err(format!("it names {head}, which stays in the old unit")),
            }
        }
        Ok(())
    }
}

/// Where a name in a specification is bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Where {
    /// The signature that is included has it.
    Signature,
    Outside,
}

/// Whether a functor has a parameter of this name, or a functor inside it.
fn has_parameter(facts: &FileFacts, item: ItemId, name: Name) -> bool {
    let ItemKind::ModuleSpec { body, .. } = &facts.item(item).kind else { return false };
    let mut module_type = *body;
    while let ModuleType::Functor { param, result } = facts.module_type(module_type) {
        if param.as_ref().is_some_and(|param| facts.names(param.names).contains(&name)) {
            return true;
        }
        module_type = *result;
    }
    false
}
