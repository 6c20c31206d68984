//! Values of the file as what they should be; what they are not is a [`Mistake`] with its place.

use super::Mistake;
use crate::base::LineIndex;
use crate::check::pattern::Pattern;
use crate::check::settings::Limit;
use crate::size::Profile;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Turns values into settings, and collects what is wrong.
pub(super) struct Reader {
    pub(super) index: LineIndex,
    pub(super) mistakes: Vec<Mistake>,
}

impl Reader {
    pub(super) fn mistake(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        let at = self.index.line_col(span.start as u32);
        self.mistakes.push(Mistake { line: at.line, col: at.col + 1, message, help });
    }

    fn wanted(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!("{wanted} is expected, not {}", article(value.get_ref().type_str()));
        self.mistake(value.span(), message, None);
    }

    pub(super) fn line(&self, span: &Range<usize>) -> u32 {
        self.index.line_col(span.start as u32).line
    }

    pub(super) fn table<'i>(&mut self, value: Spanned<DeValue<'i>>) -> Option<DeTable<'i>> {
        self.table_or(value, "a table")
    }

    pub(super) fn table_or<'i>(&mut self, value: Spanned<DeValue<'i>>, wanted: &str) -> Option<DeTable<'i>> {
        if !value.get_ref().is_table() {
            self.wanted(&value, wanted);
            return None;
        }
        match value.into_inner() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn array<'i>(&mut self, value: Spanned<DeValue<'i>>) -> Vec<Spanned<DeValue<'i>>> {
        if !value.get_ref().is_array() {
            self.wanted(&value, "a list");
        }
        match value.into_inner() {
            DeValue::Array(array) => array.into_iter().collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn string(&mut self, value: Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wanted(&value, "a string");
        }
        text
    }

    pub(super) fn bool(&mut self, value: Spanned<DeValue<'_>>) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wanted(&value, "true or false");
        }
        found
    }

    pub(super) fn strings(&mut self, value: Spanned<DeValue<'_>>) -> Vec<String> {
        self.array(value).into_iter().filter_map(|value| self.string(value)).collect()
    }

    pub(super) fn pattern(
        &mut self,
        text: &str,
        span: Range<usize>,
        read: fn(&str) -> Result<Pattern, String>,
    ) -> Option<Pattern> {
        read(text).map_err(|error| self.mistake(span, format!("`{text}` is no pattern: {error}"), None)).ok()
    }

    pub(super) fn patterns(
        &mut self,
        value: Spanned<DeValue<'_>>,
        read: fn(&str) -> Result<Pattern, String>,
    ) -> Vec<Pattern> {
        let values = self.array(value);
        let mut patterns = Vec::new();
        for value in values {
            let span = value.span();
            let text = self.string(value);
            patterns.extend(text.and_then(|text| self.pattern(&text, span, read)));
        }
        patterns
    }

    pub(super) fn unit_or_library(&mut self, value: Spanned<DeValue<'_>>) -> Option<Pattern> {
        let span = value.span();
        let text = self.string(value)?;
        self.pattern(&text, span, Pattern::of_unit_or_library)
    }

    /// One of some words.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        value: Spanned<DeValue<'_>>,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let span = value.span();
        let text = self.string(value)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|&(_, found)| found);
        if found.is_none() {
            let words: Vec<&'static str> = words.iter().map(|&(word, _)| word).collect();
            let message = format!("`{text}` is none of {}", words.join(", "));
            self.mistake(span, message, nearest(&text, &words));
        }
        found
    }

    pub(super) fn profile(&mut self, value: Spanned<DeValue<'_>>) -> Option<Profile> {
        let words = [("pie", Profile::Pie), ("static", Profile::Static), ("bytecode", Profile::Bytecode)];
        self.one_of(value, &words)
    }

    /// A number of bytes: `250000`, `"250 kB"`, `"1.5 MB"`, `"2 MiB"`.
    pub(super) fn limit(&mut self, value: Spanned<DeValue<'_>>) -> Option<Limit> {
        let line = self.line(&value.span());
        let bytes = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .and_then(|number| u64::try_from(number).ok()),
            DeValue::String(text) => bytes(text),
            _ => None,
        };
        if bytes.is_none() {
            let message = "this is no number of bytes".to_owned();
            let help = "write `250000`, \"250 kB\", \"1.5 MB\" or \"2 MiB\"";
            self.mistake(value.span(), message, Some(help.to_owned()));
        }
        Some(Limit { bytes: bytes?, line })
    }
}

/// A table of which each key is asked for by name; what is left is not known.
pub(super) struct Table<'i> {
    left: DeTable<'i>,
    known: Vec<&'static str>,
}

impl<'i> Table<'i> {
    pub(super) fn new(left: DeTable<'i>) -> Self {
        Table { left, known: Vec::new() }
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.left.remove(key)
    }

    pub(super) fn end(self, reader: &mut Reader) {
        for (key, _) in self.left {
            let message = format!("there is no setting `{}` here", key.get_ref());
            reader.mistake(key.span(), message, nearest(key.get_ref(), &self.known));
        }
    }
}

/// Reads a number of bytes with its unit.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" | "kiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    let number = number.replace('_', "");
    if let Ok(whole) = number.parse::<u64>() {
        return whole.checked_mul(factor);
    }
    let bytes = number.parse::<f64>().ok()? * factor as f64;
    (bytes.is_finite() && bytes < u64::MAX as f64).then(|| bytes.round() as u64)
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// What may have been meant by a word: the nearest one that is known, or all of them.
pub(super) fn nearest(word: &str, known: &[&'static str]) -> Option<String> {
    let similarity = |other: &&&str| strsim::jaro_winkler(word, other);
    let best = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    if similarity(&best) > 0.75 {
        return Some(format!("did you mean `{best}`?"));
    }
    Some(format!("there are: {}", known.join(", ")))
}
