//! A unified diff, line by line.

/// What a line of a diff is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LineKind {
    /// The name of a file.
    File,
    /// `@@ ... @@`.
    Hunk,
    Added,
    Removed,
    Same,
}

/// Returns the lines of a diff, at most `max`, and how many more there are.
pub(super) fn lines(diff: &str, max: usize) -> (Vec<(LineKind, &str)>, usize) {
    let mut is_in_hunk = false;
    let mut kind = |line: &str| match line.as_bytes().first() {
        Some(b'@') => {
            is_in_hunk = true;
            LineKind::Hunk
        }
        _ if line.starts_with("diff ") => {
            is_in_hunk = false;
            LineKind::File
        }
        // `---` and `+++` are names of files only in front of the first hunk of a file.
        _ if !is_in_hunk => LineKind::File,
        Some(b'+') => LineKind::Added,
        Some(b'-') => LineKind::Removed,
        _ => LineKind::Same,
    };
    let all: Vec<(LineKind, &str)> = diff.lines().map(|line| (kind(line), line)).collect();
    let rest = all.len().saturating_sub(max);
    (all.into_iter().take(max).collect(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_what_they_are() {
        let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-- old\n++ new\n same\n";
        let (all, rest) = lines(diff, 6);
        let kinds: Vec<LineKind> = all.into_iter().map(|(kind, _)| kind).collect();
        use LineKind::*;
        assert_eq!(kinds, [File, File, File, Hunk, Removed, Added]);
        assert_eq!(rest, 1);
    }
}
