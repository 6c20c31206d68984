//! The directory of a program, and the sources that it and libraries are made of.

use super::{Content, VendorError, Vendored, error};
use crate::base::{LibraryId, UnitId};
use crate::project::load;
use crate::project::model::Project;
use std::path::{Path, PathBuf};

/// Adds a program to a workspace, in a directory of its own: its modules, and a dune file. Returns the path of its executable,
/// relative to the workspace and without extension.
///
/// # Errors
/// A source cannot be read.
pub fn add_program(
    project: &Project,
    own: LibraryId,
    units: &[UnitId],
    vendored: &mut Vendored,
) -> Result<String, VendorError> {
    let library = project.library(own);
    let main = units.last().and_then(|&unit| project.unit(unit).implementation());
    let Some(stem) = main.and_then(|file| stem(&project.file(file).path)) else {
        return Err(error(library, "its main module has no source"));
    };
    let dir = PathBuf::from(format!("{stem}_program"));
    for &unit in units {
        let unit = project.unit(unit);
        for file in [unit.implementation(), unit.interface()].into_iter().flatten() {
            let path = &project.file(file).path;
            let text = source(path)
                .map_err(|reason| error(library, format!("cannot read `{}`: {reason}", path.display())))?;
            vendored.files.insert(dir.join(path.file_name().unwrap_or_default()), Content::Text(text));
        }
    }
    let libraries = vendored.names_of(project, &library.requires);
    let flags = vendored.flags_of(project, library);
    let dune = format!("(executable\n (name {stem})\n (libraries {libraries})\n (flags ({flags})))\n");
    vendored.files.insert(dir.join("dune"), Content::Text(dune));
    Ok(format!("{}/{stem}", dir.display()))
}

/// The text of a source. Lines that say which other file it was made from are blanked: here it is the source.
pub(super) fn source(path: &Path) -> Result<String, String> {
    let bytes = load::read_bytes(path, SOURCE_LIMIT).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let is_directive = |line: &str| {
        let rest = line.trim_start().strip_prefix('#').map(str::trim_start);
        rest.and_then(|rest| rest.split_once(char::is_whitespace))
            .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if !text.lines().any(is_directive) {
        return Ok(text.into_owned());
    }
    Ok(text
        .lines()
        .map(|line| if is_directive(line) { "\n".to_owned() } else { format!("{line}\n") })
        .collect())
}

/// A source file longer than this is written by no one.
const SOURCE_LIMIT: u64 = 64 << 20;

pub(super) fn stem(path: &Path) -> Option<String> {
    path.file_stem()?.to_str().map(str::to_owned)
}
