//! Diagnostics: what a file does that keeps units in executables. Each rule can be turned off or made louder.

use super::amount::amount_in;
use super::convert::uri_of;
use super::program::is_forced;
use super::rules;
use super::settings::Rule;
use super::subject::{Subject, head};
use super::workspace::Workspace;
use crate::base::{DefId, Idx, Span, UnitId};
use crate::graph::DefKind;
use crate::link::{Hop, references, why_unit};
use crate::parse::ItemKind;
use crate::project::LibraryOrigin;
use crate::report::build::is_counted;
use crate::report::human::count;
use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, Location, NumberOrString, Position, Range,
};

/// A link is thin when it names at most this many definitions.
const THIN: usize = 3;
/// Related places of one diagnostic, at most.
const MAX_RELATED: usize = 8;

/// Something found, before it is written for the client.
struct Finding {
    rule: Rule,
    span: Span,
    message: String,
    /// The program in which it costs most, and the unit that the chain leads to.
    chain: Option<(usize, UnitId)>,
}

/// Returns the diagnostics of a file, in order of text.
pub(super) fn diagnostics(subject: &Subject<'_>, has_related: bool) -> Vec<Diagnostic> {
    if subject.programs.is_empty() {
        return Vec::new();
    }
    let finder = Finder { subject, workspace: subject.workspace };
    let mut findings = Vec::new();
    if subject.is_implementation {
        finder.thin_links(&mut findings);
        finder.forced(&mut findings);
        finder.alias_deps(&mut findings);
        finder.effects(&mut findings);
    }
    finder.sealed(&mut findings);
    findings.sort_by(|a, b| (a.span, a.rule.code(), &a.message).cmp(&(b.span, b.rule.code(), &b.message)));
    let write = |finding: Finding| {
        Some(Diagnostic {
            range: subject.text.range(finding.span),
            severity: Some(subject.settings.severity(finding.rule)?),
            code: Some(NumberOrString::String(finding.rule.code().to_owned())),
            code_description: rules::uri(finding.rule).map(|href| CodeDescription { href }),
            source: Some("unlith".to_owned()),
            related_information: finding
                .chain
                .filter(|_| has_related)
                .map(|(program, unit)| related(subject, program, unit))
                .filter(|related| !related.is_empty()),
            message: finding.message,
            ..Diagnostic::default()
        })
    };
    findings.into_iter().filter_map(write).collect()
}

struct Finder<'s, 'w> {
    subject: &'s Subject<'w>,
    workspace: &'w Workspace,
}

impl Finder<'_, '_> {
    /// What leaves the program that loses most; nothing below the bar.
    fn most(&self, freed: impl Fn(usize) -> Vec<UnitId>) -> Option<(usize, Vec<UnitId>)> {
        let all = self.subject.programs.iter().map(|&at| (at, freed(at)));
        let most = all.max_by_key(|(at, freed)| (self.workspace.bytes(freed), std::cmp::Reverse(*at)))?;
        (self.workspace.bytes(&most.1) >= self.subject.settings.diagnostic_bytes.max(1)).then_some(most)
    }

    fn size(&self, units: &[UnitId]) -> String {
        amount_in(self.workspace, units)
    }

    fn is_on(&self, rule: Rule) -> bool {
        self.subject.settings.severity(rule).is_some()
    }

    /// Units that are linked for few of their definitions.
    fn thin_links(&self, findings: &mut Vec<Finding>) {
        if !self.is_on(Rule::ThinLink) {
            return;
        }
        let graph = &self.workspace.analysis.graph;
        for &to in &self.workspace.links.rows[self.subject.unit.idx()] {
            if self.workspace.is_umbrella(to) {
                continue;
            }
            let Some((at, freed)) = self
                .most(|at| self.workspace.program(at).freed(&self.workspace.links, self.subject.unit, &[to]))
            else {
                continue;
            };
            let n_defs = graph.unit_defs(to).filter(|&def| is_counted(graph.def(def))).count();
            let edges = references(graph, self.subject.unit, to);
            let mut used: Vec<&str> = Vec::new();
            for &edge in &edges {
                let edge = &graph.edges[edge as usize];
                if edge.flags.get().whole || edge.target.path.is_empty() {
                    used.clear();
                    break;
                }
                used.push(edge.target.path.as_str());
            }
            used.sort_unstable();
            used.dedup();
            if used.is_empty() || used.len() > THIN || used.len() >= n_defs {
                continue;
            }
            // Where what is named needs the rest, little could be parted.
            let live = self.workspace.program(at).live(graph);
            let is_live = |&def: &DefId| live.contains(def) && is_counted(graph.def(def));
            if graph.unit_defs(to).filter(is_live).count() * 2 > n_defs {
                continue;
            }
            let message = format!(
                "{} is linked for {}, {} of its {}: {} would leave {} without {}",
                self.workspace.name(to),
                listed(&used),
                used.len(),
                count(n_defs, "definition"),
                self.size(&freed),
                self.subject.program_name(at),
                if used.len() == 1 { "it" } else { "them" },
            );
            let first = graph.edges[edges[0] as usize].span;
            findings.push(Finding {
                rule: Rule::ThinLink,
                span: first,
                message,
                chain: Some((at, self.subject.unit)),
            });
        }
    }

    /// The unit itself, where nobody asks for it.
    fn forced(&self, findings: &mut Vec<Finding>) {
        if !self.is_on(Rule::ForcedUnit) {
            return;
        }
        let freed = |at: usize| {
            let state = self.workspace.program(at);
            let is_forced = is_forced(state.linked(), self.subject.unit);
            if is_forced {
                state.freed_unforced(&self.workspace.links, self.subject.unit)
            } else {
                Vec::new()
            }
        };
        if let Some((at, freed)) = self.most(freed) {
            let library =
                self.workspace.project.library(self.workspace.project.unit(self.subject.unit).library);
            let place =
                library.linkall_place.as_ref().or(self.workspace.project.programs[at].linkall_place.as_ref());
            let by =
                place.map_or_else(String::new, |place| format!(" ({})", crate::report::place::show(place)));
            let message = format!(
                "{} is forced into {} by -linkall{by}; nothing refers to it: {}",
                self.workspace.name(self.subject.unit),
                self.subject.program_name(at),
                self.size(&freed),
            );
            let span = Span { start: 0, end: 0 };
            findings.push(Finding { rule: Rule::ForcedUnit, span, message, chain: None });
        }
    }

    /// Aliases that link what they stand for, used or not.
    fn alias_deps(&self, findings: &mut Vec<Finding>) {
        let is_alias_table = !self.workspace.project.unit(self.subject.unit).no_alias_deps;
        if !self.is_on(Rule::AliasDeps) || !is_alias_table {
            return;
        }
        let graph = &self.workspace.analysis.graph;
        for id in graph.unit_defs(self.subject.unit) {
            let def = graph.def(id);
            if def.kind != DefKind::Alias {
                continue;
            }
            let required = graph.edges_of(id).iter().filter(|edge| edge.flags.get().alias_required);
            let to: Vec<UnitId> = required
                .map(|edge| edge.target.unit)
                .filter(|&to| {
                    let all = references(graph, self.subject.unit, to);
                    all.iter().all(|&edge| graph.edges[edge as usize].flags.get().alias_required)
                })
                .collect();
            let freed =
                |at: usize| self.workspace.program(at).freed(&self.workspace.links, self.subject.unit, &to);
            if let Some((at, freed)) = self.most(freed).filter(|_| !to.is_empty()) {
                let message = format!(
                    "this alias links {}, used or not, since the file is compiled without -no-alias-deps: {} would leave {} without it",
                    self.workspace.name(to[0]),
                    self.size(&freed),
                    self.subject.program_name(at),
                );
                findings.push(Finding {
                    rule: Rule::AliasDeps,
                    span: def.span,
                    message,
                    chain: Some((at, self.subject.unit)),
                });
            }
        }
    }

    /// Code of a library that runs when its unit is linked, and keeps units by what it names.
    fn effects(&self, findings: &mut Vec<Finding>) {
        let library = self.workspace.project.unit(self.subject.unit).library;
        if !self.is_on(Rule::EffectKeepsUnit)
            || self.workspace.project.library(library).origin == LibraryOrigin::Program
        {
            return;
        }
        let graph = &self.workspace.analysis.graph;
        for id in graph.unit_defs(self.subject.unit) {
            let def = graph.def(id);
            if def.kind != DefKind::Effect || !def.runs {
                continue;
            }
            let mut only: Vec<UnitId> = graph
                .edges_of(id)
                .iter()
                .filter(|edge| edge.kind.links() && edge.target.unit != self.subject.unit)
                .map(|edge| edge.target.unit)
                .filter(|&to| {
                    references(graph, self.subject.unit, to)
                        .iter()
                        .all(|&edge| graph.edges[edge as usize].from == id)
                })
                .collect();
            only.sort_unstable();
            only.dedup();
            let freed =
                |at: usize| self.workspace.program(at).freed(&self.workspace.links, self.subject.unit, &only);
            if let Some((at, freed)) = self.most(freed).filter(|_| !only.is_empty()) {
                let message = format!(
                    "this runs whenever {} is linked, and is all that keeps {}: {} would leave {} without it",
                    self.workspace.name(self.subject.unit),
                    self.workspace.name(only[0]),
                    self.size(&freed),
                    self.subject.program_name(at),
                );
                findings.push(Finding {
                    rule: Rule::EffectKeepsUnit,
                    span: head(def.span),
                    message,
                    chain: Some((at, self.subject.unit)),
                });
            }
        }
    }

    /// Parts of a facade that its interface seals, and that nothing live reaches.
    fn sealed(&self, findings: &mut Vec<Finding>) {
        let source = self.workspace.project.unit(self.subject.unit);
        let here = source.interface().or(source.implementation());
        if !self.is_on(Rule::SealedFacade) || here != Some(self.subject.file) {
            return;
        }
        let graph = &self.workspace.analysis.graph;
        for def in graph.unit_defs(self.subject.unit).map(|def| graph.def(def)) {
            let target = def.alias_of.filter(|target| target.unit != self.subject.unit);
            let (DefKind::Alias, true, Some(target)) = (def.kind, def.sealed, target) else { continue };
            let freed = |at: usize| {
                let state = self.workspace.program(at);
                if state.live(graph).touched.contains(target.unit) {
                    return Vec::new();
                }
                state.freed(&self.workspace.links, self.subject.unit, &[target.unit])
            };
            if let Some((at, freed)) = self.most(freed) {
                let message = format!(
                    "{} is sealed here: its signature is spelled out, so {} links it though nothing reaches it: {}",
                    def.path,
                    self.subject.program_name(at),
                    self.size(&freed),
                );
                let span = self.module_named(def.path.as_str()).unwrap_or(Span { start: 0, end: 0 });
                findings.push(Finding {
                    rule: Rule::SealedFacade,
                    span,
                    message,
                    chain: Some((at, self.subject.unit)),
                });
            }
        }
    }

    /// The name of a top-level module of this file.
    fn module_named(&self, path: &str) -> Option<Span> {
        let facts = self.workspace.facts(self.subject.file)?;
        facts.structure(facts.root).items.iter().find_map(|&item| match facts.item(item).kind {
            ItemKind::ModuleSpec { names, .. } | ItemKind::Module { names, .. } => {
                let at = names.range().find(|&at| facts.names[at].as_str() == path)?;
                facts.name_span(at)
            }
            _ => None,
        })
    }
}

/// `a`, `b` and `c`.
fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The places along the chain from a program's own modules to a unit.
fn related(subject: &Subject<'_>, program: usize, unit: UnitId) -> Vec<DiagnosticRelatedInformation> {
    let workspace = subject.workspace;
    let graph = &workspace.analysis.graph;
    let Some(chain) = why_unit(graph, workspace.program(program).linked(), &workspace.links, unit) else {
        return Vec::new();
    };
    let name = subject.program_name(program);
    let place = |hop: &Hop| {
        let (file, span, message) = match *hop {
            Hop::Unit(unit, _) => {
                let file = workspace.project.unit(unit).implementation()?;
                (file, Span { start: 0, end: 0 }, format!("{name} has {}", workspace.name(unit)))
            }
            Hop::Links(unit, Some(edge)) => {
                let edge = &graph.edges[edge as usize];
                let file = graph.def(edge.from).file;
                (file, edge.span, format!("this links {}", workspace.name(unit)))
            }
            _ => return None,
        };
        let path = &workspace.project.file(file).path;
        let range = match subject.texts.text(path) {
            Some(text) => text.range(span),
            None => Range { start: Position::default(), end: Position::default() },
        };
        Some(DiagnosticRelatedInformation { location: Location { uri: uri_of(path)?, range }, message })
    };
    chain.hops.iter().filter_map(place).take(MAX_RELATED).collect()
}
