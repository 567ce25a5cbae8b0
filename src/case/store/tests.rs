use super::*;
use crate::case::EvidenceSource;
use crate::model::Tag;

fn account(id: u64) -> Action {
    let source = EvidenceSource::Account { account: "acct".into() };
    Action::Tagged { id, source, tag: Tag::Context, note: "why".into() }
}

#[test]
fn what_was_recorded_is_there_when_the_case_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("acme.stillhunt");
    let mut case = Case::create(&dir).unwrap();
    case.record(account(1)).unwrap();
    assert!(case.undo().unwrap());
    assert!(case.redo().unwrap());
    let before = case.state().clone();
    drop(case);
    let again = Case::open(&dir, Access::Write).unwrap();
    assert_eq!(again.state(), &before);
    assert_eq!(again.state().name, "acme");
    assert_eq!(again.state().evidence.len(), 1);
}

/// The state in which a kill leaves a new database whose first page is being written: a rollback journal
/// that has not been rolled back.
#[test]
fn a_creation_that_was_killed_at_its_first_page_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let (there, dir) = (folder.path().join("there.sqlite"), folder.path().join("acme.stillhunt"));
    let connection = Connection::open(&there).unwrap();
    connection
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE half (made);
             INSERT INTO half VALUES (zeroblob(1000000));",
        )
        .unwrap();
    std::fs::create_dir(&dir).unwrap();
    for (from, to) in [("there.sqlite", "case.sqlite"), ("there.sqlite-journal", "case.sqlite-journal")] {
        std::fs::copy(folder.path().join(from), dir.join(to)).unwrap();
    }
    assert!(open_read_only(&dir.join("case.sqlite")).is_err(), "the journal is hot");
    assert!(!Case::exists(&dir));
    assert!(matches!(Case::open(&dir, Access::Write), Err(CaseError::NotACase { .. })));
    drop(Case::create(&dir).unwrap());
    assert_eq!(Case::open(&dir, Access::Write).unwrap().state().journal.len(), 1);
}

#[test]
fn a_database_without_tables_is_no_case_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.sqlite");
    Connection::open(&path).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
    for access in [Access::ReadOnly, Access::Write] {
        assert!(matches!(Case::open(folder.path(), access), Err(CaseError::NotACase { .. })));
    }
    drop(Case::create(folder.path()).unwrap());
    assert!(Case::open(folder.path(), Access::Write).is_ok());
}

#[test]
fn an_opening_is_journaled_before_the_first_decision_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("c");
    drop(Case::create(&dir).unwrap());
    let program = Program::running();
    drop(Case::open(&dir, Access::Write).unwrap().opened_by(program));
    let mut case = Case::open(&dir, Access::Write).unwrap().opened_by(program);
    assert_eq!(case.state().journal.len(), 1, "nothing was recorded");
    std::thread::sleep(std::time::Duration::from_millis(20));
    case.record(account(1)).unwrap();
    let journal = &case.state().journal;
    assert!(journal[2].ts - journal[1].ts >= 20_000, "the opening has its own time");
    case.record(account(2)).unwrap();
    let actions: Vec<&Action> = case.state().journal.iter().map(|entry| &entry.action).collect();
    assert!(matches!(actions[1], Action::Opened { binary: Some(_), .. }), "{actions:?}");
    assert_eq!(actions.len(), 4);
    assert!(case.undo().unwrap());
    assert_eq!(case.state().evidence.len(), 1);
    drop(case);
    // The opening is journaled once, before any other record of the session.
    let mut case = Case::open(&dir, Access::Write).unwrap().opened_by(program);
    let before = case.state().journal.len();
    case.record_opening().unwrap();
    case.record_opening().unwrap();
    case.record(account(3)).unwrap();
    assert_eq!(case.state().journal.len(), before + 2);
}

#[cfg(unix)]
#[test]
fn a_case_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mut case = Case::create(&folder.path().join("c")).unwrap();
    case.record(account(1)).unwrap();
    for name in ["case.sqlite", "case.sqlite-wal", "case.sqlite-shm"] {
        let mode = case.dir().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_person_stands_in_every_later_entry() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = Case::create(&folder.path().join("c")).unwrap();
    let person = Person { name: "Ada".into(), role: "analyst".into(), organisation: String::new() };
    for action in person.actions(case.state()) {
        case.record(action).unwrap();
    }
    assert_eq!(person.actions(case.state()), []);
    case.record(account(1)).unwrap();
    let last = case.state().journal.last().unwrap();
    assert_eq!(last.person.as_ref().map(Person::in_words), Some("Ada, analyst".into()));
    assert!(last.body.contains("\"person\""));
}

#[test]
fn a_part_keeps_evidence_that_was_removed_and_no_part_takes_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = Case::create(&folder.path().join("c")).unwrap();
    let written = |id, text: &str| Action::StoryWritten {
        id,
        text: text.to_owned(),
        evidence: Some(1),
        exhibit: Some("timeline".into()),
    };
    case.record(account(1)).unwrap();
    case.record(written(1, "before")).unwrap();
    case.record(Action::EvidenceRemoved { id: 1 }).unwrap();
    case.record(written(1, "after")).unwrap();
    assert_eq!(case.state().story[0].text, "after");
    assert!(matches!(case.record(written(2, "new")), Err(CaseError::NoSuchEvidence(1))));
}

#[test]
fn nothing_is_moved_behind_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = Case::create(&folder.path().join("c")).unwrap();
    case.record(account(1)).unwrap();
    case.record(account(2)).unwrap();
    let part = |id| Action::StoryWritten { id, text: "a".into(), evidence: None, exhibit: None };
    case.record(part(1)).unwrap();
    case.record(part(2)).unwrap();
    let before = case.state().journal.len();
    let moved = |id, after| Action::StoryMoved { id, after: Some(after) };
    let placed =
        |group: &str, after| Action::EvidencePlaced { id: 1, group: group.into(), after: Some(after) };
    assert!(matches!(case.record(moved(2, 99)), Err(CaseError::NoSuchStoryPart(99))));
    assert!(matches!(case.record(moved(2, 2)), Err(CaseError::NotBehind(_))));
    for (group, after) in [("", 99), ("", 1), ("cards", 2)] {
        assert!(matches!(case.record(placed(group, after)), Err(CaseError::NotBehind(_))));
    }
    assert_eq!(case.state().journal.len(), before);
    case.record(placed("", 2)).unwrap();
    case.record(moved(1, 2)).unwrap();
}

#[test]
fn a_scope_survives_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("c");
    let mut case = Case::create(&dir).unwrap();
    let scope = crate::model::Scope::default()
        .with_topics([(3, "a · b".to_owned())].into())
        .with_value(crate::model::AttributeKind::Ip24, "10.0.0.0/24");
    case.record(Action::ScopeSaved { name: "s".into(), scope: scope.clone() }).unwrap();
    drop(case);
    let again = Case::open(&dir, Access::ReadOnly).unwrap();
    assert_eq!(again.state().scopes[0].scope, scope);
}

#[test]
fn a_second_writer_is_told_who_has_it_and_may_look() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("c");
    let mut first = Case::create(&dir).unwrap();
    let error = Case::open(&dir, Access::Write).unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    let mut look = Case::open(&dir, Access::ReadOnly).unwrap();
    assert!(matches!(look.record(account(1)), Err(CaseError::ReadOnly)));
    first.record(account(1)).unwrap();
}

#[test]
fn an_altered_journal_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("c");
    let mut case = Case::create(&dir).unwrap();
    case.record(account(1)).unwrap();
    drop(case);
    let raw = Connection::open(dir.join("case.sqlite")).unwrap();
    assert!(raw.execute("UPDATE journal SET body = replace(body, 'why', 'wha')", []).is_err());
    raw.execute_batch(
        "DROP TRIGGER journal_is_append_only_1; UPDATE journal SET body = replace(body, 'why', 'wha')",
    )
    .unwrap();
    drop(raw);
    assert!(matches!(Case::open(&dir, Access::Write), Err(CaseError::Broken { .. })));
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "precious").unwrap();
    assert!(matches!(Case::create(folder.path()), Err(CaseError::FolderInUse { .. })));
    assert!(matches!(Case::open(folder.path(), Access::Write), Err(CaseError::NotACase { .. })));
}

#[test]
fn an_interrupted_making_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    Connection::open(folder.path().join("case.sqlite")).unwrap();
    assert!(!Case::exists(folder.path()));
    Case::create(folder.path()).unwrap();
}
