//! The edges of one unit in little room: those of all units are there when the graph is put together, beside the graph.
//!
//! Numbers have seven bits to a byte, the lowest first, with the high bit where more follow. Of each edge there are what it
//! is, with whether its definition is told and whether that is in the target's unit; its owner and its start, as far behind
//! those of the edge before; the target's unit, the definition, and the length of the text. Twelve bytes, with the path.

use super::{LocalEdge, LocalId};
use crate::base::{Name, Span, UnitId};
use crate::resolve::model::{EdgeKind, PackedFlags, Target};
use std::cell::RefCell;

/// Edges by the definition that they come from, those of one in source order.
#[derive(Clone, Debug, Default)]
pub(crate) struct PackedEdges {
    /// The path of each edge's target.
    paths: Box<[Name]>,
    /// The rest of each edge.
    bytes: Box<[u8]>,
}

/// All kinds, each where its number says.
const KINDS: [EdgeKind; 10] = [
    EdgeKind::Value,
    EdgeKind::CExternal,
    EdgeKind::Primitive,
    EdgeKind::Module,
    EdgeKind::Exception,
    EdgeKind::Extension,
    EdgeKind::Class,
    EdgeKind::Type,
    EdgeKind::ModuleType,
    EdgeKind::Name,
];

/// Bits of the first number: the kind, the definition, the flags.
const DEF_SHIFT: u32 = 4;
const FLAGS_SHIFT: u32 = 6;

/// No definition is told; it is in the target's unit; it is in another one.
const NO_DEF: u32 = 0;
const DEF_THERE: u32 = 1;
const DEF_ELSEWHERE: u32 = 2;

thread_local! {
    /// Room to pack in: what is kept has its exact length.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl PackedEdges {
    /// Packs edges that are in source order.
    pub(crate) fn new(edges: &mut [LocalEdge]) -> PackedEdges {
        // Most of them are in this order already.
        edges.sort_by_key(|edge| edge.from);
        ROOM.with_borrow_mut(|room| {
            room.clear();
            let (mut from, mut start) = (0, 0);
            for edge in edges.iter() {
                let def = edge.def.get();
                let state = def.map_or(NO_DEF, |(unit, _)| match unit == edge.target.unit {
                    true => DEF_THERE,
                    false => DEF_ELSEWHERE,
                });
                let flags = u32::from(edge.flags.bits());
                push(room, edge.kind as u32 | state << DEF_SHIFT | flags << FLAGS_SHIFT);
                push(room, edge.from - std::mem::replace(&mut from, edge.from));
                push(room, edge.target.unit.0);
                if let Some((unit, number)) = def {
                    if state == DEF_ELSEWHERE {
                        push(room, unit.0);
                    }
                    push(room, number);
                }
                let ahead =
                    edge.span.start.wrapping_sub(std::mem::replace(&mut start, edge.span.start)) as i32;
                // The sign comes last, so that a step back is short as well.
                push(room, (ahead << 1 ^ ahead >> 31) as u32);
                push(room, edge.span.end.wrapping_sub(edge.span.start));
            }
            let paths = edges.iter().map(|edge| edge.target.path).collect();
            PackedEdges { paths, bytes: room.as_slice().into() }
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    /// Returns the edges.
    pub(crate) fn iter(&self) -> impl Iterator<Item = LocalEdge> + '_ {
        let mut numbers = Numbers(self.bytes.iter());
        let (mut from, mut start) = (0, 0u32);
        self.paths.iter().map(move |&path| {
            let head = numbers.next();
            from += numbers.next();
            let target = Target { unit: UnitId(numbers.next()), path };
            let def: Option<LocalId> = match head >> DEF_SHIFT & 3 {
                NO_DEF => None,
                DEF_THERE => Some((target.unit, numbers.next())),
                _ => Some((UnitId(numbers.next()), numbers.next())),
            };
            let ahead = numbers.next();
            start = start.wrapping_add(ahead >> 1 ^ (ahead & 1).wrapping_neg());
            let span = Span { start, end: start.wrapping_add(numbers.next()) };
            let kind = KINDS[(head & 15) as usize];
            let flags = PackedFlags::of_bits((head >> FLAGS_SHIFT) as u16);
            LocalEdge { from, kind, target, def: def.into(), span, flags }
        })
    }
}

fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads what [`push`] has written.
struct Numbers<'b>(std::slice::Iter<'b, u8>);

impl Numbers<'_> {
    fn next(&mut self) -> u32 {
        let mut byte = || self.0.next().copied().expect("each edge has all of its numbers");
        let first = byte();
        let mut number = u32::from(first & 0x7f);
        let (mut more, mut shift) = (first >= 0x80, 7);
        while more {
            let next = byte();
            number |= u32::from(next & 0x7f) << shift;
            shift += 7;
            more = next >= 0x80;
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::name;
    use crate::resolve::model::{EdgeFlags, TypePart};

    #[test]
    fn kinds_are_where_their_numbers_say() {
        assert!(KINDS.iter().enumerate().all(|(nth, &kind)| kind as usize == nth));
    }

    #[test]
    fn edges_come_out_as_they_went_in_and_by_owner() {
        let flags = EdgeFlags { by_type: true, part: Some(TypePart::Field), ..EdgeFlags::default() };
        let edge = |from, def: Option<LocalId>, start, end, flags: EdgeFlags| LocalEdge {
            from,
            kind: KINDS[from as usize % KINDS.len()],
            target: Target { unit: UnitId(7), path: name("Sub.f") },
            def: def.into(),
            span: Span { start, end },
            flags: flags.into(),
        };
        let mut edges = vec![
            edge(0, None, 10, 12, EdgeFlags::default()),
            edge(1_000_000, Some((UnitId(7), 3)), u32::MAX - 1, u32::MAX, flags),
            edge(9, Some((UnitId(70_000), u32::MAX - 1)), 0, 0, flags),
            edge(9, Some((UnitId(7), 128)), u32::MAX, u32::MAX, EdgeFlags::default()),
            edge(8, None, 127, 128, flags),
        ];
        let text = |edges: &[LocalEdge]| edges.iter().map(|edge| format!("{edge:?}")).collect::<Vec<_>>();
        let packed = PackedEdges::new(&mut edges);
        assert_eq!(packed.len(), edges.len());
        assert_eq!(text(&packed.iter().collect::<Vec<_>>()), text(&edges));
        assert_eq!(edges.iter().map(|edge| edge.from).collect::<Vec<_>>(), [0, 8, 9, 9, 1_000_000]);
        assert_eq!(PackedEdges::default().iter().count(), 0);
    }
}
