//! `dune-package` files: what dune says of the libraries that it installed.
//!
//! Takes the expressions of the file, gives its libraries with their modules. The layouts of dune 1 to 3 differ in how
//! modules are grouped; all have one list per module with its object name, so modules are found at any depth.

use super::sexp::{Sexp, atom_field, field, fields};
use crate::base::capitalise;

/// One library of a `dune-package` file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DuneLibrary {
    /// Its findlib name.
    pub(crate) name: String,
    /// The directory of its archives, relative to the file's own.
    pub(crate) dir: Option<String>,
    /// Its modules, the alias module included, in the file's order.
    pub(crate) modules: Vec<DuneModule>,
    /// The findlib name of the virtual library that it implements.
    pub(crate) implements: Option<String>,
    /// Whether it is a virtual library: its modules are in the archives of its implementations.
    pub(crate) is_virtual: bool,
    /// The implementation that is taken where a program names none.
    pub(crate) default_implementation: Option<String>,
    /// The module that its modules are hidden behind, if they are.
    pub(crate) main_module: Option<String>,
    /// Whether its modules are hidden behind an alias module.
    pub(crate) is_wrapped: bool,
    /// The module that dune makes for each program that is linked with it.
    pub(crate) data_module: Option<String>,
    /// What it requires, in dune's order, which is not always that of its `META`.
    pub(crate) requires: Vec<String>,
    /// Those of them that its clients see as if they required them themselves.
    pub(crate) re_exports: Vec<String>,
    /// For rewriters: the libraries that rewritten code needs.
    pub(crate) ppx_runtime_deps: Vec<String>,
}

/// One module of an installed library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DuneModule {
    /// Its name in the source.
    pub(crate) name: String,
    /// The name of its compilation unit.
    pub(crate) unit: String,
    /// Whether it has an implementation.
    pub(crate) has_implementation: bool,
    /// Where its `.ml` and `.mli` are, relative to the library, where the file says so.
    pub(crate) paths: [Option<String>; 2],
    /// Whether dune made it: the alias module.
    pub(crate) is_alias: bool,
    /// Whether it is private to its library.
    pub(crate) is_private: bool,
}

impl DuneLibrary {
    /// The alias module that all other modules open.
    pub(crate) fn alias_module(&self) -> Option<&DuneModule> {
        self.modules.iter().find(|module| module.is_alias)
    }
}

/// Reads the libraries of a `dune-package` file.
pub(crate) fn libraries(file: &[Sexp]) -> Vec<DuneLibrary> {
    let redirected = fields(file, "deprecated_library_name").filter_map(redirected);
    fields(file, "library").filter_map(library).chain(redirected).collect()
}

/// `(deprecated_library_name (old_public_name NAME) (new_public_name NAME))`: whoever requires the first sees the other one.
fn redirected(items: &[Sexp]) -> Option<DuneLibrary> {
    let target = atom_field(items, "new_public_name")?.to_string();
    Some(DuneLibrary {
        name: atom_field(items, "old_public_name")?.to_string(),
        requires: vec![target.clone()],
        re_exports: vec![target],
        ..DuneLibrary::default()
    })
}

fn library(items: &[Sexp]) -> Option<DuneLibrary> {
    let mut library = DuneLibrary {
        name: atom_field(items, "name")?.to_string(),
        dir: native_archive_dir(items),
        implements: atom_field(items, "implements").map(str::to_string),
        is_virtual: atom_field(items, "kind") == Some("virtual") || field(items, "virtual").is_some(),
        default_implementation: atom_field(items, "default_implementation").map(str::to_string),
        main_module: atom_field(items, "main_module_name").map(capitalise),
        data_module: data_module(items),
        requires: field(items, "requires").unwrap_or_default().iter().filter_map(required).collect(),
        re_exports: field(items, "requires").unwrap_or_default().iter().filter_map(re_exported).collect(),
        ppx_runtime_deps: atoms(field(items, "ppx_runtime_deps")),
        ..DuneLibrary::default()
    };
    let groups = field(items, "modules").unwrap_or_default();
    library.is_wrapped = groups.iter().any(|group| group.field().is_some_and(|(word, _)| word == "wrapped"));
    // Module lists nest inside groups; the walk is bounded by the reader's depth limit.
    let mut todo: Vec<&Sexp> = groups.iter().rev().collect();
    while let Some(sexp) = todo.pop() {
        let Some(items) = sexp.list() else { continue };
        match module(items) {
            Some(module) => library.modules.push(module),
            None => todo.extend(items.iter().rev()),
        }
    }
    Some(library)
}

/// The module of `(special_builtin_support (build_info (data_module NAME) ..))`.
pub(super) fn data_module(items: &[Sexp]) -> Option<String> {
    let (_, support) = field(items, "special_builtin_support")?.first()?.field()?;
    // What dune writes for plug-ins refers to what is read there.
    let is_known = field(support, "plugins").is_none();
    atom_field(support, "data_module").filter(|_| is_known).map(capitalise)
}

/// `NAME`, or `(re_export NAME)`.
fn required(item: &Sexp) -> Option<String> {
    item.atom().map(str::to_string).or_else(|| re_exported(item))
}

fn re_exported(item: &Sexp) -> Option<String> {
    let (_, rest) = item.field().filter(|(head, _)| *head == "re_export")?;
    rest.first()?.atom().map(str::to_string)
}

fn atoms(items: Option<&[Sexp]>) -> Vec<String> {
    items.unwrap_or_default().iter().filter_map(Sexp::atom).map(str::to_string).collect()
}

fn native_archive_dir(items: &[Sexp]) -> Option<String> {
    let archives = field(items, "archives")?;
    let path = atom_field(archives, "native").or_else(|| atom_field(archives, "byte"))?;
    Some(path.rsplit_once('/').map_or(String::new(), |(dir, _)| dir.to_string()))
}

/// A list is a module when it has an `obj_name` of its own.
fn module(items: &[Sexp]) -> Option<DuneModule> {
    let obj_name = atom_field(items, "obj_name")?;
    let source = field(items, "source").unwrap_or_default();
    let parts = |name: &str| field(items, name).or_else(|| field(source, name));
    let path = |name: &str| parts(name).and_then(|part| atom_field(part, "path")).map(str::to_string);
    let source_path = field(source, "path").and_then(|path| path.last()).and_then(Sexp::atom);
    let name = atom_field(items, "name").or(source_path).unwrap_or(obj_name);
    Some(DuneModule {
        name: capitalise(name),
        unit: capitalise(obj_name),
        has_implementation: parts("impl").is_some(),
        paths: [path("impl"), path("intf")],
        is_alias: atom_field(items, "kind") == Some("alias"),
        is_private: atom_field(items, "visibility") == Some("private"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sexp;
    use super::*;

    fn show(text: &str) -> Vec<String> {
        let (sexps, errors) = sexp::read(text);
        assert_eq!(errors, []);
        let show = |module: &DuneModule| {
            let marks = [
                (module.has_implementation, "+"),
                (module.is_alias, " alias"),
                (module.is_private, " private"),
            ];
            let marks: String = marks.iter().filter(|mark| mark.0).map(|mark| mark.1).collect();
            let paths: Vec<_> = module.paths.iter().flatten().map(String::as_str).collect();
            format!("{} = {}{marks} {}", module.name, module.unit, paths.join(" ")).trim_end().to_string()
        };
        libraries(&sexps).iter().flat_map(|library| library.modules.iter().map(show)).collect()
    }

    #[test]
    fn layout_of_dune_2() {
        let text = "(lang dune 2.9) (library (name a.b) (archives (byte x/b.cma) (native x/b.cmxa)) (modules (wrapped
            (main_module_name B) (modules ((name Bar) (obj_name b__Bar) (visibility private) (impl) (intf))
            ((name T) (obj_name b__T) (visibility public) (intf)))
            (alias_module (name B) (obj_name b) (visibility public) (kind alias) (impl)) (wrapped true))))";
        assert_eq!(show(text), ["Bar = B__Bar+ private", "T = B__T", "B = B+ alias"]);
        assert_eq!(libraries(&sexp::read(text).0)[0].dir.as_deref(), Some("x"));
    }

    #[test]
    fn what_is_re_exported_is_required() {
        let text = "(library (name a) (requires b (re_export c.d) e))";
        assert_eq!(libraries(&sexp::read(text).0)[0].requires, ["b", "c.d", "e"]);
    }

    #[test]
    fn a_deprecated_name_leads_to_the_new_one() {
        let text = "(deprecated_library_name (old_public_name a.b) (new_public_name c))";
        let found = libraries(&sexp::read(text).0);
        let [library] = &found[..] else { panic!("{found:?}") };
        assert_eq!((library.name.as_str(), &library.requires[..]), ("a.b", &["c".to_owned()][..]));
        assert_eq!(library.re_exports, ["c"]);
    }

    #[test]
    fn modules_that_dune_makes_for_each_program() {
        let text =
            "(library (name a) (special_builtin_support (build_info (data_module a_data) (api_version 1))))
            (library (name c) (special_builtin_support (configurator (api_version 1))))";
        let found: Vec<_> =
            libraries(&sexp::read(text).0).into_iter().map(|library| library.data_module).collect();
        assert_eq!(found, [Some("A_data".to_string()), None]);
    }

    #[test]
    fn layout_of_dune_3() {
        let text = "(lang dune 3.11) (library (name b) (modules (wrapped (group
            (alias (obj_name b__) (visibility public) (kind alias) (source (path B__) (impl (path b__.ml-gen)))) (name B)
            (modules (module (obj_name b__Bar) (visibility public) (source (path Bar) (intf (path bar.mli)) (impl (path bar.ml))))
            (group (alias (obj_name b__Sub) (visibility public) (kind alias) (source (path Sub B__Sub) (impl (path sub/b__Sub.ml-gen))))
            (name Sub) (modules (module (obj_name b__Sub__X) (visibility public) (source (path Sub X) (impl (path sub/x.ml))))))))
            (wrapped true))))";
        let expected = [
            "B__ = B__+ alias b__.ml-gen",
            "Bar = B__Bar+ bar.ml bar.mli",
            "B__Sub = B__Sub+ alias sub/b__Sub.ml-gen",
            "X = B__Sub__X+ sub/x.ml",
        ];
        assert_eq!(show(text), expected);
        let single = "(library (name s) (modules (singleton (obj_name s) (visibility public) (source (path S) (impl (path s.ml))))))";
        assert_eq!(show(single), ["S = S+ s.ml"]);
    }
}
