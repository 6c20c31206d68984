//! What units and definitions cost, and the executables that units make.

use super::Run;
use crate::base::{FileId, IdSet, Idx, Name, Problem, UnitId};
use crate::cache::Cache;
use crate::graph::Graph;
use crate::link::{LinkInput, LinkTable, Weights, link};
use crate::parse::FileFacts;
use crate::project::{Program, Project};
use crate::report::Costs;
use crate::report::schema::ProgramSize;
use crate::size::{
    self, Bytecode, Bytes, KnownSides, LinkMode, Model, Objects, Profile, Provenance, Sizes, UnitFigure,
    bytecode_sizes, compute_with, load_bytecode, load_objects_of, predict, predict_in, predict_knowing,
};
use std::sync::Arc;

/// What units and definitions cost.
pub(in crate::cli) struct Prices {
    pub(in crate::cli) costs: Costs,
    pub(in crate::cli) weights: Weights,
    pub(super) sizes: Sizes,
    pub(super) objects: Objects,
    pub(super) known: KnownSides,
}

/// The units that some program links, and those that were resolved.
pub(super) fn reached(project: &Project, graph: &Graph, links: &LinkTable) -> IdSet<UnitId> {
    let is_resolved = |unit: &UnitId| graph.unit_defs(*unit).next().is_some();
    let mut reached: IdSet<UnitId> = (0..project.units.len()).map(UnitId::new).filter(is_resolved).collect();
    for program in &project.programs {
        reached.extend(link(&LinkInput::of_program(project, program), links).units);
    }
    reached
}

/// Measures and estimates units.
pub(super) fn price(
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
        let (bytecode, of_bytecode) = load_bytecode(project);
        sizes = bytecode_sizes(project, &sizes, bytecode);
        problems.extend(of_bytecode);
    }
    (Prices::new(sizes, objects), problems)
}

impl Prices {
    pub(super) fn new(sizes: Sizes, objects: Objects) -> Prices {
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
pub(super) fn besides(size: &ProgramSize) -> u64 {
    size.stubs + size.runtime
}

/// The whole executable that some units of a program make.
pub(super) fn program_size(run: &Run, program: &Program, units: &[UnitId]) -> ProgramSize {
    let prices = &run.prices;
    let (sizes, objects) = (&prices.sizes, &prices.objects);
    let size = predict_knowing(&run.project, sizes, objects, units, &program.libraries, &prices.known);
    let (below, above) = prices.sizes.deviation(&run.project, units.iter().copied());
    ProgramSize {
        alloc: size.alloc,
        low: size.alloc.saturating_sub(below),
        high: size.alloc + above,
        stripped: size.stripped,
        unstripped: size.unstripped,
        provenance: size.provenance.unwrap_or(Provenance::Estimated),
        units: size.units,
        stubs: size.stubs,
        runtime: size.alloc.saturating_sub(size.units + size.stubs),
    }
}

impl Run {
    /// The executable that some units of a program make when they are linked in a certain way.
    pub(in crate::cli) fn predict(
        &self,
        program: &Program,
        units: &[UnitId],
        mode: LinkMode,
    ) -> size::ProgramSize {
        let prices = &self.prices;
        predict_in(&self.project, &prices.sizes, &prices.objects, units, &program.libraries, mode)
    }

    /// The name of a library whose archive has the program's symbols exported, however it is linked.
    pub(in crate::cli) fn exporter(&self, program: &Program) -> Option<Name> {
        let library = self.prices.objects.exporter(&program.libraries)?;
        Some(self.project.library(library).name)
    }

    /// The bytecode program that they make, and what of it is at hand to compress.
    pub(in crate::cli) fn predict_bytecode(
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
    pub(in crate::cli) fn debug_info(&self, units: impl IntoIterator<Item = UnitId>) -> size::DebugInfo {
        size::debug_info(&self.prices.sizes, &self.prices.objects, units)
    }

    /// The allocated bytes of a unit's object file in an executable that is linked in a certain way.
    pub(in crate::cli) fn alloc_in(&self, unit: UnitId, mode: LinkMode) -> Option<u64> {
        self.prices.sizes.alloc_in(unit, mode)
    }
}
