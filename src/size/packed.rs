//! A pack in parts: `-pack` puts the objects of its members one behind the other, so that each has a stretch of code and one
//! of data to itself, with its own frame table in it.
//!
//! Takes the measured pack and its object file, gives one [`UnitSize`] for each member, and last the pack itself with what is
//! left; together they are the pack as it was. What it needs of C code is not told apart: each member is said to
//! need all of it.

use super::Anatomy;
use super::frametable::allocation_places;
use super::relocatable::{Relocatable, Spot, align_up};
use super::shared::SharedConstants;
use super::unit::{FunctionSize, UnitSize, User};
use crate::base::name;
use rustc_hash::FxHashMap;

/// A member by its name, the spelling of its symbols, and its stretches.
struct Member<'d> {
    unit: &'d str,
    prefix: &'d str,
    code: (u64, u64),
    data: (u64, u64),
    table: (u64, u64),
}

/// Parts a pack. `prefixes` are the spellings of all units in it, the pack's own last; `tables` are their frame tables.
/// Empty for a unit that is no pack.
pub(super) fn parts(
    whole: &UnitSize,
    object: &Relocatable<'_>,
    prefixes: &[(&str, &str)],
    tables: &[(u64, u64)],
) -> Vec<UnitSize> {
    if prefixes.len() < 2 {
        return Vec::new();
    }
    let members = stretches(object, prefixes, tables);
    let owner_of = |symbol: &str| prefixes.iter().position(|(_, prefix)| symbol.starts_with(prefix));
    let pack = prefixes.len() - 1;
    // Functions keep their order; each has a new number in its part.
    let mut numbers: Vec<(usize, u32)> = Vec::new();
    let mut lists: Vec<Vec<&FunctionSize>> = vec![Vec::new(); prefixes.len()];
    for function in &whole.functions {
        let part = owner_of(&function.symbol).unwrap_or(pack);
        numbers.push((part, lists[part].len() as u32));
        lists[part].push(function);
    }
    let mut named: Vec<Anatomy> = vec![Anatomy::default(); prefixes.len()];
    for symbol in object.symbols.iter().filter(|symbol| symbol.is_listed) {
        let block = |prefix: &str| prefix.trim_end_matches(['_', '.', '$']) == symbol.name;
        let owner = owner_of(symbol.name).or_else(|| prefixes.iter().position(|(_, prefix)| block(prefix)));
        if let Some(owner) = owner {
            named[owner].add_symbol(symbol.name, symbol.is_global);
        }
    }
    let mut pointers: Vec<u64> = vec![0; prefixes.len()];
    for reference in object.data_references().iter().filter(|reference| reference.is_pointer) {
        let inside = |member: &Member<'_>| (member.data.0..member.data.1).contains(&reference.at);
        if let Some(owner) = members.iter().position(inside) {
            pointers[owner] += 1;
        }
    }
    let mut left = whole.anatomy;
    let mut parts = Vec::new();
    for (part, member) in members.iter().enumerate() {
        let functions: Vec<FunctionSize> =
            lists[part].iter().map(|function| renumbered(function, part, &numbers)).collect();
        let placed: Anatomy = functions.iter().map(|function| function.anatomy).sum();
        let table = member.table.1 - member.table.0;
        let own = Anatomy {
            text: member.code.1 - member.code.0,
            data: (member.data.1 - member.data.0).saturating_sub(table),
            frametable: table,
            pointers: pointers[part],
            fde_bytes: placed.fde_bytes,
            fdes: placed.fdes,
            debug: placed.debug,
            ..named[part]
        };
        let is_pack = part == pack;
        let anatomy = if is_pack { left } else { own };
        left = left - own;
        parts.push(UnitSize {
            unit: name(member.unit),
            anatomy,
            rest: anatomy - placed,
            functions,
            text_linked: member.code.1 - member.code.0,
            allocation_places: allocation_places(object.data, member.table.0, table),
            data_section: member.data.1 - member.data.0,
            shared_debug_strings: if is_pack { whole.shared_debug_strings.clone() } else { Vec::new() },
            shared_constants: shared(whole, part, &numbers),
            parts: Vec::new(),
            link: if is_pack { whole.link.clone() } else { whole.link.needs() },
        });
    }
    parts
}

/// Where each member's code and data lie: from its first symbol to that of the next one.
fn stretches<'d>(
    object: &Relocatable<'_>,
    prefixes: &[(&'d str, &'d str)],
    tables: &[(u64, u64)],
) -> Vec<Member<'d>> {
    let mut code_starts: FxHashMap<&str, u64> = FxHashMap::default();
    let mut data_starts: FxHashMap<&str, u64> = FxHashMap::default();
    for symbol in &object.symbols {
        let own = |suffix: &str| {
            let prefix = symbol.name.strip_suffix(suffix)?;
            prefixes.iter().map(|&(_, own)| own).find(|own| *own == prefix)
        };
        match symbol.spot {
            Spot::Code(at) => own("code_begin").map(|prefix| code_starts.insert(prefix, at)),
            Spot::Data(at) => own("data_begin").map(|prefix| data_starts.insert(prefix, at)),
            _ => None,
        };
    }
    let (code_end, data_end) = (align_up(object.code_len, object.code_align), object.data.len() as u64);
    let stretch = |starts: &FxHashMap<&str, u64>, prefix: &str, end: u64| {
        let start = starts.get(prefix).copied().unwrap_or(end).min(end);
        let next = starts.values().copied().filter(|&other| other > start).min();
        (start, next.unwrap_or(end).min(end))
    };
    let member = |&(unit, prefix): &(&'d str, &'d str)| {
        let data = stretch(&data_starts, prefix, data_end);
        let table = tables.iter().copied().find(|table| data.0 <= table.0 && table.1 <= data.1);
        Member {
            unit,
            prefix,
            code: stretch(&code_starts, prefix, code_end),
            data,
            table: table.unwrap_or((data.1, data.1)),
        }
    };
    let members: Vec<Member<'d>> = prefixes.iter().map(member).collect();
    debug_assert!(members.iter().all(|member| member.prefix.starts_with("caml")));
    members
}

/// A function in its part: what it says of functions of other parts is left out.
fn renumbered(function: &FunctionSize, part: usize, numbers: &[(usize, u32)]) -> FunctionSize {
    let new = |number: u32| numbers.get(number as usize).filter(|to| to.0 == part).map(|to| to.1);
    let mut function = function.clone();
    function.user = function.user.and_then(|user| in_part(user, part, numbers));
    function.uses = function.uses.and_then(new);
    for piece in &mut function.pieces {
        piece.closure_of = piece.closure_of.and_then(new);
    }
    function
}

fn in_part(user: User, part: usize, numbers: &[(usize, u32)]) -> Option<User> {
    let new = |number: u32| numbers.get(number as usize).filter(|to| to.0 == part).map(|to| to.1);
    match user {
        User::Function(number) => new(number).map(User::Function),
        User::Piece(number, piece) => new(number).map(|number| User::Piece(number, piece)),
    }
}

/// The constants that several definitions of one part share.
fn shared(whole: &UnitSize, part: usize, numbers: &[(usize, u32)]) -> Vec<SharedConstants> {
    let own = |user: &User| in_part(*user, part, numbers);
    let constants = whole.shared_constants.iter().filter_map(|shared| {
        let users: Vec<User> = shared.users.iter().filter_map(own).collect();
        let owner = own(&shared.owner)?;
        (users.len() > 1).then_some(SharedConstants { owner, users, anatomy: shared.anatomy })
    });
    constants.collect()
}
