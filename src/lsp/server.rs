//! Takes messages as they come: the life cycle of the server, and cancellation. The work is the worker's.

use super::client::{Client, answer, refuse};
use super::worker::{Event, Worker};
use super::{commands, requests, rules, wire};
use crate::cache::Cache;
use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{ErrorCode, Message, RequestId};
use lsp_types::InitializeParams;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The worker walks deep modules.
const STACK: usize = 64 << 20;
/// How long the end waits for answers that are still to be written.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Requests that nobody has begun to answer, and the one that is being answered.
#[derive(Default)]
pub(super) struct Pending(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: HashSet<RequestId>,
    running: Option<RequestId>,
    /// Whether the one that is being answered is no longer wanted.
    is_unwanted: bool,
    /// Those that something outside the worker works on.
    outside: HashSet<RequestId>,
}

impl Pending {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn add(&self, id: &RequestId) {
        self.state().waiting.insert(id.clone());
    }
    /// Begins to answer; no when the client has cancelled.
    pub(super) fn begin(&self, id: &RequestId) -> bool {
        let mut state = self.state();
        let is_wanted = state.waiting.remove(id);
        if is_wanted {
            state.running = Some(id.clone());
            state.is_unwanted = false;
        }
        is_wanted
    }
    /// Ends an answer; whether it is still wanted.
    pub(super) fn end(&self) -> bool {
        let mut state = self.state();
        state.running = None;
        !state.is_unwanted
    }
    /// Hands the request that is being answered to something that takes long.
    pub(super) fn hand_out(&self, id: &RequestId) {
        self.state().outside.insert(id.clone());
    }
    /// Whether a request that takes long is still wanted.
    pub(super) fn is_wanted(&self, id: &RequestId) -> bool {
        self.state().outside.contains(id)
    }
    /// Ends a request that takes long; whether it is still wanted.
    pub(super) fn take_in(&self, id: &RequestId) -> bool {
        self.state().outside.remove(id)
    }
    /// Cancels a request; whether it is to be answered so at once.
    fn cancel(&self, id: &RequestId) -> bool {
        let mut state = self.state();
        if state.running.as_ref() == Some(id) {
            state.is_unwanted = true;
            return false;
        }
        state.waiting.remove(id) || state.outside.remove(id)
    }
}

/// Serves one client until it leaves. Returns whether it left as is agreed: shutdown, then exit.
pub(crate) fn serve(
    input: impl BufRead + Send + 'static,
    output: impl Write + Send + 'static,
    cache: Cache,
    pages: Option<&Path>,
) -> bool {
    rules::write_under(pages);
    let (connection, _writer) = wire::connect(input, output);
    let params = match initialize(&connection.receiver, &connection.sender) {
        Ok(params) => params,
        Err(is_orderly) => return is_orderly,
    };
    let client = Client::new(connection.sender.clone(), &params);
    let (events, inbox) = unbounded::<Event>();
    let pending = Arc::new(Pending::default());
    let worker = Worker::new(client, &params, cache, events.clone(), pending.clone());
    let thread = std::thread::Builder::new().name("worker".to_owned()).stack_size(STACK);
    if let Err(error) = thread.spawn(move || worker.run(&inbox)) {
        eprintln!("unlith lsp: cannot start a thread: {error}");
        return false;
    }
    let is_orderly = pass_on(&connection.receiver, &connection.sender, &events, &pending);
    let start = Instant::now();
    while !connection.sender.is_empty() && start.elapsed() < LAST_WORDS {
        std::thread::sleep(Duration::from_millis(2));
    }
    commands::clean_up();
    is_orderly
}

/// Waits for the first request, and answers it. When the client goes before: whether there was none at all.
fn initialize(messages: &Receiver<Message>, client: &Sender<Message>) -> Result<InitializeParams, bool> {
    let mut is_anybody_there = false;
    for message in messages {
        is_anybody_there = true;
        match message {
            Message::Request(request) if request.method == "initialize" => {
                match serde_json::from_value::<InitializeParams>(request.params) {
                    Ok(params) => {
                        let result = json!({
                            "capabilities": requests::capabilities(&params),
                            "serverInfo": { "name": "unlith", "version": env!("CARGO_PKG_VERSION") },
                        });
                        answer(client, request.id, result);
                        return Ok(params);
                    }
                    Err(error) => {
                        let message = format!("these are no parameters of initialize: {error}");
                        refuse(client, request.id, ErrorCode::InvalidParams, message);
                    }
                }
            }
            Message::Request(request) => {
                let message = "the server is not initialised".to_owned();
                refuse(client, request.id, ErrorCode::ServerNotInitialized, message);
            }
            Message::Notification(note) if note.method == "exit" => return Err(false),
            Message::Notification(_) | Message::Response(_) => {}
        }
    }
    if !is_anybody_there {
        eprintln!("unlith lsp: nobody asks anything on standard input; it is for an editor to start");
    }
    Err(!is_anybody_there)
}

/// Passes messages to the worker until the end. Returns whether shutdown came first.
fn pass_on(
    messages: &Receiver<Message>,
    client: &Sender<Message>,
    events: &Sender<Event>,
    pending: &Pending,
) -> bool {
    let mut is_shut_down = false;
    for message in messages {
        match message {
            Message::Request(request) if is_shut_down => {
                let message = "the server is shut down".to_owned();
                refuse(client, request.id, ErrorCode::InvalidRequest, message);
            }
            Message::Request(request) if request.method == "shutdown" => {
                is_shut_down = true;
                let _ = events.send(Event::End);
                answer(client, request.id, Value::Null);
            }
            Message::Request(request) if request.method == "initialize" => {
                let message = "the server is initialised already".to_owned();
                refuse(client, request.id, ErrorCode::InvalidRequest, message);
            }
            Message::Request(request) => {
                pending.add(&request.id);
                let _ = events.send(Event::Message(Message::Request(request)));
            }
            Message::Notification(note) if note.method == "exit" => return is_shut_down,
            Message::Notification(note) if note.method == "$/cancelRequest" => {
                let id = note.params.get("id").cloned().map(serde_json::from_value::<RequestId>);
                if let Some(Ok(id)) = id
                    && pending.cancel(&id)
                {
                    refuse(client, id, ErrorCode::RequestCanceled, "cancelled".to_owned());
                }
            }
            message if is_shut_down => drop(message),
            message => _ = events.send(Event::Message(message)),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_answered_once_whatever_is_cancelled() {
        let pending = Pending::default();
        let [first, second] = [RequestId::from(1), RequestId::from(2)];
        pending.add(&first);
        pending.add(&second);
        assert!(pending.cancel(&second), "one that waits is answered at once");
        assert!(!pending.begin(&second), "and then not again");
        assert!(pending.begin(&first));
        assert!(!pending.cancel(&first), "one that runs is answered when it ends");
        assert!(!pending.end(), "as cancelled");
        assert!(!pending.cancel(&RequestId::from(3)), "unknown ones are nobody's");
    }
}
