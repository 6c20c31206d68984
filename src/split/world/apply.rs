//! Carrying out plans: what moves, which paths lead elsewhere, what things weigh then.

use super::{NewUnit, Rule, World};
use crate::base::{IdSet, Idx, Name, UnitId, name};
use crate::project::UnitSource;
use crate::split::fresh::unwrapped;
use crate::split::plan::{AliasTarget, Clients, LinkChange, Part, Plan, Role, Wrapped};
use crate::split::prices::SharedBytes;
use std::sync::OnceLock;

impl World<'_> {
    /// Carries out a plan. Returns the ids of its parts, in order.
    pub(crate) fn apply(&mut self, plan: &Plan) -> Vec<UnitId> {
        let (ids, affected) = self.change(plan);
        for unit in affected.iter() {
            self.rows.insert(unit, OnceLock::new());
            self.affected.insert(unit);
        }
        ids
    }

    /// Takes back a plan whose parts have these ids, so that all is as if it had never been carried out; no other one may have
    /// changed the same unit. Returns whether that can be done: not where a plan changes more than one unit.
    pub(crate) fn take_back(&mut self, plan: &Plan, ids: &[UnitId]) -> bool {
        let Some(unit) = plan.pivot(self.tree.graph) else { return false };
        let affected = self.affected(plan, ids);
        for part in &plan.parts {
            for def in &part.defs {
                self.home.remove(def);
                self.public.remove(def);
            }
        }
        for &def in &plan.unsealed {
            self.tree.graph.def(def).edges.clone().for_each(|edge| _ = self.cut.remove(&edge));
        }
        plan.cut.iter().for_each(|edge| _ = self.cut.remove(edge));
        let n_real = self.n_real();
        ids.iter().for_each(|id| self.new_units[id.idx() - n_real].is_gone = true);
        self.changed.remove(unit);
        self.rewritten.remove(unit);
        self.rules.remove(&unit);
        self.fixed_links.remove(&unit);
        self.weights.remove(&unit);
        self.strippable.remove(&unit);
        affected.iter().for_each(|other| _ = self.rows.insert(other, OnceLock::new()));
        ids.iter().for_each(|gone| _ = self.rows.remove(gone));
        // Somebody else may have cut references of the unit.
        let graph = self.tree.graph;
        if !self.cut.iter().any(|&edge| graph.def(graph.edges[edge as usize].from).unit == unit) {
            self.rows.remove(&unit);
        }
        self.affected = self.rows.keys().copied().collect();
        for unit in self.changed.iter() {
            self.affected.extend(self.real.users(unit).iter().copied());
        }
        true
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
            self.name_after_library(&plan.link);
            self.changes.push(plan.link.clone());
        }
        let affected = self.affected(plan, &ids);
        (ids, affected)
    }

    /// Modules that go to a library have its name in front of theirs.
    fn name_after_library(&mut self, change: &LinkChange) {
        let LinkChange { to_library, library, .. } = change;
        for &unit in to_library {
            let old_name = self.tree.unit_name(unit);
            let file = self.tree.project.unit(unit).implementation();
            let n_functions = file.and_then(|file| self.tree.facts(file)).map_or(0, |facts| {
                facts
                    .structure(facts.root)
                    .items
                    .iter()
                    .map(|&item| facts.counts(facts.item(item)).functions)
                    .sum()
            });
            let new_name = format!("{library}__{}", unwrapped(old_name));
            let longer = self.tree.prices.renamed_unit(n_functions, old_name, &new_name);
            let weight = self.weight_mut(unit);
            *weight = weight.saturating_add_signed(longer);
        }
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
                is_gone: false,
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
        part.items.iter().map(|&item| facts.counts(facts.item(item)).functions).sum()
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
            if !new.is_gone && units.contains(new.host) {
                units.insert(UnitId::new(self.n_real() + i));
            }
        }
        units
    }
}
