//! Columns of the account table: title, explanation, text, order.

use super::list::{Listed, OrderBy};
use crate::cache::{AccountIndex, Cache};
use crate::leads::{AccountLead, Leads};
use crate::model::{AttributeKind, Zone, format_duration};
use crate::ui::marks::{self, Marks};
use crate::ui::words;

/// Attributes offered as columns.
pub const FACTS: [AttributeKind; 9] = [
    AttributeKind::PaymentFingerprint,
    AttributeKind::EmailDomain,
    AttributeKind::Ip24,
    AttributeKind::Asn,
    AttributeKind::Country,
    AttributeKind::UserAgent,
    AttributeKind::OrgId,
    AttributeKind::StatedUseCase,
    AttributeKind::AccessTier,
];

/// Characters of a value in a column.
const FACT: usize = 17;

/// Content of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Rank,
    Marks,
    Account,
    Lead,
    Membership,
    Exchanges,
    Interval,
    Created,
    Fact(AttributeKind),
    P,
    Signal(usize),
    Why,
}

impl Cell {
    /// Initial width in points.
    pub fn width(self) -> f32 {
        match self {
            Self::Rank => 42.0,
            Self::Marks => 38.0,
            Self::Account => 140.0,
            Self::Lead => 72.0,
            Self::Membership => 66.0,
            Self::Exchanges | Self::Interval => 74.0,
            Self::Created => 84.0,
            Self::Fact(_) => 132.0,
            Self::P => 52.0,
            Self::Signal(_) => 70.0,
            Self::Why => 320.0,
        }
    }

    /// True for numbers, which are aligned at the right.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Rank | Self::Membership | Self::Exchanges | Self::Interval | Self::P | Self::Signal(_)
        )
    }

    /// Title and explanation.
    pub fn title(self, leads: &Leads) -> (&'static str, &'static str) {
        match self {
            Self::Rank => ("#", "Rank: 1 is reviewed first"),
            Self::Marks => ("Mark", marks::LEGEND),
            Self::Account => ("Account", "Enter or double-click sets the scope to the account"),
            Self::Lead => ("Lead", "Lead of which the account is a core or joined member"),
            Self::Membership => (
                "Member",
                "Membership probability in that lead, or in the nearest one. A model of this case; its error rate has not been measured",
            ),
            Self::Exchanges => ("Exchanges", "Exchanges of the account inside the scope"),
            Self::Interval => {
                ("Interval", "Median time between two exchanges of the account inside the scope")
            }
            Self::Created => ("Created", "Creation of the account"),
            Self::Fact(kind) => (kind.title(), "Value that most of its exchanges carry; + counts the others"),
            Self::P => (
                "p",
                "Conformal p-value of the extraction signals among peers; – if no signal could be tested",
            ),
            Self::Signal(i) => {
                leads.signals.get(i).map_or(("", ""), |signal| (signal.about.title, signal.about.definition))
            }
            Self::Why => ("Why", "Signals at or above the 90th percentile among peers"),
        }
    }

    /// Order that a click on the title sets; `None` if the column does not sort.
    pub fn order(self) -> Option<OrderBy> {
        match self {
            Self::Rank => Some(OrderBy::Rank),
            Self::Account => Some(OrderBy::Account),
            Self::Lead => Some(OrderBy::Lead),
            Self::Membership => Some(OrderBy::Membership),
            Self::Exchanges => Some(OrderBy::Exchanges),
            Self::Interval => Some(OrderBy::Interval),
            Self::Created => Some(OrderBy::Created),
            // q is monotone in p.
            Self::P => Some(OrderBy::P),
            Self::Signal(i) => Some(OrderBy::Signal(i)),
            Self::Fact(kind) => Some(OrderBy::Fact(kind)),
            Self::Marks | Self::Why => None,
        }
    }

    /// Text of a cell.
    pub fn text(self, cache: &Cache, leads: &Leads, zone: &Zone, marks: &Marks, row: Listed) -> String {
        let Some(lead) = leads.accounts.get(row.lead as usize) else { return String::new() };
        match self {
            Self::Rank => words::count(u64::from(lead.rank)),
            Self::Marks => marks.of_account(lead.account).to_owned(),
            Self::Account => words::account(cache, lead.account),
            Self::Lead => lead.group.map_or_else(String::new, |at| words::lead_id(leads, at as usize)),
            Self::Membership => lead.membership.map_or_else(|| "–".to_owned(), words::membership),
            Self::Exchanges => words::count(u64::from(row.exchanges)),
            Self::Interval => {
                row.interval.map_or_else(|| "–".to_owned(), |micros| format_duration(micros as i64))
            }
            Self::Created => {
                let created = cache.accounts().get(lead.account as usize).and_then(|account| account.created);
                created.map_or_else(|| "–".to_owned(), |created| zone.format_date(created))
            }
            Self::Fact(kind) => fact(cache, lead.account, kind),
            Self::P => words::probability(lead.p_value),
            Self::Signal(i) => {
                let place = percentile(leads, i, lead);
                place.map_or_else(|| "–".to_owned(), |place| words::ordinal(place.clamp(0.0, 100.0) as u32))
            }
            Self::Why => why(leads, lead),
        }
    }
}

/// Value of a kind that most exchanges of an account carry, and the number of its other values.
fn fact(cache: &Cache, account: AccountIndex, kind: AttributeKind) -> String {
    let of_kind = cache.values_of_kind(kind);
    let own = cache.values_of(account).iter().filter(|(value, _)| of_kind.contains(&(*value as usize)));
    let (mut most, mut values) = (None::<(u32, u32)>, 0);
    for &(value, count) in own {
        values += 1;
        if most.is_none_or(|(_, before)| count > before) {
            most = Some((value, count));
        }
    }
    let Some((value, _)) = most else { return "–".to_owned() };
    let text = words::middle(&cache.values()[value as usize].value, FACT);
    if values > 1 { format!("{text} +{}", values - 1) } else { text }
}

fn percentile(leads: &Leads, signal: usize, lead: &AccountLead) -> Option<f32> {
    leads.signals.get(signal)?.percentile(lead.account)
}

/// Signals at or above the 90th percentile among the account's peers, highest first.
fn why(leads: &Leads, lead: &AccountLead) -> String {
    const WHY_PERCENTILE: f32 = 90.0;
    let mut out: Vec<(f32, &str)> = (0..leads.signals.len())
        .filter_map(|i| percentile(leads, i, lead).map(|place| (place, leads.signals[i].about.title)))
        .filter(|(place, _)| *place >= WHY_PERCENTILE)
        .collect();
    out.sort_by(|a, b| b.0.total_cmp(&a.0));
    if out.is_empty() {
        return "no signal at or above the 90th percentile".to_owned();
    }
    let parts: Vec<String> =
        out.iter().map(|(place, title)| format!("{title} {}", words::ordinal(*place as u32))).collect();
    format!("{} percentile", parts.join(" · "))
}
