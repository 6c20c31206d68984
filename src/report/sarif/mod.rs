//! Alerts as SARIF 2.1.0, for code scanning.
//!
//! Paths are relative to the root of the repository (`%SRCROOT%`); what lies outside of it keeps its full path. A chain of
//! references is a code flow. What does not count is there all the same, as suppressed.

mod columns;
mod model;

pub use columns::Columns;

use super::alert::{Alert, RuleEntry, Spot, is_inside};
use super::chain::HopEntry;
use super::finding::{Accepted, AcceptedBy};
use super::schema::Tool;
use crate::base::Severity;
use crate::report::human::capital;
use model::*;
use std::collections::BTreeMap;

/// How paths are told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Root {
    /// The way from the root of the repository to the directory that shown paths are relative to: empty, or `a/b/`.
    pub prefix: String,
    /// Where alerts stand that have no place of their own, for each program: its main module. Code scanning shows no others.
    pub mains: BTreeMap<String, String>,
    /// Columns as code scanning counts them.
    pub columns: Columns,
}

/// Returns alerts as a SARIF log. `rules` holds every rule that an alert names.
///
/// # Errors
/// What the JSON writer says; nothing here makes it fail.
pub fn sarif(tool: &Tool, rules: &[RuleEntry], alerts: &[Alert], root: &Root) -> serde_json::Result<String> {
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: vec![Run {
            tool: ToolComponent {
                driver: Driver {
                    name: tool.name.clone(),
                    semantic_version: tool.version.clone(),
                    rules: rules.iter().map(descriptor).collect(),
                },
            },
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: BTreeMap::from([(
                BASE,
                BaseUri { description: text("the root of the repository") },
            )]),
            results: alerts.iter().map(|alert| result(rules, alert, root)).collect(),
        }],
    };
    serde_json::to_string_pretty(&log).map(|json| json + "\n")
}

const BASE: &str = "%SRCROOT%";

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn descriptor(rule: &RuleEntry) -> Descriptor {
    Descriptor {
        id: rule.id.clone(),
        name: rule.id.split('-').map(capital).collect(),
        short_description: text(&rule.summary),
        full_description: text(&format!("{}.", rule.summary)),
        help: rule.page.as_ref().map(|page| Help { text: page.clone(), markdown: page.clone() }),
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn result(rules: &[RuleEntry], alert: &Alert, root: &Root) -> SarifResult {
    // Code scanning shows nothing that lies outside of the repository: then that is told beside the main module.
    let is_outside = alert.spot.file.as_deref().is_some_and(|file| !is_inside(file));
    let is_stand_in = is_outside || alert.spot.file.is_none();
    let spot = if is_stand_in { stand_in(alert, root) } else { alert.spot.clone() };
    let own = is_outside.then(|| (alert.spot.clone(), "here".to_owned()));
    let related = own.iter().chain(&alert.related).enumerate().map(|(id, (spot, about))| Location {
        id: Some(id + 1),
        message: Some(text(about)),
        ..location(spot, root)
    });
    let name = [alert.rule.as_str(), alert.program.as_deref().unwrap_or_default(), &alert.subject].join("\0");
    let program = alert.program.as_ref().map(|program| format!("{program}: ")).unwrap_or_default();
    SarifResult {
        rule_id: alert.rule.clone(),
        rule_index: rules.iter().position(|rule| rule.id == alert.rule),
        level: level(alert.severity),
        message: text(&format!("{program}{}", alert.message)),
        locations: spot.file.is_some().then(|| location(&spot, root)).into_iter().collect(),
        related_locations: related.collect(),
        code_flows: if alert.chain.is_empty() { Vec::new() } else { vec![flow(&alert.chain, root)] },
        partial_fingerprints: BTreeMap::from([(
            "unlith/v1",
            blake3::hash(name.as_bytes()).to_hex().as_str()[..32].to_owned(),
        )]),
        suppressions: alert.accepted.iter().map(|accepted| suppression(accepted, root)).collect(),
        properties: Properties {
            program: alert.program.clone(),
            subject: alert.subject.clone(),
            bytes: alert.bytes,
        },
    }
}

fn stand_in(alert: &Alert, root: &Root) -> Spot {
    let program = alert.program.as_deref().or_else(|| root.mains.keys().next().map(String::as_str));
    let main = program.and_then(|program| root.mains.get(program));
    Spot { file: main.cloned(), line: main.map(|_| 1), col: None }
}

fn location(spot: &Spot, root: &Root) -> Location {
    Location {
        id: None,
        message: None,
        physical_location: spot.file.as_ref().map(|file| PhysicalLocation {
            artifact_location: artifact(file, root),
            region: spot.line.map(|line| Region {
                start_line: line.max(1),
                start_column: spot.col.map(|col| root.columns.utf16(file, line, col) + 1),
            }),
        }),
        logical_locations: Vec::new(),
    }
}

fn flow(chain: &[HopEntry], root: &Root) -> CodeFlow {
    let hop = |hop: &HopEntry| {
        let spot = Spot { file: hop.file.clone(), line: hop.line, col: hop.col };
        let here = Location {
            message: Some(text(&format!("{}: {}", hop.name, hop.because))),
            logical_locations: vec![LogicalLocation {
                fully_qualified_name: hop.name.clone(),
                kind: "module",
            }],
            ..location(&spot, root)
        };
        ThreadFlowLocation { location: here }
    };
    CodeFlow { thread_flows: vec![ThreadFlow { locations: chain.iter().map(hop).collect() }] }
}

fn suppression(accepted: &Accepted, root: &Root) -> Suppression {
    let spot = Spot { file: accepted.file.clone(), line: accepted.line, col: None };
    Suppression {
        kind: match accepted.by {
            AcceptedBy::Source => "inSource",
            AcceptedBy::Baseline => "external",
        },
        justification: accepted.reason.clone().unwrap_or_else(|| "known, in the baseline".to_owned()),
        location: spot.file.is_some().then(|| location(&spot, root)),
    }
}

fn artifact(file: &str, root: &Root) -> ArtifactLocation {
    if file.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{}", encoded(file)), uri_base_id: None };
    }
    ArtifactLocation { uri: encoded(&in_repository(&root.prefix, file)), uri_base_id: Some(BASE) }
}

/// Returns a file, as it is shown, seen from the root of the repository. `prefix` leads there.
#[must_use]
pub fn in_repository(prefix: &str, file: &str) -> String {
    if file.starts_with('/') {
        return file.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    let whole = format!("{prefix}{file}");
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A path as part of a URI.
fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn text(text: &str) -> Message {
    Message { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_root_of_the_repository() {
        let root = Root { prefix: "apps/one/".to_owned(), ..Root::default() };
        let uri = |file: &str| artifact(file, &root).uri;
        assert_eq!(uri("lib/a.ml"), "apps/one/lib/a.ml");
        assert_eq!(uri("../two/a b.ml"), "apps/two/a%20b.ml");
        assert_eq!(uri("../../../x.ml"), "../x.ml");
        assert_eq!(uri("/usr/lib/ocaml/list.ml"), "file:///usr/lib/ocaml/list.ml");
    }
}
