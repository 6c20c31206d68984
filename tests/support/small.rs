//! `unlith` run in a directory of its own, with a standard library and a package that are small sources of ours.

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A directory that goes away with the test.
pub(crate) struct Dir(pub(crate) PathBuf);

impl Dir {
    /// Makes a directory with a standard library (`ocaml/`), a package `lists` (`packages/`) and these files.
    pub(crate) fn new(test: &str, files: &[(&str, &str)]) -> Dir {
        let dir = Dir(std::env::temp_dir().join(format!("unlith-small-{}-{test}", std::process::id())));
        let _ = std::fs::remove_dir_all(&dir.0);
        for (path, text) in OCAML.iter().chain(files) {
            dir.write(path, text.as_bytes());
        }
        dir
    }
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("inside the directory"))
            .expect("a writable temporary directory");
        std::fs::write(path, bytes).expect("a writable temporary directory");
    }
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unlith"));
        command.args(args).current_dir(&self.0);
        command.env("OCAMLLIB", self.0.join("ocaml")).env("OCAMLPATH", self.0.join("packages"));
        command.env("OCAMLFIND_CONF", self.0.join("none.conf"));
        command.env("UNLITH_CACHE_DIR", self.0.join("cache"));
        command.env_remove("OPAM_SWITCH_PREFIX").env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
        command
    }
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::new(self.command(args).output().expect("the program runs"))
    }
}

impl Dir {
    /// Runs git in a directory of this one, as somebody; returns whether all went well.
    pub(crate) fn git(&self, at: &str, args: &[&str]) -> bool {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.0.join(at)).args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
        let output = command.args(args).stdin(std::process::Stdio::null()).output();
        output.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A standard library with what every program links, and one package.
const OCAML: &[(&str, &str)] = &[
    ("ocaml/camlinternalFormatBasics.ml", "let erase_rel x = x\n"),
    ("ocaml/camlinternalAtomic.ml", "let make v = ref v\n"),
    (
        "ocaml/stdlib.ml",
        "external ( + ) : int -> int -> int = \"%addint\"\nlet keep = CamlinternalFormatBasics.erase_rel\n\
         let exit_function = CamlinternalAtomic.make ignore\nlet do_at_exit () = !exit_function ()\n\
         module List = Stdlib__List\nmodule Set = Stdlib__Set\n",
    ),
    (
        "ocaml/list.ml",
        "let rec iter f = function [] -> () | x :: l -> f x; iter f l\nlet length l = iter ignore l\n",
    ),
    ("ocaml/set.ml", "let empty = []\n"),
    ("ocaml/stdlib__List.ml", ""),
    ("ocaml/std_exit.ml", "let _ = do_at_exit ()\n"),
    ("packages/lists/META", "version = \"1\"\narchive(native) = \"lists.cmxa\"\n"),
    ("packages/lists/lists.ml", "let sum l = List.length l\nlet other = Helper.big\n"),
    ("packages/lists/helper.ml", "let big = Set.empty\n"),
];

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn new(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error} in {}\n{}", self.out, self.err))
    }
    #[track_caller]
    pub(crate) fn expect(&self, code: i32) -> &Ran {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self
    }
}

/// The linked units of the first program, in order.
pub(crate) fn linked(json: &Value) -> Vec<&str> {
    let units = json["programs"][0]["linked_units"].as_array().expect("a list of units");
    units.iter().map(|unit| unit["unit"].as_str().expect("a name")).collect()
}
