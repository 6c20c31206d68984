//! Does a program keep to what was agreed? Budgets, units that must be absent, forced units.
//!
//! | file | holds |
//! | --- | --- |
//! | [`settings`] | what was agreed: the content of `unlith.toml` |
//! | [`mod@read`] | the text of `unlith.toml` -> [`Settings`], or every mistake in it with its place |
//! | [`pattern`] | names with wildcards |
//! | [`rule`] | the rules: words, usual levels, what they say |
//! | [`allow`] | what the sources allow, for a reason |
//! | [`baseline`] | findings that are known |
//! | [`judge`] | audited programs and settings -> findings |
//!
//! Findings are values of [`crate::report::finding`], which also says how they are shown.

pub mod allow;
pub mod baseline;
pub mod judge;
pub mod pattern;
pub mod read;
pub mod rule;
pub mod settings;

pub use allow::Allowances;
pub use baseline::Baseline;
pub use judge::{Case, Judge};
pub use read::{Mistake, read};
pub use rule::{Level, Rule};
pub use settings::Settings;
