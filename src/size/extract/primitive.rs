//! Primitives by what they cost: an instruction, a comparison, a call.

use crate::base::Name;
use crate::parse::{Item, ItemKind};
use crate::size::features::Feature;

/// Sorts a primitive by what it costs.
pub(super) fn primitive_class(primitive: &str) -> Feature {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| primitive.starts_with(prefix));
    match primitive {
        "%equal" | "%notequal" | "%lessthan" | "%greaterthan" | "%lessequal" | "%greaterequal"
        | "%compare" => Feature::Compares,
        "%makemutable" => Feature::References,
        "%lazy_force" => Feature::Forces,
        "%apply" | "%revapply" => Feature::ApplyPrimitives,
        "%sequand" | "%sequor" => Feature::Logic,
        _ if starts(&["%raise", "%reraise"]) => Feature::RaisePrimitives,
        _ if starts(&[
            "%array_safe",
            "%string_safe",
            "%bytes_safe",
            "%caml_ba",
            "%caml_string",
            "%caml_bytes",
        ]) =>
        {
            Feature::Indexed
        }
        _ if primitive.contains("float") => Feature::Floats,
        _ if starts(&["%int64", "%int32", "%nativeint"]) => Feature::Boxed,
        _ => Feature::Plain,
    }
}

/// The primitive behind a name whose declaration is not at hand: what OCaml's own library has for it.
pub(super) fn likely_primitive(path: Name) -> &'static str {
    match path.as_str() {
        "=" | "<" | ">" | "<=" | ">=" | "<>" | "compare" => "%compare",
        "&&" | "||" => "%sequand",
        "ref" => "%makemutable",
        "raise" => "%raise",
        "|>" | "@@" => "%apply",
        "get" | "set" => "%array_safe_get",
        _ => "%identity",
    }
}

pub(super) fn primitive_name(item: &Item) -> Option<Name> {
    match item.kind {
        ItemKind::External { primitive, .. } => Some(primitive),
        _ => None,
    }
}
