//! The rules of names and links, on small sources whose meaning the compiler's typed trees gave.

use super::{Analysis, Archives, DefKind, EdgeKind, Wanted, analyse};
use crate::base::{FileId, Idx, LibraryId, Name, UnitId, name};
use crate::project::{Generated, Library, LibraryOrigin, Project, SourceFile, SourceKind, Unit, UnitSource};
use crate::resolve::Texts;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};

/// What the sources of the fixtures need of the standard library.
const STDLIB: &str = "external ( + ) : int -> int -> int = \"%addint\"
external ( - ) : int -> int -> int = \"%subint\"
external ( = ) : 'a -> 'a -> bool = \"%equal\"
external ( <> ) : 'a -> 'a -> bool = \"%notequal\"
external ( || ) : bool -> bool -> bool = \"%sequor\"
external ( && ) : bool -> bool -> bool = \"%sequand\"
external ( |> ) : 'a -> ('a -> 'b) -> 'b = \"%revapply\"
external ignore : 'a -> unit = \"%ignore\"
external raise : exn -> 'a = \"%raise\"
exception Not_found
let print_int (_ : int) = ()
module List = Stdlib__List
module Lazy = Stdlib__Lazy
module Map = Stdlib__Map
module Bool = Stdlib__Bool
module String = Stdlib__String
";

struct Memory(FxHashMap<PathBuf, String>);

impl Texts for Memory {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        let text = self.0.get(path).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
        Ok(text.clone().into_bytes())
    }
}

/// Splits `(*- name.ml flags *)` headers; a flag `-open X` opens, `alias-deps` compiles without `-no-alias-deps`.
fn sources(fixture: &str) -> Vec<(String, Vec<String>, String)> {
    let mut out = Vec::new();
    for part in fixture.split("(*- ").skip(1) {
        let (header, text) = part.split_once("*)").expect("a header ends");
        let mut words = header.split_whitespace().map(str::to_owned);
        let file = words.next().expect("a header names a file");
        out.push((file, words.collect(), text.to_owned()));
    }
    out
}

pub(super) fn analysis(fixture: &str) -> (Project, Analysis) {
    let mut project = Project::default();
    let mut texts = FxHashMap::default();
    let mut add = |project: &mut Project, library: u32, file: &str, flags: &[String], text: &str| {
        let (stem, extension) = file.rsplit_once('.').expect("a file has an extension");
        let mut unit_name = stem.to_owned();
        unit_name[..1].make_ascii_uppercase();
        let unit_name = name(&unit_name);
        let id = project.units.iter().position(|unit| unit.name == unit_name);
        let id = id.unwrap_or_else(|| {
            let source = UnitSource::Files { implementation: None, interface: None };
            project.units.push(Unit {
                no_alias_deps: !flags.iter().any(|flag| flag == "alias-deps"),
                opens_stdlib: library == 1 || unit_name.starts_with("Stdlib__"),
                ..Unit::new(unit_name, LibraryId(library), source)
            });
            project.units.len() - 1
        });
        let file_id = FileId::new(project.files.len());
        let kind = if extension == "mli" { SourceKind::Interface } else { SourceKind::Implementation };
        let path = PathBuf::from(format!("{library}/{file}"));
        texts.insert(path.clone(), text.to_owned());
        project.files.push(SourceFile {
            path: path.clone(),
            shown: path,
            kind,
            unit: UnitId::new(id),
            generator: None,
        });
        let unit = &mut project.units[id];
        match (&mut unit.source, extension) {
            (source, "gen") => {
                let aliases = text.split_whitespace().filter_map(|word| word.split_once('='));
                let aliases = aliases.map(|(alias, unit)| (name(alias), name(unit))).collect();
                *source = UnitSource::Generated(Generated { aliases });
            }
            (UnitSource::Files { interface, .. }, "mli") => *interface = Some(file_id),
            (UnitSource::Files { implementation, .. }, _) => *implementation = Some(file_id),
            _ => unreachable!("sources come with one extension"),
        }
        let opens = flags.windows(2).filter(|pair| pair[0] == "-open");
        unit.opens.extend(opens.map(|pair| name(&pair[1])));
    };
    add(&mut project, 0, "stdlib.ml", &[], STDLIB);
    for (file, text) in [
        ("stdlib__List.ml", "let map f l = f l let length l = l"),
        ("stdlib__Lazy.ml", "external force : 'a Lazy.t -> 'a = \"%lazy_force\""),
        ("stdlib__Bool.ml", "let to_int b = b"),
        ("stdlib__String.ml", "let compare a b = a let length s = s"),
        (
            "stdlib__Map.ml",
            "module type OrderedType = sig type t val compare : t -> t -> int end
             module Make (Ord : OrderedType) = struct let empty = 0 let add k = Ord.compare k k end",
        ),
        ("camlinternalOO.ml", ""),
        ("camlinternalMod.ml", "let init_mod x = x"),
        ("camlinternalLazy.ml", "let force_lazy_block x = x"),
    ] {
        add(&mut project, 0, file, &[], text);
    }
    for (file, flags, text) in sources(fixture) {
        add(&mut project, 1, &file, &flags, &text);
    }
    for (id, origin) in [(0, LibraryOrigin::Stdlib), (1, LibraryOrigin::Workspace)] {
        let units: Vec<UnitId> = (0..project.units.len())
            .map(UnitId::new)
            .filter(|&unit| project.unit(unit).library.0 == id)
            .collect();
        project.libraries.push(Library {
            name: name(if id == 0 { "stdlib" } else { "lib" }),
            package: name(if id == 0 { "stdlib" } else { "lib" }),
            origin,
            dir: PathBuf::from(if id == 0 { "ocaml" } else { "lib" }),
            requires: Vec::new(),
            re_exports: Vec::new(),
            implements: None,
            visible: (0..=id).rev().map(LibraryId).collect(),
            unit_by_name: units.iter().map(|&unit| (project.unit(unit).name, unit)).collect(),
            units,
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
    let analysis =
        analyse(&mut project, &Memory(texts), &Wanted::Libraries(vec![LibraryId(1)]), Archives::Ignored);
    (project, analysis)
}

/// Prints the edges of one unit as `from -> Unit/path kind flags`, sorted; name-only ones and coercions left out.
pub(super) fn edges(project: &Project, analysis: &Analysis, unit: &str) -> Vec<String> {
    let graph = &analysis.graph;
    let id = UnitId::new(
        project.units.iter().position(|found| found.name == name(unit)).expect("the unit exists"),
    );
    let mut out = Vec::new();
    for def in graph.unit_defs(id) {
        let from = graph.def(def);
        let nth = if from.nth > 1 { format!("#{}", from.nth) } else { String::new() };
        let from = if from.kind == DefKind::Effect { "()".to_owned() } else { format!("{}{nth}", from.path) };
        for edge in graph.edges_of(def) {
            let is_runtime = edge.kind.links() || edge.kind == EdgeKind::Primitive;
            if !is_runtime
                || edge.flags.get().through
                || edge.flags.get().coercion
                || edge.flags.get().alias_required
            {
                continue;
            }
            let kind = format!("{:?}", edge.kind).to_lowercase();
            let nth = match edge.def.get().map(|def| graph.def(def)) {
                Some(def) if def.nth > 1 && def.unit == id && def.path == edge.target.path => {
                    format!("#{}", def.nth)
                }
                _ => String::new(),
            };
            let mut line =
                format!("{from} -> {}/{}{nth} {kind}", project.unit(edge.target.unit).name, edge.target.path);
            for (flag, word) in [
                (edge.flags.get().implicit, " implicit"),
                (edge.flags.get().include, " include"),
                (edge.flags.get().export, " export"),
            ] {
                if flag {
                    line.push_str(word);
                }
            }
            out.push(line);
        }
    }
    out.sort();
    out.dedup();
    out
}

#[track_caller]
fn check(fixture: &str, unit: &str, expected: &str) {
    let (project, analysis) = analysis(fixture);
    let found = edges(&project, &analysis, unit);
    let mut expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    expected.sort_unstable();
    let missing: Vec<_> = expected.iter().filter(|line| !found.iter().any(|found| found == *line)).collect();
    let extra: Vec<_> = found.iter().filter(|found| !expected.contains(&found.as_str())).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:#?}\nextra {extra:#?}");
}

/// Prints the units that a unit links, sorted.
#[track_caller]
fn check_links(fixture: &str, unit: &str, expected: &[&str]) {
    let (project, analysis) = analysis(fixture);
    let id = UnitId::new(
        project.units.iter().position(|found| found.name == name(unit)).expect("the unit exists"),
    );
    let links = &analysis.graph.units.links[id.idx()];
    let mut found: Vec<Name> = links.iter().map(|&(to, _)| project.unit(to).name).collect();
    found.retain(|name| *name != "Stdlib");
    found.sort();
    let found: Vec<&str> = found.iter().map(|name| name.as_str()).collect();
    assert_eq!(found, expected);
}

const PROVIDER: &str = include_str!("fixtures/provider.ml.txt");

#[test]
fn references_of_every_kind_are_those_of_the_typed_tree() {
    check(PROVIDER, "Cases", include_str!("fixtures/cases.txt"));
    check(PROVIDER, "User", include_str!("fixtures/user.txt"));
    check(PROVIDER, "Wrap", include_str!("fixtures/wrap.txt"));
}

#[test]
fn a_wrapped_library_links_the_part_and_not_the_alias_module() {
    let fixture = "(*- lib__.gen *) List=Lib__List One=Lib__One
        (*- lib__List.ml -open Lib__ *) let v = 1
        (*- lib__One.ml -open Lib__ *) let w = List.v
        (*- user.ml -open Lib__ *) open One let x = w";
    check_links(fixture, "Lib__One", &["Lib__List"]);
    check_links(fixture, "User", &["Lib__One"]);
}

#[test]
fn a_flag_opens_a_module_of_what_flags_in_front_of_it_open() {
    let fixture = "(*- lib__.gen *) One=Lib__One
        (*- lib__One.ml -open Lib__ *) module Sub = struct let v = 1 end
        (*- user.ml -open Lib__ -open One -open Sub *) let x = v";
    check_links(fixture, "User", &["Lib__One"]);
}

#[test]
fn alias_heads_are_recorded_only_without_no_alias_deps() {
    let body = "module X = B module Y = W.X let v = Y.v";
    let with = format!("(*- b.ml *) let v = 1 (*- w.ml *) module X = B (*- a.ml *) {body}");
    check_links(&with, "A", &["B"]);
    let without = format!("(*- b.ml *) let v = 1 (*- w.ml *) module X = B (*- a.ml alias-deps *) {body}");
    check_links(&without, "A", &["B", "W"]);
}

#[test]
fn a_unit_on_the_load_path_hides_the_module_of_that_name_in_the_standard_library() {
    // OCaml 4.08 and later: `Env.open_signature_of_initially_opened_module`.
    check_links("(*- list.ml *) let mine = 1 (*- user.ml *) let x = List.mine", "User", &["List"]);
    check_links("(*- user.ml *) let x = List.length []", "User", &["Stdlib__List"]);
}

#[test]
fn what_is_opened_and_not_known_is_told() {
    let reasons = |body: &str| {
        let (_, analysis) = analysis(&format!("(*- a.ml *) {body}"));
        let graph = &analysis.graph;
        let told = |name: &crate::resolve::Unresolved| format!("{}: {}", name.path, name.reason);
        graph.unresolved.iter().map(told).collect::<Vec<String>>()
    };
    // A local value, a functor that is a parameter of another one, an include in a structure.
    assert_eq!(reasons("let f x = let open (val x) in List.length []"), ["(val ..): unknown-open"]);
    assert_eq!(
        reasons(
            "module type S = sig module type T module F (X : sig end) : T end module G (P : S) = struct open P.F (struct end) let n = List.length [] end"
        ),
        ["P.F (..): unknown-open"]
    );
    assert_eq!(
        reasons("let f x = let module M = struct include (val x) let n = List.length [] end in ignore M.n"),
        ["(val x): unknown-open"]
    );
    assert!(
        reasons("module type S = sig val n : int end let f x = let open (val x : S) in List.length [ n ]")
            .is_empty()
    );
}
