//! Dialog that dismisses leads with a reason, and optionally all leads with the same innocent explanation.

use egui::{Id, Key, Modal};

use super::rows::{LeadRow, LeadRows};
use crate::case::{Action, ReviewStatus};
use crate::ui::unsent::Unsent;
use crate::ui::view::ViewContext;
use crate::ui::words;

/// The dialog; closed without leads.
#[derive(Default)]
pub struct Dismissal {
    /// Positions of the leads.
    leads: Vec<usize>,
    /// Version of the list that they are positions in.
    version: u64,
    rows: LeadRows,
    /// Innocent explanation of the first lead, once the rows are there.
    kind: Option<String>,
    /// Other leads with that explanation that are new or only looked at.
    alike: Vec<usize>,
    takes_alike: bool,
    reason: String,
    opened: bool,
}

impl Dismissal {
    /// Opens the dialog on leads, given by their positions.
    pub fn open(&mut self, cx: &ViewContext<'_>, leads: Vec<usize>) {
        let rows = std::mem::take(&mut self.rows);
        *self = Self { leads, version: cx.data_version, rows, opened: true, ..Self::default() };
    }

    fn close(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        *self = Self { rows, ..Self::default() };
    }

    /// Looks up the explanation of the first lead and the leads like it.
    fn look_up(&mut self, cx: &ViewContext<'_>) {
        if self.kind.is_some() {
            return;
        }
        let Some(rows) = self.rows.poll(cx) else { return };
        let kind_of = |at: usize| Some(LeadRow::innocent_kind(rows.get(at)?));
        let kind = self.leads.first().and_then(|first| kind_of(*first)?).unwrap_or_default().to_owned();
        let is_open = |at: usize| {
            let status = cx.decisions.review(at).map_or(ReviewStatus::New, |review| review.status);
            matches!(status, ReviewStatus::New | ReviewStatus::LookedAt)
        };
        let is_alike = |at: &usize| {
            let same = kind_of(*at).flatten() == Some(kind.as_str());
            !kind.is_empty() && same && !self.leads.contains(at) && is_open(*at)
        };
        self.alike = (0..rows.len()).filter(is_alike).collect();
        self.kind = Some(kind);
    }

    /// A reason that was typed and not given.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("reason for dismissing a lead", if self.leads.is_empty() { "" } else { &self.reason })
    }

    /// Draws the dialog while it is open. Returns the decision.
    pub fn ui(&mut self, ctx: &egui::Context, cx: &ViewContext<'_>) -> Option<Action> {
        if !self.leads.is_empty() && self.version != cx.data_version {
            // Positions in another list.
            self.close();
        }
        if self.leads.is_empty() {
            return None;
        }
        self.look_up(cx);
        let kind = self.kind.clone().unwrap_or_default();
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
            if !kind.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    ui.weak("Fits best:");
                    if ui
                        .small_button(words::line(&kind, 60))
                        .on_hover_text("Enters it as the reason")
                        .clicked()
                    {
                        self.reason.clone_from(&kind);
                    }
                });
            }
            if !self.alike.is_empty() {
                let also = format!(
                    "also the {} with the same explanation: {}",
                    words::counted(self.alike.len() as u64, "open lead", "open leads"),
                    words::line(&kind, 60)
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
            self.close();
            return Some(Action::LeadsReviewed { leads, status: ReviewStatus::Dismissed, reason });
        }
        if stop || modal.should_close() {
            self.close();
        }
        None
    }
}
