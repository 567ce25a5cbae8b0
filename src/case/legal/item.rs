//! Items of the legal frame, each with a number of its own.

use serde::{Deserialize, Serialize};

use super::{Acceptance, Breach, Clause, Document, Loss, Measure, Notice, Price, Profile, TermsVersion};

/// Item of the legal frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LegalItem {
    /// Version of the terms.
    Terms(TermsVersion),
    /// Clause of a version.
    Clause(Clause),
    /// Breach of a clause.
    Breach(Breach),
    /// Records of acceptance.
    Acceptance(Acceptance),
    /// Notice.
    Notice(Notice),
    /// Reasonable measure.
    Measure(Measure),
    /// Price of tokens.
    Price(Price),
    /// Entry of the loss log.
    Loss(Loss),
}

impl LegalItem {
    /// Type of the item in the journal: `terms`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Terms(_) => "terms",
            Self::Clause(_) => "clause",
            Self::Breach(_) => "breach",
            Self::Acceptance(_) => "acceptance",
            Self::Notice(_) => "notice",
            Self::Measure(_) => "measure",
            Self::Price(_) => "price",
            Self::Loss(_) => "loss",
        }
    }

    /// Sets the document of an item that has one.
    pub fn set_document(&mut self, document: Document) {
        match self {
            Self::Terms(TermsVersion { document: own, .. })
            | Self::Notice(Notice { document: own, .. })
            | Self::Measure(Measure { document: own, .. })
            | Self::Loss(Loss { document: own, .. }) => *own = Some(document),
            Self::Clause(_) | Self::Breach(_) | Self::Acceptance(_) | Self::Price(_) => {}
        }
    }

    /// True if items of a type are part of a profile.
    pub fn is_in(word: &str, profile: Profile) -> bool {
        match word {
            "terms" | "clause" | "breach" | "acceptance" => profile != Profile::TradeSecret,
            "measure" => profile != Profile::Terms,
            _ => true,
        }
    }

    /// Short description; hostile characters are not yet made visible.
    pub fn describe(&self) -> String {
        match self {
            Self::Terms(terms) => format!("terms version {}", terms.version),
            Self::Clause(clause) => format!("clause {} of terms version {}", clause.clause, clause.version),
            Self::Breach(breach) => {
                format!("breach of clause {} of terms version {}", breach.clause, breach.version)
            }
            Self::Acceptance(file) => {
                format!("{} records of acceptance from {}", file.accounts.len(), file.file)
            }
            Self::Notice(notice) => match (&notice.lead, notice.accounts.len()) {
                (Some(lead), many) => {
                    format!("{} to {many} accounts of lead {}", notice.kind.word(), lead.id)
                }
                (None, 1) => {
                    let account = notice.accounts.first().map_or("", |account| account.as_str());
                    format!("{} to account {account}", notice.kind.word())
                }
                (None, many) => format!("{} to {many} accounts", notice.kind.word()),
            },
            Self::Measure(measure) => format!("measure, {}", measure.kind.word()),
            Self::Price(price) => {
                let of = price.model.as_deref().map_or_else(String::new, |model| format!(" of {model}"));
                let (input, output, currency) = (price.input, price.output, &price.currency);
                format!("price{of}: {input} and {output} {currency} a million tokens")
            }
            Self::Loss(loss) => format!("loss of {} {}", loss.amount, loss.currency),
        }
    }
}
