//! All files of one patch: sources as they are, changes to them, new files, and what the build has to be told.

use super::known::Known;
use super::source::{Changes, Source};
use super::{FileEdit, Patch, Refusal};
use crate::base::{FileId, LineCol, Place, Span, UnitId, uncapitalise};
use crate::parse::{ItemKind, ModuleExpr};
use crate::project::{Library, ModuleChange, add_modules};
use crate::resolve::{Evaluator, Texts, World, through_opens};
use crate::split::fresh::unwrapped;
use crate::split::model::{EditAction, Risk};
use crate::split::world::Tree;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The version of dune's language since which a library may have modules of its own.
const PRIVATE_MODULES: (u32, u32) = (1, 2);

/// Collects the edits of one patch.
pub(super) struct Writer<'a> {
    pub(super) tree: Tree<'a>,
    pub(super) eval: Evaluator<'a>,
    texts: &'a dyn Texts,
    pub(super) known: &'a Known,
    sources: BTreeMap<FileId, Rc<Source<'a>>>,
    changes: BTreeMap<FileId, Changes>,
    /// New files and files that are written as a whole, by path.
    files: BTreeMap<PathBuf, FileEdit>,
    risks: Vec<Risk>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(tree: Tree<'a>, texts: &'a dyn Texts, world: &'a World<'a>, known: &'a Known) -> Self {
        Writer {
            tree,
            eval: Evaluator::new(world),
            texts,
            known,
            sources: BTreeMap::new(),
            changes: BTreeMap::new(),
            files: BTreeMap::new(),
            risks: Vec::new(),
        }
    }

    /// Returns a source file, reading it when first asked for.
    pub(super) fn source(&mut self, file: FileId) -> Result<Rc<Source<'a>>, Refusal> {
        let known = self.tree.project.file(file);
        if known.generator.is_some() {
            let message = "this is not OCaml, but what a generator makes it of: the change belongs here";
            return Err(Refusal::new(
                "generated-source",
                message.to_owned(),
                Some((known.shown.clone(), None)),
            ));
        }
        self.read(file)
    }

    /// Returns a source file, or the one that a generator reads: what is known of it has its places there.
    fn read(&mut self, file: FileId) -> Result<Rc<Source<'a>>, Refusal> {
        if let Some(source) = self.sources.get(&file) {
            return Ok(source.clone());
        }
        let known = self.tree.project.file(file);
        let facts = self.tree.facts(file).ok_or_else(|| {
            Refusal::new("unreadable", "it was not read", Some((known.shown.clone(), None)))
        })?;
        let source = Rc::new(Source::read(known, facts, self.texts, self.known.layout(file))?);
        if let Some(error) = facts.errors.first() {
            return Err(source.refuse("syntax", "this part does not parse", error.start));
        }
        self.sources.insert(file, source.clone());
        Ok(source)
    }

    /// Returns the implementation of a unit that is only asked what it names: it may be what a generator reads.
    pub(super) fn client(&mut self, unit: UnitId) -> Result<(FileId, Rc<Source<'a>>), Refusal> {
        match self.tree.project.unit(unit).implementation() {
            Some(file) => Ok((file, self.read(file)?)),
            None => self.implementation(unit),
        }
    }

    /// Returns the implementation of a unit, which must have one of its own.
    pub(super) fn implementation(&mut self, unit: UnitId) -> Result<(FileId, Rc<Source<'a>>), Refusal> {
        let file = self.tree.project.unit(unit).implementation();
        let file = file.ok_or_else(|| {
            Refusal::new(
                "generated-source",
                format!("{} has no implementation file to change", self.tree.unit_name(unit)),
                None,
            )
        })?;
        Ok((file, self.source(file)?))
    }

    /// Returns the interface of a unit, where there is one.
    pub(super) fn interface(&mut self, unit: UnitId) -> Result<Option<(FileId, Rc<Source<'a>>)>, Refusal> {
        match self.tree.project.unit(unit).interface() {
            Some(file) => Ok(Some((file, self.source(file)?))),
            None => Ok(None),
        }
    }

    /// The changes to a file.
    pub(super) fn change(&mut self, file: FileId) -> &mut Changes {
        self.changes.entry(file).or_default()
    }

    /// Notes something to look at.
    pub(super) fn risk(&mut self, risk: Risk) {
        self.risks.push(risk);
    }

    /// Adds a file beside another one: `(host, "Core", "mli")` is `core.mli` in the directory of `host`.
    pub(super) fn create(
        &mut self,
        host: FileId,
        module: &str,
        extension: &str,
        text: String,
    ) -> Result<(), Refusal> {
        let host = self.tree.project.file(host);
        let file = format!("{}.{extension}", uncapitalise(module));
        if !module.is_ascii() {
            let message = format!("dune takes no module that is called {module}");
            return Err(Refusal::new("module-name", message, Some((host.shown.clone(), None))));
        }
        let (path, shown) = (host.path.with_file_name(&file), host.shown.with_file_name(&file));
        if self.texts.read(&path).is_ok() {
            return Err(Refusal::new("name-taken", format!("{file} is there already"), Some((shown, None))));
        }
        let edit = FileEdit {
            path: path.clone(),
            shown,
            action: EditAction::Create,
            old_text: String::new(),
            new_text: text,
        };
        self.files.insert(path, edit);
        Ok(())
    }

    /// Writes a file anew.
    pub(super) fn rewrite(&mut self, file: FileId, text: String) -> Result<(), Refusal> {
        let source = self.source(file)?;
        let edit = FileEdit {
            path: source.path.clone(),
            shown: source.shown.clone(),
            action: EditAction::Modify,
            old_text: source.text.clone(),
            new_text: text,
        };
        self.files.insert(source.path.clone(), edit);
        Ok(())
    }

    /// Tells the build of new modules of the library of a unit, and of modules that clients may no longer name; the new ones
    /// are built as the unit is.
    pub(super) fn list_modules(
        &mut self,
        unit: UnitId,
        added: Vec<String>,
        private: Vec<String>,
    ) -> Result<(), Refusal> {
        let project = self.tree.project;
        let library = project.library(project.unit(unit).library);
        let title = library.name.to_string();
        if library.demands_interfaces {
            self.lacking_interfaces();
        }
        let private = self.hidden(library, &added, private)?;
        let (file, _) = self.implementation(unit)?;
        let dir = project.root.join(&library.dir);
        let is_created = |edit: &&FileEdit| edit.action == EditAction::Create;
        let created = self.files.values().filter(is_created).map(|edit| &edit.path);
        let is_below =
            created.chain([&project.file(file).path]).any(|path| path.parent() != Some(dir.as_path()));
        let change = ModuleChange { added, private, like: Some(self.sibling_name(unit)), is_below };
        self.change_dune(&library.dir, |text| add_modules(text, &title, &change))
    }

    /// Tells of new modules without an interface, where that is an error.
    fn lacking_interfaces(&mut self) {
        let is_lacking = |edit: &&FileEdit| {
            edit.action == EditAction::Create
                && edit.path.extension().is_some_and(|extension| extension == "ml")
                && !self.files.contains_key(&edit.path.with_extension("mli"))
        };
        let lacking = self.files.values().filter(is_lacking);
        let lacking: Vec<String> = lacking.map(|edit| edit.shown.display().to_string()).collect();
        if !lacking.is_empty() {
            let message = format!(
                "the flags of this stanza make an error of a module without an interface (warning 70), as {} would be",
                lacking.join(", ")
            );
            self.risk(Risk { code: "missing-interface", message, place: None });
        }
    }

    /// Which modules of a library can be hidden from others: before `private_modules` there was no way, and new ones are told of.
    fn hidden(
        &mut self,
        library: &Library,
        added: &[String],
        private: Vec<String>,
    ) -> Result<Vec<String>, Refusal> {
        if private.is_empty() || library.dune_lang.is_none_or(|lang| lang >= PRIVATE_MODULES) {
            return Ok(private);
        }
        if let Some(known) = private.iter().find(|module| !added.contains(module)) {
            let message = format!(
                "{known} would have to be hidden, and `private_modules` needs (lang dune 1.2): say so in dune-project"
            );
            return Err(self.refuse("build-file", message, &library.dir));
        }
        let message =
            format!("{} can be named by others: `private_modules` needs (lang dune 1.2)", private.join(", "));
        self.risk(Risk { code: "not-private", message, place: None });
        Ok(Vec::new())
    }

    /// Creates, changes or removes a file of which the text before and after is known.
    pub(super) fn write_file(
        &mut self,
        path: &Path,
        action: EditAction,
        old_text: String,
        new_text: String,
    ) -> Result<(), Refusal> {
        if action == EditAction::Create && self.exists(path) {
            return Err(self.refuse("name-taken", "it is there already", path));
        }
        let shown = self.shown(path);
        let edit = FileEdit { path: path.to_path_buf(), shown, action, old_text, new_text };
        self.files.insert(path.to_path_buf(), edit);
        Ok(())
    }

    /// Returns the text of a file that is no source of the project.
    pub(super) fn text(&self, path: &Path) -> Result<String, Refusal> {
        let bytes = self.texts.read(path);
        let bytes =
            bytes.map_err(|error| self.refuse("unreadable", format!("it cannot be read: {error}"), path))?;
        String::from_utf8(bytes).map_err(|_| self.refuse("unreadable", "it is not UTF-8", path))
    }

    /// Returns a refusal that points to a file.
    pub(super) fn refuse(&self, code: &'static str, message: impl Into<String>, path: &Path) -> Refusal {
        Refusal::new(code, message, Some((self.shown(path), None)))
    }

    /// Returns the place of a line of a file.
    pub(super) fn place(&self, path: &Path, line: u32) -> Place {
        Place { file: self.shown(path), at: Some(LineCol { line, col: 1 }) }
    }

    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.tree.project.root).unwrap_or(path).to_path_buf()
    }

    /// Whether there is such a file.
    pub(super) fn exists(&self, path: &Path) -> bool {
        self.texts.read(path).is_ok()
    }

    /// Changes the dune file of a directory.
    pub(super) fn change_dune(
        &mut self,
        dir: &Path,
        change: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<(), Refusal> {
        let root = &self.tree.project.root;
        let path = if dir.is_absolute() { dir.join("dune") } else { root.join(dir).join("dune") };
        self.change_text(&path, "there is no dune file to list the new modules in", change)
    }

    /// Changes a file of the build.
    pub(super) fn change_text(
        &mut self,
        path: &Path,
        missing: &str,
        change: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<(), Refusal> {
        let shown = self.shown(path);
        let (old_text, now) = match self.files.get(path) {
            Some(edit) => (edit.old_text.clone(), edit.new_text.clone()),
            None => {
                let bytes = self
                    .texts
                    .read(path)
                    .map_err(|_| Refusal::new("no-build-file", missing, Some((shown.clone(), None))))?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                (text.clone(), text)
            }
        };
        let new_text = change(&now)
            .map_err(|message| Refusal::new("build-file", message, Some((shown.clone(), None))))?;
        if new_text != old_text {
            let path = path.to_path_buf();
            let edit = FileEdit { path: path.clone(), shown, action: EditAction::Modify, old_text, new_text };
            self.files.insert(path, edit);
        }
        Ok(())
    }

    /// Returns how a sibling names a unit.
    pub(super) fn sibling_name(&self, unit: UnitId) -> String {
        unwrapped(self.tree.unit_name(unit)).to_owned()
    }

    /// An `open` that is left with nothing to bring stays all the same, as `open!`: nobody warns of it.
    fn keep_opens(&mut self, file: FileId, source: &Source<'_>, changes: &mut Changes) {
        let facts = source.facts;
        let opens: Vec<(Span, Span)> = facts
            .structure(facts.root)
            .items
            .iter()
            .filter_map(|&item| {
                let item = facts.item(item);
                let ItemKind::Open { module, .. } = item.kind else { return None };
                let ModuleExpr::Path(path) = facts.module_expr(module) else { return None };
                let is_plain =
                    source.slice(item.span).strip_prefix("open").is_some_and(|rest| !rest.starts_with('!'));
                (is_plain && !changes.replaces(item.span)).then_some((item.span, facts.reference(*path).span))
            })
            .collect();
        if opens.is_empty() || !facts.refs.iter().any(|reference| changes.replaces(reference.span)) {
            return;
        }
        let through = through_opens(&mut self.eval, file);
        let stays = |(span, _): &(&Span, &Span)| !changes.replaces(**span);
        let used: FxHashSet<Span> = through.iter().filter(stays).map(|(_, open)| *open).collect();
        for (item, _) in opens.iter().filter(|(_, path)| !used.contains(path)) {
            changes.insert(item.start + "open".len() as u32, "!");
        }
    }

    /// Returns the patch.
    pub(super) fn finish(mut self) -> Result<Patch, Refusal> {
        for (file, mut changes) in std::mem::take(&mut self.changes) {
            let source = self.source(file)?;
            if changes.is_empty() || self.files.contains_key(&source.path) {
                continue;
            }
            self.keep_opens(file, &source, &mut changes);
            let whole = Span { start: 0, end: source.text.len() as u32 };
            let text = changes.apply(&source.text, whole);
            if text != source.text {
                self.rewrite(file, text)?;
            }
        }
        let (project, known) = (self.tree.project, self.known);
        let shared = |edit: &FileEdit| Some((edit.shown.clone(), known.shared(self.tree, &edit.path)?));
        if let Some((shown, libraries)) = self.files.values().find_map(shared) {
            let [one, other] = libraries.map(|library| project.library(library).name);
            let message =
                format!("this file is compiled into {one} and {other}: both would have to list what is new");
            return Err(Refusal::new("shared-source", message, Some((shown, None))));
        }
        let mut edits: Vec<FileEdit> = self.files.into_values().collect();
        edits.sort_by(|a, b| a.shown.cmp(&b.shown));
        Ok(Patch { edits, risks: self.risks })
    }
}
