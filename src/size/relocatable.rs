//! One relocatable object file, reduced to what measuring asks: sections, symbols with places, references.
//!
//! Takes bytes of an ELF (or Mach-O) `.o`, gives [`Relocatable`]. The machine code of all sections is laid out one
//! section after the other, as the linker does; a place in code is an offset in that layout, so that units built with
//! `-function-sections` (a section per function) and others look alike. Everything is bounded by the file's length.

use super::SizeError;
use object::{
    Architecture, Object, ObjectSection, ObjectSymbol, RelocationKind, RelocationTarget, SectionIndex,
    SectionKind, SymbolKind,
};
use rustc_hash::FxHashMap;

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

/// The parts of one object file.
pub(super) struct Relocatable<'d> {
    file: object::File<'d>,
    member: &'d str,
    /// Start of each code section in the layout.
    code_starts: FxHashMap<usize, u64>,
    /// End of the layout.
    pub(super) code_len: u64,
    /// The largest alignment of a code section.
    pub(super) code_align: u64,
    /// The section that holds OCaml's data.
    data_section: Option<usize>,
    /// Its content.
    pub(super) data: &'d [u8],
    /// Symbols with names, in the file's order.
    pub(super) symbols: Vec<Symbol<'d>>,
    /// The symbol table's index to places, for references (unnamed section symbols included).
    spots: FxHashMap<usize, Spot>,
    /// Section bytes: addresses at which each section starts (0 in ELF).
    addresses: FxHashMap<usize, u64>,
    /// Whether symbols say what they are.
    pub(super) has_kinds: bool,
}

/// Rounds up to a multiple of `align` (0 and 1 alike).
pub(super) fn align_up(offset: u64, align: u64) -> u64 {
    offset.div_ceil(align.max(1)).saturating_mul(align.max(1))
}

impl<'d> Relocatable<'d> {
    /// Reads the tables of an object file; `Ok(None)` when the bytes are no object file at all.
    pub(super) fn read(member: &'d str, bytes: &'d [u8]) -> Result<Option<Self>, SizeError> {
        if object::FileKind::parse(bytes).is_err() {
            return Ok(None);
        }
        let error = |source| SizeError::Object { member: member.to_owned(), source };
        let file = object::File::parse(bytes).map_err(error)?;
        let mut object = Relocatable {
            file,
            member,
            code_starts: FxHashMap::default(),
            code_len: 0,
            code_align: 1,
            data_section: None,
            data: &[],
            symbols: Vec::new(),
            spots: FxHashMap::default(),
            addresses: FxHashMap::default(),
            has_kinds: false,
        };
        object.has_kinds = object.file.format() == object::BinaryFormat::Elf;
        object.lay_out(bytes.len() as u64).map_err(error)?;
        object.read_symbols().map_err(error)?;
        Ok(Some(object))
    }

    /// The member's name, for errors.
    pub(super) fn member(&self) -> &'d str {
        self.member
    }

    /// How many bytes of an instruction that loads an address stand before the address: `lea`, `mov` on x86-64.
    pub(super) fn n_opcode_bytes(&self) -> u64 {
        if self.file.architecture() == Architecture::X86_64 { 3 } else { 0 }
    }

    /// Puts the code sections one after the other, and finds the data section.
    fn lay_out(&mut self, file_len: u64) -> object::Result<()> {
        let mut sections = Vec::new();
        for section in self.file.sections() {
            let index = section.index().0;
            self.addresses.insert(index, section.address());
            let content = section.data()?;
            match section.kind() {
                SectionKind::Text => sections.push((index, content.len() as u64, section.align())),
                SectionKind::Data
                    if self.data_section.is_none() && matches!(section.name(), Ok(".data" | "__data")) =>
                {
                    self.data_section = Some(index);
                    self.data = content;
                }
                _ => {}
            }
        }
        for (index, len, align) in sections {
            // No compiler aligns code to more than a page; a larger figure is damage.
            let align = align.clamp(1, 4096).min(file_len.max(1));
            let start = if len == 0 { self.code_len } else { align_up(self.code_len, align) };
            self.code_starts.insert(index, start);
            self.code_len = start + len;
            if len > 0 {
                self.code_align = self.code_align.max(align);
            }
        }
        Ok(())
    }

    fn read_symbols(&mut self) -> object::Result<()> {
        let underscore = self.file.format() == object::BinaryFormat::MachO;
        for symbol in self.file.symbols() {
            let spot = match symbol.section_index() {
                Some(section) => self.spot(section, symbol.address()),
                None if symbol.is_undefined() => Spot::Elsewhere,
                None => Spot::Other(0),
            };
            self.spots.insert(symbol.index().0, spot);
            let name = symbol.name().unwrap_or("");
            let name = if underscore { name.strip_prefix('_').unwrap_or(name) } else { name };
            // The linker drops labels of constants that it merges: `.L12`.
            let is_label = name.starts_with(".L") && !symbol.is_global();
            let is_section = symbol.kind() == SymbolKind::Section;
            let is_listed = !is_section && !is_label && spot != Spot::Elsewhere;
            if name.is_empty() && !matches!(symbol.kind(), SymbolKind::File) {
                continue;
            }
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
                is_function: in_code && (!self.has_kinds || symbol.kind() == SymbolKind::Text),
                is_global: symbol.is_global(),
                is_listed,
            });
        }
        Ok(())
    }

    /// Turns an address of a section into a place.
    fn spot(&self, section: SectionIndex, address: u64) -> Spot {
        let offset = address.wrapping_sub(self.addresses.get(&section.0).copied().unwrap_or(0));
        if let Some(start) = self.code_starts.get(&section.0) {
            return Spot::Code(start.saturating_add(offset));
        }
        if self.data_section == Some(section.0) { Spot::Data(offset) } else { Spot::Other(offset) }
    }

    /// Returns the references of OCaml's data, sorted by place.
    pub(super) fn data_references(&self) -> Vec<Reference> {
        let section =
            self.data_section.and_then(|index| self.file.section_by_index(SectionIndex(index)).ok());
        section.map(|section| self.references(&section, 0)).unwrap_or_default()
    }

    /// Returns the references of machine code, sorted by place.
    pub(super) fn code_references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for section in self.file.sections() {
            if let Some(&start) = self.code_starts.get(&section.index().0) {
                references.extend(self.references(&section, start));
            }
        }
        references.sort_by_key(|reference| reference.at);
        references
    }

    /// Returns the content and the references of a section with one of the given names.
    pub(super) fn named(&self, names: &[&str]) -> Option<(&'d [u8], Vec<Reference>)> {
        let section =
            self.file.sections().find(|section| section.name().is_ok_and(|name| names.contains(&name)))?;
        Some((section.data().ok()?, self.references(&section, 0)))
    }

    /// Returns name, kind and length of every section that has content, in the file's order.
    pub(super) fn sections(&self) -> Vec<(String, SectionKind, u64)> {
        let sections = self.file.sections().filter_map(|section| {
            let len = section.data().ok()?.len() as u64;
            Some((section.name().unwrap_or("").to_owned(), section.kind(), len))
        });
        sections.collect()
    }

    /// Returns the address of a section with one of the given names, in formats whose sections have addresses (Mach-O): there,
    /// distances between sections of one file are filled in, and no reference tells of them.
    pub(super) fn address_of(&self, names: &[&str]) -> Option<u64> {
        let is_filled_in = self.file.format() == object::BinaryFormat::MachO;
        let mut sections = self.file.sections().filter(|_| is_filled_in);
        let section = sections.find(|section| section.name().is_ok_and(|name| names.contains(&name)))?;
        Some(section.address())
    }

    /// Returns the place in code at an address of such a file.
    pub(super) fn code_at(&self, address: u64) -> Option<u64> {
        let mut sections = self.file.sections().filter(|section| section.kind() == SectionKind::Text);
        let section = sections.find(|section| {
            address.checked_sub(section.address()).is_some_and(|offset| offset < section.size())
        })?;
        let start = self.code_starts.get(&section.index().0)?;
        start.checked_add(address - section.address())
    }

    /// Byte order of numbers in the file.
    pub(super) fn endian(&self) -> object::Endianness {
        self.file.endianness()
    }

    /// Returns eight bytes of a section as a number.
    fn word(&self, content: &[u8], at: u64) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let bytes = content.get(at..at.checked_add(8)?)?.try_into().ok()?;
        Some(match self.file.endianness() {
            object::Endianness::Little => u64::from_le_bytes(bytes),
            object::Endianness::Big => u64::from_be_bytes(bytes),
        })
    }

    fn references(&self, section: &object::Section<'d, '_>, start: u64) -> Vec<Reference> {
        // In code, x86-64 counts from behind the field of four bytes, and the addend makes up for it.
        let is_ahead =
            section.kind() == SectionKind::Text && self.file.architecture() == Architecture::X86_64;
        let ahead = if is_ahead { 4 } else { 0 };
        let content = section.data().unwrap_or(&[]);
        let mut references: Vec<Reference> = section
            .relocations()
            .map(|(offset, relocation)| {
                let is_absolute = relocation.kind() == RelocationKind::Absolute;
                let mut addend = relocation.addend().wrapping_add(if is_absolute { 0 } else { ahead });
                // Mach-O keeps the rest of a pointer where it will be filled in: an address of this file, or what to add to
                // the symbol. A distance from another symbol (`subtractor`) says nothing of its target.
                let is_stored = relocation.has_implicit_addend()
                    && is_absolute
                    && relocation.size() == 64
                    && relocation.subtractor().is_none();
                let stored = is_stored.then(|| self.word(content, offset)).flatten();
                let base = match relocation.target() {
                    RelocationTarget::Symbol(index) => {
                        addend = addend.wrapping_add(stored.unwrap_or(0) as i64);
                        self.spots.get(&index.0).copied().unwrap_or(Spot::Other(0))
                    }
                    RelocationTarget::Section(index) if stored.is_some() => {
                        self.spot(index, stored.unwrap_or(0))
                    }
                    RelocationTarget::Section(index) => {
                        let address = self.addresses.get(&index.0).copied().unwrap_or(0);
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
                let at = start.saturating_add(offset);
                Reference { at, target, is_pointer: is_absolute && relocation.size() == 64 }
            })
            .collect();
        references.sort_by_key(|reference| reference.at);
        references
    }
}
