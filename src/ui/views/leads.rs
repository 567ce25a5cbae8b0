//! Leads on groups above, ranked accounts below, each with its reasons on one line.

mod accounts;
mod groups;
mod list;

use super::super::view::{View, ViewContext};
use accounts::AccountTable;

/// The view.
#[derive(Default)]
pub struct LeadsView {
    accounts: AccountTable,
}

impl View for LeadsView {
    fn id(&self) -> &'static str {
        "leads"
    }

    fn title(&self) -> &'static str {
        "Leads"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        if cx.cache.accounts().is_empty() {
            ui.label("0 exchanges in this case. Add files in the panel on the left.");
            return;
        }
        self.accounts.poll(cx);
        let in_scope = self.accounts.members_in_scope();
        ui.scope(|ui| groups::ui(ui, cx, in_scope));
        ui.separator();
        self.accounts.ui(ui, cx);
    }
}
