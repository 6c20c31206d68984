//! Who refers to the functions of a unit, and to the constants that several of them use.

use super::User;
use super::functions::Functions;
use crate::size::Anatomy;
use crate::size::ownership::{Owned, Used};
use crate::size::shared::SharedConstants;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Finds for each function who refers to it: the first other function that does, else the initialisation; and to whom it refers.
pub(super) fn find_users(functions: &mut Functions, owned: &Owned, starts: &FxHashMap<usize, Vec<u64>>) {
    for reference in &owned.code_uses {
        let used = match reference.used {
            Used::Function(function) => Some(function),
            Used::Block(block) => owned.blocks[block].owner,
        };
        let (Some(used), user) = (used, reference.function) else { continue };
        if used == user {
            continue;
        }
        if !functions.list[user].is_entry && functions.list[user].uses.is_none() {
            functions.list[user].uses = Some(used as u32);
        }
        let known = functions.list[used].user;
        functions.list[used].user = match starts.get(&user) {
            None if !matches!(known, Some(User::Function(_))) => Some(User::Function(user as u32)),
            Some(starts) if known.is_none() => {
                let piece = starts.partition_point(|&start| start <= reference.at).saturating_sub(1);
                Some(User::Piece(user as u32, piece as u32))
            }
            _ => known,
        };
    }
}

/// Returns the constants with several users, those of the same owner and users in one.
pub(super) fn shared_constants(
    functions: &Functions,
    owned: &Owned,
    starts: &FxHashMap<usize, Vec<u64>>,
) -> Vec<SharedConstants> {
    if owned.shared.is_empty() {
        return Vec::new();
    }
    let user = |(function, at): (usize, u64)| match starts.get(&function) {
        Some(starts) => {
            let piece = starts.partition_point(|&start| start <= at).saturating_sub(1);
            User::Piece(function as u32, piece as u32)
        }
        None => User::Function(function as u32),
    };
    let first_use: FxHashMap<usize, u64> = owned.entry_uses.iter().map(|&(at, block)| (block, at)).collect();
    let mut names: FxHashMap<usize, Anatomy> =
        owned.shared.iter().map(|shared| (shared.block, Anatomy::default())).collect();
    for named in &owned.names {
        if let Some(names) = names.get_mut(&named.block) {
            names.add_symbol_of_len(named.len, named.is_global);
        }
    }
    let mut found: BTreeMap<(User, Vec<User>), Anatomy> = BTreeMap::new();
    for shared in &owned.shared {
        let block = &owned.blocks[shared.block];
        let Some(function) = block.owner else { continue };
        let at = block.root.and_then(|root| first_use.get(&root).copied()).unwrap_or(0);
        let owner = user((function, if functions.list[function].is_entry { at } else { 0 }));
        let users: BTreeSet<User> = shared.users.iter().map(|&place| user(place)).collect();
        let anatomy = found.entry((owner, users.into_iter().collect())).or_default();
        anatomy.data += block.end - block.start;
        anatomy.pointers += block.n_pointers;
        *anatomy += names.get(&shared.block).copied().unwrap_or_default();
    }
    let found = found.into_iter().filter(|((_, users), _)| users.len() > 1);
    found.map(|((owner, users), anatomy)| SharedConstants { owner, users, anatomy }).collect()
}
