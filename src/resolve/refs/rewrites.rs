//! Code that the compiler or a rewriter adds.

use super::{Walk, space_of};
use crate::base::{Idx, Name, Span, name, split_last};
use crate::parse::{Item, ItemId, ItemKind, ModuleExpr, RefKind, Rewrite, RewriteKind, ScopeId};
use crate::resolve::eval::{Addr, EMPTY, Find, Found};
use crate::resolve::index::{Space, join};
use crate::resolve::model::{DefKind, EdgeFlags, EdgeKind, Target, TypePart, Unresolved};
use crate::resolve::rewriters::{self, Derived, derives};
use rustc_hash::{FxHashMap, FxHashSet};

impl Walk<'_, '_, '_> {
    /// Code that the compiler or a rewriter adds.
    pub(super) fn rewrites(&mut self) {
        let by_position = self.rewrite_owners();
        let in_signature = self.rewrites_in_signatures();
        let derives = derives(self.eval.world.project, self.unit);
        if derives {
            self.derived_code(&by_position);
        }
        for (index, rewrite) in self.facts.rewrites.iter().enumerate() {
            let owner = by_position[index];
            if rewrite.kind == RewriteKind::Deriver && (in_signature[index] || !derives) {
                continue;
            }
            match rewrite.kind {
                RewriteKind::Implicit => match rewrite.name.as_str() {
                    "object" => self.implicit(owner, "CamlinternalOO", "", EdgeKind::Module, rewrite.span),
                    "module-rec" => {
                        let group = self.group_of(owner);
                        if !group.iter().any(|&module| self.may_stand_in(module)) {
                            continue;
                        }
                        for owner in group {
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

    /// Whether something may stand for a recursive module until its code has run.
    fn may_stand_in(&mut self, module: u32) -> bool {
        let ItemKind::Module { body, .. } = self.facts.item(self.defs.defs[module as usize].item).kind else {
            return true;
        };
        let ModuleExpr::Constraint { module_type, .. } = *self.facts.module_expr(body) else { return true };
        let file = self.file;
        self.eval.aside(|eval| {
            let sig = eval.module_type(file, module_type, EMPTY);
            eval.may_stand_in(sig)
        })
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

    /// The code that derivers make from types.
    fn derived_code(&mut self, owners: &[Option<u32>]) {
        if !self.facts.rewrites.iter().any(|rewrite| rewrite.kind == RewriteKind::Deriver) {
            return;
        }
        let Some(loaded) = self.eval.file(self.file) else { return };
        for (id, item) in self.facts.items.iter().enumerate() {
            let ItemKind::Type { names, .. } = &item.kind else { continue };
            let (Some(&ty), false) =
                (self.facts.names(*names).first(), self.facts.structure(item.parent).is_signature)
            else {
                continue;
            };
            let id = ItemId::new(id);
            let defs = self.defs_of_item(id);
            for derived in loaded.index.derived(id) {
                let Some(function) = derived.function else { continue };
                let rewrite = self.facts.rewrites[derived.rewrite as usize];
                // The types of a local module have no definitions: what encloses them owns the code.
                let owner = self.derived_def(&defs, derived);
                let owner = owner.or(owners[derived.rewrite as usize]);
                for path in function.uses(self.facts, item) {
                    self.runtime_value(owner, path, &rewrite);
                }
                let types = function.types(self.facts, item);
                for path in &types {
                    self.ghost_type(owner, path, &rewrite, None);
                }
                if derived.is_annotated() {
                    self.ghost_type(owner, &[ty], &rewrite, None);
                }
                for path in function.constructors(self.facts, item) {
                    self.ghost_type(owner, path, &rewrite, Some(TypePart::Constructor));
                }
                for path in function.own(self.facts, item, derived) {
                    self.ghost_value(owner, &path, rewrite.scope, rewrite.span);
                }
                self.components(owner, &function.components, item.refs.clone(), Some((function, item)));
            }
        }
    }

    /// For a name in an attribute of a type: the derived functions whose code has it; none where nobody takes it.
    pub(super) fn takers(&self, owner: Option<u32>, place: Span) -> Option<Vec<u32>> {
        if self.facts.type_marks.is_empty() {
            return None;
        }
        let id = self.defs.defs[owner? as usize].item;
        let item = self.facts.item(id);
        let mark = self.facts.type_marks_in(item).iter().find(|mark| holds(mark.payload, place))?;
        let defs = self.defs_of_item(id);
        let takers = self.eval.file(self.file)?.index.derived(id).iter().filter(|derived| {
            derived.function.is_some_and(|function| function.takes(self.facts, item, mark))
        });
        Some(takers.filter_map(|derived| self.derived_def(&defs, derived)).collect())
    }

    /// The definitions of an item, by the last part of their names.
    fn defs_of_item(&self, item: ItemId) -> FxHashMap<Name, Vec<u32>> {
        let mut found: FxHashMap<Name, Vec<u32>> = FxHashMap::default();
        let Some(&first) = self.defs.by_item.get(&item) else { return found };
        let defs = (first..).zip(&self.defs.defs[first as usize..]).take_while(|(_, def)| def.item == item);
        for (number, def) in defs {
            found.entry(name(split_last(def.path.as_str()).1)).or_default().push(number);
        }
        found
    }

    fn derived_def(&self, of_item: &FxHashMap<Name, Vec<u32>>, derived: &Derived) -> Option<u32> {
        let path = join(derived.home, derived.name);
        let ends_with_path = |of: Name| {
            of == path || of.strip_suffix(path.as_str()).is_some_and(|before| before.ends_with('.'))
        };
        // Derived functions come before derived modules, whose members may have the same name.
        let is_it = |&&number: &&u32| {
            let def = &self.defs.defs[number as usize];
            def.is_derived && space_of(def.kind) == derived.space && ends_with_path(def.path)
        };
        of_item.get(&derived.name)?.iter().find(is_it).copied()
    }

    fn rewriter(&mut self, owner: Option<u32>, rewrite: &Rewrite) {
        let item = owner.map(|owner| self.facts.item(self.defs.defs[owner as usize].item));
        let is_exception = item.is_some_and(|item| matches!(item.kind, ItemKind::Exception { .. }));
        let Some(rule) = rewriters::rule(rewrite.kind, rewrite.name, is_exception) else {
            if rewriters::is_builtin(rewrite.kind, rewrite.name) {
                return;
            }
            self.no_meaning(format!("[%{}]", rewrite.name), rewrite.span, "unknown-rewriter");
            return;
        };
        for path in rule.uses(rewrite) {
            self.runtime_value(owner, path, rewrite);
        }
        if rule.components.is_empty() {
            return;
        }
        let refs = match (rewrite.kind, item) {
            (RewriteKind::Deriver, Some(item)) => item.refs.clone(),
            (RewriteKind::Deriver, None) => return,
            // What stands in the node.
            _ => {
                let refs = &self.facts.refs;
                let start = refs.partition_point(|reference| reference.span.start < rewrite.span.start);
                let n = refs[start..].partition_point(|reference| reference.span.end <= rewrite.span.end);
                start as u32..(start + n) as u32
            }
        };
        self.components(owner, &rule.components, refs, None);
    }

    /// Generated code calls that of the types that a declaration or a payload names.
    fn components(
        &mut self,
        owner: Option<u32>,
        templates: &[String],
        refs: std::ops::Range<u32>,
        function: Option<(&rewriters::Function, &Item)>,
    ) {
        if templates.is_empty() {
            return;
        }
        let mut seen = FxHashSet::default();
        for index in refs {
            let reference = self.facts.refs[index as usize];
            let is_left_out = function.is_some_and(|(function, item)| {
                let mut marks = self.facts.type_marks_in(item).iter();
                function.leaves_out(self.facts, item, reference.span)
                    || marks.any(|mark| holds(mark.payload, reference.span))
            });
            if reference.kind != RefKind::Type || is_left_out {
                continue;
            }
            let path = self.facts.names(reference.path).to_vec();
            let Some((&ty, modules)) = path.split_last() else { continue };
            if !seen.insert(path.clone()) {
                continue;
            }
            for template in templates {
                let value = name(&rewriters::instantiate(template, ty));
                let mut path = modules.to_vec();
                path.push(value);
                self.eval.hops.clear();
                let found =
                    self.eval.resolve(self.file, self.facts, &path, reference.scope, EMPTY, Space::Value);
                self.ghost_found(owner, found, reference.span);
            }
        }
    }

    /// A value of a rewriter's runtime library. Where that cannot be seen the name is one without a meaning.
    fn runtime_value(&mut self, owner: Option<u32>, path: &[Name], rewrite: &Rewrite) {
        if self.ghost_value(owner, path, rewrite.scope, rewrite.span) {
            return;
        }
        let is_said = self.out.unresolved.iter().rev().take_while(|said| said.span == rewrite.span);
        if !is_said.into_iter().any(|said| said.reason == "no-runtime") {
            let path: Vec<&str> = path.iter().map(|part| part.as_str()).collect();
            self.no_meaning(path.join("."), rewrite.span, "no-runtime");
        }
    }

    fn no_meaning(&mut self, path: String, span: Span, reason: &'static str) {
        self.out.unresolved.push(Unresolved { unit: self.unit, file: self.file, path, span, reason });
    }

    /// A value, exception or module that generated code names, by its place in the scope of the node; whether it is there.
    pub(super) fn ghost_value(
        &mut self,
        owner: Option<u32>,
        path: &[Name],
        scope: ScopeId,
        span: Span,
    ) -> bool {
        let is_capital =
            path.last().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_uppercase()));
        let spaces =
            if is_capital { [Space::Constructor, Space::Module] } else { [Space::Value, Space::Module] };
        for space in spaces {
            self.eval.hops.clear();
            let found = self.eval.resolve(self.file, self.facts, path, scope, EMPTY, space);
            if !matches!(found, Find::Absent) {
                let is_known = !matches!(found, Find::Unknown(_));
                self.ghost_found(owner, found, span);
                return is_known;
            }
        }
        false
    }

    /// A type that generated code names, or of which it names constructors.
    fn ghost_type(&mut self, owner: Option<u32>, path: &[Name], rewrite: &Rewrite, part: Option<TypePart>) {
        let found = self.eval.resolve(self.file, self.facts, path, rewrite.scope, EMPTY, Space::Type);
        if let Find::Found(Found { link: Addr::Field(unit, path), .. }) = found {
            let flags = EdgeFlags { implicit: true, part, ..EdgeFlags::default() };
            self.edge(owner, EdgeKind::Type, Target { unit, path }, Space::Type, rewrite.span, flags);
        }
    }

    fn ghost_found(&mut self, owner: Option<u32>, found: Find, span: Span) {
        let Find::Found(found) = found else { return };
        let Addr::Field(unit, path) = found.link else { return };
        let kind = match found.item.and_then(|binding| {
            let loaded = self.eval.file(binding.file)?;
            match &loaded.facts.item(binding.item).kind {
                ItemKind::External { primitive, .. } if primitive.starts_with('%') => {
                    Some(EdgeKind::Primitive)
                }
                ItemKind::External { .. } => Some(EdgeKind::CExternal),
                ItemKind::Exception { .. } => Some(EdgeKind::Exception),
                _ => None,
            }
        }) {
            Some(kind) => kind,
            None if found.module.is_some() => EdgeKind::Module,
            None => EdgeKind::Value,
        };
        let space = match kind {
            EdgeKind::Module => Space::Module,
            EdgeKind::Exception => Space::Constructor,
            _ => Space::Value,
        };
        let flags = EdgeFlags { implicit: true, ..EdgeFlags::default() };
        if kind == EdgeKind::CExternal {
            return self.c_external(owner, span, flags, &found);
        }
        self.edge(owner, kind, Target { unit, path }, space, span, flags);
    }
}

fn holds(whole: Span, place: Span) -> bool {
    whole.start <= place.start && place.end <= whole.end
}
