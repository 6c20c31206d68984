//! Generated workspaces of any size: libraries of units that refer to each other as real ones do.
//!
//! A tree is a number of domains over a few base libraries, as in a company's tree or a package repository: twenty libraries
//! that require each other and the base, and a program on top that links several hundred units. A library has two dozen units
//! behind dune's alias module; a unit is 30 to 250 lines of functions, types, submodules and functors, and names a handful of
//! others, most of its own library. The same numbers give the same files, on any machine.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Libraries of a domain; the first domain's are the base of all.
const DOMAIN: usize = 20;
/// Libraries that any other may require.
const BASE: usize = 6;

/// What is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forest {
    /// Units in all libraries together.
    pub(crate) n_units: usize,
    /// Units of one library.
    pub(crate) units_of_library: usize,
}

impl Forest {
    /// A tree of so many units, with one program for each domain.
    pub(crate) fn of_units(n_units: usize) -> Self {
        Forest { n_units, units_of_library: 25 }
    }

    fn n_libraries(self) -> usize {
        self.n_units.div_ceil(self.units_of_library)
    }

    /// Writes the workspace and returns its sources.
    pub(crate) fn write(self, root: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        std::fs::create_dir_all(root)?;
        std::fs::write(root.join("dune-project"), "(lang dune 2.0)\n")?;
        for library in 0..self.n_libraries() {
            let dir = root.join(format!("lib{library}"));
            std::fs::create_dir_all(&dir)?;
            let requires: String = requires(library).iter().map(|other| format!(" lib{other}")).collect();
            std::fs::write(
                dir.join("dune"),
                format!("(library (name lib{library}) (libraries{requires}))\n"),
            )?;
            for unit in 0..self.units(library) {
                let (implementation, interface) = self.unit(library, unit);
                let path = dir.join(format!("unit{unit}.ml"));
                std::fs::write(&path, implementation)?;
                files.push(path);
                if let Some(interface) = interface {
                    let path = dir.join(format!("unit{unit}.mli"));
                    std::fs::write(&path, interface)?;
                    files.push(path);
                }
            }
        }
        let dir = root.join("bin");
        std::fs::create_dir_all(&dir)?;
        let mut stanzas = String::new();
        for program in 0..self.n_libraries().div_ceil(DOMAIN) {
            let domain = program * DOMAIN..self.n_libraries().min((program + 1) * DOMAIN);
            let tops: Vec<usize> = domain.rev().collect();
            let named: String = tops.iter().map(|library| format!(" lib{library}")).collect();
            let _ = writeln!(
                stanzas,
                "(executable (name main{program}) (modules main{program}) (libraries{named}))"
            );
            let mut text = String::new();
            for library in tops {
                let last = self.units(library) - 1;
                let _ = writeln!(text, "let () = print_int (Lib{library}.Unit{last}.f0 1 2)");
            }
            let path = dir.join(format!("main{program}.ml"));
            std::fs::write(&path, text)?;
            files.push(path);
        }
        std::fs::write(dir.join("dune"), stanzas)?;
        Ok(files)
    }

    fn units(self, library: usize) -> usize {
        self.units_of_library.min(self.n_units - library * self.units_of_library)
    }

    /// The text of a unit, and of its interface where it has one.
    fn unit(self, library: usize, unit: usize) -> (String, Option<String>) {
        let mut dice = Dice::new(library as u64 * 1_000 + unit as u64);
        let mut text = String::from("(* Generated: nothing here means anything. *)\n\n");
        let mut others: Vec<String> = Vec::new();
        for _ in 0..(unit.min(4)) {
            others.push(format!("Unit{}", dice.below(unit)));
        }
        for &other in &requires(library) {
            if dice.below(3) > 0 {
                others.push(format!("Lib{other}.Unit{}", dice.below(self.units(other))));
            }
        }
        let _ = writeln!(text, "type t = {{ id : int; name : string; mutable seen : bool }}\n");
        let _ = writeln!(
            text,
            "type kind = Small of int | Large of t * t | Empty\n\nexception Broken of string\n"
        );
        let n_functions = 4 + dice.below(24);
        for function in 0..n_functions {
            self.function(&mut text, &mut dice, function, &others);
        }
        let _ = writeln!(
            text,
            "module Order = struct\n  type nonrec t = t\n  let compare a b = compare a.id b.id\nend\n\n\
             module Table = Map.Make (Order)\n\n\
             let table = List.fold_left (fun acc x -> Table.add x (f0 x.id 1) acc) Table.empty []\n\n\
             let () = if Table.is_empty table then ignore (f0 1 2)\n"
        );
        let mut interface = String::from("type t = { id : int; name : string; mutable seen : bool }\n\n");
        let _ = writeln!(
            interface,
            "type kind = Small of int | Large of t * t | Empty\n\nexception Broken of string\n"
        );
        for function in 0..n_functions {
            let _ = writeln!(interface, "(** Function {function}. *)\nval f{function} : int -> int -> int\n");
        }
        (text, (dice.below(2) == 0).then_some(interface))
    }

    fn function(self, text: &mut String, dice: &mut Dice, function: usize, others: &[String]) {
        let _ = writeln!(text, "(** What {function} does: it adds, matches and prints as functions do. *)");
        let _ = writeln!(text, "let f{function} x y =");
        for line in 0..2 + dice.below(6) {
            let call = match others.get(dice.below(others.len() + 2)) {
                Some(other) => format!("{other}.f{} (x + {line}) y", dice.below(4)),
                None if function > 0 => format!("f{} y (x * {line})", dice.below(function)),
                None => format!("String.length \"some text {line}\" + x"),
            };
            let _ = writeln!(text, "  let v{line} = {call} in");
        }
        match dice.below(3) {
            0 => text.push_str(
                "  match (if x > y then Small v0 else Empty) with\n  | Small n when n > 3 -> n + v1\n  \
                 | Large (a, b) -> a.id + b.id\n  | Small _ | Empty -> v0 - v1\n\n",
            ),
            1 => text.push_str(
                "  let r = { id = v0; name = Printf.sprintf \"%d-%d\" x y; seen = false } in\n  \
                 r.seen <- v0 = v1;\n  if r.seen then raise (Broken r.name) else String.length r.name\n\n",
            ),
            _ => text.push_str(
                "  [ v0; v1; x; y ] |> List.map (fun n -> n * 2) |> List.filter (fun n -> n > 1)\n  \
                 |> List.fold_left ( + ) 0\n\n",
            ),
        }
    }
}

/// The libraries that a library requires: earlier ones of its domain, and of the base.
fn requires(library: usize) -> Vec<usize> {
    let mut dice = Dice::new(77 + library as u64);
    let first = library - library % DOMAIN;
    let mut found = Vec::new();
    for nth in 0..4 {
        if nth < 2 && library > first {
            found.push(first + dice.below(library - first));
        } else if library > 0 {
            found.push(dice.below(BASE.min(library)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Numbers that look like chance and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        dice.below(2);
        dice
    }
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n.max(1)
    }
}
