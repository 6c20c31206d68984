//! Modules and their files: a unit is called as its file, with a capital.
//!
//! Source: `String.capitalize_ascii` in the compiler's `driver/compenv.ml`: letters that are not ASCII stay as they are.

/// Returns the name of the unit of a file's stem: `base__List` is of `Base__List`.
#[must_use]
pub fn capitalise(stem: &str) -> String {
    let mut text = stem.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Returns the stem of the files of a module, as most are called: with a small letter.
#[must_use]
pub fn uncapitalise(module: &str) -> String {
    let mut text = module.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letter_alone_changes() {
        assert_eq!(
            (capitalise("base__List"), uncapitalise("Base__List")),
            ("Base__List".into(), "base__List".into())
        );
        assert_eq!((capitalise("\u{e9}cole"), uncapitalise("")), ("\u{e9}cole".into(), String::new()));
    }
}
