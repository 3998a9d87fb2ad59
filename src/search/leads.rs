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
//! Next        `counting.rs`, `ranked/conjunction.rs`

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
    members: Vec<Member>,
    order: Vec<usize>,
    /// Of each clause, how many lists there are up to its last.
    ends: Vec<usize>,
    count: usize,
    asked: Vec<(usize, Role)>,
}

impl Leads {
    /// From now on it is about these lists, which are so long. For each clause that
    /// must match there is one.
    pub(super) fn begin(
        &mut self,
        members: impl Iterator<Item = Member>,
        length: impl Fn(usize) -> u64,
    ) {
        self.members.clear();
        self.members.extend(members);
        let lists = self.members.len();
        self.order.clear();
        self.order.extend(0..lists);
        self.order.sort_by_key(|list| length(*list));
        self.ends.clear();
        for (place, list) in self.order.iter().enumerate() {
            let clause = self.members[*list].clause;
            if clause >= self.ends.len() {
                self.ends.resize(clause + 1, 0);
            }
            self.ends[clause] = place + 1;
        }
        let required = self.members.iter().filter(|member| member.required);
        let ends = required.map(|member| self.ends[member.clause]);
        self.count = ends.min().unwrap_or(lists);
    }

    /// How many lead.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The list that leads in turn number `turn`.
    pub(super) fn list(&self, turn: usize) -> usize {
        self.order[turn]
    }

    /// The list that leads in a turn; those that are to be asked, the lists of a
    /// clause that must match side by side, the shorter clauses first, and last
    /// those that may match; and those that have led before.
    pub(super) fn turn(&mut self, turn: usize) -> (usize, &[(usize, Role)], &[usize]) {
        let (members, asked) = (&self.members, &mut self.asked);
        let own = members[self.order[turn]].clause;
        let is_required = |list: usize| members[list].required && members[list].clause != own;
        let later = &self.order[turn + 1..];
        asked.clear();
        let required = later.iter().filter(|list| is_required(**list));
        asked.extend(required.map(|list| (*list, Role::Required)));
        let clause = |(list, _): &(usize, Role)| members[*list].clause;
        asked.sort_by_key(|list| self.ends[clause(list)]);
        for lists in asked.chunk_by_mut(|one, next| clause(one) == clause(next)) {
            if let [either @ .., (_, last)] = lists
                && !either.is_empty()
            {
                *last = Role::OrElse;
                either.iter_mut().for_each(|(_, role)| *role = Role::Either);
            }
        }
        let optional = later.iter().filter(|list| !is_required(**list));
        asked.extend(optional.map(|list| (*list, Role::Optional)));
        (self.order[turn], &self.asked, &self.order[..turn])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(leads.turn(0), (0, &asked[..], &[][..]));
        let asked = [(1, Role::Required), (3, Role::Optional)];
        assert_eq!(leads.turn(1), (2, &asked[..], &[0][..]));
        let asked = [(3, Role::Required)];
        assert_eq!(leads.turn(2), (1, &asked[..], &[0, 2][..]));
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
        assert_eq!(leads.turn(0), (1, &asked[..], &[][..]));
        let asked = [(2, Role::Optional)];
        assert_eq!(leads.turn(1), (0, &asked[..], &[1][..]));
    }
}
