//! The user guide and `--help` say what is so: their examples are run.
//!
//! In a page under `docs/`, a block ```` ```console ```` holds commands behind `$ ` and what they print; `...` stands for lines
//! that are left out. Text has to be the same; numbers of bytes and shares may be off by a tenth or by one, so that a better model of
//! estimates does not make a page wrong. A block whose first line names a file (```` ```toml unlith.toml ````) is that file, and
//! `<!-- in: corpus/x -->` starts the page in a copy of that project, `<!-- with: corpus/x -->` above one. The README's blocks are
//! run too.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use support::repository;
use support::scratch::{Scratch, copy_tree, files_below};
use support::small::Dir;

#[test]
fn the_examples_of_the_guide_run() {
    let mut n_commands = 0;
    let mut failures = Vec::new();
    for page in pages().into_iter().chain([repository().join("README.md")]) {
        let text = std::fs::read_to_string(&page).expect("a page");
        let page = page.strip_prefix(repository()).expect("in the repository").to_owned();
        match run_page(&page, &text) {
            Ok(n) => n_commands += n,
            Err(error) => failures.push(format!("{}: {error}", page.display())),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(n_commands > 20, "there are few examples: {n_commands}");
}

#[test]
fn every_page_that_is_linked_is_there() {
    let mut n_links = 0;
    let docs = repository().join("docs");
    for page in pages() {
        let text = std::fs::read_to_string(&page).expect("a page");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if link.is_empty() || link.contains("://") {
                continue;
            }
            n_links += 1;
            let to = page.parent().expect("a directory").join(link);
            assert!(to.exists(), "{}: there is no {link}", page.display());
        }
    }
    assert!(n_links > 20, "{n_links}");
    let contents = std::fs::read_to_string(docs.join("README.md")).expect("the contents");
    for page in pages() {
        let name = page.strip_prefix(&docs).expect("below").display().to_string();
        assert!(name == "README.md" || contents.contains(&format!("]({name})")), "the contents lack {name}");
    }
}

/// The pages of the guide.
fn pages() -> Vec<PathBuf> {
    files_below(&repository().join("docs"), &|path| path.extension().is_some_and(|ext| ext == "md"))
}

/// Runs the commands of a page; how many there were.
fn run_page(page: &Path, text: &str) -> Result<usize, String> {
    let blocks = blocks(text);
    let commands: Vec<(&str, Vec<&str>)> = blocks
        .iter()
        .filter(|block| block.info == "console")
        .flat_map(|block| commands(&block.lines))
        .collect();
    if commands.is_empty() {
        return Ok(0);
    }
    if let Some(tool) = commands.iter().find_map(|(command, _)| missing(command)) {
        assert!(std::env::var_os("UNLITH_REQUIRE_OCAML").is_none(), "{tool} is not installed");
        eprintln!("{}: skipped, {tool} is not installed", page.display());
        return Ok(0);
    }
    let dir = Scratch::new("guide").map_err(|error| error.to_string())?;
    if let Some(project) = text.split("<!-- in: ").nth(1).and_then(|rest| rest.split(" -->").next()) {
        copy_tree(&repository().join(project), dir.path()).map_err(|error| format!("{project}: {error}"))?;
    }
    if let Some(project) = text.split("<!-- with: ").nth(1).and_then(|rest| rest.split(" -->").next()) {
        let copy = dir.path().join(project);
        copy_tree(&repository().join(project), &copy).map_err(|error| format!("{project}: {error}"))?;
    }
    for block in &blocks {
        if let Some((_, file)) = block.info.split_once(' ') {
            let path = dir.path().join(file);
            std::fs::create_dir_all(path.parent().expect("inside")).expect("a directory");
            std::fs::write(path, block.lines.join("\n") + "\n").expect("a file");
        }
    }
    for (command, expected) in &commands {
        let output = shell(dir.path(), command, &[]);
        let shown =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let is_done = matches!(output.status.code(), Some(0 | 1));
        if !is_done || !is_as_written(expected, &shown.lines().collect::<Vec<_>>()) {
            return Err(format!(
                "`{command}` gives another answer, {}:\n{shown}\nnot:\n{}",
                output.status,
                expected.join("\n")
            ));
        }
    }
    Ok(commands.len())
}

/// A fenced block.
struct Block<'t> {
    info: &'t str,
    lines: Vec<&'t str>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match (line.strip_prefix("```"), is_inside) {
            (Some(info), false) => blocks.push(Block { info, lines: Vec::new() }),
            (Some(_), true) => {}
            (None, true) => blocks.last_mut().expect("a block").lines.push(line),
            (None, false) => continue,
        }
        is_inside ^= line.starts_with("```");
    }
    blocks
}

/// Commands, each with the lines that it prints.
fn commands<'t>(lines: &[&'t str]) -> Vec<(&'t str, Vec<&'t str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, printed))) => printed.push(line),
            (None, None) => {}
        }
    }
    commands
}

/// A tool that a command needs and that is not here.
fn missing(command: &str) -> Option<&'static str> {
    let needed = [("dune", "dune"), ("unlith verify", "dune"), ("unlith", "ocamlfind"), ("git", "git")];
    let needed = needed.iter().filter(|(word, _)| command.contains(word)).map(|&(_, tool)| tool);
    let is_there = |tool: &str| {
        Command::new(tool).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    needed.into_iter().find(|tool| !is_there(tool))
}

/// Runs a command with `unlith` in the path.
fn shell(dir: &Path, command: &str, env: &[(&str, PathBuf)]) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_unlith")).parent().expect("a directory");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(dir).stdin(Stdio::null());
    shell.env("PATH", std::env::join_paths(paths).expect("paths")).env("NO_COLOR", "1").env("COLUMNS", "100");
    for (name, value) in env {
        shell.env(name, value);
    }
    shell.output().expect("a shell")
}

/// Whether lines are as they are written, `...` standing for any.
fn is_as_written(expected: &[&str], lines: &[&str]) -> bool {
    let expected: Vec<&str> = expected.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    matches_from(&expected, &lines)
}

fn matches_from(expected: &[&str], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first.trim() == "..." => {
            (0..=lines.len()).any(|skipped| matches_from(rest, &lines[skipped..]))
        }
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, others)| is_same_line(first, line) && matches_from(rest, others)),
    }
}

/// Whether two lines say the same, figures within a tenth.
fn is_same_line(expected: &str, line: &str) -> bool {
    let (expected, line) = (figures(expected), figures(line));
    expected.len() == line.len() && expected.iter().zip(&line).all(|(a, b)| a.is_like(b))
}

#[derive(PartialEq, Debug)]
enum Word {
    Text(String),
    Figure(f64),
}

impl Word {
    fn is_like(&self, other: &Word) -> bool {
        match (self, other) {
            (Word::Figure(a), Word::Figure(b)) => (a - b).abs() <= 0.1 * a.abs().max(b.abs()) + 1.0,
            _ => self == other,
        }
    }
}

/// The words of a line; a number before a unit is a figure in bytes, one before `%` a share.
fn figures(line: &str) -> Vec<Word> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut out = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let next = words.get(i + 1).map_or("", |next| next.trim_end_matches([')', ',', ';', ':', '.']));
        let factor = match next {
            "B" => Some(1.0),
            "kB" => Some(1e3),
            "MB" => Some(1e6),
            "%" => Some(1.0),
            _ => None,
        };
        let is_unit = i > 0 && matches!(out.last(), Some(Word::Figure(_)));
        match factor.and_then(|factor| {
            word.trim_start_matches(['(', '~', '-', '+']).parse::<f64>().ok().map(|n| n * factor)
        }) {
            Some(figure) => out.push(Word::Figure(figure)),
            // 999 B and 1.00 kB are near each other.
            None if is_unit => out.push(Word::Text(word.trim_start_matches(['B', 'k', 'M']).to_owned())),
            None => out.push(Word::Text((*word).to_owned())),
        }
    }
    out
}

#[test]
fn what_is_not_as_written_is_seen() {
    assert!(is_as_written(&["a 1.00 kB b", "...", "z"], &["a  1.05 kB  b", "c", "d", "z"]));
    assert!(!is_as_written(&["a 1.00 kB b"], &["a 1.20 kB b"]));
    assert!(!is_as_written(&["a"], &["a", "b"]));
    assert!(!is_as_written(&["a 3 b"], &["a 4 b"]));
    assert!(is_as_written(&["saves (8.8 %);"], &["saves (9.1 %);"]));
    assert!(!is_as_written(&["~1.00 kB;"], &["1.00 kB"]));
}

/// Examples of `--help` that are not run here, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("unlith verify", "builds with dune: tests/bench.rs runs it on real projects"),
    ("unlith calibrate", "reads every installed package: tests/calibrate.rs runs it"),
    ("unlith library", "has tests of its own"),
];

#[test]
fn the_examples_of_help_run() {
    let dir = Dir::new("help-examples", HELP);
    for directory in [
        "home/.zfunc",
        "home/.local/share/bash-completion/completions",
        "home/.local/share/man/man1",
        "home/.config/fish/completions",
    ] {
        std::fs::create_dir_all(dir.0.join(directory)).expect("a directory");
    }
    for workspace in ["home/src/mirage", "home/src/app"] {
        for (file, text) in
            HELP.iter().filter(|(file, _)| file.starts_with("here/bin/") || file.contains("dune-project"))
        {
            dir.write(&file.replacen("here", workspace, 1), text.as_bytes());
        }
    }
    let is_git = ["home/src/app", "here"].iter().all(|at| {
        dir.git(at, &["init", "-q", "-b", "main"])
            && dir.git(at, &["add", "bin", "dune-project"])
            && dir.git(at, &["commit", "-q", "-m", "one"])
            && dir.git(at, &["tag", "v1"])
            && dir.git(at, &["tag", "v2"])
    });
    assert!(is_git, "git runs");
    for report in ["here/old.json", "here/new.json"] {
        dir.run(&["audit", "here", "--no-config", "--format", "json", "-o", report]).expect(0);
    }
    let here = dir.0.join("here");
    let env: BTreeMap<&str, PathBuf> = BTreeMap::from([
        ("HOME", dir.0.join("home")),
        ("OCAMLLIB", dir.0.join("ocaml")),
        ("OCAMLPATH", dir.0.join("packages")),
        ("OCAMLFIND_CONF", dir.0.join("none.conf")),
        ("UNLITH_CACHE_DIR", dir.0.join("cache")),
    ]);
    let env: Vec<(&str, PathBuf)> = env.into_iter().collect();
    let mut n_run = 0;
    for command in subcommands(&dir) {
        let help = dir.run(&[&command, "--help"]).expect(0).out.clone();
        let examples =
            help.split("Examples:\n").nth(1).unwrap_or_else(|| panic!("{command} has no examples"));
        for line in examples.lines().filter_map(|line| line.strip_prefix("  ")) {
            let example = line.split("  ").next().expect("a first part").trim();
            if !example.starts_with("unlith ") || is_left_out(example) {
                continue;
            }
            let ran = shell(&here, example, &env);
            let said = String::from_utf8_lossy(&ran.stderr);
            // `check` may find something. Whoever reads from a pipe may be missing here: dot, man.
            let is_fine = ran.status.success() || (command == "check" && ran.status.code() == Some(1));
            assert!(is_fine || example.contains('|'), "`{example}`: {}\n{said}", ran.status);
            assert!(!said.contains("error:") || example.contains('|'), "`{example}`: {said}");
            n_run += 1;
        }
    }
    assert!(n_run > 25, "{n_run}");
}

fn is_left_out(example: &str) -> bool {
    let by_name = NOT_RUN.iter().any(|(command, _)| example.starts_with(command));
    // These need an executable, a library of that name, or a patch in place: tests/cli.rs and tests/splits.rs have them.
    by_name || example.contains(".exe") || example.contains("X509") || example.contains("--reverse")
}

fn subcommands(dir: &Dir) -> Vec<String> {
    let help = dir.run(&["--help"]).expect(0).out.clone();
    let commands = help.split("Commands:\n").nth(1).expect("commands").split("\n\n").next().expect("a list");
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

/// Small stand-ins for what the examples name.
const HELP: &[(&str, &str)] = &[
    (
        "here/main.ml",
        "let () = ignore (Base.List.fold, Stdio.print, Sexplib0.Sexp_conv.of_string, Scanf.scan)\n",
    ),
    ("here/model.json", include_str!("../src/size/model.json")),
    ("here/unlith.toml", "[check]\nabsent = [\"Str\"]\n"),
    ("here/dune-project", "(lang dune 2.9)\n"),
    ("here/bin/dune", "(executable (name main) (libraries base stdio sexplib0 lwt))\n"),
    (
        "here/bin/main.ml",
        "let () = ignore (Base.List.fold, Stdio.print, Sexplib0.Sexp_conv.of_string, Format.pp, Lwt_unix.run)\n",
    ),
    ("ocaml/scanf.ml", "let scan = 1\n"),
    ("ocaml/format.ml", "let pp = 1\n"),
    (
        "ocaml/stdlib.ml",
        "let keep = CamlinternalFormatBasics.erase_rel\nlet exit_function = CamlinternalAtomic.make ignore\n\
         let do_at_exit () = !exit_function ()\nmodule List = Stdlib__List\nmodule Set = Stdlib__Set\n\
         module Scanf = Stdlib__Scanf\nmodule Format = Stdlib__Format\n",
    ),
    ("packages/base/META", "version = \"1\"\narchive(native) = \"base.cmxa\"\n"),
    ("packages/base/base.ml", "module List = Base__List\n"),
    ("packages/base/base__List.ml", "let fold = 1\n"),
    ("packages/stdio/META", "version = \"1\"\narchive(native) = \"stdio.cmxa\"\n"),
    ("packages/stdio/stdio.ml", "let print = 1\n"),
    ("packages/sexplib0/META", "version = \"1\"\narchive(native) = \"sexplib0.cmxa\"\n"),
    ("packages/sexplib0/sexplib0.ml", "module Sexp_conv = Sexplib0__Sexp_conv\n"),
    ("packages/sexplib0/sexplib0__Sexp_conv.ml", "let of_string = Scanf.scan\n"),
    (
        "packages/sexplib/META",
        "version = \"1\"\nrequires = \"sexplib0\"\narchive(native) = \"sexplib.cmxa\"\n",
    ),
    ("packages/sexplib/sexplib.ml", "module Sexp_conv = Sexplib0.Sexp_conv\n"),
    ("packages/lwt/META", "version = \"1\"\narchive(native) = \"lwt.cmxa\"\n"),
    ("packages/lwt/lwt_unix.ml", "let run = 1\n"),
];
