//! The modules of a stanza with their files, and what is wrong with them.

use super::Loader;
use crate::base::{Code, Place, Problem, Severity, capitalise};
use crate::project::dune::declare::{Buildable, Dependency};
use crate::project::dune::lang::Word;
use crate::project::dune::modules::{ModuleFile, ModuleFiles, dir_modules, stanza_modules};
use crate::project::load;
use std::collections::BTreeMap;
use std::rc::Rc;

impl<'a> Loader<'a> {
    /// The modules of a stanza: names, and the files of each; `select` makes some more.
    pub(super) fn stanza_modules(
        &mut self,
        common: &'a Buildable,
    ) -> (Vec<String>, BTreeMap<String, ModuleFiles>) {
        let (tree, root) = (self.tree, self.root);
        let of_dir = self
            .dir_modules
            .entry(common.dir)
            .or_insert_with(|| dir_modules(tree, root, common.dir, &self.off).into());
        let mut all = of_dir.clone();
        for (module, path) in &all.duplicates {
            let message = format!("two files make the module `{module}`");
            let problem = Problem::new(Severity::Error, Code::Duplicate, message);
            let shown = path.strip_prefix(root).unwrap_or(path).to_path_buf();
            self.builder.report(problem.at(shown, None).help("the other one is used; rename one"));
        }
        for dependency in &common.dependencies {
            if let Dependency::Select { target, choices } = dependency
                && let Some((_, file)) = self.choose(common, choices)
                && let Some((stem, extension)) = target.split_once('.')
            {
                let path = load::normal(&tree.dirs[common.dir].path.join(file));
                // Others have the modules of the directory as they are.
                let module = Rc::make_mut(&mut all).modules.entry(capitalise(stem)).or_default();
                let from = root.join(&common.file);
                let chosen = if load::is_file(&path) {
                    ModuleFile::There { path, from: None }
                } else {
                    ModuleFile::Missing { from }
                };
                match extension {
                    "ml" => module.implementation = Some(chosen),
                    "mli" => module.interface = Some(chosen),
                    _ => {}
                }
            }
        }
        let mut lacking = Vec::new();
        let (names, missing) = stanza_modules(common.modules.as_deref(), &all, |file, at| {
            lacking.push((file.to_owned(), at));
        });
        for (file, at) in lacking {
            let message = format!("the modules are listed in `{file}`, which does not exist");
            let problem = Problem::new(Severity::Error, Code::Generated, message);
            let help =
                "those that it lists are left out; if it is generated, build once with dune, then run again";
            self.builder.report(problem.at(&common.file, Some(at)).help(help));
        }
        for word in missing {
            if let Some(file) = tree.dirs[common.dir].file_of_dialect(&word.text) {
                self.report_dialect(common, &word, file);
                continue;
            }
            let message = format!("module `{}` has no file", word.text);
            let problem = Problem::new(Severity::Error, Code::MissingModule, message);
            let help = "add the file, or take the name out of `(modules ..)`; if a rule makes it, the rule was not understood";
            self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
        }
        for module in &names {
            let place = Place { file: common.file.clone(), at: Some(common.at) };
            let owner = (place.clone(), common.is_library);
            // Each program has its own unit of a module that several have.
            if let Some((first, is_library)) = self.owners.insert((common.dir, module.clone()), owner)
                && first != place
                && (is_library || common.is_library)
            {
                let message = format!("module `{module}` belongs to two stanzas of this directory");
                let problem = Problem::new(Severity::Error, Code::Duplicate, message);
                let help = "say which has it with `(modules ..)` in both";
                self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
            }
        }
        if let Some(preprocessor) = &common.preprocessor {
            let message =
                format!("these modules are preprocessed by a program of the project's own: `{preprocessor}`");
            let problem = Problem::new(Severity::Note, Code::Unsupported, message);
            let help = "their sources are read as they are written, and splits of them need review";
            self.builder.report(problem.at(&common.file, Some(common.at)).help(help));
        }
        let files = names.iter().map(|module| (module.clone(), all.modules[module].clone())).collect();
        (names, files)
    }

    /// Reports a module that is not written in OCaml's own syntax.
    pub(super) fn report_dialect(&mut self, common: &Buildable, word: &Word, file: &str) {
        let message = format!("`{}` is written in another syntax than OCaml's: {file}", word.text);
        let problem = Problem::new(Severity::Warning, Code::Unsupported, message);
        let help = "it is left out, and what it refers to is unknown";
        self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
    }

    /// Reports the generated files that are not there, once per stanza and source, and whether they are read all the same.
    pub(super) fn report_pending(&mut self) {
        for ((file, at), by_source) in std::mem::take(&mut self.pending) {
            for ((from, is_read), modules) in by_source {
                let shown = from.strip_prefix(self.root).unwrap_or(&from);
                let names = modules.join("`, `");
                let shown = shown.display();
                let is_one = modules.len() == 1;
                let (are, them) = if is_one { ("is", "it") } else { ("are", "them") };
                let (severity, message, help) = match is_read {
                    true => (
                        Severity::Note,
                        format!("`{names}` {are} read from {shown}, since the build has not made {them} yet"),
                        "the size of its automaton is a guess; build once with `dune build` to have it measured",
                    ),
                    false => (
                        Severity::Warning,
                        format!(
                            "`{names}` {are} generated from {shown}, and the build has not made {them} yet"
                        ),
                        "what stands there is unknown; build once with `dune build`, then run again",
                    ),
                };
                let problem = Problem::new(severity, Code::Generated, message).at(&file, Some(at)).help(help);
                let library = self.made.get(&(file.clone(), at)).copied();
                self.builder.report(Problem { library, ..problem });
            }
        }
    }
}
