//! # Near words: of a dictionary those that a misspelt word may stand for
//!
//! Idea        an automaton that knows which texts are a few edits from the word is led
//!             through the dictionaries
//! Example     "govermnent" and two edits: near are "government" (a swap), "goverment",
//!             "governments"
//! Rules       those near in any segment are put together, and the
//!             [nearest](MAX_NEAR) taken: fewest edits first, of these the most
//!             frequent. They are clauses that may match, each with the idf of the first,
//!             so that a rare misspelling isn't worth more than the word, and with a
//!             boost that falls with the edits
//! Invariants  (1) which terms are taken, and in which order, is a matter of live
//!             documents alone: neither merges nor deletes change it, nor shards, if
//!             foreign statistics are handed in, which know all that are near anywhere
//! Cost        a walk: of 396,000 terms, with an edit 0.3 ms, with two 2.5 ms and
//!             14,000 leaps
//! Left out    under foreign statistics that weren't collected with its filters, a word in
//!             a filter: its near words are those of the shard
//! Next        `../walk.rs`, by which they are found

use super::weights::unknown;
use super::{Node, Planner, joined, nothing, times};
use crate::document::{Field, FieldKind};
use crate::error::Result;
use crate::query::{Automaton, Levenshtein, MAX_NEAR, Occur};
use crate::search::statistics::Statistics;
use crate::search::walk::each_accepted;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

/// The word that a term stands for.
#[derive(Clone, Debug)]
pub(in crate::search) struct Near {
    /// The word, as analysis leaves it.
    pub(in crate::search) word: String,
    pub(in crate::search) edits: u32,
    /// The nearest term, whose idf it has, and in how many documents that is.
    pub(in crate::search) nearest: (String, u64),
}

/// A term near a word.
struct Neighbour {
    edits: u32,
    /// Live documents that contain it.
    frequency: u64,
    term: String,
}

impl<'a> Planner<'a> {
    /// A word and those near it.
    pub(super) fn fuzzy(
        &mut self,
        field: &'a Field,
        text: &str,
        edits: Option<u32>,
        boost: f32,
    ) -> Result<Option<Node>> {
        let word = match field.kind() {
            FieldKind::Text(kind) => {
                let slots = self.slots(field, kind, text)?;
                match <[_; 1]>::try_from(slots) {
                    Ok([(_, word)]) => word,
                    Err(slots) => return self.phrase(field, slots, 0, boost),
                }
            }
            FieldKind::Keyword => {
                self.take_room(field, 1)?;
                text.to_owned()
            }
            _ => return self.text(field, text, 0, boost),
        };
        let edits = edits.unwrap_or_else(|| by_length(&word));
        let automaton = Levenshtein::new(&word, edits).filter(|_| edits > 0);
        let Some(automaton) = automaton else {
            return self.term(field, word, boost).map(Some);
        };
        // As many as there may be, whether there are or not, as it is a walk; one has
        // been counted.
        self.take_room(field, MAX_NEAR - 1)?;
        let mut near = self.neighbours(field, &word, edits, &automaton)?;
        if near.len() > MAX_NEAR {
            near.select_nth_unstable_by(MAX_NEAR, Neighbour::compare);
            near.truncate(MAX_NEAR);
        }
        near.sort_unstable_by(Neighbour::compare);
        let mut nodes = Vec::with_capacity(near.len());
        let mut nearest = None;
        for Neighbour {
            edits,
            frequency,
            term,
        } in near
        {
            let boost = times(boost, closeness(&word, &term, edits))?;
            let mut node = self.term_node(field, term, boost)?;
            let (nearest, idf) =
                nearest.get_or_insert_with(|| ((node.term.clone(), frequency), node.weight.idf));
            node.weight.idf = *idf;
            node.weight.value = *idf * boost;
            node.near = Some(Box::new(Near {
                word: word.clone(),
                edits,
                nearest: nearest.clone(),
            }));
            nodes.push(Node::Term(node));
        }
        Ok(Some(joined(nodes, Occur::Should).unwrap_or_else(nothing)))
    }

    /// All terms near a word that any live document has.
    fn neighbours(
        &mut self,
        field: &Field,
        word: &str,
        edits: u32,
        automaton: &Levenshtein,
    ) -> Result<Vec<Neighbour>> {
        let name = field.name();
        let foreign = self.choices.statistics.as_deref();
        let knows = |foreign: &&Statistics| foreign.knows_near(name, word, edits);
        if self.scores && foreign.is_some_and(|foreign| !knows(&foreign)) {
            return Err(unknown(&format!("what is near {word:?}"), name));
        }
        if let Some(foreign) = foreign.filter(knows) {
            let terms = foreign.terms(name).filter_map(|(term, frequency)| {
                let edits = automaton.edits(&automaton.read(term))?;
                Some(Neighbour {
                    edits,
                    frequency,
                    term: term.to_owned(),
                })
            });
            return Ok(terms.filter(|near| near.counts(word)).collect());
        }
        let mut found: BTreeMap<String, (u32, u64)> = BTreeMap::new();
        for part in self.snapshot.parts() {
            let Some(inverted) = part.segment.inverted(name) else {
                continue;
            };
            each_accepted(inverted, automaton, self.deadline, |term, state, entry| {
                let live = self.known.in_part(part, name, &entry)?;
                match found.get_mut(term) {
                    Some((_, frequency)) => *frequency += u64::from(live),
                    None => {
                        let edits = automaton.edits(state).unwrap_or(0);
                        found.insert(term.to_owned(), (edits, u64::from(live)));
                    }
                }
                Ok(())
            })?;
        }
        let found = found
            .into_iter()
            .map(|(term, (edits, frequency))| Neighbour {
                edits,
                frequency,
                term,
            });
        let near: Vec<Neighbour> = found.filter(|near| near.counts(word)).collect();
        if let Some(used) = &mut self.used {
            // Known, too, if nobody here has any of the words.
            used.set_field(name, self.snapshot.statistics(name));
            used.set_near(name, word, edits);
            for near in &near {
                used.set_term(name, &near.term, near.frequency);
            }
        }
        Ok(near)
    }
}

impl Neighbour {
    /// The nearest first, of these the most frequent.
    fn compare(&self, other: &Self) -> Ordering {
        let rank = |near: &Self| (near.edits, Reverse(near.frequency));
        rank(self)
            .cmp(&rank(other))
            .then_with(|| self.term.cmp(&other.term))
    }

    /// Whether somebody has it, and something is left of the word.
    fn counts(&self, word: &str) -> bool {
        self.frequency > 0 && closeness(word, &self.term, self.edits) > 0.0
    }
}

/// The edits of a word of which they aren't said.
fn by_length(word: &str) -> u32 {
    match word.chars().take(6).count() {
        0..3 => 0,
        3..6 => 1,
        _ => 2,
    }
}

/// What a term counts that is `edits` away: 1 if it is the word itself.
fn closeness(word: &str, term: &str, edits: u32) -> f32 {
    if edits == 0 {
        return 1.0;
    }
    let shorter = word.chars().count().min(term.chars().count());
    // Of at most 63 characters, or two more.
    1.0 - edits as f32 / shorter.max(1) as f32
}
