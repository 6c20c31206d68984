//! A compact printed form of facts, for tests.

use super::*;
use crate::base::Idx;
use std::fmt::Write;

/// Prints all facts of a fixture: items as a tree with their references, each with its scope.
pub(super) fn dump(text: &str, kind: SourceKind) -> String {
    let facts = parse_file(text.as_bytes(), kind);
    let mut dump = Dump { text, facts: &facts, out: String::new() };
    dump.structure(facts.root, 0);
    let reachable: Vec<_> = dump.facts.items.iter().map(|item| item.parent).collect();
    for (at, structure) in facts.structures.iter().enumerate().skip(1) {
        let id = StructureId::new(at);
        if reachable.contains(&id) || structure.items.is_empty() {
            let what = if structure.is_signature { "sig" } else { "struct" };
            writeln!(dump.out, "{what} {at}").expect("strings can be written");
            dump.structure(id, 1);
        }
    }
    for rewrite in &facts.rewrites {
        writeln!(dump.out, "rewrite {:?} {}", rewrite.kind, rewrite.name).expect("strings can be written");
    }
    for span in &facts.errors {
        writeln!(dump.out, "error {}..{}", span.start, span.end).expect("strings can be written");
    }
    dump.out
}

struct Dump<'a> {
    text: &'a str,
    facts: &'a FileFacts,
    out: String,
}

impl Dump<'_> {
    fn structure(&mut self, id: StructureId, depth: usize) {
        for &id in &self.facts.structures[id.idx()].items {
            let item = &self.facts.items[id.idx()];
            let indent = "  ".repeat(depth);
            for at in item.names().range() {
                let (name, span) =
                    (self.facts.names[at], self.facts.name_span(at).expect("items know where"));
                let text = &self.text[span.start as usize..span.end as usize];
                assert!(text.contains(name.as_str()), "{name} is bound at {text}");
            }
            let kind = self.kind(&item.kind);
            writeln!(self.out, "{indent}{kind} @{}", self.scope(item.scope)).expect("strings can be written");
            for at in item.refs.clone() {
                let is_inside = |inner: &Item| {
                    inner.parent != item.parent
                        && inner.span.start >= item.span.start
                        && inner.span.end <= item.span.end
                };
                let owned_deeper = self.facts.items[id.idx()..]
                    .iter()
                    .any(|inner| is_inside(inner) && inner.refs.contains(&at));
                if !owned_deeper {
                    let reference = self.reference(at);
                    writeln!(self.out, "{indent}  - {reference}").expect("strings can be written");
                }
            }
        }
    }

    fn names(&self, names: Names) -> String {
        self.facts.names(names).iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",")
    }

    fn path(&self, names: Names) -> String {
        self.facts.names(names).iter().map(|name| name.as_str()).collect::<Vec<_>>().join(".")
    }

    fn reference(&self, at: u32) -> String {
        let reference = &self.facts.refs[at as usize];
        let mut out = format!("{:?} {}", reference.kind, self.path(reference.path));
        if reference.role != Role::Plain {
            write!(out, " {:?}", reference.role).expect("strings can be written");
        }
        if reference.in_extension {
            out.push_str(" in extension");
        }
        write!(out, " @{}", self.scope(reference.scope)).expect("strings can be written");
        out
    }

    fn ref_path(&self, id: crate::base::RefId) -> String {
        self.path(self.facts.refs[id.idx()].path)
    }

    /// The binders of a scope from the innermost out, the file's left out.
    fn scope(&self, id: ScopeId) -> String {
        let mut out = Vec::new();
        let mut at = id;
        while at.0 != 0 {
            let scope = self.facts.scopes[at.idx()];
            out.push(match scope.binder {
                Binder::File => "file".to_owned(),
                Binder::Items { structure, before } => format!("{}:{before}", structure.0),
                Binder::Values(names) => self.names(names),
                Binder::Exception(names) => format!("exception {}", self.names(names)),
                Binder::Types(names) => format!("type {}", self.names(names)),
                Binder::Module { names, body } => {
                    format!("module {} = {}", self.names(names), self.expr(body))
                }
                Binder::ModuleParam { names, module_type } => {
                    let module_type = module_type.map_or("_".to_owned(), |id| self.module_type(id));
                    format!("module {} : {module_type}", self.names(names))
                }
                Binder::Open { module } => format!("open {}", self.expr(module)),
            });
            at = scope.parent;
        }
        out.join(" < ")
    }

    fn expr(&self, id: ModuleExprId) -> String {
        match &self.facts.module_exprs[id.idx()] {
            ModuleExpr::Path(path) => self.ref_path(*path),
            ModuleExpr::Structure(structure) => format!("struct {}", structure.0),
            ModuleExpr::Functor { param, body } => {
                format!("({}) -> {}", self.param(*param), self.expr(*body))
            }
            ModuleExpr::Apply { functor, argument } => {
                format!("{}({})", self.expr(*functor), argument.map_or(String::new(), |id| self.expr(id)))
            }
            ModuleExpr::Constraint { module, module_type } => {
                format!("({} : {})", self.expr(*module), self.module_type(*module_type))
            }
            ModuleExpr::Unpack { module_type, value } => {
                let value = value.map_or(String::new(), |value| self.ref_path(value) + " ");
                format!("(val {value}: {})", module_type.map_or("_".to_owned(), |id| self.module_type(id)))
            }
            ModuleExpr::Unknown => "?".to_owned(),
        }
    }

    fn param(&self, param: Option<Param>) -> String {
        param.map_or(String::new(), |param| {
            assert!(matches!(self.facts.scopes[param.scope.idx()].binder, Binder::ModuleParam { .. }));
            format!("{} : {}", self.names(param.names), self.module_type(param.module_type))
        })
    }

    fn module_type(&self, id: ModuleTypeId) -> String {
        match &self.facts.module_types[id.idx()] {
            ModuleType::Path(path) => self.ref_path(*path),
            ModuleType::Signature(structure) => format!("sig {}", structure.0),
            ModuleType::Functor { param, result } => {
                format!("({}) -> {}", self.param(*param), self.module_type(*result))
            }
            ModuleType::TypeOf(module) => format!("typeof {}", self.expr(*module)),
            ModuleType::With { base, constraints } => {
                let constraints: Vec<_> = self.facts.constraints
                    [constraints.start as usize..constraints.end as usize]
                    .iter()
                    .map(|constraint| self.constraint(constraint))
                    .collect();
                format!("{} with {}", self.module_type(*base), constraints.join(" and "))
            }
            ModuleType::Alias(path) => format!("= {}", self.ref_path(*path)),
            ModuleType::Unknown => "?".to_owned(),
        }
    }

    fn constraint(&self, constraint: &WithConstraint) -> String {
        let sign = |is_destructive| if is_destructive { ":=" } else { "=" };
        match *constraint {
            WithConstraint::Type { path, is_destructive } => {
                format!("type {} {}", self.path(path), sign(is_destructive))
            }
            WithConstraint::Module { path, target, is_destructive } => {
                format!("module {} {} {}", self.path(path), sign(is_destructive), self.ref_path(target))
            }
            WithConstraint::ModuleType { path, target, is_destructive } => {
                format!(
                    "module type {} {} {}",
                    self.path(path),
                    sign(is_destructive),
                    self.module_type(target)
                )
            }
        }
    }

    fn kind(&self, kind: &ItemKind) -> String {
        match kind {
            ItemKind::Value { names, shape, is_simple, ident, .. } => {
                let ident = ident.map_or(String::new(), |id| format!(" = {}", self.ref_path(id)));
                let simple = if *is_simple { "" } else { " pattern" };
                format!("let {} {shape:?}{simple}{ident}", self.names(*names))
            }
            ItemKind::ValueSpec { names, .. } => format!("val {}", self.names(*names)),
            ItemKind::External { names, primitive } => {
                format!("external {} = {primitive}", self.names(*names))
            }
            ItemKind::Type {
                names,
                constructors,
                fields,
                manifest,
                is_abstract,
                is_open,
                n_params,
                has_variance: _,
                is_nonrec,
                is_substitution,
                shape: _,
                mutable_fields: _,
            } => {
                let mut out = format!("type {}/{n_params}", self.names(*names));
                if let Some(manifest) = manifest {
                    write!(out, " = {}", self.ref_path(*manifest)).expect("strings can be written");
                }
                if !constructors.range().is_empty() {
                    write!(out, " [{}]", self.names(*constructors)).expect("strings can be written");
                }
                if !fields.range().is_empty() {
                    write!(out, " {{{}}}", self.names(*fields)).expect("strings can be written");
                }
                let flags = [
                    (is_abstract, "abstract"),
                    (is_open, "open"),
                    (is_nonrec, "nonrec"),
                    (is_substitution, ":="),
                ];
                for (_, flag) in flags.iter().filter(|(is_set, _)| **is_set) {
                    write!(out, " {flag}").expect("strings can be written");
                }
                out
            }
            ItemKind::TypeExtension { path, constructors, rebinds } => {
                let rebinds: Vec<_> =
                    rebinds.iter().map(|id| id.map_or("-".to_owned(), |id| self.ref_path(id))).collect();
                format!(
                    "type {} += {} [{}]",
                    self.ref_path(*path),
                    self.names(*constructors),
                    rebinds.join(",")
                )
            }
            ItemKind::Exception { names, rebind } => {
                let rebind = rebind.map_or(String::new(), |id| format!(" = {}", self.ref_path(id)));
                format!("exception {}{rebind}", self.names(*names))
            }
            ItemKind::Module { names, body, is_recursive } => {
                let rec = if *is_recursive { "rec " } else { "" };
                format!("module {rec}{} = {}", self.names(*names), self.expr(*body))
            }
            ItemKind::ModuleSpec { names, body, is_recursive } => {
                let rec = if *is_recursive { "rec " } else { "" };
                format!("module {rec}{} : {}", self.names(*names), self.module_type(*body))
            }
            ItemKind::ModuleSubstitution { names, path } => {
                format!("module {} := {}", self.names(*names), self.ref_path(*path))
            }
            ItemKind::ModuleTypeDef { names, body, is_substitution } => {
                let sign = if *is_substitution { ":=" } else { "=" };
                let body = body.map_or("abstract".to_owned(), |id| self.module_type(id));
                format!("module type {} {sign} {body}", self.names(*names))
            }
            ItemKind::Open { module, is_override } => {
                format!("open{} {}", if *is_override { "!" } else { "" }, self.expr(*module))
            }
            ItemKind::Include { module } => format!("include {}", self.expr(*module)),
            ItemKind::IncludeType { module_type } => format!("include {}", self.module_type(*module_type)),
            ItemKind::Class { names, ident } => {
                let ident = ident.map_or(String::new(), |id| format!(" = {}", self.ref_path(id)));
                format!("class {}{ident}", self.names(*names))
            }
            ItemKind::ClassType { names } => format!("class type {}", self.names(*names)),
            ItemKind::Eval => "eval".to_owned(),
            ItemKind::Broken => "broken".to_owned(),
        }
    }
}
