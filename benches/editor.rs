//! One table: how long an editor waits, in a generated tree of 5,000 files: start, cold and on a warm cache, and what follows
//! an edit.
//!
//! `cargo bench --bench editor` prints it; behind `--`, a number of units in place of 3,334 (half of them have an interface).
//! Each edit goes to one of ten open files, of which some are at the bottom of the tree; what is waited for is measured from
//! the edit on: the answer to a request for hints, the diagnostics, and the answer to a request for code actions, on ten lines in
//! turn and at the head of the file. Beside the times that passed stands the processor time of the server (Linux), which does not
//! depend on what else the machine does. Then a build file is edited, a thousand edits go by, and nothing happens for a while.

#![allow(clippy::print_stdout)]

#[path = "../tests/support/forest.rs"]
mod forest;

use forest::Forest;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Edits of each kind.
const N_EDITS: usize = 60;

fn main() {
    let units = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(3_334);
    let scratch = tempfile::tempdir().expect("a directory");
    let root = scratch.path().join("tree");
    let files = Forest::of_units(units).write(&root).expect("temporary files can be made");
    let cache = scratch.path().join("cache");
    println!("{} files, {units} units\n", files.len());
    let mut session = Session::start(&root, &cache);
    println!("| what | n | p50 ms | p95 ms | max ms | processor ms, each |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let cold = vec![session.settle()];
    row("start, cold", cold, session.spent());
    session.end();
    let mut session = Session::start(&root, &cache);
    let warm = vec![session.settle()];
    row("start, warm cache", warm, session.spent());
    let sources: Vec<&PathBuf> =
        files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "ml")).collect();
    let open: Vec<&Path> = (0..10).map(|nth| sources[nth * (sources.len() - 1) / 9].as_path()).collect();
    let texts: Vec<String> = open.iter().map(|path| std::fs::read_to_string(path).expect("a file")).collect();
    for (path, text) in open.iter().zip(&texts) {
        session.open(path, text);
    }
    session.settle();
    let mut n_actions = 0;
    for (kind, line) in [
        ("inside a function", "let _ = f0 1 2"),
        ("a new value", "let fresh_value = 3"),
        ("a new link", "let fresh_link = Printf.sprintf \"%d\" 3 ^ Filename.basename \"x\""),
        ("a new open", "open Stdlib.Scanf"),
    ] {
        let [mut hints, mut found, mut actions] = [const { Vec::new() }; 3];
        let [mut for_hints, mut for_found, mut for_actions] = [Duration::ZERO; 3];
        session.settle();
        for nth in 0..N_EDITS {
            let (path, text) = (open[nth % open.len()], &texts[nth % open.len()]);
            let last = text.lines().count();
            session.spent();
            let start = Instant::now();
            session.insert(path, last, &format!("{line}\n"));
            session.ask(
                "textDocument/inlayHint",
                json!({ "textDocument": document(path), "range": range(0, last + 9) }),
            );
            hints.push(start.elapsed());
            for_hints += session.spent();
            let at = last * (nth % 11) / 10;
            let start = Instant::now();
            let params = json!({ "textDocument": document(path), "range": range(at, at), "context": { "diagnostics": [] } });
            n_actions += session.ask("textDocument/codeAction", params).as_array().map_or(0, Vec::len);
            actions.push(start.elapsed());
            for_actions += session.spent();
            let start = Instant::now();
            session.insert(path, last, "(* *)\n");
            session.settle_quickly();
            found.push(start.elapsed());
            for_found += session.spent();
            session.replace(path, text);
        }
        row(&format!("hints after an edit: {kind}"), hints, for_hints);
        row(&format!("diagnostics after an edit, pause included: {kind}"), found, for_found);
        row(&format!("code actions after an edit: {kind}"), actions, for_actions);
    }
    println!("\n{n_actions} actions were offered");
    session.settle();
    let dune = root.join("bin/dune");
    let text = std::fs::read_to_string(&dune).expect("a file");
    session.open(&dune, &text);
    session.spent();
    let start = Instant::now();
    session.replace(&dune, &format!("{text}(library (name fresh_library) (modules))\n"));
    session.settle();
    let (time, spent) = (start.elapsed(), session.spent());
    println!("another library in a build file: {:.0} ms, of processor {:.0} ms", millis(time), millis(spent));
    let memory = |session: &mut Session| session.status()["memory_bytes"].as_u64().unwrap_or(0) as f64 / 1e6;
    let before = memory(&mut session);
    for nth in 0..1000 {
        let (path, text) = (open[nth % open.len()], &texts[nth % open.len()]);
        session.replace(path, &format!("{text}\nlet fresh_{nth} = Printf.sprintf \"%d\" {nth}\n"));
        session.ask(
            "textDocument/inlayHint",
            json!({ "textDocument": document(path), "range": range(0, 9999) }),
        );
    }
    session.settle();
    println!("memory before and after 1000 edits: {before:.0} MB, {:.0} MB", memory(&mut session));
    session.spent();
    std::thread::sleep(Duration::from_secs(10));
    println!("processor time in ten seconds without a message: {:.0} ms", millis(session.spent()));
    println!("\n{}", session.status()["text"].as_str().unwrap_or_default());
    session.end();
}

fn row(what: &str, mut times: Vec<Duration>, spent: Duration) {
    times.sort_unstable();
    let share = |share: usize| millis(times[((times.len() - 1) * share).div_ceil(100)]);
    let (n, spent) = (times.len(), millis(spent) / times.len() as f64);
    println!("| {what} | {n} | {:.1} | {:.1} | {:.1} | {spent:.1} |", share(50), share(95), share(100));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn document(path: &Path) -> Value {
    json!({ "uri": uri(path) })
}

fn range(start: usize, end: usize) -> Value {
    json!({ "start": { "line": start, "character": 0 }, "end": { "line": end, "character": 0 } })
}

/// One server, asked by hand.
struct Session {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    next: i32,
    started: Instant,
    spent: Duration,
}

impl Session {
    fn start(root: &Path, cache: &Path) -> Self {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_unlith"))
            .arg("lsp")
            .env("UNLITH_CACHE_DIR", cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let (sender, messages) = channel();
        let output = child.stdout.take().expect("a pipe");
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take().expect("a pipe");
        let mut session = Session { child, input, messages, next: 0, started, spent: Duration::ZERO };
        session.ask("initialize", json!({ "processId": null, "capabilities": {}, "rootUri": uri(root) }));
        session.notify("initialized", json!({}));
        session
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server reads");
        self.input.flush().expect("the server reads");
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        loop {
            let message = self.messages.recv().expect("the server answers");
            if message["id"] == self.next {
                assert!(message.get("error").is_none(), "{message}");
                return message["result"].clone();
            }
        }
    }

    /// The processor time of the server since this was asked last.
    fn spent(&mut self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        // A hundredth of a second each.
        let now = Duration::from_millis((ticks(11) + ticks(12)) * 10);
        let spent = now.saturating_sub(self.spent);
        self.spent = now;
        spent
    }

    fn status(&mut self) -> Value {
        let params = json!({ "command": "unlith.status", "arguments": [{ "show": false }] });
        self.ask("workspace/executeCommand", params)
    }

    /// Waits until all is read and shown; the time since the start.
    fn settle(&mut self) -> Duration {
        while self.status()["settled"] != true {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.started.elapsed()
    }

    /// Waits until the diagnostics of the last edit are worked out.
    fn settle_quickly(&mut self) {
        while self.status()["due"] == true {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn open(&mut self, path: &Path, text: &str) {
        let item = json!({ "uri": uri(path), "languageId": "ocaml", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": item }));
    }

    fn insert(&mut self, path: &Path, line: usize, text: &str) {
        let change = json!({ "range": range(line, line), "text": text });
        self.change(path, change);
    }

    fn replace(&mut self, path: &Path, text: &str) {
        self.change(path, json!({ "text": text }));
    }

    fn change(&mut self, path: &Path, change: Value) {
        self.next += 1;
        let document = json!({ "uri": uri(path), "version": self.next });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.notify("textDocument/didChange", params);
    }

    fn end(mut self) {
        self.ask("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        let status = self.child.wait().expect("the server ends");
        assert!(status.success(), "{status}");
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().strip_prefix("Content-Length:") {
            Some(number) => length = number.trim().parse().ok()?,
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
