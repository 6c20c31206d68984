//! Constants that several definitions of one unit share: equal ones are compiled once in a unit, and once in each of the
//! units that its definitions are parted into.
//!
//! A constant that only functions use is shared by those functions. One that the initialisation stores has a name of its own
//! (`let table = ..`); other units refer to it by that name, so functions that use it do not count, only further names that
//! the initialisation stores the same constant under. What hangs on a constant is shared by all who have the constant.

use super::Anatomy;
use super::ownership::Block;
use super::unit::User;
use std::collections::BTreeSet;

/// Users of one constant that are told apart, at most: parts that a unit may become are fewer.
const MAX_USERS: usize = 256;

/// Constants with the same owner and the same users.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct SharedConstants {
    /// Who has their bytes.
    pub owner: User,
    /// All who use them, sorted; the owner may be among them.
    pub users: Vec<User>,
    /// What one more copy costs.
    pub anatomy: Anatomy,
}

/// A place that refers to a block: the function, and for initialisation code the offset.
pub(super) type Use = (usize, u64);

/// Which blocks point to which.
pub(super) struct Pointers {
    /// For each block where its targets start, and last where they end.
    starts: Vec<usize>,
    targets: Vec<usize>,
}

impl Pointers {
    /// Takes pairs of block and target, those of a block in the order that they shall keep and sorted by block.
    pub(super) fn new(n_blocks: usize, pairs: &[(usize, usize)]) -> Self {
        let mut starts = vec![0; n_blocks + 1];
        pairs.iter().for_each(|&(block, _)| starts[block + 1] += 1);
        for block in 0..n_blocks {
            starts[block + 1] += starts[block];
        }
        Pointers { starts, targets: pairs.iter().map(|&(_, target)| target).collect() }
    }

    /// Returns what a block points to.
    pub(super) fn of(&self, block: usize) -> &[usize] {
        &self.targets[self.starts[block]..self.starts[block + 1]]
    }
}

/// A block with more than one user.
#[derive(Clone, Debug)]
pub(super) struct SharedBlock {
    pub(super) block: usize,
    pub(super) users: Vec<Use>,
}

/// Finds the blocks with several users. `uses` are places in code, functions and blocks; `is_constant` tells blocks that
/// are neither the unit's own nor closures. Ends because sets of users only grow, and are bounded.
pub(super) fn shared_blocks(
    blocks: &[Block],
    uses: &[(u64, usize, usize)],
    points: &Pointers,
    is_constant: impl Fn(usize) -> bool,
    is_entry: impl Fn(usize) -> bool,
) -> Vec<SharedBlock> {
    let mut users: Vec<BTreeSet<Use>> = vec![BTreeSet::new(); blocks.len()];
    let mut is_named = vec![false; blocks.len()];
    for &(at, function, block) in uses.iter().filter(|&&(_, function, _)| is_entry(function)) {
        is_named[block] = true;
        users[block].insert((function, at));
    }
    for &(_, function, block) in uses.iter().filter(|&&(_, function, _)| !is_entry(function)) {
        if !is_named[block] {
            users[block].insert((function, 0));
        }
    }
    let mut todo: Vec<usize> = (0..blocks.len()).filter(|&block| !users[block].is_empty()).collect();
    while let Some(block) = todo.pop() {
        if !is_constant(block) {
            continue;
        }
        for &target in points.of(block).iter().filter(|&&target| is_constant(target)) {
            if target == block {
                continue;
            }
            let before = users[target].len();
            let added: Vec<Use> = users[block].iter().copied().collect();
            let room = MAX_USERS.saturating_sub(before);
            users[target].extend(added.into_iter().take(room));
            if users[target].len() > before {
                todo.push(target);
            }
        }
    }
    let shared =
        users.into_iter().enumerate().filter(|(block, users)| users.len() > 1 && is_constant(*block));
    shared.map(|(block, users)| SharedBlock { block, users: users.into_iter().collect() }).collect()
}
