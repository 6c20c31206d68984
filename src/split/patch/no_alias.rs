//! `no-alias-deps`: the flag, in the file that says how the facade is compiled: `_tags` of ocamlbuild.

use super::Refusal;
use super::writer::Writer;
use crate::split::plan::Plan;
use std::path::{Path, PathBuf};

/// Directories above a source that are looked at for its `_tags`.
const MAX_DEPTH: usize = 16;

/// Writes the line for a facade.
pub(super) fn write(writer: &mut Writer<'_>, plan: &Plan) -> Result<(), Refusal> {
    let unit = plan.unit.expect("a facade is a unit");
    let name = writer.tree.unit_name(unit).to_owned();
    let (file, source) = writer.implementation(unit)?;
    let path = writer.tree.project.file(file).path.clone();
    let Some((root, inside)) = tagged(&path, |tags| writer.exists(tags)) else {
        let message = format!(
            "{name} is to be compiled with -no-alias-deps, and no `_tags` file beside it or above says how it is compiled: \
             pass the flag where the build calls the compiler"
        );
        return Err(Refusal::new("by-hand", message, Some((source.shown.clone(), None))));
    };
    let pattern = inside.with_extension("").display().to_string();
    let line = format!("<{pattern}.{{ml,mli}}>: no_alias_deps\n");
    writer.change_text(&root.join("_tags"), "there is no _tags file", |text| {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        Ok(format!("{text}{end}{line}"))
    })
}

/// What lies in `_build` is a copy of what lies beside it.
pub(super) fn original(path: &Path) -> PathBuf {
    let is_build = |dir: &&Path| dir.file_name().is_some_and(|name| name == "_build");
    let copied = path.ancestors().find(is_build);
    let inside = copied.and_then(|build| Some(build.parent()?.join(path.strip_prefix(build).ok()?)));
    inside.unwrap_or_else(|| path.to_path_buf())
}

/// The directory whose `_tags` speaks of a source, and the source's path from there. What lies in `_build` is a copy of what
/// lies beside it.
fn tagged(path: &Path, exists: impl Fn(&Path) -> bool) -> Option<(PathBuf, PathBuf)> {
    let original = original(path);
    let dirs = original.ancestors().skip(1).take(MAX_DEPTH);
    let root = dirs.into_iter().find(|dir| exists(&dir.join("_tags")))?;
    Some((root.to_path_buf(), original.strip_prefix(root).ok()?.to_path_buf()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_tags_speak_of_a_source_and_of_its_copy() {
        let exists = |path: &Path| path == Path::new("/p/_tags");
        let found = |path: &str| tagged(Path::new(path), exists);
        let expected = Some((PathBuf::from("/p"), PathBuf::from("src/a.ml")));
        assert_eq!(found("/p/src/a.ml"), expected);
        assert_eq!(found("/p/_build/src/a.ml"), expected);
        assert_eq!(found("/q/a.ml"), None);
    }
}
