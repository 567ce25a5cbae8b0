//! L2, co-use: accounts that use the same [things in the same hours](super::shared_hours), more
//! often than habits explain.

use super::shared_hours::FEWEST_DAYS;
use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::model::visible;

const ABOUT: About = About {
    id: "L2",
    title: "co-use",
    version: 1,
    unit: "accounts that use the same things in the same hours",
    definition: "Number of accounts of other organisations with which it shares objects within the same hour on more days than \
                 habits explain. Objects are addresses and, of the sampled exchanges, how prompts begin. s shared days (an \
                 object and a day counting once) stand against λ = Σ over shared objects of the pairs of days (one of each \
                 account) whose hours of the day meet, over the days of the case; p is Poisson's P(S ≥ s). \
                 Benjamini–Hochberg at 1 % over all pairs of accounts. Pairs that share 3 days or more are looked at, and \
                 objects of at most 100 accounts a day. Needs 7 days.",
    source: "Cao, Yang, Yu & Palow 2014 (SynchroTrap); Benjamini & Hochberg 1995",
    needs: &["ip or prompt_text"],
    look_alikes: &["a class before its deadline", "a launch day", "colleagues in one office"],
    tells_apart: "org_id: one declared organisation; asn: a campus or company network",
    axis: Axis::CommonControl,
    family: SignalFamily::Link,
    high_is_telling: true,
    is_a_volume: false,
    weight: 0.0,
};

pub(super) struct CoUseSignal;

impl Signal for CoUseSignal {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        let co_use = &input.reference.co_use;
        if co_use.days < FEWEST_DAYS {
            return Outcome::NotApplicable(format!(
                "shared addresses and templates are used on {} days, and {FEWEST_DAYS} are needed",
                co_use.days
            ));
        }
        let value = f64::from(co_use.partners[input.account as usize]);
        let strongest = co_use.of(input.account).min_by(|x, y| x.ln_p.total_cmp(&y.ln_p));
        Outcome::Measured {
            value,
            examples: strongest.map(|pair| vec![pair.row_of(input.account)]).unwrap_or_default(),
        }
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let pair = input.reference.co_use.of(input.account).min_by(|x, y| x.ln_p.total_cmp(&y.ln_p))?;
        let other = if pair.a == input.account { pair.b } else { pair.a };
        Some(format!(
            "Most of all with {}: {} shared days, where habits would make {:.2}.",
            visible(&input.cache.accounts()[other as usize].id.0),
            pair.shared,
            pair.expected
        ))
    }
}
