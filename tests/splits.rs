//! Patches against the real build: each project of `corpus/splits` holds one trap of a split.
//!
//! A project is built in dune's release profile and run; the patch of its proposal, which is the same before the build, is
//! applied, and it is built and run again. `split.expected` in each says what must come of it:
//!
//! ```text
//! id partition-unit:Flat      the proposal
//! patch                       or: `review CODE`, `refused WHY`; `reviewed CODE` is a patch that somebody has looked at
//! gone Flat Stdlib__Printf    units that are no longer linked
//! come Flat__Flat_core        units that are linked instead
//! prints same                 or: what it prints then
//! ```
//!
//! `UNLITH_UPDATE=1` writes the last three again. A proposal that needs review says why, and is not built.

mod support;

use libtest_mimic::Arguments;
use std::collections::BTreeMap;
use std::process::ExitCode;
use support::ocaml;
use support::split_cases::{cases, judge};
use support::trials::{Outcome, compute, conclude};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = cases();
    let names = cases.iter().map(|(name, _)| name.clone()).collect();
    let mut outcomes = BTreeMap::new();
    if !arguments.list {
        outcomes = compute(&arguments, &cases, |_, dir| match ocaml::compiler() {
            Err(reason) => Outcome::Skipped(format!("no OCaml here: {reason}")),
            Ok(_) => match judge(dir) {
                Ok(()) => Outcome::Passed,
                Err(message) => Outcome::Failed(message),
            },
        });
    }
    conclude(&arguments, names, outcomes)
}
