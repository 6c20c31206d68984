//! The language server, driven as editors drive it: `tests/lsp/*.py` run by pytest with pytest-lsp.

mod support;

use std::path::PathBuf;
use std::process::Command;
use support::repository;

/// A Python that has what `tests/lsp/requirements.txt` names; `tests/run` makes one.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("UNLITH_LSP_PYTHON").map(PathBuf::from);
    let made = repository().join("target/lsp-python/bin/python");
    let python = named.or_else(|| made.is_file().then_some(made));
    if python.is_none() {
        assert!(
            std::env::var_os("UNLITH_REQUIRE_OCAML").is_none(),
            "no Python with pytest-lsp: see tests/run"
        );
        eprintln!("skipped: no Python with pytest-lsp, see tests/run");
    }
    python
}

fn pytest(file: &str) {
    let Some(python) = python() else { return };
    let cache = tempfile::tempdir().expect("a directory");
    let status = Command::new(python)
        .args(["-B", "-m", "pytest", "--tb=short", "-rs", file])
        .current_dir(repository().join("tests/lsp"))
        .env("UNLITH", env!("CARGO_BIN_EXE_unlith"))
        .env("UNLITH_CACHE_DIR", cache.path())
        .status()
        .expect("Python runs");
    assert!(status.success(), "{file}: {status}");
}

#[test]
fn every_request_as_an_editor_makes_it() {
    pytest("test_editor.py");
}

#[test]
fn what_no_editor_should_do() {
    pytest("test_hostile.py");
}

#[test]
fn after_any_edits_answers_are_those_of_a_fresh_server() {
    pytest("test_sequences.py");
}
