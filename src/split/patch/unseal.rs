//! `unseal-facade`: the facade's interface gets aliases, and the signatures that it spelled out become those of the units
//! behind them (recipe A), or of wrappers over units that turn private (recipe B).

use super::Refusal;
use super::equations::{Equations, PrivateTypes, Varied};
use super::header::Header;
use super::source::{Changes, Source};
use super::variance;
use super::writer::Writer;
use crate::base::{FileId, Span, UnitId};
use crate::parse::{FileFacts, ItemId, ItemKind, ModuleExpr, ModuleType, ModuleTypeId, StructureId};
use crate::split::plan::{AliasLine, AliasTarget, Plan};
use std::rc::Rc;

/// Writes the edits of a plan that unseals a facade.
pub(super) fn write(writer: &mut Writer<'_>, plan: &Plan) -> Result<(), Refusal> {
    let unit = plan.unit.expect("a facade is a unit");
    let (ml, implementation) = writer.implementation(unit)?;
    let Some((mli, interface)) = writer.interface(unit)? else {
        return Err(Refusal::new("interface", "the facade has no interface", None));
    };
    let mut header = Header::new(&interface, mli, unit);
    header.allow_equations();
    for alias in &plan.aliases {
        if !alias.path.contains('.') {
            header.publish(alias.path, public_name(writer, plan, alias));
        }
        if let AliasTarget::Part(_) = alias.to {
            header.may_wrap(alias.path)?;
        }
    }
    let (mut added, mut private, mut named) = (Vec::new(), Vec::new(), Vec::new());
    for (alias, &def) in plan.aliases.iter().zip(&plan.unsealed) {
        let public = public_name(writer, plan, alias);
        let target = writer.tree.graph.def(def).alias_of.expect("a sealed alias stands for something");
        let part = writer.sibling_name(target.unit);
        let behind = if target.path.is_empty() { part.clone() } else { format!("{part}.{}", target.path) };
        let (item, ty) = spec_at(interface.facts, alias.path.as_str()).ok_or_else(|| {
            interface.refuse("interface", format!("{} is not spelled out here", alias.path), 0)
        })?;
        of_library(writer, unit, target.unit, &interface, item)?;
        let member = Member { interface: &interface, mli, item, ty };
        match alias.to {
            AliasTarget::Part(_) => {
                let (text, varied) = member.wrapper(writer, &header, &behind)?;
                writer.create(ml, &public, "ml", format!("include {behind}\n"))?;
                writer.create(ml, &public, "mli", text)?;
                added.push(public.clone());
                match plan.stay_public.contains(&target.unit) {
                    true => named.push(part),
                    false => {
                        variance::note(writer, (target.unit, target.path), &interface, &varied);
                        private.push(part);
                    }
                }
            }
            AliasTarget::Existing(_) => {
                let text = member.moved(writer, &header)?;
                let own = writer.tree.project.unit(target.unit).interface();
                let (part_file, _) = writer.implementation(target.unit)?;
                match own {
                    Some(file) => writer.rewrite(file, text)?,
                    None => writer.create(part_file, &part, "mli", text)?,
                }
            }
        }
        let body = interface.body(interface.facts.item(item));
        let name = interface.name_span(item).expect("a module specification has a name");
        writer.change(mli).replace(Span { start: name.end, end: body.end }, format!(" = {public}"));
        name_public(
            writer,
            ml,
            &implementation,
            def_item(writer, def, ml, &implementation)?,
            &behind,
            &public,
        )?;
    }
    private.sort();
    private.dedup();
    for (item, path) in header.equated() {
        let name = interface.name_span(item).expect("a type has a name");
        let part = path.split('.').next().unwrap_or(&path);
        if !private.iter().chain(&named).any(|behind| behind == part) {
            let message = format!("{} would show what is behind it", interface.slice(name));
            return Err(interface.refuse("interface", message, name.start));
        }
        writer.change(mli).insert(name.end, format!(" = {path}"));
    }
    still_public(writer, unit, &interface, &private)?;
    writer.list_modules(unit, added, private)
}

/// Refuses a part of another library: nobody can hide it there, or give it another interface.
fn of_library(
    writer: &Writer<'_>,
    facade: UnitId,
    part: UnitId,
    interface: &Source<'_>,
    item: ItemId,
) -> Result<(), Refusal> {
    let project = writer.tree.project;
    let library = project.unit(part).library;
    if library == project.unit(facade).library {
        return Ok(());
    }
    let message = format!(
        "{} is of another library, {}, which stays as it is: make it an alias by hand where all of it may be seen",
        project.unit(part).name,
        project.library(library).name
    );
    Err(interface.refuse("other-library", message, interface.facts.item(item).span.start))
}

/// The name that clients' alias leads to.
fn public_name(writer: &Writer<'_>, plan: &Plan, alias: &AliasLine) -> String {
    match alias.to {
        AliasTarget::Part(part) => plan.parts[part].module.clone(),
        AliasTarget::Existing(target) => writer.sibling_name(target.unit),
    }
}

fn def_item(
    writer: &Writer<'_>,
    def: crate::base::DefId,
    ml: FileId,
    source: &Source<'_>,
) -> Result<ItemId, Refusal> {
    let def = writer.tree.graph.def(def);
    if def.file == ml {
        Ok(def.item)
    } else {
        Err(source.refuse("by-hand", format!("{} is not written in this file", def.path), 0))
    }
}

/// Makes `module X = PART` say the public name.
fn name_public(
    writer: &mut Writer<'_>,
    ml: FileId,
    source: &Source<'_>,
    item: ItemId,
    behind: &str,
    public: &str,
) -> Result<(), Refusal> {
    let facts = source.facts;
    let found = facts.item(item);
    let ItemKind::Module { body, .. } = &found.kind else {
        return Err(source.refuse("by-hand", "this is not a plain alias", found.span.start));
    };
    let ModuleExpr::Path(path) = facts.module_expr(*body) else {
        return Err(source.refuse("by-hand", "this is not a plain alias", found.span.start));
    };
    if behind != public {
        writer.change(ml).replace(facts.reference(*path).span, public);
    }
    Ok(())
}

/// Units that turn private must not be members of the facade under their own type.
fn still_public(
    writer: &Writer<'_>,
    unit: UnitId,
    interface: &Rc<Source<'_>>,
    private: &[String],
) -> Result<(), Refusal> {
    for def in writer.tree.graph.unit_defs(unit) {
        let def = writer.tree.graph.def(def);
        let Some(target) = def.alias_of.filter(|target| target.unit != unit) else { continue };
        if def.exported && !def.sealed && private.contains(&writer.sibling_name(target.unit)) {
            return Err(interface.refuse(
                "interface",
                format!(
                    "{} shows all of a unit that {} hides in part",
                    def.path,
                    writer.tree.unit_name(unit)
                ),
                0,
            ));
        }
    }
    Ok(())
}

/// A module that an interface specifies.
pub(super) struct Member<'m, 'a> {
    pub(super) interface: &'m Rc<Source<'a>>,
    pub(super) mli: FileId,
    pub(super) item: ItemId,
    pub(super) ty: ModuleTypeId,
}

impl Member<'_, '_> {
    /// Returns the interface of a unit that has the signature as it stands.
    pub(super) fn moved(&self, writer: &mut Writer<'_>, header: &Header<'_>) -> Result<String, Refusal> {
        self.text(writer, header, &Changes::default())
    }

    /// Returns the interface of a wrapper over `implementation`, and the abstract types of a signature with a name that say
    /// how their parameters vary.
    pub(super) fn wrapper(
        &self,
        writer: &mut Writer<'_>,
        header: &Header<'_>,
        implementation: &str,
    ) -> Result<(String, Vec<Varied>), Refusal> {
        let private = PrivateTypes::Stand;
        let mut equations = Equations::new(&mut writer.eval, self.mli, self.interface, private);
        match self.spelled_out() {
            Some(structure) => equations.structure(structure, implementation)?,
            None => equations.named(self.interface.facts.item(self.item), self.ty, implementation)?,
        }
        let (changes, varied) = (equations.changes, equations.varied);
        Ok((self.text(writer, header, &changes)?, varied))
    }

    fn spelled_out(&self) -> Option<StructureId> {
        match self.interface.facts.module_type(self.ty) {
            ModuleType::Signature(structure) => Some(*structure),
            _ => None,
        }
    }

    fn text(
        &self,
        writer: &mut Writer<'_>,
        header: &Header<'_>,
        changes: &Changes,
    ) -> Result<String, Refusal> {
        let source = self.interface;
        let item = source.facts.item(self.item);
        let mut changes = changes.clone();
        let top = header.of(writer, self.item, &mut changes)?;
        let body = match self.spelled_out() {
            Some(structure) => source.outdented(inside(source, structure), &changes),
            None => {
                let name = source.name_span(self.item).expect("a module specification has a name");
                let start = source.text[name.end as usize..]
                    .find(':')
                    .map_or(name.end, |at| name.end + at as u32 + 1);
                let ty = changes.apply(&source.text, Span { start, end: source.body(item).end });
                format!("include {}\n", ty.trim())
            }
        };
        let body = body.trim_end();
        Ok(if top.is_empty() { format!("{body}\n") } else { format!("{top}\n{body}\n") })
    }
}

/// The span between `sig` or `struct` and `end`, whole lines of it.
pub(super) fn inside(source: &Source<'_>, structure: StructureId) -> Span {
    let structure = source.facts.structure(structure);
    let word = if structure.is_signature { "sig" } else { "struct" };
    let mut start = structure.span.start + word.len() as u32;
    let end = structure.span.end - "end".len() as u32;
    let text = &source.text[start as usize..end as usize];
    // From the first line with something on it.
    if let Some(newline) = text.find('\n')
        && text[..newline].trim().is_empty()
    {
        let rest = &text[newline..];
        let blank = rest.len() - rest.trim_start().len();
        let last = rest[..blank].rfind('\n').unwrap_or(0);
        start += (newline + last + 1) as u32;
    } else {
        start += (text.len() - text.trim_start().len()) as u32;
    }
    Span { start: start.min(end), end }
}

/// Finds the specification of a module by its dotted path.
pub(super) fn spec_at(facts: &FileFacts, path: &str) -> Option<(ItemId, ModuleTypeId)> {
    let mut structure = facts.root;
    let mut components = path.split('.').peekable();
    loop {
        let component = components.next()?;
        let (item, body) = facts.structure(structure).items.iter().rev().find_map(|&item| {
            let ItemKind::ModuleSpec { names, body, .. } = &facts.item(item).kind else { return None };
            (facts.names(*names).first()?.as_str() == component).then_some((item, *body))
        })?;
        if components.peek().is_none() {
            return Some((item, body));
        }
        let mut inner = body;
        while let ModuleType::With { base, .. } = facts.module_type(inner) {
            inner = *base;
        }
        let ModuleType::Signature(next) = facts.module_type(inner) else { return None };
        structure = *next;
    }
}
