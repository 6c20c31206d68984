//! Makes the audit of a library from what the stages found.

use super::schema::*;
use crate::base::{DefId, IdSet, LibraryId, Place, Problem, UnitId, split_last};
use crate::graph::{DefKind, Graph};
use crate::link::{Changed, LinkInput, LinkTable, LinkedSet, Links, Live, Waste, Weights, link};
use crate::parse::ItemKind;
use crate::project::{LibraryOrigin, Project, UnitSource};
use crate::report::build::{Costs, def_name, is_counted, proposal_entry};
use crate::report::place::{self, Places};
use crate::report::problems;
use crate::report::schema::{OtherEntry, SCHEMA, Tool};
use crate::size::Provenance;
use crate::split::{Clients, ProposalKind, Shared, SharedProposal, StartUp, Tree, interface_line, start_up};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of one client.
#[derive(Clone, Copy, Debug)]
pub struct ClientParts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is a library, taken for a program.
    pub is_library: bool,
    /// The linker's command line.
    pub input: &'a LinkInput,
    /// What the linker keeps.
    pub linked: &'a LinkedSet,
    /// What its own code reaches.
    pub live: &'a Live,
    /// Waste of each linked unit.
    pub waste: &'a Waste,
    /// Bytes of all that it links.
    pub alloc: u64,
    /// Where that figure comes from.
    pub alloc_provenance: Provenance,
}

/// The patch of one proposal, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LibraryPatch {
    /// A unified diff of the library's files, or why there is none.
    pub diff: Result<String, String>,
    /// Files of clients that it would change too.
    pub client_files: Vec<String>,
    /// What the files that it changes were made from by a preprocessor or generator.
    pub made_from: Vec<String>,
}

/// All that the audit is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// What the stages say of the whole tree.
    pub tree: Tree<'a>,
    /// Names and places.
    pub places: Places<'a>,
    /// Bytes by section.
    pub costs: &'a Costs,
    /// Bytes of definitions.
    pub weights: &'a Weights,
    /// Who links whom.
    pub links: &'a LinkTable,
}

/// Returns the audit of some libraries. `patches` are those of `shared`, in its order.
#[must_use]
pub fn build(
    sources: Sources<'_>,
    package: &str,
    targets: &[LibraryId],
    clients: &[ClientParts<'_>],
    shared: &Shared,
    patches: Vec<LibraryPatch>,
    all_problems: &[Problem],
) -> LibraryAudit {
    let builder = Builder {
        sources,
        project: sources.tree.project,
        graph: sources.tree.graph,
        targets,
        clients,
        named: clients.iter().map(|client| named(sources.tree, targets, client)).collect(),
    };
    LibraryAudit {
        schema: SCHEMA,
        tool: Tool { name: "unlith".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        package: package.to_owned(),
        libraries: targets.iter().map(|&id| builder.library(id)).collect(),
        clients: (0..clients.len()).map(|at| builder.client(at)).collect(),
        facades: builder.facades(),
        forced: builder.forced(),
        start_up: builder.start_up(),
        units: builder.usage(),
        proposals: shared
            .proposals
            .iter()
            .zip(patches)
            .map(|(proposal, patch)| builder.proposal(proposal, patch))
            .collect(),
        curve: shared
            .curve
            .iter()
            .map(|point| SharedCurveEntry {
                proposals: point.proposals.clone(),
                alloc: point.alloc.iter().sum(),
                of_client: point.alloc.clone(),
            })
            .collect(),
        problems: problems::entries(all_problems),
    }
}

/// What a client names of a library: definitions, and units that it takes as a whole.
struct Named {
    defs: IdSet<DefId>,
    whole: IdSet<UnitId>,
}

/// What live code outside of the targets refers to in them.
fn named(tree: Tree<'_>, targets: &[LibraryId], client: &ClientParts<'_>) -> Named {
    let is_target = |unit: UnitId| targets.contains(&tree.project.unit(unit).library);
    let mut named = Named { defs: IdSet::default(), whole: IdSet::default() };
    for def in client.live.defs.iter() {
        if is_target(tree.graph.def(def).unit) {
            continue;
        }
        for edge in tree.graph.edges_of(def).iter().filter(|edge| edge.kind.links()) {
            match edge.def.get() {
                Some(def) if is_target(tree.graph.def(def).unit) => {
                    named.defs.insert(def);
                }
                None if is_target(edge.target.unit) && edge.target.path.is_empty() => {
                    named.whole.insert(edge.target.unit);
                }
                _ => {}
            }
        }
    }
    named
}

struct Builder<'a> {
    sources: Sources<'a>,
    project: &'a Project,
    graph: &'a Graph,
    targets: &'a [LibraryId],
    clients: &'a [ClientParts<'a>],
    /// By client.
    named: Vec<Named>,
}

impl Builder<'_> {
    fn unit_name(&self, unit: UnitId) -> String {
        self.project.unit(unit).name.to_string()
    }
    fn bytes(&self, unit: UnitId) -> u64 {
        self.sources.weights.unit(unit)
    }
    fn show(&self, place: &Place) -> String {
        let file = place::file_name(&place.file);
        place.at.map_or_else(|| file.clone(), |at| format!("{file}:{}", at.line))
    }
    /// Units of the targets that have code, in order.
    fn units(&self) -> Vec<UnitId> {
        self.targets.iter().flat_map(|&id| self.units_of(id)).collect()
    }
    /// Units of a library that have code; what the build has not made has some, however much.
    fn units_of(&self, id: LibraryId) -> impl Iterator<Item = UnitId> {
        let all = self.project.library(id).units.iter().copied();
        all.filter(|&unit| self.bytes(unit) > 0 || self.is_without_source(unit))
    }
    /// Whether nobody can look into a unit.
    fn is_without_source(&self, unit: UnitId) -> bool {
        matches!(self.project.unit(unit).source, UnitSource::Opaque { .. })
    }
    /// Definitions that clients can name and that cost something.
    fn exported(&self, unit: UnitId) -> Vec<DefId> {
        let included = self.included(unit);
        let is_named = |def: &DefId| self.named.iter().any(|named| named.defs.contains(*def));
        let is_shown = |id: &DefId| {
            let def = self.graph.def(*id);
            (def.exported || included.contains(*id) || is_named(id))
                && is_counted(def)
                && def.in_functor.is_none()
                && !matches!(def.kind, DefKind::Effect | DefKind::Module | DefKind::Alias)
        };
        self.graph.unit_defs(unit).filter(is_shown).collect()
    }

    /// Values of modules of the unit that it includes and whose names its interface has.
    fn included(&self, unit: UnitId) -> IdSet<DefId> {
        let mut found = IdSet::default();
        let interface = self.project.unit(unit).interface().and_then(|file| self.sources.tree.facts(file));
        let Some(facts) = interface else { return found };
        let mut shown: BTreeSet<&str> = BTreeSet::new();
        for &item in &facts.structure(facts.root).items {
            if let ItemKind::ValueSpec { names, .. } = &facts.item(item).kind {
                shown.extend(facts.names(*names).iter().map(|name| name.as_str()));
            }
        }
        let defs = || self.graph.unit_defs(unit);
        let modules: IdSet<DefId> = defs()
            .flat_map(|def| self.graph.edges_of(def))
            .filter(|edge| edge.flags.get().include && edge.target.unit == unit)
            .filter_map(|edge| edge.def.get())
            .collect();
        for id in defs() {
            let def = self.graph.def(id);
            let last = split_last(&def.path).1;
            if def.parent.is_some_and(|parent| modules.contains(parent)) && shown.contains(last) {
                found.insert(id);
            }
        }
        found
    }

    fn library(&self, id: LibraryId) -> LibraryEntry {
        let library = self.project.library(id);
        let units: Vec<UnitId> = self.units_of(id).collect();
        LibraryEntry {
            name: library.name.to_string(),
            units: units.len() as u32,
            bytes: units.iter().map(|&unit| self.bytes(unit)).sum(),
            provenance: self.sources.costs.provenance(units.iter().copied()),
            exported: units.iter().map(|&unit| self.exported(unit).len() as u32).sum(),
            without_source: units.iter().filter(|&&unit| self.is_without_source(unit)).count() as u32,
            linkall: library.linkall,
        }
    }

    fn client(&self, at: usize) -> ClientEntry {
        let client = &self.clients[at];
        let is_target = |unit: &UnitId| self.targets.contains(&self.project.unit(*unit).library);
        let units: Vec<(usize, UnitId)> =
            client.linked.units.iter().copied().enumerate().filter(|(_, unit)| is_target(unit)).collect();
        ClientEntry {
            name: client.name.to_owned(),
            is_library: client.is_library,
            bytes: units.iter().map(|&(_, unit)| self.bytes(unit)).sum(),
            provenance: self.sources.costs.provenance(units.iter().map(|&(_, unit)| unit)),
            live_bytes: units.iter().map(|&(i, _)| client.waste.live_bytes[i]).sum(),
            units: units.len() as u32,
            without_source: units.iter().filter(|&&(_, unit)| self.is_without_source(unit)).count() as u32,
            names: self.named[at].defs.iter().count() as u32,
            alloc: client.alloc,
            alloc_provenance: client.alloc_provenance,
        }
    }

    fn facades(&self) -> Vec<FacadeEntry> {
        let mut facades: Vec<FacadeEntry> = self
            .targets
            .iter()
            .flat_map(|&id| self.project.library(id).units.iter().copied())
            .filter_map(|unit| self.facade(unit))
            .collect();
        facades.sort_by_key(|facade| (facade.status, facade.unit.clone()));
        facades
    }

    fn facade(&self, unit: UnitId) -> Option<FacadeEntry> {
        // What dune writes is transparent, and nobody's to change.
        self.project.unit(unit).implementation()?;
        let mut parts = Vec::new();
        for id in self.graph.unit_defs(unit) {
            let def = self.graph.def(id);
            let Some(target) = def.alias_of.filter(|target| target.unit != unit) else { continue };
            let is_of_targets = self.targets.contains(&self.project.unit(target.unit).library);
            if def.kind != DefKind::Alias || !def.exported || def.in_functor.is_some() || !is_of_targets {
                continue;
            }
            let name = self.unit_name(target.unit);
            let dot = if target.path.is_empty() { "" } else { "." };
            let interface = interface_line(self.sources.tree, unit, def.path);
            parts.push(PartEntry {
                name: def.path.to_string(),
                target: format!("{name}{dot}{}", target.path),
                sealed: def.sealed,
                implementation: self.show(&self.sources.places.place(def.file, def.span.start)),
                interface: interface.map(|place| self.show(&place)),
                bytes: self.bytes(target.unit),
            });
        }
        let n_sealed = parts.iter().filter(|part| part.sealed).count();
        let status = match n_sealed {
            0 => FacadeStatus::Transparent,
            n if n == parts.len() => FacadeStatus::Sealed,
            _ => FacadeStatus::PartlySealed,
        };
        // An alias for private use makes no facade.
        (parts.len() > 1 || n_sealed > 0).then(|| FacadeEntry { unit: self.unit_name(unit), status, parts })
    }

    fn forced(&self) -> Vec<ForcedEntry> {
        let mut forced = Vec::new();
        for &id in self.targets {
            let library = self.project.library(id);
            for &unit in library.units.iter().filter(|&&unit| self.project.unit(unit).forced) {
                let place = library.linkall_place.as_ref().map(|place| format!(" ({})", self.show(place)));
                let why = if library.linkall {
                    format!("{} is archived with -linkall{}", library.name, place.unwrap_or_default())
                } else {
                    format!("compiled or archived with -linkall{}", place.unwrap_or_default())
                };
                forced.push(ForcedEntry { unit: self.unit_name(unit), why, bytes: self.bytes(unit) });
            }
        }
        forced
    }

    fn start_up(&self) -> Vec<StartUpEntry> {
        let mut entries: Vec<StartUpEntry> = Vec::new();
        for code in start_up(self.sources.tree, &self.units()) {
            let entry = self.start_up_entry(&code);
            if code.is_seen || entry.freed_bytes > 0 {
                entries.push(entry);
            }
        }
        entries.sort_by_key(|entry| Reverse(entry.freed_bytes));
        entries
    }

    fn start_up_entry(&self, code: &StartUp) -> StartUpEntry {
        let def = self.graph.def(code.def);
        let freed = |at: usize| -> (u64, Provenance) {
            let client = &self.clients[at];
            if code.drags.is_empty() || !client.linked.contains(def.unit) {
                return (0, Provenance::Measured);
            }
            let mut changed = Changed::new(self.sources.links);
            let links = self.sources.links.links(def.unit).iter().copied();
            changed.set(def.unit, links.filter(|used| !code.drags.contains(used)).collect());
            let left = link(client.input, &changed);
            let gone = || client.linked.units.iter().copied().filter(|&unit| !left.contains(unit));
            (gone().map(|unit| self.bytes(unit)).sum(), self.sources.costs.provenance(gone()))
        };
        let best =
            (0..self.clients.len()).map(|at| (freed(at), at)).max_by_key(|&((n, _), at)| (n, Reverse(at)));
        let ((freed_bytes, freed_provenance), client) = match best {
            Some((freed, at)) if freed.0 > 0 => (freed, Some(at as u32)),
            _ => ((0, Provenance::Measured), None),
        };
        StartUpEntry {
            name: def_name(self.sources.places, self.graph, code.def),
            place: self.show(&self.sources.places.place(def.file, def.span.start)),
            what: code.what.clone(),
            drags: code.drags.iter().map(|&unit| self.unit_name(unit)).collect(),
            freed_bytes,
            freed_provenance,
            client,
        }
    }

    fn usage(&self) -> Vec<UsageEntry> {
        let mut entries: Vec<UsageEntry> = self.units().into_iter().map(|unit| self.usage_of(unit)).collect();
        entries.sort_by_key(|entry| (Reverse(entry.dead_bytes), Reverse(entry.bytes), entry.unit.clone()));
        entries
    }

    fn usage_of(&self, unit: UnitId) -> UsageEntry {
        let exported = self.exported(unit);
        let mut dead_bytes = 0;
        let mut uses = Vec::new();
        for (at, client) in self.clients.iter().enumerate() {
            let Some(i) = client.linked.units.iter().position(|&other| other == unit) else { continue };
            dead_bytes += client.waste.dead_bytes[i];
            let live = self
                .graph
                .unit_defs(unit)
                .filter(|&def| client.live.contains(def) && is_counted(self.graph.def(def)));
            uses.push(UseEntry {
                client: at as u32,
                names: exported.iter().filter(|&&def| self.named[at].defs.contains(def)).count() as u32,
                live: live.count() as u32,
                live_bytes: client.waste.live_bytes[i],
                whole: self.named[at].whole.contains(unit),
            });
        }
        UsageEntry {
            unit: self.unit_name(unit),
            bytes: self.bytes(unit),
            provenance: self.sources.costs.provenance([unit]),
            without_source: self.is_without_source(unit),
            exported: exported.len() as u32,
            dead_bytes,
            uses,
            together: self.together(&exported),
        }
    }

    /// Definitions by the set of clients that name them.
    fn together(&self, exported: &[DefId]) -> Vec<TogetherEntry> {
        let mut groups: BTreeMap<Vec<u32>, Vec<DefId>> = BTreeMap::new();
        for &def in exported {
            let clients = (0..self.clients.len()).filter(|&at| self.named[at].defs.contains(def));
            groups.entry(clients.map(|at| at as u32).collect()).or_default().push(def);
        }
        let is_reached = |def: DefId| self.clients.iter().any(|client| client.live.contains(def));
        let mut entries: Vec<TogetherEntry> = groups
            .into_iter()
            .map(|(clients, defs)| TogetherEntry {
                clients,
                definitions: defs.iter().map(|&def| self.graph.def(def).path.to_string()).collect(),
                bytes: defs.iter().map(|&def| self.sources.weights.def(def)).sum(),
                reached_inside: defs.iter().filter(|&&def| is_reached(def)).count() as u32,
            })
            .collect();
        entries.sort_by_key(|entry| (Reverse(entry.clients.len()), entry.clients.clone()));
        entries
    }

    fn proposal(&self, shared: &SharedProposal, patch: LibraryPatch) -> LibraryProposal {
        let clients = self.clients.iter().zip(&shared.saved).filter(|(_, saved)| is_some(saved));
        let (patch_text, no_patch) = match patch.diff {
            Ok(diff) => (Some(diff), None),
            Err(why) => (None, Some(why)),
        };
        LibraryProposal {
            proposal: proposal_entry(self.sources.places, self.graph, self.sources.costs, &shared.proposal),
            chosen: shared.is_chosen,
            total: shared.total,
            clients: clients
                .map(|(client, &bytes_saved)| OtherEntry { program: client.name.to_owned(), bytes_saved })
                .collect(),
            interface: interface_effect(shared),
            patch: patch_text,
            no_patch,
            client_files: patch.client_files,
            made_from: patch.made_from,
        }
    }
}

/// What a change does to clients that are not touched.
fn interface_effect(shared: &SharedProposal) -> InterfaceEffect {
    const BREAKS: [&str; 6] =
        ["interface", "module-type-of", "type-equality", "variance", "bypass-types", "hidden-module"];
    let proposal = &shared.proposal;
    match proposal.kind {
        ProposalKind::CutEffect | ProposalKind::DropLinkall => InterfaceEffect::Behaviour,
        _ if proposal.risks.iter().any(|risk| BREAKS.contains(&risk.code)) => InterfaceEffect::MayBreak,
        _ if proposal.risks.iter().any(|risk| risk.code.starts_with("effect-")) => InterfaceEffect::Behaviour,
        _ if proposal.plan.clients == Clients::Rewritten => InterfaceEffect::Additive,
        _ => InterfaceEffect::Compatible,
    }
}

/// Whether a client is a library.
#[must_use]
pub fn is_library(project: &Project, own: LibraryId) -> bool {
    project.library(own).origin != LibraryOrigin::Program
}
