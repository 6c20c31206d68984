//! Projects that hold one trap of a split each (`corpus/splits`): the patch, the build before and after, what is linked and printed.

use super::ocaml::run_in;
use super::scratch::{Scratch, copy_tree, files_below};
use super::{executable, is_update, repository, unlith};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The projects, by name.
pub(crate) fn cases() -> Vec<(String, PathBuf)> {
    let dir = repository().join("corpus/splits");
    let entries = fs::read_dir(&dir).expect("the corpus is there").flatten();
    let mut cases: Vec<(String, PathBuf)> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("split.expected").exists())
        .map(|path| (path.file_name().expect("an entry has a name").to_string_lossy().into_owned(), path))
        .collect();
    cases.sort();
    cases
}

/// What `split.expected` says, or what was found.
#[derive(PartialEq, Eq, Debug)]
struct Verdict {
    id: String,
    /// `patch`, `reviewed CODE`, `review CODE` or `refused WHY`.
    verdict: String,
    /// The other lines: `gone`, `come`, `prints`.
    rest: Vec<String>,
}

impl Verdict {
    fn read(dir: &Path) -> Result<Verdict, String> {
        let text = fs::read_to_string(dir.join("split.expected")).map_err(|error| error.to_string())?;
        let mut lines = text.lines();
        let id = lines.next().and_then(|line| line.strip_prefix("id ")).ok_or("the first line is no id")?;
        let verdict = lines.next().ok_or("there is no verdict")?.to_owned();
        Ok(Verdict { id: id.to_owned(), verdict, rest: lines.map(str::to_owned).collect() })
    }

    fn text(&self) -> String {
        let mut text = format!("id {}\n{}\n", self.id, self.verdict);
        self.rest.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        text
    }
}

/// Holds what comes of a project against what is expected; writes that anew where it is asked for.
pub(crate) fn judge(dir: &Path) -> Result<(), String> {
    let expected = Verdict::read(dir)?;
    let found = Verdict { id: expected.id.clone(), ..observe(dir, &expected)? };
    if found == expected {
        return Ok(());
    }
    if is_update() && found.verdict == expected.verdict {
        return fs::write(dir.join("split.expected"), found.text()).map_err(|error| error.to_string());
    }
    Err(format!("expected\n{}found\n{}", expected.text(), found.text()))
}

/// The same with a compiler whose standard library has other units: those are not compared.
pub(crate) fn judge_elsewhere(dir: &Path) -> Result<(), String> {
    let without_stdlib = |mut verdict: Verdict| {
        let is_kept = |word: &&str| !word.starts_with("Stdlib") && !word.starts_with("Camlinternal");
        for line in &mut verdict.rest {
            *line = line.split(' ').filter(is_kept).collect::<Vec<_>>().join(" ");
        }
        verdict
    };
    let expected = Verdict::read(dir)?;
    let found = without_stdlib(Verdict { id: expected.id.clone(), ..observe(dir, &expected)? });
    let expected = without_stdlib(expected);
    if found == expected {
        return Ok(());
    }
    Err(format!("expected\n{}found\n{}", expected.text(), found.text()))
}

/// Whether a project asks for installed rewriters.
pub(crate) fn needs_rewriters(dir: &Path) -> bool {
    let dune = files_below(dir, &|path| path.ends_with("dune"));
    dune.iter().any(|path| fs::read_to_string(path).unwrap_or_default().contains("(pps"))
}

fn observe(dir: &Path, expected: &Verdict) -> Result<Verdict, String> {
    let scratch = Scratch::new("split").map_err(|error| error.to_string())?;
    copy_tree(dir, scratch.path()).map_err(|error| error.to_string())?;
    let id = expected.id.clone();
    let all = ["split", "-C", ".", "--min-saving", "1", "--quiet", "--sources-only"];
    let patch = || {
        Command::new(env!("CARGO_BIN_EXE_unlith"))
            .args(all)
            .arg(&expected.id)
            .current_dir(scratch.path())
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .output()
            .map_err(|error| error.to_string())
    };
    let unbuilt = patch()?;
    let before = built(scratch.path())?;
    let said = patch()?;
    let notes = String::from_utf8_lossy(&said.stderr).into_owned();
    let review = notes.lines().find_map(|line| {
        let (_, rest) = line.split_once(": needs review: ")?;
        Some(format!("review {}", rest.split(':').next().unwrap_or_default()))
    });
    if said.status.success() && review.is_none() && unbuilt.stdout != said.stdout {
        let text = String::from_utf8_lossy(&unbuilt.stdout).into_owned();
        let why = String::from_utf8_lossy(&unbuilt.stderr).into_owned();
        return Err(format!("before the build the patch is another one:\n{text}{why}"));
    }
    let is_reviewed = expected.verdict.starts_with("reviewed ");
    if let Some(verdict) = &review
        && !is_reviewed
    {
        return Ok(Verdict { id, verdict: verdict.clone(), rest: Vec::new() });
    }
    let applied =
        review.map_or_else(|| "patch".to_owned(), |review| review.replacen("review", "reviewed", 1));
    if !said.status.success() {
        let refused = notes.lines().find_map(|line| line.split_once("cannot be written as a patch: "));
        let verdict = refused.map_or_else(|| notes.clone(), |(_, why)| format!("refused {}", why.trim()));
        // Whoever looks before asking for the patch is told.
        let list = unlith::run(scratch.path(), all)?;
        let is_told = |line: &str| line.starts_with(&expected.id) && line.contains("  no patch: ");
        if refused.is_some() && !list.lines().any(is_told) {
            return Err(format!("the list does not say that {} has no patch:\n{list}", expected.id));
        }
        return Ok(Verdict { id, verdict, rest: Vec::new() });
    }
    unlith::run(scratch.path(), all.iter().copied().chain(["--apply", &expected.id]))?;
    let after = built(scratch.path())?;
    let row = |word: &str, from: &BTreeSet<String>, without: &BTreeSet<String>| {
        let units: Vec<&str> = from.difference(without).map(String::as_str).collect();
        format!("{word} {}", units.join(" ")).trim_end().to_owned()
    };
    let prints = if after.printed == before.printed {
        "prints same".to_owned()
    } else {
        format!("prints {}", after.printed.trim_end().replace('\n', "\\n"))
    };
    unlith::run(scratch.path(), ["split", "-C", ".", "--reverse"])?;
    unchanged(dir, scratch.path())?;
    let rest =
        vec![row("gone", &before.units, &after.units), row("come", &after.units, &before.units), prints];
    Ok(Verdict { id, verdict: applied, rest })
}

struct Built {
    units: BTreeSet<String>,
    printed: String,
}

fn built(dir: &Path) -> Result<Built, String> {
    run_in(dir, "dune", ["build", "--root", ".", "--profile", "release", "--display", "quiet", "@all"])?;
    let found = ["bin/main.exe", "main.exe"].iter().map(|path| dir.join("_build/default").join(path));
    let program = found.into_iter().find(|path| path.exists()).ok_or("there is no program")?;
    let units = executable::read(&program).map_err(|error| error.to_string())?.linked.into_iter().collect();
    let output = Command::new(&program).output().map_err(|error| error.to_string())?;
    Ok(Built { units, printed: String::from_utf8_lossy(&output.stdout).into_owned() })
}

/// Holds the files of a project against those that were taken back.
fn unchanged(original: &Path, copy: &Path) -> Result<(), String> {
    let files = |dir: &Path| {
        let keep = |path: &Path| {
            let inside = path.strip_prefix(dir).unwrap_or(path);
            !inside.starts_with("_build") && !inside.ends_with("split.expected")
        };
        let found = files_below(dir, &keep);
        let read = |path: PathBuf| {
            let inside = path.strip_prefix(dir).unwrap_or(&path).to_path_buf();
            (inside, fs::read(&path).unwrap_or_default())
        };
        found.into_iter().map(read).collect::<BTreeMap<_, _>>()
    };
    let (was, is) = (files(original), files(copy));
    let differs: Vec<_> =
        was.keys().chain(is.keys()).filter(|path| was.get(*path) != is.get(*path)).collect();
    if differs.is_empty() { Ok(()) } else { Err(format!("--reverse leaves {differs:?} as they were not")) }
}
