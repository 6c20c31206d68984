//! `_tags` files, and what they say of a file.

use super::*;

fn of(text: &str, stem: &str) -> Tagged {
    read(text, stem, Path::new("/p"), &["src".to_owned(), "src/deep".to_owned(), "test".to_owned()])
}

#[test]
fn packages_of_a_program() {
    let text = "true: bin_annot, package(str) # all\n<src/*>: include, package(re)\n\
                <src/main.{byte,native}> or \"src/other.native\": package(unix), linkall, use_kit\n<test/**>: package(alcotest)\n";
    let main = of(text, "src/main");
    assert_eq!(main.packages, ["str", "re", "unix"]);
    assert!(main.linkall);
    assert_eq!(main.uses, ["kit"]);
    assert_eq!(main.include_dirs, [Path::new("/p/src/deep")]);
    assert_eq!(of(text, "src/other").packages, ["str", "re", "unix"]);
    assert_eq!(of(text, "test/deep/t").packages, ["str", "alcotest"]);
    assert_eq!(of("true: package(a)\n<m.*>: -package(a), thread", "m").packages, ["threads"]);
    assert_eq!(of("<**/*.ml> and not <src/**>: package(a)", "src/m").packages, [""; 0]);
    assert_eq!(
        of("\"src\" or \"test\": include", "m").include_dirs,
        ["/p/src", "/p/test"].map(PathBuf::from)
    );
}

#[test]
fn tags_of_a_path_and_texts_without_one() {
    let text = "true: debug\n<src/*.cmx> and not <src/lib.cmx>: for-pack(Lib), inline(3)\n\"src/a.cmx\": -debug, own\n";
    let tags = |path: &str| tags_of(text, path).into_iter().collect::<Vec<_>>();
    assert_eq!(tags("src/a.cmx"), ["for-pack(Lib)", "inline(3)", "own"]);
    assert_eq!(tags("src/lib.cmx"), ["debug"]);
    assert_eq!(
        without_tag("<a>: x, for-pack(L), y\n<b>: for-pack(L)\n<c>: for-pack(L), z\n", "for-pack(L)"),
        "<a>: x, y\n<c>: z\n"
    );
    assert_eq!(listed("A src/B # C\n\nD\n"), ["A", "src/B", "D"]);
}

#[test]
fn programs_are_named_by_what_is_made_of_them() {
    let text = "true: package(a)\n<src/*.ml*>: warn(A)\n<src/main.{byte,native}>: package(b)\n".to_owned();
    let tags = Tags { file: "/p/_tags".into(), root: "/p".into(), text, subdirs: Vec::new() };
    let names = |path: &str| tags.names_program(Path::new(path));
    assert!(names("/p/src/main.ml") && !names("/p/src/other.ml") && !names("/q/src/main.ml"));
}

#[test]
fn globs() {
    for (glob, path) in [("**/*.ml", "a/b/c.ml"), ("**/*.ml", "c.ml"), ("a?[0-9]", "ab3"), ("s**", "s/x/y")] {
        assert!(matches(glob, path), "{glob} {path}");
    }
    for (glob, path) in [("*.ml", "a/c.ml"), ("a?", "a/"), ("[^a]", "a"), ("[", "["), ("src/**/x", "srcx")] {
        assert!(!matches(glob, path), "{glob} {path}");
    }
}

#[test]
fn broken_lines_say_nothing() {
    for text in
        ["<a.ml", "<a.ml> package(x)", "or: package(x)", "(((: package(x)", "<*>&: package(x)", ": x", "~"]
    {
        assert_eq!(of(text, "a"), Tagged::default(), "{text}");
    }
    assert_eq!(of(&format!("{}true: package(x)", "not ".repeat(100_000)), "a"), Tagged::default());
}
