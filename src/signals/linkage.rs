//! Who shares what with whom, and how telling it is: links and linked groups.

use crate::cache::{AccountIndex, Cache, LinkRow};
use crate::model::{Cancelled, Watcher};

/// The links of a case and the groups they form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linkage {
    /// Links of at least the threshold, sorted by (a, b).
    pub links: Vec<LinkRow>,
    /// Connected groups of two accounts or more, each ascending, largest first.
    pub groups: Vec<Vec<AccountIndex>>,
    /// The group of each account, by position in `groups`.
    pub group_of: Vec<Option<u32>>,
}

/// Links the accounts of a case.
///
/// # Errors
/// Only when cancelled.
pub fn link(cache: &Cache, watcher: &dyn Watcher) -> Result<Linkage, Cancelled> {
    todo!()
}
