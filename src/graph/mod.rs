//! Who refers to whom: definitions, their edges, and the links between units that follow from them.

mod again;
mod ahead;
mod analyse;
mod assemble;
mod model;
mod tasks;
mod waiting;

pub use crate::resolve::{DefKind, EdgeFlags, EdgeKind, PackedFlags, Target, TypePart, Unresolved};
pub use again::{Kept, Opened, Update, analyse_kept};
pub use analyse::{Analysis, Archives, Wanted, analyse, analyse_from};
pub use model::{Def, Edge, Graph, MaybeDef, UnitGraph};
#[cfg(test)]
mod again_tests;
#[cfg(test)]
mod earlier_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
