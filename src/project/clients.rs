//! Libraries and their clients: what a maintainer asks about.
//!
//! A client is a program, or a library taken for one: all its units given to the linker by themselves, as in a program that
//! uses all of it.

use super::installed::link_order;
use super::model::{LibraryOrigin, Program, Project};
use crate::base::{Idx, LibraryId, UnitId};
use std::collections::{BTreeMap, BTreeSet};

impl Project {
    /// Returns the libraries of a package: the one of this name and those below it (`lwt`, `lwt.unix`), without the compiler's
    /// own unless it is asked for.
    #[must_use]
    pub fn libraries_of(&self, package: &str) -> Vec<LibraryId> {
        let below = format!("{package}.");
        let is_of = |id: &LibraryId| {
            let library = self.library(*id);
            let name = library.name.as_str();
            let is_library = matches!(library.origin, LibraryOrigin::Installed | LibraryOrigin::Workspace);
            is_library && (name == package || name.starts_with(&below)) && !library.units.is_empty()
        };
        (0..self.libraries.len()).map(LibraryId::new).filter(is_of).collect()
    }

    /// Returns the libraries that require one of `targets` themselves, without those.
    #[must_use]
    pub fn direct_clients(&self, targets: &[LibraryId]) -> Vec<LibraryId> {
        let is_client = |id: &LibraryId| {
            let library = self.library(*id);
            library.origin != LibraryOrigin::Program
                && !targets.contains(id)
                && library.requires.iter().any(|required| targets.contains(required))
        };
        (0..self.libraries.len()).map(LibraryId::new).filter(is_client).collect()
    }

    /// Adds a program that consists of all units of a library; returns whether it has any that are linked.
    pub fn add_program_of_library(&mut self, id: LibraryId) -> bool {
        let library = self.library(id);
        let has_code = |unit: &UnitId| {
            let unit = self.unit(*unit);
            unit.implementation().is_some() || unit.interface().is_none()
        };
        let own_units: Vec<UnitId> = library.units.iter().copied().filter(has_code).collect();
        if own_units.is_empty() {
            return false;
        }
        let stdlib = self.libraries.iter().position(|library| library.origin == LibraryOrigin::Stdlib);
        let required = link_order(&library.requires, |id| &self.libraries[id.idx()].requires);
        let libraries = stdlib
            .map(LibraryId::new)
            .into_iter()
            .chain(required.into_iter().filter(|&other| other != id && Some(other.idx()) != stdlib))
            .collect();
        let name = library.name.to_string();
        let program = Program {
            name,
            own: id,
            own_units,
            libraries,
            linkall: false,
            linkall_place: None,
            context: None,
        };
        self.programs.push(program);
        true
    }

    /// Leaves the programs that have one of `targets` on their command line.
    pub fn keep_programs_with(&mut self, targets: &[LibraryId]) {
        self.programs.retain(|program| program.libraries.iter().any(|library| targets.contains(library)));
    }

    /// Makes installed libraries use those of the workspace in place of installed ones of the same name, as if both were built
    /// together. `installed_as` has the libraries of the workspace that are called otherwise where they are installed.
    pub fn prefer_workspace(&mut self, installed_as: &BTreeMap<String, String>) {
        let mut local: BTreeMap<String, LibraryId> = BTreeMap::new();
        for (i, library) in self.libraries.iter().enumerate() {
            if library.origin == LibraryOrigin::Workspace {
                let name = library.name.to_string();
                local.insert(installed_as.get(&name).cloned().unwrap_or(name), LibraryId::new(i));
            }
        }
        let instead: BTreeMap<LibraryId, LibraryId> = (0..self.libraries.len())
            .map(LibraryId::new)
            .filter(|&id| self.library(id).origin == LibraryOrigin::Installed)
            .filter_map(|id| Some((id, *local.get(self.library(id).name.as_str())?)))
            .collect();
        let replace = |ids: &mut Vec<LibraryId>| {
            let mut seen = BTreeSet::new();
            for id in ids.iter_mut() {
                *id = instead.get(id).copied().unwrap_or(*id);
            }
            ids.retain(|&id| seen.insert(id));
        };
        for library in &mut self.libraries {
            replace(&mut library.requires);
            replace(&mut library.re_exports);
            replace(&mut library.visible);
        }
        for program in &mut self.programs {
            replace(&mut program.libraries);
        }
    }
}
