//! One executable: what is linked, what is live, and what would leave it; each worked out when first asked for.

use crate::base::{IdSet, UnitId};
use crate::graph::Graph;
use crate::link::{
    LinkInput, LinkTable, LinkedSet, Links, Live, Reason, Retained, Weights, link, live, retained,
};
use crate::project::{Program, Project};
use std::sync::OnceLock;

/// What is known of one program.
#[derive(Default)]
pub(super) struct ProgramState {
    linked: OnceLock<(LinkInput, LinkedSet)>,
    live: OnceLock<Live>,
    retained: OnceLock<Retained>,
}

impl ProgramState {
    pub(super) fn link(&self, project: &Project, program: &Program, links: &LinkTable) {
        self.linked.get_or_init(|| {
            let input = LinkInput::of_program(project, program);
            let linked = link(&input, links);
            (input, linked)
        });
    }
    pub(super) fn input(&self) -> &LinkInput {
        &self.linked.get().expect("asked for through the workspace, which links").0
    }
    pub(super) fn linked(&self) -> &LinkedSet {
        &self.linked.get().expect("asked for through the workspace, which links").1
    }
    pub(super) fn live(&self, graph: &Graph) -> &Live {
        self.live.get_or_init(|| live(graph, self.input(), self.linked()))
    }
    pub(super) fn retained(&self, links: &LinkTable, weights: &Weights) -> &Retained {
        self.retained.get_or_init(|| retained(self.linked(), links, |unit| weights.unit(unit)))
    }

    /// Forgets what a change makes wrong; `links` are the units that may record others now, and the program's own units.
    pub(super) fn forget(&mut self, links: Option<(&[UnitId], &[UnitId])>) {
        self.live.take();
        self.retained.take();
        if let Some((units, own)) = links
            && let Some((input, linked)) = self.linked.get()
            && (input.own != own || units.iter().any(|&unit| linked.contains(unit)))
        {
            self.linked.take();
        }
    }

    /// Returns the units that leave when one unit stops recording some others, in link order.
    pub(super) fn freed(&self, links: &LinkTable, from: UnitId, cut: &[UnitId]) -> Vec<UnitId> {
        self.left_out(links, |user, used| user == from && cut.contains(&used), |_| false)
    }

    /// Returns the units that leave when one is no longer forced, in link order.
    pub(super) fn freed_unforced(&self, links: &LinkTable, unit: UnitId) -> Vec<UnitId> {
        self.left_out(links, |_, _| false, |root| root == unit)
    }

    /// The linked units that no root reaches without some links and roots.
    fn left_out(
        &self,
        links: &LinkTable,
        is_cut: impl Fn(UnitId, UnitId) -> bool,
        is_no_root: impl Fn(UnitId) -> bool,
    ) -> Vec<UnitId> {
        let linked = self.linked();
        let mut reached: IdSet<UnitId> = IdSet::with_room(links.rows.len());
        let roots = linked.iter().filter(|(_, reason)| !matches!(reason, Reason::By(_)));
        let mut todo: Vec<UnitId> = roots.map(|(unit, _)| unit).filter(|&unit| !is_no_root(unit)).collect();
        todo.iter().for_each(|&unit| _ = reached.insert(unit));
        while let Some(unit) = todo.pop() {
            for &used in links.links(unit) {
                if linked.contains(used) && !is_cut(unit, used) && reached.insert(used) {
                    todo.push(used);
                }
            }
        }
        linked.units.iter().copied().filter(|&unit| !reached.contains(unit)).collect()
    }
}

/// Whether a linked unit is there without anybody asking for it.
pub(super) fn is_forced(linked: &LinkedSet, unit: UnitId) -> bool {
    let reason = linked.iter().find(|&(other, _)| other == unit).map(|(_, reason)| reason);
    matches!(reason, Some(Reason::Forced | Reason::LinkAll))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Changed;
    use crate::lsp::layout::read_layout;
    use crate::lsp::overlay::Overlay;
    use crate::lsp::settings::Settings;
    use crate::lsp::workspace::Workspace;
    use crate::project::Unsaved;
    use std::path::Path;

    #[test]
    fn what_leaves_is_what_the_linker_leaves_out() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/weather_station");
        let texts = Overlay::new(crate::cache::Cache::none());
        let settings = Settings::default();
        let layout = read_layout(&root, &settings, &Unsaved::default()).expect("the example is a workspace");
        let workspace = Workspace::load(&root, layout, &texts, &|_| ());
        let mut n_freed = 0;
        for at in 0..workspace.programs.len() {
            let state = workspace.program(at);
            for &from in &state.linked().units {
                for &to in workspace.links.links(from) {
                    let mut changed = Changed::new(&workspace.links);
                    let row = workspace.links.links(from).iter().copied();
                    changed.set(from, row.filter(|&used| used != to).collect());
                    let left = link(state.input(), &changed);
                    let gone = state.linked().units.iter().copied().filter(|&unit| !left.contains(unit));
                    let freed = state.freed(&workspace.links, from, &[to]);
                    assert_eq!(freed, gone.collect::<Vec<_>>());
                    n_freed += freed.len();
                }
            }
        }
        assert!(n_freed > 50, "{n_freed}");
    }
}
