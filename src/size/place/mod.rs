//! Bytes per definition: a unit's functions and its initialisation code, given to the definitions that own them.
//!
//! Takes a measured unit and its definitions by line, gives each definition its bytes without those of definitions
//! inside it. Phases:
//!
//! 1. A function goes to the definition that its dotted name says (`Base__List.Sub.f`, the compiler's own word, in its
//!    frame table), else to the innermost definition around its first line, where one of its name comes first, else to
//!    the `external` whose C function it calls (it makes a value of it, for an interface that shows it as one), else to the
//!    only definition of its name.
//! 2. Initialisation code goes line by line to the innermost definition or effect around the line; a run without a line
//!    of the unit's own file goes where the function goes whose closure it stores; a constant without a line to the next
//!    definition that is one, else to the next with a line (arguments are loaded before the call that has the line); else a
//!    run goes with the one before it. Then functions without a place go where their users
//!    are, else where what they use is: code that makes a class has no line, its methods do.
//! 3. Each value, module, exception, class has its field of the module block: 8 bytes.
//! 4. What nobody claims, functions without a place, is shared out in proportion to what was placed. The rest is the
//!    unit's fixed cost: what it would have without any definition.
//!
//! Definitions and the fixed cost add up to the unit, count by count.

mod index;
#[cfg(test)]
mod tests;

use super::Anatomy;
use super::unit::{UnitSize, User};
use crate::base::Name;
use index::Index;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What placing asks of one definition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placeable {
    /// Its dotted path in the unit; for an effect, the enclosing module's.
    pub path: Name,
    /// Its first line, from 1.
    pub start: u32,
    /// Its last line.
    pub end: u32,
    /// Whether code can belong to it: all but module types and aliases.
    pub has_code: bool,
    /// Whether it is code without a name.
    pub is_effect: bool,
    /// Whether it is a type: code inside is what rewriters derive from it.
    pub is_type: bool,
    /// Whether it is a constant that is data of the object file: its right-hand side runs nothing, and is more than a number.
    pub is_constant: bool,
    /// Whether the module block has a field for it.
    pub has_field: bool,
    /// The C function of an `external`.
    pub primitive: Option<Name>,
}

/// The bytes of a unit, by definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    /// For each definition given, what is its own.
    pub defs: Vec<Anatomy>,
    /// What the unit has whatever it defines.
    pub fixed: Anatomy,
    /// Bytes of functions, initialisation code left out.
    pub function_bytes: u64,
    /// Bytes of functions that phases 1 and 2 placed.
    pub placed_bytes: u64,
    /// For each function of the unit, the definition that owns it (an index of `defs`).
    pub owners: Vec<Option<usize>>,
    /// Constants that several definitions use: who has their bytes, who else would have to have them in another unit, and what
    /// a copy costs.
    pub shared: Vec<(usize, Vec<usize>, Anatomy)>,
}

/// Places a unit. `own_line` turns a file and line of the line table into a line of the unit's source, and is `None` for
/// lines of other files (inlined code).
#[must_use]
pub fn place(unit: &UnitSize, defs: &[Placeable], own_line: impl Fn(Name, u32) -> Option<u32>) -> Placed {
    let index = Index::new(unit.unit, defs);
    let mut placed = Placed {
        defs: vec![Anatomy::default(); defs.len()],
        fixed: Anatomy::default(),
        function_bytes: 0,
        placed_bytes: 0,
        owners: vec![None; unit.functions.len()],
        shared: Vec::new(),
    };
    for (i, function) in unit.functions.iter().enumerate().filter(|(_, function)| !function.is_entry) {
        let line = function.line.and_then(|(file, line)| own_line(file, line));
        let owner = index.owner(function, line);
        placed.owners[i] = owner;
    }
    let mut pieces = FxHashMap::default();
    for (i, entry) in unit.functions.iter().enumerate().filter(|(_, function)| function.is_entry) {
        pieces.insert(i as u32, index.place_pieces(&entry.pieces, &own_line, &placed.owners));
    }
    follow_users(unit, &pieces, &mut placed.owners);
    follow_uses(unit, &mut placed.owners);
    let mut lost = Anatomy::default();
    for (i, function) in unit.functions.iter().enumerate() {
        if function.is_entry {
            // Pieces without an owner, the unwind entry and the symbol stay with the unit.
            for (piece, owner) in function.pieces.iter().zip(&pieces[&(i as u32)]) {
                if let Some(def) = *owner {
                    placed.defs[def] += piece.anatomy;
                }
            }
            continue;
        }
        placed.function_bytes += function.anatomy.text;
        match placed.owners[i] {
            Some(def) => {
                placed.defs[def] += function.anatomy;
                placed.placed_bytes += function.anatomy.text;
            }
            None => lost += function.anatomy,
        }
    }
    let block_fields = unit.rest.data / FIELD;
    for (i, _) in defs.iter().enumerate().filter(|(_, def)| def.has_field).take(block_fields as usize) {
        placed.defs[i].data += FIELD;
    }
    share_out(lost, &mut placed.defs);
    placed.fixed = unit.anatomy - placed.defs.iter().copied().sum();
    placed.shared = place_shared(unit, &pieces, &placed.owners);
    placed
}

/// Gives constants with several users to definitions.
fn place_shared(
    unit: &UnitSize,
    pieces: &FxHashMap<u32, Vec<Option<usize>>>,
    owners: &[Option<usize>],
) -> Vec<(usize, Vec<usize>, Anatomy)> {
    let def = |user: &User| match *user {
        User::Function(function) => owners.get(function as usize).copied().flatten(),
        User::Piece(entry, piece) => pieces.get(&entry).and_then(|owners| *owners.get(piece as usize)?),
    };
    let mut shared: BTreeMap<(usize, Vec<usize>), Anatomy> = BTreeMap::new();
    for constants in &unit.shared_constants {
        let Some(owner) = def(&constants.owner) else { continue };
        let mut others: Vec<usize> =
            constants.users.iter().filter_map(def).filter(|&other| other != owner).collect();
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            *shared.entry((owner, others)).or_default() += constants.anatomy;
        }
    }
    shared.into_iter().map(|((owner, others), anatomy)| (owner, others, anatomy)).collect()
}

/// Bytes of one field of the module block.
const FIELD: u64 = 8;

/// Places functions that nothing places by itself where their users are. Ends because a chain of users is followed for so
/// many steps only.
fn follow_users(unit: &UnitSize, pieces: &FxHashMap<u32, Vec<Option<usize>>>, owners: &mut [Option<usize>]) {
    const MAX_STEPS: usize = 32;
    for (i, function) in unit.functions.iter().enumerate().filter(|(_, function)| !function.is_entry) {
        let mut user = function.user;
        for _ in 0..MAX_STEPS {
            if owners[i].is_some() {
                break;
            }
            user = match user {
                Some(User::Function(user)) => {
                    owners[i] = owners.get(user as usize).copied().flatten();
                    unit.functions.get(user as usize).and_then(|user| user.user)
                }
                Some(User::Piece(entry, piece)) => {
                    owners[i] = pieces.get(&entry).and_then(|owners| *owners.get(piece as usize)?);
                    None
                }
                None => break,
            };
        }
    }
}

/// Places functions that nothing else places where the first function is that they refer to.
fn follow_uses(unit: &UnitSize, owners: &mut [Option<usize>]) {
    let sure = owners.to_vec();
    for (owner, function) in owners.iter_mut().zip(&unit.functions) {
        if owner.is_none() && !function.is_entry {
            *owner = function.uses.and_then(|used| sure.get(used as usize).copied().flatten());
        }
    }
}

/// Shares counts out in proportion to the code that definitions have; without any code nobody gets anything.
fn share_out(lost: Anatomy, defs: &mut [Anatomy]) {
    let total: u64 = defs.iter().map(|def| def.text).sum();
    if total == 0 || lost == Anatomy::default() {
        return;
    }
    // Running totals are rounded, not shares, so that the shares add up.
    let mut sum = 0;
    let mut given = Anatomy::default();
    for def in defs {
        sum += def.text;
        let due = lost.map(|count| (u128::from(count) * u128::from(sum) / u128::from(total)) as u64);
        *def += due - given;
        given = due;
    }
}
