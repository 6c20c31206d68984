//! Diagnostics: sent where they are others than before.

use super::Worker;
use crate::lsp::diagnostics;
use crate::lsp::folders::find;
use crate::lsp::subject::Subject;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

impl Worker {
    /// Diagnostics of all documents are due.
    pub(in crate::lsp) fn look_at_all(&mut self) {
        self.edited.extend(self.documents.open.keys().cloned());
        let now = Instant::now();
        self.due = Some((now, now));
    }

    /// Sends the diagnostics of a document, where they are others than before.
    pub(super) fn publish(&mut self, path: &Path) {
        let Some(document) = self.documents.open.get(path).cloned() else { return };
        let start = Instant::now();
        let texts = &self.documents.texts;
        let found = find(&self.folders, path).zip(texts.buffer(path));
        let diagnostics = found.map_or_else(Vec::new, |((at, workspace, file), text)| {
            let subject = Subject::new(workspace, texts, &self.folders[at].settings, (file, text));
            diagnostics::diagnostics(&subject, self.client.can.related_information)
        });
        self.clock.add("diagnostics", start.elapsed());
        if self.published.get(path).map_or(&[][..], Vec::as_slice) != diagnostics {
            let uri = document.uri.as_str();
            let params = json!({ "uri": uri, "version": document.version, "diagnostics": diagnostics });
            self.client.notify("textDocument/publishDiagnostics", params);
            self.published.insert(path.to_path_buf(), diagnostics);
        }
    }

    /// A document was closed: nothing is shown of it any more.
    pub(in crate::lsp) fn withdraw(&mut self, path: &Path, uri: &str) {
        self.edited.remove(path);
        self.others.remove(path);
        if self.published.remove(path).is_some_and(|before| !before.is_empty()) {
            self.client.notify("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": [] }));
        }
    }

    /// Whether edited documents still wait for their diagnostics.
    pub(in crate::lsp) fn is_due(&self) -> bool {
        self.due.is_some()
    }
}
