//! Sealed facades: units whose interface spells out the signatures of parts that are units of their own.
//!
//! `unseal-facade`: every such part gets an alias in the facade's interface; clients stay as they are and link the parts
//! that they use. All parts at once, because parts that name each other's types must not be sealed one by one.
//! `bypass-facade`: the clients name the parts themselves; never without review, since the types of a part need not be equal
//! to those that the facade shows.

use super::draft::Draft;
use super::fresh::Fresh;
use super::lexicon::{Lexical, Lexicon, Space};
use super::model::{Edit, EditAction, ProposalKind, Risk};
use super::plan::{AliasLine, AliasTarget, Clients, Part, Plan, Recipe, Role, Wrapped};
use super::risks;
use super::signature::{Needs, Surroundings, module_signature};
use super::world::Tree;
use crate::base::{DefId, FileId, Idx, LibraryId, Place, UnitId, name, split_last, uncapitalise};
use crate::graph::{DefKind, Target};
use rustc_hash::FxHashMap;

/// A part of a sealed facade.
struct Sealed {
    alias: DefId,
    target: Target,
}

/// Returns the parts that a unit's interface seals.
fn sealed(tree: Tree<'_>, unit: UnitId) -> Vec<Sealed> {
    let defs = tree.graph.unit_defs(unit).filter_map(|id| {
        let def = tree.graph.def(id);
        let target = def.alias_of.filter(|target| target.unit != unit)?;
        (def.kind == DefKind::Alias && def.sealed && def.in_functor.is_none())
            .then_some(Sealed { alias: id, target })
    });
    defs.collect()
}

/// Proposes to unseal a facade.
pub(crate) fn unseal(tree: Tree<'_>, unit: UnitId) -> Option<Draft> {
    let parts = sealed(tree, unit);
    if parts.is_empty() {
        return None;
    }
    let mut plan = Plan { unit: Some(unit), ..Plan::default() };
    let mut draft_risks = Vec::new();
    let mut fresh = Fresh::of_library(tree, unit);
    let mut edits = vec![];
    let named = open_parts(tree, unit, &parts);
    let mut around = Surroundings::default();
    let dir = tree.project.unit(unit).interface().map(|file| tree.project.file(file).shown.clone());
    for Sealed { alias, target } in &parts {
        let def = tree.graph.def(*alias);
        let signature = module_signature(tree, unit, def.path);
        let needs = Needs::of_part(tree, target.unit, target.path, signature.as_ref(), &mut around);
        draft_risks.extend(needs.risks);
        plan.unsealed.push(*alias);
        let is_named = named.iter().any(|(part, place)| *part == target.unit && place.is_some());
        let to = if needs.recipe == Recipe::Wrap || !target.path.is_empty() || is_named {
            let stem =
                if target.path.is_empty() { tree.unit_name(target.unit) } else { last(def.path.as_str()) };
            let part_name = fresh.take(&format!("{}_pub", super::fresh::unwrapped(stem)));
            plan.parts.push(Part {
                name: fresh.linker_name(&part_name),
                module: part_name,
                role: Role::Wrapper { of: Wrapped::Unit(target.unit) },
                items: Vec::new(),
                defs: Vec::new(),
                recipe: Recipe::Wrap,
                is_private: false,
                sees: Vec::new(),
                n_reexports: needs.n_values,
            });
            let module = &plan.parts.last().expect("pushed above").module;
            if let Some(dir) = &dir {
                for extension in ["ml", "mli"] {
                    let file = dir.with_file_name(format!("{}.{extension}", uncapitalise(module)));
                    edits.push(Edit { file, action: EditAction::Create });
                }
            }
            AliasTarget::Part(plan.parts.len() - 1)
        } else {
            if let (Some(dir), Some(file)) = (&dir, tree.project.unit(target.unit).implementation())
                && tree.project.unit(target.unit).interface().is_none()
            {
                let part = tree.project.file(file).shown.with_extension("mli");
                edits.push(Edit {
                    file: dir.with_file_name(part.file_name().unwrap_or_default()),
                    action: EditAction::Create,
                });
            }
            AliasTarget::Existing(Target { unit: target.unit, path: name("") })
        };
        plan.aliases.push(AliasLine { path: def.path, to });
    }
    draft_risks.extend(of_open_parts(tree, unit, &named, &mut plan));
    let unit_source = tree.project.unit(unit);
    for file in [unit_source.interface(), unit_source.implementation()].into_iter().flatten() {
        edits.push(Edit { file: tree.project.file(file).shown.clone(), action: EditAction::Modify });
    }
    edits.sort();
    edits.dedup();
    let n = parts.len();
    let summary = format!(
        "unseal {}: {} as {} instead of {}",
        tree.unit_name(unit),
        if n == 1 { "its one part".to_owned() } else { format!("its {n} parts") },
        if n == 1 { "an alias" } else { "aliases" },
        if n == 1 { "a spelled-out signature" } else { "spelled-out signatures" },
    );
    Some(Draft {
        id: format!("unseal-facade:{}", tree.unit_name(unit)),
        kind: ProposalKind::UnsealFacade,
        unit: Some(unit),
        library: Some(tree.project.unit(unit).library),
        summary,
        plan: plan.into(),
        edits,
        risks: draft_risks,
    })
}

/// The parts that anybody may name, since the names of their library are global, each with a place where somebody does.
fn open_parts(tree: Tree<'_>, facade: UnitId, parts: &[Sealed]) -> Vec<(UnitId, Option<Place>)> {
    let project = tree.project;
    let library = project.unit(facade).library;
    let is_open = |unit: &UnitId| !project.unit(*unit).is_private && project.unit(*unit).library == library;
    let mut units: Vec<UnitId> = parts.iter().map(|part| part.target.unit).filter(is_open).collect();
    units.sort_unstable();
    units.dedup();
    units.retain(|_| !project.library(library).is_wrapped);
    units.into_iter().map(|unit| (unit, who_names(tree, unit))).collect()
}

/// Those that are named stay as they are, and show what the facade hides of their types; the others turn private, or show no
/// more than the facade does.
fn of_open_parts(
    tree: Tree<'_>,
    facade: UnitId,
    named: &[(UnitId, Option<Place>)],
    plan: &mut Plan,
) -> Vec<Risk> {
    let mut risks = Vec::new();
    let mut hidden: Vec<&str> = Vec::new();
    for (unit, place) in named {
        let name = tree.unit_name(*unit);
        let Some(place) = place else {
            hidden.push(name);
            continue;
        };
        plan.stay_public.push(*unit);
        let facade = tree.unit_name(facade);
        let message = format!(
            "{name} is named by itself here: it stays public, and with it what {facade} hides of its types"
        );
        risks.push(Risk { code: "part-named", message, place: Some(place.clone()) });
    }
    if !hidden.is_empty() {
        let library = tree.project.library(tree.project.unit(facade).library).name;
        let message = format!(
            "who names these outside of {library}, and not through {}, finds them no more: {}",
            tree.unit_name(facade),
            hidden.join(", ")
        );
        risks.push(Risk { code: "hidden-module", message, place: None });
    }
    risks
}

/// Where code of another library or program names a unit by its own name.
fn who_names(tree: Tree<'_>, unit: UnitId) -> Option<Place> {
    let project = tree.project;
    let (own, title) = (project.unit(unit).library, project.unit(unit).name);
    let mut sees: FxHashMap<LibraryId, bool> = FxHashMap::default();
    for (file, facts) in (0..).map(FileId::new).zip(tree.facts) {
        let Some(facts) = facts.as_ref().filter(|facts| facts.names.contains(&title)) else { continue };
        let library = project.unit(project.file(file).unit).library;
        let is_seen = || project.visible_unit(library, title) == Some(unit);
        if library == own || !*sees.entry(library).or_insert_with(is_seen) {
            continue;
        }
        let lexicon = Lexicon::new(facts);
        let named = facts.refs.iter().find(|reference| {
            lexicon.head(reference) == Some((Space::Module, title))
                && lexicon.lookup(reference) == Lexical::Outside
        });
        if let Some(reference) = named {
            return Some(risks::place(tree, file, reference.span.start));
        }
    }
    None
}

/// Proposes that clients name the parts of a facade themselves, as far as they can.
pub(crate) fn bypass(tree: Tree<'_>, unit: UnitId) -> Option<Draft> {
    let mut parts = sealed(tree, unit);
    parts.retain(|part| !tree.project.unit(part.target.unit).is_private);
    if parts.is_empty() {
        return None;
    }
    let alias = |part: &Sealed| AliasLine {
        path: tree.graph.def(part.alias).path,
        to: AliasTarget::Existing(part.target),
    };
    let plan = Plan {
        unit: Some(unit),
        aliases: parts.iter().map(alias).collect(),
        clients: Clients::Rewritten,
        ..Plan::default()
    };
    let place = tree
        .project
        .unit(unit)
        .interface()
        .map(|file| Place { file: tree.project.file(file).shown.clone(), at: None });
    let risks = vec![Risk {
        code: "bypass-types",
        message: format!(
            "the types of a part need not be equal to those that {} shows; code that mixes both does not type-check",
            tree.unit_name(unit)
        ),
        place,
    }];
    Some(Draft {
        id: format!("bypass-facade:{}", tree.unit_name(unit)),
        kind: ProposalKind::BypassFacade,
        unit: Some(unit),
        library: Some(tree.project.unit(unit).library),
        summary: format!("name the parts of {} directly, without the facade", tree.unit_name(unit)),
        plan: plan.into(),
        edits: Vec::new(),
        risks,
    })
}

fn last(path: &str) -> &str {
    split_last(path).1
}
