//! `unlith verify` of programs of one file over installed libraries: the copy of the libraries builds the program as it is,
//! and a proposal that needs no review builds and saves what was promised.

#![allow(clippy::print_stdout, reason = "says what is skipped")]

mod support;

use serde_json::Value;
use support::ocaml::{self, run_in};
use support::scratch::Scratch;
use support::unlith;

/// A saving may be off by a tenth, or by so many bytes.
const MAX_OFF: u64 = 2000;

/// Verifies one proposal, or all, for a program over a package.
fn verify(package: &str, program: &str, ids: &[&str]) {
    if let Err(reason) = ocaml::compiler() {
        return println!("skipped: {reason}");
    }
    let scratch = Scratch::new("verify_installed").expect("a directory");
    if let Err(error) = run_in(scratch.path(), "ocamlfind", ["query", package]) {
        assert!(!ocaml::is_required(), "{error}");
        return println!("skipped: {error}");
    }
    std::fs::write(scratch.path().join("client.ml"), program).expect("a file");
    let options = ["verify", "--format", "json", "--quiet", "-C", "client.ml", "-p", package];
    let text = unlith::run(scratch.path(), options.iter().chain(ids)).expect("it builds");
    let verdict: Value = serde_json::from_str(&text).expect("JSON");
    let same_units = |entry: &Value| {
        for key in ["extra_units", "missing_units"] {
            assert_eq!(entry[key].as_array().map(Vec::len), Some(0), "{package}: {key} in {entry}");
        }
    };
    verdict["programs"].as_array().expect("programs").iter().for_each(same_units);
    let trials = verdict["trials"].as_array().expect("trials");
    assert!(!trials.is_empty(), "{package}: nothing was tried");
    for trial in trials.iter().filter(|trial| trial["needs_review"] == false) {
        assert_eq!(trial["status"], "verified", "{package}: {trial}");
        for program in trial["programs"].as_array().expect("programs") {
            same_units(program);
            let bytes = |key: &str| program[key]["alloc"].as_i64().expect("bytes");
            let (predicted, actual) = (bytes("predicted"), bytes("actual"));
            let off = predicted.abs_diff(actual);
            assert!(
                off <= MAX_OFF.max(actual.unsigned_abs() / 10),
                "{package}, {}: {predicted} promised, {actual} saved",
                trial["id"]
            );
        }
    }
}

#[test]
fn a_library_of_one_module_that_is_not_called_after_it() {
    verify(
        "cstruct-unix",
        "let () = ignore Unix_cstruct.of_fd\nlet () = print_int (Cstruct.length Cstruct.empty)\n",
        &[],
    );
}

/// The interface shows C functions as values, so the unit has a closure for each.
#[test]
fn a_binding_that_exports_its_externals_as_values() {
    verify("ssl", "let () = ignore Ssl.get_verify_error_string\n", &["partition-unit:Ssl"]);
}

/// The part that goes with the program has `int32` constants, and no `external`.
#[test]
fn boxed_integers_keep_their_operations() {
    let program = "let () = ignore (GettextCompile.compile, GettextCompile.install)\n";
    verify("gettext.extension", program, &["partition-unit:GettextMo"]);
}
