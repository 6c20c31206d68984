//! Clients that a generator makes: what they name stands in a `.mll` or `.mly`, and is changed there.
//!
//! The code in such a file is copied as it stands. Before a build, what is known of the client has its places in that file; of
//! a client that was built, line directives lead back. In either case the text found there has to be the path that is looked
//! for: else nobody knows where it comes from.

use super::Refusal;
use super::mentions::Mention;
use super::source::Source;
use super::writer::Writer;
use crate::base::{FileId, LineIndex, UnitId, components};
use crate::parse::{FileFacts, RefKind, Reference};
use crate::project::{Project, Unit};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Adds `suffix` to the unit's name in some mentions of a client that is generated; returns whether all could be found in what
/// it is made of.
pub(super) fn insert<'m>(
    writer: &mut Writer<'_>,
    (user, file): (UnitId, FileId),
    source: &Source<'_>,
    mentions: impl Iterator<Item = &'m Mention>,
    suffix: &str,
) -> Result<bool, Refusal> {
    let Some(original) = original(writer, user, file) else { return Ok(false) };
    let is_built = writer.tree.project.file(file).generator.is_none();
    let text = writer.text(&original)?;
    let lines = LineIndex::new(text.as_bytes());
    let mut ends: BTreeSet<usize> = BTreeSet::new();
    for mention in mentions {
        let path = source.slice(mention.unit_span);
        let start = mention.unit_span.start;
        let at = match is_built {
            false => Some(start as usize),
            true => source.facts.directed_line(start).and_then(|(directed, line)| {
                let is_it = PathBuf::from(directed.as_str()).file_name() == original.file_name();
                let from = lines.line_start(line).filter(|_| is_it)? as usize;
                let here = text[from..].lines().next()?;
                column(here, path, source.facts.line_col(start).col as usize).map(|column| from + column)
            }),
        };
        // What is written for a declaration (`%type <T.t>`) has no place of its own.
        let is_there =
            |at: &usize| !path.is_empty() && text.get(*at..).is_some_and(|text| text.starts_with(path));
        match at.filter(is_there) {
            Some(at) => _ = ends.insert(at + path.len()),
            // A type that a generator writes anew means the same by its old name, and links nothing.
            None if is_type(source.facts, mention) => {}
            None => return Ok(false),
        }
    }
    writer.change_text(&original, "it cannot be read", |text| {
        let mut text = text.to_owned();
        ends.iter().rev().for_each(|&end| text.insert_str(end, suffix));
        Ok(text)
    })?;
    Ok(true)
}

/// Whether what mentions something is of types. Other things that a generator writes anew may have the same place.
fn is_type(facts: &FileFacts, mention: &Mention) -> bool {
    let path: Vec<&str> = components(&mention.path).collect();
    let is_it = |reference: &&Reference| {
        let names: Vec<&str> = facts.names(reference.path).iter().map(|name| name.as_str()).collect();
        reference.span == mention.span && names.ends_with(&path)
    };
    facts.refs.iter().filter(is_it).all(|reference| reference.kind == RefKind::Type)
}

/// Where a path stands in a line: at a column, or else, where generators moved the line, at the only place where it is.
fn column(line: &str, path: &str, column: usize) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '.');
    let stands_alone = |&at: &usize| {
        let (before, behind) = (&line[..at], &line[at + path.len()..]);
        !before.ends_with(is_part) && !behind.starts_with(|c| c != '.' && is_part(c))
    };
    let mut places = line.match_indices(path).map(|(at, _)| at).filter(stands_alone);
    let first = places.next()?;
    match places.next() {
        None => Some(first),
        Some(second) => [first, second].into_iter().chain(places).find(|&at| at == column),
    }
}

/// Whether what a unit is made of is what was read: text of which cppo leaves some lines out. It is changed like any other. Where
/// a line that is left out names the unit that is parted, it goes on naming what is there as before.
pub(super) fn is_read_as_written(writer: &Writer<'_>, user: UnitId) -> bool {
    let project = writer.tree.project;
    let unit = project.unit(user);
    let Some(from) = unit.generated_from.as_ref().map(|from| project.root.join(from)) else { return false };
    let file = unit.implementation().map(|file| project.file(file));
    file.is_some_and(|file| file.generator.is_none() && file.path == from) && !is_shared(project, &from)
}

/// Whether several units are made of a file: it is not to be changed for one of them.
fn is_shared(project: &Project, from: &Path) -> bool {
    let is_of = |unit: &&Unit| unit.generated_from.as_deref().is_some_and(|of| project.root.join(of) == from);
    project.units.iter().filter(is_of).count() > 1
}

/// The file for a lexer or parser generator that a unit is made of.
fn original(writer: &Writer<'_>, user: UnitId, file: FileId) -> Option<PathBuf> {
    let project = writer.tree.project;
    let from = match project.file(file).generator {
        Some(_) => project.file(file).path.clone(),
        None => project.root.join(project.unit(user).generated_from.as_deref()?),
    };
    let extension = from.extension()?.to_str()?;
    (matches!(extension, "mll" | "mly") && !is_shared(project, &from)).then_some(from)
}
