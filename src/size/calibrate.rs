//! Fits the size model to units whose object files and sources are both at hand.
//!
//! Takes [`Sample`]s, gives a [`Model`] with its error. The error is cross-validated by package: packages are dealt into ten
//! groups, and the units of each group are judged by a model that was fitted to the others, because units of one package look
//! alike. What the shipped model predicts of a new package is as good as that, not as good as its fit.

use super::Anatomy;
use super::accuracy::{Accuracy, Judged, alloc};
use super::estimate::{Model, N_INPUTS, TARGET_NAMES, UNIT, empty_unit, inputs, may_cost, targets};
use super::features::Features;
use super::fit::{Row, fit};
use super::samples::Sample;
use crate::base::Name;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Packages are dealt into so many groups.
const N_FOLDS: usize = 10;
/// How much coefficients are pulled towards zero, as a part of the diagonal.
const RIDGE: f64 = 1e-2;

/// Fits a model to all samples, and judges the method by cross-validation. `compiler` says what the objects are of.
///
/// **Shape**: what was judged has one entry for each sample, in their order.
#[must_use]
pub fn calibrate(samples: &[Sample], compiler: &str) -> (Model, Vec<Judged>) {
    let packages: BTreeMap<Name, usize> = {
        let mut names: Vec<Name> = samples.iter().map(|sample| sample.package).collect();
        names.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        names.dedup();
        names.into_iter().enumerate().map(|(i, name)| (name, i)).collect()
    };
    // Neighbours in the alphabet (`ppx_..`) are alike: they go to different groups.
    let fold = |package: Name| packages.get(&package).map_or(0, |i| i % N_FOLDS);
    let models: Vec<Model> = (0..N_FOLDS)
        .into_par_iter()
        .map(|k| {
            let seen: Vec<&Sample> = samples.iter().filter(|sample| fold(sample.package) != k).collect();
            fit_model(&seen, compiler)
        })
        .collect();
    let judged: Vec<Judged> = (0..samples.len())
        .into_par_iter()
        .map(|i| judge(&models[fold(samples[i].package)], samples, i))
        .collect();
    let all: Vec<&Sample> = samples.iter().collect();
    let mut model = fit_model(&all, compiler);
    model.n_units = samples.len();
    model.n_packages = packages.len();
    model.error = Accuracy::of(&judged, |unit| fold(unit.package), N_FOLDS);
    (model, judged)
}

fn fit_model(samples: &[&Sample], compiler: &str) -> Model {
    let inputs: Vec<[f64; N_INPUTS]> =
        samples.iter().map(|sample| inputs(&sample.features, true, sample.unit.len())).collect();
    // Each count is to be right in proportion to the whole unit, not to itself: nobody asks for a unit's `.rodata` alone.
    let weights: Vec<f64> = samples.iter().map(|sample| weight(alloc(&sample.measured))).collect();
    let table = (0..TARGET_NAMES.len()).into_par_iter().map(|target| {
        // What an empty unit has is known: the fit explains what is more.
        let known = empty_unit(target);
        let columns: Vec<usize> = (0..N_INPUTS)
            .filter(|&input| may_cost(target, input) && (known.is_none() || input < UNIT))
            .collect();
        let rows: Vec<(Vec<f64>, f64)> = samples
            .iter()
            .zip(&inputs)
            .map(|(sample, inputs)| {
                let empty = known.map_or(0.0, |(unit, letter)| unit + letter * sample.unit.len() as f64);
                let rest = targets(&sample.measured)[target] as f64 - empty;
                (columns.iter().map(|&column| inputs[column]).collect(), rest)
            })
            .collect();
        let rows = rows.iter().zip(&weights);
        let rows: Vec<Row<'_>> =
            rows.map(|((features, target), &weight)| Row { features, target: *target, weight }).collect();
        let mut row = [0.0; N_INPUTS];
        for (&column, coefficient) in columns.iter().zip(fit(&rows, RIDGE)) {
            row[column] = coefficient;
        }
        if let Some((unit, per_letter)) = known {
            row[UNIT..UNIT + 2].copy_from_slice(&[unit, per_letter]);
        }
        row
    });
    Model::of_table(&table.collect::<Vec<_>>(), compiler.to_owned())
}

/// How much an error of one byte counts in a unit of so many: nearly in proportion, large units a little more, because
/// they are most of every program.
fn weight(n_bytes: u64) -> f64 {
    (n_bytes.max(1) as f64).powf(-0.9)
}

/// So many definitions are judged together: what a split moves is rarely one.
const N_TOGETHER: usize = 10;
/// Fewer bytes than this are not judged by themselves.
const MIN_BYTES: u64 = 500;

fn judge(model: &Model, samples: &[Sample], index: usize) -> Judged {
    let sample = &samples[index];
    let name_len = sample.unit.len();
    let group = |definitions: &[(Features, Anatomy)]| {
        let measured = definitions.iter().map(|(_, anatomy)| *anatomy).sum::<Anatomy>();
        let estimated =
            definitions.iter().map(|(features, _)| model.estimate(features, false, name_len)).sum();
        (alloc(&measured), alloc(&estimated))
    };
    let definitions = sample.definitions.chunks(N_TOGETHER).map(group);
    Judged {
        package: sample.package,
        unit: sample.unit,
        measured: sample.measured,
        estimated: model.estimate(&sample.features, true, name_len),
        definitions: definitions.filter(|&(measured, _)| measured >= MIN_BYTES).collect(),
        linked: closure(samples, index),
    }
}

/// Returns the samples that a program with one of them links, that one included, sorted.
fn closure(samples: &[Sample], root: usize) -> Vec<usize> {
    let mut is_linked = vec![false; samples.len()];
    let mut todo = vec![root];
    while let Some(unit) = todo.pop() {
        if !std::mem::replace(&mut is_linked[unit], true) {
            todo.extend(samples[unit].links.iter().copied().filter(|&to| !is_linked[to]));
        }
    }
    (0..samples.len()).filter(|&unit| is_linked[unit]).collect()
}
