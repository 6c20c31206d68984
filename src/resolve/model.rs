//! The words of a resolution: what definitions and edges are.

use crate::base::{FileId, Name, Span, UnitId};
use serde::{Deserialize, Serialize};

/// What a definition is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefKind {
    /// A value binding.
    Value,
    /// An `external`.
    External,
    /// A structure, a functor's result, an unpacked module.
    Module,
    /// A functor.
    Functor,
    /// `module X = P`.
    Alias,
    /// A class.
    Class,
    /// `exception E`.
    Exception,
    /// A constructor of `type t += C`.
    Extension,
    /// `module type S`.
    ModuleType,
    /// A type. Its constructors and fields belong to it.
    Type,
    /// Code without a name that runs when the unit is linked: `let () =`, `;; e`, `include F (X)`.
    Effect,
}

/// What an edge does, in the compiler's words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// A value is read.
    Value,
    /// A C primitive is called.
    CExternal,
    /// A `%primitive`: expanded in place.
    Primitive,
    /// A module is read, applied, coerced, packed or included.
    Module,
    /// An exception is raised, matched or rebound.
    Exception,
    /// An extension constructor is built or matched.
    Extension,
    /// A class is inherited or instantiated.
    Class,
    /// A type, ordinary constructor or field: name only.
    Type,
    /// A module type, or a module in a type: name only.
    ModuleType,
    /// A module is named without being read: an open, an absent alias. Name only.
    Name,
}

impl EdgeKind {
    /// Whether it makes the linker take the target's unit.
    #[must_use]
    pub fn links(self) -> bool {
        use EdgeKind::*;
        matches!(self, Value | CExternal | Module | Exception | Extension | Class)
    }
}

/// The end of an edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Target {
    /// The unit that the linker takes.
    pub unit: UnitId,
    /// The dotted path inside it, empty for the whole unit.
    pub path: Name,
}

/// More about an edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EdgeFlags {
    /// The module itself escapes: every field is reachable.
    pub whole: bool,
    /// The reference is an `include` (of the whole module, or of one item).
    pub include: bool,
    /// Recorded only because the unit is compiled without `-no-alias-deps`.
    pub alias_required: bool,
    /// The compiler or a rewriter inserted it: there is no such text.
    pub implicit: bool,
    /// A field read only because a signature asks for it.
    pub coercion: bool,
    /// The interface makes a field of an alias: the whole module is copied. Users have edges to what they use of it.
    pub export: bool,
    /// Not a reference of its own: the definition behind the reference before it, reached through an include or a
    /// sealed alias.
    pub through: bool,
    /// One of several things that the name may mean.
    pub ambiguous: bool,
    /// A constructor or field that is in no scope: one of those that its type may tell. Where the type moves, there is
    /// nothing to write otherwise.
    pub by_type: bool,
    /// The text names a constructor or a field of the type that is the target.
    pub part: Option<TypePart>,
}

/// [`EdgeFlags`] in two bytes, as edges are kept: there are millions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PackedFlags(u16);

impl PackedFlags {
    /// Returns the flags.
    #[must_use]
    #[inline]
    pub fn get(self) -> EdgeFlags {
        let has = |bit: u16| self.0 & 1 << bit != 0;
        EdgeFlags {
            whole: has(0),
            include: has(1),
            alias_required: has(2),
            implicit: has(3),
            coercion: has(4),
            export: has(5),
            through: has(6),
            ambiguous: has(7),
            by_type: has(8),
            part: match (has(9), has(10)) {
                (true, _) => Some(TypePart::Constructor),
                (_, true) => Some(TypePart::Field),
                _ => None,
            },
        }
    }

    /// Returns the bits, to be kept in other ways.
    pub(super) fn bits(self) -> u16 {
        self.0
    }

    /// Makes flags of bits that flags had.
    pub(super) fn of_bits(bits: u16) -> Self {
        PackedFlags(bits)
    }
}

impl From<EdgeFlags> for PackedFlags {
    fn from(flags: EdgeFlags) -> Self {
        let EdgeFlags { whole, include, alias_required, implicit, coercion, export, .. } = flags;
        let EdgeFlags { through, ambiguous, by_type, part, .. } = flags;
        let part = [TypePart::Constructor, TypePart::Field].map(|one| part == Some(one));
        let first = [whole, include, alias_required, implicit, coercion, export, through, ambiguous, by_type];
        let bits = first.into_iter().chain(part).enumerate();
        PackedFlags(bits.fold(0, |packed, (bit, is_set)| packed | u16::from(is_set) << bit))
    }
}

/// What of a type a reference names, where it is not the type itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TypePart {
    /// One of its constructors.
    Constructor,
    /// One of its fields.
    Field,
}

/// Why a name could not be resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unresolved {
    /// The unit whose source has the name.
    pub unit: UnitId,
    /// The file.
    pub file: FileId,
    /// The path as written.
    pub path: String,
    /// Where.
    pub span: Span,
    /// Why: a stable word (`unbound`, `no-interface`, `functor-result`, `rewriter`, `cycle`...).
    pub reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_out_as_they_went_in() {
        for bits in 0..3 << 9 {
            let flags = PackedFlags(bits).get();
            assert_eq!(PackedFlags::from(flags), PackedFlags(bits));
        }
        assert_eq!(PackedFlags::default().get(), EdgeFlags::default());
        let flags = EdgeFlags { by_type: true, part: Some(TypePart::Field), ..EdgeFlags::default() };
        assert_eq!(PackedFlags::from(flags).get(), flags);
    }
}
