//! Which module would be worth splitting, for how many bytes, and what the change is.
//!
//! | file | what it does |
//! | --- | --- |
//! | `model` | the words: proposals, savings, risks |
//! | `plan` | a proposal as a change of the definition graph |
//! | `prices` | bytes of units and definitions, and of units that do not exist yet |
//! | `world` | the graph with some plans carried out, and what a program would then be |
//! | `price` | the difference that a plan makes |
//! | `effects` | what code does when its unit is initialised |
//! | `facade`, `linkall`, .. | the finders: one for each kind of proposal or two |
//! | `propose` | who finds what for whom, and what becomes a proposal |
//!
//! A finder makes drafts: changes that are sound or say what speaks against them. Whether one is worth anything is known
//! only when the program is linked again with it, so every draft is priced that way.

mod draft;
mod effects;
mod facade;
#[cfg(test)]
mod fixture;
mod fresh;
mod linkall;
mod model;
mod plan;
mod price;
mod prices;
mod propose;
mod risks;
mod signature;
#[cfg(test)]
mod tests;
mod world;

pub use model::{
    CurvePoint, Edit, EditAction, Evidence, Proposal, ProposalKind, Proposals, Risk, Saving, Status,
};
pub use plan::{AliasLine, AliasTarget, Clients, LinkChange, Part, Plan, Recipe, Role, Wrapped};
pub use prices::Prices;
pub use propose::{Options, ProgramParts, propose, rank};
pub use world::Tree;
