//! Names with wildcards, as they are written in `unlith.toml`.

use globset::{Glob, GlobMatcher};
use serde::{Serialize, Serializer};

/// A name in which `*` stands for any text, `?` for one character and `{a,b}` for one of several.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    matchers: Vec<GlobMatcher>,
    is_module: bool,
}

impl Pattern {
    /// Reads the name of something that is no module: a library or an executable.
    ///
    /// **Errors**: brackets or braces that do not close; the message says which.
    pub fn new(text: &str) -> Result<Pattern, String> {
        let matchers = vec![matcher(text)?];
        Ok(Pattern { text: text.to_owned(), matchers, is_module: false })
    }

    /// Reads the name of a unit or of a library: units begin with a capital.
    ///
    /// Units are named as the linker knows them (`Base__List`, `Base__*`) or as people write them: `Base.List`, and `Scanf` for
    /// `Stdlib__Scanf`.
    ///
    /// **Errors**: as for [`Pattern::new`].
    pub fn of_unit_or_library(text: &str) -> Result<Pattern, String> {
        if !text.starts_with(char::is_uppercase) {
            return Pattern::new(text);
        }
        let linked = text.replace('.', "__");
        let mut matchers = vec![matcher(&linked)?];
        // `S*` shall not mean half of the standard library.
        if !linked.contains(['*', '?', '[', '{']) {
            matchers.push(matcher(&format!("Stdlib__{linked}"))?);
            matchers.push(matcher(&format!("Dune__exe__{linked}"))?);
        }
        Ok(Pattern { text: text.to_owned(), matchers, is_module: true })
    }

    /// Returns it as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Whether it names units.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.is_module
    }
    /// Whether a name is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.matchers.iter().any(|matcher| matcher.is_match(name))
    }
    /// Whether an executable is meant: by its full name, or by the last part of it.
    #[must_use]
    pub fn matches_program(&self, name: &str) -> bool {
        self.matches(name) || name.rsplit('/').next().is_some_and(|last| self.matches(last))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.is_module == other.is_module
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

fn matcher(text: &str) -> Result<GlobMatcher, String> {
    Glob::new(text).map(|glob| glob.compile_matcher()).map_err(|error| error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_units_and_the_rest_libraries() {
        let is = |pattern: &str, name: &str| {
            let pattern = Pattern::of_unit_or_library(pattern).expect("a pattern");
            (pattern.is_module(), pattern.matches(name))
        };
        assert_eq!(is("Unix", "Unix"), (true, true));
        assert_eq!(is("Scanf", "Stdlib__Scanf"), (true, true));
        assert_eq!(is("Stdlib.Scanf", "Stdlib__Scanf"), (true, true));
        assert_eq!(is("Main", "Dune__exe__Main"), (true, true));
        assert_eq!(is("Base.*", "Base__List"), (true, true));
        assert_eq!(is("S*", "Stdlib__Scanf"), (true, true));
        assert_eq!(is("Sc*", "Stdlib__Scanf"), (true, false));
        assert_eq!(is("compiler-libs.*", "compiler-libs.common"), (false, true));
        assert_eq!(is("compiler-libs.*", "compiler-libs"), (false, false));
        assert_eq!(is("{unix,str}", "str"), (false, true));
        assert!(Pattern::new("a[").is_err());
    }

    #[test]
    fn executables_go_by_their_last_part_too() {
        let is = |pattern: &str| Pattern::new(pattern).expect("a pattern").matches_program("bin/main");
        assert!(is("main") && is("bin/main") && is("bin/*") && is("*"));
        assert!(!is("other") && !is("bin"));
    }
}
