//! What a signature asks of a module: its members, and aliases that become fields.

use super::Walk;
use super::path::components;
use crate::base::{Idx, Name, Span};
use crate::parse::{ItemKind, ModuleExpr, ModuleExprId, StructureId};
use crate::resolve::defs::{LocalDef, whole};
use crate::resolve::eval::{Addr, EMPTY, Evaluator, Find, Found, Module, Reason, Sig};
use crate::resolve::index::{Space, join};
use crate::resolve::model::{EdgeFlags, EdgeKind, Target};
use rustc_hash::FxHashMap;

impl Walk<'_, '_, '_> {
    /// Aliases that a signature turns into fields, and the members that a signature asks of a module.
    pub(super) fn coercions(&mut self) {
        // Of a constraint directly in another one, what the outer one asks for.
        let mut outer: FxHashMap<ModuleExprId, Sig> = FxHashMap::default();
        for index in 0..self.facts.module_exprs.len() {
            let expr = ModuleExprId::new(index);
            match self.facts.module_expr(expr).clone() {
                ModuleExpr::Constraint { module, module_type } => {
                    let sig = self.eval.module_type(self.file, module_type, EMPTY);
                    self.coerce(module, sig, outer.get(&expr).copied());
                    outer.insert(module, sig);
                }
                ModuleExpr::Apply { functor, argument: Some(argument) } => {
                    let functor = self.eval.expression(self.file, functor, EMPTY);
                    let sig = match self.eval.param_signature(functor) {
                        Some(sig) => sig,
                        None => Sig::Unknown(Reason::FunctorResult),
                    };
                    self.coerce(argument, sig, None);
                    outer.insert(argument, sig);
                }
                _ => {}
            }
        }
    }

    fn coerce(&mut self, expr: ModuleExprId, sig: Sig, outer: Option<Sig>) {
        // The text of an application starts with its functor's.
        let mut head = expr;
        while let ModuleExpr::Apply { functor, .. } = self.facts.module_expr(head) {
            head = *functor;
        }
        let (owner, span) = match self.facts.module_expr(head) {
            // What is typed and not run fills nothing.
            ModuleExpr::Path(path) if self.facts.reference(*path).role.is_type_level() => return,
            ModuleExpr::Path(path) => (self.owners[path.idx()], self.facts.reference(*path).span),
            ModuleExpr::Structure(structure) => {
                let span = self.facts.structure(*structure).span;
                (self.owner_at(*structure), Span { start: span.start, end: span.start })
            }
            _ => return,
        };
        let source = self.eval.expression(self.file, expr, EMPTY);
        let wanted = Module { link: Addr::Local, canon: Addr::Local, sig };
        if matches!(sig, Sig::Unknown(_)) {
            return;
        }
        let mut aliases = Vec::new();
        materialized(self.eval, source, wanted, whole(), &mut aliases, 0);
        // Two constraints are one to the compiler: what the outer one drops is never filled.
        if let Some(outer) = outer.filter(|outer| !matches!(outer, Sig::Unknown(_))) {
            let outer = Module { sig: outer, ..wanted };
            aliases.retain(|&(path, _)| self.has_module(outer, path));
        }
        for (_, module) in aliases {
            if let Addr::Field(unit, path) = module.link {
                let flags = EdgeFlags { coercion: true, whole: true, ..EdgeFlags::default() };
                self.edge(owner, EdgeKind::Module, Target { unit, path }, Space::Module, span, flags);
            }
        }
        let (ModuleExpr::Path(_), Addr::Field(..)) = (self.facts.module_expr(expr), source.link) else {
            return;
        };
        // What the signature asks of the module, field by field; the module itself is no longer whole.
        for edge in self.edges.iter_mut().rev().filter(|edge| edge.span == span) {
            edge.flags = EdgeFlags { whole: false, ..edge.flags.get() }.into();
        }
        for (space, kind) in [
            (Space::Value, EdgeKind::Value),
            (Space::Module, EdgeKind::Module),
            (Space::Constructor, EdgeKind::Extension),
            (Space::Class, EdgeKind::Class),
        ] {
            for member in self.eval.members(wanted, space) {
                let Find::Found(found) = self.eval.find(source, space, member) else { continue };
                let Addr::Field(unit, path) = found.link else { continue };
                if !self.is_runtime(&found, space) {
                    continue;
                }
                let whole = space == Space::Module;
                let flags = EdgeFlags { coercion: true, whole, ..EdgeFlags::default() };
                self.edge(owner, kind, Target { unit, path }, space, span, flags);
            }
        }
    }

    fn has_module(&mut self, mut module: Module, path: Name) -> bool {
        components(path).into_iter().all(|part| match self.eval.find(module, Space::Module, part) {
            Find::Found(Found { module: Some(inner), .. }) => {
                module = inner;
                true
            }
            found => !matches!(found, Find::Absent),
        })
    }

    /// Whether a member is a field of its module's block.
    fn is_runtime(&self, found: &Found, space: Space) -> bool {
        let Some(binding) = found.item else { return space == Space::Module && !found.absent };
        let Some(loaded) = self.eval.file(binding.file) else { return false };
        match &loaded.facts.item(binding.item).kind {
            ItemKind::Type { .. } => binding.slot.is_derived,
            ItemKind::External { primitive, .. } => !primitive.starts_with('%'),
            _ => !found.absent,
        }
    }

    fn owner_at(&self, structure: StructureId) -> Option<u32> {
        let span = self.facts.structure(structure).span;
        let after = self.defs.defs.partition_point(|def| def.span.start <= span.start);
        let holds = |def: &LocalDef| def.span.start <= span.start && span.end <= def.span.end;
        if let Some(number) = (0..after).rev().find(|&number| holds(&self.defs.defs[number])) {
            return self.defs.by_item.get(&self.defs.defs[number].item).copied();
        }
        // What an include brings stands for the include.
        let first = self.defs.defs.get(after).filter(|def| def.span.end <= span.end);
        first.map(|_| after as u32)
    }
}

/// Collects the aliases of `source` that `wanted` makes fields: path, and what the alias stands for.
pub(super) fn materialized(
    eval: &mut Evaluator,
    source: Module,
    wanted: Module,
    prefix: Name,
    out: &mut Vec<(Name, Module)>,
    depth: u32,
) {
    if depth > 12 || source.sig == wanted.sig || !eval.may_have_modules(wanted.sig) {
        return;
    }
    for member in eval.members(wanted, Space::Module) {
        let Find::Found(Found { module: Some(field), absent: false, .. }) =
            eval.find(wanted, Space::Module, member)
        else {
            continue;
        };
        let Find::Found(Found { module: Some(given), absent, .. }) = eval.find(source, Space::Module, member)
        else {
            continue;
        };
        let path = join(prefix, member);
        if absent {
            out.push((path, given));
        }
        let (given, field) = results(eval, given, field);
        materialized(eval, given, field, path, out, depth + 1);
    }
}

/// Where a functor is asked for, what the functor that is given returns, and what it is asked to return.
fn results(eval: &mut Evaluator, mut given: Module, mut wanted: Module) -> (Module, Module) {
    const AT: (Addr, Addr) = (Addr::Local, Addr::Local);
    let is_functor = |sig| matches!(sig, Sig::FunctorExpr { .. } | Sig::FunctorType { .. });
    while is_functor(given.sig) && is_functor(wanted.sig) {
        let param = eval.param_signature(wanted).map(|sig| Module { link: AT.0, canon: AT.1, sig });
        given = eval.apply(given, param, AT);
        wanted = eval.apply(wanted, param, AT);
    }
    (given, wanted)
}
