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

#[path = "../common/mod.rs"]
mod common;
mod media;
mod steps;
mod torn;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::kills::copy_folder;
use common::tiny::tiny_logs;
use common::{run, said, some_exchanges, text};

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
