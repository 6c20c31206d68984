//! `unlith levers`: every way to make a program smaller, side by side.

use super::failure::Failure;
use super::given::{Given, compressed};
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use super::{Outcome, input::ProfileArg};
use crate::base::{IdSet, UnitId};
use crate::link::{LinkInput, link};
use crate::project::LibraryOrigin;
use crate::report::human;
use crate::report::levers::{Lever, Levers, ProgramLevers, text};
use crate::size::{Bytecode, LinkMode, ProgramSize, Provenance, load_bytecode};
use std::path::PathBuf;

/// Show every way to make a program smaller, side by side
///
/// Stripping, flags of the linker, bytecode, units that are forced, the proposed splits, and what no split can beat, each with the length
/// of the file and with what it costs. Bytecode is put together from what is installed and compressed; a native executable is
/// compressed where one is given. What can be read from an executable, native or bytecode, stands beside its prediction, section by section.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith levers main.ml -p base,stdio
  unlith levers . --exe bin/main --exe-file _build/default/bin/main.exe
  unlith levers main.ml --exe-file main.exe --exe-file main.bc
  unlith levers --format json -o levers.json")]
pub(super) struct Args {
    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The unstripped executable of the one program that is analysed, native or bytecode; may be given for each
    #[arg(long, value_name = "FILE")]
    exe_file: Vec<PathBuf>,

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
    /// Tables, for people.
    Text,
    /// Exact byte counts, for programs.
    Json,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    if args.input.profile.is_some_and(|profile| profile != ProfileArg::Pie) {
        return Err(Failure::error(
            "levers compare the kinds of executables themselves",
            "leave --profile out: static executables and bytecode are among the rows",
        ));
    }
    let given = Given::read(&args.exe_file)?;
    let mut run = Run::new_with_all_prices(&args.paths, &args.input)?;
    run.load_system();
    let mut programs = run.programs()?;
    if !given.is_empty() && programs.len() != 1 {
        return Err(Failure::error(
            format!("an executable was given, and there are {} programs", programs.len()),
            "say which one it is, as in `--exe bin/main`",
        ));
    }
    run.propose(&mut programs);
    let (bytecode, of_bytecode) = load_bytecode(&run.project);
    let levers = Levers {
        schema: 1,
        programs: programs.iter().map(|linked| levers_of(&run, linked, &given, &bytecode)).collect(),
    };
    let problems = [&run.problems[..], &of_bytecode].concat();
    output::print_problems(&problems, args.input.quiet, false);
    let shown = match args.format {
        Format::Text => text(&levers),
        Format::Json => output::json(&levers)?,
    };
    args.output.write(&shown)?;
    Ok(run.outcome())
}

/// The rows of one program, being written.
#[derive(Default)]
struct Rows(Vec<Lever>);

impl Rows {
    /// Adds a way to make it smaller: what it gives, what was measured, what it costs.
    fn add(
        &mut self,
        id: &str,
        what: impl Into<String>,
        size: Option<(u64, Provenance)>,
        measured: Option<u64>,
        cost: &str,
    ) {
        self.0.push(Lever {
            id: id.to_owned(),
            what: what.into(),
            file: size.map(|(file, _)| file),
            provenance: size.map_or(Provenance::Estimated, |(_, provenance)| provenance),
            measured,
            cost: cost.to_owned(),
        });
    }
}

fn provenance(size: &ProgramSize) -> Provenance {
    size.provenance.unwrap_or(Provenance::Estimated)
}

fn stripped(size: &ProgramSize) -> Option<(u64, Provenance)> {
    Some((size.stripped, provenance(size)))
}

fn levers_of(run: &Run, linked: &Linked<'_>, given: &Given, at_hand: &Bytecode) -> ProgramLevers {
    let units = &linked.linked.units;
    let default = run.predict(linked.program, units, LinkMode::DEFAULT);
    let mut rows = Rows::default();
    // What is linked in another way tells nothing of these rows.
    let exe = given.native.as_ref().map(|native| &native.exe).filter(|exe| exe.is_pie);
    let whole = Some((default.unstripped, provenance(&default)));
    rows.add("none", "as linked", whole, exe.map(|exe| exe.file), "-");
    without_g(run, linked, &default, &mut rows);
    rows.add(
        "strip-debug",
        "strip -g",
        Some((default.without_debug, provenance(&default))),
        exe.map(|exe| exe.without_debug),
        "debuggers see no source lines; OCaml's backtraces stay",
    );
    let cost = "debuggers and profilers see no names";
    rows.add("strip", "strip", stripped(&default), exe.map(|exe| exe.stripped), cost);
    let exporter = run.exporter(linked.program);
    let idle = exporter.map(|library| format!("exports stay: the archive of {library} asks for them"));
    for (id, what, mode, cost) in MODES {
        let size = run.predict(linked.program, units, mode);
        let cost = idle.as_deref().filter(|_| !mode.exports && !mode.is_static).unwrap_or(cost);
        rows.add(id, format!("strip, {what}"), stripped(&size), None, cost);
    }
    let (relaxed, n_forced) = without_force(linked);
    if n_forced > 0 {
        let left = link(&relaxed, &run.links);
        let size = run.predict(linked.program, &left.units, LinkMode::DEFAULT);
        let what = format!("strip, without -linkall and {n_forced} forced units");
        rows.add(
            "unforced",
            what,
            stripped(&size),
            None,
            "review: registrations of what leaves no longer run",
        );
    }
    let after = linked.proposals.curve.last().map_or(default.alloc, |point| point.alloc);
    let n_proposals = linked.proposals.curve.last().map_or(0, |point| point.proposals.len());
    let file_of = |alloc: u64| {
        let saved = default.alloc.saturating_sub(alloc);
        Some((default.stripped.saturating_sub(saved), Provenance::Estimated))
    };
    let what = format!("strip, and {} of `unlith audit`", human::count(n_proposals, "split"));
    rows.add("splits", what, file_of(after), None, "edits, review");
    let cost = "what dead code elimination over the whole program could reach";
    rows.add("bound", "strip, and all that no split can beat", file_of(linked.waste.bound), None, cost);
    if let Some(native) = given.native.as_ref().filter(|native| native.exe.is_pie) {
        for (id, what, packed) in compressed(&native.stripped()) {
            let size = packed.map(|n_bytes| (n_bytes, Provenance::Measured));
            rows.add(
                &format!("strip-{id}"),
                format!("strip, {what}"),
                size,
                packed,
                "unpacked before it starts",
            );
        }
    }
    let bytecode = bytecode(run, linked, given, at_hand, &mut rows);
    let executables = given.native.iter().map(|native| native.beside(run, linked));
    let executables = executables.chain(given.bytecode.iter().map(|program| program.beside(&bytecode)));
    ProgramLevers {
        name: linked.program.name.clone(),
        file: default.unstripped,
        provenance: provenance(&default),
        levers: rows.0,
        executables: executables.collect(),
    }
}

/// Compiling without `-g`: the code of the project at hand, and all code. Linking without it changes nothing.
fn without_g(run: &Run, linked: &Linked<'_>, default: &ProgramSize, rows: &mut Rows) {
    let is_own = |unit: &UnitId| {
        let origin = run.project.library(run.project.unit(*unit).library).origin;
        matches!(origin, LibraryOrigin::Program | LibraryOrigin::Workspace)
    };
    let units = &linked.linked.units;
    let own: Vec<UnitId> = units.iter().copied().filter(is_own).collect();
    let file_of = |units: &[UnitId]| {
        let info = run.debug_info(units.iter().copied());
        Some((default.unstripped.saturating_sub(info.sections + info.places), Provenance::Estimated))
    };
    let cost = "backtraces end where the code does; memory profiles have no places";
    let what = format!("own code ({}) compiled without -g", human::count(own.len(), "unit"));
    rows.add("no-g", what, file_of(&own), None, cost);
    let what = format!("all code ({}) compiled without -g", human::count(units.len(), "unit"));
    rows.add("no-g-all", what, file_of(units), None, "the same; libraries to be built again");
}

/// Bytecode, plain and compressed.
fn bytecode(
    run: &Run,
    linked: &Linked<'_>,
    given: &Given,
    at_hand: &Bytecode,
    rows: &mut Rows,
) -> ProgramSize {
    let units = &linked.linked.units;
    let (size, image) = run.predict_bytecode(linked.program, units, at_hand.clone());
    let cost = "several times slower; needs ocamlrun and its C stubs beside it";
    let measured = given.bytecode.as_ref();
    rows.add(
        "bytecode",
        "bytecode, without -g",
        stripped(&size),
        measured.map(|program| program.exe.stripped()),
        cost,
    );
    let packed_given = measured.map(|program| compressed(&program.stripped()));
    for (i, (id, what, packed)) in compressed(&image).into_iter().enumerate() {
        // What is not at hand to compress gets as small as the rest.
        let scaled = |n: u64| (u128::from(n) * u128::from(size.stripped)).checked_div(image.len() as u128);
        let predicted = packed.and_then(scaled).map(|n| (n as u64, Provenance::Estimated));
        let measured = packed_given.and_then(|rows| rows[i].2);
        let cost = "the same, and unpacked before it starts";
        rows.add(
            &format!("bytecode-{id}"),
            format!("bytecode, without -g, {what}"),
            predicted,
            measured,
            cost,
        );
    }
    size
}

/// Flags of the linker.
const MODES: [(&str, &str, LinkMode, &str); 4] = [
    ("no-pie", "-ccopt -no-pie", LinkMode::NO_PIE, "the program is always loaded at one address"),
    (
        "no-export",
        "-ccopt -Wl,--no-export-dynamic",
        LinkMode::NO_EXPORT,
        "native plug-ins (Dynlink) cannot be loaded",
    ),
    ("fixed", "both", LinkMode::FIXED, "both"),
    (
        "static",
        "-ccopt -static",
        LinkMode::STATIC,
        "has the C library inside, and needs none beside it; look-ups of names and users may fail",
    ),
];

/// The command line without what keeps units unasked, and how many units that is.
fn without_force(linked: &Linked<'_>) -> (LinkInput, usize) {
    use crate::link::Reason;
    let mut input = linked.input.clone();
    input.forced = IdSet::default();
    input.linkall = false;
    input.archives.iter_mut().for_each(|archive| archive.linkall = false);
    let is_forced = |reason: &Reason| matches!(reason, Reason::Forced | Reason::LinkAll);
    (input, linked.linked.reasons.iter().filter(|reason| is_forced(reason)).count())
}
