//! `unlith cache`: where results of earlier runs are kept, what is there, and how to be rid of it.

use super::Outcome;
use super::failure::Failure;
use super::output::OutputArgs;
use crate::cache::{Cache, Store};
use crate::report::human::{bytes, thousands};
use etcetera::BaseStrategy;
use std::path::PathBuf;

/// How many megabytes are kept unless `UNLITH_CACHE_SIZE` says otherwise.
const MAX_MEGABYTES: u64 = 1024;

/// Show or remove what earlier runs have kept
///
/// What files and archives say is kept by their content, and what the references of each unit mean by all that was read to find
/// out, so that the next run need not find it out again: in the directory that UNLITH_CACHE_DIR names, else in `unlith` under the
/// system's directory for caches. What was not used for the longest time goes when there is more than UNLITH_CACHE_SIZE megabytes
/// (1024).
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith cache stats
  UNLITH_CACHE_DIR=.cache unlith audit     a directory that CI can keep")]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::Subcommand, Clone, Copy, Debug)]
enum Action {
    /// Show the directory
    Path,
    /// Show how much is kept
    Stats,
    /// Remove what is kept, of all versions
    Clean,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let Some(store) = store() else {
        return Err(Failure::error(
            "nothing is kept: the system names no directory for caches",
            "set UNLITH_CACHE_DIR to a directory, or HOME",
        ));
    };
    let text = match args.action {
        Action::Path => format!("{}\n", store.root().display()),
        Action::Stats => {
            let stats = store.stats();
            format!(
                "{}\n{} results, {} of at most {}; {} are of this build of unlith\n",
                store.root().display(),
                thousands(stats.n_entries),
                bytes(stats.n_bytes),
                bytes(store.max_bytes()),
                thousands(stats.n_own),
            )
        }
        Action::Clean => {
            let stats = store.clean().map_err(|error| {
                Failure::error(
                    format!("cannot remove what is kept in `{}`: {error}", store.root().display()),
                    "check the permissions of the directory",
                )
            })?;
            format!("removed {} results, {}\n", thousands(stats.n_entries), bytes(stats.n_bytes))
        }
    };
    args.output.write(&text)?;
    Ok(Outcome::Done)
}

/// Returns the cache of this process.
pub(super) fn open(is_wanted: bool) -> Cache {
    match store() {
        Some(store) if is_wanted => Cache::over(store),
        _ => Cache::none(),
    }
}

/// Returns the directory in which results are kept.
pub(super) fn dir() -> Option<PathBuf> {
    store().map(|store| store.root().to_path_buf())
}

fn store() -> Option<Store> {
    let named = std::env::var_os("UNLITH_CACHE_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let usual = || etcetera::choose_base_strategy().ok().map(|dirs| dirs.cache_dir().join("unlith"));
    // Of a HOME that is no whole path, each directory in which the program runs would get a cache of its own.
    let usual = || usual().filter(|dir| dir.is_absolute());
    let megabytes = std::env::var("UNLITH_CACHE_SIZE").ok().and_then(|text| text.trim().parse().ok());
    let max_bytes = megabytes.unwrap_or(MAX_MEGABYTES).saturating_mul(1 << 20);
    Some(Store::new(named.or_else(usual)?, max_bytes))
}
