//! What the language itself binds: types, constructors and exceptions that no unit provides.

use super::index::Space;
use crate::base::Name;

/// Whether a name is bound by the language (`typing/predef.ml`).
pub(crate) fn is_predef(space: Space, name: Name) -> bool {
    match space {
        Space::Type => matches!(
            name.as_str(),
            "int"
                | "char"
                | "bytes"
                | "string"
                | "float"
                | "bool"
                | "unit"
                | "exn"
                | "array"
                | "list"
                | "option"
                | "nativeint"
                | "int32"
                | "int64"
                | "lazy_t"
                | "extension_constructor"
                | "floatarray"
                | "eff"
                | "continuation"
                | "iarray"
        ),
        Space::Constructor => matches!(
            name.as_str(),
            "Some"
                | "None"
                | "true"
                | "false"
                | "()"
                | "[]"
                | "::"
                | "Match_failure"
                | "Out_of_memory"
                | "Invalid_argument"
                | "Failure"
                | "Not_found"
                | "Sys_error"
                | "End_of_file"
                | "Division_by_zero"
                | "Stack_overflow"
                | "Sys_blocked_io"
                | "Assert_failure"
                | "Undefined_recursive_module"
                | "Continuation_already_taken"
        ),
        _ => false,
    }
}
