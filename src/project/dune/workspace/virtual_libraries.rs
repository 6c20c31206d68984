//! Virtual libraries: which implementation each has.

use super::Loader;
use super::names::Found;
use crate::base::{Idx, LibraryId, Name, UnitId};
use crate::project::installed::link_order;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Loader<'a> {
    /// Lets the names of a virtual library's modules mean the units of the implementation that the first program links. Where
    /// other programs link others, their units stand in for those.
    pub(super) fn implement_virtual_libraries(&mut self) {
        let mut chosen: BTreeMap<usize, LibraryId> = BTreeMap::new();
        let linked: Vec<_> =
            self.builder.project.programs.iter().map(|program| program.libraries.clone()).collect();
        let linked: Vec<LibraryId> = linked.into_iter().flatten().collect();
        let mut done: BTreeSet<LibraryId> = BTreeSet::new();
        for (id, is_linked) in linked
            .into_iter()
            .map(|id| (id, true))
            .chain(self.ids.clone().into_iter().flatten().map(|id| (id, false)))
        {
            if !done.insert(id) {
                continue;
            }
            let Some(index) = self.ids.iter().position(|&other| other == Some(id)) else { continue };
            let decl = self.library_decl(index);
            let Some(word) = &decl.implements else { continue };
            let Found::Local(of) = self.find(self.project_of(&decl.common), &word.text) else { continue };
            let is_first = *chosen.entry(of).or_insert(id) == id;
            // One that no program links is as good as not there.
            if is_first || is_linked {
                self.implement(of, id, is_first);
            }
        }
    }

    /// Gives the modules of an implementation the interfaces that the virtual library has for them. Names mean those of the first
    /// one.
    fn implement(&mut self, of: usize, id: LibraryId, is_first: bool) {
        let Some(of_id) = self.ids[of] else { return };
        let project = &self.builder.project;
        let by_name = &project.library(of_id).unit_by_name;
        let mut taken: Vec<(Name, UnitId, UnitId)> = Vec::new();
        for &own in &project.library(id).units {
            let unit = project.unit(own).name;
            taken.extend(by_name.get(&unit).filter(|&&named| named != own).map(|&named| (unit, named, own)));
        }
        for (unit, named, own) in taken {
            let interface = self.builder.project.unit(named).interface();
            let path = interface.map(|file| self.builder.project.file(file).path.clone());
            self.builder.set_interface(own, path);
            if is_first {
                self.builder.library_mut(of_id).unit_by_name.insert(unit, own);
            } else {
                self.builder.project.stand_ins.entry(named).or_default().push(own);
            }
        }
    }

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
        let indices: Vec<usize> =
            (0..self.ids.len()).filter(|&i| self.ids[i].is_some_and(|id| order.contains(&id))).collect();
        let mut implemented = BTreeSet::new();
        for &index in &indices {
            let decl = self.library_decl(index);
            if let Some(word) = &decl.implements
                && let Found::Local(of) = self.find(self.project_of(&decl.common), &word.text)
            {
                implemented.insert(of);
            }
        }
        for index in indices {
            let decl = self.library_decl(index);
            if decl.virtual_modules.is_none() || implemented.contains(&index) {
                continue;
            }
            let default = decl.default_implementation.as_ref();
            let default =
                default.and_then(|word| self.require(&decl.common, word)).filter(|id| !order.contains(id));
            return Some(default.ok_or_else(|| decl.name.clone()));
        }
        None
    }
}
