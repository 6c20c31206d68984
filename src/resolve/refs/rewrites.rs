//! Code that the compiler or a rewriter adds.

use super::Walk;
use crate::base::{Name, Span, name};
use crate::parse::{ItemKind, RefKind, Rewrite, RewriteKind, ScopeId};
use crate::resolve::eval::{Addr, EMPTY, Find};
use crate::resolve::index::Space;
use crate::resolve::model::{DefKind, EdgeFlags, EdgeKind, Target, Unresolved};
use crate::resolve::rewriters;
use rustc_hash::FxHashSet;

impl Walk<'_, '_, '_> {
    /// Code that the compiler or a rewriter adds.
    pub(super) fn rewrites(&mut self) {
        let by_position = self.rewrite_owners();
        let in_signature = self.rewrites_in_signatures();
        for (index, rewrite) in self.facts.rewrites.iter().enumerate() {
            let owner = by_position[index];
            if in_signature[index] && rewrite.kind == RewriteKind::Deriver {
                continue;
            }
            match rewrite.kind {
                RewriteKind::Implicit => match rewrite.name.as_str() {
                    "object" => self.implicit(owner, "CamlinternalOO", "", EdgeKind::Module, rewrite.span),
                    "module-rec" => {
                        for owner in self.group_of(owner) {
                            self.implicit(
                                Some(owner),
                                "CamlinternalMod",
                                "init_mod",
                                EdgeKind::Value,
                                rewrite.span,
                            );
                        }
                    }
                    "lazy-pattern" => {
                        self.implicit(
                            owner,
                            "CamlinternalLazy",
                            "force_lazy_block",
                            EdgeKind::Value,
                            rewrite.span,
                        );
                    }
                    _ => {}
                },
                _ => self.rewriter(owner, rewrite),
            }
        }
    }

    /// In a signature a deriver only declares.
    fn rewrites_in_signatures(&self) -> Vec<bool> {
        let mut inside = vec![false; self.facts.rewrites.len()];
        for item in self.facts.items.iter().filter(|item| !item.rewrites.is_empty()) {
            let is_signature = self.facts.structure(item.parent).is_signature;
            inside[item.rewrites.start as usize..item.rewrites.end as usize].fill(is_signature);
        }
        inside
    }

    /// The definitions of one recursive group.
    fn group_of(&self, owner: Option<u32>) -> Vec<u32> {
        let Some(owner) = owner else { return Vec::new() };
        let group = self.facts.item(self.defs.defs[owner as usize].item).group;
        let all = (0u32..).zip(&self.defs.defs);
        all.filter(|(_, def)| self.facts.item(def.item).group == group).map(|(number, _)| number).collect()
    }

    fn rewrite_owners(&self) -> Vec<Option<u32>> {
        let mut owners = vec![None; self.facts.rewrites.len()];
        for (number, def) in self.defs.defs.iter().enumerate() {
            if self.defs.by_item.get(&def.item) != Some(&(number as u32)) {
                continue;
            }
            let owner = match def.kind {
                DefKind::Effect => def.in_functor.unwrap_or(number as u32),
                _ => number as u32,
            };
            let rewrites = &self.facts.item(def.item).rewrites;
            owners[rewrites.start as usize..rewrites.end as usize].fill(Some(owner));
        }
        owners
    }

    fn rewriter(&mut self, owner: Option<u32>, rewrite: &Rewrite) {
        let Some(rule) = rewriters::rule(rewrite.kind, rewrite.name) else {
            if rewriters::is_builtin(rewrite.kind, rewrite.name) {
                return;
            }
            self.out.unresolved.push(Unresolved {
                unit: self.unit,
                file: self.file,
                path: format!("[%{}]", rewrite.name),
                span: rewrite.span,
                reason: "unknown-rewriter",
            });
            return;
        };
        for path in &rule.uses {
            self.ghost_value(owner, path, rewrite.scope, rewrite.span);
        }
        if rewrite.kind != RewriteKind::Deriver || rule.components.is_empty() {
            return;
        }
        // The derived code calls that of the types that the declaration names.
        let Some(owner_def) = owner.map(|owner| &self.defs.defs[owner as usize]) else { return };
        let refs = self.facts.item(owner_def.item).refs.clone();
        let mut seen = FxHashSet::default();
        for index in refs {
            let reference = self.facts.refs[index as usize];
            if reference.kind != RefKind::Type {
                continue;
            }
            let path = self.facts.names(reference.path).to_vec();
            let Some((&ty, modules)) = path.split_last() else { continue };
            if !seen.insert(path.clone()) {
                continue;
            }
            for template in &rule.components {
                let value = name(&rewriters::instantiate(template, ty));
                let mut path = modules.to_vec();
                path.push(value);
                let found =
                    self.eval.resolve(self.file, self.facts, &path, reference.scope, EMPTY, Space::Value);
                self.ghost_found(owner, found, reference.span);
            }
        }
    }

    /// A value that generated code names: by its place in the scope of the node.
    fn ghost_value(&mut self, owner: Option<u32>, path: &[Name], scope: ScopeId, span: Span) {
        let found = self.eval.resolve(self.file, self.facts, path, scope, EMPTY, Space::Value);
        let found = match found {
            Find::Absent => self.eval.resolve(self.file, self.facts, path, scope, EMPTY, Space::Module),
            found => found,
        };
        self.ghost_found(owner, found, span);
    }

    fn ghost_found(&mut self, owner: Option<u32>, found: Find, span: Span) {
        let Find::Found(found) = found else { return };
        let Addr::Field(unit, path) = found.link else { return };
        let kind = match found.item.and_then(|binding| {
            let loaded = self.eval.world.file(binding.file)?;
            match &loaded.facts.item(binding.item).kind {
                ItemKind::External { primitive, .. } if primitive.starts_with('%') => {
                    Some(EdgeKind::Primitive)
                }
                ItemKind::External { .. } => Some(EdgeKind::CExternal),
                _ => None,
            }
        }) {
            Some(kind) => kind,
            None if found.module.is_some() => EdgeKind::Module,
            None => EdgeKind::Value,
        };
        let space = if kind == EdgeKind::Module { Space::Module } else { Space::Value };
        let flags = EdgeFlags { implicit: true, ..EdgeFlags::default() };
        self.edge(owner, kind, Target { unit, path }, space, span, flags);
    }
}
