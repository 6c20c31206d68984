//! Running the project's own build, and reading what it made.

use super::findlib::{Findlib, executable};
use crate::cli::transient::TransientChild;
use crate::project::Program;
use crate::size::read_executable;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Lines of a failed build that are kept.
const N_LINES: usize = 12;
/// How often a running build is looked at.
const PULSE: Duration = Duration::from_millis(20);

/// How the project is built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Builder {
    /// The workspace.
    pub(super) root: PathBuf,
    /// dune's profile.
    pub(super) profile: String,
    /// Builds and tests that take longer are ended.
    pub(super) limit: Duration,
    /// Where installed packages are looked for first, as `OCAMLPATH` says it; none where nothing was asked for.
    pub(super) ocamlpath: Option<String>,
    /// For programs that dune does not build.
    pub(super) findlib: Option<Findlib>,
}

/// What is in an executable that was built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Measured {
    pub(super) units: BTreeSet<String>,
    pub(super) alloc: u64,
    pub(super) stripped: u64,
    pub(super) unstripped: u64,
}

impl Builder {
    /// Builds the executables of some programs.
    pub(super) fn build<'p>(&self, programs: impl Iterator<Item = &'p Program>) -> Result<(), String> {
        if let Some(findlib) = &self.findlib {
            return self.build_with(findlib, programs);
        }
        let targets = programs.map(target).collect::<Vec<_>>();
        let mut arguments = vec!["build".to_owned(), "--root=.".to_owned()];
        arguments.push(format!("--profile={}", self.profile));
        arguments.extend(targets);
        self.dune(&arguments)
    }

    /// Builds packages by their own rules, then the programs.
    fn build_with<'p>(
        &self,
        findlib: &Findlib,
        programs: impl Iterator<Item = &'p Program>,
    ) -> Result<(), String> {
        let path = [("OCAMLPATH", findlib.path.as_str())];
        for (dir, targets) in &findlib.projects {
            let arguments: Vec<String> = ["-quiet".to_owned()].into_iter().chain(targets.clone()).collect();
            run(&self.root.join(dir), "ocamlbuild", &arguments, self.limit, &path)?;
        }
        for program in programs {
            run(&self.root, "ocamlfind", &findlib.link(&program.name), self.limit, &path)?;
        }
        Ok(())
    }

    /// Runs the project's tests. ocamlbuild knows of none.
    pub(super) fn test(&self) -> Result<(), String> {
        if self.findlib.is_some() {
            return Ok(());
        }
        self.dune(&[
            "build".to_owned(),
            "--root=.".to_owned(),
            format!("--profile={}", self.profile),
            "@runtest".to_owned(),
        ])
    }

    /// Whether a build says that it cannot begin, since nothing makes the executable of a program.
    pub(super) fn is_unknown(&self, program: &Program, message: &str) -> bool {
        let Some((_, behind)) = message.split_once("Don't know how to build") else { return false };
        behind.split_whitespace().next() == Some(target(program).as_str())
    }

    /// Whether a build has made the executable of a program.
    pub(super) fn has_built(&self, program: &Program) -> bool {
        self.executable(program).is_file()
    }

    fn executable(&self, program: &Program) -> PathBuf {
        match &self.findlib {
            Some(_) => self.root.join(executable(&program.name)),
            None => self.root.join("_build").join(context(program)).join(format!("{}.exe", program.name)),
        }
    }

    /// Reads the executable of a program.
    pub(super) fn measure(&self, program: &Program) -> Result<Measured, String> {
        let path = self.executable(program);
        let bytes =
            std::fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        let size = read_executable(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Measured {
            units: size.units.iter().map(|(unit, _)| unit.to_string()).collect(),
            alloc: size.alloc,
            stripped: size.stripped,
            unstripped: size.file,
        })
    }

    fn dune(&self, arguments: &[String]) -> Result<(), String> {
        let path: Vec<_> = self.ocamlpath.iter().map(|path| ("OCAMLPATH", path.as_str())).collect();
        run(&self.root, "dune", arguments, self.limit, &path)
    }
}

/// What dune calls the executable of a program.
fn target(program: &Program) -> String {
    match &program.context {
        Some(context) => format!("_build/{context}/{}.exe", program.name),
        None => format!("./{}.exe", program.name),
    }
}

fn context(program: &Program) -> &str {
    program.context.as_deref().unwrap_or("default")
}

/// Runs a program to its end, or to the limit; what it said is the error.
fn run(
    dir: &Path,
    program: &str,
    arguments: &[String],
    limit: Duration,
    variables: &[(&str, &str)],
) -> Result<(), String> {
    let log = dir.join(".unlith-build.log");
    let open =
        || std::fs::File::create(&log).map_err(|error| format!("cannot write `{}`: {error}", log.display()));
    let out = open()?;
    let err = out.try_clone().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(dir).stdin(Stdio::null()).stdout(out).stderr(err);
    // What the user's shell sets must not change what is compiled.
    for name in ["OCAMLPARAM", "DUNE_PROFILE", "DUNE_WORKSPACE", "INSIDE_DUNE"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    let mut child =
        TransientChild::spawn(&mut command).map_err(|error| format!("cannot run {program}: {error}"))?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if start.elapsed() > limit => {
                return Err(format!("{program} took longer than {} s", limit.as_secs()));
            }
            None => std::thread::sleep(PULSE),
        }
    };
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read(&log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(N_LINES).collect();
    Err(format!("{program} {}: {status}\n{}", arguments.first().map_or("", String::as_str), lines.join("\n")))
}
