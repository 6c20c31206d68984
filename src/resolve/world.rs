//! What evaluation reads: the project, and the facts of its files, read and parsed when first asked for.
//!
//! Facts are kept per file behind a `OnceLock`: whichever thread needs a file first reads it, the others wait.
//! Parsing needs nothing else, so nobody waits in a circle.

use super::defs::UnitDefs;
use super::index::FileIndex;
use super::rewriters::derives;
use super::slot::{Reading, Slot};
use super::surface::Surface;
use crate::base::{Code, FileId, Idx, Problem, Severity, Span, UnitId};
use crate::cache::Cache;
use crate::parse::{FileFacts, Layout, NEWEST, Version, active_text, is_conditional, made_text, parse_file};
use crate::project::{LibraryOrigin, Project, SourceFile, SourceKind, UnitSource};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

/// One file as evaluation sees it.
pub(crate) struct File {
    /// What it says.
    pub(crate) facts: Arc<FileFacts>,
    /// Where its names are.
    pub(crate) index: FileIndex,
    /// What others can see of it, where somebody will want to compare.
    pub(crate) surface: Option<Surface>,
}

/// Where file texts come from: the disk, or an editor's buffers.
pub trait Texts: Sync {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// What the file system says.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;

    /// Says how long a file is; a guess will do.
    fn length(&self, path: &Path) -> u64 {
        crate::project::file_length(path)
    }

    /// Says what a text says, which may be known from before.
    fn facts(&self, text: &[u8], kind: SourceKind) -> Arc<FileFacts> {
        Arc::new(parse_file(text, kind))
    }

    /// Says what a file says, where that is known without a look at it. Texts with conditions are always read.
    fn known(&self, _path: &Path, _kind: SourceKind) -> Option<Arc<FileFacts>> {
        None
    }

    /// Says how a text is laid out, which may be known from before.
    fn layout(&self, text: &[u8], kind: SourceKind) -> Layout {
        Layout::new(text, kind)
    }
}

/// Reads files from disk, and takes from a cache what they say.
pub struct CachedDisk<'c>(pub &'c Cache);

impl Texts for CachedDisk<'_> {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.0.read_source(path)
    }

    fn facts(&self, text: &[u8], kind: SourceKind) -> Arc<FileFacts> {
        Arc::new(self.0.of(facts_of(kind), text, || parse_file(text, kind)))
    }

    fn known(&self, path: &Path, kind: SourceKind) -> Option<Arc<FileFacts>> {
        self.0.of_source(facts_of(kind), path).map(Arc::new)
    }

    fn layout(&self, text: &[u8], kind: SourceKind) -> Layout {
        let what = match kind {
            SourceKind::Implementation => "layout of an implementation",
            SourceKind::Interface => "layout of an interface",
        };
        self.0.of(what, text, || Layout::new(text, kind))
    }
}

/// What is kept of a text. Of one with conditions, that is the text that is left of it.
fn facts_of(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Implementation => "facts of an implementation",
        SourceKind::Interface => "facts of an interface",
    }
}

/// Reads files from disk.
pub struct Disk;

impl Texts for Disk {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        crate::project::read_source(path)
    }
}

/// The compiler's version, as the C header beside the standard library has it.
fn version(project: &Project, texts: &dyn Texts) -> Option<Version> {
    let stdlib = project.libraries.iter().find(|library| library.origin == LibraryOrigin::Stdlib)?;
    let text = String::from_utf8(texts.read(&stdlib.dir.join("caml/version.h")).ok()?).ok()?;
    let number = |name: &str| {
        let prefix = format!("#define OCAML_VERSION_{name} ");
        text.lines().find_map(|line| line.strip_prefix(&prefix))?.trim().parse().ok()
    };
    Some((number("MAJOR")?, number("MINOR")?, number("PATCHLEVEL").unwrap_or(0)))
}

/// What a problem is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum About {
    /// What a file says.
    File(FileId),
    /// What the references of a unit mean.
    Unit(UnitId),
}

/// What was read, when all is done.
pub(crate) struct Parts {
    /// By [`FileId`].
    pub(crate) files: Vec<Option<Arc<File>>>,
    /// By [`UnitId`].
    pub(crate) defs: Vec<Option<Arc<UnitDefs>>>,
    /// In a fixed order.
    pub(crate) problems: Vec<(About, Problem)>,
}

/// The project with the facts read so far.
pub(crate) struct World<'a> {
    pub(crate) project: &'a Project,
    texts: &'a dyn Texts,
    files: Vec<Slot>,
    defs: Vec<OnceLock<Arc<UnitDefs>>>,
    /// What is wrong with the references of units.
    problems: Mutex<Vec<(UnitId, Problem)>>,
    /// The compiler's, as its standard library tells.
    pub(crate) version: Version,
    /// Whether what others can see of each file is kept.
    has_surfaces: bool,
    /// What files say, where somebody has read them before.
    known: &'a [Option<Arc<FileFacts>>],
}

impl<'a> World<'a> {
    pub(crate) fn new(project: &'a Project, texts: &'a dyn Texts) -> Self {
        World {
            project,
            texts,
            files: (0..project.files.len()).map(|_| Slot::default()).collect(),
            defs: (0..project.units.len()).map(|_| OnceLock::new()).collect(),
            problems: Mutex::new(Vec::new()),
            version: version(project, texts).unwrap_or(NEWEST),
            has_surfaces: false,
            known: &[],
        }
    }

    /// Makes a world in which it is known what some files say, by [`FileId`].
    pub(crate) fn knowing(
        project: &'a Project,
        texts: &'a dyn Texts,
        known: &'a [Option<Arc<FileFacts>>],
    ) -> Self {
        World { known, ..World::new(project, texts) }
    }

    /// Makes a world in which some files are known already, and others are read as they are now.
    pub(crate) fn again(
        project: &'a Project,
        texts: &'a dyn Texts,
        files: Vec<Option<Arc<File>>>,
        defs: Vec<Option<Arc<UnitDefs>>>,
    ) -> Self {
        let mut world = World::new(project, texts);
        world.has_surfaces = true;
        for (slot, file) in world.files.iter_mut().zip(files) {
            *slot = Slot::of(file);
        }
        for (slot, defs) in world.defs.iter_mut().zip(defs) {
            if let Some(defs) = defs {
                *slot = OnceLock::from(defs);
            }
        }
        world
    }

    /// Returns the facts of a file, reading it if nobody has; `None` when it cannot be read.
    pub(crate) fn file(&self, id: FileId) -> Option<&Arc<File>> {
        self.files[id.idx()].get(|| self.load(id))
    }

    /// Asks for a file that somebody will read.
    pub(crate) fn ask(&self, id: FileId) {
        self.files[id.idx()].ask();
    }

    /// Reads a file, unless some thread does so already or has. Says whether that was needed.
    pub(crate) fn read_ahead(&self, id: FileId) -> bool {
        self.files[id.idx()].read_ahead(|| self.load(id))
    }

    /// Whether a thread is reading a file.
    pub(crate) fn is_being_read(&self, id: FileId) -> bool {
        self.files[id.idx()].is_being_read()
    }

    /// Returns the facts of a file that was read, whoever asked.
    pub(crate) fn peek(&self, id: FileId) -> Option<&Arc<File>> {
        self.files[id.idx()].peek()
    }

    /// Says how long a file is that nobody reads or has read; `None` where somebody does.
    pub(crate) fn unread_length(&self, id: FileId) -> Option<u64> {
        self.is_unread(id).then(|| self.texts.length(&self.project.file(id).path))
    }

    /// Whether nobody reads a file or has read it.
    pub(crate) fn is_unread(&self, id: FileId) -> bool {
        !self.files[id.idx()].is_begun() && !matches!(self.known.get(id.idx()), Some(Some(_)))
    }

    fn load(&self, id: FileId) -> Reading {
        let mut problems = Vec::new();
        let file = self.load_file(id, &mut problems).map(Arc::new);
        Reading { file, problems }
    }

    fn load_file(&self, id: FileId, problems: &mut Vec<Problem>) -> Option<File> {
        let source = self.project.file(id);
        if let Some(Some(facts)) = self.known.get(id.idx()) {
            let index = FileIndex::new(facts, source.unit, derives(self.project, source.unit));
            return Some(File { facts: facts.clone(), index, surface: None });
        }
        // What others can see is worked out from the text; so is what a generator will make of it.
        let known = (!self.has_surfaces && source.generator.is_none())
            .then(|| self.texts.known(&source.path, source.kind))
            .flatten();
        if let Some(facts) = known {
            return Some(self.loaded(source, facts, None, problems));
        }
        let text = match self.texts.read(&source.path) {
            Ok(text) => text,
            Err(error) => {
                problems.push(
                    Problem::new(Severity::Error, Code::Unreadable, format!("this file cannot be read: {error}"))
                        .at(source.shown.clone(), None)
                        .help("what it refers to is missing from every figure; check that it exists and may be read"),
                );
                return None;
            }
        };
        let text = match is_conditional(&text) {
            true => {
                problems.push(self.conditional(&source.shown));
                active_text(&text, self.version)
            }
            false => text,
        };
        let Some(generator) = &source.generator else {
            let facts = self.texts.facts(&text, source.kind);
            return Some(self.loaded(source, facts, Some(&text), problems));
        };
        let Some(made) = made_text(&text, generator, source.kind) else {
            let mut facts = parse_file(b"", source.kind);
            facts.unread.push(Span::new(0, text.len()));
            return Some(self.loaded(source, Arc::new(facts), None, problems));
        };
        let facts = self.texts.facts(made.text(), source.kind);
        let placed = Arc::new(made.relocate(FileFacts::clone(&facts), &text));
        let mut file = self.loaded(source, placed, None, problems);
        file.surface = self.has_surfaces.then(|| Surface::new(&facts, &file.index, made.text()));
        Some(file)
    }

    /// Makes a file of what it says, and complains about what is wrong in it.
    fn loaded(
        &self,
        source: &SourceFile,
        facts: Arc<FileFacts>,
        text: Option<&[u8]>,
        problems: &mut Vec<Problem>,
    ) -> File {
        if let Some(at) = facts.not_utf8 {
            problems.push(
                Problem::new(
                    Severity::Note,
                    Code::NotUtf8,
                    "this file is not valid UTF-8; it is read as Latin-1 where needed",
                )
                .at(source.shown.clone(), Some(facts.line_col(at)))
                .help("positions behind this place may be off by some columns"),
            );
        }
        if let Some(first) = facts.errors.first() {
            let n_bytes: u32 = facts.errors.iter().map(|span| span.len()).sum();
            let message = format!(
                "{} part{} of this file do{} not parse ({n_bytes} bytes); the rest is analysed",
                facts.errors.len(),
                if facts.errors.len() == 1 { "" } else { "s" },
                if facts.errors.len() == 1 { "es" } else { "" },
            );
            problems.push(
                Problem::new(Severity::Warning, Code::Syntax, message)
                    .at(source.shown.clone(), Some(facts.line_col(first.start)))
                    .help("if the file is preprocessed before OCaml reads it (cppo, camlp4), point to the result"),
            );
        }
        if let Some(first) = facts.unread.first() {
            let n_bytes: u64 = facts.unread.iter().map(|span| u64::from(span.len())).sum();
            let message = format!(
                "{} of this file ({n_bytes} bytes) not read: it would take too much time or memory",
                match facts.unread.len() {
                    1 => "a part".to_owned(),
                    n => format!("{n} parts"),
                }
            );
            problems.push(
                Problem::new(Severity::Warning, Code::Unreadable, message)
                    .at(source.shown.clone(), Some(facts.line_col(first.start)))
                    .help(
                        "what it refers to is missing from every figure; break its largest item into several",
                    ),
            );
        }
        let index = FileIndex::new(&facts, source.unit, derives(self.project, source.unit));
        let surface = text.filter(|_| self.has_surfaces).map(|text| Surface::new(&facts, &index, text));
        File { facts, index, surface }
    }

    /// Says that only a part of a text is for the compiler at hand.
    fn conditional(&self, shown: &Path) -> Problem {
        let (major, minor, _) = self.version;
        let message = format!("parts of this file are conditional; those for OCaml {major}.{minor} are read");
        Problem::new(Severity::Note, Code::Syntax, message).at(shown, None).help(
            "names that its build defines for the preprocessor are not known here and count as undefined",
        )
    }

    /// Adds a problem of a unit.
    pub(crate) fn problem(&self, unit: UnitId, problem: Problem) {
        self.problems.lock().expect("no thread panics with the lock held").push((unit, problem));
    }

    /// Returns the definitions of a unit, listing them if nobody has.
    pub(crate) fn defs(&self, unit: UnitId) -> &Arc<UnitDefs> {
        self.defs[unit.idx()].get_or_init(|| {
            let implementation = match &self.project.unit(unit).source {
                UnitSource::Files { implementation: Some(file), .. } => Some(*file),
                _ => None,
            };
            Arc::new(match implementation.and_then(|file| Some((file, self.file(file)?))) {
                Some((file, loaded)) => UnitDefs::of_file(file, loaded),
                None => UnitDefs::default(),
            })
        })
    }

    /// Takes what was read: facts by file, definitions by unit, and problems.
    pub(crate) fn into_parts(self) -> Parts {
        let of_units = self.problems.into_inner().expect("all threads are done");
        let mut problems: Vec<(About, Problem)> =
            of_units.into_iter().map(|(unit, problem)| (About::Unit(unit), problem)).collect();
        let mut take = |(file, slot): (usize, Slot)| {
            let read = slot.into_asked()?;
            problems
                .extend(read.problems.into_iter().map(|problem| (About::File(FileId::new(file)), problem)));
            read.file
        };
        let files = self.files.into_iter().enumerate().map(&mut take).collect();
        problems.sort();
        let defs = self.defs.into_iter().map(OnceLock::into_inner).collect();
        Parts { files, defs, problems }
    }
}
