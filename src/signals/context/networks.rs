//! Networks: number of networks of the account relative to its cohort. Proxy services and telephones have
//! many.

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{AccountIndex, Cache, CacheError};
use crate::model::{AttributeKind, Watcher};
use crate::signals::peers::Peers;
use crate::stats::quantile::median;

const ABOUT: ContextAbout = ContextAbout {
    id: "networks",
    title: "networks",
    unit: "times as many networks as the median of its cohort",
    definition: "Number of autonomous systems that the account calls from, over the median of the accounts of its \
                 cohort. Where the log has no autonomous systems, /24 networks are counted.",
    needs: &["one of asn, ip"],
    caution: "A traveller, a telephone and a company's proxy call from many networks as well.",
};

pub(super) struct Networks;

/// The median number of networks of each cohort.
#[derive(Clone, Debug, Default)]
pub(super) struct CohortMedians {
    of: Vec<u32>,
    medians: Vec<f64>,
}

impl CohortMedians {
    pub fn of(cache: &Cache, peers: Peers<'_>) -> Self {
        let median_of = |members: &Vec<AccountIndex>| {
            let mut counts: Vec<f64> =
                members.iter().map(|&account| networks(cache, account) as f64).collect();
            counts.sort_by(f64::total_cmp);
            median(&counts).unwrap_or(0.0)
        };
        Self { of: peers.of.to_vec(), medians: peers.members.iter().map(median_of).collect() }
    }
}

impl Context for Networks {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn gather(
        &self,
        cache: &Cache,
        peers: Peers<'_>,
        _: &dyn Watcher,
    ) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(CohortMedians::of(cache, peers)))
    }
}

impl Measure for CohortMedians {
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let median = *self.medians.get(*self.of.get(input.account as usize)? as usize)?;
        let own = networks(input.cache, input.account);
        (own > 0 && median > 0.0).then(|| own as f64 / median)
    }
}

fn networks(cache: &Cache, account: AccountIndex) -> usize {
    let kind = if cache.has_column("asn") { AttributeKind::Asn } else { AttributeKind::Ip24 };
    let range = cache.values_of_kind(kind);
    cache.values_of(account).iter().filter(|(value, _)| range.contains(&(*value as usize))).count()
}
