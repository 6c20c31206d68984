//! What could be done for each program, and for several that link the same unit.
//!
//! Drafts are made for every linked unit whose waste exceeds the threshold: no split of one unit can win more than its waste.
//! A unit is taken apart once, for all programs that it is a waste in; what they share of it is one draft.

use super::draft::Draft;
use super::outline::Outline;
use super::partition::Partition;
use super::propose::Finder;
use super::{cut, cut_effect, extract, facade, linkall, no_alias, own_modules, unpack};
use crate::base::{IdSet, UnitId};
use crate::project::LibraryOrigin;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program, and where in its link order a unit stands.
type Place = (usize, usize);

impl Finder<'_, '_> {
    /// What could be done for each program.
    pub(super) fn drafts(&self) -> Vec<Vec<Arc<Draft>>> {
        let registrations = self.registrations();
        let of_links =
            (0..self.programs.len()).into_par_iter().map(|at| self.link_drafts(at, &registrations));
        let mut drafts: Vec<Vec<Arc<Draft>>> = of_links.collect();
        let mut wasted: BTreeMap<UnitId, Vec<Place>> = BTreeMap::new();
        for (at, parts) in self.programs.iter().enumerate() {
            let waste = parts.waste.map_or(&[][..], |waste| &waste.waste_bytes);
            for (nth, &unit) in parts.linked.units.iter().enumerate() {
                let is_wasteful = waste.get(nth).is_some_and(|&waste| waste >= self.options.min_saving);
                if is_wasteful || !self.tree.project.unit(unit).packed.is_empty() {
                    wasted.entry(unit).or_default().push((at, nth));
                }
            }
        }
        let wasted: Vec<(UnitId, Vec<Place>)> = wasted.into_iter().collect();
        let of_unit = |(unit, places): (UnitId, Vec<Place>)| {
            let programs: Vec<usize> = places.iter().map(|&(at, _)| at).collect();
            places.into_iter().zip(self.unit_drafts(&programs, unit)).collect::<Vec<_>>()
        };
        let mut of_units: Vec<(Place, Vec<Arc<Draft>>)> =
            wasted.into_par_iter().flat_map_iter(of_unit).collect();
        of_units.sort_by_key(|&(place, _)| place);
        for ((at, _), of_unit) in of_units {
            drafts[at].extend(of_unit);
        }
        drafts
    }

    /// What could be done about what linked units register at start-up.
    fn registrations(&self) -> FxHashMap<UnitId, Arc<Draft>> {
        let linked = self.programs.iter().flat_map(|parts| parts.linked.units.iter().copied());
        let linked: IdSet<UnitId> = linked.collect();
        let linked: Vec<UnitId> = linked.iter().collect();
        let of_unit =
            |unit: UnitId| Some((unit, Arc::new(cut_effect::draft(self.tree, unit, self.effects)?)));
        linked.into_par_iter().filter_map(of_unit).collect()
    }

    /// What could be done about the link of a program, and about references and effects wherever they are.
    fn link_drafts(&self, at: usize, registrations: &FxHashMap<UnitId, Arc<Draft>>) -> Vec<Arc<Draft>> {
        let parts = &self.programs[at];
        let mut drafts = linkall::drafts(self.tree, parts.program, parts.linked);
        drafts.extend(own_modules::draft(self.tree, parts.program, &parts.input.own, self.effects));
        if let Some(live) = parts.live {
            let min_saving = self.options.min_saving;
            drafts.extend(cut::drafts(self.world, parts.input, parts.linked, live, min_saving));
        }
        let mut drafts: Vec<Arc<Draft>> = drafts.into_iter().map(Arc::new).collect();
        drafts.extend(parts.linked.units.iter().filter_map(|unit| registrations.get(unit).cloned()));
        drafts
    }

    /// What could be done about one unit, for each of some programs that link it.
    pub(super) fn unit_drafts(&self, programs: &[usize], unit: UnitId) -> Vec<Vec<Arc<Draft>>> {
        let is_own = |at: usize| self.programs[at].input.own.contains(&unit);
        // Nothing is gained inside a pack as long as it is one.
        if self.tree.project.unit(unit).pack.is_some() || programs.iter().all(|&at| is_own(at)) {
            return vec![Vec::new(); programs.len()];
        }
        let mut drafts = Vec::new();
        let mut outline = None;
        if let Some(draft) = unpack::draft(self.tree, unit) {
            drafts.push(draft);
        } else {
            let unseal = facade::unseal(self.tree, unit);
            let is_facade = unseal.is_some();
            drafts.extend(unseal);
            drafts.extend(facade::bypass(self.tree, unit));
            drafts.extend(no_alias::draft(self.tree, unit));
            let origin = self.tree.project.library(self.tree.project.unit(unit).library).origin;
            // Nobody can change the standard library, and what a program uses of it is rarely a choice.
            if origin != LibraryOrigin::Stdlib {
                outline = Outline::new(self.tree, unit, self.effects);
            }
            // A facade may have code of its own besides.
            let has_code = |outline: &Outline<'_>| outline.own_bytes() >= self.options.min_saving;
            outline = outline.filter(|outline| !is_facade || has_code(outline));
        }
        if let Some(outline) = &outline {
            drafts.extend(extract::draft(outline, self.effects, self.options.min_saving));
        }
        let drafts: Vec<Arc<Draft>> = drafts.into_iter().map(Arc::new).collect();
        let mut partition = outline.as_ref().map(|outline| Partition::new(outline, self.effects));
        let for_program = |&at: &usize| {
            if is_own(at) {
                return Vec::new();
            }
            let parted = partition
                .as_mut()
                .and_then(|partition| partition.draft(self.world, self.programs[at].linked));
            drafts.iter().cloned().chain(parted).collect()
        };
        programs.iter().map(for_program).collect()
    }
}
