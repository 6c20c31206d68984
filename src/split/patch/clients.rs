//! What clients write so that they name the new unit: one alias line where that covers a file, else each reference.
//!
//! `module M = Lib.M.Core` stands in front of the first item that names `M`, when everything that the file says of `M` is in
//! the core and the file can take one more name: it has an interface, or is a program's own. Otherwise `.Core` is added
//! where the file names the old unit, and nowhere else. A file that links something which stays in the old unit is left as
//! it is: it would link both.

use super::Refusal;
use super::source::Source;
use super::writer::Writer;
use crate::base::{FileId, Name, Span, UnitId, components, first_component, name};
use crate::graph::Edge;
use crate::parse::{ItemKind, Role};
use crate::project::LibraryOrigin;
use crate::split::fresh::unwrapped;
use crate::split::lexicon::{Lexical, Lexicon};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// What clients are to write for some paths of a unit.
pub(super) struct Renamed<'r> {
    pub(super) unit: UnitId,
    /// Whether a path of the unit has the new name.
    pub(super) covers: &'r dyn Fn(&str) -> bool,
    /// What stands for the unit: `.Uri_core` is added to its name.
    pub(super) suffix: &'r str,
}

/// One place where a file names something of the unit.
struct Mention {
    /// The whole path.
    span: Span,
    /// The path as far as the unit: `Uri`, `Lib.Uri`.
    /// Empty where an `open` brought the rest.
    unit_span: Span,
    /// What it says of the unit, empty for the module itself.
    path: Name,
    /// How many components of that are not written there, since an `open` of a module of the unit brought them.
    n_hidden: usize,
}

impl Mention {
    /// The module of the unit that was opened.
    fn opened_part(&self) -> String {
        components(&self.path).take(self.n_hidden).collect::<Vec<_>>().join(".")
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
        for mention in
            mentions(writer, &source, user, facade).into_iter().filter(|mention| mention.n_hidden == 0)
        {
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
    let (file, source) = writer.implementation(user)?;
    let covered = |mention: &Mention| (renamed.covers)(mention.path.as_str());
    let module = unwrapped(writer.tree.unit_name(renamed.unit));
    let (unnamed, mut mentions): (Vec<Mention>, Vec<Mention>) = mentions(writer, &source, user, renamed.unit)
        .into_iter()
        .partition(|mention| mention.unit_span.is_empty());
    let parts = opened_parts(&source, module);
    let mut opened = Vec::new();
    for mention in unnamed {
        let part = mention.opened_part();
        let opens: Vec<Span> =
            parts.iter().filter(|(_, other)| *other == part).map(|&(unit_span, _)| unit_span).collect();
        if opens.is_empty() {
            opened.push(mention);
        } else {
            mentions.extend(opens.into_iter().map(|unit_span| Mention { unit_span, ..mention }));
        }
    }
    let opens = match opened.iter().any(covered) {
        true => opens_of(&source, module),
        false => Vec::new(),
    };
    if opens.is_empty() && !mentions.iter().any(covered) && !opened.iter().any(covered) {
        return Ok(());
    }
    let spelled: FxHashSet<&str> = mentions
        .iter()
        .map(|mention| source.slice(mention.unit_span))
        .chain(opens.iter().map(|&open| source.slice(open)))
        .collect();
    let unit = writer.tree.project.unit(user);
    let is_own = writer.tree.project.library(unit.library).origin == LibraryOrigin::Program;
    let can_grow = is_own || unit.interface().is_some();
    let is_bare = |mention: &&Mention| mention.path.is_empty();
    let all = mentions.iter().chain(&opened).all(|mention| covered(mention) || is_bare(&mention))
        && parts.iter().all(|(_, part)| (renamed.covers)(part));
    let places = mentions.iter().map(|mention| mention.unit_span).chain(opens.iter().copied());
    let places: BTreeSet<u32> = places.map(|place| place.start).collect();
    if can_grow
        && all
        && places.len() > 1
        && let [one] = spelled.iter().copied().collect::<Vec<_>>().as_slice()
        && !one.contains('.')
        && let Some(at) = places.first().and_then(|&first| alias_place(&source, first))
    {
        writer.change(file).insert(at, format!("module {one} = {one}{}\n\n", renamed.suffix));
        return Ok(());
    }
    if opened.iter().any(covered) {
        follow_opens(writer, renamed, file, &source, &opened, &opens)?;
    }
    let is_open = |mention: &&Mention| opens.iter().any(|open| open.start == mention.unit_span.start);
    let changes = mentions.iter().filter(|mention| covered(mention) || (all && is_bare(mention)));
    let ends: BTreeSet<u32> =
        changes.filter(|mention| !is_open(mention)).map(|mention| mention.unit_span.end).collect();
    for end in ends {
        writer.change(file).insert(end, renamed.suffix);
    }
    Ok(())
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
    let other = opened.iter().find(|mention| !(renamed.covers)(mention.path.as_str()));
    let is_item = |open: &Span| root_opens(source).any(|item| item.contains(open.start));
    if let Some(other) = other
        && !opens.iter().all(is_item)
    {
        let message = "a local `open` is also for this, which the new unit does not have";
        return Err(Refusal::new("open-client", message, Some(place(other))));
    }
    if opens.is_empty() {
        let message = "what brings this name here is not an `open` of the unit by its name";
        return Err(Refusal::new("open-client", message, opened.first().map(place)));
    }
    for &open in opens {
        let text = match other {
            None => renamed.suffix.to_owned(),
            // What the new unit has hides what the old one has under the same name; the rest stays in reach.
            Some(_) => format!("\nopen! {}{}", source.slice(open), renamed.suffix),
        };
        writer.change(file).insert(open.end, text);
    }
    Ok(())
}

/// Whether a client links something of the unit that the new name does not cover.
fn links_what_stays(writer: &Writer<'_>, renamed: &Renamed<'_>, user: UnitId) -> bool {
    let graph = writer.tree.graph;
    let stays = |edge: &Edge| {
        edge.target.unit == renamed.unit
            && edge.kind.links()
            && !edge.flags.get().through
            && !edge.target.path.is_empty()
            && !(renamed.covers)(edge.target.path.as_str())
    };
    graph.unit_defs(user).any(|def| graph.edges_of(def).iter().any(stays))
}

/// The spans of the file's own `open`s.
fn root_opens<'s>(source: &'s Source<'_>) -> impl Iterator<Item = Span> + 's {
    let facts = source.facts;
    let items = facts.structure(facts.root).items.iter().map(|&item| facts.item(item));
    items.filter(|item| matches!(item.kind, ItemKind::Open { .. })).map(|item| item.span)
}

/// The paths that the file opens, anywhere, and that may be of a module of this name.
fn opens_of(source: &Source<'_>, module: &str) -> Vec<Span> {
    let facts = source.facts;
    let opened = facts.refs.iter().filter(|found| found.role == Role::Open);
    let named =
        opened.filter(|open| facts.names(open.path).last().is_some_and(|last| last.as_str() == module));
    let mut spans: Vec<Span> = named.map(|open| open.span).collect();
    spans.dedup();
    spans
}

/// The modules of a unit that the file opens, anywhere, each with where the path names the unit.
fn opened_parts(source: &Source<'_>, module: &str) -> Vec<(Span, String)> {
    let facts = source.facts;
    let mut parts: Vec<(Span, String)> = Vec::new();
    for open in facts.refs.iter().filter(|found| found.role == Role::Open) {
        let names = facts.names(open.path);
        let text = source.slice(open.span);
        for (nth, (dot, _)) in text.match_indices('.').enumerate() {
            if names.get(nth).is_some_and(|name| name.as_str() == module) {
                let end = open.span.start + text[..dot].trim_end().len() as u32;
                let part: Vec<&str> = names[nth + 1..].iter().map(|name| name.as_str()).collect();
                parts.push((Span { start: open.span.start, end }, part.join(".")));
            }
        }
    }
    parts.dedup();
    parts
}

/// Where a file names the unit by its own name, in order.
fn mentions(writer: &Writer<'_>, source: &Source<'_>, user: UnitId, unit: UnitId) -> Vec<Mention> {
    let graph = writer.tree.graph;
    let facts = source.facts;
    let lexicon = Lexicon::new(facts);
    let is_real = |edge: &&Edge| {
        edge.target.unit == unit
            && !edge.flags.get().through
            && !edge.flags.get().implicit
            && !edge.flags.get().coercion
            && !edge.flags.get().export
            && !edge.flags.get().by_type
    };
    let mut out: Vec<Mention> = Vec::new();
    for def in graph.unit_defs(user) {
        for edge in graph.edges_of(def).iter().filter(is_real) {
            let references = facts.refs.binary_search_by_key(&edge.span.start, |found| found.span.start);
            let Some(reference) = references
                .ok()
                .map(|i| &facts.refs[i])
                .or_else(|| facts.refs.iter().find(|found| found.span == edge.span))
            else {
                continue;
            };
            if reference.span != edge.span || lexicon.lookup(reference) != Lexical::Outside {
                continue;
            }
            let n_components = facts.names(reference.path).len();
            let n_inside = components(&edge.target.path).count();
            let n_unit = n_components.saturating_sub(n_inside);
            let text = source.slice(reference.span);
            let end = match n_unit.checked_sub(1).map(|n| text.match_indices('.').nth(n)) {
                None => 0,
                Some(Some((dot, _))) if n_inside > 0 => text[..dot].trim_end().len(),
                Some(_) => text.len(),
            };
            let unit_span = Span { start: reference.span.start, end: reference.span.start + end as u32 };
            let n_hidden = n_inside.saturating_sub(n_components);
            out.push(Mention { span: reference.span, unit_span, path: edge.target.path, n_hidden });
        }
    }
    out.sort_by_key(|mention| (mention.unit_span.start, mention.path.len()));
    out.dedup_by_key(|mention| (mention.unit_span.start, mention.path));
    // Several edges of one reference name the same thing at several depths: the longest path counts.
    let mut kept: Vec<Mention> = Vec::new();
    for mention in out {
        match kept.last_mut() {
            Some(last) if last.unit_span.start == mention.unit_span.start => {
                // What is in a module that is written out was not brought by an `open`.
                if mention.n_hidden == 0 || last.n_hidden > 0 {
                    *last = mention;
                }
            }
            _ => kept.push(mention),
        }
    }
    kept
}

/// The start of the line of the item that has the first mention; none inside an `open`.
fn alias_place(source: &Source<'_>, first: u32) -> Option<u32> {
    let facts = source.facts;
    let root = &facts.structure(facts.root).items;
    let item = root.iter().map(|&item| facts.item(item)).find(|item| item.span.end > first)?;
    if matches!(item.kind, ItemKind::Open { .. } | ItemKind::Include { .. }) {
        return None;
    }
    // A second `and` cannot have a line between.
    let whole = facts.item(item.group);
    let ends = root.iter().map(|&item| facts.item(item).span.end);
    let floor = ends.filter(|&end| end <= whole.span.start).max().unwrap_or_else(|| source.start_of_code());
    Some(source.with_comments(whole.span, floor, whole.span.end).start)
}

/// Returns the first component of a dotted path.
pub(super) fn head(path: &str) -> Name {
    name(first_component(path))
}
