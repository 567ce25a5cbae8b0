//! A cache that is open for reading: small tables and hot columns in memory, segments on disk.
//!
//! Combines the parts; each part has a type and a file of its own.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::derived::Derived;
use super::facts::{self, LoadFacts};
use super::file::CacheFile;
use super::hot::Hot;
use super::places::{self, Places};
use super::samples::{self, LENGTH, PromptSample, Samples};
use super::segment::{SegmentColumn, SegmentColumns, SegmentSpan};
use super::segments::Segments;
use super::store::{self, Cell, LinkRow, StoredTable};
use super::tables::{Renaming, Tables};
use super::topic_tables::{self, TopicTables};
use super::unchanged::Unchanged;
use super::{
    Account, AccountIndex, AttributeValue, CacheError, CachedFile, Counts, RowId, Topic, TopicModel,
    ValueIndex, first_use,
};
use crate::model::{AccountId, AttributeKind, Digest, ExchangeRef, Micros, Watcher};

/// Cache opened for reading. Shared between threads behind an `Arc`; unchanged while it is open.
pub struct Cache {
    file: Arc<CacheFile>,
    tables: Tables,
    segments: Arc<Segments>,
    hot: Arc<Hot>,
    /// Row of the cache at each row of each file; made at first use.
    places: OnceLock<Places>,
    unchanged: Unchanged,
    derived: Derived,
}

impl Cache {
    /// Opens a cache and reads the tables and columns that every view needs into memory.
    ///
    /// # Errors
    /// There is no cache, it is of another version, unfinished or damaged: rebuild it then.
    pub fn open(path: &Path, watcher: &dyn Watcher) -> Result<Self, CacheError> {
        let file = CacheFile::open(path)?;
        let tables = Tables::read(&file, watcher)?;
        watcher.check()?;
        let segments = Segments::read(&file, &tables.files)?;
        let hot = Hot::read(&file, &tables, &segments, watcher)?;
        Ok(Self {
            file: Arc::new(file),
            tables,
            segments: Arc::new(segments),
            hot: Arc::new(hot),
            places: OnceLock::new(),
            unchanged: Unchanged::default(),
            derived: Derived::default(),
        })
    }

    /// The same cache with other names: accounts, attribute values and topics keep their positions, so
    /// that they are no longer sorted by name. Columns are shared and not copied; medoids and further
    /// words of topics are left out.
    #[must_use]
    pub fn renamed(&self, names: &dyn Renaming) -> Self {
        Self {
            file: Arc::clone(&self.file),
            tables: self.tables.renamed(names),
            segments: Arc::clone(&self.segments),
            hot: Arc::clone(&self.hot),
            places: OnceLock::new(),
            unchanged: Unchanged::default(),
            derived: Derived::default(),
        }
    }

    /// True for a cache with other names, whose accounts and values are not sorted by name.
    pub(crate) fn is_renamed(&self) -> bool {
        self.tables.is_renamed()
    }

    /// Network (/24 or /48) of an address by its position in [`values`](Self::values); `None` for what is
    /// no address.
    pub(crate) fn network_of(&self, address: usize) -> Option<String> {
        self.tables.network_of(address)
    }

    /// The path of the cache.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Digest of the sources that the cache was built from; see [`fingerprint_of`](super::fingerprint_of).
    pub fn fingerprint(&self) -> Digest {
        self.file.fingerprint()
    }

    /// Value of a type of a layer above, made by `Default` at first use and kept as long as the cache
    /// is open.
    pub(crate) fn derived<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.derived.of()
    }

    /// All accounts, sorted by id.
    pub fn accounts(&self) -> &[Account] {
        &self.tables.accounts
    }

    /// The position of an account in [`accounts`](Self::accounts).
    pub fn account_index(&self, id: &AccountId) -> Option<AccountIndex> {
        self.tables.account_index(id)
    }

    /// All attribute values, sorted by kind, then value.
    pub fn values(&self) -> &[AttributeValue] {
        &self.tables.values
    }

    /// The positions of the values of one kind in [`values`](Self::values).
    pub fn values_of_kind(&self, kind: AttributeKind) -> Range<usize> {
        self.tables.values_of_kind(kind)
    }

    /// The position of a value in [`values`](Self::values).
    pub fn value_index(&self, kind: AttributeKind, value: &str) -> Option<ValueIndex> {
        self.tables.value_index(kind, value)
    }

    /// Values of an account, ascending, each with the number of its exchanges that carry it.
    pub fn values_of(&self, account: AccountIndex) -> &[(ValueIndex, u32)] {
        self.tables.values_of.row(account)
    }

    /// The accounts that have a value, ascending.
    pub fn accounts_with(&self, value: ValueIndex) -> &[AccountIndex] {
        self.tables.accounts_with.row(value)
    }

    /// True for a value that every account has, such as the owner of the log: it tells no accounts apart.
    pub fn is_of_everybody(&self, value: ValueIndex) -> bool {
        self.accounts_with(value).len() == self.accounts().len()
    }

    /// Account, value and time of the account's first exchange that carries it, for the values of
    /// one kind; by account, then value.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn first_use(
        &self,
        kind: AttributeKind,
    ) -> Result<Vec<(AccountIndex, ValueIndex, Micros)>, CacheError> {
        first_use::read(&self.file, kind, self.values_of_kind(kind).start)
    }

    /// True if a file of the case has this canonical column.
    pub fn has_column(&self, name: &str) -> bool {
        self.tables.columns.contains(name)
    }

    /// The topics, largest first; empty while there are none.
    pub fn topics(&self) -> &[Topic] {
        &self.tables.topics
    }

    /// The description of the topic model.
    pub fn topic_model(&self) -> &TopicModel {
        &self.tables.topic_model
    }

    /// Direction of each topic in topic space, quantised to 64 dimensions of −127 to 127.
    ///
    /// # Errors
    /// The cache cannot be read or has no topics.
    pub(crate) fn topic_directions(&self) -> Result<Vec<[i8; LENGTH]>, CacheError> {
        topic_tables::directions(&self.file)
    }

    /// True if the text pass had ended when the cache was opened: there are topics, or a reason for
    /// their absence. Before that, every signal that needs topics is not testable *yet*.
    pub fn has_text_pass(&self) -> bool {
        self.tables.has_text_pass()
    }

    /// True if the text pass has ended by now, also after the cache was opened.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn is_text_pass_finished(&self) -> Result<bool, CacheError> {
        topic_tables::is_finished(&self.file)
    }

    /// The files the cache was built from, sorted by snapshot, then name.
    pub fn files(&self) -> &[CachedFile] {
        &self.tables.files
    }

    /// Stop reasons of the responses, by the codes of the segments' column; hostile.
    pub fn stop_reasons(&self) -> &[String] {
        &self.tables.stop_reasons
    }

    /// Account, time, topic and map position of every exchange.
    pub fn hot(&self) -> &Hot {
        &self.hot
    }

    /// The number of exchanges, raw and distinct.
    pub fn counts(&self) -> Counts {
        self.tables.counts
    }

    /// Facts about the load that made this cache.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn load_facts(&self) -> Result<LoadFacts, CacheError> {
        facts::read(&self.file, self.files())
    }

    /// Number of rows that are the same exchange as another row.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn merged(&self) -> Result<u64, CacheError> {
        places::aliases(&self.file)
    }

    /// The links of an account, sorted by (a, b); none until leads have been computed.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn links_of(&self, account: AccountIndex) -> Result<Vec<LinkRow>, CacheError> {
        let connection = self.file.connection()?;
        store::read_links(&connection, account, self.values())
            .map_err(self.file.failed())?
            .ok_or_else(|| self.file.damaged("a link names a value that is not there"))
    }

    /// Table that a module above stored; `None` if there is none of the name. See [`StoredTable`].
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn stored(&self, name: &str) -> Result<Option<StoredTable>, CacheError> {
        store::read_table(&*self.file.connection()?, name).map_err(self.file.failed())
    }

    /// Columns of a stored table, and each of its rows to `take`, in the order of storing: for tables too long to
    /// be held as a [`StoredTable`]. `None` if there is none of the name.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn stored_rows(
        &self,
        name: &str,
        take: impl FnMut(Vec<Cell>),
    ) -> Result<Option<Vec<String>>, CacheError> {
        store::read_rows(&*self.file.connection()?, name, take).map_err(self.file.failed())
    }

    /// The positions of the segments, ascending.
    pub(crate) fn segments(&self) -> &[SegmentSpan] {
        self.segments.spans()
    }

    /// The position in [`segments`](Self::segments) of the one that holds a row; the row must exist.
    pub(crate) fn segment_of(&self, row: RowId) -> usize {
        self.segments.of_row(row)
    }

    /// Decodes the named columns of one segment and no others. May be called from any thread.
    ///
    /// # Errors
    /// The cache cannot be read or the segment is damaged.
    pub(crate) fn read_segment_columns(
        &self,
        segment: &SegmentSpan,
        columns: &[SegmentColumn],
    ) -> Result<SegmentColumns, CacheError> {
        self.segments.columns(&self.file, segment, columns)
    }

    /// Maps rows through `make`, in the order given; each segment is decoded once. `make` receives the
    /// segment's columns, the row and its position in the segment.
    ///
    /// # Errors
    /// The cache cannot be read or has no such row.
    pub(crate) fn per_row<T: Send>(
        &self,
        rows: &[RowId],
        columns: &[SegmentColumn],
        make: impl Fn(&SegmentColumns, RowId, usize) -> Result<T, CacheError> + Sync,
    ) -> Result<Vec<T>, CacheError> {
        self.segments.per_row(&self.file, rows, columns, make)
    }

    /// Permanent reference of a row.
    ///
    /// # Errors
    /// The cache has no such row or cannot be read.
    pub fn exchange_ref(&self, row: RowId) -> Result<ExchangeRef, CacheError> {
        let (file, row) = self.locate(&[row])?[0];
        Ok(self.name_of(file, row))
    }

    /// Permanent references of rows, in the order given; each segment is read once.
    ///
    /// # Errors
    /// The cache has not all of the rows or cannot be read.
    pub fn exchange_refs(&self, rows: &[RowId]) -> Result<Vec<ExchangeRef>, CacheError> {
        Ok(self.locate(rows)?.into_iter().map(|(file, row)| self.name_of(file, row)).collect())
    }

    /// Row of a permanent reference; `None` if no snapshot of the case has it. An exchange that stands
    /// in several snapshots and is counted once is found by each of its references.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub fn row_of(&self, exchange: &ExchangeRef) -> Result<Option<RowId>, CacheError> {
        let key = (exchange.snapshot, exchange.file.as_str());
        let named = |file: &CachedFile| (file.snapshot, file.name.as_str()).cmp(&key);
        let file = match self.is_renamed() {
            true => self.files().iter().position(|file| named(file).is_eq()),
            false => self.files().binary_search_by(named).ok(),
        };
        let Some(file) = file else { return Ok(None) };
        match self.places()?.row_at(file, exchange.row) {
            Some(row) => Ok(Some(row)),
            None => places::alias(&self.file, file, exchange.row),
        }
    }

    /// Permanent reference of a row of a file; `file` is its position in [`files`](Self::files).
    pub(crate) fn name_of(&self, file: u32, row: u32) -> ExchangeRef {
        let file = &self.files()[file as usize];
        ExchangeRef { snapshot: file.snapshot, file: file.name.clone(), row: u64::from(row) }
    }

    /// Position of the file, and row in the file, of each row, in the order given.
    ///
    /// # Errors
    /// The cache cannot be read or has no such row.
    pub(crate) fn locate(&self, rows: &[RowId]) -> Result<Vec<(u32, u32)>, CacheError> {
        places::locate(&self.file, &self.segments, self.files().len(), rows)
    }

    /// Row of the cache at each row of each file; read once.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub(crate) fn places(&self) -> Result<&Places, CacheError> {
        if let Some(places) = self.places.get() {
            return Ok(places);
        }
        let everything = 0..self.hot.len() as RowId;
        let places = self.places_of(std::slice::from_ref(&everything))?;
        // Another thread may have been first; both have read the same.
        Ok(self.places.get_or_init(|| places))
    }

    /// [`Places`] of the rows of these runs only, which ascend. Reads no other segments.
    ///
    /// # Errors
    /// The cache cannot be read.
    pub(crate) fn places_of(&self, runs: &[Range<RowId>]) -> Result<Places, CacheError> {
        Places::read(&self.file, &self.segments, self.files(), runs)
    }

    /// Checks that a file still has the SHA-256 of its import. `row` is the row to be read from it,
    /// for the error. The file is hashed once while the cache is open.
    ///
    /// # Errors
    /// A file that has changed or cannot be read, or the work was cancelled.
    pub(crate) fn check_unchanged(
        &self,
        file: u32,
        path: &Path,
        row: u64,
        watcher: &dyn Watcher,
    ) -> Result<(), CacheError> {
        self.unchanged.check((file, &self.files()[file as usize]), path, row, watcher)
    }

    /// Reader of the sampled exchanges.
    pub(crate) fn samples(&self) -> Samples<'_> {
        Samples::new(&self.file, &self.hot, self.has_text_pass())
    }

    /// Sampled exchanges of accounts that have a direction in topic space, by row, with that
    /// direction: its first 64 dimensions, scaled so that the largest is ±127. At most 64 per account,
    /// drawn by a fixed seed, distinct prompts before repeated ones. For one account use a range of
    /// length one. Empty until the text pass has ended, and without text and embeddings.
    ///
    /// # Errors
    /// The cache cannot be read or is damaged.
    pub fn prompt_vectors(
        &self,
        accounts: Range<AccountIndex>,
    ) -> Result<Vec<(RowId, [i8; LENGTH])>, CacheError> {
        self.samples().prompt_vectors(accounts)
    }

    /// Sampled exchanges of accounts, by row: those of [`prompt_vectors`](Self::prompt_vectors) and
    /// those without a direction.
    ///
    /// # Errors
    /// The cache cannot be read or is damaged.
    pub fn prompt_samples(&self, accounts: Range<AccountIndex>) -> Result<Vec<PromptSample>, CacheError> {
        self.samples().prompt_samples(accounts)
    }

    /// Writes the samples of rows, which ascend; `sample` gives the sample by position in `rows`. They
    /// are not read before [`write_topics`](Self::write_topics).
    ///
    /// # Errors
    /// The cache cannot be written, or the work was cancelled.
    pub(crate) fn write_samples(
        &self,
        rows: &[RowId],
        sample: &(impl Fn(usize) -> PromptSample + Sync),
        watcher: &dyn Watcher,
    ) -> Result<(), CacheError> {
        samples::write(self.path(), &self.hot, rows, sample, watcher)
    }

    /// Writes the results of the text pass in one transaction: the tables, and topic and map position
    /// of each row. The open cache is unchanged; open the file again to read them.
    ///
    /// # Errors
    /// The cache cannot be written, or the work was cancelled.
    pub(crate) fn write_topics(
        &self,
        tables: &TopicTables,
        output: &(impl Fn(RowId) -> (Option<u16>, [u16; 2]) + Sync),
        watcher: &dyn Watcher,
    ) -> Result<(), CacheError> {
        topic_tables::write(self.path(), self.segments(), tables, output, watcher)
    }
}
