//! Names that dune takes for modules of the library.
//!
//! Which modules a file needs, dune learns from its text alone. What a part brings by an `include` or an `open` is not written
//! there: where the old unit has `module Re = Core` and the library a module `Re`, the text that is left seems to need that one.
//! That does no harm, but for two cases: where that one needs the old unit in turn, there is a circle; and where it runs code at
//! start-up, that may come to run before the code of others. And dune fails over a name that no module of its can have.
//!
//! A file may say the name of its own module and mean another one, which an `open` brings: dune takes no module to need itself. In
//! a new unit it would need the old one.

use super::Refusal;
use super::moved::OldUnit;
use super::source::{Changes, Source};
use super::writer::Writer;
use crate::base::{FileId, Name, Place, UnitId, name};
use crate::parse::{FileFacts, ItemId, Reference};
use crate::resolve::{Addr, EMPTY, Find, Space as Names};
use crate::split::fresh::unwrapped;
use crate::split::lexicon::{Lexical, Lexicon, Space};
use crate::split::model::Risk;
use crate::split::plan::{Plan, Role};
use crate::split::world::Tree;
use rustc_hash::{FxHashMap, FxHashSet};

/// Modules of a library, by the names that its texts have for them.
type Siblings<'a> = FxHashMap<&'a str, UnitId>;

/// Refuses a plan that leaves a text without the definition of a module named like one of the library, where it matters.
pub(super) fn check(writer: &mut Writer<'_>, old: &OldUnit<'_>, plan: &Plan) -> Result<(), Refusal> {
    let facts = old.implementation.facts;
    let root = &facts.structure(facts.root).items;
    // What became a unit of its own leaves an alias line of its name.
    let parts =
        plan.parts.iter().enumerate().filter(|(_, part)| !matches!(part.role, Role::Submodule { .. }));
    let home: FxHashMap<ItemId, usize> =
        parts.flat_map(|(nth, part)| part.items.iter().map(move |&item| (item, nth))).collect();
    let project = writer.tree.project;
    let library = project.library(project.unit(old.unit).library);
    let siblings: Siblings<'_> =
        library.units.iter().map(|&unit| (unwrapped(&project.unit(unit).name), unit)).collect();
    let mut noted: FxHashSet<Name> = FxHashSet::default();
    for reference in &facts.refs {
        let Some((Space::Module, name)) = old.lexicon.head(reference) else { continue };
        let sibling = siblings.get(name.as_str()).copied();
        if sibling.is_none() && name.as_str().is_ascii() {
            continue;
        }
        let Lexical::Root(position) = old.lexicon.lookup(reference) else { continue };
        let Some(&there) = home.get(&root[position as usize]) else { continue };
        let after = root.partition_point(|&item| facts.item(item).span.start <= reference.span.start);
        let here = after.checked_sub(1).and_then(|nth| home.get(&root[nth]));
        if here == Some(&there) || !noted.insert(name) {
            continue;
        }
        let Some(sibling) = sibling else { return Err(unreadable(old, name, reference.span.start)) };
        // dune takes no module to need itself.
        let harm = if sibling == old.unit { None } else { harm(writer.tree, &siblings, sibling, old.unit) };
        if let Some(harm) = harm {
            return Err(refusal(old, name, harm, reference.span.start));
        }
        writer.risk(Risk {
            code: "sibling-name",
            message: format!(
                "`{name}` is here the one of {}, and not the module of the library",
                plan.parts[there].module
            ),
            place: Some(place(old, reference.span.start)),
        });
    }
    Ok(())
}

/// Writes in full what some items of a file of the old unit call by its own name, and mean something else by.
pub(super) fn in_full<'i>(
    writer: &mut Writer<'_>,
    unit: UnitId,
    (file, source): (FileId, &Source<'_>),
    items: impl IntoIterator<Item = &'i ItemId>,
) -> Result<Changes, Refusal> {
    let facts = source.facts;
    let own = name(unwrapped(&writer.tree.project.unit(unit).name));
    let mut changes = Changes::default();
    if !facts.names.contains(&own) {
        return Ok(changes);
    }
    let lexicon = Lexicon::new(facts);
    for &item in items {
        let range = facts.item(item).refs.clone();
        for reference in &facts.refs[range.start as usize..range.end as usize] {
            let is_own = lexicon.head(reference) == Some((Space::Module, own));
            if !is_own || lexicon.lookup(reference) != Lexical::Outside {
                continue;
            }
            let Some(prefix) = prefix(writer, file, facts, reference, own) else {
                let message = format!(
                    "`{own}` is not this module here, and dune would take it for this one in the new unit: write out where it comes from"
                );
                return Err(source.refuse("sibling-name", message, reference.span.start));
            };
            changes.insert(reference.span.start, prefix);
        }
    }
    Ok(changes)
}

/// What stands in front of a module's name that an `open` brings, when it is written out.
fn prefix(
    writer: &mut Writer<'_>,
    file: FileId,
    facts: &FileFacts,
    reference: &Reference,
    own: Name,
) -> Option<String> {
    let mut look =
        |path: &[Name]| match writer.eval.resolve(file, facts, path, reference.scope, EMPTY, Names::Module) {
            Find::Found(found) => Some(found),
            _ => None,
        };
    let meant = look(&[own])?;
    let Addr::Field(unit, path) = meant.link else { return None };
    let title = writer.tree.project.unit(unit).name;
    // A member of a wrapped library is one of its main module.
    let (outer, _) = title.split_once("__").unwrap_or((&title, ""));
    let inside = if path.is_empty() { own } else { path };
    let whole: Vec<Name> = std::iter::once(outer).chain(inside.split('.')).map(name).collect();
    let is_same = look(&whole).is_some_and(|found| found.canon == meant.canon);
    let inside = inside.as_str().strip_suffix(own.as_str()).filter(|_| is_same)?;
    Some(format!("{outer}.{inside}"))
}

/// Says what comes of it when a unit seems to need a sibling, and all that this names; nothing where no harm is done.
fn harm(tree: Tree<'_>, siblings: &Siblings<'_>, sibling: UnitId, old: UnitId) -> Option<&'static str> {
    let project = tree.project;
    let mut seen: FxHashSet<UnitId> = [sibling].into_iter().collect();
    let mut todo = vec![sibling];
    while let Some(unit) = todo.pop() {
        if unit == old {
            return Some("which needs this one");
        }
        let mut defs = tree.graph.unit_defs(unit).map(|def| tree.graph.def(def));
        if defs.any(|def| def.runs && def.in_functor.is_none()) {
            return Some("which runs code at start-up");
        }
        let source = project.unit(unit);
        for file in [source.implementation(), source.interface()].into_iter().flatten() {
            // What was not read may name anything.
            let Some(facts) = tree.facts(file) else { return Some("which was not read") };
            let named = facts.names.iter().filter_map(|name| siblings.get(name.as_str()).copied());
            todo.extend(named.filter(|&unit| seen.insert(unit)));
        }
    }
    None
}

fn refusal(old: &OldUnit<'_>, name: Name, harm: &str, offset: u32) -> Refusal {
    let message = format!(
        "`{name}` is defined in what moves, and dune would take it here for the module of the library that has this name, {harm}"
    );
    let Place { file, at } = place(old, offset);
    Refusal::new("sibling-name", message, Some((file, at)))
}

/// dune makes a name of each module that a file seems to need, and stops with an internal error (version 3.17) where it cannot.
fn unreadable(old: &OldUnit<'_>, name: Name, offset: u32) -> Refusal {
    let message = format!(
        "`{name}` is defined in what moves, and dune fails over a module that is named here and is not ASCII"
    );
    let Place { file, at } = place(old, offset);
    Refusal::new("module-name", message, Some((file, at)))
}

fn place(old: &OldUnit<'_>, offset: u32) -> Place {
    let source = &old.implementation;
    Place { file: source.shown.clone(), at: Some(source.facts.lines.line_col(offset)) }
}
