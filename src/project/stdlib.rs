//! The standard library: which units it has, which file each comes from, and how each is compiled.
//!
//! Source: `stdlib/Compflags` and `stdlib/Makefile` of OCaml 4.13 and 5.3.

use super::build::{Builder, DirSources, Sources, UnitFlags};
use super::cmxa::{CmxUnit, CmxaInfo, read_cmxa};
use super::installed::compiled_interface;
use super::load;
use super::model::{Archive, LibraryOrigin};
use crate::base::{Code, LibraryId, Name, Problem, Severity, capitalise, name};
use std::path::{Path, PathBuf};

/// Adds the standard library; without a directory it is empty, and that is reported.
pub(crate) fn add_stdlib(builder: &mut Builder, dir: Option<&Path>) -> LibraryId {
    let Some(dir) = dir else {
        builder.report(
            Problem::new(
                Severity::Error,
                Code::MissingLibrary,
                "OCaml's standard library is nowhere to be found",
            )
            .help("install OCaml, or set OCAMLLIB to the directory that holds stdlib.ml and stdlib.cmxa"),
        );
        return builder.library("stdlib", LibraryOrigin::Stdlib, "".into());
    };
    let library = builder.library("stdlib", LibraryOrigin::Stdlib, dir.to_path_buf());
    let sources = DirSources::list(dir);
    let cmxa = dir.join("stdlib.cmxa");
    let objects = dir.join("stdlib.a");
    let archive = read_archive(&cmxa, builder);
    builder.format = load::format(&cmxa);
    if archive.is_some() {
        let objects = Some(objects).filter(|path| load::is_file(path));
        builder.library_mut(library).archives.push(Archive { objects, cmxa: Some(cmxa) });
    }
    let archived: Vec<CmxUnit> = archive.map(|info| info.units).unwrap_or_default();
    let names = if archived.is_empty() {
        names_in_source(dir, &sources)
    } else {
        archived.iter().map(|u| u.name).collect()
    };
    for unit_name in names {
        let unit = add_unit(builder, library, unit_name, &sources);
        if let Some(known) = archived.iter().find(|unit| unit.name == unit_name) {
            builder.unit_mut(unit).forced = known.force_link;
            builder.unit_mut(unit).recorded = Some(recorded(known));
            builder.unit_mut(unit).packed = packed(known);
        }
        // `stdlib.ml` is installed as `module List = List`; the real right-hand side is put in by the build.
        if let Some(short) = unit_name.strip_prefix("Stdlib__") {
            let short = name(&capitalise(short));
            builder.library_mut(library).unit_by_name.entry(short).or_insert(unit);
        }
    }
    // Not in the archive: the compiler puts it behind everything else.
    let exit = add_unit(builder, library, name("Std_exit"), &sources);
    builder.unit_mut(exit).forced = true;
    library
}

/// The units that an archive's unit records, itself left out.
pub(crate) fn recorded(unit: &CmxUnit) -> Vec<Name> {
    unit.imports_cmx.iter().copied().filter(|&import| import != unit.name).collect()
}

/// The units that `-pack` has put into one, itself left out.
pub(crate) fn packed(unit: &CmxUnit) -> Vec<Name> {
    unit.defines.iter().copied().filter(|&defined| defined != unit.name).collect()
}

/// Reads an archive's link information; what cannot be read is reported.
pub(crate) fn read_archive(path: &Path, builder: &mut Builder) -> Option<CmxaInfo> {
    let reason = match load::read_bytes(path, load::ARCHIVE_LIMIT) {
        Ok(bytes) => match read_cmxa(&bytes) {
            Ok(info) => return Some(info),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    builder.report(
        Problem::new(Severity::Warning, Code::Unreadable, format!("cannot read this archive: {reason}"))
            .at(path, None)
            .help("the library's units are taken from its sources; reinstall or build it to have its bytes"),
    );
    None
}

fn add_unit(
    builder: &mut Builder,
    library: LibraryId,
    unit: Name,
    sources: &DirSources,
) -> crate::base::UnitId {
    let stem = capitalise(unit.strip_prefix("Stdlib__").unwrap_or(&unit));
    let flags = UnitFlags {
        opens: Vec::new(),
        no_alias_deps: unit.as_str() == "Stdlib"
            || unit.ends_with("Labels")
            || unit.as_str() == "Stdlib__Float",
        opens_stdlib: !matches!(unit.as_str(), "Stdlib" | "CamlinternalFormatBasics" | "CamlinternalAtomic"),
        noassert: false,
    };
    match sources.get(&stem) {
        Some(files) if files.implementation.is_some() => {
            let mut files = files.clone();
            // A library of the same name beside it (bigarray) has put its own interface over the standard library's.
            let is_own = |mli: &PathBuf| unit.as_str() == stem || !load::is_file(&mli.with_extension("cmxa"));
            files.interface = files.interface.filter(is_own);
            builder.unit(library, unit, files, flags)
        }
        Some(Sources { interface: Some(path), .. }) => {
            builder.opaque_unit(library, unit, Some(path.clone()), flags)
        }
        _ => {
            let dir = builder.project.library(library).dir.clone();
            builder.opaque_unit(library, unit, compiled_interface(&dir, &unit), UnitFlags::generated())
        }
    }
}

/// Without an archive: the aliases of `stdlib.ml` name the units, the `Camlinternal` modules are beside it.
fn names_in_source(dir: &Path, sources: &DirSources) -> Vec<Name> {
    let bytes = load::read_bytes(&dir.join("stdlib.ml"), load::BUILD_FILE_LIMIT).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let aliases = text.lines().filter_map(|line| {
        let (left, right) = line.strip_prefix("module ")?.split_once('=')?;
        let (left, right) = (left.trim(), right.trim());
        let is_alias = right == left
            || right.strip_prefix("Stdlib__").is_some_and(|short| short.eq_ignore_ascii_case(left));
        is_alias.then(|| name(&format!("Stdlib__{left}")))
    });
    let internal =
        sources.units.keys().filter(|unit| unit.starts_with("Camlinternal")).map(|unit| name(unit));
    let mut names: Vec<Name> = internal.chain([name("Stdlib")]).chain(aliases).collect();
    names.sort();
    names
}
