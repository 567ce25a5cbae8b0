//! The fuzzed functions of `fuzz/`, over seeds that are changed and over bytes at random.
//!
//! A few cases each in the usual run, the same on every machine; `STILLHUNT_FUZZ_SECONDS` gives a time
//! instead. Where libFuzzer is to be had, `fuzz/run` goes deeper.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

#[path = "../fuzz/src/lib.rs"]
mod fuzzed;

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Log files from outside; not part of the repository.
fn imports() -> PathBuf {
    let imports = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/imports");
    if !imports.is_dir() {
        println!("{} is not there: seeds are only what the program writes itself", imports.display());
    }
    imports
}

/// A change of a seed: overwrites, inserts or cuts at a place (a share of its length).
#[derive(Clone, Debug)]
enum Change {
    Overwrite(f64, Vec<u8>),
    Insert(f64, Vec<u8>),
    Cut(f64, usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |share: &f64| (bytes.len() as f64 * share) as usize;
        match self {
            Self::Overwrite(share, new) => {
                let at = place(share);
                let end = (at + new.len()).min(bytes.len());
                bytes[at..end].copy_from_slice(&new[..end - at]);
            }
            Self::Insert(share, new) => {
                let at = place(share);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Cut(share, count) => {
                let at = place(share);
                bytes.drain(at..(at + count).min(bytes.len()));
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let some = || prop::collection::vec(any::<u8>(), 1..9);
    prop_oneof![
        3 => (0.0..1.0, some()).prop_map(|(at, new)| Change::Overwrite(at, new)),
        1 => (0.0..1.0, some()).prop_map(|(at, new)| Change::Insert(at, new)),
        1 => (0.0..1.0, 1_usize..200).prop_map(|(at, count)| Change::Cut(at, count)),
    ]
}

fn changed(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let seeds = if seeds.is_empty() { vec![Vec::new()] } else { seeds };
    let of_seeds = (prop::sample::select(seeds), prop::collection::vec(change(), 0..4)).prop_map(
        |(mut bytes, changes)| {
            changes.iter().for_each(|change| change.apply(&mut bytes));
            bytes
        },
    );
    prop_oneof![4 => of_seeds, 1 => prop::collection::vec(any::<u8>(), 0..3_000)]
}

/// Seconds of the usual search, which ends with its cases or its time, whichever comes first.
const SECONDS: u64 = 3;
/// Processor time that one case may take. Time on the clock says little: on a machine busy with much
/// else, a case of a third of a second took more than a minute.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time on the clock after which a case is taken for stuck.
const STUCK: Duration = Duration::from_secs(600);

/// Processor time of this process so far; zero where the system does not say.
fn processor_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::from_secs(time.tv_sec.unsigned_abs()) + Duration::from_nanos(time.tv_nsec.unsigned_abs())
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

/// The outcome of a case: true if it is sound, `None` if it takes too long.
fn within_patience(outcome: &mpsc::Receiver<bool>) -> Option<bool> {
    let (began, used) = (Instant::now(), processor_time());
    loop {
        match outcome.recv_timeout(Duration::from_secs(1)) {
            Ok(sound) => return Some(sound),
            Err(_) if processor_time() - used > PATIENCE || began.elapsed() > STUCK => return None,
            Err(_) => {}
        }
    }
}

/// A number given by a variable of the environment.
fn given(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// Tries `most` cases of a target, always the same ones, or fewer if they take longer than
/// [`SECONDS`]; with `STILLHUNT_FUZZ_SECONDS`, as many as that time allows. A case that fails is kept
/// in a file as it is: to look for a smaller one takes as long as the target pleases.
fn fuzz(target: &str, most: u64) {
    let (_, function) = fuzzed::TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
    let (seconds, most) = match given("STILLHUNT_FUZZ_SECONDS") {
        Some(seconds) => (seconds, u64::MAX),
        None => (SECONDS, most),
    };
    let seed = given("STILLHUNT_FUZZ_SEED").unwrap_or(1);
    let seeds = fuzzed::seeds(target, &imports());
    let (strategy, count) = (changed(seeds.clone()), seeds.len());
    let mut number = [0; 32];
    number[..8].copy_from_slice(&u64::to_le_bytes(seed));
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &number);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let (cases, next) = mpsc::channel::<Vec<u8>>();
    let (done, outcome) = mpsc::channel();
    std::thread::spawn(move || {
        for bytes in next {
            let sound = panic::catch_unwind(|| function(&bytes)).is_ok();
            if done.send(sound).is_err() {
                break;
            }
        }
    });
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut tried = 0_u64;
    while tried < most && Instant::now() < until {
        let bytes = strategy.new_tree(&mut runner).unwrap().current();
        cases.send(bytes.clone()).unwrap();
        let fault = match within_patience(&outcome) {
            Some(true) => {
                tried += 1;
                continue;
            }
            Some(false) => "fails; the reason stands above".to_owned(),
            None => format!("takes more than {PATIENCE:?} of the processor, or is stuck"),
        };
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-{seed}-{tried}"));
        fs::write(&file, bytes).unwrap();
        let file = file.display();
        panic!(
            "case {tried} of STILLHUNT_FUZZ_SEED={seed} {fault}. Run it again: STILLHUNT_FUZZ_TARGET={target} \
             STILLHUNT_FUZZ_FILE={file} cargo test --features fail-points --test fuzz -- --ignored reproduce"
        );
    }
    println!("{target}: {tried} cases from {count} seeds, none of them wrong");
}

#[test]
fn a_bundle_from_an_adversary() {
    fuzz("bundle_verify", 20);
}

#[test]
fn text_from_an_adversary_in_every_output() {
    fuzz("hostile_outputs", 8);
}

#[test]
fn a_journal_from_outside() {
    fuzz("journal", 2000);
}

#[test]
fn a_mapping_from_outside() {
    fuzz("mapping_toml", 2000);
}

#[test]
fn damaged_parquet() {
    fuzz("parquet_bytes", 60);
}

#[test]
fn damaged_text() {
    fuzz("lines_bytes", 60);
}

#[test]
fn sound_parquet_of_any_columns() {
    fuzz("parquet_columns", 30);
}

#[test]
fn a_scope_from_outside() {
    fuzz("scope_json", 2000);
}

/// Writes the seeds where `fuzz/run` looks for them.
#[test]
#[ignore = "a step of fuzz/run"]
fn write_seeds() {
    for (target, _) in fuzzed::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        let seeds = fuzzed::seeds(target, &imports());
        println!("{target}: {} seeds", seeds.len());
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{at:04}")), seed).unwrap();
        }
    }
}

/// Runs one target once on the bytes of a file: a reproducer of `fuzz/run`.
#[test]
#[ignore = "needs STILLHUNT_FUZZ_TARGET and STILLHUNT_FUZZ_FILE"]
fn reproduce() {
    let target = std::env::var("STILLHUNT_FUZZ_TARGET").unwrap();
    let bytes = fs::read(std::env::var_os("STILLHUNT_FUZZ_FILE").unwrap()).unwrap();
    fuzzed::TARGETS.into_iter().find(|(name, _)| *name == target).unwrap().1(&bytes);
}
