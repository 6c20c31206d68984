//! What rewriters add: the names that derivers define and the runtime values that generated code uses.
//!
//! The table is data (`rewriters.json` beside this file), read once. What it does not know is reported, never ignored.
//! What derived code uses depends on what the type is made of: its entries have conditions in the words of [`TypeShape`].

use super::index::Space;
use crate::base::{Idx, Name, name};
use crate::parse::{FileFacts, Item, ItemId, ItemKind, RefKind, RewriteKind, TypeShape};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One deriver or extension, as the table has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    /// Derivers that it stands for, besides its own.
    includes: Vec<String>,
    /// Functions defined for each type.
    functions: Vec<FunctionEntry>,
    /// Modules defined for each type.
    modules: Vec<FunctionEntry>,
    /// Values defined once per record field `{f}`.
    per_field: Vec<String>,
    /// Values that may be defined once per record field.
    names_per_field: Vec<String>,
    /// Values defined once per constructor `{c}` (in lower case).
    per_constructor: Vec<String>,
    /// Values that one of several rewriters of this name defines.
    names: Vec<String>,
    /// Values that only a signature has besides.
    in_signature: Vec<String>,
    /// Values that the code behind `names` calls for each type `{t}` that the declaration names.
    name_components: Vec<String>,
    /// What is used where an exception derives it.
    exception: Vec<String>,
    /// For extensions: values called for each type `{t}` that the payload names.
    components: Vec<String>,
    /// For extensions: paths that generated code names, looked up where the node stands.
    uses: Vec<String>,
    /// Whether the payload is quoted: it becomes data, and refers to nothing.
    quote: bool,
}

/// One function that a deriver defines, as the table has it. Templates have `{t}` for the name of the type.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FunctionEntry {
    /// Its name.
    name: String,
    /// Its name for a type called `t`, where the rule of [`instantiate`] does not say it.
    name_t: Option<String>,
    /// The condition under which it is defined.
    when: String,
    /// Whether a signature does not have it.
    in_structure: bool,
    /// Values called for each type `{t}` that the declaration names.
    components: Vec<String>,
    /// Functions called that the same deriver defines for the same type.
    own: Vec<String>,
    /// Runtime values used, by condition: `A.B.v`, `A.B.{v,(+)}`.
    uses: BTreeMap<String, Vec<String>>,
    /// Types named, by condition.
    types: BTreeMap<String, Vec<String>>,
    /// Types of which constructors are named, by condition.
    constructors: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    derivers: BTreeMap<String, Entry>,
    extensions: BTreeMap<String, Entry>,
    /// Operators before a method: the paths that generated code names, by the module they start from.
    operators: BTreeMap<String, Vec<String>>,
    /// The modules that paths of operators may start from, the first that is there.
    operator_roots: Vec<String>,
    builtin: Vec<String>,
    /// Findlib names of the libraries that derived code uses.
    runtimes: Vec<String>,
}

/// A word of a condition; all words of one must hold.
#[derive(Clone, Copy, Debug)]
enum Word {
    Has(TypeShape),
    HasNot(TypeShape),
    /// `type:list`: the declaration names this type.
    Names(Name),
}

#[derive(Clone, Debug)]
struct Condition(Vec<Word>);

impl Condition {
    fn read(text: &str) -> Self {
        let shape = |word| TypeShape::from_word(word).expect("a test reads the table");
        let words = text.split_whitespace().filter(|&word| word != "always");
        let words = words.map(|word| match (word.strip_prefix('!'), word.strip_prefix("type:")) {
            (Some(word), _) => Word::HasNot(shape(word)),
            (_, Some(ty)) => Word::Names(name(ty)),
            _ => Word::Has(shape(word)),
        });
        Condition(words.collect())
    }

    fn holds(&self, shape: TypeShape, names_type: impl Fn(Name) -> bool) -> bool {
        self.0.iter().all(|word| match *word {
            Word::Has(feature) => shape.meets(feature),
            Word::HasNot(feature) => !shape.meets(feature),
            Word::Names(ty) => names_type(ty),
        })
    }
}

/// A function or module that a deriver defines for a type.
#[derive(Debug)]
pub(crate) struct Function {
    name: String,
    name_t: Option<String>,
    when: Condition,
    in_structure: bool,
    /// Values called for each type that the declaration names.
    pub(crate) components: Vec<String>,
    /// Functions called that the same deriver defines for the same type.
    pub(crate) own: Vec<String>,
    uses: Conditional,
    types: Conditional,
    constructors: Conditional,
}

/// Paths, each list under a condition.
type Conditional = Vec<(Condition, Vec<Vec<Name>>)>;

fn conditional(entries: &BTreeMap<String, Vec<String>>) -> Conditional {
    let entries = entries.iter().map(|(condition, paths)| {
        (Condition::read(condition), paths.iter().flat_map(|path| expand(path)).collect())
    });
    entries.collect()
}

impl Function {
    fn new(entry: &FunctionEntry) -> Self {
        Function {
            name: entry.name.clone(),
            name_t: entry.name_t.clone(),
            when: Condition::read(&entry.when),
            in_structure: entry.in_structure,
            components: entry.components.clone(),
            own: entry.own.clone(),
            uses: conditional(&entry.uses),
            types: conditional(&entry.types),
            constructors: conditional(&entry.constructors),
        }
    }

    /// Returns the runtime values that its code uses for a type.
    pub(crate) fn uses<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        holding(&self.uses, facts, item)
    }

    /// Returns the types that its code names for a type.
    pub(crate) fn types<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        holding(&self.types, facts, item)
    }

    /// Returns the types of which its code names constructors.
    pub(crate) fn constructors<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        holding(&self.constructors, facts, item)
    }
}

/// The paths whose conditions hold for a type.
fn holding<'a>(entries: &'a Conditional, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
    let ItemKind::Type { shape, .. } = item.kind else { return Vec::new() };
    let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
    let names_type = |ty: Name| {
        refs.iter().any(|reference| {
            reference.kind == RefKind::Type && facts.names(reference.path) == std::slice::from_ref(&ty)
        })
    };
    let held = entries.iter().filter(|(condition, _)| condition.holds(shape, names_type));
    held.flat_map(|(_, paths)| paths.iter().map(Vec::as_slice)).collect()
}

/// `A.B.{v,(+)}` is `A.B.v` and `A.B.+`.
fn expand(text: &str) -> Vec<Vec<Name>> {
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

/// What generated code refers to, where it is not that of a [`Function`].
#[derive(Debug, Default)]
pub(crate) struct Rule {
    pub(crate) components: Vec<String>,
    pub(crate) uses: Vec<Vec<Name>>,
    pub(crate) is_quote: bool,
}

/// A deriver, with all that it stands for.
#[derive(Debug, Default)]
struct Deriver {
    functions: Vec<Function>,
    modules: Vec<Function>,
    per_field: Vec<String>,
    names_per_field: Vec<String>,
    per_constructor: Vec<String>,
    names: Vec<String>,
    in_signature: Vec<String>,
    rule: Rule,
    /// What the code of an exception refers to.
    exception: Rule,
}

impl Deriver {
    fn add(&mut self, entry: &Entry, table: &Table) {
        for included in &entry.includes {
            self.add(&table.derivers[included], table);
        }
        self.functions.extend(entry.functions.iter().map(Function::new));
        self.modules.extend(entry.modules.iter().map(Function::new));
        self.per_field.extend(entry.per_field.iter().cloned());
        self.names_per_field.extend(entry.names_per_field.iter().cloned());
        self.per_constructor.extend(entry.per_constructor.iter().cloned());
        self.names.extend(entry.names.iter().cloned());
        self.in_signature.extend(entry.in_signature.iter().cloned());
        self.rule.components.extend(entry.name_components.iter().cloned());
        let components = entry.functions.iter().flat_map(|function| function.components.iter().cloned());
        self.exception.components.extend(components);
        self.exception.uses.extend(entry.exception.iter().flat_map(|path| expand(path)));
    }
}

struct Rules {
    derivers: FxHashMap<String, Deriver>,
    extensions: FxHashMap<String, Rule>,
    operators: FxHashMap<String, Vec<Vec<Vec<Name>>>>,
    builtin: Vec<String>,
    runtimes: Vec<String>,
}

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let table: Table =
            serde_json::from_str(include_str!("rewriters.json")).expect("a test parses the table");
        let derivers = table.derivers.iter().map(|(key, entry)| {
            let mut deriver = Deriver::default();
            deriver.add(entry, &table);
            (key.clone(), deriver)
        });
        let extensions = table.extensions.iter().map(|(key, entry)| {
            let uses = entry.uses.iter().flat_map(|path| expand(path)).collect();
            (key.clone(), Rule { components: entry.components.clone(), uses, is_quote: entry.quote })
        });
        let operators = table.operators.iter().map(|(operator, paths)| {
            let from =
                |root: &String| paths.iter().flat_map(|path| expand(&format!("{root}.{path}"))).collect();
            (operator.clone(), table.operator_roots.iter().map(from).collect())
        });
        Rules {
            derivers: derivers.collect(),
            extensions: extensions.collect(),
            operators: operators.collect(),
            builtin: table.builtin.clone(),
            runtimes: table.runtimes.clone(),
        }
    })
}

/// A name that a deriver adds to the structure or signature of a type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derived {
    pub(crate) space: Space,
    pub(crate) name: Name,
    /// The rewrite that asks for it, an index of [`FileFacts::rewrites`].
    pub(crate) rewrite: u32,
    /// Whether it is surely a definition.
    pub(crate) is_definition: bool,
    /// What its code does, where the table says so.
    pub(crate) function: Option<&'static Function>,
}

/// Returns the rule of a rewrite; `None` when the table does not know it. The code of the functions of a type is not in it.
pub(crate) fn rule(kind: RewriteKind, rewriter: Name, is_exception: bool) -> Option<&'static Rule> {
    let rules = rules();
    let get = |word: &str| match (kind, is_exception) {
        (RewriteKind::Deriver, true) => rules.derivers.get(word).map(|deriver| &deriver.exception),
        (RewriteKind::Deriver, false) => rules.derivers.get(word).map(|deriver| &deriver.rule),
        _ => rules.extensions.get(word),
    };
    get(rewriter.as_str()).or_else(|| {
        // `[%sexp.foo]` and `[%ppx.sexp_of]` are the plain names, qualified.
        let (_, last) = rewriter.as_str().rsplit_once('.')?;
        get(last)
    })
}

/// Returns what the code of an operator before a method names, one list for each module that the paths may start from.
pub(crate) fn operator(operator: &str) -> Option<&'static [Vec<Vec<Name>>]> {
    rules().operators.get(operator).map(Vec::as_slice)
}

/// Whether the compiler itself understands a node.
pub(crate) fn is_builtin(kind: RewriteKind, rewriter: Name) -> bool {
    kind != RewriteKind::Deriver && rules().builtin.iter().any(|known| known == rewriter.as_str())
}

/// Whether a library is there for the code that derivers make.
pub(crate) fn is_runtime(library: Name) -> bool {
    rules().runtimes.iter().any(|runtime| runtime == library.as_str())
}

/// Writes a template for a type.
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

/// The derivers that a type has, as indices of [`FileFacts::rewrites`]: one attribute is for all types of `type .. and ..`.
fn derivers_of(facts: &FileFacts, item: &Item) -> Vec<u32> {
    let items = &facts.structure(item.parent).items;
    let first = items.partition_point(|&other: &ItemId| other.idx() < item.group.idx());
    let group = items[first..].iter().map(|&id| facts.item(id)).take_while(|other| other.group == item.group);
    let rewrites = group.flat_map(|other| other.rewrites.clone());
    rewrites.filter(|&index| facts.rewrites[index as usize].kind == RewriteKind::Deriver).collect()
}

/// Whether something is derived from a type.
pub(crate) fn has_derivers(facts: &FileFacts, item: &Item) -> bool {
    !facts.rewrites.is_empty() && !derivers_of(facts, item).is_empty()
}

/// Returns the names that derivers add for a type.
pub(crate) fn derived(facts: &FileFacts, item: &Item) -> Vec<Derived> {
    let ItemKind::Type { names, constructors, fields, shape, .. } = &item.kind else { return Vec::new() };
    let Some(&ty) = facts.names(*names).first() else { return Vec::new() };
    if facts.rewrites.is_empty() {
        return Vec::new();
    }
    let is_signature = facts.structure(item.parent).is_signature;
    let mut out = Vec::new();
    for rewrite in derivers_of(facts, item) {
        let word = facts.rewrites[rewrite as usize].name;
        let Some(deriver) = rules().derivers.get(word.as_str()) else { continue };
        let mut add = |space, text: &str, is_definition, function| {
            out.push(Derived { space, name: name(text), rewrite, is_definition, function });
        };
        for (space, functions) in [(Space::Value, &deriver.functions), (Space::Module, &deriver.modules)] {
            for function in functions {
                // What a type is made of may be hidden by the signature; then the names are those of any type.
                let is_there = if is_signature {
                    !function.in_structure
                } else {
                    function.when.holds(*shape, |_| false)
                };
                if is_there {
                    let own = function.name_t.as_ref().filter(|_| ty.as_str() == "t");
                    let text = own.cloned().unwrap_or_else(|| instantiate(&function.name, ty));
                    add(space, &text, true, Some(function));
                }
            }
        }
        let extra = if is_signature { deriver.in_signature.as_slice() } else { &[] };
        for template in deriver.names.iter().chain(extra) {
            add(Space::Value, &instantiate(template, ty), false, None);
        }
        for field in facts.names(*fields) {
            for (templates, is_definition) in [(&deriver.per_field, true), (&deriver.names_per_field, false)]
            {
                for template in templates {
                    add(Space::Value, &template.replace("{f}", field), is_definition, None);
                }
            }
        }
        for constructor in facts.names(*constructors) {
            let constructor = constructor.to_lowercase();
            for template in &deriver.per_constructor {
                add(Space::Value, &template.replace("{c}", &constructor), true, None);
            }
        }
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
        assert!(rule(RewriteKind::Deriver, name("sexp"), false).is_some());
        assert!(rule(RewriteKind::Deriver, name("sexp"), true).is_some_and(|rule| rule.uses.len() == 1));
    }

    #[test]
    fn paths_of_the_table() {
        let shown = |text: &str| -> Vec<String> {
            let paths = expand(text);
            paths
                .iter()
                .map(|path| path.iter().map(|part| part.as_str()).collect::<Vec<_>>().join("."))
                .collect()
        };
        assert_eq!(shown("A.B.{v,(+)}"), ["A.B.v", "A.B.+"]);
        assert_eq!(shown("A.(:=)"), ["A.:="]);
        assert_eq!(shown("Lwt.bind"), ["Lwt.bind"]);
    }

    /// The functions that derivers make from the first type of a text, each with the runtime values that it uses.
    fn functions(text: &str) -> Vec<String> {
        let facts = crate::parse::parse_file(text.as_bytes(), crate::project::SourceKind::Implementation);
        let item = &facts.items[0];
        let show = |derived: &Derived| {
            let uses = derived.function.map_or(Vec::new(), |function| function.uses(&facts, item));
            let last = |path: &[Name]| path.last().map(|last| last.to_string());
            let uses: Vec<String> = uses.into_iter().filter_map(last).collect();
            format!("{}: {}", derived.name, uses.join(" ")).trim_end().to_owned()
        };
        derived(&facts, item).iter().map(show).collect()
    }

    #[test]
    fn derived_code_depends_on_what_the_type_is_made_of() {
        assert_eq!(
            functions("type t = int * string [@@deriving of_sexp]"),
            ["t_of_sexp: tuple_of_size_n_expected"]
        );
        assert_eq!(functions("type t = u [@@deriving of_sexp]"), ["t_of_sexp:"]);
        assert_eq!(
            functions("type t = A | B of int [@@deriving of_sexp]"),
            ["t_of_sexp: stag_takes_args stag_incorrect_n_args stag_no_args empty_list_invalid_sum \
              nested_list_invalid_sum unexpected_stag"]
        );
        assert_eq!(
            functions("type t = [ `A ] [@@deriving of_sexp]"),
            [
                "__t_of_sexp__: empty_list_invalid_poly_var nested_list_invalid_poly_var no_variant_match ptag_no_args",
                "t_of_sexp: No_variant_match no_matching_variant_found"
            ]
        );
        let required = |text| functions(text)[0].contains("record_undefined_elements");
        assert!(required("type t = { a : int; b : int [@default 3] } [@@deriving of_sexp]"));
        assert!(!required("type t = { a : int option [@sexp.option] } [@@deriving of_sexp]"));
        assert_eq!(functions("type a = u and b = v [@@deriving compare]"), ["compare_a:"]);
    }
}
