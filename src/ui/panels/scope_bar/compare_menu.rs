//! Menu for the second scope of the comparison.

use super::field::name;
use crate::model::Scope;
use crate::ui::history::History;
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::widgets::form_menu;
use crate::ui::{Against, words};

/// Maximum number of offered leads and saved scopes; the palette has all of them.
const MAX_OFFERED: usize = 8;

/// Draws the menu.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, history: &History) {
    let menu = form_menu::ui(ui, "Compare ▾", |ui| {
        ui.set_min_width(260.0);
        let mut chosen = None;
        if ui.selectable_label(cx.against.is_none(), "everything else (peers)").clicked() {
            chosen = Some(None);
        }
        // A scope is made on a click only: a lead may have many accounts.
        let mut offer = |ui: &mut egui::Ui, title: &str, scope: &dyn Fn() -> Scope| {
            if ui.button(title).clicked() {
                chosen = Some(Some(Against::of(scope())));
            }
        };
        offer(ui, "a copy of the scope, to change", &|| Scope::clone(cx.scope));
        offer(ui, "the whole log", &Scope::default);
        if let Some(before) = history.previous() {
            offer(ui, "the previous scope", &|| before.clone());
        }
        if let Selected::Lead(at) = cx.selected
            && let Some(group) = cx.leads.groups.get(*at)
        {
            offer(ui, &format!("the selected {}", group.name()), &|| group.scope(cx.cache));
        }
        if !cx.state.scopes.is_empty() {
            ui.separator();
            for saved in cx.state.scopes.iter().take(MAX_OFFERED) {
                offer(ui, &words::line(&saved.name, 50), &|| saved.scope.clone());
            }
        }
        ui.separator();
        for group in cx.leads.groups.iter().take(MAX_OFFERED) {
            let members = words::counted(group.accounts.len() as u64, "account", "accounts");
            offer(ui, &format!("{} ({members})", group.name()), &|| group.scope(cx.cache));
        }
        ui.weak("All leads: Ctrl+K, “compare with”.");
        if let Some(against) = chosen {
            cx.send(Command::Compare(against));
            ui.close();
        }
    });
    name(&menu, "Compare the scope with another");
}
