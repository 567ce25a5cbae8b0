//! Context of an account: reported beside its signals and not scored.

use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::Watcher;
use crate::signals::peers::Peers;
use crate::signals::rows::{RowColumn, Rows};

/// Description of a context.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextAbout {
    /// The name of its column in files: `response_entropy`.
    pub id: &'static str,
    /// `response entropy`.
    pub title: &'static str,
    /// Unit of the value.
    pub unit: &'static str,
    /// The definition in words and formula, with the minimum of data.
    pub definition: &'static str,
    /// Canonical columns it needs, as those of a [signal](crate::signals::About::needs).
    pub needs: &'static [&'static str],
    /// Sentence on how the figure may mislead.
    pub caution: &'static str,
}

/// Inputs of one account.
#[derive(Clone, Copy)]
pub struct ContextInput<'a> {
    /// The cache.
    pub cache: &'a Cache,
    /// The account.
    pub account: AccountIndex,
    /// Topics of its exchanges; empty without topics.
    pub topics: &'a [u16],
    /// The columns that the context asked for.
    pub rows: Rows<'a>,
}

/// One context of an account.
pub trait Context: Sync {
    /// Its description.
    fn about(&self) -> &'static ContextAbout;

    /// Columns of exchanges that it reads.
    fn columns(&self) -> &'static [RowColumn] {
        &[]
    }

    /// Gathers the figures of the whole case that accounts are compared with.
    ///
    /// # Errors
    /// If the cache cannot be read, or the work was cancelled.
    fn gather(
        &self,
        cache: &Cache,
        peers: Peers<'_>,
        watcher: &dyn Watcher,
    ) -> Result<Box<dyn Measure>, CacheError>;

    /// Value in words: with its unit, or the name that it stands for.
    fn in_words(&self, _: &Cache, value: f64) -> String {
        format!("{value:.2} {}", self.about().unit)
    }

    /// Value as written to files.
    fn in_file(&self, _: &Cache, value: f64) -> serde_json::Value {
        serde_json::json!(value)
    }
}

/// A context with the figures of the case that accounts are compared with.
pub trait Measure: Send + Sync {
    /// Measures one account; `None` where there is too little data. Pure.
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64>;
}
