//! The vocabulary of the grammar: node kinds and fields, one table per language.
//!
//! Kind ids differ between the `.ml` and the `.mli` grammar (535 of 555 name different kinds), so each has its own
//! table from ids to [`Kind`]; the walk speaks of [`Kind`] alone.
//! A kind that is not listed is [`Kind::Generic`] when named (its children are walked in order) and [`Kind::Token`]
//! when anonymous.

use crate::project::SourceKind;
use std::sync::LazyLock;
use tree_sitter::{Language, Node};

macro_rules! kinds {
    (named { $($named:ident = $named_text:literal,)* } token { $($token:ident = $token_text:literal,)* } leaf { $($leaf:literal,)* }) => {
        /// What a node is, as far as the walk cares.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Kind {
            /// A named node whose children are walked in order.
            Generic,
            /// A named node that holds nothing to walk.
            Leaf,
            /// An anonymous token that means nothing to the walk.
            Token,
            /// A node that does not parse.
            Error,
            $(#[doc = $named_text] $named,)*
            $(#[doc = $token_text] $token,)*
        }

        fn kind_of(name: &str, is_named: bool) -> Kind {
            match (is_named, name) {
                $((true, $named_text) => Kind::$named,)*
                $((false, $token_text) => Kind::$token,)*
                $((true, $leaf) => Kind::Leaf,)*
                (true, _) => Kind::Generic,
                (false, _) => Kind::Token,
            }
        }

        /// Every named kind that the walk treats specially.
        #[cfg(test)]
        const NAMED: &[&str] = &[$($named_text,)* $($leaf,)*];
    };
}

kinds! {
    named {
        // Structures and their items.
        CompilationUnit = "compilation_unit",
        ExpressionItem = "expression_item",
        ToplevelDirective = "toplevel_directive",
        ValueDefinition = "value_definition",
        LetBinding = "let_binding",
        Parameter = "parameter",
        External = "external",
        TypeDefinition = "type_definition",
        TypeBinding = "type_binding",
        VariantDeclaration = "variant_declaration",
        ConstructorDeclaration = "constructor_declaration",
        RecordDeclaration = "record_declaration",
        FieldDeclaration = "field_declaration",
        ExceptionDefinition = "exception_definition",
        ModuleDefinition = "module_definition",
        ModuleBinding = "module_binding",
        ModuleParameter = "module_parameter",
        ModuleTypeDefinition = "module_type_definition",
        OpenModule = "open_module",
        OpenModuleSignature = "open_module_signature",
        IncludeModule = "include_module",
        IncludeModuleType = "include_module_type",
        ClassDefinition = "class_definition",
        ClassBinding = "class_binding",
        ClassTypeDefinition = "class_type_definition",
        ClassTypeBinding = "class_type_binding",
        ValueSpecification = "value_specification",
        // Module types.
        Signature = "signature",
        ModuleTypeConstraint = "module_type_constraint",
        ConstrainType = "constrain_type",
        ConstrainModule = "constrain_module",
        ConstrainModuleType = "constrain_module_type",
        ModuleTypeOf = "module_type_of",
        FunctorType = "functor_type",
        ParenthesizedModuleType = "parenthesized_module_type",
        // Module expressions.
        Structure = "structure",
        Functor = "functor",
        ModuleApplication = "module_application",
        TypedModuleExpression = "typed_module_expression",
        PackedModule = "packed_module",
        ParenthesizedModuleExpression = "parenthesized_module_expression",
        // Classes.
        LetOpenClassType = "let_open_class_type",
        ClassFunction = "class_function",
        ClassApplication = "class_application",
        InstantiatedClass = "instantiated_class",
        LetClassExpression = "let_class_expression",
        LetOpenClassExpression = "let_open_class_expression",
        InheritanceDefinition = "inheritance_definition",
        InstanceVariableDefinition = "instance_variable_definition",
        MethodDefinition = "method_definition",
        ClassInitializer = "class_initializer",
        TypeParameterConstraint = "type_parameter_constraint",
        // Types.
        AbstractType = "abstract_type",
        ConstructedType = "constructed_type",
        LocalOpenType = "local_open_type",
        PackageType = "package_type",
        // Expressions.
        LetExpression = "let_expression",
        FunExpression = "fun_expression",
        FunctionExpression = "function_expression",
        MatchExpression = "match_expression",
        TryExpression = "try_expression",
        MatchCase = "match_case",
        RefutationCase = "refutation_case",
        IfExpression = "if_expression",
        WhileExpression = "while_expression",
        ForExpression = "for_expression",
        AssertExpression = "assert_expression",
        LazyExpression = "lazy_expression",
        LocalOpenExpression = "local_open_expression",
        ParenthesizedExpression = "parenthesized_expression",
        TypedExpression = "typed_expression",
        ApplicationExpression = "application_expression",
        LabeledArgument = "labeled_argument",
        LabeledTupleElement = "labeled_tuple_element",
        PrefixExpression = "prefix_expression",
        SignExpression = "sign_expression",
        InfixExpression = "infix_expression",
        HashExpression = "hash_expression",
        FieldGetExpression = "field_get_expression",
        ArrayGetExpression = "array_get_expression",
        StringGetExpression = "string_get_expression",
        BigarrayGetExpression = "bigarray_get_expression",
        SetExpression = "set_expression",
        RecordExpression = "record_expression",
        FieldExpression = "field_expression",
        TupleExpression = "tuple_expression",
        ListExpression = "list_expression",
        ArrayExpression = "array_expression",
        ConsExpression = "cons_expression",
        SequenceExpression = "sequence_expression",
        PackageExpression = "package_expression",
        ObjectExpression = "object_expression",
        NewExpression = "new_expression",
        MethodInvocation = "method_invocation",
        Comprehension = "comprehension",
        ComprehensionBinding = "comprehension_binding",
        // Patterns.
        RecordPattern = "record_pattern",
        FieldPattern = "field_pattern",
        TypedPattern = "typed_pattern",
        ParenthesizedPattern = "parenthesized_pattern",
        AliasPattern = "alias_pattern",
        OrPattern = "or_pattern",
        ConstructorPattern = "constructor_pattern",
        LabeledTupleElementPattern = "labeled_tuple_element_pattern",
        LazyPattern = "lazy_pattern",
        LocalOpenPattern = "local_open_pattern",
        PackagePattern = "package_pattern",
        ExceptionPattern = "exception_pattern",
        EffectPattern = "effect_pattern",
        // Paths and names.
        ValuePath = "value_path",
        ModulePath = "module_path",
        ExtendedModulePath = "extended_module_path",
        ModuleTypePath = "module_type_path",
        FieldPath = "field_path",
        ConstructorPath = "constructor_path",
        TypeConstructorPath = "type_constructor_path",
        ClassPath = "class_path",
        ClassTypePath = "class_type_path",
        IndexingOperatorPath = "indexing_operator_path",
        IndexingOperator = "indexing_operator",
        ParenthesizedOperator = "parenthesized_operator",
        ValueName = "value_name",
        ValuePattern = "value_pattern",
        ModuleName = "module_name",
        ModuleTypeName = "module_type_name",
        FieldName = "field_name",
        ConstructorName = "constructor_name",
        TypeConstructor = "type_constructor",
        TypeVariable = "type_variable",
        ClassName = "class_name",
        ClassTypeName = "class_type_name",
        LabelName = "label_name",
        InstanceVariableName = "instance_variable_name",
        LetOperator = "let_operator",
        LetAndOperator = "let_and_operator",
        MatchOperator = "match_operator",
        SignOperator = "sign_operator",
        // Constants.
        Unit = "unit",
        Boolean = "boolean",
        EmptyList = "empty_list",
        Number = "number",
        SignedNumber = "signed_number",
        Character = "character",
        String = "string",
        QuotedString = "quoted_string",
        Tag = "tag",
        // Attributes and extensions.
        Attribute = "attribute",
        ItemAttribute = "item_attribute",
        FloatingAttribute = "floating_attribute",
        AttributeId = "attribute_id",
        AttributePayload = "attribute_payload",
        Extension = "extension",
        QuotedExtension = "quoted_extension",
        ItemExtension = "item_extension",
        QuotedItemExtension = "quoted_item_extension",
        // What stands between tokens.
        Comment = "comment",
        LineDirective = "line_number_directive",
    }
    token {
        And = "and",
        Rec = "rec",
        Nonrec = "nonrec",
        Override = "!",
        Substitution = ":=",
        PlusEquals = "+=",
        Equals = "=",
        DotDot = "..",
        Dot = ".",
        Colon = ":",
        Question = "?",
    }
    leaf {
        "shebang", "directive", "method_name", "any_type", "any_pattern", "hole_expression", "ocamlyacc_value",
        "quoted_string_content", "string_content", "character_content",
        "prefix_operator", "hash_operator", "pow_operator", "mult_operator", "add_operator", "concat_operator",
        "rel_operator", "and_operator", "or_operator", "assign_operator", "mode", "modality", "kind_name",
        "kind_definition", "constrain_kind", "any_kind",
    }
}

impl Kind {
    /// Whether the node is an item of a structure or signature (attributes and directives are none).
    pub(super) fn is_structure_item(self) -> bool {
        use Kind::*;
        matches!(
            self,
            ExpressionItem
                | ValueDefinition
                | External
                | TypeDefinition
                | ExceptionDefinition
                | ModuleDefinition
                | ModuleTypeDefinition
                | OpenModule
                | OpenModuleSignature
                | IncludeModule
                | IncludeModuleType
                | ClassDefinition
                | ClassTypeDefinition
                | ValueSpecification
                | ItemExtension
                | QuotedItemExtension
        )
    }
}

macro_rules! fields {
    ($($field:ident = $text:literal,)*) => {
        /// The field that a child stands in.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(usize)]
        pub(super) enum Field {
            /// None, or one that the walk does not tell apart.
            Other,
            $(#[doc = $text] $field,)*
        }

        fn field_of(name: &str) -> Field {
            match name {
                $($text => Field::$field,)*
                _ => Field::Other,
            }
        }

        const FIELDS: &[&str] = &[$($text,)*];
    };
}

fields! {
    Alias = "alias",
    Argument = "argument",
    Body = "body",
    Class = "class",
    Codomain = "codomain",
    Coercion = "coercion",
    Constraint = "constraint",
    Default = "default",
    Domain = "domain",
    Equation = "equation",
    Expression = "expression",
    Function = "function",
    Functor = "functor",
    Index = "index",
    Left = "left",
    Module = "module",
    ModuleType = "module_type",
    Name = "name",
    Operator = "operator",
    Pattern = "pattern",
    Right = "right",
    SelfPattern = "self",
    Sequence = "sequence",
    Synonym = "synonym",
    Type = "type",
    Value = "value",
}

/// The tables of one language.
pub(super) struct Syntax {
    /// The grammar.
    pub(super) language: Language,
    kinds: Vec<Kind>,
    fields: Vec<Field>,
    /// By [`Field`], the id in the grammar; 0 where there is none.
    field_ids: Vec<u16>,
    /// The kind of the condition of a case.
    guard: u16,
}

impl Syntax {
    /// Returns the tables for a kind of file.
    pub(super) fn of(kind: SourceKind) -> &'static Syntax {
        static IMPLEMENTATION: LazyLock<Syntax> =
            LazyLock::new(|| Syntax::new(tree_sitter_ocaml::LANGUAGE_OCAML.into()));
        static INTERFACE: LazyLock<Syntax> =
            LazyLock::new(|| Syntax::new(tree_sitter_ocaml::LANGUAGE_OCAML_INTERFACE.into()));
        match kind {
            SourceKind::Implementation => &IMPLEMENTATION,
            SourceKind::Interface => &INTERFACE,
        }
    }

    fn new(language: Language) -> Self {
        let kinds = (0..language.node_kind_count())
            .map(|id| {
                let id = u16::try_from(id).expect("kind ids are 16 bits wide");
                kind_of(language.node_kind_for_id(id).unwrap_or(""), language.node_kind_is_named(id))
            })
            .collect();
        let fields = (0..=language.field_count())
            .map(|id| {
                let id = u16::try_from(id).expect("field ids are 16 bits wide");
                field_of(language.field_name_for_id(id).unwrap_or(""))
            })
            .collect();
        let id_of = |text: &&str| language.field_id_for_name(text).map_or(0, std::num::NonZeroU16::get);
        let field_ids = std::iter::once(0).chain(FIELDS.iter().map(id_of)).collect();
        let guard = language.id_for_node_kind("guard", true);
        Syntax { language, kinds, fields, field_ids, guard }
    }

    /// Returns the first child of a node that stands in a field.
    pub(super) fn child<'t>(&self, node: Node<'t>, field: Field) -> Option<Node<'t>> {
        node.child_by_field_id(self.field_ids[field as usize])
    }

    /// Whether a node is the condition of a case.
    pub(super) fn is_guard(&self, node: Node<'_>) -> bool {
        node.kind_id() == self.guard
    }

    /// Returns the kind of a node; an id outside the table is that of ERROR nodes.
    #[inline]
    pub(super) fn kind(&self, id: u16) -> Kind {
        self.kinds.get(id as usize).copied().unwrap_or(Kind::Error)
    }

    /// Returns the field of an id.
    #[inline]
    pub(super) fn field(&self, id: Option<std::num::NonZeroU16>) -> Field {
        id.and_then(|id| self.fields.get(id.get() as usize).copied()).unwrap_or(Field::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A kind that the grammar renames would silently become [`Kind::Generic`].
    #[test]
    fn every_kind_and_field_exists_in_both_grammars() {
        for source in [SourceKind::Implementation, SourceKind::Interface] {
            let language = &Syntax::of(source).language;
            for kind in NAMED {
                if *kind == "shebang" && source == SourceKind::Interface {
                    continue;
                }
                assert_ne!(language.id_for_node_kind(kind, true), 0, "{source:?} has no node {kind}");
            }
            for field in FIELDS {
                assert!(language.field_id_for_name(field).is_some(), "{source:?} has no field {field}");
            }
        }
    }
}
