//! What the compiler itself resolved: definitions and references of units, read from the typed trees (`.cmt`) that it wrote.
//!
//! The reader is an OCaml program of ours, `tests/typed_trees`, compiled with the compiler at hand: typed trees can be read
//! by the very version only that wrote them.

use super::ocaml::run_in;
use super::scratch::Scratch;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The modules of the reader, in link order.
const MODULES: [&str; 9] = [
    "json",
    "definitions",
    "paths",
    "references",
    "coercions",
    "expressions",
    "structures",
    "interfaces",
    "environments",
];

/// The compiled reader.
pub(crate) struct Reader {
    dir: Scratch,
}

/// Definitions and references of one unit, by the compiler or by us.
#[derive(Deserialize)]
pub(crate) struct UnitFacts {
    pub(crate) unit: String,
    /// Its source, as the compiler was told.
    #[serde(default)]
    pub(crate) file: String,
    /// The findlib name of its library; the compiler does not know it.
    #[serde(default)]
    pub(crate) library: String,
    /// Types whose environment could not be rebuilt: some paths may not be normalised.
    #[serde(default)]
    pub(crate) env_failures: u32,
    /// Whether its links come from an archive alone.
    #[serde(default)]
    pub(crate) opaque: bool,
    /// The implementation, else the interface, as the compiler or as we name it.
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) defs: Vec<DefFacts>,
    #[serde(default)]
    pub(crate) refs: Vec<RefFacts>,
    #[serde(default)]
    pub(crate) unresolved: Vec<UnresolvedName>,
}

/// One definition.
#[derive(Deserialize)]
pub(crate) struct DefFacts {
    pub(crate) path: String,
    pub(crate) kind: String,
    /// First and last line, from 1.
    #[serde(default)]
    pub(crate) start: u32,
    #[serde(default)]
    pub(crate) end: u32,
    #[serde(default)]
    pub(crate) start_col: u32,
    #[serde(default)]
    pub(crate) end_col: u32,
    /// Where it is not the unit's: a line directive says so.
    pub(crate) file: Option<String>,
    #[serde(default)]
    pub(crate) ghost: bool,
    /// Where its name is.
    #[serde(default)]
    pub(crate) name_line: u32,
    #[serde(default)]
    pub(crate) name_col: u32,
    /// For the items of `include M` and `open F (X)`: which of the two.
    pub(crate) include: Option<String>,
}

/// One reference.
#[derive(Deserialize)]
pub(crate) struct RefFacts {
    /// The owner's path; empty for code that belongs to no name.
    pub(crate) from: String,
    pub(crate) unit: String,
    pub(crate) path: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) line: u32,
    /// Without text: made by a rewriter.
    #[serde(default)]
    pub(crate) ghost: bool,
    /// Inserted by the compiler.
    #[serde(default)]
    pub(crate) implicit: bool,
    #[serde(default)]
    pub(crate) ambiguous: bool,
    /// Not resolved by the reader.
    #[serde(default)]
    pub(crate) raw: bool,
    pub(crate) via: Option<String>,
    /// What typing says, where code reads the field of a module that re-exports it.
    pub(crate) canon_unit: Option<String>,
    pub(crate) canon_path: Option<String>,
}

/// A name that we could not resolve.
#[derive(Deserialize)]
pub(crate) struct UnresolvedName {
    pub(crate) reason: String,
}

impl UnitFacts {
    /// Returns whether the text of its implementation was read.
    pub(crate) fn has_implementation(&self) -> bool {
        !self.opaque && self.source.as_deref().is_some_and(|source| !source.ends_with(".mli"))
    }
}

impl Reader {
    /// Compiles the reader.
    ///
    /// **Errors**: `ocamlfind` or the compiler's own libraries are missing.
    pub(crate) fn build() -> Result<Self, String> {
        let dir = Scratch::new("typed-trees").map_err(|error| error.to_string())?;
        let sources = super::repository().join("tests/typed_trees");
        let files: Vec<String> =
            MODULES.iter().chain(&["typed_trees"]).map(|module| format!("{module}.ml")).collect();
        for file in &files {
            std::fs::copy(sources.join(file), dir.path().join(file)).map_err(|error| error.to_string())?;
        }
        let options =
            ["ocamlopt", "-w", "-a", "-package", "compiler-libs.common", "-linkpkg", "-o", "typed_trees"];
        let arguments = options.iter().copied().chain(files.iter().map(String::as_str));
        run_in(dir.path(), "ocamlfind", arguments)?;
        Ok(Reader { dir })
    }

    /// Reads `.cmt` files, with the directories of what their libraries depend on.
    ///
    /// **Errors**: it fails, or what it prints has not its form.
    pub(crate) fn read(&self, dirs: &[PathBuf], files: &[PathBuf]) -> Result<Vec<UnitFacts>, String> {
        let program = self.dir.path().join("typed_trees");
        let includes = dirs.iter().flat_map(|dir| [Path::new("-I"), dir]);
        let arguments = includes.chain(files.iter().map(PathBuf::as_path));
        let text = run_in(Path::new("."), &program.to_string_lossy(), arguments)?;
        parse(&text)
    }
}

/// Reads JSON lines, one unit each.
///
/// **Errors**: a line has not the form.
pub(crate) fn parse(text: &str) -> Result<Vec<UnitFacts>, String> {
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| error.to_string())).collect()
}
