//! What stanzas declare: libraries and programs, with their fields read but nothing looked up yet.

use super::super::dune_package::data_module;
use super::super::sexp::{Sexp, atom_field, field, fields};
use super::lang::{CPPO, Word, ordered_set, program_name};
use super::tree::{Stanza, Tree, read_included_set, read_value};
use super::warnings::demands_interfaces;
use crate::base::{LineCol, Place, capitalise};
use std::path::{Path, PathBuf};

/// What `libraries` names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Dependency {
    /// A library.
    Library(Word),
    /// `(select FILE from (LIBRARIES -> SOURCE) ..)`
    Select {
        /// The file that is made.
        target: String,
        /// Needed libraries, forbidden ones, and the file that is taken then.
        choices: Vec<(Vec<Word>, Vec<Word>, String)>,
    },
}

/// What libraries and programs have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Buildable {
    /// Index of the directory in [`Tree::dirs`].
    pub(crate) dir: usize,
    /// The file with the stanza, as shown.
    pub(crate) file: PathBuf,
    /// Where the stanza starts.
    pub(crate) at: LineCol,
    /// The context that it is read for, by its number in [`Tree::contexts`]: the first in which its condition holds.
    pub(crate) context: usize,
    /// Whether it is a `library`.
    pub(crate) is_library: bool,
    /// `modules`; `None`: all. What it includes is put in, as far as it is there.
    pub(crate) modules: Option<Vec<Sexp>>,
    /// `root_module`: a module that dune makes, with an alias for each module of the libraries.
    pub(crate) root_module: Option<String>,
    /// `libraries`, in order.
    pub(crate) dependencies: Vec<Dependency>,
    /// Those of them in `(re_export ..)`.
    pub(crate) re_exports: Vec<Word>,
    /// The rewriters of `preprocess`, in order.
    pub(crate) rewriters: Vec<Word>,
    /// `enabled_if`, where the values that conditions depend on do not tell: libraries at hand may.
    pub(crate) enabled_if: Option<Sexp>,
    /// The program that `preprocess` runs over the sources; what cppo does is done here as well.
    pub(crate) preprocessor: Option<String>,
    /// Modules that `-open` names.
    pub(crate) opens: Vec<String>,
    /// Whether sources are compiled with `-nopervasives`.
    pub(crate) nopervasives: bool,
    /// Whether sources are compiled with `-noassert`.
    pub(crate) noassert: bool,
    /// Whether more is put in place of calls than the compiler does by itself.
    pub(crate) inlines_more: bool,
    /// Whether a module without an interface does not compile.
    pub(crate) demands_interfaces: bool,
    /// Where `-linkall` is asked for.
    pub(crate) linkall: Option<Place>,
    /// Whether it is left out where something that it needs is missing.
    pub(crate) is_optional: bool,
    /// Whether it has code in C or another language that is linked with it.
    pub(crate) has_foreign: bool,
}

/// One `library`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LibraryDecl {
    /// What programs have too.
    pub(crate) common: Buildable,
    /// The local name.
    pub(crate) name: String,
    /// The public name.
    pub(crate) public_name: Option<String>,
    /// Whether modules are behind an alias module; `None` where it does not say.
    pub(crate) wrapped: Option<bool>,
    /// `(wrapped (transition ..))`: the modules' plain names still work.
    pub(crate) is_transition: bool,
    /// `private_modules`: those that other libraries may not name.
    pub(crate) private_modules: Option<Vec<Sexp>>,
    /// The module that dune makes for each program that is linked with it.
    pub(crate) data_module: Option<String>,
    /// `virtual_modules`
    pub(crate) virtual_modules: Option<Vec<Sexp>>,
    /// `implements`
    pub(crate) implements: Option<Word>,
    /// `default_implementation`
    pub(crate) default_implementation: Option<Word>,
    /// `ppx_runtime_libraries`
    pub(crate) ppx_runtime: Vec<Word>,
}

/// One `executable`, `executables`, `test` or `tests`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ProgramsDecl {
    /// What libraries have too.
    pub(crate) common: Buildable,
    /// The main modules.
    pub(crate) names: Vec<Word>,
    /// Whether `modes` asks for bytecode and nothing else.
    pub(crate) is_bytecode: bool,
}

/// All that a workspace declares.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Declared {
    /// Libraries in the order of the tree.
    pub(crate) libraries: Vec<LibraryDecl>,
    /// Programs in the order of the tree.
    pub(crate) programs: Vec<ProgramsDecl>,
    /// `deprecated_library_name`: old public name, new name.
    pub(crate) renamed: Vec<(String, String)>,
}

/// Reads the declarations of a tree; `variable` gives the values that conditions depend on.
pub(crate) fn declared(tree: &Tree, root: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Declared {
    let mut out = Declared::default();
    for (index, dir) in tree.dirs.iter().enumerate().filter(|(_, dir)| !dir.is_data) {
        for stanza in &dir.stanzas {
            let is_library = stanza.kind == "library";
            let is_program = matches!(stanza.kind.as_str(), "executable" | "executables" | "test" | "tests");
            if stanza.kind == "deprecated_library_name" {
                let name = |field| atom_field(&stanza.fields, field).map(str::to_string);
                out.renamed.extend(name("old_public_name").zip(name("new_public_name")));
            }
            if !is_library && !is_program {
                continue;
            }
            // `enabled_if` of tests says whether they run, `build_if` whether they are built.
            let is_test = matches!(stanza.kind.as_str(), "test" | "tests");
            let enabled = field(&stanza.fields, if is_test { "build_if" } else { "enabled_if" });
            let enabled = enabled.and_then(|items| items.first());
            let variable = |name: &str| variable(name).or_else(|| read_value(root, &dir.rel, name));
            let (is_enabled, context) =
                enabled.map_or((Some(true), 0), |enabled| tree.holds(enabled, &variable));
            if is_enabled == Some(false) {
                continue;
            }
            let mut common = buildable(tree, root, index, stanza);
            common.enabled_if = enabled.filter(|_| is_enabled.is_none()).cloned();
            common.context = context;
            if is_library {
                let include = |file: &str| read_included_set(root, &dir.rel, file);
                out.libraries.extend(library(stanza, common, &include));
            } else {
                let of = |one: &str, several: &str| -> Vec<Word> {
                    let named = fields(&stanza.fields, one).chain(fields(&stanza.fields, several));
                    named.flatten().filter_map(word).collect()
                };
                // Without names, the public ones serve; `-` stands for a program that has none.
                let mut names = of("name", "names");
                if names.is_empty() {
                    names = of("public_name", "public_names");
                    names.retain(|name| name.text != "-");
                }
                let is_bytecode = is_bytecode(&stanza.fields);
                out.programs.push(ProgramsDecl { common, names, is_bytecode });
            }
        }
    }
    out
}

/// Whether no mode of `modes` makes native code. `exe` and `object` alone mean native code where there is any.
fn is_bytecode(fields: &[Sexp]) -> bool {
    let Some(modes) = field(fields, "modes").filter(|modes| !modes.is_empty()) else { return false };
    let is_byte = |mode: &Sexp| {
        let compilation = mode.atom().or_else(|| mode.field().map(|(word, _)| word));
        matches!(compilation, Some("byte" | "byte_complete" | "js" | "wasm"))
    };
    modes.iter().all(is_byte)
}

fn word(sexp: &Sexp) -> Option<Word> {
    Some(Word { text: sexp.atom()?.to_string(), at: sexp.at() })
}

fn word_field(stanza: &Stanza, name: &str) -> Option<Word> {
    field(&stanza.fields, name)?.first().and_then(word)
}

fn library(
    stanza: &Stanza,
    common: Buildable,
    include: &dyn Fn(&str) -> Option<Vec<Sexp>>,
) -> Option<LibraryDecl> {
    let public_name = atom_field(&stanza.fields, "public_name").map(str::to_string);
    // Without a name, the public one serves, as far as it can be a module's.
    let local = |public: &String| public.replace(['-', '.'], "_");
    let name =
        atom_field(&stanza.fields, "name").map(str::to_string).or_else(|| public_name.as_ref().map(local))?;
    let wrapped = field(&stanza.fields, "wrapped").and_then(|items| items.first());
    let is_transition =
        wrapped.is_some_and(|value| value.field().is_some_and(|(word, _)| word == "transition"));
    let modules = |name: &str| field(&stanza.fields, name).map(|items| with_included(items, include));
    Some(LibraryDecl {
        common,
        name,
        public_name,
        wrapped: wrapped.map(|value| is_transition || value.atom() == Some("true")),
        is_transition,
        private_modules: modules("private_modules"),
        data_module: data_module(&stanza.fields),
        virtual_modules: modules("virtual_modules"),
        implements: word_field(stanza, "implements"),
        default_implementation: word_field(stanza, "default_implementation"),
        ppx_runtime: fields(&stanza.fields, "ppx_runtime_libraries").flatten().filter_map(word).collect(),
    })
}

/// Fields that name code in other languages.
const FOREIGN: [&str; 5] = ["foreign_stubs", "foreign_archives", "c_names", "cxx_names", "extra_objects"];

fn buildable(tree: &Tree, root: &Path, dir: usize, stanza: &Stanza) -> Buildable {
    let env = &tree.dirs[dir].env;
    let include = |file: &str| read_included_set(root, &tree.dirs[dir].rel, file);
    let words = |name: &str, standard: &[Word]| match field(&stanza.fields, name) {
        Some(items) => ordered_set(items, standard, &mut |file, _| include(file).unwrap_or_default()),
        None => standard.to_vec(),
    };
    let mut flags = words("flags", &env.flags);
    match is_bytecode(&stanza.fields) {
        true => flags.extend(words("ocamlc_flags", &[])),
        false => flags.extend(words("ocamlopt_flags", &env.ocamlopt_flags)),
    }
    let mut link_flags = match stanza.kind.as_str() {
        "library" => words("library_flags", &[]),
        _ => words("link_flags", &env.link_flags),
    };
    // The flags of compilation are given when archiving and linking too.
    link_flags.extend(flags.iter().cloned());
    let mut opens = Vec::new();
    for pair in flags.windows(2).filter(|pair| pair[0].text == "-open") {
        opens.push(pair[1].text.clone());
    }
    let linkall = link_flags.iter().find(|flag| flag.text == "-linkall").map(|flag| flag.at);
    // Rewriters register themselves when they are linked, so dune keeps all of them.
    let kind = field(&stanza.fields, "kind").and_then(|items| items.first());
    let kind = kind.filter(|kind| {
        let word = kind.atom().or_else(|| kind.field().map(|(word, _)| word));
        stanza.kind == "library" && matches!(word, Some("ppx_rewriter" | "ppx_deriver"))
    });
    let linkall = linkall.or_else(|| kind.map(Sexp::at));
    let mut rewriters = Vec::new();
    let mut preprocessor = None;
    for items in fields(&stanza.fields, "preprocess") {
        add_rewriters(items, &mut rewriters, &mut preprocessor);
    }
    let by_flag = flags.windows(2).find(|pair| matches!(pair[0].text.as_str(), "-pp" | "-ppx"));
    let by_flag = by_flag.and_then(|pair| pair[1].text.split_whitespace().next());
    let preprocessor = preprocessor.or_else(|| by_flag.map(|program| program_name(program).to_owned()));
    Buildable {
        context: 0,
        dir,
        file: stanza.file.clone(),
        at: stanza.at,
        is_library: stanza.kind == "library",
        modules: field(&stanza.fields, "modules").map(|items| with_included(items, &include)),
        root_module: atom_field(&stanza.fields, "root_module").map(capitalise),
        dependencies: fields(&stanza.fields, "libraries").flatten().filter_map(dependency).collect(),
        re_exports: fields(&stanza.fields, "libraries").flatten().filter_map(re_export).collect(),
        rewriters,
        enabled_if: None,
        preprocessor,
        opens,
        inlines_more: inlines_more(&flags),
        demands_interfaces: demands_interfaces(&flags),
        noassert: flags.iter().any(|flag| flag.text == "-noassert"),
        nopervasives: flags.iter().any(|flag| flag.text == "-nopervasives"),
        linkall: linkall.map(|at| Place { file: stanza.file.clone(), at: Some(at) }),
        is_optional: field(&stanza.fields, "optional").is_some(),
        has_foreign: FOREIGN.iter().any(|name| field(&stanza.fields, name).is_some()),
    }
}

/// Whether the last `-inline` is more than the compiler's own.
fn inlines_more(flags: &[Word]) -> bool {
    const OWN: u32 = 10;
    let asked = flags.windows(2).rev().find(|pair| pair[0].text == "-inline");
    asked.and_then(|pair| pair[1].text.parse::<u32>().ok()).is_some_and(|asked| asked > OWN)
}

/// A set with the content of each `(:include FILE)` in its place; one that is not there stays as it is. What is included may not
/// include.
fn with_included(items: &[Sexp], include: &dyn Fn(&str) -> Option<Vec<Sexp>>) -> Vec<Sexp> {
    let of_item = |item: &Sexp| match item {
        Sexp::List { items, at } => {
            let included = match item.field() {
                Some((":include", rest)) => rest.first().and_then(Sexp::atom).and_then(include),
                _ => Some(with_included(items, include)),
            };
            Sexp::List { items: included.unwrap_or_else(|| items.clone()), at: *at }
        }
        Sexp::Atom { .. } => item.clone(),
    };
    items.iter().map(of_item).collect()
}

/// `(pps a b -flag -- flags)`, `(staged_pps ..)`, `(per_module ((pps a) m n) ..)`, `(action ..)`.
fn add_rewriters(items: &[Sexp], out: &mut Vec<Word>, preprocessor: &mut Option<String>) {
    for item in items {
        match item.field() {
            Some(("pps" | "staged_pps", rest)) => {
                let names = rest.iter().take_while(|item| !item.is_word("--")).filter_map(word);
                for name in names.filter(|name| !name.text.starts_with('-')) {
                    if name.text.starts_with('%') {
                        preprocessor.get_or_insert(name.text);
                    } else if !out.iter().any(|other| other.text == name.text) {
                        out.push(name);
                    }
                }
            }
            // What cppo leaves out is left out here as well.
            Some(("action", rest)) if !rest.iter().any(runs_cppo) => {
                preprocessor.get_or_insert_with(|| program_of(rest));
            }
            Some(("per_module", rest)) => {
                for choice in rest {
                    let spec = choice.list().and_then(<[Sexp]>::first);
                    add_rewriters(spec.map(std::slice::from_ref).unwrap_or_default(), out, preprocessor);
                }
            }
            _ => {}
        }
    }
}

/// The name of the first program that actions run; else what they do.
fn program_of(actions: &[Sexp]) -> String {
    let mut todo: Vec<&Sexp> = actions.iter().rev().collect();
    while let Some(action) = todo.pop() {
        match action.field() {
            Some(("run", [program, ..])) => {
                return program_name(program.atom().unwrap_or_default()).to_owned();
            }
            Some((word @ ("system" | "bash"), _)) => return word.to_owned(),
            Some((_, inner)) => todo.extend(inner.iter().rev()),
            None => {}
        }
    }
    String::from("an action")
}

/// Whether an action runs cppo, and nothing else.
fn runs_cppo(action: &Sexp) -> bool {
    match action.field() {
        Some(("run", words)) => words.first().and_then(Sexp::atom).map(program_name) == Some(CPPO),
        Some(("chdir", rest)) => rest.last().is_some_and(runs_cppo),
        _ => false,
    }
}

fn dependency(sexp: &Sexp) -> Option<Dependency> {
    if let Some(name) = word(sexp) {
        return Some(Dependency::Library(name));
    }
    if let Some(name) = re_export(sexp) {
        return Some(Dependency::Library(name));
    }
    let (head, rest) = sexp.field()?;
    match head {
        "select" => {
            let target = rest.first()?.atom()?.to_string();
            let choices = rest.iter().filter_map(Sexp::list).filter_map(choice).collect();
            Some(Dependency::Select { target, choices })
        }
        _ => None,
    }
}

/// The library of `(re_export LIBRARY)`.
fn re_export(sexp: &Sexp) -> Option<Word> {
    let (_, rest) = sexp.field().filter(|(head, _)| *head == "re_export")?;
    rest.first().and_then(word)
}

fn choice(items: &[Sexp]) -> Option<(Vec<Word>, Vec<Word>, String)> {
    let arrow = items.iter().position(|item| item.is_word("->"))?;
    let file = items.get(arrow + 1)?.atom()?.to_string();
    let (mut needed, mut forbidden) = (Vec::new(), Vec::new());
    for name in items[..arrow].iter().filter_map(word) {
        match name.text.strip_prefix('!') {
            Some(text) => forbidden.push(Word { text: text.to_string(), at: name.at }),
            None => needed.push(name),
        }
    }
    Some((needed, forbidden, file))
}
