//! Edges, and the definitions behind their targets.

use super::path::{components, split_last};
use super::{LocalEdge, LocalId, Walk};
use crate::base::{LibraryId, Name, Span, UnitId, name};
use crate::parse::{ItemKind, ModuleExpr};
use crate::project::Project;
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
        let chain = self.chain(target, space, None);
        let n_others = self.n_stand_ins(target, &chain);
        let (project, library) = (self.eval.world.project, self.library());
        self.edges_along(from, kind, target, &chain, span, flags);
        for nth in 0..n_others {
            let target = stand_in(project, library, target, Some(nth));
            let chain = self.chain(target, space, Some(nth));
            self.edges_along(from, kind, target, &chain, span, flags);
        }
    }

    fn edges_along(
        &mut self,
        from: u32,
        kind: EdgeKind,
        target: Target,
        chain: &[LocalId],
        span: Span,
        flags: EdgeFlags,
    ) {
        let first = chain.first().copied();
        self.edges.push(LocalEdge { from, kind, target, def: first.into(), span, flags: flags.into() });
        let through = EdgeFlags { through: true, ..flags }.into();
        for &def in chain.iter().skip(1) {
            let path = self.eval.defs(def.0).defs[def.1 as usize].path;
            let target = Target { unit: def.0, path };
            self.edges.push(LocalEdge { from, kind, target, def: Some(def).into(), span, flags: through });
        }
    }

    /// So many units stand in for one on the way to a target: the program that is linked tells which it is.
    fn n_stand_ins(&self, target: Target, chain: &[LocalId]) -> usize {
        let project = self.eval.world.project;
        if project.stand_ins.is_empty() {
            return 0;
        }
        let units = chain.iter().map(|&(unit, _)| unit).chain([target.unit]);
        units.map(|unit| project.stand_ins(self.library(), unit).len()).max().unwrap_or(0)
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
        let Some(unit) = self.eval.visible_unit(self.library(), name(unit)) else { return };
        if unit == self.unit {
            return;
        }
        let flags = EdgeFlags { implicit: true, whole: path.is_empty(), ..EdgeFlags::default() };
        let space = if kind == EdgeKind::Value { Space::Value } else { Space::Module };
        self.edge(owner, kind, Target { unit, path: name(path) }, space, span, flags);
    }

    /// The definitions behind a target: the longest prefix of its path that is one, then, where that is an include or
    /// a sealed alias, what it stands for.
    ///
    /// Where it comes by a unit that others stand in for, the nth of those is taken, if that is asked.
    fn chain(&mut self, target: Target, space: Space, nth: Option<usize>) -> Vec<LocalId> {
        if let Some(chain) = self.chains.get(&(target, space, nth)) {
            return chain.clone();
        }
        let from = self.library();
        let mut way = Way { eval: self.eval, from, space, nth, chain: Vec::new() };
        way.follow(target, 0);
        let chain = way.chain;
        self.chains.insert((target, space, nth), chain.clone());
        chain
    }

    /// The library of the unit at hand.
    fn library(&self) -> LibraryId {
        self.eval.world.project.unit(self.unit).library
    }
}

/// On the way to what is behind a target.
struct Way<'e, 'w> {
    eval: &'e mut Evaluator<'w>,
    /// The library of the unit that refers.
    from: LibraryId,
    space: Space,
    /// Which of those that stand in for a unit is taken.
    nth: Option<usize>,
    chain: Vec<LocalId>,
}

impl Way<'_, '_> {
    /// See [`Walk::chain`].
    fn follow(&mut self, target: Target, depth: u32) {
        if depth > 16 || target.path.is_empty() {
            return;
        }
        let target = stand_in(self.eval.world.project, self.from, target, self.nth);
        let defs = self.eval.defs(target.unit).clone();
        if defs.defs.is_empty() {
            return;
        }
        if let Some(number) = defs.last(self.space, target.path) {
            self.chain.push((target.unit, number));
            return;
        }
        // The longest prefix that is a module of this unit.
        let mut prefix = split_last(target.path).0;
        while !prefix.is_empty() {
            if let Some(number) = defs.last(Space::Module, prefix) {
                self.chain.push((target.unit, number));
                let def = &defs.defs[number as usize];
                let rest = &target.path.as_str()[prefix.len() + 1..];
                if def.kind == DefKind::Alias
                    && let Some(module) = alias_target(self.eval, def)
                    && let Addr::Field(unit, path) = module.link
                {
                    return self.follow(Target { unit, path: join(path, name(rest)) }, depth + 1);
                }
                return self.through_include(target, depth, &defs);
            }
            prefix = split_last(prefix).0;
        }
        self.through_include(target, depth, &defs);
    }

    /// The name came by an include: its text is where the included module has it.
    fn through_include(&mut self, target: Target, depth: u32, defs: &UnitDefs) {
        let Some(mut module) = self.eval.unit_inside(target.unit) else { return };
        let parts = components(target.path);
        for (index, &part) in parts.iter().enumerate() {
            let is_last = index + 1 == parts.len();
            let space = if is_last { self.space } else { Space::Module };
            let Find::Found(found) = self.eval.find(module, space, part) else { return };
            if let Addr::Field(unit, path) = found.origin
                && (unit != target.unit || path != found_path(target.unit, &found))
            {
                // The include item itself is touched, then the definition behind it.
                if let Some(effect) = include_effect(defs, &parts[..index]) {
                    self.chain.push((target.unit, effect));
                }
                let rest: Vec<&str> = parts[index + 1..].iter().map(|part| part.as_str()).collect();
                let path = if rest.is_empty() { path } else { join(path, name(&rest.join("."))) };
                return self.follow(Target { unit, path }, depth + 1);
            }
            match found.module {
                Some(inner) if !is_last => module = inner,
                _ => return,
            }
        }
    }
}

/// Puts the nth unit that stands in for that of a target in its place, if that is asked and there is one.
fn stand_in(project: &Project, from: LibraryId, target: Target, nth: Option<usize>) -> Target {
    let other = nth.and_then(|nth| project.stand_ins(from, target.unit).get(nth));
    Target { unit: other.copied().unwrap_or(target.unit), ..target }
}

fn alias_target(eval: &mut Evaluator, def: &LocalDef) -> Option<Module> {
    let loaded = eval.file(def.file)?.clone();
    let ItemKind::Module { body, .. } = &loaded.facts.item(def.item).kind else { return None };
    let ModuleExpr::Path(path) = loaded.facts.module_expr(*body) else { return None };
    eval.module_of_ref(def.file, &loaded.facts, *path, EMPTY)
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
