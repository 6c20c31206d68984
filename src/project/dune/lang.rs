//! dune's little languages: ordered sets, file name patterns, and conditions.
//!
//! Functions of expressions. A condition that depends on something unknown has no value; callers decide what to assume.

use super::super::sexp::Sexp;
use crate::base::LineCol;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// A word with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// The word.
    pub(crate) text: String,
    /// Where it is written.
    pub(crate) at: LineCol,
}

/// Evaluates an ordered set: words, `:standard`, lists, and `\` for difference. `include` gives the expressions of
/// `(:include FILE)`. Words keep their order; a word comes once for each time it is there.
pub(crate) fn ordered_set(
    items: &[Sexp],
    standard: &[Word],
    include: &mut dyn FnMut(&str, LineCol) -> Vec<Sexp>,
) -> Vec<Word> {
    let mut parts = items.split(|item| item.is_word("\\"));
    let mut words = union(parts.next().unwrap_or_default(), standard, include);
    for part in parts {
        let without = union(part, standard, include);
        let without: FxHashSet<&str> = without.iter().map(|word| word.text.as_str()).collect();
        words.retain(|word| !without.contains(word.text.as_str()));
    }
    words
}

fn union(
    items: &[Sexp],
    standard: &[Word],
    include: &mut dyn FnMut(&str, LineCol) -> Vec<Sexp>,
) -> Vec<Word> {
    let mut words = Vec::new();
    for item in items {
        match item {
            Sexp::Atom { text, quoted: false, .. } if text == ":standard" => {
                words.extend_from_slice(standard)
            }
            Sexp::Atom { text, at, .. } => words.push(Word { text: text.clone(), at: *at }),
            Sexp::List { items, at } => match items.split_first() {
                Some((head, rest)) if head.is_word(":include") => {
                    let file = rest.first().and_then(Sexp::atom).unwrap_or_default();
                    // A file that includes itself would not end: what is included may not include.
                    let included = include(file, *at);
                    words.extend(ordered_set(&included, standard, &mut |_, _| Vec::new()));
                }
                // dune's lists nest at most as deep as the reader allows.
                _ => words.extend(ordered_set(items, standard, include)),
            },
        }
    }
    words
}

/// Whether a name of a file or directory is in a set of patterns: words with `*`, `?`, `{a,b}` and `[..]`,
/// `:standard`, `\`, and `(or ..)`, `(and ..)`, `(not ..)`.
pub(crate) fn in_set(items: &[Sexp], name: &str, standard: &dyn Fn(&str) -> bool) -> bool {
    let mut parts = items.split(|item| item.is_word("\\"));
    let in_part = |part: &[Sexp]| part.iter().any(|item| in_item(item, name, standard));
    let first = parts.next().is_some_and(in_part);
    first && !parts.any(in_part)
}

fn in_item(item: &Sexp, name: &str, standard: &dyn Fn(&str) -> bool) -> bool {
    match item {
        Sexp::Atom { text, quoted: false, .. } if text == ":standard" => standard(name),
        Sexp::Atom { text, .. } => matches(text, name),
        Sexp::List { items, .. } => match items.split_first() {
            Some((head, rest)) if head.is_word("or") => rest.iter().any(|item| in_item(item, name, standard)),
            Some((head, rest)) if head.is_word("and") => {
                rest.iter().all(|item| in_item(item, name, standard))
            }
            Some((head, rest)) if head.is_word("not") => {
                !rest.iter().any(|item| in_item(item, name, standard))
            }
            _ => in_set(items, name, standard),
        },
    }
}

/// Whether `name` matches a pattern; `*` stops at nothing here, since names have no `/`.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    alternatives(pattern).iter().any(|pattern| matches_plain(pattern.as_bytes(), name.as_bytes()))
}

/// Writes `{a,b}` out; patterns with very many combinations are cut.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut todo = vec![pattern.to_string()];
    while let Some(pattern) = todo.pop() {
        let braces = pattern.find('{').and_then(|open| Some((open, open + pattern[open..].find('}')?)));
        match braces {
            Some((open, close)) if todo.len() + done.len() < 1000 => {
                let parts = pattern[open + 1..close].split(',');
                todo.extend(parts.map(|part| format!("{}{part}{}", &pattern[..open], &pattern[close + 1..])));
            }
            _ => done.push(pattern),
        }
    }
    done
}

fn matches_plain(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        match class(&pattern[p..], name[n]) {
            Some(length) => {
                p += length;
                n += 1;
            }
            None => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (p, n) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

/// How many bytes of the pattern match this one byte.
fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', rest @ ..] => {
            let end = rest.iter().position(|&b| b == b']')?;
            let (set, negated) = match &rest[..end] {
                [b'!' | b'^', set @ ..] => (set, true),
                set => (set, false),
            };
            let mut found = false;
            let mut i = 0;
            while i < set.len() {
                if let (Some(b'-'), Some(&last)) = (set.get(i + 1), set.get(i + 2)) {
                    found |= (set[i]..=last).contains(&byte);
                    i += 3;
                } else {
                    found |= set[i] == byte;
                    i += 1;
                }
            }
            (found != negated).then_some(end + 2)
        }
        [first, ..] => (*first == byte).then_some(1),
        [] => None,
    }
}

/// Evaluates a condition (`enabled_if`); `None` where it depends on something that `variable` does not know.
pub(crate) fn condition(sexp: &Sexp, variable: &dyn Fn(&str) -> Option<String>) -> Option<bool> {
    match sexp {
        Sexp::Atom { text, .. } => match expand(text, variable)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        Sexp::List { items, .. } => {
            let (head, rest) = items.split_first()?;
            let mut values = rest.iter().map(|item| condition(item, variable));
            match head.atom()? {
                "not" => rest.first().and_then(|item| condition(item, variable)).map(|value| !value),
                "and" => values
                    .try_fold(
                        Some(true),
                        |all, value| if value == Some(false) { Err(()) } else { Ok(all.and(value)) },
                    )
                    .unwrap_or(Some(false)),
                "or" => values
                    .try_fold(
                        Some(false),
                        |none, value| if value == Some(true) { Err(()) } else { Ok(none.and(value)) },
                    )
                    .unwrap_or(Some(true)),
                operator => compare(operator, rest, variable),
            }
        }
    }
}

fn compare(operator: &str, operands: &[Sexp], variable: &dyn Fn(&str) -> Option<String>) -> Option<bool> {
    let [left, right] = operands else { return None };
    let (left, right) = (expand(left.atom()?, variable)?, expand(right.atom()?, variable)?);
    let order = compare_versions(&left, &right);
    Some(match operator {
        "=" => left == right,
        "<>" => left != right,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        _ => return None,
    })
}

/// Compares versions part by part: digits as numbers, the rest as text.
fn compare_versions(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> Vec<Result<u64, String>> {
        let split = text.split(['.', '+', '-', '~']);
        split.map(|part| part.parse::<u64>().map_err(|_| part.to_string())).collect()
    };
    parts(a).cmp(&parts(b))
}

/// Puts values in for `%{variable}`; `None` where one is unknown.
pub(crate) fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("%{") {
        let end = start + rest[start..].find('}')?;
        out.push_str(&rest[..start]);
        out.push_str(&variable(&rest[start + 2..end])?);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// The names that a condition asks for with `%{KIND:NAME}`, each as often as it does.
pub(crate) fn asked<'s>(sexp: &'s Sexp, kind: &str) -> Vec<&'s str> {
    let mut names = Vec::new();
    let mut todo = vec![sexp];
    while let Some(sexp) = todo.pop() {
        match sexp {
            Sexp::Atom { text, .. } => {
                let variables = text.split("%{").skip(1).filter_map(|rest| rest.split('}').next());
                let of_kind = variables.filter_map(|variable| variable.strip_prefix(kind)?.strip_prefix(':'));
                names.extend(of_kind);
            }
            Sexp::List { items, .. } => todo.extend(items),
        }
    }
    names
}

/// A preprocessor whose lines are read here as well.
pub(crate) const CPPO: &str = "cppo";

/// The name of the program of an action, which may stand there with what finds it (`%{bin:cppo}`).
pub(crate) fn program_name(program: &str) -> &str {
    program.trim_end_matches('}').rsplit([':', '/']).next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::super::super::sexp::read;
    use super::*;

    #[track_caller]
    fn set(text: &str, expected: &str) {
        let standard: Vec<_> =
            ["x", "y"].map(|text| Word { text: text.into(), at: LineCol { line: 1, col: 0 } }).into();
        let words = ordered_set(&read(text).0, &standard, &mut |file, _| read(&format!("from {file}")).0);
        let words: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn ordered_sets() {
        set(":standard a b", "x y a b");
        set("a b (c d) \\ b c", "a d");
        set(":standard \\ x \\ y", "");
        set("a (:standard \\ x) (:include f)", "a y from f");
        set("", "");
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*", "abc", true),
            ("a*c*", "abbcx", true),
            ("*.ml{,i}", "x.mli", true),
            ("*.ml{,i}", "x.mll", false),
            ("[a-c]?", "bz", true),
            ("[!a-c]?", "bz", false),
            ("a\\*", "a*", true),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn sets_of_names() {
        let standard = |name: &str| !name.starts_with('_');
        let check = |text: &str, name: &str| in_set(&read(text).0, name, &standard);
        assert!(
            check(":standard \\ foo", "bar")
                && !check(":standard \\ foo", "foo")
                && !check(":standard", "_b")
        );
        assert!(check("(or a (not b))", "c") && !check("(and * (not b))", "b"));
    }

    #[test]
    fn conditions() {
        let variable = |name: &str| match name {
            "profile" => Some("dev".to_string()),
            "ocaml_version" => Some("4.13.1".to_string()),
            _ => None,
        };
        let check = |text: &str| condition(&read(text).0[0], &variable);
        assert_eq!(check("(= %{profile} dev)"), Some(true));
        assert_eq!(check("(and (>= %{ocaml_version} 4.08) (< %{ocaml_version} 5.0))"), Some(true));
        assert_eq!(check("(not (<> %{profile} dev))"), Some(true));
        assert_eq!(check("(or (= %{unknown} 1) true)"), Some(true));
        assert_eq!(check("(and (= %{unknown} 1) true)"), None);
        assert_eq!(check("(and (= %{unknown} 1) false)"), Some(false));
    }

    #[test]
    fn names_that_conditions_ask_for() {
        let text = "(and %{lib-available:a.b} (not (= x%{lib-available:c} %{env:D=1})))";
        assert_eq!(asked(&read(text).0[0], "lib-available").join(" "), "c a.b");
    }

    #[test]
    fn names_of_programs() {
        assert_eq!(["cppo", "%{bin:cppo}", "%{exe:gen/x.exe}"].map(program_name), [CPPO, CPPO, "x.exe"]);
    }
}
