//! Files that stanzas name: beside their dune file, or where the build leaves them.

use crate::project::load;
use crate::project::sexp::{self, Sexp};
use std::path::{Path, PathBuf};

/// Returns the file of this name as seen from a directory, relative to the root: the source, or what the build has made.
pub(super) fn find_file(
    root: &Path,
    rel: &Path,
    name: &str,
    is_file: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let source = load::normal(&root.join(rel).join(name));
    let built = load::normal(&root.join("_build/default").join(rel).join(name));
    [source, built].into_iter().find(|file| is_file(file))
}

/// Returns what dune has written for a dune file that is an OCaml program: the stanzas that it sent.
pub(super) fn written_by_program(root: &Path, file: &Path) -> Option<PathBuf> {
    let written = root.join("_build/.dune/default").join(file.strip_prefix(root).ok()?);
    Some(written).filter(|file| load::is_file(file))
}

/// Reads the set of `(:include FILE)`; none where there is no such file yet.
pub(crate) fn read_included_set(root: &Path, rel: &Path, file: &str) -> Option<Vec<Sexp>> {
    let items = sexp::read(&text(root, rel, file)?).0.into_iter().flat_map(|sexp| match sexp {
        Sexp::List { items, .. } => items,
        atom => vec![atom],
    });
    Some(items.collect())
}

/// The value of `%{read:FILE}`, and of `%{read-lines:FILE}` and `%{read-strings:FILE}` where it is one; none where there is no
/// such file yet.
pub(crate) fn read_value(root: &Path, rel: &Path, variable: &str) -> Option<String> {
    let (kind, file) = variable.split_once(':')?;
    if !READS.contains(&kind) {
        return None;
    }
    let text = text(root, rel, file)?;
    if kind == "read" {
        return Some(text);
    }
    let mut lines = text.lines();
    let line = lines.next()?;
    // A string is written as in OCaml; one with escapes is not taken apart.
    let line = match line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if kind == "read-strings" => Some(inner).filter(|inner| !inner.contains('\\'))?,
        _ => line,
    };
    lines.next().is_none().then(|| line.to_owned())
}

/// Returns the files that fields read with `(:include FILE)` and `%{read:FILE}`, in no order that says anything.
pub(super) fn named_in(fields: &[Sexp]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut todo: Vec<&Sexp> = fields.iter().collect();
    while let Some(sexp) = todo.pop() {
        match sexp {
            Sexp::Atom { text, .. } => {
                let variables = text.split("%{").skip(1).filter_map(|rest| rest.split_once('}'));
                let values = variables.filter_map(|(variable, _)| variable.split_once(':'));
                found.extend(values.filter(|(kind, _)| READS.contains(kind)).map(|(_, file)| file));
            }
            Sexp::List { items, .. } => match sexp.field() {
                Some((":include", rest)) => found.extend(rest.first().and_then(Sexp::atom)),
                _ => todo.extend(items),
            },
        }
    }
    found
}

/// The variables whose value is what a file says.
const READS: [&str; 3] = ["read", "read-lines", "read-strings"];

fn text(root: &Path, rel: &Path, file: &str) -> Option<String> {
    let found = find_file(root, rel, file, load::is_file)?;
    let bytes = load::read_bytes(&found, load::BUILD_FILE_LIMIT).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
