//! An executable laid out: sections in the order and at the alignment that the GNU linker gives them on Linux.
//!
//! Takes the lengths of sections, gives the sum of the allocated ones and the lengths of the file with and without symbols.
//! Load segments start at pages (`-z separate-code`), and what is read-only after start-up (`-z relro`) ends at one.
//!
//! **Source**: the default linker script of binutils 2.40 for x86-64, checked against linked programs.

use super::relocatable::align_up;

const PAGE: u64 = 4096;

/// Lengths of the sections of a position-independent executable; 0 where there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Sections {
    pub(super) gnu_hash: u64,
    pub(super) dynsym: u64,
    pub(super) dynstr: u64,
    pub(super) gnu_version: u64,
    pub(super) gnu_version_r: u64,
    pub(super) rela_dyn: u64,
    pub(super) rela_plt: u64,
    pub(super) plt: u64,
    pub(super) plt_got: u64,
    pub(super) text: u64,
    pub(super) rodata: u64,
    pub(super) eh_frame_hdr: u64,
    pub(super) eh_frame: u64,
    pub(super) data_rel_ro: u64,
    pub(super) dynamic: u64,
    pub(super) got: u64,
    pub(super) data: u64,
    pub(super) debug: u64,
    pub(super) n_debug_sections: u64,
    pub(super) symtab: u64,
    pub(super) strtab: u64,
}

/// Lengths of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Lengths {
    pub(super) alloc: u64,
    pub(super) stripped: u64,
    /// With symbols, without debug sections.
    pub(super) without_debug: u64,
    pub(super) unstripped: u64,
}

impl Sections {
    /// Returns names and lengths of the sections whose length depends on the program, in file order.
    pub(super) fn named(&self) -> [(&'static str, u64); 17] {
        [
            (".gnu.hash", self.gnu_hash),
            (".dynsym", self.dynsym),
            (".dynstr", self.dynstr),
            (".gnu.version", self.gnu_version),
            (".gnu.version_r", self.gnu_version_r),
            (".rela.dyn", self.rela_dyn),
            (".rela.plt", self.rela_plt),
            (".plt", self.plt),
            (".plt.got", self.plt_got),
            (".text", self.text),
            (".rodata", self.rodata),
            (".eh_frame_hdr", self.eh_frame_hdr),
            (".eh_frame", self.eh_frame),
            (".data.rel.ro", self.data_rel_ro),
            (".dynamic", self.dynamic),
            (".got", self.got),
            (".data", self.data),
        ]
    }

    /// Returns names and lengths of what stripping removes.
    pub(super) fn unallocated(&self) -> [(&'static str, u64); 3] {
        [(".debug", self.debug), (".symtab", self.symtab), (".strtab", self.strtab)]
    }

    /// Lays the file out.
    pub(super) fn lay_out(&self) -> Lengths {
        let mut file = Cursor { at: 0x318, alloc: 0, n_sections: 0 };
        // `.interp` and three notes.
        for (n_bytes, align) in [(28, 1), (32, 8), (36, 4), (32, 4)] {
            file.put(n_bytes, align);
        }
        file.put(self.gnu_hash, 8);
        file.put(self.dynsym, 8);
        file.put(self.dynstr, 1);
        file.put(self.gnu_version, 2);
        file.put(self.gnu_version_r, 8);
        file.put(self.rela_dyn, 8);
        file.put(self.rela_plt, 8);
        file.at = align_up(file.at, PAGE);
        file.put(23, 4); // .init
        file.put(self.plt, 16);
        file.put(self.plt_got, 16);
        file.put(self.text, 16);
        file.put(9, 4); // .fini
        file.at = align_up(file.at, PAGE);
        file.put(self.rodata, 32);
        file.put(self.eh_frame_hdr, 4);
        file.put(self.eh_frame, 8);
        let relro_start = align_up(file.at, 8);
        file.put(8, 8); // .init_array
        file.put(8, 8); // .fini_array
        file.put(self.data_rel_ro, 32);
        file.put(self.dynamic, 8);
        file.put(self.got, 8);
        let relro = file.at - relro_start;
        file.at = align_up(relro_start + relro, PAGE);
        file.put(self.data, 32);
        let alloc = file.alloc;
        file.n_sections += 1; // .bss
        file.put(39, 1); // .comment
        let mut stripped = file;
        let names = self.names_len();
        // Names of sections, then their headers; the first one is empty.
        stripped.put(names, 1);
        let end = |file: Cursor| align_up(file.at, 8) + 64 * (file.n_sections + 1);
        let with_symbols = |mut file: Cursor, debug: u64, n_debug_sections: u64| {
            if debug > 0 {
                file.at = align_up(file.at, 16) + debug;
            }
            file.n_sections += n_debug_sections;
            file.put(self.symtab, 8);
            file.put(self.strtab, 1);
            // `.symtab`, `.strtab` and names like `.debug_aranges`.
            file.put(names + 8 + 8 + 13 * n_debug_sections, 1);
            end(file)
        };
        Lengths {
            alloc,
            stripped: end(stripped),
            without_debug: with_symbols(file, 0, 0),
            unstripped: with_symbols(file, self.debug, self.n_debug_sections),
        }
    }

    /// Length of the names of allocated sections: `.plt` ends `.rela.plt`, and so on.
    fn names_len(&self) -> u64 {
        let shared = [".plt", ".got", ".data.rel.ro"];
        let own = self.named().into_iter().filter(|(name, n_bytes)| *n_bytes > 0 && !shared.contains(name));
        let fixed = ".interp .note.gnu.property .note.gnu.build-id .note.ABI-tag .init .fini .init_array .fini_array \
                     .bss .comment .shstrtab ";
        let n_relro = if self.data_rel_ro > 0 { ".data.rel.ro".len() as u64 + 1 } else { 0 };
        1 + fixed.len() as u64 + own.map(|(name, _)| name.len() as u64 + 1).sum::<u64>() + n_relro
    }
}

/// Where the next section goes.
#[derive(Clone, Copy)]
struct Cursor {
    at: u64,
    alloc: u64,
    n_sections: u64,
}

impl Cursor {
    fn put(&mut self, n_bytes: u64, align: u64) {
        if n_bytes > 0 {
            self.at = align_up(self.at, align) + n_bytes;
            self.alloc += n_bytes;
            self.n_sections += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The empty program, as OCaml 4.13.1 and binutils 2.40 link it.
    const EMPTY: Sections = Sections {
        gnu_hash: 9424,
        dynsym: 28176,
        dynstr: 23403,
        gnu_version: 2348,
        gnu_version_r: 224,
        rela_dyn: 14184,
        rela_plt: 2448,
        plt: 1648,
        plt_got: 8,
        text: 153_265,
        rodata: 9109,
        eh_frame_hdr: 8100,
        eh_frame: 35768,
        data_rel_ro: 0,
        dynamic: 512,
        got: 880,
        data: 17580,
        debug: 12274,
        n_debug_sections: 6,
        symtab: 39816,
        strtab: 32808,
    };

    #[test]
    fn the_empty_program_has_its_lengths() {
        let lengths = EMPTY.lay_out();
        assert_eq!((lengths.alloc, lengths.stripped), (307_253, 314_584));
        assert!(lengths.unstripped.abs_diff(400_112) <= 64, "{lengths:?}");
    }

    #[test]
    fn a_byte_more_in_the_file_may_be_a_page() {
        let grown = |n_bytes| Sections { data: EMPTY.data + n_bytes, ..EMPTY }.lay_out().stripped;
        assert_eq!(grown(8) - grown(0), 8, "data comes last");
        let code = |n_bytes| Sections { text: EMPTY.text + n_bytes, ..EMPTY }.lay_out().stripped;
        assert_eq!((code(512) - code(0), code(4096) - code(0)), (0, 4096));
    }
}
