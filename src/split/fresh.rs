//! Names for new units: short, in the library's own style, and unlike any module that the library mentions.
//!
//! A file `list.ml` in a wrapped library captures every `List` of its siblings, so a name is fresh only when no unit of
//! the library and no path in its sources starts with it.

use super::world::Tree;
use crate::base::{LibraryId, Name, UnitId, known_name};

/// Makes names for new units of one library.
pub(crate) struct Fresh<'a> {
    tree: Tree<'a>,
    library: LibraryId,
    /// Names that were given away.
    taken: Vec<String>,
    prefix: String,
    /// For libraries whose names are global: what new names start with.
    stem: Option<String>,
}

impl<'a> Fresh<'a> {
    /// Makes names for the library of `unit`.
    pub(crate) fn of_library(tree: Tree<'a>, unit: UnitId) -> Self {
        let library = tree.project.unit(unit).library;
        let unit_name = tree.unit_name(unit);
        let prefix = match unit_name.split_once("__") {
            Some((library, _)) => format!("{library}__"),
            // A library of one module becomes a wrapped one; a facade is one already.
            None if is_main(tree, unit) => format!("{unit_name}__"),
            None => String::new(),
        };
        let stem = prefix.is_empty().then(|| unit_name.to_owned());
        Fresh { tree, library, taken: Vec::new(), prefix, stem }
    }

    /// Returns a module name like `wanted` that means nothing yet, and takes it.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let mut base = unwrapped(wanted).to_owned();
        if let Some(stem) = self.stem.as_ref().filter(|stem| !base.starts_with(stem.as_str())) {
            base = format!("{stem}_{}", base.to_lowercase());
        }
        let mut candidate = base.clone();
        let mut n = 1;
        while self.is_taken(&candidate) {
            n += 1;
            candidate = format!("{base}{n}");
        }
        self.taken.push(candidate.clone());
        candidate
    }

    /// Whether the library uses a name, or it was given away. Names of modules are asked for, and no others.
    fn is_taken(&self, wanted: &str) -> bool {
        let project = self.tree.project;
        // What has no name at all stands in no file.
        let known = known_name(wanted);
        let uses = |&member: &UnitId| {
            let member = project.unit(member);
            let mut files = [member.implementation(), member.interface()].into_iter().flatten();
            let mut is_in = |name: Name| {
                files.any(|file| self.tree.facts(file).is_some_and(|facts| facts.names.contains(&name)))
            };
            wanted == member.name.as_str()
                || wanted == unwrapped(member.name.as_str())
                || known.is_some_and(&mut is_in)
        };
        self.taken.iter().any(|taken| taken == wanted) || project.library(self.library).units.iter().any(uses)
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

/// Returns a unit's name without that of its library: what stands behind the last `__` that a module's name can follow, so that
/// `Lib__Row_` is `Row_`, and `Lib__Row__core` is `Row__core`.
pub(crate) fn unwrapped(unit: &str) -> &str {
    let mut behind = unit.rmatch_indices("__").map(|(at, _)| &unit[at + "__".len()..]);
    behind.find(|module| module.starts_with(char::is_uppercase)).unwrap_or(unit)
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn what_is_left_of_a_units_name_is_one_of_a_module() {
        let names = [
            "Row",
            "Lib__Row",
            "Dune__exe__Main",
            "Lib__Row_",
            "Row_",
            "Lib__Row__core",
            "Row__core",
            "Lib__",
        ];
        let left = ["Row", "Row", "Main", "Row_", "Row_", "Row__core", "Row__core", "Lib__"];
        assert_eq!(names.map(unwrapped), left);
    }
}
