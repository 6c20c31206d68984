//! Who owns the constants of a unit: a closure belongs to the function that it points to, a constant to the function
//! that uses it first, and what hangs on a constant to its owner. A constant that the initialisation stores has a name of its
//! own (`let table = ..`): it belongs to the initialisation, whoever uses it.
//!
//! Takes the data section of an object file before its frame table, cut into blocks at its symbols; gives each block an
//! owner or none (the module block, the table of roots, what nothing refers to). A constant that several functions use
//! goes to the first one in code order.

use super::relocatable::{Reference, Relocatable, Spot};
use super::shared::{Pointers, SharedBlock, shared_blocks};
use super::unit::{Functions, Spelling};

/// One block of data: from the header before its symbol to the next one.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Offset of its header.
    pub(super) start: u64,
    /// Offset behind it.
    pub(super) end: u64,
    /// Pointers in it.
    pub(super) n_pointers: u64,
    /// The function that owns it.
    pub(super) owner: Option<usize>,
    /// The block that it has its owner from: itself, where code refers to it.
    pub(super) root: Option<usize>,
}

/// A reference in code, with the function that it is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodeUse {
    /// Its place.
    pub(super) at: u64,
    pub(super) function: usize,
    pub(super) used: Used,
}

/// What code refers to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Used {
    Function(usize),
    Block(usize),
}

/// A symbol of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedBlock {
    pub(super) block: usize,
    /// The length of the symbol's name.
    pub(super) len: usize,
    pub(super) is_global: bool,
}

/// The blocks of a unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Owned {
    /// All blocks, sorted by start.
    pub(super) blocks: Vec<Block>,
    /// Where the initialisation function refers to a block for the first time: place in code, index of the block.
    pub(super) entry_uses: Vec<(u64, usize)>,
    /// How many bytes of the instruction stand before such a place.
    pub(super) n_ahead: u64,
    /// Constants with several users.
    pub(super) shared: Vec<SharedBlock>,
    /// What code refers to within the unit, by place.
    pub(super) code_uses: Vec<CodeUse>,
    /// The listed symbols of blocks.
    pub(super) names: Vec<NamedBlock>,
}

impl Owned {
    /// Returns the index of the block that holds an offset.
    fn block_at(&self, at: u64) -> Option<usize> {
        let index = self.blocks.partition_point(|block| block.start <= at).checked_sub(1)?;
        (at < self.blocks[index].end).then_some(index)
    }
}

/// Sorts out the data of `object` outside of its frame tables (start and end of each, sorted).
pub(super) fn own_data(
    object: &Relocatable<'_>,
    spelling: &Spelling<'_>,
    functions: &Functions,
    references: &[Reference],
    tables: &[(u64, u64)],
) -> Owned {
    let (mut owned, special) = cut(object, spelling, tables);
    let mut order = Vec::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut is_closure = vec![false; owned.blocks.len()];
    let mut block = 0;
    for reference in references {
        // They are sorted, as blocks are.
        while owned.blocks.get(block).is_some_and(|block| block.end <= reference.at) {
            block += 1;
        }
        let Some(own) = owned.blocks.get_mut(block).filter(|block| block.start <= reference.at) else {
            continue;
        };
        own.n_pointers += u64::from(reference.is_pointer);
        match reference.target {
            Spot::Code(target) => {
                if !special[block]
                    && let Some(function) = functions.covering(target)
                {
                    is_closure[block] = true;
                    claim(&mut owned.blocks, &mut order, block, function);
                }
            }
            Spot::Data(target) => pairs.extend(owned.block_at(target).map(|target| (block, target))),
            _ => {}
        }
    }
    let points = Pointers::new(owned.blocks.len(), &pairs);
    let mut users = functions.walk();
    for reference in &object.code_references {
        let Some(function) = users.covering(reference.at) else { continue };
        let used = match reference.target {
            Spot::Code(target) => functions.covering(target).map(Used::Function),
            Spot::Data(target) => owned.block_at(target).map(Used::Block),
            Spot::Other(_) | Spot::Elsewhere => None,
        };
        owned.code_uses.extend(used.map(|used| CodeUse { at: reference.at, function, used }));
    }
    let of_blocks = owned.code_uses.iter().filter_map(|use_| match use_.used {
        Used::Block(block) if !special[block] => Some((use_.at, use_.function, block)),
        _ => None,
    });
    let uses: Vec<(u64, usize, usize)> = of_blocks.collect();
    let is_entry = |function: usize| functions.list[function].is_entry;
    let mut seen = vec![false; owned.blocks.len()];
    for &(at, function, block) in uses.iter().filter(|&&(_, function, _)| is_entry(function)) {
        claim(&mut owned.blocks, &mut order, block, function);
        if !std::mem::replace(&mut seen[block], true) {
            owned.entry_uses.push((at, block));
        }
    }
    for &(_, function, block) in uses.iter().filter(|&&(_, function, _)| !is_entry(function)) {
        claim(&mut owned.blocks, &mut order, block, function);
    }
    spread(&mut owned.blocks, order, &points, &special);
    let is_constant = |block: usize| !special[block] && !is_closure[block];
    owned.shared = shared_blocks(&owned.blocks, &uses, &points, is_constant, is_entry);
    owned
}

/// Cuts the data at its symbols, and marks the blocks that belong to the unit as such.
fn cut(object: &Relocatable<'_>, spelling: &Spelling<'_>, tables: &[(u64, u64)]) -> (Owned, Vec<bool>) {
    // Start, number of the symbol, whether the block is the unit's own.
    let mut starts: Vec<(u64, usize, bool)> = Vec::new();
    let mut named: Vec<(u64, usize, bool)> = Vec::new();
    for (i, symbol) in object.symbols.iter().enumerate().filter(|(_, symbol)| symbol.is_listed) {
        let Spot::Data(at) = symbol.spot else { continue };
        named.push((at, symbol.name.len(), symbol.is_global));
        let local = spelling.local(symbol.name);
        if matches!(local, Some("data_begin" | "data_end" | "frametable")) {
            continue;
        }
        let is_roots = local == Some("gc_roots");
        let start = if is_roots { at } else { at.saturating_sub(8) };
        starts.push((start, i, is_roots || local == Some("")));
    }
    starts.sort_unstable();
    // Of several symbols at one place the first tells.
    starts.dedup_by_key(|&mut (start, _, _)| start);
    let n_data = object.data.len() as u64;
    let ends = starts.iter().skip(1).map(|&(start, _, _)| start).chain([n_data]);
    let blocks = starts.iter().zip(ends).map(|(&(start, _, _), next)| {
        let table = tables.get(tables.partition_point(|&(_, table_end)| table_end <= start));
        let end = table.map_or(next, |&(table_start, _)| next.min(table_start)).max(start);
        Block { start, end, n_pointers: 0, owner: None, root: None }
    });
    let special = starts.iter().map(|&(_, _, is_special)| is_special).collect();
    let mut owned = Owned { blocks: blocks.collect(), n_ahead: object.n_opcode_bytes(), ..Owned::default() };
    let names = named
        .into_iter()
        .filter_map(|(at, len, is_global)| Some(NamedBlock { block: owned.block_at(at)?, len, is_global }));
    owned.names = names.collect();
    (owned, special)
}

/// Gives a block to a function, unless it has an owner.
fn claim(blocks: &mut [Block], order: &mut Vec<usize>, block: usize, function: usize) {
    if blocks[block].owner.is_none() {
        blocks[block].owner = Some(function);
        order.push(block);
    }
}

/// Lets owners spread along pointers. Ends because a block gets an owner once. The last owned block goes first.
fn spread(blocks: &mut [Block], order: Vec<usize>, points: &Pointers, special: &[bool]) {
    let mut todo = order.clone();
    for &block in &order {
        blocks[block].root = Some(block);
    }
    while let Some(block) = todo.pop() {
        for &target in points.of(block) {
            if blocks[target].owner.is_none() && !special[target] {
                blocks[target].owner = blocks[block].owner;
                blocks[target].root = blocks[block].root;
                todo.push(target);
            }
        }
    }
}
