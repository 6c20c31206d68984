//! What is known of standard code: of whole units, of functions, of C primitives.

use crate::base::{Name, UnitId, name};
use crate::project::LibraryOrigin;
use crate::split::world::Tree;
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
#[derive(Default)]
pub(super) struct Table {
    pub(super) names: FxHashMap<Name, Known>,
    /// The units that those names begin with.
    units: FxHashSet<Name>,
    /// The libraries of those that are not the standard library's.
    libraries: FxHashMap<Name, Name>,
    pub(super) c_prefixes: Vec<(String, Known)>,
}

/// Returns the table.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::default();
        for line in include_str!("../effects.txt").lines() {
            let Some((word, what)) = line.split_once(' ') else { continue };
            if word == "library" {
                let (library, units) = what.split_once(' ').expect("a library is named with units of it");
                table.libraries.extend(units.split(' ').map(|unit| (name(unit), name(library))));
                continue;
            }
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

/// Whether the table may speak of a unit: it has names of the unit, and the unit is of the library that it means. Any
/// library may have a unit `Q`.
pub(super) fn is_meant(tree: Tree<'_>, unit: UnitId) -> bool {
    let source = tree.project.unit(unit);
    if !table().units.contains(&source.name) {
        return false;
    }
    let library = tree.project.library(source.library);
    match table().libraries.get(&source.name) {
        Some(name) => library.name == *name,
        None => library.origin == LibraryOrigin::Stdlib,
    }
}

/// What the table says of a path in a unit, or else of all of the unit. What a functor of the table makes is as known as the
/// functor.
pub(super) fn known(tree: Tree<'_>, unit: UnitId, path: Name) -> Option<Known> {
    if !is_meant(tree, unit) {
        return None;
    }
    let table = table();
    let unit = tree.project.unit(unit).name;
    let full = format!("{unit}.{path}");
    let of = |path: &str| table.names.get(&name(path)).copied();
    of(&full).or_else(|| of(unit.as_str())).or_else(|| of(full.rsplit_once('.')?.0))
}
