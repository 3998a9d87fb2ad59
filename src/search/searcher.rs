//! # Searchers: asking a snapshot
//!
//! Idea        a searcher is the index as it was at one commit, and answers
//!             from any number of threads at once, without waiting for a writer or
//!             seeing what it does meanwhile
//! The way     of a question: text → [`Query`] (`crate::query`) → plan
//!             (`plan.rs`) → if it is a usual one (`question.rs`), a short way to the
//!             best hits (`ranked`) or to their number (`counting.rs`), else the walk
//!             over windows (`collect.rs`, `execute.rs`) → what is made of these
//!             (`ways.rs`) → a [`Page`]
//! Next        `asked.rs`

use super::asked::{Asked, plan, plan_filters};
use super::bm25::Bm25;
use super::collect::Asking;
use super::cursor::Cursor;
use super::facets::Counter;
use super::known::Known;
use super::limits::Deadline;
use super::page::{Origin, Page, Total};
use super::plan::{Choices, Planner};
use super::sort::{Sort, SortedTop};
use super::spread::Cores;
use super::statistics::Statistics;
use super::topk::Stretch;
use super::trace::{Recorder, Recording, Silent, Trace};
use super::ways::{self, Pruning};
use super::xray::Xray;
use crate::document::Key;
use crate::error::{Error, Result};
use crate::index::{Index, Selection, Snapshot};
use crate::query::Query;
use crate::segment::posting_list::BLOCK_LEN;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// Answers queries about one commit. Cloning is cheap; clones share everything.
#[derive(Clone, Debug)]
pub struct Searcher {
    snapshot: Snapshot,
    known: Arc<Known>,
}

impl Index {
    /// Answers queries about the newest commit; it stays at that commit.
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::english()).build()?)?;
    /// let mut writer = index.writer()?;
    /// writer.put_json(r#"{"body": "Whales sing."}"#)?;
    /// writer.commit()?;
    /// let page = index.searcher()?.search("whale").run()?;
    /// assert_eq!(page.hit(0).unwrap().source()?, r#"{"body": "Whales sing."}"#);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) or [`Io`](crate::ErrorKind::Io) if the commit
    /// can't be read.
    pub fn searcher(&self) -> Result<Searcher> {
        Ok(Searcher {
            snapshot: self.snapshot()?,
            known: Arc::default(),
        })
    }
}

impl Searcher {
    /// The commit that is searched.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Begins a search; choices follow, then [`run`](Search::run).
    pub fn search(&self, asked: impl Into<Asked>) -> Search {
        Search {
            searcher: self.clone(),
            asked: asked.into(),
            filters: Vec::new(),
            limit: 10,
            offset: 0,
            after: None,
            sort: None,
            facets: Vec::new(),
            choices: Choices::default(),
            pruning: Pruning::Allowed,
            cores: Cores::One,
            time_limit: None,
        }
    }

    /// How many documents match.
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) if it can't be asked of this index.
    pub fn count(&self, asked: impl Into<Asked>) -> Result<u64> {
        let choices = Choices::default();
        let mut planner = Planner::new(&self.snapshot, &self.known, &choices)?;
        let (node, _) = plan(&mut planner, asked.into(), Query::parse_for)?;
        ways::count(&Asking::plainly(&self.snapshot, &node))
    }

    /// What scoring a query needs to know of this collection, to be added to
    /// that of others; see [`Statistics`]. If a search chooses other fields:
    /// [`Search::collect_statistics`].
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) if it can't be asked of this index.
    pub fn statistics(&self, asked: impl Into<Asked>) -> Result<Statistics> {
        self.search(asked).collect_statistics()
    }

    /// The document with a key, if there is one.
    ///
    /// # Errors
    /// [`Document`](crate::ErrorKind::Document) if the schema has no key, it can't be
    /// this, or the document isn't a `T`.
    pub fn document<T: DeserializeOwned>(&self, key: impl Into<Key>) -> Result<Option<T>> {
        let schema = self.snapshot.schema();
        let text = schema.key_text(&key.into())?;
        let Some(field) = schema.key().map(|key| schema.at(key).name()) else {
            return Ok(None);
        };
        for part in self.snapshot.parts() {
            let Some(inverted) = part.segment.inverted(field) else {
                continue;
            };
            let Some(entry) = inverted.lookup(text.as_bytes())? else {
                continue;
            };
            let list = inverted.postings(&entry)?;
            let mut documents = [0; BLOCK_LEN];
            for block in 0..list.block_count() {
                let count = list.decode_documents(block, &mut documents)?;
                for &document in &documents[..count] {
                    if !part.tombstones.is_deleted(document) {
                        return super::page::read(&part.segment.stored(document)?).map(Some);
                    }
                }
            }
        }
        Ok(None)
    }
}

/// A search in the making.
///
/// ```
/// use wordhoard::search::{Bm25, Sort, Total};
/// use wordhoard::{Index, Schema, Text};
///
/// let schema = Schema::builder()
///     .key("id")
///     .text("title", Text::english().boost(2.0))
///     .text("body", Text::english())
///     .integer("year")
///     .keyword("tags")
///     .build()?;
/// let index = Index::in_memory(schema)?;
/// let mut writer = index.writer()?;
/// writer.put_json(r#"{"id": "1", "title": "Foxes", "body": "Quick brown ones.", "year": 2001, "tags": ["animal"]}"#)?;
/// writer.put_json(r#"{"id": "2", "title": "Dogs", "body": "A fox would not call them lazy.", "year": 2009, "tags": ["animal"]}"#)?;
/// writer.commit()?;
///
/// let searcher = index.searcher()?;
/// let page = searcher.search("fox").facet("tags", 10).run()?;
/// assert_eq!(page.hit(0).unwrap().key()?.as_deref(), Some("1"));
/// assert_eq!(page.facets()[0].counts(), [("animal".to_owned(), 2)]);
///
/// let page = searcher
///     .search("fox -lazy")
///     .filter("year:[2001 TO 2010]")
///     .sort_by(Sort::descending("year"))
///     .bm25(Bm25::new(0.9, 0.4)?)
///     .limit(5)
///     .count_exactly()
///     .run()?;
/// assert_eq!(page.total(), Total::Exact(1));
/// # Ok::<(), wordhoard::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Search {
    searcher: Searcher,
    asked: Asked,
    filters: Vec<Asked>,
    limit: usize,
    offset: usize,
    /// Boxed: few searches have one, and each choice moves the whole search.
    after: Option<Box<Cursor>>,
    sort: Option<Sort>,
    facets: Vec<(String, usize)>,
    choices: Choices,
    pruning: Pruning,
    cores: Cores,
    time_limit: Option<Duration>,
}

impl Search {
    /// The most hits that a page can have, those of its [`offset`](Self::offset) included.
    pub const HITS_MAX: usize = 100_000_000;

    /// How many hits at most; 10 unless set, and [`HITS_MAX`](Self::HITS_MAX) are the most.
    pub fn limit(mut self, count: usize) -> Self {
        self.limit = count;
        self
    }

    /// How many of the first hits to leave out; of those after a [cursor](Self::after), if
    /// there is one. They are collected like the others, so to turn many pages, ask for
    /// each after the last hit of the page before.
    pub fn offset(mut self, count: usize) -> Self {
        self.offset = count;
        self
    }

    /// Only the hits that come after this one, of a page before. What comes before is
    /// neither kept nor put in order, so that a deep page mostly takes a half to a tenth of
    /// the time that it takes by an [offset](Self::offset); of a phrase nine tenths. Put
    /// together, pages after one another's [cursors](super::Page::cursor) are the list that
    /// one page of all would be. [Totals](super::Page::total) and [facets](super::Page::facets) are those of all
    /// matches, on every page. Where not all are counted, how many were
    /// [seen](super::Total::AtLeast) differs from page to page, but all hits up to the
    /// page's end are among them.
    ///
    /// It is for the same [`Searcher`], or another of the same commit, and the same
    /// question with the same choices; only the limit may be another. In a later
    /// commit scores and documents' numbers may have changed, so that hits are
    /// repeated or left out. Examples are at [`Page::cursor`] and [`Cursor`].
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(Box::new(cursor));
        self
    }

    /// Only documents that this matches, too; it doesn't score. If analysis leaves nothing
    /// of it, as of a stop word, no document does. What of a text was taken
    /// otherwise than it may have been meant is told by
    /// [`Page::filter_diagnostics`]; a value that its field can't have is refused.
    pub fn filter(mut self, asked: impl Into<Asked>) -> Self {
        self.filters.push(asked.into());
        self
    }

    /// Another order than that of scores.
    pub fn sort_by(mut self, sort: Sort) -> Self {
        self.sort = Some(sort);
        self
    }

    /// Counts the values of a field among all matches, and gives the `limit`
    /// most frequent.
    pub fn facet(mut self, field: impl Into<String>, limit: usize) -> Self {
        self.facets.push((field.into(), limit));
        self
    }

    /// Other parameters than the fields have.
    pub fn bm25(mut self, parameters: Bm25) -> Self {
        self.choices.bm25 = Some(parameters);
        self
    }

    /// The fields of words that name none, and how much each counts; replaces
    /// all text fields. In a field of numbers, dates or booleans a word that is one matches,
    /// and scores what the field counts; any other word isn't in it, and nothing is said of
    /// that, unlike of `year:soon`, as it may be meant for another field.
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let schema = Schema::builder().text("title", Text::english()).unsigned("year").build()?;
    /// let index = Index::in_memory(schema)?;
    /// let mut writer = index.writer()?;
    /// writer.put_json(r#"{"title": "Moby Dick; or, the whale", "year": 1851}"#)?;
    /// writer.commit()?;
    /// let search = index.searcher()?.search("+whale +1851");
    /// assert_eq!(search.clone().run()?.len(), 0);
    /// assert_eq!(search.fields([("title", 1.0), ("year", 1.0)]).run()?.len(), 1);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    pub fn fields<N: Into<String>>(mut self, fields: impl IntoIterator<Item = (N, f32)>) -> Self {
        let fields = fields.into_iter().map(|(name, boost)| (name.into(), boost));
        self.choices.fields = fields.collect();
        self
    }

    /// Counts all matches, where otherwise those that can't be among the hits
    /// may be passed over.
    pub fn count_exactly(mut self) -> Self {
        self.pruning = Pruning::Off;
        self
    }

    /// Gives it so much time, from when it is [run](Self::run). There is none unless set:
    /// for those who let strangers ask, since a query of ten thousand frequent phrases
    /// takes minutes. It may take a little longer, till the clock is looked at. As much
    /// time again may each [explanation](super::Hit::explain) of a hit take, and each
    /// [snippet](super::Hit::snippet).
    ///
    /// ```
    /// use std::time::Duration;
    /// use wordhoard::{ErrorKind, Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
    /// let search = index.searcher()?.search("a* b* c*");
    /// assert!(search.clone().time_limit(Duration::from_secs(5)).run().is_ok());
    /// let error = search.time_limit(Duration::ZERO).run().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Limit);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// Searches several segments at a time, on the cores of rayon's current
    /// pool. The hits, their scores and their order stay the same, to the bit;
    /// so do facets and exact counts. Only how many matches were passed over,
    /// and so a [`Total::AtLeast`], may differ.
    ///
    /// It makes a dear question sooner answered, not cheaper: where many
    /// questions come at once, each on a thread of its own, they do better
    /// without. An index that was optimized has one segment, of which one core
    /// does all.
    ///
    /// ```
    /// use wordhoard::search::Total;
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
    /// let mut writer = index.writer()?;
    /// for text in ["one fox", "two foxes", "a fox and a fox"] {
    ///     writer.put(&serde_json::json!({ "body": text }))?;
    ///     writer.commit()?; // a segment each
    /// }
    /// let searcher = index.searcher()?;
    /// let alone = searcher.search("fox").run()?;
    /// let together = searcher.search("fox").parallel().run()?;
    /// let scores = |page: &wordhoard::Page| -> Vec<f32> { page.hits().map(|hit| hit.score()).collect() };
    /// assert_eq!(scores(&alone), scores(&together));
    ///
    /// // To count with all cores, and with filters, no hit need be wanted.
    /// let page = searcher.search("fox").filter("a").parallel().limit(0).count_exactly().run()?;
    /// assert_eq!(page.total(), Total::Exact(1));
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    pub fn parallel(mut self) -> Self {
        self.cores = Cores::All;
        self
    }

    /// What scoring this search, with its fields, needs to know of this collection; see
    /// [`Searcher::statistics`].
    ///
    /// ```
    /// use wordhoard::search::Statistics;
    /// use wordhoard::{Index, Schema};
    ///
    /// let schema = Schema::builder().text("body", wordhoard::Text::plain()).keyword("tag").build()?;
    /// let [one, other] = [Index::in_memory(schema.clone())?, Index::in_memory(schema)?];
    /// let search = |shard: &Index| Ok::<_, wordhoard::Error>(shard.searcher()?.search("a b").fields([("tag", 1.0)]));
    /// let sum: Statistics = search(&one)?.collect_statistics()? + search(&other)?.collect_statistics()?;
    /// assert_eq!(search(&one)?.statistics(sum).run()?.len(), 0);
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) if it can't be asked of this index.
    pub fn collect_statistics(&self) -> Result<Statistics> {
        let Searcher { snapshot, known } = &self.searcher;
        // Its own, whatever was handed in.
        let choices = Choices {
            statistics: None,
            ..self.choices.clone()
        };
        let mut planner = Planner::new(snapshot, known, &choices)?;
        planner.deadline = Deadline::after(self.time_limit);
        planner.collect();
        plan(&mut planner, self.asked.clone(), Query::parse_for)?;
        plan_filters(&mut planner, self.filters.clone(), &mut Vec::new())?;
        Ok(planner.collected())
    }

    /// Scores under statistics of a larger collection, of which this index is
    /// a part: a sum of what [`collect_statistics`](Self::collect_statistics) gives for
    /// each part. Those of another query are refused.
    pub fn statistics(mut self, statistics: Statistics) -> Self {
        self.choices.statistics = Some(Arc::new(statistics));
        self
    }

    /// Answers.
    ///
    /// # Errors
    /// [`Query`](crate::ErrorKind::Query) if it can't be asked of this index, or
    /// [after](Self::after) a cursor of another order,
    /// [`Limit`](crate::ErrorKind::Limit) if it takes longer than [it may](Self::time_limit) or
    /// its ranges, beginnings and patterns take more than a gigabyte in a segment,
    /// [`Corrupt`](crate::ErrorKind::Corrupt) if a segment lies.
    pub fn run(self) -> Result<Page> {
        self.answer(Silent)
    }

    /// Answers, and tells what it cost: which blocks of which lists were
    /// decoded, and how the score that it takes to be among the hits rose
    /// meanwhile. The page is that of [`run`](Self::run), found in the same way,
    /// but always by one core, so that the order of events doesn't depend on chance.
    ///
    /// ```
    /// use wordhoard::{Index, Schema, Text};
    ///
    /// let index = Index::in_memory(Schema::builder().text("body", Text::plain()).build()?)?;
    /// let mut writer = index.writer()?;
    /// for number in 0..1000 {
    ///     let fox = if number == 500 { "fox" } else { "dog" };
    ///     writer.put(&serde_json::json!({ "body": format!("a {fox}") }))?;
    /// }
    /// writer.commit()?;
    /// let (page, xray) = index.searcher()?.search("+a +fox").xray()?;
    /// assert_eq!(page.len(), 1);
    /// // "a" is in eight blocks of documents, "fox" in one: two were needed.
    /// assert_eq!((xray.blocks(), xray.blocks() - xray.skipped()), (9, 2));
    /// # Ok::<(), wordhoard::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`run`](Self::run).
    pub fn xray(mut self) -> Result<(Page, Xray)> {
        self.cores = Cores::One;
        let recorder = Recorder::new(&self.searcher.snapshot);
        let page = self.answer(Recording::new(&recorder))?;
        Ok((page, recorder.finish()))
    }

    fn answer(self, trace: impl Trace) -> Result<Page> {
        let wanted = self.offset.saturating_add(self.limit);
        let most = Self::HITS_MAX;
        if wanted > most {
            return Err(Error::limit(format!(
                "a page can end at hit {most} at most, asked for {wanted}"
            )));
        }
        let deadline = Deadline::after(self.time_limit);
        let snapshot = &self.searcher.snapshot;
        let mut planner = Planner::new(snapshot, &self.searcher.known, &self.choices)?;
        planner.deadline = deadline;
        let (node, diagnostics) = plan(&mut planner, self.asked, Query::parse_for)?;
        let mut of_filters = Vec::new();
        let filter = plan_filters(&mut planner, self.filters, &mut of_filters)?;
        deadline.check()?;
        let schema = snapshot.schema();
        let mut counters = Vec::with_capacity(self.facets.len());
        for (field, limit) in &self.facets {
            counters.push(Counter::new(schema, field, *limit)?);
        }
        let asking = Asking {
            snapshot,
            node: &node,
            filter: filter.as_ref(),
            cores: self.cores,
            deadline,
            trace,
        };
        let ((scored, mut standings), found) = match &self.sort {
            Some(sort) => {
                let mut top = SortedTop::new(schema, sort, wanted)?;
                if let Some(cursor) = &self.after {
                    let (value, document) = cursor.sorted(sort)?;
                    top = top.after(snapshot, value, document)?;
                }
                ways::sorted(&asking, &top, &mut counters)?
            }
            None => {
                let stretch = Stretch {
                    limit: wanted,
                    after: self.after.as_deref().map(Cursor::scored).transpose()?,
                };
                let (scored, found) = ways::best(&asking, stretch, self.pruning, &mut counters)?;
                ((scored, Vec::new()), found)
            }
        };
        // Where the dictionary can't tell how many there are, hits are.
        let seen = found.count.max(scored.len() as u64);
        let scored = scored.get(self.offset..).unwrap_or_default();
        standings.drain(..self.offset.min(standings.len()));
        let total = if found.complete {
            Total::Exact(found.count)
        } else {
            Total::AtLeast(seen)
        };
        let facets = counters.into_iter();
        let facets = facets.map(|counter| counter.finish(snapshot, deadline));
        let facets = facets.collect::<Result<_>>()?;
        let origin = Origin {
            snapshot: snapshot.clone(),
            node,
            time_limit: self.time_limit,
            sort: self.sort,
            standings,
        };
        let diagnostics = (diagnostics, of_filters);
        Ok(Page::new(origin, scored, total, facets, diagnostics))
    }
}

impl Selection for Query {
    fn select(&self, snapshot: &Snapshot) -> Result<Vec<u32>> {
        let (known, choices) = (Known::default(), Choices::default());
        let mut planner = Planner::new(snapshot, &known, &choices)?;
        planner.drops_nothing = true;
        let plan = planner.plan(self)?;
        plan.map_or(Ok(Vec::new()), |node| ways::documents(snapshot, &node))
    }
}

impl Selection for str {
    /// Refuses what a search would take as text, as a deletion should be meant.
    fn select(&self, snapshot: &Snapshot) -> Result<Vec<u32>> {
        Query::parse_for(self, snapshot.schema())
            .strict()?
            .select(snapshot)
    }
}
