//! `unlith calibrate`: the model that is shipped against a fit to the libraries at hand, and the bars it must keep.

#![allow(clippy::print_stdout, reason = "the table is the result")]

mod support;

use serde_json::Value;
use std::path::Path;
use support::scratch::Scratch;
use support::{ocaml, unlith};

/// Figures of cross-validation on what `tests/packages.apt` installs. They only get better.
const BARS: [(&str, f64); 5] = [
    ("/units/median", 0.064),
    ("/definitions/median", 0.135),
    ("/packages/median", 0.07),
    ("/packages/p90", 0.18),
    ("/programs/median", 0.042),
];

fn figure(model: &Value, path: &str) -> f64 {
    let found = model.pointer(&format!("/error{path}")).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("no figure {path} in {model}"))
}

#[test]
fn a_fit_keeps_the_bars_and_the_shipped_model_is_such_a_fit() {
    if let Err(reason) = ocaml::compiler() {
        println!("skipped: no OCaml here: {reason}");
        return;
    }
    let scratch = Scratch::new("calibrate").expect("a writable temporary directory");
    let file = scratch.path().join("model.json");
    let arguments = ["calibrate", "--top", "200", "-o", &file.to_string_lossy()].map(str::to_owned);
    let text = unlith::run(scratch.path(), &arguments).expect("it fits");
    println!("{text}");
    assert!(text.contains("By package") && text.contains("frametable"), "{text}");
    let text = std::fs::read_to_string(&file).expect("it was written");
    let fitted: Value = serde_json::from_str(&text).expect("JSON");
    let n_units = fitted["n_units"].as_u64().unwrap_or(0);
    if n_units < 1400 && !ocaml::is_required() {
        println!("skipped: {n_units} units are installed, too few to compare");
        return;
    }
    for (path, bar) in BARS {
        let found = figure(&fitted, path);
        assert!(found <= bar, "error{path} is {found}, not {bar} or less");
    }
    for path in ["/unit_coverage", "/package_coverage", "/program_coverage"] {
        let found = figure(&fitted, path);
        assert!(
            (0.87..=0.96).contains(&found),
            "error{path} is {found}: an interval should hold nine in ten"
        );
    }
    let shipped: Value = serde_json::from_str(include_str!("../src/size/model.json")).expect("JSON");
    if shipped["compiler"] != fitted["compiler"] {
        println!(
            "skipped: the shipped model is of {}, this one of {}",
            shipped["compiler"], fitted["compiler"]
        );
        return;
    }
    for (path, _) in BARS {
        let (ours, here) = (figure(&shipped, path), figure(&fitted, path));
        assert!(
            (ours - here).abs() < 0.004,
            "error{path} of the shipped model is {ours}, here {here}: fit it again"
        );
    }
}

#[test]
fn a_model_of_ones_own_is_used_and_a_broken_one_refused() {
    let scratch = Scratch::new("own-model").expect("a writable temporary directory");
    let write = |name: &str, text: &str| {
        std::fs::write(scratch.path().join(name), text).expect("a writable temporary directory");
    };
    write("main.ml", "let rec f x = if x = 0 then 1 else x * f (x - 1)\nlet () = exit (f 3)\n");
    let audit = |more: &[&str]| {
        let all = ["audit", "main.ml", "--format", "json", "--quiet"].iter().chain(more).copied();
        let text = unlith::run(scratch.path(), all)?;
        let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let units = value["programs"][0]["linked_units"].as_array().cloned().unwrap_or_default();
        let main = units.iter().find(|unit| unit["unit"] == "Main").cloned();
        let code = main.and_then(|unit| unit["bytes"]["code"].as_u64());
        code.ok_or_else(|| format!("no unit Main in {value}"))
    };
    let plain = audit(&[]).expect("an audit");
    let shipped = include_str!("../src/size/model.json");
    let mut model: Value = serde_json::from_str(shipped).expect("JSON");
    let text = model["coefficients"]["text"].as_object_mut().expect("coefficients");
    text.insert("value_functions".to_owned(), 10_000.0.into());
    write("dear.json", &model.to_string());
    let dear = audit(&["--model", "dear.json"]).expect("an audit");
    assert!(dear > plain + 9_000, "functions of ten thousand bytes: {dear} after {plain}");
    write("broken.json", "{\"compiler\": 1}");
    for (file, reason) in [("broken.json", "no size model"), ("missing.json", "cannot read")] {
        let error = audit(&["--model", file]).expect_err("there is no such model");
        assert!(error.contains(reason) && error.contains("unlith calibrate -o"), "{error}");
    }
}

#[test]
fn too_few_packages_are_refused() {
    let scratch = Scratch::new("few").expect("a writable temporary directory");
    let empty = scratch.path().to_string_lossy().into_owned();
    let error = unlith::run(Path::new(&empty), ["calibrate", "-p", "nothing-of-this-name"]);
    let error = error.expect_err("one package is not enough");
    assert!(error.contains("at least 10 packages"), "{error}");
}
