//! The verdict for people: what a change touches, and of the rest how much there is.

use super::trial::NOT_ASKED;
use super::verdict::{ComparisonEntry, LeftOutEntry, ProgramEntry, TrialEntry, Verdict};
use crate::report::human;
use crate::report::table::{Align, Table};
use crate::split::Status;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many programs are shown one by one, whether anything touches them or not.
const MAX_PLAIN: usize = 20;
/// Of programs that do not build for one reason, so many are named.
const MAX_NAMED: usize = 3;

impl Verdict {
    /// The table.
    pub(super) fn text(&self) -> String {
        let mut out = format!("Built with dune, profile {}\n\n", self.profile);
        self.programs_as_they_are(&mut out);
        self.left_out(&mut out);
        if self.trials.is_empty() {
            out.push_str("No proposal has a patch here: `unlith audit` shows all there are, and what stands in the way\n");
            return out;
        }
        let _ = writeln!(out, "Proposals, each alone\n{}", self.tried().render());
        for trial in &self.trials {
            if let Some(message) = trial.message.as_ref().filter(|_| trial.reached != "done") {
                let _ = writeln!(out, "  {} stopped at {}:", trial.id, trial.reached);
                message.lines().for_each(|line| _ = writeln!(out, "    {line}"));
            }
        }
        self.all_together(&mut out);
        out
    }

    /// Whether something that was tried has to do with a program.
    fn is_touched(&self, name: &str) -> bool {
        let comparisons = self.trials.iter().flat_map(|trial| &trial.programs);
        comparisons.filter(|comparison| comparison.program == name).any(ComparisonEntry::is_touched)
    }

    fn programs_as_they_are(&self, out: &mut String) {
        let mut table = Table::new(&[
            ("program", Align::Left),
            ("predicted", Align::Right),
            ("built", Align::Right),
            ("units", Align::Left),
        ]);
        let is_shown = |program: &ProgramEntry| {
            self.programs.len() <= MAX_PLAIN
                || !program.has_predicted_units()
                || self.is_touched(&program.name)
        };
        let (shown, others): (Vec<_>, Vec<_>) = self.programs.iter().partition(|program| is_shown(program));
        for program in shown {
            table.row([
                program.name.clone(),
                human::bytes(program.predicted_alloc),
                human::bytes(program.alloc),
                units(&program.extra_units, &program.missing_units),
            ]);
        }
        let _ = write!(out, "Programs as they are, allocated bytes\n{}", table.render());
        let off = |program: &&ProgramEntry| {
            program.predicted_alloc.abs_diff(program.alloc) as f64 / program.alloc as f64
        };
        if let Some(off) = others.iter().map(off).max_by(f64::total_cmp) {
            let _ = writeln!(
                out,
                "  and {} that nothing tried here touches: units as predicted, bytes off by {:.1} % at most",
                human::count(others.len(), "program"),
                off * 100.0
            );
        }
        out.push('\n');
    }

    /// Programs that do not build, by what the build said.
    fn left_out(&self, out: &mut String) {
        let mut reasons: BTreeMap<&str, Vec<&LeftOutEntry>> = BTreeMap::new();
        for program in &self.left_out {
            reasons.entry(program.reason()).or_default().push(program);
        }
        let mut reasons: Vec<Vec<&LeftOutEntry>> = reasons.into_values().collect();
        reasons.sort_by_key(|programs| (programs[0].message == NOT_ASKED, Reverse(programs.len())));
        for programs in reasons {
            match &programs[..] {
                [program] => {
                    let _ = writeln!(
                        out,
                        "Left out: {} does not build as it is: {}\n",
                        program.name, program.message
                    );
                }
                [first, ..] => {
                    let names: Vec<&str> =
                        programs.iter().take(MAX_NAMED).map(|program| program.name.as_str()).collect();
                    let more = match programs.len() - names.len() {
                        0 => String::new(),
                        n_more => format!(" and {n_more} more (--format json has all)"),
                    };
                    let _ = writeln!(
                        out,
                        "Left out: {} programs do not build as they are: {}{more}\n  {}\n",
                        programs.len(),
                        names.join(", "),
                        first.reason()
                    );
                }
                [] => {}
            }
        }
    }

    fn tried(&self) -> Table {
        let mut table = Table::new(&[
            ("proposal", Align::Left),
            ("program", Align::Left),
            ("predicted", Align::Right),
            ("saved", Align::Right),
            ("off by", Align::Right),
            ("stripped", Align::Right),
            ("unstripped", Align::Right),
            ("units", Align::Left),
            ("status", Align::Left),
        ]);
        for trial in &self.trials {
            let mut first = Some((trial.id.clone(), trial.status_text()));
            let is_shown =
                |program: &&ComparisonEntry| trial.programs.len() <= MAX_PLAIN || program.is_touched();
            for program in trial.programs.iter().filter(is_shown) {
                let (id, status) = first.take().unwrap_or_default();
                table.row([
                    id,
                    program.program.clone(),
                    human::difference(program.predicted.alloc),
                    human::difference(program.actual.alloc),
                    off_by(program.predicted.alloc, program.actual.alloc),
                    human::difference(program.actual.stripped),
                    human::difference(program.actual.unstripped),
                    if program.found_here {
                        units(&program.extra_units, &program.missing_units)
                    } else {
                        String::new()
                    },
                    status,
                ]);
            }
            let n_others = trial.programs.iter().filter(|program| !is_shown(program)).count();
            if n_others > 0 {
                let (id, status) = first.take().unwrap_or_default();
                let others = format!("{} as before", human::count(n_others, "other"));
                let blank = || std::iter::repeat_n(String::new(), 6);
                table.row([id, others].into_iter().chain(blank()).chain([status]));
            }
            if let Some((id, status)) = first {
                table.row([id].into_iter().chain(std::iter::repeat_n(String::new(), 7)).chain([status]));
            }
        }
        table
    }

    fn all_together(&self, out: &mut String) {
        let Some(together) = &self.together else { return };
        let _ = writeln!(out, "Together: {}", together.proposals.join(", "));
        let mut n_others = 0;
        for (program, saved) in self.programs.iter().zip(&together.saved) {
            if saved.alloc == 0 && self.programs.len() > MAX_PLAIN {
                n_others += 1;
                continue;
            }
            let _ = writeln!(
                out,
                "  {} saves {} of {} ({} of what splits could save at best)",
                program.name,
                human::difference(saved.alloc),
                human::bytes(program.alloc),
                human::percent(saved.alloc.max(0) as u64, program.reducible),
            );
        }
        if n_others > 0 {
            let _ = writeln!(out, "  {} as before", human::count(n_others, "other"));
        }
    }
}

impl ProgramEntry {
    fn has_predicted_units(&self) -> bool {
        self.extra_units.is_empty() && self.missing_units.is_empty()
    }
}

impl LeftOutEntry {
    /// The line that says what is wrong.
    fn reason(&self) -> &str {
        let line = self.message.lines().find(|line| line.contains("rror:"));
        line.unwrap_or(&self.message).trim()
    }
}

impl ComparisonEntry {
    /// Whether the proposal has to do with the program: it was found for it, or something is promised or different.
    fn is_touched(&self) -> bool {
        self.found_here || self.predicted.alloc != 0 || self.actual.alloc != 0
    }
}

impl TrialEntry {
    fn status_text(&self) -> String {
        let mut text = match self.status {
            Status::Verified => "verified",
            Status::NeedsReview => "no patch",
            Status::Failed if self.reached == "done" => "saves nothing",
            _ => "failed",
        }
        .to_owned();
        if self.with_wrappers {
            text.push_str(" with wrappers");
        }
        if self.needs_review {
            let _ = write!(text, ", needs review: {}", self.reasons.join(", "));
        }
        text
    }
}

fn units(extra: &[String], missing: &[String]) -> String {
    let list = |sign: &str, names: &[String]| {
        names.iter().take(3).map(|name| format!("{sign}{name}")).collect::<Vec<_>>().join(" ")
    };
    if extra.is_empty() && missing.is_empty() {
        return "as predicted".to_owned();
    }
    let text = format!("{} {}", list("+", extra), list("-", missing));
    let n_more = (extra.len() + missing.len()).saturating_sub(extra.len().min(3) + missing.len().min(3));
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    format!("{}{more}", text.trim())
}

fn off_by(predicted: i64, actual: i64) -> String {
    if actual == 0 {
        return if predicted == 0 { "0 %".to_owned() } else { "-".to_owned() };
    }
    format!("{:.1} %", (predicted - actual) as f64 * 100.0 / actual.unsigned_abs() as f64)
}
