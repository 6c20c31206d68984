//! Texts with the expressions in them.

use super::*;

fn show(sexps: &[Sexp]) -> String {
    let one = |sexp: &Sexp| match sexp {
        Sexp::Atom { text, quoted: true, .. } => format!("{text:?}"),
        Sexp::Atom { text, .. } => text.clone(),
        Sexp::List { items, .. } => format!("({})", show(items)),
    };
    sexps.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(text: &str, expected: &str, errors: &[&str]) {
    let (sexps, found) = read(text);
    let found: Vec<_> = found.iter().map(|e| format!("{}:{} {}", e.at.line, e.at.col, e.message)).collect();
    assert_eq!(show(&sexps), expected);
    assert_eq!(found, errors);
}

#[test]
fn lists_words_and_comments() {
    check("(a b) ; c\n#| d #| e |# |# (f #;(g h) i)", "(a b) (f i)", &[]);
    check("(x %{env:A b=(c)}.ml :standard)", "(x %{env:A b=(c)}.ml :standard)", &[]);
}

#[test]
fn strings_and_escapes() {
    check(
        r#"("a\n\065\x42\"" "x\
         y")"#,
        r#"("a\nAB\"" "xy")"#,
        &[],
    );
    check("(s \"\\| one\\t2\n   \"\\> two\\n\n)", r#"(s "one\t2\ntwo\\n")"#, &[]);
}

#[test]
fn broken_texts_are_read_as_far_as_they_go() {
    check("(a (b", "(a (b))", &["1:3 this list is never closed", "1:0 this list is never closed"]);
    check("a) b", "a b", &["1:1 this parenthesis closes nothing"]);
    check("(a \"b", "(a \"b\")", &["1:3 this string is never closed", "1:0 this list is never closed"]);
}

#[test]
fn deep_nesting_is_refused() {
    let (_, errors) = read(&"(".repeat(100_000));
    assert!(errors[0].message.contains("deeper"));
}
