//! Which files, units, libraries and programs a folder has.

use super::agreed;
use super::built::Built;
use super::settings::Settings;
use crate::project::{self, LoadError, LoadOptions, Program, Project, Unsaved};
use std::path::{Path, PathBuf};

/// Which files, units, libraries and programs a folder has, and what that was read with.
pub(super) struct Layout {
    pub(super) project: Project,
    pub(super) settings: Settings,
    pub(super) results: Built,
}

/// Reads which files, units, libraries and programs a folder has.
pub(super) fn read_layout(root: &Path, settings: &Settings, unsaved: &Unsaved) -> Result<Layout, LoadError> {
    let (settings, problems) = agreed::with_file(settings, root, unsaved);
    let mut project = read_project(root, &settings, unsaved)?;
    project.problems.extend(problems);
    let results = Built::of(&project);
    Ok(Layout { project, settings, results })
}

fn read_project(root: &Path, settings: &Settings, unsaved: &Unsaved) -> Result<Project, LoadError> {
    let options = LoadOptions {
        packages: settings.packages.clone(),
        include_dirs: settings.include_dirs.iter().map(|dir| root.join(dir)).collect(),
        ocamlpath: settings.ocamlpath.clone(),
        profile: settings.dune_profile.clone(),
        unsaved: unsaved.clone(),
        ..LoadOptions::of_process()
    };
    let files: Vec<PathBuf> = settings.files.iter().map(|file| root.join(file)).collect();
    let has_files = !files.is_empty() && files.iter().all(|file| file.is_file());
    let mut project = match has_files {
        true => project::load_files(&files, &options)?,
        false => {
            let project = project::load_workspace(root, &options)?;
            match project.programs.is_empty() && project.root != *root {
                // A library's directory alone: what uses it stands elsewhere in the workspace.
                true => project::load_workspace(&project.root.clone(), &options)?,
                false => project,
            }
        }
    };
    if !settings.exes.is_empty() {
        let is_named = |program: &Program| {
            settings.exes.iter().any(|exe| {
                let exe = exe.trim_end_matches(".exe");
                program.name == exe || program.name.rsplit('/').next() == Some(exe)
            })
        };
        project.programs.retain(is_named);
    }
    Ok(project)
}
