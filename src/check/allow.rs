//! What the sources themselves allow, by an attribute or a comment, each for a reason.
//!
//! `allow RULE [NAME ..]: REASON`. A remark that is not of that form, or that nothing ever needs, is a finding itself.

use super::pattern::Pattern;
use super::rule::Rule;
use crate::base::{FileId, LineIndex, Span};
use crate::graph::Graph;
use crate::parse::{Remark, remarks};
use crate::project::SourceKind;
use std::cell::Cell;

/// One remark that allows something.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The file that it stands in.
    pub file: FileId,
    /// Its line, from 1.
    pub line: u32,
    /// What it is about; `None` for the whole file.
    pub covers: Option<Span>,
    /// The rule.
    pub rule: Rule,
    /// What may break it; anything when empty.
    pub names: Vec<Pattern>,
    /// Why.
    pub reason: String,
    is_used: Cell<bool>,
}

impl Allowance {
    /// Whether one of some names is meant.
    #[must_use]
    fn is_about<'n>(&self, mut names: impl Iterator<Item = &'n str>) -> bool {
        self.names.is_empty() || names.any(|name| self.names.iter().any(|pattern| pattern.matches(name)))
    }
    /// Notes that it was needed.
    pub fn mark_used(&self) {
        self.is_used.set(true);
    }
}

/// A remark that means nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    /// The file that it stands in.
    pub file: FileId,
    /// Its line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

/// All remarks of the project.
#[derive(Clone, Debug, Default)]
pub struct Allowances {
    /// Those that allow something, in order of file and place.
    pub all: Vec<Allowance>,
    /// The others.
    pub misread: Vec<Misread>,
}

impl Allowances {
    /// Reads the remarks of a file.
    pub fn add(&mut self, file: FileId, text: &[u8], kind: SourceKind) {
        let found = remarks(text, kind);
        if found.is_empty() {
            return;
        }
        let index = LineIndex::new(text);
        for remark in found {
            let line = index.line_col(remark.span.start).line;
            match read(&remark) {
                Ok((rule, names, reason)) => self.all.push(Allowance {
                    file,
                    line,
                    covers: remark.covers,
                    rule,
                    names,
                    reason,
                    is_used: Cell::new(false),
                }),
                Err(message) => self.misread.push(Misread { file, line, message }),
            }
        }
    }

    /// Returns the remarks of a rule that are about one of some names.
    pub fn of<'a, 'n>(
        &'a self,
        rule: Rule,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> impl Iterator<Item = &'a Allowance> {
        self.all.iter().filter(move |allowance| allowance.rule == rule && allowance.is_about(names.clone()))
    }

    /// Returns the remark among some that is about a reference, by its position in the graph.
    #[must_use]
    pub fn covering<'a>(graph: &Graph, among: &[&'a Allowance], edge: u32) -> Option<&'a Allowance> {
        let edge = graph.edges.get(edge as usize)?;
        let file = graph.def(edge.from).file;
        among.iter().copied().find(|allowance| {
            allowance.file == file && allowance.covers.is_none_or(|span| span.contains(edge.span.start))
        })
    }

    /// Returns those that nothing needed.
    pub fn unused(&self) -> impl Iterator<Item = &Allowance> {
        self.all.iter().filter(|allowance| !allowance.is_used.get())
    }
}

/// Rule, names and reason of a remark.
fn read(remark: &Remark) -> Result<(Rule, Vec<Pattern>, String), String> {
    const FORM: &str = "write `allow RULE [NAME ..]: REASON`";
    let Some(said) = remark.text.strip_prefix("allow").map(str::trim) else {
        return Err(format!("`{}` is not understood; {FORM}", remark.text));
    };
    let Some((what, reason)) =
        said.split_once(": ").or_else(|| said.strip_suffix(':').map(|what| (what, "")))
    else {
        return Err(format!("`{said}` has no reason; {FORM}"));
    };
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(format!("`{said}` has no reason; {FORM}"));
    }
    let mut words = what.split([' ', ',']).filter(|word| !word.is_empty());
    let Some(word) = words.next() else { return Err(format!("there is no rule in `{said}`; {FORM}")) };
    let allowed = || Rule::all().into_iter().filter(|rule| rule.can_be_allowed());
    let Some(rule) = allowed().find(|rule| rule.word() == word) else {
        let known: Vec<&str> = allowed().map(Rule::word).collect();
        return Err(match Rule::of_word(word) {
            Some(_) => format!("`{word}` cannot be allowed in a source; change unlith.toml or the baseline"),
            None => {
                format!("there is no rule `{word}`; rules that can be allowed here are: {}", known.join(", "))
            }
        });
    };
    let names = words.map(Pattern::of_unit_or_library).collect::<Result<_, _>>();
    Ok((
        rule,
        names.map_err(|error| format!("`{what}` has a name that is no pattern: {error}"))?,
        reason.to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<(String, usize, String), String> {
        let remark = Remark { text: text.to_owned(), span: Span::new(0, 1), covers: None };
        read(&remark).map(|(rule, names, reason)| (rule.word().to_owned(), names.len(), reason))
    }

    #[test]
    fn a_remark_has_a_rule_and_a_reason() {
        assert_eq!(one("allow absent: a reason"), Ok(("absent".to_owned(), 0, "a reason".to_owned())));
        assert_eq!(
            one("allow absent Str, Unix: see http://x"),
            Ok(("absent".to_owned(), 2, "see http://x".to_owned()))
        );
        assert_eq!(
            one("allow cut-references: later"),
            Ok(("cut-references".to_owned(), 0, "later".to_owned()))
        );
    }

    #[test]
    fn what_is_wrong_with_a_remark_is_said() {
        assert!(one("allow absent Str").is_err_and(|error| error.contains("has no reason")));
        assert!(one("allow absent Str:").is_err_and(|error| error.contains("has no reason")));
        assert!(one("allow abset: x").is_err_and(|error| error.contains("there is no rule `abset`")));
        assert!(one("allow budget: x").is_err_and(|error| error.contains("cannot be allowed in a source")));
        assert!(one("forbid absent: x").is_err_and(|error| error.contains("is not understood")));
        assert!(one("allow absent a[: x").is_err_and(|error| error.contains("no pattern")));
    }
}
