//! What rewriters add: the names that derivers define and the runtime values that generated code uses.
//!
//! The table is data (`rewriters.json` beside this file), read once. What it does not know is reported, never ignored.
//! What derived code uses depends on what the type is made of: its entries have conditions in the words of [`TypeShape`].

use super::index::{Space, join};
use crate::base::{Idx, Name, Span, name};
use crate::parse::{FileFacts, Item, ItemId, ItemKind, RefKind, Rewrite, RewriteKind, TypeMark, TypeShape};
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
    /// Parts of the type whose own functions are not called, by what is written there: `type` where it stands behind a type,
    /// `all` behind a field too, `head` for the name without its arguments.
    leaves_out: BTreeMap<String, Part>,
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
    /// For extensions: the same behind a keyword ([`Rewrite::keyword`](crate::parse::Rewrite)), where it is not `uses`.
    keywords: BTreeMap<String, Vec<String>>,
    /// Whether the payload is quoted: it becomes data, and refers to nothing.
    quote: bool,
}

/// Which part of a type an attribute takes from a deriver.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Type,
    All,
    Head,
}

/// What a function or module is made for, once for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Per {
    #[default]
    Type,
    Field,
    MutableField,
    Constructor,
}

/// One function or module that a deriver defines, as the table has it. Templates have `{t}` for the name of the type, `{f}`
/// and `{c}` for a field and a constructor (in lower case), `{m}` for the outermost module that it is in.
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
    /// What it is made for.
    per: Per,
    /// For a module: what is inside.
    inside: Vec<FunctionEntry>,
    /// Values called for each type `{t}` that the declaration names.
    components: Vec<String>,
    /// Attributes whose values are in the code, each with the one that must stand beside it; empty for none.
    takes: BTreeMap<String, String>,
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
    /// `mark:opaque`: an attribute of this name stands in the declaration.
    Marked(Name),
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
            _ => match word.strip_prefix("mark:") {
                Some(mark) => Word::Marked(name(mark)),
                None => Word::Has(shape(word)),
            },
        });
        Condition(words.collect())
    }

    fn holds(
        &self,
        shape: TypeShape,
        names_type: impl Fn(Name) -> bool,
        has_mark: impl Fn(Name) -> bool,
    ) -> bool {
        self.0.iter().all(|word| match *word {
            Word::Has(feature) => shape.meets(feature),
            Word::HasNot(feature) => !shape.meets(feature),
            Word::Names(ty) => names_type(ty),
            Word::Marked(word) => has_mark(word),
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
    per: Per,
    inside: Vec<Function>,
    leaves_out: Vec<(String, Part)>,
    takes: Vec<(String, String)>,
    /// Values called for each type that the declaration names.
    pub(crate) components: Vec<String>,
    own: Vec<String>,
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
    fn new(entry: &FunctionEntry, of: &Entry) -> Self {
        Function {
            name: entry.name.clone(),
            name_t: entry.name_t.clone(),
            when: Condition::read(&entry.when),
            in_structure: entry.in_structure,
            per: entry.per,
            inside: entry.inside.iter().map(|inner| Function::new(inner, of)).collect(),
            takes: entry.takes.clone().into_iter().collect(),
            leaves_out: of.leaves_out.iter().map(|(word, part)| (word.clone(), *part)).collect(),
            components: entry.components.clone(),
            own: entry.own.clone(),
            uses: conditional(&entry.uses),
            types: conditional(&entry.types),
            constructors: conditional(&entry.constructors),
        }
    }

    /// Whether its code does not call what belongs to the type that is named in some place.
    pub(crate) fn leaves_out(&self, facts: &FileFacts, item: &Item, place: Span) -> bool {
        facts.type_marks_in(item).iter().any(|mark| {
            let part = self.leaves_out.iter().find(|(known, _)| is_word(known, mark.word.as_str()));
            let contains = |span: Span| span.start <= place.start && place.end <= span.end;
            part.is_some_and(|(_, part)| match part {
                Part::Type => !mark.is_on_field && contains(mark.whole),
                Part::All => contains(mark.whole),
                Part::Head => contains(mark.head),
            })
        })
    }

    /// Whether the value of an attribute is in its code.
    pub(crate) fn takes(&self, facts: &FileFacts, item: &Item, mark: &TypeMark) -> bool {
        let taken = self.takes.iter().find(|(known, _)| is_word(known, mark.word.as_str()));
        taken.is_some_and(|(_, beside)| {
            let mut others = facts.type_marks_in(item).iter().filter(|other| other.whole == mark.whole);
            beside.is_empty() || others.any(|other| is_word(beside, other.word.as_str()))
        })
    }

    /// Returns the paths of what its code calls of the same deriver and type.
    pub(crate) fn own(&self, facts: &FileFacts, item: &Item, derived: &Derived) -> Vec<Vec<Name>> {
        let ItemKind::Type { names, fields, constructors, .. } = &item.kind else { return Vec::new() };
        let Some(&ty) = facts.names(*names).first() else { return Vec::new() };
        let module = derived.home.split('.').next().unwrap_or_default();
        let mut paths = Vec::new();
        for template in &self.own {
            let template = instantiate(template, ty).replace("{m}", module);
            let all = match (template.contains("{f}"), template.contains("{c}")) {
                (false, false) => vec![name("")],
                _ if derived.part.is_some() => derived.part.into_iter().collect(),
                (true, _) => facts.names(*fields).to_vec(),
                (false, true) => facts.names(*constructors).iter().map(|&name| lowered(name)).collect(),
            };
            for part in all {
                let path = template.replace("{f}", &part).replace("{c}", &part);
                paths.push(path.split('.').map(name).collect());
            }
        }
        paths
    }

    /// Returns the runtime values that its code uses for a type.
    pub(crate) fn uses<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        self.holding(&self.uses, facts, item)
    }

    /// Returns the types that its code names for a type.
    pub(crate) fn types<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        self.holding(&self.types, facts, item)
    }

    /// Returns the types of which its code names constructors.
    pub(crate) fn constructors<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        self.holding(&self.constructors, facts, item)
    }
}

impl Function {
    /// The paths whose conditions hold for a type.
    fn holding<'a>(&self, entries: &'a Conditional, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        let ItemKind::Type { shape, .. } = item.kind else { return Vec::new() };
        let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
        let names_type = |ty: Name| {
            let named = refs.iter().filter(|reference| {
                reference.kind == RefKind::Type && facts.names(reference.path) == std::slice::from_ref(&ty)
            });
            named.into_iter().any(|reference| !self.leaves_out(facts, item, reference.span))
        };
        let has_mark = |word: Name| {
            let mut marks = facts.type_marks_in(item).iter();
            marks.any(|mark| is_word(word.as_str(), mark.word.as_str()))
        };
        let held = entries.iter().filter(|(condition, _)| condition.holds(shape, names_type, has_mark));
        held.flat_map(|(_, paths)| paths.iter().map(Vec::as_slice)).collect()
    }
}

/// Whether an attribute is one that the table knows: `[@ignore]` is `[@compare.ignore]` to the deriver of that.
fn is_word(known: &str, word: &str) -> bool {
    known == word || known.strip_suffix(word).is_some_and(|before| before.ends_with('.') && word != "->")
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
    uses: Vec<Vec<Name>>,
    keywords: FxHashMap<String, Vec<Vec<Name>>>,
    pub(crate) is_quote: bool,
}

impl Rule {
    /// Returns the paths that the code of a rewrite names.
    pub(crate) fn uses(&self, rewrite: &Rewrite) -> &[Vec<Name>] {
        self.keywords.get(rewrite.keyword.as_str()).unwrap_or(&self.uses)
    }
}

/// A deriver, with all that it stands for.
#[derive(Debug, Default)]
struct Deriver {
    functions: Vec<Function>,
    modules: Vec<Function>,
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
        self.functions.extend(entry.functions.iter().map(|function| Function::new(function, entry)));
        self.modules.extend(entry.modules.iter().map(|module| Function::new(module, entry)));
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
            let paths = |paths: &Vec<String>| paths.iter().flat_map(|path| expand(path)).collect();
            let keywords = entry.keywords.iter().map(|(keyword, uses)| (keyword.clone(), paths(uses)));
            let (uses, keywords) = (paths(&entry.uses), keywords.collect());
            (
                key.clone(),
                Rule { components: entry.components.clone(), uses, keywords, is_quote: entry.quote },
            )
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
    /// The derived modules that it is in, as a dotted path; empty for most.
    pub(crate) home: Name,
    pub(crate) name: Name,
    /// The field or constructor that it is for.
    part: Option<Name>,
    /// The rewrite that asks for it, an index of [`FileFacts::rewrites`].
    pub(crate) rewrite: u32,
    /// Whether it is surely a definition.
    pub(crate) is_definition: bool,
    /// What its code does, where the table says so.
    pub(crate) function: Option<&'static Function>,
}

impl Derived {
    /// Whether the code writes down its type, which names the one that it is derived from.
    pub(crate) fn is_annotated(&self) -> bool {
        self.space == Space::Value && self.part.is_none() && self.home.is_empty()
    }
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
    let ItemKind::Type { names, .. } = &item.kind else { return Vec::new() };
    let Some(&ty) = facts.names(*names).first() else { return Vec::new() };
    if facts.rewrites.is_empty() {
        return Vec::new();
    }
    let is_signature = facts.structure(item.parent).is_signature;
    let mut out = Vec::new();
    for rewrite in derivers_of(facts, item) {
        let word = facts.rewrites[rewrite as usize].name;
        let Some(deriver) = rules().derivers.get(word.as_str()) else { continue };
        for (space, functions) in [(Space::Value, &deriver.functions), (Space::Module, &deriver.modules)] {
            for function in functions {
                add(function, space, name(""), (facts, item, ty, rewrite), &mut out);
            }
        }
        let extra = if is_signature { deriver.in_signature.as_slice() } else { &[] };
        for template in deriver.names.iter().chain(extra) {
            let (space, home) = (Space::Value, name(""));
            let name = name(&instantiate(template, ty));
            out.push(Derived {
                space,
                home,
                name,
                part: None,
                rewrite,
                is_definition: false,
                function: None,
            });
        }
    }
    out
}

/// Adds a function or module of a type, and what is inside it.
fn add(
    function: &'static Function,
    space: Space,
    home: Name,
    of: (&FileFacts, &Item, Name, u32),
    out: &mut Vec<Derived>,
) {
    let (facts, item, ty, rewrite) = of;
    let ItemKind::Type { constructors, fields, mutable_fields, shape, .. } = &item.kind else { return };
    // What a type is made of may be hidden by the signature; then the names are those of any type.
    let is_there = match facts.structure(item.parent).is_signature {
        true => !function.in_structure,
        false => function.when.holds(*shape, |_| false, |_| false),
    };
    if !is_there {
        return;
    }
    let own = function.name_t.as_ref().filter(|_| ty.as_str() == "t");
    let template = own.cloned().unwrap_or_else(|| instantiate(&function.name, ty));
    let parts: Vec<Option<Name>> = match function.per {
        Per::Type => vec![None],
        Per::Field => facts.names(*fields).iter().copied().map(Some).collect(),
        Per::MutableField => facts.names(*mutable_fields).iter().copied().map(Some).collect(),
        Per::Constructor => facts.names(*constructors).iter().map(|&name| Some(lowered(name))).collect(),
    };
    for part in parts {
        let text = part
            .map_or_else(|| template.clone(), |part| template.replace("{f}", &part).replace("{c}", &part));
        let name = name(&text);
        let function = Some(function);
        out.push(Derived { space, home, name, part, rewrite, is_definition: true, function });
        let inside = function.map_or(&[][..], |function| function.inside.as_slice());
        for inner in inside {
            let space = if inner.inside.is_empty() { Space::Value } else { Space::Module };
            add(inner, space, join(home, name), of, out);
        }
    }
}

/// A constructor's name as that of a value.
fn lowered(constructor: Name) -> Name {
    let text = constructor.to_lowercase();
    let is_keyword = matches!(
        text.as_str(),
        "and"
            | "as"
            | "assert"
            | "begin"
            | "class"
            | "constraint"
            | "do"
            | "done"
            | "downto"
            | "else"
            | "end"
            | "exception"
            | "external"
            | "false"
            | "for"
            | "fun"
            | "function"
            | "functor"
            | "if"
            | "in"
            | "include"
            | "inherit"
            | "initializer"
            | "lazy"
            | "let"
            | "match"
            | "method"
            | "module"
            | "mutable"
            | "new"
            | "nonrec"
            | "object"
            | "of"
            | "open"
            | "or"
            | "private"
            | "rec"
            | "sig"
            | "struct"
            | "then"
            | "to"
            | "true"
            | "try"
            | "type"
            | "val"
            | "virtual"
            | "when"
            | "while"
            | "with"
    );
    name(&if is_keyword { text + "_" } else { text })
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
