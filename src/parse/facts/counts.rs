//! How much syntax an item has, by kind: what bytes are estimated from where there is no object file.

use serde::{Deserialize, Serialize};

macro_rules! counts {
    ($($(#[$doc:meta])* $count:ident,)*) => {
        /// Syntax counts of one item, nested items included: what the size model estimates bytes from.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Counts {
            $($(#[$doc])* pub $count: u32,)*
        }

        /// How many there are.
        const N_COUNTS: usize = [$(stringify!($count)),*].len();

        impl Counts {
            fn zip(self, other: Counts, f: impl Fn(u32, u32) -> u32) -> Counts {
                Counts { $($count: f(self.$count, other.$count)),* }
            }

            fn list(self) -> [u32; N_COUNTS] {
                [$(self.$count),*]
            }

            fn of_list([$($count),*]: [u32; N_COUNTS]) -> Counts {
                Counts { $($count),* }
            }
        }
    };
}

counts! {
    /// Applications of something to arguments, method calls included.
    applications,
    /// Arguments of those applications.
    arguments,
    /// Functions: `fun`, `function`, bindings with parameters, methods.
    functions,
    /// Their parameters.
    parameters,
    /// Match cases of `match`, `function`, `try`.
    cases,
    /// Constructors applied, tuples, records, lists, arrays, closures of expressions: allocations or constants.
    blocks,
    /// Fields of those.
    block_fields,
    /// String literals.
    strings,
    /// Bytes in them, escapes counted as what they stand for.
    string_bytes,
    /// Other literals.
    literals,
    /// Names bound at structure level (module block fields).
    fields,
    /// `if`, `while`, `for`, `&&`, `||`.
    branches,
    /// Infix operators applied.
    operators,
    /// Local `let` bindings.
    lets,
    /// Field reads and writes, array and string accesses.
    accesses,
    /// Objects and classes.
    objects,
    /// `try`, `raise`, `assert`, `lazy`.
    handlers,
    /// Assignments to fields and instance variables, `r.f <- e`.
    writes,
    /// Those blocks that are constants: every part of them is a literal or such a block.
    constant_blocks,
    /// Fields of those.
    constant_fields,
    /// Constant blocks and strings inside a constant array: the array is copied at start-up, so that nobody else refers to them.
    array_constants,
    /// Those literals in constant blocks that are blocks of their own: `1l`, `1L`, `1n`.
    boxed_constants,
    /// Records, written out or copied with some fields anew.
    records,
    /// Arrays that are written out and not empty.
    arrays,
    /// Conversions and boxes in string literals that a function is given, as `printf` reads them: `%d`, `@[`.
    format_parts,
    /// String literals in patterns; not among `strings`.
    pattern_strings,
    /// Bytes in them.
    pattern_string_bytes,
    /// Other constants in patterns, tags included; literals not among `literals`.
    pattern_constants,
    /// Tags of polymorphic variants outside of patterns, in types too.
    tags,
    /// Of the `handlers`, those that are `raise`.
    raises,
    /// Of the `handlers`, those that are `assert`.
    asserts,
    /// Of the `handlers`, those that are `lazy`.
    lazies,
    /// Methods.
    methods,
    /// Classes that a class or object inherits.
    inherits,
    /// Of the `functions`, those of two parameters or more.
    curried,
    /// Optional parameters with a default.
    defaults,
    /// All tokens' bytes: comments, whitespace and attributes are left out.
    code_bytes,
}

impl std::ops::Sub for Counts {
    type Output = Counts;

    /// What has been counted between two moments.
    fn sub(self, earlier: Counts) -> Counts {
        self.zip(earlier, |later, earlier| later - earlier)
    }
}

impl std::ops::Add for Counts {
    type Output = Counts;

    fn add(self, other: Counts) -> Counts {
        self.zip(other, u32::saturating_add)
    }
}

impl Counts {
    /// Subtracts count by count, stopping at zero.
    #[must_use]
    pub fn saturating_sub(self, other: Counts) -> Counts {
        self.zip(other, u32::saturating_sub)
    }
}

/// The counts of many items in little room: most of them are 0, and most of the others small.
///
/// Of each item first a bit for each count that is not 0, then those counts, seven bits to a byte, the lowest first, with the
/// high bit where more follow.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PackedCounts(Vec<u8>);

/// Bytes of the bits in front.
const N_BITS: usize = N_COUNTS.div_ceil(8);

/// Where the counts of one item stand in [`PackedCounts`]; nowhere if all are 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CountsAt(u32);

impl CountsAt {
    /// The place of counts that are all 0.
    pub const ZERO: CountsAt = CountsAt(u32::MAX);
}

impl PackedCounts {
    /// Adds the counts of an item.
    pub(in crate::parse) fn push(&mut self, counts: Counts) -> CountsAt {
        if counts == Counts::default() {
            return CountsAt::ZERO;
        }
        let start = self.0.len();
        self.0.resize(start + N_BITS, 0);
        for (nth, mut count) in counts.list().into_iter().enumerate().filter(|&(_, count)| count > 0) {
            self.0[start + nth / 8] |= 1 << (nth % 8);
            while count >= 0x80 {
                self.0.push(count as u8 | 0x80);
                count >>= 7;
            }
            self.0.push(count as u8);
        }
        CountsAt(start as u32)
    }

    /// Returns the counts at a place.
    #[must_use]
    pub fn get(&self, CountsAt(start): CountsAt) -> Counts {
        let Some((bits, rest)) = self.0.get(start as usize..).and_then(|all| all.split_at_checked(N_BITS))
        else {
            return Counts::default();
        };
        let mut set = 0;
        bits.iter().rev().for_each(|&byte| set = set << 8 | u64::from(byte));
        set &= (1 << N_COUNTS) - 1;
        let mut rest = rest.iter();
        let mut list = [0; N_COUNTS];
        while set != 0 {
            let mut shift = 0;
            for &byte in rest.by_ref() {
                list[set.trailing_zeros() as usize] |= u32::from(byte & 0x7f).unbounded_shl(shift);
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            set &= set - 1;
        }
        Counts::of_list(list)
    }

    /// Gives back what growing has left.
    pub(in crate::parse) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse_file;
    use crate::project::SourceKind;

    #[test]
    fn each_count_counts_something() {
        let text = b"let g ?(o = 1) p q = fun r -> f p 2
            let h z = match z with 0 -> \"s\" | \"t\" -> `Tag | _ -> p \"%d\"
            let b = if a && c then (a, d) else e [| (1, 2); (3, 4) |]
            let o = object inherit k method m = x.y <- x.z + 1 end
            let w = { f = 1; g = x }
            let e = try raise (assert (lazy l)) with _ -> let v = 1 in v
            let c = [1L; 2n]
            let t = try u with _ -> assert false";
        let facts = parse_file(text, SourceKind::Implementation);
        assert_eq!(facts.errors, []);
        let all = facts.items.iter().map(|item| facts.counts(item)).reduce(|a, b| a + b).expect("items");
        assert!(all.list().iter().all(|&count| count > 0), "{all:?}");
        let Counts { handlers, raises, asserts, lazies, .. } = all;
        assert_eq!([handlers, raises, asserts, lazies], [6, 1, 2, 1]);
    }

    #[test]
    fn counts_are_packed_and_unpacked() {
        let mut packed = PackedCounts::default();
        let lists = [[0; N_COUNTS], [1; N_COUNTS], [u32::MAX; N_COUNTS]];
        let sparse = Counts { applications: 127, strings: 128, code_bytes: 1 << 28, ..Counts::default() };
        let all: Vec<Counts> = lists.map(Counts::of_list).into_iter().chain([sparse, sparse]).collect();
        let places: Vec<CountsAt> = all.iter().map(|&counts| packed.push(counts)).collect();
        for (&at, &counts) in places.iter().zip(&all) {
            assert_eq!(packed.get(at), counts);
        }
        // Cut short it is wrong and no panic.
        for n_bytes in 0..packed.0.len() {
            let cut = PackedCounts(packed.0[..n_bytes].to_vec());
            places.iter().for_each(|&at| _ = cut.get(at));
        }
    }
}
