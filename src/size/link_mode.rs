//! How a native executable is linked, as far as its size depends on it.

use super::Profile;

/// The choices of a final link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkMode {
    /// Whether it may be loaded anywhere, so that each pointer in its data needs a relocation.
    pub is_pie: bool,
    /// Whether it exports its symbols to shared libraries that it loads (`-Wl,-E`, OCaml's default).
    pub exports: bool,
    /// Whether the C library is part of it (`-static`): then nothing is relocated or exported.
    pub is_static: bool,
}

impl LinkMode {
    /// What OCaml does on Linux unless told otherwise.
    pub const DEFAULT: LinkMode = LinkMode { is_pie: true, exports: true, is_static: false };
    /// `-ccopt -no-pie`.
    pub const NO_PIE: LinkMode = LinkMode { is_pie: false, exports: true, is_static: false };
    /// `-ccopt -Wl,--no-export-dynamic`.
    pub const NO_EXPORT: LinkMode = LinkMode { is_pie: true, exports: false, is_static: false };
    /// Both.
    pub const FIXED: LinkMode = LinkMode { is_pie: false, exports: false, is_static: false };
    /// `-ccopt -static`.
    pub const STATIC: LinkMode = LinkMode { is_pie: false, exports: false, is_static: true };

    /// Returns how the native profiles are linked; bytecode is not.
    #[must_use]
    pub fn of(profile: Profile) -> Option<LinkMode> {
        match profile {
            Profile::Pie => Some(LinkMode::DEFAULT),
            Profile::Static => Some(LinkMode::STATIC),
            Profile::Bytecode => None,
        }
    }
}
