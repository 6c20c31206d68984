//! What a signature needs in front of it when it leaves its interface: the names that it had from there.
//!
//! A member of the facade that is a unit now is `module X := X_pub`: a name for what follows, and no member. A type that
//! lives in another unit is named there. Opens stand again, as `open!` since they may bring nothing. What only the old
//! interface has cannot be named from outside it.

use super::Refusal;
use super::source::{Changes, Source};
use super::unseal::spec_at;
use super::writer::Writer;
use crate::base::{FileId, Name, Span, UnitId, split_last};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleType, RefKind, Reference};
use crate::resolve::{Addr, EMPTY, Find, Space as Names};
use crate::split::lexicon::{Lexical, Lexicon, Space};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where the names of an interface live once parts of it are units.
pub(super) struct Header<'a> {
    interface: Rc<Source<'a>>,
    file: FileId,
    unit: UnitId,
    lexicon: Lexicon<'a>,
    /// Whether signatures of modules include or open others, which the lexicon passes over.
    has_inner: bool,
    /// Modules that are units now, with the name of the unit.
    published: FxHashMap<Name, String>,
    /// Other names that moved, with the unit that has them.
    moved: FxHashMap<(Space, Name), String>,
    /// Those of them that some new interface names.
    used: RefCell<FxHashSet<(Space, Name)>>,
    /// Abstract types of the interface that new interfaces name by what is behind them, which the old one has to say, too;
    /// none where it must not.
    equated: Option<RefCell<BTreeMap<ItemId, String>>>,
}

impl<'a> Header<'a> {
    pub(super) fn new(interface: &Rc<Source<'a>>, file: FileId, unit: UnitId) -> Self {
        let facts: &'a FileFacts = interface.facts;
        Header {
            interface: interface.clone(),
            file,
            unit,
            lexicon: Lexicon::new(facts),
            has_inner: facts.items.iter().any(|item| {
                item.parent != facts.root
                    && matches!(item.kind, ItemKind::IncludeType { .. } | ItemKind::Open { .. })
            }),
            published: FxHashMap::default(),
            moved: FxHashMap::default(),
            used: RefCell::default(),
            equated: None,
        }
    }

    /// Allows abstract types of the interface to be named by what is behind them.
    pub(super) fn allow_equations(&mut self) {
        self.equated = Some(RefCell::default());
    }

    /// Returns the abstract types of the interface that are named by what is behind them.
    pub(super) fn equated(&self) -> BTreeMap<ItemId, String> {
        self.equated.as_ref().map(|equated| equated.borrow().clone()).unwrap_or_default()
    }

    /// Says that a module of the interface is a unit now.
    pub(super) fn publish(&mut self, member: Name, unit: String) {
        self.published.insert(member, unit);
    }

    /// Says that a name of the interface lives in another unit now.
    pub(super) fn moved(&mut self, space: Space, name: Name, unit: &str) {
        self.moved.insert((space, name), unit.to_owned());
    }

    /// Whether a new interface names something that moved.
    pub(super) fn is_used(&self, name: (Space, Name)) -> bool {
        self.used.borrow().contains(&name)
    }

    /// Whether a wrapper may stand for a module: not where the interface names a private type of it elsewhere, since the
    /// wrapper's would be another type than the one that the code behind it means.
    pub(super) fn may_wrap(&self, member: Name) -> Result<(), Refusal> {
        let facts = self.interface.facts;
        let Some((own, _)) = spec_at(facts, member.as_str()) else { return Ok(()) };
        for reference in facts.refs.iter().filter(|reference| reference.kind == RefKind::Type) {
            let path = facts.names(reference.path);
            let is_inside = facts.item(own).span.contains(reference.span.start);
            let Some((last, [head, ..])) = path.split_last() else { continue };
            if *head != member || is_inside || !matches!(self.lexicon.lookup(reference), Lexical::Root(_)) {
                continue;
            }
            let module: Vec<&str> = path[..path.len() - 1].iter().map(|name| name.as_str()).collect();
            let Some((_, ty)) = spec_at(facts, &module.join(".")) else { continue };
            let ModuleType::Signature(structure) = facts.module_type(ty) else { continue };
            let mut items = facts.structure(*structure).items.iter().copied();
            let is_it = |&item: &ItemId| {
                matches!(facts.item(item).kind, ItemKind::Type { .. })
                    && facts.names(facts.item(item).names()).first() == Some(last)
            };
            if items.find(is_it).is_some_and(|item| self.interface.is_private_abbreviation(item)) {
                let message = format!(
                    "{}.{last} is private here, and would be another type behind the wrapper",
                    module.join(".")
                );
                return Err(self.interface.refuse("interface", message, reference.span.start));
            }
        }
        Ok(())
    }

    /// Returns the names of the interface that an item of it names.
    pub(super) fn named_by(&self, writer: &mut Writer<'_>, item: ItemId) -> Vec<(Space, Name)> {
        let facts = self.interface.facts;
        let range = facts.item(item).refs.clone();
        let refs = facts.refs[range.start as usize..range.end as usize].iter();
        let own = refs.filter(|reference| matches!(self.meaning(writer, reference), Lexical::Root(_)));
        own.filter_map(|reference| self.lexicon.head(reference)).collect()
    }

    /// Returns what a name of the interface is, where a signature inside of it may include a name that another item binds as well.
    pub(super) fn meaning(&self, writer: &mut Writer<'_>, reference: &Reference) -> Lexical {
        let lexical = self.lexicon.lookup(reference);
        let head = self.lexicon.head(reference).filter(|_| self.has_inner);
        let (Lexical::Root(_), Some((space, name))) = (lexical, head) else { return lexical };
        match writer.eval.lookup(self.file, reference.scope, EMPTY, space.into(), name) {
            Find::Found(found) if found.link != Addr::Field(self.unit, name) => Lexical::Local,
            Find::Local => Lexical::Local,
            _ => lexical,
        }
    }

    /// Returns the opens that stand before some items of the interface.
    pub(super) fn opens(&self, items: &[ItemId]) -> String {
        let facts = self.interface.facts;
        let last = items.last().map_or(0, |&item| facts.item(item).span.start);
        let mut lines = String::new();
        for &item in &facts.structure(facts.root).items {
            let found = facts.item(item);
            match &found.kind {
                ItemKind::Open { .. } if found.span.start < last => {
                    let path = self.interface.slice(found.span);
                    let path = path.trim_start_matches("open").trim_start_matches('!').trim();
                    lines.push_str(&format!("open! {path}\n"));
                }
                ItemKind::ModuleSubstitution { .. } if found.span.start < last => {
                    lines.push_str(&format!("{}\n", self.interface.slice(found.span)));
                }
                _ => {}
            }
        }
        lines
    }

    /// Returns the lines that an item of the interface needs in front when it stands alone, and adds to `changes` what its
    /// names become.
    pub(super) fn of(
        &self,
        writer: &mut Writer<'_>,
        item: ItemId,
        changes: &mut Changes,
    ) -> Result<String, Refusal> {
        let facts = self.interface.facts;
        let root = &facts.structure(facts.root).items;
        let own = root.iter().position(|&other| facts.item(other).span.contains(facts.item(item).span.start));
        let own = own.unwrap_or(0);
        let mut needed = Needed::default();
        self.item(writer, item, own, changes, &mut needed)?;
        let mut opens = String::new();
        for &open in
            root[..own].iter().filter(|&&open| matches!(facts.item(open).kind, ItemKind::Open { .. }))
        {
            self.item(writer, open, own, changes, &mut needed)?;
            let path = self.interface.slice(facts.item(open).span);
            let path = path.trim_start_matches("open").trim_start_matches('!').trim();
            opens.push_str(&format!("open! {path}\n"));
        }
        // Opens name modules, and types what opens brought.
        let (modules, types) = needed.texts();
        Ok(modules + &opens + &types)
    }

    fn item(
        &self,
        writer: &mut Writer<'_>,
        item: ItemId,
        own: usize,
        changes: &mut Changes,
        needed: &mut Needed,
    ) -> Result<(), Refusal> {
        let facts = self.interface.facts;
        let range = facts.item(item).refs.clone();
        let has_includes = facts.structure(facts.root).items[..own]
            .iter()
            .any(|&item| matches!(facts.item(item).kind, ItemKind::IncludeType { .. }));
        for reference in &facts.refs[range.start as usize..range.end as usize] {
            match self.meaning(writer, reference) {
                Lexical::Root(position) if position as usize != own => {
                    self.root(writer, reference, position as usize, own, changes, needed)?;
                }
                Lexical::Outside if has_includes => self.included(writer, reference, changes)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A name that another item of the interface binds.
    fn root(
        &self,
        writer: &mut Writer<'_>,
        reference: &Reference,
        position: usize,
        own: usize,
        changes: &mut Changes,
        needed: &mut Needed,
    ) -> Result<(), Refusal> {
        let facts = self.interface.facts;
        let Some((space, name)) = self.lexicon.head(reference) else { return Ok(()) };
        if let Some(unit) = self.moved.get(&(space, name)) {
            let id = facts.structure(facts.root).items[position];
            // Clients elsewhere do not see what is behind a name of a unit that is private.
            if self.is_abbreviation(id) {
                return self.abbreviation(writer, reference, id, name, own, needed);
            }
            self.used.borrow_mut().insert((space, name));
            changes.insert(reference.span.start, format!("{unit}."));
            return Ok(());
        }
        let id = facts.structure(facts.root).items[position];
        let item = facts.item(id);
        match &item.kind {
            ItemKind::ModuleSpec { body, .. } => {
                let unit = match (self.published.get(&name), facts.module_type(*body)) {
                    (Some(unit), _) => unit.clone(),
                    (None, ModuleType::Alias(path)) => {
                        self.item(writer, id, own, changes, needed)?;
                        self.interface.slice(facts.reference(*path).span).to_owned()
                    }
                    _ => return Err(self.stays(reference, name)),
                };
                if unit != name.as_str() {
                    needed.add(name, format!("module {name} := {unit}\n"));
                }
                Ok(())
            }
            ItemKind::ModuleSubstitution { .. } => {
                self.item(writer, id, own, changes, needed)?;
                needed.add(name, format!("{}\n", self.interface.slice(item.span)));
                Ok(())
            }
            _ => match self.elsewhere(writer, space, name) {
                Some(unit) => {
                    // A type that the old interface holds abstract is another one to clients, unless it says which it is.
                    if let ItemKind::Type { is_abstract: true, n_params, .. } = &item.kind {
                        let equated = self.equated.as_ref().filter(|_| *n_params == 0);
                        let Some(equated) = equated else {
                            return Err(self.abstract_here(reference, name, &unit));
                        };
                        equated.borrow_mut().insert(id, format!("{unit}.{name}"));
                    }
                    changes.insert(reference.span.start, format!("{unit}."));
                    Ok(())
                }
                None => {
                    if let (Some(equated), ItemKind::Type { is_abstract: true, n_params: 0, .. }, 1) =
                        (&self.equated, &item.kind, facts.names(reference.path).len())
                        && let Some(path) = self.behind(writer, name)
                    {
                        changes.replace(reference.span, path.clone());
                        equated.borrow_mut().insert(id, path);
                        return Ok(());
                    }
                    self.abbreviation(writer, reference, id, name, own, needed)
                }
            },
        }
    }

    /// The sibling that really has what the facade only shows.
    fn elsewhere(&self, writer: &mut Writer<'_>, space: Space, name: Name) -> Option<String> {
        let module = writer.eval.unit_inside(self.unit)?;
        let found = writer.eval.find(module, space.into(), name);
        let Find::Found(found) = found else { return None };
        let Addr::Field(unit, path) = found.origin else { return None };
        if unit == self.unit {
            return None;
        }
        // Only what stands in the same library can be named by its own name here.
        let library = |unit: UnitId| writer.tree.project.unit(unit).library;
        if library(unit) != library(self.unit) {
            return None;
        }
        let mut out = writer.sibling_name(unit);
        let (prefix, last) = split_last(&path);
        if last != name.as_str() {
            return None;
        }
        if !prefix.is_empty() {
            out.push('.');
            out.push_str(prefix);
        }
        Some(out)
    }

    /// The type of a sibling that a type of the unit abbreviates (`type oid = OID.t`).
    fn behind(&self, writer: &mut Writer<'_>, name: Name) -> Option<String> {
        let module = writer.eval.unit_inside(self.unit)?;
        let mut found = writer.eval.find(module, Names::Type, name);
        // An abbreviation of an abbreviation; a longer chain is a cycle.
        for _ in 0..8 {
            let Find::Found(type_found) = found else { return None };
            let Addr::Field(unit, path) = type_found.origin else { return None };
            let library = |unit: UnitId| writer.tree.project.unit(unit).library;
            if unit != self.unit {
                let is_sibling = library(unit) == library(self.unit);
                return is_sibling.then(|| format!("{}.{path}", writer.sibling_name(unit)));
            }
            let binding = type_found.item?;
            let file = writer.eval.file(binding.file)?.clone();
            let ItemKind::Type { manifest: Some(path), n_params: 0, .. } = file.facts.item(binding.item).kind
            else {
                return None;
            };
            let reference = file.facts.reference(path);
            let path = file.facts.names(reference.path);
            let scope = reference.scope;
            found = writer.eval.resolve(binding.file, &file.facts, path, scope, EMPTY, Names::Type);
        }
        None
    }

    /// Whether an item of the interface is a type that only abbreviates another one.
    fn is_abbreviation(&self, id: ItemId) -> bool {
        let facts = self.interface.facts;
        let ItemKind::Type { constructors, fields, is_abstract: false, is_open: false, .. } =
            &facts.item(id).kind
        else {
            return false;
        };
        facts.names(*constructors).is_empty() && facts.names(*fields).is_empty()
    }

    /// A type that only abbreviates another one can stand again.
    fn abbreviation(
        &self,
        writer: &mut Writer<'_>,
        reference: &Reference,
        id: ItemId,
        name: Name,
        own: usize,
        needed: &mut Needed,
    ) -> Result<(), Refusal> {
        let facts = self.interface.facts;
        let item = facts.item(id);
        let body = self.interface.body(item);
        let bound = self.interface.name_span(id).expect("a type has a name");
        let behind = Span { start: bound.end, end: body.end };
        let equals = self.interface.slice(behind).find('=');
        let (Some(equals), true) = (equals, self.is_abbreviation(id)) else {
            return Err(self.stays(reference, name));
        };
        if needed.has(name) {
            return Ok(());
        }
        // `type t = [ `List of t list ]`: a name for what follows cannot stand for something that holds itself.
        if needed.begun.contains(&id) {
            let message =
                format!("{name} holds itself, and stays in the old interface, which the new one cannot name");
            return Err(self.interface.refuse("interface", message, reference.span.start));
        }
        needed.begun.push(id);
        let mut changes = Changes::default();
        self.item(writer, id, own, &mut changes, needed)?;
        needed.begun.pop();
        changes.insert(bound.end + equals as u32, ":");
        let text = changes.apply(&self.interface.text, body);
        let text = text.replacen("and ", "type ", usize::from(text.starts_with("and ")));
        needed.lines.push(Line { name, text: format!("{text}\n"), place: Some(item.span.start) });
        Ok(())
    }

    /// Returns lines for what new specifications name of the interface: types that only abbreviate others stand again, under
    /// names that are no members. `here` is what the new interface has of the old one.
    pub(super) fn stand_again(
        &self,
        writer: &mut Writer<'_>,
        named: &[Reference],
        here: &[ItemId],
    ) -> Result<String, Refusal> {
        let facts = self.interface.facts;
        let root = &facts.structure(facts.root).items;
        let mut needed = Needed::default();
        for reference in named {
            let Lexical::Root(position) = self.meaning(writer, reference) else { continue };
            let id = root[position as usize];
            if here.contains(&id) {
                continue;
            }
            let head = facts.names(reference.path)[0];
            let range = facts.item(id).refs.clone();
            let mut behind = facts.refs[range.start as usize..range.end as usize].iter();
            let names_what_moves = |reference: &Reference| match self.meaning(writer, reference) {
                Lexical::Root(position) => here.contains(&root[position as usize]),
                _ => false,
            };
            let is_plain = self.is_abbreviation(id) && !self.interface.is_private_abbreviation(id);
            // It stands in front of all, where an earlier item may mean another type by its name.
            let is_other = |&item: &ItemId| {
                let range = facts.item(item).refs.clone();
                let mut refs = facts.refs[range.start as usize..range.end as usize].iter();
                refs.any(|reference| {
                    self.lexicon.head(reference) == Some((Space::Type, head))
                        && self.lexicon.lookup(reference) == Lexical::Outside
                })
            };
            if !is_plain || behind.any(names_what_moves) || here.iter().any(is_other) {
                let message = format!("the new interface would name {head}, which stays in the old unit");
                return Err(self.interface.refuse("interface", message, reference.span.start));
            }
            self.abbreviation(writer, reference, id, head, root.len(), &mut needed)?;
        }
        let (modules, types) = needed.texts();
        Ok(modules + &types)
    }

    /// A name that an `include` of the interface may bring.
    fn included(
        &self,
        writer: &mut Writer<'_>,
        reference: &Reference,
        changes: &mut Changes,
    ) -> Result<(), Refusal> {
        let facts = self.interface.facts;
        let Some((space, name)) = self.lexicon.head(reference) else { return Ok(()) };
        let found = writer.eval.lookup(self.file, reference.scope, EMPTY, space.into(), name);
        let Find::Found(found) = found else { return Ok(()) };
        if !matches!(found.link, Addr::Field(unit, _) if unit == self.unit) {
            return Ok(());
        }
        match self.elsewhere(writer, space, name) {
            Some(unit) => {
                changes.insert(reference.span.start, format!("{unit}."));
                Ok(())
            }
            None => Err(self.stays(reference, facts.names(reference.path)[0])),
        }
    }

    fn abstract_here(&self, reference: &Reference, name: Name, unit: &str) -> Refusal {
        let message = format!(
            "the old interface holds {name} abstract: the new one could only name {unit}.{name}, another type to clients"
        );
        self.interface.refuse("interface", message, reference.span.start)
    }

    fn stays(&self, reference: &Reference, name: Name) -> Refusal {
        self.interface.refuse(
            "interface",
            format!("{name} stays in the old interface, which the new one cannot name"),
            reference.span.start,
        )
    }
}

/// A name that an interface needs in front.
struct Line {
    name: Name,
    text: String,
    /// For a type, where the interface has it.
    place: Option<u32>,
}

#[derive(Default)]
struct Needed {
    lines: Vec<Line>,
    /// Types of which the lines are being written, each for the one before.
    begun: Vec<ItemId>,
}

impl Needed {
    fn has(&self, name: Name) -> bool {
        self.lines.iter().any(|line| line.name == name)
    }
    /// Adds the line of a module.
    fn add(&mut self, name: Name, text: String) {
        if !self.has(name) {
            self.lines.push(Line { name, text, place: None });
        }
    }
    /// Returns the lines of modules, and those of types in the order of the interface: one may have a name that means another type
    /// in front of it.
    fn texts(mut self) -> (String, String) {
        self.lines.sort_by_key(|line| line.place);
        let (modules, types): (Vec<Line>, Vec<Line>) =
            self.lines.into_iter().partition(|line| line.place.is_none());
        let text = |lines: Vec<Line>| lines.into_iter().map(|line| line.text).collect();
        (text(modules), text(types))
    }
}
