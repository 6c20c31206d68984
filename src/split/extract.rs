//! `extract-submodule`: big modules side by side in one unit become units of their own behind aliases.
//!
//! In the order of the file: what the first modules need and does not need any of them is *base 0*; then the first module;
//! then what later modules need and needs the first one, *base 1*; and so on. Everything else stays. Code that has to
//! run stays in base 0, which everybody links then; modules that it needs stay with it. So each group needs only groups
//! before it, whatever the needs are.

use super::draft::Draft;
use super::effects::Effects;
use super::fresh::Fresh;
use super::grouping::{self, Group};
use super::model::{Edit, EditAction, ProposalKind};
use super::outline::{Outline, PieceId, PieceKind};
use super::plan::{AliasLine, AliasTarget, Part, Plan, Recipe, Role, Wrapped};
use super::signature::{Needs, count_values, module_signature};
use super::world::Tree;
use crate::base::{DefId, IdSet, name, split_last, uncapitalise};
use crate::graph::DefKind;

/// A module smaller than this stays where it is: two new units cost about as much.
const MIN_MODULE_BYTES: u64 = 2000;

/// Proposes to extract the big submodules of a unit.
pub(crate) fn draft(outline: &Outline<'_>, effects: &Effects<'_>, min_bytes: u64) -> Option<Draft> {
    let modules = extractable(outline, min_bytes);
    if modules.is_empty() || (modules.len() == 1 && outline.bytes() < 2 * min_bytes) {
        return None;
    }
    let (mut groups, mut kinds) = group(outline, &modules, Levels::ByNeed)?;
    let mut risks = grouping::risks(outline, &groups, effects);
    if risks.iter().any(|risk| risk.code == "capture") {
        // Nothing is lifted over a module when everything between two of them stays there. That may link more.
        let (in_place, in_place_kinds) = group(outline, &modules, Levels::ByPlace)?;
        let fewer = grouping::risks(outline, &in_place, effects);
        if fewer.len() < risks.len() {
            (groups, kinds, risks) = (in_place, in_place_kinds, fewer);
        }
    }
    let tree = outline.tree;
    let unit_name = tree.unit_name(outline.unit);
    let mut fresh = Fresh::of_library(tree, outline.unit);
    let mut plan = Plan { unit: Some(outline.unit), ..Plan::default() };
    // Position of the part that holds each group; the last group is what stays.
    let mut part_of_group = Vec::new();
    for (group, kind) in groups.iter().zip(&kinds) {
        let sees = group.sees.iter().map(|&seen| part_of_group[seen]).collect();
        match *kind {
            Kind::Base => {
                let module = fresh.take(&format!("{}_base", super::fresh::unwrapped(unit_name)));
                let part = part(outline, &fresh, group, module, Role::Base, sees);
                // Without an interface, clients see through to what is included.
                let is_private = tree.project.unit(outline.unit).interface().is_some();
                plan.parts.push(Part { is_private, ..part });
                part_of_group.push(plan.parts.len() - 1);
                plan.included.push(plan.parts.len() - 1);
            }
            Kind::Module(def) => {
                let path = tree.graph.def(def).path;
                let needs = needs(outline, group.pieces[0], def);
                risks.extend(needs.risks);
                let is_wrapped = needs.recipe == Recipe::Wrap;
                let stem = stem(path.as_str());
                let ending = if is_wrapped { "impl" } else { "part" };
                let module = fresh.take(&format!("{stem}_{ending}"));
                let role = Role::Submodule { path };
                let body = part(outline, &fresh, group, module, role, sees);
                plan.parts.push(Part { is_private: is_wrapped, recipe: needs.recipe, ..body });
                part_of_group.push(plan.parts.len() - 1);
                if is_wrapped {
                    let module = fresh.take(&format!("{stem}_part"));
                    plan.parts.push(wrapper(&fresh, module, plan.parts.len() - 1, needs.n_values));
                }
                let to = AliasTarget::Part(plan.parts.len() - 1);
                plan.aliases.push(AliasLine { path, to });
            }
            Kind::Rest => part_of_group.push(usize::MAX),
        }
    }
    show_bases(tree, &mut plan);
    let tied = outline.tied();
    if groups.first().is_some_and(|base| base.pieces.iter().any(|&piece| tied.contains(piece))) {
        plan.pinned = Some(0);
    }
    let names: Vec<&str> = modules.iter().map(|&(_, def)| tree.graph.def(def).path.as_str()).collect();
    Some(Draft {
        id: format!("extract-submodule:{unit_name}"),
        kind: ProposalKind::ExtractSubmodule,
        unit: Some(outline.unit),
        library: Some(tree.project.unit(outline.unit).library),
        summary: format!("make {} of {unit_name} units behind aliases", list(&names)),
        edits: edits(tree, outline, &plan),
        plan: plan.into(),
        risks,
    })
}

/// Shows the bases with types that a part sees which has an interface: that names their types, so whoever uses the part looks into
/// them, and nobody outside of the library can look into a private module.
fn show_bases(tree: Tree<'_>, plan: &mut Plan) {
    let has_interface = |part: &&Part| matches!(part.recipe, Recipe::MoveInterface | Recipe::Wrap);
    let is_type = |&def: &DefId| tree.graph.def(def).kind == DefKind::Type;
    let seen: Vec<usize> =
        plan.parts.iter().filter(has_interface).flat_map(|part| part.sees.iter().copied()).collect();
    for at in seen {
        let base = &mut plan.parts[at];
        base.is_private &= base.role != Role::Base || !base.defs.iter().any(is_type);
    }
}

/// To which base a piece goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Levels {
    /// To the first that has all that it needs before it.
    ByNeed,
    /// To the one at its place in the file; what has to run stays in the first.
    ByPlace,
}

/// What a group becomes.
#[derive(Clone, Copy)]
enum Kind {
    Base,
    Module(DefId),
    Rest,
}

/// The modules that may leave: big enough, and nothing that has to run needs them.
fn extractable(outline: &Outline<'_>, min_bytes: u64) -> Vec<(PieceId, DefId)> {
    let mut kept = outline.tied();
    outline.close(&mut kept);
    let threshold = MIN_MODULE_BYTES.min(min_bytes);
    let module = |id: PieceId| match outline.piece(id).kind {
        PieceKind::Submodule(def) if outline.piece(id).bytes >= threshold && !kept.contains(id) => {
            Some((id, def))
        }
        _ => None,
    };
    outline.ids().filter_map(module).collect()
}

/// Groups the pieces; none when the order does not come out, which would be a forward need.
fn group(
    outline: &Outline<'_>,
    modules: &[(PieceId, DefId)],
    order: Levels,
) -> Option<(Vec<Group>, Vec<Kind>)> {
    let position = |piece: PieceId| modules.iter().position(|&(module, _)| module == piece);
    let mut needed: IdSet<PieceId> = modules.iter().map(|&(piece, _)| piece).collect();
    needed.extend(outline.tied().iter());
    outline.close(&mut needed);
    // The level of a piece: one more than the last extracted module that it needs, directly or not.
    let mut levels = vec![0usize; outline.pieces.len()];
    for piece in outline.ids() {
        for need in &outline.needs[piece.0 as usize] {
            if need.piece >= piece {
                return None;
            }
            let below = match position(need.piece) {
                Some(module) => module + 1,
                None => levels[need.piece.0 as usize],
            };
            let level = &mut levels[piece.0 as usize];
            *level = below.max(*level);
        }
    }
    if order == Levels::ByPlace {
        let mut first = outline.tied();
        outline.close(&mut first);
        for piece in outline.ids().filter(|&piece| !first.contains(piece)) {
            levels[piece.0 as usize] = modules.iter().filter(|&&(module, _)| module < piece).count();
        }
    }
    let mut groups = Vec::new();
    let mut kinds = Vec::new();
    let is_base = |piece: PieceId, level: usize| {
        needed.contains(piece)
            && position(piece).is_none()
            && outline.piece(piece).kind != PieceKind::Open
            && levels[piece.0 as usize] == level
    };
    for level in 0..=modules.len() {
        let base: Vec<PieceId> = outline.ids().filter(|&piece| is_base(piece, level)).collect();
        if !base.is_empty() {
            groups.push(Group { pieces: base, sees: Vec::new() });
            kinds.push(Kind::Base);
        }
        if let Some(&(piece, def)) = modules.get(level) {
            groups.push(Group { pieces: vec![piece], sees: Vec::new() });
            kinds.push(Kind::Module(def));
        }
    }
    let rest = outline
        .ids()
        .filter(|&piece| !needed.contains(piece) && outline.piece(piece).kind != PieceKind::Open);
    groups.push(Group { pieces: rest.collect(), sees: Vec::new() });
    kinds.push(Kind::Rest);
    grouping::link_groups(outline, &mut groups);
    // What stays re-exports all bases and has all aliases, needed or not.
    let last = groups.len() - 1;
    groups[last].sees = (0..last).collect();
    grouping::is_ordered(&groups).then_some((groups, kinds))
}

/// The recipe for an extracted module.
fn needs(outline: &Outline<'_>, piece: PieceId, def: DefId) -> Needs {
    let tree = outline.tree;
    let path = tree.graph.def(def).path;
    if tree.project.unit(outline.unit).interface().is_none() {
        return Needs { recipe: Recipe::Bare, n_values: 0, risks: Vec::new() };
    }
    let Some(signature) = module_signature(tree, outline.unit, path) else {
        // Hidden as a whole, or of a named module type. Hidden ones need no wrapper: the alias is not shown either.
        let is_shown = tree.graph.def(def).exported;
        let recipe = if is_shown { Recipe::Wrap } else { Recipe::Bare };
        return Needs { recipe, n_values: count_values(tree, outline.unit, path), risks: Vec::new() };
    };
    let is_looked_into = |shown: &super::signature::Shown| {
        outline.ids().filter(|&user| user != piece).any(|user| {
            outline.piece(user).defs.iter().flat_map(|&def| tree.graph.edges_of(def)).any(|edge| {
                edge.target.unit == outline.unit
                    && edge.def.get().and_then(|def| outline.piece_of(def)) == Some(piece)
                    && edge.target.path != path
                    && !shown.names.contains(&name(split_last(&edge.target.path).1))
            })
        })
    };
    Needs::decide(tree, outline.unit, path, &signature, is_looked_into)
}

/// Makes a part that holds a group.
pub(crate) fn part(
    outline: &Outline<'_>,
    fresh: &Fresh<'_>,
    group: &Group,
    module: String,
    role: Role,
    sees: Vec<usize>,
) -> Part {
    let pieces = || group.pieces.iter().map(|&piece| outline.piece(piece));
    Part {
        name: fresh.linker_name(&module),
        module,
        role,
        items: pieces().flat_map(|piece| piece.items.iter().copied()).collect(),
        defs: pieces().flat_map(|piece| piece.defs.iter().copied()).collect(),
        recipe: Recipe::Bare,
        is_private: false,
        sees,
        n_reexports: 0,
    }
}

/// Makes the wrapper of a part.
pub(crate) fn wrapper(fresh: &Fresh<'_>, module: String, of: usize, n_values: u32) -> Part {
    Part {
        name: fresh.linker_name(&module),
        module,
        role: Role::Wrapper { of: Wrapped::Part(of) },
        items: Vec::new(),
        defs: Vec::new(),
        recipe: Recipe::Wrap,
        is_private: false,
        sees: Vec::new(),
        n_reexports: n_values,
    }
}

/// The files that a plan for one unit touches.
pub(crate) fn edits(tree: Tree<'_>, outline: &Outline<'_>, plan: &Plan) -> Vec<Edit> {
    let own = &tree.project.file(outline.file).shown;
    let source = tree.project.unit(outline.unit);
    let mut edits: Vec<Edit> = [source.interface(), source.implementation()]
        .into_iter()
        .flatten()
        .map(|file| Edit { file: tree.project.file(file).shown.clone(), action: EditAction::Modify })
        .collect();
    for part in &plan.parts {
        let stem = uncapitalise(&part.module);
        let has_interface = matches!(part.role, Role::Wrapper { .. }) || part.recipe == Recipe::MoveInterface;
        let extensions: &[&str] = if has_interface { &["ml", "mli"] } else { &["ml"] };
        for extension in extensions {
            let file = own.with_file_name(format!("{stem}.{extension}"));
            edits.push(Edit { file, action: EditAction::Create });
        }
    }
    edits
}

/// A module's name as the stem of new ones: `LE` gives `Le`, so that its file is `le_part.ml`.
pub(crate) fn stem(module: &str) -> String {
    let lower = module.to_lowercase();
    let mut chars = lower.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if names.len() <= 6 => format!("{} and {last}", first.join(", ")),
        all => format!("{} and {} more modules", all[..5].join(", "), all.len() - 5),
    }
}
