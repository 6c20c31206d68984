//! What each unit and definition costs, in bytes by section, measured from object files or estimated from syntax.

mod anatomy;
mod calibrate;
mod error;
mod estimate;
mod executable;
mod features;
mod fit;
mod frametable;
mod lines;
mod model;
mod objects;
mod ownership;
mod place;
mod relocatable;
mod sizes;
mod source;
mod startup;
mod unit;
mod unwind;

pub use anatomy::Anatomy;
pub use calibrate::{Judged, Sample, calibrate, samples};
pub use error::SizeError;
pub use estimate::{Accuracy, Model, ModelError};
pub use executable::{ExeSize, read_executable};
pub use model::{Bytes, Profile, Provenance};
pub use objects::{Objects, load_objects};
pub use place::{Placeable, Placed, place};
pub use sizes::{Sizes, UnitFigure, compute};
pub use unit::{FunctionSize, Piece, UnitSize, measure_objects};
