//! L2, co-use: number of accounts that use the same [objects in the same hours](super::shared_hours), more
//! often than their habits explain.

use super::shared_hours::MIN_DAYS;
use super::{About, Axis, Input, Outcome, Signal, SignalFamily};
use crate::model::visible;

const ABOUT: About = About {
    id: "L2",
    title: "co-use",
    version: 1,
    unit: "accounts with the same objects in the same hours",
    definition: "Number of accounts in step with this one: the same address or opening of prompts in the same hours; \
                 a high value is many accounts in step. Counted are accounts of other organisations that share \
                 objects within the same hour on more days than habits explain. Objects are IP addresses and the \
                 openings of sampled prompts. Tested is the \
                 number s of shared days; an object and a day count once. λ is the number expected if each account \
                 kept its hours of the day and the days were independent. λ = Σ over shared objects of the pairs \
                 of days (one of each account) whose hours overlap, over the days of the case. p is the Poisson \
                 tail P(S ≥ s). Benjamini–Hochberg at 1 % over all pairs of accounts. Tested are pairs with at \
                 least 3 shared days and objects of at most 100 accounts a day. Needs 7 days.",
    source: "Cao, Yang, Yu & Palow 2014 (SynchroTrap); Benjamini & Hochberg 1995",
    needs: &["ip or prompt_text"],
    look_alikes: &["a class before its deadline", "a launch day", "colleagues in one office"],
    tells_apart: "org_id: one declared organisation; asn: a campus or company network",
    axis: Axis::CommonControl,
    family: SignalFamily::Link,
    tests_upper_tail: true,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct CoUseSignal;

impl Signal for CoUseSignal {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        let co_use = &input.reference.co_use;
        if co_use.days < MIN_DAYS {
            return Outcome::not_applicable(format!(
                "shared addresses and templates are used on {} days; {MIN_DAYS} are needed",
                co_use.days
            ));
        }
        let value = f64::from(co_use.partners[input.account as usize]);
        let strongest = co_use.of(input.account).min_by(|x, y| x.ln_p.total_cmp(&y.ln_p));
        Outcome::Measured {
            value,
            examples: strongest.map(|pair| pair.row_of(input.account)).into_iter().collect(),
        }
    }

    fn detail(&self, input: &Input<'_>) -> Option<String> {
        let pair = input.reference.co_use.of(input.account).min_by(|x, y| x.ln_p.total_cmp(&y.ln_p))?;
        let other = if pair.a == input.account { pair.b } else { pair.a };
        Some(format!(
            "Strongest pair with {}: {} shared days; {:.2} expected from habits.",
            visible(&input.cache.accounts()[other as usize].id.0),
            pair.shared,
            pair.expected
        ))
    }
}
