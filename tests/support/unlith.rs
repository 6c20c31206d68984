//! Runs the `unlith` command and reads its JSON.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What an audit says of one program.
#[derive(Clone, Debug)]
pub(crate) struct Audited {
    /// The linked units in link order.
    pub(crate) linked: Vec<String>,
    /// The allocated sections.
    pub(crate) alloc: u64,
    /// The stripped file.
    pub(crate) stripped: u64,
    /// The file as linked.
    pub(crate) unstripped: u64,
    /// Whether `alloc` comes from object files.
    pub(crate) is_measured: bool,
}

/// What an audit says.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    /// Programs with their names, in the order given.
    pub(crate) programs: Vec<(String, Audited)>,
    /// The codes of the problems.
    pub(crate) problems: BTreeSet<String>,
}

/// Runs `unlith` without colours, progress or the user's settings, and returns what it printed.
///
/// **Errors**: it ended with another status than 0, or was killed; the message holds what it said.
pub(crate) fn run<S: AsRef<OsStr>>(
    dir: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unlith"));
    command.args(arguments).current_dir(dir).stdin(Stdio::null()).env("NO_COLOR", "1");
    let shown = format!("{command:?}");
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|error| format!("{shown}: {error}"));
    }
    Err(format!("{shown}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Runs `unlith audit --format json` with the arguments.
///
/// **Errors**: it fails, or what it prints has not the form of schema 1.
pub(crate) fn audit(dir: &Path, arguments: &[String]) -> Result<Audit, String> {
    let all = ["audit", "--format", "json"].into_iter().chain(arguments.iter().map(String::as_str));
    let text = run(dir, all)?;
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("audit: {error}"))?;
    if value["schema"] != 1 {
        return Err(format!("audit: schema {}, not 1", value["schema"]));
    }
    let programs = value["programs"].as_array().ok_or("audit: no list of programs")?;
    let programs = programs.iter().map(read_program).collect::<Result<_, _>>()?;
    let problems = value["problems"].as_array().into_iter().flatten();
    let problems = problems.filter_map(|problem| problem["code"].as_str().map(str::to_owned)).collect();
    Ok(Audit { programs, problems })
}

fn read_program(value: &Value) -> Result<(String, Audited), String> {
    let name = value["name"].as_str().ok_or("audit: a program without a name")?;
    let units = value["linked_units"].as_array().ok_or("audit: no linked units")?;
    // The linker knows the units inside a pack, and the pack; a unit that was compiled for a pack and lies outside it, by the
    // pack's name in front of its own.
    let names = units.iter().flat_map(|unit| {
        let packed = unit["packed"].as_array().map_or(&[][..], Vec::as_slice);
        let is_outside = packed.len() == 1
            && packed[0].as_str().and_then(|name| Some(name.rsplit_once("__")?.1)) == unit["unit"].as_str();
        packed.iter().chain((!is_outside).then_some(&unit["unit"])).map(Value::as_str)
    });
    let linked = names.map(|name| name.map(str::to_owned)).collect::<Option<_>>();
    Ok((
        name.to_owned(),
        Audited {
            linked: linked.ok_or("audit: a unit without a name")?,
            alloc: value["size"]["alloc"].as_u64().ok_or("audit: no size.alloc")?,
            stripped: value["size"]["stripped"].as_u64().ok_or("audit: no size.stripped")?,
            unstripped: value["size"]["unstripped"].as_u64().ok_or("audit: no size.unstripped")?,
            is_measured: value["size"]["provenance"] == "measured",
        },
    ))
}

/// Returns what is in `truth` and not in `found`, and the reverse, both sorted.
pub(crate) fn set_difference(truth: &[String], found: &[String]) -> (Vec<String>, Vec<String>) {
    let truth: BTreeSet<&String> = truth.iter().collect();
    let found: BTreeSet<&String> = found.iter().collect();
    let missing = truth.difference(&found).map(|name| (*name).clone()).collect();
    let extra = found.difference(&truth).map(|name| (*name).clone()).collect();
    (missing, extra)
}

/// One line of `unlith graph --level unit`.
#[derive(Clone, Debug)]
pub(crate) struct UnitLinks {
    /// The unit as the linker knows it.
    pub(crate) name: String,
    /// The findlib or dune name of its library.
    pub(crate) library: String,
    /// Whether its links come from a source, not from an archive or from what dune generates.
    pub(crate) has_source: bool,
    /// The units that it links.
    pub(crate) links: BTreeSet<String>,
    /// Whether some name in it has no meaning, or some part of it does not parse: links may be missing, and it says so.
    pub(crate) has_problem: bool,
}

impl UnitLinks {
    /// Reads one JSON document.
    ///
    /// **Errors**: it has not the form of the interchange format.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("graph: {error}"))?;
        let text = |key: &str| {
            value[key].as_str().map(str::to_owned).ok_or_else(|| format!("graph: no {key} in {line}"))
        };
        let links = value["links"].as_array().ok_or_else(|| format!("graph: no links in {line}"))?;
        Ok(Self {
            name: text("unit")?,
            library: text("library")?,
            has_source: value["opaque"] != true && value["generated"] != true,
            has_problem: value["unresolved"].as_array().is_some_and(|names| !names.is_empty())
                || value["syntax_errors"].as_u64().is_some_and(|count| count > 0),
            links: links.iter().filter_map(|link| link.as_str().map(str::to_owned)).collect(),
        })
    }
}

/// Runs `unlith graph --level unit` with the arguments: the links of each unit, by its name; those of all that
/// have that name.
///
/// **Errors**: it fails, or a line has not the form of the interchange format.
pub(crate) fn unit_links(
    dir: &Path,
    arguments: &[String],
) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let all = ["graph", "--format", "jsonl", "--level", "unit"].into_iter();
    let text = run(dir, all.chain(arguments.iter().map(String::as_str)))?;
    let mut links: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let unit = UnitLinks::parse(line)?;
        links.entry(unit.name).or_default().extend(unit.links);
    }
    Ok(links)
}
