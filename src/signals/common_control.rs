//! L1, common control: how rare the things are that the account shares with another.

use super::{About, Axis, Input, Outcome, Signal, SignalFamily};

const ABOUT: About = About {
    id: "L1",
    title: "common control",
    version: 1,
    unit: "bits",
    definition: "Bits of the account's strongest tie to an account of another organisation: over the families network \
                 (IP, /24, ASN), client (TLS fingerprint, user agent), payment, sign-up (email domain, burst) and prompt \
                 template, the sum of the largest log₂((m + ½) / (u + ½)) over the values both have, where u counts who \
                 else has the value among the m others outside their groups. A declared organisation counts once. 0 \
                 where nothing rare is shared.",
    source: "Fellegi & Sunter 1969",
    needs: &["one of ip, asn, user_agent, tls_fingerprint, payment_fingerprint, email_domain, prompt_text"],
    look_alikes: &["an agency", "an enterprise", "a reseller", "a household or campus"],
    tells_apart: "org_id: a declared organisation; payment_fingerprint: who pays for all of them",
    axis: Axis::CommonControl,
    family: SignalFamily::Link,
    high_is_telling: true,
};

pub(super) struct CommonControl;

impl Signal for CommonControl {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &Input<'_>) -> Outcome {
        if !input.linkage.testable {
            return Outcome::NotApplicable(
                "the snapshot has no column that accounts could be seen to share".to_owned(),
            );
        }
        let value = f64::from(input.linkage.strongest[input.account as usize]);
        Outcome::Measured { value, examples: Vec::new() }
    }
}
