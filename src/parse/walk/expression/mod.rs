//! Expressions, and every other node without a file of its own: what is planned for it, and in which scope.
//!
//! * `cases`: `match`, `function`, `try`; `application`: functions, operators, labels;
//! * `scoped`: functions, `let`, loops: what binds names that end with it;
//! * `index`: `a.(i)` and what is assigned to; `block`: constants, and what is allocated.

mod application;
mod block;
mod cases;
mod index;
mod scoped;

use super::{Place, Task, Walk, is_atom, span};
use crate::base::name;
use crate::parse::syntax::{Field, Kind};
use crate::parse::{RefKind, RewriteKind, Role};
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
            Kind::Number | Kind::SignedNumber | Kind::Character => self.constant(node, place),
            Kind::Boolean | Kind::EmptyList if place.is_pattern() => self.constant(node, place),
            Kind::Tag if place.is_pattern() => self.constant(node, place),
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
                            self.end_packed(node, module_type);
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
                self.counts.asserts += 1;
                self.rewrite(RewriteKind::Implicit, name("assert"), span(node));
                self.plan_children(node, Place::Plain);
            }
            Kind::LazyExpression => {
                self.counts.handlers += 1;
                self.counts.lazies += 1;
                self.plan_children(node, Place::Plain);
            }
            Kind::NewExpression | Kind::MethodInvocation | Kind::ClassApplication => {
                let children = self.children(node);
                self.counts.applications += 1;
                self.counts.arguments +=
                    children.iter().filter(|child| child.field == Field::Argument).count() as u32;
                // Behind `new%js` stands a value.
                let is_of_rewriter = children.iter().any(|child| child.kind == Kind::AttributeId);
                for &child in &children {
                    if child.kind == Kind::ClassPath && is_of_rewriter {
                        self.path_ref(child.node, RefKind::Value, Role::Plain);
                    } else {
                        self.plan(child, Place::Plain);
                    }
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
                self.rewrite(RewriteKind::Implicit, name("lazy-pattern"), span(node));
                self.plan_children(node, Place::Pattern);
            }
            Kind::ExceptionPattern | Kind::EffectPattern => self.plan_children(node, Place::Handler),
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
                            let module_type = self.plan_module_type(child);
                            self.end_packed(node, module_type);
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
            kind if is_atom(kind) => {
                if matches!(kind, Kind::LetOperator | Kind::LetAndOperator | Kind::MatchOperator) {
                    self.counts.applications += 1;
                    self.counts.arguments += 2;
                    let operator = self.intern_node(node);
                    self.name_ref(operator, span(node));
                }
            }
            _ => self.plan_children(node, place.inside()),
        }
    }
}
