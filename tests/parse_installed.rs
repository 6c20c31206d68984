//! Properties of the facts of every OCaml source that is installed on this machine.
//!
//! Prints that it is skipped where OCaml's library directory is not there.

#![allow(clippy::print_stdout)]

use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;
use unlith::base::{Idx, RefId, Span};
use unlith::parse::{Binder, FileFacts, ItemKind, parse_file};
use unlith::project::SourceKind;

const LIBRARY: &str = "/usr/lib/ocaml";

#[test]
fn facts_of_installed_sources_are_sound() {
    let files = sources(Path::new(LIBRARY));
    if files.is_empty() {
        println!("skipped: no OCaml sources under {LIBRARY}");
        return;
    }
    let complaints: Vec<String> = files.par_iter().flat_map_iter(|path| check(path)).collect();
    println!("{} files", files.len());
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}",
        complaints.len(),
        complaints[..complaints.len().min(40)].join("\n")
    );
}

/// The `.ml` and `.mli` below a directory, sorted.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![dir.to_path_buf()];
    while let Some(dir) = left.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push(path),
                Ok(_)
                    if path.extension().is_some_and(|extension| extension == "ml" || extension == "mli") =>
                {
                    found.push(path)
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn check(path: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read(path) else { return vec![format!("{}: cannot be read", path.display())] };
    let is_interface = path.extension().is_some_and(|extension| extension == "mli");
    let kind = if is_interface { SourceKind::Interface } else { SourceKind::Implementation };
    let facts = parse_file(&text, kind);
    let mut complaints = Vec::new();
    let mut complain = |at: Span, what: &str| {
        let place = facts.lines.line_col(at.start);
        complaints.push(format!("{}:{}:{}: {what}", path.display(), place.line, place.col));
    };
    let is_broken = !facts.errors.is_empty() || facts.items.iter().any(|item| item.kind == ItemKind::Broken);
    if is_broken && ocaml_parses(path) {
        for &error in &facts.errors {
            complain(error, "does not parse");
        }
        for item in facts.items.iter().filter(|item| item.kind == ItemKind::Broken) {
            complain(item.span, "broken item");
        }
    }
    check_refs(&facts, &text, &mut complain);
    check_items(&facts, &mut complain);
    check_scopes(&facts, &mut complain);
    complaints
}

/// Whether OCaml itself parses the file; asked only where we do not. Some sources are written for a preprocessor (cppo,
/// camlp4), and installed as they were.
fn ocaml_parses(path: &Path) -> bool {
    let dir = std::env::temp_dir();
    let run = Command::new("ocamlc")
        .args(["-w", "-a", "-stop-after", "parsing", "-c"])
        .arg(path)
        .current_dir(dir)
        .output();
    run.is_ok_and(|output| output.status.success())
}

fn check_refs(facts: &FileFacts, text: &[u8], complain: &mut impl FnMut(Span, &str)) {
    for pair in facts.refs.windows(2) {
        if pair[0].span.start > pair[1].span.start {
            complain(pair[1].span, "references are not in source order");
        }
    }
    for reference in &facts.refs {
        let Some(at) = text.get(reference.span.start as usize..reference.span.end as usize) else {
            complain(reference.span, "reference outside the file");
            continue;
        };
        let path: Vec<&str> = facts.names(reference.path).iter().map(|name| name.as_str()).collect();
        let at = String::from_utf8_lossy(at);
        let is_plain = at.chars().all(|c| c.is_alphanumeric() || "_'.".contains(c)) && at != ".";
        if path.is_empty() || path.iter().any(|part| part.is_empty()) {
            complain(reference.span, "reference without a name");
        }
        if is_plain && at != path.join(".") && !at.starts_with('.') {
            complain(reference.span, &format!("reference to {} at {at}", path.join(".")));
        }
    }
}

fn check_items(facts: &FileFacts, complain: &mut impl FnMut(Span, &str)) {
    let mut owner = vec![0u32; facts.refs.len()];
    for (at, item) in facts.items.iter().enumerate() {
        let parent = &facts.structures[item.parent.idx()];
        if item.span.start >= item.span.end || item.span.end > facts.n_bytes {
            complain(item.span, "item has no text");
        }
        if item.span.start < parent.span.start || item.span.end > parent.span.end {
            complain(item.span, "item outside its structure");
        }
        if item.refs.start > item.refs.end || item.refs.end as usize > facts.refs.len() {
            complain(item.span, "item with a bad range of references");
            continue;
        }
        for reference in item.refs.clone().map(|at| &facts.refs[at as usize]) {
            if reference.span.start < item.span.start || reference.span.end > item.span.end {
                complain(reference.span, "reference outside its item");
            }
        }
        if item.parent == facts.root {
            item.refs.clone().for_each(|at| owner[at as usize] += 1);
        }
        if !parent.items.iter().any(|id| id.idx() == at) {
            complain(item.span, "item that its structure does not list");
        }
        let group = &facts.items[item.group.idx()];
        if group.parent != item.parent || item.group.idx() > at {
            complain(item.span, "item in a group of another structure");
        }
        for name in item.names().range() {
            let span = facts.name_spans[name];
            if span.start < item.span.start || span.end > item.span.end || span.is_empty() {
                complain(item.span, "name outside its item");
            }
        }
        if item.counts.code_bytes > item.span.len() {
            complain(item.span, "more code than text");
        }
    }
    for (at, &n) in owner.iter().enumerate() {
        if n != 1 {
            complain(facts.refs[at].span, &format!("reference in {n} items of the file"));
        }
    }
    for pair in facts.items.windows(2) {
        if pair[0].span.start > pair[1].span.start {
            complain(pair[1].span, "items are not in source order");
        }
    }
}

fn check_scopes(facts: &FileFacts, complain: &mut impl FnMut(Span, &str)) {
    for (at, scope) in facts.scopes.iter().enumerate() {
        let is_file = scope.binder == Binder::File;
        if is_file != (at == 0) || !is_file && scope.parent.idx() >= at {
            complain(Span::default(), "scope with a bad parent");
        }
        if let Binder::Items { structure, before } = scope.binder
            && before as usize > facts.structures[structure.idx()].items.len()
        {
            complain(facts.structures[structure.idx()].span, "scope with items that do not exist");
        }
    }
    for item in &facts.items {
        if let ItemKind::ModuleSubstitution { path, .. } = item.kind
            && !item.refs.contains(&(RefId::idx(path) as u32))
        {
            complain(item.span, "substitution without its path");
        }
    }
}
