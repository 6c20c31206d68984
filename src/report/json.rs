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
use rayon::prelude::*;

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
    let programs: serde_json::Result<Vec<Vec<String>>> =
        each_program(places, graph, costs, programs, program_text).into_iter().collect();
    let frame = json_inside(&build(places, graph, costs, &[], problems), 0)? + "\n";
    Ok(framed(frame, "programs", 0, programs?))
}

/// Returns the text of a program in pieces. Most of it is proposals: they are written on all threads, some at a time.
fn program_text(mut program: ProgramAudit) -> serde_json::Result<Vec<String>> {
    const AT_A_TIME: usize = 16;
    let proposals = std::mem::take(&mut program.proposals);
    let texts = proposals.par_chunks(AT_A_TIME).map(|proposals| {
        let texts = proposals.iter().map(|proposal| json_inside(proposal, DEPTH + 2));
        let texts: Vec<String> = texts.collect::<serde_json::Result<_>>()?;
        Ok(vec![texts.join(&between(DEPTH))])
    });
    let texts: serde_json::Result<Vec<Vec<String>>> = texts.collect();
    Ok(framed(json_inside(&program, DEPTH)?, "proposals", DEPTH, texts?))
}

/// What stands between the parts of a list of an object at some depth.
fn between(depth: usize) -> String {
    format!(",\n{}", "  ".repeat(depth + 2))
}

/// What is around a program: the audit and its list of programs.
const DEPTH: usize = 2;

/// Puts the texts of the parts of a list, each in pieces, into that of an object at some depth, where the list has none.
fn framed(mut frame: String, list: &str, depth: usize, parts: Vec<Vec<String>>) -> Vec<String> {
    let line = format!("\n{}", "  ".repeat(depth + 1));
    let none = format!("{line}\"{list}\": [");
    // Line breaks inside strings are escaped, so this is the first one of the list itself.
    let Some(at) = frame.find(&none).filter(|_| !parts.is_empty()) else { return vec![frame] };
    let rest = frame.split_off(at + none.len());
    let mut pieces = vec![frame];
    for (i, part) in parts.into_iter().enumerate() {
        pieces.push(between(depth).split_off(usize::from(i == 0)));
        pieces.extend(part);
    }
    pieces.push(line + &rest);
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
            let text = |value: &serde_json::Value, depth| json_inside(value, depth).expect("text");
            for depth in [0, 2] {
                let programs = values[..n].iter().map(|value| vec![text(value, depth + 2)]).collect();
                let pieces = framed(text(&frame, depth), "programs", depth, programs);
                assert_eq!(pieces.concat(), text(&whole, depth));
            }
        }
    }
}
