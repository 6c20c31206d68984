//! The OCaml tools: whether they are there, how they are run, and what `ocamlobjinfo` says.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The compiler at hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Compiler {
    /// `4.13.1 amd64 linux`: results are comparable in bytes when this is the same.
    pub(crate) description: String,
    /// The directory of the standard library.
    pub(crate) stdlib: String,
}

/// Returns the compiler, or why there is none.
///
/// **Errors**: one of `ocamlfind`, `ocamlopt`, `ocamlobjinfo` or `dune` is missing.
///
/// **Panics** in that case when `UNLITH_REQUIRE_OCAML=1`: a run that must compare does not skip.
pub(crate) fn compiler() -> Result<&'static Compiler, String> {
    static FOUND: OnceLock<Result<Compiler, String>> = OnceLock::new();
    let found = FOUND.get_or_init(find_compiler);
    match found {
        Err(reason) if is_required() => panic!("OCaml is required here (UNLITH_REQUIRE_OCAML): {reason}"),
        Err(reason) => Err(reason.clone()),
        Ok(compiler) => Ok(compiler),
    }
}

/// Returns whether `UNLITH_REQUIRE_OCAML=1` forbids to skip what needs OCaml or one of its libraries.
pub(crate) fn is_required() -> bool {
    std::env::var_os("UNLITH_REQUIRE_OCAML").is_some_and(|value| value != "0")
}

fn find_compiler() -> Result<Compiler, String> {
    run_in(Path::new("."), "dune", ["--version"])?;
    run_in(Path::new("."), "ocamlobjinfo", ["-help"])?;
    let config = run_in(Path::new("."), "ocamlfind", ["ocamlopt", "-config"])?;
    let value = |key: &str| {
        let found = config.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        found.map(str::to_owned).ok_or_else(|| format!("`ocamlfind ocamlopt -config` does not say {key}"))
    };
    let flambda = if value("flambda")? == "true" { " flambda" } else { "" };
    let description =
        format!("{} {} {}{flambda}", value("version")?, value("architecture")?, value("system")?);
    Ok(Compiler { description, stdlib: value("standard_library")? })
}

/// Runs a program and returns what it printed.
///
/// **Errors**: it is not installed, or it failed; then the message holds the command and its last lines.
pub(crate) fn run_in<S: AsRef<OsStr>>(
    dir: &Path,
    program: &str,
    arguments: impl IntoIterator<Item = S>,
) -> Result<String, String> {
    let arguments: Vec<_> = arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect();
    let mut command = Command::new(program);
    command.args(&arguments).current_dir(dir).stdin(Stdio::null());
    // What the user's shell sets must not change what is compiled.
    for name in ["OCAMLPARAM", "OCAMLRUNPARAM", "DUNE_PROFILE", "DUNE_WORKSPACE"] {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = said.lines().collect();
    let shown: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
    let last = lines[lines.len().saturating_sub(30)..].join("\n");
    Err(format!("{program} {}: {}\n{last}", shown.join(" "), output.status))
}

/// What the link information of one unit says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct LinkInfo {
    /// The units that it records (`imports_cmx`), itself left out.
    pub(crate) records: BTreeSet<String>,
    /// Whether the linker keeps it once its archive is on the command line.
    pub(crate) forced: bool,
}

/// Reads `.cmx` and `.cmxa` files with `ocamlobjinfo`: units in file order.
///
/// **Errors**: the tool fails, mostly because a file was made by another compiler.
pub(crate) fn link_info<P: AsRef<OsStr>>(
    files: impl IntoIterator<Item = P>,
) -> Result<Vec<(String, LinkInfo)>, String> {
    run_in(Path::new("."), "ocamlobjinfo", files).map(|text| parse_link_info(&text))
}

fn parse_link_info(text: &str) -> Vec<(String, LinkInfo)> {
    let mut units: Vec<(String, LinkInfo)> = Vec::new();
    let mut in_implementations = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("Name: ") {
            units.push((name.to_owned(), LinkInfo::default()));
        }
        if !line.starts_with('\t') {
            in_implementations = line == "Implementations imported:";
        }
        let Some((unit, info)) = units.last_mut() else { continue };
        if let Some(answer) = line.strip_prefix("Force link: ") {
            info.forced = answer.eq_ignore_ascii_case("yes");
        }
        // A line is a checksum, or dashes where it is unknown (-opaque), and a name.
        if in_implementations
            && let Some(name) = line.split('\t').next_back().filter(|_| line.starts_with('\t'))
        {
            let name = name.trim();
            if name != unit {
                info.records.insert(name.to_owned());
            }
        }
    }
    units
}

/// Returns the recorded sets by unit; what all of one name record, as implementations of a virtual module are of one name.
///
/// **Errors**: as [`link_info`].
pub(crate) fn recorded_links<P: AsRef<OsStr>>(
    files: impl IntoIterator<Item = P>,
) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (unit, info) in link_info(files)? {
        links.entry(unit).or_default().extend(info.records);
    }
    Ok(links)
}
