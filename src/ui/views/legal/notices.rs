//! Notices to accounts, or to all accounts of a lead.

use egui::Ui;

use super::field::{button, choice, form, line, text, time};
use super::list::{self, Line};
use super::with_document::WithDocument;
use crate::case::legal::{LegalItem, Notice, NoticeKind};
use crate::model::AccountId;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Selected, ViewContext};
use crate::ui::words;

/// Leads that are offered.
const OFFERED: usize = 50;

/// Draft of a notice.
pub(super) struct NoticeForm {
    kind: NoticeKind,
    at: String,
    /// Position of the lead; `None` for single accounts.
    lead: Option<usize>,
    /// Number of the cache and leads that the position is of.
    version: u64,
    accounts: String,
    text: String,
    document: WithDocument,
}

impl Default for NoticeForm {
    fn default() -> Self {
        Self {
            kind: NoticeKind::Revocation,
            at: String::new(),
            lead: None,
            version: 0,
            accounts: String::new(),
            text: String::new(),
            document: WithDocument::default(),
        }
    }
}

impl NoticeForm {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        let lines = cx.state.legal.notices().into_iter().map(|(number, notice)| {
            let to = match &notice.lead {
                Some(lead) => format!("lead {}", lead.id),
                None => {
                    notice.accounts.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", ")
                }
            };
            let accounts = words::counted(notice.accounts.len() as u64, "account", "accounts");
            Line {
                number,
                said: format!(
                    "N{number} {}, {} {}",
                    notice.kind.word(),
                    cx.zone.format(notice.at),
                    cx.zone.name()
                ),
                more: format!(
                    "to {accounts}: {to}; {} {}",
                    notice.text,
                    list::document(notice.document.as_ref())
                ),
            }
        });
        let empty =
            "0 notices. Exchanges after a notice, suspension, block or revocation are counted from here.";
        list::ui(ui, cx, "Notices", lines.collect(), empty);
        self.form(ui, cx);
    }

    fn form(&mut self, ui: &mut Ui, cx: &ViewContext<'_>) {
        if self.version != cx.data_version {
            // Leads of another list have other positions.
            (self.version, self.lead) = (cx.data_version, None);
        }
        let leads = offered(cx);
        let leads: Vec<(Option<usize>, &str)> = leads.iter().map(|(at, name)| (*at, name.as_str())).collect();
        let kinds = NoticeKind::ALL.map(|kind| (kind, kind.word()));
        form(ui, "notice", |ui| {
            choice(ui, "Kind of notice", &kinds, &mut self.kind);
            line(ui, "Time of the notice", "2026-05-20 09:00", &mut self.at);
            choice(ui, "To", &leads, &mut self.lead);
            if self.lead.is_none() {
                text(ui, "Accounts of the notice", "ids, one a line", &mut self.accounts);
            }
            text(ui, "Text of the notice", "what it said", &mut self.text);
            self.document.ui(ui, cx);
        });
        let at = time(&self.at, cx);
        let missing = match (self.lead, at) {
            (None, _) => self.unready(cx),
            _ => None,
        };
        let missing = missing.or(at.is_none().then_some("Enter a time such as 2026-05-20 09:00."));
        if let (true, Some(at)) = (button(ui, cx, "Add notice", missing), at) {
            // Sets of accounts are made on request: a lead may have many thousand.
            let (lead, accounts) = match self.lead.and_then(|at| cx.leads.groups.get(at)) {
                Some(group) => {
                    let name = |at: &u32| cx.cache.accounts()[*at as usize].id.clone();
                    (Some(group.reference(cx.cache)), group.accounts.iter().map(name).collect())
                }
                None => (None, typed(&self.accounts).collect()),
            };
            let text = self.text.trim().to_owned();
            let notice = Notice { at, kind: self.kind, lead, accounts, text, document: None };
            self.document.record(cx, LegalItem::Notice(notice));
            [&mut self.at, &mut self.accounts, &mut self.text].into_iter().for_each(String::clear);
        }
    }

    /// Accounts that were typed and are not in the case, in words; `None` where all are.
    fn unready(&self, cx: &ViewContext<'_>) -> Option<&'static str> {
        if typed(&self.accounts).next().is_none() {
            return Some("Choose a lead, or enter the accounts that the notice went to.");
        }
        let is_known = |id: AccountId| cx.cache.account_index(&id).is_some();
        (!typed(&self.accounts).all(is_known))
            .then_some("An account is not in the log; write the ids as the log does, one a line.")
    }

    pub(super) fn poll(&mut self, cx: &ViewContext<'_>) {
        self.document.poll(cx);
    }

    pub(super) fn unsent(&self) -> Option<Unsent> {
        Unsent::of("notice", &format!("{} {} {}", self.at, self.accounts, self.text))
    }
}

/// Leads that a notice can go to: the selected one, then the first ones.
fn offered(cx: &ViewContext<'_>) -> Vec<(Option<usize>, String)> {
    let selected = match cx.selected {
        Selected::Lead(at) => Some(*at),
        _ => None,
    };
    let first = (0..cx.leads.groups.len().min(OFFERED)).filter(|at| Some(*at) != selected);
    let leads = selected.into_iter().chain(first).filter_map(|at| {
        let group = cx.leads.groups.get(at)?;
        let accounts = words::counted(group.accounts.len() as u64, "account", "accounts");
        Some((Some(at), format!("all accounts of lead {} ({accounts})", group.id)))
    });
    std::iter::once((None, "single accounts".to_owned())).chain(leads).collect()
}

fn typed(text: &str) -> impl Iterator<Item = AccountId> {
    text.lines().map(str::trim).filter(|id| !id.is_empty()).map(AccountId::from)
}
