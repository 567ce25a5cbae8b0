//! Exchanges that tell most about a scope: those that are much more common in it than elsewhere, for reading.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Selection;
use crate::cache::{AccountIndex, Cache, CacheError, PromptSample, RowId, SAMPLE_DIMENSIONS as LENGTH};
use crate::model::Watcher;
use crate::topics::classes::ALL as CLASSES;

/// Blobs of samples that are read of exchanges outside the scope, evenly spread; about 4,000 exchanges each.
const BLOBS_OUTSIDE: usize = 48;
/// Exchanges of one template, and of one account, before those of others come.
const EACH: usize = 3;

/// One exchange of the queue, with what makes it telling.
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    /// The exchange.
    pub row: RowId,
    /// Sum of the logarithms (base 2) of how many times as common its nearness, its template and its classes are in
    /// the scope as elsewhere. For the order alone: the three are not independent.
    pub bits: f64,
    /// Cosine to the mean direction of the accounts of the scope, and to that of the others; `None` without text.
    pub nearness: Option<[f32; 2]>,
    /// Accounts of the scope, and others, with a sampled exchange of its template; `None` without a template.
    pub template: Option<[u32; 2]>,
    /// Classes of its prompt, as bits.
    pub classes: u8,
    /// Other accounts of the scope that sent the same text.
    pub same: u32,
}

/// The most telling exchanges, first ones first, from at most 64 sampled exchanges of each account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// The exchanges.
    pub exchanges: Vec<Telling>,
    /// Sampled exchanges of the scope, and others compared with.
    pub compared: [u64; 2],
}

/// The most telling exchanges of a selection, compared with `others`, or with all accounts that are not in it.
///
/// # Errors
/// The cache cannot be read, or the work was cancelled.
pub fn telling(
    cache: &Cache,
    selection: &Selection,
    others: Option<&Selection>,
    count: usize,
    watcher: &dyn Watcher,
) -> Result<Queue, CacheError> {
    let samples = samples(cache, selection, others, watcher)?;
    let (inside, outside): (Vec<&Sample>, Vec<&Sample>) = samples.iter().partition(|sample| sample.is_inside);
    let compared = [inside.len() as u64, outside.len() as u64];
    if inside.is_empty() || outside.is_empty() {
        return Ok(Queue { exchanges: Vec::new(), compared });
    }
    let measure = Measure::new(&inside, &outside);
    let mut all: Vec<(Telling, &Sample)> =
        inside.iter().map(|sample| (measure.of(sample), *sample)).collect();
    watcher.check()?;
    all.sort_by(|(a, _), (b, _)| {
        let near = |one: &Telling| one.nearness.map_or(f32::NEG_INFINITY, |[own, other]| own - other);
        b.bits.total_cmp(&a.bits).then(near(b).total_cmp(&near(a))).then(a.row.cmp(&b.row))
    });
    Ok(Queue { exchanges: spread(all, count), compared })
}

/// Figures of a sampled exchange that the measure reads.
struct Sample {
    row: RowId,
    account: AccountIndex,
    direction: Option<[f32; LENGTH]>,
    template: u32,
    content: u32,
    classes: u8,
    is_inside: bool,
}

fn samples(
    cache: &Cache,
    selection: &Selection,
    others: Option<&Selection>,
    watcher: &dyn Watcher,
) -> Result<Vec<Sample>, CacheError> {
    let reader = cache.samples();
    let all = reader.blobs(0..AccountIndex::MAX)?;
    let wanted: BTreeSet<AccountIndex> =
        selection.accounts.iter().chain(others.iter().flat_map(|others| &others.accounts)).copied().collect();
    let every = all.len().div_ceil(BLOBS_OUTSIDE).max(1);
    let is_in = |of: &Selection, row: RowId| {
        let after = of.runs.partition_point(|run| run.end <= row);
        of.runs.get(after).is_some_and(|run| run.contains(&row))
    };
    let parts = all
        .into_par_iter()
        .enumerate()
        .map(|(at, blob)| {
            watcher.check()?;
            let is_compared = others.is_none() && at.is_multiple_of(every);
            if !is_compared && wanted.range(blob.accounts()).next().is_none() {
                return Ok(Vec::new());
            }
            let kept = reader.samples(blob)?.into_iter().filter_map(|sample| {
                let account = cache.hot().account_of(sample.row);
                let is_inside = is_in(selection, sample.row);
                let is_outside = match others {
                    Some(others) => is_in(others, sample.row),
                    None => is_compared && selection.accounts.binary_search(&account).is_err(),
                };
                (is_inside || is_outside).then(|| Sample::of(&sample, account, is_inside))
            });
            Ok(kept.collect())
        })
        .collect::<Result<Vec<Vec<Sample>>, CacheError>>()?;
    Ok(parts.into_iter().flatten().collect())
}

impl Sample {
    fn of(sample: &PromptSample, account: AccountIndex, is_inside: bool) -> Self {
        Self {
            row: sample.row,
            account,
            direction: sample.vector.map(|vector| unit(vector.map(f32::from))),
            template: sample.opening,
            content: sample.content,
            classes: sample.classes,
            is_inside,
        }
    }
}

/// The vector at length 1; a zero vector as it is.
fn unit(vector: [f32; LENGTH]) -> [f32; LENGTH] {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 { vector.map(|x| x / length) } else { vector }
}

fn cosine(a: &[f32; LENGTH], b: &[f32; LENGTH]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Mean direction of the accounts of some samples, each account with the same weight.
fn centre(samples: &[&Sample]) -> [f32; LENGTH] {
    let mut of_accounts: BTreeMap<AccountIndex, [f32; LENGTH]> = BTreeMap::new();
    for sample in samples {
        if let Some(direction) = &sample.direction {
            let sum = of_accounts.entry(sample.account).or_insert([0.0; LENGTH]);
            sum.iter_mut().zip(direction).for_each(|(sum, x)| *sum += x);
        }
    }
    let mut sum = [0.0; LENGTH];
    for own in of_accounts.into_values() {
        sum.iter_mut().zip(unit(own)).for_each(|(sum, x)| *sum += x);
    }
    unit(sum)
}

/// Frequencies in the scope and elsewhere.
struct Measure {
    centres: [[f32; LENGTH]; 2],
    /// Difference of the cosines of each sample, ascending, of both sides.
    near: [Vec<f32>; 2],
    /// Accounts of each template, of both sides.
    templates: BTreeMap<u32, [u32; 2]>,
    /// Accounts of the scope with each text.
    texts: BTreeMap<u32, u32>,
    accounts: [u32; 2],
    /// Samples of each class, of both sides.
    classes: [[u32; CLASSES.len()]; 2],
    samples: [u32; 2],
}

impl Measure {
    fn new(inside: &[&Sample], outside: &[&Sample]) -> Self {
        let sides = [inside, outside];
        let centres = sides.map(centre);
        let near = sides.map(|side| {
            let of = |sample: &&Sample| sample.direction.map(|own| difference(&own, &centres));
            let mut near: Vec<f32> = side.iter().filter_map(of).collect();
            near.sort_by(f32::total_cmp);
            near
        });
        let mut templates: BTreeMap<u32, [u32; 2]> = BTreeMap::new();
        for (at, side) in sides.into_iter().enumerate() {
            let pairs: BTreeSet<(u32, AccountIndex)> =
                side.iter().map(|sample| (sample.template, sample.account)).collect();
            for (template, _) in pairs.into_iter().filter(|(template, _)| *template != 0) {
                templates.entry(template).or_default()[at] += 1;
            }
        }
        let mut texts: BTreeMap<u32, u32> = BTreeMap::new();
        let pairs: BTreeSet<(u32, AccountIndex)> =
            inside.iter().map(|sample| (sample.content, sample.account)).collect();
        pairs.into_iter().for_each(|(content, _)| *texts.entry(content).or_default() += 1);
        let accounts =
            sides.map(|side| side.iter().map(|sample| sample.account).collect::<BTreeSet<_>>().len() as u32);
        let classes = sides.map(|side| {
            CLASSES.map(|(bit, _)| side.iter().filter(|sample| sample.classes & bit != 0).count() as u32)
        });
        let samples = sides.map(|side| side.len() as u32);
        Self { centres, near, templates, texts, accounts, classes, samples }
    }

    fn of(&self, sample: &Sample) -> Telling {
        let mut bits = 0.0;
        let nearness = sample.direction.map(|own| {
            let here = difference(&own, &self.centres);
            let as_near = |near: &Vec<f32>| (near.len() - near.partition_point(|other| *other < here)) as u32;
            bits += times([0, 1].map(|side| [as_near(&self.near[side]), self.near[side].len() as u32]));
            [cosine(&own, &self.centres[0]), cosine(&own, &self.centres[1])]
        });
        let template = self.templates.get(&sample.template).copied();
        if let Some(accounts) = template.filter(|[own, _]| *own > 1) {
            bits += times([0, 1].map(|side| [accounts[side], self.accounts[side]]));
        }
        for (at, (bit, _)) in CLASSES.into_iter().enumerate() {
            if sample.classes & bit != 0 {
                bits += times([0, 1].map(|side| [self.classes[side][at], self.samples[side]]));
            }
        }
        let same = self.texts.get(&sample.content).map_or(0, |accounts| accounts.saturating_sub(1));
        let same = if sample.content == 0 { 0 } else { same };
        Telling { row: sample.row, bits, nearness, template, classes: sample.classes, same }
    }
}

fn difference(own: &[f32; LENGTH], centres: &[[f32; LENGTH]; 2]) -> f32 {
    cosine(own, &centres[0]) - cosine(own, &centres[1])
}

/// Logarithm (base 2) of how many times as common something is in the scope as elsewhere, at least 0. Each side is
/// its number and that of all; half a case is added to both.
fn times([own, other]: [[u32; 2]; 2]) -> f64 {
    let share = |[count, all]: [u32; 2]| (f64::from(count) + 0.5) / (f64::from(all) + 1.0);
    (share(own) / share(other)).log2().max(0.0)
}

/// The first exchanges with different texts: first at most [`EACH`] of one template and of one account, then the
/// rest.
fn spread(all: Vec<(Telling, &Sample)>, count: usize) -> Vec<Telling> {
    let mut texts = BTreeSet::new();
    let (mut templates, mut accounts) =
        (BTreeMap::<u32, usize>::new(), BTreeMap::<AccountIndex, usize>::new());
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for (telling, sample) in all {
        if sample.content != 0 && !texts.insert(sample.content) {
            continue;
        }
        let of_account = accounts.entry(sample.account).or_default();
        let of_template = templates.entry(sample.template).or_default();
        if *of_account < EACH && (sample.template == 0 || *of_template < EACH) {
            (*of_account, *of_template) = (*of_account + 1, *of_template + 1);
            first.push(telling);
        } else {
            rest.push(telling);
        }
    }
    first.extend(rest);
    first.truncate(count);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::model::{Scope, Silent};
    use crate::query::select;

    fn said(account: &str, ts: i64, prompt: String) -> Row {
        Row { prompt: Some(prompt), ..row(account, ts) }
    }

    /// Two accounts that grade answers, each with small talk as well, among others with small talk.
    fn log() -> Vec<Row> {
        let talk = |n: usize| {
            format!(
                "please tell me all about {} number {n} today",
                ["bread", "rivers", "gardens", "music"][n % 4]
            )
        };
        let mut rows = Vec::new();
        for n in 0..20 {
            for account in ["x", "y"] {
                let prompt =
                    format!("Grade the answer against this rubric and think step by step: case {account}{n}");
                rows.push(said(account, n as i64 * 10, prompt));
                rows.push(said(account, n as i64 * 10 + 1, talk(n)));
            }
            for other in 0..6 {
                rows.push(said(&format!("o{other}"), n as i64 * 10 + 2, talk(n + other)));
            }
        }
        rows
    }

    #[test]
    fn what_only_the_scope_asks_comes_first_and_no_text_twice() {
        let folder = tempfile::tempdir().unwrap();
        let (before, sources) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", log())])]);
        let two = Scope::default().with_accounts("two", ["x".into(), "y".into()].into());
        let early = select(&before, &two, &Silent).unwrap();
        let none = telling(&before, &early, None, 10, &Silent).unwrap();
        assert_eq!(none, Queue::default(), "before the text pass there is no sample");
        crate::topics::finish(&before, &sources, &Silent).unwrap();
        let cache = Cache::open(before.path(), &Silent).unwrap();
        let scope = select(&cache, &two, &Silent).unwrap();
        let queue = telling(&cache, &scope, None, 200, &Silent).unwrap();
        assert_eq!(queue.compared, [80, 120]);
        // 20 cases of each of both, and the 20 texts of small talk once.
        assert_eq!(queue.exchanges.len(), 60);
        let texts = crate::cache::text::records(
            &cache,
            &sources,
            &queue.exchanges.iter().map(|one| one.row).collect::<Vec<_>>(),
            &Silent,
        )
        .unwrap();
        let grades = |row: RowId| {
            let (_, record) = texts.read.iter().find(|(read, _)| *read == row).unwrap();
            record.text("prompt_text").unwrap().starts_with("Grade")
        };
        let first = &queue.exchanges[..6];
        assert!(first.iter().all(|one| grades(one.row)), "{first:?}");
        assert!(first.iter().all(|one| one.bits > 1.0 && one.classes != 0 && one.nearness.is_some()));
        let talk = queue.exchanges.iter().find(|one| !grades(one.row)).unwrap();
        assert!(talk.same == 1 && talk.bits < first[0].bits, "{talk:?}");
        let whole = telling(&cache, &select(&cache, &Scope::default(), &Silent).unwrap(), None, 9, &Silent);
        assert!(whole.unwrap().exchanges.is_empty(), "nothing to compare with");
        // Against a scope that asks the same, nothing is telling.
        let x = select(&cache, &Scope::default().with_account("x".into()), &Silent).unwrap();
        let y = select(&cache, &Scope::default().with_account("y".into()), &Silent).unwrap();
        let against = telling(&cache, &x, Some(&y), 9, &Silent).unwrap();
        assert_eq!(against.compared, [40, 40]);
        assert!(against.exchanges[0].bits < first[0].bits);
    }

    #[test]
    fn three_of_a_template_come_before_the_fourth() {
        let sample = |row, template, account| Sample {
            row,
            account,
            direction: None,
            template,
            content: row + 1,
            classes: 0,
            is_inside: true,
        };
        let samples: Vec<Sample> = (0..6).map(|row| sample(row, u32::from(row < 5), row)).collect();
        let telling = |row| Telling { row, bits: 0.0, nearness: None, template: None, classes: 0, same: 0 };
        let all = samples.iter().map(|sample| (telling(sample.row), sample)).collect();
        let rows: Vec<RowId> = spread(all, 5).into_iter().map(|one| one.row).collect();
        assert_eq!(rows, [0, 1, 2, 5, 3]);
    }
}
