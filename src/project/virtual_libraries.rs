//! Virtual libraries: what their names mean.
//!
//! A virtual library has modules without code. Each of its implementations has them, and the linker takes those of the one that
//! the program names: one archive holds the units of both. Names mean the units of the implementation that the first program
//! links; where other programs link others, their units stand in for those ([`Project::stand_ins`]).
//!
//! [`Project::stand_ins`]: super::model::Project::stand_ins

use super::build::Builder;
use crate::base::{Idx, LibraryId, Name, UnitId};
use std::collections::{BTreeMap, BTreeSet};

impl Builder {
    /// Lets the names of all virtual libraries mean the units of implementations.
    pub(super) fn implement_virtual_libraries(&mut self) {
        // Nearly nobody has any.
        if self.project.libraries.iter().all(|library| library.implements.is_none()) {
            return;
        }
        let linked = self.project.programs.iter().flat_map(|program| program.libraries.iter().copied());
        let all = (0..self.project.libraries.len()).map(LibraryId::new);
        let libraries: Vec<(LibraryId, bool)> =
            linked.map(|id| (id, true)).chain(all.map(|id| (id, false))).collect();
        let mut first: BTreeMap<LibraryId, LibraryId> = BTreeMap::new();
        let mut done: BTreeSet<LibraryId> = BTreeSet::new();
        for (id, is_linked) in libraries {
            let Some(of) = self.project.library(id).implements.filter(|_| done.insert(id)) else { continue };
            let is_first = *first.entry(of).or_insert(id) == id;
            // Of the others, one that no program links is as good as not there.
            if is_first || is_linked {
                self.implement(of, id, is_first);
            }
        }
    }

    /// Gives the modules of an implementation the interfaces that the virtual library has for them. Names mean those of the
    /// first one.
    fn implement(&mut self, of: LibraryId, id: LibraryId, is_first: bool) {
        let by_name = &self.project.library(of).unit_by_name;
        let mut taken: Vec<(Name, UnitId, UnitId)> = Vec::new();
        for &own in &self.project.library(id).units {
            let unit = self.project.unit(own).name;
            taken.extend(by_name.get(&unit).filter(|&&named| named != own).map(|&named| (unit, named, own)));
        }
        for (unit, named, own) in taken {
            let interface = self.project.unit(named).interface();
            let path = interface.map(|file| self.project.file(file).path.clone());
            self.set_interface(own, path);
            if is_first {
                self.library_mut(of).unit_by_name.insert(unit, own);
            } else {
                self.project.stand_ins.entry(named).or_default().push(own);
            }
        }
    }
}
