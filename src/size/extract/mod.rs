//! Finds the features of definitions: from the syntax counts of their items, and from what their references turned out to be.
//!
//! A call of a `%primitive` is an instruction, one of a small function its body, one of any other function a call with a frame;
//! only name resolution tells them apart. `syntax` says what the text of each definition has, `primitive` what a primitive is.

mod primitive;
mod syntax;

use super::features::{Feature, Features};
use super::source::defs_of;
use crate::base::{DefId, FileId, Idx, Name, UnitId, split_last};
use crate::graph::{Def, DefKind, Edge, EdgeKind, Graph};
use crate::parse::{Arguments, Counts, FileFacts, Item, ItemKind, Shape, Takes};
use crate::project::{LibraryOrigin, Project};
use crate::resolve::derives;
use primitive::{likely_primitive, primitive_class, primitive_name};
use syntax::{Syntax, add_syntax, own_syntax};

/// The tree, ready to be asked unit by unit.
pub(super) struct Extractor<'a, F> {
    project: &'a Project,
    graph: &'a Graph,
    /// Facts of the files that were read.
    facts: F,
    /// For each definition, by [`DefId`], how many functions and how many other fields stand directly inside it.
    fields: Vec<[u32; 2]>,
    /// What calls of an external definition are, by [`DefId`], where its declaration is at hand.
    primitives: Vec<Option<Feature>>,
}

/// A function is expanded in place when its body is about so many instructions: `-inline 10`, less what calls save.
const MAX_INLINED: u32 = 10;

impl<'a, 'f, F: Fn(FileId) -> Option<&'f FileFacts>> Extractor<'a, F> {
    pub(super) fn new(project: &'a Project, graph: &'a Graph, facts: F) -> Self {
        let mut fields = vec![[0; 2]; graph.defs.len()];
        for def in &graph.defs {
            if let (Some(parent), Some(slot)) = (def.parent, slot(def)) {
                fields[parent.idx()][slot] += 1;
            }
        }
        let mut extractor =
            Extractor { project, graph, facts, fields, primitives: vec![None; graph.defs.len()] };
        for (i, def) in graph.defs.iter().enumerate().filter(|(_, def)| def.kind == DefKind::External) {
            let primitive = extractor.item(def).and_then(primitive_name);
            extractor.primitives[i] = primitive.map(|name| primitive_class(name.as_str()));
        }
        extractor
    }

    /// Returns the features of each definition of a unit; the last entry is what belongs to none.
    pub(super) fn unit(&self, id: UnitId, facts: &FileFacts) -> Vec<Features> {
        let range = defs_of(self.graph, id);
        let defs = &self.graph.defs[range.clone()];
        let syntax = own_syntax(defs, facts, derives(self.project, id));
        let unit_name = self.project.unit(id).name;
        let mut features = vec![Features::default(); defs.len() + 1];
        for (i, (own, syntax)) in features.iter_mut().zip(&syntax).enumerate() {
            let mut n_primitives = 0;
            if let Some(def) = defs.get(i) {
                for edge in self.graph.edges_of(DefId::new(range.start + i)) {
                    self.add_edge(own, edge, id, &mut n_primitives);
                }
                self.add_definition(own, def, syntax, DefId::new(range.start + i), unit_name);
                self.add_inherited(own, DefId::new(range.start + i), &syntax.counts);
            } else {
                own.add(Feature::LocalFunctions, syntax.counts.functions);
            }
            add_syntax(own, syntax, n_primitives);
        }
        features
    }

    fn item(&self, def: &Def) -> Option<&'f Item> {
        (self.facts)(def.file)?.items.get(def.item.idx())
    }

    /// Counts one reference.
    fn add_edge(&self, own: &mut Features, edge: &Edge, unit: UnitId, n_primitives: &mut u32) {
        let flags = edge.flags;
        if flags.get().through {
            return;
        }
        let target = edge.def.get().map(|def| self.graph.def(def));
        let is_copied = flags.get().coercion || flags.get().include || flags.get().export;
        match edge.kind {
            EdgeKind::Type | EdgeKind::ModuleType | EdgeKind::Name => return,
            EdgeKind::Primitive => {
                let known = edge.def.get().and_then(|def| self.primitives[def.idx()]);
                let feature = known.unwrap_or_else(|| primitive_class(likely_primitive(edge.target.path)));
                *n_primitives += u32::from(!matches!(feature, Feature::Indexed | Feature::ApplyPrimitives));
                own.add(feature, 1);
            }
            EdgeKind::CExternal => own.add(Feature::CCalls, 1),
            _ if flags.get().implicit => own.add(Feature::RefImplicit, 1),
            _ if is_copied => own.add(Feature::RefCoerced, 1),
            EdgeKind::Value => {
                own.add(self.value_class(target, edge.target.unit == unit), 1);
                if let Some(target) = target {
                    self.add_arguments(own, edge, target, unit);
                }
            }
            EdgeKind::Module => own.add(Feature::RefModules, 1),
            EdgeKind::Exception | EdgeKind::Extension => own.add(Feature::RefExceptions, 1),
            EdgeKind::Class => own.add(Feature::RefClasses, 1),
        }
        if edge.kind == EdgeKind::Module {
            let n_fields = match edge.def.get() {
                Some(def) => self.fields[def.idx()].iter().sum(),
                None => self.exported_fields(edge.target.unit),
            };
            if flags.get().include {
                own.add(Feature::IncludedFields, n_fields);
            } else if target.is_some_and(|target| target.kind == DefKind::Functor) {
                own.add(Feature::AppliedFields, n_fields);
            } else if flags.get().coercion || flags.get().whole {
                own.add(Feature::CoercedFields, n_fields);
            }
        }
        if edge.kind == EdgeKind::Value
            && let Some(cost) = target.and_then(|target| self.inlined_cost(target))
        {
            own.add(Feature::Inlined, 1);
            own.add(Feature::InlinedCost, cost);
        }
    }

    fn value_class(&self, target: Option<&Def>, is_own: bool) -> Feature {
        match target.map(|target| (target.kind, target.shape)) {
            Some((DefKind::Value, Shape::Function) | (DefKind::External, _)) if is_own => {
                Feature::RefFunctions
            }
            Some((DefKind::Value, Shape::Function) | (DefKind::External, _)) => Feature::RefOtherFunctions,
            Some((DefKind::Value, Shape::Constant)) => Feature::RefConstants,
            _ => Feature::RefValues,
        }
    }

    /// Fields of a unit's block that its interface shows.
    fn exported_fields(&self, unit: UnitId) -> u32 {
        let defs = &self.graph.defs[defs_of(self.graph, unit)];
        let is_field = |def: &&Def| def.parent.is_none() && def.exported && slot(def).is_some();
        defs.iter().filter(is_field).count() as u32
    }

    fn inlined_cost(&self, def: &Def) -> Option<u32> {
        inlined_cost(def, (self.facts)(def.file)?)
    }

    /// Counts what a call leaves out: without parameters that have to be given, it makes a function of its own; for each one that
    /// may be left out, `None` is passed.
    fn add_arguments(&self, own: &mut Features, edge: &Edge, target: &Def, unit: UnitId) {
        let Some(&ItemKind::Value { takes, is_simple: true, .. }) = self.item(target).map(|item| &item.kind)
        else {
            return;
        };
        if takes == Takes::default() {
            return;
        }
        let given = || {
            let file = self.project.unit(unit).implementation()?;
            // What a generator will write is told without all arguments.
            if self.project.file(file).generator.is_some() {
                return None;
            }
            let refs = &(self.facts)(file)?.refs;
            let behind = refs.partition_point(|reference| reference.span.start <= edge.span.start);
            let reference = refs.get(behind.checked_sub(1)?)?;
            (reference.span.end >= edge.span.end).then_some(reference.given)
        };
        let Some(given) = given().filter(|given| !given.is_none()) else { return };
        let [plain, labelled] = [takes.plain, takes.labelled].map(|n| n.min(Arguments::MOST));
        let is_partial = given.plain() < plain || given.labelled() < labelled;
        if is_partial {
            let origin = self.project.library(self.project.unit(edge.target.unit).library).origin;
            let is_opaque = self.project.is_opaque
                && edge.target.unit != unit
                && matches!(origin, LibraryOrigin::Workspace | LibraryOrigin::Program);
            own.add(Feature::Partial, u32::from(!is_opaque));
        } else {
            let n_optional = takes.optional.saturating_sub(given.labelled() - labelled);
            own.add(Feature::Omitted, u32::from(n_optional));
        }
    }

    /// Counts what a definition is.
    fn add_definition(&self, own: &mut Features, def: &Def, syntax: &Syntax, id: DefId, unit: Name) {
        let counts = &syntax.counts;
        let in_functor = def.in_functor.is_some();
        let is_function = def.kind == DefKind::Value && def.shape == Shape::Function;
        let n_top = u32::from(is_function && counts.functions > 0);
        let path = def.path.as_str();
        let path_len = path.len() as u32;
        let [n_functions, n_others] = self.fields[id.idx()];
        let kind = match def.kind {
            DefKind::Value => match (def.shape, in_functor) {
                (Shape::Function, false) => Feature::ValueFunctions,
                (Shape::Function, true) => Feature::FunctorFunctions,
                (_, true) => Feature::FunctorExpressions,
                (Shape::Constant, _) => Feature::ValueConstants,
                (Shape::Ident, _) => Feature::ValueNames,
                (Shape::Lazy | Shape::Expr, _) => Feature::ValueExpressions,
            },
            DefKind::External => Feature::Externals,
            DefKind::Module => Feature::Modules,
            DefKind::Functor => Feature::Functors,
            DefKind::Class => Feature::Classes,
            DefKind::Exception | DefKind::Extension => Feature::Exceptions,
            DefKind::Effect => Feature::Effects,
            DefKind::Alias | DefKind::ModuleType | DefKind::Type => return self.add_derived(own, syntax),
        };
        own.add(kind, 1);
        if def.kind == DefKind::Functor || (def.kind == DefKind::Module && in_functor) {
            own.add(Feature::FunctorFields, n_functions);
            own.add(Feature::FunctorValues, n_others);
        } else if def.kind == DefKind::Module {
            own.add(Feature::ModuleFields, n_functions + n_others);
        }
        if matches!(def.kind, DefKind::Functor | DefKind::Class) {
            own.add(Feature::UnitBytes, unit.len() as u32);
            own.add(Feature::PathBytes, path_len + 1);
        }
        if def.kind != DefKind::Functor {
            let n_local = counts.functions.saturating_sub(n_top);
            own.add(if in_functor { Feature::FunctorLocals } else { Feature::LocalFunctions }, n_local);
            own.add(Feature::NameBytes, n_top * split_last(path).1.len() as u32);
            own.add(Feature::PathBytes, counts.functions.saturating_mul(path_len + 1));
            own.add(Feature::UnitBytes, counts.functions.saturating_mul(unit.len() as u32));
        }
        if def.kind == DefKind::Value && def.shape == Shape::Constant && !in_functor {
            let n_constants = counts.strings.saturating_add(counts.constant_blocks);
            own.add(Feature::TopConstants, n_constants.saturating_sub(counts.array_constants));
        }
        self.add_derived(own, syntax);
    }

    fn add_derived(&self, own: &mut Features, syntax: &Syntax) {
        own.add(Feature::Derivers, syntax.n_derivers);
        own.add(Feature::DerivedParts, syntax.n_derivers.saturating_mul(syntax.n_type_parts));
        own.add(Feature::DerivedRefs, syntax.n_derivers.saturating_mul(syntax.n_type_refs));
        own.add(Feature::Readers, syntax.n_readers);
        own.add(Feature::ReadParts, syntax.n_readers.saturating_mul(syntax.n_type_parts));
        own.add(Feature::ReadRefs, syntax.n_readers.saturating_mul(syntax.n_type_refs));
    }

    /// Counts the methods that a class or object inherits: their names are a table.
    fn add_inherited(&self, own: &mut Features, id: DefId, counts: &Counts) {
        if counts.inherits > 0 {
            own.add(Feature::InheritedMethods, self.inherited(id, MAX_CLASSES));
        }
    }

    fn inherited(&self, id: DefId, depth: u32) -> u32 {
        let classes = self.graph.edges_of(id).iter().filter(|edge| edge.kind == EdgeKind::Class);
        let of_class = |edge: &Edge| {
            let Some(class) = edge.def.get().filter(|&class| class != id && depth > 0) else { return 0 };
            let def = self.graph.def(class);
            let own =
                (self.facts)(def.file).and_then(|facts| counts(facts, def)).map_or(0, |own| own.methods);
            own.saturating_add(self.inherited(class, depth - 1))
        };
        classes.map(of_class).fold(0, u32::saturating_add)
    }
}

/// Inheritance is followed for so many steps: a broken file may have a cycle.
const MAX_CLASSES: u32 = 8;

/// Returns about how many instructions a function has, when it is so small that calls of it are expanded in place.
fn inlined_cost(def: &Def, facts: &FileFacts) -> Option<u32> {
    if def.kind != DefKind::Value || def.shape != Shape::Function || def.in_functor.is_some() {
        return None;
    }
    let counts = counts(facts, def)?;
    // Functions inside, handlers and objects are never copied.
    if counts.functions > 1 || counts.handlers > counts.raises || counts.objects > 0 {
        return None;
    }
    let cost = [4 * counts.applications, counts.arguments, 2 * counts.operators, counts.accesses]
        .into_iter()
        .chain([2 * counts.cases, 2 * counts.branches, counts.blocks, counts.block_fields])
        .fold(0, u32::saturating_add);
    (cost <= MAX_INLINED).then_some(cost)
}

/// The counts of a definition's item.
fn counts(facts: &FileFacts, def: &Def) -> Option<Counts> {
    Some(facts.counts(facts.items.get(def.item.idx())?))
}

/// Whether the size of code that refers to some definitions may change when they do.
#[must_use]
pub fn seen_differently(before: (&[Def], Option<&FileFacts>), after: (&[Def], Option<&FileFacts>)) -> bool {
    fn view<'f>(def: &Def, facts: Option<&'f FileFacts>) -> impl PartialEq + use<'f> {
        let item = facts.and_then(|facts| facts.items.get(def.item.idx()));
        let inlined = facts.and_then(|facts| inlined_cost(def, facts));
        let class = facts.filter(|_| def.kind == DefKind::Class).and_then(|facts| counts(facts, def));
        let primitive = item.and_then(primitive_name);
        let place = (def.path, def.nth, def.parent.is_some(), def.exported, def.in_functor.is_some());
        (def.kind, def.shape, place, inlined, class, primitive)
    }
    let views = |(defs, facts): (&[Def], _)| defs.iter().map(|def| view(def, facts)).collect::<Vec<_>>();
    views(before) != views(after)
}

/// Which kind of field a definition is: a function or anything else; `None` where the module block has none.
fn slot(def: &Def) -> Option<usize> {
    match def.kind {
        DefKind::Value if def.shape == Shape::Function => Some(0),
        DefKind::Value | DefKind::Module | DefKind::Functor => Some(1),
        DefKind::Class | DefKind::Exception | DefKind::Extension => Some(1),
        _ => None,
    }
}
