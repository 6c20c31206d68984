//! A change before it is priced.

use super::model::{Edit, ProposalKind, Risk};
use super::plan::Plan;
use crate::base::{LibraryId, UnitId};
use std::sync::Arc;

/// A change that somebody thought of: what it is, and what speaks against it. What it saves is for [`super::price`].
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) kind: ProposalKind,
    pub(crate) unit: Option<UnitId>,
    pub(crate) library: Option<LibraryId>,
    pub(crate) summary: String,
    pub(crate) plan: Arc<Plan>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) risks: Vec<Risk>,
}
