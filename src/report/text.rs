//! The audit for a terminal: size, units, live share and bound; units by waste; proposals by bytes saved; the curve; what could
//! not be analysed.

mod proposals;
#[cfg(test)]
mod tests;

use super::human::{bytes, bytes_of, count, mark, percent, thousands};
use super::problems;
use super::schema::{Audit, ProgramAudit, UnitEntry};
use super::table::{Align, DIM, HEADING, Table};
use crate::size::Provenance;
use std::cmp::Reverse;

/// Returns an audit as text; each table has at most `top` rows.
#[must_use]
pub fn text(audit: &Audit, top: usize) -> String {
    let mut out = if audit.programs.len() > 1 { overview(audit) } else { String::new() };
    for program in &audit.programs {
        out.push_str(&summary(program));
        out.push('\n');
        out.push_str(&waste(program, top));
        out.push('\n');
        let thin = thin_links(program, top);
        if !thin.is_empty() {
            out.push_str(&thin);
            out.push('\n');
        }
        out.push_str(&proposals::section(program, top));
        out.push('\n');
    }
    out.push_str(&problems::section(&audit.problems));
    let is_estimated = |program: &ProgramAudit| program.size.provenance == Provenance::Estimated;
    if audit.programs.iter().any(is_estimated) {
        out.push_str(&format!(
            "{DIM}~ estimated from the source, not measured in object files. 1 kB is 1000 bytes.{DIM:#}\n"
        ));
    }
    out
}

/// All programs beside each other, largest first.
fn overview(audit: &Audit) -> String {
    let columns = [
        ("program", Align::Left),
        ("allocated", Align::Right),
        ("units", Align::Right),
        ("live", Align::Right),
        ("bound", Align::Right),
        ("of program", Align::Right),
        ("proposals", Align::Right),
    ];
    let mut table = Table::new(&columns);
    let mut programs: Vec<&ProgramAudit> = audit.programs.iter().collect();
    programs.sort_by_key(|program| (Reverse(program.size.alloc), &program.name));
    for program in programs {
        let shown = |n| bytes_of(n, program.size.provenance);
        table.row([
            program.name.clone(),
            shown(program.size.alloc),
            program.linked_units.len().to_string(),
            shown(program.live.bytes),
            shown(program.bound.alloc),
            percent(program.bound.alloc, program.size.alloc),
            program.proposals.len().to_string(),
        ]);
    }
    format!("{HEADING}Programs{HEADING:#}\n{}\n", table.render())
}

/// Size, units, live share and bound.
fn summary(program: &ProgramAudit) -> String {
    let size = &program.size;
    let shown = |n| bytes_of(n, size.provenance);
    let (alloc, live, bound) = (size.alloc, program.live, program.bound.alloc);
    let n_units = program.linked_units.len();
    let mut libraries: Vec<&str> = program
        .linked_units
        .iter()
        .filter(|unit| !program.own_units.contains(&unit.unit))
        .map(|unit| unit.library.as_str())
        .collect();
    libraries.sort_unstable();
    libraries.dedup();
    let mut out = format!("{HEADING}Program {}{HEADING:#}\n", program.name);
    let mut line = |key: &str, value: String| out.push_str(&format!("  {key:<8}{value}\n"));
    line(
        "size",
        format!(
            "{} allocated, {} stripped, {} unstripped",
            shown(alloc),
            shown(size.stripped),
            shown(size.unstripped)
        ),
    );
    let (low, high) = (bytes(size.low), bytes(size.high));
    if low != high {
        line(
            "",
            format!(
                "allocated between {low} and {high}, nine times in ten{}: units without object files are estimated",
                if program.unread_units.is_empty() { "" } else { ", without what is unread" }
            ),
        );
    }
    line(
        "",
        format!(
            "of the allocated: {} OCaml units, {} C code of libraries, {} C runtime and tables",
            shown(size.units),
            shown(size.stubs),
            shown(size.runtime)
        ),
    );
    line(
        "units",
        format!(
            "{} linked: {} own, the others from {}; own code needs {}",
            thousands(n_units as u64),
            program.own_units.len(),
            count(libraries.len(), "library"),
            live.units
        ),
    );
    line(
        "live",
        format!(
            "{} of {}, {} ({} of the allocated bytes)",
            thousands(u64::from(live.live_definitions)),
            count(live.definitions as usize, "definition"),
            shown(live.bytes),
            percent(live.bytes, alloc)
        ),
    );
    line("bound", format!("{} allocated ({}): what no split can beat", shown(bound), percent(bound, alloc)));
    line("figures", figures(program));
    if let Some(unread) = unread(program) {
        line("unread", unread);
    }
    for missing in &program.missing_units {
        line(
            "missing",
            format!("{} requires {}, which no library here gives", missing.required_by, missing.unit),
        );
    }
    out
}

/// What the figures leave out, since the build has not made it.
fn unread(program: &ProgramAudit) -> Option<String> {
    const SHOWN: usize = 3;
    let units = &program.unread_units;
    let n_more = units.len().saturating_sub(SHOWN);
    let more = if n_more == 0 { String::new() } else { format!(" and {} more", thousands(n_more as u64)) };
    let names = units[..units.len().min(SHOWN)].join(", ");
    let them = if units.len() == 1 { "it is and brings" } else { "they are and bring" };
    (!units.is_empty())
        .then(|| format!("{names}{more}: not made by the build yet; what {them} is in no figure"))
}

/// How many units are measured.
fn figures(program: &ProgramAudit) -> String {
    let n_units = program.linked_units.len();
    let n_measured =
        program.linked_units.iter().filter(|unit| unit.provenance == Provenance::Measured).count();
    match n_measured {
        n if n == n_units => "measured in object files".to_owned(),
        0 => "estimated from the source (~)".to_owned(),
        n => format!(
            "measured in object files for {n} of {}, estimated from the source (~) for the rest",
            count(n_units, "unit")
        ),
    }
}

/// The units that own code needs a part of, by waste.
fn waste(program: &ProgramAudit, top: usize) -> String {
    let mut units: Vec<&UnitEntry> =
        program.linked_units.iter().filter(|unit| unit.touched && unit.waste_bytes > 0).collect();
    units.sort_by_key(|unit| (Reverse(unit.waste_bytes), &unit.unit));
    let alloc = program.size.alloc;
    let mut out = format!("{HEADING}Units by waste{HEADING:#}\n");
    let columns = [
        ("unit", Align::Left),
        ("library", Align::Left),
        ("bytes", Align::Right),
        ("live", Align::Right),
        ("definitions", Align::Right),
        ("brings", Align::Right),
        ("waste", Align::Right),
        ("of program", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for unit in units.iter().take(top) {
        let shown = |n| bytes_of(n, unit.provenance);
        table.row([
            unit.unit.clone(),
            unit.library.clone(),
            shown(unit.bytes.total),
            shown(unit.live_bytes),
            used_of(unit.live_definitions, unit.definitions),
            if unit.waste_units == 0 { "-".to_owned() } else { count(unit.waste_units as usize, "unit") },
            bytes_of(unit.waste_bytes, unit.waste_provenance),
            percent(unit.waste_bytes, alloc),
        ]);
    }
    table.cut(top, units.len());
    let all: u64 = program.linked_units.iter().map(|unit| unit.bytes.total).sum();
    let wasted = alloc.saturating_sub(program.bound.alloc);
    let shown = |n| bytes_of(n, program.size.provenance);
    table.total([
        "all linked units".to_owned(),
        String::new(),
        shown(all),
        shown(program.live.bytes),
        used_of(program.live.live_definitions, program.live.definitions),
        String::new(),
        shown(wasted),
        percent(wasted, alloc),
    ]);
    out.push_str(&table.render());
    out.push_str(&dead_units(program));
    out.push_str(&format!(
        "  {DIM}waste: dead definitions, and units linked only for them. What two units bring together is in neither row.{DIM:#}\n"
    ));
    out
}

fn used_of(used: u32, all: u32) -> String {
    if all == 0 { "no source".to_owned() } else { format!("{used} of {all}") }
}

/// The links that hang on few references, by the bytes that they bring.
fn thin_links(program: &ProgramAudit, top: usize) -> String {
    if program.thin_links.is_empty() {
        return String::new();
    }
    let columns = [
        ("from", Align::Left),
        ("to", Align::Left),
        ("uses", Align::Right),
        ("brings", Align::Right),
        ("of program", Align::Right),
        ("references", Align::Right),
        ("the first at", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for link in program.thin_links.iter().take(top) {
        let first = link.references.first().map_or_else(String::new, |reference| {
            match (&reference.file, reference.line, reference.col) {
                (Some(file), Some(line), Some(col)) => format!("{file}:{line}:{col}"),
                (file, ..) => file.clone().unwrap_or_default(),
            }
        });
        table.row([
            link.from.clone(),
            link.to.clone(),
            used_of(link.used, link.definitions),
            bytes_of(link.freed_bytes, program.size.provenance),
            percent(link.freed_bytes, program.size.alloc),
            link.references.len().to_string(),
            first,
        ]);
    }
    table.cut(top, program.thin_links.len());
    format!("{HEADING}Links that hang on few references{HEADING:#}\n{}", table.render())
}

/// How much is linked that no live definition needs.
fn dead_units(program: &ProgramAudit) -> String {
    let dead: Vec<&UnitEntry> = program.linked_units.iter().filter(|unit| !unit.touched).collect();
    if dead.is_empty() {
        return String::new();
    }
    let sum: u64 = dead.iter().map(|unit| unit.bytes.total).sum();
    let is_estimated = dead.iter().any(|unit| unit.provenance == Provenance::Estimated);
    let provenance = if is_estimated { Provenance::Estimated } else { Provenance::Measured };
    format!(
        "  {} ({}{}, {} of the program) {} linked for dead definitions only\n",
        count(dead.len(), "unit"),
        mark(provenance),
        bytes(sum),
        percent(sum, program.size.alloc),
        if dead.len() == 1 { "is" } else { "are" },
    )
}
