//! The contexts of a workspace: what it is built for (this machine, another one, a unikernel), and where the results lie.

use super::{Stanza, Tree};
use crate::project::dune::lang::condition;
use crate::project::sexp::{Sexp, atom_field, field};
use std::path::{Path, PathBuf};

/// Returns the names of the contexts that a `dune-workspace` declares, the one for this machine first; that one where it declares
/// none.
pub(super) fn contexts(workspace: &[Stanza]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for stanza in workspace.iter().filter(|stanza| stanza.kind == "context") {
        let Some(context) = stanza.fields.first() else { continue };
        let (kind, fields) = match context {
            Sexp::Atom { text, .. } => (text.as_str(), &[][..]),
            list => match list.field() {
                Some(field) => field,
                None => continue,
            },
        };
        let usual = if kind == "opam" { atom_field(fields, "switch") } else { Some("default") };
        let name = atom_field(fields, "name").or(usual);
        // It names a directory of the build.
        let Some(name) = name.filter(|name| !name.contains('/') && !name.starts_with('.')) else { continue };
        let targets = field(fields, "targets").unwrap_or_default().iter().filter_map(Sexp::atom);
        let others = targets.filter(|target| *target != "native").map(|target| format!("{name}.{target}"));
        found.extend(std::iter::once(name.to_owned()).chain(others));
    }
    if found.is_empty() {
        found.push("default".to_owned());
    }
    found.sort_by_key(|name| name != "default");
    found
}

impl Tree {
    /// What a condition comes to, and in which context, by its number: the first in which it holds, else the first of all.
    pub(crate) fn holds(
        &self,
        asked: &Sexp,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> (Option<bool>, usize) {
        let in_context = |context: &String| {
            condition(asked, &|name| match name {
                "context_name" => Some(context.clone()),
                _ => variable(name),
            })
        };
        let mut values = self.contexts.iter().map(in_context);
        let first = values.next().flatten();
        match first {
            Some(false) => match values.position(|value| value == Some(true)) {
                Some(at) => (Some(true), at + 1),
                None => (first, 0),
            },
            _ => (first, 0),
        }
    }

    /// Where the build leaves a file: as the first context has it for which it is there.
    pub(crate) fn built(&self, root: &Path, file: &Path, is_there: impl Fn(&Path) -> bool) -> PathBuf {
        let in_context = |context: &String| root.join("_build").join(context).join(file);
        let there = self.contexts.iter().map(in_context).find(|path| is_there(path));
        there.unwrap_or_else(|| root.join("_build/default").join(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::LineCol;
    use crate::project::sexp;

    fn read(text: &str) -> Vec<Stanza> {
        let stanza = |sexp: &Sexp| {
            let (kind, fields) = sexp.field().expect("a stanza");
            let at = LineCol { line: 1, col: 0 };
            Stanza { kind: kind.to_owned(), fields: fields.to_vec(), file: PathBuf::new(), at }
        };
        sexp::read(text).0.iter().map(stanza).collect()
    }

    #[test]
    fn contexts_are_those_of_the_workspace() {
        assert_eq!(contexts(&read("(lang dune 3.0)")), ["default"]);
        assert_eq!(
            contexts(&read(
                "(context (default)) (context (default (name solo5) (host default) (toolchain solo5)))"
            )),
            ["default", "solo5"]
        );
        assert_eq!(contexts(&read("(context default)")), ["default"]);
        assert_eq!(contexts(&read("(context (default (name xen))) (context default)")), ["default", "xen"]);
        assert_eq!(
            contexts(&read("(context (opam (switch 4.14.1))) (context (opam (switch 5.1.0) (name new)))")),
            ["4.14.1", "new"]
        );
        assert_eq!(contexts(&read("(context (default (name ../../elsewhere))) (context)")), ["default"]);
        assert_eq!(contexts(&read("(context (default (targets native arm)))")), ["default", "default.arm"]);
    }

    #[test]
    fn a_condition_holds_in_the_first_context_that_has_it() {
        let tree = Tree { contexts: vec!["default".to_owned(), "solo5".to_owned()], ..Tree::default() };
        let holds = |text: &str| tree.holds(&sexp::read(text).0[0], &|_| None);
        assert_eq!(holds("(= %{context_name} default)"), (Some(true), 0));
        assert_eq!(holds("(= %{context_name} solo5)"), (Some(true), 1));
        assert_eq!(holds("(= %{context_name} xen)"), (Some(false), 0));
        assert_eq!(holds("(= %{other} solo5)"), (None, 0));
    }
}
