//! The forms of reports from outside: SARIF against the standard's schema, JSON against the published ones, CSV, Markdown.

mod support;

use serde_json::Value;
use std::path::PathBuf;
use support::small::{Dir, Ran};
use support::{is_update, repository};

/// A workspace in a directory of a repository, with something to say for every form.
const FILES: &[(&str, &str)] = &[
    ("repo/app/dune-project", "(lang dune 2.0)\n"),
    ("repo/app/kit/dune", "(library (name kit) (library_flags (-linkall)))\n"),
    ("repo/app/kit/used.ml", "let all = Set.empty\nlet nope = Nowhere.at_all\n"),
    ("repo/app/bin/dune", "(executables (names sell) (libraries kit))\n"),
    (
        "repo/app/bin/sell.ml",
        "let () =\n  ignore Kit.Used.all\n(* unlith: allow absent List: it is small *)\nlet n = List.length []\n",
    ),
    (
        "repo/app/unlith.toml",
        "[check]\nabsent = [\"Set\", \"List\"]\nforced = \"forbid\"\nmin-saving = 1\n[check.severity]\n\
         drop-linkall = \"warning\"\ncut-references = \"note\"\npartition-unit = \"note\"\n\
         [[check.budget]]\nalloc = 1000\n",
    ),
];

fn workspace(test: &str) -> Dir {
    let dir = Dir::new(test, FILES);
    // Large enough to be worth a proposal.
    let plug: String = (0..400).map(|i| format!("let f{i} a b = [a; b; {i}; a]\n")).collect();
    dir.write("repo/app/kit/plug.ml", plug.as_bytes());
    let init = dir.git("repo", &["init", "-q"]);
    assert!(init, "git runs");
    dir
}

fn run(dir: &Dir, args: &[&str]) -> Ran {
    dir.run(&[args, &["repo/app"]].concat())
}

fn read(path: PathBuf) -> Value {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Holds a document against a schema; every way in which it does not fit is told.
#[track_caller]
fn validate(schema: &Value, document: &Value, what: &str) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {}\n{document:#}", errors.join("\n"));
}

#[test]
fn sarif_keeps_to_the_standard() {
    let dir = workspace("formats-sarif");
    let mut standard = read(repository().join("tests/sarif/sarif-schema-2.1.0.json"));
    // The standard's own pattern has a bracket that opens nowhere. JavaScript reads it as itself; here it has to be escaped.
    for object in ["run", "toolComponent"] {
        let pattern = &mut standard["definitions"][object]["properties"]["language"]["pattern"];
        assert_eq!(*pattern, "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$");
        *pattern = r"^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}\]?$".into();
    }
    for args in [&["audit", "--format", "sarif"][..], &["check", "--format", "sarif"]] {
        let ran = run(&dir, args);
        let log = ran.json();
        validate(&standard, &log, &args.join(" "));
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let results = run["results"].as_array().expect("results");
        assert!(!results.is_empty(), "{log:#}");
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
            let uri = uri.unwrap_or_else(|| panic!("code scanning wants a place: {result:#}"));
            assert!(uri.starts_with("app/") && !uri.contains("//"), "seen from the repository: {uri}");
        }
        let root = dir.0.join("repo").display().to_string();
        assert!(!ran.out.contains(&root), "where the repository lies is nobody's business: {}", ran.out);
    }
    // The schema can say no.
    let mut broken = run(&dir, &["check", "--format", "sarif"]).json();
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    let validator = jsonschema::validator_for(&standard).expect("a schema");
    assert!(!validator.is_valid(&broken));
}

#[test]
fn sarif_has_chains_help_and_what_is_allowed() {
    let dir = workspace("formats-flow");
    let log = run(&dir, &["check", "--format", "sarif"]).expect(1).json();
    let results = log["runs"][0]["results"].as_array().expect("results");
    let absent = |subject: &str| {
        let is_it =
            |result: &&Value| result["ruleId"] == "absent" && result["properties"]["subject"] == subject;
        results.iter().find(is_it).unwrap_or_else(|| panic!("no {subject}: {log:#}"))
    };
    let set = absent("Stdlib__Set");
    let hops = set["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("hops");
    let last = &hops.last().expect("a hop")["location"];
    assert_eq!(last["physicalLocation"]["artifactLocation"]["uri"], "app/kit/used.ml");
    assert_eq!(last["physicalLocation"]["region"]["startLine"], 1);
    assert!(
        last["message"]["text"].as_str().is_some_and(|text| text.contains("refers to Stdlib__Set.empty"))
    );
    assert!(set["suppressions"].is_null());
    let list = absent("Stdlib__List");
    assert_eq!(list["suppressions"][0]["kind"], "inSource");
    assert_eq!(list["suppressions"][0]["justification"], "it is small");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    for rule in rules {
        let help = rule["help"]["markdown"].as_str().expect("help");
        assert!(help.contains("## Why"), "{help}");
    }
    let again = run(&dir, &["check", "--format", "sarif"]).json();
    assert_eq!(again["runs"][0]["results"][0]["partialFingerprints"], results[0]["partialFingerprints"]);
}

#[test]
fn published_schemas_are_those_of_the_types_and_real_reports_fit() {
    let dir = workspace("formats-schema");
    dir.write("old.ml", b"let () = ignore 1\n");
    dir.write("new.ml", b"let () = Lists.sum [1]\n");
    dir.run(&["check", "--write-baseline", "--baseline", "known.json", "repo/app"]);
    let baseline = std::fs::read_to_string(dir.0.join("known.json")).expect("a baseline");
    let reports: [(&str, String); 7] = [
        ("audit", run(&dir, &["audit", "--format", "json", "--definitions"]).out),
        ("check", run(&dir, &["check", "--format", "json"]).out),
        ("baseline", baseline),
        ("diff", dir.run(&["diff", "old.ml", "new.ml", "-p", "lists", "--format", "json"]).out),
        ("levers", run(&dir, &["levers", "--format", "json"]).out),
        ("library", run(&dir, &["library", "--name", "kit", "--format", "json"]).out),
        ("why", dir.run(&["why", "Set", "repo/app", "--cut", "Kit__Used:Set", "--format", "json"]).out),
    ];
    for (name, report) in reports {
        let path = repository().join(format!("docs/schema/{name}.json"));
        let now = dir.run(&["schema", name]).expect(0).out.clone();
        if is_update() {
            std::fs::write(&path, &now).expect("the schema can be written");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == now,
            "docs/schema/{name}.json is not that of the types; UNLITH_UPDATE=1 writes it"
        );
        let schema: Value = serde_json::from_str(&published).expect("JSON");
        let document: Value =
            serde_json::from_str(&report).unwrap_or_else(|error| panic!("{name}: {error}: {report}"));
        validate(&schema, &document, name);
        let mut broken = document;
        broken["schema"] = "one".into();
        assert!(
            !jsonschema::validator_for(&schema).expect("a schema").is_valid(&broken),
            "{name} can say no"
        );
    }
}

#[test]
fn tables_have_as_many_cells_in_each_row() {
    let dir = workspace("formats-csv");
    let table = |args: &[&str]| {
        let ran = run(&dir, args);
        let mut reader = csv::ReaderBuilder::new().from_reader(ran.out.as_bytes());
        let titles: Vec<String> = reader.headers().expect("titles").iter().map(str::to_owned).collect();
        let rows: Vec<Vec<String>> = reader
            .records()
            .map(|row| {
                row.unwrap_or_else(|error| panic!("{error}: {}", ran.out)).iter().map(str::to_owned).collect()
            })
            .collect();
        (titles, rows)
    };
    let (titles, rows) = table(&["audit", "--format", "csv"]);
    let at = |title: &str| titles.iter().position(|t| t == title).expect("a column");
    let set = rows.iter().find(|row| row[at("unit")] == "Stdlib__Set").expect("a row");
    let audit = run(&dir, &["audit", "--format", "json"]).json();
    let units = audit["programs"][0]["linked_units"].as_array().expect("units");
    let unit = units.iter().find(|unit| unit["unit"] == "Stdlib__Set").expect("a unit");
    assert_eq!(set[at("total")], unit["bytes"]["total"].to_string());
    assert_eq!(rows.len(), units.len());
    for kind in ["proposals", "thin-links", "problems"] {
        let (titles, rows) = table(&["audit", "--format", "csv", "--rows", kind]);
        assert!(titles.len() > 5 && !rows.is_empty(), "{kind}");
    }
    let (titles, rows) = table(&["check", "--format", "csv"]);
    assert_eq!(titles[0], "program");
    assert!(
        rows.iter().any(|row| row[1] == "absent" && row.last().is_some_and(|accepted| accepted == "source"))
    );
}

#[test]
fn markdown_has_tables_and_folded_details() {
    let dir = workspace("formats-markdown");
    let audit = run(&dir, &["audit", "--format", "markdown"]);
    let out = &audit.expect(0).out;
    assert!(out.starts_with("### What is linked\n\n| program | allocated |"), "{out}");
    assert!(out.contains("<details><summary><code>drop-linkall:kit</code></summary>"), "{out}");
    let check = run(&dir, &["check", "--format", "markdown"]);
    let out = &check.expect(1).out;
    assert!(out.contains("| error | `absent` | `bin/sell` | Stdlib\\_\\_Set is linked"), "{out}");
    assert!(
        out.contains("<summary>What brings <code>Stdlib__Set</code> into <code>bin/sell</code></summary>"),
        "{out}"
    );
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut table: Option<usize> = None;
    for line in out.lines() {
        table = line.starts_with('|').then(|| cells(line)).inspect(|n| {
            assert!(table.is_none_or(|before| before == *n), "a row of another length: {line}");
        });
    }
}

#[test]
fn annotations_name_files_from_the_repository() {
    let dir = workspace("formats-github");
    let ran = run(&dir, &["check", "--format", "github"]);
    let out = &ran.expect(1).out;
    assert!(
        out.contains(
            "::error title=unlith%3A absent,file=app/kit/used.ml,line=1,col=11::bin/sell: Stdlib__Set"
        ),
        "{out}"
    );
    assert!(out.contains("%0AKit__Used -> Stdlib__Set\n"), "{out}");
}
