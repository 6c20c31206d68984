//! Processes that are ended with all that they have started.

use rustix::process::{Pid, Signal, kill_process_group};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process has to end by itself.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is looked at meanwhile.
const PULSE: Duration = Duration::from_millis(10);

/// Ends the group of processes that one of that id leads: asks them to, since build tools end what they run in groups of its own
/// then, and kills them where the leader does not follow. `has_ended` says whether it has, and must know that to its end: the id may
/// be another's after that.
pub fn end_group(leader: u32, mut has_ended: impl FnMut() -> bool) {
    let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) else { return };
    if has_ended() {
        return;
    }
    let _ = kill_process_group(leader, Signal::TERM);
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if has_ended() {
            return;
        }
        thread::sleep(PULSE);
    }
    let _ = kill_process_group(leader, Signal::KILL);
}
