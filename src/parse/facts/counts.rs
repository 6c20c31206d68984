//! How much syntax an item has, by kind: what bytes are estimated from where there is no object file.

use serde::{Deserialize, Serialize};

/// Syntax counts of one item, nested items included: what the size model estimates bytes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Applications of something to arguments, method calls included.
    pub applications: u32,
    /// Arguments of those applications.
    pub arguments: u32,
    /// Functions: `fun`, `function`, bindings with parameters, methods.
    pub functions: u32,
    /// Their parameters.
    pub parameters: u32,
    /// Match cases of `match`, `function`, `try`.
    pub cases: u32,
    /// Constructors applied, tuples, records, lists, arrays, closures of expressions: allocations or constants.
    pub blocks: u32,
    /// Fields of those.
    pub block_fields: u32,
    /// String literals.
    pub strings: u32,
    /// Bytes in them, escapes counted as what they stand for.
    pub string_bytes: u32,
    /// Other literals.
    pub literals: u32,
    /// Names bound at structure level (module block fields).
    pub fields: u32,
    /// `if`, `while`, `for`, `&&`, `||`.
    pub branches: u32,
    /// Infix operators applied.
    pub operators: u32,
    /// Local `let` bindings.
    pub lets: u32,
    /// Field reads and writes, array and string accesses.
    pub accesses: u32,
    /// Objects and classes.
    pub objects: u32,
    /// `try`, `raise`, `assert`, `lazy`.
    pub handlers: u32,
    /// Assignments to fields and instance variables, `r.f <- e`.
    pub writes: u32,
    /// Those blocks that are constants: every part of them is a literal or such a block.
    pub constant_blocks: u32,
    /// Fields of those.
    pub constant_fields: u32,
    /// Constant blocks and strings inside a constant array: the array is copied at start-up, so that nobody else refers to them.
    pub array_constants: u32,
    /// Conversions and boxes in string literals, as `printf` reads them: `%d`, `@[`.
    pub format_parts: u32,
    /// String literals in patterns; not among `strings`.
    pub pattern_strings: u32,
    /// Bytes in them.
    pub pattern_string_bytes: u32,
    /// Other constants in patterns, tags included; literals not among `literals`.
    pub pattern_constants: u32,
    /// Tags of polymorphic variants outside of patterns, in types too.
    pub tags: u32,
    /// Of the `handlers`, those that are `raise`.
    pub raises: u32,
    /// Of the `handlers`, those that are `assert`.
    pub asserts: u32,
    /// Of the `handlers`, those that are `lazy`.
    pub lazies: u32,
    /// Methods.
    pub methods: u32,
    /// Classes that a class or object inherits.
    pub inherits: u32,
    /// Of the `functions`, those of two parameters or more.
    pub curried: u32,
    /// Optional parameters with a default.
    pub defaults: u32,
    /// All tokens' bytes: comments, whitespace and attributes are left out.
    pub code_bytes: u32,
}

impl std::ops::Sub for Counts {
    type Output = Counts;

    /// What has been counted between two moments.
    fn sub(self, earlier: Counts) -> Counts {
        self.zip(earlier, |later, earlier| later - earlier)
    }
}

impl std::ops::Add for Counts {
    type Output = Counts;

    fn add(self, other: Counts) -> Counts {
        self.zip(other, u32::saturating_add)
    }
}

impl Counts {
    /// Subtracts count by count, stopping at zero.
    #[must_use]
    pub fn saturating_sub(self, other: Counts) -> Counts {
        self.zip(other, u32::saturating_sub)
    }

    fn zip(self, other: Counts, f: impl Fn(u32, u32) -> u32) -> Counts {
        Counts {
            applications: f(self.applications, other.applications),
            arguments: f(self.arguments, other.arguments),
            functions: f(self.functions, other.functions),
            parameters: f(self.parameters, other.parameters),
            cases: f(self.cases, other.cases),
            blocks: f(self.blocks, other.blocks),
            block_fields: f(self.block_fields, other.block_fields),
            strings: f(self.strings, other.strings),
            string_bytes: f(self.string_bytes, other.string_bytes),
            literals: f(self.literals, other.literals),
            fields: f(self.fields, other.fields),
            branches: f(self.branches, other.branches),
            operators: f(self.operators, other.operators),
            lets: f(self.lets, other.lets),
            accesses: f(self.accesses, other.accesses),
            objects: f(self.objects, other.objects),
            handlers: f(self.handlers, other.handlers),
            writes: f(self.writes, other.writes),
            constant_blocks: f(self.constant_blocks, other.constant_blocks),
            constant_fields: f(self.constant_fields, other.constant_fields),
            array_constants: f(self.array_constants, other.array_constants),
            format_parts: f(self.format_parts, other.format_parts),
            pattern_strings: f(self.pattern_strings, other.pattern_strings),
            pattern_string_bytes: f(self.pattern_string_bytes, other.pattern_string_bytes),
            pattern_constants: f(self.pattern_constants, other.pattern_constants),
            tags: f(self.tags, other.tags),
            raises: f(self.raises, other.raises),
            asserts: f(self.asserts, other.asserts),
            lazies: f(self.lazies, other.lazies),
            methods: f(self.methods, other.methods),
            inherits: f(self.inherits, other.inherits),
            curried: f(self.curried, other.curried),
            defaults: f(self.defaults, other.defaults),
            code_bytes: f(self.code_bytes, other.code_bytes),
        }
    }
}
