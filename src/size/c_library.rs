//! A static library of C code, and which of its members a link takes.

use super::SizeError;
use super::archive::{Listing, for_each_member};
use super::c_object::CObject;
use crate::base::Name;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::Path;

/// The members of one `lib*.a`.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct CLibrary {
    /// Its members, in archive order.
    pub(super) members: Vec<CObject>,
    /// For each symbol, the first member that offers it.
    offers: FxHashMap<Name, usize>,
}

impl CLibrary {
    /// Returns the symbols that it offers, in no order.
    pub(super) fn offered(&self) -> impl Iterator<Item = Name> + '_ {
        self.offers.keys().copied()
    }

    /// Whether some member defines a symbol.
    pub(super) fn offers(&self, symbol: Name) -> bool {
        self.offers.contains_key(&symbol)
    }

    /// Reads an archive of C objects.
    ///
    /// **Errors**: when it or one of its members cannot be read; see [`SizeError`].
    pub fn read(bytes: &[u8]) -> Result<CLibrary, SizeError> {
        let mut library = CLibrary::default();
        for_each_member(bytes, |member, content| library.add(member, content))?;
        Ok(library)
    }

    /// Reads an archive of C objects from its file, one member after the other.
    ///
    /// **Errors**: a message, when it or one of its members cannot be read.
    pub(super) fn read_file(path: &Path) -> Result<CLibrary, String> {
        let mut library = CLibrary::default();
        Listing::of_file(path, |_| true)?.for_each(|member, content| library.add(member, content))?;
        Ok(library)
    }

    fn add(&mut self, member: &str, content: &[u8]) -> Result<(), SizeError> {
        if let Some(object) = CObject::read(member, content)? {
            for &(symbol, _) in &object.defines {
                self.offers.entry(symbol).or_insert(self.members.len());
            }
            self.members.push(object);
        }
        Ok(())
    }
}

/// The C side of a link: what is defined, and what is asked for and not defined yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Resolution<'a> {
    /// Members taken, in the order of taking.
    pub(super) taken: Vec<&'a CObject>,
    pub(super) defined: FxHashSet<Name>,
    /// Symbols asked for by something that the link cannot do without, in the order of asking.
    wanted: Vec<Name>,
    seen: FxHashSet<Name>,
}

impl<'a> Resolution<'a> {
    /// Asks for a symbol.
    pub(super) fn want(&mut self, symbol: Name) {
        if self.seen.insert(symbol) {
            self.wanted.push(symbol);
        }
    }

    /// Takes the members of a library that define what is wanted, and what they want in turn. The linker looks at each
    /// library once, in order, and at its members until no more are taken. Ends because a member is taken once.
    pub(super) fn scan(&mut self, library: &'a CLibrary) {
        let mut taken = vec![false; library.members.len()];
        let mut next = 0;
        while let Some(&symbol) = self.wanted.get(next) {
            next += 1;
            if self.defined.contains(&symbol) {
                continue;
            }
            let Some(&member) = library.offers.get(&symbol) else { continue };
            if std::mem::replace(&mut taken[member], true) {
                continue;
            }
            self.take(&library.members[member]);
        }
    }

    /// Searches libraries one after the other, again and again, until nothing more is taken. Ends because a member is taken
    /// once: a symbol that it defines is not looked for again.
    pub(super) fn scan_group(&mut self, libraries: &'a [CLibrary]) {
        loop {
            let n_taken = self.taken.len();
            libraries.iter().for_each(|library| self.scan(library));
            if self.taken.len() == n_taken {
                return;
            }
        }
    }

    /// Links an object file whatever it offers.
    pub(super) fn take(&mut self, object: &'a CObject) {
        self.defined.extend(object.defines.iter().map(|&(symbol, _)| symbol));
        let needs = object.uses.iter().filter(|(_, usage)| !usage.is_weak);
        needs.for_each(|&(symbol, _)| self.want(symbol));
        self.taken.push(object);
    }

    /// Returns what is wanted and nobody defines: imports from shared libraries.
    pub(super) fn imports(&self) -> impl Iterator<Item = Name> {
        self.wanted.iter().copied().filter(|symbol| !self.defined.contains(symbol))
    }
}
