//! The walk: one pass over the tree of a file, in source order, that fills its facts.
//!
//! There is no recursion: what is left to do stands on a stack of [`Task`]s, so that ten thousand nested lets or list
//! cells cost memory and nothing else.
//! A task pushes the tasks that it leads to in the order in which they shall run; the loop in [`Walk::run`] turns them
//! round. Between tasks, all state is in registers of [`Walk`]: the scope, the structure, whether the code is a payload.
//!
//! The parts, one file each: the children of a node ([`children`]), scopes and local names ([`scope`]), paths and references ([`path`]), structures and items
//! ([`item`]), modules and module types ([`module`]), expressions ([`expression`]), patterns and bindings
//! ([`pattern`]), classes and objects ([`class`]), attributes and extensions ([`rewrite`]), what a right-hand side is
//! ([`shape`]), and what is left to do ([`task`]).

mod children;
mod class;
mod expression;
mod item;
mod module;
mod package;
mod path;
mod pattern;
mod rewrite;
mod scope;
mod shape;
mod string;
mod task;

use super::room::{self, Room};
use super::syntax::{Kind, Syntax};
use super::{
    Arguments, Binder, Counts, FileFacts, ItemId, ModuleTypeId, Names, PackedCounts, Scope, ScopeId,
    Structure, StructureId,
};
use crate::base::{LineIndex, Name, Span};
use crate::project::SourceKind;
use children::Child;
use item::Want;
use package::Packs;
use rustc_hash::FxHashSet;
use scope::Env;
use task::{Place, Task};
use tree_sitter::{Node, TreeCursor};

/// The structure that is being filled.
#[derive(Clone, Copy)]
struct Frame {
    structure: StructureId,
    /// What is in scope around it.
    outer: ScopeId,
    is_signature: bool,
}

/// An object that is being walked.
struct ObjectFrame {
    /// What initial values and inherited classes see.
    outer: ScopeId,
    /// What methods see at this point.
    methods: ScopeId,
}

/// The state of the walk.
pub(super) struct Walk<'t> {
    text: &'t [u8],
    syntax: &'static Syntax,
    cursor: TreeCursor<'t>,
    tasks: Vec<Task<'t>>,
    /// Buffers of [`Walk::children`] that are not in use.
    spare: Vec<Vec<Child<'t>>>,
    facts: FileFacts,
    env: Env,
    frame: Frame,
    objects: Vec<ObjectFrame>,
    /// Names bound by the patterns that are being walked, and the modules bound by them.
    bound: Vec<(Name, Span)>,
    bound_modules: Vec<(Names, Option<ModuleTypeId>)>,
    marks: Vec<(usize, usize)>,
    /// Who waits for the signatures of packed modules that have not been met, with the places where these begin.
    packs: Vec<(usize, Packs)>,
    /// References that items wait for.
    wants: Vec<Want>,
    /// Rewrites that belong to the next item: those of the keyword before its first binding.
    pending: Vec<(super::RewriteKind, Name, Name, Span)>,
    in_extension: bool,
    /// Whether attributes are code: inside of types that derive something.
    has_type_attributes: bool,
    /// Whether the text derives anything anywhere.
    derives: bool,
    /// How many signatures, `module type of` and cases that the compiler drops are around.
    type_level: u32,
    /// Counts of all that has been walked.
    counts: Counts,
    /// The items that have begun and not ended, each with what had been counted before it.
    begun: Vec<(ItemId, Counts)>,
    /// The last text that was searched for what is not constant: its start, and where that was found, or its end.
    searched: (usize, usize),
    /// Where the constant array ends that was met last.
    array_end: usize,
    /// Where the name of a function begins that is met next, and what it is given.
    given: (u32, Arguments),
    /// Where strings begin that may be formats: those that a function is given. A string in a list is none.
    formats: FxHashSet<u32>,
    /// Where the last constant block ends.
    block_end: usize,
}

/// What the walk over one piece of a file leaves to the next.
pub(super) struct Progress {
    /// What has been found.
    pub(super) facts: FileFacts,
    env: Env,
    frame: Frame,
    counts: Counts,
    derives: bool,
}

impl Progress {
    /// Begins the walk over a file.
    pub(super) fn new(text: &[u8], kind: SourceKind) -> Self {
        let is_signature = kind == SourceKind::Interface;
        let n_bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let whole = Span { start: 0, end: n_bytes };
        let Room { items, module_exprs, scopes, refs, names, name_spans } = room::take();
        let mut facts = FileFacts {
            kind,
            root: StructureId(0),
            structures: vec![Structure { items: Vec::new(), is_signature, span: whole }],
            items,
            counts: PackedCounts::default(),
            module_exprs,
            module_types: Vec::new(),
            constraints: Vec::new(),
            scopes,
            refs,
            names,
            name_spans,
            rewrites: Vec::new(),
            type_marks: Vec::new(),
            packs: Vec::new(),
            line_directives: Vec::new(),
            lines: LineIndex::new(text),
            errors: Vec::new(),
            unread: Vec::new(),
            n_bytes,
            not_utf8: std::str::from_utf8(text).err().map(|error| error.valid_up_to() as u32),
        };
        facts.scopes.push(Scope { parent: ScopeId(0), binder: Binder::File });
        let frame = Frame { structure: StructureId(0), outer: ScopeId(0), is_signature };
        let derives = memchr::memmem::find(text, b"@deriving").is_some();
        Progress { facts, env: Env::default(), frame, counts: Counts::default(), derives }
    }

    /// Walks over the next piece, whose tree has the root `root`.
    pub(super) fn walk(self, text: &[u8], root: Node<'_>) -> Self {
        let mut walk = Walk::new(text, self, root);
        if root.has_error() {
            walk.facts.errors.extend(super::error_spans(root));
        }
        walk.facts.errors.extend(super::open_comment(root, text));
        walk.run(root)
    }
}

impl<'t> Walk<'t> {
    fn new(text: &'t [u8], progress: Progress, root: Node<'t>) -> Self {
        let Progress { facts, env, frame, counts, derives } = progress;
        Walk {
            text,
            syntax: Syntax::of(facts.kind),
            cursor: root.walk(),
            tasks: Vec::with_capacity(256),
            spare: Vec::new(),
            type_level: u32::from(facts.kind == SourceKind::Interface),
            facts,
            env,
            frame,
            objects: Vec::new(),
            bound: Vec::new(),
            bound_modules: Vec::new(),
            marks: Vec::new(),
            packs: Vec::new(),
            wants: Vec::new(),
            pending: Vec::new(),
            derives,
            in_extension: false,
            has_type_attributes: false,
            counts,
            begun: Vec::new(),
            searched: (0, 0),
            array_end: 0,
            given: (u32::MAX, Arguments::default()),
            formats: FxHashSet::default(),
            block_end: 0,
        }
    }

    fn run(mut self, root: Node<'t>) -> Progress {
        if self.syntax.kind(root.kind_id()) == Kind::CompilationUnit {
            self.structure_items(root);
        } else {
            self.tasks.push(Task::Group(root, Kind::Error));
        }
        self.tasks.reverse();
        while let Some(task) = self.tasks.pop() {
            let base = self.tasks.len();
            self.step(task);
            self.tasks[base..].reverse();
        }
        // Directives are met when their parent is, which may be before an earlier sibling's children.
        self.facts.line_directives.sort_unstable();
        self.facts.line_directives.dedup();
        // The value inside ends before the one around it.
        self.facts.packs.sort_unstable();
        let Walk { facts, env, frame, counts, derives, .. } = self;
        Progress { facts, env, frame, counts, derives }
    }

    fn step(&mut self, task: Task<'t>) {
        match task {
            Task::Visit(node, kind, place) => self.visit(node, kind, place),
            Task::ModuleExpr(node, kind, id, role) => self.module_expr(node, kind, id, role),
            Task::ModuleType(node, kind, id) => self.module_type(node, kind, id),
            Task::FunctorParam(node, slot) => self.functor_param(node, slot),
            Task::BindFunctorParam(slot, names, module_type) => {
                self.bind_functor_param(slot, names, module_type)
            }
            Task::WithConstraint(node, kind, at) => self.with_constraint(node, kind, at),
            Task::Group(node, kind) => self.group(node, kind),
            Task::Item(node, kind, binding) => self.item(node, kind, binding),
            Task::BeginBroken(span) => self.begin_broken(span),
            Task::ItemNames(item) => self.item_names(item),
            Task::EndItem(item) => self.end_item(item),
            Task::EndStructure(frame) => self.end_structure(frame),
            Task::Scope(scope) => self.return_to(scope),
            Task::Enter(binder) => {
                self.enter(binder);
            }
            Task::Mark => self.marks.push((self.bound.len(), self.bound_modules.len())),
            Task::Bind => self.bind(),
            Task::Discard => self.discard(),
            Task::Local(node, kind) => self.local(node, kind),
            Task::LocalBinding(node) => self.local_binding(node),
            Task::BeginObject(outer) => self.begin_object(outer),
            Task::Operator(name, span) => {
                let n_operands = if name.starts_with(['!', '~', '?']) { 1 } else { 2 };
                self.given = (span.start, Arguments::new(n_operands, 0));
                self.name_ref(name, span);
            }
            Task::Index(node, kind, span, is_assigned) => self.index_ref(node, kind, span, is_assigned),
            Task::IndexSet(node, kind) => self.index_set(node, kind),
            Task::ObjectField(node, kind) => self.object_field(node, kind),
            Task::BindObjectField => self.bind_object_field(),
            Task::EndObject(scope) => self.end_object(scope),
            Task::Payload(is_payload) => self.in_extension = is_payload,
            Task::TypeAttributes(do_count) => self.has_type_attributes = do_count,
            Task::EndUnpack(unpacked) => self.end_unpack(unpacked),
            Task::BeginTypeLevel => self.type_level += 1,
            Task::EndTypeLevel => self.type_level -= 1,
        }
    }

    /// Plans a visit.
    fn plan(&mut self, child: Child<'t>, place: Place) {
        if child.kind != Kind::Leaf && child.kind != Kind::Token {
            self.tasks.push(Task::Visit(child.node, child.kind, place));
        }
    }

    /// Plans the visit of all children.
    fn plan_children(&mut self, node: Node<'t>, place: Place) {
        let children = self.children_without_fields(node);
        for &child in &children {
            self.plan(child, place);
        }
        self.recycle(children);
    }

    fn text_of(&self, node: Node<'t>) -> &'t [u8] {
        self.text.get(node.byte_range()).unwrap_or(&[])
    }

    /// `# 12 "file.mll"`: the line that follows it is line 12 of that file.
    fn line_directive(&mut self, node: Node<'t>) {
        let text = String::from_utf8_lossy(self.text_of(node)).into_owned();
        let Some(rest) = text.trim().strip_prefix('#') else { return };
        let rest = rest.trim_start();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(line) = rest[..digits].parse::<u32>() else { return };
        let file = rest[digits..].split('"').nth(1).unwrap_or("");
        let after = &self.text[node.end_byte().min(self.text.len())..];
        let next = match text.ends_with('\n') {
            true => 0,
            false => after.iter().position(|&byte| byte == b'\n').map_or(after.len(), |at| at + 1),
        };
        let offset = (node.end_byte() + next) as u32;
        self.facts.line_directives.push((offset, crate::base::name(file), line));
    }
}

/// Whether a node is taken as a whole: its bytes are counted where it is met, nothing inside it is walked.
fn is_atom(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Leaf | Token
            | And
            | Rec
            | Nonrec
            | Override
            | Substitution
            | PlusEquals
            | Equals
            | DotDot
            | Dot
            | Colon
            | Question
            | ValuePath
            | ModulePath
            | ExtendedModulePath
            | ModuleTypePath
            | FieldPath
            | ConstructorPath
            | TypeConstructorPath
            | ClassPath
            | ClassTypePath
            | IndexingOperatorPath
            | IndexingOperator
            | ParenthesizedOperator
            | ValueName
            | ValuePattern
            | ModuleName
            | ModuleTypeName
            | FieldName
            | ConstructorName
            | TypeConstructor
            | TypeVariable
            | ClassName
            | ClassTypeName
            | LabelName
            | InstanceVariableName
            | LetOperator
            | LetAndOperator
            | MatchOperator
            | SignOperator
            | Unit
            | Boolean
            | EmptyList
            | Number
            | SignedNumber
            | Character
            | String
            | QuotedString
            | Tag
            | AttributeId
    )
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

fn len(node: Node<'_>) -> u32 {
    (node.end_byte() - node.start_byte()) as u32
}
