//! What is known of programs, as reports read it.

use super::{Linked, Run};
use crate::base::{Code, Problem, Severity, UnitId};
use crate::cli::output;
use crate::link::MissingUnit;
use crate::report::schema::Audit;
use crate::report::{self, Parts};

impl Run {
    /// The audit of linked programs.
    pub(in crate::cli) fn audit(&self, programs: &[Linked<'_>]) -> Audit {
        let (parts, problems) = self.for_report(programs);
        report::build(self.places(), &self.graph, &self.prices.costs, &parts, &problems)
    }

    /// The same as JSON, in pieces.
    pub(in crate::cli) fn audit_json(&self, programs: &[Linked<'_>]) -> anyhow::Result<Vec<String>> {
        let (parts, problems) = self.for_report(programs);
        report::json(self.places(), &self.graph, &self.prices.costs, &parts, &problems)
            .map_err(output::no_json)
    }

    /// All that is known of programs, and what is wrong in the tree or with them.
    fn for_report<'a>(&'a self, programs: &'a [Linked<'a>]) -> (Vec<Parts<'a>>, Vec<Problem>) {
        let parts = programs.iter().map(|linked| self.parts(linked)).collect();
        let missing = programs.iter().flat_map(|linked| self.missing(linked));
        (parts, self.problems.iter().cloned().chain(missing).collect())
    }

    /// All that is known of a program, as reports read it.
    pub(in crate::cli) fn parts<'a>(&'a self, linked: &'a Linked<'a>) -> Parts<'a> {
        Parts {
            program: linked.program,
            input: &linked.input,
            links: &self.links,
            linked: &linked.linked,
            live: &linked.live,
            retained: &linked.retained,
            waste: &linked.waste,
            thin: &linked.thin,
            size: linked.size,
            proposals: &linked.proposals,
        }
    }

    /// What the linker would stop at.
    fn missing(&self, linked: &Linked<'_>) -> Vec<Problem> {
        let title = |unit: UnitId| self.project.unit(unit).name;
        let problem = |missing: &MissingUnit| {
            let (unit, by, program) = (title(missing.unit), title(missing.by), &linked.program.name);
            let source = self.project.unit(missing.unit);
            if let Some(interface) = source.interface().filter(|_| !source.has_code()) {
                let message =
                    format!("{program}: {by} uses {unit}, which has an interface and no implementation");
                let help = "something writes it before the build (a `configure` script, a generator): run that first";
                return Problem::new(Severity::Warning, Code::MissingAtLink, message)
                    .at(self.project.file(interface).shown.clone(), None)
                    .help(help);
            }
            let (message, help) = if missing.is_passed {
                (
                    format!(
                        "{program}: {by} requires {unit}, which stands to its right on the linker's command line"
                    ),
                    "the order of libraries is wrong: put the one that requires behind the one that is required",
                )
            } else {
                (
                    format!("{program}: {by} requires {unit}, which is not on the linker's command line"),
                    "add the library that has it",
                )
            };
            let library = self.project.library(self.project.unit(missing.unit).library).name;
            Problem::new(Severity::Warning, Code::MissingAtLink, message).help(format!("{help} ({library})"))
        };
        linked.linked.missing.iter().map(problem).collect()
    }
}
