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
            .chain([Rule::UnmatchedSetting])
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
        }
    }

    /// Returns how bad its findings are unless `unlith.toml` says otherwise.
    #[must_use]
    pub fn usual_level(self) -> Level {
        match self {
            Rule::Budget | Rule::Absent | Rule::Forced => Level::Error,
            Rule::Missing | Rule::UnmatchedSetting => Level::Warning,
            // Whoever wants proposals held against a change says so.
            Rule::Proposal(_) => Level::Off,
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
        }
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
        }
        assert_eq!(Rule::of_word("nope"), None);
    }
}
