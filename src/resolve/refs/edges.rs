//! Edges, and the definitions behind their targets.

use super::path::{components, split_last};
use super::{LocalEdge, LocalId, Walk};
use crate::base::{Name, Span, UnitId, name};
use crate::parse::{ItemKind, ModuleExpr};
use crate::resolve::defs::{LocalDef, UnitDefs, whole};
use crate::resolve::eval::{Addr, EMPTY, Evaluator, Find, Found, Module};
use crate::resolve::index::{Space, join};
use crate::resolve::model::{DefKind, EdgeFlags, EdgeKind, Target};

impl Walk<'_, '_, '_> {
    pub(super) fn edge(
        &mut self,
        owner: Option<u32>,
        kind: EdgeKind,
        target: Target,
        space: Space,
        span: Span,
        flags: EdgeFlags,
    ) {
        let Some(from) = owner else { return };
        let chain = self.chain(target, space);
        let first = chain.first().copied();
        self.edges.push(LocalEdge { from, kind, target, def: first.into(), span, flags: flags.into() });
        let through = EdgeFlags { through: true, ..flags }.into();
        for def in chain.into_iter().skip(1) {
            let path = self.eval.defs(def.0).defs[def.1 as usize].path;
            let target = Target { unit: def.0, path };
            self.edges.push(LocalEdge { from, kind, target, def: Some(def).into(), span, flags: through });
        }
    }

    pub(super) fn edge_to(
        &mut self,
        owner: Option<u32>,
        kind: EdgeKind,
        target: Target,
        def: LocalId,
        span: Span,
        flags: EdgeFlags,
    ) {
        if let Some(from) = owner {
            let (def, flags) = (Some(def).into(), flags.into());
            self.edges.push(LocalEdge { from, kind, target, def, span, flags });
        }
    }

    pub(super) fn implicit(
        &mut self,
        owner: Option<u32>,
        unit: &str,
        path: &str,
        kind: EdgeKind,
        span: Span,
    ) {
        let library = self.eval.world.project.unit(self.unit).library;
        let Some(unit) = self.eval.visible_unit(library, name(unit)) else { return };
        if unit == self.unit {
            return;
        }
        let flags = EdgeFlags { implicit: true, whole: path.is_empty(), ..EdgeFlags::default() };
        let space = if kind == EdgeKind::Value { Space::Value } else { Space::Module };
        self.edge(owner, kind, Target { unit, path: name(path) }, space, span, flags);
    }

    /// The definitions behind a target: the longest prefix of its path that is one, then, where that is an include or
    /// a sealed alias, what it stands for.
    fn chain(&mut self, target: Target, space: Space) -> Vec<LocalId> {
        if let Some(chain) = self.chains.get(&(target, space)) {
            return chain.clone();
        }
        let mut chain = Vec::new();
        chain_of(self.eval, target, space, &mut chain, 0);
        self.chains.insert((target, space), chain.clone());
        chain
    }
}

/// See [`Walk::chain`].
fn chain_of(eval: &mut Evaluator, target: Target, space: Space, chain: &mut Vec<LocalId>, depth: u32) {
    if depth > 16 || target.path.is_empty() {
        return;
    }
    let defs = eval.defs(target.unit).clone();
    if defs.defs.is_empty() {
        return;
    }
    if let Some(number) = defs.last(space, target.path) {
        chain.push((target.unit, number));
        return;
    }
    // The longest prefix that is a module of this unit.
    let mut prefix = split_last(target.path).0;
    while !prefix.is_empty() {
        if let Some(number) = defs.last(Space::Module, prefix) {
            chain.push((target.unit, number));
            let def = &defs.defs[number as usize];
            let rest = &target.path.as_str()[prefix.len() + 1..];
            if def.kind == DefKind::Alias
                && let Some(module) = alias_target(eval, def)
                && let Addr::Field(unit, path) = module.link
            {
                let target = Target { unit, path: join(path, name(rest)) };
                chain_of(eval, target, space, chain, depth + 1);
                return;
            }
            return through_include(eval, target, space, chain, depth, &defs);
        }
        prefix = split_last(prefix).0;
    }
    through_include(eval, target, space, chain, depth, &defs);
}

fn alias_target(eval: &mut Evaluator, def: &LocalDef) -> Option<Module> {
    let loaded = eval.file(def.file)?.clone();
    let ItemKind::Module { body, .. } = &loaded.facts.item(def.item).kind else { return None };
    let ModuleExpr::Path(path) = loaded.facts.module_expr(*body) else { return None };
    eval.module_of_ref(def.file, &loaded.facts, *path, EMPTY)
}

/// The name came by an include: its text is where the included module has it.
fn through_include(
    eval: &mut Evaluator,
    target: Target,
    space: Space,
    chain: &mut Vec<LocalId>,
    depth: u32,
    defs: &UnitDefs,
) {
    let Some(mut module) = eval.unit_inside(target.unit) else { return };
    let parts = components(target.path);
    for (index, &part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let Find::Found(found) = eval.find(module, if is_last { space } else { Space::Module }, part) else {
            return;
        };
        if let Addr::Field(unit, path) = found.origin
            && (unit != target.unit || path != found_path(target.unit, &found))
        {
            // The include item itself is touched, then the definition behind it.
            if let Some(effect) = include_effect(defs, &parts[..index]) {
                chain.push((target.unit, effect));
            }
            let rest: Vec<&str> = parts[index + 1..].iter().map(|part| part.as_str()).collect();
            let path = if rest.is_empty() { path } else { join(path, name(&rest.join("."))) };
            return chain_of(eval, Target { unit, path }, space, chain, depth + 1);
        }
        match found.module {
            Some(inner) if !is_last => module = inner,
            _ => return,
        }
    }
}

fn found_path(unit: UnitId, found: &Found) -> Name {
    match found.link {
        Addr::Field(at, path) if at == unit => path,
        _ => whole(),
    }
}

fn include_effect(defs: &UnitDefs, within: &[Name]) -> Option<u32> {
    let parts: Vec<&str> = within.iter().map(|part| part.as_str()).collect();
    let path = name(&parts.join("."));
    (0u32..)
        .zip(&defs.defs)
        .find(|(_, def)| def.kind == DefKind::Effect && def.path == path)
        .map(|(number, _)| number)
}
