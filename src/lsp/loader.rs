//! Reads a folder in a thread of its own, so that the editor is answered meanwhile.

use super::client::Client;
use super::layout::{Layout, read_layout};
use super::overlay::Overlay;
use super::settings::Settings;
use super::worker::Event;
use super::workspace::Workspace;
use crossbeam_channel::Sender;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Paths are deep in some trees.
const STACK: usize = 64 << 20;

/// What was asked of a loader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Job {
    /// Read everything.
    Load,
    /// Only read which files there are: whether that has changed.
    Look,
}

/// What a loader found.
pub(super) struct Loaded {
    pub(super) root: PathBuf,
    /// Which of the loads of this folder it was.
    pub(super) ticket: u64,
    pub(super) result: Result<Found, String>,
    pub(super) time: Duration,
}

pub(super) enum Found {
    Workspace(Box<Workspace>),
    Layout(Box<Layout>),
}

/// Starts to read a folder; what is found comes as an event.
pub(super) fn start(
    (root, ticket): (&Path, u64),
    (job, is_reload): (Job, bool),
    settings: &Settings,
    texts: &Overlay,
    client: &Client,
    events: &Sender<Event>,
) {
    let (root, settings, texts) = (root.to_path_buf(), settings.clone(), texts.clone());
    let (client, answers) = (client.clone(), events.clone());
    let load = {
        let root = root.clone();
        move || {
            let start = Instant::now();
            let work = AssertUnwindSafe(|| apart(is_reload, || load(&root, job, &settings, &texts, &client)));
            let result = catch_unwind(work).unwrap_or_else(|_| Err(crash()));
            let _ = answers.send(Event::Loaded(Loaded { root, ticket, result, time: start.elapsed() }));
        }
    };
    let thread = std::thread::Builder::new().name("loader".to_owned()).stack_size(STACK);
    if let Err(error) = thread.spawn(load) {
        let result = Err(format!("cannot start a thread: {error}"));
        let _ = events.send(Event::Loaded(Loaded { root, ticket, result, time: Duration::ZERO }));
    }
}

/// Does something in threads of its own: those that answer requests are not to wait for it. Where they have something to answer
/// with already, one processor is left to them.
fn apart<R: Send>(is_reload: bool, work: impl FnOnce() -> R + Send) -> R {
    let n_all = rayon::current_num_threads();
    let n = if is_reload { n_all.saturating_sub(1).max(1) } else { n_all };
    match rayon::ThreadPoolBuilder::new().num_threads(n).stack_size(STACK).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

fn crash() -> String {
    "reading it went wrong inside unlith: please report this, with what it printed on standard error"
        .to_owned()
}

fn load(
    root: &Path,
    job: Job,
    settings: &Settings,
    texts: &Overlay,
    client: &Client,
) -> Result<Found, String> {
    let unsaved = texts.unsaved();
    let read = || read_layout(root, settings, &unsaved).map_err(|error| error.to_string());
    match job {
        Job::Look => Ok(Found::Layout(Box::new(read()?))),
        Job::Load => {
            let name = root.file_name().map_or_else(|| root.to_string_lossy(), |name| name.to_string_lossy());
            let progress = client.progress(&format!("unlith: {name}"));
            progress.say("reading the project");
            let layout = read()?;
            let workspace = Workspace::load(root, layout, texts, &|step| progress.say(step));
            // Whoever asks first should not have to wait for the linker.
            for at in 0..workspace.programs.len() {
                workspace.program(at);
            }
            Ok(Found::Workspace(Box::new(workspace)))
        }
    }
}
