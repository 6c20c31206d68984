//! Lists lowered to libraries and units.
//!
//! A library of a `.mllib` requires the packages at hand and those other libraries whose modules its sources name. A pack is
//! a unit whose text is the aliases of its members, which see each other through it; each member is a unit of its own, named
//! as the linker names it (`Pack__Member`), and whoever links one links the pack, which holds them all.

use super::super::build::{Builder, Sources, UnitFlags};
use super::super::built::add_built_archive;
use super::super::installed::visible;
use super::super::load;
use super::super::model::{Generated, LibraryOrigin, UnitSource};
use super::lists::{From, List, Lists, Member, built_dir};
use crate::base::{Code, LibraryId, LineCol, Name, Problem, Severity, UnitId, capitalise, name};
use std::collections::BTreeSet;
use std::path::Path;

/// Packs nested deeper than this are not read: one may hold itself.
const MAX_DEPTH: usize = 16;

/// Adds a library for each of some lists; gives them in order.
pub(crate) fn add_libraries(
    builder: &mut Builder,
    lists: &Lists,
    chosen: &[&List],
    packages: &[LibraryId],
    stdlib: LibraryId,
) -> Vec<LibraryId> {
    let ids: Vec<LibraryId> = chosen
        .iter()
        .map(|list| {
            let id = builder.library(list.name(), LibraryOrigin::Workspace, list.dir().to_path_buf());
            add_members(builder, lists, list, id);
            id
        })
        .collect();
    let exported: Vec<BTreeSet<&str>> = chosen
        .iter()
        .map(|list| list.members.iter().map(|member| member.module.as_str()).collect())
        .collect();
    for (at, list) in chosen.iter().enumerate() {
        let mentioned = capitalised(lists.sources(&[list]));
        let is_named = |other: &usize| {
            *other != at
                && exported[*other]
                    .iter()
                    .any(|module| mentioned.contains(*module) && !exported[at].contains(module))
        };
        let others = (0..chosen.len()).filter(is_named).map(|other| ids[other]);
        let mut requires = packages.to_vec();
        requires.extend(others);
        builder.library_mut(ids[at]).requires = requires;
    }
    for (&id, list) in ids.iter().zip(chosen) {
        builder.library_mut(id).visible = visible(builder, id, stdlib);
        let sources = lists.sources(&[list]);
        let places = built_dir(list.dir()).into_iter().chain([list.dir().to_path_buf()]);
        let mut archives = places.map(|dir| dir.join(format!("{}.cmxa", list.name())));
        let has_pack = list.members.iter().any(|member| matches!(member.from, From::Pack(_)));
        // The object file of a pack does not say which of its bytes are whose.
        if let Some(cmxa) = archives.find(|file| load::is_file(file)).filter(|_| !has_pack) {
            add_built_archive(builder, id, cmxa, sources.into_iter(), false);
        }
    }
    ids
}

/// Adds packs to a program's own modules.
pub(crate) fn add_packs(builder: &mut Builder, lists: &Lists, packs: &[&List], own: LibraryId) {
    for list in packs {
        Adder { builder, lists, library: own }.pack(list, &Outer::default(), list.name());
    }
}

fn add_members(builder: &mut Builder, lists: &Lists, list: &List, library: LibraryId) {
    let mut members: Vec<&Member> = list.members.iter().collect();
    members.sort_by(|one, other| one.module.cmp(&other.module));
    members.dedup_by(|one, other| one.module == other.module);
    let mut adder = Adder { builder, lists, library };
    for member in members {
        adder.member(list, member, &Outer::default());
    }
}

/// The capitalised words in some files: every module that they can name is among them.
pub(super) fn capitalised<'f>(files: impl IntoIterator<Item = &'f Path>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for file in files {
        let text = load::read_source(file).unwrap_or_default();
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'') || *byte >= 0x80;
        for word in text.split(|byte| !is_part(byte)) {
            if word.first().is_some_and(u8::is_ascii_uppercase) {
                words.insert(String::from_utf8_lossy(word).into_owned());
            }
        }
    }
    words
}

/// The packs that a module lies in.
#[derive(Clone, Debug, Default)]
struct Outer {
    /// Their units, outermost first.
    opens: Vec<Name>,
    /// The innermost.
    pack: Option<UnitId>,
}

struct Adder<'b> {
    builder: &'b mut Builder,
    lists: &'b Lists,
    library: LibraryId,
}

impl Adder<'_> {
    fn member(&mut self, list: &List, member: &Member, outer: &Outer) -> Option<UnitId> {
        let unit = match outer.opens.last() {
            Some(pack) => format!("{pack}__{}", member.module),
            None => member.module.clone(),
        };
        let flags = UnitFlags { opens: outer.opens.clone(), ..UnitFlags::plain() };
        let id = match &member.from {
            From::Files(files) => {
                let id = self.builder.unit(self.library, name(&unit), files.clone(), flags);
                self.note_object(id, files, outer);
                id
            }
            From::Pack(file) => match self.lists.pack(file) {
                Some(pack) if outer.opens.len() < MAX_DEPTH => self.pack(pack, outer, &unit),
                _ => {
                    return self.report(
                        list,
                        member,
                        Code::MissingModule,
                        "is a pack whose list cannot be read",
                    );
                }
            },
            From::Unmade(files) => {
                let from = files.implementation.as_deref().and_then(Path::file_name);
                let from = from.and_then(|name| name.to_str()).unwrap_or_default();
                let message = format!("is read from {from}, since the build has not made it yet");
                self.report(list, member, Code::Generated, &message);
                let id = self.builder.unit(self.library, name(&unit), files.clone(), flags);
                self.builder.unit_mut(id).generated_from.clone_from(&files.implementation);
                id
            }
            From::Nothing => return self.report(list, member, Code::MissingModule, "has no file"),
        };
        self.builder.unit_mut(id).pack = outer.pack;
        Some(id)
    }

    /// Adds a pack and what it holds.
    fn pack(&mut self, list: &List, outer: &Outer, unit: &str) -> UnitId {
        let unit = name(&capitalise(unit));
        let flags = UnitFlags::generated();
        let generated = UnitSource::Generated(Generated::default());
        let id = self.builder.add_unit(self.library, unit, generated, flags);
        let mut inner = Outer { opens: outer.opens.clone(), pack: Some(id) };
        inner.opens.push(unit);
        let mut aliases: Vec<(Name, Name)> = Vec::new();
        for member in &list.members {
            let module = name(&member.module);
            if aliases.iter().all(|&(other, _)| other != module)
                && let Some(unit) = self.member(list, member, &inner)
            {
                aliases.push((module, self.builder.project.unit(unit).name));
            }
        }
        let interface = list.file.with_extension("mli");
        if load::is_file(&interface) {
            let message = format!("the interface of the pack `{unit}` is not read");
            let shown = self.shown(&interface);
            let help = "all that its modules export counts as visible";
            let problem = Problem::new(Severity::Note, Code::Unsupported, message);
            self.builder.report(problem.at(shown, None).help(help));
        }
        self.builder.unit_mut(id).packed = aliases.iter().map(|&(_, unit)| unit).collect();
        self.builder.unit_mut(id).source = UnitSource::Generated(Generated { aliases });
        // Behind what it holds, as the linker has it.
        let units = &mut self.builder.library_mut(self.library).units;
        units.retain(|&other| other != id);
        units.push(id);
        id
    }

    /// What ocamlbuild has left of a module. The unit that a member of a pack ends up in has another object file.
    fn note_object(&mut self, id: UnitId, files: &Sources, outer: &Outer) {
        let Some(ml) = files.implementation.as_ref().filter(|_| outer.pack.is_none()) else { return };
        let file = ml.with_extension("o");
        if let (Some(dir), Some(file)) = (ml.parent().and_then(built_dir), file.file_name()) {
            self.builder.note_object(id, dir.join(file));
        }
    }

    fn shown(&self, file: &Path) -> std::path::PathBuf {
        file.strip_prefix(&self.builder.project.root).unwrap_or(file).to_path_buf()
    }

    fn report(&mut self, list: &List, member: &Member, code: Code, what: &str) -> Option<UnitId> {
        let message = format!("module `{}` {what}", member.module);
        let (severity, help) = match code {
            Code::Generated => {
                (Severity::Note, "the size of its automaton is a guess; build once to have it measured")
            }
            _ => (
                Severity::Error,
                "add the file, take the name out of the list, or tag its directory `include`",
            ),
        };
        let at: LineCol = member.at;
        let shown = self.shown(&list.file);
        self.builder.report(Problem::new(severity, code, message).at(shown, Some(at)).help(help));
        None
    }
}
