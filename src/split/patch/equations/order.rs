//! In which order constraints can say what the types of a signature equal.

use super::{Equations, Nominal, is_nominal};
use crate::base::FileId;
use crate::parse::{ItemId, RefKind, Reference};
use crate::resolve::{EMPTY, Find, Space};
use rustc_hash::{FxHashMap, FxHashSet};

impl Equations<'_, '_> {
    /// Puts types behind those that their constructors and fields are of: a constraint can say what a type equals only when
    /// it is known what these equal. Otherwise the order stays. Of types that hold each other, one is returned as the error.
    pub(super) fn in_order(&mut self, mut types: Vec<Nominal>) -> Result<Vec<Nominal>, String> {
        let held: Vec<FxHashSet<(FileId, ItemId)>> =
            types.iter().map(|nominal| self.held_by(nominal.item)).collect();
        let mut held: FxHashMap<String, FxHashSet<(FileId, ItemId)>> =
            types.iter().map(|nominal| nominal.path.clone()).zip(held).collect();
        let mut ordered: Vec<Nominal> = Vec::with_capacity(types.len());
        while let Some(first) = types.first() {
            let waits = |nominal: &Nominal| {
                types
                    .iter()
                    .any(|other| other.item != nominal.item && held[&nominal.path].contains(&other.item))
            };
            let Some(ready) = types.iter().position(|nominal| !waits(nominal)) else {
                return Err(first.path.clone());
            };
            let nominal = types.remove(ready);
            held.remove(&nominal.path);
            ordered.push(nominal);
        }
        Ok(ordered)
    }

    /// The types that the constructors and fields of a type are of, and those that these abbreviate.
    fn held_by(&mut self, item: (FileId, ItemId)) -> FxHashSet<(FileId, ItemId)> {
        let mut held = FxHashSet::default();
        let mut open = vec![item];
        while let Some((id, item)) = open.pop() {
            let Some(file) = self.eval.file(id).cloned() else { continue };
            let facts = &file.facts;
            let is_type = |reference: &&Reference| reference.kind == RefKind::Type;
            let range = facts.item(item).refs.clone();
            for reference in facts.refs[range.start as usize..range.end as usize].iter().filter(is_type) {
                let path = facts.names(reference.path);
                let scope = reference.scope;
                let Find::Found(found) = self.eval.resolve(id, facts, path, scope, EMPTY, Space::Type) else {
                    continue;
                };
                let Some(binding) = found.item else { continue };
                let inner = (binding.file, binding.item);
                let abbreviates = self
                    .eval
                    .file(binding.file)
                    .is_some_and(|file| !is_nominal(&file.facts, file.facts.item(binding.item)));
                if held.insert(inner) && abbreviates {
                    open.push(inner);
                }
            }
        }
        held
    }
}
