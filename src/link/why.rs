//! Which references pull something in: shortest chains from a root, and links that hang on few references.

use super::closure::{LinkedSet, Reason};
use super::input::Links;
use super::live::{Live, LiveCause};
use super::retained::Retained;
use crate::base::{DefId, IdSet, Idx, UnitId};
use crate::graph::Graph;
use std::collections::VecDeque;

/// One step of a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hop {
    /// The first unit, and why the linker takes it.
    Unit(UnitId, Reason),
    /// The unit before records this one; the edge, an index of [`Graph::edges`], shows where. Without an edge the archive says so.
    Links(UnitId, Option<u32>),
    /// A definition, and how it is reached from the one before it.
    Def(DefId, LiveCause),
}

/// How something is reached: from a root to what was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chain {
    /// At least one; the first is a root.
    pub hops: Vec<Hop>,
}

/// Returns a shortest chain of links from a root to a unit; `None` if the unit is not linked.
///
/// Own units are tried before forced ones, and both in link order from the last, which is the main module.
#[must_use]
pub fn why_unit(graph: &Graph, linked: &LinkedSet, links: &impl Links, unit: UnitId) -> Option<Chain> {
    chain_around(graph, linked, links, unit, &Blocked::default())
}

/// Returns chains of links from roots to a unit, at most `max`, that share no unit but their ends, the shortest first.
///
/// Each is a shortest one among those that avoid the units of the chains before it, so there may be more disjoint chains than
/// are found; when fewer than `max` are returned, every other chain shares a unit with one of these.
#[must_use]
pub fn disjoint_chains(
    graph: &Graph,
    linked: &LinkedSet,
    links: &impl Links,
    unit: UnitId,
    max: usize,
) -> Vec<Chain> {
    let mut blocked = Blocked::default();
    let mut chains: Vec<Chain> = Vec::new();
    while chains.len() < max {
        let Some(chain) = chain_around(graph, linked, links, unit, &blocked) else { break };
        blocked.add(&chain);
        chains.push(chain);
    }
    chains
}

/// What other chains have taken.
#[derive(Default)]
struct Blocked {
    /// Units between the ends.
    units: IdSet<UnitId>,
    /// Roots that link the unit themselves.
    direct: IdSet<UnitId>,
    /// Whether the unit is a root itself: there is one way to be one.
    is_root: bool,
}

impl Blocked {
    fn add(&mut self, chain: &Chain) {
        let unit_of = |hop: &Hop| match *hop {
            Hop::Unit(unit, _) | Hop::Links(unit, _) => Some(unit),
            Hop::Def(..) => None,
        };
        let units: Vec<UnitId> = chain.hops.iter().filter_map(unit_of).collect();
        match units.as_slice() {
            [] => {}
            [_] => self.is_root = true,
            [root, _] => _ = self.direct.insert(*root),
            [_, between @ .., _] => self.units.extend(between.iter().copied()),
        }
    }
}

/// A shortest chain that avoids what is blocked.
fn chain_around(
    graph: &Graph,
    linked: &LinkedSet,
    links: &impl Links,
    unit: UnitId,
    blocked: &Blocked,
) -> Option<Chain> {
    if !linked.contains(unit) {
        return None;
    }
    let roots = linked.iter().filter(|(_, reason)| !matches!(reason, Reason::By(_)));
    let mut roots: Vec<(UnitId, Reason)> =
        roots.filter(|&(root, _)| !(blocked.is_root && root == unit)).collect();
    roots.reverse();
    // Stable: among equals the order from the last unit stays.
    roots.sort_by_key(|&(_, reason)| reason != Reason::Root);
    let mut came_from: Vec<Option<UnitId>> = vec![None; links.n_units()];
    let mut seen: IdSet<UnitId> = roots.iter().map(|&(unit, _)| unit).collect();
    let mut queue: VecDeque<UnitId> = roots.iter().map(|&(unit, _)| unit).collect();
    while let Some(from) = queue.pop_front() {
        if from == unit {
            break;
        }
        for &to in links.links(from) {
            let is_taken =
                if to == unit { blocked.direct.contains(from) } else { blocked.units.contains(to) };
            if !is_taken && linked.contains(to) && seen.insert(to) {
                came_from[to.idx()] = Some(from);
                queue.push_back(to);
            }
        }
    }
    let mut hops = Vec::new();
    let mut at = unit;
    while let Some(from) = came_from.get(at.idx()).copied().flatten() {
        hops.push(Hop::Links(at, link_edge(graph, from, at)));
        at = from;
    }
    let reason = roots.iter().find(|&&(root, _)| root == at).map(|&(_, reason)| reason)?;
    hops.push(Hop::Unit(at, reason));
    hops.reverse();
    Some(Chain { hops })
}

/// Returns the edge that shows best why `from` records `to`; `None` where only an archive says so.
#[must_use]
pub fn link_edge(graph: &Graph, from: UnitId, to: UnitId) -> Option<u32> {
    let row = graph.units.links.get(from.idx())?;
    row.iter().find(|(used, _)| *used == to).and_then(|(_, edge)| *edge)
}

/// Returns the chain that makes a definition live, from a root; `None` if it is dead.
#[must_use]
pub fn why_def(graph: &Graph, live: &Live, def: DefId) -> Option<Chain> {
    let mut hops = Vec::new();
    let mut at = def;
    // Causes point to definitions that were live before, so the chain ends; the count guards that claim.
    for _ in 0..=graph.defs.len() {
        let cause = *live.causes.get(&at)?;
        hops.push(Hop::Def(at, cause));
        match cause {
            LiveCause::Edge(edge) | LiveCause::RunsFor(edge) => at = graph.edges[edge as usize].from,
            LiveCause::Inside(def) | LiveCause::Encloses(def) | LiveCause::Runs(def) => at = def,
            LiveCause::Root | LiveCause::Forced | LiveCause::Opaque(_) => break,
        }
    }
    hops.reverse();
    Some(Chain { hops })
}

/// A link between two units that hangs on few references.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ThinEdge {
    /// The unit that records.
    pub from: UnitId,
    /// The unit that is recorded.
    pub to: UnitId,
    /// The references, as indices of [`Graph::edges`], in order of source.
    pub references: Vec<u32>,
    /// How many definitions of `to` they name; a whole unit counts as all.
    pub n_used: u32,
    /// How many definitions `to` has.
    pub n_defs: u32,
    /// Bytes that leave the program if this link is cut.
    pub freed_bytes: u64,
}

/// Returns the edges from definitions of one unit that link another, in order of source.
#[must_use]
pub fn references(graph: &Graph, from: UnitId, to: UnitId) -> Vec<u32> {
    let ranges = graph.unit_defs(from).map(|def| graph.def(def).edges.clone());
    let mut found: Vec<u32> = ranges
        .flatten()
        .filter(|&edge| {
            let edge = &graph.edges[edge as usize];
            edge.kind.links() && !edge.flags.get().through && edge.target.unit == to
        })
        .collect();
    found.sort_by_key(|&edge| {
        let edge = &graph.edges[edge as usize];
        (graph.def(edge.from).file, edge.span)
    });
    found
}

/// Returns the links of a linked set that name at most `max_used` definitions of a unit that has more, and without which the unit
/// would not be linked; those that free most bytes first.
#[must_use]
pub fn thin_edges(
    graph: &Graph,
    linked: &LinkedSet,
    links: &impl Links,
    retained: &Retained,
    max_used: u32,
) -> Vec<ThinEdge> {
    let users = users(linked, links);
    let position: rustc_hash::FxHashMap<UnitId, usize> =
        linked.units.iter().enumerate().map(|(i, &unit)| (unit, i)).collect();
    let mut thin = Vec::new();
    for (i, &to) in linked.units.iter().enumerate() {
        let freed_bytes = retained.bytes[i];
        if freed_bytes == 0 || !matches!(linked.reasons[i], Reason::By(_)) {
            continue;
        }
        // A link is the only way in when every other user hangs on `to` itself.
        let mut ways = users[i].iter().filter(|&&user| !is_dominated(retained, &position, user, to));
        let (Some(&from), None) = (ways.next(), ways.next()) else { continue };
        let references = references(graph, from, to);
        let n_defs = graph.unit_defs(to).filter(|&def| costs(graph, def)).count() as u32;
        let n_used = n_used(graph, &references, n_defs);
        if !references.is_empty() && n_used <= max_used && n_used < n_defs {
            thin.push(ThinEdge { from, to, references, n_used, n_defs, freed_bytes });
        }
    }
    thin.sort_by_key(|edge| (std::cmp::Reverse(edge.freed_bytes), edge.to, edge.from));
    thin
}

/// Whether a definition is one that users count: something that costs bytes or runs code.
fn costs(graph: &Graph, def: DefId) -> bool {
    use crate::graph::DefKind;
    !matches!(graph.def(def).kind, DefKind::Type | DefKind::ModuleType)
}

/// Number of definitions that references name.
fn n_used(graph: &Graph, references: &[u32], n_defs: u32) -> u32 {
    let mut names = Vec::new();
    for &edge in references {
        let edge = &graph.edges[edge as usize];
        if edge.flags.get().whole || edge.target.path.is_empty() {
            return n_defs;
        }
        names.push(edge.target.path);
    }
    names.sort_unstable();
    names.dedup();
    names.len() as u32
}

/// For each unit, by position, the linked units that record it.
fn users(linked: &LinkedSet, links: &impl Links) -> Vec<Vec<UnitId>> {
    let mut users = vec![Vec::new(); linked.units.len()];
    let mut position = vec![usize::MAX; links.n_units()];
    for (i, unit) in linked.units.iter().enumerate() {
        if let Some(slot) = position.get_mut(unit.idx()) {
            *slot = i;
        }
    }
    for &unit in &linked.units {
        for used in links.links(unit) {
            if let Some(list) = users.get_mut(position[used.idx()]).filter(|_| *used != unit) {
                list.push(unit);
            }
        }
    }
    users
}

/// Whether every way to `unit` goes through `by`.
fn is_dominated(
    retained: &Retained,
    position: &rustc_hash::FxHashMap<UnitId, usize>,
    unit: UnitId,
    by: UnitId,
) -> bool {
    let mut at = Some(unit);
    while let Some(unit) = at {
        if unit == by {
            return true;
        }
        at = position.get(&unit).and_then(|&i| retained.dominator[i]);
    }
    false
}
