//! One object file of C code: what it needs, what it offers, and what it adds to an executable.
//!
//! Takes an ELF `.o` of the runtime or of a library's stubs, gives [`CObject`]. Strings and constants that the linker
//! merges are kept as they are, so that a whole program can merge them.

use super::bounds::{Allowance, has_sections_apart};
use super::relocatable::{Relocatable, align_up};
use super::{Anatomy, SizeError};
use crate::base::{Name, name};
use object::{
    Object, ObjectSection, ObjectSymbol, RelocationKind, RelocationTarget, SectionFlags, SymbolIndex,
    SymbolKind, SymbolScope,
};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// How an object file uses a symbol that it does not define.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct Use {
    /// It is called: an import needs an entry of the procedure linkage table.
    pub(super) by_call: bool,
    /// Its address is taken from the global offset table.
    pub(super) by_table: bool,
    /// The same, by an instruction that the linker cannot turn into another: the entry stays even for own symbols.
    pub(super) keeps_table: bool,
    /// It is read in place: an imported variable is copied.
    pub(super) in_place: bool,
    /// The link does without it.
    pub(super) is_weak: bool,
}

impl Use {
    /// Notes how code refers to a symbol; `content` is the code, the reference is at `offset`.
    pub(super) fn note(&mut self, kind: RelocationKind, content: &[u8], offset: u64) {
        match kind {
            RelocationKind::PltRelative => self.by_call = true,
            RelocationKind::GotRelative | RelocationKind::Got => {
                self.by_table = true;
                // `mov sym@GOTPCREL(%rip), reg` becomes `lea`, an indirect call or jump a direct one; comparisons and
                // arithmetic would need an absolute address, which a position-independent executable does not have.
                let opcode = usize::try_from(offset).ok().and_then(|at| content.get(at.checked_sub(2)?));
                self.keeps_table |= !matches!(opcode, Some(0x8b | 0xff));
            }
            _ => self.in_place = true,
        }
    }
}

/// A part of a section that the linker merges with equal ones.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Mergeable {
    /// The section's name, which tells apart what is not merged together.
    pub(super) section: Name,
    /// A string with its end, or a constant.
    pub(super) content: Vec<u8>,
}

/// One object file.
#[derive(Clone, PartialEq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(super) struct CObject {
    /// Symbols that it offers, and whether an executable exports them.
    pub(super) defines: Vec<(Name, bool)>,
    /// Symbols that it needs, or refers to through tables, each with how.
    pub(super) uses: Vec<(Name, Use)>,
    /// Names of symbols that no other file sees, empty ones included.
    pub(super) locals: Vec<Name>,
    /// Its own bytes, symbols left out: those are counted by whoever links.
    pub(super) anatomy: Anatomy,
    /// Alignment of its read-only tables and of its data.
    pub(super) aligns: (u64, u64),
    /// The part of data that is read-only once the program has started (`.data.rel.ro`).
    pub(super) relro: u64,
    /// Its mergeable constants and strings.
    pub(super) mergeable: Vec<Mergeable>,
    /// Its common unwind entries: the linker keeps one of each.
    pub(super) common_unwind: Vec<Vec<u8>>,
    /// Strings of its debug sections, which the linker merges too.
    pub(super) debug_strings: Vec<Name>,
}

impl CObject {
    /// Reads an object file; `Ok(None)` when the bytes are none.
    pub(super) fn read(member: &str, bytes: &[u8]) -> Result<Option<CObject>, SizeError> {
        if object::FileKind::parse(bytes).is_err() {
            return Ok(None);
        }
        let error = |source| SizeError::Object { member: member.to_owned(), source };
        let file = object::File::parse(bytes).map_err(error)?;
        let broken = |what| SizeError::Inconsistent { member: member.to_owned(), what };
        if !has_sections_apart(&file, bytes.len()) {
            return Err(broken("its sections overlap"));
        }
        let mut names = Allowance::of(bytes.len());
        if !file.symbols().all(|symbol| names.take(symbol.name().map_or(0, str::len))) {
            return Err(broken("names of its symbols overlap"));
        }
        let mut c_object = CObject::default();
        c_object.read_symbols(&file);
        c_object.read_sections(&file).map_err(error)?;
        Ok(Some(c_object))
    }

    /// Keeps of an OCaml unit what concerns C code: symbols of other units, and tables that the linker does away with,
    /// are left out.
    pub(super) fn of_ocaml(object: &Relocatable<'_>) -> CObject {
        let is_ocaml = |symbol: &str| {
            symbol
                .strip_prefix("caml")
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
        };
        let uses = object.uses.iter().filter(|(symbol, usage)| usage.keeps_table || !is_ocaml(symbol));
        let mut uses: Vec<(Name, Use)> = uses.map(|&(symbol, usage)| (name(symbol), usage)).collect();
        uses.sort_by_key(|&(symbol, _)| symbol);
        let mut c_object = CObject { uses, ..CObject::default() };
        for section in &object.sections {
            let SectionFlags::Elf { sh_flags, .. } = section.flags else { continue };
            let is_apart = sh_flags.contains(object::elf::SHF_EXECINSTR)
                || sh_flags.contains(object::elf::SHF_WRITE)
                || section.name == ".eh_frame";
            if sh_flags.contains(object::elf::SHF_ALLOC | object::elf::SHF_MERGE) && !is_apart {
                let are_strings = sh_flags.contains(object::elf::SHF_STRINGS);
                c_object.read_mergeable(section.name, section.content, are_strings);
            }
        }
        c_object
    }

    /// Returns what it needs of others, alone.
    pub(super) fn needs(&self) -> CObject {
        CObject { uses: self.uses.clone(), ..CObject::default() }
    }

    fn read_symbols(&mut self, file: &object::File<'_>) {
        for symbol in file.symbols() {
            let text = symbol.name().unwrap_or("");
            if symbol.is_undefined() || symbol.kind() == SymbolKind::Section {
                continue;
            }
            if symbol.is_global() {
                self.defines.push((name(text), symbol.scope() == SymbolScope::Dynamic));
            } else if !text.starts_with(".L") {
                self.locals.push(name(text));
            }
        }
    }

    fn read_sections(&mut self, file: &object::File<'_>) -> object::Result<()> {
        let mut uses: FxHashMap<Name, Use> = FxHashMap::default();
        for symbol in file.symbols().filter(|symbol| symbol.is_undefined()) {
            if let Ok(text) = symbol.name()
                && !text.is_empty()
            {
                uses.entry(name(text)).or_default().is_weak = symbol.is_weak();
            }
        }
        // The name of each symbol that code refers to, none for own ones.
        let mut names: FxHashMap<SymbolIndex, Option<Name>> = FxHashMap::default();
        let [mut text, mut rodata, mut data, mut relro] = [Stack::default(); 4];
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags, .. } = section.flags() else { continue };
            let section_name = section.name().unwrap_or("");
            let content = section.data()?;
            let n_bytes = content.len() as u64;
            let align = section.align().clamp(1, 4096);
            if matches!(section_name, ".debug_str" | ".debug_line_str") {
                let texts = content.split(|&byte| byte == 0).filter(|text| !text.is_empty());
                self.debug_strings.extend(texts.map(|text| name(&String::from_utf8_lossy(text))));
            } else if section_name.starts_with(".debug_") {
                self.anatomy.debug += n_bytes;
            }
            if !sh_flags.contains(object::elf::SHF_ALLOC) {
                continue;
            }
            let is_code = sh_flags.contains(object::elf::SHF_EXECINSTR);
            let is_writable = sh_flags.contains(object::elf::SHF_WRITE);
            if section_name == ".eh_frame" {
                self.read_unwind(content);
            } else if is_code {
                text.push(n_bytes, align);
            } else if is_writable && section_name.starts_with(".data.rel.ro") {
                relro.push(n_bytes, align);
            } else if is_writable {
                data.push(n_bytes, align);
            } else if sh_flags.contains(object::elf::SHF_MERGE) {
                self.read_mergeable(section_name, content, sh_flags.contains(object::elf::SHF_STRINGS));
            } else if !section_name.starts_with(".note") {
                rodata.push(n_bytes, align);
            }
            for (offset, relocation) in section.relocations() {
                let is_absolute = relocation.kind() == RelocationKind::Absolute && relocation.size() == 64;
                self.anatomy.pointers += u64::from(is_writable && is_absolute);
                if is_code && let RelocationTarget::Symbol(index) = relocation.target() {
                    let known = match names.entry(index) {
                        Entry::Occupied(entry) => *entry.get(),
                        Entry::Vacant(entry) => {
                            let symbol = file.symbol_by_index(index)?;
                            let is_outside = symbol.is_global() || symbol.is_undefined();
                            *entry.insert(is_outside.then(|| name(symbol.name().unwrap_or(""))))
                        }
                    };
                    if let Some(known) = known {
                        uses.entry(known).or_default().note(relocation.kind(), content, offset);
                    }
                }
            }
        }
        // The next file starts at a multiple of sixteen: C code is aligned like OCaml's.
        self.anatomy.text = align_up(text.len, 16);
        self.anatomy.rodata = rodata.len;
        self.anatomy.data = data.len + relro.len;
        self.relro = relro.len;
        self.aligns = (rodata.align, data.align);
        self.uses = uses.into_iter().collect();
        self.uses.sort_by_key(|&(symbol, _)| symbol);
        Ok(())
    }

    /// Counts unwind entries, and keeps the common ones.
    fn read_unwind(&mut self, table: &[u8]) {
        let word = |at: usize| Some(u32::from_le_bytes(table.get(at..at.checked_add(4)?)?.try_into().ok()?));
        let mut at = 0usize;
        while let Some(len) = word(at) {
            let Some(end) = at.checked_add(4 + len as usize).filter(|&end| end <= table.len()) else { break };
            if len > 0 && word(at + 4) == Some(0) {
                self.common_unwind.push(table[at..end].to_vec());
            } else if len > 0 {
                self.anatomy.fdes += 1;
                self.anatomy.fde_bytes += 4 + u64::from(len);
            }
            at = end;
        }
    }

    fn read_mergeable(&mut self, section: &str, content: &[u8], are_strings: bool) {
        let section = name(section);
        let parts: Vec<&[u8]> = if are_strings {
            content.split_inclusive(|&byte| byte == 0).collect()
        } else {
            // `.rodata.cst16`: the size is in the name.
            let size = section.rsplit("cst").next().and_then(|digits| digits.parse().ok());
            content.chunks(size.filter(|&size| size > 0).unwrap_or(8)).collect()
        };
        self.mergeable.extend(parts.into_iter().map(|part| Mergeable { section, content: part.to_vec() }));
    }
}

/// Sections of one kind, laid out one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stack {
    pub(super) len: u64,
    pub(super) align: u64,
}

impl Stack {
    pub(super) fn push(&mut self, n_bytes: u64, align: u64) {
        if n_bytes > 0 {
            self.len = align_up(self.len, align) + n_bytes;
            self.align = self.align.max(align);
        }
    }
}
