//! The workspace loaded: the project, with a program for each client, and the libraries in question.

use super::{Asked, Workspace};
use crate::base::{Idx, LibraryId, Name};
use crate::cli::failure::Failure;
use crate::cli::library::targets;
use crate::project::{self, LibraryOrigin, LoadOptions, Project, load_workspace};
use std::collections::BTreeMap;

impl Workspace {
    /// Loads it: the project, with a program for each client, and the libraries in question.
    pub(in crate::cli::library) fn load(
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
        found.retain(|&id| self.is_below(project.library(id)));
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
            let help = if asked.with_installed {
                "no installed package requires it; name workspaces or files that do with --clients"
            } else {
                "name workspaces or files that do with --clients, or give --installed-clients"
            };
            return Err(Failure::error("no client here uses the library", help));
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
}
