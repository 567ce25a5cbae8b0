//! Faults of what a case lies on: a full disk, failed and short writes, torn pages, a medium that
//! cannot be written, a folder that goes away, a second program, an old lock, a clock set back.
//!
//! A shim below SQLite would see every call, but registering one takes `unsafe`, which this crate
//! forbids. So the faults are real ones, from the operating system, beneath program and SQLite
//! alike:
//!
//! - *full disk, read-only medium*: a small tmpfs, where this process may mount one (root); else
//!   those tests say that they were left out;
//! - *failed and short writes*: `ulimit -f` in a child with SIGXFSZ ignored: the kernel writes up
//!   to the limit, which is a short write, and then refuses with EFBIG;
//! - *torn pages*: the files are edited between a kill and the next opening, in every page and at
//!   many places of the write-ahead log, as a loss of power may leave sectors that were not synced;
//! - *errors at a given step, a vanishing folder, two programs*: fail points (feature
//!   `fail-points`) that return an error or hold the program at that step.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::kills::{copy_folder, journal_of, mark_and_export};
use common::tiny::tiny_logs;
use common::{output, run, said, some_exchanges, stillhunt, text};
use stillhunt::case::{Access, Action, Case};

/// A file system in memory of a size of its own; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one; `None`, and a line that says so, where this process may not.
    fn mount(at: &Path, kib: u64) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={kib}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_owned()));
        }
        println!("left out: this process may not mount a tmpfs");
        None
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A case of a small snapshot, with topics, and what `leads` prints of it.
struct Setting {
    folder: tempfile::TempDir,
    logs: PathBuf,
    case: PathBuf,
    leads: String,
}

impl Setting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let logs = tiny_logs(folder.path(), 7);
        let case = folder.path().join("c.stillhunt");
        run(folder.path(), &["import", text(&case), text(&logs)]);
        let mut setting = Self { folder, logs, case, leads: String::new() };
        setting.leads = setting.leads_of(&setting.case);
        setting
    }

    fn home(&self) -> &Path {
        self.folder.path()
    }

    fn leads_of(&self, case: &Path) -> String {
        run(self.home(), &["leads", text(case), "--accounts", "--format", "csv"])
    }

    fn exchanges(&self, count: usize) -> Vec<String> {
        let everything = self.home().join("all.json");
        fs::write(&everything, "{}").unwrap();
        some_exchanges(self.home(), &self.case, &everything, count)
    }

    fn copy(&self, name: &str) -> PathBuf {
        let copy = self.home().join(name);
        copy_folder(&self.case, &copy);
        copy
    }
}

fn tag<'a>(case: &'a Path, exchange: &'a str) -> [&'a str; 6] {
    ["tag", text(case), "--exchange", exchange, "--as", "context"]
}

/// Failed as an input or output failure does, with words.
fn assert_failed(output: &Output, what: &str) {
    assert_eq!(output.status.code(), Some(3), "{what}: {}", said(output));
    assert!(!output.stderr.is_empty(), "{what}");
}

// A full disk

#[test]
fn an_import_onto_a_disk_that_is_too_small_leaves_nothing_and_ends_well_on_a_larger_one() {
    let setting = Setting::new();
    let home = setting.home();
    let mut failed = 0;
    for kib in [16, 64, 200, 400, 700, 1_000, 1_500, 2_200, 3_000, 60_000] {
        let Some(disk) = Disk::mount(&home.join(format!("disk-{kib}")), kib) else { return };
        let case = disk.0.join("c.stillhunt");
        let imported = output(home, &["import", text(&case), text(&setting.logs)]);
        if imported.status.success() {
            assert_eq!(setting.leads_of(&case), setting.leads, "{kib} KiB");
            continue;
        }
        failed += 1;
        assert_failed(&imported, &format!("{kib} KiB"));
        let words = String::from_utf8_lossy(&imported.stderr).into_owned();
        assert!(words.contains("full") || words.contains("No space"), "{kib} KiB: {words}");
        if journal_of(&case).is_empty() {
            assert!(!case.join("case.sqlite").exists(), "{kib} KiB: a case without entries is left");
        } else {
            // The snapshot is in, and only what is derived was too large.
            run(home, &["journal", text(&case), "--verify"]);
        }
        disk.remount("size=60000k");
        let again = output(home, &["import", text(&case), text(&setting.logs)]);
        assert!(again.status.success(), "{kib} KiB, then enough: {}", said(&again));
        assert_eq!(setting.leads_of(&case), setting.leads, "{kib} KiB, then enough");
    }
    assert!(failed > 3, "only {failed} disks were too small");
}

#[test]
fn decisions_on_a_full_disk_are_refused_and_nothing_acknowledged_is_lost() {
    let setting = Setting::new();
    let home = setting.home();
    let Some(disk) = Disk::mount(&home.join("disk"), 60_000) else { return };
    let case = disk.0.join("c.stillhunt");
    copy_folder(&setting.case, &case);
    let exchanges = setting.exchanges(12);
    let mut acknowledged = journal_of(&case).len();
    let mut refused = 0;
    for (at, exchange) in exchanges.iter().enumerate() {
        // Less room each time, to the page.
        let ballast = disk.0.join("ballast");
        let _ = fs::remove_file(&ballast);
        fill(&ballast, [0, 4_096, 8_192, 12_288, 20_480, 40_960, 81_920, 163_840][at % 8]);
        let tagged = output(home, &tag(&case, exchange));
        let there = journal_of(&case).len();
        if tagged.status.success() {
            acknowledged += 1;
        } else {
            refused += 1;
            assert_failed(&tagged, exchange);
        }
        assert_eq!(there, acknowledged, "{at}: {}", said(&tagged));
        run(home, &["journal", text(&case), "--verify"]);
    }
    assert!(refused > 0, "the disk was never full");
    fs::remove_file(disk.0.join("ballast")).unwrap();
    run(home, &tag(&case, &exchanges[0]));
    assert_eq!(journal_of(&case).len(), acknowledged + 1);
    assert_eq!(setting.leads_of(&case), setting.leads);
}

/// Writes until the disk is full but for so many bytes.
fn fill(path: &Path, left: u64) {
    use std::io::Write as _;
    let mut file = fs::File::create(path).unwrap();
    let mut size = 0;
    while let Ok(count) = file.write(&[1; 4_096]) {
        size += count as u64;
    }
    file.set_len(size.saturating_sub(left)).unwrap();
}

#[test]
fn an_export_onto_a_full_disk_leaves_no_bundle() {
    let setting = Setting::new();
    let home = setting.home();
    mark_and_export(home, &setting.case);
    for kib in [16, 64, 120] {
        let journal = journal_of(&setting.case);
        let Some(disk) = Disk::mount(&home.join(format!("disk-{kib}")), kib) else { return };
        let out = disk.0.join("out");
        let arguments = ["export", text(&setting.case), "--out", text(&out), "--audience", "production"];
        let exported = output(home, &arguments);
        assert_failed(&exported, &format!("{kib} KiB"));
        assert_eq!(fs::read_dir(&out).map_or(0, Iterator::count), 0, "{kib} KiB: something is left");
        assert_eq!(
            journal_of(&setting.case),
            journal,
            "{kib} KiB: the journal has a bundle that is not there"
        );
        disk.remount("size=60000k");
        run(home, &arguments);
    }
}

// Failed and short writes

/// Runs the program with files limited to so many blocks of 512 bytes.
fn limited(home: &Path, blocks: u64, arguments: &[&str]) -> Output {
    let program = stillhunt(home);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    shell.arg(program.get_program()).args(arguments).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.output().unwrap()
}

#[test]
fn an_import_whose_writes_fail_or_are_cut_short_leaves_nothing() {
    let setting = Setting::new();
    let home = setting.home();
    let mut failed = 0;
    for blocks in [0, 1, 7, 33, 64, 129, 300, 777, 1_500, 4_000] {
        let case = home.join(format!("limited-{blocks}"));
        let imported = limited(home, blocks, &["import", text(&case), text(&setting.logs)]);
        if !imported.status.success() {
            failed += 1;
            assert_failed(&imported, &format!("{blocks} blocks"));
        }
        if case.exists() && !journal_of(&case).is_empty() {
            run(home, &["journal", text(&case), "--verify"]);
        }
        let again = output(home, &["import", text(&case), text(&setting.logs)]);
        let already = String::from_utf8_lossy(&again.stderr).contains("already");
        assert!(again.status.success() || already, "{blocks} blocks, again: {}", said(&again));
        assert_eq!(setting.leads_of(&case), setting.leads, "{blocks} blocks");
    }
    assert!(failed > 4, "only {failed} of the limits were reached");
}

#[test]
fn decisions_whose_writes_fail_or_are_cut_short_are_refused_or_there() {
    let setting = Setting::new();
    let (home, case) = (setting.home(), &setting.case);
    let exchanges = setting.exchanges(9);
    let mut refused = 0;
    for (blocks, exchange) in [0, 1, 3, 9, 17, 40, 70, 100, 100_000].into_iter().zip(&exchanges) {
        let before = journal_of(case);
        let tagged = limited(home, blocks, &tag(case, exchange));
        let after = journal_of(case);
        assert!(after.starts_with(&before), "{blocks} blocks: entries are gone");
        refused += usize::from(!tagged.status.success());
        assert_eq!(after.len() > before.len(), tagged.status.success(), "{blocks}: {}", said(&tagged));
        run(home, &["journal", text(case), "--verify"]);
    }
    assert!((3..9).contains(&refused), "{refused} of 9 were refused");
    assert_eq!(setting.leads_of(case), setting.leads);
}

// Torn pages

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

// A medium that cannot be written; a folder that goes away

#[test]
fn a_case_on_a_read_only_medium_can_be_looked_at() {
    let setting = Setting::new();
    let home = setting.home();
    let exchanges = setting.exchanges(1);
    let Some(disk) = Disk::mount(&home.join("disk"), 60_000) else { return };
    let case = disk.0.join("c.stillhunt");
    copy_folder(&setting.case, &case);
    disk.remount("ro");
    assert_eq!(setting.leads_of(&case), setting.leads);
    run(home, &["journal", text(&case), "--verify"]);
    let tagged = output(home, &tag(&case, &exchanges[0]));
    assert_failed(&tagged, "a decision");
    let out = home.join("out");
    assert_failed(
        &output(home, &["export", text(&case), "--out", text(&out), "--audience", "production"]),
        "an export",
    );
    assert_failed(&output(home, &["import", text(&case), text(&setting.logs)]), "an import");
}

/// Starts the program so that it stops at a fail point until `release` is there; returns when it
/// has come there.
fn held(home: &Path, point: &str, release: &Path, arguments: &[&str]) -> Child {
    let log = release.with_extension("log");
    let child = stillhunt(home)
        .args(arguments)
        .env("STILLHUNT_FAIL_POINT", format!("{point} 1 hold"))
        .env("STILLHUNT_FAIL_RELEASE", release)
        .env("STILLHUNT_FAIL_LOG", &log)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !fs::read_to_string(&log).unwrap_or_default().lines().any(|line| line == point) {
        assert!(Instant::now() < until, "{arguments:?} never came to {point}");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn has_fail_points() -> bool {
    if !cfg!(feature = "fail-points") {
        println!("left out: the program under test has no fail points");
    }
    cfg!(feature = "fail-points")
}

#[test]
fn a_decision_in_a_case_that_has_vanished_is_not_acknowledged() {
    if !has_fail_points() {
        return;
    }
    let setting = Setting::new();
    let (home, exchange) = (setting.home(), &setting.exchanges(1)[0]);
    for point in ["lock.taken", "case.entry", "case.commit"] {
        for gone in ["removed", "moved"] {
            let case = setting.copy(&format!("{gone}-{point}"));
            let release = home.join(format!("release-{gone}-{point}"));
            let child = held(home, point, &release, &tag(&case, exchange));
            let elsewhere = home.join("elsewhere");
            if gone == "removed" {
                fs::remove_dir_all(&case).unwrap();
            } else {
                let _ = fs::remove_dir_all(&elsewhere);
                fs::rename(&case, &elsewhere).unwrap();
            }
            fs::write(&release, "").unwrap();
            let ended = child.wait_with_output().unwrap();
            assert_failed(&ended, &format!("{gone} at {point}"));
            assert!(!case.exists(), "{gone} at {point}: a part of a case was made anew");
            if gone == "moved" {
                run(home, &["journal", text(&elsewhere), "--verify"]);
            }
        }
    }
}

// Two programs at once; an old lock

#[test]
fn while_one_program_writes_a_case_others_look_and_none_else_writes() {
    if !has_fail_points() {
        return;
    }
    let setting = Setting::new();
    let (home, case) = (setting.home(), &setting.case);
    let exchanges = setting.exchanges(2);
    let release = home.join("release");
    let first = held(home, "case.commit", &release, &tag(case, &exchanges[0]));
    let second = output(home, &tag(case, &exchanges[1]));
    assert_failed(&second, "a second writer");
    let words = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(words.contains(&format!("process {}", first.id())), "{words}");
    assert_failed(&output(home, &["import", text(case), text(&setting.logs)]), "an import meanwhile");
    assert_eq!(setting.leads_of(case), setting.leads, "a look meanwhile");
    run(home, &["journal", text(case), "--verify"]);
    fs::write(&release, "").unwrap();
    assert!(first.wait_with_output().unwrap().status.success());
    run(home, &tag(case, &exchanges[1]));
}

#[test]
fn two_imports_that_begin_at_once_make_one_case() {
    if !has_fail_points() {
        return;
    }
    let setting = Setting::new();
    let home = setting.home();
    for point in ["case.create", "seal.rename", "cache.rename"] {
        let case = home.join(format!("twice-{point}"));
        let release = home.join(format!("release-{point}"));
        let arguments = ["import", text(&case), text(&setting.logs)];
        let first = held(home, point, &release, &arguments);
        assert_failed(&output(home, &arguments), &format!("the second, the first being at {point}"));
        fs::write(&release, "").unwrap();
        let first = first.wait_with_output().unwrap();
        assert!(first.status.success(), "{point}: {}", said(&first));
        assert_eq!(setting.leads_of(&case), setting.leads, "{point}");
    }
}

#[test]
fn two_exports_into_one_folder_give_two_bundles() {
    if !has_fail_points() {
        return;
    }
    let setting = Setting::new();
    let home = setting.home();
    let bag = mark_and_export(home, &setting.case);
    let out = bag.parent().unwrap().to_owned();
    let other = setting.copy("c-2.stillhunt");
    for point in ["bag.create", "bag.rename"] {
        let release = home.join(format!("release-{point}"));
        let arguments = |case| ["export", case, "--out", text(&out), "--audience", "production"];
        let before = fs::read_dir(&out).unwrap().count();
        let first = held(home, point, &release, &arguments(text(&setting.case)));
        let mut second = stillhunt(home).args(arguments(text(&other))).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(300));
        fs::write(&release, "").unwrap();
        let first = first.wait_with_output().unwrap();
        assert!(first.status.success(), "{point}: {}", said(&first));
        assert!(second.wait().unwrap().success(), "{point}");
        let bags: Vec<PathBuf> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(bags.len(), before + 2, "{point}: {bags:?}");
        bags.iter().for_each(|bag| drop(run(home, &["verify", text(bag)])));
    }
}

#[test]
fn an_old_lock_keeps_nobody_out() {
    let setting = Setting::new();
    let (home, case) = (setting.home(), &setting.case);
    let exchanges = setting.exchanges(3);
    let lock = case.join("case.lock");
    // Of a process that is gone; of one that runs and has nothing to do with it; of nobody.
    let contents =
        ["ada (process 999999, since 2019-01-01 00:00 UTC)", "ada (process 1, since …)", "\u{0}\u{ff}"];
    for (content, exchange) in contents.into_iter().zip(&exchanges) {
        fs::write(&lock, content).unwrap();
        run(home, &tag(case, exchange));
    }
    // A lock that cannot be one is named.
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let tagged = output(home, &tag(case, &exchanges[0]));
    assert_failed(&tagged, "a folder for a lock");
    assert!(String::from_utf8_lossy(&tagged.stderr).contains("case.lock"), "{}", said(&tagged));
}

// Errors at every step

#[test]
fn an_error_at_any_step_of_an_import_or_a_decision_is_reported_and_nothing_is_lost() {
    if !has_fail_points() {
        return;
    }
    let setting = Setting::new();
    let home = setting.home();
    let exchange = &setting.exchanges(1)[0];
    let passed = |arguments: &[&str], case: &Path| -> Vec<String> {
        let log = home.join("passed");
        let _ = fs::remove_file(&log);
        let done = stillhunt(home).args(arguments).env("STILLHUNT_FAIL_LOG", &log).output().unwrap();
        assert!(done.status.success(), "{}", said(&done));
        fs::remove_dir_all(case).unwrap();
        let points = fs::read_to_string(&log).unwrap();
        let mut points: Vec<String> = points.lines().map(str::to_owned).collect();
        points.sort();
        points.dedup();
        points
    };
    let case = home.join("failing");
    for of_import in [true, false] {
        let tag = tag(&case, exchange);
        let import = ["import", text(&case), text(&setting.logs)];
        let arguments: &[&str] = if of_import { &import } else { &tag };
        let prepare = || {
            let _ = fs::remove_dir_all(&case);
            if !of_import {
                copy_folder(&setting.case, &case);
            }
        };
        prepare();
        for (at, point) in passed(arguments, &case).into_iter().enumerate() {
            let failure = if at % 2 == 0 { "error" } else { "full" };
            prepare();
            let before = journal_of(&case);
            let order = format!("{point} 1+ {failure}");
            let ended = stillhunt(home).args(arguments).env("STILLHUNT_FAIL_POINT", &order).output().unwrap();
            let after = journal_of(&case);
            assert!(after.starts_with(&before), "{order}: entries are gone");
            if ended.status.success() && !of_import {
                assert!(after.len() > before.len(), "{order}: acknowledged, and not there");
            }
            if !after.is_empty() {
                run(home, &["journal", text(&case), "--verify"]);
            }
            let again = output(home, arguments);
            let already = String::from_utf8_lossy(&again.stderr).contains("already");
            assert!(again.status.success() || already, "{order}, again: {}", said(&again));
            assert_eq!(setting.leads_of(&case), setting.leads, "{order}");
        }
    }
}
