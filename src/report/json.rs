//! An audit as JSON text.
//!
//! Of many programs it is long: each is made and written out by itself, on all threads, and goes before the next one comes. The
//! text is that of the whole, in pieces.

use super::build::{Costs, Parts, build, each_program};
use super::layout::json_inside;
use super::place::Places;
use super::schema::ProgramAudit;
use crate::base::Problem;
use crate::graph::Graph;

/// Returns the text of an audit, as pieces that follow each other.
///
/// # Errors
/// Those of the serializer; a report has nothing that it refuses.
pub fn json(
    places: Places<'_>,
    graph: &Graph,
    costs: &Costs,
    programs: &[Parts<'_>],
    problems: &[Problem],
) -> serde_json::Result<Vec<String>> {
    let text = |program: ProgramAudit| json_inside(&program, DEPTH);
    let programs: serde_json::Result<Vec<String>> =
        each_program(places, graph, costs, programs, text).into_iter().collect();
    let frame = json_inside(&build(places, graph, costs, &[], problems), 0)?;
    Ok(framed(frame, programs?))
}

/// What is around a program: the audit and its list of programs.
const DEPTH: usize = 2;

/// Puts the texts of programs into that of an audit without any.
fn framed(mut frame: String, programs: Vec<String>) -> Vec<String> {
    const NONE: &str = "\n  \"programs\": [";
    frame.push('\n');
    // Line breaks inside strings are escaped, so this is the first one of the list itself.
    let Some(at) = frame.find(NONE).filter(|_| !programs.is_empty()) else { return vec![frame] };
    let rest = frame.split_off(at + NONE.len());
    let mut pieces = vec![frame];
    for (i, program) in programs.into_iter().enumerate() {
        pieces.push(if i == 0 { "\n    " } else { ",\n    " }.to_owned());
        pieces.push(program);
    }
    pieces.push(format!("\n  {rest}"));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pieces_are_the_text_of_the_whole() {
        let values = [json!({"name": "a\n  \"programs\": [", "list": [1, []]}), json!({}), json!("b")];
        for n in 0..=values.len() {
            let whole = json!({"first": "\n  \"programs\": []", "programs": values[..n], "then": [2]});
            let frame = json!({"first": "\n  \"programs\": []", "programs": [], "then": [2]});
            let text = |value: &serde_json::Value| json_inside(value, 0).expect("text");
            let programs = values[..n].iter().map(|value| json_inside(value, DEPTH).expect("text")).collect();
            assert_eq!(framed(text(&frame), programs).concat(), text(&whole) + "\n");
        }
    }
}
