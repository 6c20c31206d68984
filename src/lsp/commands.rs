//! Commands: `unlith.why`, `unlith.audit`, `unlith.verify`, `unlith.status`, `unlith.reload`.
//!
//! Each answers with an object whose `text` is for people. Unless the client asks for the answer alone (`"show": false`), the
//! text is shown too: as a document where the client can show one, else as a message.

use super::client::{Client, Loud};
use super::loader::Job;
use super::requests::{Answer, folder_of};
use super::status;
use super::verify::verify;
use super::worker::Worker;
use crate::cli::editor::{AuditForm, Question, answer};
use crate::cli::transient::TransientDir;
use crate::report::human::bytes;
use lsp_server::{ErrorCode, RequestId};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Mutex;

/// What the client may ask to be executed.
pub(super) const NAMES: [&str; 5] =
    ["unlith.why", "unlith.audit", "unlith.verify", "unlith.status", "unlith.reload"];

/// Runs a command.
pub(super) fn run(worker: &mut Worker, id: &RequestId, params: &Value) -> Answer {
    let command = params.get("command").and_then(Value::as_str).unwrap_or_default();
    // One object, or plain words: the name, or the ids of proposals.
    let arguments = params.get("arguments").and_then(Value::as_array).cloned().unwrap_or_default();
    let options = arguments.iter().find(|argument| argument.is_object()).cloned().unwrap_or_default();
    let words: Vec<String> = arguments.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let result = match command {
        "unlith.status" => Ok(state(worker)),
        "unlith.reload" => {
            worker.load_all(Job::Load);
            return Answer::Now(Value::Null);
        }
        "unlith.why" => why(worker, &options, &words),
        "unlith.audit" => audit(worker, &options),
        "unlith.verify" => match verify(worker, id, &options, words) {
            Ok(()) => return Answer::Later,
            Err(message) => Err(message),
        },
        other => {
            let message = format!("there is no command {other}; there are: {}", NAMES.join(", "));
            return Answer::Refused(ErrorCode::InvalidParams, message);
        }
    };
    match result {
        Ok(answer) => {
            let text = answer.get("text").and_then(Value::as_str).unwrap_or_default();
            if options.get("show") != Some(&Value::Bool(false)) {
                show(&worker.client, command, text);
            }
            Answer::Now(answer)
        }
        Err(message) => Answer::Refused(ErrorCode::RequestFailed, message),
    }
}

/// Shows a text to the user.
pub(super) fn show(client: &Client, command: &str, text: &str) {
    let file = client.can.shows_documents.then(|| report_file(command, text)).flatten();
    match file.and_then(|path| super::convert::uri_of(&path)) {
        Some(uri) => {
            client.ask("window/showDocument", json!({ "uri": uri.as_str(), "takeFocus": true }));
        }
        None => client.notify("window/showMessage", json!({ "type": Loud::Info as u8, "message": text })),
    }
}

/// Where [`report_file`] writes: a directory of a name that nobody can guess, and put a link in its place.
static REPORTS: Mutex<Option<TransientDir>> = Mutex::new(None);

/// Writes a text among the temporary files of this process.
fn report_file(command: &str, text: &str) -> Option<PathBuf> {
    let mut reports = REPORTS.lock().ok()?;
    if reports.is_none() {
        *reports = Some(TransientDir::new("unlith-lsp-").ok()?);
    }
    let path = reports.as_ref()?.path().join(format!("{}.txt", command.trim_start_matches("unlith.")));
    std::fs::write(&path, text).ok()?;
    Some(path)
}

/// Removes what [`report_file`] has written.
pub(super) fn clean_up() {
    if let Ok(mut reports) = REPORTS.lock() {
        drop(reports.take());
    }
}

pub(super) fn text_of<'v>(options: &'v Value, key: &str) -> Option<&'v str> {
    options.get(key).and_then(Value::as_str)
}

fn ask(worker: &mut Worker, uri: Option<&str>, question: &Question) -> Result<String, String> {
    worker.update_all();
    let at = folder_of(worker, uri).ok_or("there is no folder")?;
    let folder = &worker.folders[at];
    if folder.workspace.is_none() {
        return Err(match &folder.failure {
            Some(failure) => failure.clone(),
            None => "the folder is still being read: ask again in a moment".to_owned(),
        });
    }
    worker.changing(|worker| {
        let workspace = worker.folders[at].workspace.as_mut().ok_or("there is no folder")?;
        workspace.lend(|lent| answer(lent, question, &worker.documents.texts))
    })
}

fn why(worker: &mut Worker, options: &Value, words: &[String]) -> Result<Value, String> {
    let name = text_of(options, "name").or(words.first().map(String::as_str));
    let name = name.ok_or("name a unit or a definition, as in `Base.List.fold`")?;
    let text = ask(worker, text_of(options, "uri"), &Question::Why(name.to_owned()))?;
    Ok(json!({ "name": name, "text": text }))
}

fn audit(worker: &mut Worker, options: &Value) -> Result<Value, String> {
    let form = match text_of(options, "format").unwrap_or("text") {
        "text" => AuditForm::Text,
        "json" => AuditForm::Json,
        "markdown" => AuditForm::Markdown,
        other => return Err(format!("there is no form `{other}`; there are: text, json, markdown")),
    };
    let exes = options.get("executables").cloned().map(serde_json::from_value).transpose();
    let exes = exes.map_err(|error| format!("`executables` is no list of names: {error}"))?;
    let text = ask(worker, text_of(options, "uri"), &Question::Audit(form, exes.unwrap_or_default()))?;
    Ok(json!({ "text": text }))
}

/// Memory, latencies, and what is known of each folder.
fn state(worker: &Worker) -> Value {
    let (resident, most) = status::memory();
    let folders: Vec<Value> = worker
        .folders
        .iter()
        .map(|folder| {
            let workspace = folder.workspace.as_ref();
            json!({
                "root": folder.root,
                "loading": folder.is_loading(),
                "failure": folder.failure,
                "programs": workspace.map(|workspace| workspace.project.programs.len()),
                "units": workspace.map(|workspace| workspace.project.units.len()),
                "files_read": workspace.map(|workspace| workspace.analysis.facts.iter().flatten().count()),
                "definitions": workspace.map(|workspace| workspace.analysis.graph.defs.len()),
                "edges": workspace.map(|workspace| workspace.analysis.graph.edges.len()),
            })
        })
        .collect();
    let latencies = worker.clock.json();
    let known = worker.documents.texts.trim();
    let mut text = format!("unlith {}\n", env!("CARGO_PKG_VERSION"));
    if let (Some(resident), Some(most)) = (resident, most) {
        text.push_str(&format!("memory: {}, at most {}\n", bytes(resident), bytes(most)));
    }
    for folder in &folders {
        let of = |key: &str| folder[key].as_u64().map_or("?".to_owned(), |n| n.to_string());
        let state = match (&folder["loading"], &folder["failure"]) {
            (Value::Bool(true), _) => ", being read",
            (_, Value::String(_)) => ", could not be read",
            _ => "",
        };
        text.push_str(&format!(
            "{}: {} executables, {} units, {} files read{state}\n",
            folder["root"].as_str().unwrap_or_default(),
            of("programs"),
            of("units"),
            of("files_read"),
        ));
    }
    for (kind, row) in latencies.as_object().into_iter().flatten() {
        text.push_str(&format!(
            "{kind}: {}, p50 {} ms, p95 {} ms, max {} ms\n",
            row["count"], row["p50_ms"], row["p95_ms"], row["max_ms"]
        ));
    }
    json!({
        "text": text,
        "version": env!("CARGO_PKG_VERSION"),
        "settled": worker.is_settled(),
        "due": worker.is_due(),
        "memory_bytes": resident,
        "most_memory_bytes": most,
        "open_documents": worker.documents.open.len(),
        "known_texts": known,
        "folders": folders,
        "latencies": latencies,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_written_among_temporary_files_and_removed() {
        let path = report_file("unlith.why", "because\n").expect("a file");
        assert!(path.starts_with(std::env::temp_dir()) && path.ends_with("why.txt"));
        assert_eq!(std::fs::read_to_string(&path).expect("a text"), "because\n");
        clean_up();
        assert!(!path.exists());
    }
}
