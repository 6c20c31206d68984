//! Environments: what functor parameters stand for, and where structures are seen.

use super::Evaluator;
use super::model::{Addr, Inside, Module};
use crate::base::{FileId, Idx};
use crate::parse::{ScopeId, StructureId};
use crate::resolve::index::Home;
use crate::resolve::world::File;

/// Frames of one environment, at most.
const MAX_ENV: u32 = 64;

/// An environment: what functor parameters stand for, and where structures are seen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct EnvId(u32);

pub(crate) const EMPTY: EnvId = EnvId(0);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Frame {
    Root,
    /// The parameter that binds `scope` of `file`.
    Param {
        file: FileId,
        scope: ScopeId,
        module: Module,
    },
    /// The structure is seen at this address, not at its home.
    Seen {
        file: FileId,
        structure: StructureId,
        link: Addr,
        canon: Addr,
    },
    /// The structure stands in a `module type of struct .. end`.
    TypeOf {
        file: FileId,
        structure: StructureId,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct EnvNode {
    pub(super) parent: EnvId,
    pub(super) depth: u32,
    pub(super) frame: Frame,
}

impl Evaluator<'_> {
    pub(super) fn push(&mut self, parent: EnvId, frame: Frame) -> Option<EnvId> {
        let depth = self.envs[parent.0 as usize].depth + 1;
        if depth > MAX_ENV {
            return None;
        }
        let node = EnvNode { parent, depth, frame };
        Some(*self.env_ids.entry(node).or_insert_with(|| {
            self.envs.push(node);
            EnvId(self.envs.len() as u32 - 1)
        }))
    }

    pub(super) fn param(&self, mut env: EnvId, of_file: FileId, of_scope: ScopeId) -> Option<Module> {
        while env != EMPTY {
            let node = &self.envs[env.0 as usize];
            match node.frame {
                Frame::Param { file, scope, module } if file == of_file && scope == of_scope => {
                    return Some(module);
                }
                _ => env = node.parent,
            }
        }
        None
    }

    /// Whether parameters of functors stand for something in an environment.
    pub(crate) fn has_params(&self, mut env: EnvId) -> bool {
        while env != EMPTY {
            let node = &self.envs[env.0 as usize];
            if matches!(node.frame, Frame::Param { .. }) {
                return true;
            }
            env = node.parent;
        }
        false
    }

    /// Returns where a structure is seen: at the address that the environment gives, or at home.
    pub(crate) fn inside(&self, file: &File, id: FileId, structure: StructureId, env: EnvId) -> Inside {
        let mut at = env;
        while at != EMPTY {
            let node = &self.envs[at.0 as usize];
            match node.frame {
                Frame::Seen { file, structure: seen, link, canon } if file == id && seen == structure => {
                    return Inside { file: id, structure, env, link, canon };
                }
                _ => at = node.parent,
            }
        }
        let home = home(file, structure);
        Inside { file: id, structure, env, link: home, canon: home }
    }

    /// Whether a structure is the one of a `module type of struct .. end`.
    pub(super) fn is_type_of(&self, inside: Inside) -> bool {
        let mut at = inside.env;
        while at != EMPTY {
            let node = &self.envs[at.0 as usize];
            match node.frame {
                Frame::TypeOf { file, structure } if file == inside.file && structure == inside.structure => {
                    return true;
                }
                _ => at = node.parent,
            }
        }
        false
    }

    pub(super) fn enter(
        &mut self,
        module: Module,
        loaded: &File,
        file: FileId,
        structure: StructureId,
        env: EnvId,
    ) -> Option<Inside> {
        let Module { link, canon, .. } = module;
        let seen = self.inside(loaded, file, structure, env);
        if seen.link == link && seen.canon == canon {
            return Some(seen);
        }
        let env = self.push(env, Frame::Seen { file, structure, link, canon })?;
        Some(Inside { file, structure, env, link, canon })
    }
}

/// Returns where the items of a structure are reached from outside.
pub(crate) fn home(file: &File, structure: StructureId) -> Addr {
    match file.index.homes[structure.idx()] {
        Home::Path(prefix) => Addr::Field(file.index.unit, prefix),
        Home::Local => Addr::Local,
    }
}
