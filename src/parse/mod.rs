//! What one file says: text in, [`FileFacts`] out. Looks at one file only.

mod facts;

pub use facts::*;
