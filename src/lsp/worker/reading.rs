//! Folders: read, read again when their build files or what is built of them change, and forgotten.

use super::{CALM, Worker};
use crate::lsp::folders::News;
use crate::lsp::loader::{Job, Loaded};
use crate::lsp::notices;
use crate::lsp::workspace::Workspace;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long after it was asked whether there has been a build it is asked again, at the least.
const BUILDS: Duration = Duration::from_secs(5);

impl Worker {
    pub(in crate::lsp) fn load_all(&mut self, job: Job) {
        (0..self.folders.len()).for_each(|at| self.load(at, job));
    }

    /// Reads the folders of which nothing is known yet.
    pub(in crate::lsp) fn load_all_new(&mut self) {
        for at in 0..self.folders.len() {
            if self.folders[at].workspace.is_none() && !self.folders[at].is_loading() {
                self.load(at, Job::Load);
            }
        }
    }

    pub(in crate::lsp) fn load(&mut self, at: usize, job: Job) {
        self.folders[at].load(job, &self.documents.texts, &self.client, &self.events);
    }

    pub(super) fn loaded(&mut self, loaded: Loaded) {
        let Some(at) = self.folders.iter().position(|folder| folder.root == loaded.root) else { return };
        self.clock.add("read a folder", loaded.time);
        let (news, next) = self.folders[at].take(loaded);
        if let Some(job) = next {
            self.load(at, job);
        }
        match news {
            News::Read => {
                self.say_what_is_wrong(at);
                self.look_at_all();
                self.client.refresh();
            }
            News::Failed => {
                self.say_what_is_wrong(at);
                self.look_at_all();
            }
            News::Changed => self.look_at_all(),
            News::None => {}
        }
    }

    /// The build files of a document's folder, or of packages that any may use, are being edited.
    pub(in crate::lsp) fn layout_changed(&mut self) {
        self.layout_due = Some(Instant::now() + CALM);
    }

    /// Asks whether there has been a build, unless that was asked just now; called only when something happens anyway.
    pub(super) fn ask_for_builds(&mut self) {
        if self.asked_for_builds.elapsed() < BUILDS {
            return;
        }
        self.asked_for_builds = Instant::now();
        for at in 0..self.folders.len() {
            let folder = &self.folders[at];
            if !folder.is_loading() && folder.workspace.as_ref().is_some_and(Workspace::may_be_rebuilt) {
                self.load(at, Job::Look);
            }
        }
    }

    fn say_what_is_wrong(&mut self, at: usize) {
        let folder = &self.folders[at];
        let before = self.notices.remove(&folder.root).unwrap_or_default();
        let now = notices::show(folder, &before, &self.documents, &self.client);
        self.notices.insert(folder.root.clone(), now);
    }

    /// Forgets a folder that the client has left.
    pub(in crate::lsp) fn leave(&mut self, root: &Path) {
        self.folders.retain(|folder| folder.root != root);
        if let Some(before) = self.notices.remove(root) {
            notices::hide(&before, &self.documents, &self.client);
        }
        self.look_at_all();
    }
}
