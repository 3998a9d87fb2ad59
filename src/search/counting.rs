//! # Counting: how many match, and nothing more
//!
//! Idea        to count needs neither scores nor an order, so there are shorter
//!             ways than the walk of `collect.rs`: of a term the dictionary
//!             knows the number; of several that must all match, the documents of
//!             the shortest are looked up in the others, a block at a time; or,
//!             where even that one is dense, bits are set and counted, a window
//!             at a time, as for several of which any may match
//! Example     `whale the`: documents with either are those with the one, and
//!             those with the other, less those with both; and these are
//!             counted by asking "the" about the few documents of "whale"
//! Conditions  terms alone or a phrase, in parts without deletes: the dictionary
//!             counts deleted documents too
//! Cost        a nanosecond a posting, and 3 to 5 for each of the shortest list

use super::execute::END;
use super::phrase::PhraseExec;
use super::plan::{Node, PhraseNode, TermNode};
use super::term::{Lists, TermExec};
use super::trace::Trace;
use super::window::{Bits, WINDOW};
use crate::error::Result;
use crate::index::Part;
use crate::query::Occur;
use crate::segment::posting_list::BLOCK_LEN;

/// A list with more than one in so many documents is gone through bit by bit.
const DENSE: u64 = 12;

/// Whether short ways are open in a part: where nothing is deleted.
pub(super) fn is_open(part: &Part) -> bool {
    part.tombstones.deleted_count() == 0
}

/// Counts in one part after the other.
pub(super) struct Tally<'a, T: Trace> {
    trace: T,
    way: Short<'a>,
    lists: Lists<'a, T>,
    phrase: Option<PhraseExec<'a, T>>,
    /// For lists that are gone through bit by bit, once there are any.
    bits: Option<[Bits; 2]>,
}

/// What there is a short way for.
enum Short<'a> {
    Term(&'a TermNode),
    Phrase(&'a PhraseNode),
    Terms(Occur, Vec<&'a TermNode>),
}

impl<'a, T: Trace> Tally<'a, T> {
    /// `None` if the question is of another kind.
    pub(super) fn of(node: &'a Node, trace: T) -> Option<Self> {
        let way = match node {
            Node::Term(term) => Short::Term(term),
            Node::Phrase(phrase) => Short::Phrase(phrase),
            node => {
                let (occur, terms) = terms_of(node)?;
                Short::Terms(occur, terms)
            }
        };
        let terms = match &way {
            Short::Terms(_, terms) => terms.len(),
            Short::Term(_) | Short::Phrase(_) => 0,
        };
        Some(Self {
            trace,
            way,
            lists: Lists::unbounded(terms),
            phrase: None,
            bits: None,
        })
    }

    /// How many documents of a part match; `None` if some are deleted there.
    pub(super) fn count(&mut self, part: &'a Part) -> Result<Option<u64>> {
        self.lists.clear();
        if !is_open(part) {
            return Ok(None);
        }
        let count = match &mut self.way {
            Short::Term(term) => frequency(part, term),
            Short::Phrase(phrase) => {
                match PhraseExec::in_room(&mut self.phrase, part, phrase, self.trace)? {
                    Some(phrase) => count_phrase(phrase)?,
                    None => 0,
                }
            }
            Short::Terms(occur, terms) => {
                // The shortest first.
                terms.sort_by_key(|term| frequency(part, term));
                let lacks = |term: &&TermNode| frequency(part, term) == 0;
                if *occur == Occur::Must && terms.first().is_some_and(lacks) {
                    return Ok(Some(0));
                }
                for term in terms {
                    self.lists.add(part, term, self.trace)?;
                }
                match occur {
                    Occur::Must => all(part, &mut self.lists, &mut self.bits)?,
                    _ => any(part, &mut self.lists, &mut self.bits)?,
                }
            }
        };
        Ok(Some(count))
    }
}

/// How many documents of a part have a term, as the dictionary knows.
fn frequency(part: &Part, term: &TermNode) -> u64 {
    let entry = term.weight.entries[0].get(part.number).copied().flatten();
    entry.map_or(0, |entry| u64::from(entry.document_frequency))
}

/// Documents with a phrase.
fn count_phrase<T: Trace>(exec: &mut PhraseExec<T>) -> Result<u64> {
    let mut count = 0;
    for block in 0..exec.lead().list().block_count() {
        exec.each_in_block(
            block,
            -1.0,
            |_, _, _| Ok(()),
            |_, _, _| {
                count += 1;
                Ok(())
            },
        )?;
    }
    Ok(count)
}

/// The terms of a node of which any should match, or all must.
fn terms_of(node: &Node) -> Option<(Occur, Vec<&TermNode>)> {
    let Node::Boolean(boolean) = node else {
        return None;
    };
    let (first, _) = boolean.clauses.first()?;
    let mut terms = Vec::with_capacity(boolean.clauses.len());
    for (occur, clause) in &boolean.clauses {
        match clause {
            Node::Term(term) if occur == first => terms.push(term),
            // A word in any of several fields.
            clause if occur == first && *occur == Occur::Should => {
                terms.extend(clause.alternatives()?);
            }
            _ => return None,
        }
    }
    match (first, boolean.minimum) {
        (Occur::Should, 1) | (Occur::Must, 0) => Some((*first, terms)),
        _ => None,
    }
}

/// Documents that any of the lists has.
fn any<T: Trace>(
    part: &Part,
    execs: &mut [TermExec<T>],
    bits: &mut Option<[Bits; 2]>,
) -> Result<u64> {
    match execs {
        [] => return Ok(0),
        [one] => return Ok(one.cost()),
        [short, long] => {
            let either = short.cost() + long.cost();
            return Ok(either - all(part, execs, bits)?);
        }
        _ => {}
    }
    let mut count = 0;
    let [found, _] = bits.get_or_insert_default();
    windows(part, execs, u32::min, |execs, start| {
        found.clear();
        for exec in execs {
            exec.mark(start, found)?;
        }
        count += u64::from(found.count());
        Ok(())
    })?;
    Ok(count)
}

/// Documents that all of the lists have; the first is the shortest.
fn all<T: Trace>(
    part: &Part,
    execs: &mut [TermExec<T>],
    bits: &mut Option<[Bits; 2]>,
) -> Result<u64> {
    if execs[0].cost() * DENSE < u64::from(part.segment.documents()) {
        return look_up(execs);
    }
    let mut count = 0;
    let [left, found] = bits.get_or_insert_default();
    windows(part, execs, u32::max, |execs, start| {
        for (number, exec) in execs.iter_mut().enumerate() {
            let target = if number == 0 { &mut *left } else { &mut *found };
            target.clear();
            exec.mark(start, target)?;
            if number > 0 {
                left.and(found);
            }
        }
        count += u64::from(left.count());
        Ok(())
    })?;
    Ok(count)
}

/// Documents of the first list that all the others have.
fn look_up<T: Trace>(execs: &mut [TermExec<T>]) -> Result<u64> {
    let Some((short, others)) = execs.split_first_mut() else {
        return Ok(0);
    };
    let mut count = 0;
    let mut left = [0; BLOCK_LEN];
    for block in 0..short.list().block_count() {
        let documents = short.load(block)?;
        let mut len = documents.len();
        left[..len].copy_from_slice(documents);
        for other in &mut *others {
            len = other.keep_found(&mut left[..len], |_, _, _, _| {})?;
        }
        count += len as u64;
    }
    Ok(count)
}

/// Calls `each` with the beginnings of all windows in which there may be
/// something: `join` of the lists' next documents, which is the least for any of
/// them and the greatest for all.
fn windows<'a, T: Trace>(
    part: &Part,
    execs: &mut [TermExec<'a, T>],
    join: fn(u32, u32) -> u32,
    mut each: impl FnMut(&mut [TermExec<'a, T>], u32) -> Result<()>,
) -> Result<()> {
    let documents = part.segment.documents();
    let mut at = 0;
    while at < documents {
        let next = execs.iter_mut().map(|exec| exec.next_at_least(at));
        let next = next.reduce(join);
        let next = next.unwrap_or(END);
        if next >= documents {
            break;
        }
        let start = next - next % WINDOW;
        each(execs, start)?;
        at = start.saturating_add(WINDOW);
    }
    Ok(())
}
