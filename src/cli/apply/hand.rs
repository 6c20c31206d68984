//! What touches the disk when a patch is written, one operation at a time: a test takes the place of each to see what is left
//! when everything stops there.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// The operations.
pub(super) trait Hand {
    /// Makes a new file, and sees to it that its text is on the disk.
    fn write(&mut self, path: &Path, text: &str) -> io::Result<()>;
    /// Moves a file over another.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
}

/// The disk.
pub(super) struct Disk;

impl Hand for Disk {
    fn write(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let mut file = fs::File::create(path)?;
        file.write_all(text.as_bytes())?;
        // A name must not come to stand for a text that a power cut has lost.
        file.sync_all()
    }
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }
    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}
