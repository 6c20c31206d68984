//! What the right-hand side of a type is made of, as far as the code that derivers make from it depends on that.

use serde::{Deserialize, Serialize};
use tree_sitter::Node;

macro_rules! features {
    ($($(#[doc = $doc:literal])* $constant:ident = $word:literal,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "only numbers the constants")]
        enum Bit { $($constant,)* }

        impl TypeShape {
            $($(#[doc = $doc])* pub const $constant: TypeShape = TypeShape(1 << Bit::$constant as u32);)*

            /// Returns the feature that a word stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$constant),)*
                    _ => None,
                }
            }
        }
    };
}

/// A set of features of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TypeShape(u32);

features! {
    /// Ordinary constructors, or none: `|`.
    VARIANT = "variant",
    /// Constructors, none of which has arguments.
    CONSTANTS = "constants",
    /// `A`
    CONSTANT_CONSTRUCTOR = "constant-constructor",
    /// `A of t`
    ARGUMENT_CONSTRUCTOR = "argument-constructor",
    /// `A of { x : t }`
    RECORD_CONSTRUCTOR = "record-constructor",
    /// Two constructors or more.
    SEVERAL_CONSTRUCTORS = "several-constructors",
    /// `{ x : t }`
    RECORD = "record",
    /// A field that a reader demands: no attribute says what stands for it where it is not there.
    REQUIRED_FIELD = "required-field",
    /// A field with a default, or that may be left out.
    OPTIONAL_FIELD = "optional-field",
    /// `[@default v]`
    DEFAULT_FIELD = "default-field",
    /// `[@sexp.bool]`
    BOOL_FIELD = "bool-field",
    /// `[@sexp.list]`
    LIST_FIELD = "list-field",
    /// `[@sexp.omit_nil]`
    OMIT_NIL_FIELD = "omit-nil-field",
    /// `[@sexp_drop_default]`
    DROP_DEFAULT_FIELD = "drop-default-field",
    /// `mutable x : t`
    MUTABLE_FIELD = "mutable-field",
    /// The whole is `[ .. ]`.
    TAGS = "tags",
    /// `[ .. ]` inside of something else.
    INNER_TAGS = "inner-tags",
    /// `` `A ``
    CONSTANT_TAG = "constant-tag",
    /// `` `A of t ``
    ARGUMENT_TAG = "argument-tag",
    /// Two tags or inherited types, or more.
    SEVERAL_TAGS = "several-tags",
    /// `[ t | .. ]`
    INHERITED_TAGS = "inherited-tags",
    /// `t * u`, at any depth; the arguments of a constructor are none.
    TUPLE = "tuple",
    /// Fields, arguments or elements side by side.
    SEVERAL_PARTS = "several-parts",
    /// `t -> u`
    FUNCTION = "function",
    /// `'a. t`
    POLYMORPHIC = "polymorphic",
    /// `[@opaque]`, `[@sexp.opaque]`
    OPAQUE = "opaque",
    /// The whole is `t`, `M.t`, with or without arguments.
    NAMED = "named",
    /// The whole is `t` or `M.t`.
    PLAIN_NAME = "plain-name",
    /// No right-hand side.
    ABSTRACT = "abstract",
    /// It has parameters.
    PARAMETERS = "parameters",
}

impl TypeShape {
    /// Returns the features of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        TypeShape(self.0 | other.0)
    }

    /// Whether some feature of `other` is here.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Reads the features of a type's right-hand side; `text` is the file's.
    pub(super) fn of(body: Node<'_>, text: &[u8]) -> Self {
        if attributes_behind(body).iter().any(|&found| attribute(found, text).meets(Self::OPAQUE)) {
            return Self::OPAQUE;
        }
        let mut shape = match body.kind() {
            "variant_declaration" => Self::VARIANT,
            "record_declaration" => Self::RECORD,
            "polymorphic_variant_type" => Self::TAGS,
            "type_constructor_path" => Self::NAMED.union(Self::PLAIN_NAME),
            "constructed_type" => Self::NAMED,
            _ => Self::default(),
        };
        let mut n_constructors = 0;
        // Whether the last field may be left out; none before the first.
        let mut field_is_optional = None;
        let mut todo = vec![body];
        while let Some(node) = todo.pop() {
            let is_opaque =
                |part: &Node<'_>| part.kind() == "attribute" && attribute(*part, text).meets(Self::OPAQUE);
            match node.kind() {
                // What is in it is nobody's business.
                "parenthesized_type" if children(node).iter().any(is_opaque) => {
                    shape.add(Self::OPAQUE);
                    continue;
                }
                "constructor_declaration" => {
                    n_constructors += 1;
                    shape.add(constructor(node));
                }
                "record_declaration" if children(node).len() > 1 => shape.add(Self::SEVERAL_PARTS),
                "field_declaration" => {
                    if field_is_optional == Some(false) {
                        shape.add(Self::REQUIRED_FIELD);
                    }
                    field_is_optional = Some(false);
                    if node.child(0).is_some_and(|first| first.kind() == "mutable") {
                        shape.add(Self::MUTABLE_FIELD);
                    }
                }
                "attribute" => {
                    let mut found = attribute(node, text);
                    // Behind a field it does not speak of the type.
                    if found.meets(Self::OPAQUE)
                        && node.parent().is_some_and(|parent| parent.kind() == "record_declaration")
                    {
                        found = Self::default();
                    }
                    shape.add(found);
                    if found.meets(Self::OPTIONAL_FIELD) && field_is_optional.is_some() {
                        field_is_optional = Some(true);
                    }
                    continue;
                }
                "polymorphic_variant_type" => {
                    if node != body {
                        shape.add(Self::INNER_TAGS);
                    }
                    shape.add(tags(node));
                }
                "tuple_type" => shape.add(Self::TUPLE.union(Self::SEVERAL_PARTS)),
                "function_type" => shape.add(Self::FUNCTION),
                "polymorphic_type" => shape.add(Self::POLYMORPHIC),
                _ => {}
            }
            let mut cursor = node.walk();
            let at = todo.len();
            todo.extend(node.named_children(&mut cursor));
            todo[at..].reverse();
        }
        if field_is_optional == Some(false) {
            shape.add(Self::REQUIRED_FIELD);
        }
        if n_constructors > 1 {
            shape.add(Self::SEVERAL_CONSTRUCTORS);
        }
        if n_constructors > 0 && !shape.meets(Self::ARGUMENT_CONSTRUCTOR.union(Self::RECORD_CONSTRUCTOR)) {
            shape.add(Self::CONSTANTS);
        }
        shape
    }
}

/// The attributes behind the right-hand side of a type, which stand outside of it in the tree.
pub(super) fn attributes_behind(body: Node<'_>) -> Vec<Node<'_>> {
    let mut next = body.next_named_sibling();
    if next.is_none() {
        let binding = body.parent().filter(|parent| parent.kind() == "type_binding");
        next = binding.and_then(|binding| binding.next_named_sibling());
    }
    let mut found = Vec::new();
    while let Some(node) = next.filter(|node| node.kind() == "attribute") {
        found.push(node);
        next = node.next_named_sibling();
    }
    found
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

fn constructor(node: Node<'_>) -> TypeShape {
    let parts = children(node);
    if parts.iter().any(|part| part.kind() == "record_declaration") {
        return TypeShape::RECORD_CONSTRUCTOR;
    }
    let mut cursor = node.walk();
    let has_result = node.children(&mut cursor).any(|child| child.kind() == ":");
    // The name, and where one is written the type that results.
    let n_arguments = parts.len().saturating_sub(1 + usize::from(has_result));
    match n_arguments {
        0 => TypeShape::CONSTANT_CONSTRUCTOR,
        1 => TypeShape::ARGUMENT_CONSTRUCTOR,
        _ => TypeShape::ARGUMENT_CONSTRUCTOR.union(TypeShape::SEVERAL_PARTS),
    }
}

fn tags(node: Node<'_>) -> TypeShape {
    let parts = children(node);
    let mut shape = if parts.len() > 1 { TypeShape::SEVERAL_TAGS } else { TypeShape::default() };
    for part in parts {
        shape.add(match (part.kind(), children(part).len()) {
            ("tag_specification", 0 | 1) => TypeShape::CONSTANT_TAG,
            ("tag_specification", _) => TypeShape::ARGUMENT_TAG,
            _ => TypeShape::INHERITED_TAGS,
        });
    }
    shape
}

fn attribute(node: Node<'_>, text: &[u8]) -> TypeShape {
    let id = node.named_child(0).filter(|id| id.kind() == "attribute_id");
    let id = id.and_then(|id| std::str::from_utf8(text.get(id.byte_range())?).ok()).unwrap_or("");
    match id.rsplit('.').next().unwrap_or(id) {
        "option" | "or_null" => TypeShape::OPTIONAL_FIELD,
        "bool" | "sexp_bool" => TypeShape::OPTIONAL_FIELD.union(TypeShape::BOOL_FIELD),
        "list" | "array" => TypeShape::OPTIONAL_FIELD.union(TypeShape::LIST_FIELD),
        "omit_nil" => TypeShape::OPTIONAL_FIELD.union(TypeShape::OMIT_NIL_FIELD),
        "default" => TypeShape::OPTIONAL_FIELD.union(TypeShape::DEFAULT_FIELD),
        // What decides is given, or is that of the type.
        "sexp_drop_default" | "sexp_drop_if" if node.named_child(1).is_some() => TypeShape::default(),
        "sexp_drop_default" | "sexp_drop_if" => TypeShape::DROP_DEFAULT_FIELD,
        "opaque" => TypeShape::OPAQUE,
        // `[@sexp_drop_default.sexp]` and the like.
        _ if id.contains("drop_default") => TypeShape::DROP_DEFAULT_FIELD,
        _ => TypeShape::default(),
    }
}
