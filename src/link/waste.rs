//! What a program carries for definitions that it never reaches, and the bound that no split can beat.
//!
//! For a unit U of the linked set L:
//!
//! * *dead bytes*: if U is touched, its bytes without those of its live definitions and without a unit's fixed cost;
//!   otherwise all its bytes.
//! * *brought*: the units that would leave if U recorded only what its live definitions need, everything else as it is.
//!   A unit that live code needs never leaves: in this comparison whoever reads a definition through U (a facade)
//!   records the unit that provides it.
//! * *waste* = dead bytes + bytes of what is brought.
//!
//! Waste is what could be won at one unit alone, so it does not add up over units: what two units bring together is in
//! the waste of neither, and what a dead unit brings is in the waste of each dead unit on the only way to it. The sum for
//! a program is `linked bytes - bound`.
//!
//! *bound* = bytes of the live definitions, effects of touched units included, and the fixed cost of every touched unit,
//! units without sources whole, and the C runtime.

use super::closure::{LinkedSet, link};
use super::input::{Changed, LinkInput, LinkTable, Links};
use super::live::Live;
use super::reach::{Reach, WithRow};
use crate::base::{DefId, IdSet, Idx, UnitId};
use crate::graph::Graph;

/// What units and definitions cost, in bytes of the allocated sections.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Weights {
    /// For each unit, by id, all its bytes.
    pub unit: Vec<u64>,
    /// For each definition, by id, its bytes without those of definitions inside it.
    pub def: Vec<u64>,
    /// For each unit, by id, what it would cost without any definition.
    pub fixed: Vec<u64>,
    /// What is in the file whatever is linked: the C runtime and start-up code.
    pub runtime: u64,
}

impl Weights {
    /// Returns the bytes of a unit.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> u64 {
        self.unit.get(unit.idx()).copied().unwrap_or(0)
    }
    /// Returns the bytes of a definition.
    #[must_use]
    pub fn def(&self, def: DefId) -> u64 {
        self.def.get(def.idx()).copied().unwrap_or(0)
    }
    /// Returns the bytes of a unit without definitions; never more than the unit has.
    #[must_use]
    pub fn fixed(&self, unit: UnitId) -> u64 {
        self.fixed.get(unit.idx()).copied().unwrap_or(0).min(self.unit(unit))
    }
}

/// Waste of each unit and the bound of the program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Waste {
    /// For each unit, by position in [`LinkedSet::units`], the bytes of its live definitions; whole units without sources
    /// that live code needs have all their bytes here.
    pub live_bytes: Vec<u64>,
    /// For each unit, by position, its dead bytes.
    pub dead_bytes: Vec<u64>,
    /// For each unit, by position, the units that would leave with its dead definitions, in link order.
    pub brought: Vec<Vec<UnitId>>,
    /// For each unit, by position, dead bytes and the bytes of what is brought.
    pub waste_bytes: Vec<u64>,
    /// What no split can beat.
    pub bound: u64,
}

/// Computes the waste of each unit of a linked set.
#[must_use]
pub fn waste(
    graph: &Graph,
    input: &LinkInput,
    links: &impl Links,
    linked: &LinkedSet,
    live: &Live,
    weights: &Weights,
) -> Waste {
    let live_rows = live_links(graph, linked, live);
    let direct = with_live_links(links, linked, &live_rows);
    let reach = Reach::new(input.clone());
    let n_units = direct.n_units();
    let as_is = WithRow { links: &direct, unit: UnitId(0), row: direct.links(UnitId(0)), n_units };
    let held = reach.held(&as_is);
    let mut position = vec![u32::MAX; n_units];
    (0u32..)
        .zip(&linked.units)
        .filter(|(_, unit)| unit.idx() < n_units)
        .for_each(|(i, unit)| position[unit.idx()] = i);
    let mut out = Waste { bound: weights.runtime, ..Waste::default() };
    for &unit in &linked.units {
        let live_bytes = live_bytes(graph, live, weights, unit);
        let is_touched = live.touched.contains(unit);
        let kept = if is_touched { (live_bytes + weights.fixed(unit)).min(weights.unit(unit)) } else { 0 };
        out.bound += kept;
        let dead_bytes = weights.unit(unit) - kept;
        let needed = live_rows.links(unit);
        let is_same = direct.links(unit).len() == needed.len();
        let asked = WithRow { links: &direct, unit, row: needed, n_units };
        let brought = match &held {
            _ if is_same => Vec::new(),
            // Whatever a unit no longer records, only what hangs on it alone can leave.
            Some(held) if held.behind(unit).len() < 2 => Vec::new(),
            Some(held) => {
                let mut left = IdSet::with_room(n_units);
                reach.each_left(held, unit, &[], true, &asked, |unit| _ = left.insert(unit));
                let mut brought: Vec<UnitId> =
                    held.behind(unit).iter().copied().filter(|&other| !left.contains(other)).collect();
                brought.sort_unstable_by_key(|unit| position[unit.idx()]);
                brought
            }
            None => {
                let mut changed = Changed::new(&direct);
                changed.set(unit, needed.to_vec());
                let left = link(input, &changed).members;
                linked.units.iter().copied().filter(|&other| other != unit && !left.contains(other)).collect()
            }
        };
        out.waste_bytes.push(dead_bytes + brought.iter().map(|&unit| weights.unit(unit)).sum::<u64>());
        out.live_bytes.push(live_bytes);
        out.dead_bytes.push(dead_bytes);
        out.brought.push(brought);
    }
    out
}

/// Bytes of a unit's live definitions, at most those of the unit.
fn live_bytes(graph: &Graph, live: &Live, weights: &Weights, unit: UnitId) -> u64 {
    if !live.touched.contains(unit) {
        return 0;
    }
    if graph.unit_defs(unit).next().is_none() {
        return weights.unit(unit);
    }
    let defs = graph.unit_defs(unit).filter(|&def| live.contains(def));
    defs.map(|def| weights.def(def)).sum::<u64>().min(weights.unit(unit))
}

/// Returns, for each unit, the units that its live definitions need: those that hold what is read, and those that provide
/// it. For units without sources, all that they record. Rows are sorted by id.
#[must_use]
pub fn live_links(graph: &Graph, linked: &LinkedSet, live: &Live) -> LinkTable {
    let mut rows = vec![Vec::new(); graph.units.links.len()];
    for &unit in linked.units.iter().filter(|&&unit| live.touched.contains(unit)) {
        let Some(row) = rows.get_mut(unit.idx()) else { continue };
        let mut needed: IdSet<UnitId> = IdSet::default();
        for def in graph.unit_defs(unit).filter(|&def| live.contains(def)) {
            for edge in graph.edges_of(def).iter().filter(|edge| edge.kind.links()) {
                needed.insert(edge.target.unit);
                needed.extend(edge.def.get().map(|def| graph.def(def).unit));
            }
        }
        let recorded = graph.units.links[unit.idx()].iter();
        let is_reason = |used: UnitId| !graph.units.holds(unit, used);
        let unexplained = recorded.filter(|&&(used, edge)| edge.is_none() && is_reason(used));
        needed.extend(unexplained.map(|&(used, _)| used));
        needed.remove(unit);
        *row = needed.iter().filter(|&used| linked.contains(used)).collect();
    }
    LinkTable { rows }
}

/// Adds to the recorded links of each unit those that its live definitions need directly.
fn with_live_links(links: &impl Links, linked: &LinkedSet, live_rows: &LinkTable) -> LinkTable {
    let n_units = links.n_units();
    let mut rows = vec![Vec::new(); n_units];
    for &unit in linked.units.iter().filter(|unit| unit.idx() < n_units) {
        let both: IdSet<UnitId> = links.links(unit).iter().chain(live_rows.links(unit)).copied().collect();
        rows[unit.idx()] = both.iter().filter(|&used| used != unit).collect();
    }
    LinkTable { rows }
}
