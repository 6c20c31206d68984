//! The interfaces of new units, and what the old one says of them.
//!
//! A part that clients name has the signature of its names, with an equation on every type to the private unit behind it; the
//! old interface has equations for the types that live elsewhere now.

use super::Refusal;
use super::distribute::{body_of, public_of};
use super::equations::{Equations, PrivateTypes};
use super::header::Header;
use super::held::{Hold, bound_by, held_by, hold, included, written};
use super::moved::OldUnit;
use super::siblings;
use super::source::Source;
use super::torn::{Spelled, Torn};
use super::unseal::{Member, spec_at};
use super::variance;
use super::writer::Writer;
use crate::base::{FileId, Name, Span, UnitId, name};
use crate::parse::{ItemId, ItemKind, Reference};
use crate::resolve::{Addr, EMPTY, Find};
use crate::split::lexicon::{Lexical, Lexicon, Space, bindings};
use crate::split::plan::{Part, Plan, Recipe, Role};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// The interface of a module that became a unit, and its alias in the old one.
pub(super) fn member(
    writer: &mut Writer<'_>,
    plan: &Plan,
    (unit, public): (UnitId, usize),
    mli: FileId,
    interface: &Rc<Source<'_>>,
    header: &Header<'_>,
    path: Name,
) -> Result<(), Refusal> {
    let Some((item, ty)) = spec_at(interface.facts, path.as_str()) else {
        // The interface does not show it.
        return Ok(());
    };
    if !siblings::in_full(writer, unit, (mli, &**interface), &[item])?.is_empty() {
        let message = "the name of this module stands for another one here: write out where that comes from";
        return Err(interface.refuse("sibling-name", message, interface.facts.item(item).span.start));
    }
    let part = &plan.parts[public];
    let member = Member { interface, mli, item, ty };
    let text = match (&part.role, part.recipe) {
        (Role::Wrapper { .. }, _) => {
            let behind = &plan.parts[body_of(plan, public)].module;
            let (text, varied) = member.wrapper(writer, header, behind)?;
            variance::note(writer, (unit, path), interface, &varied);
            text
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

/// The old interface's types that live in a base unit now, and that new interfaces name, are equal to those.
pub(super) fn base(
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
        let inside =
            items.iter().flat_map(|&item| header.named_by(writer, item)).filter(|name| bound.contains(name));
        let n_before = named.len();
        named.extend(inside.collect::<Vec<_>>());
        if named.len() == n_before {
            break items;
        }
    };
    let mut equations = Equations::new(&mut writer.eval, mli, interface, PrivateTypes::Refused);
    equations.items(&items, &part.module)?;
    let changes = equations.changes;
    writer.change(mli).extend(changes);
    Ok(())
}

/// The interface of a core, and what the old interface says of it.
pub(super) fn core(
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
    let lexicon = Lexicon::new(facts);
    let mut torn: Vec<Torn<'_>> = Vec::new();
    for (&item, written) in root.iter().zip(written(writer, mli, facts)) {
        let ItemKind::IncludeType { module_type } = facts.item(item).kind else {
            if hold(interface, item, &written, &bound)? == Hold::Moves {
                items.push(item);
            }
            continue;
        };
        let names = included(writer, interface, mli, item, module_type)?;
        match hold(interface, item, &names, &bound)? {
            Hold::Stays => {}
            Hold::Moves => items.push(item),
            Hold::IsTorn => {
                let (unit, bound, lexicon) = (old.unit, &bound, &lexicon);
                torn.push(Torn { unit, interface, mli, item, module_type, names, bound, lexicon });
            }
        }
    }
    included_elsewhere(writer, (old.unit, mli), interface, &lexicon, &items, &bound)?;
    let mut named = others(writer, header, interface, &items);
    let mut spelled: FxHashMap<ItemId, Spelled> = FxHashMap::default();
    for torn in torn {
        let text = torn.spell(writer, &part.module)?;
        named.extend(&text.named);
        spelled.insert(torn.item, text);
    }
    let standing = header.stand_again(writer, &named, &items)?;
    // The new interface: these items in their order, with the private unit behind their types.
    let mut inner = Equations::new(&mut writer.eval, mli, interface, PrivateTypes::Stand);
    inner.items(&items, &part.module)?;
    let (mut changes, mut varied) = (inner.changes, inner.varied);
    changes.extend(siblings::in_full(writer, old.unit, (mli, &**interface), &items)?);
    varied.extend(spelled.values().flat_map(|spelled| spelled.varied.iter().cloned()));
    varied.sort_unstable_by_key(|found| found.path.as_str());
    variance::note(writer, (old.unit, name("")), interface, &varied);
    items.extend(spelled.keys());
    items.sort_by_key(|&item| facts.item(item).span.start);
    let rows = rows(interface, &items);
    let mut text = String::new();
    text.push_str(&header.opens(&items));
    text.push_str(&standing);
    if !text.is_empty() {
        text.push('\n');
    }
    for row in rows {
        let span = span_of(interface, &row);
        if !text.is_empty() && interface.has_empty_line_before(span.start) && !text.ends_with("\n\n") {
            text.push('\n');
        }
        match spelled.get(&row[0]) {
            Some(spelled) => text.push_str(&spelled.text),
            None => text.push_str(&changes.apply(&interface.text, span)),
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    writer.create(mli, &public, "mli", with_licence(interface, text))?;
    // The old interface: the same types are those of the new unit.
    let mut outer = Equations::new(&mut writer.eval, mli, interface, PrivateTypes::Stand);
    outer.torn = spelled.into_iter().map(|(item, spelled)| (item, spelled.names)).collect();
    outer.items(&items, &public)?;
    let changes = outer.changes;
    writer.change(mli).extend(changes);
    let first = root.iter().find(|&&item| !matches!(facts.item(item).kind, ItemKind::Open { .. }));
    let at = first.map_or(0, |&item| span_of(interface, &rows_from(interface, item)).start);
    writer.change(mli).insert(at, format!("module {public} = {public}\n\n"));
    Ok(())
}

/// Returns what some specifications name of their own file that is not among them.
fn others(
    writer: &mut Writer<'_>,
    header: &Header<'_>,
    interface: &Source<'_>,
    items: &[ItemId],
) -> Vec<Reference> {
    let facts = interface.facts;
    let root = &facts.structure(facts.root).items;
    let is_other = |reference: &&Reference| match header.meaning(writer, reference) {
        Lexical::Root(position) => !items.contains(&root[position as usize]),
        _ => false,
    };
    references(interface, items).filter(is_other).copied().collect()
}

/// Refuses specifications that name what the interface includes, where that stays.
fn included_elsewhere(
    writer: &mut Writer<'_>,
    (own, mli): (UnitId, FileId),
    interface: &Source<'_>,
    lexicon: &Lexicon<'_>,
    items: &[ItemId],
    bound: &FxHashSet<(Space, Name)>,
) -> Result<(), Refusal> {
    for reference in references(interface, items) {
        if lexicon.lookup(reference) != Lexical::Outside {
            continue;
        }
        let Some((space, head)) = lexicon.head(reference) else { continue };
        let found = writer.eval.lookup(mli, reference.scope, EMPTY, space.into(), head);
        let Find::Found(found) = found else { continue };
        // What an `open` of a module of the interface brings has that module in its path.
        let is_own = matches!(found.link, Addr::Field(unit, path) if unit == own && path == head);
        if is_own && !bound.contains(&(space, head)) {
            let message = format!("the new interface would name {head}, which stays in the old unit");
            return Err(interface.refuse("interface", message, reference.span.start));
        }
    }
    Ok(())
}

/// What some items name.
fn references<'s>(source: &'s Source<'_>, items: &'s [ItemId]) -> impl Iterator<Item = &'s Reference> {
    let facts = source.facts;
    items.iter().flat_map(|&item| {
        let range = facts.item(item).refs.clone();
        &facts.refs[range.start as usize..range.end as usize]
    })
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

fn with_licence(source: &Source<'_>, text: String) -> String {
    match source.licence() {
        Some(licence) => format!("{licence}\n\n{text}"),
        None => text,
    }
}
