//! Long ways outwards: where hundreds of scopes lie in each other, those that do not bind a name are passed over in strides.
//!
//! A function of fifty thousand parameters, or as many `let .. in`, has that many scopes around its body, and every name
//! from outside is looked for in all of them. A stride is made for every [`STRIDE`]th scope of such a chain, with the names
//! that it and those around it bind, as far as the next stride begins.
//!
//! Chains may share their outer part, as the branches of a tree do. A scope has a stride only where some way inwards is as
//! long as the stride itself; so there are no more names in all strides than in scopes, but for those of one scope that
//! begins many ways. Nearly all files have no chain that long, and nothing is kept for them.

use crate::base::{Idx, Name};
use crate::parse::{Binder, FileFacts, ScopeId};

/// How many scopes are passed over at once.
const STRIDE: u32 = 256;
/// Where a stride would bind more names than this, its scopes are gone through one by one.
const MAX_NAMES: usize = 16 * STRIDE as usize;

/// The strides of one file.
#[derive(Clone, Debug)]
pub(crate) struct Strides {
    /// By [`ScopeId`].
    strides: Vec<Option<Box<Stride>>>,
}

#[derive(Clone, Debug)]
struct Stride {
    /// The numbers of the names, sorted, whatever name space they are bound in: names themselves compare letter by letter.
    names: Vec<u32>,
    /// The first scope behind it.
    next: ScopeId,
}

impl Strides {
    /// Returns the strides of a file; `None` where its scopes are not that deep.
    pub(crate) fn new(facts: &FileFacts) -> Option<Box<Strides>> {
        let scopes = &facts.scopes;
        if scopes.len() < 2 * STRIDE as usize {
            return None;
        }
        let mut depths: Vec<u32> = Vec::with_capacity(scopes.len());
        for scope in scopes {
            // A scope comes behind the one that it is in; only that of the file is its own parent.
            depths.push(depths.get(scope.parent.idx()).map_or(0, |depth| depth + 1));
        }
        if depths.iter().all(|&depth| depth < 2 * STRIDE) {
            return None;
        }
        let mut heights = vec![0_u32; scopes.len()];
        for (i, scope) in scopes.iter().enumerate().skip(1).rev() {
            let around = scope.parent.idx();
            heights[around] = heights[around].max(heights[i] + 1);
        }
        let mut strides = vec![None; scopes.len()];
        for i in 0..scopes.len() {
            let is_begin = depths[i] > 0 && depths[i].is_multiple_of(STRIDE) && heights[i] >= STRIDE;
            if is_begin {
                strides[i] = Stride::from(facts, ScopeId::new(i)).map(Box::new);
            }
        }
        Some(Box::new(Strides { strides }))
    }

    /// Returns the next scope in which a name may be bound, behind those that do not bind it; this one where none is passed.
    pub(crate) fn pass(&self, mut scope: ScopeId, name: Name) -> ScopeId {
        while let Some(Some(stride)) = self.strides.get(scope.idx())
            && stride.names.binary_search(&name.number()).is_err()
        {
            scope = stride.next;
        }
        scope
    }
}

impl Stride {
    /// Makes the stride from a scope on; `None` where one of them brings names from elsewhere, or they bind too many.
    fn from(facts: &FileFacts, mut scope: ScopeId) -> Option<Stride> {
        let mut names = Vec::new();
        for _ in 0..STRIDE {
            let step = facts.scope(scope);
            match step.binder {
                Binder::Values(bound)
                | Binder::Exception(bound)
                | Binder::Types(bound)
                | Binder::Module { names: bound, .. }
                | Binder::ModuleParam { names: bound, .. } => {
                    names.extend(facts.names(bound).iter().map(|name| name.number()));
                }
                Binder::File | Binder::Items { .. } | Binder::Open { .. } => return None,
            }
            if names.len() > MAX_NAMES {
                return None;
            }
            scope = step.parent;
        }
        names.sort_unstable();
        names.dedup();
        Some(Stride { names, next: scope })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::name;
    use crate::parse::parse_file;
    use crate::project::SourceKind;

    /// Goes outwards from a scope to the first one that binds a name. Returns it, and how many were looked at.
    fn binder_of(
        facts: &FileFacts,
        strides: Option<&Strides>,
        mut scope: ScopeId,
        wanted: Name,
    ) -> (ScopeId, usize) {
        for n_seen in 1.. {
            if let Some(strides) = strides {
                scope = strides.pass(scope, wanted);
            }
            match facts.scope(scope).binder {
                Binder::Values(names) if facts.names(names).contains(&wanted) => return (scope, n_seen),
                Binder::File => return (scope, n_seen),
                _ => scope = facts.scope(scope).parent,
            }
        }
        unreachable!("the file's scope is around all others")
    }

    #[test]
    fn names_of_the_outside_pass_ten_thousand_scopes_in_strides() {
        let n = 10_000;
        let lets: String = (0..n).map(|i| format!("let a{i} = {i} in ")).collect();
        let facts =
            parse_file(format!("let x = {lets}List.length []\n").as_bytes(), SourceKind::Implementation);
        let strides = Strides::new(&facts).expect("it is that deep");
        let innermost = facts.refs.last().expect("a reference").scope;
        for wanted in ["List", "a0", "a1", "a4711", "a9999"].map(name) {
            let (slowly, n_slowly) = binder_of(&facts, None, innermost, wanted);
            let (fast, n_fast) = binder_of(&facts, Some(&strides), innermost, wanted);
            assert_eq!(slowly, fast, "{wanted}");
            assert!(n_fast <= n_slowly && n_fast <= 3 * STRIDE as usize, "{wanted}: {n_fast} of {n_slowly}");
        }
    }

    #[test]
    fn scopes_that_bring_other_names_are_not_passed() {
        let lets = |n| (0..n).map(|i| format!("let a{i} = {i} in ")).collect::<String>();
        let text = format!("let x = {}let open List in {}length []\n", lets(600), lets(600));
        let facts = parse_file(text.as_bytes(), SourceKind::Implementation);
        let strides = Strides::new(&facts).expect("it is that deep");
        let mut scope = facts.refs.last().expect("a reference").scope;
        let mut opens = 0;
        while !matches!(facts.scope(scope).binder, Binder::File) {
            scope = strides.pass(scope, name("length"));
            opens += usize::from(matches!(facts.scope(scope).binder, Binder::Open { .. }));
            scope = facts.scope(scope).parent;
        }
        assert_eq!(opens, 1);
    }

    #[test]
    fn usual_files_have_none() {
        let lets: String = (0..100).map(|i| format!("let a{i} = {i} in ")).collect();
        let items = format!("let x = {lets}0\n").repeat(100);
        assert!(Strides::new(&parse_file(items.as_bytes(), SourceKind::Implementation)).is_none());
    }
}
