//! The definitions of one unit as placing needs them: lines and kinds.

use super::Objects;
use super::place::{Placeable, Placed, place};
use crate::base::{FileId, Idx, Name, UnitId};
use crate::graph::{Def, DefKind, Graph};
use crate::parse::{FileFacts, ItemKind, Shape};
use crate::project::Project;
use std::cell::Cell;
use std::ops::Range;

/// Places a measured unit on its definitions; `None` when it has no object file.
///
/// **Shape**: definitions in the order of the unit's range of [`Graph::defs`].
#[must_use]
pub fn place_unit<'f>(
    project: &Project,
    graph: &Graph,
    facts: impl Fn(FileId) -> Option<&'f FileFacts>,
    objects: &Objects,
    unit: UnitId,
) -> Option<Placed> {
    let size = objects.unit(unit)?;
    let file = project.unit(unit).implementation();
    let facts = file.and_then(facts);
    let lines = file.map(|file| OwnLines::new(&project.file(file).path, facts));
    let find = |file, line| lines.as_ref()?.find(file, line);
    Some(place(size, &placeables(&graph.defs[defs_of(graph, unit)], facts), find))
}

/// The definitions of a unit, as a range of [`Graph::defs`].
pub(super) fn defs_of(graph: &Graph, unit: UnitId) -> Range<usize> {
    let range = graph.defs_of_unit.get(unit.idx()).cloned().unwrap_or(0..0);
    range.start as usize..range.end as usize
}

/// Turns definitions into what placing asks for; lines are those of the file itself, whatever `#line` says.
fn placeables(defs: &[Def], facts: Option<&FileFacts>) -> Vec<Placeable> {
    let line = |offset| facts.map_or(1, |facts| facts.lines.line_col(offset).line);
    let is_data = |def: &Def| {
        let counts = facts.and_then(|facts| Some(facts.counts(facts.items.get(def.item.idx())?)));
        counts.is_none_or(|counts| counts.strings > 0 || counts.blocks > 0)
    };
    let primitive = |def: &Def| match facts?.items.get(def.item.idx())?.kind {
        ItemKind::External { primitive, .. } => Some(primitive),
        _ => None,
    };
    let placeable = |def: &Def| Placeable {
        path: def.path,
        start: line(def.span.start),
        // The end of a span is behind the last byte, which may be the start of a line.
        end: line(def.span.end.saturating_sub(1).max(def.span.start)),
        has_code: has_code(def.kind),
        is_effect: def.kind == DefKind::Effect,
        is_type: def.kind == DefKind::Type,
        is_constant: def.kind == DefKind::Value && def.shape == Shape::Constant && !def.runs && is_data(def),
        has_field: matches!(
            def.kind,
            DefKind::Value
                | DefKind::Module
                | DefKind::Functor
                | DefKind::Class
                | DefKind::Exception
                | DefKind::Extension
        ),
        primitive: primitive(def),
    };
    defs.iter().map(placeable).collect()
}

/// Whether machine code can belong to a definition of this kind.
fn has_code(kind: DefKind) -> bool {
    !matches!(kind, DefKind::ModuleType | DefKind::Alias)
}

/// Finds lines of a unit's own source among the lines that a line table names.
struct OwnLines<'a> {
    /// Base names: the unit's own file, then those of `# LINE "FILE"` directives.
    bases: Vec<&'a str>,
    /// What the directives say: first and last line in the file itself, number of the base name, line that is meant.
    regions: Vec<(u32, u32, usize, u32)>,
    /// The file that was asked for last, and the number of its base name: most lines are of one file.
    last: Cell<Option<(Name, Option<usize>)>>,
}

impl<'a> OwnLines<'a> {
    fn new(path: &'a std::path::Path, facts: Option<&'a FileFacts>) -> Self {
        let mut bases = vec![path.file_name().and_then(|base| base.to_str()).unwrap_or("")];
        let mut regions = Vec::new();
        if let Some(facts) = facts {
            let starts: Vec<u32> =
                facts.line_directives.iter().map(|&(at, _, _)| facts.lines.line_col(at).line).collect();
            for (i, (_, file, line)) in facts.line_directives.iter().enumerate() {
                // The directive of the next region has a line of its own.
                let next = starts.get(i + 1).copied().unwrap_or(u32::MAX);
                let base = base_name(file);
                let number = bases.iter().position(|&known| known == base).unwrap_or_else(|| {
                    bases.push(base);
                    bases.len() - 1
                });
                regions.push((starts[i], next.saturating_sub(2), number, *line));
            }
        }
        OwnLines { bases, regions, last: Cell::new(None) }
    }

    /// Returns the line of the file itself that a file and line of a line table mean; `None` for other files.
    fn find(&self, file: Name, line: u32) -> Option<u32> {
        let base = match self.last.get() {
            Some((last, base)) if last == file => base,
            _ => {
                let base = base_name(file.as_str());
                let base = self.bases.iter().position(|&known| known == base);
                self.last.set(Some((file, base)));
                base
            }
        }?;
        let region = self.regions.iter().find(|&&(first, last, number, meant)| {
            number == base && line >= meant && line - meant <= last.saturating_sub(first)
        });
        match region {
            Some(&(first, _, _, meant)) => Some(first.saturating_add(line - meant)),
            None => (base == 0).then_some(line),
        }
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
