//! Files that somebody is editing: their texts stand for what is on disk.
//!
//! Build files (`dune`, `META`, `_tags` and their like) are read from here first, and a source that was never saved is in its
//! directory all the same. Texts of sources are not this stage's: whoever parses asks elsewhere.

use super::{load, meta, sexp};
use crate::base::Problem;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Texts by their paths, which are absolute and without links; none as a rule.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unsaved(Arc<BTreeMap<PathBuf, Arc<str>>>);

impl Unsaved {
    /// Makes it of texts by path.
    #[must_use]
    pub fn new(texts: BTreeMap<PathBuf, Arc<str>>) -> Self {
        Unsaved(Arc::new(texts))
    }

    /// Returns the text of a file that is being edited.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<&str> {
        self.0.get(path).map(|text| &**text)
    }

    /// Whether a build file is whole: one in the middle of being typed says nothing sensible yet.
    #[must_use]
    pub fn is_whole(path: &Path, text: &str) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name == "META" || name.starts_with("META.") {
            return meta::read(text).1.is_empty();
        }
        let is_dune = name == "dune" || name.starts_with("dune-") || name.ends_with(".inc");
        !is_dune || sexp::read(text).1.is_empty()
    }

    /// Whether a file is there, saved or not.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path) || load::is_file(path)
    }

    /// Names of the files of a directory that are being edited.
    pub(crate) fn names_in<'u>(&'u self, dir: &'u Path) -> impl Iterator<Item = &'u str> {
        let below = self.0.range::<Path, _>((std::ops::Bound::Excluded(dir), std::ops::Bound::Unbounded));
        below
            .map(|(path, _)| path)
            .take_while(move |path| path.starts_with(dir))
            .filter(move |path| path.parent() == Some(dir))
            .filter_map(|path| path.file_name()?.to_str())
    }

    /// Reads a build file; what is wrong with it is reported.
    pub(crate) fn build_file(
        &self,
        path: &Path,
        shown: &Path,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        match self.text(path) {
            Some(text) => Some(text.to_owned()),
            None => load::read_build_file(path, shown, problems),
        }
    }

    /// Reads a build file as it is.
    pub(crate) fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.text(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => load::read_bytes(path, load::BUILD_FILE_LIMIT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_being_typed_is_not_whole() {
        let is_whole = |name: &str, text: &str| Unsaved::is_whole(Path::new(name), text);
        assert!(is_whole("/a/dune", "(library (name x))") && !is_whole("/a/dune", "(library (name x)"));
        assert!(is_whole("/a/META", "requires = \"x\"\n") && !is_whole("/a/META", "requires = \"x\n"));
        assert!(is_whole("/a/_tags", "<a.ml>: (") && !is_whole("/a/dune-project", "(lang dune 2.0"));
    }

    #[test]
    fn names_are_those_of_the_directory_itself() {
        let paths = ["/a/b/dune", "/a/b/x.ml", "/a/b/c/y.ml", "/a/b.ml", "/a/bc/z.ml"];
        let unsaved = Unsaved::new(paths.iter().map(|path| (PathBuf::from(path), Arc::from(""))).collect());
        assert_eq!(unsaved.names_in(Path::new("/a/b")).collect::<Vec<_>>(), ["dune", "x.ml"]);
        assert!(unsaved.is_file(Path::new("/a/b/c/y.ml")) && !unsaved.is_file(Path::new("/a/b/c/none.ml")));
    }
}
