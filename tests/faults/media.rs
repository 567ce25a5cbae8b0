//! Media: a full disk, failed and short writes, a medium that cannot be written.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::kills::{copy_folder, journal_of, mark_and_export};
use crate::common::{output, run, said, stillhunt, text};
use crate::{Disk, Setting, assert_failed, tag};

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
            // Its entry, and that of the opening before it.
            assert!(there > acknowledged, "{at}: acknowledged, and not in the journal");
            acknowledged = there;
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
    assert!(journal_of(&case).len() > acknowledged);
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
        // The opening is journaled before the bundle is written.
        let after = journal_of(&setting.case);
        assert!(
            after.starts_with(&journal) && after.len() <= journal.len() + 1,
            "{kib} KiB: the journal has a bundle that is not there"
        );
        disk.remount("size=60000k");
        run(home, &arguments);
    }
}

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
