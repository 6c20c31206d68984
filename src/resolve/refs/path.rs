//! Dotted paths, taken apart.

use crate::base::{Name, name};
use crate::resolve::defs::whole;
use crate::resolve::index::join;

/// The components of a dotted path.
pub(crate) fn components(path: Name) -> Vec<Name> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (prefix, last) = split_last(rest);
        parts.push(last);
        rest = prefix;
    }
    parts.reverse();
    parts
}

/// Splits a dotted path before its last component; operators may hold dots.
pub(crate) fn split_last(path: Name) -> (Name, Name) {
    let mut rest = path.as_str();
    let mut cut = 0;
    // Module names begin with a capital letter or `_`, so the first component that does not is the last one.
    while let Some(dot) = rest.find('.') {
        let is_module = rest.starts_with(|first: char| first.is_uppercase() || first == '_');
        if !is_module || dot == 0 || dot + 1 == rest.len() {
            break;
        }
        cut += dot + 1;
        rest = &rest[dot + 1..];
    }
    if cut == 0 { (whole(), path) } else { (name(&path.as_str()[..cut - 1]), name(rest)) }
}

pub(super) fn sibling(path: Name, last: Name) -> Name {
    join(split_last(path).0, last)
}
