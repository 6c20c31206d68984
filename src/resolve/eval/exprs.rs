//! Module expressions: structures, constraints, functors and their application.

use super::Evaluator;
use super::env::{EnvId, Frame};
use super::model::{Addr, Find, Found, Module, Reason, Sig, unknown};
use crate::base::{FileId, RefId};
use crate::parse::{FileFacts, ModuleExpr, ModuleExprId, ModuleType};
use crate::resolve::index::Space;

/// Parameters of one functor that a path may give arguments for. More are not met, but where a functor returns itself.
const MAX_PARAMS: usize = 64;

impl Evaluator<'_> {
    /// Evaluates a module expression that has no name: in a local open, a `let module`, an argument.
    pub(crate) fn expression(&mut self, file: FileId, expr: ModuleExprId, env: EnvId) -> Module {
        if let Some((module, trail)) = self.expressions.get_mut(&(file, expr, env)) {
            self.hops.extend_from_slice(&trail.hops);
            self.mentioned.add_all(&trail.mentioned);
            self.read.get_mut().add_all(&trail.read);
            self.tally.count(&mut trail.cost, 0);
            return *module;
        }
        let (module, trail) =
            self.on_the_way(|eval| eval.module_expr(file, expr, env, (Addr::Local, Addr::Local)));
        self.hops.extend_from_slice(&trail.hops);
        self.mentioned.add_all(&trail.mentioned);
        self.expressions.insert((file, expr, env), (module, trail));
        module
    }

    /// Evaluates a module expression; what is not a path is seen at the address `at` (link, canon).
    pub(super) fn module_expr(
        &mut self,
        file: FileId,
        expr: ModuleExprId,
        env: EnvId,
        at: (Addr, Addr),
    ) -> Module {
        if self.tally.is_at_limit() {
            return unknown(at.0, Reason::Cycle);
        }
        self.tally.enter();
        let module = self.eval_expr(file, expr, env, at);
        self.tally.leave();
        module
    }

    fn eval_expr(&mut self, file: FileId, expr: ModuleExprId, env: EnvId, at: (Addr, Addr)) -> Module {
        let Some(loaded) = self.file(file) else { return unknown(at.0, Reason::Unreadable) };
        let facts = &loaded.facts;
        let (link, canon) = at;
        match facts.module_expr(expr) {
            ModuleExpr::Path(path) => {
                let module = self.module_of_ref(file, facts, *path, env);
                module.unwrap_or_else(|| unknown(link, Reason::Unbound))
            }
            ModuleExpr::Structure(structure) => {
                Module { link, canon, sig: Sig::Structure { file, structure: *structure, env } }
            }
            ModuleExpr::Functor { .. } => Module { link, canon, sig: Sig::FunctorExpr { file, expr, env } },
            ModuleExpr::Constraint { module, module_type } => {
                let sig = self.module_type(file, *module_type, env);
                if let Sig::Unknown(_) = sig {
                    let inner = self.module_expr(file, *module, env, at);
                    return Module { link, canon, sig: inner.sig };
                }
                Module { link, canon, sig }
            }
            ModuleExpr::Apply { functor, argument } => {
                let functor = self.expression(file, *functor, env);
                let argument = argument.map(|argument| self.expression(file, argument, env));
                self.apply(functor, argument, at)
            }
            ModuleExpr::Unpack { module_type, value } => {
                let sig = match (module_type, value) {
                    (Some(ty), _) => self.module_type(file, *ty, env),
                    (None, Some(value)) => self.packed_by(file, facts, *value, env),
                    (None, None) => Sig::Unknown(Reason::Untyped),
                };
                Module { link, canon, sig }
            }
            ModuleExpr::Unknown => unknown(link, Reason::Extension),
        }
    }

    /// The signature that a value is packed with, or what a function returns.
    fn packed_by(&mut self, file: FileId, facts: &FileFacts, value: RefId, env: EnvId) -> Sig {
        let reference = facts.reference(value);
        // Nobody goes through these modules to the one that is unpacked.
        let n_hops = self.hops.len();
        let path = facts.names(reference.path);
        let found = self.resolve(file, facts, path, reference.scope, env, Space::Value);
        self.hops.truncate(n_hops);
        let Find::Found(Found { item: Some(binding), env, .. }) = found else {
            return Sig::Unknown(Reason::Untyped);
        };
        let packed = self.file(binding.file).and_then(|loaded| loaded.facts.packed_by(binding.item));
        packed.map_or(Sig::Unknown(Reason::Untyped), |ty| self.module_type(binding.file, ty, env))
    }

    /// Applies a functor: the result has the names of its body or result signature, seen at `at`.
    pub(crate) fn apply(&mut self, functor: Module, argument: Option<Module>, at: (Addr, Addr)) -> Module {
        match functor.sig {
            Sig::FunctorExpr { file, expr, env } => {
                let Some(loaded) = self.file(file) else { return unknown(at.0, Reason::Unreadable) };
                let ModuleExpr::Functor { param, body } = loaded.facts.module_expr(expr) else {
                    return unknown(at.0, Reason::FunctorResult);
                };
                let Some(env) = self.bind_param(file, *param, argument, env) else {
                    return unknown(at.0, Reason::Cycle);
                };
                let result = self.module_expr(file, *body, env, at);
                if !matches!(loaded.facts.module_expr(*body), ModuleExpr::Path(_)) {
                    return result;
                }
                // A functor that returns a module of a name returns a copy: it is reached where the result is.
                Module { link: at.0, canon: at.1, sig: result.sig }
            }
            Sig::FunctorType { file, ty, env } => {
                let Some(loaded) = self.file(file) else { return unknown(at.0, Reason::Unreadable) };
                let ModuleType::Functor { param, result } = loaded.facts.module_type(ty) else {
                    return unknown(at.0, Reason::FunctorResult);
                };
                match self.bind_param(file, *param, argument, env) {
                    Some(env) => {
                        Module { link: at.0, canon: at.1, sig: self.module_type(file, *result, env) }
                    }
                    None => unknown(at.0, Reason::Cycle),
                }
            }
            Sig::Unknown(reason) => unknown(at.0, reason),
            _ => unknown(at.0, Reason::FunctorResult),
        }
    }

    /// Returns what the next component of a path is looked up in: only what a functor returns has members, so `F.t` was written
    /// `F(X).t`. Such a path stands in types alone and reaches nothing when the program runs; the arguments, which it does not
    /// keep, are taken for what the parameters say.
    pub(super) fn applied(&mut self, mut module: Module) -> Module {
        for _ in 0..MAX_PARAMS {
            if !matches!(module.sig, Sig::FunctorExpr { .. } | Sig::FunctorType { .. }) {
                break;
            }
            module = self.apply(module, None, (Addr::Local, Addr::Local));
        }
        module
    }

    fn bind_param(
        &mut self,
        file: FileId,
        param: Option<crate::parse::Param>,
        argument: Option<Module>,
        env: EnvId,
    ) -> Option<EnvId> {
        let (Some(param), Some(argument)) = (param, argument) else { return Some(env) };
        let declared = self.module_type(file, param.module_type, env);
        // A parameter has the names of its signature. Where that leaves module types open, the argument has them.
        let sig = match declared {
            Sig::Unknown(_) => argument.sig,
            sig if self.has_open_module_types(sig) => argument.sig,
            sig => sig,
        };
        let module = Module { link: Addr::Local, canon: argument.canon, sig };
        self.push(env, Frame::Param { file, scope: param.scope, module })
    }

    /// Returns the signature that a functor asks of its argument.
    pub(crate) fn param_signature(&mut self, functor: Module) -> Option<Sig> {
        let (file, param, env) = match functor.sig {
            Sig::FunctorExpr { file, expr, env } => match self.file(file)?.facts.module_expr(expr) {
                ModuleExpr::Functor { param, .. } => (file, (*param)?, env),
                _ => return None,
            },
            Sig::FunctorType { file, ty, env } => match self.file(file)?.facts.module_type(ty) {
                ModuleType::Functor { param, .. } => (file, (*param)?, env),
                _ => return None,
            },
            _ => return None,
        };
        Some(self.module_type(file, param.module_type, env))
    }
}
