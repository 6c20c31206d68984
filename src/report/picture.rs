//! The unit graph as a picture shows it: which units, which links, and which libraries are one box.

use crate::base::{IdSet, Idx, LibraryId, UnitId};
use crate::graph::Graph;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};

/// A box.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PictureNode {
    /// The library; boxes of one library stand together.
    pub library: String,
    /// What is written in it: the unit, or the library and how many units it stands for.
    pub label: String,
}

/// Boxes and arrows. Names and order never depend on chance.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    /// Sorted by library and label.
    pub nodes: Vec<PictureNode>,
    /// From who records to what is recorded, by position in `nodes`; sorted, none from a box to itself.
    pub arrows: Vec<(usize, usize)>,
}

/// Returns the picture of the links between some units; each collapsed library is one box.
#[must_use]
pub fn picture(
    project: &Project,
    graph: &Graph,
    units: &IdSet<UnitId>,
    collapsed: &IdSet<LibraryId>,
) -> Picture {
    let library_of = |unit: UnitId| project.unit(unit).library;
    let mut members: BTreeMap<LibraryId, usize> = BTreeMap::new();
    for unit in units.iter() {
        *members.entry(library_of(unit)).or_default() += 1;
    }
    let node = |unit: UnitId| {
        let library = project.library(library_of(unit)).name.to_string();
        let n_units = members.get(&library_of(unit)).copied().unwrap_or_default();
        let label = if collapsed.contains(library_of(unit)) {
            format!("{library} ({})", super::human::count(n_units, "unit"))
        } else {
            project.unit(unit).name.to_string()
        };
        PictureNode { library, label }
    };
    let nodes: Vec<PictureNode> = units.iter().map(node).collect::<BTreeSet<_>>().into_iter().collect();
    let position = |unit: UnitId| nodes.binary_search(&node(unit)).ok();
    let mut arrows = BTreeSet::new();
    for unit in units.iter() {
        let Some(from) = position(unit) else { continue };
        for used in links(graph, unit).filter(|&used| units.contains(used)) {
            arrows.extend(position(used).filter(|&to| to != from).map(|to| (from, to)));
        }
    }
    Picture { nodes, arrows: arrows.into_iter().collect() }
}

/// Returns a unit, the units among these that record it, and those that it records.
#[must_use]
pub fn neighbours(graph: &Graph, units: &IdSet<UnitId>, focus: UnitId) -> IdSet<UnitId> {
    let is_near = |&unit: &UnitId| {
        unit == focus
            || links(graph, unit).any(|used| used == focus)
            || links(graph, focus).any(|used| used == unit)
    };
    units.iter().filter(is_near).collect()
}

/// Returns those of the units from which a unit is reached by links among them, itself included.
#[must_use]
pub fn reaching(graph: &Graph, units: &IdSet<UnitId>, target: UnitId) -> IdSet<UnitId> {
    let mut users: BTreeMap<UnitId, Vec<UnitId>> = BTreeMap::new();
    for unit in units.iter() {
        for used in links(graph, unit) {
            users.entry(used).or_default().push(unit);
        }
    }
    let mut found: IdSet<UnitId> = units.iter().filter(|&unit| unit == target).collect();
    let mut todo: Vec<UnitId> = found.iter().collect();
    while let Some(unit) = todo.pop() {
        let next = users.get(&unit).into_iter().flatten().copied();
        todo.extend(next.filter(|&user| found.insert(user)));
    }
    found
}

fn links(graph: &Graph, unit: UnitId) -> impl Iterator<Item = UnitId> + '_ {
    let row = graph.units.links.get(unit.idx()).map_or(&[][..], Vec::as_slice);
    row.iter().map(|&(used, _)| used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::fixture::fixture;

    const GRAPH: &str = "lib a: A B
         lib c: C
         own: Main
         Main.go = A.f, C.f
         A.f = B.g
         B.g
         C.f = B.g";

    fn labels(picture: &Picture) -> (Vec<&str>, Vec<String>) {
        let label = |at: usize| picture.nodes[at].label.as_str();
        let arrows = picture.arrows.iter().map(|&(from, to)| format!("{} {}", label(from), label(to)));
        (picture.nodes.iter().map(|node| node.label.as_str()).collect(), arrows.collect())
    }

    #[test]
    fn a_collapsed_library_is_one_box_without_arrows_to_itself() {
        let (project, graph) = fixture(GRAPH);
        let units: IdSet<UnitId> = (0..4).map(UnitId).collect();
        let library = project.unit(UnitId(0)).library;
        let whole = picture(&project, &graph, &units, &IdSet::default());
        assert_eq!(
            labels(&whole),
            (vec!["A", "B", "C", "Main"], ["A B", "C B", "Main A", "Main C"].map(str::to_owned).to_vec())
        );
        let collapsed = picture(&project, &graph, &units, &[library].into_iter().collect());
        assert_eq!(
            labels(&collapsed),
            (
                vec!["a (2 units)", "C", "Main"],
                ["C a (2 units)", "Main a (2 units)", "Main C"].map(str::to_owned).to_vec()
            )
        );
    }

    #[test]
    fn filters_keep_neighbours_or_what_reaches_a_unit() {
        let (_, graph) = fixture(GRAPH);
        let units: IdSet<UnitId> = (0..4).map(UnitId).collect();
        let near: Vec<u32> = neighbours(&graph, &units, UnitId(2)).iter().map(|unit| unit.0).collect();
        assert_eq!(near, [1, 2, 3], "C, what it records, and who records it");
        let above: Vec<u32> = reaching(&graph, &units, UnitId(0)).iter().map(|unit| unit.0).collect();
        assert_eq!(above, [0, 3], "A and Main");
    }
}
