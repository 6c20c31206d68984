//! JSON laid out for people: a list or object that holds no other one stands in one line where it is short, so that a reference or
//! a link is one line, and a report half as long as with a line for each number.

use serde::Serialize;

/// The most bytes, without spaces, of a list or object in one line.
const SHORT_BYTES: usize = 160;

/// A line break and the indentation of the deepest line that is written at once.
const LINE: &str = "\n                                                                ";

/// Returns a value as JSON, with a line break at the end.
///
/// # Errors
/// Those of the serializer.
pub fn json_text(value: &impl Serialize) -> serde_json::Result<String> {
    let mut text = json_inside(value, 0)?;
    text.push('\n');
    Ok(text)
}

/// Returns a value as JSON at some depth of lists and objects around it.
///
/// # Errors
/// Those of the serializer.
pub(super) fn json_inside(value: &impl Serialize, depth: usize) -> serde_json::Result<String> {
    Ok(lay_out(&serde_json::to_string(value)?, depth))
}

/// Breaks the text of a value into lines. It has no spaces but those in strings.
fn lay_out(text: &str, mut depth: usize) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    // What has not been copied yet begins here.
    let mut start = 0;
    let mut at = 0;
    // Where the list or object in one line ends that was met last.
    let mut line_end = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' if at > line_end => match short_end(bytes, at) {
                Some(end) => {
                    line_end = end;
                    continue;
                }
                None => depth += 1,
            },
            b'}' | b']' if at > line_end => {
                depth -= 1;
                out.push_str(&text[start..at - 1]);
                break_line(&mut out, depth);
                start = at - 1;
                continue;
            }
            b',' | b':' => {}
            _ => continue,
        }
        out.push_str(&text[start..at]);
        start = at;
        match byte == b':' || at < line_end {
            true => out.push(' '),
            false => break_line(&mut out, depth),
        }
    }
    out.push_str(&text[start..]);
    out
}

/// Returns where a string ends, the quote included, of which the text starts at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        // What it makes a letter of.
        at += 1;
    }
    bytes.len()
}

/// Returns where a list or object ends whose content starts at `start`, if it is short and holds no other one.
fn short_end(bytes: &[u8], start: usize) -> Option<usize> {
    let limit = bytes.len().min(start + SHORT_BYTES);
    let mut at = start;
    while at < limit {
        at += 1;
        match bytes[at - 1] {
            b'"' => at = string_end(bytes, at),
            b'}' | b']' => return Some(at),
            b'{' | b'[' => return None,
            _ => {}
        }
    }
    None
}

fn break_line(out: &mut String, depth: usize) {
    let mut left = 2 * depth;
    let first = left.min(LINE.len() - 1);
    out.push_str(&LINE[..=first]);
    left -= first;
    while left > 0 {
        let next = left.min(LINE.len() - 1);
        out.push_str(&LINE[1..=next]);
        left -= next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_is_short_and_flat_stands_in_one_line() {
        let value = json!({
            "empty": [[], {}],
            "flat": {"a": 1, "b": "x, \"y\": [z]\\", "c": null},
            "list": [true, -1.5, "{"],
            "long": vec!["0123456789"; 20],
        });
        let text = json_text(&value).expect("a value has a text");
        let long = vec!["    \"0123456789\""; 20].join(",\n");
        let expected = format!(
            "{{\n  \"empty\": [\n    [],\n    {{}}\n  ],\n  \
             \"flat\": {{\"a\": 1, \"b\": \"x, \\\"y\\\": [z]\\\\\", \"c\": null}},\n  \
             \"list\": [true, -1.5, \"{{\"],\n  \"long\": [\n{long}\n  ]\n}}\n"
        );
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("it is JSON"), value);
    }

    #[test]
    fn text_is_the_value_at_any_depth() {
        let mut deep = json!([{}]);
        for nth in 0..50 {
            deep = json!({"empty": [[], {}], "inside": [deep, nth, "a\"\n\\"], "last": "é{[:,"});
            let text = json_text(&deep).expect("a value has a text");
            assert_eq!(serde_json::from_str::<Value>(&text).expect("it is JSON"), deep);
        }
        let inside =
            "[\n  [\n    ".to_owned() + &json_inside(&deep, 2).expect("a value has a text") + "\n  ]\n]\n";
        assert_eq!(inside, json_text(&json!([[deep]])).expect("a value has a text"));
    }

    #[test]
    fn single_values_have_no_lines() {
        for value in [json!("a, b"), json!(12), json!(null), json!([]), json!({})] {
            let text = json_text(&value).expect("a value has a text");
            assert_eq!(text, value.to_string() + "\n");
        }
    }
}
