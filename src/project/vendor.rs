//! Installed libraries as libraries of a dune workspace, so that changes of them can be tried.
//!
//! Takes a project and the libraries that may change; gives the files of a workspace that has those and every library that
//! depends on one of them: a library of the workspace hides the installed one of its name, and who was compiled against that
//! one would not fit. Sources are the installed ones; nothing is written here.
//!
//! What a dune file has to say is read off the units: their names tell whether dune wrapped the library, their sources which
//! rewriters made it, the archive which C libraries go with it.

use super::cmxa::read_cmxa;
use super::files::load_installed;
use super::load;
use super::model::{Library, LibraryOrigin, Project, UnitSource};
use super::options::LoadOptions;
use crate::base::{Code, Idx, LibraryId, Name, UnitId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A source file longer than this is written by no one.
const SOURCE_LIMIT: u64 = 64 << 20;

/// Libraries of a workspace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vendored {
    /// What the library of each id is called in the workspace.
    pub names: BTreeMap<LibraryId, String>,
    /// The files, by path relative to the workspace.
    pub files: BTreeMap<PathBuf, Content>,
}

/// What a file of a workspace holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// This text.
    Text(String),
    /// What another file holds.
    CopyOf(PathBuf),
}

/// Why a library cannot be had as a workspace.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{library}: {reason}")]
pub struct VendorError {
    /// The library.
    pub library: Name,
    /// What is missing.
    pub reason: String,
}

impl Vendored {
    /// Returns what a `(libraries ..)` field says for these: names in the workspace where they are there, findlib's otherwise.
    #[must_use]
    pub fn names_of(&self, project: &Project, libraries: &[LibraryId]) -> String {
        let name = |library: &LibraryId| match self.names.get(library) {
            Some(name) => name.clone(),
            None => project.library(*library).name.to_string(),
        };
        let installed = |library: &&LibraryId| project.library(**library).origin != LibraryOrigin::Stdlib;
        libraries.iter().filter(installed).map(name).collect::<Vec<_>>().join(" ")
    }
}

/// Returns the libraries that have to come along when `wanted` are vendored: themselves, and installed ones that depend on them.
#[must_use]
pub fn with_dependents(project: &Project, wanted: &[LibraryId]) -> Vec<LibraryId> {
    let mut taken: BTreeSet<LibraryId> = wanted.iter().copied().collect();
    // Each round adds a library or is the last.
    loop {
        let more = (0..project.libraries.len()).map(LibraryId::new).find(|&id| {
            let library = project.library(id);
            library.origin == LibraryOrigin::Installed
                && !taken.contains(&id)
                && library.requires.iter().any(|required| taken.contains(required))
        });
        match more {
            Some(id) => taken.insert(id),
            None => return taken.into_iter().collect(),
        };
    }
}

/// Makes a workspace of `wanted` and of what depends on them. `options` say where packages are.
///
/// # Errors
/// A library has units without sources, or is of a kind that a dune file cannot be written for from what is installed.
pub fn vendor(
    project: &Project,
    wanted: &[LibraryId],
    options: &LoadOptions,
) -> Result<Vendored, VendorError> {
    let (vendored, rewriters) = copied(project, wanted)?;
    check_rewriters(project, &rewriters, &vendored, options)?;
    Ok(vendored)
}

/// Makes the same workspace to be read and changed, whether its rewriters are there to build it or not.
///
/// # Errors
/// As [`vendor`], rewriters apart.
pub fn vendor_unbuilt(project: &Project, wanted: &[LibraryId]) -> Result<Vendored, VendorError> {
    copied(project, wanted).map(|(vendored, _)| vendored)
}

/// The workspace, and for each rewriter that it needs a library that needs it.
fn copied(
    project: &Project,
    wanted: &[LibraryId],
) -> Result<(Vendored, BTreeMap<&'static str, LibraryId>), VendorError> {
    let mut vendored = Vendored::default();
    let all = with_dependents(project, wanted);
    for &id in &all {
        let name = local_name(project.library(id));
        if vendored.names.values().any(|other| *other == name) {
            return Err(error(project.library(id), format!("two libraries here would be called `{name}`")));
        }
        vendored.names.insert(id, name);
    }
    let mut rewriters: BTreeMap<&'static str, LibraryId> = BTreeMap::new();
    for id in all {
        for rewriter in add(project, id, &mut vendored)? {
            rewriters.entry(rewriter).or_insert(id);
        }
    }
    vendored.files.insert("dune-project".into(), Content::Text("(lang dune 2.0)\n".into()));
    Ok((vendored, rewriters))
}

fn error(library: &Library, reason: impl Into<String>) -> VendorError {
    VendorError { library: library.name, reason: reason.into() }
}

/// dune calls an archive as it calls the library in its own files.
fn local_name(library: &Library) -> String {
    let archive = library.archives.iter().find_map(|archive| archive.cmxa.as_ref());
    let stem = archive.and_then(|path| path.file_stem()).and_then(|stem| stem.to_str());
    stem.map_or_else(|| library.name.as_str().replace(['.', '-'], "_"), str::to_owned)
}

/// The sources of one unit.
struct Module {
    stem: String,
    implementation: Option<PathBuf>,
    interface: Option<PathBuf>,
}

/// Adds a library. Returns the rewriters that its sources pass through.
fn add(
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
    let mut n_modules = 0;
    for module in modules(project, library, &aliases)? {
        for (file, extension) in [(&module.implementation, "ml"), (&module.interface, "mli")] {
            let Some(file) = file else { continue };
            let text = source(file)
                .map_err(|reason| error(library, format!("cannot read `{}`: {reason}", file.display())))?;
            rewriters.extend(rewriters_of(&text));
            let path = dir.join(format!("{}.{extension}", module.stem));
            vendored.files.insert(path, Content::Text(text));
        }
        n_modules += 1;
        if module.implementation.is_none() {
            bare.push(module.stem);
        }
    }
    let mut dune = format!("(library\n (name {})\n", vendored.names[&id]);
    // A library of one module looks the same either way, and is wrapped unless somebody says otherwise.
    if aliases.is_empty() && n_modules > 1 {
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
    dune.push_str(" (flags (:standard -w -a)))\n");
    vendored.files.insert(dir.join("dune"), Content::Text(dune));
    Ok(rewriters)
}

/// Rewriters must be there, and must not be made with what the workspace has.
fn check_rewriters(
    project: &Project,
    rewriters: &BTreeMap<&'static str, LibraryId>,
    vendored: &Vendored,
    options: &LoadOptions,
) -> Result<(), VendorError> {
    if rewriters.is_empty() {
        return Ok(());
    }
    for (&rewriter, &user) in rewriters {
        let tools = load_installed(&LoadOptions { packages: vec![rewriter.to_owned()], ..options.clone() });
        if !tools.libraries.iter().any(|tool| tool.name.as_str() == rewriter)
            || tools.problems.iter().any(|problem| problem.code == Code::MissingPackage)
        {
            let reason = format!("its sources pass through `{rewriter}`, which is not installed");
            return Err(error(project.library(user), reason));
        }
        let made_with = vendored.names.keys().map(|&id| project.library(id)).find(|library| {
            tools
                .libraries
                .iter()
                .any(|tool| tool.name == library.name && tool.origin == LibraryOrigin::Installed)
        });
        if let Some(library) = made_with {
            let reason =
                format!("the rewriter `{rewriter}`, which other libraries here need, is made with it");
            return Err(error(library, reason));
        }
    }
    Ok(())
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
        let path = |file: Option<crate::base::FileId>| file.map(|file| project.file(file).path.clone());
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

fn stem(path: &Path) -> Option<String> {
    path.file_stem()?.to_str().map(str::to_owned)
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

/// The text of a source. Lines that say which other file it was made from are blanked: here it is the source.
fn source(path: &Path) -> Result<String, String> {
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

/// Which rewriter handles which word after `[@@deriving` or `%`.
const REWRITERS: [(&str, &str); 27] = [
    ("sexp", "ppx_sexp_conv"),
    ("sexp_of", "ppx_sexp_conv"),
    ("of_sexp", "ppx_sexp_conv"),
    ("sexp_poly", "ppx_sexp_conv"),
    ("compare", "ppx_compare"),
    ("equal", "ppx_compare"),
    ("hash", "ppx_hash"),
    ("hash_fold", "ppx_hash"),
    ("fields", "ppx_fields_conv"),
    ("variants", "ppx_variants_conv"),
    ("bin_io", "ppx_bin_prot"),
    ("bin_read", "ppx_bin_prot"),
    ("bin_write", "ppx_bin_prot"),
    ("bin_shape", "ppx_bin_prot"),
    ("enumerate", "ppx_enumerate"),
    ("typerep", "ppx_typerep_conv"),
    ("here", "ppx_here"),
    ("message", "ppx_sexp_message"),
    ("bind", "ppx_let"),
    ("lwt", "lwt_ppx"),
    ("show", "ppx_deriving.show"),
    ("eq", "ppx_deriving.eq"),
    ("ord", "ppx_deriving.ord"),
    ("make", "ppx_deriving.make"),
    ("yojson", "ppx_deriving_yojson"),
    ("to_yojson", "ppx_deriving_yojson"),
    ("of_yojson", "ppx_deriving_yojson"),
];

/// The rewriters that a text asks for.
/// APPROX: words in strings count; a rewriter that finds nothing to do does nothing.
fn rewriters_of(text: &str) -> BTreeSet<&'static str> {
    let text = &without_comments(text);
    let mut found = BTreeSet::new();
    let mut take = |word: &str| {
        found.extend(REWRITERS.iter().filter(|(known, _)| *known == word).map(|&(_, rewriter)| rewriter));
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, _) in text.match_indices("@@deriving") {
        let list = &text[at + "@@deriving".len()..];
        let list = &list[..list.find(']').unwrap_or(list.len())];
        list.split(|c| !is_word(c)).for_each(&mut take);
    }
    for (at, _) in text.match_indices('%') {
        let is_node = text[..at].ends_with(['[', 't', 'h', 'y']);
        let rest = &text[at + 1..];
        if is_node {
            take(&rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]);
        }
    }
    found
}

/// A text without its comments, which may nest. A quote that opens no string (`'"'`) is passed over.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut is_string) = (0usize, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut n = c.len_utf8();
        if is_string {
            is_string = c != '"';
            n += usize::from(c == '\\') * rest[n..].chars().next().map_or(0, char::len_utf8);
        } else if rest.starts_with("'\"'") {
            n = 3;
        } else if c == '"' {
            is_string = true;
        } else if rest.starts_with("(*") {
            (depth, n) = (depth + 1, 2);
        } else if depth > 0 && rest.starts_with("*)") {
            depth -= 1;
            rest = &rest[2..];
            continue;
        }
        if depth == 0 {
            out.push_str(&rest[..n]);
        }
        rest = &rest[n..];
    }
    out
}

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
    let dune =
        format!("(executable\n (name {stem})\n (libraries {libraries})\n (flags (:standard -w -a)))\n");
    vendored.files.insert(dir.join("dune"), Content::Text(dune));
    Ok(format!("{}/{stem}", dir.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewriters_are_found_by_what_they_rewrite() {
        let text = "type t = int [@@deriving sexp, compare]\nlet x = [%here]\nlet y = 5 % fields\nlet%bind z = w (* [%message (* \"*)\" *) x] *)";
        let found: Vec<&str> = rewriters_of(text).into_iter().collect();
        assert_eq!(found, ["ppx_compare", "ppx_here", "ppx_let", "ppx_sexp_conv"]);
    }
}
