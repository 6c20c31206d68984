//! Which files belong to the tree, which libraries there are, and who may see whom.
//!
//! Build-system words (dune stanzas, findlib) stop here: they are lowered to libraries, units and programs.

mod build;
mod built;
mod clients;
mod cma;
mod cma_constants;
mod cmi;
mod cmxa;
mod cursor;
mod dune;
mod dune_package;
mod files;
mod findlib;
mod generator;
mod installed;
mod load;
mod marshal;
mod meta;
mod model;
pub(crate) mod ocamlbuild;
mod options;
mod packs;
mod sexp;
mod stdlib;
mod unsaved;
mod vendor;
mod virtual_libraries;

pub(crate) use build::is_module_stem;
pub use cma::{CmaUnit, Patch, read_cma};
pub use cma_constants::string_len as marshalled_string_len;
pub(crate) use cma_constants::write_string as write_marshalled_string;
pub use cmi::{CmiError, interface_text};
pub use cmxa::{CmxUnit, CmxaError, CmxaInfo, read_cmx, read_cmxa};
pub use dune::{ModuleChange, add_library, add_modules, load_workspace, workspace_of};
pub use files::{installed_packages, load_files, load_installed};
pub use findlib::near_names;
pub use generator::{Generator, MenhirFlags};
pub(crate) use load::file_length;
pub use load::{Environment, read_source};
pub use marshal::MarshalError;
pub use model::{
    Archive, Generated, Library, LibraryOrigin, Program, Project, SourceFile, SourceKind, Unit, UnitSource,
};
pub use options::{LoadError, LoadOptions};
pub use unsaved::Unsaved;
pub use vendor::{Content, VendorError, Vendored, add_program, vendor, vendor_unbuilt, with_dependents};
