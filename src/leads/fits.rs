//! Fitted membership models of the groups that are extended.
//!
//! A model depends on the members of its group alone. While leads are extended most groups keep their
//! members from one round to the next, so a model is fitted once for each set of members.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::clusters::Clusters;
use super::membership::Features;
use crate::cache::AccountIndex;
use crate::model::{Cancelled, Watcher};

/// Maximum number of models kept for one group, each 4 bytes an account.
const KEPT: usize = 3;

/// Likelihood of membership in one group.
#[derive(Debug, Default)]
pub(super) struct Likelihood {
    /// Behaviour bits in favour of membership, by account; empty where no model was fitted.
    pub bits: Vec<f32>,
    /// Prior bits against membership of an account outside: log₂ of all accounts over the estimated
    /// unlabelled members.
    pub prior_bits: f64,
}

/// A model and the members it was fitted on.
struct Fit {
    members: Vec<AccountIndex>,
    likelihood: Likelihood,
}

/// Models of groups, at most [`KEPT`] for each, the one last used at the end.
pub(super) struct Fits<'a> {
    features: &'a Features,
    of: BTreeMap<u32, Vec<Fit>>,
}

impl<'a> Fits<'a> {
    pub fn new(features: &'a Features) -> Self {
        Self { features, of: BTreeMap::new() }
    }

    /// Fits the models of `groups` for their present members, where they are not kept.
    ///
    /// # Errors
    /// Only when cancelled.
    pub fn update(
        &mut self,
        clusters: &Clusters,
        groups: &[u32],
        watcher: &dyn Watcher,
    ) -> Result<(), Cancelled> {
        let mut missing = Vec::new();
        for &group in groups {
            let kept = self.of.entry(group).or_default();
            match kept.iter().position(|fit| fit.members == clusters.members_of(group)) {
                Some(at) => kept[at..].rotate_left(1),
                None => missing.push(group),
            }
        }
        let fits = missing
            .par_iter()
            .map(|&group| {
                let members = clusters.members_of(group).to_vec();
                let likelihood = likelihood(&members, clusters.of.len(), self.features, watcher)?;
                Ok(Fit { members, likelihood })
            })
            .collect::<Result<Vec<Fit>, Cancelled>>()?;
        for (group, fit) in missing.into_iter().zip(fits) {
            let kept = self.of.entry(group).or_default();
            if kept.len() == KEPT {
                kept.remove(0);
            }
            kept.push(fit);
        }
        Ok(())
    }

    /// Model of a group for the members of the last [update](Self::update) that named it.
    pub fn of(&self, group: u32) -> &Likelihood {
        static NONE: Likelihood = Likelihood { bits: Vec::new(), prior_bits: f64::INFINITY };
        self.of.get(&group).and_then(|kept| kept.last()).map_or(&NONE, |fit| &fit.likelihood)
    }
}

/// Likelihood of membership of every account; without behaviour bits where the members are too few for a
/// model, the unlabelled members then being taken to be as many as the members.
fn likelihood(
    members: &[AccountIndex],
    accounts: usize,
    features: &Features,
    watcher: &dyn Watcher,
) -> Result<Likelihood, Cancelled> {
    let all = accounts as f64;
    Ok(match features.fit(members, watcher)? {
        Some(model) => Likelihood {
            bits: model.log_odds.into_iter().map(|odds| odds / std::f32::consts::LN_2).collect(),
            prior_bits: (all / model.unlabelled_members).log2(),
        },
        None => Likelihood { bits: Vec::new(), prior_bits: (all / members.len().max(1) as f64).log2() },
    })
}

#[cfg(test)]
mod tests {
    use super::super::clusters::Group;
    use super::*;
    use crate::model::Silent;

    #[test]
    fn a_model_is_fitted_once_for_each_set_of_members() {
        let features = Features::for_test(&[(0..60).map(|account| (account % 7) as f32).collect()]);
        let clusters = |members: &[AccountIndex]| {
            let group = Group { members, outstanding_z: Some(1.0), one_organisation: false };
            Clusters::new(60, &[group])
        };
        let mut fits = Fits::new(&features);
        let mut model = |members: &[AccountIndex]| {
            fits.update(&clusters(members), &[0], &Silent).unwrap();
            (fits.of(0).bits.as_ptr(), fits.of(0).bits.clone())
        };
        let first = model(&[3, 10, 17, 24, 31]);
        let second = model(&[3, 10, 17, 24]);
        assert_ne!(first.0, second.0);
        assert_eq!(model(&[3, 10, 17, 24, 31]), first, "kept over a change of the members");
        assert_eq!(model(&[3, 10, 17, 24]), second);
        model(&[3, 10, 17, 25]);
        model(&[3, 10, 17, 26]);
        assert_eq!(model(&[3, 10, 17, 24, 31]).1, first.1, "the same when it is fitted again");
    }
}
