//! Torn pages: files as a loss of power may leave them.

use std::fs;
use std::path::Path;

use stillhunt::case::{Access, Action, Case};

use crate::common::kills::{copy_folder, journal_of};
use crate::common::{output, run, text};
use crate::{Setting, assert_failed};

/// Takes so many decisions in a case of nothing else and copies its files while it is open, so
/// that the write-ahead log is there as after a kill. The hashes of all entries.
fn decided(dir: &Path, decisions: usize) -> Vec<String> {
    let open = dir.join("open");
    let mut case = Case::create(&open).unwrap();
    for at in 0..decisions {
        let value = format!("{at} {}", "words ".repeat(at % 200));
        case.record(Action::SettingChanged { key: "clock_statement".into(), value }).unwrap();
    }
    copy_folder(&open, &dir.join("killed"));
    drop(case);
    copy_folder(&open, &dir.join("closed"));
    journal_of(&open)
}

/// Opens a case as the program does. The hashes of its entries; `None` where it is refused.
fn opened(dir: &Path) -> Option<Vec<String>> {
    let case = Case::open(dir, Access::Write).ok()?;
    Some(case.state().journal.iter().map(|entry| entry.hash.to_string()).collect())
}

#[test]
fn a_write_ahead_log_torn_after_its_last_commit_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let whole = decided(folder.path(), 60);
    let log = fs::read(folder.path().join("killed/case.sqlite-wal")).unwrap();
    assert!(log.len() > 100_000, "{} bytes are no log to tear", log.len());
    // What a write that was under way may have left behind the last acknowledged frame: zeros, old
    // bytes, a frame cut short.
    for (at, tail) in
        [&[0_u8; 24][..], &[7; 4_000], &log[..5_000], &log[32..8_300], &[255; 1]].iter().enumerate()
    {
        let torn = folder.path().join(format!("torn-{at}"));
        copy_folder(&folder.path().join("killed"), &torn);
        fs::write(torn.join("case.sqlite-wal"), [&log[..], tail].concat()).unwrap();
        let _ = fs::remove_file(torn.join("case.sqlite-shm"));
        assert_eq!(opened(&torn).as_ref(), Some(&whole), "tail {at}");
    }
    // What is cut off can only be the end; what is left is the journal up to there.
    for cut in (0..log.len()).step_by(log.len() / 120) {
        let torn = folder.path().join("cut");
        let _ = fs::remove_dir_all(&torn);
        copy_folder(&folder.path().join("killed"), &torn);
        fs::write(torn.join("case.sqlite-wal"), &log[..cut]).unwrap();
        let _ = fs::remove_file(torn.join("case.sqlite-shm"));
        if let Some(left) = opened(&torn) {
            assert!(whole.starts_with(&left), "cut at {cut}");
        }
    }
}

#[test]
fn a_torn_page_of_a_case_is_noticed_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let whole = decided(folder.path(), 60);
    let sound = fs::read(folder.path().join("closed/case.sqlite")).unwrap();
    let torn = folder.path().join("torn");
    copy_folder(&folder.path().join("closed"), &torn);
    let mut refused = 0;
    let mut tears = 0;
    for page in (0..sound.len()).step_by(4_096) {
        // A sector, half a page, a page: zeros, or what an older page held.
        for (from, to) in [(0, 512), (512, 1_024), (3_584, 4_096), (0, 2_048), (2_048, 4_096), (0, 4_096)] {
            for other in [None, Some(8_192_usize)] {
                let mut bytes = sound.clone();
                let range = page + from..page + to;
                match other {
                    None => bytes[range].fill(0),
                    Some(other) => bytes.copy_within(other + from..other + to, page + from),
                }
                if bytes == sound {
                    continue;
                }
                fs::write(torn.join("case.sqlite"), &bytes).unwrap();
                for left in ["case.sqlite-wal", "case.sqlite-shm"] {
                    let _ = fs::remove_file(torn.join(left));
                }
                tears += 1;
                match opened(&torn) {
                    None => refused += 1,
                    Some(journal) => {
                        assert_eq!(journal, whole, "page at {page}, bytes {from} to {to}, {other:?}")
                    }
                }
            }
        }
    }
    println!("{tears} tears, {refused} refused, the others without effect on the journal");
    assert!(refused > tears / 2, "{refused} of {tears} were noticed");
}

#[test]
fn a_torn_page_of_a_cache_never_shows_other_leads() {
    let setting = Setting::new();
    let sound = fs::read(setting.case.join("cache.sqlite")).unwrap();
    let (mut rebuilt, tears) = (0, 24);
    for tear in 0..tears {
        let mut bytes = sound.clone();
        let at = sound.len() / tears * tear / 512 * 512;
        bytes[at..at + 512].fill(if tear % 2 == 0 { 0 } else { 0x5a });
        fs::write(setting.case.join("cache.sqlite"), &bytes).unwrap();
        let leads = output(setting.home(), &["leads", text(&setting.case), "--accounts", "--format", "csv"]);
        if !leads.status.success() {
            assert_failed(&leads, &format!("sector at {at}"));
            rebuilt += 1;
        } else if String::from_utf8_lossy(&leads.stdout) != setting.leads {
            // Built again from the snapshots, and so without topics: finished, it is the same.
            run(setting.home(), &["import", text(&setting.case)]);
            assert_eq!(setting.leads_of(&setting.case), setting.leads, "sector at {at}");
            rebuilt += 1;
        }
        fs::write(setting.case.join("cache.sqlite"), &sound).unwrap();
        let _ = fs::remove_file(setting.case.join("cache.sqlite-journal"));
    }
    println!("{tears} tears, {rebuilt} noticed");
}
