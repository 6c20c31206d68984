//! What each unit and definition costs, in bytes by section, measured from object files or estimated from syntax.

mod model;

pub use model::{Bytes, Provenance};
