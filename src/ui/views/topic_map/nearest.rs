//! Nearest neighbours of the selected exchange in topic space, not on the map.

use std::sync::Arc;

use egui::{Role, WidgetInfo};

use crate::cache::{CacheError, RowId};
use crate::jobs::{Slot, SlotState};
use crate::query::topic_map::{Nearest, nearest};
use crate::ui::view::{Command, Selected, ViewContext};
use crate::ui::{theme, words};

/// Neighbours listed.
const COUNT: usize = 12;

/// The list's own state.
#[derive(Default)]
pub struct NearestList {
    found: Slot<RowId, Found>,
}

/// The neighbours of one exchange.
struct Found {
    of: RowId,
    near: Option<Nearest>,
}

impl Found {
    fn near(&self) -> &[(RowId, f32)] {
        self.near.as_ref().map_or(&[], |near| &near.found)
    }
}

impl NearestList {
    /// Requests the neighbours of the selected exchange.
    pub fn ask(&mut self, cx: &ViewContext<'_>) {
        if let Selected::Exchange(row) = *cx.selected {
            let cache = Arc::clone(cx.cache);
            self.found.ask::<CacheError>(cx.jobs, None, row, move |ticket| {
                Ok(Found { of: row, near: nearest(&cache, row, COUNT, ticket)? })
            });
        }
        self.found.poll();
    }

    /// True if an exchange is selected.
    pub fn is_visible(&self, cx: &ViewContext<'_>) -> bool {
        matches!(cx.selected, Selected::Exchange(_))
    }

    /// The neighbours of the selected exchange, nearest first; none while they are being computed.
    pub fn rows(&self, cx: &ViewContext<'_>) -> impl Iterator<Item = RowId> + '_ {
        self.current(cx).into_iter().flat_map(Found::near).map(|(row, _)| *row)
    }

    /// Draws the list.
    pub fn ui(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>) {
        ui.strong("Nearest exchanges").on_hover_text(
            "Cosine similarity to the selected exchange in topic space. The search covers a sample of at most 64 exchanges per account.",
        );
        let Some(found) = self.current(cx) else {
            match self.found.state() {
                SlotState::Failed => {
                    ui.colored_label(ui.visuals().error_fg_color, self.found.failure().unwrap_or(""))
                }
                _ => ui.spinner(),
            };
            return;
        };
        if found.near().is_empty() {
            ui.weak("0 similar exchanges found.");
        } else if found.near.as_ref().is_some_and(|near| near.of != found.of) {
            ui.weak("neighbours of a sampled exchange").on_hover_text(
                "The selected exchange is not in the sample. Listed are the neighbours of the nearest sampled exchange of its topic on the map.",
            );
        }
        egui::ScrollArea::vertical().id_salt("nearest").auto_shrink([false, false]).show_rows(
            ui,
            theme::ROW,
            found.near().len(),
            |ui, visible| {
                for (row, similarity) in &found.near()[visible] {
                    self.line(ui, cx, *row, *similarity);
                }
            },
        );
    }

    fn line(&self, ui: &mut egui::Ui, cx: &ViewContext<'_>, row: RowId, similarity: f32) {
        let hot = cx.cache.hot();
        let who = words::account(cx.cache, hot.account_of(row));
        let when = hot.ts.get(row as usize).map_or_else(String::new, |ts| cx.zone.format(*ts));
        let text = format!("{similarity:.2}  {who}");
        let button = egui::Button::selectable(false, text.as_str()).truncate();
        let button = button.min_size(egui::vec2(0.0, theme::ROW - 2.0));
        // As wide as the list, left-aligned.
        let line = egui::Layout::top_down_justified(egui::Align::LEFT);
        let response = ui.with_layout(line, |ui| ui.add(button)).inner;
        let hint = format!("similarity {similarity:.3}, {who}, {when} {}", cx.zone.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &hint));
        if response.on_hover_text(hint).clicked() {
            cx.send(Command::Select(Selected::Exchange(row)));
        }
    }

    fn current(&self, cx: &ViewContext<'_>) -> Option<&Found> {
        self.found.answer().filter(|found| *cx.selected == Selected::Exchange(found.of))
    }
}
