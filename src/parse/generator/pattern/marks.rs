//! Patterns with marks for the places of bound names, and which of them are at a fixed distance from an end.

use std::collections::BTreeSet;
use std::rc::Rc;

/// A pattern with marks for places.
pub(super) enum Marked {
    /// What has no marks, with its length.
    Fixed(Option<usize>),
    /// Where the text of a name starts, or ends.
    Mark(Rc<str>, bool),
    Sequence(Vec<Marked>),
    /// What is not looked into, with its length.
    Choice(Vec<Marked>, Option<usize>),
}

impl Marked {
    /// Takes away the marks at a fixed distance from the start; says whether what follows is at one.
    pub(super) fn pass_from_start(&mut self) -> bool {
        match self {
            Marked::Sequence(parts) => parts.iter_mut().all(Marked::pass_from_start),
            other => other.is_passed(),
        }
    }

    /// The same from the end.
    pub(super) fn pass_from_end(&mut self) -> bool {
        match self {
            Marked::Sequence(parts) => parts.iter_mut().rev().all(Marked::pass_from_end),
            other => other.is_passed(),
        }
    }

    /// Takes a mark away; says whether the length is known.
    fn is_passed(&mut self) -> bool {
        match self {
            Marked::Fixed(length) | Marked::Choice(_, length) => length.is_some(),
            Marked::Mark(..) => {
                *self = Marked::Fixed(Some(0));
                true
            }
            Marked::Sequence(_) => false,
        }
    }

    /// The marks that are left.
    pub(super) fn remaining(&self, marks: &mut BTreeSet<(Rc<str>, bool)>) {
        match self {
            Marked::Fixed(_) => {}
            Marked::Mark(name, is_end) => drop(marks.insert((name.clone(), *is_end))),
            Marked::Sequence(parts) | Marked::Choice(parts, _) => {
                parts.iter().for_each(|part| part.remaining(marks));
            }
        }
    }
}
