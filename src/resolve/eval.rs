//! Evaluation of module expressions and signatures, on demand and without types.
//!
//! A [`Module`] is an address and a signature. The address says how code reaches the module after the rewriting that the
//! compiler does: an alias that is only a name (*absent*) has the address of what it stands for, everything else is a
//! field of the module that holds it. `canon` follows every alias, as typing does: C externals are linked through it.
//!
//! A signature is a pointer to the text that spells it out (a structure or signature of some file) with an environment
//! that says what the functor parameters around it stand for, and at which address the structure itself is seen.
//! Nothing is expanded: members are looked up when asked for.
//!
//! Why it ends: every step either moves to a smaller part of a text, or follows a path to another text; the number of
//! steps nested in each other is bounded by [`MAX_DEPTH`], and what is deeper is unknown, with a reason. How many steps
//! one unit may take is bounded too ([`Evaluator::begin`]): includes of includes can double at every level.

use super::index::{Home, Scopes, Slot, Space, join};
use super::world::{File, World};
use crate::base::{FileId, Idx, LibraryId, Name, RefId, UnitId};
use crate::parse::{
    FileFacts, Item, ItemId, ItemKind, ModuleExpr, ModuleExprId, ModuleType, ModuleTypeId, ScopeId,
    StructureId, WithConstraint,
};
use crate::project::{LibraryOrigin, UnitSource};
use rustc_hash::FxHashMap;

use std::sync::Arc;

/// Evaluation steps nested in each other, at most. Real code stays below 60.
const MAX_DEPTH: u32 = 220;
/// Evaluation steps of one unit, at most: this many, and so many more for each reference. Installed units need
/// 1.3 for a reference in the mean, and 43 at most.
const STEPS: u64 = 200_000;
const STEPS_OF_REFERENCE: u64 = 100;
/// Frames of one environment, at most.
const MAX_ENV: u32 = 64;

/// How code reaches something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Addr {
    /// The field at a dotted path of a unit; the empty path is the unit itself.
    Field(UnitId, Name),
    /// Through a variable: a parameter, a local module, an unpacked one. Links nothing.
    Local,
}

impl Addr {
    /// Returns the address of a member.
    pub(crate) fn member(self, name: Name) -> Addr {
        match self {
            Addr::Field(unit, path) => Addr::Field(unit, join(path, name)),
            Addr::Local => Addr::Local,
        }
    }
}

/// Why something is not known. The words are shown to users.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Reason {
    Unreadable,
    NoInterface,
    AbstractModuleType,
    FunctorResult,
    Extension,
    Unbound,
    Cycle,
    Untyped,
    TypeDirected,
    InstanceVariable,
}

impl Reason {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Reason::Unreadable => "unreadable",
            Reason::NoInterface => "no-interface",
            Reason::AbstractModuleType => "abstract-module-type",
            Reason::FunctorResult => "functor-result",
            Reason::Extension => "extension",
            Reason::Unbound => "unbound",
            Reason::Cycle => "cycle",
            Reason::Untyped => "untyped-module",
            Reason::TypeDirected => "type-directed",
            Reason::InstanceVariable => "instance-variable",
        }
    }
}

/// An environment: what functor parameters stand for, and where structures are seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct EnvId(u32);

pub(crate) const EMPTY: EnvId = EnvId(0);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Frame {
    Root,
    /// The parameter that binds `scope` of `file`.
    Param {
        file: FileId,
        scope: ScopeId,
        module: Module,
    },
    /// The structure is seen at this address, not at its home.
    Seen {
        file: FileId,
        structure: StructureId,
        link: Addr,
        canon: Addr,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct EnvNode {
    parent: EnvId,
    depth: u32,
    frame: Frame,
}

/// A module as seen at some place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Module {
    /// How code reaches it.
    pub(crate) link: Addr,
    /// What it is after following every alias.
    pub(crate) canon: Addr,
    /// What it has.
    pub(crate) sig: Sig,
}

/// Where the members of a module are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Sig {
    Structure { file: FileId, structure: StructureId, env: EnvId },
    FunctorExpr { file: FileId, expr: ModuleExprId, env: EnvId },
    FunctorType { file: FileId, ty: ModuleTypeId, env: EnvId },
    With(u32),
    Generated(UnitId),
    Unknown(Reason),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct With {
    base: Sig,
    file: FileId,
    ty: ModuleTypeId,
    env: EnvId,
}

/// A member of a module, or what a name in scope means.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// How code reaches it.
    pub(crate) link: Addr,
    /// The same after following every alias on the way.
    pub(crate) canon: Addr,
    /// Where its text is, before any `include` re-exported it.
    pub(crate) origin: Addr,
    /// The item that binds it; `None` for dune's alias modules, whole units and parameters.
    pub(crate) item: Option<Binding>,
    /// For modules: the module.
    pub(crate) module: Option<Module>,
    /// For modules: whether it is only a name for another one.
    pub(crate) absent: bool,
    /// The environment that the item's text is read in.
    pub(crate) env: EnvId,
}

/// An item's binding of one name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) file: FileId,
    pub(crate) item: ItemId,
    pub(crate) slot: Slot,
}

/// The answer to a look-up.
#[derive(Clone, Debug)]
pub(crate) enum Find {
    Found(Found),
    /// Bound by an expression, a pattern or the language itself: no reference.
    Local,
    /// It may be there or not: the text that would tell is not known.
    Unknown(Reason),
    Absent,
}

/// A structure seen from inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Inside {
    pub(crate) file: FileId,
    pub(crate) structure: StructureId,
    pub(crate) env: EnvId,
    pub(crate) link: Addr,
    pub(crate) canon: Addr,
}

type Hops = Arc<[UnitId]>;

/// What is opened before the first line of a unit.
struct Opens {
    /// The standard library, unless `-nopervasives` says otherwise.
    stdlib: Option<Module>,
    /// The modules of `-open` flags, in order.
    flags: Vec<Module>,
}

/// The evaluator of one thread: memo tables over a shared [`World`].
pub(crate) struct Evaluator<'w> {
    pub(crate) world: &'w World<'w>,
    envs: Vec<EnvNode>,
    env_ids: FxHashMap<EnvNode, EnvId>,
    withs: Vec<With>,
    with_ids: FxHashMap<With, u32>,
    items: FxHashMap<(Inside, ItemId), (Module, bool, Hops)>,
    expressions: FxHashMap<(FileId, ModuleExprId, EnvId), Module>,
    opened: FxHashMap<UnitId, Arc<Opens>>,
    heads: FxHashMap<(LibraryId, Name), Option<UnitId>>,
    depth: u32,
    steps: u64,
    max_steps: u64,
    /// Units whose alias tables were followed since the list was last cleared.
    pub(crate) hops: Vec<UnitId>,
    /// Units named by their own name since the list was last cleared.
    pub(crate) mentioned: Vec<UnitId>,
}

impl<'w> Evaluator<'w> {
    pub(crate) fn new(world: &'w World<'w>) -> Self {
        let root = EnvNode { parent: EMPTY, depth: 0, frame: Frame::Root };
        Evaluator {
            world,
            envs: vec![root],
            env_ids: FxHashMap::default(),
            withs: Vec::new(),
            with_ids: FxHashMap::default(),
            items: FxHashMap::default(),
            expressions: FxHashMap::default(),
            opened: FxHashMap::default(),
            heads: FxHashMap::default(),
            depth: 0,
            steps: 0,
            max_steps: STEPS,
            hops: Vec::new(),
            mentioned: Vec::new(),
        }
    }

    /// Begins with a unit that has so many references.
    pub(crate) fn begin(&mut self, n_references: usize) {
        self.steps = 0;
        self.max_steps = STEPS + STEPS_OF_REFERENCE * n_references as u64;
    }

    /// Whether the steps of this unit were used up. From then on nothing is known, and the memo tables are of no use.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.steps > self.max_steps
    }

    /// Takes a step; says whether it is one too many.
    fn is_at_limit(&mut self) -> bool {
        self.steps += 1;
        self.depth >= MAX_DEPTH || self.steps > self.max_steps
    }

    fn file(&self, id: FileId) -> Option<Arc<File>> {
        self.world.file(id).cloned()
    }

    // ---------------------------------------------------------------- environments

    fn push(&mut self, parent: EnvId, frame: Frame) -> Option<EnvId> {
        let depth = self.envs[parent.0 as usize].depth + 1;
        if depth > MAX_ENV {
            return None;
        }
        let node = EnvNode { parent, depth, frame };
        Some(*self.env_ids.entry(node).or_insert_with(|| {
            self.envs.push(node);
            EnvId(self.envs.len() as u32 - 1)
        }))
    }

    fn param(&self, mut env: EnvId, of_file: FileId, of_scope: ScopeId) -> Option<Module> {
        while env != EMPTY {
            let node = &self.envs[env.0 as usize];
            match node.frame {
                Frame::Param { file, scope, module } if file == of_file && scope == of_scope => {
                    return Some(module);
                }
                _ => env = node.parent,
            }
        }
        None
    }

    /// Returns where a structure is seen: at the address that the environment gives, or at home.
    pub(crate) fn inside(&self, file: &File, id: FileId, structure: StructureId, env: EnvId) -> Inside {
        let mut at = env;
        while at != EMPTY {
            let node = &self.envs[at.0 as usize];
            match node.frame {
                Frame::Seen { file, structure: seen, link, canon } if file == id && seen == structure => {
                    return Inside { file: id, structure, env, link, canon };
                }
                _ => at = node.parent,
            }
        }
        let home = home(file, structure);
        Inside { file: id, structure, env, link: home, canon: home }
    }

    fn enter(
        &mut self,
        module: Module,
        loaded: &File,
        file: FileId,
        structure: StructureId,
        env: EnvId,
    ) -> Option<Inside> {
        let Module { link, canon, .. } = module;
        let seen = self.inside(loaded, file, structure, env);
        if seen.link == link && seen.canon == canon {
            return Some(seen);
        }
        let env = self.push(env, Frame::Seen { file, structure, link, canon })?;
        Some(Inside { file, structure, env, link, canon })
    }

    // ---------------------------------------------------------------- units

    /// Returns a unit as its users see it: through its interface where there is one.
    pub(crate) fn unit_module(&self, unit: UnitId) -> Module {
        let source = self.world.project.unit(unit);
        let at = Addr::Field(unit, super::defs::whole());
        let sig = match &source.source {
            UnitSource::Generated(_) => Sig::Generated(unit),
            _ => match source.interface().or(source.implementation()) {
                Some(file) => self.file_sig(file),
                None => Sig::Unknown(Reason::NoInterface),
            },
        };
        Module { link: at, canon: at, sig }
    }

    /// Returns a unit as its own text sees it.
    pub(crate) fn unit_inside(&self, unit: UnitId) -> Option<Module> {
        let file = self.world.project.unit(unit).implementation()?;
        let at = Addr::Field(unit, super::defs::whole());
        Some(Module { link: at, canon: at, sig: self.file_sig(file) })
    }

    fn file_sig(&self, file: FileId) -> Sig {
        match self.world.file(file) {
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
    fn opens(&mut self, unit: UnitId) -> Arc<Opens> {
        if let Some(opens) = self.opened.get(&unit) {
            return opens.clone();
        }
        let source = self.world.project.unit(unit);
        let stdlib =
            source.opens_stdlib.then(|| self.opened_path(unit, crate::base::name("Stdlib"))).flatten();
        let flags = source.opens.iter().filter_map(|&path| self.opened_path(unit, path)).collect();
        let opens = Arc::new(Opens { stdlib, flags });
        self.opened.insert(unit, opens.clone());
        opens
    }

    /// Returns the module of an `-open` flag, which may be a path.
    fn opened_path(&mut self, unit: UnitId, path: Name) -> Option<Module> {
        let library = self.world.project.unit(unit).library;
        let mut parts = path.split('.').map(crate::base::name);
        let head = parts.next().and_then(|head| self.visible_unit(library, head));
        let mut module = self.unit_module(head.filter(|&head| head != unit)?);
        for part in parts {
            if let Find::Found(Found { module: Some(inner), .. }) = self.find(module, Space::Module, part) {
                module = inner;
            }
        }
        Some(module)
    }

    // ---------------------------------------------------------------- scopes

    /// Looks a plain name up from a scope outwards.
    pub(crate) fn lookup(
        &mut self,
        id: FileId,
        scope: ScopeId,
        env: EnvId,
        space: Space,
        name: Name,
    ) -> Find {
        use crate::parse::Binder;
        let Some(file) = self.file(id) else { return Find::Unknown(Reason::Unreadable) };
        let facts = &file.facts;
        let mut unknown = None;
        let mut scope = scope;
        loop {
            let step = facts.scope(scope);
            let found = match step.binder {
                Binder::File => {
                    let found = self.lookup_outside(file.index.unit, space, name);
                    return match (found, unknown) {
                        (Find::Absent, Some(reason)) => Find::Unknown(reason),
                        (found, _) => found,
                    };
                }
                Binder::Items { structure, before } => {
                    let inside = self.inside(&file, id, structure, env);
                    self.find_inside(&file, inside, space, name, before, true)
                }
                Binder::Values(names) if space == Space::Value && facts.names(names).contains(&name) => {
                    return Find::Local;
                }
                Binder::Exception(names)
                    if space == Space::Constructor && facts.names(names).contains(&name) =>
                {
                    return Find::Local;
                }
                Binder::Types(names) if space == Space::Type && facts.names(names).contains(&name) => {
                    return Find::Local;
                }
                Binder::Module { names, body }
                    if space == Space::Module && facts.names(names).contains(&name) =>
                {
                    let module = self.expression(id, body, env);
                    return found_module(module, env, true);
                }
                Binder::ModuleParam { names, module_type }
                    if space == Space::Module && facts.names(names).contains(&name) =>
                {
                    let module = match self.param(env, id, scope) {
                        Some(module) => module,
                        None => {
                            let sig = match module_type {
                                Some(ty) => self.module_type(id, ty, env),
                                None => Sig::Unknown(Reason::Untyped),
                            };
                            Module { link: Addr::Local, canon: Addr::Local, sig }
                        }
                    };
                    return found_module(module, env, false);
                }
                Binder::Open { module } => {
                    let module = self.expression(id, module, env);
                    self.find(module, space, name)
                }
                _ => Find::Absent,
            };
            match found {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => return found,
            }
            scope = step.parent;
        }
    }

    fn lookup_outside(&mut self, unit: UnitId, space: Space, name: Name) -> Find {
        let opens = self.opens(unit);
        let mut unknown = None;
        for &module in opens.flags.iter().rev() {
            match self.find(module, space, name) {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => return found,
            }
        }
        // A unit on the load path hides the module of that name in the standard library, which is opened first of all.
        if space == Space::Module
            && let Some(found) = self.persistent(unit, name, true)
        {
            return found;
        }
        if let Some(module) = opens.stdlib {
            match self.find(module, space, name) {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => return found,
            }
        }
        if space == Space::Module
            && let Some(found) = self.persistent(unit, name, false)
        {
            return found;
        }
        if super::predef::is_predef(space, name) {
            return Find::Local;
        }
        unknown.map_or(Find::Absent, Find::Unknown)
    }

    /// The unit of a name on the load path of `unit`; on request only outside the standard library's directory.
    fn persistent(&mut self, unit: UnitId, name: Name, outside_stdlib: bool) -> Option<Find> {
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
        self.mentioned.push(named);
        Some(found_module(self.unit_module(named), EMPTY, false))
    }

    // ---------------------------------------------------------------- members

    /// Looks a member of a module up.
    pub(crate) fn find(&mut self, module: Module, space: Space, name: Name) -> Find {
        if self.is_at_limit() {
            return Find::Unknown(Reason::Cycle);
        }
        self.depth += 1;
        let found = self.find_member(module, space, name);
        self.depth -= 1;
        found
    }

    fn find_member(&mut self, module: Module, space: Space, name: Name) -> Find {
        match module.sig {
            Sig::Unknown(reason) => Find::Unknown(reason),
            Sig::FunctorExpr { .. } | Sig::FunctorType { .. } => Find::Absent,
            Sig::Generated(unit) => self.find_generated(unit, space, name),
            Sig::With(with) => self.find_with(module, with, space, name),
            Sig::Structure { file, structure, env } => {
                let Some(loaded) = self.file(file) else { return Find::Unknown(Reason::Unreadable) };
                let Some(inside) = self.enter(module, &loaded, file, structure, env) else {
                    return Find::Unknown(Reason::Cycle);
                };
                self.find_inside(&loaded, inside, space, name, u32::MAX, false)
            }
        }
    }

    fn find_generated(&mut self, unit: UnitId, space: Space, name: Name) -> Find {
        let source = self.world.project.unit(unit);
        let UnitSource::Generated(generated) = &source.source else { return Find::Absent };
        if space != Space::Module {
            return Find::Absent;
        }
        let target = generated.aliases.iter().find(|&&(alias, _)| alias == name).map(|&(_, target)| target);
        let Some(target) = target else { return Find::Absent };
        match self.visible_unit(source.library, target) {
            Some(target) => {
                self.hops.push(unit);
                self.mentioned.push(target);
                found_module(self.unit_module(target), EMPTY, true)
            }
            None => Find::Absent,
        }
    }

    fn find_with(&mut self, module: Module, with: u32, space: Space, name: Name) -> Find {
        let With { base, file, ty, env } = self.withs[with as usize];
        let Some(loaded) = self.file(file) else { return Find::Unknown(Reason::Unreadable) };
        let facts = &loaded.facts;
        let ModuleType::With { constraints, .. } = facts.module_type(ty) else { return Find::Absent };
        for constraint in &facts.constraints[constraints.start as usize..constraints.end as usize] {
            let (path, of_space, is_destructive) = match constraint {
                WithConstraint::Type { path, is_destructive } => (path, Space::Type, is_destructive),
                WithConstraint::Module { path, is_destructive, .. } => (path, Space::Module, is_destructive),
                WithConstraint::ModuleType { path, is_destructive, .. } => {
                    (path, Space::ModuleType, is_destructive)
                }
            };
            if of_space != space || facts.names(*path) != [name] {
                continue;
            }
            if *is_destructive {
                return Find::Absent;
            }
            if let WithConstraint::Module { target, .. } = constraint
                && let Some(target) = self.module_of_ref(file, facts, *target, env)
            {
                let module = Module { link: module.link.member(name), canon: target.canon, sig: target.sig };
                return found_module(module, env, false);
            }
        }
        self.find(Module { sig: base, ..module }, space, name)
    }

    /// Looks a name up among the items of a structure before a position; with the structure's opens when the question
    /// comes from inside.
    pub(crate) fn find_inside(
        &mut self,
        file: &File,
        inside: Inside,
        space: Space,
        name: Name,
        before: u32,
        from_inside: bool,
    ) -> Find {
        let scopes = &file.index.scopes[inside.structure.idx()];
        let items = &file.facts.structure(inside.structure).items;
        let named = scopes.names.get(&(space, name)).and_then(|slots| {
            let end = slots.partition_point(|slot| slot.position < before);
            slots[..end]
                .iter()
                .rev()
                .find(|slot| from_inside || !is_substitution(file.facts.item(items[slot.position as usize])))
        });
        let after = named.map_or(0, |slot| slot.position + 1);
        let mut unknown = None;
        let mut others = Others::new(scopes, after, before, from_inside);
        while let Some(position) = others.next() {
            let item_id = items[position as usize];
            let item = file.facts.item(item_id);
            let found = match item.kind {
                ItemKind::Open { .. } => {
                    let (module, _, _) = self.item_module(file, inside, item_id);
                    self.find(module, space, name)
                }
                _ => {
                    let (module, _, _) = self.item_module(file, inside, item_id);
                    let found = self.find(module, space, name);
                    reexport(found, inside, space, name)
                }
            };
            match found {
                Find::Absent => {}
                Find::Unknown(reason) => unknown = unknown.or(Some(reason)),
                found => return found,
            }
        }
        match named {
            Some(&slot) => self.found_item(file, inside, items[slot.position as usize], slot, space, name),
            None => unknown.map_or(Find::Absent, Find::Unknown),
        }
    }

    fn found_item(
        &mut self,
        file: &File,
        inside: Inside,
        item: ItemId,
        slot: Slot,
        space: Space,
        name: Name,
    ) -> Find {
        let link = inside.link.member(name);
        let canon = inside.canon.member(name);
        let binding = Binding { file: inside.file, item, slot };
        let mut found = Found {
            link,
            canon,
            origin: link,
            item: Some(binding),
            module: None,
            absent: false,
            env: inside.env,
        };
        if space == Space::Module {
            let (module, absent, hops) = self.item_module(file, inside, item);
            if absent {
                if let Addr::Field(unit, _) = inside.link
                    && self.hops.last() != Some(&unit)
                {
                    self.hops.push(unit);
                }
                self.hops.extend(hops.iter().copied());
                self.hops.dedup();
            }
            found.link = module.link;
            found.canon = module.canon;
            found.module = Some(module);
            found.absent = absent;
        }
        Find::Found(found)
    }

    /// Returns the module that an item binds, includes or opens; whether it is only a name for another one; and the
    /// units whose alias tables were followed to find it.
    fn item_module(&mut self, file: &File, inside: Inside, item: ItemId) -> (Module, bool, Hops) {
        if let Some((module, absent, hops)) = self.items.get(&(inside, item)) {
            return (*module, *absent, hops.clone());
        }
        if self.is_at_limit() {
            return (unknown(inside.link, Reason::Cycle), false, Arc::from([]));
        }
        self.depth += 1;
        let saved = std::mem::take(&mut self.hops);
        let (module, absent) = self.eval_item(&file.facts, inside, item);
        let hops: Hops = std::mem::replace(&mut self.hops, saved).into();
        self.depth -= 1;
        self.items.insert((inside, item), (module, absent, hops.clone()));
        (module, absent, hops)
    }

    fn eval_item(&mut self, facts: &FileFacts, inside: Inside, item: ItemId) -> (Module, bool) {
        let Inside { file, env, link, canon, .. } = inside;
        let bound = |names| facts.names(names).first().copied().unwrap_or_else(|| crate::base::name("_"));
        match &facts.item(item).kind {
            ItemKind::Module { names, body, .. } => {
                let name = bound(*names);
                let at = (link.member(name), canon.member(name));
                if let ModuleExpr::Path(path) = facts.module_expr(*body) {
                    return self.alias(file, facts, *path, env, at);
                }
                (self.module_expr(file, *body, env, at), false)
            }
            ItemKind::ModuleSpec { names, body, .. } => {
                let name = bound(*names);
                let at = (link.member(name), canon.member(name));
                if let ModuleType::Alias(path) = facts.module_type(*body) {
                    return self.alias(file, facts, *path, env, at);
                }
                (Module { link: at.0, canon: at.1, sig: self.module_type(file, *body, env) }, false)
            }
            ItemKind::ModuleSubstitution { names, path } => {
                let name = bound(*names);
                self.alias(file, facts, *path, env, (link.member(name), canon.member(name)))
            }
            ItemKind::Include { module } | ItemKind::Open { module, .. } => {
                (self.module_expr(file, *module, env, (link, canon)), false)
            }
            ItemKind::IncludeType { module_type } => {
                (Module { link, canon, sig: self.module_type(file, *module_type, env) }, false)
            }
            _ => (unknown(link, Reason::Unbound), false),
        }
    }

    /// `module X = P`: only a name for P, unless P is reached through a variable; then X is a field of its own.
    fn alias(
        &mut self,
        file: FileId,
        facts: &FileFacts,
        path: RefId,
        env: EnvId,
        at: (Addr, Addr),
    ) -> (Module, bool) {
        match self.module_of_ref(file, facts, path, env) {
            Some(target) if target.link == Addr::Local => {
                let canon = if target.canon == Addr::Local { at.1 } else { target.canon };
                (Module { link: at.0, canon, sig: target.sig }, false)
            }
            Some(target) => (target, true),
            None => (unknown(at.0, Reason::Unbound), false),
        }
    }

    // ---------------------------------------------------------------- expressions

    /// Evaluates a module expression that has no name: in a local open, a `let module`, an argument.
    pub(crate) fn expression(&mut self, file: FileId, expr: ModuleExprId, env: EnvId) -> Module {
        if let Some(&module) = self.expressions.get(&(file, expr, env)) {
            return module;
        }
        let module = self.module_expr(file, expr, env, (Addr::Local, Addr::Local));
        self.expressions.insert((file, expr, env), module);
        module
    }

    /// Evaluates a module expression; what is not a path is seen at the address `at` (link, canon).
    fn module_expr(&mut self, file: FileId, expr: ModuleExprId, env: EnvId, at: (Addr, Addr)) -> Module {
        if self.is_at_limit() {
            return unknown(at.0, Reason::Cycle);
        }
        self.depth += 1;
        let module = self.eval_expr(file, expr, env, at);
        self.depth -= 1;
        module
    }

    fn eval_expr(&mut self, file: FileId, expr: ModuleExprId, env: EnvId, at: (Addr, Addr)) -> Module {
        let Some(loaded) = self.file(file) else { return unknown(at.0, Reason::Unreadable) };
        let facts = &loaded.facts;
        let (link, canon) = at;
        match facts.module_expr(expr) {
            ModuleExpr::Path(path) => {
                let module = self.module_of_ref(file, facts, *path, env);
                module.unwrap_or_else(|| unknown(link, Reason::Unbound))
            }
            ModuleExpr::Structure(structure) => {
                Module { link, canon, sig: Sig::Structure { file, structure: *structure, env } }
            }
            ModuleExpr::Functor { .. } => Module { link, canon, sig: Sig::FunctorExpr { file, expr, env } },
            ModuleExpr::Constraint { module, module_type } => {
                let sig = self.module_type(file, *module_type, env);
                if let Sig::Unknown(_) = sig {
                    let inner = self.module_expr(file, *module, env, at);
                    return Module { link, canon, sig: inner.sig };
                }
                Module { link, canon, sig }
            }
            ModuleExpr::Apply { functor, argument } => {
                let functor = self.expression(file, *functor, env);
                let argument = argument.map(|argument| self.expression(file, argument, env));
                self.apply(functor, argument, at)
            }
            ModuleExpr::Unpack { module_type } => {
                let sig = match module_type {
                    Some(ty) => self.module_type(file, *ty, env),
                    None => Sig::Unknown(Reason::Untyped),
                };
                Module { link, canon, sig }
            }
            ModuleExpr::Unknown => unknown(link, Reason::Extension),
        }
    }

    /// Applies a functor: the result has the names of its body or result signature, seen at `at`.
    pub(crate) fn apply(&mut self, functor: Module, argument: Option<Module>, at: (Addr, Addr)) -> Module {
        match functor.sig {
            Sig::FunctorExpr { file, expr, env } => {
                let Some(loaded) = self.file(file) else { return unknown(at.0, Reason::Unreadable) };
                let ModuleExpr::Functor { param, body } = loaded.facts.module_expr(expr) else {
                    return unknown(at.0, Reason::FunctorResult);
                };
                match self.bind_param(file, *param, argument, env) {
                    Some(env) => self.module_expr(file, *body, env, at),
                    None => unknown(at.0, Reason::Cycle),
                }
            }
            Sig::FunctorType { file, ty, env } => {
                let Some(loaded) = self.file(file) else { return unknown(at.0, Reason::Unreadable) };
                let ModuleType::Functor { param, result } = loaded.facts.module_type(ty) else {
                    return unknown(at.0, Reason::FunctorResult);
                };
                match self.bind_param(file, *param, argument, env) {
                    Some(env) => {
                        Module { link: at.0, canon: at.1, sig: self.module_type(file, *result, env) }
                    }
                    None => unknown(at.0, Reason::Cycle),
                }
            }
            Sig::Unknown(reason) => unknown(at.0, reason),
            _ => unknown(at.0, Reason::FunctorResult),
        }
    }

    fn bind_param(
        &mut self,
        file: FileId,
        param: Option<crate::parse::Param>,
        argument: Option<Module>,
        env: EnvId,
    ) -> Option<EnvId> {
        let (Some(param), Some(argument)) = (param, argument) else { return Some(env) };
        let declared = self.module_type(file, param.module_type, env);
        // A parameter has the names of its signature. Where that leaves module types open, the argument has them.
        let sig = match declared {
            Sig::Unknown(_) => argument.sig,
            sig if self.has_open_module_types(sig) => argument.sig,
            sig => sig,
        };
        let module = Module { link: Addr::Local, canon: argument.canon, sig };
        self.push(env, Frame::Param { file, scope: param.scope, module })
    }

    /// Returns the signature that a functor asks of its argument.
    pub(crate) fn param_signature(&mut self, functor: Module) -> Option<Sig> {
        let (file, param, env) = match functor.sig {
            Sig::FunctorExpr { file, expr, env } => match self.file(file)?.facts.module_expr(expr) {
                ModuleExpr::Functor { param, .. } => (file, (*param)?, env),
                _ => return None,
            },
            Sig::FunctorType { file, ty, env } => match self.file(file)?.facts.module_type(ty) {
                ModuleType::Functor { param, .. } => (file, (*param)?, env),
                _ => return None,
            },
            _ => return None,
        };
        Some(self.module_type(file, param.module_type, env))
    }

    fn has_open_module_types(&self, sig: Sig) -> bool {
        let Sig::Structure { file, structure, .. } = sig else { return false };
        let Some(loaded) = self.world.file(file) else { return false };
        let items = &loaded.facts.structure(structure).items;
        items
            .iter()
            .any(|&item| matches!(loaded.facts.item(item).kind, ItemKind::ModuleTypeDef { body: None, .. }))
    }

    /// Evaluates a module type.
    pub(crate) fn module_type(&mut self, file: FileId, ty: ModuleTypeId, env: EnvId) -> Sig {
        if self.is_at_limit() {
            return Sig::Unknown(Reason::Cycle);
        }
        self.depth += 1;
        let sig = self.eval_type(file, ty, env);
        self.depth -= 1;
        sig
    }

    fn eval_type(&mut self, file: FileId, ty: ModuleTypeId, env: EnvId) -> Sig {
        let Some(loaded) = self.file(file) else { return Sig::Unknown(Reason::Unreadable) };
        let facts = &loaded.facts;
        match facts.module_type(ty) {
            ModuleType::Signature(structure) => Sig::Structure { file, structure: *structure, env },
            ModuleType::Functor { .. } => Sig::FunctorType { file, ty, env },
            ModuleType::TypeOf(module) => self.expression(file, *module, env).sig,
            ModuleType::With { base, .. } => {
                let base = self.module_type(file, *base, env);
                if let Sig::Unknown(_) = base {
                    return base;
                }
                let with = With { base, file, ty, env };
                let next = self.withs.len() as u32;
                let id = *self.with_ids.entry(with).or_insert(next);
                if id == next {
                    self.withs.push(with);
                }
                Sig::With(id)
            }
            ModuleType::Alias(path) => match self.module_of_ref(file, facts, *path, env) {
                Some(module) => module.sig,
                None => Sig::Unknown(Reason::Unbound),
            },
            ModuleType::Path(path) => {
                let reference = facts.reference(*path);
                let found = self.resolve(
                    file,
                    facts,
                    facts.names(reference.path),
                    reference.scope,
                    env,
                    Space::ModuleType,
                );
                match found {
                    Find::Found(found) => self.module_type_of(&found),
                    Find::Unknown(reason) => Sig::Unknown(reason),
                    Find::Local => Sig::Unknown(Reason::AbstractModuleType),
                    Find::Absent => Sig::Unknown(Reason::Unbound),
                }
            }
            ModuleType::Unknown => Sig::Unknown(Reason::Extension),
        }
    }

    fn module_type_of(&mut self, found: &Found) -> Sig {
        let Some(binding) = found.item else { return Sig::Unknown(Reason::AbstractModuleType) };
        let Some(loaded) = self.file(binding.file) else { return Sig::Unknown(Reason::Unreadable) };
        match &loaded.facts.item(binding.item).kind {
            ItemKind::ModuleTypeDef { body: Some(body), .. } => {
                self.module_type(binding.file, *body, found.env)
            }
            _ => Sig::Unknown(Reason::AbstractModuleType),
        }
    }

    // ---------------------------------------------------------------- paths

    /// Resolves the path of a module reference.
    pub(crate) fn module_of_ref(
        &mut self,
        file: FileId,
        facts: &FileFacts,
        path: RefId,
        env: EnvId,
    ) -> Option<Module> {
        let reference = facts.reference(path);
        match self.resolve(file, facts, facts.names(reference.path), reference.scope, env, Space::Module) {
            Find::Found(found) => found.module,
            Find::Unknown(reason) => Some(unknown(Addr::Local, reason)),
            Find::Local | Find::Absent => None,
        }
    }

    /// Resolves a path: its last component in `space`, the others are modules.
    pub(crate) fn resolve(
        &mut self,
        file: FileId,
        _facts: &FileFacts,
        path: &[Name],
        scope: ScopeId,
        env: EnvId,
        space: Space,
    ) -> Find {
        let [first, rest @ ..] = path else { return Find::Absent };
        let Some((last, middle)) = rest.split_last() else {
            return self.lookup(file, scope, env, space, *first);
        };
        let mut module = match self.lookup(file, scope, env, Space::Module, *first) {
            Find::Found(Found { module: Some(module), .. }) => module,
            Find::Unknown(reason) => return Find::Unknown(reason),
            _ => return Find::Absent,
        };
        for &name in middle {
            module = match self.find(module, Space::Module, name) {
                Find::Found(Found { module: Some(module), .. }) => module,
                Find::Unknown(reason) => unknown(module.link.member(name), reason),
                _ => return Find::Absent,
            };
        }
        match self.find(module, space, *last) {
            // The unit is known although its members are not: name it, so that it is linked.
            Find::Unknown(reason) => {
                let link = module.link.member(*last);
                let inner = (space == Space::Module).then(|| unknown(link, reason));
                let origin = link;
                match link {
                    Addr::Field(..) => Find::Found(Found {
                        link,
                        canon: link,
                        origin,
                        item: None,
                        module: inner,
                        absent: false,
                        env: EMPTY,
                    }),
                    Addr::Local => Find::Unknown(reason),
                }
            }
            found => found,
        }
    }

    // ---------------------------------------------------------------- enumeration

    /// Returns the names that a signature has in a name space, sorted, without duplicates.
    pub(crate) fn members(&mut self, module: Module, space: Space) -> Vec<Name> {
        let mut names = Vec::new();
        self.collect(module, space, &mut names);
        names.sort();
        names.dedup();
        names
    }

    fn collect(&mut self, module: Module, space: Space, out: &mut Vec<Name>) {
        if self.is_at_limit() {
            return;
        }
        self.depth += 1;
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
                    && let Some(inside) = self.enter(module, &loaded, file, structure, env)
                {
                    let scopes = &loaded.index.scopes[structure.idx()];
                    out.extend(scopes.names.keys().filter(|key| key.0 == space).map(|key| key.1));
                    let items = &loaded.facts.structure(structure).items;
                    for &position in &scopes.includes {
                        let (inner, _, _) = self.item_module(&loaded, inside, items[position as usize]);
                        self.collect(inner, space, out);
                    }
                }
            }
            _ => {}
        }
        self.depth -= 1;
    }

    /// Whether a signature may hold modules at all: cheap, and false for most.
    pub(crate) fn may_have_modules(&self, sig: Sig) -> bool {
        match sig {
            Sig::Structure { file, structure, .. } => self.world.file(file).is_some_and(|loaded| {
                let scopes = &loaded.index.scopes[structure.idx()];
                scopes.has_modules || !scopes.includes.is_empty()
            }),
            Sig::With(with) => self.may_have_modules(self.withs[with as usize].base),
            _ => false,
        }
    }
}

/// Returns where the items of a structure are reached from outside.
pub(crate) fn home(file: &File, structure: StructureId) -> Addr {
    match file.index.homes[structure.idx()] {
        Home::Path(prefix) => Addr::Field(file.index.unit, prefix),
        Home::Local => Addr::Local,
    }
}

fn unknown(link: Addr, reason: Reason) -> Module {
    Module { link, canon: link, sig: Sig::Unknown(reason) }
}

fn found_module(module: Module, env: EnvId, absent: bool) -> Find {
    let Module { link, canon, .. } = module;
    Find::Found(Found { link, canon, origin: link, item: None, module: Some(module), absent, env })
}

fn is_substitution(item: &Item) -> bool {
    match item.kind {
        ItemKind::ModuleSubstitution { .. } => true,
        ItemKind::ModuleTypeDef { is_substitution, .. } | ItemKind::Type { is_substitution, .. } => {
            is_substitution
        }
        _ => false,
    }
}

/// What an `include` brings is a field of the including module; only an alias that was only a name stays one.
fn reexport(found: Find, inside: Inside, space: Space, name: Name) -> Find {
    let Find::Found(mut found) = found else { return found };
    if found.absent {
        return Find::Found(found);
    }
    found.link = inside.link.member(name);
    if space == Space::Module {
        found.module = found.module.map(|module| Module { link: found.link, ..module });
        if found.canon == Addr::Local {
            found.canon = inside.canon.member(name);
            found.module = found.module.map(|module| Module { canon: found.canon, ..module });
        }
    } else {
        found.canon = inside.canon.member(name);
    }
    Find::Found(found)
}

/// The includes, and from inside the opens, of a structure in a range of positions, last first.
struct Others<'a> {
    includes: &'a [u32],
    opens: &'a [u32],
}

impl<'a> Others<'a> {
    fn new(scopes: &'a Scopes, after: u32, before: u32, with_opens: bool) -> Self {
        let within = |positions: &'a [u32]| {
            let start = positions.partition_point(|&position| position < after);
            let end = positions.partition_point(|&position| position < before);
            &positions[start.min(end)..end]
        };
        Others {
            includes: within(&scopes.includes),
            opens: if with_opens { within(&scopes.opens) } else { &[] },
        }
    }

    fn next(&mut self) -> Option<u32> {
        match (self.includes.split_last(), self.opens.split_last()) {
            (Some((&include, rest)), open) if open.is_none_or(|(&open, _)| include > open) => {
                self.includes = rest;
                Some(include)
            }
            (_, Some((&open, rest))) => {
                self.opens = rest;
                Some(open)
            }
            _ => None,
        }
    }
}
