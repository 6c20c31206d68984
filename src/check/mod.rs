//! Does a program keep to what was agreed? Budgets, units that must be absent, forced units.
//!
//! | file | holds |
//! | --- | --- |
//! | [`settings`] | what was agreed: the content of `unlith.toml` |
//! | [`mod@read`] | the text of `unlith.toml` -> [`Settings`], or every mistake in it with its place |
//! | [`pattern`] | names with wildcards |
//! | [`rule`] | the rules: words, usual levels, what they say |
//! | [`judge`] | audited programs and settings -> findings |
//!
//! Findings are values of [`crate::report::finding`], which also says how they are shown.

pub mod judge;
pub mod pattern;
pub mod read;
pub mod rule;
pub mod settings;

pub use judge::{Case, Judge};
pub use read::{Mistake, read};
pub use rule::{Level, Rule};
pub use settings::Settings;
