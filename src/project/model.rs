//! The lowered project: files, units, libraries and programs, by id.

use super::generator::Generator;
use crate::base::{FileId, Idx, LibraryId, Name, Problem, ProgramId, UnitId};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Whether a file is an implementation or an interface.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub enum SourceKind {
    /// A `.ml`.
    Implementation,
    /// A `.mli`.
    Interface,
}

/// One source file. Its text is read when something may refer to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Where to read it.
    pub path: PathBuf,
    /// How to name it in reports: relative to the workspace where it lies inside.
    pub shown: PathBuf,
    /// What it is.
    pub kind: SourceKind,
    /// The unit that it belongs to.
    pub unit: UnitId,
    /// What will make OCaml of it, where it is in another language and the build has not done so yet.
    pub generator: Option<Generator>,
}

/// Where a library comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LibraryOrigin {
    /// The compiler's own library.
    Stdlib,
    /// Found through findlib.
    Installed,
    /// A stanza of the workspace, vendored trees included.
    Workspace,
    /// Not a library: the own modules of one program.
    Program,
}

/// The compiled archive of an installed or built library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Archive {
    /// The `.a` with the object files, where it exists.
    pub objects: Option<PathBuf>,
    /// The `.cmxa` with the link information, where it exists.
    pub cmxa: Option<PathBuf>,
}

/// A set of units that are archived together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Library {
    /// The findlib or public name (`base.caml`), else the local one; for own modules, the program's name.
    pub name: Name,
    /// What the same people wrote in their own way: the name of the findlib package (`base` of `base.caml`), or `.`, with
    /// dune followed by the directory of the dune project.
    pub package: Name,
    /// Where it comes from.
    pub origin: LibraryOrigin,
    /// The directory of its sources.
    pub dir: PathBuf,
    /// The libraries that it requires itself, in the order given, each behind those that it exports again;
    /// the standard library is implicit.
    pub requires: Vec<LibraryId>,
    /// Those of them that its clients see as if they required them themselves (`re_export`).
    pub re_exports: Vec<LibraryId>,
    /// The virtual library that it implements: one archive holds the units of both.
    pub implements: Option<LibraryId>,
    /// The libraries whose units its modules may name: itself first, then those on its `-I` path in order
    /// (with dune and findlib: everything that it requires, transitively, unless its dune project says
    /// `(implicit_transitive_deps false)`), the standard library last.
    pub visible: Vec<LibraryId>,
    /// Its units, in link order where the archive tells, else sorted by name.
    pub units: Vec<UnitId>,
    /// Units by the name that its own modules and its users write (`Base__List`, `Base`).
    pub unit_by_name: FxHashMap<Name, UnitId>,
    /// Its archives on the linker's command line, in order; empty where nothing is built or there are only interfaces.
    pub archives: Vec<Archive>,
    /// Whether dune puts its modules behind its main module (`Base__List` behind `Base`): a new one gets a name like that.
    pub is_wrapped: bool,
    /// Whether all its units are linked as soon as it is on the command line (`-linkall`), as its build says.
    pub linkall: bool,
    /// Where its build asks for that: file and line, for the report.
    pub linkall_place: Option<crate::base::Place>,
    /// Whether it has no public name: only its own dune project can require it.
    pub is_private: bool,
    /// The rewriters (findlib or dune names) that its sources pass through.
    pub rewriters: Vec<Name>,
    /// The version of dune's language that its stanza is written in: major, minor. None where dune does not build it here.
    pub dune_lang: Option<(u32, u32)>,
    /// Whether its flags ask for more code in place of calls than the compiler puts there by itself (`-inline 100`; 10 is the
    /// compiler's own): how much that is, no estimate knows.
    pub inlines_more: bool,
    /// Whether its flags make an error of a module without an interface (warning 70).
    pub demands_interfaces: bool,
    /// The program that its build runs over its sources before the compiler reads them, unless it is one that is known here.
    pub preprocessor: Option<Name>,
}

/// A module whose text no source file holds: dune's alias module, mostly.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Generated {
    /// `module NAME = UNIT`, in order.
    pub aliases: Vec<(Name, Name)>,
}

/// What is known of a unit's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UnitSource {
    /// It has sources: implementation, interface, or both (an interface alone is a unit without code).
    Files {
        /// The `.ml`.
        implementation: Option<FileId>,
        /// The `.mli`.
        interface: Option<FileId>,
    },
    /// The build makes it, and this is what it says.
    Generated(Generated),
    /// Only the archive knows it. There may still be an interface to resolve names through.
    Opaque {
        /// The `.mli`.
        interface: Option<FileId>,
    },
}

/// One compilation unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    /// The name that the linker knows (`Base__List`, `Dune__exe__Main`).
    pub name: Name,
    /// The library, or the program's own modules, that it belongs to.
    pub library: LibraryId,
    /// Its text.
    pub source: UnitSource,
    /// Its compiled interface (`.cmi`), where it has an implementation and its library is installed without any `.mli`:
    /// what it exports stands there alone.
    pub compiled_interface: Option<FileId>,
    /// The units that are opened before its first line (`-open`), in order.
    pub opens: Vec<Name>,
    /// Whether it is compiled with `-no-alias-deps`.
    pub no_alias_deps: bool,
    /// Whether the compiler opens the standard library first (false with `-nopervasives`).
    pub opens_stdlib: bool,
    /// Whether the compiler leaves assertions out (`-noassert`).
    pub noassert: bool,
    /// Whether the linker keeps it once its archive is on the command line (`-linkall` at compile or archive time).
    pub forced: bool,
    /// Whether only its own library can name it: its compiled interface is not where users of the library look.
    pub is_private: bool,
    /// The units that its archive or its `.cmx` says it records (`imports_cmx`), itself left out: the compiler's own word, for
    /// units without sources and as a check for those with.
    pub recorded: Option<Vec<Name>>,
    /// The units that `-pack` has put into it, in link order, as its archive says. Of a unit that was compiled for a pack and
    /// put into an archive by itself, the one name that its symbols have: with the pack's in front.
    pub packed: Vec<Name>,
    /// The unit that `-pack` has put it into: both are linked together, or neither is.
    pub pack: Option<UnitId>,
    /// Its own object file outside an archive, where a build has left one that is not older than its sources.
    pub object: Option<PathBuf>,
    /// The source that a generated file was made from (`.mll`, `.mly`), to point users at.
    pub generated_from: Option<PathBuf>,
}

impl Unit {
    /// A unit as the compiler takes it when nothing is said of it.
    #[must_use]
    pub fn new(name: Name, library: LibraryId, source: UnitSource) -> Self {
        Unit {
            name,
            library,
            source,
            compiled_interface: None,
            opens: Vec::new(),
            no_alias_deps: false,
            opens_stdlib: true,
            noassert: false,
            forced: false,
            is_private: false,
            recorded: None,
            packed: Vec::new(),
            pack: None,
            object: None,
            generated_from: None,
        }
    }
    /// The `.ml`, where there is one.
    #[must_use]
    pub fn implementation(&self) -> Option<FileId> {
        match self.source {
            UnitSource::Files { implementation, .. } => implementation,
            _ => None,
        }
    }
    /// Returns the names inside a pack that is one unit here; none where its members are units themselves, and for a unit
    /// that was compiled for a pack and lies outside it.
    #[must_use]
    pub fn packed_whole(&self) -> &[Name] {
        let is_outside = match self.packed[..] {
            [only] => only.strip_suffix(self.name.as_str()).is_some_and(|pack| pack.ends_with("__")),
            _ => false,
        };
        // A pack whose members are known is read as the table of their names.
        if is_outside || matches!(self.source, UnitSource::Generated(_)) { &[] } else { &self.packed }
    }
    /// The `.mli`, where there is one.
    #[must_use]
    pub fn interface(&self) -> Option<FileId> {
        match self.source {
            UnitSource::Files { interface, .. } | UnitSource::Opaque { interface } => interface,
            UnitSource::Generated(_) => None,
        }
    }
    /// Whether it has an object file: all have but those that consist of an interface.
    #[must_use]
    pub fn has_code(&self) -> bool {
        !matches!(self.source, UnitSource::Files { implementation: None, .. })
    }
    /// What says which names its users see, where that is not its implementation: the `.mli`, or what was compiled from it.
    #[must_use]
    pub fn signature(&self) -> Option<FileId> {
        self.interface().or(self.compiled_interface)
    }
}

/// Something that is linked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Its name, unique in the project: `bin/main` for a dune executable, the file's stem otherwise.
    pub name: String,
    /// The pseudo-library that holds its own modules.
    pub own: LibraryId,
    /// Its own units in link order: always linked. The last is the main module.
    pub own_units: Vec<UnitId>,
    /// The libraries on the linker's command line, in order; the standard library comes first.
    pub libraries: Vec<LibraryId>,
    /// Whether the final link is done with `-linkall`.
    pub linkall: bool,
    /// Where its build asks for that.
    pub linkall_place: Option<crate::base::Place>,
    /// The context in which dune builds it, where that is not the one for this machine.
    pub context: Option<String>,
}

/// All that later stages know of the tree.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The directory that shown paths are relative to.
    pub root: PathBuf,
    /// Source files, by [`FileId`].
    pub files: Vec<SourceFile>,
    /// Units, by [`UnitId`].
    pub units: Vec<Unit>,
    /// Libraries, by [`LibraryId`].
    pub libraries: Vec<Library>,
    /// Programs, by [`ProgramId`].
    pub programs: Vec<Program>,
    /// Where programs link different implementations of one virtual library: for each unit of the one that names mean, those of
    /// the same name in the others. What records the first records them all; a program has one of them.
    pub stand_ins: BTreeMap<UnitId, Vec<UnitId>>,
    /// Files that dune files include or read values from, each with the directories whose dune files do; as shown.
    pub included: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// Whether units of the workspace know nothing of each other's code (`-opaque`: dune's profile `dev`).
    pub is_opaque: bool,
    /// What is wrong in the tree.
    pub problems: Vec<Problem>,
}

impl Project {
    /// Returns the file of an id.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.idx()]
    }
    /// Forgets what was recorded of a unit when it was built: its text is another one now. Of one without sources there is nothing
    /// else.
    pub(crate) fn forget_recorded(&mut self, id: UnitId) {
        let unit = &mut self.units[id.idx()];
        if !matches!(unit.source, UnitSource::Opaque { .. }) {
            unit.recorded = None;
        }
    }
    /// Returns the unit of an id.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> &Unit {
        &self.units[id.idx()]
    }
    /// Returns the library of an id.
    #[must_use]
    pub fn library(&self, id: LibraryId) -> &Library {
        &self.libraries[id.idx()]
    }
    /// Returns the units inside a pack, in link order; empty for a unit that is none, and where their sources are not known.
    #[must_use]
    pub fn members(&self, pack: UnitId) -> Vec<UnitId> {
        let library = self.library(self.unit(pack).library);
        let named = self.unit(pack).packed.iter().filter_map(|name| library.unit_by_name.get(name).copied());
        named.filter(|&unit| self.unit(unit).pack == Some(pack)).collect()
    }
    /// Returns the unit of a library's archive that has a name: its own, or one of the virtual library that it implements.
    #[must_use]
    pub fn archived_unit(&self, library: LibraryId, name: Name) -> Option<UnitId> {
        let library = self.library(library);
        let of = library.implements.and_then(|of| self.library(of).unit_by_name.get(&name));
        library.unit_by_name.get(&name).or(of).copied()
    }
    /// Returns the unit with code that a virtual library has of a name, for one that implements it.
    #[must_use]
    pub fn unit_of_virtual(&self, library: LibraryId, name: Name) -> Option<UnitId> {
        let of = self.library(library).implements?;
        let unit = self.library(of).unit_by_name.get(&name).copied()?;
        (self.unit(unit).library == of && self.unit(unit).has_code()).then_some(unit)
    }
    /// Returns the units that some programs have in place of the one that a library names: of other implementations of a virtual
    /// library. An implementation means its own.
    #[must_use]
    pub fn stand_ins(&self, from: LibraryId, unit: UnitId) -> &[UnitId] {
        // Nearly no project has any.
        let others = self.stand_ins.get(&unit).filter(|_| self.unit(unit).library != from);
        others.map_or(&[], Vec::as_slice)
    }
    /// Returns the names under which objects and executables have parts of a unit, each with that unit: what is inside a pack
    /// whose members are no units here, and a unit that was compiled for a pack and lies outside it.
    #[must_use]
    pub fn owners_of_parts(&self) -> BTreeMap<Name, UnitId> {
        let whole = (0..self.units.len()).map(UnitId::new).filter(|&unit| {
            // Nearly no unit is a pack.
            !self.unit(unit).packed.is_empty() && self.members(unit).is_empty()
        });
        whole.flat_map(|unit| self.unit(unit).packed.iter().map(move |&part| (part, unit))).collect()
    }
    /// Returns the program of an id.
    #[must_use]
    pub fn program(&self, id: ProgramId) -> &Program {
        &self.programs[id.idx()]
    }
    /// Returns the unit that the modules of `from` mean by `name`, looking through the libraries that they see.
    #[must_use]
    pub fn visible_unit(&self, from: LibraryId, name: Name) -> Option<UnitId> {
        let mut seen = self.library(from).visible.iter();
        let found = seen.find_map(|&library| self.library(library).unit_by_name.get(&name).copied());
        found.or_else(|| self.beside_stdlib(name))
    }

    /// Up to OCaml 4.14 the libraries that come with the compiler (unix, str, ...) lie in the standard library's own
    /// directory, so their units can be named without asking for them.
    fn beside_stdlib(&self, name: Name) -> Option<UnitId> {
        let stdlib = self.libraries.iter().find(|library| library.origin == LibraryOrigin::Stdlib)?;
        let beside =
            |library: &&Library| library.origin == LibraryOrigin::Installed && library.dir == stdlib.dir;
        self.libraries.iter().filter(beside).find_map(|library| library.unit_by_name.get(&name).copied())
    }
}
