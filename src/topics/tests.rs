//! The whole pass, over prompts in memory and over small snapshots.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::outputs::RowOutput;
use super::pass::run;
use super::pending::{Fitted, Pending};
use super::prompts::memory::InMemory;
use super::store::Outputs;
use crate::cache::testing::{cache, dump, row, snapshot};
use crate::cache::{Cache, CacheError, NO_TOPIC, RowId};
use crate::model::{AttributeKind, Digest, Progress, Silent, Watcher};
use crate::snapshot::Sources;

/// 3 × 80 prompts in three languages: each its own grammar of eight things and ten matters.
fn corpus() -> InMemory {
    let grammar = [
        (
            "please explain how the {} works with {} in a few steps",
            "engine bridge garden compiler teacher market river library",
            "heat steel water memory children prices boats books paper light",
        ),
        (
            "könntest du mir erklären wie {} zusammen mit {} funktioniert",
            "maschine brücke garten übersetzer lehrer markt fluss bücherei",
            "wärme stahl wasser speicher kindern preisen booten büchern papier licht",
        ),
        (
            "请告诉我{}和{}之间的关系是什么",
            "机器 桥梁 花园 编译器 老师 市场 河流 图书馆",
            "热量 钢铁 水流 内存 孩子 价格 船只 书籍 纸张 光线",
        ),
    ];
    let mut texts = Vec::new();
    for (sentence, things, matters) in grammar {
        for thing in things.split(' ') {
            for matter in matters.split(' ') {
                texts.push(sentence.replacen("{}", thing, 1).replacen("{}", matter, 1));
            }
        }
    }
    texts.push(texts[0].clone());
    texts.push("  ".to_owned());
    InMemory { texts, vectors: Vec::new() }
}

const OFFSETS: [RowId; 6] = [0, 50, 100, 150, 200, 242];

fn run_in(
    folder: &Path,
    prompts: &InMemory,
    offsets: &[RowId],
    watcher: &dyn Watcher,
) -> Result<(Fitted, Outputs), CacheError> {
    let pending = Pending::open(&folder.join("cache.sqlite"), Digest::of(b"x")).unwrap();
    run(prompts, offsets, &pending, watcher)
}

fn run_once(prompts: &InMemory, offsets: &[RowId]) -> (Fitted, Outputs) {
    run_in(tempfile::tempdir().unwrap().path(), prompts, offsets, &Silent).unwrap()
}

#[test]
fn three_languages_fall_apart() {
    let (fitted, outputs) = run_once(&corpus(), &OFFSETS);
    let topics = &fitted.fit.as_ref().unwrap().topics;
    for topic in 0..topics.len() as u16 {
        let rows = (0..240).filter(|&row| outputs.rows[row].topic == topic);
        let languages: std::collections::BTreeSet<usize> = rows.map(|row| row / 80).collect();
        assert_eq!(languages.len(), 1, "topic {topic}");
    }
    // The same prompt has the same of everything; white space has nothing.
    assert_eq!(outputs.rows[0], outputs.rows[240]);
    assert_eq!(outputs.rows[241], RowOutput::NONE);
    assert!(topics.iter().all(|topic| topic.medoids.len() == 3 && !topic.words.is_empty()));
    // “please explain how the … works with … in” differs in its eight first words.
    let begins = |words: &str| words.starts_with("please explain") || words.starts_with("könntest");
    assert!(fitted.templates.iter().all(|template| begins(&template.words)));
    assert_eq!(outputs.samples.len(), 241);
}

#[test]
fn one_thread_and_two_give_the_same() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run_once(&corpus(), &OFFSETS))
    };
    let (one, two) = (on(1), on(2));
    assert!(one.1 == two.1);
    assert_eq!(one.0.fit.unwrap().topics, two.0.fit.unwrap().topics);
}

#[test]
fn embeddings_make_topics_even_without_text() {
    let corner = |at: usize, j: usize| f32::from(u8::from(j == at / 50));
    let noise = |at: usize, j: usize| crate::stats::splitmix::normal(1, (at * 8 + j) as u64) as f32 * 0.05;
    let vectors = (0..200).map(|at| (0..8).map(|j| corner(at, j) + noise(at, j)).collect()).collect();
    let (_, outputs) = run_once(&InMemory { texts: vec![], vectors }, &[0, 100, 200]);
    for at in 0..4 {
        let topics: Vec<u16> = (at * 50..at * 50 + 50).map(|row| outputs.rows[row].topic).collect();
        let mut others = (0..200).filter(|row| row / 50 != at).map(|row| outputs.rows[row].topic);
        assert!(others.all(|topic| !topics.contains(&topic)));
    }
}

#[test]
fn without_columns_or_words_there_is_no_model() {
    for texts in [vec![], vec![" ".to_owned()]] {
        let rows = texts.len() as RowId;
        let (fitted, outputs) = run_once(&InMemory { texts, vectors: vec![] }, &[0, rows]);
        assert!(fitted.fit.is_none() && outputs.rows.is_empty());
    }
}

/// Cancels at the `n`-th report.
struct StopAt {
    left: AtomicUsize,
    stopped: AtomicBool,
}

impl StopAt {
    fn new(n: usize) -> Self {
        Self { left: AtomicUsize::new(n), stopped: AtomicBool::new(false) }
    }
}

impl Watcher for StopAt {
    fn report(&self, _: Progress) {
        let before = self.left.fetch_sub(1, Ordering::Relaxed);
        if before == 1 {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

fn rows() -> Vec<crate::cache::testing::Row> {
    let mut rows = Vec::new();
    for n in 0..60 {
        let mut asked = row(["a", "b", "c"][n % 3], n as i64);
        let (thing, part) = (["bread", "code", "river"][n % 3], n / 3);
        asked.prompt = Some(format!("please tell me all you know about {thing} number {part} {thing}"));
        rows.push(asked);
    }
    rows[59].prompt = Some("\u{200b} ".into());
    rows
}

/// A small case: its cache, without topics, and where its snapshots are.
fn small(folder: &Path) -> (Cache, Sources) {
    let (early, late) = (rows()[..25].to_vec(), rows()[25..].to_vec());
    cache(folder, vec![snapshot(folder, &[("x.parquet", early), ("y.parquet", late)])])
}

#[test]
fn topics_are_stored_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let (before, sources) = small(folder.path());
    assert!(!before.has_text_pass() && before.prompt_vectors(0..3).unwrap().is_empty());
    super::finish(&before, &sources, &Silent).unwrap();
    let built = Cache::open(before.path(), &Silent).unwrap();
    assert!(built.has_text_pass());
    assert_eq!(built.topics().iter().map(|topic| topic.exchanges).sum::<u64>(), 59);
    // Row 59, the last of account c, asks nothing that can be seen.
    assert_eq!(built.hot().topic[59], NO_TOPIC);
    assert!(built.hot().place[59][0].is_nan());
    assert!(built.hot().place[0].iter().all(|x| (0.0..=1.0).contains(x)));
    let template =
        built.value_index(AttributeKind::PromptTemplate, "please tell me all you know about bread").unwrap();
    assert_eq!(built.accounts_with(template), [0]);
    assert_eq!(built.values()[template as usize].exchanges, 20);
    let of_b = built.prompt_vectors(1..2).unwrap();
    assert_eq!(of_b.iter().map(|(row, _)| *row).collect::<Vec<_>>(), (20..40).collect::<Vec<_>>());
    assert!(of_b.iter().all(|(_, vector)| vector.contains(&127) || vector.contains(&-127)));
    assert_eq!(built.prompt_vectors(0..9).unwrap().len(), 59);
    let files = std::fs::read_dir(folder.path()).unwrap();
    let left = files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("text"));
    assert_eq!(left.count(), 0);
}

#[test]
fn interrupted_anywhere_it_goes_on_and_ends_the_same() {
    let whole = tempfile::tempdir().unwrap();
    let (before, sources) = small(whole.path());
    super::finish(&before, &sources, &Silent).unwrap();
    let expected = dump(before.path());
    let folder = tempfile::tempdir().unwrap();
    let (before, sources) = small(folder.path());
    let without = dump(before.path());
    let mut interrupted = 0;
    for at in 1.. {
        match super::finish(&before, &sources, &StopAt::new(at)) {
            Err(CacheError::Cancelled(_)) => interrupted += 1,
            other => {
                other.unwrap();
                break;
            }
        }
        let now = Cache::open(before.path(), &Silent).unwrap();
        assert!(!now.has_text_pass() && now.prompt_vectors(0..3).unwrap().is_empty());
        assert!(dump(before.path()).len() >= without.len());
    }
    assert!(interrupted > 5, "{interrupted}");
    assert!(dump(before.path()) == expected, "the cache differs after {interrupted} interruptions");
}

#[test]
fn what_was_kept_is_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let whole = run_once(&corpus(), &OFFSETS);
    let at_the_end = AtomicBool::new(false);
    struct UntilAssigned<'a>(&'a AtomicBool);
    impl Watcher for UntilAssigned<'_> {
        fn report(&self, progress: Progress) {
            self.0.store(progress.phase == "gathering topics", Ordering::Relaxed);
        }
        fn is_cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }
    let corpus = corpus();
    let stopped = run_in(folder.path(), &corpus, &OFFSETS, &UntilAssigned(&at_the_end));
    // The in-memory prompts do not look at the watcher while they are read.
    assert!(stopped.is_err());
    // All is kept, so the prompts are not even looked at.
    let forgotten = InMemory { texts: vec!["something else".into(); corpus.texts.len()], vectors: vec![] };
    let (_, outputs) = run_in(folder.path(), &forgotten, &OFFSETS, &Silent).unwrap();
    assert!(outputs == whole.1);
}

#[test]
fn without_text_the_model_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (before, sources) =
        cache(folder.path(), vec![snapshot(folder.path(), &[("x.parquet", vec![row("a", 1)])])]);
    super::finish(&before, &sources, &Silent).unwrap();
    let built = Cache::open(before.path(), &Silent).unwrap();
    assert!(built.has_text_pass() && built.topics().is_empty() && built.hot().topic.is_empty());
    assert!(built.topic_model().absent.as_ref().unwrap().contains("prompt_text"));
}
