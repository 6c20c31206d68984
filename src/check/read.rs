//! The text of `unlith.toml` -> settings, or every mistake in it with its place.
//!
//! A key that is not known is a mistake and not a remark: a misspelt limit would hold nothing back.

use super::pattern::Pattern;
use super::rule::{Level, Rule};
use super::settings::{Absent, Analysis, Budget, Check, Forced, ForcedDefault, Limit, Settings};
use crate::base::LineIndex;
use crate::size::Profile;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something in the file that means nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub col: u32,
    /// What it is: a sentence without a final dot.
    pub message: String,
    /// What may have been meant.
    pub help: Option<String>,
}

/// Reads the file.
///
/// # Errors
/// Every mistake, in order of place; at least one.
pub fn read(text: &str) -> Result<Settings, Vec<Mistake>> {
    let mut reader = Reader { index: LineIndex::new(text.as_bytes()), mistakes: Vec::new() };
    let settings = match DeTable::parse(text) {
        Ok(table) => settings(&mut reader, table),
        Err(error) => {
            reader.mistake(error.span().unwrap_or(0..0), error.message().to_owned(), None);
            Settings::default()
        }
    };
    if reader.mistakes.is_empty() {
        return Ok(settings);
    }
    reader.mistakes.sort_by_key(|mistake| (mistake.line, mistake.col));
    Err(reader.mistakes)
}

fn settings(reader: &mut Reader, table: Spanned<DeTable<'_>>) -> Settings {
    let mut file = Table::new(table.into_inner());
    let analysis = file.take("analysis").and_then(|value| reader.table(value)).map(|t| analysis(reader, t));
    let check = file.take("check").and_then(|value| reader.table(value)).map(|t| check(reader, t));
    file.end(reader);
    Settings { analysis: analysis.unwrap_or_default(), check: check.unwrap_or_default() }
}

fn analysis(reader: &mut Reader, table: DeTable<'_>) -> Analysis {
    let mut table = Table::new(table);
    let analysis = Analysis {
        exes: table.take("exes").map(|value| reader.strings(value)).unwrap_or_default(),
        packages: table.take("packages").map(|value| reader.strings(value)).unwrap_or_default(),
        include_dirs: table
            .take("include-dirs")
            .map(|value| reader.strings(value).into_iter().map(PathBuf::from).collect())
            .unwrap_or_default(),
        ocamlpath: table.take("ocamlpath").and_then(|value| reader.string(value)),
        profile: table.take("profile").and_then(|value| reader.profile(value)),
        dune_profile: table.take("dune-profile").and_then(|value| reader.string(value)),
        sources_only: table.take("sources-only").and_then(|value| reader.bool(value)),
        model: table.take("model").and_then(|value| reader.string(value)).map(PathBuf::from),
    };
    table.end(reader);
    analysis
}

fn check(reader: &mut Reader, table: DeTable<'_>) -> Check {
    let mut table = Table::new(table);
    let usual = Check::default();
    let check = Check {
        baseline: table.take("baseline").and_then(|value| reader.string(value)).map(PathBuf::from),
        min_saving: table
            .take("min-saving")
            .and_then(|value| reader.limit(value))
            .map_or(usual.min_saving, |limit| limit.bytes),
        severity: table
            .take("severity")
            .and_then(|value| reader.table(value))
            .map(|table| severity(reader, table))
            .unwrap_or_default(),
        absent: table
            .take("absent")
            .map(|value| reader.array(value).into_iter().filter_map(|v| absent(reader, v)).collect())
            .unwrap_or_default(),
        forced: table.take("forced").and_then(|value| forced(reader, value)).unwrap_or_default(),
        budget: table
            .take("budget")
            .map(|value| reader.array(value).into_iter().filter_map(|v| budget(reader, v)).collect())
            .unwrap_or_default(),
    };
    table.end(reader);
    check
}

fn severity(reader: &mut Reader, table: DeTable<'_>) -> BTreeMap<Rule, Level> {
    let words: Vec<&'static str> = Rule::all().into_iter().map(Rule::word).collect();
    let mut levels = BTreeMap::new();
    for (key, value) in table {
        let Some(rule) = Rule::of_word(key.get_ref()) else {
            let message = format!("there is no rule `{}`", key.get_ref());
            reader.mistake(key.span(), message, nearest(key.get_ref(), &words));
            continue;
        };
        let level = reader.one_of(value, &Level::ALL.map(|level| (level.word(), level)));
        levels.extend(level.map(|level| (rule, level)));
    }
    levels
}

/// `"Unix"`, or `{ name = "Unix", reason = "..", exes = [..] }`.
fn absent(reader: &mut Reader, value: Spanned<DeValue<'_>>) -> Option<Absent> {
    let line = reader.line(&value.span());
    if value.get_ref().is_str() {
        let name = reader.unit_or_library(value)?;
        return Some(Absent { name, reason: None, exes: Vec::new(), line });
    }
    let span = value.span();
    let mut table = Table::new(reader.table_or(value, "a name, or a table with `name`")?);
    let name = table.take("name");
    let is_named = name.is_some();
    let name = name.and_then(|value| reader.unit_or_library(value));
    let reason = table.take("reason").and_then(|value| reader.string(value));
    let exes = table.take("exes").map(|value| reader.patterns(value, Pattern::new)).unwrap_or_default();
    table.end(reader);
    if !is_named {
        reader.mistake(span, "`name` is missing: the unit or library that must be absent".to_owned(), None);
    }
    Some(Absent { name: name?, reason, exes, line })
}

/// `"forbid"`, or a table with exceptions.
fn forced(reader: &mut Reader, value: Spanned<DeValue<'_>>) -> Option<Forced> {
    const WORDS: [(&str, ForcedDefault); 2] =
        [("allow", ForcedDefault::Allow), ("forbid", ForcedDefault::Forbid)];
    let line = Some(reader.line(&value.span()));
    if value.get_ref().is_str() {
        let default = reader.one_of(value, &WORDS)?;
        return Some(Forced { default, line, ..Forced::default() });
    }
    let mut table = Table::new(reader.table_or(value, "\"allow\", \"forbid\" or a table")?);
    let forced = Forced {
        default: table.take("default").and_then(|value| reader.one_of(value, &WORDS)).unwrap_or_default(),
        allow: table
            .take("allow")
            .map(|value| reader.patterns(value, Pattern::of_unit_or_library))
            .unwrap_or_default(),
        forbid: table
            .take("forbid")
            .map(|value| reader.patterns(value, Pattern::of_unit_or_library))
            .unwrap_or_default(),
        line,
    };
    table.end(reader);
    Some(forced)
}

fn budget(reader: &mut Reader, value: Spanned<DeValue<'_>>) -> Option<Budget> {
    let line = reader.line(&value.span());
    let span = value.span();
    let mut table = Table::new(reader.table(value)?);
    let budget = Budget {
        exes: table.take("exes").map(|value| reader.patterns(value, Pattern::new)).unwrap_or_default(),
        alloc: table.take("alloc").and_then(|value| reader.limit(value)),
        stripped: table.take("stripped").and_then(|value| reader.limit(value)),
        unstripped: table.take("unstripped").and_then(|value| reader.limit(value)),
        libraries: limits(reader, table.take("libraries"), Pattern::new),
        units: limits(reader, table.take("units"), Pattern::of_unit_or_library),
        line,
    };
    let n_mistakes = reader.mistakes.len();
    table.end(reader);
    let has_limit = [budget.alloc, budget.stripped, budget.unstripped].iter().any(Option::is_some)
        || !budget.libraries.is_empty()
        || !budget.units.is_empty();
    if !has_limit && reader.mistakes.len() == n_mistakes {
        let help = "give `alloc`, `stripped`, `unstripped`, `libraries` or `units`";
        reader.mistake(span, "this budget limits nothing".to_owned(), Some(help.to_owned()));
    }
    Some(budget)
}

fn limits(
    reader: &mut Reader,
    value: Option<Spanned<DeValue<'_>>>,
    pattern: fn(&str) -> Result<Pattern, String>,
) -> Vec<(Pattern, Limit)> {
    let Some(table) = value.and_then(|value| reader.table(value)) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, value) in table {
        let pattern = reader.pattern(key.get_ref(), key.span(), pattern);
        let limit = reader.limit(value);
        found.extend(pattern.zip(limit));
    }
    found
}

/// A table of which each key is asked for by name; what is left is not known.
struct Table<'i> {
    left: DeTable<'i>,
    known: Vec<&'static str>,
}

impl<'i> Table<'i> {
    fn new(left: DeTable<'i>) -> Self {
        Table { left, known: Vec::new() }
    }
    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'i>>> {
        self.known.push(key);
        self.left.remove(key)
    }
    fn end(self, reader: &mut Reader) {
        for (key, _) in self.left {
            let message = format!("there is no setting `{}` here", key.get_ref());
            reader.mistake(key.span(), message, nearest(key.get_ref(), &self.known));
        }
    }
}

/// Turns values into settings, and collects what is wrong.
struct Reader {
    index: LineIndex,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn mistake(&mut self, span: Range<usize>, message: String, help: Option<String>) {
        let at = self.index.line_col(span.start as u32);
        self.mistakes.push(Mistake { line: at.line, col: at.col + 1, message, help });
    }
    fn wanted(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!("{wanted} is expected, not {}", article(value.get_ref().type_str()));
        self.mistake(value.span(), message, None);
    }
    fn line(&self, span: &Range<usize>) -> u32 {
        self.index.line_col(span.start as u32).line
    }

    fn table<'i>(&mut self, value: Spanned<DeValue<'i>>) -> Option<DeTable<'i>> {
        self.table_or(value, "a table")
    }
    fn table_or<'i>(&mut self, value: Spanned<DeValue<'i>>, wanted: &str) -> Option<DeTable<'i>> {
        if !value.get_ref().is_table() {
            self.wanted(&value, wanted);
            return None;
        }
        match value.into_inner() {
            DeValue::Table(table) => Some(table),
            _ => None,
        }
    }
    fn array<'i>(&mut self, value: Spanned<DeValue<'i>>) -> Vec<Spanned<DeValue<'i>>> {
        if !value.get_ref().is_array() {
            self.wanted(&value, "a list");
        }
        match value.into_inner() {
            DeValue::Array(array) => array.into_iter().collect(),
            _ => Vec::new(),
        }
    }
    fn string(&mut self, value: Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wanted(&value, "a string");
        }
        text
    }
    fn bool(&mut self, value: Spanned<DeValue<'_>>) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wanted(&value, "true or false");
        }
        found
    }
    fn strings(&mut self, value: Spanned<DeValue<'_>>) -> Vec<String> {
        self.array(value).into_iter().filter_map(|value| self.string(value)).collect()
    }

    fn pattern(
        &mut self,
        text: &str,
        span: Range<usize>,
        read: fn(&str) -> Result<Pattern, String>,
    ) -> Option<Pattern> {
        read(text).map_err(|error| self.mistake(span, format!("`{text}` is no pattern: {error}"), None)).ok()
    }
    fn patterns(
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
    fn unit_or_library(&mut self, value: Spanned<DeValue<'_>>) -> Option<Pattern> {
        let span = value.span();
        let text = self.string(value)?;
        self.pattern(&text, span, Pattern::of_unit_or_library)
    }

    /// One of some words.
    fn one_of<T: Copy>(&mut self, value: Spanned<DeValue<'_>>, words: &[(&'static str, T)]) -> Option<T> {
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
    fn profile(&mut self, value: Spanned<DeValue<'_>>) -> Option<Profile> {
        let words = [("pie", Profile::Pie), ("static", Profile::Static), ("bytecode", Profile::Bytecode)];
        self.one_of(value, &words)
    }
    /// A number of bytes: `250000`, `"250 kB"`, `"1.5 MB"`, `"2 MiB"`.
    fn limit(&mut self, value: Spanned<DeValue<'_>>) -> Option<Limit> {
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

/// Reads a number of bytes with its unit.
fn bytes(text: &str) -> Option<u64> {
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
fn nearest(word: &str, known: &[&'static str]) -> Option<String> {
    let similarity = |other: &&&str| strsim::jaro_winkler(word, other);
    let best = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    if similarity(&best) > 0.75 {
        return Some(format!("did you mean `{best}`?"));
    }
    Some(format!("there are: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a text, a line each: place, message, help.
    fn mistakes(text: &str) -> Vec<String> {
        let mistakes = read(text).expect_err("mistakes");
        let show = |mistake: Mistake| {
            let help = mistake.help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{}:{}: {}{help}", mistake.line, mistake.col, mistake.message)
        };
        mistakes.into_iter().map(show).collect()
    }

    #[test]
    fn everything_that_can_be_set_is_read() {
        let text = r#"
[analysis]
exes = ["bin/main"]
packages = ["lwt.unix"]
include-dirs = ["src"]
ocamlpath = "vendor"
profile = "static"
dune-profile = "release"
sources-only = true
model = "model.json"

[check]
baseline = "known.json"
min-saving = "10 kB"
absent = ["Unix", { name = "compiler-libs.*", reason = "it is large", exes = ["bin/*"] }]

[check.severity]
budget = "warning"
cut-references = "note"

[check.forced]
default = "forbid"
allow = ["Sensors__*"]
forbid = ["str"]

[[check.budget]]
exes = ["main"]
alloc = 2_000_000
stripped = "1.5 MB"
unstripped = "2 MiB"
libraries = { stdlib = "300 kB" }
units = { "Stdlib.Scanf" = 0 }
"#;
        let settings = read(text).expect("no mistake");
        let analysis = &settings.analysis;
        assert_eq!(
            (analysis.exes.len(), analysis.packages.len(), analysis.profile),
            (1, 1, Some(Profile::Static))
        );
        assert_eq!((analysis.dune_profile.as_deref(), analysis.sources_only), (Some("release"), Some(true)));
        assert!(analysis.model.is_some() && analysis.ocamlpath.is_some() && analysis.include_dirs.len() == 1);
        let check = &settings.check;
        assert_eq!((check.min_saving, check.baseline.is_some()), (10_000, true));
        assert_eq!((check.level(Rule::Budget), check.level(Rule::Absent)), (Level::Warning, Level::Error));
        assert_eq!((check.absent[0].line, check.absent[1].reason.as_deref()), (15, Some("it is large")));
        assert_eq!((check.forced.default, check.forced.line), (ForcedDefault::Forbid, Some(21)));
        let budget = &check.budget[0];
        let limits = [budget.alloc, budget.stripped, budget.unstripped].map(|limit| limit.map(|l| l.bytes));
        assert_eq!(limits, [Some(2_000_000), Some(1_500_000), Some(2 << 20)]);
        assert_eq!((budget.libraries[0].1.line, budget.units[0].1.bytes), (31, 0));
        assert_eq!(
            read(&toml::to_string(&settings).expect("TOML")).expect("no mistake").check.min_saving,
            10_000
        );
    }

    #[test]
    fn an_empty_file_is_the_usual_settings() {
        assert_eq!(read("").expect("no mistake"), Settings::default());
    }

    #[test]
    fn every_mistake_has_its_place_and_the_nearest_word() {
        let text = "[check]\nabsnt = []\nmin-saving = \"lots\"\n[check.severity]\nbuget = \"error\"\nforced = \"fatal\"\n\
                    [analisys]\n[[check.budget]]\n";
        assert_eq!(
            mistakes(text),
            [
                "2:1: there is no setting `absnt` here (did you mean `absent`?)",
                "3:14: this is no number of bytes (write `250000`, \"250 kB\", \"1.5 MB\" or \"2 MiB\")",
                "5:1: there is no rule `buget` (did you mean `budget`?)",
                "6:10: `fatal` is none of error, warning, note, off (there are: error, warning, note, off)",
                "7:2: there is no setting `analisys` here (did you mean `analysis`?)",
                "8:1: this budget limits nothing (give `alloc`, `stripped`, `unstripped`, `libraries` or `units`)",
            ]
        );
    }

    #[test]
    fn values_of_another_kind_are_mistakes() {
        let text = "check = 1\n";
        assert_eq!(mistakes(text), ["1:9: a table is expected, not an integer"]);
        let text = "[check]\nabsent = [1, { reason = \"x\" }, \"a[\"]\nforced = \"allow\"\nbudget = \"x\"\n";
        assert_eq!(
            mistakes(text),
            [
                "2:11: a name, or a table with `name` is expected, not an integer",
                "2:14: `name` is missing: the unit or library that must be absent",
                "2:32: `a[` is no pattern: unclosed character class; missing ']'",
                "4:10: a list is expected, not a string",
            ]
        );
    }

    #[test]
    fn a_file_that_is_no_toml_has_one_mistake_with_its_place() {
        let found = mistakes("[check]\nabsent = [\n");
        assert!(found.len() == 1 && found[0].starts_with('3') || found[0].starts_with('2'), "{found:?}");
    }

    #[test]
    fn numbers_of_bytes() {
        assert_eq!(
            ["7", "7 B", "1.5kB", "2 MiB", "1_000 kB"].map(bytes),
            [Some(7), Some(7), Some(1500), Some(2 << 20), Some(1_000_000)]
        );
        assert_eq!(["", "kB", "-1", "1 XB", "1.2.3 kB", "99999999999999999999 GB"].map(bytes), [None; 6]);
    }
}
