//! Which unit or definition a name of the command line means.

use super::failure::Failure;
use super::pipeline::Run;
use crate::base::{DefId, UnitId, name};
use crate::graph::DefKind;

/// What was asked for.
#[derive(Clone, Copy)]
pub(super) struct Question {
    pub(super) unit: UnitId,
    pub(super) def: Option<DefId>,
}

/// Finds the unit, and the definition, that a name means: those of `linked` first, as the linker or as people write them.
pub(super) fn find(run: &Run, linked: &[UnitId], asked: &str) -> anyhow::Result<Question> {
    let (modules, rest) = split_name(asked);
    for n in (1..=modules.len()).rev() {
        let Some(unit) = find_unit(run, linked, &modules[..n].join("__")) else { continue };
        let path: Vec<&str> = modules[n..].iter().copied().chain(rest).collect();
        if path.is_empty() {
            return Ok(Question { unit, def: None });
        }
        let path = name(&path.join("."));
        let found = run.graph.unit_defs(unit).filter(|&def| {
            let def = run.graph.def(def);
            def.path == path && def.kind != DefKind::Effect
        });
        // The last one is what clients see; values come before types of the same name.
        let is_type = |def: DefId| matches!(run.graph.def(def).kind, DefKind::Type | DefKind::ModuleType);
        if let Some(def) = found.max_by_key(|&def| (!is_type(def), def)) {
            return Ok(Question { unit, def: Some(def) });
        }
        if n == 1 {
            let unit = run.project.unit(unit).name;
            return Err(Failure::error(
                format!("{unit} has no definition `{path}`"),
                format!("ask `unlith why {unit}` for the unit as a whole"),
            ));
        }
    }
    Err(unknown(run, asked, modules.first().copied().unwrap_or(asked)))
}

/// Finds the unit that a name means, or in which the definition is that it means.
pub(super) fn unit(run: &Run, linked: &[UnitId], asked: &str) -> anyhow::Result<UnitId> {
    find(run, linked, asked).map(|question| question.unit)
}

/// Splits a name in the modules in front and a last component that is none: `Base.List.(+)` has an operator.
fn split_name(asked: &str) -> (Vec<&str>, Option<&str>) {
    let mut modules = Vec::new();
    let mut rest = asked;
    loop {
        let (head, tail) = rest.split_once('.').map_or((rest, None), |(head, tail)| (head, Some(tail)));
        if !head.starts_with(char::is_uppercase) {
            return (modules, (!rest.is_empty()).then_some(rest));
        }
        modules.push(head);
        match tail {
            Some(tail) => rest = tail,
            None => return (modules, None),
        }
    }
}

/// Finds a unit by name: linked ones first, then any of the project; `List` also finds `Stdlib__List`, `Main` finds
/// `Dune__exe__Main`.
fn find_unit(run: &Run, linked: &[UnitId], text: &str) -> Option<UnitId> {
    let candidates = [text.to_owned(), format!("Dune__exe__{text}"), format!("Stdlib__{text}")];
    let of_project = || (0..run.project.units.len()).map(|unit| UnitId(unit as u32));
    candidates.iter().find_map(|candidate| {
        let is_named = |unit: &UnitId| run.project.unit(*unit).name.as_str() == candidate;
        linked.iter().copied().find(is_named).or_else(|| of_project().find(is_named))
    })
}

fn unknown(run: &Run, asked: &str, module: &str) -> anyhow::Error {
    let wanted = module.to_lowercase();
    let mut near: Vec<&str> = run
        .project
        .units
        .iter()
        .map(|unit| unit.name.as_str())
        .filter(|unit| unit.to_lowercase().contains(&wanted))
        .collect();
    near.sort_unstable_by_key(|unit| (unit.len(), *unit));
    near.dedup();
    near.truncate(5);
    let help = if near.is_empty() {
        "`unlith audit --format json` lists the units that are linked".to_owned()
    } else {
        format!("there are: {}", near.join(", "))
    };
    Failure::error(format!("no unit here is named `{asked}`"), help)
}

/// A link that is imagined away.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub(super) from: UnitId,
    pub(super) to: UnitId,
}

/// Finds the two units that `FROM:TO` names.
pub(super) fn find_cut(run: &Run, linked: &[UnitId], text: &str) -> anyhow::Result<Cut> {
    let Some((from, to)) = text.split_once(':') else {
        return Err(Failure::error(
            format!("`{text}` is not a link"),
            "write the unit that refers and the one that is referred to, as in `--cut Main:Stdlib__Scanf`",
        ));
    };
    Ok(Cut { from: unit(run, linked, from.trim())?, to: unit(run, linked, to.trim())? })
}
