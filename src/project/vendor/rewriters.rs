//! Which rewriters made a source, as far as its text tells, and whether they are there.

use super::{VendorError, Vendored, error};
use crate::base::{Code, LibraryId};
use crate::project::files::load_installed;
use crate::project::model::{LibraryOrigin, Project};
use crate::project::options::LoadOptions;
use std::collections::{BTreeMap, BTreeSet};

/// Rewriters must be there, and must not be made with what the workspace has.
pub(super) fn check_rewriters(
    project: &Project,
    rewriters: &BTreeMap<&'static str, LibraryId>,
    vendored: &Vendored,
    options: &LoadOptions,
) -> Result<(), VendorError> {
    if rewriters.is_empty() {
        return Ok(());
    }
    for (&rewriter, &user) in rewriters {
        let tools = load_installed(&LoadOptions { packages: vec![rewriter.to_owned()], ..options.clone() });
        if !tools.libraries.iter().any(|tool| tool.name.as_str() == rewriter)
            || tools.problems.iter().any(|problem| problem.code == Code::MissingPackage)
        {
            let reason = format!("its sources pass through `{rewriter}`, which is not installed");
            return Err(error(project.library(user), reason));
        }
        let made_with = vendored.names.keys().map(|&id| project.library(id)).find(|library| {
            tools
                .libraries
                .iter()
                .any(|tool| tool.name == library.name && tool.origin == LibraryOrigin::Installed)
        });
        if let Some(library) = made_with {
            let reason =
                format!("the rewriter `{rewriter}`, which other libraries here need, is made with it");
            return Err(error(library, reason));
        }
    }
    Ok(())
}

/// The rewriters that a text asks for.
/// APPROX: words in strings count; a rewriter that finds nothing to do does nothing.
pub(super) fn rewriters_of(text: &str) -> BTreeSet<&'static str> {
    let text = &without_comments(text);
    let mut found = BTreeSet::new();
    let mut take = |word: &str| {
        found.extend(REWRITERS.iter().filter(|(known, _)| *known == word).map(|&(_, rewriter)| rewriter));
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, _) in text.match_indices("@@deriving") {
        let list = &text[at + "@@deriving".len()..];
        let list = &list[..list.find(']').unwrap_or(list.len())];
        list.split(|c| !is_word(c)).for_each(&mut take);
    }
    for (at, _) in text.match_indices('%') {
        let is_node = text[..at].ends_with(['[', 't', 'h', 'y']);
        let rest = &text[at + 1..];
        if is_node {
            take(&rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]);
        }
    }
    found
}

/// Which rewriter handles which word after `[@@deriving` or `%`.
const REWRITERS: [(&str, &str); 27] = [
    ("sexp", "ppx_sexp_conv"),
    ("sexp_of", "ppx_sexp_conv"),
    ("of_sexp", "ppx_sexp_conv"),
    ("sexp_poly", "ppx_sexp_conv"),
    ("compare", "ppx_compare"),
    ("equal", "ppx_compare"),
    ("hash", "ppx_hash"),
    ("hash_fold", "ppx_hash"),
    ("fields", "ppx_fields_conv"),
    ("variants", "ppx_variants_conv"),
    ("bin_io", "ppx_bin_prot"),
    ("bin_read", "ppx_bin_prot"),
    ("bin_write", "ppx_bin_prot"),
    ("bin_shape", "ppx_bin_prot"),
    ("enumerate", "ppx_enumerate"),
    ("typerep", "ppx_typerep_conv"),
    ("here", "ppx_here"),
    ("message", "ppx_sexp_message"),
    ("bind", "ppx_let"),
    ("lwt", "lwt_ppx"),
    ("show", "ppx_deriving.show"),
    ("eq", "ppx_deriving.eq"),
    ("ord", "ppx_deriving.ord"),
    ("make", "ppx_deriving.make"),
    ("yojson", "ppx_deriving_yojson"),
    ("to_yojson", "ppx_deriving_yojson"),
    ("of_yojson", "ppx_deriving_yojson"),
];

/// A text without its comments, which may nest. A quote that opens no string (`'"'`) is passed over.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut is_string) = (0usize, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut n = c.len_utf8();
        if is_string {
            is_string = c != '"';
            n += usize::from(c == '\\') * rest[n..].chars().next().map_or(0, char::len_utf8);
        } else if rest.starts_with("'\"'") {
            n = 3;
        } else if c == '"' {
            is_string = true;
        } else if rest.starts_with("(*") {
            (depth, n) = (depth + 1, 2);
        } else if depth > 0 && rest.starts_with("*)") {
            depth -= 1;
            rest = &rest[2..];
            continue;
        }
        if depth == 0 {
            out.push_str(&rest[..n]);
        }
        rest = &rest[n..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rewriters_are_found_by_what_they_rewrite() {
        let text = "type t = int [@@deriving sexp, compare]\nlet x = [%here]\nlet y = 5 % fields\nlet%bind z = w (* [%message (* \"*)\" *) x] *)";
        let found: Vec<&str> = rewriters_of(text).into_iter().collect();
        assert_eq!(found, ["ppx_compare", "ppx_here", "ppx_let", "ppx_sexp_conv"]);
    }
}
