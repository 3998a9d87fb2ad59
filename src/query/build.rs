//! # Building queries in code
//!
//! Constructors take the text; [`Query::field`] says where to look for it.
//! Numbers, dates and strings all do, since a query's values are texts until it
//! meets a schema. `&` and `|` keep a chain flat: `a & b & c` is one
//! [`Query::Boolean`] with three clauses, so a loop that joins a thousand words
//! builds no tower; and what would be one higher than [`MAX_DEPTH`] stays one level
//! above it, whatever is put around it, to be refused when asked.
//!
//! Next        `parser`, which makes them of a text

use std::fmt;
use std::ops::{BitAnd, BitOr, Bound, Not};
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use super::{Clause, MAX_DEPTH, Nested, Occur, Query};

/// Constructors.
impl Query {
    /// Every document.
    #[must_use]
    pub fn all() -> Self {
        Self::All
    }

    /// No document.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Nothing
    }

    /// One word, number, date or keyword.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::term("fox").to_string(), "fox");
    /// assert_eq!(Query::term(2001).field("year").to_string(), "year:2001");
    /// assert_eq!(Query::term("new york").field("tags").to_string(), r#"tags:"new york"~="#);
    /// ```
    #[must_use]
    pub fn term(text: impl fmt::Display) -> Self {
        Self::Term {
            field: None,
            text: text.to_string(),
        }
    }

    /// Any of the words of a text, which is never read as syntax.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::words("to be (or not)").to_string(), r#""to be (or not)"~*"#);
    /// ```
    #[must_use]
    pub fn words(text: impl fmt::Display) -> Self {
        Self::Words {
            field: None,
            text: text.to_string(),
        }
    }

    /// The words of a text, one after another; see [`Query::slop`].
    #[must_use]
    pub fn phrase(text: impl fmt::Display) -> Self {
        Self::Phrase {
            field: None,
            text: text.to_string(),
            slop: 0,
        }
    }

    /// The terms that begin with a text; see [`Query::Prefix`] about stems.
    #[must_use]
    pub fn prefix(text: impl fmt::Display) -> Self {
        Self::Prefix {
            field: None,
            text: text.to_string(),
        }
    }

    /// The terms that a text with wildcards describes; see [`Query::Wildcard`].
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::wildcard("wh?le").to_string(), "wh?le");
    /// assert_eq!(Query::wildcard("*.rs").field("path").to_string(), r#"path:"*.rs"~?"#);
    /// ```
    #[must_use]
    pub fn wildcard(text: impl fmt::Display) -> Self {
        Self::Wildcard {
            field: None,
            text: text.to_string(),
        }
    }

    /// The terms that a regular expression describes; see [`Query::Regex`]. One that can't
    /// be read is refused when the query is asked.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::regex("gr[ae]ys?").to_string(), r#""gr[ae]ys?"~/"#);
    /// let error = Query::regex("gr[ae").check().unwrap_err();
    /// assert!(error.to_string().contains("at byte 2 this bracket is never closed"));
    /// ```
    #[must_use]
    pub fn regex(text: impl fmt::Display) -> Self {
        Self::Regex {
            field: None,
            text: text.to_string(),
        }
    }

    /// The words near a word; see [`Query::Fuzzy`]. How near is a matter of its length,
    /// unless [`Query::edits`] says it.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::fuzzy("govermnent").to_string(), "govermnent~");
    /// assert_eq!(Query::fuzzy("foks").edits(2).to_string(), "foks~2");
    /// ```
    #[must_use]
    pub fn fuzzy(text: impl fmt::Display) -> Self {
        Self::Fuzzy {
            field: None,
            text: text.to_string(),
            edits: None,
        }
    }

    /// The documents in which `field` has a value, of a text at least a term.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::exists("title").to_string(), "title:*");
    /// ```
    #[must_use]
    pub fn exists(field: impl Into<String>) -> Self {
        Self::prefix("").field(field)
    }

    /// The values of a field within an interval. A [date](super#dates) that is written as a
    /// day or less is all of it; a [`Date`](crate::Date) is a moment.
    ///
    /// ```
    /// use wordhoard::query::Query;
    /// use std::ops::Bound;
    ///
    /// assert_eq!(Query::range("year", 2001..=2010).to_string(), "year:[2001 TO 2010]");
    /// assert_eq!(Query::range("year", 2001..).to_string(), "year:[2001 TO *]");
    /// assert_eq!(Query::range("name", "a".."c").to_string(), "name:[a TO c}");
    /// assert_eq!(Query::range("day", "2001-07"..="2001-08").to_string(), "day:[2001-07 TO 2001-08]");
    /// let above = (Bound::Excluded(0.5), Bound::Unbounded);
    /// assert_eq!(Query::range("weight", above).to_string(), "weight:{0.5 TO *]");
    /// ```
    #[must_use]
    pub fn range(field: impl Into<String>, interval: impl Interval) -> Self {
        let (lower, upper) = interval.bounds();
        Self::Range {
            field: field.into(),
            lower,
            upper,
        }
    }

    /// Several queries, and what each is for.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let query = Query::boolean([Query::term("fox").must(), Query::term("lazy").must_not()]);
    /// assert_eq!(query.to_string(), "+fox -lazy");
    /// ```
    #[must_use]
    pub fn boolean(clauses: impl IntoIterator<Item = Clause>) -> Self {
        Self::Boolean {
            clauses: clauses.into_iter().collect(),
            minimum_should_match: 0,
        }
    }

    /// One of these, better more; see [`Query::at_least`].
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let query = Query::any_of(["a", "b", "c"].map(Query::term)).at_least(2);
    /// assert_eq!(query.to_string(), "(a b c)~2");
    /// ```
    #[must_use]
    pub fn any_of(queries: impl IntoIterator<Item = Query>) -> Self {
        Self::boolean(queries.into_iter().map(Query::should))
    }

    /// All of these.
    #[must_use]
    pub fn all_of(queries: impl IntoIterator<Item = Query>) -> Self {
        Self::boolean(queries.into_iter().map(Query::must))
    }
}

/// Refinements, each of which takes the query and returns another.
impl Query {
    /// Looks in `name` wherever no field was said yet.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let query = Query::term("fox") | Query::term("dog").field("body");
    /// assert_eq!(query.field("title").to_string(), "title:fox body:dog");
    /// ```
    #[must_use]
    pub fn field(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.each_leaf(&mut |leaf| match leaf {
            Self::Term { field, .. }
            | Self::Words { field, .. }
            | Self::Phrase { field, .. }
            | Self::Prefix { field, .. }
            | Self::Wildcard { field, .. }
            | Self::Regex { field, .. }
            | Self::Fuzzy { field, .. } => {
                field.get_or_insert_with(|| name.clone());
            }
            _ => {}
        });
        self
    }

    /// Lets the words of every phrase in it be moved by `slop` positions.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// assert_eq!(Query::phrase("quick fox").slop(2).to_string(), r#""quick fox"~2"#);
    /// ```
    #[must_use]
    pub fn slop(mut self, slop: u32) -> Self {
        self.each_leaf(&mut |leaf| {
            if let Self::Phrase { slop: old, .. } = leaf {
                *old = slop;
            }
        });
        self
    }

    /// Lets every fuzzy word in it be so many edits away. More than
    /// [`MAX_EDITS`](super::MAX_EDITS) are refused when the query is asked.
    #[must_use]
    pub fn edits(mut self, edits: u32) -> Self {
        self.each_leaf(&mut |leaf| {
            if let Self::Fuzzy { edits: old, .. } = leaf {
                *old = Some(edits);
            }
        });
        self
    }

    /// Multiplies the score. A factor that is negative or not finite is refused
    /// when the query is asked, as is a product of more than 1e30 with the boosts around
    /// it.
    #[must_use]
    pub fn boost(self, factor: f32) -> Self {
        Self::Boost(Nested(Box::new(self.with_room_above())), factor)
    }

    /// Gives every document that matches this score.
    #[must_use]
    pub fn constant(self, score: f32) -> Self {
        Self::Constant(Nested(Box::new(self.with_room_above())), score)
    }

    /// Only the documents that `filter` matches too, with unchanged scores.
    ///
    /// ```
    /// use wordhoard::query::Query;
    ///
    /// let query = Query::term("fox").filter(Query::range("year", 2001..));
    /// assert_eq!(query.to_string(), "+fox +#year:[2001 TO *]");
    /// ```
    #[must_use]
    pub fn filter(self, filter: Query) -> Self {
        let mut clauses = self.into_clauses(Occur::Must);
        clauses.push(Clause::new(Occur::Filter, filter));
        Self::boolean(clauses)
    }

    /// Asks that `minimum` of the optional clauses match. What isn't a
    /// [`Query::Boolean`] becomes one, with itself as its one optional clause.
    #[must_use]
    pub fn at_least(self, minimum: u32) -> Self {
        let clauses = match self {
            Self::Boolean { clauses, .. } => clauses,
            other => vec![other.should()],
        };
        Self::Boolean {
            clauses,
            minimum_should_match: minimum,
        }
    }

    /// As a clause that has to match.
    #[must_use]
    pub fn must(self) -> Clause {
        Clause::new(Occur::Must, self)
    }

    /// As a clause that may match.
    #[must_use]
    pub fn should(self) -> Clause {
        Clause::new(Occur::Should, self)
    }

    /// As a clause that must not match.
    #[must_use]
    pub fn must_not(self) -> Clause {
        Clause::new(Occur::MustNot, self)
    }

    /// This query, to have a level put above it. One that is over the limit already
    /// loses a level for that: it is refused as before when asked, but no loop can
    /// build a tower that is too high to be copied, printed or freed by recursion.
    fn with_room_above(mut self) -> Self {
        while self.is_deeper_than(MAX_DEPTH) {
            let deepest = match self {
                Self::Boost(inner, _) | Self::Constant(inner, _) => Some(*inner.0),
                Self::Boolean { clauses, .. } => {
                    let mut queries = clauses.into_iter().map(|clause| clause.query);
                    queries.find(|query| query.is_deeper_than(MAX_DEPTH - 1))
                }
                _ => None,
            };
            // What has several levels has one beneath the first.
            self = deepest.unwrap_or(Self::Nothing);
        }
        self
    }

    fn each_leaf(&mut self, visit: &mut impl FnMut(&mut Query)) {
        // A stack of our own: a tree that was read may be of any depth.
        let mut stack = vec![self];
        while let Some(query) = stack.pop() {
            match query {
                Self::Boolean { clauses, .. } => {
                    stack.extend(clauses.iter_mut().map(|clause| &mut clause.query));
                }
                Self::Boost(inner, _) | Self::Constant(inner, _) => stack.push(&mut inner.0),
                leaf => visit(leaf),
            }
        }
    }

    /// The clauses that this query is among others that are for `occur`: its own, if these are
    /// optional as those are, or aren't as those aren't; else itself.
    fn into_clauses(self, occur: Occur) -> Vec<Clause> {
        let is_optional = |occur| occur == Occur::Should;
        let fits = |clause: &Clause| is_optional(clause.occur) == is_optional(occur);
        match self {
            Self::Boolean {
                clauses,
                minimum_should_match: 0,
            } if !clauses.is_empty() && clauses.iter().all(fits) => clauses,
            other => vec![Clause::new(occur, other)],
        }
    }

    fn join(self, other: Self, occur: Occur) -> Self {
        let mut clauses = self.into_clauses(occur);
        clauses.extend(other.into_clauses(occur));
        Self::boolean(clauses)
    }
}

impl Clause {
    /// A query and what it is for; [`Query::must`] and its like are shorter.
    #[must_use]
    pub fn new(occur: Occur, query: Query) -> Self {
        let query = query.with_room_above();
        Self { occur, query }
    }
}

/// Both.
///
/// ```
/// use wordhoard::query::Query;
///
/// let query = Query::term("a") & Query::term("b") & !Query::term("c");
/// assert_eq!(query.to_string(), "+a +b -c");
/// ```
impl BitAnd for Query {
    type Output = Query;

    fn bitand(self, other: Query) -> Query {
        self.join(other, Occur::Must)
    }
}

/// Either, better both.
impl BitOr for Query {
    type Output = Query;

    fn bitor(self, other: Query) -> Query {
        self.join(other, Occur::Should)
    }
}

/// All but these.
impl Not for Query {
    type Output = Query;

    fn not(self) -> Query {
        Query::boolean([self.must_not()])
    }
}

/// What [`Query::range`] takes: every range of the language (`1..9`, `1..=9`,
/// `1..`, `..9`, `..=9`, `..`) and a pair of [`Bound`]s, of anything that can be
/// printed.
pub trait Interval {
    /// The two ends, as texts.
    fn bounds(self) -> (Bound<String>, Bound<String>);
}

fn included(bound: impl fmt::Display) -> Bound<String> {
    Bound::Included(bound.to_string())
}

fn excluded(bound: impl fmt::Display) -> Bound<String> {
    Bound::Excluded(bound.to_string())
}

impl<T: fmt::Display> Interval for Range<T> {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        (included(self.start), excluded(self.end))
    }
}

impl<T: fmt::Display> Interval for RangeInclusive<T> {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        (included(self.start()), included(self.end()))
    }
}

impl<T: fmt::Display> Interval for RangeFrom<T> {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        (included(self.start), Bound::Unbounded)
    }
}

impl<T: fmt::Display> Interval for RangeTo<T> {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        (Bound::Unbounded, excluded(self.end))
    }
}

impl<T: fmt::Display> Interval for RangeToInclusive<T> {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        (Bound::Unbounded, included(self.end))
    }
}

impl Interval for RangeFull {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        (Bound::Unbounded, Bound::Unbounded)
    }
}

impl<T: fmt::Display> Interval for (Bound<T>, Bound<T>) {
    fn bounds(self) -> (Bound<String>, Bound<String>) {
        let text = |bound: Bound<T>| bound.map(|value| value.to_string());
        (text(self.0), text(self.1))
    }
}
