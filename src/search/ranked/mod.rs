//! # Ranked: the best hits of the usual questions, most postings unread
//!
//! Idea        most questions are a word, words of which any, some or all must match,
//!             or a phrase, less words that must not. For these there is a
//!             better way than window by window: look only at blocks, and within
//!             blocks only at documents, whose bound beats the worst hit kept so
//!             far
//! Example     the ten best for "+the +whale" among 500,000 articles: "whale" leads,
//!             and of the 3779 blocks of "the" only those are decoded in which a
//!             document of "whale" may be good enough
//! Invariants  (1) hits and scores are those of the plain walk, `collect.rs`: a
//!             document is passed over only if a bound on its score is at most
//!             the threshold, and documents ascend, so that of equal scores
//!             the later one loses. Where lists take turns at a part, the second
//!             begins it anew; so from then on, only if the bound is below
//!             (2) what enters is scored canonically: in the order of the query
//! Conditions  no facets, no other order: those want every match; filters only if
//!             `conditions` says that it is worth it. If an
//!             exact number is wanted, too, `counting.rs` finds it by itself; but
//!             for a phrase or where all terms must match all are found here, and
//!             only then the best of them ranked. A
//!             floor from witnesses counts documents that may be deleted, or come before
//!             a cursor, so it is used only where no document is deleted and there is no
//!             cursor
//! Left out    to look at the most promising blocks beforehand, so that there is a
//!             threshold from the start: without witnesses that saved just what it cost,
//!             and with them less (Mackenzie, Petri and Moffat, "Anytime ranking on
//!             document-ordered indexes", 2022)
//! Rooms       `term`; `lead`: candidates from one
//!             list, help from others, by which `conjunction` and `disjunction`
//!             work; `order`: which segment first; `candidates`: asked about many at a time; `phrase`;
//!             `conditions`: what must not match, and filters; `room`: what goes from
//!             part to part
//! Papers      Turtle and Flood 1995; Ding and Suel 2011; Grand et al. 2020
//! Next        `ranked/term.rs`, `ranked/lead.rs`, and what these two need

mod candidates;
mod conditions;
mod conjunction;
mod disjunction;
mod lead;
mod order;
mod phrase;
mod room;
mod term;
#[cfg(test)]
mod tests;

pub(super) use self::conditions::pass_enough;

use self::conditions::Conditions;
use self::room::Room;
use super::collect::Found;
use super::limits::Deadline;
use super::plan::{TermNode, Weight};
use super::question::{Member, Question, Shape};
use super::spread::{self, Cores, Floor};
use super::term::{TermExec, each_above};
use super::topk::{Scored, Stretch, TopK};
use super::trace::{Silent, Trace};
use super::ways::Pruning;
use crate::error::Result;
use crate::index::{Part, Snapshot};
use crate::segment::posting_list::BLOCK_LEN;

/// What is kept, and what it takes to be kept.
struct Goal<'f, T: Trace = Silent> {
    trace: T,
    top: TopK<'f>,
    /// As many documents as are wanted score more than this, whichever they are.
    floor: f32,
    stretch: Stretch,
    /// Whether anything may be passed over: not where all matches are counted here.
    pruning: Pruning,
    deadline: Deadline,
    conditions: Conditions<'f, T>,
    /// Matches seen; if some may be passed over, such as don't meet the conditions, too.
    count: u64,
    /// Whether these are all matches.
    complete: bool,
}

impl<'f, T: Trace> Goal<'f, T> {
    /// One of several that are joined in the end, if there are several.
    fn new(
        stretch: Stretch,
        pruning: Pruning,
        floor: Option<&'f Floor>,
        deadline: Deadline,
        trace: T,
    ) -> Self {
        Self {
            trace,
            top: TopK::sharing(stretch, floor),
            floor: -1.0,
            stretch,
            pruning,
            deadline,
            conditions: Conditions::none(),
            count: 0,
            complete: true,
        }
    }

    /// A document that comes later than all so far must score more; negative
    /// as long as any will do.
    #[inline]
    fn threshold(&self) -> f32 {
        self.top.threshold().max(self.floor)
    }

    /// What doesn't score more than this may be passed over; negative if
    /// everything is to be seen.
    #[inline]
    fn passed_over(&self) -> f32 {
        match self.pruning {
            Pruning::Allowed => self.threshold(),
            Pruning::Off => -1.0,
        }
    }

    /// Whether the best documents of a part's lists, whichever these are, are hits if they
    /// are good enough; if so, what is known of them (witnesses) says what hits score.
    fn takes_whatever_is_good(&self, part: &Part, has_conditions: bool) -> bool {
        part.tombstones.deleted_count() == 0 && !has_conditions && self.stretch.after.is_none()
    }

    /// Takes note that enough documents of a list score more than this.
    fn raise(&mut self, part: &Part, exec: &TermExec<T>) {
        if self.takes_whatever_is_good(part, !self.conditions.are_none()) {
            self.floor = self.floor.max(exec.floor(self.stretch.limit));
            self.top.raise(self.floor);
            self.trace.threshold(part.base, self.threshold());
        }
    }

    /// Lets several look through a part, one after the other, for documents that
    /// those before haven't found. One that begins anew may find an earlier document, which
    /// wins a tie with what was found so far.
    fn in_turns(
        &mut self,
        part: &Part,
        turns: usize,
        mut each: impl FnMut(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        let trace = self.trace;
        let end = part.base.saturating_add(part.segment.documents());
        for turn in 0..turns {
            if turn > 0 {
                self.top.enter(end);
                self.top.enter(part.base);
                self.trace = trace.aside();
            }
            each(self, turn)?;
        }
        if turns > 1 {
            self.top.enter(end);
            self.trace = trace;
            trace.threshold(end.saturating_sub(1), self.threshold());
        }
        Ok(())
    }

    /// Takes a document that is good enough, if it meets the conditions. Where matches are
    /// counted, those that don't were left out before.
    #[inline]
    fn push(&mut self, part: &Part, document: u32, score: f32) -> Result<()> {
        if self.pruning == Pruning::Allowed && !self.conditions.allow(document)? {
            return Ok(());
        }
        self.top.push(Scored {
            score,
            document: part.base + document,
        });
        let now = self.threshold();
        self.trace.threshold(part.base + document, now);
        Ok(())
    }

    /// Takes of the first `count` of a block of live documents, all of which
    /// meet the conditions and come after the cursor, those that are good enough.
    #[inline]
    fn push_all(
        &mut self,
        part: &Part,
        scores: &[f32; BLOCK_LEN],
        count: usize,
        document: impl Fn(usize) -> u32,
    ) -> Result<()> {
        let mut last = None;
        each_above(scores, 0..count, self.threshold(), |place| {
            let (score, document) = (scores[place], part.base + document(place));
            self.top.hold(Scored { score, document });
            last = Some(document);
            Ok(())
        })?;
        if let Some(document) = last {
            self.top.settle();
            self.trace.threshold(document, self.threshold());
        }
        Ok(())
    }

    /// What was found in other parts, too.
    fn join(&mut self, other: Self) {
        self.top.join(other.top);
        self.count += other.count;
        self.complete &= other.complete;
        self.conditions.join(&other.conditions);
    }

    /// The best first, and whether the count is that of all matches.
    fn finish(self, has_conditions: bool) -> (Vec<Scored>, Found) {
        let mut found = Found {
            count: self.count,
            complete: self.complete || self.pruning == Pruning::Off,
        };
        if has_conditions && self.pruning == Pruning::Allowed {
            let (count, all) = self.conditions.count(self.count);
            found.count = count;
            found.complete &= all;
        }
        (self.top.into_sorted(), found)
    }
}

/// Of more lists that take turns each would be asked about each for too long.
const LISTS_MAX: usize = 40;

/// Where more than a hundred hits are wanted, the threshold stays so low that of more
/// words that may match most postings are read in any case: once each by the walk,
/// and here again and again. (A word that must match and so many that may, of 200,000
/// documents: for a thousand hits as long as the walk takes, for a hundred 0.7 of it.)
const OPTIONAL_MAX: usize = 8;

/// Whether there is a way here to so many hits.
pub(super) fn is_open(question: &Question, limit: usize) -> bool {
    match &question.shape {
        Shape::Term(_) | Shape::Disjunction(_) | Shape::Phrase(_) => true,
        Shape::Conjunction(terms) if all_alone(terms) => true,
        Shape::Conjunction(terms) => {
            let clauses = terms.chunk_by(|(one, _), (next, _)| one == next);
            let optional = clauses.filter(|clause| !clause[0].0.required);
            terms.len() <= LISTS_MAX && (limit <= 100 || optional.count() <= OPTIONAL_MAX)
        }
    }
}

/// Whether each list is a clause of its own that must match.
fn all_alone(terms: &[(Member, &TermNode)]) -> bool {
    let mut terms = (0..).zip(terms);
    terms.all(|(number, (member, _))| member.required && member.clause == number)
}

/// If each of the terms that must all match is in at least one in this many documents, it
/// takes less to count matches window by window, by words of bits, and to rank the best
/// apart, than to find all one by one.
const DENSE: u64 = 16;

/// Whether all matches are counted while the best are looked for, since to do both
/// apart takes longer.
pub(super) fn counts(question: &Question) -> bool {
    let is_rare = |weight: &Weight| weight.frequencies[0] < weight.documents / DENSE;
    can_count(question)
        && match &question.shape {
            Shape::Conjunction(terms) => terms.iter().any(|(_, term)| is_rare(&term.weight)),
            _ => true,
        }
}

/// Whether they can be: where but one list leads, or phrases do.
fn can_count(question: &Question) -> bool {
    match &question.shape {
        Shape::Phrase(_) => true,
        Shape::Conjunction(terms) => all_alone(terms),
        _ => false,
    }
}

/// The best documents of a question for which there is [a way](is_open), as many as
/// `stretch` wants.
/// Without pruning all are counted, if they [can be](can_count).
pub(super) fn best(
    snapshot: &Snapshot,
    question: &Question,
    stretch: Stretch,
    pruning: Pruning,
    cores: Cores,
    deadline: Deadline,
    trace: impl Trace,
) -> Result<(Vec<Scored>, Found)> {
    trace.way(question.shape.way());
    let floor = Floor::new();
    let shared = (cores == Cores::All).then_some(&floor);
    let begin = || Goal::new(stretch, pruning, shared, deadline, trace);
    let goal = match cores {
        Cores::One => {
            let (mut goal, mut room) = (begin(), Room::of(&question.shape));
            order::by_promise(snapshot.parts(), question, &mut room, &mut goal)?;
            goal
        }
        Cores::All => {
            let (goal, _) = spread::over(
                snapshot.parts(),
                cores,
                || (begin(), Room::of(&question.shape)),
                |(goal, room), part| in_part(part, question, room, goal),
                |(one, _), (other, _)| one.join(other),
            )?;
            goal
        }
    };
    Ok(goal.finish(question.has_conditions()))
}

/// The best of one part.
fn in_part<'f, T: Trace>(
    part: &'f Part,
    question: &Question<'f>,
    room: &mut Room<'f, T>,
    goal: &mut Goal<'f, T>,
) -> Result<()> {
    goal.deadline.check()?;
    goal.conditions
        .enter(part, question, goal.deadline, goal.trace)?;
    let Room {
        lists,
        phrases,
        tools,
    } = room;
    lists.clear();
    match &question.shape {
        Shape::Term(node) => {
            lists.add(part, node, goal.trace)?;
        }
        Shape::Disjunction(nodes) => {
            let tools = tools.get_or_insert_default();
            tools.clauses.clear();
            for (clause, node) in nodes {
                if lists.add(part, node, goal.trace)? {
                    tools.clauses.push(*clause);
                }
            }
            if lists.len() > 1 {
                return disjunction::run(part, lists, tools, goal);
            }
        }
        Shape::Conjunction(nodes) => {
            let tools = tools.get_or_insert_default();
            tools.members.clear();
            for clause in nodes.chunk_by(|(one, _), (next, _)| one == next) {
                let before = lists.len();
                for (member, node) in clause {
                    if lists.add(part, node, goal.trace)? {
                        tools.members.push(*member);
                    }
                }
                if clause[0].0.required && lists.len() == before {
                    return Ok(());
                }
            }
            return conjunction::run(part, lists, tools, goal);
        }
        Shape::Phrase(nodes) => return phrase::run(part, nodes, phrases, goal),
    }
    match lists.first_mut() {
        Some(list) => term::run(part, list, goal),
        None => Ok(()),
    }
}
