//! Move to a new model: share of the group's accounts that moved within a day of its launch.

use super::null::{p_value, random_group};
use super::signal::{GroupInput, GroupOutcome, GroupSignal, spread};
use crate::cache::{AccountIndex, Cache};
use crate::model::Zone;
use crate::signals::reference::Reference;
use crate::signals::{About, Axis, SignalFamily};

/// Maximum number of members measured; a larger group is sampled at even steps.
const MAX_MEMBERS: usize = 200;

/// Minimum number of accounts in use before and after the launch of a model.
const MIN_ACCOUNTS: usize = 3;

const ABOUT: About = About {
    id: "G4",
    title: "move to a new model",
    version: 2,
    unit: "share of accounts moved within 24 hours (0 to 1)",
    definition: "Share of the group's accounts that used a new model within 24 hours of its launch. Counted are \
                 accounts in use both before the launch and 24 hours after it. A model is launched when a third \
                 account first uses it. Models first used within two days of the first exchange of the case are \
                 not new. p is the share of 999 random groups of the same cohorts and size of which as large a \
                 share moved; drawing stops at the twentieth. Needs three such accounts.",
    source: "Besag & Clifford 1991 for the p-value; public case reports for the behaviour",
    needs: &["model"],
    look_alikes: &["developers who follow the news", "a default that the provider changed"],
    tells_apart: "the investigator's events: what the provider switched for everyone; api_key_id: one program changed once",
    axis: Axis::Extraction,
    family: SignalFamily::Rhythm,
    tests_upper_tail: true,
    rises_with_volume: false,
    weight: 0.0,
};

pub(super) struct NewModel;

impl GroupSignal for NewModel {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn measure(&self, input: &GroupInput<'_>) -> GroupOutcome {
        let members = spread(input.members, MAX_MEMBERS);
        let count = |accounts: &[AccountIndex]| {
            let moves = accounts.iter().filter_map(|&account| input.reference.moves.of(account));
            moves.fold((0_usize, 0_usize), |(moved, all), is_moved| (moved + usize::from(is_moved), all + 1))
        };
        let of = |accounts: &[AccountIndex]| {
            let (moved, all) = count(accounts);
            (all >= MIN_ACCOUNTS).then(|| moved as f64 / all as f64)
        };
        let Some(value) = of(&members) else {
            return GroupOutcome::NotApplicable(format!(
                "fewer than {MIN_ACCOUNTS} accounts were in use before and after the launch of a model"
            ));
        };
        let Some(test) = p_value(-value, |n| Some(-of(&random_group(input, &members, n))?)) else {
            return GroupOutcome::NotApplicable("no random group could be measured".to_owned());
        };
        let (moved, all) = count(&members);
        GroupOutcome::Measured {
            value,
            test,
            sentence: format!(
                "{moved} of {all} accounts in use before and after a launch ({:.1} %) used the new model within 24 hours, \
                 against {:.1} % of all such accounts of the case. {}. Random groups of their peers are as extreme",
                value * 100.0,
                input.reference.moves.share() * 100.0,
                launches(input.cache, input.reference)
            ),
        }
    }
}

/// Maximum number of launches that a sentence names.
const NAMED: usize = 3;

/// Launches in words: models with the time of the third account's first use.
fn launches(cache: &Cache, reference: &Reference) -> String {
    let all = reference.moves.launches();
    let named = all.iter().take(NAMED).map(|&(time, model)| {
        let model = cache.values().get(model as usize).map_or("", |value| value.value.as_str());
        format!("{model} on {} UTC", Zone::utc().format(time))
    });
    let named: Vec<String> = named.collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("Launches, by the third account to use a model: {}{more}", named.join(", "))
}
