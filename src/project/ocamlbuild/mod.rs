//! Projects that ocamlbuild or a Makefile builds: `_tags`, and the lists of modules of libraries (`.mllib`) and packs
//! (`.mlpack`).
//!
//! | file | question |
//! | --- | --- |
//! | `tags` | which packages, libraries and directories does a program ask for? |
//! | `lists` | which modules are archived or packed together, and where are their files? |
//! | `units` | which libraries and units are they? |
//! | `tree` | which programs and libraries does a directory hold? |

mod lists;
mod tags;
mod tree;
mod units;

pub(crate) use lists::{From, Lists, built_dir, generated};
pub(crate) use tags::{Tagged, Tags, listed, modules, tags_of, without_tag};
pub(crate) use tree::load_tree;
pub(crate) use units::{add_libraries, add_packs};
