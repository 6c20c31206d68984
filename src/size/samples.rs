//! What the size model learns from: units whose object file and source are both at hand.

use super::extract::Extractor;
use super::features::Features;
use super::source::place_unit;
use super::{Anatomy, Objects};
use crate::base::{FileId, Idx, Name, UnitId};
use crate::graph::Graph;
use crate::parse::FileFacts;
use crate::project::Project;
use rustc_hash::FxHashMap;

/// One unit to learn from.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Its package: the findlib name up to the first dot.
    pub package: Name,
    /// Its name.
    pub unit: Name,
    /// What its object file says.
    pub measured: Anatomy,
    pub(super) features: Features,
    /// Its definitions, each with what was placed on it; what belongs to none is left out.
    pub(super) definitions: Vec<(Features, Anatomy)>,
    /// The samples, by position, that a program with this unit links for its sake, itself left out.
    pub(super) links: Vec<usize>,
}

/// Collects the units that have an object file and a source without errors; `find` gives the facts of the files that were read.
///
/// **Shape**: one entry for each, in the order of the project's units; a unit that several libraries hold comes once.
#[must_use]
pub fn samples<'f>(
    project: &Project,
    graph: &Graph,
    objects: &Objects,
    find: impl Fn(FileId) -> Option<&'f FileFacts>,
) -> Vec<Sample> {
    let extractor = Extractor::new(project, graph, &find);
    let mut samples: Vec<Sample> = Vec::new();
    let mut positions: FxHashMap<Name, usize> = FxHashMap::default();
    let mut ids = Vec::new();
    for (i, unit) in project.units.iter().enumerate() {
        let size = objects.units.get(i).and_then(Option::as_ref);
        let Some((size, file)) = size.zip(unit.implementation()) else { continue };
        let Some(facts) = find(file).filter(|facts| facts.errors.is_empty()) else { continue };
        if positions.contains_key(&unit.name) {
            continue;
        }
        let id = UnitId::new(i);
        let Some(placed) = place_unit(project, graph, &find, objects, id) else { continue };
        let mut features = extractor.unit(id, facts);
        let sum = features.iter().copied().fold(Features::default(), Features::plus);
        features.pop();
        positions.insert(unit.name, samples.len());
        ids.push(id);
        samples.push(Sample {
            package: project.library(unit.library).package,
            unit: unit.name,
            measured: size.anatomy,
            features: sum,
            definitions: features.into_iter().zip(placed.defs).collect(),
            links: Vec::new(),
        });
    }
    for (sample, id) in samples.iter_mut().zip(ids) {
        let links = graph.units.links.get(id.idx()).into_iter().flatten();
        sample.links = links.filter_map(|&(to, _)| positions.get(&project.unit(to).name).copied()).collect();
    }
    samples
}
