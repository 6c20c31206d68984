//! Where a file names a unit, and what stands in scope there.
//!
//! A path names the unit as far as it leads there: by the unit's own name, or by a name that the file, or another one, gives
//! it (`module N = Lib.U`). What an `open` of the unit brought names it without a word.

use super::source::Source;
use super::writer::Writer;
use crate::base::{FileId, Idx, Name, Span, UnitId, components, name};
use crate::graph::{Edge, Graph};
use crate::parse::{Binder, FileFacts, ItemKind, ModuleExprId, RefKind, Reference, Role, ScopeId};
use crate::resolve::{Addr, EMPTY, Evaluator, Find, Module, Space as Names, space_of};
use crate::split::lexicon::{Lexical, Lexicon, Space};
use rustc_hash::{FxHashMap, FxHashSet};

/// One place where a file names something of the unit.
pub(super) struct Mention {
    /// The whole path.
    pub(super) span: Span,
    /// The path as far as the unit: `Uri`, `Lib.Uri`.
    /// Empty where an `open` brought the rest.
    pub(super) unit_span: Span,
    /// What it says of the unit, empty for the module itself.
    pub(super) path: Name,
    /// The name space of the first component of that, where it is known.
    pub(super) space: Option<Space>,
    /// How many components of that are not written there, since an `open` of a module of the unit brought them.
    pub(super) n_hidden: usize,
    /// Whether its first name is one that the file binds.
    pub(super) is_local: bool,
    /// What it is there for.
    pub(super) role: Role,
    /// What is in scope there.
    pub(super) scope: ScopeId,
}

impl Mention {
    /// A name that an `open` of the unit brought, as it is written.
    pub(super) fn brought(facts: &FileFacts, reference: &Reference) -> Mention {
        let names = facts.names(reference.path);
        let path = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(".");
        let start = reference.span.start;
        Mention {
            span: reference.span,
            unit_span: Span { start, end: start },
            path: name(&path),
            space: Some(if names.len() > 1 { Space::Module } else { Names::from(reference.kind).into() }),
            n_hidden: 0,
            is_local: false,
            role: reference.role,
            scope: reference.scope,
        }
    }

    /// The module of the unit that was opened.
    pub(super) fn opened_part(&self) -> String {
        components(&self.path).take(self.n_hidden).collect::<Vec<_>>().join(".")
    }

    /// Whether it is an `open` of the unit.
    pub(super) fn opens_unit(&self) -> bool {
        self.role == Role::Open && self.is_bare()
    }

    /// Whether it is the unit itself that is named.
    pub(super) fn is_bare(&self) -> bool {
        self.path.is_empty()
    }
}

/// All places where a file names a unit.
pub(super) struct Mentions {
    /// Where a path leads to the unit, in order.
    pub(super) written: Vec<Mention>,
    /// Where an `open` brought a name.
    pub(super) opened: Vec<Mention>,
    /// Modules of the unit that are opened by a name which the file gives them.
    pub(super) renamed_parts: FxHashSet<String>,
}

/// Finds where the implementation of `user` names a unit.
pub(super) fn mentions(
    writer: &mut Writer<'_>,
    source: &Source<'_>,
    file: FileId,
    user: UnitId,
    unit: UnitId,
) -> Mentions {
    let (written, renamed_parts) = walk(writer, source, file, unit);
    let opened = opened(writer, source.facts, &written, user, unit);
    Mentions { written, opened, renamed_parts }
}

/// Finds where a path of a file leads to a unit, in order.
pub(super) fn written(
    writer: &mut Writer<'_>,
    source: &Source<'_>,
    file: FileId,
    unit: UnitId,
) -> Vec<Mention> {
    walk(writer, source, file, unit).0
}

fn walk(
    writer: &mut Writer<'_>,
    source: &Source<'_>,
    file: FileId,
    unit: UnitId,
) -> (Vec<Mention>, FxHashSet<String>) {
    let facts = source.facts;
    let lexicon = Lexicon::new(facts);
    let mut reader = Reader { eval: &mut writer.eval, file, facts, unit, heads: FxHashMap::default() };
    reader.eval.begin(facts.refs.len());
    let (mut written, mut renamed_parts) = (Vec::new(), FxHashSet::default());
    for reference in &facts.refs {
        let is_local = lexicon.lookup(reference) != Lexical::Outside;
        match reader.leads(reference) {
            Leads::Unit(n_unit) => {
                let names = &facts.names(reference.path)[n_unit..];
                let path = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(".");
                let end = reference.span.start + end_of(source.slice(reference.span), n_unit) as u32;
                let is_module = names.len() > 1;
                written.push(Mention {
                    span: reference.span,
                    unit_span: Span { start: reference.span.start, end },
                    path: name(&path),
                    space: Some(if is_module { Space::Module } else { Names::from(reference.kind).into() }),
                    n_hidden: 0,
                    is_local,
                    role: reference.role,
                    scope: reference.scope,
                });
            }
            Leads::Part(part) if is_local && reference.role == Role::Open => {
                renamed_parts.insert(part.to_string());
            }
            _ => {}
        }
    }
    written.sort_by_key(|mention: &Mention| (mention.unit_span.start, mention.path.len()));
    written.dedup_by_key(|mention| mention.unit_span);
    (written, renamed_parts)
}

/// The names of a unit that `open`s brought, in order.
fn opened(
    writer: &Writer<'_>,
    facts: &FileFacts,
    written: &[Mention],
    user: UnitId,
    unit: UnitId,
) -> Vec<Mention> {
    let graph = writer.tree.graph;
    let lexicon = Lexicon::new(facts);
    let is_real = |edge: &&Edge| {
        let flags = edge.flags.get();
        let is_inserted = flags.through || flags.implicit || flags.coercion || flags.export || flags.by_type;
        edge.target.unit == unit && !is_inserted
    };
    let written: FxHashSet<Span> = written.iter().map(|mention| mention.span).collect();
    let mut found: Vec<Mention> = Vec::new();
    for edge in graph.unit_defs(user).flat_map(|def| graph.edges_of(def)).filter(is_real) {
        let references = facts.refs.binary_search_by_key(&edge.span.start, |found| found.span.start);
        let reference = references.ok().map(|i| &facts.refs[i]).filter(|found| found.span == edge.span);
        let reference = reference.or_else(|| facts.refs.iter().find(|found| found.span == edge.span));
        let Some(reference) = reference.filter(|found| !written.contains(&found.span)) else { continue };
        let n_components = facts.names(reference.path).len();
        let n_inside = components(&edge.target.path).count();
        if n_inside < n_components || lexicon.lookup(reference) != Lexical::Outside {
            continue;
        }
        let start = reference.span.start;
        found.push(Mention {
            span: reference.span,
            unit_span: Span { start, end: start },
            path: edge.target.path,
            space: space_of_target(graph, edge),
            n_hidden: n_inside - n_components,
            is_local: false,
            role: reference.role,
            scope: reference.scope,
        });
    }
    found.sort_by_key(|mention| (mention.span.start, mention.path.len()));
    // Several edges of one reference name the same thing at several depths: the longest path counts.
    let mut kept: Vec<Mention> = Vec::new();
    for mention in found {
        match kept.last_mut() {
            Some(last) if last.span.start == mention.span.start => {
                // What is in a module that is written out was not brought by an `open`.
                if mention.n_hidden == 0 || last.n_hidden > 0 {
                    *last = mention;
                }
            }
            _ => kept.push(mention),
        }
    }
    kept
}

/// The name space in which the first component of what an edge leads to is looked up; none for what a deriver made.
pub(super) fn space_of_target(graph: &Graph, edge: &Edge) -> Option<Space> {
    if components(&edge.target.path).count() > 1 {
        return Some(Space::Module);
    }
    Some(space_of(graph.def(edge.def.get()?).kind).into())
}

/// Where the first components of a path end.
fn end_of(text: &str, n_components: usize) -> usize {
    let dot = text.match_indices('.').nth(n_components - 1);
    dot.map_or(text.len(), |(dot, _)| text[..dot].trim_end().len())
}

/// Where a path leads.
enum Leads {
    /// To the unit, by so many of its components.
    Unit(usize),
    /// To a module inside of the unit, by another way.
    Part(Name),
    Elsewhere,
}

struct Reader<'r, 'a> {
    eval: &'r mut Evaluator<'a>,
    file: FileId,
    facts: &'r FileFacts,
    unit: UnitId,
    heads: FxHashMap<(ScopeId, Name), Option<Module>>,
}

impl Reader<'_, '_> {
    fn leads(&mut self, reference: &Reference) -> Leads {
        let names = self.facts.names(reference.path);
        let n_modules = names.len() - usize::from(reference.kind != RefKind::Module && !names.is_empty());
        let mut module = None;
        for (n, &name) in names[..n_modules].iter().enumerate() {
            module = match (n, module) {
                (0, _) => self.head(reference.scope, name),
                (_, Some(module)) => found(self.eval.find(module, Names::Module, name)),
                (_, None) => None,
            };
            if is_unit(module, self.unit) {
                return Leads::Unit(n + 1);
            }
        }
        match module {
            Some(Module { canon: Addr::Field(unit, part), .. })
                if unit == self.unit && n_modules == names.len() =>
            {
                Leads::Part(part)
            }
            _ => Leads::Elsewhere,
        }
    }

    fn head(&mut self, scope: ScopeId, name: Name) -> Option<Module> {
        if let Some(known) = self.heads.get(&(scope, name)) {
            return *known;
        }
        let module = found(self.eval.lookup(self.file, scope, EMPTY, Names::Module, name));
        self.heads.insert((scope, name), module);
        module
    }
}

fn found(find: Find) -> Option<Module> {
    match find {
        Find::Found(found) => found.module,
        _ => None,
    }
}

fn is_unit(module: Option<Module>, unit: UnitId) -> bool {
    module
        .is_some_and(|module| matches!(module.canon, Addr::Field(of, path) if of == unit && path.is_empty()))
}

/// Whether a new meaning of a module's name, given in front of a place at the level of the file, would be the meaning at
/// all of some mentions: nothing nearer to them brings that name.
pub(super) fn reaches<'m>(
    writer: &mut Writer<'_>,
    file: FileId,
    facts: &FileFacts,
    from: u32,
    module: Name,
    mut mentions: impl Iterator<Item = &'m Mention>,
) -> bool {
    let eval = &mut writer.eval;
    let items = facts.structure(facts.root).items.iter().map(|&item| facts.item(item));
    let brought_later = items.filter(|item| item.span.start >= from).any(|item| match item.kind {
        ItemKind::Open { module: opened, .. } | ItemKind::Include { module: opened } => {
            brings(eval, file, opened, module)
        }
        _ => false,
    });
    let mut known: FxHashMap<ScopeId, bool> = FxHashMap::default();
    !brought_later
        && mentions.all(|mention| {
            let scope = mention.scope;
            *known.entry(scope).or_insert_with(|| is_file_level(eval, file, facts, scope, module))
        })
}

/// Whether a module's name is looked up at the level of the file: no scope inside of an item may bring it.
fn is_file_level(
    eval: &mut Evaluator<'_>,
    file: FileId,
    facts: &FileFacts,
    mut scope: ScopeId,
    module: Name,
) -> bool {
    loop {
        let step = &facts.scopes[scope.idx()];
        let is_brought = match step.binder {
            Binder::File => return true,
            Binder::Items { structure, .. } if structure == facts.root => return true,
            Binder::Items { structure, before } => {
                let Some(loaded) = eval.file(file) else { return false };
                let inside = eval.inside(loaded, file, structure, EMPTY);
                !matches!(eval.find_inside(loaded, inside, Names::Module, module, before, true), Find::Absent)
            }
            Binder::Open { module: opened } => brings(eval, file, opened, module),
            Binder::Module { names, .. } | Binder::ModuleParam { names, .. } => {
                facts.names(names).contains(&module)
            }
            _ => false,
        };
        if is_brought {
            return false;
        }
        scope = step.parent;
    }
}

/// Whether an opened module has, or may have, a module of a name.
fn brings(eval: &mut Evaluator<'_>, file: FileId, opened: ModuleExprId, module: Name) -> bool {
    let opened = eval.expression(file, opened, EMPTY);
    !matches!(eval.find(opened, Names::Module, module), Find::Absent)
}
