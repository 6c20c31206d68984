//! One workspace of a library and its clients, as if all of them lay side by side.
//!
//! A scratch directory gets a link to each directory that was named, a small directory for each file, and, for an installed package,
//! a workspace made of its sources, so that patches can be written that list new modules in its dune file. Installed clients are
//! loaded beside it and made to use the libraries that lie there. What the compiler has left for the installed package (archives,
//! forced units) holds for its copy too.

use super::{targets, unknown};
use crate::base::{Idx, LibraryId, Name};
use crate::cli::failure::Failure;
use crate::project::{
    self, Content, LibraryOrigin, LoadOptions, Project, Vendored, installed_packages, load_installed,
    load_workspace,
};
use crate::report::LibraryAudit;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What was asked for.
pub(super) struct Asked {
    library: Library,
    clients: Vec<PathBuf>,
    with_installed: bool,
}

enum Library {
    Package(String),
    Dir(PathBuf),
}

impl Asked {
    /// Checks the arguments.
    pub(super) fn new(library: &str, clients: &[PathBuf], with_installed: bool) -> anyhow::Result<Self> {
        for client in clients {
            let is_source = client.extension().is_some_and(|extension| extension == "ml") && client.is_file();
            if !client.is_dir() && !is_source {
                return Err(Failure::error(
                    format!("`{}` is no client: neither a directory nor an .ml file", client.display()),
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
}

impl Asked {
    /// The directory of the library, where it is one.
    pub(super) fn dirs(&self) -> Vec<PathBuf> {
        match &self.library {
            Library::Dir(dir) => vec![dir.clone()],
            Library::Package(_) => Vec::new(),
        }
    }
}

/// The scratch workspace.
pub(super) struct Workspace {
    dir: tempfile::TempDir,
    root: PathBuf,
    /// The directory of the library in it; none where the installed package is read as it is.
    own: Option<String>,
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
    pub(super) fn make(asked: &Asked, options: &LoadOptions) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("unlith-library-").tempdir();
        let dir = dir.context("cannot make a scratch directory; make room where TMPDIR points to")?;
        let root = fs::canonicalize(dir.path())?;
        let mut workspace = Workspace {
            dir,
            root,
            own: None,
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
            Library::Dir(path) => {
                let name = workspace.link(path)?;
                let whole = load_workspace(&workspace.root.join(&name), options)?;
                let local =
                    whole.libraries.iter().filter(|library| library.origin == LibraryOrigin::Workspace);
                workspace.names = local.map(|library| library.name.to_string()).collect();
                if workspace.names.is_empty() {
                    return Err(Failure::error(
                        format!("`{}` has no library", path.display()),
                        "name the directory of a workspace with a library, or an installed package",
                    ));
                }
                libraries.extend(workspace.names.iter().cloned());
                workspace.own = Some(name);
                if asked.with_installed {
                    workspace.dependants = dependants(&workspace.names, options);
                }
            }
            Library::Package(package) => {
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

    /// Copies an installed package as far as it can be.
    fn take_package(&mut self, package: &str, asked: &Asked, options: &LoadOptions) -> anyhow::Result<()> {
        let all = installed_packages(options);
        if !all.iter().any(|other| other == package) {
            return Err(unknown(package, &all));
        }
        let below = format!("{package}.");
        let family: Vec<String> =
            all.into_iter().filter(|name| name == package || name.starts_with(&below)).collect();
        if asked.with_installed {
            self.dependants = dependants(&family, options);
        }
        // Of the packages below it, those that a client brings along count.
        let mut wanted = options.packages.clone();
        wanted.push(package.to_owned());
        wanted.extend(self.dependants.iter().cloned());
        let project = load_installed(&LoadOptions { packages: wanted, ..options.clone() });
        let found = project.libraries_of(package);
        if found.is_empty() {
            return Err(Failure::error(
                format!("the package `{package}` has no units"),
                "name a package with a library",
            ));
        }
        let own = load_installed(&LoadOptions {
            packages: found.iter().map(|&id| project.library(id).name.to_string()).collect(),
            ..options.clone()
        });
        let ids = own.libraries_of(package);
        self.names = found.iter().map(|&id| project.library(id).name.to_string()).collect();
        match project::vendor_unbuilt(&own, &ids) {
            Ok(vendored) => {
                self.write_copy(package, &vendored)?;
                self.names = Vec::new();
                for (id, name) in &vendored.names {
                    self.names.push(name.clone());
                    self.installed_as.insert(name.clone(), own.library(*id).name.to_string());
                }
                self.own = Some(package.to_owned());
                self.note_origins(&own, &ids);
            }
            Err(error) => {
                self.note =
                    Some(format!("no patch lists new modules, as no workspace can be made of {error}"));
            }
        }
        Ok(())
    }

    /// Notes what sources were made from, as their line directives tell; the copy is without them.
    fn note_origins(&mut self, project: &Project, ids: &[LibraryId]) {
        let units = ids.iter().flat_map(|&id| &project.library(id).units);
        let files = units.flat_map(|&unit| {
            let unit = project.unit(unit);
            [unit.implementation(), unit.interface()].into_iter().flatten()
        });
        for file in files {
            let path = &project.file(file).path;
            let (Ok(bytes), Some(own)) = (project::read_source(path), path.file_name()) else { continue };
            let own = own.to_string_lossy().into_owned();
            let text = String::from_utf8_lossy(&bytes);
            let directed = text.lines().filter_map(|line| {
                let (number, rest) = line.strip_prefix("# ")?.split_once(' ')?;
                number.parse::<u32>().ok()?;
                rest.trim().strip_prefix('"')?.split('"').next()
            });
            let others = directed.filter(|name| !name.ends_with(&own)).map(str::to_owned).collect();
            self.made_from.insert(own, others);
        }
    }

    /// What a file of the library was made from by a preprocessor or generator.
    pub(super) fn made_from(&self, path: &Path) -> impl Iterator<Item = &String> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| self.made_from.get(&name)).into_iter().flatten()
    }

    fn write(&self, path: impl AsRef<Path>, text: &str) -> anyhow::Result<()> {
        let path = self.root.join(path);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    fn write_copy(&self, package: &str, vendored: &Vendored) -> anyhow::Result<()> {
        for (path, content) in &vendored.files {
            let path = Path::new(package).join(path);
            match content {
                Content::Text(text) => self.write(path, text)?,
                Content::CopyOf(from) => {
                    let target = self.root.join(path);
                    fs::create_dir_all(target.parent().unwrap_or(&self.root))?;
                    fs::copy(from, &target).with_context(|| format!("cannot copy `{}`", from.display()))?;
                }
            }
        }
        Ok(())
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
        Ok(name)
    }

    /// Adds a file as an executable of its own, with the modules beside it that are no files given.
    fn add_file(&mut self, path: &Path, libraries: &[String]) -> anyhow::Result<()> {
        let text = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let dir = self.fresh(&stem);
        self.files.insert(format!("{dir}/{stem}"), dir.clone());
        let dune = format!("(executable\n (name {stem})\n (libraries {}))\n", libraries.join(" "));
        self.write(Path::new(&dir).join("dune"), &dune)?;
        self.write(Path::new(&dir).join(format!("{stem}.ml")), &String::from_utf8_lossy(&text))
    }

    /// Loads it: the project, with a program for each client, and the libraries in question.
    pub(super) fn load(
        &self,
        asked: &Asked,
        options: &LoadOptions,
        only: Option<&str>,
    ) -> anyhow::Result<(Project, Vec<LibraryId>)> {
        let mut packages = self.dependants.clone();
        if self.own.is_none() {
            packages.extend(self.names.iter().cloned());
        }
        let options = LoadOptions { packages, ..options.clone() };
        let mut project = load_workspace(self.dir.path(), &options)?;
        let mut found = targets(&project, &self.names);
        self.take_over(&mut project);
        if let Some(only) = only {
            let is_it = |id: &LibraryId| {
                let name = project.library(*id).name;
                name.as_str() == only || self.installed_as.get(name.as_str()).is_some_and(|name| name == only)
            };
            found.retain(is_it);
            if found.is_empty() {
                return Err(Failure::error(
                    format!("there is no library `{only}`"),
                    format!("there are: {}", self.names.join(", ")),
                ));
            }
        }
        let has_program = |project: &Project, id: LibraryId| {
            project.programs.iter().any(|program| program.libraries.contains(&id))
        };
        for id in project.direct_clients(&found) {
            let library = project.library(id);
            let name = library.name.to_string();
            let is_named = match library.origin {
                LibraryOrigin::Installed => asked.with_installed && self.dependants.contains(&name),
                // A library of a workspace counts through the programs that link it.
                _ => !self.names.contains(&name) && !has_program(&project, id),
            };
            if is_named {
                project.add_program_of_library(id);
            }
        }
        project.keep_programs_with(&found);
        for program in &mut project.programs {
            if let Some(shown) = self.files.get(&program.name) {
                program.name.clone_from(shown);
            }
        }
        if project.programs.is_empty() {
            return Err(Failure::error(
                "no client here uses the library",
                "name workspaces or files that do with --clients, or give --installed-clients",
            ));
        }
        Ok((project, found))
    }

    /// Gives the copies of installed libraries what the compiler has left for those, and their place with installed clients.
    fn take_over(&self, project: &mut Project) {
        for (name, installed) in &self.installed_as {
            let at = |project: &Project, name: &str, origin| {
                let is_it =
                    |library: &project::Library| library.origin == origin && library.name.as_str() == name;
                project.libraries.iter().position(is_it)
            };
            let Some(copy) = at(project, name, LibraryOrigin::Workspace) else { continue };
            let Some(original) = at(project, installed, LibraryOrigin::Installed) else { continue };
            project.libraries[copy].archives = project.libraries[original].archives.clone();
            let order: BTreeMap<Name, (usize, bool, Option<Vec<Name>>)> = project.libraries[original]
                .units
                .iter()
                .enumerate()
                .map(|(i, &unit)| (project.unit(unit).name, unit, i))
                .map(|(name, unit, i)| {
                    (name, (i, project.unit(unit).forced, project.unit(unit).recorded.clone()))
                })
                .collect();
            let mut units = project.libraries[copy].units.clone();
            units
                .sort_by_key(|&unit| order.get(&project.unit(unit).name).map_or(usize::MAX, |known| known.0));
            for &unit in &units {
                if let Some((_, forced, recorded)) = order.get(&project.unit(unit).name) {
                    let unit = &mut project.units[unit.idx()];
                    unit.forced = *forced;
                    unit.recorded.clone_from(recorded);
                }
            }
            project.libraries[copy].units = units;
        }
        project.prefer_workspace(&self.installed_as);
    }

    /// Whether a file is the library's.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        match &self.own {
            Some(own) => path.starts_with(self.root.join(own)),
            None => false,
        }
    }

    /// A path of the workspace as the library's own tree has it.
    pub(super) fn inside(&self, shown: &Path) -> PathBuf {
        let own = self.own.as_deref().unwrap_or_default();
        shown.strip_prefix(own).unwrap_or(shown).to_path_buf()
    }

    /// Names places in the library from its root.
    pub(super) fn rename(&self, audit: &mut LibraryAudit) {
        let names = audit.libraries.iter_mut().map(|library| &mut library.name);
        let of_changes = audit.proposals.iter_mut().filter_map(|change| change.proposal.library.as_mut());
        for name in names.chain(of_changes) {
            if let Some(installed) = self.installed_as.get(name) {
                name.clone_from(installed);
            }
        }
        if self.installed_as.is_empty() && self.own.is_some() {
            // A directory is known by what is in it.
            let names = audit.libraries.iter().map(|library| library.name.as_str());
            audit.package = names.collect::<Vec<_>>().join(", ");
        }
        let Some(own) = &self.own else { return };
        let prefix = format!("{own}/");
        let cut = |text: &mut String| {
            if let Some(rest) = text.strip_prefix(&prefix) {
                *text = rest.to_owned();
            }
        };
        for part in audit.facades.iter_mut().flat_map(|facade| &mut facade.parts) {
            cut(&mut part.implementation);
            part.interface.iter_mut().for_each(cut);
        }
        audit.start_up.iter_mut().for_each(|code| cut(&mut code.place));
        for change in audit.proposals.iter_mut().map(|change| &mut change.proposal) {
            change.edits.iter_mut().for_each(|edit| cut(&mut edit.file));
            change.risks.iter_mut().filter_map(|risk| risk.file.as_mut()).for_each(cut);
        }
    }
}

/// Installed packages that require one of these themselves, without packages of the same family.
fn dependants(names: &[String], options: &LoadOptions) -> Vec<String> {
    let all = installed_packages(options);
    let tops: BTreeSet<&str> = names.iter().filter_map(|name| name.split('.').next()).collect();
    let project = load_installed(&LoadOptions { packages: all, ..options.clone() });
    let is_target = |id: &LibraryId| names.iter().any(|name| project.library(*id).name.as_str() == name);
    let clients = project.libraries.iter().filter(|library| {
        library.requires.iter().any(is_target)
            && !library.units.is_empty()
            && library.name.as_str().split('.').next().is_none_or(|top| !tops.contains(top))
    });
    clients.map(|library| library.name.to_string()).collect()
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(windows)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(from, to)
}
