//! Steps: a folder that goes away, two programs at once, an old lock, an error at each step.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::common::kills::{copy_folder, journal_of, mark_and_export};
use crate::common::{output, run, said, stillhunt, text};
use crate::{Setting, assert_failed, tag};

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
    let until = Instant::now() + Duration::from_secs(300);
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
fn two_exports_into_one_folder_keep_out_of_each_others_way() {
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
        let second = second.wait().unwrap();
        // Versions are counted by a case's journal, so copies of one case may want the same name: then the later one
        // is refused, and says so.
        let written = usize::from(first.status.success()) + usize::from(second.success());
        assert!(written >= 1, "{point}: {}", said(&first));
        assert!(first.status.success() || said(&first).contains("is there already"), "{}", said(&first));
        let bags: Vec<PathBuf> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(bags.len(), before + written, "{point}: {bags:?}");
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
