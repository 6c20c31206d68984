//! What must not outlive this process: temporary directories, and processes that it has started.
//!
//! Ctrl-C, or a signal that asks the process to end, leaves no time to drop anything. So what is to go is written down here, and
//! the first such signal sees to it: processes end with all that they have started, directories are removed, and this process
//! ends with the code that shells give to one that was interrupted.

use rustix::process::{Pid, Signal, kill_process_group};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// As shells say it of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;
/// How often a directory is removed to which somebody may still write.
const N_TRIES: u32 = 200;
/// How long to wait for what is looked at again.
const PAUSE: Duration = Duration::from_millis(10);

/// How long processes have to end by themselves when this one is asked to. One that this one does not want any more has twice as
/// long: it may be this program again, with processes of its own.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Left {
    dirs: Vec<PathBuf>,
    /// Leaders of process groups that have not ended, as far as is known.
    groups: Vec<u32>,
    is_ending: bool,
}

static LEFT: Mutex<Left> = Mutex::new(Left { dirs: Vec::new(), groups: Vec::new(), is_ending: false });

/// What is to go, whatever this process is about to do.
fn lock() -> MutexGuard<'static, Left> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for ever where the process is about to end: nothing new must come into being, and nothing be said about what is gone.
fn left() -> MutexGuard<'static, Left> {
    static WATCHED: Once = Once::new();
    // Under `nohup`, or where a shell keeps Ctrl-C from what runs in the background, signals have the meaning that they have there.
    WATCHED.call_once(|| _ = ctrlc::try_set_handler(end));
    let left = lock();
    if left.is_ending {
        drop(left);
        loop {
            thread::park();
        }
    }
    left
}

/// Lets a signal have its way before anything more is said.
pub(super) fn settle() {
    if lock().is_ending {
        drop(left());
    }
}

/// What the first signal does.
fn end() {
    let (dirs, groups) = {
        let mut left = lock();
        left.is_ending = true;
        (std::mem::take(&mut left.dirs), left.groups.clone())
    };
    for group in groups {
        end_group(group, GRACE, || !lock().groups.contains(&group));
    }
    for dir in dirs {
        for _ in 0..N_TRIES {
            match fs::remove_dir_all(&dir) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => thread::sleep(PAUSE),
                _ => break,
            }
        }
    }
    std::process::exit(INTERRUPTED);
}

/// Ends the group of processes that one of that id leads: asks them to, since build tools end what they run in groups of its own
/// then, and kills them where the leader does not follow. `has_ended` says whether it has, and must know that to its end: the id may
/// be another's after that.
fn end_group(leader: u32, grace: Duration, mut has_ended: impl FnMut() -> bool) {
    let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) else { return };
    if has_ended() {
        return;
    }
    let _ = kill_process_group(group, Signal::TERM);
    let start = Instant::now();
    while start.elapsed() < grace {
        if has_ended() {
            return;
        }
        thread::sleep(PAUSE);
    }
    let _ = kill_process_group(group, Signal::KILL);
}

/// A temporary directory. It goes when it is dropped.
#[derive(Debug)]
pub(crate) struct TransientDir(TempDir);

impl TransientDir {
    /// Makes one whose name nobody can guess, and that no process that was killed has left behind.
    pub(crate) fn new(prefix: &str) -> io::Result<TransientDir> {
        let mut left = left();
        let dir = tempfile::Builder::new().prefix(prefix).tempdir()?;
        left.dirs.push(dir.path().to_path_buf());
        Ok(TransientDir(dir))
    }
    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for TransientDir {
    fn drop(&mut self) {
        // Before it is written off: a signal meanwhile finds it gone, or has to finish what this began.
        let _ = fs::remove_dir_all(self.path());
        lock().dirs.retain(|dir| dir != self.path());
    }
}

/// A process, with all that it starts. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct TransientChild(Child);

impl TransientChild {
    /// Starts it.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<TransientChild> {
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut left = left();
        let child = command.spawn()?;
        left.groups.push(child.id());
        Ok(TransientChild(child))
    }
    /// What it writes to standard output, and what to standard error; each once, where that was asked for.
    pub(crate) fn outputs(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.0.stdout.take(), self.0.stderr.take())
    }

    /// Says how it has ended, if it has.
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        // Nobody else has its id before it has been waited for, and nobody may be sent a signal by it then.
        let mut left = lock();
        let status = self.0.try_wait()?;
        if status.is_some() {
            left.groups.retain(|&group| group != self.0.id());
        }
        Ok(status)
    }
}

impl Drop for TransientChild {
    fn drop(&mut self) {
        end_group(self.0.id(), 2 * GRACE, || !matches!(self.try_wait(), Ok(None)));
        let _ = self.0.wait();
        lock().groups.retain(|&group| group != self.0.id());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_gone_and_written_off() {
        let dir = TransientDir::new("unlith-test-").expect("temporary directories can be made");
        let path = dir.path().to_path_buf();
        fs::write(path.join("file"), "").expect("a writable directory");
        let mut command = Command::new("sh");
        // What it starts writes on, until it is ended too.
        command.arg("-c").arg("(while true; do touch started; sleep 0.01; done) & wait").current_dir(&path);
        let child = TransientChild::spawn(&mut command).expect("there is a shell");
        let group = child.0.id();
        while !path.join("started").exists() {
            thread::sleep(PAUSE);
        }
        drop(child);
        drop(dir);
        thread::sleep(10 * PAUSE);
        assert!(!path.exists());
        let left = left();
        assert!(!left.dirs.contains(&path) && !left.groups.contains(&group));
    }
}
