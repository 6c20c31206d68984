//! The answer for people.

use super::answer::{CutEntry, ProgramAnswer, UserEntry, WithoutEntry};
use crate::report::chain;
use crate::report::human::{bytes_of, count};
use crate::report::table::HEADING;
use crate::size::Provenance;

/// References of one user, where they are not what was asked for.
const FEW: usize = 3;

/// How much is shown.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// Users, at most; references of each when those were asked for.
    pub(super) n_rows: usize,
    /// Whether the question is who uses it.
    pub(super) who_uses: bool,
}

/// Returns the answer as text.
pub(super) fn text(answer: &ProgramAnswer, shown: Shown) -> String {
    let mut out = title(answer);
    if !answer.linked {
        out.push_str("  not linked: nothing that is linked refers to it\n");
        return out;
    }
    if shown.who_uses {
        users(&mut out, answer, usize::MAX, shown.n_rows);
        return out;
    }
    out.push_str(&heading("Why it is linked"));
    out.push_str(&chain::text(&answer.chain));
    other_chains(&mut out, answer);
    out.push_str(&heading("Why it is live"));
    live(&mut out, answer);
    if let Some(without) = &answer.without {
        self::without(&mut out, answer, without);
    } else if !answer.cuts.is_empty() {
        out.push_str(&heading("What leaves if a link of the chain is cut"));
        answer.cuts.iter().for_each(|entry| cut(&mut out, entry));
    }
    users(&mut out, answer, shown.n_rows, FEW);
    out
}

fn heading(text: &str) -> String {
    format!("\n{HEADING}{text}{HEADING:#}\n")
}

fn title(answer: &ProgramAnswer) -> String {
    let title = answer.definition.as_ref().unwrap_or(&answer.unit);
    let mut out = format!("{HEADING}{title} in {}{HEADING:#}\n", answer.program);
    if !answer.linked {
        return out;
    }
    let bytes = bytes_of(answer.bytes, answer.provenance);
    match &answer.definition {
        Some(_) => out.push_str(&format!("  {bytes}, part of {}\n", answer.unit)),
        None => out.push_str(&format!(
            "  {bytes}; {} would leave with it ({}, itself included)\n",
            bytes_of(answer.retained_bytes, answer.retained_provenance),
            count(answer.retained_units as usize, "unit")
        )),
    }
    out
}

fn other_chains(out: &mut String, answer: &ProgramAnswer) {
    for chain in &answer.other_chains {
        out.push_str("  and\n");
        out.push_str(&chain::text(chain));
    }
    let said = match (answer.chains_complete, answer.other_chains.len()) {
        (true, 0) => "  every other chain shares a unit with this one\n",
        (true, _) => "  every other chain shares a unit with one of these\n",
        (false, _) => "  ... and more that share no unit with these (use --chains)\n",
    };
    out.push_str(said);
}

fn live(out: &mut String, answer: &ProgramAnswer) {
    if !answer.live_chain.is_empty() {
        out.push_str(&chain::text(&answer.live_chain));
        return;
    }
    let what = match (&answer.definition, answer.live) {
        (Some(_), _) => "it is not: the program's own code never reaches it",
        (None, true) => "own code reads it as a whole",
        (None, false) => "it is not: only dead definitions need it",
    };
    out.push_str(&format!("  {what}\n"));
}

/// `12.3 kB in 4 units`.
fn freed(bytes: u64, provenance: Provenance, units: usize) -> String {
    format!("{} in {}", bytes_of(bytes, provenance), count(units, "unit"))
}

fn cut(out: &mut String, cut: &CutEntry) {
    let left = match cut.freed_units.len() {
        0 => "nothing: others record it too".to_owned(),
        n => freed(cut.freed_bytes, cut.provenance, n),
    };
    let references = count(cut.references as usize, "reference");
    out.push_str(&format!("  {} -> {} ({references}): {left}\n", cut.from, cut.to));
}

fn without(out: &mut String, answer: &ProgramAnswer, without: &WithoutEntry) {
    let link = |link: &super::answer::CutLink| {
        let absent = if link.exists { "" } else { " (there is no such link)" };
        format!("{} -> {}{absent}", link.from, link.to)
    };
    let links: Vec<String> = without.cut.iter().map(link).collect();
    out.push_str(&heading(&format!("Without {}", links.join(", "))));
    match without.freed_units.as_slice() {
        [] => out.push_str("  nothing leaves\n"),
        units => {
            let left = freed(without.freed_bytes, without.provenance, units.len());
            out.push_str(&format!("  {left} leave: {}\n", units.join(", ")));
        }
    }
    if without.still_linked {
        out.push_str(&format!("  {} stays:\n", answer.unit));
        out.push_str(&chain::text(&without.chain));
    } else {
        out.push_str(&format!("  {} is no longer linked\n", answer.unit));
    }
}

fn users(out: &mut String, answer: &ProgramAnswer, n_users: usize, n_references: usize) {
    if answer.users.is_empty() {
        return;
    }
    let what = if answer.definition.is_some() { "Who refers to it" } else { "Who records it" };
    out.push_str(&heading(&format!("{what}: {}", count(answer.users.len(), "unit"))));
    for user in answer.users.iter().take(n_users) {
        one_user(out, user, n_references);
    }
    if answer.users.len() > n_users {
        let more = count(answer.users.len() - n_users, "more unit");
        out.push_str(&format!("  ... and {more} (use --top {}, or --who-uses)\n", answer.users.len()));
    }
}

fn one_user(out: &mut String, user: &UserEntry, n_references: usize) {
    let alone = match user.freed_bytes {
        0 => String::new(),
        bytes => format!("; without it {} leave", bytes_of(bytes, user.provenance)),
    };
    let references = match user.references.len() {
        0 => "as its archive records".to_owned(),
        n => count(n, "reference"),
    };
    out.push_str(&format!("  {}: {references}{alone}\n", user.unit));
    out.push_str(&chain::references_text(&user.references, n_references));
}
