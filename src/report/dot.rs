//! A picture of units for Graphviz.

use super::picture::{Picture, PictureNode};

/// Returns a picture as a DOT graph, one cluster for each library.
#[must_use]
pub fn dot(picture: &Picture) -> String {
    let mut out =
        String::from("digraph units {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n");
    let same_library = |a: &PictureNode, b: &PictureNode| a.library == b.library;
    for (i, nodes) in picture.nodes.chunk_by(same_library).enumerate() {
        out.push_str(&format!("  subgraph cluster_{i} {{\n    label={};\n", quote(&nodes[0].library)));
        for node in nodes {
            out.push_str(&format!("    {};\n", quote(&node.label)));
        }
        out.push_str("  }\n");
    }
    for &(from, to) in &picture.arrows {
        let label = |at: usize| quote(&picture.nodes[at].label);
        out.push_str(&format!("  {} -> {};\n", label(from), label(to)));
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

    #[test]
    fn units_are_grouped_by_library() {
        let node = |library: &str, label: &str| PictureNode { library: library.into(), label: label.into() };
        let picture = Picture {
            nodes: vec![node("a", "A"), node("a", "B"), node("main", "M\"")],
            arrows: vec![(2, 0)],
        };
        assert_eq!(
            dot(&picture),
            "digraph units {
  rankdir=LR;
  node [shape=box, fontname=\"monospace\"];
  subgraph cluster_0 {
    label=\"a\";
    \"A\";
    \"B\";
  }
  subgraph cluster_1 {
    label=\"main\";
    \"M\\\"\";
  }
  \"M\\\"\" -> \"A\";
}
"
        );
    }
}
