//! What can be set is read, and what is wrong is said where it stands.

use super::reader::bytes;
use super::*;
use crate::size::Profile;

/// What is wrong with a text, a line each: place, message, help.
fn mistakes(text: &str) -> Vec<String> {
    let mistakes = read(text).expect_err("mistakes");
    let show = |mistake: Mistake| {
        let help = mistake.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}:{}: {}{help}", mistake.line, mistake.col, mistake.message)
    };
    mistakes.into_iter().map(show).collect()
}

#[test]
fn everything_that_can_be_set_is_read() {
    let text = r#"
[analysis]
exes = ["bin/main"]
packages = ["lwt.unix"]
include-dirs = ["src"]
ocamlpath = "vendor"
profile = "static"
dune-profile = "release"
sources-only = true
model = "model.json"

[check]
baseline = "known.json"
min-saving = "10 kB"
absent = ["Unix", { name = "compiler-libs.*", reason = "it is large", exes = ["bin/*"] }]

[check.severity]
budget = "warning"
cut-references = "note"

[check.forced]
default = "forbid"
allow = ["Sensors__*"]
forbid = ["str"]

[[check.budget]]
exes = ["main"]
alloc = 2_000_000
stripped = "1.5 MB"
unstripped = "2 MiB"
libraries = { stdlib = "300 kB" }
units = { "Stdlib.Scanf" = 0 }
"#;
    let settings = read(text).expect("no mistake");
    let analysis = &settings.analysis;
    assert_eq!(
        (analysis.exes.len(), analysis.packages.len(), analysis.profile),
        (1, 1, Some(Profile::Static))
    );
    assert_eq!((analysis.dune_profile.as_deref(), analysis.sources_only), (Some("release"), Some(true)));
    assert!(analysis.model.is_some() && analysis.ocamlpath.is_some() && analysis.include_dirs.len() == 1);
    let check = &settings.check;
    assert_eq!((check.min_saving, check.baseline.is_some()), (10_000, true));
    assert_eq!((check.level(Rule::Budget), check.level(Rule::Absent)), (Level::Warning, Level::Error));
    assert_eq!((check.absent[0].line, check.absent[1].reason.as_deref()), (15, Some("it is large")));
    assert_eq!((check.forced.default, check.forced.line), (ForcedDefault::Forbid, Some(21)));
    let budget = &check.budget[0];
    let limits = [budget.alloc, budget.stripped, budget.unstripped].map(|limit| limit.map(|l| l.bytes));
    assert_eq!(limits, [Some(2_000_000), Some(1_500_000), Some(2 << 20)]);
    assert_eq!((budget.libraries[0].1.line, budget.units[0].1.bytes), (31, 0));
    assert_eq!(
        read(&toml::to_string(&settings).expect("TOML")).expect("no mistake").check.min_saving,
        10_000
    );
}

#[test]
fn an_empty_file_is_the_usual_settings() {
    assert_eq!(read("").expect("no mistake"), Settings::default());
}

#[test]
fn every_mistake_has_its_place_and_the_nearest_word() {
    let text = "[check]\nabsnt = []\nmin-saving = \"lots\"\n[check.severity]\nbuget = \"error\"\nforced = \"fatal\"\n\
                [analisys]\n[[check.budget]]\n";
    assert_eq!(
        mistakes(text),
        [
            "2:1: there is no setting `absnt` here (did you mean `absent`?)",
            "3:14: this is no number of bytes (write `250000`, \"250 kB\", \"1.5 MB\" or \"2 MiB\")",
            "5:1: there is no rule `buget` (did you mean `budget`?)",
            "6:10: `fatal` is none of error, warning, note, off (there are: error, warning, note, off)",
            "7:2: there is no setting `analisys` here (did you mean `analysis`?)",
            "8:1: this budget limits nothing (give `alloc`, `stripped`, `unstripped`, `libraries` or `units`)",
        ]
    );
}

#[test]
fn values_of_another_kind_are_mistakes() {
    let text = "check = 1\n";
    assert_eq!(mistakes(text), ["1:9: a table is expected, not an integer"]);
    let text = "[check]\nabsent = [1, { reason = \"x\" }, \"a[\"]\nforced = \"allow\"\nbudget = \"x\"\n";
    assert_eq!(
        mistakes(text),
        [
            "2:11: a name, or a table with `name` is expected, not an integer",
            "2:14: `name` is missing: the unit or library that must be absent",
            "2:32: `a[` is no pattern: unclosed character class; missing ']'",
            "4:10: a list is expected, not a string",
        ]
    );
}

#[test]
fn a_file_that_is_no_toml_has_one_mistake_with_its_place() {
    let found = mistakes("[check]\nabsent = [\n");
    assert!(found.len() == 1 && found[0].starts_with('3') || found[0].starts_with('2'), "{found:?}");
}

#[test]
fn numbers_of_bytes() {
    assert_eq!(
        ["7", "7 B", "1.5kB", "2 MiB", "1_000 kB"].map(bytes),
        [Some(7), Some(7), Some(1500), Some(2 << 20), Some(1_000_000)]
    );
    assert_eq!(["", "kB", "-1", "1 XB", "1.2.3 kB", "99999999999999999999 GB"].map(bytes), [None; 6]);
}
