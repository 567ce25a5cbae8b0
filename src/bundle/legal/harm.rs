//! Harm: exchanges, tokens, and their cost at stated prices.

use std::collections::BTreeMap;

use crate::cache::Cache;
use crate::case::legal::{Amount, Legal};
use crate::query::usage::{ByModel, Usage};

/// Exchanges that a cost is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// All exchanges of the accounts relied on.
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

/// Exchanges, tokens and cost of one model, or of all.
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

/// Rows of a basis: one a model, then one sum a currency, the sum of models without a price last.
pub(super) fn rows(cache: &Cache, legal: &Legal, basis: Basis, by_model: &ByModel) -> Vec<HarmRow> {
    let mut rows: Vec<HarmRow> = by_model
        .iter()
        .map(|(&model, &usage)| {
            let model = model.map(|at| cache.values()[at as usize].value.clone());
            let price = legal.price_of(model.as_deref());
            let cost = price.map(|(_, price)| {
                Amount::of_tokens(price.input, usage.input) + Amount::of_tokens(price.output, usage.output)
            });
            let currency = price.map_or_else(String::new, |(_, price)| price.currency.clone());
            HarmRow {
                basis,
                model,
                is_sum: false,
                usage,
                price: price.map(|(number, _)| number),
                currency,
                cost,
            }
        })
        .collect();
    // Positions of values follow the names in clear; the order of the rows may not.
    rows.sort_by(|a, b| a.model.cmp(&b.model));
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
            });
            legal.apply(&LegalDecision::Recorded { number, item });
        }
        let stretch = Stretch { account: 0, from: None, to: None };
        let used = usage(&cache, &[stretch], &Silent).unwrap();
        let found = super::rows(&cache, &legal, Basis::All, &used[0]);
        let told: Vec<(Option<&str>, &str, u64, Option<u128>)> = found
            .iter()
            .map(|row| (row.model.as_deref(), row.currency.as_str(), row.usage.exchanges, row.cost))
            .collect();
        assert_eq!(
            told,
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
        assert_eq!(super::rows(&cache, &legal, Basis::Linked, &ByModel::new()).len(), 1);
    }
}
