//! The members of an archive, from memory or one by one from its file.

use super::SizeError;
use super::bounds::Allowance;
use crate::base::open_regular;
use object::ReadRef;
use object::read::ReadCache;
use object::read::archive::ArchiveFile;
use rayon::prelude::*;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Calls `visit` for each member of an archive, or once for a file that is none.
pub(super) fn for_each_member<'d>(
    bytes: &'d [u8],
    mut visit: impl FnMut(&str, &'d [u8]) -> Result<(), SizeError>,
) -> Result<(), SizeError> {
    if !is_archive(bytes) {
        return visit("", bytes);
    }
    let archive = ArchiveFile::parse(bytes).map_err(SizeError::Archive)?;
    let mut names = Allowance::of(bytes.len());
    for member in archive.members() {
        let member = member.map_err(SizeError::Archive)?;
        if !names.take(member.name().len()) {
            return Err(SizeError::MemberNames);
        }
        // A thin archive names files and holds none.
        if member.is_thin() {
            continue;
        }
        let name = String::from_utf8_lossy(member.name());
        let (start, len) = member.file_range();
        let content = bytes.read_bytes_at(start, len).map_err(|()| too_long(&name))?;
        visit(&name, content)?;
    }
    Ok(())
}

/// A file and those of its members that are wanted, which can be read in any order.
pub(super) struct Listing {
    path: PathBuf,
    members: Vec<Member>,
    /// What is wrong with the archive behind the last of them.
    error: Option<String>,
}

/// Where a member lies in its archive; a file that is no archive is one member without a name.
struct Member {
    name: String,
    start: u64,
    len: u64,
}

impl Listing {
    /// Finds the members of a file; of an archive, those whose names are wanted.
    ///
    /// **Errors**: a message, when the file cannot be read.
    pub(super) fn of_file(path: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Self, String> {
        let (file, file_len) = open_regular(path).map_err(unreadable)?;
        let mut magic = Vec::new();
        file.take(MAGIC_BYTES).read_to_end(&mut magic).map_err(unreadable)?;
        let mut members = Vec::new();
        let error = if is_archive(&magic) {
            list(path, file_len, is_wanted, &mut members).err()
        } else if file_len > MAX_BYTES {
            return Err(unreadable(io::Error::other(format!("longer than {} MB", MAX_BYTES >> 20))));
        } else {
            members.push(Member { name: String::new(), start: 0, len: file_len });
            None
        };
        Ok(Listing { path: path.to_path_buf(), members, error })
    }

    /// Calls `visit` for each member.
    ///
    /// **Errors**: a message, when the archive or one of the members cannot be read.
    pub(super) fn for_each(
        self,
        visit: impl FnMut(&str, &[u8]) -> Result<(), SizeError>,
    ) -> Result<(), String> {
        read_each(&self.path, &self.members, visit)?;
        self.error.map_or(Ok(()), Err)
    }

    /// Makes something of each member, in parallel; what is made stands in their order.
    ///
    /// **Errors**: those of [`Listing::for_each`].
    pub(super) fn make<T: Send>(
        self,
        make: impl Fn(&str, &[u8]) -> Result<T, SizeError> + Sync,
    ) -> Result<Vec<T>, String> {
        let mut runs: Vec<&[Member]> = Vec::new();
        let mut left = self.members.as_slice();
        while !left.is_empty() {
            let mut n_bytes = 0;
            let is_full = |member: &Member| {
                n_bytes += member.len;
                n_bytes >= RUN_BYTES
            };
            let n_members = left.iter().position(is_full).map_or(left.len(), |last| last + 1);
            let (run, rest) = left.split_at(n_members);
            runs.push(run);
            left = rest;
        }
        let of_run = |run: &&[Member]| {
            let mut made = Vec::with_capacity(run.len());
            read_each(&self.path, run, |name, content| {
                made.push(make(name, content)?);
                Ok(())
            })?;
            Ok(made)
        };
        let made: Vec<Result<Vec<T>, String>> = runs.par_iter().with_max_len(1).map(of_run).collect();
        let made = made.into_iter().collect::<Result<Vec<_>, String>>()?;
        self.error.map_or(Ok(()), Err)?;
        Ok(made.into_iter().flatten().collect())
    }
}

/// Members that one thread reads one after the other have so many bytes together, or more where one is longer.
const RUN_BYTES: u64 = 256 << 10;

/// Adds the members of an archive that are wanted.
fn list(
    path: &Path,
    file_len: u64,
    is_wanted: impl Fn(&str) -> bool,
    members: &mut Vec<Member>,
) -> Result<(), String> {
    let headers = ReadCache::new(open_regular(path).map_err(unreadable)?.0);
    let broken = |error| SizeError::Archive(error).to_string();
    let archive = ArchiveFile::parse(&headers).map_err(broken)?;
    let mut names = Allowance::of(usize::try_from(file_len).unwrap_or(usize::MAX));
    for member in archive.members() {
        let member = member.map_err(broken)?;
        if !names.take(member.name().len()) {
            return Err(SizeError::MemberNames.to_string());
        }
        let name = String::from_utf8_lossy(member.name());
        if member.is_thin() {
            continue;
        }
        let (start, len) = member.file_range();
        if start.checked_add(len).is_none_or(|end| end > file_len) {
            return Err(too_long(&name).to_string());
        }
        if !is_wanted(&name) {
            continue;
        }
        if len > MAX_BYTES {
            let error = io::Error::other(format!("its member {name} is longer than {} MB", MAX_BYTES >> 20));
            return Err(unreadable(error));
        }
        members.push(Member { name: name.into_owned(), start, len });
    }
    Ok(())
}

/// Reads some members of a file, one after the other.
fn read_each(
    path: &Path,
    members: &[Member],
    mut visit: impl FnMut(&str, &[u8]) -> Result<(), SizeError>,
) -> Result<(), String> {
    let (mut file, _) = open_regular(path).map_err(unreadable)?;
    let mut content = Vec::new();
    for member in members {
        content.clear();
        // No growing: what is left behind of it would be as long again.
        if content.capacity() < member.len as usize {
            content = Vec::with_capacity(member.len as usize);
        }
        file.seek(SeekFrom::Start(member.start)).map_err(unreadable)?;
        (&file).take(member.len).read_to_end(&mut content).map_err(unreadable)?;
        visit(&member.name, &content).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn unreadable(error: io::Error) -> String {
    format!("cannot read the archive: {error}")
}

const MAGIC_BYTES: u64 = 8;
/// Object files longer than this are not read: memory would not hold them.
const MAX_BYTES: u64 = 1 << 30;

fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"!<arch>\n") || bytes.starts_with(b"!<thin>\n")
}

fn too_long(member: &str) -> SizeError {
    SizeError::Inconsistent { member: member.to_owned(), what: "the member is longer than the archive" }
}

#[cfg(test)]
mod tests {
    use super::super::unit::{UnitSize, measure_file, measure_members, wanted_of};
    use super::*;

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = b"!<arch>\n".to_vec();
        for (name, content) in members {
            let header = format!(
                "{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                format!("{name}/"),
                0,
                0,
                0,
                644,
                content.len()
            );
            bytes.extend(header.as_bytes());
            bytes.extend(*content);
            bytes.extend(vec![b'\n'; content.len() % 2]);
        }
        bytes
    }

    #[test]
    fn a_file_has_the_members_that_its_bytes_have() {
        let bytes = archive(&[("a.o", b"first"), ("b.o", b"other"), ("c.o", b"")]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.a");
        let of_bytes = |bytes: &[u8]| {
            let mut seen = Vec::new();
            let result = for_each_member(bytes, |name, content| {
                seen.push((name.to_owned(), content.to_vec()));
                Ok(())
            });
            (seen, result.map_err(|error| error.to_string()))
        };
        let of_file = |bytes: &[u8], wanted: &str| {
            std::fs::write(&path, bytes).unwrap();
            let mut seen = Vec::new();
            let listing = Listing::of_file(&path, |name| wanted.contains(name)).unwrap();
            let result = listing.for_each(|name, content| {
                seen.push((name.to_owned(), content.to_vec()));
                Ok(())
            });
            (seen, result)
        };
        assert_eq!(of_bytes(&bytes).0.len(), 3);
        assert_eq!(of_file(&bytes, "a.o b.o c.o"), of_bytes(&bytes));
        assert_eq!(of_file(&bytes, "b.o").0, [("b.o".to_owned(), b"other".to_vec())]);
        assert_eq!(of_file(b"no archive", ""), of_bytes(b"no archive"));
        // Cut short, both say so after the same members.
        for len in 0..bytes.len() {
            assert_eq!(of_file(&bytes[..len], "a.o b.o c.o"), of_bytes(&bytes[..len]), "{len} bytes");
        }
    }
    #[test]
    fn what_is_kept_of_an_archive_says_what_its_file_says() {
        let broken = [&b"\x7fELF\x02\x01\x01"[..], &[1; 400]].concat();
        let bytes = archive(&[("a.o", b"first"), ("b.o", &broken), ("c.o", b"last")]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.a");
        let names = |units: Result<Vec<UnitSize>, String>| {
            units.map(|units| units.iter().map(|unit| unit.unit).collect::<Vec<_>>())
        };
        for len in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..len]).unwrap();
            for wanted in ["", "a.o c.o", "b.o"] {
                let is_wanted = |member: &str| wanted.split(' ').any(|name| name == member);
                let of_file = names(measure_file(&path, is_wanted));
                let kept = names(wanted_of(measure_members(&bytes[..len]), is_wanted));
                assert_eq!(kept, of_file, "{len} bytes, {wanted}");
            }
        }
        assert!(measure_file(&path, |member| member == "b.o").is_err());
        assert!(measure_file(&path, |member| member != "b.o").is_ok());
    }
}
