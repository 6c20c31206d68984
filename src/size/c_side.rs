//! The C side of an executable: what the linker takes of the runtime and of libraries' stubs, worked out once for all programs
//! that ask for the same.
//!
//! It depends on the C symbols that the OCaml units ask for, on the C libraries on the command line and on the way of linking, and
//! on nothing else. A split seldom changes any of these, so whoever weighs hundreds of them keeps what was found
//! ([`KnownSides`]).

use super::c_library::Resolution;
use super::c_object::{CObject, Mergeable, Stack, Use};
use super::merged::{Merged, Strings};
use super::objects::{CInput, Objects, RUNTIME_NEEDS};
use super::program::{is_of_startup, system};
use super::{Anatomy, LinkMode};
use crate::base::{Name, name};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, Mutex};

/// What the C side is asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct CWants {
    /// What the units use, in an order that says nothing: equal sets are equal lists.
    uses: Vec<(Name, Use)>,
    /// Those that the link cannot do without, in the order of asking.
    wanted: Vec<Name>,
    /// The C libraries on the command line.
    inputs: Vec<CInput>,
    mode: LinkMode,
}

impl CWants {
    /// Collects what some object files need, in order.
    pub(super) fn new<'u>(
        needs: impl Iterator<Item = &'u [(Name, Use)]>,
        inputs: Vec<CInput>,
        mode: LinkMode,
    ) -> Self {
        let mut uses: FxHashMap<Name, Use> = FxHashMap::default();
        let mut wanted = Vec::new();
        needs.for_each(|needs| want(&mut uses, needs, |symbol| wanted.push(symbol)));
        let mut uses: Vec<(Name, Use)> = uses.into_iter().collect();
        uses.sort_unstable_by_key(|(symbol, _)| symbol.number());
        CWants { uses, wanted, inputs, mode }
    }
}

/// Notes what an object file needs, and how. Calls `ask` for each symbol that the link cannot do without from now on.
fn want(uses: &mut FxHashMap<Name, Use>, needs: &[(Name, Use)], mut ask: impl FnMut(Name)) {
    for &(symbol, usage) in needs {
        let all = uses.entry(symbol).or_insert(Use { is_weak: true, ..Use::default() });
        if all.is_weak && !usage.is_weak {
            ask(symbol);
        }
        all.by_call |= usage.by_call;
        all.by_table |= usage.by_table;
        all.keeps_table |= usage.keeps_table;
        all.in_place |= usage.in_place;
        all.is_weak &= usage.is_weak;
    }
}

/// What the linker takes of C code.
#[derive(Clone, Debug, Default)]
pub(super) struct CSide {
    pub(super) runtime: Anatomy,
    pub(super) stubs: Anatomy,
    /// Exported symbols of the stubs: part of what they cost.
    pub(super) stubs_symbols: Anatomy,
    /// Read-only tables and data of the stubs.
    pub(super) stubs_tables: u64,
    /// Read-only tables and data of C code.
    pub(super) rodata: Stack,
    pub(super) data: Stack,
    pub(super) relro: u64,
    /// Symbols that the executable exports, and the others.
    pub(super) n_exported: u64,
    pub(super) n_locals: u64,
    /// Imports from shared libraries.
    pub(super) n_imports: u64,
    pub(super) imports: Imports,
    /// Lengths of the names of dynamic symbols, and of all symbols.
    pub(super) dynamic_names: u64,
    pub(super) all_names: u64,
    /// Mergeable parts, one of each.
    pub(super) merged: Arc<Merged>,
    /// Strings of debug sections, one of each.
    pub(super) debug_strings: Arc<Strings>,
    /// Bytes of the common unwind entries, one of each.
    pub(super) common_unwind: u64,
    pub(super) n_shared: u64,
    /// Whether there is a runtime to take it from.
    pub(super) is_complete: bool,
}

/// What the linker takes for some wants.
struct Taken<'o> {
    /// Members of archives, in the order of taking; the first `n_stubs` are stubs.
    objects: Vec<&'o CObject>,
    n_stubs: usize,
    /// What is imported from shared libraries, and how many of these are on the command line.
    imports: Vec<Name>,
    n_shared: u64,
    defined: FxHashSet<Name>,
}

impl<'o> Taken<'o> {
    /// Takes the C objects that are needed.
    fn new(objects: &'o Objects, wants: &CWants) -> Self {
        let mut resolution = Resolution::default();
        wants.wanted.iter().for_each(|&symbol| resolution.want(symbol));
        resolution.want(name("main"));
        // `caml_program` counts there what has been initialised.
        resolution.want(name("caml_globals_inited"));
        let (mut n_stubs, mut n_shared) = (0, 0);
        let system = objects.system.as_ref().filter(|_| wants.mode.is_static);
        let named =
            |library: &Name| system.and_then(|system| system.named.get(library)).into_iter().flatten();
        for input in &wants.inputs {
            match input {
                &CInput::Static(index) => {
                    if Some(index) == objects.runtime {
                        n_stubs = resolution.taken.len();
                    }
                    resolution.scan(&objects.c_libraries[index]);
                }
                CInput::Shared(library) => {
                    n_shared += 1;
                    named(library).for_each(|archive| resolution.scan(archive));
                }
            }
        }
        if let Some(system) = system {
            RUNTIME_NEEDS.map(name).iter().flat_map(named).for_each(|archive| resolution.scan(archive));
            system::START_UP.iter().for_each(|symbol| resolution.want(name(symbol)));
            resolution.scan_group(&system.group);
        }
        let imports = resolution.imports().filter(|symbol| !is_of_startup(symbol.as_str()));
        let mut imports: Vec<Name> = imports.collect();
        // Another name of it in glibc, the first one, comes along.
        if imports.contains(&name("environ")) {
            imports.push(name("__environ"));
        }
        let Resolution { taken: objects, defined, .. } = resolution;
        Taken { objects, n_stubs, imports, n_shared, defined }
    }

    fn key(&self, mode: LinkMode) -> TakenKey {
        let objects = self.objects.iter().map(|&object| std::ptr::from_ref(object).addr()).collect();
        TakenKey { objects, n_stubs: self.n_stubs, imports: self.imports.clone(), mode }
    }
}

impl CSide {
    /// Adds up what is taken, but for what depends on how it is used.
    fn of(taken: &Taken<'_>, mode: LinkMode) -> Self {
        let mut side = CSide::default();
        let mut exported: Vec<Name> = Vec::new();
        let mut locals: Vec<Name> = Vec::new();
        let mut merged: FxHashSet<&Mergeable> = FxHashSet::default();
        let mut unwind: FxHashSet<&[u8]> = FxHashSet::default();
        let mut debug_strings: FxHashSet<Name> = FxHashSet::default();
        for (i, object) in taken.objects.iter().enumerate() {
            let is_stub = i < taken.n_stubs;
            let CObject { anatomy, aligns, relro, .. } = object;
            // Tables and data are laid out with the padding that their alignment asks for.
            let padded = Anatomy { rodata: 0, data: 0, ..*anatomy };
            *(if is_stub { &mut side.stubs } else { &mut side.runtime }) += padded;
            side.rodata.push(anatomy.rodata, aligns.0);
            side.data.push(anatomy.data - relro, aligns.1);
            side.relro += relro;
            for &(symbol, is_exported) in &object.defines {
                if is_stub {
                    side.stubs_symbols.add_symbol(symbol.as_str(), is_exported);
                }
                (if is_exported { &mut exported } else { &mut locals }).push(symbol);
            }
            if is_stub {
                side.stubs_tables += anatomy.rodata + anatomy.data;
            }
            locals.extend(&object.locals);
            merged.extend(&object.mergeable);
            unwind.extend(object.common_unwind.iter().map(Vec::as_slice));
            debug_strings.extend(object.debug_strings.iter().copied());
        }
        let dynamic = |all_exports: bool| exported.iter().filter(move |_| all_exports).chain(&taken.imports);
        let names_len = |names: &mut dyn Iterator<Item = &Name>| Strings::of_names(names.copied()).len();
        side.dynamic_names = names_len(&mut dynamic(mode.exports));
        side.all_names = names_len(&mut dynamic(true).chain(&locals));
        side.n_exported = exported.len() as u64;
        side.n_locals = locals.len() as u64;
        // The linker itself defines this one.
        let is_import = |symbol: &&Name| **symbol != name("_GLOBAL_OFFSET_TABLE_");
        side.n_imports = taken.imports.iter().filter(is_import).count() as u64;
        side.merged = Arc::new(Merged::new(merged.into_iter().cloned().collect()));
        side.debug_strings = Arc::new(Strings::of_names(debug_strings.into_iter()));
        side.common_unwind = unwind.iter().map(|entry| entry.len() as u64).sum();
        side
    }

    /// Adds what depends on how things are used.
    fn used(self, objects: &Objects, wants: &CWants, taken: &Taken<'_>) -> Self {
        let mut uses: FxHashMap<Name, Use> = wants.uses.iter().copied().collect();
        taken.objects.iter().for_each(|object| want(&mut uses, &object.uses, |_| ()));
        let system = objects.system.as_ref().filter(|_| wants.mode.is_static);
        CSide {
            imports: Imports::count(&taken.imports, &uses, &taken.defined),
            n_shared: taken.n_shared,
            is_complete: objects.runtime.is_some() && wants.mode.is_static == system.is_some(),
            ..self
        }
    }
}

/// What most of a C side depends on.
#[derive(PartialEq, Eq, Hash, Debug)]
struct TakenKey {
    /// Addresses of the objects: of one set, which stays where it is.
    objects: Vec<usize>,
    n_stubs: usize,
    imports: Vec<Name>,
    mode: LinkMode,
}

/// C sides that were worked out, of one set of object files.
#[derive(Clone, Debug, Default)]
pub struct KnownSides(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    sides: FxHashMap<CWants, Arc<CSide>>,
    /// Programs that ask for other symbols mostly get the same objects.
    taken: FxHashMap<TakenKey, CSide>,
}

impl KnownSides {
    /// Returns the C side of what is asked for, working it out if nobody has.
    pub(super) fn of(&self, objects: &Objects, wants: CWants) -> Arc<CSide> {
        let lock = || self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().sides.get(&wants) {
            return known.clone();
        }
        let taken = Taken::new(objects, &wants);
        let key = taken.key(wants.mode);
        let known = lock().taken.get(&key).cloned();
        let side = known.unwrap_or_else(|| {
            let side = CSide::of(&taken, wants.mode);
            lock().taken.insert(key, side.clone());
            side
        });
        let side = Arc::new(side.used(objects, &wants, &taken));
        lock().sides.entry(wants).or_insert(side).clone()
    }
}

impl PartialEq for KnownSides {
    /// What is known already makes no difference.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What imports cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Imports {
    /// Called: an entry of the linkage table each.
    pub(super) called: u64,
    /// Called through the offset table as well.
    pub(super) called_by_table: u64,
    /// Entries of the offset table besides.
    pub(super) table: u64,
    /// Variables that are copied.
    pub(super) copied: u64,
}

impl Imports {
    fn count(imports: &[Name], uses: &FxHashMap<Name, Use>, defined: &FxHashSet<Name>) -> Imports {
        let mut counts = Imports::default();
        for symbol in imports {
            let usage = uses.get(symbol).copied().unwrap_or_default();
            match (usage.by_call, usage.by_table) {
                (true, true) => {
                    counts.called_by_table += 1;
                    counts.table += 1;
                }
                (true, false) => counts.called += 1,
                (false, true) => counts.table += 1,
                (false, false) => counts.copied += u64::from(usage.in_place),
            }
        }
        let is_own = |symbol: &str| defined.contains(&name(symbol)) || is_of_startup(symbol);
        counts.table +=
            uses.iter().filter(|(symbol, usage)| usage.keeps_table && is_own(symbol.as_str())).count() as u64;
        counts
    }
}
