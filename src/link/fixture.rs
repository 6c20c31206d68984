//! Small projects and graphs from text, for tests of this stage and of those behind it.
//!
//! One line for each library (`lib base: A B*`, `*` forces), one for the own units (`own: Main`), then one for each definition with
//! what it refers to:
//!
//! ```text
//! Main.go = A.f, B.Sub.g      values, followed to their definitions
//! A.f! = include B            `!` runs when A is initialised; the whole of B is included
//! A.Sub.x- = C                `-` is hidden by the interface; C is used whole
//! F()                         a functor (in any path component); capital letters are modules
//! Main.h = W.v>B.f            the code reads W.v, and B.f provides it, through an include or a sealed alias
//! W.X = export B              an alias that the interface makes a field
//! D records B                 a unit without source, as its archive tells
//! ```

use crate::base::{DefId, FileId, Idx, LibraryId, Span, UnitId, name};
use crate::graph::{Def, DefKind, Edge, EdgeFlags, EdgeKind, Graph, Target};
use crate::parse::{ItemId, Shape};
use crate::project::{Library, LibraryOrigin, Program, Project, SourceFile, SourceKind, Unit, UnitSource};
use rustc_hash::FxHashMap;

/// Reads a fixture; every unit has a file `unit.ml`, every definition stands on a line of its own (100 bytes each).
pub(crate) fn fixture(text: &str) -> (Project, Graph) {
    let mut builder = Builder::default();
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines() {
        if let Some((library, units)) = line.strip_prefix("lib ").and_then(|line| line.split_once(':')) {
            builder.library(library, units, LibraryOrigin::Installed);
        } else if let Some(units) = line.strip_prefix("own:") {
            builder.library("main", units, LibraryOrigin::Program);
        }
    }
    let is_def =
        |line: &&str| !line.starts_with("lib ") && !line.starts_with("own:") && !line.contains(" records ");
    let mut defs: Vec<&str> = lines().filter(is_def).collect();
    // Definitions of one unit are adjacent; the sort is stable.
    defs.sort_by_key(|line| builder.unit_of(line));
    defs.iter().for_each(|line| builder.def(line));
    defs.iter().enumerate().for_each(|(i, line)| builder.edges(DefId::new(i), line));
    for (unit, used) in lines().filter_map(|line| line.split_once(" records ")) {
        let used: Vec<_> = used.split_whitespace().map(|used| (builder.units[used], None)).collect();
        builder.graph.units.links[builder.units[unit].idx()].extend(used);
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    project: Project,
    graph: Graph,
    units: FxHashMap<String, UnitId>,
    defs: FxHashMap<String, DefId>,
}

impl Builder {
    fn library(&mut self, title: &str, units: &str, origin: LibraryOrigin) {
        let library = LibraryId::new(self.project.libraries.len());
        let mut members = Vec::new();
        for unit in units.split_whitespace() {
            let (title, forced) = (unit.trim_end_matches('*'), unit.ends_with('*'));
            let id = UnitId::new(self.project.units.len());
            let file = FileId::new(self.project.files.len());
            let path = std::path::PathBuf::from(format!("{}.ml", title.to_lowercase()));
            self.project.files.push(SourceFile {
                path: path.clone(),
                shown: path,
                kind: SourceKind::Implementation,
                unit: id,
                generator: None,
            });
            let source = UnitSource::Files { implementation: Some(file), interface: None };
            self.project.units.push(Unit {
                no_alias_deps: true,
                forced,
                ..Unit::new(name(title), library, source)
            });
            self.units.insert(title.to_owned(), id);
            self.graph.units.links.push(Vec::new());
            members.push(id);
        }
        if origin == LibraryOrigin::Program {
            let libraries = (0..library.idx()).map(LibraryId::new).collect();
            self.project.programs.push(Program {
                name: title.to_owned(),
                own: library,
                own_units: members.clone(),
                libraries,
                linkall: false,
                linkall_place: None,
                context: None,
            });
        }
        self.project.libraries.push(Library {
            name: name(title),
            package: name(title),
            origin,
            dir: std::path::PathBuf::new(),
            requires: Vec::new(),
            re_exports: Vec::new(),
            implements: None,
            visible: Vec::new(),
            units: members,
            unit_by_name: FxHashMap::default(),
            archives: Vec::new(),
            is_wrapped: true,
            linkall: false,
            linkall_place: None,
            is_private: false,
            rewriters: Vec::new(),
            dune_lang: None,
            demands_interfaces: false,
            inlines_more: false,
            preprocessor: None,
        });
    }

    fn unit_of(&self, line: &str) -> UnitId {
        let end = line.find(['.', ' ', '=']).unwrap_or(line.len());
        *self.units.get(&line[..end]).unwrap_or_else(|| panic!("no unit for {line}"))
    }

    fn def(&mut self, line: &str) {
        let left = line.split('=').next().expect("a left side").trim();
        let full = left.trim_end_matches(['!', '-']);
        let (_, path) = full.split_once('.').expect("Unit.path");
        let plain = |path: &str| path.replace("()", "");
        let last = path.rsplit('.').next().expect("a last component");
        let parent = full.rsplit_once('.').map(|(parent, _)| plain(parent));
        let parent = parent.and_then(|parent| self.defs.get(&parent).copied());
        let enclosing = parent.map(|parent| (parent, self.graph.def(parent)));
        let in_functor = enclosing
            .and_then(|(id, def)| if def.kind == DefKind::Functor { Some(id) } else { def.in_functor });
        let kind = if last.ends_with("()") {
            DefKind::Functor
        } else if last.starts_with(char::is_uppercase) {
            DefKind::Module
        } else {
            DefKind::Value
        };
        let id = DefId::new(self.graph.defs.len());
        let unit = self.unit_of(line);
        let start = id.idx() * 100;
        self.graph.defs.push(Def {
            unit,
            path: name(&plain(path)),
            kind,
            nth: 1,
            file: FileId(unit.0),
            span: Span::new(start, start + 90),
            name_span: Span::new(start + 4, start + 5),
            item: ItemId(0),
            parent,
            in_functor,
            runs: left.contains('!'),
            shape: Shape::Function,
            exported: !left.contains('-'),
            sealed: false,
            alias_of: None,
            ghost: false,
            edges: 0..0,
        });
        self.defs.insert(plain(full), id);
    }

    fn edges(&mut self, from: DefId, line: &str) {
        let start = self.graph.edges.len() as u32;
        let targets = line.split_once('=').map_or("", |(_, targets)| targets);
        for target in targets.split(',').map(str::trim).filter(|target| !target.is_empty()) {
            let (include, target) =
                target.strip_prefix("include ").map_or((false, target), |rest| (true, rest));
            let (export, target) =
                target.strip_prefix("export ").map_or((false, target), |rest| (true, rest));
            let last =
                target.split('>').next().and_then(|read| read.rsplit('.').next()).expect("a last component");
            let is_module = include || last.starts_with(char::is_uppercase);
            let column = 10 + 5 * (self.graph.edges.len() as u32 - start);
            let at = self.graph.def(from).span.start + column;
            for (step, read) in target.split('>').enumerate() {
                let (unit, path) = read.split_once('.').unwrap_or((read, ""));
                let flags = EdgeFlags {
                    whole: is_module && !include,
                    include,
                    export,
                    through: step > 0,
                    ..EdgeFlags::default()
                };
                self.graph.edges.push(Edge {
                    from,
                    kind: if is_module { EdgeKind::Module } else { EdgeKind::Value },
                    target: Target { unit: self.units[unit], path: name(path) },
                    def: self.longest(read).into(),
                    span: Span { start: at, end: at + 4 },
                    flags: flags.into(),
                });
            }
        }
        let end = self.graph.edges.len() as u32;
        self.graph.defs[from.idx()].edges = start..end;
    }

    /// The definition of the longest prefix of a path.
    fn longest(&self, path: &str) -> Option<DefId> {
        let mut prefix = path;
        loop {
            if let Some(&def) = self.defs.get(prefix) {
                return Some(def);
            }
            prefix = prefix.rsplit_once('.')?.0;
        }
    }

    fn finish(mut self) -> (Project, Graph) {
        let n_units = self.project.units.len();
        let unit_of = |def: &Def| def.unit.idx();
        self.graph.defs_of_unit = (0..n_units)
            .map(|unit| {
                let first = self.graph.defs.partition_point(|def| unit_of(def) < unit) as u32;
                first..self.graph.defs.partition_point(|def| unit_of(def) <= unit) as u32
            })
            .collect();
        for (i, edge) in self.graph.edges.iter().enumerate() {
            let from = self.graph.def(edge.from).unit;
            let row = &mut self.graph.units.links[from.idx()];
            if !edge.flags.get().through
                && edge.target.unit != from
                && row.iter().all(|(used, _)| *used != edge.target.unit)
            {
                row.push((edge.target.unit, Some(i as u32)));
            }
        }
        self.graph.units.links.iter_mut().for_each(|row| row.sort_unstable());
        (self.project, self.graph)
    }
}
