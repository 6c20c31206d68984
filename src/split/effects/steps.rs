//! What the text of a definition does at once, references taken for calls.

use super::table::{Known, known, table};
use super::{Class, Effects};
use crate::base::{DefId, Idx, UnitId, name};
use crate::graph::{DefKind, Edge, EdgeKind};
use crate::parse::Counts;
use rustc_hash::FxHashSet;

/// What a text does at once.
#[derive(Default)]
pub(in crate::split) struct Steps {
    pub(in crate::split) writes: bool,
    /// Definitions that it may call, in the order of its references; behind a functor, what runs when that is applied.
    pub(in crate::split) reaches: Box<[DefId]>,
    /// Values among them that may hold state, with their units; each with whether it does for others than its own unit.
    pub(in crate::split) states: Box<[(DefId, UnitId, bool)]>,
    /// A class that nothing further can change.
    pub(in crate::split) end: Option<Class>,
}

/// What one reference does.
enum Step {
    Nothing,
    Writes,
    Reaches(DefId),
    Ends(Class),
}

impl Effects<'_> {
    /// Returns what the text of a definition does, references taken for calls.
    pub(in crate::split) fn steps(&self, def: DefId) -> &Steps {
        self.steps[def.idx()].get_or_init(|| {
            let mut steps = Steps { writes: self.assigns(def), ..Steps::default() };
            let mut seen: Vec<DefId> = Vec::new();
            for edge in self.tree.graph.edges_of(def) {
                match self.step(edge) {
                    Step::Nothing => {}
                    Step::Writes => steps.writes = true,
                    Step::Reaches(next) => seen.push(next),
                    Step::Ends(class) => {
                        steps.end = Some(class);
                        break;
                    }
                }
            }
            let (mut reaches, mut states) = (Vec::with_capacity(seen.len()), Vec::new());
            for next in each_once(seen) {
                if self.may_be_state(next) {
                    let unit = self.tree.graph.def(next).unit;
                    states.push((next, unit, self.may_hold_state(next, false)));
                }
                reaches.push(next);
                if self.tree.graph.def(next).kind == DefKind::Functor {
                    reaches.extend(self.in_functor.get(&next).into_iter().flatten());
                }
            }
            (steps.reaches, steps.states) = (reaches.into_boxed_slice(), states.into_boxed_slice());
            Box::new(steps)
        })
    }

    /// What one reference does.
    fn step(&self, edge: &Edge) -> Step {
        let tree = self.tree;
        if edge.kind == EdgeKind::Primitive {
            let primitive = self.primitive(edge);
            let writes = primitive.is_some_and(|name| table().names.get(&name) == Some(&Known::Write));
            return if writes { Step::Writes } else { Step::Nothing };
        }
        if is_no_call(edge.kind) {
            return Step::Nothing;
        }
        let full = || name(&format!("{}.{}", tree.unit_name(edge.target.unit), edge.target.path));
        match known(tree, edge.target.unit, edge.target.path) {
            Some(Known::Pure | Known::Write) => return Step::Nothing,
            Some(Known::Registers) => return Step::Ends(Class::Registers(edge.target.unit)),
            Some(Known::Outside) => return Step::Ends(Class::Outside(full())),
            Some(Known::Quiet) | None => {}
        }
        if edge.kind == EdgeKind::CExternal {
            return self.call_c(edge);
        }
        let Some(def) = edge.def.get() else {
            let is_opaque = tree.graph.unit_defs(edge.target.unit).next().is_none();
            // A whole unit that is copied or passed on; what its functions do, nobody has called yet.
            let is_unknown = is_opaque && !edge.target.path.is_empty();
            return if is_unknown { Step::Ends(Class::Unknown(full())) } else { Step::Nothing };
        };
        Step::Reaches(def)
    }

    fn call_c(&self, edge: &Edge) -> Step {
        let Some(primitive) = self.primitive(edge) else {
            return Step::Ends(Class::Unknown(edge.target.path));
        };
        let known = table().c_prefixes.iter().find(|(prefix, _)| primitive.starts_with(prefix.as_str()));
        match known {
            Some((_, Known::Write)) => Step::Writes,
            Some(_) => Step::Nothing,
            None => Step::Ends(Class::Outside(primitive)),
        }
    }

    pub(super) fn counts(&self, def: DefId) -> Option<Counts> {
        let def = self.tree.graph.def(def);
        let facts = self.tree.facts(def.file)?;
        Some(facts.counts(facts.item(def.item)))
    }

    /// Whether the text of a definition assigns to a field.
    pub(super) fn assigns(&self, def: DefId) -> bool {
        let definition = self.tree.graph.def(def);
        let is_code = matches!(definition.kind, DefKind::Value | DefKind::Effect | DefKind::Class);
        is_code && self.counts(def).is_some_and(|counts| counts.writes > 0)
    }
}

/// Whether a reference of a kind leads to no code that is known.
pub(super) fn is_no_call(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Type | EdgeKind::ModuleType | EdgeKind::Name | EdgeKind::Primitive)
}

/// Returns each of some definitions once, where it comes first.
fn each_once(defs: Vec<DefId>) -> Vec<DefId> {
    if defs.len() < 12 {
        let mut once: Vec<DefId> = Vec::with_capacity(defs.len());
        for def in defs {
            if !once.contains(&def) {
                once.push(def);
            }
        }
        return once;
    }
    let mut seen: FxHashSet<DefId> = FxHashSet::default();
    defs.into_iter().filter(|&def| seen.insert(def)).collect()
}
