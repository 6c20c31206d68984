//! What is left to do, one thing at a time, and where what is walked stands.

use super::Frame;
use super::item::Binding;
use super::module::FunctorSlot;
use super::package::Unpacked;
use crate::base::{Name, Span};
use crate::parse::syntax::Kind;
use crate::parse::{Binder, ItemId, ModuleExprId, ModuleTypeId, Names, Role, ScopeId};
use tree_sitter::Node;

/// One thing that is left to do.
pub(super) enum Task<'t> {
    /// Walk a node.
    Visit(Node<'t>, Kind, Place),
    /// Walk a module expression and say what it is.
    ModuleExpr(Node<'t>, Kind, ModuleExprId, Role),
    /// Walk a module type and say what it is.
    ModuleType(Node<'t>, Kind, ModuleTypeId),
    /// Walk one parameter of a functor.
    FunctorParam(Node<'t>, FunctorSlot),
    /// Bind the parameter of a functor, whose type has been walked.
    BindFunctorParam(FunctorSlot, Names, ModuleTypeId),
    /// Walk one constraint of `with`.
    WithConstraint(Node<'t>, Kind, u32),
    /// Expand a child of a structure or signature into its items.
    Group(Node<'t>, Kind),
    /// Walk one item.
    Item(Node<'t>, Kind, Binding),
    /// Begin the item that holds what does not parse.
    BeginBroken(Span),
    /// The names of the pattern just walked are those of the item.
    ItemNames(ItemId),
    /// The item is complete.
    EndItem(ItemId),
    /// The structure is complete: return to the one around it.
    EndStructure(Frame),
    /// Return to a scope.
    Scope(ScopeId),
    /// Add to the scope.
    Enter(Binder),
    /// Patterns begin.
    Mark,
    /// Patterns end: bind their names in what follows.
    Bind,
    /// Patterns end: their names are bound already.
    Discard,
    /// Walk what stands between `let` and `in`; its names stay in scope until the construct's end.
    Local(Node<'t>, Kind),
    /// Walk one binding of a local `let`.
    LocalBinding(Node<'t>),
    /// The fields of an object begin: `self` is bound for its methods.
    BeginObject(ScopeId),
    /// Refer to an operator.
    Operator(Name, Span),
    /// Refer to what an index stands for; the span is its dot or operator.
    Index(Node<'t>, Kind, Span, bool),
    /// Walk an indexed expression that is assigned to.
    IndexSet(Node<'t>, Kind),
    /// Walk one field of an object.
    ObjectField(Node<'t>, Kind),
    /// A field of the object is bound in the methods that follow.
    BindObjectField,
    /// The object is complete.
    EndObject(ScopeId),
    /// What follows is the payload of an extension, or no longer is.
    Payload(bool),
    /// What follows is in a type that derives something, whose attributes count, or no longer is.
    TypeAttributes(bool),
    /// What follows is on the level of types.
    BeginTypeLevel,
    /// The expression of an unpacked module without a signature ends.
    EndUnpack(Unpacked),
    /// What follows no longer is.
    EndTypeLevel,
}

/// Where an expression or pattern stands; decides the role of constructors in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In an expression, a type, anywhere without meaning of its own.
    Plain,
    /// The argument of `raise`.
    Raised,
    /// In a pattern.
    Pattern,
    /// The pattern of an exception handler, at its top.
    Handler,
}

impl Place {
    /// The place of what stands inside something at this place.
    pub(super) fn inside(self) -> Place {
        match self {
            Place::Plain | Place::Raised => Place::Plain,
            Place::Pattern | Place::Handler => Place::Pattern,
        }
    }
    pub(super) fn is_pattern(self) -> bool {
        matches!(self, Place::Pattern | Place::Handler)
    }
    /// The role of a constructor or field at this place.
    pub(super) fn role(self) -> Role {
        match self {
            Place::Plain => Role::Plain,
            Place::Pattern => Role::Pattern,
            Place::Raised | Place::Handler => Role::Exception,
        }
    }
}
