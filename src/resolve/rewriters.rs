//! What rewriters add: the names that derivers define and the runtime values that generated code uses.
//!
//! The table is data (`rewriters.json` beside this file), read once. What it does not know is reported, never ignored.

use super::index::Space;
use crate::base::{Name, name};
use crate::parse::{FileFacts, Item, ItemKind, RewriteKind};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::OnceLock;

/// One deriver or extension.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    /// Values defined for a type `{t}`.
    defines: Vec<String>,
    /// Values defined when the type is called `t`, in place of `defines`.
    defines_t: Option<Vec<String>>,
    /// Values defined once per record field `{f}`.
    per_field: Vec<String>,
    /// Values defined once per constructor `{c}` (in lower case).
    per_constructor: Vec<String>,
    /// Modules defined.
    modules: Vec<String>,
    /// Values that generated code calls for each type `{t}` that the declaration names.
    components: Vec<String>,
    /// Paths that generated code names, looked up where the node stands.
    uses: Vec<String>,
    /// Whether the payload is quoted: it becomes data, and refers to nothing.
    quote: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    derivers: FxHashMap<String, Entry>,
    extensions: FxHashMap<String, Entry>,
    builtin: Vec<String>,
}

/// What generated code refers to.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    pub(crate) components: Vec<String>,
    pub(crate) uses: Vec<Vec<Name>>,
    pub(crate) is_quote: bool,
}

struct Rules {
    table: Table,
    derivers: FxHashMap<String, Rule>,
    extensions: FxHashMap<String, Rule>,
}

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let table: Table =
            serde_json::from_str(include_str!("rewriters.json")).expect("a test parses the table");
        let rule = |entry: &Entry| Rule {
            components: entry.components.clone(),
            is_quote: entry.quote,
            uses: entry.uses.iter().map(|path| path.split('.').map(name).collect()).collect(),
        };
        let derivers = table.derivers.iter().map(|(key, entry)| (key.clone(), rule(entry))).collect();
        let extensions = table.extensions.iter().map(|(key, entry)| (key.clone(), rule(entry))).collect();
        Rules { table, derivers, extensions }
    })
}

/// A name that a deriver adds to the structure of a type.
pub(crate) struct Derived {
    pub(crate) space: Space,
    pub(crate) name: Name,
}

/// Returns the rule of a rewrite; `None` when the table does not know it.
pub(crate) fn rule(kind: RewriteKind, rewriter: Name) -> Option<&'static Rule> {
    let rules = rules();
    let table = if kind == RewriteKind::Deriver { &rules.derivers } else { &rules.extensions };
    table.get(rewriter.as_str()).or_else(|| {
        // `[%sexp.foo]` and `[%ppx.sexp_of]` are the plain names, qualified.
        let (_, last) = rewriter.as_str().rsplit_once('.')?;
        table.get(last)
    })
}

/// Whether the compiler itself understands a node.
pub(crate) fn is_builtin(kind: RewriteKind, rewriter: Name) -> bool {
    kind != RewriteKind::Deriver && rules().table.builtin.iter().any(|known| known == rewriter.as_str())
}

/// Writes a template for a type, field or constructor.
pub(crate) fn instantiate(template: &str, ty: Name) -> String {
    match template {
        // `compare_{t}` is `compare` for a type called `t`, and so on: the suffix goes.
        _ if ty.as_str() == "t" && template.ends_with("_{t}!") => {
            template.trim_end_matches("_{t}!").to_owned()
        }
        _ if ty.as_str() == "t" && template.starts_with("!{t}_") => {
            template.trim_start_matches("!{t}_").to_owned()
        }
        _ => template.replace(['!'], "").replace("{t}", &ty),
    }
}

/// Returns the names that a deriver adds for a type.
pub(crate) fn derived_names(deriver: Name, ty: Name, facts: &FileFacts, item: &Item) -> Vec<Derived> {
    let Some(entry) = rules().table.derivers.get(deriver.as_str()) else { return Vec::new() };
    let mut out = Vec::new();
    let mut value = |text: &str| out.push(Derived { space: Space::Value, name: name(text) });
    let own = match &entry.defines_t {
        Some(defines) if ty.as_str() == "t" => defines,
        _ => &entry.defines,
    };
    own.iter().for_each(|template| value(&instantiate(template, ty)));
    if let ItemKind::Type { constructors, fields, .. } = &item.kind {
        for field in facts.names(*fields) {
            entry.per_field.iter().for_each(|template| value(&template.replace("{f}", field)));
        }
        for constructor in facts.names(*constructors) {
            let constructor = constructor.to_lowercase();
            entry.per_constructor.iter().for_each(|template| value(&template.replace("{c}", &constructor)));
        }
    }
    for template in &entry.modules {
        out.push(Derived { space: Space::Module, name: name(&instantiate(template, ty)) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_derived_functions() {
        let at = |template: &str, ty: &str| instantiate(template, name(ty));
        assert_eq!(at("{t}_of_sexp", "t"), "t_of_sexp");
        assert_eq!(at("compare_{t}!", "t"), "compare");
        assert_eq!(at("compare_{t}!", "foo"), "compare_foo");
        assert_eq!(at("!{t}_to_yojson", "t"), "to_yojson");
        assert!(rule(RewriteKind::Deriver, name("sexp")).is_some());
    }
}
