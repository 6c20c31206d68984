//! Properties of the linked set on random command lines, and a slow, obvious linker to compare with.

use super::reach::WithRow;
use super::*;
use crate::base::{Idx, UnitId};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A command line whose last units are the program's own, and a link table.
#[derive(Clone, Debug)]
struct Case {
    input: LinkInput,
    table: LinkTable,
}

/// Random command lines: units in random archives, random links, in either direction.
fn cases() -> impl Strategy<Value = Case> {
    (2usize..40, 1usize..6, 1usize..4).prop_flat_map(|(n, n_archives, n_own)| {
        let links = prop::collection::vec((0..n, 0..n), 0..n * 3);
        let place = prop::collection::vec(0..n_archives, n);
        let ordered = prop::collection::vec(any::<bool>(), n_archives);
        let forced = prop::collection::vec(prop::bool::weighted(0.05), n);
        (links, place, ordered, forced, prop::bool::weighted(0.05)).prop_map(
            move |(links, place, ordered, forced, linkall)| {
                let n_own = n_own.min(n);
                let mut archives: Vec<ArchiveInput> = ordered
                    .into_iter()
                    .map(|is_ordered| ArchiveInput { is_ordered, ..ArchiveInput::default() })
                    .collect();
                (0..n - n_own).for_each(|unit| archives[place[unit]].members.push(UnitId::new(unit)));
                let forced = (0..n).filter(|&unit| forced[unit]).map(UnitId::new).collect();
                let own = (n - n_own..n).map(UnitId::new).collect();
                let mut table = LinkTable { rows: vec![Vec::new(); n] };
                links.into_iter().for_each(|(from, to)| table.rows[from].push(UnitId::new(to)));
                Case { input: LinkInput { archives, own, forced, linkall, ..LinkInput::default() }, table }
            },
        )
    })
}

/// The linker as its manual would say it: from right to left, over and over where an archive's order is free.
fn slow_link(case: &Case) -> BTreeSet<UnitId> {
    let mut kept: BTreeSet<UnitId> = case.input.own.iter().copied().collect();
    let is_asked = |kept: &BTreeSet<UnitId>, unit: UnitId| {
        kept.iter().any(|user| case.table.links(*user).contains(&unit) && *user != unit)
    };
    for archive in case.input.archives.iter().rev() {
        let rounds = if archive.is_ordered { 1 } else { archive.members.len() };
        for _ in 0..rounds {
            for &unit in archive.members.iter().rev() {
                let is_kept = case.input.linkall || archive.linkall || case.input.forced.contains(unit);
                if is_kept || is_asked(&kept, unit) {
                    kept.insert(unit);
                }
            }
        }
    }
    kept
}

fn as_set(linked: &LinkedSet) -> BTreeSet<UnitId> {
    linked.units.iter().copied().collect()
}

proptest! {
    #[test]
    fn the_linked_set_is_the_slow_linkers(case in cases()) {
        let linked = link(&case.input, &case.table);
        prop_assert_eq!(as_set(&linked), slow_link(&case));
        prop_assert_eq!(linked.units.len(), linked.members.len());
        prop_assert_eq!(linked.units.len(), linked.reasons.len());
    }

    /// Asking again and again, with other rows, gives what linking anew does.
    #[test]
    fn what_is_reached_is_what_is_linked(case in cases(), from in prop::collection::vec(0usize..40, 4), to in 0usize..40) {
        let reach = Reach::new(case.input.clone());
        let n = case.table.rows.len();
        for unit in from.into_iter().map(|unit| UnitId::new(unit % n)) {
            let row = [UnitId::new(to % n)];
            let asked = WithRow { links: &case.table, unit, row: &row, n_units: n };
            let mut changed = Changed::new(&case.table);
            changed.set(unit, row.to_vec());
            prop_assert_eq!(reach.kept(&asked), Some(link(&case.input, &changed).members));
        }
    }

    /// What hangs on a unit is what else leaves as soon as it records nothing.
    #[test]
    fn what_a_unit_holds_leaves_with_its_links(case in cases()) {
        let reach = Reach::new(case.input.clone());
        let n_units = case.table.rows.len();
        let asked = |unit: UnitId, row| WithRow { links: &case.table, unit, row, n_units };
        let held = reach.held(&asked(UnitId(0), case.table.links(UnitId(0)))).expect("one place each");
        let all = as_set(&link(&case.input, &case.table));
        for unit in (0..n_units).map(UnitId::new) {
            let left = reach.kept(&asked(unit, &[])).expect("one place each");
            let leaves: BTreeSet<UnitId> =
                all.iter().copied().filter(|&other| other != unit && !left.contains(other)).collect();
            let behind: BTreeSet<UnitId> = held.behind(unit).iter().skip(1).copied().collect();
            prop_assert_eq!(held.behind(unit).first(), all.contains(&unit).then_some(&unit));
            prop_assert_eq!(behind, leaves);
        }
    }

    /// When a unit records something else, and who recorded it another unit instead of it, what hangs on it tells what is kept.
    #[test]
    fn what_is_left_behind_a_unit_is_what_is_linked(case in cases(), pivot in 0usize..40, row in 0usize..40, instead in 0usize..40) {
        let n_units = case.table.rows.len();
        let unit = |at: usize| UnitId::new(at % n_units);
        let (pivot, row, instead) = (unit(pivot), [unit(row)], unit(instead));
        let reach = Reach::new(case.input.clone());
        let asked = |links, row| WithRow { links, unit: pivot, row, n_units };
        let held = reach.held(&asked(&case.table, case.table.links(pivot))).expect("one place each");
        let users: Vec<UnitId> =
            (0..n_units).map(UnitId::new).filter(|&user| case.table.links(user).contains(&pivot)).collect();
        let mut table = case.table.clone();
        for user in &users {
            table.rows[user.idx()].retain(|&used| used != pivot);
            table.rows[user.idx()].push(instead);
        }
        let behind = held.behind(pivot);
        let all = as_set(&link(&case.input, &case.table));
        if !behind.is_empty() {
            let mut kept: BTreeSet<UnitId> = all.into_iter().filter(|unit| !behind.contains(unit)).collect();
            reach.each_left(&held, pivot, &users, false, &asked(&table, &row), |unit| _ = kept.insert(unit));
            table.rows[pivot.idx()] = row.to_vec();
            prop_assert_eq!(kept, as_set(&link(&case.input, &table)));
        }
    }

    /// Where the linker may meet a unit twice, there is no answer rather than a wrong one.
    #[test]
    fn a_unit_in_two_places_is_not_told(case in cases()) {
        let mut twice = case.input.clone();
        let again = twice.archives.clone();
        twice.archives.extend(again);
        let has_members = case.input.archives.iter().any(|archive| !archive.members.is_empty());
        let asked = WithRow { links: &case.table, unit: UnitId(0), row: &[], n_units: case.table.rows.len() };
        prop_assert_eq!(Reach::new(twice).kept(&asked).is_none(), has_members);
    }

    #[test]
    fn own_units_are_linked_and_reasons_hold(case in cases()) {
        let linked = link(&case.input, &case.table);
        prop_assert!(case.input.own.iter().all(|&unit| linked.contains(unit)));
        for (unit, reason) in linked.iter() {
            if let Reason::By(by) = reason {
                prop_assert!(linked.contains(by) && case.table.links(by).contains(&unit));
            }
        }
        for missing in &linked.missing {
            prop_assert!(!linked.contains(missing.unit) && linked.contains(missing.by));
        }
    }

    #[test]
    fn the_set_grows_with_its_roots_and_with_its_links(case in cases(), from in 0u32..40, to in 0u32..40) {
        let before = as_set(&link(&case.input, &case.table));
        let n = case.table.rows.len() as u32;
        let (from, to) = (UnitId(from % n), UnitId(to % n));
        let mut more = case.clone();
        more.input.forced.insert(to);
        prop_assert!(before.is_subset(&as_set(&link(&more.input, &case.table))));
        let mut changed = Changed::new(&case.table);
        let row = case.table.links(from).iter().copied().chain([to]).collect();
        changed.set(from, row);
        prop_assert!(before.is_subset(&as_set(&link(&case.input, &changed))));
        changed.reset(from);
        prop_assert_eq!(before, as_set(&link(&case.input, &changed)));
    }

    #[test]
    fn linking_what_is_linked_changes_nothing(case in cases()) {
        let linked = link(&case.input, &case.table);
        let mut again = case.input.clone();
        again.archives.iter_mut().for_each(|archive| archive.members.retain(|&unit| linked.contains(unit)));
        prop_assert_eq!(as_set(&link(&again, &case.table)), as_set(&linked));
    }

    #[test]
    fn members_of_an_unbuilt_archive_may_stand_in_any_order(case in cases()) {
        let mut case = case;
        case.input.archives.iter_mut().for_each(|archive| archive.is_ordered = false);
        let linked = link(&case.input, &case.table);
        case.input.archives.iter_mut().for_each(|archive| archive.members.reverse());
        prop_assert_eq!(&link(&case.input, &case.table).units, &linked.units);
    }

    #[test]
    fn what_a_unit_retains_is_what_leaves_when_no_link_leads_to_it(case in cases()) {
        // With one unordered archive the linked set is plain reachability, which is what dominators speak of.
        let mut case = case;
        let members = case.input.archives.drain(..).flat_map(|archive| archive.members).collect();
        case.input.archives.push(ArchiveInput { members, is_ordered: false, linkall: false });
        let linked = link(&case.input, &case.table);
        let retained = retained(&linked, &case.table, |unit| u64::from(unit.0) + 100);
        for (i, (unit, reason)) in linked.iter().enumerate() {
            if !matches!(reason, Reason::By(_)) {
                continue;
            }
            let mut changed = Changed::new(&case.table);
            for &user in &linked.units {
                changed.set(user, case.table.links(user).iter().copied().filter(|&used| used != unit).collect());
            }
            let left = as_set(&link(&case.input, &changed));
            let gone: u64 = linked.units.iter().filter(|unit| !left.contains(unit)).map(|unit| u64::from(unit.0) + 100).sum();
            prop_assert_eq!(retained.bytes[i], gone, "unit {:?}", unit);
        }
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_units_is_linked_without_deep_recursion() {
    let n = 100_000u32;
    let rows = (0..n).map(|unit| if unit + 1 < n { vec![UnitId(unit + 1)] } else { Vec::new() }).collect();
    let table = LinkTable { rows };
    let members = (1..n).map(UnitId).collect();
    let input = LinkInput {
        archives: vec![ArchiveInput { members, is_ordered: false, linkall: false }],
        own: vec![UnitId(0)],
        ..LinkInput::default()
    };
    let linked = link(&input, &table);
    assert_eq!(linked.units.len(), n as usize);
    assert!(linked.units.windows(2).all(|pair| pair[0] > pair[1]), "users stand behind what they use");
    let retained = retained(&linked, &table, |_| 1);
    assert_eq!(retained.bytes.iter().max(), Some(&u64::from(n)));
}
