//! `own-modules-to-library`: the dune file gets a library with the modules that may stay out of the program.

use super::Refusal;
use super::writer::Writer;
use crate::base::LibraryId;
use crate::project::add_library;
use crate::split::plan::Plan;

/// Writes the dune file of a program whose modules move to a library.
pub(super) fn write(writer: &mut Writer<'_>, plan: &Plan, own: LibraryId) -> Result<(), Refusal> {
    let tree = writer.tree;
    let Some(program) = tree.project.programs.iter().find(|program| program.own == own) else {
        return Err(Refusal::new("no-build-file", "the program is not known", None));
    };
    let dune = program.own_units.iter().rev().find_map(|&unit| tree.project.unit(unit).implementation());
    let Some(file) = dune else {
        return Err(Refusal::new("no-build-file", "the program has no source file", None));
    };
    let dir = tree.project.file(file).path.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
    let executable = program.name.rsplit('/').next().unwrap_or(&program.name).to_owned();
    let modules: Vec<String> = plan.link.to_library.iter().map(|&unit| writer.sibling_name(unit)).collect();
    writer.change_dune(&dir, |text| add_library(text, &executable, &plan.link.library, &modules))
}
