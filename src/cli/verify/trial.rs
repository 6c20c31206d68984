//! One proposal: applied, built, tested, measured beside what was promised, and taken back.

use super::build::{Builder, Measured};
use crate::base::{Idx, LibraryId, ProgramId, UnitId};
use crate::cli::failure::Failure;
use crate::cli::input::InputArgs;
use crate::cli::pipeline::{Linked, Run};
use crate::project::{LibraryOrigin, Program};
use crate::split::{EditAction, FileEdit, Patch, Plan, Proposal, ProposalKind, Saving, Status};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Proposals applied one on top of the other, at most.
const MAX_TOGETHER: usize = 40;

/// A workspace in which proposals are tried.
pub(super) struct Bench<'b> {
    pub(super) builder: &'b Builder,
    pub(super) paths: &'b [PathBuf],
    pub(super) input: &'b InputArgs,
    pub(super) with_tests: bool,
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
    pub(super) fn build_as_it_is(&mut self) -> anyhow::Result<()> {
        let run = self.audit()?;
        let failed = |what: &str, error: String| {
            Failure::error(
                format!("the project {what} as it is: {error}"),
                "make it build with dune first; `--keep DIR` leaves the copy to look at",
            )
        };
        self.builder.build(run.project.programs.iter()).map_err(|error| failed("does not build", error))?;
        if self.with_tests && self.builder.test().is_err() {
            // What fails before cannot tell anything after.
            self.with_tests = false;
        }
        Ok(())
    }

    /// Reads the workspace as it is now.
    pub(super) fn audit(&self) -> anyhow::Result<Run> {
        Run::new(self.paths, self.input)
    }

    /// Measures all programs.
    pub(super) fn baselines(&self, run: &Run, programs: &[Linked<'_>]) -> anyhow::Result<Vec<Baseline>> {
        let baseline = |program: &Linked<'_>| {
            let measured = self.builder.measure(program.program);
            let measured = measured.map_err(|error| Failure::error(error, "please report this"))?;
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
        let mut trials: Vec<Trial> = Vec::new();
        let all = programs.iter().flat_map(|program| &program.proposals.proposals);
        for id in ids {
            if !all.clone().any(|proposal| proposal.id == *id) {
                return Err(Failure::error(
                    format!("there is no proposal `{id}`"),
                    "run `unlith audit` to see which there are",
                ));
            }
        }
        for proposal in all {
            let is_usual = !proposal.kind.is_by_hand() && self.is_changeable(run, proposal);
            let is_asked = if ids.is_empty() { is_usual } else { ids.contains(&proposal.id) };
            let is_tried = trials.iter().any(|trial| trial.id == proposal.id && trial.plan == proposal.plan);
            if is_asked && !is_tried {
                say(&proposal.id);
                trials.push(self.trial(run, programs, baselines, proposal)?);
            }
        }
        Ok(trials)
    }

    fn trial(
        &self,
        run: &Run,
        programs: &[Linked<'_>],
        baselines: &[Baseline],
        proposal: &Proposal,
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
        match run.patch(proposal) {
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
                self.write(&tried.patch, Before)?;
            }
        }
        trial.reasons = reasons.into_iter().collect();
        trial.time = start.elapsed();
        Ok(trial)
    }

    /// Applies a patch and builds it; where an interface that moved does not build, wrappers are tried instead.
    fn apply(
        &self,
        run: &Run,
        baselines: &[Baseline],
        proposal: &Proposal,
        patch: Patch,
    ) -> anyhow::Result<Applied> {
        self.write(&patch, After)?;
        let stage = self.build_and_test(baselines);
        if !matches!(stage, Stage::Build(_)) {
            return Ok(Applied { patch, stage, wrapped: None });
        }
        self.write(&patch, Before)?;
        if let Some((wrapped, second)) = run.wrapped(proposal) {
            self.write(&second, After)?;
            if self.build_and_test(baselines) == Stage::Done {
                return Ok(Applied { patch: second, stage: Stage::Done, wrapped: Some(wrapped) });
            }
            self.write(&second, Before)?;
        }
        self.write(&patch, After)?;
        Ok(Applied { patch, stage, wrapped: None })
    }

    fn build_and_test(&self, baselines: &[Baseline]) -> Stage {
        if let Err(error) = self.builder.build(baselines.iter().map(|baseline| &baseline.program)) {
            return Stage::Build(error);
        }
        match self.with_tests.then(|| self.builder.test()) {
            Some(Err(error)) => Stage::Test(error),
            _ => Stage::Done,
        }
    }

    fn compare(
        &self,
        run: &Run,
        programs: &[Linked<'_>],
        baselines: &[Baseline],
        proposal: &Proposal,
        wrapped: Option<&Proposal>,
    ) -> Result<Vec<Comparison>, String> {
        let mut comparisons = Vec::new();
        // Wrappers have their price.
        let repriced = wrapped.map(|wrapped| run.price_plan(programs, &wrapped.plan));
        for (at, (program, baseline)) in programs.iter().zip(baselines).enumerate() {
            let after = self.builder.measure(program.program)?;
            let own = program
                .proposals
                .proposals
                .iter()
                .find(|other| other.id == proposal.id && other.plan == proposal.plan);
            let repriced = repriced.as_ref().and_then(|repriced| repriced.get(at));
            let predicted = match (repriced, own) {
                (Some(repriced), _) => repriced.saved,
                (None, Some(own)) => own.saved,
                (None, None) => other_saving(run, proposal, program.program),
            };
            let mut comparison = Comparison {
                program: program.program.name.clone(),
                predicted,
                actual: saved(&baseline.measured, &after),
                is_finder: own.is_some(),
                extra: Vec::new(),
                missing: Vec::new(),
            };
            if let Some(own) = own {
                let (dropped, added) = match repriced {
                    Some(repriced) => (&repriced.units_dropped, &repriced.units_added),
                    None => (&own.units_dropped, &own.units_added),
                };
                let dropped: BTreeSet<String> =
                    dropped.iter().map(|&unit| run.project.unit(unit).name.to_string()).collect();
                let mut expected: BTreeSet<String> =
                    baseline.predicted_units.difference(&dropped).cloned().collect();
                expected.extend(added.iter().cloned());
                comparison.extra = after.units.difference(&expected).cloned().collect();
                comparison.missing = expected.difference(&after.units).cloned().collect();
            }
            comparisons.push(comparison);
        }
        Ok(comparisons)
    }

    /// Applies what holds, most bytes of all programs first, each on the workspace as the ones before left it.
    pub(super) fn together(&self, baselines: &[Baseline], trials: &[Trial]) -> anyhow::Result<Together> {
        let mut done = Together::default();
        let mut tried: BTreeSet<String> = BTreeSet::new();
        for trial in trials.iter().filter(|trial| trial.stage != Stage::Done || trial.needs_review) {
            tried.insert(trial.id.clone());
        }
        let build = || self.build_and_test(baselines);
        while done.ids.len() < MAX_TOGETHER {
            if build() != Stage::Done {
                break;
            }
            let run = self.audit()?;
            let mut programs = run.programs()?;
            run.propose(&mut programs);
            let Some(proposal) = self.best(&run, &programs, &tried) else { break };
            tried.insert(proposal.id.clone());
            let Ok(patch) = run.patch(proposal) else { continue };
            if patch.risks.iter().any(crate::split::Risk::needs_review) {
                continue;
            }
            let before = self.total(baselines);
            let tried = self.apply(&run, baselines, proposal, patch)?;
            if tried.stage == Stage::Done && self.total(baselines) < before {
                done.ids.push(proposal.id.clone());
            } else {
                self.write(&tried.patch, Before)?;
            }
        }
        build();
        for baseline in baselines {
            let after = self.builder.measure(&baseline.program);
            done.saved.push(after.map(|after| saved(&baseline.measured, &after)).unwrap_or_default());
        }
        Ok(done)
    }

    /// Bytes above the bound, without those that stay whatever is split: dead code of units that are needed and that nobody here
    /// can change.
    fn reducible(&self, run: &Run, program: &Linked<'_>) -> u64 {
        let stays = |(at, &unit): (usize, &UnitId)| {
            let is_ours = self.is_ours(run, run.project.unit(unit).library);
            let is_program = run.project.unit(unit).library == program.program.own;
            let stays = (!is_ours || is_program) && program.live.touched.contains(unit);
            if stays { program.waste.dead_bytes[at] } else { 0 }
        };
        let fixed: u64 = program.linked.units.iter().enumerate().map(stays).sum();
        program.size.alloc.saturating_sub(program.waste.bound).saturating_sub(fixed)
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

    /// The proposal that saves most, over all programs, among those that need no review and were not tried.
    fn best<'p>(
        &self,
        run: &Run,
        programs: &'p [Linked<'_>],
        tried: &BTreeSet<String>,
    ) -> Option<&'p Proposal> {
        let all = programs.iter().flat_map(|program| &program.proposals.proposals);
        let open = all.filter(|proposal| {
            proposal.status == Status::Proposed
                && !proposal.kind.is_by_hand()
                && self.is_changeable(run, proposal)
                && !tried.contains(&proposal.id)
        });
        let total = |proposal: &&Proposal| {
            proposal.saved.alloc + proposal.others.iter().map(|(_, saving)| saving.alloc).sum::<i64>()
        };
        let best = open.max_by(|a, b| total(a).cmp(&total(b)).then_with(|| b.id.cmp(&a.id)))?;
        (total(&best) > 0).then_some(best)
    }

    /// Allocated bytes of all programs.
    fn total(&self, baselines: &[Baseline]) -> u64 {
        let alloc =
            |baseline: &Baseline| self.builder.measure(&baseline.program).map_or(u64::MAX / 64, |m| m.alloc);
        baselines.iter().map(alloc).sum()
    }

    /// Brings the files of a patch to one side of it. Nothing outside the scratch copy is written.
    fn write(&self, patch: &Patch, side: Side) -> anyhow::Result<()> {
        for edit in &patch.edits {
            let path = std::path::absolute(&edit.path)?;
            if !path.starts_with(&self.builder.root) {
                return Err(Failure::error(
                    format!("`{}` lies outside the workspace", edit.shown.display()),
                    "vendor the library into the workspace, or name the program's .ml files instead",
                ));
            }
            match side(edit) {
                Some(text) => fs::write(&path, text)?,
                None => match fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                },
            }
        }
        Ok(())
    }
}

/// A patch that was applied, and how far it got.
struct Applied {
    patch: Patch,
    stage: Stage,
    /// The proposal that holds instead.
    wrapped: Option<Proposal>,
}

type Side = fn(&FileEdit) -> Option<&str>;

#[allow(non_snake_case, reason = "the two sides of a patch")]
fn After(edit: &FileEdit) -> Option<&str> {
    (edit.action != EditAction::Delete).then_some(edit.new_text.as_str())
}

#[allow(non_snake_case, reason = "the two sides of a patch")]
fn Before(edit: &FileEdit) -> Option<&str> {
    (edit.action != EditAction::Create).then_some(edit.old_text.as_str())
}

fn names(run: &Run, program: &Linked<'_>) -> BTreeSet<String> {
    program.linked.units.iter().map(|&unit| run.project.unit(unit).name.to_string()).collect()
}

/// What was promised to a program for which somebody else's proposal was not found.
fn other_saving(run: &Run, proposal: &Proposal, program: &Program) -> Saving {
    let id = run.project.programs.iter().position(|other| other.name == program.name).map(ProgramId::new);
    proposal
        .others
        .iter()
        .find(|(other, _)| Some(*other) == id)
        .map_or_else(Saving::default, |&(_, saving)| saving)
}

fn saved(before: &Measured, after: &Measured) -> Saving {
    let less = |before: u64, after: u64| before as i64 - after as i64;
    let alloc = less(before.alloc, after.alloc);
    Saving {
        alloc,
        stripped: less(before.stripped, after.stripped),
        unstripped: less(before.unstripped, after.unstripped),
        low: alloc,
        high: alloc,
    }
}
