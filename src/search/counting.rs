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

use super::execute::END;
use super::leads::{Leads, Role};
use super::phrase::PhraseExec;
use super::plan::{PhraseNode, TermNode};
use super::question::{Member, Question, Shape};
use super::term::{Lists, TermExec, keep_marked, keep_others};
use super::trace::Trace;
use super::window::{Bits, WINDOW};
use crate::error::Result;
use crate::index::Part;
use crate::segment::posting_list::BLOCK_LEN;
use std::ops::Range;

/// Lists whose leads together have more than one in so many documents are gone
/// through bit by bit.
const DENSE: u64 = 12;

/// With more look-ups of lists in a block than this, they are in any case.
const LOOK_UPS_MAX: usize = 1_000;

/// Counts in one part after the other.
pub(super) struct Tally<'a, T: Trace> {
    trace: T,
    phrases: Vec<&'a PhraseNode>,
    /// Each of these must match, each by any of its terms.
    clauses: Vec<Vec<&'a TermNode>>,
    forbidden: Vec<&'a TermNode>,
    rooms: Vec<Option<PhraseExec<'a, T>>>,
    found: Vec<u32>,
    lists: Lists<'a, T>,
    /// The lists of each clause, and those of what must not match.
    ranges: Vec<Range<usize>>,
    leads: Leads,
    /// For lists that are gone through bit by bit, once there are any.
    bits: Option<[Bits; 2]>,
}

impl<'a, T: Trace> Tally<'a, T> {
    pub(super) fn of(question: &Question<'a>, trace: T) -> Self {
        let mut clauses: Vec<Vec<&TermNode>> = Vec::new();
        let mut phrases = Vec::new();
        match &question.shape {
            Shape::Term(term) => clauses.push(vec![term]),
            Shape::Disjunction(terms) => {
                clauses.push(terms.iter().map(|(_, term)| *term).collect());
            }
            Shape::Conjunction(terms) => {
                let required = terms.iter().filter(|(member, _)| member.required);
                let mut last = None;
                for (member, term) in required {
                    match clauses.last_mut() {
                        Some(clause) if last == Some(member.clause) => clause.push(term),
                        _ => clauses.push(vec![term]),
                    }
                    last = Some(member.clause);
                }
            }
            Shape::Phrase(any) => phrases.clone_from(any),
        }
        let forbidden = question.forbidden.clone();
        let terms = clauses.iter().map(Vec::len).sum::<usize>() + forbidden.len();
        let lists = match (phrases.as_slice(), clauses.as_slice()) {
            // The dictionary knows, in most parts.
            ([], [clause]) if clause.len() == 1 && forbidden.is_empty() => 0,
            _ => terms,
        };
        Self {
            trace,
            rooms: Vec::new(),
            phrases,
            clauses,
            forbidden,
            found: Vec::new(),
            lists: Lists::unbounded(lists),
            ranges: Vec::new(),
            leads: Leads::default(),
            bits: None,
        }
    }

    /// How many live documents of a part match.
    pub(super) fn count(&mut self, part: &'a Part) -> Result<u64> {
        self.lists.clear();
        if !self.phrases.is_empty() {
            return self.count_phrases(part);
        }
        let lacks = |clause: &Vec<&TermNode>| clause.iter().all(|term| frequency(part, term) == 0);
        if self.clauses.iter().any(lacks) {
            return Ok(0);
        }
        if part.tombstones.deleted_count() == 0
            && let ([clause], []) = (self.clauses.as_slice(), self.forbidden.as_slice())
            && let [term] = clause[..]
        {
            return Ok(frequency(part, term));
        }
        self.ranges.clear();
        for terms in self.clauses.iter().chain([&self.forbidden]) {
            let from = self.lists.len();
            for term in terms {
                self.lists.add(part, term, self.trace)?;
            }
            self.ranges.push(from..self.lists.len());
        }
        let mut counting = Counting {
            part,
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
                match counting.is_short(wanted) && counting.is_short(all) {
                    true => Ok(counting.shortly(wanted)? - counting.shortly(all)?),
                    false => counting.by_bits(wanted, forbidden.clone()),
                }
            }
            [] => Ok(0),
        }
    }

    /// Documents with any of the phrases.
    fn count_phrases(&mut self, part: &'a Part) -> Result<u64> {
        self.rooms.resize_with(self.phrases.len(), || None);
        self.found.clear();
        for (phrase, room) in self.phrases.iter().zip(&mut self.rooms) {
            let Some(exec) = PhraseExec::in_room(room, part, phrase, self.trace)? else {
                continue;
            };
            for block in 0..exec.lead().list().block_count() {
                exec.each_in_block(
                    block,
                    -1.0,
                    |_, _, _| Ok(()),
                    |_, document, _| {
                        self.found.push(document);
                        Ok(())
                    },
                )?;
            }
        }
        if self.phrases.len() > 1 {
            // Runs that ascend, which this merges.
            self.found.sort();
            self.found.dedup();
        }
        for term in &self.forbidden {
            self.lists.add(part, term, self.trace)?;
        }
        let mut count = 0;
        for documents in self.found.chunks_mut(BLOCK_LEN) {
            let len = keep_others(&mut self.lists, documents)?;
            count += live(part, &documents[..len]);
        }
        Ok(count)
    }
}

/// How many documents of a part have a term, as the dictionary knows.
fn frequency(part: &Part, term: &TermNode) -> u64 {
    let entry = term.weight.entries[0].get(part.number).copied().flatten();
    entry.map_or(0, |entry| u64::from(entry.document_frequency))
}

/// How many of some documents are not deleted.
fn live(part: &Part, documents: &[u32]) -> u64 {
    let dead = &part.tombstones;
    match dead.deleted_count() {
        0 => documents.len() as u64,
        _ => {
            let live = documents.iter().filter(|one| !dead.is_deleted(**one));
            live.count() as u64
        }
    }
}

/// The lists of a part at work. Clauses are ranges of them: each must match, by any
/// of its lists.
struct Counting<'c, 'a, T: Trace> {
    part: &'c Part,
    execs: &'c mut [TermExec<'a, T>],
    leads: &'c mut Leads,
    bits: &'c mut Option<[Bits; 2]>,
}

impl<T: Trace> Counting<'_, '_, T> {
    /// Whether to look up takes less than to go through windows.
    fn is_short(&mut self, clauses: &[Range<usize>]) -> bool {
        if let [lists] = clauses {
            let is_whole = self.part.tombstones.deleted_count() == 0;
            if lists.len() == 1 || lists.len() > 2 || !is_whole {
                return lists.len() == 1 && is_whole;
            }
        }
        self.lead(clauses);
        let turns = 0..self.leads.count();
        if turns.len() > 1 && turns.len() * self.execs.len() > LOOK_UPS_MAX {
            return false;
        }
        let costs = turns.map(|turn| self.execs[self.leads.list(turn)].cost());
        costs.sum::<u64>() * DENSE < u64::from(self.part.segment.documents())
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

    /// How many documents match all of the clauses, in the short way.
    fn shortly(&mut self, clauses: &[Range<usize>]) -> Result<u64> {
        let [lists] = clauses else {
            self.lead(clauses);
            return self.look_up();
        };
        let each = self.execs[lists.clone()].iter();
        let sum: u64 = each.map(TermExec::cost).sum();
        if lists.len() == 1 {
            return Ok(sum);
        }
        self.lead(clauses);
        Ok(sum - self.look_up()?)
    }

    /// How many documents match, found by those that lead.
    fn look_up(&mut self) -> Result<u64> {
        let mut count = 0;
        let mut left = [0; BLOCK_LEN];
        for turn in 0..self.leads.count() {
            let (lead, asked, before) = self.leads.turn(turn);
            for block in 0..self.execs[lead].list().block_count() {
                let documents = self.execs[lead].load(block)?;
                let mut len = documents.len();
                left[..len].copy_from_slice(documents);
                let mut marks = [false; BLOCK_LEN];
                for (list, role) in asked {
                    let exec = &mut self.execs[*list];
                    match role {
                        Role::Required => {
                            len = exec.keep_found(&mut left[..len], |_, _, _, _| {})?;
                        }
                        Role::Either => exec.mark_found(&left[..len], &mut marks)?,
                        Role::OrElse => {
                            exec.mark_found(&left[..len], &mut marks)?;
                            len = keep_marked(&mut left[..len], &mut marks, true);
                        }
                        Role::Optional => {}
                    }
                }
                for list in before {
                    self.execs[*list].mark_found(&left[..len], &mut marks)?;
                }
                if !before.is_empty() {
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
        let (execs, tombstones) = (&mut *self.execs, &self.part.tombstones);
        let documents = self.part.segment.documents();
        let [left, found] = self.bits.get_or_insert_default();
        let (mut count, mut at) = (0, 0);
        while at < documents {
            let mut next = at;
            for lists in clauses {
                let lists = execs[lists.clone()].iter_mut();
                let nexts = lists.map(|exec| exec.next_at_least(at));
                next = next.max(nexts.min().unwrap_or(END));
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
            if tombstones.deleted_count() > 0 {
                left.leave_out(start, tombstones.words());
            }
            count += u64::from(left.count());
        }
        Ok(count)
    }
}
