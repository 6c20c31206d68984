//! `extract-submodule` and `partition-unit`: one unit becomes several.
//!
//! Implementation: every part gets its pieces; the old unit includes what it re-exports and has aliases for what became a
//! unit. Interface: a part that clients name has the signature of its names, with an equation on every type to the
//! private unit behind it; the old interface has equations for the types that live elsewhere now.

use super::Refusal;
use super::clients::{self, Renamed};
use super::equations::{Equations, PrivateTypes};
use super::header::Header;
use super::moved::OldUnit;
use super::siblings;
use super::source::{Changes, Source};
use super::unseal::{Member, spec_at};
use super::writer::Writer;
use crate::base::{FileId, Idx, Name, Span};
use crate::parse::{
    FileFacts, ItemId, ItemKind, ModuleType, ModuleTypeId, RefKind, Role as RefRole, WithConstraint,
};
use crate::resolve::{Addr, EMPTY, Module, Sig, Space as Names};
use crate::split::lexicon::{Lexical, Lexicon, Space, bindings};
use crate::split::plan::{AliasTarget, Clients, Part, Plan, Recipe, Role, Wrapped};
use crate::split::signature::{Shown, module_signature};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// Where names of a structure are looked up.
const SPACES: [Names; 8] = [
    Names::Value,
    Names::Constructor,
    Names::Field,
    Names::Type,
    Names::Module,
    Names::ModuleType,
    Names::Class,
    Names::ClassType,
];

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
            member(writer, plan, public, *mli, interface, header, alias.path)?;
        }
        alias_line(writer, &old, &plan.parts[body], &public_module)?;
        if let Some((mli, interface)) = &old.interface
            && plan.parts[body].is_private
        {
            inner_names(writer, &old, plan, body, *mli, interface)?;
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
    let private = plan.parts.iter().filter(|part| part.is_private).map(|part| part.module.clone()).collect();
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
fn body_of(plan: &Plan, public: usize) -> usize {
    match plan.parts[public].role {
        Role::Wrapper { of: Wrapped::Part(body) } => body,
        _ => public,
    }
}

/// The name of the public unit of a part: its wrapper's, or its own.
fn public_of(plan: &Plan, body: usize) -> &str {
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
    let text = match part.role {
        Role::Wrapper { of: Wrapped::Part(body) } => format!("include {}\n", plan.parts[body].module),
        Role::Wrapper { of: Wrapped::Unit(unit) } => format!("include {}\n", writer.sibling_name(unit)),
        // Nobody refers to it: whoever wants it has to know how.
        Role::Effects => {
            let text = old.unit_text(plan, part)?;
            let name = &part.name;
            format!("(* Linked on request: [module _ = ({name} : sig end)] in a program. *)\n\n{text}")
        }
        _ => old.unit_text(plan, part)?,
    };
    writer.create(old.ml, &part.module, "ml", text)
}

/// The interface of a module that became a unit, and its alias in the old one.
fn member(
    writer: &mut Writer<'_>,
    plan: &Plan,
    public: usize,
    mli: FileId,
    interface: &Rc<Source<'_>>,
    header: &Header<'_>,
    path: Name,
) -> Result<(), Refusal> {
    let Some((item, ty)) = spec_at(interface.facts, path.as_str()) else {
        // The interface does not show it.
        return Ok(());
    };
    let part = &plan.parts[public];
    let member = Member { interface, mli, item, ty };
    let text = match (&part.role, part.recipe) {
        (Role::Wrapper { .. }, _) => {
            member.wrapper(writer, header, &plan.parts[body_of(plan, public)].module)?
        }
        (_, Recipe::Bare) => return Ok(()),
        _ => member.moved(writer, header)?,
    };
    let host = mli;
    writer.create(host, &part.module, "mli", with_licence(interface, text))?;
    let body = interface.body(interface.facts.item(item));
    let name = interface.name_span(item).expect("a module specification has a name");
    writer.change(mli).replace(Span { start: name.end, end: body.end }, format!(" = {}", part.module));
    Ok(())
}

fn with_licence(source: &Source<'_>, text: String) -> String {
    match source.licence() {
        Some(licence) => format!("{licence}\n\n{text}"),
        None => text,
    }
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
fn inner_names(
    writer: &mut Writer<'_>,
    old: &OldUnit<'_>,
    plan: &Plan,
    body: usize,
    mli: FileId,
    interface: &Rc<Source<'_>>,
) -> Result<(), Refusal> {
    let part = &plan.parts[body];
    let Role::Submodule { path } = &part.role else { return Ok(()) };
    let shown = module_signature(writer.tree, old.unit, *path)
        .map(|signature| Shown::of(signature.facts, signature.structure));
    let _ = (mli, interface);
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
    Ok(())
}

/// The old interface's types that live in a base unit now, and that new interfaces name, are equal to those.
fn base(
    writer: &mut Writer<'_>,
    old: &OldUnit<'_>,
    part: &Part,
    mli: FileId,
    interface: &Rc<Source<'_>>,
    header: &Header<'_>,
) -> Result<(), Refusal> {
    let bound = bound_by(old, part);
    let facts = interface.facts;
    let mut named: FxHashSet<(Space, Name)> =
        bound.iter().copied().filter(|name| header.is_used(*name)).collect();
    let items = loop {
        let items: Vec<ItemId> = facts
            .structure(facts.root)
            .items
            .iter()
            .copied()
            .filter(|&item| {
                bindings(facts, item).iter().any(|name| bound.contains(name) && named.contains(name))
            })
            .collect();
        // A type is equal to another one only when the types of its constructors and fields are.
        let inside = items.iter().flat_map(|&item| header.named_by(item)).filter(|name| bound.contains(name));
        let n_before = named.len();
        named.extend(inside.collect::<Vec<_>>());
        if named.len() == n_before {
            break items;
        }
    };
    let mut equations = equations(writer, mli, interface, PrivateTypes::Refused);
    equations.items(&items, &part.module)?;
    let changes = equations.changes;
    writer.change(mli).extend(changes);
    Ok(())
}

fn equations<'e, 'a>(
    writer: &'e mut Writer<'a>,
    mli: FileId,
    interface: &'e Source<'e>,
    private: PrivateTypes,
) -> Equations<'e, 'a> {
    Equations { eval: &mut writer.eval, file: mli, source: interface, changes: Changes::default(), private }
}

/// The names of which `include S` in an interface says what they are.
fn included(
    writer: &mut Writer<'_>,
    interface: &Source<'_>,
    mli: FileId,
    item: ItemId,
    module_type: ModuleTypeId,
) -> Result<Vec<(Space, Name)>, Refusal> {
    let sig = writer.eval.module_type(mli, module_type, EMPTY);
    if let Sig::Unknown(reason) = sig {
        let message = format!("the names of this signature are not known ({})", reason.word());
        return Err(interface.refuse("interface", message, interface.facts.item(item).span.start));
    }
    let mut names = members(writer, Module { link: Addr::Local, canon: Addr::Local, sig });
    // What a constraint replaces is no name of the signature any more.
    let gone = replaced(interface.facts, module_type);
    names.retain(|(_, name)| !gone.contains(name));
    Ok(names)
}

/// Whether all that an item of an interface speaks of is in the new unit, and not in the old one.
fn is_held(
    interface: &Source<'_>,
    item: ItemId,
    names: &[(Space, Name)],
    bound: &FxHashSet<(Space, Name)>,
) -> Result<bool, Refusal> {
    let held = names.iter().find(|name| bound.contains(name));
    let other = names.iter().find(|name| !bound.contains(name));
    if let (Some((_, moves)), Some((_, stays))) = (held, other) {
        let message = format!("of this signature, {moves} would be in the new unit and {stays} not");
        return Err(interface.refuse("interface", message, interface.facts.item(item).span.start));
    }
    Ok(held.is_some())
}

/// The names that `with type t := ..` takes out of a signature.
fn replaced(facts: &FileFacts, mut module_type: ModuleTypeId) -> Vec<Name> {
    let mut gone = Vec::new();
    while let ModuleType::With { base, constraints } = facts.module_type(module_type) {
        for constraint in &facts.constraints[constraints.start as usize..constraints.end as usize] {
            let (WithConstraint::Type { path, is_destructive }
            | WithConstraint::Module { path, is_destructive, .. }
            | WithConstraint::ModuleType { path, is_destructive, .. }) = constraint;
            if let (true, [name]) = (is_destructive, facts.names(*path)) {
                gone.push(*name);
            }
        }
        module_type = *base;
    }
    gone
}

/// The names of a module.
fn members(writer: &mut Writer<'_>, module: Module) -> Vec<(Space, Name)> {
    let names = |names: Names| {
        let found = writer.eval.members(module, names);
        found.into_iter().map(move |name| (names.into(), name)).collect::<Vec<_>>()
    };
    SPACES.into_iter().flat_map(names).collect()
}

/// The names of which the old unit's last meaning is in a part, those that it includes among them: what a later item binds
/// anew is what the interface and clients mean.
fn held_by(writer: &mut Writer<'_>, old: &OldUnit<'_>, part: &Part) -> FxHashSet<(Space, Name)> {
    let facts = old.implementation.facts;
    let mut names: FxHashSet<(Space, Name)> = FxHashSet::default();
    let written = written(writer, old.ml, facts);
    for (position, &item) in facts.structure(facts.root).items.iter().enumerate() {
        let mut bound = written[position].clone();
        if let ItemKind::Include { module } = facts.item(item).kind {
            let module = writer.eval.expression(old.ml, module, EMPTY);
            bound.extend(members(writer, module));
        }
        match part.items.contains(&item) {
            true => names.extend(bound),
            false => bound.iter().for_each(|name| _ = names.remove(name)),
        }
    }
    names
}

/// The names that each item of the file binds, those that derivers make among them.
fn written(writer: &Writer<'_>, id: FileId, facts: &FileFacts) -> Vec<Vec<(Space, Name)>> {
    let mut found = vec![Vec::new(); facts.structure(facts.root).items.len()];
    let Some(file) = writer.eval.file(id) else { return found };
    let names = &file.index.scopes[facts.root.idx()].names;
    for space in SPACES {
        for name in names.of_space(space) {
            for slot in names.get(space, name) {
                found[slot.position as usize].push((space.into(), name));
            }
        }
    }
    found
}

/// The names that a part binds at the level of the file.
fn bound_by(old: &OldUnit<'_>, part: &Part) -> FxHashSet<(Space, Name)> {
    let facts = old.implementation.facts;
    part.items.iter().flat_map(|&item| bindings(facts, item)).collect()
}

/// The interface of a core, and what the old interface says of it.
fn core(
    writer: &mut Writer<'_>,
    old: &OldUnit<'_>,
    plan: &Plan,
    body: usize,
    mli: FileId,
    interface: &Rc<Source<'_>>,
    header: &Header<'_>,
) -> Result<(), Refusal> {
    let part = &plan.parts[body];
    let public = public_of(plan, body).to_owned();
    let facts = interface.facts;
    let bound = held_by(writer, old, part);
    let root = &facts.structure(facts.root).items;
    let mut items: Vec<ItemId> = Vec::new();
    let written = written(writer, mli, facts);
    for (&item, written) in root.iter().zip(written) {
        let names = match &facts.item(item).kind {
            ItemKind::IncludeType { module_type } => included(writer, interface, mli, item, *module_type)?,
            _ => written,
        };
        if is_held(interface, item, &names, &bound)? {
            items.push(item);
        }
    }
    is_closed(interface, &items)?;
    // The new interface: these items in their order, with the private unit behind their types.
    let mut inner = equations(writer, mli, interface, PrivateTypes::Stand);
    inner.items(&items, &part.module)?;
    let changes = inner.changes;
    let rows = rows(interface, &items);
    let mut text = String::new();
    let opens = header.opens(writer, &items)?;
    text.push_str(&opens);
    if !opens.is_empty() {
        text.push('\n');
    }
    for row in rows {
        let span = span_of(interface, &row);
        if !text.is_empty() && interface.has_empty_line_before(span.start) && !text.ends_with("\n\n") {
            text.push('\n');
        }
        text.push_str(&changes.apply(&interface.text, span));
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    writer.create(mli, &public, "mli", with_licence(interface, text))?;
    // The old interface: the same types are those of the new unit.
    let mut outer = equations(writer, mli, interface, PrivateTypes::Stand);
    outer.items(&items, &public)?;
    let changes = outer.changes;
    writer.change(mli).extend(changes);
    let first = root.iter().find(|&&item| !matches!(facts.item(item).kind, ItemKind::Open { .. }));
    let at = first.map_or(0, |&item| span_of(interface, &rows_from(interface, item)).start);
    writer.change(mli).insert(at, format!("module {public} = {public}\n\n"));
    Ok(())
}

/// Whether what some specifications name of their own file is among them.
fn is_closed(interface: &Source<'_>, items: &[ItemId]) -> Result<(), Refusal> {
    let facts = interface.facts;
    let root = &facts.structure(facts.root).items;
    let lexicon = Lexicon::new(facts);
    for &item in items {
        let refs = facts.item(item).refs.clone();
        for reference in &facts.refs[refs.start as usize..refs.end as usize] {
            if let Lexical::Root(position) = lexicon.lookup(reference)
                && !items.contains(&root[position as usize])
            {
                let head = facts.names(reference.path).first().map_or("", |head| head.as_str());
                let message = format!("the new interface would name {head}, which stays in the old unit");
                return Err(interface.refuse("interface", message, reference.span.start));
            }
        }
    }
    Ok(())
}

fn rows(source: &Source<'_>, items: &[ItemId]) -> Vec<Vec<ItemId>> {
    let mut rows: Vec<Vec<ItemId>> = Vec::new();
    for &id in items {
        match rows.last_mut() {
            Some(row) if source.facts.item(row[0]).group == source.facts.item(id).group => row.push(id),
            _ => rows.push(vec![id]),
        }
    }
    rows
}

fn rows_from(source: &Source<'_>, item: ItemId) -> Vec<ItemId> {
    let facts = source.facts;
    let root = &facts.structure(facts.root).items;
    root.iter().copied().filter(|&other| facts.item(other).group == facts.item(item).group).collect()
}

/// The span of specifications that are one text, with their comments.
fn span_of(source: &Source<'_>, row: &[ItemId]) -> Span {
    let facts = source.facts;
    let (first, last) = (facts.item(row[0]).span, facts.item(row[row.len() - 1]).span);
    let root = &facts.structure(facts.root).items;
    let ends = root.iter().map(|&item| facts.item(item).span.end);
    let floor = ends.filter(|&end| end <= first.start).max().unwrap_or_else(|| source.start_of_code());
    let mut starts = root.iter().map(|&item| facts.item(item).span.start);
    let ceiling = starts.find(|&start| start >= last.end).unwrap_or(source.text.len() as u32);
    source.with_comments(Span { start: first.start, end: last.end }, floor, ceiling)
}
