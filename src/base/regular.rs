//! Files that end: only regular ones are read.
//!
//! To open a pipe waits for somebody who writes into it, and a device may give bytes for ever or none until a key is pressed.
//! Neither is a source, a build file, an archive or a list of settings, whatever its name or the link that leads to it says.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file, links followed. Returns it with its length in bytes. What is said to be empty is not to be read: see
/// [`read_regular`].
///
/// # Errors
/// What the file system says; also for what is not a regular file.
pub fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let not_regular = || io::Error::other("not a regular file");
    // A look first: to open it may be what waits.
    if !fs::metadata(path)?.is_file() {
        return Err(not_regular());
    }
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.is_file() { Ok((file, meta.len())) } else { Err(not_regular()) }
}

/// Reads a regular file of at most `limit` bytes.
///
/// A file that is said to be empty is not looked into: those of `/proc` are, and some of them wait for what comes.
///
/// # Errors
/// Those of [`open_regular`], what reading says; also for longer files.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, n_bytes) = open_regular(path)?;
    let too_long = || io::Error::other(format!("longer than {} MB", limit >> 20));
    if n_bytes > limit {
        return Err(too_long());
    }
    let mut bytes = Vec::with_capacity(n_bytes as usize);
    if n_bytes > 0 {
        // It may grow meanwhile.
        file.take(limit + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > limit { Err(too_long()) } else { Ok(bytes) }
}

/// Reads a regular file of at most `limit` bytes as text.
///
/// # Errors
/// Those of [`read_regular`]; also for what is not UTF-8.
pub fn read_regular_text(path: &Path, limit: u64) -> io::Result<String> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    String::from_utf8(read_regular(path, limit)?).map_err(invalid)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn devices_and_directories_are_not_opened() {
        for path in ["/dev/zero", "/dev/tty", "/dev/null", "/"] {
            // There may be no terminal.
            let Ok(meta) = fs::metadata(path) else { continue };
            assert!(!meta.is_file());
            let error = read_regular(Path::new(path), 1 << 20).expect_err("it is no file");
            assert_eq!(error.to_string(), "not a regular file", "{path}");
        }
    }

    #[test]
    fn files_that_are_said_to_be_empty_are_not_looked_into() {
        // It has a line for each processor, and no length.
        let path = Path::new("/proc/stat");
        if fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == 0) {
            assert!(!fs::read(path).expect("it is there").is_empty());
            assert_eq!(read_regular(path, 1 << 20).expect("it is a file"), b"");
        }
    }
}
