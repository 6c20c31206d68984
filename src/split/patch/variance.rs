//! Abstract types of signatures with names that say how their parameters vary.
//!
//! Behind a wrapper they are equal to a type that clients do not see, and what is known of its parameters is lost: what an
//! application makes for all `'a` is no longer polymorphic. That is for review where a function makes such a value of
//! nothing (`fail : string -> 'a t`). Where none does (`Map.S`), only what is made of a polymorphic value loses it.

use super::equations::Varied;
use super::source::Source;
use super::writer::Writer;
use crate::base::{Idx, Name, Place, Span, UnitId};
use crate::parse::{ItemId, ItemKind};
use crate::split::model::Risk;
use crate::split::signature::{is_concrete, lost_variance};
use rustc_hash::FxHashSet;

/// Notes such types of a module of a unit.
pub(super) fn note(
    writer: &mut Writer<'_>,
    (unit, module): (UnitId, Name),
    interface: &Source<'_>,
    types: &[Varied],
) {
    for Varied { path, values, at } in types {
        if !is_concrete(writer.tree, unit, module, path) {
            continue;
        }
        let mut is_made = false;
        for &(file, item) in values {
            let source = writer.source(file);
            is_made |= source.map_or(true, |source| makes_of_nothing(&source, item, last(path, 1)));
        }
        // What stands around the signature may make it, too.
        let items = (0..interface.facts.items.len()).map(ItemId::new);
        is_made |= items.into_iter().any(|item| makes_of_nothing(interface, item, last(path, 2)));
        let place = Place { file: interface.shown.clone(), at: Some(interface.facts.line_col(*at)) };
        let path = if module.is_empty() { path.to_string() } else { format!("{module}.{path}") };
        let risk = match is_made {
            true => lost_variance(&path, place),
            false => Risk {
                code: "variance-hidden",
                message: format!(
                    "how the parameters of {path} vary is not seen any more: what is made of an empty one need not be polymorphic"
                ),
                place: Some(place),
            },
        };
        writer.risk(risk);
    }
}

/// Whether a value is a function that makes something of a type for all types of some parameter.
fn makes_of_nothing(source: &Source<'_>, item: ItemId, path: &str) -> bool {
    let found = source.facts.item(item);
    if !matches!(found.kind, ItemKind::ValueSpec { .. } | ItemKind::External { .. }) {
        return false;
    }
    let Some(name) = source.name_span(item) else { return false };
    let text = source.without_comments(Span { start: name.end, end: source.body(found).end });
    let ty = text.split_once(':').map_or("", |(_, ty)| ty);
    let Some((arguments, result)) = last_arrow(ty) else { return false };
    let known = variables(arguments);
    let has_path = result.match_indices(path).any(|(at, _)| stands_alone(result, at, path.len()));
    has_path && variables(result).iter().any(|variable| !known.contains(variable))
}

/// The arguments of a function type, and its result; none for other types.
fn last_arrow(ty: &str) -> Option<(&str, &str)> {
    let (mut depth, mut last) = (0u32, None);
    for (at, byte) in ty.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'>' if depth == 0 && ty[..at].ends_with('-') => last = Some(at),
            _ => {}
        }
    }
    last.map(|at| (&ty[..at], &ty[at + 1..]))
}

/// The type variables in a text.
fn variables(text: &str) -> FxHashSet<&str> {
    let names = text.match_indices('\'').filter(|&(at, _)| !text[..at].ends_with(is_part));
    let of_name = |(at, _): (usize, &str)| {
        let rest = &text[at + 1..];
        &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())]
    };
    names.map(of_name).collect()
}

fn stands_alone(text: &str, at: usize, n: usize) -> bool {
    !text[..at].ends_with(is_part) && !text[at + n..].starts_with(is_part)
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '\''
}

/// The last components of a path.
fn last(path: &str, n: usize) -> &str {
    path.rmatch_indices('.').nth(n - 1).map_or(path, |(at, _)| &path[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_make_something_of_nothing() {
        let is_made = |ty: &str| {
            let (arguments, result) = last_arrow(ty)?;
            Some(variables(result).iter().any(|variable| !variables(arguments).contains(variable)))
        };
        assert_eq!(is_made("'a t"), None);
        assert_eq!(is_made("string -> 'a t"), Some(true));
        assert_eq!(is_made("('a -> 'b) -> 'a t -> 'b t"), Some(false));
        assert_eq!(is_made("('a -> string) -> unit -> 'b' t"), Some(true));
        assert_eq!((last("Sub.Map.t", 2), last("t", 2), last("Map.t", 1)), ("Map.t", "t", "t"));
    }
}
