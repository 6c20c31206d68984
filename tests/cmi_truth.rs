//! Every `.cmi` of the installed OCaml, read by us and by the compiler's own reader: the same names, in the same modules.
//!
//! The compiler's reader is a small program (`tests/compiled_interfaces/names.ml`), compiled with the compiler at hand. Our
//! text of a signature must parse whole, and bind what the signature binds. Skipped, with a message, without OCaml.

// The figures, and what was skipped, belong in the test's own output.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use unlith::parse::{FileFacts, ItemKind, ModuleType, ModuleTypeId, Names, StructureId, parse_file};
use unlith::project::{SourceKind, interface_text};

const READER: &str = include_str!("compiled_interfaces/names.ml");

#[test]
fn compiled_interfaces_say_what_the_compiler_reads() {
    let Some(theirs) = names_by_the_compiler() else {
        assert!(std::env::var_os("UNLITH_REQUIRE_OCAML").is_none(), "OCaml is required, and is not here");
        println!("skipped: no OCaml with its compiler-libs here");
        return;
    };
    let mut wrong = Vec::new();
    for (path, names) in &theirs {
        let bytes = fs::read(path).expect("the compiler has read it");
        match interface_text(&bytes) {
            Ok(text) => {
                let facts = parse_file(text.as_bytes(), SourceKind::Interface);
                let mut ours = Vec::new();
                bound(&facts, facts.root, "", &mut ours);
                ours.sort();
                if !facts.errors.is_empty() {
                    let span = facts.errors[0];
                    let part = &text[span.start as usize..text.len().min(span.start as usize + 60)];
                    wrong.push(format!("{}: does not parse at {part:?}", path.display()));
                } else if ours != *names {
                    let missing: Vec<_> = names.iter().filter(|name| !ours.contains(name)).take(5).collect();
                    let extra: Vec<_> = ours.iter().filter(|name| !names.contains(name)).take(5).collect();
                    wrong.push(format!("{}: missing {missing:?}, in excess {extra:?}", path.display()));
                }
            }
            Err(error) => wrong.push(format!("{}: {error}", path.display())),
        }
    }
    println!("{} compiled interfaces", theirs.len());
    let shown = wrong[..wrong.len().min(30)].join("\n");
    assert!(wrong.is_empty() && theirs.len() > 50, "{} of {} differ:\n{shown}", wrong.len(), theirs.len());
}

/// The names bound in each compiled interface, sorted, `kind path`.
fn names_by_the_compiler() -> Option<BTreeMap<PathBuf, Vec<String>>> {
    let temporary = tempfile::tempdir().ok()?;
    let dir = temporary.path();
    fs::write(dir.join("names.ml"), READER).ok()?;
    let arguments = ["ocamlopt", "-package", "compiler-libs.common", "-linkpkg", "names.ml", "-o", "names"];
    let built = Command::new("ocamlfind").args(arguments).current_dir(dir).status().ok()?;
    let output = Command::new("ocamlfind").args(["ocamlopt", "-where"]).output().ok()?;
    let root = String::from_utf8(output.stdout).ok()?;
    let said = Command::new(dir.join("names")).arg(root.trim()).output();
    let said = said.ok().filter(|said| built.success() && said.status.success())?;
    let mut names: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        let (path, name) = line.split_once('\t')?;
        let list = names.entry(PathBuf::from(path)).or_default();
        if !name.is_empty() {
            list.push(name.to_owned());
        }
    }
    names.values_mut().for_each(|list| list.sort());
    Some(names)
}

/// Collects what a signature binds, at any depth that is written out.
fn bound(facts: &FileFacts, structure: StructureId, prefix: &str, out: &mut Vec<String>) {
    for &item in &facts.structure(structure).items {
        let mut add = |kind: &str, names: Names| {
            out.extend(facts.names(names).iter().map(|name| format!("{kind} {prefix}{name}")));
        };
        match &facts.item(item).kind {
            ItemKind::ValueSpec { names, .. } => add("value", *names),
            ItemKind::External { names, primitive } => {
                add(&format!("external({primitive})"), *names);
            }
            ItemKind::Type { names, constructors, fields, .. } => {
                add("type", *names);
                add("constructor", *constructors);
                add("field", *fields);
            }
            ItemKind::TypeExtension { constructors, .. } => add("extension", *constructors),
            ItemKind::Exception { names, .. } => add("extension", *names),
            ItemKind::Class { names, .. } => add("class", *names),
            ItemKind::ClassType { names } => add("classtype", *names),
            ItemKind::ModuleTypeDef { names, .. } => add("moduletype", *names),
            ItemKind::ModuleSpec { names, body, .. } => {
                add("module", *names);
                let prefix = format!("{prefix}{}.", facts.names(*names)[0]);
                inner(facts, *body, &prefix, out);
            }
            _ => out.push(format!("? {prefix}")),
        }
    }
}

fn inner(facts: &FileFacts, mut ty: ModuleTypeId, prefix: &str, out: &mut Vec<String>) {
    loop {
        match facts.module_type(ty) {
            ModuleType::Signature(structure) => return bound(facts, *structure, prefix, out),
            ModuleType::Functor { result, .. } => ty = *result,
            _ => return,
        }
    }
}
