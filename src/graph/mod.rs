//! Who refers to whom: definitions, their edges, and the links between units that follow from them.

mod analyse;
mod model;

pub use crate::resolve::{DefKind, EdgeFlags, EdgeKind, Target, TypePart, Unresolved};
pub use analyse::{Analysis, Archives, Wanted, analyse};
pub use model::{Def, Edge, Graph, UnitGraph};
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
