//! A comparison for a terminal, and as Markdown for a pull request.

use super::diff::{Change, Difference, ProgramDifference, UnitChange};
use super::human::{bytes, count, difference, mark};
use super::table::{Align, HEADING, Table};

/// Rows of definitions of one unit, at most.
const N_DEFINITIONS: usize = 5;

/// Returns a comparison as text; each table has at most `top` rows.
#[must_use]
pub fn text(all: &Difference, top: usize) -> String {
    let mut out = format!("{} -> {}\n", all.before, all.after);
    for program in &all.programs {
        out.push_str(&format!("\n{HEADING}Program {}{HEADING:#}\n", program.name));
        if is_same(program) {
            out.push_str("  no difference\n");
            continue;
        }
        sizes(program).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        out.push_str(&text_tables(program, top));
    }
    out
}

fn is_same(program: &ProgramDifference) -> bool {
    program.units.is_empty()
        && [program.alloc, program.stripped, program.unstripped].iter().all(|c| c.before == c.after)
}

/// `1.20 MB -> 1.35 MB (+150 kB)`.
fn change(change: &Change, mark: &str) -> String {
    match (change.before, change.after) {
        (Some(before), Some(after)) => {
            format!("{mark}{} -> {mark}{} ({})", bytes(before), bytes(after), difference(change.delta()))
        }
        (None, Some(after)) => format!("{mark}{} (new)", bytes(after)),
        (Some(before), None) => format!("{mark}{} (gone)", bytes(before)),
        (None, None) => String::new(),
    }
}

fn sizes(program: &ProgramDifference) -> Vec<String> {
    let mark = mark(program.provenance);
    [("allocated ", program.alloc), ("stripped  ", program.stripped), ("unstripped", program.unstripped)]
        .iter()
        .map(|(title, figure)| format!("{title}  {}", change(figure, mark)))
        .collect()
}

fn side(figure: Option<u64>) -> String {
    figure.map_or("-".to_owned(), bytes)
}

fn text_tables(program: &ProgramDifference, top: usize) -> String {
    let mut out = String::new();
    let columns = |first| {
        [
            (first, Align::Left),
            ("before", Align::Right),
            ("after", Align::Right),
            ("difference", Align::Right),
        ]
    };
    let row = |name: &str, change: &Change| {
        [name.to_owned(), side(change.before), side(change.after), difference(change.delta())]
    };
    let mut table = |title: &str, first: &'static str, rows: Vec<[String; 4]>, n_all: usize| {
        if rows.is_empty() {
            return;
        }
        let mut table = Table::new(&columns(first));
        let n_shown = rows.len();
        rows.into_iter().for_each(|row| table.row(row));
        table.cut(n_shown, n_all);
        out.push_str(&format!("\n{HEADING}{title}{HEADING:#}\n{}", table.render()));
    };
    let libraries = program.libraries.iter().take(top).map(|library| row(&library.library, &library.bytes));
    table("Libraries", "library", libraries.collect(), program.libraries.len());
    let mut units = Vec::new();
    for unit in program.units.iter().take(top) {
        units.push(row(&unit.unit, &unit.bytes));
        let shown = unit.definitions.iter().take(N_DEFINITIONS);
        units.extend(
            shown.map(|definition| row(&format!("  .{}", named(&definition.path)), &definition.bytes)),
        );
    }
    let n_hidden = program.units.len().saturating_sub(top);
    let n_rows = units.len();
    table("Units and their definitions", "unit", units, n_rows + n_hidden);
    if !program.new_references.is_empty() {
        out.push_str(&format!("\n{HEADING}New references that bring units{HEADING:#}\n"));
        for reference in program.new_references.iter().take(top) {
            out.push_str(&format!(
                "  {}\n      brings {} in {}: {}\n",
                reference.reference,
                bytes(reference.bytes),
                count(reference.units.len(), "unit"),
                reference.units.join(", ")
            ));
        }
    }
    out
}

fn named(path: &str) -> &str {
    if path.is_empty() { "(start-up code)" } else { path }
}

/// Returns a comparison as Markdown; each table has at most `top` rows, the rest is told.
#[must_use]
pub fn markdown(all: &Difference, top: usize) -> String {
    let mut out = format!("### Linked bytes: `{}` to `{}`\n", all.before, all.after);
    let changed: Vec<&ProgramDifference> = all.programs.iter().filter(|program| !is_same(program)).collect();
    if changed.is_empty() {
        out.push_str("\nNo difference.\n");
        return out;
    }
    out.push_str("\n| program | allocated | stripped | unstripped |\n| --- | ---: | ---: | ---: |\n");
    for program in &changed {
        let mark = mark(program.provenance);
        let figure = |figure: &Change| change(figure, mark);
        out.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            cell(&program.name),
            figure(&program.alloc),
            figure(&program.stripped),
            figure(&program.unstripped)
        ));
    }
    for program in changed {
        out.push_str(&markdown_program(program, top));
    }
    out
}

fn markdown_program(program: &ProgramDifference, top: usize) -> String {
    let mut out = format!("\n#### `{}`\n", cell(&program.name));
    if !program.new_references.is_empty() {
        out.push_str("\nNew references that bring units:\n\n");
        for reference in program.new_references.iter().take(top) {
            out.push_str(&format!(
                "* `{}` brings {} in {}\n",
                cell(&reference.reference),
                bytes(reference.bytes),
                count(reference.units.len(), "unit")
            ));
        }
    }
    if program.units.is_empty() {
        return out;
    }
    out.push_str("\n| unit | before | after | difference |\n| --- | ---: | ---: | ---: |\n");
    for unit in program.units.iter().take(top) {
        markdown_unit(&mut out, unit);
    }
    if program.units.len() > top {
        out.push_str(&format!("\n... and {}.\n", count(program.units.len() - top, "more unit")));
    }
    out
}

fn markdown_unit(out: &mut String, unit: &UnitChange) {
    let figure = &unit.bytes;
    let definitions: Vec<String> = unit
        .definitions
        .iter()
        .take(N_DEFINITIONS)
        .map(|definition| {
            format!("`{}` {}", cell(named(&definition.path)), difference(definition.bytes.delta()))
        })
        .collect();
    let definitions =
        if definitions.is_empty() { String::new() } else { format!("<br>{}", definitions.join(", ")) };
    out.push_str(&format!(
        "| `{}`{definitions} | {} | {} | {} |\n",
        cell(&unit.unit),
        side(figure.before),
        side(figure.after),
        difference(figure.delta())
    ));
}

/// Text inside a code span of a table: no pipes, no back quotes, one line.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('`', "'").replace(['\n', '\r'], " ")
}
