//! What each unit and definition costs, in bytes by section, measured from object files or estimated from syntax.
//!
//! | question | entry point |
//! | --- | --- |
//! | what do all units and definitions of a project cost? | [`load_objects`], then [`compute`] |
//! | how large will a program be? | [`predict`] |
//! | what is in this archive, unit by unit and function by function? | [`measure_objects`] |
//! | what is in this executable? | [`read_executable`] |
//! | which definition owns which function? | [`place`](place()) |
//! | how are estimates made, and how good are they? | [`Model::shipped`], [`samples`] and [`calibrate`](calibrate()) |
//!
//! | files | what they do |
//! | --- | --- |
//! | `anatomy`, `model`, `error` | what a size is, where it comes from, and why there is none |
//! | `sizes`, `objects`, `source`, `place` | all units and definitions of a project, from their object files |
//! | `archive`, `relocatable`, `unit`, `packed` | one archive, one object file, the unit in it |
//! | `frametable`, `unwind`, `lines`, `ownership`, `shared`, `debug_info` | the tables of an object file, and who owns its data |
//! | `c_object`, `c_library`, `c_side`, `static_c` | C code: what is asked of it, and what the linker takes |
//! | `program`, `forecast`, `layout`, `startup`, `merged`, `link_mode` | an executable as the linker would make it |
//! | `executable` | an executable that is there |
//! | `bytecode`, `byte_executable`, `byte_image`, `byte_runtime` | the same for bytecode |
//! | `estimate`, `features`, `extract` | estimates, from the syntax |
//! | `samples`, `fit`, `calibrate`, `accuracy` | what estimates are fitted to, and how good they are |

mod accuracy;
mod anatomy;
mod archive;
mod bounds;
mod byte_executable;
mod byte_image;
mod byte_runtime;
mod bytecode;
mod c_library;
mod c_object;
mod c_side;
mod calibrate;
mod debug_info;
mod error;
mod estimate;
mod executable;
mod extract;
mod features;
mod fit;
mod forecast;
mod frametable;
mod layout;
mod lines;
mod link_mode;
mod merged;
mod model;
mod objects;
mod ownership;
mod packed;
mod place;
mod program;
mod relocatable;
mod samples;
mod shared;
mod sizes;
mod source;
mod startup;
mod static_c;
mod unit;
mod unwind;

pub use accuracy::{Accuracy, Judged, SizeClass, Spread, by_package};
pub use anatomy::Anatomy;
pub use byte_executable::ByteExe;
pub use bytecode::{Bytecode, bytecode_sizes, load_bytecode};
pub use c_library::CLibrary;
pub use c_side::KnownSides;
pub use calibrate::calibrate;
pub use debug_info::{DebugInfo, debug_info};
pub use error::SizeError;
pub use estimate::{Model, ModelError};
pub use executable::{ExeSize, read_executable, stripped_content};
pub use extract::seen_differently;
pub use forecast::Forecast;
pub use link_mode::LinkMode;
pub use model::{Bytes, Profile, Provenance};
pub use objects::{CInput, Objects, load_objects, load_objects_cached, load_objects_of};
pub use place::{Placeable, Placed, place};
pub use program::{ProgramSize, predict, predict_in, predict_knowing};
pub use samples::{Sample, samples};
pub use shared::SharedConstants;
pub use sizes::{Sizes, UnitFigure, compute, compute_with};
pub use source::place_unit;
pub use unit::{FunctionSize, Piece, UnitSize, User, measure_objects};
