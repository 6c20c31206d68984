//! What is known of standard code: of whole units, of functions, of C primitives.

use crate::base::{Name, name};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;

/// What such code does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    Pure,
    Quiet,
    Registers,
    Outside,
    Write,
}

/// What is known, by name.
pub(super) struct Table {
    pub(super) names: FxHashMap<Name, Known>,
    /// The units that those names begin with.
    pub(super) units: FxHashSet<Name>,
    pub(super) c_prefixes: Vec<(String, Known)>,
}

/// Returns the table.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table =
            Table { names: FxHashMap::default(), units: FxHashSet::default(), c_prefixes: Vec::new() };
        for line in include_str!("../effects.txt").lines() {
            let Some((word, what)) = line.split_once(' ') else { continue };
            let known = match word {
                "pure" | "pure-c" => Known::Pure,
                "quiet" => Known::Quiet,
                "registers" => Known::Registers,
                "outside" => Known::Outside,
                "write" | "write-c" => Known::Write,
                _ => continue,
            };
            if word.ends_with("-c") {
                table.c_prefixes.push((what.trim().to_owned(), known));
            } else {
                let what = what.trim();
                table.names.insert(name(what), known);
                table.units.insert(name(what.split('.').next().unwrap_or(what)));
            }
        }
        table
    })
}

/// What the table says of a path in a unit, or else of all of the unit. What a functor of the table makes is as known as the
/// functor.
pub(super) fn known(unit: Name, path: Name) -> Option<Known> {
    let table = table();
    if !table.units.contains(&unit) {
        return None;
    }
    let full = format!("{unit}.{path}");
    let of = |path: &str| table.names.get(&name(path)).copied();
    of(&full).or_else(|| of(unit.as_str())).or_else(|| of(full.rsplit_once('.')?.0))
}
