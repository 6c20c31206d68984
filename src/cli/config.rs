//! `unlith.toml`: where it is, what it says, and how it stands for options that are not given.

use super::failure::Failure;
use super::input::{InputArgs, MAX_BYTES, ProfileArg, Source, source};
use crate::base::read_regular_text;
use crate::check::{self, Settings};
use crate::size::Profile;
use std::path::{Path, PathBuf};

/// The name that is looked for.
pub(super) const NAME: &str = "unlith.toml";

/// Settings, and the file that they come from.
pub(super) struct Config {
    pub(super) path: PathBuf,
    pub(super) settings: Settings,
}

impl Config {
    /// Returns a path of the file, which is relative to the directory that it lies in.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |dir| dir.join(path))
    }
}

/// Reads the file that was asked for, else the nearest one above what is analysed.
pub(super) fn find(paths: &[PathBuf], args: &InputArgs) -> anyhow::Result<Option<Config>> {
    if args.no_config {
        return Ok(None);
    }
    let Some(path) = args.config.clone().or_else(|| nearest(&start(paths).ok()?)) else { return Ok(None) };
    let text = read_regular_text(&path, MAX_BYTES).map_err(|error| {
        Failure::error(
            format!("cannot read the settings `{}`: {error}", path.display()),
            "name a file with --config, or go without with --no-config",
        )
    })?;
    match check::read(&text) {
        Ok(settings) => Ok(Some(Config { path, settings })),
        Err(mistakes) => Err(failure(&path, &mistakes)),
    }
}

/// Returns the arguments with what the settings say where nothing was given.
pub(super) fn merged(paths: &[PathBuf], args: &InputArgs) -> anyhow::Result<InputArgs> {
    match find(paths, args)? {
        Some(config) => Ok(with(args, &config)),
        None => Ok(args.clone()),
    }
}

/// Returns the arguments with these settings where nothing was given; they are not looked for again.
pub(super) fn with(args: &InputArgs, config: &Config) -> InputArgs {
    let analysis = &config.settings.analysis;
    let mut args = InputArgs { no_config: true, config: None, ..args.clone() };
    if args.exes.is_empty() {
        args.exes.clone_from(&analysis.exes);
    }
    if args.packages.is_empty() {
        args.packages.clone_from(&analysis.packages);
    }
    if args.include_dirs.is_empty() {
        args.include_dirs = analysis.include_dirs.iter().map(|dir| config.resolve(dir)).collect();
    }
    args.ocamlpath = args.ocamlpath.or_else(|| analysis.ocamlpath.clone());
    args.dune_profile = args.dune_profile.or_else(|| analysis.dune_profile.clone());
    args.profile = args.profile.or(analysis.profile.map(|profile| match profile {
        Profile::Pie => ProfileArg::Pie,
        Profile::Static => ProfileArg::Static,
        Profile::Bytecode => ProfileArg::Bytecode,
    }));
    args.sources_only |= analysis.sources_only == Some(true);
    args.model = args.model.or_else(|| analysis.model.as_ref().map(|model| config.resolve(model)));
    args
}

/// The directory from which files are looked for upwards: the workspace, or that of the main module.
fn start(paths: &[PathBuf]) -> anyhow::Result<PathBuf> {
    Ok(match source(paths)? {
        Source::Workspace(root) => root,
        Source::Files(files) => match files.last().and_then(|file| file.parent()) {
            Some(dir) if dir != Path::new("") => dir.to_owned(),
            _ => PathBuf::from("."),
        },
    })
}

/// The nearest file upwards. It is named as short as can be: from where we are when it lies here or below.
fn nearest(start: &Path) -> Option<PathBuf> {
    let here = start.join(NAME);
    if here.is_file() {
        return Some(here.strip_prefix("./").map(Path::to_owned).unwrap_or(here));
    }
    let full = start.canonicalize().ok()?;
    full.ancestors().skip(1).map(|dir| dir.join(NAME)).find(|path| path.is_file())
}

fn failure(path: &Path, mistakes: &[check::Mistake]) -> anyhow::Error {
    let place = |mistake: &check::Mistake| format!("{}:{}:{}", path.display(), mistake.line, mistake.col);
    if let [mistake] = mistakes {
        let help = mistake
            .help
            .clone()
            .unwrap_or_else(|| "the guide lists all settings: docs/settings.md".to_owned());
        return Failure::error(format!("{}: {}", place(mistake), mistake.message), help);
    }
    let lines = mistakes.iter().map(|mistake| {
        let help = mistake.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("\n  {}: {}{help}", place(mistake), mistake.message)
    });
    Failure::error(
        format!("there are {} mistakes in the settings{}", mistakes.len(), lines.collect::<String>()),
        "the guide lists all settings: docs/settings.md",
    )
}
