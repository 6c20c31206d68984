//! What is found in small projects, through the real pipeline.

use super::fixture::Fixture;
use super::*;

/// Checks what is proposed for the first program; one line for each proposal and each of its risks.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(Fixture::new(text).shown(), expected);
}

const FACADE: &str = "
(*- lib/aa.ml *) let v = 1 let twice x = x + x
(*- lib/bb.ml *) let big a b c = (a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c) let v = big 1 2 3
(*- lib/fac.ml *) module Aa = Aa module Bb = Bb
(*- lib/fac.mli *) module Aa : sig val v : int end module Bb : sig val v : int end
";

#[test]
fn a_sealed_facade_is_unsealed_or_gone_around() {
    check(
        &format!("{FACADE} (*- main/main.ml *) let () = ignore Fac.Aa.v"),
        &[
            "unseal-facade:Fac -Bb Fac + Proposed",
            "bypass-facade:Fac -Bb Fac + NeedsReview",
            "  bypass-types",
        ],
    );
}

#[test]
fn nothing_is_proposed_when_all_parts_are_needed() {
    check(&format!("{FACADE} (*- main/main.ml *) let () = ignore Fac.Aa.v let () = ignore Fac.Bb.v"), &[]);
}

#[test]
fn who_includes_the_facade_keeps_all_parts() {
    check(
        &format!("{FACADE} (*- other/wrap.ml *) include Fac (*- main/main.ml *) let () = ignore Wrap.Aa.v"),
        &[],
    );
}

#[test]
fn an_abstract_type_makes_a_wrapper_and_one_with_parameters_a_review() {
    let text = |params: &str| {
        format!(
            "(*- lib/aa.ml *) type {params}t = {{ x : int }} let v = 1
             (*- lib/bb.ml *) let big a b c = (a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c,
                a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a, b, c)
             (*- lib/fac.ml *) module Aa = Aa module Bb = Bb
             (*- lib/fac.mli *) module Aa : sig type {params}t val v : int end
                module Bb : sig val big : int -> int -> int -> int end
             (*- main/main.ml *) let () = ignore Fac.Aa.v"
        )
    };
    let proposals = |params| Fixture::new(&text(params)).propose().remove(0).proposals;
    let plain = &proposals("")[0];
    assert_eq!((plain.units_added.as_slice(), plain.status), (&["Aa_pub".to_owned()][..], Status::Proposed));
    assert_eq!(plain.plan.parts[0].recipe, Recipe::Wrap);
    let with_params = &proposals("'a ")[0];
    assert_eq!(with_params.status, Status::NeedsReview);
    assert_eq!(with_params.risks[0].code, "variance");
    assert_eq!(with_params.risks[0].place.as_ref().and_then(|place| place.at).map(|at| at.line), Some(1));
}

#[test]
fn module_type_of_the_facade_is_for_review() {
    check(
        &format!("{FACADE} (*- main/main.ml *) module type S = module type of Fac let () = ignore Fac.Aa.v"),
        &[
            "unseal-facade:Fac -Bb Fac + NeedsReview",
            "  module-type-of",
            "bypass-facade:Fac -Bb Fac + NeedsReview",
            "  bypass-types",
        ],
    );
}

#[test]
fn effects_of_units_that_leave_are_classified() {
    let with = |effect: &str| {
        format!(
            "(*- lib/table.ml *) let all = ref 0 let register n = all := n
             (*- lib/aa.ml *) let v = Table.register
             (*- lib/bb.ml *) {effect} let v a b = (a, b, a, b, a, b, a, b, a, b, a, b, a, b, a, b)
             (*- lib/fac.ml *) module Aa = Aa module Bb = Bb
             (*- lib/fac.mli *) module Aa : sig val v : int -> unit end module Bb : sig val v : int end
             (*- main/main.ml *) let () = Fac.Aa.v 1"
        )
    };
    let risks = |effect: &str| -> Vec<&'static str> {
        let proposal = Fixture::new(&with(effect)).propose().remove(0).proposals.remove(0);
        proposal.risks.iter().map(|risk| risk.code).collect()
    };
    assert_eq!(risks("let own = ref 0 let () = own := 3"), Vec::<&str>::new());
    assert_eq!(risks("let () = Table.register 3"), ["effect-dropped"]);
    assert_eq!(risks("let () = print_string \"here\""), ["effect-outside"]);
    assert_eq!(risks("let () = Stdlib__Random.self_init ()"), ["effect-outside"]);
}

#[test]
fn forced_units_are_named_with_what_they_cost() {
    check(
        "(*- lib/aa.ml *) let v = 1
         (*- lib/bb.ml forced *) let big a b c = (a, b, c, a, b, c, a, b, c, a, b, c)
         (*- main/main.ml *) let () = ignore Aa.v",
        &["drop-linkall:lib -Bb + NeedsReview", "  linkall-needed"],
    );
}

#[test]
fn programs_that_the_change_touches_are_shown_beside() {
    let fixture = Fixture::new(&format!(
        "{FACADE} (*- main/main.ml *) let () = ignore Fac.Aa.v
         (*- main2/all.ml *) let () = ignore Fac.Aa.v let () = ignore Fac.Bb.v"
    ));
    let proposals = fixture.propose();
    let unseal = &proposals[0].proposals[0];
    assert_eq!(unseal.others.len(), 1);
    let (other, saved) = unseal.others[0];
    assert_eq!(fixture.project.program(other).name, "main2");
    // Only the facade itself leaves there.
    assert!(saved.alloc > 0 && saved.alloc < unseal.saved.alloc);
}

#[test]
fn evidence_is_where_the_facade_is_used() {
    let fixture =
        Fixture::new(&format!("{FACADE} (*- main/main.ml *) let f x = x\nlet () = ignore Fac.Aa.v"));
    let proposal = fixture.propose().remove(0).proposals.remove(0);
    let evidence = &proposal.evidence[0];
    assert_eq!(evidence.refers_to, "Fac.Aa.v");
    assert_eq!(evidence.at.map(|at| (at.line, at.col)), Some((2, 16)));
    assert_eq!(fixture.unit("Main"), evidence.from);
    assert_eq!((proposal.used.len(), proposal.n_defs), (1, 2));
}
