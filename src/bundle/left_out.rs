//! `indicators_left_out.csv`: number of indicators of a bundle for other providers, and of leads and values that were
//! left out of it, with the reason.

use crate::exhibit::Table;

/// The table.
pub(super) const LEFT_OUT: &str = "indicators_left_out.csv";
/// Row with the number of indicators.
pub(super) const INDICATORS: &str = "indicators in this bundle";

/// Counts of the leads relied on and of the values that their core accounts share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Items relied on: leads, accounts and scopes.
    pub items: usize,
    /// Accounts and scopes, which are no leads.
    pub no_leads: usize,
    /// Leads with an explanation that nobody weighed.
    pub not_weighed: usize,
    /// Other leads with an explanation that was weighed and not ruled out.
    pub not_ruled_out: usize,
    /// Values that an account outside has, or one that exculpatory, control or contested evidence names.
    pub of_others: usize,
    /// Values that are no address of one party on the public internet.
    pub not_global: usize,
    /// Fingerprints of cards that can be guessed from their hash.
    pub guessable: usize,
    /// Other values that are never shared: hostile characters, or an e-mail address in a user agent.
    pub unfit: usize,
}

impl LeftOut {
    /// The table, with the number of indicators first.
    pub(super) fn table(&self, indicators: usize) -> Table {
        let mut table = Table::new(["what", "number", "reason"]);
        for (what, number, reason) in [
            (INDICATORS, indicators, ""),
            ("leads, accounts and scopes relied on", self.items, ""),
            ("accounts and scopes left out", self.no_leads, "only values that a lead shares are indicators"),
            ("leads left out", self.not_weighed, "a benign explanation was not weighed"),
            (
                "leads left out",
                self.not_ruled_out,
                "every benign explanation was weighed, and one was not ruled out",
            ),
            (
                "values left out",
                self.of_others,
                "an account outside the leads has it, or an exculpated, contested or control account",
            ),
            (
                "values left out",
                self.not_global,
                "no address of one party: private, carrier, documentation, loopback, link-local or reserved",
            ),
            ("values left out", self.guessable, "fingerprint of a card of less than 64 bits"),
            ("values left out", self.unfit, "invisible characters, or an e-mail address in a user agent"),
        ] {
            table.push(vec![what.to_owned(), number.to_string(), reason.to_owned()]);
        }
        table
    }
}
