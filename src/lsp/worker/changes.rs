//! Edits: noted when they come, taken in when somebody asks, and worked out for other files in small parts.

use super::{CALM, Worker};
use crate::base::FileId;
use crate::lsp::folders::{Folder, find};
use crate::lsp::workspace::Workspace;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long edits without a pause may put diagnostics off.
const MAX_DELAY: Duration = Duration::from_millis(500);

impl Worker {
    /// A file has other contents than before.
    pub(in crate::lsp) fn changed(&mut self, path: &Path) {
        self.folders.iter_mut().for_each(|folder| folder.changed(path));
        if self.documents.open.contains_key(path) {
            self.edited.insert(path.to_path_buf());
        }
        let now = Instant::now();
        let first = self.due.map_or(now, |(first, _)| first);
        let pause = now + Duration::from_millis(self.settings.debounce);
        self.due = Some((first, pause.min(first + MAX_DELAY)));
        if self.calm.is_some() {
            self.calm = Some(now + CALM);
        }
    }

    /// A document is open now, and says what its file says.
    pub(in crate::lsp) fn show(&mut self, path: &Path) {
        self.edited.insert(path.to_path_buf());
        let now = Instant::now();
        self.due = Some(self.due.unwrap_or((now, now)));
    }

    /// Brings all folders up to date.
    pub(in crate::lsp) fn update(&mut self) {
        for at in 0..self.folders.len() {
            if self.folders[at].dirty.is_empty() || self.folders[at].workspace.is_none() {
                continue;
            }
            let start = Instant::now();
            let is_changed = self.changing(|worker| {
                worker.crash_if_asked("update");
                worker.folders[at].update(&worker.documents.texts)
            });
            self.clock.add("take in an edit", start.elapsed());
            if is_changed {
                self.others.extend(self.documents.open.keys().cloned());
                self.calm = Some(Instant::now() + CALM);
            }
        }
    }

    /// Does a part of what edits have left to be done. Returns whether there was anything.
    pub(super) fn catch_up(&mut self) -> bool {
        self.update();
        let is_behind = |folder: &Folder| folder.workspace.as_ref().is_some_and(Workspace::is_behind);
        let Some(at) = self.folders.iter().position(is_behind) else { return false };
        let start = Instant::now();
        self.changing(|worker| {
            let workspace = worker.folders[at].workspace.as_mut();
            workspace.is_some_and(|workspace| workspace.catch_up(&worker.documents.texts))
        });
        self.clock.add("catch up", start.elapsed());
        self.documents.texts.trim();
        self.has_caught_up = true;
        self.others.extend(self.documents.open.keys().cloned());
        true
    }

    /// Brings everything up to date, however long it takes.
    pub(in crate::lsp) fn update_all(&mut self) {
        while self.catch_up() {}
    }

    /// The folder and file of a document, up to date.
    pub(in crate::lsp) fn file(&mut self, path: &Path) -> Option<(&Workspace, FileId)> {
        self.update();
        let (_, workspace, file) = find(&self.folders, path)?;
        Some((workspace, file))
    }
}
