//! `unlith why`: which chain of references pulls a unit or definition in, and what goes if the chain is cut.

use super::Outcome;
use super::failure::Failure;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use crate::base::{DefId, UnitId, name};
use crate::graph::DefKind;
use crate::link::{Changed, Hop, Links, link, references, why_def, why_unit};
use crate::report::build::def_name;
use crate::report::chain::{self, HopEntry};
use crate::report::human::{bytes_of, count};
use crate::report::table::HEADING;
use crate::size::Provenance;
use serde::Serialize;
use std::path::PathBuf;

/// Show why a unit or definition is in the program
///
/// Prints the shortest chain of references from the program's own modules, each with its place, and how many bytes leave the
/// program when one link of the chain is cut.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith why Stdlib__Scanf main.ml -p sexplib
  unlith why Base.List.fold --exe bin/main
  unlith why Lwt_unix --format json")]
pub(super) struct Args {
    /// A unit, or a definition in it: `Base__List`, `Base.List.fold`
    #[arg(value_name = "UNIT[.definition]")]
    name: String,

    /// A dune workspace, or the .ml files of one program with the main module last [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Show at most this many references and users
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The answer as JSON, schema 1.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    programs: Vec<ProgramAnswer>,
}

/// The answer for one program.
#[derive(Serialize)]
struct ProgramAnswer {
    program: String,
    /// The unit as the linker knows it.
    unit: String,
    /// The definition asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<String>,
    linked: bool,
    /// Whether own code reaches it.
    live: bool,
    bytes: u64,
    /// Bytes that leave with it, itself included.
    retained_bytes: u64,
    retained_units: u32,
    /// From an own unit to the unit.
    chain: Vec<HopEntry>,
    /// From an own definition to the definition, when one was asked for; to any definition of the unit otherwise.
    live_chain: Vec<HopEntry>,
    /// For each link of `chain`, what leaves the program when it is cut.
    cuts: Vec<CutEntry>,
    /// The linked units that record it, in link order.
    users: Vec<String>,
    /// Where `bytes` comes from.
    provenance: Provenance,
    /// Where `retained_bytes` comes from.
    retained_provenance: Provenance,
    #[serde(skip)]
    references: String,
}

/// What leaves when one link is cut.
#[derive(Serialize)]
struct CutEntry {
    from: String,
    to: String,
    /// References that make the link.
    references: u32,
    freed_bytes: u64,
    provenance: Provenance,
    freed_units: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Copy)]
struct Question {
    unit: UnitId,
    def: Option<DefId>,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let run = Run::new(&args.paths, &args.input)?;
    let programs = run.programs()?;
    let mut answers = Vec::new();
    for linked in &programs {
        let question = find(&run, linked, &args.name)?;
        answers.push(answer(&run, linked, question, args.top));
    }
    output::print_problems(&run.problems, true, false);
    let text = match args.format {
        Format::Text => answers.iter().map(text).collect::<Vec<_>>().join("\n"),
        Format::Json => {
            let answer = Answer { schema: 1, programs: answers };
            let json = serde_json::to_string_pretty(&answer);
            json.map_err(|error| Failure::error(format!("cannot write JSON: {error}"), "please report this"))?
                + "\n"
        }
    };
    args.output.write(&text)?;
    Ok(run.outcome())
}

/// Finds the unit, and the definition, that a name means: units of the program first, as the linker or as people write them.
fn find(run: &Run, linked: &Linked<'_>, asked: &str) -> anyhow::Result<Question> {
    let (modules, rest) = split_name(asked);
    for n in (1..=modules.len()).rev() {
        let Some(unit) = find_unit(run, linked, &modules[..n].join("__")) else { continue };
        let path: Vec<&str> = modules[n..].iter().copied().chain(rest).collect();
        if path.is_empty() {
            return Ok(Question { unit, def: None });
        }
        let path = name(&path.join("."));
        let found = run.graph.unit_defs(unit).filter(|&def| {
            let def = run.graph.def(def);
            def.path == path && def.kind != DefKind::Effect
        });
        // The last one is what clients see; values come before types of the same name.
        let is_type = |def: DefId| matches!(run.graph.def(def).kind, DefKind::Type | DefKind::ModuleType);
        if let Some(def) = found.max_by_key(|&def| (!is_type(def), def)) {
            return Ok(Question { unit, def: Some(def) });
        }
        if n == 1 {
            let unit = run.project.unit(unit).name;
            return Err(Failure::error(
                format!("{unit} has no definition `{path}`"),
                format!("ask `unlith why {unit}` for the unit as a whole"),
            ));
        }
    }
    Err(unknown(run, asked, modules.first().copied().unwrap_or(asked)))
}

/// Splits a name in the modules in front and a last component that is none: `Base.List.(+)` has an operator.
fn split_name(asked: &str) -> (Vec<&str>, Option<&str>) {
    let mut modules = Vec::new();
    let mut rest = asked;
    loop {
        let (head, tail) = rest.split_once('.').map_or((rest, None), |(head, tail)| (head, Some(tail)));
        if !head.starts_with(char::is_uppercase) {
            return (modules, (!rest.is_empty()).then_some(rest));
        }
        modules.push(head);
        match tail {
            Some(tail) => rest = tail,
            None => return (modules, None),
        }
    }
}

/// Finds a unit by name: linked ones first, then any of the project; `List` also finds `Stdlib__List`, `Main` finds
/// `Dune__exe__Main`.
fn find_unit(run: &Run, linked: &Linked<'_>, text: &str) -> Option<UnitId> {
    let candidates = [text.to_owned(), format!("Dune__exe__{text}"), format!("Stdlib__{text}")];
    let of_project = || (0..run.project.units.len()).map(|unit| UnitId(unit as u32));
    candidates.iter().find_map(|candidate| {
        let is_named = |unit: &UnitId| run.project.unit(*unit).name.as_str() == candidate;
        linked.linked.units.iter().copied().find(is_named).or_else(|| of_project().find(is_named))
    })
}

fn unknown(run: &Run, asked: &str, module: &str) -> anyhow::Error {
    let wanted = module.to_lowercase();
    let mut near: Vec<&str> = run
        .project
        .units
        .iter()
        .map(|unit| unit.name.as_str())
        .filter(|unit| unit.to_lowercase().contains(&wanted))
        .collect();
    near.sort_unstable_by_key(|unit| (unit.len(), *unit));
    near.dedup();
    near.truncate(5);
    let help = if near.is_empty() {
        "`unlith audit --format json` lists the units that are linked".to_owned()
    } else {
        format!("there are: {}", near.join(", "))
    };
    Failure::error(format!("no unit here is named `{asked}`"), help)
}

fn answer(run: &Run, linked: &Linked<'_>, question: Question, top: usize) -> ProgramAnswer {
    let unit_name = |unit: UnitId| run.project.unit(unit).name.to_string();
    let unit = question.unit;
    let position = linked.linked.units.iter().position(|&other| other == unit);
    let chain = why_unit(&run.graph, &linked.linked, &run.links, unit).unwrap_or_default();
    // Any live definition shows why own code needs the unit; the one with the shortest chain shows it best.
    let live_defs = || run.graph.unit_defs(unit).filter(|&def| linked.live.contains(def));
    let asked: Vec<DefId> = question.def.map_or_else(|| live_defs().collect(), |def| vec![def]);
    let live_chain = asked
        .iter()
        .filter_map(|&def| why_def(&run.graph, &linked.live, def))
        .min_by_key(|chain| chain.hops.len())
        .unwrap_or_default();
    let users: Vec<UnitId> = linked
        .linked
        .units
        .iter()
        .copied()
        .filter(|&user| user != unit && run.links.links(user).contains(&unit))
        .collect();
    let mut shown = String::new();
    for &user in users.iter().take(top) {
        let found = references(&run.graph, user, unit);
        if found.is_empty() {
            shown.push_str(&format!("    {}: as its archive records\n", unit_name(user)));
        }
        shown.push_str(&chain::references_text(run.places(), &run.graph, &found, 3));
    }
    if users.len() > top {
        shown.push_str(&format!(
            "    ... and {} (use --top {})\n",
            count(users.len() - top, "more unit"),
            users.len()
        ));
    }
    let (cost, provenance) = run.prices.costs.unit(unit);
    let retained = linked
        .linked
        .units
        .iter()
        .copied()
        .filter(|&other| linked.retained.dominates(&linked.linked, unit, other));
    let retained_provenance = run.prices.costs.provenance(retained.chain([unit]));
    let is_live = match question.def {
        Some(def) => linked.live.contains(def),
        None => linked.live.touched.contains(unit),
    };
    ProgramAnswer {
        program: linked.program.name.clone(),
        unit: unit_name(unit),
        definition: question.def.map(|def| def_name(run.places(), &run.graph, def)),
        linked: position.is_some(),
        live: is_live,
        bytes: question.def.map_or_else(|| cost.alloc(), |def| run.prices.weights.def(def)),
        retained_bytes: position.map_or(0, |i| linked.retained.bytes[i]),
        retained_units: position.map_or(0, |i| linked.retained.n_units[i]),
        cuts: cuts(run, linked, &chain.hops),
        chain: chain::hops(run.places(), &run.graph, &chain),
        live_chain: chain::hops(run.places(), &run.graph, &live_chain),
        users: users.into_iter().map(unit_name).collect(),
        provenance,
        retained_provenance,
        references: shown,
    }
}

/// Relinks without each link of a chain.
fn cuts(run: &Run, linked: &Linked<'_>, hops: &[Hop]) -> Vec<CutEntry> {
    let unit_name = |unit: UnitId| run.project.unit(unit).name.to_string();
    let unit_of = |hop: &Hop| match *hop {
        Hop::Unit(unit, _) | Hop::Links(unit, _) => unit,
        Hop::Def(def, _) => run.graph.def(def).unit,
    };
    let cut = |from: UnitId, to: UnitId| {
        let mut changed = Changed::new(&run.links);
        changed.set(from, run.links.links(from).iter().copied().filter(|&used| used != to).collect());
        let left = link(&linked.input, &changed);
        let freed: Vec<UnitId> =
            linked.linked.units.iter().copied().filter(|&unit| !left.contains(unit)).collect();
        CutEntry {
            from: unit_name(from),
            to: unit_name(to),
            references: references(&run.graph, from, to).len() as u32,
            freed_bytes: freed.iter().map(|&unit| run.prices.weights.unit(unit)).sum(),
            provenance: run.prices.costs.provenance(freed.iter().copied()),
            freed_units: freed.into_iter().map(unit_name).collect(),
        }
    };
    hops.windows(2).map(|pair| cut(unit_of(&pair[0]), unit_of(&pair[1]))).collect()
}

fn text(answer: &ProgramAnswer) -> String {
    let program = &answer.program;
    let title = answer.definition.as_ref().unwrap_or(&answer.unit);
    let mut out = format!("{HEADING}{title} in {program}{HEADING:#}\n");
    if !answer.linked {
        out.push_str("  not linked: nothing that is linked refers to it\n");
        return out;
    }
    let shown = |n| bytes_of(n, answer.provenance);
    match &answer.definition {
        Some(_) => out.push_str(&format!("  {}, part of {}\n", shown(answer.bytes), answer.unit)),
        None => out.push_str(&format!(
            "  {}; {} would leave with it ({}, itself included)\n",
            shown(answer.bytes),
            bytes_of(answer.retained_bytes, answer.retained_provenance),
            count(answer.retained_units as usize, "unit")
        )),
    }
    out.push_str(&format!("\n{HEADING}Why it is linked{HEADING:#}\n{}", chain::text(&answer.chain)));
    out.push_str(&format!("\n{HEADING}Why it is live{HEADING:#}\n"));
    if answer.live_chain.is_empty() {
        let what = match (&answer.definition, answer.live) {
            (Some(_), _) => "it is not: the program's own code never reaches it",
            (None, true) => "own code reads it as a whole",
            (None, false) => "it is not: only dead definitions need it",
        };
        out.push_str(&format!("  {what}\n"));
    } else {
        out.push_str(&chain::text(&answer.live_chain));
    }
    if !answer.cuts.is_empty() {
        out.push_str(&format!("\n{HEADING}What leaves if a link of the chain is cut{HEADING:#}\n"));
        for cut in &answer.cuts {
            let freed = match cut.freed_units.len() {
                0 => "nothing: others record it too".to_owned(),
                n => format!("{} in {}", bytes_of(cut.freed_bytes, cut.provenance), count(n, "unit")),
            };
            let references = count(cut.references as usize, "reference");
            out.push_str(&format!("  {} -> {} ({references}): {freed}\n", cut.from, cut.to));
        }
    }
    if !answer.references.is_empty() {
        let n_users = answer.users.len();
        out.push_str(&format!(
            "\n{HEADING}Who records it: {}{HEADING:#}\n{}",
            count(n_users, "unit"),
            answer.references
        ));
    }
    out
}
