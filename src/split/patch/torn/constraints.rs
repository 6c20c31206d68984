//! The constraints of `include S with type t = int and module M := P`, as they are written.

use crate::base::{Name, Span, name};
use crate::split::patch::source::Source;

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Constraint {
    /// Whether it is of a module, and not of a type.
    pub(super) is_module: bool,
    /// What stands between `type` and the name: `'a`, `('a, 'b)`.
    pub(super) params: String,
    /// What is constrained, where that is a name of the signature itself.
    pub(super) name: Name,
    /// Whether it is `:=`, which takes the name out of the signature.
    pub(super) is_destructive: bool,
    /// What it becomes.
    pub(super) becomes: Span,
}

impl Constraint {
    /// Returns what stands for the bare name where the type is applied: `'a t = 'a list` makes `list` of `t`.
    pub(super) fn instead(&self, source: &Source<'_>) -> Option<String> {
        let becomes = source.slice(self.becomes).trim();
        if self.is_module {
            return Some(becomes.to_owned());
        }
        if self.params.is_empty() {
            let is_path = becomes.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '\''));
            return Some(if is_path { becomes.to_owned() } else { format!("({becomes})") });
        }
        let path = becomes.strip_prefix(&self.params)?.trim();
        path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '\'')).then(|| path.to_owned())
    }
}

/// Reads the constraints in a span; none where something there is not understood.
pub(super) fn read(source: &Source<'_>, span: Span) -> Option<Vec<Constraint>> {
    // Comments are no part of them.
    let text = source.without_comments(span);
    let mut starts = Vec::new();
    each_word(&text, |start, word| {
        if matches!(word, "with" | "and") {
            starts.push((start, start + word.len()));
        }
    });
    let ends = starts.iter().skip(1).map(|&(start, _)| start).chain([text.len()]);
    starts.iter().zip(ends).map(|(&(_, start), end)| constraint(&text, start, end, span.start)).collect()
}

fn constraint(text: &str, start: usize, end: usize, offset: u32) -> Option<Constraint> {
    let piece = &text[start..end];
    let equals = piece.find('=')?;
    let (left, is_destructive) = match piece[..equals].strip_suffix(':') {
        Some(left) => (left, true),
        None => (&piece[..equals], false),
    };
    let left = left.trim();
    let (is_module, left) = match (left.strip_prefix("type"), left.strip_prefix("module")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return None,
    };
    let (params, path) = left.rsplit_once([' ', '\t', '\n', '\r', ')'])?;
    // What is behind the parameters belongs to them, if it is their parenthesis.
    let params = left[..params.len() + usize::from(left[params.len()..].starts_with(')'))].trim();
    if path.is_empty() || path.contains('.') || params.starts_with("type") {
        return None;
    }
    let becomes = &piece[equals + 1..];
    let from = start + equals + 1 + (becomes.len() - becomes.trim_start().len());
    let to = from + becomes.trim().len();
    let becomes = Span { start: offset + from as u32, end: offset + to as u32 };
    Some(Constraint { is_module, params: params.to_owned(), name: name(path), is_destructive, becomes })
}

/// Calls `found` with the words of a text that stand in no brackets.
fn each_word(text: &str, mut found: impl FnMut(usize, &str)) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'') || byte >= 0x80;
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0u32, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            byte if is_word(byte) => {
                let end = bytes[at..].iter().position(|&byte| !is_word(byte)).map_or(bytes.len(), |n| at + n);
                if depth == 0 {
                    found(at, &text[at..end]);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}
