//! Figures of the legal frame computed from the logs: exchanges after notices, harm, gaps of acceptance.

use std::collections::BTreeSet;

use super::access::{self, AfterRow, Members};
use super::gaps::{self, GapRow};
use super::harm::{self, Basis, HarmRow};
use super::tables::{AFTER, GAPS, HARM, HARM_COLUMNS, LegalTable};
use super::utc::utc;
use crate::bundle::BundleError;
use crate::bundle::relied::relied_parts;
use crate::cache::{AccountIndex, Cache};
use crate::case::State;
use crate::case::legal::{Amount, Profile};
use crate::exhibit::{Table, cell};
use crate::leads::Leads;
use crate::model::Watcher;
use crate::query::usage::{ByModel, Stretch, Usage, ends, usage};

/// Figures of the legal frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegalFigures {
    /// Accounts relied on: those of all evidence with that tag, single exchanges included.
    pub relied: BTreeSet<AccountIndex>,
    /// Exchanges after notices, by notice, relation and account; accounts without such exchanges are left out.
    pub after: Vec<AfterRow>,
    /// Exchanges, tokens and cost.
    pub harm: Vec<HarmRow>,
    /// Acceptance by each account relied on; empty where no file of acceptance is recorded.
    pub gaps: Vec<GapRow>,
}

/// Computes the figures of the legal frame of a state.
///
/// # Errors
/// A scope that the cache cannot read, or cancelled.
pub fn legal_figures(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    watcher: &dyn Watcher,
) -> Result<LegalFigures, BundleError> {
    let [claimed, single] = relied_parts(state, cache, watcher)?;
    let relied: BTreeSet<AccountIndex> = claimed.union(&single).copied().collect();
    let legal = &state.legal;
    let asked = access::stretches(cache, leads, legal, &relied);
    let [addressed, linked] = access::ended(&asked);
    // An account of which single exchanges are marked is claimed nowhere as a whole.
    let whole = claimed.iter().map(|&account| Stretch { account, from: None, to: None });
    let mut all: Vec<Stretch> = asked.iter().map(|one| one.stretch).collect();
    // A price may change within a stretch.
    let bases = [whole.collect(), addressed, linked].map(|own: Vec<Stretch>| harm::cut(legal, &own));
    all.extend(bases.iter().flatten());
    watcher.step("counting exchanges after notices", 0, 0, "accounts");
    let counted = usage(cache, &all, watcher)?;
    let members = Members { leads };
    let mut after: Vec<AfterRow> = asked
        .iter()
        .zip(&counted)
        .filter_map(|(one, by_model)| {
            let account = one.stretch.account;
            let created = cache.accounts()[account as usize].created;
            Some(AfterRow {
                notice: one.notice,
                kind: one.kind,
                at: one.at,
                account,
                relation: one.relation,
                lead: members.id_of(account),
                made_after: created.map(|created| created > one.at),
                span: ends(cache, &one.stretch)?,
                usage: total(by_model),
            })
        })
        .collect();
    // Positions of accounts follow the names in clear; the order of the rows may not.
    let name = |account: AccountIndex| &cache.accounts()[account as usize].id;
    after.sort_by(|a, b| {
        (a.at, a.notice, a.relation, name(a.account)).cmp(&(b.at, b.notice, b.relation, name(b.account)))
    });
    let mut rest = &counted[asked.len()..];
    let mut harm = Vec::new();
    for (basis, stretches) in Basis::ALL.into_iter().zip(&bases) {
        let (own, others) = rest.split_at(stretches.len());
        rest = others;
        let pieces: Vec<(Stretch, ByModel)> = stretches.iter().copied().zip(own.iter().cloned()).collect();
        harm.extend(harm::rows(cache, legal, basis, &pieces));
    }
    let mut gaps = gaps::rows(cache, legal, relied.iter().copied());
    gaps.sort_by(|a, b| name(a.account).cmp(name(b.account)));
    Ok(LegalFigures { relied, after, harm, gaps })
}

fn total(by_model: &ByModel) -> Usage {
    by_model.values().fold(Usage::default(), |mut all, own| {
        all.add(*own);
        all
    })
}

impl LegalFigures {
    /// Accounts with an exchange after their access was ended.
    pub(in crate::bundle) fn after_the_end(&self) -> usize {
        access::after_the_end(self.after.iter().map(|row| (row.kind, row.account)))
    }

    /// The tables of a profile.
    pub(in crate::bundle) fn tables(&self, cache: &Cache, profile: Profile) -> Vec<LegalTable> {
        let made = |path, title, table| LegalTable { path, title, table };
        let mut all = vec![
            made(AFTER, "Exchanges after notices", self.after_table(cache)),
            made(HARM, "Harm: exchanges, tokens, cost", self.harm_table()),
        ];
        if profile != Profile::TradeSecret {
            all.push(made(GAPS, "Acceptance by accounts relied on", self.gaps_table(cache)));
        }
        all
    }

    fn after_table(&self, cache: &Cache) -> Table {
        let header = [
            "notice",
            "kind",
            "time_utc",
            "account",
            "relation",
            "lead",
            "made_after_it",
            "first_utc",
            "last_utc",
            "exchanges",
            "input_tokens",
            "output_tokens",
            "exchanges_without_token_counts",
        ];
        let mut table = Table::new(header);
        for row in &self.after {
            let made_after = row.made_after.map_or("not recorded", |after| if after { "yes" } else { "no" });
            table.push(vec![
                format!("N{}", row.notice),
                row.kind.word().to_owned(),
                utc(Some(row.at)),
                cell(cache.accounts()[row.account as usize].id.as_str()),
                row.relation.word().to_owned(),
                row.lead.as_ref().map_or_else(String::new, ToString::to_string),
                made_after.to_owned(),
                utc(Some(row.span[0])),
                utc(Some(row.span[1])),
                row.usage.exchanges.to_string(),
                row.usage.input.to_string(),
                row.usage.output.to_string(),
                row.usage.incomplete.to_string(),
            ]);
        }
        table
    }

    fn harm_table(&self) -> Table {
        let mut table = Table::new(HARM_COLUMNS);
        for row in &self.harm {
            let model = match (row.is_sum, &row.model, row.cost) {
                (true, _, Some(_)) => "all models with a price",
                (true, _, None) => "all models without a price",
                (false, None, _) => "not recorded",
                (false, Some(model), _) => model,
            };
            table.push(vec![
                row.basis.words().to_owned(),
                cell(model),
                row.usage.exchanges.to_string(),
                row.usage.incomplete.to_string(),
                row.usage.input.to_string(),
                row.usage.output.to_string(),
                row.price.map_or_else(String::new, |price| price.to_string()),
                cell(&row.currency),
                row.cost.map_or_else(String::new, Amount::written),
            ]);
        }
        table
    }

    fn gaps_table(&self, cache: &Cache) -> Table {
        let header = [
            "account",
            "first_exchange_utc",
            "first_acceptance_utc",
            "accepted_by_utc",
            "records",
            "versions",
            "exchanges",
            "exchanges_before_acceptance",
            "exchanges_on_day_of_acceptance",
            "finding",
        ];
        let mut table = Table::new(header);
        for row in &self.gaps {
            let account = &cache.accounts()[row.account as usize];
            let is_used = account.exchanges > 0;
            table.push(vec![
                cell(account.id.as_str()),
                utc(is_used.then_some(account.first)),
                utc(row.first),
                utc(row.latest),
                row.records.to_string(),
                cell(&row.versions.join("; ")),
                account.exchanges.to_string(),
                row.before.to_string(),
                row.on_day.to_string(),
                row.gap.words().to_owned(),
            ]);
        }
        table
    }
}
