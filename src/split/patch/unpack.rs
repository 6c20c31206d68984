//! `unpack`: a pack that ocamlbuild makes becomes a facade of aliases.
//!
//! * each member's file gets the name that the linker knows it by (`depot__Text.ml`), so that no new name is global by
//!   chance; what a member says of its siblings stays as it is, behind an alias line at its head;
//! * the facade takes the place of the `.mlpack`, one alias for each module of it;
//! * the `.mllib` lists the members beside the facade;
//! * `_tags` no longer asks for `-for-pack`, and compiles the facade with `-no-alias-deps`.
//!
//! Other builds that pack (makefiles) are for their authors: the refusal says what to do.

use super::Refusal;
use super::no_alias::original;
use super::writer::Writer;
use crate::base::{FileId, Name, UnitId, uncapitalise};
use crate::parse::FileFacts;
use crate::project::{SourceKind, UnitSource, ocamlbuild};
use crate::split::lexicon::{Lexical, Lexicon, Space};
use crate::split::model::{EditAction, Risk};
use crate::split::plan::Plan;
use crate::split::unpack::new_file;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What lies at the root of a project and may say which files are installed.
const RECIPES: [&str; 9] = [
    "Makefile",
    "makefile",
    "GNUmakefile",
    "pkg/pkg.ml",
    "pkg/build.ml",
    "_oasis",
    "setup.ml",
    "opam",
    "INSTALL",
];

/// Directories above a source that are looked at for the files of its build.
const MAX_DEPTH: usize = 16;

/// The files that the build of a pack is written down in.
struct Build {
    /// The directory of `_tags`.
    root: PathBuf,
    mlpack: PathBuf,
    mllib: PathBuf,
}

/// Writes the files of a library whose pack is taken apart.
pub(super) fn write(writer: &mut Writer<'_>, plan: &Plan) -> Result<(), Refusal> {
    let pack = plan.unit.expect("a pack is a unit");
    let project = writer.tree.project;
    let UnitSource::Generated(table) = &project.unit(pack).source else {
        return Err(Refusal::new("by-hand", "its modules are not known", None));
    };
    let library = project.library(project.unit(pack).library);
    let build = build_of(writer, pack)?;
    let list = writer.text(&build.mlpack)?;
    let listed: Vec<Name> = ocamlbuild::modules(&list);
    let known = |&(module, unit): &(Name, Name)| Some((module, *library.unit_by_name.get(&unit)?));
    let mut modules: Vec<(Name, UnitId)> = table.aliases.iter().filter_map(known).collect();
    if let Some(missing) = listed.iter().find(|module| !modules.iter().any(|(known, _)| known == *module)) {
        let message = format!("{missing} is in the pack, and its source is not known");
        return Err(writer.refuse("by-hand", message, &build.mlpack));
    }
    modules.sort_by_key(|(module, _)| listed.iter().position(|listed| listed == module));
    let short: BTreeSet<Name> = modules.iter().map(|&(module, _)| module).collect();
    let tags = writer.text(&build.root.join("_tags"))?;
    let mut tag_lines = String::new();
    let mut entries: Vec<String> = Vec::new();
    for &(module, member) in &modules {
        let unit = project.unit(member);
        for file in [unit.implementation(), unit.interface()].into_iter().flatten() {
            let (old, new) = rename(writer, file, member, module, &short)?;
            tag_lines.push_str(&follow_tags(writer, &tags, &build.root, &old, &new)?);
            if unit.implementation() == Some(file) {
                entries.push(entry_of(writer, &build, &new)?);
            }
        }
    }
    let name = writer.tree.unit_name(pack);
    let facade = build.mlpack.with_file_name(format!("{}.ml", uncapitalise(name)));
    let text = modules.iter().map(|(module, member)| {
        let unit = writer.tree.unit_name(*member);
        format!("module {module} = {unit}\n")
    });
    let text: String = text.collect();
    writer.write_file(&facade, EditAction::Create, String::new(), text)?;
    writer.write_file(&build.mlpack, EditAction::Delete, list, String::new())?;
    writer.change_text(&build.mllib, "there is no list of the archive's modules", |text| {
        with_members(text, name, &entries)
    })?;
    let inside = facade.strip_prefix(&build.root).unwrap_or(&facade).display().to_string();
    writer.change_text(&build.root.join("_tags"), "there is no _tags file", |text| {
        let rest = ocamlbuild::without_tag(text, &format!("for-pack({name})"));
        let end = if rest.is_empty() || rest.ends_with('\n') { "" } else { "\n" };
        Ok(format!("{rest}{end}<{inside}>: no_alias_deps\n{tag_lines}"))
    })?;
    say_who_else_names_them(writer, &build, name, &modules);
    Ok(())
}

/// Finds what builds the pack.
fn build_of(writer: &Writer<'_>, pack: UnitId) -> Result<Build, Refusal> {
    let project = writer.tree.project;
    let library = project.library(project.unit(pack).library);
    let name = writer.tree.unit_name(pack);
    let by_hand = |what: &str| {
        let message = format!(
            "{what}: where the build packs {name}, compile its modules without -for-pack, each under the name that the \
             linker knows ({name}__Module), and a {name} of aliases with -no-alias-deps; archive them all"
        );
        Refusal::new("by-hand", message, Some((library.dir.clone(), None)))
    };
    let members = project.members(pack);
    if members.iter().any(|&member| !project.unit(member).packed.is_empty()) {
        return Err(by_hand("it holds another pack"));
    }
    let member = members.into_iter().find_map(|member| project.unit(member).implementation());
    let member = member.ok_or_else(|| by_hand("no module of the pack has a source"))?;
    let source = original(&project.file(member).path);
    // The modules of a pack may lie below its list.
    let dirs = source.ancestors().skip(1).take(MAX_DEPTH);
    let stems = [uncapitalise(name), name.to_owned()];
    let mut lists_of_packs =
        dirs.flat_map(|dir| stems.iter().map(move |stem| dir.join(format!("{stem}.mlpack"))));
    let mlpack = lists_of_packs.find(|path| writer.exists(path));
    let mlpack = mlpack.ok_or_else(|| by_hand("no .mlpack beside the sources says how it is made"))?;
    let archives = library.archives.iter().filter_map(|archive| archive.cmxa.as_ref());
    let archived = archives.map(|archive| original(archive).with_extension("mllib"));
    let stem = library.name.rsplit('/').next().unwrap_or(&library.name);
    let listed = project.root.join(&library.dir).join(format!("{stem}.mllib"));
    let mllib = archived.chain([listed]).find(|path| writer.text(path).is_ok_and(|text| lists(&text, name)));
    let mllib = mllib.ok_or_else(|| by_hand("no .mllib beside the archive lists it"))?;
    let root = mlpack.ancestors().skip(1).take(MAX_DEPTH).find(|dir| writer.exists(&dir.join("_tags")));
    let root =
        root.ok_or_else(|| by_hand("no `_tags` beside the sources or above says how it is compiled"))?;
    Ok(Build { root: root.to_path_buf(), mlpack: mlpack.clone(), mllib })
}

/// Gives a member's file its new name, and the names of its siblings that it uses; returns its paths before and after.
fn rename(
    writer: &mut Writer<'_>,
    file: FileId,
    member: UnitId,
    module: Name,
    siblings: &BTreeSet<Name>,
) -> Result<(PathBuf, PathBuf), Refusal> {
    let source = writer.source(file)?;
    let old = original(&source.path);
    if !writer.exists(&old) {
        let message = "the build makes this file: what it is made from has to be changed and renamed by hand";
        return Err(writer.refuse("generated-source", message, &source.shown));
    }
    if writer.text(&old)? != source.text {
        let message = "the build has an older copy of it: build the library, and run this again";
        return Err(writer.refuse("unreadable", message, &old));
    }
    let facts = source.facts;
    let named: Vec<Name> = outside_modules(facts)
        .into_iter()
        .filter(|name| *name != module && siblings.contains(name))
        .collect();
    let mut text = source.text.clone();
    if !named.is_empty() {
        let pack = writer.tree.project.unit(member).opens.first().copied().unwrap_or(module);
        let unit = |name: &Name| format!("{pack}__{name}");
        let header = match facts.kind {
            SourceKind::Implementation => {
                let aliases: String =
                    named.iter().map(|name| format!("  module {name} = {}\n", unit(name))).collect();
                let first = facts.structure(facts.root).items.first();
                let separator = first.map_or("", |&first| source.separator(first));
                format!("open! struct\n{aliases}end\n{separator}\n")
            }
            SourceKind::Interface => {
                let aliases: String =
                    named.iter().map(|name| format!("module {name} := {}\n", unit(name))).collect();
                format!("{aliases}\n")
            }
        };
        let floor = source.start_of_code();
        let first = facts.structure(facts.root).items.first().map(|&item| facts.item(item).span);
        let at = first.map_or(floor, |first| source.with_comments(first, floor, first.end).start);
        text.insert_str(at as usize, &header);
    }
    let new = old.with_file_name(new_file(writer.tree.unit_name(member), &old));
    if writer.exists(&new) {
        return Err(writer.refuse("name-taken", "it is there already", &new));
    }
    writer.write_file(&old, EditAction::Delete, source.text.clone(), String::new())?;
    writer.write_file(&new, EditAction::Create, String::new(), text)?;
    Ok((old, new))
}

/// The modules that a file names and does not define, sorted.
fn outside_modules(facts: &FileFacts) -> BTreeSet<Name> {
    let lexicon = Lexicon::new(facts);
    let outside = facts.refs.iter().filter(|reference| lexicon.lookup(reference) == Lexical::Outside);
    let heads = outside.filter_map(|reference| lexicon.head(reference));
    heads.filter(|&(space, _)| space == Space::Module).map(|(_, name)| name).collect()
}

/// Lines of `_tags` for a file under its new name that say what those there are say of the old one.
fn follow_tags(
    writer: &Writer<'_>,
    tags: &str,
    root: &Path,
    old: &Path,
    new: &Path,
) -> Result<String, Refusal> {
    let mut lines = String::new();
    let extension = old.extension().and_then(|extension| extension.to_str()).unwrap_or("ml");
    let products: &[&str] = if extension == "ml" { &["ml", "cmo", "cmx"] } else { &["mli", "cmi"] };
    for product in products {
        let of = |path: &Path| {
            let path = path.strip_prefix(root).unwrap_or(path).with_extension(product);
            (ocamlbuild::tags_of(tags, &path.to_string_lossy()), path)
        };
        let ((was, _), (is, path)) = (of(old), of(new));
        if let Some(tag) = was.iter().find(|tag| tag.starts_with("camlp4") || tag.starts_with("syntax(")) {
            let message = format!("{tag} reads this file: it may not know `open struct`");
            return Err(writer.refuse("by-hand", message, old));
        }
        let is_kept = |tag: &&String| !tag.starts_with("for-pack(");
        let mut changes: Vec<String> = was.difference(&is).filter(is_kept).cloned().collect();
        changes.extend(is.difference(&was).filter(is_kept).map(|tag| format!("-{tag}")));
        if !changes.is_empty() {
            lines.push_str(&format!("<{}>: {}\n", path.display(), changes.join(", ")));
        }
    }
    Ok(lines)
}

/// Whether a list of modules has one, in some directory.
fn lists(text: &str, module: &str) -> bool {
    ocamlbuild::listed(text).iter().any(|entry| is_entry(entry, module))
}

fn is_entry(entry: &str, module: &str) -> bool {
    let last = entry.rsplit('/').next().unwrap_or(entry);
    last == module || last == uncapitalise(module)
}

/// What the archive's list says of a member: its module, with the directory as seen from the list.
fn entry_of(writer: &Writer<'_>, build: &Build, file: &Path) -> Result<String, Refusal> {
    let from = build.mllib.parent().unwrap_or(&build.root);
    let inside = file
        .strip_prefix(from)
        .map_err(|_| writer.refuse("by-hand", "it does not lie below the list of its archive", file))?;
    let module = inside.with_extension("");
    let (dir, stem) = (module.parent().unwrap_or(Path::new("")), module.file_name().unwrap_or_default());
    let stem = stem.to_string_lossy();
    let mut name: String = stem.chars().take(1).flat_map(char::to_uppercase).collect();
    name.extend(stem.chars().skip(1));
    Ok(dir.join(name).display().to_string())
}

/// Puts the members behind the pack's own name.
fn with_members(text: &str, pack: &str, entries: &[String]) -> Result<String, String> {
    let entry = ocamlbuild::listed(text).into_iter().find(|entry| is_entry(entry, pack));
    let entry = entry.ok_or_else(|| format!("it does not list {pack}"))?;
    let members: String = entries.iter().map(|entry| format!("\n{entry}")).collect();
    let at = entry.as_ptr() as usize - text.as_ptr() as usize + entry.len();
    Ok(format!("{}{members}{}", &text[..at], &text[at..]))
}

/// Plug-ins and recipes of installation that name files which are called something else now, or do not name new ones.
fn say_who_else_names_them(writer: &mut Writer<'_>, build: &Build, pack: &str, modules: &[(Name, UnitId)]) {
    let plugin = build.root.join("myocamlbuild.ml");
    // The archive's name, which is often the pack's, stays.
    let names: Vec<String> = modules.iter().map(|(module, _)| uncapitalise(module)).collect();
    let is_word = |line: &str, word: &str| {
        line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|found| found.eq_ignore_ascii_case(word))
    };
    let mut risks = Vec::new();
    if let Ok(text) = writer.text(&plugin)
        && let Some(line) =
            (1..).zip(text.lines()).find(|(_, line)| names.iter().any(|name| is_word(line, name)))
    {
        risks.push(("by-hand", "the plug-in of the build names a module of the pack", plugin, line.0));
    }
    let install = format!("{}.install", uncapitalise(pack));
    for recipe in RECIPES.iter().copied().chain([install.as_str()]) {
        let path = build.root.join(recipe);
        let Ok(text) = writer.text(&path) else { continue };
        let compiled =
            [".cmi", ".cmx", ".cmti", ".cmt"].map(|extension| format!("{}{extension}", uncapitalise(pack)));
        let line = (1..).zip(text.lines()).find(|(_, line)| compiled.iter().any(|file| line.contains(file)));
        if let Some((line, _)) = line {
            let what =
                "this names the pack's compiled files: those of the new units have to be installed, too";
            risks.push(("by-hand", what, path, line));
        }
    }
    for (code, what, path, line) in risks {
        let place = writer.place(&path, line);
        writer.risk(Risk { code, message: what.to_owned(), place: Some(place) });
    }
}
