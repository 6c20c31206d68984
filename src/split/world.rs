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
use super::prices::Prices;
use crate::base::{DefId, IdSet, Idx, Name, UnitId, name};
use crate::graph::{Edge, EdgeKind, Graph};
use crate::link::{LinkInput, LinkTable, LinkedSet, Links, link};
use crate::parse::FileFacts;
use crate::project::{Program, Project};
use crate::size::Provenance;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

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

/// Who links whom as things are, forwards and backwards.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    used: LinkTable,
    users: Vec<Vec<UnitId>>,
}

impl Rows {
    pub(crate) fn new(graph: &Graph) -> Self {
        let mut users = vec![Vec::new(); graph.units.links.len()];
        for (unit, links) in graph.units.links.iter().enumerate() {
            for &(used, _) in links {
                if let Some(row) = users.get_mut(used.idx()) {
                    row.push(UnitId::new(unit));
                }
            }
        }
        Rows { used: LinkTable::of_graph(graph), users }
    }
    /// Returns the units that record `unit`, in order.
    pub(crate) fn users(&self, unit: UnitId) -> &[UnitId] {
        self.users.get(unit.idx()).map_or(&[], Vec::as_slice)
    }
}

/// A unit that does not exist yet.
#[derive(Clone, Debug)]
pub(crate) struct NewUnit {
    pub(crate) name: String,
    /// The unit whose archive it goes to.
    pub(crate) host: UnitId,
    defs: Vec<DefId>,
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
    real: &'a Rows,
    new_units: Vec<NewUnit>,
    rows: FxHashMap<UnitId, Vec<UnitId>>,
    weights: FxHashMap<UnitId, u64>,
    strippable: FxHashMap<UnitId, u64>,
    home: FxHashMap<DefId, UnitId>,
    /// For definitions whose clients are rewritten: the unit that they name.
    public: FxHashMap<DefId, UnitId>,
    /// Clients that link something of a unit which stays in it: they are left as they are.
    mixed: FxHashSet<(UnitId, UnitId)>,
    rules: FxHashMap<UnitId, Vec<Rule>>,
    /// Links that a unit has whatever its definitions say: included parts.
    fixed_links: FxHashMap<UnitId, Vec<UnitId>>,
    cut: FxHashSet<u32>,
    changes: Vec<LinkChange>,
}

impl<'a> World<'a> {
    pub(crate) fn new(tree: Tree<'a>, real: &'a Rows) -> Self {
        World {
            tree,
            real,
            new_units: Vec::new(),
            rows: FxHashMap::default(),
            weights: FxHashMap::default(),
            strippable: FxHashMap::default(),
            home: FxHashMap::default(),
            public: FxHashMap::default(),
            mixed: FxHashSet::default(),
            rules: FxHashMap::default(),
            fixed_links: FxHashMap::default(),
            cut: FxHashSet::default(),
            changes: Vec::new(),
        }
    }

    fn n_real(&self) -> usize {
        self.tree.graph.units.links.len().max(self.tree.project.units.len())
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
        let first = self.n_real() + self.new_units.len();
        let ids: Vec<UnitId> = (0..plan.parts.len()).map(|i| UnitId::new(first + i)).collect();
        if let Some(unit) = plan.unit {
            self.add_parts(unit, plan, &ids);
            self.add_rules(unit, plan, &ids);
        }
        for &def in &plan.unsealed {
            let range = self.tree.graph.def(def).edges.clone();
            self.cut.extend(range.filter(|&edge| self.tree.graph.edges[edge as usize].flags.export));
        }
        self.cut.extend(plan.cut.iter().copied());
        if plan.link != LinkChange::default() {
            self.changes.push(plan.link.clone());
        }
        for unit in self.affected(plan, &ids) {
            let row = self.compute_row(unit);
            self.rows.insert(unit, row);
        }
        ids
    }

    fn add_parts(&mut self, unit: UnitId, plan: &Plan, ids: &[UnitId]) {
        let graph = self.tree.graph;
        let prices = self.tree.prices;
        let old_weight = self.weight(unit);
        let old_strippable = self.strippable(unit);
        let old_name = self.tree.unit_name(unit);
        let mut moved_bytes = 0;
        let mut reexports = 0;
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
            let stays = |edge: &Edge| {
                edge.target.unit == unit
                    && edge.kind.links()
                    && !edge.flags.through
                    && !edge.target.path.is_empty()
                    && edge.def.is_none_or(|def| !self.public.contains_key(&def))
            };
            let graph = self.tree.graph;
            let is_mixed =
                |user: &UnitId| graph.unit_defs(*user).any(|def| graph.edges_of(def).iter().any(stays));
            let mixed: Vec<UnitId> = self.real.users(unit).iter().copied().filter(is_mixed).collect();
            self.mixed.extend(mixed.into_iter().filter(|&user| user != unit).map(|user| (user, unit)));
        }
    }

    /// The units whose rows a plan may change.
    fn affected(&self, plan: &Plan, ids: &[UnitId]) -> Vec<UnitId> {
        let mut units: IdSet<UnitId> = ids.iter().copied().collect();
        if let Some(unit) = plan.unit {
            units.insert(unit);
            units.extend(self.real.users(unit).iter().copied());
        }
        for &edge in &plan.cut {
            units.insert(self.tree.graph.def(self.tree.graph.edges[edge as usize].from).unit);
        }
        // A new unit holds code of its host.
        for (i, new) in self.new_units.iter().enumerate() {
            if units.contains(new.host) {
                units.insert(UnitId::new(self.n_real() + i));
            }
        }
        units.iter().collect()
    }

    // ---------------------------------------------------------------- rows

    fn compute_row(&self, unit: UnitId) -> Vec<UnitId> {
        let graph = self.tree.graph;
        let mut row: IdSet<UnitId> = IdSet::default();
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
                self.add_links(def, unit, &mut row);
            }
        } else {
            row.extend(unexplained(unit));
            row.extend(self.fixed_links.get(&unit).into_iter().flatten().copied());
            for def in graph.unit_defs(unit).filter(|def| !self.home.contains_key(def)) {
                self.add_links(def, unit, &mut row);
            }
        }
        row.remove(unit);
        row.iter().collect()
    }

    fn add_links(&self, def: DefId, holder: UnitId, row: &mut IdSet<UnitId>) {
        let graph = self.tree.graph;
        let from = graph.def(def).unit;
        let recorded = self.real.used.links(from);
        for index in graph.def(def).edges.clone() {
            let edge = &graph.edges[index as usize];
            if !edge.kind.links() || edge.flags.through || self.cut.contains(&index) {
                continue;
            }
            // A link that the unit does not have now (one of several that a name may mean) is none later either.
            if edge.target.unit != from && recorded.binary_search(&edge.target.unit).is_err() {
                continue;
            }
            let used = self.goes_to(edge);
            if used != holder {
                row.insert(used);
            }
            if edge.flags.include || edge.flags.whole {
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
        let users = self.real.users(unit).iter().copied();
        users.flat_map(|user| graph.unit_defs(user)).flat_map(move |def| {
            let holder = self.home.get(&def).copied().unwrap_or(graph.def(def).unit);
            let range = if linked.contains(holder) { graph.def(def).edges.clone() } else { 0..0 };
            range.filter_map(move |index| {
                let edge = &graph.edges[index as usize];
                let links = edge.kind.links() && !edge.flags.through && !self.cut.contains(&index);
                (links && edge.target.unit == unit && self.goes_to(edge) == unit).then_some((def, edge))
            })
        })
    }

    /// Returns the unit that an edge makes its holder record now.
    pub(crate) fn goes_to(&self, edge: &Edge) -> UnitId {
        let graph = self.tree.graph;
        let from = graph.def(edge.from).unit;
        if edge.target.unit == from {
            return match edge.def {
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
            && let Some(def) = edge.def
            && let Some(&public) = self.public.get(&def)
            && graph.def(def).unit == unit
            && !self.mixed.contains(&(from, unit))
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

    // ---------------------------------------------------------------- linking

    /// Returns the command line of a program after all plans.
    pub(crate) fn link_input(&self, program: &LinkInput) -> LinkInput {
        let mut input = program.clone();
        for change in &self.changes {
            self.change_input(&mut input, change);
        }
        for (i, new) in self.new_units.iter().enumerate() {
            let id = UnitId::new(self.n_real() + i);
            if let Some(at) = input.own.iter().position(|&unit| unit == new.host) {
                input.own.insert(at, id);
            } else {
                for archive in input.archives.iter_mut().filter(|archive| archive.members.contains(&new.host))
                {
                    archive.members.push(id);
                    archive.is_ordered = false;
                }
            }
        }
        // Rows of existing members may name others of the same archive that stood behind them.
        for archive in &mut input.archives {
            archive.is_ordered &= !archive.members.iter().any(|unit| self.rows.contains_key(unit));
        }
        input
    }

    fn change_input(&self, input: &mut LinkInput, change: &LinkChange) {
        input.linkall &= !change.no_linkall;
        change.unforced.iter().for_each(|&unit| {
            input.forced.remove(unit);
        });
        for &library in &change.relaxed {
            let units = &self.tree.project.library(library).units;
            for archive in &mut input.archives {
                archive.linkall &= !archive.members.first().is_some_and(|first| units.contains(first));
            }
        }
        if input.own.iter().any(|unit| change.to_library.contains(unit)) {
            let (members, own) = input.own.iter().partition(|unit| change.to_library.contains(unit));
            input.own = own;
            input.archives.push(crate::link::ArchiveInput { members, is_ordered: false, linkall: false });
        }
    }

    /// Returns what the linker would keep of a program.
    pub(crate) fn link(&self, program: &LinkInput) -> LinkedSet {
        link(&self.link_input(program), self)
    }

    /// Returns what is in the executable besides the units.
    pub(crate) fn besides(&self, linked: &LinkedSet, program: &Program) -> u64 {
        let graph = self.tree.graph;
        let calls_c = |def: &DefId| graph.edges_of(*def).iter().any(|edge| edge.kind == EdgeKind::CExternal);
        let mut units: Vec<UnitId> = Vec::new();
        for &unit in &linked.units {
            match self.new_unit(unit) {
                None => units.push(unit),
                // C code is asked for by the code that was moved; which part of the host's, its object file does not tell.
                Some(new) if new.defs.iter().any(calls_c) => units.push(new.host),
                Some(_) => {}
            }
        }
        let mut seen = IdSet::default();
        units.retain(|&unit| seen.insert(unit));
        self.tree.prices.besides(self.tree.project, &units, &program.libraries)
    }

    /// Returns the bytes of the units of a linked set: in the allocated sections, and what stripping removes.
    pub(crate) fn total(&self, linked: &LinkedSet) -> (u64, u64) {
        let units = || linked.units.iter().copied();
        let alloc = units().map(|unit| self.weight(unit)).sum::<u64>();
        (alloc, units().map(|unit| self.strippable(unit)).sum())
    }
}

impl Links for World<'_> {
    fn n_units(&self) -> usize {
        self.n_real() + self.new_units.len()
    }
    fn links(&self, unit: UnitId) -> &[UnitId] {
        match self.rows.get(&unit) {
            Some(row) => row,
            None => self.real.used.links(unit),
        }
    }
}

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
