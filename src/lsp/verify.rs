//! `unlith.verify`: proposals built and measured in a copy, by `unlith verify` in a process of its own.

use super::client::Progress;
use super::commands::{show, text_of};
use super::requests::folder_of;
use super::worker::{Event, Worker};
use crate::base::read_regular;
use crate::cli::transient::{TransientChild, TransientDir};
use lsp_server::RequestId;
use serde_json::{Value, json};
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often a command that runs is looked at.
const BEAT: Duration = Duration::from_millis(100);

/// Starts `unlith verify` as a process of its own: it builds, which may take minutes.
pub(super) fn verify(
    worker: &mut Worker,
    id: &RequestId,
    options: &Value,
    words: Vec<String>,
) -> Result<(), String> {
    let listed = options.get("proposals").cloned().map(serde_json::from_value::<Vec<String>>).transpose();
    let mut proposals =
        listed.map_err(|error| format!("`proposals` is no list: {error}"))?.unwrap_or_default();
    proposals.extend(words);
    if let Some(odd) = proposals.iter().find(|proposal| proposal.starts_with('-')) {
        return Err(format!("`{odd}` is no proposal"));
    }
    let at = folder_of(worker, text_of(options, "uri")).ok_or("there is no folder")?;
    let root = worker.folders[at].root.clone();
    let is_unsaved = |path: &PathBuf| {
        let text = worker.documents.texts.buffer(path);
        text.is_some_and(|text| {
            read_regular(path, 1 << 30).map_or(true, |bytes| bytes != text.text.as_bytes())
        })
    };
    let n_unsaved =
        worker.documents.open.keys().filter(|path| path.starts_with(&root) && is_unsaved(path)).count();
    let program = std::env::current_exe().map_err(|error| format!("cannot find unlith itself: {error}"))?;
    let scratch = TransientDir::new("unlith-lsp-")
        .map_err(|error| format!("cannot make a scratch directory: {error}"))?;
    let mut command = Command::new(program);
    command.arg("verify").args(&proposals).arg("-C").arg(&root).arg("--quiet");
    command.args(["--format", if text_of(options, "format") == Some("json") { "json" } else { "text" }]);
    command.arg("--keep").arg(scratch.path().join("copy"));
    if let Some(path) = &worker.folders[at].settings.ocamlpath {
        command.args(["--ocamlpath", path]);
    }
    let (client, pending, events, id) =
        (worker.client.clone(), worker.pending.clone(), worker.events.clone(), id.clone());
    let is_shown = options.get("show") != Some(&Value::Bool(false));
    pending.hand_out(&id);
    let watch = {
        let id = id.clone();
        move || {
            let progress = client.progress("unlith verify");
            let result = wait(command, &progress, || pending.is_wanted(&id)).map(|text| {
                let unsaved = match n_unsaved {
                    0 => String::new(),
                    n => format!("note: {n} unsaved buffers are not part of this\n"),
                };
                let text = unsaved + &text;
                if is_shown {
                    show(&client, "unlith.verify", &text);
                }
                json!({ "text": text })
            });
            drop((progress, scratch));
            let _ = events.send(Event::Ran(id, result));
        }
    };
    let started = std::thread::Builder::new().name("verify".to_owned()).spawn(watch);
    started.map(|_| ()).map_err(|error| {
        worker.pending.take_in(&id);
        format!("cannot start a thread: {error}")
    })
}

/// Waits for a process; ends it when nobody wants its answer any more.
fn wait(mut command: Command, progress: &Progress, is_wanted: impl Fn() -> bool) -> Result<String, String> {
    let start = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = TransientChild::spawn(&mut command)
        .map_err(|error| format!("cannot start unlith verify: {error}"))?;
    let read = |stream: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stream.map(|mut stream| stream.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let (out, errors) = child.outputs();
    let out = read(out.map(|stream| Box::new(stream) as _));
    let errors = read(errors.map(|stream| Box::new(stream) as _));
    let mut said = 0;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if !is_wanted() => return Err("cancelled".to_owned()),
            Ok(None) => std::thread::sleep(BEAT),
            Err(error) => return Err(format!("unlith verify is lost: {error}")),
        }
        let seconds = start.elapsed().as_secs();
        if seconds > said {
            said = seconds;
            progress.say(&format!("building, {seconds} s"));
        }
    };
    let text = |handle: std::thread::JoinHandle<String>| handle.join().unwrap_or_default();
    let (out, errors) = (text(out), text(errors));
    if out.is_empty() && !status.success() { Err(errors.trim().to_owned()) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_nobody_wants_is_ended() {
        let progress = Progress::none();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600"]);
        let start = Instant::now();
        assert_eq!(wait(command, &progress, || false), Err("cancelled".to_owned()));
        assert!(start.elapsed() < Duration::from_secs(60));
        let mut command = Command::new("sh");
        command.args(["-c", "echo done; echo odd >&2"]);
        assert_eq!(wait(command, &progress, || true), Ok("done\n".to_owned()));
    }
}
