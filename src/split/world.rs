//! The changed graph: what every unit would record once some plans are carried out, and what a program would then be.
//!
//! Nothing is copied: a world is the real graph with an overlay. A plan changes where definitions live, which paths lead to
//! another unit, and which edges are gone; then the rows of the units that this touches are computed anew from the edges
//! of the definitions that they hold. A row is what the compiler would record:
//!
//! * a reference to a definition of the same old unit goes to wherever that definition lives now;
//! * a reference through an alias line goes to what the alias stands for;
//! * a reference to a moved definition from elsewhere goes to the old unit, which re-exports it, unless the plan rewrites
//!   clients;
//! * who includes a module gets a copy of it, so whoever includes a changed unit keeps all that it had.

use super::plan::{AliasTarget, Clients, LinkChange, Part, Plan, Role, Wrapped};
use super::prices::{Prices, SharedBytes};
use super::rows::Rows;
use crate::base::{DefId, IdSet, Idx, Name, UnitId, name};
use crate::graph::{Edge, EdgeKind, Graph};
use crate::link::LinkedSet;
use crate::parse::FileFacts;
use crate::project::{Project, UnitSource};
use crate::size::Provenance;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock};

/// What the stages before say of the whole tree.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a> {
    /// Files, units, libraries.
    pub project: &'a Project,
    /// Definitions and edges.
    pub graph: &'a Graph,
    /// Facts by file; none for files that were not read.
    pub facts: &'a [Option<Arc<FileFacts>>],
    /// Bytes.
    pub prices: &'a Prices<'a>,
}

impl<'a> Tree<'a> {
    /// Returns the facts of a file.
    pub(crate) fn facts(&self, file: crate::base::FileId) -> Option<&'a FileFacts> {
        self.facts.get(file.idx())?.as_deref()
    }
    /// Returns a unit's name.
    pub(crate) fn unit_name(&self, unit: UnitId) -> &'a str {
        let name: &'a Name = &self.project.unit(unit).name;
        name.as_str()
    }
}

/// A unit that does not exist yet.
#[derive(Clone, Debug)]
pub(crate) struct NewUnit {
    pub(crate) name: String,
    /// The unit whose archive it goes to.
    pub(crate) host: UnitId,
    defs: Vec<DefId>,
    /// Whether they call C code, once somebody has asked.
    calls_c: OnceLock<bool>,
    /// Links that no definition of its own asks for: what it includes.
    fixed_links: Vec<UnitId>,
    weight: u64,
    strippable: u64,
    /// Bytes of the definitions that it holds, as they were.
    pub(crate) moved: u64,
}

/// A path of a unit that leads elsewhere.
#[derive(Clone, Copy, Debug)]
struct Rule {
    path: Name,
    unit: UnitId,
    rest: Name,
    /// Whether the path is a mere name now: who includes the unit has nothing to copy, so must link what it stands for.
    is_alias: bool,
}

/// The real graph with plans carried out.
#[derive(Clone)]
pub(crate) struct World<'a> {
    pub(crate) tree: Tree<'a>,
    real: &'a Rows<'a>,
    pub(super) new_units: Vec<NewUnit>,
    /// What new units record, those whose definitions moved, and those with edges that are gone. What others record follows from
    /// `changed` when somebody asks.
    rows: FxHashMap<UnitId, Vec<UnitId>>,
    /// Units with aliases that lead elsewhere, or definitions that have left.
    changed: IdSet<UnitId>,
    /// Units that may record others than they do: those of `rows`, and who records one of `changed`.
    affected: IdSet<UnitId>,
    weights: FxHashMap<UnitId, u64>,
    strippable: FxHashMap<UnitId, u64>,
    home: FxHashMap<DefId, UnitId>,
    /// For definitions whose clients are rewritten: the unit that they name.
    public: FxHashMap<DefId, UnitId>,
    /// Units whose clients are rewritten, those left out that link something which stays.
    rewritten: IdSet<UnitId>,
    rules: FxHashMap<UnitId, Vec<Rule>>,
    /// Links that a unit has whatever its definitions say: included parts.
    fixed_links: FxHashMap<UnitId, Vec<UnitId>>,
    cut: FxHashSet<u32>,
    /// Packs whose members are units of their own.
    unpacked: IdSet<UnitId>,
    pub(super) changes: Vec<LinkChange>,
}

impl<'a> World<'a> {
    pub(crate) fn new(tree: Tree<'a>, real: &'a Rows<'a>) -> Self {
        World {
            tree,
            real,
            new_units: Vec::new(),
            rows: FxHashMap::default(),
            changed: IdSet::default(),
            affected: IdSet::default(),
            weights: FxHashMap::default(),
            strippable: FxHashMap::default(),
            home: FxHashMap::default(),
            public: FxHashMap::default(),
            rewritten: IdSet::default(),
            rules: FxHashMap::default(),
            fixed_links: FxHashMap::default(),
            cut: FxHashSet::default(),
            unpacked: IdSet::default(),
            changes: Vec::new(),
        }
    }

    pub(super) fn n_real(&self) -> usize {
        self.tree.graph.units.links.len().max(self.tree.project.units.len())
    }

    /// Returns the edges by which a unit links another one as things are, in order.
    pub(crate) fn edges(&self, from: UnitId, to: UnitId) -> &[u32] {
        self.real.edges(from, to)
    }

    /// Returns the units that a unit records as things are.
    pub(crate) fn used(&self, unit: UnitId) -> &[UnitId] {
        self.real.used(unit)
    }

    /// Returns the units that record a unit as things are, in order.
    pub(crate) fn users(&self, unit: UnitId) -> &[UnitId] {
        self.real.users(unit)
    }

    /// Returns the unit that holds a definition.
    pub(crate) fn holder(&self, def: DefId) -> UnitId {
        self.home.get(&def).copied().unwrap_or(self.tree.graph.def(def).unit)
    }

    /// Returns a new unit; none for one that exists.
    pub(crate) fn new_unit(&self, unit: UnitId) -> Option<&NewUnit> {
        self.new_units.get(unit.idx().checked_sub(self.n_real())?)
    }

    /// Returns a unit's name, new ones included.
    pub(crate) fn unit_name(&self, unit: UnitId) -> &str {
        self.new_unit(unit).map_or_else(|| self.tree.unit_name(unit), |new| new.name.as_str())
    }

    /// Returns the bytes of a unit as it is now.
    pub(crate) fn weight(&self, unit: UnitId) -> u64 {
        match self.new_unit(unit) {
            Some(new) => new.weight,
            None => self.weights.get(&unit).copied().unwrap_or_else(|| self.tree.prices.unit(unit)),
        }
    }

    /// Returns what stripping removes of a unit as it is now.
    pub(crate) fn strippable(&self, unit: UnitId) -> u64 {
        match self.new_unit(unit) {
            Some(new) => new.strippable,
            None => self.strippable.get(&unit).copied().unwrap_or_else(|| self.tree.prices.strippable(unit)),
        }
    }

    /// Whether the bytes of a unit as it is now are read from an object file.
    pub(crate) fn is_measured(&self, unit: UnitId) -> bool {
        self.new_unit(unit).is_none()
            && !self.weights.contains_key(&unit)
            && self.tree.prices.provenance(unit) == Provenance::Measured
    }

    // ---------------------------------------------------------------- carrying out a plan

    /// Carries out a plan. Returns the ids of its parts, in order.
    pub(crate) fn apply(&mut self, plan: &Plan) -> Vec<UnitId> {
        let (ids, affected) = self.change(plan);
        self.compute_rows(&affected);
        ids
    }

    /// Carries out some plans, one after the other.
    pub(crate) fn apply_all<'p>(&mut self, plans: impl Iterator<Item = &'p Plan>) {
        let mut affected: IdSet<UnitId> = IdSet::default();
        for plan in plans {
            affected.extend(self.change(plan).1.iter());
        }
        self.compute_rows(&affected);
    }

    fn compute_rows(&mut self, units: &IdSet<UnitId>) {
        for unit in units.iter() {
            let row = self.compute_row(unit);
            self.rows.insert(unit, row);
            self.affected.insert(unit);
        }
    }

    /// Carries out a plan but for the rows. Returns the ids of its parts, in order, and the units whose rows it may change.
    fn change(&mut self, plan: &Plan) -> (Vec<UnitId>, IdSet<UnitId>) {
        let first = self.n_real() + self.new_units.len();
        let ids: Vec<UnitId> = (0..plan.parts.len()).map(|i| UnitId::new(first + i)).collect();
        if let Some(unit) = plan.unit {
            self.changed.insert(unit);
            self.affected.extend(self.real.users(unit).iter().copied());
            self.add_parts(unit, plan, &ids);
            self.add_rules(unit, plan, &ids);
            if plan.unpacks {
                self.unpack(unit);
            }
        }
        for &def in &plan.unsealed {
            let range = self.tree.graph.def(def).edges.clone();
            self.cut.extend(range.filter(|&edge| self.tree.graph.edges[edge as usize].flags.get().export));
        }
        self.cut.extend(plan.cut.iter().copied());
        if plan.link != LinkChange::default() {
            self.changes.push(plan.link.clone());
        }
        let affected = self.affected(plan, &ids);
        (ids, affected)
    }

    /// A pack becomes a table of aliases.
    fn unpack(&mut self, pack: UnitId) {
        let project = self.tree.project;
        let prices = self.tree.prices;
        self.unpacked.insert(pack);
        self.weights.insert(pack, prices.empty_unit(self.tree.unit_name(pack)));
        let UnitSource::Generated(table) = &project.unit(pack).source else { return };
        let named = &project.library(project.unit(pack).library).unit_by_name;
        let rule = |&(module, unit): &(Name, Name)| {
            Some(Rule { path: module, unit: *named.get(&unit)?, rest: name(""), is_alias: true })
        };
        let rules: Vec<Rule> = table.aliases.iter().filter_map(rule).collect();
        self.rules.entry(pack).or_default().extend(rules);
    }

    fn add_parts(&mut self, unit: UnitId, plan: &Plan, ids: &[UnitId]) {
        let graph = self.tree.graph;
        let prices = self.tree.prices;
        let old_weight = self.weight(unit);
        let old_strippable = self.strippable(unit);
        let old_name = self.tree.unit_name(unit);
        let mut moved_bytes = 0;
        let mut reexports = 0;
        let copies = self.copies(unit);
        for (part, &id) in plan.parts.iter().zip(ids) {
            let bytes: u64 = part.defs.iter().map(|&def| prices.def(def)).sum();
            let renamed = prices.renamed(self.n_functions(part), old_name, &part.name);
            let own = (prices.empty_unit(&part.name) + bytes).saturating_add_signed(renamed);
            let weight = own + prices.reexports(part.n_reexports);
            let share = bytes.saturating_mul(old_strippable).checked_div(old_weight).unwrap_or(0);
            let mut fixed_links: Vec<UnitId> = match &part.role {
                Role::Wrapper { of: Wrapped::Unit(unit) } => vec![*unit],
                Role::Wrapper { of: Wrapped::Part(part) } => vec![ids[*part]],
                _ => Vec::new(),
            };
            if let Some(pinned) = plan.pinned
                && ids[pinned] != id
            {
                fixed_links.push(ids[pinned]);
            }
            moved_bytes += bytes;
            let defs = part.defs.clone();
            let name = part.name.clone();
            self.new_units.push(NewUnit {
                name,
                host: unit,
                defs,
                calls_c: OnceLock::new(),
                fixed_links,
                weight,
                strippable: share + 200,
                moved: bytes,
            });
            for &def in &part.defs {
                self.home.insert(def, id);
            }
        }
        for &part in &plan.included {
            let exported = plan.parts[part].defs.iter().filter(|&&def| {
                let def = graph.def(def);
                def.exported && def.parent.is_none()
            });
            reexports += exported.count() as u32;
            self.fixed_links.entry(unit).or_default().push(ids[part]);
        }
        if let Some(pinned) = plan.pinned {
            self.fixed_links.entry(unit).or_default().push(ids[pinned]);
        }
        if moved_bytes > 0 || reexports > 0 {
            let rest = old_weight.saturating_sub(moved_bytes) + prices.reexports(reexports);
            self.weights.insert(unit, rest);
            let moved_share = moved_bytes.saturating_mul(old_strippable).checked_div(old_weight).unwrap_or(0);
            self.strippable.insert(unit, old_strippable.saturating_sub(moved_share));
        }
        for (before, (shared, after)) in copies.iter().zip(prices.shared(unit).iter().zip(self.copies(unit)))
        {
            for &holder in after.iter().filter(|holder| !before.contains(holder)) {
                *self.weight_mut(holder) += shared.bytes;
            }
            for &holder in before.iter().filter(|holder| !after.contains(holder)) {
                let weight = self.weight_mut(holder);
                *weight = weight.saturating_sub(shared.bytes);
            }
        }
    }

    /// For each constant that several definitions of a unit share, the units that have a copy, besides the one with the
    /// definition that it counts for.
    fn copies(&self, unit: UnitId) -> Vec<Vec<UnitId>> {
        let copies = |shared: &SharedBytes| {
            let owner = self.holder(shared.owner);
            let mut holders: Vec<UnitId> =
                shared.others.iter().map(|&def| self.holder(def)).filter(|&holder| holder != owner).collect();
            holders.sort_unstable();
            holders.dedup();
            holders
        };
        self.tree.prices.shared(unit).iter().map(copies).collect()
    }

    fn weight_mut(&mut self, unit: UnitId) -> &mut u64 {
        let weight = self.weight(unit);
        match unit.idx().checked_sub(self.n_real()) {
            Some(new) => &mut self.new_units[new].weight,
            None => self.weights.entry(unit).or_insert(weight),
        }
    }

    /// Number of functions in the items of a part.
    fn n_functions(&self, part: &Part) -> u32 {
        let Some(&first) = part.defs.first() else { return 0 };
        let Some(facts) = self.tree.facts(self.tree.graph.def(first).file) else { return 0 };
        part.items.iter().map(|&item| facts.item(item).counts.functions).sum()
    }

    fn add_rules(&mut self, unit: UnitId, plan: &Plan, ids: &[UnitId]) {
        // A rewritten client leaves the old unit as it is to everybody who includes it.
        let is_alias = plan.clients == Clients::Unchanged;
        for line in &plan.aliases {
            let (to, rest) = match line.to {
                AliasTarget::Existing(target) => (target.unit, target.path),
                AliasTarget::Part(part) => (ids[part], name("")),
            };
            self.rules.entry(unit).or_default().push(Rule { path: line.path, unit: to, rest, is_alias });
        }
        if plan.clients == Clients::Rewritten {
            for (i, part) in plan.parts.iter().enumerate() {
                let public = plan
                    .parts
                    .iter()
                    .position(|wrapper| wrapper.role == Role::Wrapper { of: Wrapped::Part(i) })
                    .unwrap_or(i);
                for &def in &part.defs {
                    self.public.insert(def, ids[public]);
                }
            }
            self.rewritten.insert(unit);
        }
    }

    /// Whether a client links something of a unit which stays in it: it is left as it is.
    fn is_mixed(&self, client: UnitId, unit: UnitId) -> bool {
        let graph = self.tree.graph;
        self.real.distinct_edges(client, unit).iter().any(|&edge| {
            let edge = &graph.edges[edge as usize];
            !edge.target.path.is_empty() && edge.def.get().is_none_or(|def| !self.public.contains_key(&def))
        })
    }

    /// The units among those of `rows` whose row a plan may change.
    fn affected(&self, plan: &Plan, ids: &[UnitId]) -> IdSet<UnitId> {
        let mut units: IdSet<UnitId> = ids.iter().copied().collect();
        if let Some(unit) = plan.unit {
            units.insert(unit);
            let records = |user: &UnitId| self.real.used(*user).binary_search(&unit).is_ok();
            let known = self.rows.keys().copied().filter(|user| user.idx() < self.n_real());
            units.extend(known.filter(records));
            if plan.unpacks {
                units.extend(self.tree.project.members(unit));
            }
        }
        for &edge in &plan.cut {
            units.insert(self.tree.graph.def(self.tree.graph.edges[edge as usize].from).unit);
        }
        // A new unit holds code of its host, which is in `rows` as well.
        for (i, new) in self.new_units.iter().enumerate() {
            if units.contains(new.host) {
                units.insert(UnitId::new(self.n_real() + i));
            }
        }
        units
    }

    // ---------------------------------------------------------------- rows

    /// Whether a unit may record others than it does.
    pub(super) fn is_affected(&self, unit: UnitId) -> bool {
        self.affected.contains(unit)
    }

    /// Returns what a unit records now, where it need not be worked out.
    pub(super) fn known_row(&self, unit: UnitId) -> Option<&[UnitId]> {
        if self.affected.contains(unit) {
            self.rows.get(&unit).map(Vec::as_slice)
        } else {
            Some(self.real.used(unit))
        }
    }

    /// Adds what a unit records now, in no order, some of it perhaps twice.
    pub(super) fn add_row(&self, unit: UnitId, row: &mut Vec<UnitId>) {
        if let Some(known) = self.rows.get(&unit) {
            return row.extend_from_slice(known);
        }
        let graph = self.tree.graph;
        for &used in self.real.used(unit) {
            if !self.changed.contains(used) {
                row.push(used);
                continue;
            }
            if self.real.is_unexplained(unit, used) {
                row.push(used);
            }
            let mut mixed = None;
            for &index in self.real.distinct_edges(unit, used) {
                let edge = &graph.edges[index as usize];
                row.push(self.goes_to_of(edge, || *mixed.get_or_insert_with(|| self.is_mixed(unit, used))));
                if edge.flags.get().include || edge.flags.get().whole {
                    row.extend(self.hidden_behind(edge));
                }
            }
        }
    }

    fn compute_row(&self, unit: UnitId) -> Vec<UnitId> {
        let graph = self.tree.graph;
        let mut row: IdSet<UnitId> = IdSet::default();
        let mut mixed: Mixed = FxHashMap::default();
        if self.unpacked.contains(unit) {
            return Vec::new();
        }
        // A member no longer holds its pack.
        let left = self.tree.project.units.get(unit.idx()).and_then(|unit| unit.pack);
        let left = left.filter(|&pack| self.unpacked.contains(pack));
        // What the archive records, and no definition is known to ask for.
        let unexplained = |unit: UnitId| {
            let recorded = graph.units.links.get(unit.idx()).into_iter().flatten();
            recorded.filter(|(_, edge)| edge.is_none()).map(|&(used, _)| used)
        };
        if let Some(new) = self.new_unit(unit) {
            row.extend(new.fixed_links.iter().copied());
            if !new.defs.is_empty() {
                row.extend(unexplained(new.host));
            }
            for &def in &new.defs {
                self.add_links(def, unit, &mut row, &mut mixed);
            }
        } else {
            row.extend(unexplained(unit));
            row.extend(self.fixed_links.get(&unit).into_iter().flatten().copied());
            for def in graph.unit_defs(unit).filter(|def| !self.home.contains_key(def)) {
                self.add_links(def, unit, &mut row, &mut mixed);
            }
        }
        row.remove(unit);
        if let Some(pack) = left {
            row.remove(pack);
        }
        row.iter().collect()
    }

    fn add_links(&self, def: DefId, holder: UnitId, row: &mut IdSet<UnitId>, mixed: &mut Mixed) {
        let graph = self.tree.graph;
        let from = graph.def(def).unit;
        let recorded = self.real.used(from);
        for index in graph.def(def).edges.clone() {
            let edge = &graph.edges[index as usize];
            if !edge.kind.links()
                || edge.flags.get().through
                || !self.cut.is_empty() && self.cut.contains(&index)
            {
                continue;
            }
            // Most edges lead to where nothing has moved, many of them to the same unit.
            let target = edge.target.unit;
            if target != from && !self.changed.contains(target) {
                if !row.contains(target) && target != holder && recorded.binary_search(&target).is_ok() {
                    row.insert(target);
                }
                continue;
            }
            // A link that the unit does not have now (one of several that a name may mean) is none later either.
            if edge.target.unit != from && recorded.binary_search(&edge.target.unit).is_err() {
                continue;
            }
            let is_mixed = || *mixed.entry((from, target)).or_insert_with(|| self.is_mixed(from, target));
            let used = self.goes_to_of(edge, is_mixed);
            if used != holder {
                row.insert(used);
            }
            if edge.flags.get().include || edge.flags.get().whole {
                row.extend(self.hidden_behind(edge));
            }
        }
    }

    /// Returns the references by which units of a linked set link `unit`, with the definitions that they come from.
    pub(crate) fn references<'w>(
        &'w self,
        unit: UnitId,
        linked: &'w LinkedSet,
    ) -> impl Iterator<Item = (DefId, &'a Edge)> + 'w {
        let graph = self.tree.graph;
        // Where nothing has moved, code that is not linked need not be looked at.
        let is_moved = !self.home.is_empty();
        let users = self.real.users(unit).iter().copied();
        let users = users.filter(move |&user| is_moved || linked.contains(user));
        users.flat_map(move |user| self.real.edges(user, unit)).filter_map(move |&index| {
            let edge = &graph.edges[index as usize];
            let holder = self.holder(edge.from);
            let is_there = linked.contains(holder) && !self.cut.contains(&index);
            (is_there && self.goes_to(edge) == unit).then_some((edge.from, edge))
        })
    }

    /// The same for references of which only what they name counts: of those that differ in their place, one stands for all.
    pub(crate) fn named<'w>(
        &'w self,
        unit: UnitId,
        linked: &'w LinkedSet,
    ) -> Box<dyn Iterator<Item = &'a Edge> + 'w> {
        if !self.home.is_empty() || !self.cut.is_empty() {
            return Box::new(self.references(unit, linked).map(|(_, edge)| edge));
        }
        let edges: &'a [Edge] = &self.tree.graph.edges;
        let users = self.real.users(unit).iter().copied().filter(|&user| linked.contains(user));
        let named = users.flat_map(move |user| self.real.distinct_edges(user, unit));
        Box::new(
            named.map(move |&index| &edges[index as usize]).filter(move |edge| self.goes_to(edge) == unit),
        )
    }

    /// Returns the unit that an edge makes its holder record now.
    pub(crate) fn goes_to(&self, edge: &Edge) -> UnitId {
        self.goes_to_of(edge, || self.is_mixed(self.tree.graph.def(edge.from).unit, edge.target.unit))
    }

    /// The same, for who knows whether the client is mixed.
    fn goes_to_of(&self, edge: &Edge, is_mixed: impl FnOnce() -> bool) -> UnitId {
        let graph = self.tree.graph;
        let from = graph.def(edge.from).unit;
        if edge.target.unit == from {
            return match edge.def.get() {
                Some(def) if graph.def(def).unit == from => self.home.get(&def).copied().unwrap_or(from),
                _ => from,
            };
        }
        let (mut unit, mut path) = (edge.target.unit, edge.target.path);
        // Aliases may lead to aliases; a chain of more is a cycle, which no compiler accepts.
        for _ in 0..16 {
            let Some(rule) = self.rule(unit, path) else { break };
            path = joined(rule.rest, behind(path, rule.path));
            unit = rule.unit;
        }
        if unit == edge.target.unit
            && let Some(def) = edge.def.get()
            && let Some(&public) = self.public.get(&def)
            && graph.def(def).unit == unit
            && !(self.rewritten.contains(unit) && is_mixed())
        {
            return public;
        }
        unit
    }

    fn rule(&self, unit: UnitId, path: Name) -> Option<&Rule> {
        self.rules.get(&unit)?.iter().find(|rule| is_prefix(rule.path, path))
    }

    /// What stood behind the aliases inside a module that is copied as a whole: a copy of an alias is still read somewhere.
    fn hidden_behind(&self, edge: &Edge) -> Vec<UnitId> {
        if edge.kind != EdgeKind::Module {
            return Vec::new();
        }
        let rules = self.rules.get(&edge.target.unit).map_or(&[][..], Vec::as_slice);
        let inside = |rule: &&Rule| {
            rule.is_alias && rule.path != edge.target.path && is_prefix(edge.target.path, rule.path)
        };
        rules.iter().filter(inside).map(|rule| rule.unit).collect()
    }

    /// Returns the existing units whose object files tell what some units ask for besides, each once.
    pub(crate) fn with_objects(&self, linked: impl Iterator<Item = UnitId>) -> Vec<UnitId> {
        let mut units: Vec<UnitId> = Vec::new();
        let mut hosts: Vec<UnitId> = Vec::new();
        for unit in linked {
            match self.new_unit(unit) {
                None if hosts.contains(&unit) => {}
                None => units.push(unit),
                // C code is asked for by the code that was moved; which part of the host's, its object file does not tell.
                Some(new) if self.calls_c(new) && !units.contains(&new.host) => {
                    hosts.push(new.host);
                    units.push(new.host);
                }
                Some(_) => {}
            }
        }
        units
    }

    /// Whether the object files of the units that stay tell all that they and some added units ask for.
    pub(crate) fn asks_for_no_more(&self, added: &[UnitId], stays: impl Fn(UnitId) -> bool) -> bool {
        let is_told = |new: &NewUnit| stays(new.host) || !self.calls_c(new);
        added.iter().all(|&unit| self.new_unit(unit).is_some_and(is_told))
    }

    fn calls_c(&self, new: &NewUnit) -> bool {
        let graph = self.tree.graph;
        let calls_c = |def: &DefId| graph.edges_of(*def).iter().any(|edge| edge.kind == EdgeKind::CExternal);
        *new.calls_c.get_or_init(|| new.defs.iter().any(calls_c))
    }

    /// The existing units whose figures are others than they were.
    pub(crate) fn reweighed(&self) -> impl Iterator<Item = UnitId> + '_ {
        let others = self.strippable.keys().filter(|unit| !self.weights.contains_key(*unit));
        self.weights.keys().chain(others).copied()
    }

    /// Returns the bytes of the units of a linked set in the allocated sections.
    pub(crate) fn total(&self, linked: &LinkedSet) -> u64 {
        linked.units.iter().map(|&unit| self.weight(unit)).sum()
    }
}

/// What is known of clients and units: see [`World::is_mixed`].
type Mixed = FxHashMap<(UnitId, UnitId), bool>;

/// Whether a dotted path starts with another one.
fn is_prefix(prefix: Name, path: Name) -> bool {
    match path.as_str().strip_prefix(prefix.as_str()) {
        Some(rest) => prefix.is_empty() || rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

/// What is left of a path behind its prefix.
fn behind(path: Name, prefix: Name) -> Name {
    let rest = path.as_str().get(prefix.len()..).unwrap_or("");
    name(rest.strip_prefix('.').unwrap_or(rest))
}

fn joined(prefix: Name, rest: Name) -> Name {
    match (prefix.is_empty(), rest.is_empty()) {
        (true, _) => rest,
        (_, true) => prefix,
        _ => name(&format!("{prefix}.{rest}")),
    }
}
