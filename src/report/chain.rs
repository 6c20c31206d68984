//! Why a unit is linked or a definition live, hop by hop, for people.

use super::build::def_name;
use super::place::Places;
use crate::base::{Place, UnitId};
use crate::graph::{Edge, Graph};
use crate::link::{Chain, Hop, LiveCause, Reason};

/// One hop of a chain, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct HopEntry {
    /// The unit or definition.
    pub name: String,
    /// How it is reached from the one before it: a phrase.
    pub because: String,
    /// The place of the reference.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 0.
    pub col: Option<u32>,
}

/// Returns the hops of a chain.
#[must_use]
pub fn hops(places: Places<'_>, graph: &Graph, chain: &Chain) -> Vec<HopEntry> {
    chain.hops.iter().map(|hop| entry(places, graph, hop)).collect()
}

fn entry(places: Places<'_>, graph: &Graph, hop: &Hop) -> HopEntry {
    let unit = |unit: UnitId| places.project.unit(unit).name.to_string();
    let name = |def| def_name(places, graph, def);
    let (name, because, edge) = match *hop {
        Hop::Unit(id, reason) => (unit(id), root(reason).to_owned(), None),
        Hop::Links(id, None) => (unit(id), "recorded by the compiler".to_owned(), None),
        Hop::Links(id, Some(edge)) => (unit(id), refers(places, graph, edge), Some(edge)),
        Hop::Def(def, cause) => {
            let (because, edge) = live_cause(places, graph, cause);
            (name(def), because, edge)
        }
    };
    let place = edge.map(|edge| edge_place(places, graph, edge));
    let at = place.as_ref().and_then(|place| place.at);
    HopEntry {
        name,
        because,
        file: place.as_ref().map(|place| super::place::file_name(&place.file)),
        line: at.map(|at| at.line),
        col: at.map(|at| at.col),
    }
}

fn root(reason: Reason) -> &'static str {
    match reason {
        Reason::Root => "given to the linker by itself",
        Reason::Forced => "forced: compiled or archived with -linkall",
        Reason::LinkAll => "kept by -linkall",
        Reason::By(_) => "recorded by another unit",
    }
}

fn live_cause(places: Places<'_>, graph: &Graph, cause: LiveCause) -> (String, Option<u32>) {
    match cause {
        LiveCause::Root => ("part of the program itself".to_owned(), None),
        LiveCause::Forced => ("runs: its unit is forced".to_owned(), None),
        LiveCause::Edge(edge) => (refers(places, graph, edge), Some(edge)),
        LiveCause::RunsFor(edge) => (
            format!("runs when its unit is initialised, which is linked as {}", refers(places, graph, edge)),
            Some(edge),
        ),
        LiveCause::Inside(_) => ("inside it: it is used whole".to_owned(), None),
        LiveCause::Encloses(_) => ("encloses it".to_owned(), None),
        LiveCause::Runs(_) => ("runs at start-up".to_owned(), None),
        LiveCause::Opaque(unit) => (
            format!("recorded by the compiler for {}, which has no source", places.project.unit(unit).name),
            None,
        ),
    }
}

/// `main.go refers to Base__List.fold`.
fn refers(places: Places<'_>, graph: &Graph, edge: u32) -> String {
    let edge = &graph.edges[edge as usize];
    let how = if edge.flags.get().include { "includes" } else { "refers to" };
    let hidden = if edge.flags.get().implicit { " (inserted by the compiler or a rewriter)" } else { "" };
    format!("{} {how} {}{hidden}", def_name(places, graph, edge.from), target_name(places, edge))
}

/// Returns what an edge refers to, as a path from its unit.
#[must_use]
pub fn target_name(places: Places<'_>, edge: &Edge) -> String {
    let unit = places.project.unit(edge.target.unit).name;
    if edge.target.path.is_empty() { unit.to_string() } else { format!("{unit}.{}", edge.target.path) }
}

/// Returns where an edge stands.
#[must_use]
pub fn edge_place(places: Places<'_>, graph: &Graph, edge: u32) -> Place {
    let edge = &graph.edges[edge as usize];
    places.place(graph.def(edge.from).file, edge.span.start)
}

/// Returns hops as lines: name, reason, place.
#[must_use]
pub fn text(hops: &[HopEntry]) -> String {
    let width = hops.iter().map(|hop| hop.name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (i, hop) in hops.iter().enumerate() {
        let arrow = if i == 0 { "  " } else { "-> " };
        let pad = if i == 0 { " " } else { "" };
        let at = match (&hop.file, hop.line, hop.col) {
            (Some(file), Some(line), Some(col)) => format!("  {file}:{line}:{col}"),
            (Some(file), ..) => format!("  {file}"),
            _ => String::new(),
        };
        let name = format!("{:<width$}", hop.name);
        out.push_str(&format!("  {arrow}{pad}{name}  {}{at}\n", hop.because));
    }
    out
}

/// One reference, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct ReferenceEntry {
    /// The definition that refers.
    pub from: String,
    /// What it refers to.
    pub to: String,
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column in bytes, from 0.
    pub col: Option<u32>,
}

/// Returns edges as references with their places.
#[must_use]
pub fn references(places: Places<'_>, graph: &Graph, edges: &[u32]) -> Vec<ReferenceEntry> {
    let entry = |&index: &u32| {
        let edge = &graph.edges[index as usize];
        let place = edge_place(places, graph, index);
        ReferenceEntry {
            from: def_name(places, graph, edge.from),
            to: target_name(places, edge),
            file: super::place::file_name(&place.file),
            line: place.at.map(|at| at.line),
            col: place.at.map(|at| at.col),
        }
    };
    edges.iter().map(entry).collect()
}

/// Returns references as lines, the first few: place and what is referred to.
#[must_use]
pub fn references_text(references: &[ReferenceEntry], shown: usize) -> String {
    let mut out = String::new();
    for reference in references.iter().take(shown) {
        let ReferenceEntry { from, to, file, line, col } = reference;
        let at = match (line, col) {
            (Some(line), Some(col)) => format!("{file}:{line}:{col}"),
            _ => file.clone(),
        };
        out.push_str(&format!("    {at}: {from} refers to {to}\n"));
    }
    if references.len() > shown {
        out.push_str(&format!("    ... and {} more\n", references.len() - shown));
    }
    out
}
