//! Inlay hints: what the executables that contain a file would lose if a line went.

use super::amount::{amount, amount_in};
use super::anchors::{Anchor, AnchorKind, anchors};
use super::subject::{Subject, touches};
use crate::base::{Span, UnitId};
use crate::report::human::count;
use lsp_types::{InlayHint, InlayHintLabel, InlayHintTooltip, MarkupContent, MarkupKind, Range};
use std::fmt::Write as _;

/// Units that a tooltip lists, at most.
const MAX_LISTED: usize = 12;

/// Returns the hints of a range of a file, in order of text.
pub(super) fn hints(subject: &Subject<'_>, range: Range) -> Vec<InlayHint> {
    if !subject.settings.hints {
        return Vec::new();
    }
    let workspace = subject.workspace;
    let mut hints = Vec::new();
    for anchor in anchors(subject) {
        let position = subject.text.position(anchor.span.end);
        if position < range.start || position > range.end {
            continue;
        }
        let lost = lost(subject, &anchor);
        let Some((_, most)) = lost.iter().max_by_key(|(_, freed)| workspace.bytes(freed)) else { continue };
        let is_known = most.iter().all(|&unit| workspace.is_priced(unit));
        if is_known && workspace.bytes(most) < subject.settings.hint_bytes {
            continue;
        }
        hints.push(InlayHint {
            position,
            label: InlayHintLabel::String(amount(workspace, most)),
            kind: None,
            text_edits: None,
            tooltip: Some(InlayHintTooltip::MarkupContent(MarkupContent {
                kind: MarkupKind::Markdown,
                value: tooltip(subject, anchor.kind, &lost),
            })),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        });
    }
    hints
}

/// Returns what would leave with the place at an offset, in words, and the place.
pub(super) fn at(subject: &Subject<'_>, offset: u32) -> Option<(String, Span)> {
    let anchor = anchors(subject).into_iter().find(|anchor| touches(anchor.span, offset))?;
    let lost = lost(subject, &anchor);
    (!lost.is_empty()).then(|| (tooltip(subject, anchor.kind, &lost), anchor.span))
}

/// For each program that would lose anything, what leaves when the unit no longer records what a place brings.
///
/// What an umbrella hands on is its users' business: where somebody reaches it, the line is no saving.
fn lost(subject: &Subject<'_>, anchor: &Anchor) -> Vec<(usize, Vec<UnitId>)> {
    let (workspace, brings) = (subject.workspace, &anchor.brings);
    let hands_on = anchor.kind != AnchorKind::Open && workspace.is_umbrella(subject.unit);
    let is_reached = |at: usize| {
        let live = workspace.program(at).live(&workspace.analysis.graph);
        brings.iter().any(|&unit| live.touched.contains(unit))
    };
    let freed = |&at: &usize| (at, workspace.program(at).freed(&workspace.links, subject.unit, brings));
    let programs = subject.programs.iter().filter(|&&at| !(hands_on && is_reached(at)));
    programs.map(freed).filter(|(_, freed)| !freed.is_empty()).collect()
}

fn tooltip(subject: &Subject<'_>, kind: AnchorKind, lost: &[(usize, Vec<UnitId>)]) -> String {
    let workspace = subject.workspace;
    let n_programs = subject.programs.len();
    let what = match kind {
        AnchorKind::Open => "this `open`, and what is written through it,",
        AnchorKind::Include => "this `include`,",
        AnchorKind::Alias => "this alias, and what is written through it,",
        AnchorKind::Reference => "this file's references to this unit,",
    };
    let all = count(n_programs, "executable");
    let mut out = format!("Without {what} {} of {all} would lose:\n\n", lost.len());
    for (at, freed) in lost {
        let name = subject.program_name(*at);
        let missing = if workspace.program(*at).linked().missing.is_empty() {
            ""
        } else {
            "; some of its libraries are missing here, so there may be more"
        };
        let _ = writeln!(out, "* **{name}**: {}{missing}", amount_in(workspace, freed));
    }
    let Some((_, freed)) = lost.iter().max_by_key(|(_, freed)| workspace.bytes(freed)) else { return out };
    let mut units = freed.clone();
    units.sort_by_key(|&unit| (std::cmp::Reverse(workspace.weights.unit(unit)), unit));
    out.push_str("\n| unit | bytes |\n| --- | ---: |\n");
    for &unit in units.iter().take(MAX_LISTED) {
        let _ = writeln!(out, "| {} | {} |", workspace.name(unit), amount(workspace, &[unit]));
    }
    if units.len() > MAX_LISTED {
        let _ = writeln!(out, "\n... and {} more", units.len() - MAX_LISTED);
    }
    out
}
