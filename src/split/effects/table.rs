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
    makers: Makers,
}

/// What makes something that can be written to.
#[derive(Default)]
struct Makers {
    /// Functions, by unit and by the last part of their paths.
    functions: FxHashSet<(&'static str, &'static str)>,
    /// Those of them that make containers of which they do not say what they hold.
    of_open_type: FxHashSet<(&'static str, &'static str)>,
    /// Units whose values cannot be written to.
    immutable: FxHashSet<&'static str>,
    primitives: FxHashSet<&'static str>,
}

impl Table {
    /// Whether a function makes something that can be written to, by the name of its unit and the last part of its path.
    /// APPROX: of units that the table does not know, the usual names tell.
    pub(super) fn makes_state(&self, unit: &str, function: &str) -> bool {
        let Makers { functions, immutable, .. } = &self.makers;
        let has_usual_name = ["ref", "create", "make", "init"].contains(&function);
        functions.contains(&(unit, function)) || has_usual_name && !immutable.contains(unit)
    }

    /// Whether a function makes a container whose type nothing in a call to it decides: `Hashtbl.create 7`.
    pub(super) fn makes_open_type(&self, unit: &str, function: &str) -> bool {
        self.makers.of_open_type.contains(&(unit, function))
    }

    /// Whether a primitive makes something that can be written to.
    pub(super) fn primitive_makes_state(&self, primitive: &str) -> bool {
        self.makers.primitives.contains(primitive)
    }
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
            if let "makes" | "makes-open" = word {
                let (unit, functions) = what.split_once(' ').expect("a unit is named with functions of it");
                table.makers.functions.extend(functions.split(' ').map(|function| (unit, function)));
                if word == "makes-open" {
                    table.makers.of_open_type.extend(functions.split(' ').map(|function| (unit, function)));
                }
                continue;
            }
            let known = match word {
                "immutable" => {
                    table.makers.immutable.insert(what);
                    continue;
                }
                "makes-c" => {
                    table.makers.primitives.insert(what);
                    continue;
                }
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
