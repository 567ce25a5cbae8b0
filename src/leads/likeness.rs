//! Who behaves and asks like the accounts of a group.
//!
//! A careful operator's accounts share a card here and a network there; most share nothing. What
//! they cannot easily differ in is the work itself: how much and when they ask, and what. So the
//! linked accounts of a group that stands out teach a linear model to tell them from all others,
//! and the model gives every account its odds of being one of them (learning from positive and
//! unlabelled examples, Elkan & Noto 2008).
//!
//! What linked the group is no feature: or the model would only find what linkage has found. Likeness
//! makes nobody linked, and its odds are a model's and no measured rate.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::SignalColumn;
use crate::cache::{AccountIndex, Cache, CacheError, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Micros, Watcher};
use crate::signals::{Axis, Outcome, means};
use crate::stats::logistic::Logistic;
use crate::stats::ranking::normal_scores;

/// Fewest linked accounts that teach: three alike do not make a law.
const FEWEST: usize = 4;

/// Most linked accounts, and most others, that one model learns from, evenly drawn: their number is
/// what a fit costs.
const TEACHING: usize = 3_000;

/// Parts that are left out in turn, so that no account is judged by a model that has seen it.
const FOLDS: usize = 5;

/// Ridge penalty of the models, in units of the mean loss of classes that weigh the same. From
/// 0.0005 to 0.013 the account lists of labelled cases were within three hundredths of each other.
const PENALTY: f64 = 0.005;

/// Ridge penalty of the line that stretches scores, so small that it only matters where the members
/// stand wholly apart.
const STRETCHED: f64 = 0.001;

/// The least share of members by which hidden ones are counted: the few highest scores are chance.
const REACHED: f64 = 0.3;

/// Accounts that may be hidden for each member. Who is taken up teaches again, so more come in later.
const MOST_HIDDEN: f64 = 10.0;

/// Share of those outside that may be hidden, however few the members are.
const MOST_OF_ALL: f64 = 0.05;

/// Share of those thought hidden that teach: the upper half is mostly right.
const TAUGHT: f64 = 0.5;

/// Weight of a dimension of the prompts' mean direction, a signal's being 1: there are 64 of them,
/// and what an account asks is known of a sample.
const PROMPT_WEIGHT: f32 = 0.75;

/// Dimensions of a prompt's direction.
const DIMENSIONS: usize = 64;

/// Models of which it matters how much an account calls them.
const MODELS: usize = 4;

/// Accounts whose prompts are read at a time.
const BLOCK: usize = 4_096;

/// How alike the accounts of a case are to the members of a group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Likeness {
    /// For each account the natural log-odds of its being one of the group, were it as likely as not
    /// before; no further from 0 than accounts outside are rarely as alike.
    pub odds: Vec<f32>,
    /// How many accounts outside may be of the group, at most as far as the model can tell.
    pub hidden: f64,
}

/// What is known of each account's behaviour and prompts, as numbers of like size. About 80 numbers
/// of 4 bytes an account.
pub(super) struct Features {
    width: usize,
    /// Account by account.
    values: Vec<f32>,
}

impl Features {
    /// Of every account: normal scores of the signals of extraction-likeness, of volume, of
    /// exchanges and of active hours on an active day, of how long its prompts and answers are, of how
    /// much it streams and of how much it calls the commonest models, each among all accounts; and the mean
    /// direction of its sampled prompts. What is missing is 0, the middle.
    ///
    /// # Errors
    /// Where the cache cannot be read, or the work was cancelled.
    pub fn gather(
        cache: &Cache,
        columns: &[SignalColumn],
        watcher: &dyn Watcher,
    ) -> Result<Self, CacheError> {
        let mut scores: Vec<Vec<f64>> = columns
            .par_iter()
            .filter(|column| column.about.axis == Axis::Extraction)
            .map(|column| normal_scores(&column.outcomes.iter().map(value).collect::<Vec<_>>()))
            .collect();
        let volumes: Vec<[f64; 3]> = (0..cache.accounts().len() as AccountIndex)
            .into_par_iter()
            .map(|account| volumes(&cache.hot().ts[cache.hot().rows_of(account)]))
            .collect();
        scores.extend(
            (0..3).map(|at| {
                normal_scores(&volumes.iter().map(|volumes| Some(volumes[at])).collect::<Vec<_>>())
            }),
        );
        scores.extend(means(cache, watcher)?.iter().map(|means| normal_scores(means)));
        scores.extend(model_shares(cache));
        let directions = directions(cache, watcher)?;
        let width = scores.len() + DIMENSIONS;
        let mut values = vec![0.0; width * cache.accounts().len()];
        for (account, row) in values.chunks_exact_mut(width).enumerate() {
            let (own, asked) = row.split_at_mut(scores.len());
            own.iter_mut().zip(&scores).for_each(|(own, scores)| *own = scores[account] as f32);
            if let Some(direction) = directions.get(account) {
                asked.iter_mut().zip(direction).for_each(|(own, x)| *own = x * PROMPT_WEIGHT);
            }
        }
        Ok(Self { width, values })
    }

    /// Of these numbers, one list a feature.
    #[cfg(test)]
    pub fn for_test(features: &[Vec<f32>]) -> Self {
        let accounts = features.first().map_or(0, Vec::len);
        let values = (0..accounts).flat_map(|account| features.iter().map(move |own| own[account])).collect();
        Self { width: features.len(), values }
    }

    fn of(&self, account: AccountIndex) -> &[f32] {
        &self.values[account as usize * self.width..][..self.width]
    }

    fn accounts(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// How alike every account is to the members of a group. Each account is judged by a model that has
    /// learned from others. `None` for a group of fewer than four, or of all there are. `members` ascend.
    ///
    /// The members teach first. How many accounts outside are as alike as they are to one another says
    /// how many may be [hidden](hidden) there, and half as many, the most alike, then teach with them: few
    /// members have much in common that is chance, and more have less of it (self-training, Yarowsky 1995).
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn likeness(
        &self,
        members: &[AccountIndex],
        watcher: &dyn Watcher,
    ) -> Result<Option<Likeness>, Cancelled> {
        if members.len() < FEWEST || members.len() >= self.accounts() {
            return Ok(None);
        }
        let mut outside: Vec<AccountIndex> = (0..self.accounts() as AccountIndex)
            .filter(|account| members.binary_search(account).is_err())
            .collect();
        let Some(first) = self.scores(members, &outside, watcher)? else { return Ok(None) };
        outside.sort_by(|&a, &b| first[b as usize].total_cmp(&first[a as usize]).then(a.cmp(&b)));
        let hidden = hidden(&first, members, &outside);
        let (alike, others) = outside.split_at((hidden * TAUGHT) as usize);
        let teaching = [members, alike].concat();
        let Some(scores) = self.scores(&teaching, others, watcher)? else { return Ok(None) };
        let Some(mut odds) = calibrated(&scores, members, &outside) else { return Ok(None) };
        bound(&mut odds, &outside);
        Ok(Some(Likeness { odds, hidden }))
    }

    /// The score of every account by models that tell `inside` from `outside` and have learned from four
    /// fifths of them, this account not among them. `None` where there is nothing to tell apart.
    fn scores(
        &self,
        inside: &[AccountIndex],
        outside: &[AccountIndex],
        watcher: &dyn Watcher,
    ) -> Result<Option<Vec<f32>>, Cancelled> {
        // The folds of those inside are as even as can be; those of the others need no care.
        let mut fold: Vec<u8> = (0..self.accounts()).map(|account| (account % FOLDS) as u8).collect();
        for (at, &account) in inside.iter().enumerate() {
            fold[account as usize] = (at % FOLDS) as u8;
        }
        let mut models = Vec::with_capacity(FOLDS);
        for left_out in 0..FOLDS as u8 {
            watcher.check()?;
            let teach = |accounts: &[AccountIndex], is_inside: bool| {
                let kept: Vec<AccountIndex> =
                    accounts.iter().copied().filter(|&account| fold[account as usize] != left_out).collect();
                let stride = kept.len().div_ceil(TEACHING).max(1);
                kept.into_iter()
                    .step_by(stride)
                    .map(|account| (self.of(account), is_inside))
                    .collect::<Vec<_>>()
            };
            let points = [teach(inside, true), teach(outside, false)].concat();
            let Some(model) = Logistic::fit(&points, PENALTY) else { return Ok(None) };
            models.push(model);
        }
        let score = |account: usize| {
            models[usize::from(fold[account])].log_odds(self.of(account as AccountIndex)) as f32
        };
        Ok(Some((0..self.accounts()).map(score).collect()))
    }
}

/// How many accounts outside may be of the group: at every score that three in ten of the members or more
/// reach, the accounts outside that reach it too, over the share of members that do; the least of these.
/// Were all accounts above the score the group's, there would be no more of them in all (the proportion of
/// a mixture, Scott 2015). One more is counted than there are, so it is never 0; at most
/// a twentieth of those outside, or [`MOST_HIDDEN`] times the members: what is as common as that is no mark of
/// theirs. `outside` is in descending order of score.
fn hidden(scores: &[f32], members: &[AccountIndex], outside: &[AccountIndex]) -> f64 {
    let mut own: Vec<f32> = members.iter().map(|&member| scores[member as usize]).collect();
    own.sort_by(|a, b| b.total_cmp(a));
    let most = (MOST_HIDDEN * members.len() as f64).max(MOST_OF_ALL * outside.len() as f64);
    let at = |(before, score): (usize, &f32)| {
        let reached = (before + 1) as f64 / own.len() as f64;
        let others = outside.partition_point(|&account| scores[account as usize] >= *score);
        (reached >= REACHED).then_some((others + 1) as f64 / reached)
    };
    own.iter().enumerate().filter_map(at).fold(most, f64::min)
}

/// Natural log-odds of being a member from scores: a ridge model is too unsure of itself, so its scores are
/// stretched until they fit the members that it has not seen (Platt 1999). `None` where all scores are one.
fn calibrated(scores: &[f32], members: &[AccountIndex], outside: &[AccountIndex]) -> Option<Vec<f32>> {
    let point = |account: &AccountIndex| std::slice::from_ref(&scores[*account as usize]);
    let inside = members.iter().map(|account| (point(account), true));
    let points: Vec<(&[f32], bool)> =
        inside.chain(outside.iter().map(|account| (point(account), false))).collect();
    let line = Logistic::fit(&points, STRETCHED)?;
    // A falling line would make those least alike the likeliest.
    let rises = line.log_odds(&[1.0]) > line.log_odds(&[0.0]);
    rises.then(|| scores.iter().map(|&score| line.log_odds(&[score]) as f32).collect())
}

/// Bounds log-odds by −ln p, p being the share of those outside that are as alike: where fifty
/// innocents speak a campaign's language, speaking it tells no more than one in fifty does, however sure
/// the model is of itself. Order stays.
fn bound(odds: &mut [f32], outside: &[AccountIndex]) {
    let mut others: Vec<f32> = outside.iter().map(|&account| odds[account as usize]).collect();
    others.sort_by(|a, b| b.total_cmp(a));
    for odds in odds {
        let as_alike = others.partition_point(|other| other >= odds).max(1);
        *odds = odds.min((others.len() as f32 / as_alike as f32).ln());
    }
}

fn value(outcome: &Outcome) -> Option<f64> {
    match outcome {
        Outcome::Measured { value, .. } => Some(*value),
        Outcome::NotApplicable(_) => None,
    }
}

/// Exchanges, exchanges on an active day, and active hours on an active day. Times ascend.
fn volumes(ts: &[Micros]) -> [f64; 3] {
    const HOUR: Micros = 3_600_000_000;
    let active =
        |unit: Micros| ts.chunk_by(|a, b| a.div_euclid(unit) == b.div_euclid(unit)).count().max(1) as f64;
    let days = active(24 * HOUR);
    [ts.len() as f64, ts.len() as f64 / days, active(HOUR) / days]
}

/// Normal scores of the share of each account's exchanges that went to each of the commonest models.
fn model_shares(cache: &Cache) -> Vec<Vec<f64>> {
    let mut models: Vec<(u64, ValueIndex)> = (0..cache.values().len() as ValueIndex)
        .filter(|&value| cache.values()[value as usize].kind == AttributeKind::Model)
        .map(|value| (cache.values()[value as usize].exchanges, value))
        .collect();
    models.sort_by_key(|&(exchanges, value)| (Reverse(exchanges), value));
    models.truncate(MODELS);
    let share = |account: AccountIndex, model: ValueIndex| {
        let with = cache.values_of(account).iter().find(|&&(value, _)| value == model);
        Some(with.map_or(0.0, |&(_, with)| {
            f64::from(with) / f64::from(cache.accounts()[account as usize].exchanges)
        }))
    };
    let accounts = cache.accounts().len() as AccountIndex;
    models
        .into_par_iter()
        .map(|(_, model)| {
            normal_scores(&(0..accounts).map(|account| share(account, model)).collect::<Vec<_>>())
        })
        .collect()
}

/// The mean direction of each account's sampled prompts, each dimension in standard deviations
/// over the accounts that have any; empty where no prompts were read.
fn directions(cache: &Cache, watcher: &dyn Watcher) -> Result<Vec<[f32; DIMENSIONS]>, CacheError> {
    let accounts = cache.accounts().len();
    let mut means = vec![[0.0_f32; DIMENSIONS]; accounts];
    let mut known = vec![false; accounts];
    for from in (0..accounts).step_by(BLOCK) {
        watcher.check()?;
        let to = (from + BLOCK).min(accounts);
        let sample = cache.prompt_vectors(from as AccountIndex..to as AccountIndex)?;
        let account_of = |row| cache.hot().account_of(row) as usize;
        for run in sample.chunk_by(|a, b| account_of(a.0) == account_of(b.0)) {
            let account = account_of(run[0].0);
            known[account] = true;
            means[account] = mean(run.iter().map(|(_, vector)| vector));
        }
    }
    if !known.contains(&true) {
        return Ok(Vec::new());
    }
    let all = known.iter().filter(|known| **known).count() as f64;
    for at in 0..DIMENSIONS {
        let of_known =
            || means.iter().zip(&known).filter(|(_, known)| **known).map(|(mean, _)| f64::from(mean[at]));
        let middle = of_known().sum::<f64>() / all;
        let spread = (of_known().map(|x| (x - middle).powi(2)).sum::<f64>() / all).sqrt();
        for (mean, known) in means.iter_mut().zip(&known) {
            let own = if *known && spread > 0.0 { (f64::from(mean[at]) - middle) / spread } else { 0.0 };
            mean[at] = own as f32;
        }
    }
    Ok(means)
}

/// The mean of directions, each of length 1.
fn mean<'a>(vectors: impl ExactSizeIterator<Item = &'a [i8; DIMENSIONS]>) -> [f32; DIMENSIONS] {
    let count = vectors.len() as f32;
    let mut sum = [0.0; DIMENSIONS];
    for vector in vectors {
        let length = vector.iter().map(|&x| f32::from(x).powi(2)).sum::<f32>().sqrt().max(1.0);
        sum.iter_mut().zip(vector).for_each(|(sum, &x)| *sum += f32::from(x) / length);
    }
    sum.map(|sum| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Silent;
    use crate::stats::splitmix;

    /// 500 accounts of two features; those below 20 stand two standard deviations off in one.
    fn features() -> Features {
        let noise = |seed, account| splitmix::normal(seed, account) as f32;
        let shifted = (0..500).map(|account| noise(1, account) + if account < 20 { 2.0 } else { 0.0 });
        Features::for_test(&[shifted.collect(), (0..500).map(|account| noise(2, account)).collect()])
    }

    #[test]
    fn who_is_like_the_members_is_found_among_the_others() {
        // Half of those that stand off are known.
        let known: Vec<AccountIndex> = (0..20).step_by(2).collect();
        let likeness = features().likeness(&known, &Silent).unwrap().unwrap();
        let odds = &likeness.odds;
        let mean =
            |accounts: &[usize]| accounts.iter().map(|&at| odds[at]).sum::<f32>() / accounts.len() as f32;
        let others: Vec<usize> = (20..500).collect();
        let hidden: Vec<usize> = (1..20).step_by(2).collect();
        assert!(mean(&hidden) > mean(&others) + 1.5, "{} {}", mean(&hidden), mean(&others));
        // Ten are hidden, and some of the 480 others are as far off by accident.
        assert!((5.0..40.0).contains(&likeness.hidden), "{}", likeness.hidden);
    }

    #[test]
    fn members_are_judged_by_models_that_have_not_seen_them() {
        // Members drawn at random are not like one another, and no model says they are.
        let drawn: Vec<AccountIndex> = (100..112).collect();
        let odds =
            features().likeness(&drawn, &Silent).unwrap().map_or(vec![0.0; 500], |likeness| likeness.odds);
        let mean = drawn.iter().map(|&at| odds[at as usize]).sum::<f32>() / drawn.len() as f32;
        assert!(mean < 0.5, "{mean}");
    }

    #[test]
    fn as_many_are_hidden_as_stand_among_the_members() {
        // Ten members and as many outside at the top, then a hundred others.
        let scores: Vec<f32> = (0..120).map(|at| if at < 20 { 5.0 + at as f32 } else { 0.0 }).collect();
        let members: Vec<AccountIndex> = (0..20).step_by(2).collect();
        let outside: Vec<AccountIndex> = (0..20).skip(1).step_by(2).rev().chain(20..120).collect();
        let found = hidden(&scores, &members, &outside);
        assert!((9.0..12.0).contains(&found), "{found}");
        // Nobody outside is as alike: the one that is always counted.
        let apart: Vec<f32> = (0..120).map(|at| f32::from(u8::from(at < 20 && at % 2 == 0))).collect();
        assert_eq!(hidden(&apart, &members, &outside), 1.0);
        // Members like anybody: as many as are allowed.
        assert_eq!(hidden(&[0.0; 120], &members, &outside), 100.0);
    }

    #[test]
    fn scores_are_stretched_and_never_turned_round() {
        let scores: Vec<f32> = (0..100).map(|at| if at < 10 { 0.2 } else { -0.002 * at as f32 }).collect();
        let (members, outside): (Vec<_>, Vec<_>) = ((0..10).collect(), (10..100).collect());
        let odds = calibrated(&scores, &members, &outside).unwrap();
        assert!(odds[0] > 2.0 && odds[99] < -2.0, "{} {}", odds[0], odds[99]);
        assert_eq!(calibrated(&scores, &outside, &members), None);
    }

    #[test]
    fn a_model_is_believed_as_far_as_others_are_rarely_as_alike() {
        let mut odds = vec![9.0, 8.0, 7.0, -1.0, -2.0];
        bound(&mut odds, &[1, 2, 3, 4]);
        let ln = |x: f32| x.ln();
        assert_eq!(odds, [ln(4.0), ln(4.0), ln(2.0), -1.0, -2.0]);
    }

    #[test]
    fn three_do_not_make_a_law_and_all_are_no_group() {
        let features = features();
        assert_eq!(features.likeness(&[1, 2, 3], &Silent).unwrap(), None);
        let all: Vec<AccountIndex> = (0..500).collect();
        assert_eq!(features.likeness(&all, &Silent).unwrap(), None);
    }

    #[test]
    fn active_days_and_hours() {
        const HOUR: Micros = 3_600_000_000;
        assert_eq!(volumes(&[0, 1, HOUR, 30 * HOUR]), [4.0, 2.0, 1.5]);
        assert_eq!(volumes(&[]), [0.0, 0.0, 1.0]);
    }
}
