//! # A weekend of reading
//!
//! The whole of this crate is more than a weekend holds. But every chapter has a
//! main road and side streets. On the main road lies a complete search engine, from
//! the text of a document to the ten best hits and why these are the best; what lies
//! in the side streets makes it faster, answers rarer questions or takes more kinds
//! of values. So here is the main road: some fifteen thousand lines, a quarter of them
//! prose. Saturday is for how an index comes about, Sunday for how it answers.
//!
//! Each row is about an hour. Read its files in this order, each from the top to the
//! bottom, without the tests at its end; whatever its *Next* says, go on with
//! the next one here. Paths are those below `src/`. Where something is called that
//! isn't in the list, believe what the first sentence of its description says.
//!
//! # Saturday: from a text to a file
//!
//! | read | and look for |
//! |---|---|
//! | `tour.rs` | what becomes of three documents, station by station. All that follows is this, at large |
//! | `analysis/mod.rs`, `analysis/words.rs` | why a text is cut the same way for documents and for questions, and why a table of 256 classes is nearly enough for Unicode |
//! | `inversion/mod.rs`, `inversion/batch.rs`, `inversion/occurrences.rs`, `inversion/run.rs`, `inversion/flush.rs` | the opposite of a text. It is a sort, and the sort needs no comparison |
//! | `bytes/mod.rs`, `bytes/reader.rs`, `bytes/block/mod.rs`, `bytes/block/portable.rs` | why 128 numbers are packed together, and what is done about bytes that lie |
//! | `segment/mod.rs`, `segment/file.rs`, `segment/inverted.rs`, `segment/dictionary.rs` | one file, found through a table at its end; a word, found among a million |
//! | `segment/posting_list/mod.rs`, `segment/posting_list/encoder.rs`, `segment/posting_list/decode.rs`, `segment/positions/mod.rs` | the inverted index itself, byte by byte |
//! | `segment/norms.rs`, `segment/impacts.rs`, `segment/posting_list/witnesses.rs` | what a block says of its best document, so that on Sunday most blocks needn't be read |
//!
//! # Sunday: from a question to its hits
//!
//! | read | and look for |
//! |---|---|
//! | `storage/mod.rs`, `index/mod.rs`, `index/manifest.rs`, `index/snapshot.rs` | what a commit is, and why nobody ever sees half of one |
//! | `index/writer.rs`, `index/writer/commit.rs`, `index/merging.rs`, `segment/merge.rs`, `segment/tombstones.rs` | how what never changes is changed |
//! | `query/mod.rs`, `search/mod.rs`, `search/plan.rs`, `search/bm25.rs` | a question as data; then as terms with weights. Read what *canonical* means twice |
//! | `search/window.rs`, `search/execute.rs`, `search/term.rs`, `search/boolean.rs`, `search/topk.rs`, `search/collect.rs` | the plain way to an answer: every question can go it, and whatever is quicker has to agree with it |
//! | `search/question.rs`, `search/ranked/mod.rs`, `search/term/bounds.rs`, `search/ranked/term.rs` | the short way, for one word: which blocks can't matter, and why that is certain |
//! | `search/ranked/lead.rs`, `search/ranked/candidates.rs`, `search/ranked/conjunction.rs`, `search/ranked/disjunction.rs`, `search/ranked/priming.rs` | the same for several words: MaxScore, which is the heart of it |
//! | `search/places.rs`, `search/phrase.rs`, `search/ranked/phrase.rs` | words side by side, and positions last |
//! | `evaluation/mod.rs` | whether all of that was of use to anybody |
//!
//! # Side streets
//!
//! What the weekend leaves out, and when to turn in:
//!
//! - **Values that aren't texts.** `document/` takes your types apart, and
//!   `segment/column` keeps their numbers side by side; `search/sort.rs`,
//!   `search/facets.rs` and `search/set.rs` are what these are for.
//! - **The same by vectors.** `bytes/block/avx2.rs`, `avx512.rs` and `neon.rs` do what
//!   `portable.rs` does, `bytes/find.rs` and `bytes/rows.rs` compare many numbers at once.
//! - **The same with fewer cache misses.** `inversion/surfaces.rs`, `inversion/packed.rs`,
//!   `segment/dictionary/block.rs`: each begins with what it gained.
//! - **The same answers sooner.** `segment/posting_list/champions.rs` (one word),
//!   `search/leads.rs` (a word in title and body), `search/counting.rs` (numbers alone),
//!   `search/beginnings.rs` and `search/sloppy.rs` (phrases), `search/ranked/order.rs` and
//!   `search/ahead.rs` (many segments), `search/ranked/conditions.rs` (filters),
//!   `search/spread.rs` (cores).
//! - **What people type.** `query/parser.rs` takes any line, and `query/pattern`,
//!   `query/levenshtein.rs` and `search/walk.rs` find what is spelt otherwise.
//! - **What people see.** `search/searcher.rs`, `search/page.rs`, `search/snippets.rs`,
//!   `search/explain.rs`, `search/xray.rs`.
//! - **Languages.** `analysis/filters`, `analysis/pairs.rs`.
//! - **Much, and at the same time.** `index/buffer.rs`, `index/writer/flushing.rs`,
//!   `segment/merge/`, `segment/spool.rs`, `index/reorder`: bounded memory, several
//!   cores, the same bytes.
