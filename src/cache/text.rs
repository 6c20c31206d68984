//! Long texts, kept compressed, in parts: all threads have a share in writing and in reading them. A report says much of what it
//! says again and again, and takes a tenth of the room.

use rayon::prelude::*;

/// Parts are about as long, and end where a line does.
const PART_BYTES: usize = 1 << 20;

/// What takes longer saves little.
const LEVEL: i32 = 1;

/// No part is longer.
const MAX_BYTES: usize = 1 << 31;

/// Returns what to keep of a text that is in pieces, in pieces.
pub(super) fn pack(pieces: &[String]) -> Vec<Vec<u8>> {
    let parts: Vec<&str> = pieces.iter().flat_map(|piece| parts(piece)).collect();
    let compressed =
        parts.par_iter().map(|part| zstd::bulk::compress(part.as_bytes(), LEVEL).unwrap_or_default());
    let compressed: Vec<Vec<u8>> = compressed.collect();
    let lengths: Vec<(usize, usize)> =
        parts.iter().zip(&compressed).map(|(part, compressed)| (part.len(), compressed.len())).collect();
    let head = postcard::to_stdvec(&lengths).unwrap_or_default();
    std::iter::once(head).chain(compressed).collect()
}

/// Returns the text of which `bytes` were kept, in pieces, if that is what they are.
pub(super) fn unpack(bytes: &[u8]) -> Option<Vec<String>> {
    let (lengths, mut rest): (Vec<(usize, usize)>, &[u8]) = postcard::take_from_bytes(bytes).ok()?;
    let mut parts: Vec<(usize, &[u8])> = Vec::new();
    for (length, n_compressed) in lengths {
        let (part, behind) = rest.split_at_checked(n_compressed).filter(|_| length <= MAX_BYTES)?;
        parts.push((length, part));
        rest = behind;
    }
    let unpacked = parts.par_iter().map(|&(length, part)| {
        let text = zstd::bulk::decompress(part, length).ok().filter(|text| text.len() == length)?;
        String::from_utf8(text).ok()
    });
    unpacked.collect()
}

/// Divides a text where lines end. One that is longer than a part stays whole.
fn parts(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while text.len() > PART_BYTES {
        let bytes = text.as_bytes();
        let end = memchr::memrchr(b'\n', &bytes[..PART_BYTES])
            .or_else(|| memchr::memchr(b'\n', &bytes[PART_BYTES..]).map(|end| PART_BYTES + end));
        let (part, rest) = text.split_at(end.map_or(text.len(), |end| end + 1));
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_was() {
        let line = "é".repeat(700) + "\n";
        for text in
            [String::new(), "é".to_owned(), line.repeat(3000), line.repeat(10) + &"x".repeat(PART_BYTES * 3)]
        {
            let pieces = [text.clone(), "\n".to_owned(), text];
            let kept = pack(&pieces).concat();
            assert_eq!(unpack(&kept).map(|text| text.concat()), Some(pieces.concat()));
            assert!(kept.len() < 100 + pieces.concat().len() / 20);
            assert_eq!(unpack(&kept[..kept.len() - 1]), None);
        }
    }

    #[test]
    fn what_was_not_kept_is_no_text() {
        for bytes in [&b""[..], &[255; 40], &[2, 1, 200, 7, 7]] {
            assert_eq!(unpack(bytes), None);
        }
        // A length that takes more memory than there is.
        let lying = postcard::to_stdvec(&vec![(usize::MAX / 2, 3usize)]).expect("numbers");
        assert_eq!(unpack(&[&lying[..], b"abc"].concat()), None);
    }
}
