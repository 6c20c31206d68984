//! The table as it is written: one entry for each deriver and each extension.

use crate::base::{Name, name};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) derivers: BTreeMap<String, Entry>,
    pub(super) extensions: BTreeMap<String, Entry>,
    /// Operators before a method: the paths that generated code names, by the module they start from.
    pub(super) operators: BTreeMap<String, Vec<String>>,
    /// The modules that paths of operators may start from, the first that is there.
    pub(super) operator_roots: Vec<String>,
    pub(super) builtin: Vec<String>,
    /// Findlib names of the libraries that derived code uses.
    pub(super) runtimes: Vec<String>,
    /// Findlib names of rewriters, or their beginnings, which touch nothing that no attribute or node asks for.
    pub(super) rewriters: Vec<String>,
}

/// One deriver or extension, as the table has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Entry {
    /// Derivers that it stands for, besides its own.
    pub(super) includes: Vec<String>,
    /// Functions defined for each type.
    pub(super) functions: Vec<FunctionEntry>,
    /// Modules defined for each type.
    pub(super) modules: Vec<FunctionEntry>,
    /// Parts of the type whose own functions are not called, by what is written there: `type` where it stands behind a type,
    /// `all` behind a field too, `head` for the name without its arguments.
    pub(super) leaves_out: BTreeMap<String, Part>,
    /// Values that one of several rewriters of this name defines.
    pub(super) names: Vec<String>,
    /// Values that only a signature has besides.
    pub(super) in_signature: Vec<String>,
    /// Values that the code behind `names` calls for each type `{t}` that the declaration names.
    pub(super) name_components: Vec<String>,
    /// What is used where an exception derives it.
    pub(super) exception: Vec<String>,
    /// For extensions: values called for each type `{t}` that the payload names.
    pub(super) components: Vec<String>,
    /// For extensions: paths that generated code names, looked up where the node stands.
    pub(super) uses: Vec<String>,
    /// For extensions: the same behind a keyword ([`Rewrite::keyword`](crate::parse::Rewrite)), where it is not `uses`.
    pub(super) keywords: BTreeMap<String, Vec<String>>,
    /// Whether the payload is quoted: it becomes data, and refers to nothing.
    pub(super) quote: bool,
}

/// One function or module that a deriver defines, as the table has it. Templates have `{t}` for the name of the type, `{f}`
/// and `{c}` for a field and a constructor (in lower case), `{m}` for the outermost module that it is in.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FunctionEntry {
    /// Its name.
    pub(super) name: String,
    /// Its name for a type called `t`, where the rule of [`instantiate`] does not say it.
    pub(super) name_t: Option<String>,
    /// The condition under which it is defined.
    pub(super) when: String,
    /// Whether a signature does not have it.
    pub(super) in_structure: bool,
    /// What it is made for.
    pub(super) per: Per,
    /// For a module: what is inside.
    pub(super) inside: Vec<FunctionEntry>,
    /// Values called for each type `{t}` that the declaration names.
    pub(super) components: Vec<String>,
    /// Attributes whose values are in the code, each with the one that must stand beside it; empty for none.
    pub(super) takes: BTreeMap<String, String>,
    /// Functions called that the same deriver defines for the same type.
    pub(super) own: Vec<String>,
    /// Runtime values used, by condition: `A.B.v`, `A.B.{v,(+)}`.
    pub(super) uses: BTreeMap<String, Vec<String>>,
    /// Types named, by condition.
    pub(super) types: BTreeMap<String, Vec<String>>,
    /// Types of which constructors are named, by condition.
    pub(super) constructors: BTreeMap<String, Vec<String>>,
}

/// Which part of a type an attribute takes from a deriver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Part {
    Type,
    All,
    Head,
}

/// What a function or module is made for, once for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Per {
    #[default]
    Type,
    Field,
    MutableField,
    Constructor,
}

/// `A.B.{v,(+)}` is `A.B.v` and `A.B.+`.
pub(super) fn expand(text: &str) -> Vec<Vec<Name>> {
    let operator = |last: &str| last.trim_start_matches('(').trim_end_matches(')').to_owned();
    let (prefix, lasts): (&str, Vec<String>) = if let Some((prefix, lasts)) = text.split_once(".{") {
        (prefix, lasts.trim_end_matches('}').split(',').map(operator).collect())
    } else if let Some((prefix, last)) = text.split_once(".(") {
        (prefix, vec![operator(last)])
    } else {
        let (prefix, last) = text.rsplit_once('.').unwrap_or(("", text));
        (prefix, vec![last.to_owned()])
    };
    let prefix: Vec<Name> = prefix.split('.').filter(|part| !part.is_empty()).map(name).collect();
    lasts.iter().map(|last| prefix.iter().copied().chain([name(last)]).collect()).collect()
}
