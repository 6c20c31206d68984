//! Lists of modules: `.mllib` says which are archived together, `.mlpack` which `-pack` puts into one unit, `.itarget` what
//! is built by default.
//!
//! Words are parted by blanks, `#` starts a comment. A module may have a directory before it (`src/Foo`), relative to that of
//! the list; else it is looked for beside the list, in the root of the project and in the directories tagged `include`.
//! What is generated is read where ocamlbuild leaves it (`_build`).
//!
//! Source: the manual of ocamlbuild 0.14, "File extensions of the OCaml compiler and common tools"; its `lexers.mll`.

use super::super::build::Sources;
use super::super::load;
use crate::base::{LineCol, capitalise, uncapitalise};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The lists of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Lists {
    /// `.mllib`
    pub(crate) libraries: Vec<List>,
    /// `.mlpack`
    pub(crate) packs: Vec<List>,
    /// What `.itarget` names, as absolute paths.
    pub(crate) targets: Vec<PathBuf>,
}

/// One list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct List {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// Its modules.
    pub(crate) members: Vec<Member>,
}

/// One module of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    /// The module's own name.
    pub(crate) module: String,
    /// Where the list names it.
    pub(crate) at: LineCol,
    /// What it is made of.
    pub(crate) from: From,
}

/// What a module of a list is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum From {
    /// Source files.
    Files(Sources),
    /// The pack of that list.
    Pack(PathBuf),
    /// The same where the implementation, a lexer or grammar, is what OCaml has still to be made of.
    Unmade(Sources),
    /// Nothing that is there.
    Nothing,
}

impl List {
    /// The name of the library, or of the packed module.
    pub(crate) fn name(&self) -> &str {
        self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }
    pub(crate) fn dir(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

impl Lists {
    /// Reads the lists in some directories. `includes` are where further modules may lie.
    pub(crate) fn read(root: &Path, dirs: &[PathBuf], includes: &[PathBuf]) -> Self {
        let mut lists = Lists::default();
        for dir in dirs {
            for entry in load::list_dir(dir).unwrap_or_default() {
                let file = dir.join(&entry.name);
                let Some(extension) = file.extension().and_then(|extension| extension.to_str()) else {
                    continue;
                };
                if entry.is_dir || !matches!(extension, "mllib" | "mlpack" | "itarget") {
                    continue;
                }
                let Ok(bytes) = load::read_bytes(&file, load::BUILD_FILE_LIMIT) else { continue };
                let words = words(&String::from_utf8_lossy(&bytes));
                if extension == "itarget" {
                    lists.targets.extend(words.iter().map(|(word, _)| load::normal(&dir.join(word))));
                    continue;
                }
                let member = |(word, at): &(String, LineCol)| member(word, *at, root, dir, includes);
                let is_pack = extension == "mlpack";
                let list = List { members: words.iter().map(member).collect(), file };
                if is_pack { &mut lists.packs } else { &mut lists.libraries }.push(list);
            }
        }
        lists
    }

    /// The pack of a list.
    pub(crate) fn pack(&self, file: &Path) -> Option<&List> {
        self.packs.iter().find(|list| list.file == file)
    }

    /// The source files of all that these lists hold, packs in them included.
    pub(crate) fn sources<'l>(&'l self, lists: &[&'l List]) -> BTreeSet<&'l Path> {
        let mut sources = BTreeSet::new();
        let mut todo: Vec<&List> = lists.to_vec();
        let mut seen: BTreeSet<&Path> = BTreeSet::new();
        while let Some(list) = todo.pop() {
            if !seen.insert(&list.file) {
                continue;
            }
            for member in &list.members {
                match &member.from {
                    From::Files(files) | From::Unmade(files) => {
                        let both = [&files.implementation, &files.interface];
                        sources.extend(both.into_iter().flatten().map(PathBuf::as_path));
                    }
                    From::Pack(file) => todo.extend(self.pack(file)),
                    From::Nothing => {}
                }
            }
        }
        sources
    }
}

/// What a program has of the lists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Around<'l> {
    /// The libraries that it is linked with.
    pub(crate) libraries: Vec<&'l List>,
    /// The packs among its own modules.
    pub(crate) packs: Vec<&'l List>,
    /// The source files of both: they are no modules of its own.
    pub(crate) taken: BTreeSet<&'l Path>,
}

impl Lists {
    /// What the program of some files has, whose modules lie in `dirs`: the libraries of the names that it uses, or all
    /// where nothing says which; and the packs there, but for those that hold one of the files or are in a library.
    pub(crate) fn around(&self, files: &[PathBuf], dirs: &[PathBuf], uses: Option<&[String]>) -> Around<'_> {
        let holds_file = |list: &List| {
            let sources = self.sources(&[list]);
            files.iter().any(|file| sources.contains(file.as_path()))
        };
        let is_used = |list: &&List| uses.is_none_or(|uses| uses.iter().any(|name| name == list.name()));
        let libraries: Vec<&List> =
            self.libraries.iter().filter(is_used).filter(|list| !holds_file(list)).collect();
        let members = libraries.iter().copied().chain(&self.packs).flat_map(|list| &list.members);
        let held: BTreeSet<&Path> = members
            .filter_map(|member| match &member.from {
                From::Pack(file) => Some(file.as_path()),
                _ => None,
            })
            .collect();
        let packs = self.packs.iter().filter(|pack| {
            dirs.iter().any(|dir| dir == pack.dir())
                && !held.contains(pack.file.as_path())
                && !holds_file(pack)
        });
        let packs: Vec<&List> = packs.collect();
        let all: Vec<&List> = libraries.iter().chain(&packs).copied().collect();
        Around { taken: self.sources(&all), libraries, packs }
    }
}

/// The words of a list, each with its place.
fn words(text: &str) -> Vec<(String, LineCol)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("");
        let mut rest = line;
        while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
            let word = rest[start..].split(char::is_whitespace).next().unwrap_or_default();
            let col = line.len() - rest.len() + start;
            found.push((word.to_owned(), LineCol { line: number as u32 + 1, col: col as u32 }));
            rest = &rest[start + word.len()..];
        }
    }
    found
}

fn member(word: &str, at: LineCol, root: &Path, dir: &Path, includes: &[PathBuf]) -> Member {
    let (below, module) = word.rsplit_once('/').unwrap_or(("", word));
    let places = [dir, root].into_iter().chain(includes.iter().map(PathBuf::as_path));
    let from = places.map(|place| load::normal(&place.join(below))).find_map(|place| files(&place, module));
    Member { module: capitalise(module), at, from: from.unwrap_or(From::Nothing) }
}

/// Where ocamlbuild leaves what it makes of a directory: its copy below the nearest `_build`.
pub(crate) fn built_dir(dir: &Path) -> Option<PathBuf> {
    const MAX_LEVELS: usize = 16;
    let roots = dir.ancestors().take(MAX_LEVELS);
    let copies = roots.filter_map(|root| Some(root.join("_build").join(dir.strip_prefix(root).ok()?)));
    copies.into_iter().find(|copy| load::is_dir(copy))
}

/// The modules of a directory that a lexer or grammar there is the source of.
pub(crate) fn generated(dir: &Path) -> Vec<(String, From)> {
    let mut found = Vec::new();
    for entry in load::list_dir(dir).unwrap_or_default() {
        let Some((stem, "mll" | "mly")) = entry.name.split_once('.') else { continue };
        let has_source = load::is_file(&dir.join(format!("{stem}.ml")));
        if !entry.is_dir && !has_source && super::super::build::is_module_stem(stem) {
            found.extend(files(dir, stem).map(|from| (capitalise(stem), from)));
        }
    }
    found
}

/// What makes a module in a directory.
fn files(dir: &Path, module: &str) -> Option<From> {
    let built = built_dir(dir);
    for stem in [uncapitalise(module), capitalise(module)] {
        let there = |dir: &Path, extension: &str| {
            Some(dir.join(format!("{stem}.{extension}"))).filter(|file| load::is_file(file))
        };
        let sources = Sources { implementation: there(dir, "ml"), interface: there(dir, "mli") };
        if sources.implementation.is_some() {
            return Some(From::Files(sources));
        }
        if let Some(pack) = there(dir, "mlpack") {
            return Some(From::Pack(pack));
        }
        let grammar = there(dir, "mly");
        if let Some(from) = there(dir, "mll").or_else(|| grammar.clone()) {
            let made = built.as_deref().and_then(|built| there(built, "ml"));
            let made = made.or_else(|| there(dir, "ml"));
            let interface = || built.as_deref().and_then(|built| there(built, "mli"));
            return Some(match made {
                Some(ml) => From::Files(Sources {
                    implementation: Some(ml),
                    interface: sources.interface.or_else(interface),
                }),
                None => From::Unmade(Sources {
                    interface: sources.interface.or_else(|| grammar.filter(|grammar| *grammar == from)),
                    implementation: Some(from),
                }),
            });
        }
        if sources.interface.is_some() {
            return Some(From::Files(sources));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_places() {
        let found = words("# a library\nFoo  src/Bar # two\n\n  baz\n");
        let shown: Vec<String> =
            found.iter().map(|(word, at)| format!("{word} {}:{}", at.line, at.col)).collect();
        assert_eq!(shown, ["Foo 2:0", "src/Bar 2:5", "baz 4:2"]);
    }

    #[test]
    fn a_module_is_looked_for_where_its_path_says_and_then_in_the_included_directories() {
        let temporary = tempfile::tempdir().expect("temporary directories can be made");
        let root = temporary.path();
        for (path, text) in [
            ("lib/kit.mllib", "Kit sub/Deep Shared Inner Lexer Gone"),
            ("lib/kit.ml", ""),
            ("lib/sub/deep.ml", ""),
            ("lib/sub/deep.mli", ""),
            ("src/shared.ml", ""),
            ("lib/inner.mlpack", "Kit"),
            ("lib/lexer.mll", ""),
            ("_build/lib/lexer.ml", ""),
        ] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().expect("it lies in the tree")).expect("it can be made");
            std::fs::write(path, text).expect("it can be written");
        }
        let lists = Lists::read(root, &[root.join("lib")], &[root.join("src")]);
        let shown = lists.libraries[0].members.iter().map(|member| match &member.from {
            From::Files(files) => {
                let file = files.implementation.as_ref().and_then(|file| file.strip_prefix(root).ok());
                let more = if files.interface.is_some() { "+" } else { "" };
                format!("{} {}{more}", member.module, file.unwrap_or(Path::new("-")).display())
            }
            From::Pack(_) => format!("{} pack", member.module),
            From::Unmade(_) => format!("{} to be made", member.module),
            From::Nothing => format!("{} nothing", member.module),
        });
        let shown: Vec<String> = shown.collect();
        assert_eq!(
            shown,
            [
                "Kit lib/kit.ml",
                "Deep lib/sub/deep.ml+",
                "Shared src/shared.ml",
                "Inner pack",
                "Lexer _build/lib/lexer.ml",
                "Gone nothing"
            ]
        );
    }
}
