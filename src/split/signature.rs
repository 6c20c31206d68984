//! What an interface says of a module: which of its names are shown, and which types are abstract. That decides the recipe.

use super::lexicon::{Lexical, Lexicon};
use super::model::Risk;
use super::plan::Recipe;
use super::world::Tree;
use crate::base::{FileId, LibraryId, Name, Place, Span, UnitId};
use crate::graph::{DefKind, Edge, EdgeKind};
use crate::parse::{FileFacts, ItemKind, ModuleType, ModuleTypeId, StructureId};
use rustc_hash::{FxHashMap, FxHashSet};

/// A signature in some interface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature<'a> {
    pub(crate) file: FileId,
    pub(crate) facts: &'a FileFacts,
    pub(crate) structure: StructureId,
}

/// Returns the signature that a unit's interface spells out for a module path; none where there is no interface, or where it
/// names a module type instead.
pub(crate) fn module_signature<'a>(tree: Tree<'a>, unit: UnitId, path: Name) -> Option<Signature<'a>> {
    let file = tree.project.unit(unit).interface()?;
    let facts = tree.facts(file)?;
    let mut structure = facts.root;
    for component in path.as_str().split('.').filter(|component| !component.is_empty()) {
        let found = facts.structure(structure).items.iter().rev().find_map(|&item| {
            let item = facts.item(item);
            let ItemKind::ModuleSpec { names, body, .. } = &item.kind else { return None };
            (facts.names(*names).first()?.as_str() == component).then_some(*body)
        });
        structure = spelled_out(facts, found?)?;
    }
    Some(Signature { file, facts, structure })
}

/// Returns the line at which a unit's interface declares a module; none where there is no interface that was read.
#[must_use]
pub fn interface_line(tree: Tree<'_>, unit: UnitId, path: Name) -> Option<Place> {
    let file = tree.project.unit(unit).interface()?;
    let facts = tree.facts(file)?;
    let (outer, last) = crate::base::split_last(&path);
    let structure = module_signature(tree, unit, crate::base::name(outer))?.structure;
    let item = facts.structure(structure).items.iter().rev().find_map(|&item| {
        let item = facts.item(item);
        let ItemKind::ModuleSpec { names, .. } = &item.kind else { return None };
        (facts.names(*names).first()?.as_str() == last).then_some(item)
    })?;
    let shown = tree.project.file(file).shown.clone();
    Some(Place { file: shown, at: Some(facts.line_col(item.span.start)) })
}

fn spelled_out(facts: &FileFacts, mut module_type: ModuleTypeId) -> Option<StructureId> {
    loop {
        match facts.module_type(module_type) {
            ModuleType::Signature(structure) => return Some(*structure),
            ModuleType::With { base, .. } => module_type = *base,
            _ => return None,
        }
    }
}

/// What a part needs of its interface.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) recipe: Recipe,
    /// Values that a wrapper would copy.
    pub(crate) n_values: u32,
    pub(crate) risks: Vec<Risk>,
}

/// What is asked for one part of a facade after another, and there may be thousands of them: worked out when first asked for.
#[derive(Default)]
pub(crate) struct Surroundings<'a> {
    /// For each library, what its units refer to in others of it, by the unit that is referred to.
    references: FxHashMap<LibraryId, FxHashMap<UnitId, Vec<&'a Edge>>>,
    /// The scopes of the facade's interface.
    lexicon: Option<Lexicon<'a>>,
}

impl<'a> Surroundings<'a> {
    /// Returns what other units of its library refer to in a unit.
    fn references_to(&mut self, tree: Tree<'a>, unit: UnitId) -> &[&'a Edge] {
        let library = tree.project.unit(unit).library;
        let of_library = self.references.entry(library).or_insert_with(|| {
            let mut references: FxHashMap<UnitId, Vec<&Edge>> = FxHashMap::default();
            for &user in &tree.project.library(library).units {
                let edges = tree.graph.unit_defs(user).flat_map(|def| tree.graph.edges_of(def));
                for edge in edges.filter(|edge| edge.target.unit != user) {
                    references.entry(edge.target.unit).or_default().push(edge);
                }
            }
            references
        });
        of_library.get(&unit).map_or(&[], Vec::as_slice)
    }
}

impl Needs {
    /// Decides the recipe for a unit, or a module of it, that gets `signature` as its interface. All signatures that are asked
    /// for with the same surroundings are of one interface.
    pub(crate) fn of_part<'a>(
        tree: Tree<'a>,
        unit: UnitId,
        path: Name,
        signature: Option<&Signature<'a>>,
        around: &mut Surroundings<'a>,
    ) -> Needs {
        let Some(signature) = signature else {
            // The signature has a name: the wrapper's interface is `include S`, and what S holds is not looked into.
            return Needs {
                recipe: Recipe::Wrap,
                n_values: count_values(tree, unit, path),
                risks: Vec::new(),
            };
        };
        Needs::decide(tree, unit, path, signature, |shown| {
            is_looked_into(around.references_to(tree, unit), shown)
                || has_idle_values(tree, unit, shown)
                || names_itself(tree, unit, signature, around)
        })
    }

    /// Decides the recipe for something with a signature that is spelled out.
    pub(crate) fn decide(
        tree: Tree<'_>,
        unit: UnitId,
        path: Name,
        signature: &Signature<'_>,
        is_looked_into: impl FnOnce(&Shown) -> bool,
    ) -> Needs {
        let shown = Shown::of(signature.facts, signature.structure);
        let mut needs = Needs { recipe: Recipe::MoveInterface, n_values: shown.n_values, risks: Vec::new() };
        if shown.has_includes || is_looked_into(&shown) {
            needs.recipe = Recipe::Wrap;
        }
        for (type_name, span, has_variance) in &shown.abstract_types {
            if is_concrete(tree, unit, path, type_name) {
                needs.recipe = Recipe::Wrap;
                if *has_variance {
                    needs.risks.push(variance_risk(tree, signature, type_name, *span));
                }
            }
        }
        needs
    }
}

/// An abstract type that a wrapper would take the variance from. One that promises none has none to lose: its parameters
/// are invariant to clients in either case.
pub(crate) fn variance_risk(tree: Tree<'_>, signature: &Signature<'_>, type_name: &str, span: Span) -> Risk {
    let file = tree.project.file(signature.file).shown.clone();
    lost_variance(type_name, Place { file, at: Some(signature.facts.line_col(span.start)) })
}

/// The risk of such a type, declared at some place.
pub(crate) fn lost_variance(type_name: &str, place: Place) -> Risk {
    Risk {
        code: "variance",
        message: format!(
            "the abstract type {type_name} says how its parameters vary: a wrapper loses that, so values of it may no longer be polymorphic"
        ),
        place: Some(place),
    }
}

/// The names of a signature, nested ones by their last component.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) names: FxHashSet<Name>,
    pub(crate) n_values: u32,
    pub(crate) has_includes: bool,
    /// Abstract types: dotted path, place, whether a parameter says how it varies.
    pub(crate) abstract_types: Vec<(String, Span, bool)>,
}

impl Shown {
    pub(crate) fn of(facts: &FileFacts, structure: StructureId) -> Self {
        let mut shown = Shown::default();
        let mut todo = vec![(structure, String::new())];
        while let Some((structure, prefix)) = todo.pop() {
            for &item in &facts.structure(structure).items {
                shown.item(facts, item, &prefix, &mut todo);
            }
        }
        shown.abstract_types.sort();
        shown
    }

    fn item(
        &mut self,
        facts: &FileFacts,
        item: crate::parse::ItemId,
        prefix: &str,
        todo: &mut Vec<(StructureId, String)>,
    ) {
        let item = facts.item(item);
        let names = facts.names(item.names());
        self.names.extend(names.iter().copied());
        match &item.kind {
            ItemKind::ValueSpec { .. } | ItemKind::Exception { .. } | ItemKind::Class { .. } => {
                self.n_values += 1
            }
            ItemKind::External { primitive, .. } if !primitive.starts_with('%') => self.n_values += 1,
            ItemKind::Type { is_abstract: true, is_substitution: false, has_variance, .. } => {
                let path = names.first().map_or_else(String::new, |name| format!("{prefix}{name}"));
                self.abstract_types.push((path, item.span, *has_variance));
            }
            ItemKind::ModuleSpec { body, .. } => {
                self.n_values += 1;
                match spelled_out(facts, *body) {
                    Some(inner) => {
                        let name = names.first().map_or("", |name| name.as_str());
                        todo.push((inner, format!("{prefix}{name}.")));
                    }
                    None => self.has_includes |= !matches!(facts.module_type(*body), ModuleType::Alias(_)),
                }
            }
            ItemKind::IncludeType { .. } => self.has_includes = true,
            _ => {}
        }
    }
}

/// Whether the implementation says what an abstract type is.
pub(crate) fn is_concrete(tree: Tree<'_>, unit: UnitId, path: Name, type_name: &str) -> bool {
    let full = if path.is_empty() { type_name.to_owned() } else { format!("{path}.{type_name}") };
    let found = tree.graph.unit_defs(unit).find(|&def| {
        let def = tree.graph.def(def);
        def.kind == DefKind::Type && def.path.as_str() == full
    });
    let Some(def) = found.map(|def| tree.graph.def(def)) else {
        // It comes by an include or a functor: it may be anything.
        return true;
    };
    let Some(facts) = tree.facts(def.file) else { return true };
    !matches!(&facts.item(def.item).kind, ItemKind::Type { is_abstract: true, .. })
}

/// Whether one of these references, by which the library names something of a part, names what the signature does not show, or
/// may name the inside of a type.
fn is_looked_into(references: &[&Edge], shown: &Shown) -> bool {
    references.iter().any(|edge| {
        let named = crate::base::split_last(&edge.target.path).1;
        let is_hidden = edge.kind != EdgeKind::Name
            && !named.is_empty()
            && !shown.names.contains(&crate::base::name(named));
        // A type by its name, or its constructors and fields: the edge does not tell which.
        let is_inside = || {
            edge.kind == EdgeKind::Type && shown.abstract_types.iter().any(|(name, ..)| name.ends_with(named))
        };
        is_hidden || is_inside()
    })
}

/// Whether a signature names the unit that it describes, where it would be circular as the interface of that unit; or an
/// abstract type beside it, which only a wrapper can name by what is behind it.
fn names_itself<'a>(
    tree: Tree<'a>,
    unit: UnitId,
    signature: &Signature<'a>,
    around: &mut Surroundings<'a>,
) -> bool {
    let own = super::fresh::unwrapped(tree.unit_name(unit));
    let facts = signature.facts;
    let items = &facts.structure(signature.structure).items;
    let ranges = items.iter().map(|&item| facts.item(item).refs.clone());
    let lexicon = around.lexicon.get_or_insert_with(|| Lexicon::new(facts));
    let root = &facts.structure(facts.root).items;
    ranges.flat_map(|range| &facts.refs[range.start as usize..range.end as usize]).any(|reference| {
        let path = facts.names(reference.path);
        let is_own = path.len() > 1 && path[0].as_str() == own;
        is_own
            || matches!(lexicon.lookup(reference), Lexical::Root(at)
                if matches!(facts.item(root[at as usize]).kind, ItemKind::Type { is_abstract: true, .. }))
    })
}

/// Whether a unit without an interface has values that nobody would use any more once it has this one: the compiler warns
/// of such, and in dune's dev profile that is an error.
fn has_idle_values(tree: Tree<'_>, unit: UnitId, shown: &Shown) -> bool {
    if tree.project.unit(unit).interface().is_some() {
        return false;
    }
    let edges = || tree.graph.unit_defs(unit).flat_map(|def| tree.graph.edges_of(def));
    let used: FxHashSet<_> = edges().filter_map(|edge| edge.def.get()).collect();
    tree.graph.unit_defs(unit).any(|id| {
        let def = tree.graph.def(id);
        let is_value = matches!(def.kind, DefKind::Value | DefKind::External) && !def.ghost;
        is_value && def.parent.is_none() && !shown.names.contains(&def.path) && !used.contains(&id)
    })
}

/// Number of values of a unit, or of a module in it.
pub(crate) fn count_values(tree: Tree<'_>, unit: UnitId, path: Name) -> u32 {
    let inside = |def: &&crate::graph::Def| {
        let is_value = matches!(
            def.kind,
            DefKind::Value
                | DefKind::Exception
                | DefKind::Class
                | DefKind::Module
                | DefKind::Functor
                | DefKind::Extension
        );
        is_value
            && def.exported
            && def.in_functor.is_none()
            && (path.is_empty()
                || def.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    tree.graph.unit_defs(unit).map(|def| tree.graph.def(def)).filter(inside).count() as u32
}
