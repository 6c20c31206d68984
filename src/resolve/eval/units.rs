//! Units as modules, and what stands in scope before the first line of one.

use super::model::{Addr, Find, Found, Module, Reason, Sig, found_module};
use super::{EMPTY, Evaluator};
use crate::base::{FileId, LibraryId, Name, UnitId};
use crate::project::{LibraryOrigin, UnitSource};
use crate::resolve::defs::whole;
use crate::resolve::index::Space;
use std::sync::Arc;

/// What is opened before the first line of a unit.
pub(super) struct Opens {
    /// The standard library, unless `-nopervasives` says otherwise.
    pub(super) stdlib: Option<Module>,
    /// The modules of `-open` flags, in order.
    pub(super) flags: Vec<Module>,
}

impl Evaluator<'_> {
    /// Returns a unit as its users see it: through its interface where there is one.
    pub(crate) fn unit_module(&self, unit: UnitId) -> Module {
        let source = self.world.project.unit(unit);
        let at = Addr::Field(unit, whole());
        let sig = match &source.source {
            UnitSource::Generated(_) => Sig::Generated(unit),
            _ => match source.signature().or(source.implementation()) {
                Some(file) => self.file_sig(file),
                None => Sig::Unknown(Reason::NoInterface),
            },
        };
        Module { link: at, canon: at, sig }
    }

    /// Returns a unit as its own text sees it.
    pub(crate) fn unit_inside(&self, unit: UnitId) -> Option<Module> {
        let file = self.world.project.unit(unit).implementation()?;
        let at = Addr::Field(unit, whole());
        Some(Module { link: at, canon: at, sig: self.file_sig(file) })
    }

    fn file_sig(&self, file: FileId) -> Sig {
        match self.file(file) {
            Some(loaded) => Sig::Structure { file, structure: loaded.facts.root, env: EMPTY },
            None => Sig::Unknown(Reason::Unreadable),
        }
    }

    /// Returns the unit that `name` means for the modules of a library.
    pub(crate) fn visible_unit(&mut self, library: LibraryId, name: Name) -> Option<UnitId> {
        let project = self.world.project;
        *self.heads.entry((library, name)).or_insert_with(|| project.visible_unit(library, name))
    }

    /// Returns what is opened before the first line of a unit, in order.
    pub(super) fn opens(&mut self, unit: UnitId) -> Arc<Opens> {
        if let Some((opens, trail)) = self.opened.get_mut(&unit) {
            self.read.get_mut().add_all(&trail.read);
            self.tally.count(&mut trail.cost, 0);
            return opens.clone();
        }
        let source = self.world.project.unit(unit);
        // The text names none of what is gone through here.
        let (opens, trail) = self.on_the_way(|eval| {
            let stdlib = source
                .opens_stdlib
                .then(|| eval.opened_path(unit, crate::base::name("Stdlib"), &[]))
                .flatten();
            let mut flags = Vec::new();
            for &path in &source.opens {
                flags.extend(eval.opened_path(unit, path, &flags));
            }
            Arc::new(Opens { stdlib, flags })
        });
        self.opened.insert(unit, (opens.clone(), trail));
        opens
    }

    /// Returns the module of an `-open` flag, which may be a path, and one inside of what the flags in front of it open.
    fn opened_path(&mut self, unit: UnitId, path: Name, opened: &[Module]) -> Option<Module> {
        let library = self.world.project.unit(unit).library;
        let mut parts = path.split('.').map(crate::base::name);
        let head = parts.next()?;
        let mut brought = None;
        for &module in opened.iter().rev() {
            if let Find::Found(Found { module: Some(inner), .. }) = self.find(module, Space::Module, head) {
                brought = Some(inner);
                break;
            }
        }
        let mut module = match brought {
            Some(module) => module,
            None => {
                let head = self.visible_unit(library, head);
                self.unit_module(head.filter(|&head| head != unit)?)
            }
        };
        for part in parts {
            if let Find::Found(Found { module: Some(inner), .. }) = self.find(module, Space::Module, part) {
                module = inner;
            }
        }
        Some(module)
    }

    /// The unit of a name on the load path of `unit`; on request only outside the standard library's directory.
    pub(super) fn persistent(&mut self, unit: UnitId, name: Name, outside_stdlib: bool) -> Option<Find> {
        let project = self.world.project;
        let library = project.unit(unit).library;
        let named = self.visible_unit(library, name).filter(|&named| named != unit)?;
        if outside_stdlib {
            let stdlib = project.libraries.iter().find(|library| library.origin == LibraryOrigin::Stdlib);
            let dir = &project.library(project.unit(named).library).dir;
            if stdlib.is_some_and(|stdlib| stdlib.dir == *dir) {
                return None;
            }
        }
        self.mentioned.add(named);
        Some(found_module(self.unit_module(named), EMPTY, false))
    }
}
