//! Programs after linking, and what to change for them.

use super::Run;
use super::prices::{Prices, besides, program_size};
use crate::base::UnitId;
use crate::cli::failure::Failure;
use crate::link::{
    LinkInput, LinkedSet, Live, Retained, ThinEdge, Waste, link, live, retained, thin_edges, waste,
};
use crate::project::Program;
use crate::report::schema::ProgramSize;
use crate::resolve::{CachedDisk, Texts};
use crate::split::{self, Proposals};
use rayon::prelude::*;

/// For how many proposals of one program, those that save most, a patch is written before they are shown.
const MAX_TRIED: usize = 50;

/// A link is thin when it names at most this many definitions.
const THIN: u32 = 3;

/// One program after linking.
pub(in crate::cli) struct Linked<'a> {
    pub(in crate::cli) program: &'a Program,
    pub(in crate::cli) input: LinkInput,
    pub(in crate::cli) linked: LinkedSet,
    pub(in crate::cli) live: Live,
    pub(in crate::cli) retained: Retained,
    pub(in crate::cli) waste: Waste,
    pub(in crate::cli) thin: Vec<ThinEdge>,
    pub(in crate::cli) size: ProgramSize,
    pub(in crate::cli) proposals: Proposals,
}

impl Run {
    /// The programs asked for, linked.
    pub(in crate::cli) fn programs(&self) -> anyhow::Result<Vec<Linked<'_>>> {
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
    pub(in crate::cli) fn split_prices(&self) -> split::Prices<'_> {
        let Prices { weights, sizes, objects, known, .. } = &self.prices;
        split::Prices { known: known.clone(), ..split::Prices::of_files(weights, sizes, objects) }
    }

    /// What the stages found, as the search for splits and the patches read it.
    pub(in crate::cli) fn split_tree<'t>(&'t self, prices: &'t split::Prices<'t>) -> split::Tree<'t> {
        split::Tree { project: &self.project, graph: &self.graph, facts: &self.facts, prices }
    }

    /// Finds what to change, for all programs together: a change of one library is weighed in each of them.
    pub(in crate::cli) fn propose(&self, programs: &mut [Linked<'_>]) {
        self.propose_with(programs, &split::Options::usual());
    }

    /// The same with other bars.
    pub(in crate::cli) fn propose_with(&self, programs: &mut [Linked<'_>], options: &split::Options) {
        let prices = self.split_prices();
        let found = split::propose(self.split_tree(&prices), &split_parts(programs), options);
        for (linked, proposals) in programs.iter_mut().zip(found) {
            linked.proposals = proposals;
        }
    }

    /// Writes the patches of the first proposals of each program, as many as are shown, so that each says what it changes, and
    /// one that has no patch says why.
    pub(in crate::cli) fn check_patches(&self, programs: &mut [Linked<'_>], n_shown: usize) {
        self.check_patches_of(programs, n_shown, &CachedDisk(&self.cache));
    }

    /// The same of sources that may not lie on the disk as they are meant.
    pub(in crate::cli) fn check_patches_of(
        &self,
        programs: &mut [Linked<'_>],
        n_shown: usize,
        texts: &dyn Texts,
    ) {
        let prices = self.split_prices();
        let n_tried = n_shown.min(MAX_TRIED);
        let shown =
            programs.iter_mut().flat_map(|linked| linked.proposals.proposals.iter_mut().take(n_tried));
        let mut shown: Vec<&mut split::Proposal> = shown.collect();
        split::check_patches(self.split_tree(&prices), &mut shown, texts);
    }

    /// What a plan does to each program.
    pub(in crate::cli) fn price_plan(
        &self,
        programs: &[Linked<'_>],
        plan: &split::Plan,
    ) -> Vec<split::Priced> {
        let prices = self.split_prices();
        split::price_plan(self.split_tree(&prices), &split_parts(programs), plan)
    }
}

/// What splitting needs to know of programs.
fn split_parts<'p>(programs: &'p [Linked<'_>]) -> Vec<split::ProgramParts<'p>> {
    let parts = programs.iter().map(|linked| split::ProgramParts {
        program: linked.program,
        input: &linked.input,
        linked: &linked.linked,
        live: Some(&linked.live),
        waste: Some(&linked.waste),
    });
    parts.collect()
}
