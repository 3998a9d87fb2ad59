//! # Booleans: clauses that must, should or must not match
//!
//! Idea        bits first: what must match narrows the candidates, the rarest
//!             clause first; what must not is taken out; what should adds up.
//!             Then scores, clause by clause in the order of the query, for
//!             what is left. Where nothing must match, both are one pass
//! Invariants  (1) the score is summed in the order of the query
//! Cost        a clause is asked about a window only if candidates are left
//! Next        `boolean/few.rs`

mod few;

use self::few::Few;
use super::bm25::sum_bound;
use super::execute::{END, Exec};
use super::limits::Limits;
use super::plan::BooleanNode;
use super::trace::{Silent, Trace};
use super::window::{Bits, Scores, WINDOW, scores};
use crate::error::Result;
use crate::index::Part;
use crate::query::Occur;
use crate::segment::PostingList;

/// Clauses at work.
pub(super) struct BooleanExec<'a, T: Trace = Silent> {
    /// In the order of the query.
    clauses: Vec<(Occur, Exec<'a, T>)>,
    /// Those that must match, the rarest first; and those that must not.
    required: Vec<usize>,
    forbidden: Vec<usize>,
    minimum: u32,
    /// Whether there are `Should` clauses, not all of which must match.
    has_optional: bool,
    left: Bits,
    answer: Bits,
    part_scores: Scores,
    /// How many `Should` clauses match each document.
    counts: Vec<u32>,
    few: Option<Few>,
}

impl<'a, T: Trace> BooleanExec<'a, T> {
    pub(super) fn new(
        node: &'a BooleanNode,
        part: &'a Part,
        limits: &Limits,
        trace: T,
    ) -> Result<Self> {
        let optional = node.clauses.iter();
        let optional = optional
            .filter(|(occur, _)| *occur == Occur::Should)
            .count();
        // As if all that should match must, if all of them are needed.
        let all_must = optional > 0 && node.minimum as usize == optional;
        let mut clauses = Vec::with_capacity(node.clauses.len());
        for (occur, clause) in &node.clauses {
            let occur = match occur {
                Occur::Should if all_must => Occur::Must,
                occur => *occur,
            };
            clauses.push((occur, Exec::new(clause, part, limits, trace)?));
        }
        let which = |wanted: fn(Occur) -> bool| -> Vec<usize> {
            (0..clauses.len())
                .filter(|index| wanted(clauses[*index].0))
                .collect()
        };
        let mut required = which(|occur| matches!(occur, Occur::Must | Occur::Filter));
        required.sort_by_key(|index| clauses[*index].1.cost());
        let forbidden = which(|occur| occur == Occur::MustNot);
        let minimum = if all_must { 0 } else { node.minimum };
        let counts = if minimum > 1 {
            vec![0; WINDOW as usize]
        } else {
            Vec::new()
        };
        Ok(Self {
            clauses,
            required,
            forbidden,
            minimum,
            has_optional: optional > 0 && !all_must,
            left: Bits::default(),
            answer: Bits::default(),
            part_scores: scores(),
            counts,
            few: None,
        })
    }

    pub(super) fn cost(&self) -> u64 {
        if let Some(&rarest) = self.required.first() {
            return self.clauses[rarest].1.cost();
        }
        let should = self
            .clauses
            .iter()
            .filter(|(occur, _)| *occur == Occur::Should);
        should.fold(0u64, |sum, (_, clause)| sum.saturating_add(clause.cost()))
    }

    pub(super) fn next(&mut self, from: u32) -> Result<u32> {
        if let Some(&rarest) = self.required.first() {
            return self.clauses[rarest].1.next(from);
        }
        let mut next = END;
        for (occur, clause) in &mut self.clauses {
            if *occur == Occur::Should {
                next = next.min(clause.next(from)?);
                if next == from {
                    break;
                }
            }
        }
        Ok(next)
    }

    pub(super) fn evaluate(
        &mut self,
        start: u32,
        candidates: &Bits,
        out: &mut Bits,
        scores: Option<&mut Scores>,
    ) -> Result<()> {
        self.left.copy_from(candidates);
        for &index in &self.required {
            self.clauses[index]
                .1
                .evaluate(start, &self.left, &mut self.answer, None)?;
            self.left.copy_from(&self.answer);
            if self.left.is_empty() {
                out.clear();
                return Ok(());
            }
        }
        for &index in &self.forbidden {
            self.clauses[index]
                .1
                .evaluate(start, &self.left, &mut self.answer, None)?;
            self.left.and_not(&self.answer);
        }
        match self.minimum {
            0 => {}
            // The scoring pass finds them itself.
            1 if scores.is_some() && self.required.is_empty() => {
                return self.any(start, out, scores);
            }
            1 => {
                self.any(start, out, None)?;
                self.left.copy_from(out);
            }
            _ => self.at_least(start)?,
        }
        out.copy_from(&self.left);
        if let Some(scores) = scores
            && !out.is_empty()
        {
            self.add_scores(start, scores)?;
        }
        Ok(())
    }

    /// The candidates left that any `Should` clause matches.
    fn any(&mut self, start: u32, out: &mut Bits, mut scores: Option<&mut Scores>) -> Result<()> {
        out.clear();
        if let Some(scores) = &mut scores {
            clear(&self.left, scores);
        }
        for (occur, clause) in &mut self.clauses {
            if *occur != Occur::Should {
                continue;
            }
            match &mut scores {
                Some(scores) => {
                    let part = &mut self.part_scores;
                    clause.evaluate(start, &self.left, &mut self.answer, Some(part))?;
                    add(&self.answer, part, scores);
                }
                None => clause.evaluate(start, &self.left, &mut self.answer, None)?,
            }
            out.or(&self.answer);
        }
        Ok(())
    }

    /// Leaves the candidates that enough `Should` clauses match.
    fn at_least(&mut self, start: u32) -> Result<()> {
        self.counts.fill(0);
        for (occur, clause) in &mut self.clauses {
            if *occur == Occur::Should {
                clause.evaluate(start, &self.left, &mut self.answer, None)?;
                self.answer
                    .iter()
                    .for_each(|index| self.counts[index as usize] += 1);
            }
        }
        self.answer.copy_from(&self.left);
        self.left.clear();
        for index in self.answer.iter() {
            if self.counts[index as usize] >= self.minimum {
                self.left.set(index);
            }
        }
        Ok(())
    }

    /// The scores of the candidates left.
    fn add_scores(&mut self, start: u32, scores: &mut Scores) -> Result<()> {
        clear(&self.left, scores);
        for (occur, clause) in &mut self.clauses {
            if let (Occur::Must, Some(score)) = (*occur, clause.constant()) {
                // All that are left match.
                for index in self.left.iter() {
                    scores[index as usize] += score;
                }
            } else if is_scoring(*occur) {
                let part = &mut self.part_scores;
                clause.evaluate(start, &self.left, &mut self.answer, Some(part))?;
                add(&self.answer, part, scores);
            }
        }
        Ok(())
    }

    pub(super) fn bound(&mut self, first: u32, last: u32) -> f32 {
        let mut sum = 0.0;
        let mut scoring = 0;
        for (occur, clause) in &mut self.clauses {
            if is_scoring(*occur) {
                sum += clause.bound(first, last);
                scoring += 1;
            }
        }
        sum_bound(sum, scoring)
    }

    pub(super) fn most(&self) -> f32 {
        let scoring = self.clauses.iter().filter(|(occur, _)| is_scoring(*occur));
        let sum = scoring.clone().map(|(_, clause)| clause.most()).sum();
        sum_bound(sum, scoring.count())
    }

    pub(super) fn lead(&self) -> Option<PostingList<'a>> {
        let lists = self.required.iter();
        let lists = lists.filter_map(|index| self.clauses[*index].1.lead());
        lists.min_by_key(PostingList::document_frequency)
    }
}

fn is_scoring(occur: Occur) -> bool {
    matches!(occur, Occur::Must | Occur::Should)
}

/// Makes the scores of some documents 0: of all, if there are many.
fn clear(which: &Bits, scores: &mut Scores) {
    if which.count() > WINDOW / 8 {
        return scores.fill(0.0);
    }
    for index in which.iter() {
        scores[index as usize] = 0.0;
    }
}

fn add(which: &Bits, part: &Scores, scores: &mut Scores) {
    for index in which.iter() {
        scores[index as usize] += part[index as usize];
    }
}
