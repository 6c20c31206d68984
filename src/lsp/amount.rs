//! Bytes in words: measured, estimated, or not known. What nobody can price is never shown as nothing.

use super::workspace::Workspace;
use crate::base::UnitId;
use crate::report::human::{bytes_of, count};

/// `12.3 kB`, `~12.3 kB`, `more than ~12.3 kB` where some units have no price, or `unknown`.
pub(super) fn amount(workspace: &Workspace, units: &[UnitId]) -> String {
    let n_unknown = units.iter().filter(|&&unit| !workspace.is_priced(unit)).count();
    let size = || bytes_of(workspace.bytes(units), workspace.provenance(units.iter().copied()));
    match n_unknown {
        0 => size(),
        n if n == units.len() => "unknown".to_owned(),
        _ => format!("more than {}", size()),
    }
}

/// The same, with the number of units.
pub(super) fn amount_in(workspace: &Workspace, units: &[UnitId]) -> String {
    format!("{} in {}", amount(workspace, units), count(units.len(), "unit"))
}
