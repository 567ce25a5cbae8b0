//! Kills: each kind of work on a case is killed at a fail point or at a random moment, and the
//! case is held to its promises afterwards.
//!
//! A process that is killed keeps what it has written to the operating system, so this tests the
//! order of steps, not the syncs; `tests/faults/torn.rs` tears what would not have been synced.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use stillhunt::model::Digest;

use super::tiny::tiny_logs;
use super::{dump, output, run, said, some_exchanges, stillhunt, text};

/// A kind of work, each with a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Files into a new case.
    Import,
    /// Further files into a case that has evidence.
    Extend,
    /// The text pass of an imported case.
    TextPass,
    /// Marking an exchange.
    Tag,
    /// Hundreds of decisions, undone and done again, in one process.
    Decide,
    /// A bundle, beside one that is there.
    Export,
    /// The cache anew from the snapshots, in a case that has evidence.
    Rebuild,
    /// A case of the first format brought up to date, on the way to marking an exchange.
    Migrate,
}

impl Work {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Import,
        Self::Extend,
        Self::TextPass,
        Self::Tag,
        Self::Decide,
        Self::Export,
        Self::Rebuild,
        Self::Migrate,
    ];
}

/// Moment of a kill.
#[derive(Clone, Debug)]
enum Strike {
    /// A passage of a fail point, from 1.
    Point(String, u64),
    /// A time after the start.
    After(Duration),
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(name, passage) => write!(f, "at {name}, passage {passage}"),
            Self::After(wait) => write!(f, "after {} ms", wait.as_millis()),
        }
    }
}

/// Cases at which work begins, and what is to come of it.
pub struct Bench {
    folder: tempfile::TempDir,
    logs: [PathBuf; 2],
    /// One snapshot, text pass ended, nothing marked.
    plain: PathBuf,
    /// As `plain`, with a scope and exchanges marked and one bundle written to `out` inside it.
    marked: PathBuf,
    /// As `marked`, its cache without the text pass.
    without_topics: PathBuf,
    exchanges: Vec<String>,
    /// Accounts as `leads` prints them, by number of snapshots: without and with the text pass.
    leads: BTreeMap<usize, [String; 2]>,
    /// The whole cache, by number of snapshots.
    caches: BTreeMap<usize, Vec<String>>,
}

impl Bench {
    /// Makes the cases.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        let logs = [7, 8].map(|seed| tiny_logs(home, seed));
        let (plain, marked, both) = (home.join("plain"), home.join("marked"), home.join("both"));
        run(home, &["import", text(&plain), text(&logs[0])]);
        copy_folder(&plain, &marked);
        mark_and_export(home, &marked);
        copy_folder(&plain, &both);
        run(home, &["import", text(&both), text(&logs[1])]);
        let everything = home.join("all.json");
        fs::write(&everything, "{}").unwrap();
        let exchanges = some_exchanges(home, &plain, &everything, 40);
        let mut bench = Self {
            without_topics: home.join("without-topics"),
            exchanges,
            leads: BTreeMap::new(),
            caches: BTreeMap::new(),
            logs,
            plain,
            marked,
            folder,
        };
        bench.expect(1, &bench.plain.clone());
        bench.expect(2, &both);
        copy_folder(&bench.marked, &bench.without_topics);
        fs::remove_file(bench.without_topics.join("cache.sqlite")).unwrap();
        bench.leads_of(&bench.without_topics);
        bench
    }

    /// Notes what a finished case of so many snapshots shows.
    fn expect(&mut self, snapshots: usize, case: &Path) {
        self.caches.insert(snapshots, dump(&case.join("cache.sqlite")));
        let with = self.leads_of(case);
        let bare = self.home().join(format!("bare-{snapshots}"));
        copy_folder(case, &bare);
        fs::remove_file(bare.join("cache.sqlite")).unwrap();
        self.leads.insert(snapshots, [self.leads_of(&bare), with]);
    }

    fn home(&self) -> &Path {
        self.folder.path()
    }

    fn leads_of(&self, case: &Path) -> String {
        run(self.home(), &["leads", text(case), "--accounts", "--format", "csv"])
    }

    /// Kills work so many times. Prints seed and moment of every kill.
    pub fn kill(&self, work: Work, kills: u64, seed: u64) {
        let case = self.home().join(format!("killed-{work:?}"));
        self.prepare(work, &case);
        let log = self.home().join(format!("passed-{work:?}"));
        let began = Instant::now();
        let whole = self.command(work, &case, 0).env("STILLHUNT_FAIL_LOG", &log).output().unwrap();
        let took = began.elapsed();
        assert!(whole.status.success(), "{work:?}: {}", said(&whole));
        let mut points: BTreeMap<String, u64> = BTreeMap::new();
        for point in fs::read_to_string(&log).unwrap_or_default().lines() {
            *points.entry(point.to_owned()).or_default() += 1;
        }
        assert!(
            !points.is_empty() || !cfg!(feature = "fail-points"),
            "{work:?} passes no fail point in the program under test"
        );
        println!("{work:?}: {took:?}, {} fail points: {points:?}", points.len());
        let mut points: Vec<(String, u64)> = points.into_iter().collect();
        points.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        for at in 0..kills {
            let seed = seed.wrapping_add(at);
            let mut draw = ChaCha8Rng::seed_from_u64(seed);
            // Two of three at a fail point: each has its turn, at a random passage.
            let turn = (at / 3 * 2 + at % 3) as usize;
            let strike = match points.get(turn % points.len().max(1)) {
                Some((name, passages)) if at % 3 != 2 => {
                    Strike::Point(name.clone(), draw.random_range(1..=*passages))
                }
                _ => Strike::After(took.mul_f64(draw.random_range(0.0..1.05))),
            };
            println!("{work:?}, seed {seed}: killed {strike}");
            self.prepare(work, &case);
            self.kill_once(work, &case, at as usize, &strike, &format!("{work:?}, seed {seed}, {strike}"));
        }
    }

    fn kill_once(&self, work: Work, case: &Path, at: usize, strike: &Strike, what: &str) {
        let before = journal_of(case);
        let printed = self.home().join(format!("printed-{work:?}"));
        let mut command = self.command(work, case, at);
        command.stdout(File::create(&printed).unwrap()).stderr(Stdio::null());
        let done = run_and_kill(command, strike);
        let printed = fs::read_to_string(&printed).unwrap();
        let after = journal_of(case);
        assert!(after.starts_with(&before), "{what}: entries that were there are gone or altered");
        for hash in printed.lines().filter_map(|line| line.strip_prefix("acknowledged ")) {
            assert!(after.iter().any(|entry| entry == hash), "{what}: acknowledged entry {hash} is gone");
        }
        let journals = matches!(work, Work::Import | Work::Extend | Work::Tag | Work::Export | Work::Migrate);
        let acknowledged = done || (work != Work::Decide && !printed.trim().is_empty());
        if journals && acknowledged {
            assert!(after.len() > before.len(), "{what}: acknowledged, and not in the journal: {printed}");
        }
        self.check(case, &after, what);
        self.finish(work, case, at, what);
    }

    /// All that has to hold whatever was killed, before anything is mended.
    fn check(&self, case: &Path, journal: &[String], what: &str) {
        check_sealed_copies(case, what);
        if journal.is_empty() {
            return;
        }
        let listed = output(self.home(), &["journal", text(case), "--verify"]);
        assert!(listed.status.success(), "{what}: {}", said(&listed));
        let snapshots = snapshots_of(case);
        if let Some(allowed) = self.leads.get(&snapshots) {
            let leads = output(self.home(), &["leads", text(case), "--accounts", "--format", "csv"]);
            assert!(leads.status.success(), "{what}: {}", said(&leads));
            let leads = String::from_utf8(leads.stdout).unwrap();
            assert!(allowed.contains(&leads), "{what}: leads of {snapshots} snapshots differ:\n{leads}");
        }
        for bag in bags_of(case) {
            let verified = output(self.home(), &["verify", text(&bag)]);
            let faults = String::from_utf8_lossy(&verified.stdout).into_owned();
            assert!(
                verified.status.success(),
                "{what}: {} is not whole: {} {faults}",
                bag.display(),
                said(&verified)
            );
        }
    }

    /// Does the work again to its end: as if nothing had happened, and nothing left behind.
    fn finish(&self, work: Work, case: &Path, at: usize, what: &str) {
        let again = self.command(work, case, at).output().unwrap();
        let already = String::from_utf8_lossy(&again.stderr).contains("already");
        assert!(again.status.success() || already, "{what}, again: {}", said(&again));
        run(self.home(), &["import", text(case)]);
        let journal = journal_of(case);
        self.check(case, &journal, &format!("{what}, again"));
        let snapshots = snapshots_of(case);
        let expected = if work == Work::Extend { 2 } else { 1 };
        assert_eq!(snapshots, expected, "{what}, again: snapshots in the journal");
        assert_eq!(self.leads_of(case), self.leads[&snapshots][1], "{what}, again");
        assert!(
            dump(&case.join("cache.sqlite")) == self.caches[&snapshots],
            "{what}, again: the cache differs from one that was never interrupted"
        );
        let left = leftovers(case);
        assert!(left.is_empty(), "{what}, again: {left:?} was left behind");
    }

    /// Puts a case in place as it is when the work begins.
    fn prepare(&self, work: Work, case: &Path) {
        if case.exists() {
            fs::remove_dir_all(case).unwrap();
        }
        let from = match work {
            Work::Import => return,
            Work::Extend | Work::Export | Work::Rebuild => &self.marked,
            Work::TextPass => &self.without_topics,
            Work::Tag | Work::Decide | Work::Migrate => &self.plain,
        };
        copy_folder(from, case);
        match work {
            Work::Rebuild => fs::remove_file(case.join("cache.sqlite")).unwrap(),
            Work::Migrate => make_first_format(case),
            _ => {}
        }
    }

    fn command(&self, work: Work, case: &Path, at: usize) -> Command {
        let mut command = stillhunt(self.home());
        let out = case.join("out");
        let arguments: Vec<&str> = match work {
            Work::Import => vec!["import", text(case), text(&self.logs[0])],
            Work::Extend => vec!["import", text(case), text(&self.logs[1])],
            Work::TextPass => vec!["import", text(case)],
            Work::Tag | Work::Migrate => {
                let exchange = &self.exchanges[at % self.exchanges.len()];
                vec!["tag", text(case), "--exchange", exchange, "--as", "context"]
            }
            Work::Export => vec!["export", text(case), "--out", text(&out), "--audience", "production"],
            Work::Rebuild => vec!["leads", text(case)],
            Work::Decide => {
                command = Command::new(std::env::current_exe().unwrap());
                command.env("STILLHUNT_CHILD_CASE", case).stdin(Stdio::null());
                vec!["--exact", "decisions_of_a_child", "--ignored", "--nocapture"]
            }
        };
        command.args(arguments);
        command
    }
}

/// Runs a command and kills it at a moment. True when it had ended by itself, well.
fn run_and_kill(mut command: Command, strike: &Strike) -> bool {
    let until = match strike {
        Strike::Point(name, passage) => {
            command.env("STILLHUNT_FAIL_POINT", format!("{name} {passage} kill"));
            None
        }
        Strike::After(wait) => Some(Instant::now() + *wait),
    };
    let mut child = command.spawn().unwrap();
    while until.is_none_or(|until| Instant::now() < until) {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    // SIGKILL on Unix: no handler runs.
    child.kill().unwrap();
    child.wait().unwrap().success()
}

/// Hashes of the journal's entries, read from a copy by SQLite alone: the program under test has
/// no part in it, and the original stays as it was left. Empty where no case was acknowledged.
pub fn journal_of(case: &Path) -> Vec<String> {
    let copy = tempfile::tempdir().unwrap();
    for name in ["case.sqlite", "case.sqlite-wal"] {
        if case.join(name).exists() {
            fs::copy(case.join(name), copy.path().join(name)).unwrap();
        }
    }
    if !copy.path().join("case.sqlite").exists() {
        return Vec::new();
    }
    let connection = rusqlite::Connection::open(copy.path().join("case.sqlite")).unwrap();
    let Ok(mut rows) = connection.prepare("SELECT hash FROM journal ORDER BY seq") else { return Vec::new() };
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Number of snapshots that the journal has.
fn snapshots_of(case: &Path) -> usize {
    let copy = tempfile::tempdir().unwrap();
    for name in ["case.sqlite", "case.sqlite-wal"] {
        if case.join(name).exists() {
            fs::copy(case.join(name), copy.path().join(name)).unwrap();
        }
    }
    let connection = rusqlite::Connection::open(copy.path().join("case.sqlite")).unwrap();
    let count = "SELECT COUNT(*) FROM journal WHERE action = 'snapshot_added'";
    connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap_or(0) as usize
}

/// Takes from a case what later formats added to the first one.
fn make_first_format(case: &Path) {
    let connection = rusqlite::Connection::open(case.join("case.sqlite")).unwrap();
    let tables = "DROP TABLE record_copies; DROP TABLE record_schemas; PRAGMA user_version = 1;";
    connection.execute_batch(tables).unwrap();
}

/// A folder under `snapshots/` with a SHA-256 for a name holds files of that SHA-256, all of them.
fn check_sealed_copies(case: &Path, what: &str) {
    let Ok(entries) = fs::read_dir(case.join("snapshots")) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let Ok(digest) = name.parse::<Digest>() else {
            assert!(name.starts_with('.'), "{what}: snapshots/{name} is no snapshot");
            continue;
        };
        let lines: String = super::files_under(&entry.path())
            .iter()
            .map(|file| {
                let bytes = fs::read(entry.path().join(file)).unwrap();
                format!("{}  {}\n", Digest::of(&bytes), text(file))
            })
            .collect();
        assert_eq!(Digest::of(lines.as_bytes()), digest, "{what}: the sealed copy is not whole");
    }
}

/// Folders beside the case's own files that are named as bundles are.
fn bags_of(case: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(case.join("out")) else { return Vec::new() };
    let bags = entries.map(|entry| entry.unwrap().path());
    bags.filter(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.')).collect()
}

/// Temporary files in a case, which only unfinished work may leave.
fn leftovers(case: &Path) -> Vec<PathBuf> {
    let parts = |path: &PathBuf| {
        path.components().any(|part| {
            let part = part.as_os_str().to_string_lossy().into_owned();
            part.starts_with(".incoming") || part.starts_with(".stillhunt")
        }) || path.to_string_lossy().contains("cache.sqlite-journal")
            || ["building", "next", "cache.text"].iter().any(|word| path.to_string_lossy().contains(word))
    };
    super::files_under(case).into_iter().filter(parts).collect()
}

/// Marks five accounts as one scope and three exchanges, and writes a PRODUCTION bundle to `out`
/// in the case's folder; gives the bundle's.
pub fn mark_and_export(home: &Path, case: &Path) -> PathBuf {
    let scope = home.join("five.json");
    let ids: Vec<String> = (0..5).map(|account| format!("acct_7_{account:02}")).collect();
    fs::write(&scope, serde_json::json!({"accounts": {"label": "five", "ids": ids}}).to_string()).unwrap();
    run(home, &["tag", text(case), "--scope", text(&scope), "--as", "relied-on", "--note", "one card"]);
    for exchange in some_exchanges(home, case, &scope, 3) {
        run(home, &["tag", text(case), "--exchange", &exchange, "--as", "relied-on", "--note", "an example"]);
    }
    let out = case.join("out");
    run(home, &["export", text(case), "--out", text(&out), "--audience", "production"]);
    fs::read_dir(&out).unwrap().next().unwrap().unwrap().path()
}

/// A folder with all in it, rights included.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
