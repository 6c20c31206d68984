//! The text of `unlith.toml` -> settings, or every mistake in it with its place.
//!
//! A key that is not known is a mistake and not a remark: a misspelt limit would hold nothing back.
//! Here is what the file may say; `reader` turns values into settings and collects what is wrong with them.

mod reader;
#[cfg(test)]
mod tests;

use super::pattern::Pattern;
use super::rule::{Level, Rule};
use super::settings::{Absent, Analysis, Budget, Check, Forced, ForcedDefault, Limit, Settings};
use crate::base::LineIndex;
use reader::{Reader, Table, nearest};
use std::collections::BTreeMap;
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
