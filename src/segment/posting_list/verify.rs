//! # Verifying a list
//!
//! Idea        every byte is decoded, every invariant of the chapter is tested
//! Next        `ahead.rs`; or on to [`positions`](crate::segment::positions)

use super::champions::{CHAMPIONS, Champions};
use super::{BLOCK, DISORDER, HEAD, Impact, PostingList, Shape, WITNESS_COUNTS};
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
        let list_impacts = self.list_impacts();
        let mut witnesses = WITNESS_COUNTS.map(|k| (k as u64, self.witness(k)));
        let (mut documents, mut frequencies) = ([0; BLOCK], [1; BLOCK]);
        if self.circles().is_empty() && self.champions_len > 0 {
            return Err(Lie("a list has champions that is too short for them"));
        }
        let circles = self.circles().iter();
        let mut circles = circles
            .map(|count| Circle::read(self, *count))
            .collect::<Result<Vec<_>, Lie>>()?;
        let (mut total, mut end, mut last) = (0u64, 0, None);
        for block in 0..self.block_count() {
            let count = self.block_len(block);
            if block < self.full_block_count() {
                let documents_end = self.full_documents(block, &mut documents)?;
                if self.ends.get(block).is_none_or(|next| next <= end) {
                    return Err(Lie("the blocks of a list are out of order"));
                }
                end = self.ends.get(block).unwrap_or(end);
                if self.text {
                    self.full_frequencies(block, Some(documents_end), &mut frequencies)?;
                }
            } else {
                let end = self.tail_documents(&mut documents)?;
                let length = self.tail_frequencies(end, &mut frequencies)?;
                if self.tail_len.is_some_and(|claimed| claimed != length) {
                    return Err(Lie("a list's tail is not as long as it should be"));
                }
            }
            if !self.text {
                frequencies = [1; BLOCK];
            }
            if self.text && self.first_position(block) != total {
                return Err(Lie("a block's positions don't begin where it says"));
            }
            let impacts = self.impacts(block);
            for (&document, &frequency) in documents[..count].iter().zip(&frequencies) {
                if last.is_some_and(|last| document <= last) || document >= self.documents {
                    return Err(DISORDER);
                }
                last = Some(document);
                total += u64::from(frequency);
                let norm = if self.text { norm(document) } else { 0 };
                let posting = Impact::bounding(frequency, norm);
                let bounded = |bounds: &[Impact]| {
                    bounds
                        .iter()
                        .any(|bound| bound.code >= posting.code && bound.norm <= posting.norm)
                };
                if !bounded(&impacts) || !bounded(&list_impacts) {
                    return Err(Lie("a posting exceeds the impacts of its block or list"));
                }
                for circle in &mut circles {
                    circle.meet(document, frequency, norm, yardstick)?;
                }
                let ceiling = self.ceilings.get(block);
                if ceiling.is_some_and(|ceiling| yardstick.ceiling(&[posting]) > *ceiling) {
                    return Err(Lie("a posting exceeds the ceiling of its block"));
                }
                for (missing, witness) in &mut witnesses {
                    let reached = Impact::reached(frequency, norm);
                    let reaches =
                        |corner: &Impact| reached.code >= corner.code && norm <= corner.norm;
                    let seen = witness.is_some_and(|corners| corners.iter().any(reaches));
                    *missing = missing.saturating_sub(u64::from(seen));
                }
            }
        }
        if total != self.total_frequency {
            return Err(Lie(
                "a term occurs more or less often than the dictionary says",
            ));
        }
        if circles.iter().any(|circle| circle.met < circle.count) {
            return Err(Lie("a champion is not in the list"));
        }
        if witnesses
            .iter()
            .any(|(missing, witness)| witness.is_some() && *missing > 0)
        {
            return Err(Lie("fewer documents reach a witness than it says"));
        }
        self.verify_positions(end as usize)
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
