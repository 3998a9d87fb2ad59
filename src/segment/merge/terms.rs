//! # Joining terms: all inputs' dictionaries, side by side
//!
//! Idea        each input's terms ascend, so the least of those at hand is the next; all
//!             inputs that are at it hand over what their list has. Ranges of terms
//!             (`ranges.rs`) are joined side by side and written in order
//! Example     inputs with "sea" "whale" and "ship" "whale": "sea" of the first, "ship"
//!             of the second, "whale" of both
//! Invariants  (1) a range keeps at most some 4 MB of lists; a list that would be more
//!             is only measured, and encoded while it is written
//! Cost        a comparison of eight bytes an input and term: inputs are few, so to look
//!             at each is no slower than to keep them in order
//! Next        `lists.rs`

use super::inputs::{Input, Inputs};
use super::lists::ListMerger;
use super::long_list::LongList;
use super::ordinals::NewOrdinals;
use crate::document::FieldId;
use crate::error::{Error, Result};
use crate::segment::Yardstick;
use crate::segment::dictionary::{TERM_BYTES, TermEntry, prefix};
use crate::segment::inverted::{FieldStatistics, Inverted};
use crate::segment::ranges::{OUT_OF_ORDER, RANGE_BYTES, TermRange, TermsIn, ranges};
use crate::segment::writer::{EncodedTerms, SegmentWriter};

pub(super) fn merge_terms(
    inputs: &Inputs,
    id: FieldId,
    name: &str,
    text: bool,
    statistics: FieldStatistics,
    writer: &mut SegmentWriter,
    new_ordinals: &mut [NewOrdinals],
) -> Result<()> {
    let mut sources = Vec::new();
    for (number, input) in (0..).zip(&inputs.all) {
        if let Some(inverted) = input.segment.inverted(name) {
            sources.push(Source {
                number,
                input,
                inverted,
                norms: inverted.norms().unwrap_or_default(),
            });
        }
    }
    let ranges = ranges(sources.iter().map(|source| source.inverted))?;
    let yardstick = text.then(|| Yardstick::new(statistics.average_length()));
    let path = writer.path().to_owned();
    let io = |error| Error::io("writing", &path, error);
    let mut field = writer.terms(id, text);
    field.write_ranges(
        &ranges,
        || ListMerger::new(yardstick.as_ref()),
        |lists, range| merge_range(inputs, &sources, range, lists),
        |source, old, new| {
            let Some(ordinals) = new_ordinals.get_mut(source as usize) else {
                return Ok(());
            };
            let pushed = ordinals.push(old, new).map_err(io)?;
            pushed.ok_or_else(|| {
                let segment = inputs.all[source as usize].segment;
                segment.corrupt(&format!("field {name:?}"), OUT_OF_ORDER)
            })
        },
    )?;
    field.finish(statistics)
}

/// One field of an input.
pub(super) struct Source<'a> {
    /// The input's number.
    number: u32,
    pub(super) input: &'a Input<'a>,
    pub(super) inverted: &'a Inverted,
    /// Of a text field.
    pub(super) norms: &'a [u8],
}

/// The terms of one source, at one of them.
struct Walk<'a> {
    terms: TermsIn<'a>,
    entry: TermEntry,
    /// The term's first bytes: nearly all comparisons end there.
    prefix: u64,
}

impl<'a> Walk<'a> {
    /// At the first term of the range; `None` if there is none.
    fn begin(source: &Source<'a>, range: &'a TermRange) -> Result<Option<Self>> {
        let mut terms = range.of(source.inverted)?;
        let first = terms.next()?;
        let prefix = prefix(terms.term());
        Ok(first.map(|entry| Self {
            terms,
            entry,
            prefix,
        }))
    }

    fn order(&self) -> (u64, &[u8]) {
        (self.prefix, self.terms.term())
    }

    /// Goes to the next term; `false` if the range has no more.
    fn advance(&mut self, source: &Source, last: &[u8]) -> Result<bool> {
        let Some(entry) = self.terms.next()? else {
            return Ok(false);
        };
        if self.terms.term() <= last {
            return Err(source.inverted.corrupt(OUT_OF_ORDER));
        }
        self.entry = entry;
        self.prefix = prefix(self.terms.term());
        Ok(true)
    }
}

/// Bytes of lists that a range may have. A list that is more, or would make it
/// more, is not kept until it is written: it is measured, and encoded then.
const RANGE_MOST: u64 = 4 << 20;

/// A list of so few bytes is kept nevertheless.
const SHORT_BYTES: u64 = 64 << 10;

fn merge_range<'a>(
    inputs: &Inputs,
    sources: &'a [Source],
    range: &TermRange,
    lists: &mut ListMerger,
) -> Result<EncodedTerms<'a>> {
    let yardstick = lists.yardstick;
    let mut walks: Vec<Option<Walk>> = sources
        .iter()
        .map(|source| Walk::begin(source, range))
        .collect::<Result<_>>()?;
    let mut encoded = EncodedTerms::with_room(RANGE_BYTES as usize);
    let mut term = Vec::new();
    let mut parts = Vec::new();
    let mut walked = 0;
    while let Some((prefix, least)) = walks.iter().flatten().map(Walk::order).min() {
        term.clear();
        term.extend_from_slice(least);
        parts.clear();
        for (source, slot) in sources.iter().zip(&mut walks) {
            let here = |walk: &&mut Walk| walk.order() == (prefix, &term);
            let Some(walk) = slot.as_mut().filter(here) else {
                continue;
            };
            parts.push((source, walk.entry));
            if yardstick.is_none() {
                encoded.own(source.number, walk.entry.ordinal);
            }
            if !walk.advance(source, &term)? {
                *slot = None;
            }
        }
        walked += parts.len();
        let bytes = |(_, entry): &(_, TermEntry)| entry.place.bytes().1;
        let bytes: u64 = parts.iter().map(bytes).sum();
        let long = yardstick.is_some()
            && bytes > SHORT_BYTES
            && encoded.list_bytes() as u64 + bytes > RANGE_MOST;
        if long {
            lists.encoder.measure();
        }
        for (source, entry) in &parts {
            lists.append(source, entry)?;
            if long {
                source.input.segment.release();
            }
        }
        if !std::mem::take(&mut lists.any) {
            lists.encoder.clear();
            encoded.disown();
        } else if long {
            let parts = std::mem::take(&mut parts);
            encoded.push_measured(&term, &mut lists.encoder, LongList::new(parts));
            // Its directory was long, too.
            *lists = ListMerger::new(yardstick);
        } else {
            encoded.push(&term, &mut lists.encoder);
        }
    }
    inputs.used(walked * TERM_BYTES);
    Ok(encoded)
}
