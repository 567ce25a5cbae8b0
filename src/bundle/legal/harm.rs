//! Harm: exchanges, tokens, and their cost at the stated prices in force at the time.

use std::collections::BTreeMap;

use crate::cache::Cache;
use crate::case::legal::{Amount, Legal};
use crate::model::Micros;
use crate::query::usage::{ByModel, Stretch, Usage};

/// Exchanges that a cost is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// All exchanges of the accounts relied on, those of marked single exchanges aside.
    All,
    /// Exchanges after access was ended, by the accounts addressed.
    Addressed,
    /// Exchanges after access was ended, by linked accounts.
    Linked,
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 3] = [Self::All, Self::Addressed, Self::Linked];

    /// The words of tables.
    pub fn words(self) -> &'static str {
        match self {
            Self::All => "all exchanges of accounts relied on",
            Self::Addressed => "after access was ended, by accounts addressed",
            Self::Linked => "after access was ended, by linked accounts",
        }
    }
}

/// Exchanges, tokens and cost of one model at one price, or of all.
#[derive(Clone, Debug, PartialEq)]
pub struct HarmRow {
    /// The exchanges that it is of.
    pub basis: Basis,
    /// The model; `None` for exchanges without one. Empty for the sum over all models.
    pub model: Option<String>,
    /// True for the sum over all models of one currency, or over models without a price.
    pub is_sum: bool,
    /// Exchanges and tokens.
    pub usage: Usage,
    /// Number of the price; `None` where no price was stated.
    pub price: Option<u64>,
    /// Currency; empty where no price was stated.
    pub currency: String,
    /// Cost in millionths of the currency's unit; `None` where no price was stated.
    pub cost: Option<u128>,
}

/// Stretches cut at the times at which a price begins or ends.
pub(super) fn cut(legal: &Legal, stretches: &[Stretch]) -> Vec<Stretch> {
    let changes = legal.price_changes();
    let mut pieces = Vec::new();
    for &stretch in stretches {
        let mut rest = stretch;
        let is_inside = |time: &&Micros| {
            stretch.from.is_none_or(|from| from < **time) && stretch.to.is_none_or(|to| **time < to)
        };
        for &time in changes.iter().filter(is_inside) {
            pieces.push(Stretch { to: Some(time), ..rest });
            rest.from = Some(time);
        }
        pieces.push(rest);
    }
    pieces
}

/// Rows of a basis, of which each piece lies between two changes of prices: one a model and price, then one sum a
/// currency, the sum of what has no price last.
pub(super) fn rows(
    cache: &Cache,
    legal: &Legal,
    basis: Basis,
    pieces: &[(Stretch, ByModel)],
) -> Vec<HarmRow> {
    let mut used: BTreeMap<(Option<&str>, Option<u64>), Usage> = BTreeMap::new();
    for (stretch, by_model) in pieces {
        for (model, usage) in by_model {
            let model = model.map(|at| cache.values()[at as usize].value.as_str());
            let price = legal.price_of(model, stretch.from.unwrap_or(Micros::MIN));
            used.entry((model, price.map(|(number, _)| number))).or_default().add(*usage);
        }
    }
    // Positions of values follow the names in clear; the order of these rows follows the names of the bundle.
    let mut rows: Vec<HarmRow> = used
        .into_iter()
        .map(|((model, number), usage)| {
            let price = number.and_then(|number| legal.prices().find(|(own, _)| *own == number));
            let cost = price.map(|(_, price)| {
                Amount::of_tokens(price.input, usage.input) + Amount::of_tokens(price.output, usage.output)
            });
            let currency = price.map_or_else(String::new, |(_, price)| price.currency.clone());
            HarmRow {
                basis,
                model: model.map(str::to_owned),
                is_sum: false,
                usage,
                price: price.map(|(number, _)| number),
                currency,
                cost,
            }
        })
        .collect();
    let mut sums: BTreeMap<(bool, String), (Usage, Option<u128>)> = BTreeMap::new();
    for row in &rows {
        let sum = sums.entry((row.cost.is_none(), row.currency.clone())).or_default();
        sum.0.add(row.usage);
        if let Some(cost) = row.cost {
            sum.1 = Some(sum.1.unwrap_or(0) + cost);
        }
    }
    if sums.is_empty() {
        sums.insert((true, String::new()), Default::default());
    }
    rows.extend(sums.into_iter().map(|((_, currency), (usage, cost))| HarmRow {
        basis,
        model: None,
        is_sum: true,
        usage,
        price: None,
        currency,
        cost,
    }));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::testing::{Row, cache, row, snapshot};
    use crate::case::legal::{LegalDecision, LegalItem, Price};
    use crate::model::Silent;
    use crate::query::usage::{Stretch, usage};

    #[test]
    fn each_model_has_its_price_and_what_has_none_is_summed_apart() {
        let folder = tempfile::tempdir().unwrap();
        let call = |ts, model, tokens| Row { model: Some(model), tokens, ..row("a", ts) };
        let rows = vec![
            call(1, "large", Some(1_000_000)),
            call(2, "large", None),
            call(3, "small", Some(500_000)),
            call(4, "other", Some(7)),
        ];
        let (cache, _) = cache(folder.path(), vec![snapshot(folder.path(), &[("a.parquet", rows)])]);
        let mut legal = Legal::default();
        for (number, model, input, currency) in [(1, "large", "15", "USD"), (2, "small", "2", "EUR")] {
            let item = LegalItem::Price(Price {
                model: Some(model.into()),
                input: input.parse().unwrap(),
                output: "75".parse().unwrap(),
                currency: currency.into(),
                source: "list".into(),
                from: None,
                until: None,
            });
            legal.apply(&LegalDecision::Recorded { number, item });
        }
        let stretch = Stretch { account: 0, from: None, to: None };
        let used = |legal: &Legal| -> Vec<(Stretch, ByModel)> {
            let pieces = cut(legal, &[stretch]);
            let counted = usage(&cache, &pieces, &Silent).unwrap();
            pieces.into_iter().zip(counted).collect()
        };
        let found = super::rows(&cache, &legal, Basis::All, &used(&legal));
        let summed: Vec<(Option<&str>, &str, u64, Option<u128>)> = found
            .iter()
            .map(|row| (row.model.as_deref(), row.currency.as_str(), row.usage.exchanges, row.cost))
            .collect();
        assert_eq!(
            summed,
            [
                (Some("large"), "USD", 2, Some(15_000_000)),
                (Some("other"), "", 1, None),
                (Some("small"), "EUR", 1, Some(1_000_000)),
                (None, "EUR", 1, Some(1_000_000)),
                (None, "USD", 2, Some(15_000_000)),
                (None, "", 1, None),
            ]
        );
        // The log has no output tokens, so every exchange lacks a count.
        assert_eq!(found[0].usage.incomplete, 2);
        assert_eq!(super::rows(&cache, &legal, Basis::Linked, &[]).len(), 1);

        // From the second exchange on the large model costs less, and after the third nothing is stated.
        let prices = [(1, "15", None, Some(2)), (3, "10", Some(2), Some(4))];
        for (number, input, from, until) in prices {
            let item = LegalItem::Price(Price {
                model: Some("large".into()),
                input: input.parse().unwrap(),
                output: "75".parse().unwrap(),
                currency: "USD".into(),
                source: "list".into(),
                from,
                until,
            });
            legal.apply(&LegalDecision::Recorded { number, item });
        }
        let found = super::rows(&cache, &legal, Basis::All, &used(&legal));
        let of_large = found.iter().filter(|row| row.model.as_deref() == Some("large"));
        let summed: Vec<_> = of_large.map(|row| (row.price, row.usage.exchanges, row.cost)).collect();
        assert_eq!(summed, [(Some(1), 1, Some(15_000_000)), (Some(3), 1, Some(0))]);
    }

    #[test]
    fn stretches_are_cut_where_a_price_changes() {
        let mut legal = Legal::default();
        let price = |from, until| {
            let amount = || "1".parse().unwrap();
            let (input, output, currency, source) = (amount(), amount(), "USD".into(), "list".into());
            LegalItem::Price(Price { model: None, input, output, currency, source, from, until })
        };
        for (number, item) in [(1, price(None, Some(5))), (2, price(Some(5), Some(9)))] {
            legal.apply(&LegalDecision::Recorded { number, item });
        }
        let stretch = |from, to| Stretch { account: 7, from, to };
        let whole =
            [(None, Some(5)), (Some(5), Some(9)), (Some(9), None)].map(|(from, to)| stretch(from, to));
        assert_eq!(cut(&legal, &[stretch(None, None)]), whole);
        let inside = stretch(Some(5), Some(9));
        assert_eq!(cut(&legal, &[inside]), [inside]);
        assert_eq!(cut(&Legal::default(), &[stretch(None, None)]), [stretch(None, None)]);
    }
}
