//! Scope and arrangement of views of each case at its last closing, in
//! `$XDG_CONFIG_HOME/stillhunt/windows.json`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::arrangement::Arrangement;
use super::compare::Against;
use super::history::History;
use super::{recent, shared_scope};
use crate::jobs::{Jobs, Pending, Slot};
use crate::model::Scope;

/// Maximum number of cases kept.
const LIMIT: usize = 50;
/// Time between two writes.
const BETWEEN: Duration = Duration::from_secs(1);

/// State of a case's window that survives closing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftWith {
    /// The scope.
    #[serde(with = "shared_scope")]
    pub scope: Arc<Scope>,
    /// The second scope, where one was compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// The scopes looked at before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// Arrangement of the views.
    pub views: Option<Arrangement>,
}

/// Entry of the file.
#[derive(Serialize, Deserialize)]
struct OfCase {
    case: PathBuf,
    #[serde(flatten)]
    left: LeftWith,
}

/// Window state of one case: read once, written after changes.
#[derive(Default)]
pub struct Keeper {
    read: Slot<PathBuf, Option<LeftWith>>,
    is_read: bool,
    /// Time of the last comparison with what was written.
    compared: Option<Instant>,
    written: Option<(LeftWith, Instant)>,
}

impl Keeper {
    /// Stored state of the case; returned once, after it was read.
    pub fn take(&mut self, jobs: &Jobs, settings: Option<&Path>, case: &Path) -> Option<LeftWith> {
        let settings = settings.map(Path::to_owned);
        let case = case.to_owned();
        self.read.ask::<String>(jobs, None, case.clone(), move |_| {
            let entries = file(settings.as_deref()).map(|file| entries(&file)).unwrap_or_default();
            let case = std::path::absolute(&case).unwrap_or(case);
            Ok(entries.into_iter().find(|entry| entry.case == case).map(|entry| entry.left))
        });
        if !self.read.poll() {
            return None;
        }
        self.is_read = true;
        self.read.answer().cloned().flatten()
    }

    /// True once a second: the state is then compared with what was written.
    pub fn is_due(&mut self) -> bool {
        let is_due = self.is_read && self.compared.is_none_or(|at| at.elapsed() >= BETWEEN);
        if is_due {
            self.compared = Some(Instant::now());
        }
        is_due
    }

    /// Writes the state if it has changed, at most once a second unless `last`; a failure is ignored.
    pub fn keep(&mut self, jobs: &Jobs, settings: Option<&Path>, case: &Path, now: LeftWith, last: bool) {
        let is_due = |(before, at): &(LeftWith, Instant)| *before != now && (last || at.elapsed() >= BETWEEN);
        if !self.is_read || !self.written.as_ref().is_none_or(is_due) {
            return;
        }
        self.written = Some((now.clone(), Instant::now()));
        let (settings, case) = (settings.map(Path::to_owned), case.to_owned());
        let write = jobs.writes().begin(Pending::one("scope and views of the window"));
        jobs.spawn(None, move |_| {
            let _write = write;
            let case = std::path::absolute(&case).unwrap_or(case);
            let now = LeftWith { history: now.history.map(History::stored), ..now };
            keep_in(&file(settings.as_deref())?, OfCase { case, left: now }).ok()
        });
    }
}

fn file(settings: Option<&Path>) -> Option<PathBuf> {
    Some(recent::folder(settings)?.join("windows.json"))
}

/// Entries of a file, latest first; empty where it is missing or unreadable, which is no error.
fn entries(file: &Path) -> Vec<OfCase> {
    std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn keep_in(file: &Path, entry: OfCase) -> io::Result<()> {
    let mut all = entries(file);
    all.retain(|other| other.case != entry.case);
    all.insert(0, entry);
    all.truncate(LIMIT);
    recent::write_whole(file, &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_compared_once_a_second_after_it_was_read() {
        let mut keeper = Keeper::default();
        assert!(!keeper.is_due());
        keeper.is_read = true;
        assert!(keeper.is_due() && !keeper.is_due());
    }

    #[test]
    fn the_last_of_each_case_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep").join("windows.json");
        let left = |account: &str| LeftWith {
            scope: Arc::new(Scope::default().with_account(account.into())),
            history: (account == "three").then(History::default),
            against: (account == "two").then(|| Against::of(Scope::default())),
            views: Some(Arrangement::View("leads".into())),
        };
        for (case, account) in [("/a", "one"), ("/b", "two"), ("/a", "three")] {
            keep_in(&file, OfCase { case: case.into(), left: left(account) }).unwrap();
        }
        let kept: Vec<_> = entries(&file).into_iter().map(|entry| (entry.case, entry.left)).collect();
        assert_eq!(kept, [("/a".into(), left("three")), ("/b".into(), left("two"))]);
        std::fs::write(&file, b"{}").unwrap();
        assert!(entries(&file).is_empty());
    }
}
