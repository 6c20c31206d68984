//! Runs the stages in order and keeps what they return, with the time of each.

use super::Outcome;
use super::config;
use super::failure::Failure;
use super::input::{InputArgs, Source, source};
use super::output;
use super::progress::Progress;
use crate::base::{Code, FileId, IdSet, Idx, LibraryId, Problem, Severity, UnitId};
use crate::cache::{Answer, Cache, Question};
use crate::graph::{Graph, Unresolved, Wanted, analyse_from};
use crate::link::{
    LinkInput, LinkTable, LinkedSet, Live, MissingUnit, Retained, ThinEdge, Waste, Weights, link, live,
    retained, thin_edges, waste,
};
use crate::parse::FileFacts;
use crate::project::{self, Program, Project};
use crate::report::human::count;
use crate::report::schema::{Audit, ProgramSize};
use crate::report::{self, Costs, Parts, Places};
use crate::resolve::CachedDisk;
use crate::size::{
    self, Bytecode, Bytes, KnownSides, LinkMode, Model, Objects, Profile, Provenance, Sizes, UnitFigure,
    bytecode_sizes, compute_with, load_bytecode, load_objects_of, predict, predict_in, predict_knowing,
};
use crate::split::{self, Proposals};
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// For how many proposals of one program, those that save most, a patch is written before they are shown.
const MAX_TRIED: usize = 50;

/// A link is thin when it names at most this many definitions.
const THIN: u32 = 3;

/// One stage that has run.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Stage {
    /// Its name, as in the documentation.
    pub(super) name: &'static str,
    /// How long it took.
    pub(super) time: Duration,
}

/// What the stages found before any program is linked.
pub(super) struct Run {
    pub(super) project: Project,
    pub(super) graph: Graph,
    pub(super) facts: Vec<Option<Arc<FileFacts>>>,
    pub(super) links: LinkTable,
    pub(super) prices: Prices,
    /// What is wrong in the tree, as far as all stages know.
    pub(super) problems: Vec<Problem>,
    pub(super) stages: Vec<Stage>,
    /// How many results of files and archives were known from before, and how many were not.
    pub(super) cached: (u64, u64),
    /// What is known from before of the files that are read.
    cache: Cache,
    /// What the answer is kept to.
    question: Option<Question>,
}

/// Which units have a price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Priced {
    /// All.
    All,
    /// Those that some program links, and those whose sources were read.
    Reached,
}

/// What a command starts from.
pub(super) enum Begun {
    /// An earlier run has answered the same, and nothing has changed since.
    Known(Answer),
    /// What the stages found.
    Run(Box<Run>),
}

/// One program after linking.
pub(super) struct Linked<'a> {
    pub(super) program: &'a Program,
    pub(super) input: LinkInput,
    pub(super) linked: LinkedSet,
    pub(super) live: Live,
    pub(super) retained: Retained,
    pub(super) waste: Waste,
    pub(super) thin: Vec<ThinEdge>,
    pub(super) size: ProgramSize,
    pub(super) proposals: Proposals,
}

impl Run {
    /// Reads, resolves and prices the programs that the arguments name: what no program reaches has no price.
    pub(super) fn new(paths: &[PathBuf], args: &InputArgs) -> anyhow::Result<Run> {
        let args = config::merged(paths, args)?;
        Run::stages_of(&args, || Ok((load(paths, &args)?, Wanted::Programs)), Priced::Reached)
    }

    /// The same for a command that tells the price of any unit.
    pub(super) fn new_with_all_prices(paths: &[PathBuf], args: &InputArgs) -> anyhow::Result<Run> {
        let args = config::merged(paths, args)?;
        Run::stages(&args, || Ok((load(paths, &args)?, Wanted::Programs)))
    }

    /// The same for a command whose answer is kept: `question` says what is asked beside the arguments.
    pub(super) fn asked(
        paths: &[PathBuf],
        args: &InputArgs,
        question: &dyn std::fmt::Debug,
    ) -> anyhow::Result<Begun> {
        let args = config::merged(paths, args)?;
        Run::begin(&args, || Ok((load(paths, &args)?, Wanted::Programs)), Priced::Reached, Some(question))
    }

    /// Reads and resolves all units of the packages that the arguments name; there is no program.
    pub(super) fn of_packages(args: &InputArgs) -> anyhow::Result<(Run, IdSet<UnitId>)> {
        let args = &config::merged(&[], args)?;
        let options = args.load_options();
        let mut asked = Vec::new();
        let run = Run::stages(args, || {
            let project = project::load_installed(&options);
            let is_asked = |library: &LibraryId| {
                let title = project.library(*library).name;
                options.packages.iter().any(|package| title.as_str() == package)
            };
            asked = (0..project.libraries.len()).map(LibraryId::new).filter(is_asked).collect();
            Ok((project, Wanted::Libraries(asked.clone())))
        })?;
        let units =
            asked.iter().flat_map(|&library| run.project.library(library).units.iter().copied()).collect();
        Ok((run, units))
    }

    /// Runs the stages on a project that is loaded in some way.
    pub(super) fn stages(
        args: &InputArgs,
        load: impl FnOnce() -> anyhow::Result<(Project, Wanted)>,
    ) -> anyhow::Result<Run> {
        Run::stages_of(args, load, Priced::All)
    }

    fn stages_of(
        args: &InputArgs,
        load: impl FnOnce() -> anyhow::Result<(Project, Wanted)>,
        priced: Priced,
    ) -> anyhow::Result<Run> {
        match Run::begin(args, load, priced, None)? {
            Begun::Run(run) => Ok(*run),
            Begun::Known(_) => unreachable!("nothing was asked"),
        }
    }

    fn begin(
        args: &InputArgs,
        load: impl FnOnce() -> anyhow::Result<(Project, Wanted)>,
        priced: Priced,
        question: Option<&dyn std::fmt::Debug>,
    ) -> anyhow::Result<Begun> {
        args.start_threads()?;
        let model = args.model()?;
        let progress = Progress::new(args.quiet);
        let cache = super::cache::open(!args.no_cache);
        let mut stages = Vec::new();
        let mut clock = Instant::now();
        let mut lap = |name: &'static str| {
            let now = Instant::now();
            stages.push(Stage { name, time: now - clock });
            clock = now;
        };
        progress.say("reading the project");
        let (mut project, wanted) = load()?;
        lap("project");
        let found = found(&cache, &project);
        // Other profiles read files that are not noted down.
        let question = question.filter(|_| args.profile() == Profile::Pie).and_then(|question| {
            let args = InputArgs { jobs: None, ..args.clone() };
            cache.question(&[&question, &args, &model, &project.root, &found?])
        });
        if let Some(answer) = question.and_then(|question| cache.answer(question)) {
            return Ok(Begun::Known(answer));
        }
        progress.say("parsing and resolving");
        let earlier = found.map(|found| (&cache, found));
        let analysis = analyse_from(&mut project, &CachedDisk(&cache), &wanted, args.archives(), earlier);
        lap("parse, resolve, graph");
        progress.say("measuring");
        let (graph, facts) = (analysis.graph, analysis.facts);
        let model = model.as_ref().unwrap_or_else(|| Model::shipped());
        let links = LinkTable::of_graph(&graph);
        let reached = (priced == Priced::Reached).then(|| reached(&project, &graph, &links));
        let is_priced = |unit| reached.as_ref().is_none_or(|reached| reached.contains(unit));
        let (prices, unmeasured) = price(&project, &graph, &facts, &cache, is_priced, args.profile(), model);
        lap("size");
        let mut problems = std::mem::take(&mut project.problems);
        problems.extend(analysis.problems);
        problems.extend(unmeasured);
        problems.extend(unresolved(&project, &graph, &facts));
        let cached = cache.counts();
        Ok(Begun::Run(Box::new(Run {
            project,
            graph,
            facts,
            links,
            prices,
            problems,
            stages,
            cached,
            cache,
            question,
        })))
    }

    /// Ends a run. The system takes back at once what is left to it; taken down piece by piece, a large tree takes a tenth of a
    /// second and more.
    pub(super) fn leave(self) {
        let Run { project, graph, facts, links, prices, cache, .. } = self;
        std::mem::forget((project, graph, facts, links, prices));
        // It keeps its directory within bounds.
        drop(cache);
    }

    /// Keeps the answer for the next time that the same is asked.
    pub(super) fn keep(&self, said: &str, text: &[String]) {
        if let Some(question) = self.question {
            self.cache.keep(question, said, text, self.outcome() == Outcome::Incomplete);
        }
    }
}

/// What a server holds of a workspace, as it is lent for one question.
#[derive(Default)]
pub(crate) struct Lent {
    pub(crate) project: Project,
    pub(crate) graph: Graph,
    pub(crate) facts: Vec<Option<Arc<FileFacts>>>,
    pub(crate) links: LinkTable,
    pub(crate) sizes: Sizes,
    pub(crate) objects: Objects,
    /// What is wrong in the tree.
    pub(crate) problems: Vec<Problem>,
}

impl Run {
    /// Makes a run of what was worked out elsewhere.
    pub(super) fn from_lent(lent: Lent) -> Run {
        let Lent { project, graph, facts, links, sizes, objects, problems } = lent;
        Run {
            project,
            graph,
            facts,
            links,
            prices: Prices::new(sizes, objects),
            problems,
            stages: Vec::new(),
            cached: (0, 0),
            cache: Cache::none(),
            question: None,
        }
    }

    /// Gives back what was lent.
    pub(super) fn into_lent(self) -> Lent {
        let Run { project, graph, facts, links, prices, problems, .. } = self;
        let Prices { sizes, objects, .. } = prices;
        Lent { project, graph, facts, links, sizes, objects, problems }
    }

    /// The programs asked for, linked.
    pub(super) fn programs(&self) -> anyhow::Result<Vec<Linked<'_>>> {
        if self.project.programs.is_empty() {
            return Err(Failure::error(
                "nothing here is linked: the project has no executable",
                "name a .ml file of a program that uses it, as in `unlith audit main.ml -p base`",
            ));
        }
        Ok(self.project.programs.par_iter().map(|program| self.link(program)).collect())
    }

    fn link<'a>(&'a self, program: &'a Program) -> Linked<'a> {
        let input = LinkInput::of_program(&self.project, program);
        let linked = link(&input, &self.links);
        let live = live(&self.graph, &input, &linked);
        let weights = &self.prices.weights;
        let retained = retained(&linked, &self.links, |unit| weights.unit(unit));
        let mut waste = waste(&self.graph, &input, &self.links, &linked, &live, weights);
        let thin = thin_edges(&self.graph, &linked, &self.links, &retained, THIN);
        let size = program_size(self, program, &linked.units);
        // C code stays only where a unit that stays calls it.
        let needed: Vec<UnitId> =
            linked.units.iter().copied().filter(|&unit| live.touched.contains(unit)).collect();
        waste.bound += besides(&program_size(self, program, &needed));
        Linked { program, input, linked, live, retained, waste, thin, size, proposals: Proposals::default() }
    }

    /// Bytes, as the search for splits asks for them.
    pub(super) fn split_prices(&self) -> split::Prices<'_> {
        let known = self.prices.known.clone();
        split::Prices { known, ..split::Prices::of_files(&self.prices.sizes, &self.prices.objects) }
    }

    /// What the stages found, as the search for splits and the patches read it.
    pub(super) fn split_tree<'t>(&'t self, prices: &'t split::Prices<'t>) -> split::Tree<'t> {
        split::Tree { project: &self.project, graph: &self.graph, facts: &self.facts, prices }
    }

    /// Finds what to change, for all programs together: a change of one library is weighed in each of them.
    pub(super) fn propose(&self, programs: &mut [Linked<'_>]) {
        self.propose_with(programs, &split::Options::usual());
    }

    /// The same with other bars.
    pub(super) fn propose_with(&self, programs: &mut [Linked<'_>], options: &split::Options) {
        let prices = self.split_prices();
        let found = split::propose(self.split_tree(&prices), &split_parts(programs), options);
        for (linked, proposals) in programs.iter_mut().zip(found) {
            linked.proposals = proposals;
        }
    }

    /// Writes the patches of the first proposals of each program, as many as are shown, so that each says what it changes, and
    /// one that has no patch says why.
    pub(super) fn check_patches(&self, programs: &mut [Linked<'_>], n_shown: usize) {
        let prices = self.split_prices();
        let n_tried = n_shown.min(MAX_TRIED);
        let shown =
            programs.iter_mut().flat_map(|linked| linked.proposals.proposals.iter_mut().take(n_tried));
        let mut shown: Vec<&mut split::Proposal> = shown.collect();
        split::check_patches(self.split_tree(&prices), &mut shown, &CachedDisk(&self.cache));
    }

    /// What a plan does to each program.
    pub(super) fn price_plan(&self, programs: &[Linked<'_>], plan: &split::Plan) -> Vec<split::Priced> {
        let prices = self.split_prices();
        split::price_plan(self.split_tree(&prices), &split_parts(programs), plan)
    }

    /// From now on, audits list definitions with their bytes.
    pub(super) fn list_definitions(&mut self) {
        self.prices.costs.definitions.clone_from(&self.prices.weights.def);
    }

    /// Reads what static executables have inside of the system.
    pub(super) fn load_system(&mut self) {
        self.prices.known = KnownSides::default();
        self.problems.extend(self.prices.objects.load_system());
    }

    /// The executable that some units of a program make when they are linked in a certain way.
    pub(super) fn predict(&self, program: &Program, units: &[UnitId], mode: LinkMode) -> size::ProgramSize {
        let prices = &self.prices;
        predict_in(&self.project, &prices.sizes, &prices.objects, units, &program.libraries, mode)
    }

    /// The bytecode program that they make, and what of it is at hand to compress.
    pub(super) fn predict_bytecode(
        &self,
        program: &Program,
        units: &[UnitId],
        bytecode: Bytecode,
    ) -> (size::ProgramSize, Vec<u8>) {
        let prices = &self.prices;
        let image = bytecode.image(&self.project, units);
        let sizes = bytecode_sizes(&self.project, &prices.sizes, bytecode);
        (predict(&self.project, &sizes, &prices.objects, units, &program.libraries), image)
    }

    /// What some units have because they were compiled with `-g`.
    pub(super) fn debug_info(&self, units: impl IntoIterator<Item = UnitId>) -> size::DebugInfo {
        size::debug_info(&self.prices.sizes, &self.prices.objects, units)
    }

    /// The allocated bytes of a unit's object file in an executable that is linked in a certain way.
    pub(super) fn alloc_in(&self, unit: UnitId, mode: LinkMode) -> Option<u64> {
        self.prices.sizes.alloc_in(unit, mode)
    }

    /// Places of offsets.
    pub(super) fn places(&self) -> Places<'_> {
        Places { project: &self.project, facts: &self.facts }
    }

    /// The audit of linked programs.
    pub(super) fn audit(&self, programs: &[Linked<'_>]) -> Audit {
        let (parts, problems) = self.for_report(programs);
        report::build(self.places(), &self.graph, &self.prices.costs, &parts, &problems)
    }

    /// The same as JSON, in pieces.
    pub(super) fn audit_json(&self, programs: &[Linked<'_>]) -> anyhow::Result<Vec<String>> {
        let (parts, problems) = self.for_report(programs);
        report::json(self.places(), &self.graph, &self.prices.costs, &parts, &problems)
            .map_err(|error| Failure::error(format!("cannot write JSON: {error}"), "please report this"))
    }

    /// All that is known of programs, and what is wrong in the tree or with them.
    fn for_report<'a>(&'a self, programs: &'a [Linked<'a>]) -> (Vec<Parts<'a>>, Vec<Problem>) {
        let parts = programs.iter().map(|linked| self.parts(linked)).collect();
        let missing = programs.iter().flat_map(|linked| self.missing(linked));
        (parts, self.problems.iter().cloned().chain(missing).collect())
    }

    /// All that is known of a program, as reports read it.
    pub(super) fn parts<'a>(&'a self, linked: &'a Linked<'a>) -> Parts<'a> {
        Parts {
            program: linked.program,
            input: &linked.input,
            links: &self.links,
            linked: &linked.linked,
            live: &linked.live,
            retained: &linked.retained,
            waste: &linked.waste,
            thin: &linked.thin,
            size: linked.size,
            proposals: &linked.proposals,
        }
    }

    /// What the linker would stop at.
    fn missing(&self, linked: &Linked<'_>) -> Vec<Problem> {
        let title = |unit: UnitId| self.project.unit(unit).name;
        let problem = |missing: &MissingUnit| {
            let (unit, by, program) = (title(missing.unit), title(missing.by), &linked.program.name);
            let (message, help) = if missing.is_passed {
                (
                    format!(
                        "{program}: {by} requires {unit}, which stands to its right on the linker's command line"
                    ),
                    "the order of libraries is wrong: put the one that requires behind the one that is required",
                )
            } else {
                (
                    format!("{program}: {by} requires {unit}, which is not on the linker's command line"),
                    "add the library that has it",
                )
            };
            let library = self.project.library(self.project.unit(missing.unit).library).name;
            Problem::new(Severity::Warning, Code::MissingAtLink, message).help(format!("{help} ({library})"))
        };
        linked.linked.missing.iter().map(problem).collect()
    }

    /// How the command ends: a program that lacks a library is not the one asked for.
    pub(super) fn outcome(&self) -> Outcome {
        if self.problems.iter().any(output::is_serious) { Outcome::Incomplete } else { Outcome::Done }
    }
}

/// What splitting needs to know of programs.
fn split_parts<'p>(programs: &'p [Linked<'_>]) -> Vec<split::ProgramParts<'p>> {
    let parts = programs.iter().map(|linked| split::ProgramParts {
        program: linked.program,
        input: &linked.input,
        linked: &linked.linked,
        live: &linked.live,
        waste: &linked.waste,
    });
    parts.collect()
}

/// Reads the project and leaves the programs that were asked for.
fn load(paths: &[PathBuf], args: &InputArgs) -> anyhow::Result<Project> {
    let options = args.load_options();
    let mut project = match source(paths)? {
        Source::Files(files) => project::load_files(&files, &options)?,
        Source::Workspace(root) => project::load_workspace(&root, &options)?,
    };
    select(&mut project, &args.exes)?;
    Ok(project)
}

/// Leaves the programs of these names, by full name or last part.
fn select(project: &mut Project, exes: &[String]) -> anyhow::Result<()> {
    let is_named = |program: &Program, exe: &str| {
        let exe = exe.trim_end_matches(".exe");
        program.name == exe || program.name.rsplit('/').next() == Some(exe)
    };
    for exe in exes {
        if !project.programs.iter().any(|program| is_named(program, exe)) {
            let mut names: Vec<&str> = project.programs.iter().map(|program| program.name.as_str()).collect();
            names.sort_unstable();
            let help = if names.is_empty() {
                "there is no executable at all".to_owned()
            } else {
                format!("there are: {}", names.join(", "))
            };
            return Err(Failure::error(format!("no executable here is named `{exe}`"), help));
        }
    }
    if !exes.is_empty() {
        project.programs.retain(|program| exes.iter().any(|exe| is_named(program, exe)));
    }
    Ok(())
}

/// The project as it was found, wherever it lies: a clone elsewhere is the same.
fn found(cache: &Cache, project: &Project) -> Option<Question> {
    let root = format!("{:?}", project.root);
    let root = root.trim_matches('"');
    let text = cache.is_kept().then(|| format!("{project:?}"))?;
    // A short one may stand anywhere. What takes its place stands nowhere else: it is escaped in texts.
    let text = if root.len() > 3 { text.replace(root, "\0") } else { text };
    cache.question(&[&format_args!("{text}")])
}

/// Names that mean nothing we know, as problems. Constructors and fields that only their type tells apart link nothing: they
/// are counted, in one note.
fn unresolved(project: &Project, graph: &Graph, facts: &[Option<Arc<FileFacts>>]) -> Vec<Problem> {
    let places = Places { project, facts };
    let problem = |name: &Unresolved| {
        let place = places.place(name.file, name.span.start);
        let unit = project.unit(name.unit).name;
        let message = format!("`{}` in {unit}: {}", name.path, reason(name.reason));
        Problem::new(Severity::Warning, Code::Unresolved, message).at(place.file, place.at)
    };
    let (typed, others): (Vec<&Unresolved>, Vec<&Unresolved>) =
        graph.unresolved.iter().partition(|name| name.reason == "type-directed");
    let mut problems: Vec<Problem> = others.into_iter().map(problem).collect();
    if !typed.is_empty() {
        let message = format!(
            "{} found by the type that is expected, which is not known here; they link nothing",
            count(typed.len(), "constructor or field")
        );
        problems.push(Problem::new(Severity::Note, Code::Unresolved, message));
    }
    problems
}

/// Why a name is not resolved, for people.
fn reason(word: &'static str) -> &'static str {
    match word {
        "unbound" => "nothing of that name is in scope; its library may be missing",
        "unreadable" => "its module's source cannot be read",
        "no-interface" => "its module has neither source nor interface here",
        "functor-result" => "it comes from a functor whose result is not known",
        "abstract-module-type" => "it comes from a module whose type is abstract",
        "untyped-module" => "it comes from a module whose type is not written",
        "extension" => "it stands in an extension node whose rewriter may give it another meaning",
        "unknown-rewriter" => "a rewriter that is not known here may add code",
        "cycle" => "its module refers to itself",
        other => other,
    }
}

/// What units and definitions cost.
pub(super) struct Prices {
    pub(super) costs: Costs,
    pub(super) weights: Weights,
    sizes: Sizes,
    objects: Objects,
    known: KnownSides,
}

/// The units that some program links, and those that were resolved.
fn reached(project: &Project, graph: &Graph, links: &LinkTable) -> IdSet<UnitId> {
    let is_resolved = |unit: &UnitId| graph.unit_defs(*unit).next().is_some();
    let mut reached: IdSet<UnitId> = (0..project.units.len()).map(UnitId::new).filter(is_resolved).collect();
    for program in &project.programs {
        reached.extend(link(&LinkInput::of_program(project, program), links).units);
    }
    reached
}

/// Measures and estimates units.
fn price(
    project: &Project,
    graph: &Graph,
    facts: &[Option<Arc<FileFacts>>],
    cache: &Cache,
    is_priced: impl Fn(UnitId) -> bool + Sync,
    profile: Profile,
    model: &Model,
) -> (Prices, Vec<Problem>) {
    let (mut objects, mut problems) = load_objects_of(project, cache, is_priced);
    if profile == Profile::Static {
        problems.extend(objects.load_system());
    }
    let facts_of = |file: FileId| facts.get(file.idx()).and_then(Option::as_deref);
    let mut sizes = compute_with(project, graph, facts_of, &objects, profile, model);
    if profile == Profile::Bytecode {
        sizes = bytecode_sizes(project, &sizes, load_bytecode(project));
    }
    (Prices::new(sizes, objects), problems)
}

impl Prices {
    fn new(sizes: Sizes, objects: Objects) -> Prices {
        let bytes_of = |figure: &Option<UnitFigure>| figure.map_or(Bytes::default(), |figure| figure.bytes());
        let costs = Costs {
            profile: sizes.profile,
            units: sizes
                .units
                .iter()
                .map(|figure| (bytes_of(figure), figure.map(|f| f.provenance)))
                .collect(),
            definitions: Vec::new(),
        };
        let weights = Weights {
            unit: sizes.units.iter().map(|figure| bytes_of(figure).alloc()).collect(),
            def: sizes.defs.iter().map(Bytes::alloc).collect(),
            fixed: sizes.units.iter().map(|f| f.map_or(0, |figure| figure.fixed_bytes().alloc())).collect(),
            runtime: 0,
        };
        Prices { costs, weights, sizes, objects, known: KnownSides::default() }
    }
}

/// What is in an executable beside its units.
fn besides(size: &ProgramSize) -> u64 {
    size.stubs + size.runtime
}

/// The whole executable that some units of a program make.
fn program_size(run: &Run, program: &Program, units: &[UnitId]) -> ProgramSize {
    let prices = &run.prices;
    let (sizes, objects) = (&prices.sizes, &prices.objects);
    let size = predict_knowing(&run.project, sizes, objects, units, &program.libraries, &prices.known);
    let deviation = prices.sizes.deviation(&run.project, units.iter().copied());
    ProgramSize {
        alloc: size.alloc,
        low: size.alloc.saturating_sub(deviation),
        high: size.alloc + deviation,
        stripped: size.stripped,
        unstripped: size.unstripped,
        provenance: size.provenance.unwrap_or(Provenance::Estimated),
        units: size.units,
        stubs: size.stubs,
        runtime: size.alloc.saturating_sub(size.units + size.stubs),
    }
}
