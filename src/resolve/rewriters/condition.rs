//! Conditions of the table: what derived code uses depends on what the type is made of, in the words of [`TypeShape`].

use super::table::expand;
use crate::base::{Name, name};
use crate::parse::TypeShape;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Condition(Vec<Word>);

impl Condition {
    pub(super) fn read(text: &str) -> Self {
        let shape = |word| TypeShape::from_word(word).expect("a test reads the table");
        let words = text.split_whitespace().filter(|&word| word != "always");
        let words = words.map(|word| match (word.strip_prefix('!'), word.strip_prefix("type:")) {
            (Some(word), _) => Word::HasNot(shape(word)),
            (_, Some(ty)) => Word::Names(ty.split('.').map(name).collect()),
            _ => match word.strip_prefix("mark:") {
                Some(mark) => Word::Marked(name(mark)),
                None => Word::Has(shape(word)),
            },
        });
        Condition(words.collect())
    }

    pub(super) fn holds(
        &self,
        shape: TypeShape,
        names_type: impl Fn(&[Name]) -> bool,
        has_mark: impl Fn(Name) -> bool,
    ) -> bool {
        self.0.iter().all(|word| match word {
            Word::Has(feature) => shape.meets(*feature),
            Word::HasNot(feature) => !shape.meets(*feature),
            Word::Names(ty) => names_type(ty),
            Word::Marked(word) => has_mark(*word),
        })
    }
}

/// Paths, each list under a condition.
pub(super) type Conditional = Vec<(Condition, Vec<Vec<Name>>)>;

pub(super) fn conditional(entries: &BTreeMap<String, Vec<String>>) -> Conditional {
    let entries = entries.iter().map(|(condition, paths)| {
        (Condition::read(condition), paths.iter().flat_map(|path| expand(path)).collect())
    });
    entries.collect()
}

/// A word of a condition; all words of one must hold.
#[derive(Clone, Debug)]
enum Word {
    Has(TypeShape),
    HasNot(TypeShape),
    /// `type:list`, `type:Lazy.t`: the declaration names this type.
    Names(Vec<Name>),
    /// `mark:opaque`: an attribute of this name stands in the declaration.
    Marked(Name),
}
