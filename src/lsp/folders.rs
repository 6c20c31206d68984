//! The folders of the client, each with what is known of it.

use super::client::Client;
use super::loader::{self, Found, Job, Loaded};
use super::overlay::Overlay;
use super::settings::Settings;
use super::worker::Event;
use super::workspace::Workspace;
use crate::base::FileId;
use crossbeam_channel::Sender;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One folder.
pub(super) struct Folder {
    pub(super) root: PathBuf,
    pub(super) settings: Settings,
    /// What is known, once it is read.
    pub(super) workspace: Option<Workspace>,
    /// Why there is nothing.
    pub(super) failure: Option<String>,
    /// Files that have changed since `workspace` looked at them.
    pub(super) dirty: BTreeSet<PathBuf>,
    /// Files that have changed since a loader began.
    since: BTreeSet<PathBuf>,
    /// The load that is under way.
    loading: Option<(u64, Job)>,
    /// What is to be done after it.
    next: Option<Job>,
    tickets: u64,
}

/// What a load has brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum News {
    /// The folder was read.
    Read,
    /// It could not be read.
    Failed,
    /// Some files have changed.
    Changed,
    /// Nothing that matters.
    None,
}

impl Folder {
    pub(super) fn new(root: PathBuf, settings: Settings) -> Self {
        Folder {
            root,
            settings,
            workspace: None,
            failure: None,
            dirty: BTreeSet::new(),
            since: BTreeSet::new(),
            loading: None,
            next: None,
            tickets: 0,
        }
    }

    /// Whether something is being read.
    pub(super) fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// Whether the folder was read, or could not be, and nothing has changed since.
    pub(super) fn is_settled(&self) -> bool {
        let is_behind = self.workspace.as_ref().is_some_and(Workspace::is_behind);
        !self.is_loading() && !is_behind && (self.dirty.is_empty() || self.workspace.is_none())
    }

    /// A file has changed.
    pub(super) fn changed(&mut self, path: &Path) {
        self.dirty.insert(path.to_path_buf());
        if self.loading.is_some() {
            self.since.insert(path.to_path_buf());
        }
    }

    /// Whether what is known of a file, if anything is, is known of the text that it has now.
    pub(super) fn knows(&self, path: &Path, texts: &Overlay) -> bool {
        let is_known = |workspace: &Workspace| workspace.knows(path, texts);
        self.loading.is_none() && self.workspace.as_ref().is_none_or(is_known)
    }

    /// Starts to read the folder, or notes that it is to be read again.
    pub(super) fn load(&mut self, job: Job, texts: &Overlay, client: &Client, events: &Sender<Event>) {
        if self.loading.is_some() {
            if self.next != Some(Job::Load) {
                self.next = Some(job);
            }
            return;
        }
        let job = if self.workspace.is_none() { Job::Load } else { job };
        self.tickets += 1;
        self.loading = Some((self.tickets, job));
        self.since.clear();
        let is_reload = self.workspace.is_some();
        let (settings, ticket) = (&self.settings, self.tickets);
        loader::start((&self.root, ticket), (job, is_reload), settings, texts, client, events);
    }

    /// Takes what a loader found, and says what is to be done next.
    pub(super) fn take(&mut self, loaded: Loaded) -> (News, Option<Job>) {
        if self.loading.is_none_or(|(ticket, _)| ticket != loaded.ticket) {
            return (News::None, None);
        }
        self.loading = None;
        let mut next = self.next.take();
        let news = match loaded.result {
            Ok(Found::Workspace(workspace)) => {
                let old = self.workspace.replace(*workspace);
                // To give back hundreds of megabytes takes a while.
                std::thread::spawn(move || drop(old));
                self.failure = None;
                self.dirty = std::mem::take(&mut self.since);
                News::Read
            }
            Ok(Found::Layout(layout)) => {
                match self.workspace.as_mut().and_then(|workspace| workspace.made_again(*layout)) {
                    Some(sources) => sources.iter().for_each(|path| self.changed(path)),
                    None => next = Some(Job::Load),
                }
                if self.dirty.is_empty() { News::None } else { News::Changed }
            }
            Err(message) => {
                self.workspace = None;
                let is_new = self.failure.as_ref() != Some(&message);
                self.failure = Some(message);
                if is_new { News::Failed } else { News::None }
            }
        };
        (news, next)
    }

    /// Looks at what has changed. Returns whether anything did that is known here.
    pub(super) fn update(&mut self, texts: &Overlay) -> bool {
        let Some(workspace) = &mut self.workspace else { return false };
        if self.dirty.is_empty() {
            return false;
        }
        let paths: Vec<PathBuf> = std::mem::take(&mut self.dirty).into_iter().collect();
        workspace.update(&paths, texts)
    }
}

/// Returns the folder that a file belongs to, with the file: the innermost around it that knows it; of a file outside of all,
/// one whose executables contain it.
pub(super) fn find<'f>(folders: &'f [Folder], path: &Path) -> Option<(usize, &'f Workspace, FileId)> {
    let known = |(at, folder): (usize, &'f Folder)| {
        let workspace = folder.workspace.as_ref()?;
        Some((at, workspace, workspace.file(path)?))
    };
    let mut all: Vec<(usize, &Workspace, FileId)> = folders.iter().enumerate().filter_map(known).collect();
    if all.len() < 2 {
        return all.pop();
    }
    let rank = |&(at, workspace, file): &(usize, &Workspace, FileId)| {
        let root = &folders[at].root;
        let is_linked = !workspace.programs_with(workspace.project.file(file).unit).is_empty();
        (path.starts_with(root).then(|| root.components().count()), is_linked, std::cmp::Reverse(at))
    };
    all.into_iter().max_by_key(rank)
}
