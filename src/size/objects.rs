//! The object files of a project: every archive of the libraries at hand, measured unit by unit.
//!
//! Takes a [`Project`], gives [`Objects`]. Reading is the only thing here that touches the disk. An archive that cannot
//! be read is a problem, and its units are estimated.

use super::unit::{UnitSize, measure_objects};
use crate::base::{Code, Idx, Problem, Severity, UnitId};
use crate::project::{LibraryOrigin, Project};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Measured units of a project.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Objects {
    /// For each unit, by [`UnitId`], what its object file says.
    pub units: Vec<Option<UnitSize>>,
}

impl Objects {
    /// Returns the measured unit of an id.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> Option<&UnitSize> {
        self.units.get(unit.idx())?.as_ref()
    }
}

/// Reads and measures the archives of all libraries of a project, in parallel. Archives that do not exist are passed
/// over in silence: nothing is built yet.
#[must_use]
pub fn load_objects(project: &Project) -> (Objects, Vec<Problem>) {
    let mut archives: Vec<(usize, PathBuf)> = Vec::new();
    for (library_idx, library) in project.libraries.iter().enumerate() {
        for objects in library.archives.iter().filter_map(|archive| archive.objects.as_ref()) {
            archives.push((library_idx, objects.clone()));
            // The last unit of every program lies beside the standard library's archive.
            if library.origin == LibraryOrigin::Stdlib {
                archives.push((library_idx, objects.with_file_name("std_exit.o")));
            }
        }
    }
    let measured: Vec<_> = archives.par_iter().map(|(_, path)| measure_file(path)).collect();
    let mut objects = Objects { units: vec![None; project.units.len()] };
    let mut problems = Vec::new();
    for ((library_idx, path), result) in archives.iter().zip(measured) {
        let units = result.unwrap_or_else(|message| {
            let problem = Problem::new(Severity::Warning, Code::Unreadable, message);
            let help = "the sizes of its units are estimated; build or install the library again";
            problems.push(problem.at(path, None).help(help));
            Vec::new()
        });
        for size in units {
            if let Some(unit) = project.libraries[*library_idx].unit_by_name.get(&size.unit) {
                objects.units[unit.idx()].get_or_insert(size);
            }
        }
    }
    (objects, problems)
}

/// Measures one file; nothing when it does not exist.
fn measure_file(path: &Path) -> Result<Vec<UnitSize>, String> {
    let is_file = std::fs::metadata(path).map(|meta| meta.is_file());
    match is_file {
        Ok(true) => {}
        Ok(false) => return Err("the archive is not a file".to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("cannot read the archive: {error}")),
    }
    let bytes = std::fs::read(path).map_err(|error| format!("cannot read the archive: {error}"))?;
    measure_objects(&bytes).map_err(|error| error.to_string())
}
