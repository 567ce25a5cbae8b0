//! Model of membership in a group: log-odds of every account from its use and its prompts.
//!
//! Most accounts of a careful operator share no value. They cannot easily differ in the work itself: volume,
//! hours and prompts. The members of an outstanding group are positive examples and all other accounts are
//! unlabelled, and a ridge logistic model is fitted to them (positive-unlabelled learning, Elkan & Noto
//! 2008).
//!
//! The attributes that linked the group are no features, because the model would then only repeat the
//! linkage. The log-odds do not show a link, and their error rate has not been measured.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::SignalColumn;
use crate::cache::{AccountIndex, Cache, CacheError, ValueIndex};
use crate::model::{AttributeKind, Cancelled, Micros, Watcher};
use crate::signals::{Axis, Outcome, means};
use crate::stats::logistic::Logistic;
use crate::stats::ranking::normal_scores;

/// Minimum number of members that a model is fitted on.
const MIN_MEMBERS: usize = 4;

/// Maximum number of members, and most other accounts, that one model is fitted on, drawn at even steps.
/// Bounds the time of a fit.
const MAX_FITTED_ON: usize = 3_000;

/// Folds of the cross-fitting: no account is scored by a model fitted on it.
const FOLDS: usize = 5;

/// Ridge penalty of the models, in units of the mean loss of two classes of equal weight. Between 0.0005 and
/// 0.013 the account lists of labelled cases differed by at most 0.03.
const PENALTY: f64 = 0.005;

/// Ridge penalty of the Platt scaling, small enough to matter only where the scores separate the members
/// completely.
const PLATT_PENALTY: f64 = 0.001;

/// Minimum share of the members at which the class prior is estimated: the few highest scores are chance.
const MIN_REACHED: f64 = 0.3;

/// Maximum number of unlabelled members for each member. Accounts that join are positive examples of the next
/// round, so further ones can follow.
const MAX_UNLABELLED: f64 = 10.0;

/// Maximum number of unlabelled members as a share of the other accounts, for groups with few members.
const MAX_UNLABELLED_SHARE: f64 = 0.05;

/// Share of the estimated unlabelled members that are positive examples of the second fit; the upper half by
/// score is mostly right.
const SELF_TRAINED: f64 = 0.5;

/// Weight of one dimension of the mean prompt direction, a signal having weight 1: there are 64 dimensions,
/// estimated from a sample of the prompts.
const PROMPT_WEIGHT: f32 = 0.75;

/// Dimensions of a prompt's direction.
const DIMENSIONS: usize = 64;

/// Number of the most used models whose shares are features.
const MODELS: usize = 4;

/// Accounts whose prompts are read at once.
const BLOCK: usize = 4_096;

/// Fitted membership model of one group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MembershipModel {
    /// Natural log-odds of membership by account, at even prior odds; at most −ln of the share of accounts
    /// outside the group that score as high.
    pub log_odds: Vec<f32>,
    /// Estimated number of accounts outside the group that belong to it, at least 1.
    pub unlabelled_members: f64,
}

/// Features of all accounts on a common scale: about 80 numbers of 4 bytes an account.
pub(super) struct Features {
    width: usize,
    /// Account by account.
    values: Vec<f32>,
}

impl Features {
    /// Normal scores among all accounts of: the signals of extraction-likeness, exchanges, exchanges and
    /// active hours per active day, lengths of prompts and responses, share of streamed responses, and shares
    /// of the most used models. Beside them the mean direction of the sampled prompts. A missing value is 0,
    /// the median.
    ///
    /// # Errors
    /// If the cache cannot be read, or the work was cancelled.
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
            let (own, prompts) = row.split_at_mut(scores.len());
            own.iter_mut().zip(&scores).for_each(|(own, scores)| *own = scores[account] as f32);
            if let Some(direction) = directions.get(account) {
                prompts.iter_mut().zip(direction).for_each(|(own, x)| *own = x * PROMPT_WEIGHT);
            }
        }
        Ok(Self { width, values })
    }

    /// Features from one list a feature.
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

    /// Membership model of a group, cross-fitted: each account is scored by a model fitted on others. `None`
    /// for a group of fewer than four accounts or of all accounts. `members` ascend.
    ///
    /// The first fit has the members as positive examples. The upper half of the estimated [unlabelled
    /// members](unlabelled_members) are positive examples of the second fit, so that features which few
    /// members share by chance weigh less (self-training, Yarowsky 1995).
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn fit(
        &self,
        members: &[AccountIndex],
        watcher: &dyn Watcher,
    ) -> Result<Option<MembershipModel>, Cancelled> {
        if members.len() < MIN_MEMBERS || members.len() >= self.accounts() {
            return Ok(None);
        }
        let mut outside: Vec<AccountIndex> = (0..self.accounts() as AccountIndex)
            .filter(|account| members.binary_search(account).is_err())
            .collect();
        let Some(first) = self.scores(members, &outside, watcher)? else { return Ok(None) };
        outside.sort_by(|&a, &b| first[b as usize].total_cmp(&first[a as usize]).then(a.cmp(&b)));
        let unlabelled_members = unlabelled_members(&first, members, &outside);
        let (positive, others) = outside.split_at((unlabelled_members * SELF_TRAINED) as usize);
        let positive = [members, positive].concat();
        let Some(scores) = self.scores(&positive, others, watcher)? else { return Ok(None) };
        let Some(mut log_odds) = platt_scaled(&scores, members, &outside) else { return Ok(None) };
        bound(&mut log_odds, &outside);
        Ok(Some(MembershipModel { log_odds, unlabelled_members }))
    }

    /// Log-odds of every account between `inside` and `outside`, five-fold cross-fitted. `None` where no
    /// model can be fitted.
    fn scores(
        &self,
        inside: &[AccountIndex],
        outside: &[AccountIndex],
        watcher: &dyn Watcher,
    ) -> Result<Option<Vec<f32>>, Cancelled> {
        // Members are spread evenly over the folds; other accounts are numerous enough to be spread anyhow.
        let mut fold: Vec<u8> = (0..self.accounts()).map(|account| (account % FOLDS) as u8).collect();
        for (at, &account) in inside.iter().enumerate() {
            fold[account as usize] = (at % FOLDS) as u8;
        }
        let mut models: Vec<Logistic> = Vec::with_capacity(FOLDS);
        for left_out in 0..FOLDS as u8 {
            watcher.check()?;
            let examples = |accounts: &[AccountIndex], is_inside: bool| {
                let kept: Vec<AccountIndex> =
                    accounts.iter().copied().filter(|&account| fold[account as usize] != left_out).collect();
                let stride = kept.len().div_ceil(MAX_FITTED_ON).max(1);
                kept.into_iter()
                    .step_by(stride)
                    .map(|account| (self.of(account), is_inside))
                    .collect::<Vec<_>>()
            };
            let points = [examples(inside, true), examples(outside, false)].concat();
            let Some(model) = Logistic::fit(&points, PENALTY, models.last()) else { return Ok(None) };
            models.push(model);
        }
        let score = |account: usize| {
            models[usize::from(fold[account])].log_odds(self.of(account as AccountIndex)) as f32
        };
        Ok(Some((0..self.accounts()).map(score).collect()))
    }
}

/// Upper estimate of the number of members among the accounts outside (class prior of positive-unlabelled
/// data, Scott 2015): the least, over all score thresholds that at least three in ten members reach, of the
/// accounts outside that reach the threshold, plus one, over the share of members that reach it. At least 1;
/// at most a twentieth of the accounts outside or [`MAX_UNLABELLED`] times the members. `outside` is in
/// descending order of score.
fn unlabelled_members(scores: &[f32], members: &[AccountIndex], outside: &[AccountIndex]) -> f64 {
    let mut own: Vec<f32> = members.iter().map(|&member| scores[member as usize]).collect();
    own.sort_by(|a, b| b.total_cmp(a));
    let most = (MAX_UNLABELLED * members.len() as f64).max(MAX_UNLABELLED_SHARE * outside.len() as f64);
    let at = |(before, score): (usize, &f32)| {
        let reached = (before + 1) as f64 / own.len() as f64;
        let others = outside.partition_point(|&account| scores[account as usize] >= *score);
        (reached >= MIN_REACHED).then_some((others + 1) as f64 / reached)
    };
    own.iter().enumerate().filter_map(at).fold(most, f64::min)
}

/// Natural log-odds of membership from scores, by Platt scaling (Platt 1999): a ridge model shrinks its
/// scores, so a line is fitted to the scores of members out of their own fold. `None` where all scores are
/// equal or the line falls.
fn platt_scaled(scores: &[f32], members: &[AccountIndex], outside: &[AccountIndex]) -> Option<Vec<f32>> {
    let point = |account: &AccountIndex| std::slice::from_ref(&scores[*account as usize]);
    let inside = members.iter().map(|account| (point(account), true));
    let points: Vec<(&[f32], bool)> =
        inside.chain(outside.iter().map(|account| (point(account), false))).collect();
    let line = Logistic::fit(&points, PLATT_PENALTY, None)?;
    // A falling line would rank the least similar accounts first.
    let rises = line.log_odds(&[1.0]) > line.log_odds(&[0.0]);
    rises.then(|| scores.iter().map(|&score| line.log_odds(&[score]) as f32).collect())
}

/// Caps log-odds at −ln of the share of accounts outside the group that score as high. Fifty innocent
/// accounts in the campaign's language then keep every account of that language below one in fifty, however
/// high the log-odds of the model. Keeps the order.
fn bound(log_odds: &mut [f32], outside: &[AccountIndex]) {
    let mut others: Vec<f32> = outside.iter().map(|&account| log_odds[account as usize]).collect();
    others.sort_by(|a, b| b.total_cmp(a));
    for log_odds in log_odds {
        let as_high = others.partition_point(|other| other >= log_odds).max(1);
        *log_odds = log_odds.min((others.len() as f32 / as_high as f32).ln());
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

/// Mean direction of each account's sampled prompts, each dimension standardised over the accounts that have
/// prompts; empty where no prompts were read.
fn directions(cache: &Cache, watcher: &dyn Watcher) -> Result<Vec<[f32; DIMENSIONS]>, CacheError> {
    let accounts = cache.accounts().len();
    let mut means = vec![[0.0_f32; DIMENSIONS]; accounts];
    let mut has_prompts = vec![false; accounts];
    for from in (0..accounts).step_by(BLOCK) {
        watcher.check()?;
        let to = (from + BLOCK).min(accounts);
        let sample = cache.prompt_vectors(from as AccountIndex..to as AccountIndex)?;
        let account_of = |row| cache.hot().account_of(row) as usize;
        for run in sample.chunk_by(|a, b| account_of(a.0) == account_of(b.0)) {
            let account = account_of(run[0].0);
            has_prompts[account] = true;
            means[account] = mean(run.iter().map(|(_, vector)| vector));
        }
    }
    if !has_prompts.contains(&true) {
        return Ok(Vec::new());
    }
    let all = has_prompts.iter().filter(|has| **has).count() as f64;
    for at in 0..DIMENSIONS {
        let values =
            || means.iter().zip(&has_prompts).filter(|(_, has)| **has).map(|(mean, _)| f64::from(mean[at]));
        let middle = values().sum::<f64>() / all;
        let spread = (values().map(|x| (x - middle).powi(2)).sum::<f64>() / all).sqrt();
        for (mean, has_prompts) in means.iter_mut().zip(&has_prompts) {
            let own =
                if *has_prompts && spread > 0.0 { (f64::from(mean[at]) - middle) / spread } else { 0.0 };
            mean[at] = own as f32;
        }
    }
    Ok(means)
}

/// Mean of directions, each scaled to length 1.
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
    fn unlabelled_members_get_higher_log_odds() {
        // Every second shifted account is a member.
        let members: Vec<AccountIndex> = (0..20).step_by(2).collect();
        let model = features().fit(&members, &Silent).unwrap().unwrap();
        let log_odds = &model.log_odds;
        let mean =
            |accounts: &[usize]| accounts.iter().map(|&at| log_odds[at]).sum::<f32>() / accounts.len() as f32;
        let others: Vec<usize> = (20..500).collect();
        let unlabelled: Vec<usize> = (1..20).step_by(2).collect();
        assert!(mean(&unlabelled) > mean(&others) + 1.5, "{} {}", mean(&unlabelled), mean(&others));
        // Ten unlabelled members, and some of the 480 other accounts are as far off by chance.
        assert!((5.0..40.0).contains(&model.unlabelled_members), "{}", model.unlabelled_members);
    }

    #[test]
    fn members_are_scored_out_of_their_own_fold() {
        // Members drawn at random are not similar, and their mean log-odds stay near 0.
        let drawn: Vec<AccountIndex> = (100..112).collect();
        let log_odds =
            features().fit(&drawn, &Silent).unwrap().map_or(vec![0.0; 500], |model| model.log_odds);
        let mean = drawn.iter().map(|&at| log_odds[at as usize]).sum::<f32>() / drawn.len() as f32;
        assert!(mean < 0.5, "{mean}");
    }

    #[test]
    fn the_class_prior_counts_accounts_that_score_as_members_do() {
        // Ten members and as many outside at the top, then a hundred others.
        let scores: Vec<f32> = (0..120).map(|at| if at < 20 { 5.0 + at as f32 } else { 0.0 }).collect();
        let members: Vec<AccountIndex> = (0..20).step_by(2).collect();
        let outside: Vec<AccountIndex> = (0..20).skip(1).step_by(2).rev().chain(20..120).collect();
        let found = unlabelled_members(&scores, &members, &outside);
        assert!((9.0..12.0).contains(&found), "{found}");
        // No account outside scores as high: the least estimate.
        let apart: Vec<f32> = (0..120).map(|at| f32::from(u8::from(at < 20 && at % 2 == 0))).collect();
        assert_eq!(unlabelled_members(&apart, &members, &outside), 1.0);
        // Members score as everybody does: the upper bound.
        assert_eq!(unlabelled_members(&[0.0; 120], &members, &outside), 100.0);
    }

    #[test]
    fn platt_scaling_keeps_the_order_or_gives_none() {
        let scores: Vec<f32> = (0..100).map(|at| if at < 10 { 0.2 } else { -0.002 * at as f32 }).collect();
        let (members, outside): (Vec<_>, Vec<_>) = ((0..10).collect(), (10..100).collect());
        let log_odds = platt_scaled(&scores, &members, &outside).unwrap();
        assert!(log_odds[0] > 2.0 && log_odds[99] < -2.0, "{} {}", log_odds[0], log_odds[99]);
        assert_eq!(platt_scaled(&scores, &outside, &members), None);
    }

    #[test]
    fn log_odds_are_capped_by_the_share_of_others_that_score_as_high() {
        let mut log_odds = vec![9.0, 8.0, 7.0, -1.0, -2.0];
        bound(&mut log_odds, &[1, 2, 3, 4]);
        let ln = |x: f32| x.ln();
        assert_eq!(log_odds, [ln(4.0), ln(4.0), ln(2.0), -1.0, -2.0]);
    }

    #[test]
    fn groups_that_are_too_small_or_hold_all_accounts_have_no_model() {
        let features = features();
        assert_eq!(features.fit(&[1, 2, 3], &Silent).unwrap(), None);
        let all: Vec<AccountIndex> = (0..500).collect();
        assert_eq!(features.fit(&all, &Silent).unwrap(), None);
    }

    #[test]
    fn active_days_and_hours() {
        const HOUR: Micros = 3_600_000_000;
        assert_eq!(volumes(&[0, 1, HOUR, 30 * HOUR]), [4.0, 2.0, 1.5]);
        assert_eq!(volumes(&[]), [0.0, 0.0, 1.0]);
    }
}
