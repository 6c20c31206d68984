//! Small dune workspaces, built by the real dune, and what we read of them compared with that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use unlith::base::LibraryId;
use unlith::project::{Library, LibraryOrigin, LoadOptions, Project, Unit, UnitSource, load_workspace};

/// A directory of its own, gone at the end.
pub(crate) struct Tree(pub(crate) PathBuf);

impl Tree {
    /// Writes the files of a fixture: `== path` before each text.
    pub(crate) fn new(name: &str, fixture: &str) -> Tree {
        let root = std::env::temp_dir().join(format!("unlith-dune-{name}-{}", std::process::id()));
        _ = fs::remove_dir_all(&root);
        for part in fixture.split("== ").skip(1) {
            let (path, text) = part.split_once('\n').expect("a path, then the text");
            let path = root.join(path.trim());
            fs::create_dir_all(path.parent().expect("it lies in the tree"))
                .expect("temporary files can be made");
            fs::write(path, text).expect("temporary files can be made");
        }
        Tree(root)
    }
    pub(crate) fn load(&self) -> Project {
        load_workspace(&self.0, &LoadOptions::of_process()).expect("it is a workspace")
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn has_dune() -> bool {
    let found = Command::new("dune").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: dune is not installed");
    }
    found
}

/// What a build says of units and programs.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// For each library: its units with code.
    pub(crate) archives: BTreeMap<String, BTreeSet<String>>,
    /// For each unit that was compiled, with the directory of its stanza: what it opens.
    pub(crate) opens: BTreeMap<(PathBuf, String), Vec<String>>,
    /// For each program: archives in order, and its own units.
    pub(crate) programs: BTreeMap<String, (Vec<String>, BTreeSet<String>)>,
}

pub(crate) fn build(root: &Path) -> Built {
    let output = Command::new("dune")
        .args(["build", "--root", ".", "@all"])
        .current_dir(root)
        .output()
        .expect("dune was found");
    assert!(output.status.success(), "dune build: {}", String::from_utf8_lossy(&output.stderr));
    let log = fs::read_to_string(root.join("_build/log")).expect("dune writes a log");
    let mut built = Built::default();
    for line in log.lines().filter(|line| line.contains("ocamlopt") && line.starts_with('$')) {
        let words: Vec<&str> = line.trim_end_matches(')').split_ascii_whitespace().collect();
        let after = |flag: &str| words.iter().position(|word| *word == flag).map(|at| words[at + 1]);
        let output = after("-o").unwrap_or_default();
        if output.starts_with(".ppx/") {
            continue; // dune's own rewriting program
        }
        let unit = |path: &str| {
            capitalised(Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default())
        };
        if words.contains(&"-c") {
            let opens =
                words.windows(2).filter(|pair| pair[0] == "-open").map(|pair| pair[1].to_string()).collect();
            let dir =
                Path::new(output).ancestors().nth(3).expect("DIR/.x.objs/native/unit.cmx").to_path_buf();
            built.opens.insert((dir, unit(output)), opens);
        } else if output.ends_with(".cmxa") {
            let units = words.iter().filter(|word| word.ends_with(".cmx")).map(|path| unit(path)).collect();
            built.archives.insert(output.to_string(), units);
        } else if let Some(program) = output.strip_suffix(".exe") {
            let archives =
                words.iter().filter(|word| word.ends_with(".cmxa")).map(|word| (*word).to_string()).collect();
            let units = words.iter().filter(|word| word.ends_with(".cmx")).map(|path| unit(path)).collect();
            built.programs.insert(program.to_string(), (archives, units));
        }
    }
    built
}

fn capitalised(stem: &str) -> String {
    let (first, rest) = stem.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// The build's archive of a library: by directory and name where the local name is the public one, else by its units.
fn archive_of(project: &Project, id: LibraryId, built: &Built) -> Vec<String> {
    let library = project.library(id);
    if library.origin != LibraryOrigin::Workspace {
        let archives = library.archives.iter().filter_map(|archive| archive.cmxa.as_ref());
        return archives.map(|path| path.display().to_string()).collect();
    }
    let dir = dir_of(project, library);
    let named = dir.join(format!("{}.cmxa", library.name)).display().to_string();
    let units = units_with_code(project, library);
    let beside = built.archives.iter().filter(|(file, _)| Path::new(file).parent() == Some(&dir));
    let same = beside
        .filter(|(_, theirs)| units.is_subset(theirs) && !units.is_empty())
        .map(|(file, _)| file.clone());
    if built.archives.contains_key(&named) { vec![named] } else { same.take(1).collect() }
}

fn dir_of(project: &Project, library: &Library) -> PathBuf {
    library.dir.strip_prefix(&project.root).expect("it lies in the workspace").to_path_buf()
}

fn has_code(unit: &Unit) -> bool {
    !matches!(unit.source, UnitSource::Files { implementation: None, .. })
}

fn units_with_code(project: &Project, library: &Library) -> BTreeSet<String> {
    let units = library.units.iter().map(|&unit| project.unit(unit)).filter(|unit| has_code(unit));
    units.map(|unit| unit.name.to_string()).collect()
}

/// Compares what we read with what dune built; gives the counts.
#[track_caller]
pub(crate) fn compare(project: &Project, built: &Built) -> String {
    let mut opens = BTreeMap::new();
    let mut archives = BTreeMap::new();
    let mut of_virtual = BTreeSet::new();
    // No archive holds what dune makes for each program.
    let is_made = |unit: &&Unit| unit.generated_from.as_deref() == Some(Path::new("dune"));
    let made_at_link: BTreeSet<String> =
        project.units.iter().filter(is_made).map(|unit| unit.name.to_string()).collect();
    for (index, library) in project.libraries.iter().enumerate() {
        if library.origin == LibraryOrigin::Workspace {
            let mut units = units_with_code(project, library);
            units.retain(|unit| !made_at_link.contains(unit));
            match archive_of(project, LibraryId(index as u32), built).pop() {
                Some(file) => _ = archives.insert(file, units),
                // A virtual library has no archive: its units are in those of its implementations.
                None => of_virtual.extend(units),
            }
        }
        if matches!(library.origin, LibraryOrigin::Workspace | LibraryOrigin::Program) {
            for unit in library.units.iter().map(|&unit| project.unit(unit)).filter(|unit| has_code(unit)) {
                let opened: Vec<_> = unit.opens.iter().map(|open| open.to_string()).collect();
                opens.insert((dir_of(project, library), unit.name.to_string()), opened);
            }
        }
    }
    for (file, units) in &built.archives {
        let ours = archives.get(file).cloned().unwrap_or_default();
        assert!(ours.is_subset(units), "{file}: ours {ours:?}, dune's {units:?}");
        let is_virtual = units.difference(&ours).all(|unit| of_virtual.contains(unit));
        assert!(is_virtual, "{file}: ours {ours:?}, dune's {units:?}");
    }
    for (unit, opened) in built.opens.iter().filter(|((_, unit), _)| !made_at_link.contains(unit)) {
        assert_eq!(opens.get(unit), Some(opened), "what {unit:?} opens");
    }
    let programs: BTreeMap<_, _> =
        project.programs.iter().map(|program| (program.name.clone(), program)).collect();
    assert_eq!(programs.keys().collect::<Vec<_>>(), built.programs.keys().collect::<Vec<_>>());
    for (title, (their_archives, their_units)) in &built.programs {
        let program = programs[title];
        let libraries = program.libraries.iter().skip(1);
        let our_archives: Vec<_> = libraries.flat_map(|&id| archive_of(project, id, built)).collect();
        assert_eq!(&our_archives, their_archives, "command line of {title}");
        let own: BTreeSet<_> =
            program.own_units.iter().map(|&unit| project.unit(unit).name.to_string()).collect();
        assert!(own.is_subset(their_units), "{title}: ours {own:?}, dune's {their_units:?}");
        let known = units_with_code(project, project.library(program.own));
        let known: BTreeSet<_> = known.union(&made_at_link).cloned().collect();
        assert!(their_units.is_subset(&known), "{title}: ours {known:?}, dune's {their_units:?}");
    }
    format!("{} archives, {} units, {} programs", archives.len(), built.opens.len(), built.programs.len())
}
