//! `include S` in an interface, where only some names of `S` move: the new interface spells those out.
//!
//! The text of each comes from where it is written, which may be another file. What it names has to mean the same in the new
//! interface: names of `S` are those that move along, or what the constraints of the `include` say they are; all others are
//! looked up in both places, and must be the same thing. Where that fails there is no patch.

mod constraints;
mod names;

use super::Refusal;
use super::equations::{Equations, PrivateTypes, Varied, values};
use super::source::{Changes, Source};
use super::writer::Writer;
use crate::base::{FileId, Name, Span, UnitId};
use crate::parse::{ItemId, ItemKind, ModuleExpr, ModuleType, ModuleTypeId, Reference, ScopeId};
use crate::resolve::{Addr, EMPTY, Find, Module, Sig, Space as Names};
use crate::split::lexicon::{Lexicon, Space, bindings};
use constraints::Constraint;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// An `include` of which some names move.
pub(super) struct Torn<'i> {
    pub(super) unit: UnitId,
    pub(super) interface: &'i Source<'i>,
    pub(super) mli: FileId,
    pub(super) item: ItemId,
    pub(super) module_type: ModuleTypeId,
    /// The names that it includes.
    pub(super) names: Vec<(Space, Name)>,
    /// All names that move.
    pub(super) bound: &'i FxHashSet<(Space, Name)>,
    /// The scopes of the interface.
    pub(super) lexicon: &'i Lexicon<'i>,
}

/// What the new interface says instead.
#[derive(Default)]
pub(super) struct Spelled {
    pub(super) text: String,
    /// The types, modules and module types among it.
    pub(super) names: FxHashSet<(Space, Name)>,
    /// What it names of the rest of the old interface.
    pub(super) named: Vec<Reference>,
    /// Abstract types that say how their parameters vary, which is lost where the type behind them is private.
    pub(super) varied: Vec<Varied>,
    /// What the text binds so far.
    before: FxHashSet<(Space, Name)>,
}

/// The parts of `S with ..`.
struct Signature {
    /// `S`, evaluated.
    base: Module,
    /// The path in front of its name, or the whole one in `module type of P`.
    prefix: Vec<Name>,
    /// `P`, where it is `module type of struct include P end`: its types are those of `P`.
    included: Option<String>,
    scope: ScopeId,
    constraints: Vec<Constraint>,
}

/// A specification somewhere.
struct Spec<'a> {
    file: FileId,
    item: ItemId,
    source: Rc<Source<'a>>,
    /// Names of values that move, and that a deriver makes of it.
    derived: Vec<Name>,
}

/// Why it cannot be spelled out, without its place.
type Reason = String;

impl Torn<'_> {
    /// Spells the names out that move; types are equal to those of `implementation`.
    pub(super) fn spell<'a>(
        &self,
        writer: &mut Writer<'a>,
        implementation: &str,
    ) -> Result<Spelled, Refusal> {
        self.try_to_spell(writer, implementation).map_err(|reason| {
            let is_held = |name: &&(Space, Name)| self.bound.contains(name);
            let held = self.names.iter().find(is_held).map_or("", |name| name.1.as_str());
            let other = self.names.iter().find(|name| !is_held(name)).map_or("", |name| name.1.as_str());
            let message = format!(
                "of this signature, {held} would be in the new unit and {other} not, and it cannot be spelled out: {reason}"
            );
            self.interface.refuse("interface", message, self.interface.facts.item(self.item).span.start)
        })
    }

    fn try_to_spell<'a>(&self, writer: &mut Writer<'a>, implementation: &str) -> Result<Spelled, Reason> {
        let signature = self.signature(writer)?;
        // What the interface says anew further down is what its users see.
        let hidden = self.bound_behind();
        let is_moving = |name: &(Space, Name)| self.bound.contains(name) && !hidden.contains(name);
        let moving: Vec<(Space, Name)> = self.names.iter().copied().filter(is_moving).collect();
        let of_types =
            moving.iter().filter(|name| matches!(name.0, Space::Type | Space::Module | Space::ModuleType));
        let shared: FxHashSet<(Space, Name)> = of_types.copied().collect();
        let mut specs = self.specs(writer, &signature, &moving)?;
        // Constructors and fields of a type that is hidden go with it.
        specs.retain(|spec| {
            let item = spec.source.facts.item(spec.item);
            let names = spec.source.facts.names(item.names());
            let is_hidden = names.first().is_some_and(|&name| hidden.contains(&(Space::Type, name)));
            !(matches!(item.kind, ItemKind::Type { .. }) && is_hidden)
        });
        // Where several files have a part of it, types come first: values name them.
        let order = |spec: &Spec<'_>| {
            let item = spec.source.facts.item(spec.item);
            let is_named_by_all = matches!(item.kind, ItemKind::Type { .. } | ItemKind::ModuleTypeDef { .. });
            (!is_named_by_all, spec.file, item.span.start)
        };
        specs.sort_by_key(order);
        let mut spelled = Spelled { names: shared, ..Spelled::default() };
        let group = |spec: &Spec<'_>| (spec.file, spec.source.facts.item(spec.item).group);
        for row in specs.chunk_by(|one, other| group(one) == group(other)) {
            // Types that are declared together name each other.
            spelled.before.extend(row.iter().flat_map(|spec| bindings(spec.source.facts, spec.item)));
            for (nth, spec) in row.iter().enumerate() {
                let text = self.spec(writer, &signature, spec, implementation, &mut spelled)?;
                let words = if nth == 0 { ["and ", "type "] } else { ["type ", "and "] };
                spelled.text.push_str(&match text.strip_prefix(words[0]) {
                    Some(rest) => format!("{}{rest}", words[1]),
                    None => text,
                });
                spelled.text.push('\n');
            }
        }
        Ok(spelled)
    }

    /// What the items behind the `include` bind.
    fn bound_behind(&self) -> FxHashSet<(Space, Name)> {
        let facts = self.interface.facts;
        let items = &facts.structure(facts.item(self.item).parent).items;
        let behind = items.iter().skip_while(|&&item| item != self.item).skip(1);
        behind.flat_map(|&item| bindings(facts, item)).collect()
    }

    fn signature(&self, writer: &mut Writer<'_>) -> Result<Signature, Reason> {
        let facts = self.interface.facts;
        let mut base = self.module_type;
        while let ModuleType::With { base: inner, .. } = facts.module_type(base) {
            base = *inner;
        }
        let mut is_included = false;
        let path = match facts.module_type(base) {
            ModuleType::Path(path) => *path,
            ModuleType::TypeOf(module) => {
                let mut module = facts.module_expr(*module);
                if let ModuleExpr::Structure(structure) = module
                    && let [item] = facts.structure(*structure).items[..]
                    && let ItemKind::Include { module: inner } = facts.item(item).kind
                {
                    is_included = true;
                    module = facts.module_expr(inner);
                }
                match module {
                    ModuleExpr::Path(path) => *path,
                    _ => return Err("it is the type of a module without a name".into()),
                }
            }
            _ => return Err("it has no name".into()),
        };
        let reference = facts.reference(path);
        let mut prefix = facts.names(reference.path).to_vec();
        if let ModuleType::Path(_) = facts.module_type(base) {
            prefix.pop();
        }
        let body = self.interface.body(facts.item(self.item));
        // Behind `S`, or the `end` of what it is the type of.
        let text = self.interface.slice(Span { start: reference.span.end, end: body.end });
        let behind = if is_included { text.find("end").map_or(text.len(), |at| at + "end".len()) } else { 0 };
        let rest = Span { start: reference.span.end + behind as u32, end: body.end };
        let constraints = constraints::read(self.interface, rest)
            .ok_or_else(|| "its constraints are of modules inside, or not understood".to_owned())?;
        let sig = writer.eval.module_type(self.mli, base, EMPTY);
        if let Sig::Unknown(reason) = sig {
            return Err(format!("it is not known ({})", reason.word()));
        }
        let base = Module { link: Addr::Local, canon: Addr::Local, sig };
        let included = is_included.then(|| self.interface.slice(reference.span).to_owned());
        if is_included && !self.is_nameable(writer, reference.scope, Names::Module, prefix[0]) {
            return Err(format!("it names {}, which stays in the old unit", prefix[0]));
        }
        Ok(Signature { base, prefix, included, scope: reference.scope, constraints })
    }

    /// The specifications of names.
    fn specs<'a>(
        &self,
        writer: &mut Writer<'a>,
        signature: &Signature,
        names: &[(Space, Name)],
    ) -> Result<Vec<Spec<'a>>, Reason> {
        let mut specs: Vec<Spec<'a>> = Vec::new();
        for &(space, name) in names {
            let found = writer.eval.find(signature.base, space.into(), name);
            let Find::Found(found) = found else { return Err(format!("{name} is not found in it")) };
            let has_params = writer.eval.has_params(found.env);
            let Some(binding) = found.item.filter(|_| !has_params) else {
                return Err(format!("{name} comes from what a functor takes or gives"));
            };
            let source = writer.source(binding.file).map_err(|refusal| refusal.0.message)?;
            let kind = &source.facts.item(binding.item).kind;
            let is_derived = matches!(kind, ItemKind::Type { .. }) && space == Space::Value;
            let fits = match kind {
                ItemKind::Type { .. } => {
                    is_derived || matches!(space, Space::Type | Space::Constructor | Space::Field)
                }
                ItemKind::ValueSpec { .. } | ItemKind::External { .. } => space == Space::Value,
                ItemKind::Exception { .. } | ItemKind::TypeExtension { .. } => space == Space::Constructor,
                ItemKind::ModuleSpec { .. } => space == Space::Module,
                ItemKind::ModuleTypeDef { .. } => space == Space::ModuleType,
                _ => false,
            };
            if !fits {
                return Err(format!("{name} is no item of a signature by itself"));
            }
            let is_it = |spec: &&mut Spec<'_>| (spec.file, spec.item) == (binding.file, binding.item);
            let derived = if is_derived { vec![name] } else { Vec::new() };
            match specs.iter_mut().find(is_it) {
                Some(spec) => spec.derived.extend(derived),
                None => specs.push(Spec { file: binding.file, item: binding.item, source, derived }),
            }
        }
        Ok(specs)
    }

    /// The text of one specification.
    fn spec<'a>(
        &self,
        writer: &mut Writer<'a>,
        signature: &Signature,
        spec: &Spec<'a>,
        implementation: &str,
        spelled: &mut Spelled,
    ) -> Result<String, Reason> {
        let source = &spec.source;
        let facts = source.facts;
        let item = facts.item(spec.item);
        let mut span = item.span;
        let mut changes = Changes::default();
        let own = facts.names(item.names()).first().copied();
        if let ItemKind::Type {
            constructors,
            fields,
            is_open,
            is_substitution,
            is_abstract,
            n_params,
            has_variance,
            ..
        } = &item.kind
        {
            // What a deriver writes for it is asked for again only if all of it moves.
            if spec.derived.is_empty() {
                span = source.body(item);
            } else {
                self.derives_as_there(writer, signature, spec, own, &spelled.names)?;
            }
            let said = signature.constraints.iter().find(|known| !known.is_module && Some(known.name) == own);
            let has_shape =
                *is_open || [constructors, fields].iter().any(|names| !facts.names(**names).is_empty());
            match said {
                Some(said) if !has_shape && spec.derived.is_empty() => {
                    self.becomes(writer, said, spelled)?;
                    let name = own.map_or("", |name| name.as_str());
                    let (params, space) = (&said.params, if said.params.is_empty() { "" } else { " " });
                    let becomes = self.interface.slice(said.becomes);
                    return Ok(format!("type {params}{space}{name} = {becomes}"));
                }
                Some(_) => return Err("a type of it is written there, and said to equal another one".into()),
                None if *is_substitution => return Err("a type of it is a name for another one".into()),
                None if *n_params > 0 && source.slice(span).contains("constraint") => {
                    return Err("a parameter of a type of it is constrained".into());
                }
                None if *is_abstract && *has_variance && signature.included.is_none() => {
                    let values = values(&mut writer.eval, signature.base);
                    let at = self.interface.facts.item(self.item).span.start;
                    spelled.varied.extend(own.map(|path| Varied { path, values, at }));
                }
                None => {}
            }
        }
        if matches!(item.kind, ItemKind::Type { .. } | ItemKind::ModuleSpec { .. }) {
            let private = PrivateTypes::Stand;
            let implementation = signature.included.as_deref().unwrap_or(implementation);
            let mut equations = Equations::new(&mut writer.eval, spec.file, source, private);
            equations.items(&[spec.item], implementation).map_err(|refusal| refusal.0.message)?;
            changes = equations.changes;
            let at = self.interface.facts.item(self.item).span.start;
            spelled.varied.extend(equations.varied.into_iter().map(|found| Varied { at, ..found }));
        }
        for reference in facts.refs.iter().filter(|reference| item.span.contains(reference.span.start)) {
            self.reference(writer, signature, spec, reference, &mut changes, spelled)?;
        }
        Ok(changes.apply(&source.text, span))
    }

    /// Whether derivers of a type write the same in the new interface, and all of that moves.
    fn derives_as_there<'a>(
        &self,
        writer: &mut Writer<'a>,
        signature: &Signature,
        spec: &Spec<'a>,
        own: Option<Name>,
        shared: &FxHashSet<(Space, Name)>,
    ) -> Result<(), Reason> {
        let project = writer.tree.project;
        let library = |file: FileId| project.unit(project.file(file).unit).library;
        let moves = own.is_some_and(|own| shared.contains(&(Space::Type, own)));
        if !moves || library(spec.file) != library(self.mli) {
            return Err(format!("a deriver makes {} of its type elsewhere", spec.derived[0]));
        }
        for name in writer.eval.members(signature.base, Names::Value) {
            let Find::Found(found) = writer.eval.find(signature.base, Names::Value, name) else { continue };
            let is_derived =
                found.item.is_some_and(|binding| (binding.file, binding.item) == (spec.file, spec.item));
            if is_derived && !spec.derived.contains(&name) {
                return Err(format!("a deriver makes {} and {name} of one type", spec.derived[0]));
            }
        }
        Ok(())
    }
}
