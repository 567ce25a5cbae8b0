//! Shared values of the selection as buttons, each with the accounts behind it.

use crate::model::visible;
use crate::query::pivot::PivotRow;
use crate::ui::view::{Command, PivotFrom, Selected, ViewContext};
use crate::ui::{pivot, scopes, theme, words};

use super::answer::Answer;

/// Shared values shown at first.
const FIRST: usize = 8;

/// Draws the values.
pub fn ui(ui: &mut egui::Ui, cx: &ViewContext<'_>, answer: Option<&Answer>) {
    let Some(answer) = answer else { return };
    ui.add_space(theme::GROUP_GAP);
    ui.strong("Shared with other accounts").on_hover_text(
        "Rarest values first. A shared value does not prove guilt: agencies, campuses and proxies share values too.",
    );
    let is_group = !matches!(answer.about, Selected::Account(_) | Selected::Exchange(_));
    if is_group && !answer.pivots.is_empty() {
        ui.weak(match answer.about {
            Selected::Lead(_) => "members, core and joined, of all accounts with the value",
            _ => "accounts of this group, of all accounts with the value",
        });
    }
    if answer.pivots.is_empty() {
        ui.weak("0 values shared with other accounts.");
    }
    let (first, more) = answer.pivots.split_at(answer.pivots.len().min(FIRST));
    for row in first {
        ui.push_id(row.value, |ui| button(ui, cx, row, is_group));
    }
    if !more.is_empty() {
        let all = words::counted(answer.pivots.len() as u64, "shared value", "shared values");
        let title = format!("{} more of {all}", words::count(more.len() as u64));
        egui::CollapsingHeader::new(title).id_salt("more pivots").show(ui, |ui| {
            for row in more {
                ui.push_id(row.value, |ui| button(ui, cx, row, is_group));
            }
        });
    }
}

fn button(ui: &mut egui::Ui, cx: &ViewContext<'_>, row: &PivotRow, is_group: bool) {
    let Some(value) = cx.cache.values().get(row.value as usize) else { return };
    let accounts = row.accounts.len();
    // For a group, its accounts among all that have it; for a single account only their number.
    let of = if is_group { format!("{} of ", words::count(u64::from(row.given))) } else { String::new() };
    let kind = value.kind.title_of(&value.value);
    let before = format!("{of}{} · {kind} ", words::count(accounts as u64));
    // Cut once, in the middle, to the room there is.
    let room = ui.available_width() - 14.0 - before.chars().count() as f32 * words::CHARACTER;
    let text = format!("{before}{}", words::fitting(&value.value, room));
    let hint = format!(
        "{}\n{} accounts in the case have this value, {} of them selected. Rarity: {:.1} bits.\nClick to set the scope to all of them. Right-click to pivot.",
        visible(&value.value),
        words::count(accounts as u64),
        words::count(u64::from(row.given)),
        row.bits
    );
    let response = ui.add(egui::Button::new(text).truncate()).on_hover_text(hint);
    pivot::on(&response, cx, || PivotFrom::Value(row.value));
    if response.clicked() {
        let label = scopes::label_of(cx, row.value);
        cx.send(Command::SetScope(scopes::of_accounts(cx, &label, &row.accounts)));
        cx.send(Command::Select(Selected::Value(row.value)));
    }
}
