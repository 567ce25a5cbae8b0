//! Changes to the snapshots of a case: retirement, restoration, or another mapping.
//!
//! The new cache is built beside the old one, as in an import, and the change takes effect with its journal
//! entry. Files under `snapshots/` are not changed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::import::Uncancellable;
use super::session::{build, check_unchanged, next_cache_path, open_for, remove_file_if_there};
use super::{Session, memory_of_machine};
use crate::bundle::case_report;
use crate::cache;
use crate::case::{Access, Action, Case, CaseError, Program};
use crate::model::{Digest, Watcher};
use crate::snapshot::{Mapping, Snapshot, Sources};

/// Kind of change to a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceChange {
    /// Its rows leave the cache; its copy stays.
    Retire,
    /// A retired one comes back.
    Restore,
    /// It is read with another mapping.
    Map(Box<Mapping>),
}

/// A change to one snapshot of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceChangeRequest {
    /// The case's folder.
    pub case_dir: PathBuf,
    /// The snapshot.
    pub snapshot: Digest,
    /// The change.
    pub change: SourceChange,
    /// Reason, for the journal.
    pub reason: String,
}

/// Changes the snapshots of a case, journals that and opens the case with its new cache. When it
/// fails or is cancelled the case is as it was before; if the change is in
/// the journal nevertheless, the error says so.
///
/// # Errors
/// No such snapshot, the only one to be retired, a mapping that does not fit the files or is the
/// present one, a file that changed.
pub fn change_sources(request: &SourceChangeRequest, watcher: &dyn Watcher) -> anyhow::Result<Session> {
    let mut case = Case::open(&request.case_dir, Access::Write)?.opened_by(Program::running());
    let (mut action, sources) = planned(&case, request)?;
    case.check(&action)?;
    let next = next_cache_path(&case);
    check_unchanged(&sources, watcher)
        .and_then(|()| {
            build(&next, &sources, memory_of_machine(), watcher, |cache| {
                if let Action::MappingReplaced { snapshot, report, .. } = &mut action
                    && let Some(mapped) = sources.snapshots.iter().find(|own| own.sha256 == *snapshot)
                {
                    // The entry goes to others as it is.
                    let made = case_report(cache, &sources, mapped, Vec::new())?;
                    *report = Some(Box::new(made.for_others()));
                }
                Ok(())
            })
        })
        .context("nothing was changed: the cache could not be built from what the case would hold")?;
    if let Err(error) = case.record(action) {
        remove_file_if_there(&next);
        return Err(error.into());
    }
    // From here on the change is acknowledged. A cache that cannot be put in place is built again.
    if cache::put_in_place(&next, &case.cache_path()).is_err() {
        remove_file_if_there(&next);
    }
    open_for(case, &Uncancellable(watcher))
        .context("the change is in the journal, but the case could not be opened after that; open it again")
}

/// The journal entry, and the sources of the case after it.
fn planned(case: &Case, request: &SourceChangeRequest) -> anyhow::Result<(Action, Sources)> {
    let (snapshot, reason) = (request.snapshot, request.reason.clone());
    let mut sources = case.sources();
    let action = match &request.change {
        SourceChange::Retire => {
            sources.snapshots.retain(|kept| kept.sha256 != snapshot);
            Action::SnapshotRetired { snapshot, reason }
        }
        SourceChange::Restore => {
            let mut retired = case.state().retired.iter().map(|retired| &retired.snapshot);
            sources.snapshots.extend(retired.find(|retired| retired.sha256 == snapshot).cloned());
            Action::SnapshotRestored { snapshot, reason }
        }
        SourceChange::Map(mapping) => {
            let at = sources.snapshots.iter().position(|found| found.sha256 == snapshot);
            let at = at.ok_or(CaseError::NoSuchSnapshot(snapshot))?;
            if sources.snapshots[at].mapping == **mapping {
                bail!("snapshot {} has this mapping already", snapshot.short());
            }
            let mapped = sources.with_mapping(&sources.snapshots[at], Mapping::clone(mapping))?;
            let recorded_zones = mapped.files.iter().map(|file| file.recorded_zone.clone()).collect();
            sources.snapshots[at] = mapped;
            Action::MappingReplaced {
                snapshot,
                mapping: Mapping::clone(mapping),
                recorded_zones,
                reason,
                report: None,
            }
        }
    };
    Ok((action, sources))
}

/// The files of a snapshot with their names, where they are now.
pub fn files_of(sources: &Sources, snapshot: &Snapshot) -> Vec<(String, PathBuf)> {
    snapshot.files.iter().map(|file| (file.name.clone(), sources.path_of(snapshot, file))).collect()
}

/// A snapshot of a case, retired ones included, by the first digits of its SHA-256; at least six,
/// and enough of them to name one.
///
/// # Errors
/// None or several, in words.
pub fn named_snapshot(case: &Case, digits: &str) -> Result<Snapshot, String> {
    let digits = digits.trim().to_lowercase();
    let mut fitting = case
        .state()
        .every_snapshot()
        .filter(|snapshot| digits.len() >= 6 && snapshot.sha256.to_string().starts_with(&digits));
    match (fitting.next(), fitting.next()) {
        (Some(snapshot), None) => Ok(snapshot.clone()),
        (Some(_), Some(_)) => Err(format!("{digits} matches several snapshots; give more digits")),
        (None, _) => Err(format!(
            "no snapshot of the case begins with {digits} (at least six digits); `stillhunt sources {}` lists them",
            Path::new(case.dir()).display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{ImportRequest, import, mark_exchanges, open};
    use crate::model::{Silent, Tag};
    use crate::snapshot::Sealing;
    use crate::snapshot::fixture::write_plain;

    fn case_of_two(home: &Path) -> (PathBuf, Vec<Digest>) {
        let case_dir = home.join("c.stillhunt");
        for (name, rows) in [("a", 70), ("b", 30)] {
            write_plain(&home.join(format!("{name}/day.parquet")), rows);
            let request = ImportRequest {
                case_dir: case_dir.clone(),
                paths: vec![home.join(name)],
                mapping: None,
                sealing: Sealing::Copy,
                memory: memory_of_machine(),
                leave_out: Vec::new(),
                accept_set_aside: false,
            };
            drop(import(&request, &Silent).unwrap());
        }
        let case = Case::open(&case_dir, Access::ReadOnly).unwrap();
        let names = case.state().snapshots.iter().map(|snapshot| snapshot.sha256).collect();
        (case_dir, names)
    }

    fn request(case_dir: &Path, snapshot: Digest, change: SourceChange) -> SourceChangeRequest {
        SourceChangeRequest { case_dir: case_dir.to_owned(), snapshot, change, reason: "wrong files".into() }
    }

    #[test]
    fn a_retired_snapshot_leaves_the_cache_keeps_its_copy_and_comes_back() {
        let home = tempfile::tempdir().unwrap();
        let (dir, names) = case_of_two(home.path());
        let raw = |session: &Session| session.cache.counts().raw;
        let session = change_sources(&request(&dir, names[1], SourceChange::Retire), &Silent).unwrap();
        assert_eq!((raw(&session), session.case.state().snapshots.len()), (70, 1));
        assert!(dir.join("snapshots").join(names[1].to_string()).join("day.parquet").is_file());
        drop(session);
        let only = change_sources(&request(&dir, names[0], SourceChange::Retire), &Silent).err().unwrap();
        assert!(only.to_string().contains("only one"), "{only}");
        let twice = change_sources(&request(&dir, names[1], SourceChange::Retire), &Silent);
        assert!(twice.is_err());
        let session = change_sources(&request(&dir, names[1], SourceChange::Restore), &Silent).unwrap();
        assert_eq!(raw(&session), 100);
        drop(session);
        // Undone, redone and undone: the cache follows the journal each time.
        for (rows, is_undo) in [(70, true), (100, false), (70, true), (100, true)] {
            let mut case = Case::open(&dir, Access::Write).unwrap();
            assert!(if is_undo { case.undo() } else { case.redo() }.unwrap());
            drop(case);
            assert_eq!(raw(&open(&dir, Access::Write, &Silent).unwrap()), rows);
        }
    }

    #[test]
    fn an_import_of_retired_files_says_how_to_bring_them_back() {
        let home = tempfile::tempdir().unwrap();
        let (dir, names) = case_of_two(home.path());
        drop(change_sources(&request(&dir, names[1], SourceChange::Retire), &Silent).unwrap());
        let again = ImportRequest {
            case_dir: dir.clone(),
            paths: vec![home.path().join("b")],
            mapping: None,
            sealing: Sealing::Copy,
            memory: memory_of_machine(),
            leave_out: Vec::new(),
            accept_set_aside: false,
        };
        let error = format!("{:#}", import(&again, &Silent).err().unwrap());
        assert!(error.contains("retired") && error.contains("--restore"), "{error}");
        assert!(dir.join("snapshots").join(names[1].to_string()).join("day.parquet").is_file());
    }

    #[test]
    fn evidence_keeps_its_copy_and_names_the_mapping_it_was_read_with() {
        let home = tempfile::tempdir().unwrap();
        let (dir, names) = case_of_two(home.path());
        let mut session = open(&dir, Access::Write, &Silent).unwrap();
        let (cache, sources) = (session.cache.clone(), session.sources.clone());
        let row = (0..u32::try_from(cache.counts().distinct).unwrap())
            .find(|&row| cache.exchange_refs(&[row]).unwrap()[0].snapshot == names[0])
            .unwrap();
        mark_exchanges(&mut session.case, &cache, &sources, &[row], &Tag::Context, "", &Silent).unwrap();
        let before = session.case.state().snapshots[0].mapping.clone();
        drop((session, cache));
        let mut fewer = before.clone();
        fewer.preset = "custom".into();
        let dropped = fewer.columns.keys().find(|name| !["ts", "account_id"].contains(&name.as_str()));
        let dropped = dropped.cloned();
        dropped.iter().for_each(|name| drop(fewer.columns.remove(name)));
        let session =
            change_sources(&request(&dir, names[0], SourceChange::Map(Box::new(fewer.clone()))), &Silent)
                .unwrap();
        let state = session.case.state();
        assert_eq!(state.snapshots[0].mapping, fewer);
        assert_eq!(session.cache.fingerprint(), crate::cache::fingerprint_of(&session.case.sources()));
        let evidence = &state.evidence[&1];
        assert_eq!(state.earlier_mapping(evidence), Some(&before));
        drop(session);
        let same = change_sources(&request(&dir, names[0], SourceChange::Map(Box::new(fewer))), &Silent)
            .err()
            .unwrap();
        assert!(same.to_string().contains("already"), "{same}");
        let mut case = Case::open(&dir, Access::Write).unwrap();
        case.undo().unwrap();
        assert_eq!(case.state().snapshots[0].mapping, before);
        assert_eq!(case.state().earlier_mapping(&case.state().evidence[&1]), None);
    }

    #[test]
    fn a_mapping_that_does_not_fit_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let (dir, names) = case_of_two(home.path());
        let before = open(&dir, Access::Write, &Silent).unwrap().case.state().journal.len();
        let mapping = Mapping::from_toml("ts = \"ts\"\naccount_id = \"nowhere\"").unwrap();
        assert!(
            change_sources(&request(&dir, names[0], SourceChange::Map(Box::new(mapping))), &Silent).is_err()
        );
        let session = open(&dir, Access::Write, &Silent).unwrap();
        assert_eq!(session.cache.counts().raw, 100);
        assert_eq!(session.case.state().journal.len(), before);
    }
}
