//! What is known of a folder now: its files, units and programs, and what may be proposed.

use super::{Offers, Workspace};
use crate::base::{FileId, IdSet, Idx, UnitId};
use crate::cli::editor::Lent;
use crate::graph::{DefKind, Opened};
use crate::lsp::overlay::Overlay;
use crate::lsp::program::ProgramState;
use crate::parse::FileFacts;
use crate::project::{LibraryOrigin, UnitSource};
use crate::report::Places;
use crate::report::build::is_counted;
use crate::resolve::Texts;
use crate::size::{Model, Provenance};
use crate::split;
use rayon::prelude::*;
use std::path::Path;
use std::sync::{Arc, PoisonError};

impl Workspace {
    pub(super) fn model(&self) -> &Model {
        self.model.as_ref().unwrap_or_else(|| Model::shipped())
    }

    /// The file of a path.
    pub(in crate::lsp) fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }

    /// The facts of a file that was read.
    pub(in crate::lsp) fn facts(&self, file: FileId) -> Option<&FileFacts> {
        self.analysis.facts.get(file.idx())?.as_deref()
    }

    /// Whether what is known of a file, if anything is, is known of the text that it has now.
    pub(in crate::lsp) fn knows(&self, path: &Path, texts: &Overlay) -> bool {
        let Some(file) = self.file(path) else { return true };
        let Some(Some(known)) = self.analysis.facts.get(file.idx()) else { return true };
        let source = self.project.file(file);
        // Texts of generators and those with conditions have facts of their own.
        source.generator.is_none()
            && texts.read(path).is_ok_and(|text| Arc::ptr_eq(known, &texts.facts(&text, source.kind)))
    }

    /// The linker's name of a unit.
    pub(in crate::lsp) fn name(&self, unit: UnitId) -> &str {
        self.project.units[unit.idx()].name.as_str()
    }

    /// Whether anything is known of what a unit costs; one without code costs nothing, and that is known.
    pub(in crate::lsp) fn is_priced(&self, unit: UnitId) -> bool {
        self.sizes.unit(unit).is_some()
            || matches!(
                self.project.unit(unit).source,
                UnitSource::Files { implementation: None, .. } | UnitSource::Generated(_)
            )
    }

    /// Where the bytes of some units come from.
    pub(in crate::lsp) fn provenance(&self, units: impl IntoIterator<Item = UnitId>) -> Provenance {
        let of_unit = |unit| self.sizes.unit(unit).map_or(Provenance::Estimated, |figure| figure.provenance);
        units.into_iter().map(of_unit).max().unwrap_or(Provenance::Measured)
    }

    /// Bytes of some units together.
    pub(in crate::lsp) fn bytes(&self, units: &[UnitId]) -> u64 {
        units.iter().map(|&unit| self.weights.unit(unit)).sum()
    }

    /// What the search for splits asks for.
    pub(in crate::lsp) fn split_prices(&self) -> split::Prices<'_> {
        split::Prices::of_files(&self.weights, &self.sizes, &self.objects)
    }

    /// Places of offsets.
    pub(in crate::lsp) fn places(&self) -> Places<'_> {
        Places { project: &self.project, facts: &self.analysis.facts }
    }

    /// Which opens provide the names of a file.
    pub(in crate::lsp) fn opened(&self, file: FileId, texts: &Overlay) -> Opened {
        self.kept.opened(&self.project, texts, file)
    }

    /// Links a program, unless that is done.
    pub(in crate::lsp) fn program(&self, at: usize) -> &ProgramState {
        let state = &self.programs[at];
        state.link(&self.project, &self.project.programs[at], &self.links);
        state
    }

    /// The programs that contain a unit, by position.
    pub(in crate::lsp) fn programs_with(&self, unit: UnitId) -> Vec<usize> {
        let library = self.project.unit(unit).library;
        let may_link = |&at: &usize| {
            let program = &self.project.programs[at];
            program.own == library || program.libraries.contains(&library)
        };
        let may: Vec<usize> = (0..self.programs.len()).filter(may_link).collect();
        may.into_par_iter().filter(|&at| self.program(at).linked().contains(unit)).collect()
    }

    /// Whether a unit is of the standard library, which nobody can change.
    pub(in crate::lsp) fn is_standard(&self, unit: UnitId) -> bool {
        self.project.library(self.project.unit(unit).library).origin == LibraryOrigin::Stdlib
    }

    /// Whether a unit mainly hands on what others define: an umbrella is made to be named, so naming it is no fault.
    pub(in crate::lsp) fn is_umbrella(&self, unit: UnitId) -> bool {
        let graph = &self.analysis.graph;
        if self.project.unit(unit).implementation().is_none() {
            return true;
        }
        let top = graph.unit_defs(unit).map(|def| graph.def(def));
        let top = top.filter(|def| def.parent.is_none() && is_counted(def));
        let (handed_on, own) = top.fold((0, 0), |(handed_on, own), def| match def.kind {
            DefKind::Alias => (handed_on + 1, own),
            _ => (handed_on, own + 1),
        });
        own == 0 || handed_on > own
    }

    /// Proposals for some units, worked out once until something changes.
    pub(in crate::lsp) fn offers(
        &self,
        units: Vec<UnitId>,
        find: impl FnOnce(&[UnitId]) -> Offers,
    ) -> Offers {
        let lock = || self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(offers) = lock().get(&units) {
            return offers.clone();
        }
        let offers = find(&units);
        lock().insert(units, offers.clone());
        offers
    }

    pub(in crate::lsp) fn forget_offers(&mut self) {
        self.offers.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lends what the command line asks for, and takes it back.
    pub(in crate::lsp) fn lend<R>(&mut self, ask: impl FnOnce(Lent) -> (Lent, R)) -> R {
        let mut linked: IdSet<UnitId> = IdSet::default();
        (0..self.programs.len())
            .for_each(|at| linked.extend(self.program(at).linked().units.iter().copied()));
        let of_units = self.kept.problems(&self.project, &linked);
        let problems = self.problems.iter().cloned().chain(of_units).collect();
        let lent = Lent {
            project: std::mem::take(&mut self.project),
            graph: std::mem::take(&mut self.analysis.graph),
            facts: std::mem::take(&mut self.analysis.facts),
            links: std::mem::take(&mut self.links),
            sizes: std::mem::take(&mut self.sizes),
            objects: std::mem::take(&mut self.objects),
            problems,
            linked,
        };
        let (lent, answer) = ask(lent);
        self.project = lent.project;
        self.analysis.graph = lent.graph;
        self.analysis.facts = lent.facts;
        self.links = lent.links;
        self.sizes = lent.sizes;
        self.objects = lent.objects;
        answer
    }
}
