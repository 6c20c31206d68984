//! Names for new units: short, in the library's own style, and unlike any module that the library mentions.
//!
//! A file `list.ml` in a wrapped library captures every `List` of its siblings, so a name is fresh only when no unit of
//! the library and no path in its sources starts with it.

use super::world::Tree;
use crate::base::{Name, UnitId, name};
use rustc_hash::FxHashSet;

/// Makes names for new units of one library.
pub(crate) struct Fresh {
    taken: FxHashSet<Name>,
    prefix: String,
    /// For libraries whose names are global: what new names start with.
    stem: Option<String>,
}

impl Fresh {
    /// Reads the names that the library of `unit` uses.
    pub(crate) fn of_library(tree: Tree<'_>, unit: UnitId) -> Self {
        let library = tree.project.library(tree.project.unit(unit).library);
        let mut taken = FxHashSet::default();
        for &member in &library.units {
            let member = tree.project.unit(member);
            taken.insert(name(unwrapped(member.name.as_str())));
            taken.insert(member.name);
            for file in [member.implementation(), member.interface()].into_iter().flatten() {
                let Some(facts) = tree.facts(file) else { continue };
                taken.extend(facts.names.iter().copied().filter(|name| name.starts_with(char::is_uppercase)));
            }
        }
        let unit_name = tree.unit_name(unit);
        let prefix = match unit_name.split_once("__") {
            Some((library, _)) => format!("{library}__"),
            // A library of one module becomes a wrapped one; a facade is one already.
            None if is_main(tree, unit) => format!("{unit_name}__"),
            None => String::new(),
        };
        let stem = prefix.is_empty().then(|| unit_name.to_owned());
        Fresh { taken, prefix, stem }
    }

    /// Returns a module name like `wanted` that means nothing yet, and takes it.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let mut base = unwrapped(wanted).to_owned();
        if let Some(stem) = self.stem.as_ref().filter(|stem| !base.starts_with(stem.as_str())) {
            base = format!("{stem}_{}", base.to_lowercase());
        }
        let mut candidate = base.clone();
        let mut n = 1;
        while !self.taken.insert(name(&candidate)) {
            n += 1;
            candidate = format!("{base}{n}");
        }
        candidate
    }

    /// Returns a module's name as the linker sees it.
    pub(crate) fn linker_name(&self, module: &str) -> String {
        format!("{}{module}", self.prefix)
    }
}

/// Whether a unit is what users of its wrapped library see of it. Other modules of the library cannot name it.
pub(crate) fn is_main(tree: Tree<'_>, unit: UnitId) -> bool {
    let library = tree.project.library(tree.project.unit(unit).library);
    library.is_wrapped && is_named_after(library.name.as_str(), tree.unit_name(unit))
}

/// Whether dune would name the main module of a library so.
fn is_named_after(library: &str, unit: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(library) == plain(unit)
}

/// Returns a unit's name without that of its library.
pub(crate) fn unwrapped(unit: &str) -> &str {
    unit.rsplit_once("__").map_or(unit, |(_, module)| if module.is_empty() { unit } else { module })
}
