//! What units record once plans are carried out.

use super::World;
use crate::base::{DefId, IdSet, Idx, UnitId};
use rustc_hash::FxHashMap;

impl World<'_> {
    /// Whether a unit may record others than it does.
    pub(in crate::split) fn is_affected(&self, unit: UnitId) -> bool {
        self.affected.contains(unit)
    }

    /// Returns what a unit records now, where it need not be worked out.
    pub(in crate::split) fn known_row(&self, unit: UnitId) -> Option<&[UnitId]> {
        if self.affected.contains(unit) {
            self.rows.get(&unit).map(|row| &**row.get_or_init(|| self.compute_row(unit)))
        } else {
            Some(self.real.used(unit))
        }
    }

    /// Adds what a unit records now, in no order, some of it perhaps twice.
    pub(in crate::split) fn add_row(&self, unit: UnitId, row: &mut Vec<UnitId>) {
        if let Some(known) = self.known_row(unit) {
            return row.extend_from_slice(known);
        }
        let graph = self.tree.graph;
        for &used in self.real.used(unit) {
            if !self.changed.contains(used) {
                row.push(used);
                continue;
            }
            if self.real.is_unexplained(unit, used) {
                row.push(used);
            }
            let mut mixed = None;
            for &index in self.real.distinct_edges(unit, used) {
                let edge = &graph.edges[index as usize];
                row.push(self.goes_to_of(edge, || *mixed.get_or_insert_with(|| self.is_mixed(unit, used))));
                if edge.flags.get().include || edge.flags.get().whole {
                    row.extend(self.hidden_behind(edge));
                }
            }
        }
    }

    fn compute_row(&self, unit: UnitId) -> Box<[UnitId]> {
        let graph = self.tree.graph;
        let mut row: IdSet<UnitId> = IdSet::with_room(self.n_real());
        let mut mixed: Mixed = FxHashMap::default();
        if self.unpacked.contains(unit) {
            return Box::default();
        }
        // A member no longer holds its pack.
        let left = self.tree.project.units.get(unit.idx()).and_then(|unit| unit.pack);
        let left = left.filter(|&pack| self.unpacked.contains(pack));
        // What the archive records, and no definition is known to ask for.
        let unexplained = |unit: UnitId| {
            let recorded = graph.units.links.get(unit.idx()).into_iter().flatten();
            recorded.filter(|(_, edge)| edge.is_none()).map(|&(used, _)| used)
        };
        if let Some(new) = self.new_unit(unit) {
            row.extend(new.fixed_links.iter().copied());
            if !new.defs.is_empty() {
                row.extend(unexplained(new.host));
            }
            for &def in &new.defs {
                self.add_links(def, unit, &mut row, &mut mixed);
            }
        } else {
            row.extend(unexplained(unit));
            row.extend(self.fixed_links.get(&unit).into_iter().flatten().copied());
            for def in graph.unit_defs(unit).filter(|def| !self.home.contains_key(def)) {
                self.add_links(def, unit, &mut row, &mut mixed);
            }
        }
        row.remove(unit);
        if let Some(pack) = left {
            row.remove(pack);
        }
        row.iter().collect()
    }

    fn add_links(&self, def: DefId, holder: UnitId, row: &mut IdSet<UnitId>, mixed: &mut Mixed) {
        let graph = self.tree.graph;
        let from = graph.def(def).unit;
        let recorded = self.real.used(from);
        for index in graph.def(def).edges.clone() {
            let edge = &graph.edges[index as usize];
            if !edge.kind.links()
                || edge.flags.get().through
                || !self.cut.is_empty() && self.cut.contains(&index)
            {
                continue;
            }
            // Most edges lead to where nothing has moved, many of them to the same unit.
            let target = edge.target.unit;
            if target != from && !self.changed.contains(target) {
                if !row.contains(target) && target != holder && recorded.binary_search(&target).is_ok() {
                    row.insert(target);
                }
                continue;
            }
            // A link that the unit does not have now (one of several that a name may mean) is none later either.
            if edge.target.unit != from && recorded.binary_search(&edge.target.unit).is_err() {
                continue;
            }
            let is_mixed = || *mixed.entry((from, target)).or_insert_with(|| self.is_mixed(from, target));
            let used = self.goes_to_of(edge, is_mixed);
            if used != holder {
                row.insert(used);
            }
            if edge.flags.get().include || edge.flags.get().whole {
                row.extend(self.hidden_behind(edge));
            }
        }
    }
}

/// What is known of clients and units: see [`World::is_mixed`].
type Mixed = FxHashMap<(UnitId, UnitId), bool>;
