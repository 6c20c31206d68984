//! The definitions of one unit: every structure-level item at any depth of modules and functors, and its effects.

use super::index::{Home, Space, join};
use super::model::DefKind;
use super::world::File;
use crate::base::{FileId, Idx, Name, Span, name};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleExpr, ModuleExprId, Names, Shape, StructureId};
use rustc_hash::FxHashMap;

/// One definition or effect of a unit; its position in [`UnitDefs::defs`] is its local number.
#[derive(Clone, Debug)]
pub(crate) struct LocalDef {
    pub(crate) path: Name,
    pub(crate) kind: DefKind,
    pub(crate) nth: u32,
    pub(crate) file: FileId,
    pub(crate) item: ItemId,
    pub(crate) span: Span,
    pub(crate) name_span: Span,
    pub(crate) parent: Option<u32>,
    pub(crate) in_functor: Option<u32>,
    pub(crate) shape: Shape,
    pub(crate) runs: bool,
    /// Whether it is inside `open struct .. end`.
    pub(crate) hidden: bool,
    /// Whether a deriver makes it from the type that is its item.
    pub(crate) is_derived: bool,
}

/// All definitions of a unit, in source order.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitDefs {
    pub(crate) defs: Vec<LocalDef>,
    /// By name space and dotted path, the last definition, and how many there are.
    by_path: FxHashMap<(Space, Name), (u32, u32)>,
    /// For each item that binds or runs something: its first local definition.
    pub(crate) by_item: FxHashMap<ItemId, u32>,
}

struct Frame {
    structure: StructureId,
    next: usize,
    parent: Option<u32>,
    in_functor: Option<u32>,
    hidden: bool,
}

impl UnitDefs {
    /// Lists the definitions of an implementation.
    pub(crate) fn of_file(file: FileId, loaded: &File) -> Self {
        let facts = &loaded.facts;
        let mut out = UnitDefs::default();
        let mut stack =
            vec![Frame { structure: facts.root, next: 0, parent: None, in_functor: None, hidden: false }];
        while let Some(frame) = stack.last_mut() {
            let items = &facts.structure(frame.structure).items;
            let Some(&id) = items.get(frame.next) else {
                stack.pop();
                continue;
            };
            frame.next += 1;
            let (structure, parent, in_functor, hidden) =
                (frame.structure, frame.parent, frame.in_functor, frame.hidden);
            let home = match loaded.index.homes[structure.idx()] {
                Home::Path(prefix) => prefix,
                Home::Local => continue,
            };
            if let Some(inner) = out.item(file, loaded, id, home, parent, in_functor, hidden) {
                stack.push(inner);
            }
        }
        out
    }

    /// Returns the local number of the last definition of a path.
    pub(crate) fn last(&self, space: Space, path: Name) -> Option<u32> {
        self.by_path.get(&(space, path)).map(|&(last, _)| last)
    }

    #[allow(clippy::too_many_arguments)]
    fn item(
        &mut self,
        file: FileId,
        loaded: &File,
        id: ItemId,
        home: Name,
        parent: Option<u32>,
        in_functor: Option<u32>,
        hidden: bool,
    ) -> Option<Frame> {
        let facts = &*loaded.facts;
        let item = facts.item(id);
        let base = LocalDef {
            path: home,
            kind: DefKind::Effect,
            nth: 1,
            file,
            item: id,
            span: item.span,
            name_span: Span::default(),
            parent,
            in_functor,
            shape: Shape::Expr,
            runs: false,
            hidden,
            is_derived: false,
        };
        let all = |names: Names| (names.start..names.end).collect::<Vec<_>>();
        match &item.kind {
            ItemKind::Value { names, shape, .. } => {
                if names.range().is_empty() {
                    let effect = LocalDef { shape: *shape, runs: *shape == Shape::Expr, ..base };
                    self.push(effect, None);
                }
                for at in all(*names) {
                    let runs = *shape == Shape::Expr;
                    let def = LocalDef { kind: DefKind::Value, shape: *shape, runs, ..base.clone() };
                    self.named(facts, def, Space::Value, at);
                }
            }
            ItemKind::External { names, .. } => {
                for at in all(*names) {
                    let def = LocalDef { kind: DefKind::External, shape: Shape::Function, ..base.clone() };
                    self.named(facts, def, Space::Value, at);
                }
            }
            ItemKind::Type { names, .. } | ItemKind::ClassType { names } => {
                for at in all(*names) {
                    let def = LocalDef { kind: DefKind::Type, shape: Shape::Constant, ..base.clone() };
                    self.named(facts, def, Space::Type, at);
                }
                // What is inside a derived module has that for its parent.
                let mut modules: Vec<(Name, u32)> = Vec::new();
                for derived in loaded.index.derived(id).iter().filter(|derived| derived.is_definition) {
                    let parent =
                        modules.iter().find(|(path, _)| *path == derived.home).map(|&(_, module)| module);
                    let base = LocalDef { parent: parent.or(base.parent), ..base.clone() };
                    let path = join(derived.home, derived.name);
                    let number = self.derived(&base, derived.space, path);
                    if derived.space == Space::Module {
                        modules.push((path, number));
                    }
                }
            }
            ItemKind::TypeExtension { constructors, .. } => {
                for at in all(*constructors) {
                    let def = LocalDef { kind: DefKind::Extension, ..base.clone() };
                    self.named(facts, def, Space::Constructor, at);
                }
            }
            ItemKind::Exception { names, .. } => {
                for at in all(*names) {
                    let def = LocalDef { kind: DefKind::Exception, ..base.clone() };
                    self.named(facts, def, Space::Constructor, at);
                }
            }
            ItemKind::ModuleTypeDef { names, .. } => {
                for at in all(*names) {
                    let def = LocalDef { kind: DefKind::ModuleType, shape: Shape::Constant, ..base.clone() };
                    self.named(facts, def, Space::ModuleType, at);
                }
            }
            ItemKind::Class { names, ident } => {
                for at in all(*names) {
                    let shape = if ident.is_some() { Shape::Ident } else { Shape::Expr };
                    let def = LocalDef { kind: DefKind::Class, shape, ..base.clone() };
                    self.named(facts, def, Space::Class, at);
                }
            }
            ItemKind::Module { names, body, .. } => {
                let (kind, inner) = module_body(facts, *body);
                let runs = kind == DefKind::Module && inner.is_none();
                let number = match all(*names).first() {
                    Some(&at) => {
                        let def = LocalDef { kind, shape: Shape::Constant, runs, ..base };
                        Some(self.named(facts, def, Space::Module, at))
                    }
                    None if inner.is_none() => {
                        // `module _ = F (X)`: code without a name.
                        self.push(LocalDef { runs: kind != DefKind::Alias, ..base }, None);
                        None
                    }
                    None => None,
                };
                let in_functor = if kind == DefKind::Functor { in_functor.or(number) } else { in_functor };
                let parent = number.or(parent);
                return inner.map(|structure| Frame { structure, next: 0, parent, in_functor, hidden });
            }
            ItemKind::Open { module, .. } | ItemKind::Include { module } => {
                let is_open = matches!(item.kind, ItemKind::Open { .. });
                let (kind, inner) = module_body(facts, *module);
                match inner {
                    Some(structure) if kind == DefKind::Module => {
                        let hidden = hidden || is_open;
                        return Some(Frame { structure, next: 0, parent, in_functor, hidden });
                    }
                    _ if is_open && kind == DefKind::Alias => {}
                    _ => {
                        self.push(LocalDef { runs: kind != DefKind::Alias, ..base }, None);
                    }
                }
            }
            ItemKind::Eval | ItemKind::Broken => {
                self.push(LocalDef { runs: true, ..base }, None);
            }
            ItemKind::ValueSpec { .. }
            | ItemKind::ModuleSpec { .. }
            | ItemKind::ModuleSubstitution { .. }
            | ItemKind::IncludeType { .. } => {}
        }
        None
    }

    fn named(&mut self, facts: &FileFacts, mut def: LocalDef, space: Space, at: u32) -> u32 {
        def.name_span = facts.name_span(at as usize).unwrap_or_default();
        def.path = join(def.path, facts.names[at as usize]);
        self.push(def, Some(space))
    }

    /// What a deriver makes: it has no text of its own.
    fn derived(&mut self, base: &LocalDef, space: Space, inner: Name) -> u32 {
        let (kind, shape) = match space {
            Space::Module => (DefKind::Module, Shape::Constant),
            _ => (DefKind::Value, Shape::Function),
        };
        let path = if base.path.is_empty() { inner } else { name(&format!("{}.{inner}", base.path)) };
        self.push(LocalDef { kind, shape, path, is_derived: true, ..base.clone() }, Some(space))
    }

    fn push(&mut self, mut def: LocalDef, space: Option<Space>) -> u32 {
        let number = self.defs.len() as u32;
        self.by_item.entry(def.item).or_insert(number);
        if let Some(space) = space {
            let (last, n_same) = self.by_path.entry((space, def.path)).or_default();
            *last = number;
            *n_same += 1;
            def.nth = *n_same;
        }
        self.defs.push(def);
        number
    }
}

/// What a module expression makes of a binding, and the structure inside it.
fn module_body(facts: &FileFacts, mut expr: ModuleExprId) -> (DefKind, Option<StructureId>) {
    let mut kind = None;
    loop {
        match facts.module_expr(expr) {
            ModuleExpr::Structure(structure) => return (kind.unwrap_or(DefKind::Module), Some(*structure)),
            ModuleExpr::Functor { body, .. } => {
                kind = Some(DefKind::Functor);
                expr = *body;
            }
            ModuleExpr::Constraint { module, .. } => {
                kind = kind.or(Some(DefKind::Module));
                expr = *module;
            }
            ModuleExpr::Path(_) => return (kind.unwrap_or(DefKind::Alias), None),
            _ => return (kind.unwrap_or(DefKind::Module), None),
        }
    }
}

/// Interns the empty path.
pub(crate) fn whole() -> Name {
    name("")
}
