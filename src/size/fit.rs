//! Least squares with coefficients that are never negative: the solver behind `calibrate`.
//!
//! Takes rows of features with a target and a weight each, gives one coefficient per feature. Minimises the weighted sum
//! of squares plus a small ridge by coordinate descent on the normal equations, each coefficient kept at zero or above:
//! more syntax never costs fewer bytes, and a model without negative parts cannot predict negative sizes. The problem is
//! convex, so descent ends at its only minimum; it stops when no coefficient moves any more, or after a fixed number of
//! rounds. For errors that matter in proportion (not squared), the weights are reset from the residuals a few times.

/// One row: features, what they cost, and how much the row counts.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) features: &'a [f64],
    pub(super) target: f64,
    pub(super) weight: f64,
}

/// Fits coefficients that minimise the weighted sum of absolute errors, or nearly so.
pub(super) fn fit(rows: &[Row<'_>], ridge: f64) -> Vec<f64> {
    let n_features = rows.first().map_or(0, |row| row.features.len());
    let mut weights: Vec<f64> = rows.iter().map(|row| row.weight * row.weight).collect();
    let mut coefficients = vec![0.0; n_features];
    for _ in 0..8 {
        coefficients = least_squares(rows, &weights, ridge, coefficients);
        for (weight, row) in weights.iter_mut().zip(rows) {
            let error = (row.target - dot(row.features, &coefficients)).abs() * row.weight;
            // Below two percent an error is as good as none: otherwise single rows would rule.
            *weight = row.weight * row.weight / error.max(0.02);
        }
    }
    coefficients
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Coordinate descent from `start`.
fn least_squares(rows: &[Row<'_>], weights: &[f64], ridge: f64, start: Vec<f64>) -> Vec<f64> {
    let n = start.len();
    let mut gram = vec![0.0; n * n];
    let mut right = vec![0.0; n];
    for (row, weight) in rows.iter().zip(weights) {
        for i in 0..n {
            let scaled = weight * row.features[i];
            if scaled != 0.0 {
                right[i] += scaled * row.target;
                for j in 0..n {
                    gram[i * n + j] += scaled * row.features[j];
                }
            }
        }
    }
    let mut x = start;
    for i in 0..n {
        gram[i * n + i] *= 1.0 + ridge;
    }
    for _ in 0..20_000 {
        let mut moved = 0.0f64;
        for i in 0..n {
            let diagonal = gram[i * n + i];
            if diagonal <= 0.0 {
                continue;
            }
            let slope = right[i] - dot(&gram[i * n..(i + 1) * n], &x);
            let next = (x[i] + slope / diagonal).max(0.0);
            moved = moved.max((next - x[i]).abs() / (1e-9 + x[i].abs().max(next)));
            x[i] = next;
        }
        if moved < 1e-6 {
            break;
        }
    }
    x
}
