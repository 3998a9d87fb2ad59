//! # The manifest: one commit
//!
//! Idea        a small file that names everything the index consists of at one
//!             commit. Replacing the newest is what a commit *is*: before, the
//!             index has all of the old state, after, all of the new
//! Example
//!
//! ```text
//! {
//!   "format": 1,
//!   "commit": 7,
//!   "schema": { "key": "id", "fields": [ … ] },
//!   "analyzers": { "english": { "tokenizer": "words", "filters": [ … ] } },
//!   "segments": [
//!     { "file": "segment-000000000003.hoard", "documents": 1200, "bytes": 482133,
//!       "checksum": 1597639105,
//!       "tombstones": { "file": "deleted-000000000006.bits", "count": 2,
//!                       "checksum": 305419896 } }
//!   ]
//! }
//! crc32 5f3a09c1
//! ```
//!
//! Bytes       JSON that a person can read, then a line with the CRC-32 of all
//!             bytes before it
//! Invariants  (1) the file is called `manifest-` and the number of the commit
//!             in twelve digits; each number is given once, see
//!             [`Directory::publish`]
//!             (2) segments stand in the order of their documents
//!             (3) it tells each file by a checksum, so equal manifests are of
//!             equal indexes
//! Next        [`snapshot`](super::snapshot)

use crate::analysis::Definition;
use crate::document::Schema;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Bytes, Directory};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the manifest that this crate writes.
const FORMAT: u32 = 1;

const PREFIX: &str = "manifest-";
const SUFFIX: &str = ".json";

/// What an index consists of at one commit.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    pub(super) commit: u64,
    pub(super) schema: Schema,
    /// Those that the schema's text fields name.
    pub(super) analyzers: BTreeMap<String, Definition>,
    pub(super) segments: Vec<SegmentLine>,
}

/// A segment in a manifest.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SegmentLine {
    pub(super) file: String,
    pub(super) documents: u32,
    pub(super) bytes: u64,
    /// Of the file's table: two of a size aren't taken for each other. Manifests
    /// of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checksum: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tombstones: Option<TombstoneLine>,
}

/// Which documents of a segment are deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TombstoneLine {
    pub(super) file: String,
    pub(super) count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checksum: Option<u32>,
}

/// The one member that any version has.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Manifest {
    pub(super) fn new(
        commit: u64,
        schema: Schema,
        analyzers: BTreeMap<String, Definition>,
        segments: Vec<SegmentLine>,
    ) -> Self {
        Self {
            format: FORMAT,
            commit,
            schema,
            analyzers,
            segments,
        }
    }

    /// The names of the files that belong to the commit, the manifest's among
    /// them.
    pub(super) fn files(&self) -> impl Iterator<Item = String> + '_ {
        let segments = self.segments.iter().flat_map(|segment| {
            let tombstones = segment.tombstones.as_ref().map(|line| line.file.clone());
            std::iter::once(segment.file.clone()).chain(tombstones)
        });
        segments.chain([file_name(self.commit)])
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::schema(format!("the manifest can't be written: {error}")))?;
        bytes.push(b'\n');
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(format!("crc32 {checksum:08x}\n").into_bytes());
        Ok(bytes)
    }

    /// The manifest of a commit, and what its file has.
    pub(super) fn read(directory: &dyn Directory, commit: u64) -> Result<(Self, Bytes)> {
        let name = file_name(commit);
        let bytes = directory.open(&name)?;
        let manifest = Self::parse(&directory.describe_file(&name), &bytes)?;
        if manifest.commit != commit {
            let path = directory.describe_file(&name);
            return Err(Error::corrupt(&path, "manifest", "it is another commit's"));
        }
        Ok((manifest, bytes))
    }

    fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        const LINE: usize = "crc32 00000000\n".len();
        let corrupt = |what: &str| Error::corrupt(path, "manifest", what);
        let body = bytes
            .len()
            .checked_sub(LINE)
            .ok_or_else(|| corrupt("it is too short"))?;
        let (body, line) = bytes.split_at(body);
        let whole = line == format!("crc32 {:08x}\n", crc32fast::hash(body)).as_bytes();
        // The format comes first: a newer one may have another checksum.
        if let Ok(FormatOnly { format }) = serde_json::from_slice(body)
            && format > FORMAT
        {
            return Err(Error::incompatible(path, "index format", format, FORMAT));
        }
        if !whole {
            return Err(corrupt("its checksum is wrong"));
        }
        serde_json::from_slice(body).map_err(|error| corrupt(&error.to_string()))
    }
}

/// The file of a commit.
pub(super) fn file_name(commit: u64) -> String {
    format!("{PREFIX}{commit:012}{SUFFIX}")
}

/// No file of an index has a greater number. Some other name may look as if it had; what is
/// called so is nobody's, and the next number can be told.
pub(super) const NUMBER_MAX: u64 = u64::MAX / 2;

/// The commit whose manifest is called so.
fn commit_of(name: &str) -> Option<u64> {
    let number: u64 = name
        .strip_prefix(PREFIX)?
        .strip_suffix(SUFFIX)?
        .parse()
        .ok()?;
    (number <= NUMBER_MAX && file_name(number) == name).then_some(number)
}

/// The commits whose manifests are there, ascending.
pub(super) fn commits(names: &[String]) -> Vec<u64> {
    let mut commits: Vec<u64> = names.iter().filter_map(|name| commit_of(name)).collect();
    commits.sort_unstable();
    commits
}

/// The manifest of the newest commit that checks out, and what its file has.
///
/// A manifest is whole before it gets its name, so one that isn't was damaged
/// later; then an older one, if the writer hasn't swept it yet, is the best
/// that there is.
///
/// One that can't be read, but may well be whole, is an error: to go on from
/// an older one would be to lose it. One that has gone since the names were
/// listed was swept by a writer that has committed a newer one.
pub(super) fn newest(directory: &dyn Directory) -> Result<(Manifest, Bytes)> {
    let mut gone = None;
    let mut empty = false;
    'list: loop {
        let commits = commits(&directory.list()?);
        if commits.is_empty() && !empty {
            // A folder that changes while it is listed may show neither what
            // goes nor what comes: once more.
            empty = true;
            continue;
        }
        let mut damaged = None;
        for &commit in commits.iter().rev() {
            match Manifest::read(directory, commit) {
                Ok(found) => return Ok(found),
                Err(error) if error.kind() == ErrorKind::Corrupt => {
                    damaged = damaged.or(Some(error));
                }
                Err(error) if error.kind() == ErrorKind::NotFound && gone != Some(commit) => {
                    gone = Some(commit);
                    continue 'list;
                }
                Err(error) => return Err(error),
            }
        }
        return Err(damaged.unwrap_or_else(|| no_index(directory)));
    }
}

pub(super) fn no_index(directory: &dyn Directory) -> Error {
    let missing = match directory.list() {
        Ok(_) => "it has no manifest",
        Err(_) => "there is no such folder",
    };
    Error::new(
        ErrorKind::NotFound,
        format!(
            "there is no index at {}: {missing}; check the path, or create an index there",
            directory.describe()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::write_file;

    fn manifest() -> Manifest {
        let schema = Schema::builder().key("id").build().unwrap();
        let line = SegmentLine {
            file: "segment-000000000001.hoard".into(),
            documents: 3,
            bytes: 100,
            checksum: Some(7),
            tombstones: None,
        };
        Manifest::new(5, schema, BTreeMap::new(), vec![line])
    }

    #[test]
    fn it_comes_back_and_every_flip_is_seen() {
        let bytes = manifest().to_bytes().unwrap();
        assert_eq!(Manifest::parse("m", &bytes).unwrap(), manifest());
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert!(Manifest::parse("m", &bytes).is_err(), "byte {at}");
            assert!(Manifest::parse("m", &bytes[..at]).is_err(), "cut at {at}");
        }
    }

    /// Whoever renames a file doesn't make a commit of it.
    #[test]
    fn one_of_another_commit_is_passed_over() {
        let directory = crate::storage::Memory::new();
        let bytes = manifest().to_bytes().unwrap();
        write_file(&directory, &file_name(6), &bytes).unwrap();
        let error = newest(&directory).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert!(error.to_string().contains("another commit's"), "{error}");
        write_file(&directory, &file_name(5), &bytes).unwrap();
        assert_eq!(newest(&directory).unwrap().0, manifest());
    }

    #[test]
    fn names_have_one_form() {
        assert_eq!(commit_of(&file_name(7)), Some(7));
        assert_eq!(commit_of("manifest-7.json"), None);
        assert_eq!(commit_of("manifest-000000000007.json.tmp"), None);
    }
}
