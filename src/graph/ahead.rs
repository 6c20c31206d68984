//! What a text is going to lead to: the units that it names, so that their files are read before anybody waits for them.
//!
//! To find out what a name means, the file is read that says what others see of the unit which the name begins with. Which
//! unit that is follows from the text nearly always: from the alias modules that the build opens, or from the load path.
//! What comes in between (opened modules, local modules) is passed over: a file that is read in vain does no harm
//! ([`World::read_ahead`]).

use crate::base::{FileId, Idx, LibraryId, Name, UnitId, name};
use crate::parse::{FileFacts, ItemKind, ModuleExpr, ModuleType, RefKind, Role};
use crate::project::UnitSource;
use crate::resolve::{File, Space, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Which unit each name begins with, as far as it is known.
pub(super) struct Ahead<'w> {
    world: &'w World<'w>,
    /// What the load path says.
    visible: Mutex<FxHashMap<(LibraryId, Name), Option<UnitId>>>,
    /// What opened modules say, by [`UnitId`].
    aliases: Vec<OnceLock<FxHashMap<Name, UnitId>>>,
}

impl<'w> Ahead<'w> {
    pub(super) fn new(world: &'w World<'w>) -> Ahead<'w> {
        let aliases = world.project.units.iter().map(|_| OnceLock::new()).collect();
        Ahead { world, visible: Mutex::default(), aliases }
    }

    /// Returns the units that a text names, each once, in no order.
    pub(super) fn named_in(&self, file: &File) -> FxHashSet<UnitId> {
        let facts = &file.facts;
        let unit = file.index.unit;
        let own = &file.index.scopes[facts.root.idx()].names;
        let heads: FxHashSet<(Name, bool)> = facts
            .refs
            .iter()
            .filter_map(|reference| {
                let path = facts.names(reference.path);
                let is_module = path.len() > 1 || reference.kind == RefKind::Module;
                is_module.then(|| (path[0], reference.role == Role::Alias))
            })
            .collect();
        let is_outside = |&(head, is_alias): &(Name, bool)| {
            // `module List = List`
            is_alias || own.get(Space::Module, head).is_empty()
        };
        heads.into_iter().filter(is_outside).filter_map(|(head, _)| self.unit_named(unit, head)).collect()
    }

    /// Returns the file that says what others see of a unit.
    pub(super) fn shown_by(&self, unit: UnitId) -> Option<FileId> {
        let source = self.world.project.unit(unit);
        source.signature().or(source.implementation())
    }

    /// Returns the files that are looked into before the first name of a unit is.
    pub(super) fn needed_by(&self, unit: UnitId) -> Vec<FileId> {
        let source = self.world.project.unit(unit);
        let stdlib = source.opens_stdlib.then(|| name("Stdlib"));
        let opened = stdlib.into_iter().chain(source.opens.iter().copied());
        let opened = opened.filter_map(|opened| self.visible(source.library, opened));
        let opened = opened.filter(|&opened| opened != unit).filter_map(|opened| self.shown_by(opened));
        opened.chain(source.implementation()).collect()
    }

    fn unit_named(&self, by: UnitId, head: Name) -> Option<UnitId> {
        let source = self.world.project.unit(by);
        let opened = source.opens.iter().rev().find_map(|&opened| {
            let opened = self.visible(source.library, opened).filter(|&opened| opened != by)?;
            self.aliases_of(opened).get(&head).copied()
        });
        opened.or_else(|| self.visible(source.library, head)).filter(|&named| named != by)
    }

    fn visible(&self, from: LibraryId, name: Name) -> Option<UnitId> {
        let mut visible = self.visible.lock().unwrap_or_else(PoisonError::into_inner);
        *visible.entry((from, name)).or_insert_with(|| self.world.project.visible_unit(from, name))
    }

    /// The units that the aliases of a module stand for: most often it was made by the build and has nothing else.
    fn aliases_of(&self, unit: UnitId) -> &FxHashMap<Name, UnitId> {
        self.aliases[unit.idx()].get_or_init(|| {
            let source = self.world.project.unit(unit);
            let aliases = match &source.source {
                UnitSource::Generated(generated) => generated.aliases.clone(),
                _ => {
                    let file = self.shown_by(unit);
                    // Whoever resolves the unit at hand looks into it as well.
                    file.and_then(|file| self.world.file(file))
                        .map_or(Vec::new(), |file| aliases(&file.facts))
                }
            };
            let unit_of = |(alias, name)| Some((alias, self.visible(source.library, name)?));
            aliases.into_iter().filter_map(unit_of).collect()
        })
    }
}

/// The names that a file gives to modules, with the names of these.
fn aliases(facts: &FileFacts) -> Vec<(Name, Name)> {
    let alias = |item: &ItemKind| {
        let (names, path) = match item {
            ItemKind::Module { names, body, .. } => match facts.module_expr(*body) {
                ModuleExpr::Path(path) => (names, path),
                _ => return None,
            },
            ItemKind::ModuleSpec { names, body, .. } => match facts.module_type(*body) {
                ModuleType::Alias(path) => (names, path),
                _ => return None,
            },
            _ => return None,
        };
        match (facts.names(*names), facts.names(facts.reference(*path).path)) {
            (&[alias], &[name]) => Some((alias, name)),
            _ => None,
        }
    };
    facts.structure(facts.root).items.iter().filter_map(|&item| alias(&facts.item(item).kind)).collect()
}
