//! What ocamlbuild's `_tags` says of a program: the packages that it is compiled and linked with, the libraries of the
//! project that it uses, the directories whose modules it sees, and `linkall`.
//!
//! A line is `EXPRESSION: TAG, -TAG, TAG(ARGUMENT)`. Expressions are `<GLOB>`, `"PATH"`, `true`, `false`, with `or`, `and`,
//! `not` (also `|`, `&`, `~`) and parentheses; paths are relative to the directory of the file. Lines come in order, so that
//! a later one can take a tag away. Left out: what plug-ins (`myocamlbuild.ml`) make of other tags.
//!
//! Source: the manual of ocamlbuild 0.14, "The tags file".

#[cfg(test)]
mod tests;

use super::super::build::unit_of_file;
use super::super::load;
use super::super::unsaved::Unsaved;
use crate::base::Name;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What holds for one program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tagged {
    /// Packages, in the order of the file.
    pub(crate) packages: Vec<String>,
    /// Libraries of the project, by tags `use_NAME`, in the order of the file.
    pub(crate) uses: Vec<String>,
    /// Directories tagged `include`.
    pub(crate) include_dirs: Vec<PathBuf>,
    /// Whether it is linked with `-linkall`.
    pub(crate) linkall: bool,
}

/// A `_tags` file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Tags {
    /// Where it is.
    pub(crate) file: PathBuf,
    /// The directory that its paths are relative to.
    pub(crate) root: PathBuf,
    text: String,
    subdirs: Vec<String>,
}

impl Tags {
    /// Reads the nearest `_tags` at or above a directory, as far as its project reaches.
    pub(crate) fn near(dir: &Path, unsaved: &Unsaved) -> Option<Self> {
        const MAX_LEVELS: usize = 16;
        // A project that another tool builds, or a repository, ends the search.
        let mut is_over = false;
        let mut dirs = dir.ancestors().take(MAX_LEVELS).take_while(|dir| {
            let was_over = is_over;
            is_over = ["dune-project", ".git"].iter().any(|name| dir.join(name).exists());
            !was_over
        });
        Self::in_dir(dirs.find(|dir| unsaved.is_file(&dir.join("_tags")))?, unsaved)
    }

    /// Reads the `_tags` of a directory.
    pub(crate) fn in_dir(root: &Path, unsaved: &Unsaved) -> Option<Self> {
        let file = root.join("_tags");
        let bytes = unsaved.bytes(&file).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(Tags { file, root: root.to_path_buf(), text, subdirs: subdirs(root) })
    }

    /// Returns the directories of the project, its root first.
    pub(crate) fn dirs(&self) -> Vec<PathBuf> {
        let below = self.subdirs.iter().map(|rel| self.root.join(rel));
        [self.root.clone()].into_iter().chain(below).collect()
    }

    /// Returns what holds for a source file and what is made of it; `None` outside the project.
    pub(crate) fn of(&self, source: &Path) -> Option<Tagged> {
        let stem = source.strip_prefix(&self.root).ok()?.with_extension("");
        Some(read(&self.text, &stem.to_string_lossy(), &self.root, &self.subdirs))
    }

    /// Whether some line speaks of the program made of a source file, and not of the file: `<src/main.{native,byte}>: ...`.
    pub(crate) fn names_program(&self, source: &Path) -> bool {
        let Ok(rel) = source.strip_prefix(&self.root) else { return false };
        let [native, byte, ml] = ["native", "byte", "ml"]
            .map(|extension| rel.with_extension(extension).to_string_lossy().into_owned());
        lines(&self.text).any(|line| {
            let Some((condition, _)) = split(&line) else { return false };
            let holds = |path: &str| Parser { rest: condition }.alternatives(path).unwrap_or(false);
            (holds(&native) || holds(&byte)) && !holds(&ml)
        })
    }
}

/// Returns what a `.mlpack` or `.mllib` lists, in order: modules, perhaps with a directory before them.
pub(crate) fn listed(text: &str) -> Vec<&str> {
    text.lines().flat_map(|line| line.split('#').next().unwrap_or("").split_whitespace()).collect()
}

/// Returns the modules that such a list names, in order.
pub(crate) fn modules(text: &str) -> Vec<Name> {
    listed(text).into_iter().filter_map(|module| unit_of_file(Path::new(module))).collect()
}

/// Returns the tags that a `_tags` gives to a path.
pub(crate) fn tags_of(text: &str, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.replace("\\\n", " ").lines() {
        let line = line.split('#').next().unwrap_or("");
        let Some((condition, tags)) = split(line) else { continue };
        if !(Parser { rest: condition }).alternatives(path).unwrap_or(false) {
            continue;
        }
        for tag in tags.split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()) {
            match tag.strip_prefix('-') {
                Some(tag) => _ = found.remove(tag),
                None => _ = found.insert(tag.strip_prefix('+').unwrap_or(tag).to_owned()),
            }
        }
    }
    found
}

/// Returns a `_tags` without a tag; lines that say nothing else go.
pub(crate) fn without_tag(text: &str, tag: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let Some(at) = line.find(tag) else {
            out.push_str(line);
            continue;
        };
        let (before, behind) =
            (line[..at].trim_end(), line[at + tag.len()..].trim_start_matches([' ', '\t']));
        let rest = match (before.strip_suffix(','), behind.strip_prefix(',')) {
            (Some(before), _) => format!("{before}{behind}"),
            (None, Some(behind)) => format!("{before} {}", behind.trim_start_matches([' ', '\t'])),
            (None, None) => format!("{before}{behind}"),
        };
        let is_empty = split(&rest).is_some_and(|(_, tags)| tags.trim().is_empty());
        if !is_empty {
            out.push_str(&rest);
        }
    }
    out
}

/// The directories below one, relative to it.
pub(super) fn subdirs(root: &Path) -> Vec<String> {
    const MAX: usize = 2000;
    let mut found = Vec::new();
    let mut todo = vec![String::new()];
    while let Some(rel) = todo.pop().filter(|_| found.len() < MAX) {
        let entries = load::list_dir(&root.join(&rel)).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.is_dir && !entry.is_link) {
            if !entry.name.starts_with(['_', '.']) {
                let below = if rel.is_empty() { entry.name.clone() } else { format!("{rel}/{}", entry.name) };
                todo.push(below.clone());
                found.push(below);
            }
        }
    }
    found.sort();
    found
}

/// What a text says of a program; `stem` is its path without extension.
fn read(text: &str, stem: &str, root: &Path, subdirs: &[String]) -> Tagged {
    let mut tagged = Tagged::default();
    let mut included: Vec<&String> = Vec::new();
    let products = ["ml", "cmx", "cmo", "native", "byte"].map(|extension| format!("{stem}.{extension}"));
    for line in lines(text) {
        let Some((condition, tags)) = split(&line) else { continue };
        let holds = |path: &str| Parser { rest: condition }.alternatives(path).unwrap_or(false);
        let is_program = products.iter().any(|path| holds(path));
        for tag in tags.split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()) {
            let (tag, is_off) = match tag.strip_prefix('-') {
                Some(tag) => (tag, true),
                None => (tag.strip_prefix('+').unwrap_or(tag), false),
            };
            if tag == "include" {
                for dir in subdirs.iter().filter(|dir| holds(dir)) {
                    included.retain(|other| *other != dir);
                    if !is_off {
                        included.push(dir);
                    }
                }
            }
            if !is_program {
                continue;
            }
            let argument = |name: &str| tag.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
            if tag == "linkall" {
                tagged.linkall = !is_off;
            } else if let Some(package) = argument("package").or(tag.strip_prefix("pkg_")) {
                tagged.packages.retain(|other| other != package);
                if !is_off {
                    tagged.packages.push(package.to_owned());
                }
            } else if let Some(library) = tag.strip_prefix("use_") {
                tagged.uses.retain(|other| other != library);
                if !is_off {
                    tagged.uses.push(library.to_owned());
                }
            } else if tag == "thread" && !is_off && !tagged.packages.iter().any(|other| other == "threads") {
                tagged.packages.push("threads".to_owned());
            }
        }
    }
    tagged.include_dirs = included.into_iter().map(|dir| root.join(dir)).collect();
    tagged
}

/// The lines of a text, without comments; one that ends in a backslash goes on.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let text = text.replace("\\\n", " ");
    let lines: Vec<String> =
        text.lines().map(|line| line.split('#').next().unwrap_or("").to_owned()).collect();
    lines.into_iter()
}

/// Parts a line at the colon that is not inside a glob or a string.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut closing = None;
    for (at, c) in line.char_indices() {
        match (closing, c) {
            (Some(end), _) if c == end => closing = None,
            (None, '<') => closing = Some('>'),
            (None, '"') => closing = Some('"'),
            (None, ':') => return Some((&line[..at], &line[at + 1..])),
            _ => {}
        }
    }
    None
}

/// An expression of paths. Depth is bounded by the length of a line, and parentheses nest at most as `MAX_DEPTH` says.
struct Parser<'t> {
    rest: &'t str,
}

const MAX_DEPTH: usize = 64;

impl Parser<'_> {
    fn alternatives(&mut self, path: &str) -> Option<bool> {
        let value = self.either(path, 0)?;
        self.rest.trim().is_empty().then_some(value)
    }

    fn either(&mut self, path: &str, depth: usize) -> Option<bool> {
        let mut value = self.both(path, depth)?;
        while self.takes("|") || self.takes("or ") || self.takes("or<") {
            value |= self.both(path, depth)?;
        }
        Some(value)
    }

    fn both(&mut self, path: &str, depth: usize) -> Option<bool> {
        let mut value = self.one(path, depth)?;
        while self.takes("&") || self.takes("and ") || self.takes("and<") {
            value &= self.one(path, depth)?;
        }
        Some(value)
    }

    fn one(&mut self, path: &str, depth: usize) -> Option<bool> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.takes("~") || self.takes("not ") || self.takes("not<") {
            return Some(!self.one(path, depth + 1)?);
        }
        if self.takes("(") {
            let value = self.either(path, depth + 1)?;
            return self.takes(")").then_some(value);
        }
        if self.takes("true") {
            return Some(true);
        }
        if self.takes("false") {
            return Some(false);
        }
        let rest = self.rest.trim_start();
        let (close, is_glob) = match rest.as_bytes().first()? {
            b'<' => ('>', true),
            b'"' => ('"', false),
            _ => return None,
        };
        let end = 1 + rest[1..].find(close)?;
        let text = &rest[1..end];
        self.rest = &rest[end + 1..];
        Some(if is_glob { alternatives(text).iter().any(|glob| matches(glob, path)) } else { text == path })
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(word) else { return false };
        // A glob that follows a word at once stays.
        self.rest = if word.len() > 1 && word.ends_with('<') { &rest[word.len() - 1..] } else { after };
        true
    }
}

/// Writes `{a,b}` out, one level, as often as it is there; globs of very many combinations are cut.
fn alternatives(glob: &str) -> Vec<String> {
    const MAX: usize = 256;
    let mut done = Vec::new();
    let mut todo = vec![glob.to_owned()];
    while let Some(glob) = todo.pop().filter(|_| done.len() < MAX) {
        let parts = glob.find('{').and_then(|open| Some((open, open + glob[open..].find('}')?)));
        match parts {
            Some((open, close)) => todo.extend(
                glob[open + 1..close]
                    .split(',')
                    .map(|choice| format!("{}{choice}{}", &glob[..open], &glob[close + 1..])),
            ),
            None => done.push(glob),
        }
    }
    done
}

/// Whether a path matches a glob: `**` any directories, `*` and `?` inside one name, `[a-z]`.
fn matches(glob: &str, path: &str) -> bool {
    let (glob, path) = (glob.as_bytes(), path.as_bytes());
    // One row of the table of matching prefixes for each piece of the glob.
    let mut row: Vec<bool> = (0..=path.len()).map(|at| at == 0).collect();
    let mut at = 0;
    while at < glob.len() {
        let mut next = vec![false; path.len() + 1];
        let rest = &glob[at..];
        if rest.starts_with(b"**/") {
            at += 3;
            let mut is_open = false;
            for i in 0..=path.len() {
                is_open |= row[i];
                next[i] = row[i] || (is_open && i > 0 && path[i - 1] == b'/');
            }
        } else if rest.starts_with(b"**") {
            at += 2;
            let mut is_open = false;
            for i in 0..=path.len() {
                is_open |= row[i];
                next[i] = is_open;
            }
        } else if rest[0] == b'*' {
            at += 1;
            let mut is_open = false;
            for i in 0..=path.len() {
                is_open = row[i] || (is_open && path[i - 1] != b'/');
                next[i] = is_open;
            }
        } else {
            let (accepts, length): (Box<dyn Fn(u8) -> bool>, usize) = match rest[0] {
                b'?' => (Box::new(|byte| byte != b'/'), 1),
                b'[' => match rest.iter().position(|&byte| byte == b']') {
                    Some(close) => (class(&rest[1..close]), close + 1),
                    None => return false,
                },
                wanted => (Box::new(move |byte| byte == wanted), 1),
            };
            at += length;
            for i in 0..path.len() {
                next[i + 1] = row[i] && accepts(path[i]);
            }
        }
        row = next;
    }
    row[path.len()]
}

fn class(inside: &[u8]) -> Box<dyn Fn(u8) -> bool + '_> {
    let (inside, is_not) = match inside.strip_prefix(b"^") {
        Some(inside) => (inside, true),
        None => (inside, false),
    };
    Box::new(move |byte| {
        let mut left = inside;
        let mut is_in = false;
        while let Some((&first, rest)) = left.split_first() {
            left = match rest {
                [b'-', last, rest @ ..] => {
                    is_in |= (first..=*last).contains(&byte);
                    rest
                }
                _ => {
                    is_in |= first == byte;
                    rest
                }
            };
        }
        is_in != is_not && byte != b'/'
    })
}
