//! The variables that conditions in stanzas read.

use crate::project::load;
use std::path::Path;

/// The values of the variables that conditions use: a native build on 64-bit Linux.
pub(super) fn variable_value(variable: &str, profile: &str, version: Option<&str>) -> Option<String> {
    Some(match variable {
        "profile" => profile.into(),
        "context_name" => "default".into(),
        "os_type" | "ocaml-config:os_type" => "Unix".into(),
        "system" | "ocaml-config:system" => "linux".into(),
        "architecture" | "ocaml-config:architecture" => "amd64".into(),
        "model" | "ocaml-config:model" => "default".into(),
        "arch_sixtyfour" => "true".into(),
        "ocaml-config:word_size" => "64".into(),
        "ccomp_type" | "ocaml-config:ccomp_type" => "cc".into(),
        "ocaml_version" | "ocaml-config:version" => version?.into(),
        // The other compiler of the language says so in its version.
        "ocaml-config:ox" => version?.contains("+ox").to_string(),
        // dune takes these from the environment that it runs in.
        _ => {
            let (name, default) = variable.strip_prefix("env:")?.split_once('=')?;
            load::variable(name).unwrap_or_else(|| default.to_string())
        }
    })
}

/// The compiler's version: from the file for that, or from the header of its runtime where that is left out.
pub(super) fn ocaml_version(stdlib_dir: &Path) -> Option<String> {
    let read = |file: &str| {
        let bytes = load::read_bytes(&stdlib_dir.join(file), load::BUILD_FILE_LIMIT).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let from_header = || {
        let text = read("caml/version.h")?;
        let line = text.lines().find_map(|line| line.strip_prefix("#define OCAML_VERSION_STRING "))?;
        Some(line.trim().trim_matches('"').to_string())
    };
    let from_file = read("VERSION").and_then(|text| Some(text.lines().next()?.trim().to_string()));
    from_file.or_else(from_header)
}
