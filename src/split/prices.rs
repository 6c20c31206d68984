//! What new units cost, and what existing ones are worth.
//!
//! Existing units and definitions come with their bytes. New ones are priced by rules that were measured on amd64 with
//! OCaml 4.13 (position-independent executables unless said otherwise):
//!
//! * an empty unit with a name of 9 letters: 876 bytes, and 8 for each further letter (its 8 global symbols);
//! * a unit that includes another and exports one value: 801 bytes, and 21 for each further value;
//! * a letter more in a unit's name: 2 bytes for each function (its symbol, and its name in the frame table).

use crate::base::{DefId, Idx, LibraryId, UnitId};
use crate::link::Weights;
use crate::project::Project;
use crate::size::{Bytes, Forecast, KnownSides, Objects, Profile, Provenance, Sizes, UnitFigure};
use std::borrow::Cow;

/// Constants that several definitions of one unit share: each new unit that one of them goes to has a copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedBytes {
    /// The definition among whose bytes they are.
    pub owner: DefId,
    /// The others.
    pub others: Vec<DefId>,
    /// Bytes of a copy.
    pub bytes: u64,
}

/// Bytes of everything that exists.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Prices<'a> {
    /// Bytes of units and definitions in the allocated sections.
    pub weights: Cow<'a, Weights>,
    /// For each unit, by id, its bytes by section and where they come from; may be empty, then what stripping removes
    /// counts as nothing.
    pub units: Vec<(Bytes, Provenance)>,
    /// For each unit, by id, constants that several of its definitions share; may be empty.
    pub shared: Vec<Vec<SharedBytes>>,
    /// For which kind of executable bytes are counted.
    pub profile: Profile,
    /// What the executable is predicted from, where C code counts, too.
    pub files: Option<(&'a Sizes, &'a Objects)>,
    /// What has been worked out of them.
    pub known: KnownSides,
}

impl<'a> Prices<'a> {
    /// Takes the prices of a project together with its object files: what leaves may take C code with it.
    #[must_use]
    pub fn of_files(weights: &'a Weights, sizes: &'a Sizes, objects: &'a Objects) -> Self {
        let whole = |figure: &Option<UnitFigure>| {
            figure.map_or((Bytes::default(), Provenance::Estimated), |figure| {
                (figure.bytes(), figure.provenance)
            })
        };
        Prices {
            weights: Cow::Borrowed(weights),
            units: sizes.units.iter().map(whole).collect(),
            shared: shared(sizes),
            profile: sizes.profile,
            files: Some((sizes, objects)),
            known: KnownSides::default(),
        }
    }
    /// Makes ready to tell what is in the executable of a program besides its units, some of which may have left.
    pub(crate) fn besides<'p>(
        &'p self,
        project: &'p Project,
        linked: &[UnitId],
        libraries: &'p [LibraryId],
    ) -> Besides<'p> {
        let forecast =
            |(sizes, objects)| Forecast::new(project, sizes, objects, linked, libraries, &self.known);
        let mut besides = Besides { now: self.weights.runtime, forecast: self.files.map(forecast) };
        besides.now = besides.of(linked);
        besides
    }
    /// Returns the bytes of a unit in the allocated sections.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> u64 {
        self.weights.unit(unit)
    }
    /// Returns the bytes of a definition without those inside it.
    #[must_use]
    pub fn def(&self, def: DefId) -> u64 {
        self.weights.def(def)
    }
    /// Returns where the bytes of a unit come from.
    #[must_use]
    pub fn provenance(&self, unit: UnitId) -> Provenance {
        self.units.get(unit.0 as usize).map_or(Provenance::Estimated, |&(_, provenance)| provenance)
    }
    /// Returns what stripping removes of a unit.
    #[must_use]
    pub fn strippable(&self, unit: UnitId) -> u64 {
        self.units.get(unit.0 as usize).map_or(0, |(bytes, _)| bytes.symtab + bytes.debug)
    }

    /// Returns the constants that several definitions of a unit share.
    #[must_use]
    pub fn shared(&self, unit: UnitId) -> &[SharedBytes] {
        self.shared.get(unit.idx()).map_or(&[], Vec::as_slice)
    }

    fn rules(&self) -> &'static NewUnit {
        match self.profile {
            Profile::Pie => &PIE,
            Profile::Static => &STATIC,
            Profile::Bytecode => &BYTECODE,
        }
    }
    /// Returns the bytes of a new unit without definitions.
    #[must_use]
    pub fn empty_unit(&self, unit_name: &str) -> u64 {
        let rules = self.rules();
        rules.empty + rules.per_letter * unit_name.len().saturating_sub(9) as u64
    }
    /// Returns the bytes of copying `n` fields of an included unit.
    #[must_use]
    pub fn reexports(&self, n: u32) -> u64 {
        self.rules().per_reexport * u64::from(n)
    }
    /// Returns the bytes of functions whose unit has a longer name than before; negative for a shorter one.
    #[must_use]
    pub fn renamed(&self, n_functions: u32, old_name: &str, new_name: &str) -> i64 {
        let letters = new_name.len() as i64 - old_name.len() as i64;
        letters * i64::from(n_functions) * self.rules().per_letter_of_function as i64
    }
    /// Returns the bytes that a unit as a whole gains by a longer name; negative for a shorter one.
    #[must_use]
    pub fn renamed_unit(&self, n_functions: u32, old_name: &str, new_name: &str) -> i64 {
        let letters = new_name.len() as i64 - old_name.len() as i64;
        letters * self.rules().per_letter as i64 + self.renamed(n_functions, old_name, new_name)
    }
}

/// What is in the executable of a program besides its units: C code of libraries, runtime, tables.
pub(crate) struct Besides<'p> {
    /// Its bytes for the program as it is, or for every program where nothing tells more.
    now: u64,
    forecast: Option<Forecast<'p>>,
}

impl Besides<'_> {
    /// Returns the bytes besides the units of the program as it is.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }
    /// Returns the bytes besides some linked units.
    pub(crate) fn of(&self, linked: &[UnitId]) -> u64 {
        self.forecast.as_ref().map_or(self.now, |forecast| forecast.besides(linked))
    }
    /// Returns the bytes besides the units when some have left; none where all that are linked have to be looked at.
    pub(crate) fn without(&self, gone: &[UnitId]) -> Option<u64> {
        self.forecast.as_ref().map_or(Some(self.now), |forecast| forecast.besides_without(gone))
    }
}

/// The constants that definitions share, unit by unit. Bytecode has each where it is used.
fn shared(sizes: &Sizes) -> Vec<Vec<SharedBytes>> {
    if sizes.profile == Profile::Bytecode {
        return Vec::new();
    }
    let of_unit = |unit: usize| {
        let shared = sizes.shared(UnitId::new(unit));
        shared.map(|(owner, others, bytes)| SharedBytes { owner, others, bytes: bytes.alloc() }).collect()
    };
    (0..sizes.units.len()).map(of_unit).collect()
}

/// The rules for one kind of executable.
struct NewUnit {
    empty: u64,
    per_letter: u64,
    per_reexport: u64,
    per_letter_of_function: u64,
}

const PIE: NewUnit = NewUnit { empty: 876, per_letter: 8, per_reexport: 21, per_letter_of_function: 2 };
// Without dynamic symbols (8 of 34 bytes and their names) and relocations (8 of 24 bytes).
const STATIC: NewUnit = NewUnit { empty: 228, per_letter: 0, per_reexport: 21, per_letter_of_function: 1 };
// APPROX: the symbol, the checksum entry and the block of the unit; per field one access and one slot.
const BYTECODE: NewUnit = NewUnit { empty: 120, per_letter: 3, per_reexport: 12, per_letter_of_function: 1 };
