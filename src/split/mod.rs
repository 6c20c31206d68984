//! Which module would be worth splitting, for how many bytes, and what the change is.

mod model;

pub use model::{
    CurvePoint, Edit, EditAction, Evidence, Proposal, ProposalKind, Proposals, Risk, Saving, Status,
};
