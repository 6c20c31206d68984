//! `cut-references`: a costly unit that hangs on a handful of references.
//!
//! A minimum cut on the unit graph: from the command line to the costly unit, each link is as strong as the number of
//! references that ask for it. Links that nobody can change (inside the standard library, of units without source) have no
//! limit, and neither have references of the program's own live code to anything but the standard library: that a program uses
//! a library is what it is written for, that it formats with `Printf` is not. The cut found is the one nearest to the costly unit, so that as little else as possible goes.

use super::draft::Draft;
use super::model::{ProposalKind, Risk};
use super::plan::Plan;
use super::risks;
use super::world::{Tree, World};
use crate::base::{IdSet, Idx, UnitId};
use crate::link::{LinkInput, LinkedSet, Live, Reason};
use crate::project::LibraryOrigin;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// More references than this are not a handful.
const MAX_REFERENCES: u32 = 12;
/// Units looked at for one program, the costliest first.
const MAX_TARGETS: usize = 12;
/// A link that nobody can cut.
const FIXED: u32 = 1 << 20;

/// Proposes cuts for the costliest units of a program.
pub(crate) fn drafts(
    world: &World<'_>,
    input: &LinkInput,
    linked: &LinkedSet,
    live: &Live,
    min_bytes: u64,
) -> Vec<Draft> {
    let tree = world.tree;
    let mut targets: Vec<(u64, UnitId)> = linked
        .iter()
        .filter(|(unit, reason)| matches!(reason, Reason::By(_)) && !input.own.contains(unit))
        .map(|(unit, _)| (world.weight(unit), unit))
        .filter(|&(bytes, _)| bytes >= 5 * min_bytes)
        .collect();
    targets.sort_unstable_by_key(|&(bytes, unit)| (std::cmp::Reverse(bytes), unit));
    let network = Network::new(world, input, linked, live);
    let mut drafts: Vec<Draft> = Vec::new();
    for (_, target) in targets.into_iter().take(MAX_TARGETS) {
        let Some(links) = network.min_cut(world, target) else { continue };
        let mut cut: Vec<u32> =
            links.iter().flat_map(|&link| network.references(world, link)).copied().collect();
        // In the order of the units, whichever were resolved last.
        cut.sort_unstable_by_key(|&edge| (tree.graph.def(tree.graph.edges[edge as usize].from).unit, edge));
        if drafts.iter().any(|draft| draft.plan.cut == cut) {
            continue;
        }
        drafts.push(draft(tree, target, cut));
    }
    drafts
}

fn draft(tree: Tree<'_>, target: UnitId, cut: Vec<u32>) -> Draft {
    let name = tree.unit_name(target);
    let n = cut.len();
    let risks = vec![Risk {
        code: "by-hand",
        message: format!(
            "what the code does through {} has to be done otherwise, or not at all",
            if n == 1 { "this reference" } else { "these references" }
        ),
        place: cut.first().map(|&edge| {
            let edge = &tree.graph.edges[edge as usize];
            risks::place(tree, tree.graph.def(edge.from).file, edge.span.start)
        }),
    }];
    Draft {
        id: format!("cut-references:{name}"),
        kind: ProposalKind::CutReferences,
        unit: Some(target),
        library: Some(tree.project.unit(target).library),
        summary: format!(
            "{name} hangs on {}",
            if n == 1 { "one reference".to_owned() } else { format!("{n} references") }
        ),
        plan: Plan { cut, ..Plan::default() }.into(),
        edits: Vec::new(),
        risks,
    }
}

fn is_stdlib(tree: Tree<'_>, unit: UnitId) -> bool {
    tree.project.library(tree.project.unit(unit).library).origin == LibraryOrigin::Stdlib
}

/// The unit graph of a program with the number of references on each link.
struct Network {
    /// For each node: the links out of it. Nodes are positions in the linked set; the last one is the command line.
    links: Vec<Vec<(usize, u32)>>,
    position: FxHashMap<UnitId, usize>,
    /// The units, by position.
    units: Vec<UnitId>,
    /// For each node: the links into it.
    back: Vec<Vec<usize>>,
    /// The strength of each link.
    strengths: FxHashMap<(usize, usize), u32>,
}

impl Network {
    fn new(world: &World<'_>, input: &LinkInput, linked: &LinkedSet, live: &Live) -> Self {
        let tree = world.tree;
        let position: FxHashMap<UnitId, usize> =
            linked.units.iter().enumerate().map(|(i, &unit)| (unit, i)).collect();
        let root = linked.units.len();
        let mut links = vec![Vec::new(); root + 1];
        for (i, (unit, reason)) in linked.iter().enumerate() {
            if !matches!(reason, Reason::By(_)) {
                links[root].push((i, FIXED));
            }
            for used in world.used(unit) {
                let Some(&to) = position.get(used) else { continue };
                let found = world.edges(unit, *used);
                // Whole modules, and what the compiler or a rewriter adds, cannot be left out one by one.
                let has_fixed = || {
                    found.iter().any(|&index| {
                        let edge = &tree.graph.edges[index as usize];
                        let is_wanted =
                            input.own.contains(&unit) && live.contains(edge.from) && !is_stdlib(tree, *used);
                        let flags = edge.flags;
                        flags.get().implicit
                            || flags.get().export
                            || flags.get().include
                            || flags.get().whole
                            || is_wanted
                    })
                };
                let is_fixed = is_stdlib(tree, unit) || found.is_empty() || has_fixed();
                links[i].push((to, if is_fixed { FIXED } else { found.len() as u32 }));
            }
        }
        let mut strengths: FxHashMap<(usize, usize), u32> = FxHashMap::default();
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); links.len()];
        for (from, links) in links.iter().enumerate() {
            for &(to, strength) in links {
                *strengths.entry((from, to)).or_default() += strength;
                back[to].push(from);
            }
        }
        Network { links, position, units: linked.units.clone(), back, strengths }
    }

    /// Returns the references behind a link, as indexes of edges.
    fn references<'w>(&self, world: &'w World<'_>, (from, to): (usize, usize)) -> &'w [u32] {
        match (self.units.get(from), self.units.get(to)) {
            (Some(&from), Some(&to)) => world.edges(from, to),
            _ => &[],
        }
    }

    /// Returns the links of a smallest cut between the command line and a unit, nearest to the unit; none when it takes too
    /// many references. Flows of one after another, shortest ways first; each adds at least one, so there are at most
    /// [`MAX_REFERENCES`] and one more.
    fn min_cut(&self, world: &World<'_>, target: UnitId) -> Option<Vec<(usize, usize)>> {
        let sink = *self.position.get(&target)?;
        let root = self.links.len() - 1;
        let (mut residual, back) = (self.strengths.clone(), &self.back);
        let left = |residual: &FxHashMap<(usize, usize), u32>, from, to| {
            residual.get(&(from, to)).copied().unwrap_or(0)
        };
        let mut flow = 0;
        while let Some(way) = self.way(back, &residual, root, sink) {
            let pairs = || way.windows(2).map(|pair| (pair[0], pair[1]));
            let width = pairs().map(|(from, to)| left(&residual, from, to)).min().unwrap_or(0);
            flow += width;
            if flow > MAX_REFERENCES || width == 0 {
                return None;
            }
            for (from, to) in pairs() {
                *residual.entry((from, to)).or_default() -= width;
                *residual.entry((to, from)).or_default() += width;
            }
        }
        // Who still reaches the unit is on its side.
        let mut side: IdSet<UnitId> = IdSet::default();
        side.insert(UnitId::new(sink));
        let mut todo = vec![sink];
        while let Some(to) = todo.pop() {
            let forward = self.links[to].iter().map(|&(other, _)| other);
            for from in back[to].iter().copied().chain(forward) {
                if left(&residual, from, to) > 0 && side.insert(UnitId::new(from)) {
                    todo.push(from);
                }
            }
        }
        let mut cut = Vec::new();
        for (from, links) in self.links.iter().enumerate() {
            for &(to, _) in links {
                if !side.contains(UnitId::new(from)) && side.contains(UnitId::new(to)) {
                    cut.push((from, to));
                }
            }
        }
        let is_cuttable = |&link: &(usize, usize)| !self.references(world, link).is_empty();
        (!cut.is_empty() && cut.iter().all(is_cuttable)).then_some(cut)
    }

    /// A shortest way from the command line to a unit along links with something left.
    fn way(
        &self,
        back: &[Vec<usize>],
        residual: &FxHashMap<(usize, usize), u32>,
        root: usize,
        sink: usize,
    ) -> Option<Vec<usize>> {
        let mut come_from = vec![usize::MAX; self.links.len()];
        come_from[root] = root;
        let mut queue = VecDeque::from([root]);
        while let Some(from) = queue.pop_front() {
            if from == sink {
                let mut way = vec![sink];
                while let Some(&at) = way.last()
                    && at != root
                {
                    way.push(come_from[at]);
                }
                way.reverse();
                return Some(way);
            }
            let forward = self.links[from].iter().map(|&(to, _)| to);
            for to in forward.chain(back[from].iter().copied()) {
                if come_from[to] == usize::MAX && residual.get(&(from, to)).copied().unwrap_or(0) > 0 {
                    come_from[to] = from;
                    queue.push_back(to);
                }
            }
        }
        None
    }
}
