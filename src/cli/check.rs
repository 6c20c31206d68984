//! `unlith check`: does every program keep to what was agreed in `unlith.toml`?

use super::Outcome;
use super::config::{self, Config};
use super::failure::Failure;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::Run;
use crate::base::Severity;
use crate::check::{Case, Judge, Level, Rule, Settings};
use crate::report::finding::{CheckReport, CheckedProgram, SCHEMA};
use crate::report::{Parts, finding_text};
use std::path::{Path, PathBuf};

/// Hold the programs against what was agreed in unlith.toml
///
/// Budgets for executables, libraries and units; units and libraries that must be absent, with the references that bring them
/// when they are there; units that may not be forced by -linkall; and, where asked for, proposals that would save bytes.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith check                             the workspace here, by the nearest unlith.toml
  unlith check --exe bin/main --strict     warnings fail too
  unlith check --print-config              what holds here, with all that is usual

Exit status: 0 all is as agreed, 1 there are errors, 2 could not run.")]
pub(super) struct Args {
    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Let warnings fail the check too
    #[arg(long)]
    strict: bool,

    /// Print the settings that hold, and do nothing else
    #[arg(long)]
    print_config: bool,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// For people.
    Text,
    /// Everything, with exact byte counts.
    Json,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let config = config::find(&args.paths, &args.input)?;
    if args.print_config {
        args.output.write(&printed(config.as_ref(), &args.input)?)?;
        return Ok(Outcome::Done);
    }
    let Some(config) = config else {
        return Err(Failure::error(
            "nothing was agreed: there is no unlith.toml here or above",
            "write one, as docs/settings.md shows; two lines are enough: `[check]` and `absent = [\"Str\"]`",
        ));
    };
    let input = config::with(&args.input, &config);
    let settings = &config.settings.check;
    let run = Run::new(&args.paths, &input)?;
    let mut programs = run.programs()?;
    let wants_proposals = Rule::all()
        .into_iter()
        .any(|rule| matches!(rule, Rule::Proposal(_)) && settings.level(rule) != Level::Off);
    if wants_proposals {
        run.propose(&mut programs);
    }
    let audit = run.audit(&programs);
    let parts: Vec<Parts<'_>> = programs.iter().map(|linked| run.parts(linked)).collect();
    let cases: Vec<Case<'_>> =
        parts.iter().zip(&audit.programs).map(|(parts, audit)| Case { parts, audit }).collect();
    let file = shown(&config.path, &run.project.root);
    let judge = Judge {
        settings,
        file: Some(&file),
        places: run.places(),
        graph: &run.graph,
        is_whole: input.exes.is_empty(),
    };
    let findings = judge.findings(&cases);
    let checked = |program: &crate::report::schema::ProgramAudit| CheckedProgram {
        name: program.name.clone(),
        alloc: program.size.alloc,
        stripped: program.size.stripped,
        unstripped: program.size.unstripped,
        provenance: program.size.provenance,
    };
    let report = CheckReport {
        schema: SCHEMA,
        tool: audit.tool.clone(),
        settings: Some(file.clone()),
        programs: audit.programs.iter().map(checked).collect(),
        findings,
        problems: audit.problems.clone(),
    };
    let text = match args.format {
        Format::Text => finding_text::text(&report),
        Format::Json => {
            let json = serde_json::to_string_pretty(&report);
            json.map_err(|error| Failure::error(format!("cannot write JSON: {error}"), "please report this"))?
                + "\n"
        }
    };
    output::print_problems(&run.problems, input.quiet, args.format == Format::Json);
    args.output.write(&text)?;
    let fails = report.n_of(Severity::Error) > 0 || (args.strict && report.n_of(Severity::Warning) > 0);
    Ok(match run.outcome() {
        Outcome::Done if fails => Outcome::Found,
        outcome => outcome,
    })
}

/// How a file is named in a report: as sources are, seen from the root of the project.
fn shown(path: &Path, root: &Path) -> String {
    let full = |path: &Path| path.canonicalize().ok();
    let inside =
        full(path).zip(full(root)).and_then(|(path, root)| path.strip_prefix(root).ok().map(Path::to_owned));
    crate::report::place::file_name(&inside.unwrap_or_else(|| path.to_owned()))
}

/// The settings that hold: those of the file, with the options that were given, and all that is usual.
fn printed(config: Option<&Config>, input: &InputArgs) -> anyhow::Result<String> {
    let mut settings = config.map_or_else(Settings::default, |config| config.settings.clone());
    let merged = config.map_or_else(|| input.clone(), |config| config::with(input, config));
    let analysis = &mut settings.analysis;
    analysis.exes.clone_from(&merged.exes);
    analysis.packages.clone_from(&merged.packages);
    analysis.include_dirs.clone_from(&merged.include_dirs);
    analysis.ocamlpath.clone_from(&merged.ocamlpath);
    analysis.profile = Some(merged.profile());
    analysis.dune_profile = Some(merged.dune_profile().to_owned());
    analysis.sources_only = Some(merged.sources_only);
    analysis.model.clone_from(&merged.model);
    let check = &mut settings.check;
    for rule in Rule::all() {
        let level = check.level(rule);
        check.severity.insert(rule, level);
    }
    let text = toml::to_string_pretty(&settings)
        .map_err(|error| Failure::error(format!("cannot write TOML: {error}"), "please report this"))?;
    let from = match config {
        Some(config) => format!("# from {}, the command line, and what is usual\n", config.path.display()),
        None => "# no unlith.toml here or above: what is usual\n".to_owned(),
    };
    Ok(from + &text)
}
