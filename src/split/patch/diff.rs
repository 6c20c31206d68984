//! A patch as a unified diff, as `git apply` and `patch -p1` read it.

use super::Patch;
use crate::split::EditAction;
use similar::TextDiff;
use std::fmt::Write as _;

/// Returns the patch as a unified diff with paths as shown, `a/` and `b/` in front; empty for a patch without edits.
#[must_use]
pub fn unified_diff(patch: &Patch) -> String {
    let mut out = String::new();
    for edit in &patch.edits {
        let name = edit.shown.to_string_lossy().replace('\\', "/");
        let name = name.trim_start_matches("./").trim_start_matches('/');
        let (old, new) = match edit.action {
            EditAction::Create => ("/dev/null".to_owned(), format!("b/{name}")),
            EditAction::Modify => (format!("a/{name}"), format!("b/{name}")),
            EditAction::Delete => (format!("a/{name}"), "/dev/null".to_owned()),
        };
        let _ = writeln!(out, "diff --git a/{name} b/{name}");
        match edit.action {
            EditAction::Create => out.push_str("new file mode 100644\n"),
            EditAction::Delete => out.push_str("deleted file mode 100644\n"),
            EditAction::Modify => {}
        }
        let diff = TextDiff::from_lines(&edit.old_text, &edit.new_text);
        let _ = write!(out, "{}", diff.unified_diff().context_radius(3).header(&old, &new));
    }
    out
}
