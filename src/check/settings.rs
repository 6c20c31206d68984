//! What was agreed: the content of `unlith.toml`.

use super::pattern::Pattern;
use super::rule::{Level, Rule};
use crate::size::Profile;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The whole file.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    /// What is analysed, where the command line does not say.
    pub analysis: Analysis,
    /// What is checked.
    pub check: Check,
}

/// What is analysed, where the command line does not say; the same as the options of these names.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Analysis {
    /// Only these executables; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exes: Vec<String>,
    /// Installed packages that plain files are linked with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// Directories in which modules are looked for; relative to the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include_dirs: Vec<PathBuf>,
    /// Directories in which installed packages are looked for first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocamlpath: Option<String>,
    /// The kind of executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// The profile that dune builds with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dune_profile: Option<String>,
    /// Whether links are read from sources alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sources_only: Option<bool>,
    /// The size model; relative to the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
}

/// What is checked.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// Findings that are known; relative to the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<PathBuf>,
    /// Proposals that save less than so many bytes are not reported.
    pub min_saving: u64,
    /// How bad findings of each rule are; rules that are not named are at their usual level.
    pub severity: BTreeMap<Rule, Level>,
    /// Units that the linker may keep unasked.
    pub forced: Forced,
    /// What must not be linked.
    pub absent: Vec<Absent>,
    /// How large what may be.
    pub budget: Vec<Budget>,
}

impl Default for Check {
    fn default() -> Self {
        Check {
            baseline: None,
            min_saving: Check::USUAL_MIN_SAVING,
            severity: BTreeMap::new(),
            forced: Forced::default(),
            absent: Vec::new(),
            budget: Vec::new(),
        }
    }
}

impl Check {
    /// Below it estimated savings are too close to nothing.
    const USUAL_MIN_SAVING: u64 = 4_000;

    /// Returns how bad findings of a rule are.
    #[must_use]
    pub fn level(&self, rule: Rule) -> Level {
        self.severity.get(&rule).copied().unwrap_or_else(|| rule.usual_level())
    }
}

/// Which units the linker may keep unasked.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Forced {
    /// What holds for units and libraries that neither list names.
    pub default: ForcedDefault,
    /// Units and libraries that may be forced.
    pub allow: Vec<Pattern>,
    /// Units and libraries that may not, even where the default allows it.
    pub forbid: Vec<Pattern>,
    /// Where the file says so.
    #[serde(skip)]
    pub line: Option<u32>,
}

/// Whether units may be forced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ForcedDefault {
    /// They may, unless they are forbidden by name.
    #[default]
    Allow,
    /// They may not, unless they are allowed by name.
    Forbid,
}

/// Something that must not be linked.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Absent {
    /// Units or libraries.
    pub name: Pattern,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In these executables; in all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exes: Vec<Pattern>,
    /// Where the file says so.
    #[serde(skip)]
    pub line: u32,
}

/// How large executables may be, in bytes.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Budget {
    /// These executables; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exes: Vec<Pattern>,
    /// The allocated sections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alloc: Option<Limit>,
    /// The stripped file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stripped: Option<Limit>,
    /// The unstripped file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unstripped: Option<Limit>,
    /// The units of libraries, together for each pattern.
    #[serde(serialize_with = "as_table", skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<(Pattern, Limit)>,
    /// Units, together for each pattern.
    #[serde(serialize_with = "as_table", skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<(Pattern, Limit)>,
    /// Where the file says so.
    #[serde(skip)]
    pub line: u32,
}

/// A number of bytes that may be reached and not exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Limit {
    /// The bytes.
    pub bytes: u64,
    /// Where the file says so.
    #[serde(skip)]
    pub line: u32,
}

fn as_table<S: serde::Serializer>(entries: &[(Pattern, Limit)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(pattern, limit)| (pattern.text(), limit)))
}

/// Whether executables of a name are meant; no pattern at all means every one.
#[must_use]
pub fn concerns(exes: &[Pattern], program: &str) -> bool {
    exes.is_empty() || exes.iter().any(|pattern| pattern.matches_program(program))
}
