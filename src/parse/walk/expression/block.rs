//! Constants, and what is allocated: tuples, records, lists, arrays, constructors with arguments.

use crate::parse::syntax::Field;
use crate::parse::syntax::Kind;
use crate::parse::walk::string::{decoded_len, format_parts};
use crate::parse::walk::{Child, Place, Walk};
use crate::parse::{RefKind, Role};
use tree_sitter::Node;

impl<'t> Walk<'t> {
    pub(super) fn block(&mut self, node: Node<'t>, kind: Kind) {
        let children = self.children_without_fields(node);
        let is_part = |child: &&Child<'t>| match kind {
            Kind::RecordExpression => child.kind == Kind::FieldExpression,
            _ => !matches!(child.kind, Kind::Token | Kind::Error),
        };
        let n = children.iter().filter(is_part).count() as u32;
        self.counts.records += u32::from(kind == Kind::RecordExpression);
        self.counts.arrays += u32::from(kind == Kind::ArrayExpression && n > 0);
        match kind {
            Kind::ListExpression => self.count_blocks(node, n, 2 * n),
            _ => self.count_blocks(node, 1, n),
        }
        for &child in &children {
            self.plan(child, Place::Plain);
        }
        self.recycle(children);
    }

    /// `M.x = e`, `x : t`, `M.x` in a record: the last two use x.
    pub(super) fn field_expression(&mut self, node: Node<'t>) {
        let children = self.children(node);
        let is_pun = !children.iter().any(|child| child.field == Field::Body);
        for &child in &children {
            if child.kind == Kind::FieldPath && child.field == Field::Other {
                self.path_ref(child.node, RefKind::Field, Role::Plain);
                if is_pun && let Some((name, span)) = self.last_name(child.node) {
                    self.name_ref(name, span);
                }
            } else {
                self.plan(child, Place::Plain);
            }
        }
        self.recycle(children);
    }

    pub(super) fn constant(&mut self, node: Node<'t>, place: Place) {
        if place.is_pattern() {
            self.counts.pattern_constants += 1;
            return;
        }
        self.counts.literals += 1;
        let is_boxed = matches!(self.text_of(node).last(), Some(b'l' | b'L' | b'n'));
        self.counts.boxed_constants += u32::from(is_boxed && node.start_byte() < self.block_end);
    }

    pub(super) fn string(&mut self, node: Node<'t>, place: Place) {
        let text = self.text_of(node);
        let n_bytes = decoded_len(text);
        if place.is_pattern() {
            self.counts.pattern_strings += 1;
            self.counts.pattern_string_bytes += n_bytes;
        } else {
            self.counts.strings += 1;
            self.counts.array_constants += u32::from(node.start_byte() < self.array_end);
            self.counts.string_bytes += n_bytes;
            if self.formats.remove(&(node.start_byte() as u32)) {
                self.counts.format_parts += format_parts(text);
            }
        }
    }

    pub(super) fn count_blocks(&mut self, node: Node<'t>, n_blocks: u32, n_fields: u32) {
        self.counts.blocks += n_blocks;
        self.counts.block_fields += n_fields;
        if self.is_static(node) {
            self.counts.constant_blocks += n_blocks;
            self.counts.constant_fields += n_fields;
            self.block_end = self.block_end.max(node.end_byte());
            if self.syntax.kind(node.kind_id()) == Kind::ArrayExpression {
                self.array_end = self.array_end.max(node.end_byte());
            }
            self.counts.array_constants += if node.start_byte() < self.array_end { n_blocks } else { 0 };
        }
    }
}
