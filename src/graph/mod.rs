//! Who refers to whom: definitions, their edges, and the links between units that follow from them.

mod model;

pub use model::{Def, DefKind, Edge, EdgeFlags, EdgeKind, Graph, Target, UnitGraph, Unresolved};
