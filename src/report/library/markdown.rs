//! The audit of a library as an issue for its own tracker: what is found, for whom it matters, what would change, the patches.

use super::schema::*;
use super::text::{
    UNKNOWN, all_linked, all_saved, changed_lines, explained, gains, list, part_bytes, provenance,
};
use crate::report::human::{bytes_of, capital, count, mark, percent, saving};
use crate::size::Provenance;
use std::fmt::Write as _;

/// Lines of a patch that is shown in full; longer ones are written with `--patches`, and are in the JSON.
const PATCH_LINES: usize = 200;
/// Lines of the patch of one file that is shown where the whole is too long.
const SMALL_FILE: usize = 60;
/// Rows of a table.
const N_ROWS: usize = 12;

/// Returns the issue. With changes that serve the clients best together in full, others by name.
#[must_use]
pub fn markdown(audit: &LibraryAudit) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", title(audit));
    opening(&mut out, audit);
    clients(&mut out, audit);
    facades(&mut out, audit);
    start_up(&mut out, audit);
    changes(&mut out, audit);
    let _ = writeln!(
        out,
        "\n---\nBytes are those of the allocated sections (what `strip` leaves); `~` marks estimates. \
         A client that is a library counts as a program that uses all of it. \
         Found with `unlith library`, version {}.",
        audit.tool.version
    );
    out
}

fn title(audit: &LibraryAudit) -> String {
    match (audit.curve.first(), audit.curve.last()) {
        (Some(first), Some(last)) if last.alloc < first.alloc => format!(
            "Programs that use {} could be smaller: {} over {}",
            audit.package,
            all_saved(audit, first, last),
            count(audit.clients.len(), "client")
        ),
        _ => format!("What programs link of {}", audit.package),
    }
}

fn opening(out: &mut String, audit: &LibraryAudit) {
    let total: u64 = audit.clients.iter().map(|client| client.bytes).sum();
    let live: u64 = audit.clients.iter().map(|client| client.live_bytes).sum();
    let provenance = audit.clients.iter().map(|client| client.provenance).max();
    let bytes = |n: u64| bytes_of(n, provenance.unwrap_or(Provenance::Measured));
    let unread: u32 = audit.libraries.iter().map(|library| library.without_source).sum();
    let all: u32 = audit.libraries.iter().map(|library| library.units).sum();
    let reached = match unread {
        0 => format!(", and reach {} of that ({})", bytes(live), percent(live, total)),
        n if n == all => {
            "; how much of that they reach is not known, as it is installed without source".to_owned()
        }
        n => format!(
            ", and reach at most {} of that ({}): {} without source count as reached",
            bytes(live),
            percent(live, total),
            count(n as usize, "unit")
        ),
    };
    let _ = writeln!(
        out,
        "OCaml links whole compilation units: call one function of a module and all of it, with all that it refers to, \
         is in the program. {} here together link {} of `{}`{reached}.\n",
        capital(&count(audit.clients.len(), "client")),
        bytes(total),
        audit.package,
    );
}

fn clients(out: &mut String, audit: &LibraryAudit) {
    out.push_str(
        "| client | links of it | reaches | definitions that it names |\n| --- | ---: | ---: | ---: |\n",
    );
    let mut order: Vec<&ClientEntry> = audit.clients.iter().collect();
    order.sort_by_key(|client| std::cmp::Reverse(client.bytes - client.live_bytes.min(client.bytes)));
    for client in order.iter().take(N_ROWS) {
        let is_known = client.without_source < client.units || client.units == 0;
        let known = |text: String| if is_known { text } else { UNKNOWN.to_owned() };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            code(&client.name),
            bytes_of(client.bytes, client.provenance),
            known(bytes_of(client.live_bytes, client.provenance)),
            known(client.names.to_string())
        );
    }
    if order.len() > N_ROWS {
        let _ = writeln!(out, "| and {} more | | | |", order.len() - N_ROWS);
    }
    out.push('\n');
}

fn facades(out: &mut String, audit: &LibraryAudit) {
    let sealed: Vec<&FacadeEntry> =
        audit.facades.iter().filter(|facade| facade.status != FacadeStatus::Transparent).collect();
    if sealed.is_empty() {
        return;
    }
    out.push_str("## Sealed facades\n\nWhere an interface spells out the signature of a part, the part becomes a field that is filled at start-up, so using any part links all of them:\n\n");
    for facade in sealed {
        let n_sealed = facade.parts.iter().filter(|part| part.sealed).count();
        for part in facade.parts.iter().filter(|part| part.sealed).take(N_ROWS) {
            let at = part.interface.as_ref().unwrap_or(&part.implementation);
            let _ = writeln!(
                out,
                "* `{at}`: {} is {}, {}",
                code(&part.name),
                code(&part.target),
                part_bytes(audit, part)
            );
        }
        if n_sealed > N_ROWS {
            let _ = writeln!(out, "* and {} more", n_sealed - N_ROWS);
        }
    }
    out.push('\n');
}

fn start_up(out: &mut String, audit: &LibraryAudit) {
    let costly: Vec<&StartUpEntry> =
        audit.start_up.iter().filter(|code| code.freed_bytes > 0).take(N_ROWS).collect();
    if costly.is_empty() && audit.forced.is_empty() {
        return;
    }
    out.push_str("## Linked unasked\n\n");
    for forced in audit.forced.iter().take(N_ROWS) {
        let _ = writeln!(
            out,
            "* {}, {}: {}",
            code(&forced.unit),
            bytes_of(forced.bytes, provenance(audit, &forced.unit)),
            forced.why
        );
    }
    for entry in costly {
        let client = entry.client.and_then(|at| audit.clients.get(at as usize));
        let _ = writeln!(
            out,
            "* `{}`: {} {}, and alone drags in {}: {}{}",
            entry.place,
            code(&entry.name),
            entry.what,
            list(&entry.drags),
            bytes_of(entry.freed_bytes, entry.freed_provenance),
            client.map(|client| format!(" in {}", code(&client.name))).unwrap_or_default()
        );
    }
    out.push('\n');
}

fn changes(out: &mut String, audit: &LibraryAudit) {
    let (chosen, others): (Vec<&LibraryProposal>, Vec<&LibraryProposal>) =
        audit.proposals.iter().partition(|change| change.chosen);
    if chosen.is_empty() && others.is_empty() {
        out.push_str("## What could change\n\nNothing that is worth it to these clients.\n");
        return;
    }
    out.push_str("## What could change\n\n");
    if let Some(first) = audit.curve.first().filter(|_| audit.curve.len() > 1) {
        out.push_str("Each step on top of the ones before it, over all clients:\n\n| change | all clients link | saved | better off | worse off |\n| --- | ---: | ---: | ---: | ---: |\n");
        for point in &audit.curve {
            let pairs = || point.of_client.iter().zip(&first.of_client);
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                point.proposals.last().map_or_else(|| "as it is".to_owned(), |id| code(id)),
                all_linked(audit, point),
                all_saved(audit, first, point),
                pairs().filter(|(now, before)| now < before).count(),
                pairs().filter(|(now, before)| now > before).count()
            );
        }
        out.push('\n');
    }
    for change in chosen {
        detail(out, change);
    }
    if !others.is_empty() {
        out.push_str("### Also possible\n\n");
        for change in others.iter().take(N_ROWS) {
            let _ = writeln!(
                out,
                "* {}: {} ({}{} over all clients; {})",
                code(&change.proposal.id),
                change.proposal.summary,
                mark(change.proposal.provenance),
                saving(change.total),
                explained(change.interface)
            );
        }
    }
}

fn detail(out: &mut String, change: &LibraryProposal) {
    let proposal = &change.proposal;
    let (wins, losses) = gains(change);
    let _ = writeln!(out, "### {}\n", capital(&proposal.summary));
    let _ = writeln!(out, "* Interface: {}.", explained(change.interface));
    let _ = writeln!(out, "* Saves: {wins}.");
    if !losses.is_empty() {
        let _ = writeln!(out, "* Costs: {losses}.");
    }
    let mut seen: Vec<&str> = Vec::new();
    for risk in &proposal.risks {
        if seen.contains(&risk.code.as_str()) {
            continue;
        }
        seen.push(&risk.code);
        let n = proposal.risks.iter().filter(|other| other.code == risk.code).count();
        let more = if n > 1 { format!(", and {} more like it", n - 1) } else { String::new() };
        let at = match (&risk.file, risk.line) {
            (Some(file), Some(line)) => format!(" (`{file}:{line}`{more})"),
            _ => more,
        };
        let _ = writeln!(out, "* To look at: {}{at}.", risk.message);
    }
    if !change.made_from.is_empty() {
        let _ = writeln!(
            out,
            "* The installed files were made from {}: the patch shows what changes, not where to write it.",
            list(&change.made_from)
        );
    }
    match (&change.patch, &change.no_patch) {
        (Some(patch), _) => {
            let (added, removed) = changed_lines(patch);
            let _ = writeln!(
                out,
                "\n<details><summary>Patch: {added} lines added, {removed} removed</summary>\n"
            );
            diff(out, patch);
            out.push_str("\n</details>\n\n");
        }
        (None, Some(why)) => {
            let _ = writeln!(out, "* No patch is made: {why}.\n");
        }
        (None, None) => out.push('\n'),
    }
}

/// A patch in full where it can be read; otherwise the size of each of its files, and those that change little.
fn diff(out: &mut String, patch: &str) {
    let fence = fence(patch);
    if patch.lines().count() <= PATCH_LINES {
        let _ = writeln!(out, "{fence}diff\n{}{fence}", patch);
        return;
    }
    out.push_str("| file | added | removed |\n| --- | ---: | ---: |\n");
    let files: Vec<&str> = patch.split("diff --git ").skip(1).collect();
    for file in &files {
        let name = file.lines().next().and_then(|line| line.split(" b/").nth(1)).unwrap_or_default();
        let (added, removed) = changed_lines(file);
        let _ = writeln!(out, "| {} | {added} | {removed} |", code(name));
    }
    out.push_str("\nMost of it is text that moves. Files that change little:\n");
    for file in files.iter().filter(|file| file.lines().count() <= SMALL_FILE) {
        let _ = writeln!(out, "\n{fence}diff\n{}{fence}", format_args!("diff --git {file}"));
    }
}

/// A fence that is longer than any in the text.
fn fence(text: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest + 1)
}

/// A name as code; nothing in it ends the code or the cell of a table.
fn code(name: &str) -> String {
    format!("`{}`", name.replace('`', "'").replace('|', "\\|"))
}
