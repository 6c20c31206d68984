//! OCaml 5.3 beside 4.13: what its compiler records and links, compared with what we say.
//!
//! `tests/ocaml5/install DIR` builds that compiler; `UNLITH_OCAML5=DIR` says where it is (`tests/run` does both). Without it
//! nothing is compared, and the tests count as ignored.
//!
//! * `corpus/..`: every project of the corpus, built by dune and by hand with it.
//! * `libraries`: the links of each unit of its standard library.
//! * `splits/..`: every project of `corpus/splits` that asks for no rewriter: the same patch, which builds, links and prints the same.
//! * `program/..`: the linked sets of small programs (`tests/ocaml5/*.ml`) that use what is new in it, and their bytes.

mod support;

use libtest_mimic::{Arguments, Trial};
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use support::corpus::{self, Case, build_all, judge, observe};
use support::expected::LinkedProgram;
use support::ocaml::{self, link_info, run_in};
use support::scratch::{Scratch, files_below};
use support::split_cases;
use support::trials::{Outcome, compute, conclude, is_selected};
use support::unlith;

/// Set for the process that has the compiler on its search path.
const INSIDE: &str = "UNLITH_OCAML5_INSIDE";

/// Projects that use installed libraries, which are there for another compiler only.
const NEEDS_LIBRARIES: [&str; 3] = ["derived_readers", "derivers_without_rewriter", "installed_unix"];

fn main() -> ExitCode {
    let prefix = env::var_os("UNLITH_OCAML5").map(PathBuf::from);
    match prefix {
        Some(prefix) if env::var_os(INSIDE).is_none() => run_inside(&prefix),
        prefix => run_tests(prefix.as_deref()),
    }
}

/// Runs this binary again, with the compiler before all others.
fn run_inside(prefix: &Path) -> ExitCode {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(prefix.join("bin")).chain(env::split_paths(&path)));
    let path = path.expect("the search path came from the system");
    let status = Command::new(env::current_exe().expect("the test binary has a path"))
        .args(env::args_os().skip(1))
        .env("PATH", path)
        .env("OCAMLLIB", prefix.join("lib/ocaml"))
        .env(INSIDE, "1")
        .status()
        .expect("the test binary runs again");
    if status.success() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

fn run_tests(prefix: Option<&Path>) -> ExitCode {
    let arguments = Arguments::from_args();
    let cases: Vec<(String, Case)> = corpus::cases()
        .into_iter()
        .map(|(_, case)| case)
        .filter(|case| !NEEDS_LIBRARIES.contains(&case.name.as_str()))
        .map(|case| (format!("corpus/{}", case.name), case))
        .collect();
    let programs: Vec<(String, PathBuf)> =
        files_below(&support::repository().join("tests/ocaml5"), &|path| {
            path.extension().is_some_and(|extension| extension == "ml")
        })
        .into_iter()
        .map(|path| (format!("program/{}", path.file_stem().unwrap_or_default().to_string_lossy()), path))
        .collect();
    let libraries = [("libraries".to_owned(), ())];
    let splits: Vec<(String, PathBuf)> = split_cases::cases()
        .into_iter()
        .filter(|(_, dir)| !split_cases::needs_rewriters(dir))
        .map(|(name, dir)| (format!("splits/{name}"), dir))
        .collect();
    let names = cases.iter().map(|(name, _)| name).chain(programs.iter().map(|(name, _)| name));
    let names = names.chain(splits.iter().map(|(name, _)| name));
    let names = names.cloned().chain(["libraries".to_owned()]).collect();
    let Some(prefix) = prefix else {
        eprintln!(
            "skipped: no OCaml 5.3: UNLITH_OCAML5 does not say where it is (tests/ocaml5/install DIR builds it)"
        );
        return ignore(&arguments, names);
    };
    let mut outcomes = compare_corpus(&arguments, &cases);
    outcomes.extend(compute(&arguments, &libraries, |_, ()| outcome(compare_libraries(prefix))));
    outcomes.extend(compute(&arguments, &programs, |_, path| outcome(compare_program(path))));
    outcomes.extend(compute(&arguments, &splits, |_, dir| match split_cases::judge_elsewhere(dir) {
        Ok(()) => Outcome::Passed,
        Err(message) => Outcome::Failed(message),
    }));
    conclude(&arguments, names, outcomes)
}

/// What is not compared is not said to hold.
fn ignore(arguments: &Arguments, names: Vec<String>) -> ExitCode {
    let trials = names.into_iter().map(|name| Trial::test(name, || Ok(())).with_ignored_flag(true));
    libtest_mimic::run(arguments, trials.collect()).exit_code()
}

fn outcome(differences: Result<Vec<String>, String>) -> Outcome {
    match differences {
        Ok(differences) if differences.is_empty() => Outcome::Passed,
        Ok(differences) => Outcome::Failed(differences.join("\n")),
        Err(message) => Outcome::Failed(message),
    }
}

fn compare_corpus(arguments: &Arguments, cases: &[(String, Case)]) -> BTreeMap<String, Outcome> {
    let known = corpus::known_differences();
    let compiler = match ocaml::compiler() {
        Ok(compiler) if compiler.description.starts_with("5.") => compiler,
        Ok(other) => {
            let message = format!("UNLITH_OCAML5 leads to OCaml {}", other.description);
            return compute(arguments, cases, |_, _| Outcome::Failed(message.clone()));
        }
        Err(reason) => return compute(arguments, cases, |_, _| Outcome::Failed(reason.clone())),
    };
    let asked = cases.iter().filter(|(name, _)| is_selected(arguments, name)).map(|(_, case)| case);
    let built = build_all(asked);
    compute(arguments, cases, |_, case| {
        let differences = built.as_ref().map_err(Clone::clone).and_then(|built| {
            let truth = observe(compiler, built, case)?;
            corpus::differences(case, &truth)
        });
        judge(differences, known.get(&case.name))
    })
}

/// Compares the links of all units of the standard library with what its archive records.
fn compare_libraries(prefix: &Path) -> Result<Vec<String>, String> {
    let archive = prefix.join("lib/ocaml/stdlib.cmxa");
    let truth: BTreeMap<_, _> = link_info([archive])?.into_iter().collect();
    let arguments = ["--sources-only", "--quiet", "-p", "stdlib"].map(str::to_owned);
    let ours = unlith::unit_links(Path::new("."), &arguments)?;
    let mut differences: Vec<String> = truth
        .iter()
        .filter_map(|(unit, info)| match ours.get(unit) {
            None => Some(format!("{unit} is not among our units")),
            Some(links) if *links != info.records => {
                Some(format!("{unit} links {links:?}, the compiler records {:?}", info.records))
            }
            Some(_) => None,
        })
        .collect();
    if truth.len() < 60 {
        differences.push(format!("only {} units in the archive", truth.len()));
    }
    Ok(differences)
}

/// Compares the linked set of one program, and its bytes: within half a hundredth.
fn compare_program(source: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(source).map_err(|error| error.to_string())?;
    let packages = text.lines().next().and_then(|line| line.strip_prefix("(* packages:")?.strip_suffix("*)"));
    let package = packages.ok_or("the first line names no packages")?.trim();
    let scratch = Scratch::new("ocaml5").map_err(|error| error.to_string())?;
    std::fs::write(scratch.path().join("main.ml"), &text).map_err(|error| error.to_string())?;
    let build = ["-w", "-a", "-g"].iter().chain(archives(package)?).chain(&["main.ml", "-o", "main.exe"]);
    run_in(scratch.path(), "ocamlopt", build)?;
    let truth = LinkedProgram::read(&scratch.path().join("main.exe"))?;
    let mut arguments = vec!["--quiet".to_owned(), "main.ml".to_owned()];
    if !package.is_empty() {
        arguments.extend(["-p".to_owned(), package.to_owned()]);
    }
    let audit = unlith::audit(scratch.path(), &arguments)?;
    let (_, ours) = audit.programs.first().ok_or("no program")?;
    let (missing, extra) = unlith::set_difference(&truth.linked, &ours.linked);
    let mut differences = Vec::new();
    if !missing.is_empty() || !extra.is_empty() {
        differences.push(format!("missing {missing:?}, extra {extra:?}"));
    }
    let alloc = truth.size["alloc"];
    let off = (ours.alloc as f64 / alloc as f64 - 1.0) * 100.0;
    eprintln!("{}: {} units, alloc {alloc}, {off:+.2} %", source.display(), truth.linked.len());
    if off.abs() > 0.5 {
        differences.push(format!("alloc is {alloc}, ours {} ({off:+.2} %)", ours.alloc));
    }
    Ok(differences)
}

/// The archives of a library that comes with the compiler, as arguments.
fn archives(package: &str) -> Result<&'static [&'static str], String> {
    Ok(match package {
        "" => &[],
        "unix" => &["-I", "+unix", "unix.cmxa"],
        "str" => &["-I", "+str", "str.cmxa"],
        "dynlink" => &["-I", "+dynlink", "dynlink.cmxa"],
        "threads.posix" => &["-I", "+unix", "unix.cmxa", "-I", "+threads", "threads.cmxa"],
        "compiler-libs.common" => &["-I", "+compiler-libs", "ocamlcommon.cmxa"],
        other => return Err(format!("how is {other} linked?")),
    })
}
