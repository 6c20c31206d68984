//! What writes OCaml: which program makes a module, and what it is told that matters here; or a rule that holds the text.

use crate::base::{LineCol, Name};
use std::path::Path;

/// What makes OCaml of a file that is in a language of its own.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Generator {
    /// `ocamllex`: a `.mll`.
    Ocamllex,
    /// `ocamlyacc`: a `.mly`.
    Ocamlyacc,
    /// `menhir`: a `.mly`.
    Menhir(MenhirFlags),
    /// Of a `.mly` nothing says which of the two reads it: menhir, where it is written as menhir alone reads it.
    YaccOrMenhir,
    /// A rule that holds the text itself, in a build file.
    Written {
        /// The text. Variables of the build stand in strings alone.
        text: String,
        /// Where the build file has it.
        at: LineCol,
    },
}

impl Generator {
    /// What makes OCaml of a file, by its name.
    pub(crate) fn of_file(path: &Path) -> Option<Generator> {
        match path.extension()?.to_str()? {
            "mll" => Some(Generator::Ocamllex),
            "mly" => Some(Generator::YaccOrMenhir),
            _ => None,
        }
    }
}

/// The flags of menhir that decide what its code names.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MenhirFlags {
    /// `--table`: the automaton is a table for the engine of `MenhirLib`, and not code.
    pub is_table: bool,
    /// `--inspection`: what is on the stack can be asked for.
    pub has_inspection: bool,
    /// `--external-tokens M`: the type of tokens is that of another module.
    pub external_tokens: Option<Name>,
    /// `--only-tokens`: nothing but the type of tokens is made.
    pub is_only_tokens: bool,
}

impl MenhirFlags {
    /// Reads the flags of a command line; those that change no name are passed over.
    pub(crate) fn read<'w>(words: impl IntoIterator<Item = &'w str>) -> MenhirFlags {
        let mut flags = MenhirFlags::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word {
                "--table" | "-t" => flags.is_table = true,
                "--inspection" => flags.has_inspection = true,
                "--only-tokens" => flags.is_only_tokens = true,
                "--external-tokens" => flags.external_tokens = words.next().map(crate::base::name),
                _ => {}
            }
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_change_names_are_known() {
        let flags = MenhirFlags::read(["--explain", "--table", "--external-tokens", "Tokens", "--lalr"]);
        let expected = MenhirFlags {
            is_table: true,
            external_tokens: Some(crate::base::name("Tokens")),
            ..MenhirFlags::default()
        };
        assert_eq!(flags, expected);
    }
}
