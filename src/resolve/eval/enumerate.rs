//! All names that a signature has.

use super::Evaluator;
use super::model::{Module, Sig};
use crate::base::{Idx, Name};
use crate::project::UnitSource;
use crate::resolve::index::Space;

impl Evaluator<'_> {
    /// Returns the names that a signature has in a name space, sorted, without duplicates.
    pub(crate) fn members(&mut self, module: Module, space: Space) -> Vec<Name> {
        let mut names = Vec::new();
        self.collect(module, space, &mut names);
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn collect(&mut self, module: Module, space: Space, out: &mut Vec<Name>) {
        if self.tally.is_at_limit() {
            return;
        }
        self.tally.enter();
        match module.sig {
            Sig::Generated(unit) if space == Space::Module => {
                if let UnitSource::Generated(generated) = &self.world.project.unit(unit).source {
                    out.extend(generated.aliases.iter().map(|&(alias, _)| alias));
                }
            }
            Sig::With(with) => {
                let base = self.withs[with as usize].base;
                self.collect(Module { sig: base, ..module }, space, out);
            }
            Sig::Structure { file, structure, env } => {
                if let Some(loaded) = self.file(file)
                    && let Some(inside) = self.enter(module, loaded, file, structure, env)
                {
                    let scopes = &loaded.index.scopes[structure.idx()];
                    out.extend(scopes.names.of_space(space));
                    let items = &loaded.facts.structure(structure).items;
                    for &position in &scopes.includes {
                        let (inner, _, _) = self.item_module(loaded, inside, items[position as usize]);
                        self.collect(inner, space, out);
                    }
                }
            }
            _ => {}
        }
        self.tally.leave();
    }

    /// Whether a signature may hold modules at all: cheap, and false for most.
    pub(crate) fn may_have_modules(&self, sig: Sig) -> bool {
        match sig {
            Sig::Structure { file, structure, .. } => self.file(file).is_some_and(|loaded| {
                let scopes = &loaded.index.scopes[structure.idx()];
                scopes.has_modules || !scopes.includes.is_empty()
            }),
            Sig::With(with) => self.may_have_modules(self.withs[with as usize].base),
            _ => false,
        }
    }
}
