//! Elements of the legal frames: the table of what has to be shown.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Profile;

/// Legal frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frame {
    /// Contract: the terms of service.
    Contract,
    /// Trade secret: 18 U.S.C. 1836 and 1839 (DTSA).
    TradeSecret,
    /// Access to a computer after notice or revocation.
    Access,
}

impl Frame {
    /// Every frame.
    pub const ALL: [Self; 3] = [Self::Contract, Self::TradeSecret, Self::Access];

    /// Title on screen and in the report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Contract => "Contract",
            Self::TradeSecret => "Trade secret (DTSA)",
            Self::Access => "Computer access",
        }
    }

    /// True if the frame is part of a profile.
    pub fn is_in(self, profile: Profile) -> bool {
        match self {
            Self::Contract => profile != Profile::TradeSecret,
            Self::TradeSecret => profile != Profile::Terms,
            Self::Access => true,
        }
    }
}

/// Caution about the secret.
pub const SECRET_CAUTION: &str = "Answers that customers were shown may be no secret.";

/// Element that has to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Element {
    /// The clause and its version.
    ContractClause,
    /// Acceptance by the accounts.
    ContractAcceptance,
    /// The breach.
    ContractBreach,
    /// Harm by the breach.
    ContractHarm,
    /// The secret.
    SecretInformation,
    /// Its independent economic value.
    SecretValue,
    /// Reasonable measures to keep it secret.
    SecretMeasures,
    /// Improper means.
    SecretMeans,
    /// Acquisition, disclosure or use.
    SecretUse,
    /// Harm by the misappropriation.
    SecretHarm,
    /// Interstate or foreign commerce.
    SecretNexus,
    /// Notice.
    AccessNotice,
    /// Revocation of access.
    AccessRevocation,
    /// Access after it.
    AccessAfter,
    /// Loss.
    AccessLoss,
}

/// One row of the table of elements.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The element.
    pub element: Element,
    /// Name in the journal, in commands and in tables: `contract.clause`.
    pub id: &'static str,
    /// Its frame.
    pub frame: Frame,
    /// Title on screen and in the report.
    pub title: &'static str,
    /// Question that the evidence has to answer.
    pub asks: &'static str,
    /// Table in `08_legal/` that belongs to it; empty for none.
    pub table: &'static str,
}

const fn row(
    element: Element,
    id: &'static str,
    frame: Frame,
    [title, asks, table]: [&'static str; 3],
) -> About {
    About { element, id, frame, title, asks, table }
}

/// The table of elements, in the order of screen, commands and bundle.
pub const ABOUT: [About; 15] = [
    row(
        Element::ContractClause,
        "contract.clause",
        Frame::Contract,
        ["Clause in force", "Which clause of which version was in force?", "tos/clauses.csv"],
    ),
    row(
        Element::ContractAcceptance,
        "contract.acceptance",
        Frame::Contract,
        ["Acceptance", "When did each account accept which version?", "tos/acceptance.csv"],
    ),
    row(
        Element::ContractBreach,
        "contract.breach",
        Frame::Contract,
        ["Breach", "Which use breached which clause?", "tos/breaches.csv"],
    ),
    row(
        Element::ContractHarm,
        "contract.harm",
        Frame::Contract,
        ["Harm", "What did the breach cost?", "harm.csv"],
    ),
    row(
        Element::SecretInformation,
        "secret.information",
        Frame::TradeSecret,
        ["The secret", "Which information is the secret?", ""],
    ),
    row(
        Element::SecretValue,
        "secret.value",
        Frame::TradeSecret,
        ["Independent value", "Why is it worth more because others do not know it?", ""],
    ),
    row(
        Element::SecretMeasures,
        "secret.measures",
        Frame::TradeSecret,
        ["Reasonable measures", "Which measures kept it secret, since when?", "measures.csv"],
    ),
    row(
        Element::SecretMeans,
        "secret.means",
        Frame::TradeSecret,
        ["Improper means", "By which means was it acquired?", ""],
    ),
    row(
        Element::SecretUse,
        "secret.use",
        Frame::TradeSecret,
        ["Acquisition, disclosure or use", "Who acquired, disclosed or used it, and how?", ""],
    ),
    row(
        Element::SecretHarm,
        "secret.harm",
        Frame::TradeSecret,
        ["Harm", "What did the misappropriation cost?", "harm.csv"],
    ),
    row(
        Element::SecretNexus,
        "secret.nexus",
        Frame::TradeSecret,
        ["Interstate nexus", "Which product or service in interstate or foreign commerce is it used in?", ""],
    ),
    row(
        Element::AccessNotice,
        "access.notice",
        Frame::Access,
        ["Notice", "Who was told what, and when?", "notices.csv"],
    ),
    row(
        Element::AccessRevocation,
        "access.revocation",
        Frame::Access,
        ["Revocation", "When was whose access revoked or blocked?", "notices.csv"],
    ),
    row(
        Element::AccessAfter,
        "access.after",
        Frame::Access,
        ["Access after it", "Which exchanges came after it, by which accounts?", "after_revocation.csv"],
    ),
    row(
        Element::AccessLoss,
        "access.loss",
        Frame::Access,
        ["Loss", "Which losses, when, of what amount?", "losses.csv"],
    ),
];

impl Element {
    /// Its row of the table.
    pub fn about(self) -> &'static About {
        // The table has a row for every element; a test holds it to that.
        ABOUT.iter().find(|about| about.element == self).unwrap_or(&ABOUT[0])
    }

    /// Its name: `contract.clause`.
    pub fn id(self) -> &'static str {
        self.about().id
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Text that names no element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no element; `stillhunt legal CASE show` lists them")]
pub struct NoElement(String);

impl FromStr for Element {
    type Err = NoElement;

    fn from_str(text: &str) -> Result<Self, NoElement> {
        let found = ABOUT.iter().find(|about| about.id == text);
        found.map(|about| about.element).ok_or_else(|| NoElement(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Element {
    type Error = NoElement;

    fn try_from(text: String) -> Result<Self, NoElement> {
        text.parse()
    }
}

impl From<Element> for String {
    fn from(element: Element) -> Self {
        element.id().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_its_own_row_and_name() {
        for (at, about) in ABOUT.iter().enumerate() {
            assert_eq!(about.element as usize, at, "{}: the rows are in the order of the elements", about.id);
            assert_eq!(about.id.parse(), Ok(about.element));
            assert_eq!(serde_json::to_value(about.element).unwrap(), about.id);
        }
        assert!("contract".parse::<Element>().is_err());
    }
}
