//! Killed at any moment, a case opens again; what was acknowledged is there; nothing half-written
//! looks whole.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{dump, everything, output, run, said, small_case, small_logs, some_exchanges, stillhunt, text};

/// Moments at which each kind of work is killed.
const MOMENTS: u32 = 12;

/// Longer than any command here takes.
const NEVER: Duration = Duration::from_secs(600);

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
fn an_import_killed_at_any_moment_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let logs = small_logs(home);
    let whole = home.join("whole.stillhunt");
    let took = timed(|| drop(run(home, &["import", text(&whole), text(&logs)])));
    let expected = run(home, &["leads", text(&whole), "--accounts", "--format", "csv"]);
    for moment in 0..MOMENTS {
        let case = home.join(format!("killed-{moment}.stillhunt"));
        let arguments = ["import", text(&case), text(&logs)];
        let done = killed_after(home, &arguments, took * moment / (MOMENTS - 1));
        if case.join("case.sqlite").exists() {
            let journal = output(home, &["journal", text(&case), "--verify"]);
            let empty = String::from_utf8_lossy(&journal.stderr).contains("not a case");
            assert!(journal.status.success() || (empty && !done), "moment {moment}: {}", said(&journal));
        }
        // Either the import counts, and then all of it is there, or it does not, and then it can
        // be done as if it had never begun.
        let again = output(home, &arguments);
        let already = String::from_utf8_lossy(&again.stderr).contains("already");
        assert!(again.status.success() || already, "moment {moment}: {}", said(&again));
        let leads = run(home, &["leads", text(&case), "--accounts", "--format", "csv"]);
        assert_eq!(leads, expected, "moment {moment}");
        let left: Vec<String> = fs::read_dir(&case)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("building") || name.contains("next") || name.contains("text"))
            .collect();
        assert!(left.is_empty(), "moment {moment}: {left:?} was left behind");
    }
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

#[test]
fn what_tagging_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = small_case(home);
    let everything = everything(home);
    let exchanges = some_exchanges(home, &case, &everything, MOMENTS as usize + 1);
    let tag = |exchange: &str| -> Vec<String> {
        ["tag", text(&case), "--exchange", exchange, "--as", "context"].map(str::to_owned).to_vec()
    };
    let mut acknowledged = 1;
    let took = timed(|| {
        let arguments = tag(&exchanges[MOMENTS as usize]);
        run(home, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    });
    for moment in 0..MOMENTS {
        let arguments = tag(&exchanges[moment as usize]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // The last one is left to end: how long a tagging takes differs from run to run, and a test
        // in which none ever ends would have seen nothing acknowledged.
        let wait = if moment + 1 < MOMENTS { took * moment / (MOMENTS - 2) } else { NEVER };
        if killed_after(home, &arguments, wait) {
            acknowledged += 1;
        }
        run(home, &["journal", text(&case), "--verify"]);
        let journal = run(home, &["journal", text(&case), "--format", "csv"]);
        let tagged = journal.lines().filter(|line| line.contains("tagged context")).count();
        assert!(tagged >= acknowledged, "moment {moment}: {tagged} of {acknowledged} are there");
        acknowledged = tagged;
    }
    assert!(acknowledged > 1, "the tagging that was left to end is not in the journal");
}

#[test]
fn an_export_killed_at_any_moment_leaves_no_bundle_that_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let case = small_case(home);
    common::tag_and_export(home, &case);
    let out = home.join("killed");
    let arguments = ["export", text(&case), "--out", text(&out), "--audience", "production"];
    let took = timed(|| drop(run(home, &arguments)));
    for moment in 0..MOMENTS {
        killed_after(home, &arguments, took * moment / (MOMENTS - 1));
        run(home, &["journal", text(&case), "--verify"]);
        for entry in fs::read_dir(&out).unwrap() {
            let bag = entry.unwrap().path();
            let name = bag.file_name().unwrap().to_str().unwrap().to_owned();
            if name.contains("_PRODUCTION_v") && !name.starts_with('.') {
                run(home, &["verify", text(&bag)]);
            }
        }
    }
    run(home, &arguments);
}
