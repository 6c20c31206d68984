//! An audit of a small made-up program, from stage values to text and JSON.

use crate::base::{Idx, LineCol, Problem, UnitId, name};
use crate::graph::Target;
use crate::link::fixture::fixture;
use crate::link::{LinkInput, LinkTable, Weights, link, live, retained, thin_edges, waste};
use crate::report::build::{Costs, Parts, build};
use crate::report::schema::{Audit, ProgramSize};
use crate::report::{Places, text};
use crate::size::{Bytes, Provenance};
use crate::split::*;

/// An audit of a program with a monolith; units cost 1000 bytes and 500 for each definition.
fn audit(problems: &[Problem], proposals: Proposals, provenance: Provenance) -> Audit {
    let (project, graph) = fixture(
        "lib base: List Map
         lib fmt: Fmt Format
         own: Main
         Main.go = Fmt.str
         Fmt.str = List.iter
         Fmt.table = Map.find
         Fmt.pp = Format.print
         List.iter
         Map.find
         Map.add
         Format.print
         Format.flush",
    );
    let input = LinkInput::of_program(&project, &project.programs[0]);
    let links = LinkTable::of_graph(&graph);
    let linked = link(&input, &links);
    let live = live(&graph, &input, &linked);
    let unit = |unit: usize| 1000 + 500 * graph.unit_defs(UnitId::new(unit)).count() as u64;
    let units: Vec<u64> = (0..project.units.len()).map(unit).collect();
    let weights = Weights {
        unit: units.clone(),
        def: vec![500; graph.defs.len()],
        fixed: vec![1000; units.len()],
        runtime: 260_000,
    };
    let retained = retained(&linked, &links, |unit| weights.unit(unit));
    let waste = waste(&graph, &input, &links, &linked, &live, &weights);
    let thin = thin_edges(&graph, &linked, &links, &retained, 1);
    let alloc = 260_000 + units.iter().sum::<u64>();
    let costs = Costs {
        profile: crate::size::Profile::Pie,
        units: units.iter().map(|&n| (Bytes { code: n, ..Bytes::default() }, Some(provenance))).collect(),
        definitions: Vec::new(),
    };
    let parts = Parts {
        program: &project.programs[0],
        input: &input,
        links: &links,
        linked: &linked,
        live: &live,
        retained: &retained,
        waste: &waste,
        thin: &thin,
        size: ProgramSize {
            alloc,
            low: alloc,
            high: alloc,
            stripped: alloc + 4096,
            unstripped: alloc * 2,
            provenance,
            units: alloc - 260_000,
            stubs: 0,
            runtime: 260_000,
        },
        proposals: &proposals,
    };
    let facts = vec![None; project.files.len()];
    build(Places { project: &project, facts: &facts }, &graph, &costs, &[parts], problems)
}

fn plain(audit: &Audit, top: usize) -> String {
    anstream::adapter::strip_str(&text::text(audit, top)).to_string()
}

fn proposal() -> Proposal {
    Proposal {
        id: "partition-unit:Fmt".to_owned(),
        kind: ProposalKind::PartitionUnit,
        unit: Some(UnitId(2)),
        library: Some(crate::base::LibraryId(1)),
        summary: "1 of the 3 definitions of Fmt is used; alone it links neither Map nor Format".to_owned(),
        saved: Saving { alloc: 4800, stripped: 4096, unstripped: 9000, low: 4500, high: 5000 },
        provenance: Provenance::Estimated,
        units_dropped: vec![UnitId(1), UnitId(3)],
        units_added: vec!["Fmt_core".to_owned()],
        edits: vec![
            Edit { file: "fmt.ml".into(), action: EditAction::Modify },
            Edit { file: "fmt_core.ml".into(), action: EditAction::Create },
        ],
        client_edits: 1,
        evidence: vec![Evidence {
            from: UnitId(4),
            to: Target { unit: UnitId(2), path: name("str") },
            file: Some(crate::base::FileId(4)),
            at: Some(LineCol { line: 3, col: 14 }),
        }],
        used: vec![crate::base::DefId(3)],
        n_defs: 3,
        risks: vec![
            Risk {
                code: "printed-name",
                message: "`Fmt.Bad` prints as `Fmt_core.Bad`".to_owned(),
                place: Some(crate::base::Place {
                    file: "fmt.ml".into(),
                    at: Some(LineCol { line: 9, col: 0 })
                }),
            };
            3
        ],
        status: Status::Proposed,
        others: vec![(crate::base::ProgramId(0), Saving { alloc: -900, ..Saving::default() })],
        plan: Plan::default().into(),
    }
}

#[test]
fn a_measured_program_without_proposals() {
    let audit = audit(&[], Proposals::default(), Provenance::Measured);
    assert_eq!(
        plain(&audit, 10),
        "Program main
  size    270 kB allocated, 274 kB stripped, 539 kB unstripped
          of the allocated: 9.50 kB OCaml units, 0 B C code of libraries, 260 kB C runtime and tables
  units   5 linked: 1 own, the others from 2 libraries; own code needs 3
  live    3 of 9 definitions, 1.50 kB (0.6 % of the allocated bytes)
  bound   264 kB allocated (98 %): what no split can beat
  figures measured in object files

Units by waste
  unit              library    bytes     live  definitions   brings    waste  of program
  Fmt               fmt      2.50 kB    500 B       1 of 3  2 units  5.00 kB       1.9 %
  all linked units           9.50 kB  1.50 kB       3 of 9           5.00 kB       1.9 %
  2 units (4.00 kB, 1.5 % of the program) are linked for dead definitions only
  waste: dead definitions, and units linked only for them. What two units bring together is in neither row.

Links that hang on few references
  from  to        uses   brings  of program  references  the first at
  Main  Fmt     1 of 3  8.00 kB       3.0 %           1  main.ml
  Fmt   Map     1 of 2  2.00 kB       0.7 %           1  fmt.ml
  Fmt   Format  1 of 2  2.00 kB       0.7 %           1  fmt.ml

Proposals by bytes saved
  none found

"
    );
}

#[test]
fn an_estimated_program_with_a_proposal_and_a_problem() {
    let problem =
        Problem::new(crate::base::Severity::Warning, crate::base::Code::NoSource, "no source for `Zlib`");
    let curve = vec![
        CurvePoint { proposals: vec![], alloc: 269_500 },
        CurvePoint { proposals: vec!["partition-unit:Fmt".to_owned()], alloc: 264_700 },
    ];
    let audit = audit(&[problem], Proposals { proposals: vec![proposal()], curve }, Provenance::Estimated);
    let text = plain(&audit, 10);
    let expected = "Proposals by bytes saved
  proposal              saves              between  of program  units out  in  clients  status
  partition-unit:Fmt  ~4.80 kB  4.50 kB and 5.00 kB       1.8 %          2   1   1 file  proposed";
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeeze(&text).contains(&squeeze(expected)), "{text}");
    let expected = "
  partition-unit:Fmt  1 of the 3 definitions of Fmt is used; alone it links neither Map nor Format
      leaves   Map, Format
      comes    Fmt_core
      uses     1 of 3 definitions: Fmt.str
      changes  edit fmt.ml; add fmt_core.ml
      because  main.ml:3:14: Main refers to Fmt.str
      others   main grows by 900 B
      risks    printed-name: `Fmt.Bad` prints as `Fmt_core.Bad` (fmt.ml:9 and 2 more places)

Curve
";
    assert!(text.contains(expected), "{text}");
    let curve =
        "as it is 0 B ~270 kB 100 % 1. partition-unit:Fmt ~4.80 kB ~265 kB 98 % bound ~5.00 kB ~264 kB 98 %";
    assert!(squeeze(&text).contains(curve), "{text}");
    assert!(text.contains("warning: no-source, 1 place\n    no source for `Zlib`\n"), "{text}");
    assert!(
        text.ends_with("~ estimated from the source, not measured in object files. 1 kB is 1000 bytes.\n"),
        "{text}"
    );
}

#[test]
fn json_has_the_keys_of_schema_1() {
    let audit =
        audit(&[], Proposals { proposals: vec![proposal()], curve: Vec::new() }, Provenance::Measured);
    let json = serde_json::to_value(&audit).expect("plain data");
    assert_eq!(json["schema"], 1);
    let has = |value: &serde_json::Value, keys: &[&str]| {
        for key in keys {
            assert!(value.get(key).is_some(), "no {key} in {value}");
        }
    };
    has(&json, &["schema", "tool", "programs", "problems"]);
    let program = &json["programs"][0];
    has(program, &["name", "own_units", "linked_units", "size", "bound", "proposals", "curve"]);
    has(&program["size"], &["alloc", "stripped", "unstripped", "provenance"]);
    let unit = &program["linked_units"][2];
    has(
        unit,
        &[
            "unit",
            "library",
            "source",
            "forced",
            "linked_for",
            "bytes",
            "provenance",
            "definitions",
            "live_definitions",
            "live_bytes",
            "waste_bytes",
            "retained_bytes",
        ],
    );
    has(
        &unit["bytes"],
        &["code", "data", "frametable", "unwind", "relocations", "dynsym", "total", "symtab", "debug"],
    );
    let proposal = &program["proposals"][0];
    has(
        proposal,
        &[
            "id",
            "kind",
            "unit",
            "library",
            "bytes_saved",
            "provenance",
            "units_dropped",
            "units_added",
            "edits",
            "client_edits",
            "risks",
            "status",
        ],
    );
    has(&proposal["bytes_saved"], &["alloc", "stripped", "unstripped", "low", "high"]);
    assert_eq!((&proposal["kind"], &proposal["status"]), (&"partition-unit".into(), &"proposed".into()));
    let names: Vec<&str> = program["linked_units"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|unit| unit["unit"].as_str())
        .collect();
    assert_eq!(names, ["List", "Map", "Format", "Fmt", "Main"], "in link order");
    assert_eq!(program["linked_units"][0]["linked_for"], serde_json::json!(["Fmt"]));
    assert_eq!(program["linked_units"][3]["retained_bytes"], 2500 + 1500 + 2000 + 2000);
}

#[test]
fn what_is_cut_is_said() {
    let audit = audit(
        &[],
        Proposals { proposals: vec![proposal(), proposal()], curve: Vec::new() },
        Provenance::Measured,
    );
    assert!(plain(&audit, 1).contains("... and 1 more (use --top 2)"));
}
