//! Virtual libraries: which implementation each has.

use super::Loader;
use super::names::Found;
use crate::base::{Code, Idx, LibraryId, Name, Problem, Severity, UnitId};
use crate::project::installed::link_order;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Loader<'a> {
    /// Lets the names of a virtual library's modules mean the implementation's units, once for the whole project.
    ///
    /// The implementation is the one that the first program links; other implementations are reported where a program
    /// links one.
    pub(super) fn implement_virtual_libraries(&mut self) {
        let mut chosen: BTreeMap<usize, LibraryId> = BTreeMap::new();
        let linked: Vec<_> =
            self.builder.project.programs.iter().map(|program| program.libraries.clone()).collect();
        let linked = linked.into_iter().flatten().chain(self.ids.clone().into_iter().flatten());
        for (at, id) in linked.enumerate() {
            let Some(index) = self.ids.iter().position(|&other| other == Some(id)) else { continue };
            let decl = self.library_decl(index);
            let Some(word) = &decl.implements else { continue };
            let Found::Local(of) = self.find(self.project_of(&decl.common), &word.text) else { continue };
            let first = *chosen.entry(of).or_insert(id);
            let n_linked: usize =
                self.builder.project.programs.iter().map(|program| program.libraries.len()).sum();
            if first == id {
                self.implement(of, id);
            } else if at < n_linked {
                let place = self.place_of(id);
                let used = self.builder.project.library(first).name;
                let message = format!("`{}` implements the same virtual library as `{used}`", decl.name);
                let problem = Problem::new(Severity::Warning, Code::Unsupported, message);
                let help = format!(
                    "references to its virtual modules are read as those of `{used}` in all programs"
                );
                self.builder.report(problem.at(place.file, place.at).help(help));
            }
        }
    }

    fn implement(&mut self, of: usize, id: LibraryId) {
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
            self.builder.library_mut(of_id).unit_by_name.insert(unit, own);
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
