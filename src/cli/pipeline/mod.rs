//! Runs the stages in order and keeps what they return, with the time of each.
//!
//! * `load`: the project that the arguments name; `unresolved`: names that mean nothing, as problems;
//! * `prices`: what units and definitions cost, and the executables that units make;
//! * `programs`: programs linked, with what to change; `told`: the same as reports read it;
//! * `lent`: what a server has worked out, as a run.

mod lent;
mod load;
mod prices;
mod programs;
mod told;
mod unresolved;

pub(crate) use lent::Lent;
pub(super) use programs::Linked;

use super::Outcome;
use super::config;
use super::input::InputArgs;
use super::output;
use super::progress::Progress;
use crate::base::{IdSet, Idx, LibraryId, Problem, UnitId};
use crate::cache::{Answer, Cache, Question};
use crate::graph::{Graph, Wanted, analyse_from};
use crate::link::LinkTable;
use crate::parse::FileFacts;
use crate::project::{self, Project};
use crate::report::Places;
use crate::resolve::CachedDisk;
use crate::size::{KnownSides, Model, Profile};
use load::load;
use prices::{Prices, price, reached};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
        let found = load::found(&cache, &project);
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
        problems.extend(unresolved::problems(&project, &graph, &facts, |_| true));
        problems.extend(unresolved::unknown_code(&project, &graph, args.archives(), |_| true));
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

    /// From now on, audits list definitions with their bytes.
    pub(super) fn list_definitions(&mut self) {
        self.prices.costs.definitions.clone_from(&self.prices.weights.def);
    }

    /// Reads what static executables have inside of the system.
    pub(super) fn load_system(&mut self) {
        self.prices.known = KnownSides::default();
        self.problems.extend(self.prices.objects.load_system());
    }

    /// Places of offsets.
    pub(super) fn places(&self) -> Places<'_> {
        Places { project: &self.project, facts: &self.facts }
    }

    /// How the command ends: a program that lacks a library is not the one asked for.
    pub(super) fn outcome(&self) -> Outcome {
        if self.problems.iter().any(output::is_serious) { Outcome::Incomplete } else { Outcome::Done }
    }
}
