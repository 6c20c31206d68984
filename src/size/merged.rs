//! What the linker keeps one of: mergeable constants and strings, and names in tables, where one that ends another shares its bytes.
//!
//! Both are sorted once; what a few more add is found without sorting all again.

use super::c_object::Mergeable;
use crate::base::Name;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A string that is sorted by its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Tail<'t> {
    /// Its last eight bytes, the last one first: most comparisons end here.
    last: u64,
    text: &'t [u8],
}

impl<'t> Tail<'t> {
    fn new(text: &'t [u8]) -> Self {
        let mut last = [0; 8];
        last.iter_mut().zip(text.iter().rev()).for_each(|(to, &byte)| *to = byte);
        Tail { last: u64::from_be_bytes(last), text }
    }

    /// Compares from the end on: what ends another stands right before one that it ends.
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let all = || self.text.iter().rev().cmp(other.text.iter().rev());
        self.last.cmp(&other.last).then_with(all)
    }
}

/// Strings of a table, each with its end.
#[derive(Debug, Default)]
pub(super) struct Strings {
    sorted: Vec<Tail<'static>>,
}

impl Strings {
    /// Takes names; empty ones are left out.
    pub(super) fn of_names(names: impl Iterator<Item = Name>) -> Self {
        let names = names.filter(|name| !name.is_empty());
        let mut sorted: Vec<Tail<'static>> = names.map(|name| Tail::new(name.as_str().as_bytes())).collect();
        sorted.sort_unstable_by(Tail::compare);
        Strings { sorted }
    }

    /// Returns the length of the table.
    pub(super) fn len(&self) -> u64 {
        own_strings(&self.sorted).map(|text| text.len() as u64 + 1).sum()
    }

    /// Returns the length of the table with more names in it.
    pub(super) fn len_with(&self, more: impl Iterator<Item = Name>) -> u64 {
        let more = Strings::of_names(more);
        let mut sorted = [self.sorted.as_slice(), &more.sorted].concat();
        // Two sorted runs: the sort finds them.
        sorted.sort_by(Tail::compare);
        Strings { sorted }.len()
    }
}

/// Mergeable parts, one of each.
#[derive(Debug, Default)]
pub(super) struct Merged {
    parts: FxHashSet<Mergeable>,
    /// Lengths by section.
    sections: BTreeMap<Name, u64>,
}

impl Merged {
    pub(super) fn new(parts: FxHashSet<Mergeable>) -> Self {
        let mut by_section: BTreeMap<Name, Vec<&[u8]>> = BTreeMap::new();
        parts.iter().for_each(|part| by_section.entry(part.section).or_default().push(&part.content));
        let sections =
            by_section.into_iter().map(|(section, parts)| (section, section_len(section, parts))).collect();
        Merged { parts, sections }
    }

    /// Returns the length of all sections with more parts in them.
    pub(super) fn len_with(&self, more: &FxHashSet<&Mergeable>) -> u64 {
        let mut new: BTreeMap<Name, Vec<&[u8]>> = BTreeMap::new();
        for &part in more.iter().filter(|part| !self.parts.contains(*part)) {
            new.entry(part.section).or_default().push(&part.content);
        }
        let untouched = self.sections.iter().filter(|(section, _)| !new.contains_key(*section));
        let untouched: u64 = untouched.map(|(_, len)| len).sum();
        let with_more = new.into_iter().map(|(section, mut parts)| {
            let known = self.parts.iter().filter(|part| part.section == section);
            parts.extend(known.map(|part| part.content.as_slice()));
            section_len(section, parts)
        });
        untouched + with_more.sum::<u64>()
    }
}

/// Returns the length of a section of mergeable parts.
fn section_len(section: Name, parts: Vec<&[u8]>) -> u64 {
    if section.contains("str") {
        // `.rodata.str1.8`: the number behind the dot is the alignment.
        let align = section.rsplit('.').next().and_then(|digits| digits.parse().ok()).unwrap_or(1);
        tails_len(&parts, u64::clamp(align, 1, 64))
    } else {
        parts.iter().map(|part| part.len() as u64).sum()
    }
}

/// Returns the length of strings of which one that ends another shares its bytes.
fn tails_len(strings: &[&[u8]], align: u64) -> u64 {
    let mut sorted: Vec<Tail<'_>> = strings.iter().map(|text| Tail::new(text)).collect();
    sorted.sort_unstable_by(Tail::compare);
    own_strings(&sorted).map(|text| (text.len() as u64).next_multiple_of(align)).sum()
}

/// Of sorted strings, returns those that end no other one.
fn own_strings<'r, 't>(sorted: &'r [Tail<'t>]) -> impl Iterator<Item = &'t [u8]> + use<'r, 't> {
    let next = sorted.iter().skip(1).map(Some).chain([None]);
    let pairs = sorted.iter().zip(next);
    pairs
        .filter(|(tail, next)| !next.is_some_and(|next| next.text.ends_with(tail.text)))
        .map(|(tail, _)| tail.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::name;
    use proptest::prelude::*;

    fn part(section: &str, content: &str) -> Mergeable {
        Mergeable { section: name(section), content: content.as_bytes().to_vec() }
    }

    #[test]
    fn what_ends_another_shares_its_bytes() {
        let strings = Strings::of_names(["printf", "f", "intf", "", "scanf"].map(name).into_iter());
        // "f" ends both, "intf" ends "printf".
        assert_eq!(strings.len(), 7 + 6);
        assert_eq!(strings.len_with(["fprintf"].map(name).into_iter()), 8 + 6);
    }

    proptest! {
        /// With more names or parts, the lengths are those of a table that had all from the start.
        #[test]
        fn more_is_as_if_all_had_been_there(
            texts in prop::collection::vec(("[ab]{0,4}", 0usize..3), 0..24),
            n in 0usize..24,
        ) {
            let sections = [".rodata.str1.1", ".rodata.str1.8", ".rodata.cst16"];
            let parts: Vec<Mergeable> = texts.iter().map(|(text, at)| part(sections[*at], text)).collect();
            let n = n.min(parts.len());
            let all: FxHashSet<Mergeable> = parts.iter().cloned().collect();
            let (first, more) = parts.split_at(n);
            let merged = Merged::new(first.iter().cloned().collect());
            let none = FxHashSet::default();
            prop_assert_eq!(merged.len_with(&more.iter().collect()), Merged::new(all).len_with(&none));
            let name_of = |(text, _): &(String, usize)| name(text);
            let strings = Strings::of_names(texts[..n].iter().map(name_of));
            let whole = Strings::of_names(texts.iter().map(name_of));
            prop_assert_eq!(strings.len_with(texts[n..].iter().map(name_of)), whole.len());
        }
    }
}
