//! `unlith check`: does every program keep to what was agreed in `unlith.toml`?

use super::affected::Change;
use super::config::{self, Config};
use super::failure::Failure;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use super::{Outcome, revision, sarif};
use crate::base::{FileId, Idx, Severity, read_regular_text};
use crate::check::{Allowances, Baseline, Case, Judge, Level, Rule, Settings};
use crate::project::{read_source, workspace_of};
use crate::report::finding::{CheckReport, CheckedProgram, Finding, SCHEMA};
use crate::report::schema::{Audit, ProgramAudit};
use crate::report::{Parts, alert, annotations, csv, finding_text, markdown};
use std::path::{Path, PathBuf};

/// Hold the programs against what was agreed in unlith.toml
///
/// Budgets for executables, libraries and units; units and libraries that must be absent, with the references that bring them
/// when they are there; units that may not be forced by -linkall; and, where asked for, proposals that would save bytes.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith check                             the workspace here, by the nearest unlith.toml
  unlith check --exe bin/main --strict     warnings fail too
  unlith check --affected main             only programs that this branch changes
  unlith check --write-baseline            take what is found as known
  unlith check --format sarif -o unlith.sarif
  unlith check --print-config              what holds here, with all that is usual
  unlith check --explain absent            what a rule is about

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

    /// Check only programs that a change since this git revision concerns
    ///
    /// The change is that of this branch, from where it left the revision, and of the files as they are. A program is concerned
    /// when a source in it changed, or a build file above its libraries, or a file that such a one includes, or unlith.toml.
    #[arg(long, value_name = "REV")]
    affected: Option<String>,

    /// Take findings in this file as known [default: `check.baseline` of unlith.toml]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write what is found to the baseline, and take it as known from now on
    #[arg(long, conflicts_with_all = ["affected", "no_baseline"])]
    write_baseline: bool,

    /// Show what the baseline knows too
    #[arg(long, conflicts_with = "baseline")]
    no_baseline: bool,

    /// Show at most this many findings (markdown)
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,

    /// Print the settings that hold, and do nothing else
    #[arg(long)]
    print_config: bool,

    /// Print what a rule, here or in an editor, or a kind of proposal is about, and do nothing else
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,

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
    /// For the comment of a pull request.
    Markdown,
    /// One row for each finding.
    Csv,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    if let Some(rule) = &args.explain {
        args.output.write(explained(rule)?)?;
        return Ok(Outcome::Done);
    }
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
    let baseline = baseline(&args, &config)?;
    let input = config::with(&args.input, &config);
    let run = Run::new(&args.paths, &input)?;
    let mut programs = run.programs()?;
    let n_all = programs.len();
    if let Some(rev) = &args.affected {
        let change = Change::since(&run.project.root, rev)?;
        programs.retain(|linked| change.concerns(&run.project, linked.program, &linked.linked.units));
    }
    if wants_proposals(&config.settings) {
        run.propose(&mut programs);
        run.check_patches(&mut programs, usize::MAX);
    }
    let audit = run.audit(&programs);
    let is_whole = input.exes.is_empty() && programs.len() == n_all && !is_part(&args.paths);
    let file = shown(&config.path, &run.project.root);
    let mut findings = found(&run, &programs, &audit, &config, &file, is_whole);
    if let Some((path, known)) = &baseline {
        let checked = |program: &str| audit.programs.iter().any(|audit| audit.name == program);
        let known = match args.write_baseline {
            true => written(path, &findings, known.without(|program| is_whole || checked(program)))?,
            false => known.clone(),
        };
        let path = shown(path, &run.project.root);
        let stale = known.apply(&mut findings, &path);
        let level = config.settings.check.level(Rule::StaleBaseline);
        let stale = stale.into_iter().filter(|known| match &known.program {
            Some(program) => checked(program) || is_whole,
            None => is_whole,
        });
        if let Some(severity) = level.severity() {
            findings.extend(stale.map(|known| known.stale(severity, &path)));
        }
    }
    let report = CheckReport {
        schema: SCHEMA,
        tool: audit.tool.clone(),
        settings: Some(file),
        programs: audit.programs.iter().map(checked).collect(),
        findings,
        problems: audit.problems.clone(),
    };
    let text = text(&args, &run, &audit, &report, &config.settings)?;
    output::print_problems(&run.problems, input.quiet, args.format == Format::Json);
    args.output.write(&text)?;
    let fails = report.n_of(Severity::Error) > 0 || (args.strict && report.n_of(Severity::Warning) > 0);
    Ok(match run.outcome() {
        Outcome::Done if fails => Outcome::Found,
        outcome => outcome,
    })
}

/// Whether a directory inside a workspace is analysed: programs of the others are not looked at.
fn is_part(paths: &[PathBuf]) -> bool {
    let dir = match paths {
        [] => Path::new("."),
        [path] if path.is_dir() => path,
        _ => return false,
    };
    workspace_of(dir).is_some_and(|(_, below)| below != Path::new(""))
}

fn explained(word: &str) -> anyhow::Result<&'static str> {
    let own = Rule::all().into_iter().map(|rule| (rule.word(), rule.page()));
    let all: Vec<(&str, &'static str)> = own.chain(crate::lsp::pages()).collect();
    all.iter().find(|(other, _)| *other == word).map(|(_, page)| *page).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
        Failure::error(format!("there is no rule `{word}`"), format!("there are: {}", words.join(", ")))
    })
}

/// Proposals are looked for only where somebody wants to hear of them.
fn wants_proposals(settings: &Settings) -> bool {
    let is_wanted =
        |rule: &Rule| matches!(rule, Rule::Proposal(_)) && settings.check.level(*rule) != Level::Off;
    Rule::all().iter().any(is_wanted)
}

fn found(
    run: &Run,
    programs: &[Linked<'_>],
    audit: &Audit,
    config: &Config,
    file: &str,
    is_whole: bool,
) -> Vec<Finding> {
    let parts: Vec<Parts<'_>> = programs.iter().map(|linked| run.parts(linked)).collect();
    let cases: Vec<Case<'_>> =
        parts.iter().zip(&audit.programs).map(|(parts, audit)| Case { parts, audit }).collect();
    let allowances = allowances(run);
    let judge = Judge {
        settings: &config.settings.check,
        file: Some(file),
        places: run.places(),
        graph: &run.graph,
        allowances: &allowances,
        is_whole,
    };
    judge.findings(&cases)
}

/// Reads the remarks in the project's own sources, as far as they were read at all.
fn allowances(run: &Run) -> Allowances {
    let mut allowances = Allowances::default();
    for (i, file) in run.project.files.iter().enumerate() {
        let is_read = run.facts.get(i).is_some_and(Option::is_some);
        if is_read && file.shown.is_relative() && file.generator.is_none() {
            // A file that went away since it was parsed allows nothing.
            let text = read_source(&file.path).unwrap_or_default();
            allowances.add(FileId::new(i), &text, file.kind);
        }
    }
    allowances
}

/// The baseline's path, and what it knows; one that is about to be written may not be there yet.
fn baseline(args: &Args, config: &Config) -> anyhow::Result<Option<(PathBuf, Baseline)>> {
    let of_config = config.settings.check.baseline.as_ref().map(|path| config.resolve(path));
    let path = args.baseline.clone().or(of_config).filter(|_| !args.no_baseline);
    let usual = args.write_baseline.then(|| config.resolve(Path::new("unlith-baseline.json")));
    let Some(path) = path.or(usual) else { return Ok(None) };
    if args.write_baseline && !path.exists() {
        return Ok(Some((path, Baseline::default())));
    }
    let text = read_regular_text(&path, super::input::MAX_BYTES).map_err(|error| {
        Failure::error(
            format!("cannot read the baseline `{}`: {error}", path.display()),
            "make one with `unlith check --write-baseline`, or go without with --no-baseline",
        )
    })?;
    let known = Baseline::read(&text).map_err(|error| {
        Failure::error(
            format!("`{}` is no baseline: {error}", path.display()),
            "write it again with `unlith check --write-baseline`",
        )
    })?;
    Ok(Some((path, known)))
}

/// Writes what is found to the baseline, beside what it knows of programs that were not looked at.
fn written(path: &Path, findings: &[Finding], others: Baseline) -> anyhow::Result<Baseline> {
    let baseline = Baseline::of(findings).and(others);
    std::fs::write(path, baseline.text()).map_err(|error| {
        Failure::error(
            format!("cannot write the baseline `{}`: {error}", path.display()),
            "name a file in a directory that exists and may be written to, with --baseline",
        )
    })?;
    Ok(baseline)
}

fn checked(program: &ProgramAudit) -> CheckedProgram {
    CheckedProgram {
        name: program.name.clone(),
        alloc: program.size.alloc,
        stripped: program.size.stripped,
        unstripped: program.size.unstripped,
        provenance: program.size.provenance,
    }
}

fn text(
    args: &Args,
    run: &Run,
    audit: &Audit,
    report: &CheckReport,
    settings: &Settings,
) -> anyhow::Result<String> {
    Ok(match args.format {
        Format::Text => finding_text::text(report),
        Format::Json => output::json(report)?,
        Format::Markdown => markdown::check(report, args.top),
        Format::Csv => csv::check(report)?,
        Format::Sarif => {
            let alerts: Vec<alert::Alert> = report.findings.iter().map(alert::of_finding).collect();
            sarif::text(&report.tool, &alerts, &sarif::root(run, audit), |rule| settings.check.level(rule))?
        }
        Format::Github => annotations::annotations(report, &revision::prefix(&run.project.root)),
    })
}

/// How a file is named in a report: as sources are, seen from the root of the project.
fn shown(path: &Path, root: &Path) -> String {
    let full = |path: &Path| path.canonicalize().ok();
    let inside = full(path).zip(full(root)).and_then(|(path, root)| {
        let up = root.ancestors().position(|dir| path.starts_with(dir))?;
        let rest = path.strip_prefix(root.ancestors().nth(up)?).ok()?.to_owned();
        // Far away is better told in full.
        (up <= 3).then(|| std::iter::repeat_n("..", up).collect::<PathBuf>().join(rest))
    });
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
