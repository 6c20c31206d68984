//! How long a string literal is in memory: what its escapes stand for.

/// Returns the number of bytes that a string literal stands for; `text` is the literal with its quotes.
///
/// ```text
/// "a\n\065\x41\u{e9}" is 6 bytes; {id|a\n|id} is 3
/// ```
pub(super) fn decoded_len(text: &[u8]) -> u32 {
    let n_bytes = match text.split_first() {
        Some((b'"', rest)) => escaped_len(rest.strip_suffix(b"\"").unwrap_or(rest)),
        Some((b'{', rest)) => {
            // `{id|` at the start, `|id}` at the end: nothing is escaped between them.
            let id = rest.iter().position(|&byte| byte == b'|').unwrap_or(0);
            text.len().saturating_sub(2 * (id + 2))
        }
        _ => text.len(),
    };
    u32::try_from(n_bytes).unwrap_or(u32::MAX)
}

/// Returns how many conversions and boxes a literal has when `printf` reads it: none where it holds bytes by number, as tables
/// of generated lexers do.
pub(super) fn format_parts(text: &[u8]) -> u32 {
    let is_number = |pair: &[u8]| pair[0] == b'\\' && (pair[1].is_ascii_digit() || pair[1] == b'x');
    // `"%array_safe_get"` is a name.
    let is_name = |rest: &[u8]| {
        rest.len() > 3 && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'"'))
    };
    if text.windows(2).any(is_number) || text.strip_prefix(b"\"%").is_some_and(is_name) {
        return 0;
    }
    let mut n_parts = 0;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied().unwrap_or(b' ');
        let is_part = match byte {
            b'%' => next.is_ascii_alphanumeric() || b"%@.*-+#!,".contains(&next),
            b'@' => b"[], ;.?{}@<>".contains(&next),
            _ => false,
        };
        n_parts += u32::from(is_part);
        at += 1 + usize::from(is_part);
    }
    n_parts
}

fn escaped_len(mut text: &[u8]) -> usize {
    let mut n_bytes = 0;
    while let Some(backslash) = text.iter().position(|&byte| byte == b'\\') {
        n_bytes += backslash;
        let escape = &text[backslash + 1..];
        let (n_source, n_meant) = match escape.first() {
            Some(b'0'..=b'9') => (3, 1),
            Some(b'x') => (3, 1),
            Some(b'o') => (4, 1),
            Some(b'u') => unicode_len(escape),
            // The line goes on behind the blanks of the next one.
            Some(b'\n' | b'\r') => {
                let is_blank = |byte: &&u8| matches!(byte, b'\n' | b'\r' | b' ' | b'\t');
                (escape.iter().take_while(is_blank).count(), 0)
            }
            Some(_) => (1, 1),
            None => (0, 1),
        };
        n_bytes += n_meant;
        text = &escape[n_source.min(escape.len())..];
    }
    n_bytes + text.len()
}

/// Returns the lengths of `u{..}` in the source and in UTF-8.
fn unicode_len(escape: &[u8]) -> (usize, usize) {
    let digits = escape.strip_prefix(b"u{").unwrap_or(&[]);
    let n_digits = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let code =
        std::str::from_utf8(&digits[..n_digits]).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let n_meant = code.and_then(char::from_u32).map_or(1, char::len_utf8);
    if n_digits == 0 { (1, 1) } else { (2 + n_digits + 1, n_meant) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_count_as_what_they_stand_for() {
        let lengths = [
            (&br#""""#[..], 0),
            (br#""abc""#, 3),
            (br#""a\n\065\x41\o101""#, 5),
            (br#""\u{e9}\u{1F600}""#, 6),
            (br#""\"\\""#, 2),
            (b"\"one \\\n     two\"", 7),
            (b"{|a\\n|}", 3),
            (b"{sql|select|sql}", 6),
        ];
        for (text, expected) in lengths {
            assert_eq!(decoded_len(text), expected, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn formats_have_parts() {
        let counts = [
            (&b"\"plain\""[..], 0),
            (b"\"%d of %s\"", 2),
            (b"\"@[<hov 2>%a@ b@]\"", 4),
            (b"\"100 %\"", 0),
            (b"\"%d\\000\"", 0),
            (b"%", 0),
            (b"\"%identity\"", 0),
        ];
        for (text, expected) in counts {
            assert_eq!(format_parts(text), expected, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn broken_literals_have_a_length_too() {
        for text in
            [&b""[..], b"\"", b"\"\\", b"\"\\0", b"\"\\u{", b"\"\\u{110000000}", b"{", b"{|", b"{a|", b"|"]
        {
            assert!(decoded_len(text) as usize <= text.len(), "{}", String::from_utf8_lossy(text));
        }
    }
}
