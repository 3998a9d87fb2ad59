//! # Verifying a list
//!
//! Idea        every byte is decoded, every invariant of the chapter is tested
//! Next        `ahead.rs`; or on to [`positions`](crate::segment::positions)

use super::champions::{CHAMPIONS, Champions};
use super::{
    BLOCK, DISORDER, HEAD, Impact, LIST_LANES, PostingList, Shape, WITNESS_COUNTS, WITNESS_LANES,
};
use crate::bytes::Lie;
use crate::segment::impacts::Yardstick;

impl PostingList<'_> {
    /// Checks every byte of the list. `norm` gives the norm of a document.
    pub(in crate::segment) fn verify(
        &self,
        norm: &dyn Fn(u32) -> u8,
        yardstick: &Yardstick,
    ) -> Result<(), Lie> {
        if self.full_block_count() > 0 && self.head.len() != HEAD {
            return Err(Lie("a list's head is cut short"));
        }
        if self.circles().is_empty() && self.champions_len > 0 {
            return Err(Lie("a list has champions that is too short for them"));
        }
        let mut claims = Claims::of(self)?;
        let (mut documents, mut frequencies) = ([0; BLOCK], [1; BLOCK]);
        let (mut total, mut end, mut last) = (0u64, 0, None);
        for block in 0..self.block_count() {
            end = self.verify_block(block, end, &mut documents, &mut frequencies)?;
            if !self.text {
                // Invariant (4), whatever the dictionary says.
                frequencies = [1; BLOCK];
            } else if self.first_position(block) != total {
                return Err(Lie("a block's positions don't begin where it says"));
            }
            let (impacts, ceiling) = (self.impacts(block), self.ceilings.get(block));
            let postings = documents[..self.block_len(block)].iter().zip(&frequencies);
            for (&document, &frequency) in postings {
                if last.is_some_and(|last| document <= last) || document >= self.documents {
                    return Err(DISORDER);
                }
                last = Some(document);
                total += u64::from(frequency);
                let norm = if self.text { norm(document) } else { 0 };
                let posting = Impact::bounding(frequency, norm);
                if !bounded(posting, &impacts) || !bounded(posting, &claims.impacts) {
                    return Err(Lie("a posting exceeds the impacts of its block or list"));
                }
                claims.meet(document, frequency, norm, yardstick)?;
                if ceiling.is_some_and(|ceiling| yardstick.ceiling(&[posting]) > *ceiling) {
                    return Err(Lie("a posting exceeds the ceiling of its block"));
                }
            }
        }
        if total != self.total_frequency {
            return Err(Lie(
                "a term occurs more or less often than the dictionary says",
            ));
        }
        claims.finish()?;
        self.verify_positions(end as usize)
    }

    /// Decodes a block or the tail; returns where in the payload it ends, the one
    /// before having ended at `end`.
    fn verify_block(
        &self,
        block: usize,
        end: u32,
        documents: &mut [u32; BLOCK],
        frequencies: &mut [u32; BLOCK],
    ) -> Result<u32, Lie> {
        if block == self.full_block_count() {
            let documents_end = self.tail_documents(documents)?;
            let length = self.tail_frequencies(documents_end, frequencies)?;
            if self.tail_len.is_some_and(|claimed| claimed != length) {
                return Err(Lie("a list's tail is not as long as it should be"));
            }
            return Ok(end);
        }
        let documents_end = self.full_documents(block, documents)?;
        let Some(next) = self.ends.get(block).filter(|next| *next > end) else {
            return Err(Lie("the blocks of a list are out of order"));
        };
        if self.text {
            self.full_frequencies(block, Some(documents_end), frequencies)?;
        }
        Ok(next)
    }

    fn verify_positions(&self, payload_end: usize) -> Result<(), Lie> {
        if payload_end != self.payload_len {
            return Err(Lie("a list's blocks don't fill their space"));
        }
        let rest = self.position_bytes()?;
        let inline = matches!(
            self.shape,
            Shape::Single {
                position: Some(_),
                ..
            }
        );
        if !self.text || inline {
            return if rest.is_empty() {
                Ok(())
            } else {
                Err(Lie("something follows a list"))
            };
        }
        super::PositionReader::new(self.owner, rest, self.total_frequency, None)?.verify()
    }
}

/// Whether one of the impacts bounds a posting.
fn bounded(posting: Impact, bounds: &[Impact]) -> bool {
    let mut bounds = bounds.iter();
    bounds.any(|bound| bound.code >= posting.code && bound.norm <= posting.norm)
}

/// What a list's head and its champions say of all its postings, which it meets one
/// after the other.
struct Claims<'a> {
    impacts: [Impact; LIST_LANES],
    /// Each with how many postings are still to reach it.
    witnesses: Vec<(u64, [Impact; WITNESS_LANES])>,
    circles: Vec<Circle<'a>>,
}

impl<'a> Claims<'a> {
    fn of(list: &PostingList<'a>) -> Result<Self, Lie> {
        let witness = |k: &usize| Some((*k as u64, list.witness(*k)?));
        let circles = list.circles().iter();
        Ok(Self {
            impacts: list.list_impacts(),
            witnesses: WITNESS_COUNTS.iter().filter_map(witness).collect(),
            circles: circles
                .map(|count| Circle::read(list, *count))
                .collect::<Result<_, Lie>>()?,
        })
    }

    /// Meets the next posting of the list.
    fn meet(
        &mut self,
        document: u32,
        frequency: u32,
        norm: u8,
        yardstick: &Yardstick,
    ) -> Result<(), Lie> {
        for circle in &mut self.circles {
            circle.meet(document, frequency, norm, yardstick)?;
        }
        let reached = Impact::reached(frequency, norm);
        let reaches = |corner: &Impact| reached.code >= corner.code && norm <= corner.norm;
        for (missing, corners) in &mut self.witnesses {
            *missing = missing.saturating_sub(corners.iter().any(reaches).into());
        }
        Ok(())
    }

    /// No posting is left.
    fn finish(self) -> Result<(), Lie> {
        if self.circles.iter().any(|circle| circle.met < circle.count) {
            return Err(Lie("a champion is not in the list"));
        }
        if self.witnesses.iter().any(|(missing, _)| *missing > 0) {
            return Err(Lie("fewer documents reach a witness than it says"));
        }
        Ok(())
    }
}

/// Some of the list's champions, and how many postings were met that are.
struct Circle<'a> {
    count: usize,
    documents: [u32; CHAMPIONS],
    frequencies: [u32; CHAMPIONS],
    said: Champions<'a>,
    met: usize,
}

impl<'a> Circle<'a> {
    fn read(list: &PostingList<'a>, count: usize) -> Result<Self, Lie> {
        let (mut documents, mut frequencies) = ([0; CHAMPIONS], [0; CHAMPIONS]);
        let said = list.read_champions(count, &mut documents, &mut frequencies)?;
        Ok(Self {
            count,
            documents,
            frequencies,
            said,
            met: 0,
        })
    }

    /// Meets the next posting of the list.
    fn meet(
        &mut self,
        document: u32,
        frequency: u32,
        norm: u8,
        yardstick: &Yardstick,
    ) -> Result<(), Lie> {
        if self.documents[..self.count].get(self.met) != Some(&document) {
            return match yardstick.worth_of(frequency, norm) > self.said.others {
                true => Err(Lie("a posting that is no champion is worth more")),
                false => Ok(()),
            };
        }
        if (self.frequencies[self.met], self.said.norms[self.met]) != (frequency, norm) {
            return Err(Lie("a champion differs from its posting"));
        }
        self.met += 1;
        Ok(())
    }
}
