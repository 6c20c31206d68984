//! Makes an audit from what the stages found.

use super::chain;
use super::place::{self, Places};
use super::problems;
use super::schema::*;
use crate::base::{DefId, Idx, LineCol, Place, Problem, UnitId};
use crate::graph::{Def, DefKind, Graph};
use crate::link::{
    LinkInput, LinkTable, LinkedSet, Links, Live, Reason, Retained, ThinEdge, Waste, link_edge,
};
use crate::project::{Program, Project, Unit, UnitSource};
use crate::size::{Bytes, Profile, Provenance};
use crate::split::{Evidence, Proposal, Proposals, Risk};
use rayon::prelude::*;

/// What units cost.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Costs {
    /// The kind of executable that bytes are counted for.
    pub profile: Profile,
    /// For each unit, by id, its bytes.
    pub units: Vec<(Bytes, Option<Provenance>)>,
    /// For each definition, by id, its bytes in the allocated sections; empty where the audit is not to list them.
    pub definitions: Vec<u64>,
}

impl Costs {
    /// Returns the bytes of a unit and where they come from; what nobody priced is estimated at nothing.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> (Bytes, Provenance) {
        let (bytes, provenance) = self.units.get(unit.idx()).copied().unwrap_or_default();
        (bytes, provenance.unwrap_or(Provenance::Estimated))
    }
    /// Returns where the sum over some units comes from: measured when all of them are.
    #[must_use]
    pub fn provenance(&self, units: impl IntoIterator<Item = UnitId>) -> Provenance {
        units.into_iter().map(|unit| self.unit(unit).1).max().unwrap_or(Provenance::Measured)
    }
}

/// All that is known of one program.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The program.
    pub program: &'a Program,
    /// The linker's command line.
    pub input: &'a LinkInput,
    /// The links between units.
    pub links: &'a LinkTable,
    /// What the linker keeps.
    pub linked: &'a LinkedSet,
    /// What own code reaches.
    pub live: &'a Live,
    /// Dominators.
    pub retained: &'a Retained,
    /// Waste and bound.
    pub waste: &'a Waste,
    /// Links that hang on few references.
    pub thin: &'a [ThinEdge],
    /// What the file costs.
    pub size: ProgramSize,
    /// What to change.
    pub proposals: &'a Proposals,
}

/// Returns the audit of some programs of a project.
#[must_use]
pub fn build(
    places: Places<'_>,
    graph: &Graph,
    costs: &Costs,
    programs: &[Parts<'_>],
    problems: &[Problem],
) -> Audit {
    Audit {
        schema: SCHEMA,
        tool: Tool { name: "unlith".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        programs: each_program(places, graph, costs, programs, |program| program),
        problems: problems::entries(problems),
    }
}

/// Makes something of the audit of each program, in the order given.
pub(super) fn each_program<T: Send>(
    places: Places<'_>,
    graph: &Graph,
    costs: &Costs,
    programs: &[Parts<'_>],
    make: impl Fn(ProgramAudit) -> T + Sync,
) -> Vec<T> {
    let builder = Builder { places, project: places.project, graph, costs };
    programs.par_iter().map(|parts| make(builder.program(parts))).collect()
}

/// Returns a proposal as it is shown.
#[must_use]
pub fn proposal_entry(
    places: Places<'_>,
    graph: &Graph,
    costs: &Costs,
    proposal: &Proposal,
) -> ProposalEntry {
    Builder { places, project: places.project, graph, costs }.proposal(proposal)
}

/// Whether a definition is counted: something that costs bytes or runs code. Types and module types are not.
#[must_use]
pub fn is_counted(def: &Def) -> bool {
    !matches!(def.kind, DefKind::Type | DefKind::ModuleType)
}

/// Returns a definition's name from its unit: `Base__List.fold`; effects are `Base__List (effect, line 12)`.
#[must_use]
pub fn def_name(places: Places<'_>, graph: &Graph, def: DefId) -> String {
    let definition = graph.def(def);
    let unit = places.project.unit(definition.unit).name;
    if definition.kind != DefKind::Effect {
        return format!("{unit}.{}", definition.path);
    }
    let inside = if definition.path.is_empty() { String::new() } else { format!(".{}", definition.path) };
    match places.line_col(definition.file, definition.span.start) {
        Some(at) => format!("{unit}{inside} (effect, line {})", at.line),
        None => format!("{unit}{inside} (effect)"),
    }
}

struct Builder<'a> {
    places: Places<'a>,
    project: &'a Project,
    graph: &'a Graph,
    costs: &'a Costs,
}

impl Builder<'_> {
    fn name(&self, unit: UnitId) -> String {
        self.project.unit(unit).name.to_string()
    }
    fn names(&self, units: &[UnitId]) -> Vec<String> {
        units.iter().map(|&unit| self.name(unit)).collect()
    }

    fn program(&self, parts: &Parts<'_>) -> ProgramAudit {
        let linked_units = self.units(parts);
        let sum = |part: fn(&UnitEntry) -> u32| linked_units.iter().map(part).sum();
        let live = LiveEntry {
            units: linked_units.iter().filter(|unit| unit.touched).count() as u32,
            definitions: sum(|unit| unit.definitions),
            live_definitions: sum(|unit| unit.live_definitions),
            bytes: linked_units.iter().map(|unit| unit.live_bytes).sum(),
        };
        let missing = parts.linked.missing.iter();
        ProgramAudit {
            name: parts.program.name.clone(),
            profile: self.costs.profile,
            own_units: self.names(&parts.input.own),
            missing_units: missing
                .map(|m| MissingEntry { unit: self.name(m.unit), required_by: self.name(m.by) })
                .collect(),
            unread_units: self.names(&self.unread(&parts.linked.units)),
            size: parts.size,
            bound: Bound { alloc: parts.waste.bound },
            live,
            thin_links: parts.thin.iter().map(|edge| self.thin_link(edge)).collect(),
            proposals: parts.proposals.proposals.par_iter().map(|proposal| self.proposal(proposal)).collect(),
            curve: parts
                .proposals
                .curve
                .iter()
                .map(|point| CurveEntry { proposals: point.proposals.clone(), alloc: point.alloc })
                .collect(),
            linked_units,
        }
    }

    /// The units of which there is neither source nor archive nor object.
    fn unread(&self, linked: &[UnitId]) -> Vec<UnitId> {
        let is_unread = |&unit: &UnitId| {
            let definition = self.project.unit(unit);
            let is_text_known = !matches!(definition.source, UnitSource::Opaque { .. });
            let is_compiled =
                definition.recorded.is_some() || self.costs.unit(unit).1 == Provenance::Measured;
            !is_text_known && !is_compiled
        };
        linked.iter().copied().filter(is_unread).collect()
    }

    /// The names inside a pack that are not listed as units of their own.
    fn packed(&self, unit: UnitId) -> Vec<String> {
        let is_whole = self.project.members(unit).is_empty();
        let names = self.project.unit(unit).packed.iter().filter(|_| is_whole);
        names.map(ToString::to_string).collect()
    }

    fn units(&self, parts: &Parts<'_>) -> Vec<UnitEntry> {
        let mut linked_for: Vec<Vec<String>> =
            vec![Vec::new(); parts.links.n_units().max(self.project.units.len())];
        for &user in &parts.linked.units {
            for &used in parts.links.links(user).iter().filter(|&&used| used != user) {
                linked_for[used.idx()].push(self.name(user));
            }
        }
        let entry = |(i, (unit, reason)): (usize, (UnitId, Reason))| {
            let definition = self.project.unit(unit);
            let (bytes, provenance) = self.costs.unit(unit);
            let defs = || self.graph.unit_defs(unit).filter(|&def| is_counted(self.graph.def(def)));
            UnitEntry {
                unit: definition.name.to_string(),
                library: self.project.library(definition.library).name.to_string(),
                packed: self.packed(unit),
                source: self.source(definition),
                forced: matches!(reason, Reason::Forced | Reason::LinkAll),
                linked_for: std::mem::take(&mut linked_for[unit.idx()]),
                first_reference: self.first_reference(unit, reason),
                bytes: unit_bytes(&bytes),
                provenance,
                definitions: defs().count() as u32,
                live_definitions: defs().filter(|&def| parts.live.contains(def)).count() as u32,
                touched: parts.live.touched.contains(unit),
                live_bytes: parts.waste.live_bytes[i],
                dead_bytes: parts.waste.dead_bytes[i],
                waste_bytes: parts.waste.waste_bytes[i],
                waste_provenance: self.costs.provenance(parts.waste.brought[i].iter().copied().chain([unit])),
                waste_units: parts.waste.brought[i].len() as u32,
                retained_bytes: parts.retained.bytes[i],
                retained_units: parts.retained.n_units[i],
                definition_bytes: self.definition_bytes(unit, parts.live),
            }
        };
        parts.linked.iter().enumerate().map(entry).collect()
    }

    fn first_reference(&self, unit: UnitId, reason: Reason) -> Option<EvidenceEntry> {
        let Reason::By(user) = reason else { return None };
        link_edge(self.graph, user, unit).map(|edge| self.reference(edge))
    }

    fn definition_bytes(&self, unit: UnitId, live: &Live) -> Vec<DefinitionEntry> {
        let entry = |def: DefId| {
            let &bytes = self.costs.definitions.get(def.idx())?;
            let path = self.graph.def(def).path.to_string();
            is_counted(self.graph.def(def)).then(|| DefinitionEntry { path, bytes, live: live.contains(def) })
        };
        self.graph.unit_defs(unit).filter_map(entry).collect()
    }

    fn source(&self, unit: &Unit) -> Option<String> {
        let file = unit.implementation().or(unit.interface())?;
        Some(place::file_name(&self.project.file(file).shown))
    }

    fn proposal(&self, proposal: &Proposal) -> ProposalEntry {
        let library = proposal.library.map(|library| self.project.library(library).name.to_string());
        ProposalEntry {
            id: proposal.id.clone(),
            kind: proposal.kind,
            unit: proposal.unit.map(|unit| self.name(unit)),
            library,
            summary: proposal.summary.clone(),
            bytes_saved: proposal.saved,
            provenance: proposal.provenance,
            units_dropped: self.names(&proposal.units_dropped),
            units_added: proposal.units_added.clone(),
            edits: proposal
                .edits
                .iter()
                .map(|edit| EditEntry { file: place::file_name(&edit.file), action: edit.action })
                .collect(),
            client_edits: proposal.client_edits,
            used_definitions: proposal
                .used
                .iter()
                .map(|&def| def_name(self.places, self.graph, def))
                .collect(),
            definitions: proposal.n_defs,
            evidence: proposal.evidence.iter().map(|evidence| self.evidence(evidence)).collect(),
            risks: proposal.risks.iter().map(risk).collect(),
            status: proposal.status,
            other_programs: proposal
                .others
                .iter()
                .map(|&(program, bytes_saved)| OtherEntry {
                    program: self.project.program(program).name.clone(),
                    bytes_saved,
                })
                .collect(),
        }
    }

    fn thin_link(&self, edge: &ThinEdge) -> ThinLinkEntry {
        ThinLinkEntry {
            from: self.name(edge.from),
            to: self.name(edge.to),
            used: edge.n_used,
            definitions: edge.n_defs,
            freed_bytes: edge.freed_bytes,
            references: edge.references.iter().map(|&edge| self.reference(edge)).collect(),
        }
    }

    /// An edge, by its position in the graph, with its place.
    fn reference(&self, index: u32) -> EvidenceEntry {
        let place = chain::edge_place(self.places, self.graph, index);
        let edge = &self.graph.edges[index as usize];
        EvidenceEntry {
            from: def_name(self.places, self.graph, edge.from),
            to: chain::target_name(self.places, edge),
            file: Some(place::file_name(&place.file)),
            line: place.at.map(|at| at.line),
            col: place.at.map(|at| at.col),
        }
    }

    fn evidence(&self, evidence: &Evidence) -> EvidenceEntry {
        let unit = self.project.unit(evidence.to.unit).name;
        let path = evidence.to.path;
        EvidenceEntry {
            from: self.name(evidence.from),
            to: if path.is_empty() { unit.to_string() } else { format!("{unit}.{path}") },
            file: evidence.file.map(|file| place::file_name(&self.project.file(file).shown)),
            line: evidence.at.map(|at| at.line),
            col: evidence.at.map(|at| at.col),
        }
    }
}

fn risk(risk: &Risk) -> RiskEntry {
    let at = |place: &Place| place.at.map(|at: LineCol| at.line);
    RiskEntry {
        code: risk.code.to_owned(),
        message: risk.message.clone(),
        file: risk.place.as_ref().map(|place| place::file_name(&place.file)),
        line: risk.place.as_ref().and_then(at),
    }
}

fn unit_bytes(bytes: &Bytes) -> UnitBytes {
    UnitBytes {
        code: bytes.code,
        data: bytes.data,
        frametable: bytes.frametable,
        unwind: bytes.unwind,
        relocations: bytes.relocations,
        dynsym: bytes.dynsym,
        total: bytes.alloc(),
        symtab: bytes.symtab,
        debug: bytes.debug,
    }
}
