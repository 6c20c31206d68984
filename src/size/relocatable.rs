//! One relocatable object file, reduced to what measuring asks: sections, symbols with places, references.
//!
//! Takes bytes of an ELF (or Mach-O) `.o`, gives [`Relocatable`]. The machine code of all sections is laid out one
//! section after the other, as the linker does; a place in code is an offset in that layout, so that units built with
//! `-function-sections` (a section per function) and others look alike. Everything is bounded by the file's length.

use super::SizeError;
use super::bounds::{Allowance, has_sections_apart};
use super::c_object::Use;
use object::read::elf::ElfFile64;
use object::{
    Architecture, BinaryFormat, Endianness, FileKind, LittleEndian, Object, ObjectSection, ObjectSymbol,
    RelocationKind, RelocationTarget, SectionFlags, SectionIndex, SectionKind, SymbolKind,
};

/// Where something is: in the code layout, or at an offset of another section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Spot {
    /// Offset in the code layout.
    Code(u64),
    /// Offset in [`Relocatable::data`].
    Data(u64),
    /// At an offset of some other section.
    Other(u64),
    /// In another object file.
    Elsewhere,
}

/// A symbol that has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol<'d> {
    /// Its name, without the underscore that Mach-O puts before.
    pub(super) name: &'d str,
    /// Where it is.
    pub(super) spot: Spot,
    /// Its size as the file says; clipped to its section, 0 where the format has none.
    pub(super) size: u64,
    /// Whether it is marked as a function (formats without such marks: whether it is in code).
    pub(super) is_function: bool,
    /// Whether other object files see it.
    pub(super) is_global: bool,
    /// Whether it counts as a symbol of the linked file (section symbols do not).
    pub(super) is_listed: bool,
}

/// A reference from one place to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    /// Offset of the place that is filled in: in the code layout, or in the section it was asked for.
    pub(super) at: u64,
    /// What it points to.
    pub(super) target: Spot,
    /// Whether it is a full pointer (8 bytes, absolute).
    pub(super) is_pointer: bool,
}

/// A section.
#[derive(Clone, Debug)]
pub(super) struct Section<'d> {
    /// Its name; empty where it cannot be read.
    pub(super) name: &'d str,
    pub(super) kind: SectionKind,
    pub(super) flags: SectionFlags,
    pub(super) content: &'d [u8],
    /// Its references, sorted by place: only of OCaml's data, unwind and line tables.
    pub(super) references: Vec<Reference>,
    /// Its number in the file.
    index: usize,
    /// The address at which it starts (0 in ELF).
    address: u64,
    size: u64,
}

/// An entry of the symbol table, as references ask for it.
#[derive(Clone, Copy)]
struct Entry<'d> {
    name: &'d str,
    spot: Spot,
    /// Whether it is seen by other object files, or is theirs.
    is_outside: bool,
    /// How code uses it: known from the start of what other object files define.
    usage: Option<Use>,
}

impl Entry<'_> {
    const UNKNOWN: Self = Entry { name: "", spot: Spot::Other(0), is_outside: false, usage: None };
}

/// The parts of one object file.
pub(super) struct Relocatable<'d> {
    member: &'d str,
    /// Its sections, in the file's order.
    pub(super) sections: Vec<Section<'d>>,
    /// For each section by number, its start in the code layout if it is code, and its address.
    places: Vec<(Option<u64>, u64)>,
    /// End of the layout.
    pub(super) code_len: u64,
    /// The largest alignment of a code section.
    pub(super) code_align: u64,
    /// The section that holds OCaml's data, by number.
    data_section: Option<usize>,
    /// Its content.
    pub(super) data: &'d [u8],
    /// Symbols with names, in the file's order.
    pub(super) symbols: Vec<Symbol<'d>>,
    /// The references of machine code, sorted by place.
    pub(super) code_references: Vec<Reference>,
    /// The references of machine code to other object files, with the symbols that they name, sorted by place.
    pub(super) outside_references: Vec<(u64, &'d str)>,
    /// Symbols that other object files define, and own ones that code refers to by tables: how they are used.
    pub(super) uses: Vec<(&'d str, Use)>,
    /// Whether symbols say what they are.
    pub(super) has_kinds: bool,
    /// Whether distances between sections of the file are filled in (Mach-O).
    is_filled_in: bool,
    is_x86_64: bool,
    endian: Endianness,
    /// What is wrong with its tables, where the rest of it was not looked at.
    damage: Option<&'static str>,
}

/// Rounds up to a multiple of `align` (0 and 1 alike).
pub(super) fn align_up(offset: u64, align: u64) -> u64 {
    offset.div_ceil(align.max(1)).saturating_mul(align.max(1))
}

/// Sections other than code whose references are read: data is found by its kind.
const WITH_REFERENCES: [&str; 4] = [".eh_frame", "__eh_frame", ".debug_line", "__debug_line"];

impl<'d> Relocatable<'d> {
    /// Reads the tables of an object file; `Ok(None)` when the bytes are no object file at all.
    pub(super) fn read(member: &'d str, bytes: &'d [u8]) -> Result<Option<Self>, SizeError> {
        let Ok(kind) = FileKind::parse(bytes) else { return Ok(None) };
        let is_little = bytes.get(5) == Some(&object::elf::ELFDATA2LSB.0);
        let read = || match kind {
            // What nearly all are: no step asks for the format.
            FileKind::Elf64 if is_little => Self::of_file(
                member,
                &ElfFile64::<LittleEndian>::parse(bytes)?,
                bytes.len(),
                BinaryFormat::Elf,
            ),
            _ => {
                let file = object::File::parse(bytes)?;
                Self::of_file(member, &file, bytes.len(), file.format())
            }
        };
        let object = read().map_err(|source| SizeError::Object { member: member.to_owned(), source })?;
        match object.damage {
            None => Ok(Some(object)),
            Some(what) => Err(SizeError::Inconsistent { member: member.to_owned(), what }),
        }
    }

    fn of_file(
        member: &'d str,
        file: &impl Object<'d>,
        file_len: usize,
        format: BinaryFormat,
    ) -> object::Result<Self> {
        let mut object = Relocatable {
            member,
            sections: Vec::new(),
            places: Vec::new(),
            code_len: 0,
            code_align: 1,
            data_section: None,
            data: &[],
            symbols: Vec::new(),
            code_references: Vec::new(),
            outside_references: Vec::new(),
            uses: Vec::new(),
            has_kinds: format == BinaryFormat::Elf,
            is_filled_in: format == BinaryFormat::MachO,
            is_x86_64: file.architecture() == Architecture::X86_64,
            endian: file.endianness(),
            damage: None,
        };
        if !has_sections_apart(file, file_len) {
            return Ok(Relocatable { damage: Some("its sections overlap"), ..object });
        }
        object.lay_out(file, file_len as u64)?;
        let mut table = object.read_symbols(file, Allowance::of(file_len));
        if object.damage.is_none() {
            object.read_references(file, &mut table, Allowance::of(file_len))?;
        }
        object.uses = table.iter().filter_map(|entry| Some((entry.name, entry.usage?))).collect();
        Ok(object)
    }

    /// The member's name, for errors.
    pub(super) fn member(&self) -> &'d str {
        self.member
    }

    /// How many bytes of an instruction that loads an address stand before the address: `lea`, `mov` on x86-64.
    pub(super) fn n_opcode_bytes(&self) -> u64 {
        if self.is_x86_64 { 3 } else { 0 }
    }

    /// Puts the code sections one after the other, and finds the data section.
    fn lay_out(&mut self, file: &impl Object<'d>, file_len: u64) -> object::Result<()> {
        let mut code = Vec::new();
        for section in file.sections() {
            let index = section.index().0;
            let (content, kind, name) = (section.data()?, section.kind(), section.name().unwrap_or(""));
            match kind {
                SectionKind::Text => code.push((index, content.len() as u64, section.align())),
                SectionKind::Data if self.data_section.is_none() && matches!(name, ".data" | "__data") => {
                    self.data_section = Some(index);
                    self.data = content;
                }
                _ => {}
            }
            let (flags, address, size) = (section.flags(), section.address(), section.size());
            self.sections.push(Section {
                name,
                kind,
                flags,
                content,
                references: Vec::new(),
                index,
                address,
                size,
            });
            if self.places.len() <= index {
                self.places.resize(index + 1, (None, 0));
            }
            self.places[index].1 = address;
        }
        for (index, len, align) in code {
            // No compiler aligns code to more than a page; a larger figure is damage.
            let align = align.clamp(1, 4096).min(file_len.max(1));
            let start = if len == 0 { self.code_len } else { align_up(self.code_len, align) };
            self.places[index].0 = Some(start);
            self.code_len = start + len;
            if len > 0 {
                self.code_align = self.code_align.max(align);
            }
        }
        Ok(())
    }

    /// Reads the symbols; returns them all, by their numbers.
    fn read_symbols(&mut self, file: &impl Object<'d>, mut names: Allowance) -> Vec<Entry<'d>> {
        let mut table: Vec<Entry<'d>> = Vec::new();
        for symbol in file.symbols() {
            let is_undefined = symbol.is_undefined();
            let spot = match symbol.section_index() {
                Some(section) => self.spot(section, symbol.address()),
                None if is_undefined => Spot::Elsewhere,
                None => Spot::Other(0),
            };
            let name = symbol.name().unwrap_or("");
            if !names.take(name.len()) {
                self.damage = Some("names of its symbols overlap");
                break;
            }
            let (kind, is_global) = (symbol.kind(), symbol.is_global());
            let index = symbol.index().0;
            if table.len() <= index {
                table.resize(index + 1, Entry::UNKNOWN);
            }
            let usage = (is_undefined && !name.is_empty())
                .then(|| Use { is_weak: symbol.is_weak(), ..Use::default() });
            table[index] = Entry { name, spot, is_outside: is_global || is_undefined, usage };
            // Mach-O puts an underscore before names.
            let name = if self.is_filled_in { name.strip_prefix('_').unwrap_or(name) } else { name };
            if name.is_empty() && kind != SymbolKind::File {
                continue;
            }
            // The linker drops labels of constants that it merges: `.L12`.
            let is_label = name.starts_with(".L") && !is_global;
            let is_listed = kind != SymbolKind::Section && !is_label && spot != Spot::Elsewhere;
            let in_code = matches!(spot, Spot::Code(_));
            let limit = match spot {
                Spot::Code(at) => self.code_len.saturating_sub(at),
                Spot::Data(at) => (self.data.len() as u64).saturating_sub(at),
                Spot::Other(_) | Spot::Elsewhere => 0,
            };
            self.symbols.push(Symbol {
                name,
                spot,
                size: symbol.size().min(limit),
                is_function: in_code && (!self.has_kinds || kind == SymbolKind::Text),
                is_global,
                is_listed,
            });
        }
        table
    }

    /// Turns an address of a section into a place.
    fn spot(&self, section: SectionIndex, address: u64) -> Spot {
        let (code_start, section_at) = self.places.get(section.0).copied().unwrap_or_default();
        let offset = address.wrapping_sub(section_at);
        if let Some(start) = code_start {
            return Spot::Code(start.saturating_add(offset));
        }
        if self.data_section == Some(section.0) { Spot::Data(offset) } else { Spot::Other(offset) }
    }

    /// Reads the references of code, data and some tables; notes in the symbol table how code uses what is outside.
    fn read_references(
        &mut self,
        file: &impl Object<'d>,
        table: &mut [Entry<'d>],
        mut entries: Allowance,
    ) -> object::Result<()> {
        for (i, section) in file.sections().enumerate() {
            let Section { name, kind, flags, content, index, .. } = self.sections[i];
            let is_code = kind == SectionKind::Text;
            let is_executable = matches!(flags, SectionFlags::Elf { sh_flags, .. }
                if sh_flags.contains(object::elf::SHF_ALLOC | object::elf::SHF_EXECINSTR));
            if !is_code
                && !is_executable
                && self.data_section != Some(index)
                && !WITH_REFERENCES.contains(&name)
            {
                continue;
            }
            let start = self.places[index].0.unwrap_or(0);
            let mut references = Vec::new();
            for (offset, relocation) in section.relocations() {
                if is_executable && let RelocationTarget::Symbol(symbol) = relocation.target() {
                    match table.get_mut(symbol.0) {
                        Some(entry) if entry.is_outside => {
                            entry.usage.get_or_insert_default().note(relocation.kind(), content, offset);
                            if is_code && entry.spot == Spot::Elsewhere {
                                self.outside_references.push((start.saturating_add(offset), entry.name));
                            }
                        }
                        Some(_) => {}
                        None => file.symbol_by_index(symbol).map(|_| ())?,
                    }
                }
                references.push(self.reference(&relocation, start, offset, is_code, content, table));
            }
            // Mach-O tells of each section where its references are; ELF keeps them in sections.
            if !entries.take(references.len() * 8) {
                self.damage = Some("references of its sections overlap");
                return Ok(());
            }
            // They seldom are not sorted: then this is one look at each.
            references.sort_by_key(|reference| reference.at);
            if is_code && self.code_references.is_empty() {
                self.code_references = references;
            } else if is_code {
                self.code_references.append(&mut references);
            } else {
                self.sections[i].references = references;
            }
        }
        self.code_references.sort_by_key(|reference| reference.at);
        self.outside_references.sort_by_key(|&(at, _)| at);
        Ok(())
    }

    fn reference(
        &self,
        relocation: &object::Relocation,
        start: u64,
        offset: u64,
        is_code: bool,
        content: &[u8],
        table: &[Entry<'d>],
    ) -> Reference {
        // In code, x86-64 counts from behind the field of four bytes, and the addend makes up for it.
        let ahead = if is_code && self.is_x86_64 { 4 } else { 0 };
        let is_absolute = relocation.kind() == RelocationKind::Absolute;
        let is_pointer = is_absolute && relocation.size() == 64;
        let mut addend = relocation.addend().wrapping_add(if is_absolute { 0 } else { ahead });
        // Mach-O keeps the rest of a pointer where it will be filled in: an address of this file, or what to add to
        // the symbol. A distance from another symbol (`subtractor`) says nothing of its target.
        let is_stored = relocation.has_implicit_addend() && is_pointer && relocation.subtractor().is_none();
        let stored = is_stored.then(|| self.word(content, offset)).flatten();
        let base = match relocation.target() {
            RelocationTarget::Symbol(index) => {
                addend = addend.wrapping_add(stored.unwrap_or(0) as i64);
                table.get(index.0).unwrap_or(&Entry::UNKNOWN).spot
            }
            RelocationTarget::Section(index) if stored.is_some() => self.spot(index, stored.unwrap_or(0)),
            RelocationTarget::Section(index) => {
                let address = self.places.get(index.0).map_or(0, |&(_, address)| address);
                self.spot(index, address)
            }
            _ => Spot::Other(0),
        };
        let shift = |at: u64| at.checked_add_signed(addend).unwrap_or(0);
        let target = match base {
            Spot::Code(at) => Spot::Code(shift(at)),
            Spot::Data(at) => Spot::Data(shift(at)),
            Spot::Other(at) => Spot::Other(shift(at)),
            Spot::Elsewhere => Spot::Elsewhere,
        };
        Reference { at: start.saturating_add(offset), target, is_pointer }
    }

    /// Returns the references of OCaml's data, sorted by place.
    pub(super) fn data_references(&self) -> &[Reference] {
        let data = self.sections.iter().find(|section| self.data_section == Some(section.index));
        data.map_or(&[], |section| &section.references)
    }

    /// Returns the first section with one of the given names.
    pub(super) fn named(&self, names: &[&str]) -> Option<&Section<'d>> {
        self.sections.iter().find(|section| names.contains(&section.name))
    }

    /// Returns the address of a section with one of the given names, in formats whose sections have addresses (Mach-O): there,
    /// distances between sections of one file are filled in, and no reference tells of them.
    pub(super) fn address_of(&self, names: &[&str]) -> Option<u64> {
        self.named(names).filter(|_| self.is_filled_in).map(|section| section.address)
    }

    /// Returns the place in code at an address of such a file.
    pub(super) fn code_at(&self, address: u64) -> Option<u64> {
        let mut sections = self.sections.iter().filter(|section| section.kind == SectionKind::Text);
        let section = sections.find(|section| {
            address.checked_sub(section.address).is_some_and(|offset| offset < section.size)
        })?;
        let start = self.places.get(section.index)?.0?;
        start.checked_add(address - section.address)
    }

    /// Byte order of numbers in the file.
    pub(super) fn endian(&self) -> Endianness {
        self.endian
    }

    /// Returns eight bytes of a section as a number.
    fn word(&self, content: &[u8], at: u64) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let bytes = content.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(match self.endian {
            Endianness::Little => u64::from_le_bytes(bytes),
            Endianness::Big => u64::from_be_bytes(bytes),
        })
    }
}
