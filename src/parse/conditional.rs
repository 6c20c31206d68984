//! Conditional text: the lines `#if`, `#ifdef`, `#else`.. that cppo takes out before OCaml reads a file.
//!
//! What is not for the OCaml version at hand becomes blanks, as do the directives, so that all places stay as they are.
//! Conditions know `OCAML_VERSION`, names that the file itself defines, and what follows from these; a name that nothing
//! defines is undefined, as for cppo, and a comparison with one does not hold.

use std::collections::BTreeSet;

/// Major, minor, patch.
pub type Version = (u32, u32, u32);

/// The version that conditional text is read for where none is known.
pub const NEWEST: Version = (5, 3, 0);

/// Returns whether some lines of a text are conditional.
#[must_use]
pub fn is_conditional(text: &[u8]) -> bool {
    first_condition(text).is_some()
}

/// Returns where the first line stands that makes others conditional.
#[must_use]
pub fn first_condition(text: &[u8]) -> Option<usize> {
    // Nearly no text has any.
    memchr::memmem::find(text, b"endif")?;
    let (mut first, mut at) = (None, 0);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match directive(line).map(|(word, _)| word) {
            Some("if" | "ifdef" | "ifndef") => first = first.or(Some(at)),
            Some("endif") if first.is_some() => return first,
            _ => {}
        }
        at += line.len();
    }
    None
}

/// Returns the text with blanks in place of directives and of what is not for this version.
#[must_use]
pub fn active_text(text: &[u8], version: Version) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut defined = BTreeSet::new();
    // For each `#if` around: whether the branch is read, whether one was, and whether the lines around it are.
    let mut around: Vec<(bool, bool, bool)> = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let is_read = around.last().is_none_or(|&(is_read, ..)| is_read);
        let Some((word, rest)) = directive(line) else {
            push(&mut out, line, is_read);
            continue;
        };
        match word {
            "if" | "ifdef" | "ifndef" => {
                let holds = match word {
                    "if" => Condition { text: rest, version, defined: &defined }.holds(),
                    "ifdef" => is_defined(rest.trim(), &defined),
                    _ => !is_defined(rest.trim(), &defined),
                };
                around.push((is_read && holds, holds, is_read));
            }
            "elif" | "else" => {
                if let Some((is_branch, was_any, is_outer)) = around.last_mut() {
                    let holds =
                        word == "else" || Condition { text: rest, version, defined: &defined }.holds();
                    *is_branch = *is_outer && !*was_any && holds;
                    *was_any |= holds;
                }
            }
            "endif" => {
                around.pop();
            }
            "define" if is_read => {
                defined.insert(rest.split_whitespace().next().unwrap_or_default().to_owned());
            }
            "undef" if is_read => {
                defined.remove(rest.trim());
            }
            _ => {}
        }
        push(&mut out, line, false);
    }
    out
}

fn push(out: &mut Vec<u8>, line: &[u8], is_read: bool) {
    match is_read {
        true => out.extend_from_slice(line),
        false => out.extend(line.iter().map(|&byte| if byte == b'\n' { byte } else { b' ' })),
    }
}

/// The word and the rest of a directive.
fn directive(line: &[u8]) -> Option<(&str, &str)> {
    let line = line.trim_ascii().strip_prefix(b"#")?;
    let line = std::str::from_utf8(line).ok()?.trim_start();
    let end = line.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    matches!(word, "if" | "ifdef" | "ifndef" | "elif" | "else" | "endif" | "define" | "undef")
        .then_some((word, rest))
}

fn is_defined(name: &str, defined: &BTreeSet<String>) -> bool {
    matches!(name, "OCAML_VERSION" | "OCAML_MAJOR" | "OCAML_MINOR") || defined.contains(name)
}

/// A condition and what it may ask for.
struct Condition<'a> {
    text: &'a str,
    version: Version,
    defined: &'a BTreeSet<String>,
}

impl Condition<'_> {
    fn holds(&self) -> bool {
        let text = self.text.split("//").next().unwrap_or_default().trim();
        self.any(text)
    }

    fn any(&self, text: &str) -> bool {
        split_outside(text, "||")
            .into_iter()
            .any(|part| split_outside(part, "&&").into_iter().all(|part| self.term(part.trim())))
    }

    fn term(&self, text: &str) -> bool {
        if let Some(rest) = text.strip_prefix("not").filter(|rest| rest.starts_with([' ', '('])) {
            return !self.term(rest.trim());
        }
        if let Some(rest) = text.strip_prefix("defined") {
            return is_defined(rest.trim_matches(['(', ')', ' ']), self.defined);
        }
        for (operator, test) in [
            (">=", (|order| order >= std::cmp::Ordering::Equal) as fn(std::cmp::Ordering) -> bool),
            ("<=", |order| order <= std::cmp::Ordering::Equal),
            ("<>", |order| order != std::cmp::Ordering::Equal),
            ("=", |order| order == std::cmp::Ordering::Equal),
            ("<", |order| order == std::cmp::Ordering::Less),
            (">", |order| order == std::cmp::Ordering::Greater),
        ] {
            if let [left, right] = split_outside(text, operator)[..] {
                let values = self.value(left).zip(self.value(right));
                return values.is_some_and(|(left, right)| test(left.cmp(&right)));
            }
        }
        let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        match inner {
            Some(inner) => self.any(inner),
            None => text == "true" || text == "1",
        }
    }

    fn value(&self, text: &str) -> Option<Vec<u32>> {
        let (major, minor, patch) = self.version;
        match text.trim() {
            "OCAML_VERSION" => Some(vec![major, minor, patch]),
            "OCAML_MAJOR" => Some(vec![major]),
            "OCAML_MINOR" => Some(vec![minor]),
            numbers => {
                let numbers = numbers.trim_matches(['(', ')', ' ']).split(',');
                numbers.map(|number| number.trim().parse().ok()).collect()
            }
        }
    }
}

/// Splits at an operator that no parenthesis holds.
fn split_outside<'a>(text: &'a str, operator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut at) = (0, 0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ if depth == 0 && bytes[at..].starts_with(operator.as_bytes()) => {
                parts.push(&text[start..at]);
                at += operator.len();
                start = at;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let active =
            String::from_utf8(active_text(text.as_bytes(), (4, 13, 1))).expect("bytes stay as they are");
        assert_eq!(active.len(), text.len());
        active.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn branches_for_the_version_stay() {
        assert_eq!(read("a\n#if OCAML_VERSION >= (4, 11, 0)\nb\n#else\nc\n#endif\nd\n"), "a b d");
        assert_eq!(
            read("#if OCAML_VERSION < (4, 08, 0)\nb\n#elif OCAML_VERSION < (4, 14, 0)\nc\n#else\nd\n#endif"),
            "c"
        );
        assert_eq!(read("#if OCAML_VERSION >= (4, 13, 0) && not (OCAML_MAJOR = 5)\nb\n#endif"), "b");
    }

    #[test]
    fn names_are_defined_by_the_file_or_not_at_all() {
        assert_eq!(read("#define FAST\n#ifdef FAST\nb\n#else\nc\n#endif\n#ifdef SLOW\nd\n#endif"), "b");
        assert_eq!(read("#ifndef SLOW\nb\n # if defined(SLOW) || true\nc\n # endif\n#endif"), "b c");
        assert_eq!(read("#if WORDS = 64\nb\n#else\nc\n#endif"), "c");
    }

    #[test]
    fn what_is_not_read_defines_nothing() {
        assert_eq!(
            read("#ifdef A\n#define B\n#if true\nx\n#else\ny\n#endif\n#endif\n#ifdef B\nb\n#endif\nc"),
            "c"
        );
    }

    #[test]
    fn method_calls_at_the_start_of_a_line_are_none() {
        assert!(!is_conditional(b"let x = o\n  #define 1\n  #next\n"));
        assert!(!is_conditional(b"# 1 \"file.mll\"\nlet endif = 1\n"));
        assert!(is_conditional(b"#ifdef A\n#endif\n"));
    }
}
