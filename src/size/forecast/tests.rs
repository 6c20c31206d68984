//! A program with less is predicted as if it had been added up anew.

use super::*;
use crate::base::{Name, name};
use crate::project::{CmxUnit, Unit, UnitSource};
use crate::size::c_object::{CObject, Mergeable, Use};
use crate::size::unit::UnitSize;
use proptest::prelude::*;

/// What one unit asks for: C symbols by number and flags, constants, arities, interfaces.
type Asked = (Vec<(u8, u8)>, Vec<u8>, Vec<(u8, i64)>, Vec<(u8, bool)>);

fn asked() -> impl Strategy<Value = Asked> {
    (
        prop::collection::vec((0u8..6, 0u8..32), 0..4),
        prop::collection::vec(0u8..5, 0..3),
        prop::collection::vec((0u8..3, 2i64..6), 0..3),
        prop::collection::vec((0u8..9, any::<bool>()), 0..5),
    )
}

fn object(asked: &Asked) -> UnitSize {
    let has = |flags: u8, flag: u8| flags & flag != 0;
    let usage = |flags: u8| Use {
        by_call: has(flags, 1),
        by_table: has(flags, 2),
        keeps_table: has(flags, 4),
        in_place: has(flags, 8),
        is_weak: has(flags, 16),
    };
    let part = |&n: &u8| Mergeable {
        section: name(if n < 3 { ".rodata.cst8" } else { ".rodata.cst16" }),
        content: vec![n; 8],
    };
    let link = CObject {
        uses: asked.0.iter().map(|&(symbol, flags)| (name(&format!("c{symbol}")), usage(flags))).collect(),
        mergeable: asked.1.iter().map(part).collect(),
        ..CObject::default()
    };
    UnitSize { unit: name("U"), link, ..UnitSize::default() }
}

fn archived(at: usize, asked: &Asked) -> CmxUnit {
    let arities = |kind: u8| asked.2.iter().filter(|of| of.0 == kind).map(|of| of.1).collect();
    CmxUnit {
        name: title(at),
        symbol: title(at),
        defines: vec![title(at)],
        imports_cmi: asked.3.iter().map(|&(interface, _)| title(usize::from(interface))).collect(),
        has_cmi_digest: asked.3.iter().map(|&(_, has_digest)| has_digest).collect(),
        imports_cmx: Vec::new(),
        force_link: false,
        curry_fun: arities(0),
        apply_fun: arities(1),
        send_fun: arities(2),
    }
}

fn title(at: usize) -> Name {
    name(&format!("Unit{}", "x".repeat(at)))
}

proptest! {
    /// Whichever units leave, and in whatever order the others are, the figure is that of a whole prediction.
    #[test]
    fn what_is_besides_some_of_the_units_is_what_a_prediction_says(
        units in prop::collection::vec(asked(), 1..7),
        stays in prop::collection::vec(any::<bool>(), 7),
        is_turned in any::<bool>(),
    ) {
        let unit =
            |at: usize| Unit::new(title(at), LibraryId::new(0), UnitSource::Opaque { interface: None });
        let project = Project { units: (0..units.len()).map(unit).collect(), ..Project::default() };
        let objects = Objects {
            units: units.iter().map(|asked| Some(object(asked))).collect(),
            link: units.iter().enumerate().map(|(at, asked)| Some(archived(at, asked))).collect(),
            ..Objects::default()
        };
        let (sizes, known) = (Sizes::default(), KnownSides::default());
        let linked: Vec<UnitId> = (0..units.len()).map(UnitId::new).collect();
        let forecast = Forecast::new(&project, &sizes, &objects, &linked, &[], &known);
        let (mut left, gone): (Vec<UnitId>, Vec<UnitId>) =
            linked.into_iter().partition(|unit| stays[unit.idx()]);
        if let Some(bytes) = forecast.besides_without(&gone) {
            prop_assert_eq!(bytes, forecast.besides(&left));
        }
        if is_turned {
            left.reverse();
        }
        let size = predict_knowing(&project, &sizes, &objects, &left, &[], &known);
        prop_assert_eq!(forecast.besides(&left), size.alloc - size.units);
    }
}
