//! What the references of units meant in an earlier run.
//!
//! What a unit's references mean follows from the project and from the files that were looked into on the way. So it is kept,
//! for one project as it was found, with the list of those files and a hash of each: where all of them still say the same,
//! it is taken as it was. Nothing else tells how far a change reaches.

use super::model::{EdgeKind, PackedFlags, Target, Unresolved};
use super::refs::{LocalEdge, LocalId, PackedEdges, UnitRefs};
use crate::base::{FileId, IdSet, Idx, Name, Span, UnitId};
use crate::cache::{Cache, Question};
use crate::project::Project;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::OnceLock;

/// All is kept anew when so many parts of it are new; before that, what is new is worked out again the next time.
const STALE: usize = 8;

/// What is known from an earlier run, and what this one adds.
pub(crate) struct Earlier<'c> {
    cache: &'c Cache,
    /// The project and what else the meaning of names depends on.
    question: Question,
    /// Where in `bytes` what is known of a unit stands.
    units: FxHashMap<UnitId, Range<usize>>,
    bytes: Vec<u8>,
    /// Files that no longer say what they said then.
    changed: IdSet<FileId>,
    /// By [`UnitId`], what this run goes by.
    noted: Vec<OnceLock<Noted>>,
}

/// What this run goes by for one unit.
struct Noted {
    read: Vec<FileId>,
    /// What was worked out; none where it was known.
    fresh: Option<Vec<u8>>,
}

/// What stands in front of the parts.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Each file that was looked into, with a hash of its content.
    files: Vec<(FileId, [u8; 32])>,
    /// Each unit with the length of its part, in order.
    units: Vec<(UnitId, usize)>,
}

/// What is kept of one unit. Names are numbers of `names`.
#[derive(Serialize, Deserialize)]
struct Part {
    read: Vec<FileId>,
    names: Vec<Name>,
    edges: Vec<PartEdge>,
    unresolved: Vec<(FileId, String, Span, Name)>,
    mentioned: Vec<UnitId>,
    sealed: Vec<u32>,
    alias_of: Vec<(u32, UnitId, u32)>,
    hidden: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct PartEdge {
    from: u32,
    kind: EdgeKind,
    unit: UnitId,
    path: u32,
    def: Option<LocalId>,
    span: Span,
    flags: PackedFlags,
}

impl<'c> Earlier<'c> {
    /// Looks for what is known of a project, as it is found.
    pub(crate) fn open(cache: &'c Cache, question: Question, project: &Project) -> Earlier<'c> {
        let mut earlier = Earlier {
            cache,
            question,
            units: FxHashMap::default(),
            bytes: Vec::new(),
            changed: IdSet::default(),
            noted: (0..project.units.len()).map(|_| OnceLock::new()).collect(),
        };
        if let Some(bytes) = cache.kept(question)
            && let Ok((Head { files, units }, parts)) = postcard::take_from_bytes::<Head>(&bytes)
        {
            let mut start = bytes.len() - parts.len();
            for (unit, length) in units {
                earlier.units.insert(unit, start..start + length);
                start += length;
            }
            let has_changed = |(file, content): &(FileId, [u8; 32])| {
                let source = project.files.get(file.idx());
                let is_same = source.is_some_and(|source| cache.still_says(&source.path, *content));
                (!is_same).then_some(*file)
            };
            let changed: Vec<FileId> = files.par_iter().filter_map(has_changed).collect();
            earlier.changed = changed.into_iter().collect();
            earlier.bytes = bytes;
        }
        earlier
    }

    /// Returns what the references of a unit mean and the files that this follows from, if it is known.
    pub(crate) fn get(&self, unit: UnitId) -> Option<(UnitRefs, Vec<FileId>)> {
        let part: Part = postcard::from_bytes(self.part(unit)?).ok()?;
        if part.read.iter().any(|&file| self.changed.contains(file)) {
            return None;
        }
        let (refs, read) = part.into_refs(unit)?;
        self.cache.count_known();
        let _ = self.noted[unit.idx()].set(Noted { read: read.clone(), fresh: None });
        Some((refs, read))
    }

    /// Whether something is known of a unit.
    pub(crate) fn knows(&self, unit: UnitId) -> bool {
        self.units.contains_key(&unit)
    }

    fn part(&self, unit: UnitId) -> Option<&[u8]> {
        self.bytes.get(self.units.get(&unit)?.clone())
    }

    /// Notes down what was worked out.
    pub(crate) fn put(&self, unit: UnitId, refs: &UnitRefs, read: &[FileId]) {
        if let Ok(part) = postcard::to_stdvec(&Part::new(refs, read)) {
            let _ = self.noted[unit.idx()].set(Noted { read: read.to_vec(), fresh: Some(part) });
        }
    }

    /// Keeps what this run went by for the next one, if much of it is new.
    pub(crate) fn keep(self, project: &Project) {
        let noted = || {
            self.noted.iter().enumerate().filter_map(|(unit, part)| Some((UnitId::new(unit), part.get()?)))
        };
        let n_fresh = noted().filter(|(_, noted)| noted.fresh.is_some()).count();
        if n_fresh * STALE <= self.units.len() {
            return;
        }
        let all: IdSet<FileId> = noted().flat_map(|(_, noted)| noted.read.iter().copied()).collect();
        let content = |file: FileId| Some((file, self.cache.read_content(&project.file(file).path)?));
        let files: Vec<(FileId, [u8; 32])> = all.iter().filter_map(content).collect();
        let readable: IdSet<FileId> = files.iter().map(|&(file, _)| file).collect();
        let mut head = Head { files, units: Vec::new() };
        let mut parts: Vec<&[u8]> = Vec::new();
        for (unit, noted) in
            noted().filter(|(_, noted)| noted.read.iter().all(|&file| readable.contains(file)))
        {
            if let Some(part) = noted.fresh.as_deref().or_else(|| self.part(unit)) {
                head.units.push((unit, part.len()));
                parts.push(part);
            }
        }
        if let Ok(head) = postcard::to_stdvec(&head) {
            parts.insert(0, &head);
            self.cache.keep_as(self.question, &parts);
        }
    }
}

impl Part {
    fn new(refs: &UnitRefs, read: &[FileId]) -> Part {
        let mut names: Vec<Name> = Vec::new();
        let mut numbers: FxHashMap<Name, u32> = FxHashMap::default();
        let mut number = |name: Name| {
            *numbers.entry(name).or_insert_with(|| {
                names.push(name);
                names.len() as u32 - 1
            })
        };
        let edge = |edge: LocalEdge| PartEdge {
            from: edge.from,
            kind: edge.kind,
            unit: edge.target.unit,
            path: number(edge.target.path),
            def: edge.def.get(),
            span: edge.span,
            flags: edge.flags,
        };
        let edges = refs.edges.iter().map(edge).collect();
        let alias_of = refs.alias_of.iter().map(|&(def, to)| (def, to.unit, number(to.path))).collect();
        let unresolved = refs.unresolved.iter();
        let unresolved = unresolved
            .map(|name| (name.file, name.path.clone(), name.span, crate::base::name(name.reason)))
            .collect();
        Part {
            read: read.to_vec(),
            names,
            edges,
            unresolved,
            mentioned: refs.mentioned.clone(),
            sealed: refs.sealed.clone(),
            alias_of,
            hidden: refs.hidden.clone(),
        }
    }

    /// Returns what it says, unless it makes no sense.
    fn into_refs(self, unit: UnitId) -> Option<(UnitRefs, Vec<FileId>)> {
        let target = |unit: UnitId, path: u32| Some(Target { unit, path: *self.names.get(path as usize)? });
        let edge = |edge: &PartEdge| {
            Some(LocalEdge {
                from: edge.from,
                kind: edge.kind,
                target: target(edge.unit, edge.path)?,
                def: edge.def.into(),
                span: edge.span,
                flags: edge.flags,
            })
        };
        let unresolved = self.unresolved.iter().cloned().map(|(file, path, span, reason)| Unresolved {
            unit,
            file,
            path,
            span,
            reason: reason.into(),
        });
        let alias_of = self.alias_of.iter().map(|&(def, unit, path)| Some((def, target(unit, path)?)));
        let mut edges: Vec<LocalEdge> = self.edges.iter().map(edge).collect::<Option<_>>()?;
        let refs = UnitRefs {
            edges: PackedEdges::new(&mut edges),
            unresolved: unresolved.collect(),
            mentioned: self.mentioned,
            sealed: self.sealed,
            alias_of: alias_of.collect::<Option<_>>()?,
            hidden: self.hidden,
        };
        Some((refs, self.read))
    }
}
