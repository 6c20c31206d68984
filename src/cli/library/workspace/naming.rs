//! Files and libraries as the library's own tree names them.

use super::Workspace;
use crate::report::LibraryAudit;
use std::path::{Path, PathBuf};

/// Where a build leaves what it makes of the directories of a workspace.
const BUILT: &str = "_build/default";

impl Workspace {
    /// Whether a file is the library's, or what its build has made.
    pub(in crate::cli::library) fn is_own(&self, path: &Path) -> bool {
        let inside = path.strip_prefix(&self.root);
        inside.is_ok_and(|inside| self.inside_own(inside).is_some())
    }

    /// A path of the workspace as the library's own tree has it.
    pub(in crate::cli::library) fn inside(&self, shown: &Path) -> PathBuf {
        self.inside_own(shown).unwrap_or_else(|| shown.to_path_buf())
    }

    fn inside_own(&self, shown: &Path) -> Option<PathBuf> {
        let own = self.own.as_deref()?;
        let built = || Some(Path::new(BUILT).join(shown.strip_prefix(Path::new(BUILT).join(own)).ok()?));
        shown.strip_prefix(own).ok().map(Path::to_path_buf).or_else(built)
    }

    /// Names places in the library from its root.
    pub(in crate::cli::library) fn rename(&self, audit: &mut LibraryAudit) {
        let names = audit.libraries.iter_mut().map(|library| &mut library.name);
        let of_changes = audit.proposals.iter_mut().filter_map(|change| change.proposal.library.as_mut());
        for name in names.chain(of_changes) {
            if let Some(installed) = self.installed_as.get(name) {
                name.clone_from(installed);
            }
        }
        if self.installed_as.is_empty() && self.own.is_some() {
            // A directory is known by what is in it.
            let names = audit.libraries.iter().map(|library| library.name.as_str());
            audit.package = names.collect::<Vec<_>>().join(", ");
        }
        let Some(own) = &self.own else { return };
        let (prefix, built) = (format!("{own}/"), format!("{BUILT}/{own}/"));
        let cut = |text: &mut String| {
            if let Some(rest) = text.strip_prefix(&prefix) {
                *text = rest.to_owned();
            } else if let Some(rest) = text.strip_prefix(&built) {
                *text = format!("{BUILT}/{rest}");
            }
        };
        for part in audit.facades.iter_mut().flat_map(|facade| &mut facade.parts) {
            cut(&mut part.implementation);
            part.interface.iter_mut().for_each(cut);
        }
        audit.start_up.iter_mut().for_each(|code| cut(&mut code.place));
        for change in audit.proposals.iter_mut().map(|change| &mut change.proposal) {
            change.edits.iter_mut().for_each(|edit| cut(&mut edit.file));
            for risk in &mut change.risks {
                let Some(file) = &mut risk.file else { continue };
                let before = file.clone();
                cut(file);
                risk.message = risk.message.replace(&before, file);
            }
        }
    }
}
