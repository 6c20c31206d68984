//! How far estimates are from the truth: errors of units, definitions and programs that a fit did not see, and the intervals
//! that follow from them.
//!
//! Errors of units of one package go together, since its authors write alike: a program's interval takes each package's error
//! as one, and the units' own on top. What is estimated is mostly one package, the user's own, beside libraries that are built:
//! so both are widened until the truth of nine packages in ten lies within, apart above and below, because estimates that are much
//! too small (functors, inlined code) are more frequent than those that are much too large.

use super::{Anatomy, Profile};
use crate::base::Name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far to trust a model.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Accuracy {
    /// Allocated bytes of units.
    pub units: Spread,
    /// Of ten definitions together, 500 bytes or more of one unit.
    pub definitions: Spread,
    /// Of all units that a unit links, together.
    pub programs: Spread,
    /// Of packages as a whole.
    pub packages: Spread,
    /// For each section, its error as a part of the unit's allocated bytes.
    pub sections: BTreeMap<String, Spread>,
    /// Between which multiples of an estimate a unit lies nine times in ten, by its estimated bytes: sorted.
    pub unit_intervals: Vec<SizeClass>,
    /// How many units lie in the interval that the others gave.
    pub unit_coverage: f64,
    /// How far sums of estimates are off.
    pub deviation: Deviation,
    /// How many packages lie in the interval that the others gave.
    pub package_coverage: f64,
    /// The same of programs of which all is estimated.
    pub program_coverage: f64,
}

/// How far sums of estimates are off: of packages and units, of which each has an error of its own.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Deviation {
    /// The standard deviation of a package's error, as a part of its bytes.
    pub package: f64,
    /// That of what a unit's error is beside its package's.
    pub unit: f64,
    /// So many times the two together the truth may be below the estimate.
    pub below: f64,
    /// So many times above.
    pub above: f64,
}

/// Relative errors of one kind of thing.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Spread {
    /// How many there are.
    pub n: usize,
    /// The error that half of them have or less, without sign.
    pub median: f64,
    /// The error that nine in ten have or less, without sign.
    pub p90: f64,
    /// The error of their sum: positive when estimates are too large.
    pub bias: f64,
}

/// Estimates of up to so many bytes.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct SizeClass {
    /// The largest estimate in the class.
    pub up_to: u64,
    /// The truth is at least this multiple of the estimate.
    pub low: f64,
    /// The truth is at most this multiple of the estimate.
    pub high: f64,
}

/// How the model does on one unit that its fit did not see.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// The unit's package.
    pub package: Name,
    /// The unit.
    pub unit: Name,
    /// What its object file says.
    pub measured: Anatomy,
    /// What was predicted.
    pub estimated: Anatomy,
    /// Measured and estimated bytes of its definitions, ten together.
    pub(super) definitions: Vec<(u64, u64)>,
    /// The units that are linked with it, as positions, itself included.
    pub(super) linked: Vec<usize>,
}

impl Judged {
    /// Returns measured and estimated allocated bytes.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (alloc(&self.measured), alloc(&self.estimated))
    }
}

pub(super) fn alloc(anatomy: &Anatomy) -> u64 {
    anatomy.bytes(Profile::Pie).alloc()
}

/// Bounds of the classes of units.
const CLASSES: [u64; 5] = [2_000, 6_000, 16_000, 50_000, u64::MAX];
/// What lies below and above an interval.
const TAIL: f64 = 0.05;

impl Accuracy {
    /// Sums up what was judged. `fold` says which group each was in: what is said of one group is tested on the others.
    pub(super) fn of(judged: &[Judged], fold: impl Fn(&Judged) -> usize, n_folds: usize) -> Accuracy {
        let units: Vec<(u64, u64)> = judged.iter().map(Judged::bytes).collect();
        let programs = sums(judged, |_, _| true);
        let in_unit = |interval: &[SizeClass], &(measured, estimated): &(u64, u64)| {
            let (low, high) = unit_interval(interval, estimated);
            low <= measured && measured <= high
        };
        let mut n_covered = 0;
        for k in 0..n_folds {
            let (inside, outside): (Vec<&Judged>, Vec<&Judged>) =
                judged.iter().partition(|one| fold(one) == k);
            let classes = size_classes(&outside.iter().map(|one| one.bytes()).collect::<Vec<_>>());
            n_covered += inside.iter().filter(|one| in_unit(&classes, &one.bytes())).count();
        }
        let packages = sums(judged, |root, unit| judged[root].package == judged[unit].package);
        let deviation = Deviation::of(judged, &packages, |_| true);
        let (mut n_packages_covered, mut n_programs_covered) = (0, 0);
        for k in 0..n_folds {
            let is_inside = |sum: &&Sum| fold(&judged[sum.root]) == k;
            let deviation = Deviation::of(judged, &packages, |sum| !is_inside(&sum));
            let covered = |sums: &[Sum]| {
                sums.iter().filter(is_inside).filter(|sum| sum.is_covered_by(&deviation)).count()
            };
            n_packages_covered += covered(&packages);
            n_programs_covered += covered(&programs);
        }
        let covered = |n: usize| digits(n as f64 / programs.len().max(1) as f64);
        Accuracy {
            units: Spread::of(&units),
            definitions: Spread::of(
                &judged.iter().flat_map(|one| one.definitions.clone()).collect::<Vec<_>>(),
            ),
            programs: Spread::of(&programs.iter().map(|sum| sum.bytes).collect::<Vec<_>>()),
            packages: Spread::of(&by_package(judged).into_values().collect::<Vec<_>>()),
            sections: sections(judged),
            unit_intervals: size_classes(&units),
            unit_coverage: digits(n_covered as f64 / judged.len().max(1) as f64),
            deviation,
            package_coverage: covered(n_packages_covered),
            program_coverage: covered(n_programs_covered),
        }
    }

    /// Returns the bytes between which a unit of so many estimated bytes lies nine times in ten.
    #[must_use]
    pub fn unit_interval(&self, estimated: u64) -> (u64, u64) {
        unit_interval(&self.unit_intervals, estimated)
    }

    /// Returns how many bytes the truth may be below and above the sum of some estimated units, each with its package.
    #[must_use]
    pub fn deviation<P: Ord>(&self, units: impl IntoIterator<Item = (P, u64)>) -> (u64, u64) {
        let mut squares = Squares::default();
        let mut packages: BTreeMap<P, u64> = BTreeMap::new();
        for (package, estimated) in units {
            squares.add_unit(estimated);
            *packages.entry(package).or_default() += estimated;
        }
        packages.into_values().for_each(|sum| squares.add_package(sum));
        let typical = squares.deviation(self.deviation.package, self.deviation.unit);
        let [below, above] =
            [self.deviation.below, self.deviation.above].map(|times| (times * typical).round() as u64);
        (below, above)
    }
}

fn unit_interval(classes: &[SizeClass], estimated: u64) -> (u64, u64) {
    let class = classes.iter().find(|class| estimated <= class.up_to).or(classes.last());
    let (low, high) = class.map_or((1.0, 1.0), |class| (class.low, class.high));
    let bound = |factor: f64| (estimated as f64 * factor).round() as u64;
    (bound(low).min(estimated), bound(high).max(estimated))
}

impl Spread {
    /// Sums up pairs of measured and estimated bytes.
    #[must_use]
    pub fn of(pairs: &[(u64, u64)]) -> Spread {
        let errors = sorted(pairs.iter().map(|&pair| relative(pair).abs()));
        let sum = pairs.iter().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        Spread {
            n: pairs.len(),
            median: digits(quantile(&errors, 0.5)),
            p90: digits(quantile(&errors, 0.9)),
            bias: digits(relative(sum)),
        }
    }
}

/// Sums measured and estimated bytes by package.
#[must_use]
pub fn by_package(judged: &[Judged]) -> BTreeMap<Name, (u64, u64)> {
    let mut packages: BTreeMap<Name, (u64, u64)> = BTreeMap::new();
    for unit in judged {
        let (measured, estimated) = unit.bytes();
        let sums = packages.entry(unit.package).or_default();
        *sums = (sums.0 + measured, sums.1 + estimated);
    }
    packages
}

fn relative((measured, estimated): (u64, u64)) -> f64 {
    (estimated as f64 - measured as f64) / measured.max(1) as f64
}

/// Four digits: the rest is noise, and would make every fit a new file.
pub(super) fn digits(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn sections(judged: &[Judged]) -> BTreeMap<String, Spread> {
    let parts = |anatomy: &Anatomy| {
        let bytes = anatomy.bytes(Profile::Pie);
        [
            ("code", bytes.code),
            ("data", bytes.data),
            ("frametable", bytes.frametable),
            ("unwind", bytes.unwind),
            ("relocations", bytes.relocations),
            ("dynsym", bytes.dynsym),
        ]
    };
    let mut errors: BTreeMap<&str, (Vec<f64>, (u64, u64))> = BTreeMap::new();
    for unit in judged {
        let whole = alloc(&unit.measured).max(1) as f64;
        for ((section, measured), (_, estimated)) in
            parts(&unit.measured).into_iter().zip(parts(&unit.estimated))
        {
            let (list, sums) = errors.entry(section).or_default();
            list.push((estimated as f64 - measured as f64).abs() / whole);
            *sums = (sums.0 + measured, sums.1 + estimated);
        }
    }
    let spread = |(list, sums): (Vec<f64>, (u64, u64))| {
        let errors = sorted(list.into_iter());
        let [median, p90] = [0.5, 0.9].map(|part| digits(quantile(&errors, part)));
        Spread { n: errors.len(), median, p90, bias: digits(relative(sums)) }
    };
    errors.into_iter().map(|(section, errors)| (section.to_owned(), spread(errors))).collect()
}

/// Finds the interval of each class of size.
fn size_classes(units: &[(u64, u64)]) -> Vec<SizeClass> {
    let mut from = 0;
    let class = |up_to: u64| {
        let inside = units.iter().filter(|&&(_, estimated)| from < estimated && estimated <= up_to);
        let ratios = sorted(inside.map(|&(measured, estimated)| measured as f64 / estimated.max(1) as f64));
        from = up_to;
        let [low, high] = [TAIL, 1.0 - TAIL].map(|part| digits(quantile(&ratios, part)));
        (ratios.len() >= 20).then_some(SizeClass { up_to, low, high })
    };
    let mut classes: Vec<SizeClass> = CLASSES.into_iter().filter_map(class).collect();
    if let Some(last) = classes.last_mut() {
        last.up_to = u64::MAX;
    }
    classes
}

/// Squares of what is summed: of estimates of packages, and of units.
#[derive(Clone, Copy, Default)]
struct Squares {
    packages: f64,
    units: f64,
}

impl Squares {
    fn add_package(&mut self, estimated: u64) {
        self.packages += (estimated as f64).powi(2);
    }

    fn add_unit(&mut self, estimated: u64) {
        self.units += (estimated as f64).powi(2);
    }

    /// The standard deviation of the sum, of those of packages and units.
    fn deviation(self, package: f64, unit: f64) -> f64 {
        (package.powi(2) * self.packages + unit.powi(2) * self.units).sqrt()
    }
}

/// Units that are linked together.
struct Sum {
    /// The unit that links the others.
    root: usize,
    /// Measured and estimated.
    bytes: (u64, u64),
    /// Of the estimates.
    squares: Squares,
}

impl Sum {
    /// How many times its standard deviation the truth is above the estimate.
    fn excess(&self, package: f64, unit: f64) -> f64 {
        let (measured, estimated) = self.bytes;
        (measured as f64 - estimated as f64) / self.squares.deviation(package, unit).max(1.0)
    }

    /// Whether the truth is within what is said of it.
    fn is_covered_by(&self, deviation: &Deviation) -> bool {
        (-deviation.below..=deviation.above).contains(&self.excess(deviation.package, deviation.unit))
    }
}

/// One sum for each package: of its unit that links most, with those that it links and `counts` takes.
fn sums(judged: &[Judged], counts: impl Fn(usize, usize) -> bool) -> Vec<Sum> {
    let mut roots: BTreeMap<Name, usize> = BTreeMap::new();
    for (i, unit) in judged.iter().enumerate() {
        let root = roots.entry(unit.package).or_insert(i);
        if unit.linked.len() > judged[*root].linked.len() {
            *root = i;
        }
    }
    let sum = |root: usize| {
        let mut bytes = (0, 0);
        let mut packages: BTreeMap<Name, u64> = BTreeMap::new();
        let mut squares = Squares::default();
        for &unit in judged[root].linked.iter().filter(|&&unit| counts(root, unit)) {
            let (measured, estimated) = judged[unit].bytes();
            bytes = (bytes.0 + measured, bytes.1 + estimated);
            *packages.entry(judged[unit].package).or_default() += estimated;
            squares.add_unit(estimated);
        }
        packages.into_values().for_each(|sum| squares.add_package(sum));
        Sum { root, bytes, squares }
    };
    roots.into_values().map(sum).collect()
}

impl Deviation {
    /// Finds the typical errors of packages and units, and how often they must be taken for nine in ten of those sums that
    /// `counts` takes.
    fn of(judged: &[Judged], sums: &[Sum], counts: impl Fn(&Sum) -> bool) -> Deviation {
        let packages = by_package(judged);
        // A median error is two thirds of a standard deviation.
        let typical = |errors: &mut dyn Iterator<Item = f64>| digits(quantile(&sorted(errors), 0.5) / 0.6745);
        let package = typical(&mut packages.values().map(|&pair| relative(pair).abs()));
        let unit = typical(&mut judged.iter().map(|unit| {
            let (measured, estimated) = packages[&unit.package];
            let (unit_measured, unit_estimated) = unit.bytes();
            let shared = measured as f64 / estimated.max(1) as f64;
            (unit_estimated as f64 * shared - unit_measured as f64).abs() / unit_measured.max(1) as f64
        }));
        let excess = sorted(sums.iter().filter(|sum| counts(sum)).map(|sum| sum.excess(package, unit)));
        let [below, above] = [TAIL, 1.0 - TAIL].map(|part| quantile(&excess, part));
        Deviation { package, unit, below: digits((-below).max(0.0)), above: digits(above.max(0.0)) }
    }
}

/// Returns the element at a part of a sorted list.
pub(super) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let index = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(index).copied().unwrap_or(0.0)
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
