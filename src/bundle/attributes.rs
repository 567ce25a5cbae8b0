//! `04_summaries/underlying/E1.attributes.csv`: attribute values of each account of a piece of evidence, and how many
//! accounts of the case have each.
//!
//! Shared values, links by value and the figures beside benign explanations are counted from it, by the export and by
//! `verify`.

use std::collections::{BTreeMap, BTreeSet};

use crate::cache::{AccountIndex, Cache};
use crate::exhibit::{Table, cell};
use crate::model::{AttributeKind, counted, format_count};
use crate::query::links::MULTITUDE;

/// Ending of the file's name.
pub(super) const ATTRIBUTES: &str = "attributes.csv";
/// Its columns.
pub(super) const COLUMNS: [&str; 4] = ["account_id", "attribute", "value", "accounts_with_value"];

/// Accounts that have a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Held {
    /// Those of the evidence, as tables have their names.
    pub by: BTreeSet<String>,
    /// Number of all accounts of the case.
    pub in_all: u32,
}

/// Values of the accounts of a piece of evidence, as tables have them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attributes {
    /// All accounts.
    pub accounts: BTreeSet<String>,
    /// Accounts by kind and value.
    pub values: BTreeMap<AttributeKind, BTreeMap<String, Held>>,
}

/// Median of a signal over some accounts.
pub(super) struct Median {
    /// `C2 coverage`.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Accounts on which it could be measured.
    pub measured: usize,
    /// Lower median; `None` where it could be measured on none.
    pub value: Option<f64>,
}

impl Attributes {
    /// Of accounts of an open cache.
    pub(super) fn of(cache: &Cache, accounts: &[AccountIndex]) -> Self {
        let mut made = Self::default();
        for &account in accounts {
            let id = cell(cache.accounts()[account as usize].id.as_str());
            for (value, _) in cache.values_of(account) {
                let value = &cache.values()[*value as usize];
                made.add(&id, value.kind, cell(&value.value), value.accounts);
            }
            made.accounts.insert(id);
        }
        made
    }

    fn add(&mut self, account: &str, kind: AttributeKind, value: String, in_all: u32) {
        let held = self.values.entry(kind).or_default().entry(value).or_default();
        held.by.insert(account.to_owned());
        held.in_all = in_all;
    }

    /// Of the rows of the file, for these accounts.
    ///
    /// # Errors
    /// A row, from 1, that is none of the file's.
    pub(super) fn read(rows: &[Vec<String>], accounts: BTreeSet<String>) -> Result<Self, usize> {
        let mut made = Self { accounts, ..Self::default() };
        for (row, at) in rows.iter().zip(1..) {
            let [account, kind, value, in_all] = row.as_slice() else { return Err(at) };
            let (Ok(kind), Ok(in_all)) = (kind.parse::<AttributeKind>(), in_all.parse::<u32>()) else {
                return Err(at);
            };
            let known = made.values.get(&kind).and_then(|values| values.get(value));
            let is_repeated = known.is_some_and(|held| held.in_all != in_all || held.by.contains(account));
            if is_repeated || !made.accounts.contains(account) {
                return Err(at);
            }
            made.add(account, kind, value.clone(), in_all);
        }
        let values = || made.values.values().flat_map(BTreeMap::values);
        match values().all(|held| held.in_all as usize >= held.by.len()) {
            true => Ok(made),
            false => Err(rows.len()),
        }
    }

    /// The table, by account, kind and value.
    pub(super) fn table(&self) -> Table {
        let mut rows: Vec<[String; 4]> = Vec::new();
        for (kind, values) in &self.values {
            for (value, held) in values {
                let row = |account: &String| {
                    [account.clone(), kind.name().to_owned(), value.clone(), held.in_all.to_string()]
                };
                rows.extend(held.by.iter().map(row));
            }
        }
        rows.sort();
        let mut table = Table::new(COLUMNS);
        rows.into_iter().for_each(|row| table.push(row.to_vec()));
        table
    }

    /// Values of a kind.
    fn of_kind(&self, kind: AttributeKind) -> impl Iterator<Item = (&String, &Held)> {
        self.values.get(&kind).into_iter().flatten()
    }

    /// Figures for or against a benign explanation.
    pub(super) fn measured(&self, explanation: &str, median: &dyn Fn(&str) -> Option<Median>) -> String {
        let count = |kind: AttributeKind| self.distinct(kind);
        let most = |kind: AttributeKind| self.most_common(kind);
        let median = |id: &str| self.in_words(id, median(id));
        match explanation {
            "reseller" => {
                [AttributeKind::OrgId, AttributeKind::PaymentFingerprint, AttributeKind::EmailDomain]
                    .map(count)
                    .join("; ")
            }
            "shared NAT" => format!(
                "{}; {}; {} of {} use an IP that more than {MULTITUDE} accounts of the case share",
                count(AttributeKind::Ip),
                count(AttributeKind::Ip24),
                self.holders(AttributeKind::Ip, |_, held| held.in_all > MULTITUDE),
                self.all()
            ),
            "evaluation vendor" => format!(
                "{}; {}; {}",
                most(AttributeKind::StatedUseCase),
                count(AttributeKind::OrgId),
                median("C2")
            ),
            "university" => format!(
                "{} of {} have an academic email domain (with .edu or .ac); {}; {}",
                self.holders(AttributeKind::EmailDomain, |value, _| is_academic(value)),
                self.all(),
                count(AttributeKind::EmailDomain),
                most(AttributeKind::EmailDomain)
            ),
            "batch customer" => {
                format!("{}; {}; {}", most(AttributeKind::PromptTemplate), median("R1"), median("R2"))
            }
            // The lead's own: when its accounts were made and what they have in common.
            _ => format!(
                "{}; {}; {}",
                most(AttributeKind::StatedUseCase),
                most(AttributeKind::PromptTemplate),
                median("R7")
            ),
        }
    }

    /// `1 account`, `3,829 accounts`.
    fn all(&self) -> String {
        counted(self.accounts.len() as u64, "account", "accounts")
    }

    fn distinct(&self, kind: AttributeKind) -> String {
        match self.of_kind(kind).count() {
            0 => format!("{}: not recorded", kind.title()),
            more => {
                let values = counted(more as u64, "value", "values");
                format!("{}: {values} among {}", kind.title(), self.all())
            }
        }
    }

    /// The most common value among the accounts; the first of equals by its name.
    fn most_common(&self, kind: AttributeKind) -> String {
        let most = self.of_kind(kind).max_by(|a, b| a.1.by.len().cmp(&b.1.by.len()).then(b.0.cmp(a.0)));
        most.map_or_else(
            || format!("{}: not recorded", kind.title()),
            |(value, held)| {
                let value: String = value.chars().take(80).collect();
                let count = format_count(held.by.len() as u64);
                format!("most common {}: “{value}”, {count} of {}", kind.title(), self.all())
            },
        )
    }

    /// Number of accounts with a value that is one of these.
    fn holders(&self, kind: AttributeKind, is_one: impl Fn(&str, &Held) -> bool) -> String {
        let values = self.of_kind(kind).filter(|(value, held)| is_one(value, held));
        let accounts: BTreeSet<&String> = values.flat_map(|(_, held)| &held.by).collect();
        format_count(accounts.len() as u64)
    }

    fn in_words(&self, id: &str, median: Option<Median>) -> String {
        let Some(Median { name, unit, measured, value }) = median else {
            return format!("{id}: not measured");
        };
        match value {
            None => format!("{name}: not testable on any account"),
            Some(middle) => format!(
                "{name}: median {middle:.3} {unit}, measured on {} of {}",
                format_count(measured as u64),
                self.all()
            ),
        }
    }
}

fn is_academic(value: &str) -> bool {
    let domain = format!("{}.", value.to_lowercase());
    domain.contains(".edu.") || domain.contains(".ac.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(all: &[[&str; 4]]) -> Vec<Vec<String>> {
        all.iter().map(|row| row.map(str::to_owned).to_vec()).collect()
    }

    #[test]
    fn the_table_and_its_figures_follow_from_the_rows() {
        let rows = rows(&[
            ["a", "email_domain", "x.edu", "2"],
            ["a", "ip", "10.0.0.1", "90"],
            ["b", "email_domain", "x.edu", "2"],
        ]);
        let accounts: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
        let made = Attributes::read(&rows, accounts.clone()).unwrap();
        assert_eq!(made.table().rows(), rows);
        let none = |_: &str| None;
        assert_eq!(
            made.measured("reseller", &none),
            "organisation: not recorded; payment: not recorded; email domain: 1 value among 2 accounts"
        );
        assert!(made.measured("shared NAT", &none).contains("1 of 2 accounts use an IP"));
        assert!(made.measured("university", &none).starts_with("2 of 2 accounts have an academic"));
        for (row, column, to) in [(0, 0, "c"), (0, 1, "card"), (0, 3, "1"), (2, 3, "3"), (2, 0, "a")] {
            let mut wrong = rows.clone();
            wrong[row][column] = to.to_owned();
            assert!(Attributes::read(&wrong, accounts.clone()).is_err(), "{row} {column} {to}");
        }
    }
}
