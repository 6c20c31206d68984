//! One proposal: applied, built, tested, measured beside what was promised, and taken back.
//!
//! `apply` writes and builds, `compare` measures, `together` puts all that hold one on top of the other.

mod apply;
mod compare;
mod together;

use super::build::{Builder, Measured};
use crate::base::{LibraryId, name};
use crate::cli::failure::Failure;
use crate::cli::ids;
use crate::cli::input::InputArgs;
use crate::cli::pipeline::{Linked, Run};
use crate::project::{LibraryOrigin, Program};
use crate::split::{Patch, Plan, Proposal, ProposalKind, Refusal, Saving, Status};
use apply::Side;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So many programs that were not built with the others are built by themselves, to see what is wrong.
const MAX_ASKED: usize = 24;
/// What is said of the others.
pub(super) const NOT_ASKED: &str = "not built with the others; those above may show why";

/// A workspace in which proposals are tried.
pub(super) struct Bench<'b> {
    pub(super) builder: &'b Builder,
    pub(super) paths: &'b [PathBuf],
    pub(super) input: InputArgs,
    pub(super) with_tests: bool,
    /// Programs that do not build as they are, where others do.
    pub(super) left_out: Vec<LeftOut>,
}

/// A program that cannot tell anything, since it does not build as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LeftOut {
    pub(super) program: String,
    /// What the build said.
    pub(super) message: String,
}

/// A program before anything is changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Baseline {
    pub(super) program: Program,
    pub(super) measured: Measured,
    pub(super) predicted_alloc: u64,
    pub(super) predicted_units: BTreeSet<String>,
    /// What splits of the workspace's libraries could save at best.
    pub(super) reducible: u64,
}

/// How far a proposal got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// There is no patch.
    Patch(String),
    /// It does not build.
    Build(String),
    /// A test fails that passed before.
    Test(String),
    /// It builds, and the tests pass or there are none.
    Done,
}

/// What a proposal did to one program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Comparison {
    pub(super) program: String,
    pub(super) predicted: Saving,
    pub(super) actual: Saving,
    /// Whether the proposal was found for this program; for others it is a by-effect.
    pub(super) is_finder: bool,
    /// Units that are linked and were not expected; known for finders.
    pub(super) extra: Vec<String>,
    /// Units that were expected and are not linked.
    pub(super) missing: Vec<String>,
}

/// One proposal, tried.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Trial {
    pub(super) id: String,
    pub(super) kind: ProposalKind,
    pub(super) plan: Arc<Plan>,
    pub(super) needs_review: bool,
    /// Codes of the risks that ask for review.
    pub(super) reasons: Vec<String>,
    /// What it promises the program that it was found for first.
    pub(super) promised: i64,
    pub(super) stage: Stage,
    /// Whether it holds only with wrappers where it moved interfaces.
    pub(super) is_wrapped: bool,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) time: Duration,
}

impl Trial {
    /// What is known of the proposal now.
    pub(super) fn status(&self) -> Status {
        let saves = self.comparisons.iter().any(|program| program.is_finder && program.actual.alloc > 0);
        match &self.stage {
            Stage::Done if saves => Status::Verified,
            Stage::Patch(_) => Status::NeedsReview,
            _ => Status::Failed,
        }
    }
}

/// All that hold, one on top of the other.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Together {
    pub(super) ids: Vec<String>,
    /// What each program saved in the end.
    pub(super) saved: Vec<Saving>,
}

impl Bench<'_> {
    /// Builds all programs before anything is changed. Those that do not build are left out, unless that is all of them.
    pub(super) fn build_as_it_is(&mut self) -> anyhow::Result<()> {
        let run = self.audit()?;
        let programs = &run.project.programs;
        let start = Instant::now();
        if let Err(error) = self.builder.build(programs.iter()) {
            // Programs of plain files are not asked for by name. What took too long together is not begun again one by one.
            let may_leave_out =
                programs.len() > 1 && self.builder.findlib.is_none() && start.elapsed() < self.builder.limit;
            if !(may_leave_out && self.leave_out(programs)) {
                return Err(Failure::error(
                    format!("the project does not build as it is: {error}"),
                    "make it build with dune first; `--keep DIR` leaves the copy to look at",
                ));
            }
        }
        if self.with_tests && self.builder.test().is_err() {
            // What fails before cannot tell anything after.
            self.with_tests = false;
        }
        Ok(())
    }

    /// Leaves the programs out that do not build. Says whether there are others.
    fn leave_out(&mut self, programs: &[Program]) -> bool {
        // The build does not begin where it does not know one of its targets: a program that is JavaScript alone, say.
        let mut known: Vec<&Program> = programs.iter().collect();
        while !known.is_empty()
            && let Err(message) = self.builder.build(known.iter().copied())
        {
            let is_unknown = |program: &&Program| self.builder.is_unknown(program, &message);
            let Some(at) = known.iter().position(is_unknown) else { break };
            self.left_out.push(LeftOut { program: known.remove(at).name.clone(), message });
        }
        // It goes on behind what fails.
        let (built, broken): (Vec<&Program>, Vec<&Program>) =
            known.iter().partition(|program| self.builder.has_built(program));
        let is_sound = !built.is_empty() && self.builder.build(built.iter().copied()).is_ok();
        let (mut sound, asked, rest) = match is_sound {
            true => {
                // From all over the workspace: neighbours fail for one reason.
                let step = broken.len().div_ceil(MAX_ASKED).max(1);
                let (asked, rest): (Vec<_>, Vec<_>) =
                    broken.into_iter().enumerate().partition(|(nth, _)| nth % step == 0);
                let programs = |list: Vec<(usize, _)>| list.into_iter().map(|(_, program)| program).collect();
                (built, programs(asked), programs(rest))
            }
            false => (Vec::new(), known, Vec::new()),
        };
        for program in asked {
            match self.builder.build(std::iter::once(program)) {
                Ok(()) => sound.push(program),
                Err(message) => self.left_out.push(LeftOut { program: program.name.clone(), message }),
            }
        }
        let unasked = rest
            .iter()
            .map(|program| LeftOut { program: program.name.clone(), message: NOT_ASKED.to_owned() });
        self.left_out.extend(unasked);
        self.input.exes = sound.into_iter().map(|program| program.name.clone()).collect();
        self.input.exes.sort();
        !self.input.exes.is_empty()
    }

    /// Reads the workspace as it is now.
    pub(super) fn audit(&self) -> anyhow::Result<Run> {
        Run::new(self.paths, &self.input)
    }

    /// Measures all programs.
    pub(super) fn baselines(&self, run: &Run, programs: &[Linked<'_>]) -> anyhow::Result<Vec<Baseline>> {
        let baseline = |program: &Linked<'_>| {
            let measured = self.builder.measure(program.program);
            let mut measured = measured.map_err(|error| Failure::error(error, "please report this"))?;
            measured.units = known(run, measured.units);
            Ok(Baseline {
                program: program.program.clone(),
                measured,
                predicted_alloc: program.size.alloc,
                predicted_units: names(run, program),
                reducible: self.reducible(run, program),
            })
        };
        programs.iter().map(baseline).collect()
    }

    /// Tries each proposal asked for, or all that have a patch.
    pub(super) fn trials(
        &self,
        run: &Run,
        programs: &[Linked<'_>],
        baselines: &[Baseline],
        ids: &[String],
        say: impl Fn(&str),
    ) -> anyhow::Result<Vec<Trial>> {
        let mut wanted: Vec<&Proposal> = Vec::new();
        let found = |id: &String| ids::find(programs, id).ok_or_else(|| self.unknown(id));
        let asked = ids.iter().map(found).collect::<anyhow::Result<Vec<&Proposal>>>()?;
        let all = programs.iter().flat_map(|program| &program.proposals.proposals);
        for proposal in all {
            let is_usual = !proposal.kind.is_by_hand() && self.is_changeable(run, proposal);
            let is_meant = |asked: &&Proposal| asked.id == proposal.id;
            let is_asked = if ids.is_empty() { is_usual } else { asked.iter().any(is_meant) };
            let is_there = wanted.iter().any(|other| other.id == proposal.id && other.plan == proposal.plan);
            if is_asked && !is_there {
                wanted.push(proposal);
            }
        }
        // What the build makes of a grammar that was changed and changed back is not what was read.
        let patches: Vec<_> = wanted.iter().map(|proposal| run.patch(proposal)).collect();
        let trial = |(proposal, patch): (&Proposal, _)| {
            say(&proposal.id);
            self.trial(run, programs, baselines, proposal, patch)
        };
        wanted.into_iter().zip(patches).map(trial).collect()
    }

    /// Says that nobody proposes this here, and who may have.
    fn unknown(&self, id: &str) -> anyhow::Error {
        let Some(first) = self.left_out.first() else {
            let help = "run `unlith audit` to see which there are";
            return Failure::error(format!("there is no proposal `{id}`"), help);
        };
        let said = first.message.lines().find(|line| line.contains("rror")).unwrap_or(&first.message);
        let n = self.left_out.len();
        let others = match n {
            1 => "1 program does not build as it is".to_owned(),
            n => format!("{n} programs do not build as they are"),
        };
        Failure::error(
            format!("there is no proposal `{id}` for the programs that build: {others}"),
            format!("make {} build with dune first: {}", first.program, said.trim()),
        )
    }

    fn trial(
        &self,
        run: &Run,
        programs: &[Linked<'_>],
        baselines: &[Baseline],
        proposal: &Proposal,
        patch: Result<Patch, Refusal>,
    ) -> anyhow::Result<Trial> {
        let start = Instant::now();
        let mut trial = Trial {
            id: proposal.id.clone(),
            kind: proposal.kind,
            plan: proposal.plan.clone(),
            needs_review: proposal.status == Status::NeedsReview,
            reasons: Vec::new(),
            promised: proposal.saved.alloc,
            stage: Stage::Done,
            is_wrapped: false,
            comparisons: Vec::new(),
            time: Duration::ZERO,
        };
        let mut reasons: BTreeSet<String> = BTreeSet::new();
        reasons.extend(
            proposal.risks.iter().filter(|risk| risk.needs_review()).map(|risk| risk.code.to_owned()),
        );
        match patch {
            Err(refusal) => trial.stage = Stage::Patch(format!("{}: {}", refusal.0.code, refusal.0.message)),
            Ok(patch) => {
                reasons.extend(
                    patch.risks.iter().filter(|risk| risk.needs_review()).map(|risk| risk.code.to_owned()),
                );
                trial.needs_review |= !reasons.is_empty();
                let tried = self.apply(run, baselines, proposal, patch)?;
                trial.stage = tried.stage;
                trial.is_wrapped = tried.wrapped.is_some();
                if trial.stage == Stage::Done {
                    let wrapped = tried.wrapped.as_ref();
                    match self.compare(run, programs, baselines, proposal, wrapped) {
                        Ok(comparisons) => trial.comparisons = comparisons,
                        Err(error) => trial.stage = Stage::Build(error),
                    }
                }
                self.write(&tried.patch, Side::Before)?;
            }
        }
        trial.reasons = reasons.into_iter().collect();
        trial.time = start.elapsed();
        Ok(trial)
    }

    /// Whether the files that a proposal changes are the user's.
    fn is_changeable(&self, run: &Run, proposal: &Proposal) -> bool {
        proposal.library.is_none_or(|library| self.is_ours(run, library))
    }

    /// Whether a library lies in the copy.
    fn is_ours(&self, run: &Run, library: LibraryId) -> bool {
        let library = run.project.library(library);
        let is_ours = matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program);
        is_ours || self.builder.findlib.is_some() && library.dir.starts_with(&self.builder.root)
    }
}

fn names(run: &Run, program: &Linked<'_>) -> BTreeSet<String> {
    program.linked.units.iter().map(|&unit| run.project.unit(unit).name.to_string()).collect()
}

/// The units of an executable as the project knows them: what is inside a pack is the pack.
fn known(run: &Run, units: BTreeSet<String>) -> BTreeSet<String> {
    let owners = run.project.owners_of_parts();
    let owner =
        |unit: String| owners.get(&name(&unit)).map_or(unit, |&pack| run.project.unit(pack).name.to_string());
    units.into_iter().map(owner).collect()
}
