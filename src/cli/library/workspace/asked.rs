//! What was asked for: a library, by its package or its directory, and clients.

use crate::cli::failure::Failure;
use crate::project::is_module_stem;
use std::path::{Path, PathBuf};

/// What was asked for.
pub(in crate::cli::library) struct Asked {
    pub(super) library: Library,
    pub(super) clients: Vec<PathBuf>,
    pub(super) with_installed: bool,
}

impl Asked {
    /// Checks the arguments.
    pub(in crate::cli::library) fn new(
        library: &str,
        clients: &[PathBuf],
        with_installed: bool,
    ) -> anyhow::Result<Self> {
        for client in clients {
            let is_source = client.extension().is_some_and(|extension| extension == "ml")
                && client.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_module_stem)
                && client.is_file();
            if !client.is_dir() && !is_source {
                return Err(Failure::error(
                    format!(
                        "`{}` is no client: neither a directory nor an .ml file that is named as a module can be",
                        client.display()
                    ),
                    "name workspaces and .ml files, or give --installed-clients for packages",
                ));
            }
        }
        let path = Path::new(library);
        // A word alone is a package, unless a project is there.
        let files = ["dune-project", "dune-workspace", "dune"];
        let is_named = library.contains(['/', '.']) || files.iter().any(|file| path.join(file).is_file());
        let library = if path.is_dir() && is_named {
            Library::Dir(path.into())
        } else {
            Library::Package(library.into())
        };
        let is_package = matches!(library, Library::Package(_));
        let with_installed = with_installed || (is_package && clients.is_empty());
        Ok(Asked { library, clients: clients.to_vec(), with_installed })
    }

    /// The directory of the library, where it is one.
    pub(in crate::cli::library) fn dirs(&self) -> Vec<PathBuf> {
        match &self.library {
            Library::Dir(dir) => vec![dir.clone()],
            Library::Package(_) => Vec::new(),
        }
    }
}

pub(super) enum Library {
    Package(String),
    Dir(PathBuf),
}
