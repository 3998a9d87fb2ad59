//! The second reader's dictionary, posting lists and positions.

use super::cursor::Cursor;
use super::reader::{Champions, Head, Posting, Term};

/// `dictionary.rs`; the lists are read where the entries say.
pub fn terms(
    mut terms: Cursor<'_>,
    mut index: Cursor<'_>,
    postings: Cursor<'_>,
    text: bool,
) -> Vec<Term> {
    let count = index.u32("terms") as usize;
    let blocks = index.u32("blocks") as usize;
    assert_eq!(blocks, count.div_ceil(32));
    let prefixes: Vec<u64> = (0..blocks)
        .map(|block| index.u64(format_args!("first eight bytes of head {block}")))
        .collect();
    let offsets = index.u32s(blocks + 1, "offset of block");
    index.ends("the term index");

    let start = terms.at;
    let (first_list, mut next_list) = (postings.at, postings.at);
    let mut all: Vec<Term> = Vec::new();
    for block in 0..blocks {
        assert_eq!(terms.at, start + offsets[block] as usize);
        let in_block = (count - 32 * block).min(32);
        let length = terms.varint("bytes of the head") as usize;
        let shown = String::from_utf8_lossy(&terms.file[terms.at..terms.at + length]);
        let head = terms.take(length, format_args!("{shown:?}"));
        let mut prefix = head.to_vec();
        prefix.resize(head.len().max(8), 0);
        let prefix: [u8; 8] = prefix[..8].try_into().expect("eight bytes");
        assert_eq!(u64::from_be_bytes(prefix), prefixes[block]);
        let first = terms.take(6, "where its first list begins").iter().rev();
        let first = first.fold(0, |number, byte| number << 8 | usize::from(*byte));
        assert_eq!(first_list + first, next_list);
        let widths: Vec<usize> = ["document", "position", "frequency", "more", "end"]
            .iter()
            .map(|column| usize::from(terms.u8(format_args!("bits of {column}"))))
            .collect();
        let kinds = |bits: u32| -> Vec<bool> {
            assert!(in_block == 32 || bits >> in_block == 0);
            (0..in_block).map(|place| bits >> place & 1 == 1).collect()
        };
        let single = kinds(terms.u32("which are in one document only"));
        let once = kinds(terms.u32("which occur once in each"));
        let pairs = terms.take(in_block - 1, "own and shared bytes");
        let lengths = pairs.iter().flat_map(|pair| [pair % 16, pair / 16]);
        let lengths: Vec<usize> = lengths
            .map(|length| match length {
                15 => 15 + terms.varint("bytes of a longer name") as usize,
                _ => usize::from(length),
            })
            .collect();
        let mut names = vec![head.to_vec()];
        for (place, lengths) in lengths.chunks(2).enumerate() {
            let (own, shared) = (lengths[0], lengths[1]);
            let mut name = names[place][..shared].to_vec();
            let shown = String::from_utf8_lossy(&terms.file[terms.at..terms.at + own]);
            name.extend_from_slice(terms.take(own, format_args!("{shown:?}")));
            names.push(name);
        }

        let count = |wanted: &dyn Fn(usize) -> bool| (0..in_block).filter(|at| wanted(*at)).count();
        let bare = |place: usize| single[place] && (once[place] || !text);
        let numbers = [
            (widths[0], count(&|place| single[place])),
            (widths[1], count(&|place| text && bare(place))),
            (widths[2], count(&|place| !single[place])),
            (widths[3], count(&|place| !once[place])),
            (widths[4], count(&|place| !bare(place))),
        ];
        let numbers = columns(&mut terms, numbers, "the columns");
        let [
            mut document,
            mut position,
            mut frequency,
            mut more,
            mut ends,
        ] = numbers;
        for (place, name) in names.into_iter().enumerate() {
            if let Some(last) = all.last() {
                assert!(last.term < name, "terms ascend");
            }
            let shown = String::from_utf8_lossy(&name).into_owned();
            let next = |column: &mut std::vec::IntoIter<u64>| column.next().expect("so many");
            let documents = match single[place] {
                true => 1,
                false => next(&mut frequency) + 2,
            };
            let occurrences = match once[place] {
                true => documents,
                false => documents + 1 + next(&mut more),
            };
            let single = single[place].then(|| {
                let position = (text && once[place]).then(|| next(&mut position) as u32);
                (next(&mut document) as u32, position)
            });
            let length = match bare(place) {
                true => 0,
                false => first_list + first + next(&mut ends) as usize - next_list,
            };
            let list = postings.within(next_list..next_list + length);
            next_list += length;
            all.push(match single {
                Some((document, position)) => Term {
                    term: name,
                    postings: vec![Posting {
                        document,
                        frequency: occurrences as u32,
                        positions: match position {
                            Some(position) => vec![position],
                            None if text => single_positions(list, occurrences),
                            None => Vec::new(),
                        },
                    }],
                    head: None,
                },
                None => {
                    let (postings, head) = posting_list(list, &shown, documents, occurrences, text);
                    Term {
                        term: name,
                        postings,
                        head,
                    }
                }
            });
        }
    }
    assert_eq!(
        offsets.last().map(|end| start + *end as usize),
        Some(terms.at)
    );
    terms.ends("the terms");
    assert_eq!(next_list, postings.end, "something follows the last list");
    all
}

/// Columns of so many numbers of so many bits each, the lowest first, and zeros up
/// to a whole byte.
fn columns<const N: usize>(
    cursor: &mut Cursor<'_>,
    columns: [(usize, usize); N],
    what: &str,
) -> [std::vec::IntoIter<u64>; N] {
    let bits: usize = columns.iter().map(|(width, count)| width * count).sum();
    let bytes = cursor.take(bits.div_ceil(8), what);
    let bit_of = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
    let mut at = 0;
    let columns = columns.map(|(width, count)| {
        let numbers = (0..count).map(|_| {
            at += width;
            (at - width..at)
                .rev()
                .fold(0, |number, at| number << 1 | bit_of(at))
        });
        numbers.collect::<Vec<u64>>().into_iter()
    });
    assert!((at..bytes.len() * 8).all(|at| bit_of(at) == 0), "zeros");
    columns
}

fn single_positions(cursor: Cursor<'_>, occurrences: u64) -> Vec<u32> {
    let mut posting = [Posting {
        frequency: occurrences as u32,
        ..Posting::default()
    }];
    positions(cursor, &mut posting, occurrences);
    let [posting] = posting;
    posting.positions
}

/// `posting_list/mod.rs`: a list of at least two postings.
fn posting_list(
    mut cursor: Cursor<'_>,
    term: &str,
    documents: u64,
    occurrences: u64,
    text: bool,
) -> (Vec<Posting>, Option<Head>) {
    let (blocks, tail) = ((documents / 128) as usize, (documents % 128) as usize);
    let mut postings: Vec<Posting> = Vec::new();
    let mut next = 0u64;
    let mut head = None;
    let mut tail_end = None;
    if blocks > 0 {
        let pair = |cursor: &mut Cursor<'_>, what: &str| (cursor.u8(what), cursor.u8("norm"));
        let mut read = Head {
            impacts: (0..8)
                .map(|_| pair(&mut cursor, "impact: frequency"))
                .collect(),
            witnesses: (0..3)
                .map(|_| {
                    let corners = (0..4).map(|_| pair(&mut cursor, "witness: frequency"));
                    corners.collect()
                })
                .collect(),
            ceilings: Vec::new(),
            block_impacts: Vec::new(),
            champions: Vec::new(),
            bitmaps: 0,
            rests: 0,
        };
        let payload_length = cursor.u32("bytes of the payload") as usize;
        let champions_length = cursor.u16("bytes of the champions") as usize;
        let tail_length = cursor.u16("bytes of the tail") as usize;
        let champions_end = cursor.at + champions_length;
        if text && blocks >= 2 {
            let length = cursor.u8("bytes of the circle of 16") as usize;
            let end = cursor.at + length;
            read.champions.push(champions(&mut cursor, 16));
            assert_eq!(cursor.at, end);
        }
        if text && blocks >= 16 {
            read.champions.push(champions(&mut cursor, 128));
        }
        assert_eq!(cursor.at, champions_end);
        let ends = ends(&mut cursor, blocks);
        let lasts = cursor.u32s(blocks, "last document of block");
        let mut firsts = Vec::new();
        if text {
            let ceilings = blocks + usize::from(tail > 0);
            read.ceilings = cursor.take(ceilings, "ceiling of each block").to_vec();
            for _ in 0..blocks {
                let impacts = (0..4).map(|_| pair(&mut cursor, "impact of a block: frequency"));
                read.block_impacts.push(impacts.collect());
            }
            firsts = cursor.u32s(blocks, "first position of block");
        }
        let payload = cursor.at;
        let mut positions_before = 0u64;
        for block in 0..blocks {
            let block_documents = if cursor.file[cursor.at] == 0xff {
                cursor.u8("a bitmap");
                read.bitmaps += 1;
                bitmap(&mut cursor, next, u64::from(lasts[block]))
            } else {
                let (gaps, rests) = block_of(128, &mut cursor, "documents");
                read.rests += usize::from(rests > 0);
                let documents = gaps.iter().map(|gap| {
                    let document = next + u64::from(*gap);
                    next = document + 1;
                    document as u32
                });
                documents.collect()
            };
            let frequencies: Vec<u32> = if text {
                let (less, rests) = block_of(128, &mut cursor, "frequencies - 1");
                read.rests += usize::from(rests > 0);
                less.iter().map(|less| less + 1).collect()
            } else {
                vec![1; 128]
            };
            assert_eq!(block_documents.len(), 128, "of {term:?}");
            assert_eq!(block_documents.last(), Some(&lasts[block]));
            next = u64::from(lasts[block]) + 1;
            assert_eq!(cursor.at, payload + ends[block] as usize);
            if text {
                assert_eq!(u64::from(firsts[block]), positions_before);
            }
            for (document, frequency) in block_documents.into_iter().zip(frequencies) {
                positions_before += u64::from(frequency);
                postings.push(Posting {
                    document,
                    frequency,
                    positions: Vec::new(),
                });
            }
        }
        assert_eq!(cursor.at, payload + payload_length);
        head = Some(read);
        tail_end = Some(cursor.at + tail_length);
    } else if text {
        cursor.u8(format_args!("{term:?}: ceiling"));
    }
    if tail > 0 {
        let (gaps, _) = block_of(tail, &mut cursor, &format!("{term:?}: documents"));
        let less = match text && occurrences > documents {
            true => block_of(tail, &mut cursor, &format!("{term:?}: frequencies - 1")).0,
            false => vec![0; tail],
        };
        for (gap, less) in gaps.into_iter().zip(less) {
            let document = next + u64::from(gap);
            next = document + 1;
            postings.push(Posting {
                document: document as u32,
                frequency: less + 1,
                positions: Vec::new(),
            });
        }
    }
    if let Some(tail_end) = tail_end {
        assert_eq!(cursor.at, tail_end);
    }
    let sum: u64 = postings.iter().map(|p| u64::from(p.frequency)).sum();
    assert_eq!(sum, occurrences);
    if text {
        positions(cursor, &mut postings, occurrences);
    } else {
        cursor.ends("the list");
    }
    (postings, head)
}

/// `posting_list/champions.rs`.
fn champions(cursor: &mut Cursor<'_>, count: usize) -> Champions {
    let worth = cursor.u32("worth of the others, as f32");
    let norms = cursor.take(count, "norms of the champions").to_vec();
    let (documents, frequencies): (Vec<u32>, Vec<u32>) = if count == 16 {
        let widths = cursor.u8("bytes of a document + 16 times those of a frequency");
        let mut numbers = |width: u8, what| -> Vec<u32> {
            let bytes = cursor.take(16 * usize::from(width), what);
            let numbers = bytes.chunks(width.into()).map(|bytes| {
                let bytes = bytes.iter().rev();
                bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
            });
            numbers.collect()
        };
        (
            numbers(widths % 16, "documents of the champions"),
            numbers(widths / 16, "frequencies of the champions"),
        )
    } else {
        let (gaps, _) = block_of(count, cursor, "documents of the champions");
        let (less, _) = block_of(count, cursor, "frequencies of the champions - 1");
        let mut next = 0;
        let documents = gaps.iter().map(|gap| {
            let document = next + gap;
            next = document + 1;
            document
        });
        (
            documents.collect(),
            less.iter().map(|less| less + 1).collect(),
        )
    };
    Champions {
        others: f32::from_bits(worth),
        documents,
        frequencies,
        norms,
    }
}

/// Words from that of `next`, the first document that could be in the block,
/// to that of the last.
fn bitmap(cursor: &mut Cursor<'_>, next: u64, last: u64) -> Vec<u32> {
    let mut documents = Vec::new();
    for word_number in next / 64..=last / 64 {
        let word = cursor.u64("word");
        let bits = (0..64).filter(|bit| word >> bit & 1 == 1);
        documents.extend(bits.map(|bit| (64 * word_number + bit) as u32));
    }
    documents
}

/// `bytes/ends.rs`: where each of some blocks ends.
fn ends(cursor: &mut Cursor<'_>, blocks: usize) -> Vec<u32> {
    let bases = cursor.u32s(blocks.saturating_sub(1) / 32, "where 32 blocks more begin");
    let end = |block: usize| {
        let base = if block < 32 { 0 } else { bases[block / 32 - 1] };
        let end = cursor.u16(format_args!(
            "end of block {block}, past what all begin with"
        ));
        base + u32::from(end)
    };
    (0..blocks).map(end).collect()
}

/// `bytes/block/mod.rs`: so many numbers, and the bits of a rest.
fn block_of(count: usize, cursor: &mut Cursor<'_>, what: &str) -> (Vec<u32>, usize) {
    let head = usize::from(cursor.u8(format_args!(
        "{what}: low bits, and 32 times bits of a rest"
    )));
    let (low, rest) = (head % 32, head / 32);
    assert!(low <= 30);
    let start = cursor.at;
    let mut at = 0;
    let mut number = |bits: usize| {
        let bit = |at: usize| u32::from(cursor.file[start + at / 8] >> (at % 8) & 1);
        let number = (0..bits).fold(0, |number, n| number | bit(at + n) << n);
        at += bits;
        number
    };
    let mut values: Vec<u32> = (0..count).map(|_| number(low)).collect();
    let quotients = rest < 7;
    if quotients {
        let mut at_least: Vec<usize> = (0..count).collect();
        for _ in 0..3 {
            at_least.retain(|_| number(1) == 1);
            for index in &at_least {
                values[*index] += 1 << low;
            }
        }
        for index in at_least {
            values[index] += number(rest) << low;
        }
    }
    let bytes = cursor.take(at.div_ceil(8), format_args!("{what}: bits"));
    if at % 8 > 0 {
        assert_eq!(bytes[at / 8] >> (at % 8), 0, "what fills the last byte");
    }
    (values, if quotients { rest } else { 0 })
}

/// `positions/mod.rs`: the stream, given to the postings.
fn positions(mut cursor: Cursor<'_>, postings: &mut [Posting], occurrences: u64) {
    let blocks = (occurrences / 128) as usize;
    let ends = ends(&mut cursor, blocks);
    let start = cursor.at;
    let mut stream: Vec<u32> = Vec::new();
    for end in ends {
        stream.extend(block_of(128, &mut cursor, "positions").0);
        assert_eq!(cursor.at, start + end as usize);
    }
    let few = (occurrences % 128) as usize;
    if few > 0 {
        stream.extend(block_of(few, &mut cursor, "positions").0);
    }
    cursor.ends("the positions");
    let mut stream = stream.into_iter();
    for posting in postings {
        let mut position = 0;
        for place in stream.by_ref().take(posting.frequency as usize) {
            position += place;
            posting.positions.push(position);
        }
    }
}
