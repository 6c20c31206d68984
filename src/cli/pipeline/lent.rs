//! What the language server has worked out already, as a run.

use super::Run;
use super::prices::Prices;
use super::unresolved;
use crate::base::{IdSet, Problem, UnitId};
use crate::cache::Cache;
use crate::graph::{Archives, Graph};
use crate::link::LinkTable;
use crate::parse::FileFacts;
use crate::project::Project;
use crate::size::{Objects, Sizes};
use std::sync::Arc;

/// What a server holds of a workspace, as it is lent for one question.
#[derive(Default)]
pub(crate) struct Lent {
    pub(crate) project: Project,
    pub(crate) graph: Graph,
    pub(crate) facts: Vec<Option<Arc<FileFacts>>>,
    pub(crate) links: LinkTable,
    pub(crate) sizes: Sizes,
    pub(crate) objects: Objects,
    /// What is wrong in the tree, but for names that mean nothing.
    pub(crate) problems: Vec<Problem>,
    /// The units that some program links: others may have been linked before something changed.
    pub(crate) linked: IdSet<UnitId>,
}

impl Run {
    /// Makes a run of what was worked out elsewhere.
    pub(in crate::cli) fn from_lent(lent: Lent) -> Run {
        let Lent { project, graph, facts, links, sizes, objects, mut problems, linked } = lent;
        problems.extend(unresolved::problems(&project, &graph, &facts, |unit| linked.contains(unit)));
        problems.extend(unresolved::unknown_code(&project, &graph, Archives::Trusted, |unit| {
            linked.contains(unit)
        }));
        Run {
            project,
            graph,
            facts,
            links,
            prices: Prices::new(sizes, objects),
            problems,
            stages: Vec::new(),
            cached: (0, 0),
            cache: Cache::none(),
            question: None,
        }
    }

    /// Gives back what was lent, but for what only the question needs.
    pub(in crate::cli) fn into_lent(self) -> Lent {
        let Run { project, graph, facts, links, prices, .. } = self;
        let Prices { sizes, objects, .. } = prices;
        Lent { project, graph, facts, links, sizes, objects, ..Lent::default() }
    }
}
