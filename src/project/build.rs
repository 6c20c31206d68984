//! Puts a [`Project`] together: hands out ids, keeps files and libraries unique.

use super::generator::Generator;
use super::load;
use super::model::{Library, LibraryOrigin, Project, SourceFile, SourceKind, Unit, UnitSource};
use crate::base::{Code, FileId, Idx, LibraryId, Name, Problem, Severity, UnitId, capitalise, name};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};

/// A project in the making.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// What is there so far.
    pub(crate) project: Project,
    files: FxHashMap<(PathBuf, UnitId, SourceKind), FileId>,
    /// The number of the format that the compiler of the standard library writes.
    pub(crate) format: Option<[u8; 3]>,
    /// Whether results of another compiler have been told of.
    has_told_format: bool,
}

/// The flags that a unit is compiled with, as far as they matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UnitFlags {
    /// `-open`
    pub(crate) opens: Vec<Name>,
    /// `-no-alias-deps`
    pub(crate) no_alias_deps: bool,
    /// Not `-nopervasives`.
    pub(crate) opens_stdlib: bool,
    /// `-noassert`
    pub(crate) noassert: bool,
}

impl UnitFlags {
    /// The compiler's defaults.
    pub(crate) fn plain() -> Self {
        UnitFlags { opens: Vec::new(), no_alias_deps: false, opens_stdlib: true, noassert: false }
    }
    /// Those of an alias module or a pack; also how the text of a compiled interface is read: paths are whole, and nothing is
    /// opened before it.
    pub(crate) fn generated() -> Self {
        UnitFlags { no_alias_deps: true, opens_stdlib: false, ..UnitFlags::plain() }
    }
}

/// The two source files of a unit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Sources {
    /// The `.ml`.
    pub(crate) implementation: Option<PathBuf>,
    /// The `.mli`.
    pub(crate) interface: Option<PathBuf>,
}

impl Builder {
    /// Makes an empty project at `root`.
    pub(crate) fn new(root: PathBuf) -> Self {
        Builder {
            project: Project { root, ..Project::default() },
            files: FxHashMap::default(),
            format: None,
            has_told_format: false,
        }
    }
    /// Reports a problem.
    pub(crate) fn report(&mut self, problem: Problem) {
        self.project.problems.push(problem);
    }
    /// Adds a library without units.
    pub(crate) fn library(&mut self, name: &str, origin: LibraryOrigin, dir: PathBuf) -> LibraryId {
        let id = LibraryId::new(self.project.libraries.len());
        self.project.libraries.push(Library {
            name: crate::base::name(name),
            package: crate::base::name(match origin {
                LibraryOrigin::Workspace | LibraryOrigin::Program => ".",
                LibraryOrigin::Installed | LibraryOrigin::Stdlib => name.split('.').next().unwrap_or(name),
            }),
            origin,
            dir,
            requires: Vec::new(),
            re_exports: Vec::new(),
            implements: None,
            visible: vec![id],
            units: Vec::new(),
            unit_by_name: FxHashMap::default(),
            archives: Vec::new(),
            is_wrapped: false,
            linkall: false,
            linkall_place: None,
            is_private: false,
            rewriters: Vec::new(),
            dune_lang: None,
            demands_interfaces: false,
            inlines_more: false,
            preprocessor: None,
        });
        id
    }
    /// Access to a library of the project.
    pub(crate) fn library_mut(&mut self, id: LibraryId) -> &mut Library {
        &mut self.project.libraries[id.idx()]
    }
    /// Access to a unit of the project.
    pub(crate) fn unit_mut(&mut self, id: UnitId) -> &mut Unit {
        &mut self.project.units[id.idx()]
    }
    /// Adds a unit with sources; with an interface alone it has no code. The first unit of a name keeps it.
    pub(crate) fn unit(
        &mut self,
        library: LibraryId,
        unit: Name,
        sources: Sources,
        flags: UnitFlags,
    ) -> UnitId {
        let id = UnitId::new(self.project.units.len());
        let implementation =
            sources.implementation.map(|path| self.file(path, SourceKind::Implementation, id));
        let interface = sources.interface.map(|path| self.file(path, SourceKind::Interface, id));
        self.add_unit(library, unit, UnitSource::Files { implementation, interface }, flags)
    }
    /// Adds a unit of which the archive alone knows the code.
    pub(crate) fn opaque_unit(
        &mut self,
        library: LibraryId,
        unit: Name,
        interface: Option<PathBuf>,
        flags: UnitFlags,
    ) -> UnitId {
        let id = UnitId::new(self.project.units.len());
        let interface = interface.map(|path| self.file(path, SourceKind::Interface, id));
        self.add_unit(library, unit, UnitSource::Opaque { interface }, flags)
    }
    /// Says that dune writes and compiles a module of a library anew for each program that is linked with it; only its
    /// interface lies in the library. Its object stands in front of the library's archive.
    pub(crate) fn set_made_at_link(&mut self, library: LibraryId, module: &str) {
        let is_it = |unit: &UnitId| {
            let unit = self.project.unit(*unit);
            !unit.has_code() && unit.name.rsplit("__").next() == Some(module)
        };
        let Some(position) = self.project.library(library).units.iter().position(is_it) else { return };
        let id = self.project.library(library).units[position];
        self.library_mut(library).units[..=position].rotate_right(1);
        let unit = self.unit_mut(id);
        if let UnitSource::Files { interface, .. } = unit.source {
            unit.source = UnitSource::Opaque { interface };
        }
        unit.generated_from = Some(PathBuf::from("dune"));
        // dune writes code into it that takes a text apart (`String.sub`), whether the program has one or not.
        unit.recorded = Some(["Stdlib", "Stdlib__String"].map(name).to_vec());
    }
    /// Gives a unit an interface from elsewhere, where it has none: that of the virtual module that it implements.
    pub(crate) fn set_interface(&mut self, unit: UnitId, path: Option<PathBuf>) {
        let Some(path) = path else { return };
        let file = self.file(path, SourceKind::Interface, unit);
        match &mut self.unit_mut(unit).source {
            UnitSource::Files { interface, .. } | UnitSource::Opaque { interface } => {
                _ = interface.get_or_insert(file)
            }
            UnitSource::Generated(_) => {}
        }
    }
    /// Says what will make OCaml of a unit's implementation or interface, which is in another language, where that is known
    /// from more than the file's name.
    pub(crate) fn set_generator(&mut self, unit: UnitId, kind: SourceKind, generator: &Generator) {
        let unit = self.project.unit(unit);
        let file = match kind {
            SourceKind::Implementation => unit.implementation(),
            SourceKind::Interface => unit.interface(),
        };
        if let Some(file) = file {
            self.project.files[file.idx()].generator = Some(generator.clone());
        }
    }
    /// Notes the compiled interface of a unit whose `.mli` is not there.
    pub(crate) fn set_compiled_interface(&mut self, unit: UnitId, path: PathBuf) {
        let file = self.file(path, SourceKind::Interface, unit);
        self.unit_mut(unit).compiled_interface = Some(file);
    }
    /// Adds a unit.
    pub(crate) fn add_unit(
        &mut self,
        library: LibraryId,
        unit: Name,
        source: UnitSource,
        flags: UnitFlags,
    ) -> UnitId {
        let id = UnitId::new(self.project.units.len());
        self.project.units.push(Unit {
            opens: flags.opens,
            no_alias_deps: flags.no_alias_deps,
            opens_stdlib: flags.opens_stdlib,
            noassert: flags.noassert,
            ..Unit::new(unit, library, source)
        });
        let library = self.library_mut(library);
        library.units.push(id);
        library.unit_by_name.entry(unit).or_insert(id);
        id
    }
    /// Whether a compiled file (`.cmx`, `.cmxa`) is of the compiler whose standard library is at hand; where it is not, that is told,
    /// once.
    pub(crate) fn is_of_this_compiler(&mut self, file: &Path) -> bool {
        let (Some(own), Some(format)) = (self.format, load::format(file)) else { return true };
        if own == format {
            return true;
        }
        if !std::mem::replace(&mut self.has_told_format, true) {
            let number = |format: [u8; 3]| String::from_utf8_lossy(&format).into_owned();
            let message = format!(
                "this was built by another compiler (format {}) than that of the standard library at hand (format {})",
                number(format),
                number(own)
            );
            let shown = file.strip_prefix(&self.project.root).unwrap_or(file).to_path_buf();
            let help = "set OCAMLLIB to the directory that `ocamlc -where` of that compiler names, or build again; until then bytes are estimated from the sources";
            self.report(
                Problem::new(Severity::Warning, Code::LinkMismatch, message).at(shown, None).help(help),
            );
        }
        false
    }
    /// Notes the object file that a build has left for a unit, unless its sources are newer.
    pub(crate) fn note_object(&mut self, unit: UnitId, path: PathBuf) {
        let files = [self.project.unit(unit).implementation(), self.project.unit(unit).interface()];
        let newest = files
            .into_iter()
            .flatten()
            .filter_map(|file| load::modified(&self.project.file(file).path))
            .max();
        // An alias module is the same whatever it has aliases for: they take no room.
        let is_alias = matches!(self.project.unit(unit).source, UnitSource::Generated(_));
        let is_new = || is_alias || newest.is_some() && newest <= load::modified(&path);
        if load::is_file(&path) && is_new() {
            self.unit_mut(unit).object = Some(path);
        }
    }
    fn file(&mut self, path: PathBuf, kind: SourceKind, unit: UnitId) -> FileId {
        let files = &mut self.project.files;
        let root = &self.project.root;
        *self.files.entry((path.clone(), unit, kind)).or_insert_with(|| {
            let shown = path.strip_prefix(root).map_or_else(|_| path.clone(), Path::to_path_buf);
            let id = FileId::new(files.len());
            let generator = Generator::of_file(&path);
            files.push(SourceFile { path, shown, kind, unit, generator });
            id
        })
    }
    /// Ends the work: virtual libraries are implemented, problems sorted and each once.
    pub(crate) fn finish(mut self) -> Project {
        self.implement_virtual_libraries();
        self.project.problems.sort();
        self.project.problems.dedup();
        self.project
    }
}

/// The `.ml` and `.mli` files of one directory by the name of their unit, with the names sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DirSources {
    /// By unit name.
    pub(crate) units: std::collections::BTreeMap<String, Sources>,
}

impl DirSources {
    /// Lists `dir`; a directory that cannot be listed is empty.
    pub(crate) fn list(dir: &Path) -> Self {
        let mut units = std::collections::BTreeMap::<String, Sources>::new();
        for entry in load::list_dir(dir).unwrap_or_default() {
            let Some((stem, extension)) = entry.name.split_once('.') else { continue };
            if entry.is_dir || !is_module_stem(stem) {
                continue;
            }
            let path = dir.join(&entry.name);
            match extension {
                "ml" => units.entry(capitalise(stem)).or_default().implementation = Some(path),
                "mli" => units.entry(capitalise(stem)).or_default().interface = Some(path),
                _ => {}
            }
        }
        DirSources { units }
    }
    /// The files of a unit.
    pub(crate) fn get(&self, unit: &str) -> Option<&Sources> {
        self.units.get(unit)
    }
}

/// Whether a file of this stem can be a module: `ab-c.ml` cannot.
pub(crate) fn is_module_stem(stem: &str) -> bool {
    let mut chars = stem.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || !c.is_ascii())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\'') || !c.is_ascii())
}

/// Interns the unit's name of a file's stem.
pub(crate) fn unit_name(stem: &str) -> Name {
    name(&capitalise(stem))
}

/// The name of the unit of a source file.
pub(crate) fn unit_of_file(path: &Path) -> Option<Name> {
    let stem = path.file_stem()?.to_str()?;
    is_module_stem(stem).then(|| unit_name(stem))
}
