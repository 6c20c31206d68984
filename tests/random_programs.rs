//! Random programs, compiled by the real compiler: what each unit records is what we say, with aliases as names
//! (`-no-alias-deps`, as dune compiles) and without.
//!
//! `UNLITH_PROGRAMS=FROM..TO` tries others than the usual ones. A program that differs is printed whole; made small, it
//! becomes a case of the corpus.

#![allow(clippy::print_stdout, reason = "says what is skipped and how many were compared")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use support::random_program::{Program, program};
use support::scratch::Scratch;
use support::{ocaml, unlith};

const USUAL: Range<u64> = 0..120;

#[test]
fn units_record_what_the_compiler_records() {
    if let Err(reason) = ocaml::compiler() {
        return println!("skipped: {reason}");
    }
    let numbers = match std::env::var("UNLITH_PROGRAMS") {
        Ok(text) => {
            let (from, to) = text.split_once("..").expect("FROM..TO");
            from.parse().expect("a number")..to.parse().expect("a number")
        }
        Err(_) => USUAL,
    };
    let next = AtomicU64::new(numbers.start);
    let n_threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (n_compared, differences) = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(|| work(&next, numbers.end))).collect();
        let mut all = (0, Vec::new());
        for thread in threads {
            let (n_compared, differences) = thread.join().expect("a thread ends well");
            all.0 += n_compared;
            all.1.extend(differences);
        }
        all
    });
    let n_all = numbers.end - numbers.start;
    println!("{n_compared} of {n_all} programs compile and were compared");
    assert!(differences.is_empty(), "{} programs differ\n{}", differences.len(), differences.join("\n"));
    assert!(n_compared * 10 >= n_all * 7, "only {n_compared} of {n_all} programs compile");
}

/// Takes numbers up to a last one; returns how many programs compiled, and what differs.
fn work(next: &AtomicU64, end: u64) -> (u64, Vec<String>) {
    let (mut n_compared, mut all) = (0, Vec::new());
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= end {
            return (n_compared, all);
        }
        let program = program(number);
        let scratch = Scratch::new("random").expect("a scratch directory");
        for (name, text) in &program.files {
            std::fs::write(scratch.path().join(name), text).expect("a source");
        }
        // Every other one is a dune project, so compiled with the flag.
        let is_dune = number % 2 == 1;
        let Some(truth) = compile(scratch.path(), &program, is_dune) else { continue };
        n_compared += 1;
        let ours = ours(scratch.path(), &program, is_dune);
        assert!(ours.contains_key("Main") || ours.contains_key("Dune__exe__Main"), "{:?}", ours.keys());
        for (unit, records) in truth {
            // Units that the main one does not reach by name are not read.
            let Some(links) = ours.get(&unit) else { continue };
            if *links != records {
                let files: Vec<String> =
                    program.files.iter().map(|(name, text)| format!("-- {name}\n{text}")).collect();
                all.push(format!(
                    "program {number}, dune {is_dune}: {unit} links {links:?}, the compiler records {records:?}\n{}",
                    files.join("")
                ));
                break;
            }
        }
    }
}

/// What each unit records; `None` where the program does not type-check.
fn compile(dir: &Path, program: &Program, no_alias_deps: bool) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let mut arguments = vec!["ocamlopt".to_owned(), "-w".to_owned(), "-a".to_owned(), "-c".to_owned()];
    if no_alias_deps {
        arguments.push("-no-alias-deps".to_owned());
    }
    for unit in &program.units {
        let names = [format!("{unit}.mli"), format!("{unit}.ml")];
        arguments.extend(names.into_iter().filter(|name| program.files.contains_key(name)));
    }
    ocaml::run_in(dir, "ocamlfind", arguments).ok()?;
    let objects = program.units.iter().map(|unit| dir.join(format!("{unit}.cmx")));
    Some(ocaml::recorded_links(objects).expect("ocamlobjinfo reads what the compiler wrote"))
}

fn ours(dir: &Path, program: &Program, is_dune: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut arguments = vec!["--quiet".to_owned()];
    if is_dune {
        let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).expect("a dune file");
        write("dune-project", "(lang dune 2.9)\n(wrapped_executables false)\n");
        write("dune", "(executable (name main))\n");
        arguments.push(".".to_owned());
    } else {
        arguments.extend(program.units.iter().map(|unit| format!("{unit}.ml")));
    }
    unlith::unit_links(dir, &arguments).unwrap_or_else(|failure| panic!("{failure}"))
}
