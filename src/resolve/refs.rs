//! What the references of one unit mean: edges, from the definition that owns the text to what code generation reads.
//!
//! The rule for links is that of `LINKING.md`, section 1: heads of the paths of values, modules, extension constructors
//! and classes, after the aliases that are only names are rewritten; C externals through every alias; and, without
//! `-no-alias-deps`, the heads of alias right-hand sides and of the aliases met on the way.

use super::defs::{LocalDef, UnitDefs, whole};
use super::eval::{Addr, EMPTY, Evaluator, Find, Found, Module, Reason, Sig};
use super::index::{Space, join};
use super::model::{DefKind, EdgeFlags, EdgeKind, Target, TypePart, Unresolved};
use super::rewriters;
use super::world::File;
use crate::base::{Code, FileId, Idx, Name, Problem, RefId, Severity, Span, UnitId, name};
use crate::parse::{
    FileFacts, ItemKind, ModuleExpr, ModuleExprId, RefKind, Reference, Rewrite, RewriteKind, Role, ScopeId,
    StructureId,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// A definition of some unit, by its local number.
pub(crate) type LocalId = (UnitId, u32);

/// An edge before definitions have their final ids.
#[derive(Clone, Debug)]
pub(crate) struct LocalEdge {
    pub(crate) from: u32,
    pub(crate) kind: EdgeKind,
    pub(crate) target: Target,
    pub(crate) def: Option<LocalId>,
    pub(crate) span: Span,
    pub(crate) flags: EdgeFlags,
}

/// All that the references of one unit mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitRefs {
    /// Edges in source order.
    pub(crate) edges: Vec<LocalEdge>,
    /// Names that mean nothing known.
    pub(crate) unresolved: Vec<Unresolved>,
    /// Units named by their own name, in types and interfaces too, sorted.
    pub(crate) mentioned: Vec<UnitId>,
    /// Local numbers of aliases that the interface makes real fields.
    pub(crate) sealed: Vec<u32>,
    /// What aliases stand for, by local number.
    pub(crate) alias_of: Vec<(u32, Target)>,
    /// Local numbers of definitions that the interface hides.
    pub(crate) hidden: Vec<u32>,
}

/// Resolves the references of a unit's implementation, and the names that its interface mentions.
pub(crate) fn resolve_unit(eval: &mut Evaluator, unit: UnitId) -> UnitRefs {
    let source = eval.world.project.unit(unit);
    let mut out = UnitRefs::default();
    let files = [source.interface(), source.implementation()].into_iter().flatten();
    let n_references =
        files.filter_map(|file| eval.world.file(file)).map(|loaded| loaded.facts.refs.len()).sum();
    eval.begin(n_references);
    eval.mentioned.clear();
    if let Some(file) = source.interface()
        && let Some(loaded) = eval.world.file(file).cloned()
    {
        mentions_of_interface(eval, file, &loaded);
    }
    if let Some(file) = source.implementation()
        && let Some(loaded) = eval.world.file(file).cloned()
    {
        let defs = eval.world.defs(unit).clone();
        let mut walk = Walk {
            eval,
            unit,
            file,
            facts: &loaded.facts,
            owners: owners(&loaded.facts, &defs),
            defs: &defs,
            chains: FxHashMap::default(),
            out: &mut out,
        };
        walk.references();
        walk.coercions();
        walk.rewrites();
        walk.interface();
        walk.share_patterns();
    }
    if eval.is_exhausted() {
        let message = format!(
            "the names of unit {} lead to one another in too many ways; not all are followed",
            source.name
        );
        let problem = Problem::new(Severity::Warning, Code::Unresolved, message)
            .help("what it refers to may be missing from every figure; look for includes of includes that double at every level");
        let file = source
            .implementation()
            .or(source.interface())
            .map(|file| eval.world.project.file(file).shown.clone());
        eval.world.problem(match file {
            Some(file) => problem.at(file, None),
            None => problem,
        });
    }
    out.mentioned.append(&mut eval.mentioned);
    out.mentioned.sort();
    out.mentioned.dedup();
    out
}

fn mentions_of_interface(eval: &mut Evaluator, file: FileId, loaded: &File) {
    for reference in &loaded.facts.refs {
        let path = loaded.facts.names(reference.path);
        if path.len() > 1 || reference.kind == RefKind::Module {
            eval.lookup(file, reference.scope, EMPTY, Space::Module, path[0]);
        }
    }
}

/// For each reference, the local number of the definition that owns its text.
fn owners(facts: &FileFacts, defs: &UnitDefs) -> Vec<Option<u32>> {
    let mut owners = vec![None; facts.refs.len()];
    for (number, def) in defs.defs.iter().enumerate() {
        if defs.by_item.get(&def.item) != Some(&(number as u32)) {
            continue;
        }
        // Code without a name inside a functor belongs to the functor: it runs when that is applied.
        let owner = match def.kind {
            DefKind::Effect => def.in_functor.unwrap_or(number as u32),
            _ => number as u32,
        };
        let refs = &facts.item(def.item).refs;
        owners[refs.start as usize..refs.end as usize].fill(Some(owner));
    }
    owners
}

/// See [`Walk::payloads`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payload {
    Code,
    Quoted,
    Unknown,
}

struct Walk<'e, 'w, 'f> {
    eval: &'e mut Evaluator<'w>,
    unit: UnitId,
    file: FileId,
    facts: &'f FileFacts,
    owners: Vec<Option<u32>>,
    defs: &'f UnitDefs,
    chains: FxHashMap<(Target, Space), Vec<LocalId>>,
    out: &'e mut UnitRefs,
}

impl Walk<'_, '_, '_> {
    fn no_alias_deps(&self) -> bool {
        self.eval.world.project.unit(self.unit).no_alias_deps
    }

    // ---------------------------------------------------------------- references

    fn references(&mut self) {
        let payloads = self.payloads();
        for (index, payload) in payloads.into_iter().enumerate() {
            let mut reference = self.facts.refs[index];
            let owner = self.owners[index];
            match payload {
                Payload::Quoted => continue,
                Payload::Code => reference.in_extension = false,
                Payload::Unknown => {}
            }
            self.eval.hops.clear();
            match reference.kind {
                RefKind::Module => self.module_reference(owner, RefId::new(index), &reference),
                _ => self.plain_reference(owner, &reference),
            }
        }
    }

    fn resolve(&mut self, reference: &Reference, space: Space) -> Find {
        let path = self.facts.names(reference.path);
        self.eval.resolve(self.file, self.facts, path, reference.scope, EMPTY, space)
    }

    /// What the extension nodes around each reference make of it: code of its own, quoted (`[%expr ..]`: data, not code),
    /// or unknown.
    fn payloads(&self) -> Vec<Payload> {
        let mut payloads = vec![Payload::Code; self.facts.refs.len()];
        let nodes = self.facts.rewrites.iter().filter(|rewrite| rewrite.kind == RewriteKind::Extension);
        // Nodes come in source order, the outer ones first: the innermost one has the last word.
        for node in nodes {
            let payload = match rewriters::rule(node.kind, node.name) {
                Some(rule) if rule.is_quote => Payload::Quoted,
                Some(_) => Payload::Code,
                None if rewriters::is_builtin(node.kind, node.name) => Payload::Code,
                None => Payload::Unknown,
            };
            let start = self.facts.refs.partition_point(|reference| reference.span.start < node.span.start);
            let inside = |reference: &&Reference| reference.span.start < node.span.end;
            let n_inside = self.facts.refs[start..].iter().take_while(inside).count();
            payloads[start..start + n_inside].fill(payload);
        }
        payloads
    }

    fn plain_reference(&mut self, owner: Option<u32>, reference: &Reference) {
        let space = match reference.kind {
            RefKind::Value => Space::Value,
            RefKind::Constructor => Space::Constructor,
            RefKind::Field => Space::Field,
            RefKind::Type => Space::Type,
            RefKind::ModuleType => Space::ModuleType,
            RefKind::Class => Space::Class,
            RefKind::ClassType => Space::ClassType,
            RefKind::Module => Space::Module,
        };
        match self.resolve(reference, space) {
            Find::Found(found) => self.found(owner, reference, space, &found),
            Find::Local => {}
            Find::Unknown(reason) => self.unresolved(reference, reason),
            // Not in scope: the expected type says which it is. Extension constructors are never found so.
            Find::Absent if matches!(space, Space::Constructor | Space::Field) => {
                self.unresolved(reference, Reason::TypeDirected);
            }
            Find::Absent => {
                // Instance variables come from the classes that are inherited, which only types tell.
                let owner = owner.map(|owner| self.defs.defs[owner as usize].kind);
                let is_plain = reference.path.range().len() == 1 && space == Space::Value;
                let in_class = is_plain && owner == Some(DefKind::Class);
                self.unresolved(reference, if in_class { Reason::InstanceVariable } else { Reason::Unbound });
            }
        }
    }

    fn found(&mut self, owner: Option<u32>, reference: &Reference, space: Space, found: &Found) {
        let Addr::Field(unit, path) = found.link else { return };
        let mut target = Target { unit, path };
        let mut flags = EdgeFlags { ambiguous: reference.in_extension, ..EdgeFlags::default() };
        let Some(binding) = found.item else {
            // The module is known, its members are not: the name is taken for what its place says.
            let kind = match space {
                Space::Value => EdgeKind::Value,
                Space::Class => EdgeKind::Class,
                Space::Constructor if reference.role == Role::Exception => EdgeKind::Exception,
                Space::Constructor | Space::Field | Space::Type | Space::ClassType => EdgeKind::Type,
                Space::ModuleType => EdgeKind::ModuleType,
                Space::Module => EdgeKind::Module,
            };
            flags.ambiguous = true;
            self.unresolved(reference, Reason::NoInterface);
            return self.edge(owner, kind, target, space, reference.span, flags);
        };
        let Some(loaded) = self.eval.world.file(binding.file).cloned() else { return };
        let item = loaded.facts.item(binding.item);
        let kind = match &item.kind {
            _ if binding.slot.is_derived && space == Space::Value => EdgeKind::Value,
            ItemKind::External { primitive, .. } => {
                if primitive.as_str() == "%lazy_force" {
                    self.implicit(
                        owner,
                        "CamlinternalLazy",
                        "force_lazy_block",
                        EdgeKind::Value,
                        reference.span,
                    );
                }
                // `%sys_argv` is a C function in disguise.
                if primitive.starts_with('%') && primitive.as_str() != "%sys_argv" {
                    // Primitives are resolved by typing, through every alias.
                    if let Addr::Field(unit, path) = found.canon {
                        target = Target { unit, path };
                    }
                    EdgeKind::Primitive
                } else {
                    return self.c_external(owner, reference, found);
                }
            }
            ItemKind::Exception { .. } => EdgeKind::Exception,
            ItemKind::TypeExtension { .. } => EdgeKind::Extension,
            ItemKind::Type { names, .. } => {
                // Types are known by where typing finds them, through every alias.
                if let Addr::Field(unit, path) = found.canon {
                    target = Target { unit, path };
                }
                // Constructors and fields belong to their type.
                if matches!(space, Space::Constructor | Space::Field)
                    && let Some(&ty) = loaded.facts.names(*names).first()
                {
                    target.path = sibling(target.path, ty);
                    flags.part = Some(match space {
                        Space::Constructor => TypePart::Constructor,
                        _ => TypePart::Field,
                    });
                }
                EdgeKind::Type
            }
            ItemKind::ClassType { .. } => EdgeKind::Type,
            ItemKind::Class { .. } if space != Space::Class => EdgeKind::Type,
            ItemKind::Class { .. } => EdgeKind::Class,
            ItemKind::ModuleTypeDef { .. } => {
                if let Addr::Field(unit, path) = found.canon {
                    target = Target { unit, path };
                }
                EdgeKind::ModuleType
            }
            _ => EdgeKind::Value,
        };
        let space = match (kind, space) {
            (EdgeKind::Type, Space::Constructor | Space::Field | Space::ClassType) => Space::Type,
            (_, space) => space,
        };
        // `e |> f` and `f @@ e` are applications to the type checker: the operator is gone.
        if kind == EdgeKind::Primitive
            && let ItemKind::External { primitive, .. } = &item.kind
            && matches!(primitive.as_str(), "%revapply" | "%apply")
            && reference.span.len() as usize
                == self.facts.names(reference.path).last().map_or(0, |name| name.len())
        {
            return;
        }
        // In the unit's own text the very binding is known; outside, the last one of the name is meant.
        let own = (binding.file == self.file && target.unit == self.unit && space != Space::Type)
            .then(|| self.own_def(binding.item, target.path))
            .flatten();
        match own {
            Some(number) => self.edge_to(owner, kind, target, (self.unit, number), reference.span, flags),
            None => self.edge(owner, kind, target, space, reference.span, flags),
        }
    }

    fn own_def(&self, item: crate::parse::ItemId, path: Name) -> Option<u32> {
        let first = *self.defs.by_item.get(&item)?;
        let same_item =
            (first..).zip(&self.defs.defs[first as usize..]).take_while(|(_, def)| def.item == item);
        same_item.into_iter().find(|(_, def)| def.path == path).map(|(number, _)| number)
    }

    fn edge_to(
        &mut self,
        owner: Option<u32>,
        kind: EdgeKind,
        target: Target,
        def: LocalId,
        span: Span,
        flags: EdgeFlags,
    ) {
        if let Some(from) = owner {
            self.out.edges.push(LocalEdge { from, kind, target, def: Some(def), span, flags });
        }
    }

    /// A C external is linked through every alias, and needs the alias tables on the way without `-no-alias-deps`.
    fn c_external(&mut self, owner: Option<u32>, reference: &Reference, found: &Found) {
        let Addr::Field(unit, path) = found.canon else { return };
        let flags = EdgeFlags { ambiguous: reference.in_extension, ..EdgeFlags::default() };
        self.edge(owner, EdgeKind::CExternal, Target { unit, path }, Space::Value, reference.span, flags);
        if !self.no_alias_deps() {
            let mut heads: Vec<UnitId> = self.eval.hops.clone();
            if let Addr::Field(link, _) = found.link
                && link != unit
            {
                heads.push(link);
            }
            self.alias_required(owner, &heads, reference.span);
        }
    }

    fn alias_required(&mut self, owner: Option<u32>, heads: &[UnitId], span: Span) {
        for &unit in heads {
            if unit == self.unit {
                continue;
            }
            let flags = EdgeFlags { alias_required: true, ..EdgeFlags::default() };
            self.edge(owner, EdgeKind::Module, Target { unit, path: whole() }, Space::Module, span, flags);
        }
    }

    fn module_reference(&mut self, owner: Option<u32>, _id: RefId, reference: &Reference) {
        let module = match self.resolve(reference, Space::Module) {
            Find::Found(Found { module: Some(module), .. }) => module,
            Find::Unknown(reason) => return self.unresolved(reference, reason),
            Find::Found(_) | Find::Local => return,
            Find::Absent => return self.unresolved(reference, Reason::Unbound),
        };
        let Addr::Field(unit, path) = module.link else { return };
        let target = Target { unit, path };
        let mut flags = EdgeFlags { ambiguous: reference.in_extension, ..EdgeFlags::default() };
        let hops = self.eval.hops.clone();
        match reference.role {
            Role::TypeLevel | Role::Open => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
            }
            Role::Alias => {
                self.edge(owner, EdgeKind::Name, target, Space::Module, reference.span, flags);
                if !self.no_alias_deps() {
                    let head = hops.first().copied().unwrap_or(unit);
                    self.alias_required(owner, &[head], reference.span);
                }
            }
            _ => {
                flags.include = reference.role == Role::Include;
                // Whether a signature narrows it is found by `coercions`, which clears the flag.
                flags.whole =
                    matches!(reference.role, Role::Argument | Role::Pack | Role::Coerced | Role::Plain);
                self.edge(owner, EdgeKind::Module, target, Space::Module, reference.span, flags);
                if !self.no_alias_deps() {
                    self.alias_required(owner, hops.get(1..).unwrap_or(&[]), reference.span);
                }
            }
        }
    }

    fn unresolved(&mut self, reference: &Reference, reason: Reason) {
        // One problem says it for all of them.
        if self.eval.is_exhausted() {
            return;
        }
        let path: Vec<&str> = self.facts.names(reference.path).iter().map(|name| name.as_str()).collect();
        self.out.unresolved.push(Unresolved {
            unit: self.unit,
            file: self.file,
            path: path.join("."),
            span: reference.span,
            reason: if reference.in_extension { Reason::Extension.word() } else { reason.word() },
        });
    }

    // ---------------------------------------------------------------- edges

    fn edge(
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
        self.out.edges.push(LocalEdge { from, kind, target, def: first, span, flags });
        let through = EdgeFlags { through: true, ..flags };
        for def in chain.into_iter().skip(1) {
            let path = self.eval.world.defs(def.0).defs[def.1 as usize].path;
            let target = Target { unit: def.0, path };
            self.out.edges.push(LocalEdge { from, kind, target, def: Some(def), span, flags: through });
        }
    }

    fn implicit(&mut self, owner: Option<u32>, unit: &str, path: &str, kind: EdgeKind, span: Span) {
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

    // ---------------------------------------------------------------- coercions

    /// Aliases that a signature turns into fields, and the members that a signature asks of a module.
    fn coercions(&mut self) {
        for index in 0..self.facts.module_exprs.len() {
            let expr = ModuleExprId::new(index);
            match self.facts.module_expr(expr).clone() {
                ModuleExpr::Constraint { module, module_type } => {
                    let sig = self.eval.module_type(self.file, module_type, EMPTY);
                    self.coerce(module, sig);
                }
                ModuleExpr::Apply { functor, argument: Some(argument) } => {
                    let functor = self.eval.expression(self.file, functor, EMPTY);
                    let sig = match self.eval.param_signature(functor) {
                        Some(sig) => sig,
                        None => Sig::Unknown(Reason::FunctorResult),
                    };
                    self.coerce(argument, sig);
                }
                _ => {}
            }
        }
    }

    fn coerce(&mut self, expr: ModuleExprId, sig: Sig) {
        let (owner, span) = match self.facts.module_expr(expr) {
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
        for edge in self.out.edges.iter_mut().rev().filter(|edge| edge.span == span) {
            edge.flags.whole = false;
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

    /// Whether a member is a field of its module's block.
    fn is_runtime(&self, found: &Found, space: Space) -> bool {
        let Some(binding) = found.item else { return space == Space::Module && !found.absent };
        let Some(loaded) = self.eval.world.file(binding.file) else { return false };
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
        let number = (0..after).rev().find(|&number| holds(&self.defs.defs[number]))?;
        self.defs.by_item.get(&self.defs.defs[number].item).copied()
    }

    // ---------------------------------------------------------------- the interface

    /// What the interface hides, and the aliases that it turns into fields.
    fn interface(&mut self) {
        for (number, def) in self.defs.defs.iter().enumerate() {
            if def.kind == DefKind::Alias
                && let ItemKind::Module { body, .. } = &self.facts.item(def.item).kind
                && let ModuleExpr::Path(path) = self.facts.module_expr(*body)
                && let Some(target) = self.eval.module_of_ref(self.file, self.facts, *path, EMPTY)
                && let Addr::Field(unit, path) = target.link
            {
                self.out.alias_of.push((number as u32, Target { unit, path }));
            }
        }
        if self.eval.world.project.unit(self.unit).interface().is_none() {
            self.out.hidden.extend(
                (0u32..).zip(&self.defs.defs).filter(|(_, def)| def.hidden).map(|(number, _)| number),
            );
            return;
        }
        let Some(source) = self.eval.unit_inside(self.unit) else { return };
        let wanted = self.eval.unit_module(self.unit);
        let mut aliases = Vec::new();
        materialized(self.eval, source, wanted, whole(), &mut aliases, 0);
        for (path, module) in aliases {
            let number = self.defs.last(Space::Module, path);
            if let Some(number) = number
                && self.defs.defs[number as usize].kind == DefKind::Alias
            {
                self.out.sealed.push(number);
            }
            let Addr::Field(unit, target) = module.link else { continue };
            let owner = number.or_else(|| self.first_effect());
            let span = number.map_or(Span::default(), |number| self.defs.defs[number as usize].name_span);
            let flags = EdgeFlags { export: true, whole: true, ..EdgeFlags::default() };
            self.edge(owner, EdgeKind::Module, Target { unit, path: target }, Space::Module, span, flags);
        }
        self.hide(wanted);
    }

    fn first_effect(&self) -> Option<u32> {
        (0u32..).zip(&self.defs.defs).find(|(_, def)| def.kind == DefKind::Effect).map(|(number, _)| number)
    }

    fn hide(&mut self, wanted: Module) {
        let mut exported: FxHashMap<Name, Option<Module>> = FxHashMap::default();
        exported.insert(whole(), Some(wanted));
        for number in 0..self.defs.defs.len() {
            let def = self.defs.defs[number].clone();
            if def.kind == DefKind::Effect {
                continue;
            }
            let (prefix, last) = split_last(def.path);
            let outer = exported.get(&prefix).copied().flatten();
            let space = space_of(def.kind);
            // Inside a functor the names of the result count; there is no address for them, so all are kept.
            let found = match outer {
                Some(outer) if def.in_functor.is_none() => self.eval.find(outer, space, last),
                _ if def.in_functor.is_some() => continue,
                _ => Find::Absent,
            };
            let is_shadowed = self.defs.last(space, def.path) != Some(number as u32);
            match found {
                Find::Found(found) => {
                    if space == Space::Module {
                        exported.insert(def.path, found.module);
                    }
                    if is_shadowed {
                        self.out.hidden.push(number as u32);
                    }
                }
                Find::Unknown(_) => {}
                _ => self.out.hidden.push(number as u32),
            }
        }
    }

    /// `let (a, b) = e`: each name has the references of the whole binding.
    fn share_patterns(&mut self) {
        let mut others: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (number, def) in (0u32..).zip(&self.defs.defs) {
            let first = self.defs.by_item[&def.item];
            if first != number {
                others.entry(first).or_default().push(number);
            }
        }
        if others.is_empty() {
            return;
        }
        let mut copies = Vec::new();
        for edge in &self.out.edges {
            for &other in others.get(&edge.from).into_iter().flatten() {
                copies.push(LocalEdge { from: other, ..edge.clone() });
            }
        }
        self.out.edges.append(&mut copies);
    }

    // ---------------------------------------------------------------- rewrites

    /// Code that the compiler or a rewriter adds.
    fn rewrites(&mut self) {
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

/// The name space of a definition.
pub(crate) fn space_of(kind: DefKind) -> Space {
    match kind {
        DefKind::Value | DefKind::External | DefKind::Effect => Space::Value,
        DefKind::Module | DefKind::Functor | DefKind::Alias => Space::Module,
        DefKind::Class => Space::Class,
        DefKind::Exception | DefKind::Extension => Space::Constructor,
        DefKind::ModuleType => Space::ModuleType,
        DefKind::Type => Space::Type,
    }
}

/// Splits a dotted path before its last component; operators may hold dots.
pub(crate) fn split_last(path: Name) -> (Name, Name) {
    let mut rest = path.as_str();
    let mut cut = 0;
    // Module names begin with a capital letter or `_`, so the first component that does not is the last one.
    while let Some(dot) = rest.find('.') {
        let is_module = rest.starts_with(|first: char| first.is_uppercase() || first == '_');
        if !is_module || dot == 0 || dot + 1 == rest.len() {
            break;
        }
        cut += dot + 1;
        rest = &rest[dot + 1..];
    }
    if cut == 0 { (whole(), path) } else { (name(&path.as_str()[..cut - 1]), name(rest)) }
}

fn sibling(path: Name, last: Name) -> Name {
    join(split_last(path).0, last)
}

/// Collects the aliases of `source` that `wanted` makes fields: path, and what the alias stands for.
fn materialized(
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
        materialized(eval, given, field, path, out, depth + 1);
    }
}

/// See [`Walk::chain`].
fn chain_of(eval: &mut Evaluator, target: Target, space: Space, chain: &mut Vec<LocalId>, depth: u32) {
    if depth > 16 || target.path.is_empty() {
        return;
    }
    let defs = eval.world.defs(target.unit).clone();
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
    let loaded = eval.world.file(def.file)?.clone();
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

/// The components of a dotted path.
pub(crate) fn components(path: Name) -> Vec<Name> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (prefix, last) = split_last(rest);
        parts.push(last);
        rest = prefix;
    }
    parts.reverse();
    parts
}
