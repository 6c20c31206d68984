//! The answer as a value: chains, cuts and users of one unit or definition in one program.

use super::super::find::{Cut, Question};
use super::super::pipeline::{Linked, Run};
use crate::base::{DefId, UnitId};
use crate::link::{
    Changed, Hop, LinkTable, LinkedSet, Links, disjoint_chains, link, references, why_def, why_unit,
};
use crate::report::build::def_name;
use crate::report::chain::{self, HopEntry, ReferenceEntry};
use crate::size::Provenance;
use serde::Serialize;

/// The answer for one program.
#[derive(Serialize, schemars::JsonSchema)]
pub(super) struct ProgramAnswer {
    pub(super) program: String,
    /// The unit as the linker knows it.
    pub(super) unit: String,
    /// The definition asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) definition: Option<String>,
    pub(super) linked: bool,
    /// Whether own code reaches it.
    pub(super) live: bool,
    pub(super) bytes: u64,
    /// Bytes that leave with it, itself included.
    pub(super) retained_bytes: u64,
    pub(super) retained_units: u32,
    /// From an own unit to the unit: the shortest chain.
    pub(super) chain: Vec<HopEntry>,
    /// Chains that share no unit with `chain` or each other but their ends, the shortest first.
    pub(super) other_chains: Vec<Vec<HopEntry>>,
    /// Whether every further chain shares a unit with these.
    pub(super) chains_complete: bool,
    /// From an own definition to the definition, when one was asked for; to any definition of the unit otherwise.
    pub(super) live_chain: Vec<HopEntry>,
    /// For each link of `chain`, what leaves the program when it is cut.
    pub(super) cuts: Vec<CutEntry>,
    /// What leaves with the links that were asked to be cut, together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) without: Option<WithoutEntry>,
    /// The linked units that record it, in link order.
    pub(super) users: Vec<UserEntry>,
    /// Where `bytes` comes from.
    pub(super) provenance: Provenance,
    /// Where `retained_bytes` comes from.
    pub(super) retained_provenance: Provenance,
}

/// What leaves when one link is cut.
#[derive(Serialize, schemars::JsonSchema)]
pub(super) struct CutEntry {
    pub(super) from: String,
    pub(super) to: String,
    /// References that make the link.
    pub(super) references: u32,
    pub(super) freed_bytes: u64,
    pub(super) provenance: Provenance,
    pub(super) freed_units: Vec<String>,
}

/// What is left without some links.
#[derive(Serialize, schemars::JsonSchema)]
pub(super) struct WithoutEntry {
    /// The links, as asked for.
    pub(super) cut: Vec<CutLink>,
    pub(super) freed_bytes: u64,
    pub(super) provenance: Provenance,
    pub(super) freed_units: Vec<String>,
    /// Whether the unit asked for is still linked.
    pub(super) still_linked: bool,
    /// Then the shortest chain to it.
    pub(super) chain: Vec<HopEntry>,
}

/// One link that was asked to be cut.
#[derive(Serialize, schemars::JsonSchema)]
pub(super) struct CutLink {
    pub(super) from: String,
    pub(super) to: String,
    /// Whether the program has such a link at all.
    pub(super) exists: bool,
}

/// A unit that records the unit asked for.
#[derive(Serialize, schemars::JsonSchema)]
pub(super) struct UserEntry {
    pub(super) unit: String,
    /// Its references in order of source, to the definition when one was asked for; none where only its archive records the link.
    pub(super) references: Vec<ReferenceEntry>,
    /// What leaves when it alone stops recording the unit.
    pub(super) freed_bytes: u64,
    pub(super) provenance: Provenance,
}

/// Answers the question for one program.
pub(super) fn answer(
    run: &Run,
    linked: &Linked<'_>,
    question: Question,
    cuts: &[Cut],
    n_chains: usize,
) -> ProgramAnswer {
    let unit = question.unit;
    let position = linked.linked.units.iter().position(|&other| other == unit);
    let hops = |chain: &crate::link::Chain| chain::hops(run.places(), &run.graph, chain);
    // One more than is shown tells whether there are more.
    let mut chains = disjoint_chains(&run.graph, &linked.linked, &run.links, unit, n_chains + 1);
    let chains_complete = chains.len() <= n_chains;
    chains.truncate(n_chains);
    let first = chains.first().cloned().unwrap_or_default();
    let (cost, provenance) = run.prices.costs.unit(unit);
    let dominated = linked.linked.units.iter().copied();
    let dominated = dominated.filter(|&other| linked.retained.dominates(&linked.linked, unit, other));
    let retained_provenance = run.prices.costs.provenance(dominated.chain([unit]));
    let is_live = match question.def {
        Some(def) => linked.live.contains(def),
        None => linked.live.touched.contains(unit),
    };
    ProgramAnswer {
        program: linked.program.name.clone(),
        unit: unit_name(run, unit),
        definition: question.def.map(|def| def_name(run.places(), &run.graph, def)),
        linked: position.is_some(),
        live: is_live,
        bytes: question.def.map_or_else(|| cost.alloc(), |def| run.prices.weights.def(def)),
        retained_bytes: position.map_or(0, |i| linked.retained.bytes[i]),
        retained_units: position.map_or(0, |i| linked.retained.n_units[i]),
        cuts: chain_cuts(run, linked, &first.hops),
        chain: hops(&first),
        other_chains: chains.iter().skip(1).map(hops).collect(),
        chains_complete,
        live_chain: live_chain(run, linked, question),
        without: (!cuts.is_empty()).then(|| without(run, linked, unit, cuts)),
        users: users(run, linked, question),
        provenance,
        retained_provenance,
    }
}

fn unit_name(run: &Run, unit: UnitId) -> String {
    run.project.unit(unit).name.to_string()
}

/// Any live definition shows why own code needs the unit; the one with the shortest chain shows it best.
fn live_chain(run: &Run, linked: &Linked<'_>, question: Question) -> Vec<HopEntry> {
    let live_defs = || run.graph.unit_defs(question.unit).filter(|&def| linked.live.contains(def));
    let asked: Vec<DefId> = question.def.map_or_else(|| live_defs().collect(), |def| vec![def]);
    let chains = asked.iter().filter_map(|&def| why_def(&run.graph, &linked.live, def));
    let shortest = chains.min_by_key(|chain| chain.hops.len()).unwrap_or_default();
    chain::hops(run.places(), &run.graph, &shortest)
}

/// The links of all units but some.
fn links_without<'a>(run: &'a Run, cuts: &[Cut]) -> Changed<'a, LinkTable> {
    let mut changed = Changed::new(&run.links);
    for cut in cuts {
        let is_cut = |used: &UnitId| cuts.iter().any(|other| other.from == cut.from && other.to == *used);
        let links = run.links.links(cut.from).iter().copied();
        changed.set(cut.from, links.filter(|used| !is_cut(used)).collect());
    }
    changed
}

/// What leaves when the linked set becomes smaller, in link order.
fn freed(linked: &Linked<'_>, left: &LinkedSet) -> Vec<UnitId> {
    linked.linked.units.iter().copied().filter(|&unit| !left.contains(unit)).collect()
}

/// Bytes of units, and where they come from.
fn sum(run: &Run, units: &[UnitId]) -> (u64, Provenance) {
    let bytes = units.iter().map(|&unit| run.prices.weights.unit(unit)).sum();
    (bytes, run.prices.costs.provenance(units.iter().copied()))
}

/// What leaves without each link of a chain.
fn chain_cuts(run: &Run, linked: &Linked<'_>, hops: &[Hop]) -> Vec<CutEntry> {
    let unit_of = |hop: &Hop| match *hop {
        Hop::Unit(unit, _) | Hop::Links(unit, _) => unit,
        Hop::Def(def, _) => run.graph.def(def).unit,
    };
    let cut = |from: UnitId, to: UnitId| {
        let freed = freed(linked, &link(&linked.input, &links_without(run, &[Cut { from, to }])));
        let (freed_bytes, provenance) = sum(run, &freed);
        CutEntry {
            from: unit_name(run, from),
            to: unit_name(run, to),
            references: references(&run.graph, from, to).len() as u32,
            freed_bytes,
            provenance,
            freed_units: freed.into_iter().map(|unit| unit_name(run, unit)).collect(),
        }
    };
    hops.windows(2).map(|pair| cut(unit_of(&pair[0]), unit_of(&pair[1]))).collect()
}

/// What is left without the links that were asked to be cut.
fn without(run: &Run, linked: &Linked<'_>, unit: UnitId, cuts: &[Cut]) -> WithoutEntry {
    let links = links_without(run, cuts);
    let left = link(&linked.input, &links);
    let freed = freed(linked, &left);
    let (freed_bytes, provenance) = sum(run, &freed);
    let chain = why_unit(&run.graph, &left, &links, unit).unwrap_or_default();
    WithoutEntry {
        cut: cuts
            .iter()
            .map(|cut| CutLink {
                from: unit_name(run, cut.from),
                to: unit_name(run, cut.to),
                exists: linked.linked.contains(cut.from) && run.links.links(cut.from).contains(&cut.to),
            })
            .collect(),
        freed_bytes,
        provenance,
        freed_units: freed.into_iter().map(|unit| unit_name(run, unit)).collect(),
        still_linked: left.contains(unit),
        chain: chain::hops(run.places(), &run.graph, &chain),
    }
}

/// The linked units that record the unit, or refer to the definition, in link order.
fn users(run: &Run, linked: &Linked<'_>, question: Question) -> Vec<UserEntry> {
    let unit = question.unit;
    let entry = |user: UnitId, references: &[u32]| {
        let left = link(&linked.input, &links_without(run, &[Cut { from: user, to: unit }]));
        let (freed_bytes, provenance) = sum(run, &freed(linked, &left));
        let references = chain::references(run.places(), &run.graph, references);
        UserEntry { unit: unit_name(run, user), references, freed_bytes, provenance }
    };
    let all = linked.linked.units.iter().copied();
    match question.def {
        None => all
            .filter(|&user| user != unit && run.links.links(user).contains(&unit))
            .map(|user| entry(user, &references(&run.graph, user, unit)))
            .collect(),
        Some(def) => all
            .map(|user| (user, references_to(run, user, def)))
            .filter(|(_, references)| !references.is_empty())
            .map(|(user, references)| entry(user, &references))
            .collect(),
    }
}

/// The edges from one unit to a definition, in order of source.
fn references_to(run: &Run, user: UnitId, def: DefId) -> Vec<u32> {
    let edges = run.graph.unit_defs(user).flat_map(|from| run.graph.def(from).edges.clone());
    let mut found: Vec<u32> =
        edges.filter(|&edge| run.graph.edges[edge as usize].def.get() == Some(def)).collect();
    found.sort_by_key(|&edge| run.graph.edges[edge as usize].span);
    found
}
