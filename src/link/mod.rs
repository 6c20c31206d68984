//! What a program pulls in, and why.
//!
//! | file | question | in -> out |
//! | --- | --- | --- |
//! | [`input`] | what is on the linker's command line? | project and program -> [`LinkInput`] |
//! | [`closure`] | which units does the linker keep? | command line and links -> [`LinkedSet`] |
//! | [`reach`] | which units would a changed program keep? | the same, asked many times -> a set |
//! | [`held`] | what hangs on one unit of it alone, and what is left of that? | a command line looked through and links -> [`Held`] |
//! | [`mod@live`] | which definitions can the program's own code reach? | graph and linked set -> [`Live`] |
//! | [`mod@retained`] | what leaves with a unit? | linked set -> [`Retained`] |
//! | [`mod@waste`] | what is there for dead definitions only? | linked set and live definitions -> [`Waste`] |
//! | [`why`] | which references pull something in? | linked set -> [`Chain`], [`ThinEdge`] |
//!
//! All are pure functions over ids, cheap enough to ask again after every imagined change: replace the links of a
//! few units with [`Changed`], add members to an archive of the [`LinkInput`], and call [`fn@link`] again; or, where only the set is
//! asked for, [`Reach`], which looks at nothing but what is kept.

pub mod closure;
pub mod held;
pub mod input;
pub mod live;
pub mod reach;
pub mod retained;
pub mod waste;
pub mod why;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use closure::{LinkedSet, MissingUnit, Reason, link};
pub use held::Held;
pub use input::{ArchiveInput, Changed, LinkInput, LinkTable, Links};
pub use live::{Live, LiveCause, live};
pub use reach::{Asked, Reach, Spot};
pub use retained::{Retained, retained};
pub use waste::{Waste, Weights, live_links, waste};
pub use why::{Chain, Hop, ThinEdge, disjoint_chains, link_edge, references, thin_edges, why_def, why_unit};
