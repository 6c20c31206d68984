//! An installed package as a workspace, as far as one can be made of what is installed.

use super::{Asked, Workspace};
use crate::base::LibraryId;
use crate::cli::failure::Failure;
use crate::cli::library::unknown;
use crate::project::{self, Content, LoadOptions, Project, Vendored, installed_packages, load_installed};
use anyhow::Context;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

impl Workspace {
    /// Copies an installed package as far as it can be.
    pub(super) fn take_package(
        &mut self,
        package: &str,
        asked: &Asked,
        options: &LoadOptions,
    ) -> anyhow::Result<()> {
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
    pub(in crate::cli::library) fn made_from(&self, path: &Path) -> impl Iterator<Item = &String> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| self.made_from.get(&name)).into_iter().flatten()
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
}

/// Installed packages that require one of these themselves, without packages of the same family.
pub(super) fn dependants(names: &[String], options: &LoadOptions) -> Vec<String> {
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
