//! Which definition owns which function: ours against the compiler's typed trees.
//!
//! For each function of an archive, the line of its first instruction is looked up among the definitions of the unit's typed tree
//! (`.cmt`): the innermost one around it owns the function, one of the function's name before others. Ours places by the dotted
//! names of the frame table and by definitions read from the source, so that the two have little in common. Functions whose line
//! is in no definition, or in another file (inlined), have no truth here. `tests/placement.expected` holds, for each package that
//! is not perfect, how many bytes in a thousand are placed as in the typed tree: the figure only grows. `UNLITH_UPDATE=1` writes
//! it.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use support::ocaml;
use support::typed_trees::{DefFacts, Reader, UnitFacts};
use unlith::base::{FileId, Idx, LibraryId, UnitId};
use unlith::graph::{Analysis, Archives, DefKind, Wanted, analyse};
use unlith::project::{LoadOptions, Project, load_installed};
use unlith::resolve::Disk;
use unlith::size::{FunctionSize, Objects, load_objects, place_unit};

/// Libraries of every style: plain, functors, classes, derived code, generated parsers, preprocessed files.
const PACKAGES: &[&str] = &[
    "angstrom",
    "astring",
    "base",
    "bos",
    "cmdliner",
    "cohttp",
    "dune-private-libs.dune-lang",
    "fmt",
    "js_of_ocaml-compiler",
    "lambda-term",
    "logs",
    "lwt.unix",
    "ocamlgraph",
    "ppxlib",
    "qcheck-core",
    "re",
    "sexplib",
    "tyxml",
    "uri",
    "x509",
    "yojson",
];

/// Bytes of functions of one package.
#[derive(Clone, Copy, Default)]
struct Score {
    n_units: usize,
    bytes: u64,
    /// Placed by us, right or wrong.
    placed: u64,
    /// The typed tree has an owner.
    known: u64,
    /// The owner is the same.
    same: u64,
}

impl Score {
    fn add(&mut self, other: &Score) {
        self.n_units += other.n_units;
        self.bytes += other.bytes;
        self.placed += other.placed;
        self.known += other.known;
        self.same += other.same;
    }

    fn right_per_mille(&self) -> u64 {
        (self.same * 1000).checked_div(self.known).unwrap_or(1000)
    }

    fn render(&self, name: &str) -> String {
        let part = |n: u64, of: u64| 100.0 * n as f64 / of.max(1) as f64;
        let Score { n_units, bytes, placed, known, same } = *self;
        format!(
            "{name:<28} {n_units:>6} {bytes:>10} {:>8.2} {:>8.2} {:>8.2}",
            part(placed, bytes),
            part(known, bytes),
            part(same, known)
        )
    }
}

#[test]
fn functions_belong_to_the_definitions_that_the_compiler_made_them_of() {
    if let Err(reason) = ocaml::compiler() {
        println!("skipped: no OCaml here: {reason}");
        return;
    }
    let mut options = LoadOptions::of_process();
    options.packages = PACKAGES.iter().map(|&package| package.to_owned()).collect();
    let mut project = load_installed(&options);
    let libraries = (0..project.libraries.len()).map(LibraryId::new).collect();
    let analysis = analyse(&mut project, &Disk, &Wanted::Libraries(libraries), Archives::Trusted);
    let (objects, problems) = load_objects(&project);
    assert_eq!(problems, [], "installed archives are sound");
    let trees = typed_trees(&project, &objects);
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong: Vec<(u64, String)> = Vec::new();
    for unit in (0..project.units.len()).map(UnitId::new) {
        let Some(tree) = trees.get(project.unit(unit).name.as_str()) else { continue };
        let library = project.library(project.unit(unit).library).name;
        let package = library.split('.').next().unwrap_or("").to_owned();
        if let Some(score) = score(&project, &analysis, &objects, unit, tree, &mut wrong) {
            scores.entry(package).or_default().add(&score);
        }
    }
    print_table(&scores, wrong);
    judge(&scores);
}

/// Reads the typed trees of all measured units.
fn typed_trees(project: &Project, objects: &Objects) -> BTreeMap<String, UnitFacts> {
    let mut dirs: BTreeSet<PathBuf> = BTreeSet::new();
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for (i, unit) in project.units.iter().enumerate() {
        let dir = &project.library(unit.library).dir;
        dirs.insert(dir.clone());
        let name = unit.name.as_str();
        let lower = name[..1].to_lowercase() + &name[1..];
        let candidates = [dir.join(format!("{lower}.cmt")), dir.join(format!("{name}.cmt"))];
        if objects.unit(UnitId::new(i)).is_some() && unit.implementation().is_some() {
            files.extend(candidates.into_iter().find(|path| path.exists()));
        }
    }
    let reader = Reader::build().expect("the reader of typed trees compiles");
    let dirs: Vec<PathBuf> = dirs.into_iter().collect();
    let files: Vec<PathBuf> = files.into_iter().collect();
    let units = reader.read(&dirs, &files).expect("typed trees are of the compiler at hand");
    units.into_iter().map(|unit| (unit.unit.clone(), unit)).collect()
}

fn score(
    project: &Project,
    analysis: &Analysis,
    objects: &Objects,
    unit: UnitId,
    tree: &UnitFacts,
    wrong: &mut Vec<(u64, String)>,
) -> Option<Score> {
    let graph = &analysis.graph;
    let facts = |file: FileId| analysis.facts(file).map(|facts| &**facts);
    facts(project.unit(unit).implementation()?)?;
    let size = objects.unit(unit)?;
    let placed = place_unit(project, graph, facts, objects, unit)?;
    let defs = &graph.defs[graph.defs_of_unit[unit.idx()].start as usize..];
    let mut score = Score { n_units: 1, ..Score::default() };
    for (function, owner) in size.functions.iter().zip(&placed.owners) {
        if function.is_entry {
            continue;
        }
        let n_bytes = function.anatomy.text;
        score.bytes += n_bytes;
        match owner {
            Some(_) => score.placed += n_bytes,
            None => {
                wrong.push((n_bytes, format!("{} has no place, line {:?}", function.symbol, function.line)))
            }
        }
        let Some(truth) = owner_by_line(tree, function) else { continue };
        score.known += n_bytes;
        let ours = owner.map(|owner| &defs[owner]);
        // All that is made of one type has the lines of the type: of a function without a name they tell no more.
        let is_nameless = function.name().is_none_or(|name| name == "fun");
        let is_same = ours.is_some_and(|def| {
            def.path.as_str() == truth.path
                || is_derived(def.kind, &def.path, truth)
                || (is_nameless && def.ghost && is_made_beside(&def.path, truth))
        });
        if is_same {
            score.same += n_bytes;
        } else {
            let ours = ours.map_or("nobody".to_owned(), |def| format!("{:?} {}", def.kind, def.path));
            let symbol = &function.symbol;
            wrong.push((n_bytes, format!("{symbol} ({:?}): {ours}, not {}", function.scope, truth.path)));
        }
    }
    Some(score)
}

/// Whether a definition is what a rewriter derives from a type of ours: `t_of_sexp` belongs to `t`.
fn is_derived(kind: DefKind, ours: &str, truth: &DefFacts) -> bool {
    let (module, name) = ours.rsplit_once('.').unwrap_or(("", ours));
    let (truth_module, truth_name) = truth.path.rsplit_once('.').unwrap_or(("", &truth.path));
    kind == DefKind::Type && module == truth_module && truth_name.contains(name)
}

/// Whether a rewriter made a definition (it starts where its name is) in the module of one of ours.
fn is_made_beside(ours: &str, truth: &DefFacts) -> bool {
    let module = |path: &str| path.rsplit_once('.').map_or(String::new(), |(module, _)| module.to_owned());
    (truth.name_line, truth.name_col) == (truth.start, truth.start_col) && module(ours) == module(&truth.path)
}

/// Returns the definition of the typed tree around the first line of a function.
fn owner_by_line<'t>(tree: &'t UnitFacts, function: &FunctionSize) -> Option<&'t DefFacts> {
    const CODE: [&str; 6] = ["value", "class", "module", "functor", "exception", "extension"];
    let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let (file, line) = function.line?;
    let is_around = |def: &&DefFacts| {
        CODE.contains(&def.kind.as_str())
            && def.include.is_none()
            && def.start <= line
            && line <= def.end
            && base(def.file.as_deref().unwrap_or(&tree.file)) == base(&file)
    };
    let mut around: Vec<&DefFacts> = tree.defs.iter().filter(is_around).collect();
    around.sort_by_key(|def| {
        (def.end - def.start, def.end_col.abs_diff(def.start_col), std::cmp::Reverse(def.path.len()))
    });
    let last = |def: &DefFacts| def.path.rsplit('.').next().map(str::to_owned);
    let own = function.name().map(str::to_owned);
    let named: Vec<&DefFacts> = around.iter().copied().filter(|def| last(def) == own).collect();
    let innermost = |list: &[&'t DefFacts]| {
        let lines = list.first().map(|def| (def.start, def.end));
        let same = list.iter().copied().filter(|def| lines == Some((def.start, def.end)));
        same.collect::<Vec<_>>()
    };
    // A text that is in the program several times (line directives say so): its lines do not tell which one it is.
    let is_copied = |def: &DefFacts| {
        let is_copy = |other: &&DefFacts| {
            (other.start, other.end) == (def.start, def.end)
                && last(other) == last(def)
                && other.path != def.path
        };
        tree.defs.iter().any(|other| is_copy(&other))
    };
    match innermost(if named.is_empty() { &around } else { &named })[..] {
        [first, ..] if is_copied(first) => None,
        [first, ..] => Some(first),
        [] => None,
    }
}

fn print_table(scores: &BTreeMap<String, Score>, mut wrong: Vec<(u64, String)>) {
    let mut text = format!(
        "\n{:<28} {:>6} {:>10} {:>8} {:>8} {:>8}\n",
        "package", "units", "bytes", "placed%", "known%", "right%"
    );
    let mut total = Score::default();
    for (package, score) in scores {
        let _ = writeln!(text, "{}", score.render(package));
        total.add(score);
    }
    let _ = writeln!(text, "{}", total.render("all"));
    wrong.sort_by(|a, b| b.cmp(a));
    for (n_bytes, what) in wrong.iter().take(25) {
        let _ = writeln!(text, "    {n_bytes:>6} {what}");
    }
    println!("{text}");
}

fn judge(scores: &BTreeMap<String, Score>) {
    let path = support::repository().join("tests/placement.expected");
    if support::is_update() {
        let mut text = "# Written by UNLITH_UPDATE=1 cargo test --test placement: bytes of functions placed as in typed trees.\n".to_owned();
        for (package, score) in scores.iter().filter(|(_, score)| score.right_per_mille() < 1000) {
            let _ = writeln!(text, "{package}: {} of 1000", score.right_per_mille());
        }
        std::fs::write(path, text).expect("a writable repository");
        return;
    }
    let recorded = std::fs::read_to_string(path).expect("the figures that were reached");
    let recorded: BTreeMap<&str, u64> = recorded
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_suffix(" of 1000")?.split_once(": "))
        .filter_map(|(package, figure)| Some((package, figure.parse().ok()?)))
        .collect();
    let total = scores.values().fold(Score::default(), |mut sum, score| {
        sum.add(score);
        sum
    });
    assert!(total.placed * 100 >= total.bytes * 95, "95 % of the bytes of functions have a place");
    assert!(total.right_per_mille() >= 950, "95 % of them the right one");
    let is_worse = |(package, score): &(&String, &Score)| {
        score.right_per_mille() < recorded.get(package.as_str()).copied().unwrap_or(1000)
    };
    let worse: Vec<&String> = scores.iter().filter(is_worse).map(|(package, _)| package).collect();
    assert!(worse.is_empty(), "fewer bytes are placed right than before in {worse:?}");
    if ocaml::is_required() {
        assert!(scores.len() >= recorded.len(), "packages are missing: {} are installed", scores.len());
    }
}
