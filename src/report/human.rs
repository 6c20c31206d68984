//! Numbers as people read them: bytes, shares, counts.
//!
//! A kilobyte is 1000 bytes. Figures keep three digits; exact ones are in the JSON. A figure that is modelled and not
//! measured has a `~` in front.

use crate::size::Provenance;

/// Returns a byte count with three digits: `876 B`, `12.3 kB`, `2.41 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1000.0;
    let mut unit = 0;
    // What would be printed as 1000 is 1.00 of the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if value < 9.995 {
        2
    } else if value < 99.95 {
        1
    } else {
        0
    };
    format!("{value:.decimals$} {}", UNITS[unit])
}

/// Returns a byte count with `~` in front when it is estimated.
#[must_use]
pub fn bytes_of(n: u64, provenance: Provenance) -> String {
    format!("{}{}", mark(provenance), bytes(n))
}

/// Returns a difference of bytes with its sign: `-1.20 kB`, `+14.6 kB`.
#[must_use]
pub fn difference(n: i64) -> String {
    match n {
        0 => bytes(0),
        1.. => format!("+{}", bytes(n.unsigned_abs())),
        _ => format!("-{}", bytes(n.unsigned_abs())),
    }
}

/// Returns what is saved; what is lost has its sign: `14.6 kB`, `-1.20 kB`.
#[must_use]
pub fn saving(saved: i64) -> String {
    if saved >= 0 { bytes(saved.unsigned_abs()) } else { difference(saved) }
}

/// Returns the mark of a figure: `~` for estimated ones.
#[must_use]
pub fn mark(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Measured => "",
        Provenance::Estimated => "~",
    }
}

/// Returns the share of `part` in `whole`: `26 %`, `0.4 %`, `< 0.1 %`; `-` where there is nothing to share.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let share = part as f64 * 100.0 / whole as f64;
    match share {
        _ if part == 0 => "0 %".to_owned(),
        s if s < 0.1 => "< 0.1 %".to_owned(),
        s if s < 9.95 => format!("{s:.1} %"),
        s => format!("{s:.0} %"),
    }
}

/// Returns a count with its noun, in the plural where it is not one: `1 unit`, `145 units`, `2 libraries`.
#[must_use]
pub fn count(n: usize, noun: &str) -> String {
    let number = thousands(n as u64);
    if n == 1 {
        return format!("{number} {noun}");
    }
    if let Some((first, rest)) = noun.split_once(" or ") {
        return format!("{number} {} or {}", plural(first), plural(rest));
    }
    format!("{number} {}", plural(noun))
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

/// Returns a text that begins a sentence.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns a number with its thousands apart: `9 822`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_three_digits_and_never_a_thousand_of_a_unit() {
        let shown =
            [0, 999, 1000, 9_994, 9_996, 12_345, 99_949, 99_951, 829_000, 999_499, 999_500, 2_413_000]
                .map(bytes);
        assert_eq!(
            shown,
            [
                "0 B", "999 B", "1.00 kB", "9.99 kB", "10.0 kB", "12.3 kB", "99.9 kB", "100 kB", "829 kB",
                "999 kB", "1.00 MB", "2.41 MB"
            ]
        );
        assert_eq!(bytes(u64::MAX), "18447 PB");
    }

    #[test]
    fn signs_shares_and_counts() {
        assert_eq!([difference(-1200), difference(14_600), difference(0)], ["-1.20 kB", "+14.6 kB", "0 B"]);
        assert_eq!(
            [percent(26, 100), percent(1, 250), percent(1, 9999), percent(0, 5), percent(1, 0)],
            ["26 %", "0.4 %", "< 0.1 %", "0 %", "-"]
        );
        assert_eq!(
            [count(1, "unit"), count(9822, "definition"), count(2, "library"), count(3, "type or field")],
            ["1 unit", "9 822 definitions", "2 libraries", "3 types or fields"]
        );
        assert_eq!(bytes_of(500, Provenance::Estimated), "~500 B");
        assert_eq!(difference(i64::MIN), "-9223 PB");
    }
}
