//! Holds all state, does one thing after the other, and waits when there is nothing to do.
//!
//! An edit only notes what has changed; what is known is brought up to date when somebody asks, or after a pause, and then
//! diagnostics are sent: first those of the edited documents. Once nothing else has come for a while, what an edit means to other
//! files is worked out in small parts, and their diagnostics follow.
//!
//! Here is the loop; `reading` reads folders, `changes` takes edits in, `publishing` sends diagnostics.

mod changes;
mod publishing;
mod reading;

use super::client::Client;
use super::configuration::Asked;
use super::documents::Documents;
use super::folders::Folder;
use super::loader::{Job, Loaded};
use super::overlay::Overlay;
use super::server::Pending;
use super::settings::Settings;
use super::status::Clock;
use super::{notices, notifications, requests};
use crate::cache::Cache;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use lsp_server::{ErrorCode, Message, Request, RequestId};
use lsp_types::{Diagnostic, InitializeParams};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nothing has to come before documents that were not edited are looked at.
const CALM: Duration = Duration::from_millis(400);

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

    /// Whether all is read and shown.
    pub(super) fn is_settled(&self) -> bool {
        self.configuration.is_none()
            && self.due.is_none()
            && self.calm.is_none()
            && self.layout_due.is_none()
            && self.folders.iter().all(Folder::is_settled)
    }
}
