//! Which files belong to the tree, which libraries there are, and who may see whom.
//!
//! Build-system words (dune stanzas, findlib) stop here: they are lowered to libraries, units and programs.

mod cmxa;
mod marshal;
mod model;

pub use cmxa::{CmxUnit, CmxaError, CmxaInfo, read_cmx, read_cmxa};
pub use marshal::MarshalError;
pub use model::{
    Archive, Generated, Library, LibraryOrigin, Program, Project, SourceFile, SourceKind, Unit, UnitSource,
};
