//! From programs to proposals: finds, prices, and keeps what is worth having.

use super::effects::Effects;
use super::linking::Line;
use super::model::{Proposal, Proposals, Saving};
use super::plan::Plan;
use super::price::State;
use super::prices::Besides;
use super::rows::Rows;
use super::world::{Tree, World};
use crate::base::UnitId;
use crate::link::{LinkInput, LinkedSet, Live, Waste};
use crate::project::Program;
use rayon::prelude::*;
use std::sync::OnceLock;

/// What the stages before say of one program.
#[derive(Clone, Copy, Debug)]
pub struct ProgramParts<'a> {
    /// The program.
    pub program: &'a Program,
    /// The linker's command line.
    pub input: &'a LinkInput,
    /// What the linker keeps.
    pub linked: &'a LinkedSet,
    /// What own code reaches; without it, proposals do not say which references cause them and what of a unit is used.
    pub live: Option<&'a Live>,
    /// Waste of each linked unit; without it, no unit counts as one that is worth a change.
    pub waste: Option<&'a Waste>,
}

/// What is worth proposing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Savings below this many bytes are not proposed. The length of a file moves in pages of 4 kB, so below that nobody
    /// can see a difference.
    pub min_saving: u64,
    /// References listed as evidence of one proposal, at most.
    pub max_evidence: usize,
}

impl Options {
    /// The usual: 4 kB, a hundred references.
    #[must_use]
    pub fn usual() -> Self {
        Options { min_saving: 4096, max_evidence: 100 }
    }
}

/// Returns the proposals for each program, in the order given.
#[must_use]
pub fn propose(tree: Tree<'_>, programs: &[ProgramParts<'_>], options: &Options) -> Vec<Proposals> {
    with_finder(tree, programs, options, |finder| {
        let (drafts, ()) = rayon::join(|| finder.drafts(), || finder.get_ready());
        finder.proposals(&drafts)
    })
}

/// Looks at the programs as things are, and asks.
pub(super) fn with_finder<R>(
    tree: Tree<'_>,
    programs: &[ProgramParts<'_>],
    options: &Options,
    ask: impl FnOnce(&Finder<'_, '_>) -> R,
) -> R {
    let rows = Rows::new(tree.graph);
    let world = World::new(tree, &rows);
    let effects = Effects::new(tree);
    let lines: Vec<Line<'_>> = programs.par_iter().map(|parts| Line::new(&world, parts.input)).collect();
    let states: Vec<State> =
        programs.par_iter().map(|parts| State::new(&world, parts.linked.clone())).collect();
    let besides: Vec<OnceLock<Besides<'_>>> = programs.iter().map(|_| OnceLock::new()).collect();
    ask(&Finder {
        tree,
        world: &world,
        effects: &effects,
        programs,
        states: &states,
        besides: &besides,
        lines: &lines,
        options,
    })
}

/// What a plan does to one program.
#[derive(Clone, PartialEq, Debug)]
pub struct Priced {
    /// What the program saves.
    pub saved: Saving,
    /// Units that leave the program, in link order.
    pub units_dropped: Vec<UnitId>,
    /// Names of the units that come instead.
    pub units_added: Vec<String>,
}

/// Prices a plan for each program, in the order given.
#[must_use]
pub fn price_plan(tree: Tree<'_>, programs: &[ProgramParts<'_>], plan: &Plan) -> Vec<Priced> {
    with_finder(tree, programs, &Options::usual(), |finder| {
        finder.get_ready();
        let priced = |at: usize| {
            let (changed, effect) = finder.whole_price(at, plan);
            Priced {
                saved: effect.saved,
                units_added: effect.added.iter().map(|&unit| changed.unit_name(unit).to_owned()).collect(),
                units_dropped: effect.dropped,
            }
        };
        (0..programs.len()).map(priced).collect()
    })
}

/// Returns, for each program, what can be proposed for some of its units alone: each change by itself, those that save most
/// first. What a unit wastes does not count here.
#[must_use]
pub fn propose_for(
    tree: Tree<'_>,
    programs: &[ProgramParts<'_>],
    options: &Options,
    units: &[UnitId],
) -> Vec<Vec<Proposal>> {
    with_finder(tree, programs, options, |finder| finder.proposals_for(units))
}

/// Programs as things are, to be asked what could be done for them and what it does to them. What takes long is worked out when
/// it is first asked for: one unit may ask little of few programs.
pub(super) struct Finder<'f, 'a> {
    pub(super) tree: Tree<'a>,
    pub(super) world: &'f World<'a>,
    pub(super) effects: &'f Effects<'a>,
    pub(super) programs: &'f [ProgramParts<'f>],
    pub(super) states: &'f [State],
    /// What is in each program besides its units, once somebody has asked.
    besides: &'f [OnceLock<Besides<'f>>],
    /// The programs, ready to be asked what a plan leaves of them.
    pub(super) lines: &'f [Line<'f>],
    pub(super) options: &'f Options,
}

impl<'f> Finder<'f, '_> {
    /// Works out for all programs at once what will be asked of each.
    pub(super) fn get_ready(&self) {
        let held = |at: usize| _ = self.states[at].held(self.world, &self.lines[at]);
        let besides = |at: usize| _ = self.besides(at);
        let programs = (0..self.programs.len()).into_par_iter();
        programs.for_each(|at| _ = rayon::join(|| held(at), || besides(at)));
    }

    /// Returns what is in a program besides its units, as things are, and tells it when some have left.
    pub(super) fn besides(&self, at: usize) -> &Besides<'f> {
        self.besides[at].get_or_init(|| {
            let parts = &self.programs[at];
            self.tree.prices.besides(self.tree.project, &parts.linked.units, &parts.program.libraries)
        })
    }
}
