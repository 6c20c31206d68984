//! Initialisation code in pieces: by source line, and by what is stored.

use super::Piece;
use super::functions::Functions;
use crate::base::Name;
use crate::size::Anatomy;
use crate::size::frametable::Frame;
use crate::size::lines::Row;
use crate::size::ownership::Owned;

/// Cuts an initialisation function where the line table changes lines, and where it stores closures and constants
/// without a line. Returns the pieces with their starts.
pub(super) fn cut_entry(
    functions: &Functions,
    entry: usize,
    rows: &[Row],
    frames: &[Frame],
    owned: &Owned,
) -> (Vec<Piece>, Vec<u64>) {
    let (start, end) = functions.ranges[entry];
    let empty = Piece { line: None, closure_of: None, stores_constant: false, anatomy: Anatomy::default() };
    let mut cuts: Vec<(u64, Cut)> = vec![(start, Cut::Start)];
    for &(at, block) in owned.entry_uses.iter().filter(|&&(at, _)| start <= at && at < end) {
        let owner = owned.blocks[block].owner.filter(|&owner| owner != entry);
        let closure_of = owner.map(|owner| owner as u32);
        cuts.push((at.saturating_sub(owned.n_ahead).max(start), Cut::Store(closure_of)));
    }
    let first_row = rows.partition_point(|row| row.at < start);
    let own_rows = rows[first_row..].iter().take_while(|row| row.at < end);
    cuts.extend(own_rows.map(|row| (row.at, Cut::Line(row.file, row.line))));
    // At one place, what comes later counts.
    cuts.sort_by_key(|&(at, _)| at);
    // Pieces are kept to the end: their list gets its exact length.
    let n_pieces = cuts.chunk_by(|(one, _), (next, _)| one == next).count();
    let mut starts: Vec<u64> = Vec::with_capacity(n_pieces);
    let mut pieces: Vec<Piece> = Vec::with_capacity(n_pieces);
    for (at, cut) in cuts {
        if starts.last() != Some(&at) {
            starts.push(at);
            pieces.push(empty);
        }
        let Some(piece) = pieces.last_mut() else { continue };
        match cut {
            Cut::Start => {}
            Cut::Store(closure_of) => {
                *piece = Piece { closure_of, stores_constant: closure_of.is_none(), ..empty };
            }
            // Several rows at one place: the last one is what the code there comes from. A store within an unfinished line
            // has cut it; the rest of the line goes on with the next row.
            Cut::Line(file, line) => piece.line = Some((file, line)),
        }
    }
    let piece_at = |at: u64| starts.partition_point(|&start| start <= at).saturating_sub(1);
    for (i, piece) in pieces.iter_mut().enumerate() {
        piece.anatomy.text = starts.get(i + 1).copied().unwrap_or(end) - starts[i];
    }
    for frame in frames.iter().filter(|frame| start < frame.return_at && frame.return_at <= end) {
        let anatomy = &mut pieces[piece_at(frame.return_at - 1)].anatomy;
        anatomy.frametable += frame.descriptor + frame.records;
        anatomy.pointers += 1;
    }
    // Blocks that hang on one that is stored there come with it, and their symbols.
    let mut piece_of: Vec<Option<usize>> = vec![None; owned.blocks.len()];
    for &(at, block) in owned.entry_uses.iter().filter(|&&(at, _)| start <= at && at < end) {
        if owned.blocks[block].owner == Some(entry) {
            piece_of[block] = Some(piece_at(at));
        }
    }
    for block in &owned.blocks {
        if let Some(piece) = block.root.and_then(|root| piece_of[root]) {
            pieces[piece].anatomy.data += block.end - block.start;
            pieces[piece].anatomy.pointers += block.n_pointers;
        }
    }
    for named in &owned.names {
        if let Some(piece) = owned.blocks[named.block].root.and_then(|root| piece_of[root]) {
            pieces[piece].anatomy.add_symbol_of_len(named.len, named.is_global);
        }
    }
    (pieces, starts)
}

/// Why initialisation code is cut.
#[derive(Clone, Copy)]
enum Cut {
    Start,
    /// A closure of a function is stored, or a constant.
    Store(Option<u32>),
    Line(Name, u32),
}
