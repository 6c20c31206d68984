//! Units, definitions and references as JSON lines, one document for each unit.
//!
//! The format is meant for comparison with what the compiler says, unit by unit. Strings hold one code point for each byte of the
//! OCaml text (Latin-1), lines count from 1 and columns from 0, positions follow line directives.

use super::place::Places;
use crate::base::{DefId, FileId, Idx, LineCol, Name, UnitId};
use crate::graph::{Def, DefKind, Edge, EdgeKind, Graph, TypePart, Unresolved};
use crate::parse::Shape;
use crate::project::UnitSource;
use serde::Serialize;

/// How much is told of each unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// The units that it links.
    Unit,
    /// Its definitions and references too.
    Definition,
}

/// One unit.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct UnitDoc {
    unit: String,
    library: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    no_alias_deps: bool,
    has_interface: bool,
    #[serde(skip_serializing_if = "is_false")]
    force_link: bool,
    #[serde(skip_serializing_if = "is_false")]
    generated: bool,
    #[serde(skip_serializing_if = "is_false")]
    opaque: bool,
    links: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    defs: Option<Vec<DefDoc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<Vec<EffectDoc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refs: Option<Vec<RefDoc>>,
    /// Names that mean nothing known: what they stand for is missing from `links` and `refs`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unresolved: Vec<UnresolvedDoc>,
    /// Parts of its implementation that do not parse.
    #[serde(skip_serializing_if = "is_zero")]
    syntax_errors: usize,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct UnresolvedDoc {
    path: String,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    col: Option<u32>,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct DefDoc {
    path: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "is_first")]
    nth: u32,
    #[serde(flatten)]
    range: Option<RangeDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_col: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    exported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias_of: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    sealed: bool,
    #[serde(skip_serializing_if = "is_false")]
    in_functor: bool,
    #[serde(skip_serializing_if = "is_false")]
    ghost: bool,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct RangeDoc {
    start: u32,
    end: u32,
    start_col: u32,
    end_col: u32,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct EffectDoc {
    start: u32,
    end: u32,
    #[serde(rename = "in", skip_serializing_if = "String::is_empty")]
    inside: String,
}

#[derive(Clone, PartialEq, Debug, Serialize)]
struct RefDoc {
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_ns: Option<&'static str>,
    #[serde(skip_serializing_if = "is_first")]
    from_nth: u32,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    inside: Option<String>,
    unit: String,
    path: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    col: Option<u32>,
    #[serde(skip_serializing_if = "is_false")]
    whole: bool,
    #[serde(skip_serializing_if = "is_false")]
    implicit: bool,
    #[serde(skip_serializing_if = "is_false")]
    ambiguous: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canon_unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canon_path: Option<String>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_first(nth: &u32) -> bool {
    *nth <= 1
}

/// Returns the document of one unit.
#[must_use]
pub fn unit_doc(places: Places<'_>, graph: &Graph, unit: UnitId, level: Level) -> UnitDoc {
    Writer { places, graph }.unit(unit, level)
}

struct Writer<'a> {
    places: Places<'a>,
    graph: &'a Graph,
}

impl Writer<'_> {
    fn unit(&self, id: UnitId, level: Level) -> UnitDoc {
        let project = self.places.project;
        let unit = project.unit(id);
        let links = self.graph.units.links.get(id.0 as usize).map_or(&[][..], Vec::as_slice);
        let mut links: Vec<String> =
            links.iter().map(|&(used, _)| latin1(&project.unit(used).name)).collect();
        links.sort_unstable();
        let file = unit.implementation().or(unit.interface());
        let wants_defs = level == Level::Definition;
        let defs = || self.graph.unit_defs(id);
        let is_effect = |def: &DefId| self.graph.def(*def).kind == DefKind::Effect;
        UnitDoc {
            unit: latin1(&unit.name),
            library: latin1(&project.library(unit.library).name),
            source: file.map(|file| latin1(&project.file(file).shown.to_string_lossy())),
            file: file.map(|file| latin1(&project.file(file).path.to_string_lossy())),
            no_alias_deps: unit.no_alias_deps,
            has_interface: unit.interface().is_some(),
            force_link: unit.forced,
            generated: matches!(unit.source, UnitSource::Generated(_)),
            opaque: matches!(unit.source, UnitSource::Opaque { .. }),
            links,
            defs: wants_defs.then(|| defs().filter(|def| !is_effect(def)).map(|def| self.def(def)).collect()),
            effects: wants_defs
                .then(|| defs().filter(is_effect).filter_map(|def| self.effect(def)).collect()),
            refs: wants_defs.then(|| defs().flat_map(|def| self.refs(def)).collect()),
            syntax_errors: unit
                .implementation()
                .and_then(|file| self.places.facts.get(file.idx())?.as_ref())
                .map_or(0, |facts| facts.errors.len() + facts.unread.len()),
            unresolved: self.graph.unresolved_of(id).iter().map(|name| self.unresolved(name)).collect(),
        }
    }

    fn position(&self, file: FileId, offset: u32) -> Option<(Option<Name>, LineCol)> {
        self.places.source_line_col(file, offset)
    }

    fn def(&self, id: DefId) -> DefDoc {
        let def = self.graph.def(id);
        let start = self.position(def.file, def.span.start);
        let end = self.position(def.file, def.span.end);
        let range = start.zip(end).map(|((_, start), (_, end))| RangeDoc {
            start: start.line,
            end: end.line,
            start_col: start.col,
            end_col: end.col,
        });
        let name_at = self
            .position(def.file, def.name_span.start)
            .map(|(_, at)| at)
            .filter(|_| !def.name_span.is_empty());
        DefDoc {
            path: latin1(&def.path),
            kind: kind_word(def.kind),
            nth: def.nth,
            range,
            name_line: name_at.map(|at| at.line),
            name_col: name_at.map(|at| at.col),
            file: start.and_then(|(file, _)| file).map(|file| latin1(&file)),
            exported: def.exported,
            shape: (def.kind == DefKind::Value).then(|| shape_word(def.shape)),
            alias_of: def.alias_of.map(|target| {
                let unit = latin1(&self.places.project.unit(target.unit).name);
                if target.path.is_empty() { unit } else { format!("{unit}.{}", latin1(&target.path)) }
            }),
            sealed: def.sealed,
            in_functor: def.in_functor.is_some(),
            ghost: def.ghost,
        }
    }

    fn unresolved(&self, name: &Unresolved) -> UnresolvedDoc {
        let at = self.position(name.file, name.span.start).map(|(_, at)| at);
        UnresolvedDoc {
            path: latin1(&name.path),
            reason: name.reason,
            line: at.map(|at| at.line),
            col: at.map(|at| at.col),
        }
    }

    fn effect(&self, id: DefId) -> Option<EffectDoc> {
        let def = self.graph.def(id);
        let (_, start) = self.position(def.file, def.span.start)?;
        let (_, end) = self.position(def.file, def.span.end)?;
        Some(EffectDoc { start: start.line, end: end.line, inside: latin1(&def.path) })
    }

    /// The references of a definition. Edges that name a module without reading it have no kind in this format.
    fn refs(&self, id: DefId) -> impl Iterator<Item = RefDoc> {
        let def = self.graph.def(id);
        let (from, ns, inside) = self.owner(def);
        let (from, inside) = (latin1(&from), inside.map(|inside| latin1(&inside)));
        let edges = self.graph.edges_of(id).iter();
        // What a signature asks of a module, and what stands behind an include or a sealed alias, follows from the other
        // references; the sets of units are in `links`.
        let is_written = |edge: &&Edge| {
            let flags = edge.flags;
            !flags.get().through && !flags.get().coercion && !flags.get().alias_required
        };
        edges.filter(is_written).filter_map(move |edge| {
            let kind = edge_word(edge.kind)?;
            let at = self.position(def.file, edge.span.start).map(|(_, at)| at);
            let canon = self.canon(edge);
            Some(RefDoc {
                from: from.clone(),
                from_ns: ns,
                from_nth: def.nth,
                inside: inside.clone(),
                unit: latin1(&self.places.project.unit(edge.target.unit).name),
                path: latin1(&edge.target.path),
                kind,
                line: at.map(|at| at.line),
                col: at.map(|at| at.col),
                whole: edge.flags.get().whole,
                implicit: edge.flags.get().implicit,
                ambiguous: edge.flags.get().ambiguous,
                via: via_word(edge),
                canon_unit: canon.map(|(unit, _)| latin1(&unit)),
                canon_path: canon.map(|(_, path)| latin1(&path)),
            })
        })
    }

    /// The owner of a definition's references: its path and name space. Code without a name belongs to no name, or to the functor
    /// around it.
    fn owner(&self, def: &Def) -> (Name, Option<&'static str>, Option<Name>) {
        if def.kind != DefKind::Effect {
            return (def.path, name_space(def.kind), None);
        }
        match def.in_functor {
            Some(functor) => (self.graph.def(functor).path, name_space(DefKind::Functor), None),
            None => (crate::base::name(""), None, (!def.path.is_empty()).then_some(def.path)),
        }
    }

    /// The definition that provides what an edge reads, where that is another one than the code addresses.
    fn canon(&self, edge: &Edge) -> Option<(Name, Name)> {
        let def = self.graph.def(edge.def.get()?);
        let is_other = def.unit != edge.target.unit;
        is_other.then(|| (self.places.project.unit(def.unit).name, def.path))
    }
}

/// One code point for each byte.
fn latin1(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

fn kind_word(kind: DefKind) -> &'static str {
    match kind {
        DefKind::Value => "value",
        DefKind::External => "external",
        DefKind::Module => "module",
        DefKind::Functor => "functor",
        DefKind::Alias => "alias",
        DefKind::Class => "class",
        DefKind::Exception => "exception",
        DefKind::Extension => "extension",
        DefKind::ModuleType => "moduletype",
        DefKind::Type => "type",
        DefKind::Effect => "effect",
    }
}

fn shape_word(shape: Shape) -> &'static str {
    match shape {
        Shape::Function => "function",
        Shape::Constant => "constant",
        Shape::Ident => "ident",
        Shape::Lazy => "lazy",
        Shape::Expr => "expr",
    }
}

/// The name space of a definition that is not a value.
fn name_space(kind: DefKind) -> Option<&'static str> {
    match kind {
        DefKind::Value | DefKind::External | DefKind::Effect => None,
        DefKind::Module | DefKind::Functor | DefKind::Alias => Some("module"),
        DefKind::Class => Some("class"),
        DefKind::Exception | DefKind::Extension => Some("ctor"),
        DefKind::ModuleType => Some("moduletype"),
        DefKind::Type => Some("type"),
    }
}

fn edge_word(kind: EdgeKind) -> Option<&'static str> {
    Some(match kind {
        EdgeKind::Value => "value",
        EdgeKind::CExternal => "cexternal",
        EdgeKind::Primitive => "primitive",
        EdgeKind::Module => "module",
        EdgeKind::Exception => "exception",
        EdgeKind::Extension => "extension",
        EdgeKind::Class => "class",
        EdgeKind::Type => "type",
        EdgeKind::ModuleType => "moduletype",
        EdgeKind::Name => return None,
    })
}

fn via_word(edge: &Edge) -> Option<&'static str> {
    let flags = edge.flags;
    match () {
        () if flags.get().include => Some("include"),
        () if flags.get().export => Some("export"),
        () if flags.get().alias_required => Some("alias-required"),
        () => flags.get().part.map(|part| match part {
            TypePart::Constructor => "constructor",
            TypePart::Field => "field",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::fixture::fixture;
    use crate::parse::{FileFacts, PackedCounts, StructureId};
    use crate::project::SourceKind;
    use std::sync::Arc;

    /// Facts that know lines and directives alone.
    fn lines(text: &str, line_directives: Vec<(u32, Name, u32)>) -> Option<Arc<FileFacts>> {
        Some(Arc::new(FileFacts {
            kind: SourceKind::Implementation,
            root: StructureId(0),
            structures: Vec::new(),
            items: Vec::new(),
            counts: PackedCounts::default(),
            module_exprs: Vec::new(),
            module_types: Vec::new(),
            constraints: Vec::new(),
            scopes: Vec::new(),
            refs: Vec::new(),
            names: Vec::new(),
            name_spans: Vec::new(),
            rewrites: Vec::new(),
            type_marks: Vec::new(),
            packs: Vec::new(),
            line_directives,
            lines: crate::base::LineIndex::new(text.as_bytes()),
            errors: Vec::new(),
            unread: Vec::new(),
            n_bytes: text.len() as u32,
            not_utf8: None,
        }))
    }

    #[test]
    fn definitions_references_and_links_of_a_unit() {
        let (project, graph) = fixture(
            "lib a: A
             own: Main
             Main.go = A.f, include A
             Main.(^)- = A
             A.f",
        );
        // Definitions of fixtures stand 100 bytes apart; here every line has 99.
        let text = format!("{}\n", "x".repeat(99)).repeat(3);
        let facts = vec![None, lines(&text, vec![(200, crate::base::name("main.mll"), 40)])];
        let places = Places { project: &project, facts: &facts };
        let doc = unit_doc(places, &graph, UnitId(1), Level::Definition);
        let json = serde_json::to_value(&doc).expect("plain data");
        assert_eq!(json["links"], serde_json::json!(["A"]));
        assert_eq!(
            json["defs"][0],
            serde_json::json!({"path": "go", "kind": "value", "start": 2, "end": 2, "start_col": 0, "end_col": 90,
                "name_line": 2, "name_col": 4, "exported": true, "shape": "function"})
        );
        assert_eq!(
            json["refs"][0],
            serde_json::json!({"from": "go", "unit": "A", "path": "f", "kind": "value", "line": 2, "col": 10})
        );
        assert_eq!(json["refs"][1]["via"], "include");
        let second = &json["defs"][1];
        assert_eq!(
            (&second["start"], &second["file"], &second["exported"]),
            (&40.into(), &"main.mll".into(), &false.into())
        );
        let bare =
            serde_json::to_value(unit_doc(places, &graph, UnitId(1), Level::Unit)).expect("plain data");
        assert!(bare.get("defs").is_none() && bare.get("refs").is_none());
    }

    #[test]
    fn strings_are_bytes() {
        assert_eq!(latin1("é'"), "\u{c3}\u{a9}'");
    }
}
