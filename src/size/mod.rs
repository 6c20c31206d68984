//! What each unit and definition costs, in bytes by section, measured from object files or estimated from syntax.

mod anatomy;
mod error;
mod executable;
mod frametable;
mod lines;
mod model;
mod ownership;
mod relocatable;
mod unit;
mod unwind;

pub use anatomy::Anatomy;
pub use error::SizeError;
pub use executable::{ExeSize, read_executable};
pub use model::{Bytes, Profile, Provenance};
pub use unit::{FunctionSize, Piece, UnitSize, measure_objects};
