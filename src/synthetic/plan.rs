//! The size, the dates and the campaigns of a synthetic log, checked.

use jiff::civil::Date;

use super::SyntheticError;
use super::campaign::Campaign;

/// Seconds of one day.
pub(super) const SECONDS_A_DAY: i64 = 86_400;

/// Size, dates and campaigns of a synthetic log, as given by the options.
#[derive(Clone, Debug)]
pub struct Options {
    /// Accounts.
    pub accounts: u32,
    /// Exchanges, at least one an account.
    pub exchanges: u64,
    /// Days.
    pub days: u32,
    /// First day (UTC).
    pub start: Date,
    /// The planted campaigns.
    pub campaigns: Vec<Campaign>,
    /// Dimensions of the prompts' embeddings; 0 for none.
    pub embeddings: u32,
    /// Seed of every draw.
    pub seed: u64,
}

/// The options, checked and worked out.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Accounts.
    pub accounts: u32,
    /// Exchanges.
    pub exchanges: u64,
    /// Days.
    pub(super) days: u32,
    /// First day (UTC).
    pub(super) start: Date,
    /// Seconds since 1970 at which the first day begins.
    pub(super) first_second: i64,
    /// Weekday of the first day: 0 is Monday.
    pub(super) first_weekday: u32,
    /// The planted campaigns.
    pub(super) campaigns: Vec<Campaign>,
    /// Dimensions of the prompts' embeddings; 0 for none.
    pub(super) embeddings: u32,
    /// The seed of every draw.
    pub(super) seed: u64,
}

impl Plan {
    /// Checks the options and works out the rest.
    ///
    /// # Errors
    /// Options that contradict each other: more accounts than exchanges, campaigns larger than all.
    pub fn new(options: &Options) -> Result<Self, SyntheticError> {
        let start = options.start;
        let plan = Self {
            accounts: options.accounts,
            exchanges: options.exchanges,
            days: options.days,
            start,
            first_second: start.duration_since(jiff::civil::date(1970, 1, 1)).as_secs(),
            first_weekday: start.weekday().to_monday_zero_offset() as u32,
            campaigns: options.campaigns.clone(),
            embeddings: options.embeddings,
            seed: options.seed,
        };
        let (mut accounts, mut exchanges) = (0_u64, 0_u64);
        for campaign in &plan.campaigns {
            let (its_accounts, its_exchanges) =
                (u64::from(campaign.accounts_of(plan.accounts)), campaign.exchanges_of(plan.exchanges));
            if its_exchanges < its_accounts {
                return refuse(format!("a campaign of {its_accounts} accounts needs as many exchanges"));
            }
            accounts += its_accounts;
            exchanges = exchanges.saturating_add(its_exchanges);
        }
        let others = u64::from(plan.accounts).checked_sub(accounts);
        let Some(others) = others else {
            return refuse(format!("the campaigns have {accounts} accounts, of {} in all", plan.accounts));
        };
        let Some(rest) = plan.exchanges.checked_sub(exchanges) else {
            return refuse(format!("the campaigns have {exchanges} exchanges, of {} in all", plan.exchanges));
        };
        if rest < others {
            return refuse(format!(
                "{others} accounts outside campaigns need as many exchanges, and have {rest}"
            ));
        }
        if others == 0 && rest > 0 {
            return refuse(format!("{rest} exchanges are left over, with no account to send them"));
        }
        Ok(plan)
    }
}

fn refuse(why: String) -> Result<Plan, SyntheticError> {
    Err(SyntheticError::Contradiction { why })
}
