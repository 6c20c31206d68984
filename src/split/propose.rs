//! From programs to proposals: finds, prices, and keeps what is worth having.
//!
//! For each program: drafts for every linked unit whose waste exceeds the threshold (no split of one unit can win more than
//! its waste), each priced by linking again, on this program and on the others.

use super::draft::Draft;
use super::effects::Effects;
use super::linking::Line;
use super::model::{CurvePoint, Evidence, Proposal, ProposalKind, Proposals, Saving, Status};
use super::outline::Outline;
use super::plan::{Clients, LinkChange, Plan};
use super::price::{Effect, State, price, saving};
use super::rows::Rows;
use super::world::{Tree, World};
use super::{
    cut, cut_effect, extract, facade, joint, linkall, no_alias, own_modules, partition, risks, unpack,
};
use crate::base::{IdSet, Idx, ProgramId, UnitId};
use crate::graph::{Def, DefKind, Edge};
use crate::link::{LinkInput, LinkedSet, Live, Waste};
use crate::project::{LibraryOrigin, Program};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

/// What the stages before say of one program.
#[derive(Clone, Copy, Debug)]
pub struct ProgramParts<'a> {
    /// The program.
    pub program: &'a Program,
    /// The linker's command line.
    pub input: &'a LinkInput,
    /// What the linker keeps.
    pub linked: &'a LinkedSet,
    /// What own code reaches.
    pub live: &'a Live,
    /// Waste of each linked unit.
    pub waste: &'a Waste,
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
        let drafts = finder.drafts();
        drafts.into_par_iter().enumerate().map(|(at, drafts)| finder.proposals(at, drafts)).collect()
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
    let state = |program: &ProgramParts<'_>| {
        let state = State::of(&world, program.input);
        let besides = world.besides(&state.linked, program.program);
        (state, besides)
    };
    let (states, besides): (Vec<State>, Vec<u64>) = programs.par_iter().map(state).unzip();
    let lines: Vec<Line<'_>> = programs.iter().map(|program| Line::new(&world, program.input)).collect();
    ask(&Finder {
        tree,
        world: &world,
        effects: &effects,
        programs,
        states: &states,
        besides: &besides,
        lines: &lines,
        known: KnownSavings::default(),
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
    with_finder(tree, programs, options, |finder| {
        (0..programs.len()).into_par_iter().map(|at| finder.proposals_for(at, units)).collect()
    })
}

pub(super) struct Finder<'f, 'a> {
    pub(super) tree: Tree<'a>,
    pub(super) world: &'f World<'a>,
    pub(super) effects: &'f Effects<'a>,
    pub(super) programs: &'f [ProgramParts<'f>],
    pub(super) states: &'f [State],
    /// Bytes of each program besides its units, as things are.
    pub(super) besides: &'f [u64],
    /// The programs, ready to be asked what a plan leaves of them.
    pub(super) lines: &'f [Line<'f>],
    known: KnownSavings,
    pub(super) options: &'f Options,
}

/// What plans save in each program, by what they are called: several programs propose the same.
type KnownSavings = Mutex<FxHashMap<String, Vec<(Plan, Arc<OnceLock<Vec<Saving>>>)>>>;

impl Finder<'_, '_> {
    fn proposals(&self, at: usize, drafts: Vec<Draft>) -> Proposals {
        let input = self.programs[at].input;
        let line = &self.lines[at];
        let drafts: Vec<(Draft, i64)> = drafts
            .into_par_iter()
            .map(|draft| {
                let mut changed = self.world.clone();
                changed.apply(&draft.plan);
                let saved = self.states[at].alloc as i64 - line.alloc(&changed) as i64;
                (draft, saved)
            })
            .collect();
        let choice = joint::choose(self.world, &drafts, &[input], self.options.min_saving);
        let ids: Vec<String> = choice.chosen.iter().map(|&i| drafts[i].0.id.clone()).collect();
        // What is worth something only with others is shown with them.
        let is_worth_it =
            |i: usize, saved: i64| saved >= self.options.min_saving as i64 || choice.chosen.contains(&i);
        let mut proposals: Vec<Proposal> = drafts
            .into_par_iter()
            .enumerate()
            .filter(|(i, (_, saved))| is_worth_it(*i, *saved))
            .map(|(_, (draft, _))| self.priced(at, draft))
            .collect();
        self.drop_second_best(&mut proposals);
        rank(&mut proposals);
        let chosen: Vec<&Proposal> =
            ids.iter().filter_map(|id| proposals.iter().find(|proposal| proposal.id == *id)).collect();
        let curve = if proposals.is_empty() { Vec::new() } else { self.curve(at, &chosen) };
        Proposals { proposals, curve }
    }

    /// Nobody goes around a facade that is theirs to unseal, as long as nothing speaks against that which does not speak
    /// against going around it, too.
    fn drop_second_best(&self, proposals: &mut Vec<Proposal>) {
        let project = self.tree.project;
        let is_ours = |proposal: &Proposal| {
            let origin = proposal.library.map(|library| project.library(library).origin);
            matches!(origin, Some(LibraryOrigin::Workspace | LibraryOrigin::Program))
        };
        let reasons = |proposal: &Proposal| -> BTreeSet<&'static str> {
            proposal.risks.iter().filter(|risk| risk.needs_review()).map(|risk| risk.code).collect()
        };
        let unsealed: Vec<(Option<UnitId>, BTreeSet<&'static str>)> = proposals
            .iter()
            .filter(|proposal| proposal.kind == ProposalKind::UnsealFacade && is_ours(proposal))
            .map(|proposal| (proposal.unit, reasons(proposal)))
            .collect();
        proposals.retain(|proposal| {
            let is_second = proposal.kind == ProposalKind::BypassFacade;
            let own = reasons(proposal);
            !(is_second
                && unsealed.iter().any(|(unit, reasons)| *unit == proposal.unit && reasons.is_subset(&own)))
        });
    }

    /// Bytes of the program after each of some changes.
    fn curve(&self, at: usize, chosen: &[&Proposal]) -> Vec<CurvePoint> {
        let parts = &self.programs[at];
        let mut world = self.world.clone();
        let mut ids = Vec::new();
        let alloc =
            |world: &World<'_>, state: &State| state.alloc + world.besides(&state.linked, parts.program);
        let mut curve =
            vec![CurvePoint { proposals: Vec::new(), alloc: self.states[at].alloc + self.besides[at] }];
        for proposal in chosen {
            world.apply(&proposal.plan);
            ids.push(proposal.id.clone());
            let state = State::of(&world, parts.input);
            curve.push(CurvePoint { proposals: ids.clone(), alloc: alloc(&world, &state) });
        }
        curve
    }

    /// Prices a plan for one program, C code included.
    pub(super) fn whole_price(&self, at: usize, plan: &Plan) -> (World<'_>, Effect) {
        let (changed, mut effect) = price(self.world, &self.states[at], plan, &self.lines[at]);
        let before = self.besides[at];
        let after = self.besides_of(at, &changed, in_order(&self.states[at].linked, &effect.after));
        effect.saved.add_besides(before as i64 - after as i64);
        (changed, effect)
    }

    /// What could be done for each program. A unit is taken apart once, for all programs that it is a waste in.
    fn drafts(&self) -> Vec<Vec<Draft>> {
        let mut drafts: Vec<Vec<Draft>> =
            (0..self.programs.len()).into_par_iter().map(|at| self.link_drafts(at)).collect();
        let mut wasted: BTreeMap<UnitId, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, parts) in self.programs.iter().enumerate() {
            let waste = &parts.waste.waste_bytes;
            for (nth, &unit) in parts.linked.units.iter().enumerate() {
                let is_wasteful = waste.get(nth).is_some_and(|&waste| waste >= self.options.min_saving);
                if is_wasteful || !self.tree.project.unit(unit).packed.is_empty() {
                    wasted.entry(unit).or_default().push((at, nth));
                }
            }
        }
        let wasted: Vec<(UnitId, Vec<(usize, usize)>)> = wasted.into_iter().collect();
        let of_unit = |(unit, places): (UnitId, Vec<(usize, usize)>)| {
            let programs: Vec<usize> = places.iter().map(|&(at, _)| at).collect();
            places.into_iter().zip(self.unit_drafts(&programs, unit)).collect::<Vec<_>>()
        };
        let mut of_units: Vec<((usize, usize), Vec<Draft>)> =
            wasted.into_par_iter().flat_map_iter(of_unit).collect();
        of_units.sort_by_key(|&(place, _)| place);
        for ((at, _), of_unit) in of_units {
            drafts[at].extend(of_unit);
        }
        drafts
    }

    /// What could be done about the link of a program, and about references and effects wherever they are.
    fn link_drafts(&self, at: usize) -> Vec<Draft> {
        let parts = &self.programs[at];
        let mut drafts = linkall::drafts(self.tree, parts.program, parts.linked);
        drafts.extend(own_modules::draft(self.tree, parts.program, &parts.input.own, self.effects));
        drafts.extend(cut::drafts(
            self.world,
            parts.input,
            parts.linked,
            parts.live,
            self.options.min_saving,
        ));
        drafts.extend(cut_effect::drafts(self.tree, parts.linked, self.effects));
        drafts
    }

    /// What could be done about one unit, for each of some programs that link it.
    fn unit_drafts(&self, programs: &[usize], unit: UnitId) -> Vec<Vec<Draft>> {
        let is_own = |at: usize| self.programs[at].input.own.contains(&unit);
        // Nothing is gained inside a pack as long as it is one.
        if self.tree.project.unit(unit).pack.is_some() || programs.iter().all(|&at| is_own(at)) {
            return vec![Vec::new(); programs.len()];
        }
        let mut drafts = Vec::new();
        let mut outline = None;
        if let Some(draft) = unpack::draft(self.tree, unit) {
            drafts.push(draft);
        } else {
            let unseal = facade::unseal(self.tree, unit);
            let is_facade = unseal.is_some();
            drafts.extend(unseal);
            drafts.extend(facade::bypass(self.tree, unit));
            drafts.extend(no_alias::draft(self.tree, unit));
            let origin = self.tree.project.library(self.tree.project.unit(unit).library).origin;
            // Nobody can change the standard library, and what a program uses of it is rarely a choice.
            if origin != LibraryOrigin::Stdlib && !is_facade {
                outline = Outline::new(self.tree, unit, self.effects);
            }
        }
        if let Some(outline) = &outline {
            drafts.extend(extract::draft(outline, self.effects, self.options.min_saving));
        }
        let for_program = |&at: &usize| {
            if is_own(at) {
                return Vec::new();
            }
            let partition = outline.as_ref().and_then(|outline| {
                partition::draft(outline, self.effects, self.world, self.programs[at].linked)
            });
            drafts.iter().cloned().chain(partition).collect()
        };
        programs.iter().map(for_program).collect()
    }

    /// What can be proposed for some units of a program, each change by itself.
    fn proposals_for(&self, at: usize, units: &[UnitId]) -> Vec<Proposal> {
        let parts = &self.programs[at];
        let linked = units.iter().copied().filter(|&unit| parts.linked.contains(unit));
        let mut drafts: Vec<Draft> =
            linked.clone().flat_map(|unit| self.unit_drafts(&[at], unit)).flatten().collect();
        drafts.extend(linked.clone().filter_map(|unit| cut_effect::draft(self.tree, unit, self.effects)));
        let own = &parts.input.own;
        if linked.clone().any(|unit| own.contains(&unit)) {
            drafts.extend(own_modules::draft(self.tree, parts.program, own, self.effects));
        }
        let priced = drafts.into_par_iter().filter_map(|draft| {
            let (_, effect) = price(self.world, &self.states[at], &draft.plan, &self.lines[at]);
            (effect.saved.alloc >= self.options.min_saving as i64).then(|| self.priced(at, draft))
        });
        let mut proposals: Vec<Proposal> = priced.collect();
        self.drop_second_best(&mut proposals);
        rank(&mut proposals);
        proposals
    }

    pub(super) fn priced(&self, at: usize, draft: Draft) -> Proposal {
        let parts = &self.programs[at];
        let (changed, effect) = self.whole_price(at, &draft.plan);
        let others = self.others(at, &draft, &changed);
        self.proposal(parts, draft, effect, &changed, others)
    }

    /// What the same change does to the other programs.
    fn others(&self, at: usize, draft: &Draft, changed: &World<'_>) -> Vec<(ProgramId, Saving)> {
        if self.programs.len() < 2 {
            return Vec::new();
        }
        let known = {
            let mut known = self.known.lock().expect("no thread panics with the lock held");
            let plans = known.entry(draft.id.clone()).or_default();
            match plans.iter().find(|(plan, _)| *plan == draft.plan) {
                Some((_, savings)) => savings.clone(),
                None => {
                    plans.push((draft.plan.clone(), Arc::default()));
                    plans[plans.len() - 1].1.clone()
                }
            }
        };
        let saved = |i: usize| match self.may_change(i, &draft.plan) {
            true => self.saved(i, changed),
            false => Saving::default(),
        };
        let savings = known.get_or_init(|| (0..self.programs.len()).map(saved).collect());
        let is_other = |&(i, saved): &(usize, &Saving)| i != at && saved.alloc != 0;
        let id = |(i, saved): (usize, &Saving)| {
            let name = &self.programs[i].program.name;
            let id = self.tree.project.programs.iter().position(|program| program.name == *name)?;
            Some((ProgramId::new(id), *saved))
        };
        savings.iter().enumerate().filter(is_other).filter_map(id).collect()
    }

    /// What a program saves in a world, C code included: what [`Finder::whole_price`] says, without a whole link.
    pub(super) fn saved(&self, at: usize, changed: &World<'_>) -> Saving {
        let before = &self.states[at].linked;
        let kept = self.lines[at].kept(changed);
        let (mut saved, _) = saving(self.world, before, changed, &kept);
        let besides = self.besides_of(at, changed, in_order(before, &kept));
        saved.add_besides(self.besides[at] as i64 - besides as i64);
        saved
    }

    /// What is in a program besides some units of a world.
    fn besides_of(&self, at: usize, changed: &World<'_>, linked: impl Iterator<Item = UnitId>) -> u64 {
        let before = &self.states[at].linked;
        let units = changed.with_objects(linked);
        let is_same = units.len() == before.units.len() && units.iter().all(|&unit| before.contains(unit));
        if is_same { self.besides[at] } else { changed.besides_of(&units, self.programs[at].program) }
    }

    /// Whether a plan may change what is linked of a program. Code that is not linked changes nothing: whoever refers to it is not
    /// linked either.
    fn may_change(&self, at: usize, plan: &Plan) -> bool {
        let linked = &self.states[at].linked;
        let graph = self.tree.graph;
        let mut cut = plan.cut.iter().map(|&edge| graph.def(graph.edges[edge as usize].from).unit);
        plan.link != LinkChange::default()
            || !linked.missing.is_empty()
            || plan.unit.is_some_and(|unit| linked.contains(unit))
            || cut.any(|unit| linked.contains(unit))
    }

    fn proposal(
        &self,
        parts: &ProgramParts<'_>,
        draft: Draft,
        effect: Effect,
        changed: &World<'_>,
        others: Vec<(ProgramId, Saving)>,
    ) -> Proposal {
        let tree = self.tree;
        let mut all_risks = draft.risks;
        let users: Vec<UnitId> = draft.unit.map(|unit| self.linked_users(parts, unit)).unwrap_or_default();
        if let Some(unit) = draft.unit {
            if !draft.plan.aliases.is_empty() && draft.plan.clients == Clients::Unchanged
                || !draft.plan.parts.is_empty()
            {
                all_risks.extend(risks::of_unit(tree, unit));
                all_risks.extend(risks::module_type_of(tree, &users, unit));
            }
            all_risks.extend(risks::printed_names(tree, &draft.plan));
        }
        all_risks.extend(risks::of_dropped(tree, self.effects, &effect.dropped, |def| {
            effect.after.contains(changed.holder(def))
        }));
        let client_edits = if draft.plan.clients == Clients::Rewritten { users.len() as u32 } else { 0 };
        if client_edits > 0 {
            all_risks.extend(self.foreign_clients(&users));
        }
        all_risks.dedup();
        let needs_review = all_risks.iter().any(super::Risk::needs_review);
        let counted =
            |unit: UnitId| tree.graph.unit_defs(unit).filter(|&def| is_counted(tree.graph.def(def)));
        let changed_units = draft.unit.map_or(Vec::new(), |unit| match tree.project.members(unit) {
            members if members.is_empty() => vec![unit],
            members => members,
        });
        let counted: Vec<_> = changed_units.into_iter().flat_map(counted).collect();
        let used = counted.iter().copied().filter(|&def| parts.live.contains(def)).collect();
        Proposal {
            id: draft.id,
            kind: draft.kind,
            unit: draft.unit,
            library: draft.library,
            summary: draft.summary,
            saved: effect.saved,
            provenance: effect.provenance,
            units_added: effect.added.iter().map(|&unit| changed.unit_name(unit).to_owned()).collect(),
            units_dropped: effect.dropped,
            edits: draft.edits,
            client_edits,
            evidence: self.evidence(parts, draft.unit, &draft.plan.cut),
            used,
            n_defs: counted.len() as u32,
            risks: all_risks,
            status: if needs_review { Status::NeedsReview } else { Status::Proposed },
            others,
            plan: draft.plan,
        }
    }

    /// The linked units that record a unit, in link order.
    fn linked_users(&self, parts: &ProgramParts<'_>, unit: UnitId) -> Vec<UnitId> {
        let users = parts.linked.units.iter().copied();
        users.filter(|&user| user != unit && self.world.used(user).contains(&unit)).collect()
    }

    /// Clients that are not the user's to edit.
    fn foreign_clients(&self, users: &[UnitId]) -> Vec<super::Risk> {
        let project = self.tree.project;
        let mut libraries: Vec<_> = users.iter().map(|&user| project.unit(user).library).collect();
        libraries.sort_unstable();
        libraries.dedup();
        let is_foreign = |library: &crate::base::LibraryId| {
            matches!(project.library(*library).origin, LibraryOrigin::Installed | LibraryOrigin::Stdlib)
        };
        libraries.into_iter().filter(is_foreign).map(|library| risks::upstream(self.tree, library)).collect()
    }

    /// The references that are to be cut, or else those that link the unit: those of live definitions first, then those of
    /// dead ones; in order of source.
    fn evidence(&self, parts: &ProgramParts<'_>, unit: Option<UnitId>, cut: &[u32]) -> Vec<Evidence> {
        let graph = self.tree.graph;
        let mut edges: Vec<&Edge> = cut.iter().map(|&edge| &graph.edges[edge as usize]).collect();
        if let Some(unit) = unit.filter(|_| cut.is_empty()) {
            let project = self.tree.project;
            let is_outside = |edge: &&Edge| project.unit(graph.def(edge.from).unit).pack != Some(unit);
            for used in project.members(unit).into_iter().chain([unit]) {
                let references = self.world.references(used, parts.linked).map(|(_, edge)| edge);
                edges.extend(references.filter(is_outside));
            }
        }
        let mut found: Vec<(bool, Evidence)> =
            edges.into_iter().map(|edge| (!parts.live.contains(edge.from), self.reference(edge))).collect();
        // Own units come last in link order, and matter first.
        found.sort_by_key(|(is_dead, evidence)| {
            (*is_dead, !parts.input.own.contains(&evidence.from), evidence.file, evidence.at)
        });
        found.dedup_by(|a, b| a.1 == b.1);
        found.into_iter().take(self.options.max_evidence).map(|(_, evidence)| evidence).collect()
    }

    fn reference(&self, edge: &Edge) -> Evidence {
        let tree = self.tree;
        let from = tree.graph.def(edge.from);
        let at = tree.facts(from.file).map(|facts| facts.line_col(edge.span.start));
        let dot = if edge.target.path.is_empty() { "" } else { "." };
        let refers_to = format!("{}{dot}{}", tree.unit_name(edge.target.unit), edge.target.path);
        Evidence { from: from.unit, refers_to, file: Some(from.file), at }
    }
}

/// The units of a program in some world: first those that stay, in link order.
fn in_order<'u>(before: &'u LinkedSet, after: &'u IdSet<UnitId>) -> impl Iterator<Item = UnitId> + 'u {
    let stays = before.units.iter().copied().filter(|&unit| after.contains(unit));
    stays.chain(after.iter().filter(|&unit| !before.contains(unit)))
}

/// Whether a definition is counted: something that costs bytes or runs code.
fn is_counted(def: &Def) -> bool {
    !matches!(def.kind, DefKind::Type | DefKind::ModuleType)
}

/// Sorts proposals: those that save most first, ties by id; going around a facade comes behind unsealing it.
fn rank(proposals: &mut [Proposal]) {
    let unsealed: Vec<(Option<UnitId>, i64)> = proposals
        .iter()
        .filter(|proposal| proposal.kind == ProposalKind::UnsealFacade)
        .map(|proposal| (proposal.unit, proposal.saved.alloc))
        .collect();
    let key = |proposal: &Proposal| {
        let own = proposal.saved.alloc;
        let better = unsealed.iter().find(|(unit, _)| *unit == proposal.unit);
        let is_second = proposal.kind == ProposalKind::BypassFacade && better.is_some();
        let saved = if is_second { own.min(better.map_or(own, |&(_, saved)| saved)) } else { own };
        (std::cmp::Reverse(saved), is_second, proposal.id.clone())
    };
    proposals.sort_by_cached_key(key);
}
