//! Real editors as clients of `unlith lsp`, in copies of the example workspace: Neovim and Emacs without a window, with the
//! configurations of `docs/editors.md`, and Visual Studio Code with the extension of `editors/vscode`, its server here and its
//! window in a headless Chromium. Where one is not installed its test says that it is skipped; with
//! `UNLITH_REQUIRE_EDITORS=1`, which `tests/run` sets where Neovim is installed, that one's fails instead.

#![allow(clippy::print_stdout, reason = "says what is skipped, and shows what the editors showed")]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::scratch::{Scratch, copy_tree};

/// Whether a test of what is not installed fails.
fn skip(reason: &str) {
    assert!(std::env::var_os("UNLITH_REQUIRE_EDITORS").is_none_or(|value| value != "1"), "{reason}");
    println!("skipped: {reason}");
}

/// A copy of the example workspace, under version control as a user's would be.
fn example(label: &str) -> (Scratch, PathBuf) {
    let scratch = Scratch::new(label).expect("a scratch directory");
    let path = scratch.path().canonicalize().expect("a path").join("weather_station");
    copy_tree(&support::repository().join("corpus/weather_station"), &path).expect("a copy");
    (scratch, path)
}

fn is_installed(program: &str) -> bool {
    let run = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    run.is_ok_and(|output| output.status.success())
}

/// The code of `docs/editors.md` behind a mark.
fn documented(mark: &str) -> String {
    let text = std::fs::read_to_string(support::repository().join("docs/editors.md")).expect("the guide");
    let (_, behind) = text.split_once(&format!("<!-- editor: {mark} -->\n```")).expect("a marked example");
    let (code, _) = behind.split_once("\n```\n").expect("the end of the example");
    code.split_once('\n').expect("a language").1.to_owned()
}

/// Runs a command to its end, or kills it when the time is up.
fn run_within(mut command: Command, seconds: u64) -> Result<String, String> {
    let output = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let handle = || output.reopen().expect("an open file");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(handle())
        .stderr(handle())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let end = std::time::Instant::now() + Duration::from_secs(seconds);
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break Some(status);
        }
        if std::time::Instant::now() > end {
            // It may have ended by itself just now.
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = std::fs::read(output.path()).map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&said).into_owned();
    match status {
        Some(status) if status.success() => Ok(said),
        Some(status) => Err(format!("{command:?}: {status}\n{said}")),
        None => Err(format!("{command:?}: not done within {seconds} s\n{said}")),
    }
}

/// A directory whose `unlith` is the one under test, for the `PATH`.
fn path_with_unlith(scratch: &Path) -> std::ffi::OsString {
    let bin = scratch.join("path");
    std::fs::create_dir_all(&bin).expect("a directory");
    let link = bin.join("unlith");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_unlith"), link).expect("a link");
    let old = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&old))).expect("a PATH")
}

#[test]
fn neovim_shows_and_applies_with_the_documented_configuration() {
    if !is_installed("nvim") {
        return skip("no nvim");
    }
    let (scratch, project) = example("neovim");
    let configuration = scratch.path().join("init.lua");
    let report = scratch.path().join("report.json");
    std::fs::write(&configuration, documented("neovim 0.7")).expect("a configuration");
    let mut command = Command::new("nvim");
    command.args(["--headless", "-n", "-u"]).arg(&configuration).arg("-c");
    command.arg(format!("luafile {}", support::repository().join("tests/editors/neovim.lua").display()));
    command.arg("tools/convert.ml").current_dir(&project);
    command.env("PATH", path_with_unlith(scratch.path())).env("UNLITH_REPORT", &report);
    command.env("UNLITH_CHANGED", "vendor/metkit/metkit.ml");
    command.env("UNLITH_CACHE_DIR", scratch.path().join("cache"));
    command.env("HOME", scratch.path()).env("XDG_STATE_HOME", scratch.path().join("state"));
    let said = run_within(command, 300).unwrap_or_else(|failure| panic!("{failure}"));
    let report = read_report(&report, &said);
    let hints = report["hints"].as_array().expect("hints");
    assert!(
        hints.iter().any(|hint| hint["text"].as_str().is_some_and(|text| text.contains("kB"))),
        "{hints:?}"
    );
    assert!(report["lenses"].as_array().is_some_and(|lenses| !lenses.is_empty()));
    assert!(report["findings"].as_array().is_some_and(|findings| !findings.is_empty()));
    assert!(report["applied"].is_string(), "no change was applied");
    still_builds(&project);
}

#[test]
fn emacs_shows_and_applies_with_the_documented_configuration() {
    let has_eglot = Command::new("emacs")
        .args(["--batch", "-f", "package-initialize", "--eval", "(require (quote eglot))"])
        .output();
    if !has_eglot.is_ok_and(|output| output.status.success()) {
        return skip("no emacs with eglot");
    }
    let (scratch, project) = example("emacs");
    let configuration = scratch.path().join("init.el");
    let report = scratch.path().join("report.json");
    std::fs::write(&configuration, documented("emacs")).expect("a configuration");
    // What Emacs takes for a project is under version control.
    let made = Command::new("git").args(["init", "-q"]).current_dir(&project).status();
    assert!(made.is_ok_and(|status| status.success()), "git init");
    let mut command = Command::new("emacs");
    // As a start with a window does: packages are there from the beginning.
    command.args(["--batch", "-f", "package-initialize", "-l"]).arg(&configuration).arg("-l");
    command.arg(support::repository().join("tests/editors/emacs.el")).current_dir(&project);
    command.env("PATH", path_with_unlith(scratch.path())).env("UNLITH_REPORT", &report);
    command.env("UNLITH_CHANGED", "vendor/metkit/metkit.ml");
    command.env("UNLITH_CACHE_DIR", scratch.path().join("cache")).env("HOME", scratch.path());
    let said = run_within(command, 300).unwrap_or_else(|failure| panic!("{failure}"));
    let report = read_report(&report, &said);
    assert!(report["findings"].as_array().is_some_and(|findings| !findings.is_empty()));
    assert!(report["hover"].as_str().is_some_and(|hover| hover.contains("| tools/convert |")));
    assert!(report["applied"].is_string(), "no change was applied");
    still_builds(&project);
}

/// What an editor has written of itself.
fn read_report(path: &Path, said: &str) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{error}\n{said}"));
    let report: Value = serde_json::from_str(&text).expect("JSON");
    println!("{}", serde_json::to_string_pretty(&report).expect("JSON"));
    assert!(report["failure"].is_null(), "{}\n{said}", report["failure"]);
    report
}

/// The project with the change still builds, where dune is there to say so.
fn still_builds(project: &Path) {
    if !is_installed("dune") {
        return skip("no dune to build the changed project with");
    }
    let mut command = Command::new("dune");
    command.args(["build", "--root", ".", "bin/report.exe"]).current_dir(project);
    run_within(command, 300).unwrap_or_else(|failure| panic!("{failure}"));
}

/// Helix is not packaged for Debian: what it would be told is at least what it reads.
#[test]
fn the_configuration_for_helix_is_as_helix_reads_it() {
    let text = documented("helix");
    let all: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let server = &all["language-server"]["unlith"];
    assert_eq!((server["command"].as_str(), server["args"][0].as_str()), (Some("unlith"), Some("lsp")));
    // Helix answers a question for a section with what stands under its name.
    let documented = documented_settings();
    let groups = server["config"]["unlith"].as_table().expect("settings");
    for (group, inner) in groups.iter().flat_map(|(group, all)| all.as_table().map(|all| (group, all))) {
        for name in inner.keys().map(|key| format!("unlith.{group}.{key}")) {
            assert!(documented.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
    let languages = all["language"].as_array().expect("languages");
    for language in languages {
        let servers = language["language-servers"].as_array().expect("servers");
        assert!(servers.iter().any(|server| server.as_str() == Some("unlith")));
    }
}

#[test]
fn visual_studio_code_shows_and_applies_with_the_extension() {
    let Some(vscode) = std::env::var_os("UNLITH_VSCODE") else {
        let reason =
            "UNLITH_VSCODE does not say where editors/vscode/test/install-vscode has put Visual Studio Code";
        return println!("skipped: {reason}");
    };
    if let Some(program) = ["npm", "chromium"].iter().find(|program| !is_installed(program)) {
        return skip(&format!("no {program}"));
    }
    let (scratch, project) = example("vscode");
    let extension = scratch.path().canonicalize().expect("a path").join("extension");
    let source = support::repository().join("editors/vscode");
    for part in ["src", "test"] {
        copy_tree(&source.join(part), &extension.join(part)).expect("a copy");
    }
    for file in [
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        ".npmrc",
        ".vscodeignore",
        "README.md",
        "LICENSE",
    ] {
        std::fs::copy(source.join(file), extension.join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    for steps in [&["ci", "--ignore-scripts"][..], &["run", "package"], &["run", "build"]] {
        let mut command = Command::new("npm");
        command.args(steps).current_dir(&extension);
        run_within(command, 300).unwrap_or_else(|failure| panic!("{failure}"));
    }
    assert!(
        extension.join("unlith.vsix").metadata().is_ok_and(|package| package.len() > 10_000),
        "a package"
    );
    let mut command = Command::new("node");
    command.arg("test/run.mjs").arg(vscode).arg(env!("CARGO_BIN_EXE_unlith")).arg(&project);
    command.current_dir(&extension).env("UNLITH_CACHE_DIR", scratch.path().join("cache"));
    let said = run_within(command, 400).unwrap_or_else(|failure| panic!("{failure}"));
    println!("{said}");
    still_builds(&project);
}

/// The settings of the server as its documentation has them: name and default.
fn documented_settings() -> Vec<(String, Value)> {
    let text =
        std::fs::read_to_string(support::repository().join("docs/editor-settings.md")).expect("the settings");
    let rows = text.lines().filter(|line| line.starts_with("| `unlith.") && line.matches('|').count() > 4);
    let cell = |row: &str, number: usize| {
        row.split(" | ").nth(number).map(|cell| cell.trim_matches(['|', ' ', '`']).to_owned())
    };
    let mut settings = Vec::new();
    for row in rows {
        let (Some(name), Some(default)) = (cell(row, 0), cell(row, 2)) else { continue };
        settings
            .push((name, serde_json::from_str(&default).unwrap_or_else(|error| panic!("{row}: {error}"))));
    }
    settings
}

#[test]
fn the_extension_has_every_setting_of_the_server() {
    let package =
        std::fs::read(support::repository().join("editors/vscode/package.json")).expect("the extension");
    let package: Value = serde_json::from_slice(&package).expect("JSON");
    let properties = package["contributes"]["configuration"]["properties"].as_object().expect("settings");
    let documented = documented_settings();
    assert!(documented.len() > 15, "{documented:?}");
    for (name, default) in &documented {
        assert_eq!(properties.get(name).map(|property| &property["default"]), Some(default), "{name}");
    }
    let own = ["unlith.path", "unlith.enable", "unlith.trace.server"];
    for name in properties.keys().filter(|name| !own.contains(&name.as_str())) {
        assert!(documented.iter().any(|(other, _)| other == name), "{name} is not a setting of the server");
    }
}
