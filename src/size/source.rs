//! The definitions of one unit as placing and estimating need them: lines, kinds, and syntax counts of their own.

use super::features::{Features, FileFeatures};
use super::place::Placeable;
use crate::base::{DefId, Idx, Name, UnitId};
use crate::graph::{Def, DefKind, Graph};
use crate::parse::{FileFacts, Shape};
use std::ops::Range;

/// The definitions of a unit, as a range of [`Graph::defs`].
pub(super) fn defs_of(graph: &Graph, unit: UnitId) -> Range<usize> {
    let range = graph.defs_of_unit.get(unit.idx()).cloned().unwrap_or(0..0);
    range.start as usize..range.end as usize
}

/// Turns definitions into what placing asks for; lines are those of the file itself, whatever `#line` says.
pub(super) fn placeables(defs: &[Def], facts: Option<&FileFacts>) -> Vec<Placeable> {
    let line = |offset| facts.map_or(1, |facts| facts.lines.line_col(offset).line);
    let placeable = |def: &Def| Placeable {
        path: def.path,
        start: line(def.span.start),
        // The end of a span is behind the last byte, which may be the start of a line.
        end: line(def.span.end.saturating_sub(1).max(def.span.start)),
        has_code: has_code(def.kind),
        is_effect: def.kind == DefKind::Effect,
        is_type: def.kind == DefKind::Type,
        is_constant: def.kind == DefKind::Value && def.shape == Shape::Constant && !def.runs,
        has_field: matches!(
            def.kind,
            DefKind::Value
                | DefKind::Module
                | DefKind::Functor
                | DefKind::Class
                | DefKind::Exception
                | DefKind::Extension
        ),
    };
    defs.iter().map(placeable).collect()
}

/// Whether machine code can belong to a definition of this kind.
fn has_code(kind: DefKind) -> bool {
    !matches!(kind, DefKind::ModuleType | DefKind::Alias)
}

/// Returns for each definition the features of its own syntax: those of definitions inside it are left out, those of items
/// that are no definitions go to the one around them, and where one item makes several definitions (`let (a, b) = e`) the
/// first one has them all. The last entry is what belongs to no definition.
pub(super) fn own_features(graph: &Graph, unit: UnitId, facts: &FileFacts) -> Vec<Features> {
    let range = defs_of(graph, unit);
    let defs = &graph.defs[range.clone()];
    let items = FileFeatures::new(facts).items();
    let mut def_of_item: Vec<Option<usize>> = vec![None; items.len()];
    for (i, def) in defs.iter().enumerate().filter(|(_, def)| !def.ghost) {
        if let Some(slot) = def_of_item.get_mut(def.item.idx()) {
            slot.get_or_insert(i);
        }
    }
    let mut own = vec![Features::default(); defs.len() + 1];
    for (i, (features, outer)) in items.iter().enumerate() {
        // An item comes after the one around it, whose definition is therefore known.
        if def_of_item[i].is_none() {
            def_of_item[i] = outer.and_then(|outer| def_of_item[outer.idx()]);
        }
        let def = def_of_item[i].unwrap_or(defs.len());
        own[def] = own[def].plus(*features);
    }
    for (features, def) in own.iter_mut().zip(range) {
        for edge in graph.edges_of(DefId::new(def)) {
            features.add_edge(edge, edge.target.unit == unit);
        }
    }
    own
}

/// Finds lines of a unit's own source among the lines that a line table names.
pub(super) struct OwnLines<'a> {
    base: &'a str,
    /// What `# LINE "FILE"` directives say: first and last line in the file itself, base name, line that is meant.
    regions: Vec<(u32, u32, &'a str, u32)>,
}

impl<'a> OwnLines<'a> {
    pub(super) fn new(path: &'a std::path::Path, facts: Option<&'a FileFacts>) -> Self {
        let base = path.file_name().and_then(|base| base.to_str()).unwrap_or("");
        let mut regions = Vec::new();
        if let Some(facts) = facts {
            let starts: Vec<u32> =
                facts.line_directives.iter().map(|&(at, _, _)| facts.lines.line_col(at).line).collect();
            for (i, (_, file, line)) in facts.line_directives.iter().enumerate() {
                // The directive of the next region has a line of its own.
                let next = starts.get(i + 1).copied().unwrap_or(u32::MAX);
                regions.push((starts[i], next.saturating_sub(2), base_name(file), *line));
            }
        }
        OwnLines { base, regions }
    }

    /// Returns the line of the file itself that a file and line of a line table mean; `None` for other files.
    pub(super) fn find(&self, file: Name, line: u32) -> Option<u32> {
        let base = base_name(file.as_str());
        let region = self.regions.iter().find(|&&(first, last, name, meant)| {
            name == base && line >= meant && line - meant <= last.saturating_sub(first)
        });
        match region {
            Some(&(first, _, _, meant)) => Some(first.saturating_add(line - meant)),
            None => (base == self.base).then_some(line),
        }
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
