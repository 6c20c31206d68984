//! Patterns of ocamllex: how long what they match is, and how the places of bound names are found.
//!
//! A name whose place is at a fixed distance from the start or the end of the lexeme costs nothing; for any other the
//! automaton keeps it in memory, and runs on another engine (`Lexing.new_engine`) over an array.
//!
//! Source: lexgen.ml of ocamllex 4.13, whose order of steps is kept: forward from the start, then backward from the end, never
//! into alternatives.

mod marks;
mod read;

use super::tokens::Tokens;
use marks::Marked;
use read::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A pattern. It nests no deeper than its parentheses do, which are bounded.
#[derive(Debug)]
pub(super) enum Pattern {
    /// That many characters or sets of characters, one after the other.
    Chars(usize),
    Eof,
    Named(Named),
    Sequence(Vec<Pattern>),
    Choice(Vec<Pattern>),
    /// Any number of times, or at least once.
    Repeated {
        inner: Box<Pattern>,
        is_needed: bool,
    },
    Bound(Box<Pattern>, Rc<str>),
}

/// A pattern with a name of its own.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// How many characters it matches, where that is always the same.
    length: Option<usize>,
    n_positions: usize,
    is_char: bool,
    /// The pattern, where it binds names.
    binding: Option<Rc<Pattern>>,
    /// Its extent.
    n_parts: usize,
    depth: usize,
}

/// How the text that a name is bound to is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// It is one character.
    pub(super) is_char: bool,
    /// It may be bound or not.
    pub(super) is_optional: bool,
    /// Cells of memory for where it starts and ends.
    pub(super) n_cells: usize,
}

type Names = BTreeSet<Rc<str>>;

/// What is in deeper parentheses is not read: it comes from no hand.
const MAX_DEPTH: usize = 200;

/// The names that a larger pattern binds are not known where it is named.
const MAX_PARTS: usize = 10_000;

impl Pattern {
    /// Reads a pattern, up to what cannot be part of one.
    pub(super) fn read(tokens: &mut Tokens<'_>, named: &BTreeMap<String, Named>) -> Pattern {
        Reader::new(tokens, named).pattern()
    }

    /// Gives it a name.
    pub(super) fn named(self) -> Named {
        let (n_parts, depth) = self.extent();
        Named {
            length: self.length(),
            n_positions: self.n_positions(),
            is_char: self.is_char(),
            n_parts,
            depth,
            binding: Some(self)
                .filter(|_| n_parts <= MAX_PARTS && depth <= MAX_DEPTH)
                .filter(|pattern| !pattern.bound().1.is_empty())
                .map(Rc::new),
        }
    }

    /// How many parts it has that are looked into, those of named patterns counted each time, and how deep they nest.
    pub(super) fn extent(&self) -> (usize, usize) {
        match self {
            Pattern::Named(named) if named.binding.is_some() => (named.n_parts, named.depth),
            Pattern::Chars(_) | Pattern::Eof | Pattern::Named(_) => (1, 1),
            Pattern::Sequence(parts) | Pattern::Choice(parts) => {
                let extents = parts.iter().map(Pattern::extent);
                let wider = |(n_parts, depth): (usize, usize), (more, deep): (usize, usize)| {
                    (n_parts.saturating_add(more), depth.max(deep + 1))
                };
                extents.fold((1, 1), wider)
            }
            Pattern::Repeated { inner, .. } | Pattern::Bound(inner, _) => {
                let (n_parts, depth) = inner.extent();
                (n_parts.saturating_add(1), depth + 1)
            }
        }
    }

    /// The names that it binds, each with how its text is found.
    pub(super) fn names(&self) -> BTreeMap<Rc<str>, Found> {
        let (optional, all) = self.bound();
        if all.is_empty() {
            return BTreeMap::new();
        }
        let mut long = Names::new();
        self.long(&mut long);
        let mut marked = self.marked(&long);
        marked.pass_from_start();
        marked.pass_from_end();
        let mut cells = BTreeSet::new();
        marked.remaining(&mut cells);
        let found = |name: &Rc<str>| Found {
            is_char: !long.contains(name),
            is_optional: optional.contains(name),
            n_cells: cells.iter().filter(|(cell, _)| cell == name).count(),
        };
        all.iter().map(|name| (name.clone(), found(name))).collect()
    }

    fn length(&self) -> Option<usize> {
        match self {
            Pattern::Chars(n) => Some(*n),
            Pattern::Eof => Some(0),
            Pattern::Named(named) => named.length,
            Pattern::Sequence(parts) => {
                parts.iter().try_fold(0usize, |sum, part| sum.checked_add(part.length()?))
            }
            Pattern::Choice(parts) => same(parts.iter().map(Pattern::length)),
            Pattern::Repeated { .. } => None,
            Pattern::Bound(inner, _) => inner.length(),
        }
    }

    /// How many places of characters it has; a repetition with `+` has those of what it repeats twice.
    pub(super) fn n_positions(&self) -> usize {
        match self {
            Pattern::Chars(n) => *n,
            Pattern::Eof => 1,
            Pattern::Named(named) => named.n_positions,
            Pattern::Sequence(parts) | Pattern::Choice(parts) => {
                parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.n_positions()))
            }
            Pattern::Repeated { inner, is_needed } => {
                inner.n_positions().saturating_mul(1 + usize::from(*is_needed))
            }
            Pattern::Bound(inner, _) => inner.n_positions(),
        }
    }

    fn is_char(&self) -> bool {
        match self {
            Pattern::Chars(n) => *n == 1,
            Pattern::Named(named) => named.is_char,
            Pattern::Choice(parts) => parts.iter().all(Pattern::is_char),
            Pattern::Sequence(parts) => {
                let is_empty = |part: &&Pattern| matches!(part, Pattern::Sequence(parts) if parts.is_empty());
                let mut parts = parts.iter().filter(|part| !is_empty(part));
                parts.next().is_some_and(Pattern::is_char) && parts.next().is_none()
            }
            Pattern::Eof | Pattern::Repeated { .. } => false,
            Pattern::Bound(inner, _) => inner.is_char(),
        }
    }

    /// The names that may be bound or not, and all.
    fn bound(&self) -> (Names, Names) {
        let parts = |parts: &[Pattern]| parts.iter().map(Pattern::bound).collect::<Vec<_>>();
        match self {
            Pattern::Chars(_) | Pattern::Eof => Default::default(),
            Pattern::Named(named) => named.binding.as_deref().map(Pattern::bound).unwrap_or_default(),
            Pattern::Sequence(inner) => {
                let (optional, all): (Vec<_>, Vec<_>) = parts(inner).into_iter().unzip();
                (optional.into_iter().flatten().collect(), all.into_iter().flatten().collect())
            }
            Pattern::Choice(inner) => {
                let (optional, each): (Vec<_>, Vec<_>) = parts(inner).into_iter().unzip();
                let all: Names = each.iter().flatten().cloned().collect();
                let mut optional: Names = optional.into_iter().flatten().collect();
                let is_left_out = |name: &&Rc<str>| each.iter().any(|names| !names.contains(*name));
                optional.extend(all.iter().filter(is_left_out).cloned());
                (optional, all)
            }
            Pattern::Repeated { inner, is_needed } => {
                let (optional, all) = inner.bound();
                (if *is_needed { optional } else { all.clone() }, all)
            }
            Pattern::Bound(inner, name) => {
                let (optional, mut all) = inner.bound();
                all.insert(name.clone());
                (optional, all)
            }
        }
    }

    /// The names that are bound to something else than one character.
    fn long(&self, names: &mut Names) {
        match self {
            Pattern::Chars(_) | Pattern::Eof => {}
            Pattern::Named(named) => named.binding.iter().for_each(|pattern| pattern.long(names)),
            Pattern::Sequence(parts) | Pattern::Choice(parts) => {
                parts.iter().for_each(|part| part.long(names));
            }
            Pattern::Repeated { inner, .. } => inner.long(names),
            Pattern::Bound(inner, name) => {
                inner.long(names);
                if !inner.is_char() {
                    names.insert(name.clone());
                }
            }
        }
    }

    /// The pattern with a mark where the text of a name starts and, for more than a character, one where it ends.
    fn marked(&self, long: &Names) -> Marked {
        let parts = |parts: &[Pattern]| parts.iter().map(|part| part.marked(long)).collect();
        match self {
            Pattern::Named(Named { binding: Some(pattern), .. }) => pattern.marked(long),
            Pattern::Chars(_) | Pattern::Eof | Pattern::Named(_) => Marked::Fixed(self.length()),
            Pattern::Sequence(inner) => Marked::Sequence(parts(inner)),
            Pattern::Choice(inner) => Marked::Choice(parts(inner), self.length()),
            Pattern::Repeated { inner, .. } => Marked::Choice(vec![inner.marked(long)], None),
            Pattern::Bound(inner, name) => {
                let mark = |is_end| Marked::Mark(name.clone(), is_end);
                let mut parts = vec![mark(false), inner.marked(long)];
                if long.contains(name) {
                    parts.push(mark(true));
                }
                Marked::Sequence(parts)
            }
        }
    }
}

/// What all say, if they say the same.
fn same(mut lengths: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    let first = lengths.next()??;
    lengths.all(|length| length == Some(first)).then_some(first)
}
