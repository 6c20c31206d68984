//! A draft with its price, as a proposal: risks, references that cause it, what it is for.

use super::draft::Draft;
use super::model::Saving;
use super::model::{Evidence, Proposal, Risk, Status};
use super::order;
use super::plan::Clients;
use super::price::Effect;
use super::propose::{Finder, ProgramParts};
use super::risks;
use super::world::World;
use crate::base::{DefId, Idx, Place, ProgramId, UnitId};
use crate::graph::{Def, DefKind, Edge};
use crate::link::LinkedSet;
use crate::project::{LibraryOrigin, UnitSource};

/// What a draft has to say whichever program it is proposed to.
pub(super) struct Common {
    /// What may go wrong in the unit.
    of_unit: Vec<Risk>,
    printed: Vec<Risk>,
    /// The definitions that the unit counts as.
    counted: Vec<DefId>,
}

impl Finder<'_, '_> {
    pub(super) fn common(&self, draft: &Draft) -> Common {
        let tree = self.tree;
        let Some(unit) = draft.unit else {
            return Common { of_unit: Vec::new(), printed: Vec::new(), counted: Vec::new() };
        };
        let counted =
            |unit: UnitId| tree.graph.unit_defs(unit).filter(|&def| is_counted(tree.graph.def(def)));
        let changed_units = match tree.project.members(unit) {
            members if members.is_empty() => vec![unit],
            members => members,
        };
        Common {
            of_unit: if changes_interface(draft) { risks::of_unit(tree, unit) } else { Vec::new() },
            printed: risks::printed_names(tree, &draft.plan),
            counted: changed_units.into_iter().flat_map(counted).collect(),
        }
    }

    /// Makes a proposal to a program.
    pub(super) fn proposal(
        &self,
        at: usize,
        draft: &Draft,
        common: &Common,
        effect: Effect,
        changed: &World<'_>,
        others: Vec<(ProgramId, Saving)>,
    ) -> Proposal {
        let tree = self.tree;
        let parts = &self.programs[at];
        let before = &self.states[at].linked;
        let mut all_risks = draft.risks.clone();
        let users = draft.unit.map_or_else(Vec::new, |unit| self.linked_users(at, unit));
        if let Some(unit) = draft.unit {
            if changes_interface(draft) {
                all_risks.extend_from_slice(&common.of_unit);
                all_risks.extend(risks::module_type_of(tree, &users, unit));
            }
            all_risks.extend_from_slice(&common.printed);
        }
        all_risks.extend(risks::of_dropped(tree, self.effects, &effect.dropped, |def| {
            let holder = changed.holder(def);
            holder != tree.graph.def(def).unit && effect.links(before, holder)
        }));
        if let Some(library) = draft.library {
            let worlds = (self.world, changed);
            let unit = draft.plan.unit;
            all_risks.extend(order::risks(worlds, self.effects, library, unit, before, &effect));
        }
        if draft.plan.clients == Clients::Rewritten
            && let Some(unit) = draft.unit
        {
            all_risks.extend(self.unread_clients(unit, before));
        }
        let client_edits = if draft.plan.clients == Clients::Rewritten { users.len() as u32 } else { 0 };
        if client_edits > 0 {
            all_risks.extend(self.foreign_clients(&users));
        }
        all_risks.dedup();
        let needs_review = all_risks.iter().any(Risk::needs_review);
        let is_used = |def: &DefId| parts.live.is_some_and(|live| live.contains(*def));
        let used = common.counted.iter().copied().filter(is_used).collect();
        Proposal {
            id: draft.id.clone(),
            kind: draft.kind,
            unit: draft.unit,
            library: draft.library,
            summary: draft.summary.clone(),
            saved: effect.saved,
            provenance: effect.provenance,
            units_added: effect.added.iter().map(|&unit| changed.unit_name(unit).to_owned()).collect(),
            units_dropped: effect.dropped,
            edits: draft.edits.clone(),
            client_edits,
            evidence: self.evidence(parts, draft.unit, &draft.plan.cut),
            used,
            n_defs: common.counted.len() as u32,
            risks: all_risks,
            status: if needs_review { Status::NeedsReview } else { Status::Proposed },
            others,
            plan: draft.plan.clone(),
        }
    }

    /// The linked units that record a unit, in link order.
    fn linked_users(&self, at: usize, unit: UnitId) -> Vec<UnitId> {
        let state = &self.states[at];
        let users = self.world.users(unit).iter().copied();
        let mut users: Vec<UnitId> =
            users.filter(|&user| user != unit && state.linked.contains(user)).collect();
        users.sort_unstable_by_key(|&user| state.place(user));
        users
    }

    /// Linked units that the build makes and has not made yet: they may name the unit, and are not the user's to edit.
    fn unread_clients(&self, unit: UnitId, before: &LinkedSet) -> Vec<Risk> {
        let project = self.tree.project;
        let library = project.unit(unit).library;
        let risk = |&client: &UnitId| {
            let source = project.units.get(client.idx())?;
            let from = source.generated_from.as_deref().filter(|_| source.recorded.is_none())?;
            let from = from.strip_prefix(&project.root).unwrap_or(from);
            let is_unread = matches!(source.source, UnitSource::Opaque { .. });
            let sees =
                source.library == library || project.library(source.library).visible.contains(&library);
            (is_unread && sees).then(|| Risk {
                code: "generated-source",
                message: format!(
                    "{} is generated from {}, and not built: whether it names {} is not known",
                    source.name,
                    from.display(),
                    self.tree.unit_name(unit)
                ),
                place: Some(Place { file: from.to_path_buf(), at: None }),
            })
        };
        before.units.iter().filter_map(risk).collect()
    }

    /// Clients that are not the user's to edit.
    fn foreign_clients(&self, users: &[UnitId]) -> Vec<Risk> {
        let project = self.tree.project;
        let mut libraries: Vec<_> = users.iter().map(|&user| project.unit(user).library).collect();
        libraries.sort_unstable();
        libraries.dedup();
        let is_foreign = |library: &crate::base::LibraryId| {
            matches!(project.library(*library).origin, LibraryOrigin::Installed | LibraryOrigin::Stdlib)
        };
        libraries.into_iter().filter(is_foreign).map(|library| risks::upstream(self.tree, library)).collect()
    }

    /// The references that are to be cut, or else those that link the unit: those of live definitions first, then those of
    /// dead ones; in order of source.
    fn evidence(&self, parts: &ProgramParts<'_>, unit: Option<UnitId>, cut: &[u32]) -> Vec<Evidence> {
        let Some(live) = parts.live else { return Vec::new() };
        let graph = self.tree.graph;
        let mut edges: Vec<&Edge> = cut.iter().map(|&edge| &graph.edges[edge as usize]).collect();
        if let Some(unit) = unit.filter(|_| cut.is_empty()) {
            let project = self.tree.project;
            let is_outside = |edge: &&Edge| project.unit(graph.def(edge.from).unit).pack != Some(unit);
            for used in project.members(unit).into_iter().chain([unit]) {
                let references = self.world.references(used, parts.linked).map(|(_, edge)| edge);
                edges.extend(references.filter(is_outside));
            }
        }
        // Own units come last in link order, and matter first. Within a file, offsets are in the order of lines.
        edges.sort_by_cached_key(|edge| {
            let from = graph.def(edge.from);
            let at = self.tree.facts(from.file).map(|_| edge.span.start);
            (!live.contains(edge.from), !parts.input.own.contains(&from.unit), from.file, at)
        });
        let mut found: Vec<Evidence> = Vec::new();
        for edge in edges {
            let evidence = self.reference(edge);
            if found.last().is_none_or(|last| !self.reads_alike(last, &evidence)) {
                if found.len() == self.options.max_evidence {
                    break;
                }
                found.push(evidence);
            }
        }
        found.shrink_to_fit();
        found
    }

    /// Whether two references are shown as the same.
    fn reads_alike(&self, a: &Evidence, b: &Evidence) -> bool {
        let shown = |evidence: &Evidence| {
            let Evidence { from, to, file, at } = *evidence;
            (from, file, at, to.path, self.tree.project.unit(to.unit).name)
        };
        shown(a) == shown(b)
    }

    fn reference(&self, edge: &Edge) -> Evidence {
        let tree = self.tree;
        let from = tree.graph.def(edge.from);
        let at = tree.facts(from.file).map(|facts| facts.line_col(edge.span.start));
        Evidence { from: from.unit, to: edge.target, file: Some(from.file), at }
    }
}

/// Whether a change gives the unit another interface than it had.
fn changes_interface(draft: &Draft) -> bool {
    !draft.plan.aliases.is_empty() && draft.plan.clients == Clients::Unchanged || !draft.plan.parts.is_empty()
}

/// Whether a definition is counted: something that costs bytes or runs code.
fn is_counted(def: &Def) -> bool {
    !matches!(def.kind, DefKind::Type | DefKind::ModuleType)
}
