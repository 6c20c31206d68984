//! The audit of a library as JSON, schema 1.
//!
//! Clients are named once, in `clients`; everywhere else they are positions in that list. Lists are in a fixed order.

use crate::report::schema::{OtherEntry, ProblemEntry, ProposalEntry, Tool};
use crate::size::Provenance;
use crate::split::Saving;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An audit of one package.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LibraryAudit {
    /// [`crate::report::schema::SCHEMA`].
    pub schema: u32,
    /// Who made it.
    pub tool: Tool,
    /// The package, as it was asked for.
    pub package: String,
    /// Its libraries.
    pub libraries: Vec<LibraryEntry>,
    /// Who uses them, by name.
    pub clients: Vec<ClientEntry>,
    /// Units that re-export others, sealed ones first.
    pub facades: Vec<FacadeEntry>,
    /// Units that the linker keeps unasked.
    pub forced: Vec<ForcedEntry>,
    /// What runs when a unit is linked and others could see or pay for, what costs most first.
    pub start_up: Vec<StartUpEntry>,
    /// Its units, what is dead in all clients together first.
    pub units: Vec<UsageEntry>,
    /// What to change: those that serve the clients best together in their order, then the others by bytes saved.
    pub proposals: Vec<LibraryProposal>,
    /// Bytes left after one, two, three... of the former.
    pub curve: Vec<SharedCurveEntry>,
    /// What is wrong in what was read.
    pub problems: Vec<ProblemEntry>,
}

/// One library.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LibraryEntry {
    /// Its name.
    pub name: String,
    /// Number of its units that have code.
    pub units: u32,
    /// Their bytes in the allocated sections.
    pub bytes: u64,
    /// Where that figure comes from.
    pub provenance: Provenance,
    /// Number of definitions that clients can name, in units whose source is at hand.
    pub exported: u32,
    /// Number of its units without a source at hand: what clients can name in them, and which of it they reach, is not known.
    #[serde(default)]
    pub without_source: u32,
    /// Whether its archive keeps all units.
    pub linkall: bool,
}

/// One client.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClientEntry {
    /// Its name.
    pub name: String,
    /// Whether it is a library, taken for a program that uses all of it.
    pub is_library: bool,
    /// Bytes of the library's units that it links.
    pub bytes: u64,
    /// Where that figure and the next come from.
    pub provenance: Provenance,
    /// Bytes of those definitions among them that it reaches; of a unit without source, all of it.
    pub live_bytes: u64,
    /// Number of the library's units that it links.
    pub units: u32,
    /// How many of those have no source at hand.
    #[serde(default)]
    pub without_source: u32,
    /// Definitions of the library that it names itself, or that other libraries name for it.
    pub names: u32,
    /// Bytes of everything that it links.
    pub alloc: u64,
    /// Where that figure comes from.
    pub alloc_provenance: Provenance,
}

/// How a unit that re-exports others does so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FacadeStatus {
    /// Its interface gives every part a signature of its own: to use one links all.
    Sealed,
    /// Some parts have one.
    PartlySealed,
    /// All are plain aliases: a client links what it uses.
    Transparent,
}

/// A unit that re-exports others.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct FacadeEntry {
    /// The unit.
    pub unit: String,
    /// Whether its parts can be linked one by one.
    pub status: FacadeStatus,
    /// Its parts, in order of source.
    pub parts: Vec<PartEntry>,
}

/// A part of a facade.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PartEntry {
    /// Its name in the facade.
    pub name: String,
    /// What it stands for.
    pub target: String,
    /// Whether the interface spells its signature out.
    pub sealed: bool,
    /// Where it is defined: `file:line`.
    pub implementation: String,
    /// Where the interface declares it.
    pub interface: Option<String>,
    /// Bytes of the unit that it stands for.
    pub bytes: u64,
}

/// A unit that the linker keeps unasked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ForcedEntry {
    /// The unit.
    pub unit: String,
    /// Who forces it.
    pub why: String,
    /// Its bytes.
    pub bytes: u64,
}

/// Code that runs when its unit is linked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StartUpEntry {
    /// The definition, or the unit with the line.
    pub name: String,
    /// Where it stands: `file:line`.
    pub place: String,
    /// What it does.
    pub what: String,
    /// The units that only it names in its unit.
    pub drags: Vec<String>,
    /// What would leave without it, in the client that would win most.
    pub freed_bytes: u64,
    /// Where that figure comes from.
    pub freed_provenance: Provenance,
    /// That client.
    pub client: Option<u32>,
}

/// How clients use a unit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UsageEntry {
    /// The unit.
    pub unit: String,
    /// Its bytes; 0 where it has neither source nor object file.
    pub bytes: u64,
    /// Where that figure comes from.
    pub provenance: Provenance,
    /// Whether it has no source at hand: then it is not known what clients can name in it, what they do name, and what is dead.
    #[serde(default)]
    pub without_source: bool,
    /// Number of definitions that clients can name.
    pub exported: u32,
    /// Bytes of it that are dead, in all clients that link it together.
    pub dead_bytes: u64,
    /// The clients that link it.
    pub uses: Vec<UseEntry>,
    /// Its exported definitions by who names them, most clients first; those that nobody names come last.
    pub together: Vec<TogetherEntry>,
}

/// How one client uses a unit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct UseEntry {
    /// The client.
    pub client: u32,
    /// Exported definitions that it names, or that other libraries name for it.
    pub names: u32,
    /// Definitions that it reaches, also through the library's own code.
    pub live: u32,
    /// Their bytes.
    pub live_bytes: u64,
    /// Whether it takes the unit as a whole somewhere.
    pub whole: bool,
}

/// Definitions that the same clients name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TogetherEntry {
    /// The clients; empty for what nobody names.
    pub clients: Vec<u32>,
    /// The definitions, by path in the unit, in order of source.
    pub definitions: Vec<String>,
    /// Their bytes.
    pub bytes: u64,
    /// How many of them some client reaches through the library's own code.
    pub reached_inside: u32,
}

/// What a change does to the interface.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterfaceEffect {
    /// Every client compiles as before, and gains by being linked again.
    Compatible,
    /// Every client compiles as before; who wants to gain writes one more line.
    Additive,
    /// Clients compile as before but may behave differently.
    Behaviour,
    /// Some clients may not compile as they stand.
    MayBreak,
}

/// A change of the library.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LibraryProposal {
    /// The change, as for the client that wins most.
    pub proposal: ProposalEntry,
    /// Whether it is one of those that serve the clients best together.
    pub chosen: bool,
    /// What all clients save together.
    pub total: i64,
    /// What each client saves, or loses, alone; those that it leaves as they are, left out.
    pub clients: Vec<OtherEntry>,
    /// What it does to the interface.
    pub interface: InterfaceEffect,
    /// The patch of the library as a unified diff, paths from its root; null where there is none.
    pub patch: Option<String>,
    /// Then why.
    pub no_patch: Option<String>,
    /// Files of clients that would have to change to gain.
    pub client_files: Vec<String>,
    /// What the files that the patch changes were made from by a preprocessor or generator: the place to make the change.
    pub made_from: Vec<String>,
}

/// What is left after some changes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SharedCurveEntry {
    /// The changes, by id.
    pub proposals: Vec<String>,
    /// Bytes of all clients together.
    pub alloc: u64,
    /// Bytes of each client, in the order of `clients`.
    pub of_client: Vec<u64>,
}

/// Returns whether a saving is worth naming.
#[must_use]
pub fn is_some(saving: &Saving) -> bool {
    saving.alloc != 0
}
