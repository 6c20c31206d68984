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
        let (old_lines, new_lines) = (lines(&edit.old_text), lines(&edit.new_text));
        let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old_lines, &new_lines);
        let _ = write!(out, "{}", diff.unified_diff().context_radius(3).header(&old, &new));
    }
    out
}

/// The lines of a text as those tools part it: at newlines only, so that a carriage return by itself is a character like others.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::FileEdit;

    #[test]
    fn a_carriage_return_by_itself_ends_no_line() {
        let edit = FileEdit {
            path: "a.ml".into(),
            shown: "a.ml".into(),
            action: EditAction::Modify,
            old_text: "a\rb\r\nc\n".into(),
            new_text: "a\rb\r\nd".into(),
        };
        let diff = unified_diff(&Patch { edits: vec![edit], ..Patch::default() });
        let body = diff.split_once("@@\n").expect("a hunk").1;
        assert_eq!(body, " a\rb\r\n-c\n+d\n\\ No newline at end of file\n");
    }
}
