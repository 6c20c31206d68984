//! Virtual libraries: which implementations a program links.

use super::Loader;
use crate::base::{Idx, LibraryId};
use crate::project::installed::link_order;
use std::collections::BTreeMap;

impl<'a> Loader<'a> {
    /// Returns the libraries of a program in link order, each virtual one in front of the one that implements it: whoever
    /// requires it stands behind that one, which has the code of both.
    pub(super) fn implemented(&self, roots: &[LibraryId], order: &[LibraryId]) -> Vec<LibraryId> {
        let libraries = &self.builder.project.libraries;
        let mut by: BTreeMap<LibraryId, LibraryId> = BTreeMap::new();
        for &id in order {
            if let Some(of) = libraries[id.idx()].implements {
                by.entry(of).or_insert(id);
            }
        }
        let replaced = |id: &LibraryId| by.get(id).copied().unwrap_or(*id);
        let requires: Vec<Vec<LibraryId>> = (0..libraries.len())
            .map(LibraryId::new)
            .map(|id| {
                let of = libraries[id.idx()].implements.filter(|of| by.get(of) == Some(&id));
                let own = libraries[id.idx()].requires.iter().filter(|&&required| Some(required) != of);
                let inherited = of.into_iter().flat_map(|of| &libraries[of.idx()].requires);
                own.chain(inherited).map(replaced).collect()
            })
            .collect();
        let roots: Vec<LibraryId> = roots.iter().map(replaced).collect();
        let mut linked = Vec::new();
        for id in link_order(&roots, |id| &requires[id.idx()]) {
            linked.extend(libraries[id.idx()].implements.filter(|of| by.get(of) == Some(&id)));
            linked.push(id);
        }
        linked
    }

    /// For the first virtual library that no other library here implements: its default implementation, or its name.
    pub(super) fn lacking_implementation(
        &mut self,
        order: &[LibraryId],
    ) -> Option<Result<LibraryId, String>> {
        let implemented =
            |of: LibraryId| order.iter().any(|&id| self.builder.project.library(id).implements == Some(of));
        let lacking = order.iter().copied().filter(|&id| !implemented(id));
        let lacking: Vec<(LibraryId, Option<usize>)> =
            lacking.map(|id| (id, self.ids.iter().position(|&local| local == Some(id)))).collect();
        for (id, local) in lacking {
            let default = match local.map(|index| self.library_decl(index)) {
                Some(decl) if decl.virtual_modules.is_none() => continue,
                Some(decl) => {
                    let default = decl.default_implementation.as_ref();
                    default.and_then(|word| self.require(&decl.common, word))
                }
                None => match self.installed.default_implementations.get(&id).cloned() {
                    None => continue,
                    Some(default) => {
                        let default = self.installed.load(&mut self.builder, default.as_slice());
                        default.into_iter().flatten().next()
                    }
                },
            };
            let name = || self.builder.project.library(id).name.to_string();
            return Some(default.filter(|id| !order.contains(id)).ok_or_else(name));
        }
        None
    }
}
