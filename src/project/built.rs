//! What a build has left of a library of the workspace: its archive.

use super::build::Builder;
use super::load;
use super::model::Archive;
use super::stdlib::{read_archive, recorded};
use crate::base::{Code, LibraryId, Name, Problem, Severity, UnitId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Takes order, flags and bytes from the archive of a library, where it is newer than the sources.
///
/// Its units must be those of the library; on request it may hold more (those of a virtual library that it implements).
pub(crate) fn add_built_archive<'p>(
    builder: &mut Builder,
    id: LibraryId,
    cmxa: PathBuf,
    sources: impl Iterator<Item = &'p Path>,
    may_hold_more: bool,
) {
    if !builder.is_of_this_compiler(&cmxa) {
        return;
    }
    let Some(info) = read_archive(&cmxa, builder) else { return };
    let newest = sources.filter_map(load::modified).max();
    let is_new = newest <= load::modified(&cmxa);
    let project = &builder.project;
    let position: BTreeMap<Name, usize> =
        info.units.iter().enumerate().map(|(i, unit)| (unit.name, i)).collect();
    let has_code = |unit: &UnitId| project.unit(*unit).has_code();
    let with_code: Vec<UnitId> = project.library(id).units.iter().copied().filter(has_code).collect();
    let is_same = with_code.iter().all(|&unit| position.contains_key(&project.unit(unit).name));
    let is_same = is_same && (with_code.len() == info.units.len() || may_hold_more);
    if !is_new || !is_same {
        let stem = cmxa.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let known: BTreeSet<Name> = with_code.iter().map(|&unit| project.unit(unit).name).collect();
        let others: Vec<Name> =
            info.units.iter().map(|unit| unit.name).filter(|name| !known.contains(name)).collect();
        let message = match &others[..] {
            [first, rest @ ..] if is_new => {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                format!(
                    "the archive that the build left for `{stem}` has {first}{more}, which no source here makes"
                )
            }
            _ => format!("the archive that the build left for `{stem}` is older than its sources"),
        };
        let problem = Problem::new(Severity::Note, Code::LinkMismatch, message);
        let shown = cmxa.strip_prefix(&project.root).unwrap_or(&cmxa).to_path_buf();
        builder.report(
            problem
                .at(shown, None)
                .help("bytes are estimated from the sources; build again to have them measured"),
        );
        return;
    }
    let mut units = builder.project.library(id).units.clone();
    units.sort_by_key(|&unit| position.get(&builder.project.unit(unit).name).copied().unwrap_or(usize::MAX));
    for &unit in &units {
        let Some(&at) = position.get(&builder.project.unit(unit).name) else { continue };
        let unit = builder.unit_mut(unit);
        unit.forced = info.units[at].force_link;
        unit.recorded = Some(recorded(&info.units[at]));
    }
    let objects = Some(cmxa.with_extension("a")).filter(|path| load::is_file(path));
    let library = builder.library_mut(id);
    library.units = units;
    library.archives.push(Archive { objects, cmxa: Some(cmxa) });
}
