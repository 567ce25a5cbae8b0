//! Number of exchanges of each account on each day.

use super::account::Account;
use super::draw::{Draw, Purpose};
use super::plan::Plan;
use super::rhythm;

/// Sets the number of exchanges of each account on each day; the sums are exactly those of the plan.
pub fn volumes(plan: &Plan, accounts: &mut [Account]) {
    let mut from = 0;
    let mut left = plan.exchanges;
    for campaign in &plan.campaigns {
        let to = from + campaign.accounts_of(plan.accounts) as usize;
        let total = campaign.exchanges_of(plan.exchanges);
        share_out(plan, &mut accounts[from..to], total);
        (from, left) = (to, left - total);
    }
    share_out(plan, &mut accounts[from..], left);
}

/// Minimum number of exchanges of a look-alike in a log that is large enough: as many as signals need.
const MIN_EXCHANGES: f64 = 30.0;

/// Gives each account its least number of exchanges and its weighted share of the others, by
/// cumulative rounding. A look-alike with too few exchanges to be measured could not serve as a control.
fn share_out(plan: &Plan, accounts: &mut [Account], total: u64) {
    let mean = total as f64 / accounts.len().max(1) as f64;
    let enough = ((mean * 0.8).min(MIN_EXCHANGES) as u64).max(1);
    let least =
        |account: &Account| if account.campaign.is_none() && !account.group.is_empty() { enough } else { 1 };
    let spare = total.saturating_sub(accounts.iter().map(least).sum()) as f64;
    let weights: Vec<f64> = accounts.iter().map(|account| weight(plan, account)).collect();
    let sum: f64 = weights.iter().sum();
    let (mut cumulative, mut given) = (0.0, 0_u64);
    let last = accounts.len().saturating_sub(1);
    for (place, (account, weight)) in accounts.iter_mut().zip(&weights).enumerate() {
        cumulative += weight;
        let upto = if place == last { spare } else { (cumulative / sum * spare).floor().min(spare) } as u64;
        account.days = rhythm::days(plan, account, least(account) + upto - given);
        given = upto;
    }
}

/// Weight of an account's volume among accounts of its kind.
fn weight(plan: &Plan, account: &Account) -> f64 {
    let mut draw = Draw::keyed(plan.seed, Purpose::Volume, account.number.into(), 0);
    let seen = f64::from(account.span.1 - account.span.0 + 1) / f64::from(plan.days);
    // Server-side kinds vary less, so that no single customer is half of a log.
    let sigma = if account.campaign.is_some() {
        0.3
    } else if account.kind.volume > 2.0 {
        0.5
    } else {
        0.9
    };
    account.kind.volume * seen * draw.log_normal(1.0, sigma)
}
