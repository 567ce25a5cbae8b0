//! Killed at any moment, a case opens again; what was acknowledged is there; nothing half-written
//! looks whole.
//!
//! Sixty kills in the usual run, split over the kinds of work; as many as wanted with
//! `benches/kill.sh`. With the feature `fail-points` two kills of three are at fail points of the
//! program (before and after its writes, syncs and renames), the third at a random moment; without
//! it all are at random moments.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::kills::{Bench, Work};
use common::{dump, run, small_logs, stillhunt, text};
use stillhunt::case::{Access, Action, Case};

/// Seed of the kills where `STILLHUNT_KILL_SEED` names no other.
const SEED: u64 = 20_260_426;

/// Decisions of the process that is killed while it takes them.
const DECISIONS: usize = 400;

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

fn kill(works: &[Work], each: u64) {
    let bench = Bench::new();
    for work in works {
        bench.kill(*work, each, number_of("STILLHUNT_KILL_SEED").unwrap_or(SEED));
    }
}

#[test]
fn an_import_killed_at_any_moment_can_be_done_again() {
    kill(&[Work::Import], 9);
}

#[test]
fn a_case_that_was_to_get_another_snapshot_keeps_what_it_has() {
    kill(&[Work::Extend], 9);
}

#[test]
fn a_text_pass_and_a_new_cache_killed_at_any_moment_come_out_the_same() {
    kill(&[Work::TextPass, Work::Rebuild], 7);
}

#[test]
fn decisions_that_were_acknowledged_survive_a_kill() {
    kill(&[Work::Tag, Work::Decide], 9);
}

#[test]
fn a_case_of_an_older_format_is_brought_up_to_date_whole_or_not_at_all() {
    kill(&[Work::Migrate], 6);
}

#[test]
fn an_export_killed_at_any_moment_leaves_no_bundle_that_is_not_whole() {
    kill(&[Work::Export], 10);
}

#[test]
#[ignore = "takes long: benches/kill.sh"]
fn a_thousand_kills() {
    let kills = number_of("STILLHUNT_KILLS").unwrap_or(1_000);
    kill(&Work::ALL, kills.div_ceil(Work::ALL.len() as u64));
}

/// Takes decisions in the case named by `STILLHUNT_CHILD_CASE` and prints the hash of each entry
/// once it is acknowledged.
#[test]
#[ignore = "the process that other tests start and kill"]
fn decisions_of_a_child() {
    let Some(dir) = std::env::var_os("STILLHUNT_CHILD_CASE") else { return };
    let mut case = Case::open(Path::new(&dir), Access::Write).unwrap();
    let mut out = std::io::stdout();
    for at in 0..DECISIONS {
        match at % 4 {
            2 => drop(case.undo().unwrap()),
            3 => drop(case.redo().unwrap()),
            _ => {
                let value = format!("{at} {}", "a long statement ".repeat(at % 90));
                case.record(Action::SettingChanged { key: "clock_statement".into(), value }).unwrap();
            }
        }
        // Not `println!`: the line has to be out of the process when the next decision begins.
        writeln!(out, "acknowledged {}", case.state().journal.last().unwrap().hash).unwrap();
        out.flush().unwrap();
    }
}

/// Runs a command and kills it after a while. True when it had ended by itself, well.
fn killed_after(home: &Path, arguments: &[&str], wait: Duration) -> bool {
    let mut child =
        stillhunt(home).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + wait;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL on Unix: no handler runs.
    child.kill().unwrap();
    child.wait().unwrap().success()
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

#[test]
fn a_text_pass_killed_again_and_again_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let logs = small_logs(home);
    let case = home.join("c.stillhunt");
    let took = timed(|| drop(run(home, &["import", text(&case), text(&logs)])));
    let expected = dump(&case.join("cache.sqlite"));
    let leads = run(home, &["leads", text(&case), "--accounts", "--format", "csv"]);
    fs::remove_file(case.join("cache.sqlite")).unwrap();
    // Accounts, links and a first ranking; the text pass is left to do.
    assert_ne!(run(home, &["leads", text(&case), "--accounts", "--format", "csv"]), leads);
    let finish = ["import", text(&case)];
    let (mut kills, mut wait) = (0, took / 20);
    while !killed_after(home, &finish, wait) {
        kills += 1;
        // A longer time each, or a slow machine would never come past the fitting of the model.
        wait = wait * 3 / 2;
        run(home, &["leads", text(&case)]);
        run(home, &["journal", text(&case), "--verify"]);
    }
    assert!(kills > 2, "{kills}");
    assert!(dump(&case.join("cache.sqlite")) == expected, "the cache differs after {kills} kills");
    assert_eq!(run(home, &["leads", text(&case), "--accounts", "--format", "csv"]), leads);
    assert!(!case.join("cache.text.sqlite").exists());
}
