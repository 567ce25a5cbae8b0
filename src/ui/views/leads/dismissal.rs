//! Dialog that dismisses leads with a reason, and optionally all leads with the same innocent explanation.

use egui::{Id, Key, Modal};

use super::rows::LeadRow;
use crate::case::{Action, ReviewStatus};
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;
use crate::ui::words;

/// The dialog; closed without leads.
#[derive(Default)]
pub struct Dismissal {
    /// Positions of the leads.
    leads: Vec<usize>,
    /// Position in the list of the first.
    position: usize,
    /// Innocent explanation of the first lead.
    kind: String,
    /// Other leads with that explanation that are new or only looked at.
    alike: Vec<usize>,
    takes_alike: bool,
    reason: String,
    opened: bool,
}

impl Dismissal {
    /// Opens the dialog.
    pub fn open(&mut self, cx: &ViewContext<'_>, rows: &[LeadRow], leads: Vec<usize>, position: usize) {
        let kind_of = |at: usize| Some(rows.get(at)?.innocent.as_ref()?.kind.as_str());
        let kind = leads.first().and_then(|first| kind_of(*first)).unwrap_or_default().to_owned();
        let is_open = |at: usize| {
            let status = cx.decisions.review(at).map_or(ReviewStatus::New, |review| review.status);
            matches!(status, ReviewStatus::New | ReviewStatus::LookedAt)
        };
        let is_alike = |at: &usize| {
            !kind.is_empty() && kind_of(*at) == Some(kind.as_str()) && !leads.contains(at) && is_open(*at)
        };
        let alike = (0..rows.len()).filter(is_alike).collect();
        *self =
            Self { leads, position, kind, alike, takes_alike: false, reason: String::new(), opened: true };
    }

    /// A reason that was typed and not given.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("reason for dismissing a lead", if self.leads.is_empty() { "" } else { &self.reason })
    }

    /// Draws the dialog while it is open. Returns the position of the first lead in the list, and the decision.
    pub fn ui(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>) -> Option<(usize, Action)> {
        if self.leads.is_empty() {
            return None;
        }
        let (mut go, mut stop) = (false, false);
        let modal = Modal::new(Id::unique("dismissal")).show(ctx, |ui| {
            ui.set_width(400.0);
            let title = match self.leads.as_slice() {
                [only] => words::lead(cx.leads, *only),
                many => words::counted(many.len() as u64, "lead", "leads"),
            };
            ui.heading(format!("Dismiss {title}"));
            let label = ui.label("Reason");
            let field = egui::TextEdit::singleline(&mut self.reason)
                .hint_text("reason: benign, or not pursued")
                .desired_width(f32::INFINITY);
            let field = ui.add(field).labelled_by(label.id);
            let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if std::mem::take(&mut self.opened) {
                field.request_focus();
            }
            if !self.kind.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    ui.weak("Fits best:");
                    if ui
                        .small_button(words::line(&self.kind, 60))
                        .on_hover_text("Enters it as the reason")
                        .clicked()
                    {
                        self.reason.clone_from(&self.kind);
                    }
                });
            }
            if !self.alike.is_empty() {
                let also = format!(
                    "also the {} with the same explanation: {}",
                    words::counted(self.alike.len() as u64, "open lead", "open leads"),
                    words::line(&self.kind, 60)
                );
                ui.checkbox(&mut self.takes_alike, also);
            }
            ui.weak("The reason goes into the journal. One undo (u) restores the leads.");
            let given = !self.reason.trim().is_empty();
            ui.horizontal(|ui| {
                go = ui.add_enabled(given, egui::Button::new("Dismiss")).clicked();
                stop = ui.button("Cancel").clicked();
            });
            go |= given && entered;
        });
        if go {
            let list = cx.decisions.list().leads();
            let alike = self.alike.iter().filter(|_| self.takes_alike);
            let leads = self.leads.iter().chain(alike).filter_map(|at| list.get(*at).cloned()).collect();
            let reason = self.reason.trim().to_owned();
            let position = self.position;
            *self = Self::default();
            return Some((
                position,
                Action::LeadsReviewed { leads, status: ReviewStatus::Dismissed, reason },
            ));
        }
        if stop || modal.should_close() {
            *self = Self::default();
        }
        None
    }
}
