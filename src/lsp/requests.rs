//! Which message is handled by which file.

use super::actions::{self, ActionData};
use super::documents::{real, real_path, uri_in};
use super::folders::{Folder, find};
use super::lens::{self, LensData};
use super::loader::Job;
use super::overlay::{is_build_file, is_source};
use super::subject::Subject;
use super::worker::Worker;
use super::{commands, hints, hover};
use crate::project::read_source;
use lsp_server::{ErrorCode, RequestId};
use lsp_types::{CodeAction, CodeLens, InitializeParams, Position, Range, Uri};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What a request comes to.
pub(super) enum Answer {
    Now(Value),
    Refused(ErrorCode, String),
    /// It is answered when something else has ended.
    Later,
}

type Result<T> = std::result::Result<T, Answer>;

/// What the server can do.
pub(super) fn capabilities(params: &InitializeParams) -> Value {
    let code_action = params.capabilities.text_document.as_ref().and_then(|text| text.code_action.as_ref());
    let resolves = code_action.is_some_and(|actions| actions.resolve_support.is_some());
    json!({
        "positionEncoding": "utf-16",
        "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
        "inlayHintProvider": { "resolveProvider": false },
        "codeLensProvider": { "resolveProvider": true },
        "hoverProvider": true,
        "codeActionProvider": { "codeActionKinds": ["refactor.rewrite"], "resolveProvider": resolves },
        "executeCommandProvider": { "commands": commands::NAMES },
        "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
    })
}

/// The folders that the client starts with.
#[allow(deprecated)]
pub(super) fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = match &params.workspace_folders {
        Some(folders) => folders.iter().filter_map(|folder| real_path(folder.uri.as_str())).collect(),
        None => match (&params.root_uri, &params.root_path) {
            (Some(uri), _) => real_path(uri.as_str()).into_iter().collect(),
            (None, Some(path)) => vec![real(Path::new(path))],
            (None, None) => Vec::new(),
        },
    };
    roots.sort();
    roots.dedup();
    roots
}

/// Takes a notification.
pub(super) fn take(worker: &mut Worker, method: &str, params: &Value) {
    match method {
        "initialized" => {
            register(worker);
            worker.start();
        }
        "textDocument/didOpen" => {
            if let Some(path) = worker.documents.open(params) {
                adopt(worker, &path);
                noticed(worker, &path);
                let text = worker.documents.texts.buffer(&path).cloned();
                let is_as_on_disk = read_source(&path)
                    .is_ok_and(|bytes| text.is_some_and(|text| text.text.as_bytes() == bytes));
                if is_as_on_disk {
                    worker.show(&path);
                } else {
                    worker.changed(&path);
                }
            }
        }
        "textDocument/didChange" => {
            if let Some(path) = worker.documents.change(params) {
                worker.changed(&path);
                if is_build_file(&path) {
                    worker.layout_changed();
                }
            }
        }
        "textDocument/didClose" => {
            if let Some((path, document)) = worker.documents.close(params) {
                worker.withdraw(&path, document.uri.as_str());
                worker.changed(&path);
                noticed(worker, &path);
            }
        }
        "textDocument/didSave" => {
            if let Some(path) = uri_in(params).and_then(real_path) {
                on_disk(worker, &path, false);
            }
        }
        "workspace/didChangeWatchedFiles" => {
            for change in params.get("changes").and_then(Value::as_array).into_iter().flatten() {
                let path = change.get("uri").and_then(Value::as_str).and_then(real_path);
                let is_content = change.get("type").and_then(Value::as_u64) == Some(2);
                if let Some(path) = path {
                    on_disk(worker, &path, !is_content);
                }
            }
        }
        "workspace/didChangeConfiguration" => {
            let settings = params.get("settings").filter(|settings| settings.get("unlith").is_some());
            // Folders may differ in what is sent for all.
            let asks = worker.client.can.configuration && (settings.is_none() || worker.folders.len() > 1);
            if asks {
                worker.ask_for_settings();
            } else if let Some(settings) = settings {
                worker.take_settings(settings);
            }
        }
        "workspace/didChangeWorkspaceFolders" => change_folders(worker, params),
        method if method.starts_with("$/") => {}
        method => eprintln!("unlith lsp: the notification {method} is not known"),
    }
}

/// Asks the client to say when files and settings change.
fn register(worker: &Worker) {
    let mut registrations = Vec::new();
    if worker.client.can.registers_watchers {
        let watchers: Vec<Value> = [
            "**/*.{ml,mli,mll,mly}",
            "**/{dune,dune-project,dune-workspace,dune-package,META,_tags,unlith.toml}",
            "**/*.{opam,mllib,mlpack}",
            // Written with every build.
            "**/_build/log",
        ]
        .into_iter()
        .map(|glob| json!({ "globPattern": glob }))
        .collect();
        registrations.push(json!({
            "id": "unlith-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        }));
    }
    if worker.client.can.registers_configuration {
        registrations.push(json!({
            "id": "unlith-settings",
            "method": "workspace/didChangeConfiguration",
            "registerOptions": { "section": "unlith" },
        }));
    }
    if !registrations.is_empty() {
        worker.client.ask("client/registerCapability", json!({ "registrations": registrations }));
    }
}

/// A document that was opened or closed may say something else than the disk of what there is to build.
fn noticed(worker: &mut Worker, path: &Path) {
    let is_other = match worker.documents.texts.buffer(path) {
        Some(text) => read_source(path).map_or(true, |bytes| bytes != text.text.as_bytes()),
        None => true,
    };
    let is_unsaved_source = is_source(path) && !path.is_file();
    if is_other && (is_build_file(path) || is_unsaved_source) {
        worker.layout_changed();
    }
}

/// A file on disk has changed, or has come or gone.
fn on_disk(worker: &mut Worker, path: &Path, has_come_or_gone: bool) {
    let is_built = path.components().any(|part| part.as_os_str() == "_build");
    if is_built {
        // What the build leaves follows its log, and comes with it soon.
        if path.ends_with("_build/log") {
            worker.layout_changed();
        }
        return;
    }
    let is_source = is_source(path);
    if is_source && !worker.documents.open.contains_key(path) {
        worker.changed(path);
    }
    let is_made_from = path.extension().is_some_and(|extension| extension == "mll" || extension == "mly");
    if has_come_or_gone || !(is_source || is_made_from) {
        for at in 0..worker.folders.len() {
            if path.starts_with(&worker.folders[at].root) || !is_source {
                worker.load(at, Job::Look);
            }
        }
    }
}

fn change_folders(worker: &mut Worker, params: &Value) {
    let list = |what: &str| -> Vec<PathBuf> {
        let folders = params.pointer(&format!("/event/{what}")).and_then(Value::as_array);
        let uris = folders.into_iter().flatten().filter_map(|folder| folder.get("uri")?.as_str());
        uris.filter_map(real_path).collect()
    };
    for root in list("removed") {
        worker.leave(&root);
    }
    let mut is_new = false;
    for root in list("added") {
        if worker.folders.iter().all(|folder| folder.root != root) {
            worker.folders.push(Folder::new(root, worker.settings.clone()));
            is_new = true;
        }
    }
    match is_new {
        // They may have settings of their own.
        true if worker.client.can.configuration => worker.ask_for_settings(),
        true => worker.load_all_new(),
        false => {}
    }
}

/// Where the client has no folders at all, that of the first document's project is taken.
fn adopt(worker: &mut Worker, path: &Path) {
    if !worker.folders.is_empty() {
        return;
    }
    let has_project =
        |dir: &&Path| dir.join("dune-workspace").is_file() || dir.join("dune-project").is_file();
    if let Some(root) = path.ancestors().skip(1).filter(has_project).last() {
        worker.folders.push(Folder::new(root.to_path_buf(), worker.settings.clone()));
        worker.load(0, Job::Load);
    }
}

/// Answers a request.
pub(super) fn answer(worker: &mut Worker, id: &RequestId, method: &str, params: Value) -> Answer {
    let result = match method {
        "textDocument/inlayHint" => inlay_hints(worker, &params),
        "textDocument/codeLens" => code_lenses(worker, &params),
        "codeLens/resolve" => resolve_lens(worker, params),
        "textDocument/hover" => hover_at(worker, &params),
        "textDocument/codeAction" => code_actions(worker, &params),
        "codeAction/resolve" => resolve_action(worker, params),
        "workspace/executeCommand" => return commands::run(worker, id, &params),
        method => {
            Err(Answer::Refused(ErrorCode::MethodNotFound, format!("there is no method {method} here")))
        }
    };
    result.map_or_else(|refused| refused, Answer::Now)
}

fn bad(what: &str) -> Answer {
    Answer::Refused(ErrorCode::InvalidParams, format!("the parameters lack {what}"))
}

/// Answers a request about a text, up to date; nothing where nothing is known of it.
fn with_text<R>(
    worker: &mut Worker,
    params: &Value,
    ask: impl FnOnce(&Worker, &Subject<'_>, &Uri) -> R,
) -> Result<Option<R>> {
    let uri = uri_in(params).ok_or_else(|| bad("a document"))?;
    let Some(path) = real_path(uri) else { return Ok(None) };
    worker.update();
    let worker = &*worker;
    let texts = &worker.documents.texts;
    let (Some((at, workspace, file)), Some(text), Some(uri)) =
        (find(&worker.folders, &path), texts.text(&path), worker.documents.uri(&path))
    else {
        return Ok(None);
    };
    let subject = Subject::new(workspace, texts, &worker.folders[at].settings, (file, &text));
    Ok(Some(ask(worker, &subject, &uri)))
}

fn part<T: serde::de::DeserializeOwned>(params: &Value, key: &str) -> Result<T> {
    let value = params.get(key).cloned().ok_or_else(|| bad(key))?;
    serde_json::from_value(value).map_err(|error| {
        Answer::Refused(ErrorCode::InvalidParams, format!("`{key}` is not understood: {error}"))
    })
}

fn inlay_hints(worker: &mut Worker, params: &Value) -> Result<Value> {
    let range: Range = part(params, "range")?;
    let hints = with_text(worker, params, |_, subject, _| hints::hints(subject, range))?;
    Ok(json!(hints.unwrap_or_default()))
}

fn code_lenses(worker: &mut Worker, params: &Value) -> Result<Value> {
    let lenses = with_text(worker, params, |_, subject, uri| lens::lenses(subject, uri))?;
    Ok(json!(lenses.unwrap_or_default()))
}

fn resolve_lens(worker: &mut Worker, params: Value) -> Result<Value> {
    let mut lens: CodeLens =
        serde_json::from_value(params).map_err(|error| bad(&format!("a lens: {error}")))?;
    let data = lens.data.clone().ok_or_else(|| bad("data"))?;
    let data: LensData = serde_json::from_value(data).map_err(|error| bad(&format!("its data: {error}")))?;
    let path = real_path(&data.uri).ok_or_else(|| bad("a file"))?;
    lens.command = Some(match worker.file(&path) {
        Some((workspace, file)) => lens::resolve(workspace, file, &data),
        None => lens::gone(),
    });
    Ok(json!(lens))
}

fn hover_at(worker: &mut Worker, params: &Value) -> Result<Value> {
    let position: Position = part(params, "position")?;
    let hover = with_text(worker, params, |_, subject, _| hover::hover(subject, position))?;
    Ok(json!(hover.flatten()))
}

fn code_actions(worker: &mut Worker, params: &Value) -> Result<Value> {
    let range: Range = part(params, "range")?;
    let only = params.pointer("/context/only").and_then(Value::as_array);
    let is_wanted = only.is_none_or(|kinds| {
        kinds.iter().filter_map(Value::as_str).any(|kind| {
            kind.is_empty()
                || "refactor.rewrite" == kind
                || "refactor.rewrite".starts_with(&format!("{kind}."))
        })
    });
    if !is_wanted {
        return Ok(json!([]));
    }
    let actions = with_text(worker, params, |worker, subject, _| {
        let mut actions = actions::actions(subject, range);
        if !worker.client.can.lazy_edits {
            // The client has no other way to get at the edits.
            actions = actions.into_iter().filter_map(|action| with_edit(worker, action).ok()).collect();
        }
        actions
    })?;
    Ok(json!(actions.unwrap_or_default()))
}

fn resolve_action(worker: &mut Worker, params: Value) -> Result<Value> {
    let action: CodeAction =
        serde_json::from_value(params).map_err(|error| bad(&format!("an action: {error}")))?;
    worker.update();
    with_edit(worker, action).map(|action| json!(action))
}

fn with_edit(worker: &Worker, mut action: CodeAction) -> Result<CodeAction> {
    let data = action.data.clone().ok_or_else(|| bad("data"))?;
    let data: ActionData =
        serde_json::from_value(data).map_err(|error| bad(&format!("its data: {error}")))?;
    let folder = worker.folders.iter().find(|folder| folder.root == data.root());
    let Some((folder, workspace)) = folder.and_then(|folder| Some((folder, folder.workspace.as_ref()?)))
    else {
        let message = "the folder is being read again: try once more in a moment".to_owned();
        return Err(Answer::Refused(ErrorCode::ContentModified, message));
    };
    let edit = actions::resolve(
        workspace,
        &worker.documents,
        &folder.settings,
        &data,
        worker.client.can.file_operations,
    )
    .map_err(|message| Answer::Refused(ErrorCode::RequestFailed, message))?;
    action.edit = Some(edit);
    Ok(action)
}

/// The folder that a command is about: that of a document, or the only one.
pub(super) fn folder_of(worker: &Worker, uri: Option<&str>) -> Option<usize> {
    let path = uri.and_then(real_path);
    let of_file = path.as_ref().and_then(|path| find(&worker.folders, path)).map(|(at, ..)| at);
    let around = || {
        let path = path.as_ref()?;
        worker.folders.iter().position(|folder| path.starts_with(&folder.root))
    };
    of_file.or_else(around).or((!worker.folders.is_empty()).then_some(0))
}
