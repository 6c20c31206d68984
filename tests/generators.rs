//! Lexers and grammars before a build: what a generator is taken to write, against what it writes.
//!
//! Each file of `corpus/generators` goes through the real generator. Its output and ours must name the same values and
//! modules, and define the same things: the implementation, and the interface where one is made. Names that begin with an
//! underscore or `yy` are the generators' own.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use support::ocaml::{compiler, is_required, run_in};
use support::scratch::{Scratch, copy_tree};
use unlith::base::name;
use unlith::parse::{FileFacts, RefKind, made_text, parse_file};
use unlith::project::{Generator, MenhirFlags, SourceKind};

#[test]
fn ocamllex() {
    for stem in ["plain", "memory"] {
        check(&format!("{stem}.mll"), "ocamllex", &["-q"], &Generator::Ocamllex, stem);
    }
}

#[test]
fn ocamlyacc() {
    for generator in [Generator::Ocamlyacc, Generator::YaccOrMenhir] {
        check("old.mly", "ocamlyacc", &[], &generator, "old");
    }
}

#[test]
fn menhir_writes_code() {
    for stem in ["code", "new", "functor"] {
        for generator in [Generator::Menhir(MenhirFlags::default()), Generator::YaccOrMenhir] {
            check(&format!("{stem}.mly"), "menhir", &["--infer"], &generator, stem);
        }
    }
}

#[test]
fn menhir_writes_tables() {
    for has_inspection in [false, true] {
        let flags = MenhirFlags { is_table: true, has_inspection, ..MenhirFlags::default() };
        let mut words = vec!["--infer", "--table"];
        words.extend(has_inspection.then_some("--inspection"));
        for stem in ["code", "new", "functor"] {
            check(&format!("{stem}.mly"), "menhir", &words, &Generator::Menhir(flags.clone()), stem);
        }
    }
}

#[test]
fn menhir_shares_tokens() {
    let flags = MenhirFlags { is_only_tokens: true, ..MenhirFlags::default() };
    let words = ["--only-tokens", "--base", "tokens"];
    check("code.mly", "menhir", &words, &Generator::Menhir(flags), "tokens");
    let external_tokens = Some(name("Tokens"));
    let flags = MenhirFlags { is_table: true, external_tokens, ..MenhirFlags::default() };
    let words = ["--table", "--external-tokens", "Tokens"];
    check("code.mly", "menhir", &words, &Generator::Menhir(flags), "code");
}

/// Runs a generator on a file, and compares what it leaves in `stem.ml` and `stem.mli`.
fn check(file: &str, program: &str, words: &[&str], generator: &Generator, stem: &str) {
    if let Err(reason) = compiler() {
        eprintln!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("generators").expect("a directory");
    copy_tree(&support::repository().join("corpus/generators"), scratch.path()).expect("a copy");
    let version = if program == "menhir" { "--version" } else { "-version" };
    if let Err(reason) = run_in(scratch.path(), program, [version])
        && !is_required()
    {
        eprintln!("skipped: no {program} here: {reason}");
        return;
    }
    run_in(scratch.path(), program, words.iter().chain([&file])).expect("the generator runs");
    let source = std::fs::read(scratch.path().join(file)).expect("the file");
    for (kind, extension) in [(SourceKind::Implementation, "ml"), (SourceKind::Interface, "mli")] {
        let path = scratch.path().join(format!("{stem}.{extension}"));
        let Ok(real) = std::fs::read(&path) else {
            assert!(extension == "mli" && program == "ocamllex", "{} is there", path.display());
            continue;
        };
        let made = made_text(&source, generator, kind).expect("it is not long");
        let ours = parse_file(made.text(), kind);
        let text = String::from_utf8_lossy(made.text());
        assert!(ours.errors.is_empty(), "{file} as {generator:?} parses: {:?}\n{text}", ours.errors);
        let real = parse_file(&real, kind);
        let place =
            format!("{} by {program} {words:?}", path.file_name().map(Path::new).expect("a name").display());
        assert_eq!(named(&ours), named(&real), "what {place} names\n{text}");
        assert_eq!(defined(&ours), defined(&real), "what {place} defines\n{text}");
    }
}

/// The values and modules that a text names.
fn named(facts: &FileFacts) -> BTreeSet<String> {
    let is_code = |kind| matches!(kind, RefKind::Value | RefKind::Module);
    let references = facts.refs.iter().filter(|reference| is_code(reference.kind));
    let paths = references.map(|reference| {
        let parts: Vec<&str> = facts.names(reference.path).iter().map(|name| name.as_str()).collect();
        parts.join(".")
    });
    // The version of menhir is not known before it has run; `Obj` is there for the types alone; places are added up.
    let is_named = |path: &String| {
        let aside = ["_", "yy", "Obj.", "MenhirLib.StaticVersion.", "+", "-"];
        !aside.iter().any(|prefix| path.starts_with(prefix))
    };
    paths.filter(is_named).collect()
}

/// The items of a text, inner ones included, by name.
fn defined(facts: &FileFacts) -> BTreeSet<String> {
    let names = facts.items.iter().flat_map(|item| facts.names(item.names())).map(|name| name.as_str());
    let is_own = |name: &&str| name.starts_with('_') || name.starts_with("yy");
    names.filter(|name| !is_own(name)).map(str::to_owned).collect()
}
