//! Columns of the list of leads: title, explanation, text, number.

use crate::case::ReviewStatus;
use crate::leads::{GroupLead, Leads};
use crate::model::{Family, Zone, format_duration};
use crate::ui::words;

use super::rows::LeadRow;

/// Column of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    #[default]
    Rank,
    Lead,
    Status,
    Accounts,
    Exchanges,
    Activity,
    Since,
    Payment,
    Network,
    Client,
    SignUp,
    Template,
    Topic,
    P,
    Q,
    Control,
    Joint,
    Innocent,
    Why,
}

use Column::{
    Accounts, Activity, Client, Control, Exchanges, Innocent, Joint, Lead, Network, P, Payment, Q, Rank,
    SignUp, Since, Status, Template, Topic, Why,
};

/// The q column is hidden unless a lead has a q-value below this.
const MAX_INFORMATIVE_Q: f64 = 0.5;

/// Inputs of a cell.
pub struct Cell<'a> {
    /// Position of the lead.
    pub at: usize,
    /// The lead.
    pub group: &'a GroupLead,
    /// Its facts; `None` until they are computed.
    pub row: Option<&'a LeadRow>,
    /// Its status.
    pub status: ReviewStatus,
}

impl Column {
    /// Every column, in order.
    pub const ALL: [Self; 19] = [
        Rank, Lead, Status, Accounts, Activity, Why, P, Q, Payment, Network, Client, SignUp, Template, Topic,
        Innocent, Exchanges, Since, Control, Joint,
    ];

    /// Title of the column.
    pub fn title(self) -> &'static str {
        match self {
            Rank => "#",
            Lead => "Lead",
            Status => "Status",
            Accounts => "Accounts",
            Exchanges => "Exchanges",
            Activity => "Activity",
            Since => "Since",
            Payment => "Payment",
            Network => "Networks",
            Client => "Clients",
            SignUp => "Sign-up",
            Template => "Template",
            Topic => "Topic",
            P => "p",
            Q => "q",
            Control => "Shared bits",
            Joint => "Control p",
            Innocent => "Benign explanation",
            Why => "Why",
        }
    }

    /// Explanation of the column.
    pub fn hint(self) -> &'static str {
        match self {
            Rank => {
                "Order of review, 1 first: content communities with strong events and divided pools by p, then the others by z-score of extraction-likeness"
            }
            Lead => "Enter or double-click sets the scope to the lead",
            Status => {
                "Your review: l looked at, t take up, c campaign, d dismiss; n goes to the next new lead"
            }
            Accounts => {
                "Accounts: “40+3” is 40 core members, which formed the lead, and 3 joined by membership probability"
            }
            Exchanges => "Exchanges of all members",
            Activity => "Exchanges over the time of the case, each lead at its own scale",
            Since => "First exchange, and time from it to the last exchange",
            Payment => {
                "Members, of core and joined, who share a rare payment method with another member; – is none"
            }
            Network => {
                "Members, of core and joined, who share a rare IP, /24 or ASN with another member; – is none"
            }
            Client => {
                "Members, of core and joined, who share a rare user agent or TLS fingerprint with another member; – is none"
            }
            SignUp => {
                "Members, of core and joined, who share a rare email domain or burst of sign-ups with another member; – is none"
            }
            Template => {
                "Members, of core and joined, who share a rare prompt template with another member; – is none"
            }
            Topic => {
                "Topic with a higher share than among all accounts, with its share of the lead's exchanges"
            }
            P => {
                "p-value of what the accounts do; corrected for leads that are content communities. What ties the accounts is no part of it: a large p does not clear a group."
            }
            Q => "Benjamini–Hochberg q-value over leads; “rank” means ranked only, without an error rate",
            Control => {
                "Rarity of the values that core members share, in bits: median of their strongest links"
            }
            Joint => {
                "Common control p-value: hand-over, over-homogeneity and the other measures of the group combined"
            }
            Innocent => "Benign explanation that fits best, by its mark",
            Why => "Why it is a lead: what its accounts did that others do less, and what ties them",
        }
    }

    /// Initial width in points.
    pub fn width(self) -> f32 {
        match self {
            Rank => 24.0,
            Lead => 62.0,
            Status => 58.0,
            Accounts => 56.0,
            Exchanges => 70.0,
            Activity => 56.0,
            Since => 120.0,
            Payment => 56.0,
            Network => 58.0,
            Client => 44.0,
            SignUp => 48.0,
            Template => 56.0,
            Topic => 104.0,
            P | Joint => 56.0,
            Q => 52.0,
            Control => 74.0,
            Innocent => 132.0,
            Why => 236.0,
        }
    }

    /// True for numbers, which are aligned at the right.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Rank | Accounts
                | Exchanges
                | Payment
                | Network
                | Client
                | SignUp
                | Template
                | P
                | Q
                | Control
                | Joint
        )
    }

    /// True if the column distinguishes leads of this case; the user can switch on the others.
    pub fn is_informative(self, leads: &Leads, rows: &[LeadRow]) -> bool {
        let shared = |at: usize| rows.iter().any(|row| row.facts.shared[at].members > 0);
        match self {
            Rank | Lead | Status | Accounts | Activity | Why => true,
            Exchanges | Since | Control | Joint => false,
            Payment | Network | Client | SignUp | Template => self.family().is_some_and(shared),
            Topic => rows.iter().any(|row| !row.topic.is_empty()),
            P => leads.groups.iter().any(|group| group.extraction_p.is_some()),
            Q => leads.groups.iter().any(|group| group.q_value.is_some_and(|q| q < MAX_INFORMATIVE_Q)),
            Innocent => rows.iter().any(|row| row.innocent.is_some()),
        }
    }

    fn family(self) -> Option<usize> {
        let family = match self {
            Payment => Family::Payment,
            Network => Family::Network,
            Client => Family::Client,
            SignUp => Family::SignUp,
            Template => Family::Template,
            _ => return None,
        };
        Family::ALL.iter().position(|each| *each == family)
    }

    /// Text of a cell.
    pub fn text(self, cell: &Cell<'_>, zone: &Zone) -> String {
        let Cell { at, group, row, status } = cell;
        match self {
            Rank => words::count(*at as u64 + 1),
            Lead => group.id.to_string(),
            Status => status.in_words().to_owned(),
            Accounts => match group.joined() {
                0 => words::count(group.core.len() as u64),
                joined => {
                    format!("{}+{}", words::count(group.core.len() as u64), words::count(joined as u64))
                }
            },
            Exchanges => words::count(group.exchanges),
            Activity => String::new(),
            Since => {
                format!("{}, {}", zone.format_date(group.span.start), format_duration(group.span.length()))
            }
            Payment | Network | Client | SignUp | Template => match self.number(cell) {
                Some(0.0) | None => "–".to_owned(),
                Some(members) => words::count(members as u64),
            },
            Topic => row.map_or_else(String::new, |row| row.topic.clone()),
            P => words::probability(group.extraction_p),
            Q if group.ranked_only => "rank".to_owned(),
            Q => words::probability(group.q_value),
            Control => format!("{:.1} bits", group.common_control_bits),
            Joint => words::probability(group.common_control_p),
            Innocent => row
                .and_then(|row| row.innocent.as_ref())
                .map_or_else(String::new, |best| words::line(&best.kind, 60)),
            Why => row.map_or_else(String::new, |row| words::line(&row.why.brief, 200)),
        }
    }

    /// Number of a cell, for order and filter.
    pub fn number(self, cell: &Cell<'_>) -> Option<f64> {
        let Cell { at, group, row, status } = cell;
        match self {
            Rank => Some(*at as f64 + 1.0),
            Status => Some(f64::from(*status as u8)),
            Accounts => Some(group.accounts.len() as f64),
            Exchanges => Some(group.exchanges as f64),
            Activity | Since => Some(group.span.start as f64),
            Payment | Network | Client | SignUp | Template => {
                Some(f64::from(row.as_ref()?.facts.shared[self.family()?].members))
            }
            P => group.extraction_p,
            Q => group.q_value,
            Control => Some(group.common_control_bits),
            Joint => group.common_control_p,
            Lead | Topic | Innocent | Why => None,
        }
    }

    /// True if its figures are compared among all leads.
    pub fn can_be_large(self) -> bool {
        self == Accounts || self.family().is_some()
    }

    /// True if the figure of a cell is large among all leads.
    pub fn is_large(self, cell: &Cell<'_>) -> bool {
        let Some(row) = cell.row else { return false };
        match self {
            Accounts => row.large.accounts(),
            _ => self.family().is_some_and(|family| row.large.shared(family)),
        }
    }

    /// True if large numbers come first.
    pub fn is_largest_first(self) -> bool {
        matches!(self, Accounts | Exchanges | Payment | Network | Client | SignUp | Template | Control)
    }
}
