//! A maintainer's audit of a library: how its clients use it, what keeps them from paying for what they use alone, and what to
//! change.
//!
//! | file | what it does |
//! | --- | --- |
//! | [`schema`] | the audit as a value and as JSON |
//! | [`mod@build`] | stages' results -> [`schema::LibraryAudit`] |
//! | [`mod@text`] | for a terminal |
//! | [`mod@markdown`] | an issue for the library's own tracker |

pub mod build;
pub mod markdown;
pub mod schema;
pub mod text;

pub use build::{ClientParts, build};
pub use schema::LibraryAudit;
