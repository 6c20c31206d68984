//! Text from files and their names, made fit for a terminal.
//!
//! A name in a `META` file may hold what moves the cursor, clears the screen or renames the window. Such bytes are shown as
//! pictures of themselves; colours stay, and so do ends of lines and tabs. What goes to a file or pipe is left as it is: a patch has to
//! be what it was to the byte.

use std::borrow::Cow;

/// Returns a text without characters that do something to a terminal.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let n_bytes = if next == '\x1b' { color_len(rest) } else { 0 };
        if n_bytes > 0 {
            out.push_str(&rest[..n_bytes]);
        } else {
            out.push(if is_control(next) { picture(next) } else { next });
        }
        rest = &rest[n_bytes.max(next.len_utf8())..];
    }
    Cow::Owned(out)
}

fn is_control(char: char) -> bool {
    char.is_control() && !matches!(char, '\n' | '\t')
}

/// The length of the sequence that changes colour at the start of a text, 0 where there is none: `ESC [ 1 ; 31 m`.
fn color_len(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\x1b[") else { return 0 };
    let n_bytes = parameters.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if parameters[n_bytes..].starts_with('m') { n_bytes + 3 } else { 0 }
}

/// The picture that Unicode has of a control character.
fn picture(char: char) -> char {
    match u32::from(char) {
        code @ ..0x20 => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_is_shown_and_colours_stay() {
        let shown = |text| visible(text).into_owned();
        assert_eq!(shown("a\x1b[2Jb\x1b]0;title\x07c\rd"), "a␛[2Jb␛]0;title␇c␍d");
        assert_eq!(shown("\x1b[1;31mred\x1b[0m\n\tplain\x1b[m"), "\x1b[1;31mred\x1b[0m\n\tplain\x1b[m");
        assert_eq!(shown("\x7f\u{9b}31m\x1b[3\x1b"), "␡\u{fffd}31m␛[3␛");
        assert!(matches!(visible("é ~ plain\n"), Cow::Borrowed(_)));
    }
}
