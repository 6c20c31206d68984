//! Random programs of a few units that use the module language in every way that comes to mind, and that nearly always
//! type-check: all values are integers or functions on them, and what is in scope is tracked.

use std::collections::{BTreeMap, BTreeSet};

const VALUES: &[&str] = &["v0", "v1", "v2", "v3", "v4"];
const FUNCTIONS: &[&str] = &["f0", "f1", "f2"];
const MODULES: &[&str] = &["M", "N", "P", "Q"];
const UNITS: &[&str] = &["A", "B", "C", "D", "E", "G"];

/// The sources of a program: the files by name, and the units in an order in which they compile, the main one last.
pub(crate) struct Program {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) units: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Function,
    /// A first-class module of `Sg.S`.
    Packed,
}

/// What a module has, or what is in scope.
#[derive(Clone, Default)]
struct Module {
    values: BTreeMap<&'static str, Kind>,
    modules: BTreeMap<&'static str, Module>,
    functors: BTreeMap<&'static str, Module>,
    exceptions: BTreeSet<&'static str>,
    classes: BTreeSet<&'static str>,
}

impl Module {
    fn with_value(name: &'static str, kind: Kind) -> Module {
        Module { values: [(name, kind)].into(), ..Module::default() }
    }

    fn merge(&mut self, other: &Module) {
        self.values.extend(other.values.iter().map(|(&name, &kind)| (name, kind)));
        self.modules.extend(other.modules.iter().map(|(&name, module)| (name, module.clone())));
        self.functors.extend(other.functors.iter().map(|(&name, module)| (name, module.clone())));
        self.exceptions.extend(&other.exceptions);
        self.classes.extend(&other.classes);
    }

    fn and_value(&self, name: &'static str) -> Module {
        let mut scope = self.clone();
        scope.values.insert(name, Kind::Integer);
        scope
    }

    fn and_module(&self, name: &'static str, module: &Module) -> Module {
        let mut scope = self.clone();
        scope.modules.insert(name, module.clone());
        scope
    }

    fn and_all_of(&self, module: &Module) -> Module {
        let mut scope = self.clone();
        scope.merge(module);
        scope
    }

    /// Every module that can be named from here, with its path.
    fn paths(&self) -> Vec<(String, &Module)> {
        fn below<'m>(module: &'m Module, prefix: &str, depth: u32, out: &mut Vec<(String, &'m Module)>) {
            for (name, inner) in &module.modules {
                let path = format!("{prefix}{name}");
                out.push((path.clone(), inner));
                if depth > 0 {
                    below(inner, &format!("{path}."), depth - 1, out);
                }
            }
        }
        let mut out = Vec::new();
        below(self, "", 3, &mut out);
        out
    }

    /// Whether it fits `Sg.S`.
    fn is_argument(&self) -> bool {
        self.values.get("v0") == Some(&Kind::Integer)
    }

    /// Every path to what `names` picks in a module.
    fn all(&self, names: impl Fn(&Module) -> Vec<&'static str>) -> Vec<String> {
        let own = names(self).into_iter().map(str::to_owned);
        let inner = self.paths().into_iter().flat_map(|(path, module)| {
            names(module).into_iter().map(move |name| format!("{path}.{name}")).collect::<Vec<_>>()
        });
        own.chain(inner).collect()
    }

    fn all_values(&self, kind: Kind) -> Vec<String> {
        self.all(|module| {
            module.values.iter().filter(|&(_, &of)| of == kind).map(|(&name, _)| name).collect()
        })
    }

    fn all_exceptions(&self) -> Vec<String> {
        self.all(|module| module.exceptions.iter().copied().collect())
    }

    fn all_classes(&self) -> Vec<String> {
        self.all(|module| module.classes.iter().copied().collect())
    }

    fn all_functors(&self) -> Vec<(String, &Module)> {
        let own = self.functors.iter().map(|(&name, result)| (name.to_owned(), result));
        let inner = self.paths().into_iter().flat_map(|(path, module)| {
            module.functors.iter().map(move |(name, result)| (format!("{path}.{name}"), result))
        });
        own.chain(inner).collect()
    }
}

/// A module expression: what it has, its text, and whether it is a bare path.
struct Expression {
    module: Module,
    text: String,
    is_path: bool,
}

impl Expression {
    fn other(module: Module, text: String) -> Expression {
        Expression { module, text, is_path: false }
    }
}

/// Makes the program of a number.
pub(crate) fn program(number: u64) -> Program {
    let mut maker =
        Maker { state: number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995, units: BTreeSet::new() };
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files.insert("sg.ml".to_owned(), "module type S = sig val v0 : int end\n".to_owned());
    let mut units = vec!["sg".to_owned()];
    let mut scope = Module::default();
    let n_units = 3 + maker.below(4);
    for &unit in &UNITS[..n_units] {
        let n_items = 2 + maker.below(7);
        let (items, mut module, aliases) = maker.items(&scope, 2, n_items, true);
        let stem = unit.to_lowercase();
        files.insert(format!("{stem}.ml"), items.join("\n") + "\n");
        if maker.chance(40) {
            module = maker.cut(&module);
            let signature = maker.signature(&module, &aliases);
            let inside = signature.trim_start_matches("sig").trim_end_matches("end").trim();
            files.insert(format!("{stem}.mli"), format!("{inside}\n"));
        }
        scope.modules.insert(unit, module);
        maker.units.insert(unit);
        units.push(stem);
    }
    let n_items = 2 + maker.below(4);
    let (items, _, _) = maker.items(&scope, 2, n_items, true);
    files.insert("main.ml".to_owned(), items.join("\n") + "\n");
    units.push("main".to_owned());
    Program { files, units }
}

struct Maker {
    /// Of the generator of random numbers (SplitMix64).
    state: u64,
    /// Units that are done.
    units: BTreeSet<&'static str>,
}

type Aliases = BTreeMap<&'static str, String>;

impl Maker {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { Some(from[self.below(from.len())].clone()) }
    }

    fn name(&mut self, names: &[&'static str]) -> &'static str {
        names[self.below(names.len())]
    }

    fn path(&mut self, scope: &Module, fits: impl Fn(&Module) -> bool) -> Option<(String, Module)> {
        let paths: Vec<_> = scope.paths().into_iter().filter(|(_, module)| fits(module)).collect();
        let (path, module) = self.pick(&paths)?;
        Some((path, module.clone()))
    }

    /// An integer.
    fn value(&mut self, scope: &Module, depth: u32) -> String {
        let choice = if depth == 0 { 0 } else { self.below(100) };
        self.try_value(scope, depth, choice).unwrap_or_else(|| {
            let values = scope.all_values(Kind::Integer);
            match self.pick(&values) {
                Some(value) if self.chance(85) => value,
                _ => self.below(10).to_string(),
            }
        })
    }

    fn try_value(&mut self, scope: &Module, depth: u32, choice: usize) -> Option<String> {
        let less = depth.saturating_sub(1);
        Some(match choice {
            28..38 => {
                let function = self.pick(&scope.all_values(Kind::Function))?;
                format!("({function} ({}))", self.value(scope, less))
            }
            38..46 => {
                let (path, module) = self.path(scope, |_| true)?;
                let inner = self.value(&scope.and_all_of(&module), less);
                match self.below(3) {
                    0 => format!("{path}.({inner})"),
                    1 => format!("(let open {path} in {inner})"),
                    _ => format!("(let open! {path} in {inner})"),
                }
            }
            46..54 => {
                let (path, module) = self.path(scope, |_| true)?;
                let name = self.name(MODULES);
                format!(
                    "(let module {name} = {path} in {})",
                    self.value(&scope.and_module(name, &module), less)
                )
            }
            54..60 => {
                let exception = self.pick(&scope.all_exceptions())?;
                let (first, second) = (self.value(scope, less), self.value(scope, less));
                if self.chance(50) {
                    format!("(try {first} with {exception} x -> x + {second})")
                } else {
                    format!("(match {first} with y -> y | exception {exception} _ -> {second})")
                }
            }
            60..63 => {
                format!("(raise ({} {}))", self.pick(&scope.all_exceptions())?, self.value(scope, less))
            }
            63..67 => {
                let name = self.name(VALUES);
                let bound = self.value(scope, less);
                format!("(let {name} = {bound} in {})", self.value(&scope.and_value(name), less))
            }
            67..70 => {
                let name = self.name(VALUES);
                let default = self.value(scope, less);
                format!("((fun ?({name} = {default}) () -> {}) ())", self.value(&scope.and_value(name), less))
            }
            70..73 => format!("(Lazy.force (lazy {}))", self.value(scope, less)),
            73..76 => format!("(new {})#m", self.pick(&scope.all_classes())?),
            76..80 => {
                let (path, _) = self.path(scope, Module::is_argument)?;
                let name = self.name(MODULES);
                let argument = Module::with_value("v0", Kind::Integer);
                let inner = self.value(&scope.and_module(name, &argument), less);
                if self.chance(50) {
                    format!("(let (module {name} : Sg.S) = (module {path} : Sg.S) in {inner})")
                } else {
                    format!("(let module {name} = (val (module {path} : Sg.S)) in {inner})")
                }
            }
            80..84 => {
                let packed = self.pick(&scope.all_values(Kind::Packed))?;
                let name = self.name(MODULES);
                let argument = Module::with_value("v0", Kind::Integer);
                let inner = self.value(&scope.and_module(name, &argument), less);
                format!("(let module {name} = (val {packed}) in {inner})")
            }
            84..88 => {
                let (functor, result) = self.pick(&scope.all_functors())?;
                let result = result.clone();
                let (path, _) = self.path(scope, Module::is_argument)?;
                let name = self.name(MODULES);
                let inner = self.value(&scope.and_module(name, &result), less);
                format!("(let module {name} = {functor}({path}) in {inner})")
            }
            88..90 => {
                let (module, text) = self.structure(scope, 0);
                format!("(let open {text} in {})", self.value(&scope.and_all_of(&module), less))
            }
            90..92 => {
                let parts = [(); 3].map(|()| self.value(scope, less));
                format!("(if {} > 3 then {} else {})", parts[0], parts[1], parts[2])
            }
            92..95 => {
                let (module, text) = self.structure(scope, 1);
                let name = self.name(MODULES);
                format!(
                    "(let module {name} = {text} in {})",
                    self.value(&scope.and_module(name, &module), less)
                )
            }
            95..100 => format!("({} + {})", self.value(scope, less), self.value(scope, less)),
            _ => return None,
        })
    }

    fn structure(&mut self, scope: &Module, depth: u32) -> (Module, String) {
        let n_items = self.below(5);
        let (items, module, _) = self.items(scope, depth, n_items, false);
        (module, format!("struct {} end", items.join(" ")))
    }

    fn module(&mut self, scope: &Module, depth: u32) -> Expression {
        let choice = self.below(100);
        if let Some(expression) = self.try_module(scope, choice) {
            return expression;
        }
        if depth == 0 {
            let text = format!("struct let v0 = {} end", self.value(scope, 1));
            return Expression::other(Module::with_value("v0", Kind::Integer), text);
        }
        let (module, text) = self.structure(scope, depth - 1);
        if !self.chance(25) {
            return Expression::other(module, text);
        }
        let module = self.cut(&module);
        let text = format!("({text} : {})", self.signature(&module, &Aliases::new()));
        Expression::other(module, text)
    }

    fn try_module(&mut self, scope: &Module, choice: usize) -> Option<Expression> {
        let argument = Module::with_value("v0", Kind::Integer);
        Some(match choice {
            0..50 => {
                let (text, module) = self.path(scope, |_| true)?;
                Expression { module, text, is_path: true }
            }
            50..56 => {
                let (path, module) = self.path(scope, |_| true)?;
                Expression { module, text: format!("({path})"), is_path: true }
            }
            56..70 => {
                let (functor, result) = self.pick(&scope.all_functors())?;
                let result = result.clone();
                let text = match self.path(scope, Module::is_argument) {
                    Some((path, _)) if self.chance(70) => format!("{functor}({path})"),
                    _ => format!("{functor}(struct let v0 = {} end)", self.value(scope, 1)),
                };
                Expression::other(result, text)
            }
            70..76 => {
                let (path, _) = self.path(scope, Module::is_argument)?;
                Expression::other(argument, format!("({path} : sig val v0 : int end)"))
            }
            76..80 => {
                let packed = self.pick(&scope.all_values(Kind::Packed))?;
                Expression::other(argument, format!("(val {packed} : Sg.S)"))
            }
            _ => return None,
        })
    }

    /// Fewer of what a module has, for a signature.
    fn cut(&mut self, module: &Module) -> Module {
        let mut less = Module::default();
        for (&name, &kind) in &module.values {
            if self.chance(70) {
                less.values.insert(name, kind);
            }
        }
        for (&name, inner) in &module.modules {
            if self.chance(60) {
                let inner = self.cut(inner);
                less.modules.insert(name, inner);
            }
        }
        for (&name, result) in &module.functors {
            if self.chance(60) {
                less.functors.insert(name, result.clone());
            }
        }
        less.exceptions.extend(module.exceptions.iter().filter(|_| self.chance(70)));
        less.classes.extend(module.classes.iter().filter(|_| self.chance(70)));
        less
    }

    /// A signature; what is an alias in the structure may be one here.
    fn signature(&mut self, module: &Module, aliases: &Aliases) -> String {
        let mut items = Vec::new();
        for (name, kind) in &module.values {
            let ty = match kind {
                Kind::Integer => "int",
                Kind::Function => "int -> int",
                Kind::Packed => "(module Sg.S)",
            };
            items.push(format!("val {name} : {ty}"));
        }
        for (name, inner) in &module.modules {
            items.push(match aliases.get(name) {
                Some(path) if self.chance(60) => format!("module {name} = {path}"),
                _ => format!("module {name} : {}", self.signature(inner, &Aliases::new())),
            });
        }
        items.extend(module.exceptions.iter().map(|name| format!("exception {name} of int")));
        items.extend(module.classes.iter().map(|name| format!("class {name} : object method m : int end")));
        for (name, result) in &module.functors {
            let result = self.signature(result, &Aliases::new());
            items.push(format!("module {name} (X : sig val v0 : int end) : {result}"));
        }
        format!("sig {} end", items.join(" "))
    }

    /// Items of a structure, what they bind, and which modules at the head are aliases of what is in other units.
    fn items(
        &mut self,
        outer: &Module,
        depth: u32,
        count: usize,
        is_unit: bool,
    ) -> (Vec<String>, Module, Aliases) {
        let mut body = Body { scope: outer.clone(), own: Module::default(), items: Vec::new() };
        let mut aliases = Aliases::new();
        for _ in 0..count {
            // An item that cannot be made here is left out.
            let _ = self.item(&mut body, depth, is_unit.then_some(&mut aliases));
        }
        (body.items, body.own, aliases)
    }

    fn item(&mut self, body: &mut Body, depth: u32, aliases: Option<&mut Aliases>) -> Option<()> {
        match self.below(100) {
            0..20 => {
                let name = self.name(VALUES);
                let text = format!("let {name} = {}", self.value(&body.scope, 2));
                body.value(name, Kind::Integer, text);
            }
            20..32 => {
                let name = self.name(FUNCTIONS);
                let text = format!("let {name} x = {}", self.value(&body.scope.and_value("x"), 2));
                body.value(name, Kind::Function, text);
            }
            32..50 => self.bind_module(body, depth, aliases)?,
            50..57 => {
                let name = self.name(&["F", "H"]);
                if body.own.functors.contains_key(name) {
                    return None;
                }
                let argument = Module::with_value("v0", Kind::Integer);
                let result = self.module(&body.scope.and_module("X", &argument), depth);
                body.items.push(format!("module {name} (X : sig val v0 : int end) = {}", result.text));
                body.scope.functors.insert(name, result.module.clone());
                body.own.functors.insert(name, result.module);
            }
            57..65 => {
                let (path, module) = self.path(&body.scope, |_| true)?;
                let word = if self.chance(50) { "open" } else { "open!" };
                body.items.push(format!("{word} {path}"));
                body.scope.merge(&module);
            }
            65..68 => {
                let (module, text) = self.structure(&body.scope, 0);
                body.items.push(format!("open {text}"));
                body.scope.merge(&module);
            }
            68..74 => {
                let included = self.module(&body.scope, depth);
                let module = &included.module;
                let is_twice = module.modules.keys().any(|name| body.own.modules.contains_key(name))
                    || module.functors.keys().any(|name| body.own.functors.contains_key(name))
                    || module.classes.iter().any(|name| body.own.classes.contains(name));
                if is_twice {
                    return None;
                }
                body.items.push(format!("include {}", included.text));
                body.own.merge(module);
                body.scope.merge(module);
            }
            74..79 => {
                let name = self.name(&["E1", "E2"]);
                if body.own.exceptions.contains(name) {
                    return None;
                }
                let text = match self.pick(&body.scope.all_exceptions()) {
                    Some(path) if self.chance(50) => format!("exception {name} = {path}"),
                    _ => format!("exception {name} of int"),
                };
                body.items.push(text);
                body.own.exceptions.insert(name);
                body.scope.exceptions.insert(name);
            }
            79..83 => body.items.push(format!("let () = ignore {}", self.value(&body.scope, 2))),
            83..87 => {
                let (path, _) = self.path(&body.scope, Module::is_argument)?;
                let name = self.name(&["p0", "p1"]);
                body.value(name, Kind::Packed, format!("let {name} = (module {path} : Sg.S)"));
            }
            87..92 => self.bind_class(body)?,
            92..95 => {
                let name = self.name(FUNCTIONS);
                let primitive = self.name(&["%identity", "some_stub", "other_stub"]);
                body.value(name, Kind::Function, format!("external {name} : int -> int = \"{primitive}\""));
            }
            95..97 => {
                let name = self.name(MODULES);
                if body.own.modules.contains_key(name) {
                    return None;
                }
                let module = Module::with_value("f0", Kind::Function);
                let end = self.value(&body.scope.and_module(name, &module), 2);
                let loop_ = format!("if x > 3 then {name}.f0 (x - 1) else {end}");
                let text = format!(
                    "module rec {name} : sig val f0 : int -> int end = struct let f0 x = {loop_} end"
                );
                body.module(name, module, text);
            }
            _ => {
                let name = self.name(MODULES);
                let (path, module) = self.path(&body.scope, |_| true)?;
                if body.own.modules.contains_key(name) {
                    return None;
                }
                let text = format!("module {name} : module type of struct include {path} end = {path}");
                body.module(name, module, text);
            }
        }
        Some(())
    }

    fn bind_module(&mut self, body: &mut Body, depth: u32, aliases: Option<&mut Aliases>) -> Option<()> {
        let name = self.name(MODULES);
        let bound = self.module(&body.scope, depth);
        if body.own.modules.contains_key(name) {
            return None;
        }
        if self.chance(15) {
            let module = self.cut(&bound.module);
            let signature = self.signature(&module, &Aliases::new());
            body.module(name, module, format!("module {name} : {signature} = {}", bound.text));
            return Some(());
        }
        let head = bound.text.split('.').next().unwrap_or_default();
        if let Some(aliases) = aliases
            && bound.is_path
            && self.units.contains(head)
            && !body.own.modules.contains_key(head)
        {
            aliases.insert(name, bound.text.clone());
        }
        body.module(name, bound.module, format!("module {name} = {}", bound.text));
        Some(())
    }

    fn bind_class(&mut self, body: &mut Body) -> Option<()> {
        let name = self.name(&["c0", "c1"]);
        if body.own.classes.contains(name) {
            return None;
        }
        let text = match self.below(3) {
            0 => format!("class {name} = object inherit {} end", self.pick(&body.scope.all_classes())?),
            1 => format!("class {name} = object method m = {} end", self.value(&body.scope, 2)),
            _ => format!("class {name} = let z = {} in object method m = z end", self.value(&body.scope, 2)),
        };
        body.items.push(text);
        body.own.classes.insert(name);
        body.scope.classes.insert(name);
        Some(())
    }
}

/// A structure that is being written.
struct Body {
    scope: Module,
    own: Module,
    items: Vec<String>,
}

impl Body {
    fn value(&mut self, name: &'static str, kind: Kind, text: String) {
        self.items.push(text);
        self.scope.values.insert(name, kind);
        self.own.values.insert(name, kind);
    }

    fn module(&mut self, name: &'static str, module: Module, text: String) {
        self.items.push(text);
        self.scope.modules.insert(name, module.clone());
        self.own.modules.insert(name, module);
    }
}
