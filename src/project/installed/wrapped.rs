//! Wrapped libraries of which no `dune-package` tells.

use super::compiled_interface;
use crate::base::{Name, capitalise, name};
use crate::project::build::DirSources;
use crate::project::dune_package::{DuneLibrary, DuneModule};
use std::collections::BTreeSet;
use std::path::Path;

/// A wrapped library of which no `dune-package` tells (`(use_meta)`), known by its units' names: `P__X` beside `P` or
/// `P__`, of which the source is `x.ml`.
pub(super) fn wrapped_by_names(
    library: &str,
    units: &BTreeSet<Name>,
    dir: &DirSources,
    base: &Path,
) -> Option<DuneLibrary> {
    let has = |unit: &str| units.contains(&name(unit));
    let mut prefixes =
        units.iter().filter_map(|unit| unit.split_once("__").filter(|(_, rest)| !rest.is_empty()));
    let prefix = prefixes.find(|(prefix, rest)| {
        (has(prefix) || has(&format!("{prefix}__"))) && dir.get(&capitalise(rest)).is_some()
    });
    let (prefix, _) = prefix?;
    let alias = Some(format!("{prefix}__")).filter(|alias| has(alias)).unwrap_or_else(|| prefix.to_string());
    let module = |name: &str, unit: &str, has_implementation, is_alias| DuneModule {
        name: name.into(),
        unit: unit.into(),
        has_implementation,
        paths: [None, None],
        is_alias,
        is_private: false,
    };
    let mut modules = vec![module(&alias, &alias, true, true)];
    if alias != prefix && has(prefix) {
        modules.push(module(prefix, prefix, true, false));
    }
    for (stem, sources) in &dir.units {
        let unit = format!("{prefix}__{stem}");
        let is_compiled = || compiled_interface(base, &unit).is_some();
        if has(&unit) {
            modules.push(module(stem, &unit, true, false));
        } else if sources.implementation.is_none() && is_compiled() {
            modules.push(module(stem, &unit, false, false));
        }
    }
    Some(DuneLibrary { name: library.into(), modules, is_wrapped: true, ..DuneLibrary::default() })
}
