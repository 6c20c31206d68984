//! `unlith verify`: proposals applied in a scratch copy, built with the project's own build, and measured.
//!
//! | file | what it does |
//! | --- | --- |
//! | `scratch` | the copy, or a workspace made of installed libraries |
//! | `findlib` | a copy of packages that ocamlbuild builds, for a program of plain files |
//! | `build` | dune, or ocamlbuild and ocamlfind, and what is in the executables that they made |
//! | `trial` | one proposal: applied, built, tested, measured, taken back |
//! | `verdict`, `text` | what came out, as JSON and as text |
//!
//! What is predicted is predicted on the copy once it is built: figures of both sides come from object files.

mod build;
mod findlib;
mod scratch;
mod text;
mod trial;
mod verdict;

use super::failure::Failure;
use super::input::{InputArgs, Source, source};
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use super::progress::Progress;
use super::{Outcome, config};
use crate::base::{Idx, LibraryId};
use crate::project::{self, LibraryOrigin, Project, UnitSource, Vendored};
use build::Builder;
use findlib::Findlib;
use scratch::Scratch;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use trial::Bench;
use verdict::Verdict;

/// Build proposals in a scratch copy, and compare what they save with what was promised
///
/// Copies the workspace, builds it, and then for each proposal: applies its patch, builds, runs the tests, measures the
/// executables, and takes the patch back. For a program of plain files it makes a dune workspace of the program, the installed
/// libraries that the proposals change, and those that depend on them; packages that ocamlbuild has built where they lie are
/// copied and built as they are.
///
/// This runs the project's own build and tests: code of the project and of its libraries.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith verify                                     all proposals for the workspace here
  unlith verify unseal-facade:X509 -C main.ml -p x509
  unlith verify --together --keep /tmp/smaller      all that hold, one on top of the other; the result stays there")]
pub(super) struct Args {
    /// Proposals, by the id that `audit` shows [default: all that have a patch]
    #[arg(value_name = "ID")]
    ids: Vec<String>,

    /// A dune workspace, or a .ml file of the program (several times; the main module last) [default: .]
    #[arg(long = "project", short = 'C', value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Then apply all that hold, one on top of the other, most bytes first
    #[arg(long)]
    together: bool,

    /// Do not run the project's tests
    #[arg(long)]
    no_tests: bool,

    /// Leave the scratch copy in this directory, which must not exist yet
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,

    /// End a build or a run of the tests that takes longer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    limit: u64,

    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// A table, for people.
    Text,
    /// Everything, with exact byte counts.
    Json,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    super::ids::refuse_paths("verify", &args.ids)?;
    let progress = Progress::new(args.input.quiet);
    let mut args = Args { input: config::merged(&args.paths, &args.input)?, ..args };
    // The build runs elsewhere.
    args.input.ocamlpath = args.input.ocamlpath.map(|dirs| {
        let dirs = std::env::split_paths(&dirs).map(|dir| std::path::absolute(&dir).unwrap_or(dir));
        dirs.map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(":")
    });
    let scratch = Scratch::new(args.keep.as_deref())?;
    progress.say("copying");
    let mut packages = None;
    match source(&args.paths)? {
        Source::Workspace(root) => {
            // What is wrong with it is said of the user's directory, not of the copy.
            project::load_workspace(&root, &args.input.load_options())?;
            scratch.copy(&root)?;
        }
        Source::Files(_) => match workspace_of_files(&args, &scratch)? {
            Made::Dune(vendored) => scratch.write(&vendored)?,
            Made::Findlib(findlib) => packages = Some(findlib),
        },
    }
    // Savings are promised for what is shipped.
    let mut input = InputArgs { dune_profile: Some(profile(&args.input)), ..args.input.clone() };
    let mut paths = vec![scratch.root().to_path_buf()];
    if let Some(findlib) = &packages {
        input.ocamlpath = Some(findlib.path.clone());
        let files = findlib.programs.values().flatten().filter(|file| file.ends_with(".ml"));
        paths = files.map(|file| scratch.root().join(file)).collect();
    }
    let builder = Builder {
        root: scratch.root().to_path_buf(),
        profile: input.dune_profile().to_owned(),
        limit: Duration::from_secs(args.limit),
        ocamlpath: search_path(&args.input),
        findlib: packages,
    };
    let with_tests = !args.no_tests;
    let mut bench = Bench { builder: &builder, paths: &paths, input, with_tests, left_out: Vec::new() };
    progress.say("building the project as it is");
    bench.build_as_it_is()?;
    let run = bench.audit()?;
    let mut programs = run.programs()?;
    run.propose(&mut programs);
    let baselines = bench.baselines(&run, &programs)?;
    let trials =
        bench.trials(&run, &programs, &baselines, &args.ids, |id| progress.say(&format!("trying {id}")))?;
    let together = match args.together {
        true => {
            progress.say("trying all together");
            Some(bench.together(&baselines, &trials)?)
        }
        false => None,
    };
    drop(progress);
    let verdict = Verdict::new(&bench.left_out, &baselines, &trials, together.as_ref(), &builder.profile);
    let text = match args.format {
        Format::Text => verdict.text(),
        Format::Json => verdict.json()?,
    };
    output::print_problems(&run.problems, true, false);
    args.output.write(&text)?;
    Ok(run.outcome())
}

/// The directories of packages that were asked for, and those of `OCAMLPATH` behind them.
fn search_path(input: &InputArgs) -> Option<String> {
    let asked = input.ocamlpath.clone()?;
    Some([asked].into_iter().chain(std::env::var("OCAMLPATH")).collect::<Vec<_>>().join(":"))
}

/// dune's profile: `release` unless another one was asked for.
fn profile(input: &InputArgs) -> String {
    match input.dune_profile() {
        "dev" => "release".to_owned(),
        other => other.to_owned(),
    }
}

/// What can be built of plain files.
enum Made {
    /// A dune workspace.
    Dune(Vendored),
    /// Packages that ocamlbuild builds, copied.
    Findlib(Findlib),
}

/// Makes a workspace of plain files and of the installed libraries that proposals would change.
fn workspace_of_files(args: &Args, scratch: &Scratch) -> anyhow::Result<Made> {
    let run = Run::new(&args.paths, &args.input)?;
    let mut programs = run.programs()?;
    run.propose(&mut programs);
    let mut wanted: BTreeSet<LibraryId> = BTreeSet::new();
    for proposal in programs.iter().flat_map(|program| &program.proposals.proposals) {
        let is_asked = args.ids.is_empty() || args.ids.contains(&proposal.id);
        let has_patch = !proposal.kind.is_by_hand();
        let library = proposal.library.filter(|_| is_asked && has_patch);
        let is_installed = |id: &LibraryId| run.project.library(*id).origin == LibraryOrigin::Installed;
        wanted.extend(library.filter(is_installed));
    }
    if let Some(findlib) = findlib::copy(&run, &wanted, &args.input, scratch)? {
        return Ok(Made::Findlib(findlib));
    }
    vendored(&run.project, &programs, wanted, &args.input.load_options()).map(Made::Dune)
}

/// Vendors what can be: a library that cannot be changed here is left installed, and said.
fn vendored(
    project: &Project,
    programs: &[Linked<'_>],
    mut wanted: BTreeSet<LibraryId>,
    options: &project::LoadOptions,
) -> anyhow::Result<Vendored> {
    let mut vendored = loop {
        let list: Vec<LibraryId> = wanted.iter().copied().collect();
        match project::vendor(project, &list, options) {
            Ok(vendored) => break vendored,
            Err(error) => {
                let culprit = (0..project.libraries.len())
                    .map(LibraryId::new)
                    .find(|&id| project.library(id).name == error.library);
                anstream::eprintln!("note: {error}: what it needs stays installed, and is not tried");
                let before = wanted.len();
                wanted.retain(|&id| {
                    culprit.is_none_or(|culprit| !project::with_dependents(project, &[id]).contains(&culprit))
                });
                if wanted.len() == before {
                    return Err(Failure::error(
                        format!("no workspace can be made of the installed libraries: {error}"),
                        "vendor the library into a dune workspace, and run this there",
                    ));
                }
            }
        }
    };
    for program in programs {
        let units: Vec<_> = program.program.own_units.clone();
        let with_source =
            |unit: &&crate::base::UnitId| matches!(project.unit(**unit).source, UnitSource::Files { .. });
        let units: Vec<_> = units.iter().filter(with_source).copied().collect();
        project::add_program(project, program.program.own, &units, &mut vendored).map_err(|error| {
            Failure::error(format!("cannot copy the program: {error}"), "check that its sources can be read")
        })?;
    }
    Ok(vendored)
}
