//! Choice among many names with a filter: a button, and a list that lays out only visible rows.
//!
//! Arrow keys move in the list, Enter takes the row, Esc closes it.

use egui::{
    Button, Id, Key, LayerId, Modifiers, Order, Popup, PopupCloseBehavior, Response, Role, TextEdit, Ui,
    WidgetInfo,
};

use crate::ui::words;

/// Height of the list, in points.
const HEIGHT: f32 = 240.0;
/// Smallest width of the list, in points.
const WIDTH: f32 = 280.0;
/// Height of a row of the list, in points.
const ROW: f32 = 20.0;

/// Width of the button in addition to its text, in points.
const MARGIN: f32 = 40.0;

/// Names to choose from.
pub struct Choices<'a> {
    /// Name, and a note behind it such as its type.
    pub items: &'a [(String, String)],
    /// Label of the choice of no item; `None` if an item has to be chosen.
    pub none_label: Option<&'a str>,
    /// True if a typed name that is not among the items may be chosen, as a path.
    pub typed: bool,
}

/// Name that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// No item.
    Nothing,
    /// This name.
    Name(String),
}

/// State of the open list.
#[derive(Clone, Default)]
struct Typed {
    filter: String,
    at: usize,
}

/// Draws the button with the present choice, and the list while it is open. `label` names it for
/// screen readers and is unique in its surroundings.
pub fn ui(ui: &mut Ui, label: &str, present: &str, width: f32, choices: &Choices<'_>) -> Option<Pick> {
    let id = ui.make_persistent_id(("pick", label));
    let button = ui
        .push_id(id, |ui| {
            let text = words::ending(present, width - MARGIN);
            ui.add_sized([width, ROW], Button::new(text).right_text("▾").truncate())
        })
        .inner
        .on_hover_text(words::line(present, 200));
    let enabled = ui.is_enabled();
    button.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, enabled, label);
        info.current_text_value = Some(present.to_owned());
        info
    });
    // A press that raises the dialog and a release that opens the list may come in one frame. Both are then
    // raised, in the order that they had before, and the list would be behind the dialog.
    if ui.layer_id().order == Order::Foreground {
        ui.ctx().set_sublayer(ui.layer_id(), LayerId::new(Order::Foreground, id));
    }
    let opens = button.clicked();
    let popup = Popup::from_toggle_button_response(&button)
        .id(id)
        .width(width.max(WIDTH))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(width.max(WIDTH));
            let picked = list(ui, id, label, choices, opens);
            if picked.is_some() {
                ui.close();
            }
            picked
        });
    let picked = popup.and_then(|popup| popup.inner);
    if picked.is_some() {
        give_back(&button, id);
    }
    picked
}

/// Clears the filter and gives the keyboard back to the button.
fn give_back(button: &Response, id: Id) {
    button.ctx.data_mut(|data| data.remove::<Typed>(id));
    button.request_focus();
}

fn list(ui: &mut Ui, id: Id, label: &str, choices: &Choices<'_>, opens: bool) -> Option<Pick> {
    let mut typed = match opens {
        true => Typed::default(),
        false => ui.data(|data| data.get_temp::<Typed>(id)).unwrap_or_default(),
    };
    let (by, enter) = ui.input_mut(|input| {
        let down = input.consume_key(Modifiers::NONE, Key::ArrowDown);
        let up = input.consume_key(Modifiers::NONE, Key::ArrowUp);
        (isize::from(down) - isize::from(up), input.consume_key(Modifiers::NONE, Key::Enter))
    });
    let field = TextEdit::singleline(&mut typed.filter).hint_text("filter").desired_width(f32::INFINITY);
    let field = ui.add(field);
    field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, format!("Filter: {label}")));
    if opens || !field.has_focus() {
        field.request_focus();
    }
    let rows = rows(choices, typed.filter.trim());
    typed.at = if field.changed() { 0 } else { typed.at.saturating_add_signed(by) };
    typed.at = typed.at.min(rows.len().saturating_sub(1));
    if rows.is_empty() {
        ui.weak("0 column names contain this text.");
    }
    // The Enter press that opened the list does not choose a row.
    let mut picked = rows.get(typed.at).filter(|_| enter && !opens).map(|(pick, _)| pick.clone());
    let mut area = egui::ScrollArea::vertical().max_height(HEIGHT).auto_shrink([false, true]);
    if by != 0 {
        // The row that the keyboard moved to stays in the middle.
        let height = ROW + ui.spacing().item_spacing.y;
        area = area.vertical_scroll_offset((typed.at as f32 * height - HEIGHT / 2.0).max(0.0));
    }
    area.show_rows(ui, ROW, rows.len(), |ui, visible| {
        for at in visible {
            let Some((pick, text)) = rows.get(at) else { continue };
            // The empty text at the right edge keeps the name at the left.
            let row = Button::selectable(at == typed.at, text.as_str()).right_text("").truncate();
            if ui.add_sized([ui.available_width(), ROW], row).clicked() {
                picked = Some(pick.clone());
            }
        }
    });
    ui.data_mut(|data| data.insert_temp(id, typed));
    picked
}

/// Rows of the list under a filter, each with its text.
fn rows(choices: &Choices<'_>, filter: &str) -> Vec<(Pick, String)> {
    let wanted = filter.to_lowercase();
    let mut rows = Vec::new();
    if let Some(label) = choices.none_label.filter(|_| filter.is_empty()) {
        rows.push((Pick::Nothing, label.to_owned()));
    }
    let fitting = choices.items.iter().filter(|(name, _)| name.to_lowercase().contains(&wanted));
    rows.extend(fitting.map(|(name, note)| {
        let text = match note.is_empty() {
            true => words::line(name, 80),
            false => format!("{}  ({})", words::line(name, 80), words::line(note, 40)),
        };
        (Pick::Name(name.clone()), text)
    }));
    let is_new = choices.typed && !filter.is_empty() && !choices.items.iter().any(|(name, _)| name == filter);
    if is_new {
        rows.push((Pick::Name(filter.to_owned()), format!("use the path “{}”", words::line(filter, 60))));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_keeps_names_that_have_it_and_offers_a_path() {
        let items =
            [("Zeit".to_owned(), "whole numbers".to_owned()), ("nutzer.id".to_owned(), String::new())];
        let choices = Choices { items: &items, none_label: Some("leave out"), typed: true };
        let picks = |filter: &str| -> Vec<Pick> {
            rows(&choices, filter).into_iter().map(|(pick, _)| pick).collect()
        };
        let name = |name: &str| Pick::Name(name.to_owned());
        assert_eq!(picks(""), [Pick::Nothing, name("Zeit"), name("nutzer.id")]);
        assert_eq!(picks("ZEIT"), [name("Zeit"), name("ZEIT")], "a name in another case may be a path");
        assert_eq!(picks("meta.$.user"), [name("meta.$.user")]);
        assert_eq!(picks("nutzer.id"), [name("nutzer.id")]);
        assert_eq!(rows(&Choices { typed: false, ..choices }, "x"), []);
    }
}
