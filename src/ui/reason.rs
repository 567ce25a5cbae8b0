//! Dialog for the reason to view hidden text: once a session, or at each access if the user prefers.

use egui::{Id, Key, Modal};

use crate::cache::RowId;
use crate::model::{LeadId, Scope};
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::words;

/// Reason of the session, and the lead that it was given for.
#[derive(Clone, Debug, Default)]
pub struct GivenReason {
    text: Option<String>,
    lead: Option<LeadId>,
}

impl GivenReason {
    /// Reason given while this is the scope; `None` clears it.
    pub fn new(text: Option<String>, scope: &Scope) -> Self {
        Self { text, lead: scope.lead().map(|lead| lead.id.clone()) }
    }

    /// The reason, if it holds for a scope: one given for a lead holds for no other lead.
    pub fn of(&self, scope: &Scope) -> Option<&str> {
        let (given, now) = (self.lead.as_ref(), scope.lead().map(|lead| &lead.id));
        let is_other = given.is_some() && now.is_some() && given != now;
        self.text().filter(|_| !is_other)
    }

    /// The reason, for whatever scope.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// Text that the user asks to view.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// The text of these exchanges.
    Exchanges(Vec<RowId>),
    /// The text of these two, side by side.
    Two([RowId; 2]),
    /// The whole conversation of this one.
    Conversation(RowId),
    /// Excerpts around words.
    Search(String),
    /// The prompt of each exchange that the pointer rests on in the topic map.
    Map,
}

/// The dialog. The reason of the session is [`ViewContext::reason`]; all views share it.
#[derive(Default)]
pub struct ReasonDialog {
    wanted: Option<Wanted>,
    reason: String,
    /// True if each access has its own reason.
    each_time: bool,
}

impl ReasonDialog {
    /// Requests text; the dialog opens unless a reason is set.
    pub fn want(&mut self, wanted: Wanted) {
        self.wanted = Some(wanted);
    }

    /// A reason that was typed and not given, while the dialog is open.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("reason for viewing text", if self.wanted.is_some() { &self.reason } else { "" })
    }

    /// Draws the dialog; returns the request and its reason once given.
    pub fn ui(&mut self, ui: &egui::Ui, cx: &ViewContext<'_>) -> Option<(Wanted, String)> {
        let wanted = self.wanted.clone()?;
        if let Some(given) = cx.reason {
            self.wanted = None;
            return Some((wanted, given.to_owned()));
        }
        let mut go = false;
        let mut stop = false;
        let modal = Modal::new(Id::unique("reason to look")).show(ui.ctx(), |ui| {
            ui.set_width(380.0);
            ui.heading("Reason for viewing this text");
            ui.label(format!("You are about to see {}.", described(&wanted)));
            ui.label("The journal records this access and your reason permanently.");
            let label = ui.label("Reason");
            let field = egui::TextEdit::singleline(&mut self.reason)
                .hint_text("purpose of this access")
                .desired_width(f32::INFINITY);
            let field = ui.add(field).labelled_by(label.id);
            // Asked before the focus is given back.
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.memory(|memory| memory.focused().is_none()) {
                field.request_focus();
            }
            if let Some(earlier) = cx.earlier_reason {
                let text = format!("Reason given for another lead: “{}”", words::line(earlier, 60));
                if ui.small_button(text).on_hover_text("Enters it, to be changed").clicked() {
                    earlier.clone_into(&mut self.reason);
                }
            }
            ui.checkbox(&mut self.each_time, "ask at each access")
                .on_hover_text("Otherwise this reason holds until it is changed, the scope becomes another lead or the window closes.");
            let given = !self.reason.trim().is_empty() && !cx.read_only;
            ui.horizontal(|ui| {
                go = ui.add_enabled(given, egui::Button::new("Show text")).clicked();
                stop = ui.button("Cancel").clicked();
            });
            go |= given && entered;
        });
        if go {
            self.wanted = None;
            let reason = std::mem::take(&mut self.reason).trim().to_owned();
            if !self.each_time {
                cx.send(Command::GiveReason(Some(reason.clone())));
            }
            return Some((wanted, reason));
        }
        if stop || modal.should_close() {
            self.wanted = None;
        }
        None
    }
}

/// Draws the reason of the session, with a button that clears it.
pub fn line(ui: &mut egui::Ui, cx: &ViewContext<'_>) {
    let Some(given) = cx.reason else { return };
    ui.weak(format!("Reason: {}", words::line(given, 40))).on_hover_text(
        "Every access is journaled with this reason until it is changed, the scope becomes another lead or the window closes.",
    );
    if ui.small_button("Change reason").on_hover_text("Asks again at the next access").clicked() {
        cx.send(Command::GiveReason(None));
    }
}

fn described(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Exchanges(rows) => {
            format!(
                "the prompts and responses of {}",
                words::counted(rows.len() as u64, "exchange", "exchanges")
            )
        }
        Wanted::Two(_) => "the prompts and responses of 2 exchanges".to_owned(),
        Wanted::Map => "the prompt of each exchange that the pointer rests on".to_owned(),
        Wanted::Conversation(_) => "a whole conversation".to_owned(),
        Wanted::Search(found) => format!("excerpts around “{}”", words::line(found, 60)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{AccountSet, LeadRef};

    #[test]
    fn a_reason_given_for_a_lead_holds_for_no_other() {
        let of = |id: &str| {
            let core = Arc::default();
            let lead = LeadRef { id: id.parse().unwrap(), method: 1, core };
            let accounts = AccountSet { label: None, lead: Some(lead), ids: [].into() };
            Scope { accounts: Some(accounts), ..Scope::default() }
        };
        let given = GivenReason::new(Some("to compare".to_owned()), &of("L-000001"));
        assert_eq!(given.of(&of("L-000001")), Some("to compare"));
        assert_eq!((given.of(&of("L-000002")), given.text()), (None, Some("to compare")));
        assert_eq!(given.of(&Scope::default()), Some("to compare"), "a filter is no other lead");
    }
}
