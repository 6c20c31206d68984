//! What the project's `unlith.toml` says, where the editor's settings do not: both then look at the same programs.

use super::settings::Settings;
use crate::base::{Code, LineCol, Problem, Severity, read_regular_text};
use crate::check::{self, settings::Analysis};
use crate::project::Unsaved;
use crate::size::{Model, Profile};
use std::path::{Path, PathBuf};

const NAME: &str = "unlith.toml";

/// Longer settings and models are written by nobody.
const MAX_BYTES: u64 = 256 << 20;

/// Returns settings with what the nearest file at or above a folder says, and what is wrong with that file.
///
/// Editors send all settings, changed or not, so one at its default counts as not given.
pub(super) fn with_file(settings: &Settings, root: &Path, unsaved: &Unsaved) -> (Settings, Vec<Problem>) {
    let mut paths = root.ancestors().map(|dir| dir.join(NAME));
    let Some(path) = paths.find(|path| unsaved.text(path).is_some() || path.is_file()) else {
        return (settings.clone(), Vec::new());
    };
    let text = match unsaved.text(&path) {
        Some(text) => Ok(text.to_owned()),
        None => read_regular_text(&path, MAX_BYTES),
    };
    match text {
        Ok(text) => match check::read(&text) {
            Ok(read) => (with(settings, &read.analysis, root, &path), Vec::new()),
            Err(mistakes) => {
                let problems = mistakes.into_iter().map(|mistake| problem(mistake, &path, root)).collect();
                (settings.clone(), problems)
            }
        },
        Err(error) => {
            let message = format!("cannot read the settings: {error}");
            let problem =
                Problem::new(Severity::Warning, Code::Unreadable, message).at(shown(&path, root), None);
            (settings.clone(), vec![problem.help("the usual ones hold")])
        }
    }
}

fn with(settings: &Settings, file: &Analysis, root: &Path, path: &Path) -> Settings {
    let usual = Settings::default();
    let mut all = settings.clone();
    let dir = path.parent().unwrap_or(root);
    if all.exes.is_empty() {
        all.exes.clone_from(&file.exes);
    }
    if all.packages.is_empty() {
        all.packages.clone_from(&file.packages);
    }
    if all.include_dirs.is_empty() {
        all.include_dirs = file.include_dirs.iter().map(|include| dir.join(include)).collect();
    }
    all.ocamlpath = all.ocamlpath.or_else(|| file.ocamlpath.clone());
    if all.dune_profile == usual.dune_profile {
        all.dune_profile = file.dune_profile.clone().unwrap_or(all.dune_profile);
    }
    all.is_static |= file.profile == Some(Profile::Static);
    all.sources_only |= file.sources_only == Some(true);
    all.model = file.model.as_ref().map(|model| dir.join(model));
    all
}

/// Reads the size model that was asked for.
pub(super) fn model(settings: &Settings) -> Result<Option<Model>, Problem> {
    let Some(path) = &settings.model else { return Ok(None) };
    let text = read_regular_text(path, MAX_BYTES).map_err(|error| error.to_string());
    let model = text.and_then(|text| Model::read(&text).map_err(|error| error.to_string()));
    model.map(Some).map_err(|error| {
        let message = format!("cannot read the size model: {error}");
        let problem = Problem::new(Severity::Warning, Code::Unreadable, message).at(path, None);
        problem.help("sizes are estimated by the usual one; write it again with `unlith calibrate -o FILE`")
    })
}

fn problem(mistake: check::Mistake, path: &Path, root: &Path) -> Problem {
    let at = LineCol { line: mistake.line, col: mistake.col.saturating_sub(1) };
    let problem = Problem::new(Severity::Warning, Code::BrokenBuildFile, mistake.message);
    let help = mistake.help.unwrap_or_else(|| "the guide lists all settings: docs/settings.md".to_owned());
    problem.at(shown(path, root), Some(at)).help(help)
}

fn shown(path: &Path, root: &Path) -> PathBuf {
    path.strip_prefix(root).unwrap_or(path).to_path_buf()
}
