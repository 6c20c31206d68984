//! Expressions, and every other node without a file of its own: what is planned for it, and in which scope.

use super::super::syntax::{Field, Kind};
use super::super::{Counts, RefKind, RewriteKind, Role};
use super::string::{decoded_len, format_parts};
use super::{Child, Place, Task, Walk, span};
use crate::base::Span;
use tree_sitter::Node;

impl<'t> Walk<'t> {
    /// Walks one node. The table of the language: one line per construct.
    pub(super) fn visit(&mut self, node: Node<'t>, kind: Kind, place: Place) {
        match kind {
            // Paths and names.
            Kind::ValuePath => {
                self.value_ref(node);
            }
            Kind::ConstructorPath => self.constructor_ref(node, place),
            Kind::FieldPath => {
                let role = if place == Place::Plain { Role::Plain } else { Role::Pattern };
                self.path_ref(node, RefKind::Field, role);
            }
            Kind::TypeConstructorPath => {
                self.path_ref(node, RefKind::Type, Role::Plain);
            }
            Kind::ClassPath => {
                self.path_ref(node, RefKind::Class, Role::Plain);
            }
            Kind::ClassTypePath => {
                self.path_ref(node, RefKind::ClassType, Role::Plain);
            }
            // Alone only where something is broken.
            Kind::ModulePath | Kind::ExtendedModulePath => {
                self.module_ref(node, Role::Plain);
            }
            Kind::ValueName | Kind::ValuePattern | Kind::ParenthesizedOperator => self.bind_value(node),

            // Constants.
            Kind::Number | Kind::SignedNumber | Kind::Character => self.constant(place),
            Kind::Boolean | Kind::EmptyList if place.is_pattern() => self.constant(place),
            Kind::Tag if place.is_pattern() => self.constant(place),
            Kind::Tag => self.counts.tags += 1,
            Kind::String | Kind::QuotedString => self.string(node, place),

            // Bindings.
            Kind::LetExpression
            | Kind::LetClassExpression
            | Kind::LetOpenClassExpression
            | Kind::LetOpenClassType => {
                self.let_in(node);
            }
            Kind::Parameter => self.parameter(node),
            Kind::AbstractType => self.abstract_type(node),
            Kind::FunExpression | Kind::ClassFunction => {
                self.counts.functions += 1;
                self.function(node);
            }
            Kind::FunctionExpression => {
                self.counts.functions += 1;
                self.counts.parameters += 1;
                let children = self.children_without_fields(node);
                self.plan_cases(&children, Place::Plain);
                self.recycle(children);
            }
            Kind::MatchExpression => self.match_with(node),
            Kind::TryExpression => {
                self.counts.handlers += 1;
                let children = self.children_without_fields(node);
                self.plan_cases(&children, Place::Handler);
                self.recycle(children);
            }
            Kind::MatchCase => self.match_case(node, place),
            Kind::ForExpression => self.for_loop(node),
            Kind::ClassBinding => self.scoped_children(node),
            Kind::LetBinding => self.local_binding(node),
            Kind::MethodDefinition
            | Kind::InheritanceDefinition
            | Kind::InstanceVariableDefinition
            | Kind::ClassInitializer => self.scoped_children(node),

            // Scopes opened by name.
            Kind::LocalOpenExpression | Kind::LocalOpenType => self.local_open(node, place.inside()),
            Kind::LocalOpenPattern => self.local_open(node, place),

            // Expressions with references of their own.
            Kind::ApplicationExpression => self.application(node, place),
            Kind::ParenthesizedExpression | Kind::TypedExpression => {
                let children = self.children(node);
                for &child in &children {
                    self.plan(child, if child.field == Field::Expression { place } else { Place::Plain });
                }
                self.recycle(children);
            }
            Kind::LabeledArgument | Kind::LabeledTupleElement => self.labeled(node),
            Kind::PrefixExpression | Kind::SignExpression | Kind::InfixExpression | Kind::HashExpression => {
                self.operator(node, kind);
            }
            Kind::FieldGetExpression => {
                self.counts.accesses += 1;
                self.plan_children(node, Place::Plain);
            }
            Kind::ArrayGetExpression | Kind::StringGetExpression | Kind::BigarrayGetExpression => {
                self.index(node, kind, false);
            }
            Kind::SetExpression => self.set(node),
            Kind::FieldExpression => self.field_expression(node),
            Kind::PackageExpression => {
                let children = self.children(node);
                for &child in &children {
                    match child.field {
                        Field::Module => {
                            self.plan_module_expr(child, Role::Pack);
                        }
                        Field::ModuleType => {
                            let module_type = self.plan_module_type(child);
                            self.packed.push(module_type);
                        }
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.recycle(children);
            }
            Kind::ObjectExpression => self.object(node),
            Kind::Comprehension => self.comprehension(node),

            // Counted, and walked like anything else.
            Kind::IfExpression | Kind::WhileExpression => {
                self.counts.branches += 1;
                self.plan_children(node, Place::Plain);
            }
            Kind::AssertExpression => {
                self.counts.handlers += 1;
                self.rewrite(RewriteKind::Implicit, crate::base::name("assert"), span(node));
                self.plan_children(node, Place::Plain);
            }
            Kind::LazyExpression => {
                self.counts.handlers += 1;
                self.counts.asserts += u32::from(kind == Kind::AssertExpression);
                self.counts.lazies += u32::from(kind == Kind::LazyExpression);
                self.plan_children(node, Place::Plain);
            }
            Kind::NewExpression | Kind::MethodInvocation | Kind::ClassApplication => {
                let children = self.children(node);
                self.counts.applications += 1;
                self.counts.arguments +=
                    children.iter().filter(|child| child.field == Field::Argument).count() as u32;
                for &child in &children {
                    self.plan(child, Place::Plain);
                }
                self.recycle(children);
            }
            Kind::TupleExpression | Kind::ListExpression | Kind::ArrayExpression | Kind::RecordExpression => {
                self.block(node, kind);
            }
            Kind::ConsExpression => {
                self.count_blocks(node, 1, 2);
                self.plan_children(node, Place::Plain);
            }

            // Patterns.
            Kind::FieldPattern => self.field_pattern(node),
            Kind::LabeledTupleElementPattern => self.labeled_tuple_pattern(node),
            Kind::PackagePattern => self.package_pattern(node),
            Kind::LazyPattern => {
                self.rewrite(RewriteKind::Implicit, crate::base::name("lazy-pattern"), span(node));
                self.plan_children(node, Place::Pattern);
            }
            Kind::ExceptionPattern => self.plan_children(node, Place::Handler),
            Kind::ParenthesizedPattern | Kind::TypedPattern | Kind::AliasPattern | Kind::OrPattern => {
                self.plan_children(node, place);
            }
            Kind::ConstructorPattern => {
                let children = self.children(node);
                for &child in &children {
                    let is_head = child.kind == Kind::ConstructorPath && child.field == Field::Other;
                    self.plan(child, if is_head { place } else { Place::Pattern });
                }
                self.recycle(children);
            }

            // Types.
            Kind::PackageType => {
                let children = self.children(node);
                for &child in &children {
                    match child.field {
                        Field::ModuleType => {
                            self.plan_module_type(child);
                        }
                        _ => self.plan(child, Place::Plain),
                    }
                }
                self.recycle(children);
            }

            // Rewriters.
            Kind::Extension | Kind::QuotedExtension | Kind::ItemExtension | Kind::QuotedItemExtension => {
                self.extension(node);
            }
            Kind::AttributePayload => self.payload(node),
            Kind::Attribute if self.has_type_attributes => self.type_attribute(node),
            Kind::Attribute | Kind::ItemAttribute | Kind::FloatingAttribute => {}

            // Modules in the wrong place, which happens where something is broken.
            Kind::Structure
            | Kind::Functor
            | Kind::ModuleApplication
            | Kind::TypedModuleExpression
            | Kind::PackedModule
            | Kind::ParenthesizedModuleExpression => {
                let id = self.new_module_expr();
                self.tasks.push(Task::ModuleExpr(node, kind, id, Role::Plain));
            }
            Kind::Signature
            | Kind::ModuleTypePath
            | Kind::ModuleTypeConstraint
            | Kind::ModuleTypeOf
            | Kind::FunctorType
            | Kind::ParenthesizedModuleType => {
                let id = self.new_module_type();
                self.tasks.push(Task::ModuleType(node, kind, id));
            }
            Kind::ValueDefinition
            | Kind::OpenModule
            | Kind::OpenModuleSignature
            | Kind::ModuleDefinition
            | Kind::ExceptionDefinition => self.tasks.push(Task::Local(node, kind)),
            Kind::Error => {
                let scope = self.scope();
                let children = self.children(node);
                self.tasks.push(Task::Mark);
                for &child in &children {
                    self.plan(child, place.inside());
                }
                self.tasks.push(Task::Discard);
                self.tasks.push(Task::Scope(scope));
                self.recycle(children);
            }

            Kind::Leaf | Kind::Token => {}
            kind if super::is_atom(kind) => {
                if matches!(kind, Kind::LetOperator | Kind::LetAndOperator | Kind::MatchOperator) {
                    self.counts.applications += 1;
                    self.counts.arguments += 2;
                    let name = self.intern_node(node);
                    self.name_ref(name, span(node));
                }
            }
            _ => self.plan_children(node, place.inside()),
        }
    }

    /// Walks the children in order; names that they bind end with the node.
    fn scoped_children(&mut self, node: Node<'t>) {
        let scope = self.scope();
        self.plan_children(node, Place::Plain);
        self.tasks.push(Task::Scope(scope));
    }

    /// `fun p q -> e`: names that the parameters bind end with the node.
    fn function(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let children = self.children_without_fields(node);
        let n_parameters = children.iter().filter(|child| child.kind == Kind::Parameter).count();
        self.counts.curried += u32::from(n_parameters > 1);
        for &child in &children {
            self.plan(child, Place::Plain);
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    fn let_in(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let children = self.children_without_fields(node);
        for &child in &children {
            match child.kind.is_structure_item() {
                true => self.tasks.push(Task::Local(child.node, child.kind)),
                false => self.plan(child, Place::Plain),
            }
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    fn match_with(&mut self, node: Node<'t>) {
        let children = self.children_without_fields(node);
        self.plan_cases(&children, Place::Pattern);
        self.recycle(children);
    }

    /// Plans the visit of what has cases. Behind `_ -> ..` and `x -> ..` nothing is reached: the compiler drops it, and
    /// what it names is not linked.
    pub(super) fn plan_cases(&mut self, children: &[Child<'t>], place: Place) {
        let mut is_dropped = false;
        for &child in children {
            match child.kind {
                Kind::MatchCase => {}
                // `match a, b with`: no tuple is made.
                Kind::TupleExpression if place == Place::Pattern => {
                    self.plan_children(child.node, Place::Plain);
                    continue;
                }
                _ => {
                    self.plan(child, Place::Plain);
                    continue;
                }
            }
            // `exception E` in a `match` is reached by another way.
            let is_dead = is_dropped && (place == Place::Handler || !self.is_exception_case(child.node));
            if is_dead {
                self.tasks.push(Task::BeginTypeLevel);
            }
            self.plan(child, place);
            if is_dead {
                self.tasks.push(Task::EndTypeLevel);
            }
            is_dropped |= self.takes_all(child.node);
        }
    }

    fn is_exception_case(&self, case: Node<'t>) -> bool {
        let pattern = self.syntax.child(case, Field::Pattern);
        pattern.is_some_and(|pattern| self.syntax.kind(pattern.kind_id()) == Kind::ExceptionPattern)
    }

    /// Whether a case has no guard and a pattern that is a name or `_`.
    fn takes_all(&mut self, case: Node<'t>) -> bool {
        let Some(pattern) = self.syntax.child(case, Field::Pattern) else { return false };
        let text = self.text_of(pattern);
        let is_name = text.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\''));
        let is_variable = text.first().is_some_and(|&first| first == b'_' || first.is_ascii_lowercase());
        is_name && is_variable && !matches!(text, b"true" | b"false") && !self.is_guarded(case)
    }

    fn is_guarded(&mut self, case: Node<'t>) -> bool {
        self.cursor.reset(case);
        let mut is_open = self.cursor.goto_first_child();
        while is_open {
            if self.syntax.is_guard(self.cursor.node()) {
                return true;
            }
            is_open = self.cursor.goto_next_sibling();
        }
        false
    }

    /// `p when g -> e`; at a place in an expression it is a case of `function`.
    fn match_case(&mut self, node: Node<'t>, place: Place) {
        self.counts.cases += 1;
        let place = if place == Place::Handler { Place::Handler } else { Place::Pattern };
        let scope = self.scope();
        let children = self.children(node);
        self.tasks.push(Task::Mark);
        let mut is_bound = false;
        for &child in &children {
            if child.field == Field::Pattern {
                self.plan(child, place);
                self.tasks.push(Task::Bind);
                is_bound = true;
            } else {
                self.plan(child, Place::Plain);
            }
        }
        if !is_bound {
            self.tasks.push(Task::Discard);
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    /// `for i = a to b do .. done`: the bounds do not see i.
    fn for_loop(&mut self, node: Node<'t>) {
        self.counts.branches += 1;
        let scope = self.scope();
        let children = self.children(node);
        self.tasks.push(Task::Mark);
        for (at, &child) in children.iter().enumerate() {
            if at + 1 == children.len() {
                self.tasks.push(Task::Bind);
            }
            self.plan(child, if child.field == Field::Name { Place::Pattern } else { Place::Plain });
        }
        self.tasks.push(Task::Scope(scope));
        self.recycle(children);
    }

    /// `[ e for x in l when c ]` of OxCaml: the names stand behind the expression that uses them.
    // APPROX: all iterators see all names.
    fn comprehension(&mut self, node: Node<'t>) {
        let scope = self.scope();
        let mut bindings = vec![node];
        self.marks.push((self.bound.len(), self.bound_modules.len()));
        while let Some(at) = bindings.pop() {
            let mut cursor = at.walk();
            for child in at.named_children(&mut cursor) {
                match child.kind() {
                    "comprehension_iterator" | "comprehension_binding" => bindings.push(child),
                    _ if self.syntax.child(at, Field::Name) == Some(child) => self.collect_names(child),
                    _ => {}
                }
            }
        }
        self.bind();
        self.tasks.push(Task::Mark);
        self.plan_children(node, Place::Plain);
        self.tasks.push(Task::Discard);
        self.tasks.push(Task::Scope(scope));
    }

    fn application(&mut self, node: Node<'t>, place: Place) {
        let children = self.children(node);
        let n_arguments = children.iter().filter(|child| child.field == Field::Argument).count() as u32;
        let function = children.iter().find(|child| child.field == Field::Function);
        let is_raise = function.is_some_and(|function| self.is_raise(*function));
        match function.map(|function| function.kind) {
            Some(Kind::ConstructorPath | Kind::Tag) => self.constructed(node, &children),
            _ => {
                self.counts.applications += 1;
                self.counts.arguments += n_arguments;
                self.counts.handlers += u32::from(is_raise);
                self.counts.raises += u32::from(is_raise);
            }
        }
        let mut is_first = true;
        for &child in &children {
            let at = match child.field {
                Field::Function if place == Place::Raised && child.kind == Kind::ConstructorPath => {
                    Place::Raised
                }
                Field::Argument if is_raise && is_first => Place::Raised,
                _ => Place::Plain,
            };
            is_first &= child.field != Field::Argument;
            self.plan(child, at);
        }
        self.recycle(children);
    }

    /// Counts `C e` as one block; where e is a tuple, that tuple is the block.
    fn constructed(&mut self, node: Node<'t>, children: &[Child<'t>]) {
        let argument = children.iter().find(|child| child.field == Field::Argument);
        let inner = argument.and_then(|child| self.strip(child.node, child.kind));
        let is_tuple = inner.is_some_and(|inner| self.syntax.kind(inner.kind_id()) == Kind::TupleExpression);
        if !is_tuple {
            self.count_blocks(node, 1, 1);
        }
    }

    fn is_raise(&self, function: Child<'t>) -> bool {
        // The kind first: the left side of a chain of operators is a long text.
        if function.kind != Kind::ValuePath {
            return false;
        }
        let text = self.text_of(function.node);
        let name = text.rsplit(|&byte| byte == b'.').next().unwrap_or(text);
        matches!(name, b"raise" | b"raise_notrace" | b"raise_with_backtrace")
    }

    /// `~x:e`, `~x`, `~(x : t)`: the second and third use x.
    fn labeled(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_pun = !children.iter().any(|child| child.field == Field::Expression);
        for &child in &children {
            if child.kind == Kind::LabelName && is_pun {
                let name = self.intern_node(child.node);
                self.name_ref(name, span(child.node));
            } else {
                self.plan(child, Place::Plain);
            }
        }
        self.recycle(children);
    }

    fn operator(&mut self, node: Node<'t>, kind: Kind) {
        let is_constant = kind == Kind::SignExpression && self.negated_constant(node);
        self.counts.operators += u32::from(!is_constant);
        let children = self.children(node);
        let mut is_raise = false;
        for &child in &children {
            if child.field == Field::Operator {
                let text = self.text_of(child.node);
                let name = match (kind, text) {
                    _ if is_constant => continue,
                    (Kind::SignExpression, _) => {
                        crate::base::name(&format!("~{}", String::from_utf8_lossy(text)))
                    }
                    _ => self.intern(text),
                };
                self.counts.branches += u32::from(matches!(text, b"&&" | b"||" | b"&" | b"or"));
                self.tasks.push(Task::Operator(name, span(child.node)));
                is_raise &= text == b"@@";
            } else {
                // `raise @@ E x`
                let at = if is_raise && child.field == Field::Right { Place::Raised } else { Place::Plain };
                is_raise |= child.field == Field::Left && self.is_raise(child);
                self.plan(child, at);
            }
        }
        self.recycle(children);
    }

    /// `a.(i)`, `s.[i]`, `b.{i, j}`, `m.%(i)`, `m.M.%[i; j] <- v`.
    fn index(&mut self, node: Node<'t>, kind: Kind, is_assigned: bool) {
        self.counts.accesses += 1;
        let children = self.children(node);
        for &child in &children {
            match (child.kind, child.field) {
                (Kind::Dot, _) => self.tasks.push(Task::Index(node, kind, span(child.node), is_assigned)),
                (Kind::IndexingOperatorPath, _) => {
                    self.tasks.push(Task::Index(node, kind, span(child.node), is_assigned));
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.recycle(children);
    }

    /// Adds the reference that an index is; `at` is its dot or operator.
    pub(super) fn index_ref(&mut self, node: Node<'t>, kind: Kind, at: Span, is_assigned: bool) {
        let index = self.syntax.child(node, Field::Index);
        let index_kind = index.map(|index| self.syntax.kind(index.kind_id()));
        let mut cursor = node.walk();
        let operator = node
            .named_children(&mut cursor)
            .find(|child| self.syntax.kind(child.kind_id()) == Kind::IndexingOperatorPath);
        if let Some(operator) = operator {
            let dots = if index_kind == Some(Kind::SequenceExpression) { ";.." } else { "" };
            let (open, close) = match kind {
                Kind::ArrayGetExpression => ('(', ')'),
                Kind::StringGetExpression => ('[', ']'),
                _ => ('{', '}'),
            };
            let arrow = if is_assigned { "<-" } else { "" };
            return self.index_operator_ref(operator, &format!("{open}{dots}{close}{arrow}"));
        }
        let what = if is_assigned { "set" } else { "get" };
        match kind {
            Kind::ArrayGetExpression => self.made_up_ref(&["Array", what], at),
            Kind::StringGetExpression => self.made_up_ref(&["String", what], at),
            _ => {
                let mut cursor = node.walk();
                let n_indices = match index {
                    Some(index) if index_kind == Some(Kind::TupleExpression) => {
                        index.named_children(&mut cursor).filter(|child| !child.is_extra()).count()
                    }
                    _ => 1,
                };
                let module = match n_indices {
                    1 => "Array1",
                    2 => "Array2",
                    3 => "Array3",
                    _ => "Genarray",
                };
                self.made_up_ref(&["Bigarray", module, what], at);
            }
        }
    }

    fn index_operator_ref(&mut self, operator: Node<'t>, brackets: &str) {
        let mut cursor = operator.walk();
        let mut modules = None;
        let mut name = std::string::String::new();
        for child in operator.named_children(&mut cursor) {
            match self.syntax.kind(child.kind_id()) {
                Kind::ModulePath => modules = Some(child),
                Kind::IndexingOperator => {
                    name = std::string::String::from_utf8_lossy(self.text_of(child)).into_owned()
                }
                _ => {}
            }
        }
        let name = crate::base::name(&(name + brackets));
        match modules {
            None => {
                self.name_ref(name, span(operator));
            }
            Some(modules) => {
                let mut path = self.path(modules, &mut Vec::new());
                self.facts.names.push(name);
                self.facts.name_spans.push(Span::default());
                path.end += 1;
                self.push_ref(RefKind::Value, Role::Plain, path, span(operator));
            }
        }
    }

    /// `e.f <- v`, `a.(i) <- v`; in `x <- v` x is an instance variable, which no structure defines.
    fn set(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let mut is_index = false;
        for &child in &children {
            match child.kind {
                Kind::ArrayGetExpression | Kind::StringGetExpression | Kind::BigarrayGetExpression
                    if child.field != Field::Body =>
                {
                    self.tasks.push(Task::IndexSet(child.node, child.kind));
                    is_index = true;
                }
                _ => self.plan(child, Place::Plain),
            }
        }
        self.counts.writes += u32::from(!is_index);
        self.recycle(children);
    }

    pub(super) fn index_set(&mut self, node: Node<'t>, kind: Kind) {
        self.index(node, kind, true);
    }

    /// `M.x = e`, `x : t`, `M.x` in a record: the last two use x.
    fn field_expression(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_pun = !children.iter().any(|child| child.field == Field::Body);
        for &child in &children {
            if child.kind == Kind::FieldPath && child.field == Field::Other {
                self.path_ref(child.node, RefKind::Field, Role::Plain);
                if is_pun && let Some((name, span)) = self.last_name(child.node) {
                    self.name_ref(name, span);
                }
            } else {
                self.plan(child, Place::Plain);
            }
        }
        self.recycle(children);
    }

    fn block(&mut self, node: Node<'t>, kind: Kind) {
        let children = self.children_without_fields(node);
        let is_part = |child: &&Child<'t>| match kind {
            Kind::RecordExpression => child.kind == Kind::FieldExpression,
            _ => !matches!(child.kind, Kind::Token | Kind::Error),
        };
        let n = children.iter().filter(is_part).count() as u32;
        match kind {
            Kind::ListExpression => self.count_blocks(node, n, 2 * n),
            _ => self.count_blocks(node, 1, n),
        }
        for &child in &children {
            self.plan(child, Place::Plain);
        }
        self.recycle(children);
    }

    fn constant(&mut self, place: Place) {
        let Counts { pattern_constants, literals, .. } = &mut self.counts;
        *(if place.is_pattern() { pattern_constants } else { literals }) += 1;
    }

    fn string(&mut self, node: Node<'t>, place: Place) {
        let text = self.text_of(node);
        let n_bytes = decoded_len(text);
        if place.is_pattern() {
            self.counts.pattern_strings += 1;
            self.counts.pattern_string_bytes += n_bytes;
        } else {
            self.counts.strings += 1;
            self.counts.array_constants += u32::from(node.start_byte() < self.array_end);
            self.counts.string_bytes += n_bytes;
            self.counts.format_parts += format_parts(text);
        }
    }

    fn count_blocks(&mut self, node: Node<'t>, n_blocks: u32, n_fields: u32) {
        self.counts.blocks += n_blocks;
        self.counts.block_fields += n_fields;
        if self.is_static(node) {
            self.counts.constant_blocks += n_blocks;
            self.counts.constant_fields += n_fields;
            if self.syntax.kind(node.kind_id()) == Kind::ArrayExpression {
                self.array_end = self.array_end.max(node.end_byte());
            }
            self.counts.array_constants += if node.start_byte() < self.array_end { n_blocks } else { 0 };
        }
    }
}
