//! What a rewrite of a file has to respect besides its facts: comments, strings, attributes.
//!
//! Facts leave these out, since only the few files that a patch touches need them: text in, spans out, one walk.

use super::parse_tree;
use crate::base::Span;
use crate::project::SourceKind;
use serde::{Deserialize, Serialize};

/// Spans of a file that carry no names, each list in source order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Layout {
    /// Comments, documentation included; those inside items too.
    pub comments: Vec<Span>,
    /// Strings, quoted ones included: lines that start inside one must not move.
    pub strings: Vec<Span>,
    /// `[@@..]`: attributes of items.
    pub item_attributes: Vec<Span>,
    /// `[@@@..]`: attributes of all that follows.
    pub floating_attributes: Vec<Span>,
}

impl Layout {
    /// Reads the layout of a text; empty when it cannot be parsed.
    #[must_use]
    pub fn new(text: &[u8], kind: SourceKind) -> Self {
        let mut layout = Layout::default();
        let Some(tree) = parse_tree(text, kind, Span::new(0, text.len())) else { return layout };
        let mut cursor = tree.walk();
        loop {
            let node = cursor.node();
            let span = Span::new(node.start_byte(), node.end_byte());
            let list = match node.kind() {
                "comment" => Some(&mut layout.comments),
                "string" | "quoted_string" => Some(&mut layout.strings),
                "floating_attribute" => Some(&mut layout.floating_attributes),
                "item_attribute" => Some(&mut layout.item_attributes),
                _ => None,
            };
            let is_leaf = list.is_some();
            if let Some(list) = list {
                list.push(span);
            }
            if !is_leaf && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return layout;
                }
            }
        }
    }

    /// Whether an offset lies inside a comment or string, behind its first byte.
    #[must_use]
    pub fn is_inside(list: &[Span], offset: u32) -> bool {
        let behind = list.partition_point(|span| span.start < offset);
        behind.checked_sub(1).is_some_and(|before| offset < list[before].end)
    }

    /// Returns where an item's own text ends: in front of its `[@@..]` attributes.
    #[must_use]
    pub fn body_end(&self, text: &str, item: Span) -> u32 {
        let mut end = item.end;
        loop {
            let before = text[item.start as usize..end as usize].trim_end().len() as u32 + item.start;
            let last = self.item_attributes.iter().chain(&self.comments);
            match last.into_iter().find(|span| span.end == before && span.start > item.start) {
                Some(span) => end = span.start,
                None => return before,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_the_end_of_a_body() {
        let text = "(** a *)\nmodule X : sig\n  val x : int (* b *)\nend [@@deprecated \"no\"] (* c *)\n";
        let layout = Layout::new(text.as_bytes(), SourceKind::Interface);
        let shown = |spans: &[Span]| -> Vec<&str> {
            spans.iter().map(|span| &text[span.start as usize..span.end as usize]).collect()
        };
        assert_eq!(shown(&layout.comments), ["(** a *)", "(* b *)", "(* c *)"]);
        assert_eq!(shown(&layout.item_attributes), ["[@@deprecated \"no\"]"]);
        let item = Span::new(9, text.rfind(" (* c").expect("is there"));
        let end = layout.body_end(text, item) as usize;
        assert!(text[..end].ends_with("\nend"), "{}", &text[..end]);
    }
}
