//! How dune names compilation units, and which alias modules it makes.
//!
//! Takes the modules of a stanza, gives a [`Layout`]: a unit for each module, the alias modules, and what each unit
//! opens. A wrapped library `lib` has `Lib__X` behind the alias module `Lib`, or `Lib__` where it has a module `Lib`
//! of its own; a library of that one module has neither. Executables are wrapped in `Dune__exe`, one of a single module
//! without an alias module. An implementation of a virtual library takes that one's names, and hides its own modules
//! behind `Vlib__impl__`.
//!
//! Source: what dune 2.9.3 and 3.17.2 build; `src/dune_rules/modules.ml` of 3.6, 3.7 and 3.21.

use crate::base::capitalise;
use std::collections::{BTreeMap, BTreeSet};

/// Who the modules belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wrapping {
    /// Units are named as their files.
    None,
    /// A wrapped library: the name of its main module.
    Library(String),
    /// The modules of executables.
    Executables,
    /// An implementation of a wrapped virtual library.
    Implementation {
        /// The virtual library's main module.
        main: String,
        /// The implementation's own name.
        library: String,
        /// The virtual library's modules.
        modules: BTreeSet<String>,
        /// Whether own modules have the names that dune gives them since 3.7.
        is_since_3_7: bool,
    },
}

/// What dune makes of a stanza's modules.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Layout {
    /// The unit of each module.
    pub(crate) units: BTreeMap<String, String>,
    /// Alias modules, outermost first: unit, and what it says.
    pub(crate) aliases: Vec<(String, Vec<(String, String)>)>,
    /// The alias units that a module opens, outermost first, by module.
    pub(crate) opens: BTreeMap<String, Vec<String>>,
}

/// Names the units of `modules` (`Sub.X` with qualified subdirectories).
pub(crate) fn layout(modules: &[String], wrapping: &Wrapping) -> Layout {
    let mut layout = Layout::default();
    let (prefix, main) = match wrapping {
        Wrapping::None => {
            let own = |module: &String| (module.clone(), last(module).to_string());
            layout.units = modules.iter().map(own).collect();
            layout.opens = modules.iter().map(|module| (module.clone(), Vec::new())).collect();
            return layout;
        }
        Wrapping::Library(main) => (main.clone(), Some(main.as_str())),
        Wrapping::Executables => ("Dune__exe".to_string(), None),
        Wrapping::Implementation { main, .. } => (main.clone(), Some(main.as_str())),
    };
    for module in modules {
        let unit = match wrapping {
            Wrapping::Implementation { library, modules, is_since_3_7, .. } if !modules.contains(module) => {
                let parted = if *is_since_3_7 { "__" } else { "____" };
                format!("{prefix}__{library}{parted}{}", path_in_unit(module))
            }
            _ if Some(module.as_str()) == main => module.clone(),
            _ => format!("{prefix}__{}", path_in_unit(module)),
        };
        layout.units.insert(module.clone(), unit);
    }
    let is_single = match (wrapping, modules) {
        (Wrapping::Library(main), [only]) => only == main,
        (Wrapping::Executables, [only]) => !only.contains('.'),
        _ => false,
    };
    // A library without modules has an alias module all the same.
    let has_none = modules.is_empty() && !matches!(wrapping, Wrapping::Library(_));
    if is_single || has_none {
        layout.opens = modules.iter().map(|module| (module.clone(), Vec::new())).collect();
        return layout;
    }
    let has_main = main.is_some_and(|main| layout.units.contains_key(main));
    let top = match wrapping {
        Wrapping::Implementation { library, .. } => format!("{prefix}__{library}__"),
        _ if has_main => format!("{prefix}__"),
        _ => prefix.clone(),
    };
    layout.add_group("", top, &prefix, main, wrapping);
    for group in groups(modules) {
        let unit = unit_of_group(&prefix, &group);
        let own = format!("{group}.{}", last(&group));
        let alias = if layout.units.contains_key(&own) { format!("{unit}__") } else { unit };
        layout.add_group(&group, alias, &prefix, None, wrapping);
    }
    // Of two groups that make one name, the outer one has it.
    let mut aliases: BTreeMap<&str, &String> = BTreeMap::new();
    for (unit, _) in &layout.aliases {
        for name in [Some(unit.as_str()), unit.strip_suffix("__")].into_iter().flatten() {
            aliases.entry(name).or_insert(unit);
        }
    }
    let alias_of = |group: &String| aliases.get(unit_of_group(&prefix, group).as_str()).copied();
    for module in modules {
        let enclosing = groups(std::slice::from_ref(module));
        let top = layout.aliases.first().map(|(unit, _)| unit);
        let opens = top.into_iter().chain(enclosing.iter().filter_map(alias_of)).cloned().collect();
        layout.opens.insert(module.clone(), opens);
    }
    layout
}

impl Layout {
    /// Adds the alias module of one group (`""`: the stanza itself).
    fn add_group(
        &mut self,
        group: &str,
        alias: String,
        prefix: &str,
        main: Option<&str>,
        wrapping: &Wrapping,
    ) {
        let mut entries = BTreeMap::new();
        let outer = if group.is_empty() { String::new() } else { format!("{group}.") };
        let inside = self
            .units
            .range(outer.clone()..)
            .map_while(|(module, unit)| module.strip_prefix(&outer).map(|rest| (rest.to_string(), unit)));
        for (rest, unit) in inside {
            match rest.split_once('.') {
                None if Some(rest.as_str()) == main || (!group.is_empty() && rest == last(group)) => {}
                None => _ = entries.insert(rest, unit.clone()),
                Some((sub, _)) => {
                    entries.insert(sub.to_string(), unit_of_group(prefix, &format!("{outer}{sub}")));
                }
            }
        }
        if let Wrapping::Implementation { modules, .. } = wrapping {
            for module in modules.iter().filter(|module| Some(module.as_str()) != main) {
                entries.entry(module.clone()).or_insert_with(|| format!("{prefix}__{module}"));
            }
        }
        self.aliases.push((alias, entries.into_iter().collect()));
    }
}

/// The unit of a group: its alias module, or the module that the group is named by.
fn unit_of_group(prefix: &str, group: &str) -> String {
    format!("{prefix}__{}", group.replace('.', "__"))
}

fn last(module: &str) -> &str {
    module.rsplit('.').next().unwrap_or(module)
}

/// `Sub.X` is `Sub__X`; the module that a group is named by is the group itself.
fn path_in_unit(module: &str) -> String {
    let mut parts: Vec<&str> = module.split('.').collect();
    if let [.., group, own] = parts[..]
        && group == own
    {
        parts.pop();
    }
    parts.join("__")
}

/// The groups that modules lie in, outer ones first.
fn groups(modules: &[String]) -> Vec<String> {
    let mut groups = BTreeSet::new();
    for module in modules {
        groups.extend(module.match_indices('.').map(|(at, _)| module[..at].to_string()));
    }
    groups.into_iter().collect()
}

/// The main module of a library of this name.
pub(crate) fn main_module(library: &str) -> String {
    capitalise(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(modules: &[&str], wrapping: &Wrapping) -> Vec<String> {
        let modules: Vec<String> = modules.iter().map(|module| (*module).to_string()).collect();
        let layout = layout(&modules, wrapping);
        let aliases = layout.aliases.iter().map(|(unit, entries)| {
            let entries: Vec<_> = entries.iter().map(|(name, unit)| format!("{name}={unit}")).collect();
            format!("[{unit}: {}]", entries.join(" "))
        });
        let units = modules
            .iter()
            .map(|module| format!("{} {}", layout.units[module], layout.opens[module].join(" ")));
        aliases.chain(units.map(|line| line.trim_end().to_string())).collect()
    }

    #[test]
    fn libraries() {
        let lib = Wrapping::Library("Lib".into());
        assert_eq!(show(&["A", "B"], &lib), ["[Lib: A=Lib__A B=Lib__B]", "Lib__A Lib", "Lib__B Lib"]);
        assert_eq!(show(&["A", "Lib"], &lib), ["[Lib__: A=Lib__A]", "Lib__A Lib__", "Lib Lib__"]);
        assert_eq!(show(&["Lib"], &lib), ["Lib"]);
        assert_eq!(show(&["A"], &lib), ["[Lib: A=Lib__A]", "Lib__A Lib"]);
        assert_eq!(show(&["A", "Lib"], &Wrapping::None), ["A", "Lib"]);
    }

    #[test]
    fn executables() {
        assert_eq!(show(&["Main"], &Wrapping::Executables), ["Dune__exe__Main"]);
        let two = [
            "[Dune__exe: A=Dune__exe__A M=Dune__exe__M]",
            "Dune__exe__A Dune__exe",
            "Dune__exe__M Dune__exe",
        ];
        assert_eq!(show(&["A", "M"], &Wrapping::Executables), two);
    }

    #[test]
    fn implementations_of_virtual_libraries() {
        let modules = ["Vm", "Norm"].map(str::to_string).into();
        let implementation = |is_since_3_7, modules| Wrapping::Implementation {
            main: "V".into(),
            library: "i".into(),
            modules,
            is_since_3_7,
        };
        let expected =
            ["[V__i__: Norm=V__Norm Priv=V__i____Priv Vm=V__Vm]", "V__i____Priv V__i__", "V__Vm V__i__"];
        let modules: BTreeSet<String> = modules;
        assert_eq!(show(&["Priv", "Vm"], &implementation(false, modules.clone())), expected);
        let expected =
            ["[V__i__: Norm=V__Norm Priv=V__i__Priv Vm=V__Vm]", "V__i__Priv V__i__", "V__Vm V__i__"];
        assert_eq!(show(&["Priv", "Vm"], &implementation(true, modules)), expected);
    }

    #[test]
    fn qualified_subdirectories() {
        let lib = Wrapping::Library("L".into());
        let expected = [
            "[L: A=L__A G=L__G H=L__H]",
            "[L__G: X=L__G__X]",
            "[L__H__: Y=L__H__Y]",
            "L__A L",
            "L__G__X L L__G",
            "L__H L L__H__",
            "L__H__Y L L__H__",
        ];
        assert_eq!(show(&["A", "G.X", "H.H", "H.Y"], &lib), expected);
    }
}
