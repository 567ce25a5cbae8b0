//! Log of the program's work and of its failures, in the user's state folder.
//!
//! No content of a snapshot reaches it. Only this file names `tracing`, events take numbers and
//! the names of files that the investigator chose for a case, and an error is logged by its kind
//! and never by its sentence, which may quote a cell. Events of other crates are not kept: some
//! contain text of the screen.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::files;

/// Bytes of one log file.
const LIMIT: u64 = 1 << 20;
/// Files kept: the one that is written to, and those before it.
const MAX_FILES: u32 = 4;

/// The folder of the log: `$XDG_STATE_HOME/stillhunt`, else the platform's own. `None` where there
/// is no home either.
pub fn log_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || set("HOME");
    let state = match set("XDG_STATE_HOME") {
        Some(state) => state,
        None if cfg!(target_os = "macos") => home()?.join("Library/Logs"),
        None if cfg!(windows) => set("LOCALAPPDATA")?,
        None => home()?.join(".local/state"),
    };
    Some(state.join("stillhunt"))
}

/// Starts the log of this process. Without a folder that can be written there is none: the log
/// stops no work.
pub fn start_log() {
    let Some(rolling) = log_folder().and_then(|folder| Rolling::open(&folder, LIMIT, MAX_FILES).ok()) else {
        return;
    };
    if subscriber(rolling).try_init().is_err() {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // The message may quote a cell; the place says enough.
        if let Some(place) = panic.location() {
            error!(file = place.file(), line = place.line(), "panic");
        }
        before(panic);
    }));
    info!(version = env!("CARGO_PKG_VERSION"), process = std::process::id(), "started");
}

fn subscriber(rolling: Rolling) -> impl tracing::Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(rolling));
    let own = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::INFO);
    tracing_subscriber::registry().with(lines).with(own)
}

/// Logs that a command or a piece of work failed.
pub fn log_failure(what: &'static str, failure: &anyhow::Error) {
    error!(what, kind = kinds(failure), "failed");
}

/// Piece of work on a case, logged with its duration when it ends.
pub(super) struct Logged<'a> {
    what: &'static str,
    case: &'a Path,
    began: Instant,
}

impl<'a> Logged<'a> {
    pub(super) fn begin(what: &'static str, case: &'a Path) -> Self {
        info!(what, ?case, "begun");
        Self { what, case, began: Instant::now() }
    }

    /// Logs the end: the numbers of a case that is open now, or the kind of failure.
    pub(super) fn end<T>(self, result: &anyhow::Result<T>, numbers: impl FnOnce(&T) -> Numbers) {
        let Self { what, case, began } = self;
        let ms = began.elapsed().as_millis();
        match result {
            Ok(done) => {
                let Numbers { rows, exchanges, accounts, leads } = numbers(done);
                info!(what, ?case, ms, rows, exchanges, accounts, leads, "done");
            }
            Err(failure) => error!(what, ?case, ms, kind = kinds(failure), "failed"),
        }
    }
}

/// Numbers of a case.
pub(super) struct Numbers {
    pub rows: u64,
    pub exchanges: u64,
    pub accounts: usize,
    pub leads: usize,
}

/// Logs that a cache is built again, and the kind of reason.
pub(super) fn log_rebuild(case: &Path, reason: &(dyn std::error::Error + 'static)) {
    warn!(?case, reason = kind_chain(Some(reason)), "the cache is built again");
}

/// Logs how many values could not be read.
pub(super) fn log_unreadable(case: &Path, what: &'static str, places: usize) {
    if places > 0 {
        warn!(?case, what, places, "values could not be read");
    }
}

/// Kinds of an error and its causes, from outside in: `Damaged`, `NotFound`.
fn kinds(failure: &anyhow::Error) -> String {
    kind_chain(failure.chain().next())
}

fn kind_chain(failure: Option<&(dyn std::error::Error + 'static)>) -> String {
    let chain = std::iter::successors(failure, |error| error.source());
    chain.map(kind).filter(|kind| !kind.is_empty()).collect::<Vec<_>>().join(" < ")
}

/// Kind of one error: the name of its variant, which stands before anything it holds.
fn kind(failure: &(dyn std::error::Error + 'static)) -> String {
    /// Takes a name and stops at the first character that can be in none.
    struct Name(String);

    impl fmt::Write for Name {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            for c in text.chars() {
                if !c.is_ascii_alphanumeric() && c != '_' {
                    return Err(fmt::Error);
                }
                self.0.push(c);
            }
            Ok(())
        }
    }

    if let Some(failure) = failure.downcast_ref::<io::Error>() {
        return format!("{:?}", failure.kind());
    }
    let mut name = Name(String::new());
    // An error here means that the name has ended.
    let _ = write!(name, "{failure:?}");
    name.0
}

/// Log file that is renamed when it is full; the oldest one goes.
struct Rolling {
    path: PathBuf,
    limit: u64,
    kept: u32,
    file: File,
}

impl Rolling {
    fn open(folder: &Path, limit: u64, kept: u32) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join("stillhunt.log");
        Ok(Self { file: append_to(&path)?, path, limit, kept })
    }

    /// `stillhunt.log`, then `stillhunt.1.log` for the one before it.
    fn path_of(&self, n: u32) -> PathBuf {
        if n == 0 { self.path.clone() } else { self.path.with_extension(format!("{n}.log")) }
    }

    fn roll(&mut self) -> io::Result<()> {
        // Another process may have renamed the file that is open here.
        let is_full = fs::metadata(&self.path).is_ok_and(|about| about.len() >= self.limit);
        if is_full {
            for n in (1..self.kept).rev() {
                let _ = files::rename(&self.path_of(n - 1), &self.path_of(n));
            }
        }
        self.file = append_to(&self.path)?;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Write for Rolling {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.file.metadata()?.len() >= self.limit {
            self.roll()?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Access;
    use crate::jobs::{ImportRequest, import, memory_of_machine, open};
    use crate::model::Silent;
    use crate::snapshot::fixture::{texts, times, write};
    use crate::snapshot::{Mapping, Sealing};

    fn read(folder: &Path) -> String {
        fs::read_to_string(folder.join("stillhunt.log")).unwrap()
    }

    #[test]
    fn the_log_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let mut rolling = Rolling::open(folder.path(), 100, 3).unwrap();
        for n in 0..100 {
            rolling.write_all(format!("line {n:04}\n").as_bytes()).unwrap();
        }
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["stillhunt.1.log", "stillhunt.2.log", "stillhunt.log"]);
        let bytes: u64 = names.iter().map(|name| fs::metadata(folder.path().join(name)).unwrap().len()).sum();
        assert!(bytes <= 3 * 110, "{bytes}");
        assert!(read(folder.path()).ends_with("line 0099\n"));
    }

    #[test]
    fn no_content_of_a_snapshot_reaches_the_log() {
        const HOSTILE: &str = "HOSTILE\u{202e}\n2026-01-01 INFO forged";
        let folder = tempfile::tempdir().unwrap();
        let rolling = Rolling::open(&folder.path().join("state"), LIMIT, MAX_FILES).unwrap();
        let _log = subscriber(rolling).set_default();
        let hostile = |n: usize| {
            let cells: Vec<String> = (0..70).map(|i| format!("{HOSTILE} {}", i % n)).collect();
            texts(&cells.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let columns = |ts| {
            vec![
                ("ts", ts),
                ("account_id", hostile(9)),
                ("request_id", hostile(3)),
                ("ip", hostile(7)),
                ("user_agent", hostile(2)),
                ("prompt_text", hostile(70)),
                ("HOSTILE column", hostile(1)),
            ]
        };
        write(&folder.path().join("logs/HOSTILE.parquet"), columns(times(70)));
        write(&folder.path().join("bad/HOSTILE.parquet"), columns(texts(&["HOSTILE"; 70])));
        let request = |logs: &str| ImportRequest {
            case_dir: folder.path().join("c.stillhunt"),
            paths: vec![folder.path().join(logs)],
            mapping: None,
            sealing: Sealing::Copy,
            memory: memory_of_machine(),
            leave_out: Vec::new(),
            accept_set_aside: false,
        };
        let session = import(&request("logs"), &Silent).unwrap();
        let session = session.finish_text(&Silent).unwrap();
        drop(session);
        let failure = import(&request("bad"), &Silent).err();
        let mut unknown = request("bad");
        unknown.mapping = Some(Mapping::from_toml("ts = \"HOSTILE\"\naccount_id = \"HOSTILE\"").unwrap());
        let failures = [failure, import(&unknown, &Silent).err()];
        for failure in failures.into_iter().flatten() {
            assert!(format!("{failure:#}").contains("HOSTILE"), "{failure:#}");
            log_failure("test", &failure);
        }
        fs::write(folder.path().join("c.stillhunt/cache.sqlite"), "no database, but long enough to be one")
            .unwrap();
        drop(open(&folder.path().join("c.stillhunt"), Access::Write, &Silent).unwrap());
        tracing::info!(target: "accesskit", "HOSTILE");
        let log = read(&folder.path().join("state"));
        assert!(!log.contains("HOSTILE") && !log.contains("forged"), "{log}");
        for event in
            ["import", "failed", "MissingColumn", "the cache is built again", "NotOpened", "exchanges=70"]
        {
            assert!(log.contains(event), "{event}: {log}");
        }
    }
}
