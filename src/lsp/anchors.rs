//! Which places of a file bring which units: an `open`, an `include`, an alias, or the first qualified reference to a unit.
//!
//! A place brings the units that nothing else in the file links: they are what this file would stop linking if the place, and
//! all that is written through it, went.

use super::subject::Subject;
use crate::base::{Span, UnitId};
use crate::graph::{DefKind, Edge};
use std::collections::BTreeMap;

/// What a place is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum AnchorKind {
    Open,
    Include,
    Alias,
    Reference,
}

/// One place, and the units that it alone brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Anchor {
    pub(super) kind: AnchorKind,
    pub(super) span: Span,
    /// Sorted.
    pub(super) brings: Vec<UnitId>,
}

/// Returns the places of an implementation that bring units, in order of text.
pub(super) fn anchors(subject: &Subject<'_>) -> Vec<Anchor> {
    let Some(facts) = subject.workspace.facts(subject.file).filter(|_| subject.is_linked_code()) else {
        return Vec::new();
    };
    let opened = subject.workspace.opened(subject.file, subject.texts);
    // Aliases of this file by their name: `module L = Other.List`.
    let aliases: BTreeMap<&str, (Span, UnitId)> = subject
        .defs()
        .filter(|def| def.kind == DefKind::Alias)
        .filter_map(|def| Some((def.path.as_str(), (def.span, def.alias_of?.unit))))
        .collect();
    let first_name: BTreeMap<Span, &str> = facts
        .refs
        .iter()
        .filter_map(|reference| Some((reference.span, facts.names(reference.path).first()?.as_str())))
        .collect();
    let is_meant =
        |edge: &&Edge| edge.kind.links() && !edge.flags.get().through && edge.target.unit != subject.unit;
    let mut edges: Vec<&Edge> = subject.edges().filter(is_meant).collect();
    edges.sort_by_key(|edge| edge.span);
    let mut first: BTreeMap<UnitId, Span> = BTreeMap::new();
    let mut places: BTreeMap<(Span, AnchorKind), Vec<UnitId>> = BTreeMap::new();
    let mut places_of: BTreeMap<UnitId, Vec<(Span, AnchorKind)>> = BTreeMap::new();
    for edge in edges {
        let to = edge.target.unit;
        let alias = first_name
            .get(&edge.span)
            .and_then(|head| aliases.get(head))
            .filter(|(span, aliased)| *aliased == to && span.start < edge.span.start);
        let place = if let Some(&open) = opened.get(&edge.span) {
            (open, AnchorKind::Open)
        } else if edge.flags.get().include {
            (edge.span, AnchorKind::Include)
        } else if let Some(&(span, _)) = alias {
            (span, AnchorKind::Alias)
        } else {
            (*first.entry(to).or_insert(edge.span), AnchorKind::Reference)
        };
        places.entry(place).or_default().push(to);
        let of_unit = places_of.entry(to).or_default();
        if !of_unit.contains(&place) {
            of_unit.push(place);
        }
    }
    places
        .into_iter()
        .map(|(place, mut brings)| {
            brings.sort_unstable();
            brings.dedup();
            brings.retain(|unit| places_of[unit] == [place]);
            Anchor { kind: place.1, span: place.0, brings }
        })
        .filter(|anchor| !anchor.brings.is_empty())
        .collect()
}
