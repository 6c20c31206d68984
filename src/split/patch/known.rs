//! What patches of one tree have in common, found out when first asked for: which comments and strings files have, and who
//! names whom.

use crate::base::{FileId, Idx, LibraryId, UnitId};
use crate::parse::Layout;
use crate::project::{LibraryOrigin, SourceKind};
use crate::split::world::Tree;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Shared by the patches that are written at one time.
pub(super) struct Known {
    layouts: Vec<OnceLock<Box<Layout>>>,
    users: OnceLock<Vec<Vec<UnitId>>>,
    shared: OnceLock<FxHashMap<PathBuf, [LibraryId; 2]>>,
}

impl Known {
    pub(super) fn new(tree: Tree<'_>) -> Self {
        Known {
            layouts: tree.project.files.iter().map(|_| OnceLock::new()).collect(),
            users: OnceLock::new(),
            shared: OnceLock::new(),
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

    /// Returns two libraries or programs that a file is compiled into, where there are several (`copy_files`).
    pub(super) fn shared(&self, tree: Tree<'_>, path: &Path) -> Option<[LibraryId; 2]> {
        self.shared.get_or_init(|| shared(tree)).get(path).copied()
    }
}

fn shared(tree: Tree<'_>) -> FxHashMap<PathBuf, [LibraryId; 2]> {
    let project = tree.project;
    let mut first: FxHashMap<&Path, LibraryId> = FxHashMap::default();
    let mut shared = FxHashMap::default();
    // The interface of a virtual module is that of its implementations, too.
    for file in project.files.iter().filter(|file| file.kind == SourceKind::Implementation) {
        let id = project.unit(file.unit).library;
        let library = project.library(id);
        if !matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program) {
            continue;
        }
        let one = *first.entry(&file.path).or_insert(id);
        // One stanza may be built in several contexts.
        let other = project.library(one);
        if other.dir != library.dir || other.name != library.name {
            shared.insert(file.path.clone(), [one, id]);
        }
    }
    shared
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
