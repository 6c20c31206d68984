//! Names that mean nothing known, as problems.

use crate::base::{Code, Problem, Severity, UnitId};
use crate::graph::{Graph, Unresolved};
use crate::parse::FileFacts;
use crate::project::Project;
use crate::report::Places;
use crate::report::human::count;
use std::sync::Arc;

/// Names that mean nothing we know, as problems. Constructors and fields that only their type tells apart link nothing: they
/// are counted, in one note. Those of other units than `is_asked` says are left out.
pub(super) fn problems(
    project: &Project,
    graph: &Graph,
    facts: &[Option<Arc<FileFacts>>],
    is_asked: impl Fn(UnitId) -> bool,
) -> Vec<Problem> {
    let places = Places { project, facts };
    let problem = |name: &Unresolved| {
        let place = places.place(name.file, name.span.start);
        let unit = project.unit(name.unit).name;
        let message = format!("`{}` in {unit}: {}", name.path, reason(name.reason));
        Problem::new(Severity::Warning, Code::Unresolved, message).at(place.file, place.at)
    };
    let (typed, others): (Vec<&Unresolved>, Vec<&Unresolved>) = graph
        .unresolved
        .iter()
        .filter(|name| is_asked(name.unit))
        .partition(|name| name.reason == "type-directed");
    let mut problems: Vec<Problem> = others.into_iter().map(problem).collect();
    if !typed.is_empty() {
        let message = format!(
            "{} found by the type that is expected, which is not known here; they link nothing",
            count(typed.len(), "constructor or field")
        );
        problems.push(Problem::new(Severity::Note, Code::Unresolved, message));
    }
    problems
}

/// Why a name is not resolved, for people.
fn reason(word: &'static str) -> &'static str {
    match word {
        "unbound" => "nothing of that name is in scope; its library may be missing",
        "unreadable" => "its module's source cannot be read",
        "no-interface" => "its module has neither source nor interface here",
        "functor-result" => "it comes from a functor whose result is not known",
        "abstract-module-type" => "it comes from a module whose type is abstract",
        "untyped-module" => "it comes from a module whose type is not written",
        "extension" => "it stands in an extension node whose rewriter may give it another meaning",
        "unknown-rewriter" => "a rewriter that is not known here may add code",
        "cycle" => "its module refers to itself",
        other => other,
    }
}
