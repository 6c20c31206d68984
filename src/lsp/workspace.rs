//! One folder with all that is known of it, kept up to date edit by edit.

use super::agreed;
use super::built::{Built, Rebuilt};
use super::layout::Layout;
use super::overlay::Overlay;
use super::program::ProgramState;
use super::settings::Settings;
use crate::base::{FileId, IdSet, Idx, Problem, UnitId};
use crate::cli::editor::Lent;
use crate::graph::{Analysis, Archives, DefKind, Kept, Opened, Update, analyse_kept};
use crate::link::{LinkTable, Weights};
use crate::parse::FileFacts;
use crate::project::{LibraryOrigin, Program, Project, UnitSource};
use crate::report::Places;
use crate::report::build::is_counted;
use crate::size::{Model, Objects, Profile, Provenance, Sizes, UnitFigure, UnitSize};
use crate::size::{compute_with, load_objects_cached, seen_differently};
use crate::split;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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

/// Units that are resolved again before requests are looked at.
const AT_ONCE: usize = 48;

impl Workspace {
    /// Reads a folder, and says what it is doing.
    pub(super) fn load(root: &Path, layout: Layout, texts: &Overlay, say: &dyn Fn(&str)) -> Workspace {
        let Layout { mut project, settings, results } = layout;
        let given = project.programs.clone();
        let archives = if settings.sources_only { Archives::Ignored } else { Archives::Trusted };
        say("parsing and resolving");
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
        let files = by_path(&project);
        let mut built = analysis.facts.clone();
        for path in texts.buffers() {
            if let Some(&file) = files.get(path)
                && let Some(facts) = texts.facts_on_disk(path, project.file(file).kind)
            {
                built[file.idx()] = Some(facts);
            }
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

    /// Where reading the layout again gives the same one, the sources that the build has made again; else nothing.
    pub(super) fn made_again(&mut self, layout: Layout) -> Option<Vec<PathBuf>> {
        let Layout { project, settings, results } = layout;
        let is_same = project.files == self.project.files
            && project.units == self.project.units
            && project.libraries == self.project.libraries
            && project.programs == self.given
            && project.problems == self.project.problems
            && !settings.needs_reload(&self.settings);
        match self.results.compare(&results) {
            Rebuilt::Sources(sources) if is_same => {
                self.results = results;
                Some(sources)
            }
            _ => None,
        }
    }

    /// Whether there may have been a build since the folder was read.
    pub(super) fn may_be_rebuilt(&self) -> bool {
        self.results.may_be_old()
    }

    /// Takes changed files in, as far as they themselves are concerned; the rest is left to [`Workspace::catch_up`]. Returns
    /// whether any of them belongs to what is known.
    pub(super) fn update(&mut self, paths: &[PathBuf], texts: &Overlay) -> bool {
        let changed: Vec<FileId> = paths.iter().filter_map(|path| self.files.get(path).copied()).collect();
        if changed.is_empty() {
            return false;
        }
        let update = self.kept.update(&mut self.project, texts, &changed, &mut self.analysis);
        let units: Vec<UnitId> = changed.iter().map(|&file| self.project.file(file).unit).collect();
        self.absorb(&update, &units);
        true
    }

    /// Whether something is still to be done about what has changed.
    pub(super) fn is_behind(&self) -> bool {
        self.kept.is_behind() || !self.seen.is_empty()
    }

    /// Does a part of what is still to be done. Returns whether there was anything.
    pub(super) fn catch_up(&mut self, texts: &Overlay) -> bool {
        let (project, analysis) = (&mut self.project, &mut self.analysis);
        if let Some(update) = self.kept.catch_up(project, texts, analysis, AT_ONCE) {
            self.absorb(&update, &[]);
            return true;
        }
        let seen = std::mem::take(&mut self.seen);
        if seen.is_empty() {
            return false;
        }
        // Code that refers to what looks different now may be of another size.
        let graph = &self.analysis.graph;
        let refers = |unit: &UnitId| {
            graph.unit_defs(*unit).flat_map(|def| graph.edges_of(def)).any(|edge| {
                seen.contains(edge.target.unit)
                    || edge.def.get().is_some_and(|def| seen.contains(graph.def(def).unit))
            })
        };
        let units: Vec<UnitId> = (0..graph.defs_of_unit.len()).map(UnitId::new).filter(refers).collect();
        self.resize(&units);
        self.forget(None);
        true
    }

    /// Follows what the graph has gone through.
    fn absorb(&mut self, update: &Update, changed: &[UnitId]) {
        let graph = &self.analysis.graph;
        if let Some(ids) = &update.renumbered {
            self.sizes.renumber(graph, ids);
        }
        let facts = &self.analysis.facts;
        let facts = |file: FileId| facts.get(file.idx()).and_then(Option::as_deref);
        for (&unit, (defs, old_facts)) in update.units.iter().zip(&update.before) {
            let range = graph.defs_of_unit[unit.idx()].clone();
            let now = &graph.defs[range.start as usize..range.end as usize];
            let facts = self.project.unit(unit).implementation().and_then(facts);
            if seen_differently((defs, old_facts.as_deref()), (now, facts)) {
                self.seen.insert(unit);
            }
        }
        changed.iter().for_each(|&unit| self.put_object_aside(unit));
        let units: IdSet<UnitId> = update.units.iter().chain(changed).copied().collect();
        self.resize(&units.iter().collect::<Vec<_>>());
        let graph = &self.analysis.graph;
        for &unit in &update.units {
            self.links.rows[unit.idx()] =
                graph.units.links[unit.idx()].iter().map(|&(unit, _)| unit).collect();
        }
        self.forget(update.has_new_links.then_some(&update.units[..]));
    }

    /// Computes the bytes of some units again.
    fn resize(&mut self, units: &[UnitId]) {
        let facts = &self.analysis.facts;
        let facts = |file: FileId| facts.get(file.idx()).and_then(Option::as_deref);
        let graph = &self.analysis.graph;
        let model = self.model.as_ref().unwrap_or_else(|| Model::shipped());
        self.sizes.update(&self.project, graph, facts, &self.objects, model, units);
        self.weigh();
    }

    /// Forgets what a change makes wrong; `links` are the units that may record others now.
    fn forget(&mut self, links: Option<&[UnitId]>) {
        for (program, state) in self.project.programs.iter().zip(&mut self.programs) {
            state.forget(links.map(|units| (units, &program.own_units[..])));
        }
        self.forget_offers();
    }

    /// What object files say counts for the text that they were made from.
    fn put_object_aside(&mut self, unit: UnitId) {
        let source = self.project.unit(unit);
        let files = [source.implementation(), source.interface()].into_iter().flatten();
        let is_as_built =
            files.into_iter().all(|file| match (&self.built[file.idx()], &self.analysis.facts[file.idx()]) {
                (Some(built), Some(now)) => Arc::ptr_eq(built, now),
                (built, now) => built.is_none() && now.is_none(),
            });
        if !is_as_built {
            if let Some(size) = self.objects.units.get_mut(unit.idx()).and_then(Option::take) {
                self.put_aside.insert(unit, size);
            }
        } else if let Some(size) = self.put_aside.remove(&unit) {
            self.objects.units[unit.idx()] = Some(size);
        }
    }

    fn weigh(&mut self) {
        let alloc = |bytes: fn(&UnitFigure) -> crate::size::Bytes| {
            self.sizes
                .units
                .iter()
                .map(|figure| figure.as_ref().map_or(0, |figure| bytes(figure).alloc()))
                .collect()
        };
        self.weights = Weights {
            unit: alloc(UnitFigure::bytes),
            def: self.sizes.defs.iter().map(crate::size::Bytes::alloc).collect(),
            fixed: alloc(UnitFigure::fixed_bytes),
            runtime: 0,
        };
    }

    fn model(&self) -> &Model {
        self.model.as_ref().unwrap_or_else(|| Model::shipped())
    }

    /// The file of a path.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }
    /// The facts of a file that was read.
    pub(super) fn facts(&self, file: FileId) -> Option<&FileFacts> {
        self.analysis.facts.get(file.idx())?.as_deref()
    }
    /// The linker's name of a unit.
    pub(super) fn name(&self, unit: UnitId) -> &str {
        self.project.units[unit.idx()].name.as_str()
    }
    /// Whether anything is known of what a unit costs; one without code costs nothing, and that is known.
    pub(super) fn is_priced(&self, unit: UnitId) -> bool {
        self.sizes.unit(unit).is_some()
            || matches!(
                self.project.unit(unit).source,
                UnitSource::Files { implementation: None, .. } | UnitSource::Generated(_)
            )
    }
    /// Where the bytes of some units come from.
    pub(super) fn provenance(&self, units: impl IntoIterator<Item = UnitId>) -> Provenance {
        let of_unit = |unit| self.sizes.unit(unit).map_or(Provenance::Estimated, |figure| figure.provenance);
        units.into_iter().map(of_unit).max().unwrap_or(Provenance::Measured)
    }
    /// Bytes of some units together.
    pub(super) fn bytes(&self, units: &[UnitId]) -> u64 {
        units.iter().map(|&unit| self.weights.unit(unit)).sum()
    }
    /// What the search for splits asks for.
    pub(super) fn split_prices(&self) -> split::Prices<'_> {
        split::Prices::of_files(&self.sizes, &self.objects)
    }
    /// Places of offsets.
    pub(super) fn places(&self) -> Places<'_> {
        Places { project: &self.project, facts: &self.analysis.facts }
    }
    /// Which opens provide the names of a file.
    pub(super) fn opened(&self, file: FileId, texts: &Overlay) -> Opened {
        self.kept.opened(&self.project, texts, file)
    }
    /// Links a program, unless that is done.
    pub(super) fn program(&self, at: usize) -> &ProgramState {
        let state = &self.programs[at];
        state.link(&self.project, &self.project.programs[at], &self.links);
        state
    }
    /// The programs that contain a unit, by position.
    pub(super) fn programs_with(&self, unit: UnitId) -> Vec<usize> {
        let library = self.project.unit(unit).library;
        let may_link = |&at: &usize| {
            let program = &self.project.programs[at];
            program.own == library || program.libraries.contains(&library)
        };
        let may: Vec<usize> = (0..self.programs.len()).filter(may_link).collect();
        may.into_par_iter().filter(|&at| self.program(at).linked().contains(unit)).collect()
    }
    /// Whether a unit is of the standard library, which nobody can change.
    pub(super) fn is_standard(&self, unit: UnitId) -> bool {
        self.project.library(self.project.unit(unit).library).origin == LibraryOrigin::Stdlib
    }

    /// Whether a unit mainly hands on what others define: an umbrella is made to be named, so naming it is no fault.
    pub(super) fn is_umbrella(&self, unit: UnitId) -> bool {
        let graph = &self.analysis.graph;
        if self.project.unit(unit).implementation().is_none() {
            return true;
        }
        let top = graph.unit_defs(unit).map(|def| graph.def(def));
        let top = top.filter(|def| def.parent.is_none() && is_counted(def));
        let (handed_on, own) = top.fold((0, 0), |(handed_on, own), def| match def.kind {
            DefKind::Alias => (handed_on + 1, own),
            _ => (handed_on, own + 1),
        });
        own == 0 || handed_on > own
    }

    /// Proposals for some units, worked out once until something changes.
    pub(super) fn offers(&self, units: Vec<UnitId>, find: impl FnOnce(&[UnitId]) -> Offers) -> Offers {
        let lock = || self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(offers) = lock().get(&units) {
            return offers.clone();
        }
        let offers = find(&units);
        lock().insert(units, offers.clone());
        offers
    }
    pub(super) fn forget_offers(&mut self) {
        self.offers.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lends what the command line asks for, and takes it back.
    pub(super) fn lend<R>(&mut self, ask: impl FnOnce(Lent) -> (Lent, R)) -> R {
        let lent = Lent {
            project: std::mem::take(&mut self.project),
            graph: std::mem::take(&mut self.analysis.graph),
            facts: std::mem::take(&mut self.analysis.facts),
            links: std::mem::take(&mut self.links),
            sizes: std::mem::take(&mut self.sizes),
            objects: std::mem::take(&mut self.objects),
            problems: self.problems.clone(),
        };
        let (lent, answer) = ask(lent);
        self.project = lent.project;
        self.analysis.graph = lent.graph;
        self.analysis.facts = lent.facts;
        self.links = lent.links;
        self.sizes = lent.sizes;
        self.objects = lent.objects;
        answer
    }
}

/// Files by their paths, as they are and with links resolved.
fn by_path(project: &Project) -> FxHashMap<PathBuf, FileId> {
    let mut dirs: FxHashMap<&Path, Option<PathBuf>> = FxHashMap::default();
    let mut files = FxHashMap::default();
    for (id, file) in project.files.iter().enumerate() {
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
