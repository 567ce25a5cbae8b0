//! Access tier of the account.

use super::fact::{Context, ContextAbout, ContextInput, Measure};
use crate::cache::{Cache, CacheError};
use crate::model::{AttributeKind, Watcher, visible};
use crate::signals::peers::Peers;

const ABOUT: ContextAbout = ContextAbout {
    id: "access_tier",
    title: "access tier",
    unit: "",
    definition: "Most frequent access tier of the account's exchanges.",
    needs: &["access_tier"],
    caution: "A high tier is paid for, and a low one costs little to make many of.",
};

pub(super) struct Tier;

impl Context for Tier {
    fn about(&self) -> &'static ContextAbout {
        &ABOUT
    }

    fn gather(&self, _: &Cache, _: Peers<'_>, _: &dyn Watcher) -> Result<Box<dyn Measure>, CacheError> {
        Ok(Box::new(Self))
    }

    fn in_words(&self, cache: &Cache, value: f64) -> String {
        visible(name(cache, value)).into_owned()
    }

    fn in_file(&self, cache: &Cache, value: f64) -> serde_json::Value {
        name(cache, value).into()
    }
}

impl Measure for Tier {
    /// The tier's position among the tiers of the case.
    fn measure(&self, input: &ContextInput<'_>) -> Option<f64> {
        let range = input.cache.values_of_kind(AttributeKind::AccessTier);
        let values = input.cache.values_of(input.account).iter();
        values
            .filter(|&&(value, _)| range.contains(&(value as usize)))
            .max_by_key(|&&(value, exchanges)| (exchanges, std::cmp::Reverse(value)))
            .map(|&(value, _)| (value as usize - range.start) as f64)
    }
}

fn name(cache: &Cache, value: f64) -> &str {
    let at = cache.values_of_kind(AttributeKind::AccessTier).start + value as usize;
    cache.values().get(at).map_or("", |tier| &tier.value)
}
