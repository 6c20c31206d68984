//! What rewriters add: the names that derivers define and the runtime values that generated code uses.
//!
//! What is known is data (`table.json` beside this file), read once. What it does not know is reported, never ignored.
//!
//! * `table`: the data as it is written; `condition`: what derived code may depend on;
//! * `function`: one function or module that a deriver makes, and what its code refers to;
//! * `derived`: the names that the derivers of one type add.

mod condition;
mod derived;
mod function;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use derived::{Derived, derived, has_derivers, instantiate};
pub(crate) use function::Function;

use crate::base::{Name, UnitId};
use crate::parse::{Rewrite, RewriteKind};
use crate::project::{LibraryOrigin, Project};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;
use table::{Entry, Table, expand};

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

/// Whether the derivers in a unit's text make code. Installed sources may be the text from before a rewriter; where their library
/// needs no rewriter's runtime, the attributes were for readers, or what they make is in the text. Of a stanza it is known whether
/// it has a rewriter: the compiler passes over attributes.
pub(crate) fn derives(project: &Project, unit: UnitId) -> bool {
    let library = project.library(project.unit(unit).library);
    let is_runtime = |&library| is_runtime(project.library(library).name);
    match library.origin {
        LibraryOrigin::Installed => library.requires.iter().any(is_runtime),
        _ if library.dune_lang.is_some() => !library.rewriters.is_empty() || library.preprocessor.is_some(),
        _ => true,
    }
}

/// Whether a library is there for the code that derivers make.
fn is_runtime(library: Name) -> bool {
    rules().runtimes.iter().any(|runtime| runtime == library.as_str())
}

/// Whether a rewriter, by its findlib or dune name, is known to touch nothing that no attribute or node asks for.
pub(crate) fn is_asked_for(rewriter: Name) -> bool {
    let is = |known: &String| {
        let rest = rewriter.strip_prefix(known.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    rules().rewriters.iter().any(is)
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
    rewriters: Vec<String>,
}

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let table: Table = serde_json::from_str(include_str!("table.json")).expect("a test parses the table");
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
            rewriters: table.rewriters.clone(),
        }
    })
}
