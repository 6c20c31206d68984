//! unlith: which OCaml modules a program links whole for a single function, and what to do about it.
//!
//! The program is a pipeline; each stage is a module, takes plain values and returns plain values,
//! and imports only from the stages above it:
//!
//! | stage | question | in -> out |
//! | --- | --- | --- |
//! | [`base`] | what words do all stages share? | ids, names, spans, problems |
//! | [`cache`] | what was worked out before from the same bytes? | bytes -> results |
//! | [`project`] | which files belong to the tree, and who may see whom? | directory -> [`project::Project`] |
//! | [`parse`] | what does one file say? | text -> [`parse::FileFacts`] |
//! | [`resolve`] | which definition does each name mean? | facts and project -> targets |
//! | [`graph`] | who refers to whom? | targets -> [`graph::Graph`] |
//! | [`link`] | what does a program pull in, and why? | graph and roots -> linked set, live definitions |
//! | [`size`] | what does each unit and definition cost? | object files or syntax -> bytes by section |
//! | [`split`] | which module would be worth splitting, for how many bytes? | closures and sizes -> proposals |
//! | [`report`] | how is a result shown? | values -> text, JSON |
//! | [`check`] | does a program keep to what was agreed? | audits and settings -> findings |
//! | [`cli`] | how is it asked for? | arguments -> the stages above |
//! | `lsp` | how does an editor ask? | requests -> the stages above |

pub mod base;
pub mod cache;
pub mod check;
pub mod cli;
pub mod graph;
pub mod link;
mod lsp;
pub mod parse;
pub mod project;
pub mod report;
pub mod resolve;
pub mod size;
pub mod split;
