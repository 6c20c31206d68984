//! Everything that this stage asks the disk and the environment: the readers behind it are functions of text.
//!
//! Nothing is ever written, and no program is run. Listings are sorted, so results do not depend on the file system.

pub(crate) use crate::base::read_regular as read_bytes;
use crate::base::{Code, Problem, Severity, open_regular};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Build files longer than this are refused: none is written by people.
pub(crate) const BUILD_FILE_LIMIT: u64 = 8 << 20;
/// Archives' link information longer than this is refused.
pub(crate) const ARCHIVE_LIMIT: u64 = 256 << 20;

/// What the environment says about where OCaml and its libraries are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Environment {
    /// `OCAMLPATH`: directories of packages, before those of the configuration.
    pub ocamlpath: Option<String>,
    /// `OCAMLFIND_CONF`: findlib's configuration file.
    pub ocamlfind_conf: Option<String>,
    /// `OPAM_SWITCH_PREFIX`: the opam switch in use.
    pub opam_switch_prefix: Option<String>,
    /// `OCAMLLIB` or `CAMLLIB`: the directory of the standard library.
    pub ocamllib: Option<String>,
    /// The directory in which to look for `_opam` upwards; the working directory.
    pub working_dir: Option<PathBuf>,
    /// Further directories in which OCaml itself may be installed (`PREFIX/lib/ocaml` for each `PREFIX/bin` of `PATH`).
    pub compiler_dirs: Vec<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| var(name).map(|value: OsString| value.to_string_lossy().into_owned());
        let path = var("PATH").unwrap_or_default();
        let prefixes = std::env::split_paths(&path)
            .filter_map(|bin| bin.parent().map(|prefix| prefix.join("lib/ocaml")));
        let usual = ["/usr/local/lib/ocaml", "/usr/lib/ocaml"].map(PathBuf::from);
        Environment {
            ocamlpath: text("OCAMLPATH"),
            ocamlfind_conf: text("OCAMLFIND_CONF"),
            opam_switch_prefix: text("OPAM_SWITCH_PREFIX"),
            ocamllib: text("OCAMLLIB").or_else(|| text("CAMLLIB")),
            working_dir: std::env::current_dir().ok(),
            compiler_dirs: prefixes.chain(usual).collect(),
        }
    }
}

/// Returns what a variable of this process's environment says.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Sources longer than this are refused: offsets have 32 bits.
const SOURCE_LIMIT: u64 = 1 << 30;

/// Reads a source file; a compiled interface (`.cmi`) reads as the text of its signature.
///
/// # Errors
/// What the file system says, or why a compiled interface is not understood; also for what is not a regular file, and for files
/// longer than a gigabyte.
pub fn read_source(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = read_bytes(path, SOURCE_LIMIT)?;
    if path.extension().is_some_and(|extension| extension == "cmi") {
        return super::cmi::interface_text(&bytes).map(String::into_bytes).map_err(io::Error::other);
    }
    Ok(bytes)
}

/// Reads a build file as text; what is not UTF-8 is replaced and reported.
pub(crate) fn read_build_file(path: &Path, shown: &Path, problems: &mut Vec<Problem>) -> Option<String> {
    let bytes = match read_bytes(path, BUILD_FILE_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!("cannot read this build file: {error}");
            problems.push(
                Problem::new(Severity::Error, Code::Unreadable, message)
                    .at(shown, None)
                    .help("what it declares is left out; make it readable, or remove it"),
            );
            return None;
        }
    };
    Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            problems.push(
                Problem::new(Severity::Warning, Code::NotUtf8, "this build file is not valid UTF-8")
                    .at(shown, None)
                    .help("it was read with the broken bytes replaced; save it as UTF-8"),
            );
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
    })
}

/// One entry of a directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Entry {
    /// Its name; names that are not UTF-8 are left out of listings.
    pub(crate) name: String,
    /// Whether it is a directory, links followed.
    pub(crate) is_dir: bool,
    /// Whether it is a symbolic link.
    pub(crate) is_link: bool,
}

/// Lists a directory, sorted by name; entries that vanish or cannot be looked at are left out.
pub(crate) fn list_dir(dir: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let is_link = kind.is_symlink();
        let is_dir = if is_link { entry.path().is_dir() } else { kind.is_dir() };
        if !is_dir && !is_link && !kind.is_file() {
            continue; // sockets, pipes and devices are never read
        }
        entries.push(Entry { name, is_dir, is_link });
    }
    entries.sort();
    Ok(entries)
}

/// Whether a regular file (links followed) is there.
pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Whether a directory (links followed) is there.
pub(crate) fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// The path with links and dots resolved, or as it is where that fails.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// How many bytes a file has; none where that cannot be known.
pub(crate) fn file_length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

/// Reads the number of its format from a compiled file: `030` of `Caml1999Z030`.
pub(crate) fn format(path: &Path) -> Option<[u8; 3]> {
    let mut magic = [0; 12];
    io::Read::read_exact(&mut open_regular(path).ok()?.0, &mut magic).ok()?;
    let [.., a, b, c] = magic;
    (magic.starts_with(b"Caml1999") && [a, b, c].iter().all(u8::is_ascii_digit)).then_some([a, b, c])
}

/// When a file was changed last.
pub(crate) fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// Makes a path absolute without looking at the disk, `.` and `..` resolved by name.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    normal(&full)
}

/// Resolves `.` and `..` by name alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if matches!(out.components().next_back(), Some(Component::Normal(_))) {
                    out.pop();
                } else if !out.has_root() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved_by_name() {
        let show = |path: &str| normal(Path::new(path)).to_string_lossy().into_owned();
        assert_eq!([show("/a/./b/../c"), show("../x"), show("a/.."), show("/..")], ["/a/c", "../x", "", "/"]);
    }

    #[test]
    fn a_directory_is_not_a_file_to_read() {
        assert!(read_bytes(Path::new("/"), 10).is_err());
    }
}
