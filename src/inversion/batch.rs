//! # Inverting a batch: documents to a run
//!
//! Idea        field by field, and within a field document by document: tokens are
//!             looked up among the surfaces, 32 at a time; what is new goes through
//!             the analyzer's filters, once. Each term becomes an occurrence, and
//!             the occurrences of a field its terms, sorted
//! Example     `Whales` is new: filters make `whale` of it, number 0. When it comes
//!             again, it *is* number 0
//! Invariants  (1) what an inverter remembers changes no run
//!             (2) a surface means no term, one, or several in a row; all at the
//!             token's position
//! Next        `occurrences.rs`

use super::POSITION_GAP;
use super::occurrences::Occurrences;
use super::run::{Lexicon, Run, Terms, Values};
use super::surfaces::{Key, Surfaces, UNKNOWN};
use super::vocabulary::{Names, Vocabulary};
use crate::analysis::{Analyzer, Analyzers};
use crate::document::{Document, FieldId, FieldKind, Schema, Value};
use crate::error::{Error, Result};
use crate::segment::stored::{Block, compress};

/// Tokens longer than this are not remembered: they are rare, and would fill
/// the memory.
const MEMO_BYTES_MAX: usize = 256;

/// What an inverter keeps for later, unless told otherwise.
const MEMORY: usize = 16 << 20;

/// Inverts batches, one after the other.
///
/// It remembers what words mean, from batch to batch, so each thread should
/// keep one. What it remembers changes no run, but how fast it is made.
#[derive(Debug)]
pub struct Inverter {
    schema: Schema,
    /// One an analyzer.
    memories: Vec<Memory>,
    /// By the field's number; `None` where it is no text.
    of_field: Vec<Option<usize>>,
    /// Bytes that a memory may have.
    limit: usize,
    occurrences: Occurrences,
}

impl Inverter {
    /// One for documents of this schema.
    ///
    /// # Errors
    /// [`Schema`](crate::ErrorKind::Schema) if an analyzer isn't known.
    pub fn new(schema: &Schema, analyzers: &Analyzers) -> Result<Self> {
        let mut names: Vec<&str> = Vec::new();
        let mut memories = Vec::new();
        let mut of_field = Vec::new();
        for field in schema.fields() {
            let FieldKind::Text(text) = field.kind() else {
                of_field.push(None);
                continue;
            };
            let known = names.iter().position(|name| *name == text.analyzer);
            of_field.push(Some(known.unwrap_or(names.len())));
            if known.is_none() {
                names.push(&text.analyzer);
                memories.push(Memory::new(analyzers.get(&text.analyzer)?));
            }
        }
        Ok(Self {
            schema: schema.clone(),
            memories,
            of_field,
            limit: MEMORY,
            occurrences: Occurrences::default(),
        })
    }

    /// Bytes that it may keep between batches, nearly; 16 MB unless set.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.limit = bytes / self.memories.len().max(1);
        self
    }

    /// Inverts a batch.
    ///
    /// # Errors
    /// [`Limit`](crate::ErrorKind::Limit) if a document is too large to be stored.
    pub fn invert(&mut self, batch: &[Document]) -> Result<Run> {
        let mut run = self.invert_fields(batch);
        run.stored = store(batch)?;
        Ok(run)
    }

    /// The same, but for the texts that are stored: those another thread may
    /// [compress](store).
    pub(crate) fn invert_fields(&mut self, batch: &[Document]) -> Run {
        let mut terms = Vec::new();
        let mut columns = Vec::new();
        for (id, field) in self.schema.entries() {
            let (inverted, column) = match (self.of_field[id.index()], field.kind()) {
                (Some(memory), _) => {
                    let memory = &mut self.memories[memory];
                    (Some(memory.invert(batch, id, &mut self.occurrences)), None)
                }
                (None, FieldKind::Keyword) => {
                    let (terms, values) = invert_keyword(batch, id);
                    (Some(terms), Some(values))
                }
                _ => {
                    let key = (self.schema.key() == Some(id)).then(|| invert_key(batch));
                    (key, Some(codes(batch, id)))
                }
            };
            terms.push(inverted);
            columns.push(column);
        }
        for memory in &mut self.memories {
            memory.bound(self.limit);
        }
        Run {
            documents: batch.len() as u32,
            terms,
            columns,
            stored: Vec::new(),
        }
    }
}

/// A batch's texts, as they are stored.
pub(crate) type StoredBlocks = Vec<Block<Vec<u8>>>;

/// Compresses the texts of a batch.
pub(crate) fn store(batch: &[Document]) -> Result<StoredBlocks> {
    let texts = batch.iter().map(Document::source);
    compress(texts).map_err(|error| Error::limit(error.to_string()))
}

/// What a surface stands for is a number, its *meaning*. From here on it is a place in
/// the expansions; below, it is the surface's only term.
const EXPANDED: u32 = 1 << 31;

/// What is remembered of the words that an analyzer made terms of.
#[derive(Debug)]
struct Memory {
    analyzer: Analyzer,
    /// Tokens as they stand in the text.
    surfaces: Surfaces,
    /// Of each surface that doesn't have just one term: how many it has, and
    /// which.
    expansions: Vec<u32>,
    /// The number of each term; and its name, which the runs made of it need, too.
    terms: Vocabulary,
    lexicon: Lexicon,
}

impl Memory {
    fn new(analyzer: &Analyzer) -> Self {
        Self {
            analyzer: analyzer.clone(),
            surfaces: Surfaces::default(),
            expansions: Vec::new(),
            terms: Vocabulary::default(),
            lexicon: Lexicon::default(),
        }
    }

    /// Forgets all, if it is more than that. Runs that know the lexicon keep it.
    fn bound(&mut self, limit: usize) {
        let names = self.lexicon.lock().size();
        let tables = self.surfaces.size() + self.terms.size() + self.expansions.len() * 4;
        if names + tables > limit {
            *self = Self::new(&self.analyzer);
        }
    }

    fn invert(&mut self, batch: &[Document], id: FieldId, occurrences: &mut Occurrences) -> Terms {
        let lexicon = self.lexicon.clone();
        let mut names = lexicon.lock();
        let mut lengths = Vec::with_capacity(batch.len());
        let mut before = 0;
        for document in batch {
            let mut inverter = TextInverter {
                memory: self,
                names: &mut names,
                occurrences,
            };
            let mut base = 0;
            for value in document.of(id) {
                if let Value::Text(text) = value {
                    base = inverter.push(text, base).saturating_add(POSITION_GAP);
                }
            }
            let length = occurrences.len() - before;
            before = occurrences.len();
            lengths.push(u32::try_from(length).unwrap_or(u32::MAX));
            occurrences.end_document();
        }
        let mut terms = occurrences.take_terms(&names, lexicon.clone(), true);
        terms.lengths = lengths;
        terms
    }

    /// Runs the filters on a surface that is not known; returns its meaning.
    #[cold]
    fn expand(&mut self, key: Key, surface: &str, names: &mut Names) -> u32 {
        let place = self.expansions.len();
        let Self {
            analyzer,
            terms,
            expansions,
            ..
        } = self;
        expansions.push(0);
        analyzer.terms(surface, &mut |term| {
            expansions.push(terms.number(names, term.as_bytes()));
        });
        let count = expansions.len() - place - 1;
        let meaning = if count == 1 {
            let term = expansions[place + 1];
            expansions.truncate(place);
            term
        } else {
            expansions[place] = count as u32;
            EXPANDED | place as u32
        };
        self.surfaces.insert(key, surface.as_bytes(), meaning);
        meaning
    }
}

/// Tokens that are looked up together: while memory comes for one, it is asked for the
/// others.
const GROUP: usize = 32;

/// A token that waits for its group.
#[derive(Clone, Copy)]
struct Waiting<'t> {
    surface: &'t str,
    key: Key,
    place: usize,
    position: u32,
}

/// Texts of one field to occurrences.
struct TextInverter<'a> {
    memory: &'a mut Memory,
    names: &'a mut Names,
    occurrences: &'a mut Occurrences,
}

impl TextInverter<'_> {
    /// Adds a text whose first position is `base`; returns the one after its
    /// last. Positions stop at the last that there is: past four billion of
    /// them in one document no phrase is found, but every word.
    fn push(&mut self, text: &str, base: u32) -> u32 {
        let analyzer = self.memory.analyzer.clone();
        let mut next = base;
        let mut group = [None; GROUP];
        let mut waiting = 0;
        analyzer.tokens(text, |token| {
            let position = base.saturating_add(token.position);
            next = next.max(position.saturating_add(1));
            let surface = token.text;
            let surfaces = &self.memory.surfaces;
            let key = Key::new(text.as_bytes(), surface.as_bytes(), surfaces.seed);
            group[waiting] = Some(Waiting {
                surface,
                key,
                place: surfaces.announce(key),
                position,
            });
            waiting += 1;
            if waiting == GROUP {
                self.group(&group);
                waiting = 0;
            }
        });
        self.group(&group[..waiting]);
        next
    }

    /// Looks up the tokens of a group.
    fn group(&mut self, group: &[Option<Waiting>]) {
        let mut meanings = [UNKNOWN; GROUP];
        for (waiting, meaning) in group.iter().flatten().zip(&mut meanings) {
            *meaning = self.memory.surfaces.guess(waiting.key, waiting.place);
        }
        for (waiting, &meaning) in group.iter().flatten().zip(&meanings) {
            let position = waiting.position;
            if meaning < EXPANDED {
                self.occurrences.push(meaning, position);
            } else if meaning == UNKNOWN {
                self.search(waiting);
            } else {
                self.expanded(meaning, position);
            }
        }
    }

    /// Looks up a token that was not found at first glance.
    fn search(&mut self, waiting: &Waiting) {
        let Waiting {
            surface,
            key,
            position,
            ..
        } = *waiting;
        if surface.len() > MEMO_BYTES_MAX {
            self.long_token(surface, position);
            return;
        }
        let meaning = match self.memory.surfaces.find(key, surface.as_bytes()) {
            Some(meaning) => meaning,
            None => self.memory.expand(key, surface, self.names),
        };
        if meaning < EXPANDED {
            self.occurrences.push(meaning, position);
        } else {
            self.expanded(meaning, position);
        }
    }

    /// A surface with no term, or several.
    fn expanded(&mut self, meaning: u32, position: u32) {
        let place = (meaning - EXPANDED) as usize;
        let expansions = &self.memory.expansions[place..];
        for &term in &expansions[1..=expansions[0] as usize] {
            self.occurrences.push(term, position);
        }
    }

    #[cold]
    fn long_token(&mut self, surface: &str, position: u32) {
        let Self {
            memory,
            names,
            occurrences,
        } = self;
        let Memory {
            analyzer, terms, ..
        } = memory;
        analyzer.terms(surface, &mut |term| {
            occurrences.push(terms.number(names, term.as_bytes()), position);
        });
    }
}

/// Strings of one batch to occurrences: of a keyword, or a key.
#[derive(Default)]
struct StringInverter {
    vocabulary: Vocabulary,
    names: Names,
    occurrences: Occurrences,
}

impl StringInverter {
    /// Adds a string to the document; returns its number.
    fn push(&mut self, text: &str) -> u32 {
        let number = self.vocabulary.number(&mut self.names, text.as_bytes());
        self.occurrences.push(number, 0);
        number
    }

    fn finish(mut self) -> Terms {
        let lexicon = Lexicon::new(self.names);
        let names = lexicon.lock();
        self.occurrences.take_terms(&names, lexicon.clone(), false)
    }
}

/// The terms of a keyword, and by document their numbers.
fn invert_keyword(batch: &[Document], id: FieldId) -> (Terms, Values) {
    let mut inverter = StringInverter::default();
    let mut values = Values::default();
    for document in batch {
        for value in document.of(id) {
            if let Value::Text(text) = value {
                values.push(u64::from(inverter.push(text)));
            }
        }
        inverter.occurrences.end_document();
        values.end_document();
    }
    (inverter.finish(), values)
}

/// The terms of a key that is a number.
fn invert_key(batch: &[Document]) -> Terms {
    let mut inverter = StringInverter::default();
    for document in batch {
        if let Some(key) = document.key() {
            inverter.push(key);
        }
        inverter.occurrences.end_document();
    }
    inverter.finish()
}

/// The values of any other field, as codes.
fn codes(batch: &[Document], id: FieldId) -> Values {
    let mut values = Values::default();
    for document in batch {
        for value in document.of(id) {
            values.push(value.code());
        }
        values.end_document();
    }
    values
}
