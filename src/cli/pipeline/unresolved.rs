//! Names that mean nothing known, and code that is not in the sources, as problems.

use crate::base::{Code, Idx, LibraryId, Name, Problem, Severity, UnitId};
use crate::graph::{Archives, Graph, Unresolved};
use crate::parse::FileFacts;
use crate::project::{Library, LibraryOrigin, Project};
use crate::report::Places;
use crate::report::human::count;
use crate::resolve::is_asked_for;
use std::sync::Arc;

/// Names that mean nothing we know, as problems. Constructors and fields that only their type tells apart, and instance variables,
/// link nothing: they are counted, in one note each. Those of other units than `is_asked` says are left out.
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
    let is_counted = |name: &&Unresolved| COUNTED.iter().any(|&(word, ..)| word == name.reason);
    let asked = graph.unresolved.iter().filter(|name| is_asked(name.unit));
    let (counted, others): (Vec<&Unresolved>, Vec<&Unresolved>) = asked.partition(is_counted);
    let mut problems: Vec<Problem> = others.into_iter().map(problem).collect();
    for (word, what, why) in COUNTED {
        let n = counted.iter().filter(|name| name.reason == word).count();
        if n > 0 {
            let message = format!("{} {why}; they link nothing", count(n, what));
            problems.push(Problem::new(Severity::Note, Code::Unresolved, message));
        }
    }
    problems
}

/// Libraries and programs of the workspace whose sources pass through something that is not known, and of which no build has
/// recorded what they link.
pub(super) fn unknown_code(
    project: &Project,
    graph: &Graph,
    archives: Archives,
    is_asked: impl Fn(UnitId) -> bool,
) -> Vec<Problem> {
    let of_library = |(i, library): (usize, &Library)| {
        let unknown = library.rewriters.iter().filter(|&&rewriter| !is_asked_for(rewriter));
        let unknown: Vec<Name> = unknown.chain(&library.preprocessor).copied().collect();
        let is_own = matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program);
        if unknown.is_empty() || !is_own {
            return None;
        }
        let is_touched = |&unit: &UnitId| {
            let is_recorded = archives == Archives::Trusted && project.unit(unit).recorded.is_some();
            is_asked(unit) && !is_recorded && graph.unit_defs(unit).next().is_some()
        };
        if !library.units.iter().any(is_touched) {
            return None;
        }
        let names: Vec<String> = unknown.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "modules of `{}` pass through {}, and what that adds or leaves out is not known: links and bytes are those of the text as it stands",
            library.name,
            names.join(", "),
        );
        let mut problem = Problem::new(Severity::Warning, Code::UnknownRewriter, message)
            .help("build it: what the compiler recorded counts then");
        problem.library = Some(LibraryId::new(i));
        let dune = library.dir.join("dune");
        Some(match library.dune_lang {
            Some(_) => problem.at(dune.strip_prefix(&project.root).unwrap_or(&dune), None),
            None => problem,
        })
    };
    project.libraries.iter().enumerate().filter_map(of_library).collect()
}

/// What links nothing: the reason, what it is, and why it is not known.
const COUNTED: [(&str, &str, &str); 2] = [
    ("type-directed", "constructor or field", "found by the type that is expected, which is not known here"),
    (
        "instance-variable",
        "instance variable",
        "found by the class that is inherited, which is not known here",
    ),
];

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
        "unknown-open" => {
            "what this has is not known; names behind it are taken for what they mean without it"
        }
        other => other,
    }
}
