//! What a build leaves that counts here (archives, object files, generated sources), and whether it has been made again.
//!
//! Nobody waits for that: a folder is looked at when its editor says that dune's log has changed, and otherwise, with a few
//! questions to the file system, when the user does something.

use crate::project::Project;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// When a file was written last, and its length; none where there is no such file.
type Stamp = Option<(SystemTime, u64)>;

/// When the results of the build were written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Built {
    /// dune's log, and the archives of all libraries.
    few: Vec<(PathBuf, Stamp)>,
    /// Object files of the programs' own modules.
    objects: Vec<(PathBuf, Stamp)>,
    /// Sources below `_build`.
    sources: Vec<(PathBuf, Stamp)>,
}

/// How results of the build differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Rebuilt {
    /// Only these sources were made again.
    Sources(Vec<PathBuf>),
    /// What bytes were measured in was made again.
    Objects,
}

impl Built {
    /// Asks for what a project takes from the build.
    pub(super) fn of(project: &Project) -> Built {
        let below = project.root.join("_build");
        let archives = project.libraries.iter().flat_map(|library| &library.archives);
        let archives = archives.flat_map(|archive| [&archive.objects, &archive.cmxa]).flatten().cloned();
        // dune writes it with every build.
        let few = std::iter::once(below.join("log")).chain(archives);
        let objects = project.units.iter().filter_map(|unit| unit.object.clone());
        let sources = project.files.iter().map(|file| &file.path).filter(|path| path.starts_with(&below));
        Built { few: stamped(few), objects: stamped(objects), sources: stamped(sources.cloned()) }
    }

    /// Whether there may have been a build since: a few questions, for a thread that others wait for.
    pub(super) fn may_be_old(&self) -> bool {
        self.few.iter().any(|(path, stamp)| *stamp != stamp_of(path))
    }

    /// Compares with what there is now.
    pub(super) fn compare(&self, now: &Built) -> Rebuilt {
        let log = 1.min(self.few.len());
        if self.few[log..] != now.few[log.min(now.few.len())..] || self.objects != now.objects {
            return Rebuilt::Objects;
        }
        // The same project has the same files, in the same order.
        let pairs = self.sources.iter().zip(&now.sources);
        Rebuilt::Sources(pairs.filter(|(old, new)| old != new).map(|(_, (path, _))| path.clone()).collect())
    }
}

fn stamped(paths: impl Iterator<Item = PathBuf>) -> Vec<(PathBuf, Stamp)> {
    let stamped = |path: PathBuf| {
        let stamp = stamp_of(&path);
        (path, stamp)
    };
    paths.map(stamped).collect()
}

fn stamp_of(path: &Path) -> Stamp {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_again_is_told_apart() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("a file");
        let look = || Built {
            few: stamped([path("log"), path("a.a")].into_iter()),
            objects: stamped([path("main.o")].into_iter()),
            sources: stamped([path("lexer.ml"), path("parser.ml")].into_iter()),
        };
        write("a.a", "objects");
        let before = look();
        assert_eq!((before.may_be_old(), before.compare(&look())), (false, Rebuilt::Sources(Vec::new())));
        write("log", "# dune build");
        write("parser.ml", "let x = 1");
        assert!(before.may_be_old());
        assert_eq!(before.compare(&look()), Rebuilt::Sources(vec![path("parser.ml")]));
        write("a.a", "more objects");
        assert_eq!(before.compare(&look()), Rebuilt::Objects);
        let before = look();
        write("main.o", "an object");
        assert!(!before.may_be_old());
        assert_eq!(before.compare(&look()), Rebuilt::Objects);
    }
}
