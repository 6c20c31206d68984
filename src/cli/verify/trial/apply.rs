//! Applies a patch in the scratch copy, builds, and tests.

use super::{Baseline, Bench, Stage};
use crate::cli::failure::Failure;
use crate::cli::pipeline::Run;
use crate::split::{EditAction, FileEdit, Patch, Proposal};
use std::fs;

impl Bench<'_> {
    /// Applies a patch and builds it; where an interface that moved does not build, wrappers are tried instead.
    pub(super) fn apply(
        &self,
        run: &Run,
        baselines: &[Baseline],
        proposal: &Proposal,
        patch: Patch,
    ) -> anyhow::Result<Applied> {
        self.write(&patch, Side::After)?;
        let stage = self.build_and_test(baselines);
        if !matches!(stage, Stage::Build(_)) {
            return Ok(Applied { patch, stage, wrapped: None });
        }
        self.write(&patch, Side::Before)?;
        if let Some((wrapped, second)) = run.wrapped(proposal) {
            self.write(&second, Side::After)?;
            if self.build_and_test(baselines) == Stage::Done {
                return Ok(Applied { patch: second, stage: Stage::Done, wrapped: Some(wrapped) });
            }
            self.write(&second, Side::Before)?;
        }
        self.write(&patch, Side::After)?;
        Ok(Applied { patch, stage, wrapped: None })
    }

    pub(super) fn build_and_test(&self, baselines: &[Baseline]) -> Stage {
        if let Err(error) = self.builder.build(baselines.iter().map(|baseline| &baseline.program)) {
            return Stage::Build(error);
        }
        match self.with_tests.then(|| self.builder.test()) {
            Some(Err(error)) => Stage::Test(error),
            _ => Stage::Done,
        }
    }

    /// Brings the files of a patch to one side of it. Nothing outside the scratch copy is written.
    pub(super) fn write(&self, patch: &Patch, side: Side) -> anyhow::Result<()> {
        for edit in &patch.edits {
            let path = std::path::absolute(&edit.path)?;
            if !path.starts_with(&self.builder.root) {
                return Err(Failure::error(
                    format!("`{}` lies outside the workspace", edit.shown.display()),
                    "vendor the library into the workspace, or name the program's .ml files instead",
                ));
            }
            match side.text_of(edit) {
                Some(text) => fs::write(&path, text)?,
                None => match fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                },
            }
        }
        Ok(())
    }
}

/// A patch that was applied, and how far it got.
pub(super) struct Applied {
    pub(super) patch: Patch,
    pub(super) stage: Stage,
    /// The proposal that holds instead.
    pub(super) wrapped: Option<Proposal>,
}

/// The two sides of a patch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Before,
    After,
}

impl Side {
    /// What a file holds on this side; nothing where it is not there.
    fn text_of(self, edit: &FileEdit) -> Option<&str> {
        match self {
            Side::Before => (edit.action != EditAction::Create).then_some(edit.old_text.as_str()),
            Side::After => (edit.action != EditAction::Delete).then_some(edit.new_text.as_str()),
        }
    }
}
