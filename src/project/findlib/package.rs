//! One package, with what its variables are under the predicates that hold.

use crate::base::LineCol;
use crate::project::dune_package::DuneLibrary;
use crate::project::meta::{MetaPackage, words};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;

/// One package or sub-package.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Its full name, `lwt.unix`.
    pub(crate) name: String,
    /// Its directory.
    pub(crate) dir: PathBuf,
    /// The `META` file that declares it.
    pub(crate) meta_file: PathBuf,
    /// Its definitions.
    pub(crate) meta: MetaPackage,
    /// Whether some file of `exists_if` is there; findlib passes packages over for which this is false.
    pub(crate) exists: bool,
    /// What dune says of it, where dune installed it.
    pub(crate) dune: Option<Rc<DuneLibrary>>,
    /// Whether its requirements are those that dune says.
    pub(super) requires_of_dune: bool,
}

impl Package {
    /// What a variable is under `predicates`.
    pub(crate) fn variable(&self, variable: &str, predicates: &Predicates) -> Option<String> {
        self.meta.lookup(variable, |predicate| predicates.holds(predicate))
    }

    /// The packages that it requires itself, in order.
    pub(crate) fn requires(&self, predicates: &Predicates) -> Vec<String> {
        if let Some(dune) = self.dune.as_ref().filter(|_| self.requires_of_dune) {
            return dune.requires.clone();
        }
        let value = self.variable("requires", predicates).unwrap_or_default();
        words(&value).map(str::to_string).collect()
    }

    /// Those of them that its clients see as if they required them themselves: what dune says, or the `exports` that
    /// newer versions of it write.
    pub(crate) fn re_exports(&self, predicates: &Predicates) -> Vec<String> {
        if let Some(dune) = &self.dune {
            return dune.re_exports.clone();
        }
        let value = self.variable("exports", predicates).unwrap_or_default();
        words(&value).map(str::to_string).collect()
    }

    /// Its native archives' file names, in order.
    pub(crate) fn archives(&self, predicates: &Predicates) -> Vec<String> {
        let value = self.variable("archive", predicates).unwrap_or_default();
        words(&value).map(str::to_string).collect()
    }

    /// Where its requirements are written.
    pub(crate) fn requires_place(&self) -> Option<LineCol> {
        self.meta.definition("requires").map(|definition| definition.at)
    }

    /// Where the files are written of which one must be there.
    pub(crate) fn exists_place(&self) -> Option<LineCol> {
        self.meta.definition("exists_if").map(|definition| definition.at)
    }
}

/// The predicates under which `META` variables are looked up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Predicates(BTreeSet<String>);

impl Predicates {
    /// The set of `names`.
    pub(crate) fn new(names: &[&str]) -> Self {
        Predicates(names.iter().map(|name| (*name).to_string()).collect())
    }

    /// Adds one.
    pub(crate) fn add(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }

    fn holds(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
