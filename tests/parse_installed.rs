//! Properties of the facts of every OCaml source that is installed on this machine.
//!
//! Prints that it is skipped where OCaml's library directory is not there.

#![allow(clippy::print_stdout)]

use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use unlith::base::{Idx, RefId, Span};
use unlith::parse::query::{self, Patterns};
use unlith::parse::{Binder, FileFacts, ItemKind, RefKind, Reference, Role, ScopeId, parse_file};
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

/// The walk and the queries say the same of what both cover.
#[test]
fn walk_and_queries_agree_on_installed_sources() {
    let files = sources(Path::new(LIBRARY));
    if files.is_empty() {
        println!("skipped: no OCaml sources under {LIBRARY}");
        return;
    }
    let queries = [SourceKind::Implementation, SourceKind::Interface].map(Queries::new);
    // Every third file: four query passes over all of them take long.
    let complaints: Vec<String> =
        files.par_iter().step_by(3).flat_map_iter(|path| compare(path, &queries)).collect();
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}",
        complaints.len(),
        complaints[..complaints.len().min(40)].join("\n")
    );
}

struct Queries {
    definitions: Patterns,
    references: Patterns,
    scopes: Patterns,
    aliases: Patterns,
}

impl Queries {
    fn new(kind: SourceKind) -> Self {
        let compile = |text| Patterns::new(text, kind).expect("the query fits the grammar");
        Queries {
            definitions: compile(query::DEFINITIONS),
            references: compile(query::REFERENCES),
            scopes: compile(query::SCOPES),
            aliases: compile(query::ALIASES),
        }
    }
}

fn compare(path: &Path, queries: &[Queries; 2]) -> Vec<String> {
    let Ok(text) = std::fs::read(path) else { return Vec::new() };
    let is_interface = path.extension().is_some_and(|extension| extension == "mli");
    let kind = if is_interface { SourceKind::Interface } else { SourceKind::Implementation };
    let queries = &queries[usize::from(is_interface)];
    let facts = parse_file(&text, kind);
    if !facts.errors.is_empty() {
        return Vec::new();
    }
    let captured = queries.references.captures(&text);
    let no_code: Vec<Span> =
        captured.iter().filter(|(_, name)| *name == "attribute").map(|(span, _)| *span).collect();
    let is_code = |span: &Span| {
        let at = no_code.partition_point(|attribute| attribute.start <= span.start);
        // Attributes do not overlap, those inside attributes apart.
        !no_code[..at].iter().rev().take(8).any(|attribute| span.end <= attribute.end)
    };
    let spans = |captures: &[(Span, &str)], wanted: &str| -> BTreeSet<Span> {
        let wanted = captures.iter().filter(|(_, name)| name.starts_with(wanted));
        wanted.map(|(span, _)| *span).filter(is_code).collect()
    };
    let mut complaints = Vec::new();
    let mut differ = |what: &str, walk: &BTreeSet<Span>, query: &BTreeSet<Span>| {
        for span in walk.symmetric_difference(query) {
            let (place, side) =
                (facts.lines.line_col(span.start), if walk.contains(span) { "walk" } else { "query" });
            complaints.push(format!(
                "{}:{}:{}: {what} only in {side}",
                path.display(),
                place.line,
                place.col
            ));
        }
    };
    let constrained = spans(&captured, "constrained");
    // The walk knows of attributes in types that derive something; the queries do not.
    let of_kind = |kind: RefKind| -> BTreeSet<Span> {
        facts.refs.iter().filter(|one| one.kind == kind && is_code(&one.span)).map(|one| one.span).collect()
    };
    let text_at = |span: &Span| &text[span.start as usize..span.end as usize];
    for (capture, kind) in [
        ("reference.field", RefKind::Field),
        ("reference.type", RefKind::Type),
        ("reference.module_type", RefKind::ModuleType),
        ("reference.class", RefKind::Class),
        ("reference.class_type", RefKind::ClassType),
        ("reference.constructor", RefKind::Constructor),
        ("reference.module", RefKind::Module),
    ] {
        let mut query: BTreeSet<Span> =
            captured.iter().filter(|(_, name)| *name == capture).map(|(span, _)| *span).collect();
        query.retain(|span| is_code(span) && !constrained.contains(span) && !text_at(span).starts_with(b"("));
        differ(capture, &of_kind(kind), &query);
    }
    // Values: a query cannot tell local ones, so only qualified ones are compared.
    let is_qualified = |span: &Span| text_at(span).first().is_some_and(u8::is_ascii_uppercase);
    let qualified =
        |spans: BTreeSet<Span>| -> BTreeSet<Span> { spans.into_iter().filter(is_qualified).collect() };
    differ("value", &qualified(of_kind(RefKind::Value)), &qualified(spans(&captured, "reference.value")));

    let defined = spans(&queries.definitions.captures(&text), "definition");
    let bound: BTreeSet<Span> = facts.name_spans.iter().map(|&(_, span)| span).collect();
    // Of names that are bound inside of expressions the facts do not keep the places; each has to be there as often.
    let mut local: BTreeMap<&str, usize> = BTreeMap::new();
    let locals = facts.scopes.iter().filter_map(|scope| match scope.binder {
        Binder::Values(names) | Binder::Exception(names) | Binder::Types(names) => Some(facts.names(names)),
        _ => None,
    });
    locals.flatten().for_each(|name| *local.entry(name.as_str()).or_default() += 1);
    let is_missing = |span: &&Span| {
        let name = String::from_utf8_lossy(text_at(span));
        let name = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')).unwrap_or(&name).trim();
        let n_left = local.get_mut(name.strip_prefix("\\#").unwrap_or(name));
        n_left.is_none_or(|n_left| std::mem::replace(n_left, n_left.saturating_sub(1)) == 0)
    };
    let missing = defined.difference(&bound).filter(is_missing).copied().collect();
    differ("definition", &missing, &BTreeSet::new());

    let aliases = spans(&queries.aliases.captures(&text), "alias");
    let is_alias = |role| {
        let in_code = matches!(role, Role::Alias | Role::Coerced | Role::CoercedBinding);
        in_code || matches!(role, Role::TypeLevel | Role::Typed | Role::TypedAlias | Role::TypedBinding)
    };
    let named: BTreeSet<Span> =
        facts.refs.iter().filter(|one| is_alias(one.role)).map(|one| one.span).collect();
    let aliased = aliases.difference(&named).copied().collect();
    differ("alias", &aliased, &BTreeSet::new());

    // The file itself holds everything.
    let mut scopes = spans(&queries.scopes.captures(&text), "scope");
    scopes.pop_first();
    let is_local = |scope: ScopeId| matches!(facts.scope(scope).binder, Binder::Values(_));
    for Reference { span, .. } in facts.refs.iter().filter(|reference| is_local(reference.scope)) {
        let is_held =
            scopes.range(..=Span { start: span.start, end: u32::MAX }).any(|scope| span.end <= scope.end);
        if !is_held {
            differ(
                "reference with local names outside all scopes",
                &BTreeSet::from([*span]),
                &BTreeSet::new(),
            );
        }
    }
    complaints
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
            let span = facts.name_span(name).unwrap_or_default();
            if span.start < item.span.start || span.end > item.span.end || span.is_empty() {
                complain(item.span, "name outside its item");
            }
        }
        if facts.counts(item).code_bytes > item.span.len() {
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
