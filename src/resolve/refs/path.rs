//! Dotted paths, taken apart.

use crate::base::{self, Name, name};
use crate::resolve::defs::whole;
use crate::resolve::index::join;

/// The components of a dotted path.
pub(crate) fn components(path: Name) -> Vec<Name> {
    base::components(&path).map(name).collect()
}

/// Splits a dotted path before its last component.
pub(crate) fn split_last(path: Name) -> (Name, Name) {
    match base::split_last(&path) {
        ("", _) => (whole(), path),
        (outer, last) => (name(outer), name(last)),
    }
}

pub(super) fn sibling(path: Name, last: Name) -> Name {
    join(split_last(path).0, last)
}
