//! The scope as filters that can be removed, the second scope under it, and the menus of both.

mod add;
mod chips;
mod compare_menu;
mod field;
mod part;
mod side;

use egui::RichText;

use crate::case::Action;
use crate::model::{Scope, Zone};
use crate::ui::history::History;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, ViewContext};
use crate::ui::widgets::{at_right, form_menu};
use crate::ui::{theme, words};

use add::AddMenu;
use field::{field, name};
use side::Side;

/// Room for the menus at the right, in points.
const MENUS: f32 = 276.0;

/// Zones offered beside the typed one.
const ZONES: [&str; 10] = [
    "UTC",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
];

/// Text typed in the menus and not yet used, and filters that are switched off.
#[derive(Default)]
pub struct ScopeBar {
    add: [AddMenu; 2],
    off: chips::Off,
    save_as: String,
    zone: String,
}

impl ScopeBar {
    /// Draws the bar.
    pub fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, history: &History) {
        let row = ui.horizontal(|ui| {
            step_button(
                ui,
                cx,
                "◀",
                "Back to the previous scope (Alt+Left)",
                history.can_go_back(),
                Command::Back,
            );
            let forward = history.can_go_forward();
            step_button(ui, cx, "▶", "Forward to the next scope (Alt+Right)", forward, Command::Forward);
            if cx.against.is_some() {
                ui.label(RichText::new("A").strong().color(theme::scope(ui.visuals())));
            }
            self.chips(ui, cx, Side::A, MENUS);
            at_right::ui(ui, "scope bar", |ui| {
                self.zone_menu(ui, cx);
                self.saved_menu(ui, cx);
                compare_menu::ui(ui, cx, history);
            });
        });
        let right = ui.max_rect().right();
        chips::take_dropped(ui, cx, Side::A, row.response.rect.with_max_x(right));
        self.off.keep(cx.against.is_some());
        if cx.against.is_some() || chips::is_dragged(ui.ctx()) {
            let row = ui.horizontal(|ui| self.second_row(ui, cx));
            chips::take_dropped(ui, cx, Side::B, row.response.rect.with_max_x(right));
        }
    }

    /// A name that was typed for a scope and not saved.
    pub fn unsent(&self) -> Option<Unsent> {
        Unsent::of("name of a scope", &self.save_as)
    }

    /// Chips of a row and the menu that adds to it; `room` points are left at the right.
    fn chips(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>, side: Side, room: f32) {
        let room = (ui.available_width() - room).max(80.0);
        ui.scope(|ui| {
            ui.set_max_width(room);
            egui::ScrollArea::horizontal().id_salt(("chips", side as u8)).show(ui, |ui| {
                chips::ui(ui, cx, side, room, &mut self.off);
                let Some(scope) = side.scope(cx) else { return };
                let mut changed = None;
                let menu = &mut self.add[side as usize];
                let add = form_menu::ui(ui, "+", |ui| changed = menu.ui(ui, cx, scope));
                name(&add, &format!("Add to {}", side.name()));
                changed.into_iter().for_each(|scope| side.send(cx, scope));
            });
        });
    }

    /// The second scope.
    fn second_row(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let Some(against) = cx.against else {
            ui.weak("Drop the filter here: the scope is compared with it.");
            return;
        };
        ui.weak("compared with");
        ui.label(RichText::new("B").strong().color(theme::against(ui.visuals())));
        let mut negated = against.negated;
        let toggle =
            ui.toggle_value(&mut negated, "not").on_hover_text("Compares with all that is not in scope B");
        if toggle.changed() {
            cx.send(Command::Compare(Some(crate::ui::Against { negated, ..against.clone() })));
        }
        self.chips(ui, cx, Side::B, MENUS);
        if let Some(why) = cx.against_failure {
            ui.colored_label(ui.visuals().error_fg_color, "cannot be shown").on_hover_text(why);
        }
        at_right::ui(ui, "second scope", |ui| {
            let close = ui.button("×").on_hover_text("Compares with everything else again");
            name(&close, "End the comparison");
            if close.clicked() {
                cx.send(Command::Compare(None));
            }
            let swap = ui.add_enabled(!negated, egui::Button::new("Swap"));
            let swap = swap
                .on_hover_text("Exchanges A and B")
                .on_disabled_hover_text("A negated scope stays on side B.");
            if swap.clicked() {
                cx.send(Command::SwapScopes);
            }
        });
    }

    fn zone_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let menu = form_menu::named(ui, form_menu::ZONE, cx.zone.name(), |ui| {
            let mut chosen = None;
            for name in ZONES {
                if ui.selectable_label(cx.zone.name() == name, name).clicked() {
                    chosen = Zone::named(name).ok();
                }
            }
            let entered = field(ui, "Zone", &mut self.zone, "an IANA name such as Europe/Berlin");
            if ui.button("Use this zone").clicked() || entered {
                match Zone::named(self.zone.trim()) {
                    Ok(zone) => chosen = Some(zone),
                    Err(unknown) => cx.send(Command::Notify(unknown.to_string())),
                }
            }
            if let Some(zone) = chosen {
                cx.send(Command::SetZone(zone));
                ui.close();
            }
        });
        name(&menu, &format!("Time zone: {}", cx.zone.name()));
    }

    fn saved_menu(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        form_menu::ui(ui, "Saved ▾", |ui| {
            ui.set_min_width(240.0);
            if cx.state.scopes.is_empty() {
                ui.weak("0 scopes saved");
            }
            for saved in &cx.state.scopes {
                if ui.button(words::line(&saved.name, 50)).clicked() {
                    cx.send(Command::SetScope(saved.scope.clone()));
                    ui.close();
                }
            }
            if cx.read_only {
                return;
            }
            ui.separator();
            let entered = field(ui, "Name", &mut self.save_as, "name for this scope");
            let given = self.save_as.trim();
            let save = ui.add_enabled(!given.is_empty(), egui::Button::new("Save this scope")).clicked();
            if save || (entered && !given.is_empty()) {
                let scope = Scope::clone(cx.scope);
                cx.send(Command::Record(Action::ScopeSaved { name: given.to_owned(), scope }));
                self.save_as.clear();
                ui.close();
            }
        });
    }
}

fn step_button(
    ui: &mut egui::Ui,
    cx: &ViewContext<'_>,
    text: &str,
    hint: &str,
    enabled: bool,
    command: Command,
) {
    let response = ui.add_enabled(enabled, egui::Button::new(text)).on_hover_text(hint);
    name(&response, hint);
    if response.clicked() {
        cx.send(command);
    }
}
