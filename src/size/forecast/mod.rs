//! What an executable has besides its units, for a program and for many others that differ from it by units that leave.
//!
//! The counts of the program as it is are kept (`tally`); those of a program with less are the same without what leaves
//! (`without`), and mostly C code, shared functions and merged constants stay as they are. Where they do not, or units come or
//! change places, all is added up anew. Either way gives the same figure to the byte.

mod tally;
#[cfg(test)]
mod tests;
mod without;

use super::c_side::{CWants, KnownSides};
use super::objects::Objects;
use super::program::predict_knowing;
use super::{LinkMode, Sizes};
use crate::base::{Idx, LibraryId, UnitId};
use crate::project::Project;
use tally::{Counted, Tally};

/// A program, ready to be asked what is in its executable besides the units if it had fewer of them.
#[derive(Clone, Debug)]
pub struct Forecast<'a> {
    project: &'a Project,
    sizes: &'a Sizes,
    objects: &'a Objects,
    libraries: &'a [LibraryId],
    known: &'a KnownSides,
    tally: Option<Tally<'a>>,
}

impl<'a> Forecast<'a> {
    /// Counts what the linked units of a program ask for, in link order.
    #[must_use]
    pub fn new(
        project: &'a Project,
        sizes: &'a Sizes,
        objects: &'a Objects,
        linked: &[UnitId],
        libraries: &'a [LibraryId],
        known: &'a KnownSides,
    ) -> Self {
        let mode = LinkMode::of(sizes.profile).unwrap_or(LinkMode::DEFAULT);
        let tally = sizes.bytecode.is_none().then(|| {
            let uses =
                linked.iter().filter_map(|&unit| objects.unit(unit)).map(|size| size.link.uses.as_slice());
            let c = known.of(objects, CWants::new(uses, objects.c_inputs_of(libraries), mode));
            Tally::new(project, sizes, objects, linked, c, mode)
        });
        Forecast { project, sizes, objects, libraries, known, tally }
    }

    /// Returns what is in the executable of some linked units besides them, in bytes of allocated sections.
    #[must_use]
    pub fn besides(&self, linked: &[UnitId]) -> u64 {
        self.tally.as_ref().and_then(|tally| tally.besides(linked)).unwrap_or_else(|| {
            let (project, sizes, objects) = (self.project, self.sizes, self.objects);
            let size = predict_knowing(project, sizes, objects, linked, self.libraries, self.known);
            size.alloc.saturating_sub(size.units)
        })
    }

    /// Returns the same for the program without some of its units; none where it takes more than to take away what leaves.
    #[must_use]
    pub fn besides_without(&self, gone: &[UnitId]) -> Option<u64> {
        let tally = self.tally.as_ref()?;
        let counted = |unit: &UnitId| tally.units.get(*tally.position.get(unit.idx())? as usize);
        tally.without(&gone.iter().map(counted).collect::<Option<Vec<&Counted>>>()?)
    }
}
