//! What the client tells: documents, files, folders and settings change.

use super::documents::{real_path, uri_in};
use super::folders::Folder;
use super::loader::Job;
use super::overlay::{is_build_file, is_source};
use super::worker::Worker;
use crate::project::read_source;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

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
                // What the disk says may be new too, and nobody has told yet.
                let texts = &worker.documents.texts;
                if worker.folders.iter().all(|folder| folder.knows(&path, texts)) {
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
    // What has been made of these counts, where it has been made.
    let is_made_from = path.extension().is_some_and(|extension| extension == "mll" || extension == "mly");
    if (is_source || is_made_from) && !worker.documents.open.contains_key(path) {
        worker.changed(path);
    }
    let is_structure = has_come_or_gone || !(is_source || is_made_from);
    for at in 0..worker.folders.len() {
        let folder = &worker.folders[at];
        let is_inside = path.starts_with(&folder.root);
        // Whether a source takes in others decides what is known of its module.
        let is_unknown = || folder.workspace.as_ref().is_some_and(|workspace| workspace.file(path).is_none());
        let may_be_other = match is_structure {
            true => is_inside || !is_source,
            false => is_inside && is_unknown(),
        };
        if may_be_other {
            worker.load(at, Job::Look);
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
