//! Parts of the journal that the reader of a bundle may see.

use std::collections::{BTreeMap, BTreeSet};

use super::BundleError;
use super::names::Names;
use super::relied::relied_accounts;
use crate::cache::Cache;
use crate::case::legal::Profile;
use crate::case::{Action, STORY_IN_PRODUCTION, State};
use crate::model::{AccountId, Tag, Watcher};

/// Names, profile and accounts of a bundle.
pub(super) struct Reader<'a> {
    /// Names that it sees.
    pub names: &'a Names<'a>,
    /// Proceeding that the bundle is made for.
    pub profile: Profile,
    /// Accounts relied on, in clear: of acceptance only theirs is disclosed.
    pub relied: BTreeSet<AccountId>,
    /// Notes of exculpatory evidence, which the report prints.
    pub exculpatory: BTreeMap<u64, String>,
    /// Entries whose text is a part of the story as the bundle prints it, which discloses it.
    pub story: BTreeSet<u64>,
}

impl<'a> Reader<'a> {
    /// Reader of a bundle of a case under these names.
    ///
    /// # Errors
    /// A scope that the cache cannot read, or cancelled.
    pub(super) fn of(
        state: &State,
        cache: &Cache,
        names: &'a Names<'a>,
        profile: Profile,
        watcher: &dyn Watcher,
    ) -> Result<Self, BundleError> {
        let mut relied = BTreeSet::new();
        if !names.are_clear() {
            let accounts = relied_accounts(state, cache, watcher)?;
            relied.extend(accounts.into_iter().map(|at| cache.accounts()[at as usize].id.clone()));
        }
        let exculpatory = state.evidence.values().filter(|own| own.tag == Tag::Exculpatory);
        let exculpatory = exculpatory.map(|own| (own.id, own.note.clone())).collect();
        Ok(Self { names, profile, relied, exculpatory, story: printed_story(state) })
    }
}

/// Entries that have the text of a part of the story, if PRODUCTION bundles print it. Earlier texts of a part are
/// the investigator's drafts.
fn printed_story(state: &State) -> BTreeSet<u64> {
    if !state.settings.contains_key(STORY_IN_PRODUCTION) {
        return BTreeSet::new();
    }
    let is_printed = |id: u64, text: &str| state.story.iter().any(|part| part.id == id && part.text == text);
    let entries = state.journal.iter().filter(|entry| match &entry.action {
        Action::StoryWritten { id, text, .. } => is_printed(*id, text),
        _ => false,
    });
    entries.map(|entry| entry.seq).collect()
}
