//! Description of a planted campaign on the command line.

use std::fmt;
use std::str::FromStr;

/// Goal of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// All subjects.
    Broad,
    /// Software engineering and agentic work.
    Narrow,
}

/// Source of its accounts' addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// Proxies, some of them shared by members.
    Shared,
    /// Each account its own, in networks of their own.
    Disjoint,
}

/// Distribution of its requests over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Accounts relieve each other in shifts; the group hardly sleeps and its load is even.
    Shift,
    /// Each account keeps a person's days and nights.
    Human,
    /// One Poisson stream; each request goes to a random account.
    Poisson,
}

/// Templates of its prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Templates {
    /// A few fixed templates.
    Fixed,
    /// Every request worded anew.
    Paraphrased,
    /// Bare prompts.
    None,
}

/// Clients of its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// Two common libraries for all.
    Harness,
    /// As varied as the prompts of ordinary accounts.
    Varied,
}

/// Age of its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ages {
    /// Made for it, in waves.
    New,
    /// Bought: made at any earlier time, as ordinary accounts are.
    Mixed,
}

/// The languages that a campaign can ask in.
const LANGUAGES: [(&str, &str); 6] =
    [("en", "en"), ("de", "de"), ("es", "es"), ("fr", "fr"), ("zh", "zh"), ("ja", "ja")];

/// One campaign, as described by the options.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// Goal.
    pub profile: Profile,
    /// Number of accounts; `None`: 4 % of all (broad) or 2.5 % (narrow).
    pub accounts: Option<u32>,
    /// Number of exchanges; `None`: 7 % of all (broad) or 4 % (narrow).
    pub exchanges: Option<u64>,
    /// First day, counted from 0.
    pub start: u32,
    /// Number of days; `None`: to the end.
    pub days: Option<u32>,
    /// Number of bursts in which its accounts sign up.
    pub waves: u32,
    /// Addresses.
    pub ips: Addresses,
    /// Accounts a card.
    pub cards: u32,
    /// Share of cover traffic, 0 to 0.95.
    pub dilution: f64,
    /// Rhythm.
    pub timing: Timing,
    /// Templates.
    pub templates: Templates,
    /// Clients.
    pub clients: Clients,
    /// Ages of its accounts.
    pub ages: Ages,
    /// The language it asks in.
    pub language: &'static str,
}

/// Syntax of a description, for `--help` and for errors.
pub const LANGUAGE: &str = "PROFILE or PROFILE:key=value,key=value…
  PROFILE    broad (all subjects) or narrow (software and agentic work)
  care       what is not said otherwise is chosen as by a careless, careful or very-careful operator:
               careless      cards=4,dilution=0.05,waves=2
               careful       cards=2,dilution=0.25,waves=6,timing=human,templates=paraphrased,
                             clients=varied
               very-careful  cards=1,dilution=0.5,waves=12,timing=human,templates=paraphrased,
                             clients=varied,ips=disjoint,ages=mixed
  accounts   how many accounts [4 % of all if broad, 2.5 % if narrow]
  exchanges  how many exchanges [7 % of all if broad, 4 % if narrow]
  start      its first day, counted from 0 [0 if broad, 4 if narrow]
  days       how many days [to the end]
  waves      in how many bursts its accounts sign up [3]
  ips        shared (proxies, some of them shared) or disjoint [shared]
  cards      accounts a card [3]
  dilution   share of cover traffic, 0 to 0.95: at 0.95 only 5 % is the campaign's task [0.1]
  timing     shift (relieving each other), human or poisson (one stream, split by lot) [shift]
  templates  fixed, paraphrased or none [fixed]
  clients    harness (two libraries for all) or varied [harness]
  ages       new (made for it) or mixed (as old as other accounts) [new]
  language   en, de, es, fr, zh or ja: what it asks in [en]";

impl Campaign {
    fn of(profile: Profile) -> Self {
        Self {
            profile,
            accounts: None,
            exchanges: None,
            start: if profile == Profile::Broad { 0 } else { 4 },
            days: None,
            waves: 3,
            ips: Addresses::Shared,
            cards: 3,
            dilution: 0.1,
            timing: Timing::Shift,
            templates: Templates::Fixed,
            clients: Clients::Harness,
            ages: Ages::New,
            language: "en",
        }
    }

    /// Goal in a word.
    pub fn name(&self) -> &'static str {
        match self.profile {
            Profile::Broad => "broad",
            Profile::Narrow => "narrow",
        }
    }

    /// Its number of accounts among `all`.
    pub fn accounts_of(&self, all: u32) -> u32 {
        let share = if self.profile == Profile::Broad { 0.04 } else { 0.025 };
        self.accounts.unwrap_or((f64::from(all) * share).round().max(1.0) as u32)
    }

    /// Its number of exchanges among `all`.
    pub fn exchanges_of(&self, all: u64) -> u64 {
        let percent = if self.profile == Profile::Broad { 7 } else { 4 };
        self.exchanges.unwrap_or((all * percent / 100).max(1))
    }
}

/// Error of a text that describes no campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseCampaignError(String);

impl fmt::Display for ParseCampaignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nA campaign is {LANGUAGE}", self.0)
    }
}

impl std::error::Error for ParseCampaignError {}

impl FromStr for Campaign {
    type Err = ParseCampaignError;

    fn from_str(text: &str) -> Result<Self, ParseCampaignError> {
        let (profile, settings) = text.split_once(':').unwrap_or((text, ""));
        let mut campaign =
            Self::of(one_of("profile", profile, &[("broad", Profile::Broad), ("narrow", Profile::Narrow)])?);
        let settings = settings
            .split(',')
            .filter(|setting| !setting.is_empty())
            .map(|setting| {
                let parts = setting.split_once('=');
                parts.ok_or_else(|| ParseCampaignError(format!("`{setting}` is not key=value")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        // `care` is read first, wherever it stands: the other options change what it sets.
        for (key, value) in settings.iter().filter(|setting| setting.0 == "care") {
            campaign.set_care(key, value)?;
        }
        for (key, value) in settings.iter().filter(|setting| setting.0 != "care") {
            campaign.set(key, value)?;
        }
        Ok(campaign)
    }
}

impl Campaign {
    fn set_care(&mut self, key: &str, value: &str) -> Result<(), ParseCampaignError> {
        let level = one_of(key, value, &[("careless", 0), ("careful", 1), ("very-careful", 2)])?;
        (self.cards, self.dilution, self.waves) = [(4, 0.05, 2), (2, 0.25, 6), (1, 0.5, 12)][level];
        if level > 0 {
            (self.timing, self.templates) = (Timing::Human, Templates::Paraphrased);
            self.clients = Clients::Varied;
        }
        if level > 1 {
            (self.ips, self.ages) = (Addresses::Disjoint, Ages::Mixed);
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), ParseCampaignError> {
        match key {
            "accounts" => self.accounts = Some(number(key, value, 1, u32::MAX)?),
            "exchanges" => self.exchanges = Some(number(key, value, 1, u64::MAX)?),
            "start" => self.start = number(key, value, 0, u32::MAX)?,
            "days" => self.days = Some(number(key, value, 1, u32::MAX)?),
            "waves" => self.waves = number(key, value, 1, 1_000)?,
            "cards" => self.cards = number(key, value, 1, u32::MAX)?,
            "dilution" => self.dilution = number(key, value, 0.0, 0.95)?,
            "clients" => {
                let choices = [("harness", Clients::Harness), ("varied", Clients::Varied)];
                self.clients = one_of(key, value, &choices)?;
            }
            "ages" => self.ages = one_of(key, value, &[("new", Ages::New), ("mixed", Ages::Mixed)])?,
            "language" => self.language = one_of(key, value, &LANGUAGES)?,
            "ips" => {
                let choices = [("shared", Addresses::Shared), ("disjoint", Addresses::Disjoint)];
                self.ips = one_of(key, value, &choices)?;
            }
            "timing" => {
                let choices =
                    [("shift", Timing::Shift), ("human", Timing::Human), ("poisson", Timing::Poisson)];
                self.timing = one_of(key, value, &choices)?;
            }
            "templates" => {
                let choices = [
                    ("fixed", Templates::Fixed),
                    ("paraphrased", Templates::Paraphrased),
                    ("none", Templates::None),
                ];
                self.templates = one_of(key, value, &choices)?;
            }
            _ => return Err(ParseCampaignError(format!("`{key}` is not a setting of a campaign"))),
        }
        Ok(())
    }
}

fn one_of<T: Copy>(key: &str, value: &str, choices: &[(&str, T)]) -> Result<T, ParseCampaignError> {
    choices.iter().find(|choice| choice.0 == value).map(|choice| choice.1).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|choice| choice.0).collect();
        ParseCampaignError(format!("{key} is `{value}`, not one of {}", names.join(", ")))
    })
}

fn number<T: FromStr + PartialOrd + fmt::Display>(
    key: &str,
    value: &str,
    least: T,
    most: T,
) -> Result<T, ParseCampaignError> {
    value
        .parse()
        .ok()
        .filter(|number| *number >= least && *number <= most)
        .ok_or_else(|| ParseCampaignError(format!("{key} is `{value}`, not a number from {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_settings_are_read() {
        let plain: Campaign = "broad".parse().unwrap();
        assert_eq!((plain.accounts_of(1_500), plain.exchanges_of(100_000)), (60, 7_000));
        let text =
            "narrow:accounts=60,exchanges=6000,start=5,ips=disjoint,cards=1,dilution=0.25,timing=human";
        let full: Campaign = text.parse().unwrap();
        assert_eq!(full.profile, Profile::Narrow);
        assert_eq!((full.accounts_of(9), full.exchanges_of(9), full.start, full.cards), (60, 6_000, 5, 1));
        assert_eq!(
            (full.ips, full.timing, full.templates),
            (Addresses::Disjoint, Timing::Human, Templates::Fixed)
        );
        assert_eq!(full.dilution, 0.25);
    }

    #[test]
    fn care_comes_first_and_the_rest_says_what_is_different() {
        let campaign: Campaign = "broad:cards=5,care=very-careful,language=zh".parse().unwrap();
        assert_eq!((campaign.cards, campaign.dilution, campaign.waves), (5, 0.5, 12));
        assert_eq!((campaign.ips, campaign.ages), (Addresses::Disjoint, Ages::Mixed));
        assert_eq!((campaign.clients, campaign.language), (Clients::Varied, "zh"));
        let careless: Campaign = "broad:care=careless".parse().unwrap();
        assert_eq!((careless.cards, careless.timing, careless.ages), (4, Timing::Shift, Ages::New));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("wide", "profile is `wide`"),
            ("broad:cards", "not key=value"),
            ("broad:colour=red", "not a setting"),
            ("broad:dilution=2", "from 0 to 0.95"),
            ("broad:accounts=0", "from 1"),
            ("broad:timing=never", "shift, human, poisson"),
            ("broad:care=none", "careless, careful, very-careful"),
            ("broad:language=xx", "en, de, es"),
        ] {
            assert!(text.parse::<Campaign>().unwrap_err().to_string().contains(word), "{text}");
        }
    }
}
