//! `unlith levers`: every way to make a program smaller, side by side.

use super::failure::Failure;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use super::{Outcome, input::ProfileArg};
use crate::base::{IdSet, UnitId};
use crate::link::{LinkInput, link};
use crate::report::levers::{ExecutableEntry, Lever, Levers, ProgramLevers, SectionEntry, text};
use crate::size::{ExeSize, LinkMode, ProgramSize, Provenance, read_executable};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Show every way to make a program smaller, side by side
///
/// Stripping, flags of the linker, bytecode, units that are forced, the proposed splits, and what no split can beat, each with the length
/// of the file and with what it costs. With an executable, what can be read from it stands beside the prediction, section by
/// section, and it is compressed to see how small it gets.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith levers main.ml -p base,stdio
  unlith levers . --exe bin/main --exe-file _build/default/bin/main.exe
  unlith levers --format json -o levers.json")]
pub(super) struct Args {
    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The unstripped executable of the one program that is analysed
    #[arg(long, value_name = "FILE")]
    exe_file: Option<PathBuf>,

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

/// An executable that was given.
struct Given {
    path: PathBuf,
    exe: ExeSize,
    bytes: Vec<u8>,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    if args.input.profile.is_some_and(|profile| profile != ProfileArg::Pie) {
        return Err(Failure::error(
            "levers compare the kinds of executables themselves",
            "leave --profile out: static executables and bytecode are among the rows",
        ));
    }
    let given = args.exe_file.as_deref().map(read).transpose()?;
    let mut run = Run::new(&args.paths, &args.input)?;
    run.load_system();
    let mut programs = run.programs()?;
    if given.is_some() && programs.len() != 1 {
        return Err(Failure::error(
            format!("an executable was given, and there are {} programs", programs.len()),
            "say which one it is, as in `--exe bin/main`",
        ));
    }
    run.propose(&mut programs);
    let levers = Levers {
        schema: 1,
        programs: programs.iter().map(|linked| levers_of(&run, linked, given.as_ref())).collect(),
    };
    output::print_problems(&run.problems, args.input.quiet, false);
    let shown = match args.format {
        Format::Text => text(&levers),
        Format::Json => {
            let json = serde_json::to_string_pretty(&levers);
            json.map_err(|error| Failure::error(format!("cannot write JSON: {error}"), "please report this"))?
                + "\n"
        }
    };
    args.output.write(&shown)?;
    Ok(run.outcome())
}

fn read(path: &Path) -> anyhow::Result<Given> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::error(
            format!("cannot read `{shown}`: {error}"),
            "name the executable as the compiler left it",
        )
    })?;
    let exe = read_executable(&bytes).map_err(|error| {
        Failure::error(
            format!("cannot read the executable `{shown}`: {error}"),
            "name the native ELF file as the compiler left it, before `strip`",
        )
    })?;
    Ok(Given { path: path.to_owned(), exe, bytes })
}

fn levers_of(run: &Run, linked: &Linked<'_>, given: Option<&Given>) -> ProgramLevers {
    let units = &linked.linked.units;
    let of_mode = |mode| run.predict(linked.program, units, mode);
    let default = of_mode(LinkMode::DEFAULT);
    let mut levers = Vec::new();
    let mut add =
        |id: &str, what: String, size: Option<(u64, Provenance)>, measured: Option<u64>, cost: &str| {
            levers.push(Lever {
                id: id.to_owned(),
                what,
                file: size.map(|(file, _)| file),
                provenance: size.map_or(Provenance::Estimated, |(_, provenance)| provenance),
                measured,
                cost: cost.to_owned(),
            });
        };
    let provenance = |size: &ProgramSize| size.provenance.unwrap_or(Provenance::Estimated);
    let stripped = |size: &ProgramSize| Some((size.stripped, provenance(size)));
    let exe = given.map(|given| &given.exe);
    add(
        "none",
        "as linked".into(),
        Some((default.unstripped, provenance(&default))),
        exe.map(|exe| exe.file),
        "-",
    );
    let debug = default.sections.get(".debug").copied().unwrap_or(0);
    add(
        "no-debug",
        "strip -g, or link without -g".into(),
        Some((default.unstripped.saturating_sub(debug), provenance(&default))),
        exe.map(|exe| exe.file - exe.debug()),
        "debuggers see no source lines; OCaml's backtraces stay where modules were compiled with -g",
    );
    add(
        "strip",
        "strip".into(),
        stripped(&default),
        exe.map(|exe| exe.stripped),
        "debuggers and profilers see no names",
    );
    for (id, what, mode, cost) in MODES {
        add(id, format!("strip, {what}"), stripped(&of_mode(mode)), None, cost);
    }
    let (relaxed, n_forced) = without_force(linked);
    if n_forced > 0 {
        let left = link(&relaxed, &run.links);
        let size = run.predict(linked.program, &left.units, LinkMode::DEFAULT);
        let what = format!("strip, without -linkall and {n_forced} forced units");
        add("unforced", what, stripped(&size), None, "review: registrations of what leaves no longer run");
    }
    let after = linked.proposals.curve.last().map_or(default.alloc, |point| point.alloc);
    let n_proposals = linked.proposals.curve.last().map_or(0, |point| point.proposals.len());
    let file_of = |alloc: u64| {
        (default.stripped.saturating_sub(default.alloc.saturating_sub(alloc)), Provenance::Estimated)
    };
    add(
        "splits",
        format!("strip, and the {n_proposals} splits of `unlith audit`"),
        Some(file_of(after)),
        None,
        "edits, review",
    );
    add(
        "bound",
        "strip, and all that no split can beat".into(),
        Some(file_of(linked.waste.bound)),
        None,
        "what dead code elimination over the whole program could reach",
    );
    let bytecode = run.predict_bytecode(linked.program, units);
    add(
        "bytecode",
        "bytecode, without -g".into(),
        stripped(&bytecode),
        None,
        "several times slower; needs ocamlrun and its C stubs beside it",
    );
    for (id, what, measured) in given.map(compressed).unwrap_or_default() {
        add(
            id,
            what.to_owned(),
            Some((measured, Provenance::Measured)),
            Some(measured),
            "unpacked before it starts",
        );
    }
    ProgramLevers {
        name: linked.program.name.clone(),
        file: default.unstripped,
        provenance: provenance(&default),
        levers,
        executable: given.map(|given| beside(run, linked, given)),
    }
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

/// The executable, compressed: what is asked of the disk or the network when it is shipped so.
fn compressed(given: &Given) -> Vec<(&'static str, &'static str, u64)> {
    let gzip = || {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&given.bytes).and_then(|()| encoder.finish()).ok().map(|packed| packed.len() as u64)
    };
    let zstd = || zstd::bulk::compress(&given.bytes, 19).ok().map(|packed| packed.len() as u64);
    let rows = [
        ("gzip", "the executable given, gzip -9", gzip()),
        ("zstd", "the executable given, zstd -19", zstd()),
    ];
    rows.into_iter().filter_map(|(id, what, n_bytes)| Some((id, what, n_bytes?))).collect()
}

/// The executable beside what is predicted for a program linked like it.
fn beside(run: &Run, linked: &Linked<'_>, given: &Given) -> ExecutableEntry {
    let exe = &given.exe;
    let is_static = exe.section(".interp") == 0;
    let mode =
        LinkMode { is_pie: exe.is_pie, exports: !is_static && exe.section(".gnu.hash") > 1024, is_static };
    let predicted = run.predict(linked.program, &linked.linked.units, mode);
    let entry = |section: &str, predicted: u64, actual: u64| SectionEntry {
        section: section.to_owned(),
        predicted,
        actual,
    };
    let mut sections: Vec<SectionEntry> = predicted
        .sections
        .iter()
        .map(|(&section, &n_bytes)| {
            let actual = if section == ".debug" { exe.debug() } else { exe.section(section) };
            entry(section, n_bytes, actual)
        })
        .collect();
    sections.push(entry("all allocated", predicted.alloc, exe.alloc));
    sections.push(entry("stripped file", predicted.stripped, exe.stripped));
    sections.push(entry("file", predicted.unstripped, exe.file));
    let name_of = |unit: &UnitId| run.project.unit(*unit).name;
    let ours: Vec<_> = linked.linked.units.iter().map(name_of).collect();
    let theirs: Vec<_> = exe.units.iter().map(|(unit, _)| *unit).collect();
    let only = |all: &[crate::base::Name], other: &[crate::base::Name]| {
        all.iter().filter(|unit| !other.contains(unit)).map(ToString::to_string).collect()
    };
    ExecutableEntry {
        path: given.path.display().to_string(),
        sections,
        units_predicted_only: only(&ours, &theirs),
        units_actual_only: only(&theirs, &ours),
    }
}
