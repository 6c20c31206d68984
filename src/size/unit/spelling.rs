//! How the symbols of a unit are spelled: which are its own, and which OCaml names they have.

use crate::size::relocatable::Symbol;
use std::ops::Range;

/// How symbols of a unit are spelled.
pub(in crate::size) struct Spelling<'d> {
    /// The unit.
    pub(super) unit: &'d str,
    /// `camlUnit__`, or since OCaml 5.1 `camlUnit.` (`camlUnit$` where the assembler has no dots). A unit made by
    /// `-pack` has one for each member as well; the longest come first.
    pub(super) prefixes: Vec<&'d str>,
    /// The units with these prefixes, in the same order.
    pub(super) units: Vec<&'d str>,
}

impl<'d> Spelling<'d> {
    /// Finds the unit that an object file defines, by the symbols at the start of its code.
    pub(super) fn find(symbols: &[Symbol<'d>]) -> Option<Self> {
        let begins = symbols.iter().filter(|symbol| symbol.is_listed).filter_map(|symbol| {
            let prefix = symbol.name.strip_suffix("code_begin")?;
            let unit = prefix
                .strip_suffix("__")
                .or_else(|| prefix.strip_suffix(['.', '$']))?
                .strip_prefix("caml")?;
            // `caml_startup__code_begin` and the runtime's `caml_system__code_begin` are no units.
            (!unit.is_empty() && !unit.starts_with('_')).then_some((unit, prefix))
        });
        let mut begins: Vec<(&str, &str)> = begins.collect();
        begins.sort_by_key(|&(unit, _)| std::cmp::Reverse(unit.len()));
        // The members of a pack are named after it: the shortest is the pack.
        let &(unit, _) = begins.last()?;
        let (units, prefixes) = begins.into_iter().unzip();
        Some(Spelling { unit, prefixes, units })
    }

    /// Returns what follows the prefix, when a symbol is one of the unit's. For the symbol of the module block that is
    /// empty.
    pub(in crate::size) fn local(&self, symbol: &'d str) -> Option<&'d str> {
        let is_block = |prefix: &&&str| prefix.trim_end_matches(['_', '.', '$']) == symbol;
        let local = self.prefixes.iter().find_map(|prefix| symbol.strip_prefix(prefix));
        local.or_else(|| self.prefixes.iter().find(is_block).map(|_| ""))
    }

    /// Returns where the OCaml name is in the symbol of a function: `name_stamp`.
    pub(super) fn ocaml_name(&self, symbol: &'d str) -> Option<Range<u32>> {
        let local = self.local(symbol)?;
        let (own, stamp) = local.rsplit_once('_')?;
        let start = symbol.len() - local.len();
        (!stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| start as u32..(start + own.len()) as u32)
    }
}
