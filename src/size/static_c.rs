//! The system's static C libraries, which a static executable has inside.
//!
//! Takes the places where gcc and the C library are installed on Linux, gives the archives in the order of gcc's command line
//! (`gcc -static -dumpspecs`): what was asked for, then libgcc, libgcc_eh and libc as a group that is searched until nothing
//! more is taken. A `lib*.a` may be a linker script that names archives (glibc's `libm.a`).

use crate::base::read_regular_text;
use std::path::{Path, PathBuf};

/// Where static libraries lie.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct SystemDirs {
    dirs: Vec<PathBuf>,
}

impl SystemDirs {
    /// Looks for the directories of this machine: the newest gcc's, then the C library's.
    pub(super) fn of_machine() -> SystemDirs {
        let mut dirs = Vec::new();
        for triple in subdirs(Path::new("/usr/lib/gcc")) {
            let mut versions = subdirs(&triple);
            let number = |path: &PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                name.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>()
            };
            versions.sort_by_key(number);
            dirs.extend(versions.pop());
            dirs.extend(triple.file_name().map(|name| Path::new("/usr/lib").join(name)));
        }
        dirs.extend(["/usr/lib64", "/usr/lib", "/lib64", "/lib"].map(PathBuf::from));
        dirs.retain(|dir| dir.is_dir());
        SystemDirs { dirs }
    }

    /// Returns the archives that `-lNAME` means; none where it is not installed.
    pub(super) fn find(&self, name: &str) -> Vec<PathBuf> {
        let file = format!("lib{name}.a");
        let found = self.dirs.iter().map(|dir| dir.join(&file)).find(|path| path.is_file());
        let Some(path) = found else { return Vec::new() };
        match script(&path) {
            Some(archives) => archives,
            None => vec![path],
        }
    }
}

fn subdirs(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// The archives that a linker script names; `None` where the file is none: scripts are short texts.
fn script(path: &Path) -> Option<Vec<PathBuf>> {
    let text = read_regular_text(path, 4096).ok()?;
    let (_, rest) = text.split_once("GROUP")?;
    let names = rest.split(|c: char| c.is_whitespace() || c == '(' || c == ')');
    Some(names.filter(|name| name.ends_with(".a")).map(PathBuf::from).filter(|path| path.is_file()).collect())
}
