//! After any edits, an update gives the graph of a fresh analysis of the same texts.

use super::{Analysis, Archives, Graph, analyse_kept};
use crate::base::{FileId, Idx, UnitId};
use crate::parse::{FileFacts, parse_file};
use crate::project::{LoadOptions, Project, SourceKind, load_workspace, read_source};
use crate::resolve::Texts;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What texts say, by text.
type Parsed = FxHashMap<(Vec<u8>, SourceKind), Arc<FileFacts>>;

/// Files on disk, and changed texts on top. A text is parsed once: what is tested comes after that.
#[derive(Default)]
struct Buffers {
    changed: FxHashMap<PathBuf, String>,
    parsed: Mutex<Parsed>,
}

impl Texts for Buffers {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.changed.get(path).map_or_else(|| read_source(path), |text| Ok(text.clone().into_bytes()))
    }

    fn facts(&self, text: &[u8], kind: SourceKind) -> Arc<FileFacts> {
        let key = (text.to_vec(), kind);
        let known = self.parsed.lock().expect("no test panics with the lock held").get(&key).cloned();
        known.unwrap_or_else(|| {
            let facts = Arc::new(parse_file(text, kind));
            self.parsed.lock().expect("no test panics with the lock held").insert(key, facts.clone());
            facts
        })
    }
}

/// One unit of the graph with names in place of ids; definitions of units that no program reaches do not count.
fn show(project: &Project, analysis: &Analysis, reached: &[UnitId], unit: UnitId) -> String {
    let graph: &Graph = &analysis.graph;
    let def_name = |def: crate::base::DefId| {
        let def = graph.def(def);
        (project.unit(def.unit).name, def.path, def.kind, def.nth, def.span)
    };
    let mut out = format!("{:?}\n", project.unit(unit).name);
    for id in graph.unit_defs(unit) {
        let def = graph.def(id);
        out.push_str(&format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
            def_name(id),
            def.parent.map(def_name),
            def.in_functor.map(def_name),
            (def.runs, def.shape, def.exported, def.sealed, def.ghost),
            def.alias_of,
            def.item,
            def.name_span,
        ));
        for edge in graph.edges_of(id) {
            assert_eq!(edge.from, id, "an edge belongs to its definition");
            let is_reached = |def: &crate::base::DefId| reached.binary_search(&graph.def(*def).unit).is_ok();
            let to = edge.def.get().filter(is_reached).map(def_name);
            out.push_str(&format!(
                "  {:?} {:?} {to:?} {:?} {:?}\n",
                edge.kind, edge.target, edge.span, edge.flags
            ));
        }
    }
    let place = |edge: u32| (def_name(graph.edges[edge as usize].from), graph.edges[edge as usize].span);
    for &(to, edge) in &graph.units.links[unit.idx()] {
        out.push_str(&format!("  links {:?} {:?}\n", project.unit(to).name, edge.map(place)));
    }
    out.push_str(&format!("{:?}\n", graph.unresolved_of(unit)));
    out
}

/// The units that the programs reach by links.
fn reached(project: &Project, graph: &Graph) -> Vec<UnitId> {
    let mut found = crate::base::IdSet::<UnitId>::default();
    let mut todo: Vec<UnitId> =
        project.programs.iter().flat_map(|program| program.own_units.clone()).collect();
    todo.iter().for_each(|&unit| _ = found.insert(unit));
    while let Some(unit) = todo.pop() {
        for &(to, _) in &graph.units.links[unit.idx()] {
            if found.insert(to) {
                todo.push(to);
            }
        }
    }
    found.iter().collect()
}

/// What is edited.
pub(super) const PROJECTS: [&str; 3] = [
    "corpus/weather_station",
    "corpus/virtual_library_implemented_twice",
    "corpus/cases/unpacked_from_a_function",
];

/// Numbers that look like chance.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// An edit as people make them: a line goes, is doubled, moves, or one of some new ones comes.
pub(super) fn edit(text: &str, dice: &mut Dice) -> String {
    const NEW: [&str; 13] = [
        "open Metkit",
        "module Added = Numerix",
        "module type ADDED = sig val inner : int end",
        "open struct let hidden = List.length end",
        "let added_value x = List.length x",
        "let added_value = Printf.sprintf \"%d\" 3",
        "open Printf",
        "module Added = struct let inner = String.length \"x\" end",
        "module Alias = List",
        "type t = Added_a | Added_b of int",
        "let () = print_endline \"more\"",
        "let broken = (",
        "include struct let included = Filename.basename \"a/b\" end",
    ];
    let mut lines: Vec<&str> = text.lines().collect();
    let at = dice.below(lines.len() + 1);
    match dice.below(6) {
        0 if at < lines.len() => _ = lines.remove(at),
        1 if at < lines.len() => lines.insert(at, lines[at]),
        2 if at < lines.len() => {
            let line = lines.remove(at);
            let to = dice.below(lines.len() + 1);
            lines.insert(to, line);
        }
        _ => lines.insert(at, NEW[dice.below(NEW.len())]),
    }
    lines.join("\n") + "\n"
}

#[test]
fn updates_after_random_edits_give_what_a_fresh_analysis_gives() {
    let n_partial: usize = PROJECTS.map(after_random_edits).iter().sum();
    assert!(n_partial > 45, "most edits are of no interest to others: {n_partial}");
}

/// Returns how many edits were of no interest to others.
fn after_random_edits(project: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(project);
    let options = LoadOptions::of_process();
    let project_read = load_workspace(&root, &options).expect("the example is a workspace");
    let mut texts = Buffers::default();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut n_partial = 0;
    for _ in 0..2 {
        texts.changed.clear();
        let mut project = project_read.clone();
        let (mut analysis, mut kept) = analyse_kept(&mut project, &texts, Archives::Trusted);
        let own: Vec<FileId> = (0..project.files.len())
            .map(FileId::new)
            .filter(|&file| project.file(file).path.starts_with(&root))
            .collect();
        for round in 0..16 {
            let file = own[dice.below(own.len())];
            let path = project.file(file).path.clone();
            let text = String::from_utf8(texts.read(&path).expect("it is there")).expect("it is UTF-8");
            // Now and then everything is undone.
            let new = if dice.below(5) == 0 {
                String::from_utf8(read_source(&path).expect("it is there")).expect("it is UTF-8")
            } else {
                edit(&text, &mut dice)
            };
            texts.changed.insert(path.clone(), new);
            let update = kept.update(&mut project, &texts, &[file], &mut analysis);
            let mut n_units = update.units.len();
            while let Some(more) = kept.catch_up(&mut project, &texts, &mut analysis, 1 + dice.below(9)) {
                n_units += more.units.len();
            }
            n_partial += usize::from(n_units <= 1);
            let mut fresh_project = project_read.clone();
            let (fresh, _) = analyse_kept(&mut fresh_project, &texts, Archives::Trusted);
            for (program, fresh) in project.programs.iter().zip(&fresh_project.programs) {
                assert_eq!(program.own_units, fresh.own_units, "{} after {path:?}", program.name);
            }
            let units = reached(&fresh_project, &fresh.graph);
            assert_eq!(units, reached(&project, &analysis.graph), "round {round}, {path:?}");
            for &unit in &units {
                let now = show(&project, &analysis, &units, unit);
                let then = show(&fresh_project, &fresh, &units, unit);
                let differs = now.lines().zip(then.lines()).find(|(now, then)| now != then);
                assert!(
                    now == then,
                    "round {round}: {path:?} changed, {differs:?} in {}",
                    project.unit(unit).name
                );
            }
        }
    }
    n_partial
}
