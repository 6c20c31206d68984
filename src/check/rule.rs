//! The rules: their words, usual levels, and what they say.

use crate::base::Severity;
use crate::split::ProposalKind;
use serde::{Serialize, Serializer};

/// What is checked. The order is that of reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// A figure is above its limit.
    Budget,
    /// A unit or library is linked that must not be.
    Absent,
    /// A unit is linked unasked, by `-linkall`.
    Forced,
    /// A unit is required that the linker does not find.
    Missing,
    /// A change would save bytes.
    Proposal(ProposalKind),
    /// A setting means nothing here.
    UnmatchedSetting,
    /// The baseline knows something that is gone.
    StaleBaseline,
    /// A remark in a source allows something that nothing needs.
    UnusedAllow,
    /// A remark in a source means nothing.
    BadAllow,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The check fails.
    Error,
    /// It is reported, and the check passes.
    Warning,
    /// It is worth knowing.
    Note,
    /// It is not looked for.
    Off,
}

impl Level {
    /// All levels, worst first.
    pub const ALL: [Level; 4] = [Level::Error, Level::Warning, Level::Note, Level::Off];

    /// Returns the word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
            Level::Off => "off",
        }
    }

    /// Returns how bad a finding of this level is; none are looked for when it is off.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Error => Some(Severity::Error),
            Level::Warning => Some(Severity::Warning),
            Level::Note => Some(Severity::Note),
            Level::Off => None,
        }
    }
}

impl Rule {
    /// Returns all rules, in order.
    #[must_use]
    pub fn all() -> Vec<Rule> {
        let proposals = ProposalKind::ALL.map(Rule::Proposal);
        [Rule::Budget, Rule::Absent, Rule::Forced, Rule::Missing]
            .into_iter()
            .chain(proposals)
            .chain([Rule::UnmatchedSetting, Rule::StaleBaseline, Rule::UnusedAllow, Rule::BadAllow])
            .collect()
    }

    /// Returns the rule of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Rule> {
        Rule::all().into_iter().find(|rule| rule.word() == word)
    }

    /// Returns the word for it, as in `unlith.toml` and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Rule::Budget => "budget",
            Rule::Absent => "absent",
            Rule::Forced => "forced",
            Rule::Missing => "missing",
            Rule::Proposal(kind) => kind.word(),
            Rule::UnmatchedSetting => "unmatched-setting",
            Rule::StaleBaseline => "stale-baseline",
            Rule::UnusedAllow => "unused-allow",
            Rule::BadAllow => "bad-allow",
        }
    }

    /// Returns how bad its findings are unless `unlith.toml` says otherwise.
    #[must_use]
    pub fn usual_level(self) -> Level {
        match self {
            Rule::Budget | Rule::Absent | Rule::Forced | Rule::BadAllow => Level::Error,
            Rule::Missing | Rule::UnmatchedSetting | Rule::StaleBaseline | Rule::UnusedAllow => {
                Level::Warning
            }
            // Whoever wants proposals held against a change says so.
            Rule::Proposal(_) => Level::Off,
        }
    }

    /// Whether a remark in a source may allow what it finds.
    #[must_use]
    pub fn can_be_allowed(self) -> bool {
        matches!(self, Rule::Absent | Rule::Forced | Rule::Proposal(_))
    }

    /// Whether a baseline may know what it finds.
    #[must_use]
    pub fn can_be_known(self) -> bool {
        self.can_be_allowed() || matches!(self, Rule::Budget | Rule::Missing)
    }

    /// Whether what it finds gets worse with its bytes.
    #[must_use]
    pub fn is_about_bytes(self) -> bool {
        matches!(self, Rule::Budget | Rule::Forced)
    }

    /// Returns its page of the guide, in Markdown.
    #[must_use]
    pub fn page(self) -> &'static str {
        match self {
            Rule::Budget => include_str!("../../docs/rules/budget.md"),
            Rule::Absent => include_str!("../../docs/rules/absent.md"),
            Rule::Forced => include_str!("../../docs/rules/forced.md"),
            Rule::Missing => include_str!("../../docs/rules/missing.md"),
            Rule::Proposal(kind) => proposal_page(kind),
            Rule::UnmatchedSetting => include_str!("../../docs/rules/unmatched-setting.md"),
            Rule::StaleBaseline => include_str!("../../docs/rules/stale-baseline.md"),
            Rule::UnusedAllow => include_str!("../../docs/rules/unused-allow.md"),
            Rule::BadAllow => include_str!("../../docs/rules/bad-allow.md"),
        }
    }

    /// Returns what is wrong where it finds something: a sentence without a final dot.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Rule::Budget => "An executable, a library or a unit in it is larger than agreed",
            Rule::Absent => "A unit or library is linked that must be absent",
            Rule::Forced => "Units are linked that nothing refers to, by -linkall",
            Rule::Missing => "A unit is required that the linker will not find",
            Rule::Proposal(kind) => proposal_summary(kind),
            Rule::UnmatchedSetting => "A setting of unlith.toml matches nothing here",
            Rule::StaleBaseline => "The baseline knows a finding that is gone",
            Rule::UnusedAllow => "A remark in a source allows something that nothing needs",
            Rule::BadAllow => "A remark in a source is not understood",
        }
    }
}

fn proposal_page(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::UnsealFacade => include_str!("../../docs/proposals/unseal-facade.md"),
        ProposalKind::ExtractSubmodule => include_str!("../../docs/proposals/extract-submodule.md"),
        ProposalKind::PartitionUnit => include_str!("../../docs/proposals/partition-unit.md"),
        ProposalKind::OwnModulesToLibrary => include_str!("../../docs/proposals/own-modules-to-library.md"),
        ProposalKind::BypassFacade => include_str!("../../docs/proposals/bypass-facade.md"),
        ProposalKind::NoAliasDeps => include_str!("../../docs/proposals/no-alias-deps.md"),
        ProposalKind::Unpack => include_str!("../../docs/proposals/unpack.md"),
        ProposalKind::DropLinkall => include_str!("../../docs/proposals/drop-linkall.md"),
        ProposalKind::CutReferences => include_str!("../../docs/proposals/cut-references.md"),
        ProposalKind::CutEffect => include_str!("../../docs/proposals/cut-effect.md"),
    }
}

fn proposal_summary(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::UnsealFacade => {
            "An interface spells out signatures, so that using one part of a library links all"
        }
        ProposalKind::ExtractSubmodule => {
            "A unit holds big submodules side by side, and few of them are used"
        }
        ProposalKind::PartitionUnit => "Few definitions of a big unit are used",
        ProposalKind::OwnModulesToLibrary => "Modules of an executable are linked although nothing uses them",
        ProposalKind::BypassFacade => "A part is reached through a sealed facade that links its siblings",
        ProposalKind::NoAliasDeps => "A facade of aliases is compiled without -no-alias-deps",
        ProposalKind::Unpack => "A packed library is linked whole",
        ProposalKind::DropLinkall => "-linkall keeps units that nothing refers to",
        ProposalKind::CutReferences => "A costly unit hangs on a handful of references",
        ProposalKind::CutEffect => "A unit is linked only for a registration at start-up",
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unique_and_lead_back() {
        for rule in Rule::all() {
            assert_eq!(Rule::of_word(rule.word()), Some(rule));
            assert!(!rule.summary().ends_with('.'));
            assert!(rule.page().starts_with(&format!("# {}\n", rule.word())), "{}", rule.word());
            for part in ["## Why", "## Example", "## When not"] {
                assert!(rule.page().contains(part), "{} lacks {part}", rule.word());
            }
        }
        assert_eq!(Rule::of_word("nope"), None);
    }
}
