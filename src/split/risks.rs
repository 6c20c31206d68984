//! What may go wrong with a proposal, whatever its kind: whose files they are, what no longer runs, what prints differently.

use super::effects::{Class, Effects};
use super::model::Risk;
use super::plan::Plan;
use super::world::Tree;
use crate::base::{DefId, FileId, LibraryId, Place, Span, UnitId};
use crate::graph::{DefKind, EdgeKind};
use crate::parse::{ItemKind, ModuleExpr, ModuleType, Rewrite, RewriteKind};
use crate::project::{LibraryOrigin, UnitSource};
use crate::resolve::is_asked_for;
use std::collections::BTreeMap;

/// Risks of one code that are listed, at most; the last one says how many more there are.
const MAX_PER_CODE: usize = 12;

/// Returns the place of an offset.
pub(crate) fn place(tree: Tree<'_>, file: FileId, offset: u32) -> Place {
    let at = tree.facts(file).map(|facts| facts.line_col(offset));
    Place { file: tree.project.file(file).shown.clone(), at }
}

/// Returns the place of a definition.
pub(crate) fn def_place(tree: Tree<'_>, def: DefId) -> Place {
    let def = tree.graph.def(def);
    place(tree, def.file, def.span.start)
}

/// The change is not the user's to make in the files at hand.
pub(crate) fn upstream(tree: Tree<'_>, library: LibraryId) -> Risk {
    let library = tree.project.library(library);
    Risk {
        code: "upstream",
        message: format!(
            "{} is installed: the change is for its authors, or for a copy of it in the workspace",
            library.name
        ),
        place: Some(Place { file: library.dir.clone(), at: None }),
    }
}

/// Whose files they are, and whether they are sources at all.
pub(crate) fn of_unit(tree: Tree<'_>, unit: UnitId) -> Vec<Risk> {
    let mut risks = Vec::new();
    let source = tree.project.unit(unit);
    let library = tree.project.library(source.library);
    let name = source.name;
    match library.origin {
        LibraryOrigin::Installed => risks.push(upstream(tree, source.library)),
        LibraryOrigin::Stdlib => risks.push(Risk {
            code: "standard-library",
            message: format!("{name} belongs to the standard library, which comes with the compiler"),
            place: None,
        }),
        LibraryOrigin::Workspace | LibraryOrigin::Program => {}
    }
    let files = [source.implementation(), source.interface()];
    if let Some(original) = generated_from(tree, unit) {
        risks.push(generated(name.as_str(), &original));
    }
    // Of installed ones, the rewriters are those that they are.
    if library.origin == LibraryOrigin::Workspace {
        let unknown = library.rewriters.iter().filter(|&&rewriter| !is_asked_for(rewriter));
        risks.extend(unknown.map(|rewriter| Risk {
            code: "unknown-rewriter",
            message: format!(
                "what `{rewriter}` makes of the source of {name} is not known: it may add code that is not written there"
            ),
            place: None,
        }));
    }
    if let Some(preprocessor) = library.preprocessor {
        risks.push(Risk {
            code: "unknown-preprocessor",
            message: format!(
                "what `{preprocessor}` makes of the source of {name} is not known: it may mean parts that do not stand alone"
            ),
            place: None,
        });
    }
    for &file in files.iter().flatten() {
        if let Some(error) = tree.facts(file).and_then(|facts| facts.errors.first()) {
            risks.push(Risk {
                code: "syntax",
                message: "part of the file does not parse: what it refers to is not known".to_owned(),
                place: Some(place(tree, file, error.start)),
            });
        }
    }
    risks
}

/// What the source of a unit is made from, where nobody wrote it.
pub(crate) fn generated_from(tree: Tree<'_>, unit: UnitId) -> Option<String> {
    let source = tree.project.unit(unit);
    if let Some(original) = &source.generated_from {
        let shown = original.strip_prefix(&tree.project.root).unwrap_or(original);
        return Some(shown.display().to_string());
    }
    if let UnitSource::Generated(_) = source.source {
        return Some("the build".to_owned());
    }
    let files = [source.implementation(), source.interface()];
    files.into_iter().flatten().find_map(|file| directed_from(tree, file))
}

/// The file that the line directives of a generated one name first.
fn directed_from(tree: Tree<'_>, file: FileId) -> Option<String> {
    let own = tree.project.file(file).path.file_name()?.to_str()?;
    let directives = &tree.facts(file)?.line_directives;
    directives.iter().map(|&(_, from, _)| from).find(|from| !from.ends_with(own)).map(|from| from.to_string())
}

fn generated(unit: &str, original: &str) -> Risk {
    Risk {
        code: "generated-source",
        message: format!("the source of {unit} is generated from {original}: the change belongs there"),
        place: Some(Place { file: original.into(), at: None }),
    }
}

/// What units that leave no longer do at start-up; `is_left` tells definitions of theirs that stay, elsewhere.
pub(crate) fn of_dropped(
    tree: Tree<'_>,
    effects: &Effects<'_>,
    dropped: &[UnitId],
    is_left: impl Fn(DefId) -> bool,
) -> Vec<Risk> {
    let mut risks = Vec::new();
    for &unit in dropped {
        let library = tree.project.library(tree.project.unit(unit).library);
        if library.origin == LibraryOrigin::Stdlib || effects.is_quiet(unit) {
            continue;
        }
        if tree.graph.unit_defs(unit).next().is_none() {
            if matches!(tree.project.unit(unit).source, UnitSource::Opaque { .. }) {
                risks.push(Risk {
                    code: "effect-unknown",
                    message: format!(
                        "{} leaves, and has no source: what it does at start-up is not known",
                        tree.unit_name(unit)
                    ),
                    place: None,
                });
            }
            continue;
        }
        risks.extend(of_dropped_unit(tree, effects, unit, &is_left));
    }
    capped(risks)
}

/// What a unit that leaves no longer does, one risk for each thing.
fn of_dropped_unit(
    tree: Tree<'_>,
    effects: &Effects<'_>,
    unit: UnitId,
    is_left: &impl Fn(DefId) -> bool,
) -> Vec<Risk> {
    let name = tree.unit_name(unit);
    let mut found: BTreeMap<(&'static str, String), (Place, usize)> = BTreeMap::new();
    for def in tree.graph.unit_defs(unit).filter(|&def| !is_left(def)) {
        let (code, what) = match effects.class(def) {
            Class::Pure | Class::OwnState => continue,
            Class::Registers(other) => {
                ("effect-dropped", format!("changes the state of {} at start-up", tree.unit_name(other)))
            }
            Class::Outside(what) => ("effect-outside", format!("calls {what} at start-up")),
            Class::Unknown(what) => {
                ("effect-unknown", format!("runs code at start-up that cannot be read: {what}"))
            }
        };
        found.entry((code, what)).or_insert_with(|| (def_place(tree, def), 0)).1 += 1;
    }
    let risk = |((code, what), (place, n)): ((&'static str, String), (Place, usize))| {
        let times = if n > 1 { format!(", in {n} places") } else { String::new() };
        Risk { code, message: format!("{name} no longer {what}{times}"), place: Some(place) }
    };
    found.into_iter().map(risk).collect()
}

/// Clients that take the type of the whole unit, which a member that becomes an alias changes.
pub(crate) fn module_type_of(tree: Tree<'_>, users: &[UnitId], unit: UnitId) -> Vec<Risk> {
    let mut risks = Vec::new();
    for &user in users {
        let source = tree.project.unit(user);
        for file in [source.implementation(), source.interface()].into_iter().flatten() {
            let Some(facts) = tree.facts(file) else { continue };
            for module_type in &facts.module_types {
                let ModuleType::TypeOf(expr) = module_type else { continue };
                let ModuleExpr::Path(path) = facts.module_expr(*expr) else { continue };
                let reference = facts.reference(*path);
                // An interface has no edges: the name has to do.
                let last = facts.names(reference.path).last();
                let is_named = last.is_some_and(|last| last.as_str() == tree.unit_name(unit));
                if is_named || names_whole(tree, user, unit, reference.span) {
                    risks.push(Risk {
                        code: "module-type-of",
                        message: format!(
                            "this is the type of all of {}: where a member is an alias, only the very module matches it",
                            tree.unit_name(unit)
                        ),
                        place: Some(place(tree, file, reference.span.start)),
                    });
                }
            }
        }
    }
    risks.sort();
    risks.dedup();
    risks
}

fn names_whole(tree: Tree<'_>, user: UnitId, unit: UnitId, span: Span) -> bool {
    tree.graph.unit_defs(user).flat_map(|def| tree.graph.edges_of(def)).any(|edge| {
        edge.kind == EdgeKind::Name
            && edge.target.unit == unit
            && edge.target.path.is_empty()
            && edge.span == span
    })
}

/// What programs can print of the names of code that moves.
pub(crate) fn printed_names(tree: Tree<'_>, plan: &Plan) -> Vec<Risk> {
    let parts = plan.parts.iter();
    let risks = parts.flat_map(|part| printed(tree, part.defs.iter().copied(), &part.name, &part.module));
    capped(risks.collect())
}

/// The same for some definitions that get to be in the unit `unit`, known to its library as `module`.
pub(crate) fn printed(
    tree: Tree<'_>,
    defs: impl Iterator<Item = DefId>,
    unit: &str,
    module: &str,
) -> Vec<Risk> {
    let mut risks = Vec::new();
    for def in defs {
        let definition = tree.graph.def(def);
        let what = match definition.kind {
            DefKind::Exception | DefKind::Extension => {
                format!("the exception {} prints with the name of {unit}", definition.path)
            }
            _ => match here(tree, def).or_else(|| position_primitive(tree, def)) {
                Some(primitive) => format!("{primitive} in {} says {module}", definition.path),
                None => continue,
            },
        };
        risks.push(Risk { code: "printed-name", message: what, place: Some(def_place(tree, def)) });
    }
    risks
}

/// `[%here]` in a definition's own code: the rewriter writes the file's name there.
fn here(tree: Tree<'_>, def: DefId) -> Option<String> {
    let definition = tree.graph.def(def);
    let facts = tree.facts(definition.file)?;
    let range = facts.item(definition.item).rewrites.clone();
    let mut rewrites = facts.rewrites[range.start as usize..range.end as usize].iter();
    let is_here = |rewrite: &Rewrite| {
        let last = rewrite.name.rsplit('.').next();
        rewrite.kind == RewriteKind::Extension && last == Some("here")
    };
    rewrites.find(|rewrite| is_here(rewrite)).map(|rewrite| format!("[%{}]", rewrite.name))
}

/// `__MODULE__`, `__LOC__` and the like in a definition's own code.
fn position_primitive(tree: Tree<'_>, def: DefId) -> Option<String> {
    tree.graph.edges_of(def).iter().filter(|edge| edge.kind == EdgeKind::Primitive).find_map(|edge| {
        let target = tree.graph.def(edge.def.get()?);
        match &tree.facts(target.file)?.item(target.item).kind {
            ItemKind::External { primitive, .. } if primitive.starts_with("%loc_") => {
                Some(target.path.to_string())
            }
            _ => None,
        }
    })
}

/// Keeps the first risks of each code, and says how many more there are.
pub(crate) fn capped(mut risks: Vec<Risk>) -> Vec<Risk> {
    risks.sort_by(|a, b| a.code.cmp(b.code));
    let mut kept: Vec<Risk> = Vec::new();
    let mut start = 0;
    while start < risks.len() {
        let code = risks[start].code;
        let end = start + risks[start..].iter().take_while(|risk| risk.code == code).count();
        let n_more = (end - start).saturating_sub(MAX_PER_CODE);
        kept.extend_from_slice(&risks[start..end - n_more]);
        if n_more > 0 {
            kept.push(Risk { code, message: format!("and {n_more} more of this kind"), place: None });
        }
        start = end;
    }
    kept
}
