//! `bypass-facade`: clients name the parts of a facade themselves, as the linker names them.

use super::Refusal;
use super::clients;
use super::writer::Writer;
use crate::base::Name;
use crate::split::plan::{AliasTarget, Plan};

/// Writes the clients of a facade.
pub(super) fn write(writer: &mut Writer<'_>, plan: &Plan) -> Result<(), Refusal> {
    let unit = plan.unit.expect("a facade is a unit");
    let mut parts: Vec<(Name, String)> = Vec::new();
    for alias in &plan.aliases {
        let AliasTarget::Existing(target) = alias.to else { continue };
        let unit = writer.tree.unit_name(target.unit);
        let dot = if target.path.is_empty() { "" } else { "." };
        parts.push((alias.path, format!("{unit}{dot}{}", target.path)));
    }
    if clients::bypass(writer, unit, &parts)? {
        Ok(())
    } else {
        let message = "no client in the workspace names a part: there is nothing to change here";
        Err(Refusal::new("no-client", message, None))
    }
}
