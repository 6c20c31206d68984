//! `cut-effect`: units that are linked only because some code registers something when its own unit is linked.
//!
//! An exception printer, a callback, a plugin table: nobody refers to the code, it runs because its unit is there, and what it
//! names is linked with it. In a unit of its own, linked by who wants it, it costs nobody else; helpers that nothing else
//! names go with it. Programs behave differently without it, so each is for review, always.
//!
//! The new unit opens the old one where that shows all that the code names. Otherwise, and where the old unit is the main
//! module of its library, which others cannot name, what the code needs becomes a unit that both include or open.

use super::draft::Draft;
use super::effects::{Class, Effects};
use super::extract::{edits, part};
use super::fresh::{Fresh, is_main, unwrapped};
use super::grouping::{self, Group};
use super::lexicon::Lexicon;
use super::model::{ProposalKind, Risk};
use super::outline::{Meaning, Outline, PieceId, PieceKind};
use super::plan::{Part, Plan, Role};
use super::risks;
use super::world::Tree;
use crate::base::{DefId, IdSet, UnitId};
use crate::graph::DefKind;
use crate::link::LinkedSet;
use crate::project::LibraryOrigin;

/// Proposes to cut the registrations of each linked unit of a library.
pub(crate) fn drafts(tree: Tree<'_>, linked: &LinkedSet, effects: &Effects<'_>) -> Vec<Draft> {
    linked.units.iter().filter_map(|&unit| draft(tree, unit, effects)).collect()
}

/// Proposes to cut the registrations of one unit, where it is a library's.
pub(crate) fn draft(tree: Tree<'_>, unit: UnitId, effects: &Effects<'_>) -> Option<Draft> {
    let origin = tree.project.library(tree.project.unit(unit).library).origin;
    if !matches!(origin, LibraryOrigin::Workspace | LibraryOrigin::Installed) {
        return None;
    }
    let graph = tree.graph;
    let links_others =
        |&def: &DefId| graph.edges_of(def).iter().any(|edge| edge.kind.links() && edge.target.unit != unit);
    let registers = |&def: &DefId| matches!(effects.class(def), Class::Registers(_));
    let is_effect = |&def: &DefId| graph.def(def).kind == DefKind::Effect;
    let mut found: Vec<DefId> = graph.unit_defs(unit).filter(is_effect).collect();
    if !found.iter().any(links_others) {
        return None;
    }
    found.retain(registers);
    if !found.iter().any(links_others) {
        return None;
    }
    let outline = Outline::new(tree, unit, effects)?;
    let moving = moving(&outline, &found)?;
    let name = tree.unit_name(unit);
    let n = found.len();
    let what = if n == 1 { "its registration".to_owned() } else { format!("its {n} registrations") };
    let (plan, new_name, more) = plan(&outline, &moving, effects)?;
    let mut all_risks: Vec<Risk> = found
        .iter()
        .map(|&def| Risk {
            code: "effect-moved",
            message: format!("runs only in programs that link {new_name}, once it has left {name}"),
            place: Some(risks::def_place(tree, def)),
        })
        .collect();
    all_risks.extend(more);
    Some(Draft {
        id: format!("cut-effect:{name}"),
        kind: ProposalKind::CutEffect,
        unit: Some(unit),
        library: Some(tree.project.unit(unit).library),
        summary: format!("{name} without {what} at start-up: to be linked on request"),
        edits: edits(tree, &outline, &plan),
        plan: plan.into(),
        risks: risks::capped(all_risks),
    })
}

/// The pieces that leave: registrations, and what nothing else names and no interface shows. None when a registration stands
/// inside a module.
fn moving(outline: &Outline<'_>, found: &[DefId]) -> Option<IdSet<PieceId>> {
    let graph = outline.tree.graph;
    let mut moving: IdSet<PieceId> = found.iter().map(|&def| outline.piece_of(def)).collect::<Option<_>>()?;
    // An include that runs code brings names.
    let holds_more = |piece: PieceId| {
        let is_plain = outline.piece(piece).kind == PieceKind::Plain && outline.names(piece).is_empty();
        !is_plain || outline.piece(piece).defs.iter().any(|def| !found.contains(def))
    };
    if moving.iter().any(holds_more) {
        return None;
    }
    let is_hidden = |piece: PieceId| {
        let piece = outline.piece(piece);
        matches!(piece.kind, PieceKind::Plain | PieceKind::Submodule(_))
            && !piece.is_pinned
            && !piece.defs.is_empty()
            && piece
                .defs
                .iter()
                .all(|&def| !graph.def(def).exported && graph.def(def).kind != DefKind::Exception)
    };
    // Needs lead backwards, so one pass from the end finds all whose users have left.
    let mut candidates: Vec<PieceId> = outline.ids().collect();
    candidates.reverse();
    for piece in candidates.into_iter().filter(|&piece| is_hidden(piece)) {
        let mut users = outline.ids().filter(|user| {
            *user != piece && outline.needs[user.0 as usize].iter().any(|need| need.piece == piece)
        });
        let first = users.next();
        if !moving.contains(piece)
            && first.is_some_and(|user| moving.contains(user))
            && users.all(|user| moving.contains(user))
        {
            moving.insert(piece);
        }
    }
    Some(moving)
}

/// The change, the name of the new unit, and what speaks against it.
fn plan(
    outline: &Outline<'_>,
    moving: &IdSet<PieceId>,
    effects: &Effects<'_>,
) -> Option<(Plan, String, Vec<Risk>)> {
    let tree = outline.tree;
    let mut fresh = Fresh::of_library(tree, outline.unit);
    let stem = unwrapped(tree.unit_name(outline.unit));
    let pieces = |keep: &dyn Fn(PieceId) -> bool| -> Vec<PieceId> {
        outline.ids().filter(|&piece| outline.piece(piece).kind != PieceKind::Open && keep(piece)).collect()
    };
    let leaving = pieces(&|piece| moving.contains(piece));
    let mut needed: IdSet<PieceId> = leaving.iter().copied().collect();
    outline.close(&mut needed);
    let base = pieces(&|piece| needed.contains(piece) && !moving.contains(piece));
    let sees_old = base.is_empty()
        || !is_main(tree, outline.unit)
            && leaving.iter().all(|&piece| shows_what_it_names(outline, piece, moving));
    let mut plan = Plan { unit: Some(outline.unit), ..Plan::default() };
    let groups = if sees_old {
        let rest = pieces(&|piece| !moving.contains(piece));
        vec![Group { pieces: rest, sees: Vec::new() }, Group { pieces: leaving, sees: vec![0] }]
    } else {
        let rest = pieces(&|piece| !moving.contains(piece) && !needed.contains(piece));
        let mut groups = vec![
            Group { pieces: base, sees: Vec::new() },
            Group { pieces: rest, sees: vec![0] },
            Group { pieces: leaving, sees: vec![0] },
        ];
        grouping::link_groups(outline, &mut groups);
        if !grouping::is_ordered(&groups) {
            return None;
        }
        groups[1].sees = vec![0];
        groups[2].sees = vec![0];
        let module = fresh.take(&format!("{stem}_base"));
        let part = part(outline, &fresh, &groups[0], module, Role::Base, Vec::new());
        let is_private = tree.project.unit(outline.unit).interface().is_some();
        plan.parts.push(Part { is_private, ..part });
        plan.included.push(0);
        groups
    };
    let module = fresh.take(&format!("{stem}_setup"));
    let name = fresh.linker_name(&module);
    let sees = plan.included.clone();
    let group = groups.last().expect("made above");
    plan.parts.push(part(outline, &fresh, group, module, Role::Effects, sees));
    let risks = grouping::risks(outline, &groups, effects);
    Some((plan, name, risks))
}

/// Whether the interface of the unit shows all that a piece names of it, other pieces that leave aside.
fn shows_what_it_names(outline: &Outline<'_>, piece: PieceId, moving: &IdSet<PieceId>) -> bool {
    let tree = outline.tree;
    let Some(file) = tree.project.unit(outline.unit).interface() else { return true };
    let Some(interface) = tree.facts(file) else { return false };
    let interface = Lexicon::new(interface);
    let facts = outline.facts();
    let mut refs = outline.piece(piece).items.iter().flat_map(|&item| facts.item(item).refs.clone());
    refs.all(|index| {
        let Meaning::Piece(other) = outline.meaning(index) else { return true };
        if moving.contains(other) {
            return true;
        }
        let reference = &facts.refs[index as usize];
        let Some((space, name)) = outline.lexicon.head(reference) else { return true };
        let is_inside = facts.names(reference.path).len() > 1;
        let is_exported = || {
            let mut own = outline
                .edges_at(reference.span.start)
                .filter(|edge| edge.target.unit == outline.unit)
                .map(|edge| edge.def.get().is_some_and(|def| tree.graph.def(def).exported))
                .peekable();
            own.peek().is_some() && own.all(|exported| exported)
        };
        interface.last_at_root(space, name).is_some() && (!is_inside || is_exported())
    })
}
