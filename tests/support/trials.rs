//! One named test per corpus project, matrix program or package.
//!
//! The work is done first, in parallel, so that a table can stand above the test runner's own lines.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What became of one case.
pub(crate) enum Outcome {
    /// As it should be.
    Passed,
    /// Nothing was compared, and why.
    Skipped(String),
    /// Not as it should be.
    Failed(String),
}

/// Does `work` for the cases that the command line selects, on a few threads; results are by name.
pub(crate) fn compute<C: Sync, R: Send>(
    arguments: &Arguments,
    cases: &[(String, C)],
    work: impl Fn(&str, &C) -> R + Sync,
) -> BTreeMap<String, R> {
    let results = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    let selected: Vec<_> = cases.iter().filter(|(name, _)| is_selected(arguments, name)).collect();
    let n_threads = std::thread::available_parallelism().map_or(2, usize::from).min(selected.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                while let Some((name, case)) = selected.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(name, case);
                    results
                        .lock()
                        .expect("no worker panics while it holds the lock")
                        .insert(name.clone(), result);
                }
            });
        }
    });
    results.into_inner().expect("no worker panics while it holds the lock")
}

/// Returns whether the command line leaves the case in; nothing is computed for `--list`.
pub(crate) fn is_selected(arguments: &Arguments, name: &str) -> bool {
    let matches =
        |pattern: &String| if arguments.exact { name == pattern } else { name.contains(pattern.as_str()) };
    !arguments.list && arguments.filter.as_ref().is_none_or(matches) && !arguments.skip.iter().any(matches)
}

/// Reports the outcomes as tests. Cases without an outcome were not selected.
pub(crate) fn conclude(
    arguments: &Arguments,
    names: Vec<String>,
    mut outcomes: BTreeMap<String, Outcome>,
) -> ExitCode {
    let trials = names.into_iter().map(|name| {
        let outcome = outcomes.remove(&name);
        if let Some(Outcome::Skipped(reason)) = &outcome {
            eprintln!("skipped {name}: {reason}");
        }
        Trial::test(name, move || match outcome {
            Some(Outcome::Failed(message)) => Err(Failed::from(message)),
            _ => Ok(()),
        })
    });
    let conclusion = libtest_mimic::run(arguments, trials.collect());
    if conclusion.has_failed() { ExitCode::from(101) } else { ExitCode::SUCCESS }
}
