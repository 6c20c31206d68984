//! `extract-submodule` and `partition-unit`: one unit becomes several.
//!
//! Every part gets its pieces; the old unit includes what it re-exports and has aliases for what became a unit. Interfaces
//! follow (`interfaces`), and clients.

use super::Refusal;
use super::annotated::annotate;
use super::clients::{self, Renamed};
use super::header::Header;
use super::held::{SPACES, held_by};
use super::interfaces::{base, core, member};
use super::moved::OldUnit;
use super::siblings;
use super::writer::Writer;
use crate::base::{Name, Span};
use crate::parse::{ItemId, RefKind, Role as RefRole};
use crate::split::lexicon::{Lexical, Space, bindings};
use crate::split::plan::{AliasTarget, Clients, Part, Plan, Role, Wrapped};
use crate::split::signature::{Shown, module_signature};
use rustc_hash::FxHashSet;

/// Writes the edits of a plan that makes several units of one.
pub(super) fn write(writer: &mut Writer<'_>, plan: &Plan) -> Result<(), Refusal> {
    let unit = plan.unit.expect("the unit that is distributed");
    let old = OldUnit::read(writer, unit)?;
    siblings::check(writer, &old, plan)?;
    let mut header = old.interface.as_ref().map(|(mli, source)| Header::new(source, *mli, unit));
    if let Some(header) = &mut header {
        tell(&old, plan, header);
    }
    for part in &plan.parts {
        implementation(writer, &old, plan, part)?;
    }
    for alias in &plan.aliases {
        let AliasTarget::Part(public) = alias.to else { continue };
        let body = body_of(plan, public);
        let public_module = plan.parts[public].module.clone();
        if let (Some((mli, interface)), Some(header)) = (&old.interface, &header) {
            if let Role::Wrapper { .. } = plan.parts[public].role {
                header.may_wrap(alias.path)?;
            }
            member(writer, plan, (unit, public), *mli, interface, header, alias.path)?;
        }
        alias_line(writer, &old, &plan.parts[body], &public_module)?;
        if old.interface.is_some() && plan.parts[body].is_private {
            inner_names(writer, &old, plan, body);
        }
    }
    for &included in &plan.included {
        let part = &plan.parts[included];
        let mut line = format!("include {}\n", part.module);
        if part.role == Role::Core {
            let public = public_of(plan, included);
            line = format!("module {public} = {public}\n\n{line}");
        }
        old.take_out(writer, &part.items, &line);
        if let (Some((mli, interface)), Some(header)) = (&old.interface, &header) {
            match part.role {
                Role::Core => core(writer, &old, plan, included, *mli, interface, header)?,
                _ => base(writer, &old, part, *mli, interface, header)?,
            }
        }
    }
    for part in plan.parts.iter().filter(|part| part.role == Role::Effects) {
        old.take_out(writer, &part.items, "");
    }
    clients(writer, &old, plan)?;
    let added = plan.parts.iter().map(|part| part.module.clone()).collect();
    // Parts of a unit that other libraries do not see are none of theirs either; where it helps to implement a virtual
    // library, dune takes no other ones. What is linked on request has to be named by programs.
    let source = writer.tree.project.unit(unit);
    let is_implementing = writer.tree.project.library(source.library).implements.is_some();
    let is_private = |part: &&Part| {
        part.is_private || source.is_private && (is_implementing || part.role != Role::Effects)
    };
    let private = plan.parts.iter().filter(is_private).map(|part| part.module.clone()).collect();
    writer.list_modules(unit, added, private)
}

/// Clients that use a core name it.
fn clients(writer: &mut Writer<'_>, old: &OldUnit<'_>, plan: &Plan) -> Result<(), Refusal> {
    if plan.clients != Clients::Rewritten {
        return Ok(());
    }
    for (body, part) in plan.parts.iter().enumerate().filter(|(_, part)| part.role == Role::Core) {
        let held = held_by(writer, old, part);
        let suffix = format!(".{}", public_of(plan, body));
        let covers = |space: Option<Space>, name| match space {
            Some(space) => held.contains(&(space, name)),
            None => SPACES.into_iter().any(|space| held.contains(&(space.into(), name))),
        };
        let renamed = Renamed { unit: old.unit, covers: &covers, suffix: &suffix };
        if let Some((_, interface)) = &old.interface {
            let private = interface.private_abbreviations();
            clients::agree(writer, &renamed, &private)?;
        }
        clients::write(writer, &renamed)?;
    }
    Ok(())
}

/// The part that holds the code behind a public one.
pub(super) fn body_of(plan: &Plan, public: usize) -> usize {
    match plan.parts[public].role {
        Role::Wrapper { of: Wrapped::Part(body) } => body,
        _ => public,
    }
}

/// The name of the public unit of a part: its wrapper's, or its own.
pub(super) fn public_of(plan: &Plan, body: usize) -> &str {
    let wrapper = plan.parts.iter().find(|part| part.role == Role::Wrapper { of: Wrapped::Part(body) });
    &wrapper.unwrap_or(&plan.parts[body]).module
}

/// Says where the names of the old interface live.
fn tell(old: &OldUnit<'_>, plan: &Plan, header: &mut Header<'_>) {
    let facts = old.implementation.facts;
    for part in &plan.parts {
        match &part.role {
            Role::Base => {
                for &item in &part.items {
                    for (space, name) in bindings(facts, item) {
                        header.moved(space, name, &part.module);
                    }
                }
            }
            Role::Submodule { .. } | Role::Core | Role::Wrapper { .. } | Role::Effects => {}
        }
    }
    for alias in &plan.aliases {
        if let AliasTarget::Part(public) = alias.to {
            header.publish(alias.path, plan.parts[public].module.clone());
        }
    }
}

fn implementation(
    writer: &mut Writer<'_>,
    old: &OldUnit<'_>,
    plan: &Plan,
    part: &Part,
) -> Result<(), Refusal> {
    let mut changes = annotate(writer, old, plan, part);
    let source = (old.ml, &*old.implementation);
    changes.extend(siblings::in_full(writer, old.unit, source, &part.items)?);
    // What follows a text may be another one than before.
    let facts = old.implementation.facts;
    let ends = part.items.windows(2).filter(|pair| facts.item(pair[0]).group != facts.item(pair[1]).group);
    for end in ends.filter_map(|pair| old.implementation.dangling(pair[0])) {
        changes.insert(end, ";");
    }
    let text = match part.role {
        Role::Wrapper { of: Wrapped::Part(body) } => format!("include {}\n", plan.parts[body].module),
        Role::Wrapper { of: Wrapped::Unit(unit) } => format!("include {}\n", writer.sibling_name(unit)),
        // Nobody refers to it: whoever wants it has to know how.
        Role::Effects => {
            let text = old.unit_text(plan, part, &changes)?;
            let name = &part.name;
            format!("(* Linked on request: [module _ = ({name} : sig end)] in a program. *)\n\n{text}")
        }
        _ => old.unit_text(plan, part, &changes)?,
    };
    writer.create(old.ml, &part.module, "ml", text)
}

/// `module X = struct .. end` becomes `module X = X_part`.
fn alias_line(writer: &mut Writer<'_>, old: &OldUnit<'_>, body: &Part, public: &str) -> Result<(), Refusal> {
    let source = &old.implementation;
    let item = body.items[0];
    let found = source.facts.item(item);
    let name = source.name_span(item).ok_or_else(|| {
        source.refuse("by-hand", "a module without a name cannot be a unit", found.span.start)
    })?;
    let end = source.body(found).end;
    writer.change(old.ml).replace(Span { start: name.end, end }, format!(" = {public}"));
    Ok(())
}

/// Names of a module that its interface hides are read from the private unit.
fn inner_names(writer: &mut Writer<'_>, old: &OldUnit<'_>, plan: &Plan, body: usize) {
    let part = &plan.parts[body];
    let Role::Submodule { path } = &part.role else { return };
    let shown = module_signature(writer.tree, old.unit, *path)
        .map(|signature| Shown::of(signature.facts, signature.structure));
    let source = &old.implementation;
    let facts = source.facts;
    let root = &facts.structure(facts.root).items;
    let position = root.iter().position(|item| *item == part.items[0]);
    let moved: FxHashSet<ItemId> = plan.parts.iter().flat_map(|part| part.items.iter().copied()).collect();
    for &item in root.iter().filter(|item| !moved.contains(item)) {
        let range = facts.item(item).refs.clone();
        for reference in &facts.refs[range.start as usize..range.end as usize] {
            let Lexical::Root(at) = old.lexicon.lookup(reference) else { continue };
            if Some(at as usize) != position {
                continue;
            }
            let components = facts.names(reference.path);
            let is_shown = |name: &Name| shown.as_ref().is_some_and(|shown| shown.names.contains(name));
            let is_inside = matches!(reference.kind, RefKind::Constructor | RefKind::Field);
            let is_whole = components.len() == 1 && reference.role != RefRole::Alias;
            if is_inside || is_whole || !components[1..].iter().all(is_shown) {
                let head = Span {
                    start: reference.span.start,
                    end: reference.span.start + components[0].len() as u32,
                };
                if source.slice(head) == components[0].as_str() {
                    writer.change(old.ml).replace(head, part.module.clone());
                }
            }
        }
    }
}
