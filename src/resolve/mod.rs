//! Which definition each name means: demand-driven evaluation of module signatures, without types.
//!
//! * `world`: the project and the facts of its files, read when first asked for;
//! * `slot`: the place of one file, read by whichever thread comes first;
//! * `index`: where the names of one file are;
//! * `eval`: modules as addresses and signatures; scopes and members;
//! * `strides`: names passed over where scopes lie deep in each other;
//! * `defs`: the definitions of one unit;
//! * `surface`: what of a file can matter to others;
//! * `through_opens`: which `open` provides which name;
//! * `refs`: what the references of one unit mean;
//! * `rewriters`: what derivers and extension nodes add;
//! * `earlier`: what references meant in an earlier run.

mod defs;
mod earlier;
mod eval;
mod index;
mod model;
mod predef;
mod refs;
mod rewriters;
mod slot;
mod strides;
mod surface;
mod through_opens;
mod world;

pub use model::{DefKind, EdgeFlags, EdgeKind, PackedFlags, Target, TypePart, Unresolved};
pub use world::{CachedDisk, Disk, Texts};

pub(crate) use defs::UnitDefs;
pub(crate) use earlier::Earlier;
pub(crate) use eval::{Addr, EMPTY, Evaluator, Find, Found, Module, Sig};
pub(crate) use index::Space;
pub(crate) use refs::{LocalId, UnitRefs, resolve_unit, space_of};
pub(crate) use rewriters::{derived, derives, is_asked_for};
pub(crate) use strides::Strides;
pub(crate) use surface::Difference;
pub(crate) use through_opens::through_opens;
pub(crate) use world::{About, File, Parts, World};
