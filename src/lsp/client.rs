//! The client: what it can do, and messages to it.

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::InitializeParams;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// How loud a message to the user is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Loud {
    Warning = 2,
    Info = 3,
}

/// What the client can do beyond the least.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Abilities {
    pub(super) configuration: bool,
    pub(super) registers_configuration: bool,
    pub(super) registers_watchers: bool,
    pub(super) progress: bool,
    pub(super) shows_documents: bool,
    pub(super) refreshes_hints: bool,
    pub(super) refreshes_lenses: bool,
    /// Whether edits may create and delete files.
    pub(super) file_operations: bool,
    pub(super) related_information: bool,
    /// Whether an action's edit may be left out until it is chosen.
    pub(super) lazy_edits: bool,
}

impl Abilities {
    fn of(params: &InitializeParams) -> Abilities {
        let all = serde_json::to_value(&params.capabilities).unwrap_or_default();
        let has = |path: &str| all.pointer(path) == Some(&Value::Bool(true));
        let lists = |path: &str, word: &str| {
            all.pointer(path)
                .and_then(Value::as_array)
                .is_some_and(|list| list.iter().any(|entry| entry == word))
        };
        Abilities {
            configuration: has("/workspace/configuration"),
            registers_configuration: has("/workspace/didChangeConfiguration/dynamicRegistration"),
            registers_watchers: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            progress: has("/window/workDoneProgress"),
            shows_documents: has("/window/showDocument/support"),
            refreshes_hints: has("/workspace/inlayHint/refreshSupport"),
            refreshes_lenses: has("/workspace/codeLens/refreshSupport"),
            // Operations on files only come among `documentChanges`, so who lists them takes those; Neovim says no more.
            file_operations: lists("/workspace/workspaceEdit/resourceOperations", "create"),
            related_information: has("/textDocument/publishDiagnostics/relatedInformation"),
            lazy_edits: lists("/textDocument/codeAction/resolveSupport/properties", "edit"),
        }
    }
}

/// Sends messages; may be cloned into other threads.
#[derive(Clone)]
pub(super) struct Client {
    sender: Sender<Message>,
    next: Arc<AtomicI32>,
    pub(super) can: Abilities,
}

impl Client {
    pub(super) fn new(sender: Sender<Message>, params: &InitializeParams) -> Self {
        Client { sender, next: Arc::new(AtomicI32::new(1)), can: Abilities::of(params) }
    }

    pub(super) fn answer(&self, id: RequestId, result: impl Serialize) {
        answer(&self.sender, id, result);
    }
    pub(super) fn refuse(&self, id: RequestId, code: ErrorCode, message: String) {
        refuse(&self.sender, id, code, message);
    }
    pub(super) fn notify(&self, method: &str, params: impl Serialize) {
        let note = Notification::new(method.to_owned(), params);
        let _ = self.sender.send(Message::Notification(note));
    }
    /// Asks the client; the answer comes as a message with this id.
    pub(super) fn ask(&self, method: &str, params: impl Serialize) -> RequestId {
        let id = RequestId::from(format!("unlith-{}", self.next.fetch_add(1, Ordering::Relaxed)));
        let request = Request::new(id.clone(), method.to_owned(), params);
        let _ = self.sender.send(Message::Request(request));
        id
    }

    /// Shows a message to the user.
    pub(super) fn show(&self, loud: Loud, message: &str) {
        eprintln!("unlith lsp: {message}");
        self.notify(
            "window/showMessage",
            json!({ "type": loud as u8, "message": format!("unlith: {message}") }),
        );
    }
    /// Writes to the client's log.
    pub(super) fn log(&self, message: &str) {
        eprintln!("unlith lsp: {message}");
        self.notify("window/logMessage", json!({ "type": 4, "message": message }));
    }
    /// Has the client ask again for what it shows in texts.
    pub(super) fn refresh(&self) {
        if self.can.refreshes_hints {
            self.ask("workspace/inlayHint/refresh", Value::Null);
        }
        if self.can.refreshes_lenses {
            self.ask("workspace/codeLens/refresh", Value::Null);
        }
    }

    /// Starts to show progress.
    pub(super) fn progress(&self, title: &str) -> Progress {
        if !self.can.progress {
            return Progress { client: None, token: String::new() };
        }
        let token = format!("unlith-progress-{}", self.next.fetch_add(1, Ordering::Relaxed));
        self.ask("window/workDoneProgress/create", json!({ "token": token }));
        let progress = Progress { client: Some(self.clone()), token };
        progress.send(json!({ "kind": "begin", "title": title, "cancellable": false }));
        progress
    }
}

/// Progress that the client shows until this value goes.
pub(super) struct Progress {
    client: Option<Client>,
    token: String,
}

impl Progress {
    /// Makes progress that nobody sees.
    #[cfg(test)]
    pub(super) fn none() -> Progress {
        Progress { client: None, token: String::new() }
    }
    /// Says what is being done.
    pub(super) fn say(&self, message: &str) {
        self.send(json!({ "kind": "report", "message": message }));
    }
    fn send(&self, value: Value) {
        if let Some(client) = &self.client {
            client.notify("$/progress", json!({ "token": self.token, "value": value }));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.send(json!({ "kind": "end" }));
    }
}

pub(super) fn answer(client: &Sender<Message>, id: RequestId, result: impl Serialize) {
    let _ = client.send(Message::Response(Response::new_ok(id, result)));
}

pub(super) fn refuse(client: &Sender<Message>, id: RequestId, code: ErrorCode, message: String) {
    let _ = client.send(Message::Response(Response::new_err(id, code as i32, message)));
}
