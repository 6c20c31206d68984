//! `unlith diff`: what grew or shrank between two reports, executables, trees or revisions, and through which new reference.

use super::failure::Failure;
use super::input::{InputArgs, MAX_BYTES};
use super::output::{self, OutputArgs};
use super::pipeline::Run;
use super::{Outcome, config, revision};
use crate::base::read_regular;
use crate::project::workspace_of;
use crate::report::schema::{Audit, SCHEMA};
use crate::report::snapshot::Snapshot;
use crate::report::{diff, diff_text};
use crate::size::{ByteExe, read_executable};
#[cfg(unix)]
use std::io::Read;
use std::path::{Path, PathBuf};

/// Show what grew or shrank between two builds, and through which new reference
///
/// Each side is a report of `unlith audit --format json`, an unstripped executable, the main module of a program, or a dune
/// workspace. With --rev, the workspace at that revision is compared with its files as they are now (or with a second --rev); both
/// are read from copies without `_build`, so that both are priced from the source alike.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith diff old.json new.json
  unlith diff _build/old.exe _build/default/bin/main.exe
  unlith diff --rev main                                   the workspace here, against the branch main
  unlith diff --rev v1 --rev v2 ~/src/app --format markdown")]
pub(super) struct Args {
    /// Two sides, the older first; with --rev, the workspace [default: .]
    #[arg(value_name = "SIDE")]
    sides: Vec<PathBuf>,

    /// Compare with this git revision; twice for two revisions
    #[arg(long = "rev", value_name = "REV")]
    revisions: Vec<String>,

    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Show at most this many rows of each table
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// Tables, for people.
    Text,
    /// Everything, with exact byte counts.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

/// One side, read.
struct Side {
    title: String,
    programs: Vec<Snapshot>,
    outcome: Outcome,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let (before, after) = match (args.revisions.as_slice(), args.sides.as_slice()) {
        ([], [before, after]) => (side(before, &args.input)?, side(after, &args.input)?),
        ([], _) => {
            return Err(Failure::error(
                "two sides are compared",
                "name two reports, executables or directories, or a revision, as in `unlith diff --rev main`",
            ));
        }
        ([_] | [_, _], [_, _, ..]) => {
            return Err(Failure::error(
                "revisions are compared in one workspace",
                "name its directory alone, as in `unlith diff --rev main ~/src/app`",
            ));
        }
        ([rev], sides) => {
            let tree = Tracked::new(sides.first(), &args.input)?;
            (tree.at_revision(rev)?, tree.as_it_is()?)
        }
        ([old, new], sides) => {
            let tree = Tracked::new(sides.first(), &args.input)?;
            (tree.at_revision(old)?, tree.at_revision(new)?)
        }
        _ => return Err(Failure::error("more than two revisions", "name one or two with --rev")),
    };
    let difference = diff::diff((&before.title, &before.programs), (&after.title, &after.programs));
    let text = match args.format {
        Format::Text => diff_text::text(&difference, args.top),
        Format::Markdown => diff_text::markdown(&difference, args.top),
        Format::Json => output::json(&difference)?,
    };
    args.output.write(&text)?;
    let is_done = before.outcome == Outcome::Done && after.outcome == Outcome::Done;
    Ok(if is_done { Outcome::Done } else { Outcome::Incomplete })
}

/// Reads what is to be compared. A report may come through a pipe (`unlith diff <(git show main:report.json) report.json`): who
/// names one here waits for what they started themselves.
fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&std::fs::metadata(path)?.file_type()) {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    read_regular(path, MAX_BYTES)
}

/// Reads a side: a directory or source is audited, a file is a report or an executable.
fn side(path: &Path, input: &InputArgs) -> anyhow::Result<Side> {
    let title = path.display().to_string();
    let is_source = path.extension().is_some_and(|extension| extension == "ml");
    if path.is_dir() || is_source {
        return audited(title, path, input);
    }
    let bytes = bytes_of(path).map_err(|error| {
        Failure::error(
            format!("cannot read `{title}`: {error}"),
            "name a report, an executable or a directory",
        )
    })?;
    if ByteExe::read(&bytes).is_some() {
        return Err(Failure::error(
            format!("`{title}` is a bytecode program, whose units cannot be told apart"),
            "compare reports: `unlith audit --profile bytecode --format json --definitions -o report.json`",
        ));
    }
    let programs = if bytes.starts_with(b"\x7fELF") {
        let exe = read_executable(&bytes).map_err(|error| {
            Failure::error(
                format!("cannot read the executable `{title}`: {error}"),
                "name the file as the compiler left it, before `strip`",
            )
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        vec![Snapshot::of_executable(name, &exe)]
    } else {
        let audit: Audit = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::error(
                format!("`{title}` is neither an executable nor a report: {error}"),
                "make one with `unlith audit --format json --definitions -o report.json`",
            )
        })?;
        if audit.schema != SCHEMA {
            return Err(Failure::error(
                format!("`{title}` is a report of schema {}, not {SCHEMA}", audit.schema),
                "make it again with this version of unlith",
            ));
        }
        Snapshot::of_audit(&audit)
    };
    Ok(Side { title, programs, outcome: Outcome::Done })
}

/// Audits a tree as it lies there.
fn audited(title: String, path: &Path, input: &InputArgs) -> anyhow::Result<Side> {
    let mut run = Run::new(&[path.to_owned()], input)?;
    run.list_definitions();
    let programs = Snapshot::of_audit(&run.audit(&run.programs()?));
    output::print_problems(&run.problems, input.quiet, false);
    Ok(Side { title, programs, outcome: run.outcome() })
}

/// A workspace in a git repository, at several times.
struct Tracked {
    /// What is copied: the whole workspace, where the repository has it whole.
    root: PathBuf,
    /// What is analysed of it, seen from there.
    below: PathBuf,
    /// With the settings of today, so that both sides are asked the same.
    input: InputArgs,
}

impl Tracked {
    fn new(path: Option<&PathBuf>, input: &InputArgs) -> anyhow::Result<Tracked> {
        let path = path.map_or(Path::new("."), PathBuf::as_path);
        let input = config::merged(&[path.to_owned()], input)?;
        let is_tracked_with = |root: &Path| {
            let tops = (revision::top(root).ok(), revision::top(path).ok());
            tops.0.is_some() && tops.0 == tops.1
        };
        let (root, below) = workspace_of(path)
            .filter(|(root, _)| is_tracked_with(root))
            .unwrap_or_else(|| (path.to_owned(), PathBuf::new()));
        Ok(Tracked { root, below, input })
    }

    /// Audits it at a revision.
    fn at_revision(&self, rev: &str) -> anyhow::Result<Side> {
        self.copied(rev.to_owned(), &revision::checkout(&self.root, rev)?)
    }

    /// Audits its files as they are now, `_build` left out.
    fn as_it_is(&self) -> anyhow::Result<Side> {
        self.copied("the files as they are".to_owned(), &revision::working_tree(&self.root)?)
    }

    /// Audits a copy; places are told as in the original.
    fn copied(&self, title: String, copy: &revision::Copy) -> anyhow::Result<Side> {
        let path = copy.root().join(&self.below);
        if !path.is_dir() {
            return Err(Failure::error(
                format!("there is no directory `{}` in {title}", self.below.display()),
                "name the root of the workspace to compare all of its programs",
            ));
        }
        let mut side = audited(title, &path, &self.input)?;
        let prefix = format!("{}/", copy.root().display());
        for unit in side.programs.iter_mut().flat_map(|program| program.units.values_mut()) {
            if let Some(reference) = &mut unit.reference {
                reference.text = reference.text.replace(&prefix, "");
            }
        }
        Ok(side)
    }
}
