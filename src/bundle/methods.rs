//! `05_methods`: definitions of signals, error rates on controls, versions of the program.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::BundleError;
use super::records::pretty;
use super::relied::{Relied, accounts_of};
use crate::cache::{AccountIndex, Cache};
use crate::case::{Program, State};
use crate::evaluation::{self, Class, LastRead, Power, Rate, StoredPower, Truth};
use crate::exhibit::{Table, cell};
use crate::leads::{self, AccountLead, Leads};
use crate::model::{Tag, Watcher, Zone};
use crate::signals;
use crate::signals::context::CONTEXT;

/// `signals.json`: every signal of accounts and every measure of groups: definition, source, needs and
/// look-alikes.
pub(super) fn signals() -> Vec<u8> {
    let all: Vec<Value> = signals::abouts()
        .map(|about| {
            let of_accounts = signals::ALL.iter().any(|signal| signal.about() == about);
            json!({
                "id": about.id,
                "measured_on": if of_accounts { "accounts" } else { "groups" },
                "weight_in_ranking": about.weight,
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
                "telling_when": if about.tests_upper_tail { "high" } else { "low" },
            })
        })
        .collect();
    pretty(&Value::Array(all))
}

/// `context.json`: context figures of accounts, which are part of no score.
pub(super) fn context() -> Vec<u8> {
    let all: Vec<Value> = CONTEXT
        .iter()
        .map(|context| {
            let about = context.about();
            json!({
                "id": about.id,
                "title": about.title,
                "unit": about.unit,
                "definition": about.definition,
                "needs": about.needs,
                "caution": about.caution,
            })
        })
        .collect();
    pretty(&Value::Array(all))
}

/// `events.json`: account events that distinguish content communities.
pub(super) fn events() -> Vec<u8> {
    let all: Vec<Value> = leads::events()
        .map(|about| {
            json!({
                "id": about.id,
                "title": about.title,
                "accounts": about.predicate,
                "cause": about.family.word(),
                "look_alike": about.look_alike,
                "tells_apart": about.tells_apart,
            })
        })
        .collect();
    pretty(&Value::Array(all))
}

/// Keys of `environment.json`.
pub(super) const ENVIRONMENT_KEYS: [&str; 9] =
    ["program", "version", "commit", "binary_sha256", "signals", "seeds", "topics", "zone", "mappings"];

/// Keys of the description of topics in it.
pub(super) const TOPIC_KEYS: [&str; 3] = ["path", "description", "absent"];

/// Keys of each mapping in it.
pub(super) const MAPPING_KEYS: [&str; 2] = ["snapshot_sha256", "mapping"];

/// `environment.json`: program, signals and column mappings, without machine and paths.
pub(super) fn environment(state: &State, cache: &Cache, zone: &Zone) -> Vec<u8> {
    let mappings: Vec<Value> = state
        .snapshots
        .iter()
        .map(|snapshot| json!({"snapshot_sha256": snapshot.sha256, "mapping": snapshot.mapping}))
        .collect();
    let topics = cache.topic_model();
    let program = Program::running();
    let mut made = json!({
        "program": null,
        "version": program.version,
        "commit": program.commit,
        "binary_sha256": program.binary,
        "signals": null,
        "seeds": null,
        "topics": {"path": topics.path, "description": topics.description, "absent": topics.absent},
        "zone": zone.name(),
        "mappings": mappings,
    });
    constants().into_iter().for_each(|(key, value)| made[key] = value);
    pretty(&made)
}

/// Parts of the environment that a version of the program writes alike.
pub(super) fn constants() -> [(&'static str, Value); 3] {
    let versions: BTreeMap<_, _> = signals::abouts().map(|about| (about.id, about.version)).collect();
    [
        ("program", "stillhunt".into()),
        ("signals", json!(versions)),
        ("seeds", "fixed in this version of the program; the same snapshots give the same figures".into()),
    ]
}

/// Control account: known to be benign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Control {
    /// The account.
    pub account: AccountIndex,
    /// The first evidence that names it.
    pub evidence: u64,
}

/// All accounts of evidence with the tag control, each once, by account.
pub(super) fn controls(
    state: &State,
    cache: &Cache,
    watcher: &dyn Watcher,
) -> Result<Vec<Control>, BundleError> {
    let mut named: BTreeMap<AccountIndex, u64> = BTreeMap::new();
    for evidence in state.evidence.values().filter(|evidence| evidence.tag == Tag::Control) {
        for account in accounts_of(&evidence.source, cache, watcher)? {
            named.entry(account).or_insert(evidence.id);
        }
    }
    Ok(named.into_iter().map(|(account, evidence)| Control { account, evidence }).collect())
}

/// `controls.csv`: the control accounts with their ranks. An account without a testable signal says little
/// about error rates.
pub(super) fn controls_table(controls: &[Control], cache: &Cache, leads: &Leads) -> Table {
    let mut table = Table::new(["account_id", "evidence", "rank", "of_accounts", "testable", "lead"]);
    let mut controls = controls.to_vec();
    controls.sort_by_key(|control| &cache.accounts()[control.account as usize].id);
    for control in controls {
        let lead = lead_of(leads, control.account);
        let group = lead.and_then(|lead| leads.groups.get(lead.group? as usize));
        table.push(vec![
            cell(cache.accounts()[control.account as usize].id.as_str()),
            format!("E{}", control.evidence),
            lead.map_or_else(|| "not ranked".to_owned(), |lead| lead.rank.to_string()),
            cache.accounts().len().to_string(),
            if lead.is_some_and(|lead| lead.p_value.is_some()) { "yes" } else { "no" }.to_owned(),
            group.map_or_else(String::new, |group| group.id.to_string()),
        ]);
    }
    table
}

/// Columns of `power.csv`.
pub(super) const POWER_COLUMNS: [&str; 11] = [
    "accounts",
    "care",
    "new_and_heavy_share",
    "cover_share",
    "planted",
    "found",
    "found_low_95",
    "found_high_95",
    "found_and_corrected_p_at_most_0.05",
    "seed",
    "statement",
];
/// Statement of a case without planted campaigns.
pub(super) const NONE_PLANTED: &str =
    "0 campaigns were planted, so nothing is claimed about missed campaigns";

/// `power.csv`: share of campaigns, planted into a copy of the case, that were found. Without planted
/// campaigns, one row that states this.
///
/// # Errors
/// If the cache cannot be read.
pub(super) fn power(cache: &Cache) -> Result<Table, BundleError> {
    let mut table = Table::new(POWER_COLUMNS);
    let kept = StoredPower::load(cache)?.filter(|kept| !kept.figures.is_empty());
    let Some(kept) = kept else {
        table.push([vec![String::new(); 10], vec![NONE_PLANTED.to_owned()]].concat());
        return Ok(table);
    };
    kept.figures.iter().for_each(|power| table.push(power_row(power, &kept.seed.to_string())));
    Ok(table)
}

/// Row of planted campaigns of one size and level of care.
pub(super) fn power_row(power: &Power, seed: &str) -> Vec<String> {
    let (low, high) = power.surfaced.interval();
    vec![
        power.accounts.to_string(),
        power.care.name.to_owned(),
        power.care.new_and_heavy.to_string(),
        power.care.cover.to_string(),
        power.surfaced.of.to_string(),
        power.surfaced.hits.to_string(),
        format!("{low:.4}"),
        format!("{high:.4}"),
        power.passed.hits.to_string(),
        seed.to_owned(),
        power.sentence(),
    ]
}

fn lead_of(leads: &Leads, account: AccountIndex) -> Option<&AccountLead> {
    let lead = leads.accounts.get(*leads.rank_of.get(account as usize)? as usize)?;
    (lead.account == account).then_some(lead)
}

/// Columns of `error_rates.csv`. Controls of one lead are one unit of the interval.
pub(super) const RATE_COLUMNS: [&str; 9] =
    ["controls", "measured", "hits", "of", "units", "share", "low_95", "high_95", "statement"];

/// Class of all controls together.
pub(super) const ALL: &str = "all";

/// `error_rates.csv`: the measures of `stillhunt evaluate`, with the leads relied on as campaigns and the
/// controls as innocents. Counts the controls in leads down to the last lead relied on, and the controls that
/// rank above the worst-ranked account relied on: of all controls, then of each evidence, worst first.
/// Without controls or accounts relied on, one row that states that no error rate is claimed.
pub(super) fn error_rates(relied: &[Relied], controls: &[Control], leads: &Leads) -> Table {
    let mut table = Table::new(RATE_COLUMNS);
    let accounts: BTreeSet<AccountIndex> = relied.iter().flat_map(|lead| lead.accounts.clone()).collect();
    let named = controls.len();
    // An account that is control and relied on counts as relied on.
    let controls: Vec<Control> =
        controls.iter().copied().filter(|control| !accounts.contains(&control.account)).collect();
    let worst = accounts.iter().filter_map(|&account| lead_of(leads, account)).map(|lead| lead.rank).max();
    let (Some(worst), false) = (worst, controls.is_empty()) else {
        let statement = if named == 0 {
            "No error rate is claimed: 0 control accounts are named."
        } else if controls.is_empty() {
            "No error rate is claimed: every control account is relied on too."
        } else {
            "No error rate is claimed: 0 ranked accounts are relied on."
        };
        table.push([vec![String::new(); 8], vec![statement.to_owned()]].concat());
        return table;
    };
    let units = |class: &str| {
        let own = controls.iter().filter(|control| class == ALL || class == format!("E{}", control.evidence));
        let unit = |control: &Control| match lead_of(leads, control.account).and_then(|lead| lead.group) {
            Some(group) => (Some(group), 0),
            None => (None, control.account),
        };
        own.map(unit).collect::<BTreeSet<_>>().len()
    };
    let all = truth(relied, &controls, leads, |_| ALL.to_owned());
    let each = truth(relied, &controls, leads, |control| format!("E{}", control.evidence));
    for truth in [&all, &each] {
        let innocents = evaluation::innocents(leads, truth);
        let read = match innocents.last_read {
            LastRead::LastCampaign(1) => "in the first lead, which has accounts relied on".to_owned(),
            LastRead::LastCampaign(rank) => {
                format!("in the first {rank} leads, down to the last of accounts relied on")
            }
            LastRead::Discoveries => {
                "in leads with a q-value of at most 0.1; 0 leads have accounts relied on".to_owned()
            }
        };
        for class in &innocents.classes {
            let of = (class.in_leads, units(&class.name));
            table.push(rate_row(&class.name, "controls in leads", of, &read));
        }
        for (class, members) in truth.classes().into_iter().filter(|(class, _)| !class.campaign) {
            let above = evaluation::above(leads, &members, worst);
            let statement = format!("ranked above rank {worst}, the worst of an account relied on");
            let of = (above, units(&class.name));
            table.push(rate_row(&class.name, "controls ranked above", of, &statement));
        }
    }
    table
}

/// The accounts relied on as one campaign each, the controls as innocents of a class each.
fn truth(
    relied: &[Relied],
    controls: &[Control],
    leads: &Leads,
    class_of: impl Fn(&Control) -> String,
) -> Truth {
    let campaigns = relied.iter().flat_map(|lead| {
        let class = Class { campaign: true, name: format!("E{}", lead.evidence) };
        lead.accounts.iter().map(move |&account| (account, class.clone()))
    });
    let innocents =
        controls.iter().map(|control| (control.account, Class { campaign: false, name: class_of(control) }));
    Truth::new(leads.accounts.len(), campaigns.chain(innocents))
}

fn rate_row(controls: &str, measured: &str, (rate, units): (Rate, usize), statement: &str) -> Vec<String> {
    let (low, high) = rate.interval_over(units);
    vec![
        controls.to_owned(),
        measured.to_owned(),
        rate.hits.to_string(),
        rate.of.to_string(),
        units.to_string(),
        rate.share().map_or_else(String::new, |share| format!("{share:.4}")),
        format!("{low:.4}"),
        format!("{high:.4}"),
        format!("{statement}; holds for these controls only"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_controls_nothing_is_claimed() {
        let lead = |account, rank| AccountLead {
            account,
            rank,
            score: 0.0,
            p_value: None,
            group: None,
            membership: None,
            nearest: None,
            cohort: 0,
        };
        let leads = Leads {
            accounts: vec![lead(2, 1), lead(0, 2), lead(1, 3)],
            rank_of: vec![1, 2, 0],
            ..Leads::default()
        };
        let relied = [Relied {
            evidence: 1,
            name: "L-7f31ab".into(),
            lead: None,
            accounts: vec![0],
            figures: None,
            reasons: vec![],
            alternatives: vec![],
        }];
        let csv = |controls: &[Control]| {
            String::from_utf8(error_rates(&relied, controls, &leads).to_csv()).unwrap()
        };
        assert!(csv(&[]).contains("No error rate is claimed: 0 control accounts are named."));
        let control = |account, evidence| Control { account, evidence };
        let rates = csv(&[control(1, 2), control(2, 3)]);
        // Account 2 ranks first, account 0 is relied on and second, account 1 is last.
        assert!(rates.contains("\nall,controls ranked above,1,2,2,0.5000,0.0945,0.9055,"), "{rates}");
        assert!(rates.contains("\nE3,controls ranked above,1,1,1,1.0000,"), "{rates}");
        assert!(rates.contains("\nE2,controls in leads,0,1,1,0.0000,"), "{rates}");
        // An account relied on is not a control.
        assert!(csv(&[control(0, 4)]).contains("every control account is relied on too"));
    }
}
