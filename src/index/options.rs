//! # Options: creating and opening an index
//!
//! Idea        an index knows its schema and its analyzers' definitions, so to open it
//!             takes nothing but its place; what a program brings, more fields or parts
//!             of its own, must fit what is there
//! Invariants  (1) creating is a commit, of nothing: a folder without a manifest is no
//!             index
//! Next        [`manifest`]

use super::manifest::{self, Manifest};
use super::snapshot::SegmentCache;
use super::{Index, Shared};
use crate::analysis::{Analyzers, Definition};
use crate::document::{FieldKind, Schema};
use crate::error::{Error, ErrorKind, Result};
use crate::storage::{Directory, FileSystem, write_file};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Choices for creating or opening an index.
///
/// ```
/// use wordhoard::{Index, Schema, Text};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("articles.hoard");
/// let schema = Schema::builder().key("id").text("body", Text::english()).build()?;
/// let index = Index::options().schema(schema).open_or_create(&path)?;
/// # drop(index);
/// // Later, the index knows its schema:
/// let index = Index::open(&path)?;
/// assert!(index.schema()?.field("body").is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct IndexOptions {
    schema: Option<Schema>,
    analyzers: Analyzers,
}

impl IndexOptions {
    /// What documents look like. An index that exists may gain fields so, but
    /// keeps all that it has. Where another handle adds fields later, this one has them from
    /// the next [`snapshot`](Index::snapshot) or [`writer`](Index::writer) on.
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Analyzers besides the built-in ones.
    pub fn analyzers(mut self, analyzers: Analyzers) -> Self {
        self.analyzers = analyzers;
        self
    }

    /// Opens the index in the folder at `path`.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if there is none,
    /// [`Schema`](ErrorKind::Schema) if the schema given doesn't extend the
    /// stored one or names an analyzer that isn't known,
    /// [`Corrupt`](ErrorKind::Corrupt) or
    /// [`Incompatible`](ErrorKind::Incompatible) if it can't be read.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Index> {
        self.open_in(Arc::new(folder(path.as_ref())?))
    }

    /// Creates an index in the folder at `path`, which is made if it isn't
    /// there.
    ///
    /// # Errors
    /// [`Schema`](ErrorKind::Schema) if there is an index already, no schema was
    /// given, or it names an analyzer that isn't known;
    /// [`Corrupt`](ErrorKind::Corrupt) if there is one without its manifest;
    /// [`Locked`](ErrorKind::Locked) if another is being created there;
    /// [`Io`](ErrorKind::Io) if it can't be written.
    pub fn create(self, path: impl AsRef<Path>) -> Result<Index> {
        // Before a folder is made for nothing.
        definitions(&self.check()?, &self.analyzers)?;
        let folder = folder(path.as_ref())?;
        folder.make()?;
        self.create_in(Arc::new(folder))
    }

    /// Opens the index in the folder at `path`, or creates it there.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(self, path: impl AsRef<Path>) -> Result<Index> {
        match self.clone().open(path.as_ref()) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.create(path),
            opened => opened,
        }
    }

    /// Opens the index in a directory of any kind.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in(self, directory: Arc<dyn Directory>) -> Result<Index> {
        let index = self.index(directory);
        let opened = index.snapshot();
        let snapshot = opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => manifest::no_index(index.directory()),
            _ => error,
        })?;
        // Fields may come later, as other handles add them; but whoever opens an index
        // and doesn't name one that is there takes it for another.
        if let Some(wanted) = &index.0.wanted {
            snapshot.schema().check_extension(wanted)?;
            // Before a search or a writer would miss one.
            definitions(wanted, snapshot.analyzers())?;
        }
        Ok(index)
    }

    /// Creates an index in a directory of any kind.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_in(self, directory: Arc<dyn Directory>) -> Result<Index> {
        let schema = self.check()?;
        let analyzers = definitions(&schema, &self.analyzers)?;
        // Looked for first, as there may be one that somebody writes to.
        vacant(&*directory)?;
        let lock = directory.lock()?;
        let names = vacant(&*directory)?;
        // Without a manifest nobody needs them, and the first writer would sweep
        // them; but a copy of an index that came without its manifest can be saved.
        let is_segment = |name: &&String| name.starts_with("segment-") && name.ends_with(".hoard");
        if let Some(orphan) = names.iter().find(is_segment) {
            return Err(Error::new(
                ErrorKind::Corrupt,
                format!(
                    "there is no manifest at {}, but {orphan}, which belongs to an index; \
                     restore the manifest from a copy, or choose another place",
                    directory.describe()
                ),
            ));
        }
        publish(
            &*directory,
            &Manifest::new(1, schema, analyzers, Vec::new()),
        )?;
        drop(lock);
        Ok(self.index(directory))
    }

    fn check(&self) -> Result<Schema> {
        self.schema.clone().ok_or_else(|| {
            Error::schema("a new index needs a schema: give it with Index::options().schema(…)")
        })
    }

    fn index(self, directory: Arc<dyn Directory>) -> Index {
        Index(Arc::new(Shared {
            directory,
            analyzers: self.analyzers,
            wanted: self.schema,
            segments: SegmentCache::default(),
            newest: Mutex::new(None),
        }))
    }
}

/// The definitions of the analyzers that a schema names.
pub(super) fn definitions(
    schema: &Schema,
    analyzers: &Analyzers,
) -> Result<BTreeMap<String, Definition>> {
    let mut definitions = BTreeMap::new();
    for field in schema.fields() {
        let FieldKind::Text(text) = field.kind() else {
            continue;
        };
        for name in [Some(&text.analyzer), text.query_analyzer.as_ref()]
            .into_iter()
            .flatten()
        {
            let analyzer = analyzers.get(name).map_err(|error| {
                Error::new(error.kind(), format!("field {:?}: {error}", field.name()))
            })?;
            definitions.insert(name.clone(), analyzer.definition().clone());
        }
    }
    Ok(definitions)
}

/// The names in a place where there is no index yet.
fn vacant(directory: &dyn Directory) -> Result<Vec<String>> {
    let names = directory.list()?;
    if manifest::commits(&names).is_empty() {
        return Ok(names);
    }
    Err(Error::schema(format!(
        "there is an index at {} already; open it, or choose another place",
        directory.describe()
    )))
}

/// The folder at a path that names one.
fn folder(path: &Path) -> Result<FileSystem> {
    if path.as_os_str().is_empty() {
        return Err(Error::new(
            ErrorKind::NotFound,
            "the path of the index is empty; name a folder, or . for this one",
        ));
    }
    Ok(FileSystem::new(path))
}

/// Makes a manifest the newest commit, durably.
pub(super) fn publish(directory: &dyn Directory, manifest: &Manifest) -> Result<()> {
    let name = manifest::file_name(manifest.commit);
    let unnamed = format!("{name}.new");
    // One that a crash left, with the lock held by us.
    directory.delete(&unnamed)?;
    write_file(directory, &unnamed, &manifest.to_bytes()?)?;
    // The names of the files that the manifest speaks of, before its own.
    directory.sync()?;
    directory.publish(&unnamed, &name)?;
    directory.sync()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_opened_is_created_only_where_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("i.hoard");
        let schema = |field| Schema::builder().keyword(field).build().unwrap();
        let open = |field| Index::options().schema(schema(field)).open_or_create(&path);
        open("a").unwrap();
        assert_eq!(open("a").unwrap().snapshot().unwrap().commit(), 1);
        let error = open("b").unwrap_err().to_string();
        assert!(!error.contains("already"), "{error}");
        let manifest = path.join(manifest::file_name(1));
        std::fs::write(&manifest, "?").unwrap();
        assert_eq!(open("a").unwrap_err().kind(), ErrorKind::Corrupt);
        assert_eq!(std::fs::read(&manifest).unwrap(), b"?");
    }
}
