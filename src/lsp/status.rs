//! How the server fares: memory, and how long answers took.

use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Answers of one kind that are remembered.
const MAX_KEPT: usize = 1000;

/// How long things took.
#[derive(Default)]
pub(super) struct Clock {
    kinds: BTreeMap<String, (u64, VecDeque<Duration>)>,
}

impl Clock {
    pub(super) fn add(&mut self, kind: &str, time: Duration) {
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), Default::default());
        }
        let Some((n, times)) = self.kinds.get_mut(kind) else { return };
        *n += 1;
        if times.len() == MAX_KEPT {
            times.pop_front();
        }
        times.push_back(time);
    }

    /// For each kind, how many, and how long in milliseconds.
    pub(super) fn json(&self) -> Value {
        let row = |(kind, (n, times)): (&String, &(u64, VecDeque<Duration>))| {
            let mut times: Vec<Duration> = times.iter().copied().collect();
            times.sort_unstable();
            let share = |share: usize| millis(times[((times.len() - 1) * share).div_ceil(100)]);
            let row = json!({ "count": n, "p50_ms": share(50), "p95_ms": share(95), "max_ms": share(100) });
            (kind.clone(), row)
        };
        self.kinds.iter().map(row).collect::<serde_json::Map<_, _>>().into()
    }
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Returns the bytes of memory that this process has, now and at most so far, where the system tells.
pub(super) fn memory() -> (Option<u64>, Option<u64>) {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    };
    (field("VmRSS:"), field("VmHWM:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_times_that_were_taken() {
        let mut clock = Clock::default();
        (1..=100).for_each(|n| clock.add("hover", Duration::from_millis(n)));
        let row = &clock.json()["hover"];
        assert_eq!(
            (&row["count"], &row["p95_ms"], &row["max_ms"]),
            (&json!(100), &json!(96.0), &json!(100.0))
        );
    }
}
