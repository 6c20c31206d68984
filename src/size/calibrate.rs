//! Fits the size model to units whose object files and sources are both at hand.
//!
//! Takes the units of a project with their measured objects and facts, gives a [`Model`] with its error. The error is
//! cross-validated by package: packages are dealt into ten groups, and the units of each group are judged by a model that
//! was fitted to the others, because units of one package look alike. What the shipped model predicts of a new package
//! is as good as that, not as good as its fit.

use super::estimate::{Accuracy, Model, N_INPUTS, TARGET_NAMES, UNIT, empty_unit, inputs, targets};
use super::features::Features;
use super::fit::{Row, fit};
use super::source::own_features;
use super::{Anatomy, Objects, Profile};
use crate::base::{FileId, Idx, Name, UnitId};
use crate::graph::Graph;
use crate::parse::FileFacts;
use crate::project::Project;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// One unit to learn from.
#[derive(Clone, PartialEq, Debug)]
pub struct Sample {
    /// Its package: the findlib name up to the first dot.
    pub package: String,
    /// Its name.
    pub unit: Name,
    /// What its object file says.
    pub measured: Anatomy,
    features: Features,
}

/// How the model does on one unit that its fit did not see.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// The unit's package.
    pub package: String,
    /// The unit.
    pub unit: Name,
    /// Its allocated bytes.
    pub measured: u64,
    /// What was predicted.
    pub estimated: u64,
}

impl Judged {
    /// Returns the error as a part of the truth; positive when the estimate is too large.
    #[must_use]
    pub fn error(&self) -> f64 {
        (self.estimated as f64 - self.measured as f64) / self.measured.max(1) as f64
    }
}

/// Packages are dealt into so many groups.
const N_FOLDS: usize = 10;
/// How much coefficients are pulled towards zero, as a part of the diagonal.
const RIDGE: f64 = 1e-4;

/// Collects the units that have an object file and a source without generated parts that were not read.
#[must_use]
pub fn samples<'f>(
    project: &Project,
    graph: &Graph,
    objects: &Objects,
    facts: impl Fn(FileId) -> Option<&'f FileFacts>,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (i, unit) in project.units.iter().enumerate() {
        let size = objects.units.get(i).and_then(Option::as_ref);
        if let (Some(size), Some(facts)) = (size, unit.implementation().and_then(&facts))
            && facts.errors.is_empty()
        {
            let library = project.library(unit.library).name;
            let package = library.split('.').next().unwrap_or("").to_owned();
            let features = own_features(graph, UnitId::new(i), facts)
                .into_iter()
                .fold(Features::default(), Features::plus);
            samples.push(Sample { package, unit: unit.name, measured: size.anatomy, features });
        }
    }
    samples
}

/// Fits a model to all samples, and judges the method by cross-validation. `compiler` says what the objects are of.
#[must_use]
pub fn calibrate(samples: &[Sample], compiler: &str) -> (Model, Vec<Judged>) {
    let packages: BTreeMap<&str, usize> = {
        let mut names: Vec<&str> = samples.iter().map(|sample| sample.package.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().enumerate().map(|(i, name)| (name, i)).collect()
    };
    // Neighbours in the alphabet (`ppx_..`) are alike: they go to different groups.
    let fold = |sample: &Sample| packages[sample.package.as_str()] % N_FOLDS;
    let judged: Vec<Vec<Judged>> = (0..N_FOLDS)
        .into_par_iter()
        .map(|k| {
            let seen: Vec<&Sample> = samples.iter().filter(|sample| fold(sample) != k).collect();
            let model = fit_model(&seen, compiler);
            samples.iter().filter(|sample| fold(sample) == k).map(|sample| judge(&model, sample)).collect()
        })
        .collect();
    let judged: Vec<Judged> = judged.into_iter().flatten().collect();
    let all: Vec<&Sample> = samples.iter().collect();
    let mut model = fit_model(&all, compiler);
    model.n_units = samples.len();
    model.n_packages = packages.len();
    model.error = accuracy(&judged);
    (model, judged)
}

fn fit_model(samples: &[&Sample], compiler: &str) -> Model {
    let inputs: Vec<[f64; N_INPUTS]> =
        samples.iter().map(|sample| inputs(&sample.features, true, sample.unit.len())).collect();
    // Each count is to be right in proportion to the whole unit, not to itself: nobody asks for a unit's `.rodata` alone.
    let weights: Vec<f64> = samples.iter().map(|sample| weight(total(&sample.measured))).collect();
    let table = (0..TARGET_NAMES.len()).into_par_iter().map(|target| {
        // What an empty unit has is known: the fit explains what is more.
        let known = empty_unit(target);
        let mut rows: Vec<([f64; N_INPUTS], f64)> = Vec::with_capacity(samples.len());
        for (sample, inputs) in samples.iter().zip(&inputs) {
            let (mut inputs, mut rest) = (*inputs, targets(&sample.measured)[target] as f64);
            if let Some((unit, per_letter)) = known {
                rest -= unit + per_letter * sample.unit.len() as f64;
                inputs[UNIT..UNIT + 2].fill(0.0);
            }
            rows.push((inputs, rest));
        }
        let rows = rows.iter().zip(&weights);
        let rows: Vec<Row<'_>> =
            rows.map(|((features, target), &weight)| Row { features, target: *target, weight }).collect();
        let mut row = [0.0; N_INPUTS];
        row.copy_from_slice(&fit(&rows, RIDGE));
        if let Some((unit, per_letter)) = known {
            row[UNIT..UNIT + 2].copy_from_slice(&[unit, per_letter]);
        }
        row
    });
    Model::of_table(table.collect(), compiler.to_owned())
}

/// How much an error of one byte counts in a unit of so many: nearly in proportion, large units a little more, because
/// they are most of every program.
fn weight(n_bytes: u64) -> f64 {
    (n_bytes.max(1) as f64).powf(-0.8)
}

fn total(anatomy: &Anatomy) -> u64 {
    anatomy.bytes(Profile::Pie).alloc()
}

fn judge(model: &Model, sample: &Sample) -> Judged {
    let estimate = model.estimate(&sample.features, true, sample.unit.len());
    Judged {
        package: sample.package.clone(),
        unit: sample.unit,
        measured: total(&sample.measured),
        estimated: total(&estimate),
    }
}

/// Returns the element at a part of a sorted list.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let index = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(index).copied().unwrap_or(0.0)
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn accuracy(judged: &[Judged]) -> Accuracy {
    let errors = sorted(judged.iter().map(|unit| unit.error().abs()));
    let ratios = sorted(judged.iter().map(|unit| unit.measured as f64 / unit.estimated.max(1) as f64));
    let mut packages: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for unit in judged {
        let sums = packages.entry(&unit.package).or_default();
        sums.0 += unit.measured;
        sums.1 += unit.estimated;
    }
    let of_package = |&(measured, estimated): &(u64, u64)| {
        (estimated as f64 - measured as f64).abs() / measured.max(1) as f64
    };
    let package_errors = sorted(packages.values().map(of_package));
    let digits = |value: f64| (value * 1e4).round() / 1e4;
    Accuracy {
        unit_median: digits(quantile(&errors, 0.5)),
        unit_p90: digits(quantile(&errors, 0.9)),
        package_median: digits(quantile(&package_errors, 0.5)),
        unit_interval: (digits(quantile(&ratios, 0.05)), digits(quantile(&ratios, 0.95))),
    }
}
