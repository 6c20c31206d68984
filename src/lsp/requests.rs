//! Which request is answered by which file.

use super::actions::{self, ActionData};
use super::documents::{real, real_path, uri_in};
use super::folders::find;
use super::lens::{self, LensData};
use super::subject::Subject;
use super::worker::Worker;
use super::{commands, hints, hover};
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
