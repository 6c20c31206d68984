//! Input that nobody would write, and that lies on somebody's disk: each ends soon, with what is sound in it and a word on
//! what is not.
//!
//! Times are limits against hangs, generous for slow machines; memory is bounded where the system can be asked to.

mod support;

use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::small::{Dir, Ran, linked};

/// Nothing here may take longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Audits `main.ml` of a directory; gives the report and how it ended.
#[track_caller]
fn audit(dir: &Dir) -> (Value, Ran) {
    let started = Instant::now();
    let ran = dir.run(&["audit", "main.ml", "-p", "lists", "--format", "json", "--quiet"]);
    assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    ran.expect(0);
    (ran.json(), ran)
}

/// What is wrong with the program's own file. The small standard library has faults of its own.
#[track_caller]
fn codes(json: &Value) -> Vec<&str> {
    let problems = json["problems"].as_array().expect("a list of problems");
    let is_ours = |problem: &&Value| problem["file"].as_str().is_some_and(|file| file.ends_with("main.ml"));
    problems.iter().filter(is_ours).filter_map(|problem| problem["code"].as_str()).collect()
}

/// A program whose text is `hostile`, behind a line that links `Lists`: that line counts whatever follows.
#[track_caller]
fn behind_a_sound_line(test: &str, hostile: &[u8]) -> (Value, Ran) {
    let dir = Dir::new(test, &[]);
    dir.write("main.ml", &[b"let () = Lists.sum [1]\n", hostile].concat());
    let (json, ran) = audit(&dir);
    assert!(linked(&json).contains(&"Lists"), "{test}: the sound line is lost");
    (json, ran)
}

#[test]
fn nesting_of_a_hundred_thousand_levels() {
    let n = 100_000;
    let around = |open: &str, inner: &str, close: &str| {
        format!("let x = {}{inner}{}\n", open.repeat(n), close.repeat(n))
    };
    for (what, text) in [
        ("parentheses", around("(", "1", ")")),
        ("brackets", around("[", "1", "]")),
        ("begins", around("begin ", "1", " end")),
        ("lets", around("let a = 1 in ", "a", "")),
        ("functions", around("fun a -> ", "a", "")),
        ("ifs", around("if a then b else ", "c", "")),
        ("attributes", around("", "1", " [@a]")),
        ("comments", around("(*", "", "*)") + "1\n"),
    ] {
        let (json, _) = behind_a_sound_line(&format!("nest-{what}"), text.as_bytes());
        assert!(!codes(&json).contains(&"syntax"), "{what} are OCaml");
    }
    for open in ["(", "[", "begin ", "let a = ", "(*", "match a with B -> ", "struct ", "\"", "{|", "try "] {
        let text = format!("let x = {}\n", open.repeat(n));
        behind_a_sound_line("nest-open", text.as_bytes());
    }
    behind_a_sound_line("nest-close", ")".repeat(n).as_bytes());
}

#[test]
fn modules_nested_ten_thousand_deep() {
    let n = 10_000;
    let open: String = (0..n).map(|level| format!("module M{level} = struct ")).collect();
    behind_a_sound_line("nest-modules", format!("{open}let x = 1 {}\n", "end ".repeat(n)).as_bytes());
    let functors = format!("module F = {}struct end\n", "functor (X : S) -> ".repeat(n));
    behind_a_sound_line("nest-functors", functors.as_bytes());
    let applied = format!("type t = {}X{}.t\n", "F(".repeat(n), ")".repeat(n));
    behind_a_sound_line("nest-applications", applied.as_bytes());
}

/// Names that lead to one another in very many ways: each level of these doubles what is asked.
#[test]
fn names_that_double_at_every_level() {
    let levels = |first: &str, line: &dyn Fn(usize, usize) -> String| {
        let lines: String = (0..300).map(|level| line(level + 1, level)).collect();
        format!("{first}\n{lines}")
    };
    let includes = levels("module A0 = struct let x = 1 end", &|next, level| {
        format!("module A{next} = struct include A{level} include A{level} end\n")
    });
    let (json, _) = behind_a_sound_line("double-include", format!("{includes}let y = A300.z\n").as_bytes());
    assert!(codes(&json).contains(&"unresolved"), "what is not followed to its end is said");
    let opens = levels("module A0 = struct let x = 1 end", &|next, level| {
        format!("module A{next} = struct open A{level} open A{level} let z = zz end\n")
    });
    behind_a_sound_line("double-open", format!("{opens}let y = A300.z\n").as_bytes());
    let functors = levels("module F0 (X : S) = X", &|next, level| {
        format!("module F{next} (X : S) = F{level}(F{level}(X))\n")
    });
    behind_a_sound_line(
        "double-functor",
        format!("{functors}module Y = F300(List) let y = Y.z\n").as_bytes(),
    );
    let types = levels("module type S0 = sig val x : int end", &|next, level| {
        format!("module type S{next} = sig include S{level} module M : S{level} end\n")
    });
    behind_a_sound_line(
        "double-type",
        format!("{types}module F (X : S300) = struct let y = X.M.M.z end\n").as_bytes(),
    );
    let aliases: String = (0..50_000).map(|n| format!("module A{} = A{n}\n", n + 1)).collect();
    behind_a_sound_line(
        "alias-chain",
        format!("module A0 = List\n{aliases}let y = A50000.length\n").as_bytes(),
    );
    behind_a_sound_line("many-opens", ("open List\n".repeat(10_000) + "let y = zz\n").as_bytes());
    behind_a_sound_line(
        "itself",
        b"include Main\nmodule X = Main.X\nmodule rec Y : module type of Y = Y\nlet z = X.z\n",
    );
}

/// What says that a file was not followed to its end.
#[track_caller]
fn given_up(json: &Value) -> Vec<&Value> {
    let problems = json["problems"].as_array().expect("a list of problems");
    problems.iter().filter(|problem| problem.to_string().contains("in too many ways")).collect()
}

/// Each of these looks for its name in all opens before it: the file has a number of steps for that, and where they end is
/// said.
#[test]
fn ten_thousands_of_opens() {
    let of = |test: &str, line: &dyn Fn(usize) -> String| {
        let lines: String = (0..20_000).map(line).collect();
        behind_a_sound_line(test, lines.as_bytes()).0
    };
    for json in [
        of("opens-unknown", &|n| format!("open M_{n}\n")),
        of("opens-known", &|n| format!("module M{n} = struct let a{n} = 1 end open M{n} let b{n} = zz{n}\n")),
        of("opens-local", &|n| {
            if n == 0 { "let x = zz\n".to_owned() } else { "let x = let open List in zz\n".to_owned() }
        }),
    ] {
        for problem in given_up(&json) {
            assert!(problem["line"].as_u64().is_some_and(|line| line > 100), "{problem}");
        }
    }
    let nested = "let x = ".to_owned() + &"let open M in ".repeat(100_000) + "zz\n";
    behind_a_sound_line("opens-nested", nested.as_bytes());
    let json = of("opens-said", &|n| format!("open M_{n}\n"));
    assert_eq!(given_up(&json).len(), 1, "one problem says it for all names");
}

/// Which of ten thousand types of one constructor is meant, types tell: each use may be any of them, a hundred million in all.
#[test]
fn ten_thousand_types_of_the_same_constructors() {
    let types: String = (0..10_000).map(|n| format!("type t{n} = A | B\n")).collect();
    let uses: String = (0..10_000).map(|n| format!("let x{n} = A\n")).collect();
    let (json, _) = behind_a_sound_line("same-constructors", (types + &uses).as_bytes());
    let [problem] = given_up(&json)[..] else { panic!("one problem says it") };
    assert!(problem["line"].as_u64().is_some_and(|line| line > 10_001), "{problem}");
    let values: String = "let v = 1\n".to_owned() + &"let v = v\n".repeat(50_000);
    let (json, _) = behind_a_sound_line("shadowed", values.as_bytes());
    assert_eq!(given_up(&json), Vec::<&Value>::new(), "each value hides the one before");
}

/// A function of fifty thousand parameters is followed to its end.
#[test]
fn ten_thousands_of_parameters() {
    let names = |between: &str| (0..50_000).map(|n| format!("x{n}")).collect::<Vec<_>>().join(between);
    let text = format!("let f {} = {}\nlet () = ignore (Lists.sum [])\n", names(" "), names("+"));
    let (json, _) = behind_a_sound_line("parameters", text.as_bytes());
    assert_eq!(given_up(&json), Vec::<&Value>::new());
}

/// Thirty levels of includes that double have a thousand million ways; a name that none of them has is looked for in
/// each once.
#[test]
fn includes_that_double_are_followed_once() {
    let levels: String = (0..30)
        .map(|n| format!("module A{} = struct include A{n} include A{n} let x{n} = 1 end\n", n + 1))
        .collect();
    let text =
        format!("module A0 = struct let x = 1 end\n{levels}let y = A30.z\nlet () = A30.x; Lists.none\n");
    let (json, _) = behind_a_sound_line("double-once", text.as_bytes());
    assert_eq!(given_up(&json), Vec::<&Value>::new());
    let problems = json["problems"].to_string();
    for name in ["A30.z", "Lists.none"] {
        assert!(problems.contains(name), "{name}: {problems}");
    }
}

#[test]
fn a_chain_of_ten_thousands_of_aliases() {
    let chain: String = (0..50_000).map(|i| format!("module A{} = A{i}\n", i + 1)).collect();
    let text = format!("module A0 = List\n{chain}let y = A50000.length\n");
    let dir = Dir::new("alias-chain", &[("main.ml", &text)]);
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Stdlib__List"));
    let stats = dir.run(&["stats", "main.ml", "--format", "json", "--quiet", "--no-cache"]).expect(0).json();
    if let Some(peak) = stats["peak_memory_bytes"].as_u64() {
        assert!(peak < 500 << 20, "{peak} bytes of memory");
    }
}

#[test]
fn a_line_of_ten_megabytes() {
    let text = format!("let x = [| {} |]\n", "\"abcdefghijklmnopqrstuvw\"; ".repeat(400_000));
    let (json, _) = behind_a_sound_line("long-line", text.as_bytes());
    assert_eq!(codes(&json), Vec::<&str>::new(), "ten megabytes in a line are normal");
}

/// A generated module of fifty megabytes is read as any other, and in a part of the memory that one tree of it would take
/// (two gigabytes).
#[test]
fn a_generated_module_of_fifty_megabytes() {
    let line =
        "\"\\xe2\\x82abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\"; ";
    let table = line.repeat(2_000);
    let text: String = (0..280).map(|n| format!("let table_{n} = [| {table} |]\n\n")).collect();
    assert!(text.len() > 50_000_000, "{}", text.len());
    let dir = Dir::new("generated", &[]);
    dir.write("main.ml", format!("{text}let () = Lists.sum [1]\n").as_bytes());
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists") && codes(&json).is_empty(), "{:?}", codes(&json));
    let main = json["programs"][0]["linked_units"].as_array().expect("units").iter();
    let main = main.clone().find(|unit| unit["unit"] == "Main").expect("the main module");
    assert_eq!(main["definitions"], 281);
    let stats = dir.run(&["stats", "main.ml", "-p", "lists", "--format", "json", "--quiet"]).expect(0).json();
    if let Some(peak) = stats["peak_memory_bytes"].as_u64() {
        assert!(peak < 700 << 20, "{peak} bytes of memory");
    }
}

/// The grammar goes over a line from its start for every `#` in it.
#[test]
fn a_line_of_a_hundred_thousand_methods() {
    let calls = |n: usize| format!("let x o = o{}\n", "#m".repeat(n));
    let (json, _) = behind_a_sound_line("many-methods", calls(10_000).as_bytes());
    assert_eq!(codes(&json), Vec::<&str>::new(), "ten thousand are read");
    let dir = Dir::new("too-many-methods", &[]);
    let sound = "let () = Lists.sum [1]\n";
    dir.write("main.ml", format!("{}{}{}", sound, calls(100_000), sound).as_bytes());
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists"), "what stands around it is read");
    assert_eq!(codes(&json), ["unreadable"]);
    let many_lines = "let x o = o#m\n#1 \"a.ml\"\n".repeat(50_000);
    let (json, _) = behind_a_sound_line("many-lines", many_lines.as_bytes());
    assert!(!codes(&json).contains(&"unreadable"), "short lines are read, however many");
}

#[test]
fn an_item_that_is_too_long_is_said() {
    let dir = Dir::new("long-item", &[]);
    let table = format!("let table = [| {} |]\n", "0; ".repeat(7_000_000));
    dir.write("main.ml", format!("{table}let () = Lists.sum [1]\n").as_bytes());
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists"), "what stands behind it is read");
    assert_eq!(codes(&json), ["unreadable"]);
}

#[test]
fn bytes_that_are_no_text() {
    for (what, bytes) in [
        ("nul", vec![0; 100_000]),
        ("high", vec![0xff; 100_000]),
        ("noise", (0..1_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
    ] {
        let (json, _) = behind_a_sound_line(&format!("bytes-{what}"), &bytes);
        let word = if what == "high" { "not-utf8" } else { "syntax" };
        assert!(codes(&json).contains(&word), "{what}: {:?}", codes(&json));
    }
}

#[test]
fn line_ends_and_marks_of_other_systems() {
    let dir = Dir::new("crlf", &[("main.ml", "\u{feff}let () =\r\n  Lists.sum [1]\r\n")]);
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists") && codes(&json).is_empty());
    let why = dir.run(&["why", "Lists", "main.ml", "-p", "lists"]).expect(0).out.clone();
    assert!(why.contains("main.ml:2:2"), "{why}");
    dir.write("w/dune-project", b"\xef\xbb\xbf(lang dune 2.0)\r\n");
    dir.write("w/dune", b"\xef\xbb\xbf(executable\r\n (name go))\r\n");
    dir.write("w/go.ml", b"");
    dir.run(&["audit", "w", "--quiet"]).expect(0);
}

/// A workspace of one program, with a file of the given name and content beside its parts.
#[track_caller]
fn workspace_with(test: &str, path: &str, bytes: &[u8]) -> (Dir, Ran) {
    let dir = Dir::new(
        test,
        &[
            ("w/dune-project", "(lang dune 2.0)\n"),
            ("w/bin/dune", "(executable (name go))\n"),
            ("w/bin/go.ml", "let () = ()\n"),
        ],
    );
    dir.write(path, bytes);
    let started = Instant::now();
    let ran = dir.run(&["audit", "w", "--format", "json", "--quiet"]);
    assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    assert!(matches!(ran.code, Some(0 | 2)), "{:?}: {}", ran.code, ran.err);
    assert_eq!(ran.json()["programs"].as_array().map(Vec::len), Some(1), "{}", ran.err);
    (dir, ran)
}

/// Each stanza names one module of ten thousands that lie in its directory: what they have in common is worked out once.
#[test]
fn thousands_of_stanzas_in_one_directory() {
    let n = 20_000;
    let dir = Dir::new("stanzas", &[("w/dune-project", "(lang dune 2.0)\n"), ("w/go.ml", "let () = M7.x\n")]);
    let stanzas: String = (0..n).map(|i| format!("(library (name m{i}) (modules m{i}))\n")).collect();
    let go = "(executable (name go) (modules go) (libraries m7))\n";
    dir.write("w/dune", format!("{go}{stanzas}").as_bytes());
    (0..n).for_each(|i| dir.write(&format!("w/m{i}.ml"), b"let x = ()\n"));
    let started = Instant::now();
    let ran = dir.run(&["audit", "w", "--format", "json", "--quiet"]);
    assert!(started.elapsed() < Duration::from_secs(60), "it took {:?}", started.elapsed());
    assert!(linked(&ran.expect(0).json()).contains(&"M7"));
}

#[test]
fn build_files_of_rubbish() {
    let n = 100_000;
    for (what, text) in [
        ("open", "(".repeat(n).into_bytes()),
        ("close", ")".repeat(n).into_bytes()),
        ("nested", format!("(library (name x) (modules {}{}))", "(".repeat(n), ")".repeat(n)).into_bytes()),
        ("nul", vec![0; n]),
        ("high", vec![0xfe; n]),
        ("string", b"(library (name \"".repeat(1_000)),
        ("itself", b"(include dune) (subdir . (include dune)) (subdir ../.. (library (name x)))".to_vec()),
        ("comments", b"#|".repeat(n)),
        (
            "outside",
            b"(library (name x)) (copy_files ../../../../../*.ml) (subdir ../../.. (executable (name y)))"
                .to_vec(),
        ),
    ] {
        workspace_with(&format!("dune-{what}"), "w/other/dune", &text);
        workspace_with(&format!("project-{what}"), "w/other/dune-project", &text);
        workspace_with(&format!("opam-{what}"), "w/other.opam", &text);
    }
    workspace_with("dune-long", "w/other/dune", &b"(rule (targets a)) ".repeat(500_000));
}

/// Files that a lexer or parser would be made of: what is written for them is bounded as they are.
#[test]
fn lexers_and_grammars_of_rubbish() {
    let n = 50_000;
    let doubled = |name: &str| -> Vec<u8> {
        let named = (0..2_000).map(|i| format!("let a{} = a{i} a{i}\n", i + 1));
        format!("let a0 = {name}\n{}rule t = parse a2000 {{ 1 }}", named.collect::<String>()).into_bytes()
    };
    let around = |start: &str, open: &str, middle: &str, close: &str, end: &str| {
        format!("{start}{}{middle}{}{end}", open.repeat(n), close.repeat(n)).into_bytes()
    };
    for (what, text) in [
        ("parentheses", around("rule t = parse ", "(", "_", ")", "{ 1 }")),
        ("braces", around("rule t = parse _ {", "{", "", "}", "}")),
        ("open", around("rule t = parse _ ", "{", "", "", "")),
        ("names", around("rule t = parse _ ", " as x", "", " | _ as x", " { x }")),
        ("repeated", around("rule t = parse _", "*", "", "+", " { 1 }")),
        ("doubled", doubled("_")),
        ("doubled-names", doubled("_ as x")),
        ("rules", around("rule r = parse _ {}", " and r = parse _ {}", "", "refill {}", "")),
        ("string", around("rule t = parse \"", "abcdefgh", "", "ijklmnop", "\" {}")),
    ] {
        made_from(&format!("lexer-{what}"), "go.mll", "(ocamllex go)", &text);
    }
    for (what, text) in [
        ("actions", around("%%\na: ", "{}", "", "", "")),
        ("parentheses", around("%%\na: ", "f(", "X", ")", "{}")),
        ("names", around("%%\na: ", "x = Y ", "", "", "{}")),
        ("types", around("%token <", "int * ", "int> ", "A ", "%%")),
        ("starts", around("%start <int> ", "a ", "", "b ", "%%")),
        ("headers", around("", "%{ a %}", "", "%{", "")),
        ("angles", around("%token ", "<", "", ">", "")),
        ("rules", around("%%\n", "let a := x = B; < f > ", "", "", "")),
    ] {
        for (by, stanza) in [("yacc", "(ocamlyacc go)"), ("menhir", "(menhir (modules go) (flags --table))")]
        {
            made_from(&format!("{by}-{what}"), "go.mly", stanza, &text);
        }
    }
}

/// Audits a program whose module is made of a file.
#[track_caller]
fn made_from(test: &str, file: &str, stanza: &str, text: &[u8]) {
    let dune = format!("{stanza}\n(executable (name main))\n");
    let dir = Dir::new(
        test,
        &[
            ("w/dune-project", "(lang dune 2.0)\n(using menhir 2.0)\n"),
            ("w/dune", &dune),
            ("w/main.ml", "let () = ignore Go.t\n"),
        ],
    );
    dir.write(&format!("w/{file}"), text);
    let started = Instant::now();
    let ran = dir.run(&["audit", "w", "--format", "json", "--quiet"]);
    assert!(started.elapsed() < PATIENCE, "{test} took {:?}", started.elapsed());
    assert_eq!(ran.code, Some(0), "{test}: {}", ran.err);
}

/// Each file includes two others, in a circle and without: read to the depth that is allowed, they would be a million.
#[test]
fn files_that_include_each_other_twice() {
    for n in [17, 40] {
        let dir = Dir::new(
            &format!("includes-{n}"),
            &[
                ("w/dune-project", "(lang dune 2.0)\n"),
                ("w/bin/dune", "(executable (name go))\n(include f0.inc)\n"),
                ("w/bin/go.ml", "let () = ()\n"),
                ("w/bin/f40.inc", ""),
            ],
        );
        for file in 0..n {
            let included = format!("(include f{}.inc)\n", if n == 40 { file + 1 } else { (file + 1) % n });
            dir.write(&format!("w/bin/f{file}.inc"), included.repeat(2).as_bytes());
        }
        let started = Instant::now();
        let json = dir.run(&["audit", "w", "--format", "json", "--quiet"]).json();
        assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
        let problems = json["problems"].to_string();
        assert!(problems.contains("include each other more than 1000 times"), "{problems}");
        assert_eq!(json["programs"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn packages_of_rubbish() {
    let n = 100_000;
    for (what, text) in [
        ("open", "package \"a\" (".repeat(n).into_bytes()),
        ("close", ")".repeat(n).into_bytes()),
        ("nul", vec![0; n]),
        ("string", b"version = \"".repeat(n)),
        (
            "itself",
            b"requires = \"lists lists.a\" package \"a\" (requires = \"lists\" directory = \"..\")".to_vec(),
        ),
        ("outside", b"directory = \"../../../../../..\" archive(native) = \"/etc/passwd\"".to_vec()),
    ] {
        let dir = Dir::new(&format!("meta-{what}"), &[("main.ml", "let () = Lists.sum [1]\n")]);
        dir.write("packages/lists/META", &text);
        let ran = dir.run(&["audit", "main.ml", "-p", "lists", "--quiet"]);
        assert!(matches!(ran.code, Some(0 | 2)), "{what}: {:?} {}", ran.code, ran.err);
        dir.write("packages/lists/META", b"archive(native) = \"lists.cmxa\"\n");
        dir.write("packages/lists/dune-package", &text);
        let ran = dir.run(&["audit", "main.ml", "-p", "lists", "--quiet"]);
        assert!(matches!(ran.code, Some(0 | 2)), "{what}: {:?} {}", ran.code, ran.err);
    }
}

/// Packages of one file that all require the first one, and the next: each closes a circle as long as the way to it.
#[test]
fn thousands_of_packages_that_require_each_other() {
    let n = 5_000;
    let dir = Dir::new("circles", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let packages: String = (0..n)
        .map(|i| format!("package \"p{i}\" ( requires = \"lists.p0 lists.p{}\" )\n", (i + 1) % n))
        .collect();
    let meta = format!("archive(native) = \"lists.cmxa\"\nrequires = \"lists.p0\"\n{packages}");
    dir.write("packages/lists/META", meta.as_bytes());
    let (json, ran) = audit(&dir);
    assert!(linked(&json).contains(&"Lists"));
    assert!(ran.out.len() < 1 << 20, "{} bytes", ran.out.len());
    let problems = json["problems"].to_string();
    assert!(problems.contains("`lists.p0` requires `lists.p0`"), "a circle of one");
    assert!(problems.contains(&format!("packages require each other in {} more circles", n - 19)));
}

/// Each of a chain of packages without units may name what all behind it have.
#[test]
fn a_chain_of_twenty_thousand_packages() {
    let n = 20_000;
    let dir = Dir::new("package-chain", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let package = |i| format!("package \"p{i}\" ( requires = \"lists.p{}\" )\n", i + 1);
    let packages: String = (0..n).map(package).collect();
    let meta = format!("archive(native) = \"lists.cmxa\"\nrequires = \"lists.p0\"\n{packages}");
    dir.write("packages/lists/META", format!("{meta}package \"p{n}\" ( )\n").as_bytes());
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists"));
    let stats = dir.run(&["stats", "main.ml", "-p", "lists", "--format", "json", "--quiet"]).expect(0).json();
    if let Some(peak) = stats["peak_memory_bytes"].as_u64() {
        assert!(peak < 300 << 20, "{peak} bytes of memory");
    }
}

/// Every module is looked up in what dune says of its package.
#[test]
fn a_package_of_fifty_thousand_modules() {
    let module = |i: usize| {
        format!(
            "(module (obj_name lists__M{i}) (visibility public) (source (path M{i}) (impl (path m{i}.ml))))"
        )
    };
    let modules: String = (0..50_000).map(module).collect();
    let dir = Dir::new("many-modules", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let text = format!(
        "(lang dune 3.0)(library (name lists) (modules (wrapped (group (alias (obj_name lists__) (visibility public) \
         (kind alias) (source (path Lists__) (impl (path lists__.ml-gen)))) (name Lists) (modules (module (obj_name lists) \
         (visibility public) (source (path Lists) (impl (path lists.ml)))) {modules})) (wrapped true))))"
    );
    dir.write("packages/lists/dune-package", text.as_bytes());
    let started = Instant::now();
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists"));
    assert!(started.elapsed() < Duration::from_secs(30), "it took {:?}", started.elapsed());
}

#[test]
fn a_package_that_is_passed_over_is_said_to_be_there() {
    let dir = Dir::new("passed-over", &[("main.ml", "let () = Lists.sum [1]\n")]);
    dir.write("packages/lists/META", b"archive(native) = \"lists.cmxa\"\nexists_if = \"lists.cma\"\n");
    let ran = dir.run(&["audit", "main.ml", "-p", "lists"]);
    ran.expect(2);
    assert!(ran.err.contains("META:2:0: package `lists` is installed without any file of its `exists_if`"));
    assert!(!ran.err.contains("did you mean `lists`"), "{}", ran.err);
}

#[test]
fn archives_of_rubbish() {
    let mut huge = b"Caml1999Z030\x84\x95\xa6\xbe".to_vec();
    huge.extend([0xff; 24]);
    for (what, bytes) in [
        ("empty", Vec::new()),
        ("nul", vec![0; 10_000]),
        ("short", b"Caml1999Z030".to_vec()),
        ("huge", huge),
        ("elf", [b"\x7fELF\x02\x01\x01\0".to_vec(), vec![0xff; 4_000]].concat()),
        (
            "ar",
            [
                b"!<arch>\n".to_vec(),
                b"lists.o/        0           0     0     100644  9999999999`\n".to_vec(),
            ]
            .concat(),
        ),
        ("macho", [b"\xcf\xfa\xed\xfe\x07\x00\x00\x01".to_vec(), vec![0xff; 4_000]].concat()),
    ] {
        let dir = Dir::new(&format!("archive-{what}"), &[("main.ml", "let () = Lists.sum [1]\n")]);
        dir.write("packages/lists/lists.cmxa", &bytes);
        dir.write("packages/lists/lists.a", &bytes);
        let (json, _) = audit(&dir);
        assert!(linked(&json).contains(&"Lists"), "{what}: the source is still there");
        assert!(json["problems"].to_string().contains("lists.cmxa"), "{what}: {}", json["problems"]);
    }
}

#[cfg(unix)]
#[test]
fn links_in_circles_and_to_nowhere() {
    use std::os::unix::fs::symlink;
    let dir = Dir::new(
        "links",
        &[
            ("w/dune-project", "(lang dune 2.0)\n"),
            ("w/bin/dune", "(executable (name go))\n"),
            ("w/bin/go.ml", "let () = ()\n"),
        ],
    );
    let at = |path: &str| dir.0.join(path);
    symlink(at("w"), at("w/bin/up")).expect("links can be made");
    symlink(at("w/bin"), at("w/again")).expect("links can be made");
    symlink(at("w/round2"), at("w/round1")).expect("links can be made");
    symlink(at("w/round1"), at("w/round2")).expect("links can be made");
    symlink(at("w/round1"), at("w/bin/round.ml")).expect("links can be made");
    symlink("/dev/zero", at("w/bin/zero.ml")).expect("links can be made");
    symlink("/", at("w/everything")).expect("links can be made");
    let started = Instant::now();
    let ran = dir.run(&["audit", "w", "--format", "json", "--quiet"]);
    assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    assert!(ran.expect(0).json()["programs"].as_array().is_some_and(|programs| !programs.is_empty()));
}

/// To open a pipe waits for somebody who writes into it: nobody does.
#[cfg(unix)]
#[test]
fn pipes_and_links_to_pipes() {
    use std::os::unix::fs::symlink;
    let dir = Dir::new("pipes", &[("main.ml", "let () = Part.go (); Lists.sum [1]\n")]);
    let pipe = |path: &str| {
        let made = std::process::Command::new("mkfifo").arg(dir.0.join(path)).status();
        assert!(made.is_ok_and(|status| status.success()), "`mkfifo` is there");
    };
    pipe("pipe");
    symlink(dir.0.join("pipe"), dir.0.join("part.ml")).expect("links can be made");
    for path in ["packages/lists/lists.cmxa", "packages/lists/lists.a", "packages/lists/dune-package"] {
        pipe(path);
    }
    // The second run has what the first one kept.
    for _ in 0..2 {
        let (json, _) = audit(&dir);
        assert!(linked(&json).contains(&"Lists"));
        let problems = json["problems"].to_string();
        assert!(problems.contains("part.ml") && problems.contains("lists.cmxa"), "{problems}");
    }
    std::fs::remove_file(dir.0.join("packages/lists/META")).expect("ours");
    pipe("packages/lists/META");
    let ran = dir.run(&["audit", "main.ml", "-p", "lists", "--quiet"]);
    assert!(matches!(ran.code, Some(0 | 2)), "{:?} {}", ran.code, ran.err);
}

/// Devices give bytes for ever, or none until a key is pressed or the kernel has something to say.
#[cfg(unix)]
#[test]
fn links_to_devices() {
    use std::os::unix::fs::symlink;
    for device in ["/dev/zero", "/dev/tty", "/dev/null", "/proc/kmsg"] {
        if !std::path::Path::new(device).exists() {
            continue;
        }
        let dir = Dir::new(
            &format!("device{}", device.replace('/', "-")),
            &[
                ("main.ml", "let () = Part.go (); Lists.sum [1]\n"),
                ("packages/other/other.ml", "let x = 1\n"),
                ("w/dune-project", "(lang dune 2.0)\n"),
                ("w/go.ml", "let () = Part.go ()\n"),
            ],
        );
        let put = |path: &str| symlink(device, dir.0.join(path)).expect("links can be made");
        for path in [
            "part.ml",
            "packages/other/META",
            "packages/lists/lists.cmxa",
            "packages/lists/lists.a",
            "packages/lists/dune-package",
            "w/dune",
            "w/part.ml",
            "w/w.opam",
            "settings.toml",
        ] {
            put(path);
        }
        for _ in 0..2 {
            let (json, _) = audit(&dir);
            assert!(linked(&json).contains(&"Lists"), "{device}");
            let problems = json["problems"].as_array().expect("problems");
            let is_said = problems.iter().any(|problem| {
                let text = problem.to_string();
                text.contains("part.ml") && text.contains("not a regular file")
            });
            // Files of `/proc` are regular ones of no length.
            assert_eq!(is_said, device.starts_with("/dev"), "{device}: {problems:?}");
        }
        let ran = dir.run(&["audit", "w", "--quiet"]);
        assert!(matches!(ran.code, Some(0 | 2)), "{device}: {:?} {}", ran.code, ran.err);
        for option in ["--config", "--model"] {
            let ran = dir.run(&["audit", "main.ml", "--quiet", option, "settings.toml"]);
            if device.starts_with("/dev") {
                assert!(
                    ran.code == Some(2) && ran.err.contains("not a regular file"),
                    "{option}: {}",
                    ran.err
                );
            }
        }
        dir.run(&["diff", device, "main.ml", "--quiet"]).expect(2);
        // Whatever the cache kept lies behind a device now.
        let mut todo = vec![dir.0.join("cache")];
        while let Some(at) = todo.pop() {
            for entry in std::fs::read_dir(&at).expect("ours").map(|entry| entry.expect("ours").path()) {
                if entry.is_dir() {
                    todo.push(entry);
                } else {
                    std::fs::remove_file(&entry).expect("ours");
                    symlink(device, &entry).expect("links can be made");
                }
            }
        }
        let (json, _) = audit(&dir);
        assert!(linked(&json).contains(&"Lists"), "{device}");
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new(
        "forbidden",
        &[("main.ml", "let () = Part.go (); Lists.sum [1]\n"), ("part.ml", "let go = ()\n")],
    );
    let forbid = |path: &str| {
        std::fs::set_permissions(dir.0.join(path), std::fs::Permissions::from_mode(0o000))
            .expect("our own file");
    };
    forbid("part.ml");
    if std::fs::read(dir.0.join("part.ml")).is_ok() {
        return; // The superuser may read everything.
    }
    let (json, _) = audit(&dir);
    assert!(linked(&json).contains(&"Lists") && codes(&json).contains(&"unreadable"), "{:?}", codes(&json));
}

/// Files come and go while they are read: each run ends with an answer or an error, never otherwise.
#[test]
fn a_directory_that_changes_while_it_is_read() {
    let dir = Dir::new(
        "changes",
        &[
            ("w/dune-project", "(lang dune 2.0)\n"),
            ("w/bin/dune", "(executable (name go))\n"),
            ("w/bin/go.ml", "let () = A.x; B.x; C.x\n"),
        ],
    );
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n: usize = 0;
            while !stop.load(Ordering::Relaxed) {
                n += 1;
                for part in ["a", "b", "c"] {
                    let path = dir.0.join(format!("w/bin/{part}.ml"));
                    let text = format!("let x = ()\n{}", "let y = List.length\n".repeat(n % 50));
                    let _ = std::fs::write(&path, &text[..text.len() - n % 7]);
                    let _ = std::fs::create_dir(dir.0.join("w/bin/sub"));
                    let _ = std::fs::write(dir.0.join("w/bin/sub/dune"), "(library (name sub))");
                    let _ = std::fs::remove_dir_all(dir.0.join("w/bin/sub"));
                    let _ = std::fs::remove_file(&path);
                }
            }
        });
        for _ in 0..30 {
            let ran = dir.run(&["audit", "w", "--format", "json", "--quiet"]);
            if ran.code != Some(0) && ran.code != Some(2) || ran.err.contains("panicked") {
                stop.store(true, Ordering::Relaxed);
                panic!("{:?}: {}", ran.code, ran.err);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// Reading is all that is done: the tree is the same afterwards, and no command of it is run.
#[test]
fn nothing_is_written_and_nothing_is_run() {
    let dir = Dir::new(
        "untouched",
        &[
            ("w/dune-project", "(lang dune 2.0)\n"),
            (
                "w/bin/dune",
                "(executable (name go))\n(rule (with-stdout-to ran (run touch ran)))\n(rule (targets x.ml) (action (system \"touch ran\")))\n",
            ),
            ("w/bin/go.ml", "let () = X.x\n"),
        ],
    );
    let listing = || {
        let files = support::scratch::files_below(&dir.0.join("w"), &|_| true);
        files.into_iter().map(|path| (std::fs::read(&path).ok(), path)).collect::<Vec<_>>()
    };
    let before = listing();
    dir.run(&["audit", "w", "--quiet"]).expect(0);
    dir.run(&["graph", "w", "--quiet"]).expect(0);
    // Nor is there a cache in it where the process has no directory of its own for one.
    for home in ["", "home"] {
        let mut audit = dir.command(&["audit", "--quiet"]);
        audit.current_dir(dir.0.join("w")).env_remove("UNLITH_CACHE_DIR").env_remove("XDG_CACHE_HOME");
        Ran::new(audit.env("HOME", home).output().expect("the program runs")).expect(0);
    }
    assert_eq!(listing(), before);
}

/// No byte can be written: the cache keeps nothing, and the answer is the same.
#[test]
#[cfg(unix)]
fn a_full_disk_under_the_cache() {
    let dir = Dir::new("full-disk", &[("main.ml", "let () = Lists.sum [1]\n")]);
    let audit = ["audit", "main.ml", "-p", "lists", "--format", "json", "--quiet"];
    let expected = dir.run(&[&audit[..], &["--no-cache"]].concat());
    let full = |script: &str| {
        let command = dir.command(&audit);
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(format!("trap '' XFSZ; {script}; exec \"$0\" \"$@\"")).current_dir(&dir.0);
        shell.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(key, value),
                None => shell.env_remove(key),
            };
        }
        Ran::new(shell.output().expect("a shell"))
    };
    // Files stop at no byte at all, in the middle of a result, and nowhere.
    for script in ["ulimit -f 0", "ulimit -f 1", "true"] {
        let ran = full(script);
        assert_eq!((ran.code, &ran.out), (Some(0), &expected.out), "{script}: {}", ran.err);
    }
    // What was cut short is not taken for a result.
    assert_eq!(dir.run(&audit).out, expected.out);
    let ran = full("ulimit -f 0; UNLITH_CACHE_DIR=/dev/full/cache; export UNLITH_CACHE_DIR");
    assert_eq!(ran.out, expected.out, "{}", ran.err);
}

/// Processes that write changes at the same time: some are told to wait, and what the others wrote can all be taken back.
#[cfg(unix)]
#[test]
fn changes_are_made_one_after_the_other() {
    let big = |name: &str| format!("let {name} a b c = (a, b, c{})\n", ", a, b, c".repeat(200));
    let mut files = vec![("w/dune-project".to_owned(), "(lang dune 2.0)\n".to_owned())];
    let mut uses = String::new();
    for n in 0..4 {
        files.push((format!("w/lib{n}/dune"), format!("(library (name lib{n}))\n")));
        files.push((format!("w/lib{n}/tools.ml"), big("first") + &big("second")));
        uses.push_str(&format!("let () = ignore (Lib{n}.Tools.first 1 2 3)\n"));
    }
    files.push(("w/bin/dune".into(), "(executable (name go) (libraries lib0 lib1 lib2 lib3))\n".into()));
    files.push(("w/bin/go.ml".into(), uses));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let dir = Dir::new("at-once", &files);
    let sources = || {
        let files = support::scratch::files_below(&dir.0.join("w"), &|_| true);
        files.into_iter().map(|path| (std::fs::read(&path).ok(), path)).collect::<Vec<_>>()
    };
    let before = sources();
    for _ in 0..5 {
        let start = |n: usize| {
            let id = format!("partition-unit:Lib{n}__Tools");
            let mut command = dir.command(&["split", "-C", "w", "--min-saving", "200", &id, "--apply"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            command.spawn().expect("the program runs")
        };
        let children: Vec<_> = (0..4).map(start).collect();
        let mut n_done = 0;
        for child in children {
            let ran = Ran::new(child.wait_with_output().expect("it is our child"));
            match ran.code {
                Some(0) => n_done += 1,
                code => assert!(code == Some(2) && ran.err.contains("help: "), "{code:?}: {}", ran.err),
            }
        }
        assert!(n_done > 0, "nobody was first");
        for _ in 0..n_done {
            dir.run(&["split", "-C", "w", "--reverse"]).expect(0);
        }
        assert_eq!(sources(), before);
    }
}

/// The process is killed anywhere while it writes a change: the sources are as before, or as after, or `--reverse` brings back
/// what was before. (Every single operation is tried in `cli::apply`; here it is a real process.)
#[test]
fn a_change_is_interrupted() {
    let big = |name: &str| format!("let {name} a b c = (a, b, c{})\n", ", a, b, c".repeat(200));
    let dir = Dir::new(
        "interrupted",
        &[
            ("w/dune-project", "(lang dune 2.0)\n"),
            ("w/lib/dune", "(library (name lib))\n"),
            ("w/lib/tools.ml", &(big("first") + &big("second"))),
            ("w/bin/dune", "(executable (name go) (libraries lib))\n"),
            ("w/bin/go.ml", "let () = ignore (Lib.Tools.first 1 2 3)\n"),
        ],
    );
    let sources = || {
        let files = support::scratch::files_below(&dir.0.join("w"), &|_| true);
        let is_source = |path: &std::path::PathBuf| {
            path.file_name().is_some_and(|name| !name.to_string_lossy().contains("unlith"))
        };
        let files = files.into_iter().filter(is_source);
        files.map(|path| (std::fs::read(&path).ok(), path)).collect::<Vec<_>>()
    };
    let split = |more: &[&str]| dir.command(&[&["split", "-C", "w", "--min-saving", "200"], more].concat());
    let before = sources();
    let apply = ["partition-unit:Lib__Tools", "--apply"];
    let started = Instant::now();
    let ran = Ran::new(split(&apply).output().expect("the program runs"));
    let whole = started.elapsed();
    ran.expect(0);
    let after = sources();
    assert_ne!(before, after);
    Ran::new(split(&["--reverse"]).output().expect("the program runs")).expect(0);
    assert_eq!(sources(), before);
    let mut n_killed = 0;
    for nth in 0..40 {
        let mut command = split(&apply);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().expect("the program runs");
        std::thread::sleep(whole * nth / 36);
        n_killed += u32::from(child.try_wait().expect("it is our child").is_none());
        let _ = child.kill();
        let _ = child.wait();
        let interrupted = sources();
        let reversed = Ran::new(split(&["--reverse"]).output().expect("the program runs"));
        assert!(reversed.code == Some(0) || interrupted == before, "{nth}: {}", reversed.err);
        assert_eq!(sources(), before, "killed at {nth} of 36");
    }
    assert!(n_killed > 0, "it was never interrupted");
}

/// The same command, started so that it hears signals, whatever this process has been told to ignore (`nohup`): the program keeps
/// to what it was told.
fn heard(command: std::process::Command) -> std::process::Command {
    let mut by_env = std::process::Command::new("env");
    by_env.arg("--default-signal=INT,TERM,HUP").arg(command.get_program()).args(command.get_args());
    by_env.current_dir(command.get_current_dir().expect("it has one"));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => by_env.env(name, value),
            None => by_env.env_remove(name),
        };
    }
    let knows_signals = std::process::Command::new("env")
        .args(["--default-signal=INT", "true"])
        .output()
        .is_ok_and(|output| output.status.success());
    if knows_signals { by_env } else { command }
}

/// A build that does not end is ended, by Ctrl-C, by a request to end or by the limit: nothing that it has started runs on, and no
/// copy stays.
#[test]
fn a_build_is_interrupted() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new(
        "interrupted-build",
        &[
            ("w/dune-project", "(lang dune 2.0)\n"),
            ("w/dune", "(executable (name go))\n"),
            ("w/go.ml", "let () = List.iter ignore []\n"),
            // What it starts says that it runs, again and again; nobody asks it to end but by its group.
            ("bin/dune", "#!/bin/sh\n(while :; do touch \"$BEAT\"; sleep 0.02; done) &\nwait\n"),
            (
                "bin-deaf/dune",
                "#!/bin/sh\ntrap '' TERM\n(while :; do touch \"$BEAT\"; sleep 0.02; done) &\nwait\n",
            ),
            ("tmp/empty", ""),
        ],
    );
    let (beat, tmp) = (dir.0.join("beat"), dir.0.join("tmp"));
    std::fs::remove_file(tmp.join("empty")).expect("it was written");
    for (bin, signal) in
        [("bin", "INT"), ("bin", "TERM"), ("bin", "HUP"), ("bin-deaf", "INT"), ("bin-deaf", "")]
    {
        let case = format!("{bin}, {signal}");
        std::fs::set_permissions(dir.0.join(bin).join("dune"), PermissionsExt::from_mode(0o755))
            .expect("a file of ours");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([dir.0.join(bin)].into_iter().chain(std::env::split_paths(&path)));
        let limit = if signal.is_empty() { "1" } else { "600" };
        let arguments = ["verify", "-C", "w", "--quiet", "--limit", limit];
        let mut command = heard(dir.command(&arguments));
        command.env("PATH", path.expect("no odd names")).env("TMPDIR", &tmp).env("BEAT", &beat);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
        let started = Instant::now();
        let child = command.spawn().expect("the program runs");
        while !beat.exists() {
            assert!(started.elapsed() < PATIENCE, "{case}: the build does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        if !signal.is_empty() {
            let id = child.id().to_string();
            let sent = std::process::Command::new("kill").args(["-s", signal, &id]).status();
            assert!(sent.is_ok_and(|status| status.success()), "{case}: no `kill`");
        }
        let ran = Ran::new(child.wait_with_output().expect("it is our child"));
        assert!(started.elapsed() < PATIENCE, "{case}: it took {:?}", started.elapsed());
        if signal.is_empty() {
            assert!(ran.code == Some(2) && ran.err.contains("took longer than 1 s"), "{case}: {}", ran.err);
        } else {
            assert_eq!((ran.code, ran.err.as_str()), (Some(130), ""), "{case}");
        }
        let left: Vec<_> =
            std::fs::read_dir(&tmp).expect("ours").flatten().map(|entry| entry.path()).collect();
        assert!(left.is_empty(), "{case}: {left:?}");
        std::fs::remove_file(&beat).expect("it was there");
        std::thread::sleep(Duration::from_millis(300));
        assert!(!beat.exists(), "{case}: the build runs on");
    }
}
