//! Where packages are, and the standard library: what the environment, the switch and the configuration say.

use crate::project::load::{self, Environment};
use crate::project::meta;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where packages and the standard library are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SearchPath {
    /// Directories of packages, first wins.
    pub(crate) path: Vec<PathBuf>,
    /// The directory of the standard library.
    pub(crate) stdlib_dir: Option<PathBuf>,
}

/// Works out where packages are: `ocamlpath` and `OCAMLPATH`, then the packages that the compiler of `OCAMLLIB` brings,
/// then the configuration file, then the opam switch (`_opam` in `from` or above, `OPAM_SWITCH_PREFIX`), then OCaml's
/// own directory.
pub(crate) fn search_path(ocamlpath: Option<&str>, from: &Path, environment: &Environment) -> SearchPath {
    let mut path = Vec::new();
    let add = |path: &mut Vec<PathBuf>, dirs: &str| path.extend(std::env::split_paths(dirs));
    add(&mut path, ocamlpath.unwrap_or_default());
    add(&mut path, environment.ocamlpath.as_deref().unwrap_or_default());
    // From 5.0 on a compiler brings META files of its own packages; a configuration may be another compiler's.
    let own = environment.ocamllib.iter().map(PathBuf::from);
    path.extend(own.filter(|dir| load::is_file(&dir.join("unix/META"))));
    let mut stdlib_dirs: Vec<PathBuf> = environment.ocamllib.iter().map(PathBuf::from).collect();
    let switches = [from].into_iter().chain(environment.working_dir.as_deref()).flat_map(Path::ancestors);
    let local = switches.map(|dir| dir.join("_opam")).find(|dir| load::is_dir(&dir.join("lib")));
    let switch = local.or_else(|| environment.opam_switch_prefix.as_deref().map(PathBuf::from));
    if let Some(switch) = &switch {
        let lib = switch.join("lib");
        path.extend([lib.join("ocaml"), lib.clone()]);
        stdlib_dirs.push(lib.join("ocaml"));
    }
    let explicit = environment.ocamlfind_conf.as_deref().map(PathBuf::from);
    let usual =
        ["/etc/findlib.conf", "/etc/ocamlfind.conf", "/usr/local/etc/findlib.conf"].map(PathBuf::from);
    // A switch has its own configuration; the system's would mix two compilers.
    let configurations = match (explicit, &switch) {
        (Some(file), _) => vec![file],
        (None, Some(switch)) => vec![switch.join("lib/findlib.conf")],
        (None, None) => usual.to_vec(),
    };
    for file in configurations {
        let Ok(bytes) = load::read_bytes(&file, load::BUILD_FILE_LIMIT) else { continue };
        let (conf, _) = meta::read(&String::from_utf8_lossy(&bytes));
        add(&mut path, &conf.lookup("path", |_| false).unwrap_or_default());
        stdlib_dirs.extend(conf.lookup("stdlib", |_| false).map(PathBuf::from));
        break;
    }
    stdlib_dirs.extend(path.iter().cloned());
    stdlib_dirs.extend(path.iter().map(|dir| dir.join("ocaml")));
    if switch.is_none() {
        stdlib_dirs.extend(environment.compiler_dirs.iter().cloned());
    }
    let is_stdlib =
        |dir: &PathBuf| load::is_file(&dir.join("stdlib.cmxa")) || load::is_file(&dir.join("stdlib.ml"));
    let stdlib_dir = stdlib_dirs.into_iter().find(is_stdlib);
    path.extend(stdlib_dir.clone());
    let mut seen = BTreeSet::new();
    path.retain(|dir| !dir.as_os_str().is_empty() && seen.insert(dir.clone()));
    SearchPath { path, stdlib_dir }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_of_ocamllib_has_its_own_packages_before_those_of_the_configuration() {
        let temporary = tempfile::tempdir().expect("temporary directories can be made");
        let dir = temporary.path();
        let write = |file: &str, text: &str| {
            let file = dir.join(file);
            std::fs::create_dir_all(file.parent().expect("it is in a directory")).expect("can be made");
            std::fs::write(file, text).expect("can be written");
        };
        let [old, new] = ["old", "new"].map(|name| dir.join(name));
        write("findlib.conf", &format!("path = \"{0}\"\nstdlib = \"{0}\"\n", old.display()));
        write("old/stdlib.ml", "");
        write("new/stdlib.ml", "");
        let text = |path: &Path| Some(path.display().to_string());
        let conf = text(&dir.join("findlib.conf"));
        let environment =
            Environment { ocamlfind_conf: conf, ocamllib: text(&new), ..Environment::default() };
        // One before 5.0 brings none: they are where the configuration says.
        let search = search_path(None, dir, &environment);
        assert_eq!((search.path, search.stdlib_dir), (vec![old.clone(), new.clone()], Some(new.clone())));
        write("new/unix/META", "archive(native) = \"unix.cmxa\"\n");
        let search = search_path(None, dir, &environment);
        assert_eq!((search.path, search.stdlib_dir), (vec![new.clone(), old], Some(new)));
    }
}
