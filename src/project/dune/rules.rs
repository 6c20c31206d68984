//! What the actions of a `rule` say of the files that it makes.

use super::super::generator::{Generator, MenhirFlags};
use super::super::sexp::{Sexp, field};
use super::lang::{CPPO, program_name};

/// The files that a rule makes, as far as it names them.
pub(super) fn rule_targets(fields: &[Sexp]) -> Vec<String> {
    let named = field(fields, "targets").or_else(|| field(fields, "target"));
    let mut targets: Vec<String> = match named {
        Some(items) => items.iter().filter_map(Sexp::atom).map(str::to_string).collect(),
        None => Vec::new(),
    };
    // dune infers targets from actions that write a file.
    let mut todo: Vec<&Sexp> = if named.is_some() { Vec::new() } else { fields.iter().collect() };
    while let Some(sexp) = todo.pop() {
        let Some((word, rest)) = sexp.field() else { continue };
        match word {
            "with-stdout-to" | "with-stderr-to" | "with-outputs-to" | "write-file" => {
                targets.extend(rest.first().and_then(Sexp::atom).map(str::to_string));
                todo.extend(rest.iter().skip(1));
            }
            "copy" | "copy#" | "symlink" => {
                targets.extend(rest.get(1).and_then(Sexp::atom).map(str::to_string))
            }
            _ => todo.extend(rest),
        }
    }
    let in_dir = |target: String| target.strip_prefix("./").map(str::to_string).unwrap_or(target);
    targets.into_iter().map(in_dir).filter(|target| !target.contains('/')).collect()
}

/// For a rule that copies a file to `target`, or prints that file alone: the file.
pub(super) fn copied_from(fields: &[Sexp], target: &str) -> Option<String> {
    let mut todo: Vec<&Sexp> = fields.iter().collect();
    while let Some(sexp) = todo.pop() {
        let Some((word, rest)) = sexp.field() else { continue };
        let (from, to) = match (word, rest) {
            ("copy" | "copy#" | "symlink", [from, to]) => (from, to),
            ("with-stdout-to", [to, action]) => match action.field() {
                Some(("cat", [from])) => (from, to),
                _ => {
                    todo.push(action);
                    continue;
                }
            },
            _ => {
                todo.extend(rest);
                continue;
            }
        };
        if to.atom().is_some_and(|to| is_target(to, target)) {
            return dependency_named(fields, from.atom()?);
        }
    }
    None
}

/// A program that a rule runs.
struct Run<'f> {
    /// Its name, without what finds it.
    program: &'f str,
    words: Vec<&'f str>,
    /// Whether what it prints becomes the target.
    is_printed: bool,
}

fn is_target(text: &str, target: &str) -> bool {
    text == target || text == "%{target}" || text == "%{targets}"
}

/// The programs that a rule runs, for one of its targets.
fn runs<'f>(fields: &'f [Sexp], target: &str) -> Vec<Run<'f>> {
    // Actions, each with whether what it prints goes to the target.
    let mut todo: Vec<(&Sexp, bool)> = fields.iter().map(|field| (field, false)).collect();
    let mut runs = Vec::new();
    while let Some((sexp, is_printed)) = todo.pop() {
        let Some((word, rest)) = sexp.field() else { continue };
        if word == "run" {
            let mut words = rest.iter().filter_map(Sexp::atom);
            if let Some(program) = words.next().map(program_name) {
                runs.push(Run { program, words: words.collect(), is_printed });
            }
            continue;
        }
        let is_printed = match word {
            "with-stdout-to" => rest.first().and_then(Sexp::atom).is_some_and(|to| is_target(to, target)),
            _ => is_printed,
        };
        todo.extend(rest.iter().map(|inner| (inner, is_printed)));
    }
    runs
}

/// For a rule that makes `target` with cppo: the file whose conditional lines cppo reads. It is read the same way here.
pub(super) fn conditional_from(fields: &[Sexp], target: &str) -> Option<String> {
    for Run { program, words, is_printed } in runs(fields, target) {
        if program != CPPO {
            continue;
        }
        let mut words = words.into_iter();
        let (mut output, mut source) = (None, None);
        while let Some(word) = words.next() {
            match word {
                "-o" => output = words.next(),
                "-V" | "-D" | "-U" | "-I" | "-x" => drop(words.next()),
                _ if word.starts_with('-') => {}
                _ => source = Some(word),
            }
        }
        if output.map_or(is_printed, |output| is_target(output, target)) {
            return dependency_named(fields, source?);
        }
    }
    None
}

/// For a rule that holds the text of `target` (`echo`, `write-file`): the text, and where it is. What variables stand for
/// is not known: in an OCaml string they stay as they are, and with one elsewhere nothing is known.
pub(super) fn written(fields: &[Sexp], target: &str) -> Option<Generator> {
    let mut todo: Vec<&Sexp> = fields.iter().collect();
    while let Some(sexp) = todo.pop() {
        let Some((word, rest)) = sexp.field() else { continue };
        let (to, what) = match rest {
            [to, what @ ..] if matches!(word, "with-stdout-to" | "write-file") => (to, what),
            _ => {
                todo.extend(rest);
                continue;
            }
        };
        if !to.atom().is_some_and(|to| is_target(to, target)) {
            continue;
        }
        let mut text = String::new();
        match (word, what) {
            ("write-file", [Sexp::Atom { text: whole, .. }]) => text.push_str(whole),
            ("with-stdout-to", [action]) => echoed(action, &mut text)?,
            _ => return None,
        }
        return (!has_variable_in_code(&text)).then(|| Generator::Written { text, at: sexp.at() });
    }
    None
}

/// What an action prints that does nothing else.
fn echoed(action: &Sexp, text: &mut String) -> Option<()> {
    let (word, rest) = action.field()?;
    match word {
        "echo" => {
            let words: Option<Vec<&str>> = rest.iter().map(Sexp::atom).collect();
            text.push_str(&words?.join(" "));
            Some(())
        }
        "progn" => rest.iter().try_for_each(|action| echoed(action, text)),
        _ => None,
    }
}

/// Whether a variable stands outside strings, where it may hold any code.
fn has_variable_in_code(text: &str) -> bool {
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_in_string,
            b'"' => is_in_string = !is_in_string,
            b'%' if !is_in_string && bytes.peek() == Some(&b'{') => return true,
            _ => {}
        }
    }
    false
}

/// For a rule that runs a generator to make `target`: what it is made of, and by what.
pub(super) fn generated_from(fields: &[Sexp], target: &str) -> Option<(String, Generator)> {
    for Run { program, words, .. } in runs(fields, target) {
        let generator = match program {
            // With `-ml` it writes another kind of automaton.
            "ocamllex" if !words.contains(&"-ml") => Generator::Ocamllex,
            "ocamlyacc" => Generator::Ocamlyacc,
            "menhir" => Generator::Menhir(MenhirFlags::read(words.iter().copied())),
            _ => continue,
        };
        let mut words = words.into_iter();
        let (mut output, mut base, mut sources) = (None, None, Vec::new());
        while let Some(word) = words.next() {
            match word {
                "-o" => output = words.next(),
                "-b" | "--base" => base = words.next().map(str::to_owned),
                "--external-tokens" | "--unused-token" => drop(words.next()),
                _ if word.starts_with('-') => {}
                _ => sources.extend(dependency_named(fields, word)),
            }
        }
        let [source] = &sources[..] else { continue };
        let base = base.or_else(|| Some(source.rsplit_once('.')?.0.to_owned()));
        let is_its = |base: String| target.strip_suffix(".mli").or(target.strip_suffix(".ml")) == Some(&base);
        if output.map_or_else(|| base.is_some_and(is_its), |output| is_target(output, target)) {
            return Some((source.clone(), generator));
        }
    }
    None
}

/// What `%{deps}`, `%{dep:FILE}` and `%{NAME}` of a rule stand for, as far as it is one file.
fn dependency_named(fields: &[Sexp], text: &str) -> Option<String> {
    let variable = text.strip_prefix("%{").and_then(|text| text.strip_suffix('}'));
    let Some(variable) = variable.filter(|variable| !variable.contains('}')) else {
        return Some(text.to_owned());
    };
    if let Some(file) = variable.strip_prefix("dep:") {
        return Some(file.to_owned());
    }
    let deps = field(fields, "deps")?;
    if matches!(variable, "deps" | "first-dep" | "<") {
        let first = deps.first()?;
        return first.atom().or_else(|| first.field()?.1.first()?.atom()).map(str::to_owned);
    }
    let named =
        deps.iter().filter_map(Sexp::field).find(|(word, _)| word.strip_prefix(':') == Some(variable));
    named?.1.first()?.atom().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::super::sexp::read;
    use super::*;

    #[test]
    fn targets_of_rules() {
        let targets = |text: &str| rule_targets(&read(text).0).join(" ");
        assert_eq!(targets("(targets a.ml b.ml) (action (with-stdout-to c.ml (run x)))"), "a.ml b.ml");
        assert_eq!(
            targets("(action (progn (with-stdout-to a.ml (run x)) (write-file b.ml \"\")))"),
            "b.ml a.ml"
        );
        assert_eq!(targets("(copy x/a.ml ./b.ml)"), "b.ml");
        assert_eq!(
            copied_from(&read("(target b.ml) (action (copy# x/a.ml %{target}))").0, "b.ml").unwrap(),
            "x/a.ml"
        );
    }

    #[test]
    fn sources_of_rules_that_copy() {
        for text in [
            "(copy ../b.ml a.ml)",
            "(action (copy# %{dep:../b.ml} %{target}))",
            "(targets a.ml) (deps ../b.ml) (action (copy %{deps} %{targets}))",
            "(targets a.ml) (deps (:x ../b.ml) c) (action (chdir d (copy %{x} %{targets})))",
            "(with-stdout-to a.ml (cat ../b.ml))",
            "(deps ../b.ml) (action (with-stdout-to a.ml (cat %{deps})))",
        ] {
            assert_eq!(copied_from(&read(text).0, "a.ml").as_deref(), Some("../b.ml"), "{text}");
        }
        let root = "(copy %{project_root}/b.ml a.ml)";
        assert_eq!(copied_from(&read(root).0, "a.ml").as_deref(), Some("%{project_root}/b.ml"));
        assert_eq!(copied_from(&read("(with-stdout-to a.ml (cat b.ml c.ml))").0, "a.ml"), None);
        assert_eq!(copied_from(&read("(copy b.ml c.ml)").0, "a.ml"), None);
    }

    #[test]
    fn sources_of_rules_that_run_cppo() {
        let source = |text: &str, target: &str| conditional_from(&read(text).0, target);
        for text in [
            "(targets a.ml) (deps a.cppo.ml) (action (run %{bin:cppo} -V OCAML:%{ocaml_version} %{deps} -o %{targets}))",
            "(targets a.ml) (deps (:x a.cppo.ml)) (action (chdir x (run cppo -V OCAML:5 %{x} -o %{targets})))",
            "(action (with-stdout-to a.ml (run %{bin:cppo} -n -D B %{dep:a.cppo.ml})))",
            "(target a.ml) (action (with-stdout-to %{target} (run cppo a.cppo.ml)))",
            "(targets b.ml a.ml) (action (progn (run cppo b.cppo.ml -o b.ml) (run cppo a.cppo.ml -o a.ml)))",
        ] {
            assert_eq!(source(text, "a.ml").as_deref(), Some("a.cppo.ml"), "{text}");
        }
        assert_eq!(source("(action (with-stdout-to a.ml (run %{exe:gen.exe} a.cppo.ml)))", "a.ml"), None);
        assert_eq!(source("(action (with-stdout-to b.ml (run cppo b.cppo.ml)))", "a.ml"), None);
    }

    #[test]
    fn texts_that_rules_hold() {
        let text = |rule: &str| match written(&read(rule).0, "a.ml")? {
            Generator::Written { text, .. } => Some(text),
            _ => None,
        };
        for (rule, expected) in [
            (r#"(with-stdout-to a.ml (echo "let a = 1\n"))"#, Some("let a = 1\n")),
            (
                r#"(targets a.ml) (action (with-stdout-to %{targets} (progn (echo "x") (echo y z))))"#,
                Some("xy z"),
            ),
            (
                r#"(write-file a.ml "let v = \"%{version:a}\" and n = 1 % 2")"#,
                Some(r#"let v = "%{version:a}" and n = 1 % 2"#),
            ),
            (r#"(write-file a.ml "let v = \"\\\"%{x}\" ^ y")"#, Some(r#"let v = "\"%{x}" ^ y"#)),
            (r#"(write-file a.ml "let v = \"x\" ^ %{y}")"#, None),
            (r#"(write-file a.ml "%{read:b.ml}")"#, None),
            (r#"(with-stdout-to a.ml (progn (echo "x") (cat y)))"#, None),
            (r#"(with-stdout-to a.ml (run gen))"#, None),
            (r#"(with-stdout-to b.ml (echo "x"))"#, None),
        ] {
            assert_eq!(text(rule).as_deref(), expected, "{rule}");
        }
    }

    #[test]
    fn sources_of_rules_that_run_generators() {
        let source = |text: &str, target: &str| generated_from(&read(text).0, target);
        let by = |file: &str, generator| Some((file.to_owned(), generator));
        for text in [
            "(targets a.ml) (deps a.mll) (action (run %{bin:ocamllex} -q -o %{targets} %{deps}))",
            "(targets a.ml) (action (chdir %{workspace_root} (run ocamllex %{dep:a.mll})))",
            "(targets b.ml a.ml) (action (progn (run ocamllex a.mll) (run ocamllex -o b.ml b.mll)))",
        ] {
            assert_eq!(source(text, "a.ml"), by("a.mll", Generator::Ocamllex), "{text}");
        }
        assert_eq!(source("(action (run ocamllex -ml -o a.ml a.mll))", "a.ml"), None);
        let yacc = "(targets a.ml a.mli) (deps p.mly) (action (run ocamlyacc -b a %{deps}))";
        assert_eq!(source(yacc, "a.mli"), by("p.mly", Generator::Ocamlyacc));
        let flags = MenhirFlags { is_table: true, ..MenhirFlags::default() };
        let menhir = "(targets a.ml a.mli) (action (run menhir --table --base a %{dep:p.mly}))";
        assert_eq!(source(menhir, "a.ml"), by("p.mly", Generator::Menhir(flags)));
        assert_eq!(source("(action (run menhir a.mly b.mly --base a))", "a.ml"), None);
    }
}
