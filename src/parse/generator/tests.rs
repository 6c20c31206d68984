use super::pattern::{Found, Pattern};
use super::tokens::Tokens;
use super::*;
use crate::base::{Idx, Span};
use crate::parse::{RefKind, parse_file};
use std::collections::BTreeMap;

/// The value paths that the text of a file names, each with what stands at its place in the file.
fn references(source: &str, generator: &Generator) -> Vec<(String, String)> {
    let made = made_text(source.as_bytes(), generator, SourceKind::Implementation).expect("it is short");
    let facts = parse_file(made.text(), SourceKind::Implementation);
    assert!(facts.errors.is_empty(), "{}", String::from_utf8_lossy(made.text()));
    let facts = made.relocate(facts, source.as_bytes());
    let values = facts.refs.iter().filter(|reference| reference.kind == RefKind::Value);
    let place = |span: Span| source[span.start as usize..span.end as usize].to_owned();
    let path = |reference: &crate::parse::Reference| {
        facts.names(reference.path).iter().map(|name| name.as_str()).collect::<Vec<_>>().join(".")
    };
    values.map(|reference| (path(reference), place(reference.span))).collect()
}

#[test]
fn references_in_code_have_their_places() {
    let source =
        "{ let a = List.rev }\nrule t = parse '}' { M.x lexbuf; \"}\" } | _ { t lexbuf }\n{ let b = a }";
    let found = references(source, &Generator::Ocamllex);
    for path in ["List.rev", "M.x", "a"] {
        assert!(found.contains(&(path.to_owned(), path.to_owned())), "{path} in {found:?}");
    }
    assert!(found.contains(&("Lexing.engine".to_owned(), String::new())), "{found:?}");
}

#[test]
fn items_have_the_places_of_what_they_are_made_of() {
    let source = "{\nlet a = 1 }\nrule first = parse _ { a }\nand second = parse _ { a }\n{ let b = a }";
    let made = made_text(source.as_bytes(), &Generator::Ocamllex, SourceKind::Implementation).expect("short");
    let facts = made.relocate(parse_file(made.text(), SourceKind::Implementation), source.as_bytes());
    let place = |name: &str| {
        let is_it =
            |item: &&crate::parse::Item| facts.names(item.names()).iter().any(|own| own.as_str() == name);
        let item = facts.items.iter().find(is_it).expect("it is there");
        (facts.line_col(item.span.start), facts.scope(item.scope).parent.idx() > 0)
    };
    let lines: Vec<u32> = ["a", "first", "second", "b"].iter().map(|name| place(name).0.line).collect();
    assert_eq!(lines, [2, 3, 4, 5]);
    assert_eq!(facts.n_bytes as usize, source.len());
}

#[test]
fn dollars_become_names() {
    let source = "%token A\n%start s\n%type <int> s\n%%\ns: A { f $1 \"$2\" (* $3 *) $startpos }\n";
    let found = references(source, &Generator::Menhir(MenhirFlags::default()));
    let paths: Vec<&str> =
        found.iter().map(|(path, _)| path.as_str()).filter(|path| !path.starts_with("_m")).collect();
    assert!(
        paths.contains(&"f") && !paths.iter().any(|path| path.starts_with("_st") || *path == "_1"),
        "{paths:?}"
    );
}

#[test]
fn names_whose_places_are_kept_in_memory() {
    let found = |text: &str| {
        let mut tokens = Tokens::new(text.as_bytes(), false);
        let names = Pattern::read(&mut tokens, &BTreeMap::new()).names();
        let shown = |(name, Found { is_char, is_optional, n_cells }): (&std::rc::Rc<str>, &Found)| {
            format!(
                "{name}{}{}{n_cells}",
                if *is_char { "c" } else { "" },
                if *is_optional { "?" } else { "" }
            )
        };
        names.iter().map(shown).collect::<Vec<_>>().join(" ")
    };
    for (text, names) in [
        ("['a'-'z']+ as x", "x0"),
        ("'<' (_* as x) '>'", "x0"),
        ("(_* as x) '=' (_* as y)", "x1 y1"),
        ("\"ab\" (_ as x) (_* as y) \"\\n\\065\"", "xc0 y0"),
        ("('a' as x)? 'b'", "xc?1"),
        ("(('a' as x) | ('b' as x)) _*", "xc1"),
        ("'a' as x | 'b'", "xc?1"),
        ("(_* as x) ('+' | '-')", "x0"),
        ("_* as x '\\\\'", "x0"),
        ("'a'* (_ as x)", "xc0"),
    ] {
        assert_eq!(found(text), names, "{text}");
    }
}

#[test]
fn a_difference_of_sets_may_begin_a_line() {
    let source = "rule t = parse ['a'-'z']\n# ['x'] as c { f c }\n# 12 \"}{\"\n| _ { g }";
    let found = references(source, &Generator::Ocamllex);
    for path in ["f", "g", "Lexing.sub_lexeme_char"] {
        assert!(found.iter().any(|(other, _)| other == path), "{path} in {found:?}");
    }
}

#[test]
fn what_does_not_end_is_taken_to_the_end() {
    for source in [
        "{ a",
        "rule t = parse '",
        "rule t = parse \"",
        "rule",
        "let x",
        "{} rule t = parse _ { (* ",
        "%{",
        "%token <",
    ] {
        for generator in [Generator::Ocamllex, Generator::YaccOrMenhir] {
            let made = made_text(source.as_bytes(), &generator, SourceKind::Implementation).expect("short");
            let facts = parse_file(made.text(), SourceKind::Implementation);
            let facts = made.relocate(facts, source.as_bytes());
            assert!(facts.items.iter().all(|item| item.span.end as usize <= source.len()), "{source}");
        }
    }
}
