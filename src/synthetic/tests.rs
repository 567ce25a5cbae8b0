use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::model::{Progress, Silent};

/// The plan of a line of options, as the command has them.
fn plan(line: &str) -> Result<Plan, Box<dyn std::error::Error>> {
    let mut options = Options {
        accounts: 1_500,
        exchanges: 100_000,
        days: 44,
        start: jiff::civil::date(2026, 4, 22),
        campaigns: Vec::new(),
        embeddings: 0,
        seed: 1,
    };
    let mut words = line.split_whitespace();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        match name {
            "--accounts" => options.accounts = value.parse()?,
            "--exchanges" => options.exchanges = value.parse()?,
            "--days" => options.days = value.parse()?,
            "--start" => options.start = value.parse()?,
            "--campaign" => options.campaigns.push(value.parse()?),
            "--embeddings" => options.embeddings = value.parse()?,
            "--seed" => options.seed = value.parse()?,
            other => panic!("no option {other}"),
        }
    }
    Ok(Plan::new(&options)?)
}

const SMALL: &str = "--accounts 300 --exchanges 4000 --days 9 --embeddings 4 --campaign broad --campaign \
                     narrow:accounts=9,exchanges=500,start=3,ips=disjoint,cards=1,dilution=0.25,timing=human";

/// The files that a plan gives, by name.
fn files(line: &str, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| generate(&plan(line).unwrap(), folder.path(), &Silent)).unwrap();
    read(folder.path())
}

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("README.md"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect()
}

fn rows_of(file: &[u8]) -> i64 {
    let file = bytes_of(file);
    parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .metadata()
        .file_metadata()
        .num_rows()
}

fn bytes_of(file: &[u8]) -> fs::File {
    use std::io::Write;
    let mut copy = tempfile::tempfile().unwrap();
    copy.write_all(file).unwrap();
    copy
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_one_thread_and_two_and_another_seed_others() {
    let one = files(SMALL, 1);
    assert_eq!(one, files(SMALL, 2));
    let other = files(&format!("{SMALL} --seed 2"), 2);
    assert!(one.iter().all(|(name, bytes)| other[name] != *bytes));
}

#[test]
fn counts_are_exact_and_the_truth_adds_up() {
    let files = files(SMALL, 2);
    assert_eq!(files.len(), 10);
    let parquet = files.iter().filter(|(name, _)| name.ends_with(".parquet"));
    assert_eq!(parquet.map(|(_, bytes)| rows_of(bytes)).sum::<i64>(), 4_000);
    let mut truth = csv::Reader::from_reader(&files["truth.csv"][..]);
    let (mut accounts, mut exchanges, mut campaign, mut extraction) = (0, 0, BTreeMap::new(), 0.0);
    for record in truth.records().map(Result::unwrap) {
        let count: u64 = record[4].parse().unwrap();
        assert!(count > 0);
        accounts += 1;
        exchanges += count;
        if &record[2] == "1" {
            *campaign.entry(record[3].to_owned()).or_insert(0) += count;
            extraction += record[5].parse::<f64>().unwrap() * count as f64;
        } else {
            assert_eq!(&record[5], "0.0000");
        }
    }
    assert_eq!((accounts, exchanges), (300, 4_000));
    assert_eq!(campaign, BTreeMap::from([("campaign-1".to_owned(), 280), ("campaign-2".to_owned(), 500)]));
    let expected = 280.0 * 0.9 + 500.0 * 0.75;
    assert!((extraction - expected).abs() < 60.0, "{extraction} of {expected}");
}

#[test]
fn without_a_campaign_there_is_none_and_every_day_has_a_file() {
    let files = files("--accounts 40 --exchanges 60 --days 12", 2);
    assert_eq!(files.len(), 13);
    assert!(!String::from_utf8_lossy(&files["truth.csv"]).contains("campaign-"));
}

#[test]
fn contradicting_options_are_refused() {
    for (line, word) in [
        ("--accounts 10 --exchanges 9", "as many exchanges"),
        ("--accounts 10 --campaign broad:accounts=11", "of 10 in all"),
        ("--exchanges 9000 --campaign broad:exchanges=9001", "of 9000 in all"),
        ("--campaign broad:accounts=50,exchanges=49", "needs as many"),
        ("--accounts 60 --campaign broad:accounts=60", "left over"),
        ("--campaign wide", "profile is"),
    ] {
        assert!(plan(line).unwrap_err().to_string().contains(word), "{line}");
    }
}

#[test]
fn prompts_are_as_long_as_in_real_logs_and_mostly_distinct_and_look_alikes_can_be_measured() {
    let line = "--accounts 1500 --exchanges 60000 --days 20 --campaign broad:care=careful,language=zh";
    let files = files(line, 2);
    let (mut prompts, mut all) = (std::collections::BTreeSet::new(), Vec::new());
    let mut chinese = 0;
    for bytes in files.iter().filter(|(name, _)| name.ends_with(".parquet")).map(|(_, bytes)| bytes) {
        for text in prompts_of(bytes) {
            all.push(text.chars().count());
            chinese += usize::from(text.contains('，') || text.contains('。'));
            prompts.insert(text);
        }
    }
    all.sort_unstable();
    let at = |share: f64| all[(share * (all.len() - 1) as f64) as usize];
    assert!((150..400).contains(&at(0.5)), "median {}", at(0.5));
    assert!(at(0.99) > 1_500 && at(1.0) <= 21_000, "{} {}", at(0.99), at(1.0));
    assert!(prompts.len() as f64 > 0.85 * all.len() as f64, "{} of {}", prompts.len(), all.len());
    // The campaign has 7 %, three quarters of it its task.
    assert!(chinese > 3_000, "{chinese} in Chinese");

    let mut truth = csv::Reader::from_reader(&files["truth.csv"][..]);
    let (mut kinds, mut fewest) = (std::collections::BTreeSet::new(), u64::MAX);
    for record in truth.records().map(Result::unwrap).filter(|record| &record[2] == "0") {
        kinds.insert(record[1].to_owned());
        if !record[3].is_empty() {
            fewest = fewest.min(record[4].parse().unwrap());
        }
    }
    assert_eq!(kinds.len(), 30);
    assert!(fewest >= 30, "{fewest} exchanges are too few for a control");
}

/// The prompts of one file.
fn prompts_of(file: &[u8]) -> Vec<String> {
    use arrow_array::{Array, StringArray};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes_of(file)).unwrap().build().unwrap();
    let mut prompts = Vec::new();
    for batch in reader.map(Result::unwrap) {
        let column = batch.column_by_name("prompt_text").unwrap();
        let texts = column.as_any().downcast_ref::<StringArray>().unwrap();
        prompts.extend((0..texts.len()).map(|row| texts.value(row).to_owned()));
    }
    prompts
}

#[test]
fn a_folder_with_a_log_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.parquet"), "x").unwrap();
    let error = generate(&plan("--accounts 20 --exchanges 30 --days 2").unwrap(), folder.path(), &Silent);
    assert!(error.unwrap_err().to_string().contains("old.parquet"));
}

#[test]
fn sample_data_is_what_its_command_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let line =
        readme.lines().find_map(|line| line.trim().strip_prefix("stillhunt generate --out sample-data "));
    let (expected, made) = (read(&folder), files(line.unwrap(), 2));
    assert!(expected.keys().eq(made.keys()));
    for (name, bytes) in &expected {
        assert!(made[name] == *bytes, "{name} differs");
    }
    assert!(expected.values().map(Vec::len).sum::<usize>() <= 12_000_000);
}

/// Says stop once something was written.
struct StopSoon(std::sync::atomic::AtomicBool);

impl Watcher for StopSoon {
    fn report(&self, _: Progress) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn what_is_cancelled_leaves_nothing_and_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(SMALL).unwrap();
    assert!(generate(&plan, folder.path(), &StopSoon(false.into())).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    generate(&plan, folder.path(), &Silent).unwrap();
    assert!(generate(&plan, folder.path(), &Silent).is_err(), "what is there is not written over");
}
