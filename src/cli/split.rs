//! `unlith split`: proposals as patches.

use super::apply::{self, Checks};
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::Run;
use super::{Outcome, failure::Failure};
use crate::project::LibraryOrigin;
use crate::resolve::Disk;
use crate::split::{self, Patch, Proposal};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Print the patches of proposals, or apply them
///
/// Without an id, lists the proposals that `audit` finds. A patch is a unified diff, for `git apply` or `patch -p1`. What
/// needs review is said in front of it, and such a proposal is applied only when its id is given.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith split                                  what there is to choose from
  unlith split unseal-facade:X509               the patch
  unlith split unseal-facade:X509 | git apply   one way to apply it
  unlith split unseal-facade:X509 --apply       another: all files or none, and never over changes of yours
  unlith split --reverse                        take the last one back")]
pub(super) struct Args {
    /// Proposals, by the id that `audit` shows
    #[arg(value_name = "ID")]
    ids: Vec<String>,

    /// A dune workspace, or a .ml file of the program (several times; the main module last) [default: .]
    #[arg(long = "project", short = 'C', value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write the changes to the files, all of them or none
    #[arg(long)]
    apply: bool,

    /// Take back what the last `--apply` wrote
    #[arg(long, conflicts_with_all = ["apply", "ids"])]
    reverse: bool,

    /// Write even where git knows of changes that are not committed
    #[arg(long)]
    dirty: bool,

    /// Find changes that save at least this many allocated bytes
    #[arg(long, value_name = "BYTES", default_value_t = split::Options::usual().min_saving)]
    min_saving: u64,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    super::ids::refuse_paths("split", &args.ids)?;
    let root = args.paths.first().filter(|path| path.is_dir()).cloned().unwrap_or_else(|| PathBuf::from("."));
    let checks = Checks { dirty: args.dirty };
    if args.reverse {
        let files = apply::reverse(&root, checks)?;
        args.output.write(&listed("took back", &files))?;
        return Ok(Outcome::Done);
    }
    let run = Run::new(&args.paths, &args.input)?;
    let mut programs = run.programs()?;
    let options = split::Options { min_saving: args.min_saving, ..split::Options::usual() };
    run.propose_with(&mut programs, &options);
    if args.ids.is_empty() {
        run.check_patches(&mut programs, usize::MAX);
    }
    let mut proposals: Vec<&Proposal> = Vec::new();
    for proposal in programs.iter().flat_map(|program| &program.proposals.proposals) {
        if !proposals.iter().any(|other| other.id == proposal.id) {
            proposals.push(proposal);
        }
    }
    output::print_problems(&run.problems, args.input.quiet, true);
    if args.ids.is_empty() {
        args.output.write(&choices(&proposals))?;
        return Ok(run.outcome());
    }
    let mut text = String::new();
    for id in &args.ids {
        let proposal = super::ids::find(&programs, id).ok_or_else(|| {
            Failure::error(
                format!("there is no proposal `{id}`"),
                "run `unlith split` without an id to see which there are",
            )
        })?;
        let patch = run.patch(proposal).map_err(|refusal| refused(&run, proposal, &refusal))?;
        if args.apply {
            let files = apply::apply(&root, &patch, checks)?;
            text.push_str(&listed("wrote", &files));
            remarks(proposal, &patch);
            // What else was asked for was found in the files as they were.
            if args.ids.len() > 1 {
                let rest: Vec<&str> =
                    args.ids.iter().skip_while(|other| *other != id).skip(1).map(String::as_str).collect();
                if !rest.is_empty() {
                    let _ =
                        writeln!(text, "left: {} (run the command again, on the new files)", rest.join(" "));
                }
                break;
            }
        } else {
            remarks(proposal, &patch);
            other_variants(proposal, &proposals);
            text.push_str(&split::unified_diff(&patch));
        }
    }
    args.output.write(&text)?;
    Ok(run.outcome())
}

impl Run {
    /// Returns a proposal with a wrapper wherever it moves an interface, and its patch; none where it moves none.
    pub(super) fn wrapped(&self, proposal: &Proposal) -> Option<(Proposal, Patch)> {
        let prices = self.split_prices();
        let tree = self.split_tree(&prices);
        let wrapped = split::wrapped(tree, proposal)?;
        let patch = split::patch(tree, &wrapped, &Disk).ok()?;
        Some((wrapped, patch))
    }

    /// Writes the patch of a proposal from the files on disk.
    pub(super) fn patch(&self, proposal: &Proposal) -> Result<Patch, split::Refusal> {
        let prices = self.split_prices();
        split::patch(self.split_tree(&prices), proposal, &Disk)
    }
}

fn refused(run: &Run, proposal: &Proposal, refusal: &split::Refusal) -> anyhow::Error {
    let (id, risk) = (&proposal.id, &refusal.0);
    let library = proposal.library.map(|library| run.project.library(library));
    let installed = library.filter(|library| library.origin == LibraryOrigin::Installed);
    let help = match installed.filter(|_| risk.code == split::NO_BUILD_FILE) {
        Some(library) => {
            let name = library.name;
            format!(
                "`unlith library {name}` prints it as its authors would apply it, `unlith verify` tries it in a copy"
            )
        }
        None => "change it by hand, or choose another proposal".to_owned(),
    };
    let place = risk.place.as_ref().map_or_else(String::new, |place| {
        let at = place.at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.col));
        format!("{}{at}: ", place.file.display())
    });
    Failure::error(format!("{id} cannot be written as a patch: {place}{}", risk.message), help)
}

/// What to look at before applying it, on stderr: the patch itself goes to `git apply`.
fn remarks(proposal: &Proposal, patch: &Patch) {
    for risk in proposal.risks.iter().chain(&patch.risks) {
        let place = risk.place.as_ref().map_or_else(String::new, |place| {
            let at = place.at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.col));
            format!(" ({}{at})", place.file.display())
        });
        let word = if risk.needs_review() { "needs review" } else { "note" };
        anstream::eprintln!("{}: {word}: {}: {}{place}", proposal.id, risk.code, risk.message);
    }
}

/// Says on stderr which other changes of the same unit programs are told of.
fn other_variants(proposal: &Proposal, proposals: &[&Proposal]) {
    let plain = split::plain_id(&proposal.id);
    let others = proposals.iter().map(|other| other.id.as_str());
    let others: Vec<&str> = others.filter(|&id| id != proposal.id && split::plain_id(id) == plain).collect();
    if !others.is_empty() {
        anstream::eprintln!(
            "{}: note: programs that use other parts of the unit are told of another change: {}",
            proposal.id,
            others.join(", ")
        );
    }
}

fn choices(proposals: &[&Proposal]) -> String {
    let mut out = String::new();
    // What differs from program to program stands together, the one with the plain id first.
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (nth, proposal) in proposals.iter().enumerate() {
        first.entry(split::plain_id(&proposal.id)).or_insert(nth);
    }
    let is_variant = |proposal: &Proposal| split::plain_id(&proposal.id) != proposal.id;
    let mut proposals = proposals.to_vec();
    proposals.retain(|proposal| !(proposal.kind.is_by_hand() && is_variant(proposal)));
    proposals.sort_by_key(|proposal| (first[split::plain_id(&proposal.id)], is_variant(proposal)));
    let width = proposals.iter().map(|proposal| proposal.id.len()).max().unwrap_or(0);
    for proposal in &proposals {
        let by_hand = proposal.kind.is_by_hand();
        let refused = proposal.risks.iter().find(|risk| risk.code == split::Risk::NO_PATCH);
        let what = match refused {
            Some(risk) => format!("no patch: {}", risk.message),
            None if by_hand => "by hand: see `unlith audit`".to_owned(),
            None => proposal.summary.clone(),
        };
        let _ = writeln!(out, "{:width$}  {what}", proposal.id);
    }
    if proposals.is_empty() {
        out.push_str("nothing to propose\n");
    }
    out
}

fn listed(verb: &str, files: &[PathBuf]) -> String {
    files.iter().map(|file| format!("{verb} {}\n", file.display())).collect()
}
