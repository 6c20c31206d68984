//! Libraries in the order in which they are linked and looked up.

use crate::base::{Idx, LibraryId};
use crate::project::build::Builder;
use std::collections::BTreeSet;

/// The libraries whose units `id` may name: itself, then what it requires, dependencies first, then the stdlib.
pub(crate) fn visible(builder: &Builder, id: LibraryId, stdlib: LibraryId) -> Vec<LibraryId> {
    let project = &builder.project;
    let mut visible = vec![id];
    let required =
        link_order(&project.libraries[id.idx()].requires, |id| &project.libraries[id.idx()].requires);
    visible.extend(required.into_iter().filter(|&other| other != id && other != stdlib));
    visible.push(stdlib);
    visible
}

/// `roots` and all that they require, each once, dependencies first; a cycle is cut where it closes.
pub(crate) fn link_order<'a>(
    roots: &[LibraryId],
    requires: impl Fn(LibraryId) -> &'a [LibraryId],
) -> Vec<LibraryId> {
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    for &root in roots {
        if !seen.insert(root) {
            continue;
        }
        let mut stack = vec![(root, requires(root).iter())];
        while let Some((id, rest)) = stack.last_mut() {
            match rest.next() {
                Some(&next) => {
                    if seen.insert(next) {
                        stack.push((next, requires(next).iter()));
                    }
                }
                None => {
                    order.push(*id);
                    stack.pop();
                }
            }
        }
    }
    order
}
