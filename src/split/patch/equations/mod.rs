//! Recipe B's interface: a signature as it stood, with an equation to the private implementation on every type that has an
//! identity of its own.
//!
//! | in the signature | gets |
//! | --- | --- |
//! | `type t`, a record, a variant, an extensible type | `= IMPL.t` behind its name |
//! | `include S`, `module X : S`, with or without `with` | `with type t = IMPL.t` for every such type of `S`, in the order in which they hold each other |
//! | abbreviations, values, exceptions, classes, module types, functors | nothing |

mod order;

use super::Refusal;
use super::source::{Changes, Source};
use crate::base::{FileId, Name, Span, first_component, name};
use crate::parse::{
    FileFacts, Item, ItemId, ItemKind, ModuleExpr, ModuleExprId, ModuleType, ModuleTypeId, StructureId,
    WithConstraint,
};
use crate::resolve::{self, Addr, EMPTY, Evaluator, Find, Module};
use crate::split::lexicon::{Space, bindings};
use rustc_hash::{FxHashMap, FxHashSet};

/// Modules inside a named signature are looked into this deep.
const MAX_NESTED: u32 = 4;

/// Adds equations to a signature that a file spells out.
pub(super) struct Equations<'e, 'a> {
    eval: &'e mut Evaluator<'a>,
    file: FileId,
    source: &'e Source<'e>,
    pub(super) changes: Changes,
    private: PrivateTypes,
    /// Includes of which only some types and modules are those of the implementation.
    pub(super) torn: FxHashMap<ItemId, FxHashSet<(Space, Name)>>,
    /// Abstract types of signatures with names that say how their parameters vary, which is lost where the type behind them
    /// is private.
    pub(super) varied: Vec<Varied>,
}

/// A type that has an identity of its own.
struct Nominal {
    /// Its path in the signature.
    path: String,
    /// Where it is written.
    item: (FileId, ItemId),
    n_params: u32,
    /// The values beside it, where it is abstract and says how its parameters vary.
    varied: Option<Vec<(FileId, ItemId)>>,
}

/// An abstract type that says how its parameters vary.
#[derive(Clone, Debug)]
pub(super) struct Varied {
    /// Its path in the unit, or in the module of it that is described.
    pub(super) path: Name,
    /// The values of the signature that has it.
    pub(super) values: Vec<(FileId, ItemId)>,
    /// Where the interface names the signature.
    pub(super) at: u32,
}

/// What becomes of `type t = private int`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PrivateTypes {
    /// It stands as it is.
    Stand,
    /// It cannot be the same type for all who name it.
    Refused,
}

impl<'e, 'a> Equations<'e, 'a> {
    pub(super) fn new(
        eval: &'e mut Evaluator<'a>,
        file: FileId,
        source: &'e Source<'e>,
        private: PrivateTypes,
    ) -> Self {
        Equations {
            eval,
            file,
            source,
            changes: Changes::default(),
            private,
            torn: FxHashMap::default(),
            varied: Vec::new(),
        }
    }

    /// Adds those of all items of a structure; `implementation` is the path of the module that it describes.
    pub(super) fn structure(&mut self, structure: StructureId, implementation: &str) -> Result<(), Refusal> {
        self.structure_but(structure, implementation, &[])
    }

    /// Adds those of some items of the file.
    pub(super) fn items(&mut self, items: &[ItemId], implementation: &str) -> Result<(), Refusal> {
        self.each(items, implementation, &[])
    }

    fn structure_but(
        &mut self,
        structure: StructureId,
        implementation: &str,
        constrained: &[Name],
    ) -> Result<(), Refusal> {
        let facts = self.source.facts;
        self.each(&facts.structure(structure).items, implementation, constrained)
    }

    fn each(&mut self, items: &[ItemId], implementation: &str, constrained: &[Name]) -> Result<(), Refusal> {
        let facts = self.source.facts;
        let head = implementation.split('.').next().unwrap_or(implementation);
        for &id in items {
            let item = facts.item(id);
            if matches!(item.kind, ItemKind::ModuleSpec { .. } | ItemKind::ModuleSubstitution { .. })
                && facts.names(item.names()).first().is_some_and(|name| name.as_str() == head)
            {
                return Err(self.source.refuse(
                    "capture",
                    format!("{head} is a module of the signature and the implementation as well"),
                    item.span.start,
                ));
            }
            match &item.kind {
                ItemKind::Type { .. } => {
                    let named = facts.names(item.names()).first();
                    if !named.is_some_and(|name| constrained.contains(name)) {
                        self.type_item(id, item, implementation)?;
                    }
                }
                ItemKind::ModuleSpec { names, body, .. } => {
                    let Some(name) = facts.names(*names).first() else { continue };
                    self.module_type(item, *body, &format!("{implementation}.{name}"), None)?;
                }
                ItemKind::IncludeType { module_type } => {
                    let only = self.torn.get(&id).cloned();
                    self.module_type(item, *module_type, implementation, only.as_ref())?;
                }
                ItemKind::Broken => {
                    return Err(self.source.refuse("syntax", "this does not parse", item.span.start));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn type_item(&mut self, id: ItemId, item: &Item, implementation: &str) -> Result<(), Refusal> {
        let facts = self.source.facts;
        if self.private == PrivateTypes::Refused && self.source.is_private_abbreviation(id) {
            let message = "nobody could tell that a private type of two units is the same";
            return Err(self.source.refuse("interface", message, item.span.start));
        }
        if !is_nominal(facts, item) {
            return Ok(());
        }
        let Some(name) = self.source.name_span(id) else { return Ok(()) };
        let head = Span { start: item.span.start, end: name.start };
        let Some(params) = Params::read(self.source.slice(head)) else {
            return Err(self.source.refuse("syntax", "its parameters are not understood", item.span.start));
        };
        if let Some(renamed) = params.renamed {
            let start = item.span.start + renamed.start as u32;
            let end = item.span.start + renamed.end as u32;
            self.changes.replace(Span { start, end }, params.declared.clone());
        }
        let text = self.source.slice(name);
        self.changes.insert(name.end, format!(" = {}{implementation}.{text}", params.applied));
        Ok(())
    }

    /// Adds those of a signature, or of some names of it.
    fn module_type(
        &mut self,
        item: &Item,
        ty: ModuleTypeId,
        implementation: &str,
        only: Option<&FxHashSet<(Space, Name)>>,
    ) -> Result<(), Refusal> {
        let facts = self.source.facts;
        let (mut base, mut constrained) = (ty, Vec::new());
        let mut has_with = false;
        while let ModuleType::With { base: inner, constraints } = facts.module_type(base) {
            has_with = true;
            for constraint in &facts.constraints[constraints.start as usize..constraints.end as usize] {
                let (WithConstraint::Type { path, .. }
                | WithConstraint::Module { path, .. }
                | WithConstraint::ModuleType { path, .. }) = constraint;
                let path: Vec<&str> = facts.names(*path).iter().map(|name| name.as_str()).collect();
                constrained.push(path.join("."));
            }
            base = *inner;
        }
        match facts.module_type(base) {
            ModuleType::Signature(structure) => {
                let names: Vec<Name> = constrained.iter().map(|path| crate::base::name(path)).collect();
                self.structure_but(*structure, implementation, &names)
            }
            ModuleType::Alias(_) | ModuleType::Functor { .. } => Ok(()),
            ModuleType::Path(_) | ModuleType::TypeOf(_) => {
                let sig = self.eval.module_type(self.file, base, EMPTY);
                let module = Module { link: Addr::Local, canon: Addr::Local, sig };
                if let crate::resolve::Sig::Unknown(reason) = sig {
                    return Err(self.source.refuse(
                        "interface",
                        format!("the types of this signature are not known ({})", reason.word()),
                        item.span.start,
                    ));
                }
                let mut types = Vec::new();
                self.types(module, "", 0, &mut types);
                if let Some(only) = only {
                    types.retain(|found| {
                        let space = if found.path.contains('.') { Space::Module } else { Space::Type };
                        only.contains(&(space, name(first_component(&found.path))))
                    });
                }
                // What a path is included by is equal to what it has in any case.
                let included = match facts.module_type(base) {
                    ModuleType::TypeOf(of) => included_by_path(facts, *of),
                    _ => None,
                };
                if let Some(written) = included {
                    types.retain(|found| written.contains(&name(first_component(&found.path))));
                }
                types.retain(|Nominal { path, .. }| {
                    !constrained.iter().any(|done| {
                        path == done
                            || path.strip_prefix(done.as_str()).is_some_and(|rest| rest.starts_with('.'))
                    })
                });
                let inside =
                    implementation.split_once('.').map_or(String::new(), |(_, path)| format!("{path}."));
                let varied = types.iter().filter_map(|found| {
                    let path = name(&format!("{inside}{}", found.path));
                    found.varied.clone().map(|values| Varied { path, values, at: item.span.start })
                });
                self.varied.extend(varied);
                let types = self.in_order(types).map_err(|path| {
                    let message = format!(
                        "types of this signature hold each other, {path} among them or of them: no constraint can say what one equals"
                    );
                    self.source.refuse("interface", message, item.span.start)
                })?;
                let end = self.source.body(item).end;
                self.changes.insert(end, constraints(&types, implementation, has_with));
                Ok(())
            }
            _ => Err(self.source.refuse("interface", "this signature is not understood", item.span.start)),
        }
    }

    /// Every type of a module that has an identity of its own: path, number of parameters.
    fn types(&mut self, module: Module, prefix: &str, depth: u32, out: &mut Vec<Nominal>) {
        for name in self.eval.members(module, resolve::Space::Type) {
            let Find::Found(found) = self.eval.find(module, resolve::Space::Type, name) else { continue };
            let Some(binding) = found.item else { continue };
            let Some(file) = self.eval.file(binding.file).cloned() else { continue };
            let item = file.facts.item(binding.item);
            if let ItemKind::Type { n_params, is_abstract, has_variance, .. } = item.kind
                && is_nominal(&file.facts, item)
            {
                let path = format!("{prefix}{name}");
                let varied = (is_abstract && has_variance).then(|| values(self.eval, module));
                let item = (binding.file, binding.item);
                out.push(Nominal { path, item, n_params, varied });
            }
        }
        if depth >= MAX_NESTED {
            return;
        }
        for name in self.eval.members(module, resolve::Space::Module) {
            if let Find::Found(found) = self.eval.find(module, resolve::Space::Module, name)
                && let Some(inner) = found.module
                && !found.absent
            {
                let mut types = Vec::new();
                self.types(inner, "", depth + 1, &mut types);
                let done =
                    found.item.map_or_else(Vec::new, |binding| self.constrained(binding.file, binding.item));
                types.retain(|inner| !done.contains(&inner.path));
                let outer =
                    |inner: Nominal| Nominal { path: format!("{prefix}{name}.{}", inner.path), ..inner };
                out.extend(types.into_iter().map(outer));
            }
        }
    }

    /// The types of a module of a signature that a constraint there says already.
    fn constrained(&self, file: FileId, item: ItemId) -> Vec<String> {
        let Some(file) = self.eval.file(file) else { return Vec::new() };
        let facts = &file.facts;
        let ItemKind::ModuleSpec { body, .. } = &facts.item(item).kind else { return Vec::new() };
        let (mut base, mut paths) = (*body, Vec::new());
        while let ModuleType::With { base: inner, constraints } = facts.module_type(base) {
            for constraint in &facts.constraints[constraints.start as usize..constraints.end as usize] {
                if let WithConstraint::Type { path, .. } = constraint {
                    let path: Vec<&str> = facts.names(*path).iter().map(|name| name.as_str()).collect();
                    paths.push(path.join("."));
                }
            }
            base = *inner;
        }
        paths
    }

    /// Adds equations to a signature that has a name, as `include S` would stand in the new interface.
    pub(super) fn named(
        &mut self,
        item: &Item,
        ty: ModuleTypeId,
        implementation: &str,
    ) -> Result<(), Refusal> {
        self.module_type(item, ty, implementation, None)
    }
}

/// Where the values of a module are specified.
pub(super) fn values(eval: &mut Evaluator<'_>, module: Module) -> Vec<(FileId, ItemId)> {
    let names = eval.members(module, resolve::Space::Value);
    let specified = |name: Name| match eval.find(module, resolve::Space::Value, name) {
        Find::Found(found) => found.item.map(|binding| (binding.file, binding.item)),
        _ => None,
    };
    names.into_iter().filter_map(specified).collect()
}

/// Whether a type has an identity of its own: abstract, or with constructors or fields that nothing else says.
fn is_nominal(facts: &FileFacts, item: &Item) -> bool {
    let ItemKind::Type { constructors, fields, manifest, is_abstract, is_open, is_substitution, .. } =
        &item.kind
    else {
        return false;
    };
    let has_shape = !facts.names(*constructors).is_empty() || !facts.names(*fields).is_empty() || *is_open;
    !is_substitution && (*is_abstract || (has_shape && manifest.is_none()))
}

/// The names that `struct .. end` binds by itself, where all else in it comes by `include P`; none for other modules.
fn included_by_path(facts: &FileFacts, module: ModuleExprId) -> Option<FxHashSet<Name>> {
    let ModuleExpr::Structure(structure) = facts.module_expr(module) else { return None };
    let mut written = FxHashSet::default();
    for &item in &facts.structure(*structure).items {
        match facts.item(item).kind {
            ItemKind::Include { module } if !matches!(facts.module_expr(module), ModuleExpr::Path(_)) => {
                return None;
            }
            _ => written.extend(bindings(facts, item).into_iter().map(|(_, name)| name)),
        }
    }
    Some(written)
}

/// Returns ` with type t = IMPL.t and type 'a u = 'a IMPL.u`.
fn constraints(types: &[Nominal], implementation: &str, has_with: bool) -> String {
    let mut out = String::new();
    for (i, Nominal { path, n_params, .. }) in types.iter().enumerate() {
        let word = if i == 0 && !has_with { "with" } else { "and" };
        let letters: Vec<String> = (0..*n_params).map(letter).collect();
        let params = match letters.as_slice() {
            [] => String::new(),
            [one] => format!("{one} "),
            many => format!("({}) ", many.join(", ")),
        };
        out.push_str(&format!(" {word} type {params}{path} = {params}{implementation}.{path}"));
    }
    out
}

fn letter(i: u32) -> String {
    let letter = char::from(b'a' + (i % 26) as u8);
    if i < 26 { format!("'{letter}") } else { format!("'{letter}{}", i / 26) }
}

/// The parameters of a type declaration.
struct Params {
    /// How the type is applied to them: empty, `'a `, `('a, 'b) `.
    applied: String,
    /// The parameters with names for those that had none.
    declared: String,
    /// Where those stand in the declaration, when some had no name.
    renamed: Option<std::ops::Range<usize>>,
}

impl Params {
    /// Reads what stands between `type` or `and` and the name.
    fn read(head: &str) -> Option<Params> {
        let words =
            head.trim_start().strip_prefix("type").or_else(|| head.trim_start().strip_prefix("and"))?;
        let words = words.trim_start();
        let words = words.strip_prefix("nonrec").unwrap_or(words).trim();
        if words.is_empty() {
            return Some(Params { applied: String::new(), declared: String::new(), renamed: None });
        }
        if words.contains("(*") || words.contains('[') {
            return None;
        }
        let start = head.rfind(words)?;
        let inner = words.strip_prefix('(').map_or(Some(words), |rest| rest.strip_suffix(')'))?;
        let mut names = Vec::new();
        let mut declared = Vec::new();
        let mut has_renamed = false;
        let taken: Vec<&str> = inner.split(',').map(str::trim).collect();
        let mut next = 0;
        for param in inner.split(',').map(str::trim) {
            let name = param.trim_start_matches(['+', '-', '!']).trim();
            let variance = &param[..param.len() - name.len()];
            if name == "_" {
                has_renamed = true;
                let mut fresh = letter(next);
                while taken.iter().any(|other| other.ends_with(&fresh)) {
                    next += 1;
                    fresh = letter(next);
                }
                next += 1;
                declared.push(format!("{variance}{fresh}"));
                names.push(fresh);
            } else {
                declared.push(param.to_owned());
                names.push(name.to_owned());
            }
        }
        let joined = |parts: &[String]| match parts {
            [one] => one.clone(),
            many => format!("({})", many.join(", ")),
        };
        Some(Params {
            applied: format!("{} ", joined(&names)),
            declared: joined(&declared),
            renamed: has_renamed.then_some(start..start + words.len()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_names_and_get_some() {
        let read = |head| {
            let params = Params::read(head).expect("is understood");
            (params.applied, params.renamed.map(|_| params.declared))
        };
        assert_eq!(read("type "), (String::new(), None));
        assert_eq!(read("and nonrec 'a "), ("'a ".into(), None));
        assert_eq!(read("type (+'k, !-'v) "), ("('k, 'v) ".into(), None));
        assert_eq!(read("type _ "), ("'a ".into(), Some("'a".into())));
        assert_eq!(read("type ('a, +_) "), ("('a, 'b) ".into(), Some("('a, +'b)".into())));
    }
}
