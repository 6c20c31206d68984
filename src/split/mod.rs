//! Which module would be worth splitting, for how many bytes, and what the change is.
//!
//! | file | what it does |
//! | --- | --- |
//! | `model` | the words: proposals, savings, risks |
//! | `plan` | a proposal as a change of the definition graph |
//! | `prices` | bytes of units and definitions, and of units that do not exist yet |
//! | `rows` | who links whom as things are, and by which references |
//! | `world` | the graph with some plans carried out |
//! | `linking` | what a program would then be |
//! | `price` | the difference that a plan makes |
//! | `effects`, `behind` | what code does when its unit is initialised, and all that is behind it |
//! | `order` | code that may run earlier at start-up than before |
//! | `lexicon`, `outline`, `grouping` | a unit in pieces, what each needs, and whether groups of them keep every meaning |
//! | `facade`, `linkall`, `extract`, `partition`, `own_modules`, `no_alias`, `unpack`, `cut`, `cut_effect` | the finders: one for each kind of proposal or two |
//! | `patch` | a proposal as edits of files |
//! | `joint` | which changes to make together, and what is left after each |
//! | `shared` | the same for a library and all its clients: what serves them best together |
//! | `start_up` | what the units of a library do when they are linked |
//! | `find` | who finds what for whom |
//! | `weigh` | what drafts do to programs, and which become proposals |
//! | `proposal` | a proposal with its risks and references |
//! | `variants` | ids for changes of one unit that differ from program to program |
//! | `propose` | all of it: from programs to proposals |
//!
//! A finder makes drafts: changes that are sound or say what speaks against them. Whether one is worth anything is known
//! only when the program is linked again with it, so every draft is priced that way.

mod behind;
mod cut;
mod cut_effect;
mod draft;
mod effects;
mod extract;
mod facade;
mod find;
#[cfg(test)]
mod fixture;
mod fresh;
mod grouping;
mod joint;
mod lexicon;
mod linkall;
mod linking;
mod model;
mod no_alias;
mod order;
mod outline;
mod own_modules;
mod partition;
mod patch;
mod plan;
mod price;
mod prices;
mod proposal;
mod propose;
mod risks;
mod rows;
mod shared;
mod signature;
mod start_up;
#[cfg(test)]
mod tests;
mod unpack;
mod variants;
mod weigh;
mod world;

pub use model::{
    CurvePoint, Edit, EditAction, Evidence, Proposal, ProposalKind, Proposals, Risk, Saving, Status,
};
pub use patch::{FileEdit, NO_BUILD_FILE, Patch, Refusal, check_patches, patch, unified_diff, wrapped};
pub use plan::{AliasLine, AliasTarget, Clients, LinkChange, Part, Plan, Recipe, Role, Wrapped};
pub use prices::{Prices, SharedBytes};
pub use propose::{Options, Priced, ProgramParts, price_plan, propose, propose_for};
pub use shared::{Shared, SharedPoint, SharedProposal, propose_shared};
pub use signature::interface_line;
pub use start_up::{StartUp, start_up};
pub use variants::plain_id;
pub use world::Tree;
