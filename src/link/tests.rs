//! Live definitions, waste and chains on small graphs.

use super::fixture::fixture;
use super::*;
use crate::base::{Idx, LibraryId, UnitId};
use crate::graph::Graph;
use crate::project::Project;

/// A fixture with everything that this stage computes about its program. Units cost 100 bytes and 10 for each definition.
struct Linked {
    project: Project,
    graph: Graph,
    input: LinkInput,
    table: LinkTable,
    linked: LinkedSet,
    live: Live,
}

impl Linked {
    fn new(text: &str) -> Self {
        let (project, graph) = fixture(text);
        let input = LinkInput::of_program(&project, &project.programs[0]);
        let table = LinkTable::of_graph(&graph);
        let linked = link(&input, &table);
        let live = live(&graph, &input, &linked);
        Linked { project, graph, input, table, linked, live }
    }
    fn unit(&self, title: &str) -> UnitId {
        let found = self.project.units.iter().position(|unit| unit.name.as_str() == title);
        UnitId::new(found.expect("a unit of the fixture"))
    }
    fn name(&self, unit: UnitId) -> &str {
        self.project.unit(unit).name.as_str()
    }
    fn def(&self, def: crate::base::DefId) -> String {
        let def = self.graph.def(def);
        format!("{}.{}", self.name(def.unit), def.path)
    }
    /// Live definitions, then the touched units.
    fn live(&self) -> String {
        let defs: Vec<String> = self.live.defs.iter().map(|def| self.def(def)).collect();
        let touched: Vec<&str> = self.live.touched.iter().map(|unit| self.name(unit)).collect();
        format!("{} | {}", defs.join(" "), touched.join(" "))
    }
    fn weights(&self) -> Weights {
        let n_defs = |unit: usize| self.graph.unit_defs(UnitId::new(unit)).count() as u64;
        Weights {
            unit: (0..self.project.units.len()).map(|unit| 100 + 10 * n_defs(unit)).collect(),
            def: vec![10; self.graph.defs.len()],
            fixed: vec![100; self.project.units.len()],
            runtime: 1000,
        }
    }
    fn waste(&self) -> Waste {
        waste(&self.graph, &self.input, &self.table, &self.linked, &self.live, &self.weights())
    }
    fn position(&self, title: &str) -> usize {
        let unit = self.unit(title);
        self.linked.units.iter().position(|&other| other == unit).expect("a linked unit")
    }
}

#[test]
fn a_definition_is_live_when_own_code_reaches_it() {
    let linked = Linked::new(
        "lib l: A B C
         own: Main
         Main.go = A.f
         A.f = B.g
         A.dead = C.x
         B.g
         B.h
         C.x",
    );
    assert_eq!(linked.live(), "A.f B.g Main.go | A B Main");
    assert!(linked.linked.contains(linked.unit("C")), "the linker takes C for dead code");
}

#[test]
fn effects_of_touched_units_are_live_and_those_of_untouched_units_are_not() {
    let linked = Linked::new(
        "lib l: A B C D
         own: Main
         Main.go = A.f
         A.f
         A.table! = B.create
         A.dead = C.x
         B.create
         C.x
         C.init! = D.f
         D.f",
    );
    assert_eq!(linked.live(), "A.f A.table B.create Main.go | A B Main");
}

#[test]
fn code_in_a_functor_runs_when_it_is_applied() {
    let linked = Linked::new(
        "lib l: A B
         own: Main
         Main.go = A.f
         Main.M = A.F
         A.f
         A.F()
         A.F().x! = B.g
         B.g",
    );
    assert_eq!(linked.live(), "A.f A.F A.F.x B.g Main.go Main.M | A B Main");
    let unused = Linked::new(
        "lib l: A B
         own: Main
         Main.go = A.f
         A.f
         A.F()
         A.F().x! = B.g
         B.g",
    );
    assert_eq!(unused.live(), "A.f Main.go | A Main");
}

#[test]
fn a_whole_unit_is_what_it_exports_and_a_whole_module_what_is_inside() {
    let linked = Linked::new(
        "lib l: A B
         own: Main
         Main.go = A, B.Sub
         A.f
         A.hidden-
         B.Sub
         B.Sub.x
         B.Other
         B.Other.y",
    );
    assert_eq!(linked.live(), "A.f B.Sub B.Sub.x Main.go | A B Main");
}

#[test]
fn an_include_needs_nothing_but_the_effects_until_the_includer_is_used_whole() {
    let text = "lib l: B W
         own: Main
         W.own
         W.items! = include B
         B.f
         B.g
         B.start!";
    let through = Linked::new(&format!("{text}\n Main.go = W.f>B.f"));
    assert_eq!(through.live(), "B.f B.start W.items Main.go | B W Main");
    let whole = Linked::new(&format!("{text}\n Main.go = W"));
    assert_eq!(whole.live(), "B.f B.g B.start W.own W.items Main.go | B W Main");
}

#[test]
fn forced_units_run() {
    let linked = Linked::new(
        "lib l: A B*
         own: Main
         Main.go
         A.f
         B.init! = A.f
         B.x",
    );
    assert_eq!(linked.live(), "A.f B.init Main.go | A B Main");
}

#[test]
fn units_without_source_are_live_with_all_that_they_record() {
    let linked = Linked::new(
        "lib l: A B C D E
         own: Main
         Main.go = D.anything
         D records B
         B.f = A.x
         B.hidden- = C.y
         A.x
         C.y
         E records A",
    );
    assert_eq!(linked.live(), "A.x B.f Main.go | A B D Main");
}

#[test]
fn a_nested_definition_keeps_its_modules_but_not_its_siblings() {
    let linked = Linked::new(
        "lib l: A
         own: Main
         Main.go = A.M.N.x
         A.M
         A.M.N
         A.M.N.x
         A.M.N.y
         A.M.z",
    );
    assert_eq!(linked.live(), "A.M A.M.N A.M.N.x Main.go | A Main");
}

#[test]
fn waste_is_dead_bytes_and_what_dead_code_brings() {
    let linked = Linked::new(
        "lib l: A B C D
         own: Main
         Main.go = A.f
         A.f
         A.dead = C.x
         A.dead2 = D.x, B.x
         B.x
         C.x = B.x
         D.x",
    );
    let waste = linked.waste();
    let a = linked.position("A");
    let names: Vec<&str> = waste.brought[a].iter().map(|&unit| linked.name(unit)).collect();
    assert_eq!(names, ["B", "C", "D"]);
    assert_eq!((waste.live_bytes[a], waste.dead_bytes[a], waste.waste_bytes[a]), (10, 20, 20 + 3 * 110));
    assert_eq!(waste.bound, 1000 + 110 + 110, "the runtime, Main, and A with one definition");
    let c = linked.position("C");
    assert_eq!((waste.live_bytes[c], waste.dead_bytes[c]), (0, 110), "nobody's live code needs C");
}

#[test]
fn what_two_units_bring_is_the_waste_of_neither() {
    let linked = Linked::new(
        "lib l: A B C
         own: Main
         Main.go = A.f, B.f
         A.f
         A.dead = C.x
         B.f
         B.dead = C.x
         C.x",
    );
    let waste = linked.waste();
    assert_eq!(waste.waste_bytes[linked.position("A")], 10);
    assert_eq!(waste.waste_bytes[linked.position("C")], 110);
}

#[test]
fn a_sealed_facade_does_not_count_what_clients_read_through_it() {
    // F is sealed: reading F.A.f links F, which fills its fields from A and B.
    let linked = Linked::new(
        "lib l: A B F
         own: Main
         Main.go = F.A.f>A.f
         A.f
         B.g
         F.A = export A
         F.B = export B",
    );
    assert_eq!(linked.live(), "A.f F.A Main.go | A F Main");
    let waste = linked.waste();
    let f = linked.position("F");
    let brought: Vec<&str> = waste.brought[f].iter().map(|&unit| linked.name(unit)).collect();
    assert_eq!(brought, ["B"], "A stays, since Main would record it directly");
}

#[test]
fn a_unit_is_explained_by_a_shortest_chain_from_an_own_unit() {
    let linked = Linked::new(
        "lib l: A B C D
         own: Main
         Main.go = A.f, C.x
         A.f = B.f
         B.f = D.f
         C.x = D.f
         D.f",
    );
    let chain =
        why_unit(&linked.graph, &linked.linked, &linked.table, linked.unit("D")).expect("D is linked");
    let shown: Vec<String> = chain
        .hops
        .iter()
        .map(|hop| match *hop {
            Hop::Unit(unit, reason) => format!("{} {reason:?}", linked.name(unit)),
            Hop::Links(unit, edge) => {
                let from = linked.graph.edges[edge.expect("an edge") as usize].from;
                format!("{} by {}", linked.name(unit), linked.def(from))
            }
            Hop::Def(..) => unreachable!("units only"),
        })
        .collect();
    assert_eq!(shown, ["Main Root", "C by Main.go", "D by C.x"]);
}

#[test]
fn chains_that_share_no_unit_are_found_shortest_first_until_there_are_no_more() {
    let linked = Linked::new(
        "lib l: A B C D E
         own: Main
         Main.go = A.f, B.f, D.f
         A.f = E.f
         B.f = C.f
         C.f = D.f
         E.f = D.f
         D.f",
    );
    let chains = |max| {
        let unit = linked.unit("D");
        disjoint_chains(&linked.graph, &linked.linked, &linked.table, unit, max)
            .iter()
            .map(|chain| {
                let units = chain.hops.iter().map(|hop| match *hop {
                    Hop::Unit(unit, _) | Hop::Links(unit, _) => linked.name(unit),
                    Hop::Def(..) => unreachable!("units only"),
                });
                units.collect::<Vec<_>>().join(" ")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(chains(9), ["Main D", "Main A E D", "Main B C D"]);
    assert_eq!(chains(1), ["Main D"]);
    let main = linked.unit("Main");
    let own = disjoint_chains(&linked.graph, &linked.linked, &linked.table, main, 9);
    assert_eq!(own.len(), 1, "a root that nobody records is there for one reason");
}

#[test]
fn a_live_definition_is_explained_and_a_dead_one_is_not() {
    let linked = Linked::new(
        "lib l: A B
         own: Main
         Main.go = A.f
         A.f
         A.dead
         A.init! = B.g
         B.g",
    );
    let def = |path: &str| {
        linked
            .graph
            .unit_defs(linked.unit("A"))
            .chain(linked.graph.unit_defs(linked.unit("B")))
            .find(|&def| linked.def(def) == path)
            .expect("a definition of the fixture")
    };
    let chain = why_def(&linked.graph, &linked.live, def("B.g")).expect("B.g is live");
    let shown: Vec<String> = chain
        .hops
        .iter()
        .map(|hop| match hop {
            Hop::Def(def, cause) => format!(
                "{} {}",
                linked.def(*def),
                match cause {
                    LiveCause::Root => "root",
                    LiveCause::Edge(_) => "edge",
                    LiveCause::RunsFor(_) => "runs for edge",
                    _ => "other",
                }
            ),
            _ => unreachable!("definitions only"),
        })
        .collect();
    assert_eq!(shown, ["Main.go root", "A.init runs for edge", "B.g edge"]);
    assert_eq!(why_def(&linked.graph, &linked.live, def("A.dead")), None);
}

#[test]
fn a_thin_edge_frees_what_hangs_on_it_alone() {
    let linked = Linked::new(
        "lib l: A B C
         own: Main
         Main.go = A.f, C.x
         A.f = B.one, B.one
         B.one
         B.two
         B.three
         C.x
         C.y",
    );
    let weights = linked.weights();
    let retained = retained(&linked.linked, &linked.table, |unit| weights.unit(unit));
    let thin = thin_edges(&linked.graph, &linked.linked, &linked.table, &retained, 1);
    let shown: Vec<String> = thin
        .iter()
        .map(|edge| {
            format!(
                "{}>{} {}x {}/{} {}",
                linked.name(edge.from),
                linked.name(edge.to),
                edge.references.len(),
                edge.n_used,
                edge.n_defs,
                edge.freed_bytes
            )
        })
        .collect();
    assert_eq!(shown, ["A>B 2x 1/3 130", "Main>C 1x 1/2 120"]);
}

fn library(project: &Project, name: &str) -> LibraryId {
    let at = project.libraries.iter().position(|library| library.name.as_str() == name);
    LibraryId::new(at.expect("a library of that name"))
}

#[test]
fn a_library_is_a_program_of_all_its_units() {
    let (mut project, _) = fixture(
        "lib a: A
         lib b: B C
         own: Main
         Main.go = B.f
         B.f = A.g
         C.h
         A.g",
    );
    let (a, b) = (library(&project, "a"), library(&project, "b"));
    project.libraries[b.idx()].requires = vec![a];
    assert_eq!(project.direct_clients(&[a]), [b]);
    assert!(project.add_program_of_library(b));
    let program = project.programs.last().expect("added");
    assert_eq!(program.own_units, project.library(b).units);
    assert!(program.libraries.contains(&a) && !program.libraries.contains(&b));
    assert_eq!(project.libraries_of("a"), [a]);
    let before = project.programs.len();
    project.keep_programs_with(&[a]);
    assert!(project.programs.len() <= before && !project.programs.is_empty());
}
