//! Projects from text, through the real pipeline, for tests of this stage.
//!
//! Files follow headers such as `(*- lib/a.ml *)`: the directory is the library, or the program for `main/`; the last file of
//! `main` is its main module. A header may say `forced`, `linkall` (its library is archived so), or `-open Unit`. Units are
//! named by their files. Every definition but types costs 100 bytes and 10 for each byte of its text, every unit 500.

use super::{Options, Prices, ProgramParts, Proposals, Shared, Tree, propose, propose_shared};
use crate::base::{FileId, Idx, LibraryId, UnitId, name};
use crate::graph::{Analysis, Archives, DefKind, Wanted, analyse};
use crate::link::{LinkInput, LinkTable, LinkedSet, Live, Waste, Weights, link, live, waste};
use crate::project::{Library, LibraryOrigin, Program, Project, SourceFile, SourceKind, Unit, UnitSource};
use crate::resolve::Texts;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// What the sources need of the standard library.
const STDLIB: &str = "external ( + ) : int -> int -> int = \"%addint\"
external ( > ) : 'a -> 'a -> bool = \"%greaterthan\"
external ref : 'a -> 'a ref = \"%makemutable\"
external ( := ) : 'a ref -> 'a -> unit = \"%setfield0\"
external ( ! ) : 'a ref -> 'a = \"%field0\"
external ignore : 'a -> unit = \"%ignore\"
external raise : exn -> 'a = \"%raise\"
external sys_out : string -> unit = \"caml_test_output\"
exception Not_found
let print_string s = sys_out s
let max a b = if a > b then a else b
";

struct Memory(FxHashMap<PathBuf, String>);

impl Texts for Memory {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let text = self.0.get(path).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
        Ok(text.clone().into_bytes())
    }
}

/// A project with what the stages before say of it.
pub(crate) struct Fixture {
    pub(crate) project: Project,
    pub(crate) analysis: Analysis,
    pub(crate) prices: Prices<'static>,
    programs: Vec<(LinkInput, LinkedSet, Live, Waste)>,
}

impl Fixture {
    pub(crate) fn new(text: &str) -> Self {
        let (mut project, texts) = project(text);
        let analysis = analyse(&mut project, &Memory(texts), &Wanted::Programs, Archives::Ignored);
        let graph = &analysis.graph;
        let own_bytes = |def: &crate::graph::Def| match def.kind {
            DefKind::Type | DefKind::ModuleType => 0,
            DefKind::Module => 50,
            _ => 100 + 10 * u64::from(def.span.len()),
        };
        let def: Vec<u64> = graph.defs.iter().map(own_bytes).collect();
        let of_unit = |unit: usize| graph.unit_defs(UnitId::new(unit)).map(|d| def[d.idx()]).sum::<u64>();
        let n_units = project.units.len();
        let weights = Weights {
            unit: (0..n_units).map(|unit| 500 + of_unit(unit)).collect(),
            fixed: vec![500; n_units],
            def,
            runtime: 1000,
        };
        let prices = Prices { weights: Cow::Owned(weights), ..Prices::default() };
        let table = LinkTable::of_graph(graph);
        let linked = |program: &Program| {
            let input = LinkInput::of_program(&project, program);
            let linked = link(&input, &table);
            let live = live(graph, &input, &linked);
            let waste = waste(graph, &input, &table, &linked, &live, &prices.weights);
            (input, linked, live, waste)
        };
        let programs = project.programs.iter().map(linked).collect();
        Fixture { project, analysis, prices, programs }
    }

    pub(crate) fn tree(&self) -> Tree<'_> {
        Tree {
            project: &self.project,
            graph: &self.analysis.graph,
            facts: &self.analysis.facts,
            prices: &self.prices,
        }
    }

    pub(crate) fn unit(&self, unit: &str) -> UnitId {
        let found = self.project.units.iter().position(|found| found.name.as_str() == unit);
        UnitId::new(found.unwrap_or_else(|| panic!("no unit {unit}")))
    }

    /// Proposes, without a threshold that small sources would not reach.
    pub(crate) fn propose(&self) -> Vec<Proposals> {
        propose(self.tree(), &self.parts(), &self.options())
    }

    /// Proposes for a library over all programs.
    pub(crate) fn propose_shared(&self, library: &str) -> Shared {
        let at = self.project.libraries.iter().position(|found| found.name.as_str() == library);
        let target = LibraryId::new(at.expect("a library of that name"));
        propose_shared(self.tree(), &self.parts(), &[target], &self.options())
    }

    fn options(&self) -> Options {
        Options { min_saving: 200, ..Options::usual() }
    }

    pub(crate) fn parts(&self) -> Vec<ProgramParts<'_>> {
        self.project
            .programs
            .iter()
            .zip(&self.programs)
            .map(|(program, (input, linked, live, waste))| ProgramParts {
                program,
                input,
                linked,
                live: Some(live),
                waste: Some(waste),
            })
            .collect()
    }

    /// What is proposed for the first program: one line each with its units, then its risks.
    pub(crate) fn shown(&self) -> Vec<String> {
        let names = |units: &[UnitId]| -> String {
            let names: Vec<&str> = units.iter().map(|&unit| self.project.unit(unit).name.as_str()).collect();
            names.join(" ")
        };
        let mut lines = Vec::new();
        for proposal in &self.propose()[0].proposals {
            let dropped = names(&proposal.units_dropped);
            let added = proposal.units_added.join(" ");
            lines.push(format!("{} -{dropped} +{added} {:?}", proposal.id, proposal.status));
            for risk in &proposal.risks {
                lines.push(format!("  {}", risk.code));
            }
        }
        lines.dedup();
        lines
    }
}

fn project(text: &str) -> (Project, FxHashMap<PathBuf, String>) {
    let mut project = Project::default();
    let mut texts = FxHashMap::default();
    let mut libraries: Vec<String> = vec!["stdlib".to_owned()];
    let mut linkall = Vec::new();
    let mut add = |project: &mut Project, library: usize, file: &str, flags: &[&str], text: &str| {
        let (stem, extension) = file.rsplit_once('.').expect("a file has an extension");
        let mut title = stem.to_owned();
        title[..1].make_ascii_uppercase();
        let known = project
            .units
            .iter()
            .position(|unit| unit.name.as_str() == title && unit.library.idx() == library);
        let unit = UnitId::new(known.unwrap_or(project.units.len()));
        if known.is_none() {
            let source = UnitSource::Files { implementation: None, interface: None };
            project.units.push(Unit {
                no_alias_deps: true,
                opens_stdlib: library != 0,
                forced: flags.contains(&"forced"),
                ..Unit::new(name(&title), LibraryId::new(library), source)
            });
        }
        let id = FileId::new(project.files.len());
        let path = PathBuf::from(format!("{library}/{file}"));
        texts.insert(path.clone(), text.to_owned());
        let kind = if extension == "mli" { SourceKind::Interface } else { SourceKind::Implementation };
        project.files.push(SourceFile {
            path: path.clone(),
            shown: PathBuf::from(file),
            kind,
            unit,
            generator: None,
        });
        if let UnitSource::Files { implementation, interface } = &mut project.units[unit.idx()].source {
            *(if extension == "mli" { interface } else { implementation }) = Some(id);
        }
        if let Some(at) = flags.iter().position(|&flag| flag == "-open") {
            project.units[unit.idx()].opens.push(name(flags[at + 1]));
        }
    };
    add(&mut project, 0, "stdlib.ml", &[], STDLIB);
    for (unit, text) in [
        ("camlinternalFormatBasics.ml", "let x = 1"),
        ("std_exit.ml", "let () = ()"),
        ("stdlib__Random.ml", "let self_init () = ()"),
    ] {
        add(&mut project, 0, unit, &[], text);
    }
    for part in text.split("(*- ").skip(1) {
        let (header, text) = part.split_once("*)").expect("a header ends");
        let mut words = header.split_whitespace();
        let (dir, file) = words.next().and_then(|path| path.split_once('/')).expect("DIR/FILE");
        let library = libraries.iter().position(|library| library == dir).unwrap_or_else(|| {
            libraries.push(dir.to_owned());
            libraries.len() - 1
        });
        let flags: Vec<&str> = words.collect();
        if flags.contains(&"linkall") {
            linkall.push(library);
        }
        add(&mut project, library, file, &flags, text);
    }
    for (i, library) in libraries.iter().enumerate() {
        let of_library = |unit: &UnitId| project.unit(*unit).library.idx() == i;
        let units: Vec<UnitId> = (0..project.units.len()).map(UnitId::new).filter(of_library).collect();
        let is_program = library.starts_with("main");
        let origin = match i {
            0 => LibraryOrigin::Stdlib,
            _ if is_program => LibraryOrigin::Program,
            _ => LibraryOrigin::Workspace,
        };
        let visible =
            std::iter::once(i).chain((1..libraries.len()).filter(|&j| j != i)).chain(std::iter::once(0));
        project.libraries.push(Library {
            name: name(library),
            package: name(library),
            origin,
            dir: PathBuf::new(),
            requires: Vec::new(),
            re_exports: Vec::new(),
            implements: None,
            visible: visible.map(LibraryId::new).collect(),
            unit_by_name: units.iter().map(|&unit| (project.unit(unit).name, unit)).collect(),
            units: units.clone(),
            archives: Vec::new(),
            is_wrapped: true,
            linkall: linkall.contains(&i),
            linkall_place: None,
            is_private: false,
            rewriters: Vec::new(),
            dune_lang: None,
            demands_interfaces: false,
            inlines_more: false,
            preprocessor: None,
        });
        if is_program {
            let is_library = |other: &usize| !libraries[*other].starts_with("main");
            project.programs.push(Program {
                name: library.clone(),
                own: LibraryId::new(i),
                own_units: units,
                libraries: (0..libraries.len()).filter(is_library).map(LibraryId::new).collect(),
                linkall: false,
                linkall_place: None,
                context: None,
            });
        }
    }
    (project, texts)
}
