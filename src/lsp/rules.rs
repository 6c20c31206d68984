//! The pages about the rules, where an editor can open them: this build's texts, written beside the cache.

use super::settings::Rule;
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

/// Writes the pages into a directory, once in a process; where that is forbidden, rules have no link.
pub(super) fn write_under(dir: Option<&Path>) {
    WRITTEN.get_or_init(|| {
        let dir = dir?.to_path_buf();
        std::fs::create_dir_all(&dir).ok()?;
        for rule in Rule::ALL {
            let path = dir.join(format!("{}.md", rule.code()));
            if !std::fs::read(&path).is_ok_and(|text| text == rule.page().as_bytes()) {
                std::fs::write(&path, rule.page()).ok()?;
            }
        }
        Some(dir)
    });
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
    fn every_rule_has_its_page() {
        for rule in Rule::ALL {
            assert!(rule.page().starts_with(&format!("# {}\n", rule.code())), "{}", rule.code());
        }
    }
}
