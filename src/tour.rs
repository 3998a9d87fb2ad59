//! # A tour of one sitting
//!
//! Three short documents go in at one end of this crate, and an answer comes
//! out at the other. Between lie the stations that every document and every
//! question pass, and this page stops at each to see what has become of them:
//! first values, then terms, then bytes, then scores. Each block of code runs
//! as a test, and whatever is said of these documents in numbers is in one, so
//! that it can't go stale.
//!
//! The documents:
//!
//! ```text
//! 0  {"id":"w1","year":1851,"text":"The whale and the sea."}
//! 1  {"id":"w2","year":1870,"text":"Whales sing. A whale sang to the whales."}
//! 2  {"id":"w3","year":1952,"text":"The old man of the sea fears no whale."}
//! ```
//!
//! And the question: `whales sea`. Which of them should come first? The first
//! is the shortest, the second speaks of whales three times, the third has both
//! words. Make a guess; the answer is at stop 9.
//!
//! # 1. A value becomes a document
//!
//! *Chapter: [`document`](crate::document).*
//!
//! A document is a JSON object, and a [`Schema`](crate::Schema) says what of it
//! is searched, and as what. Ours has three fields: a key, which makes a
//! document *the same* document when it is put again; a number, to filter and
//! sort by; and a text, which is to be analysed as English. The schema numbers
//! them in this order: 0, 1, 2.
//!
//! ```
//! use wordhoard::{Document, ErrorKind, Schema, Text, Value};
//!
//! let schema = Schema::builder()
//!     .key("id")
//!     .unsigned("year")
//!     .text("text", Text::english())
//!     .build()?;
//!
//! let json = r#"{"id":"w1","year":1851,"text":"The whale and the sea."}"#;
//! let document = Document::from_json(&schema, json)?;
//! let values: Vec<_> = document.values().iter().map(|(field, value)| (field.index(), value)).collect();
//! assert_eq!(values, [
//!     (0, &Value::Text("w1".into())),
//!     (1, &Value::Unsigned(1851)),
//!     (2, &Value::Text("The whale and the sea.".into())),
//! ]);
//! assert_eq!(document.key(), Some("w1"));
//! assert_eq!(document.source(), json);
//!
//! let odd = Document::from_json(&schema, r#"{"id":"w0","year":"long ago"}"#);
//! assert_eq!(odd.unwrap_err().kind(), ErrorKind::Document);
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! Any type that serde can serialize goes the same way, through
//! [`Document::new`](crate::Document::new); it is written as JSON first. The
//! JSON is kept beside the values, since it is what a hit gives back, to the
//! byte. And what doesn't fit is refused here, at the door: from now on nobody
//! has to ask whether a year is a number.
//!
//! # 2. A text becomes terms
//!
//! *Chapter: [`analysis`](crate::analysis).*
//!
//! An index holds not words but *terms*. An
//! [`Analyzer`](crate::analysis::Analyzer) makes terms of words, in two steps. A
//! tokenizer cuts the text at the word boundaries of Unicode; a token is a slice of
//! the text and knows its place, as an offset in bytes and as a position, counted
//! in words. Then a chain of filters makes a term of each
//! token. English's brings it to lower case, drops it if it is a stop word, and
//! cuts off its ending.
//!
//! ```
//! use wordhoard::analysis::Analyzer;
//!
//! let english = Analyzer::english();
//! let text = "The whale and the sea.";
//! let mut tokens = Vec::new();
//! english.tokens(text, |token| tokens.push((token.text, token.start, token.position)));
//! assert_eq!(tokens, [("The", 0, 0), ("whale", 4, 1), ("and", 10, 2), ("the", 14, 3), ("sea", 18, 4)]);
//!
//! let terms = |text: &str| {
//!     let mut terms = Vec::new();
//!     english.analyze(text, &mut |term, token| terms.push(format!("{term} {}", token.position)));
//!     terms.join(" · ")
//! };
//! assert_eq!(terms(text), "whale 1 · sea 4");
//! assert_eq!(terms("Whales sing. A whale sang to the whales."), "whale 0 · sing 1 · whale 3 · sang 4 · whale 7");
//! assert_eq!(terms("The old man of the sea fears no whale."), "old 1 · man 2 · sea 5 · fear 6 · whale 8");
//! ```
//!
//! Three things are worth noting. *Whales* has become `whale`, and *fears* `fear`,
//! so a question finds both forms if it goes the same way. But *sang* has not
//! become `sing`: the stemmer knows endings, not verbs. And stop words are gone,
//! but their positions are not taken by others: `sea` is still the word number
//! 4, so that a phrase knows of the gap.
//!
//! From here on a document's length is the number of its terms: 2, 5 and 5.
//!
//! # 3. Terms become a run
//!
//! *Chapter: [`inversion`](crate::inversion).*
//!
//! So far we can say what is in a document. To search means to ask the opposite:
//! which documents is this in? The step from the one to the other is nothing but
//! sorting. Write down the twelve occurrences in the order of the text, each as
//! term, document and position; give each distinct term a number, in the order
//! in which it first comes; then sort by it. As the numbers are small, a
//! *counting sort* will do: count how often each term occurs, add the counts up,
//! which tells where each term's occurrences begin, and put every occurrence in
//! its place. Two passes, no comparison. Here is all of it:
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{DOCUMENTS, schema};
//! # use wordhoard::{Document, Value, analysis::Analyzer};
//! # let schema = schema()?;
//! # let english = Analyzer::english();
//! # let field = schema.field("text").unwrap().0;
//! let mut names: Vec<String> = Vec::new();
//! let mut occurrences: Vec<(usize, u32, u32)> = Vec::new(); // term, document, position
//! for (document, json) in (0..).zip(DOCUMENTS) {
//!     let made = Document::from_json(&schema, json)?;
//!     let Some(Value::Text(text)) = made.of(field).next() else { continue };
//!     english.analyze(text, &mut |term, token| {
//!         let number = names.iter().position(|name| name == term).unwrap_or_else(|| {
//!             names.push(term.to_owned());
//!             names.len() - 1
//!         });
//!         occurrences.push((number, document, token.position));
//!     });
//! }
//! assert_eq!(names, ["whale", "sea", "sing", "sang", "old", "man", "fear"]);
//! assert_eq!(occurrences.len(), 12);
//!
//! let mut starts = vec![0; names.len() + 1];
//! occurrences.iter().for_each(|(term, ..)| starts[term + 1] += 1); // count
//! (1..starts.len()).for_each(|i| starts[i] += starts[i - 1]);      // add up
//! assert_eq!(starts, [0, 5, 7, 8, 9, 10, 11, 12]);
//!
//! let mut sorted = vec![(0, 0); occurrences.len()];
//! let mut places = starts.clone();
//! for (term, document, position) in occurrences {                  // put in place
//!     sorted[places[term]] = (document, position);
//!     places[term] += 1;
//! }
//! assert_eq!(sorted[starts[0]..starts[1]], [(0, 1), (1, 0), (1, 3), (1, 7), (2, 8)]); // whale
//! assert_eq!(sorted[starts[1]..starts[2]], [(0, 4), (2, 5)]);                         // sea
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! The last two lines are an inverted index. [`Inverter`](crate::inversion::Inverter)
//! does the same with a batch of some megabytes, on each core another batch, with
//! a hash table where this searches, and it keeps a second table: from each
//! distinct token, as it stood in the text (its *surface*), to the terms made of it.
//! So filters run once for each of those. Of our 22 tokens 16 are distinct; in a
//! batch of real size few are, and stemming is almost free.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{DOCUMENTS, schema};
//! use std::collections::HashSet;
//! use wordhoard::analysis::{Analyzer, Analyzers};
//! use wordhoard::inversion::Inverter;
//! use wordhoard::{Document, Value};
//!
//! let schema = schema()?;
//! let documents = DOCUMENTS.map(|json| Document::from_json(&schema, json)).into_iter();
//! let batch: Vec<Document> = documents.collect::<Result<_, _>>()?;
//! let run = Inverter::new(&schema, &Analyzers::default())?.invert(&batch)?;
//! assert_eq!(run.documents(), 3);
//! assert!(run.size() < 500); // bytes, and all is in it: terms, years, texts
//! # let (mut all, mut distinct) = (0, HashSet::new());
//! # for document in &batch {
//! #     if let Some((_, Value::Text(text))) = document.values().last() {
//! #         Analyzer::english().tokens(text, |token| { all += 1; distinct.insert(token.text); });
//! #     }
//! # }
//! # assert_eq!((all, distinct.len()), (22, 16));
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! What comes out is a *run*: terms in the order in which they came, their
//! occurrences packed. Runs gather until they fill their share of the memory
//! that the writer may use, or until a commit comes. Then the terms are sorted,
//! and for each in turn what the runs have of it becomes one list in a file.
//!
//! # 4. Runs become a segment
//!
//! *Chapter: [`segment`](crate::segment).*
//!
//! Let us commit, and look into the file. It is written once, front to back,
//! and it consists of *sections*, each with a kind and the number of a field; a
//! table near the end says where each lies, and the last 40 bytes, the tail, say
//! where the table is.
//!
//! ```
//! use std::sync::Arc;
//! use wordhoard::storage::{Directory, Memory};
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{DOCUMENTS, number, schema};
//! use wordhoard::Index;
//!
//! let memory = Memory::new(); // a folder that isn't on a disk
//! let index = Index::options().schema(schema()?).create_in(Arc::new(memory.clone()))?;
//! let mut writer = index.writer()?;
//! for json in DOCUMENTS {
//!     writer.put_json(json)?;
//! }
//! assert_eq!(memory.list()?, ["manifest-000000000001.json"]);
//! writer.commit()?;
//! assert_eq!(memory.list()?, ["manifest-000000000002.json", "segment-000000000002.hoard"]);
//!
//! let file = memory.open("segment-000000000002.hoard")?;
//! assert_eq!(file[..16], *b"wordhord\x01\0\0\0\0\0\0\0");
//! assert_eq!(file[file.len() - 8..], *b"droghord");
//! let tail = &file[file.len() - 40..];
//! assert_eq!(number(tail, 12, 4), 3); // documents
//! let table = &file[number(tail, 0, 8)..file.len() - 40];
//! let sections: Vec<_> = table.chunks(24).map(|line| (number(line, 2, 2), number(line, 0, 2))).collect();
//! assert_eq!(sections, [
//!     (0, 1), (0, 2), (0, 3), (0, 4), (0, 7),         // id: summary, postings, terms, term index; column
//!     (1, 7),                                         // year: column
//!     (2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), // text: as id, but norms and lengths
//!     (0xffff, 8), (0xffff, 9),                       // the schema, the stored documents
//! ]);
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! Fourteen sections. Four of those of the field `text` are worth reading byte
//! by byte.
//!
//! **The terms** stand in blocks of 32, so our seven are one block. The first
//! stands there whole; of each of the others, how many bytes it shares with the
//! one before it, how many are its own, and these. Then comes what there is to know
//! of each: in how many documents it is and how often, and where its list ends;
//! and if it is in one only, which one that is and where in it, since a list of one
//! would be a waste. All of these numbers stand in *columns*, each as wide as its
//! largest number needs, from the lowest bit of a byte up. So that of any term is
//! found by arithmetic, and the 31 others aren't read.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{section, segment};
//! # const TEXT: usize = 2;
//! # const TERMS: usize = 3;
//! let terms: [&[u8]; 15] = [
//!     b"\x04fear",      // the head of the block, whole
//!     &[0; 6],          // the block's first list begins at byte 0 of the postings
//!     b"\x02\x03",      // 2 bits for a document, and 3 for a position
//!     b"\x01\x01\x04",  // 1 for how many documents, 1 for how often more, 4 for an end
//!     // In one document only: all but sea and whale. Once in each: all but whale.
//!     &[0b0010_1111, 0, 0, 0],
//!     &[0b0011_1111, 0, 0, 0],
//!     // Shared 0 and own 3, 0 and 3, 0 and 4; 1 and 2, 1 and 3, 0 and 5.
//!     &[0x03, 0x03, 0x04, 0x12, 0x13, 0x05],
//!     b"man",
//!     b"old",
//!     b"sang",
//!     b"ea",            // sea: shares the s with sang
//!     b"ing",           // sing: shares the s with sea
//!     b"whale",
//!     // Documents 2 2 2 1 1 of the five singles, then their positions 6 2 1 4 1;
//!     &[0b01_10_10_10, 0b010_110_01, 0b01_100_001],
//!     // the last one's third bit; sea is in 2 + 0 documents, whale in 2 + 1, and
//!     // there 3 + 1 + 1 times; the lists end at 5 and 12.
//!     &[0b0101_1_10_0, 0b1100],
//! ];
//! assert_eq!(section(&segment()?, TERMS, TEXT), terms.concat());
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! To find a term, one needn't read all blocks: the section behind this one has
//! the first eight bytes of each block's head as a number, and a search among
//! these finds the block.
//!
//! **The postings**. That a document has a term, how often and where, is a
//! *posting*; those of a term in a segment are its *list*. Here is that of `sea`,
//! then that of `whale`. A list has three parts: whole blocks of 128 documents; a
//! tail of what is left; and the positions. Ours are too short for a whole block,
//! so the tail comes at once, behind a *ceiling*: a byte that says how good the best
//! of them can be. A document is written as a *gap*, the number of documents between
//! it and the one before; then come the frequencies, less one, if any is more than
//! that. Positions are distances, too, within a document.
//!
//! All of them are small numbers, and written as *blocks*: a head, the low bits of
//! each, as many as the head says, then bit by bit whether what is left of each is
//! at least 1, of those whether it is at least 2, at least 3, and how much more
//! (`src/bytes/block` has the reasons).
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{section, segment};
//! # const TEXT: usize = 2;
//! # const POSTINGS: usize = 2;
//! let postings: [&[u8]; 7] = [
//!     // sea: its best is worth 146/255 of what a document can be.
//!     &[146],
//!     // Gaps 0 and 1, documents 0 and 2; a low bit each, and nothing left.
//!     &[0xe1, 0b10],
//!     // Positions 4 and 5: low bits 0 1, and twice at least 1, at least 2, not 3.
//!     &[0x01, 0b00_11_11_10],
//!     // whale: its ceiling; gaps 0, 0 and 0, in no bits at all.
//!     &[173],
//!     &[0xe0],
//!     // Once, 1 + 2 times, once: the 2 is at least 1, at least 2, not 3.
//!     &[0x00, 0b0_1_010],
//!     // Positions 1 · 0, then 3 on, then 4 on · 8: low bits 1 0 1 0 0; left are
//!     // 0 0 1 2 4, of which the 4 is one more than 3.
//!     &[0x21, 0b100_00101, 0b1_10_110_11],
//! ];
//! assert_eq!(section(&segment()?, POSTINGS, TEXT), postings.concat());
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! Twelve bytes, seven occurrences, their places included. A list of 128
//! documents or more would begin with a *directory*, which says of each block
//! what its last document is and how good its best one can be, so that blocks
//! can be skipped that hold nothing of interest
//! ([`posting_list`](crate::segment::posting_list),
//! [`impacts`](crate::segment::impacts)).
//!
//! **The norms** are the lengths of the documents, a byte each. Up to 40 a
//! length is exact, above that it is rounded as in a tiny floating-point number
//! ([`norms`](crate::segment::norms)). **The summary** adds it all up: 3
//! documents, 12 terms in them, 7 distinct.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{index, number, section, segment};
//! # const TEXT: usize = 2;
//! # const SUMMARY: usize = 1;
//! # const NORMS: usize = 5;
//! # let file = segment()?;
//! assert_eq!(section(&file, NORMS, TEXT), [2, 5, 5]);
//! let summary = section(&file, SUMMARY, TEXT);
//! assert_eq!(number(summary, 0, 4), 3); // documents
//! assert_eq!(number(summary, 8, 8), 12); // their lengths together
//! assert_eq!(number(summary, 16, 8), 7); // distinct terms
//!
//! // The same, by the reader that the crate has for it.
//! let snapshot = index()?.0.snapshot()?;
//! let inverted = snapshot.parts()[0].segment.inverted("text").unwrap();
//! assert_eq!(inverted.term_count(), 7);
//! let whale = inverted.lookup(b"whale")?.unwrap();
//! assert_eq!((whale.ordinal, whale.document_frequency, whale.total_frequency), (6, 3, 5));
//! let (mut documents, mut frequencies) = ([0; 128], [0; 128]);
//! let list = inverted.postings(&whale)?;
//! let count = list.decode_both(0, &mut documents, &mut frequencies)?;
//! assert_eq!((&documents[..count], &frequencies[..count]), (&[0, 1, 2][..], &[1, 3, 1][..]));
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! The other sections are the opposite of these: given a document, what is its
//! year ([`column`](crate::segment::column)), and what was its text (`stored.rs`:
//! compressed in blocks, each by itself)?
//!
//! # 5. A segment becomes part of an index
//!
//! *Chapters: [`index`](crate::index), [`storage`](crate::storage).*
//!
//! A file that nobody names isn't part of anything. What makes it one is the
//! *manifest*: JSON that a person can read, with a checksum in its last line. It
//! has the schema, the definition of each analyzer, and the segments in the
//! order of their documents. Its number is that of the commit. Ours is 2, as
//! creating the index was a commit too, of nothing.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::index;
//! # use wordhoard::storage::Directory;
//! # let (_index, memory) = index()?;
//! let manifest = memory.open("manifest-000000000002.json")?;
//! let manifest = String::from_utf8_lossy(&manifest);
//! let (json, checksum) = manifest.trim_end().rsplit_once('\n').unwrap();
//! assert!(checksum.starts_with("crc32 "));
//! let json: serde_json::Value = serde_json::from_str(json)?;
//! assert_eq!(json["commit"], 2);
//! assert_eq!(json["schema"]["key"], "id");
//! assert_eq!(json["analyzers"]["english"]["filters"][5]["stem"], "english");
//! assert_eq!(json["segments"][0]["file"], "segment-000000000002.hoard");
//! assert_eq!(json["segments"][0]["documents"], 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The order of events is what makes a commit safe. First the segment is
//! written, and the writer waits until the device has it; then the manifest, the
//! same way, under a name that nobody looks for; then it gets its real name, in
//! one step that can't happen by halves and fails if the name is taken; then the
//! folder is made durable as well. Cut the power at any point: what is found
//! afterwards is the old commit or the new one. No reader takes a lock, and none
//! is ever asked to wait.
//!
//! # 6. A text becomes a query
//!
//! *Chapter: [`query`](crate::query).*
//!
//! Now the question. What a person types is parsed to a
//! [`Query`](crate::Query), which is plain data: one can build it by hand,
//! compare it, send it over a wire, and print it so that the parser reads the
//! same back.
//!
//! ```
//! use wordhoard::Query;
//!
//! let query = Query::parse("whales sea").query;
//! assert_eq!(query, Query::boolean([Query::term("whales").should(), Query::term("sea").should()]));
//! assert_eq!(query.to_string(), "whales sea");
//! ```
//!
//! Two clauses, of which one *should* match, better both. The query knows of no
//! index: it names no field, and `whales` is still a word.
//!
//! # 7. A query becomes a plan
//!
//! *Chapter: [`search`](crate::search), `plan.rs` and `statistics.rs`.*
//!
//! That changes when it is asked of a [`Searcher`](crate::Searcher), which is
//! the index as it was at one commit. A word without a field is meant for all
//! text fields, of which we have one. Its analyzer makes `whale` of `whales`, the
//! way it went with the documents. And each term gets a *weight*: the rarer it
//! is, the more it tells about a document that has it. With `N` documents that have
//! the field, and `df` of them that have the term, it is
//!
//! ```text
//! idf = ln(1 + (N - df + ½) / (df + ½))
//!
//! whale   N = 3, df = 3   ln(1 + 0.5 / 3.5) = ln(1.1429) = 0.1335
//! sea     N = 3, df = 2   ln(1 + 1.5 / 2.5) = ln(1.6)    = 0.4700
//! ```
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::index;
//! use wordhoard::search::idf;
//!
//! let (index, _) = index()?;
//! let searcher = index.searcher()?;
//! let statistics = searcher.statistics("whales sea")?;
//! assert_eq!(statistics.document_frequency("text", "whale"), Some(3));
//! assert_eq!(statistics.document_frequency("text", "sea"), Some(2));
//! assert_eq!(format!("{:.4} {:.4}", idf(3, 3), idf(3, 2)), "0.1335 0.4700");
//! assert_eq!(idf(3, 2), 1.6f64.ln() as f32);
//!
//! let field = searcher.snapshot().statistics("text");
//! assert_eq!((field.documents, field.total_length), (3, 12)); // so 4 on average
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! A word that is in every document says nearly nothing, and that all three
//! speak of whales is why the second document, for all its whales, is about to
//! lose.
//!
//! # 8. A plan becomes bits
//!
//! *Chapter: [`search`](crate::search), `window.rs`, `execute.rs` and
//! `boolean.rs`.*
//!
//! The plan is asked about 4096 documents at a time, a *window*: which of you
//! match? The answer is a bit for each, and all of Boolean logic is then
//! operations on words of 64 bits. Our index fits into one window, and three
//! bits of its first word tell all, document 0 being the lowest:
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::index;
//! # let (index, _) = index()?;
//! # let searcher = index.searcher()?;
//! # let snapshot = searcher.snapshot();
//! # let inverted = snapshot.parts()[0].segment.inverted("text").unwrap();
//! let bits = |term: &str| -> wordhoard::Result<u64> {
//!     let Some(entry) = inverted.lookup(term.as_bytes())? else { return Ok(0) };
//!     let (list, mut documents) = (inverted.postings(&entry)?, [0; 128]);
//!     let count = list.decode_documents(0, &mut documents)?;
//!     Ok(documents[..count].iter().fold(0, |bits, document| bits | 1 << document))
//! };
//! assert_eq!(bits("whale")?, 0b111);
//! assert_eq!(bits("sea")?, 0b101);
//! assert_eq!(bits("whale")? | bits("sea")?, 0b111);  // whale sea
//! assert_eq!(bits("whale")? & bits("sea")?, 0b101);  // +whale +sea
//! assert_eq!(bits("whale")? & !bits("sea")?, 0b010); // +whale -sea
//!
//! for (query, matches) in [("whale sea", 3), ("+whale +sea", 2), ("+whale -sea", 1)] {
//!     assert_eq!(searcher.count(query)?, matches);
//! }
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! A phrase needs the positions, too. `"old man"`: first the documents with both
//! words, which is document 2 alone; then, are there two positions that follow
//! each other? 1 and 2 do. `"whale sea"` has two such documents, but in the first
//! the words stand at 1 and 4 and in the other at 8 and 5, so there is no hit.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::index;
//! # let searcher = index()?.0.searcher()?;
//! assert_eq!(searcher.count("\"old man\"")?, 1);
//! assert_eq!(searcher.count("\"whale sea\"")?, 0);
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! # 9. Bits become scores
//!
//! *Chapter: [`search`](crate::search), `bm25.rs`, `term.rs` and `topk.rs`.*
//!
//! A match is worth its weight, times a factor that grows with the frequency
//! `tf` but never reaches 1, and that a long document lowers:
//!
//! ```text
//! score = weight · tf / (tf + K)      K = k1 · (1 - b + b · length / average)
//! ```
//!
//! With `k1` = 1.2 and `b` = 0.75, and 4 terms on average, a document of 2 has
//! K = 1.2 · (0.25 + 0.75 · 2/4) = 0.75, and one of 5 has K = 1.2 · (0.25 +
//! 0.75 · 5/4) = 1.425. A document's score is the sum over the clauses, in their
//! order:
//!
//! ```text
//!                whale                      sea
//! document 0     0.1335 · 1/1.75  = 0.0763  0.4700 · 1/1.75  = 0.2686   0.3449
//! document 1     0.1335 · 3/4.425 = 0.0905  -                           0.0905
//! document 2     0.1335 · 1/2.425 = 0.0551  0.4700 · 1/2.425 = 0.1938   0.2489
//! ```
//!
//! Here is the sum once more in code, in the precision that the crate uses; the
//! scores are not close but equal, to the last bit:
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::index;
//! use wordhoard::search::{Total, idf};
//!
//! # let (index, _) = index()?;
//! let page = index.searcher()?.search("whales sea").run()?;
//! let hits: Vec<(u32, f32)> = page.hits().map(|hit| (hit.number(), hit.score())).collect();
//!
//! let k = |length: f64| (f64::from(1.2f32) * (1.0 - 0.75 + 0.75 * length / 4.0)) as f32;
//! let (k_of_2, k_of_5) = (k(2.0), k(5.0));
//! assert_eq!(format!("{k_of_2:.3} {k_of_5:.3}"), "0.750 1.425");
//! let score = |idf: f32, tf: f32, k: f32| idf * (tf / (tf + k));
//! let (whale, sea) = (idf(3, 3), idf(3, 2));
//! assert_eq!(hits, [
//!     (0, score(whale, 1.0, k_of_2) + score(sea, 1.0, k_of_2)),
//!     (2, score(whale, 1.0, k_of_5) + score(sea, 1.0, k_of_5)),
//!     (1, score(whale, 3.0, k_of_5)),
//! ]);
//! let rounded: Vec<String> = hits.iter().map(|(_, score)| format!("{score:.4}")).collect();
//! assert_eq!(rounded, ["0.3449", "0.2489", "0.0905"]);
//! assert_eq!(page.total(), Total::Exact(3));
//! # let parts = [(whale, 1.0, k_of_2), (sea, 1.0, k_of_2), (whale, 3.0, k_of_5), (whale, 1.0, k_of_5), (sea, 1.0, k_of_5)];
//! # let parts = parts.map(|(idf, tf, k)| format!("{:.4}", score(idf, tf, k)));
//! # assert_eq!(parts, ["0.0763", "0.2686", "0.0905", "0.0551", "0.1938"]);
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! So the shortest is first, then the one with the man, and the three whales are
//! last. Did you guess it?
//!
//! In a large index most documents that match are never scored. Once there are
//! ten good hits, the worst of them sets a *threshold*, and what the lists say of
//! their blocks, as by the ceilings of stop 4, gives a *bound*: no document of this
//! window can score more than so much. A window whose bound doesn't exceed the threshold is
//! passed over. That is exact: hits and scores are those that one would get by
//! scoring everything. Only the count is then not known, and
//! [`total`](crate::Page::total) says so with `AtLeast`. And a list of two blocks or
//! more has its best documents a second time, its *champions*: a question of one word
//! mostly needs no more.
//!
//! # 10. Scores become a page
//!
//! *Chapter: [`search`](crate::search), `page.rs`, `snippets.rs` and
//! `explain.rs`.*
//!
//! A [`Hit`](crate::Hit) is a number and a score. All else is read when it is
//! asked for: the document, from one block of stored ones; the passage that
//! shows why it matched, by analysing this one text again and marking the terms
//! of the query; and an account of the score, whose numbers add up to it.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::{DOCUMENTS, index};
//! # let (index, _) = index()?;
//! let page = index.searcher()?.search("whales sea").run()?;
//! let best = page.hit(0).unwrap();
//! assert_eq!(best.key()?.as_deref(), Some("w1"));
//! assert_eq!(best.source()?, DOCUMENTS[0]);
//! assert_eq!(best.snippet("text")?.highlighted("[", "]"), "The [whale] and the [sea].");
//!
//! let third = page.hit(2).unwrap().snippet("text")?;
//! assert_eq!(third.highlighted("[", "]"), "[Whales] sing. A [whale] sang to the [whales].");
//!
//! let explanation = best.explain()?;
//! assert_eq!(explanation.value(), best.score());
//! let clauses: Vec<f32> = explanation.details().iter().map(|clause| clause.value()).collect();
//! assert_eq!(clauses[0] + clauses[1], best.score());
//! println!("{explanation}");
//! # let shown = "\
//! # 0.34487718 the sum of
//! #   0.07630365 \"whale\" in text
//! #     0.13353139 weight = idf · boost
//! #       0.13353139 idf, in 3 of 3 documents
//! #       1         boost
//! #     0.5714286 tf / (tf + K)
//! #       1         tf, how often it occurs here
//! #       0.75      K = k1 · (1 - b + b · 2 / 4.00), of k1 = 1.2, b = 0.75, length and average length
//! #   0.26857352 \"sea\" in text
//! # ";
//! # assert!(explanation.to_string().starts_with(shown));
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! ```text
//! 0.34487718 the sum of
//!   0.07630365 "whale" in text
//!     0.13353139 weight = idf · boost
//!       0.13353139 idf, in 3 of 3 documents
//!       1         boost
//!     0.5714286 tf / (tf + K)
//!       1         tf, how often it occurs here
//!       0.75      K = k1 · (1 - b + b · 2 / 4.00), of k1 = 1.2, b = 0.75, length and average length
//!   0.26857352 "sea" in text
//!     …
//! ```
//!
//! # 11. What changes, and what doesn't
//!
//! *Chapter: [`index`](crate::index), `writer.rs` and `merging.rs`; and
//! [`segment::merge`](crate::segment::merge).*
//!
//! No file is ever changed. So to *replace* a document is to put the new one
//! into a new segment, and to mark the old one as deleted, in a small file of
//! its own beside the old segment: a bit for each document, and by how much the
//! field's statistics are to be lowered ([`tombstones`](crate::segment::tombstones)).
//! Let the second document speak of the sea as well.
//!
//! ```
//! # mod whales { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/tour/whales.rs")); }
//! # use whales::index;
//! # use wordhoard::storage::Directory;
//! # let (index, memory) = index()?;
//! let before = index.searcher()?;
//! let mut writer = index.writer()?;
//! writer.put_json(r#"{"id":"w2","year":1870,"text":"Whales sing of the sea."}"#)?;
//! let receipt = writer.commit()?;
//! assert_eq!((receipt.put, receipt.deleted, receipt.documents, receipt.segments), (1, 1, 3, 2));
//! assert_eq!(memory.list()?, [
//!     "deleted-000000000004.bits",  // document 1 of the first segment
//!     "manifest-000000000003.json", // names the other three
//!     "segment-000000000002.hoard", // as it was, to the byte
//!     "segment-000000000003.hoard", // the new document
//! ]);
//! let snapshot = index.snapshot()?;
//! assert_eq!(snapshot.parts()[0].tombstones.words(), [0b010]);
//! let field = snapshot.statistics("text");
//! assert_eq!((field.documents, field.total_length), (3, 12 - 5 + 3));
//!
//! let numbers = |page: wordhoard::Page| page.hits().map(|hit| hit.number()).collect::<Vec<_>>();
//! let after = index.searcher()?;
//! assert_eq!(numbers(after.search("whales sea").run()?), [0, 3, 2]);
//! assert_eq!(numbers(before.search("whales sea").run()?), [0, 2, 1]);
//!
//! let scores = |page: wordhoard::Page| page.hits().map(|hit| hit.score()).collect::<Vec<_>>();
//! let receipt = writer.optimize()?;
//! assert_eq!((receipt.documents, receipt.segments), (3, 1));
//! let merged = index.searcher()?;
//! assert_eq!(numbers(merged.search("whales sea").run()?), [0, 2, 1]);
//! assert_eq!(scores(merged.search("whales sea").run()?), scores(after.search("whales sea").run()?));
//! assert_eq!(memory.list()?, ["manifest-000000000004.json", "segment-000000000005.hoard"]);
//!
//! writer.delete("w1")?;
//! writer.commit()?;
//! assert_eq!(merged.count("whales sea")?, 3);
//! assert_eq!(index.searcher()?.count("whales sea")?, 2);
//! # Ok::<(), wordhoard::Error>(())
//! ```
//!
//! The new document's number is 3: numbers are given in the order of putting,
//! and that of the deleted one isn't given again. All three have both words now,
//! so the shorter is the better, and the new one, of 3 terms, is second. The
//! searcher from before goes on to see the old state, and will as long as
//! somebody holds it, though the files that it reads have lost their names.
//!
//! A *merge* writes the live documents of neighbouring segments anew as one,
//! and leaves the dead ones out. That changes numbers, as `optimize` has just
//! shown, but never the order, and no score by a bit: statistics count only
//! living documents, before and after. Merges happen by themselves as segments
//! gather; without them, every question would have to be asked of every little
//! segment that ever was committed.
//!
//! # Where to go from here
//!
//! The lessons in `examples/` are the way to use all this; the chapters are the
//! way to understand it, in the order of this tour. If you have an hour, read
//! [`segment`](crate::segment), then `search/window.rs` and what follows it. If
//! you doubt something, the tests are named after what might go wrong.
