//! Numbers of legal items, and the check that a decision on the legal frame applies to the state of a case.

use super::legal::{LegalDecision, LegalItem};
use super::{Action, CaseError, State};

impl LegalDecision {
    /// Gives a new item, which has number 0 so far, the next number.
    pub(super) fn number(&mut self, next: &mut u64) {
        if let Self::Recorded { number: number @ 0, .. } = self {
            *number = *next;
            *next += 1;
        }
    }

    /// Checks that it applies.
    ///
    /// # Errors
    /// An item, clause or piece of evidence that is not there, or an item without what it is about.
    pub(super) fn check(&self, state: &State) -> Result<(), CaseError> {
        let incomplete = |what| Err(CaseError::Incomplete(what));
        match self {
            Self::Removed { number } if !state.legal.items.contains_key(number) => {
                Err(CaseError::NoSuchLegalItem(*number))
            }
            Self::Assigned { evidence, is_assigned: true, .. } if !state.evidence.contains_key(evidence) => {
                Err(CaseError::NoSuchEvidence(*evidence))
            }
            Self::Recorded { number, item } if state.is_other_legal(*number, item) => {
                Err(CaseError::NoSuchLegalItem(*number))
            }
            Self::Recorded { item, .. } => match item {
                LegalItem::Terms(terms) if terms.version.trim().is_empty() => {
                    incomplete("a version of the terms needs a name")
                }
                LegalItem::Terms(terms) if terms.to.is_some_and(|to| to <= terms.from) => {
                    incomplete("the end of a version of the terms is not after its beginning")
                }
                LegalItem::Clause(clause)
                    if [&clause.version, &clause.clause, &clause.text]
                        .iter()
                        .any(|text| text.trim().is_empty()) =>
                {
                    incomplete("a clause needs a version, a number or name, and its text")
                }
                LegalItem::Breach(breach) => {
                    let (version, clause) = (breach.version.clone(), breach.clause.clone());
                    let missing = breach.evidence.iter().find(|number| !state.evidence.contains_key(number));
                    match missing {
                        Some(number) => Err(CaseError::NoSuchEvidence(*number)),
                        None if !state.legal.has_clause(&version, &clause) => {
                            Err(CaseError::NoSuchClause { version, clause })
                        }
                        None => Ok(()),
                    }
                }
                LegalItem::Notice(notice) if notice.accounts.is_empty() => {
                    incomplete("a notice needs at least one account that it went to")
                }
                LegalItem::Acceptance(file) if file.accounts.is_empty() => {
                    incomplete("the file has no record of acceptance by an account of the log")
                }
                LegalItem::Measure(measure) if measure.text.trim().is_empty() => {
                    incomplete("a measure needs a description")
                }
                LegalItem::Price(price) if price.currency.trim().is_empty() => {
                    incomplete("a price needs a currency")
                }
                LegalItem::Price(price)
                    if price.from.zip(price.until).is_some_and(|(from, until)| until <= from) =>
                {
                    incomplete("the end of a price is not after its beginning")
                }
                LegalItem::Loss(loss) if loss.currency.trim().is_empty() || loss.text.trim().is_empty() => {
                    incomplete("a loss needs a currency and a description")
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

impl State {
    /// Number of the next item of the legal frame: one more than the largest number given so far.
    pub fn next_legal(&self) -> u64 {
        let given = self.journal.iter().filter_map(|entry| match &entry.action {
            Action::Legal { legal } => match legal.as_ref() {
                LegalDecision::Recorded { number, .. } => Some(*number),
                _ => None,
            },
            _ => None,
        });
        given.max().unwrap_or(0) + 1
    }

    /// True if a number is of an item of another type, or of none although it is not the next one.
    fn is_other_legal(&self, number: u64, item: &LegalItem) -> bool {
        match self.legal.items.get(&number) {
            Some(old) => old.word() != item.word(),
            None => number < self.next_legal(),
        }
    }
}
