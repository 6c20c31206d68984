//! What the size model sees of a piece of source: a vector of counts, each with what it may cost.
//!
//! Features are additive: those of a unit are the sum over its definitions. [`super::extract`] finds them. What a feature may
//! cost is knowledge of the compiler, not a result of the fit: a local `let` has no descriptor in the frame table, whatever
//! it happens to go together with in the packages that the fit has seen.

/// Sections that a feature may cost besides code, as letters: a frame or unwind entry; a name (function, constant) with its
/// symbol; constant data; pointers in it; read-only tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Costs {
    pub(super) frames: bool,
    pub(super) names: bool,
    pub(super) data: bool,
    pub(super) pointers: bool,
    pub(super) tables: bool,
}

const fn costs(letters: &[u8]) -> Costs {
    let mut costs = Costs { frames: false, names: false, data: false, pointers: false, tables: false };
    let mut at = 0;
    while at < letters.len() {
        match letters[at] {
            b'f' => costs.frames = true,
            b'n' => costs.names = true,
            b'd' => costs.data = true,
            b'p' => costs.pointers = true,
            b't' => costs.tables = true,
            _ => panic!("no such letter"),
        }
        at += 1;
    }
    costs
}

macro_rules! features {
    ($($feature:ident $text:literal $letters:literal $doc:literal)*) => {
        /// One count.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Feature { $(#[doc = $doc] $feature,)* }
        /// Names of the features, in order: the keys of the model file.
        pub(super) const FEATURE_NAMES: &[&str] = &[$($text,)*];
        /// What each may cost.
        pub(super) const FEATURE_COSTS: &[Costs] = &[$(costs($letters),)*];
    };
}

features! {
    // Code.
    Calls "calls" b"fn" "Applications and operators that are no primitives."
    Arguments "arguments" b"" "Arguments of applications."
    Partial "partial_applications" b"fndp" "Calls of functions that are known, with fewer arguments than they take."
    Omitted "omitted_arguments" b"" "Arguments that such calls leave out and the callee may do without."
    Parameters "parameters" b"n" "Parameters of functions."
    Defaults "defaults" b"fn" "Optional parameters with a default."
    Cases "cases" b"fnt" "Match cases."
    PatternConstructors "pattern_constructors" b"t" "Constructors in patterns."
    PatternConstants "pattern_constants" b"t" "Constants in patterns."
    PatternFields "pattern_fields" b"" "Record fields in patterns."
    PatternStrings "pattern_strings" b"f" "Strings in patterns."
    PatternStringBytes "pattern_string_bytes" b"" "Bytes in them."
    Blocks "blocks" b"fn" "Blocks that code makes."
    BlockFields "block_fields" b"f" "Fields of those."
    Branches "branches" b"ft" "`if`, `while`, `for`, `&&`, `||`."
    Lets "lets" b"" "Local bindings."
    Accesses "accesses" b"f" "Fields read, elements read or written."
    Writes "writes" b"f" "Fields written."
    Tries "tries" b"fn" "`try`."
    Raises "raises" b"f" "`raise`."
    Asserts "asserts" b"fnd" "`assert`."
    Lazies "lazies" b"fn" "`lazy`."
    CodeBytes "code_bytes" b"t" "Bytes of tokens."
    // Constants.
    ConstantBlocks "constant_blocks" b"ndp" "Blocks that are data of the object file."
    ConstantFields "constant_fields" b"dp" "Fields of those."
    Strings "strings" b"ndp" "String literals."
    StringBytes "string_bytes" b"d" "Bytes in them."
    FormatParts "format_parts" b"ndp" "Conversions and boxes in those that a function is given, as `printf` reads them."
    Literals "literals" b"dt" "Other literals."
    BoxedConstants "boxed_constants" b"dp" "Boxed integers in constant blocks."
    TopConstants "top_constants" b"n" "Strings and constant blocks of definitions that are constants: other units may refer to them."
    // Functions.
    LocalFunctions "local_functions" b"fn" "Functions without a place in a module block."
    FunctorLocals "functor_local_functions" b"fn" "The same inside a functor."
    Curried "curried" b"np" "Functions of two parameters or more."
    NameBytes "name_bytes" b"n" "Letters of the names of functions."
    PathBytes "path_bytes" b"fn" "For each function, the letters of its definition's path."
    UnitBytes "unit_bytes" b"fn" "For each function, the letters of its unit's name."
    // Objects.
    Objects "objects" b"fnd" "Objects and classes."
    Methods "methods" b"fn" "Methods."
    Inherits "inherits" b"fnp" "Classes inherited."
    InheritedMethods "inherited_methods" b"dpn" "Methods of those."
    // Module level.
    Fields "fields" b"d" "Names bound in structures."
    ValueFunctions "value_functions" b"fn" "Functions by name."
    FunctorFunctions "functor_value_functions" b"fn" "The same inside a functor."
    ValueConstants "value_constants" b"fnd" "Constants by name."
    ValueExpressions "value_expressions" b"fnd" "Values that code makes at start-up."
    FunctorExpressions "functor_value_expressions" b"fnd" "Other values inside a functor."
    ValueNames "value_names" b"fnd" "Other names for values."
    Modules "modules" b"fnd" "Structures."
    ModuleFields "module_fields" b"fd" "Their fields."
    Functors "functor_definitions" b"fnd" "Functors."
    FunctorFields "functor_function_fields" b"fnd" "Functions that functors make closures of."
    FunctorValues "functor_other_fields" b"fnd" "Other fields that functors make."
    Classes "classes" b"fnd" "Classes by name."
    Exceptions "exceptions" b"fnd" "Exceptions and extension constructors."
    Effects "effects" b"fn" "Code without a name."
    Externals "externals" b"fnd" "C functions by name."
    Applied "functor_applications" b"fnd" "Functors applied."
    AppliedFields "functor_application_fields" b"fd" "Fields of those functors."
    Includes "includes" b"fnd" "Modules included."
    IncludedFields "included_fields" b"fd" "Fields of those."
    Packs "packs" b"fd" "Modules made values."
    CoercedFields "coerced_fields" b"fd" "Fields of modules that are copied to another signature."
    // References.
    RefFunctions "ref_functions" b"f" "Functions of the unit referred to."
    RefOtherFunctions "ref_other_functions" b"f" "Functions of other units."
    RefConstants "ref_constants" b"" "Constants."
    RefValues "ref_values" b"f" "Other values: read from module blocks."
    RefModules "ref_modules" b"fd" "Modules."
    RefCoerced "ref_coerced" b"f" "Fields that a signature asks for."
    RefExceptions "ref_exceptions" b"f" "Exceptions."
    RefClasses "ref_classes" b"f" "Classes."
    RefImplicit "ref_implicit" b"fn" "What rewriters and the compiler add."
    CCalls "c_calls" b"fn" "Calls of C functions."
    Inlined "inlined" b"f" "Calls of small functions, which are expanded in place."
    InlinedCost "inlined_cost" b"f" "Their bodies."
    // Primitives.
    Compares "compares" b"f" "Comparisons: an instruction or a call, as the type has it."
    Indexed "indexed" b"f" "Elements of arrays and strings, with a check of bounds."
    References "references" b"f" "`ref`."
    RaisePrimitives "raise_primitives" b"f" "`raise` as a primitive."
    Forces "forces" b"f" "`Lazy.force`."
    ApplyPrimitives "apply_primitives" b"f" "`|>`, `@@`."
    Floats "floats" b"ft" "Arithmetic of floats."
    Boxed "boxed" b"f" "Arithmetic of boxed integers."
    Logic "logic" b"" "`&&`, `||`."
    Plain "plain_primitives" b"" "Other primitives: a few instructions."
    // Rewriters.
    Rewrites "rewrites" b"fnd" "Nodes that rewriters replace."
    RewrittenBytes "rewritten_bytes" b"fndp" "Bytes of those."
    Derivers "derivers" b"fndp" "Derivers on types of what writes, compares or hashes values."
    DerivedParts "derived_parts" b"fndp" "Constructors, fields and tags of the types, for each of those derivers."
    DerivedRefs "derived_refs" b"fndp" "Types that they refer to, for each of those derivers."
    Readers "readers" b"fndp" "Derivers of what reads values."
    ReadParts "read_parts" b"fndp" "Constructors, fields and tags of the types, for each of those derivers."
    ReadRefs "read_refs" b"fndp" "Types that they refer to, for each of those derivers."
}

/// Number of features.
pub(super) const N_FEATURES: usize = FEATURE_NAMES.len();

/// One piece of source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Features(pub(super) [u32; N_FEATURES]);

impl Default for Features {
    fn default() -> Self {
        Features([0; N_FEATURES])
    }
}

impl Features {
    pub(super) fn plus(self, other: Features) -> Features {
        let mut sum = self;
        sum.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = a.saturating_add(b));
        sum
    }

    /// Adds to one count.
    pub(super) fn add(&mut self, feature: Feature, n: u32) {
        let count = &mut self.0[feature as usize];
        *count = count.saturating_add(n);
    }
}
