//! The language server: what a line costs, while it is written. Beside ocaml-lsp, which says what code means.
//!
//! | file | what it does |
//! | --- | --- |
//! | `wire` | messages over a pair of streams |
//! | `server` | takes messages as they come: life cycle, cancellation |
//! | `worker` | holds all state, does one thing after the other, and waits when there is nothing |
//! | `client` | what the client can do, and messages to it |
//! | `folders`, `loader` | the workspace folders, read in threads of their own |
//! | `layout`, `workspace`, `program`, `overlay` | what is known of one folder, kept up to date edit by edit |
//! | `built`, `agreed` | what the last build has left, what the project's own settings say |
//! | `documents` | open buffers, changed files |
//! | `notifications`, `configuration` | what the client tells, and its settings |
//! | `requests` | which request is answered by which file |
//! | `subject` | what every answer about a file starts from |
//! | `anchors`, `hints`, `diagnostics`, `lens`, `hover`, `actions`, `commands`, `verify` | the answers |
//! | `amount` | bytes in words, where they are known |
//! | `notices` | what is wrong in a tree, said where the user sees it |
//! | `settings`, `rules` | what the user can set, and the pages about the rules |
//! | `status` | memory and latencies |
//! | `convert` | positions and names of the protocol |

mod actions;
mod agreed;
mod amount;
mod anchors;
mod built;
mod client;
mod commands;
mod configuration;
mod convert;
mod diagnostics;
mod documents;
mod folders;
mod halves;
mod hints;
mod hover;
mod layout;
mod lens;
mod loader;
mod notices;
mod notifications;
mod overlay;
mod program;
mod requests;
mod rules;
mod server;
mod settings;
mod status;
mod subject;
mod verify;
mod wire;
mod worker;
mod workspace;

pub(crate) use rules::pages;
pub(crate) use server::serve;
