//! The audit of a library for a terminal.

use super::schema::*;
use crate::report::human::{bytes_of, count, mark, saving, thousands};
use crate::report::problems;
use crate::report::schema::{OtherEntry, RiskEntry};
use crate::report::table::{Align, DIM, HEADING, Table};
use crate::size::Provenance;
use crate::split::Status;
use anstyle::{AnsiColor, Style};

/// Stands for a figure that nobody can tell.
pub(super) const UNKNOWN: &str = "?";
const ID: Style = AnsiColor::Cyan.on_default();
/// Names of a list that are shown.
const N_NAMES: usize = 6;
/// Groups of definitions of one unit that are shown.
const N_GROUPS: usize = 5;

/// Returns an audit as text; each table has at most `top` rows.
#[must_use]
pub fn text(audit: &LibraryAudit, top: usize) -> String {
    let sections = [
        summary(audit),
        clients(audit, top),
        facades(audit, top),
        forced(audit, top),
        start_up(audit, top),
        usage(audit, top),
        matrix(audit, top),
        proposals(audit, top),
        curve(audit),
        problems::section(&audit.problems),
    ];
    let mut out =
        sections.iter().filter(|section| !section.is_empty()).cloned().collect::<Vec<_>>().join("\n");
    out.push_str(&format!("{DIM}~ estimated from the source. 1 kB is 1000 bytes, allocated.{DIM:#}\n"));
    out
}

fn heading(title: &str) -> String {
    format!("{HEADING}{title}{HEADING:#}\n")
}

fn summary(audit: &LibraryAudit) -> String {
    let mut out = heading(&format!("Library {}", audit.package));
    for library in &audit.libraries {
        let named = match library.without_source {
            n if n == library.units && n > 0 => {
                "without source: what clients can name is not known".to_owned()
            }
            n => {
                let named =
                    format!("{} that clients can name", count(library.exported as usize, "definition"));
                let rest = format!(", and what they can in {} without source", count(n as usize, "unit"));
                named + if n > 0 { &rest } else { "" }
            }
        };
        out.push_str(&format!(
            "  {}: {}, {}, {named}{}\n",
            library.name,
            count(library.units as usize, "unit"),
            match library.bytes {
                0 if library.without_source > 0 => "not made yet".to_owned(),
                bytes => bytes_of(bytes, library.provenance),
            },
            if library.linkall { "; archived with -linkall" } else { "" }
        ));
    }
    out
}

/// The number of units without source, where nothing can be said of those.
fn unknown(audit: &LibraryAudit) -> Option<String> {
    let n = audit.units.iter().filter(|unit| unit.without_source).count();
    (n > 0).then(|| match n == audit.units.len() {
        true => "not known: no source is at hand".to_owned(),
        false => format!("not known of {} without source", count(n, "unit")),
    })
}

/// Whether even the bytes of a unit are not known.
fn is_unmade(unit: &UsageEntry) -> bool {
    unit.without_source && unit.bytes == 0
}

/// Says that nothing is there, as far as that is known.
fn nothing(audit: &LibraryAudit, what: &str) -> String {
    let is_all = audit.units.iter().all(|unit| unit.without_source);
    match unknown(audit) {
        Some(unknown) if is_all => format!("  {unknown}\n"),
        Some(unknown) => format!("  {what}; {unknown}\n"),
        None => format!("  {what}\n"),
    }
}

fn clients(audit: &LibraryAudit, top: usize) -> String {
    let mut table = Table::new(&[
        ("client", Align::Left),
        ("links of it", Align::Right),
        ("live", Align::Right),
        ("units", Align::Right),
        ("names", Align::Right),
        ("of all it links", Align::Right),
    ]);
    let mut order: Vec<&ClientEntry> = audit.clients.iter().collect();
    order.sort_by_key(|client| {
        (std::cmp::Reverse(client.bytes - client.live_bytes.min(client.bytes)), &client.name)
    });
    for client in order.iter().take(top) {
        // Where some units have no source, what is known is the most or the least that it can be.
        let (at_most, at_least) = if client.without_source > 0 { ("<= ", ">= ") } else { ("", "") };
        let at = audit.clients.iter().position(|other| std::ptr::eq(other, *client));
        let links = |unit: &UsageEntry| unit.uses.iter().any(|used| Some(used.client as usize) == at);
        let more = if audit.units.iter().any(|unit| is_unmade(unit) && links(unit)) { ">= " } else { "" };
        let is_known = client.without_source < client.units || client.units == 0;
        let known = |text: String| if is_known { text } else { UNKNOWN.to_owned() };
        table.row([
            format!("{}{}", client.name, if client.is_library { " *" } else { "" }),
            format!("{more}{}", bytes_of(client.bytes, client.provenance)),
            known(format!("{at_most}{}", bytes_of(client.live_bytes, client.provenance))),
            client.units.to_string(),
            known(format!("{at_least}{}", thousands(client.names.into()))),
            bytes_of(client.alloc, client.alloc_provenance),
        ]);
    }
    table.cut(top, order.len());
    let mut out = heading("Clients by what they link and never reach") + &table.render();
    if audit.clients.iter().any(|client| client.without_source > 0) {
        out.push_str(&format!(
            "  {DIM}{UNKNOWN}, <= and >=: what is in units without source, installed or not yet made, is not known{DIM:#}\n"
        ));
    }
    if audit.clients.iter().any(|client| client.is_library) {
        out.push_str(&format!(
            "  {DIM}* a library, taken for a program that uses all of it. names: definitions of {} that it refers to{DIM:#}\n",
            audit.package
        ));
    }
    out
}

fn facades(audit: &LibraryAudit, top: usize) -> String {
    let mut out = heading("Facades");
    if audit.facades.is_empty() {
        out.push_str(&nothing(
            audit,
            "no unit re-exports others by hand; what dune generates is transparent",
        ));
    }
    let transparent: Vec<String> = audit
        .facades
        .iter()
        .filter(|facade| facade.status == FacadeStatus::Transparent)
        .map(|facade| facade.unit.clone())
        .collect();
    if !transparent.is_empty() {
        out.push_str(&format!(
            "  transparent, so that a client links the parts that it uses: {}\n",
            list(&transparent)
        ));
    }
    for facade in audit.facades.iter().filter(|facade| facade.status != FacadeStatus::Transparent) {
        let n_sealed = facade.parts.iter().filter(|part| part.sealed).count();
        let status = match facade.status {
            FacadeStatus::Sealed => {
                "sealed: its interface spells every part out, so that using one links all"
            }
            FacadeStatus::PartlySealed => "partly sealed: using it links the sealed parts",
            FacadeStatus::Transparent => "transparent",
        };
        let sealed: Vec<&PartEntry> = facade.parts.iter().filter(|part| part.sealed).collect();
        let unit = |part: &PartEntry| part.target.split('.').next().unwrap_or_default().to_owned();
        let all = sealed.iter().map(|part| provenance(audit, &unit(part))).max();
        let sum = sealed.iter().map(|part| part.bytes).sum();
        let sum = bytes_of(sum, all.unwrap_or(Provenance::Measured));
        let n_parts = facade.parts.len();
        out.push_str(&format!("  {}  {status} ({n_sealed} of {n_parts} parts, {sum})\n", facade.unit));
        for part in sealed.iter().take(top) {
            let at = part.interface.as_ref().unwrap_or(&part.implementation);
            out.push_str(&format!(
                "      {at}: {} is {}, {}\n",
                part.name,
                part.target,
                part_bytes(audit, part)
            ));
        }
        if sealed.len() > top {
            out.push_str(&format!("      ... and {} more\n", sealed.len() - top));
        }
    }
    out
}

fn forced(audit: &LibraryAudit, top: usize) -> String {
    if audit.forced.is_empty() {
        return String::new();
    }
    let mut out = heading("Forced units: in every program, used or not");
    for forced in audit.forced.iter().take(top) {
        out.push_str(&format!(
            "  {}  {}  {}\n",
            forced.unit,
            bytes_of(forced.bytes, provenance(audit, &forced.unit)),
            forced.why
        ));
    }
    if audit.forced.len() > top {
        out.push_str(&format!("  ... and {} more\n", audit.forced.len() - top));
    }
    out
}

fn start_up(audit: &LibraryAudit, top: usize) -> String {
    if audit.start_up.is_empty() {
        return heading("At start-up") + &nothing(audit, "nothing that a program could see");
    }
    let mut out = heading("At start-up: what runs when a unit is linked, and whom that alone drags in");
    // Code of one unit that does the same, and costs nothing else, is one row.
    let mut rows: Vec<(&StartUpEntry, usize)> = Vec::new();
    let file = |code: &StartUpEntry| code.place.rsplit_once(':').map_or("", |(file, _)| file).to_owned();
    for code in &audit.start_up {
        let is_like = |other: &StartUpEntry| {
            code.drags.is_empty()
                && other.drags.is_empty()
                && other.what == code.what
                && file(other) == file(code)
        };
        match rows.iter_mut().find(|(other, _)| is_like(other)) {
            Some((_, n)) => *n += 1,
            None => rows.push((code, 1)),
        }
    }
    for (code, n) in rows.iter().take(top) {
        let more = if *n > 1 { format!(", and {} more in this file", n - 1) } else { String::new() };
        out.push_str(&format!("  {}: {} {}{more}\n", code.place, code.name, code.what));
        if !code.drags.is_empty() {
            let freed = match code.client.and_then(|at| audit.clients.get(at as usize)) {
                Some(client) => format!(
                    "{} leave {} without it",
                    bytes_of(code.freed_bytes, code.freed_provenance),
                    client.name
                ),
                None => "no client is rid of them without it".to_owned(),
            };
            out.push_str(&format!("      drags in {}: {freed}\n", list(&code.drags)));
        }
    }
    if rows.len() > top {
        out.push_str(&format!("  ... and {} more\n", rows.len() - top));
    }
    out
}

fn usage(audit: &LibraryAudit, top: usize) -> String {
    let mut table = Table::new(&[
        ("unit", Align::Left),
        ("bytes", Align::Right),
        ("exported", Align::Right),
        ("linked by", Align::Right),
        ("named by", Align::Right),
        ("most", Align::Right),
        ("least", Align::Right),
        ("nobody names", Align::Right),
        ("dead, all clients", Align::Right),
    ]);
    for unit in audit.units.iter().take(top) {
        let naming = unit.uses.iter().filter(|used| used.names > 0 || used.whole);
        let counts: Vec<u32> = naming.clone().map(|used| used.names).collect();
        let nobody: usize =
            unit.together.iter().filter(|group| group.clients.is_empty()).map(|g| g.definitions.len()).sum();
        let known = |text: String| if unit.without_source { UNKNOWN.to_owned() } else { text };
        let number = |n: Option<&u32>| known(n.map_or_else(|| "-".to_owned(), ToString::to_string));
        table.row([
            unit.unit.clone(),
            if is_unmade(unit) { UNKNOWN.to_owned() } else { bytes_of(unit.bytes, unit.provenance) },
            known(unit.exported.to_string()),
            format!("{} of {}", unit.uses.len(), audit.clients.len()),
            known(counts.len().to_string()),
            number(counts.iter().max()),
            number(counts.iter().min()),
            known(nobody.to_string()),
            known(bytes_of(unit.dead_bytes, unit.provenance)),
        ]);
    }
    table.cut(top, audit.units.len());
    heading("Units by what is dead in their clients") + &table.render()
}

/// For the units where most is dead: which definitions are named together, and by whom.
fn matrix(audit: &LibraryAudit, top: usize) -> String {
    let mut out = heading("Named together: definitions by the clients that name them");
    let interesting: Vec<&UsageEntry> = audit
        .units
        .iter()
        .filter(|unit| unit.together.iter().any(|group| !group.clients.is_empty()))
        .collect();
    if interesting.is_empty() {
        out.push_str(&nothing(audit, "no client names a definition of it"));
    }
    for unit in interesting.into_iter().take(top.min(6)) {
        let mut named: Vec<&UseEntry> =
            unit.uses.iter().filter(|used| used.names > 0 || used.whole).collect();
        named.sort_by_key(|used| std::cmp::Reverse((used.whole, used.names)));
        let named: Vec<String> = named
            .iter()
            .map(|used| {
                let name = &audit.clients[used.client as usize].name;
                if used.whole { format!("{name} the whole unit") } else { format!("{name} {}", used.names) }
            })
            .collect();
        out.push_str(&format!("  {}: of {} definitions {}\n", unit.unit, unit.exported, list(&named)));
        let mut groups: Vec<&TogetherEntry> =
            unit.together.iter().filter(|group| !group.clients.is_empty()).collect();
        // What many name, and what is much, says most.
        groups.sort_by_key(|group| std::cmp::Reverse((group.bytes + 1) * group.clients.len() as u64));
        for group in groups.iter().take(N_GROUPS) {
            let names: Vec<String> =
                group.clients.iter().map(|&at| audit.clients[at as usize].name.clone()).collect();
            out.push_str(&format!(
                "      {}  {}\n          by {}: {}\n",
                bytes_of(group.bytes, unit.provenance),
                count(group.definitions.len(), "definition"),
                list(&names),
                list(&group.definitions)
            ));
        }
        if groups.len() > N_GROUPS {
            out.push_str(&format!("      ... and {} more groups\n", groups.len() - N_GROUPS));
        }
        for group in unit.together.iter().filter(|group| group.clients.is_empty()) {
            let inside = match group.reached_inside {
                0 => String::new(),
                n => format!(" ({n} of them reached through the library's own code)"),
            };
            out.push_str(&format!(
                "      {}  {}\n          by nobody{inside}: {}\n",
                bytes_of(group.bytes, unit.provenance),
                count(group.definitions.len(), "definition"),
                list(&group.definitions)
            ));
        }
    }
    out
}

fn proposals(audit: &LibraryAudit, top: usize) -> String {
    let mut out = heading("Changes, weighed over all clients");
    if audit.proposals.is_empty() {
        out.push_str("  none that is worth it to these clients\n");
        return out;
    }
    let mut table = Table::new(&[
        ("change", Align::Left),
        ("all save", Align::Right),
        ("win", Align::Right),
        ("lose", Align::Right),
        ("clients", Align::Left),
        ("patch", Align::Left),
        ("together", Align::Left),
    ]);
    for change in audit.proposals.iter().take(top) {
        let n = |wins: bool| {
            change.clients.iter().filter(|client| (client.bytes_saved.alloc > 0) == wins).count().to_string()
        };
        table.row([
            change.proposal.id.clone(),
            format!("{}{}", mark(change.proposal.provenance), saving(change.total)),
            n(true),
            n(false),
            word(change.interface).to_owned(),
            patch_word(change).to_owned(),
            if change.chosen { "yes" } else { "" }.to_owned(),
        ]);
    }
    table.cut(top, audit.proposals.len());
    out.push_str(&table.render());
    for change in audit.proposals.iter().take(top) {
        out.push('\n');
        out.push_str(&details(change));
    }
    out
}

/// Whether there is a patch that somebody can just apply.
fn patch_word(change: &LibraryProposal) -> &'static str {
    match (&change.patch, change.proposal.status) {
        (None, _) => "by hand",
        (Some(_), Status::NeedsReview) => "look first",
        (Some(_), _) => "ready",
    }
}

fn details(change: &LibraryProposal) -> String {
    let proposal = &change.proposal;
    let mut out = format!("  {ID}{}{ID:#}  {}\n", proposal.id, proposal.summary);
    let mut line = |key: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("      {key:<11}{value}\n"));
        }
    };
    let (wins, losses) = gains(change);
    line("saves", wins);
    line("costs", losses);
    line("interface", explained(change.interface).to_owned());
    let edits: Vec<String> = match &change.patch {
        Some(patch) => changed_files(patch),
        None => proposal.edits.iter().map(|edit| edit.file.clone()).collect(),
    };
    line("changes", list(&edits));
    match (&change.patch, &change.no_patch) {
        (Some(patch), _) => {
            let (added, removed) = changed_lines(patch);
            line("patch", format!("{added} lines added, {removed} removed"));
        }
        (None, why) => line("no patch", why.clone().unwrap_or_default()),
    }
    if !change.made_from.is_empty() {
        line("made from", format!("{}: make the change there", list(&change.made_from)));
    }
    let mut seen: Vec<&str> = Vec::new();
    for risk in &proposal.risks {
        if !seen.contains(&risk.code.as_str()) && seen.len() < 4 {
            seen.push(&risk.code);
            let n = proposal.risks.iter().filter(|other| other.code == risk.code).count();
            line(if seen.len() == 1 { "look at" } else { "" }, show_risk(risk, n));
        }
    }
    out
}

fn show_risk(risk: &RiskEntry, n: usize) -> String {
    let more = if n > 1 { format!(", and {} more", n - 1) } else { String::new() };
    let at = match (&risk.file, risk.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line}{more})"),
        _ => more,
    };
    format!("{}: {}{at}", risk.code, risk.message)
}

/// Who wins how much, and who loses.
pub(super) fn gains(change: &LibraryProposal) -> (String, String) {
    let mut clients: Vec<&OtherEntry> = change.clients.iter().collect();
    clients.sort_by_key(|client| (std::cmp::Reverse(client.bytes_saved.alloc.abs()), &client.program));
    let of = |wins: bool| {
        let names: Vec<String> = clients
            .iter()
            .filter(|client| (client.bytes_saved.alloc > 0) == wins)
            .map(|client| {
                let saved = bytes_of(client.bytes_saved.alloc.unsigned_abs(), change.proposal.provenance);
                format!("{} {saved}", client.program)
            })
            .collect();
        list(&names)
    };
    (of(true), of(false))
}

/// The files of a patch, in its order.
fn changed_files(patch: &str) -> Vec<String> {
    // `diff --git a/FILE b/FILE`: lines of files have a sign or a space in front.
    let pairs = patch.lines().filter_map(|line| line.strip_prefix("diff --git a/"));
    pairs.filter_map(|pair| Some(pair.get(..pair.len().checked_sub(3)? / 2)?.to_owned())).collect()
}

/// Lines that a patch adds and removes.
pub(super) fn changed_lines(patch: &str) -> (usize, usize) {
    let n = |sign: char, head: &str| {
        patch.lines().filter(|line| line.starts_with(sign) && !line.starts_with(head)).count()
    };
    (n('+', "+++"), n('-', "---"))
}

fn curve(audit: &LibraryAudit) -> String {
    let Some(first) = audit.curve.first().filter(|_| audit.curve.len() > 1) else { return String::new() };
    let mut table = Table::new(&[
        ("made together", Align::Left),
        ("all clients link", Align::Right),
        ("saved", Align::Right),
        ("better off", Align::Right),
        ("worse off", Align::Right),
    ]);
    for (i, point) in audit.curve.iter().enumerate() {
        let step = match point.proposals.last() {
            Some(id) => format!("{i}. {id}"),
            None => "as it is".to_owned(),
        };
        let pairs = || point.of_client.iter().zip(&first.of_client);
        table.row([
            step,
            all_linked(audit, point),
            all_saved(audit, first, point),
            pairs().filter(|(now, before)| now < before).count().to_string(),
            pairs().filter(|(now, before)| now > before).count().to_string(),
        ]);
    }
    heading("What serves all clients best") + &table.render()
}

/// What all clients link after some changes.
pub(super) fn all_linked(audit: &LibraryAudit, point: &SharedCurveEntry) -> String {
    let provenance = audit.clients.iter().map(|client| client.alloc_provenance).max();
    bytes_of(point.alloc, provenance.unwrap_or(Provenance::Measured))
}

/// What these changes save all clients.
pub(super) fn all_saved(audit: &LibraryAudit, first: &SharedCurveEntry, point: &SharedCurveEntry) -> String {
    let is_made = |change: &&LibraryProposal| point.proposals.contains(&change.proposal.id);
    let provenance = audit.proposals.iter().filter(is_made).map(|change| change.proposal.provenance).max();
    format!("{}{}", provenance.map_or("", mark), saving(first.alloc as i64 - point.alloc as i64))
}

/// Where the bytes of one of the library's units come from.
pub(super) fn provenance(audit: &LibraryAudit, unit: &str) -> Provenance {
    let found = audit.units.iter().find(|entry| entry.unit == unit);
    found.map_or(Provenance::Measured, |entry| entry.provenance)
}

/// The bytes of a part of a facade.
pub(super) fn part_bytes(audit: &LibraryAudit, part: &PartEntry) -> String {
    let unit = part.target.split('.').next().unwrap_or_default();
    bytes_of(part.bytes, provenance(audit, unit))
}

fn word(effect: InterfaceEffect) -> &'static str {
    match effect {
        InterfaceEffect::Compatible => "unchanged",
        InterfaceEffect::Additive => "one line, to gain",
        InterfaceEffect::Behaviour => "may notice",
        InterfaceEffect::MayBreak => "may break",
    }
}

/// What a change does to the interface, in a sentence.
#[must_use]
pub(super) fn explained(effect: InterfaceEffect) -> &'static str {
    match effect {
        InterfaceEffect::Compatible => {
            "nothing breaks: clients compile as they are, and gain when they are linked again"
        }
        InterfaceEffect::Additive => {
            "nothing breaks: the old unit keeps all that it has; who wants to gain names the new one, and who does not grows a little"
        }
        InterfaceEffect::Behaviour => "types stay; what runs at start-up changes, so clients may notice",
        InterfaceEffect::MayBreak => "may break clients: see what to look at",
    }
}

/// The first names of a list and the number of the others.
pub(super) fn list(names: &[String]) -> String {
    let shown = names.iter().take(N_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > N_NAMES { format!("{shown} and {} more", names.len() - N_NAMES) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_patch_are_those_of_its_heads() {
        let patch = "diff --git a/lib/a b/c.ml b/lib/a b/c.ml\n--- a/lib/a b/c.ml\n+++ b/lib/a b/c.ml\n@@ -1 +1 @@\n\
                     -diff --git a/x b/x\n+++ b/y\ndiff --git a/dune b/dune\n--- /dev/null\n+++ b/dune\n";
        assert_eq!(changed_files(patch), ["lib/a b/c.ml", "dune"]);
    }
}
