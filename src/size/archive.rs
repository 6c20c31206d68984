//! The members of an archive, from memory or one by one from its file.

use super::SizeError;
use super::bounds::Allowance;
use crate::base::open_regular;
use object::ReadRef;
use object::read::ReadCache;
use object::read::archive::ArchiveFile;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Calls `visit` for each member of an archive, or once for a file that is none.
pub(super) fn for_each_member(
    bytes: &[u8],
    mut visit: impl FnMut(&str, &[u8]) -> Result<(), SizeError>,
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

/// The same for a file, of which only the members that are wanted by their name are read; a file that is no archive has no name.
///
/// **Errors**: a message, when it or one of those members cannot be read.
pub(super) fn for_each_member_of_file(
    path: &Path,
    is_wanted: impl Fn(&str) -> bool,
    mut visit: impl FnMut(&str, &[u8]) -> Result<(), SizeError>,
) -> Result<(), String> {
    let unreadable = |error: io::Error| format!("cannot read the archive: {error}");
    let (mut file, file_len) = open_regular(path).map_err(unreadable)?;
    if file_len == 0 {
        return visit("", &[]).map_err(|error| error.to_string());
    }
    let mut content = Vec::new();
    (&file).take(MAGIC_BYTES).read_to_end(&mut content).map_err(unreadable)?;
    if !is_archive(&content) {
        if file_len > MAX_BYTES {
            return Err(unreadable(io::Error::other(format!("longer than {} MB", MAX_BYTES >> 20))));
        }
        (&file).take(MAX_BYTES).read_to_end(&mut content).map_err(unreadable)?;
        return visit("", &content).map_err(|error| error.to_string());
    }
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
        content.clear();
        // No growing: what is left behind of it would be as long again.
        if content.capacity() < len as usize {
            content = Vec::with_capacity(len as usize);
        }
        file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
        (&file).take(len).read_to_end(&mut content).map_err(unreadable)?;
        visit(&name, &content).map_err(|error| error.to_string())?;
    }
    Ok(())
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
            let result = for_each_member_of_file(
                &path,
                |name| wanted.contains(name),
                |name, content| {
                    seen.push((name.to_owned(), content.to_vec()));
                    Ok(())
                },
            );
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
