//! The linked set of a program, by the linker's rule.
//!
//! The linker reads its command line from right to left. A unit given by itself is kept. A unit of an archive is kept if it
//! is forced, if `-linkall` is given, or if a unit kept so far, thus to its right, records it. (OCaml 4.13
//! `asmcomp/asmlink.ml`, `scan_file`; the same in `bytecomp/bytelink.ml` and in 5.3.)
//!
//! Each unit is looked at once and kept at most once, so the scan ends.

use super::input::{ArchiveInput, LinkInput, Links};
use crate::base::{IdSet, Idx, UnitId};

/// Why a unit is in the linked set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// It is given by itself: an own unit of the program, or `Std_exit`.
    Root,
    /// It is forced: compiled or archived with `-linkall`.
    Forced,
    /// `-linkall` is given for the program or for its archive.
    LinkAll,
    /// This unit, kept before, records it. Others may too; this is the first in the linker's order.
    By(UnitId),
}

/// A unit that something kept records, and that the linker does not find.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MissingUnit {
    /// The unit.
    pub unit: UnitId,
    /// The first kept unit that records it.
    pub by: UnitId,
    /// Whether an archive has it, but to the right of everything that records it.
    pub is_passed: bool,
}

/// The units that end up in one executable.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LinkedSet {
    /// The units in link order, which is the order in which they are initialised.
    pub units: Vec<UnitId>,
    /// The same as a set.
    pub members: IdSet<UnitId>,
    /// For each unit, by position in `units`, why it is there.
    pub reasons: Vec<Reason>,
    /// What the real linker would refuse this program for, sorted by unit. Empty for a program that links.
    pub missing: Vec<MissingUnit>,
}

impl LinkedSet {
    /// Whether a unit is linked.
    #[must_use]
    pub fn contains(&self, unit: UnitId) -> bool {
        self.members.contains(unit)
    }
    /// Returns the units, each with its reason, in link order.
    pub fn iter(&self) -> impl Iterator<Item = (UnitId, Reason)> + '_ {
        self.units.iter().copied().zip(self.reasons.iter().copied())
    }
    /// Returns the units that nothing else has to record: own units, `Std_exit`, forced ones; in link order.
    pub fn roots(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.iter().filter(|(_, reason)| !matches!(reason, Reason::By(_))).map(|(unit, _)| unit)
    }
}

/// Returns the units that the linker keeps.
#[must_use]
pub fn link(input: &LinkInput, links: &impl Links) -> LinkedSet {
    let mut scan = Scan::new(links);
    for &unit in input.tail.iter().rev().chain(input.own.iter().rev()) {
        scan.keep(unit, Reason::Root);
    }
    for archive in input.archives.iter().rev() {
        let linkall = input.linkall || archive.linkall;
        if archive.is_ordered {
            scan.ordered(archive, &input.forced, linkall);
        } else {
            scan.unordered(archive, &input.forced, linkall);
        }
    }
    scan.finish(input)
}

/// The state of the scan: what is kept, in scan order, and who first asked for what.
struct Scan<'a, L> {
    links: &'a L,
    kept: Vec<(UnitId, Reason)>,
    members: IdSet<UnitId>,
    asked_by: Vec<Option<UnitId>>,
}

impl<'a, L: Links> Scan<'a, L> {
    fn new(links: &'a L) -> Self {
        let n_units = links.n_units();
        Scan { links, kept: Vec::new(), members: IdSet::with_room(n_units), asked_by: vec![None; n_units] }
    }

    /// Keeps a unit; everything that it records is asked for from now on.
    fn keep(&mut self, unit: UnitId, reason: Reason) {
        if !self.members.insert(unit) {
            return;
        }
        self.kept.push((unit, reason));
        for &used in self.links.links(unit) {
            if used != unit {
                self.asked_by[used.idx()].get_or_insert(unit);
            }
        }
    }

    /// The reason to keep a member, as things stand.
    fn reason(&self, unit: UnitId, forced: &IdSet<UnitId>, linkall: bool) -> Option<Reason> {
        if forced.contains(unit) {
            Some(Reason::Forced)
        } else if linkall {
            Some(Reason::LinkAll)
        } else {
            self.asked_by.get(unit.idx()).copied().flatten().map(Reason::By)
        }
    }

    /// Scans an archive whose order is known, from its last member to its first.
    fn ordered(&mut self, archive: &ArchiveInput, forced: &IdSet<UnitId>, linkall: bool) {
        for &unit in archive.members.iter().rev() {
            if let Some(reason) = self.reason(unit, forced, linkall) {
                self.keep(unit, reason);
            }
        }
    }

    /// Scans an archive whose order is not known: keeps what is reached inside it, then orders it as a build would, users
    /// behind what they use.
    fn unordered(&mut self, archive: &ArchiveInput, forced: &IdSet<UnitId>, linkall: bool) {
        let first = self.kept.len();
        let here: IdSet<UnitId> = archive.members.iter().copied().collect();
        for &unit in &archive.members {
            if let Some(reason) = self.reason(unit, forced, linkall) {
                self.keep(unit, reason);
            }
        }
        // What is kept here may ask for more of the same archive; `kept` is its own work list.
        let mut next = first;
        while next < self.kept.len() {
            let (unit, _) = self.kept[next];
            next += 1;
            for &used in self.links.links(unit) {
                if here.contains(used) {
                    self.keep(used, Reason::By(unit));
                }
            }
        }
        let mut order = users_last(&self.kept[first..], self.links);
        order.reverse();
        self.kept.truncate(first);
        self.kept.extend(order);
    }

    fn finish(mut self, input: &LinkInput) -> LinkedSet {
        self.kept.reverse();
        let archived: IdSet<UnitId> =
            input.archives.iter().flat_map(|archive| archive.members.iter().copied()).collect();
        let asked =
            self.asked_by.iter().enumerate().filter_map(|(unit, by)| Some((UnitId::new(unit), (*by)?)));
        let missing = asked
            .filter(|&(unit, _)| !self.members.contains(unit) && !input.replaced.contains(unit))
            .map(|(unit, by)| MissingUnit { unit, by, is_passed: archived.contains(unit) })
            .collect();
        let (units, reasons) = self.kept.into_iter().unzip();
        LinkedSet { units, members: self.members, reasons, missing }
    }
}

/// Orders units so that each stands behind those that it records, as far as there is no cycle.
fn users_last(kept: &[(UnitId, Reason)], links: &impl Links) -> Vec<(UnitId, Reason)> {
    let mut todo: Vec<(UnitId, Reason)> = kept.to_vec();
    todo.sort_unstable();
    let mut waiting: IdSet<UnitId> = todo.iter().map(|&(unit, _)| unit).collect();
    let reason_of: rustc_hash::FxHashMap<UnitId, Reason> = todo.iter().copied().collect();
    let mut order = Vec::with_capacity(todo.len());
    // Depth first with an explicit stack: generated libraries have chains of thousands of units.
    let mut stack: Vec<(UnitId, usize)> = Vec::new();
    for &(unit, _) in &todo {
        if waiting.remove(unit) {
            stack.push((unit, 0));
        }
        while let Some((unit, next)) = stack.last_mut() {
            match links.links(*unit).get(*next) {
                Some(&used) => {
                    *next += 1;
                    if waiting.remove(used) {
                        stack.push((used, 0));
                    }
                }
                None => {
                    order.push((*unit, reason_of[unit]));
                    stack.pop();
                }
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkTable;

    /// Links a command line such as `a b* | c ; main`, where `|` parts archives, `*` forces, `~` in front makes an archive
    /// unordered, and `;` comes before the own units; `links` is `main>a a>b`. Shows the linked units in order, then what
    /// is missing.
    fn check(line: &str, links: &str, expected: &str) {
        let id = |name: &str| UnitId(u32::from(name.as_bytes()[0] - b'a'));
        let (archives, own) = line.split_once(';').expect("own units");
        let mut input = LinkInput { own: own.split_whitespace().map(id).collect(), ..LinkInput::default() };
        for archive in archives.split('|') {
            let members = archive.trim_start_matches([' ', '~']).split_whitespace();
            input.forced.extend(members.clone().filter(|name| name.ends_with('*')).map(id));
            let is_ordered = !archive.trim_start().starts_with('~');
            input.archives.push(ArchiveInput {
                members: members.map(id).collect(),
                is_ordered,
                linkall: false,
            });
        }
        let mut table = LinkTable { rows: vec![Vec::new(); 26] };
        for link in links.split_whitespace() {
            let (from, to) = link.split_once('>').expect("a link");
            table.rows[id(from).idx()].push(id(to));
        }
        let letter = |unit: UnitId| char::from(b'a' + u8::try_from(unit.0).expect("a letter"));
        let linked = link(&input, &table);
        let show = |(unit, reason)| match reason {
            Reason::By(by) => format!("{}<{}", letter(unit), letter(by)),
            Reason::Forced => format!("{}*", letter(unit)),
            Reason::LinkAll => format!("{}+", letter(unit)),
            Reason::Root => letter(unit).to_string(),
        };
        let mut shown: Vec<String> = linked.iter().map(show).collect();
        let word = |missing: &MissingUnit| if missing.is_passed { "passed" } else { "absent" };
        shown.extend(
            linked.missing.iter().map(|m| format!("{}:{}<{}", word(m), letter(m.unit), letter(m.by))),
        );
        assert_eq!(shown.join(" "), expected, "{line} with {links}");
    }

    #[test]
    fn units_of_archives_are_kept_when_something_to_their_right_records_them() {
        check("a b c ; m", "m>c c>a", "a<c c<m m");
        check("a b | c d ; m n", "n>d d>a", "a<d d<n m n");
        check("a b ; m", "", "m");
    }

    #[test]
    fn forced_units_bring_what_they_record() {
        check("a b c* ; m", "c>a", "a<c c* m");
        check("a b* c ; m", "m>b b>c", "b* m passed:c<b");
    }

    #[test]
    fn a_unit_to_the_right_is_not_taken_any_more() {
        check("a b ; m", "m>a a>b", "a<m m passed:b<a");
        check("a | b ; m", "m>a a>b", "a<m m passed:b<a");
        check("a ; m", "m>z", "m absent:z<m");
    }

    #[test]
    fn where_nothing_is_built_the_order_is_found() {
        check("~ a b c ; m", "m>a a>b b>c", "c<b b<a a<m m");
        check("~ a b c* ; m", "c>a", "a<c c* m");
        check("z | ~ b a ; m", "m>b b>a a>z", "z<a a<b b<m m");
    }

    #[test]
    fn the_same_unit_in_two_archives_is_linked_once() {
        check("a | a b ; m", "m>b b>a", "a<b b<m m");
    }

    #[test]
    fn linkall_keeps_every_member() {
        let input = LinkInput {
            archives: vec![ArchiveInput {
                members: vec![UnitId(0), UnitId(1)],
                is_ordered: true,
                linkall: true,
            }],
            own: vec![UnitId(2)],
            tail: vec![UnitId(3)],
            ..LinkInput::default()
        };
        let linked = link(&input, &LinkTable { rows: vec![Vec::new(); 4] });
        assert_eq!(linked.units, [UnitId(0), UnitId(1), UnitId(2), UnitId(3)]);
        assert_eq!(linked.reasons, [Reason::LinkAll, Reason::LinkAll, Reason::Root, Reason::Root]);
        let whole = LinkInput {
            linkall: true,
            ..LinkInput {
                archives: vec![ArchiveInput { linkall: false, ..input.archives[0].clone() }],
                ..input
            }
        };
        assert_eq!(link(&whole, &LinkTable::default()).units.len(), 4);
    }
}
