//! From the project to the graph: resolves the units that the programs reach, in parallel, and numbers the results.
//!
//! A unit is resolved when something links it: the own units of the programs first, then what their edges make the
//! linker take, and what archives force (`tasks`). The result of a unit does not depend on the others, so neither order
//! nor threads show in the graph.

use super::assemble::assemble;
use super::model::Graph;
use super::tasks::{Results, resolve_units};
use crate::base::{FileId, Idx, LibraryId, Problem, UnitId};
use crate::cache::{Cache, Question};
use crate::parse::FileFacts;
use crate::project::{Project, UnitSource};
use crate::resolve::{About, Earlier, File, Parts, Texts, UnitDefs, World};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Which units are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What the programs reach.
    Programs,
    /// What the programs reach, and all units of these libraries with what those reach.
    ProgramsAnd(Vec<LibraryId>),
    /// All units of these libraries, and nothing that only they reach.
    Libraries(Vec<LibraryId>),
}

/// Whose word counts for the links of a unit that has both sources and a compiled archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archives {
    /// The archive's: it records what the compiler found. Where the sources say otherwise, a problem says so.
    Trusted,
    /// The sources' alone; archives count only for units without sources.
    Ignored,
}

/// The graph, and what was read to make it.
#[derive(Debug, Default)]
pub struct Analysis {
    /// Definitions, edges and links.
    pub graph: Graph,
    /// The facts of the files that were read, by [`FileId`].
    pub facts: Vec<Option<Arc<FileFacts>>>,
    /// What is wrong with those files and with references; where more is kept ([`Kept::problems`](super::Kept::problems)), that
    /// has it.
    pub problems: Vec<Problem>,
}

impl Analysis {
    /// Returns the facts of a file, where it was read.
    #[must_use]
    pub fn facts(&self, file: FileId) -> Option<&Arc<FileFacts>> {
        self.facts.get(file.idx())?.as_ref()
    }
}

/// Resolves what is wanted. Completes the own units of each program: modules of its own that its main module names,
/// in an order that the linker accepts.
pub fn analyse(project: &mut Project, texts: &dyn Texts, wanted: &Wanted, archives: Archives) -> Analysis {
    analyse_from(project, texts, wanted, archives, None)
}

/// The same, from what is known of an earlier run: `earlier` has the results kept on disk, and the project as it was found.
pub fn analyse_from(
    project: &mut Project,
    texts: &dyn Texts,
    wanted: &Wanted,
    archives: Archives,
    earlier: Option<(&Cache, Question)>,
) -> Analysis {
    let world = World::new(project, texts);
    let earlier = earlier.and_then(|(cache, found)| {
        let question = cache.question(&[&"references", &found, &world.version, wanted, &archives])?;
        Some(Earlier::open(cache, question, project))
    });
    let results = resolve_wanted(&world, wanted, archives, earlier.as_ref());
    let parts = world.into_parts();
    if let Some(earlier) = earlier {
        earlier.keep(project);
    }
    let own_units = all_own_units(project, &|unit| mentioned_in(&results, unit));
    let Parts { files, defs, mut problems } = parts;
    // Where names are is not asked any more: that goes before the graph comes, and the peak of memory is lower.
    let facts = facts_of(files.into_iter());
    let graph = assemble(project, results, &defs, archives, &mut problems);
    set_own_units(project, own_units);
    Analysis { graph, facts, problems: problems.into_iter().map(|(_, problem)| problem).collect() }
}

fn facts_of(files: impl Iterator<Item = Option<Arc<File>>>) -> Vec<Option<Arc<FileFacts>>> {
    files.map(|file| file.map(|file| file.facts.clone())).collect()
}

/// Numbers what was resolved. Also returns the files and definitions that were read; that has the problems too.
pub(super) fn assembled(
    project: &Project,
    results: Results,
    parts: Parts,
    archives: Archives,
) -> (Analysis, Read) {
    let Parts { files, defs, mut problems } = parts;
    let graph = assemble(project, results, &defs, archives, &mut problems);
    let facts = facts_of(files.iter().cloned());
    (Analysis { graph, facts, problems: Vec::new() }, Read { files, defs, problems })
}

/// What was read to resolve units.
#[derive(Default)]
pub(super) struct Read {
    /// By [`FileId`].
    pub(super) files: Vec<Option<Arc<File>>>,
    /// By [`UnitId`].
    pub(super) defs: Vec<Option<Arc<UnitDefs>>>,
    /// What is wrong with files and with the references of units.
    pub(super) problems: Vec<(About, Problem)>,
}

/// The units that a unit names by their own name.
pub(super) fn mentioned_in(results: &Results, unit: UnitId) -> &[UnitId] {
    results[unit.idx()].get().map_or(&[], |refs| &refs.mentioned)
}

/// The own units of each program, in order.
pub(super) fn all_own_units<'m>(
    project: &Project,
    mentioned: &dyn Fn(UnitId) -> &'m [UnitId],
) -> Vec<Vec<UnitId>> {
    project.programs.iter().map(|program| own_units(project, mentioned, program)).collect()
}

/// Sets them.
pub(super) fn set_own_units(project: &mut Project, own_units: Vec<Vec<UnitId>>) {
    for (program, own_units) in project.programs.iter_mut().zip(own_units) {
        program.own_units = own_units;
    }
}

pub(super) fn resolve_wanted(
    world: &World,
    wanted: &Wanted,
    archives: Archives,
    earlier: Option<&Earlier<'_>>,
) -> Results {
    let project = world.project;
    let units_of = |libraries: &[LibraryId]| -> Vec<UnitId> {
        libraries.iter().flat_map(|&library| project.library(library).units.iter().copied()).collect()
    };
    let (roots, follow) = match wanted {
        Wanted::Programs => (program_roots(project), true),
        Wanted::ProgramsAnd(libraries) => ([program_roots(project), units_of(libraries)].concat(), true),
        Wanted::Libraries(libraries) => (units_of(libraries), false),
    };
    resolve_units(world, &roots, follow, archives, earlier, |_| false)
}

fn program_roots(project: &Project) -> Vec<UnitId> {
    let mut roots = Vec::new();
    for program in &project.programs {
        roots.extend(&program.own_units);
        for &library in &program.libraries {
            let library = project.library(library);
            let all = program.linkall || library.linkall;
            roots.extend(library.units.iter().copied().filter(|&unit| all || project.unit(unit).forced));
        }
    }
    for name in ["Stdlib", "CamlinternalFormatBasics", "Std_exit"] {
        for program in &project.programs {
            roots.extend(project.visible_unit(program.own, crate::base::name(name)));
        }
    }
    roots
}

// -------------------------------------------------------------------- own units

/// The modules of a program's own that are linked: those given, and those that they name, dependencies first.
fn own_units<'m>(
    project: &Project,
    mentioned: &dyn Fn(UnitId) -> &'m [UnitId],
    program: &crate::project::Program,
) -> Vec<UnitId> {
    let own = project.library(program.own);
    let is_own = |unit: &UnitId| project.unit(*unit).library == program.own;
    let mut order = Vec::new();
    let mut state: FxHashMap<UnitId, bool> = FxHashMap::default();
    // The alias module of the executable has no text; it comes first when some other module is there. A pack comes behind
    // what it holds, and a root module of aliases where something names it.
    let is_alias_module = |unit: &UnitId| {
        let unit = project.unit(*unit);
        matches!(unit.source, UnitSource::Generated(_)) && unit.packed.is_empty() && unit.recorded.is_none()
    };
    for unit in own.units.iter().copied().filter(is_alias_module) {
        state.insert(unit, true);
        order.push(unit);
    }
    for &root in &program.own_units {
        // Depth first, with an explicit stack: (unit, next mention to look at, what a pack holds besides).
        let mut stack = vec![(root, 0, project.members(root))];
        if state.contains_key(&root) {
            continue;
        }
        state.insert(root, false);
        while let Some((unit, next, held)) = stack.last_mut() {
            let named = mentioned(*unit);
            match named.get(*next).or_else(|| held.get(*next - named.len())).copied() {
                Some(named) => {
                    *next += 1;
                    // Whoever names a member of a pack from outside gets the pack; members name each other.
                    let around = |unit: UnitId| {
                        std::iter::successors(project.unit(unit).pack, |&pack| project.unit(pack).pack)
                    };
                    let is_outside =
                        |pack: &UnitId| *pack != *unit && around(*unit).all(|other| other != *pack);
                    let named = around(named).take_while(is_outside).last().unwrap_or(named);
                    let is_own_pack = around(*unit).any(|pack| pack == named);
                    if is_own(&named) && !is_own_pack && !state.contains_key(&named) {
                        state.insert(named, false);
                        stack.push((named, 0, project.members(named)));
                    }
                }
                None => {
                    state.insert(*unit, true);
                    order.push(*unit);
                    stack.pop();
                }
            }
        }
    }
    // An interface alone leads on to what it names, and leaves no object to link.
    order.retain(|&unit| project.unit(unit).has_code());
    order
}
