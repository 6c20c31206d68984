//! What the code that rewriters make needs at run time.

use super::Loader;
use super::names::Found;
use crate::base::{Code, LibraryId, Problem, Severity};
use crate::project::dune::declare::{Buildable, Dependency};
use crate::project::dune::lang::Word;
use crate::project::meta::words;
use std::collections::BTreeSet;

impl<'a> Loader<'a> {
    /// The libraries that code rewritten by `word` needs: those that the rewriter and all that it requires declare.
    pub(super) fn rewriter_runtime(&mut self, common: &Buildable, word: &Word) -> Vec<LibraryId> {
        let mut runtime: Vec<(Option<usize>, String)> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut todo = vec![(self.project_of(common), word.text.clone())];
        while let Some((project, library)) = todo.pop() {
            match self.find(project, &library) {
                Found::Nowhere => self.report_missing_rewriter(common, word, &library),
                Found::Local(index) if seen.insert(format!("local {index}")) => {
                    let decl = self.library_decl(index);
                    let inner = self.project_of(&decl.common);
                    runtime.extend(decl.ppx_runtime.iter().map(|word| (Some(inner), word.text.clone())));
                    let libraries =
                        decl.common.dependencies.iter().filter_map(|dependency| match dependency {
                            Dependency::Library(word) => Some((inner, word.text.clone())),
                            Dependency::Select { .. } => None,
                        });
                    todo.extend(libraries.collect::<Vec<_>>().into_iter().rev());
                }
                Found::Installed if seen.insert(library.clone()) => {
                    let predicates = self.installed.predicates.clone();
                    let closure = self.installed.findlib.closure(&[library], &predicates);
                    for package in closure.packages.iter().rev() {
                        seen.insert(package.name.clone());
                        let deps = match &package.dune {
                            Some(dune) => dune.ppx_runtime_deps.clone(),
                            None => {
                                words(&package.variable("ppx_runtime_deps", &predicates).unwrap_or_default())
                                    .map(str::to_string)
                                    .collect()
                            }
                        };
                        runtime.extend(deps.into_iter().map(|name| (None, name)));
                    }
                }
                _ => {}
            }
        }
        let mut ids = Vec::new();
        for (project, library) in runtime {
            let text = library;
            let common_project = project.unwrap_or(usize::MAX);
            match self.find(common_project, &text) {
                Found::Local(index) => ids.extend(self.ids[index]),
                Found::Installed => {
                    ids.extend(self.installed.load(&mut self.builder, &[text]).into_iter().flatten())
                }
                Found::Nowhere => self.report_missing(common, &Word { text, at: word.at }),
            }
        }
        ids
    }

    fn report_missing_rewriter(&mut self, common: &Buildable, word: &Word, library: &str) {
        let message = if library == word.text {
            format!("rewriter `{library}` is neither in the workspace nor installed")
        } else {
            format!(
                "`{library}`, which the rewriter `{}` requires, is neither in the workspace nor installed",
                word.text
            )
        };
        // The sources are read before rewriting, so the analysis goes on without it.
        let problem = Problem::new(Severity::Warning, Code::MissingLibrary, message);
        let help = "what it adds is taken from the table of known rewriters; the libraries that rewritten code needs may be missing";
        self.builder.report(problem.at(&common.file, Some(word.at)).help(help));
    }
}
