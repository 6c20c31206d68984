//! Halves of characters in messages: editors whose texts are UTF-16 may send one half of a surrogate pair without the other.
//!
//! JSON can say that, by an escape (`"\ud83d"`), but no text here can hold it. Each half that stands alone is taken as U+FFFD,
//! which counts one column as the half does: a change that brings one is not lost, and later ones find their places.

/// What stands for half a character, as JSON and as UTF-8 have it: as long as what it stands for.
const ESCAPED: &[u8] = b"\\ufffd";
const ENCODED: &[u8] = "\u{fffd}".as_bytes();

/// Returns a message in which no half stands alone, and nothing else that is no UTF-8; `None` where that was so before.
pub(super) fn without_halves(body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(&first) = rest.first() {
        let n_taken = match escaped_unit(rest) {
            Some(0xd800..=0xdbff) if matches!(escaped_unit(&rest[6..]), Some(0xdc00..=0xdfff)) => {
                whole.extend_from_slice(&rest[..12]);
                12
            }
            Some(0xd800..=0xdfff) => {
                whole.extend_from_slice(ESCAPED);
                6
            }
            // An escaped backslash begins no other escape.
            None if first == b'\\' => {
                whole.extend_from_slice(&rest[..rest.len().min(2)]);
                rest.len().min(2)
            }
            None if matches!(rest, [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..]) => {
                whole.extend_from_slice(ENCODED);
                3
            }
            _ => {
                whole.push(first);
                1
            }
        };
        rest = &rest[n_taken..];
    }
    let whole = match String::from_utf8(whole) {
        Ok(whole) => whole.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into_bytes(),
    };
    (whole != body).then_some(whole)
}

/// The UTF-16 unit that a text escapes at its start.
fn escaped_unit(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = text else { return None };
    let digits = digits.get(..4)?.iter().map(|&digit| char::from(digit).to_digit(16));
    digits.into_iter().try_fold(0, |unit, digit| Some(unit * 16 + digit?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_that_stand_alone_are_replaced() {
        let of = |body: &[u8]| without_halves(body).map(|whole| String::from_utf8(whole).expect("UTF-8"));
        for (body, whole) in [
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uDE00\uD83D""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\\\ud83d\n""#, r#""\\\ufffd\n""#),
            (r#""\ud83dx""#, r#""\ufffdx""#),
        ] {
            assert_eq!(of(body.as_bytes()).as_deref(), Some(whole));
        }
        for body in [r#""\ud83d\ude00""#, r#""\\ud83d""#, "\"\u{1f42b}\"", r#""\ud8""#, r#""\"#] {
            assert_eq!(of(body.as_bytes()), None, "{body}");
        }
        assert_eq!(of(b"\"\xed\xa0\xbd-\xff\"").as_deref(), Some("\"\u{fffd}-\u{fffd}\""));
    }
}
