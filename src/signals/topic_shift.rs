//! C1, topic shift: distance of the account's prompts from those of its cohort (unbiased MMD², Gretton 2012).

use super::prompts::{CohortPrompts, unit};
use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::cache::RowId;
use crate::stats::mmd::{Sums, between, within};

/// Minimum number of sampled exchanges of the account that have a direction.
const MIN_SAMPLED: usize = 10;

/// Minimum number of accounts of the cohort outside the account's own linked group.
const MIN_PEERS: usize = 20;

const ABOUT: About = About {
    id: "C1",
    title: "topic shift",
    version: 1,
    unit: "unbiased MMD²",
    definition: "Distance of the account's prompts from those of its cohort: about 0 for prompts like theirs, high \
                 for prompts unlike theirs. Measured as unbiased MMD² between the directions of sampled prompts. x \
                 are the account's prompts (at most 64); y are one prompt each of 64 accounts of its cohort \
                 outside its linked group. MMD² = Σ k(x, x′) / m(m−1) + Σ k(y, y′) / n(n−1) − 2 Σ k(x, y) / mn. k \
                 is the mean of Gaussian kernels with σ = the cohort's median distance × {½, 1, 2, 4}. The null is the \
                 distribution over peers; exchanges are not assumed independent. Needs 10 sampled prompts and 20 accounts to compare \
                 with.",
    source: "Gretton, Borgwardt, Rasch, Schölkopf & Smola 2012; arXiv 2606.05725",
    needs: &["prompt_text or prompt_embedding"],
    look_alikes: &["a niche specialist", "a new product", "a language that few of the cohort speak"],
    tells_apart: "stated_use_case: whether it said so; prompt_text: one narrow subject rather than a sweep over many",
    axis: Axis::Extraction,
    family: SignalFamily::Content,
    tests_upper_tail: true,
    rises_with_volume: false,
    // Weight 0: products have prompts unlike their cohort's as much as a campaign, or more.
    weight: 0.0,
};

pub(super) struct TopicShift;

impl Signal for TopicShift {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn reads_sample(&self) -> bool {
        true
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        let own: Vec<(RowId, Vec<f32>)> =
            input.sample.iter().filter_map(|one| Some((one.row, unit(one.vector.as_ref()?)))).collect();
        if own.len() < MIN_SAMPLED {
            return Outcome::not_applicable(format!(
                "{} sampled exchanges with a direction; {MIN_SAMPLED} are needed",
                own.len()
            ));
        }
        let group = |account: u32| input.linkage.group_of.get(account as usize).copied().flatten();
        let mine = group(input.account);
        let left_out = |account: u32| account == input.account || (mine.is_some() && group(account) == mine);
        let Some(cohort) = input.reference.prompts.of(input.account) else {
            return Outcome::not_applicable("its cohort has no sampled exchanges");
        };
        shift(&own, cohort, left_out)
    }
}

fn shift(own: &[(RowId, Vec<f32>)], cohort: &CohortPrompts, left_out: impl Fn(u32) -> bool) -> Outcome {
    let kept: Vec<usize> = (0..cohort.accounts.len()).filter(|&at| !left_out(cohort.accounts[at])).collect();
    if kept.len() < MIN_PEERS {
        return Outcome::not_applicable(format!(
            "{} accounts of its cohort to compare with; {MIN_PEERS} are needed",
            kept.len()
        ));
    }
    let x: Vec<&[f32]> = own.iter().map(|(_, vector)| vector.as_slice()).collect();
    let y: Vec<&[f32]> = kept.iter().map(|&at| cohort.vectors[at].as_slice()).collect();
    let to_cohort: Vec<f64> = x.iter().map(|x| between(&[*x], &y, cohort.kernel)).collect();
    let sums = Sums {
        m: x.len(),
        n: y.len(),
        xx: within(&x, cohort.kernel),
        yy: cohort.within(&kept),
        xy: to_cohort.iter().sum(),
    };
    let Some(value) = sums.unbiased() else {
        return Outcome::not_applicable("too few prompts");
    };
    // Examples are the exchanges least similar to the cohort's.
    let mut order: Vec<usize> = (0..own.len()).collect();
    order.sort_by(|&a, &b| to_cohort[a].total_cmp(&to_cohort[b]).then(a.cmp(&b)));
    Outcome::Measured { value, examples: order.iter().map(|&at| own[at].0).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mmd::{Mixture, mmd2};
    use crate::stats::splitmix;

    /// Directions around one of several, by seed.
    fn directions(seed: u64, towards: usize, count: u64) -> Vec<Vec<f32>> {
        let draw = |n: u64| {
            let mut vector = [0_i8; 64];
            for (at, x) in vector.iter_mut().enumerate() {
                *x = (splitmix::normal(seed, n * 64 + at as u64) * 12.0).clamp(-60.0, 60.0) as i8;
            }
            vector[towards] = 127;
            unit(&vector)
        };
        (0..count).map(draw).collect()
    }

    fn cohort() -> CohortPrompts {
        let vectors: Vec<Vec<f32>> = (0..40).flat_map(|at| directions(at, at as usize % 3, 1)).collect();
        CohortPrompts::new((0..40).collect(), vectors)
    }

    fn value(own: &[Vec<f32>], left_out: impl Fn(u32) -> bool) -> Option<f64> {
        let own: Vec<(RowId, Vec<f32>)> = (0..).zip(own.iter().cloned()).collect();
        match shift(&own, &cohort(), left_out) {
            Outcome::Measured { value, examples } => {
                assert_eq!(examples.len(), 3);
                Some(value)
            }
            Outcome::NotApplicable(_) => None,
        }
    }

    #[test]
    fn what_the_cohort_asks_is_near_and_what_it_does_not_is_far() {
        let usual: Vec<Vec<f32>> = (0..30).flat_map(|at| directions(900 + at, at as usize % 3, 1)).collect();
        let near = value(&usual, |_| false).unwrap();
        let far = value(&directions(7, 50, 30), |_| false).unwrap();
        assert!(near.abs() < 0.02 && far > 0.1, "{near} {far}");
    }

    #[test]
    fn leaving_out_is_as_if_they_were_not_there() {
        let own = directions(7, 50, 12);
        let found = value(&own, |account| account % 4 == 0).unwrap();
        let cohort = cohort();
        let y: Vec<&[f32]> =
            (0..40).filter(|at| at % 4 != 0).map(|at| cohort.vectors[at].as_slice()).collect();
        let x: Vec<&[f32]> = own.iter().map(Vec::as_slice).collect();
        assert!((found - mmd2(&x, &y, cohort.kernel).unwrap()).abs() < 1e-6, "{found}");
        assert_ne!(cohort.kernel, Mixture::new(1e-9));
    }

    #[test]
    fn a_cohort_of_its_own_group_is_none() {
        assert_eq!(value(&directions(7, 5, 12), |account| account > 18), None);
    }
}
