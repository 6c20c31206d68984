//! Ids: `u32` newtypes, made in one place each, indexing one vector each.

/// An id that indexes a vector.
pub trait Idx: Copy + Eq + Ord + std::hash::Hash {
    /// Makes the id of position `index`.
    fn new(index: usize) -> Self;
    /// Returns the position that this id stands for.
    fn idx(self) -> usize;
}

/// Declares an id type over `u32`.
#[macro_export]
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub u32);
        impl $crate::base::Idx for $name {
            fn new(index: usize) -> Self {
                $name(u32::try_from(index).expect("fewer than 2^32 entries"))
            }
            fn idx(self) -> usize {
                self.0 as usize
            }
        }
    };
}
pub use define_id;

define_id!(
    /// A source file of the project: one `.ml` or `.mli`.
    FileId
);
define_id!(
    /// A compilation unit: one `.ml` with its `.mli`, named as the linker names it.
    UnitId
);
define_id!(
    /// A library, or the own modules of one program.
    LibraryId
);
define_id!(
    /// A program: something that is linked.
    ProgramId
);
define_id!(
    /// A definition, or an effect, of some unit.
    DefId
);
define_id!(
    /// A reference of one file, in source order.
    RefId
);
