//! Changes of dune files, in place: modules of a library listed where it lists them, comments and layout kept.

use super::super::sexp::{self, Sexp, atom_field};
use crate::base::{LineCol, uncapitalise};

/// What a library's stanza has to say besides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ModuleChange {
    /// New modules, by name.
    pub added: Vec<String>,
    /// Modules that other libraries may not name, new ones included.
    pub private: Vec<String>,
    /// The module whose text the new ones have: what the stanza says of it alone is for them as well.
    pub like: Option<String>,
    /// Whether some of them lie below the directory of the dune file.
    pub is_below: bool,
}

/// Lines of a stanza are filled up to this column.
const WIDTH: usize = 100;

/// Adds modules to the stanza of a library, found by its local or public name.
///
/// # Errors
/// When the text has no such stanza, with a sentence for the user.
pub fn add_modules(text: &str, library: &str, change: &ModuleChange) -> Result<String, String> {
    let (stanzas, _) = sexp::read(text);
    let is_library = |stanza: &Sexp| {
        let Some(("library", fields)) = stanza.field() else { return false };
        ["name", "public_name"].iter().any(|field| atom_field(fields, field) == Some(library))
    };
    let at = stanzas.iter().position(is_library);
    let at = at.ok_or_else(|| format!("it has no stanza for the library {library}"))?;
    let mut edits = Vec::new();
    for (i, stanza) in stanzas.iter().enumerate() {
        let Some((_, fields)) = stanza.field() else { continue };
        let modules = fields.iter().find(|field| field.field().is_some_and(|(word, _)| word == "modules"));
        match modules {
            Some(modules) if i == at => edits.extend(listed(text, modules, &change.added)?),
            Some(modules) => edits.extend(left_out(text, modules, &change.added)?),
            None => {}
        }
        if i == at && !change.private.is_empty() {
            not_for_implementations(fields)?;
            edits.push(private(text, stanza, fields, &change.private)?);
        }
        if i == at
            && let Some(like) = &change.like
        {
            edits.extend(preprocessed(text, fields, like, &change.added)?);
        }
    }
    // A field names modules of the directory itself alone then: `Module Sub/x doesn't exist`.
    if change.is_below && !edits.is_empty() && is_qualified(&stanzas) {
        let names = if change.added.is_empty() { &change.private } else { &change.added };
        let fields = "with (include_subdirs qualified) its fields cannot name a module of a subdirectory";
        return Err(format!("{fields}, as they would have to with {}", names.join(", ")));
    }
    edits.sort();
    let mut out = text.to_owned();
    for (offset, new) in edits.into_iter().rev() {
        out.insert_str(offset, &new);
    }
    Ok(out)
}

/// An implementation that is installed has copies of what is private to its virtual library, and dune (3.17) ends with an
/// internal error over where they go.
fn not_for_implementations(fields: &[Sexp]) -> Result<(), String> {
    let has = |name: &str| sexp::field(fields, name).is_some();
    if !has("virtual_modules") || !has("public_name") || has("private_modules") {
        return Ok(());
    }
    Err("a virtual library with a public name can have no private modules: dune does not install its implementations".to_owned())
}

fn is_qualified(stanzas: &[Sexp]) -> bool {
    stanzas.iter().any(|stanza| {
        stanza.field().is_some_and(|(word, mode)| {
            word == "include_subdirs" && mode.first().is_some_and(|mode| mode.is_word("qualified"))
        })
    })
}

/// Moves modules of an executable to a library beside it, which the executable opens.
///
/// # Errors
/// When the text has no such stanza, with a sentence for the user.
pub fn add_library(
    text: &str,
    executable: &str,
    library: &str,
    modules: &[String],
) -> Result<String, String> {
    let (stanzas, _) = sexp::read(text);
    let is_executable = |stanza: &&Sexp| {
        let Some((kind, fields)) = stanza.field() else { return false };
        matches!(kind, "executable" | "executables" | "test" | "tests")
            && ["name", "names"].iter().any(|field| {
                sexp::field(fields, field)
                    .is_some_and(|names| names.iter().any(|name| name.atom() == Some(executable)))
            })
    };
    let stanza = stanzas.iter().find(is_executable);
    let stanza = stanza.ok_or_else(|| format!("it has no stanza for the executable {executable}"))?;
    let fields = stanza.field().map_or(&[][..], |(_, fields)| fields);
    let by_name =
        |name: &str| fields.iter().find(|field| field.field().is_some_and(|(word, _)| word == name));
    let raw = |field: &Sexp| -> Option<&str> {
        Some(&text[offset(text, field.at())?..sexp::closing(text, field.at())? + 1])
    };
    let start = offset(text, stanza.at()).ok_or("its lines cannot be followed")?;
    let name = by_name("name").or_else(|| by_name("names")).ok_or("the stanza has no name")?;
    let name_end = sexp::closing(text, name.at()).ok_or("the field is not closed")? + 1;
    let separator = separator(text, name)?;
    let listed: Vec<&Sexp> = by_name("modules")
        .and_then(|field| field.field())
        .map_or_else(Vec::new, |(_, items)| items.iter().collect());
    let words: Vec<Sexp> = listed.iter().map(|item| (*item).clone()).collect();
    let names: Vec<String> = modules.iter().map(|module| styled(module, &words)).collect();

    let mut new = format!("(library\n (name {library})\n{})", filled(" (modules", &names));
    for field in ["libraries", "preprocess", "preprocessor_deps", "flags", "ocamlc_flags", "ocamlopt_flags"] {
        if let Some(field) = by_name(field).and_then(raw) {
            new.push_str(&format!("\n {field}"));
        }
    }
    new.push_str(")\n\n");

    // Replacements: from, to, text.
    let mut edits: Vec<(usize, usize, String)> = vec![(start, start, new)];
    let mut added = String::new();
    match by_name("modules") {
        None => added.push_str(&format!("{separator}{})", filled("(modules :standard \\", &names))),
        Some(field) if listed.iter().any(|item| takes_all(item)) => {
            let (at, text) = append(text, field, &words, modules)?;
            let has_difference = listed.iter().any(|item| item.is_word("\\"));
            edits.push((at, at, if has_difference { text } else { format!(" \\{text}") }));
        }
        Some(_) => {
            for item in &listed {
                let Some(word) = item.atom() else {
                    return Err("its modules are not a plain list".to_owned());
                };
                if names.iter().any(|name| name == word) {
                    let from = offset(text, item.at()).ok_or("its lines cannot be followed")?;
                    let before = text[..from].trim_end_matches([' ', '\t', '\n']).len();
                    edits.push((before, from + word.len(), String::new()));
                }
            }
        }
    }
    let opened = format!("-open {}", upper(library));
    for (field, word) in [("flags", opened.as_str()), ("libraries", library)] {
        match by_name(field) {
            Some(found) => {
                let close = sexp::closing(text, found.at()).ok_or("the field is not closed")?;
                edits.push((close, close, format!(" {word}")));
            }
            None if field == "flags" => added.push_str(&format!("{separator}(flags (:standard {word}))")),
            None => added.push_str(&format!("{separator}(libraries {word})")),
        }
    }
    edits.push((name_end, name_end, added));
    edits.sort();
    let mut out = text.to_owned();
    for (from, to, new) in edits.into_iter().rev() {
        out.replace_range(from..to, &new);
    }
    Ok(out)
}

/// What stands between a field and the next one.
fn separator(text: &str, field: &Sexp) -> Result<String, String> {
    let start = offset(text, field.at()).ok_or("its lines cannot be followed")?;
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = &text[line..start];
    Ok(if indent.trim().is_empty() { format!("\n{indent}") } else { " ".to_owned() })
}

fn upper(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// New modules in `(modules ..)` of their own stanza; nothing where it takes in all files.
fn listed(text: &str, field: &Sexp, names: &[String]) -> Result<Option<(usize, String)>, String> {
    let items = field.field().map_or(&[][..], |(_, items)| items);
    let difference = items.iter().position(|item| item.is_word("\\"));
    let taken = &items[..difference.unwrap_or(items.len())];
    if names.is_empty() || taken.iter().any(takes_all) {
        return Ok(None);
    }
    match difference {
        Some(at) => {
            let offset = offset(text, items[at].at()).ok_or("its lines cannot be followed")?;
            Ok(Some((offset, names.iter().map(|name| format!("{} ", styled(name, items))).collect())))
        }
        None => append(text, field, items, names).map(Some),
    }
}

/// New modules beside one of `(preprocess (per_module (WHAT MODULES..) ..))`.
fn preprocessed(
    text: &str,
    fields: &[Sexp],
    like: &str,
    names: &[String],
) -> Result<Option<(usize, String)>, String> {
    let by_module = sexp::field(fields, "preprocess").and_then(<[Sexp]>::first).and_then(Sexp::field);
    let Some(("per_module", rows)) = by_module else { return Ok(None) };
    for row in rows {
        let Some([_, modules @ ..]) = row.list() else { continue };
        if modules.iter().filter_map(Sexp::atom).any(|module| uncapitalise(module) == uncapitalise(like)) {
            return append(text, row, modules, names).map(Some);
        }
    }
    Ok(None)
}

/// Whether an ordered set takes in all files, but for those that it leaves out.
fn takes_all(item: &Sexp) -> bool {
    let before = |items: &[Sexp]| items.iter().position(|item| item.is_word("\\")).unwrap_or(items.len());
    match item.list() {
        Some(items) => items[..before(items)].iter().any(takes_all),
        None => item.is_word(":standard"),
    }
}

/// New modules of another stanza, where this one takes in all files but some.
fn left_out(text: &str, field: &Sexp, names: &[String]) -> Result<Option<(usize, String)>, String> {
    let items = field.field().map_or(&[][..], |(_, items)| items);
    if names.is_empty() || !items.iter().any(takes_all) {
        return Ok(None);
    }
    let (offset, mut new) = append(text, field, items, names)?;
    if !items.iter().any(|item| item.is_word("\\")) {
        new.insert_str(0, " \\");
    }
    Ok(Some((offset, new)))
}

/// Adds to `(private_modules ..)`, or adds that field.
fn private(text: &str, stanza: &Sexp, fields: &[Sexp], names: &[String]) -> Result<(usize, String), String> {
    let by_name =
        |name: &str| fields.iter().find(|field| field.field().is_some_and(|(word, _)| word == name));
    if let Some(field) = by_name("private_modules") {
        return append(text, field, field.field().map_or(&[], |(_, items)| items), names);
    }
    let after = ["modules", "public_name", "name"].iter().find_map(|name| by_name(name));
    let after = after.unwrap_or(stanza);
    let close = sexp::closing(text, after.at()).ok_or("the stanza is not closed")?;
    let separator = separator(text, after)?;
    let words: Vec<&str> = by_name("modules")
        .and_then(|field| field.field())
        .map_or_else(Vec::new, |(_, items)| items.iter().filter_map(Sexp::atom).collect());
    let is_upper = words.iter().any(|word| word.starts_with(char::is_uppercase));
    let names: Vec<String> =
        names.iter().map(|name| if is_upper { name.clone() } else { uncapitalise(name) }).collect();
    let field = filled(&format!("{}(private_modules", separator.trim_start_matches('\n')), &names);
    let field = field.trim_start().to_owned();
    Ok((close + 1, format!("{separator}{field})")))
}

/// Appends words to a field, in its own style.
fn append(text: &str, field: &Sexp, items: &[Sexp], names: &[String]) -> Result<(usize, String), String> {
    let close = sexp::closing(text, field.at()).ok_or("the field is not closed")?;
    let last = items.last().and_then(|item| offset(text, item.at()));
    let is_on_lines = items.len() > 1 && items.windows(2).all(|pair| pair[0].at().line < pair[1].at().line);
    // Behind the last word: a comment may follow it.
    let inner =
        items.last().filter(|item| item.list().is_some()).and_then(|item| sexp::closing(text, item.at()));
    let end = last.map_or(close, |last| {
        let last = inner.map_or(last, |inner| inner + 1);
        last + text[last..close].find(|c: char| c.is_whitespace()).unwrap_or(close - last)
    });
    let mut out = String::new();
    for name in names {
        let separator = match (is_on_lines, items.last()) {
            (true, Some(item)) => format!("\n{}", " ".repeat(item.at().col as usize)),
            _ => " ".to_owned(),
        };
        out.push_str(&separator);
        out.push_str(&styled(name, items));
    }
    Ok((end, out))
}

/// `(private_modules a b` with line breaks.
fn filled(head: &str, words: &[String]) -> String {
    let mut out = head.to_owned();
    let indent = head.len() - head.trim_start().len() + 1;
    let mut column = head.len();
    for word in words {
        if column + 1 + word.len() > WIDTH {
            out.push_str(&format!("\n{}{word}", " ".repeat(indent)));
            column = indent + word.len();
        } else {
            out.push_str(&format!(" {word}"));
            column += 1 + word.len();
        }
    }
    out
}

/// A module's name as the words beside it are written.
fn styled(name: &str, words: &[Sexp]) -> String {
    let is_upper = words.iter().filter_map(Sexp::atom).any(|word| word.starts_with(char::is_uppercase));
    if is_upper { name.to_owned() } else { uncapitalise(name) }
}

fn offset(text: &str, at: LineCol) -> Option<usize> {
    let line = if at.line <= 1 {
        0
    } else {
        text.match_indices('\n').nth(at.line as usize - 2).map(|(newline, _)| newline + 1)?
    };
    Some(line + at.col as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, added: &[&str], private: &[&str], expected: &str) {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let change = ModuleChange { added: words(added), private: words(private), ..ModuleChange::default() };
        assert_eq!(add_modules(text, "lib", &change).expect("has the stanza"), expected);
    }

    #[test]
    fn a_library_without_lists_gets_a_list_of_private_modules() {
        check(
            "; head\n(library\n (name lib)\n (libraries a)) ; tail\n",
            &["Core", "Core0"],
            &["Core0"],
            "; head\n(library\n (name lib)\n (private_modules core0)\n (libraries a)) ; tail\n",
        );
        check("(library (name lib))", &["A"], &["A"], "(library (name lib) (private_modules a))");
    }

    #[test]
    fn a_virtual_library_that_is_installed_gets_no_private_modules() {
        let change = ModuleChange { private: vec!["Core0".into()], ..ModuleChange::default() };
        let text = "(library (name lib) (public_name p.lib) (virtual_modules vm))";
        let refused = add_modules(text, "lib", &change).expect_err("it is installed");
        assert!(refused.starts_with("a virtual library with a public name"), "{refused}");
        let hidden = "(library (name lib) (private_modules core0) (virtual_modules vm))";
        let local = text.replace(" (public_name p.lib)", "");
        assert_eq!(add_modules(&local, "lib", &change).as_deref(), Ok(hidden));
        assert_eq!(add_modules(text, "lib", &ModuleChange::default()).as_deref(), Ok(text));
    }

    #[test]
    fn no_field_names_a_module_of_a_qualified_subdirectory() {
        let change = ModuleChange {
            added: vec!["Core".into(), "Core0".into()],
            private: vec!["Core0".into()],
            is_below: true,
            ..ModuleChange::default()
        };
        let text = |mode: &str| format!("(include_subdirs {mode})\n(library (name lib))\n");
        let hidden = "(include_subdirs unqualified)\n(library (name lib) (private_modules core0))\n";
        assert_eq!(add_modules(&text("unqualified"), "lib", &change).as_deref(), Ok(hidden));
        let refused = add_modules(&text("qualified"), "lib", &change).expect_err("it has to be named");
        assert!(refused.ends_with("with Core, Core0"), "{refused}");
        let open = ModuleChange { private: Vec::new(), ..change };
        assert_eq!(add_modules(&text("qualified"), "lib", &open), Ok(text("qualified")));
    }

    #[test]
    fn what_the_stanza_says_of_one_module_is_for_those_made_of_it() {
        let text = "(library (name lib) (preprocess (per_module ((pps a) x) ((pps b) Y z))))";
        let change =
            ModuleChange { added: vec!["Y_core".into()], like: Some("Y".into()), ..ModuleChange::default() };
        let expected = "(library (name lib) (preprocess (per_module ((pps a) x) ((pps b) Y z Y_core))))";
        assert_eq!(add_modules(text, "lib", &change).expect("has the stanza"), expected);
    }

    #[test]
    fn lists_grow_in_their_own_style() {
        check(
            "(library\n (name lib)\n (modules A B)\n (private_modules\n  B\n  C))\n",
            &["D"],
            &["D"],
            "(library\n (name lib)\n (modules A B D)\n (private_modules\n  B\n  C\n  D))\n",
        );
        check(
            "(library (name lib) (modules (:standard \\ x)))",
            &["D"],
            &[],
            "(library (name lib) (modules (:standard \\ x)))",
        );
        check(
            "(library (name lib) (modules :standard \\ x))",
            &["D"],
            &[],
            "(library (name lib) (modules :standard \\ x))",
        );
    }

    #[test]
    fn an_executable_opens_the_library_beside_it() {
        let modules = ["A".to_owned(), "B".to_owned()];
        let moved = |text: &str| add_library(text, "main", "main_lib", &modules).expect("has the stanza");
        assert_eq!(
            moved("; bin\n(executable\n (name main)\n (libraries str))\n"),
            "; bin\n(library\n (name main_lib)\n (modules a b)\n (libraries str))\n\n(executable\n (name main)\n \
             (modules :standard \\ a b)\n (flags (:standard -open Main_lib))\n (libraries str main_lib))\n"
        );
        assert_eq!(
            moved("(executables (names main other) (modules Main A B Other) (flags :standard))"),
            "(library\n (name main_lib)\n (modules A B)\n (flags :standard))\n\n(executables (names main other) \
             (libraries main_lib) (modules Main Other) (flags :standard -open Main_lib))"
        );
    }

    #[test]
    fn other_stanzas_leave_the_new_modules_out() {
        check(
            "(library (name lib) (modules lib))\n(executable (name x) (modules :standard \\ lib))\n",
            &["D"],
            &[],
            "(library (name lib) (modules lib d))\n(executable (name x) (modules :standard \\ lib d))\n",
        );
    }
}
