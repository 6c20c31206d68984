//! Where something is, for people: `file:line:col`, through the line directives of generated files.

use crate::base::{FileId, Idx, LineCol, Name, Place};
use crate::parse::FileFacts;
use crate::project::Project;
use std::path::PathBuf;
use std::sync::Arc;

/// Turns offsets into places.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// Names of files.
    pub project: &'a Project,
    /// Facts by file; none for files that were not read.
    pub facts: &'a [Option<Arc<FileFacts>>],
}

impl Places<'_> {
    /// Returns the position of an offset in the file itself.
    #[must_use]
    pub fn line_col(&self, file: FileId, offset: u32) -> Option<LineCol> {
        self.facts.get(file.idx())?.as_ref().map(|facts| facts.line_col(offset))
    }

    /// Returns the position of an offset as the compiler would name it: through `# LINE "FILE"` directives. The name is given
    /// where it is another file's.
    #[must_use]
    pub fn source_line_col(&self, file: FileId, offset: u32) -> Option<(Option<Name>, LineCol)> {
        let facts = self.facts.get(file.idx())?.as_ref()?;
        let here = facts.line_col(offset);
        let Some((directed, line)) = facts.directed_line(offset) else { return Some((None, here)) };
        // Generators lead back to their own output with a directive that names it.
        let own = &self.project.file(file).path;
        let is_own = own.file_name() == PathBuf::from(directed.as_str()).file_name();
        let line_col = if is_own { here } else { LineCol { line, col: here.col } };
        Some(((!is_own).then_some(directed), line_col))
    }

    /// Returns the place of an offset.
    #[must_use]
    pub fn place(&self, file: FileId, offset: u32) -> Place {
        let shown = &self.project.file(file).shown;
        match self.source_line_col(file, offset) {
            Some((Some(directed), at)) => Place { file: beside(shown, directed), at: Some(at) },
            Some((None, at)) => Place { file: shown.clone(), at: Some(at) },
            None => Place { file: shown.clone(), at: None },
        }
    }
}

/// A directive's file, seen from the generated one: generators write the name alone, or the path from where they ran.
fn beside(shown: &std::path::Path, directed: Name) -> PathBuf {
    let directed = PathBuf::from(directed.as_str());
    if directed.components().count() == 1 { shown.with_file_name(directed) } else { directed }
}

/// Returns a place as text: `bin/main.ml:3:14`.
#[must_use]
pub fn show(place: &Place) -> String {
    let file = file_name(&place.file);
    place.at.map_or_else(|| file.clone(), |at| format!("{file}:{}:{}", at.line, at.col))
}

/// Returns a path as text, safe to print.
#[must_use]
pub fn file_name(path: &std::path::Path) -> String {
    let text = path.to_string_lossy();
    if text.chars().any(char::is_control) { text.escape_debug().to_string() } else { text.into_owned() }
}
