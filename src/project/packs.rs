//! The units inside a pack, where their sources lie beside its archive.
//!
//! A pack is one unit to whoever links it. Its members are read like units of their own, each opening the pack's table of
//! aliases before its first line, so that they name each other as they did when they were compiled; the pack holds that
//! table and nothing else. Packs inside packs, packs with an interface, and packs of which a source is missing stay
//! what their archive says.
//!
//! Source: OCaml's manual, "Options of the native-code compiler", `-pack` and `-for-pack`; the names of members are those of
//! `Compilenv.make_symbol`.

use super::build::{Builder, DirSources, Sources, UnitFlags};
use super::cmxa::CmxUnit;
use super::load;
use super::model::{Generated, UnitSource};
use super::stdlib::packed;
use crate::base::{LibraryId, Name, UnitId, name, uncapitalise};
use std::path::Path;

/// Adds the members of a pack and the pack itself, in the order of the link; none where not all of them are known.
pub(super) fn add_pack(
    builder: &mut Builder,
    library: LibraryId,
    known: &CmxUnit,
    dir: &Path,
    sources: &DirSources,
) -> Option<UnitId> {
    let members = packed(known);
    if members.is_empty() || sources.get(&known.name).is_some() {
        return None;
    }
    let member = |unit: &Name| -> Option<(Name, Name, Sources)> {
        let rest = unit.strip_prefix(known.name.as_str())?;
        let module = rest.strip_prefix("__").or_else(|| rest.strip_prefix('.'))?;
        let files = sources.get(module).filter(|files| files.implementation.is_some())?;
        Some((name(module), *unit, files.clone()))
    };
    let mut found: Vec<(Name, Name, Sources)> = members.iter().map(member).collect::<Option<_>>()?;
    // A module without code is in no archive.
    for module in listed(dir, &known.name) {
        let is_known = found.iter().any(|(other, ..)| *other == module);
        if let Some(files) = sources.get(&module).filter(|files| files.implementation.is_none() && !is_known)
        {
            found.push((module, name(&format!("{}__{module}", known.name)), files.clone()));
        }
    }
    let aliases = found.iter().map(|&(module, unit, _)| (module, unit)).collect();
    let mut added = Vec::new();
    for (_, unit, files) in found {
        let flags = UnitFlags { opens: vec![known.name], ..UnitFlags::plain() };
        let has_code = files.implementation.is_some();
        let id = builder.unit(library, unit, files, flags);
        builder.unit_mut(id).is_private = true;
        added.extend(has_code.then_some(id));
    }
    let flags = UnitFlags::generated();
    let pack = builder.add_unit(library, known.name, UnitSource::Generated(Generated { aliases }), flags);
    for id in added {
        builder.unit_mut(id).pack = Some(pack);
    }
    Some(pack)
}

/// The modules that the pack's list names, for builds that have one.
fn listed(dir: &Path, pack: &str) -> Vec<Name> {
    let read =
        |stem: &str| load::read_bytes(&dir.join(format!("{stem}.mlpack")), load::BUILD_FILE_LIMIT).ok();
    let bytes = read(&uncapitalise(pack)).or_else(|| read(pack)).unwrap_or_default();
    super::ocamlbuild::modules(&String::from_utf8_lossy(&bytes))
}
