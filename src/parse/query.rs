//! The queries of `queries/`, embedded: what is in a file, said in patterns.
//!
//! A query pass costs three times the walk, so facts come from the walk; queries are for shapes that rules look for, for
//! what stands at a place in an editor, and as the readable specification that the walk is tested against.

use crate::base::Span;
use crate::project::SourceKind;
use tree_sitter::{Query, QueryCursor, StreamingIterator};

/// The names of definitions.
pub const DEFINITIONS: &str = include_str!("../../queries/definitions.scm");
/// The paths by name space.
pub const REFERENCES: &str = include_str!("../../queries/references.scm");
/// Where names end.
pub const SCOPES: &str = include_str!("../../queries/scopes.scm");
/// Module aliases.
pub const ALIASES: &str = include_str!("../../queries/aliases.scm");

/// Every capture name of the queries.
pub const CAPTURES: &[&str] = &[
    "alias",
    "alias.sealed",
    "attribute",
    "constrained",
    "definition.class",
    "definition.constructor",
    "definition.exception",
    "definition.field",
    "definition.module",
    "definition.module_type",
    "definition.type",
    "definition.value",
    "name",
    "reference.class",
    "reference.class_type",
    "reference.constructor",
    "reference.field",
    "reference.module",
    "reference.module_type",
    "reference.type",
    "reference.value",
    "scope",
];

/// A query, compiled for one kind of file: that takes as long as parsing a large file, so keep it.
pub struct Patterns {
    query: Query,
    kind: SourceKind,
}

impl Patterns {
    /// Compiles a query for a kind of file.
    ///
    /// # Errors
    /// When the query does not fit the grammar.
    pub fn new(query: &str, kind: SourceKind) -> Result<Self, tree_sitter::QueryError> {
        Ok(Patterns { query: Query::new(&super::syntax::Syntax::of(kind).language, query)?, kind })
    }

    /// Returns the captures in a text, in source order, each once, with their names; none where it cannot be parsed.
    #[must_use]
    pub fn captures(&self, text: &[u8]) -> Vec<(Span, &str)> {
        let Some(tree) = super::parse_tree(&super::mask(text), self.kind, Span::new(0, text.len())) else {
            return Vec::new();
        };
        let names = self.query.capture_names();
        let mut cursor = QueryCursor::new();
        let mut found = Vec::new();
        let mut matches = cursor.matches(&self.query, tree.root_node(), text);
        while let Some(one) = matches.next() {
            let captures = one.captures().iter();
            found.extend(captures.map(|capture| {
                let span = Span::new(capture.node.start_byte(), capture.node.end_byte());
                (span, names[capture.index as usize])
            }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::Syntax;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn queries_compile_and_every_capture_is_known_and_used() {
        let mut used = BTreeSet::new();
        for kind in [SourceKind::Implementation, SourceKind::Interface] {
            for text in [DEFINITIONS, REFERENCES, SCOPES, ALIASES] {
                let query = Query::new(&Syntax::of(kind).language, text).expect("it fits the grammar");
                used.extend(query.capture_names().iter().map(|&name| name.to_owned()));
            }
        }
        let known: BTreeSet<_> = CAPTURES.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(used, known);
    }
}
