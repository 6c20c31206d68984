//! What must not change an edge: the order of files, the number of threads, comments and blank lines, names of locals.
//!
//! Random programs of a few units are written down twice, in two styles; what their names mean must be the same.

use super::tests::{analysis, edges};
use proptest::prelude::*;
use std::fmt::Write as _;

/// Items with places for what varies: `$U`, `$V` units, `$n` this item's number, `$m` another's; `@a`, `@b`, `@c` locals and
/// `@P` a module that is a parameter. A blank is a place where a comment or an empty line may stand.
const ITEMS: [&str; 20] = [
    "let f$n @a = let @b = @a in $U.f$m @b",
    "let f$n @a = f$m ( fun @b -> @a @b )",
    "let rec f$n @a = match @a with 0 -> $U.N$m.g @a | @b when @b = $V.f$m @a -> f$n @b | _ -> @a",
    "module M$n = $U",
    "module M$n = $U.N$m",
    "module N$n = struct let g @a = $U.f$m @a let h ~@b = ( @b , M$m.f$n ) end",
    "module F$n ( @P : sig val f$m : int -> int end ) = struct let g @a = @P.f$m ( $U.f$m @a ) end",
    "module N$n = F$m ( $U )",
    "module N$n = $V.F$m ( struct let f$m @a = $U.f$n @a end )",
    "open $U",
    "open $U.N$m",
    "include $U",
    "include struct let f$n @a = $U.f$m @a end",
    "exception E$n of int",
    "let f$n @a = try $V.f$m @a with $U.E$m @b -> @b | @c -> f$m @c",
    "type t$n = A$n of int | B$n of { r$n : t$m }",
    "let f$n = function $U.A$m @a -> @a | B$m { r$m = @b } -> @b",
    "let f$n @a = let module @P = $U in let open $V in @P.f$m ( f$m @a )",
    "let f$n ( @a , ( @b : $U.t$m ) ) = let @c = fun @a -> $V.f$m @a in @c ( @b , @a )",
    "let f$n = for @a = 0 to $U.f$m do let @b = @a in ignore ( N$m.g @b ) done",
];

/// One item: which, and the numbers in it.
type Item = (usize, usize, usize, usize, usize);

/// How a program is written down.
#[derive(Clone, Copy, Debug)]
struct Style {
    locals: [&'static str; 3],
    parameter: &'static str,
    blanks: &'static [&'static str],
}

const PLAIN: Style = Style { locals: ["a", "b", "c"], parameter: "Param", blanks: &[" "] };
const OTHER: Style = Style {
    locals: ["renamed", "also'", "_third"],
    parameter: "Given",
    blanks: &[" ", "\n\n", " (* U0.f0 (* \" *) \" nested *) *)\n", "\t(* '\"' *) ", "\r\n(** U1 *)  "],
};

fn programs() -> impl Strategy<Value = Vec<Vec<Item>>> {
    let item = (0..ITEMS.len(), 0..4usize, 0..4usize, 0..5usize, 0..5usize);
    prop::collection::vec(prop::collection::vec(item, 1..9), 2..5)
}

/// Writes a program as a fixture; units in the order given.
fn write(program: &[Vec<Item>], order: &[usize], style: Style) -> String {
    let mut text = String::new();
    for &unit in order {
        let _ = writeln!(text, "(*- u{unit}.ml *)");
        for &(which, u, v, n, m) in &program[unit] {
            // A unit sees those before it.
            let seen = |at: usize| format!("U{}", if unit == 0 { 9 } else { at % unit });
            let mut item = ITEMS[which]
                .replace("$U", &seen(u))
                .replace("$V", &seen(v))
                .replace("$n", &n.to_string())
                .replace("$m", &m.to_string())
                .replace("@P", style.parameter);
            for (place, local) in ["@a", "@b", "@c"].into_iter().zip(style.locals) {
                item = item.replace(place, local);
            }
            for (at, word) in item.split(' ').enumerate() {
                text.push_str(style.blanks[(at * 7 + which + n) % style.blanks.len()]);
                text.push_str(word);
            }
            text.push_str(style.blanks[m % style.blanks.len()]);
            text.push('\n');
        }
    }
    text
}

/// What all names mean, without positions: edges and names without a meaning, unit by unit in one order.
fn meaning(fixture: &str, n_units: usize) -> Vec<String> {
    let (project, analysis) = analysis(fixture);
    let mut all = Vec::new();
    for unit in 0..n_units {
        let name = format!("U{unit}");
        all.extend(edges(&project, &analysis, &name).into_iter().map(|edge| format!("{name}: {edge}")));
        let mut unknown: Vec<String> = analysis
            .graph
            .unresolved
            .iter()
            .filter(|unresolved| project.unit(unresolved.unit).name.as_str() == name)
            .map(|unresolved| {
                let path = unresolved.path.replace(OTHER.parameter, PLAIN.parameter);
                format!("{name}: {path} is {}", unresolved.reason)
            })
            .collect();
        unknown.sort();
        all.extend(unknown);
    }
    all
}

fn in_order(program: &[Vec<Item>]) -> Vec<usize> {
    (0..program.len()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_and_names_of_locals_change_no_edge(program in programs()) {
        let order = in_order(&program);
        let plain = meaning(&write(&program, &order, PLAIN), program.len());
        let other = meaning(&write(&program, &order, OTHER), program.len());
        prop_assert_eq!(plain, other);
    }

    #[test]
    fn the_order_of_files_changes_no_edge(
        (program, order) in programs().prop_flat_map(|program| {
            let order = Just(in_order(&program)).prop_shuffle();
            (Just(program), order)
        })
    ) {
        let sorted = meaning(&write(&program, &in_order(&program), PLAIN), program.len());
        prop_assert_eq!(sorted, meaning(&write(&program, &order, PLAIN), program.len()));
    }

    #[test]
    fn the_number_of_threads_changes_nothing(program in programs()) {
        let fixture = write(&program, &in_order(&program), PLAIN);
        prop_assert_eq!(on_threads(1, &fixture), on_threads(4, &fixture));
    }
}

/// What comes of a program on so many threads.
fn on_threads(n_threads: usize, fixture: &str) -> impl PartialEq + std::fmt::Debug {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build();
    pool.expect("threads can be made").install(|| {
        let (_, analysis) = analysis(fixture);
        let is_read: Vec<bool> = analysis.facts.iter().map(Option::is_some).collect();
        let graph = analysis.graph;
        (graph.edges, graph.defs, graph.units.links, is_read, analysis.problems)
    })
}

/// Where names lead on further than they are followed, it does not matter what was known when that began.
#[test]
fn what_is_cut_short_is_the_same_on_any_number_of_threads() {
    let n = 500;
    let circle: String = (0..n)
        .map(|unit| {
            let (next, after) = ((unit + 1) % n, (unit + 2) % n);
            format!(
                "(*- main/a{unit}.ml *) open A{next} open A{after} module N = M \
                 module M = struct include N let z{unit} = 1 end let x = M.q \n"
            )
        })
        .collect();
    // Twice what is behind each: more steps than one unit may take.
    let n = 60;
    let twice: String = (0..n)
        .map(|unit| match unit + 2 < n {
            true => {
                let (next, after) = (unit + 1, unit + 2);
                format!("(*- main/a{unit}.ml *) include A{next} include A{after} let y{unit} = x \n")
            }
            false => format!("(*- main/a{unit}.ml *) let x = 1 \n"),
        })
        .collect();
    for units in [circle, twice] {
        let fixture = format!("{units}(*- main/main.ml *) let () = A0.x");
        let alone = on_threads(1, &fixture);
        (2..6).for_each(|n_threads| assert!(on_threads(n_threads, &fixture) == alone, "{n_threads} threads"));
    }
}

#[test]
fn the_programs_have_edges() {
    let every: Vec<Item> = (0..ITEMS.len()).map(|which| (which, 0, 0, which % 5, 0)).collect();
    let program = vec![every.clone(), every];
    let fixture = write(&program, &in_order(&program), PLAIN);
    assert!(meaning(&fixture, 2).iter().filter(|line| line.contains("->")).count() > 20, "{fixture}");
}
