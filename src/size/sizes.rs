//! What every unit and definition of a project costs: the entry point of this stage.
//!
//! Takes the project, the definition graph, the facts of the files that were read, and the measured object files; gives
//! [`Sizes`]. A unit with an object file is measured, and its bytes are placed on its definitions; a unit with source
//! alone is estimated; a unit with neither has no figure. Definitions and the fixed cost of a unit add up to the unit.

use super::accuracy::Accuracy;
use super::estimate::Model;
use super::extract::Extractor;
use super::features::Features;
use super::objects::Objects;
use super::source::{defs_of, place_unit};
use super::startup;
use super::{Anatomy, Bytecode, Bytes, LinkMode, Profile, Provenance, UnitSize};
use crate::base::{DefId, FileId, Idx, UnitId};
use crate::graph::Graph;
use crate::parse::FileFacts;
use crate::project::{Project, Unit, UnitSource};
use rayon::prelude::*;

/// What one unit costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct UnitFigure {
    /// What its own object file adds to the executable: definitions and fixed cost.
    pub object: Bytes,
    /// What it would add if it defined nothing. Part of `object`.
    pub fixed: Bytes,
    /// What the linker's start-up tables hold for it: not part of `object`.
    pub startup: Bytes,
    /// Where the figures come from.
    pub provenance: Provenance,
    /// The allocated bytes lie between these, nine times in ten; both are the figure itself when it is measured.
    pub interval: (u64, u64),
    /// Of 1000 bytes of functions, how many were placed on the definition that owns them; 0 when estimated.
    pub placed_per_mille: u32,
}

impl UnitFigure {
    /// Returns all that the executable has for the unit: what it would lose with it.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.object + self.startup
    }
    /// Returns what the unit costs without any definition, start-up tables included.
    #[must_use]
    pub fn fixed_bytes(&self) -> Bytes {
        self.fixed + self.startup
    }
}

/// What all units and definitions of a project cost in one profile.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sizes {
    /// The profile.
    pub profile: Profile,
    /// For each unit, by [`UnitId`], its figure; none where neither objects nor source tell, and for units without code.
    pub units: Vec<Option<UnitFigure>>,
    /// For each definition, by [`crate::base::DefId`], its bytes without those of definitions inside it.
    pub defs: Vec<Bytes>,
    /// How far estimates of this model are off.
    accuracy: Accuracy,
    /// For each unit, by [`UnitId`], what its figure was made of, and its first definition.
    costs: Vec<Option<(Costs, usize)>>,
    /// What bytecode archives say, where the profile is bytecode.
    pub(super) bytecode: Option<Bytecode>,
}

impl Sizes {
    /// Returns the figure of a unit.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> Option<&UnitFigure> {
        self.units.get(unit.idx())?.as_ref()
    }

    /// Returns other figures for the same units: `f` takes a unit, its anatomy, that of its definitions and what is fixed, and
    /// gives its figure and the bytes of its definitions.
    pub(super) fn convert(
        &self,
        f: impl Fn(UnitId, &Anatomy, &[Anatomy], &Anatomy) -> (UnitFigure, Vec<Bytes>),
    ) -> Sizes {
        let mut sizes = self.clone();
        for (i, costs) in self.costs.iter().enumerate() {
            let Some((costs, first)) = costs else { continue };
            let (figure, defs) = f(UnitId::new(i), &costs.total, &costs.defs, &costs.fixed);
            sizes.units[i] = Some(figure);
            sizes.defs[*first..*first + defs.len()].copy_from_slice(&defs);
        }
        sizes
    }

    /// Returns the constants that several definitions of a unit share: who has their bytes, who else would have to have them in
    /// another unit, and the bytes of a copy.
    pub fn shared(&self, unit: UnitId) -> impl Iterator<Item = (DefId, Vec<DefId>, Bytes)> + '_ {
        let costs = self.costs.get(unit.idx()).and_then(Option::as_ref);
        costs.into_iter().flat_map(move |(costs, first)| {
            costs.shared.iter().map(move |(owner, others, anatomy)| {
                let others = others.iter().map(|&other| DefId::new(first + other)).collect();
                (DefId::new(first + owner), others, anatomy.bytes(self.profile))
            })
        })
    }

    /// Returns how many bytes the truth may be below and above the sum of some units: what is measured adds nothing to it.
    #[must_use]
    pub fn deviation(&self, project: &Project, units: impl IntoIterator<Item = UnitId>) -> (u64, u64) {
        let mut inlined = 0;
        let estimated: Vec<(&str, u64)> = units
            .into_iter()
            .filter_map(|unit| {
                let figure = self.unit(unit).filter(|figure| figure.provenance == Provenance::Estimated)?;
                let library = project.library(project.unit(unit).library);
                let alloc = figure.bytes().alloc();
                inlined += if library.inlines_more { alloc * INLINED } else { 0 };
                Some((library.package.as_str(), alloc))
            })
            .collect();
        let (below, above) = self.accuracy.deviation(estimated);
        (below, above + inlined)
    }

    /// Returns the allocated bytes of a unit's own object file in an executable that is linked in a certain way, as far as the
    /// executable tells them apart: read-only tables bear no unit's name there, and are left out.
    #[must_use]
    pub fn alloc_in(&self, unit: UnitId, mode: LinkMode) -> Option<u64> {
        let anatomy = Anatomy { rodata: 0, ..self.anatomy(unit)?.0 };
        Some(anatomy.bytes_in(mode).alloc())
    }

    /// Returns what a unit's figure was made of.
    pub(super) fn anatomy(&self, unit: UnitId) -> Option<(Anatomy, Provenance)> {
        let (costs, _) = self.costs.get(unit.idx())?.as_ref()?;
        Some((costs.total, costs.provenance))
    }
}

/// Computes the sizes of all units of a project. `facts` gives the facts of the files that were read.
///
/// Those of native code; [`super::bytecode_sizes`] makes those of bytecode from them.
#[must_use]
pub fn compute<'f>(
    project: &Project,
    graph: &Graph,
    facts: impl Fn(FileId) -> Option<&'f FileFacts> + Sync,
    objects: &Objects,
    profile: Profile,
) -> Sizes {
    compute_with(project, graph, facts, objects, profile, Model::shipped())
}

/// [`compute`] with a model of one's own.
#[must_use]
pub fn compute_with<'f>(
    project: &Project,
    graph: &Graph,
    facts: impl Fn(FileId) -> Option<&'f FileFacts> + Sync,
    objects: &Objects,
    profile: Profile,
    model: &Model,
) -> Sizes {
    let extractor = Extractor::new(project, graph, &facts);
    let units = (0..project.units.len()).into_par_iter();
    let units: Vec<Option<(UnitFigure, Costs)>> = units
        .map(|unit| {
            unit_costs(project, graph, &facts, objects, profile, model, &extractor, UnitId::new(unit))
        })
        .collect();
    let mut sizes = Sizes {
        profile,
        accuracy: model.error.clone(),
        units: Vec::with_capacity(units.len()),
        defs: vec![Bytes::default(); graph.defs.len()],
        costs: Vec::with_capacity(units.len()),
        bytecode: None,
    };
    for (i, unit) in units.into_iter().enumerate() {
        let range = defs_of(graph, UnitId::new(i));
        let first = range.start;
        if let Some((_, costs)) = &unit {
            for (def, anatomy) in sizes.defs[range].iter_mut().zip(&costs.defs) {
                *def = anatomy.bytes(profile);
            }
        }
        sizes.units.push(unit.as_ref().map(|(figure, _)| *figure));
        sizes.costs.push(unit.map(|(_, costs)| (costs, first)));
    }
    sizes
}

impl Sizes {
    /// Computes the sizes of some units again, of native code.
    #[allow(clippy::too_many_arguments)]
    pub fn update<'f>(
        &mut self,
        project: &Project,
        graph: &Graph,
        facts: impl Fn(FileId) -> Option<&'f FileFacts> + Sync,
        objects: &Objects,
        model: &Model,
        units: &[UnitId],
    ) {
        let extractor = Extractor::new(project, graph, &facts);
        let profile = self.profile;
        let again: Vec<_> = units
            .par_iter()
            .map(|&unit| unit_costs(project, graph, &facts, objects, profile, model, &extractor, unit))
            .collect();
        self.defs.resize(graph.defs.len(), Bytes::default());
        for (&id, unit) in units.iter().zip(again) {
            let range = defs_of(graph, id);
            let first = range.start;
            self.defs[range.clone()].fill(Bytes::default());
            if let Some((_, costs)) = &unit {
                for (def, anatomy) in self.defs[range].iter_mut().zip(&costs.defs) {
                    *def = anatomy.bytes(profile);
                }
            }
            self.units[id.idx()] = unit.as_ref().map(|(figure, _)| *figure);
            self.costs[id.idx()] = unit.map(|(_, costs)| (costs, first));
        }
    }

    /// Follows a change of the ids of definitions.
    pub fn renumber(&mut self, graph: &Graph, ids: &[Option<DefId>]) {
        let mut defs = vec![Bytes::default(); graph.defs.len()];
        for (bytes, id) in self.defs.iter().zip(ids) {
            if let Some(id) = id {
                defs[id.idx()] = *bytes;
            }
        }
        self.defs = defs;
        for (unit, costs) in self.costs.iter_mut().enumerate() {
            if let Some((_, first)) = costs {
                *first = defs_of(graph, UnitId::new(unit)).start;
            }
        }
    }
}

/// The figure of one unit, and what it is made of.
#[allow(clippy::too_many_arguments)]
fn unit_costs<'f, F: Fn(FileId) -> Option<&'f FileFacts> + Sync>(
    project: &Project,
    graph: &Graph,
    facts: &F,
    objects: &Objects,
    profile: Profile,
    model: &Model,
    extractor: &Extractor<'_, &F>,
    id: UnitId,
) -> Option<(UnitFigure, Costs)> {
    let unit = project.unit(id);
    let costs = match (objects.unit(id), place_unit(project, graph, facts, objects, id)) {
        (Some(size), Some(placed)) => Some(measured(size, placed)),
        _ => estimated(model, extractor, unit, id, graph, unit.implementation().and_then(facts)),
    }?;
    Some((figure(&costs, project, unit, profile, model), costs))
}

/// The parts of a unit before a profile turns them into bytes.
#[derive(Clone, PartialEq, Debug)]
struct Costs {
    defs: Vec<Anatomy>,
    fixed: Anatomy,
    /// Both together: asked for with every executable that is predicted.
    total: Anatomy,
    provenance: Provenance,
    placed_per_mille: u32,
    /// Constants that several definitions share, as [`super::Placed`] has them.
    shared: Vec<(usize, Vec<usize>, Anatomy)>,
}

fn measured(size: &UnitSize, placed: super::Placed) -> Costs {
    debug_assert_eq!(placed.defs.iter().copied().sum::<Anatomy>() + placed.fixed, size.anatomy);
    let per_mille = (placed.placed_bytes * 1000).checked_div(placed.function_bytes).unwrap_or(1000);
    Costs {
        defs: placed.defs,
        fixed: placed.fixed,
        total: size.anatomy,
        provenance: Provenance::Measured,
        placed_per_mille: per_mille as u32,
        shared: placed.shared,
    }
}

/// Estimates a unit from its source; `None` when there is none to go by, or no code to expect.
fn estimated<'f, F: Fn(FileId) -> Option<&'f FileFacts>>(
    model: &Model,
    extractor: &Extractor<'_, F>,
    unit: &Unit,
    id: UnitId,
    graph: &Graph,
    facts: Option<&FileFacts>,
) -> Option<Costs> {
    let name_len = unit.name.len();
    let (def_features, rest) = match (&unit.source, facts) {
        (_, Some(facts)) => {
            let mut features = extractor.unit(id, facts);
            let rest = features.pop().unwrap_or_default();
            (features, rest)
        }
        (UnitSource::Generated(_), None) => {
            (vec![Features::default(); defs_of(graph, id).len()], Features::default())
        }
        _ => return None,
    };
    let defs: Vec<Anatomy> =
        def_features.iter().map(|features| model.estimate(features, false, name_len)).collect();
    let fixed = model.estimate(&rest, true, name_len);
    Some(Costs {
        total: fixed + defs.iter().copied().sum(),
        defs,
        fixed,
        provenance: Provenance::Estimated,
        placed_per_mille: 0,
        shared: Vec::new(),
    })
}

/// With `-inline 100`, units of containers 3 were up to 2.4 times as large as their estimates: so many times an estimate may come on
/// top of it.
const INLINED: u64 = 2;

fn figure(costs: &Costs, project: &Project, unit: &Unit, profile: Profile, model: &Model) -> UnitFigure {
    let fixed = costs.fixed.bytes(profile);
    let object = fixed + costs.defs.iter().map(|def| def.bytes(profile)).sum();
    let startup = startup::unit_share(unit).bytes(profile);
    let alloc = (object + startup).alloc();
    let interval = match costs.provenance {
        Provenance::Measured => (alloc, alloc),
        Provenance::Estimated => {
            let (low, high) = model.error.unit_interval(alloc);
            let more = if project.library(unit.library).inlines_more { alloc * INLINED } else { 0 };
            (low, high + more)
        }
    };
    UnitFigure {
        object,
        fixed,
        startup,
        provenance: costs.provenance,
        interval,
        placed_per_mille: costs.placed_per_mille,
    }
}
