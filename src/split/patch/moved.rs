//! Text that moves from one unit to new ones: pieces with their comments, the opens they stand under, and the names of the
//! other new units in front.
//!
//! The layout is the one that [`crate::split::grouping`] checks: leading opens, then what is seen of other groups, then the
//! pieces in their old order with the opens between them.

use super::Refusal;
use super::source::{BLANK, Changes, Source};
use super::unseal::inside;
use super::writer::Writer;
use crate::base::{FileId, Span, UnitId};
use crate::parse::{ItemId, ItemKind, ModuleExpr, StructureId};
use crate::split::fresh::is_main;
use crate::split::lexicon::{Lexical, Lexicon};
use crate::split::plan::{Part, Plan, Recipe, Role};
use std::rc::Rc;

/// The unit whose text is distributed.
pub(super) struct OldUnit<'a> {
    pub(super) unit: UnitId,
    /// How its siblings name it.
    name: String,
    /// Whether they cannot: it is the main module of their library.
    is_main: bool,
    pub(super) ml: FileId,
    pub(super) implementation: Rc<Source<'a>>,
    pub(super) interface: Option<(FileId, Rc<Source<'a>>)>,
    pub(super) lexicon: Lexicon<'a>,
}

impl<'a> OldUnit<'a> {
    pub(super) fn read(writer: &mut Writer<'a>, unit: UnitId) -> Result<Self, Refusal> {
        let (ml, implementation) = writer.implementation(unit)?;
        let interface = writer.interface(unit)?;
        let facts = implementation.facts;
        let name = writer.sibling_name(unit);
        let is_main = is_main(writer.tree, unit);
        Ok(OldUnit { unit, name, is_main, ml, implementation, interface, lexicon: Lexicon::new(facts) })
    }

    /// Items of the file that are one text, as rows of their numbers; in source order.
    pub(super) fn rows(&self, items: &[ItemId]) -> Vec<Vec<ItemId>> {
        let facts = self.implementation.facts;
        let mut rows: Vec<Vec<ItemId>> = Vec::new();
        for &id in items {
            match rows.last_mut() {
                Some(row) if facts.item(row[0]).group == facts.item(id).group => row.push(id),
                _ => rows.push(vec![id]),
            }
        }
        rows
    }

    /// The span of items that are one text, with their comments.
    pub(super) fn span(&self, row: &[ItemId]) -> Span {
        let source = &self.implementation;
        let facts = source.facts;
        let first = facts.item(row[0]).span;
        let last = facts.item(row[row.len() - 1]).span;
        let root = &facts.structure(facts.root).items;
        let floor = root
            .iter()
            .map(|&item| facts.item(item).span.end)
            .filter(|&end| end <= first.start)
            .max()
            .unwrap_or_else(|| self.implementation.start_of_code());
        let ceiling = root
            .iter()
            .map(|&item| facts.item(item).span.start)
            .find(|&start| start >= last.end)
            .unwrap_or(source.text.len() as u32);
        source.with_comments(Span { start: first.start, end: last.end }, floor, ceiling)
    }

    /// The text of a new unit, with some changes made to what moves.
    pub(super) fn unit_text(&self, plan: &Plan, part: &Part, changes: &Changes) -> Result<String, Refusal> {
        let source = &self.implementation;
        let facts = source.facts;
        let first = part.items.first().map(|&item| facts.item(item).span.start).unwrap_or(0);
        let root = &facts.structure(facts.root).items;
        let is_open = |item: ItemId| match &facts.item(item).kind {
            ItemKind::Open { module, .. } => matches!(facts.module_expr(*module), ModuleExpr::Path(_)),
            _ => false,
        };
        let mut out = source.licence().map_or_else(String::new, |licence| format!("{licence}\n\n"));
        let (mut before, mut behind) = (String::new(), String::new());
        for &attribute in source.layout().floating_attributes.iter().filter(|span| span.start < first) {
            before.push_str(&format!("{}\n", source.slice(attribute)));
        }
        for &open in root.iter().filter(|&&item| is_open(item) && facts.item(item).span.start < first) {
            // One that names a module of this file comes behind the names of the others.
            let list = if self.names_own(open) { &mut behind } else { &mut before };
            list.push_str(&self.open(open));
        }
        out.push_str(&before);
        if part.role == Role::Effects && part.sees.is_empty() && !self.is_main {
            out.push_str(&format!("open! {}\n", self.name));
        }
        out.push_str(&names(plan, part, self.interface.is_some())?);
        out.push_str(&behind);
        if !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
        if let Role::Submodule { .. } = part.role {
            let structure = self.structure_of(part.items[0])?;
            let first = facts.structure(structure).items.first();
            out.push_str(first.filter(|_| !out.is_empty()).map_or("", |&first| source.separator(first)));
            out.push_str(source.outdented(inside(source, structure), changes).trim_end());
            out.push('\n');
            return Ok(out);
        }
        let last = part.items.last().map(|&item| facts.item(item).span.start).unwrap_or(0);
        let mut items = part.items.clone();
        items.extend(root.iter().copied().filter(|&item| {
            let at = facts.item(item).span.start;
            is_open(item) && first < at && at < last
        }));
        items.sort_by_key(|&item| facts.item(item).span.start);
        let mut end = None;
        for row in self.rows(&items) {
            if is_open(row[0]) {
                out.push_str(&self.open(row[0]));
                continue;
            }
            let span = self.span(&row);
            let is_spaced = end.is_some() && source.has_empty_line_before(span.start);
            if is_spaced && !out.ends_with("\n\n") {
                out.push('\n');
            }
            let text = changes.apply(&source.text, span);
            if !out.is_empty() {
                out.push_str(source.separator(row[0]));
            }
            out.push_str(&text);
            if !text.ends_with('\n') {
                out.push('\n');
            }
            end = Some(span.end);
        }
        Ok(out)
    }

    fn open(&self, item: ItemId) -> String {
        let text = self.implementation.slice(self.implementation.facts.item(item).span);
        let path = text.trim_start_matches("open").trim_start_matches('!').trim();
        // It may bring nothing that is left here.
        format!("open! {path}\n")
    }

    fn names_own(&self, item: ItemId) -> bool {
        let facts = self.implementation.facts;
        let range = facts.item(item).refs.clone();
        let mut refs = facts.refs[range.start as usize..range.end as usize].iter();
        refs.any(|reference| matches!(self.lexicon.lookup(reference), Lexical::Root(_)))
    }

    /// The structure of `module X = struct .. end`.
    pub(super) fn structure_of(&self, item: ItemId) -> Result<StructureId, Refusal> {
        let facts = self.implementation.facts;
        let found = facts.item(item);
        if let ItemKind::Module { body, .. } = &found.kind
            && let ModuleExpr::Structure(structure) = facts.module_expr(*body)
        {
            return Ok(*structure);
        }
        Err(self.implementation.refuse("by-hand", "this module is not a plain structure", found.span.start))
    }

    /// Takes rows of items out of the old file; `instead` stands where the first one stood.
    pub(super) fn take_out(&self, writer: &mut Writer<'_>, items: &[ItemId], instead: &str) {
        let source = &self.implementation;
        let root = &source.facts.structure(source.facts.root).items;
        // What comes next is another item now.
        for pair in root.windows(2).filter(|pair| !items.contains(&pair[0]) && items.contains(&pair[1])) {
            if let Some(end) = source.dangling(pair[0]) {
                writer.change(self.ml).insert(end, ";");
            }
        }
        let rows = self.rows(items);
        let mut cleared = 0;
        for (i, row) in rows.iter().enumerate() {
            let span = self.span(row);
            if i == 0 && !instead.is_empty() {
                writer.change(self.ml).replace(span, instead);
                cleared = span.end;
                continue;
            }
            // One of the empty lines around it goes too.
            let rest = &source.text[span.end as usize..];
            let blank = rest.len() - rest.trim_start_matches(BLANK).len();
            let has_blank_line = rest[blank..].starts_with('\n');
            let is_spaced = source.has_empty_line_before(span.start);
            let end = if has_blank_line && is_spaced { span.end + blank as u32 + 1 } else { span.end };
            // At the end of the file it is the one in front.
            let is_last = rest.trim().is_empty() && is_spaced && span.start > cleared;
            let newline = if source.text[..span.start as usize].ends_with("\r\n") { 2 } else { 1 };
            let start = if is_last { span.start - newline } else { span.start };
            cleared = end;
            writer.change(self.ml).delete(Span { start, end });
        }
    }
}

/// The lines by which a new unit knows the others.
fn names(plan: &Plan, part: &Part, has_interface: bool) -> Result<String, Refusal> {
    let mut opens = String::new();
    let mut aliases = Vec::new();
    for &seen in &part.sees {
        let other = &plan.parts[seen];
        match &other.role {
            Role::Submodule { path } => aliases.push(format!("module {path} = {}", other.module)),
            _ => opens.push_str(&format!("open! {}\n", other.module)),
        }
    }
    if aliases.is_empty() {
        return Ok(opens);
    }
    // Names of its own would be members, where no interface keeps them back.
    let is_hidden =
        has_interface && matches!(part.role, Role::Submodule { .. }) && part.recipe != Recipe::Bare;
    if is_hidden {
        return Ok(format!("{opens}{}\n", aliases.join("\n")));
    }
    Ok(format!("{opens}open! struct\n  {}\nend\n", aliases.join("\n  ")))
}
