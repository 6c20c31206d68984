//! Dotted paths of definitions: `Map.Make`, `Float.+.`. Modules stand in front; the last component may be an operator, and
//! operators may hold dots.

/// Returns the components of a path, in order; none of the empty path.
pub fn components(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        // Module names begin with a capital letter or `_`, so the first component that does not is the last one.
        let is_module = rest.starts_with(|first: char| first.is_uppercase() || first == '_');
        let (component, behind) = match rest.split_once('.') {
            Some((component, behind)) if is_module && !behind.is_empty() => (component, behind),
            _ => (rest, ""),
        };
        rest = behind;
        Some(component)
    })
}

/// Returns the first component of a path; the empty text of the empty path.
#[must_use]
pub fn first_component(path: &str) -> &str {
    components(path).next().unwrap_or_default()
}

/// Splits a path before its last component.
#[must_use]
pub fn split_last(path: &str) -> (&str, &str) {
    let last = components(path).last().unwrap_or_default();
    let outer = &path[..path.len() - last.len()];
    (outer.strip_suffix('.').unwrap_or(outer), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_may_hold_dots() {
        for (path, expected) in [
            ("", &[][..]),
            ("x", &["x"]),
            ("M.N.x'", &["M", "N", "x'"]),
            ("M", &["M"]),
            ("_.t", &["_", "t"]),
            ("+.", &["+."]),
            ("M.+.", &["M", "+."]),
            ("M.+.+", &["M", "+.+"]),
            (".%{}", &[".%{}"]),
            ("M.N..%.[;..]<-", &["M", "N", ".%.[;..]<-"]),
            ("let*.", &["let*."]),
        ] {
            assert_eq!(components(path).collect::<Vec<_>>(), expected, "{path}");
            assert_eq!(first_component(path), expected.first().copied().unwrap_or_default());
            let (outer, last) = split_last(path);
            assert_eq!(last, expected.last().copied().unwrap_or_default(), "{path}");
            assert_eq!(
                outer,
                expected.split_last().map_or(String::new(), |(_, outer)| outer.join(".")),
                "{path}"
            );
        }
    }
}
