//! The unit graph for Graphviz.

use crate::base::{IdSet, UnitId};
use crate::graph::Graph;
use crate::project::Project;
use std::collections::BTreeMap;

/// Returns the links between some units as a DOT graph, one cluster for each library; names and order never depend on chance.
#[must_use]
pub fn dot(project: &Project, graph: &Graph, units: &IdSet<UnitId>) -> String {
    let mut libraries: BTreeMap<&str, Vec<UnitId>> = BTreeMap::new();
    for unit in units.iter() {
        let library = project.library(project.unit(unit).library);
        libraries.entry(library.name.as_str()).or_default().push(unit);
    }
    let mut out =
        String::from("digraph units {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n");
    for (i, (library, members)) in libraries.iter().enumerate() {
        out.push_str(&format!("  subgraph cluster_{i} {{\n    label={};\n", quote(library)));
        for &unit in members {
            out.push_str(&format!("    {};\n", quote(&project.unit(unit).name)));
        }
        out.push_str("  }\n");
    }
    for unit in units.iter() {
        let links = graph.units.links.get(unit.0 as usize).map_or(&[][..], Vec::as_slice);
        for &(used, _) in links.iter().filter(|(used, _)| units.contains(*used)) {
            out.push_str(&format!(
                "  {} -> {};\n",
                quote(&project.unit(unit).name),
                quote(&project.unit(used).name)
            ));
        }
    }
    out.push_str("}\n");
    out
}

/// A DOT string.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::fixture::fixture;

    #[test]
    fn units_are_grouped_by_library_and_links_stay_inside() {
        let (project, graph) = fixture(
            "lib a: A B
             own: Main
             Main.go = A.f
             A.f = B.g
             B.g",
        );
        let units = [UnitId(0), UnitId(2)].into_iter().collect();
        assert_eq!(
            dot(&project, &graph, &units),
            "digraph units {
  rankdir=LR;
  node [shape=box, fontname=\"monospace\"];
  subgraph cluster_0 {
    label=\"a\";
    \"A\";
  }
  subgraph cluster_1 {
    label=\"main\";
    \"Main\";
  }
  \"Main\" -> \"A\";
}
"
        );
    }
}
