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
//! isn't in the list, believe what the first sentence of its description says; and
//! what a header says under *Cost* and *Left out* may wait till the file is read. The
//! words that mean more here than elsewhere are explained where they first come, and
//! once more at the end of this page.
//!
//! # Saturday: from a text to a file
//!
//! | read | and look for |
//! |---|---|
//! | `tour.rs` | what becomes of three documents, station by station. All that follows is this, at large |
//! | `analysis/mod.rs`, `analysis/words.rs` | why a text is cut the same way for documents and for questions, and why a table of 256 classes is nearly enough for Unicode |
//! | `inversion/mod.rs`, `inversion/run.rs`, `inversion/batch.rs`, `inversion/occurrences.rs` | the opposite of a text. It is a sort, and the sort needs no comparison |
//! | `bytes/mod.rs`, `bytes/reader.rs`, `bytes/block/mod.rs`, `bytes/block/portable.rs` | why 128 numbers are packed together, and what is done about bytes that lie |
//! | `segment/mod.rs`, `segment/file.rs`, `segment/inverted.rs`, `segment/dictionary.rs` | one file, found through a table at its end; a word, found among a million |
//! | `segment/norms.rs`, `segment/impacts.rs` | what a block says of its best document, so that on Sunday most blocks needn't be read |
//! | `segment/posting_list/mod.rs`, `segment/posting_list/decode.rs`, `segment/positions/mod.rs` | the inverted index itself, byte by byte |
//! | `segment/posting_list/encoder.rs`, `segment/posting_list/witnesses.rs`, `inversion/flush.rs` | how all of it comes together in a file |
//!
//! # Sunday: from a question to its hits
//!
//! | read | and look for |
//! |---|---|
//! | `storage/mod.rs`, `index/mod.rs`, `index/manifest.rs`, `segment/tombstones.rs`, `index/snapshot.rs` | what a commit is, and why nobody ever sees half of one |
//! | `index/writer.rs`, `index/writer/commit.rs`, `index/merging.rs` | how what never changes is changed |
//! | `query/mod.rs`, `search/mod.rs`, `search/plan.rs`, `search/bm25.rs` | a question as data; then as terms with weights. Read what *canonical* means twice |
//! | `search/window.rs`, `search/execute.rs`, `search/term.rs`, `search/term/windows.rs`, `search/boolean.rs`, `search/topk.rs`, `search/collect.rs` | the plain way to an answer: every question can go it, and whatever is quicker has to agree with it |
//! | `search/question.rs`, `search/ranked/mod.rs`, `search/term/bounds.rs`, `search/ranked/term.rs` | the short way, for one word: which blocks can't matter, and why that is certain |
//! | `search/ranked/lead.rs`, `search/ranked/candidates.rs`, `search/ranked/conjunction.rs`, `search/ranked/disjunction.rs` | the same for several words: MaxScore, which is the heart of it |
//! | `search/places.rs`, `search/phrase.rs`, `search/ranked/phrase.rs` | words side by side, and positions last |
//! | `evaluation/mod.rs` | whether all of that was of use to anybody |
//!
//! # Side streets
//!
//! What the weekend leaves out, and when to turn in:
//!
//! - **What the road takes as given.** `inversion/vocabulary.rs` numbers terms,
//!   `bytes/block/encode.rs` finds the fewest bits, `index/state.rs` and
//!   `index/options.rs` have what a writer works with, `search/plan/weights.rs` looks
//!   terms up and weighs them, `search/term/look_up.rs` finds many documents at once.
//! - **Values that aren't texts.** `document/` takes your types apart, and
//!   `segment/column` keeps their numbers side by side; `search/sort.rs`,
//!   `search/facets.rs` and `search/set.rs` are what these are for.
//! - **The same by vectors.** `bytes/block/avx2.rs`, `avx512.rs` and `neon.rs` do what
//!   `portable.rs` does, `bytes/find.rs` and `bytes/rows.rs` compare many numbers at once.
//! - **The same with less to wait for**, be it memory that isn't near or a branch that
//!   nobody can guess. `inversion/surfaces.rs`, `inversion/packed.rs`,
//!   `segment/dictionary/block.rs`.
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
//!   `segment/writer.rs`, `segment/merge.rs`, `segment/spool.rs`, `index/reorder`:
//!   bounded memory, several cores, the same bytes.
//!
//! # Words of the house
//!
//! | word | meaning |
//! |---|---|
//! | term, surface | what the index holds, and the piece of text that analysis made it of |
//! | posting, list | that a document has a term, how often and where; all of a term in one segment |
//! | block, tail | 128 numbers packed together, also the postings that these are of; what is left when a list has no 128 more |
//! | head | what stands before the rest: a block's first byte, a long list's first 48, the first term of a block of terms |
//! | code | a number that stands for something else and sorts as it does: for the value of a field, for the frequency in an impact |
//! | run | a batch of documents, inverted, that waits in memory for its segment. Also documents without a gap; in the evaluation, the answers to be judged |
//! | lexicon | the names of terms, by number, that the runs of one inverter share |
//! | wave, spool | the lists that are encoded at one time; where bytes wait until it is their turn to be written |
//! | part | a segment as one of those of a snapshot |
//! | norm | the length of a field, in a byte |
//! | impacts | pairs of a frequency and a norm: for each posting of a block there is one that has no lower frequency and no higher norm |
//! | yardstick, worth, ceiling | a fixed formula; what a posting is by it; the highest worth in a block, as a byte |
//! | witness | such pairs the other way round: for each of ten postings (a hundred, a thousand) there is one that has no higher frequency and no lower norm |
//! | champions, circle | the documents of a list that are worth most, kept apart; the best 16 or 128 of them |
//! | canonical | of scores: in `f32` and in the order of the query, and hence the same bits by whatever way |
//! | threshold, floor | what a document must score more than to be a hit; the same, known otherwise than from the hits kept |
//! | window | 4096 documents that are asked about together |
//! | slot | the place of a document among up to 128 that are asked about together |
//! | lead | to be the list of which each document is a candidate, while others are only asked about these |
//! | to call for | to hint to the processor that memory is going to be read, and to go on |
