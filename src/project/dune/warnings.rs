//! Whether flags make a warning an error.
//!
//! Source: `parse_opt` of `utils/warnings.ml`, OCaml 4.13; warnings by number, by range, all together (`a`) and by name.

use super::lang::Word;

/// A module without an interface (since OCaml 4.13; off as a rule, in dune's profiles as well).
const MISSING_MLI: u32 = 70;

/// Whether a module without an interface does not compile under these flags.
pub(super) fn demands_interfaces(flags: &[Word]) -> bool {
    let mut state = State::default();
    for pair in flags.windows(2) {
        match pair[0].text.as_str() {
            "-w" => state.read(&pair[1].text, false),
            "-warn-error" => state.read(&pair[1].text, true),
            _ => {}
        }
    }
    state.is_on && state.is_error
}

/// What is to be done with one warning.
#[derive(Default)]
struct State {
    is_on: bool,
    is_error: bool,
}

impl State {
    /// Follows a specification (`+a-4@70`, `+missing-mli`): `-w` switches warnings on, `-warn-error` makes errors of them.
    fn read(&mut self, spec: &str, is_of_errors: bool) {
        // `-4-9`: each part goes up to the next sign; names hold `-` themselves.
        let mut rest = spec;
        while let Some(first) = rest.chars().next() {
            let (sign, behind) = match first {
                '+' | '-' | '@' => (first, &rest[1..]),
                letter if letter.is_ascii_uppercase() => ('+', rest),
                letter if letter.is_ascii_lowercase() => ('-', rest),
                other => {
                    rest = &rest[other.len_utf8()..];
                    continue;
                }
            };
            let (is_meant, n_bytes) = meant(behind, sign == first);
            rest = &behind[n_bytes..];
            if is_meant {
                self.set(sign, is_of_errors);
            }
        }
    }

    fn set(&mut self, sign: char, is_of_errors: bool) {
        match (sign, is_of_errors) {
            ('@', _) => (self.is_on, self.is_error) = (true, true),
            (_, false) => self.is_on = sign == '+',
            (_, true) => self.is_error = sign == '+',
        }
    }
}

/// Whether what stands behind a sign is about the warning, and how long it is; letters without a sign stand alone.
fn meant(text: &str, has_sign: bool) -> (bool, usize) {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let n_first = digits(text);
    if n_first > 0 {
        let first: u32 = text[..n_first].parse().unwrap_or(u32::MAX);
        let last = text[n_first..].strip_prefix("..").map(|rest| &rest[..digits(rest)]);
        let last = last.filter(|last| !last.is_empty());
        let n_bytes = n_first + last.map_or(0, |last| "..".len() + last.len());
        let last = last.map_or(first, |last| last.parse().unwrap_or(u32::MAX));
        return ((first..=last).contains(&MISSING_MLI), n_bytes);
    }
    let n_name = text.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'-').count();
    if has_sign && text[..n_name].len() > 1 && text.as_bytes()[1].is_ascii_lowercase() {
        let name = text[..n_name].trim_end_matches('-');
        return (name == "missing-mli", name.len());
    }
    let letter = text.chars().next();
    (letter.is_some_and(|letter| letter.eq_ignore_ascii_case(&'a')), letter.map_or(0, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::LineCol;

    fn demands(flags: &str) -> bool {
        let at = LineCol { line: 1, col: 0 };
        let words: Vec<Word> =
            flags.split_whitespace().map(|text| Word { text: text.to_owned(), at }).collect();
        demands_interfaces(&words)
    }

    #[test]
    fn the_last_word_counts() {
        assert!(!demands(""));
        assert!(demands("-w @a-4-9-40..42"));
        assert!(demands("-w @70"));
        assert!(demands("-w +a -warn-error +a"));
        assert!(demands("-w A -warn-error A-3"));
        assert!(demands("-w +missing-mli -warn-error +70"));
        assert!(!demands("-w +a"));
        assert!(!demands("-w @a-70"));
        assert!(!demands("-w @a-60..75"));
        assert!(!demands("-w @a -w -missing-mli"));
        assert!(!demands(
            "-w @1..3@5..28@30..39@43@46..47@49..57@61..62@67@69-40-41-42-44-45-48-58-59-60-66-70"
        ));
        assert!(!demands("-w @a -warn-error -a+31"));
        assert!(!demands("-w"));
    }
}
