//! Names that dune takes for modules of the library.
//!
//! Which modules a file needs, dune learns from its text alone. What a part brings by an `include` or an `open` is not written
//! there: where the old unit has `module Re = Core` and the library a module `Re`, the text that is left seems to need that one,
//! which may need the old unit in turn. Whoever reads the text would be led astray as well.

use super::Refusal;
use super::moved::OldUnit;
use super::writer::Writer;
use crate::base::Name;
use crate::parse::ItemId;
use crate::split::fresh::unwrapped;
use crate::split::lexicon::{Lexical, Space};
use crate::split::plan::{Plan, Role};
use rustc_hash::{FxHashMap, FxHashSet};

/// Refuses a plan that leaves a text without the definition of a module named like one of the library.
pub(super) fn check(writer: &Writer<'_>, old: &OldUnit<'_>, plan: &Plan) -> Result<(), Refusal> {
    let facts = old.implementation.facts;
    let root = &facts.structure(facts.root).items;
    // What became a unit of its own leaves an alias line of its name.
    let parts =
        plan.parts.iter().enumerate().filter(|(_, part)| !matches!(part.role, Role::Submodule { .. }));
    let home: FxHashMap<ItemId, usize> =
        parts.flat_map(|(nth, part)| part.items.iter().map(move |&item| (item, nth))).collect();
    let project = writer.tree.project;
    let library = project.library(project.unit(old.unit).library);
    let siblings = library.units.iter().map(|&unit| unwrapped(&project.unit(unit).name));
    let siblings: FxHashSet<&str> = siblings.collect();
    for reference in &facts.refs {
        let Some((Space::Module, name)) = old.lexicon.head(reference) else { continue };
        if !siblings.contains(name.as_str()) {
            continue;
        }
        let Lexical::Root(position) = old.lexicon.lookup(reference) else { continue };
        let Some(&there) = home.get(&root[position as usize]) else { continue };
        let after = root.partition_point(|&item| facts.item(item).span.start <= reference.span.start);
        let here = after.checked_sub(1).and_then(|nth| home.get(&root[nth]));
        if here != Some(&there) {
            return Err(refusal(old, name, reference.span.start));
        }
    }
    Ok(())
}

fn refusal(old: &OldUnit<'_>, name: Name, offset: u32) -> Refusal {
    let source = &old.implementation;
    let message = format!(
        "`{name}` is defined in what moves, and dune would take it here for the module of the library that has this name"
    );
    Refusal::new(
        "sibling-name",
        message,
        Some((source.shown.clone(), Some(source.facts.lines.line_col(offset)))),
    )
}
