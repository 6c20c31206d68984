//! Edits taken in: what an edit changes at once, and what it means to other files, worked out in parts.

use super::Workspace;
use crate::base::{FileId, IdSet, Idx, UnitId};
use crate::graph::Update;
use crate::link::Weights;
use crate::lsp::built::Rebuilt;
use crate::lsp::layout::Layout;
use crate::lsp::overlay::Overlay;
use crate::project::SourceFile;
use crate::size::{Bytes, Model, UnitFigure, seen_differently};
use std::path::PathBuf;
use std::sync::Arc;

/// Units that are resolved again before requests are looked at.
const AT_ONCE: usize = 48;

impl Workspace {
    /// Where reading the layout again gives the same one, the sources that the build has made again; else nothing.
    pub(in crate::lsp) fn made_again(&mut self, layout: Layout) -> Option<Vec<PathBuf>> {
        let Layout { project, settings, results } = layout;
        let is_same = project.files == self.project.files
            && project.units == self.project.units
            && project.libraries == self.project.libraries
            && project.programs == self.given
            && project.problems == self.project.problems
            && !settings.needs_reload(&self.settings);
        match self.results.compare(&results) {
            Rebuilt::Sources(sources) if is_same => {
                self.results = results;
                Some(sources)
            }
            _ => None,
        }
    }

    /// Whether there may have been a build since the folder was read.
    pub(in crate::lsp) fn may_be_rebuilt(&self) -> bool {
        self.results.may_be_old()
    }

    /// Takes changed files in, as far as they themselves are concerned; the rest is left to [`Workspace::catch_up`]. Returns
    /// whether any of them belongs to what is known.
    pub(in crate::lsp) fn update(&mut self, paths: &[PathBuf], texts: &Overlay) -> bool {
        let known = paths.iter().filter_map(|path| self.files.get(path).copied());
        let changed: Vec<FileId> = known.flat_map(|file| self.made_of(file)).collect();
        if changed.is_empty() {
            return false;
        }
        let update = self.kept.update(&mut self.project, texts, &changed, &mut self.analysis);
        let units: Vec<UnitId> = changed.iter().map(|&file| self.project.file(file).unit).collect();
        self.absorb(&update, &units);
        true
    }

    /// A file and, where an implementation and an interface will be made of it, both.
    fn made_of(&self, file: FileId) -> Vec<FileId> {
        let SourceFile { path, unit, .. } = self.project.file(file);
        let unit = self.project.unit(*unit);
        let files = [unit.implementation(), unit.interface()].into_iter().flatten();
        let mut same: Vec<FileId> =
            files.filter(|&other| other != file && self.project.file(other).path == *path).collect();
        same.push(file);
        same
    }

    /// Whether something is still to be done about what has changed.
    pub(in crate::lsp) fn is_behind(&self) -> bool {
        self.kept.is_behind() || !self.seen.is_empty()
    }

    /// Does a part of what is still to be done. Returns whether there was anything.
    pub(in crate::lsp) fn catch_up(&mut self, texts: &Overlay) -> bool {
        let (project, analysis) = (&mut self.project, &mut self.analysis);
        if let Some(update) = self.kept.catch_up(project, texts, analysis, AT_ONCE) {
            self.absorb(&update, &[]);
            return true;
        }
        let seen = std::mem::take(&mut self.seen);
        if seen.is_empty() {
            return false;
        }
        // Code that refers to what looks different now may be of another size.
        let graph = &self.analysis.graph;
        let refers = |unit: &UnitId| {
            graph.unit_defs(*unit).flat_map(|def| graph.edges_of(def)).any(|edge| {
                seen.contains(edge.target.unit)
                    || edge.def.get().is_some_and(|def| seen.contains(graph.def(def).unit))
            })
        };
        let units: Vec<UnitId> = (0..graph.defs_of_unit.len()).map(UnitId::new).filter(refers).collect();
        self.resize(&units);
        self.forget(None);
        true
    }

    /// Follows what the graph has gone through.
    fn absorb(&mut self, update: &Update, changed: &[UnitId]) {
        let graph = &self.analysis.graph;
        if let Some(ids) = &update.renumbered {
            self.sizes.renumber(graph, ids);
        }
        let facts = &self.analysis.facts;
        let facts = |file: FileId| facts.get(file.idx()).and_then(Option::as_deref);
        for (&unit, (defs, old_facts)) in update.units.iter().zip(&update.before) {
            let range = graph.defs_of_unit[unit.idx()].clone();
            let now = &graph.defs[range.start as usize..range.end as usize];
            let facts = self.project.unit(unit).implementation().and_then(facts);
            if seen_differently((defs, old_facts.as_deref()), (now, facts)) {
                self.seen.insert(unit);
            }
        }
        changed.iter().for_each(|&unit| self.put_object_aside(unit));
        let units: IdSet<UnitId> = update.units.iter().chain(changed).copied().collect();
        self.resize(&units.iter().collect::<Vec<_>>());
        let graph = &self.analysis.graph;
        for &unit in &update.units {
            self.links.rows[unit.idx()] =
                graph.units.links[unit.idx()].iter().map(|&(unit, _)| unit).collect();
        }
        self.forget(update.has_new_links.then_some(&update.units[..]));
    }

    /// Computes the bytes of some units again.
    fn resize(&mut self, units: &[UnitId]) {
        let facts = &self.analysis.facts;
        let facts = |file: FileId| facts.get(file.idx()).and_then(Option::as_deref);
        let graph = &self.analysis.graph;
        let model = self.model.as_ref().unwrap_or_else(|| Model::shipped());
        self.sizes.update(&self.project, graph, facts, &self.objects, model, units);
        self.weigh();
    }

    /// Forgets what a change makes wrong; `links` are the units that may record others now.
    fn forget(&mut self, links: Option<&[UnitId]>) {
        for (program, state) in self.project.programs.iter().zip(&mut self.programs) {
            state.forget(links.map(|units| (units, &program.own_units[..])));
        }
        self.forget_offers();
    }

    /// What object files say counts for the text that they were made from.
    pub(super) fn put_object_aside(&mut self, unit: UnitId) {
        let source = self.project.unit(unit);
        let files = [source.implementation(), source.interface()].into_iter().flatten();
        let is_as_built =
            files.into_iter().all(|file| match (&self.built[file.idx()], &self.analysis.facts[file.idx()]) {
                (Some(built), Some(now)) => Arc::ptr_eq(built, now),
                (built, now) => built.is_none() && now.is_none(),
            });
        if !is_as_built {
            if let Some(size) = self.objects.units.get_mut(unit.idx()).and_then(Option::take) {
                self.put_aside.insert(unit, size);
            }
        } else if let Some(size) = self.put_aside.remove(&unit) {
            self.objects.units[unit.idx()] = Some(size);
        }
    }

    pub(super) fn weigh(&mut self) {
        let alloc = |bytes: fn(&UnitFigure) -> Bytes| {
            self.sizes
                .units
                .iter()
                .map(|figure| figure.as_ref().map_or(0, |figure| bytes(figure).alloc()))
                .collect()
        };
        self.weights = Weights {
            unit: alloc(UnitFigure::bytes),
            def: self.sizes.defs.iter().map(Bytes::alloc).collect(),
            fixed: alloc(UnitFigure::fixed_bytes),
            runtime: 0,
        };
    }
}
