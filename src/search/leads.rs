//! # Leads: every match found once, by the shortest list that has it
//!
//! Idea        where all of several words must match, the documents of the rarest
//!             are the only candidates. But a word that is looked for in title and
//!             body is a clause of two lists, either of which will do. So lists lead
//!             in turn, the shortest first, and each finds the documents that it has
//!             and no list before it. As soon as all lists of a clause that must
//!             match have led, every match has been found: what is in none of them
//!             lacks the clause
//! Example     `+whale +sea`; 30 titles have "whale", 80 "sea", 2,000 bodies "whale"
//!             and 9,000 "sea". First the 30 lead, and "sea" must be in the title or
//!             in the body. Then the 80: of those that aren't among the 30, "whale"
//!             must be in the body. Then the 2,000, less those among the 30 or the
//!             80, and "sea" must be in the body. Now "whale" has no list left, and
//!             the 9,000 never lead
//! Why short   the last to lead does what the only one does where there is one field,
//!             and those before it are shorter. They also have what scores most, as
//!             rare words do: when the longest leads, the threshold is so high that
//!             without the lists before it hardly a block will do. So lists of words
//!             that *may* match lead, too
//! Invariants  (1) a match is found under exactly one lead: the first list, in
//!             this order, that has it
//! Cost        for each lead its postings, at most, and the look-ups of these in the
//!             lists that are left
//! Next        [`ranked`](super::ranked), which asks it too

use super::question::Member;

/// What another list is to the documents of the one that leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It must have them.
    Required,
    /// It may have them, and add to the score.
    Optional,
    /// It or another of its clause must have them, and there are more of that.
    Either,
    /// The same, and it is the last of that clause.
    OrElse,
}

/// Lists in the order in which they lead.
#[derive(Default)]
pub(super) struct Leads {
    order: Vec<Entry>,
    count: usize,
}

/// A list.
#[derive(Clone, Copy)]
struct Entry {
    number: usize,
    member: Member,
    place: Place,
    /// That of the longest of its clause.
    last: Place,
}

/// Where in the order a list stands: its length, and its number.
type Place = (u64, usize);

impl Leads {
    /// From now on it is about these lists, of which each has a length; those of a
    /// clause come together. For each clause that must match there is one.
    pub(super) fn begin(
        &mut self,
        members: impl Iterator<Item = Member>,
        length: impl Fn(usize) -> u64,
    ) {
        self.order.clear();
        self.order
            .extend(members.enumerate().map(|(number, member)| {
                let place = (length(number), number);
                Entry {
                    number,
                    member,
                    place,
                    last: place,
                }
            }));
        let mut end = (u64::MAX, usize::MAX);
        for clause in self
            .order
            .chunk_by_mut(|one, next| one.member == next.member)
        {
            let last = clause
                .iter()
                .fold((0, 0), |last, list| list.place.max(last));
            clause.iter_mut().for_each(|list| list.last = last);
            if clause[0].member.required {
                end = end.min(last);
            }
        }
        self.order.sort_unstable_by_key(|list| list.place);
        self.count = self.order.partition_point(|list| list.place <= end);
    }

    /// How many lead.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How long those that lead are together.
    pub(super) fn length(&self) -> u64 {
        let leads = self.order[..self.count].iter();
        leads.map(|list| list.place.0).sum()
    }

    /// What is to be done in a turn, of which they are taken in order.
    pub(super) fn turn(&mut self, turn: usize) -> Turn<'_> {
        let left = &mut self.order[turn..];
        if turn > 0 {
            // As before they were put together clause by clause.
            left.sort_unstable_by_key(|list| list.place);
        }
        let own = left[0].member.clause;
        let is_optional = |list: &Entry| !list.member.required || list.member.clause == own;
        left[1..].sort_unstable_by_key(|list| match is_optional(list) {
            true => (true, list.place, list.place),
            false => (false, list.last, list.place),
        });
        let asked = left.len() - 1;
        let optional = left[1..].iter().filter(|list| is_optional(list)).count();
        let (before, left) = self.order.split_at(turn);
        Turn {
            lead: left[0].number,
            required: &left[1..=asked - optional],
            optional: &left[1 + asked - optional..],
            before,
        }
    }
}

/// What is to be done in a turn.
#[derive(Clone, Copy)]
pub(super) struct Turn<'l> {
    pub(super) lead: usize,
    required: &'l [Entry],
    optional: &'l [Entry],
    before: &'l [Entry],
}

impl<'l> Turn<'l> {
    /// The lists to be asked: of a clause that must match side by side, the shorter
    /// clauses first.
    pub(super) fn required(self) -> impl Iterator<Item = (usize, Role)> + 'l {
        let required = self.required.iter().enumerate();
        required.map(move |(at, list)| {
            let is_same =
                |other: Option<&Entry>| other.is_some_and(|other| other.last == list.last);
            let before = at
                .checked_sub(1)
                .and_then(|before| self.required.get(before));
            let role = match (is_same(before), is_same(self.required.get(at + 1))) {
                (_, true) => Role::Either,
                (true, false) => Role::OrElse,
                (false, false) => Role::Required,
            };
            (list.number, role)
        })
    }

    /// The same, and then those that may match.
    pub(super) fn asked(self) -> impl Iterator<Item = (usize, Role)> + 'l {
        let optional = self.optional.iter();
        let optional = optional.map(|list| (list.number, Role::Optional));
        self.required().chain(optional)
    }

    /// Those that have led before.
    pub(super) fn before(self) -> impl ExactSizeIterator<Item = usize> + 'l {
        self.before.iter().map(|list| list.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(leads: &mut Leads, turn: usize, lead: usize, asked: &[(usize, Role)]) {
        let turn = leads.turn(turn);
        assert_eq!(turn.lead, lead);
        assert_eq!(turn.asked().collect::<Vec<_>>(), asked);
    }

    #[test]
    fn the_example_is_true() {
        let member = |clause| Member {
            clause,
            required: true,
        };
        let lengths = [30, 2_000, 80, 9_000];
        let mut leads = Leads::default();
        leads.begin([0, 0, 1, 1].map(member).into_iter(), |list| lengths[list]);
        assert_eq!(leads.count(), 3);
        let asked = [(2, Role::Either), (3, Role::OrElse), (1, Role::Optional)];
        check(&mut leads, 0, 0, &asked);
        let asked = [(1, Role::Required), (3, Role::Optional)];
        check(&mut leads, 1, 2, &asked);
        check(&mut leads, 2, 1, &[(3, Role::Required)]);
        assert_eq!(leads.turn(2).before().collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn what_may_match_leads_if_it_is_short_and_never_ends_it() {
        let member = |required, clause| Member { clause, required };
        let members = [member(true, 0), member(false, 1), member(false, 2)];
        let lengths = [100, 7, 500];
        let mut leads = Leads::default();
        leads.begin(members.into_iter(), |list| lengths[list]);
        assert_eq!(leads.count(), 2);
        let asked = [(0, Role::Required), (2, Role::Optional)];
        check(&mut leads, 0, 1, &asked);
        check(&mut leads, 1, 0, &[(2, Role::Optional)]);
    }
}
