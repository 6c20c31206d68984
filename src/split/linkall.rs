//! Who forces units into the program: `-linkall` at the final link, of a library's archive, or of single units.
//!
//! The change is one flag; whether something relies on it (plugins loaded at run time, registrations) is not for a graph to
//! say, so each is for review.

use super::draft::Draft;
use super::model::{Edit, EditAction, ProposalKind, Risk};
use super::plan::{LinkChange, Plan};
use super::world::Tree;
use crate::base::{LibraryId, Place, UnitId};
use crate::link::{LinkedSet, Reason};
use crate::project::{LibraryOrigin, Program};
use std::collections::BTreeMap;

/// Proposes to drop each thing that forces units into a program.
pub(crate) fn drafts(tree: Tree<'_>, program: &Program, linked: &LinkedSet) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if program.linkall {
        let link = LinkChange { no_linkall: true, ..LinkChange::default() };
        let summary = format!("link {} without -linkall", program.name);
        let id = format!("drop-linkall:{}", program.name);
        drafts.push(draft(id, Some(program.own), summary, link, program.linkall_place.clone()));
    }
    for &id in &program.libraries {
        let library = tree.project.library(id);
        if library.linkall {
            // What was archived so is recorded as forced, unit by unit, once it is built.
            let is_forced = |unit: &UnitId| tree.project.unit(*unit).forced;
            let unforced = library.units.iter().copied().filter(is_forced).collect();
            let link = LinkChange { relaxed: vec![id], unforced, ..LinkChange::default() };
            let summary = format!("archive {} without -linkall", library.name);
            drafts.push(draft(
                format!("drop-linkall:{}", library.name),
                Some(id),
                summary,
                link,
                library.linkall_place.clone(),
            ));
        }
    }
    let mut forced: BTreeMap<LibraryId, Vec<UnitId>> = BTreeMap::new();
    for (unit, reason) in linked.iter() {
        let library = tree.project.unit(unit).library;
        // A library that is archived so has its change above.
        if reason == Reason::Forced && !tree.project.library(library).linkall {
            forced.entry(library).or_default().push(unit);
        }
    }
    for (id, units) in forced {
        let library = tree.project.library(id);
        let summary = format!(
            "compile {} of {} without -linkall",
            if units.len() == 1 {
                "the forced unit".to_owned()
            } else {
                format!("{} forced units", units.len())
            },
            library.name
        );
        let place = library.linkall_place.clone();
        let link = LinkChange { unforced: units, ..LinkChange::default() };
        drafts.push(draft(format!("drop-linkall:{}", library.name), Some(id), summary, link, place));
    }
    for draft in &mut drafts {
        if let Some(id) = draft.library
            && tree.project.library(id).origin == LibraryOrigin::Installed
        {
            draft.risks.push(super::risks::upstream(tree, id));
        }
    }
    drafts
}

fn draft(
    id: String,
    library: Option<LibraryId>,
    summary: String,
    link: LinkChange,
    place: Option<Place>,
) -> Draft {
    let edits =
        place.iter().map(|place| Edit { file: place.file.clone(), action: EditAction::Modify }).collect();
    let risks = vec![Risk {
        code: "linkall-needed",
        message:
            "somebody asked for it: plugins, or registrations that nothing refers to, may need what leaves"
                .to_owned(),
        place,
    }];
    Draft {
        id,
        kind: ProposalKind::DropLinkall,
        unit: None,
        library,
        summary,
        plan: Plan { link, ..Plan::default() }.into(),
        edits,
        risks,
    }
}
