//! Mutated input for everything that reads bytes: never a panic, never a hang, memory in proportion.
//!
//! `cargo test --test fuzz` replays `fuzz/corpus` and some thousand mutations of it, the same in every run.
//! `UNLITH_FUZZ_SECONDS=300 cargo test --test fuzz -- ocaml` goes on for that long with mutations that no run has seen, on one
//! target or, without a name, on all; what fails is kept in the corpus as `failed-..` and from then on is part of every run.
//! Stable Rust has no coverage to steer by, so the mutations cut, splice and repeat what the seeds have, with words that
//! matter to the target.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use unlith::base::Idx;
use unlith::parse::{FileFacts, made_text, parse_file};
use unlith::project::{
    Generator, LoadOptions, MenhirFlags, SourceKind, load_installed, load_workspace, read_cma, read_cmx,
    read_cmxa,
};
use unlith::size::{CLibrary, measure_objects, read_executable};

/// No input of this size may take longer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// Inputs are at most this long.
const MAX_BYTES: usize = 20_000;

const OCAML: &[&str] = &[
    "let ",
    "in ",
    "module ",
    "struct ",
    "end ",
    "sig ",
    "(",
    ")",
    "(*",
    "*)",
    "\"",
    "{|",
    "|}",
    "[@",
    "[%%",
    "]",
    "type t = ",
    "functor ",
    "with ",
    "match ",
    "| ",
    "-> ",
    ";;",
    "#",
    "\n# 1 \"a\"\n",
    "'",
    "`A",
    ".(",
    "object ",
    "\0",
    "\u{feff}",
    "\r\n",
];
const GRAMMAR: &[&str] = &[
    "rule a = parse ",
    "and b x = shortest ",
    "let c = ",
    "refill {",
    "{ d lexbuf }",
    "eof",
    " as e ",
    "['a'-'z' '\\'']",
    "\"}\"",
    "(*",
    "*)",
    "/*",
    "//",
    "%{",
    "%}",
    "%%",
    "%token <int list> F \"f\"",
    "%start <unit> g",
    "%parameter <M : S>",
    "%inline ",
    "h(X): x = X; ~ = y { x $1 $startpos(y) }",
    "let i := ",
    "< J.k >",
    "(",
    ")",
    "|",
    "*",
    "+",
    "?",
    "#",
    "\0",
];
const SEXP: &[&str] = &[
    "(",
    ")",
    "\"",
    ";",
    "#|",
    "|#",
    "#;",
    "\\",
    "%{",
    "(include ",
    "(subdir ",
    "(select ",
    "\n",
    "\0",
    "(library ",
    "..",
    "/",
];
const META: &[&str] =
    &["package \"", "(", ")", "=", "+=", "\"", "requires", "directory", "^", "..", "#", "\n", "\\", "-x"];
const BYTES: &[&str] =
    &["\0\0\0\0", "\u{7f}ELF", "!<arch>\n", "`\n", "Caml1999", "//", ".text", "caml", "\u{1}"];

#[test]
fn ocaml() {
    run("ocaml", OCAML, |bytes| check(&parse_file(bytes, SourceKind::Implementation)));
}

#[test]
fn interface() {
    run("interface", OCAML, |bytes| check(&parse_file(bytes, SourceKind::Interface)));
}

#[test]
fn lexer() {
    run("lexer", GRAMMAR, |bytes| check_made(bytes, &Generator::Ocamllex));
}

#[test]
fn grammar() {
    let flags = MenhirFlags { is_table: true, has_inspection: true, ..MenhirFlags::default() };
    run("grammar", GRAMMAR, |bytes| {
        check_made(bytes, &Generator::YaccOrMenhir);
        check_made(bytes, &Generator::Menhir(flags.clone()));
    });
}

/// What a generator will make of some bytes has its places in them.
fn check_made(bytes: &[u8], generator: &Generator) {
    for kind in [SourceKind::Implementation, SourceKind::Interface] {
        if let Some(made) = made_text(bytes, generator, kind) {
            check(&made.relocate(parse_file(made.text(), kind), bytes));
        }
    }
}

#[test]
fn dune() {
    let dir = Dir::new("dune");
    run("dune", SEXP, |bytes| {
        dir.write("dune-project", b"(lang dune 2.0)");
        dir.write("a.ml", b"");
        dir.write("dune", bytes);
        let _ = load_workspace(&dir.0, &dir.options());
        dir.write("dune", b"(executable (name a))");
        dir.write("dune-project", bytes);
        let _ = load_workspace(&dir.0, &dir.options());
    });
}

#[test]
fn meta() {
    let dir = Dir::new("meta");
    run("meta", META, |bytes| {
        dir.write("lib/p/META", bytes);
        let options = LoadOptions { packages: vec!["p".into(), "p.sub".into()], ..dir.options() };
        let _ = load_installed(&options);
    });
}

#[test]
fn dune_package() {
    let dir = Dir::new("dune-package");
    run("dune-package", SEXP, |bytes| {
        dir.write("lib/p/META", b"archive(native) = \"p.cmxa\"");
        dir.write("lib/p/dune-package", bytes);
        let _ = load_installed(&LoadOptions { packages: vec!["p".into()], ..dir.options() });
    });
}

#[test]
fn object() {
    run("object", BYTES, |bytes| {
        let _ = measure_objects(bytes);
        let _ = CLibrary::read(bytes);
    });
}

#[test]
fn executable() {
    run("executable", BYTES, |bytes| _ = read_executable(bytes));
}

#[test]
fn cmx() {
    run("cmx", BYTES, |bytes| {
        let _ = read_cmx(bytes);
        let _ = read_cmxa(bytes);
        let _ = read_cma(bytes);
    });
}

/// Facts as the cache keeps them: what is spoilt is an error, or other facts.
#[test]
fn facts() {
    let text = std::fs::read(corpus("ocaml").join("wide.ml")).expect("a seed");
    let seed =
        postcard::to_stdvec(&parse_file(&text, SourceKind::Implementation)).expect("facts can be written");
    run_with("facts", BYTES, vec![seed], |bytes| _ = postcard::from_bytes::<FileFacts>(bytes));
}

/// What every reader of facts takes for granted.
fn check(facts: &FileFacts) {
    // As `FileFacts::refs` says: behind a syntax error the parser may hand over parts of a module type out of order.
    let is_ordered = facts.refs.windows(2).all(|two| two[0].span.start <= two[1].span.start);
    assert!(is_ordered || !facts.errors.is_empty());
    for reference in &facts.refs {
        assert!(reference.path.range().end <= facts.names.len() && reference.span.end <= facts.n_bytes);
        assert!(reference.scope.idx() < facts.scopes.len());
    }
    for (id, scope) in facts.scopes.iter().enumerate() {
        assert!(scope.parent.idx() <= id);
    }
    for item in &facts.items {
        assert!(item.refs.start <= item.refs.end && item.refs.end as usize <= facts.refs.len());
        assert!(item.parent.idx() < facts.structures.len() && item.span.start <= item.span.end);
    }
}

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn run(target: &str, words: &[&str], test: impl Fn(&[u8])) {
    run_with(target, words, Vec::new(), test);
}

fn run_with(target: &str, words: &[&str], mut seeds: Vec<Vec<u8>>, test: impl Fn(&[u8])) {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(corpus(target)).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    seeds.extend(files.iter().filter_map(|file| std::fs::read(file).ok()));
    assert!(!seeds.is_empty(), "no seeds for {target}");
    seeds.iter().for_each(|seed| one(target, seed, false, &test));
    let seconds = std::env::var("UNLITH_FUZZ_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
    let clock =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |time| time.as_nanos() as u64);
    let mut dice = Dice(seconds.map_or(0x9e37_79b9, |_| clock | 1));
    let started = Instant::now();
    let mut n_inputs: u64 = 0;
    loop {
        match seconds {
            Some(seconds) if started.elapsed() >= Duration::from_secs(seconds) => break,
            None if n_inputs >= 1_500 => break,
            _ => {}
        }
        let mut input = seeds[dice.below(seeds.len())].clone();
        for _ in 0..1 + dice.below(6) {
            mutate(&mut input, &mut dice, words, &seeds);
        }
        input.truncate(MAX_BYTES);
        one(target, &input, seconds.is_some(), &test);
        n_inputs += 1;
    }
    eprintln!("{target}: {n_inputs} inputs in {:?}", started.elapsed());
}

/// Runs one input; what fails is kept when `keeps`. While a long run is at it, the input lies in `running-..`, so that it is there
/// even when the process is gone.
fn one(target: &str, input: &[u8], keeps: bool, test: &impl Fn(&[u8])) {
    let running = std::env::temp_dir().join(format!("unlith-fuzz-{}-{target}", std::process::id()));
    if keeps {
        let _ = std::fs::write(&running, input);
    }
    let started = Instant::now();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(input)));
    let is_slow = started.elapsed() > PATIENCE;
    if result.is_err() || is_slow {
        let name = format!(
            "failed-{:08x}",
            input.iter().fold(7_u32, |h, &b| h.wrapping_mul(31).wrapping_add(b.into()))
        );
        if keeps {
            let _ = std::fs::write(corpus(target).join(&name), input);
        }
        panic!(
            "{target}: {name}, {} bytes, took {:?}: {:?}",
            input.len(),
            started.elapsed(),
            input.escape_ascii().to_string()
        );
    }
    if keeps {
        let _ = std::fs::remove_file(&running);
    }
}

fn mutate(input: &mut Vec<u8>, dice: &mut Dice, words: &[&str], seeds: &[Vec<u8>]) {
    let at = dice.below(input.len() + 1);
    let end = (at + dice.below(64)).min(input.len());
    match dice.below(9) {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 if at < input.len() => input[at] = dice.below(256) as u8,
        2 => drop(input.drain(at..end)),
        3 => {
            let word = words[dice.below(words.len())].as_bytes();
            drop(input.splice(at..at, word.iter().copied()));
        }
        4 => {
            let part = input[at..end].to_vec();
            let times = 1 + dice.below(30);
            drop(input.splice(at..at, part.repeat(times)));
        }
        5 => {
            let other = &seeds[dice.below(seeds.len())];
            let start = dice.below(other.len() + 1);
            let stop = (start + dice.below(400)).min(other.len());
            drop(input.splice(at..end, other[start..stop].iter().copied()));
        }
        6 => input.truncate(at),
        7 => {
            // Numbers of two, four and eight bytes at their limits.
            let values: [u64; 6] = [0, 1, 0x7fff_ffff, 0xffff_ffff, u64::MAX, 0x8000_0000_0000_0000];
            let bytes = values[dice.below(6)].to_le_bytes();
            let n = [2, 4, 8][dice.below(3)];
            for (place, byte) in input.iter_mut().skip(at).zip(&bytes[..n]) {
                *place = *byte;
            }
        }
        _ => {
            let word = words[dice.below(words.len())].repeat(1 + dice.below(200));
            drop(input.splice(at..at, word.into_bytes()));
        }
    }
}

/// Numbers that look like chance (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// A directory that goes away with the test.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Dir {
        let dir = std::env::temp_dir().join(format!("unlith-fuzz-dir-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        Dir(dir)
    }
    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("temporary files can be made");
        std::fs::write(path, bytes).expect("temporary files can be made");
    }
    fn options(&self) -> LoadOptions {
        let mut options = LoadOptions::of_process();
        options.ocamlpath = Some(self.0.join("lib").display().to_string());
        options.environment = unlith::project::Environment {
            ocamllib: Some(self.0.join("ocaml").display().to_string()),
            working_dir: Some(self.0.clone()),
            ..Default::default()
        };
        options
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
