//! What one file says: text in, [`FileFacts`] out. Looks at one file only.
//!
//! tree-sitter parses, one walk over the tree takes the facts, the tree (39 times the text) is dropped at once.
//! What does not parse is an entry of [`FileFacts::errors`]; the facts of what surrounds it stand.

mod conditional;
#[cfg(test)]
mod dump;
mod facts;
mod generator;
mod layout;
mod lexical;
mod pieces;
pub mod query;
mod remark;
mod room;
mod syntax;
#[cfg(test)]
mod tests;
mod type_shape;
mod walk;

pub use conditional::{NEWEST, Version, active_text, first_condition, is_conditional};
pub use facts::*;
pub use generator::{Made, made_text};
pub use layout::Layout;
pub use remark::{Remark, has_remarks, remarks};
pub use type_shape::TypeShape;

use crate::base::Span;
use crate::project::SourceKind;
use pieces::pieces;
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Mutex;
use syntax::Syntax;
use tree_sitter::{Node, ParseOptions, Parser, Point, Tree};
use walk::Progress;

/// Pieces are at least this long, except the last; what is not twice as long is parsed as a whole.
///
/// The trees that are there at one time are the most that parsing takes: one of half a megabyte of text takes twenty. Shorter
/// pieces save little more, since other files have items as long.
const PIECE_BYTES: usize = 32 << 10;

/// The length above which a file is never parsed as a whole, be it broken: its tree would take a sixth of a gigabyte.
const WHOLE_BYTES: usize = 4 << 20;

/// The length above which a piece is not parsed: its tree would take two thirds of a gigabyte.
///
/// A piece is as long where one item of the file is. Such a piece has no facts; it is an entry of
/// [`FileFacts::unread`]. The largest hand-written OCaml file that was met has 0.6 MB, the largest generated one 3.2 MB.
pub const MAX_PIECE_BYTES: usize = 16 << 20;

/// Long trees are made one at a time, whatever the number of threads.
static LONG: Mutex<()> = Mutex::new(());

thread_local! {
    /// A parser keeps its stacks, so one per thread serves all files.
    static PARSER: RefCell<Parser> = RefCell::new(Parser::new());
}

/// Reads the facts of one file.
///
/// Names that are not valid UTF-8 have U+FFFD in place of what is not. The work is in proportion to the text: what takes
/// more than that, or more memory than there should be, is an entry of [`FileFacts::unread`].
#[must_use]
pub fn parse_file(text: &[u8], kind: SourceKind) -> FileFacts {
    let masked = mask(text);
    let facts = parse_masked(text, &masked, kind);
    if facts.errors.is_empty() {
        return facts;
    }
    let Some(renamed) = with_effect_as_a_name(&masked) else { return facts };
    let other = parse_masked(text, &renamed, kind);
    if other.errors.len() < facts.errors.len() && other.unread.len() <= facts.unread.len() {
        return other;
    }
    facts
}

/// Reads the facts of a text, of which the parser sees another form of the same length.
fn parse_masked(text: &[u8], masked: &[u8], kind: SourceKind) -> FileFacts {
    let whole = [Span::new(0, text.len())];
    if text.len() <= 2 * PIECE_BYTES {
        return read_pieces(text, masked, kind, &whole, false);
    }
    let pieces = pieces(text, PIECE_BYTES);
    // What is made of a text that does not parse depends on what is around it.
    let is_strict = text.len() <= WHOLE_BYTES;
    let facts = read_pieces(text, masked, kind, &pieces, is_strict);
    if is_sound(&facts) || !is_strict {
        return facts;
    }
    let facts = read_pieces(text, masked, kind, &whole, false);
    if facts.unread.is_empty() {
        return facts;
    }
    // One item that takes too long is not to take the others along.
    read_pieces(text, masked, kind, &pieces, false)
}

/// Whether all of a text was parsed, as it stands there.
fn is_sound(facts: &FileFacts) -> bool {
    facts.errors.is_empty() && facts.unread.is_empty()
}

/// Reads the facts of a text that is parsed piece by piece; if `is_strict`, up to the first piece that is not sound.
fn read_pieces(text: &[u8], masked: &[u8], kind: SourceKind, pieces: &[Span], is_strict: bool) -> FileFacts {
    let mut progress = Progress::new(text, kind);
    for &piece in pieces {
        if is_strict && !is_sound(&progress.facts) {
            break;
        }
        let is_long = piece.len() as usize > WHOLE_BYTES;
        let lock = is_long.then(|| LONG.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let tree = match piece.len() as usize > MAX_PIECE_BYTES {
            true => None,
            false => parse_tree(masked, kind, piece),
        };
        match tree {
            Some(tree) => progress = progress.walk(text, tree.root_node()),
            None => progress.facts.unread.push(piece),
        }
        drop(lock);
    }
    room::settle(&mut progress.facts);
    progress.facts
}

/// Parses a part of a text; `None` when that takes out of all proportion long.
fn parse_tree(text: &[u8], kind: SourceKind, part: Span) -> Option<Tree> {
    // The grammar's scanner reads comments inside comments by recursion. What no comment nests deeper than is the number
    // of openings, so a text with very many of them gets a stack for that, on a thread of its own.
    let bytes = text.get(part.start as usize..part.end as usize)?;
    if column_work(bytes) > MAX_COLUMN_WORK {
        return None;
    }
    let n_openings = memchr::memmem::find_iter(bytes, b"(*").count();
    if n_openings <= MAX_OPENINGS {
        return parse_here(text, kind, part);
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size((1 << 20) + n_openings * COMMENT_FRAME_BYTES);
        builder.spawn_scoped(scope, || parse_here(text, kind, part)).ok()?.join().ok()?
    })
}

/// How many bytes the grammar's scanner goes over to learn columns: it asks for that of every `#`, which begins a directive at
/// the start of a line, and a line is gone over from its start each time.
fn column_work(bytes: &[u8]) -> u64 {
    let hashes = || memchr::memchr_iter(b'#', bytes);
    let most = hashes().count() as u64 * bytes.len() as u64;
    if most <= MAX_COLUMN_WORK {
        return most;
    }
    let (mut line_start, mut seen) = (0, 0);
    let columns = hashes().map(|at| {
        if let Some(end) = memchr::memrchr(b'\n', &bytes[seen..at]) {
            line_start = seen + end + 1;
        }
        seen = at;
        (at - line_start) as u64
    });
    columns.sum()
}

/// What takes more has very many `#` in one line of very many bytes; it is gone over in a second.
const MAX_COLUMN_WORK: u64 = 1 << 29;

/// More stack than one level of nested comments takes in the grammar's scanner (measured: about 100 bytes).
const COMMENT_FRAME_BYTES: usize = 256;

/// As many comments may nest on the stack of any thread: half a megabyte of it.
const MAX_OPENINGS: usize = (512 << 10) / COMMENT_FRAME_BYTES;

/// Parses a part of a text with the parser of this thread.
fn parse_here(text: &[u8], kind: SourceKind, part: Span) -> Option<Tree> {
    // tree-sitter asks now and then whether to go on. Valid code asks about once in 40 bytes; error recovery may ask
    // much more often. The limit is in questions and not in time, so that the result is the same on any machine.
    let limit = 10_000 + part.len() as usize * 4;
    let mut n_asked = 0;
    let mut progress = |_: &tree_sitter::ParseState| {
        n_asked += 1;
        if n_asked > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    // Pieces begin a line, and no part of the walk asks for rows.
    let range = tree_sitter::Range {
        start_byte: part.start as usize,
        end_byte: part.end as usize,
        start_point: Point::default(),
        end_point: Point { row: usize::MAX, column: usize::MAX },
    };
    let is_whole = part.len() as usize == text.len();
    PARSER.with_borrow_mut(|parser| {
        parser.reset();
        parser.set_language(&Syntax::of(kind).language).expect("the grammar is built for this tree-sitter");
        let ranges = if is_whole { &[][..] } else { std::slice::from_ref(&range) };
        parser.set_included_ranges(ranges).expect("one range is in order");
        let options = ParseOptions::new().progress_callback(&mut progress);
        parser.parse_with_options(&mut |at, _| text.get(at..).unwrap_or(&[]), None, Some(options))
    })
}

/// OCaml before 5.3 reads Latin-1, tree-sitter UTF-8: where a text is not UTF-8, its letters become ASCII ones, for the
/// parser alone and byte by byte, so that every position stays what it was.
fn mask(text: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(text).is_ok() {
        return Cow::Borrowed(text);
    }
    let mask = |&byte: &u8| match byte {
        0xc0..=0xd6 | 0xd8..=0xde => b'Z',
        0xdf..=0xf6 | 0xf8..=0xff => b'z',
        0x80.. => b'?',
        _ => byte,
    };
    Cow::Owned(text.iter().map(mask).collect())
}

/// OCaml before 5.3 has names that are called `effect`, for the grammar it is a keyword everywhere: where it begins no pattern of
/// an effect (`| effect P, k ->`), the parser gets another name. None where it is nowhere such a name.
fn with_effect_as_a_name(text: &[u8]) -> Option<Vec<u8>> {
    const WORD: &[u8] = b"effect";
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | 0x80..);
    let is_name = |&at: &usize| {
        let (before, behind) = (text[..at].trim_ascii_end(), text[at + WORD.len()..].trim_ascii_start());
        let is_word =
            !text[..at].last().is_some_and(is_letter) && !text.get(at + WORD.len()).is_some_and(is_letter);
        let begins_case = before.ends_with(b"|") || before.ends_with(b"with");
        let is_before_pattern = behind.first().is_some_and(|byte| is_letter(byte) || *byte == b'(')
            && !behind.starts_with(b"when")
            && !behind.starts_with(b"as ");
        is_word && !(begins_case && is_before_pattern)
    };
    let places: Vec<usize> = memchr::memmem::find_iter(text, WORD).filter(is_name).collect();
    let mut renamed = (!places.is_empty()).then(|| text.to_vec())?;
    places.into_iter().for_each(|at| renamed[at] = b'x');
    Some(renamed)
}

/// A comment that goes on to the end of the text, since nothing ends it: to the grammar the end is as good.
fn open_comment(root: Node<'_>, text: &[u8]) -> Option<Span> {
    let end = root.end_byte();
    let last = root.descendant_for_byte_range(end.checked_sub(1)?, end)?;
    let is_open = last.kind() == "comment" && !text.get(last.byte_range())?.ends_with(b"*)");
    is_open.then(|| Span::new(last.start_byte(), last.end_byte()))
}

/// The spans of ERROR nodes, outermost only, and of tokens that are missing, in source order.
fn error_spans(root: Node<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            spans.push(Span::new(node.start_byte(), node.end_byte()));
        } else if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return spans;
            }
        }
    }
}
