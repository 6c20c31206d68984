//! Interned identifiers: each text once, for as long as the process lives.

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::Hasher;
use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

/// An interned OCaml identifier or dotted path; comparing two names compares two numbers, ordering is lexicographic.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(NonZeroU32);

/// The texts of all names, by number from 1.
static TEXTS: boxcar::Vec<&'static str> = boxcar::Vec::new();

/// Which names there are, in parts, so that threads seldom wait for each other.
static SHARDS: [Mutex<Shard>; N_SHARDS] =
    [const { Mutex::new(Shard { names: HashTable::new(), room: &mut [] }) }; N_SHARDS];

const N_SHARDS: usize = 32;

/// Texts lie one behind the other in blocks of this many bytes.
const BLOCK_BYTES: usize = 16 << 10;

/// How many names each thread has at hand: those of some files.
const N_RECENT: usize = 4096;

thread_local! {
    /// Names that were asked for of late, each where its hash says: the table of all names is behind locks, and far away.
    static RECENT: [Cell<Option<Recent>>; N_RECENT] = const { [const { Cell::new(None) }; N_RECENT] };
}

/// A name with its text beside it, so that to compare texts is one look at the memory.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Recent {
    name: Name,
    length: u8,
    text: [u8; MAX_SHORT],
}

/// The length of the longest texts of [`Recent`], with which it fills half a line of the processor's cache. Of a thousand names
/// in sources, two are longer.
const MAX_SHORT: usize = 27;
const _: () = assert!(size_of::<Option<Recent>>() == 32);

struct Shard {
    names: HashTable<Name>,
    /// What is left of the last block.
    room: &'static mut [u8],
}

/// Interns `text`.
#[must_use]
pub fn name(text: &str) -> Name {
    name_of(text.as_bytes())
}

/// Interns a text that should be UTF-8; bytes that are not become U+FFFD. Of one that was met, that is known.
#[must_use]
pub fn name_of(text: &[u8]) -> Name {
    let hash = hash(text);
    RECENT.with(|recent| {
        let slot = &recent[hash as usize % N_RECENT];
        if let Some(Recent { name, length, text: known }) = slot.get()
            && known.get(..usize::from(length)) == Some(text)
        {
            return name;
        }
        let name = match String::from_utf8_lossy(text) {
            Cow::Borrowed(text) => look_up(text, hash),
            // It has a hash of its own.
            Cow::Owned(text) => return look_up(&text, self::hash(text.as_bytes())),
        };
        if text.len() <= MAX_SHORT {
            let mut short = [0; MAX_SHORT];
            short[..text.len()].copy_from_slice(text);
            slot.set(Some(Recent { name, length: text.len() as u8, text: short }));
        }
        name
    })
}

/// Returns the name of a text if there is one: nothing that was read or made has any other name.
#[must_use]
pub fn known_name(text: &str) -> Option<Name> {
    let hash = hash(text.as_bytes());
    let shard = shard(hash).lock().unwrap_or_else(PoisonError::into_inner);
    shard.names.find(hash, |name| name.as_str() == text).copied()
}

/// The low bits choose a place in the table, the highest are kept there.
fn shard(hash: u64) -> &'static Mutex<Shard> {
    &SHARDS[(hash >> 40) as usize % N_SHARDS]
}

fn hash(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    hasher.finish()
}

fn look_up(text: &str, hash: u64) -> Name {
    let mut shard = shard(hash).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&name) = shard.names.find(hash, |name| name.as_str() == text) {
        return name;
    }
    let text = shard.keep(text);
    let number = u32::try_from(TEXTS.push(text) + 1).ok().and_then(NonZeroU32::new);
    let name = Name(number.expect("four billion names take more memory than there is"));
    shard.names.insert_unique(hash, name, |name| self::hash(name.as_str().as_bytes()));
    name
}

impl Shard {
    fn keep(&mut self, text: &str) -> &'static str {
        if text.len() > BLOCK_BYTES / 8 {
            return Box::leak(Box::from(text));
        }
        if self.room.len() < text.len() {
            self.room = Box::leak(vec![0; BLOCK_BYTES].into_boxed_slice());
        }
        let (place, room) = std::mem::take(&mut self.room).split_at_mut(text.len());
        self.room = room;
        place.copy_from_slice(text.as_bytes());
        std::str::from_utf8(place).expect("it is the copy of a text")
    }
}

impl Name {
    /// Returns the text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        TEXTS[self.0.get() as usize - 1]
    }
    /// Returns the number of the name, which is another in each process.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0.get()
    }
}

impl Default for Name {
    fn default() -> Self {
        name("")
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        if self == other { Ordering::Equal } else { self.as_str().cmp(other.as_str()) }
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Name {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Name> for &str {
    fn eq(&self, other: &Name) -> bool {
        *self == other.as_str()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        name(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_str().to_owned()
    }
}

impl From<Name> for &'static str {
    fn from(name: Name) -> Self {
        name.as_str()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

/// Takes a text as it stands in the input.
struct Text;

impl Visitor<'_> for Text {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
        Ok(name(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_name_in_all_threads() {
        let texts: Vec<String> = (0..20_000).map(|i| format!("name{}", i % 9_000)).collect();
        let intern = || texts.iter().map(|text| name(text)).collect::<Vec<_>>();
        let all: Vec<Vec<Name>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(intern)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
        });
        assert!(all.iter().all(|names| *names == all[0]));
        assert!(all[0].iter().zip(&texts).all(|(name, text)| name == text));
    }

    #[test]
    fn only_a_name_that_was_made_is_known() {
        assert_eq!(known_name("nobody says this"), None);
        let made = name("somebody says that");
        assert_eq!(known_name("somebody says that"), Some(made));
    }

    #[test]
    fn names_of_any_length_are_kept() {
        let texts = ["".to_owned(), "é".to_owned(), "x".repeat(BLOCK_BYTES / 8), "y".repeat(BLOCK_BYTES * 3)];
        for text in &texts {
            assert_eq!(name(text).as_str(), text);
            assert_eq!(name(text), name(&text.clone()));
        }
        assert_eq!(Name::default(), name(""));
    }

    #[test]
    fn names_are_in_order_of_their_texts() {
        let mut names = ["b", "a.c", "a", ""].map(name);
        names.sort();
        assert_eq!(names.map(Name::as_str), ["", "a", "a.c", "b"]);
    }
}
