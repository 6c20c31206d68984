//! The project that the arguments name.

use crate::base::{IdSet, LibraryId};
use crate::cache::{Cache, Question};
use crate::cli::failure::Failure;
use crate::cli::input::{InputArgs, Source, source};
use crate::project::{self, Program, Project};
use rayon::prelude::*;
use std::fmt::Debug;
use std::path::PathBuf;

/// Reads the project and leaves the programs that were asked for.
pub(super) fn load(paths: &[PathBuf], args: &InputArgs) -> anyhow::Result<Project> {
    let options = args.load_options();
    let mut project = match source(paths)? {
        Source::Files(files) => project::load_files(&files, &options)?,
        Source::Workspace(root) => project::load_workspace(&root, &options)?,
    };
    select(&mut project, &args.exes)?;
    Ok(project)
}

/// Leaves the programs of these names, by full name or last part.
fn select(project: &mut Project, exes: &[String]) -> anyhow::Result<()> {
    let is_named = |program: &Program, exe: &str| {
        let exe = exe.trim_end_matches(".exe");
        program.name == exe || program.name.rsplit('/').next() == Some(exe)
    };
    for exe in exes {
        if !project.programs.iter().any(|program| is_named(program, exe)) {
            let mut names: Vec<&str> = project.programs.iter().map(|program| program.name.as_str()).collect();
            names.sort_unstable();
            let help = if names.is_empty() {
                "there is no executable at all".to_owned()
            } else {
                format!("there are: {}", names.join(", "))
            };
            return Err(Failure::error(format!("no executable here is named `{exe}`"), help));
        }
    }
    if !exes.is_empty() {
        project.programs.retain(|program| exes.iter().any(|exe| is_named(program, exe)));
        // What is wrong with what they do not link is none of theirs.
        let needed = |program: &Program| std::iter::once(program.own).chain(program.libraries.clone());
        let needed: IdSet<LibraryId> = project.programs.iter().flat_map(needed).collect();
        project.problems.retain(|problem| problem.library.is_none_or(|library| needed.contains(library)));
    }
    Ok(())
}

/// The project as it was found, wherever it lies: a clone elsewhere is the same.
pub(super) fn found(cache: &Cache, project: &Project) -> Option<Question> {
    // So much of a list is shown at a time, on any thread.
    const PART: usize = 128;
    // What dune files include is in what they declare.
    let Project { root, files, units, libraries, programs, stand_ins, included: _, problems, is_opaque } =
        project;
    let root_text = format!("{root:?}");
    let root_text = root_text.trim_matches('"');
    let shown = |part: &dyn Debug| {
        let text = format!("{part:?}");
        // A short one may stand anywhere. What takes its place stands nowhere else: it is escaped in texts.
        let text = if root_text.len() > 3 { text.replace(root_text, "\0") } else { text };
        cache.question(&[&format_args!("{text}")])
    };
    let parts = files.par_chunks(PART).map(|part| shown(&part));
    let parts = parts.chain(units.par_chunks(PART).map(|part| shown(&part)));
    let parts = parts.chain(libraries.par_chunks(PART).map(|part| shown(&part)));
    let parts: Option<Vec<Question>> = cache.is_kept().then(|| parts.collect())?;
    cache.question(&[
        &parts?,
        &shown(&(root, programs, stand_ins, problems))?,
        &(files.len(), units.len(), is_opaque),
    ])
}
