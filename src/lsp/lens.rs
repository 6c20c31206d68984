//! Code lens: what a unit and its large definitions cost, and whose executables use them.
//!
//! Which definitions are used is worked out when the editor asks for the text of a lens that it shows.

use super::amount::amount;
use super::subject::Subject;
use super::workspace::Workspace;
use crate::base::{DefId, FileId, Span};
use crate::graph::DefKind;
use crate::report::build::is_counted;
use crate::report::human::{bytes_of, count};
use lsp_types::{CodeLens, Command, Range, Uri};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a lens is about; travels to the client and back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct LensData {
    /// The URI of the file.
    pub(super) uri: String,
    /// The definition: its path, and which of that path it is. None for the unit.
    definition: Option<(String, u32)>,
}

/// Returns the lenses of an implementation, without their texts.
pub(super) fn lenses(subject: &Subject<'_>, uri: &Uri) -> Vec<CodeLens> {
    if !subject.settings.lens || !subject.is_implementation {
        return Vec::new();
    }
    let lens = |range: Range, definition: Option<(String, u32)>| {
        let data = LensData { uri: uri.as_str().to_owned(), definition };
        CodeLens { range, command: None, data: serde_json::to_value(data).ok() }
    };
    let mut lenses = vec![lens(subject.text.range(Span::default()), None)];
    if subject.programs.is_empty() {
        return lenses;
    }
    let graph = &subject.workspace.analysis.graph;
    for id in graph.unit_defs(subject.unit) {
        let def = graph.def(id);
        if subject.workspace.weights.def(id) >= subject.settings.lens_bytes && is_shown(def.kind) {
            lenses.push(lens(subject.text.range(def.name_span), Some((def.path.to_string(), def.nth))));
        }
    }
    lenses
}

fn is_shown(kind: DefKind) -> bool {
    !matches!(kind, DefKind::Effect | DefKind::Alias | DefKind::Type | DefKind::ModuleType)
}

/// What a lens says whose definition is not there any more.
pub(super) fn gone() -> Command {
    Command { title: "changed since".to_owned(), command: String::new(), arguments: None }
}

/// Fills in the text of a lens.
pub(super) fn resolve(workspace: &Workspace, file: FileId, data: &LensData) -> Command {
    let unit = workspace.project.file(file).unit;
    let graph = &workspace.analysis.graph;
    let name = workspace.name(unit);
    let programs = workspace.programs_with(unit);
    let titles: Vec<&str> = programs.iter().map(|&at| workspace.project.programs[at].name.as_str()).collect();
    let n_all = workspace.programs.len();
    let (title, subject) = match &data.definition {
        None => {
            let counted: Vec<DefId> =
                graph.unit_defs(unit).filter(|&def| is_counted(graph.def(def))).collect();
            let is_used =
                |def: &&DefId| programs.iter().any(|&at| workspace.program(at).live(graph).contains(**def));
            let n_used = counted.iter().filter(is_used).count();
            let size = amount(workspace, &[unit]);
            let title = match titles.len() {
                0 => "in no executable".to_owned(),
                n => format!(
                    "{size} · {n_used} of {} used · {}",
                    count(counted.len(), "definition"),
                    if n > 3 {
                        format!("in {n} of {}", count(n_all, "executable"))
                    } else {
                        titles.join(", ")
                    },
                ),
            };
            (title, name.to_owned())
        }
        Some((path, nth)) => {
            let is_meant = |id: &DefId| {
                let def = graph.def(*id);
                def.path.as_str() == path && def.nth == *nth && is_shown(def.kind)
            };
            let Some(id) = graph.unit_defs(unit).find(is_meant) else {
                return gone();
            };
            let size = bytes_of(workspace.weights.def(id), workspace.provenance([unit]));
            let n = programs.iter().filter(|&&at| workspace.program(at).live(graph).contains(id)).count();
            let used = match n {
                0 => "used by no executable".to_owned(),
                n => format!("used by {n} of {}", count(n_all, "executable")),
            };
            (format!("{size} · {used}"), format!("{name}.{path}"))
        }
    };
    let arguments = json!({ "uri": data.uri, "name": subject });
    Command { title, command: "unlith.why".to_owned(), arguments: Some(vec![arguments]) }
}
