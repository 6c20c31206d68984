//! One function or module that a deriver makes for a type, and what its code refers to.

use super::condition::{Condition, Conditional, conditional};
use super::derived::{Derived, instantiate, lowered};
use super::table::{Entry, FunctionEntry, Part, Per};
use crate::base::{Name, Span, name};
use crate::parse::{FileFacts, Item, ItemKind, RefKind, TypeMark};

/// A function or module that a deriver defines for a type.
#[derive(Debug)]
pub(crate) struct Function {
    pub(super) name: String,
    pub(super) name_t: Option<String>,
    pub(super) when: Condition,
    pub(super) in_structure: bool,
    pub(super) per: Per,
    pub(super) inside: Vec<Function>,
    leaves_out: Vec<(String, Part)>,
    takes: Vec<(String, String)>,
    /// Values called for each type that the declaration names.
    pub(crate) components: Vec<String>,
    own: Vec<String>,
    uses: Conditional,
    types: Conditional,
    constructors: Conditional,
}

impl Function {
    pub(super) fn new(entry: &FunctionEntry, of: &Entry) -> Self {
        Function {
            name: entry.name.clone(),
            name_t: entry.name_t.clone(),
            when: Condition::read(&entry.when),
            in_structure: entry.in_structure,
            per: entry.per,
            inside: entry.inside.iter().map(|inner| Function::new(inner, of)).collect(),
            takes: entry.takes.clone().into_iter().collect(),
            leaves_out: of.leaves_out.iter().map(|(word, part)| (word.clone(), *part)).collect(),
            components: entry.components.clone(),
            own: entry.own.clone(),
            uses: conditional(&entry.uses),
            types: conditional(&entry.types),
            constructors: conditional(&entry.constructors),
        }
    }

    /// Whether its code does not call what belongs to the type that is named in some place.
    pub(crate) fn leaves_out(&self, facts: &FileFacts, item: &Item, place: Span) -> bool {
        facts.type_marks_in(item).iter().any(|mark| {
            let part = self.leaves_out.iter().find(|(known, _)| is_word(known, mark.word.as_str()));
            let contains = |span: Span| span.start <= place.start && place.end <= span.end;
            part.is_some_and(|(_, part)| match part {
                Part::Type => !mark.is_on_field && contains(mark.whole),
                Part::All => contains(mark.whole),
                Part::Head => contains(mark.head),
            })
        })
    }

    /// Whether the value of an attribute is in its code.
    pub(crate) fn takes(&self, facts: &FileFacts, item: &Item, mark: &TypeMark) -> bool {
        let taken = self.takes.iter().find(|(known, _)| is_word(known, mark.word.as_str()));
        taken.is_some_and(|(_, beside)| {
            let mut others = facts.type_marks_in(item).iter().filter(|other| other.whole == mark.whole);
            beside.is_empty() || others.any(|other| is_word(beside, other.word.as_str()))
        })
    }

    /// Returns the paths of what its code calls of the same deriver and type.
    pub(crate) fn own(&self, facts: &FileFacts, item: &Item, derived: &Derived) -> Vec<Vec<Name>> {
        let ItemKind::Type { names, fields, constructors, .. } = &item.kind else { return Vec::new() };
        let Some(&ty) = facts.names(*names).first() else { return Vec::new() };
        let module = derived.home.split('.').next().unwrap_or_default();
        let mut paths = Vec::new();
        for template in &self.own {
            let template = instantiate(template, ty).replace("{m}", module);
            let all = match (template.contains("{f}"), template.contains("{c}")) {
                (false, false) => vec![name("")],
                _ if derived.part.is_some() => derived.part.into_iter().collect(),
                (true, _) => facts.names(*fields).to_vec(),
                (false, true) => facts.names(*constructors).iter().map(|&name| lowered(name)).collect(),
            };
            for part in all {
                let path = template.replace("{f}", &part).replace("{c}", &part);
                paths.push(path.split('.').map(name).collect());
            }
        }
        paths
    }

    /// Returns the runtime values that its code uses for a type.
    pub(crate) fn uses<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        self.holding(&self.uses, facts, item)
    }

    /// Returns the types that its code names for a type.
    pub(crate) fn types<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        self.holding(&self.types, facts, item)
    }

    /// Returns the types of which its code names constructors.
    pub(crate) fn constructors<'a>(&'a self, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        self.holding(&self.constructors, facts, item)
    }

    /// The paths whose conditions hold for a type.
    fn holding<'a>(&self, entries: &'a Conditional, facts: &'a FileFacts, item: &Item) -> Vec<&'a [Name]> {
        let ItemKind::Type { shape, .. } = item.kind else { return Vec::new() };
        let refs = &facts.refs[item.refs.start as usize..item.refs.end as usize];
        let names_type = |ty: &[Name]| {
            let named = refs
                .iter()
                .filter(|reference| reference.kind == RefKind::Type && facts.names(reference.path) == ty);
            named.into_iter().any(|reference| !self.leaves_out(facts, item, reference.span))
        };
        let has_mark = |word: Name| {
            let mut marks = facts.type_marks_in(item).iter();
            marks.any(|mark| is_word(word.as_str(), mark.word.as_str()))
        };
        let held = entries.iter().filter(|(condition, _)| condition.holds(shape, names_type, has_mark));
        held.flat_map(|(_, paths)| paths.iter().map(Vec::as_slice)).collect()
    }
}

/// Whether an attribute is one that the table knows: `[@ignore]` is `[@compare.ignore]` to the deriver of that.
fn is_word(known: &str, word: &str) -> bool {
    known == word || known.strip_suffix(word).is_some_and(|before| before.ends_with('.') && word != "->")
}
