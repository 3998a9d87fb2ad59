//! # Counting: how many match, and nothing more
//!
//! Idea        to count needs neither scores nor an order, so there are shorter
//!             ways than the walk of `collect.rs`: of a term the dictionary
//!             knows the number; of several that must all match, the documents of
//!             the shortest are looked up in the others, a block at a time; or,
//!             where even that one is dense, bits are set and counted, a window
//!             at a time: those of a clause's lists joined by *or*, the clauses by
//!             *and*, less those of what must not match, less those deleted
//! Example     `whale the`: documents with either are those with the one, and
//!             those with the other, less those with both; and these are
//!             counted by asking "the" about the few documents of "whale".
//!             `the -whale`: those with "the" less those with both
//! Conditions  what `question.rs` knows. What may match beside what must changes no
//!             number, so it isn't read. The dictionary counts deleted documents
//!             too, so it is asked only where there are none
//! Cost        a nanosecond a posting, and 3 to 5 for each that leads (`leads.rs`)
//! Next        `leads.rs`; then `page.rs`

use super::execute::END;
use super::leads::{Leads, Role};
use super::limits::Deadline;
use super::phrase::{PhraseExec, Wanted};
use super::plan::{PhraseNode, TermNode};
use super::question::{Member, Question, Shape};
use super::term::{Lists, TermExec, keep_marked, keep_others};
use super::trace::Trace;
use super::window::{Bits, WINDOW};
use crate::error::Result;
use crate::index::Part;
use crate::segment::posting_list::BLOCK_LEN;
use std::ops::Range;

/// Lists whose leads together have more than one in this many documents are gone
/// through bit by bit.
const DENSE: u64 = 12;

/// With more look-ups of lists in a block than this, they are in any case.
const LOOK_UPS_MAX: usize = 1_000;

/// Counts in one part after the other.
pub(super) struct Tally<'q, 'a, T: Trace> {
    trace: T,
    deadline: Deadline,
    question: &'q Question<'a>,
    phrases: Vec<Option<PhraseExec<'a, T>>>,
    lists: Lists<'a, T>,
    /// The lists of each clause that must match, and those of what must not.
    ranges: Vec<Range<usize>>,
    leads: Leads,
    /// For lists that are gone through bit by bit, once there are any.
    bits: Option<[Bits; 2]>,
}

impl<'q, 'a, T: Trace> Tally<'q, 'a, T> {
    pub(super) fn of(question: &'q Question<'a>, deadline: Deadline, trace: T) -> Self {
        let lists = match (&question.shape, question.forbidden.len()) {
            // The dictionary knows, in most parts.
            (Shape::Term(_), 0) => 0,
            (shape, forbidden) => shape.terms() + forbidden,
        };
        Self {
            trace,
            deadline,
            question,
            phrases: Vec::new(),
            lists: Lists::unbounded(lists),
            ranges: Vec::with_capacity(lists + 1),
            leads: Leads::default(),
            bits: None,
        }
    }

    /// How many live documents of a part match.
    pub(super) fn count(&mut self, part: &'a Part) -> Result<u64> {
        let Question {
            shape, forbidden, ..
        } = self.question;
        self.lists.clear();
        self.ranges.clear();
        let has = match shape {
            Shape::Term(term) if forbidden.is_empty() && is_whole(part) => {
                return Ok(term.weight.frequency_in(part));
            }
            Shape::Phrase(any) => return self.count_phrases(part, any),
            Shape::Term(term) => self.add(part, [*term])?,
            Shape::Disjunction(terms) => self.add(part, terms.iter().map(|(_, term)| *term))?,
            Shape::Conjunction(terms) => {
                let clauses = terms.chunk_by(|(one, _), (next, _)| one == next);
                let mut required = clauses.filter(|clause| clause[0].0.required);
                let has = |clause: &[(_, &TermNode)]| {
                    clause
                        .iter()
                        .any(|(_, term)| term.weight.frequency_in(part) > 0)
                };
                let has_all = required.clone().all(has);
                has_all
                    && required.try_fold(true, |has, clause| {
                        let terms = clause.iter().map(|(_, term)| *term);
                        self.add(part, terms).map(|added| has && added)
                    })?
            }
        };
        if !has {
            return Ok(0);
        }
        self.add(part, forbidden.iter().copied())?;
        let mut counting = Counting {
            part,
            deadline: self.deadline,
            execs: &mut self.lists,
            leads: &mut self.leads,
            bits: &mut self.bits,
        };
        match self.ranges.as_slice() {
            [wanted @ .., forbidden] if forbidden.is_empty() => match counting.is_short(wanted) {
                true => counting.shortly(wanted),
                false => counting.by_bits(wanted, 0..0),
            },
            all @ [wanted @ .., forbidden] => {
                if !counting.is_short(wanted) || !counting.is_short(all) {
                    return counting.by_bits(wanted, forbidden.clone());
                }
                let forbidden = counting.shortly(all)?;
                counting.lead(wanted);
                Ok(counting.shortly(wanted)? - forbidden)
            }
            [] => Ok(0),
        }
    }

    /// Adds the lists of a clause, those that the part has; says whether it has any.
    fn add(
        &mut self,
        part: &'a Part,
        terms: impl IntoIterator<Item = &'a TermNode>,
    ) -> Result<bool> {
        let from = self.lists.len();
        for term in terms {
            self.lists.add(part, term, self.trace)?;
        }
        self.ranges.push(from..self.lists.len());
        Ok(self.lists.len() > from)
    }

    /// Documents with any of the phrases: each finds those that the ones before it,
    /// whose rarest terms are rarer, haven't.
    fn count_phrases(&mut self, part: &'a Part, any: &[&'a PhraseNode]) -> Result<u64> {
        self.phrases.resize_with(any.len(), || None);
        let mut phrases = Vec::with_capacity(any.len());
        for (phrase, room) in any.iter().zip(&mut self.phrases) {
            phrases.extend(PhraseExec::in_room(room, part, phrase, self.trace)?);
        }
        phrases.sort_by_key(|phrase| phrase.cost());
        for term in &self.question.forbidden {
            self.lists.add(part, term, self.trace)?;
        }
        let mut count = 0;
        for turn in 0..phrases.len() {
            let (before, left) = phrases.split_at_mut(turn);
            for block in 0..left[0].lead().list().block_count() {
                self.deadline.check()?;
                let (mut found, mut len) = ([0; BLOCK_LEN], 0);
                left[0].each_in_block(
                    block,
                    Wanted::Any,
                    |_, _, _| Ok(()),
                    |_, document, _| {
                        let mut is_new = true;
                        for phrase in &mut *before {
                            self.deadline.check()?;
                            is_new = is_new && !phrase.has(document)?;
                        }
                        found[len % BLOCK_LEN] = document;
                        len += usize::from(is_new);
                        Ok(())
                    },
                )?;
                len = keep_others(&mut self.lists, &mut found[..len])?;
                count += live(part, &found[..len]);
            }
        }
        Ok(count)
    }
}

/// Whether nothing is deleted in a part.
fn is_whole(part: &Part) -> bool {
    part.tombstones.deleted_count() == 0
}

/// How many of some documents are not deleted.
fn live(part: &Part, documents: &[u32]) -> u64 {
    if is_whole(part) {
        return documents.len() as u64;
    }
    let is_live = |document: &&u32| !part.tombstones.is_deleted(**document);
    documents.iter().filter(is_live).count() as u64
}

/// The lists of a part at work. Clauses are ranges of them: each must match, by any
/// of its lists.
struct Counting<'c, 'a, T: Trace> {
    part: &'c Part,
    deadline: Deadline,
    execs: &'c mut [TermExec<'a, T>],
    leads: &'c mut Leads,
    bits: &'c mut Option<[Bits; 2]>,
}

impl<T: Trace> Counting<'_, '_, T> {
    /// Whether to look up takes less than to go through windows. If so, the leads
    /// are [set](Self::lead).
    fn is_short(&mut self, clauses: &[Range<usize>]) -> bool {
        if let [lists] = clauses {
            let is_whole = is_whole(self.part);
            if lists.len() == 1 || lists.len() > 2 || !is_whole {
                return lists.len() == 1 && is_whole;
            }
        }
        self.lead(clauses);
        let turns = self.leads.count();
        if turns > 1 && turns * self.execs.len() > LOOK_UPS_MAX {
            return false;
        }
        self.leads.length() * DENSE < u64::from(self.part.segment.documents())
    }

    /// Lets lists of the clauses lead; of a single one's two as if both had to match.
    fn lead(&mut self, clauses: &[Range<usize>]) {
        let is_one = clauses.len() == 1;
        let members = clauses.iter().enumerate().flat_map(|(number, lists)| {
            lists.clone().map(move |list| Member {
                clause: if is_one { list } else { number },
                required: true,
            })
        });
        self.leads.begin(members, |list| self.execs[list].cost());
    }

    /// How many documents match all of the clauses, of which lists have been let
    /// lead, if there is a [short](Self::is_short) way.
    fn shortly(&mut self, clauses: &[Range<usize>]) -> Result<u64> {
        let [lists] = clauses else {
            return self.look_up();
        };
        let each = self.execs[lists.clone()].iter();
        let sum: u64 = each.map(TermExec::cost).sum();
        if lists.len() == 1 {
            return Ok(sum);
        }
        Ok(sum - self.look_up()?)
    }

    /// How many documents match, found by those that lead.
    fn look_up(&mut self) -> Result<u64> {
        let mut count = 0;
        let mut left = [0; BLOCK_LEN];
        for turn in 0..self.leads.count() {
            let turn = self.leads.turn(turn);
            for block in 0..self.execs[turn.lead].list().block_count() {
                self.deadline.check()?;
                let documents = self.execs[turn.lead].load(block)?;
                let mut len = documents.len();
                left[..len].copy_from_slice(documents);
                let mut marks = [false; BLOCK_LEN];
                for (list, role) in turn.required() {
                    let exec = &mut self.execs[list];
                    match role {
                        Role::Required | Role::Optional => {
                            len = exec.keep_found(&mut left[..len], |_, _, _, _| {})?;
                        }
                        Role::Either => exec.mark_found(&left[..len], &mut marks)?,
                        Role::OrElse => {
                            exec.mark_found(&left[..len], &mut marks)?;
                            len = keep_marked(&mut left[..len], &mut marks, true);
                        }
                    }
                }
                for list in turn.before() {
                    self.execs[list].mark_found(&left[..len], &mut marks)?;
                }
                if turn.before().len() > 0 {
                    len = keep_marked(&mut left[..len], &mut marks, false);
                }
                count += live(self.part, &left[..len]);
            }
        }
        Ok(count)
    }

    /// How many documents match all of the clauses and none of the other lists,
    /// window by window.
    fn by_bits(&mut self, clauses: &[Range<usize>], forbidden: Range<usize>) -> Result<u64> {
        let (execs, is_whole) = (&mut *self.execs, is_whole(self.part));
        let documents = self.part.segment.documents();
        let [left, found] = self.bits.get_or_insert_default();
        let (mut count, mut at) = (0, 0);
        while at < documents {
            self.deadline.check()?;
            let mut next = at;
            for lists in clauses {
                let mut first = END;
                for exec in &mut execs[lists.clone()] {
                    first = first.min(exec.next_at_least(at));
                }
                next = next.max(first);
            }
            if next >= documents {
                break;
            }
            let start = next - next % WINDOW;
            at = start.saturating_add(WINDOW);
            for (number, lists) in clauses.iter().enumerate() {
                let target = if number == 0 { &mut *left } else { &mut *found };
                target.clear();
                for exec in &mut execs[lists.clone()] {
                    exec.mark(start, target)?;
                }
                if number > 0 {
                    left.and(found);
                }
            }
            if !forbidden.is_empty() {
                found.clear();
                for exec in &mut execs[forbidden.clone()] {
                    exec.mark(start, found)?;
                }
                left.and_not(found);
            }
            if !is_whole {
                left.leave_out(start, self.part.tombstones.words());
            }
            count += u64::from(left.count());
        }
        Ok(count)
    }
}
