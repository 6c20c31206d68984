//! One folder with all that is known of it, kept up to date edit by edit.
//!
//! `upkeep` takes edits in; `questions` says what is known now.

mod questions;
mod upkeep;

use super::agreed;
use super::built::Built;
use super::layout::Layout;
use super::overlay::Overlay;
use super::program::ProgramState;
use super::settings::Settings;
use crate::base::{FileId, IdSet, Idx, Problem, UnitId};
use crate::graph::{Analysis, Archives, Kept, analyse_kept};
use crate::link::{LinkTable, Weights};
use crate::parse::FileFacts;
use crate::project::{Generator, Program, Project, SourceFile};
use crate::size::{Model, Objects, Profile, Sizes, UnitSize, compute_with, load_objects_cached};
use crate::split;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Proposals for some units, each with the program in which it saves most.
pub(super) type Offers = Arc<Vec<(split::Proposal, String)>>;

/// The state of one folder.
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) project: Project,
    pub(super) analysis: Analysis,
    kept: Kept,
    objects: Objects,
    /// What object files say of units whose text has changed since.
    put_aside: FxHashMap<UnitId, UnitSize>,
    /// What each file on disk said when object files were read, by [`FileId`].
    built: Vec<Option<Arc<FileFacts>>>,
    sizes: Sizes,
    pub(super) weights: Weights,
    pub(super) links: LinkTable,
    /// By position in the project's programs.
    pub(super) programs: Vec<ProgramState>,
    files: FxHashMap<PathBuf, FileId>,
    /// Those that it was read with.
    settings: Settings,
    results: Built,
    /// None for the usual one.
    model: Option<Model>,
    /// The programs as the project gave them.
    given: Vec<Program>,
    /// What was wrong when the folder was read.
    pub(super) problems: Vec<Problem>,
    offers: Mutex<FxHashMap<Vec<UnitId>, Offers>>,
    /// Units that look different to code that refers to them, whose size is still to be computed again.
    seen: IdSet<UnitId>,
}

impl Workspace {
    /// Reads a folder, and says what it is doing.
    pub(super) fn load(root: &Path, layout: Layout, texts: &Overlay, say: &dyn Fn(&str)) -> Workspace {
        let Layout { mut project, settings, results } = layout;
        let given = project.programs.clone();
        let archives = if settings.sources_only { Archives::Ignored } else { Archives::Trusted };
        say("parsing and resolving");
        let files = by_path(&project);
        let on_disk: Vec<(FileId, Arc<FileFacts>)> = texts
            .buffers()
            .filter_map(|path| {
                let &file = files.get(path).filter(|&&file| project.file(file).generator.is_none())?;
                Some((file, texts.facts_on_disk(path, project.file(file).kind)?))
            })
            .collect();
        for (file, _) in &on_disk {
            project.forget_recorded(project.file(*file).unit);
        }
        let (analysis, kept) = analyse_kept(&mut project, texts, archives);
        texts.trim();
        say("measuring");
        let profile = if settings.is_static { Profile::Static } else { Profile::Pie };
        let (mut objects, unmeasured) = load_objects_cached(&project, texts.cache());
        let mut problems = project.problems.clone();
        problems.extend(unmeasured);
        if profile == Profile::Static {
            problems.extend(objects.load_system());
        }
        let model = agreed::model(&settings).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let links = LinkTable::of_graph(&analysis.graph);
        let mut built = analysis.facts.clone();
        for (file, facts) in on_disk {
            built[file.idx()] = Some(facts);
        }
        let programs = (0..project.programs.len()).map(|_| ProgramState::default()).collect();
        let mut workspace = Workspace {
            root: root.to_path_buf(),
            project,
            analysis,
            kept,
            objects,
            put_aside: FxHashMap::default(),
            built,
            sizes: Sizes::default(),
            weights: Weights::default(),
            links,
            programs,
            files,
            settings,
            results,
            model,
            given,
            problems,
            offers: Mutex::default(),
            seen: IdSet::default(),
        };
        for unit in (0..workspace.project.units.len()).map(UnitId::new) {
            workspace.put_object_aside(unit);
        }
        let facts = |file: FileId| workspace.analysis.facts.get(file.idx()).and_then(Option::as_deref);
        let graph = &workspace.analysis.graph;
        workspace.sizes =
            compute_with(&workspace.project, graph, facts, &workspace.objects, profile, workspace.model());
        workspace.weigh();
        workspace
    }
}

/// Files by their paths, as they are and with links resolved.
fn by_path(project: &Project) -> FxHashMap<PathBuf, FileId> {
    let mut dirs: FxHashMap<&Path, Option<PathBuf>> = FxHashMap::default();
    let mut files = FxHashMap::default();
    // What a rule holds has no place of its own in its build file.
    let is_file = |file: &SourceFile| !matches!(file.generator, Some(Generator::Written { .. }));
    for (id, file) in project.files.iter().enumerate().filter(|(_, file)| is_file(file)) {
        files.insert(file.path.clone(), FileId::new(id));
        if let (Some(dir), Some(name)) = (file.path.parent(), file.path.file_name()) {
            let resolve = || dir.canonicalize().ok().filter(|real| real != dir);
            if let Some(real) = dirs.entry(dir).or_insert_with(resolve) {
                files.insert(real.join(name), FileId::new(id));
            }
        }
    }
    files
}
