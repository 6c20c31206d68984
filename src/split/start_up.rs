//! What a unit does when it is linked, and what that drags in: code at the top level that anybody could see.

use super::effects::{Class, Effects};
use super::world::Tree;
use crate::base::{DefId, IdSet, UnitId};
use rustc_hash::FxHashMap;

/// One piece of code that runs when its unit is linked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StartUp {
    /// The definition or effect.
    pub def: DefId,
    /// What it does: `changes the state of Stdlib__Printexc`.
    pub what: String,
    /// Whether others could see it: it does more than compute and set up its own state.
    pub is_seen: bool,
    /// The units that it names, and that nothing else in its unit does, in order of id.
    pub drags: Vec<UnitId>,
}

/// Returns what some units do at start-up, in order of source; code that only computes is left out unless it drags units in.
#[must_use]
pub fn start_up(tree: Tree<'_>, units: &[UnitId]) -> Vec<StartUp> {
    let effects = Effects::new(tree);
    units.iter().flat_map(|&unit| of_unit(tree, unit, &effects)).collect()
}

fn of_unit(tree: Tree<'_>, unit: UnitId, effects: &Effects<'_>) -> Vec<StartUp> {
    let graph = tree.graph;
    let named = |def: DefId| {
        let edges = graph.edges_of(def).iter();
        edges.filter(|edge| edge.kind.links() && !edge.flags.get().through).map(|edge| edge.target.unit)
    };
    let runs = |def: &DefId| effects.runs(*def) && graph.def(*def).shape == crate::parse::Shape::Expr;
    // How many definitions of the unit name each other one.
    let mut n_naming: FxHashMap<UnitId, u32> = FxHashMap::default();
    for def in graph.unit_defs(unit) {
        let used: IdSet<UnitId> = named(def).collect();
        used.iter().for_each(|used| *n_naming.entry(used).or_default() += 1);
    }
    graph
        .unit_defs(unit)
        .filter(|def| is_effect(graph, *def) || runs(def))
        .filter_map(|def| {
            let mut drags: IdSet<UnitId> = IdSet::default();
            if is_effect(graph, def) {
                drags.extend(named(def).filter(|used| *used != unit && n_naming.get(used) == Some(&1)));
            }
            let what = match effects.class(def) {
                Class::Pure | Class::OwnState if drags.iter().next().is_none() => return None,
                Class::Pure if is_include(tree, def) => "is an include, and does nothing else".to_owned(),
                Class::Pure => "is evaluated, and does nothing else".to_owned(),
                Class::OwnState => "sets up its own state".to_owned(),
                Class::Registers(other) => format!("changes the state of {}", tree.unit_name(other)),
                Class::Outside(what) => format!("does something outside: {what}"),
                Class::Unknown(what) => format!("cannot be told: {what}"),
            };
            let is_seen = !matches!(effects.class(def), Class::Pure | Class::OwnState);
            Some(StartUp { def, what, is_seen, drags: drags.iter().collect() })
        })
        .collect()
}

fn is_include(tree: Tree<'_>, def: DefId) -> bool {
    let definition = tree.graph.def(def);
    let facts = tree.facts(definition.file);
    facts.is_some_and(|facts| {
        matches!(facts.item(definition.item).kind, crate::parse::ItemKind::Include { .. })
    })
}

fn is_effect(graph: &crate::graph::Graph, def: DefId) -> bool {
    graph.def(def).kind == crate::graph::DefKind::Effect
}
