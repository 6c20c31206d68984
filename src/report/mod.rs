//! How a result is shown: text for people, JSON for programs.
//!
//! | file | shows |
//! | --- | --- |
//! | [`schema`] | the audit as JSON, schema 1: the one value that all forms of the audit are made from |
//! | [`mod@build`] | stages' results -> [`schema::Audit`] |
//! | [`mod@json`] | the same as text, program by program |
//! | `layout` | JSON laid out in lines |
//! | [`mod@text`] | an audit for a terminal |
//! | [`snapshot`], [`mod@diff`], [`diff_text`] | two builds compared |
//! | [`mod@library`] | a maintainer's audit of a library |
//! | [`levers`] | every way to make a program smaller |
//! | [`chain`] | why something is linked, or live |
//! | [`interchange`] | units, definitions and references as JSON lines |
//! | [`mod@picture`] | the unit graph as a picture: which boxes, which arrows |
//! | [`mod@dot`], [`mod@mermaid`] | a picture for Graphviz or Mermaid |
//! | [`finding`], [`finding_text`] | what a check found |
//! | [`mod@page`] | the audit as one HTML page |
//! | [`alert`], [`mod@sarif`], [`mod@annotations`] | findings, proposals and problems for code scanning |
//! | [`markdown`], [`mod@csv`] | audits and findings for a pull request or a spreadsheet |
//! | [`json_schema`] | what the JSON of each report looks like |
//! | [`problems`] | what is wrong in the tree, grouped |
//! | [`human`], [`table`] | numbers and tables |
//!
//! Everything here returns values and strings; who prints them is [`crate::cli`]'s business.
//! Strings hold escape codes for colour, which the printer removes where they are not wanted.

pub mod alert;
pub mod annotations;
pub mod build;
pub mod chain;
pub mod csv;
pub mod diff;
pub mod diff_text;
pub mod dot;
pub mod finding;
pub mod finding_text;
pub mod human;
pub mod interchange;
pub mod json;
pub mod json_schema;
mod layout;
pub mod levers;
pub mod library;
pub mod markdown;
pub mod mermaid;
pub mod page;
pub mod picture;
pub mod place;
pub mod problems;
pub mod sarif;
pub mod schema;
pub mod snapshot;
pub mod table;
pub mod text;

pub use build::{Costs, Parts, build};
pub use json::json;
pub use layout::json_text;
pub use library::LibraryAudit;
pub use place::Places;
pub use schema::Audit;
