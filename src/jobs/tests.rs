//! Importing, adopting and opening, with whole cases.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::cache;
use crate::case::{Access, EvidenceSource};
use crate::model::{ExchangeRef, Progress, Scope, Silent, Tag, Watcher};
use crate::query::search::{Hit, search};
use crate::query::select;
use crate::snapshot::Sealing;
use crate::snapshot::fixture::{damage, texts, times, write_pages, write_plain};

/// A folder with one small file of logs, and where a case is to be.
fn logs(rows: usize) -> (tempfile::TempDir, ImportRequest) {
    let folder = tempfile::tempdir().unwrap();
    write_plain(&folder.path().join("logs/day.parquet"), rows);
    let request = ImportRequest {
        case_dir: folder.path().join("c.stillhunt"),
        paths: vec![folder.path().join("logs")],
        mapping: None,
        sealing: Sealing::Copy,
        memory: memory_of_machine(),
        leave_out: Vec::new(),
        accept_set_aside: false,
    };
    (folder, request)
}

#[test]
fn what_the_journal_has_is_not_taken_back_when_the_cache_cannot_be_put_in_place() {
    let (_folder, request) = logs(70);
    let in_the_way = request.case_dir.join("cache.sqlite");
    fs::create_dir_all(in_the_way.join("x")).unwrap();
    let error = import(&request, &Silent).err().unwrap();
    assert!(format!("{error:#}").contains("is in the case"), "{error:#}");
    fs::remove_dir_all(in_the_way).unwrap();
    let session = open(&request.case_dir, Access::Write, &Silent).unwrap();
    assert_eq!(session.cache.counts().distinct, 70);
}

#[test]
fn files_known_by_reference_are_not_copied_a_second_time() {
    let (_folder, mut request) = logs(70);
    request.sealing = Sealing::Reference;
    drop(import(&request, &Silent).unwrap());
    request.sealing = Sealing::Copy;
    let error = import(&request, &Silent).err().unwrap();
    assert!(error.to_string().contains("already"), "{error}");
    let left = fs::read_dir(request.case_dir.join("snapshots")).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}

#[test]
fn a_copy_that_this_journal_does_not_name_stays() {
    let (folder, mut request) = logs(70);
    drop(import(&request, &Silent).unwrap());
    let older = folder.path().join("older.sqlite");
    fs::copy(request.case_dir.join("case.sqlite"), &older).unwrap();
    let (other, _) = logs(30);
    fs::copy(other.path().join("logs/day.parquet"), folder.path().join("more.parquet")).unwrap();
    request.paths = vec![folder.path().join("more.parquet")];
    let session = import(&request, &Silent).unwrap();
    let second = session.sources.snapshots[1].sha256;
    drop(session);
    // The case is put back from a backup that does not have the second import.
    fs::copy(&older, request.case_dir.join("case.sqlite")).unwrap();
    let (third, _) = logs(20);
    fs::copy(third.path().join("logs/day.parquet"), &request.paths[0]).unwrap();
    drop(import(&request, &Silent).unwrap());
    assert!(request.case_dir.join("snapshots").join(second.to_string()).join("more.parquet").exists());
    let session = adopt(&request.case_dir, None, memory_of_machine(), &Silent).unwrap();
    assert_eq!(session.sources.snapshots.len(), 3);
    assert_eq!(session.cache.counts().raw, 120);
}

/// Every file below a folder with its bytes, sorted.
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything(&path))
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()))
        }
    }
    found.sort();
    found
}

#[test]
fn sealed_copies_without_a_case_are_refused_and_can_be_adopted() {
    for damage in ["gone", "empty", "unreadable"] {
        let (_folder, request) = logs(70);
        let session = import(&request, &Silent).unwrap();
        let (sealed, accounts) = (session.sources.snapshots[0].sha256, session.cache.accounts().len());
        drop(session);
        let copies = everything(&request.case_dir.join("snapshots"));
        let database = request.case_dir.join("case.sqlite");
        let _ = fs::remove_file(request.case_dir.join("case.sqlite-wal"));
        match damage {
            "gone" => fs::remove_file(&database).unwrap(),
            "empty" => fs::write(&database, "").unwrap(),
            _ => fs::write(&database, "not a database, though long enough to be read as one".repeat(40))
                .unwrap(),
        }
        let error = import(&request, &Silent).err().unwrap();
        assert!(error.downcast_ref::<CopiesWithoutCase>().is_some(), "{damage}: {error:#}");
        assert!(error.to_string().contains("--adopt"), "{damage}: {error:#}");
        assert_eq!(everything(&request.case_dir.join("snapshots")), copies, "{damage}");
        let session = adopt(&request.case_dir, None, memory_of_machine(), &Silent).unwrap();
        assert_eq!(session.sources.snapshots[0].sha256, sealed, "{damage}");
        assert_eq!(session.cache.accounts().len(), accounts, "{damage}");
        assert_eq!(everything(&request.case_dir.join("snapshots")), copies, "{damage}");
        let aside = request.case_dir.join("case.unreadable-1.sqlite");
        assert_eq!(aside.exists(), damage != "gone", "{damage}");
    }
}

#[test]
fn an_altered_copy_is_not_adopted_and_nothing_is_made() {
    let (_folder, request) = logs(70);
    drop(import(&request, &Silent).unwrap());
    fs::remove_file(request.case_dir.join("case.sqlite")).unwrap();
    let copy = fs::read_dir(request.case_dir.join("snapshots")).unwrap().next().unwrap().unwrap().path();
    fs::write(copy.join("added.parquet"), "PAR1").unwrap();
    let error = adopt(&request.case_dir, None, memory_of_machine(), &Silent).err().unwrap();
    assert!(format!("{error:#}").contains("not to its name"), "{error:#}");
    assert!(!request.case_dir.join("case.sqlite").exists());
}

#[test]
fn a_failed_import_removes_only_what_it_wrote_itself() {
    let (folder, mut request) = logs(70);
    let stop = StopAt("reading files", std::sync::atomic::AtomicBool::new(false));
    assert!(import(&request, &stop).is_err());
    assert!(!request.case_dir.exists(), "the import made it");
    fs::create_dir(&request.case_dir).unwrap();
    fs::create_dir(request.case_dir.join("snapshots")).unwrap();
    fs::write(request.case_dir.join("snapshots/my notes.txt"), "x").unwrap();
    let stop = StopAt("reading files", std::sync::atomic::AtomicBool::new(false));
    assert!(import(&request, &stop).is_err());
    let names: Vec<PathBuf> = everything(&request.case_dir).into_iter().map(|(path, _)| path).collect();
    assert_eq!(names, [request.case_dir.join("snapshots/my notes.txt")]);
    // A copy that is there from elsewhere is used by an import of the same files, and stays.
    drop(import(&request, &Silent).unwrap());
    let copies = everything(&request.case_dir.join("snapshots"));
    let (other, _) = logs(30);
    request.paths = vec![other.path().join("logs")];
    let stop = StopAt("reading files", std::sync::atomic::AtomicBool::new(false));
    assert!(import(&request, &stop).is_err());
    assert_eq!(everything(&request.case_dir.join("snapshots")), copies);
    drop(folder);
}

#[test]
fn a_copy_whose_renaming_was_interrupted_is_found_and_renamed() {
    let (_folder, request) = logs(70);
    let sha256 = import(&request, &Silent).unwrap().sources.snapshots[0].sha256;
    let at = |name: String| request.case_dir.join("snapshots").join(name);
    fs::rename(at(sha256.to_string()), at(format!(".incoming-{sha256}"))).unwrap();
    fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
    let session = open(&request.case_dir, Access::Write, &Silent).unwrap();
    assert_eq!(session.cache.counts().distinct, 70);
    assert!(at(sha256.to_string()).exists());
}

/// A request for a file of 1,000 rows in which values of these columns are damaged.
fn damaged_logs(values: &[&str]) -> (tempfile::TempDir, ImportRequest) {
    let (folder, request) = logs(1);
    let column = |make: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = (0..1_000).map(make).collect();
        texts(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let columns = vec![
        ("ts", times(1_000)),
        ("account_id", column(&|i| format!("account {}", i % 7))),
        ("ip", column(&|i| format!("10.0.{}.{}", i / 250, i % 250))),
        ("prompt_text", column(&|i| format!("please bake loaf number {i:06}"))),
    ];
    let path = write_pages(&request.paths[0].join("day.parquet"), columns, 500);
    values.iter().for_each(|value| damage(&path, value));
    (folder, request)
}

#[test]
fn a_damaged_prompt_stops_neither_search_nor_text_pass_nor_the_tagging_of_others() {
    let (_folder, request) = damaged_logs(&["please bake loaf number 000100"]);
    let session = import(&request, &Silent).unwrap();
    assert_eq!(session.cache.counts().distinct, 1_000);
    let everything = select(&session.cache, &Scope::default(), &Silent).unwrap();
    let search = |words: &str| {
        let mut hits = Vec::new();
        let mut take = |hit: Hit| hits.push(hit.row);
        let searched =
            search(&session.cache, &session.sources, &everything, words, 2_000, &mut take, &Silent);
        (hits, searched.unwrap())
    };
    let (hits, searched) = search("loaf");
    assert!((936..1_000).contains(&hits.len()), "{}", hits.len());
    let words = cache::unreadable_in_words(&searched.unreadable).unwrap();
    assert!(words.contains("day.parquet, row group 0, row"), "{words}");
    let lost: u64 = searched.unreadable.iter().map(|place| place.rows.end - place.rows.start).sum();
    assert_eq!(hits.len() as u64 + lost, 1_000);
    let (near, _) = search("000300");
    let records = cache::text::records(&session.cache, &session.sources, &near, &Silent).unwrap();
    assert_eq!(records.read[0].1.text("prompt_text"), Some("please bake loaf number 000300"));
    let session = session.finish_text(&Silent).unwrap();
    assert!(session.cache.has_text_pass());
}

#[test]
fn a_damaged_exchange_is_named_and_the_others_are_tagged() {
    let (_folder, request) = damaged_logs(&["please bake loaf number 000100"]);
    let mut session = import(&request, &Silent).unwrap();
    let snapshot = session.sources.snapshots[0].sha256;
    let at = |row| ExchangeRef { snapshot, file: "day.parquet".into(), row };
    let rows: Vec<_> = [300, 100, 700].map(|row| session.cache.row_of(&at(row)).unwrap().unwrap()).into();
    let Session { case, cache, sources, .. } = &mut session;
    let marked = mark_exchanges(case, cache, sources, &rows, &Tag::Context, "", &Silent).unwrap();
    assert_eq!(marked.numbers, [1, 2]);
    let of = |id| match &case.state().evidence[&id].source {
        EvidenceSource::Exchange { exchange, .. } => exchange.row,
        other => panic!("{other:?}"),
    };
    assert_eq!((of(1), of(2)), (300, 700));
    let words = marked.unreadable_in_words().unwrap();
    assert!(words.starts_with("1 of 3 exchanges ") && words.contains("day.parquet#100"), "{words}");
    let lost = mark_exchanges(case, cache, sources, &rows[1..2], &Tag::Context, "", &Silent);
    assert!(format!("{:#}", lost.unwrap_err()).contains("day.parquet#100"));
    assert_eq!(case.state().evidence.len(), 2);
}

#[test]
fn a_damaged_column_loads_only_when_asked_for_and_is_named() {
    let (_folder, mut request) = damaged_logs(&["10.0.0.100", "account 3"]);
    let error = import(&request, &Silent).err().unwrap();
    assert!(error.downcast_ref::<NotAllReadable>().is_some(), "{error:#}");
    assert!(error.to_string().contains("day.parquet, row group 0, row"), "{error:#}");
    assert!(!request.case_dir.exists());
    request.accept_set_aside = true;
    let session = import(&request, &Silent).unwrap();
    assert!(session.notes[0].contains("could not be read"), "{:?}", session.notes);
    let facts = session.cache.load_facts().unwrap();
    let rows_of = |column: &str| -> u64 {
        let own = facts.unreadable.iter().filter(|place| place.column == column);
        own.map(|place| place.rows.end - place.rows.start).sum()
    };
    let counts = session.cache.counts();
    assert!((1..=64).contains(&rows_of("ip")) && (1..=64).contains(&rows_of("account_id")));
    assert_eq!(counts.distinct + rows_of("account_id"), 1_000);
    let open = || open(&request.case_dir, Access::Write, &Silent).unwrap().cache.counts();
    drop(session);
    fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
    assert_eq!(open(), counts, "a rebuild sets the same rows aside");
}

#[test]
fn a_rebuild_says_why() {
    let (_folder, request) = logs(70);
    let session = import(&request, &Silent).unwrap();
    assert!(session.notes.is_empty(), "{:?}", session.notes);
    drop(session);
    let cache = request.case_dir.join("cache.sqlite");
    for (damage, reason) in
        [("", "missing"), ("no database, but long enough to be one", "could not be opened")]
    {
        fs::remove_file(&cache).unwrap();
        if !damage.is_empty() {
            fs::write(&cache, damage).unwrap();
        }
        let session = open(&request.case_dir, Access::Write, &Silent).unwrap();
        assert!(session.notes[0].contains(reason), "{:?}", session.notes);
    }
}

#[test]
fn nothing_is_derived_from_a_file_that_changed_after_it_was_sealed() {
    let (folder, mut request) = logs(70);
    request.sealing = Sealing::Reference;
    drop(import(&request, &Silent).unwrap());
    let (other, more) = logs(80);
    let day = folder.path().join("logs/day.parquet");
    fs::copy(other.path().join("logs/day.parquet"), &day).unwrap();
    fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
    let said = |error: anyhow::Error| format!("{error:#}");
    let error = said(open(&request.case_dir, Access::Write, &Silent).err().unwrap());
    assert!(error.contains("day.parquet"), "{error}");
    let more = ImportRequest { case_dir: request.case_dir.clone(), ..more };
    let error = said(import(&more, &Silent).err().unwrap());
    assert!(error.contains("day.parquet"), "{error}");
    assert!(!request.case_dir.join("cache.sqlite").exists());
}

/// Says stop once a phase has begun.
struct StopAt(&'static str, std::sync::atomic::AtomicBool);

impl Watcher for StopAt {
    fn report(&self, progress: Progress) {
        if progress.phase == self.0 {
            self.1.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.1.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[test]
fn a_cancelled_rebuild_leaves_no_half_cache() {
    let (_folder, request) = logs(70);
    drop(import(&request, &Silent).unwrap());
    fs::remove_file(request.case_dir.join("cache.sqlite")).unwrap();
    let stop = StopAt("writing the cache", std::sync::atomic::AtomicBool::new(false));
    assert!(open(&request.case_dir, Access::Write, &stop).is_err());
    assert!(stop.is_cancelled(), "no such phase");
    let left = fs::read_dir(&request.case_dir).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with("cache.")));
}

#[test]
fn the_journal_keeps_the_report_and_the_text_pass_counts_prompts_that_are_no_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let (_other, mut request) = logs(1);
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let prompts: Vec<Vec<u8>> = (0..40u8)
        .map(|i| {
            if i % 4 == 0 { vec![b'w', 0xff, i] } else { format!("word {i} of a plain prompt").into_bytes() }
        })
        .collect();
    crate::snapshot::fixture::write_bytes_as_text(&logs.join("day.parquet"), &prompts);
    fs::write(logs.join("notes.txt"), "no log").unwrap();
    request.paths = vec![logs];
    let session = import(&request, &Silent).unwrap();
    let report = |session: &Session| {
        let snapshot = &session.sources.snapshots[0];
        crate::bundle::present_report(session.case.state(), &session.cache, &session.sources, snapshot)
            .unwrap()
    };
    let kept = report(&session);
    assert_eq!((kept.import.rows, kept.import.exchanges, kept.prompts_not_utf8), (40, 40, None));
    assert!(kept.import.left_out[0].name.ends_with("notes.txt"), "{:?}", kept.import.left_out);
    let session = session.finish_text(&Silent).unwrap();
    assert_eq!(report(&session).prompts_not_utf8, Some(10));
    let sha256 = session.sources.snapshots[0].sha256;
    drop(session);
    let case = crate::case::Case::open(&request.case_dir, Access::ReadOnly).unwrap();
    assert_eq!(**case.state().reports.get(&sha256).unwrap(), kept, "what the journal has is what was read");
    let others = kept.for_others();
    assert_eq!(others.import.left_out[0].name, "notes.txt");
}

#[test]
fn a_folder_with_sealed_copies_and_no_case_offers_to_make_one() {
    let (_folder, request) = logs(70);
    drop(import(&request, &Silent).unwrap());
    fs::remove_file(request.case_dir.join("case.sqlite")).unwrap();
    let error = open(&request.case_dir, Access::Write, &Silent).err().unwrap();
    let not_opened = NotOpened::from(error);
    assert_eq!(not_opened.way_out, Some(WayOut::Adopt(request.case_dir.clone(), 1)), "{}", not_opened.why);
}
