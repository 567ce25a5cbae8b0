//! Versions of the terms, clauses, and breaches of a clause.

use egui::Ui;

use super::field::{button, choice, form, line, text, time};
use super::list::{self, Line};
use super::with_document::WithDocument;
use crate::case::legal::{Breach, Clause, LegalDecision, LegalItem, TermsVersion};
use crate::model::is_deceptive;
use crate::ui::theme;
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;

/// Drafts.
#[derive(Default)]
pub(super) struct Terms {
    version: String,
    from: String,
    to: String,
    document: WithDocument,
    clause_version: String,
    clause: String,
    clause_text: String,
    /// Number of the clause that was breached.
    breached: u64,
    breach: String,
    evidence: String,
}

impl Terms {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let legal = &cx.state.legal;
        let date = |time| cx.zone.format(time);
        let versions = legal.terms().map(|(number, terms)| Line {
            number,
            said: format!("version {}", terms.version),
            more: match terms.to {
                None => {
                    format!("in force from {}; {}", date(terms.from), list::document(terms.document.as_ref()))
                }
                Some(to) => format!("in force from {} to {}", date(terms.from), date(to)),
            },
        });
        let empty = "0 versions. Add the versions that were in force while the accounts were in use.";
        list::ui(ui, cx, "Versions of the terms", versions.collect(), empty);
        self.version_form(ui, cx);
        let clauses = legal.clauses().map(|(number, clause)| Line {
            number,
            said: format!("clause {} of version {}", clause.clause, clause.version),
            more: clause.text.clone(),
        });
        list::ui(
            ui,
            cx,
            "Clauses",
            clauses.collect(),
            "0 clauses. Add those that the case rests on, word for word.",
        );
        self.clause_form(ui, cx);
        let breaches = legal.breaches().map(|(number, breach)| {
            let evidence: Vec<String> = breach.evidence.iter().map(|own| format!("E{own}")).collect();
            Line {
                number,
                said: format!("breach of clause {} of version {}", breach.clause, breach.version),
                more: format!("{} {}", breach.text, evidence.join(" ")),
            }
        });
        list::ui(
            ui,
            cx,
            "Breaches",
            breaches.collect(),
            "0 breaches. A breach names the clause, the use and the evidence.",
        );
        self.breach_form(ui, cx);
    }

    fn version_form(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        form(ui, "version", |ui| {
            line(ui, "Version", "2026-01", &mut self.version);
            line(ui, "In force from", "2026-01-15", &mut self.from);
            line(ui, "In force to", "empty while in force", &mut self.to);
            self.document.ui(ui, cx);
        });
        let (from, to) = (time(&self.from, cx), time(&self.to, cx));
        let missing = if self.version.trim().is_empty() || from.is_none() {
            Some("Enter a version and the date of its beginning, such as 2026-01-15.")
        } else if is_deceptive(&self.version) {
            Some("The version has characters that look like others. Type it in letters of one script.")
        } else if !self.to.trim().is_empty() && to <= from {
            Some("The end has to be a date after the beginning.")
        } else {
            None
        };
        if let (true, Some(from)) = (button(ui, cx, "Add version", missing), from) {
            let version = self.version.trim().to_owned();
            let item = LegalItem::Terms(TermsVersion { version, from, to, document: None });
            self.document.record(cx, item);
            [&mut self.version, &mut self.from, &mut self.to].into_iter().for_each(String::clear);
        }
        ui.add_space(theme::GROUP_GAP);
    }

    fn clause_form(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        form(ui, "clause", |ui| {
            line(ui, "Version of the clause", "2026-01", &mut self.clause_version);
            line(ui, "Clause", "4.2", &mut self.clause);
            text(ui, "Text of the clause", "the words of the clause", &mut self.clause_text);
        });
        let fields = [&self.clause_version, &self.clause, &self.clause_text];
        let missing = fields.iter().any(|field| field.trim().is_empty());
        let missing = missing.then_some("Enter the version, the clause and its text.");
        if button(ui, cx, "Add clause", missing) {
            let [version, clause, text] = fields.map(|field| field.trim().to_owned());
            let item = LegalItem::Clause(Clause { version, clause, text });
            list::record(cx, LegalDecision::Recorded { number: 0, item });
            [&mut self.clause, &mut self.clause_text].into_iter().for_each(String::clear);
        }
        ui.add_space(theme::GROUP_GAP);
    }

    fn breach_form(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let clauses: Vec<(u64, &Clause)> = cx.state.legal.clauses().collect();
        if clauses.is_empty() {
            return;
        }
        let names: Vec<(u64, String)> = clauses
            .iter()
            .map(|(number, own)| {
                (*number, crate::ui::words::line(&format!("{} of {}", own.clause, own.version), 60))
            })
            .collect();
        let all: Vec<(u64, &str)> = names.iter().map(|(number, name)| (*number, name.as_str())).collect();
        if !all.iter().any(|(number, _)| *number == self.breached) {
            self.breached = all[0].0;
        }
        form(ui, "breach", |ui| {
            choice(ui, "Clause that was breached", &all, &mut self.breached);
            text(ui, "Breach", "which use, by which accounts", &mut self.breach);
            line(ui, "Evidence numbers", "1, 2", &mut self.evidence);
        });
        let numbers: Result<Vec<u64>, _> = numbers(&self.evidence);
        let missing = match &numbers {
            _ if self.breach.trim().is_empty() => Some("Describe the breach."),
            Ok(numbers) if numbers.iter().all(|number| cx.state.evidence.contains_key(number)) => None,
            _ => Some("Evidence numbers are those of the Evidence view, separated by commas."),
        };
        let clause = clauses.iter().find(|(number, _)| *number == self.breached);
        if let (true, Ok(evidence), Some((_, clause))) =
            (button(ui, cx, "Add breach", missing), numbers, clause)
        {
            let (version, clause) = (clause.version.clone(), clause.clause.clone());
            let item =
                LegalItem::Breach(Breach { version, clause, text: self.breach.trim().to_owned(), evidence });
            list::record(cx, LegalDecision::Recorded { number: 0, item });
            [&mut self.breach, &mut self.evidence].into_iter().for_each(String::clear);
        }
    }

    pub(super) fn poll(&mut self, cx: &ViewContext<'_>) {
        self.document.poll(cx);
    }

    pub(super) fn unsent(&self) -> Vec<Unsent> {
        let version = format!("{} {} {}", self.version, self.from, self.to);
        let clause = format!("{} {}", self.clause, self.clause_text);
        [("version of the terms", version), ("clause", clause), ("breach", self.breach.clone())]
            .into_iter()
            .filter_map(|(name, text)| Unsent::of(name, &text))
            .collect()
    }
}

/// Numbers separated by commas or spaces, ascending, each once.
fn numbers(text: &str) -> Result<Vec<u64>, std::num::ParseIntError> {
    let parts = text.split([',', ' ']).map(|part| part.trim().trim_start_matches('E'));
    let mut numbers: Vec<u64> =
        parts.filter(|part| !part.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}
