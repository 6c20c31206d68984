//! Holds all state, does one thing after the other, and waits when there is nothing to do.
//!
//! An edit only notes what has changed; what is known is brought up to date when somebody asks, or after a pause, and then
//! diagnostics are sent: first those of the edited documents. Once nothing else has come for a while, what an edit means to other
//! files is worked out in small parts, and their diagnostics follow.

use super::client::Client;
use super::configuration::Asked;
use super::diagnostics;
use super::documents::Documents;
use super::folders::{Folder, News, find};
use super::loader::{Job, Loaded};
use super::overlay::Overlay;
use super::server::Pending;
use super::settings::Settings;
use super::status::Clock;
use super::subject::Subject;
use super::workspace::Workspace;
use super::{notices, notifications, requests};
use crate::base::FileId;
use crate::cache::Cache;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use lsp_server::{ErrorCode, Message, Request, RequestId};
use lsp_types::{Diagnostic, InitializeParams};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nothing has to come before documents that were not edited are looked at.
const CALM: Duration = Duration::from_millis(400);
/// How long after it was asked whether there has been a build it is asked again, at the least.
const BUILDS: Duration = Duration::from_secs(5);
/// How long edits without a pause may put diagnostics off.
const MAX_DELAY: Duration = Duration::from_millis(500);

/// Something that the worker is to do.
pub(super) enum Event {
    /// A message of the client.
    Message(Message),
    /// A folder was read.
    Loaded(Loaded),
    /// Something that took long has ended.
    Ran(RequestId, Result<Value, String>),
    /// The client is about to leave.
    End,
}

/// The state of the server.
pub(super) struct Worker {
    pub(super) client: Client,
    /// Those that hold where a folder has no others.
    pub(super) settings: Settings,
    pub(super) folders: Vec<Folder>,
    pub(super) documents: Documents,
    pub(super) clock: Clock,
    pub(super) pending: Arc<Pending>,
    pub(super) events: Sender<Event>,
    /// The settings that the client sent at first.
    pub(super) initial: Value,
    /// The request for settings that is not answered yet, and when it is given up.
    pub(super) configuration: Option<Asked>,
    /// Documents whose diagnostics are due, and when; the first edit among them.
    edited: BTreeSet<PathBuf>,
    due: Option<(Instant, Instant)>,
    /// Documents that others may have changed, and when they are looked at.
    others: BTreeSet<PathBuf>,
    calm: Option<Instant>,
    /// When folders whose build files have changed are looked at.
    layout_due: Option<Instant>,
    /// When it was last asked whether there has been a build.
    asked_for_builds: Instant,
    /// Whether an edit meant something to other files.
    has_caught_up: bool,
    published: BTreeMap<PathBuf, Vec<Diagnostic>>,
    notices: BTreeMap<PathBuf, notices::Shown>,
    /// Whether what is known is being changed: after a crash it cannot be trusted.
    is_changing: bool,
    /// For tests of what follows a crash: methods that crash once, and `update`, by `UNLITH_LSP_CRASH`.
    crashes: Vec<String>,
}

impl Worker {
    pub(super) fn new(
        client: Client,
        params: &InitializeParams,
        cache: Cache,
        events: Sender<Event>,
        pending: Arc<Pending>,
    ) -> Self {
        Worker {
            client,
            settings: Settings::default(),
            folders: requests::folders(params)
                .into_iter()
                .map(|root| Folder::new(root, Settings::default()))
                .collect(),
            documents: Documents::new(Overlay::new(cache)),
            clock: Clock::default(),
            pending,
            events,
            initial: params.initialization_options.clone().unwrap_or_default(),
            configuration: None,
            edited: BTreeSet::new(),
            due: None,
            others: BTreeSet::new(),
            calm: None,
            layout_due: None,
            asked_for_builds: Instant::now(),
            has_caught_up: false,
            published: BTreeMap::new(),
            notices: BTreeMap::new(),
            is_changing: false,
            crashes: std::env::var("UNLITH_LSP_CRASH")
                .map_or_else(|_| Vec::new(), |at| at.split(',').map(str::to_owned).collect()),
        }
    }

    /// Works until the client leaves.
    pub(super) fn run(mut self, inbox: &Receiver<Event>) {
        loop {
            let deadline = self.deadline();
            if deadline.is_some_and(|at| at <= Instant::now()) {
                self.guarded(Worker::on_time);
                continue;
            }
            let event = match deadline {
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => inbox.recv_deadline(at),
            };
            match event {
                Ok(Event::Message(Message::Request(request))) => {
                    self.request(request);
                    self.guarded(Worker::ask_for_builds);
                }
                Ok(Event::Message(Message::Notification(note))) => {
                    self.guarded(|worker| notifications::take(worker, &note.method, &note.params));
                    self.guarded(Worker::ask_for_builds);
                }
                Ok(Event::Message(Message::Response(response))) => {
                    self.guarded(|worker| worker.response(response));
                }
                Ok(Event::Loaded(loaded)) => self.guarded(|worker| worker.loaded(loaded)),
                Ok(Event::Ran(id, result)) => self.ran(id, result),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let settings = self.configuration.as_ref().map(|asked| asked.until);
        let due = self.due.map(|(_, at)| at);
        [settings, due, self.calm, self.layout_due].into_iter().flatten().min()
    }

    /// Does something; a crash is said, and what may be damaged is read again.
    fn guarded(&mut self, work: impl FnOnce(&mut Worker)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.recover();
        }
    }

    /// Crashes once where a test wants it.
    fn crash_if_asked(&mut self, at: &str) {
        if let Some(asked) = self.crashes.iter().position(|crash| crash == at) {
            self.crashes.remove(asked);
            panic!("{at} was told to crash by UNLITH_LSP_CRASH");
        }
    }

    fn recover(&mut self) {
        self.client
            .log("something went wrong inside unlith; please report it with what stands on standard error");
        if std::mem::take(&mut self.is_changing) {
            for at in 0..self.folders.len() {
                self.folders[at].workspace = None;
                self.load(at, Job::Load);
            }
        }
    }

    /// Changes what is known.
    pub(super) fn changing<R>(&mut self, change: impl FnOnce(&mut Worker) -> R) -> R {
        self.is_changing = true;
        let result = change(self);
        self.is_changing = false;
        result
    }

    fn request(&mut self, request: Request) {
        if !self.pending.begin(&request.id) {
            return;
        }
        let start = Instant::now();
        let Request { id, method, params } = request;
        let answer = catch_unwind(AssertUnwindSafe(|| {
            self.crash_if_asked(&method);
            requests::answer(self, &id, &method, params)
        }));
        let is_wanted = self.pending.end();
        self.clock.add(&method, start.elapsed());
        match answer {
            Ok(requests::Answer::Later) => {}
            Ok(_) if !is_wanted => {
                self.client.refuse(id, ErrorCode::RequestCanceled, "cancelled".to_owned());
            }
            Ok(requests::Answer::Now(value)) => self.client.answer(id, value),
            Ok(requests::Answer::Refused(code, message)) => self.client.refuse(id, code, message),
            Err(_) => {
                self.client.refuse(id, ErrorCode::InternalError, "this went wrong inside unlith".to_owned());
                self.recover();
            }
        }
    }

    fn ran(&mut self, id: RequestId, result: Result<Value, String>) {
        if self.pending.take_in(&id) {
            match result {
                Ok(value) => self.client.answer(id, value),
                Err(message) => self.client.refuse(id, ErrorCode::RequestFailed, message),
            }
        }
    }

    // ---------------------------------------------------------------- folders

    pub(super) fn load_all(&mut self, job: Job) {
        (0..self.folders.len()).for_each(|at| self.load(at, job));
    }

    /// Reads the folders of which nothing is known yet.
    pub(super) fn load_all_new(&mut self) {
        for at in 0..self.folders.len() {
            if self.folders[at].workspace.is_none() && !self.folders[at].is_loading() {
                self.load(at, Job::Load);
            }
        }
    }

    pub(super) fn load(&mut self, at: usize, job: Job) {
        self.folders[at].load(job, &self.documents.texts, &self.client, &self.events);
    }

    fn loaded(&mut self, loaded: Loaded) {
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
    pub(super) fn layout_changed(&mut self) {
        self.layout_due = Some(Instant::now() + CALM);
    }

    /// Asks whether there has been a build, unless that was asked just now; called only when something happens anyway.
    fn ask_for_builds(&mut self) {
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
    pub(super) fn leave(&mut self, root: &Path) {
        self.folders.retain(|folder| folder.root != root);
        if let Some(before) = self.notices.remove(root) {
            notices::hide(&before, &self.documents, &self.client);
        }
        self.look_at_all();
    }

    // ---------------------------------------------------------------- changes

    /// A file has other contents than before.
    pub(super) fn changed(&mut self, path: &Path) {
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
    pub(super) fn show(&mut self, path: &Path) {
        self.edited.insert(path.to_path_buf());
        let now = Instant::now();
        self.due = Some(self.due.unwrap_or((now, now)));
    }

    /// Brings all folders up to date.
    pub(super) fn update(&mut self) {
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
    fn catch_up(&mut self) -> bool {
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
    pub(super) fn update_all(&mut self) {
        while self.catch_up() {}
    }

    /// The folder and file of a document, up to date.
    pub(super) fn file(&mut self, path: &Path) -> Option<(&Workspace, FileId)> {
        self.update();
        let (_, workspace, file) = find(&self.folders, path)?;
        Some((workspace, file))
    }

    // ---------------------------------------------------------------- diagnostics

    /// Diagnostics of all documents are due.
    pub(super) fn look_at_all(&mut self) {
        self.edited.extend(self.documents.open.keys().cloned());
        let now = Instant::now();
        self.due = Some((now, now));
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        if self.configuration.take_if(|asked| asked.until <= now).is_some() {
            let of_folders = self.folders.iter().map(|folder| folder.settings.clone()).collect();
            self.settled(self.settings.clone(), of_folders);
        }
        if self.layout_due.take_if(|at| *at <= now).is_some() {
            self.load_all(Job::Look);
        }
        if self.due.is_some_and(|(_, at)| at <= now) {
            self.due = None;
            self.update();
            for path in std::mem::take(&mut self.edited) {
                self.others.remove(&path);
                self.publish(&path);
            }
        }
        if self.calm.is_some_and(|at| at <= now) && !self.catch_up() {
            match self.others.pop_first() {
                Some(path) => self.publish(&path),
                None => {
                    self.calm = None;
                    if std::mem::take(&mut self.has_caught_up) {
                        self.client.refresh();
                    }
                }
            }
        }
    }

    /// Sends the diagnostics of a document, where they are others than before.
    fn publish(&mut self, path: &Path) {
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
    pub(super) fn withdraw(&mut self, path: &Path, uri: &str) {
        self.edited.remove(path);
        self.others.remove(path);
        if self.published.remove(path).is_some_and(|before| !before.is_empty()) {
            self.client.notify("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": [] }));
        }
    }

    /// Whether edited documents still wait for their diagnostics.
    pub(super) fn is_due(&self) -> bool {
        self.due.is_some()
    }

    /// Whether all is read and shown.
    pub(super) fn is_settled(&self) -> bool {
        self.configuration.is_none()
            && self.due.is_none()
            && self.calm.is_none()
            && self.layout_due.is_none()
            && self.folders.iter().all(Folder::is_settled)
    }
}
