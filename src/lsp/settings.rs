//! What the user can set, as the editor sends it.
//!
//! Under the section `unlith`; a setting that is missing keeps its default, one that is not understood is said and passed over.

use lsp_types::DiagnosticSeverity;
use serde_json::Value;
use std::path::PathBuf;

/// All settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Settings {
    pub(super) hints: bool,
    /// Hints below this many bytes are not shown.
    pub(super) hint_bytes: u64,
    pub(super) lens: bool,
    /// Definitions of at least this many bytes have a lens.
    pub(super) lens_bytes: u64,
    pub(super) hover: bool,
    pub(super) diagnostics: bool,
    /// Findings below this many bytes are not shown.
    pub(super) diagnostic_bytes: u64,
    /// For each rule, how it is shown; `None` for not at all.
    pub(super) rules: [Option<DiagnosticSeverity>; Rule::ALL.len()],
    pub(super) actions: bool,
    /// Changes that save less are not offered.
    pub(super) action_bytes: u64,
    /// Only the executables of these names; all when empty.
    pub(super) exes: Vec<String>,
    /// Where there is no dune: the `.ml` files of the program, from the folder, the main module last.
    pub(super) files: Vec<PathBuf>,
    /// The packages that those are linked with.
    pub(super) packages: Vec<String>,
    /// Further directories with sources, from the folder.
    pub(super) include_dirs: Vec<PathBuf>,
    pub(super) ocamlpath: Option<String>,
    pub(super) dune_profile: String,
    pub(super) is_static: bool,
    pub(super) sources_only: bool,
    /// The size model, of `unlith.toml`.
    pub(super) model: Option<PathBuf>,
    /// How long the server waits after an edit before it looks at it unasked, in milliseconds.
    pub(super) debounce: u64,
}

/// What diagnostics are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    ThinLink,
    SealedFacade,
    ForcedUnit,
    AliasDeps,
    EffectKeepsUnit,
}

impl Rule {
    pub(super) const ALL: [Rule; 5] =
        [Rule::ThinLink, Rule::SealedFacade, Rule::ForcedUnit, Rule::AliasDeps, Rule::EffectKeepsUnit];

    /// Its code, which is also its place in the documentation.
    pub(super) fn code(self) -> &'static str {
        match self {
            Rule::ThinLink => "thin-link",
            Rule::SealedFacade => "sealed-facade",
            Rule::ForcedUnit => "forced-unit",
            Rule::AliasDeps => "alias-deps",
            Rule::EffectKeepsUnit => "effect-keeps-unit",
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Rule::ThinLink => "thinLink",
            Rule::SealedFacade => "sealedFacade",
            Rule::ForcedUnit => "forcedUnit",
            Rule::AliasDeps => "aliasDeps",
            Rule::EffectKeepsUnit => "effectKeepsUnit",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            hints: true,
            hint_bytes: 4096,
            lens: true,
            lens_bytes: 4096,
            hover: true,
            diagnostics: true,
            diagnostic_bytes: 8192,
            rules: [Some(DiagnosticSeverity::HINT); Rule::ALL.len()],
            actions: true,
            action_bytes: 4096,
            exes: Vec::new(),
            files: Vec::new(),
            packages: Vec::new(),
            include_dirs: Vec::new(),
            ocamlpath: None,
            dune_profile: "dev".to_owned(),
            is_static: false,
            sources_only: false,
            model: None,
            debounce: 40,
        }
    }
}

impl Settings {
    /// Reads settings: the section itself, or an object that has it. Also returns what was not understood.
    pub(super) fn read(value: &Value) -> (Settings, Vec<String>) {
        let mut settings = Settings::default();
        let mut doubts = Vec::new();
        let section = value.get("unlith").unwrap_or(value);
        let Some(section) = section.as_object() else { return (settings, doubts) };
        for (key, value) in section {
            if let Some(group) = value.as_object() {
                for (inner, value) in group {
                    settings.set(&format!("{key}.{inner}"), value, &mut doubts);
                }
            } else if !value.is_null() {
                settings.set(key, value, &mut doubts);
            }
        }
        (settings, doubts)
    }

    fn set(&mut self, key: &str, value: &Value, doubts: &mut Vec<String>) {
        let is_set = match key {
            "hints.enable" => put(&mut self.hints, value.as_bool()),
            "hints.minBytes" => put(&mut self.hint_bytes, value.as_u64()),
            "lens.enable" => put(&mut self.lens, value.as_bool()),
            "lens.minBytes" => put(&mut self.lens_bytes, value.as_u64()),
            "hover.enable" => put(&mut self.hover, value.as_bool()),
            "diagnostics.enable" => put(&mut self.diagnostics, value.as_bool()),
            "diagnostics.minBytes" => put(&mut self.diagnostic_bytes, value.as_u64()),
            "actions.enable" => put(&mut self.actions, value.as_bool()),
            "actions.minBytes" => put(&mut self.action_bytes, value.as_u64()),
            "executables" => put(&mut self.exes, serde_json::from_value(value.clone()).ok()),
            "files" => put(&mut self.files, serde_json::from_value(value.clone()).ok()),
            "packages" => put(&mut self.packages, serde_json::from_value(value.clone()).ok()),
            "includeDirs" => put(&mut self.include_dirs, serde_json::from_value(value.clone()).ok()),
            "ocamlpath" => put(&mut self.ocamlpath, value.as_str().map(|path| Some(path.to_owned()))),
            "duneProfile" => put(&mut self.dune_profile, value.as_str().map(str::to_owned)),
            "sourcesOnly" => put(&mut self.sources_only, value.as_bool()),
            "debounce" => put(&mut self.debounce, value.as_u64().map(|time| time.min(10_000))),
            "profile" => {
                let is_static = match value.as_str() {
                    Some("pie") => Some(false),
                    Some("static") => Some(true),
                    _ => None,
                };
                put(&mut self.is_static, is_static)
            }
            // How the editor starts the server, and what it shows of the messages.
            "path" | "enable" | "trace.server" => true,
            _ => {
                let rule = Rule::ALL.iter().find(|rule| key == format!("diagnostics.{}", rule.setting()));
                rule.is_some_and(|&rule| {
                    put(&mut self.rules[rule as usize], value.as_str().and_then(severity))
                })
            }
        };
        if !is_set {
            doubts.push(format!("the setting unlith.{key} = {value} is not understood"));
        }
    }

    pub(super) fn severity(&self, rule: Rule) -> Option<DiagnosticSeverity> {
        self.rules[rule as usize].filter(|_| self.diagnostics)
    }

    /// Whether the tree has to be read again when these settings take the place of others.
    pub(super) fn needs_reload(&self, old: &Settings) -> bool {
        fn read(settings: &Settings) -> impl PartialEq + '_ {
            let Settings { exes, files, packages, include_dirs, ocamlpath, dune_profile, model, .. } =
                settings;
            let flags = (settings.is_static, settings.sources_only);
            (exes, files, packages, include_dirs, ocamlpath, dune_profile, model, flags)
        }
        read(self) != read(old)
    }
}

fn put<T>(slot: &mut T, value: Option<T>) -> bool {
    value.map(|value| *slot = value).is_some()
}

fn severity(word: &str) -> Option<Option<DiagnosticSeverity>> {
    Some(match word {
        "off" => None,
        "hint" => Some(DiagnosticSeverity::HINT),
        "information" => Some(DiagnosticSeverity::INFORMATION),
        "warning" => Some(DiagnosticSeverity::WARNING),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_and_doubts_are_said() {
        let (settings, doubts) = Settings::read(&json!({ "unlith": {
            "hints": { "enable": false, "minBytes": 10 },
            "diagnostics": { "thinLink": "off", "forcedUnit": "warning", "aliasDeps": "loud" },
            "profile": "static", "ocamlpath": null, "colour": "red",
        }}));
        assert!(!settings.hints && settings.hint_bytes == 10 && settings.is_static);
        assert_eq!(settings.severity(Rule::ThinLink), None);
        assert_eq!(settings.severity(Rule::ForcedUnit), Some(DiagnosticSeverity::WARNING));
        assert_eq!(settings.severity(Rule::AliasDeps), Some(DiagnosticSeverity::HINT));
        assert_eq!(
            doubts,
            [
                "the setting unlith.colour = \"red\" is not understood",
                "the setting unlith.diagnostics.aliasDeps = \"loud\" is not understood"
            ]
        );
        assert!(settings.needs_reload(&Settings::default()));
        assert_eq!(Settings::read(&Value::Null), (Settings::default(), vec![]));
    }
}
