//! Ids of proposals, as they are given on the command line.

use super::failure::Failure;
use std::path::Path;

/// Refuses the name of a file or directory that stands where ids do: other commands take what they analyse there.
///
/// **Errors**: a failure that says how the command is told what to analyse.
pub(super) fn refuse_paths(command: &str, ids: &[String]) -> anyhow::Result<()> {
    // An id has a kind, a colon and a name.
    let Some(id) = ids.iter().find(|id| !id.contains(':') && Path::new(id).exists()) else { return Ok(()) };
    let what = if Path::new(id).is_dir() { "directory" } else { "file" };
    let rest: String = ids.iter().filter(|other| *other != id).map(|other| format!(" {other}")).collect();
    Err(Failure::error(
        format!("there is no proposal `{id}`; there is a {what} of that name"),
        format!("what to analyse is named by -C: `unlith {command}{rest} -C {id}`"),
    ))
}
