//! What patches of one tree have in common, found out when first asked for: which comments and strings files have, and who
//! names whom.

use crate::base::{FileId, Idx, UnitId};
use crate::parse::Layout;
use crate::project::LibraryOrigin;
use crate::split::world::Tree;
use std::sync::OnceLock;

/// Shared by the patches that are written at one time.
pub(super) struct Known {
    layouts: Vec<OnceLock<Box<Layout>>>,
    users: OnceLock<Vec<Vec<UnitId>>>,
}

impl Known {
    pub(super) fn new(tree: Tree<'_>) -> Self {
        Known {
            layouts: tree.project.files.iter().map(|_| OnceLock::new()).collect(),
            users: OnceLock::new(),
        }
    }

    /// Returns where the layout of a file is kept.
    pub(super) fn layout(&self, file: FileId) -> &OnceLock<Box<Layout>> {
        &self.layouts[file.idx()]
    }

    /// Returns the units of the workspace that name something of a unit, in order.
    pub(super) fn users(&self, tree: Tree<'_>, unit: UnitId) -> &[UnitId] {
        self.users.get_or_init(|| users(tree)).get(unit.idx()).map_or(&[], Vec::as_slice)
    }
}

fn users(tree: Tree<'_>) -> Vec<Vec<UnitId>> {
    let (graph, project) = (tree.graph, tree.project);
    let mut users: Vec<Vec<UnitId>> = vec![Vec::new(); project.units.len()];
    let is_ours = |user: &UnitId| {
        let library = project.library(project.unit(*user).library);
        matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program)
            && project.unit(*user).implementation().is_some()
    };
    for user in (0..project.units.len()).map(UnitId::new).filter(is_ours) {
        // Mostly a text goes on about the unit that it named last.
        let mut last = user;
        for def in graph.unit_defs(user) {
            for edge in graph.edges_of(def) {
                let named = edge.target.unit;
                if named != std::mem::replace(&mut last, named)
                    && named != user
                    && let Some(users) = users.get_mut(named.idx())
                    && users.last() != Some(&user)
                {
                    users.push(user);
                }
            }
        }
    }
    users
}
