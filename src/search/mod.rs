//! # Search: how a question is answered
//!
//! Idea        a question becomes a plan, and the plan is asked about 4096
//!             documents at a time: which match, with what score. The best are
//!             kept; and once enough good ones are, whole windows are passed
//!             over whose best possible score can't compete
//! Example     `"quick fox" dog` over a million documents: windows are leapt over
//!             that can't have "dog", nor both "quick" and "fox". In the others all
//!             documents with "dog" match, and of those with "quick" and "fox" where
//!             these stand side by side. (Words alone, such as `+quick fox`, go a
//!             shorter way: `question.rs`)
//! Rooms       in the order of a question's life:
//!
//! ```text
//!   searcher     the question and its choices
//!     asked          a query or a text, read and planned
//!   plan         names → fields, words → terms, terms → weights
//!     statistics     how many documents, how long, how many with the term
//!     bm25           what a match is worth, and what it can be worth at most
//!     plan/fields    where to look, and what it counts;
//!     plan/values    values → ranges;
//!     plan/patterns  what terms look like → patterns;
//!     plan/near      a misspelt word → the words near it;
//!     plan/weights   terms → what they are worth
//!     walk           the terms of a dictionary that an automaton accepts
//!     known          what needn't be worked out for each query anew
//!   ways         which way is the shortest
//!     ahead          what many lists are read from, called for together
//!   collect      the long way: the walk over segments and windows
//!     spread         the same by several cores
//!     limits         when it must be over
//!     window         4096 documents: bits and scores
//!     execute        the plan at work: term, phrase, set, boolean
//!     places         where a phrase's terms stand in many documents;
//!                    beginnings   and which of these follow each other,
//!                    sloppy       or are near
//!     topk           the best hits so far
//!     sort, facets   other things to collect
//!   question     the usual questions, for which there are shorter ways:
//!     ranked         to the best hits
//!     counting       to their number
//!     leads          which lists both begin with
//!     cursor         where a page ends, so that the next goes on there
//!   page         hits, documents, keys
//!     snippets       the passage that shows why
//!     explain        the score taken apart
//!   xray         what an answer cost, counted if asked for
//!     trace          how, at no cost if it isn't
//! ```
//!
//! Invariants  (1) the *canonical score* of a document is the sum over the
//!             clauses in the order of the query, in `f32`. Hits come by score,
//!             the highest first, equal ones in the order of their documents:
//!             that in which they were put, until the index is reordered.
//!             Whatever is skipped or estimated, hits and scores come out as if
//!             every document had been scored so
//!             (2) statistics are those of live documents in the whole
//!             snapshot, so neither the number of segments nor what is deleted
//!             changes a score
//! Why exact   a window is passed over only if its *bound*, made of the impacts
//!             of the blocks that it touches, is at most the score of the worst
//!             hit kept, while as many are kept as are wanted. Windows ascend,
//!             so a document with an equal score comes later and loses anyway
//! Worth       how much longer questions take without one thing, everything else as it
//!             is (500,000 articles, a Zen 3; ten hits, or a number). Where all words
//!             must match bounds save as much as they take: most matches are found in
//!             blocks that must be read in any case
//!
//! ```text
//!   champions                    ten of a word              3.0 times
//!   lists that are only asked    ten of any words           7.5
//!   one list that leads          ten of any words           1.4
//!   witnesses                    ten of any words           1.2
//!   bounds of windows            ten of any words           1.05, reordered 1.2
//!   bounds of blocks             ten of one and any others  1.65
//!                                ten of all words           1.0
//!   dense blocks as bits         how many have any          3.3
//!                                how many have all          1.7
//!   positions as sums            how many have a phrase     1.1 to 1.4
//!   decoding by vectors          all of these but the first 1.4 to 1.9
//!   looking up by vectors                                   1.05 to 1.2
//!   calling for memory ahead                                1.05 to 1.1
//! ```
//!
//! Papers      Turtle and Flood, "Query evaluation: strategies and
//!             optimizations", 1995 (MaxScore); Ding and Suel 2011
//!             (block maxima); Strohman and Croft, "Efficient document retrieval
//!             in main memory", 2007 (windows)
//! Next        `searcher.rs`; or on to [`crate::evaluation`]

mod ahead;
mod asked;
mod beginnings;
mod bm25;
mod boolean;
mod collect;
mod counting;
mod cursor;
mod execute;
mod explain;
mod facets;
mod known;
mod leads;
mod limits;
mod page;
mod phrase;
mod places;
mod plan;
mod question;
mod ranked;
mod searcher;
mod set;
mod sloppy;
mod snippets;
mod sort;
mod spread;
mod statistics;
mod term;
#[cfg(test)]
mod tests;
mod topk;
mod trace;
mod walk;
mod ways;
mod window;
mod xray;

pub use asked::Asked;
pub use bm25::{Bm25, idf};
pub use cursor::Cursor;
pub use explain::Explanation;
pub use facets::Facet;
pub use page::{Hit, Hits, Page, Total};
pub use searcher::{Search, Searcher};
pub use snippets::Snippet;
pub use sort::Sort;
pub use statistics::Statistics;
pub use xray::{Depth, Depths, ListXray, Sets, Way, Windows, Xray};
