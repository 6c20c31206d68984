//! The modules of one directory: its `.ml` and `.mli` files, those that rules make, and which stanza has which.
//!
//! A generated file is looked for where dune leaves it (`_build/default`); of one that is not there, what ocamllex, ocamlyacc or
//! menhir will make is told from their source, and any other is known by name only.

use super::super::build::is_module_stem;
use super::super::generator::{Generator, MenhirFlags};
use super::super::load;
use super::super::sexp::{Sexp, field};
use super::lang::{Word, expand, matches, ordered_set};
use super::rules::{conditional_from, copied_from, generated_from, rule_targets, written};
use super::tree::{DuneDir, IncludeSubdirs, Stanza, Tree};
use crate::base::{LineCol, capitalise, uncapitalise};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One source file of a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ModuleFile {
    /// It is there.
    There {
        /// Where to read it.
        path: PathBuf,
        /// What it was made from, where it was made.
        from: Option<PathBuf>,
    },
    /// The build makes it, and has not done so yet, but what it will say can be told from what it is made of.
    Unmade {
        /// What it is made of.
        from: PathBuf,
        /// What makes it.
        generator: Generator,
    },
    /// The build makes it, and has not done so yet.
    Missing {
        /// What it is made from, where that is known: a `.mll`, or the file with the rule.
        from: PathBuf,
    },
}

impl ModuleFile {
    /// Where to read it.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            ModuleFile::There { path, .. } | ModuleFile::Unmade { from: path, .. } => Some(path),
            ModuleFile::Missing { .. } => None,
        }
    }
    /// What it is made from.
    pub(crate) fn from(&self) -> Option<&Path> {
        match self {
            ModuleFile::There { from, .. } => from.as_deref(),
            ModuleFile::Unmade { from, .. } | ModuleFile::Missing { from } => Some(from),
        }
    }
    /// What will make OCaml of it.
    pub(crate) fn generator(&self) -> Option<&Generator> {
        match self {
            ModuleFile::Unmade { generator, .. } => Some(generator),
            ModuleFile::There { .. } | ModuleFile::Missing { .. } => None,
        }
    }
}

/// One module of a directory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ModuleFiles {
    /// The `.ml`.
    pub(crate) implementation: Option<ModuleFile>,
    /// The `.mli`.
    pub(crate) interface: Option<ModuleFile>,
    /// With `(include_subdirs qualified)`: the modules that it lies in, outermost first.
    pub(crate) group: Vec<String>,
}

/// Modules by name (with a qualified one's path before it, parted by dots), and names that two files claim.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DirModules {
    /// By name.
    pub(crate) modules: BTreeMap<String, ModuleFiles>,
    /// Files that make a module that another file makes already.
    pub(crate) duplicates: Vec<(String, PathBuf)>,
}

/// Collects the modules of `dir` and of the subdirectories that belong to it. Stanzas that are turned off, by directory and place
/// there, make none.
pub(crate) fn dir_modules(
    tree: &Tree,
    root: &Path,
    dir: usize,
    off: &BTreeSet<(usize, usize)>,
) -> DirModules {
    let mode = tree.dirs[dir].include_subdirs().unwrap_or(IncludeSubdirs::No);
    let mut found = DirModules::default();
    let mut todo = vec![(dir, Vec::new())];
    while let Some((index, group)) = todo.pop() {
        let dir = &tree.dirs[index];
        let mut collector = Collector { tree, root, off, dir, group: &group, found: &mut found };
        collector.add_sources();
        stanzas_on(tree, index, off).for_each(|stanza| collector.add_generated(stanza));
        if mode != IncludeSubdirs::No {
            for &sub in dir.subdirs.iter().rev() {
                if tree.dirs[sub].include_subdirs().is_none()
                    && !tree.dirs[sub].is_data
                    && is_part(&tree.dirs[sub])
                {
                    let mut inner = group.clone();
                    if mode == IncludeSubdirs::Qualified {
                        let name = tree.dirs[sub]
                            .path
                            .file_name()
                            .and_then(|name| name.to_str())
                            .unwrap_or_default();
                        inner.push(capitalise(name));
                    }
                    todo.push((sub, inner));
                }
            }
        }
    }
    found
}

/// The stanzas of a directory that are not turned off.
fn stanzas_on<'t>(
    tree: &'t Tree,
    dir: usize,
    off: &BTreeSet<(usize, usize)>,
) -> impl Iterator<Item = &'t Stanza> {
    let stanzas = tree.dirs[dir].stanzas.iter().enumerate();
    stanzas.filter(move |&(place, _)| !off.contains(&(dir, place))).map(|(_, stanza)| stanza)
}

/// A subdirectory with a project of its own is not part of the directory above.
fn is_part(dir: &DuneDir) -> bool {
    dir.files.binary_search_by(|file| file.as_str().cmp("dune-project")).is_err()
}

struct Collector<'a> {
    tree: &'a Tree,
    root: &'a Path,
    /// The stanzas that are turned off.
    off: &'a BTreeSet<(usize, usize)>,
    dir: &'a DuneDir,
    group: &'a [String],
    found: &'a mut DirModules,
}

impl Collector<'_> {
    fn add_sources(&mut self) {
        for file in &self.dir.files {
            let path = self.dir.path.join(file);
            self.add(file, ModuleFile::There { path, from: None });
        }
    }
    /// Adds a file by its name, if it is one of a module.
    fn add(&mut self, file: &str, module_file: ModuleFile) {
        let Some((stem, extension)) = file.split_once('.') else { return };
        if !is_module_stem(stem) || !matches!(extension, "ml" | "mli") {
            return;
        }
        let name = capitalise(stem);
        let key = self.group.iter().cloned().chain([name]).collect::<Vec<_>>().join(".");
        let module = self.found.modules.entry(key.clone()).or_default();
        module.group = self.group.to_vec();
        let slot = if extension == "ml" { &mut module.implementation } else { &mut module.interface };
        match (slot.as_ref(), module_file) {
            (None, file) => *slot = Some(file),
            // A source in the tree wins over a rule (`(mode fallback)`, `(mode promote)`) in its own directory.
            (Some(ModuleFile::There { path, from: None }), ModuleFile::There { path: other, from: None })
                if *path != other =>
            {
                self.found.duplicates.push((key, other));
            }
            _ => {}
        }
    }
    /// Adds a file that the build makes, with a generator that is known or some other way.
    fn add_built(&mut self, file: &str, from: PathBuf, generator: Option<&Generator>) {
        let built = self.tree.built(self.root, &self.dir.rel.join(file), load::is_file);
        let module_file = if load::is_file(&built) {
            ModuleFile::There { path: built, from: Some(from) }
        } else if let Some(generator) = generator.filter(|_| load::is_file(&from)) {
            ModuleFile::Unmade { from, generator: generator.clone() }
        } else {
            ModuleFile::Missing { from }
        };
        self.add(file, module_file);
    }
    fn add_generated(&mut self, stanza: &Stanza) {
        match stanza.kind.as_str() {
            "ocamllex" => self.add_parsers(stanza, "mll", &Generator::Ocamllex),
            "ocamlyacc" => self.add_parsers(stanza, "mly", &Generator::Ocamlyacc),
            "menhir" => self.add_menhir(stanza),
            "coq.pp" => {
                let listed = field(&stanza.fields, "modules").unwrap_or_default();
                for word in ordered_set(listed, &[], &mut |_, _| Vec::new()) {
                    let from = self.dir.path.join(format!("{}.mlg", word.text));
                    self.add_built(&format!("{}.ml", word.text), from, None);
                }
            }
            "rule" => {
                for target in rule_targets(&stanza.fields) {
                    let file = |source: Option<String>| source.and_then(|source| self.source_of(&source));
                    if let Some(path) = file(copied_from(&stanza.fields, &target)) {
                        self.add(&target, ModuleFile::There { path, from: None });
                    } else if let Some(path) = file(conditional_from(&stanza.fields, &target))
                        && !includes_others(&path)
                    {
                        let from = Some(path.clone());
                        self.add(&target, ModuleFile::There { path, from });
                    } else if let Some((source, generator)) = generated_from(&stanza.fields, &target)
                        && let Some(from) = self.source_of(&source)
                    {
                        self.add_built(&target, from, Some(&generator));
                    } else {
                        let generator = written(&stanza.fields, &target);
                        self.add_built(&target, self.root.join(&stanza.file), generator.as_ref());
                    }
                }
            }
            "copy_files" | "copy_files#" => self.add_copies(stanza),
            _ => {}
        }
    }
    /// The file of this directory or another that a rule reads.
    fn source_of(&self, source: &str) -> Option<PathBuf> {
        let root = |variable: &str| match variable {
            "workspace_root" => Some(self.root.to_path_buf()),
            "project_root" => Some(self.root.join(&self.tree.projects[self.dir.project].rel)),
            _ => None,
        };
        let source = expand(source, &|variable| Some(root(variable)?.to_str()?.to_owned()))?;
        Some(load::normal(&self.dir.path.join(source))).filter(|path| load::is_file(path))
    }
    fn add_parsers(&mut self, stanza: &Stanza, extension: &str, generator: &Generator) {
        let listed = field(&stanza.fields, "modules").unwrap_or(&stanza.fields);
        for word in ordered_set(listed, &[], &mut |_, _| Vec::new()) {
            let from = self.dir.path.join(format!("{}.{extension}", word.text));
            self.add_built(&format!("{}.ml", word.text), from.clone(), Some(generator));
            if *generator != Generator::Ocamllex {
                self.add_built(&format!("{}.mli", word.text), from, Some(generator));
            }
        }
    }
    fn add_menhir(&mut self, stanza: &Stanza) {
        let listed = field(&stanza.fields, "modules").unwrap_or_default();
        let modules: Vec<_> = ordered_set(listed, &[], &mut |_, _| Vec::new());
        let merged = field(&stanza.fields, "merge_into").and_then(|rest| rest.first()).and_then(Sexp::atom);
        let outputs: Vec<&str> = match merged {
            Some(output) => vec![output],
            None => modules.iter().map(|word| word.text.as_str()).collect(),
        };
        let flags = field(&stanza.fields, "flags").unwrap_or_default();
        let flags = ordered_set(flags, &[], &mut |_, _| Vec::new());
        let generator = Generator::Menhir(MenhirFlags::read(flags.iter().map(|word| word.text.as_str())));
        // Of a grammar in several files no one file has it all.
        let generator = Some(&generator).filter(|_| merged.is_none() || modules.len() == 1);
        for output in outputs {
            let grammar = modules.iter().find(|word| word.text == output).or(modules.first());
            let from = self.dir.path.join(format!("{}.mly", grammar.map_or(output, |word| &word.text)));
            self.add_built(&format!("{output}.ml"), from.clone(), generator);
            self.add_built(&format!("{output}.mli"), from, generator);
        }
    }
    /// `(copy_files GLOB)`, `(copy_files (files GLOB))`: the files of another directory as if they were here.
    fn add_copies(&mut self, stanza: &Stanza) {
        let glob = match field(&stanza.fields, "files") {
            Some(files) => files.first().and_then(Sexp::atom),
            None => stanza.fields.first().and_then(Sexp::atom),
        };
        let up_to = |above: &Path| {
            let below = self.dir.rel.strip_prefix(above).unwrap_or(&self.dir.rel);
            let up = below.components().map(|_| "..").collect::<Vec<_>>().join("/");
            if up.is_empty() { ".".to_string() } else { up }
        };
        let here = |variable: &str| match variable {
            "project_root" => Some(up_to(&self.tree.projects[self.dir.project].rel)),
            "workspace_root" => Some(up_to(Path::new(""))),
            _ => None,
        };
        let Some(glob) = glob.and_then(|glob| expand(glob, &here)) else { return };
        let (dir, pattern) = glob.rsplit_once('/').unwrap_or(("", &glob));
        let rel = load::normal(&self.dir.rel.join(dir));
        if rel == self.dir.rel {
            return;
        }
        match self.tree.dirs.iter().position(|other| other.rel == rel) {
            Some(index) => {
                let other = &self.tree.dirs[index];
                for file in other.files.iter().filter(|file| matches(pattern, file)) {
                    let module_file = ModuleFile::There { path: other.path.join(file), from: None };
                    self.add(file, module_file);
                }
                // What rules make there is copied too; they are looked at one step deep.
                let mut made = DirModules::default();
                let mut inner = Collector { dir: other, group: &[], found: &mut made, ..*self };
                stanzas_on(self.tree, index, self.off)
                    .filter(|stanza| !stanza.kind.starts_with("copy"))
                    .for_each(|stanza| inner.add_generated(stanza));
                for (name, files) in made.modules {
                    for (module_file, extension) in [(files.implementation, "ml"), (files.interface, "mli")] {
                        let file = format!("{}.{extension}", uncapitalise(&name));
                        if let Some(module_file) = module_file.filter(|_| matches(pattern, &file)) {
                            self.add(&file, module_file);
                        }
                    }
                }
            }
            // The directory is not part of the tree (data only, or `_`): its files are there all the same.
            None => {
                let dir = load::normal(&self.dir.path.join(dir));
                for entry in load::list_dir(&dir).unwrap_or_default() {
                    if !entry.is_dir && matches(pattern, &entry.name) {
                        let module_file = ModuleFile::There { path: dir.join(&entry.name), from: None };
                        self.add(&entry.name, module_file);
                    }
                }
            }
        }
    }
}

/// Whether cppo puts other files into a source (`#include "FILE"`): it does not say all that its module does.
fn includes_others(source: &Path) -> bool {
    let text = load::read_source(source).unwrap_or_default();
    let is_include = |line: &[u8]| {
        let word = line.trim_ascii_start().strip_prefix(b"#").map(<[u8]>::trim_ascii_start);
        word.is_some_and(|word| word.starts_with(b"include"))
    };
    text.split(|&byte| byte == b'\n').any(is_include)
}

/// The names of a stanza's modules among those of its directory: `(modules ..)`, all by default; and the words that name none.
/// `lacks` is told of the files that are included and not there.
pub(crate) fn stanza_modules(
    listed: Option<&[Sexp]>,
    all: &DirModules,
    mut lacks: impl FnMut(&str, LineCol),
) -> (Vec<String>, Vec<Word>) {
    let Some(items) = listed else { return (all.modules.keys().cloned().collect(), Vec::new()) };
    let at = LineCol { line: 0, col: 0 };
    // A directory of thousands of modules may have thousands of stanzas, most of which name a module or two.
    let standard: Vec<Word> = match names_standard(items) {
        true => all.modules.keys().map(|name| Word { text: name.clone(), at }).collect(),
        false => Vec::new(),
    };
    let mut include = |file: &str, at: LineCol| {
        lacks(file, at);
        Vec::new()
    };
    let words = ordered_set(&as_modules(items), &standard, &mut include);
    let (there, missing): (Vec<_>, Vec<_>) =
        words.into_iter().partition(|word| all.modules.contains_key(&word.text));
    let mut names: Vec<String> = there.into_iter().map(|word| word.text).collect();
    names.sort();
    names.dedup();
    (names, missing)
}

/// Whether a set has all modules of the directory in it somewhere.
fn names_standard(items: &[Sexp]) -> bool {
    items.iter().any(|item| match item {
        Sexp::Atom { .. } => item.is_word(":standard"),
        Sexp::List { items, .. } => names_standard(items),
    })
}

/// The same set with its words as names of modules, so that `:standard \ foo` takes Foo away, in nested lists too.
fn as_modules(items: &[Sexp]) -> Vec<Sexp> {
    let of_item = |item: &Sexp| match item {
        Sexp::Atom { text, quoted, at } if *quoted || !text.starts_with([':', '\\']) => {
            let text = capitalise(text.rsplit('/').next().unwrap_or(text));
            Sexp::Atom { text, quoted: *quoted, at: *at }
        }
        Sexp::Atom { .. } => item.clone(),
        Sexp::List { items, at } if items.first().is_some_and(|head| head.is_word(":include")) => {
            Sexp::List { items: items.clone(), at: *at }
        }
        // The reader bounds how deep lists nest.
        Sexp::List { items, at } => Sexp::List { items: as_modules(items), at: *at },
    };
    items.iter().map(of_item).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::sexp::read;
    use super::*;

    #[test]
    fn modules_of_stanzas() {
        let mut all = DirModules::default();
        for name in ["Foo", "Bar", "Baz"] {
            all.modules.insert(name.into(), ModuleFiles::default());
        }
        let check = |text: &str| {
            let (names, missing) = stanza_modules(Some(&read(text).0), &all, |_, _| {});
            let missing: Vec<_> = missing.iter().map(|word| word.text.as_str()).collect();
            (names.join(" "), missing.join(" "))
        };
        assert_eq!(check(":standard \\ foo"), ("Bar Baz".into(), "".into()));
        assert_eq!(check("foo Bar gone"), ("Bar Foo".into(), "Gone".into()));
        assert_eq!(check(""), ("".into(), "".into()));
        assert_eq!(stanza_modules(None, &all, |_, _| {}).0.len(), 3);
    }
}
