//! The directory of a library: its sources, its C code, and a dune file that says what its units show.

use super::program::{source, stem};
use super::rewriters::rewriters_of;
use super::{Content, VendorError, Vendored, error};
use crate::base::{FileId, LibraryId, Name, capitalise};
use crate::project::cmxa::read_cmxa;
use crate::project::load;
use crate::project::model::{Library, LibraryOrigin, Project, UnitSource};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Adds a library. Returns the rewriters that its sources pass through.
pub(super) fn add(
    project: &Project,
    id: LibraryId,
    vendored: &mut Vendored,
) -> Result<BTreeSet<&'static str>, VendorError> {
    let library = project.library(id);
    let dir = PathBuf::from(&vendored.names[&id]);
    let aliases: BTreeSet<Name> =
        library.units.iter().flat_map(|&unit| project.unit(unit).opens.iter().copied()).collect();
    let mut rewriters = BTreeSet::new();
    let mut bare = Vec::new();
    let mut stems = Vec::new();
    for module in modules(project, library, &aliases)? {
        for (file, extension) in [(&module.implementation, "ml"), (&module.interface, "mli")] {
            let Some(file) = file else { continue };
            let text = source(file)
                .map_err(|reason| error(library, format!("cannot read `{}`: {reason}", file.display())))?;
            rewriters.extend(rewriters_of(&text));
            let path = dir.join(format!("{}.{extension}", module.stem));
            vendored.files.insert(path, Content::Text(text));
        }
        if module.implementation.is_none() {
            bare.push(module.stem.clone());
        }
        stems.push(module.stem);
    }
    let mut dune = format!("(library\n (name {})\n", vendored.names[&id]);
    // A library of the one module that it is called after looks the same either way, and is wrapped unless somebody says
    // otherwise.
    let is_its_module = |stem: &String| capitalise(stem) == capitalise(&vendored.names[&id]);
    if aliases.is_empty() && !matches!(&stems[..], [stem] if is_its_module(stem)) {
        dune.push_str(" (wrapped false)\n");
    }
    let libraries = vendored.names_of(project, &library.requires);
    let _ = writeln!(dune, " (libraries {libraries})");
    if !bare.is_empty() {
        let _ = writeln!(dune, " (modules_without_implementation {})", bare.join(" "));
    }
    if !rewriters.is_empty() {
        let list: Vec<&str> = rewriters.iter().copied().collect();
        let _ = writeln!(dune, " (preprocess (pps {}))", list.join(" "));
    }
    add_c(library, project, &dir, &mut dune, vendored)?;
    let _ = writeln!(dune, " (flags ({})))", vendored.flags_of(project, library));
    vendored.files.insert(dir.join("dune"), Content::Text(dune));
    Ok(rewriters)
}

/// The sources of one unit.
struct Module {
    stem: String,
    implementation: Option<PathBuf>,
    interface: Option<PathBuf>,
}

fn modules(
    project: &Project,
    library: &Library,
    aliases: &BTreeSet<Name>,
) -> Result<Vec<Module>, VendorError> {
    if library.archives.is_empty() && !library.units.is_empty() {
        return Err(error(library, "it has no native archive: a virtual library, or interfaces alone"));
    }
    let mut found = Vec::new();
    for &id in &library.units {
        let unit = project.unit(id);
        // A module that other modules open first is dune's own.
        if aliases.contains(&unit.name) {
            continue;
        }
        let path = |file: Option<FileId>| file.map(|file| project.file(file).path.clone());
        let (implementation, interface) = match &unit.source {
            UnitSource::Files { implementation, interface } => (path(*implementation), path(*interface)),
            UnitSource::Generated(_) | UnitSource::Opaque { .. } => {
                return Err(error(library, format!("{} is installed without its source", unit.name)));
            }
        };
        let stem = implementation.as_ref().or(interface.as_ref()).and_then(|path| stem(path));
        let Some(stem) = stem else {
            return Err(error(library, format!("{} has no file", unit.name)));
        };
        found.push(Module { stem, implementation, interface });
    }
    Ok(found)
}

/// Adds the C code that the archive asks for: archives that lie beside it are copied, others are named.
fn add_c(
    library: &Library,
    project: &Project,
    dir: &Path,
    dune: &mut String,
    vendored: &mut Vendored,
) -> Result<(), VendorError> {
    let stdlib = project.libraries.iter().find(|other| other.origin == LibraryOrigin::Stdlib);
    let shared_dir = stdlib.map(|stdlib| stdlib.dir.join("stublibs"));
    let (mut archives, mut flags) = (Vec::new(), Vec::new());
    for path in library.archives.iter().filter_map(|archive| archive.cmxa.as_ref()) {
        let bytes = load::read_bytes(path, load::ARCHIVE_LIMIT).unwrap_or_default();
        let Ok(info) = read_cmxa(&bytes) else {
            return Err(error(library, format!("cannot read `{}`", path.display())));
        };
        for word in info.ccobjs.iter().flat_map(|text| text.split_whitespace()) {
            let name = word.strip_prefix("-l").unwrap_or(word);
            let file = path.with_file_name(format!("lib{name}.a"));
            if !load::is_file(&file) {
                flags.push(word.to_owned());
                continue;
            }
            let shared = format!("dll{name}.so");
            let shared_file =
                shared_dir.as_ref().map(|dir| dir.join(&shared)).filter(|file| load::is_file(file));
            let Some(shared_file) = shared_file else {
                return Err(error(library, format!("`{shared}` is not where shared C code is installed")));
            };
            vendored.files.insert(dir.join(format!("lib{name}.a")), Content::CopyOf(file));
            vendored.files.insert(dir.join(shared), Content::CopyOf(shared_file));
            archives.push(name.to_owned());
        }
    }
    if !archives.is_empty() {
        let _ = writeln!(dune, " (foreign_archives {})", archives.join(" "));
    }
    if !flags.is_empty() {
        let _ = writeln!(dune, " (c_library_flags ({}))", flags.join(" "));
    }
    Ok(())
}
