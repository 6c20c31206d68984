//! What clients write so that they name the new unit: one alias line where that covers a file, else each reference.
//!
//! `module M = Lib.M.Core` stands in front of the first item that names `M`, when everything that the file says of `M` is in
//! the core, nothing nearer brings another `M`, and the file can take one more name: it has an interface, or is a program's
//! own that nobody names. Otherwise `.Core` is added where the file names the old unit, and nowhere else; a name of the
//! file's own for the unit goes on meaning all of it. A file that links something which stays in the old unit is left as it
//! is: it would link both.

use super::Refusal;
use super::generated;
use super::mentions::{Mention, mentions, reaches, space_of_target, written};
use super::source::Source;
use super::writer::Writer;
use crate::base::{FileId, Name, Span, UnitId, components, first_component, name};
use crate::graph::Edge;
use crate::parse::{ItemId, ItemKind, ModuleType, Role, first_condition};
use crate::project::LibraryOrigin;
use crate::resolve::{Find, Space as Names, through_opens};
use crate::split::lexicon::Space;
use crate::split::risks::generated_from;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::path::Path;

/// Opens that bring each other's paths and are followed, at most.
const MAX_CHAIN: usize = 64;

/// What clients are to write for some paths of a unit.
pub(super) struct Renamed<'r> {
    pub(super) unit: UnitId,
    /// Whether a name of the unit, of a name space or of any, is one of the new unit's, too.
    pub(super) covers: &'r dyn Fn(Option<Space>, Name) -> bool,
    /// What stands for the unit: `.Uri_core` is added to its name.
    pub(super) suffix: &'r str,
}

impl Renamed<'_> {
    fn has(&self, mention: &Mention) -> bool {
        !mention.is_bare() && (self.covers)(mention.space, head(&mention.path))
    }
}

/// Rewrites all clients of the workspace.
pub(super) fn write(writer: &mut Writer<'_>, renamed: &Renamed<'_>) -> Result<(), Refusal> {
    let known = writer.known;
    for &user in known.users(writer.tree, renamed.unit) {
        client(writer, renamed, user)?;
    }
    Ok(())
}

/// Whether clients agree on some private types, of which the old unit and the new one have one each: all of them have to
/// name those of the new unit then, and no interface those of the old one.
pub(super) fn agree(
    writer: &mut Writer<'_>,
    renamed: &Renamed<'_>,
    private: &[String],
) -> Result<(), Refusal> {
    let is_moved = |path: &&String| {
        let space = if path.contains('.') { Space::Module } else { Space::Type };
        (renamed.covers)(Some(space), head(path))
    };
    let moved: Vec<&String> = private.iter().filter(is_moved).collect();
    let Some(first) = moved.first() else { return Ok(()) };
    let known = writer.known;
    let users = known.users(writer.tree, renamed.unit);
    let n_unchanged = users.iter().filter(|&&user| links_what_stays(writer, renamed, user)).count();
    if 0 < n_unchanged && n_unchanged < users.len() {
        let message =
            format!("{first} is private, and would be one type to some clients and another to others");
        return Err(Refusal::new("interface", message, None));
    }
    for &user in users {
        let Some((mli, source)) = writer.interface(user)? else { continue };
        for mention in written(writer, &source, mli, renamed.unit) {
            if moved.iter().any(|path| path.as_str() == mention.path.as_str()) {
                let message = format!("{} is private: the new unit would have another one", mention.path);
                return Err(source.refuse("interface", message, mention.span.start));
            }
        }
    }
    Ok(())
}

/// Makes all clients of the workspace name the parts behind the members of a facade; returns whether there are any.
pub(super) fn bypass(
    writer: &mut Writer<'_>,
    facade: UnitId,
    parts: &[(Name, String)],
) -> Result<bool, Refusal> {
    let mut is_any = false;
    let known = writer.known;
    for &user in known.users(writer.tree, facade) {
        let (file, source) = writer.implementation(user)?;
        for mention in mentions(writer, &source, file, user, facade).written {
            let inside = |member: &str| {
                mention.path.strip_prefix(member).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let Some((member, part)) = parts.iter().find(|(member, _)| inside(member)) else { continue };
            let n_unit = source.slice(mention.unit_span).split('.').filter(|part| !part.is_empty()).count();
            let n_dots = n_unit + components(member).count();
            let text = source.slice(mention.span);
            let end = text.match_indices('.').nth(n_dots - 1).map_or(text.len(), |(dot, _)| dot);
            let span = Span { start: mention.span.start, end: mention.span.start + end as u32 };
            writer.change(file).replace(span, part.clone());
            is_any = true;
        }
    }
    Ok(is_any)
}

fn client(writer: &mut Writer<'_>, renamed: &Renamed<'_>, user: UnitId) -> Result<(), Refusal> {
    if links_what_stays(writer, renamed, user) {
        return Ok(());
    }
    let (file, source) = writer.client(user)?;
    let covered = |mention: &Mention| renamed.has(mention);
    let found = mentions(writer, &source, file, user, renamed.unit);
    let (mut written, parts) = (found.written, found.renamed_parts);
    let mut opened = Vec::new();
    for mention in found.opened {
        let part = mention.opened_part();
        let is_opened = |other: &Mention| other.role == Role::Open && other.path.as_str() == part;
        let is_led = !part.is_empty() && (written.iter().any(is_opened) || parts.contains(&part));
        // The path that is opened is changed where it has to be, or what that is a name for.
        if !is_led {
            opened.push(mention);
        }
    }
    let is_any = opened.iter().any(covered);
    if !is_any && !written.iter().any(covered) {
        return Ok(());
    }
    // An `open` of the unit that brings nothing stays as it is.
    written.retain(|mention| is_any || !mention.opens_unit());
    if let Some(original) =
        generated_from(writer.tree, user).filter(|_| !generated::is_read_as_written(writer, user))
    {
        let named = written.iter().filter(|mention| covered(mention));
        let is_changed = !is_any && generated::insert(writer, (user, file), &source, named, renamed.suffix)?;
        if is_changed {
            return Ok(());
        }
        let user = writer.tree.unit_name(user);
        let message = format!("{user} is generated from this, and names the unit: the change belongs here");
        return Err(writer.refuse("generated-source", message, Path::new(&original)));
    }
    interface(writer, renamed, user)?;
    if let Some(at) = first_condition(source.text.as_bytes()) {
        // A name that is for the whole file is for the lines that are left out here, too.
        let is_by_itself =
            |mention: &Mention| !mention.is_local && !mention.path.is_empty() && mention.role != Role::Open;
        if is_any || !written.iter().filter(|mention| covered(mention)).all(is_by_itself) {
            let message = "lines from here on are for certain versions only, and may use the same name: \
                what it means has to be changed by hand";
            return Err(source.refuse("conditional-text", message, at as u32));
        }
    } else if let Some((item, at)) = alias_line(writer, renamed, user, &written, &opened)? {
        let one = source.slice(written[0].unit_span);
        let line = format!("module {one} = {one}{}\n{}\n", renamed.suffix, source.separator(item));
        writer.change(file).insert(at, line);
        return Ok(());
    }
    if is_any {
        let opens: Vec<Span> =
            written.iter().filter(|mention| mention.opens_unit()).map(|mention| mention.unit_span).collect();
        follow_opens(writer, renamed, file, &source, &opened, &opens)?;
    }
    let ends: BTreeSet<u32> =
        written.iter().filter(|mention| covered(mention)).map(|mention| mention.unit_span.end).collect();
    for end in ends {
        writer.change(file).insert(end, renamed.suffix);
    }
    Ok(())
}

/// Modules of the unit to which a client's interface gives a name: it is for the new unit's, as in the implementation.
fn interface(writer: &mut Writer<'_>, renamed: &Renamed<'_>, user: UnitId) -> Result<(), Refusal> {
    let Some((mli, source)) = writer.interface(user)? else { return Ok(()) };
    let facts = source.facts;
    let aliases: FxHashSet<Span> = facts
        .module_types
        .iter()
        .filter_map(|ty| match ty {
            ModuleType::Alias(path) => Some(facts.reference(*path).span),
            _ => None,
        })
        .collect();
    for mention in written(writer, &source, mli, renamed.unit) {
        if aliases.contains(&mention.span) && renamed.has(&mention) {
            writer.change(mli).insert(mention.unit_span.end, renamed.suffix);
        }
    }
    Ok(())
}

/// Where one line can give the new unit the name by which a file knows the old one; none where that would not do.
fn alias_line(
    writer: &mut Writer<'_>,
    renamed: &Renamed<'_>,
    user: UnitId,
    written: &[Mention],
    opened: &[Mention],
) -> Result<Option<(ItemId, u32)>, Refusal> {
    let (file, source) = writer.implementation(user)?;
    let unit = writer.tree.project.unit(user);
    let is_own = writer.tree.project.library(unit.library).origin == LibraryOrigin::Program;
    // Others would see one more module, perhaps in place of one that they mean.
    let is_seen = unit.interface().is_none() && !(is_own && writer.known.users(writer.tree, user).is_empty());
    let covered = |mention: &Mention| renamed.has(mention);
    // What the file calls by a name of its own keeps that name, and with it all that the unit has.
    let is_led = |mention: &Mention| !mention.is_local && (covered(mention) || mention.opens_unit());
    let places: BTreeSet<u32> = written.iter().map(|mention| mention.unit_span.start).collect();
    let spelled: FxHashSet<&str> = written.iter().map(|mention| source.slice(mention.unit_span)).collect();
    if is_seen || places.len() < 2 || !written.iter().all(is_led) || !opened.iter().all(covered) {
        return Ok(None);
    }
    let [one] = spelled.iter().copied().collect::<Vec<_>>()[..] else { return Ok(None) };
    // A file may define a module of one name once.
    let facts = source.facts;
    let is_it = |item: &ItemId| {
        let item = facts.item(*item);
        let names = facts.names(item.names());
        matches!(item.kind, ItemKind::Module { .. }) && names.iter().any(|name| name.as_str() == one)
    };
    if facts.structure(facts.root).items.iter().any(is_it) {
        return Ok(None);
    }
    let Some((item, at)) = alias_place(&source, written[0].unit_span.start) else { return Ok(None) };
    let is_plain = !one.contains('.');
    // What others see under that name, by an `include` or an alias somewhere, goes on being all of it.
    let seen = writer.eval.unit_module(user);
    if is_plain && !matches!(writer.eval.find(seen, Names::Module, name(one)), Find::Absent) {
        return Ok(None);
    }
    let is_meant = is_plain && reaches(writer, file, source.facts, at, name(one), written.iter());
    Ok(is_meant.then_some((item, at)))
}

/// A name that an `open` brought has nothing to change: the open has.
fn follow_opens(
    writer: &mut Writer<'_>,
    renamed: &Renamed<'_>,
    file: FileId,
    source: &Source<'_>,
    opened: &[Mention],
    opens: &[Span],
) -> Result<(), Refusal> {
    let shown = writer.tree.project.file(file).shown.clone();
    let place = |mention: &Mention| (shown.clone(), Some(source.facts.lines.line_col(mention.span.start)));
    let refused = |message: &str, mention: Option<&Mention>| {
        Err(Refusal::new("open-client", message, mention.map(place)))
    };
    if opens.is_empty() {
        return refused(
            "what brings this name here is not an `open` of the unit by its name",
            opened.first(),
        );
    }
    let through = through_opens(&mut writer.eval, file);
    let known: FxHashSet<Span> = opened.iter().map(|mention| mention.span).collect();
    for &open in opens {
        // One open may bring the path of another. Where it is not known which brought a name, any of them may have.
        let is_by_it = |span: &Span| {
            std::iter::successors(through.get(span), |by| through.get(by))
                .take(MAX_CHAIN)
                .any(|by| *by == open)
        };
        let may_be_by_it = |span: &Span| !through.contains_key(span) || is_by_it(span);
        let (covered, mut others): (Vec<&Mention>, Vec<&Mention>) = opened
            .iter()
            .filter(|mention| may_be_by_it(&mention.span))
            .partition(|mention| renamed.has(mention));
        if covered.is_empty() {
            continue;
        }
        // What links nothing of the unit, as an alias in it does, has to stay in reach all the same.
        let unlinked =
            source.facts.refs.iter().filter(|found| !known.contains(&found.span) && is_by_it(&found.span));
        let unlinked = unlinked.map(|found| Mention::brought(source.facts, found));
        let unlinked: Vec<Mention> = unlinked.filter(|mention| !renamed.has(mention)).collect();
        others.extend(&unlinked);
        // What the new unit has hides what the old one has under the same name; the rest stays in reach.
        let second = format!("open! {}{}", source.slice(open), renamed.suffix);
        let text = match others.first() {
            None => renamed.suffix.to_owned(),
            Some(other) if has_module(writer, renamed.unit, source.slice(open)) => {
                return refused(
                    "the `open` of the unit hides its name with a module of its own",
                    Some(other),
                );
            }
            Some(_) if root_opens(source).any(|item| item.contains(open.start)) => format!("\n{second}"),
            Some(_) if is_let_open(source, open) => format!(" in let {second}"),
            Some(other) => {
                return refused(
                    "a local `open` is also for this, which the new unit does not have",
                    Some(other),
                );
            }
        };
        writer.change(file).insert(open.end, text);
    }
    Ok(())
}

/// Whether `open` stands in `let open M in`, by the word behind the path.
fn is_let_open(source: &Source<'_>, open: Span) -> bool {
    let behind = source.text[open.end as usize..].trim_start();
    behind.strip_prefix("in").is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '('))
}

/// Whether a unit has a module of the name with which a path begins.
fn has_module(writer: &Writer<'_>, unit: UnitId, path: &str) -> bool {
    let graph = writer.tree.graph;
    let mut names = graph.unit_defs(unit).map(|def| graph.def(def).path);
    names.any(|name| name == head(path))
}

/// Whether a client links something of the unit that the new name does not cover.
fn links_what_stays(writer: &Writer<'_>, renamed: &Renamed<'_>, user: UnitId) -> bool {
    let graph = writer.tree.graph;
    let stays = |edge: &Edge| {
        edge.target.unit == renamed.unit
            && edge.kind.links()
            && !edge.flags.get().through
            && !edge.target.path.is_empty()
            && !(renamed.covers)(space_of_target(graph, edge), head(&edge.target.path))
    };
    graph.unit_defs(user).any(|def| graph.edges_of(def).iter().any(stays))
}

/// The spans of the file's own `open`s.
fn root_opens<'s>(source: &'s Source<'_>) -> impl Iterator<Item = Span> + 's {
    let facts = source.facts;
    let items = facts.structure(facts.root).items.iter().map(|&item| facts.item(item));
    items.filter(|item| matches!(item.kind, ItemKind::Open { .. })).map(|item| item.span)
}

/// The start of the line of the item that has the first mention; none inside an `open`.
fn alias_place(source: &Source<'_>, first: u32) -> Option<(ItemId, u32)> {
    let facts = source.facts;
    let root = &facts.structure(facts.root).items;
    let &id = root.iter().find(|&&item| facts.item(item).span.end > first)?;
    let item = facts.item(id);
    if matches!(item.kind, ItemKind::Open { .. } | ItemKind::Include { .. }) {
        return None;
    }
    // A second `and` cannot have a line between.
    let whole = facts.item(item.group);
    let ends = root.iter().map(|&item| facts.item(item).span.end);
    let floor = ends.filter(|&end| end <= whole.span.start).max().unwrap_or_else(|| source.start_of_code());
    Some((id, source.with_comments(whole.span, floor, whole.span.end).start))
}

/// Returns the first component of a dotted path.
fn head(path: &str) -> Name {
    name(first_component(path))
}
