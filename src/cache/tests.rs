use super::*;
use std::fs;
use std::path::{Path, PathBuf};

struct Dir(PathBuf);

impl Dir {
    fn new(test: &str) -> Dir {
        let dir = std::env::temp_dir().join(format!("unlith-cache-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        Dir(dir)
    }
    fn cache(&self) -> Cache {
        Cache::over(Store::new(self.0.clone(), 1 << 20))
    }
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = trim::entries(&self.0).into_iter().map(|entry| entry.path).collect();
        files.sort();
        files
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the cache gives for a content, and whether it was worked out.
fn ask(cache: &Cache, content: &[u8]) -> (Vec<u32>, bool) {
    let mut is_made = false;
    let result = cache.of("bytes", content, || {
        is_made = true;
        content.iter().map(|&byte| u32::from(byte)).collect::<Vec<u32>>()
    });
    (result, is_made)
}

#[test]
fn a_result_is_made_once() {
    let dir = Dir::new("once");
    let content = vec![7; 1000];
    let first = ask(&dir.cache(), &content);
    let again = ask(&dir.cache(), &content);
    assert_eq!((first.1, again.1), (true, false));
    assert_eq!(first.0, again.0);
    assert!(ask(&dir.cache(), &[8; 1000]).1, "another content has a result of its own");
    let other: Vec<u32> = dir.cache().of("other", &content, Vec::new);
    assert!(other.is_empty(), "and so has another question");
    assert!(dir.0.join("CACHEDIR.TAG").exists());
}

#[test]
fn an_answer_holds_while_what_it_was_made_from_is_the_same() {
    let dir = Dir::new("answer");
    let read = dir.0.join("read");
    fs::create_dir_all(read.join("directory")).expect("a temporary directory");
    fs::write(read.join("file"), "text").expect("a temporary directory");
    let question = |cache: &Cache| cache.question(&[&"what"]).expect("there is a store");
    let text = vec!["this ".to_owned(), "and that".to_owned()];
    let kept = Answer { said: "said".to_owned(), text: text.clone(), is_incomplete: true };
    let is_known = || {
        let cache = dir.cache();
        let answer = cache.answer(question(&cache));
        assert!(answer.is_none() || answer.as_ref() == Some(&kept));
        answer.is_some()
    };
    let keep = || {
        let cache = dir.cache();
        // A directory may be named like a file that is looked for.
        assert!(cache.read_bytes(&read.join("directory")).is_err());
        assert!(cache.read_bytes(&read.join("nothing")).is_err());
        assert!(cache.is_file(&read.join("file")) && cache.read_bytes(&read.join("file")).is_ok());
        cache.keep(question(&cache), "said", &text, true);
    };
    assert!(!is_known());
    keep();
    assert!(is_known());
    fs::write(read.join("file"), "other").expect("a temporary directory");
    assert!(!is_known(), "a file says something else");
    keep();
    assert!(is_known());
    fs::remove_dir(read.join("directory")).expect("it is empty");
    assert!(!is_known(), "a directory is gone");
    keep();
    fs::write(read.join("nothing"), "").expect("a temporary directory");
    assert!(!is_known(), "there is a file where nothing was");
}

/// To open a pipe waits for somebody who writes into it: nobody does.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_another_answer() {
    let dir = Dir::new("pipe");
    fs::create_dir_all(&dir.0).expect("a temporary directory");
    let file = dir.0.join("read");
    fs::write(&file, "text").expect("a temporary directory");
    let question = |cache: &Cache| cache.question(&[&"what"]).expect("results are kept");
    let cache = dir.cache();
    assert!(cache.read_bytes(&file).is_ok());
    cache.keep(question(&cache), "", &["answer".to_owned()], false);
    assert!(dir.cache().answer(question(&cache)).is_some());
    fs::remove_file(&file).expect("ours");
    let made = std::process::Command::new("mkfifo").arg(&file).status();
    assert!(made.is_ok_and(|status| status.success()), "`mkfifo` is there");
    assert!(dir.cache().answer(question(&cache)).is_none());
}

#[test]
fn an_answer_has_its_own_text() {
    let dir = Dir::new("text");
    let question = |cache: &Cache| cache.question(&[&"what"]).expect("results are kept");
    let keep = |text: &str| {
        let cache = dir.cache();
        cache.keep(question(&cache), "", &[text.to_owned()], false);
    };
    let answer = || {
        let cache = dir.cache();
        cache.answer(question(&cache)).map(|answer| answer.text.concat())
    };
    // It does not get short when it is compressed.
    let first: String = (0..4000u32).map(|nth| format!("{:x} ", nth.wrapping_mul(0x9e37_79b9))).collect();
    let second = "second ".repeat(10);
    keep(&first);
    assert_eq!(answer().as_ref(), Some(&first));
    // The two files of it, as two processes at once might leave them.
    let files = || dir.files().into_iter().map(|file| (fs::read(&file).expect("ours"), file));
    let long = |(bytes, _): &(Vec<u8>, PathBuf)| bytes.len() > 5000;
    let (bytes, file) = files().find(long).expect("the text");
    keep(&second);
    assert_eq!(answer().as_ref(), Some(&second));
    fs::write(&file, bytes).expect("ours");
    assert_eq!(answer(), None, "the text is of another answer");
    fs::remove_file(&file).expect("ours");
    assert_eq!(answer(), None, "there is none");
}

#[test]
fn nothing_is_made_of_a_file_that_says_two_things() {
    let dir = Dir::new("two");
    let cache = dir.cache();
    let question = cache.question(&[&"what"]).expect("results are kept");
    cache.keep_as(question, &[b"first"]);
    assert_eq!(cache.kept(question).as_deref(), Some(&b"first"[..]));
    let file = dir.0.join("file.ml");
    for text in ["let x = 1", "let x = 2"] {
        fs::write(&file, text).expect("ours");
        cache.read_source(&file).expect("it is there");
    }
    cache.keep_as(question, &[b"second"]);
    assert_eq!(cache.kept(question).as_deref(), Some(&b"first"[..]), "nobody can tell what it was made of");
}

#[test]
fn what_is_spoilt_is_made_again() {
    let dir = Dir::new("spoilt");
    let content = vec![7; 1000];
    let (right, _) = ask(&dir.cache(), &content);
    let file = dir.files().remove(0);
    let whole = fs::read(&file).expect("the result");
    let mut spoils: Vec<Vec<u8>> = (0..whole.len()).step_by(37).map(|n| whole[..n].to_vec()).collect();
    spoils.extend((0..whole.len()).step_by(13).map(|n| {
        let mut bytes = whole.clone();
        bytes[n] ^= 0x55;
        bytes
    }));
    spoils.push([&whole[..], b"more"].concat());
    for bytes in spoils {
        fs::write(&file, bytes).expect("our own directory");
        assert_eq!(ask(&dir.cache(), &content), (right.clone(), true));
        assert_eq!(ask(&dir.cache(), &content), (right.clone(), false), "and is whole again");
    }
}

#[test]
fn a_result_under_the_name_of_another_is_none() {
    let dir = Dir::new("swapped");
    let contents = [vec![7; 1000], vec![8; 1000]];
    let right = contents.each_ref().map(|content| ask(&dir.cache(), content).0);
    let [first, second] = <[PathBuf; 2]>::try_from(dir.files()).expect("two results");
    fs::copy(&first, &second).expect("our own directory");
    let again = contents.each_ref().map(|content| ask(&dir.cache(), content).0);
    assert_eq!(again, right);
}

/// A thread that reads a result may hold the place of a file that others wait for: it takes up no other task meanwhile.
#[test]
fn no_other_task_begins_on_a_thread_that_reads_or_writes_a_long_result() {
    thread_local! {
        static IS_BUSY: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    let dir = Dir::new("tasks");
    let content = vec![7; 2 << 20];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("threads");
    pool.install(|| {
        rayon::scope(|scope| {
            for n in 0..24 {
                let (dir, content) = (&dir, &content);
                scope.spawn(move |_| {
                    assert!(!IS_BUSY.replace(true), "task {n} began within another");
                    let cache = Cache::over(Store::new(dir.0.clone(), 1 << 30));
                    let result: Vec<u8> = cache.of("same", content, || content.clone());
                    assert_eq!(result.len(), content.len());
                    IS_BUSY.set(false);
                });
            }
        });
    });
}

#[test]
fn a_directory_that_cannot_be_written_costs_time_only() {
    let dir = Dir::new("closed");
    fs::write(&dir.0, "a file where the directory should be").expect("a temporary file");
    assert!(ask(&dir.cache(), &[7; 1000]).1);
    assert!(ask(&dir.cache(), &[7; 1000]).1);
    let _ = fs::remove_file(&dir.0);
    if Path::new("/dev/full").exists() {
        // What cannot be renamed into place leaves nothing behind.
        fs::create_dir_all(&dir.0).expect("a temporary directory");
        let store = Store::new(PathBuf::from("/proc/unlith"), 1 << 20);
        assert!(ask(&Cache::over(store), &[7; 1000]).1);
    }
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let dir = Dir::new("bounded");
    let cache = Cache::over(Store::new(dir.0.clone(), 20_000));
    let contents: Vec<Vec<u8>> = (0..30).map(|n| vec![n; 1000]).collect();
    for content in &contents {
        ask(&cache, content);
    }
    // The first is in use.
    let first = ask(&cache, &contents[0]);
    assert!(!first.1);
    let now = std::time::SystemTime::now();
    let key = store::key("bytes", blake3::hash(&contents[0]).as_bytes());
    for file in dir.files() {
        let hex = key.to_hex().to_string();
        let is_first = file.to_string_lossy().ends_with(&hex[2..]);
        let age = std::time::Duration::from_secs(if is_first { 10 } else { 5000 });
        fs::File::options()
            .append(true)
            .open(&file)
            .and_then(|file| file.set_modified(now - age))
            .expect("ours");
    }
    drop(cache);
    let held = Store::new(dir.0.clone(), 20_000).stats();
    assert!(held.n_bytes <= 20_000 && held.n_entries > 5, "{held:?}");
    assert!(!ask(&dir.cache(), &contents[0]).1, "what was used lately stays");
}

#[test]
fn cleaning_leaves_what_is_not_ours() {
    let dir = Dir::new("clean");
    ask(&dir.cache(), &[7; 1000]);
    fs::write(dir.0.join("letter.txt"), "mine").expect("a temporary file");
    let store = Store::new(dir.0.clone(), 1 << 20);
    assert_eq!(store.clean().expect("it can be removed").n_entries, 1);
    let left: Vec<_> =
        fs::read_dir(&dir.0).expect("it stays").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["letter.txt"]);
}

#[test]
fn many_processes_at_once_see_whole_results_only() {
    let dir = Dir::new("many");
    let contents: Vec<Vec<u8>> = (0..20).map(|n| vec![n; 5000]).collect();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let cache = dir.cache();
                for content in contents.iter().cycle().take(200) {
                    let (result, _) = ask(&cache, content);
                    assert_eq!(result.len(), content.len());
                    assert_eq!(result[0], u32::from(content[0]));
                }
            });
        }
    });
    assert_eq!(dir.files().len(), 20);
}
