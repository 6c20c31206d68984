//! The audit as one HTML page: a map of the binary, who brings what, the proposals with their diffs, and what is left after them.
//!
//! | file | what it does |
//! | --- | --- |
//! | `data` | what the page's own code draws, packed for size: units, definitions, references |
//! | `layout` | where each library, unit and definition lies on the map |
//! | `lines` | the text of the line that a reference stands on |
//! | `curve` | the chart of bytes left against the bound |
//! | `diff` | a unified diff, line by line |
//! | `view` | what the template `templates/page.html` shows as it is |
//!
//! The page is one file: style and code are inside it, nothing is fetched, and a content security policy says so. What is left
//! out to keep it small is said on it.

mod curve;
mod data;
mod diff;
mod layout;
mod lines;
mod view;

use super::build::Parts;
use super::place::Places;
use super::schema::Audit;
use crate::graph::Graph;
use crate::link::Weights;
use crate::resolve::Texts;
use askama::Template;
use data::Limits;
use std::collections::BTreeMap;

/// The patch of a proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PatchText {
    /// A unified diff.
    Diff(String),
    /// Why there is none.
    None(String),
}

/// All that the page is made from, beside the audit.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Names and places.
    pub places: Places<'a>,
    /// Definitions and references.
    pub graph: &'a Graph,
    /// Bytes of definitions.
    pub weights: &'a Weights,
    /// The files that references stand in.
    pub texts: &'a dyn Texts,
    /// Patches of proposals, by id.
    pub patches: &'a BTreeMap<String, PatchText>,
}

/// What the drawn data of one program may take, in bytes of JSON; more for programs of more than 200 units.
const DATA_BYTES: usize = 560_000;

/// Returns the page. Programs come in the order of the audit, and `parts` in the same order.
///
/// # Errors
/// Those of formatting, which do not happen.
pub fn page(audit: &Audit, parts: &[Parts<'_>], sources: Sources<'_>) -> Result<String, askama::Error> {
    let data: Vec<String> = parts
        .iter()
        .zip(&audit.programs)
        .map(|(parts, program)| {
            let limits = Limits::all();
            let room = DATA_BYTES * parts.linked.units.len().max(200) / 200;
            packed(limits, room, |limits| data::program(program, parts, sources, limits))
        })
        .collect();
    view::page(audit, &data, sources.patches).render()
}

/// Packs a program's data, with fewer references and definitions while it is too much.
fn packed(limits: Limits, room: usize, data: impl Fn(Limits) -> data::ProgramData) -> String {
    let mut limits = limits;
    loop {
        // Inside of a script element nothing may look like its end.
        let json = serde_json::to_string(&data(limits)).unwrap_or_default().replace('<', "\\u003c");
        match limits.tighter() {
            Some(tighter) if json.len() > room => limits = tighter,
            _ => return json,
        }
    }
}
