//! The second reader's columns.

use super::cursor::Cursor;
use super::reader::Column;
use std::collections::BTreeSet;

/// `column.rs`.
pub fn column(mut cursor: Cursor<'_>, documents: usize) -> Column {
    let start = cursor.at;
    let mode = cursor.u8("mode");
    assert!(cursor.take(7, "zeros").iter().all(|byte| *byte == 0));
    assert_eq!(cursor.u64("documents"), documents as u64);
    let values = cursor.u64("values") as usize;
    let minimum = cursor.u64("minimum");
    let maximum = cursor.u64("maximum");
    let places_length = cursor.u64("bytes of the places") as usize;
    assert_eq!(cursor.at - start, 48);
    let codes_start = cursor.at + places_length;
    let mut places = cursor.within(cursor.at..codes_start);
    let counts: Vec<usize> = match mode {
        0 => vec![1; documents],
        1 => {
            let words: Vec<u64> = (0..documents.div_ceil(64))
                .map(|_| places.u64("which documents have a value"))
                .collect();
            let has = |document: usize| (words[document / 64] >> (document % 64) & 1) as usize;
            for (rank, number) in (0..).zip(places.u32s(documents.div_ceil(512), "rank")) {
                let before: usize = (0..512 * rank).map(has).sum();
                assert_eq!(before, number as usize);
            }
            places.zeros_to_eight();
            (0..documents).map(has).collect()
        }
        2 | 3 => {
            let starts = code_blocks(&mut places, documents + 1);
            assert_eq!((starts[0], starts[documents]), (0, values as u64));
            let pairs = starts.windows(2);
            pairs.map(|pair| (pair[1] - pair[0]) as usize).collect()
        }
        other => panic!("{other} is no mode"),
    };
    places.ends("the places");
    let mut cursor = cursor.within(codes_start..cursor.end);
    let codes = code_blocks(&mut cursor, values);
    cursor.ends("the codes");
    assert_eq!(codes.iter().min().copied().unwrap_or(0), minimum);
    assert_eq!(codes.iter().max().copied().unwrap_or(0), maximum);
    let mut codes = codes.into_iter();
    let column: Column = counts
        .into_iter()
        .map(|count| codes.by_ref().take(count).collect())
        .collect();
    let distinct = |codes: &Vec<u64>| codes.iter().collect::<BTreeSet<_>>().len() == codes.len();
    if mode > 1 {
        assert_eq!(column.iter().all(distinct), mode == 3);
    }
    assert_eq!(codes.next(), None, "a code that is no document's");
    column
}

/// `column/blocks.rs`: `count` numbers.
fn code_blocks(cursor: &mut Cursor<'_>, count: usize) -> Vec<u64> {
    let blocks: Vec<[u64; 5]> = (0..count.div_ceil(128))
        .map(|block| {
            [
                cursor.u64(format_args!("block {block}: minimum")),
                cursor.u64("maximum"),
                cursor.u64("step"),
                u64::from(cursor.u8("width")),
                cursor.number(7, "offset"),
            ]
        })
        .collect();
    let start = cursor.at;
    let mut numbers = Vec::new();
    for [minimum, maximum, step, width, offset] in blocks {
        assert_eq!(
            cursor.at - start,
            offset as usize,
            "blocks follow each other"
        );
        assert!(width <= 56 || width == 64);
        let in_block = (count - numbers.len()).min(128);
        let packed = cursor.take((in_block * width as usize).div_ceil(8), "packed codes");
        let values: Vec<u64> = (0..in_block)
            .map(|i| {
                let bit = |n: usize| {
                    let at = i * width as usize + n;
                    u64::from(packed[at / 8] >> (at % 8) & 1)
                };
                let value = (0..width as usize).fold(0, |value, n| value | bit(n) << n);
                minimum + value * step
            })
            .collect();
        assert_eq!(values.iter().min(), Some(&minimum));
        assert_eq!(values.iter().max(), Some(&maximum));
        numbers.extend(values);
    }
    let packed = cursor.at - start;
    let zeros = cursor.take(
        packed.wrapping_neg() % 8 + 8,
        "zeros to a multiple of 8, and 8 more",
    );
    assert!(zeros.iter().all(|byte| *byte == 0));
    numbers
}
