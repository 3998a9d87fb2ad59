//! # Errors: one opaque type that a person can act on
//!
//! Idea        every fallible call of the crate returns the same [`Error`]: a
//!             [`kind`](Error::kind) for programs, a sentence for people
//! Example     `the index is locked: process 4711 is writing to it; wait for
//!             it to finish or stop it`
//! Invariants  (1) the message says what is wrong, *where* (file, field,
//!             section or byte), and what to do about it, if the system's word
//!             for it doesn't
//!             (2) the type is one pointer wide, so that a `Result` costs
//!             nothing on the path where all goes well
//! Left out    an enum of every possible failure: matching on it would freeze
//!             the inside of the crate into its interface. A kind is coarse on
//!             purpose; the details are in the message and in
//!             [`source`](std::error::Error::source)
//! Next        [`crate::storage`], the first layer that can fail

use std::fmt;
use std::path::Path;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a sentence that says where and what to do.
///
/// ```
/// use wordhoard::{ErrorKind, Index};
///
/// let error = Index::open("/nowhere/at/all").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert!(error.to_string().contains("/nowhere/at/all"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The coarse kind of an [`Error`], for programs that decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused: no space, no permission, a device error.
    Io,
    /// There is no index at this place.
    NotFound,
    /// Another writer holds the index.
    Locked,
    /// A file's bytes contradict themselves or their checksum.
    Corrupt,
    /// A file was written by a version of the format that this crate can't
    /// read.
    Incompatible {
        /// The version that the file states.
        found: u32,
        /// The newest version that this crate reads.
        supported: u32,
    },
    /// A schema, an analyzer or an option contradicts itself or the index.
    Schema,
    /// A document doesn't fit the schema; it was refused and nothing changed.
    Document,
    /// A query asks for something that can't be done.
    Query,
    /// A stated limit of the crate was reached.
    Limit,
    /// A set of judgments or queries can't be read.
    Evaluation,
}

impl Error {
    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// An error of a [`Directory`](crate::storage::Directory) or a
    /// [`Selection`](crate::index::Selection) of your own. The message says
    /// what is wrong, where, and what to do about it.
    ///
    /// ```
    /// use wordhoard::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::NotFound, "there is no object \"a\"; check the bucket");
    /// assert_eq!(error.kind(), ErrorKind::NotFound);
    /// ```
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    /// A query that can't be asked.
    pub(crate) fn query(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Query, message)
    }

    /// A schema or an analyzer that can't be.
    pub(crate) fn schema(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Schema, message)
    }

    /// A document that is refused.
    pub(crate) fn document(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Document, message)
    }

    /// More than there can be.
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, message)
    }

    /// A failure of the operating system, or of what stands in for it, while
    /// doing `what` (a participle, such as "reading") to `path`.
    pub fn io(what: &str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        let path = path.as_ref().display();
        Self(Box::new(Inner {
            kind: ErrorKind::Io,
            message: format!("{what} {path}: {source}"),
            source: Some(Box::new(source)),
        }))
    }

    /// The same error, after words that say what it came to.
    pub(crate) fn after(mut self, words: &str) -> Self {
        self.0.message.insert_str(0, words);
        self
    }

    /// A lie in a file: `section` of `file` claims `what`.
    pub(crate) fn corrupt(file: &str, section: &str, what: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::Corrupt,
            format!(
                "{file} is damaged: {section}: {what}; restore the file from a copy, \
                 or index the documents again"
            ),
        )
    }

    /// A file whose format has the version `found`, where no more than `supported` is read.
    pub(crate) fn incompatible(file: &str, format: &str, found: u32, supported: u32) -> Self {
        Self::new(
            ErrorKind::Incompatible { found, supported },
            format!(
                "{file} has version {found} of the {format}, and this program reads versions up \
                 to {supported}; open the index with a newer wordhoard"
            ),
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source: &(dyn std::error::Error + 'static) = self.0.source.as_deref()?;
        Some(source)
    }
}
