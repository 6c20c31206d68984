//! One workspace of a library and its clients, as if all of them lay side by side.
//!
//! A scratch directory gets a link to each directory that was named and to what its build has left, a small directory for each file, and, for an installed package,
//! a workspace made of its sources, so that patches can be written that list new modules in its dune file. Installed clients are
//! loaded beside it and made to use the libraries that lie there. What the compiler has left for the installed package (archives,
//! forced units) holds for its copy too.
//!
//! * `asked`: what was asked for; `copy`: an installed package as a workspace;
//! * `loaded`: the project, with a program for each client; `naming`: places as the library's own tree has them.

mod asked;
mod copy;
mod loaded;
mod naming;

pub(super) use asked::Asked;

use crate::base::read_regular;
use crate::cli::failure::Failure;
use crate::cli::transient::TransientDir;
use crate::project::{Library, LibraryOrigin, LoadOptions, is_module_stem, load_workspace, workspace_of};
use anyhow::Context;
use copy::dependants;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The scratch workspace.
pub(super) struct Workspace {
    dir: TransientDir,
    root: PathBuf,
    /// The directory of the library in it; none where the installed package is read as it is.
    own: Option<String>,
    /// The way from there to the libraries in question: empty unless a directory below the root of a workspace was named.
    below: PathBuf,
    /// Names of the libraries in question: in the workspace where they lie there.
    names: Vec<String>,
    /// For each of those, what it is called where it is installed.
    installed_as: BTreeMap<String, String>,
    /// Installed packages that require it.
    dependants: Vec<String>,
    /// Clients that are files: the program as the workspace names it, and as it is shown.
    files: BTreeMap<String, String>,
    /// For files of the copy, by name, what the installed ones were made from.
    made_from: BTreeMap<String, BTreeSet<String>>,
    /// Why an installed package could not be copied.
    pub(super) note: Option<String>,
}

impl Workspace {
    /// Makes it; `only` is the library that is asked for by its name.
    pub(super) fn make(asked: &Asked, options: &LoadOptions, only: Option<&str>) -> anyhow::Result<Self> {
        let dir = TransientDir::new("unlith-library-");
        let dir = dir.context("cannot make a scratch directory; make room where TMPDIR points to")?;
        let root = fs::canonicalize(dir.path())?;
        let mut workspace = Workspace {
            dir,
            root,
            own: None,
            below: PathBuf::new(),
            names: Vec::new(),
            installed_as: BTreeMap::new(),
            dependants: Vec::new(),
            files: BTreeMap::new(),
            made_from: BTreeMap::new(),
            note: None,
        };
        workspace.write("dune-workspace", "(lang dune 2.0)\n")?;
        workspace.write("dune-project", "(lang dune 2.0)\n")?;
        let mut libraries = options.packages.clone();
        match &asked.library {
            asked::Library::Dir(path) => {
                let (root, below) = workspace_of(path).unwrap_or_else(|| (path.clone(), PathBuf::new()));
                let name = workspace.link(&root)?;
                let whole = load_workspace(&workspace.root.join(&name), options)?;
                (workspace.own, workspace.below) = (Some(name), below);
                let local =
                    || whole.libraries.iter().filter(|library| library.origin == LibraryOrigin::Workspace);
                let named = local().filter(|library| workspace.is_below(library));
                workspace.names = named.map(|library| library.name.to_string()).collect();
                if workspace.names.is_empty() {
                    return Err(Failure::error(
                        format!("`{}` has no library", path.display()),
                        "name the directory of a workspace with a library, or an installed package",
                    ));
                }
                // A file may name what has a public name. Of implementations it takes one at most, and what is linked whole
                // is asked for by name: both are a choice that nobody has made here.
                let is_asked = |library: &Library| only.is_some_and(|only| library.name.as_str() == only);
                let is_offered = |library: &Library| {
                    let is_choice = library.linkall || library.implements.is_some();
                    !library.is_private && (!is_choice || is_asked(library))
                };
                let offered = local().filter(|library| is_offered(library));
                libraries.extend(offered.map(|library| library.name.to_string()));
                if asked.with_installed {
                    workspace.dependants = dependants(&workspace.names, options);
                }
            }
            asked::Library::Package(package) => {
                workspace.take_package(package, asked, options)?;
                libraries.push(package.clone());
            }
        }
        for client in &asked.clients {
            if client.is_dir() {
                workspace.link(client)?;
            } else {
                workspace.add_file(client, &libraries)?;
            }
        }
        Ok(workspace)
    }

    /// Whether a library lies in the directory that was named.
    fn is_below(&self, library: &Library) -> bool {
        let dir = self.own.as_ref().map(|own| self.root.join(own).join(&self.below));
        self.below.as_os_str().is_empty() || dir.is_some_and(|dir| library.dir.starts_with(dir))
    }

    fn write(&self, path: impl AsRef<Path>, text: &str) -> anyhow::Result<()> {
        let path = self.root.join(path);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// A name that nothing in the workspace has yet.
    fn fresh(&self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 1;
        while self.root.join(&name).symlink_metadata().is_ok() {
            n += 1;
            name = format!("{wanted}-{n}");
        }
        name
    }

    /// Links to a directory; gives its name in the workspace.
    fn link(&self, path: &Path) -> anyhow::Result<String> {
        let real = fs::canonicalize(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let wanted =
            real.file_name().map_or_else(|| "root".into(), |name| name.to_string_lossy().into_owned());
        let name = self.fresh(&wanted);
        link(&real, &self.root.join(&name))
            .with_context(|| format!("cannot link to `{}`", real.display()))?;
        self.link_built(&real, &name)?;
        Ok(name)
    }

    /// Links to what the build of a directory has left, where that of the scratch workspace would leave it.
    fn link_built(&self, real: &Path, name: &str) -> anyhow::Result<()> {
        let (root, below) = workspace_of(real).unwrap_or_else(|| (real.to_owned(), PathBuf::new()));
        for built in ["_build/default", "_build/.dune/default"] {
            let from = root.join(built).join(&below);
            if from.is_dir() {
                let to = self.root.join(built);
                fs::create_dir_all(&to).with_context(|| format!("cannot make `{}`", to.display()))?;
                link(&from, &to.join(name))
                    .with_context(|| format!("cannot link to `{}`", from.display()))?;
            }
        }
        Ok(())
    }

    /// Adds a file as an executable of its own, with the modules beside it: those that it names are the program's.
    fn add_file(&mut self, path: &Path, libraries: &[String]) -> anyhow::Result<()> {
        let text = read_regular(path, crate::cli::input::MAX_BYTES)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let dir = self.fresh(&stem);
        self.files.insert(format!("{dir}/{stem}"), dir.clone());
        let dune = format!("(executable\n (name {stem})\n (libraries {}))\n", libraries.join(" "));
        let dir = PathBuf::from(dir);
        self.write(dir.join("dune"), &dune)?;
        for beside in modules_beside(path)? {
            // One that cannot be read is missed where the program names it.
            if let (Some(name), Ok(text)) = (beside.file_name(), fs::read(&beside)) {
                self.write(dir.join(name), &String::from_utf8_lossy(&text))?;
            }
        }
        self.write(dir.join(format!("{stem}.ml")), &String::from_utf8_lossy(&text))
    }
}

/// The sources in the directory of a file that can be modules.
fn modules_beside(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let dir = path.parent().filter(|dir| *dir != Path::new("")).unwrap_or(Path::new("."));
    let entries = fs::read_dir(dir).with_context(|| format!("cannot list `{}`", dir.display()))?;
    let is_module = |path: &PathBuf| {
        let is_source = path.extension().is_some_and(|extension| extension == "ml" || extension == "mli");
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        is_source && stem.is_some_and(is_module_stem) && path.is_file()
    };
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_module).collect())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(windows)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(from, to)
}
