//! The size model: bytes of units and definitions without object files, from what their source looks like.
//!
//! Linear: each feature of the syntax costs so many bytes of code, data, frame table and so on; a unit costs something
//! by itself. Coefficients are fitted by [`super::calibrate`] to units whose objects and sources are both installed, and
//! shipped in `model.json` with the error that they had on packages that the fit did not see.

use super::Anatomy;
use super::accuracy::{Accuracy, digits};
use super::features::{FEATURE_COSTS, FEATURE_NAMES, Features, N_FEATURES};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use thiserror::Error;

/// Number of inputs of the model: features, the unit itself, and the letters of its name.
pub(super) const N_INPUTS: usize = N_FEATURES + 2;

/// What one of some input adds to each count.
type Row = [f64; TARGET_NAMES.len()];

/// Position of the input that is 1 for a unit; the length of its name follows.
pub(super) const UNIT: usize = N_FEATURES;

/// Names of the inputs that are no features, in order.
const EXTRA_NAMES: [&str; 2] = ["unit", "unit_name_bytes"];

/// Names of the counts of an [`Anatomy`] that are predicted, in the order of [`targets`].
pub(super) const TARGET_NAMES: [&str; 12] = [
    "text",
    "rodata",
    "data",
    "frametable",
    "fde_bytes",
    "fdes",
    "pointers",
    "globals",
    "global_names",
    "symbols",
    "symbol_names",
    "debug",
];

/// Why a model file could not be used.
#[derive(Debug, Error)]
pub enum ModelError {
    /// It is no JSON, or not of this form.
    #[error("could not read the size model: {0}")]
    Json(#[from] serde_json::Error),
    /// It names a feature or a count that this version does not know, or lacks one.
    #[error("the size model is of another version: `{0}`")]
    Unknown(String),
}

/// The model as it is shipped.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Model {
    /// The compiler and machine that the objects are of.
    pub compiler: String,
    /// How many units of how many packages it was fitted to.
    pub n_units: usize,
    /// Number of packages.
    pub n_packages: usize,
    /// Its error.
    pub error: Accuracy,
    /// For each count, the bytes (or number) that each input adds; inputs that add nothing are left out.
    pub coefficients: BTreeMap<String, BTreeMap<String, f64>>,
    /// The same by position: for each input, what it adds to each count. Most inputs of a piece of source are 0.
    #[serde(skip)]
    table: Vec<Row>,
}

impl Model {
    /// Returns the model that is shipped.
    #[must_use]
    pub fn shipped() -> &'static Model {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| Model::read(include_str!("model.json")).expect("a test reads the shipped model"))
    }

    /// Reads a model file.
    ///
    /// **Errors**: when it is no model of this version.
    pub fn read(text: &str) -> Result<Model, ModelError> {
        let mut model: Model = serde_json::from_str(text)?;
        model.table = vec![Row::default(); N_INPUTS];
        for (target, inputs) in &model.coefficients {
            let column = TARGET_NAMES.iter().position(|name| name == target);
            let column = column.ok_or_else(|| ModelError::Unknown(target.clone()))?;
            for (input, &coefficient) in inputs {
                let row = input_names().position(|name| name == input);
                let row = row.ok_or_else(|| ModelError::Unknown(input.clone()))?;
                // Negative coefficients would make sizes that depend on the order of subtraction.
                model.table[row][column] = if coefficient.is_finite() { coefficient.max(0.0) } else { 0.0 };
            }
        }
        match TARGET_NAMES.iter().find(|name| !model.coefficients.contains_key(**name)) {
            Some(missing) => Err(ModelError::Unknown((*missing).to_owned())),
            None => Ok(model),
        }
    }

    /// Returns the text of a model file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("maps with names as keys, and numbers");
        text + "\n"
    }

    /// Makes a model from what was fitted: for each count, what each input adds to it.
    pub(super) fn of_table(table: &[[f64; N_INPUTS]], compiler: String) -> Model {
        let named = |row: &[f64; N_INPUTS]| {
            let used = input_names().zip(row).filter(|(_, coefficient)| **coefficient > 0.0);
            used.map(|(name, &c)| (name.to_owned(), digits(c))).filter(|&(_, c)| c > 0.0).collect()
        };
        let coefficients =
            TARGET_NAMES.iter().zip(table).map(|(name, row)| ((*name).to_owned(), named(row))).collect();
        let table = (0..N_INPUTS).map(|input| std::array::from_fn(|target| table[target][input])).collect();
        Model { compiler, n_units: 0, n_packages: 0, error: Accuracy::default(), coefficients, table }
    }

    /// Predicts a piece of source; `unit_name_len` is the length of the unit's name, which is in each symbol.
    #[must_use]
    pub(super) fn estimate(&self, features: &Features, is_unit: bool, unit_name_len: usize) -> Anatomy {
        let mut sums = Row::default();
        let mut add = |row: &Row, input: f64| {
            sums.iter_mut().zip(row).for_each(|(sum, coefficient)| *sum += coefficient * input);
        };
        for (row, &feature) in self.table.iter().zip(&features.0).filter(|(_, feature)| **feature != 0) {
            add(row, f64::from(feature));
        }
        let extra = extra_inputs(is_unit, unit_name_len);
        self.table.iter().skip(UNIT).zip(extra).for_each(|(row, input)| add(row, input));
        // `as` saturates, so that absurd counts give absurd sizes and no panic; half of the range leaves room for sums.
        let counts = sums.map(|sum| (sum.round() as u64).min(u64::from(u32::MAX)));
        of_targets(counts)
    }
}

/// Returns for each count what a unit without any definition has, and what each letter of its name adds: not fitted, but
/// measured (OCaml 4.13.1, amd64, Linux). `None` where there is nothing to go by.
pub(super) fn empty_unit(target: usize) -> Option<(f64, f64)> {
    Some(match TARGET_NAMES[target] {
        "text" => (16.0, 0.0),
        "rodata" => (0.0, 0.0),
        "data" => (40.0, 0.0),
        "frametable" => (8.0, 0.0),
        "fde_bytes" => (24.0, 0.0),
        "fdes" | "pointers" => (1.0, 0.0),
        // `data_begin` and its like; the file's empty name and the masks for floats have no names of their own.
        "globals" => (8.0, 0.0),
        "symbols" => (11.0, 0.0),
        "global_names" | "symbol_names" => (113.0, 8.0),
        // Line tables have heads, but only where there are lines.
        _ => return None,
    })
}

/// Whether an input may have a part in a count.
pub(super) fn may_cost(target: usize, input: usize) -> bool {
    let Some(costs) = FEATURE_COSTS.get(input) else { return true };
    match TARGET_NAMES[target] {
        "rodata" => costs.tables,
        "data" => costs.data || costs.names,
        "frametable" => costs.frames,
        "fde_bytes" => costs.names || costs.frames,
        "fdes" | "globals" | "global_names" => costs.names,
        "pointers" => costs.frames || costs.pointers,
        "symbols" | "symbol_names" => costs.names || costs.data,
        _ => true,
    }
}

/// Names of the inputs, in order.
fn input_names() -> impl Iterator<Item = &'static str> {
    FEATURE_NAMES.iter().copied().chain(EXTRA_NAMES)
}

/// Returns the inputs for a piece of source.
pub(super) fn inputs(features: &Features, is_unit: bool, unit_name_len: usize) -> [f64; N_INPUTS] {
    let mut inputs = [0.0; N_INPUTS];
    for (input, &feature) in inputs.iter_mut().zip(&features.0) {
        *input = f64::from(feature);
    }
    inputs[UNIT..].copy_from_slice(&extra_inputs(is_unit, unit_name_len));
    inputs
}

/// Those that are no features.
fn extra_inputs(is_unit: bool, unit_name_len: usize) -> [f64; EXTRA_NAMES.len()] {
    let unit = if is_unit { 1.0 } else { 0.0 };
    [unit, unit * unit_name_len as f64]
}

/// Returns the counts that are predicted.
pub(super) fn targets(anatomy: &Anatomy) -> [u64; TARGET_NAMES.len()] {
    [
        anatomy.text,
        anatomy.rodata,
        anatomy.data,
        anatomy.frametable,
        anatomy.fde_bytes,
        anatomy.fdes,
        anatomy.pointers,
        anatomy.globals,
        anatomy.global_names,
        anatomy.symbols,
        anatomy.symbol_names,
        anatomy.debug,
    ]
}

fn of_targets(counts: [u64; TARGET_NAMES.len()]) -> Anatomy {
    let [
        text,
        rodata,
        data,
        frametable,
        fde_bytes,
        fdes,
        pointers,
        globals,
        global_names,
        symbols,
        symbol_names,
        debug,
    ] = counts;
    Anatomy {
        text,
        rodata,
        data,
        frametable,
        fde_bytes,
        fdes,
        pointers,
        globals,
        global_names,
        symbols,
        symbol_names,
        debug,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::Profile;

    #[test]
    fn the_shipped_model_reads_and_prices_an_empty_unit_about_right() {
        let model = Model::shipped();
        assert!(model.n_units > 1000 && model.error.units.median > 0.0);
        let empty = model.estimate(&Features::default(), true, 9).bytes(Profile::Pie);
        assert_eq!(empty.alloc(), 16 + 40 + 8 + 32 + 24 + 8 * 34 + 113 + 8 * 9);
        let nothing = model.estimate(&Features::default(), false, 9);
        assert_eq!(nothing, Anatomy::default());
    }

    #[test]
    fn absurd_counts_give_absurd_sizes_and_no_panic() {
        let huge = Model::shipped().estimate(&Features([u32::MAX; N_FEATURES]), true, usize::MAX);
        assert!(huge.bytes(Profile::Pie).unstripped() > u64::from(u32::MAX));
    }

    #[test]
    fn models_of_other_versions_are_refused() {
        let text = include_str!("model.json").replace("\"calls\"", "\"unheard_of\"");
        assert!(matches!(Model::read(&text), Err(ModelError::Unknown(name)) if name == "unheard_of"));
        assert!(Model::read("{}").is_err());
    }
}
