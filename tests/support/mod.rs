//! What the tests share: the real OCaml tools, what they wrote, and `unlith` itself.
//!
//! Each test binary uses a part of it, hence the blanket allowance.
#![allow(dead_code)]

pub(crate) mod corpus;
pub(crate) mod dune;
pub(crate) mod executable;
pub(crate) mod expected;
pub(crate) mod installed;
pub(crate) mod ocaml;
pub(crate) mod random_program;
pub(crate) mod score;
pub(crate) mod scratch;
pub(crate) mod small;
pub(crate) mod split_cases;
pub(crate) mod trials;
pub(crate) mod typed_trees;
pub(crate) mod unlith;

use std::path::PathBuf;

/// Returns the root of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns whether `UNLITH_UPDATE=1` asks to write what was found in place of comparing it.
pub(crate) fn is_update() -> bool {
    std::env::var_os("UNLITH_UPDATE").is_some_and(|value| value != "0")
}
