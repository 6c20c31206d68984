//! The pages about the rules, where an editor can open them: this build's texts, written beside the cache.

use super::settings::Rule;
use crate::check;
use lsp_types::Uri;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static WRITTEN: OnceLock<Option<PathBuf>> = OnceLock::new();

impl Rule {
    /// Returns its page of the guide, in Markdown.
    fn page(self) -> &'static str {
        match self {
            Rule::ThinLink => include_str!("../../docs/rules/thin-link.md"),
            Rule::SealedFacade => include_str!("../../docs/rules/sealed-facade.md"),
            Rule::ForcedUnit => include_str!("../../docs/rules/forced-unit.md"),
            Rule::AliasDeps => include_str!("../../docs/rules/alias-deps.md"),
            Rule::EffectKeepsUnit => include_str!("../../docs/rules/effect-keeps-unit.md"),
        }
    }
}

/// The codes of all rules with their pages.
pub(crate) fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    Rule::ALL.into_iter().map(|rule| (rule.code(), rule.page()))
}

/// Writes the pages below a directory, once in a process, and those about the rules of `unlith check` and proposals, to which they lead; where that is forbidden,
/// rules have no link.
pub(super) fn write_under(dir: Option<&Path>) {
    WRITTEN.get_or_init(|| {
        let dir = dir?;
        let rules = dir.join("rules");
        let is_proposal = |rule: &check::Rule| matches!(rule, check::Rule::Proposal(_));
        let (proposals, others): (Vec<_>, Vec<_>) = check::Rule::all().into_iter().partition(is_proposal);
        let page = |rule: check::Rule| (rule.word(), rule.page());
        write(&rules, pages().chain(others.into_iter().map(page)))?;
        write(&dir.join("proposals"), proposals.into_iter().map(page))?;
        Some(rules)
    });
}

fn write(dir: &Path, pages: impl Iterator<Item = (&'static str, &'static str)>) -> Option<()> {
    std::fs::create_dir_all(dir).ok()?;
    for (word, page) in pages {
        let path = dir.join(format!("{word}.md"));
        if !std::fs::read(&path).is_ok_and(|text| text == page.as_bytes()) {
            std::fs::write(&path, page).ok()?;
        }
    }
    Some(())
}

/// Returns where a rule is described.
pub(super) fn uri(rule: Rule) -> Option<Uri> {
    let dir = WRITTEN.get()?.as_ref()?;
    super::convert::uri_of(&dir.join(format!("{}.md", rule.code())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_page_and_links_lead_somewhere() {
        let dir = tempfile::tempdir().expect("a directory");
        write_under(Some(dir.path()));
        for rule in Rule::ALL {
            let page = uri(rule).and_then(|uri| crate::lsp::convert::path_of(&uri)).expect("a page");
            let text = std::fs::read_to_string(&page).expect("a text");
            assert!(text.starts_with(&format!("# {}\n", rule.code())), "{}", rule.code());
            for part in ["## Why", "## What to do", "## When not"] {
                assert!(text.contains(part), "{} lacks {part}", rule.code());
            }
            for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                assert!(page.with_file_name(link).exists(), "{}: {link}", rule.code());
            }
        }
    }
}
