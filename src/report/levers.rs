//! Every way to make a program smaller, side by side: as JSON and for a terminal.

use super::human::{bytes, bytes_of, difference, mark, percent};
use super::table::{Align, DIM, HEADING, Table};
use crate::size::Provenance;
use schemars::JsonSchema;
use serde::Serialize;

/// The levers of some programs, schema 1.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Levers {
    /// The version of the layout.
    pub schema: u32,
    /// One entry for each program.
    pub programs: Vec<ProgramLevers>,
}

/// The levers of one program.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct ProgramLevers {
    /// The program.
    pub name: String,
    /// The file as it is linked by default: predicted.
    pub file: u64,
    /// Where that figure comes from.
    pub provenance: Provenance,
    /// What can be done, in the order of effort.
    pub levers: Vec<Lever>,
    /// The executables that were given, beside what is predicted for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub executables: Vec<ExecutableEntry>,
}

/// One way to make it smaller.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Lever {
    /// A stable word: `strip`, `no-pie`...
    pub id: String,
    /// What to do.
    pub what: String,
    /// Length of the file with it; null where nothing here tells.
    pub file: Option<u64>,
    /// Where that figure comes from.
    pub provenance: Provenance,
    /// The same, read from the executable that was given.
    pub measured: Option<u64>,
    /// What it costs.
    pub cost: String,
}

/// An executable beside its prediction.
#[derive(Clone, PartialEq, Debug, Default, Serialize, JsonSchema)]
pub struct ExecutableEntry {
    /// The file.
    pub path: String,
    /// Sections and lengths, predicted and actual.
    pub sections: Vec<SectionEntry>,
    /// Units whose allocated bytes differ by more than alignment explains, the furthest off first.
    pub units: Vec<SectionEntry>,
    /// Units that only the prediction has.
    pub units_predicted_only: Vec<String>,
    /// Units that only the file has.
    pub units_actual_only: Vec<String>,
}

/// One section, or a sum of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SectionEntry {
    /// Its name.
    pub section: String,
    /// Predicted bytes.
    pub predicted: u64,
    /// Bytes in the file.
    pub actual: u64,
}

/// Returns the levers as text.
#[must_use]
pub fn text(levers: &Levers) -> String {
    levers.programs.iter().map(program).collect::<Vec<_>>().join("\n")
}

fn program(program: &ProgramLevers) -> String {
    let mut out = format!(
        "{HEADING}Program {}{HEADING:#}: {} as linked\n\n",
        program.name,
        bytes_of(program.file, program.provenance)
    );
    let has_measured = program.levers.iter().any(|lever| lever.measured.is_some());
    let mut columns = vec![
        ("lever", Align::Left),
        ("file", Align::Right),
        ("difference", Align::Right),
        ("of file", Align::Right),
    ];
    if has_measured {
        columns.push(("measured", Align::Right));
    }
    columns.push(("costs", Align::Left));
    let mut table = Table::new(&columns);
    for lever in &program.levers {
        let mut row = vec![
            lever.what.clone(),
            lever.file.map_or("unknown".to_owned(), |file| bytes_of(file, lever.provenance)),
            lever.file.map_or("-".to_owned(), |file| {
                format!("{}{}", mark(lever.provenance), difference(file as i64 - program.file as i64))
            }),
            lever.file.map_or("-".to_owned(), |file| percent(file, program.file)),
        ];
        if has_measured {
            row.push(lever.measured.map_or("-".to_owned(), bytes));
        }
        row.push(lever.cost.clone());
        table.row(row);
    }
    out.push_str(&table.render());
    out.push_str(&format!("  {DIM}each alone, lengths of whole files{DIM:#}\n"));
    program.executables.iter().for_each(|executable| out.push_str(&self::executable(executable)));
    out
}

fn executable(executable: &ExecutableEntry) -> String {
    let mut out = format!("\n{HEADING}{} beside its prediction{HEADING:#}\n", executable.path);
    out.push_str(&entries("section", &executable.sections));
    if !executable.units.is_empty() {
        const SHOWN: usize = 10;
        let shown = &executable.units[..executable.units.len().min(SHOWN)];
        out.push_str(&entries("unit that differs", shown));
        if executable.units.len() > SHOWN {
            out.push_str(&format!(
                "  ... and {} more (--format json has all)\n",
                executable.units.len() - SHOWN
            ));
        }
    }
    for (what, units) in [
        ("predicted only", &executable.units_predicted_only),
        ("in the file only", &executable.units_actual_only),
    ] {
        if !units.is_empty() {
            out.push_str(&format!("  {what}: {}\n", units.join(", ")));
        }
    }
    out
}

/// Predicted and actual bytes, line by line.
fn entries(title: &'static str, entries: &[SectionEntry]) -> String {
    let columns = [
        (title, Align::Left),
        ("predicted", Align::Right),
        ("actual", Align::Right),
        ("residue", Align::Right),
        ("of actual", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for SectionEntry { section, predicted, actual } in entries {
        let residue = *predicted as i64 - *actual as i64;
        table.row([
            section.clone(),
            bytes(*predicted),
            bytes(*actual),
            difference(residue),
            percent(residue.unsigned_abs(), *actual),
        ]);
    }
    table.render()
}
