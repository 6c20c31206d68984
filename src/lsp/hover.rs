//! Hover: what the thing under the cursor costs each executable, and through which chain it is linked.

use super::amount::{amount, amount_in};
use super::hints;
use super::subject::{Subject, touches};
use super::workspace::Workspace;
use crate::base::{DefId, UnitId};
use crate::graph::{DefKind, Edge};
use crate::link::{LinkedSet, Retained, why_unit};
use crate::report::build::def_name;
use crate::report::chain;
use crate::report::human::bytes_of;
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;

/// Returns what is known of the path at a position.
pub(super) fn hover(subject: &Subject<'_>, position: Position) -> Option<Hover> {
    if !subject.settings.hover || !subject.is_linked_code() {
        return None;
    }
    let offset = subject.text.offset(position) as u32;
    let is_here = |edge: &&Edge| {
        touches(edge.span, offset) && !edge.flags.get().through && edge.target.unit != subject.unit
    };
    let here = subject.edges().filter(is_here);
    // What the cursor is on rather than behind; the smallest path, and of its meanings one that links.
    let edge = here.min_by_key(|edge| (edge.span.end == offset, edge.span.len(), !edge.kind.links()));
    let (value, span) = match edge {
        Some(edge) if edge.kind.links() => (table(subject, edge), edge.span),
        _ => match hints::at(subject, offset) {
            // An open links nothing by itself, but what is written through it does.
            Some((value, span)) => (value, span),
            None => edge.map(|edge| (name_only(subject.workspace, edge), edge.span))?,
        },
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(subject.text.range(span)) })
}

fn name_only(workspace: &Workspace, edge: &Edge) -> String {
    format!("**{}**: only a name here, it links nothing", target_name(workspace, edge))
}

fn target_name(workspace: &Workspace, edge: &Edge) -> String {
    chain::target_name(workspace.places(), edge)
}

fn table(subject: &Subject<'_>, edge: &Edge) -> String {
    let (workspace, from) = (subject.workspace, subject.unit);
    let to = edge.target.unit;
    let name = target_name(workspace, edge);
    let mut out = format!("**{name}**");
    if let Some(def) = edge.def.get() {
        // What stands behind an alias is not followed here, and the alias itself is nothing.
        if workspace.analysis.graph.def(def).kind != DefKind::Alias {
            let real = def_name(workspace.places(), &workspace.analysis.graph, def);
            let is_elsewhere = real != name;
            let is_at = if is_elsewhere { format!(", in {real}") } else { String::new() };
            let _ = write!(out, "{is_at}: {}", definition_bytes(workspace, def));
        }
    }
    let unit_name = workspace.name(to);
    let _ = write!(
        out,
        "\n\n| executable | {unit_name} | with what it alone brings | leaves without this file's references |\n"
    );
    out.push_str("| --- | ---: | ---: | ---: |\n");
    for &at in &subject.programs {
        let state = workspace.program(at);
        let retained = state.retained(&workspace.links, &workspace.weights);
        if !state.linked().contains(to) {
            continue;
        }
        let freed = state.freed(&workspace.links, from, &[to]);
        let leaves = match freed.len() {
            0 => "nothing: others link it too".to_owned(),
            _ => amount_in(workspace, &freed),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {leaves} |",
            subject.program_name(at),
            amount(workspace, &[to]),
            amount_in(workspace, &dominated(state.linked(), retained, to)),
        );
    }
    let first = subject.programs[0];
    let chain = why_unit(&workspace.analysis.graph, workspace.program(first).linked(), &workspace.links, to);
    if let Some(chain) = chain {
        let hops = chain::hops(workspace.places(), &workspace.analysis.graph, &chain);
        let name = subject.program_name(first);
        let _ = write!(out, "\nThe shortest chain in {name}:\n\n```\n{}```\n", chain::text(&hops));
    }
    out
}

fn definition_bytes(workspace: &Workspace, def: DefId) -> String {
    let unit = workspace.analysis.graph.def(def).unit;
    bytes_of(workspace.weights.def(def), workspace.provenance([unit]))
}

/// The units that leave with one, itself included.
fn dominated(linked: &LinkedSet, retained: &Retained, unit: UnitId) -> Vec<UnitId> {
    let up: FxHashMap<UnitId, Option<UnitId>> =
        linked.units.iter().copied().zip(retained.dominator.iter().copied()).collect();
    let is_under = |&other: &UnitId| {
        let mut at = Some(other);
        while let Some(here) = at.filter(|&here| here != unit) {
            at = up.get(&here).copied().flatten();
        }
        at.is_some()
    };
    linked.units.iter().copied().filter(is_under).collect()
}
