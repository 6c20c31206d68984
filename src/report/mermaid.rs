//! A picture of units for Mermaid, which code hosts draw inside Markdown.

use super::picture::{Picture, PictureNode};

/// Returns a picture as a Mermaid flowchart, one subgraph for each library.
///
/// Boxes have numbers for names, since Mermaid takes words such as `end` for its own.
#[must_use]
pub fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    let same_library = |a: &PictureNode, b: &PictureNode| a.library == b.library;
    let mut n = 0;
    for (i, nodes) in picture.nodes.chunk_by(same_library).enumerate() {
        out.push_str(&format!("  subgraph l{i}[{}]\n", quote(&nodes[0].library)));
        for node in nodes {
            out.push_str(&format!("    u{n}[{}]\n", quote(&node.label)));
            n += 1;
        }
        out.push_str("  end\n");
    }
    for (from, to) in &picture.arrows {
        out.push_str(&format!("  u{from} --> u{to}\n"));
    }
    out
}

/// A Mermaid string: quotes are written as entities.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('#', "#35;").replace('"', "#quot;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_numbered_and_grouped() {
        let node = |library: &str, label: &str| PictureNode { library: library.into(), label: label.into() };
        let picture = Picture { nodes: vec![node("a", "A"), node("end", "x\"y")], arrows: vec![(1, 0)] };
        let expected = "flowchart LR
  subgraph l0[\"a\"]
    u0[\"A\"]
  end
  subgraph l1[\"end\"]
    u1[\"x#quot;y\"]
  end
  u1 --> u0
";
        assert_eq!(mermaid(&picture), expected);
    }
}
