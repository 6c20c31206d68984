//! What is wrong in a tree, said where the user sees it: at its place in a build file, and in a message.
//!
//! Sizes that lack something are worse than none when nobody says so.

use super::client::{Client, Loud};
use super::documents::Documents;
use super::folders::Folder;
use super::overlay::is_build_file;
use super::workspace::Workspace;
use crate::base::{Problem, Severity};
use crate::report::human::count;
use crate::report::place;
use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString, Position, Range};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was shown of one folder.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Shown {
    /// Build files with something to say.
    files: BTreeMap<PathBuf, Vec<Diagnostic>>,
    message: Option<String>,
}

/// Shows what is wrong in a folder; what was shown before and holds no longer goes.
pub(super) fn show(folder: &Folder, before: &Shown, documents: &Documents, client: &Client) -> Shown {
    let mut shown = Shown::default();
    let mut rest: Vec<String> = Vec::new();
    let mut loud = Loud::Warning;
    if let Some(failure) = &folder.failure {
        loud = Loud::Info;
        rest.push(format!("nothing is known of {}: {failure}", folder.root.display()));
    }
    if let Some(workspace) = &folder.workspace {
        for problem in &workspace.problems {
            match file_of(workspace, problem) {
                Some(path) => shown.files.entry(path).or_default().push(diagnostic(problem)),
                None if problem.severity == Severity::Note => client.log(&sentence(problem)),
                None => rest.push(sentence(problem)),
            }
        }
        rest.extend(missing(workspace));
        if workspace.project.programs.is_empty() {
            loud = Loud::Info;
            rest.push(format!(
                "{}: there is no executable here, so nothing is linked",
                folder.root.display()
            ));
        }
    }
    for (path, diagnostics) in &shown.files {
        if before.files.get(path) != Some(diagnostics) {
            publish(path, diagnostics, documents, client);
        }
    }
    before.files.keys().filter(|path| !shown.files.contains_key(*path)).for_each(|path| {
        publish(path, &[], documents, client);
    });
    let in_files = shown.files.values().flatten();
    let is_bad = |found: &&Diagnostic| found.severity != Some(DiagnosticSeverity::INFORMATION);
    let n_in_files = in_files.filter(is_bad).count();
    rest.iter().skip(1).for_each(|line| client.log(line));
    if n_in_files > 0 {
        let files: Vec<String> = shown
            .files
            .keys()
            .map(|path| path.strip_prefix(&folder.root).unwrap_or(path).display().to_string())
            .collect();
        rest.push(format!(
            "{} in {}: sizes may lack what is missing there",
            count(n_in_files, "problem"),
            files.join(", ")
        ));
    }
    if let Some(first) = rest.first() {
        let more = rest.len() - 1;
        let message =
            if more == 0 { first.clone() } else { format!("{first} (and {more} more, see the log)") };
        if before.message.as_ref() != Some(&message) {
            client.show(loud, &message);
        }
        shown.message = Some(message);
    }
    shown
}

/// Takes back what was shown.
pub(super) fn hide(shown: &Shown, documents: &Documents, client: &Client) {
    shown.files.keys().for_each(|path| publish(path, &[], documents, client));
}

fn publish(path: &Path, diagnostics: &[Diagnostic], documents: &Documents, client: &Client) {
    if let Some(uri) = documents.uri(path) {
        let params = json!({ "uri": uri.as_str(), "diagnostics": diagnostics });
        client.notify("textDocument/publishDiagnostics", params);
    }
}

/// The build file of the workspace in which a problem is; none for sources, which other tools look after.
fn file_of(workspace: &Workspace, problem: &Problem) -> Option<PathBuf> {
    let root = &workspace.project.root;
    let path = root.join(&problem.place.as_ref()?.file);
    (is_build_file(&path) && path.starts_with(root)).then_some(path)
}

fn diagnostic(problem: &Problem) -> Diagnostic {
    let at = problem.place.as_ref().and_then(|place| place.at);
    let start =
        at.map_or(Position::default(), |at| Position { line: at.line.saturating_sub(1), character: at.col });
    let end = Position { line: start.line, character: start.character.saturating_add(1) };
    let help = problem.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    Diagnostic {
        range: Range { start, end },
        severity: Some(match problem.severity {
            Severity::Error | Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(crate::report::problems::code_word(problem.code))),
        source: Some("unlith".to_owned()),
        message: format!("{}{help}", problem.message),
        ..Diagnostic::default()
    }
}

fn sentence(problem: &Problem) -> String {
    let place = problem.place.as_ref().map_or_else(String::new, |at| format!("{}: ", place::show(at)));
    let help = problem.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
    format!("{place}{}{help}", problem.message)
}

/// What the linker would stop at.
fn missing(workspace: &Workspace) -> Vec<String> {
    let programs = (0..workspace.programs.len()).filter_map(|at| {
        let missing = &workspace.program(at).linked().missing;
        let first = missing.first()?;
        let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
        Some(format!(
            "{}: {} requires {}{more}, which the linker will not find: sizes lack it",
            workspace.project.programs[at].name,
            workspace.name(first.by),
            workspace.name(first.unit),
        ))
    });
    programs.collect()
}
