//! # The registry: analyzers by name
//!
//! Idea        a schema names analyzers. The built-in names are always there;
//!             a program adds its own; and an index that is opened adds those
//!             that its manifest defines
//! Example     a manifest that defines `names` with a custom filter `phonetic`
//!             can be read only by a program that registers `names` first
//! Invariants  (1) a built-in name stands for the same analyzer in every
//!             program, unless the index says otherwise: what the index stores
//!             is what its text was analysed with
//!             (2) a name never changes its meaning within an index
//! Next        [`crate::inversion`]

use std::collections::BTreeMap;

use super::{Analyzer, Definition};
use crate::error::{Error, Result};

/// Analyzers by name: the built-in ones, and those of the program's own.
///
/// ```
/// use wordhoard::analysis::{Analyzer, Analyzers, FilterKind};
///
/// let mut analyzers = Analyzers::default();
/// let folded = Analyzer::builder()
///     .filter(FilterKind::Lowercase)
///     .filter(FilterKind::Fold)
///     .build()?;
/// analyzers.register("folded", folded)?;
/// assert!(analyzers.get("folded").is_ok());
/// assert!(analyzers.get("german").is_ok());
/// let error = analyzers.get("klingon").unwrap_err();
/// assert!(error.to_string().contains("\"klingon\""));
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Analyzers {
    own: BTreeMap<String, Analyzer>,
}

impl Analyzers {
    /// Makes `name` stand for `analyzer`. Registering it again replaces it.
    ///
    /// # Errors
    /// [`Schema`](crate::ErrorKind::Schema) if the name is empty or a built-in one's.
    pub fn register(&mut self, name: impl Into<String>, analyzer: Analyzer) -> Result<()> {
        let name = name.into();
        if name.is_empty() {
            return Err(Error::schema(
                "an analyzer has the name \"\"; choose another, since schemas refer to it",
            ));
        }
        if Analyzer::built_in(&name).is_some_and(|known| *known != analyzer) {
            return Err(Error::schema(format!(
                "\"{name}\" is the name of a built-in analyzer; choose another"
            )));
        }
        self.own.insert(name, analyzer);
        Ok(())
    }

    /// The analyzer of this name.
    ///
    /// # Errors
    /// [`Schema`](crate::ErrorKind::Schema) if there is none.
    pub fn get(&self, name: &str) -> Result<&Analyzer> {
        let own = self.own.get(name);
        own.or_else(|| Analyzer::built_in(name)).ok_or_else(|| {
            let known: Vec<&str> = self.names().collect();
            Error::schema(format!(
                "there is no analyzer \"{name}\"; register it, or use one of: {}",
                known.join(", ")
            ))
        })
    }

    /// All names: the program's own, then the built-in ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let built_in = Analyzer::built_in_names()
            .map(|name| name as &str)
            .filter(|name| !self.own.contains_key(*name));
        self.own.keys().map(String::as_str).chain(built_in)
    }

    /// Takes up what an index stores: from here on `name` stands for
    /// `definition`. Custom parts are those of the analyzer that the program
    /// registered under that name.
    ///
    /// # Errors
    /// [`Schema`](crate::ErrorKind::Schema) if the definition has custom parts and the program
    /// has not registered the analyzer, or if it registered another one.
    pub fn restore(&mut self, name: &str, definition: &Definition) -> Result<()> {
        match self.own.get(name) {
            Some(own) if own.definition() == definition => Ok(()),
            Some(_) => Err(Error::schema(format!(
                "the analyzer \"{name}\" is registered with another definition than the \
                 index was built with; register that one, or index the documents again"
            ))),
            None if definition.custom_parts().next().is_some() => Err(missing(name, definition)),
            None => {
                let analyzer = Analyzer::from_definition(definition.clone())?;
                self.own.insert(name.to_owned(), analyzer);
                Ok(())
            }
        }
    }
}

/// Says which parts of an analyzer a program has to bring.
pub(super) fn missing(name: &str, definition: &Definition) -> Error {
    let parts: Vec<String> = definition
        .custom_parts()
        .map(|part| format!("\"{part}\""))
        .collect();
    Error::schema(format!(
        "the analyzer \"{name}\" has custom parts ({}) that are not there; \
         register it with Analyzers::register before the index is opened",
        parts.join(", ")
    ))
}
