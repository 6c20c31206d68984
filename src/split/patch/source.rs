//! One source file that a patch reads or changes: its text, what it says, and the changes made so far.
//!
//! New text is always made from spans of old text, so that comments, attributes and layout stay as they were written.

use super::Refusal;
use crate::base::Span;
use crate::parse::{FileFacts, Item, ItemId, ItemKind, Layout, ModuleType, StructureId};
use crate::project::{SourceFile, SourceKind};
use crate::resolve::Texts;
use std::path::PathBuf;
use std::sync::OnceLock;

/// A file with its text.
pub(super) struct Source<'a> {
    pub(super) path: PathBuf,
    pub(super) shown: PathBuf,
    pub(super) text: String,
    pub(super) facts: &'a FileFacts,
    kind: SourceKind,
    texts: &'a dyn Texts,
    /// Comments and the like, once somebody has asked for them.
    layout: &'a OnceLock<Box<Layout>>,
}

impl<'a> Source<'a> {
    /// Reads a file.
    pub(super) fn read(
        file: &SourceFile,
        facts: &'a FileFacts,
        texts: &'a dyn Texts,
        layout: &'a OnceLock<Box<Layout>>,
    ) -> Result<Source<'a>, Refusal> {
        let (path, shown) = (file.path.clone(), file.shown.clone());
        let refuse = |message: &str| Refusal::new("unreadable", message, Some((shown.clone(), None)));
        let bytes = texts.read(&path).map_err(|error| refuse(&format!("it cannot be read: {error}")))?;
        if bytes.len() as u32 != facts.n_bytes {
            return Err(refuse("it has changed since it was read: run the command again"));
        }
        let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))?;
        Ok(Source { path, shown, text, facts, kind: file.kind, texts, layout })
    }

    /// Returns the comments, strings and attributes of the file.
    pub(super) fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| Box::new(self.texts.layout(self.text.as_bytes(), self.kind)))
    }

    /// Returns the text of a span.
    pub(super) fn slice(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// Returns the text of a span with blanks in place of its comments.
    pub(super) fn without_comments(&self, span: Span) -> String {
        let mut text = self.slice(span).to_owned();
        let comments = &self.layout().comments;
        let first = comments.partition_point(|comment| comment.start < span.start);
        for comment in comments[first..].iter().take_while(|comment| comment.start < span.end) {
            if comment.end <= span.end {
                let inside = (comment.start - span.start) as usize..(comment.end - span.start) as usize;
                text.replace_range(inside.clone(), &" ".repeat(inside.len()));
            }
        }
        text
    }

    /// Returns a refusal that points into this file.
    pub(super) fn refuse(&self, code: &'static str, message: impl Into<String>, at: u32) -> Refusal {
        Refusal::new(code, message, Some((self.shown.clone(), Some(self.facts.line_col(at)))))
    }

    /// Returns an item's span without its `[@@..]` attributes.
    pub(super) fn body(&self, item: &Item) -> Span {
        Span { start: item.span.start, end: self.layout().body_end(&self.text, item.span) }
    }

    /// Returns the span of the name that an item binds first.
    pub(super) fn name_span(&self, item: ItemId) -> Option<Span> {
        let names = self.facts.item(item).names().range();
        self.facts.name_span(names.start).filter(|_| !names.is_empty())
    }

    /// Whether an item is `type t = private ..` with a type behind it: it is equal to no other type, and cannot say that it is.
    pub(super) fn is_private_abbreviation(&self, item: ItemId) -> bool {
        let found = self.facts.item(item);
        let ItemKind::Type { constructors, fields, .. } = &found.kind else { return false };
        let has_shape = [constructors, fields].iter().any(|names| !self.facts.names(**names).is_empty());
        let Some(name) = self.name_span(item).filter(|_| !has_shape) else { return false };
        let behind = self.slice(Span { start: name.end, end: self.body(found).end });
        let manifest =
            behind.split_once('=').and_then(|(_, manifest)| manifest.trim_start().strip_prefix("private"));
        manifest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '\''))
    }

    /// Returns the paths of all such types, those inside of modules that are spelled out among them.
    pub(super) fn private_abbreviations(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.add_private(self.facts.root, "", &mut found);
        found
    }

    fn add_private(&self, structure: StructureId, prefix: &str, found: &mut Vec<String>) {
        for &item in &self.facts.structure(structure).items {
            let kind = &self.facts.item(item).kind;
            let name = self.facts.names(self.facts.item(item).names()).first();
            let path = name.map(|name| format!("{prefix}{name}"));
            if let ItemKind::ModuleSpec { body, .. } = kind
                && let ModuleType::Signature(inner) = self.facts.module_type(*body)
                && let Some(path) = &path
            {
                self.add_private(*inner, &format!("{path}."), found);
            }
            found.extend(path.filter(|_| self.is_private_abbreviation(item)));
        }
    }

    /// Returns what stands between other code and an item behind it: an expression by itself would be applied to.
    pub(super) fn separator(&self, item: ItemId) -> &'static str {
        match self.facts.item(item).kind {
            ItemKind::Eval => ";;\n",
            _ => "",
        }
    }

    /// Returns where the `;` ends that an item ends with: `let f x = a; b;` is a definition in front of a `type`, and no end in front
    /// of a `let`.
    pub(super) fn dangling(&self, item: ItemId) -> Option<u32> {
        let span = self.facts.item(item).span;
        let behind = |offset: u32| self.text[offset as usize..].trim_start();
        let end = span.start + self.slice(span).trim_end().len() as u32;
        let is_single = self.slice(span).trim_end().ends_with(';') && !behind(end).starts_with(';');
        (is_single && !self.slice(span).trim_end().ends_with(";;")).then_some(end)
    }

    /// Returns the comment at the head of the file that says whose it is, where there is one.
    pub(super) fn licence(&self) -> Option<&str> {
        let first = self.layout().comments.first()?;
        let is_first = self.text[..first.start as usize].trim().is_empty();
        let end = self.head_end();
        // A first comment that stands behind code is no head.
        let text = self.text.get(first.start as usize..end as usize)?;
        let lower = text.to_lowercase();
        let says = ["copyright", "license", "licence", "spdx", "public domain", "permission to use"];
        (is_first && says.iter().any(|word| lower.contains(word))).then_some(text)
    }

    /// The end of the comments at the head of the file: those that follow each other without an empty line.
    fn head_end(&self) -> u32 {
        let mut end = 0;
        for comment in &self.layout().comments {
            let between = &self.text[end as usize..comment.start as usize];
            if !between.trim().is_empty() || (end > 0 && n_newlines(between) > 1) {
                break;
            }
            end = comment.end;
        }
        end
    }

    /// Where what belongs to items may start: behind the licence.
    pub(super) fn start_of_code(&self) -> u32 {
        if self.licence().is_some() { self.head_end() } else { 0 }
    }

    /// Whether an empty line stands in front of an offset.
    pub(super) fn has_empty_line_before(&self, offset: u32) -> bool {
        let before = &self.text[..offset as usize];
        n_newlines(&before[before.trim_end().len()..]) > 1
    }

    /// Widens a span to the comments that belong to it and to whole lines.
    ///
    /// A comment belongs to what stands on its line; else to what follows without an empty line between; else, in an
    /// interface and where it is documentation, to what it follows without an empty line.
    pub(super) fn with_comments(&self, span: Span, floor: u32, ceiling: u32) -> Span {
        let mut start = span.start;
        while let Some(comment) = self.comment_before(start, floor) {
            start = comment;
        }
        let mut end = span.end;
        while let Some(comment) = self.comment_behind(end, ceiling) {
            end = comment;
        }
        Span { start: self.line_start(start, floor), end: self.line_end(end, ceiling) }
    }

    /// The start of a comment that ends in front of an offset and belongs to what is there.
    fn comment_before(&self, offset: u32, floor: u32) -> Option<u32> {
        let comments = &self.layout().comments;
        let behind = comments.partition_point(|comment| comment.end <= offset);
        let comment = comments[..behind].last().filter(|comment| comment.start >= floor)?;
        let between = &self.text[comment.end as usize..offset as usize];
        if !between.trim().is_empty() || n_newlines(between) > 1 {
            return None;
        }
        // It may document what stands in front of it: directly behind that, and with an empty line to none.
        let before = &self.text[floor as usize..comment.start as usize];
        let gap = &before[before.trim_end().len()..];
        let is_trailing = !before.trim().is_empty() && n_newlines(gap) == 0;
        let is_document_of_former = self.facts.kind == SourceKind::Interface
            && !before.trim().is_empty()
            && n_newlines(gap) == 1
            && self.documents_behind();
        (!is_trailing && !is_document_of_former).then_some(comment.start)
    }

    /// The end of a comment that starts behind an offset and belongs to what is there.
    fn comment_behind(&self, offset: u32, ceiling: u32) -> Option<u32> {
        let comments = &self.layout().comments;
        let at = comments.partition_point(|comment| comment.start < offset);
        let comment = comments.get(at).filter(|comment| comment.end <= ceiling)?;
        let between = &self.text[offset as usize..comment.start as usize];
        if !between.trim().is_empty() || n_newlines(between) > 1 {
            return None;
        }
        if n_newlines(between) == 0 {
            return Some(comment.end);
        }
        let behind = &self.text[comment.end as usize..ceiling as usize];
        let gap = &behind[..behind.len() - behind.trim_start().len()];
        let is_free = n_newlines(gap) != 1 || self.documents_behind();
        let is_interface = self.facts.kind == SourceKind::Interface;
        (is_interface && is_free).then_some(comment.end)
    }

    /// Whether this file writes documentation behind what it documents: it does so at its first specification that has
    /// a comment on one side only.
    fn documents_behind(&self) -> bool {
        let comments = &self.layout().comments;
        for item in &self.facts.items {
            let at = comments.partition_point(|comment| comment.start < item.span.end);
            let gap = |from: u32, to: u32| {
                let text = &self.text[from as usize..to as usize];
                text.trim().is_empty() && n_newlines(text) == 1
            };
            let behind = comments.get(at).is_some_and(|comment| gap(item.span.end, comment.start));
            let before = at
                .checked_sub(1)
                .is_some_and(|i| comments[i].end <= item.span.start && gap(comments[i].end, item.span.start));
            if behind != before {
                return behind;
            }
        }
        false
    }

    fn line_start(&self, offset: u32, floor: u32) -> u32 {
        let before = &self.text[floor as usize..offset as usize];
        let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
        let at_start = before.len() == blank || before.as_bytes()[before.len() - blank - 1] == b'\n';
        if at_start { offset - blank as u32 } else { offset }
    }

    fn line_end(&self, offset: u32, ceiling: u32) -> u32 {
        let behind = &self.text[offset as usize..ceiling as usize];
        let blank = behind.len() - behind.trim_start_matches(BLANK).len();
        match behind.as_bytes().get(blank) {
            Some(b'\n') => offset + blank as u32 + 1,
            None => ceiling,
            Some(_) => offset,
        }
    }

    /// Returns the text of a span with some changes made, moved to the left as far as all its lines allow.
    pub(super) fn outdented(&self, span: Span, changes: &Changes) -> String {
        let starts_free =
            |offset: u32| !Layout::is_inside(&self.layout().strings, offset) && offset < span.end;
        let mut line_starts = vec![];
        let mut offset = span.start;
        for line in self.slice(span).split_inclusive('\n') {
            line_starts.push((offset, line));
            offset += line.len() as u32;
        }
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        // The first line may start in the middle.
        let is_whole = |at: u32| at == 0 || self.text.as_bytes()[at as usize - 1] == b'\n';
        let least = line_starts
            .iter()
            .filter(|(at, line)| starts_free(*at) && is_whole(*at) && !line.trim().is_empty())
            .map(|(_, line)| indent(line))
            .min()
            .unwrap_or(0);
        let mut all = changes.clone();
        for (at, line) in line_starts {
            if starts_free(at) && is_whole(at) && least > 0 {
                let cut = least.min(indent(line)) as u32;
                all.delete(Span { start: at, end: at + cut });
            }
        }
        all.apply(&self.text, span)
    }
}

/// What may stand behind the text of a line, up to its newline: a carriage return too, as editors on Windows write it.
pub(super) const BLANK: [char; 3] = [' ', '\t', '\r'];

fn n_newlines(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}

/// Replacements in one text, in any order; they may touch, and what two of them delete in common goes once.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(Vec<(Span, String)>);

impl Changes {
    pub(super) fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.0.push((span, text.into()));
    }
    pub(super) fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.replace(Span { start: at, end: at }, text);
    }
    pub(super) fn delete(&mut self, span: Span) {
        self.replace(span, "");
    }
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(super) fn extend(&mut self, other: Changes) {
        self.0.extend(other.0);
    }

    /// Whether a span goes, or other text stands for it.
    pub(super) fn replaces(&self, span: Span) -> bool {
        self.0.iter().any(|(change, _)| {
            change.start < change.end && change.start <= span.start && span.end <= change.end
        })
    }

    /// Returns the text of a span with the changes that lie in it.
    pub(super) fn apply(&self, text: &str, span: Span) -> String {
        let mut changes: Vec<&(Span, String)> = self
            .0
            .iter()
            .filter(|(change, _)| span.start <= change.start && change.end <= span.end)
            .collect();
        // What is inserted at one place stays in the order in which it came, in front of what is replaced there.
        changes.sort_by_key(|(change, _)| (change.start, change.end));
        let mut out = String::new();
        let mut at = span.start;
        for (change, new) in changes {
            if change.start < at && change.end <= at {
                // A change inside something that is replaced as a whole.
                continue;
            }
            // Two may both take the empty line that lies between them.
            out.push_str(&text[at as usize..change.start.max(at) as usize]);
            out.push_str(new);
            at = change.end;
        }
        out.push_str(&text[at as usize..span.end as usize]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_changes_delete_in_common_goes_once() {
        let text = "one two three four";
        let mut changes = Changes::default();
        changes.delete(Span { start: 7, end: 13 });
        changes.delete(Span { start: 3, end: 8 });
        changes.replace(Span { start: 9, end: 10 }, "inside");
        changes.insert(18, "!");
        assert_eq!(changes.apply(text, Span { start: 0, end: 18 }), "one four!");
    }
}
