//! State of the legal frame: the fold of its decisions.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Acceptance, Breach, Clause, Element, LegalDecision, LegalItem, Loss, Measure, Notice, Price, TermsVersion,
};
use crate::model::Micros;

/// Legal frame of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legal {
    /// Items by number.
    pub items: BTreeMap<u64, LegalItem>,
    /// Statements on elements.
    pub statements: BTreeMap<Element, String>,
    /// Numbers of the evidence assigned to each element, evidence that was removed included.
    pub evidence: BTreeMap<Element, BTreeSet<u64>>,
}

/// Iterator over the items of one type with their numbers.
macro_rules! items {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $of:ty) => {
        $(#[$doc])*
        pub fn $name(&self) -> impl Iterator<Item = (u64, &$of)> {
            self.items.iter().filter_map(|(number, item)| match item {
                LegalItem::$kind(item) => Some((*number, item)),
                _ => None,
            })
        }
    };
}

impl Legal {
    items!(
        /// Versions of the terms, by number.
        terms, Terms, TermsVersion
    );
    items!(
        /// Clauses, by number.
        clauses, Clause, Clause
    );
    items!(
        /// Breaches, by number.
        breaches, Breach, Breach
    );
    items!(
        /// Files of acceptance, by number.
        acceptances, Acceptance, Acceptance
    );
    items!(
        /// Measures, by number.
        measures, Measure, Measure
    );
    items!(
        /// Prices, by number.
        prices, Price, Price
    );
    items!(
        /// Losses, by number.
        losses, Loss, Loss
    );

    /// Notices by time, then number.
    pub fn notices(&self) -> Vec<(u64, &Notice)> {
        let all = self.items.iter().filter_map(|(number, item)| match item {
            LegalItem::Notice(notice) => Some((*number, notice)),
            _ => None,
        });
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(number, notice)| (notice.at, *number));
        all
    }

    /// Price of a model at a time: its own one, else the one for every model. Of several in force the latest
    /// recorded counts.
    pub fn price_of(&self, model: Option<&str>, at: Micros) -> Option<(u64, &Price)> {
        let in_force = || self.prices().filter(move |(_, price)| price.is_in_force(at));
        let own = in_force().filter(|(_, price)| model.is_some() && price.model.as_deref() == model);
        own.last().or_else(|| in_force().filter(|(_, price)| price.model.is_none()).last())
    }

    /// Times at which a price begins or ends, ascending, each once.
    pub fn price_changes(&self) -> BTreeSet<Micros> {
        self.prices().flat_map(|(_, price)| price.from.into_iter().chain(price.until)).collect()
    }

    /// True if the terms have a clause of this version and name.
    pub fn has_clause(&self, version: &str, clause: &str) -> bool {
        self.clauses().any(|(_, own)| own.version == version && own.clause == clause)
    }

    /// True if nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.statements.is_empty() && self.evidence.is_empty()
    }

    /// Carries out a decision.
    pub fn apply(&mut self, decision: &LegalDecision) {
        match decision {
            LegalDecision::Recorded { number, item } => drop(self.items.insert(*number, item.clone())),
            LegalDecision::Removed { number } => drop(self.items.remove(number)),
            LegalDecision::Stated { element, text } if text.is_empty() => {
                self.statements.remove(element);
            }
            LegalDecision::Stated { element, text } => {
                self.statements.insert(*element, text.clone());
            }
            LegalDecision::Assigned { element, evidence, is_assigned: true } => {
                self.evidence.entry(*element).or_default().insert(*evidence);
            }
            LegalDecision::Assigned { element, evidence, .. } => {
                if let Some(assigned) = self.evidence.get_mut(element) {
                    assigned.remove(evidence);
                    if assigned.is_empty() {
                        self.evidence.remove(element);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;
    use crate::snapshot::AcceptanceRecord;

    fn price(model: Option<&str>, input: &str) -> LegalItem {
        LegalItem::Price(Price {
            model: model.map(str::to_owned),
            input: input.parse().unwrap(),
            output: "15".parse().unwrap(),
            currency: "USD".into(),
            source: "price list".into(),
            from: None,
            until: None,
        })
    }

    #[test]
    fn the_last_word_counts_and_what_is_removed_is_gone() {
        let mut legal = Legal::default();
        let element = Element::ContractBreach;
        let stated = |text: &str| LegalDecision::Stated { element, text: text.into() };
        let assigned = |is_assigned| LegalDecision::Assigned { element, evidence: 3, is_assigned };
        legal.apply(&stated("a"));
        legal.apply(&stated("b"));
        legal.apply(&assigned(true));
        assert_eq!(legal.statements[&element], "b");
        assert_eq!(legal.evidence[&element], BTreeSet::from([3]));
        legal.apply(&stated(""));
        legal.apply(&assigned(false));
        assert!(legal.is_empty());
        for (number, item) in [(1, price(None, "3")), (2, price(Some("large"), "5")), (3, price(None, "4"))] {
            legal.apply(&LegalDecision::Recorded { number, item });
        }
        assert_eq!(legal.price_of(Some("large"), 0).unwrap().0, 2);
        assert_eq!(legal.price_of(Some("small"), 0).unwrap().0, 3, "the latest for every model");
        assert_eq!(legal.price_of(None, 0).unwrap().0, 3);
        legal.apply(&LegalDecision::Removed { number: 3 });
        assert_eq!(legal.price_of(None, 0).unwrap().1.input.to_string(), "3.00");
    }

    #[test]
    fn a_price_counts_from_its_beginning_to_its_end() {
        let mut legal = Legal::default();
        let within = |item: LegalItem, from, until| match item {
            LegalItem::Price(price) => LegalItem::Price(Price { from, until, ..price }),
            other => other,
        };
        let items = [
            (1, price(None, "3")),
            (2, within(price(Some("large"), "5"), Some(10), Some(20))),
            (3, within(price(Some("large"), "7"), Some(20), None)),
        ];
        for (number, item) in items {
            legal.apply(&LegalDecision::Recorded { number, item });
        }
        let at = |at| legal.price_of(Some("large"), at).map(|(number, _)| number);
        assert_eq!([at(9), at(10), at(19), at(20), at(99)], [Some(1), Some(2), Some(2), Some(3), Some(3)]);
        assert_eq!(legal.price_changes(), [10, 20].into());
        // Prices of journals before there were bounds last.
        let old = r#"{"model":null,"input":"3","output":"15","currency":"USD","source":"x"}"#;
        assert!(serde_json::from_str::<Price>(old).unwrap().is_lasting());
    }

    #[test]
    fn acceptance_is_sorted_by_time_and_not_by_name() {
        let record = |id: &str, time, day_end| AcceptanceRecord {
            account: id.into(),
            time,
            day_end,
            address: String::new(),
            version: "1".to_owned(),
        };
        let rows = ["a", "b", "c", "d"].map(|id| record(id, 5, None));
        let mut all = rows.to_vec();
        all.push(record("z", 1, None));
        all.push(rows[0].clone());
        let of_file = || Acceptance::of_file("a.csv", Digest::of(b"x"), 1);
        let made = of_file().with_records(all);
        assert!(made.days.is_empty() && made.records().all(|row| row.latest() == row.time));
        let days = of_file().with_records(vec![record("a", 5, None), record("b", 1, Some(9))]);
        assert_eq!(days.records().map(|row| row.latest()).collect::<Vec<_>>(), [9, 5]);
        let order: Vec<&str> = made.records().map(|row| row.account.as_str()).collect();
        assert_eq!((order[0], order.len()), ("z", 5), "one record a row");
        assert_ne!(order[1..], ["a", "b", "c", "d"]);
    }
}
