//! Aligned tables: largest first is the caller's business, alignment, the total row and the cut are done here.

use anstyle::{Effects, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table as Grid};

/// How a column is aligned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Names.
    Left,
    /// Numbers.
    Right,
}

/// The style of headings.
pub const HEADING: Style = Style::new().effects(Effects::BOLD);
/// The style of remarks that may be skipped.
pub const DIM: Style = Style::new().effects(Effects::DIMMED);

/// A table under construction.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
    total: Option<Vec<String>>,
    note: Option<String>,
}

impl Table {
    /// Starts a table with these columns.
    #[must_use]
    pub fn new(columns: &[(&'static str, Align)]) -> Self {
        Table { columns: columns.to_vec(), rows: Vec::new(), total: None, note: None }
    }
    /// Adds a row: one cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(one_line).collect());
    }
    /// Sets the last row.
    pub fn total(&mut self, cells: impl IntoIterator<Item = String>) {
        self.total = Some(cells.into_iter().map(one_line).collect());
    }
    /// Says that rows were left out: `... and 23 more (use --top 33)`.
    pub fn cut(&mut self, n_shown: usize, n_all: usize) {
        if n_shown < n_all {
            self.note = Some(format!("... and {} more (use --top {n_all})", n_all - n_shown));
        }
    }
    /// Returns the table as lines, each indented by two and without blanks at its end.
    #[must_use]
    pub fn render(&self) -> String {
        let mut grid = Grid::new();
        grid.load_style(NOTHING);
        grid.set_header(self.columns.iter().map(|(title, _)| Cell::new(title)));
        for row in self.rows.iter().chain(&self.total) {
            grid.add_row(row.iter().map(Cell::new));
        }
        for (i, (_, align)) in self.columns.iter().enumerate() {
            let alignment = match align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            };
            if let Some(column) = grid.column_mut(i) {
                column.set_cell_alignment(alignment);
                column.set_padding((2, 0));
            }
        }
        let mut out = String::new();
        let n_rows = self.rows.len();
        for (i, line) in grid.to_string().lines().map(str::trim_end).enumerate() {
            if i == n_rows + 1 {
                self.push_note(&mut out);
            }
            match i {
                0 => out.push_str(&format!("{HEADING}{line}{HEADING:#}\n")),
                _ => out.push_str(&format!("{line}\n")),
            }
        }
        if self.total.is_none() {
            self.push_note(&mut out);
        }
        out
    }
    fn push_note(&self, out: &mut String) {
        if let Some(note) = &self.note {
            out.push_str(&format!("  {DIM}{note}{DIM:#}\n"));
        }
    }
}

/// Names of files may hold anything; a cell is one line without escape codes.
fn one_line(cell: String) -> String {
    if cell.chars().any(char::is_control) { cell.escape_debug().to_string() } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_cut_stands_before_the_total() {
        let mut table = Table::new(&[("unit", Align::Left), ("bytes", Align::Right)]);
        table.row(["Base__List".to_owned(), "12.3 kB".to_owned()]);
        table.row(["A\n".to_owned(), "1 B".to_owned()]);
        table.cut(2, 5);
        table.total(["5 units".to_owned(), "40 kB".to_owned()]);
        let plain = anstream::adapter::strip_str(&table.render()).to_string();
        let lines: Vec<&str> = plain.lines().collect();
        assert_eq!(
            lines,
            [
                "  unit          bytes",
                "  Base__List  12.3 kB",
                "  A\\n             1 B",
                "  ... and 3 more (use --top 5)",
                "  5 units       40 kB",
            ]
        );
    }

    #[test]
    fn nothing_is_cut_when_all_is_shown() {
        let mut table = Table::new(&[("unit", Align::Left)]);
        table.row(["A".to_owned()]);
        table.cut(1, 1);
        assert_eq!(anstream::adapter::strip_str(&table.render()).to_string(), "  unit\n  A\n");
    }
}
