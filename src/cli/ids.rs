//! Ids of proposals, as they are given on the command line.

use super::failure::Failure;
use super::pipeline::Linked;
use crate::split::{Proposal, plain_id};
use std::path::Path;

/// Returns the proposal that an id stands for. `ID@PROGRAM` is what that program is told of, under whichever id.
pub(super) fn find<'p>(programs: &'p [Linked<'_>], id: &str) -> Option<&'p Proposal> {
    let mut all = programs.iter().flat_map(|program| &program.proposals.proposals);
    all.find(|proposal| proposal.id == id).or_else(|| {
        let (plain, program) = id.split_once('@')?;
        let told = programs.iter().find(|told| told.program.name == program)?;
        told.proposals.proposals.iter().find(|proposal| plain_id(&proposal.id) == plain)
    })
}

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
