//! Comments and attributes that speak to this program: `(* unlith: .. *)` and `[@unlith.allow ".."]`.
//!
//! Facts leave comments out, so a text that holds the word is parsed once more; few do.

use super::{mask, parse_tree};
use crate::base::Span;
use crate::project::SourceKind;
use tree_sitter::Node;

/// What somebody wrote to this program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// What it says, without the words that mark it: `allow absent Str: the reason`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// What it is about; `None` for the whole file.
    pub covers: Option<Span>,
}

/// The word that marks a comment.
const COMMENT: &[u8] = b"unlith:";
/// The attribute.
const ATTRIBUTE: &str = "unlith.allow";

/// Whether a text may hold remarks.
#[must_use]
pub fn has_remarks(text: &[u8]) -> bool {
    [COMMENT, ATTRIBUTE.as_bytes()].iter().any(|word| text.windows(word.len()).any(|here| here == *word))
}

/// Returns the remarks of a text in order.
///
/// An attribute is about what it is attached to, `[@@@unlith.allow ..]` about the file. A comment on lines of its own is about
/// what follows it, an item or an expression; one behind code is about its line; `allow-file` is about the file.
#[must_use]
pub fn remarks(text: &[u8], kind: SourceKind) -> Vec<Remark> {
    if !has_remarks(text) {
        return Vec::new();
    }
    let masked = mask(text);
    let Some(tree) = parse_tree(&masked, kind, Span::new(0, text.len())) else { return Vec::new() };
    let mut found = Vec::new();
    let mut cursor = tree.root_node().walk();
    loop {
        let node = cursor.node();
        let is_remark = match node.kind() {
            "comment" => comment(text, node),
            "attribute" | "item_attribute" | "floating_attribute" => attribute(text, node),
            _ => None,
        };
        found.extend(is_remark);
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

fn comment(text: &[u8], node: Node<'_>) -> Option<Remark> {
    let inside = text.get(node.start_byte() + 2..node.end_byte().checked_sub(2)?)?;
    let inside = String::from_utf8_lossy(inside);
    let said = inside.trim_start_matches('*').trim().strip_prefix("unlith:")?.trim();
    let line_start = text[..node.start_byte()].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let is_alone = text[line_start..node.start_byte()].iter().all(u8::is_ascii_whitespace);
    let covers = match (said.strip_prefix("allow-file"), is_alone) {
        (Some(_), _) => None,
        (None, true) => Some(next(node)),
        (None, false) => Some(Span::new(line_start, node.end_byte())),
    };
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = said.replacen("allow-file", "allow", 1);
    Some(Remark { text: said, span: span(node), covers })
}

/// What follows a comment: the next item or expression; the comment itself where nothing does.
fn next(node: Node<'_>) -> Span {
    let mut at = node;
    loop {
        let mut sibling = at.next_named_sibling();
        while let Some(found) = sibling.filter(|found| found.kind() == "comment") {
            sibling = found.next_named_sibling();
        }
        match (sibling, at.parent()) {
            (Some(found), _) => return span(found),
            // A comment at the end of an inner node stands before what follows that node.
            (None, Some(parent)) => at = parent,
            (None, None) => return span(node),
        }
    }
}

fn attribute(text: &[u8], node: Node<'_>) -> Option<Remark> {
    let written = text.get(node.byte_range())?;
    let written = String::from_utf8_lossy(written);
    let inside = written.trim_start_matches(['[', '@']).trim_end_matches(']').trim();
    let said = inside.strip_prefix(ATTRIBUTE)?.trim();
    let said = said.strip_prefix('"').and_then(|said| said.strip_suffix('"')).unwrap_or(said);
    let covers = match (node.kind(), node.parent()) {
        ("floating_attribute", _) | (_, None) => None,
        (_, Some(parent)) => Some(span(parent)),
    };
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Remark { text: format!("allow {said}"), span: span(node), covers })
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The remarks of a text: what each says, and the text that it is about.
    fn read(text: &str) -> Vec<(String, Option<&str>)> {
        let found = remarks(text.as_bytes(), SourceKind::Implementation);
        let about = |span: Span| &text[span.start as usize..span.end as usize];
        found.into_iter().map(|remark| (remark.text, remark.covers.map(about))).collect()
    }
    fn said(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_comment_is_about_what_follows_or_about_its_line() {
        assert_eq!(
            read("let a = 1\n(* unlith: allow absent\n   Str: why *)\nlet b =\n  f x\nlet c = 2\n"),
            [(said("allow absent Str: why"), Some("let b =\n  f x"))]
        );
        assert_eq!(
            read("let a = f x (* unlith: allow absent: why *)\nlet b = 2\n"),
            [(said("allow absent: why"), Some("let a = f x (* unlith: allow absent: why *)"))]
        );
        assert_eq!(
            read("let a =\n  g 1;\n  (* unlith: allow absent: why *)\n  f x\nlet b = 2\n"),
            [(said("allow absent: why"), Some("f x"))]
        );
        assert_eq!(
            read("(* unlith: allow-file absent: why *)\nlet a = 1\n"),
            [(said("allow absent: why"), None)]
        );
        assert_eq!(read("(* about unlith: nothing *)\nlet s = \"(* unlith: allow x: y *)\"\n"), []);
    }

    #[test]
    fn an_attribute_is_about_what_it_is_attached_to() {
        assert_eq!(
            read("let a = f x [@@unlith.allow \"absent Str: why\"]\nlet b = 2\n"),
            [(said("allow absent Str: why"), Some("a = f x [@@unlith.allow \"absent Str: why\"]"))]
        );
        assert_eq!(
            read("let a = (f [@unlith.allow \"absent: why\"]) x\n"),
            [(said("allow absent: why"), Some("(f [@unlith.allow \"absent: why\"])"))]
        );
        assert_eq!(
            read("[@@@unlith.allow \"forced: why\"]\nlet a = 1\n"),
            [(said("allow forced: why"), None)]
        );
        assert_eq!(read("let a = 1 [@@other \"unlith.allow\"]\n"), []);
    }
}
