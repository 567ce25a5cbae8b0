//! `05_methods`: the signals' own words, error rates on controls, and what the program was.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::BundleError;
use super::records::pretty;
use super::relied::{Relied, accounts_of};
use crate::cache::{AccountIndex, Cache};
use crate::case::State;
use crate::exhibit::{Table, cell};
use crate::leads::Leads;
use crate::model::{Tag, Watcher, Zone};
use crate::signals;

/// `signals.json`: every signal's definition, source, needs and look-alikes.
pub(super) fn signals() -> Vec<u8> {
    let all: Vec<Value> = signals::ALL
        .iter()
        .map(|signal| {
            let about = signal.about();
            json!({
                "id": about.id,
                "title": about.title,
                "version": about.version,
                "unit": about.unit,
                "definition": about.definition,
                "source": about.source,
                "needs": about.needs,
                "look_alikes": about.look_alikes,
                "tells_apart": about.tells_apart,
                "axis": match about.axis {
                    signals::Axis::CommonControl => "common control",
                    signals::Axis::Extraction => "extraction-likeness",
                },
                "telling_when": if about.high_is_telling { "high" } else { "low" },
            })
        })
        .collect();
    pretty(&Value::Array(all))
}

/// `environment.json`: program, signals and column mappings; no machine and no path.
pub(super) fn environment(state: &State, cache: &Cache, zone: &Zone) -> Vec<u8> {
    let versions: BTreeMap<_, _> =
        signals::ALL.iter().map(|signal| (signal.about().id, signal.about().version)).collect();
    let mappings: Vec<Value> = state
        .snapshots
        .iter()
        .map(|snapshot| json!({"snapshot_sha256": snapshot.sha256, "mapping": snapshot.mapping}))
        .collect();
    let topics = cache.topic_model();
    pretty(&json!({
        "program": "stillhunt",
        "version": env!("CARGO_PKG_VERSION"),
        "signals": versions,
        "seeds": "fixed in this version of the program; the same snapshots give the same figures",
        "topics": {"path": topics.path, "description": topics.description, "absent": topics.absent},
        "zone": zone.name(),
        "mappings": mappings,
    }))
}

/// An account named as a control: known to be benign.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Control {
    /// Which account.
    pub account: AccountIndex,
    /// The first evidence that names it.
    pub evidence: u64,
    /// Its place in the ranking; `None` where it was not ranked.
    pub rank: Option<u32>,
}

/// All accounts that evidence tagged as control names, each once, by account.
pub(super) fn controls(
    state: &State,
    cache: &Cache,
    leads: &Leads,
    watcher: &dyn Watcher,
) -> Result<Vec<Control>, BundleError> {
    let mut named: BTreeMap<AccountIndex, u64> = BTreeMap::new();
    for evidence in state.evidence.values().filter(|evidence| evidence.tag == Tag::Control) {
        for account in accounts_of(&evidence.source, cache, watcher)? {
            named.entry(account).or_insert(evidence.id);
        }
    }
    let named = named.into_iter();
    Ok(named
        .map(|(account, evidence)| Control { account, evidence, rank: rank_of(leads, account) })
        .collect())
}

fn rank_of(leads: &Leads, account: AccountIndex) -> Option<u32> {
    let lead = leads.accounts.get(*leads.rank_of.get(account as usize)? as usize)?;
    (lead.account == account).then_some(lead.rank)
}

/// `controls.csv`: the accounts that error rates are measured on.
pub(super) fn controls_table(controls: &[Control], cache: &Cache) -> Table {
    let mut table = Table::new(["account_id", "evidence", "rank", "of_accounts"]);
    for control in controls {
        table.push(vec![
            cell(cache.accounts()[control.account as usize].id.as_str()),
            format!("E{}", control.evidence),
            control.rank.map_or_else(|| "not ranked".to_owned(), |rank| rank.to_string()),
            cache.accounts().len().to_string(),
        ]);
    }
    table
}

/// `error_rates.csv`: how many controls rank above the worst-ranked account relied on; without
/// controls or without accounts relied on one row that says that no error rate is claimed.
pub(super) fn error_rates(relied: &[Relied], controls: &[Control], leads: &Leads) -> Table {
    let accounts: BTreeSet<_> = relied.iter().flat_map(|lead| &lead.accounts).collect();
    let worst = accounts.iter().filter_map(|account| rank_of(leads, **account)).max();
    let ranks: Vec<u32> = controls.iter().filter_map(|control| control.rank).collect();
    let mut table = Table::new(["threshold_rank", "controls", "controls_ranked_above", "share", "statement"]);
    table.push(match worst {
        Some(worst) if !ranks.is_empty() => {
            let above = ranks.iter().filter(|rank| **rank < worst).count();
            vec![
                worst.to_string(),
                ranks.len().to_string(),
                above.to_string(),
                format!("{:.4}", above as f64 / ranks.len() as f64),
                "controls ranked above the worst-ranked account relied on; holds for these controls only"
                    .to_owned(),
            ]
        }
        _ => {
            let said = "no error rate is claimed: no control accounts, or no ranked account is relied on";
            let threshold = worst.map_or_else(String::new, |worst| worst.to_string());
            vec![threshold, ranks.len().to_string(), String::new(), String::new(), said.to_owned()]
        }
    });
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::AccountLead;

    #[test]
    fn without_controls_nothing_is_claimed() {
        let lead = |account, rank| AccountLead {
            account,
            rank,
            score: 0.0,
            p_value: None,
            q_value: None,
            campaign: None,
            cohort: 0,
        };
        let leads = Leads {
            accounts: vec![lead(2, 1), lead(0, 2), lead(1, 3)],
            rank_of: vec![1, 2, 0],
            ..Leads::default()
        };
        let relied = [Relied {
            evidence: 1,
            name: "campaign 1".into(),
            accounts: vec![0],
            reasons: vec![],
            alternatives: vec![],
        }];
        let csv = |controls: &[Control]| {
            String::from_utf8(error_rates(&relied, controls, &leads).to_csv()).unwrap()
        };
        assert!(csv(&[]).contains("2,0,,,\"no error rate is claimed"));
        let control = |account| Control { account, evidence: 2, rank: rank_of(&leads, account) };
        assert!(csv(&[control(1), control(2)]).contains("\n2,2,1,0.5000,"));
    }
}
