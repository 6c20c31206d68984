//! From recipe A to recipe B: where an interface that moved does not build, a wrapper does.

use crate::split::fresh::Fresh;
use crate::split::model::Proposal;
use crate::split::plan::{AliasTarget, Part, Recipe, Role, Wrapped};
use crate::split::signature::count_values;
use crate::split::world::Tree;
use std::sync::Arc;

/// Returns the proposal with a wrapper wherever it moves an interface; none where it moves none.
#[must_use]
pub fn wrapped(tree: Tree<'_>, proposal: &Proposal) -> Option<Proposal> {
    let unit = proposal.plan.unit?;
    let mut changed = proposal.clone();
    let plan = Arc::make_mut(&mut changed.plan);
    let mut fresh = Fresh::of_library(tree, unit);
    // The names of the parts that are there are taken already.
    for part in &plan.parts {
        fresh.take(&part.module);
    }
    let mut is_changed = false;
    for (at, &def) in plan.unsealed.iter().enumerate() {
        let AliasTarget::Existing(target) = plan.aliases[at].to else { continue };
        let behind = tree.graph.def(def).alias_of.unwrap_or(target);
        let of = Wrapped::Unit(behind.unit);
        let module =
            fresh.take(&format!("{}_pub", super::super::fresh::unwrapped(tree.unit_name(behind.unit))));
        let n_reexports = count_values(tree, behind.unit, behind.path);
        plan.parts.push(wrapper(&fresh, module, of, n_reexports));
        plan.aliases[at].to = AliasTarget::Part(plan.parts.len() - 1);
        is_changed = true;
    }
    for part in 0..plan.parts.len() {
        let Role::Submodule { path } = plan.parts[part].role else { continue };
        if plan.parts[part].recipe != Recipe::MoveInterface {
            continue;
        }
        plan.parts[part].recipe = Recipe::Wrap;
        plan.parts[part].is_private = true;
        let module = fresh.take(&format!("{}_pub", super::super::extract::stem(path.as_str())));
        plan.parts.push(wrapper(&fresh, module, Wrapped::Part(part), count_values(tree, unit, path)));
        let last = plan.parts.len() - 1;
        for alias in plan.aliases.iter_mut().filter(|alias| alias.to == AliasTarget::Part(part)) {
            alias.to = AliasTarget::Part(last);
        }
        is_changed = true;
    }
    is_changed.then_some(changed)
}

fn wrapper(fresh: &Fresh<'_>, module: String, of: Wrapped, n_reexports: u32) -> Part {
    Part {
        name: fresh.linker_name(&module),
        module,
        role: Role::Wrapper { of },
        items: Vec::new(),
        defs: Vec::new(),
        recipe: Recipe::Wrap,
        is_private: false,
        sees: Vec::new(),
        n_reexports,
    }
}
