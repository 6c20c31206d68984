//! `unlith library`: a maintainer's audit of a library over its clients.

mod workspace;

use super::failure::Failure;
use super::input::InputArgs;
use super::output::{self, OutputArgs};
use super::pipeline::{Linked, Run};
use super::{Outcome, config};
use crate::base::LibraryId;
use crate::graph::Wanted;
use crate::project::{LibraryOrigin, Project, near_names};
use crate::report::library::build::{ClientParts, LibraryPatch, Sources, build, is_library};
use crate::report::library::{LibraryAudit, markdown::markdown, text::text};
use crate::split::{self, Patch, Shared};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use workspace::{Asked, Workspace};

/// Show a maintainer how clients use a library, and which changes serve them best
///
/// For each client: what it links of the library and what it reaches. For the library: which facades are sealed and where, which
/// units are forced, what runs at start-up and whom it drags in, which definitions are named together and by whom, and the changes
/// that save most over all clients, with who wins, who loses, what it does to the interface, and the patch.
///
/// Clients are the executables of workspaces, single files, and libraries that require it, each taken for a program that uses all of
/// that library. Without --clients and --installed-clients: the library's own workspace, or the installed packages that require it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  unlith library lwt --installed-clients                an installed package and all that require it
  unlith library ~/src/uri --clients ~/src/app          a checkout, and one program
  unlith library vendor/jot                             a library of a workspace, over the programs there
  unlith library yojson --clients tool.ml ~/src/app     an installed package, a file and a workspace
  unlith library x509 --format markdown                 text for an issue upstream
  unlith library x509 --patches patches/                the patches as files")]
pub(super) struct Args {
    /// An installed package, or a directory of a workspace that has the library
    ///
    /// Below the root of the workspace, the libraries there are meant; the programs of the whole workspace are clients.
    #[arg(value_name = "PACKAGE or DIR")]
    library: String,

    /// Clients: workspaces and .ml files
    ///
    /// A file is linked with the libraries of the workspace that have a public name, or with the package, and with those of `-p`;
    /// libraries that are linked whole, and implementations of virtual ones, only with `-p` or `--name`.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    clients: Vec<PathBuf>,

    /// Installed packages that require it are clients, too
    #[arg(long)]
    installed_clients: bool,

    /// Of a workspace, only the library of this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Write the patches of the changes into this directory
    #[arg(long, value_name = "DIR")]
    patches: Option<PathBuf>,

    /// Find changes that save at least this many allocated bytes over all clients
    #[arg(long, value_name = "BYTES", default_value_t = split::Options::usual().min_saving)]
    min_saving: u64,

    /// Show at most this many rows of each table
    #[arg(long, value_name = "N", default_value_t = 12)]
    top: usize,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// Tables, for people.
    Text,
    /// Everything, with exact byte counts, the client matrix and the patches.
    Json,
    /// An issue for the library's tracker.
    Markdown,
}

pub(super) fn run(args: Args) -> anyhow::Result<Outcome> {
    args.output.set_color();
    let asked = Asked::new(&args.library, &args.clients, args.installed_clients)?;
    let input = config::merged(&asked.dirs(), &args.input)?;
    let options = input.load_options();
    let workspace = Workspace::make(&asked, &options, args.name.as_deref())?;
    if let Some(note) = &workspace.note {
        anstream::eprintln!("note: {note}");
    }
    let mut targets = Vec::new();
    let run = Run::stages(&input, || {
        let (project, found) = workspace.load(&asked, &options, args.name.as_deref())?;
        targets.clone_from(&found);
        // What no client links counts too: what it offers, which parts it seals, what it runs at start-up.
        Ok((project, Wanted::ProgramsAnd(found)))
    })?;
    let programs = run.programs()?;
    let shared = shared(&run, &programs, &targets, args.min_saving);
    let patches: Vec<LibraryPatch> =
        shared.proposals.iter().map(|change| patch(&run, &workspace, change)).collect();
    let mut audit = audit(&run, &programs, &targets, &args, &shared, patches);
    workspace.rename(&mut audit);
    if let Some(dir) = &args.patches {
        write_patches(dir, &audit)?;
    }
    let shown = match args.format {
        Format::Text => text(&audit, args.top),
        Format::Markdown => markdown(&audit),
        Format::Json => output::json(&audit)?,
    };
    output::print_problems(&run.problems, args.input.quiet, args.format != Format::Markdown);
    args.output.write(&shown)?;
    Ok(run.outcome())
}

/// What to change, over all clients.
fn shared(run: &Run, programs: &[Linked<'_>], targets: &[LibraryId], min_saving: u64) -> Shared {
    let prices = run.split_prices();
    let parts: Vec<split::ProgramParts<'_>> = programs
        .iter()
        .map(|linked| split::ProgramParts {
            program: linked.program,
            input: &linked.input,
            linked: &linked.linked,
            live: Some(&linked.live),
            waste: Some(&linked.waste),
        })
        .collect();
    let options = split::Options { min_saving, ..split::Options::usual() };
    split::propose_shared(run.split_tree(&prices), &parts, targets, &options)
}

fn audit(
    run: &Run,
    programs: &[Linked<'_>],
    targets: &[LibraryId],
    args: &Args,
    shared: &Shared,
    patches: Vec<LibraryPatch>,
) -> LibraryAudit {
    let prices = run.split_prices();
    let clients: Vec<ClientParts<'_>> = programs
        .iter()
        .map(|linked| ClientParts {
            name: &linked.program.name,
            is_library: is_library(&run.project, linked.program.own),
            input: &linked.input,
            linked: &linked.linked,
            live: &linked.live,
            waste: &linked.waste,
            alloc: linked.size.alloc,
            alloc_provenance: linked.size.provenance,
        })
        .collect();
    let sources = Sources {
        tree: run.split_tree(&prices),
        places: run.places(),
        costs: &run.prices.costs,
        weights: &run.prices.weights,
        links: &run.links,
    };
    build(sources, &args.library, targets, &clients, shared, patches, &run.problems)
}

/// The part of a patch that is the library's.
fn patch(run: &Run, workspace: &Workspace, change: &split::SharedProposal) -> LibraryPatch {
    let by_hand = match change.proposal.kind {
        split::ProposalKind::CutReferences => Some("the code is left out, or written otherwise, by hand"),
        split::ProposalKind::DropLinkall => Some("it is a flag of the build"),
        _ => None,
    };
    if let Some(why) = by_hand {
        return LibraryPatch { diff: Err(why.to_owned()), client_files: Vec::new(), made_from: Vec::new() };
    }
    match run.patch(&change.proposal) {
        Err(refusal) => {
            let why = if refusal.0.code == "no-build-file" {
                workspace.note.clone().unwrap_or(refusal.0.message.clone())
            } else {
                refusal.0.message.clone()
            };
            LibraryPatch { diff: Err(why), client_files: Vec::new(), made_from: Vec::new() }
        }
        Ok(patch) => {
            let (own, others): (Vec<_>, Vec<_>) =
                patch.edits.into_iter().partition(|edit| workspace.is_own(&edit.path));
            let client_files = others.iter().map(|edit| edit.shown.display().to_string()).collect();
            if own.is_empty() {
                let why = "only clients would change".to_owned();
                return LibraryPatch { diff: Err(why), client_files, made_from: Vec::new() };
            }
            let made_from: BTreeSet<&String> =
                own.iter().flat_map(|edit| workspace.made_from(&edit.path)).collect();
            let made_from = made_from.into_iter().cloned().collect();
            let own = own
                .into_iter()
                .map(|edit| split::FileEdit { shown: workspace.inside(&edit.shown), ..edit })
                .collect();
            let diff = split::unified_diff(&Patch { edits: own, risks: Vec::new() });
            LibraryPatch { diff: Ok(diff), client_files, made_from }
        }
    }
}

fn write_patches(dir: &Path, audit: &LibraryAudit) -> anyhow::Result<()> {
    let cannot = |path: &Path, error: std::io::Error| {
        Failure::error(
            format!("cannot write `{}`: {error}", path.display()),
            "name a directory that may be written to",
        )
    };
    std::fs::create_dir_all(dir).map_err(|error| cannot(dir, error))?;
    for change in &audit.proposals {
        let Some(patch) = &change.patch else { continue };
        let path = dir.join(format!("{}.patch", change.proposal.id.replace([':', '/'], "-")));
        std::fs::write(&path, patch).map_err(|error| cannot(&path, error))?;
    }
    Ok(())
}

/// The libraries that the audit is about, in a project that was loaded for it.
fn targets(project: &Project, names: &[String]) -> Vec<LibraryId> {
    let is_local = project.libraries.iter().any(|library| {
        library.origin == LibraryOrigin::Workspace && names.iter().any(|name| library.name.as_str() == name)
    });
    let wanted = if is_local { LibraryOrigin::Workspace } else { LibraryOrigin::Installed };
    (0..project.libraries.len())
        .map(<LibraryId as crate::base::Idx>::new)
        .filter(|&id| {
            let library = project.library(id);
            library.origin == wanted && names.iter().any(|name| library.name.as_str() == name)
        })
        .collect()
}

/// Says what is near a name that nothing has.
fn unknown(package: &str, known: &[String]) -> anyhow::Error {
    let near = near_names(package, known.iter().map(String::as_str));
    let hint =
        if near.is_empty() { String::new() } else { format!("did you mean `{}`? ", near.join("`, `")) };
    Failure::error(
        format!("`{package}` is neither a directory nor an installed package"),
        format!("{hint}name a package that `ocamlfind list` shows, or the directory of its workspace"),
    )
}
