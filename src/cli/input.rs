//! What is analysed: the arguments that all commands share.

use super::failure::Failure;
use crate::base::read_regular_text;
use crate::graph::Archives;
use crate::project::LoadOptions;
use crate::size::{Model, Profile};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is given by name may not be longer: memory holds it whole.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// The arguments that say what is analysed.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "What is analysed")]
pub(super) struct InputArgs {
    /// Only the executables of this name
    ///
    /// As dune names them (`bin/main`) or by the last part alone (`main`). May be given several times. Default: all executables
    /// of the workspace, tests included.
    #[arg(long = "exe", value_name = "NAME")]
    pub(super) exes: Vec<String>,

    /// Link with these installed packages
    ///
    /// Findlib names, several separated by commas. May be given several times, as in `-p base,stdio -p lwt.unix`.
    #[arg(short, long = "package", value_name = "NAMES", value_delimiter = ',')]
    pub(super) packages: Vec<String>,

    /// Look for modules in this directory too
    #[arg(short = 'I', value_name = "DIR")]
    pub(super) include_dirs: Vec<PathBuf>,

    /// Look for installed packages in these directories first
    ///
    /// Separated as in PATH; like the environment variable OCAMLPATH, before it.
    #[arg(long, value_name = "DIRS")]
    pub(super) ocamlpath: Option<String>,

    /// The kind of executable that bytes are counted for [default: pie]
    #[arg(long, value_name = "KIND")]
    pub(super) profile: Option<ProfileArg>,

    /// The profile that dune builds with [default: dev]
    #[arg(long, value_name = "NAME")]
    pub(super) dune_profile: Option<String>,

    /// Read links from sources alone, even where a compiled archive records them
    ///
    /// Units without sources are read from their archives all the same. Default: the archive's word counts, and a note says where
    /// the source reads otherwise.
    #[arg(long)]
    pub(super) sources_only: bool,

    /// Neither use nor keep results of other runs
    ///
    /// `unlith cache` says where they are. They never change an answer.
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Estimate units without object files by this model [default: the one that is built in]
    ///
    /// As `unlith calibrate -o FILE` writes it.
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,

    /// Use this many threads [default: as many as there are processors]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,

    /// Take settings from this file [default: the nearest unlith.toml above what is analysed]
    ///
    /// Settings of `[analysis]` stand for options that are not given.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Take no settings from any file
    #[arg(long, conflicts_with = "config")]
    pub(super) no_config: bool,

    /// Do not show progress and problems
    ///
    /// What prevents an answer is said all the same.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// A kind of executable.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ProfileArg {
    /// Native, position-independent, with exported symbols: what OCaml makes on Linux.
    Pie,
    /// Native at a fixed address with the C library inside: no relocations, no dynamic symbols.
    Static,
    /// Bytecode, as `ocamlc` links it; the runtime is a program of its own.
    Bytecode,
}

/// An error about the arguments; where a profile of dune's was given for a kind of executable, it says which option is meant.
pub(super) fn explained(mut error: clap::Error) -> clap::Error {
    let text = |kind| error.get(kind).map_or_else(String::new, ToString::to_string);
    let is_profile = text(ContextKind::InvalidArg).starts_with("--profile ");
    let value = text(ContextKind::InvalidValue);
    if error.kind() == ErrorKind::InvalidValue && is_profile && ["dev", "release"].contains(&&*value) {
        let tip = format!("the profile that dune builds with is told by `--dune-profile {value}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

impl From<ProfileArg> for Profile {
    fn from(profile: ProfileArg) -> Profile {
        match profile {
            ProfileArg::Pie => Profile::Pie,
            ProfileArg::Static => Profile::Static,
            ProfileArg::Bytecode => Profile::Bytecode,
        }
    }
}

impl InputArgs {
    /// Returns what the loader wants to know.
    pub(super) fn load_options(&self) -> LoadOptions {
        LoadOptions {
            packages: self
                .packages
                .iter()
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect(),
            include_dirs: self.include_dirs.clone(),
            ocamlpath: self.ocamlpath.clone(),
            profile: self.dune_profile().to_owned(),
            ..LoadOptions::of_process()
        }
    }

    /// Returns the kind of executable.
    pub(super) fn profile(&self) -> Profile {
        self.profile.map_or(Profile::Pie, Profile::from)
    }

    /// Returns dune's profile.
    pub(super) fn dune_profile(&self) -> &str {
        self.dune_profile.as_deref().unwrap_or("dev")
    }

    /// Returns whose word counts for links.
    pub(super) fn archives(&self) -> Archives {
        if self.sources_only { Archives::Ignored } else { Archives::Trusted }
    }

    /// Sets up the threads, once in a process.
    pub(super) fn start_threads(&self) -> anyhow::Result<()> {
        start_threads(self.jobs)
    }

    /// Reads the size model asked for; `None` for the one that is built in.
    pub(super) fn model(&self) -> anyhow::Result<Option<Model>> {
        let Some(path) = &self.model else { return Ok(None) };
        let text = read_regular_text(path, MAX_BYTES).map_err(|error| {
            Failure::error(
                format!("cannot read the size model `{}`: {error}", path.display()),
                "write one with `unlith calibrate -o FILE`",
            )
        })?;
        let model = Model::read(&text).map_err(|error| {
            Failure::error(
                format!("`{}` is no size model of this version: {error}", path.display()),
                "write it again with `unlith calibrate -o FILE`",
            )
        })?;
        Ok(Some(model))
    }
}

/// Sets up so many threads, or as many as there are processors, once in a process.
pub(super) fn start_threads(jobs: Option<u16>) -> anyhow::Result<()> {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    // The stages walk trees with stacks of their own; 16 MB is for what crates do.
    let mut pool = rayon::ThreadPoolBuilder::new().stack_size(16 << 20);
    if let Some(jobs) = jobs {
        pool = pool.num_threads(usize::from(jobs));
    }
    pool.build_global().map_err(|error| {
        Failure::error(
            format!("cannot start threads: {error}"),
            "try again with a smaller number, as in `--jobs 1`",
        )
    })
}

/// What the paths of the command line name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source {
    /// Files of one program, the main module last.
    Files(Vec<PathBuf>),
    /// The root of a workspace.
    Workspace(PathBuf),
}

/// Decides between files and a workspace; no path at all is the workspace here.
pub(super) fn source(paths: &[PathBuf]) -> anyhow::Result<Source> {
    match paths {
        [] => Ok(Source::Workspace(PathBuf::from("."))),
        [path] if path.is_dir() => Ok(Source::Workspace(path.clone())),
        _ => match paths.iter().find(|path| path.is_dir()) {
            Some(dir) => Err(Failure::error(
                format!("`{}` is a directory among several paths", dir.display()),
                "name either one directory, or the .ml files of one program",
            )),
            None => Ok(Source::Files(paths.to_vec())),
        },
    }
}
