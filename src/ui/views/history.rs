//! Visited scopes as a tree, with names and notes. A new scope after going back keeps the old branch.

use egui::{Role, WidgetInfo};

use crate::case::Action;
use crate::model::Scope;
use crate::ui::unsent::Unsent;
use crate::ui::view::{Command, View, ViewContext};
use crate::ui::widgets::follow_focus;
use crate::ui::{theme, words};

/// Indentation of a step, in points.
const STEP: f32 = 16.0;
/// Maximum indentation in steps.
const DEEPEST: usize = 24;

/// The view's own state: the form of the present visit.
#[derive(Default)]
pub struct HistoryView {
    /// Visit of the form.
    about: Option<u64>,
    name: String,
    note: String,
}

impl View for HistoryView {
    fn id(&self) -> &'static str {
        "history"
    }

    fn title(&self) -> &'static str {
        "History"
    }

    fn ui(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let tree = cx.history.tree();
        ui.horizontal_wrapped(|ui| {
            ui.strong(words::counted(tree.len() as u64, "visited scope", "visited scopes"));
            ui.weak("Click a scope to go to it. Alt+Left and Alt+Right move along the branch.");
        });
        self.form(ui, cx);
        ui.add_space(theme::GAP);
        egui::ScrollArea::vertical().id_salt("history").auto_shrink(false).show(ui, |ui| {
            for (depth, visit) in tree {
                ui.horizontal(|ui| {
                    ui.add_space(STEP * depth.min(DEEPEST) as f32);
                    let is_present = visit.id == cx.history.present_id();
                    let scope = words::line(&visit.scope.describe(cx.zone), 110);
                    let title =
                        if visit.name.is_empty() { scope.clone() } else { words::line(&visit.name, 80) };
                    let shown = if is_present { format!("▶ {title}") } else { title.clone() };
                    let button = ui.add(egui::Button::new(shown).frame(false).selected(is_present));
                    button.widget_info(|| WidgetInfo::selected(Role::Button, true, is_present, &title));
                    if button.on_hover_text(scope).clicked() {
                        cx.send(Command::Visit(visit.id));
                    }
                    if !visit.note.is_empty() {
                        ui.weak(words::line(&visit.note, 80)).on_hover_text(words::line(&visit.note, 400));
                    }
                });
            }
            follow_focus::scroll(ui);
        });
    }

    fn unsent(&self, cx: &ViewContext<'_>) -> Vec<Unsent> {
        let Some((name, note)) = self.about.and_then(|id| described(cx, id)) else { return Vec::new() };
        let is_new =
            |typed: &str, known: &str| if typed.trim() == known { String::new() } else { typed.to_owned() };
        let typed = format!("{} {}", is_new(&self.name, &name), is_new(&self.note, &note));
        Unsent::of("name or note of a scope looked at", &typed).into_iter().collect()
    }
}

impl HistoryView {
    /// Button that saves the present scope in the case, under the name typed.
    fn to_case(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let name = self.name.trim();
        let obstacle = obstacle(cx, name);
        let button = ui.add_enabled(obstacle.is_none(), egui::Button::new("Save to the case"));
        let button = button.on_hover_text("Saves the present scope under this name; the journal records it");
        if button.on_disabled_hover_text(obstacle.unwrap_or_default()).clicked() {
            let scope = Scope::clone(cx.scope);
            cx.send(Command::Record(Action::ScopeSaved { name: name.to_owned(), scope }));
        }
    }

    /// Name and note of the present visit.
    fn form(&mut self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        let id = cx.history.present_id();
        if self.about != Some(id) {
            (self.name, self.note) = described(cx, id).unwrap_or_default();
            self.about = Some(id);
        }
        ui.horizontal_wrapped(|ui| {
            let label = ui.weak("Name");
            let name = egui::TextEdit::singleline(&mut self.name)
                .desired_width(160.0)
                .hint_text("of the present scope");
            let name = ui.add(name).labelled_by(label.id);
            let label = ui.weak("Note");
            let note = egui::TextEdit::singleline(&mut self.note)
                .desired_width(260.0)
                .hint_text("finding in this scope");
            let note = ui.add(note).labelled_by(label.id);
            let enter = (name.lost_focus() || note.lost_focus())
                && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let is_new = described(cx, id)
                .is_some_and(|(name, note)| name != self.name.trim() || note != self.note.trim());
            if ui.add_enabled(is_new, egui::Button::new("Keep")).clicked() || (enter && is_new) {
                let (name, note) = (self.name.trim().to_owned(), self.note.trim().to_owned());
                cx.send(Command::DescribeVisit { id, name, note });
            }
            self.to_case(ui, cx);
        });
        ui.weak("Names and notes are kept in your own settings. “Save to the case” journals the scope.");
    }
}

/// Why the present scope cannot be saved under a name; `None` if it can.
fn obstacle(cx: &ViewContext<'_>, name: &str) -> Option<String> {
    if cx.read_only {
        return Some("The case is open read-only.".to_owned());
    }
    if name.is_empty() {
        return Some("Type a name first.".to_owned());
    }
    let same = cx.state.scopes.iter().find(|saved| saved.name == name)?;
    Some(match same.scope == **cx.scope {
        true => "The case has this scope under this name.".to_owned(),
        false => "The case has another scope under this name. Type another name.".to_owned(),
    })
}

/// Name and note of a visit.
fn described(cx: &ViewContext<'_>, id: u64) -> Option<(String, String)> {
    let tree = cx.history.tree();
    tree.into_iter()
        .find(|(_, visit)| visit.id == id)
        .map(|(_, visit)| (visit.name.clone(), visit.note.clone()))
}
