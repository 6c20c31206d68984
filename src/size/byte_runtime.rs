//! The runtime of bytecode programs, as far as they depend on it: the line that names it, and the C functions that it has.
//!
//! Takes the directory of the standard library, gives [`ByteRuntime`]. A program lists all C functions of its runtime, used or not;
//! the runtime keeps their names among its read-only strings, which the functions of its library tell from other strings.
//!
//! **Source**: `bytecomp/bytelink.ml` and `runtime/gen_primitives.sh` of OCaml 4.13 and 5.3.

use super::c_library::CLibrary;
use crate::base::{Name, name, read_regular};
use object::{Object, ObjectSection};
use std::collections::BTreeSet;
use std::path::Path;

/// What bytecode programs have of their runtime.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ByteRuntime {
    /// The first line of every program: `#!/usr/bin/ocamlrun`, with its end of line.
    pub(super) launcher: Vec<u8>,
    /// The C functions that it has; empty where it is not installed.
    pub(super) primitives: Vec<Name>,
    /// All that its library defines: more than OCaml code can call.
    offered: BTreeSet<Name>,
}

/// Longer files are none of the bytecode compiler's.
pub(super) const MAX_BYTES: u64 = 1 << 30;

impl ByteRuntime {
    /// Reads what is installed beside a standard library.
    pub(super) fn read(stdlib: &Path) -> ByteRuntime {
        let library = read_regular(&stdlib.join("libcamlrun.a"), MAX_BYTES).ok();
        let library = library.and_then(|bytes| CLibrary::read(&bytes).ok()).unwrap_or_default();
        let offered: BTreeSet<Name> = library.offered().collect();
        let launcher = launcher(stdlib).unwrap_or_default();
        let path = std::str::from_utf8(&launcher).ok().and_then(|line| line.strip_prefix("#!"));
        let bytes = path.and_then(|path| read_regular(Path::new(path.trim_end()), MAX_BYTES).ok());
        let strings = bytes.and_then(|bytes| read_only_strings(&bytes)).unwrap_or_default();
        let primitives = strings.into_iter().filter(|text| offered.contains(text)).collect();
        ByteRuntime { launcher, primitives, offered }
    }

    /// Whether the runtime has a C function.
    pub(super) fn has(&self, symbol: Name) -> bool {
        if self.primitives.is_empty() {
            self.offered.contains(&symbol)
        } else {
            self.primitives.contains(&symbol)
        }
    }
}

/// What the linker writes first: `camlheader` holds it up to OCaml 5.0, later its place is computed from a directory.
fn launcher(stdlib: &Path) -> Option<Vec<u8>> {
    if let Ok(line) = read_regular(&stdlib.join("camlheader"), MAX_BYTES) {
        return line.starts_with(b"#!").then_some(line);
    }
    let info = read_regular(&stdlib.join("runtime-launch-info"), MAX_BYTES).ok()?;
    let mut lines = info.split(|&byte| byte == b'\n' || byte == 0);
    let (kind, dir) = (lines.next()?, lines.next()?);
    (kind == b"sh").then(|| [b"#!", dir, b"/ocamlrun\n"].concat())
}

/// The strings among the read-only data of a program, one of each, in order.
fn read_only_strings(bytes: &[u8]) -> Option<Vec<Name>> {
    let file = object::File::parse(bytes).ok()?;
    let content = file.section_by_name(".rodata")?.data().ok()?;
    let texts = content.split(|&byte| byte == 0).filter(|text| !text.is_empty());
    let mut seen = BTreeSet::new();
    let names =
        texts.filter_map(|text| std::str::from_utf8(text).ok()).filter(|text| text.starts_with("caml_"));
    Some(names.map(name).filter(|text| seen.insert(*text)).collect())
}
