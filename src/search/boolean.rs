//! # Booleans: clauses that must, should or must not match
//!
//! Idea        bits first: what must match narrows the candidates, the rarest
//!             clause first; what must not is taken out; what should adds up.
//!             Then scores, clause by clause in the order of the query, for
//!             what is left. Where nothing must match, both are one pass
//! Invariants  (1) the score is summed in the order of the query
//! Cost        a clause is asked about a window only if candidates are left

use super::bm25::inflated;
use super::execute::{END, Exec, FewScores};
use super::places::{Documents, Slots};
use super::plan::BooleanNode;
use super::trace::{Silent, Trace};
use super::window::{Bits, Scores, WINDOW, scores};
use crate::error::Result;
use crate::index::Part;
use crate::query::Occur;
use crate::segment::PostingList;
use crate::segment::posting_list::BLOCK_LEN;

/// Clauses at work.
pub(super) struct BooleanExec<'a, T: Trace = Silent> {
    /// In the order of the query.
    clauses: Vec<(Occur, Exec<'a, T>)>,
    /// Those that must match, the rarest first; and those that must not.
    required: Vec<usize>,
    forbidden: Vec<usize>,
    minimum: u32,
    left: Bits,
    answer: Bits,
    part_scores: Scores,
    /// How many `Should` clauses match each document.
    counts: Vec<u32>,
    few: Option<Few>,
}

impl<'a, T: Trace> BooleanExec<'a, T> {
    pub(super) fn new(node: &'a BooleanNode, part: &'a Part, trace: T) -> Result<Self> {
        let mut clauses = Vec::with_capacity(node.clauses.len());
        for (occur, clause) in &node.clauses {
            clauses.push((*occur, Exec::new(clause, part, trace)?));
        }
        let which = |wanted: fn(Occur) -> bool| -> Vec<usize> {
            (0..clauses.len())
                .filter(|index| wanted(clauses[*index].0))
                .collect()
        };
        let mut required = which(|occur| matches!(occur, Occur::Must | Occur::Filter));
        required.sort_by_key(|index| clauses[*index].1.cost());
        let forbidden = which(|occur| occur == Occur::MustNot);
        let counts = if node.minimum > 1 {
            vec![0; WINDOW as usize]
        } else {
            Vec::new()
        };
        Ok(Self {
            clauses,
            required,
            forbidden,
            minimum: node.minimum,
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
        mut scores: Option<&mut Scores>,
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
        if let Some(scores) = scores.take()
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
            if is_scoring(*occur) {
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
        inflated(sum, scoring)
    }

    pub(super) fn most(&self) -> f32 {
        let scoring = self.clauses.iter().filter(|(occur, _)| is_scoring(*occur));
        let sum = scoring.clone().map(|(_, clause)| clause.most()).sum();
        inflated(sum, scoring.count())
    }

    pub(super) fn lead(&self) -> Option<PostingList<'a>> {
        let lists = self.required.iter();
        let lists = lists.filter_map(|index| self.clauses[*index].1.lead());
        lists.min_by_key(PostingList::document_frequency)
    }

    /// Each clause is asked once, and says at once what it gives. Between two, if
    /// scores are wanted, those are left out that can't score enough.
    pub(super) fn keep(
        &mut self,
        documents: &Documents,
        left: &mut Slots,
        scores: Option<&mut FewScores>,
        threshold: f32,
    ) -> Result<bool> {
        let few = self
            .few
            .get_or_insert_with(|| Few::of(&self.clauses, &self.required));
        few.given.iter_mut().for_each(|given| given.fill(0.0));
        let (is_scored, mut all) = (scores.is_some(), true);
        let may_give: f32 = few.optional.iter().sum();
        for (at, &index) in few.required.iter().enumerate() {
            let (occur, clause) = &mut self.clauses[index];
            let given = (is_scored && is_scoring(*occur)).then_some(&mut few.given[index]);
            clause.keep(documents, left, given, -1.0)?;
            if is_scored && threshold >= 0.0 {
                let rest = few.required[at + 1..].iter().map(|index| few.most[*index]);
                let rest = rest.sum::<f32>() + may_give;
                let terms = few.given.len();
                let most = |slot: usize| {
                    let sum: f32 = few.given.iter().map(|given| given[slot]).sum();
                    inflated(sum + rest, 2 * terms)
                };
                all &= leave_out_low(left, most, threshold);
            }
            if left.is_empty() {
                return Ok(all);
            }
        }
        let mut answer = Slots::none();
        if is_scored || self.minimum > 0 {
            let (mut counts, mut scores) = ([0u32; BLOCK_LEN], [0.0; BLOCK_LEN]);
            for (index, (occur, clause)) in self.clauses.iter_mut().enumerate() {
                if *occur == Occur::Should {
                    answer.clone_from(left);
                    let wanted = is_scored.then_some(&mut scores);
                    clause.keep(documents, &mut answer, wanted, -1.0)?;
                    for slot in answer.as_slice() {
                        let slot = usize::from(*slot) % BLOCK_LEN;
                        counts[slot] += 1;
                        few.given[index][slot] = scores[slot];
                    }
                }
            }
            left.retain_if(|slot| counts[slot] >= self.minimum);
        }
        if let Some(scores) = scores {
            for slot in left.as_slice() {
                let slot = usize::from(*slot) % BLOCK_LEN;
                scores[slot] = few.given.iter().fold(0.0, |sum, given| sum + given[slot]);
            }
            all &= leave_out_low(left, |slot| scores[slot], threshold);
        }
        for &index in &self.forbidden {
            answer.clone_from(left);
            let (_, clause) = &mut self.clauses[index];
            clause.keep(documents, &mut answer, None, -1.0)?;
            left.leave_out(&answer);
        }
        Ok(all)
    }
}

/// What it takes to ask about a few documents.
struct Few {
    /// Clauses that must match, the quickest to tell first, the rarest of these.
    required: Vec<usize>,
    /// What each clause gives the documents that match it, and at most any.
    given: Vec<FewScores>,
    most: Vec<f32>,
    /// The same of those that may match.
    optional: Vec<f32>,
}

impl Few {
    fn of<T: Trace>(clauses: &[(Occur, Exec<T>)], required: &[usize]) -> Self {
        let mut required = required.to_vec();
        required.sort_by_key(|index| clauses[*index].1.is_dear());
        let most = clauses
            .iter()
            .map(|(occur, clause)| match is_scoring(*occur) {
                true => clause.most(),
                false => 0.0,
            });
        Self {
            required,
            given: vec![[0.0; BLOCK_LEN]; clauses.len()],
            optional: clauses
                .iter()
                .filter(|(occur, _)| *occur == Occur::Should)
                .map(|(_, clause)| clause.most())
                .collect(),
            most: most.collect(),
        }
    }
}

/// Keeps the slots whose documents score more, or may; says whether these are all.
/// Without a threshold, below 0, they are.
fn leave_out_low(left: &mut Slots, most: impl Fn(usize) -> f32, threshold: f32) -> bool {
    let before = left.as_slice().len();
    if threshold >= 0.0 {
        left.retain_if(|slot| most(slot) > threshold);
    }
    left.as_slice().len() == before
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
